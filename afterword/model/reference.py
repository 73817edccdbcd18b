"""The reference, the training set as numbers: its columns, and its files without text."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

FILE = "reference.parquet"
TABLES = "reference-tables.npz"
METADATA = b"afterword"
"""Key of the Parquet metadata that says what a file of ours holds."""

NUMBER = "number_of_categories"
CONFIDENCE = "confidence"
DECIMALS = 2
"""Digits that are kept of a probability, in the reference and in every batch."""


def probability_column(category: str) -> str:
    """Name of the column that holds a category's probability."""
    return f"{category} probability"


def category_of(column: str) -> str | None:
    """The category whose probability a column holds; None for any other column.

    >>> category_of(probability_column("Ogling")), category_of("words")
    ('Ogling', None)
    """
    ending = probability_column("")
    return column.removesuffix(ending) if column.endswith(ending) else None


def output_columns(categories: Sequence[str]) -> tuple[str, ...]:
    """Names of the output measures' columns, in the order in which they are shown."""
    return (*map(probability_column, categories), NUMBER, CONFIDENCE)


def outputs(
    probabilities: np.ndarray, categories: Sequence[str], thresholds: np.ndarray
) -> pd.DataFrame:
    """Turn probabilities into output measures.

    Parameters
    ----------
    probabilities : (n, k), in [0, 1].
    categories : k names.
    thresholds : (k,), in (0, 1).

    Returns
    -------
    DataFrame (n, k + 2): each category's probability to two digits, the number of categories at
    or over their thresholds, and the mean over categories of max(p, 1 - p).
    """
    import pandas as pd

    return pd.DataFrame(output_values(probabilities, categories, thresholds))


def output_values(
    probabilities: np.ndarray, categories: Sequence[str], thresholds: np.ndarray
) -> dict[str, np.ndarray]:
    """Output measures as :func:`outputs` gives them; name → values (n,), float32, no frame."""
    rounded = np.round(np.asarray(probabilities, dtype=float), DECIMALS)
    values = {probability_column(name): rounded[:, k] for k, name in enumerate(categories)}
    values[NUMBER] = (np.asarray(probabilities) >= thresholds).sum(axis=1)
    values[CONFIDENCE] = np.round(np.maximum(rounded, 1 - rounded).mean(axis=1), DECIMALS)
    return {name: own.astype(np.float32) for name, own in values.items()}


def unlink(
    frame: pd.DataFrame, seed: int = 0, *, together: Sequence[Sequence[str]] = ()
) -> pd.DataFrame:
    """Shuffle every column by itself, so that no line belongs to a description any more.

    The check compares columns one by one and needs no more; what it needs of whole rows was
    counted before. Fourteen descriptors in one line would recognise a text for someone who has it.

    Parameters
    ----------
    frame : (n, …).
    seed : of the shuffles.
    together : columns that stay beside each other, group by group.
    """
    import pandas as pd

    rng = np.random.default_rng(seed)
    groups = [list(group) for group in together]
    kept = {name for group in groups for name in group}
    groups += [[str(name)] for name in frame if name not in kept]
    shuffled = {
        name: frame[name].to_numpy()[order]
        for group in groups
        for order in [rng.permutation(len(frame))]
        for name in group
    }
    return pd.DataFrame(shuffled)[list(frame)]


def to_parquet(frame: pd.DataFrame, about: Mapping[str, object]) -> bytes:
    """Pack numbers and what they are into a Parquet file; the same input gives the same bytes.

    Parameters
    ----------
    frame : numbers.
    about : what they are, ready for JSON.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    described = {METADATA: json.dumps(about, sort_keys=True).encode()}
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(described), buffer, compression="zstd")
    return buffer.getvalue()

"""What the columns of labels and predictions say of each row that can be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

from afterword.files.class_names import Names, read_names
from afterword.files.column_names import INCLUSION, key
from afterword.files.shares import parse_shares
from afterword.records import Batch

ANSWERS = ("accept", "reject", "ignore")
"""What Prodigy's column "answer" holds; only what was accepted is a label."""

_TELLING = ("answer", key(INCLUSION))
"""Names of columns that tell of the rows' labels, as :func:`key` gives them."""


def refused_rows(frame: pd.DataFrame) -> np.ndarray:
    """Tell in which rows what is named was rejected or skipped, as Prodigy writes it.

    Parameters
    ----------
    frame : n rows; nothing is refused where no column "answer" holds :data:`ANSWERS` alone.

    >>> import pandas as pd
    >>> refused_rows(pd.DataFrame({"answer": ["accept", "reject"]}))
    array([False,  True])
    """
    for column in frame.columns:
        if key(column) == "answer":
            said = frame[column].map(lambda cell: str(cell).strip().casefold())
            if said.isin(ANSWERS).all():
                refused: np.ndarray = (said != ANSWERS[0]).to_numpy()
                return refused
    return np.zeros(len(frame), bool)


def label_values(batch: Batch, categories: Sequence[str]) -> np.ndarray:
    """Return the true labels of a batch's accepted rows.

    Parameters
    ----------
    batch : as read, in any form: columns of 1 and 0, or of categories' names.
    categories : k display names.

    Returns
    -------
    (n, k) of 1, 0, and NaN where there is no label that can be read.

    >>> from afterword.files.reading import read_batch
    >>> batch = read_batch(b"text,label\\nHe stared at me.,Ogling\\nHe waved.,NA\\n")
    >>> label_values(batch, ("Ogling", "Groping"))
    array([[ 1.,  0.],
           [nan, nan]])
    """
    return _values(batch, "labels", categories)


def prediction_values(batch: Batch, categories: Sequence[str]) -> np.ndarray:
    """Return a system's predictions of a batch's accepted rows.

    Parameters
    ----------
    batch, categories : as :func:`label_values` takes them.

    Returns
    -------
    (n, k) from 0 to 1, and NaN where there is none that can be read.
    """
    return _values(batch, "predictions", categories)


def _values(batch: Batch, kind: str, categories: Sequence[str]) -> np.ndarray:
    columns = batch.columns.labels if kind == "labels" else batch.columns.predictions
    values = np.full((len(batch.table), len(categories)), np.nan)
    for column in dict.fromkeys(columns.values()):
        cells = batch.table[column]
        shared = list(columns.values()).count(column) > 1
        names = as_names(cells, batch.columns.names, categories, shared=shared)
        for place, category in enumerate(categories):
            if columns.get(category) != column:
                continue
            if names is not None:
                refused = refused_rows(batch.table) if kind == "labels" else False
                values[:, place] = np.where(refused, np.nan, names.labels[:, place])
            else:
                shares = parse_shares(cells).to_numpy(float)
                values[:, place] = np.where(readable(cells, kind), shares, np.nan)
    accepted: np.ndarray = values[batch.accepted]
    return accepted


def narrowed(batch: Batch) -> Batch:
    """A batch with what a check needs: its rejected texts are empty, other columns are left out.

    Parameters
    ----------
    batch : as read; its labels, predictions and parts can be read of what is returned as well.

    >>> from afterword import read_batch
    >>> batch = read_batch(b"text,channel\\nHe stared at me.,web\\n-,app\\n", categories=())
    >>> narrowed(batch).table.to_dict("list")
    {'text': ['He stared at me.', '']}
    """
    columns = batch.columns
    answers = {*columns.labels.values(), *columns.predictions.values()}
    wanted = {columns.description, columns.by, *answers}
    kept = [name for name in batch.table if name in wanted or key(name) in _TELLING]
    table = batch.table[kept]
    texts = table[columns.description].where(batch.accepted, "")
    return replace(batch, table=table.assign(**{columns.description: texts}))


def readable(column: pd.Series, kind: str) -> np.ndarray:
    """(n,) whether each cell is a prediction or a label."""
    if kind == "labels":
        return marks(column)
    read: np.ndarray = parse_shares(column).notna().to_numpy()
    return read


def as_names(
    column: pd.Series, names: Mapping[str, str], categories: Sequence[str], *, shared: bool
) -> Names | None:
    """What a column's cells name; None if more of them are marks, such as 1 and 0.

    A column that several categories share is never one of marks, whatever its cells hold.
    """
    if not names or not may_name(column):
        return None
    found = read_names(column, names, categories)
    return found if shared or found.naming > marks(column).sum() else None


def marks(column: pd.Series) -> np.ndarray:
    marks: np.ndarray = parse_shares(column).isin((0.0, 1.0)).to_numpy()
    return marks


def may_name(column: pd.Series) -> bool:
    import pandas as pd

    return not (
        pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)
    )

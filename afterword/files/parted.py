"""The column by whose values the rows of a file are parted, and which others could be."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.errors import BatchError
from afterword.files import reading_wording
from afterword.files.column_names import is_reserved, key, shown_name
from afterword.records import Batch

if TYPE_CHECKING:
    import pandas as pd

LEAST_VALUES: Final = 2
MOST_VALUES: Final = 50
"""Values of a column that parts a batch: of more, none has enough rows, or they tell rows apart."""


@dataclass(frozen=True, eq=False)
class Parted:
    """The accepted rows of a batch by the values of a column.

    Attributes
    ----------
    column : its name, as a message may show it.
    values : v different ones, sorted; "" stands for empty cells.
    codes : (n,) the place of each row's value among these.
    distinct : (v,) different descriptions that hold each value.
    """

    column: str
    values: tuple[str, ...]
    codes: np.ndarray
    distinct: tuple[int, ...]


def values_of(cells: pd.Series) -> pd.Series:
    """The cells of a column as values by which rows are parted; "" for those that are empty.

    >>> import pandas as pd
    >>> values_of(pd.Series([" web", 2, None])).tolist()
    ['web', '2', '']
    """
    return cells.astype(object).where(cells.notna(), "").astype(str).str.strip()


def usable_columns(table: pd.DataFrame, taken: Collection[str | None]) -> tuple[str, ...]:
    """Columns of 2 to 50 values, by which the rows of a table could be parted.

    Parameters
    ----------
    table : the rows.
    taken : columns that hold something else.
    """
    return tuple(
        str(name)
        for name in table.columns
        if name not in taken
        and not is_reserved(name)
        and LEAST_VALUES <= _different(table[name]) <= MOST_VALUES
    )


def column_to_part(
    table: pd.DataFrame,
    name: str,
    taken: Collection[str | None],
    *,
    least: int = LEAST_VALUES,
    most: int = MOST_VALUES,
) -> str:
    """A column by its name, as the file writes it or alike.

    Parameters
    ----------
    table : the rows.
    name : of the column.
    taken : columns that hold the descriptions, labels or predictions.
    least, most : values that it may have.

    Raises
    ------
    BatchError
        There is none, it holds one of these, or it has fewer or more values. The sentence names
        those that could be used.
    """
    order = tuple(map(str, table.columns))
    found = name if name in order else None
    found = found or next((one for one in order if key(one) == key(name)), None)
    problem = ""
    if found is None:
        problem = reading_wording.NO_SUCH_PART
    elif found in taken:
        problem = reading_wording.PART_IS_TAKEN
    else:
        different = _different(table[found])
        if different > most:
            problem = reading_wording.too_many_parts(most)
        elif different < least:
            problem = reading_wording.ONE_PART
    if problem or found is None:
        others = [shown_name(order, one) for one in usable_columns(table, taken)]
        raise BatchError(reading_wording.parted_by(problem, others))
    return found


def taken_columns(batch: Batch) -> set[str | None]:
    """Columns of a batch that hold its descriptions, labels or predictions."""
    columns = batch.columns
    return {columns.description, *columns.labels.values(), *columns.predictions.values()}


def parted(batch: Batch, name: str | None = None) -> Parted | None:
    """The accepted rows of a batch by the values of a column.

    Parameters
    ----------
    batch : as read.
    name : of the column; the one that was named when it was read if None.

    Returns
    -------
    None where neither names a column.

    Raises
    ------
    BatchError
        As :func:`column_to_part`.

    Examples
    --------
    >>> from afterword import read_batch
    >>> content = b"text,city\\nHe stared at me.,Pune\\nShe saw it.,Delhi\\n"
    >>> batch = read_batch(content, categories=())
    >>> found = parted(batch, "City")
    >>> found.values, found.codes.tolist(), found.distinct
    (('Delhi', 'Pune'), [1, 0], (1, 1))
    """
    name = name or batch.columns.by
    if name is None:
        return None
    column = column_to_part(batch.table, name, taken_columns(batch))
    values = values_of(batch.table[column]).to_numpy()[batch.accepted]
    different, codes = np.unique(values.astype(str), return_inverse=True)
    distinct = batch.texts.groupby(codes).nunique()
    return Parted(
        column=shown_name(tuple(map(str, batch.table.columns)), column),
        values=tuple(map(str, different)),
        codes=codes,
        distinct=tuple(map(int, distinct)),
    )


def _different(cells: pd.Series) -> int:
    """Different values of a column."""
    return int(values_of(cells).nunique())

"""The rows of a batch by the values of a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from afterword.errors import BatchError
from afterword.files.column_names import key
from afterword.profiling import wording
from afterword.records import Batch

MOST_SEGMENTS: Final = 1_000
"""Values that a column may have: more are no segments, but identify rows."""


def column_of(batch: Batch, name: str) -> str:
    """A column by its name, as the file writes it or alike.

    Raises
    ------
    BatchError
        There is none, or it holds the descriptions.
    """
    for column in map(str, batch.table.columns):
        if column == name or key(column) == key(name):
            if column == batch.columns.description:
                raise BatchError(wording.BY_DESCRIPTION)
            return column
    raise BatchError(wording.NO_SUCH_COLUMN)


def split(batch: Batch, name: str) -> Iterator[tuple[str, Batch]]:
    """The rows of a batch by the values of a column: accepted and rejected, with their times.

    Parameters
    ----------
    batch : as read.
    name : of the column.

    Raises
    ------
    BatchError
        There is no such column, or it has more than 1,000 values.
    """
    batch = batch.numbered()
    cells = batch.table[column_of(batch, name)]
    values = cells.astype(object).where(cells.notna(), "").astype(str).str.strip()
    different = values.unique()
    if len(different) > MOST_SEGMENTS:
        raise BatchError(wording.too_many_segments(MOST_SEGMENTS))
    for value in sorted(different):
        own = (values == value).to_numpy()
        rows = batch.table.index[own]
        yield (
            value,
            replace(
                batch,
                table=batch.table[own],
                rejected=batch.rejected[batch.rejected["row"].isin(rows)],
                times=None if batch.times is None else batch.times[own],
                clock=None if batch.clock is None else batch.clock[own],
            ),
        )

"""The rows of a batch by the values of a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from afterword.files.parted import column_to_part, values_of
from afterword.records import Batch

MOST_SEGMENTS: Final = 1_000
"""Values that a column may have: more are no segments, but identify rows."""


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
    # One value is enough: a block of a sorted file has no other.
    taken = {batch.columns.description}
    column = column_to_part(batch.table, name, taken, least=1, most=MOST_SEGMENTS)
    values = values_of(batch.table[column])
    for value in sorted(values.unique()):
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

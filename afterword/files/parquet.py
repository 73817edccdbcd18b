"""Parquet to tables: what a file holds is counted before it is unpacked, and typed as it came."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

from afterword.errors import BatchError
from afterword.files import reading_wording, wording
from afterword.files.exports import from_arrow
from afterword.files.header import Table, check_cells, check_columns, check_rows, number_rows
from afterword.records import Choice
from afterword.settings import Settings

BATCH_ROWS: Final = 1_000
"""Rows that are unpacked at once: what they come to is known before the next."""

MAX_GROUPS: Final = 10_000
"""Groups of rows: each takes a moment, and a table has few."""


def read_parquet(data: bytes, settings: Settings, most: int) -> Table:
    """Read a Parquet file.

    Parameters
    ----------
    data : the whole file.
    settings : give the most rows.
    most : bytes that its values may come to.

    Raises
    ------
    BatchError
        It holds scored rows, is too large or empty.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(data), pre_buffer=False)
    _check(file, settings)
    batches, size = [], 0
    for batch in file.iter_batches(BATCH_ROWS, use_threads=False):
        size += batch.nbytes
        if size > most:
            raise BatchError(wording.too_many_letters(most // 1_000_000))
        batches.append(batch)
    table = pa.Table.from_batches(batches, file.schema_arrow)
    if not table.num_rows or not table.num_columns:
        raise BatchError(wording.NO_ROWS)
    check_rows(table.num_rows, settings)
    table, lost, from_bytes = readable(table)
    choices = [Choice("format", "Parquet", reading_wording.file_is("Parquet"))]
    if from_bytes:
        choices.append(Choice("encoding", "UTF-8", reading_wording.FROM_BYTES))
    if lost:
        choices.append(Choice("cells", lost, reading_wording.lost_cells(lost), doubtful=True))
    return Table(number_rows(from_arrow(table)), {}, tuple(choices))


def _check(file: pq.ParquetFile, settings: Settings) -> None:
    """Refuse a file by what it says of itself."""
    told = file.schema_arrow.metadata or {}
    if b"scored rows" in told.get(b"afterword", b""):
        raise BatchError(wording.SCORED_ROWS)
    check_rows(file.metadata.num_rows, settings)
    check_columns(file.metadata.num_columns)
    check_columns(len(file.schema_arrow))
    check_cells(file.metadata.num_rows, len(file.schema_arrow))
    if file.metadata.num_row_groups > MAX_GROUPS:
        raise BatchError(wording.too_many(MAX_GROUPS, "groups of rows"))


def readable(table: pa.Table) -> tuple[pa.Table, int, list[int]]:
    """A table whose cells can all be read.

    Returns
    -------
    The table; how many cells were left empty; and the places of columns that were made of bytes.
    """
    lost = 0
    from_bytes: list[int] = []
    for place, field in enumerate(table.schema):
        column, left = _readable(table.column(place), field.type)
        if column is not None:
            table = table.set_column(place, field.name, column)
            lost += left
            if _is_binary(field.type):
                from_bytes.append(place)
    return table, lost, from_bytes


def _is_binary(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_binary(kind)) or bool(pa.types.is_large_binary(kind))


def _readable(column: pa.ChunkedArray, kind: pa.DataType) -> tuple[pa.ChunkedArray | None, int]:
    """A column whose cells can all be read, and how many were left empty; None to leave it.

    Bytes are texts in UTF-8, as old writers leave them; a text that is none has its damaged
    characters marked, as in a file of text.
    """
    import pyarrow as pa

    if _is_binary(kind) or _is_text(kind):
        plain = column.cast(pa.large_binary())
        try:
            texts = plain.cast(pa.large_string())
            return (texts if _is_binary(kind) else None), 0
        except pa.ArrowInvalid:
            cells = [
                None if cell is None else cell.decode("utf-8", "replace")
                for cell in plain.to_pylist()
            ]
            return pa.chunked_array([pa.array(cells, pa.large_string())]), 0
    if pa.types.is_time64(kind) and kind.unit == "ns":
        return None, 0  # these become strings
    try:
        column.to_pandas()
    except (pa.ArrowException, ValueError, OverflowError):
        return _cell_by_cell(column)
    return None, 0


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _cell_by_cell(column: pa.ChunkedArray) -> tuple[Any, int]:
    """A column's cells, those that Python has no value for left empty and counted."""
    import pyarrow as pa

    cells: list[str | None] = []
    lost = 0
    for cell in column:
        try:
            value = cell.as_py()
            cells.append(None if value is None else str(value))
        except (pa.ArrowException, ValueError, OverflowError, RecursionError):
            cells.append(None)
            lost += 1
    return pa.chunked_array([pa.array(cells, pa.string())]), lost

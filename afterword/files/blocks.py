"""Files of any size, a block of whole rows at a time.

A file is understood by its first block, as :func:`afterword.files.reading.read_batch` understands
a file; the blocks that follow are read by what was found there. Text in lines (CSV and JSON Lines,
compressed or not) and Parquet come in blocks; a workbook and a list in JSON have to be read as a
whole, and keep the limits of an upload.

>>> [len(block) for block in in_blocks(io.BytesIO(b'a,"b\\nc"\\n' * 4), 20)]
[16, 16]
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any, Final

from afterword.errors import BatchError
from afterword.files import delimited, wording
from afterword.files.exports import from_arrow
from afterword.files.header import Table, lay_out, number_rows
from afterword.files.json_tables import read_json
from afterword.files.options import ReadOptions
from afterword.files.packed import KINDS
from afterword.files.parquet import readable
from afterword.files.reading import guarded, rejections
from afterword.files.received import read_times
from afterword.files.regular_lines import read_regular, with_names
from afterword.records import Batch, Columns, Reading
from afterword.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES: Final = 2_000_000
"""Bytes of a block: some 10,000 rows, which are scored at once."""
BLOCK_ROWS: Final = 10_000
"""Rows of a block of a table."""
LONGEST_BLOCK: Final = 32_000_000
"""Bytes at which a block ends in any case: a quotation mark was never closed."""
BROKEN: Final = "broken"
"""Form of what stands where a file is damaged."""
LOST: Final = "a part of the file that could not be read"
"""A reason to reject rows."""
_QUOTE: Final = b'"'


@dataclass(frozen=True)
class Understood:
    """How the blocks of a file are read: what was understood of its first one.

    Attributes
    ----------
    form : "lines", "json" or "table"; :data:`BROKEN` from where the file is damaged.
    names : of the columns, in the order of the file.
    separator : of cells in lines.
    columns : which column holds what.
    options : order of day and month, and zone, of times.
    reading : everything that was understood of the first block.
    """

    form: str
    names: tuple[str, ...]
    separator: str
    columns: Columns
    options: ReadOptions
    reading: Reading = field(default_factory=Reading)

    @classmethod
    def by(cls, form: str, first: Batch, options: ReadOptions) -> Understood:
        """What the first block, read as a file, tells of those that follow."""
        reading = first.reading
        return cls(
            form=form,
            names=tuple(map(str, first.table.columns)),
            separator=reading.value("separator") or delimited.NO_SEPARATOR,
            columns=first.columns,
            options=replace(
                options,
                date_order=reading.value("date order") if first.times is not None else None,
                strict=False,
            ),
            reading=reading,
        )


def in_blocks(stream: IO[bytes], size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Cut bytes into blocks that end where a record does: at an end of line outside quotation.

    Parameters
    ----------
    stream : of lines in an encoding of which ASCII is a part.
    size : bytes of a block, about.
    """
    left = b""
    while step := stream.read(size):
        block = left + step
        end = _last_end(block)
        if not end and len(block) < LONGEST_BLOCK:
            left = block
            continue
        end = end or block.rfind(b"\n") + 1 or len(block)
        left = block[end:]
        yield block[:end]
    if left.strip():
        yield left


def _last_end(block: bytes) -> int:
    """Place after the last end of line before which as many quotation marks open as close."""
    marks = block.count(_QUOTE)
    end = len(block)
    for mark in (b"\n", b"\r"):
        while (found := block.rfind(mark, 0, end)) >= 0:
            marks -= block.count(_QUOTE, found, end)
            end = found
            if marks % 2 == 0:
                return found + 1
        if mark in block:
            break
        end = len(block)
    return 0


def open_text(stream: Any) -> Any:
    """Unpack a stream, and bring UTF-16 and UTF-32 to UTF-8; the rest stays as it is.

    Parameters
    ----------
    stream : at its beginning; it can go back there.
    """
    head = stream.read(8)
    stream.seek(0)
    for beginning, (_, reader) in KINDS.items():
        if head.startswith(beginning):
            stream = io.BufferedReader(reader(stream))
            head = stream.peek(8)[:8]
    for mark, codec, _ in delimited.BYTE_ORDER_MARKS:
        if head.startswith(mark) and codec != "utf-8":
            return _Recoded(stream, codec)
    return stream


class _Recoded(io.RawIOBase):
    """A stream of UTF-16 or UTF-32 as UTF-8."""

    def __init__(self, stream: IO[bytes], codec: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(codec)(errors="replace")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        step = self._stream.read(size)
        return self._decoder.decode(step, final=not step).removeprefix("\ufeff").encode()


def read_block(content: bytes | pa.Table, how: Understood, settings: Settings) -> Batch:
    """Read one of the blocks that follow the first.

    Parameters
    ----------
    content : the block.
    how : as the first block told.
    settings : limits of a block are those of a file.

    Raises
    ------
    BatchError
        It cannot be read.
    """
    if how.form == BROKEN:
        raise BatchError(wording.DAMAGED_FROM_THERE)
    return guarded(lambda: read_part(_table_of(content, how, settings), how, settings))


def _table_of(content: bytes | pa.Table, how: Understood, settings: Settings) -> Table:
    if not isinstance(content, bytes):
        return Table(number_rows(from_arrow(readable(content)[0])), {}, ())
    text, encoding = delimited.decode(content)
    if how.form == "json":
        table = read_json(text, encoding, True, settings)
        if table is None:
            raise BatchError(wording.JSON_NO_TABLE)
        return table
    regular = read_regular(text, how.names, how.separator, settings)
    if regular is not None:
        return Table(regular)
    text = f"sep={how.separator}\r\n{with_names(text, how.names, how.separator)}"
    return lay_out(delimited.split(text, settings).cells, settings, header_row=1)


def read_part(table: Table, how: Understood, settings: Settings) -> Batch:
    """The rows of a part of a table that was understood by another part.

    Parameters
    ----------
    table : the part; a column that it lacks is empty.
    how : what its columns hold, and how its times are read.
    settings : give the most characters of a description.
    """
    columns = how.columns
    wanted = {columns.description, columns.time, *columns.labels.values()}
    for name in (wanted | {*columns.predictions.values()}) - {None, *table.frame.columns}:
        table.frame[name] = None
    rejected = rejections(table, columns.description, settings.max_characters)
    batch = Batch(table.frame, rejected, columns)
    if columns.time is None:
        return batch
    times, _ = read_times(table.frame, columns.time, how.options)
    return replace(batch, times=times.values, clock=times.local)

"""Files to tables: CSV, Excel, Parquet and JSON, told apart by what is in them.

A file's name is a hint and no more: a Parquet file that is called ``.csv`` is read, a web page
that is called ``.xls`` is refused in words that help.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

from afterword.errors import BatchError
from afterword.files import delimited, reading_wording, wording
from afterword.files.binary import OLE, read_sheet
from afterword.files.header import (
    WRONG_WIDTH,
    Table,
    lay_out,
    number_rows,
)
from afterword.files.json_tables import UNREADABLE, read_json
from afterword.files.options import NO_OPTIONS, ReadOptions
from afterword.files.packed import KINDS, check_parts, unpack, unpack_zip
from afterword.files.parquet import read_parquet
from afterword.records import Choice
from afterword.settings import Settings

__all__ = ["SUPPORTED", "UNREADABLE", "WRONG_WIDTH", "Table", "number_rows", "read_table"]

TEXT_ENDINGS = ("csv", "tsv", "txt", "jsonl", "ndjson", "json", "parquet")
SUPPORTED = (
    *TEXT_ENDINGS, "xlsx", "xlsb", "xls", "ods", "gz", "bz2", "xz", "zst", "zip",
)  # fmt: skip
"""Extensions that an upload widget offers."""


MAX_GROWTH = 10
"""How many times its size a file's texts may come to."""

FEW_LETTERS = 40_000_000
"""Bytes that they may come to in any case."""

NESTED_VALUE = 50
"""Bytes of memory that a value in a list or an object takes."""

ZIP = b"PK\x03\x04"
PARQUET = b"PAR1"
"""How these files begin."""

FOREIGN = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"ARROW1", "an Arrow file"),
    (b"PARE", "an encrypted Parquet file"),
)
"""First bytes of files that people upload by mistake, and what to call them."""

_PROFILE = b'{"kind":"afterword profile"'
_MARKUP = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*+<(?:!doctype|html|head|body|table|\?xml|svg)\b", re.I
)


def read_table(
    data: bytes, extension: str, settings: Settings, options: ReadOptions = NO_OPTIONS
) -> Table:
    """Read a file's bytes as a table.

    Parameters
    ----------
    data : the whole file.
    extension : of its name, without the dot, lower case; "" if it has none.
    settings : gives the most rows and megabytes.
    options : what the caller knows of the file.

    Returns
    -------
    The table.

    Raises
    ------
    BatchError
        It is no table, too large or empty.
    """
    most = settings.max_upload_mb * 1_000_000
    data, packed = unpack(data, most)
    if data.startswith(_PROFILE):
        raise BatchError(wording.SAVED_PROFILE)
    if data.startswith(ZIP):
        check_parts(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = unpack_zip(archive, TEXT_ENDINGS, most)
        data, packed = (data, packed) if found is None else (found, "ZIP")
    table = _read_unpacked(data, extension, settings, options)
    most = most_letters(len(data), settings)
    if letters(table.frame, most) > most:
        raise BatchError(wording.too_many_letters(most // 1_000_000))
    if not packed:
        return table
    return replace(table, choices=(Choice("compression", packed), *table.choices))


def _read_unpacked(data: bytes, extension: str, settings: Settings, options: ReadOptions) -> Table:
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xfe\xff"):
        raise BatchError(wording.EMPTY_FILE)
    if data.startswith(PARQUET):
        return read_parquet(data, settings, most_letters(len(data), settings))
    if data.startswith((ZIP, OLE)):
        if data.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in data:
            raise BatchError(wording.PROTECTED)
        return read_sheet(data, settings, most_letters(len(data), settings), options)
    if data.startswith(tuple(KINDS)):
        raise BatchError(wording.no_table("a compressed file within a compressed file"))
    for magic, kind in FOREIGN:
        if data.startswith(magic):
            raise BatchError(wording.no_table(kind))
    if _MARKUP.match(data[:1_000]):
        raise BatchError(wording.WEB_PAGE)
    text, encoding = delimited.decode(data)
    text = _without_script(text)
    if text.lstrip()[:1] in ("{", "["):
        named = extension in ("json", "jsonl", "ndjson")
        table = read_json(text, encoding, named, settings, options.header_row)
        if table is not None:
            return table
    records = delimited.split(text, settings)
    return _delimited_table(records, encoding, settings, options.header_row)


def _without_script(text: str) -> str:
    """The JSON in a file of an archive of tweets, which gives it a name; else the text."""
    begin = text[:100].find(" = ") + 3
    named = text.startswith("window.YTD.") and text[begin : begin + 1] in ("[", "{")
    return text[begin:] if named else text


def _delimited_table(
    records: delimited.Records, encoding: str, settings: Settings, header_row: int | None
) -> Table:
    table = lay_out(records.cells, settings, header_row)
    one = records.separator == delimited.NO_SEPARATOR
    separator = None if one else delimited.SEPARATORS.get(records.separator, "the named character")
    choices = [
        Choice(
            "format", "CSV" if separator else "text", reading_wording.delimited(encoding, separator)
        ),
        Choice("encoding", encoding),
    ]
    if separator:
        choices.append(Choice("separator", records.separator))
    if count := records.broken + records.joined:
        said = reading_wording.stray_quotation(records.broken, records.joined)
        choices.append(Choice("quotation marks", count, said, doubtful=True))
    return replace(table, choices=(*choices, *table.choices))


def letters(frame: pd.DataFrame, most: int) -> int:
    """Bytes and characters of a table's texts: what of it can be many times a file's size.

    A value in a list or an object counts as the memory that it takes. Nothing is counted beyond
    the most that there may be.
    """
    size = 0
    for place in range(frame.shape[1]):
        column = frame.iloc[:, place]
        if column.dtype == "str":
            size += int(column.str.len().sum())
        elif column.dtype.kind == "O":
            for cell in column:
                size += len(cell) if isinstance(cell, str) else _size(cell, most - size)
                if size > most:
                    return size
    return size


def _size(cell: Any, most: int) -> int:
    size, ahead = 0, [cell]
    while ahead and size <= most:
        one = ahead.pop()
        if isinstance(one, str | bytes):
            size += len(one)
        elif isinstance(one, dict | list | tuple) or _holds_objects(one):
            size += NESTED_VALUE * len(one)
            if size <= most:
                ahead.extend([*one, *one.values()] if isinstance(one, dict) else one)
        else:
            size += getattr(one, "nbytes", 0)
    return size


def _holds_objects(value: Any) -> bool:
    return str(getattr(value, "dtype", "")) == "object"


def most_letters(size: int, settings: Settings) -> int:
    """Bytes that the texts of a file of that size may come to.

    >>> most_letters(1_000, Settings()), most_letters(20_000_000, Settings())
    (40000000, 200000000)
    """
    return min(MAX_GROWTH * settings.max_upload_mb * 1_000_000, max(FEW_LETTERS, MAX_GROWTH * size))

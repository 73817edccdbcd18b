"""Files to tables: CSV, Excel, Parquet and JSON, told apart by what is in them.

A file's name is a hint and no more: a Parquet file that is called ``.csv`` is read, a web page
that is called ``.xls`` is refused in words that help.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from afterword.errors import BatchError
from afterword.files import delimited, wording
from afterword.files.binary import OLE, read_parquet, read_sheet
from afterword.files.column_names import unique_names
from afterword.files.header import (
    WRONG_WIDTH,
    Table,
    as_cell,
    as_column,
    check_columns,
    check_rows,
    lay_out,
    number_rows,
)
from afterword.files.options import NO_OPTIONS, ReadOptions
from afterword.records import Choice
from afterword.settings import Settings

__all__ = ["SUPPORTED", "UNREADABLE", "WRONG_WIDTH", "Table", "number_rows", "read_table"]

SUPPORTED = ("csv", "tsv", "txt", "parquet", "xlsx", "xls", "ods", "jsonl", "ndjson", "json")
"""Extensions that an upload widget offers."""

UNREADABLE = "not readable"

PARQUET = b"PAR1"
"""How a Parquet file begins."""

FOREIGN = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"{\\rtf", "a text document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"\x28\xb5\x2f\xfd", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"ARROW1", "an Arrow file"),
    (b"PARE", "an encrypted Parquet file"),
)
"""First bytes of files that people upload by mistake, and what to call them."""

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
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xfe\xff"):
        raise BatchError(wording.EMPTY_FILE)
    if data.startswith(PARQUET):
        return read_parquet(data, settings)
    if data.startswith(b"PK\x03\x04"):
        return read_sheet(data, settings, options)
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise BatchError(wording.PROTECTED)
        return read_sheet(data, settings, options)
    for magic, kind in FOREIGN:
        if data.startswith(magic):
            raise BatchError(wording.no_table(kind))
    if _MARKUP.match(data[:1_000]):
        raise BatchError(wording.WEB_PAGE)
    text, encoding = delimited.decode(data)
    if text.lstrip()[:1] in ("{", "["):
        table = _read_json(text, encoding, extension in ("json", "jsonl", "ndjson"), settings)
        if table is not None:
            return table
    records = delimited.split(text)
    return _delimited_table(records, encoding, settings)


def _delimited_table(records: delimited.Records, encoding: str, settings: Settings) -> Table:
    table = lay_out(records.cells, settings)
    separator = delimited.SEPARATORS.get(records.separator)
    choices = [
        Choice("format", "CSV" if separator else "text", wording.delimited(encoding, separator)),
        Choice("encoding", encoding),
    ]
    if separator:
        choices.append(Choice("separator", records.separator))
    if records.broken:
        said = wording.broken_quotation(records.broken)
        choices.append(Choice("quotation marks", records.broken, said, doubtful=True))
    return replace(table, choices=(*choices, *table.choices))


def _read_json(text: str, encoding: str, named: bool, settings: Settings) -> Table | None:
    """Read JSON Lines or one JSON value; None if it is none and is not called so either."""
    faults: dict[int, str] = {}
    kind = "JSON"
    try:
        records = _as_records(json.loads(text))
    except (ValueError, RecursionError):
        kind = "JSON Lines"
        lines = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()]
        check_rows(len(lines), settings)
        records = []
        for number, line in enumerate(lines, start=1):
            try:
                records.append(json.loads(line))
            except (ValueError, RecursionError):
                faults[number] = UNREADABLE
                records.append({})
        if len(faults) > 0.5 * len(records):
            records = []
    if not records:
        if not named:
            return None
        raise BatchError(wording.JSON_NO_TABLE)
    check_rows(len(records), settings)
    if not any(isinstance(record, dict) for record in records):
        records = [{"description": record} for record in records]
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            faults.setdefault(number, UNREADABLE)
    rows = [record if isinstance(record, dict) else {} for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    check_columns(len(names))
    if not names:
        raise BatchError(wording.JSON_EMPTY)
    import pandas as pd

    index = pd.RangeIndex(1, len(rows) + 1)
    columns = (as_column([as_cell(row.get(name)) for row in rows], index) for name in names)
    frame = pd.DataFrame(dict(zip(unique_names(names), columns, strict=True)))
    return Table(frame, faults, (Choice("format", kind, f"{kind}, {encoding}"),))


def _as_records(value: Any) -> list[Any]:
    """Return the records in a JSON value: a list, the one list in an object, or one object."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    if len(lists) == 1:
        return list(lists[0])
    return [] if any(isinstance(v, (dict, list)) for v in value.values()) else [value]

"""Files to tables: CSV, Excel, Parquet and JSON, told apart by what is in them.

A file's name is a hint and no more: a Parquet file that is called ``.csv`` is read, a web page
that is called ``.xls`` is refused in words that help.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

from afterword import delimited
from afterword.errors import BatchError
from afterword.names import as_unicode, has_header, is_known_name, looks_like_name, unique_names
from afterword.settings import Settings

SUPPORTED = ("csv", "tsv", "txt", "parquet", "xlsx", "xls", "ods", "jsonl", "ndjson", "json")
"""Extensions that an upload widget offers."""

WRONG_WIDTH = "wrong number of columns"
UNREADABLE = "not readable"

MAX_COLUMNS = 1_000
"""A table of descriptions has a few; thousands mean a matrix, and memory for each of them."""

MAX_GROWTH = 10
"""How many times its size a packed file may grow; Excel's own files grow three to eight times."""

MAX_CELLS = 20_000_000
"""Cells of a sheet's used area: one stray cell at its end would make the reader fill it all."""

TITLE_ROWS = 20
"""Rows of a sheet in which the header is sought, under a title and an empty line."""

SAVE_AS = "save it as CSV, Excel (.xlsx), Parquet or JSON Lines and upload that."

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

OLE = b"\xd0\xcf\x11\xe0"
"""First bytes of Microsoft's container: an old .xls, or a new file behind a password."""

_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|\?xml|svg)\b", re.I)


@dataclass(frozen=True)
class Table:
    """A file as a table.

    Attributes
    ----------
    frame : its rows, numbered from 1 (blank lines have numbers and no rows); unique names.
    faults : row number → reason, for rows whose structure is broken.
    notes : how it was read.
    """

    frame: pd.DataFrame
    faults: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_table(data: bytes, extension: str, settings: Settings) -> Table:
    """Read a file's bytes as a table.

    Parameters
    ----------
    data : the whole file.
    extension : of its name, without the dot, lower case; "" if it has none.
    settings : gives the most rows and megabytes.

    Returns
    -------
    The table.

    Raises
    ------
    BatchError
        It is no table, too large or empty.
    """
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xfe\xff"):
        raise BatchError("The file is empty; choose one with a header and a row per description.")
    if data.startswith(b"PAR1"):
        return _read_parquet(data, settings)
    if data.startswith(b"PK\x03\x04"):
        return _read_sheet(data, settings)
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise BatchError(
                "The file is protected by a password; remove the protection in Excel "
                "(File, Info, Protect Workbook) and upload it again."
            )
        return _read_sheet(data, settings)
    for magic, kind in FOREIGN:
        if data.startswith(magic):
            raise BatchError(f"The file is {kind} and not a table; {SAVE_AS}")
    if _MARKUP.match(data[:1_000]):
        raise BatchError(
            f"The file is a web page or XML and not a table; open it in Excel, {SAVE_AS}"
        )
    text, encoding = delimited.decode(data)
    if text.lstrip()[:1] in ("{", "["):
        table = _read_json(text, encoding, extension in ("json", "jsonl", "ndjson"), settings)
        if table is not None:
            return table
    records = delimited.split(text)
    return _delimited_table(records, encoding, settings)


def _check_rows(rows: int, settings: Settings) -> None:
    if rows > settings.max_rows:
        raise BatchError(
            f"The file has more than {settings.max_rows:,} rows; split it into smaller files, "
            "or let the operator raise AFTERWORD_MAX_ROWS."
        )


def _check_columns(columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise BatchError(
            f"The file has more than {MAX_COLUMNS:,} columns; keep the description, the time "
            "and the columns that you need."
        )


def number_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a table whose index numbers the rows from 1; named indexes are kept.

    Parameters
    ----------
    frame : any table; an index that has a name becomes a column, any other is dropped.
    """
    import pandas as pd

    frame = frame.reset_index() if any(n is not None for n in frame.index.names) else frame.copy()
    frame.attrs = {}
    frame.columns = unique_names(
        " ".join(map(str, name)) if isinstance(name, tuple) else name for name in frame.columns
    )
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    for name in frame.columns:
        if not pd.api.types.is_object_dtype(frame[name]):
            continue
        frame[name] = _as_column([_as_unicode(v) for v in frame[name]], frame.index)
    return frame


def _as_unicode(value: Any) -> Any:
    return as_unicode(value) if isinstance(value, str) else value


def _as_column(values: list[Any], index: Any = None) -> pd.Series:
    """Return values as a column whose cells stay what they are: 7 beside a gap stays 7."""
    import pandas as pd

    kinds = {type(value) for value in values}
    plain = any(kinds <= {kind, type(None)} for kind in (str, datetime)) or (
        len(kinds) == 1 and kinds <= {bool, int, float}
    )
    return pd.Series(values, index=index, dtype=None if plain else object)


def lay_out(
    rows: Sequence[Sequence[Any]], settings: Settings, *, titled: bool = False
) -> tuple[Table, tuple[str, ...]]:
    """Make a table of records: find the header, name the columns, set ragged rows apart.

    Parameters
    ----------
    rows : the records, the header among them if there is one.
    settings : gives the most rows.
    titled : the header may stand under a title, as in sheets.

    Returns
    -------
    The table without notes, and notes about its header.

    Raises
    ------
    BatchError
        No rows, too many rows or too many columns.
    """
    import pandas as pd

    first = next((n for n, row in enumerate(rows) if not _is_blank(row)), None)
    if first is None:
        raise BatchError("The file is empty; choose one with a header and a row per description.")
    notes: list[str] = []
    if titled:
        for number, row in enumerate(rows[first : first + TITLE_ROWS], start=first):
            if sum(map(is_known_name, row)) and sum(map(bool, map(_cell, row))) > 1:
                if number > first:
                    notes.append("the lines above the columns' names were left out")
                first = number
                break
    last = next(n for n in range(len(rows), first, -1) if not _is_blank(rows[n - 1]))
    header, body = rows[first], rows[first + 1 : last]
    _check_rows(len(body), settings)
    names = list(header)
    if not has_header(header):
        if body or len(names) > 1 or not looks_like_name(names[0], words=2):
            body, names = rows[first:last], [""] * len(header)
        if len(names) == 1:
            names = ["description"]
        notes.append("no column names were found, so the first line was read as a row")
    elif len(header) == 1 and not is_known_name(header[0]):
        notes.append("the first line was read as the column's name")
    if not body:
        raise BatchError(
            "The file has column names and no rows; add at least one description below them."
        )
    width = _common_width(body, len(names))
    _check_columns(width)
    if width == len(names) + 1 and _counts(body):
        names.insert(0, "")  # R writes row numbers and gives them no name
    names += [""] * (width - len(names))
    single = width == 1
    kept: list[Sequence[Any]] = []
    numbers: list[int] = []
    faults: dict[int, str] = {}
    for number, row in enumerate(body, start=1):
        cells = row
        if len(cells) != width:
            if len(cells) > width and all(_cell(cell) == "" for cell in cells[width:]):
                cells = cells[:width]
            elif single and not cells:
                cells = [""]
            elif not cells:
                continue
            else:
                faults[number] = WRONG_WIDTH
                cells = _fit(cells, width)
        elif not single and _is_blank(cells):
            continue
        kept.append(cells)
        numbers.append(number)
    values = zip(*kept, strict=True)
    labels = pd.RangeIndex(1, len(body) + 1) if len(numbers) == len(body) else numbers
    frame = pd.DataFrame(
        {
            name: _as_column(list(column), labels)
            for name, column in zip(unique_names(map(_cell, names)), values, strict=True)
        }
    )
    return Table(frame, faults), tuple(notes)


def _cell(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # NaN is not itself


def _is_blank(row: Sequence[Any]) -> bool:
    return not any(_cell(cell).strip() for cell in row)


def _common_width(body: Sequence[Sequence[Any]], names: int) -> int:
    """Columns of the table: those with names, or more if most rows have more filled cells."""
    widths = Counter(map(len, body[:1_000]))
    common = max(widths, key=lambda size: (widths[size], size))
    if common <= names or widths[common] <= 0.5 * sum(widths.values()):
        return names
    filled = any(_cell(cell).strip() for row in body[:1_000] for cell in row[names:common])
    return common if filled else names


def _counts(body: Sequence[Sequence[Any]]) -> bool:
    firsts = [_cell(row[0]) for row in body[:100] if row]
    return firsts == [str(n) for n in range(1, len(firsts) + 1)]


def _fit(cells: Sequence[Any], width: int) -> list[Any]:
    """Return a row of the table's width; what is too much is joined, so that nothing is lost."""
    if len(cells) < width:
        return [*cells, *[None] * (width - len(cells))]
    return [*cells[: width - 1], ", ".join(map(_cell, cells[width - 1 :]))]


def _delimited_table(records: delimited.Records, encoding: str, settings: Settings) -> Table:
    table, notes = lay_out(records.cells, settings)
    separator = delimited.SEPARATORS.get(records.separator)
    how = f"{encoding}, separated by {separator}" if separator else f"{encoding}, one column"
    if records.broken:
        notes += (f"{records.broken:,} lines have quotation marks that do not match",)
    return Table(table.frame, table.faults, (how, *notes))


def _read_parquet(data: bytes, settings: Settings) -> Table:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(data))
    metadata = file.schema_arrow.metadata or {}
    if b"scored rows" in metadata.get(b"afterword", b""):
        raise BatchError(
            "The file holds scored rows and no descriptions; check it as it is, or choose the "
            "file that it was made from."
        )
    # Both are in the footer: a file that is too large is refused before it is unpacked.
    _check_rows(file.metadata.num_rows, settings)
    _check_columns(file.metadata.num_columns)
    groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
    if sum(group.total_byte_size for group in groups) > _most_bytes(settings):
        raise _grown(settings)
    frame = file.read().to_pandas()
    if not len(frame.columns) or not len(frame):
        raise BatchError("The file has no rows; choose one with a row per description.")
    return Table(number_rows(frame), {}, ("Parquet",))


def _most_bytes(settings: Settings) -> int:
    return settings.max_upload_mb * MAX_GROWTH * 1_000_000


def _grown(settings: Settings) -> BatchError:
    return BatchError(
        f"The file unpacks to more than {settings.max_upload_mb * MAX_GROWTH:,} MB; split it "
        "into smaller files, or let the operator raise AFTERWORD_MAX_UPLOAD_MB."
    )


def _read_sheet(data: bytes, settings: Settings) -> Table:
    """Read the first filled sheet of an Excel or OpenDocument file."""
    import pandas as pd

    if not data.startswith(OLE):
        _check_archive(data, settings)
    with pd.ExcelFile(io.BytesIO(data), engine="calamine") as book:
        sheets = list(map(str, book.sheet_names))
        for sheet in sheets:
            # Cells are taken as they are: "NA" is a text that someone typed.
            frame = book.parse(sheet, header=None, dtype=object, keep_default_na=False)
            if len(frame.dropna(how="all")):
                break
        else:
            raise BatchError("The file's sheets are empty; choose one with a row per description.")
    frame = frame.astype(object).where(frame.notna(), None)
    rows = [[None if v == "" else _as_unicode(v) for v in row] for row in frame.to_numpy()]
    table, notes = lay_out(rows, settings, titled=True)
    how = "OpenDocument" if b"opendocument.spreadsheet" in data[:200] else "Excel"
    if len(sheets) > 1:
        how += f", sheet {sheets.index(sheet) + 1} of {len(sheets)}"
    return Table(table.frame, table.faults, (how, *notes))


def _check_archive(data: bytes, settings: Settings) -> None:
    """Refuse archives that are no sheets, or that would fill the memory.

    Raises
    ------
    BatchError
        See above; a damaged archive raises zipfile's own error.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: info for info in archive.infolist()}
        if sum(info.file_size for info in parts.values()) > _most_bytes(settings):
            raise _grown(settings)
        if "xl/workbook.xml" not in parts and "xl/workbook.bin" not in parts:
            mimetype = archive.read("mimetype")[:100] if "mimetype" in parts else b""
            if b"opendocument.spreadsheet" in mimetype:
                return
            kind = "a text document" if "word/document.xml" in parts else "an archive"
            raise BatchError(f"The file is {kind} and not a table; open it, {SAVE_AS}")
        for name in parts:
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as sheet:
                    head = sheet.read(4_096)
                if _used_cells(head) > MAX_CELLS:
                    raise BatchError(
                        "The sheet has cells far outside its table; copy the table into a new "
                        "sheet and upload that."
                    )


def _used_cells(head: bytes) -> int:
    """Cells of a sheet's used area, as its first lines give it; 0 if they do not."""
    area = re.search(rb'<dimension ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"', head)
    if not area:
        return 0
    first, top, last, bottom = area.groups()
    return (_letters(last) - _letters(first) + 1) * (int(bottom) - int(top) + 1)


def _letters(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def _read_json(text: str, encoding: str, named: bool, settings: Settings) -> Table | None:
    """Read JSON Lines or one JSON value; None if it is none and is not called so either."""
    faults: dict[int, str] = {}
    kind = "JSON"
    try:
        records = _as_records(json.loads(text))
    except (ValueError, RecursionError):
        kind = "JSON Lines"
        lines = [line for line in re.split(r"\r\n|\n|\r", text) if line.strip()]
        _check_rows(len(lines), settings)
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
        raise BatchError(
            "The JSON cannot be read as a table; write one object per line, or one list of "
            "objects, with a description in each."
        )
    _check_rows(len(records), settings)
    if not any(isinstance(record, dict) for record in records):
        records = [{"description": record} for record in records]
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            faults.setdefault(number, UNREADABLE)
    rows = [record if isinstance(record, dict) else {} for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    _check_columns(len(names))
    if not names:
        raise BatchError("The JSON holds no values; give each object a description.")
    import pandas as pd

    index = pd.RangeIndex(1, len(rows) + 1)
    columns = (_as_column([_as_unicode(row.get(name)) for row in rows], index) for name in names)
    frame = pd.DataFrame(dict(zip(unique_names(names), columns, strict=True)))
    return Table(frame, faults, (f"{kind}, {encoding}",))


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

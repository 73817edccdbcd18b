"""Workbooks: Excel and OpenDocument, checked before they fill the memory."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from afterword.errors import BatchError
from afterword.files import old_workbooks, wording, workbooks
from afterword.files.header import Table, as_cell, lay_out
from afterword.files.options import NO_OPTIONS, ReadOptions
from afterword.records import Choice
from afterword.settings import Settings

MAX_GROWTH = 10
"""How many times its size a packed file may grow; Excel's own files grow three to eight times."""

OLE = b"\xd0\xcf\x11\xe0"
"""First bytes of Microsoft's container: an old .xls, or a new file behind a password."""


def _most_bytes(settings: Settings) -> int:
    return settings.max_upload_mb * MAX_GROWTH * 1_000_000


def _grown(settings: Settings) -> BatchError:
    return BatchError(wording.unpacks_to_more(settings.max_upload_mb * MAX_GROWTH))


def read_sheet(data: bytes, settings: Settings, options: ReadOptions = NO_OPTIONS) -> Table:
    """Read the first filled sheet of an Excel or OpenDocument file.

    Parameters
    ----------
    data : the whole file.
    settings : gives the most rows and megabytes.

    Raises
    ------
    BatchError
        It is no sheet, too large or empty.
    """
    import pandas as pd

    how = "OpenDocument" if b"opendocument.spreadsheet" in data[:200] else "Excel"
    most, grown = _most_bytes(settings), lambda: _grown(settings)
    if data.startswith(OLE):
        old_workbooks.look_through(data, most, grown)
    else:
        _check_archive(data)
        data = workbooks.look_through(data, most, grown)
    with pd.ExcelFile(io.BytesIO(data), engine="calamine") as book:
        sheets = list(map(str, book.sheet_names))
        for sheet in sheets:
            # Cells are taken as they are: "NA" is a text that someone typed.
            frame = book.parse(sheet, header=None, dtype=object, keep_default_na=False)
            if len(frame.dropna(how="all")):
                break
        else:
            raise BatchError(wording.EMPTY_SHEETS)
    frame = frame.astype(object).where(frame.notna(), None)
    rows = [[None if v == "" else as_cell(v) for v in row] for row in frame.to_numpy()]
    table = lay_out(rows, settings, titled=True)
    choices = [Choice("format", how, how)]
    if len(sheets) > 1:
        said = wording.one_of_sheets(how, sheets.index(sheet) + 1, len(sheets))
        choices = [Choice("format", how), Choice("sheet", sheet, said, others=tuple(sheets))]
    return replace(table, choices=(*choices, *table.choices))


def _check_archive(data: bytes) -> None:
    """Refuse archives that are no sheets.

    Raises
    ------
    BatchError
        See above; a damaged archive raises zipfile's own error.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = set(archive.namelist())
        if "xl/workbook.xml" not in parts and "xl/workbook.bin" not in parts:
            mimetype = b""
            if "mimetype" in parts:
                with archive.open("mimetype") as part:
                    mimetype = part.read(100)
            if b"opendocument.spreadsheet" in mimetype:
                return
            kind = "a text document" if "word/document.xml" in parts else "an archive"
            raise BatchError(wording.opens_as_no_table(kind))

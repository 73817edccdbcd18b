"""Workbooks: Excel and OpenDocument, checked before they fill the memory."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from afterword.errors import BatchError
from afterword.files import old_workbooks, reading_wording, wording, workbooks
from afterword.files.bad_cells import without_bad_cells
from afterword.files.header import Table
from afterword.files.options import NO_OPTIONS, ReadOptions
from afterword.files.sheets import read_workbook
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


def read_sheet(
    data: bytes, settings: Settings, letters: int, options: ReadOptions = NO_OPTIONS
) -> Table:
    """Read the sheet of an Excel or OpenDocument file that holds descriptions.

    Parameters
    ----------
    data : the whole file.
    settings : gives the most rows and megabytes.
    letters : that its cells may come to.
    options : may name the sheet.

    Raises
    ------
    BatchError
        It is no sheet, too large or empty; SheetError if it has no sheet of that name.
    """
    from python_calamine import CalamineError

    how = "OpenDocument" if b"opendocument.spreadsheet" in data[:200] else "Excel"
    most, grown, lost = _most_bytes(settings), lambda: _grown(settings), 0
    if data.startswith(OLE):
        long = BatchError(wording.too_many_letters(letters // 1_000_000))
        areas = old_workbooks.look_through(data, letters, lambda: long)
    else:
        _check_archive(data)
        data, areas, lost = workbooks.look_through(data, most, letters, grown)
    try:
        table = read_workbook(data, areas, settings, options)
    except CalamineError:
        if data.startswith(OLE):
            raise
        data, lost = without_bad_cells(data)
        table = read_workbook(data, areas, settings, options)
    choices = [Choice("format", how, reading_wording.file_is(f"an {how} workbook")), *table.choices]
    if lost:
        choices.append(Choice("cells", lost, reading_wording.lost_cells(lost), doubtful=True))
    return replace(table, choices=tuple(choices))


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

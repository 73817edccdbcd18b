"""Which sheet of a workbook is read, of several: the one that holds descriptions.

A workbook has cover sheets, lists of codes and sheets of figures beside its data. The sheet whose
columns are found, with the most text in them, is read; one that a person sees goes before one that
is hidden. Of several alike only the first is read, and the others are told.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from python_calamine import CalamineWorkbook, SheetMetadata

from afterword.errors import BatchError, ColumnError, SheetError
from afterword.files import reading_wording, wording
from afterword.files.column_names import DESCRIPTION_NAMES, key
from afterword.files.columns import find_columns
from afterword.files.header import Table, as_cell, lay_out
from afterword.files.header_rows import is_blank
from afterword.files.options import ReadOptions
from afterword.files.sheet_area import MAX_CELLS, Area
from afterword.records import Choice
from afterword.settings import Settings

SAMPLE_ROWS = 2_000
"""Rows by which it is told what a sheet holds."""

CLOSE = 0.25
"""A sheet with this share of the chosen one's weight could be meant as well."""


@dataclass(frozen=True)
class _Sheet:
    """A sheet with something in it.

    Attributes
    ----------
    number : among all sheets of the workbook, from 1.
    hidden : 0 if it is visible, 1 if a person hid it, 2 if a program did.
    rows : its cells.
    names : its columns' names; none if they cannot be told.
    body : index of the first row below them.
    holds : whether it is a table with a column of descriptions.
    weight : letters of its texts, times what its columns' names say for it.
    """

    number: int
    hidden: int
    rows: list[list[Any]]
    names: tuple[str, ...] = ()
    body: int = 0
    holds: bool = False
    weight: float = 0.0

    @property
    def rank(self) -> tuple[bool, int, float]:
        return self.holds, -self.hidden, self.weight


def read_workbook(
    data: bytes, areas: Sequence[Area], settings: Settings, options: ReadOptions
) -> Table:
    """Read the sheet of a workbook that holds descriptions, or the one that was chosen.

    Parameters
    ----------
    data : the file, once it was looked through.
    areas : what was counted of each sheet, in the workbook's order; none if that is not known.
    settings : gives the most rows.
    options : what the caller knows of the file.

    Raises
    ------
    BatchError
        No sheet has a table, or the table is too large; SheetError if there is no such sheet.
    """
    import python_calamine

    with python_calamine.load_workbook(io.BytesIO(data)) as book:
        listed = book.sheets_metadata
        known = areas if len(areas) == len(listed) else []
        if options.sheet is not None:
            number = _chosen(listed, options.sheet)
            sheets, passed = [_Sheet(number, 0, _cells(book, number))], 0
            if all(map(is_blank, sheets[0].rows)):
                raise SheetError(wording.EMPTY_SHEET, tuple(sheet.name for sheet in listed))
        else:
            sheets, passed = _read_all(book, known)
    if not sheets:
        raise BatchError(wording.EMPTY_SHEETS)
    choices: list[Choice] = []
    best = sheets[0]
    if len(listed) > 1:
        if len(sheets) > 1:
            sheets = [_judged(sheet, settings, options) for sheet in sheets]
            best = _best(sheets)
        choices.append(_told(best, sheets, listed, passed))
    table = lay_out(best.rows, settings, options.header_row)
    if known:
        choices += _hidden_rows(known[best.number - 1], table, len(best.rows))
    return replace(table, choices=(*choices, *table.choices))


def _chosen(listed: Sequence[SheetMetadata], wanted: str | int) -> int:
    """Number of the sheet that a caller names, or numbers."""
    names = [sheet.name for sheet in listed]
    number = 0
    if isinstance(wanted, str):
        folded = [name.strip().casefold() for name in names]
        if wanted in names:
            return names.index(wanted) + 1
        if wanted.strip().casefold() in folded:
            return folded.index(wanted.strip().casefold()) + 1
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 9:
            number = int(wanted)
    else:
        number = wanted
    if not 0 < number <= len(names):
        raise SheetError(reading_wording.no_such_sheet(len(names)), tuple(names))
    return number


def _read_all(book: CalamineWorkbook, areas: Sequence[Area]) -> tuple[list[_Sheet], int]:
    """The sheets that hold something, and the first of those that were too much to be read."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    order = (SheetVisibleEnum.Visible, SheetVisibleEnum.Hidden, SheetVisibleEnum.VeryHidden)
    found: list[_Sheet] = []
    left, passed = MAX_CELLS, 0
    for number, sheet in enumerate(book.sheets_metadata, start=1):
        if sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        size = areas[number - 1].size if areas else 0
        if size > left:
            passed = passed or number
            continue
        rows = _cells(book, number)
        left -= size or sum(map(len, rows))
        if not all(map(is_blank, rows)):
            found.append(_Sheet(number, order.index(sheet.visible), rows))
    return found, passed


def _cells(book: CalamineWorkbook, number: int) -> list[list[Any]]:
    """The cells of a sheet as they are: "NA" is a text that someone typed."""
    sheet = book.get_sheet_by_index(number - 1)
    return [[_cell(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return as_cell(value) if value else None
    if isinstance(value, float):
        return None if value != value else int(value) if value.is_integer() else value
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value


def _judged(sheet: _Sheet, settings: Settings, options: ReadOptions) -> _Sheet:
    """The sheet with what it holds."""
    header_row = options.header_row
    sample = sheet.rows[: min(SAMPLE_ROWS, settings.max_rows) + (header_row or 0)]
    try:
        table = lay_out(sample, settings, header_row)
    except BatchError:
        return sheet
    frame, names = table.frame, tuple(map(str, table.frame.columns))
    headed = _row_of_names(table)
    texts, named, timed = list(names), False, False
    try:
        columns, _ = find_columns(frame, options)
        texts, timed = [columns.description], columns.time is not None
        named = not {key(texts[0]), *key(texts[0]).split()}.isdisjoint(DESCRIPTION_NAMES)
    except ColumnError:
        if options.description is not None:
            return replace(sheet, names=names)
    letters = max(_letters(frame[name]) for name in texts) * len(sheet.rows) / len(sample)
    holds = bool(headed) and letters > 0 and (named or len(names) > 1)
    weight = letters * (4 if named and headed else 1) * (2 if timed else 1)
    names = names if headed else ()
    return replace(sheet, names=names, body=headed, holds=holds, weight=weight)


def _row_of_names(table: Table) -> int:
    """Number of the row that holds the names; 0 if there is none."""
    found: int = next(choice.value for choice in table.choices if choice.of == "header")
    return found


def _letters(column: pd.Series) -> int:
    """Letters of a column's texts; a word without a space is a code, but in Chinese."""
    return sum(
        len(text)
        for text in column
        if isinstance(text, str) and (" " in text.strip() or not text.isascii())
    )


def _best(sheets: Sequence[_Sheet]) -> _Sheet:
    """The sheet that is read: the first of those that are like the one with the most text."""
    best = max(sheets, key=lambda sheet: sheet.rank)
    return next(
        sheet
        for sheet in sheets
        if sheet is best or (_are_alike(sheet, best) and sheet.rank[:2] == best.rank[:2])
    )


def _are_alike(sheet: _Sheet, other: _Sheet) -> bool:
    return bool(sheet.names) and sheet.names == other.names and sheet.holds and other.holds


def _told(
    best: _Sheet, sheets: Sequence[_Sheet], listed: Sequence[SheetMetadata], passed: int
) -> Choice:
    """Which sheet was read, and whether another could be meant."""
    rivals = [sheet for sheet in sheets if sheet is not best and sheet.weight > 0]
    alike = [sheet for sheet in rivals if _are_alike(sheet, best)]
    close = [
        sheet
        for sheet in rivals
        if sheet.holds >= best.holds and sheet.weight >= CLOSE * best.weight
    ]
    rows = {sheet.number: _filled_rows(sheet) for sheet in alike}
    others = [sheet.number for sheet in close if sheet.number not in rows] + [passed] * bool(passed)
    said = reading_wording.one_of_sheets(
        best.number, len(listed), hidden=best.hidden > 0, alike=rows, others=others
    )
    names = [sheet.name for sheet in listed]
    doubtful = bool(rows or others or best.hidden)
    # What the sentence names comes first: of many, only the first are a click away.
    order = [*(names[number - 1] for number in (*rows, *others)), *names]
    return Choice("sheet", names[best.number - 1], said, doubtful, tuple(dict.fromkeys(order)))


def _filled_rows(sheet: _Sheet) -> int:
    """Rows below the names in which something stands."""
    return sum(not is_blank(row) for row in sheet.rows[sheet.body :])


def _hidden_rows(area: Area, table: Table, rows: int) -> list[Choice]:
    """How many rows of the table a person does not see in the sheet."""
    begin = _row_of_names(table)
    count = sum(begin <= row < rows for row in area.hidden)
    if not count:
        return []
    return [Choice("hidden rows", count, reading_wording.hidden_rows(count), doubtful=True)]

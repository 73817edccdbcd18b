"""How large a sheet is for its reader, and when that is too large.

The reader of sheets makes room for every cell of the rectangle from the first to the last one that
is filled. A program that asks for more memory than there is ends at once, and a stray cell at the
end of a sheet is enough for that.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from afterword.errors import BatchError
from afterword.files import wording
from afterword.files.header import MAX_COLUMNS

MAX_CELLS = 20_000_000
"""Cells of a sheet's used area: one stray cell at its end would make the reader fill it all."""

FEW_CELLS = 1_000_000
"""An area of so many cells may be as good as empty; the reader fills it with a few megabytes."""

GRID = (1_048_576, 16_384)
"""Rows and columns that a sheet has in Excel."""

MAX_SHEETS = 1_000
"""Sheets of a workbook: each takes its reader a moment, also if nothing stands in it."""

SPARE_TEXTS = 100_000
"""Texts that a file may say it shares beyond those that it does: some programs count wrongly."""


@dataclass
class Area:
    """The filled cells of a sheet, and the rectangle from its first cell to the last of them."""

    grid: tuple[int, int] = GRID
    cells: int = 0
    bottom: int = 0
    right: int = 0
    hidden: array[int] = field(default_factory=lambda: array("I"))
    """Filled rows that are hidden by a filter or by hand, from 0."""

    def add(self, row: int, column: int, rows: int = 1, columns: int = 1) -> None:
        """Count a filled cell, or several alike; rows and columns are numbered from 0."""
        self.cells += rows * columns
        self.bottom = max(self.bottom, row + rows)
        self.right = max(self.right, column + columns)

    def hide(self, row: int, rows: int = 1) -> None:
        """Note that rows with a filled cell are hidden."""
        if not self.hidden or self.hidden[-1] < row:
            self.hidden.extend(range(row, row + rows))

    @property
    def size(self) -> int:
        """Cells of the rectangle."""
        return self.bottom * self.right

    def fault(self) -> str:
        """Say what is wrong with it; "" if it can be read."""
        if self.bottom > self.grid[0] or self.right > self.grid[1]:
            return wording.IMPOSSIBLE_CELLS
        # A row with one cell in the widest table that is read has one in MAX_COLUMNS.
        if self.size > MAX_CELLS or self.size > max(FEW_CELLS, MAX_COLUMNS * self.cells):
            return wording.FAR_CELLS
        return ""


def refuse(fault: str, sheet: str = wording.THE_SHEET) -> BatchError:
    """Return the error of a sheet."""
    return BatchError(wording.sheet_not_read(sheet, fault))


def check_sheets(sheets: int) -> None:
    """Raise BatchError if a workbook has more than :data:`MAX_SHEETS`."""
    if sheets > MAX_SHEETS:
        raise BatchError(wording.too_many(MAX_SHEETS, "sheets"))


def check_texts(said: int, shared: int) -> None:
    """Refuse a file that says that it shares more texts than it does: the reader makes room."""
    if said > shared + SPARE_TEXTS:
        raise BatchError(wording.FALSE_COUNT_OF_TEXTS)

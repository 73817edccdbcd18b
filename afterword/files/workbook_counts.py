"""What is counted of a workbook while its parts are looked through, one after the other."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from pathlib import PurePosixPath

from afterword.errors import BatchError
from afterword.files import wording
from afterword.files.sheet_area import MAX_CELLS, Area, check_sheets, refuse

MAX_TAGS = 10_000_000
"""Tags of all parts of a workbook together, with half of their attributes and by what they cost;
records of a binary one too. An Excel sheet of 100,000 rows and 25 columns has fewer."""

CONTENT = "content.xml"
"""The part of an .ods with all its sheets, which its reader holds in memory at once."""


class Book:
    """What is known of a workbook whose parts are looked through one after the other."""

    def __init__(self, most: int, letters: int, grown: Callable[[], BatchError]) -> None:
        self.left, self.grown = most, grown
        self.letters = self.most_letters = letters
        self.tags = MAX_TAGS
        self.lost = 0
        """Cells that were left empty, as the reader would refuse the file for them."""
        self.areas: list[tuple[str, Area]] = []
        self.implied: list[str] = []
        """Sheets in which a cell does not say where it stands."""
        self.order: list[str] = []
        """Identifiers of the sheets' parts, in the workbook's order."""
        self.targets: dict[str, str] = {}
        self.texts = array("Q")
        """Letters of each shared text."""
        self.references = 0
        """Cells that refer to one of them."""
        self.referring: list[str] = []

    def unpack(self, size: int) -> None:
        """Take from what the parts may still unpack to."""
        self.left -= size
        if self.left < 0:
            raise self.grown()

    def write(self, letters: int) -> None:
        """Take from the letters that the cells may still come to, and from what may be unpacked."""
        self.letters -= letters
        self.unpack(letters)
        if self.letters < 0:
            raise self.too_long()

    def too_long(self) -> BatchError:
        """The error of a workbook whose cells come to more letters than that."""
        return BatchError(wording.too_many_letters(self.most_letters // 1_000_000))

    def walk(self, tags: int) -> None:
        """Take from the tags that the parts may still have."""
        self.tags -= tags
        if self.tags < 0:
            raise BatchError(wording.too_many(MAX_TAGS, "rows, cells and marks together"))

    def area(self, part: str) -> Area:
        """Begin the area of a sheet."""
        check_sheets(len(self.areas) + 1)
        area = Area()
        self.areas.append((part, area))
        return area

    def judge(self) -> None:
        """Raise BatchError if a sheet cannot be read, or there are too many."""
        check_sheets(len(self.order))
        for part, area in self.areas:
            if fault := area.fault():
                raise refuse(fault, self.named(part, area))
        at_once = sum(area.size for part, area in self.areas if part.lower() == CONTENT)
        if at_once > MAX_CELLS:
            raise refuse(wording.FAR_CELLS, wording.A_SHEET)

    def named(self, part: str, area: Area) -> str:
        """Say which sheet a part is, by its number: a sheet's name can be a person's."""
        numbers = [number for number, one in enumerate(self.parts(), start=1) if one == _path(part)]
        if part.lower() == CONTENT:
            numbers = [1 + [id(one) for _, one in self.areas].index(id(area))]
        return wording.numbered_sheet(numbers[0]) if len(numbers) == 1 else wording.A_SHEET

    def parts(self) -> list[str]:
        """The parts of the sheets, in the workbook's order."""
        return [_path(str(PurePosixPath("xl", self.targets.get(one, "")))) for one in self.order]

    def sheets(self) -> list[Area]:
        """What was counted of each sheet, in the workbook's order."""
        if any(part.lower() == CONTENT for part, _ in self.areas):
            return [area for _, area in self.areas]
        found = {_path(part): area for part, area in reversed(self.areas)}
        return [found.get(part, Area()) for part in self.parts()]


def _path(part: str) -> str:
    return part.replace("\\", "/").lower().removeprefix("/")

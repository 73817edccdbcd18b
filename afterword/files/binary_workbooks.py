"""The parts of an .xlsb: records, each with its kind and its length before it."""

from __future__ import annotations

from struct import unpack_from

from afterword.files.sheet_area import GRID, Area, check_texts
from afterword.files.workbook_counts import Book

COST = 4
"""A record takes as long as so many tags."""


class Records:
    """A part of an .xlsb: records, each with its kind and length before it."""

    ROW, LIST, TEXTS, TEXT, REFERENCE = 0x00, 0x9C, 0x9F, 0x13, 0x07
    CELLS = frozenset({*range(0x02, 0x0C), 0x3E})
    """Kinds of filled cells."""
    ERRORS, BLANK = frozenset({0x03, 0x0B}), 0x01
    KNOWN = frozenset({0x00, 0x07, 0x0F, 0x17, 0x1D, 0x24, 0x2A, 0x2B})
    """Errors that the reader knows."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name = book, name
        self.area: Area | None = None
        self.rest = bytearray()
        self.row = self.said = self.shared = 0
        self.hidden = False

    def feed(self, chunk: bytes) -> bytes:
        """Count the records that end in a chunk; return them, with cells left empty that are bad.

        The chunk after the last one is empty.
        """
        self.rest += chunk
        place = records = 0
        while head := _record(self.rest, place):
            begin, (kind, start, place) = place, head
            self.take(kind, start)
            if self.is_bad(kind, start):
                self.rest[begin] = self.BLANK
                self.book.lost += 1
            records += 1
        self.book.walk(COST * records)
        if not chunk:
            check_texts(self.said, self.shared)
            place = len(self.rest)
        found = bytes(self.rest[:place])
        del self.rest[:place]
        return found

    def is_bad(self, kind: int, start: int) -> bool:
        """Whether the reader refuses the file for a cell."""
        if kind == self.REFERENCE:
            return bool(unpack_from("<I", self.rest, start + 8)[0] >= len(self.book.texts))
        return kind in self.ERRORS and self.rest[start + 8] not in self.KNOWN

    def take(self, kind: int, start: int) -> None:
        if kind == self.ROW:
            self.row = unpack_from("<I", self.rest, start)[0]
            self.hidden = bool(self.rest[start + 11] & 0x10)
        elif kind in self.CELLS:
            if self.area is None:
                self.area = self.book.area(self.name)
            self.area.add(self.row, unpack_from("<I", self.rest, start)[0])
            if self.hidden:
                self.area.hide(min(self.row, GRID[0]))
            if kind == self.REFERENCE:
                number = unpack_from("<I", self.rest, start + 8)[0]
                if number < len(self.book.texts):
                    self.book.write(self.book.texts[number])
        elif kind == self.TEXT:
            self.shared += 1
            self.book.texts.append(unpack_from("<I", self.rest, start + 1)[0])
        elif kind == self.TEXTS:
            self.said = max(unpack_from("<II", self.rest, start))
        elif kind == self.LIST:
            end = start + 12 + 2 * unpack_from("<I", self.rest, start + 8)[0]
            self.book.order.append(self.rest[start + 12 : end].decode("utf-16-le", "replace"))


def _record(rest: bytearray, place: int) -> tuple[int, int, int] | None:
    """Kind, start and end of the record at a place; None if its end has not come yet."""
    numbers = []
    for most in (2, 4):  # bytes of the kind, and of the length
        number = shift = 0
        for _ in range(most):
            if place >= len(rest):
                return None
            number |= (rest[place] & 0x7F) << shift
            place, shift = place + 1, shift + 7
            if not rest[place - 1] & 0x80:
                break
        numbers.append(number)
    kind, length = numbers
    return (kind, place, place + length) if place + length <= len(rest) else None

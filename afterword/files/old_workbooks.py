"""The old .xls: a container of sectors, whose cells are counted before its reader sees it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from struct import iter_unpack, unpack_from

from afterword.errors import BatchError
from afterword.files import wording
from afterword.files.sheet_area import MAX_CELLS, Area, check_sheets, check_texts, refuse

GRID = (65_536, 256)
"""Rows and columns that such a sheet has."""

MAX_RECORDS = 5_000_000
"""Records and shared texts of a workbook: a full sheet of 65,536 rows and 50 columns has fewer."""


def look_through(data: bytes, most: int, grown: Callable[[], BatchError]) -> list[Area]:
    """Count the cells of an .xls, and the letters in them, before its reader does.

    Parameters
    ----------
    data : the file.
    most : letters that its cells may take from the texts that they share.
    grown : makes the error of a file whose cells take more.

    Returns
    -------
    What was counted of its sheets, in their order; none if it holds two workbooks.

    Raises
    ------
    BatchError
        Too many cells, cells far from the others, or more letters than that; ValueError,
        IndexError or struct's error if it is damaged.
    """
    areas: list[Area] = []
    steps = iter(range(MAX_RECORDS))
    streams = _Container(data).workbooks()
    for stream in streams:
        starts, texts = _contents(stream, steps)
        check_sheets(len(starts))
        walked, size, left = 0, 0, most
        for number, begin in enumerate(starts, start=1):
            sheet = wording.numbered_sheet(number)
            area = Area(GRID)
            for kind, start, length in _old_records(stream, begin, steps):
                walked += length + 4
                if walked > 2 * len(stream):
                    raise ValueError("sheets that overlap")
                _count_old(area, kind, stream, start, length)
                if kind == _REFERENCE and texts:
                    (place,) = unpack_from("<I", stream, start + 6)
                    left -= texts[place] if place < len(texts) else 0
                    if left < 0:
                        raise grown()
            size += area.size
            if fault := area.fault():
                raise refuse(fault, sheet)
            if size > MAX_CELLS:
                raise refuse(wording.FAR_CELLS, sheet)
            areas.append(area)
    return areas if len(streams) == 1 else []


def _contents(stream: bytes, steps: Iterator[int]) -> tuple[list[int], array[int]]:
    """Where the sheets begin, and the letters of each text that their cells share."""
    starts: list[int] = []
    pieces: list[tuple[int, int]] = []
    inside = False
    for kind, start, length in _old_records(stream, 0, steps):
        if kind == _LIST:
            starts.append(unpack_from("<I", stream, start)[0])
        elif kind == _TEXTS and pieces:
            raise ValueError("two lists of shared texts")
        inside = kind == _TEXTS or (inside and kind == _MORE)
        if inside:
            pieces.append((start, min(start + length, len(stream))))
    return starts, _SharedTexts(stream, pieces).letters(steps) if pieces else array("Q")


class _SharedTexts:
    """The list of texts that cells share: one record, and those that continue it.

    Parameters
    ----------
    stream : the workbook.
    pieces : where the record and its continuations begin and end.
    """

    def __init__(self, stream: bytes, pieces: list[tuple[int, int]]) -> None:
        self.stream, self.pieces = stream, iter(pieces)
        self.place, self.end = next(self.pieces)

    def letters(self, steps: Iterator[int]) -> array[int]:
        """Letters of each text, as its head says: the reader takes no more."""
        (count,) = unpack_from("<I", self.stream, self.place + 4)
        # A text takes three bytes at least.
        check_texts(count, len(self.stream) // 3)
        self.place += 8
        found = array("Q")
        for _ in range(count):
            _step(steps)
            if self.place >= self.end and not self.go_on():
                break  # some programs count wrongly
            letters, form = unpack_from("<HB", self.stream, self.place)
            self.place += 3
            after = 0
            if form & 0x8:
                after = 4 * unpack_from("<H", self.stream, self.place)[0]
                self.place += 2
            if form & 0x4:
                after += unpack_from("<I", self.stream, self.place)[0]
                self.place += 4
            self.skip_letters(letters, 1 + (form & 1))
            self.skip(after)
            found.append(letters)
        return found

    def go_on(self) -> bool:
        """Begin the next piece, if there is one."""
        self.place, self.end = next(self.pieces, (self.end, self.end))
        return self.place < self.end

    def skip_letters(self, letters: int, size: int) -> None:
        """Pass the letters of a text; each piece says anew how many bytes a letter has."""
        while letters > (here := max(0, self.end - self.place) // size):
            letters -= here
            if not self.go_on():
                raise ValueError("a text without an end")
            size = 1 + (self.stream[self.place] & 1)
            self.place += 1
        self.place += letters * size

    def skip(self, count: int) -> None:
        """Pass so many bytes."""
        while count > self.end - self.place:
            count -= self.end - self.place
            if not self.go_on():
                raise ValueError("a text without an end")
        self.place += count


_LIST, _TEXTS, _MORE, _SIZE, _BEGIN, _END = 0x85, 0xFC, 0x3C, 0x200, 0x809, 0x0A
_REFERENCE, _NUMBERS, _ROW = 0xFD, 0xBD, 0x208
_CELLS = frozenset({0x06, 0xD6, _REFERENCE, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406})


def _count_old(area: Area, kind: int, stream: bytes, start: int, length: int) -> None:
    if kind in _CELLS:
        area.add(*unpack_from("<HH", stream, start))
    elif kind == _NUMBERS:
        row, column = unpack_from("<HH", stream, start)
        area.add(row, column, columns=max(1, (length - 6) // 6))
    elif kind == _ROW:
        row, begin, end = unpack_from("<HHH", stream, start)
        if end > begin and stream[start + 12] & 0x20:
            area.hide(row)
    elif kind == _SIZE:
        form = "<IIHH" if length >= 12 else "<HHHH"
        top, bottom, left, right = unpack_from(form, stream, start)
        if bottom > GRID[0] or right > GRID[1] or (top, left) > (bottom, right):
            area.add(*GRID)


def _step(steps: Iterator[int]) -> None:
    """Take from the records and texts that the workbook may still have."""
    if next(steps, None) is None:
        raise BatchError(wording.too_many(MAX_RECORDS, "records"))


def _old_records(stream: bytes, place: int, steps: Iterator[int]) -> Iterator[tuple[int, int, int]]:
    """Kind, start and length of each record up to the end of what begins at a place."""
    depth = 0
    while place + 4 <= len(stream):
        _step(steps)
        kind, length = unpack_from("<HH", stream, place)
        yield kind, place + 4, length
        place += 4 + length
        depth += (kind == _BEGIN) - (kind == _END)
        if kind == _END and depth <= 0:
            return


_RESERVED = 0xFFFFFFFA
"""Numbers from here on are no sectors but marks."""
_SMALL, _SMALL_SECTOR = 4_096, 64


class _Container:
    """A container of sectors, in chains: what its reader takes for the workbook is found in it."""

    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, 1 << unpack_from("<H", data, 30)[0]
        if self.size not in (512, 4_096):
            raise ValueError("sectors of another size")
        # The header takes the place of one, the last may be cut.
        self.sectors = len(data) // self.size
        directory, counted, self.first = unpack_from("<III", data, 40)
        self.small_start, small_counted, more, more_counted = unpack_from("<IIII", data, 60)
        if max(directory, counted, small_counted, more_counted) > self.sectors:
            raise ValueError("more sectors than the file has")
        tables = _numbers(data[76:512])
        for _ in range(self.sectors):
            if more >= _RESERVED:
                break
            *found, more = _numbers(self.sector(more))
            tables += found
        tables = [number for number in tables if number < _RESERVED]
        if more < _RESERVED or len(tables) > self.sectors:
            raise ValueError("a chain without an end")
        self.following = [number for table in tables for number in _numbers(self.sector(table))]

    def sector(self, number: int) -> bytes:
        """One sector."""
        if number >= self.sectors:
            raise ValueError("a sector outside the file")
        return self.data[(number + 1) * self.size : (number + 2) * self.size]

    def content(self, first: int) -> bytes:
        """All sectors of a chain."""
        return b"".join(map(self.sector, _chain(first, self.following, self.sectors)))

    def workbooks(self) -> list[bytes]:
        """The streams that are called a workbook."""
        entries, streams = self.content(self.first), []
        small, small_following = b"", _numbers(self.content(self.small_start))
        for place in range(0, len(entries) - 127, 128):
            name = entries[place : place + 64].decode("utf-16-le", "replace").partition("\0")[0]
            layout = "<IQ" if self.size > 512 else "<II"
            start, length = unpack_from(layout, entries, place + 116)
            if place == 0:
                small = self.content(start)
            elif name.casefold() in ("workbook", "book"):
                if length > len(self.data):
                    raise ValueError("a stream longer than the file")
                if length >= _SMALL:
                    streams.append(self.content(start)[:length])
                else:
                    streams.append(_small_stream(small, small_following, start)[:length])
        return streams


def _small_stream(small: bytes, following: list[int], start: int) -> bytes:
    """A stream of small sectors, which lie together in a stream of their own."""
    pieces = _chain(start, following, len(small) // _SMALL_SECTOR + 1)
    return b"".join(small[n * _SMALL_SECTOR : (n + 1) * _SMALL_SECTOR] for n in pieces)


def _numbers(content: bytes) -> list[int]:
    return [number for (number,) in iter_unpack("<I", content[: len(content) & ~3])]


def _chain(number: int, following: list[int], most: int) -> list[int]:
    """The numbers of a chain's sectors."""
    found: list[int] = []
    while number < _RESERVED:
        if len(found) >= most:
            raise ValueError("a chain without an end")
        found.append(number)
        number = following[number]
    return found

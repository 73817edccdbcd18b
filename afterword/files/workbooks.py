"""Zipped workbooks (.xlsx, .xlsb, .ods), looked through before their reader sees them.

The cells are counted from each sheet's own content, as a stream. The workbook is then written anew
with what was looked through and nothing else: the reader sees no second table of contents and no
part that was not counted.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

from afterword.errors import BatchError
from afterword.files import wording
from afterword.files.binary_workbooks import Records
from afterword.files.sheet_area import GRID, MAX_CELLS, Area, check_texts, refuse
from afterword.files.workbook_counts import CONTENT, Book

ENCODINGS = ("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252")
"""In all of them a tag is the same bytes."""

UNREAD = (
    "docprops/", "customxml/", "xl/drawings/", "xl/charts/", "xl/pivotcache/", "xl/theme/",
    "xl/externallinks/", "xl/media/", "xl/calcchain.", "xl/comments", "xl/threadedcomments/",
    "xl/persons/", "xl/ctrlprops/",
)  # fmt: skip
BINARY = (
    "xl/workbook.bin", "xl/styles.bin", "xl/sharedstrings.bin", "xl/worksheets/", "xl/chartsheets/",
    "xl/dialogsheets/", "xl/macrosheets/",
)  # fmt: skip
"""Beginnings of the names of parts, in lower case: XML that holds no cells, which is left out,
and what is read of a binary workbook."""


LINKS = ("workbook.xml.rels", "workbook.bin.rels")
"""Ends of the names of the parts that say which part is which sheet."""

CHUNK = 65_536

Counter = Callable[[bytes], bytes]
"""Counts a chunk of a part and returns what is to be written of it."""

LONGEST_TAG = 4 * CHUNK
"""Bytes that a tag or a remark may have: expat begins it again with every chunk until it ends."""


def look_through(
    data: bytes, most: int, letters: int, grown: Callable[[], BatchError]
) -> tuple[bytes, list[Area], int]:
    """Return a zipped workbook, written anew, once all that its reader will see was counted.

    Parameters
    ----------
    data : the file.
    most : bytes that its parts may unpack to.
    letters : that its cells may take from texts that they share or repeat: a reader that is short
        of memory may wait for itself without end.
    grown : makes the error of a file that unpacks to more.

    Returns
    -------
    The workbook, what was counted of its sheets, in their order, and how many cells of a binary
    one were left empty, as its reader would refuse the whole file for them.

    Raises
    ------
    BatchError
        Too many cells, cells far from the others, or parts that no program writes; a damaged
        file raises zipfile's or expat's own errors.
    """
    out = io.BytesIO()
    book = Book(most, letters, grown)
    with (
        zipfile.ZipFile(io.BytesIO(data)) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        parts = [part for part in archive.infolist() if _is_read(part.filename)]
        if len({part.filename.lower() for part in parts}) < len(parts):
            raise BatchError(wording.PARTS_OF_ONE_NAME)
        parts.sort(key=lambda part: not _holds_texts(part.filename))
        for part in parts:
            count = _counter(book, part.filename)
            if count is None:
                continue
            with archive.open(part) as source, copy.open(part.filename, "w") as target:
                while chunk := source.read(CHUNK):
                    book.unpack(len(chunk))
                    target.write(count(chunk))
                target.write(count(b""))
        for name in book.implied:
            _count_all(archive.open(name), _Sheet(book, name, strict=True).feed)
        if book.references * max(book.texts, default=0) > book.letters:
            for name in book.referring:
                _count_all(archive.open(name), _References(book, name).feed)
    book.judge()
    return out.getvalue(), book.sheets(), book.lost


def _is_read(name: str) -> bool:
    return not name.lower().startswith(UNREAD)


def _holds_texts(name: str) -> bool:
    """Tell whether a part holds the shared texts, which the reader copies into each cell."""
    return PurePosixPath(name.replace("\\", "/")).stem.lower() == "sharedstrings"


def _count_all(source: Any, count: Counter) -> None:
    with source:
        while chunk := source.read(CHUNK):
            count(chunk)
        count(b"")


def _counter(book: Book, name: str) -> Counter | None:
    """Return what counts the chunks of a part, the last of them empty; None to leave it out."""
    lower = name.lower()
    if _holds_texts(name) and lower.endswith(".xml"):
        return _Texts(book, name).feed
    if lower == "mimetype":
        return bytes
    if lower == CONTENT:
        return _OpenDocument(book, name).feed
    if lower.endswith((".xml", ".rels")):
        return _Sheet(book, name).feed
    return Records(book, name).feed if lower.startswith(BINARY) else None


class _Xml:
    """A part that is XML, as a stream; tags and attributes are known by their local names."""

    COST = 1
    """Times by which a tag takes longer than one of Excel's does."""

    def __init__(self, book: Book, name: str) -> None:
        self.book, self.name, self.empty, self.fed = book, name, True, 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.StartDoctypeDeclHandler = self.foreign
        self.parser.XmlDeclHandler = self.declared

    def feed(self, chunk: bytes) -> bytes:
        if self.empty and (chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in chunk[:4]):
            self.foreign()
        self.empty = self.empty and not chunk
        tags, attributes = chunk.count(b"<") - chunk.count(b"</"), chunk.count(b"=")
        self.book.walk(self.COST * (tags + attributes // 2))
        if not self.empty:
            self.parser.Parse(chunk, not chunk)
            self.fed += len(chunk)
            if self.fed - self.parser.CurrentByteIndex > LONGEST_TAG:
                self.foreign()
        return chunk

    def declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in ENCODINGS:
            self.foreign()

    def foreign(self, *_: object) -> None:
        """Raise BatchError: entities, or letters, that the reader takes for others than we do."""
        raise BatchError(wording.FOREIGN_XML)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError


def _number(text: str, most: int) -> int:
    """Read a whole number; what is none, or too large to be one, is one too many."""
    return int(text) if len(text) <= 9 and text.isascii() and text.isdigit() else most + 1


_PLACE = re.compile("([A-Za-z]{1,3})([0-9]{1,7})")


@cache
def _column(letters: str) -> int:
    """Number of a column from 0.

    >>> _column("A"), _column("XFD")
    (0, 16383)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _place(text: str) -> tuple[int, int]:
    """Row and column of a place such as "B7", from 0; what is none is outside every sheet."""
    match = _PLACE.fullmatch(text)
    return (int(match[2]) - 1, _column(match[1])) if match and int(match[2]) else GRID


class _Sheet(_Xml):
    """A sheet of an .xlsx, or any other of its parts: shared texts, the list of sheets.

    Where every cell says where it stands, its place is all that is needed. Where one does not,
    the part is read a second time, strictly: a cell in a cell, or a row in one, would move the
    count and not the reader's.
    """

    def __init__(self, book: Book, name: str, *, strict: bool = False) -> None:
        super().__init__(book, name)
        self.strict, self.inside = strict, ""
        self.area: Area | None = None
        self.row, self.column, self.place = -1, -1, (0, 0)
        self.shared = self.said = 0
        self.hidden = False
        if strict:
            self.parser.EndElementHandler = self.end

    def feed(self, chunk: bytes) -> bytes:
        if not chunk:
            check_texts(self.said, self.shared)
        return super().feed(chunk)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2] if ":" in tag else tag
        if tag == "c":
            self.start_cell(attributes.get("r"))
            if attributes.get("t") == "s":
                self.refer()
        elif tag in ("v", "is"):  # an empty text is a cell for the reader too
            self.fill()
        elif tag == "row":
            self.start_row(attributes.get("r"))
            self.hidden = attributes.get("hidden") in ("1", "true")
        elif tag == "dimension":
            self.check_dimension(attributes.get("ref", "A1"))
        elif tag == "si":
            self.shared += 1
        elif tag == "sst":
            said = (_number(attributes.get(name, "0"), 10**9) for name in ("count", "uniqueCount"))
            self.said = max(self.said, *said)
        elif tag == "sheet":
            self.book.order += [v for name, v in attributes.items() if name.endswith(":id")]
        elif tag == "Relationship":
            self.link(attributes)

    def link(self, attributes: dict[str, str]) -> None:
        """Note which part a sheet is."""
        if self.name.lower().endswith(LINKS):
            self.book.targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def fill(self) -> None:
        """Count a filled cell, and its row if it is hidden."""
        if self.area is not None:
            self.area.add(*self.place)
            if self.hidden:
                self.area.hide(min(self.place[0], GRID[0]))

    def refer(self) -> None:
        """Count a cell that refers to a shared text."""
        self.book.references += not self.strict
        if self.name not in self.book.referring[-1:]:
            self.book.referring.append(self.name)

    def start_row(self, number: str | None) -> None:
        if self.inside:
            raise refuse(wording.NESTED_CELLS)
        self.inside = "row" if self.strict else ""
        row = self.row + 1 if number is None else _number(number, GRID[0]) - 1
        self.row, self.column = row, -1
        if not 0 <= row < GRID[0]:
            self.used().add(*GRID)

    def start_cell(self, place: str | None) -> None:
        if self.inside == "c":
            raise refuse(wording.NESTED_CELLS)
        self.inside = "c" if self.strict else ""
        self.used()
        if place is not None:
            self.place = _place(place)
            self.column = self.place[1]
            return
        self.column += 1
        self.place = (max(self.row, 0), self.column)
        if not self.strict and self.name not in self.book.implied:
            self.book.implied.append(self.name)

    def check_dimension(self, area: str) -> None:
        """Refuse a sheet that says that it is larger than any that is read."""
        said = Area()
        for place in area.split(":"):
            said.add(*_place(place))
        if said.size > MAX_CELLS:
            self.used().add(GRID[0] - 1, GRID[1] - 1)

    def used(self) -> Area:
        if self.area is None:
            self.area = self.book.area(self.name)
        return self.area

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self.inside = "row"
        elif tag == "row":
            self.inside = ""


class _Texts(_Sheet):
    """The shared texts of an .xlsx: how long each is."""

    def __init__(self, book: Book, name: str) -> None:
        super().__init__(book, name)
        self.parser.buffer_text = True
        self.parser.CharacterDataHandler = self.text
        self.parser.EndElementHandler = self.end

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        if tag.rpartition(":")[2] == "si":
            if self.inside:
                raise refuse(wording.NESTED_CELLS)
            self.inside = "si"
            self.book.texts.append(0)

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "si":
            self.inside = ""

    def text(self, text: str) -> None:
        if self.book.texts:
            self.book.texts[-1] += len(text)


class _References(_Xml):
    """A sheet of an .xlsx, read again for which shared texts its cells refer to."""

    def __init__(self, book: Book, name: str) -> None:
        super().__init__(book, name)
        self.parser.EndElementHandler = self.end
        self.shared, self.number = False, ""
        self.left, self.longest = book.letters, max(book.texts)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self.shared = attributes.get("t") == "s"
        if tag in ("c", "v"):
            self.number = ""
            self.parser.CharacterDataHandler = self.text if tag == "v" and self.shared else None

    def text(self, text: str) -> None:
        if len(self.number) < 20:  # no number is longer
            self.number += text[:20]

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "v" and self.shared:
            self.parser.CharacterDataHandler = None
            number, texts = _number(self.number, len(self.book.texts)), self.book.texts
            # What is written in an unusual way counts as the longest: the reader may take it so.
            self.left -= texts[number] if number < len(texts) else self.longest
            if self.left < 0:
                raise self.book.too_long()


class _OpenDocument(_Xml):
    """The sheets of an .ods: rows and cells follow each other, and each may be repeated."""

    COST = 2
    CELLS = ("table-cell", "covered-table-cell")
    VALUES = (
        "value", "string-value", "date-value", "time-value", "boolean-value", "value-type",
        "formula",
    )  # fmt: skip

    def __init__(self, book: Book, name: str) -> None:
        super().__init__(book, name)
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.area = Area()
        self.inside = ""
        self.row = self.column = self.letters = 0
        self.rows = self.columns = 1
        self.filled = self.hidden = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "table":
            self.area, self.row = self.book.area(self.name), 0
        elif tag == "table-row":
            if self.inside:
                raise refuse(wording.NESTED_CELLS)
            self.inside, self.column = tag, 0
            self.rows = _repeats(attributes, "number-rows-repeated")
            self.hidden = any(
                name.rpartition(":")[2] == "visibility" and value in ("filter", "collapse")
                for name, value in attributes.items()
            )
        elif tag in self.CELLS:
            if self.inside in self.CELLS:
                raise refuse(wording.NESTED_CELLS)
            self.inside = tag
            self.columns = _repeats(attributes, "number-columns-repeated")
            held = [v for name, v in attributes.items() if name.rpartition(":")[2] in self.VALUES]
            self.filled, self.letters = bool(held), sum(map(len, held))
        elif tag == "s":
            self.letters += max(_number(v, 10**9) for v in attributes.values()) if attributes else 1

    def text(self, text: str) -> None:
        self.letters += len(text)

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag in self.CELLS:
            if self.filled:
                self.area.add(self.row, self.column, self.rows, self.columns)
                if self.area.size > MAX_CELLS:
                    self.book.judge()
                if self.hidden:
                    self.area.hide(self.row, self.rows)
                self.book.write(self.letters * self.rows * self.columns)
            self.column += self.columns
            self.inside = "table-row"
        elif tag == "table-row":
            self.row += self.rows
            self.inside = ""


def _repeats(attributes: dict[str, str], wanted: str) -> int:
    numbers = [
        _number(value, 10**9)
        for name, value in attributes.items()
        if name.rpartition(":")[2] == wanted
    ]
    return max(numbers, default=1)

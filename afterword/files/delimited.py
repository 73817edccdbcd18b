"""Delimited text: which encoding, which separator, which records.

Files come from exports of many systems, and a wrong guess does not fail: it changes what the
texts say. So every guess here is made from the whole structure of a file, and a record that
does not fit is handed back rather than dropped.

>>> text, encoding = decode("text;time\\ncafé;1".encode("cp1252"))
>>> encoding
'Windows-1252 (Latin-1)'
>>> split(text).separator
';'
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from afterword.errors import BatchError
from afterword.files import reading_wording, wording
from afterword.files.below_tables import second_table
from afterword.files.column_names import has_header, is_known_name, looks_like_name
from afterword.files.header import MAX_COLUMNS, check_columns
from afterword.files.header_rows import find_header
from afterword.files.joined_lines import part
from afterword.settings import Settings

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

NO_SEPARATORS = "\"' .\0"
"""What a file may name as its separator and cannot mean; the empty text is among them."""

NO_SEPARATOR = "\x1f"
"""Stands for "one column": the control character that exists for this and that nobody types."""

BYTE_ORDER_MARKS = (
    # UTF-32's little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)

OTHER_ENCODINGS = (
    "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874", "shift_jis", "euc_jp", "gb18030",
    "big5", "euc_kr",
)  # fmt: skip
"""What a file may be that is neither Unicode nor Western European."""

WESTERN_SHARE = 0.15
"""Western European texts have at most about one accent in ten letters; other scripts, most."""

SAMPLE_BYTES = 65_536
SAMPLE_CHARACTERS = 200_000
SAMPLE_RECORDS = 500

_HIGH = bytes(range(0x80, 0x100))
_LETTER = re.compile(r"[^\W\d_]")

REGULAR = 0.9
"""Share of records that must have as many cells as the first one, if no name is known."""


@dataclass(frozen=True)
class Records:
    """The records of a delimited text.

    Attributes
    ----------
    cells : one list of cells per record, the header among them; a blank line is ``[]``.
    separator : the character between cells; :data:`NO_SEPARATOR` for one column.
    broken : records whose quotation marks did not fit and were read as plain characters.
    joined : lines that quotation marks had joined to one record and that are records.
    """

    cells: list[list[str]]
    separator: str
    broken: int = 0
    joined: int = 0


@dataclass(frozen=True)
class Dialect:
    """How the records of a delimited text are written."""

    separator: str
    escape: str | None = None
    skip_space: bool = False


def decode(data: bytes) -> tuple[str, str]:
    """Return a file's text and the name of its encoding.

    A file that is valid UTF-8 is always read as UTF-8. What is not, and is no UTF-16, is
    Windows-1252 unless so many bytes are above ASCII that it must be another script.

    Parameters
    ----------
    data : the whole file.

    Returns
    -------
    The text without byte order mark and NULs, and the encoding's name for a note.

    Raises
    ------
    BatchError
        The bytes are no text in any of the encodings.
    """
    text, encoding = _decode(data)
    head = text[:SAMPLE_CHARACTERS]
    controls = len(re.findall("[\x01-\x08\x0e-\x1a\x1c-\x1e\x7f\ufffe\uffff]", head))
    if controls > 0.05 * len(head):
        raise BatchError(wording.NO_TABLE_OF_TEXTS)
    if "\0" in text:
        # They pad fixed-width exports and end every tool's strings early; none is a letter.
        text = text.replace("\0", "")
        encoding = reading_wording.without_nul(encoding)
    return text.removeprefix("\ufeff"), encoding


def _decode(data: bytes) -> tuple[str, str]:
    for mark, codec, label in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, errors="replace"), label
    wide = _utf16_without_mark(data)
    if wide:
        return data.decode(wide, errors="replace"), reading_wording.WITHOUT_MARK
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        pass
    # One cut or foreign row must not turn every accent of a UTF-8 file into two characters.
    lenient = data.decode("utf-8", errors="replace")
    wrong, high = lenient.count("\ufffd"), _count(data, _HIGH)
    right = len(lenient) - (len(data) - high) - wrong  # all others are of ASCII, a byte each
    if right >= 4 * wrong:
        return lenient, reading_wording.damaged_characters(wrong)
    if high >= WESTERN_SHARE * (high + _count(data, string.ascii_letters.encode())):
        from charset_normalizer import from_bytes

        best = from_bytes(data[:SAMPLE_BYTES], cp_isolation=list(OTHER_ENCODINGS)).best()
        if best is not None:
            return data.decode(best.encoding, errors="replace"), best.encoding.upper()
    try:
        return data.decode("cp1252"), "Windows-1252 (Latin-1)"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"


def _count(data: bytes, wanted: bytes) -> int:
    """How many of some bytes there are."""
    return len(data) - len(data.translate(None, wanted))


def _utf16_without_mark(data: bytes) -> str | None:
    """Return the UTF-16 codec of bytes without a mark, or None if they are not UTF-16."""
    head = data[: SAMPLE_BYTES & ~1]
    if len(data) % 2 or head.count(0) < 0.01 * len(head) or len(head) < 4:
        return None
    high, low = head[1::2].count(0), head[0::2].count(0)
    if max(high, low) < 8 * min(high, low):
        return None
    # Stray NULs in a narrow text leave printable ASCII; the bytes of wide text do not, or they
    # are NUL in nearly every pair.
    rest = head.replace(b"\0", b"")
    printable = len(re.findall(rb"[\t\r\n -~\x80-\xff]", rest))
    if max(high, low) < 0.4 * (len(head) // 2) and printable > 0.95 * len(rest):
        return None
    codec = "utf-16-le" if high > low else "utf-16-be"
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return None
    return codec


def split(text: str, settings: Settings | None = None) -> Records:
    """Split a text into records and cells by the separator that fits it best.

    Parameters
    ----------
    text : the decoded file.
    settings : give the most rows; by default all are read.

    Returns
    -------
    The records. Quoted cells may hold separators and line ends. A quotation mark that is
    never closed costs its own record only.
    """
    # csv keeps the limit for the whole process; raising it to a file's size harms nobody.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    declared = re.match(r'"?sep=(.)"?(\r\n|\r|\n)', text)  # Excel's own first line
    if declared:
        text = text[declared.end() :]
    if text.count("\r\r\n") * 2 > text.count("\n"):
        text = text.replace("\r\r\n", "\r\n")  # a text file translated twice by Windows
    lines = list(io.StringIO(text, newline=""))
    separator = declared[1] if declared else ""
    if separator not in SEPARATORS and (separator.isalnum() or separator in NO_SEPARATORS):
        separator = find_separator(lines)
    records = _records(lines, find_dialect(lines, separator), settings)
    cells, joined = part([_folded(row, separator) for row in records.cells], separator)
    return replace(records, cells=cells, joined=joined)


def _folded(row: list[str], separator: str) -> list[str]:
    """A record of no more cells than one too many: the last holds all that follow it."""
    if len(row) <= MAX_COLUMNS:
        return row
    rest = row[MAX_COLUMNS:]
    return row[:MAX_COLUMNS] + ([separator.join(rest)] if any(map(str.strip, rest)) else [])


def find_separator(lines: Sequence[str]) -> str:
    """Return the separator of a delimited text, :data:`NO_SEPARATOR` if it has one column.

    The first record decides which separators are possible and its names how far to trust them;
    then the one counts by which most records have as many cells.

    Parameters
    ----------
    lines : the text's lines with their ends.
    """
    head = _head(lines)
    best: tuple[int, float, int] = (0, 0.0, 0)
    chosen = NO_SEPARATOR
    for separator in SEPARATORS:
        if not any(separator in line for line in head[:50]):
            continue
        records = _records(head, Dialect(separator)).cells
        check_columns(max(map(_width, records[:1]), default=0))
        cells = _below_titles(records)[: SAMPLE_RECORDS + 1]
        if sum(map(len, head)) > SAMPLE_CHARACTERS:
            cells = cells[:-1] or cells  # the sample may end inside a quoted cell
        if not cells or len(cells[0]) < 2:
            continue
        width, widths = len(cells[0]), Counter(map(_width, cells[1:]))
        regular, exact = 1.0, widths[width]
        common = max((n for size, n in widths.items() if size > width), default=0)
        if cells[1:]:
            fitting = sum(n for size, n in widths.items() if size <= width <= size + 1)
            regular = max(exact, common, fitting if exact else 0) / len(cells[1:])
        known = sum(map(is_known_name, cells[0]))
        if known:
            trusted = regular >= 0.5 or all(looks_like_name(c, words=4) for c in cells[0] if c)
            # "description, in your own words" has a comma and one column.
            if known < width:
                regular_rows = max(exact, common) >= REGULAR * len(cells[1:])
                trusted = trusted and not _reads_on(cells, regular_rows)
        else:
            trusted = regular >= REGULAR and not _is_prose(head, separator, cells[0])
        if trusted and (known, regular, width) > best:
            best, chosen = (known, regular, width), separator
    return chosen


def _below_titles(cells: Sequence[list[str]]) -> list[list[str]]:
    """The filled records of a sample's first table, without what stands above its names."""
    header = find_header(cells)
    above = header.number - 1 if header is not None and header.above else 0
    second = second_table(cells[above:])
    return [row for row in cells[above:][: second[0] if second else None] if any(row)]


def _head(lines: Sequence[str]) -> list[str]:
    """The first lines: as many characters as the sample has, and one more if that is not all."""
    left, head = SAMPLE_CHARACTERS + 1, []
    for line in lines:
        head.append(line[:left])
        left -= len(head[-1])
        if not left:
            break
    return head


def _width(cells: Sequence[str]) -> int:
    """Number of cells up to the last one that is filled: exports pad and trim the rest."""
    size = len(cells)
    while size and not cells[size - 1].strip():
        size -= 1
    return size


def _is_prose(head: Sequence[str], separator: str, first: Sequence[str]) -> bool:
    """Tell whether a separator is punctuation: sentences in the first line, a space after it."""
    if has_header(first) and len(head) > 2:
        spaced = sum(line.count(separator + " ") for line in head)
        return spaced > 0.5 * sum(line.count(separator) for line in head)
    return any(separator + " " in line for line in head[:1]) or len(head) == 1


def _reads_on(records: Sequence[Sequence[str]], regular: bool) -> bool:
    """Tell whether a separator is punctuation: of the header's phrase, and of sentences below it.

    Parameters
    ----------
    records : the header and the rows.
    regular : whether nearly all rows have as many cells: then they must go on in lower case.
    """
    header, rows = records[0], records[1:]
    after = [cell for row in rows for cell in row[1:] if cell.strip()]
    spaced = sum(cell.startswith(" ") for cell in after) >= 0.9 * len(after)
    if sum(bool(_LETTER.search(row[0])) for row in rows) <= 0.5 * len(rows):
        return False  # numbers and dates begin no sentence
    if regular:
        return spaced and sum(cell.lstrip()[:1].islower() for cell in after) > 0.5 * len(after)
    if is_known_name(header[0]) and header[1].startswith(" "):
        return True  # "text, free"
    if spaced:
        return sum(" " in row[0].strip() for row in rows) > 0.5 * len(rows)
    bare = sum(len(row) == 1 for row in rows)
    more = sum(len(row) > len(header) for row in rows)
    return bare >= 0.15 * len(rows) and more >= 0.1 * len(rows)


def find_dialect(lines: Sequence[str], separator: str) -> Dialect:
    """Return the dialect by which the fewest records of a sample of lines are broken or ragged."""
    head = _head(lines)
    plain = Dialect(separator)
    options = [plain]
    if any('\\"' in line for line in head):
        options.append(replace(plain, escape="\\"))
    if separator.strip() and any(f'{separator} "' in line for line in head):
        options.append(replace(plain, skip_space=True))
    if len(options) == 1:
        return plain

    def faults(dialect: Dialect) -> int:
        records = _records(head, dialect)
        widths = Counter(len(row) for row in records.cells if row)
        ragged = sum(widths.values()) - max(widths.values(), default=0)
        return records.broken + ragged

    return min(options, key=faults)


class _Lines(Iterator[str]):
    """Lines that can be read again from an earlier one."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines, self.position = lines, 0

    def __next__(self) -> str:
        if self.position >= len(self.lines):
            raise StopIteration
        self.position += 1
        return self.lines[self.position - 1]


MOST_ABOVE = 1_000
"""Lines that may stand above the names of the columns, or be blank at the end."""

MOST_SHARED = 50_000
"""Different cells that are remembered, to have equal ones in memory once."""

REREAD = 2
"""How often a text may be read again where quotation marks do not fit. Then, or where one is still
open at the end of the text, each line left is a record of its own: no text takes long."""


def _reader(dialect: Dialect, source: Iterator[str], plain: bool = False) -> Iterator[list[str]]:
    return csv.reader(
        source,
        delimiter=dialect.separator,
        escapechar=dialect.escape,
        skipinitialspace=dialect.skip_space,
        quoting=csv.QUOTE_NONE if plain else csv.QUOTE_MINIMAL,
        strict=True,
    )


def _read_plainly(dialect: Dialect, line: str) -> list[str]:
    """Read one line without quotation marks."""
    line = _without_end(line)
    try:
        return next(_reader(dialect, iter([line]), plain=True), [])
    except csv.Error:
        return line.split(dialect.separator)


def _check_count(records: int, settings: Settings | None) -> None:
    """Refuse a text of too many records before the slow way of reading has taken long."""
    if settings is not None and records > settings.max_rows + MOST_ABOVE:
        raise BatchError(wording.too_many_rows(settings.max_rows))


def _shared(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Rows whose equal cells are one text: a cell takes 60 bytes, and most columns hold few values.

    Few are remembered at a time, so that a file whose cells all differ takes hardly more.
    """
    known: dict[str, str] = {}
    for row in rows:
        if len(known) > MOST_SHARED:
            known.clear()
        yield list(map(known.setdefault, row, row))


def _records(lines: Sequence[str], dialect: Dialect, settings: Settings | None = None) -> Records:
    """Read the records; one whose quotation marks do not fit is read without them.

    Where that is slow, no more are read than the settings allow.
    """
    try:
        return Records(list(_shared(_reader(dialect, iter(lines)))), dialect.separator)
    except csv.Error:
        pass
    cells: list[list[str]] = []
    source, broken = _Lines(lines), 0
    rows, again = _reader(dialect, source), REREAD * sum(map(len, lines))
    while again > 0:
        start = source.position
        _check_count(len(cells), settings)
        try:
            cells.append(next(rows))
        except StopIteration:
            return Records(cells, dialect.separator, broken)
        except csv.Error:
            broken += 1
            again -= sum(map(len, lines[start : source.position]))
            if source.position == len(lines):
                again = 0
            source.position = start + 1
            cells.append(_read_plainly(dialect, lines[start]))
            rows = _reader(dialect, source)
    _check_count(len(cells) + len(lines) - source.position, settings)
    for line in map(_without_end, lines[source.position :]):
        try:
            cells.append(next(_reader(dialect, iter([line])), []))
        except csv.Error:
            broken += 1
            cells.append(_read_plainly(dialect, line))
    return Records(cells, dialect.separator, broken)


def _without_end(line: str) -> str:
    return line.rstrip("\r\n")

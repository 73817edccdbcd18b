"""Records that stray quotation marks joined: told from texts that have several lines.

A mark that begins a cell and is none of the file's own takes all lines up to the next stray one
into its cell. Such lines are whole records: each has all the cells, numbers continue, times are
written as everywhere in the file. The lines of a letter, a poem or a list do none of that.

>>> rows = [["id", "text"], ["1", "He left."], ["2", "She ran."], ["3", "I hid."]]
>>> part([*rows, ["4", "He came.\\n5,I left."], ["6", "They ran."]], ",")[0][-3:]
[['4', '"He came.'], ['5', 'I left."'], ['6', 'They ran.']]
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 3
"""Records of one line by which it is told what the columns hold."""

SAMPLE_RECORDS = 2_000

LONGEST_CODE = 40
"""Characters of the longest cell that has a form; longer ones are texts."""

MOST_FORMS, MOST_VALUES = 8, 20
"""Forms of a column's codes, and values of a column of a few, that are seen again and again."""

SURE_CODE = 4
"""Characters from which a number, date or code is seldom met at the beginning of a line."""

USUAL = 0.9
"""Share of a column's cells that must be alike."""

_END = re.compile("\r\n|\n|\r")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class _Column:
    """What the cells of a column are alike in.

    Attributes
    ----------
    forms : how its codes are written, digits and letters aside; none if it holds texts.
    values : its values, if it has few.
    shortest : characters of its shortest code.
    order : 1 if it grows from record to record, -1 if it shrinks, 0 if neither.
    spaced : whether its cells begin with a space.
    """

    forms: frozenset[str]
    values: frozenset[str]
    shortest: int
    order: int
    spaced: bool

    @property
    def told(self) -> bool:
        return bool(self.forms or self.values)

    def fits(self, cell: str) -> bool:
        if self.values:
            return cell in self.values
        if self.forms:
            return _form(cell) in self.forms and (self.order != 0 or len(cell) >= self.shortest)
        return self.spaced or not cell.startswith(" ")

    def is_sure(self, place: int) -> bool:
        """Whether a cell that fits can hardly stand at its place in a line of a text.

        Messages that somebody copied begin with their times, which are in an order of their own.
        """
        if self.values:
            return max(map(len, self.values)) > 1
        dated = place == 0 and any(form.count("9") > 1 and "a" not in form for form in self.forms)
        return bool(self.forms) and (self.order != 0 or (self.shortest >= SURE_CODE and not dated))


def part(records: Sequence[list[str]], separator: str) -> tuple[list[list[str]], int]:
    """Part the records that stray quotation marks joined.

    Parameters
    ----------
    records : the header and the rows; ``[]`` is a blank line.
    separator : of their cells.

    Returns
    -------
    The records, and how many lines are now records of their own.
    """
    several = {n for n, row in enumerate(records) if any(_has_end(cell) for cell in row)}
    single = [row for n, row in enumerate(records) if n and row and n not in several]
    columns = _columns(single) if several else []
    if not columns:
        return list(records), 0
    found: list[list[str]] = []
    count = 0
    for n, row in enumerate(records):
        lines = _lines(row, separator) if n in several else []
        following = records[n + 1] if n + 1 < len(records) and n + 1 not in several else []
        if _are_records(lines, columns, found[-1] if len(found) > 1 else [], following):
            found += lines
            count += len(lines)
        else:
            found.append(row)
    return found, count


def may_be_joined(
    several: Sequence[Sequence[str]], single: Sequence[Sequence[str]], separator: str
) -> bool:
    """Tell whether :func:`part` may part some of a table's records: without a look at their order.

    Parameters
    ----------
    several : the records that have line ends, each a line feed, perhaps behind a carriage return.
    single : others, without the header, as many as :data:`SAMPLE_RECORDS` if there are.
    separator : of their cells.
    """
    columns = _columns(single) if several else []
    if not columns:
        return False
    for row in several:
        text = separator.join(row)
        even = text.count(separator) == (text.count("\n") + 1) * (len(columns) - 1)
        if even and _fit(_lines(row, separator), columns):
            return True
    return False


def _columns(single: Sequence[Sequence[str]]) -> list[_Column]:
    """What the columns of records of one line hold; empty where that does not tell records."""
    if len(single) < FEWEST:
        return []
    width = Counter(map(len, single)).most_common(1)[0][0]
    single = [row for row in single if len(row) == width][:SAMPLE_RECORDS]
    columns = [_column(list(cells)) for cells in zip(*single, strict=True)]
    told = [column for column in columns if column.told]
    sure = len(told) > 1 or any(one.is_sure(place) for place, one in enumerate(columns))
    return columns if sure and len(told) < len(columns) else []


def _has_end(cell: str) -> bool:
    return "\n" in cell or "\r" in cell


def _lines(row: Sequence[str], separator: str) -> list[list[str]]:
    """The cells of each line of a record as if its quotation marks meant nothing."""
    quoted = [f'"{cell}"' if _has_end(cell) else cell for cell in row]
    if sum(map(_has_end, row)) != 1:
        return []
    return [line.split(separator) for line in _END.split(separator.join(quoted))]


def _are_records(
    lines: Sequence[Sequence[str]],
    columns: Sequence[_Column],
    before: Sequence[str],
    after: Sequence[str],
) -> bool:
    """Tell whether every line of a record is one itself, between those before and after it."""
    if not _fit(lines, columns):
        return False
    for place, column in enumerate(columns):
        cells = [line[place] for line in lines]
        around = [row[place : place + 1] for row in (before, after)]
        if column.order and _order([*around[0], *cells, *around[1]]) != column.order:
            return False
    return True


def _fit(lines: Sequence[Sequence[str]], columns: Sequence[_Column]) -> bool:
    """Tell whether every line has the cells that a record has."""
    if not lines or any(len(cells) != len(columns) for cells in lines):
        return False
    return all(
        column.fits(cell.strip('"') if column.told else cell)
        for cells in lines
        for cell, column in zip(cells, columns, strict=True)
    )


def _column(cells: Sequence[str]) -> _Column:
    """Tell what the cells of a column are alike in."""
    forms = Counter(map(_form, cells))
    common = [form for form, _ in forms.most_common(MOST_FORMS)]
    usual = sum(forms[form] for form in common) >= USUAL * len(cells)
    # Texts that begin alike are no codes: a code has a digit, and no form of a text.
    coded = usual and sum(forms[form] for form in common if "9" in form) >= USUAL * len(cells)
    values = Counter(cells)
    few = len(values) <= min(MOST_VALUES, len(cells) / 4) and all(map(_is_short, values))
    return _Column(
        forms=frozenset(form for form in common if "9" in form) if coded else frozenset(),
        values=frozenset(values) - {""} if few and not coded else frozenset(),
        shortest=min((len(cell) for cell in cells if cell), default=0),
        order=_order(cells) if coded else 0,
        spaced=sum(cell.startswith(" ") for cell in cells) > (1 - USUAL) * len(cells),
    )


def _is_short(cell: str) -> bool:
    return len(cell) <= LONGEST_CODE


def _form(cell: str) -> str:
    """How a code is written: its digits and letters aside.

    >>> _form("R_07ab"), _form("2024-05-06 08:15")
    ('a_9a', '9-9-9 9:9')
    """
    if not _is_short(cell):
        return ""
    return _WORD.sub("a", _NUMBER.sub("9", cell)) if not cell.startswith(" ") else ""


def _order(cells: Sequence[str]) -> int:
    """Whether cells grow (1) or shrink (-1) from each to the next; 0 if they do neither."""
    keys: list[tuple[int, str]] = [
        (int(cell), "") if cell.isascii() and cell.isdigit() and len(cell) < 19 else (0, cell)
        for cell in cells
    ]
    if keys == sorted(keys):
        return int(keys[0] < keys[-1]) if keys else 0
    return -int(keys == sorted(keys, reverse=True))

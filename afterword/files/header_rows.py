"""Which rows of a file hold the columns' names, and which stand above the table and are no part.

Exports put a title, remarks or a row of groups above the names, and systems of surveys a second
and third row of names below them. Nothing that may be a description is left out: a row is a row of
names only if every cell of it reads as one, and there is something that a description would not do.

>>> rows = [["Weekly report", ""], [], ["id", "description"], [7, "He stared at me."]]
>>> found = find_header(rows)
>>> found.names, found.number, found.body, found.above
(['id', 'description'], 3, 3, 1)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from afterword.files.column_names import (
    DESCRIPTION_NAMES,
    LONGEST_KEY,
    has_header,
    is_known_name,
    key,
    looks_like_name,
)

TITLE_ROWS = 20
"""Filled rows in which the names are sought, under titles, remarks and empty lines."""

SAMPLE_ROWS = 1_000
"""Rows by which the table's width is told."""

KIND_ROWS = 100
"""Rows by which it is told which columns hold numbers and dates."""

MOST_OTHERS = 3
"""Rows above the names, or at the beginning, that are offered instead of them."""

MOST_TITLES = 3
"""Filled rows that a title above a single column may have."""

RESPONSES = frozenset({"response", "open ended response", "other please specify"})
"""What SurveyMonkey writes below a question, in a second row of names."""

TRUTHS = frozenset({"yes", "no", "true", "false"})

_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d")
_IMPORT = re.compile(r'\{\s*+"ImportId"')

Row = Sequence[Any]


@dataclass(frozen=True)
class Header:
    """Where the columns' names stand.

    Attributes
    ----------
    names : of the columns; what has none is blank.
    number : of the lowest row that they were taken from, from 1.
    body : index of the first row of the table.
    above, below : filled rows that were left out above and below the names.
    doubtful : whether one of them, or the row below, may be taken otherwise.
    """

    names: list[Any]
    number: int
    body: int
    above: int = 0
    below: int = 0
    doubtful: bool = False


def as_text(cell: Any) -> str:
    """Return a cell as text; "" if there is nothing in it.

    >>> as_text(None), as_text(7)
    ('', '7')
    """
    return "" if cell is None or cell != cell else str(cell)  # NaN is not itself


def is_blank(row: Row) -> bool:
    """Tell whether nothing stands in a row."""
    if row and isinstance(row[0], str) and row[0].strip():
        return False  # nearly every row, at once
    return not any(as_text(cell).strip() for cell in row)


def find_header(rows: Sequence[Row]) -> Header | None:
    """Find the rows that hold the columns' names.

    Parameters
    ----------
    rows : all rows of a file, or its first ones; ``[]`` is a blank line.

    Returns
    -------
    The header; None if the first filled row is one of the table.
    """
    seen = [n for n in range(min(len(rows), 10 * TITLE_ROWS)) if not is_blank(rows[n])]
    seen = seen[:TITLE_ROWS]
    if not seen:
        return None
    first = seen[0]
    width = _common_width(rows[first : first + SAMPLE_ROWS])
    place = _place(rows, seen, width)
    if place is None:
        return None
    names, lowest, body = _with_rows_below(rows, seen, place)
    if lowest == place:
        names = _with_groups_above(rows, seen, place, names)
    above = [n for n in seen if n < place]
    sure = all(
        _is_remark(rows[n]) or (width > 1 and _is_thin(rows[n], width)) for n in above
    ) and not _may_go_on(rows, body)
    # A row whose names became part of those below it was not left out.
    used = [as_text(name) for name in names] != [_at(rows[lowest], n) for n in range(len(names))]
    left_out = sum(n < lowest for n in seen) - used
    return Header(
        names, lowest + 1, body, left_out, sum(lowest < n < body for n in seen), doubtful=not sure
    )


def other_headers(rows: Sequence[Row], header: Header | None) -> list[int]:
    """Return the numbers of rows that may hold the names instead, the likeliest first; 0 for none.

    Parameters
    ----------
    rows : as :func:`find_header` takes them.
    header : what it found.

    >>> other_headers([["first thoughts"], ["He stared at me."]], None)
    [1]
    """
    seen = [n for n in range(min(len(rows), 10 * TITLE_ROWS)) if not is_blank(rows[n])]
    if header is None:
        return [n + 1 for n in seen[:MOST_OTHERS] if n == seen[0] or has_header(rows[n])]
    above = [n for n in seen if n < header.number - 1][-MOST_OTHERS:]
    below = [n for n in seen if n == header.body]
    named = [n + 1 for n in (*above, *below) if has_header(rows[n])]
    return [*named, 0]


def _filled(row: Row) -> list[Any]:
    return [cell for cell in row if as_text(cell).strip()]


def _common_width(rows: Sequence[Row]) -> int:
    """Cells up to the last filled one that most rows have; of several as many, the most."""
    widths = Counter(map(_filled_width, rows))
    del widths[0]
    return max(widths, key=lambda size: (widths[size], size), default=0)


def _filled_width(row: Row) -> int:
    size = len(row)
    while size and not as_text(row[size - 1]).strip():
        size -= 1
    return size


def _is_thin(row: Row, width: int) -> bool:
    """Tell whether a row has so few cells that it is a title, or names groups of columns."""
    return len(_filled(row)) <= width / 2


def _is_remark(row: Row) -> bool:
    return as_text(_filled(row)[0]).lstrip().startswith("#") and not any(map(is_known_name, row))


def _place(rows: Sequence[Row], seen: Sequence[int], width: int) -> int | None:
    """The row of names before what stands below it was looked at; None if there is none."""
    told = [n for n in seen if not _is_remark(rows[n])]
    if len(told) < len(seen):
        found = _full_place(rows, told, width)
        if found is not None and any(map(is_known_name, rows[found])):
            return found  # a description may begin with "#": only known names say otherwise
    found = _full_place(rows, seen, width)
    if found is not None:
        return found
    thin = [n for n in seen if has_header(rows[n])]
    full = next((n for n in seen if not _is_thin(rows[n], width)), len(rows))
    named = [n for n in thin if n < full and any(map(is_known_name, rows[n]))]
    if named:
        return named[-1]
    return seen[0] if seen[0] < full and seen[0] in thin else None


def _full_place(rows: Sequence[Row], seen: Sequence[int], width: int) -> int | None:
    """The first row that is as wide as the table and holds names, or a surer one below it."""
    full = [n for n in seen if not _is_thin(rows[n], width)]
    if not full:
        return None
    first, best, most = full[0], None, 0
    known = sum(map(is_known_name, rows[first]))
    if has_header(rows[first]) and (known > 1 or _is_first(rows, seen, first)):
        best, most = first, known
    for n in full[1:]:
        if width == 1:
            if _is_lone_name(rows, seen, n):
                return n
        elif (known := sum(map(is_known_name, rows[n]))) > max(most, 1) and _is_surely(rows, n):
            best, most = n, known
    return best


def _is_first(rows: Sequence[Row], seen: Sequence[int], n: int) -> bool:
    """Tell whether no row above the first full one can hold the names instead of it."""
    above = [row for row in seen if row < n]
    if not above or is_blank(rows[n - 1]):
        return True
    if _describes(rows[n]) and not any(_describes(rows[row]) for row in above):
        return True
    return may_be_names(rows, n) and any(_at(rows[n], c).strip() for c in kinds_below(rows, n + 1))


def _describes(row: Row) -> bool:
    return any(key(cell) in DESCRIPTION_NAMES for cell in _filled(row))


def _is_lone_name(rows: Sequence[Row], seen: Sequence[int], n: int) -> bool:
    """Tell whether a row names the one column: below a title and an empty line, or remarks."""
    if key(_filled(rows[n])[0]) not in DESCRIPTION_NAMES:
        return False
    above = [row for row in seen if row < n]
    title = len(above) <= MOST_TITLES and above[-1] - above[0] < len(above)
    return title and is_blank(rows[n - 1])


def _is_surely(rows: Sequence[Row], n: int) -> bool:
    """Tell whether a row holds names though those above it are as wide, and could be the table."""
    cells = _filled(rows[n])
    known = sum(map(is_known_name, cells))
    if not may_be_names(rows, n) or 2 * known < len(cells):
        return False
    kinds = kinds_below(rows, n + 1)
    told = bool(kinds) and all(_at(rows[n], column).strip() for column in kinds)
    near = n <= 2 * MOST_TITLES and is_blank(rows[n - 1])
    return near or (told and known == len(cells))


def may_be_names(rows: Sequence[Row], n: int) -> bool:
    """Tell whether a row holds names and surely no values: none where the table has numbers."""
    cells = {column: cell for column, cell in enumerate(rows[n]) if as_text(cell).strip()}
    if not all(looks_like_name(cell) or is_known_name(cell) for cell in cells.values()):
        return False
    kinds = kinds_below(rows, n + 1)
    return not any(
        _is_value(cell)
        if column in kinds
        else not (looks_like_name(cell, words=3) or is_known_name(cell))
        for column, cell in cells.items()
    )


def kinds_below(rows: Sequence[Row], begin: int) -> set[int]:
    """The columns that hold numbers, dates or truths below a row."""
    filled: Counter[int] = Counter()
    values: Counter[int] = Counter()
    for row in rows[begin : begin + KIND_ROWS]:
        for column, cell in enumerate(row):
            if as_text(cell).strip():
                filled[column] += 1
                values[column] += _is_value(cell)
    return {column for column in filled if values[column] >= 0.9 * filled[column]}


def _is_value(cell: Any) -> bool:
    if not isinstance(cell, str):
        return cell is not None
    if len(cell) > LONGEST_KEY:
        return False
    text = cell.strip()
    if text.casefold() in TRUTHS or _DATE.match(text):
        return True
    return bool(_DIGIT.search(text)) and not _LETTER.search(text)


def _with_rows_below(
    rows: Sequence[Row], seen: Sequence[int], place: int
) -> tuple[list[Any], int, int]:
    """The names, the lowest row that they come from, and where the table begins."""
    upper = rows[place]
    body = _below_questions(rows, seen, place)
    if body:
        return list(upper), place, body
    n = place + 1
    if n not in seen:
        return list(upper), place, place + 1
    lower = rows[n]
    told = [column for column, cell in enumerate(lower) if as_text(cell).strip()]
    if any(key(lower[column]) in RESPONSES for column in told):
        return _joined(upper, lower), n, n + 1
    kinds = kinds_below(rows, n + 1)
    named = {column for column, cell in enumerate(upper) if as_text(cell).strip()}
    if not may_be_names(rows, n) or not any(column in kinds for column in told):
        return list(upper), place, place + 1
    known = [sum(map(is_known_name, row)) for row in (upper, lower)]
    if named.issuperset(told) and known[1] > max(1, known[0]):
        return _joined(upper, lower), n, n + 1  # pandas writes each level of names as a row
    if named.issuperset(told):
        again = any(key(_at(upper, column)) == key(lower[column]) for column in told)
        return list(upper), place, n + 1 if again else place + 1
    # A group's name stands over its first column, and the others of the group have none above.
    groups = not any(column in named and column + 1 in named for column in told)
    if any(column in kinds and column not in named for column in told) and groups:
        return _joined(upper, lower), n, n + 1
    if any(is_known_name(lower[column]) for column in told) and len(told) > len(named):
        return _joined(upper, lower), n, n + 1
    return list(upper), place, place + 1


def _below_questions(rows: Sequence[Row], seen: Sequence[int], place: int) -> int:
    """Where the table begins below the names, the questions and the codes of Qualtrics; else 0.

    Questions may be sentences: other names are written there again in other words.
    """
    for n in [n for n in seen if place < n][:3]:
        if all(_IMPORT.match(as_text(cell)) for cell in _filled(rows[n])):
            return n + 1
    n = place + 1
    if n not in seen or sum(_repeats(rows, n, column) for column in range(len(rows[n]))) < 2:
        return 0
    kinds = kinds_below(rows, n + 1)
    values = any(
        _is_value(cell) for c, cell in enumerate(rows[n]) if c in kinds and _at(rows[n], c)
    )
    return n + 1 if kinds and not values else 0


def _repeats(rows: Sequence[Row], n: int, column: int) -> bool:
    """Tell whether a cell is the name above it in other words: "StartDate", "Start Date"."""
    cell, above = _at(rows[n], column), _at(rows[n - 1], column)
    return key(cell) == key(above) and bool(key(cell)) and cell.strip() != above.strip()


def _may_go_on(rows: Sequence[Row], body: int) -> bool:
    """Tell whether the first row of the table may be names too, though it was kept."""
    if body >= len(rows) or len(_filled(rows[body])) < 2 or not may_be_names(rows, body):
        return False
    return any(_at(rows[body], column).strip() for column in kinds_below(rows, body + 1))


def _with_groups_above(
    rows: Sequence[Row], seen: Sequence[int], place: int, names: list[Any]
) -> list[Any]:
    """The names, each with that of its group where they do not tell the columns apart alone."""
    if place - 1 not in seen or len(_filled(rows[place - 1])) < 2:
        return names
    upper = rows[place - 1]
    return _joined(upper, names) if all(map(looks_like_name, _filled(upper))) else names


def _joined(upper: Row, lower: Row) -> list[Any]:
    """Names of two rows; the lower ones alone where they name each column and none twice.

    A name of a group stands over its first column, and the others of the group have none.
    """
    width = max(len(upper), len(lower))
    below = [_at(lower, column) for column in range(width)]
    above = list(_spread(upper, below))
    keys = [key(name) for name in below]
    if all(name or not _at(upper, n).strip() for n, name in enumerate(keys)):
        filled = [name for name in keys if name]
        if len(set(filled)) == len(filled) and not RESPONSES.intersection(keys):
            return below
    return [
        name if not group else group if not name or key(name) in RESPONSES else f"{group} {name}"
        for group, name in zip(above, below, strict=True)
    ]


def _spread(upper: Row, below: Sequence[str]) -> Iterator[str]:
    group = ""
    for column, name in enumerate(below):
        here = _at(upper, column).strip()
        group = here or (group if name.strip() else "")
        yield group
        if not name.strip():
            group = ""


def _at(row: Row, column: int) -> str:
    return as_text(row[column]) if column < len(row) else ""

"""Rows of cells to a table: its header found, its columns named, its ragged rows set apart.

Every record that was written has a row, even if its cells are all blank: what an export lost
must be seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

from afterword.errors import BatchError
from afterword.files import reading_wording, wording
from afterword.files.below_tables import letters_of, remarks_below, second_table
from afterword.files.column_names import (
    LONGEST_NAME,
    OTHER_WORDS,
    as_unicode,
    is_known_name,
    key,
    looks_like_name,
    unique_names,
)
from afterword.files.header_rows import Header, as_text, find_header, is_blank, other_headers
from afterword.records import Choice
from afterword.settings import Settings

WRONG_WIDTH = "wrong number of columns"
NAMES_AGAIN = "column names again"
"""A row that is that of the names, as where one export was put below another."""
TOTALS = "row of totals"
REMARK = "remark below the table"
"""A row at the end that says who wrote the file, how many rows it has, or the like."""

TOTAL_WORDS = frozenset({
    "total", "totals", "grand total", "sum", "summe", "gesamt", "gesamtergebnis", "total general",
    "totaal", "totale",
})  # fmt: skip
"""What a spreadsheet writes in the first cell below a table."""

MAX_COLUMNS = 1_000
"""A table of descriptions has a few; thousands mean a matrix, and memory for each of them."""

MAX_CELLS = 10_000_000
"""Cells of a table, the empty ones too: each takes memory, and a moment to look at."""


@dataclass(frozen=True)
class Table:
    """A file as a table.

    Attributes
    ----------
    frame : its rows, numbered from 1 (blank lines have numbers and no rows); unique names.
    faults : row number → reason, for rows whose structure is broken.
    choices : what was understood of it.
    """

    frame: pd.DataFrame
    faults: Mapping[int, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()


def check_rows(rows: int, settings: Settings) -> None:
    """Raise BatchError if a table has more rows than the settings allow."""
    if rows > settings.max_rows:
        raise BatchError(wording.too_many_rows(settings.max_rows))


def check_columns(columns: int) -> None:
    """Raise BatchError if a table has more than :data:`MAX_COLUMNS`."""
    if columns > MAX_COLUMNS:
        raise BatchError(wording.too_many(MAX_COLUMNS, "columns"))


def check_cells(rows: int, columns: int) -> None:
    """Raise BatchError if a table has more than :data:`MAX_CELLS`."""
    if rows * columns > MAX_CELLS:
        raise BatchError(wording.too_many(MAX_CELLS, "cells"))


def number_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of a table whose index numbers the rows from 1; named indexes are kept.

    Parameters
    ----------
    frame : any table; an index that has a name becomes a column, any other is dropped.
    """
    import pandas as pd

    names = frame.index.names
    # After set_index("id", drop=False) the column is there already.
    levels = [level for level, name in enumerate(names) if name not in frame.columns]
    named = levels and any(name is not None for name in names)
    frame = frame.reset_index(level=levels) if named else frame.copy()
    frame.attrs = {}
    frame.columns = unique_names(
        " ".join(map(str, name)) if isinstance(name, tuple) else name for name in frame.columns
    )
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    for name in frame.columns:
        if not pd.api.types.is_object_dtype(frame[name]):
            continue
        frame[name] = as_column([as_cell(v) for v in frame[name]], frame.index)
    return frame


def as_cell(value: Any) -> Any:
    """Return a value as a cell: a text without halves of characters, anything else as it is."""
    return as_unicode(value) if isinstance(value, str) else value


def as_column(values: list[Any], index: Any = None) -> pd.Series:
    """Return values as a column whose cells stay what they are: 7 beside a gap stays 7.

    Parameters
    ----------
    values : its cells.
    index : numbers of its rows; from 0 by default.
    """
    import pandas as pd

    kinds = {type(value) for value in values}
    plain = any(kinds <= {kind, type(None)} for kind in (str, datetime)) or (
        len(kinds) == 1 and kinds <= {bool, int, float}
    )
    return pd.Series(values, index=index, dtype=None if plain else object)


def lay_out(
    rows: Sequence[Sequence[Any]], settings: Settings, header_row: int | None = None
) -> Table:
    """Make a table of records: find the header, name the columns, set ragged rows apart.

    A record whose cells are all blank is a row. What is blank at the end is left out: editors
    and spreadsheets write it, and no system that lost its texts. Rows are numbered from 1, which
    is the first below the last row of names.

    Parameters
    ----------
    rows : the records, the header among them if there is one; ``[]`` is a blank line.
    settings : gives the most rows.
    header_row : number of the row of names, from 1; 0 if there is none; found by default.

    Returns
    -------
    The table, with what was understood of its header.

    Raises
    ------
    BatchError
        No rows, too many rows or too many columns, or nothing stands in the row of names.
    """
    names, begin, end, choices = _one_table(rows, header_row)
    body = rows[begin:end]
    check_rows(len(body), settings)
    if not body:
        raise BatchError(wording.NAMES_ONLY)
    width = _common_width(body, len(names))
    check_columns(width)
    check_cells(len(body), width)
    if width == len(names) + 1 and _counts(body, names):
        names.insert(0, "")  # R writes row numbers and gives them no name
    if width > len(names):
        nameless = width - len(names)
        said = reading_wording.nameless_columns(nameless)
        choices.append(Choice("columns without a name", nameless, said, doubtful=True))
    names += [""] * (width - len(names))
    kept, numbers, faults = _evened(body, width)
    faults |= no_rows(kept, numbers, names)
    remarks = [number for number in numbers if faults.get(number) == REMARK]
    if remarks:
        said = reading_wording.remarks_below(len(remarks))
        choices.append(Choice("remarks below", remarks, said, doubtful=True))
    return Table(_frame(names, kept, numbers, len(body)), faults, tuple(choices))


def _named(
    rows: Sequence[Sequence[Any]], header_row: int | None
) -> tuple[list[Any], int, int, list[Choice]]:
    """The columns' names, where the records below them begin and end, and what to know of both."""
    first = next((n for n, row in enumerate(rows) if not is_blank(row)), None)
    if first is None:
        raise BatchError(wording.EMPTY_FILE)
    last = next(n for n in range(len(rows), first, -1) if not is_blank(rows[n - 1]))
    header = None if header_row == 0 else find_header(rows)
    if header_row and (header is None or header.number != header_row):
        if header_row > last or is_blank(rows[header_row - 1]):
            raise BatchError(reading_wording.no_such_header_row(header_row, last))
        above = sum(not is_blank(row) for row in rows[: header_row - 1])
        header = Header(list(rows[header_row - 1]), header_row, header_row, above)
    if header is not None:
        choice = _told_header(rows, header, sure=header_row is not None)
        return header.names, header.body, last, [choice]
    names = ["description"] if len(rows[first]) == 1 else [""] * len(rows[first])
    if header_row == 0:
        return names, first, last, [Choice("header", 0)]
    if last - first == len(names) == 1 and looks_like_name(rows[first][0], words=2):
        raise BatchError(wording.NAMES_ONLY)
    others = tuple(map(str, other_headers(rows, None)))
    said = reading_wording.FIRST_LINE_IS_ROW
    return names, first, last, [Choice("header", 0, said, True, others)]


def _one_table(
    rows: Sequence[Sequence[Any]], header_row: int | None
) -> tuple[list[Any], int, int, list[Choice]]:
    """What :func:`_named` gives, of the one of two tables that holds more text, or was chosen."""
    names, begin, end, choices = _named(rows, header_row)
    found = second_table([names, *rows[begin:end]]) if len(names) > 1 else None
    if found is None:
        return names, begin, end, choices
    cut, place = (begin - 1 + index for index in found)
    last = next(n for n in range(cut, begin, -1) if not is_blank(rows[n - 1]))
    if header_row is None and letters_of(rows[cut:end]) > letters_of(rows[begin:last]):
        first, other = choices[0].value, (choices[0].value or begin + 1, last)
        said = reading_wording.another_table(*other, other[0])
        names, begin, last, choices = _one_table(rows, place + 1)
    else:
        first, other = place + 1, (cut + 1, end)
        said = reading_wording.another_table(*other, first)
    told = Choice("another table", list(other), said, True, (str(first),))
    return names, begin, last, [*choices, told]


def _told_header(rows: Sequence[Sequence[Any]], header: Header, *, sure: bool) -> Choice:
    """Where the names stand, and where else they could unless a caller said so."""
    said = reading_wording.header(header.number, header.above, header.below)
    doubtful = header.doubtful
    if len(header.names) == 1 and not is_known_name(header.names[0]) and not sure:
        said, doubtful = reading_wording.FIRST_LINE_IS_NAME, True
    if sure or not doubtful:
        return Choice("header", header.number, said)
    others = tuple(map(str, other_headers(rows, header)))
    return Choice("header", header.number, said, True, others)


def _evened(
    body: Sequence[Sequence[Any]], width: int
) -> tuple[list[Sequence[Any]], list[int], dict[int, str]]:
    """Records of one width, their numbers, and which of them had another."""
    kept: list[Sequence[Any]] = []
    numbers: list[int] = []
    faults: dict[int, str] = {}
    for number, row in enumerate(body, start=1):
        if not row and width > 1:
            continue  # a blank line; cells that are all blank are a record, and rejected as one
        cells = row or [""]
        if len(cells) > width and is_blank(cells[width:]):
            cells = cells[:width]
        elif len(cells) != width:
            if not is_blank(cells):
                faults[number] = WRONG_WIDTH
            cells = _fit(cells, width)
        kept.append(cells)
        numbers.append(number)
    return kept, numbers, faults


def _frame(
    names: Sequence[Any], kept: Sequence[Sequence[Any]], numbers: list[int], count: int
) -> pd.DataFrame:
    """Records as a table; their numbers are a range where no line was left out."""
    import pandas as pd

    labels = pd.RangeIndex(1, count + 1) if len(numbers) == count else numbers
    columns = zip(unique_names(map(as_text, names)), zip(*kept, strict=True), strict=True)
    return pd.DataFrame({name: as_column(list(column), labels) for name, column in columns})


def _common_width(body: Sequence[Sequence[Any]], names: int) -> int:
    """Columns of the table: those with names, or more if most rows have more filled cells."""
    widths = Counter(len(row) for row in body[:1_000] if not is_blank(row))
    common = max(widths, key=lambda size: (widths[size], size), default=names)
    if common <= names or widths[common] <= 0.5 * sum(widths.values()):
        return names
    filled = any(as_text(cell).strip() for row in body[:1_000] for cell in row[names:common])
    return common if filled else names


def _counts(body: Sequence[Sequence[Any]], names: Sequence[Any]) -> bool:
    """Tell whether the first cells number the rows, which need not be in order.

    Where the first name is that of a number, the second cells would be this: no texts.
    """
    rows = [row for row in body[:100] if len(row) > 1]
    firsts = [as_text(row[0]) for row in rows]
    if not all(map(str.isdecimal, firsts)) or len(set(firsts)) < len(firsts):
        return False
    numbered = not OTHER_WORDS.isdisjoint(key(names[0]).split())
    return not numbered or not any(" " in as_text(row[1]).strip() for row in rows)


def no_rows(
    kept: Sequence[Sequence[Any]], numbers: Sequence[int], names: Sequence[Any]
) -> dict[int, str]:
    """Number → reason, of records that are none of the table's: names again, totals, remarks.

    Parameters
    ----------
    kept : the records, each as wide as the table.
    numbers : of the records.
    names : of the columns; a blank one where there is none.
    """
    remarks = remarks_below(kept, len(names))
    told = {numbers[place]: REMARK for place in remarks}
    if len(names) < 2 or is_blank(names):
        return told
    wanted = [as_text(name).strip() for name in names]
    found = {
        number: NAMES_AGAIN
        for number, row in zip(numbers, kept, strict=True)
        if as_text(row[0]).strip() == wanted[0] and [as_text(c).strip() for c in row] == wanted
    }
    last = _last_row(kept, remarks)
    first = next((as_text(cell) for cell in kept[last] if as_text(cell).strip()), "")
    if len(first) <= LONGEST_NAME and key(first) in TOTAL_WORDS:
        found[numbers[last]] = TOTALS
    return found | told


def _last_row(kept: Sequence[Sequence[Any]], remarks: Sequence[int]) -> int:
    """Index of the last filled row above the remarks."""
    last = remarks[0] - 1 if remarks else len(kept) - 1
    while last > 0 and is_blank(kept[last]):
        last -= 1
    return last


def _fit(cells: Sequence[Any], width: int) -> list[Any]:
    """Return a row of the table's width; what is too much is joined, so that nothing is lost."""
    if len(cells) < width:
        return [*cells, *[None] * (width - len(cells))]
    return [*cells[: width - 1], ", ".join(map(as_text, cells[width - 1 :]))]

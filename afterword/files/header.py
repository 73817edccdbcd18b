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
from afterword.files import wording
from afterword.files.column_names import (
    as_unicode,
    has_header,
    is_known_name,
    looks_like_name,
    unique_names,
)
from afterword.records import Choice
from afterword.settings import Settings

WRONG_WIDTH = "wrong number of columns"

MAX_COLUMNS = 1_000
"""A table of descriptions has a few; thousands mean a matrix, and memory for each of them."""

TITLE_ROWS = 20
"""Rows of a sheet in which the header is sought, under a title and an empty line."""


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
        raise BatchError(wording.too_many_columns(MAX_COLUMNS))


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


def lay_out(rows: Sequence[Sequence[Any]], settings: Settings, *, titled: bool = False) -> Table:
    """Make a table of records: find the header, name the columns, set ragged rows apart.

    A record whose cells are all blank is a row. What is blank at the end is left out: editors
    and spreadsheets write it, and no system that lost its texts.

    Parameters
    ----------
    rows : the records, the header among them if there is one; ``[]`` is a blank line.
    settings : gives the most rows.
    titled : the header may stand under a title, as in sheets.

    Returns
    -------
    The table, with what was understood of its header.

    Raises
    ------
    BatchError
        No rows, too many rows or too many columns.
    """
    header, body, choices = _split(rows, titled)
    check_rows(len(body), settings)
    names, body, said = _named(header, body)
    choices += said
    if not body:
        raise BatchError(wording.NAMES_ONLY)
    width = _common_width(body, len(names))
    check_columns(width)
    if width == len(names) + 1 and _counts(body):
        names.insert(0, "")  # R writes row numbers and gives them no name
    names += [""] * (width - len(names))
    kept, numbers, faults = _evened(body, width)
    return Table(_frame(names, kept, numbers, len(body)), faults, tuple(choices))


def _split(
    rows: Sequence[Sequence[Any]], titled: bool
) -> tuple[Sequence[Any], Sequence[Sequence[Any]], list[Choice]]:
    """The first record, those below it, and what was left out above."""
    first = next((n for n, row in enumerate(rows) if not _is_blank(row)), None)
    if first is None:
        raise BatchError(wording.EMPTY_FILE)
    choices: list[Choice] = []
    if titled:
        for number, row in enumerate(rows[first : first + TITLE_ROWS], start=first):
            if sum(map(is_known_name, row)) and sum(map(bool, map(_cell, row))) > 1:
                if number > first:
                    choices.append(Choice("header", number + 1, wording.ABOVE_NAMES))
                first = number
                break
    last = next(n for n in range(len(rows), first, -1) if not _is_blank(rows[n - 1]))
    return rows[first], rows[first + 1 : last], choices


def _named(
    header: Sequence[Any], body: Sequence[Sequence[Any]]
) -> tuple[list[Any], Sequence[Sequence[Any]], list[Choice]]:
    """The columns' names, the records without them, and what a reader should know of both."""
    names = list(header)
    if has_header(header):
        if len(header) == 1 and not is_known_name(header[0]):
            return names, body, [Choice("header", 1, wording.FIRST_LINE_IS_NAME, doubtful=True)]
        return names, body, []
    if body or len(names) > 1 or not looks_like_name(names[0], words=2):
        body, names = [header, *body], [""] * len(header)
    if len(names) == 1:
        names = ["description"]
    return names, body, [Choice("header", 0, wording.FIRST_LINE_IS_ROW, doubtful=True)]


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
        if len(cells) > width and _is_blank(cells[width:]):
            cells = cells[:width]
        elif len(cells) != width:
            if not _is_blank(cells):
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
    columns = zip(unique_names(map(_cell, names)), zip(*kept, strict=True), strict=True)
    return pd.DataFrame({name: as_column(list(column), labels) for name, column in columns})


def _cell(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # NaN is not itself


def _is_blank(row: Sequence[Any]) -> bool:
    return not any(_cell(cell).strip() for cell in row)


def _common_width(body: Sequence[Sequence[Any]], names: int) -> int:
    """Columns of the table: those with names, or more if most rows have more filled cells."""
    widths = Counter(len(row) for row in body[:1_000] if not _is_blank(row))
    common = max(widths, key=lambda size: (widths[size], size), default=names)
    if common <= names or widths[common] <= 0.5 * sum(widths.values()):
        return names
    filled = any(_cell(cell).strip() for row in body[:1_000] for cell in row[names:common])
    return common if filled else names


def _counts(body: Sequence[Sequence[Any]]) -> bool:
    firsts = [_cell(row[0]) for row in body[:100] if row]
    return firsts == [str(n) for n in range(1, len(firsts) + 1)]


def _fit(cells: Sequence[Any], width: int) -> list[Any]:
    """Return a row of the table's width; what is too much is joined, so that nothing is lost."""
    if len(cells) < width:
        return [*cells, *[None] * (width - len(cells))]
    return [*cells[: width - 1], ", ".join(map(_cell, cells[width - 1 :]))]

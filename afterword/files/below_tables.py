"""What stands below a table and is none of it: remarks of the program that wrote it, another table.

Nothing that may be a description is taken for a remark: it stands at the end, alone in its row, and
reads as what programs write there. A second table has names of its own below a blank row.

>>> rows = [["He stared at me.", "web"], [], ["Page 1 of 1", ""]]
>>> remarks_below(rows, 2)
[2]
>>> second_table([["text", "place"], *rows[:2], ["channel", "count"], ["web", 1]])
(3, 3)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from afterword.files.column_names import LONGEST_KEY, is_known_name, key, looks_like_name
from afterword.files.header_rows import as_text, is_blank, kinds_below, may_be_names

MOST_REMARKS = 10
"""Filled rows at the end that may be remarks."""

MOST_TRIED = 100
"""Rows below blank ones that are looked at as names of a second table."""

LONGEST_REMARK = 300

ROWS_OF_A_KIND = 100
"""Rows of the first table by which it is told what its columns hold."""

_EDGES = " \t*-–—=_#.·•~<>[]"
"""What programs put round a remark."""

_REMARKS = re.compile(
    r"""\A(?:
      (?:(?:report|file|data|list)\ )?
        (?:generated|created|exported|printed|produced|downloaded|extracted|erstellt|exportiert
          |gedruckt|généré|exporté|imprimé|generado|exportado|impreso)
        \ (?:by|on|at|from|with|using|via|am|von|mit|le|par|el|por)\b.*
      |(?:applied\ )?(?:filters?|sort(?:ed|ing)?|criteria|parameters?)(?:\ (?:applied|by))?\ ?[:=].*
      |(?:total\ |number\ of\ )?
        (?:records?|rows?|entries|items|results|responses|cases|datensätze|zeilen)
        (?:\ (?:exported|returned|found|affected|selected|shown))?\ ?[:=]?\ ?[\d.,]++
      |[\d.,]++\ (?:records?|rows?|entries|items|results|responses|cases)
        (?:\ (?:exported|returned|found|affected|selected|shown|in\ total))?
      |end\ of\ (?:the\ )?(?:report|file|export|document|list|data|table|page)
      |ende\ des\ berichts|fin\ du\ rapport|fin\ del\ informe
      |(?:copyright\b|©|\(c\)\ ?\d).*
      |(?:page|seite|página|pagina)\ \d++(?:\ ?(?:of|von|de|sur|/)\ ?\d++)?
      |(?:strictly\ )?confidential|all\ rights\ reserved
    )\Z""",
    re.VERBOSE | re.IGNORECASE,
)

Row = Sequence[Any]


def remarks_below(body: Sequence[Row], width: int) -> list[int]:
    """Return which rows at the end of a table are remarks, by their index.

    Parameters
    ----------
    body : the table's rows, without its names and what is blank at the end.
    width : columns of the table. In a table of one, remarks stand below a blank row.
    """
    found: list[int] = []
    place = len(body) - 1
    while place >= 0 and len(found) < MOST_REMARKS and _is_remark(body[place], width):
        found.append(place)
        place -= 1
        while place >= 0 and is_blank(body[place]):
            place -= 1
    if place < 0 or (width == 1 and found and not is_blank(body[found[-1] - 1])):
        return []
    return found[::-1]


def _is_remark(row: Row, width: int) -> bool:
    cells = [as_text(cell).strip() for cell in row]
    filled = [cell for cell in cells if cell]
    most = min(2, max(1, width - 1))
    if not filled or not cells[0] or len(filled) > most or sum(map(len, filled)) > LONGEST_REMARK:
        return False
    return bool(_REMARKS.match(" ".join(filled).strip(_EDGES)))


def second_table(rows: Sequence[Row]) -> tuple[int, int] | None:
    """Return where a second table begins below the first, with its title or names, and its names.

    Parameters
    ----------
    rows : the first table's names and all rows below them.

    Returns
    -------
    The indexes of two rows, which are one if it has no title; None if there is no second table.
    """
    tried = 0
    blank = [place for place, row in enumerate(rows) if is_blank(row)]
    for place in sorted({below for at in blank for below in (at + 1, at + 2)}):
        if not 3 <= place < len(rows) - 1:
            continue
        title = is_blank(rows[place - 2]) and _is_title(rows[place - 1])
        if not (title or is_blank(rows[place - 1])) or not _is_candidate(rows[place]):
            continue
        tried += 1
        if tried > MOST_TRIED:
            return None
        if _begins_another(rows, place):
            return place - title, place
    return None


def letters_of(rows: Sequence[Row]) -> int:
    """Return the letters of the texts in a table: of cells of several words."""
    return sum(
        len(cell) for row in rows for cell in row if isinstance(cell, str) and " " in cell.strip()
    )


def _is_title(row: Row) -> bool:
    return sum(bool(as_text(cell).strip()) for cell in row) == 1


def _is_candidate(row: Row) -> bool:
    cells = [cell for cell in row if as_text(cell).strip()]
    return len(cells) > 1 and all(looks_like_name(cell) or is_known_name(cell) for cell in cells)


def _begins_another(rows: Sequence[Row], place: int) -> bool:
    """Tell whether a row below a blank one holds names, and what is below is of another shape."""
    row = rows[place]
    told = {column: key(cell) for column, cell in enumerate(row) if as_text(cell).strip()}
    own = {key(cell) for cell in rows[0] if len(as_text(cell)) <= LONGEST_KEY}
    if not may_be_names(rows, place) or own.issuperset(told.values()):
        return False
    known = sum(is_known_name(row[column]) for column in told)
    if known == len(told):
        return True
    before = kinds_below(rows[: min(place, ROWS_OF_A_KIND)], 1) & told.keys()
    after = kinds_below(rows, place + 1) & told.keys()
    return bool(after) and (before != after or 2 * known >= len(told))

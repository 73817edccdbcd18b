"""Which column of a table holds the times: one that is called so, or else one whose cells are some.

>>> import pandas as pd
>>> days = [f"2024-05-0{day}" for day in (6, 7, 8)]
>>> find_time(pd.DataFrame({"received": days, "ts": days}), ["received", "ts"])[0]
'received'
>>> column, (choice,) = find_time(pd.DataFrame({"n": [1, 2, 3], "ts": days}), ["n", "ts"])
>>> column, choice.doubtful
('ts', True)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

from afterword.files import reading_wording
from afterword.files.column_names import OTHER_WORDS, PERIODS, TIME_WORDS, key, shown_name
from afterword.files.time_cells import read_cell
from afterword.files.times import LIKELY, looks_like_times
from afterword.records import Choice

LONGEST: Final = 20_000
"""Characters of a cell that are looked at."""

HINTS: Final = frozenset({
    "ts", "dt", "tm", "epoch", "unix", "stamp", "utc", "gmt", "day", "tag", "on", "start",
    "started", "end", "ended", "opened", "closed", "completed", "finished", "updated", "modified",
    "logged", "recorded", "added", "published", "edited",
})  # fmt: skip
"""Words in the names of columns that may hold times: there, plain numbers can be some too."""

OF_LIVES: Final = re.compile("birth|geburt|geboren|naissance|nacimiento|nascita|^dob$|^born$")
"""In a word of the name of a column of dates that tell nothing of when a text came in."""

FEWEST: Final = 3
"""Different times that a column holds at least whose name says nothing of them."""
FIRST_LOOK: Final = 20
"""Cells by which most columns are told that hold no times."""

_COMPOUND: Final = re.compile("(?:date|datum|time|stamp|stempel|zeit|zeitpunkt)$")
"""How words for times end that are written as one: submitdate, Eingangsdatum."""
_STEM: Final = 5
"""Letters that such a word shares with one of TIME_WORDS, if it says the same."""

_DIGIT: Final = re.compile(r"\d")
_BARE: Final = re.compile(
    r"-?[0-9]++(?:[.,/][0-9]++)?|(?![0-9]{2}[.][0-9]{2}[.])[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{2}"
)
"""Numbers, cases and seasons with a stroke, versions with dots: only a name makes times of them."""
_CLOCK: Final = re.compile(
    r"[0-9]{1,2}[:.h][0-9]{2}(?:[:.][0-9]{2})?(?:[ ]?[ap]\.?m\.?|[ ]Uhr)?", re.I
)


def find_time(sample: pd.DataFrame, names: Sequence[str]) -> tuple[str | None, list[Choice]]:
    """Find the column of times.

    Parameters
    ----------
    sample : rows of the columns that hold nothing else.
    names : of all columns, by whose places a sentence calls those of unusual names.

    Returns
    -------
    Its name, None if there is none; and what a reader should know of it.
    """
    found: list[tuple[int, int, str]] = []
    unread: list[str] = []
    for name in map(str, sample.columns):
        words = key(name).split()
        rank = _rank(words)
        if rank is not None and looks_like_times(sample[name]):
            found.append((rank, len(found), name))
        elif (
            rank is not None
            and set(TIME_WORDS).intersection(words)
            and not PERIODS.intersection(words)
            and _has_figures(sample[name])
        ):
            unread.append(name)
    if found:
        others = tuple(name for *_, name in sorted(found))
        return others[0], [Choice("time", others[0], others=others)]
    others = _by_values(sample)
    if others:
        said = reading_wording.time_by_values(shown_name(names, others[0]))
        return others[0], [Choice("time", others[0], said, True, others)]
    return None, [_said_unread(sample, name, shown_name(names, name)) for name in unread[:1]]


def filled_cells(column: pd.Series) -> list[Any]:
    """Return the cells with something in them, the beginnings of long ones.

    >>> import pandas as pd
    >>> filled_cells(pd.Series([" He left. ", None, ""]))
    ['He left.']
    """
    begun = [v[:LONGEST].strip() if isinstance(v, str) else v for v in column.dropna()]
    return [value for value in begun if not isinstance(value, str) or value]


def _rank(words: Sequence[str]) -> int | None:
    """Return how well a name says that its column holds times; None if it does not say it."""
    if any(map(OF_LIVES.search, words)):
        return None
    ranks = [TIME_WORDS.index(word) for word in words if word in TIME_WORDS]
    other = TIME_WORDS.index("week")
    for word in filter(_COMPOUND.search, words):
        stems = [known[:_STEM] for known in TIME_WORDS[:other]]
        ranks.append(stems.index(word[:_STEM]) if word[:_STEM] in stems else other)
    if words[-1:] == ["at"]:
        ranks.append(other)
    return min(ranks, default=None)


def _by_values(sample: pd.DataFrame) -> tuple[str, ...]:
    """Return the columns whose cells are times though no name says so, the likeliest first."""
    found: list[tuple[bool, str]] = []
    for name in map(str, sample.columns):
        words = key(name).split()
        if OTHER_WORDS.intersection(words[-1:]) or any(map(OF_LIVES.search, words)):
            continue
        hinted = not HINTS.isdisjoint(words)
        if _may_hold_times(sample[name], hinted) and looks_like_times(sample[name], FEWEST):
            found.append((not hinted, name))
    return tuple(name for _, name in sorted(found, key=lambda one: one[0]))


def _may_hold_times(column: pd.Series, hinted: bool) -> bool:
    """Whether the first filled cells are times, and not plain numbers where no name hints at some.

    Most columns hold none; to read them whole would take longer than all else of a wide table.
    """
    filled = (v for v in column.dropna().tolist() if not isinstance(v, str) or v.strip())
    first = list(islice(filled, FIRST_LOOK))
    times = sum(read_cell(value) is not None for value in first)
    plain = 0 if hinted else sum(map(_is_bare, first))
    return times > 0.5 * len(first) and plain <= (1 - LIKELY) * len(first)


def _is_bare(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_BARE.fullmatch(value[:LONGEST].strip()))
    return not hasattr(value, "year")


def _has_figures(column: pd.Series) -> bool:
    """Whether most of the filled cells hold a figure, as times do."""
    filled = filled_cells(column)
    return sum(bool(_DIGIT.search(str(value))) for value in filled) > 0.5 * len(filled)


def _said_unread(sample: pd.DataFrame, name: str, shown: str) -> Choice:
    """Say why a column that is called as times are was not taken."""
    filled = filled_cells(sample[name])
    clocks = [isinstance(value, time) or _CLOCK.fullmatch(str(value)) for value in filled]
    if sum(map(bool, clocks)) >= LIKELY * len(filled):
        return Choice("time", None, reading_wording.only_clocks(shown))
    return Choice("time", None, reading_wording.not_times(shown), True)

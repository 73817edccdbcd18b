"""The rows of files, day by day, as sums: until they are written, and never fewer than 20 texts.

What is added to a day at once may be told by two copies of the store, so it is never less than 20
different descriptions. A day with fewer waits for the next day of its period, or joins one before
it; where the whole period has fewer, it is left out, and told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from afterword.store.day_profiles import GROUP, Group
from afterword.store.moments import moment_of
from afterword.store.recordings import Recording
from afterword.store.stream_records import Cadence
from afterword.store.tally import INPUTS, Tally
from afterword.streams.cadence import Period, period_of

Uses = dict[str, list[tuple[bool, int]]]
"""Unknown word → of each description that holds it, as a recording has it."""
MOST_WORDS: Final = 50_000
"""Unknown words, day by day, that are written; of more, those that came most seldom go."""


@dataclass
class DayRows:
    """Rows of one day, or of several that are counted together.

    Attributes
    ----------
    day : first second of the day that they are counted for.
    group : their sums.
    rest : what is counted of them beside these: answers, and rows that were rejected.
    words : their unknown words.
    ids : first second of a day → digests of the ids of its rows.
    files : number of a file → rows of it.
    own : first second of a day → rows that are of it.
    """

    day: int
    group: Group = field(default_factory=Group)
    rest: Tally = field(default_factory=Tally)
    words: Uses = field(default_factory=dict)
    ids: dict[int, list[np.ndarray]] = field(default_factory=dict)
    files: Counter[int] = field(default_factory=Counter)
    own: Counter[int] = field(default_factory=Counter)
    _few: list[Recording] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        """Whether they may be written."""
        return len(self.group.texts) >= GROUP

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.group.rows

    def add(self, one: Recording, ids: np.ndarray, file: int) -> None:
        """Count some rows of the day.

        Parameters
        ----------
        one : what is kept of them.
        ids : digests of their ids.
        file : number of the file that they are of.
        """
        self._count(one)
        self.rest += one.tally.without(INPUTS)
        for words in one.unseen:
            for word, use in words.items():
                self.words.setdefault(word, []).append(use)
        if len(ids):
            self.ids.setdefault(self.day, []).append(ids)
        self.files[file] += one.descriptions
        self.own[self.day] += one.descriptions

    def _count(self, one: Recording) -> None:
        self.group.add(one)
        # Rows that may have to join those of another day are kept as they are: few texts.
        self._few = [] if self.enough else [*self._few, one]

    def join(self, other: DayRows) -> None:
        """Take in the rows of another day, of which there are too few to be written."""
        for one in other._few:
            self._count(replace(one, at=moment_of(self.day)))
        self.rest += other.rest
        for word, uses in other.words.items():
            self.words.setdefault(word, []).extend(uses)
        for day, ids in other.ids.items():
            self.ids.setdefault(day, []).extend(ids)
        self.files += other.files
        self.own += other.own


def with_neighbours(
    days: Iterable[DayRows], cadence: Cadence
) -> tuple[list[DayRows], list[DayRows]]:
    """Let days of too few rows join others of their period.

    Parameters
    ----------
    days : in any order; several may be of one date.
    cadence : length of a period.

    Returns
    -------
    (those that may be written, those that are left out)
    """
    by_period: dict[Period, list[DayRows]] = {}
    for each in sorted(days, key=lambda one: one.day):
        period = period_of(moment_of(each.day).date(), cadence)
        by_period.setdefault(period, []).append(each)
    written, left = list[DayRows](), list[DayRows]()
    for own in by_period.values():
        enough, few = _joined(own)
        written += enough
        left += few
    return written, left


def _joined(days: Sequence[DayRows]) -> tuple[list[DayRows], list[DayRows]]:
    """As :func:`with_neighbours`, of the days of one period in their order."""
    enough, waiting = list[DayRows](), list[DayRows]()
    for each in days:
        if each.enough:
            for one in waiting:
                each.join(one)
            waiting = []
            enough.append(each)
            continue
        waiting.append(each)
        together = _together(waiting)
        if together.enough:
            enough.append(together)
            waiting = []
    if enough:
        for one in waiting:
            enough[-1].join(one)
        waiting = []
    return enough, waiting


def _together(days: Sequence[DayRows]) -> DayRows:
    """Some days as one, at the last of them."""
    found = DayRows(days[-1].day)
    for each in days:
        found.join(each)
    return found


def fewer_words(days: Iterable[DayRows], most: int = MOST_WORDS) -> int:
    """Forget unknown words that came most seldom where there are very many; how many they were."""
    days, least = list(days), 1
    count = before = sum(len(each.words) for each in days)
    while count > most:
        for each in days:
            each.words = {word: uses for word, uses in each.words.items() if len(uses) > least}
        count, least = sum(len(each.words) for each in days), least + 1
    return before - count


def moved(days: Iterable[DayRows]) -> Mapping[tuple[int, int], int]:
    """(own day, day that they are counted for) → rows that are not counted for their own day."""
    found: Counter[tuple[int, int]] = Counter()
    for each in days:
        for day, rows in each.own.items():
            if day != each.day:
                found[day, each.day] += rows
    return found

"""Reading back what was recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import func, select

from afterword.errors import StoreError
from afterword.store.database import Database
from afterword.store.moments import DAY, moment_of, seconds_of
from afterword.store.schema import EVENTS, READINGS, TALLIES, TERMS, UNSEEN
from afterword.store.tally import Tally, tally_call, total
from afterword.text.privacy import SHOWN_FROM

_AT_ONCE = 1_000
"""Rows that a look at every call of a stretch of time holds at once."""


@dataclass(frozen=True)
class SeenWord:
    """A word that training never had, as the store may show it."""

    word: str
    descriptions: int
    first_day: datetime


class ReadStore(Database):
    """What can be read of a store."""

    def tallies(
        self,
        span: str,
        start: datetime,
        end: datetime,
        *,
        sample: bool = False,
        model: str | None = None,
        names: Sequence[str] | None = None,
    ) -> dict[datetime, Tally]:
        """Counts per hour or day.

        Parameters
        ----------
        span : "hour" (calls and outputs) or "day" (inputs too).
        start, end : first start of a period, and the first that is not wanted.
        sample : those of the loaded samples.
        model : of one model; of all if None.
        names : which counts are wanted; all if None, which only one model's have in common.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = (
            (TALLIES.c.span == span)
            & (TALLIES.c.start >= seconds_of(start))
            & (TALLIES.c.start < seconds_of(end))
            & (TALLIES.c.sample == sample)
        )
        if model is not None:
            wanted &= TALLIES.c.model == model
        found: dict[datetime, list[Tally]] = {}
        with self.reading() as connection:
            for row in connection.execute(select(TALLIES.c.start, TALLIES.c.content).where(wanted)):
                content = row.content
                if names is not None:
                    content = {name: content[name] for name in names if name in content}
                found.setdefault(moment_of(row.start), []).append(Tally.from_dict(content))
        return {moment: total(parts) for moment, parts in sorted(found.items())}

    def answers(
        self, start: datetime, end: datetime, *, model: str, sample: bool = False, most: int
    ) -> np.ndarray | None:
        """Answers (n, k + 1) of a stretch of time: probabilities in per cent, decisions as bits.

        Returns
        -------
        None if there are more than ``most``.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = select(EVENTS.c.answers).where(
            EVENTS.c.at >= seconds_of(start),
            EVENTS.c.at < seconds_of(end),
            EVENTS.c.model == model,
            EVENTS.c.sample == sample,
            EVENTS.c.descriptions > 0,
        )
        rows: list[Sequence[int]] = []
        with self.reading() as connection:
            for (answers,) in connection.execute(wanted.execution_options(yield_per=_AT_ONCE)):
                rows += answers
                if len(rows) > most:
                    return None
        return np.array(rows, dtype=float) if rows else np.zeros((0, 0))

    def calls(self, start: datetime, end: datetime, *, sample: bool = False) -> Tally:
        """Counts of the calls of a stretch of time, to the second.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = select(EVENTS.c.latency_ms, EVENTS.c.outcome, EVENTS.c.rejected).where(
            EVENTS.c.at >= seconds_of(start),
            EVENTS.c.at < seconds_of(end),
            EVENTS.c.sample == sample,
        )
        with self.reading() as connection:  # of a busy hour there are too many to hold at once
            rows = connection.execute(wanted.execution_options(yield_per=_AT_ONCE))
            return total(tally_call(row[0] / 1_000, row[1], row[2]) for row in rows)

    def has_events(self, *, sample: bool = False) -> bool:
        """Whether anything was recorded; False where the store cannot be read."""
        return self._has(EVENTS.c.sample, sample)

    def has_samples(self) -> bool:
        """Whether the sample weeks are loaded; False where the store cannot be read."""
        return self._has(TALLIES.c.sample, True)

    def last_sample(self) -> datetime | None:
        """The end of the last day of the loaded sample weeks; None if there are none.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = select(func.max(TALLIES.c.start)).where(
            TALLIES.c.sample == True,  # noqa: E712
            TALLIES.c.span == "day",
        )
        with self.reading() as connection:
            found = connection.execute(wanted).scalar()
        return None if found is None else moment_of(found) + DAY

    def _has(self, column: object, sample: bool) -> bool:
        try:
            with self.reading() as connection:
                found = connection.execute(select(column).where(column == sample).limit(1))  # type: ignore[call-overload]
                return found.first() is not None
        except StoreError:
            return False

    def terms(
        self, start: datetime, end: datetime, *, model: str, sample: bool = False
    ) -> tuple[int, Counter[int]]:
        """Descriptions of some days whose terms were counted, and how many hold each term.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = select(TERMS.c.descriptions, TERMS.c.counts).where(
            TERMS.c.day >= seconds_of(start),
            TERMS.c.day < seconds_of(end),
            TERMS.c.model == model,
            TERMS.c.sample == sample,
        )
        descriptions, counts = 0, Counter[int]()
        with self.reading() as connection:
            for row in connection.execute(wanted):
                descriptions += row.descriptions
                counts.update({int(term): count for term, count in row.counts.items()})
        return descriptions, counts

    def unseen(
        self, start: datetime, end: datetime, *, sample: bool = False
    ) -> tuple[list[SeenWord], int]:
        """Unseen words of some days that may be shown, and how many others there are.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = select(UNSEEN).where(
            UNSEEN.c.day >= seconds_of(start),
            UNSEEN.c.day < seconds_of(end),
            UNSEEN.c.sample == sample,
        )
        by_hash: dict[str, list[tuple[int, int, str | None, list[int]]]] = {}
        with self.reading() as connection:
            for row in connection.execute(wanted):
                line = row.day, row.descriptions, row.word, row.tags
                by_hash.setdefault(row.hash, []).append(line)
        words, hidden = [], 0
        for rows in by_hash.values():
            # The newest day that wrote it knows of all before it.
            word = max(rows)[2]
            apart = {tag for row in rows for tag in row[3]}
            if word is None or len(apart) < SHOWN_FROM:
                hidden += 1
            else:
                count = sum(row[1] for row in rows)
                words.append(SeenWord(word, count, moment_of(min(rows)[0])))
        return sorted(words, key=lambda one: (-one.descriptions, one.word)), hidden

    def readings(self, start: datetime, end: datetime, *, sample: bool = False) -> np.ndarray:
        """The server's state, hour by hour (n, 4): seconds since 1970, sessions, cpu, megabytes.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        hour = READINGS.c.at // 3_600
        means = (
            func.avg(each) for each in (READINGS.c.sessions, READINGS.c.cpu, READINGS.c.memory_mb)
        )
        wanted = (
            select(hour * 3_600, *means)
            .where(
                READINGS.c.at >= seconds_of(start),
                READINGS.c.at < seconds_of(end),
                READINGS.c.sample == sample,
            )
            .group_by(hour)
            .order_by(hour)
        )
        with self.reading() as connection:
            rows = [tuple(row) for row in connection.execute(wanted)]
        return np.array(rows, dtype=float).reshape(len(rows), 4)

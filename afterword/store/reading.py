"""Reading back what was recorded."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Select, func, select

from afterword.errors import StoreError
from afterword.store.database import Database
from afterword.store.day_profiles import DayProfile, profile_in
from afterword.store.moments import DAY, moment_of, seconds_of
from afterword.store.schema import EVENTS, PROFILES, READINGS, TALLIES, UNSEEN
from afterword.store.stream_records import SERVICE
from afterword.store.tally import INPUTS, Tally, tally_call, total
from afterword.text.privacy import SHOWN_FROM

_AT_ONCE: Final = 1_000
"""Rows that a look at every call of a stretch of time holds at once."""
_COMMONEST: Final = 30
"""Unseen words that are looked at one by one."""


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
        stream: int = SERVICE,
    ) -> dict[datetime, Tally]:
        """Counts per hour or day.

        Parameters
        ----------
        span : "hour" (calls and outputs) or "day" (inputs too).
        start, end : first start of a period, and the first that is not wanted.
        sample : those of the loaded samples.
        model : of one model; of all if None.
        names : which counts are wanted; all if None, which only one model's have in common.
        stream : number of the stream; a day is one of its calendar.

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
            & (TALLIES.c.stream == stream)
        )
        if model is not None:
            wanted &= TALLIES.c.model == model
        found: dict[datetime, list[Tally]] = {}
        with self.reading() as connection:
            counts = select(TALLIES.c.start, TALLIES.c.content).where(wanted)
            rows = [(row.start, row.content) for row in connection.execute(counts)]
            inputs = INPUTS if names is None else [name for name in names if name in INPUTS]
            if span == "day" and inputs:
                own = _profiles(start, end, sample, stream, model).with_only_columns(
                    PROFILES.c.day, PROFILES.c.content
                )
                for day, content in connection.execute(own):
                    rows.append((day, {name: content[name] for name in inputs if name in content}))
        for moment, content in rows:
            if names is not None:
                content = {name: content[name] for name in names if name in content}
            found.setdefault(moment_of(moment), []).append(Tally.from_dict(content))
        return {moment: total(parts) for moment, parts in sorted(found.items())}

    def profiles(
        self,
        start: datetime,
        end: datetime,
        *,
        model: str,
        sample: bool = False,
        stream: int = SERVICE,
    ) -> dict[datetime, DayProfile]:
        """What the descriptions of each day add up to.

        Parameters
        ----------
        start, end : first day, and the first that is not wanted.
        model : that answered.
        sample : those of the loaded samples.
        stream : number of the stream.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = _profiles(start, end, sample, stream, model).order_by(PROFILES.c.day)
        with self.reading() as connection:
            return {moment_of(row.day): profile_in(row) for row in connection.execute(wanted)}

    def answers(
        self,
        start: datetime,
        end: datetime,
        *,
        model: str,
        sample: bool = False,
        stream: int = SERVICE,
        most: int,
    ) -> np.ndarray:
        """The first ``most`` answers (n, k) of a day that was recorded before there were profiles.

        Returns
        -------
        Probabilities in whole per cent; of later calls they stand in no row of their own.

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
            EVENTS.c.stream == stream,
            EVENTS.c.descriptions > 0,
        )
        rows: list[Sequence[int]] = []
        with self.reading() as connection:
            for (answers,) in connection.execute(wanted.execution_options(yield_per=_AT_ONCE)):
                rows += [row[:-1] for row in answers]  # the last number tells the decisions
                if len(rows) >= most:
                    break
        return np.array(rows[:most], dtype=np.uint8) if rows else np.zeros((0, 0), np.uint8)

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

    def unseen(
        self, start: datetime, end: datetime, *, sample: bool = False, stream: int = SERVICE
    ) -> tuple[list[SeenWord], int]:
        """Unseen words of some days that may be shown, and how many others there are.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        within = _unseen_within(start, end, sample, stream)
        # Most words are in the clear on no day: these are only counted.
        clear = select(UNSEEN.c.hash).where(within, UNSEEN.c.word.is_not(None))
        wanted = select(UNSEEN).where(within, UNSEEN.c.hash.in_(clear)).order_by(UNSEEN.c.day)
        by_hash: dict[str, list[Any]] = {}
        with self.reading() as connection:
            every = select(func.count(UNSEEN.c.hash.distinct())).where(within)
            count = int(connection.execute(every).scalar_one())
            for row in connection.execute(wanted):
                by_hash.setdefault(row.hash, []).append(row)
        words = []
        for rows in by_hash.values():
            # The newest day that wrote it knows of all before it.
            word = rows[-1].word
            apart = {tag for row in rows for tag in row.tags}
            if word is not None and len(apart) >= SHOWN_FROM:
                uses = sum(row.descriptions for row in rows)
                words.append(SeenWord(word, uses, moment_of(rows[0].day)))
        shown = sorted(words, key=lambda one: (-one.descriptions, one.word))
        return shown, count - len(shown)

    def commonest_unseen(
        self,
        start: datetime,
        end: datetime,
        *,
        known: Collection[str] = (),
        sample: bool = False,
        stream: int = SERVICE,
    ) -> list[tuple[str | None, int]]:
        """The commonest unseen words of some days, and about how many different texts hold each.

        Parameters
        ----------
        start, end : first day, and the first that is not wanted.
        known : hashes of words that do not count: another model had not seen them.
        sample : those of the loaded samples.
        stream : number of the stream.

        Returns
        -------
        Commonest first: the word, None where it may not be shown, and the number of texts, which
        is estimated from one byte of a keyed hash of each [1]_.

        Raises
        ------
        StoreError
            The store cannot be read.

        References
        ----------
        .. [1] Whang, K.-Y., Vander-Zanden, B. T. and Taylor, H. M. (1990). A linear-time
           probabilistic counting algorithm. ACM Transactions on Database Systems 15, 208–229.
        """
        within = _unseen_within(start, end, sample, stream)
        added = func.sum(UNSEEN.c.descriptions)
        often = select(UNSEEN.c.hash).where(within).group_by(UNSEEN.c.hash)
        often = often.order_by(added.desc(), UNSEEN.c.hash).limit(_COMMONEST + len(known))
        with self.reading() as connection:
            hashes = [name for name in connection.scalars(often) if name not in known]
            wanted = select(UNSEEN).where(within, UNSEEN.c.hash.in_(hashes[:_COMMONEST]))
            by_hash: dict[str, list[Any]] = {}
            for row in connection.execute(wanted.order_by(UNSEEN.c.day)):
                by_hash.setdefault(row.hash, []).append(row)
        # The newest day that wrote a word knows of all before it.
        found = [(rows[-1].word, _different(rows)) for rows in by_hash.values()]
        return sorted(found, key=lambda one: (-one[1], one[0] or ""))

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


def _profiles(
    start: datetime, end: datetime, sample: bool, stream: int, model: str | None
) -> Select[Any]:
    wanted = select(PROFILES).where(
        PROFILES.c.day >= seconds_of(start),
        PROFILES.c.day < seconds_of(end),
        PROFILES.c.sample == sample,
        PROFILES.c.stream == stream,
    )
    return wanted if model is None else wanted.where(PROFILES.c.model == model)


def _unseen_within(
    start: datetime, end: datetime, sample: bool, stream: int
) -> ColumnElement[bool]:
    first, last = seconds_of(start), seconds_of(end)
    days = (UNSEEN.c.day >= first) & (UNSEEN.c.day < last)
    return days & (UNSEEN.c.sample == sample) & (UNSEEN.c.stream == stream)


def _different(rows: Sequence[Any]) -> int:
    """About how many different texts hold a word, by the bytes that tell them apart."""
    uses = sum(int(row.descriptions) for row in rows)
    empty = 1 - len({tag for row in rows for tag in row.tags}) / 256
    return min(uses, round(math.log(empty) / math.log(1 - 1 / 256))) if empty else uses

"""Recording calls durably.

One thread writes for the whole process. Whoever records waits until the transaction that holds the
record is on the disk; records that come meanwhile share the next one. Nothing here ever keeps a
caller from its answer: what cannot be written is reported as not recorded.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.engine import URL, Connection

from afterword.errors import StoreError, place_of
from afterword.logs import RateLimitedLog
from afterword.settings import Settings, get_settings
from afterword.store import wording
from afterword.store.alerts import AlertLog
from afterword.store.checks import CheckLog
from afterword.store.database import REST_S, RacedError
from afterword.store.day_profiles import GROUP, Day, Group, add_group
from afterword.store.forgetting import forget_all, forget_before
from afterword.store.moments import day_of, hour_of, seconds_of
from afterword.store.reading import ReadStore
from afterword.store.recordings import Recording
from afterword.store.schema import (
    EVENTS,
    METADATA,
    READINGS,
    TALLIES,
)
from afterword.store.streams import StreamLog, still_there
from afterword.store.tally import INPUTS, Tally, total
from afterword.store.words import Uses, add_unseen, uses_of

FILE: Final = "afterword.db"
KEY_FILE: Final = "store.key"
WAIT_S: Final = 4.0
"""How long a caller waits for its record to be on the disk."""
TOGETHER: Final = 500
"""Most records in one transaction."""
WORDS: Final = 300
"""Most unseen words in one transaction: others wait in memory for the next one, so that a call that
brings very many keeps no other from being recorded."""
LATER: Final = 100_000
"""Most unseen words that wait; further ones are not counted."""

log = logging.getLogger(__name__)
unrecorded = RateLimitedLog(log, wording.UNRECORDED)
"""Counts every call that was answered as not recorded, unless recording is switched off."""
_uncounted = RateLimitedLog(log, wording.UNCOUNTED)


@dataclass
class _Waiting:
    recording: Recording
    done: threading.Event = field(default_factory=threading.Event)
    written: bool = False
    given_up: bool = False
    problem: str = wording.NOT_WRITTEN


_Place = tuple[str, int, str, bool, int]
"""Span, start, model, sample and stream of a tally."""
_Of = tuple[str, bool, int]
"""Model, sample and stream of descriptions."""


class Store(ReadStore):
    """The store of one database.

    Parameters
    ----------
    url : SQLAlchemy address.
    key_file : file of the key under which unseen words are hashed; made if it is not there.

    Attributes
    ----------
    checks : every check that was kept.
    alerts : rules, and the episodes in which they held.
    streams : the named feeds.
    """

    def __init__(self, url: str | URL, key_file: Path) -> None:
        super().__init__(url, key_file)
        self.checks = CheckLog(self)
        self.alerts = AlertLog(self)
        self.streams = StreamLog(self)
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._starting = threading.Lock()
        self._groups: dict[_Of, Group] = {}
        self._days: dict[_Of, Day] = {}
        self._later: Uses = {}
        self._remembering = threading.Lock()

    def record(self, recording: Recording) -> bool:
        """Write a call; True only once it is on the disk.

        Never raises. False comes after :data:`WAIT_S` seconds at the latest; :attr:`problem` and
        the log then say why.
        """
        if time.monotonic() - self._failed_at < REST_S:
            unrecorded.count(wording.pause(REST_S))
            return False
        self._start()
        waiting = _Waiting(recording)
        self._queue.put(waiting)
        if not waiting.done.wait(WAIT_S):
            waiting.given_up = True
            problem = wording.too_slow(WAIT_S)
            self._fail(StoreError(problem))
            unrecorded.count(problem)
            return False
        if not waiting.written:
            unrecorded.count(waiting.problem)
        return waiting.written

    def _start(self) -> None:
        with self._starting:
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write, name="store", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        rest = 0.0
        while True:
            together = self._next(rest)
            if not together and not self._later:
                continue
            error = self._attempt([one.recording for one in together])
            rest = REST_S if error else 0.0
            if not error:
                self.problem = ""
            elif together:  # words that wait refuse no record
                self._fail(error)
            for one in together:
                one.written = not error
                one.problem = self.problem
                one.done.set()

    def _next(self, rest: float) -> list[_Waiting]:
        """The records that wait; waits for the first, but only for a while if words wait too."""
        together: list[_Waiting] = []
        wait = rest if self._later else None
        with contextlib.suppress(queue.Empty):
            together.append(self._queue.get(timeout=wait))
            while len(together) < TOGETHER:
                together.append(self._queue.get_nowait())
        return [one for one in together if not one.given_up]

    def _attempt(self, recordings: Sequence[Recording]) -> StoreError | None:
        try:
            try:
                self.write(recordings)
            except RacedError:
                self.write(recordings)  # now the other's row is there to be added to
        except StoreError as error:
            return error
        except Exception as error:
            # Whatever it was, the thread stays, and nobody is told that it was written.
            log.error(wording.RECORD_FAILED, place_of(error))
            return StoreError(wording.NOT_WRITTEN)
        return None

    def write(self, recordings: Sequence[Recording]) -> None:
        """Write calls in one transaction; of their unseen words, and those that wait, some.

        Raises
        ------
        StoreError
            Nothing of them was written.
        """
        with self._remembering:
            with self.begin() as connection:
                there = still_there(connection, {one.stream for one in recordings})
                recordings = [one for one in recordings if one.stream in there]
                words = uses_of(recordings, self._later)
                if recordings:
                    connection.execute(insert(EVENTS), [_event(one) for one in recordings])
                add_tallies(connection, _by_places(recordings))
                add_unseen(connection, dict(islice(words.items(), WORDS)), self.hash)
            self._written_at = time.monotonic()
            self._later = dict(islice(words.items(), WORDS, WORDS + LATER))
            if len(words) > WORDS + LATER:
                _uncounted.count(wording.TOO_MANY_WORDS, len(words) - WORDS - LATER)
            self._group(recordings)

    def finish(self) -> None:
        """Write the unseen words that wait, for some seconds at most; for the end of a process.

        Descriptions that wait for others are not written: fewer than 20 are their texts. The log
        of a server says how many they were; a command ends with each file.
        """
        if waiting := self.waiting(served=True):
            log.warning(wording.WAITED, waiting)
        until = time.monotonic() + WAIT_S
        with contextlib.suppress(StoreError):
            while self._later and time.monotonic() < until:
                self.write([])

    def _group(self, recordings: Sequence[Recording]) -> None:
        for one in recordings:
            if one.descriptions:
                key = one.model, one.sample, one.stream
                self._groups.setdefault(key, Group()).add(one)
        for key, group in list(self._groups.items()):
            # What could not be written waits for the next ones: the calls are recorded.
            if len(group.texts) >= GROUP:
                with contextlib.suppress(StoreError):
                    self._write_group(key, group)

    def _write_group(self, key: _Of, group: Group) -> None:
        """Write what enough different descriptions brought.

        In a transaction of its own: what a single description adds to a day is all of its
        numbers, and a database's log keeps what stood there before.
        """
        day = self._days.get(key)
        if day is None or day.start != group.day:
            day = Day(group.day)
        with self.begin() as connection:
            if still_there(connection, {key[2]}):
                add_group(connection, *key, group, day)
        day.add(group)
        self._days[key] = day
        del self._groups[key]

    def waiting(self, *, served: bool = False) -> int:
        """Descriptions, samples apart, that this process answered and that wait for others.

        Parameters
        ----------
        served : only where pages or HTTP brought some of those that wait together.
        """
        with self._remembering:
            own = [group for (_, sample, _), group in self._groups.items() if not sample]
            return sum(group.rows for group in own if group.served or not served)

    def add_reading(
        self, at: datetime, sessions: int, cpu: float, memory_mb: float, *, sample: bool = False
    ) -> None:
        """Keep the server's own state: open sessions, share of one core, megabytes.

        Raises
        ------
        StoreError
            It cannot be written.
        """
        values = {"at": seconds_of(at), "sessions": sessions, "cpu": cpu, "memory_mb": memory_mb}
        with self.begin() as connection:
            connection.execute(insert(READINGS).values(sample=sample, **values))

    def forget(
        self, before: datetime, *, now: datetime | None = None, stream: int | None = None
    ) -> int:
        """Delete what was recorded before a day, so that its bytes are gone from the file.

        Trials whose time is over go with it; open alerts stay until they are resolved.

        Parameters
        ----------
        before : the first day that is kept: in UTC, and of a stream by its own calendar.
        now : the present, for the age of trials; that of the clock if None.
        stream : number of the one stream of which is deleted; all if None.

        Returns
        -------
        Number of rows that were deleted.

        Raises
        ------
        StoreError
            It cannot be written.
        """
        limit = day_of(before)
        with self.begin() as connection:
            deleted = forget_before(connection, limit, now or datetime.now(UTC), stream)
        with self._remembering:
            self._days = {key: day for key, day in self._days.items() if day.start >= limit}
        if deleted or self._unclean:
            self._vacuum()
        return deleted

    def forget_stream(self, stream: int) -> int:
        """Delete a stream with all that is kept of it, so that its bytes are gone from the file.

        Parameters
        ----------
        stream : its number.

        Returns
        -------
        Number of rows that were deleted.

        Raises
        ------
        StoreError
            It cannot be written.
        """
        with self.begin() as connection:
            deleted = forget_all(connection, stream)
        with self._remembering:
            self._groups = {key: kept for key, kept in self._groups.items() if key[2] != stream}
            self._days = {key: kept for key, kept in self._days.items() if key[2] != stream}
            self._later = {key: kept for key, kept in self._later.items() if key[3] != stream}
        if deleted or self._unclean:
            self._vacuum()
        return deleted

    def remove_samples(self) -> None:
        """Delete everything that was loaded as a sample.

        Raises
        ------
        StoreError
            It cannot be written.
        """
        with self.begin() as connection:
            deleted = sum(
                connection.execute(delete(table).where(table.c.sample == True)).rowcount  # noqa: E712
                for table in METADATA.sorted_tables
                if "sample" in table.c
            )
        with self._remembering:
            self._groups = {key: kept for key, kept in self._groups.items() if not key[1]}
            self._days = {key: kept for key, kept in self._days.items() if not key[1]}
            self._later = {key: kept for key, kept in self._later.items() if not key[2]}
        if deleted or self._unclean:
            self._vacuum()


def _by_places(recordings: Sequence[Recording]) -> dict[_Place, list[Tally]]:
    """What calls add to the counts of their hours and of their days."""
    parts: dict[_Place, list[Tally]] = {}
    for one in recordings:
        rest = one.tally.without(INPUTS)
        for span, start in (("hour", hour_of(one.at)), ("day", one.day)):
            place = span, start, one.model, one.sample, one.stream
            parts.setdefault(place, []).append(rest)
    return parts


def add_tallies(connection: Connection, parts: Mapping[_Place, Sequence[Tally]]) -> None:
    for place, tallies in parts.items():
        values = dict(zip(("span", "start", "model", "sample", "stream"), place, strict=True))
        same = and_(*(TALLIES.c[name] == value for name, value in values.items()))
        row = connection.execute(
            select(TALLIES.c.id, TALLIES.c.content).where(same).with_for_update()
        ).first()
        if row is None:
            content = total(list(tallies)).to_dict()
            connection.execute(insert(TALLIES).values(content=content, **values))
        else:
            content = total([Tally.from_dict(row.content), *tallies]).to_dict()
            connection.execute(
                update(TALLIES).where(TALLIES.c.id == row.id).values(content=content)
            )


def _event(one: Recording) -> dict[str, object]:
    return {
        "at": seconds_of(one.at),
        "source": one.source,
        "model": one.model,
        "outcome": one.outcome,
        "latency_ms": round(1_000 * one.latency_s, 1),
        "descriptions": one.descriptions,
        "rejected": one.rejected,
        "answers": [],
        "sample": one.sample,
        "stream": one.stream,
    }


@cache
def get_store() -> Store:
    """Return the store of this process, where the settings say."""
    store = store_of(get_settings())
    atexit.register(store.finish)
    return store


def store_of(settings: Settings) -> Store:
    """Return a store where some settings say."""
    home = settings.home.resolve()
    url = settings.store_url.get_secret_value() if settings.store_url else ""
    # Not as a text: the name of a folder need not be one in the locale that the program runs in.
    own = URL.create("sqlite", database=str(home / FILE))
    return Store(url or own, home / KEY_FILE)

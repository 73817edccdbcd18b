"""Recording calls durably.

One thread writes for the whole process. Whoever records waits until the transaction that holds the
record is on the disk; records that come meanwhile share the next one. Nothing here ever keeps a
caller from its answer: what cannot be written is reported as not recorded.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from afterword.errors import StoreError
from afterword.settings import Settings, get_settings
from afterword.store.database import NOT_WRITTEN, REST_S, RacedError
from afterword.store.moments import day_of, hour_of, seconds_of
from afterword.store.reading import ReadStore
from afterword.store.recordings import Recording
from afterword.store.tables import (
    ALERTS,
    CHECKS,
    DELIVERIES,
    EVENTS,
    METADATA,
    READINGS,
    TALLIES,
    TERMS,
    UNSEEN,
)
from afterword.store.words import add_terms, add_unseen
from afterword.tally import INPUTS, Tally, total

if TYPE_CHECKING:
    from afterword.store.alerts import AlertBook
    from afterword.store.checks import CheckLog

FILE: Final = "afterword.db"
KEY_FILE: Final = "store.key"
WAIT_S: Final = 4.0
"""How long a caller waits for its record to be on the disk."""
TOGETHER: Final = 500
"""Most records in one transaction."""
GROUP: Final = 20
"""Descriptions from which counts of terms are written: those of one are its words."""


@dataclass
class _Waiting:
    recording: Recording
    done: threading.Event = field(default_factory=threading.Event)
    written: bool = False
    given_up: bool = False


class Store(ReadStore):
    """The store of one database.

    Parameters
    ----------
    url : SQLAlchemy address.
    key_file : file of the key under which unseen words are hashed; made if it is not there.
    """

    def __init__(self, url: str, key_file: Path) -> None:
        super().__init__(url, key_file)
        self._queue: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._terms: dict[tuple[str, bool], tuple[int, Counter[int]]] = {}

    @cached_property
    def checks(self) -> CheckLog:
        """Every check that was kept."""
        from afterword.store.checks import CheckLog

        return CheckLog(self)

    @cached_property
    def alerts(self) -> AlertBook:
        """Rules, and the episodes in which they held."""
        from afterword.store.alerts import AlertBook

        return AlertBook(self)

    def record(self, recording: Recording) -> bool:
        """Write a call; True only once it is on the disk.

        Never raises. False comes after :data:`WAIT_S` seconds at the latest; :attr:`problem` then
        says why.
        """
        if time.monotonic() - self._failed_at < REST_S:
            return False
        self._start()
        waiting = _Waiting(recording)
        self._queue.put(waiting)
        if not waiting.done.wait(WAIT_S):
            waiting.given_up = True
            self._fail(StoreError(NOT_WRITTEN))
            return False
        return waiting.written

    def _start(self) -> None:
        with self._opening:
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._write, name="store", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        while True:
            together = [self._queue.get()]
            while len(together) < TOGETHER:
                try:
                    together.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            together = [one for one in together if not one.given_up]
            if not together:
                continue
            recordings = [one.recording for one in together]
            try:
                try:
                    self.write(recordings)
                except RacedError:
                    self.write(recordings)  # now the other's row is there to be added to
            except StoreError as error:
                self._fail(error)
            except Exception:
                # Whatever it was, the thread stays, and nobody is told that it was written.
                self._fail(StoreError(NOT_WRITTEN))
            else:
                self.problem = ""
                for one in together:
                    one.written = True
            for one in together:
                one.done.set()

    def write(self, recordings: Sequence[Recording]) -> None:
        """Write calls in one transaction.

        Raises
        ------
        StoreError
            Nothing of them was written.
        """
        terms = self._gather(recordings)
        with self.begin() as connection:
            connection.execute(insert(EVENTS), [_event(one) for one in recordings])
            self._add_tallies(connection, recordings)
            add_unseen(connection, recordings, self.hash)
            for (model, sample), (descriptions, counts) in terms.items():
                if descriptions >= GROUP:
                    day = day_of(recordings[-1].at)
                    add_terms(connection, day, model, sample, descriptions, counts)
        self._terms = {key: kept for key, kept in terms.items() if kept[0] < GROUP}

    def _gather(
        self, recordings: Sequence[Recording]
    ) -> dict[tuple[str, bool], tuple[int, Counter[int]]]:
        """Counts of terms with those that wait in memory until there are enough descriptions."""
        found = dict(self._terms)
        for one in recordings:
            if one.terms:
                before, counts = found.get((one.model, one.sample), (0, Counter()))
                key = one.model, one.sample
                found[key] = before + one.descriptions, counts + Counter(one.terms)
        return found

    def _add_tallies(self, connection: Connection, recordings: Sequence[Recording]) -> None:
        parts: dict[tuple[str, int, str, bool], list[Tally]] = {}
        for one in recordings:
            day = ("day", day_of(one.at), one.model, one.sample)
            hour = ("hour", hour_of(one.at), one.model, one.sample)
            parts.setdefault(day, []).append(one.tally)
            parts.setdefault(hour, []).append(one.tally.without(INPUTS))
        for (span, start, model, sample), tallies in parts.items():
            same = (
                (TALLIES.c.span == span)
                & (TALLIES.c.start == start)
                & (TALLIES.c.model == model)
                & (TALLIES.c.sample == sample)
            )
            row = connection.execute(
                select(TALLIES.c.id, TALLIES.c.content).where(same).with_for_update()
            ).first()
            if row is None:
                values = {"span": span, "start": start, "model": model, "sample": sample}
                content = total(tallies).to_dict()
                connection.execute(insert(TALLIES).values(content=content, **values))
            else:
                content = total([Tally.from_dict(row.content), *tallies]).to_dict()
                connection.execute(
                    update(TALLIES).where(TALLIES.c.id == row.id).values(content=content)
                )

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

    def forget(self, before: datetime) -> int:
        """Delete what was recorded before a day (UTC), so that its bytes are gone from the file.

        Open alerts stay until they are resolved.

        Returns
        -------
        Number of rows that were deleted.

        Raises
        ------
        StoreError
            It cannot be written.
        """
        limit = day_of(before)
        over = (ALERTS.c.last_at < limit) & (ALERTS.c.state == "resolved")
        old = [
            delete(EVENTS).where(EVENTS.c.at < limit),
            delete(TALLIES).where(TALLIES.c.span == "hour", TALLIES.c.start + 3_600 <= limit),
            delete(TALLIES).where(TALLIES.c.span == "day", TALLIES.c.start + 86_400 <= limit),
            delete(TERMS).where(TERMS.c.day + 86_400 <= limit),
            delete(UNSEEN).where(UNSEEN.c.day + 86_400 <= limit),
            delete(READINGS).where(READINGS.c.at < limit),
            delete(CHECKS).where(CHECKS.c.at < limit),
            delete(DELIVERIES).where(DELIVERIES.c.alert.in_(select(ALERTS.c.id).where(over))),
            delete(ALERTS).where(over),
        ]
        with self.begin() as connection:
            deleted = sum(connection.execute(each).rowcount for each in old)
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
            for table in METADATA.sorted_tables:
                if "sample" in table.c:
                    connection.execute(delete(table).where(table.c.sample == True))  # noqa: E712
        self._terms = {key: kept for key, kept in self._terms.items() if not key[1]}
        self._vacuum()


def _event(one: Recording) -> dict[str, object]:
    return {
        "at": seconds_of(one.at),
        "source": one.source,
        "model": one.model,
        "outcome": one.outcome,
        "latency_ms": round(1_000 * one.latency_s, 1),
        "descriptions": one.descriptions,
        "rejected": one.rejected,
        "answers": [list(row) for row in one.answers],
        "sample": one.sample,
    }


@cache
def get_store() -> Store:
    """Return the store of this process, where the settings say."""
    return store_of(get_settings())


def store_of(settings: Settings) -> Store:
    """Return a store where some settings say."""
    url = settings.store_url.get_secret_value() if settings.store_url else ""
    return Store(url or f"sqlite:///{settings.home / FILE}", settings.home / KEY_FILE)

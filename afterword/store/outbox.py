"""Messages that must leave: written together with their alert, sent later, by one process each.

A row is claimed before its message is sent and closed after it. A process that dies in between
leaves a claim, which another takes over after ``LOST_S``: a message may then arrive twice, but it
is never lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from afterword.alerts.episodes import (
    FAILED,
    OPENED,
    OVER,
    RESOLVED,
    SENDING,
    SENT,
    WAITING,
    DeliveryRecord,
)
from afterword.store import wording
from afterword.store.database import Database
from afterword.store.moments import moment_of, seconds_of
from afterword.store.schema import ALERTS, DELIVERIES

LOST_S: Final = 600
"""Seconds after which a claim is taken over; a message takes 50 s at most (`channels.send`)."""
AGAIN_S: Final = 300
"""Seconds before a failed delivery is tried again; doubled with every ``EACH`` attempts more."""
LONGEST_AGAIN_S: Final = 3_600
EACH: Final = 3
MOST_ATTEMPTS: Final = 30
"""Attempts after which a delivery stays failed: about six hours, a night without the server."""
UNKNOWN_S: Final = 86_400
"""Seconds after which a message fails whose channel no process knows any more."""
SETTINGS: Final = "Settings"
"""Stands for all channels where the settings name none that can be used."""
LONGEST_PROBLEM: Final = 300


@dataclass(frozen=True)
class Claim:
    """Messages of one alert that this process alone must send now.

    Attributes
    ----------
    alert : key of the alert.
    rows : channel → key of its row.
    at : when they were claimed, seconds.
    about : "opened" or "over".
    """

    alert: int
    rows: Mapping[str, int]
    at: int
    about: str = OPENED


class Outbox:
    """The messages of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def post(
        self,
        connection: Connection,
        alert: int,
        channels: Iterable[str],
        now: int,
        sample: bool,
        problem: str = "",
    ) -> None:
        """Write a message for each channel into a transaction.

        A problem of the settings is written in their place, as a message that failed.
        """
        base = {"alert": alert, "at": now, "attempts": 0, "sample": sample}
        rows = [{"channel": name, "state": WAITING, "problem": ""} for name in channels]
        if problem:
            rows = [{"channel": SETTINGS, "state": FAILED, "problem": problem[:LONGEST_PROBLEM]}]
        for row in rows:
            connection.execute(insert(DELIVERIES).values(**base, **row))

    def claim(self, channels: Iterable[str], *, due: datetime, now: datetime) -> Claim | None:
        """Take the messages of one alert that are due, oldest alert first.

        Parameters
        ----------
        channels : that this process can use; messages for others are left alone.
        due : time at which they must have been due.
        now : the present.

        Returns
        -------
        None if nothing is due.
        """
        names = list(channels)
        while rows := self._due(names, seconds_of(due)):
            alert, about = rows[0].alert, rows[0].about
            first = [row for row in rows if (row.alert, row.about) == (alert, about)]
            claimed = {}
            with self._database.begin() as connection:
                for row in first:
                    unchanged = _is(row.id, row.state, row.at)
                    taken = update(DELIVERIES).where(*unchanged)
                    taken = taken.values(state=SENDING, at=seconds_of(now))
                    if connection.execute(taken).rowcount == 1:
                        claimed[row.channel] = row.id
            if claimed:
                return Claim(alert, claimed, seconds_of(now), about)
        return None

    def _due(self, channels: Sequence[str], now: int) -> list[Row[Any]]:
        again = (DELIVERIES.c.attempts > 0) & (DELIVERIES.c.attempts < MOST_ATTEMPTS)
        wanted = select(DELIVERIES).where(
            DELIVERIES.c.channel.in_(channels),
            DELIVERIES.c.state.in_((WAITING, SENDING)) | ((DELIVERIES.c.state == FAILED) & again),
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(DELIVERIES.c.alert, DELIVERIES.c.id)).all()
        return [row for row in rows if row.at + _wait(row) <= now]

    def close(
        self,
        claim: Claim,
        channel: str,
        *,
        sent: bool,
        attempts: int,
        problem: str,
        now: datetime,
        over: bool = False,
    ) -> None:
        """Write what became of a claimed message, unless another process has taken it over.

        Parameters
        ----------
        claim, channel : of which message.
        sent, attempts, problem : what became of it.
        now : the present.
        over : whether it said that its alert is over. If that ended while this was sent, the
            channel is told in a message of its own, where the rule wants that.
        """
        mine = _is(claim.rows[channel], SENDING, claim.at)
        done = {
            "state": SENT if sent else FAILED,
            "attempts": DELIVERIES.c.attempts + attempts,
            "problem": problem[:LONGEST_PROBLEM],
            "at": seconds_of(now),
        }
        with self._database.begin() as connection:
            # Locked: who ends the alert meanwhile sees that it was sent, or this sees the end.
            wanted = select(ALERTS).where(ALERTS.c.id == claim.alert).with_for_update()
            alert = connection.execute(wanted).one_or_none()
            closed = connection.execute(update(DELIVERIES).where(*mine).values(done))
            missed = sent and not over and closed.rowcount == 1 and claim.about == OPENED
            if missed and alert is not None and alert.state == RESOLVED and alert.tell_over:
                rest = {"at": seconds_of(now), "sample": alert.sample}
                connection.execute(insert(DELIVERIES).values(_over(alert.id, channel) | rest))

    @staticmethod
    def post_over(connection: Connection, alert: int, now: int, sample: bool) -> None:
        """Write a message on an alert's end for each channel that took the one that it opened."""
        told = select(DELIVERIES.c.channel).where(
            DELIVERIES.c.alert == alert, DELIVERIES.c.about == OPENED, DELIVERIES.c.state == SENT
        )
        for name in connection.execute(told).scalars().all():
            rest = {"at": now, "sample": sample}
            connection.execute(insert(DELIVERIES).values(_over(alert, name) | rest))

    def drop(self, claim: Claim) -> None:
        """Delete messages whose alert is no longer kept."""
        gone = DELIVERIES.c.alert == claim.alert, DELIVERIES.c.alert.not_in(select(ALERTS.c.id))
        with self._database.begin() as connection:
            connection.execute(delete(DELIVERIES).where(*gone))

    def expire(self, channels: Iterable[str], *, now: datetime) -> None:
        """Let messages fail that have waited for a day for a channel that nobody knows."""
        old = (
            DELIVERIES.c.state == WAITING,
            DELIVERIES.c.at <= seconds_of(now) - UNKNOWN_S,
            DELIVERIES.c.channel.not_in(list(channels)),
        )
        with self._database.reading() as connection:
            rows = connection.execute(select(DELIVERIES).where(*old)).all()
        for row in rows:
            problem = wording.lost_channel(row.channel)
            lost = update(DELIVERIES).where(*_is(row.id, WAITING, row.at))
            with self._database.begin() as connection:
                connection.execute(lost.values(state=FAILED, problem=problem, at=seconds_of(now)))

    def again(self, alert: int, *, now: datetime | None = None) -> int:
        """Let the failed messages of an alert be sent again at once; return how many."""
        failed = (
            DELIVERIES.c.alert == alert,
            DELIVERIES.c.state == FAILED,
            DELIVERIES.c.channel != SETTINGS,
        )
        new = {"state": WAITING, "at": seconds_of(now or datetime.now(UTC))}
        with self._database.begin() as connection:
            return connection.execute(update(DELIVERIES).where(*failed).values(new)).rowcount


def _over(alert: int, channel: str) -> dict[str, object]:
    """A message on the end of an alert, which waits."""
    new = {"state": WAITING, "attempts": 0, "problem": "", "about": OVER}
    return {"alert": alert, "channel": channel, **new}


def _is(row: int, state: str, at: int) -> tuple[Any, ...]:
    return DELIVERIES.c.id == row, DELIVERIES.c.state == state, DELIVERIES.c.at == at


def _wait(row: Row[Any]) -> int:
    """Seconds that a row must have been as it is before it is claimed."""
    if row.state == WAITING:
        return 0
    if row.state == SENDING:
        return LOST_S
    attempts: int = row.attempts
    return min(AGAIN_S << (attempts - 1) // EACH, LONGEST_AGAIN_S)


def records_of(
    connection: Connection, alerts: Sequence[int]
) -> dict[int, tuple[DeliveryRecord, ...]]:
    """Alert → what became of its messages."""
    wanted = select(DELIVERIES).where(DELIVERIES.c.alert.in_(alerts)).order_by(DELIVERIES.c.id)
    found: dict[int, tuple[DeliveryRecord, ...]] = {}
    for row in connection.execute(wanted):
        record = DeliveryRecord(
            row.id,
            row.channel,
            row.state,
            row.attempts,
            row.problem,
            moment_of(row.at),
            row.about,
        )
        found[row.alert] = (*found.get(row.alert, ()), record)
    return found


def withdraw(connection: Connection, alert: int) -> None:
    """Send nothing more of the beginning of an alert that was closed before its condition ended."""
    waiting = (
        DELIVERIES.c.alert == alert,
        DELIVERIES.c.state == WAITING,
        DELIVERIES.c.about == OPENED,
    )
    closed = {"state": FAILED, "attempts": MOST_ATTEMPTS, "problem": wording.WITHDRAWN}
    connection.execute(update(DELIVERIES).where(*waiting).values(closed))

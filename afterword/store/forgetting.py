"""What is deleted: of a time, of a stream, or both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Delete, Table, delete, or_, select
from sqlalchemy.engine import Connection

from afterword.store.schema import (
    ALERTS,
    CHECKS,
    DELIVERIES,
    EVENTS,
    PROFILES,
    READINGS,
    RULE_STATES,
    STREAM_FILES,
    STREAM_IDS,
    STREAMS,
    TALLIES,
    UNSEEN,
    outlived,
)

_DAY: Final = 86_400
_OF_STREAMS: Final = (
    EVENTS, TALLIES, PROFILES, UNSEEN, CHECKS, RULE_STATES, ALERTS, STREAM_FILES, STREAM_IDS,
)  # fmt: skip


def forget_before(
    connection: Connection, limit: int, now: datetime, stream: int | None = None
) -> int:
    """Delete what lies before a day.

    Parameters
    ----------
    connection : in a transaction.
    limit : first second of the first day that is kept.
    now : the present, for the age of trials.
    stream : number of the one stream of which is deleted; all, and what belongs to none, if None.

    Returns
    -------
    Number of rows that were deleted.
    """
    return sum(connection.execute(each).rowcount for each in _old(limit, now, stream))


def forget_all(connection: Connection, stream: int) -> int:
    """Delete all that is kept of a stream, and the stream; the parameters are as above."""
    own = select(ALERTS.c.id).where(ALERTS.c.stream == stream)
    every = [delete(DELIVERIES).where(DELIVERIES.c.alert.in_(own))]
    every += [delete(table).where(table.c.stream == stream) for table in _OF_STREAMS]
    every.append(delete(STREAMS).where(STREAMS.c.id == stream))
    return sum(connection.execute(each).rowcount for each in every)


def _old(limit: int, now: datetime, stream: int | None) -> Iterator[Delete]:
    def of(table: Table, old: ColumnElement[bool]) -> Delete:
        own = delete(table).where(old)
        return own if stream is None else own.where(table.c.stream == stream)

    yield of(EVENTS, EVENTS.c.at < limit)
    for span, seconds in (("hour", 3_600), ("day", _DAY)):
        yield of(TALLIES, (TALLIES.c.span == span) & (TALLIES.c.start + seconds <= limit))
    yield of(PROFILES, PROFILES.c.day + _DAY <= limit)
    yield of(UNSEEN, UNSEEN.c.day + _DAY <= limit)
    yield of(STREAM_IDS, STREAM_IDS.c.day + _DAY <= limit)
    yield of(STREAM_FILES, STREAM_FILES.c.last_day + _DAY <= limit)
    # A check of days that are not kept any more has their numbers, whenever it was made.
    yield of(CHECKS, or_(CHECKS.c.at < limit, CHECKS.c.window_end <= limit))
    over = (ALERTS.c.last_at < limit) & (ALERTS.c.state == "resolved")
    over = over if stream is None else over & (ALERTS.c.stream == stream)
    yield delete(DELIVERIES).where(DELIVERIES.c.alert.in_(select(ALERTS.c.id).where(over)))
    yield delete(ALERTS).where(over)
    if stream is None:
        yield delete(READINGS).where(READINGS.c.at < limit)
        yield delete(CHECKS).where(outlived(now))

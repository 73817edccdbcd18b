"""Times as the store keeps them: whole seconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)


def seconds_of(moment: datetime) -> int:
    """Seconds since 1970."""
    return int(moment.timestamp())


def moment_of(seconds: int) -> datetime:
    """The time of some seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def day_of(moment: datetime) -> int:
    """When a moment's day began, in seconds since 1970."""
    return seconds_of(moment) // 86_400 * 86_400


def day_in(moment: datetime, zone: str) -> int:
    """The first second (UTC) of the date that a moment has in a zone.

    >>> moment_of(day_in(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), "Europe/Berlin")).date()
    datetime.date(2026, 3, 2)
    """
    if zone == "UTC":
        return day_of(moment)
    return seconds_of(midnight(moment.astimezone(ZoneInfo(zone)).date()))


def midnight(day: date) -> datetime:
    """The midnight (UTC) for which a date stands in the store."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def hour_of(moment: datetime) -> int:
    """When a moment's hour began, in seconds since 1970."""
    return seconds_of(moment) // 3_600 * 3_600


def day_start(moment: datetime) -> datetime:
    """The midnight (UTC) at which a moment's day began."""
    return moment_of(day_of(moment))

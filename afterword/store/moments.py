"""Times as the store keeps them: whole seconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

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


def hour_of(moment: datetime) -> int:
    """When a moment's hour began, in seconds since 1970."""
    return seconds_of(moment) // 3_600 * 3_600


def day_start(moment: datetime) -> datetime:
    """The midnight (UTC) at which a moment's day began."""
    return moment_of(day_of(moment))

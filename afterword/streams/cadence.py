"""Periods of a stream: days, weeks as ISO 8601 has them, and months, each called by a label.

A day is a date of the stream's own calendar, whatever its length: that on which a clock is put
back is one day.

>>> parse("2026-W01").first, parse("2026-W01").last
(datetime.date(2025, 12, 29), datetime.date(2026, 1, 4))
>>> [each.label for each in periods("week", date(2020, 12, 28), date(2021, 1, 10))]
['2020-W53', '2021-W01']
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from afterword.errors import StreamError
from afterword.store.moments import DAY, midnight
from afterword.store.stream_records import Cadence
from afterword.streams import wording

LONGEST: Final = 366 * 10
"""Days of the longest stretch that is cut into periods."""
_LABEL: Final = re.compile(r"(\d{4})-(?:W(\d\d)|(\d\d)(?:-(\d\d))?)", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Period:
    """A day, a week or a month.

    Attributes
    ----------
    first, last : its dates, both in it.
    cadence : "day", "week" or "month".
    """

    first: date
    last: date
    cadence: Cadence

    @property
    def label(self) -> str:
        """What it is called: "2026-11-29", "2026-W47" or "2026-11"."""
        if self.cadence == "day":
            return self.first.isoformat()
        if self.cadence == "month":
            return f"{self.first:%Y-%m}"
        year, week, _ = self.first.isocalendar()
        return f"{year:04d}-W{week:02d}"

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The midnights (UTC) for which its first date and the one after its last stand."""
        return midnight(self.first), midnight(self.last) + DAY

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def next(self) -> Period:
        """The period after it."""
        return period_of(self.last + timedelta(days=1), self.cadence)

    @property
    def before(self) -> Period:
        """The period before it."""
        return period_of(self.first - timedelta(days=1), self.cadence)


def period_of(day: date, cadence: Cadence) -> Period:
    """The period in which a date lies.

    >>> period_of(date(2024, 2, 29), "month").label, period_of(date(2027, 1, 3), "week").label
    ('2024-02', '2026-W53')
    """
    if cadence == "day":
        return Period(day, day, cadence)
    if cadence == "week":
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6), cadence)
    following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return Period(day.replace(day=1), following - timedelta(days=1), cadence)


def parse(label: str) -> Period:
    """Read what a period is called.

    Parameters
    ----------
    label : "2026-11-29", "2026-W47" or "2026-11".

    Raises
    ------
    StreamError
        There is no such day, week or month.
    """
    found = _LABEL.fullmatch(label.strip())
    if found is None:
        raise StreamError(wording.PERIOD)
    year, week, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        if week is not None:
            return period_of(date.fromisocalendar(year, week, 1), "week")
        assert month is not None
        return period_of(date(year, month, day or 1), "day" if day is not None else "month")
    except (ValueError, OverflowError):
        raise StreamError(wording.PERIOD) from None


def parse_day(text: str) -> date:
    """Read a date.

    Raises
    ------
    StreamError
        It is none.

    >>> parse_day("2026-11-29")
    datetime.date(2026, 11, 29)
    """
    found = parse(text)
    if found.cadence != "day":
        raise StreamError(wording.NO_DAY)
    return found.first


def periods(cadence: Cadence, first: date, last: date) -> tuple[Period, ...]:
    """The periods in which the dates from one to another lie, in order.

    Raises
    ------
    StreamError
        The last date comes before the first, or there are more than ten years between them.
    """
    if last < first or (last - first).days > LONGEST:
        raise StreamError(wording.NO_STRETCH)
    found = [period_of(first, cadence)]
    while found[-1].last < last:
        found.append(found[-1].next)
    return tuple(found)


def last_whole(cadence: Cadence, days: Iterable[date], today: date) -> Period | None:
    """The last period with rows that is over; None if there is none.

    Parameters
    ----------
    cadence : length of the periods.
    days : that have rows.
    today : the present date of the stream's calendar.
    """
    over = [each for day in days if (each := period_of(day, cadence)).last < today]
    return max(over, default=None)


def today_in(zone: str, now: datetime) -> date:
    """The date that it is in a zone.

    >>> from datetime import UTC
    >>> today_in("Asia/Kolkata", datetime(2026, 3, 1, 20, tzinfo=UTC))
    datetime.date(2026, 3, 2)
    """
    return now.astimezone(ZoneInfo(zone)).date()

"""Periods: their labels and dates, across years and where clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from afterword.errors import StreamError
from afterword.store.stream_records import CADENCES
from afterword.streams.cadence import (
    Period,
    last_whole,
    parse,
    parse_day,
    period_of,
    periods,
    today_in,
)


@pytest.mark.parametrize(
    ("label", "first", "last"),
    [
        ("2026-11-29", "2026-11-29", "2026-11-29"),
        ("2026-W47", "2026-11-16", "2026-11-22"),
        ("2026-w47", "2026-11-16", "2026-11-22"),
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2026-W53", "2026-12-28", "2027-01-03"),
        ("2025-W01", "2024-12-30", "2025-01-05"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_label_is_read_and_written_again(label: str, first: str, last: str) -> None:
    found = parse(label)
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert found.label == label.upper()
    start, end = found.span
    assert (start.date(), end.date() - timedelta(days=1)) == (found.first, found.last)
    assert start.tzinfo is UTC


@pytest.mark.parametrize(
    "label",
    ["", "2026", "2026-W54", "2025-W53", "2026-W00", "2026-13", "2026-02-29", "0000-01", "W47",
     "2026-11-29T08:00", "٢٠٢٦-11"],
)  # fmt: skip
def test_what_is_no_period_is_refused(label: str) -> None:
    with pytest.raises(StreamError, match="Name a period"):
        parse(label)


def test_a_day_is_no_week() -> None:
    with pytest.raises(StreamError, match="Name a day"):
        parse_day("2026-W47")


@pytest.mark.parametrize("cadence", CADENCES)
def test_periods_follow_each_other_without_a_gap(cadence) -> None:
    found = periods(cadence, date(2019, 1, 1), date(2027, 12, 31))
    for one, other in pairwise(found):
        assert other.first - one.last == timedelta(days=1)
        assert (one.next, other.before) == (other, one)
        assert parse(one.label) == one
    assert sum(each.days for each in found) == (found[-1].last - found[0].first).days + 1
    assert found == tuple(sorted(found))


def test_a_stretch_that_ends_before_it_begins_is_refused() -> None:
    assert [each.label for each in periods("day", date(2026, 3, 1), date(2026, 3, 1))] == [
        "2026-03-01"
    ]
    with pytest.raises(StreamError):
        periods("day", date(2026, 3, 2), date(2026, 3, 1))
    with pytest.raises(StreamError):
        periods("day", date(1, 1, 1), date(2026, 3, 1))


def test_the_last_period_that_is_over_is_the_last_whole_one() -> None:
    days = [date(2026, 11, 10), date(2026, 11, 18), date(2026, 11, 24), date(2062, 1, 1)]
    last = last_whole("week", days, date(2026, 11, 25))
    assert last == Period(date(2026, 11, 16), date(2026, 11, 22), "week")
    assert last_whole("week", days, date(2026, 11, 30)) == period_of(days[2], "week")
    assert last_whole("month", days, date(2026, 11, 30)) is None
    assert last_whole("day", [], date(2026, 11, 30)) is None


def test_the_day_on_which_clocks_change_is_one_day() -> None:
    for hours in (0, 12, 22):  # 25 hours of 25 October, in Berlin
        at = datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(hours=hours)
        assert today_in("Europe/Berlin", at) == date(2026, 10, 25)
    assert today_in("Europe/Berlin", datetime(2026, 10, 25, 23, tzinfo=UTC)) == date(2026, 10, 26)

"""Columns of times: every usual form is read as it is meant, and what was a choice is said."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.files import time_cells
from afterword.files.plain_times import read_plain
from afterword.files.time_zones import zone_of_name
from afterword.files.times import STAND_IN_DAYS, Times, looks_like_times, share_of_times, understand

MORNING = pd.Timestamp("2023-10-09 07:45", tz="UTC")
DAY = pd.Timestamp("2023-10-09", tz="UTC")
ENDLESS = settings(max_examples=60, deadline=None)


def read(*cells, **options) -> Times:
    return understand(pd.Series(list(cells), dtype=object), **options)


def days(found: Times) -> list[str | None]:
    return [None if pd.isna(day) else str(day.date()) for day in found.days]


# ---- one cell --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("2023-10-09T07:45:00Z", "ISO 8601"),
        ("2023-10-09 07:45", "ISO 8601"),
        ("2023-10-09T07:45:00.000000000", "ISO 8601"),
        ("2023-10-09T0745", "ISO 8601"),
        ("2023-10-09 09:45:00+02", "ISO 8601"),
        ("2023-10-09T13:15:00+0530", "ISO 8601"),
        ("2023-10-09T04:15:00-03:30", "ISO 8601"),
        ("2023-10-09 03:45:00 −04:00", "ISO 8601"),
        ("2023-10-09T09:45:00+02:00[Europe/Berlin]", "ISO 8601"),
        ("2023-10-09T09:45[Europe/Berlin]", "ISO 8601"),
        ("2023-10-09 09:45:00 CEST", "ISO 8601"),
        ("2023-10-09 03:45:00 EDT", "ISO 8601"),
        ("2023-10-09 00:45 PDT", "ISO 8601"),
        ("2023-10-09 07:45 UTC", "ISO 8601"),
        ("2023-10-09 09:45:00 +0200 CEST", "ISO 8601"),
        ("2023-W41-1T07:45", "ISO 8601 weeks"),
        ("2023W411T0745", "ISO 8601 weeks"),
        ("20231009T074500", "year, month and day in one number"),
        ("20231009T074500Z", "year, month and day in one number"),
        ("20231009074500", "year, month and day in one number"),
        (202310090745, "year, month and day in one number"),
        ("2023/10/09 9:45:00 AM GMT+2", "year/month/day"),
        ("2023.10.09 07:45", "year/month/day"),
        ("9/10/2023 7:45", "day/month/year"),
        ("9/10/23 7:45 AM", "day/month/year"),
        ("9/10/2023, 7:45:00\u202fa.m.", "day/month/year"),
        ("09.10.23 07:45", "day/month/year"),
        ("9. 10. 2023 07:45 Uhr", "day/month/year"),
        ("Mo, 09.10.2023 7:45", "day/month/year"),
        ("Mon Oct 09 07:45:00 +0000 2023", "dates with the month's name"),
        ("Mon Oct  9 09:45:00 CEST 2023", "dates with the month's name"),
        ("Mon Oct 09 2023 09:45:00 GMT+0200 (Summer Time)", "dates with the month's name"),
        ("09-Oct-2023 07:45:00", "dates with the month's name"),
        ("09-OCT-23 07.45.00.000000 AM", "dates with the month's name"),
        ("09-OCT-23 09.45.00.000000 AM EUROPE/BERLIN", "dates with the month's name"),
        ("09/Oct/2023:07:45:00 +0000", "dates with the month's name"),
        ("Mon, 09 Oct 2023 09:45:00 +0200", "dates with the month's name"),
        ("Monday, October 9th, 2023 at 7:45 AM", "dates with the month's name"),
        ("Oct. 9, 2023, 7:45 am", "dates with the month's name"),
        ("9. Oktober 2023 um 7:45", "dates with the month's name"),
        ("9 octobre 2023 à 07h45", "dates with the month's name"),
        ("9 de octubre de 2023, 7:45 a. m.", "dates with the month's name"),
        ("2023-Oct-09 07:45", "dates with the month's name"),
        ("09OCT2023:07:45:00", "dates with the month's name"),
        (45208.322916666664, "Excel's serial days"),
        ("45208.3229166667", "Excel's serial days"),
        ("45208,3229166667", "Excel's serial days"),
        (1696837500, "Unix seconds"),
        ("1696837500", "Unix seconds"),
        (1696837500.0, "Unix seconds"),
        (1696837500000, "Unix milliseconds"),
        ("1696837500000", "Unix milliseconds"),
        (1696837500000000, "Unix microseconds"),
        ("1696837500000000000", "Unix nanoseconds"),
        (np.int64(1696837500), "Unix seconds"),
        (datetime(2023, 10, 9, 7, 45), "dates and times"),
        (pd.Timestamp("2023-10-09 09:45", tz="Europe/Berlin"), "dates and times"),
        (np.datetime64("2023-10-09T07:45"), "dates and times"),
        (pd.Period("2023-10-09 07:45", "min"), "dates and times"),
    ],
)
def test_a_time_is_read_in_every_usual_form(cell, form: str) -> None:
    found = read(cell, None, " ")
    assert found.values[0] == MORNING
    assert found.values[1:].isna().all()
    assert (found.form, found.misread, found.outliers) == (form, 0, 0)
    assert days(found) == ["2023-10-09", None, None]
    assert looks_like_times(pd.Series([cell, None, " "], dtype=object))


@pytest.mark.parametrize(
    "cell",
    ["2023-10-09", "20231009", 20231009, 20231009.0, "2023-W41-1", "2023-W41", "9/10/2023",
     "9.10.2023", "9-10-2023", "9 Oct 2023", "October 9, 2023", "9-okt-23", "9 oct. 2023",
     "45208", 45208, date(2023, 10, 9), pd.Period("2023-10-09", "D"), "2023-10-08 24:00",
     "'2023-10-09", "Monday, 9 October 2023", "2023-10-09 12:00 AM"],
)  # fmt: skip
def test_a_day_is_read_in_every_usual_form(cell) -> None:
    found = read(cell)
    assert found.values[0] == DAY
    assert found.misread == 0


@pytest.mark.parametrize(
    "cell",
    ["soon", "He stared at me.", "12-34", "555-1234", "1.2.3.4", "9/10/2023 8", "9/10/2023 815",
     "9 Oct 07:45", "Oct 23", "Foo 2023", "13/2023", "2023-13", "10.23", "9 Foo 2023",
     "2023-13-09", "2023-02-30", "30/02/2023",
     "2023-10-09 25:00", "2023-10-09 07:61", "2023-10-09 13:00 AM",
     "2023-10-09 07:45 Nowhere/Land", "2023-10-09 07:45 ../../etc", "2023-10-09 07:45+99:00",
     "2023-W54-1", "1.71E+12", "9" * 30, "-" + "9" * 30, "inf", "nano", "5", "0", 5, 0, -1, True,
     np.True_, 10**30, 10**400, 10.0**300, float("inf"), 2**70, [1], {}, object(), b"2023-10-09",
     pd.Timedelta("5s"), np.timedelta64(1_696_837_500, "s"), np.datetime64(2**60, "s"),
     complex(1, 1), "2023-10-09 " + "x" * 500, "٢٠٢٣-١٠-٠٩"],
)  # fmt: skip
def test_what_is_no_time_costs_its_own_cell_and_no_other(cell) -> None:
    assert read(cell).values.isna().all()
    assert read(cell).misread == 1
    assert not looks_like_times(pd.Series([cell], dtype=object))
    found = read("2023-10-09", cell, "2023-10-10")
    assert days(found) == ["2023-10-09", None, "2023-10-10"]
    assert (found.form, found.misread) == ("ISO 8601", 1)


@pytest.mark.parametrize("unit", [1, 1_000])
def test_a_number_far_off_the_scale_of_its_column_is_no_time(unit: int) -> None:
    found = read(1696837500 * unit, 2**50 * unit, 10**30, float("inf"), 1696837600 * unit)
    assert found.values.notna().tolist() == [True, False, False, False, True]
    assert found.misread == 3


def test_what_stands_for_an_empty_cell_is_not_misread() -> None:
    found = read("2023-10-09", "", "n/a", "#N/A", "NULL", "-", None, float("nan"), pd.NaT)
    assert (found.misread, int(found.values.notna().sum())) == (0, 1)


def test_two_digits_of_a_year_are_of_the_century_that_posix_says() -> None:
    assert days(read("25.12.68", "25.12.69")) == ["2068-12-25", "1969-12-25"]
    assert days(read("25-Dec-68", "25-Dec-69")) == ["2068-12-25", "1969-12-25"]


def test_a_column_keeps_its_index_and_its_kinds() -> None:
    column = pd.Series(["2023-10-09", None, "x"], index=[7, 3, 7], name="received")
    for given_ in (column, column.astype("category"), column.astype("string")):
        found = understand(given_)
        assert found.values.index.tolist() == found.days.index.tolist() == [7, 3, 7]
        assert str(found.values.dtype) == "datetime64[us, UTC]"
        assert str(found.days.dtype) == "datetime64[us]"
    empty = understand(column[:0])
    assert str(empty.values.dtype) == "datetime64[us, UTC]"
    assert (empty.form, empty.misread) == ("no times", 0)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_column_of_times_is_taken_as_it_is(unit: str) -> None:
    column = pd.Series(np.array(["2023-10-09T07:45", "NaT"], f"M8[{unit}]"))
    found = understand(column)
    assert (found.values[0], found.zone, found.misread) == (MORNING, "none", 0)
    there = understand(column.dt.tz_localize("Asia/Kolkata"))
    assert there.values[0] == MORNING - pd.Timedelta("5h30min")
    assert (there.zone, days(there)) == ("Asia/Kolkata", ["2023-10-09", None])
    assert understand(column.dt.tz_localize("UTC")).zone == "UTC"
    fixed = column.dt.tz_localize(timezone(timedelta(hours=5, minutes=30)))
    assert understand(fixed).zone == "+05:30"
    assert understand(column, zone="Asia/Kolkata").values[0] == there.values[0]


def test_columns_of_other_kinds_of_numbers_and_times_are_read() -> None:
    import pyarrow as pa

    whole = pd.Series([1696837500, None], dtype="Int64")
    assert understand(whole).values[0] == MORNING
    assert understand(whole.astype("float64")).values[0] == MORNING
    arrow = pd.Series([MORNING, None]).astype(pd.ArrowDtype(pa.timestamp("ms", "UTC")))
    assert understand(arrow).values[0] == MORNING
    arrow_days = pd.Series([date(2023, 10, 9)]).astype(pd.ArrowDtype(pa.date32()))
    assert understand(arrow_days).values[0] == DAY
    assert understand(pd.Series(pd.period_range("2023-10-09", periods=2))).values[0] == DAY
    far = understand(pd.Series(np.array([2**60, 1_696_837_500], "M8[s]")))
    assert (far.values[1], far.misread) == (MORNING, 1)


# ---- forms beside one another ------------------------------------------------------------------


def test_the_commonest_form_is_taken_and_clear_ones_beside_it() -> None:
    found = read("25/12/2023", "26/12/2023", "2023-12-27", "28 Dec 2023", 1696837500, 45208)
    assert days(found)[:4] == ["2023-12-25", "2023-12-26", "2023-12-27", "2023-12-28"]
    assert (found.form, found.order, found.misread) == ("day/month/year", "day-first", 2)


def test_an_unclear_form_beside_a_clear_one_is_not_guessed() -> None:
    found = read("2023-12-25", "2023-12-26", "05/06/2024")
    assert (found.misread, found.order, found.order_doubtful) == (1, None, False)
    found = read("2023-12-25", "2023-12-26", "13/06/2024")
    assert days(found)[2] == "2024-06-13"
    found = read("2023-12-25", "2023-12-26", "05/06/2024", order="month-first")
    assert days(found)[2] == "2024-05-06"


# ---- day and month -----------------------------------------------------------------------------


def test_one_value_above_twelve_settles_the_whole_column() -> None:
    found = read("01/02/2024", "13/02/2024")
    assert (days(found), found.order) == (["2024-02-01", "2024-02-13"], "day-first")
    assert not found.order_doubtful
    found = read("01/02/2024 9:30 PM", "02/13/2024 9:30 PM")
    assert (days(found), found.order) == (["2024-01-02", "2024-02-13"], "month-first")
    assert (found.form, found.order_doubtful) == ("month/day/year", False)


@pytest.mark.parametrize(
    "cell",
    ["2023-10", "2023/10", "2023.10", "10/2023", "10-2023", "10.2023", "October 2023", "Oct. 2023",
     "Oktober 2023", "octobre 2023", "octubre de 2023", "Oct-23", "Oct '23", "2023 Oct",
     "2023-October"],
)  # fmt: skip
def test_a_month_without_a_day_is_its_first_day_in_a_column_of_months(cell: str) -> None:
    found = read(cell, None)
    assert (days(found), found.misread) == (["2023-10-01", None], 0)
    assert found.form == "months, as their first days"


def test_a_month_among_days_is_not_taken_for_a_day() -> None:
    found = read("2023-10-09", "2023-10-10", "Oct 2023")
    assert (days(found), found.misread) == (["2023-10-09", "2023-10-10", None], 1)


def test_a_day_without_a_year_is_no_month() -> None:
    assert days(read("May 24 2023", "May-24")) == ["2023-05-24", None]
    assert read("May 24", "Jun 24").misread == 2


def test_values_that_contradict_each_other_leave_a_doubt() -> None:
    found = read("13/02/2024", "14/02/2024", "02/15/2024", "01/02/2024")
    assert days(found) == ["2024-02-13", "2024-02-14", None, "2024-02-01"]
    assert (found.order, found.order_doubtful, found.misread) == ("day-first", True, 1)


@pytest.mark.parametrize("separator", "/-")
def test_where_nothing_settles_the_order_the_narrower_period_does(separator: str) -> None:
    week = pd.Series(pd.date_range("2023-03-02", periods=7))
    for order, form in (("month-first", "%m/%d/%Y"), ("day-first", "%d/%m/%Y")):
        found = understand(week.dt.strftime(form.replace("/", separator)))
        assert (found.order, found.order_doubtful, found.misread) == (order, True, 0)
        assert found.days.tolist() == week.tolist()


@pytest.mark.parametrize("straggler", ["2023-02-03", "2023-03-12", "2022-12-01"])
def test_stragglers_of_years_before_do_not_turn_a_week_around(straggler: str) -> None:
    week = pd.Series([*pd.date_range("2024-05-06", periods=7), pd.Timestamp(straggler)])
    assert understand(week.dt.strftime("%m/%d/%Y")).order == "month-first"
    assert understand(week.dt.strftime("%d/%m/%Y")).order == "day-first"


def test_the_day_is_first_where_both_orders_are_as_narrow() -> None:
    found = read("6/5/2024", "6/5/2024")
    assert (days(found)[0], found.order, found.order_doubtful) == ("2024-05-06", "day-first", True)


# ---- what a spreadsheet of another country did ---------------------------------------------------

MAY = pd.Series(pd.date_range("2024-05-01 08:15", periods=28))


def opened_elsewhere(form: str, dates: str | None = None) -> list[object]:
    """Days of May whose day and month a spreadsheet has exchanged where it could."""
    exchanged = [day.replace(month=day.day, day=5) if day.day <= 12 else None for day in MAY]
    return [
        day.strftime(form) if other is None else other if dates is None else f"{other:{dates}}"
        for day, other in zip(MAY, exchanged, strict=True)
    ]


@pytest.mark.parametrize("dates", [None, "%Y-%m-%d %H:%M:%S"])
@pytest.mark.parametrize(
    ("form", "order"), [("%m/%d/%Y %H:%M", "month-first"), ("%d.%m.%y %H:%M", "day-first")]
)
def test_day_and_month_that_a_spreadsheet_exchanged_are_exchanged_back(form, order, dates) -> None:
    cells = opened_elsewhere(form, dates)
    found = read(*cells)
    assert days(found) == [str(day.date()) for day in MAY]
    assert (found.order, found.order_doubtful, found.exchanged) == (order, True, True)
    assert found.misread == 0
    told = read(*cells, order=order)
    assert (days(told), told.order_doubtful, told.exchanged) == (days(found), False, True)
    other = "day-first" if order == "month-first" else "month-first"
    left = read(*cells, order=other)
    assert (left.order, left.order_doubtful, left.misread) == (other, False, 0)
    assert days(left) == [
        f"2024-{day.day:02}-05" if day.day <= 12 else str(day.date()) for day in MAY
    ]


def test_a_spreadsheets_own_form_beside_texts_that_it_left_is_read_in_their_order() -> None:
    cells = [f"{day:%m.%d.%Y}" if day.day <= 12 else f"{day:%m/%d/%Y}" for day in MAY]
    found = read(*cells)
    assert days(found) == [str(day.date()) for day in MAY]
    assert (found.order, found.order_doubtful) == ("month-first", True)


def test_one_stroke_among_dots_does_not_turn_a_week_around() -> None:
    week = [f"{day:%d.%m.%Y}" for day in pd.date_range("2024-05-06", periods=7)]
    found = read(*week, "05/13/2024")
    assert (found.order, found.order_doubtful, found.misread) == ("day-first", True, 1)
    assert days(found)[0] == "2024-05-06"


def test_true_dates_stay_as_they_are_where_nothing_or_little_speaks_of_an_exchange() -> None:
    week = list(pd.date_range("2024-05-06", periods=7))
    few = read(*week, "05/13/2024")  # exchanged, the week would be seven months
    assert (few.exchanged, few.order_doubtful, days(few)[0]) == (False, True, "2024-05-06")
    assert days(few)[-1] == "2024-05-13"
    late = read(*week, pd.Timestamp("2024-05-14"), "05/15/2024")
    assert (late.exchanged, late.order_doubtful, late.misread) == (None, False, 0)
    both = read(*week, "05/13/2024", "05/06/2024")
    assert both.exchanged is None
    assert read("2024-05-06", "05/13/2024").exchanged is None
    assert read("2024-05-06", "05/13/2024").order_doubtful is False


def test_before_a_dot_stands_the_day() -> None:
    found = read("06.05.24 08:15", "06.05.24 08:15")
    assert (days(found)[0], found.order, found.order_doubtful) == ("2024-05-06", "day-first", False)
    months = read("01.01.2024", "01.02.2024", "01.03.2024", "01.04.2024")
    assert (days(months)[1], months.order_doubtful) == ("2024-02-01", True)
    american = read("05.13.2024", "05.06.2024", "05.07.2024")
    assert (american.order, american.order_doubtful) == ("month-first", False)


def test_an_order_that_is_given_is_obeyed() -> None:
    found = read("05/06/2024", "05/07/2024", "13/07/2024", order="month-first")
    assert days(found) == ["2024-05-06", "2024-05-07", None]
    assert (found.order, found.order_doubtful, found.misread) == ("month-first", False, 1)
    assert read("6.5.2024", order="month-first").days[0] == pd.Timestamp("2024-06-05")
    with pytest.raises(ValueError, match="day-first or month-first"):
        read("05/06/2024", order="year-first")


def test_a_year_of_two_digits_may_stand_first() -> None:
    found = read("24-05-06", "24-05-07", "24-05-08", "24-05-19")
    assert days(found) == ["2024-05-06", "2024-05-07", "2024-05-08", "2024-05-19"]
    assert (found.order, found.order_doubtful) == (None, True)
    assert found.form == "year/month/day with two digits of the year"
    settled = read("98-05-06", "98-05-07")
    assert (days(settled)[0], settled.order_doubtful) == ("1998-05-06", False)
    alone = read("24/05/13")
    assert (days(alone), alone.order_doubtful) == (["2013-05-24"], True)


def test_one_day_that_is_none_does_not_turn_the_years_around() -> None:
    week = pd.Series(pd.date_range("2024-04-22", periods=8)).dt.strftime("%d/%m/%y")
    found = understand(pd.concat([week, pd.Series(["31/04/24"])], ignore_index=True))
    assert (found.order, found.misread, days(found)[0]) == ("day-first", 1, "2024-04-22")


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%y", "%m-%d-%y", "%y-%m-%d"])
def test_an_honest_file_is_read_right_or_said_to_be_doubtful(form: str) -> None:
    rng = np.random.default_rng(5)
    wrong = 0
    for _ in range(120):
        length, rows = rng.integers(1, 401) if rng.random() < 0.5 else 9, rng.integers(5, 60)
        start = pd.Timestamp("2022-01-01") + pd.Timedelta(days=int(rng.integers(0, 1_000)))
        times = pd.Series(start + pd.to_timedelta(rng.integers(0, length, rows), unit="D"))
        found = understand(times.dt.strftime(form))
        right = found.days.tolist() == times.tolist()
        assert right or found.order_doubtful
        wrong += not right and times.nunique() > 1
    assert wrong <= 3


# ---- times that stand for none -----------------------------------------------------------------


@pytest.mark.parametrize(
    "stand_in",
    ["1900-01-01", "1899-12-30", "1970-01-01 00:00:00", "9999-12-31", "0001-01-01", "2100-01-01",
     "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-08:00", "01 Jan 1970", "2999-12-31",
     "1753-01-01", "1970-01-01T00:00:00+05:30", "1969-12-31T19:00:00-05:00"],
)  # fmt: skip
def test_a_day_that_stands_for_none_is_set_aside(stand_in: str) -> None:
    week = [str(day) for day in pd.date_range("2024-03-04", periods=7)]
    found = read(*week, stand_in, stand_in)
    assert found.values.notna().tolist() == [True] * 7 + [False] * 2
    assert found.days.notna().tolist() == [True] * 7 + [False] * 2
    assert found.outliers + found.misread == 2
    assert found.outliers == (0 if stand_in.endswith("-08:00") else 2)


def test_numbers_that_stand_for_no_time_are_set_aside() -> None:
    found = read(45208, 45209.5, 0, 1, 2_958_465)
    assert (found.form, found.outliers, found.misread) == ("Excel's serial days", 3, 0)
    found = read("1696837500", "0", "-1", "253402300799")
    assert (found.form, found.outliers, found.misread) == ("Unix seconds", 3, 0)


def test_the_smallest_moment_of_another_system_is_no_year_of_this_century() -> None:
    found = read("01/01/0001 00:00:00", "13/05/2024 10:00:00", "14/05/2024 10:00:00")
    assert (days(found), found.outliers) == ([None, "2024-05-13", "2024-05-14"], 1)


def test_one_time_that_is_decades_away_is_set_aside_and_an_honest_tail_is_not() -> None:
    week = [str(day) for day in pd.date_range("2024-03-04", periods=7)]
    assert read(*week, "1924-03-05").outliers == 1
    assert read(*week, "2074-03-05").outliers == 1
    for honest in ("2023-03-04", "2014-03-04", "2006-01-01", "2031-01-01"):
        assert read(*week, honest).outliers == 0
    assert read("1990-05-06", "2024-05-06").outliers == 0
    assert read(*week, *[f"19{year}-03-04" for year in range(70, 80)]).outliers == 0
    around = [str(day) for day in pd.date_range("1969-12-25", periods=14)]
    assert read(*around).outliers == 0
    assert read("1970-01-01", "1970-01-01").outliers == 0
    assert read("1968-05-06", "1970-01-01", "1973-02-03").outliers == 0


def test_honest_tails_are_never_cut() -> None:
    rng = np.random.default_rng(3)
    for _ in range(100):
        rows = int(rng.integers(2, 200))
        back = np.where(
            rng.random(rows) < 0.1, rng.exponential(200, rows), rng.integers(0, 7, rows)
        )
        times = pd.Series(pd.Timestamp("2024-03-04") - pd.to_timedelta(back.round(), unit="D"))
        assert understand(times).outliers == 0
        assert understand(times.dt.strftime("%Y-%m-%d")).outliers == 0


# ---- zones -------------------------------------------------------------------------------------


def test_days_are_counted_in_the_zone_that_the_file_writes() -> None:
    found = read("2024-03-04T00:30:00+05:30", "2024-03-04T23:30:00+05:30")
    assert (days(found), found.zone) == (["2024-03-04"] * 2, "+05:30")
    assert str(found.values[0]) == "2024-03-03 19:00:00+00:00"
    assert read("2024-03-04T00:30Z").zone == read("2024-03-04 00:30 GMT").zone == "UTC"
    assert read("2024-03-04T00:30").zone == "none"


def test_summer_and_winter_of_one_zone_are_named_together() -> None:
    found = read("2024-03-30T00:30+01:00", "2024-04-02T00:30+02:00")
    assert (found.zone, days(found)) == ("+01:00/+02:00", ["2024-03-30", "2024-04-02"])
    assert read("2024-03-09 00:30 EST", "2024-03-12 00:30 EDT").zone == "-05:00/-04:00"


def test_each_row_of_several_zones_has_its_own_day() -> None:
    found = read("2024-03-04T00:30+05:30", "2024-03-03T21:30-05:00")
    assert (found.zone, days(found)) == ("mixed", ["2024-03-04", "2024-03-03"])
    assert read("2024-03-04T00:30+05:30", "2024-03-04T00:30").zone == "mixed"


def test_a_zone_that_is_given_is_that_of_times_without_one() -> None:
    found = read("2024-03-30 00:30", "2024-04-01 00:30", zone="Europe/Berlin")
    assert found.values.map(str).tolist() == [
        "2024-03-29 23:30:00+00:00", "2024-03-31 22:30:00+00:00",
    ]  # fmt: skip
    assert (found.zone, days(found)) == ("Europe/Berlin", ["2024-03-30", "2024-04-01"])
    written = read("2024-03-30T00:30+05:30", zone="Europe/Berlin")
    assert (str(written.values[0]), written.zone) == ("2024-03-29 19:00:00+00:00", "+05:30")
    assert read("2024-03-30 00:30", zone="utc").zone == "UTC"
    with pytest.raises(ValueError, match="no such time zone"):
        read("2024-03-30", zone="Europe/Nowhere")


def test_an_offset_that_is_given_is_that_of_times_without_a_zone() -> None:
    found = read("2024-03-30 00:30", "2024-03-30 00:30Z", zone="+02:00")
    assert str(found.values[0]) == "2024-03-29 22:30:00+00:00"
    assert (found.zone, days(found)) == ("mixed", ["2024-03-30", "2024-03-30"])
    assert read("2024-03-30 00:30", zone="-03:30").zone == "-03:30"
    assert read("2024-03-30 00:30", zone="+00:00").zone == "UTC"
    late = int(pd.Timestamp("2024-03-03 23:00", tz="UTC").timestamp())
    assert days(read(late, zone="+02:00")) == ["2024-03-04"]
    typed = understand(pd.Series(pd.to_datetime(["2024-03-30 00:30"])), zone="+02:00")
    assert (str(typed.values[0]), typed.zone) == ("2024-03-29 22:30:00+00:00", "+02:00")


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Time (UTC)", "+00:00"),
        ("timestamp_utc", "+00:00"),
        ("createdAtUtc", "+00:00"),
        ("comment_date_gmt", "+00:00"),
        ("Time UTC+2", "+02:00"),
        ("Date (GMT+2)", "+02:00"),
        ("Date [UTC-03:30]", "-03:30"),
        ("Zeit (MEZ)", "+01:00"),
        ("Created At [Europe/Berlin]", "Europe/Berlin"),
        ("Time (IST)", "?IST"),
        ("Time (local)", ""),
        ("Date (DD/MM/YYYY)", ""),
        ("Time (s)", ""),
        ("Time (h)", ""),
        ("(UTC) Time", ""),
        ("date est", ""),
        ("received_at", ""),
        ("Date (" + "x" * 500 + ")", ""),
    ],
)
def test_a_columns_name_tells_a_zone_in_brackets_or_utc_behind_it(name: str, zone: str) -> None:
    assert zone_of_name(name) == zone


def test_hours_that_a_clock_repeats_or_skips_are_read() -> None:
    found = read("2024-10-27 02:30", "2024-03-31 02:30", zone="Europe/Berlin")
    assert found.values.map(str).tolist() == [
        "2024-10-27 00:30:00+00:00", "2024-03-31 01:00:00+00:00",
    ]  # fmt: skip
    assert days(found) == ["2024-10-27", "2024-03-31"]


def test_the_days_of_unix_seconds_are_those_of_the_zone_that_is_given() -> None:
    late = int(pd.Timestamp("2024-03-03 20:00", tz="UTC").timestamp())
    assert (read(late).zone, days(read(late))) == ("UTC", ["2024-03-03"])
    there = read(late, zone="Asia/Kolkata")
    assert (there.zone, days(there)) == ("Asia/Kolkata", ["2024-03-04"])
    assert there.values[0] == read(late).values[0]


def test_a_short_name_that_several_zones_have_is_not_guessed() -> None:
    found = read("Mon Mar 04 00:30:00 IST 2024")
    assert found.zone == "IST, which several zones are called; taken as UTC"
    assert (days(found), found.misread) == (["2024-03-04"], 0)
    told = read("Mon Mar 04 00:30:00 IST 2024", zone="Asia/Kolkata")
    assert (str(told.values[0]), told.zone) == ("2024-03-03 19:00:00+00:00", "Asia/Kolkata")


@pytest.mark.parametrize("extreme", ["0001-01-01 00:00", "9999-12-31 23:59"])
def test_the_ends_of_the_calendar_are_read_in_every_zone(extreme: str) -> None:
    for zone in ("America/New_York", "Asia/Kolkata", None):
        found = read(extreme, zone=zone)
        assert found.values.notna().all()
        found.values.dt.to_pydatetime()


# ---- what is written is read back --------------------------------------------------------------

MOMENTS = st.datetimes(datetime(1990, 1, 2), datetime(2068, 12, 30)).filter(
    lambda moment: str(moment.date()) not in STAND_IN_DAYS
)
SECONDS = MOMENTS.map(lambda moment: moment.replace(microsecond=0))


def meant(moments: list[datetime]) -> list[pd.Timestamp]:
    return [pd.Timestamp(moment, tz="UTC") for moment in moments]


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%SZ", "%Y%m%dT%H%M%S", "%Y%m%d%H%M%S",
     "%G-W%V-%uT%H:%M:%S", "%Y/%m/%d %I:%M:%S %p", "%d %B %Y %H:%M:%S", "%b %d, %Y, %I:%M:%S %p",
     "%d-%b-%Y %H.%M.%S", "%a %b %d %H:%M:%S +0000 %Y", "%Y.%m.%d %H:%M:%S"],
)  # fmt: skip
@given(moments=st.lists(SECONDS, min_size=1, max_size=6))
@ENDLESS
def test_what_is_written_in_a_clear_form_is_read_back(form: str, moments) -> None:
    cells = pd.Series([moment.strftime(form) for moment in moments])
    assert understand(cells).values.tolist() == meant(moments)


@pytest.mark.parametrize("order", ["day-first", "month-first"])
@pytest.mark.parametrize("form", ["{}/{}/%Y %H:%M:%S", "{}-{}-%y %I:%M:%S %p", "{}.{}.%Y %H:%M:%S"])
@given(moments=st.lists(SECONDS, min_size=1, max_size=3))
@ENDLESS
def test_what_is_written_in_an_order_that_is_known_is_read_back(form, order, moments) -> None:
    parts = ("%d", "%m") if order == "day-first" else ("%m", "%d")
    cells = pd.Series([moment.strftime(form.format(*parts)) for moment in moments])
    assert understand(cells, order=order).values.tolist() == meant(moments)


@given(st.lists(MOMENTS, min_size=1, max_size=3),
       st.integers(-12 * 60, 14 * 60), st.booleans())  # fmt: skip
@ENDLESS
def test_a_time_with_an_offset_is_read_back_with_its_day(moments, minutes, precise) -> None:
    zone = timezone(timedelta(minutes=minutes))
    aware = [moment.replace(tzinfo=zone) for moment in moments]
    if precise:
        cells: list[object] = [moment.isoformat() for moment in aware]
    else:
        aware = [moment.replace(microsecond=0) for moment in aware]
        cells = [format_datetime(moment) for moment in aware]
    found = read(*cells)
    assert found.values.tolist() == [pd.Timestamp(moment) for moment in aware]
    assert found.days.dt.date.tolist() == [moment.date() for moment in aware]
    assert read(*aware).values.tolist() == found.values.tolist()


@given(st.lists(MOMENTS, min_size=1, max_size=3))
@ENDLESS
def test_numbers_are_read_back(moments) -> None:
    exact = [(moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) for moment in moments]
    stamps = meant(moments)
    for cells in (exact, [one * 1_000 for one in exact], list(map(str, exact))):
        assert read(*cells).values.tolist() == stamps
    whole = [stamp.floor("ms") for stamp in stamps]
    assert read(*[one // 1_000 for one in exact]).values.tolist() == whole
    seconds = [stamp.floor("s") for stamp in stamps]
    assert read(*[one // 1_000_000 for one in exact]).values.tolist() == seconds
    assert read(*[float(one // 1_000_000) for one in exact]).values.tolist() == seconds
    serial = [(stamp.tz_localize(None) - pd.Timestamp("1899-12-30")) / pd.Timedelta("1D")
              for stamp in seconds]  # fmt: skip
    assert read(*serial).values.tolist() == seconds
    assert read(*[f"{one:.10f}" for one in serial]).values.tolist() == seconds


@given(
    st.lists(SECONDS, min_size=1, max_size=4), st.sampled_from(["Europe/Berlin", "Asia/Kolkata"])
)
@ENDLESS
def test_a_region_is_applied_as_python_does(moments, region) -> None:
    aware = [moment.replace(tzinfo=ZoneInfo(region)) for moment in moments]
    there = [one for one in aware if one.astimezone(UTC).astimezone(one.tzinfo) == one]
    found = read(*[f"{one:%Y-%m-%d %H:%M:%S}" for one in there], zone=region)
    assert found.values.tolist() == [pd.Timestamp(one) for one in there]


ANYTHING = st.one_of(
    st.text(max_size=30), st.integers(), st.floats(), st.none(), st.datetimes(), st.dates(),
    st.booleans(), st.binary(max_size=5), st.decimals(allow_nan=False), st.timedeltas(), st.times(),
)  # fmt: skip


@given(st.lists(ANYTHING, max_size=6))
@ENDLESS
def test_no_column_is_an_error_and_every_filled_cell_is_counted(cells) -> None:
    found = read(*cells)
    understood = int(found.values.notna().sum())
    assert understood + found.misread + found.outliers <= len(cells)
    assert found.days.notna().tolist() == found.values.notna().tolist()
    found.values.dt.to_pydatetime()


@given(st.lists(st.text(alphabet="0123456789/-.: TZWMayAP+[]", max_size=40), max_size=6))
@ENDLESS
def test_no_text_that_is_nearly_a_time_is_an_error(cells) -> None:
    read(*cells).values.dt.to_pydatetime()


# ---- a column among others ---------------------------------------------------------------------


def test_a_column_of_times_is_told_from_others() -> None:
    assert looks_like_times(pd.Series(["2024-03-04"] * 9 + ["soon"]))
    assert not looks_like_times(pd.Series(["2024-03-04"] * 8 + ["soon"] * 2))
    assert looks_like_times(pd.Series(["2024-03-04"] * 9 + [""] * 50))
    assert share_of_times(pd.Series(["2024-03-04", "soon"])) == 0.5
    for cells in ([5, 7], [0, 1, 0, 1], [0.5, 0.25], [True, False], ["He left."], [None], []):
        assert not looks_like_times(pd.Series(cells))
    assert not looks_like_times(pd.Series([0] * 9 + ["x"]))


def test_times_of_day_are_no_times_also_where_they_have_the_day_that_stands_for_none() -> None:
    for cells in (["08:15", "14:05"], ["8:15 am", "2:05 pm"], ["1899-12-30 08:15"] * 2):
        assert not looks_like_times(pd.Series(cells))
    assert looks_like_times(pd.Series(["1899-12-30", "1899-12-31"]))
    assert not looks_like_times(pd.Series(["2024-03-04"] * 9), 2)


def test_milliseconds_of_a_table_in_json_are_read() -> None:
    table = pd.DataFrame({"at": pd.date_range("2024-03-04 08:15", periods=40, freq="4h")})
    written = json.loads(
        table.assign(at=table["at"].astype("datetime64[ms]").astype("int64")).to_json()
    )
    found = read(*written["at"].values())
    assert found.form == "Unix milliseconds"
    assert found.values.dt.tz_localize(None).tolist() == table["at"].tolist()


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S+02:00", "%d.%m.%Y %H:%M", "%s"])
def test_a_column_is_read_in_time_in_proportion_to_its_rows(form: str) -> None:
    def took(rows: int) -> float:
        moments = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(rows) * 997, unit="s")
        column = pd.Series(moments.strftime(form))
        began = time.thread_time()
        understand(column)
        return time.thread_time() - began

    took(100)
    least = {rows: min(took(rows) for _ in range(3)) for rows in (6_000, 24_000)}
    assert least[24_000] < 8 * least[6_000]


def test_a_cell_that_is_long_is_not_looked_into() -> None:
    found = read("2024-03-04", "1" * 1_000_000, " " * 1_000_000, "2024-03-04" + " " * 1_000_000)
    assert found.misread == 2


@pytest.mark.parametrize(
    "cell",
    ["9 ottobre 2023", "9 oktober 2023", "9 de outubro de 2023", "[09/Oct/2023:07:45:00 +0200]"],
)
def test_months_of_more_languages_and_times_in_brackets_are_read(cell: str) -> None:
    assert days(read(cell)) == ["2023-10-09"]


@pytest.mark.parametrize(
    "none",
    ["0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "1900-01-00", "1/0/1900 12:00:00 AM"],
)
def test_a_day_that_is_none_is_set_aside_however_often_it_stands_there(none: str) -> None:
    found = read("2023-10-09", "2023-10-10", none, none)
    assert (days(found)[:2], found.outliers, found.misread) == (["2023-10-09", "2023-10-10"], 2, 0)


def test_an_hour_that_summer_time_skips_is_the_next_on_the_clock_too() -> None:
    found = read("2024-03-31 02:30", zone="Europe/Berlin")
    assert str(found.local[0]) == "2024-03-31 03:00:00"
    assert str(found.values[0]) == "2024-03-31 01:00:00+00:00"


def test_the_commonest_forms_are_read_at_once_as_they_are_read_one_by_one() -> None:
    dates = ["2024-05-06", "0000-00-00", "2024-13-01", "2024-02-30", "1900-01-01", "9999-12-31",
             "2024-05-0x", "2024-05/06", "２024-05-06"]  # fmt: skip
    clocks = ["", "T08:15:00", " 23:59:59", "T24:00:00", "T23:59:60", "T25:00:00", " 08:61:00",
              "t08:15:00", " 08.15:00", "T08:15"]  # fmt: skip
    zones = ["", "Z", "+05:30", "-00:00", "+14:00", "+99:00", "z", "+0530"]
    texts = [f"{day}{clock}{zone}" for day in dates for clock in clocks for zone in zones]
    found = read_plain(pd.Series(texts, dtype="str"))
    cells = [time_cells.read_cell(text) for text in texts]
    kinds = [(cell.parts, cell.clock, cell.zone) for at in found.rows if (cell := cells[at])]
    assert list(zip(map(tuple, found.parts), found.clock, found.zones, strict=True)) == kinds
    assert len(found.rows) == 5 * (1 + 2 * 5)  # days; alone, or with a clock and a zone


@ENDLESS
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.from_regex(r"(20|0)[0-9]{2}-[01][0-9]-[0-3][0-9]", fullmatch=True),
            st.from_regex(
                r"20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-2][0-9]:[0-6][0-9]:[0-6][0-9]"
                r"(Z|[+-][01][0-9]:[0-6][0-9])?",
                fullmatch=True,
            ),
            st.sampled_from(["", "n/a", "soon", "6 May 2024", "13/5/2024", "1714983300", "é"]),
        ),
        max_size=30,
    )
)
def test_a_column_of_texts_is_read_as_its_cells_are(cells) -> None:
    at_once, singly = (understand(pd.Series(cells, dtype=kind)) for kind in ("str", object))
    pd.testing.assert_series_equal(at_once.values, singly.values)
    pd.testing.assert_series_equal(at_once.local, singly.local)
    for name in ("form", "order", "order_doubtful", "exchanged", "zone", "misread", "outliers"):
        assert getattr(at_once, name) == getattr(singly, name)

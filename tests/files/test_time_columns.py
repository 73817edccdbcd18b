"""Which column holds the times, and what of that is said."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import pytest

from afterword.errors import BatchError
from afterword.files.reading import read_batch
from afterword.records import Batch
from tests.workbooks import ods, ods_cell, ods_row

TEXTS = [f"A group of men stared at me in hall {n} while it rained." for n in range(10)]
DAYS = pd.date_range("2024-05-01 08:15", periods=10, freq="38h")
ISO = [f"{day:%Y-%m-%d %H:%M}" for day in DAYS]
SECONDS = [int(day.timestamp()) for day in DAYS]


def read(columns: Mapping[str, Iterable[object]], header: bool = True, **options: Any) -> Batch:
    out = io.StringIO()
    writer = csv.writer(out)
    if header:
        writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return read_batch(out.getvalue().encode(), categories=("Ogling",), **options)


def doubts(batch: Batch) -> dict[str, str]:
    return {choice.of: choice.sentence for choice in batch.reading.doubtful}


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["startdate", "submitdate", "datestamp"], "submitdate"),
        (["lastupdate", "createtime"], "createtime"),
        (["Meldedatum"], "Meldedatum"),
        (["Anfangszeit", "Eingangsdatum"], "Eingangsdatum"),
        (["published_at"], "published_at"),
        (["closedAt", "received"], "received"),
    ],
)
def test_a_name_that_is_written_as_one_word_says_that_a_column_holds_times(names, taken) -> None:
    batch = read({"text": TEXTS, **dict.fromkeys(names, ISO)})
    assert batch.columns.time == taken
    assert batch.reading.doubtful == ()
    assert set(batch.reading["time"].others) == set(names)


@pytest.mark.parametrize("name", ["date of birth", "birthdate", "Geburtsdatum", "DOB"])
def test_a_day_of_birth_is_never_when_a_text_came_in(name: str) -> None:
    born = [f"19{60 + n}-04-0{n}" for n in range(10)]
    batch = read({"text": TEXTS, name: born})
    assert (batch.columns.time, batch.reading.doubtful) == (None, ())
    assert read({"text": TEXTS, name: born, "ts": ISO}).columns.time == "ts"


@pytest.mark.parametrize("name", ["runtime", "lifetime", "Arbeitszeit"])
def test_a_duration_is_no_time_and_no_doubt(name: str) -> None:
    batch = read({"text": TEXTS, name: [n * 1.5 for n in range(10)]})
    assert (batch.columns.time, batch.reading.doubtful) == (None, ())


# ---------------------------------------------------------------- values


@pytest.mark.parametrize("name", ["ts", "Column3", "last change", "Zeitraum", "x"])
@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M", "%d.%m.%Y", "%d.%m.%y", "%m/%d/%y %I:%M %p", "%d %B %Y"]
)
def test_a_column_of_times_under_any_name_is_taken_and_doubtful(name: str, form: str) -> None:
    batch = read({"text": TEXTS, name: DAYS.strftime(form), "n": range(10)})
    assert batch.columns.time == name
    assert batch.period is not None
    assert doubts(batch)["time"] == (
        "No column of times was told by its name; column 2 was taken, as its cells are times."
    )


def test_the_others_are_offered_and_a_name_that_hints_at_times_goes_first() -> None:
    batch = read({"a": ISO, "text": TEXTS, "ts": ISO, "b": ISO})
    choice = batch.reading["time"]
    assert (choice.value, choice.others) == ("ts", ("ts", "a", "b"))
    assert read({"a": ISO, "text": TEXTS, "ts": ISO}, time="a").columns.time == "a"
    assert read({"a": ISO, "text": TEXTS, "ts": ISO}, time="").columns.time is None
    with pytest.raises(BatchError, match="No column of times was told by its name"):
        read({"text": TEXTS, "ts": ISO}, strict=True)


def test_a_column_without_a_name_is_taken() -> None:
    bare = read({"1": ISO, "2": TEXTS}, header=False)
    assert (bare.columns.time, "time" in doubts(bare)) == ("column 1", True)
    unnamed = read({"text": TEXTS, "": ISO})
    assert (unnamed.columns.time, "time" in doubts(unnamed)) == ("column 2", True)


def test_a_column_that_is_called_so_goes_before_one_that_is_not() -> None:
    batch = read({"x": ISO, "text": TEXTS, "Datum": ISO})
    assert (batch.columns.time, batch.reading.doubtful) == ("Datum", ())


@pytest.mark.parametrize("name", ["ts", "unix_utc", "updated"])
def test_numbers_are_times_only_under_a_name_that_hints_at_it(name: str) -> None:
    assert read({"text": TEXTS, name: SECONDS}).columns.time == name
    assert read({"text": TEXTS, "n": SECONDS}).columns.time is None


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("n", [20240506 + n for n in range(10)]),
        ("serial", [45418.25 + n for n in range(10)]),
        ("case", [f"0{n % 9 + 1}/2024" for n in range(10)]),
        ("season", [f"20{n:02}/{n + 1:02}" for n in range(1, 11)]),
        ("ticket id", [f"2024-05-0{n + 1}-0{n}" for n in range(9)] + ["2024-05-06-09"]),
        ("version", [f"1.{n}.12" for n in range(10)]),
        ("phone", [f"555-12{n}4" for n in range(10)]),
        ("clock", [f"1{n}:05" for n in range(10)]),
        ("ts", [5 * n for n in range(10)]),
        ("opened", ["2024-05-06", "2024-05-07"] * 5),
        ("opened", ["2024-05-06", "2024-05-07", "soon", "never", "2024-05-08"] * 2),
    ],
)
def test_what_only_looks_like_times_is_not_taken(name: str, cells: list[object]) -> None:
    batch = read({"text": TEXTS, name: cells})
    assert (batch.columns.time, batch.reading.doubtful) == (None, ())


def test_empty_cells_at_the_top_hide_no_times() -> None:
    texts = [f"A group of men stared at me in hall {n} while it rained." for n in range(60)]
    days = [""] * 40 + [f"2024-05-{n:02}" for n in range(1, 21)]
    assert read({"text": texts, "x": days}).columns.time == "x"


# ---------------------------------------------------------------- times of day


@pytest.mark.parametrize("form", ["%H:%M", "%I:%M:%S %p", "1899-12-30 %H:%M:00", "%H:%M Uhr"])
def test_a_time_of_day_beside_a_date_is_left_alone(form: str) -> None:
    batch = read({"text": TEXTS, "Time": DAYS.strftime(form), "Date": DAYS.strftime("%Y-%m-%d")})
    assert (batch.columns.time, batch.reading.doubtful) == ("Date", ())
    assert batch.reading.value("period") == ["2024-05-01", "2024-05-15"]


def test_a_time_of_day_in_a_workbook_is_left_alone_too() -> None:
    def typed(kind: str, value: str) -> str:
        return (
            f'<table:table-cell office:value-type="{kind}" office:{kind}-value="{value}">'
            "<text:p>x</text:p></table:table-cell>"
        )

    rows = [
        ods_row(ods_cell(text), typed("time", f"{day:PT%HH%MM00S}"), typed("date", f"{day:%F}"))
        for text, day in zip(TEXTS, DAYS, strict=True)
    ]
    names = ods_row(*map(ods_cell, ("description", "Time", "Date")))
    batch = read_batch(ods(names + "".join(rows)), categories=())
    assert (batch.columns.time, batch.reading.doubtful) == ("Date", ())


def test_a_time_of_day_without_a_date_is_told_and_no_doubt() -> None:
    batch = read({"text": TEXTS, "Time": DAYS.strftime("%H:%M")})
    assert (batch.columns.time, batch.reading.doubtful) == (None, ())
    assert (
        "The cells of Time are times of day without a date, so the file tells no period."
        in batch.notes
    )


# ---------------------------------------------------------------- months, zones, exchanged days


def test_months_are_said_to_be_without_days() -> None:
    months = ["März 2024", "Apr 2024", "05/2024", "2024-06", "Jul-24"] * 2
    batch = read({"text": TEXTS, "Monat und Datum": months})
    assert batch.reading.value("period") == ["2024-03-01", "2024-07-01"]
    assert batch.reading.doubtful == ()
    assert (
        "The cells of column 2 are months without days; each counts as the month's first day."
        in batch.notes
    )


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Time (UTC)", "UTC"),
        ("timestamp_utc", "UTC"),
        ("Date (GMT+2)", "+02:00"),
        ("Created At [Europe/Berlin]", "Europe/Berlin"),
    ],
)
def test_the_zone_of_a_name_is_that_of_times_without_one(name: str, zone: str) -> None:
    batch = read({"text": TEXTS, name: ISO})
    choice = batch.reading["zone"]
    assert (choice.value, choice.doubtful) == (zone, False)
    assert choice.sentence == (
        f"Times in column 2 that name no zone were read in {zone}, as the column's name says."
    )
    assert batch.times is not None
    ahead = {"UTC": "0h", "+02:00": "2h", "Europe/Berlin": "2h"}[zone]
    assert batch.times.iloc[0] == DAYS[0].tz_localize("UTC") - pd.Timedelta(ahead)


def test_the_cells_and_the_caller_go_before_the_name() -> None:
    written = read({"text": TEXTS, "Time (UTC)": [f"{cell}+02:00" for cell in ISO]})
    assert (written.reading["zone"].value, written.reading["zone"].sentence) == ("+02:00", "")
    told = read({"text": TEXTS, "Time (UTC)": ISO}, zone="Asia/Kolkata")
    assert (told.reading["zone"].value, told.reading["zone"].sentence) == ("Asia/Kolkata", "")


def test_a_name_with_a_zone_of_several_is_doubtful() -> None:
    batch = read({"text": TEXTS, "Time (IST)": ISO})
    assert doubts(batch) == {
        "zone": "Several zones are called IST, as in column 2; its times were taken as UTC."
    }
    assert read({"text": TEXTS, "Time (IST)": ISO}, zone="Asia/Kolkata").reading.doubtful == ()


def test_days_that_a_spreadsheet_exchanged_are_told_and_either_order_can_be_chosen() -> None:
    days = pd.date_range("2024-05-05", periods=20)
    cells = [
        day.replace(month=day.day, day=5) if day.day <= 12 else f"{day:%m/%d/%Y}" for day in days
    ]
    frame = pd.DataFrame({"text": TEXTS * 2, "date": pd.Series(cells, dtype=object)})
    batch = read_batch(frame, categories=())
    assert batch.reading.value("period") == ["2024-05-05", "2024-05-24"]
    choice = batch.reading["date order"]
    assert (choice.value, choice.doubtful) == ("month-first", True)
    assert choice.others == ("day-first", "month-first")
    assert choice.sentence == (
        "Some dates in date are texts, as where a spreadsheet takes the day for the month; "
        "day and month of the other dates were exchanged back."
    )
    left = read_batch(frame, categories=(), date_order="day-first")
    assert left.reading.value("period") == ["2024-05-05", "2024-12-05"]
    assert left.reading.doubtful == ()


# ---------------------------------------------------------------- columns that a caller names


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"time": "text"}, "chosen for the descriptions and for the times"),
        ({"description": "text", "time": "Text"}, "chosen for the descriptions and for the times"),
        (
            {"labels": ["Ogling=mark"], "time": "mark"},
            "for labels or predictions and for the times",
        ),
        ({"description": "text", "labels": ["Ogling=text"]}, "descriptions and for the labels"),
        ({"time": "id"}, "named for times holds none that are understood"),
    ],
)
def test_one_column_that_is_named_for_two_things_is_refused_in_a_sentence(options, said) -> None:
    columns = {"id": range(10), "text": TEXTS, "mark": [0, 1] * 5}
    with pytest.raises(BatchError, match=said) as caught:
        read(columns, **options)
    assert ". " not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_named_column_that_is_empty_is_no_error() -> None:
    assert read({"text": TEXTS, "received": [""] * 10}, time="received").times is not None

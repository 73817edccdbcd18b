"""Files as people send them: what each is understood as, by every door that takes a file."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pyarrow.parquet as pq
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

import afterword
from afterword.api import service
from afterword.cli.main import app
from afterword.errors import BatchError, ColumnError, SheetError
from afterword.files.exports import to_csv, to_parquet
from afterword.files.label_values import label_values, prediction_values
from afterword.files.reading import read_batch
from afterword.records import Batch
from afterword.settings import Settings
from afterword.store import Store
from afterword.store.session_reports import SessionReports
from afterword.training.dataset import read_dataset

CASES = Path(__file__).parent / "cases"
CATEGORIES = {
    "Commenting": "Commenting",
    "Ogling": "Ogling/Facial Expressions/Staring",
    "Groping": "Touching /Groping",
}
FIRST = "An older man looked at us the whole way at the bus stop while it rained."
SECOND = "A group of men looked at us the whole way in the queue around noon."
WEEK = ["2024-05-06", "2024-05-12"]
MOMENT = pd.Timestamp("2024-05-06 08:15")

Readings = dict[str, Any]
CSV: Readings = {"format": "CSV", "encoding": "UTF-8", "separator": ",", "header": 1}
BARE: Readings = {
    "bare labels": ["Commenting", "Ogling", "Groping"],
    "labels": {name: name for name in CATEGORIES},
}


def texts(column: str = "text", identity: str | None = "id") -> Readings:
    """That a column holds the descriptions, and another one tells the rows apart."""
    return {"description": column} | ({"id": identity} if identity else {})


def times(column: str, form: str, period: list[str] = WEEK, **more: str) -> Readings:
    """When the rows were received: days are those of the file's own zone."""
    return {"time": column, "time form": form, "zone": "none", "period": period} | more


def one_day(form: str, **more: str) -> Readings:
    """What the six files of one moment have in common."""
    times_of = times("Timestamp", form, [WEEK[0], WEEK[0]], **more)
    return CSV | texts("description", None) | times_of


def names(column: str) -> Readings:
    """That the cells of a column name categories."""
    return {"class names": column, "labels": dict.fromkeys(CATEGORIES, column)}


@dataclass(frozen=True)
class Case:
    """What a person means by a file.

    Attributes
    ----------
    rows : of the table; none of them is rejected.
    reading : every choice, what it is of and what was taken.
    doubtful : of these, what the file does not settle.
    cells : (row, column) → what stands there, exactly; rows count from 1.
    labels : Commenting, Ogling, Groping → labels that are 1, and labels; None if there are none.
    clock : when the first description was received, on the file's own clock.
    """

    rows: int
    reading: Readings
    doubtful: frozenset[str] = frozenset()
    cells: Mapping[tuple[int, str], Any] = field(default_factory=dict)
    labels: tuple[tuple[int, int], ...] | None = None
    clock: pd.Timestamp | None = None


ORDER = {"date order": "day-first"}
EVERY_SECOND = ((20, 40), (20, 40), (0, 40))
CASE = {
    "01-us-week.csv": Case(
        14,
        CSV
        | texts("description", None)
        | times("received_at", "month/day/year")
        | {"date order": "month-first"},
        frozenset({"date order"}),
        {(1, "received_at"): "05/06/2024 08:15"},
        clock=MOMENT,
    ),
    "02-time-dotshort.csv": Case(6, one_day("day/month/year") | ORDER, clock=MOMENT),
    "02-time-gforms.csv": Case(6, one_day("year/month/day", zone="+02:00"), clock=MOMENT),
    "02-time-oracle.csv": Case(6, one_day("dates with the month's name"), clock=MOMENT),
    "02-time-serial.csv": Case(
        6, one_day("Excel's serial days"), cells={(1, "Timestamp"): "45418.34375"}, clock=MOMENT
    ),
    "02-time-slashshort.csv": Case(
        6,
        one_day("day/month/year") | ORDER,
        frozenset({"date order"}),
        clock=MOMENT.floor("D"),
    ),
    "02-time-twitter.csv": Case(
        6, one_day("dates with the month's name", zone="UTC"), clock=MOMENT
    ),
    "03-two-stray.csv": Case(
        20,
        CSV | texts() | {"quotation marks": 5},
        frozenset({"quotation marks"}),
        {
            (6, "text"): '"A group of men whistled at my friend by the river late at night.',
            (7, "id"): "6",
            (10, "text"): 'A stranger made comments on my dress near the market on Sunday."',
        },
    ),
    "07-dup.csv": Case(
        12,
        CSV
        | texts(identity=None)
        | {
            "columns of one name": ["text", "Ogling"],
            "bare labels": ["Ogling"],
            "labels": {"Ogling": "Ogling"},
        },
        frozenset({"columns of one name"}),
        {(1, "text"): FIRST, (1, "text (2)"): "short note 0", (1, "Ogling (2)"): "1"},
        ((0, 0), (6, 12), (0, 0)),
    ),
    "09-comment.csv": Case(12, CSV | texts() | {"header": 2}, cells={(1, "id"): "0"}),
    "10-qualtrics.csv": Case(
        15,
        CSV | texts("Q5", "ResponseId") | times("StartDate", "ISO 8601"),
        cells={(1, "ResponseId"): "R_0abc", (1, "Q5"): FIRST},
        clock=MOMENT,
    ),
    "11-cover-sheet.xlsx": Case(
        30,
        {"format": "Excel", "sheet": "Data", "header": 1}
        | texts("description")
        | times("received_at", "dates and times"),
        cells={(1, "id"): 0, (1, "received_at"): MOMENT},
        clock=MOMENT,
    ),
    "12-merged-header.xlsx": Case(
        40,
        {"format": "Excel", "header": 2}
        | texts("description")
        | times("received_at", "dates and times")
        | BARE,
        cells={(1, "Ogling"): 1},
        labels=EVERY_SECOND,
        clock=MOMENT,
    ),
    "13-filtered.xlsx": Case(
        30,
        {"format": "Excel", "header": 1, "hidden rows": 15} | texts("description"),
        frozenset({"hidden rows"}),
        {(1, "channel"): "app", (2, "channel"): "web"},
    ),
    "20-orient-columns.json": Case(
        40,
        {"format": "JSON", "encoding": "UTF-8"}
        | texts()
        | times("received_at", "Unix milliseconds", zone="UTC")
        | BARE,
        cells={(1, "received_at"): 1_714_983_300_000},
        labels=EVERY_SECOND,
        clock=MOMENT,
    ),
    "21-labelstudio.csv": Case(
        40,
        CSV
        | texts()
        | times("created_at", "ISO 8601", [WEEK[0], WEEK[0]], zone="UTC")
        | names("category"),
        cells={(2, "category"): '{"choices":["Ogling","Groping"]}'},
        labels=((0, 40), (40, 40), (20, 40)),
        clock=MOMENT,
    ),
    "22-doccano.jsonl": Case(
        40,
        {"format": "JSON Lines", "encoding": "UTF-8"} | texts() | names("label"),
        cells={(1, "label"): ["Commenting", "Groping"], (1, "Comments"): []},
        labels=((20, 40), (20, 40), (20, 40)),
    ),
    "24-week.csv.gz": Case(
        40,
        CSV | {"compression": "gzip"} | texts() | times("received_at", "ISO 8601") | BARE,
        cells={(40, "id"): "39"},
        labels=EVERY_SECOND,
        clock=MOMENT,
    ),
    "25-binary.parquet": Case(
        40,
        {"format": "Parquet", "encoding": "UTF-8"} | texts(),
        cells={(1, "text"): FIRST},
    ),
    "26-bigid.parquet": Case(
        12,
        {"format": "Parquet"} | texts(),
        cells={(1, "id"): 2**53 + 1, (4, "id"): pd.NA, (6, "n"): pd.NA, (2, "flag"): True},
    ),
    "26-embedding.parquet": Case(12, {"format": "Parquet"} | texts(), cells={(12, "id"): 11}),
    "27-tz-border.csv": Case(
        40,
        CSV | texts(identity=None) | times("received_at", "ISO 8601", zone="+05:30"),
        clock=pd.Timestamp("2024-05-06 00:30"),
    ),
    "28-sentinel.csv": Case(
        40,
        CSV | texts(identity=None) | times("received_at", "ISO 8601") | {"times set aside": 1},
        cells={(4, "received_at"): "1900-01-01"},
        clock=MOMENT.floor("D"),
    ),
    "31-r-na.csv": Case(
        40,
        CSV | texts(identity=None) | BARE | {"missing labels": {"Ogling": 6}},
        cells={(1, "column 1"): "1", (1, "Ogling"): "NA"},
        labels=((20, 40), (17, 34), (14, 40)),
    ),
    "hostile-csv_quad_20k.csv": Case(
        20_000,
        CSV | texts("description", None) | {"quotation marks": 20_000},
        frozenset({"quotation marks"}),
        {(1, "description"): 'x"'},
    ),
}
REFUSED = {
    "hostile-pq_dict_1MBx100k.parquet": "many times its own size",
    "hostile-xlsx_far_nodim.xlsx": "Sheet 1 of the file has cells far outside its table",
    "hostile-xlsx_sst_1MBx5000.xlsx": "The file's cells come to more than 40 MB",
}
every_case = pytest.mark.parametrize(("name", "case"), CASE.items(), ids=CASE)


@functools.cache
def batch_of(name: str) -> Batch:
    return read_batch(CASES / name, categories=CATEGORIES)


def counts(values: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Per category the labels that are 1, and the labels."""
    return tuple((int(np.nansum(one)), int((~np.isnan(one)).sum())) for one in values.T)


def test_every_file_has_its_expectation() -> None:
    files = {path.name for path in CASES.iterdir()} - {"README.md"}
    assert files == {*CASE, *REFUSED}
    told = (CASES / "README.md").read_text(encoding="utf-8")
    kinds = ("02-time-", "hostile-")
    assert [one for one in files if f"`{one}`" not in told and not one.startswith(kinds)] == []


@every_case
def test_a_file_is_understood_as_a_person_means_it(name: str, case: Case) -> None:
    batch = batch_of(name)
    assert {choice.of: choice.value for choice in batch.reading.choices} == case.reading
    assert len(batch.reading.choices) == len(case.reading)  # each stands once
    assert {choice.of for choice in batch.reading.doubtful} == case.doubtful
    assert (len(batch.table), len(batch.rejected)) == (case.rows, 0)
    assert batch.columns.description == case.reading["description"]
    assert batch.columns.id == case.reading.get("id")
    assert batch.columns.time == case.reading.get("time")


@every_case
def test_the_cells_and_labels_of_a_file_are_its_own(name: str, case: Case) -> None:
    batch = batch_of(name)
    for (row, column), expected in case.cells.items():
        found: Any = batch.table.loc[row, column]
        assert found is expected or found == expected or list(found) == expected
    if name != "hostile-csv_quad_20k.csv":
        assert batch.texts.tolist()[:2] == [FIRST, SECOND]
    assert counts(label_values(batch, tuple(CATEGORIES))) == (case.labels or ((0, 0),) * 3)
    assert np.isnan(prediction_values(batch, tuple(CATEGORIES))).all()


@every_case
def test_the_times_of_a_file_are_on_its_own_clock(name: str, case: Case) -> None:
    batch = batch_of(name)
    if case.clock is None:
        assert batch.times is None
        assert batch.period is None
        return
    assert batch.clock is not None
    assert batch.clock.iloc[0] == case.clock
    assert batch.clock.isna().sum() == case.reading.get("times set aside", 0)
    assert batch.period is not None
    assert [f"{moment:%Y-%m-%d}" for moment in batch.period] == case.reading["period"]


def test_half_an_hour_after_midnight_is_the_day_before_in_utc_and_not_in_its_zone() -> None:
    batch = batch_of("27-tz-border.csv")
    assert batch.times is not None
    assert str(batch.times.iloc[0]) == "2024-05-05 19:00:00+00:00"
    assert str(batch.period and batch.period[0]) == "2024-05-06 00:30:00+05:30"


@pytest.mark.parametrize("name", CASE)
def test_what_is_told_of_a_file_is_whole_sentences_without_its_texts(name: str) -> None:
    batch = batch_of(name)
    for note in batch.notes:
        assert note[0].isupper() or note[0].isdigit()
        assert note.endswith(".")
        assert not any(text in note for text in batch.texts if len(text) > 1)
    assert all(choice.sentence for choice in batch.reading.doubtful)


SAID = {
    "01-us-week.csv": "Day and month cannot be told apart in received_at; the month was read first,"
    " as the days then lie closer together.",
    "03-two-stray.csv": "5 lines that stray quotation marks had joined were read as rows.",
    "07-dup.csv": "Columns 1 and 2 have one name; column 1 was read. "
    "Columns 3 and 4 have one name; column 3 was read.",
    "09-comment.csv": "The columns' names stand in row 2; 1 row above them was left out.",
    "10-qualtrics.csv": "The columns' names stand in row 1; 2 rows below them were left out.",
    "11-cover-sheet.xlsx": "Sheet 2 of 2 was read.",
    "13-filtered.xlsx": "15 rows that are hidden in the sheet were read too.",
    "22-doccano.jsonl": "True labels were read from the categories that the cells of label name.",
    "28-sentinel.csv": "1 time in received_at was set aside, as for a missing time or decades from "
    "all others.",
    "31-r-na.csv": "Cells that say “NA” or the like count as no labels: 6 of Ogling.",
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_unusual_about_a_file_is_said(name: str) -> None:
    assert SAID[name] in batch_of(name).notes


def test_whole_numbers_are_exact_in_both_downloads() -> None:
    expected = [2**53 + 1 + 2 * row if row != 3 else None for row in range(12)]
    table = afterword.classify(CASES / "26-bigid.parquet").table
    written = pd.read_csv(io.BytesIO(to_csv(table)), dtype=str, keep_default_na=False)
    assert written["id"].tolist() == ["" if one is None else str(one) for one in expected]
    assert written["n"].tolist() == ["" if row == 5 else str(row) for row in range(12)]
    again = pq.read_table(io.BytesIO(to_parquet(table)))
    assert again["id"].to_pylist() == expected
    assert again["flag"].to_pylist() == [None, True] * 6


def test_lists_of_numbers_are_whole_in_both_downloads() -> None:
    table = afterword.classify(CASES / "26-embedding.parquet").table
    original = pq.read_table(CASES / "26-embedding.parquet")["embedding"].to_pylist()
    written = pd.read_csv(io.BytesIO(to_csv(table)))
    assert [json.loads(cell) for cell in written["embedding"]] == original
    assert len(original[0]) == 1_536
    assert pq.read_table(io.BytesIO(to_parquet(table)))["embedding"].to_pylist() == original


def test_gaps_among_the_labels_of_r_cost_their_rows_and_no_category() -> None:
    data = read_dataset(str(CASES / "31-r-na.csv"))
    assert data.categories == ("Commenting", "Ogling", "Groping")
    assert data.labels.shape == (34, 3)
    assert any("6 of Ogling" in note for note in data.notes)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_does_harm_is_one_sentence_and_ends_no_process(name: str) -> None:
    batch_of("09-comment.csv")
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(BatchError, match=REFUSED[name]) as caught:
        read_batch(CASES / name, categories=CATEGORIES)
    assert str(caught.value).endswith(".")
    assert ". " not in str(caught.value)
    assert before <= {child.pid for child in psutil.Process().children()}
    assert len(read_batch(CASES / "09-comment.csv", categories=CATEGORIES).table) == 12


# ---------------------------------------------------------------- what a caller knows of a file

CORRECTED: list[tuple[str, dict[str, str], Readings]] = [
    ("01-us-week.csv", {"date_order": "day-first"}, {"period": ["2024-06-05", "2024-12-05"]}),
    ("01-us-week.csv", {"date_order": "month-first"}, {"period": WEEK}),
    ("07-dup.csv", {"column": "text (2)"}, {"description": "text (2)"}),
    ("07-dup.csv", {"label": "Ogling=Ogling (2)"}, {"labels": {"Ogling": "Ogling (2)"}}),
    ("09-comment.csv", {"header_row": "2"}, {"header": 2, "description": "text"}),
    ("09-comment.csv", {"header_row": "0", "column": "column 2"}, {"header": 0}),
    ("10-qualtrics.csv", {"header_row": "1"}, {"header": 1, "time": "StartDate", "period": WEEK}),
    ("11-cover-sheet.xlsx", {"header_row": "1"}, {"sheet": "Data", "header": 1}),
    ("10-qualtrics.csv", {"time": "EndDate"}, {"time": "EndDate", "period": WEEK}),
    ("11-cover-sheet.xlsx", {"sheet": "2"}, {"sheet": "Data"}),
    ("11-cover-sheet.xlsx", {"sheet": "read me"}, {"sheet": "Read me"}),
    (
        "21-labelstudio.csv",
        {"label": "category"},
        {"labels": dict.fromkeys(CATEGORIES, "category")},
    ),
    ("24-week.csv.gz", {"zone": "Asia/Kolkata"}, {"zone": "Asia/Kolkata", "period": WEEK}),
    ("24-week.csv.gz", {"strict": "true"}, {"date order": None}),
]
WRONG: list[tuple[str, dict[str, str], str]] = [
    ("09-comment.csv", {"column": "nowhere"}, "description column is not in the file"),
    ("09-comment.csv", {"time": "nowhere"}, "column of times is not in the file"),
    ("11-cover-sheet.xlsx", {"sheet": "nowhere"}, "no such sheet; choose one of its 2"),
    ("11-cover-sheet.xlsx", {"sheet": "3"}, "no such sheet"),
    ("09-comment.csv", {"header_row": "900"}, "No columns' names stand in row 900"),
    ("09-comment.csv", {"header_row": "nowhere"}, "told by its number, counted from 1"),
    ("20-orient-columns.json", {"header_row": "1"}, "comes with its column's name"),
    ("26-bigid.parquet", {"header_row": "0"}, "comes with its column's name"),
    ("01-us-week.csv", {"date_order": "nowhere"}, "choose day-first or month-first"),
    ("01-us-week.csv", {"zone": "Nowhere/Nowhere"}, "There is no such time zone"),
    ("07-dup.csv", {"label": "Ogling=nowhere"}, "named for labels is not in the file"),
    ("07-dup.csv", {"label": "Nowhere=Ogling"}, "no such category"),
    ("07-dup.csv", {"label": "=nowhere"}, "A label is told as NAME=COLUMN"),
    ("01-us-week.csv", {"strict": "true"}, "Day and month cannot be told apart"),
    ("13-filtered.xlsx", {"strict": "true"}, "15 rows that are hidden"),
]
correct = pytest.mark.parametrize(("name", "fields", "expected"), CORRECTED)
wrong = pytest.mark.parametrize(("name", "fields", "said"), WRONG)


@pytest.fixture
def client(store: Store) -> TestClient:
    return TestClient(
        Starlette(routes=service.routes(None, SessionReports(60, 1_000), Settings(), store))
    )


def post(client: TestClient, name: str, **fields: str) -> Any:
    file = {"file": (name, (CASES / name).read_bytes())}
    return client.post("/api/check", files=file, data=fields)


def run(name: str, **fields: str) -> Any:
    options = [
        part
        for option, value in fields.items()
        for part in (
            ["--strict"] if option == "strict" else [f"--{option.replace('_', '-')}", value]
        )
    ]
    return CliRunner().invoke(app, ["check", str(CASES / name), "--json", *options])


@pytest.mark.parametrize("name", ["01-us-week.csv", "13-filtered.xlsx", "24-week.csv.gz"])
def test_every_door_tells_the_same_reading(client: TestClient, name: str) -> None:
    expected = json.loads(json.dumps(afterword.read_batch(CASES / name).reading.to_dict()))
    answer = post(client, name)
    assert answer.status_code == 200
    assert answer.json()["reading"] == expected
    done = run(name)
    assert done.exit_code in (0, 1, 2)
    assert json.loads(done.stdout)["reading"] == expected


@correct
def test_a_field_of_a_form_changes_what_it_should(
    client: TestClient, name: str, fields: dict[str, str], expected: Readings
) -> None:
    answer = post(client, name, **fields)
    assert answer.status_code == 200, answer.text
    told = {choice["of"]: choice["value"] for choice in answer.json()["reading"]}
    assert {of: told.get(of) for of in expected} == expected


@wrong
def test_a_wrong_field_of_a_form_is_422_and_a_sentence(
    client: TestClient, name: str, fields: dict[str, str], said: str
) -> None:
    answer = post(client, name, **fields)
    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert "nowhere" not in answer.text.lower()


@correct
def test_an_option_of_the_command_changes_what_it_should(
    name: str, fields: dict[str, str], expected: Readings
) -> None:
    done = run(name, **fields)
    assert done.exit_code in (0, 1, 2), done.output
    told = {choice["of"]: choice["value"] for choice in json.loads(done.stdout)["reading"]}
    assert {of: told.get(of) for of in expected} == expected


@wrong
def test_a_wrong_option_of_the_command_is_status_3_and_a_sentence(
    name: str, fields: dict[str, str], said: str
) -> None:
    done = run(name, **fields)
    assert done.exit_code == 3
    assert said in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert "nowhere" not in done.output.lower()


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_does_harm_is_the_senders_mistake_at_every_door(
    client: TestClient, name: str
) -> None:
    answer = post(client, name)
    assert (answer.status_code, list(answer.json())) == (422, ["error"])
    assert run(name).exit_code == 3


def test_doubt_changes_no_exit_status() -> None:
    sure = run("01-us-week.csv", date_order="month-first")
    doubtful = run("01-us-week.csv")
    assert sure.exit_code == doubtful.exit_code
    assert [one["doubtful"] for one in json.loads(sure.stdout)["reading"]].count(True) == 0
    assert [one["doubtful"] for one in json.loads(doubtful.stdout)["reading"]].count(True) == 1


# ---------------------------------------------------------------- tables in memory


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """The compressed week as pandas reads it, with an index of its own."""
    return pd.read_csv(CASES / "24-week.csv.gz").set_axis([f"r{n}" for n in range(40)], axis=0)


def test_a_table_in_memory_is_understood_as_its_file_is(frame: pd.DataFrame) -> None:
    batch = read_batch(frame, categories=CATEGORIES)
    whole = batch_of("24-week.csv.gz")
    kept = {name for name in CASE["24-week.csv.gz"].reading} - {*CSV, "compression"}
    assert {of: batch.reading.value(of) for of in kept} == {
        of: whole.reading.value(of) for of in kept
    }
    assert batch.reading.doubtful == ()
    assert batch.table.index.tolist() == frame.index.tolist()
    assert batch.texts.index.tolist() == frame.index.tolist()
    assert batch.times is not None
    assert batch.times.index.tolist() == frame.index.tolist()
    assert batch.period == whole.period
    first, second = (label_values(one, tuple(CATEGORIES)) for one in (batch, whole))
    assert np.array_equal(first, second)


def test_a_check_of_a_table_is_that_of_its_file(frame: pd.DataFrame) -> None:
    found, expected = afterword.check(frame), afterword.check(CASES / "24-week.csv.gz")
    assert found.level == expected.level
    assert found.to_dict()["measures"] == expected.to_dict()["measures"]


def test_series_lists_and_tables_give_the_same_answers(frame: pd.DataFrame) -> None:
    model = afterword.load_model()
    expected = model.predict_proba(frame["text"].tolist())
    assert len(np.unique(expected, axis=0)) > 1
    sources: list[Any] = [frame["text"], frame[["text"]], frame["text"].to_numpy()]
    for source in [*sources, tuple(frame["text"])]:
        assert np.array_equal(model.predict_proba(source), expected)
    assert read_batch(frame["text"], categories=()).table.index.tolist() == frame.index.tolist()
    assert read_batch(list(frame["text"]), categories=()).texts.tolist() == list(frame["text"])


def test_options_hold_for_tables_in_memory_too(frame: pd.DataFrame) -> None:
    moved = read_batch(frame, categories=CATEGORIES, zone="Asia/Kolkata")
    assert moved.times is not None
    assert str(moved.times.iloc[0]) == "2024-05-06 02:45:00+00:00"
    assert read_batch(frame, categories=CATEGORIES, time="").times is None
    with pytest.raises(ColumnError):
        read_batch(frame, categories=CATEGORIES, description="nowhere")
    with pytest.raises(SheetError):
        read_batch(CASES / "11-cover-sheet.xlsx", categories=CATEGORIES, sheet=3)


# ---------------------------------------------------------------- kin of these files


def table_of(names: list[str], *rows: list[str], separator: str = ",") -> bytes:
    return "\n".join(separator.join(row) for row in (names, *rows)).encode("cp1252")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Eingang", "0{day}.05.2024 08:15"),
        ("Datum", "0{day}.05.2024"),
        ("week", "2024-W19"),
        ("month", "2024-05"),
    ],
)
def test_times_are_found_by_their_name_in_other_languages_and_as_periods(
    name: str, written: str
) -> None:
    rows = [[f"Er starrte mich im Flur {n} an", written.format(day=n)] for n in range(6, 9)]
    batch = read_batch(table_of(["Beschreibung", name], *rows, separator=";"), categories=())
    assert batch.columns.time == name
    assert batch.reading.doubtful == ()
    assert batch.period is not None


@pytest.mark.parametrize("name", ["week", "month"])
def test_a_plain_number_of_a_week_is_no_time_and_no_doubt(name: str) -> None:
    rows = [[f"He stared at me in hall {n}.", str(n)] for n in range(6, 9)]
    batch = read_batch(table_of(["text", name], *rows), categories=())
    assert (batch.columns.time, batch.reading.doubtful) == (None, ())


def test_a_short_name_of_several_zones_is_doubtful() -> None:
    rows = [[f"He stared at me in hall {n}.", f"2024-05-0{n} 08:15 IST"] for n in range(6, 9)]
    batch = read_batch(table_of(["text", "received"], *rows), categories=())
    (choice,) = batch.reading.doubtful
    assert choice.of == "zone"
    assert choice.sentence == (
        "Several zones are called IST, as in received; its times were taken as UTC."
    )


def test_rows_of_json_without_names_are_a_table_as_those_of_csv_are() -> None:
    rows = [[n, f"He stared at me in hall {n}.", ["a"]] for n in range(3)]
    named = read_batch(json.dumps([["id", "text", "tags"], *rows]).encode(), categories=())
    assert named.columns.description == "text"
    assert named.table["tags"].tolist() == [["a"]] * 3
    bare = read_batch(json.dumps(rows).encode(), categories=())
    assert bare.texts.tolist() == [text for _, text, _ in rows]
    assert bare.reading["header"].doubtful


def test_an_id_that_a_float_cannot_hold_is_one_beside_a_gap() -> None:
    numbers = pd.array([2**53, 2**53 + 1, *range(20), None], dtype="Int64")
    said = [f"He stared at me in hall {n}." for n in range(23)]
    batch = read_batch(pd.DataFrame({"id": numbers, "text": said}), categories=())
    assert batch.columns.id == "id"


@pytest.mark.parametrize("tick", ["x", "1", "yes"])
def test_ticks_beside_empty_cells_are_labels_and_the_gaps_are_doubtful(tick: str) -> None:
    rows = [[f"He stared at me in hall {n}.", tick if n % 2 else ""] for n in range(6)]
    batch = read_batch(table_of(["text", "Ogling"], *rows), categories=CATEGORIES)
    assert counts(label_values(batch, ["Ogling"])) == ((3, 3),)
    (choice,) = batch.reading.doubtful
    assert choice.sentence == "No label of Ogling is 0; empty cells count as not labelled."
    whole = [[text, "1"] for text, _ in rows]
    for sure in (whole, [*rows, ["He stared at me in hall 7.", "0"]]):
        batch = read_batch(table_of(["text", "Ogling"], *sure), categories=CATEGORIES)
        assert batch.reading.doubtful == ()

"""Commands over time: check the store, list checks, forget, notify, hand on to Evidently."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

from afterword.cli.application import results
from afterword.cli.main import app
from afterword.drift.checking import check
from afterword.errors import StoreError
from afterword.model.scored_files import read
from afterword.monitoring import alerting, history
from afterword.quality.category_shares import CategoryShare, listed
from afterword.settings import get_settings
from afterword.store import Store, get_store
from afterword.streams import recording, wording
from tests.conftest import invented
from tests.looks import CUT, MANY, count_looks
from tests.profiling.file_servers import served

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
STABLE = SAMPLES / "ordinary-week.parquet"
ALARM = SAMPLES / "broken-export.csv"


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A store of its own for every test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("AFTERWORD_HOME", str(folder))
    monkeypatch.setenv("COLUMNS", "200")
    for each in (get_settings, get_store):
        each.cache_clear()
    yield folder
    get_store().close()
    monkeypatch.undo()
    for each in (get_settings, get_store):
        each.cache_clear()


def set_to(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"AFTERWORD_{name.upper()}", value)
    get_settings.cache_clear()


def described(folder: Path, rows: int = 60) -> Path:
    file = folder / "week.csv"
    invented(rows)[["description"]].to_csv(file, index=False)
    return file


# ------------------------------------------------------------------------------- check, keep


def test_a_file_is_checked_by_a_column_alone_or_as_one_of_several(tmp_path: Path) -> None:
    table = invented(120)[["description"]].assign(city=["Harbourtown", "Hillview"] * 60)
    for name in ("one.csv", "two.csv"):
        table.to_csv(tmp_path / name, index=False)
    done = run("check", tmp_path / "one.csv", "--by", "city", "--json")
    told = json.loads(done.stdout)
    assert told["by"] == "city"
    assert [(one["value"], one["rows"]) for one in told["segments"]] == [
        ("Harbourtown", 60),
        ("Hillview", 60),
    ]
    both = run("check", tmp_path / "one.csv", tmp_path / "two.csv", "--by", "city", "--json")
    assert [one["rows"] for one in json.loads(both.stdout)["segments"]] == [120, 120]
    shown = run("check", tmp_path / "one.csv", "--by", "city").stdout
    assert "Harbourtown" in shown
    assert "Hillview" in shown


def test_a_column_that_parts_nothing_is_an_error_that_names_others(tmp_path: Path) -> None:
    table = invented(60)[["description"]].assign(city=["Harbourtown", "Hillview"] * 30)
    table.to_csv(tmp_path / "week.csv", index=False)
    done = run("check", tmp_path / "week.csv", "--by", "town")
    assert done.exit_code == 3
    assert "choose “city”" in " ".join(done.stderr.split())
    days = run("check", "--since", "7d", "--by", "city")
    assert days.exit_code == 3
    assert "--by" in days.stderr


def test_every_check_is_kept_and_listed() -> None:
    assert run("check", STABLE).exit_code == 0
    assert run("check", ALARM, "--json").exit_code == 1
    newest, oldest = json.loads(run("checks", "--json").stdout)
    assert (newest["level"], oldest["level"]) == ("faulty", "stable")
    assert (newest["source"], newest["window"]) == ("command", None)
    listed = run("checks").stdout
    assert "Faulty feed" in listed
    assert "Stable" in listed
    assert len(json.loads(run("checks", "--json", "--limit", 1).stdout)) == 1


def test_a_check_prints_how_many_report_each_category() -> None:
    printed = " ".join(run("check", STABLE).stdout.split())
    told = json.loads(run("check", STABLE, "--json").stdout)["shares"]
    lines = listed([CategoryShare.from_dict(one) for one in told])
    assert len(lines) == 4
    assert all(line in printed for line in lines)


def test_a_check_of_a_file_is_a_trial_until_keep_lets_it_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(results, "width", 200)  # each check on a line of its own
    tried = run("check", STABLE)
    assert "This check is a trial" in tried.stderr
    assert "--keep" in tried.stderr
    assert get_store().checks.last() is None
    counts = run("check", STABLE, "--keep")
    assert (tried.exit_code, counts.exit_code) == (0, 0)
    assert tried.stdout == counts.stdout
    assert "trial" not in counts.stderr
    last = get_store().checks.last()
    assert run("check", ALARM).exit_code == 1
    assert get_store().checks.last().id == last.id
    listed = json.loads(run("checks", "--json").stdout)
    assert [one["trial"] for one in listed] == [True, False, True]
    lines = run("checks").stdout.splitlines()
    assert [line.count("a trial") for line in lines if "file (command)" in line] == [1, 0, 1]


def test_a_check_of_the_store_counts_with_keep_or_without(tmp_path: Path) -> None:
    run("classify", described(tmp_path), "--out", tmp_path / "out.csv")
    for options in ([], ["--keep"]):
        assert run("check", "--since", "7d", "--json", *options).exit_code == 1
        assert get_store().checks.count() == 1 + len(options)
    assert get_store().checks.count(trial=True) == 0


def test_notify_with_a_file_needs_keep(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = reach(monkeypatch, True)
    done = run("check", ALARM, "--notify")
    assert done.exit_code == 3
    assert "add --keep" in done.stderr
    assert done.stdout == ""
    assert asked == []
    assert not home.exists()  # nothing was kept either


def test_a_trial_opens_and_closes_no_alert() -> None:
    run("check", ALARM, "--keep")
    (alert,) = (one for one in alerting.evaluate(get_store()) if one.metric == "verdict_faulty")
    run("check", STABLE)
    assert alerting.evaluate(get_store()) == []
    assert get_store().alerts.get(alert.id).state == "open"
    run("check", STABLE, "--keep")
    alerting.evaluate(get_store())
    assert get_store().alerts.get(alert.id).state == "resolved"
    run("check", ALARM)
    assert alerting.evaluate(get_store()) == []


def test_keep_says_so_where_recording_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, recording="false")
    done = run("check", STABLE, "--keep")
    assert done.exit_code == 0
    assert "does not count" in done.stderr
    assert run("check", STABLE).stderr.count("count") == 0


def test_the_list_says_which_checks_another_model_made() -> None:
    run("check", STABLE, "--keep")
    assert "another model" not in run("checks").stdout
    result = check(read(STABLE))
    get_store().checks.add(result, source="schedule", model="0123456789ab")
    assert run("checks").stdout.count("another model") == 1


def test_a_list_without_checks_says_how_to_make_one() -> None:
    done = run("checks")
    assert done.exit_code == 0
    assert "check --since 7d" in done.stderr


def test_what_was_classified_is_checked_by_the_day(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert run("classify", described(tmp_path), "--out", out).exit_code == 0
    done = run("check", "--since", "7d", "--json")
    assert done.exit_code == 1, done.output
    content = json.loads(done.stdout)
    assert content["accepted"] == 60
    start, end = map(datetime.fromisoformat, content["window"])
    assert end - start == timedelta(days=7)
    kept = get_store().checks.last()
    assert (kept.source, kept.window) == ("schedule", (start, end))
    assert f"{start:%Y-%m-%d} to " in run("checks").stdout


def test_a_check_of_the_store_says_what_it_does_not_know(tmp_path: Path) -> None:
    run("classify", described(tmp_path), "--out", tmp_path / "out.csv")
    said = " ".join(run("check", "--since", "1d").stdout.split())
    assert wording.IN_BINS in said
    assert (
        "for want of the texts: Descriptions that begin alike, Descriptions that end alike." in said
    )


def test_nothing_classified_is_too_few() -> None:
    assert run("check", "--since", "2w").exit_code == 2


def test_a_promise_that_cannot_be_kept_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, false_alarms="1")
    done = run("check", "--since", "1d", "--json")
    assert "cannot have fewer than 3.7 false alarms a year" in done.stderr
    assert json.loads(done.stdout)["alpha"] == 0.01
    assert json.loads(run("check", STABLE, "--json").stdout)["alpha"] == 0.05


def test_a_store_that_cannot_be_written_changes_no_status(home: Path) -> None:
    home.write_text("a file stands in the way")
    for file, status in ((STABLE, 0), (ALARM, 1)):
        done = run("check", file, "--json")
        assert done.exit_code == status
        assert "not kept" in done.stderr
        json.loads(done.stdout)
    assert run("check", "--since", "7d").exit_code == 3
    assert run("checks").exit_code == 3


def test_nothing_is_kept_while_recording_is_off(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, recording="false")
    assert run("check", STABLE).exit_code == 0
    done = run("classify", described(tmp_path), "--out", tmp_path / "out.csv")
    assert done.exit_code == 0
    assert "recorded" not in done.stderr
    assert not home.exists()


# --------------------------------------------------------------------------------- the record


def test_a_command_records_what_it_classified(tmp_path: Path) -> None:
    file = tmp_path / "week.csv"
    empty = pd.DataFrame({"id": range(3), "description": [""] * 3})
    pd.concat([invented(30)[["id", "description"]], empty]).to_csv(file, index=False)
    assert run("classify", file, "--out", tmp_path / "out.parquet").exit_code == 0
    with sqlite3.connect(tmp_path / "home" / "afterword.db") as database:
        events = "SELECT source, descriptions, rejected, outcome FROM events"
        assert database.execute(events).fetchall() == [("command", 30, 3, "answered")]


def test_a_command_looks_each_text_through_once_for_answer_and_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "week.csv"
    pd.DataFrame({"description": MANY}).to_csv(file, index=False)
    run("classify", file, "--out", tmp_path / "out.parquet")
    looks = count_looks(monkeypatch, MANY)
    assert run("classify", file, "--out", tmp_path / "out.parquet").exit_code == 0
    assert looks == {CUT: len(MANY)}


@pytest.mark.parametrize("how", ["is false", "raises"])
def test_an_answer_that_is_not_recorded_is_still_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    def fail(*_: object, **__: object) -> bool:
        if how == "raises":
            raise ValueError("zebrafinch")
        return False

    monkeypatch.setattr(recording, "record", fail)
    done = run("classify", described(tmp_path), "--out", tmp_path / "out.csv")
    assert done.exit_code == 0
    assert "Not recorded" in done.stderr
    assert "zebrafinch" not in done.output
    assert len(pd.read_csv(tmp_path / "out.csv")) == 60


def test_answers_of_another_model_are_not_recorded(tmp_path: Path, small_model: Path) -> None:
    file, out = described(tmp_path), tmp_path / "out.csv"
    done = run("classify", file, "--out", out, "--model", small_model)
    assert done.exit_code == 0
    assert "only answers of the model in service" in done.stderr


# -------------------------------------------------------------------------------- one page


def test_a_check_as_one_page_asks_nobody_for_anything(tmp_path: Path) -> None:
    page = tmp_path / "check.html"
    done = run("check", ALARM, "--html", page)
    assert done.exit_code == 1
    text = page.read_text(encoding="utf-8")
    assert "Faulty feed" in text
    (kept,) = get_store().checks.list(trial=True)
    for sentence in (kept.headline, *kept.reasons):
        assert sentence.replace("&", "&amp;") in text
    assert not re.search(r"<script|<link|<img|<iframe|url\(|@import|https?:", text)
    assert "prefers-color-scheme: dark" in text


def test_a_page_that_cannot_be_written_is_an_error_after_the_verdict(tmp_path: Path) -> None:
    done = run("check", STABLE, "--html", tmp_path / "nowhere" / "x.html")
    assert done.exit_code == 3
    assert done.stdout.startswith("Stable")
    assert "cannot be written" in done.stderr


def test_a_page_never_replaces_its_input(tmp_path: Path) -> None:
    file = described(tmp_path)
    before = file.read_bytes()
    assert run("check", file, "--html", file).exit_code == 3
    assert file.read_bytes() == before


# ----------------------------------------------------------------------------------- notify


def reach(monkeypatch: pytest.MonkeyPatch, *outcomes: bool, channels: int = 1) -> list[Store]:
    """Channels that take a message, or do not; what was asked of them."""
    asked: list[Store] = []

    def deliver(store: Store) -> list[SimpleNamespace]:
        asked.append(store)
        return [
            SimpleNamespace(channel=f"Mail {n}", delivered=taken, problem="It was refused.")
            for n, taken in enumerate(outcomes)
        ]

    monkeypatch.setattr(alerting, "evaluate", lambda store: [])
    monkeypatch.setattr(alerting, "channels_in_service", lambda: ("Mail",) * channels)
    monkeypatch.setattr(alerting, "deliver", deliver)
    return asked


def test_without_notify_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = reach(monkeypatch, True)
    run("check", STABLE)
    assert asked == []


def test_what_was_sent_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = reach(monkeypatch, True)
    done = run("check", ALARM, "--keep", "--notify")
    assert done.exit_code == 1
    assert "Sent: Mail 0" in done.stderr
    assert len(asked) == 1


@pytest.mark.parametrize(("file", "status"), [(STABLE, 3), (ALARM, 1)])
def test_a_message_that_did_not_arrive_never_looks_like_success(
    monkeypatch: pytest.MonkeyPatch, file: Path, status: int
) -> None:
    reach(monkeypatch, True, False)
    done = run("check", file, "--keep", "--notify")
    assert done.exit_code == status
    assert "Mail 1: It was refused." in done.stderr


def test_rules_that_cannot_be_judged_keep_no_message_back(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = reach(monkeypatch, True)

    def fail(_store: Store) -> None:
        raise StoreError("The store cannot be read.")

    monkeypatch.setattr(alerting, "evaluate", fail)
    done = run("check", STABLE, "--keep", "--notify")
    assert done.exit_code == 3
    assert "The store cannot be read." in done.stderr
    assert len(asked) == 1


def test_without_a_channel_it_is_said_that_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = reach(monkeypatch, channels=0)
    done = run("check", STABLE, "--keep", "--notify")
    assert done.exit_code == 0
    assert "names no channel" in done.stderr
    assert asked == []


# ------------------------------------------------------------------------------------ forget


def test_what_is_forgotten_is_gone(home: Path) -> None:
    run("check", STABLE)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    done = run("forget", "--before", f"{tomorrow:%Y-%m-%d}")
    assert done.exit_code == 0
    assert done.stdout.startswith("Deleted: 1 rows")
    assert json.loads(run("checks", "--json").stdout) == []
    get_store().close()
    assert b"Nothing moved" not in b"".join(path.read_bytes() for path in home.iterdir())


def test_what_is_younger_stays() -> None:
    run("check", STABLE)
    assert run("forget", "--before", "2020-01-01").stdout.startswith("Deleted: 0 rows")
    assert len(json.loads(run("checks", "--json").stdout)) == 1


# --------------------------------------------------------------------------------- workspace


def test_the_history_becomes_a_workspace(tmp_path: Path) -> None:
    history.keep(get_store(), history.check_store(get_store(), timedelta(days=7))[0], source="page")
    run("check", STABLE, "--keep")
    run("check", ALARM)  # a trial is no part of the history
    (tmp_path / "here").mkdir()
    # Evidently refuses a path with "..", and people write one.
    done = run("export-workspace", tmp_path / "here" / ".." / "workspace")
    assert done.exit_code == 0, done.output
    assert "1 checks written" in done.stdout
    assert "Left out: 1 checks with too few rows" in done.stdout
    assert "evidently ui --workspace" in done.stderr
    assert len(list((tmp_path / "workspace").glob("*/snapshots/*.json"))) == 2


def test_a_file_at_an_address_is_checked_like_one_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = described(tmp_path)
    expected = json.loads(run("check", path, "--json").stdout)
    with served() as files:
        files.content["/week.csv"] = path.read_bytes()
        address = f"{files.address}/week.csv?signature=secret"
        refused = run("check", address)
        assert refused.exit_code == 3
        assert "AFTERWORD_ADDRESSES=http" in refused.output
        assert files.asked == []
        set_to(monkeypatch, addresses=f"{files.address}/")
        done = run("check", address, "--json")
        assert "secret" not in done.output + refused.output
        found = json.loads(done.stdout)
        both = run("check", path, address, "--json")
    assert found | {"reading": []} == expected | {"reading": []}
    assert json.loads(both.stdout)["rows"] == 2 * expected["rows"]


def test_the_rows_of_a_query_are_checked_like_those_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = described(tmp_path)
    expected = json.loads(run("check", path, "--json").stdout)
    with sqlite3.connect(tmp_path / "base.db") as base:
        pd.read_csv(path).rename(columns={"description": "told"}).to_sql("reports", base)
    select = "SELECT told FROM reports"
    assert "AFTERWORD_SOURCE_URL" in run("check", "--sql", select).output
    set_to(monkeypatch, source_url=f"sqlite:///{tmp_path / 'base.db'}")
    done = run("check", "--sql", select, "--column", "told", "--json")
    assert json.loads(done.stdout) | {"reading": []} == expected | {"reading": []}
    for others in (["--since", "7d"], [path]):
        refused = run("check", "--sql", select, *others)
        assert refused.exit_code == 3
        assert "Name either" in refused.output
    assert "add --keep" in run("check", "--sql", select, "--notify").output
    refused = run("check", "--sql", "DELETE FROM reports")
    assert refused.exit_code == 3
    assert "may only read" in refused.output

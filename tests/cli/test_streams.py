"""Commands about streams: made, filled, listed, checked, renamed and forgotten."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from afterword.cli import wording
from afterword.cli.application import results
from afterword.monitoring.stream_status import stream_status
from afterword.store import get_store
from afterword.store import wording as store_wording
from afterword.streams import wording as stream_wording
from tests.cli.test_watch import ALARM, home, run
from tests.conftest import invented

__all__ = ["home"]

MONDAY = datetime(2026, 2, 16, 9, tzinfo=UTC)
"""Of the week 2026-W08."""
STABLE = 0
TOO_FEW = 2
ERROR = 3


def weekly(folder: Path, weeks: int = 3, rows: int = 175) -> Path:
    """A file of some weeks, with times and ids."""
    table = invented(weeks * rows)
    moments = ((row // 25, row % 25) for row in range(weeks * rows))
    times = [MONDAY + timedelta(days=day, minutes=minute) for day, minute in moments]
    table = pd.DataFrame(
        {
            "case_id": table["id"],
            "text": table["description"],
            "received at": [f"{at:%Y-%m-%d %H:%M}" for at in times],
        }
    )
    path = folder / "weeks.csv"
    table.to_csv(path, index=False)
    return path


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_a_year_of_logs_is_watched_after_one_command(tmp_path: Path) -> None:
    made = run("stream", "create", "Web form", "--cadence", "week", "--zone", "Europe/Berlin")
    assert (made.exit_code, made.stdout) == (
        0,
        wording.made("Web form", "week", "Europe/Berlin") + "\n",
    )
    path = weekly(tmp_path)
    done = run("add", path, "--stream", "web form")
    said = wording.added(525, "Web form", "2026-02-16", "2026-03-08", 3, "week")
    assert (done.exit_code, done.stdout) == (0, said + "\n")
    assert stream_wording.told_apart("case_id") in one_line(done.stderr)
    again = run("add", path, "--stream", "Web form", "--json")
    told = json.loads(again.stdout)
    assert (again.exit_code, told["rows"], told["known_files"]) == (0, 0, 1)
    for label in ("2026-W08", "2026-W09", "2026-W10"):
        checked = run("check", "--stream", "Web form", "--period", label, "--json")
        told = json.loads(checked.stdout)
        assert (told["stream"], told["stream_period"], told["accepted"]) == ("Web form", label, 175)
        assert checked.exit_code == (1 if told["alarm"] else 0)
    newest = json.loads(run("check", "--stream", "Web form", "--json").stdout)
    assert newest["stream_period"] == "2026-W10"
    assert newest["window"] == ["2026-03-02T00:00:00+00:00", "2026-03-09T00:00:00+00:00"]
    kept = json.loads(run("checks", "--json").stdout)
    assert [one["stream_period"] for one in kept] == [
        "2026-W10", "2026-W10", "2026-W09", "2026-W08",
    ]  # fmt: skip
    assert {one["stream"] for one in kept} == {"Web form"}
    assert "2026-W09" in run("checks").stdout


def test_the_check_of_another_stream_is_not_the_services_last_one(tmp_path: Path) -> None:
    run("stream", "create", "form")
    run("add", weekly(tmp_path), "--stream", "form")
    run("check", "--stream", "form")
    checks = get_store().checks
    assert checks.last() is None
    assert checks.levels(10) == ()
    assert checks.last(stream=get_store().streams.get("form").id) is not None
    run("check", ALARM, "--keep")
    last = checks.last()
    assert last is not None
    assert last.stream == get_store().streams.get("files").id
    assert [one["stream"] for one in json.loads(run("checks", "--json").stdout)] == [
        "files",
        "form",
    ]


def test_where_a_stream_stands_is_shown(tmp_path: Path) -> None:
    run("stream", "create", "form", "--cadence", "week")
    empty = run("stream", "show", "form")
    assert empty.exit_code == TOO_FEW
    assert stream_status("form").headline in one_line(empty.stdout)
    run("add", weekly(tmp_path), "--stream", "form")
    shown = run("stream", "show", "FORM")
    # Invented texts are no reports of the training set.
    assert shown.exit_code == 1
    status = stream_status("form")
    assert one_line(shown.stdout).startswith(f"{status.headline} {status.action}")
    for week in ("2026-W08", "2026-W09", "2026-W10"):
        assert week in shown.stdout
    told = json.loads(run("stream", "show", "form", "--json").stdout)
    assert told == json.loads(json.dumps(status.to_dict()))
    assert [one["rows"] for one in told["periods"]] == [175, 175, 175]


def test_a_trial_belongs_to_no_stream_and_days_are_the_services(tmp_path: Path) -> None:
    run("check", ALARM)
    days = json.loads(run("check", "--since", "7d", "--json").stdout)
    assert days["stream"] == "service"
    kept = json.loads(run("checks", "--json").stdout)
    assert [(one["stream"], one["trial"]) for one in kept] == [("service", False), (None, True)]


def test_days_of_a_stream_are_checked_from_one_to_another(tmp_path: Path) -> None:
    run("stream", "create", "form")
    run("add", weekly(tmp_path), "--stream", "form")
    done = run("check", "--stream", "form", "--from", "2026-02-18", "--to", "2026-02-20", "--json")
    told = json.loads(done.stdout)
    assert (told["stream_period"], told["accepted"]) == ("2026-02-18/2026-02-20", 75)


def test_a_week_without_data_is_too_few_and_no_alarm(tmp_path: Path) -> None:
    run("stream", "create", "form")
    run("add", weekly(tmp_path), "--stream", "form")
    done = run("check", "--stream", "form", "--period", "2026-W07", "--json")
    assert done.exit_code == TOO_FEW
    assert json.loads(done.stdout)["accepted"] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check"], wording.FILE_OR_DAYS),
        (["check", ALARM, "--stream", "service"], wording.FILE_OR_DAYS),
        (["check", "--since", "7d", "--stream", "service"], wording.FILE_OR_DAYS),
        (["check", "--period", "2026-W07"], wording.OF_A_STREAM),
        (["check", "--since", "7d", "--period", "2026-W07"], wording.OF_A_STREAM),
        (["check", "--stream", "service", "--column", "text"], wording.NO_COLUMN),
        (["check", "--stream", "form", "--notify"], wording.OF_THE_SERVICE),
        (["check", "--stream", "service", "--period", "week 7"], stream_wording.PERIOD),
        (["check", "--stream", "nothing"], "no stream called nothing"),
        (["check", "--stream", "service"], "holds no week that is over"),
        (["check", "--stream", "service", "--from", "2026-02-18"], "a first and a last day"),
        (["stream", "create", "form", "--reference", "2026-W07"], wording.NO_SUCH_REFERENCE),
        (["stream", "create", "a/b"], store_wording.STREAM_NAME),
        (["stream", "forget", "service", "--yes"], store_wording.SERVICE_STAYS),
        (["stream", "rename", "service", "mine"], store_wording.SERVICE_STAYS),
        (["stream", "forget", "nothing", "--yes"], "no stream called nothing"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments: list[str], sentence: str) -> None:
    done = run(*arguments)
    assert done.exit_code == ERROR
    assert sentence in one_line(done.stderr)
    assert done.stdout == ""


def test_the_service_may_be_checked_with_the_rules() -> None:
    assert run("check", "--since", "7d", "--notify").exit_code == TOO_FEW


def test_streams_fit_a_narrow_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_width", 80)
    run("stream", "create", "The form of the city, second part".replace(",", ""))
    run("add", weekly(tmp_path), "--stream", "the form of the city second part")
    run("check", "--stream", "the form of the city second part")
    said = run("streams").stdout
    assert max(map(len, said.splitlines())) <= 80
    assert "service" in said
    told = json.loads(run("streams", "--json").stdout)
    assert [(one["name"], one["days"], one["first"]) for one in told] == [
        ("service", 0, None),
        ("The form of the city second part", 21, "2026-02-16"),
    ]
    assert told[1]["last_check"]["stream_period"] == "2026-W10"


def test_a_stream_is_renamed_and_forgotten_after_it_was_asked(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from afterword.cli.main import app

    run("stream", "create", "form")
    run("add", weekly(tmp_path), "--stream", "form")
    assert run("stream", "rename", "form", "hotline").exit_code == 0
    refused = CliRunner().invoke(app, ["stream", "forget", "hotline"], input="n\n")
    assert refused.exit_code == ERROR
    assert wording.ask_to_forget("hotline", "") in one_line(refused.stderr)
    assert get_store().streams.held()
    part = run("stream", "forget", "hotline", "--before", "2026-03-01", "--yes")
    assert part.exit_code == 0
    assert json.loads(run("streams", "--json").stdout)[1]["first"] == "2026-03-01"
    done = CliRunner().invoke(app, ["stream", "forget", "hotline"], input="y\n")
    assert done.exit_code == 0
    assert not get_store().streams.held()
    assert [one["name"] for one in json.loads(run("streams", "--json").stdout)] == ["service"]


def test_a_file_can_be_classified_without_a_record(tmp_path: Path) -> None:
    path, out = weekly(tmp_path), tmp_path / "answers.csv"
    assert run("classify", path, "--out", out, "--no-record").exit_code == 0
    assert not get_store().has_events()
    assert run("classify", path, "--out", out).exit_code == 0
    assert get_store().has_events()


def test_the_days_of_a_stream_are_written_as_parquet(tmp_path: Path) -> None:
    run("stream", "create", "form")
    run("add", weekly(tmp_path), "--stream", "form")
    out = tmp_path / "days.parquet"
    done = run("stream", "export", "form", out)
    assert (done.exit_code, len(pd.read_parquet(out))) == (0, 21)
    assert wording.exported_days(out, 21) in one_line(done.stderr)
    refused = run("stream", "export", "form", tmp_path / "days.csv")
    assert (refused.exit_code, wording.NOT_PARQUET in one_line(refused.stderr)) == (ERROR, True)


def test_the_checks_of_one_stream_are_written_for_evidently(tmp_path: Path) -> None:
    run("stream", "create", "form")
    run("add", weekly(tmp_path), "--stream", "form")
    run("check", "--stream", "form")
    run("check", ALARM, "--keep")
    done = run("export-workspace", tmp_path / "all")
    assert done.stdout.startswith("2 checks written")
    done = run("export-workspace", tmp_path / "one", "--stream", "form")
    assert done.stdout.startswith("1 checks written")
    told = [path.read_text() for path in (tmp_path / "one").rglob("snapshots/*.json")]
    assert len(told) == 2
    assert all('"stream period": "2026-W10"' in each.replace('":"', '": "') for each in told)
    assert run("export-workspace", tmp_path / "one", "--stream", "none").exit_code == ERROR

"""Exit statuses: 0 stable, 1 alarm, 2 too few, and 3 for whatever goes wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from afterword.cli import application
from afterword.cli.main import app
from afterword.model import scoring
from afterword.settings import get_settings
from tests.conftest import invented

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data" / "samples"
SECRET = "zebrafinch"
WRONG: list[tuple[str, ...]] = [
    (),
    ("nothing",),
    ("--nothing",),
    ("check",),
    ("check", "--json"),
    ("check", "a.csv", "b.csv"),
    ("check", "nothing-*.csv"),
    ("check", "--since", "7d", "--workers", "2"),
    ("check", "--workers", "0", "a.csv"),
    ("check", "--since"),
    ("check", "--since", "soon"),
    ("check", "--since", "12h"),
    ("check", "--since", "7d", "a.csv"),
    ("check", "--since", "7d", "--column", "text"),
    ("check", "missing.csv", "--html", "x.html"),
    ("check", "missing.csv", "--nothing"),
    ("check", "missing.csv"),
    ("check", "."),
    ("check", ""),
    ("check", "a\0b"),
    ("classify", "missing.csv"),
    ("classify", "missing.csv", "--out", "x.csv"),
    ("train", "--seed", "many", "--data", "x", "--out", "y"),
    ("evaluate",),
    ("forget",),
    ("forget", "--before", "yesterday"),
    ("forget", "--before", "2026-13-01"),
    ("checks", "--limit", "0"),
    ("checks", "more"),
    ("export-workspace",),
    ("export-workspace", "a", "b"),
]


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def start(*arguments: object, **options):
    """The program as a schedule starts it."""
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "afterword", *map(str, arguments)],
        cwd=options.pop("cwd", ROOT),
        env=environment,
        text=True,
        stderr=subprocess.PIPE,
        stdout=options.pop("stdout", subprocess.PIPE),
        timeout=120,
        check=False,
        **options,
    )


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_what_was_asked_for_wrongly_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.exit_code == 3
    assert "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("--help",), *((name, "--help") for name in (
    "check", "checks", "classify", "evaluate", "export-workspace", "forget", "train"
))], ids=" ".join)  # fmt: skip
def test_help_is_no_error(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.exit_code == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ordinary-week.parquet", 0),
        ("new-app-in-the-news.csv", 1),
        ("broken-export.csv", 1),
    ],
)
def test_the_status_of_a_check_is_its_verdict(name: str, status: int) -> None:
    assert run("check", SAMPLES / name, "--json").exit_code == status


def test_too_few_descriptions_have_a_status_of_their_own(tmp_path: Path) -> None:
    invented(12).to_csv(tmp_path / "few.csv", index=False)
    assert run("check", tmp_path / "few.csv").exit_code == 2


@pytest.mark.parametrize(
    "error",
    [
        ValueError(SECRET),
        MemoryError(),
        RecursionError(SECRET),
        KeyboardInterrupt(),
        EOFError(),
        SystemExit(1),
        SystemExit(SECRET),
        typer.Abort(),
        ImportError(SECRET),
        OSError(28, "No space left on device"),
        BrokenPipeError(32, "Broken pipe"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_breaks_within_a_command_is_an_error(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(scoring, "score", fail)
    monkeypatch.setattr(application, "hush", lambda: None)
    done = run("check", SAMPLES / "broken-export.csv")
    assert done.exit_code == 3
    assert SECRET not in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError(SECRET), SystemExit(2)])
def test_whatever_breaks_before_a_command_is_an_error(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(application.Commands, "make_context", fail)
    done = run("check", SAMPLES / "ordinary-week.parquet")
    assert done.exit_code == 3
    assert SECRET not in done.output


def test_a_setting_that_is_not_valid_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_ALPHA", "often")
    get_settings.cache_clear()
    try:
        done = run("check", "--since", "7d")
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert done.exit_code == 3
    assert "AFTERWORD_ALPHA" in done.stderr


# ------------------------------------------------------------- the same, as a schedule starts it


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("check", SAMPLES / "ordinary-week.parquet"), 0),
        (("check", "--since", "7d"), 2),
        (("check", "--nothing"), 3),
    ],
    ids=["stable", "too few", "usage"],
)
def test_the_program_has_the_same_status(tmp_path: Path, arguments: tuple, status: int) -> None:
    done = start(*arguments, env={"AFTERWORD_HOME": str(tmp_path)})
    assert done.returncode == status, done.stderr


def test_a_program_that_cannot_be_loaded_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(f"raise RuntimeError('{SECRET}')")
    done = start("check", "x.csv", env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 3
    assert done.stderr == "Error: Afterword cannot start: RuntimeError.\n"


def test_an_output_that_nobody_reads_is_an_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = start("check", SAMPLES / "ordinary-week.parquet", "--json", stdout=writer)
    os.close(writer)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a device that is always full")
def test_an_output_that_does_not_fit_is_an_error() -> None:
    with Path("/dev/full").open("w") as full:
        done = start("check", SAMPLES / "ordinary-week.parquet", "--json", stdout=full)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_changes_neither_the_status_nor_what_is_said(
    tmp_path: Path, closed: str
) -> None:
    # Such a file is read by a process of its own, over pipes.
    program = [sys.executable, "-m", "afterword", "check", str(SAMPLES / "ordinary-week.parquet")]
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *program],
        cwd=ROOT,
        env=os.environ | {"AFTERWORD_HOME": str(tmp_path)},
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ("Stable" in done.stdout) == (" >&-" not in f" {closed}")
    assert ("trial" in done.stderr) == ("2>&-" not in closed)


# ------------------------------------------------------------------------------ what is promised


@pytest.mark.parametrize(("days", "checks"), [(1, 365), (7, 52), (30, 12)])
def test_the_documented_false_alarms_of_a_year_follow_from_the_chance(
    days: int, checks: int
) -> None:
    lines = (ROOT / "docs" / "scheduled-checks.md").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("|") and f"`--since {days}d` |" in line]
    *_, year, usual, rare = (cell.strip() for cell in line.strip("| ").split("|"))
    assert int(year) == checks
    assert float(usual) == pytest.approx(0.05 * 365 / days, abs=0.3)
    assert float(rare) == pytest.approx(0.01 * 365 / days, abs=0.06)


def test_the_documented_statuses_are_those_of_the_program() -> None:
    page = (ROOT / "docs" / "scheduled-checks.md").read_text(encoding="utf-8")
    codes = (application.DONE, application.ALARM, application.TOO_FEW, application.ERROR)
    words = ("stable", "alarm", "fewer than", "any error")
    for code, word in zip(codes, words, strict=True):
        assert f"| {code} | {word}" in page

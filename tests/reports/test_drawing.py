"""Reports drawn by a worker: the same as drawn here, and nothing of it in the server."""

from __future__ import annotations

import gzip
import json
import pickle
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import afterword
from afterword.drift.result import CheckResult
from afterword.errors import ReportError
from afterword.reports import drawing, evidently
from afterword.reports.about import About
from afterword.reports.evidently import Kind
from afterword.ui.shared.samples import read_sample

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 180
ABOUT = About("web form", "2026-W47", "0a1b2c3d4e5f", 12)


@cache
def checked() -> CheckResult:
    return afterword.check(read_sample("new-app-in-the-news"))


def decisions(written: str) -> dict[str, str]:
    return {test["name"]: test["status"] for test in json.loads(written)["tests"]}


@pytest.mark.parametrize("kind", ["data", "prediction"])
def test_the_worker_draws_what_would_be_drawn_here(kind: Kind) -> None:
    drawn = drawing.begin("me", checked(), kind, "A title", ABOUT).result(WAIT_S)
    here = evidently.report(checked(), kind)
    assert decisions(drawn.json) == decisions(evidently.to_json(here))
    assert json.loads(drawn.json)["notes"] == list(evidently.notes_of(here))
    page = gzip.decompress(drawn.page).decode()
    assert "<title>A title – web form, 2026-W47: Changed</title>" in page
    assert "Stream “web form” · 2026-W47 · 3 to 9 March 2025" in page
    assert "check no. 12 · model 0a1b2c3d4e5f" in page
    assert json.loads(drawn.json)["about"]["stream"] == "web form"
    assert len(page) > 1_000_000


def test_what_cannot_be_drawn_is_said_in_the_reports_words() -> None:
    error = drawing.begin("me", checked(), "quality", "A title").exception(WAIT_S)
    assert isinstance(error, ReportError)
    assert "needs at least" in str(error)


def test_no_word_of_a_description_goes_to_the_worker() -> None:
    assert b"bytetok" in pickle.dumps(checked())
    assert b"bytetok" not in pickle.dumps(drawing._numbers(checked()))


def test_a_server_that_has_reports_drawn_does_not_import_evidently() -> None:
    code = (
        "import sys; from afterword.reports import drawing; drawing.warm_up().result();"
        "sys.exit('evidently' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_warming_up_twice_is_one_job() -> None:
    assert drawing.warm_up() is drawing.warm_up()

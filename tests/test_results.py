"""What documents say that a benchmark found is what stands in the results of its last whole run."""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks import record
from benchmarks.halves import interval
from benchmarks.record import (
    BEFORE,
    NOT_YET,
    PLACE,
    Figure,
    Table,
    content_of,
    documents,
    filled,
    finish,
    shown,
    table_from,
)

ROOT = Path(__file__).resolve().parents[1]
RECORDED = {
    path.stem.replace("_", "-")
    for path in (ROOT / "benchmarks").glob("*.py")
    if "from benchmarks.record import" in path.read_text(encoding="utf-8")
}
NAMED = re.compile(r"NAME=([a-z-]+)|benchmarks/([a-z_]+)\.py")
FIGURE = re.compile(r"\d+\.\d+|(?<![\d.])\.\d+|\d+ %")
PROMISED = re.compile(r"\b95 %|\b5 %|PSI > \.2")
"""Figures that are no result: the level of an interval, the promised rate, a peer's rule."""


def name_of(path: Path) -> str:
    """What a test of a document is called."""
    return path.name


def named(text: str) -> set[str]:
    """Benchmarks with results that a text names."""
    return {(one or other).replace("_", "-") for one, other in NAMED.findall(text)} & RECORDED


def unmarked(text: str) -> list[str]:
    """Lines of a document that show a figure of a benchmark with results outside of its places."""
    found = []
    for section in re.split(r"^(?=#+ )", PLACE.sub("", text), flags=re.MULTILINE):
        lines = section.splitlines()
        prose = [line for line in lines if not line.startswith("|")]
        whole = named("\n".join(prose))
        found += [
            line
            for line in lines
            if (whole or named(line)) and FIGURE.search(PROMISED.sub("", line))
        ]
    return found


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_every_figure_in_a_place_is_that_of_the_results(document: Path) -> None:
    for place, told in PLACE.findall(document.read_text(encoding="utf-8")):
        expected = shown(place)
        if expected is None:
            assert BEFORE in told or NOT_YET in told, f"{place}: no results, and it does not say so"
        else:
            assert told == expected, place


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_no_figure_of_a_benchmark_stands_outside_of_its_places(document: Path) -> None:
    assert unmarked(document.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("document", documents(), ids=name_of)
def test_every_place_names_a_benchmark_and_is_closed(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    places = [place for place, _ in PLACE.findall(text)]
    assert text.count("<!-- results:") == text.count("<!-- end -->") == len(places)
    assert {place.partition("/")[0] for place in places} <= RECORDED
    # At the start of a line a comment would end the paragraph.
    assert not re.search(r"^<!-- results: [^>]*-->.", text, re.MULTILINE)


def test_every_file_of_results_is_of_a_benchmark_that_there_is() -> None:
    assert {path.stem for path in record.RESULTS.glob("*.json")} <= RECORDED


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Results of an invented run, in a folder of their own."""
    monkeypatch.setattr(record, "RESULTS", tmp_path)
    cell = {"value": 0.9584, "form": "%", "low": 0.941, "high": 0.97, "number": 320}
    missing = {"value": None, "form": ".3f"}
    table = {
        "columns": ["kind", "rows", "held", "peer"],
        "keys": 2,
        "rows": [["a", 1000, cell, missing]],
    }
    content = {"minutes": 6.7, "tables": {"coverage": table}}
    (tmp_path / "shares.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def test_places_are_written_from_the_results(results: Path) -> None:
    before = (
        "<!-- results: shares/coverage -->\nold\n<!-- end -->\nIn "
        "<!-- results: shares/coverage/a, 1,000/held -->old<!-- end --> after "
        "<!-- results: shares/minutes -->old<!-- end --> and "
        "<!-- results: growth/found -->kept, of the release before<!-- end -->."
    )
    after = filled(before)
    assert "| a | 1,000 | 95.8 % [94.1, 97.0] | – |" in after
    assert "held -->95.8 % [94.1, 97.0]<!--" in after
    assert "minutes -->7 minutes<!--" in after
    assert "kept, of the release before" in after
    assert filled(after) == after


def test_a_whole_run_writes_results_and_documents_and_a_quick_one_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- results: shares/coverage -->old<!-- end -->", encoding="utf-8")
    monkeypatch.setattr(record, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(record, "documents", lambda: [page])
    monkeypatch.setattr("sys.argv", ["benchmarks/shares.py"])
    figure = Figure(float(np.float64(0.5)), low=0.4, high=0.6, number=20)
    table = Table(("what", "share"), (("a", figure), ("b", Figure(math.nan))))
    for quick in (True, False):
        began = time.perf_counter()
        options = argparse.Namespace(began=began, quick=quick)
        finish(options, {"coverage": table}, ["One sentence."])
        assert (record.RESULTS / "shares.json").exists() is not quick
        assert ("50.0 % [40.0, 60.0]" in page.read_text(encoding="utf-8")) is not quick
    assert shown("shares/coverage/b/share") == "–"


def test_a_place_without_its_row_or_column_is_an_error(results: Path) -> None:
    for place in ("shares/coverage/b, 1,000/held", "shares/coverage/a, 1,000/lost", "shares/other"):
        with pytest.raises(KeyError):
            shown(place)


def test_a_figure_outside_of_its_place_is_found() -> None:
    told = "`make bench NAME=drift-quality`, 5 % promised.\n\n| rows | held |\n| 200 | 95.8 % |\n"
    assert unmarked(told) == ["| 200 | 95.8 % |"]
    assert unmarked(told.replace("drift-quality", "scale")) == []
    assert unmarked("| held | .028 | `make bench NAME=drift-quality` |") != []


def test_figures_and_tables_come_back_as_they_were_written() -> None:
    table = Table(("what", "n", "share"), (("a", 5, Figure(0.5, low=0.4, high=0.6)),))
    again = table_from(json.loads(json.dumps(content_of(table))))
    assert str(again) == str(table)
    nothing = Table(("what", "share"), (("a", Figure(math.nan)),))
    assert str(table_from(json.loads(json.dumps(content_of(nothing))))) == str(nothing)


def test_an_interval_resamples_whole_splits() -> None:
    rng = np.random.default_rng(5)
    alike = rng.random((16, 100)) < 0.3
    apart = rng.random((16, 100)) < np.where(np.arange(16) % 2, 0.5, 0.1)[:, None]
    mean, low, high = interval(alike)
    assert low < mean < high
    _, wide_low, wide_high = interval(apart)
    assert wide_high - wide_low > 2 * (high - low)


def test_an_interval_of_nothing_found_or_all_found_ends_at_the_exact_bound() -> None:
    mean, low, high = interval(np.zeros((4, 50)))
    assert (mean, low) == (0, 0)
    assert high == pytest.approx(1 - 0.025 ** (1 / 200))
    mean, low, high = interval(np.ones((4, 50)))
    assert (mean, high) == (1, 1)
    assert low == pytest.approx(0.025 ** (1 / 200))
    assert all(math.isnan(one) for one in interval([np.full(3, np.nan)]))

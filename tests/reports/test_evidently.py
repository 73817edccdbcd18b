"""Evidently's reports say what the check says, and nothing that they must not."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

import afterword
from afterword.drift.result import CheckResult
from afterword.errors import ReportError
from afterword.measures.answers import Answers
from afterword.measures.distances import column_distance
from afterword.measures.profiles import Profile
from afterword.model.scored import Scored
from afterword.quality.category_shares import listed
from afterword.reports import evidently
from afterword.reports.about import About
from afterword.settings import SHIPPED_DATA
from afterword.store.session_reports import PREFIX, SessionReports

RANDOM = np.random.default_rng(7)
REFERENCE = {
    "characters": RANDOM.normal(100, 20, 400),
    "words": RANDOM.normal(20, 5, 400),
    "Groping": RANDOM.uniform(0, 1, 400),
}
STABLE = {name: values[:150] for name, values in REFERENCE.items()}
CHANGED = STABLE | {"characters": STABLE["characters"] + 30, "Groping": STABLE["Groping"] / 3}
THRESHOLD = 0.15


@pytest.fixture(autouse=True)
def nothing_leaves(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fail a test in which something connects, or starts a process to connect."""
    attempts: list[str] = []

    def refuse(*arguments: object, **_options: object) -> None:
        attempts.append(repr(arguments[1:]))
        raise OSError("Tests have no network.")

    # A class, because libraries derive from it when they are imported.
    closed = type("Closed", (subprocess.Popen,), {"__init__": refuse, "__del__": lambda _: None})

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(subprocess, "Popen", closed)
    yield attempts
    assert attempts == []


def checked(
    batch: Mapping[str, ArrayLike] = CHANGED,
    reference: Mapping[str, ArrayLike] = REFERENCE,
    threshold: float = THRESHOLD,
    labels: Mapping[str, str] | None = None,
    kind: str = "ks",
) -> CheckResult:
    """Build the result of a check; a name with a capital is a category."""
    names = list(dict.fromkeys([*reference, *batch]))
    rows = []
    for name in names:
        both = name in batch and name in reference
        sides = [np.array(side[name] if both else []) for side in (reference, batch)]
        gap = column_distance(kind, *sides) if both else np.nan
        rows.append(
            {
                "measure": name,
                "label": (labels or {}).get(name, name.capitalize()),
                "group": "output" if name[0].isupper() else "input",
                "unit": "",
                "kind": kind,
                "reference": 0.0,
                "batch": 0.0,
                "distance": gap,
                "threshold": threshold,
                "floor": 0.1,
                "drifted": gap >= threshold,
                "direction": "",
                "column": True,
                "fault": False,
                "detail": "",
            }
        )
    beside: dict[str, Any] = {"column": False, "group": "feed", "distance": 0.1, "drifted": False}
    rows.append(rows[0] | {"measure": "rejected_rows", "label": "Rejected"} | beside)
    rows.append(rows[0] | {"measure": "new_words", "label": "New word"} | beside)
    inputs = tuple(name for name in names if not name[0].isupper())
    outputs = tuple(name for name in names if name[0].isupper())
    scored = Scored(pd.DataFrame(batch), inputs, outputs, outputs)
    size = len(pd.DataFrame(batch))
    return CheckResult(
        level="changed",
        headline="",
        reasons=(),
        actions=(),
        measures=pd.DataFrame(rows),
        words=pd.DataFrame(),
        detectable=(),
        missing=(),
        alpha=0.05,
        profile=Profile(
            outputs, {}, Answers(np.zeros((1, 1), np.uint8), np.array([size])), np.zeros(0)
        ),
        scored=scored,
        reference=pd.DataFrame(reference),
    )


def content(result: CheckResult, kind: evidently.Kind = "data") -> dict:
    return json.loads(evidently.to_json(evidently.report(result, kind)))


def decisions(result: CheckResult, kind: evidently.Kind = "data") -> dict[str, bool]:
    """Label → whether Evidently says that it drifted; "" is Evidently's banner."""
    found = {}
    for test in content(result, kind)["tests"]:
        label = test["metric_config"]["params"].get("column", "")
        found[label] = test["status"] == "FAIL"
    return found


@pytest.fixture(scope="module")
def page() -> str:
    return evidently.to_html(evidently.report(checked()), "Data <drift>")


@pytest.mark.parametrize("distance", ["ks", "mean", "share"])
@pytest.mark.parametrize(("kind", "group"), [("data", "input"), ("prediction", "output")])
@pytest.mark.parametrize("batch", [STABLE, CHANGED], ids=["stable", "changed"])
def test_evidently_decides_as_the_check_did(
    kind: evidently.Kind, group: str, batch: dict, distance: str
) -> None:
    result = checked(batch, kind=distance)
    measures = result.measures[(result.measures["group"] == group) & result.measures["column"]]
    expected = dict(zip(measures["label"], measures["drifted"], strict=True))
    assert decisions(result, kind) == {"": any(expected.values()), **expected}


def test_a_distance_exactly_at_the_threshold_is_drift() -> None:
    gap = column_distance("ks", REFERENCE["characters"], CHANGED["characters"])
    assert decisions(checked(threshold=gap))["Characters"]
    assert not decisions(checked(threshold=np.nextafter(gap, 1)))["Characters"]


@pytest.mark.parametrize("kind", ["ks", "mean", "share"])
def test_the_score_is_the_distance_of_the_check(kind: str) -> None:
    result = checked(kind=kind)
    (metric,) = (
        metric
        for metric in content(result)["metrics"]
        if metric["config"].get("column") == "Characters"
    )
    assert metric["value"] == result.measures["distance"].iloc[0]


def test_what_moved_and_is_no_column_is_told_in_the_notes() -> None:
    result = checked(STABLE)
    assert content(result)["notes"] == []
    moved = result.measures.assign(drifted=result.measures["measure"] == "new_words")
    found = content(replace(result, measures=moved))
    assert found["notes"] == ["Moved as well, and no column, so not drawn here: New word."]
    assert not any("New word" in test["name"] for test in found["tests"])


def test_the_report_of_predictions_says_that_mean_probabilities_are_no_shares() -> None:
    result = afterword.check(SHIPPED_DATA / "samples" / "ordinary-week.parquet")
    (note,) = content(result, "prediction")["notes"]
    assert note.startswith("A mean probability is not the share of those who report a category.")
    assert all(line in note for line in listed(result.shares)[1:])
    assert content(result)["notes"] == []


def test_one_drifted_column_of_many_turns_the_banner() -> None:
    many = {f"measure{number}": REFERENCE["words"] for number in range(12)}
    batch = many | {"measure3": REFERENCE["words"] + 20}
    found = decisions(checked(batch, many))
    assert found[""]
    assert sum(found.values()) == 2


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([np.nan] * 150, "has no values"),
        ([np.inf] + [1.0] * 149, "infinite"),
        ([1e308, -1e308] * 75, "cannot be drawn"),
        (["a"] * 150, "has no values"),
    ],
    ids=["nan", "infinite", "huge", "text"],
)
def test_a_bad_column_is_left_out_and_named(values: list, reason: str) -> None:
    result = checked()
    frame = result.scored.frame.assign(words=values)
    broken = replace(result, scored=Scored(frame, (), (), ()))
    found = content(broken)
    assert [test["name"] for test in found["tests"][1:]] == ["Value Drift for column Characters"]
    (note,) = found["notes"]
    assert note.startswith("Words is left out: ")
    assert reason in note


def test_a_column_that_one_side_lacks_is_left_out_and_named() -> None:
    found = content(checked({"characters": CHANGED["characters"]}))
    assert found["notes"] == ["Words is left out: the batch has no values."]


def test_a_constant_column_is_drawn_as_stable() -> None:
    constant = {"characters": np.ones(400), "words": REFERENCE["words"]}
    result = checked({name: values[:150] for name, values in constant.items()}, constant)
    assert decisions(result) == {"": False, "Characters": False, "Words": False}


def test_missing_values_are_left_out_of_the_distance() -> None:
    gaps = CHANGED | {"characters": np.append(CHANGED["characters"], [np.nan] * 50)}
    gaps |= {name: np.append(values, values[:50]) for name, values in STABLE.items()} | {
        "characters": gaps["characters"]
    }
    assert decisions(checked(gaps))["Characters"]


def test_two_measures_may_have_one_label() -> None:
    found = decisions(checked(labels={"characters": "Length", "words": "Length"}))
    assert found == {"": True, "Length": True, "Length (2)": False}


@pytest.mark.parametrize("rows", [30, 31])
def test_the_fewest_rows_that_are_compared_are_drawn(rows: int) -> None:
    few = {name: values[:rows] for name, values in CHANGED.items()}
    assert set(decisions(checked(few))) == {"", "Characters", "Words"}


@pytest.mark.parametrize("rows", [0, 1, 29])
def test_a_batch_of_too_few_rows_has_no_report(rows: int) -> None:
    nothing = {name: values[:rows] for name, values in CHANGED.items()}
    with pytest.raises(ReportError, match="nothing to draw"):
        evidently.report(checked(nothing))


def test_a_check_that_set_no_threshold_has_no_report() -> None:
    with pytest.raises(ReportError, match="nothing to draw"):
        evidently.report(checked(threshold=np.nan))


def test_an_evidently_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ImportError

    monkeypatch.setattr(evidently, "_register", fail)
    with pytest.raises(ReportError, match=r"requirements\.txt"):
        evidently.report(checked())


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ReportError, match='"prediction" or "quality"'):
        evidently.report(checked(), "fairness")  # type: ignore[arg-type]


def test_a_label_cannot_run_as_a_script() -> None:
    attack = "</script><script>alert(1)</script>"
    snapshot = evidently.report(checked(labels={"characters": attack}))
    assert attack not in evidently.to_html(snapshot, attack)
    assert "alert(1)</script>" not in evidently.to_html(snapshot, attack)
    assert "<" not in evidently.to_json(snapshot)


def test_the_page_names_itself_and_what_is_left_out(page: str) -> None:
    assert "<title>Data &lt;drift&gt;: Changed</title>" in page
    assert "<h1>Data &lt;drift&gt;</h1>" in page
    lacking = evidently.report(checked({"characters": CHANGED["characters"]}))
    assert "<p>Words is left out" in evidently.to_html(lacking, "Data drift")


def test_a_report_says_whose_check_it_is_of_and_what_is_not_known_is_left_out(page: str) -> None:
    at = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    period = (datetime(2026, 11, 16, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))
    profile = replace(checked().profile, period=period)
    about = About("web <form>", "2026-W47", "0a1b2c3d4e5f", 12, at)
    for kind, name in (("data", "Data drift"), ("prediction", "Prediction drift")):
        snapshot = evidently.report(replace(checked(), profile=profile), kind, about)  # type: ignore[arg-type]
        told = evidently.to_html(snapshot, name)
        assert f"<title>{name} – web ‹form›, 2026-W47: Changed</title>" in told
        header = told.partition('<header class="afterword">')[2].partition("</header>")[0]
        for line in (
            f"<h1>{name}</h1>",
            "Stream “web ‹form›” · 2026-W47 · 16 to 22 November 2026",
            "▲ Changed",
            "150 descriptions · check no. 12 · model 0a1b2c3d4e5f · "
            "checked 23 November 2026, 09:05 UTC",
        ):
            assert line in header
        assert json.loads(evidently.to_json(snapshot))["about"] == {
            "stream": "web ‹form›",
            "period": "2026-W47",
            "first_day": "2026-11-16",
            "last_day": "2026-11-22",
            "model": "0a1b2c3d4e5f",
            "level": "changed",
            "check": "12",
            "checked_at": "2026-11-23T09:05:00+00:00",
        }
    header = page.partition('<header class="afterword">')[2].partition("</header>")[0]
    for word in ("Stream", "model", "check no."):
        assert word not in header


def test_the_page_asks_no_host_for_anything(page: str) -> None:
    loads = re.findall(
        r"""(?:<link|<script[^>]+src|<img|@import|url\()\s*['"(]?(?!data:)\S*""", page
    )
    assert not [load for load in loads if "http" in load or "//" in load]


def test_the_page_holds_no_path_of_the_machine(page: str) -> None:
    for path in (Path(__file__).parents[2], sys.prefix, Path.home()):
        assert f"{path}/" not in page


def test_the_values_of_one_row_cannot_be_put_together_again(page: str) -> None:
    """Evidently draws small batches value by value: no two columns in the same order."""
    series = (found.split(",") for found in re.findall(r'"y": ?\[([^\[\]"]*)\]', page))
    drawn = [np.array(values, float) for values in series if len(values) == 150]
    assert len(drawn) >= 2
    for values in drawn:
        assert not np.allclose(values, CHANGED["characters"])
        assert not np.allclose(values, CHANGED["words"])


def test_json_has_a_word_for_numbers_that_json_lacks() -> None:
    found = evidently.to_json(evidently.report(checked()))
    json.loads(found, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


def test_telemetry_is_off_even_when_evidently_wants_to_send(
    nothing_leaves: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    evidently.prepare()
    from evidently.telemetry import event_logger

    event_logger.send_event("page", "report")
    assert nothing_leaves == []
    # The switch is what keeps it in: without it the same call reaches for the network.
    monkeypatch.delenv("DO_NOT_TRACK")
    monkeypatch.delenv("ITERATIVE_DO_NOT_TRACK")
    with pytest.raises(OSError, match="no network"):
        event_logger.send_event("page", "report")
    nothing_leaves.clear()


def test_importing_the_module_does_not_import_evidently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # this test needs a process of its own
    code = "import sys, afterword.reports.evidently; sys.exit('evidently' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class Clock:
    """Time that passes when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def name_of(path: str) -> str:
    return path.removeprefix(PREFIX)


def test_a_kept_report_expires() -> None:
    clock = Clock()
    reports = SessionReports(60, 10_000, clock)
    path = reports.put("<p>drift</p>", "session")
    clock.now = 59
    assert reports.get(name_of(path))
    clock.now = 60
    assert reports.get(name_of(path)) is None
    assert reports.size == 0


def test_a_sweep_removes_what_nobody_asks_for() -> None:
    clock = Clock()
    reports = SessionReports(60, 10_000, clock)
    reports.put("<p>drift</p>", "session")
    clock.now = 61
    reports.sweep()
    assert reports.size == 0


def test_the_oldest_report_makes_room() -> None:
    pages = [RANDOM.bytes(400).hex() for _ in range(3)]
    reports = SessionReports(60, 1_200)
    paths = [reports.put(page, "session") for page in pages]
    assert reports.size <= 1_200
    assert [reports.get(name_of(path)) is not None for path in paths] == [False, True, True]


def test_a_report_larger_than_the_limit_is_refused() -> None:
    with pytest.raises(ReportError, match="AFTERWORD_REPORT_SHELF_MB"):
        SessionReports(60, 100).put(RANDOM.bytes(400).hex(), "session")


def test_the_end_of_a_session_clears_its_reports_only() -> None:
    reports = SessionReports(60, 10_000)
    mine, other = reports.put("<p>mine</p>", "mine"), reports.put("<p>other</p>", "other")
    reports.drop_owner("mine")
    assert reports.get(name_of(mine)) is None
    assert reports.get(name_of(other))


def test_an_address_cannot_be_guessed() -> None:
    reports = SessionReports(60, 10_000)
    names = {name_of(reports.put("<p>drift</p>", "session")) for _ in range(50)}
    assert len(names) == 50
    assert min(map(len, names)) >= 43

"""Evidently's quality report: category by category, deciding as the check does."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import afterword
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.errors import ReportError
from afterword.model.reference import probability_column
from afterword.model.scored import Scored
from afterword.reports import evidently
from afterword.reports.evidently_quality import tasks_of
from afterword.settings import SHIPPED_DATA


@pytest.fixture(scope="module")
def week() -> Scored:
    """An ordinary week whose labels fall as its probabilities say."""
    found = afterword.read(SHIPPED_DATA / "samples" / "ordinary-week.parquet")
    assert isinstance(found, Scored)
    names = [probability_column(name) for name in found.categories]
    probabilities = found.frame[names].to_numpy(float)
    rng = np.random.default_rng(0)
    return replace(found, labels=(rng.random(probabilities.shape) < probabilities).astype(float))


def tasks(result: CheckResult) -> tuple[list, list[str]]:
    assert result.thresholds is not None
    return tasks_of(result, result.thresholds)


def test_evidently_counts_as_the_check_does_and_decides_the_same(week: Scored) -> None:
    assert week.labels is not None
    labels = week.labels.copy()
    labels[:, 1] = np.random.default_rng(3).permutation(labels[:, 1])
    result = check(replace(week, labels=labels))
    assert result.quality is not None
    content = json.loads(evidently.to_json(evidently.report(result, "quality")))
    values = {one["metric_name"]: one["value"] for one in content["metrics"]}
    judged = {one.name: one for one in result.ranked("quality")}
    statuses = {}
    for category in week.categories:
        (f1,) = (
            value
            for name, value in values.items()
            if name.startswith(f"F1Score(classification_name={category},")
        )
        assert f1 == pytest.approx(result.quality.figure("f1", category).value)
        (test,) = (
            one
            for one in content["tests"]
            if one["metric_config"]["params"]["classification_name"] == category
        )
        statuses[category] = test["status"]
        assert (test["status"] == "FAIL") == judged[f"{category} f1"].drifted
    assert statuses["Ogling"] == "FAIL"
    assert statuses["Groping"] == "SUCCESS"


def test_a_category_of_one_class_is_left_out_and_named(week: Scored) -> None:
    assert week.labels is not None
    labels = week.labels.copy()
    labels[:, 1] = 0
    snapshot = evidently.report(check(replace(week, labels=labels)), "quality")
    assert any(note.startswith("Ogling is left out") for note in evidently.notes_of(snapshot))
    page = evidently.to_html(snapshot, "Answer quality")
    assert "<title>Answer quality: " in page
    assert "Ogling is left out" in page
    assert "Groping" in page


def test_without_labels_there_is_nothing_to_draw(week: Scored) -> None:
    with pytest.raises(ReportError, match="rows with labels"):
        evidently.report(check(replace(week, labels=None)), "quality")


def test_training_is_drawn_from_counts_and_no_category_in_the_order_of_another(
    week: Scored,
) -> None:
    result = check(week)
    found, notes = tasks(result)
    assert notes == []
    assert result.outcomes is not None
    assert [len(task.trained) for task in found] == [result.outcomes.rows] * 3
    for j, task in enumerate(found):
        assert task.trained[:, 1].sum() == result.outcomes.counts[j, :, 1].sum()
    orders = [np.argsort(task.trained[:, 0], kind="stable").tolist() for task in found]
    assert orders[0] != orders[1]


def test_drawn_rows_count_alike_in_the_report_and_it_says_so(week: Scored) -> None:
    assert week.labels is not None
    labels = week.labels.copy()
    labels[100:] = np.nan
    found, notes = tasks(check(replace(week, labels=labels)))
    assert all(task.least is None for task in found)
    assert "100 with labels" in notes[0]

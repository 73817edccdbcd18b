"""Quality without labels: what calibrated probabilities let expect, and where they must not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import afterword
from afterword.drift.checking import check
from afterword.measures.definitions import INPUT, KNOWN_WORDS, WHOLE, Measure
from afterword.measures.null_tables import NullTables, load_tables
from afterword.measures.profiles import profile_of
from afterword.model.reference import probability_column
from afterword.model.scored import Scored
from afterword.quality.expected import LEAST_COUNT, LEAST_ROWS, QualityEstimate, estimate_quality
from afterword.settings import SHIPPED_DATA


@pytest.fixture(scope="module")
def tables() -> NullTables:
    return load_tables()


@pytest.fixture(scope="module")
def week() -> Scored:
    """400 rows of an ordinary week."""
    found = afterword.read(SHIPPED_DATA / "samples" / "ordinary-week.parquet")
    assert isinstance(found, Scored)
    return found


def with_probabilities(week: Scored, probabilities: np.ndarray) -> Scored:
    """Rows with these probabilities, their other numbers drawn from the week; no words."""
    rng = np.random.default_rng(0)
    frame = week.frame.iloc[rng.integers(0, len(week.frame), len(probabilities))]
    frame = frame.reset_index(drop=True)
    for j, category in enumerate(week.categories):
        frame[probability_column(category)] = probabilities[:, j].astype(np.float32)
    return replace(week, frame=frame, texts=None)


def drawn(tables: NullTables, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and labels of rows like those of training."""
    rng = np.random.default_rng(seed)
    cells = tables.outcomes.cells
    chosen = rng.choice(len(cells.rows), rows, p=cells.rows / cells.rows.sum())
    labels = (rng.random((rows, cells.labels.shape[1])) < cells.labels[chosen]).astype(int)
    return np.round(cells.probabilities[chosen], 2), labels


def estimated(scored: Scored, tables: NullTables, *rest: Any, **named: Any) -> QualityEstimate:
    return estimate_quality(profile_of(scored, tables.rules), tables, *rest, **named)


def moved(name: str, group: str, distance: float = 0.5) -> Measure:
    return Measure(
        name=name, label="Something", group=group, unit="share", kind="share", reference=0.1,
        batch=0.4, distance=distance, threshold=0.2, floor=0.1, drifted=distance >= 0.2,
        direction="higher", column=False, fault=False,
    )  # fmt: skip


def test_what_is_expected_is_what_labels_show_on_average(tables: NullTables, week: Scored) -> None:
    probabilities, labels = drawn(tables, 20_000, 1)
    found = estimated(with_probabilities(week, probabilities), tables)
    decided = probabilities >= tables.rules.thresholds
    assert found.accuracy is not None
    assert found.accuracy.value == pytest.approx((decided == labels).mean(), abs=0.006)
    for j, one in enumerate(found.categories):
        truth = labels[:, j] == 1
        assert one.missed.low <= (truth & ~decided[:, j]).sum() <= one.missed.high
        assert one.missed.value == pytest.approx((truth & ~decided[:, j]).sum(), rel=0.1)
        assert one.alerts == decided[:, j].sum()
        assert one.recall is not None
        assert one.recall.value == pytest.approx(decided[truth, j].mean(), abs=0.02)


@pytest.mark.whole
def test_intervals_hold_what_labels_show_in_about_95_of_100_batches(
    tables: NullTables, week: Scored
) -> None:
    inside = np.zeros(2)
    for seed in range(200):
        probabilities, labels = drawn(tables, 500, seed)
        found = estimated(with_probabilities(week, probabilities), tables)
        decided = probabilities >= tables.rules.thresholds
        truth = labels == 1
        shown = (
            (decided == truth).mean(),
            2 * (decided & truth).sum() / (decided.sum() + truth.sum()),
        )
        for at, one in enumerate((found.accuracy, found.micro_f1)):
            assert one is not None
            inside[at] += one.low <= shown[at] <= one.high
    assert (inside / 200 >= 0.92).all()


@pytest.mark.parametrize("category", [0, 1, 2])
def test_a_share_that_has_doubled_is_found_and_that_of_the_others_too(
    tables: NullTables, week: Scored, category: int
) -> None:
    inside = []
    for seed in range(12):
        probabilities, labels = drawn(tables, 12_000, seed)
        weights = np.where(labels[:, category] == 1, 2.8, 1.0)
        rng = np.random.default_rng(seed)
        rows = rng.choice(12_000, 2_000, replace=False, p=weights / weights.sum())
        found = estimated(with_probabilities(week, probabilities[rows]), tables)
        assert found.shares[category].shown
        truth, own = labels[rows] == 1, probabilities[rows]
        missed = (truth & (own < tables.rules.thresholds)).sum(axis=0)
        for j, (share, one) in enumerate(zip(found.shares, found.categories, strict=True)):
            assert share.value == pytest.approx(truth[:, j].mean(), abs=0.06)
            inside.append(share.low <= truth[:, j].mean() <= share.high)
            inside.append(one.missed.low <= missed[j] <= one.missed.high)
        # The mean probability, which is no estimate of it, says too little of the growth.
        grown = truth[:, category].mean() - share_of(tables, category)
        assert own[:, category].mean() - share_of(tables, category) < 0.75 * grown
    assert np.mean(inside) >= 0.88


def share_of(tables: NullTables, category: int) -> float:
    return float(tables.outcomes.prevalence[category])


@pytest.mark.whole
def test_shifts_are_claimed_where_there_are_none_in_at_most_one_of_twenty_batches(
    tables: NullTables, week: Scored
) -> None:
    claimed, inside = [], []
    for seed in range(200):
        probabilities, labels = drawn(tables, 300, seed)
        found = estimated(with_probabilities(week, probabilities), tables).shares
        claimed.append(any(one.shown for one in found))
        inside += [
            one.low <= share <= one.high
            for one, share in zip(found, labels.mean(axis=0), strict=True)
        ]
    assert np.mean(claimed) <= 0.08
    assert np.mean(inside) >= 0.93


def test_a_share_is_told_of_fewer_rows_than_quality(tables: NullTables, week: Scored) -> None:
    few = with_probabilities(week, drawn(tables, LEAST_ROWS - 1, 0)[0])
    found = estimated(few, tables)
    assert [one.category for one in found.shares] == list(tables.categories)
    assert found.shares[0].high - found.shares[0].low > 0.1


def test_few_rows_are_not_estimated_and_it_says_how_many_are_needed(
    tables: NullTables, week: Scored
) -> None:
    few = with_probabilities(week, drawn(tables, LEAST_ROWS - 1, 0)[0])
    found = estimated(few, tables)
    assert found.accuracy is None
    assert f"{LEAST_ROWS} are needed" in found.withheld


def test_a_faulty_feed_is_not_estimated(tables: NullTables, week: Scored) -> None:
    assert "broken" in estimated(week, tables, faulty=True).withheld


@pytest.mark.parametrize(("name", "group"), [("words", INPUT), (KNOWN_WORDS, "content")])
def test_inputs_outside_what_the_calibration_saw_are_not_estimated(
    tables: NullTables, week: Scored, name: str, group: str
) -> None:
    found = estimated(week, tables, [moved(name, group)])
    assert "Something" in found.withheld
    assert found.accuracy is None


def test_words_and_content_that_come_with_a_category_are_no_reason_to_withhold(
    tables: NullTables, week: Scored
) -> None:
    probabilities, labels = drawn(tables, 30_000, 4)
    rows = np.flatnonzero((labels[:, 1] == 1) | (np.arange(30_000) % 2 == 0))[:4_000]
    batch = with_probabilities(week, probabilities[rows])
    measures = [moved(KNOWN_WORDS, "content"), moved(WHOLE, "content", 0.3)]
    assert estimated(batch, tables, measures).withheld == ""


def test_other_content_than_the_mix_explains_is_a_reason(tables: NullTables, week: Scored) -> None:
    probabilities, labels = drawn(tables, 30_000, 5)
    rows = np.flatnonzero((labels[:, 1] == 1) | (np.arange(30_000) % 2 == 0))[:4_000]
    assert week.texts is not None
    size = len(rows)
    away = size * (week.texts.content / 400 + 5)
    texts = replace(week.texts, rows=size, content=away)
    batch = replace(with_probabilities(week, probabilities[rows]), texts=texts)
    found = estimated(batch, tables, [moved(WHOLE, "content")])
    assert "Something" in found.withheld


def test_a_share_of_few_is_withheld_with_its_reason(tables: NullTables, week: Scored) -> None:
    probabilities, _ = drawn(tables, 200, 6)
    probabilities[:, 1] = 0.01
    found = estimated(with_probabilities(week, probabilities), tables)
    ogling = found.categories[1]
    assert ogling.precision is None
    assert ogling.recall is None
    assert f"{LEAST_COUNT} are needed" in ogling.withheld


def test_a_check_of_the_ordinary_week_says_what_to_expect(week: Scored) -> None:
    result = check(week)
    assert result.estimate is not None
    right, missed, *_ = result.estimate.sentences
    assert "of the answers about these 400 descriptions are expected to be right" in right
    assert "with Ogling" in missed
    assert result.quality is None


def test_an_estimate_outlasts_json(week: Scored) -> None:
    found = check(week).estimate
    assert found is not None
    assert QualityEstimate.from_dict(json.loads(json.dumps(found.to_dict()))) == found

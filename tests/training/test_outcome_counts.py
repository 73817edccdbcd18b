"""What the training labels say of the probabilities, as counts."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.measures.null_tables import load_tables
from afterword.model.outcomes import CENTS, LEAST_CELL, Cells, Outcomes
from afterword.training.outcome_counts import count_outcomes


def world(rows: int = 3_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probabilities = rng.beta(0.7, 1.2, (rows, 2)).clip(0.005, 0.995)
    return (rng.random((rows, 2)) < probabilities).astype(int), probabilities


@pytest.fixture(scope="module")
def counted() -> Outcomes:
    labels, probabilities = world()
    content = np.random.default_rng(1).normal(size=(3_000, 4)) + labels @ np.eye(2, 4)
    return count_outcomes(
        labels, probabilities, np.array([0.385, 0.265]), content, np.arange(3_000)
    )


def test_sums_at_a_threshold_are_those_of_the_rows(counted: Outcomes) -> None:
    labels, probabilities = world()
    rounded = np.round(probabilities, 2)
    for thresholds in ((0.385, 0.265), (0.105, 0.905)):
        decided = rounded >= thresholds
        hits, alerts, positives = counted.sums(np.array(thresholds))
        assert hits.tolist() == (decided & (labels == 1)).sum(axis=0).tolist()
        assert alerts.tolist() == decided.sum(axis=0).tolist()
        assert positives.tolist() == labels.sum(axis=0).tolist()


def test_no_line_is_kept_of_any_row(counted: Outcomes) -> None:
    assert counted.counts.shape == (2, CENTS, 2)
    assert counted.rows == 3_000
    assert counted.prevalence == pytest.approx(world()[0].mean(axis=0))


def test_content_is_told_apart_by_category(counted: Outcomes) -> None:
    assert counted.content == pytest.approx(np.eye(2, 4), abs=0.15)


def test_cells_have_five_rows_and_come_to_what_the_rows_do(counted: Outcomes) -> None:
    labels, probabilities = world()
    rounded, cells = np.round(probabilities, 2), counted.cells
    assert cells.rows.min() >= LEAST_CELL
    assert cells.rows.sum() == 3_000
    below = rounded < np.array([0.385, 0.265])
    for found, rows in (
        (cells.probabilities, rounded),
        (cells.labels, labels),
        (cells.said_below, rounded * below),
        (cells.labels_below, labels * below),
        (cells.none[:, 1:], ~labels.any(axis=1, keepdims=True)),
    ):
        assert cells.rows @ found / 3_000 == pytest.approx(rows.mean(axis=0), abs=1e-3)
    # What cells lose of how much the probabilities vary is what varies inside of them.
    between = np.cov(cells.probabilities.T, fweights=cells.rows.astype(int), ddof=0)
    assert between + cells.within[:2, :2] == pytest.approx(np.cov(rounded.T, ddof=0), abs=1e-3)
    assert np.trace(cells.within[:2, :2]) < 0.02 * np.trace(between)


def test_rows_with_labels_that_few_have_are_taken_apart() -> None:
    rng = np.random.default_rng(3)
    labels = (rng.random((2_000, 12)) < 0.3).astype(int)
    probabilities = np.round(np.clip(rng.normal(0.3 + 0.4 * labels, 0.1), 0, 1), 2)
    found = Cells.of(labels, probabilities, np.full(12, 0.5))
    made = found.rows == 1
    assert made.sum() > 1_000
    assert found.rows[~made].min(initial=LEAST_CELL) >= LEAST_CELL
    rows = {tuple(row) for row in np.hstack([labels, probabilities])}
    kept = np.hstack([found.labels, found.probabilities])[made]
    assert not any(tuple(row) in rows for row in kept)
    # Each category has the probabilities that rows with it, and without it, had.
    for value in (0, 1):
        was = [own[has == value].mean() for own, has in zip(probabilities.T, labels.T, strict=True)]
        now = [
            np.average(own[has == value], weights=found.rows[has == value])
            for own, has in zip(found.probabilities.T, found.labels.T, strict=True)
        ]
        assert now == pytest.approx(was, abs=0.002)


def test_outcomes_can_be_packed_and_unpacked(counted: Outcomes) -> None:
    again = Outcomes.from_arrays(counted.to_arrays())
    assert np.array_equal(again.counts, counted.counts)
    assert np.array_equal(again.cells.within, counted.cells.within)
    assert np.array_equal(again.cells.answers, counted.cells.answers)
    assert again.exact == counted.exact
    assert again.errors.shape == (3,)


def test_the_shipped_outcomes_are_calibrated() -> None:
    found = load_tables().outcomes
    cents = np.arange(CENTS) / (CENTS - 1)
    expected = (found.counts[:, :, 0] * cents).sum(axis=1)
    assert found.counts[:, :, 1].sum(axis=1) == pytest.approx(expected, rel=0.03)

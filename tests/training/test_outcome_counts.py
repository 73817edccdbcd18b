"""What the training labels say of the probabilities, as counts."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.measures.null_tables import load_tables
from afterword.model.outcomes import CENTS, Outcomes
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
        labels, probabilities, np.array([0.385, 0.265]), content, np.arange(3_000), draws=8
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


def test_the_calibrations_of_samples_lie_around_the_probabilities(counted: Outcomes) -> None:
    middle = np.arange(10, 91)
    assert counted.curves.shape == (8, 2, CENTS)
    assert np.abs(counted.curves[:, :, middle].mean(axis=0) - middle / 100).max() < 0.08
    assert counted.curves.std(axis=0)[:, middle].mean() > 0.003


def test_content_is_told_apart_by_category(counted: Outcomes) -> None:
    assert counted.content == pytest.approx(np.eye(2, 4), abs=0.15)


def test_errors_that_go_together_are_seen() -> None:
    labels, probabilities = world()
    labels[:, 1] = labels[:, 0]
    probabilities[:, 1] = probabilities[:, 0]
    found = count_outcomes(
        labels, probabilities, np.full(2, 0.5), np.zeros((3_000, 1)), np.arange(3_000), draws=2
    )
    assert found.residuals == pytest.approx(np.ones((2, 2)))


def test_outcomes_can_be_packed_and_unpacked(counted: Outcomes) -> None:
    again = Outcomes.from_arrays(counted.to_arrays())
    assert np.array_equal(again.counts, counted.counts)
    assert again.curves == pytest.approx(counted.curves, abs=1e-3)
    assert again.exact == counted.exact
    assert again.errors.shape == (3,)


def test_the_shipped_outcomes_are_calibrated() -> None:
    found = load_tables().outcomes
    cents = np.arange(CENTS) / (CENTS - 1)
    expected = (found.counts[:, :, 0] * cents).sum(axis=1)
    assert found.counts[:, :, 1].sum(axis=1) == pytest.approx(expected, rel=0.03)

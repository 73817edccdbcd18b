"""Evaluation: measures agree with scikit-learn, intervals and limits with their meaning."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score

from afterword.model.evaluation import (
    Evaluation,
    EvaluationError,
    evaluate,
    expected_calibration_error,
)

NAMES = ["Noise", "Litter"]


def sample(rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels of two categories that come true as often as their probabilities say."""
    rng = np.random.default_rng(seed)
    probabilities = np.round(rng.beta(0.7, 1.2, (rows, 2)), 2)
    return (rng.random((rows, 2)) < probabilities).astype(int), probabilities


def measured(rows: int = 400, **options: object) -> Evaluation:
    labels, probabilities = sample(rows)
    return evaluate(labels, probabilities, [0.4, 0.3], NAMES, **options)  # type: ignore[arg-type]


def test_overall_measures_agree_with_scikit_learn() -> None:
    labels, probabilities = sample()
    for overall, cut in ((measured().at_half, [0.5, 0.5]), (measured().at_thresholds, [0.4, 0.3])):
        decided = probabilities >= cut
        assert overall.accuracy.value == pytest.approx((decided == labels).mean())
        assert overall.exact_match.value == pytest.approx((decided == labels).all(axis=1).mean())
        assert overall.micro_f1.value == pytest.approx(f1_score(labels, decided, average="micro"))
        assert overall.macro_f1.value == pytest.approx(f1_score(labels, decided, average="macro"))


def test_category_measures_agree_with_scikit_learn() -> None:
    labels, probabilities = sample()
    quality = measured().categories[1]
    truth, decided = labels[:, 1], probabilities[:, 1] >= 0.3
    assert quality.at_threshold.precision.value == pytest.approx(precision_score(truth, decided))
    assert quality.at_threshold.recall.value == pytest.approx(recall_score(truth, decided))
    assert quality.at_threshold.f1.value == pytest.approx(f1_score(truth, decided))
    assert quality.average_precision.value == pytest.approx(
        average_precision_score(truth, probabilities[:, 1])
    )
    assert quality.brier.value == pytest.approx(((probabilities[:, 1] - truth) ** 2).mean())
    assert quality.prevalence.value == pytest.approx(truth.mean())


def test_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    labels = np.array([1.0, 0.0, 1.0, 1.0])
    assert expected_calibration_error(labels, np.array([0.25, 0.25, 0.95, 1.0])) == pytest.approx(
        (2 * 0.25 + 2 * 0.025) / 4
    )
    assert measured().categories[0].ece.value == pytest.approx(
        expected_calibration_error(*(each[:, 0] for each in sample()))
    )


def test_average_precision_ranks_by_the_scores_when_they_are_given() -> None:
    labels = np.array([[0], [1], [0], [1]])
    tied = np.full((4, 1), 0.5)
    scores = np.array([[0.1], [0.9], [0.2], [0.8]])
    assert evaluate(labels, tied, [0.5], ["Noise"]).categories[0].average_precision.value == 0.5
    ranked = evaluate(labels, tied, [0.5], ["Noise"], scores=scores)
    assert ranked.categories[0].average_precision.value == 1.0


def test_intervals_hold_the_value_and_shrink_with_more_rows() -> None:
    few, many = measured(200).at_half, measured(3_200).at_half
    for name in ("accuracy", "exact_match", "micro_f1", "macro_f1"):
        small, large = getattr(few, name), getattr(many, name)
        assert small.low <= small.value <= small.high
        assert 0.15 < (large.high - large.low) / (small.high - small.low) < 0.4


def test_the_interval_of_a_share_is_the_binomial_one() -> None:
    accuracy = measured(1_600).at_half.accuracy
    expected = 2 * 1.96 * np.sqrt(accuracy.value * (1 - accuracy.value) / 3_200)
    assert accuracy.high - accuracy.low == pytest.approx(expected, rel=0.15)


def test_repeats_drawn_as_groups_widen_the_intervals() -> None:
    labels, probabilities = (np.repeat(each, 4, axis=0) for each in sample(100))
    arguments = (labels, probabilities, [0.5, 0.5], NAMES)
    rows = evaluate(*arguments)
    groups = evaluate(*arguments, groups=np.repeat(np.arange(100), 4))
    assert (rows.units, groups.units) == (400, 100)
    wider = groups.at_half.accuracy.high - groups.at_half.accuracy.low
    assert wider > 1.5 * (rows.at_half.accuracy.high - rows.at_half.accuracy.low)


@pytest.mark.whole
def test_the_limit_lets_a_calibrated_model_pass_and_stops_a_false_one() -> None:
    passed = 0
    for seed in range(40):
        labels, probabilities = sample(300, seed)
        quality = evaluate(labels, probabilities, [0.5, 0.5], NAMES).categories[0]
        passed += quality.ece.value <= quality.ece_limit
    assert passed >= 34  # 95 % of 40, less three standard deviations
    labels, probabilities = sample(2_000)
    false = evaluate(labels, probabilities**2, [0.5, 0.5], NAMES)
    assert all(quality.ece.value > quality.ece_limit for quality in false.categories)


def test_a_category_without_positives_is_measured_as_far_as_it_goes() -> None:
    result = evaluate(np.zeros((20, 1)), np.full((20, 1), 0.1), [0.5], ["Noise"])
    assert np.isnan(result.categories[0].average_precision.value)
    assert result.categories[0].at_half.f1.value == 0
    assert result.to_dict()["categories"][0]["average_precision"]["value"] is None


def test_the_same_seed_gives_the_same_result() -> None:
    assert measured(seed=3) == measured(seed=3)
    assert measured(seed=3) != measured(seed=4)


def test_the_table_has_every_measure_and_the_dictionary_is_json() -> None:
    table = measured().table()
    assert list(table.columns) == ["scope", "metric", "value", "low", "high"]
    assert len(table) == 8 + 2 * 11
    assert set(table.scope) == {"all", *NAMES}
    assert "recall at 0.300" in set(table.metric[table.scope == "Litter"])
    assert json.loads(json.dumps(measured().to_dict(), allow_nan=False))["rows"] == 400


@pytest.mark.parametrize(
    ("labels", "probabilities", "thresholds"),
    [
        (np.zeros((0, 1)), np.zeros((0, 1)), [0.5]),
        (np.zeros((2, 1)), np.zeros((3, 1)), [0.5]),
        (np.zeros((2, 1)), np.zeros((2, 1)), [0.5, 0.5]),
        (np.full((2, 1), 2), np.zeros((2, 1)), [0.5]),
        (np.zeros((2, 1)), np.full((2, 1), 1.5), [0.5]),
        (np.zeros((2, 1)), np.full((2, 1), np.nan), [0.5]),
    ],
)
def test_what_cannot_be_compared_is_refused(
    labels: np.ndarray, probabilities: np.ndarray, thresholds: list[float]
) -> None:
    with pytest.raises(EvaluationError):
        evaluate(labels, probabilities, thresholds, ["Noise"])


def test_a_category_that_is_never_predicted_is_not_attainable_in_the_table() -> None:
    found = evaluate([[1], [0]], [[0.9], [0.2]], [np.nan], ["Noise"])
    assert found.categories[0].at_threshold.recall.value == 0
    assert "recall not attainable" in found.table()["metric"].tolist()
    assert found.to_dict()["categories"][0]["threshold"] is None

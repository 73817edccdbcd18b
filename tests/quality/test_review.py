"""Review: estimates from few labels mean what they say, and few labels say nothing."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score, precision_score, recall_score

from afterword.errors import ReviewError
from afterword.quality.estimates import Assessed
from afterword.quality.review import LEAST, Assessment, assess, labels_needed, review_verdict
from afterword.quality.reviewers import agreement
from afterword.ui.copy import review as review_copy
from benchmarks.review_quality import Population, Setting, simulate, summary

NAMES = ("Noise", "Litter")
CUT = np.array([0.4, 0.3])


def batch(rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, and labels that come true as often as these say."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.7, 1.2, (rows, 2)).clip(0.01, 0.99)
    return p, (rng.random(p.shape) < p).astype(int)


def reviewed(labels: int = 100, seed: int = 0) -> Assessment:
    p, y = batch(seed=seed)
    rows = np.random.default_rng(seed).permutation(len(p))[:labels]
    return assess(p, CUT, NAMES, rows, np.full(labels, labels / len(p)), y[rows])


# How many labels


def test_smaller_falls_and_a_less_certain_training_need_more_labels() -> None:
    p, _ = batch(3_000)
    five, three = labels_needed(p), labels_needed(p, fall=0.03)
    vague = labels_needed(p, trained_error=0.01)
    assert five is not None
    assert three is not None
    assert vague is not None
    assert 50 < five < vague < three < 3_000


def test_a_small_batch_cannot_tell_a_small_fall_even_if_labelled_whole() -> None:
    p, _ = batch(100)
    assert labels_needed(p) is None
    assert labels_needed(p, fall=0.2) is not None


def test_fewer_labels_than_a_verdict_needs_are_never_said_to_be_enough() -> None:
    p, _ = batch(3_000)
    assert labels_needed(p, fall=0.5) == LEAST
    assert labels_needed(p[:12], fall=0.5) in (None, 12)


@pytest.mark.parametrize(
    ("p", "given", "message"),
    [
        (np.empty((0, 2)), {}, "no rows"),
        ([0.5, 0.5], {}, "table"),
        ([[0.5], [1.2]], {}, "between 0 and 1"),
        ([[0.5], [math.nan]], {}, "between 0 and 1"),
        ([[0.5], [0.2]], {"fall": 5}, "shares"),
    ],
)
def test_numbers_that_nothing_can_be_planned_from_are_refused(p, given, message: str) -> None:
    with pytest.raises(ReviewError, match=message):
        labels_needed(p, **given)


# Quality from labels


def test_with_every_row_labelled_the_figures_are_those_of_scikit_learn_and_certain() -> None:
    p, y = batch()
    found = assess(p, CUT, NAMES, np.arange(400), np.ones(400), y)
    decided = p >= CUT
    assert found.accuracy.value == pytest.approx((decided == y).mean())
    assert found.exact_match.value == pytest.approx((decided == y).all(axis=1).mean())
    assert found.micro_f1.value == pytest.approx(f1_score(y, decided, average="micro"))
    for j, each in enumerate(found.categories):
        assert each.precision.value == pytest.approx(precision_score(y[:, j], decided[:, j]))
        assert each.recall.value == pytest.approx(recall_score(y[:, j], decided[:, j]))
        assert each.f1.value == pytest.approx(f1_score(y[:, j], decided[:, j]))
        assert each.missed.value == pytest.approx((y[:, j] & ~decided[:, j]).sum())
        for figure in (each.precision, each.recall, each.f1, each.missed, each.accuracy):
            assert figure.low == figure.value == figure.high
            assert figure.error == 0
    right = (decided == y).mean(axis=1)
    assert found.accuracy.process_error == pytest.approx(right.std(ddof=1) / math.sqrt(400))


def test_the_estimate_is_what_the_model_expects_and_what_the_labels_say_beyond_it() -> None:
    p = np.full((200, 1), 0.8)
    labels = np.array([[1]] * 26 + [[0]] * 4)
    inclusion = np.array([0.5] * 26 + [0.2] * 4)
    found = assess(p, [0.5], ["Noise"], np.arange(30), inclusion, labels).accuracy
    assert found.value == pytest.approx((200 * 0.8 + 26 * 0.2 / 0.5 - 4 * 0.8 / 0.2) / 200)


def test_labels_that_all_are_as_expected_leave_some_doubt() -> None:
    p = np.tile([[0.9], [0.1]], (100, 1))
    labels = np.tile([[1], [0]], (20, 1))
    found = assess(p, [0.5], ["Noise"], np.arange(40), np.full(40, 0.2), labels)
    recall = found.categories[0].recall
    assert recall.low < recall.value <= recall.high == 1
    assert found.accuracy.error > 0
    assert found.accuracy.process_error >= found.accuracy.error


@pytest.mark.whole
@pytest.mark.parametrize("flipped", [0.0, 0.2])
def test_estimates_are_unbiased_and_covered_even_where_the_model_is_wrong(flipped: float) -> None:
    p, y = batch(3_000, seed=8)
    population = Population(p, y, CUT, NAMES)
    setting = Setting("", rows=300, labels=60, flipped=flipped)
    records = simulate(population, setting, reviews=200, seed=5)
    for measure, least in (("accuracy", 0.9), ("micro-F1", 0.9), ("Noise recall", 0.87)):
        found = summary(records, "ours", measure)
        assert found is not None
        assert abs(found.bias) < 2 * found.margin
        assert found.covered >= least
    ours, plain = (summary(records, kind, "accuracy") for kind in ("ours", "plain"))
    assert ours is not None
    assert plain is not None
    assert ours.width < (1.0 if not flipped else 1.1) * plain.width


def test_recall_and_f1_need_ten_positives_and_say_so() -> None:
    p = np.full((500, 1), 0.3)
    labels = np.zeros((60, 1))
    labels[:9] = 1
    given = (p, [0.5], ["Noise"], np.arange(60), np.full(60, 60 / 500))
    (found,) = assess(*given, labels).categories
    assert found.positives_found == 9
    for figure in (found.recall, found.f1):
        assert math.isnan(figure.value)
        assert figure.withheld == "Only 9 labelled rows have Noise; this needs 10."
    assert found.precision.withheld == "No labelled row was given Noise; this needs 10."
    assert found.missed.value > 0
    labels[9] = 1
    assert not assess(*given, labels).categories[0].recall.withheld


def test_a_handful_of_labels_says_nothing() -> None:
    p, y = batch()
    for rows, reason in (
        ((), "No row is labelled; this needs 30."),
        (range(29), "Only 29 rows are"),
    ):
        found = assess(p, CUT, NAMES, list(rows), np.full(len(rows), 0.1), y[: len(rows)])
        assert found.labelled == len(rows)
        assert found.accuracy.withheld.startswith(reason)
        assert found.categories[1].missed.withheld.startswith(reason)


def test_intervals_stay_within_what_is_possible() -> None:
    for seed in range(5):
        found = reviewed(40, seed)
        for each in found.categories:
            for figure in (each.accuracy, each.precision, each.recall, each.f1):
                if not figure.withheld:
                    assert 0 <= figure.low <= figure.value <= figure.high <= 1
            assert 0 <= each.missed.low <= each.missed.value <= each.missed.high <= 400


def test_an_assessment_is_ready_for_json() -> None:
    p, y = batch()
    found = assess(p, CUT, NAMES, np.arange(32), np.full(32, 0.08), y[:32]).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["labelled"] == 32
    few = assess(p, CUT, NAMES, np.arange(12), np.full(12, 0.03), y[:12]).to_dict()
    assert few["accuracy"]["value"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [[2, 0]] * 10}, "0 or 1"),
        ({"labels": [[1, 0]] * 9}, "every labelled row"),
        ({"rows": [*range(9), 400]}, "none of the batch"),
        ({"rows": [*range(9), 0]}, "twice"),
        ({"rows": np.arange(10.0)}, "none of the batch"),
        ({"inclusion": [0.1] * 9}, "one probability"),
        ({"inclusion": [0.0] * 10}, "above 0"),
        ({"thresholds": [0.5]}, "one threshold"),
        ({"probabilities": np.empty((0, 2))}, "no rows"),
    ],
)
def test_labels_that_do_not_fit_are_refused(change: dict[str, object], message: str) -> None:
    p, y = batch()
    given = {
        "probabilities": p,
        "thresholds": CUT,
        "categories": NAMES,
        "rows": range(10),
        "inclusion": [0.1] * 10,
        "labels": y[:10],
    }
    with pytest.raises(ReviewError, match=message):
        assess(**(given | change))  # type: ignore[arg-type]


# The verdict


def seen(value: float, error: float, labelled: int = 150, rows: int = 1_000) -> Assessment:
    figure = Assessed(value, value - 2 * error, value + 2 * error, error, error)
    return Assessment(rows, labelled, figure, figure, figure, ())


def test_a_fall_beyond_chance_is_told() -> None:
    verdict = review_verdict(seen(0.75, 0.02), 0.83, 0.005)
    assert verdict.level == "fell"
    assert "75.0 % of the model's decisions are right, 83.0 % were in training" in verdict.sentence
    assert verdict.fall == pytest.approx(0.08)
    assert 0 < verdict.low < verdict.fall < verdict.high


def test_quality_held_only_if_a_fall_that_matters_can_be_ruled_out() -> None:
    verdict = review_verdict(seen(0.83, 0.02), 0.83, 0.005)
    assert verdict.level == "held"
    assert verdict.high < 0.05
    assert "a fall of 5 points or more can be ruled out" in verdict.sentence
    assert review_verdict(seen(0.83, 0.04), 0.83, 0.005).level == "open"
    assert review_verdict(seen(0.83, 0.02), 0.83, 0.03).level == "open"
    assert review_verdict(seen(0.83, 0.02), 0.83, 0.005, fall=0.02).level == "open"


def test_an_open_verdict_says_what_is_missing() -> None:
    assert "up to 6.6 points" in review_verdict(seen(0.83, 0.04), 0.83, 0.0).sentence
    assert (
        "Too few rows" in review_verdict(seen(0.83, 0.04, labelled=80, rows=80), 0.83, 0.0).sentence
    )
    verdict = review_verdict(seen(1.0, 0.0, labelled=16, rows=16), 0.83, 0.0)
    assert verdict.level == "open"
    assert "it needs 30 labelled descriptions, and this batch has 16" in verdict.sentence
    p, y = batch()
    none = review_verdict(assess(p, CUT, NAMES, [0], [0.1], y[:1]), 0.83, 0.0)
    assert none.sentence == "Too few labels to tell: only 1 row is labelled; this needs 30."
    assert math.isnan(none.fall)


def test_there_is_no_verdict_from_fewer_than_thirty_labels_however_wrong_the_model_is() -> None:
    whole = seen(0.3, 0.02, labelled=29, rows=29)
    verdict = review_verdict(whole, 0.83, 0.005)
    assert verdict.level == "open"
    assert "30.0 % of the model's decisions are right" in verdict.sentence
    assert review_verdict(seen(0.3, 0.02, labelled=30), 0.83, 0.005).level == "fell"


def test_a_review_needs_as_many_labels_as_a_check() -> None:
    from afterword.quality import review

    assert review.LEAST == 30
    assert review_copy.FEWEST_ROWS == 30


def test_what_is_right_is_said_of_the_answers_and_not_of_the_labels() -> None:
    said = review_copy.result(seen(0.6, 0.02, labelled=40))
    assert said.replace("\xa0", " ") == (
        "Of the model’s answers to these 1,000 descriptions, about 60 % are right "
        "(95 % interval 56–64 %); 40 of them are labelled."
    )
    whole = review_copy.result(seen(0.6, 0.0, labelled=1_000))
    assert whole.startswith("Of the model’s answers to these 1,000 descriptions, 60")
    assert "of the labels" not in said + whole


# Two reviewers


def test_agreement_is_cohens_kappa_with_an_interval() -> None:
    rng = np.random.default_rng(4)
    first = (rng.random((80, 2)) < 0.4).astype(int)
    second = np.where(rng.random((80, 2)) < 0.15, 1 - first, first)
    for j, found in enumerate(agreement(first, second, NAMES)):
        assert found.category == NAMES[j]
        assert found.kappa == pytest.approx(cohen_kappa_score(first[:, j], second[:, j]))
        assert -1 <= found.low < found.kappa < found.high <= 1
        assert found.both_yes + found.only_first + found.only_second + found.both_no == 80
        assert found.agreed == (first[:, j] == second[:, j]).mean()


def test_the_interval_of_agreement_is_that_of_the_published_error() -> None:
    # 2 x 2 table of 400 rows; the error by Fleiss, Cohen & Everitt's formula, worked by hand.
    first = np.repeat([1, 1, 0, 0], [80, 20, 20, 280])[:, None]
    second = np.repeat([1, 0, 1, 0], [80, 20, 20, 280])[:, None]
    (found,) = agreement(first, second, ["Noise"])
    chance = 0.25**2 + 0.75**2
    kappa = (0.9 - chance) / (1 - chance)
    same = 0.2 * (1 - 0.5 * (1 - kappa)) ** 2 + 0.7 * (1 - 1.5 * (1 - kappa)) ** 2
    apart = (1 - kappa) ** 2 * (0.05 * 0.5**2 + 0.05 * 1.5**2)
    # Row and column of a disagreement: .25 + .25 for one kind, .75 + .75 for the other.
    error = math.sqrt(
        (same + apart - (kappa - chance * (1 - kappa)) ** 2) / (400 * (1 - chance) ** 2)
    )
    assert found.kappa == pytest.approx(kappa)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.03)


def test_perfect_agreement_on_few_rows_is_no_certainty() -> None:
    labels = np.array([[1], [0]] * 5)
    (found,) = agreement(labels, labels, ["Noise"])
    assert found.kappa == found.high == 1
    assert found.low < 0.8


def test_agreement_is_withheld_where_nothing_tells_it_from_habit() -> None:
    for labels, reason in (
        (np.ones((9, 1)), "Both gave Noise to every row"),
        (np.zeros((9, 1)), "Neither gave Noise to any row"),
        (np.empty((0, 1)), "No row was labelled by both"),
    ):
        (found,) = agreement(labels, labels, ["Noise"])
        assert math.isnan(found.kappa)
        assert found.withheld.startswith(reason)
    (found,) = agreement(np.ones((9, 1)), np.array([[1]] * 8 + [[0]]), ["Noise"])
    assert found.kappa == 0
    assert not found.withheld


def test_labels_of_different_rows_cannot_be_compared() -> None:
    with pytest.raises(ReviewError, match="same rows"):
        agreement([[1]], [[1], [0]], ["Noise"])
    with pytest.raises(ReviewError, match="0 or 1"):
        agreement([[1]], [[3]], ["Noise"])


@pytest.mark.whole
def test_the_statistics_need_neither_pandas_nor_scikit_learn_to_start() -> None:
    code = "import sys, afterword.quality.review; print({'pandas', 'sklearn'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"

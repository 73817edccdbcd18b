"""Review: the queue keeps its odds, and estimates from few labels mean what they say."""

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
from afterword.quality.review import Assessment, assess, review_verdict
from afterword.quality.reviewers import agreement
from afterword.quality.sampling import Queue, draw_queue, inclusion_probabilities, labels_needed
from afterword.ui.copy import review as review_copy
from benchmarks.review_quality import Population, Setting, simulate, summary

NAMES = ("Noise", "Litter")
CUT = np.array([0.4, 0.3])


def batch(rows: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, novelty, and labels that come true as often as the first say."""
    rng = np.random.default_rng(seed)
    p = rng.beta(0.7, 1.2, (rows, 2)).clip(0.01, 0.99)
    strange = np.where(rng.random(rows) < 0.3, rng.random(rows), 0.0)
    return p, strange, (rng.random(p.shape) < p).astype(int)


def reviewed(labels: int = 100, seed: int = 0) -> Assessment:
    p, strange, y = batch(seed=seed)
    queue = draw_queue(p, strange, labels=labels, seed=seed)
    return assess(p, CUT, NAMES, queue.rows, queue.inclusion, y[queue.rows])


# The queue


@pytest.mark.parametrize("labels", [1, 20, 200, 380])
def test_every_row_has_half_the_uniform_rate_and_all_add_up_to_the_labels(labels: int) -> None:
    p, strange, _ = batch()
    found = inclusion_probabilities(p, strange, labels)
    assert found.sum() == pytest.approx(labels)
    assert found.min() >= 0.5 * labels / len(p)
    assert found.max() <= 1


def test_unsure_rows_are_drawn_more_often_than_sure_ones() -> None:
    found = inclusion_probabilities([[0.5], [0.02], [0.97], [0.45]], np.zeros(4), 2)
    assert found[[0, 3]].min() > 1.5 * found[[1, 2]].max()


def test_strange_rows_are_drawn_more_often_but_never_take_a_fifth_of_the_labels() -> None:
    p = np.full((300, 1), 0.3)
    strange = np.zeros(300)
    strange[:3] = 1
    found = inclusion_probabilities(p, strange, 30)
    assert found[:3].min() > 3 * found[3:].max()
    assert found[:3].sum() - 30 * 3 / 300 <= 0.2 * 30


def test_what_certain_rows_cannot_take_goes_to_other_rows() -> None:
    p = np.full((100, 1), 0.02)
    p[:5] = 0.5
    found = inclusion_probabilities(p, np.zeros(100), 80)
    np.testing.assert_array_equal(found[:5], 1)
    assert found.sum() == pytest.approx(80)


def test_a_small_batch_is_labelled_whole() -> None:
    p, strange, _ = batch(12)
    queue = draw_queue(p, strange, labels=50)
    assert sorted(queue.rows) == list(range(12))
    np.testing.assert_array_equal(queue.inclusion, 1)


@pytest.mark.whole
def test_rows_are_drawn_as_often_as_their_probabilities_say_wherever_one_stops() -> None:
    p, strange, _ = batch(30, seed=3)
    expected = inclusion_probabilities(p, strange, 12)
    draws = 4_000
    drawn, early = np.zeros(30), np.zeros(30)
    for seed in range(draws):
        queue = draw_queue(p, strange, labels=12, seed=seed)
        assert len(np.unique(queue.rows)) == 12
        drawn[queue.rows] += 1
        early[queue.rows[:5]] += 1
    for counts, chance in ((drawn, expected), (early, expected * 5 / 12)):
        off = (counts / draws - chance) / np.sqrt(chance * (1 - chance) / draws + 1e-12)
        assert np.abs(off).max() < 4
        assert 0.6 < off.std() < 1.4


def test_a_queue_depends_on_its_seed_and_numbers_only() -> None:
    p, strange, _ = batch()
    one, same, other = (draw_queue(p, strange, labels=40, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.rows, same.rows)
    np.testing.assert_array_equal(one.inclusion, same.inclusion)
    assert set(one.rows) != set(other.rows)


def test_whoever_stops_early_has_smaller_odds() -> None:
    queue = Queue(np.array([4, 2, 7, 1]), np.array([0.8, 0.4, 0.2, 0.4]), 9)
    np.testing.assert_allclose(queue.inclusion_after(2), [0.4, 0.2])
    with pytest.raises(ReviewError, match="from 1 to"):
        queue.inclusion_after(5)


def test_smaller_falls_and_a_less_certain_training_need_more_labels() -> None:
    p, strange, _ = batch(3_000)
    five, three = labels_needed(p, strange), labels_needed(p, strange, fall=0.03)
    vague = labels_needed(p, strange, trained_error=0.01)
    assert five is not None
    assert three is not None
    assert vague is not None
    assert 50 < five < vague < three < 3_000


def test_a_small_batch_cannot_tell_a_small_fall_even_if_labelled_whole() -> None:
    p, strange, _ = batch(100)
    assert labels_needed(p, strange) is None
    assert labels_needed(p, strange, fall=0.2) is not None


@pytest.mark.parametrize(
    ("p", "strange", "labels", "message"),
    [
        (np.empty((0, 2)), [], 5, "no rows"),
        ([0.5, 0.5], [0, 0], 1, "table"),
        ([[0.5], [1.2]], [0, 0], 1, "between 0 and 1"),
        ([[0.5], [math.nan]], [0, 0], 1, "between 0 and 1"),
        ([[0.5], [0.2]], [0], 1, "one novelty"),
        ([[0.5], [0.2]], [0, 7], 1, "Strangeness"),
        ([[0.5], [0.2]], [0, 0], 0, "at least one"),
    ],
)
def test_numbers_that_no_queue_can_be_drawn_from_are_refused(
    p, strange, labels: int, message: str
) -> None:
    with pytest.raises(ReviewError, match=message):
        draw_queue(p, strange, labels=labels)


# Quality from labels


def test_with_every_row_labelled_the_figures_are_those_of_scikit_learn_and_certain() -> None:
    p, _, y = batch()
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
    p = np.full((40, 1), 0.8)
    labels = np.array([[1]] * 6 + [[0]] * 4)
    inclusion = np.array([0.5] * 6 + [0.2] * 4)
    found = assess(p, [0.5], ["Noise"], np.arange(10), inclusion, labels).accuracy
    assert found.value == pytest.approx((40 * 0.8 + 6 * 0.2 / 0.5 - 4 * 0.8 / 0.2) / 40)


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
    p, strange, y = batch(3_000, seed=8)
    population = Population(p, y, CUT, strange, NAMES)
    setting = Setting("", rows=300, labels=60, flipped=flipped)
    records = simulate(population, setting, reviews=200, seed=5)
    for measure, least in (("accuracy", 0.9), ("micro-F1", 0.9), ("Noise recall", 0.87)):
        found = summary(records, "queue", measure)
        assert found is not None
        assert abs(found.bias) < 2 * found.margin
        assert found.covered >= least
    ours, random = (summary(records, kind, "accuracy") for kind in ("queue", "random"))
    assert ours is not None
    assert random is not None
    assert ours.width < (1.0 if not flipped else 1.1) * random.width


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


def test_ten_positives_among_few_labels_are_luck_and_give_no_recall() -> None:
    p = np.full((500, 1), 0.6)
    (found,) = assess(
        p, [0.5], ["Noise"], np.arange(20), np.full(20, 0.04), np.ones((20, 1))
    ).categories
    assert found.recall.withheld == "Only 20 rows are labelled; this needs 30."


def test_a_handful_of_labels_says_nothing() -> None:
    p, _, y = batch()
    for rows, reason in (((), "No row is labelled; this needs 10."), (range(4), "Only 4 rows are")):
        found = assess(p, CUT, NAMES, list(rows), np.full(len(rows), 0.1), y[: len(rows)])
        assert found.labelled == len(rows)
        assert found.accuracy.withheld.startswith(reason)
        assert found.categories[1].missed.withheld.startswith(reason)


def test_intervals_stay_within_what_is_possible() -> None:
    for seed in range(5):
        found = reviewed(30, seed)
        for each in found.categories:
            for figure in (each.accuracy, each.precision, each.recall, each.f1):
                if not figure.withheld:
                    assert 0 <= figure.low <= figure.value <= figure.high <= 1
            assert 0 <= each.missed.low <= each.missed.value <= each.missed.high <= 400


def test_an_assessment_is_ready_for_json() -> None:
    p, _, y = batch()
    found = assess(p, CUT, NAMES, np.arange(12), np.full(12, 0.03), y[:12]).to_dict()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["categories"][0]["recall"]["value"] is None
    assert found["labelled"] == 12


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
    p, _, y = batch()
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
    p, _, y = batch()
    none = review_verdict(assess(p, CUT, NAMES, [0], [0.1], y[:1]), 0.83, 0.0)
    assert none.sentence == "Too few labels to tell: only 1 row is labelled; this needs 10."
    assert math.isnan(none.fall)


def test_there_is_no_verdict_from_fewer_than_thirty_labels_however_wrong_the_model_is() -> None:
    verdict = review_verdict(seen(0.3, 0.02, labelled=13), 0.83, 0.005)
    assert verdict.level == "open"
    assert verdict.sentence.startswith("No verdict yet: 13 descriptions are labelled")
    assert "label 17 more" in verdict.sentence
    assert "30.0 % of the model's decisions are right" in verdict.sentence
    assert review_verdict(seen(0.3, 0.02, labelled=29), 0.83, 0.005).level == "open"
    assert review_verdict(seen(0.3, 0.02, labelled=30), 0.83, 0.005).level == "fell"


def test_what_is_right_is_said_of_the_model_and_not_of_the_labels() -> None:
    for labelled in (40, 1_000):
        said = review_copy.result(seen(0.6, 0.02, labelled=labelled))
        assert said.startswith("The model is right in 60 % of its decisions")


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

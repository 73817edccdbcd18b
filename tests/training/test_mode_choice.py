"""Three ways to decide: where thresholds and bands lie, and what they find and cost."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from afterword.errors import ModelError
from afterword.model import wording
from afterword.model.classifier import Classifier
from afterword.model.modes import SURE, Mode, ModeError, read_modes
from afterword.model.registry import load_manifest, load_model
from afterword.settings import BALANCED, BE_SURE, FIND_MORE, MODES
from afterword.training.mode_choice import PROMISE, Choice, choose_modes, measure_modes, share
from afterword.training.promises import NEVER, Promise


def calibrated(rows: int = 20_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and the probabilities that they were drawn with, one category."""
    rng = np.random.default_rng(seed)
    probabilities = rng.beta(0.6, 1.0, (rows, 1)).clip(0.005, 0.995)
    return (rng.random((rows, 1)) < probabilities).astype(int), probabilities


def choice_of(labels: np.ndarray, probabilities: np.ndarray, promise: float = PROMISE) -> Choice:
    return choose_modes(labels, probabilities, np.arange(len(labels)), promise)


def chosen(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, Mode]:
    return {mode.name: mode for mode in choice_of(labels, probabilities).modes}


def test_the_balanced_threshold_is_half_of_the_best_f1_between_two_per_cent() -> None:
    labels, probabilities = calibrated()
    grid = (np.arange(1, 100) - 0.5) / 100
    best = max(
        2 * (labels * (probabilities >= cut)).sum() / (labels.sum() + (probabilities >= cut).sum())
        for cut in grid
    )
    threshold = chosen(labels, probabilities)[BALANCED].thresholds[0]
    assert threshold == pytest.approx(best / 2, abs=0.005)
    assert round(1000 * threshold) % 10 == 5


def test_finding_more_has_a_lower_threshold_and_being_sure_a_higher_one() -> None:
    modes = chosen(*calibrated())
    low, middle, high = (modes[name].thresholds[0] for name in (FIND_MORE, BALANCED, BE_SURE))
    assert low < middle < high


def test_being_sure_keeps_its_promise_on_rows_that_it_was_not_chosen_on() -> None:
    threshold = chosen(*calibrated(4_000))[BE_SURE].thresholds[0]
    labels, probabilities = calibrated(100_000, seed=1)
    alerts = probabilities >= threshold
    assert labels[alerts].mean() >= SURE


def test_where_no_threshold_keeps_the_promise_the_category_is_unsure_and_never_predicted() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.uniform(0.01, 0.8, (5_000, 1))
    labels = (rng.random((5_000, 1)) < probabilities).astype(int)
    modes = chosen(labels, probabilities)
    assert math.isnan(modes[BE_SURE].thresholds[0])
    assert not modes[BE_SURE].decide(probabilities).any()
    likely = probabilities >= modes[BALANCED].thresholds
    assert modes[BE_SURE].unsure(probabilities)[likely].all()


def test_a_threshold_of_a_rare_category_may_be_low() -> None:
    assert chosen(*(np.array([[1], [0]] * 100).astype(t) for t in (int, float)))[
        BALANCED
    ].thresholds == [0.505]
    rng = np.random.default_rng(0)
    probabilities = rng.choice([0.002, 0.1], (20_000, 1), p=[0.95, 0.05])
    labels = (rng.random((20_000, 1)) < probabilities).astype(int)
    found = chosen(labels, probabilities)
    assert 0.05 < found[BALANCED].thresholds[0] < 0.1
    assert found[FIND_MORE].thresholds[0] < 0.1


def held_out_f1(threshold: float, rows: int = 200_000) -> float:
    labels, probabilities = rare(rows, seed=9)
    decided = probabilities >= threshold
    return float(2 * (labels & decided).sum() / (labels.sum() + decided.sum()))


def rare(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """One category in three of 100 descriptions, of which little can be told."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-4.0, 1.0, (rows, 1))
    probabilities = 1 / (1 + np.exp(-odds))
    return (rng.random((rows, 1)) < probabilities).astype(int), probabilities


def test_of_a_rare_category_the_low_threshold_finds_more_on_rows_that_it_was_not_chosen_on() -> (
    None
):
    threshold = chosen(*rare(8_000, seed=0))[BALANCED].thresholds[0]
    assert threshold < 0.15
    assert held_out_f1(threshold) > 1.5 * held_out_f1(0.205)


@pytest.mark.parametrize("share_of_positives", [0.01, 0.1, 0.4])
def test_what_is_told_no_better_than_by_calling_all_so_is_not_attainable_in_any_mode(
    share_of_positives: float,
) -> None:
    rng = np.random.default_rng(1)
    labels = (rng.random((4_000, 1)) < share_of_positives).astype(int)
    # Probabilities that know how common it is, and nothing else.
    probabilities = (share_of_positives * rng.uniform(0.8, 1.2, (4_000, 1))).clip(0.005)
    choice = choice_of(labels, probabilities)
    assert not choice.works[0]
    assert 0 < choice.thresholds[0] < 1
    for mode in choice.modes:
        assert math.isnan(mode.thresholds[0])
        assert not mode.decide(np.array([[0.995]])).any()
    told = measure_modes(choice, ("Whistling",), labels, probabilities, np.arange(4_000))
    for quality in told:
        (found,) = quality.categories
        assert not found.works
        assert found.threshold is None
        assert found.cost.startswith("Whistling: not attainable in any way to decide.")


def test_what_chance_shows_as_better_works_in_at_most_one_of_twenty_trainings() -> None:
    rng = np.random.default_rng(2)
    works = 0
    for _ in range(200):
        labels = (rng.random((1_000, 1)) < 0.05).astype(int)
        works += choice_of(labels, rng.uniform(0.02, 0.08, (1_000, 1))).works[0]
    assert works <= 10


def test_rounding_a_probability_to_per_cent_changes_no_decision() -> None:
    labels, probabilities = calibrated()
    for mode in chosen(labels, probabilities).values():
        rounded = np.round(probabilities, 2)
        near = np.abs(probabilities - mode.thresholds) < 1e-9
        assert (mode.decide(rounded) == mode.decide(probabilities))[~near].all()


def test_what_a_mode_finds_and_costs_is_counted() -> None:
    model = load_model()
    labels = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 1, 0]])
    probabilities = np.array([[0.9, 0.1, 0.1], [0.1, 0.1, 0.1], [0.8, 0.1, 0.9], [0.1, 0.9, 0.1]])
    given = Choice(model.modes, model.thresholds, (Promise(0.95, None, 0.2, NEVER),) * 3, 0.95)
    told = measure_modes(given, model.categories, labels, probabilities, np.arange(4))
    balanced = told[0].categories[0]
    assert balanced.precision is not None
    assert balanced.recall is not None
    assert (balanced.precision.value, balanced.recall.value) == (0.5, 0.5)
    assert balanced.cost == (
        "Commenting: of 100 reports with it this finds 50, and 50 of 100 alerts are wrong."
    )


def test_repeats_of_one_description_make_an_interval_wider() -> None:
    part, whole = np.array([True, False] * 100), np.ones(200, bool)
    alone = share(part, whole, np.arange(200))
    repeated = share(part, whole, np.arange(200) // 20 * 2 + np.arange(200) % 2)
    assert repeated.value == alone.value == 0.5
    assert repeated.high - repeated.low > 2 * (alone.high - alone.low)


def test_an_interval_of_a_share_covers_it_in_about_95_of_100_samples() -> None:
    rng = np.random.default_rng(3)
    units = np.arange(300)
    inside = 0
    for _ in range(1_000):
        found = share(rng.random(300) < 0.2, np.ones(300, bool), units)
        inside += found.low <= 0.2 <= found.high
    assert 0.93 <= inside / 1_000 <= 0.97


def test_the_shipped_manifest_tells_what_its_model_decides_by() -> None:
    model, told = load_model(), read_modes(load_manifest().modes)
    assert tuple(mode.name for mode in told) == MODES
    for mode, quality in zip(model.modes, told, strict=True):
        for j, each in enumerate(quality.categories):
            assert each.category == model.categories[j]
            assert (each.low, each.high) == tuple(mode.bands[j])
            assert (each.threshold is None) == math.isnan(mode.thresholds[j])
            promised = [one for one in (each.right_no, each.right_yes) if one is not None]
            if promised and each.accuracy is not None:
                assert each.accuracy.value >= min(promised)
    sure = told[MODES.index(BE_SURE)].categories
    assert all(each.precision.value >= SURE for each in sure if each.precision is not None)
    again = read_modes(json.loads(json.dumps([mode.to_dict() for mode in told])))
    assert again == told


def test_figures_that_are_damaged_are_refused() -> None:
    with pytest.raises(ModelError, match="train it again"):
        read_modes([{"name": "balanced"}])


def test_an_unknown_mode_is_refused_by_naming_those_there_are() -> None:
    model: Classifier = load_model()
    with pytest.raises(ModeError, match="find-more"):
        model.predict(["He stared at me."], mode="boldly")


def test_what_is_promised_is_said_of_each_answer_and_category_and_where_it_is_less() -> None:
    assert wording.promise(
        {"Noise": 0.95, "Litter": 0.85, "Dogs": 0.95},
        {"Noise": 0.9, "Litter": None, "Dogs": 0.9},
        0.95,
        21,
    ) == (
        "Where the model is not unsure, its “no” is right in at least 95 of 100 for Noise and Dogs "
        "and 85 for Litter, and its “yes” in at least 90 of 100 for Noise and Dogs. Every “yes” "
        "about Litter is unsure. Where less than 95 is named, more cannot be promised. Of 100 "
        "answers, 21 are unsure."
    )
    assert wording.promise({"Noise": 0.95}, {"Noise": 0.95}, 0.95, 3) == (
        "Where the model is not unsure, its “no” is right in at least 95 of 100, and its “yes” in "
        "at least 95 of 100. Of 100 answers, 3 are unsure."
    )
    assert wording.promise({"Noise": None}, {"Noise": None}, 0.9, 100) == (
        "Every “no” about Noise is unsure. Every “yes” about Noise is unsure. Where less than 90 "
        "is named, more cannot be promised. Of 100 answers, 100 are unsure."
    )
    # Of a category that no mode predicts there is no "yes".
    assert "“yes”" not in wording.promise({"Noise": 0.95}, {}, 0.95, 3)

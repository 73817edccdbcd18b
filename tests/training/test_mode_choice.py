"""Three ways to decide: where thresholds and bands lie, and what they find and cost."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from afterword.errors import ModelError
from afterword.model.classifier import Classifier
from afterword.model.modes import SURE, Mode, ModeError, read_modes
from afterword.model.registry import load_manifest, load_model
from afterword.settings import BALANCED, BE_SURE, FIND_MORE, MODES
from afterword.training.mode_choice import UNSURE_SHARE, choose_modes, measure_modes, share


def calibrated(rows: int = 20_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels and the probabilities that they were drawn with, one category."""
    rng = np.random.default_rng(seed)
    probabilities = rng.beta(0.6, 1.0, (rows, 1)).clip(0.005, 0.995)
    return (rng.random((rows, 1)) < probabilities).astype(int), probabilities


def chosen(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, Mode]:
    return {mode.name: mode for mode in choose_modes(labels, probabilities, np.arange(len(labels)))}


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
    assert np.array_equal(modes[BE_SURE].unsure(probabilities), likely)


def test_a_threshold_is_never_extreme() -> None:
    labels = np.array([[1], [0]] * 100)
    assert chosen(labels, labels.astype(float))[BALANCED].thresholds == [0.505]
    hopeless = np.full((200, 1), 0.5)
    assert chosen(np.array([[1], *[[0]] * 199]), hopeless)[BALANCED].thresholds == [0.205]


@pytest.mark.parametrize("name", MODES)
def test_about_the_wanted_share_is_unsure_and_the_rest_is_decided_better(name: str) -> None:
    labels, probabilities = calibrated()
    mode = chosen(labels, probabilities)[name]
    unsure = mode.unsure(probabilities)
    right = mode.decide(probabilities) == labels
    assert unsure.mean() == pytest.approx(UNSURE_SHARE, abs=0.02)
    assert mode.bands[0, 0] <= mode.thresholds[0] <= mode.bands[0, 1]
    if name == BALANCED:
        assert right[~unsure].mean() > right[unsure].mean() + 0.1


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
    balanced = measure_modes(model, labels, probabilities, np.arange(4))[0].categories[0]
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

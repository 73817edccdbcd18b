"""The benchmarks measure what they say: a row keeps its labels through all that is done to it."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.model.registry import load_model
from benchmarks.halves import held_out
from benchmarks.new_scenarios import HELD_BACK, REMARK, mixed, new_scenarios
from benchmarks.scenarios import FAULT, WORLD, Scenario, scenarios
from tests.conftest import invented


def test_rows_in_any_order_keep_their_labels_beside_their_texts() -> None:
    rows = invented(200)
    texts = [f"{text} Stop {number}." for number, text in enumerate(rows["description"])]
    texts[50] = " "  # such a row is rejected, and those after it must not move up
    labels = rows[["Remarks", "Staring"]].to_numpy()
    half = held_out(texts, labels, np.random.default_rng(0).permutation(150), load_model())
    told = dict(zip(texts, labels.tolist(), strict=True))
    assert [told[text] for text in half["texts"]] == half["labels"].tolist()
    assert len(half["texts"]) == len(half["scored"].frame) == 149


CATEGORIES = ("Remarks", "Staring", "Shoving")


@pytest.mark.parametrize(
    "scenario", [*scenarios(CATEGORIES), *new_scenarios(CATEGORIES)], ids=lambda one: one.name
)
def test_a_scenario_makes_as_many_rows_as_are_asked_for(scenario: Scenario) -> None:
    texts = [
        f'A man{" in a very crowded tram" * (row % 3)} said "hey" to me &amp; didn\'t stop{end}'
        for row, end in enumerate(["", ". I ran ... to the Station"] * 400)
    ]
    labels = (np.random.default_rng(1).random((len(texts), 3)) < 0.3).astype(int)
    made = scenario.make(np.random.default_rng(2), texts, labels, 60)
    assert len(made) == 60
    assert all(one.strip() if isinstance(one, str) else 0 <= one < len(texts) for one in made)


def test_every_second_one_of_each_list_of_the_second_set_is_held_back() -> None:
    known = new_scenarios(CATEGORIES)
    assert len({one.name for one in known}) == len(known)
    for level, least in ((FAULT, 20), (WORLD, 20), (REMARK, 10)):
        names = [one.name for one in known if one.level == level]
        assert len(names) >= least
        assert [name in HELD_BACK for name in names] == [bool(at % 2) for at in range(len(names))]
    assert all(one.held_out == (one.name in HELD_BACK) for one in known)


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.5])
def test_a_mix_has_exactly_the_share_that_is_asked_for(factor: float) -> None:
    labels = np.tile([[1, 0], [0, 1], [0, 0], [0, 0]], (100, 1))
    rows = mixed(
        lambda texts, found: found[:, 0] == 1,
        factor,
        np.random.default_rng(3),
        [""] * 400,
        labels,
        80,
    )
    assert len(set(rows)) == 80
    assert labels[np.array(rows, dtype=int), 0].sum() == 20 * factor

"""Which category is named: the one whose own share has moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from afterword.drift.naming import named
from afterword.measures.definitions import NONE, Measure, definitions

CATEGORIES = ("Remarks", "Staring", "Pushing")


def moved(*names: str) -> list[Measure]:
    """Measures of these names that drifted, in this order."""
    known = {each.name: each for each in definitions(CATEGORIES)}
    return [
        Measure(
            name=name,
            label=known[name].label,
            group=known[name].group,
            unit="",
            kind=known[name].distance,
            reference=0.2,
            batch=0.3,
            distance=0.4,
            threshold=0.2,
            floor=0.1,
            drifted=True,
            direction="higher",
            column=known[name].column,
            fault=False,
        )
        for name in names
    ]


def order(measures: list[Measure], **own: float) -> list[str]:
    found = named(measures, {category: 0.0 for category in CATEGORIES} | own)
    return [one.category or one.name for one in found]


ALL = ("Remarks probability", "Staring probability", "words")


def test_a_category_that_only_moved_along_is_not_named() -> None:
    assert order(moved(*ALL), Staring=4.0, Remarks=1.0) == ["Staring", "words"]


def test_categories_are_named_in_the_order_of_their_own_shares() -> None:
    assert order(moved(*ALL), Staring=6.0, Remarks=-4.0) == ["Staring", "Remarks", "words"]
    assert order(moved(*ALL), Staring=5.0, Remarks=-7.0) == ["Remarks", "Staring", "words"]


def test_without_a_share_that_moved_beyond_chance_the_order_stays() -> None:
    measures = moved(*ALL, NONE)
    assert named(measures, dict.fromkeys(CATEGORIES, 1.9)) == measures
    assert named(measures, {}) == measures


def test_fewer_without_a_category_is_told_after_the_category_that_grew() -> None:
    measures = moved(NONE, "words", "Staring probability")
    assert order(measures, Staring=4.0) == ["Staring", "words", NONE]
    assert order(measures, Staring=-4.0) == [NONE, "words", "Staring"]


def test_no_measure_is_named_twice_and_none_is_invented() -> None:
    rng = np.random.default_rng(0)
    names = [f"{each} probability" for each in CATEGORIES] + [NONE, "words", "content"]
    for _ in range(200):
        measures = moved(*rng.permutation(names)[: rng.integers(0, 7)])
        own = dict(zip(CATEGORIES, rng.normal(0, 3, 3).tolist(), strict=True))
        found = named(measures, own)
        assert len({one.name for one in found}) == len(found)
        assert {one.name for one in found} <= {one.name for one in measures}
        left = {one.name for one in measures} - {one.name for one in found}
        assert left <= {f"{each} probability" for each in CATEGORIES}


def test_it_is_the_value_of_a_measure_that_is_looked_at_not_its_identity() -> None:
    measures = [replace(one) for one in moved(*ALL)]
    assert order(measures, Remarks=5.0) == ["Remarks", "words"]

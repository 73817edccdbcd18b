"""Distances against their formulas, and what people read of a value."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import mahalanobis

from afterword.measures.definitions import (
    BEGINNINGS,
    DEPLOYED,
    ENDINGS,
    EQUAL_LENGTHS,
    FLAGS,
    KNOWN_WORDS,
    NEW_WORDS,
    NONE,
    ONE_SIDED,
    REJECTED,
    REPEATS,
    SAME_ANSWER,
    WHOLE,
    Measure,
    definitions,
    describe_value,
)
from afterword.measures.distances import Scale, cohens_h, column_distance, distances
from afterword.measures.totals import Totals

CATEGORIES = ("Noise", "Litter")
RANDOM = np.random.default_rng(3)


def totals(rows: int = 1_000, **changes: Any) -> Totals:
    """One sample; every count is 10 % of its rows."""
    tenth = rows / 10
    made = Totals(
        rows=np.array([float(rows)]),
        distinct=np.array([rows * 0.8]),
        scores=np.full((1, 3), tenth),
        flags=np.full((1, len(FLAGS)), tenth),
        repeats=np.array([tenth]),
        answers=np.array([tenth]),
        lengths=np.array([tenth]),
        words=np.full((1, 4), tenth),
        new=np.array([0.0]),
        content=np.full((1, 2), tenth),
        begins=np.array([tenth]),
        ends=np.array([tenth]),
        common=np.array([0.0]),
        pairs=np.array([tenth]),
        again=np.array([tenth]),
    )
    return replace(made, **changes)


SCALE = Scale(scores=np.array([0.2, 0.3, 0.4]), content=np.eye(2))


def gaps(batch: Totals, scale: Scale = SCALE) -> dict[str, float]:
    found = distances(batch, totals(), scale, CATEGORIES)
    return {name: float(gap[0]) for name, gap in found.items()}


def h(share: float, other: float) -> float:
    return 2 * np.arcsin(np.sqrt(share)) - 2 * np.arcsin(np.sqrt(other))


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_of_a_column_is_that_of_kolmogorov_and_smirnov(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 9, 200), rng.normal(4, 3, 77)
    assert column_distance("ks", first, second) == pytest.approx(
        stats.ks_2samp(first, second).statistic
    )


def test_the_distance_of_means_is_in_standard_deviations_of_the_reference() -> None:
    first, second = RANDOM.normal(0, 2, 300), RANDOM.normal(1, 5, 50)
    expected = abs(second.mean() - first.mean()) / np.std(first)
    assert column_distance("mean", first, second) == pytest.approx(expected)


def test_the_distance_of_shares_is_cohens_h_of_values_above_0() -> None:
    first, second = np.repeat([0.0, 0.3], [80, 20]), np.repeat([0.0, 2.0], [5, 5])
    assert column_distance("share", first, second) == pytest.approx(h(0.5, 0.2))


@pytest.mark.parametrize("kind", ["ks", "mean", "share"])
def test_missing_values_are_left_out_of_a_distance(kind: str) -> None:
    first, second = RANDOM.normal(0.2, 1, 90), RANDOM.normal(0.7, 1, 40)
    gaps = [np.append(side, [np.nan] * 30) for side in (first, second)]
    assert column_distance(kind, *gaps) == column_distance(kind, first, second) > 0.1


@pytest.mark.parametrize("kind", ["ks", "mean", "share"])
@pytest.mark.parametrize("empty", [[], [np.nan, np.nan]])
def test_nothing_lies_at_no_distance_of_anything(kind: str, empty: list[float]) -> None:
    some = np.array([1.0, 2.0])
    assert column_distance(kind, some, np.array(empty)) == 0.0
    assert column_distance(kind, np.array(empty), some) == 0.0


def test_a_constant_column_that_does_not_move_lies_at_no_distance() -> None:
    assert column_distance("mean", np.ones(50), np.ones(20)) == 0.0


def test_cohens_h_depends_on_the_number_of_rows_alone() -> None:
    spreads = []
    for share in (0.1, 0.3, 0.8):
        found = RANDOM.binomial(400, share, 20_000) / 400
        spreads.append(cohens_h(found, np.array(share)).std())
    assert spreads == pytest.approx([1 / np.sqrt(400)] * 3, rel=0.05)


def test_samples_that_are_alike_lie_at_no_distance() -> None:
    # Of half as many rows, a quarter of the pairs are equal.
    few = np.array([100 * (500 * 499) / (1_000 * 999)])
    alike = gaps(totals(500, new=np.array([0.0]), again=few))
    near = alike.pop(KNOWN_WORDS)  # of Anscombe's correction
    assert near == pytest.approx(0, abs=0.005)
    assert alike == pytest.approx(dict.fromkeys(alike, 0.0))


def test_every_flag_is_compared_as_a_share_of_rows() -> None:
    shares = RANDOM.uniform(0.1, 0.9, len(FLAGS))
    found = gaps(totals(500, flags=500 * shares[None]))
    assert [found[name] for name in FLAGS] == pytest.approx([h(share, 0.1) for share in shares])


def test_probabilities_are_compared_by_their_means_in_standard_deviations() -> None:
    found = gaps(totals(500, scores=500 * np.array([[0.2, 0.05, 0.1]])))
    names = ("Noise probability", "Litter probability", NONE)
    assert [found[name] for name in names] == pytest.approx([0.1 / 0.2, 0.05 / 0.3, 0.0])


@pytest.mark.parametrize(
    ("measure", "count", "of", "base"),
    [
        (REPEATS, "repeats", 500, 0.1),
        (SAME_ANSWER, "answers", 500, 0.1),
        (EQUAL_LENGTHS, "lengths", 400, 0.125),
        (NEW_WORDS, "new", 400, 0.0),
        (BEGINNINGS, "begins", 500, 0.1),
        (ENDINGS, "ends", 500, 0.1),
    ],
)
def test_the_commonest_is_compared_as_a_share(
    measure: str, count: str, of: int, base: float
) -> None:
    found = gaps(totals(500, **{count: np.array([200.0])}))
    assert found[measure] == pytest.approx(h(200 / of, base))


@pytest.mark.parametrize("now", [10.0, 250.0])
def test_the_known_word_that_moved_most_counts_in_either_direction(now: float) -> None:
    found = gaps(totals(500, words=np.array([[50.0, now, 50.0, 50.0]])))
    expected = abs(h((now + 0.375) / 400.75, 100.375 / 800.75))
    assert found[KNOWN_WORDS] == pytest.approx(expected)


def test_the_content_is_compared_by_mahalanobis_distance_of_means() -> None:
    rows = RANDOM.normal(size=(300, 2)) @ np.array([[2.0, 1.0], [0.0, 0.5]])
    inverse = np.linalg.inv(np.cov(rows.T))
    scale = replace(SCALE, content=np.linalg.cholesky(inverse))
    found = gaps(totals(500, content=500 * np.array([[0.4, -0.2]])), scale)
    assert found[WHOLE] == pytest.approx(mahalanobis([0.4, -0.2], [0.1, 0.1], inverse))


@pytest.mark.parametrize("name", FLAGS)
def test_fewer_of_a_fault_are_no_news_and_fewer_of_anything_else_are(name: str) -> None:
    flags = np.full((1, len(FLAGS)), 50.0)
    flags[0, FLAGS.index(name)] = 0.0
    gap = gaps(totals(500, flags=flags))[name]
    assert gap == (0 if name in ONE_SIDED else pytest.approx(h(0.1, 0.0)))


@pytest.mark.parametrize("count", ["repeats", "answers", "lengths", "begins", "ends"])
def test_less_of_the_commonest_is_no_news(count: str) -> None:
    names = {"repeats": REPEATS, "answers": SAME_ANSWER, "lengths": EQUAL_LENGTHS}
    name = {**names, "begins": BEGINNINGS, "ends": ENDINGS}[count]
    assert gaps(totals(500, **{count: np.array([1.0])}))[name] == 0.0


def test_every_fault_of_a_batch_is_one_sided() -> None:
    faults = {each.name for each in definitions(CATEGORIES) if each.fault}
    assert faults - {REJECTED, DEPLOYED} <= ONE_SIDED


def test_several_samples_are_compared_as_each_alone() -> None:
    many = [totals(rows, repeats=np.array([rows / 3])) for rows in (50, 200, 700)]
    stacked = Totals(
        **{
            each.name: np.concatenate([getattr(one, each.name) for one in many])
            for each in fields(Totals)
        }
    )
    together = distances(stacked, totals(), SCALE, CATEGORIES)
    for at, one in enumerate(many):
        assert {name: gap[at] for name, gap in together.items()} == pytest.approx(gaps(one))


def test_of_a_rising_share_a_fall_is_no_distance() -> None:
    few, many = np.array([0.0, 0, 0, 0.1]), np.array([0.0, 0.2, 0.1, 0.3])
    assert column_distance("rising share", few, many) == column_distance("share", few, many) > 0.5
    assert column_distance("rising share", many, few) == 0.0


def test_what_a_sample_lacks_lies_at_an_unknown_distance() -> None:
    lacking = totals(
        500,
        distinct=np.array([np.nan]),
        new=np.array([np.nan]),
        repeats=np.array([np.nan]),
        words=np.full((1, 4), np.nan),
    )
    unknown = {name for name, gap in gaps(lacking).items() if np.isnan(gap)}
    assert unknown == {REPEATS, EQUAL_LENGTHS, KNOWN_WORDS, NEW_WORDS}


def test_every_measure_has_a_distance_of_its_own() -> None:
    names = [each.name for each in definitions(CATEGORIES)]
    assert len(set(names)) == len(names)
    elsewhere = {each.name for each in definitions(CATEGORIES) if each.column}
    elsewhere |= {REJECTED, DEPLOYED}
    assert set(names) - elsewhere <= set(gaps(totals(500)))


def test_values_read_as_people_read_them() -> None:
    assert describe_value(0.034, "share") == "3.4 %"
    assert describe_value(0.34, "") == "34 %"
    assert describe_value(3.04, "words") == "3.0 words"
    assert describe_value(float("nan"), "words") == "–"


@pytest.mark.parametrize(
    ("distance", "threshold", "excess"), [(0.3, 0.2, 1.5), (np.nan, 0.2, 0), (0.3, np.nan, 0)]
)
def test_the_excess_is_distance_over_threshold(
    distance: float, threshold: float, excess: float
) -> None:
    measure = Measure(
        name="words", label="Words", group="input", unit="words", kind="ks", reference=1, batch=2,
        distance=distance, threshold=threshold, floor=0.1, drifted=False, direction="",
        column=True, fault=False,
    )  # fmt: skip
    assert measure.excess == pytest.approx(excess)
    assert measure.typical(measure.batch) == "2.0 words"


def test_a_category_is_known_by_the_measure_of_its_probability_alone() -> None:
    told = {each.name: each.category for each in definitions(CATEGORIES) if each.category}
    assert told == {f"{name} probability": name for name in CATEGORIES}
    for each in definitions(CATEGORIES):
        found = Measure(
            name=each.name, label=each.label, group=each.group, unit=each.unit,
            kind=each.distance, reference=1, batch=2, distance=1, threshold=1, floor=0.1,
            drifted=True, direction="", column=each.column, fault=each.fault,
        )  # fmt: skip
        assert found.category == each.category

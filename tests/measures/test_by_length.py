"""What training rows of some lengths are answered, and how far chance reaches."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from afterword.measures.by_length import LEAST_IN_BIN, ByLength, upper_quantiles
from afterword.measures.columns import Column


def rows(number: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lengths of so many rows, and answers that grow with them."""
    rng = np.random.default_rng(seed)
    words = rng.choice([3.0, 11.0, 26.0, 58.0], number, p=[0.2, 0.4, 0.3, 0.1])
    characters = words * rng.choice([4.0, 6.0], number)
    chance = np.clip(words / 80 + characters / 1_000, 0, 1)
    answers = np.column_stack([rng.beta(8 * chance + 0.1, 8 * (1 - chance) + 0.1), chance])
    return words, characters, answers


def test_each_bin_holds_at_least_fifty_rows() -> None:
    words, characters, answers = rows(1_000)
    words[:30] = 400.0
    found = ByLength.of(words, characters, answers, np.zeros(1_000))
    assert found.rows.min() >= LEAST_IN_BIN
    assert found.rows.sum() == 1_000
    few = ByLength.of(words[:70], characters[:70], answers[:70], np.zeros(70))
    assert len(few.rows) == 1


def test_what_is_expected_follows_the_lengths_of_a_part() -> None:
    found = ByLength.of(*rows(4_000), np.zeros(4_000))
    words, characters, answers = rows(4_000, seed=1)
    for own in (words > 20, words < 5, characters > 100):
        part = Column.of(words[own]), Column.of(characters[own])
        expected = found.chance(*part, own.sum())
        gaps = np.abs(answers[own].mean(axis=0) - expected.means)
        assert (gaps < 4 * expected.errors).all()
        assert (gaps < 0.03).all()


def test_what_parts_are_expected_to_have_adds_up_to_what_the_whole_is() -> None:
    found = ByLength.of(*rows(4_000), np.zeros(4_000))
    words, characters, _ = rows(500, seed=2)
    own = np.arange(500) < 130
    sums = [
        each.sum() * found.chance(Column.of(words[each]), Column.of(characters[each]), 99).means
        for each in (own, ~own)
    ]
    whole = found.chance(Column.of(words), Column.of(characters), 99).means
    assert sum(sums) == pytest.approx(500 * whole)


def test_chance_is_exceeded_as_often_as_it_says() -> None:
    found = ByLength.of(*rows(4_000), np.zeros(4_000))
    words, characters, answers = rows(200_000, seed=3)
    beyond = np.zeros(2)
    for at in range(0, 200_000, 50):
        own = slice(at, at + 50)
        chance = found.chance(Column.of(words[own]), Column.of(characters[own]), 50)
        below, above = chance.farthest(np.array([0.02, 0.02]))
        gap = answers[own].mean(axis=0) - chance.means
        beyond += [gap[0] < -below[0], gap[0] > above[0]]
    assert beyond / 4_000 == pytest.approx([0.01, 0.01], abs=0.006)


def test_texts_of_nearly_one_length_are_less_sure_where_training_says_so() -> None:
    words, characters, answers = rows(4_000)
    exact = words * 10 + np.random.default_rng(4).integers(0, 10, 4_000)
    # Of every exact length all answers are shifted alike, as where one word is the whole text.
    shifted = answers + 0.1 * np.sin(exact)[:, None]
    narrow = Column.of(np.full(60, 11.0)), Column.of(np.full(60, 44.0))
    plain, sure = (
        ByLength.of(words, characters, each, exact).chance(*narrow, 60).errors[0]
        for each in (shifted, answers)
    )
    assert plain > 1.5 * sure
    assert (ByLength.of(words, characters, answers, np.zeros(4_000)).narrow == 0).all()


@pytest.mark.parametrize("skew", [-1.2, -0.01, 0.0, 0.3, 2.0])
def test_quantiles_are_those_of_a_skewed_distribution(skew: float) -> None:
    levels = np.array([0.05, 1e-4])
    found = upper_quantiles(levels, np.full(2, skew))
    assert found == pytest.approx(stats.pearson3.isf(levels, skew), abs=0.01)


def test_it_is_packed_and_unpacked() -> None:
    found = ByLength.of(*rows(300), np.zeros(300))
    again = ByLength.from_arrays(found.to_arrays())
    assert all(np.array_equal(getattr(found, name), getattr(again, name)) for name in vars(found))

"""Tests of a category's labels keep their level where it is rare, and find what is there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from afterword.model.outcomes import CENTS
from afterword.quality.label_tests import (
    Rates,
    cases_needed,
    find_shift,
    least_share,
    missing_and_added,
    rates_of,
)

LEVEL = 0.01


def reference(rows: int = 4_000, share: float = 0.05, seed: int = 0) -> tuple[Rates, np.ndarray]:
    """Rates of a calibrated category, and the probabilities that it draws from."""
    rng = np.random.default_rng(seed)
    p = np.round(rng.beta(4 * share, 4 * (1 - share), rows), 2)
    cents = np.rint(100 * p).astype(int)
    y = rng.random(rows) < p
    counts = np.column_stack([np.bincount(cents, w, CENTS) for w in (np.ones(rows), y)])
    return rates_of(counts), p


def counted(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    cents = np.rint(100 * p).astype(int)
    rows = np.bincount(cents, minlength=CENTS).astype(float)
    return rows, np.bincount(cents, y, CENTS), rows


@pytest.mark.parametrize("cases", [3, 12, 60])
def test_hits_are_too_few_where_the_exact_tail_says_so(cases: int) -> None:
    least = least_share(cases, 60, 100, LEVEL)
    tails = betabinom.cdf(np.arange(cases + 1), cases, 60.5, 40.5)
    for hits, tail in enumerate(tails):
        assert (hits / cases < least) == (tail <= LEVEL) or (math.isnan(least) and tail > LEVEL)


def test_as_many_cases_are_needed_as_make_no_hit_at_all_rare() -> None:
    needed = cases_needed(60, 100, LEVEL)
    assert math.isnan(least_share(needed - 1, 60, 100, LEVEL))
    assert least_share(needed, 60, 100, LEVEL) > 0


@pytest.mark.parametrize("rows", [20, 100, 400])
def test_the_tail_is_exact_where_only_a_handful_of_labels_is_expected(rows: int) -> None:
    """One probability and endless training: then labels are binomial."""
    p = 0.03
    rates = np.full(CENTS, p)
    before = Rates(rates, np.full(17, 1e12), np.full(CENTS, 1e12))
    labelled = np.zeros(CENTS)
    labelled[3] = rows
    fewer, more = missing_and_added(labelled, 0 * labelled, labelled, before, LEVEL)
    too_many = p + more.threshold * (1 - p)
    at = math.ceil(rows * too_many)
    assert binom.sf(at, rows, p) < LEVEL < binom.sf(at - 3, rows, p)
    if binom.pmf(0, rows, p) > 2 * LEVEL:
        assert math.isnan(fewer.threshold)


@pytest.mark.whole
@pytest.mark.parametrize("rows", [100, 1_000, 10_000])
def test_honest_labels_alarm_no_more_than_the_level_with_training_of_any_luck(rows: int) -> None:
    """Each with a reference of its own: its error must be within, above all with many rows."""
    alarms, number = np.zeros(2), 400
    for seed in range(number):
        before, source = reference(seed=seed)
        rng = np.random.default_rng([seed, 1])
        p = rng.choice(source, rows)
        found = missing_and_added(*counted(p, rng.random(rows) < p), before, LEVEL)
        alarms += [one.value >= one.threshold for one in found]
    # 400 draws at .01: more than 10 come up in three of a thousand.
    assert (alarms <= 10).all(), alarms


@pytest.mark.parametrize(("gone", "least"), [(1.0, 0.95), (0.5, 0.8)])
def test_labels_that_are_gone_are_found_and_their_share_estimated(
    gone: float, least: float
) -> None:
    before, source = reference(share=0.25)
    found, held = 0, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p = rng.choice(source, 1_000)
        y = (rng.random(1_000) < p) & (rng.random(1_000) >= gone)
        one = missing_and_added(*counted(p, y), before, LEVEL)[0]
        found += one.value >= one.threshold
        held += one.low <= gone <= one.high
    assert found >= 60 * least
    assert held >= 54


def test_a_shift_of_the_mix_is_estimated_without_labels() -> None:
    before, source = reference(share=0.25)
    rng = np.random.default_rng(3)
    p = rng.choice(source, 5_000, p=source / source.sum())
    by, variance = find_shift(counted(p, p)[0], before)
    assert by > 1
    assert 0 < variance < 1
    still, _ = find_shift(counted(rng.choice(source, 5_000), p)[0], before)
    assert abs(still) < 1

"""Since when a change is there: dated on invented series."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.streams.since import since_when

REFERENCE = 7_000


def series(first: int, periods: int, size: float, seed: int, rows: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    moved = np.where(np.arange(periods) >= first, size, 0.0)
    error = rng.normal(0, REFERENCE**-0.5)
    return moved + error + rng.normal(0, rows**-0.5, periods)


def test_a_change_is_dated_within_two_periods_far_more_often_than_not() -> None:
    found = [
        since_when(series(9, 18, 0.18, seed), np.full(18, 300.0), REFERENCE) for seed in range(100)
    ]
    assert np.mean([abs(one.period - 9) <= 2 for one in found]) >= 0.85
    # What is said to hold in 80 % of the cases holds in about as many.
    held = np.mean([one.earliest <= 9 <= one.latest for one in found])
    assert 0.75 <= held <= 1.0


def test_how_sure_it_is_is_how_often_it_is_right() -> None:
    found = [
        since_when(series(9, 18, 0.12, seed), np.full(18, 300.0), REFERENCE) for seed in range(300)
    ]
    right = np.mean([abs(one.period - 9) <= 1 for one in found])
    assert np.mean([one.sure for one in found]) == pytest.approx(right, abs=0.1)


def test_the_period_of_the_alarm_is_no_answer_where_the_change_is_older() -> None:
    values = np.array([0.0, 0.0, 0.0, 0.0, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2])
    assert since_when(values, np.full(10, 200.0), REFERENCE).period == 4


def test_periods_without_data_are_left_out_and_large_ones_count_for_more() -> None:
    values = np.array([0.0, 0.0, 9.0, 0.0, 0.3, 0.3])
    rows = np.array([200.0, 200.0, 0.0, 200.0, 200.0, 200.0])
    assert since_when(values, rows, REFERENCE).period == 4
    noisy = np.array([0.0, 0.0, 0.5, 0.0, 0.3, 0.3])
    small = np.array([500.0, 500.0, 3.0, 500.0, 500.0, 500.0])
    assert since_when(noisy, small, REFERENCE).period == 4


def test_an_effect_of_single_periods_makes_it_less_sure() -> None:
    values = np.array([0.0, 0.01, -0.01, 0.0, 0.12, 0.1, 0.13])
    plain = since_when(values, np.full(7, 1_000.0), REFERENCE)
    wide = since_when(values, np.full(7, 1_000.0), REFERENCE, between=0.05**2)
    assert wide.sure < plain.sure


def test_nothing_is_sure_without_any_rows() -> None:
    found = since_when(np.zeros(3), np.zeros(3), REFERENCE)
    assert (found.period, found.sure) == (2, 0.0)

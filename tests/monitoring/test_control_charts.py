"""Control charts: red lines, grey periods, drifts, and a rate of false alarms that is kept."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from afterword.errors import CheckError
from afterword.monitoring.control_charts import Baseline, ControlCharts, control_charts
from afterword.monitoring.control_tails import at_least, at_most, shrink, steps, stretch
from benchmarks.control_chart import DAYS, WEEKS, Setting, power, tally

MEAN = Baseline("mean", centre=0.7, spread=0.2, skewness=-0.6, rows=7_000)
SHARE = Baseline("share", centre=0.1, spread=0.3, skewness=2.7, rows=7_000)
EVEN = np.array([1.0, -0.8, 0.3, -1.1, 0.6, -0.2, 0.9, -0.7] * 8)
"""Standard scores of an uneventful history."""


def means(scores: np.ndarray, n: int = 100, baseline: Baseline = MEAN) -> np.ndarray:
    """Period means so many standard errors from the centre."""
    return baseline.centre + scores * baseline.spread / np.sqrt(n)


def charts(values: np.ndarray, rows: np.ndarray | int = 100, **given: object) -> ControlCharts:
    baselines = given.pop("baselines", [MEAN])
    return control_charts(
        baselines,  # type: ignore[arg-type]
        np.atleast_2d(values),
        np.broadcast_to(rows, np.atleast_2d(values).shape),
        periods_per_year=float(given.pop("periods_per_year", WEEKS)),  # type: ignore[arg-type]
        alarms_per_year=1.0,
    )


def test_an_even_history_has_lines_on_both_sides_and_no_crossing() -> None:
    one = charts(means(EVEN)).charts[0]
    assert one.judged[-30:].all()
    assert not one.crossed.any()
    assert (one.lower[one.judged] < 0.7).all()
    assert (one.upper[one.judged] > 0.7).all()
    np.testing.assert_allclose(one.errors, 0.02)


def test_one_outlier_is_marked_and_later_lines_stay_where_they_were() -> None:
    scores = EVEN.copy()
    scores[30] = 9
    one = charts(means(scores)).charts[0]
    without = charts(means(EVEN)).charts[0]
    assert one.jumped.nonzero()[0].tolist() == [30]
    assert not one.drifted[:30].any()
    assert one.alarms.sum() == 1
    assert one.upper[31] - 0.7 < 1.1 * (without.upper[31] - 0.7)


def test_a_slow_drift_is_found_by_the_trend_before_any_jump() -> None:
    scores = EVEN.copy()
    scores[30:] -= 0.15 * np.arange(len(scores) - 30)
    one = charts(means(scores)).charts[0]
    assert one.drifted.any()
    assert one.drifted.argmax() < (one.jumped.argmax() or len(scores))
    assert one.trend[one.drifted.argmax()] < one.trend_lower[one.drifted.argmax()]


def test_a_lasting_shift_is_one_alarm() -> None:
    scores = EVEN.copy()
    scores[30:] -= 8
    one = charts(means(scores)).charts[0]
    assert one.crossed[30:].all()
    assert one.alarms.nonzero()[0].tolist() == [30]


def test_periods_with_few_descriptions_are_grey() -> None:
    rows = np.full(64, 100)
    rows[[20, 40]] = 29, 0
    values = means(EVEN)
    values[20], values[40] = 0.1, np.nan
    one = charts(values, rows).charts[0]
    assert not one.judged[[20, 40]].any()
    assert not one.crossed.any()
    assert np.isnan(one.lower[[20, 40]]).all()
    assert np.isnan(one.trend[[20, 40]]).all()
    assert np.isnan(one.errors[40])
    assert one.judged[41]


def test_a_history_with_every_other_period_empty_is_still_judged() -> None:
    rows = np.where(np.arange(64) % 2, 0, 100)
    one = charts(np.where(rows > 0, means(EVEN), np.nan), rows).charts[0]
    assert one.judged[40::2].all()
    assert not one.judged[1::2].any()


@pytest.mark.parametrize("periods", [1, 4])
def test_nothing_is_judged_before_periods_are_known_to_differ(periods: int) -> None:
    found = charts(means(EVEN)[:periods])
    assert not found.charts[0].judged.any()
    assert found.promised == 0


def test_units_do_not_matter() -> None:
    scores = EVEN.copy()
    scores[[20, 50]] = 7, -7
    words = Baseline("mean", centre=700, spread=200, skewness=-0.6, rows=7_000)
    ours, theirs = (
        charts(means(scores, baseline=one), baselines=[one]).charts[0] for one in (MEAN, words)
    )
    assert (ours.crossed == theirs.crossed).all()
    np.testing.assert_allclose(ours.upper * 1_000, theirs.upper)
    np.testing.assert_allclose(ours.trend * 1_000, theirs.trend)


def test_more_charts_have_wider_lines() -> None:
    few = charts(means(EVEN)).charts[0]
    many = charts(np.tile(means(EVEN), (40, 1)), baselines=[MEAN] * 40).charts[0]
    assert many.upper[60] > few.upper[60]


def test_periods_that_differ_have_wider_lines() -> None:
    calm, restless = (charts(means(EVEN * factor)).charts[0] for factor in (1, 2))
    assert restless.upper[60] - 0.7 > 1.5 * (calm.upper[60] - 0.7)


def test_a_small_training_set_has_wider_lines() -> None:
    small = Baseline("mean", 0.7, 0.2, -0.6, 100)
    assert (
        charts(means(EVEN), baselines=[small]).charts[0].upper[60]
        > (charts(means(EVEN)).charts[0].upper[60])
    )


def test_lines_of_shares_stay_between_0_and_1() -> None:
    rng = np.random.default_rng(1)
    one = charts(rng.binomial(40, 0.1, 64) / 40, 40, baselines=[SHARE]).charts[0]
    for line in (one.lower, one.upper, one.trend_lower, one.trend_upper):
        assert ((line[one.judged] >= 0) & (line[one.judged] <= 1)).all()


@pytest.mark.parametrize("centre", [0.0, 1.0])
def test_a_share_that_training_never_or_always_had_can_be_judged(centre: float) -> None:
    share = Baseline("share", centre, 0.0, 0.0, 7_000)
    values = np.full(64, centre)
    values[50] = 0.5
    one = charts(np.stack([values, means(EVEN)]), baselines=[share, MEAN])
    assert not one.charts[0].crossed[:50].any()
    assert one.charts[0].jumped[50]


def test_a_value_that_never_varied_is_grey() -> None:
    constant = Baseline("mean", 1.0, 0.0, 0.0, 7_000)
    assert not charts(np.ones(64), baselines=[constant]).charts[0].judged.any()


@pytest.mark.parametrize(("n", "p"), [(40, 0.02), (100, 0.3), (1_000, 0.6)])
def test_tails_and_limits_of_counts_are_the_binomials(n: int, p: float) -> None:
    k = np.arange(n + 1.0)
    same = np.full(k.shape, float(n)), np.full(k.shape, p), np.ones(k.shape)
    np.testing.assert_allclose(at_least(k, *same), stats.binom.sf(k - 1, n, p), rtol=1e-8)
    np.testing.assert_allclose(at_most(k, *same), stats.binom.cdf(k, n, p), rtol=1e-8)
    found = steps(np.array([n * p]), np.array([1e-4]), tuple(one[:1] for one in same))  # type: ignore[arg-type]
    assert stats.binom.sf(found - 1, n, p) <= 1e-4 < stats.binom.sf(found - 2, n, p)


def test_stretched_scores_are_students() -> None:
    freedom = np.array([5.0, 10.0, 100.0])
    exact = stats.t.isf(stats.norm.sf(3.5), freedom)
    np.testing.assert_allclose(stretch(3.5, freedom), exact, rtol=0.03)
    np.testing.assert_allclose(shrink(stretch(3.5, freedom), freedom), 3.5)


def test_the_lines_and_the_marks_agree() -> None:
    rng = np.random.default_rng(2)
    values = rng.binomial(200, np.where(np.arange(64) % 16 == 15, 0.2, 0.1)) / 200
    found = charts(np.stack([values, means(EVEN * 1.2, 200)]), 200, baselines=[SHARE, MEAN])
    for one in found.charts:
        beyond = (one.values < one.lower) | (one.values > one.upper)
        assert (beyond == one.jumped).all()
        assert ((one.trend < one.trend_lower) | (one.trend > one.trend_upper)).tolist() == (
            one.drifted.tolist()
        )
    assert found.charts[0].jumped.sum() >= 2


@pytest.mark.parametrize(
    "change",
    [{"values": np.full((2, 8), 0.7)}, {"rows": np.full(7, 100)}, {"rows": np.full(8, -1)},
     {"values": np.full((1, 8), np.nan)}, {"alarms_per_year": 0}],
)  # fmt: skip
def test_histories_that_make_no_sense_are_refused_in_words(change: dict[str, object]) -> None:
    given: dict[str, object] = {
        "values": np.full((1, 8), 0.7), "rows": np.full(8, 100),
        "periods_per_year": 52, "alarms_per_year": 1,
    }  # fmt: skip
    with pytest.raises(CheckError, match=r"\.$"):
        control_charts([MEAN], **(given | change))  # type: ignore[arg-type]


@pytest.mark.whole
@pytest.mark.parametrize("effect", [0.0, 0.07])
@pytest.mark.parametrize("rows", [100, 1_000])
def test_false_alarms_are_as_many_as_promised(rows: int, effect: float) -> None:
    found = tally(Setting("weeks", WEEKS, rows, effect, histories=100))
    assert 0.7 < found.alarms / found.promised < 1.35
    assert found.naive > 2.5 * found.alarms


@pytest.mark.whole
def test_effects_that_last_a_week_do_not_alarm_daily_charts() -> None:
    found = tally(Setting("days", DAYS, 1_000, 0.07, lasting=7, periods=DAYS, histories=15))
    assert found.alarms < 2.5 * found.promised
    assert found.naive > 100 * found.alarms


@pytest.mark.whole
@pytest.mark.parametrize("stable", [8, 26])
def test_a_shift_of_three_tenths_is_found_within_six_weeks(stable: int) -> None:
    shares = power(100, stable, effect=0.0, per_year=WEEKS, runs=200)
    assert shares[-1] >= 0.9
    assert shares[0] < shares[-1]


def test_three_hundred_charts_are_judged_at_once() -> None:
    values = np.random.default_rng(3).normal(0.7, 0.02, (300, 60))
    charts(values, baselines=[MEAN] * 300)
    began = time.perf_counter()
    charts(values, baselines=[MEAN] * 300)
    assert time.perf_counter() - began < 0.5

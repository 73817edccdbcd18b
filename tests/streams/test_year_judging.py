"""The promise for a year, on simulated years of a small model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from afterword.measures.definitions import MEAN
from afterword.measures.null_tables import NullTables
from afterword.measures.year_levels import RATES, YearLevels
from afterword.measures.year_speeds import Periods, slow, slow_places
from afterword.measures.year_tails import Tails
from afterword.streams.year_judging import judge_periods
from afterword.streams.year_reference import year_of_sums
from afterword.training.year_promise import simulate_levels

SIZE = 200
YEARS = 300


@pytest.fixture(scope="module")
def tables(small_tables: NullTables) -> NullTables:
    """As if the model had been trained on ten times as many rows of the same kind."""
    names = ("rows", "distinct", "scores", "flags", "words", "content", "repeats", "answers")
    whole = small_tables.totals
    grown = {name: 10 * getattr(whole, name) for name in (*names, "lengths", "begins", "ends")}
    return replace(small_tables, totals=replace(whole, **grown), year=None)


@pytest.fixture(scope="module")
def levels(tables: NullTables) -> YearLevels:
    return simulate_levels(year_of_sums(tables), tables, sizes=(SIZE,), years=YEARS, seed=1)


def years(tables: NullTables, number: int, seed: int = 2) -> list[Periods]:
    rng, year = np.random.default_rng(seed), year_of_sums(tables)
    return [year(rng, SIZE) for _ in range(number)]


def moved(periods: Periods, tables: NullTables, size: float, since: int) -> Periods:
    """A year in which the first category's mean probability lies elsewhere from a period on."""
    at = slow_places(tables.definitions)[0]
    means, gaps = periods.means.copy(), periods.gaps.copy()
    means[since:, 0] += size
    gaps[:, at] = np.abs(means[:, 0])
    return replace(periods, means=means, gaps=gaps)


def test_years_that_did_not_make_the_levels_alarm_as_often_as_promised(
    tables: NullTables, levels: YearLevels
) -> None:
    found = [judge_periods(one, tables, levels) for one in years(tables, 200)]
    alarms = np.mean([one.alarms.any() for one in found])
    assert alarms <= 0.09, "5 % and two standard errors and a half"
    often = [
        judge_periods(one, tables, levels, rate=0.2).alarms.any() for one in years(tables, 200)
    ]
    assert alarms < np.mean(often) <= 0.29
    assert np.mean(often) >= 0.08, "what is not used up is power that is given away"


def test_a_change_that_no_period_shows_alone_is_found_by_what_lasts(
    tables: NullTables, levels: YearLevels
) -> None:
    found = [
        judge_periods(moved(one, tables, 0.18, 10), tables, levels) for one in years(tables, 30)
    ]
    at_once = np.mean([one.now[:24].any() for one in found])
    lasting = np.mean([one.lasting[:, :24].any() for one in found])
    assert lasting >= 0.9
    assert at_once <= 0.5


def test_a_large_change_is_found_in_its_first_period(
    tables: NullTables, levels: YearLevels
) -> None:
    found = [
        judge_periods(moved(one, tables, 0.6, 10), tables, levels) for one in years(tables, 30)
    ]
    assert np.mean([one.alarms[10] for one in found]) >= 0.95


def test_a_period_without_data_is_not_judged_and_hides_nothing(
    tables: NullTables, levels: YearLevels
) -> None:
    (year,) = years(tables, 1)
    year = moved(year, tables, 0.6, 10)
    empty = np.arange(52) == 12
    gone = replace(
        year,
        worth=np.where(empty, 0.0, year.worth),
        sizes=np.where(empty[:, None], 0.0, year.sizes),
        gaps=np.where(empty[:, None], np.nan, year.gaps),
        means=np.where(empty[:, None], np.nan, year.means),
        content=np.where(empty[:, None], np.nan, year.content),
        distinct=np.where(empty, 0.0, year.distinct),
    )
    found = judge_periods(gone, tables, levels)
    assert not found.alarms[12]
    assert np.isnan(found.limits[12]).all()
    assert np.isnan(found.slow_limits[:, 12]).all()
    assert found.alarms[[11, 13]].all()


def test_a_look_at_unequal_periods_weighs_their_rows(tables: NullTables) -> None:
    (year,) = years(tables, 1)
    worth = np.where(np.arange(52) % 2, 100.0, 900.0)
    looks = slow(replace(year, worth=worth), tables.rows)
    pooled = looks.effects[1, 1, 0]
    assert pooled == pytest.approx((900 * year.means[0, 0] + 100 * year.means[1, 0]) / 1_000)
    unit = np.sqrt(1 / 1_000 + 1 / tables.rows)
    assert looks.scores[1, 1, 0] == pytest.approx(pooled / unit)


def test_in_which_order_measures_stand_makes_no_difference(tables: NullTables) -> None:
    (year,) = years(tables, 1)
    order = np.random.default_rng(0).permutation(year.means.shape[1])
    turned = replace(year, means=year.means[:, order], content=year.content[:, ::-1])
    plain, other = slow(year, tables.rows), slow(turned, tables.rows)
    assert np.allclose(other.scores[..., :-2], plain.scores[..., order])
    assert np.allclose(other.scores[..., -2:], plain.scores[..., -2:])


def test_the_more_rows_the_smaller_the_distance_that_alarms(tables: NullTables) -> None:
    means = [at for at, each in enumerate(tables.definitions) if each.distance == MEAN]
    lines = np.array(
        [Tails(tables, rows).distances(np.array([1e-5]))[0, means] for rows in (50, 100, 400, 900)]
    )
    assert (np.diff(lines, axis=0) < 0).all()
    strict = Tails(tables, 100).distances(np.array([1e-7]))[0, means]
    assert (strict > lines[1]).all()


def test_a_promise_between_two_rates_lies_between_their_levels(levels: YearLevels) -> None:
    low, middle, high = (levels.at(SIZE, rate) for rate in (0.03, 0.04, 0.05))
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert np.allclose(levels.at(SIZE, RATES[0] / 10) * 10, levels.at(SIZE, RATES[0]))


def test_levels_survive_being_written(levels: YearLevels) -> None:
    found = YearLevels.from_arrays(levels.to_arrays())
    assert np.array_equal(found.levels, levels.levels)
    with pytest.raises(ValueError, match="another kind"):
        YearLevels.from_arrays(levels.to_arrays() | {"levels": levels.levels[:, :2]})


def test_periods_that_differ_without_harm_widen_the_limits(
    tables: NullTables, levels: YearLevels
) -> None:
    rng, found, calm = np.random.default_rng(5), [], []
    for year in years(tables, 8):
        means = year.means + rng.normal(0, 0.08, year.means.shape)
        found.append(judge_periods(replace(year, means=means), tables, levels).between[-1, 0])
        calm.append(judge_periods(year, tables, levels).between[-1, 0])
    assert 0.045 < np.sqrt(np.mean(found)) < 0.09
    assert np.sqrt(np.mean(calm)) < 0.03

"""The levels of a promise for a year, from simulated years.

Of every year it is known at which level each of three speeds would first raise an alarm in 52
periods: this period alone, in any measure; the mean that forgets; the pooled windows. The promise
is shared out among them, 40 : 30 : 30, and each gets the level at which so many years alarm.
Few years do, so the levels are read off a line through the smallest ones: the chance of a year's
smallest p-value lying below a small level is nearly a power of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from afterword.arrays import Floats
from afterword.measures.columns import Column
from afterword.measures.null_tables import NullTables
from afterword.measures.thresholds import RARE
from afterword.measures.year_levels import LASTING, PERIODS, RATES, THIS, WINDOWS, YearLevels
from afterword.measures.year_speeds import SPEEDS, Periods, SlowLines, slow
from afterword.measures.year_tails import GRID, Tails
from afterword.training.year_splits import Reference, RowSums

SIZES: Final = (50, 200, 1_000)
"""Rows of a period for which years are simulated."""
YEARS: Final = 1_000
"""Years of each size."""
PARTS: Final = (0.4, 0.3, 0.3)
"""Shares of the promise: this period, the mean that forgets, pooled windows."""
SAFETY: Final = 1.0
"""Part of the promise that simulated years may use: descriptions that a model has not seen lie a
little apart from those that it was trained on, and that apart is the same all year."""
TAIL: Final = 0.15
"""Part of the years, those with the smallest p-values, through which the line is drawn."""
TOGETHER: Final = 0.2
"""Chance at which it is counted how often several speeds alarm in the same year."""
Year = Callable[[np.random.Generator, int], Periods]
"""Draws a year of 52 periods of so many rows."""


def simulate_levels(
    year: Year,
    tables: NullTables,
    *,
    sizes: tuple[int, ...] = SIZES,
    years: int = YEARS,
    seed: int = 0,
    told: Callable[[float], None] | None = None,
) -> YearLevels:
    """Make the levels for one reference.

    Parameters
    ----------
    year : draws years in which nothing changes.
    tables : of the reference.
    sizes : rows of a period, ascending.
    years : of each size; 1,000 know the level of one year in a hundred to about a sixth of it.
    seed : of the years.
    told : called with the fraction done, in [0, 1).
    """
    levels = np.empty((2, 3, len(sizes), len(RATES)))
    for at, size in enumerate(sizes):
        if told:
            told(at / len(sizes))
        first = first_levels(year, tables, size, years, np.random.default_rng([seed, size]))
        for lowered in range(2):
            levels[lowered, :, at] = _fitted(first[lowered])
    return YearLevels(np.array(sizes), levels, years)


def year_of_rows(rows: RowSums, tables: NullTables, columns: Mapping[str, Column]) -> Year:
    """Years of the rows that the reference is made of."""
    reference = Reference(tables, rows.bins_of(columns))
    flags = tables.totals.flags[0]
    rare = np.flatnonzero(flags < RARE)
    places = rows.k + rare

    def year(rng: np.random.Generator, size: int) -> Periods:
        world = rng.integers(0, rows.number, rows.number)
        drawn = world[rng.integers(0, rows.number, PERIODS * size)]
        counts = rows.add_up(drawn, size * np.arange(1, PERIODS + 1))
        rates = np.minimum(rng.gamma(flags[rare] + 0.5) / rows.number, 1)
        counts.dense[:, places] = rng.binomial(size, rates, (PERIODS, len(rare)))
        return rows.periods(counts, reference, rng)

    return year


def first_levels(
    year: Year, tables: NullTables, size: int, years: int, rng: np.random.Generator
) -> Floats:
    """Levels (2, 3, y) at which each speed first alarms in y years; with floors, and without."""
    lines, looks = Tails(tables, size).distances(GRID), SlowLines(tables)
    floors = tables.floors()
    found = np.ones((2, 3, years))
    for number in range(years):
        periods = year(rng, size)
        begins = GRID_AND_NEVER[_begins(periods.gaps, lines)]
        seen = slow(periods, tables.rows)
        for lowered in range(2):
            own = begins if lowered else np.where(periods.gaps >= floors, begins, 1.0)
            found[lowered, THIS, number] = own.min()
            slowly = looks.chances(seen, floors=not lowered).min(axis=(1, 2))
            for speed in (LASTING, WINDOWS):
                found[lowered, speed, number] = slowly[speed == SPEEDS].min()
    return found


GRID_AND_NEVER: Final = np.append(GRID, 1.0)


def _begins(gaps: Floats, lines: Floats) -> np.ndarray:
    """Place (T, m) of the first level at which each distance alarms; beyond the last for none."""
    told = np.nan_to_num(gaps, nan=-1.0)
    return np.column_stack(
        [np.searchsorted(-line, -own) for line, own in zip(lines.T, told.T, strict=True)]
    )


def _fitted(first: Floats) -> Floats:
    """Levels (3, r) of the three speeds, from the levels (3, y) at which years first alarm."""
    alike = 1.0
    told = np.array([_at(own, part * TOGETHER) for own, part in zip(first, PARTS, strict=True)])
    alarms = (first <= told[:, None]).any(axis=0).mean()
    apart = -np.log1p(-np.array(PARTS) * TOGETHER).sum()
    if 0 < alarms < 1:
        # Several speeds often see the same: together they use less than the sum.
        alike = min(1.0, max(0.6, float(-np.log1p(-alarms) / apart)))
    return np.array(
        [
            [_at(own, min(part * SAFETY * rate / alike, 0.5)) for rate in RATES]
            for own, part in zip(first, PARTS, strict=True)
        ]
    )


def _at(first: Floats, chance: float) -> float:
    """The level that is undercut in such a part of the years."""
    ordered = np.sort(first)
    tail = max(int(TAIL * len(ordered)), 10)
    if chance >= TAIL / 2:
        return float(np.quantile(ordered, chance))
    logs = np.log(np.maximum(ordered[:tail], GRID[0]))
    part = np.log((np.arange(tail) + 0.5) / len(ordered))
    slope, start = np.polyfit(part, logs, 1)
    return float(np.exp(start + max(slope, 0.1) * np.log(chance)).clip(GRID[0], GRID[-1]))

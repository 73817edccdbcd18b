"""Which periods of a stream alarm, by which measure and at which speed: numbers only.

The chance of any false alarm in 52 periods is shared out among three speeds, each of which has a
level of its own that simulated years gave (:mod:`afterword.training.year_promise`).
:mod:`afterword.streams.year` makes periods of profiles, and sentences' worth of the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from afterword.arrays import Floats
from afterword.measures.definitions import REJECTED, REPEATS
from afterword.measures.null_tables import NullTables
from afterword.measures.year_levels import LASTING, THIS, WINDOWS, YearLevels
from afterword.measures.year_speeds import SPEEDS, Periods, Slow, SlowLines, slow
from afterword.measures.year_tails import Tails
from afterword.streams.year_effect import DEFAULT, between_periods

LEAST_ROWS: Final = 30
"""Rows below which neither a period nor what is pooled is judged; pooled periods may have fewer."""
RATE: Final = 0.05
"""Chance of any false alarm in 52 periods."""
_STEP: Final = 1.02
"""Ratio of the sizes for which distances of this period alone are worked out."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What is said of T periods.

    Attributes
    ----------
    limits : (T, m) distances from which each measure of this period alone alarms; NaN where it is
        not judged, infinite where it never does.
    now : (T, m) which of them do.
    looks : the slow looks.
    slow_limits : (6, T, v + 2) scores from which each alarms; NaN where it is not judged.
    lasting : (6, T, v + 2) which of them do.
    between : (T, v + 1) τ² that was counted with.
    """

    limits: Floats
    now: np.ndarray
    looks: Slow
    slow_limits: Floats
    lasting: np.ndarray
    between: Floats

    @property
    def alarms(self) -> np.ndarray:
        """Periods (T,) that alarm."""
        return np.asarray(self.now.any(axis=1) | self.lasting.any(axis=(0, 2)))


def judge_periods(
    periods: Periods,
    tables: NullTables,
    levels: YearLevels,
    *,
    rate: float = RATE,
    floors: Mapping[str, float] | None = None,
) -> Judged:
    """Judge the periods of one promise, each by itself and those before it.

    Parameters
    ----------
    periods : T of them, from the one on with which the promise began; periods without data stand
        among them, without rows.
    tables : of the reference.
    levels : of the same reference.
    rate : chance of any false alarm in 52 periods.
    floors : measure → smallest distance of a period alone that matters, where an operator set one.
    """
    wanted = tables.floors(floors)
    lowered = bool((wanted < tables.floors() - 1e-12).any())
    told = np.array([levels.at(max(each, 1.0), rate, lowered=lowered) for each in _rows(periods)])
    lines = _Lines(tables)
    limits = lines.limits(periods, np.zeros(len(told)), told[:, THIS])
    calm = ~(periods.gaps >= np.maximum(limits, wanted)).any(axis=1)
    between = between_periods(periods, calm)
    # What moves categories and content moves other measures as well. The default hardly shows in a
    # period alone: there only what the stream has told beyond it counts.
    more = between.max(axis=1) - DEFAULT**2
    limits = np.maximum(lines.limits(periods, more, told[:, THIS]), wanted)
    looks = slow(periods, tables.rows, between)
    at = np.where(SPEEDS == LASTING, LASTING, WINDOWS)
    slow_limits, least = _slow_limits(looks, SlowLines(tables), told[:, at].T)
    slow_limits[:, ~_enough(periods)] = np.nan
    lasting = (np.abs(looks.scores) >= slow_limits) & (np.abs(looks.effects) >= least)
    return Judged(limits, periods.gaps >= limits, looks, slow_limits, lasting, between)


def _rows(periods: Periods) -> Floats:
    """Mean rows (T,) of the periods so far that have any: those that years were simulated for."""
    there = np.maximum(np.cumsum(periods.worth > 0), 1)
    found: Floats = np.cumsum(periods.worth) / there
    return found


def _enough(periods: Periods) -> np.ndarray:
    """Which periods (T,) have rows, and with those before them enough of them."""
    found: np.ndarray = (periods.worth > 0) & (np.cumsum(periods.worth) >= LEAST_ROWS)
    return found


def _slow_limits(looks: Slow, lines: SlowLines, levels: Floats) -> tuple[Floats, Floats]:
    return lines.limits(levels, looks.texts), lines.least


class _Lines:
    """Distances of a period alone, kept for each size."""

    def __init__(self, tables: NullTables) -> None:
        self.tables = tables
        self.faulty = np.array([each.fault for each in tables.definitions])
        names = [each.name for each in tables.definitions]
        self.repeats, self.rejected = names.index(REPEATS), names.index(REJECTED)

    def limits(self, periods: Periods, between: Floats, levels: Floats) -> Floats:
        """Distances (T, m) from which each measure alarms; NaN where there are too few rows."""
        found = np.full(periods.gaps.shape, np.nan)
        for at, (sizes, extra, level) in enumerate(
            zip(periods.sizes, between, levels, strict=True)
        ):
            if sizes[self.rejected] < LEAST_ROWS:
                continue
            # What people report varies from period to period; a feed breaks or does not.
            worth = np.where(self.faulty, sizes, sizes / (1 + extra * sizes))
            steps = np.floor(np.log(np.maximum(worth, 1)) / np.log(_STEP) + 1e-9)
            for step in np.unique(steps).tolist():
                own = steps == step
                found[at, own] = _line(self.tables, int(_STEP**step), float(level))[own]
            if sizes[self.repeats] < LEAST_ROWS:
                # Where nearly all rows are rejected, that is all there is to say.
                found[at, np.arange(len(sizes)) != self.rejected] = np.nan
        return found


@lru_cache(maxsize=4_096)
def _line(tables: NullTables, rows: int, level: float) -> Floats:
    found: Floats = Tails(tables, rows).distances(np.array([level]))[0]
    return found

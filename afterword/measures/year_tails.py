"""How far each measure goes by chance at levels far below those of a single check.

A promise for a year is kept week after week, so its levels lie below what the splits of a model's
tables reach. On the scale of a normal variable the quantiles of every measure are nearly a
straight line: those of sums because they are nearly normal, those of Kolmogorov and Smirnov because
their tail is that of one, those of shares because the arcsine makes them so. Beyond the
levels that many splits reach this line is drawn on. Counts of rows have the exact tail of a
predictive distribution as well (:func:`afterword.measures.thresholds.rare_thresholds`), and the
larger distance holds.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from afterword.arrays import Floats
from afterword.measures.definitions import FLAGS, RISING, SHARE, STYLE
from afterword.measures.null_tables import NullTables
from afterword.measures.thresholds import QUANTILE_LEVELS
from afterword.measures.totals import Totals

BEYOND: Final = 5
"""Splits beyond a quantile before it tells of chance: of 10,000 that is a level of .0005."""
STRAIGHT: Final = 0.05
"""Level up to which quantiles tell how the line goes on."""
GRID: Final = np.geomspace(1e-8, 0.02, 150)
"""Levels among which those of simulated years are looked for."""
COUNTED: Final = 400
"""Rows of the reference below which a share is taken for a count."""


def normal(levels: Floats) -> Floats:
    """The normal score that is exceeded in either direction with such a probability."""
    from scipy.special import ndtri

    found: Floats = -ndtri(np.asarray(levels, float) / 2)
    return found


class Tails:
    """The measures of batches of n rows by chance, at any level.

    Parameters
    ----------
    tables : of the reference, whose error is in them.
    rows : n, at least 1; beyond the sizes of the tables the unit √(1/n + 1/N) alone shrinks.
    """

    def __init__(self, tables: NullTables, rows: int) -> None:
        self.tables, self.rows = tables, rows
        self.unit = math.sqrt(1 / rows + 1 / tables.rows)
        right = int(np.searchsorted(tables.sizes, rows).clip(0, len(tables.sizes) - 1))
        left = max(right - (tables.sizes[right] != rows), 0)
        self.quantiles = [tables.quantiles[at].astype(float) for at in sorted({left, right})]
        self.weights = np.array([each.weight for each in tables.definitions])
        self.steps = np.array([each.distance in (SHARE, RISING) for each in tables.definitions])
        scores = normal(QUANTILE_LEVELS)
        sure = min(BEYOND / tables.draws, STRAIGHT / 5)
        part = (sure <= QUANTILE_LEVELS) & (QUANTILE_LEVELS <= STRAIGHT)
        self.scores, self.begin = scores[sure <= QUANTILE_LEVELS][::-1], int(np.argmax(part))
        centred = scores[part] - scores[part].mean()
        self.slopes = [
            np.maximum(own[:, part] @ centred / (centred @ centred), 0) for own in self.quantiles
        ]

    def standard(self, levels: Floats) -> Floats:
        """Standardised distances (l, m) that each measure exceeds with l levels, by its weight."""
        wanted = normal(np.minimum(np.multiply.outer(levels, self.weights), 1.0))
        found = np.zeros(wanted.shape)
        for quantiles, slopes in zip(self.quantiles, self.slopes, strict=True):
            own = quantiles[:, self.begin :][:, ::-1]
            inside = np.stack(
                [np.interp(wanted[:, at], self.scores, each) for at, each in enumerate(own)],
                axis=1,
            )
            beyond = np.maximum(wanted - self.scores[-1], 0) * slopes
            # Counts move in steps: there the last one that was seen by chance is chance.
            seen = np.where(self.steps & (wanted > self.scores[-1]), quantiles[:, 0], 0)
            found = np.maximum.reduce([found, inside + beyond, seen])
        return found

    def distances(self, levels: Floats) -> Floats:
        """Distances (l, m) at which each measure alarms at l levels; infinite where it never does.

        How people write alone is never an alarm (:data:`afterword.measures.definitions.STYLE`).
        """
        levels = np.atleast_1d(levels)
        found = self.standard(levels) * self.unit
        rare = np.array([self.tables.rare(self.rows, each, COUNTED) for each in levels])
        found = np.fmax(found, np.where(np.isnan(rare), np.inf, rare))
        silent = [each.name in STYLE for each in self.tables.definitions]
        found[:, silent] = np.inf
        return found


def without_falls(gaps: Floats, totals: Totals, tables: NullTables) -> Floats:
    """Distances (T, m) in which nothing that hardly any row has is seen to fall.

    That none of 200 rows has what one in fifty had is no news for a year, and a table of distances
    in both directions knows no tail of it: only what rises counts.

    Parameters
    ----------
    gaps : of every measure.
    totals : of the T periods.
    tables : of the reference.
    """
    whole, found = tables.totals, gaps.copy()
    names = [each.name for each in tables.definitions]
    before = whole.flags[0] / whole.rows[0]
    for at in np.flatnonzero(whole.flags[0] < COUNTED):
        fell = totals.flags[:, at] / np.maximum(totals.rows, 1) < before[at]
        found[fell, names.index(FLAGS[at])] = 0.0
    return found

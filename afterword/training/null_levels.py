"""The levels c(n): how far a measure may lie beyond chance before it is an alarm.

Of every split it is known at which level each measure would begin to alarm. Those that stay below
their floor never do. The level c(n) is the largest at which the promised share of splits alarms,
so it belongs to these floors: other floors need another one.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from afterword.measures.definitions import MEAN
from afterword.measures.null_tables import NullTables
from afterword.measures.thresholds import (
    ALPHAS,
    GROWTH,
    GROWTHS,
    QUANTILE_LEVELS,
    critical,
    least_floors,
)

SAFETY: Final = 0.8
"""Part of α that the splits may use: references differ, and a batch may meet an unlucky one."""
ORDINARY: Final = 0.05
"""α below which its part shrinks with √α: the rarer an alarm, the more often rows that differ a
little from training, as any do, raise it."""
SHARED: Final = 1.5
"""Power of the batch's own part of the variance with which its rate shrinks."""
MOST: Final = 0.02
"""Largest c(n): where floors leave little to chance, this is sure enough."""
LEVELS: Final = np.geomspace(QUANTILE_LEVELS[0] / 10, MOST, 200)
"""Levels of which c(n) is one."""
BEYOND: Final = (1, 2, 4)
"""Batch sizes, in reference sizes, that get a level of their own; the last is any larger one."""


def fit_levels(tables: NullTables, found: np.ndarray) -> None:
    """Fill in the levels of tables, for each floor of growth, with the other floors and without.

    A large batch shares the error of the reference, and of the model behind it, with the next one:
    an unlucky reference would alarm week after week. Therefore the rate shrinks with the batch's
    own part of the variance.

    Parameters
    ----------
    tables : of which all but the levels are there.
    found : (b, s, m) distances of every measure in b splits, at the sizes up to N/2.
    """
    least = least_floors(tables.definitions, tables.rows, tables.scale)
    growing = np.array([each.distance == MEAN for each in tables.definitions])
    part = SAFETY * np.minimum(1.0, np.sqrt(ALPHAS / ORDINARY))
    for at, size in enumerate(tables.sizes):
        gaps, begins = _begins(found, tables, at)
        own = tables.rows / (tables.rows + size)
        allowed = part * ALPHAS * len(gaps) * own**SHARED
        for which, growth in enumerate(GROWTHS):
            floors = tables.floors({GROWTH: growth})
            for lowered, those in enumerate((floors, np.where(growing, floors, least))):
                first = np.where(gaps >= those, begins, len(LEVELS)).min(axis=1)
                alarms = np.searchsorted(np.sort(first), np.arange(len(LEVELS)), side="right")
                places = np.searchsorted(alarms, allowed, side="right") - 1
                tables.levels[which, lowered, at] = LEVELS[np.maximum(places, 0)]


def _begins(found: np.ndarray, tables: NullTables, at: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances (b, m) at one size, and from which of :data:`LEVELS` on they are beyond chance."""
    size, last = int(tables.sizes[at]), found.shape[1] - 1
    half = int(tables.sizes[last])
    scale = math.sqrt(1 / size + 1 / (tables.rows - size if at <= last else tables.rows))
    gaps = found[:, min(at, last)]
    if at > last:
        # What chance gave half of the reference stands for larger batches, on their scale.
        gaps = gaps * np.float32(scale / math.sqrt(1 / half + 1 / (tables.rows - half)))
    lines = np.array(
        [
            np.maximum(
                critical(tables.quantiles[at], tables.definitions, level) * scale,
                np.nan_to_num(tables.rare(size, level), nan=math.inf),
            )
            for level in LEVELS
        ]
    )
    return gaps, np.column_stack(
        [np.searchsorted(-line, -gap) for line, gap in zip(lines.T, gaps.T, strict=True)]
    )

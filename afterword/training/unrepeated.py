"""How often a feed alarms in which nothing is posted twice, though nothing has changed.

Training rows repeat a few words that many people write. A feed that never holds the same text
twice lies apart from them in all that these texts are, so it alarms more often than was promised.
How often, the training rows tell: batches are drawn from those whose text stands in one row alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from afterword.measures.definitions import DEPLOYED, NEW_WORDS, REJECTED
from afterword.measures.null_tables import NullTables

DRAWS: Final = 400
"""Batches of each size: a share of 15 % is then known to 3.5 points."""
ALPHA: Final = 0.05
"""Promised rate at which they are judged."""
MOST: Final = 0.5
"""Part of the rows of their kind that a batch may take."""


def alarms_of_unrepeated(
    split: Callable[[np.ndarray], dict[str, np.ndarray]],
    alone: np.ndarray,
    tables: NullTables,
    seed: int,
) -> np.ndarray:
    """Share (s,) of batches of each size that alarm; NaN where there are too few rows for one.

    Parameters
    ----------
    split : compares the first rows of an order with all others, at every size up to N/2.
    alone : (N,) which training rows have a text of their own.
    tables : made from them.
    seed : of the draws.
    """
    sizes = tables.sizes[tables.sizes <= MOST * alone.sum()]
    shares = np.full(len(tables.sizes), np.nan)
    thresholds = np.array([tables.thresholds(int(size), ALPHA) for size in sizes])
    rng, alarms = np.random.default_rng(seed), np.zeros(len(sizes))
    for _ in range(DRAWS):
        order = rng.permutation(len(alone))
        gaps = split(np.concatenate([order[alone[order]], order[~alone[order]]]))
        gaps |= {name: np.zeros_like(gaps[NEW_WORDS]) for name in (DEPLOYED, REJECTED)}
        found = np.column_stack([gaps[each.name] for each in tables.definitions])
        alarms += (found[: len(sizes)] >= thresholds).any(axis=1)
    shares[: len(sizes)] = alarms / DRAWS
    return shares

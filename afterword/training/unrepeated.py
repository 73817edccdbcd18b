"""How often a feed alarms in which nothing is posted twice, though nothing has changed.

Training rows repeat a few words that many people write. A feed that never holds the same text
twice lies apart from them in all that these texts are, so it alarms more often than was promised.
How often, the training rows tell: batches are drawn from those whose text stands in one row alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.measures.definitions import DEPLOYED, REJECTED

if TYPE_CHECKING:
    from afterword.measures.null_tables import NullTables
    from afterword.training.null_splits import _Splitter

DRAWS: Final = 400
"""Batches of each size: a share of 15 % is then known to 3.5 points."""
ALPHA: Final = 0.05
"""Promised rate at which they are judged."""
MOST: Final = 0.5
"""Part of the rows of their kind that a batch may take."""


def alarms_of_unrepeated(splitter: _Splitter, tables: NullTables, seed: int) -> np.ndarray:
    """Share (s,) of batches of each size that alarm; NaN where there are too few rows for one.

    Parameters
    ----------
    splitter : of the training rows.
    tables : made from them.
    seed : of the draws.
    """
    keys = splitter.rows.facts.keys
    alone = splitter.copies[keys] == 1
    shares = np.full(len(tables.sizes), np.nan)
    known = np.flatnonzero(splitter.sizes <= MOST * alone.sum())
    thresholds = [tables.thresholds(int(size), ALPHA) for size in splitter.sizes]
    rng, alarms = np.random.default_rng(seed), np.zeros(len(splitter.sizes))
    for _ in range(DRAWS):
        order = rng.permutation(len(keys))
        gaps = splitter.split(np.concatenate([order[alone[order]], order[~alone[order]]]))
        gaps |= {name: np.zeros(len(splitter.sizes)) for name in (DEPLOYED, REJECTED)}
        found = np.column_stack([gaps[each.name] for each in tables.definitions])
        alarms += (found >= np.array(thresholds)).any(axis=1)
    shares[known] = alarms[known] / DRAWS
    return shares

"""How much of a batch reports each category, by estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from afterword.measures.null_tables import NullTables
from afterword.quality.tilting import Tilted

SHIFT_LEVEL: Final = 0.05
"""Chance that a shift of any category is taken for shown where there is none (Bonferroni)."""
REACH: Final = 1.959963984540054
"""Standard errors of a 95 % interval to either side: written out, since the first answer on a page
would wait for the library that computes it."""
_MARGIN: Final = 1e-4
"""Shares stay so far from 0 and 1 while odds are taken."""


@dataclass(frozen=True)
class Share:
    """How much of a batch reports a category, by estimate.

    Attributes
    ----------
    category : its name.
    value, low, high : share of the rows, with its 95 % interval, in whole rows of this batch.
    trained : share of the training rows.
    shown : whether it has moved beyond chance.
    """

    category: str
    value: float
    low: float
    high: float
    trained: float
    shown: bool


def estimate_shares(tilted: Tilted, tables: NullTables) -> tuple[Share, ...]:
    """The share of each category, and whether it has moved."""
    middle, errors = logits(tilted.shares, tilted.covariance)
    low, value, high = (
        scipy.special.expit(middle + step * errors) for step in (-REACH, 0.0, REACH)
    )
    rows = tilted.moments.rows
    low, high = np.floor(low * rows + _MARGIN) / rows, np.ceil(high * rows - _MARGIN) / rows
    trained = tables.outcomes.prevalence
    shown = np.abs(shifts(tilted, tables)) > critical_shift(len(trained))
    return tuple(
        Share(
            category=category,
            value=float(value[j]),
            low=float(low[j]),
            high=float(high[j]),
            trained=float(trained[j]),
            shown=bool(shown[j]),
        )
        for j, category in enumerate(tables.categories)
    )


def shifts(tilted: Tilted, tables: NullTables) -> np.ndarray:
    """How far each category's own share (k,) has moved from training, in standard errors."""
    k = len(tables.categories)
    middle, errors = logits(tilted.shares, tilted.source_covariance)
    before = scipy.special.logit(tables.outcomes.prevalence.clip(_MARGIN, 1 - _MARGIN))
    moved: np.ndarray = (middle[:k] - before) / errors[:k]
    return moved


def critical_shift(categories: int) -> float:
    """Standard errors beyond which a share of one of so many categories has moved."""
    return float(scipy.special.ndtri(1 - SHIFT_LEVEL / categories / 2))


def logits(values: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits of shares, and their standard errors."""
    inside = values.clip(_MARGIN, 1 - _MARGIN)
    errors = np.sqrt(np.diag(covariance)) / (inside * (1 - inside))
    return scipy.special.logit(inside), errors

"""Whether the mix of categories has moved, by what calibrated probabilities say, and how far."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from afterword.measures.answers import Answers
from afterword.measures.columns import Column
from afterword.measures.null_tables import NullTables

SHIFT_LEVEL: Final = 0.05
"""Chance that a shift of any category is taken for shown where there is none (Bonferroni)."""
ITERATIONS: Final = 500
TOLERANCE: Final = 1e-9
_MARGIN: Final = 1e-4
"""Probabilities and shares stay so far from 0 and 1 while odds are taken."""


@dataclass(frozen=True)
class Shift:
    """Whether the share of a category has moved, by what the probabilities say.

    Attributes
    ----------
    category : its name.
    trained : share of the training rows.
    now : share of the batch by expectation-maximisation.
    shown : whether the shift is beyond chance; only then is anything corrected.
    """

    category: str
    trained: float
    now: float
    shown: bool


def find_shifts(answers: Answers, tables: NullTables) -> tuple[Shift, ...]:
    """Test each category's share, and estimate it.

    The test compares the mean probability with that of training, which is the score test of the
    share where only the mix has changed; each category at :data:`SHIFT_LEVEL` over their number.

    Parameters
    ----------
    answers : calibrated probabilities of n rows.
    tables : of the model.
    """
    n, k = answers.rows, len(tables.categories)
    critical = float(scipy.special.ndtri(1 - SHIFT_LEVEL / k / 2))
    trained = _trained_shares(tables)
    error = tables.scale.scores[:k] * math.sqrt(1 / n + 1 / tables.rows)
    moved = np.abs(answers.sums()[:k] / n - trained) / error
    return tuple(
        Shift(
            category,
            float(trained[j]),
            expected_share(answers.column(j), float(trained[j])),
            bool(moved[j] > critical),
        )
        for j, category in enumerate(tables.categories)
    )


def expected_share(probabilities: Column, trained: float) -> float:
    """Share of a category by expectation-maximisation (Saerens et al. 2002).

    Parameters
    ----------
    probabilities : calibrated where the share was ``trained``.
    trained : share of the category there, in (0, 1).

    >>> found = expected_share(Column.of(np.array([0.9, 0.9, 0.9, 0.1])), 0.5)
    >>> 0.75 < found < 1
    True
    """
    share = trained
    for _ in range(ITERATIONS):
        now = shifted(probabilities.values, trained, share)
        before, share = share, float(probabilities.counts @ now / probabilities.rows)
        if abs(share - before) < TOLERANCE:
            break
    return share


def shifted(probabilities: np.ndarray, trained: float, share: float) -> np.ndarray:
    """Probabilities (n,) as they are where a category's share is another than in training."""
    trained, share = (min(max(one, _MARGIN), 1 - _MARGIN) for one in (trained, share))
    with_it = probabilities * share / trained
    without = (1 - probabilities) * (1 - share) / (1 - trained)
    found: np.ndarray = with_it / (with_it + without)
    return found


def _trained_shares(tables: NullTables) -> np.ndarray:
    """Mean probability (k,) of the training rows: their share, as the probabilities count it."""
    k = len(tables.categories)
    shares: np.ndarray = tables.totals.scores[0, :k] / tables.rows
    return shares

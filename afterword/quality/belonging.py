"""Whether labels belong to these rows and these columns, whatever they say of quality.

Labels that were shifted, sorted or shuffled apart from their descriptions have nothing to do with
the probabilities of any category. Labels whose columns were exchanged, or that have 1 for 0, go
with the probabilities as well as in training, only in another place. Neither tells anything of the
model, and to train again would be the wrong answer.

**Columns.** A label's probability is what rows of its per cent had in training, with all log-odds
of a category moved by one number, so that as many labels are expected as there are: the mix does
not count. The labels y of a column then fit a category, with such probabilities q, by
Σ y log q + (1 − y) log(1 − q). Columns count as exchanged where another assignment fits better than
the names by :data:`CLEARLY`, each column that moves having paid for the choice among 2k, and where
each that moves fits its new place better than labels would that go with nothing, by log 4k.

**Rows** are off where the association of labels and probabilities is gone in all categories
together. With x the probability over its variance, Σ (x − x̄) y must lie within chance, which is the
permutation variance, below a quarter of what labels let expect that belong, and clearly below half
of that, which a quarter of all labels turned round leaves: that is a fall of quality, and is
judged. All this must hold with the mix of training and with the batch's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from afterword.model.outcomes import CENTS, Outcomes
from afterword.quality.label_tests import rates_of

CLEARLY: Final = math.log(1_000)
"""Log-likelihood by which another assignment of the columns must fit better than their names."""
LEFT: Final = 0.5
"""Part of the association that a quarter of all labels turned round leaves."""
GONE: Final = 0.25
"""Part of the association below which it counts as gone."""
FAR: Final = 3.0
"""Standard errors by which what is seen must lie below :data:`LEFT`."""
CHANCE: Final = 2.5
"""Standard errors up to which an association is chance."""
_STEPS: Final = 50
_MOST: Final = 30.0
"""Largest move of log-odds that is looked at."""


@dataclass(frozen=True)
class Moved:
    """A column of labels that goes with another category than its name's, or is inverted.

    Attributes
    ----------
    column, category : places of the column of labels, and of the category that it goes with.
    inverted : whether it has 1 for 0.
    """

    column: int
    category: int
    inverted: bool


@dataclass(frozen=True)
class Belonging:
    """What shows that labels belong elsewhere.

    Attributes
    ----------
    moved : columns that are exchanged or inverted; empty if none is.
    rows_off : whether the labels go with no category's probabilities at all.
    """

    moved: tuple[Moved, ...] = ()
    rows_off: bool = False


def find_belonging(
    cents: np.ndarray, labels: np.ndarray, outcomes: Outcomes, worth: float = 1.0
) -> Belonging:
    """Tell whether labels belong to these rows and columns.

    Parameters
    ----------
    cents : (m, k) probabilities of the labelled rows, in whole per cent.
    labels : (m, k) of 0 and 1.
    outcomes : of the model in training.
    worth : rows that were sent once of which one row tells as much; copies tell less.
    """
    m, k = labels.shape
    rows = np.stack([np.bincount(cents[:, b], minlength=CENTS) for b in range(k)])
    has = np.array(
        [
            [np.bincount(cents[labels[:, a] == 1, b], minlength=CENTS) for b in range(k)]
            for a in range(k)
        ]
    )
    odds = scipy.special.logit(np.stack([rates_of(one).rates for one in outcomes.counts]))
    positives = labels.sum(axis=0).astype(float)
    straight, moved_rates = _fit(odds, rows, has, positives)
    turned, _ = _fit(odds, rows, rows - has, m - positives)
    shares = positives / m
    alone = m * (scipy.special.xlogy(shares, shares) + scipy.special.xlogy(1 - shares, 1 - shares))
    moved = _assign(straight * worth, turned * worth, alone * worth)
    if moved:
        return Belonging(moved)
    own = np.arange(k)
    rates = scipy.special.expit(odds)
    return Belonging(rows_off=_is_off(cents, labels, rates, moved_rates[own, own], worth))


def _fit(
    odds: np.ndarray, rows: np.ndarray, has: np.ndarray, positives: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood (k, k) of each column's labels by each category, and probabilities
    (k, k, 101) whose log-odds are moved so that they expect as many labels as there are."""
    low = np.full((len(positives), len(odds)), -_MOST)
    high = -low
    for _ in range(_STEPS):
        middle = (low + high) / 2
        expected = (scipy.special.expit(odds + middle[..., None]) * rows).sum(axis=-1)
        above = expected > positives[:, None]
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    logits = odds + low[..., None]
    likely = has * scipy.special.log_expit(logits) + (rows - has) * scipy.special.log_expit(-logits)
    return likely.sum(axis=-1), scipy.special.expit(logits)


def _assign(straight: np.ndarray, turned: np.ndarray, alone: np.ndarray) -> tuple[Moved, ...]:
    """Columns that fit another category, or the opposite, clearly better than their names."""
    k = len(alone)
    price = math.log(2 * k)
    best = np.maximum(straight, turned) - price
    own = np.arange(k)
    best[own, own] = np.maximum(straight[own, own], turned[own, own] - price)
    _, category = scipy.optimize.linear_sum_assignment(best, maximize=True)
    if best[own, category].sum() - straight[own, own].sum() < CLEARLY:
        return ()
    inverted = turned[own, category] > straight[own, category]
    changed = np.flatnonzero((category != own) | inverted)
    fits = np.maximum(straight, turned)[own, category] - alone
    if (fits[changed] < math.log(4 * k)).any():
        return ()
    return tuple(Moved(int(a), int(category[a]), bool(inverted[a])) for a in changed)


def _is_off(
    cents: np.ndarray, labels: np.ndarray, rates: np.ndarray, moved: np.ndarray, worth: float
) -> bool:
    """Whether labels go with no category's probabilities.

    Parameters
    ----------
    cents, labels : (m, k) each.
    rates, moved : (k, 101) of the per cents in training, and with as many labels as there are.
    worth : rows that were sent once of which one row tells as much.
    """
    m = len(labels)
    some = (labels.min(axis=0) == 0) & (labels.max(axis=0) == 1)
    if not some.any():
        return False
    y = (labels - labels.mean(axis=0))[:, some]
    for expected in (rates, moved):
        x = np.stack([expected[j, cents[:, j]] for j in np.flatnonzero(some)], axis=1)
        middle = x.mean(axis=0)
        x = (x - middle) / (middle * (1 - middle))
        seen, whole = float((x * y).sum()), float((x**2 * middle * (1 - middle)).sum())
        # Rows of labels put to rows of probabilities in any order: the permutation variance.
        error = math.sqrt(float(((x.T @ x) * (y.T @ y)).sum()) / (m - 1) / worth)
        if seen > min(GONE * whole, CHANCE * error, LEFT * whole - FAR * error):
            return False
    return True

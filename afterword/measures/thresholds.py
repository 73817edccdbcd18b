"""Distances from which a measure counts as drifted: by the tables of chance, by rare counts,
floors.

Where the reference has hardly any case, a table of splits takes rare for impossible. So shares of
rows have a second condition, the predictive distribution of a count given the reference's
(gamma–Poisson, Jeffreys' prior [1]_); the threshold is the larger of the two.

References
----------
.. [1] Jeffreys, H. (1961). Theory of probability, 3rd ed. Oxford University Press.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from afterword.measures.definitions import (
    FLAGS,
    KS,
    MAHALANOBIS,
    MEAN,
    RISING,
    SHARE,
    Definition,
)
from afterword.measures.distances import Scale, cohens_h
from afterword.measures.totals import Totals

QUANTILE_LEVELS: Final = np.geomspace(1e-4, 0.5, 60)
"""p-values at which the tables are kept."""
ALPHAS: Final = np.array([0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2])
"""False-alarm rates for which c(n) is kept."""
ORDINARY_REJECTED: Final = 0.01
"""Share of rejected rows that every feed has."""
RARE: Final = 50
"""Rows of the reference below which a share's table is not trusted alone."""
FEW_TEXTS: Final = 3
FEW_ERRORS: Final = 3
"""Texts beyond the expected ones that may stand in several rows, and their standard errors."""
STANDARD_ERRORS: Final = 4
"""Standard errors of the reference below which no floor lies, but that of a category's growth."""
GROWTH: Final = "growth"
"""The floor of all categories, and of no category, in AFTERWORD_FLOORS."""
GROWTHS: Final = np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0])
"""Floors of growth for which c(n) is kept; for one between two of them the smaller's holds."""
SEEN: Final = 0.1
"""Correlation of probability and label below which the model does not see a category."""
UNSEEN_LIFT: Final = 0.8
"""What stands for the lift of such a category: .12 standard deviations are a growth of .15."""


def lifts(means: np.ndarray, separation: np.ndarray, deviations: np.ndarray) -> np.ndarray:
    """How far each mean probability (k,) goes, in standard deviations, if its share doubles.

    A share π that grows by g · π moves its mean probability by g · π · (μ₁ − μ₀), and since the
    mean is π · μ₁ + (1 − π) · μ₀, that is g · (mean − μ₀). NaN where the model does not see the
    category: the growth of what it cannot tell apart cannot be told, either.

    Parameters
    ----------
    means : (k,) mean probabilities.
    separation : (k, 2) mean probabilities of rows with each category, μ₁, and without, μ₀.
    deviations : (k,) standard deviations of the probabilities.

    Examples
    --------
    >>> lifts(np.array([0.2]), np.array([[0.6, 0.1]]), np.array([0.2])).round(3).tolist()
    [0.5]
    """
    lift = (means - separation[:, 1]) / deviations
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (means - separation[:, 1]) / (separation[:, 0] - separation[:, 1])
        seen = lift * np.sqrt((1 - share) / share) >= SEEN
    return np.where(seen, lift, np.nan)


def least_floors(measures: Sequence[Definition], rows: int, scale: Scale) -> np.ndarray:
    """Four standard errors (m,) that the reference brings into every distance.

    None for the mean probabilities: how far they go by chance is known so well that c(n) alone
    decides, and four standard errors would hide the growth of the categories that are hardest to
    see.
    """
    error = 1 / math.sqrt(rows)
    # A gap of distribution functions has the error of a share, at most that of 1/2.
    steps = {SHARE: STANDARD_ERRORS * error, RISING: STANDARD_ERRORS * error, MEAN: 0.0}
    steps[KS] = STANDARD_ERRORS * error / 2
    steps[MAHALANOBIS] = (STANDARD_ERRORS + math.sqrt(len(scale.content))) * error
    return np.array([steps[each.distance] for each in measures])


def critical(
    quantiles: np.ndarray, measures: Sequence[Definition], level: float | Sequence[float]
) -> np.ndarray:
    """Standardised distances (m,) at a level, each measure with its weight."""
    weights = np.array([each.weight for each in measures])
    wanted = np.log(np.asarray(level) * weights)
    logs = np.log(QUANTILE_LEVELS)
    return np.array([np.interp(one, logs, own) for one, own in zip(wanted, quantiles, strict=True)])


def rare_thresholds(
    measures: Sequence[Definition], level: float, rows: int, totals: Totals, below: float
) -> np.ndarray:
    """Distances (m,) of counts that the predictive distribution makes as rare as the level.

    Only where the reference has hardly any case; elsewhere the tables know better.
    """
    counts = dict(zip(FLAGS, totals.flags[0], strict=True))
    reference = float(totals.rows[0])
    found = np.zeros(len(measures))
    for at, each in enumerate(measures):
        count = counts.get(each.name)
        if count is not None and count < below:
            odds = rows / (rows + reference)
            tail = partial(_betainc_of, count + 0.5, odds)
            first = _first_rare(tail, rows, level * each.weight)
            found[at] = math.nan
            if first <= rows:
                found[at] = cohens_h(np.array(first / rows), np.array(count / reference))
    return found


def _betainc_of(shape: float, odds: float, count: int) -> float:
    """P(X ≥ count) of the gamma–Poisson predictive distribution."""
    from scipy.special import betainc

    return float(betainc(count, shape, odds))


def again_threshold(rows: int, level: float, totals: Totals) -> float:
    """Distance of the smallest number of texts standing in more than one row that is no chance.

    Pairs of equal texts grow with the square of the rows, and training's are a count, too: so the
    predictive distribution of a count whose exposure is that of the pairs. Nor is it ever fewer
    than three more than three standard errors: a new topic brings a few texts that are alike.

    Parameters
    ----------
    rows : of the batch.
    level : probability of the upper tail.
    totals : of the reference.
    """
    expected, seen = float(totals.expected_again(np.array([rows]))[0]), float(totals.again[0])
    exposure = expected / seen if seen else (rows / float(totals.rows[0])) ** 2
    tail = partial(_betainc_of, seen + 0.5, exposure / (1 + exposure))
    least = math.floor(expected + FEW_ERRORS * math.sqrt(expected) + FEW_TEXTS) + 1
    first = max(_first_rare(tail, rows, level), least)
    if first > rows:
        return math.nan
    return float(cohens_h(np.array(first / rows), np.array(expected / rows)))


def rejected_threshold(rows: int, level: float) -> float:
    """Distance of the smallest number of rejected rows that an ordinary feed has too seldom.

    Parameters
    ----------
    rows : that were read, rejected ones included.
    level : probability of an exact binomial test against :data:`ORDINARY_REJECTED`.
    """
    from scipy.special import bdtrc

    first = _first_rare(lambda x: bdtrc(x - 1, rows, ORDINARY_REJECTED), rows, level)
    if first > rows:
        return math.nan
    return float(cohens_h(np.array(first / rows), np.array(ORDINARY_REJECTED)))


def _first_rare(tail: Callable[[int], float], rows: int, level: float) -> int:
    """Smallest count, at most ``rows``, whose upper tail is at most the level."""
    if tail(rows) > level:
        return rows + 1
    low, high = 0, rows
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if tail(middle) <= level else (middle, high)
    return high

"""Shares of a batch, estimated from labelled rows that each had a known chance to be drawn.

The model says of every row what it expects; the labelled rows say how far that is off. Their sum,
each labelled row weighed by its inclusion probability, is the difference estimator (Särndal,
Swensson & Wretman 1992). :mod:`afterword.quality.review` says which shares. The method, its sources
and what a simulation found: ``docs/review.md``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from afterword.arrays import Floats, Integers
from afterword.quality import wording

LEVEL: Final = 0.95
"""Share of batches whose value an interval holds."""

PRIOR: Final = 5.0
"""Labelled rows that the variance which the probabilities let expect is worth: by chance, few
labels may all be as predicted, and that is no proof of it."""

MOST_UNEVEN: Final = 2.0
"""No end of an interval is further away than twice as far as Student's: close to 0 or 1 the logit
scale would stretch it over everything."""


@dataclass(frozen=True)
class Assessed:
    """A figure from labels, with its 95 % interval for this batch.

    Attributes
    ----------
    value, low, high : a share in [0, 1], or for missed reports a number of rows; NaN if withheld.
    error : standard error of the value as that of this batch. 0 once every row is labelled.
    process_error : standard error of the value as that of where the batch came from; larger, for
        another batch would have had other rows.
    withheld : why there is no value, in a sentence; empty if there is one.
    """

    value: float
    low: float
    high: float
    error: float
    process_error: float
    withheld: str = ""

    def __str__(self) -> str:
        return self.withheld or f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def withhold(reason: str) -> Assessed:
    """A figure that is not given, and why."""
    return Assessed(math.nan, math.nan, math.nan, math.nan, math.nan, reason)


@dataclass(frozen=True, eq=False)
class Share:
    """A share of the batch whose numerator and denominator are linear in its labels y, (N, k).

    Attributes
    ----------
    above, fixed_above : (N, k) and (N,); the numerator is the sum of y times ``above``, over rows
        and categories, plus that of ``fixed_above``.
    below, fixed_below : the same for the denominator. No row may have less of it than of the
        numerator.
    """

    above: Floats
    fixed_above: Floats
    below: Floats
    fixed_below: Floats


def right_labels(decided: Floats) -> Share:
    """The share of labels that equal the decisions, (N, k) of 0 and 1."""
    k = decided.shape[1]
    size = len(decided)
    return Share((2 * decided - 1) / k, (1 - decided).mean(axis=1), 0 * decided, np.ones(size))


def f1_of(decided: Floats) -> Share:
    """The F1 of the decisions, (N, k) of 0 and 1: twice the hits by decisions plus positives."""
    return Share(2 * decided, np.zeros(len(decided)), np.ones_like(decided), decided.sum(axis=1))


def labels_of_a_kind(of: Floats, known: Floats | None = None) -> Share:
    """The share of labels that apply and are of a kind.

    Parameters
    ----------
    of : (N, k), 1 where a label is of that kind.
    known : (N, k), 1 for the labels of which it is a share; by default those that apply.
    """
    zeros = np.zeros(len(of))
    if known is None:
        return Share(of, zeros, np.ones_like(of), zeros)
    return Share(of, zeros, 0 * of, known.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Sample:
    """Labelled rows of a batch, from which shares of the batch are estimated.

    Attributes
    ----------
    probabilities : (N, k) of the whole batch: what the model expects of each label.
    places, inclusion, labels : (m,), (m,), (m, k) of the labelled rows.
    """

    probabilities: Floats
    places: Integers
    inclusion: Floats
    labels: Floats

    def of(self, category: int) -> Sample:
        """The same rows with one category."""
        j = [category]
        return Sample(self.probabilities[:, j], self.places, self.inclusion, self.labels[:, j])

    def share(self, share: Share, withheld: str = "") -> Assessed:
        """Estimate a share, or withhold it for a reason."""
        if withheld:
            return withhold(withheld)
        weights = 1 / self.inclusion
        p, here = self.probabilities, self.places
        residual = self.labels - p[here]

        def total(labels: Floats, fixed: Floats) -> float:
            """Estimated sum over the batch, no less than what was seen."""
            expected = (labels * p).sum() + fixed.sum()
            found = (weights * (labels[here] * residual).sum(axis=1)).sum()
            seen = (labels[here] * self.labels).sum() + fixed[here].sum()
            return max(float(expected + found), float(seen))

        part = total(share.above, share.fixed_above)
        rest = total(share.below - share.above, share.fixed_below - share.fixed_above)
        whole = part + rest
        if whole <= 0:
            return withhold(wording.NO_SHARE)
        value = part / whole

        slopes = (share.above - value * share.below)[here] / whole
        variance = self._variance((slopes * residual).sum(axis=1), slopes)
        ours = (slopes * self.labels).sum(axis=1) + (
            (share.fixed_above - value * share.fixed_below)[here] / whole
        )
        size = len(p)
        m = len(here)
        centre = np.average(ours, weights=weights)
        between = np.average((ours - centre) ** 2, weights=weights) * m / max(m - 1, 1)
        error = math.sqrt(variance)
        low, high = interval(value, error, m - 1)
        # The shares are sums over the batch, so rows that are others add N times their variance.
        return Assessed(value, low, high, error, math.sqrt(variance + size * between))

    def _variance(self, residuals: Floats, slopes: Floats) -> float:
        """Variance of an estimated sum over the batch (Deville 1999).

        Parameters
        ----------
        residuals : (m,) what each labelled row adds beyond what was expected of it.
        slopes : (m, k) its derivative by each label; from it follows the variance that the
            probabilities let expect, which counts as a few more rows.
        """
        m = len(residuals)
        if m < 2:
            return 0.0
        free = 1 - self.inclusion
        if not free.any():
            return 0.0
        c = free * m / (m - 1)
        scaled = residuals / self.inclusion
        centre = (c * scaled).sum() / c.sum()
        observed = float((c * (scaled - centre) ** 2).sum())
        p = self.probabilities[self.places]
        planned = float((free * (slopes**2 * p * (1 - p)).sum(axis=1) / self.inclusion**2).sum())
        return ((m - 1) * observed + PRIOR * planned) / (m - 1 + PRIOR)


def interval(value: float, error: float, freedom: int) -> tuple[float, float]:
    """95 % interval of a share on the logit scale, where it cannot leave [0, 1].

    Parameters
    ----------
    value : the share.
    error : its standard error.
    freedom : degrees of freedom of Student's t.

    >>> low, high = interval(0.9, 0.02, 99)
    >>> round(low, 3), round(high, 3)
    (0.853, 0.933)
    """
    if error == 0:
        return value, value
    reach = float(scipy.special.stdtrit(max(freedom, 1), (1 + LEVEL) / 2)) * error
    low, high = max(value - MOST_UNEVEN * reach, 0.0), min(value + MOST_UNEVEN * reach, 1.0)
    if not 0 < value < 1:
        return low, high
    middle, reach = float(scipy.special.logit(value)), reach / (value * (1 - value))
    return (
        max(low, float(scipy.special.expit(middle - reach))),
        min(high, float(scipy.special.expit(middle + reach))),
    )

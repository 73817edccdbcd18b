"""Choosing the thresholds and bands of the three modes, and measuring what each finds and costs.

With calibrated probabilities the threshold that is best for F_b is F_b* / (1 + b²), where F_b* is
the best value [1]_ [2]_. It is steadier than the place of the best.

Around each threshold lies a band in which the answer is called unsure. A missed report costs
1 − t and a needless alert t, which makes t the threshold; the answer is unsure where either
decision would cost more than some d [3]_. d is chosen so that one description in seven is unsure;
what the others are worth is measured.

Thresholds and edges lie between two whole per cent: whoever holds a probability rounded to per
cent, as the check and the store do, decides the same.

References
----------
.. [1] Ye, N., Chai, K. M., Lee, W. S. and Chieu, H. L. (2012). Optimizing F-measure: a tale of two
   approaches. ICML.
.. [2] Lipton, Z. C., Elkan, C. and Naryanaswamy, B. (2014). Optimal thresholding of classifiers to
   maximize F1 measure. ECML PKDD (for b = 1).
.. [3] Chow, C. K. (1970). On optimum recognition error and reject tradeoff. IEEE Transactions on
   Information Theory 16(1), 41–46.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from afterword.arrays import Floats, Integers
from afterword.model.classifier import Classifier
from afterword.model.evaluation import LEVEL, Estimate
from afterword.model.modes import SURE, CategoryMode, Mode, ModeQuality
from afterword.settings import BALANCED, BE_SURE, FIND_MORE

HALF_CENTS: Final = (np.arange(1, 100) - 0.5) / 100
"""Thresholds and edges of bands: 0.005 … 0.985."""
BETAS: Final = {BALANCED: 1.0, FIND_MORE: 2.0}
"""How many times as much as precision recall counts, before squaring."""
RANGES: Final = {BALANCED: (0.2, 0.6), FIND_MORE: (0.05, 0.5)}
"""Outside of it a best F is an accident of few examples."""
CONFIDENCE: Final = 0.95
"""One-sided confidence with which the promise was kept out of fold (Clopper and Pearson 1934)."""
UNSURE_SHARE: Final = 0.15
"""Descriptions that are called unsure, per category: about what people can read besides."""


def choose_modes(labels: NDArray[Any], probabilities: Floats, groups: Integers) -> tuple[Mode, ...]:
    """Choose thresholds and bands of every mode.

    Parameters
    ----------
    labels : (n, k) of 0 and 1.
    probabilities : (n, k) calibrated, out of fold.
    groups : (n,) equal for repeats of one description, which tell less than as many others.
    """
    positive = np.asarray(labels).astype(bool)
    decided = probabilities[None] >= HALF_CENTS[:, None, None]
    hits = (decided & positive[None]).sum(axis=1)
    alerts, positives = decided.sum(axis=1), positive.sum(axis=0)
    found = {}
    for name, weight in BETAS.items():
        squared = weight**2
        best = ((1 + squared) * hits / np.maximum(alerts + squared * positives, 1)).max(axis=0)
        found[name] = _between_cents(np.clip(best / (1 + squared), *RANGES[name]))
    units = len(np.unique(groups)) / len(groups)
    found[BE_SURE] = _sure_thresholds(hits * units, alerts * units, found[BALANCED])
    modes = []
    for name, thresholds in found.items():
        bands = [
            _band(own, float(threshold))
            if not math.isnan(threshold)
            # What may be there cannot be told surely, so it is unsure wherever it is likely.
            else (float(found[BALANCED][j]), 1.0)
            for j, (own, threshold) in enumerate(zip(probabilities.T, thresholds, strict=True))
        ]
        modes.append(Mode(name, thresholds, np.array(bands)))
    return tuple(modes)


def measure_modes(
    model: Classifier, labels: NDArray[Any], probabilities: Floats, groups: Integers
) -> tuple[ModeQuality, ...]:
    """Measure what every mode finds and costs.

    Parameters
    ----------
    model : whose modes are measured.
    labels : (n, k) of 0 and 1.
    probabilities : (n, k) calibrated, out of fold.
    groups : (n,) equal for repeats of one description.

    Returns
    -------
    tuple of ModeQuality
        With 95 % intervals of ratios by linearisation over groups, on the log-odds scale.
    """
    units = np.unique(groups, return_inverse=True)[1].ravel()
    found = []
    for mode in model.modes:
        alerts, unsure = mode.decide(probabilities), mode.unsure(probabilities)
        categories = []
        for j, category in enumerate(model.categories):
            truth, alert, sure = labels[:, j].astype(bool), alerts[:, j], ~unsure[:, j]
            attained = not math.isnan(mode.thresholds[j])
            categories.append(
                CategoryMode(
                    category=category,
                    threshold=float(mode.thresholds[j]) if attained else None,
                    low=float(mode.bands[j, 0]),
                    high=float(mode.bands[j, 1]),
                    precision=share(truth & alert, alert, units) if attained else None,
                    recall=share(truth & alert, truth, units) if attained else None,
                    decided=share(sure, np.ones(len(sure), bool), units),
                    accuracy=share(sure & (alert == truth), sure, units),
                )
            )
        found.append(ModeQuality(mode.name, tuple(categories)))
    return tuple(found)


def share(part: NDArray[np.bool_], whole: NDArray[np.bool_], units: Integers) -> Estimate:
    """A share with its 95 % interval, where units (groups of repeats) are drawn and not rows.

    Parameters
    ----------
    part, whole : (n,) the rows that count, and those that they are a share of.
    units : (n,) number of each row's unit, from 0.

    Returns
    -------
    Estimate
        By linearisation of the ratio (Särndal, Swensson and Wretman 1992, section 5.6), on the
        scale of log-odds; NaN where the whole is empty.

    >>> found = share(np.array([1, 1, 0, 0], bool), np.ones(4, bool), np.arange(4))
    >>> found.value, found.low < 0.2, found.high > 0.8
    (0.5, True, True)
    """
    a, b = (np.bincount(units, side.astype(float)) for side in (part, whole))
    total = b.sum()
    if total == 0:
        return Estimate(math.nan, math.nan, math.nan)
    value = float(a.sum() / total)
    if value in (0.0, 1.0):
        # No variance to be seen: the exact bounds.
        edge = float(betaincinv(total, 1, (1 - LEVEL) / 2))
        return Estimate(value, edge, 1.0) if value else Estimate(value, 0.0, 1 - edge)
    error = math.sqrt(float(((a - value * b) ** 2).sum())) / float(total)
    width = 1.96 * error / (value * (1 - value))
    centre = math.log(value / (1 - value))
    low, high = (1 / (1 + math.exp(-(centre + sign * width))) for sign in (-1, 1))
    return Estimate(value, low, high)


def _sure_thresholds(hits: Floats, alerts: Floats, balanced: Floats) -> Floats:
    """The lowest thresholds (k,), not below the balanced ones, that keep the promise; or NaN."""
    bound = betaincinv(np.maximum(hits, 1e-9), alerts - hits + 1, 1 - CONFIDENCE)
    kept = (bound >= SURE) & (HALF_CENTS[:, None] >= balanced)
    first = kept.argmax(axis=0)
    thresholds: Floats = np.where(kept.any(axis=0), HALF_CENTS[first], np.nan)
    return thresholds


def _band(probabilities: Floats, threshold: float) -> tuple[float, float]:
    """The band around a threshold that makes about the wanted share unsure."""
    costs = np.linspace(0, threshold * (1 - threshold), 200)
    lows = _between_cents(costs / (1 - threshold))
    highs = _between_cents(1 - costs / threshold)
    shares = np.array(
        [
            ((probabilities >= low) & (probabilities < high)).mean()
            for low, high in zip(lows, highs, strict=True)
        ]
    )
    best = int(np.abs(shares - UNSURE_SHARE).argmin())
    return float(lows[best]), float(highs[best])


def _between_cents(values: Floats) -> Floats:
    """The nearest values between two whole per cent."""
    found: Floats = np.round((np.floor(np.asarray(values) * 100 + 1e-9) + 0.5) / 100, 4)
    return found

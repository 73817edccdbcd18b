"""Choosing the thresholds and bands of the three modes, and measuring what each finds and costs.

With calibrated probabilities the threshold that is best for F_b is F_b* / (1 + b²), where F_b* is
the best value [1]_ [2]_. It is steadier than the place of the best. Nothing keeps it from being
low: of a rare category a low one is the best.

A category works if what its alerts and its reports have in common is more than if every description
were called so, by the exact lower 99 % limit [3]_ of their Jaccard index, which grows with F1. One
that does not work is never predicted, in no mode.

Where an answer is unsure follows from a promise: :mod:`afterword.training.promises`.

Thresholds and edges lie between two whole per cent: whoever holds a probability rounded to per
cent, as the check and the store do, decides the same.

References
----------
.. [1] Ye, N., Chai, K. M., Lee, W. S. and Chieu, H. L. (2012). Optimizing F-measure: a tale of two
   approaches. ICML.
.. [2] Lipton, Z. C., Elkan, C. and Naryanaswamy, B. (2014). Optimal thresholding of classifiers to
   maximize F1 measure. ECML PKDD (for b = 1).
.. [3] Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits
   illustrated in the case of the binomial. Biometrika 26, 404–413.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from afterword.arrays import Floats, Integers
from afterword.model.evaluation import LEVEL, Estimate
from afterword.model.modes import SURE, CategoryMode, Mode, ModeQuality
from afterword.settings import BALANCED, BE_SURE, FIND_MORE
from afterword.training.promises import NEVER, Promise, choose_promise, distinct_rows

HALF_CENTS: Final = (np.arange(1, 100) - 0.5) / 100
"""Thresholds: 0.005 … 0.985."""
BETAS: Final = {BALANCED: 1.0, FIND_MORE: 2.0}
"""How many times as much as precision recall counts, before squaring."""
CONFIDENCE: Final = 0.95
"""One-sided confidence with which the promise was kept out of fold (Clopper and Pearson 1934)."""
WORKS: Final = 0.99
"""The same for whether a category works: strict, as its threshold was chosen on the same rows."""
PROMISE: Final = 0.95
"""Share of the answers that are not unsure that is promised to be right, if none is given."""


@dataclass(frozen=True)
class Choice:
    """How a model decides.

    Attributes
    ----------
    modes : in the order of :data:`afterword.settings.MODES`.
    thresholds : (k,) that are best for F1, also of a category that does not work.
    promises : of each category.
    wanted : the share that was to be promised.
    """

    modes: tuple[Mode, ...]
    thresholds: Floats
    promises: tuple[Promise, ...]
    wanted: float

    @property
    def works(self) -> NDArray[np.bool_]:
        """Whether each category (k,) is predicted in any way."""
        found: NDArray[np.bool_] = ~np.isnan(self.modes[0].thresholds)
        return found

    @property
    def counted(self) -> Floats | None:
        """The thresholds, where they are not those of the first mode."""
        return None if self.works.all() else self.thresholds


def choose_modes(
    labels: NDArray[Any], probabilities: Floats, groups: Integers, promise: float = PROMISE
) -> Choice:
    """Choose thresholds and bands of every mode.

    Parameters
    ----------
    labels : (n, k) of 0 and 1.
    probabilities : (n, k) calibrated, out of fold.
    groups : (n,) equal for repeats of one description, which tell less than as many others.
    promise : share of the answers that are not unsure that is to be right.
    """
    positive = np.asarray(labels).astype(bool)
    decided = probabilities[None] >= HALF_CENTS[:, None, None]
    hits = (decided & positive[None]).sum(axis=1)
    alerts, positives = decided.sum(axis=1), positive.sum(axis=0)
    found = {}
    for name, weight in BETAS.items():
        squared = weight**2
        best = ((1 + squared) * hits / np.maximum(alerts + squared * positives, 1)).max(axis=0)
        found[name] = _between_cents(best / (1 + squared))
    units = len(np.unique(groups)) / len(groups)
    found[BE_SURE] = _sure_thresholds(hits * units, alerts * units, found[BALANCED])
    works = _works(positive, probabilities >= found[BALANCED], units)
    shares, distinct = distinct_rows(positive.astype(float), probabilities, groups)
    promises = [
        choose_promise(own, right, float(threshold), promise)
        for own, right, threshold in zip(
            distinct.T, shares.T, np.where(works, found[BALANCED], NEVER), strict=True
        )
    ]
    modes = []
    for name, thresholds in found.items():
        own = np.where(works, thresholds, np.nan)
        # What is only not sure enough for this way to decide is unsure wherever it is likely.
        begins = np.where(np.isnan(own) & works, found[BALANCED], np.where(works, own, NEVER))
        bands = [
            (each.band(float(begin))[0], each.band(float(np.nan_to_num(one, nan=NEVER)))[1])
            for each, one, begin in zip(promises, own, begins, strict=True)
        ]
        modes.append(Mode(name, own, np.array(bands)))
    return Choice(tuple(modes), found[BALANCED], tuple(promises), promise)


def measure_modes(
    choice: Choice,
    categories: Sequence[str],
    labels: NDArray[Any],
    probabilities: Floats,
    groups: Integers,
) -> tuple[ModeQuality, ...]:
    """Measure what every mode finds and costs.

    Parameters
    ----------
    choice : the modes that are measured.
    categories : k names.
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
    for mode in choice.modes:
        alerts, unsure = mode.decide(probabilities), mode.unsure(probabilities)
        told = []
        for j, category in enumerate(categories):
            truth, alert, sure = labels[:, j].astype(bool), alerts[:, j], ~unsure[:, j]
            attained = not math.isnan(mode.thresholds[j])
            told.append(
                CategoryMode(
                    category=category,
                    threshold=float(mode.thresholds[j]) if attained else None,
                    low=float(mode.bands[j, 0]),
                    high=float(mode.bands[j, 1]),
                    precision=share(truth & alert, alert, units) if attained else None,
                    recall=share(truth & alert, truth, units) if attained else None,
                    decided=share(sure, np.ones(len(sure), bool), units),
                    accuracy=share(sure & (alert == truth), sure, units) if sure.any() else None,
                    right_no=choice.promises[j].no,
                    right_yes=choice.promises[j].yes,
                    works=bool(choice.works[j]),
                )
            )
        found.append(ModeQuality(mode.name, tuple(told), choice.wanted))
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


def _works(positive: NDArray[np.bool_], decided: NDArray[np.bool_], units: float) -> Any:
    """Whether each category (k,) is found better than by calling every description so."""
    hits = (positive & decided).sum(axis=0) * units
    either = (positive | decided).sum(axis=0) * units
    bound = betaincinv(np.maximum(hits, 1e-9), either - hits + 1, 1 - WORKS)
    return bound > positive.mean(axis=0)


def _between_cents(values: Floats) -> Floats:
    """The nearest values between two whole per cent."""
    found: Floats = np.round((np.floor(np.asarray(values) * 100 + 1e-9) + 0.5) / 100, 4)
    return found

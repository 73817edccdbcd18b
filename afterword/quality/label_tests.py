"""Tests of one category's labels that hold where it is rare, and where labels are many.

F1 = 2J/(1 + J), where J is the share of hits among the rows that have the category or were given
it. So a fall of F1 is a fall of J, and hits are counts: the test is the exact one of the
beta-binomial distribution that training's counts predict, with Jeffreys' prior.

Labels that are missing, or added, are told by the probabilities: rows of one probability have the
category as often as they had in training, whatever the mix. If a share μ of the labels is missing,
the locally most powerful statistic is Σ(p − y)/(1 − p), with 1 − p at least .2; if a share α of the
other rows has the label by mistake, it is Σ(y − p)/p, with p at least .2. Its tail is that of the
saddlepoint approximation (Lugannani and Rice 1980), which is exact to a few per cent even where
only a handful of labels is expected. What training knows of these shares is limited: each region
of probability has a gamma distribution of its own for observed over expected.

A mix of categories other than training's changes p(y|x) itself. So the share of the category is
estimated from the probabilities alone, without labels, and the test is made with and without this
correction, the error of the share included; only what both find is found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from afterword.model.outcomes import CENTS

LEAST_REST: Final = 0.2
"""Smallest divisor of a row's weight: a row that is nearly sure must not outweigh all others."""
REGIONS: Final = np.searchsorted(
    [1, 2, 3, 5, 8, 12, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100], np.arange(CENTS), side="right"
)
"""Region of probability (101,) of each whole per cent."""
POINTS: Final = np.clip(np.arange(CENTS) / (CENTS - 1), 0.0025, 0.9975)
"""What a probability was before it was rounded; at the ends, the middle of what rounds to them."""
SHIFTS: Final = np.linspace(-6, 6, 241)
"""Changes of a category's log-odds that are tried; their prior is the normal one."""
_DEVIATES: Final = np.geomspace(0.3, 60, 80)


@dataclass(frozen=True)
class Found:
    """A test of labels that are missing or added.

    Attributes
    ----------
    value : share that is missing or added, estimated; negative where there is the opposite.
    threshold : share from which it is beyond chance; NaN where no number of labels would be.
    low, high : 95 % interval of the share, in [0, 1].
    """

    value: float
    threshold: float
    low: float
    high: float


def least_share(cases: float, hits: float, whole: float, level: float) -> float:
    """Share of hits among ``cases`` below which chance hardly ever brings it.

    Parameters
    ----------
    cases : rows that have the category or were given it; rounded down.
    hits, whole : the same in training, hits and all.
    level : probability of the lower tail.

    Returns
    -------
    Midway between the largest number of hits that is too few and the next; NaN if none is.

    >>> least_share(4, 60, 100, 0.001), round(least_share(20, 60, 100, 0.001), 3)
    (nan, 0.225)
    """
    n = math.floor(cases + 1e-9)
    if n < 1:
        return math.nan
    a, b, x = hits + 0.5, whole - hits + 0.5, np.arange(n + 1)
    choose = (
        scipy.special.gammaln(n + 1)
        - scipy.special.gammaln(x + 1)
        - scipy.special.gammaln(n - x + 1)
    )
    chances = np.exp(choose + scipy.special.betaln(x + a, n - x + b) - scipy.special.betaln(a, b))
    few = int(np.searchsorted(np.cumsum(chances), level, side="right"))
    return (few - 0.5) / n if few else math.nan


def f1(share: float) -> float:
    """F1 where this share of the rows that have the category or were given it are hits."""
    return 2 * share / (1 + share)


def cases_needed(hits: float, whole: float, level: float) -> int:
    """Rows with the category, or given it, of which no hit at all would be beyond chance."""
    a, b = hits + 0.5, whole - hits + 0.5
    n = np.arange(1, 2_000)
    rare = scipy.special.betaln(a, b + n) - scipy.special.betaln(a, b) <= math.log(level)
    return int(n[rare.argmax()]) if rare.any() else len(n) + 1


@dataclass(frozen=True, eq=False)
class Rates:
    """How often rows of each probability had the category in training.

    Attributes
    ----------
    rates : (101,) of each whole per cent.
    shapes : (r,) of the gamma distribution of observed over expected in each region, for rare
        cases.
    rows : (101,) training rows.
    """

    rates: np.ndarray
    shapes: np.ndarray
    rows: np.ndarray


def rates_of(counts: np.ndarray, worth: float = 1.0) -> Rates:
    """Rates of a category in training.

    Parameters
    ----------
    counts : (101, 2) rows at each per cent of probability, and those with the category.
    worth : rows of its kind that one row tells as much as: below 1 where texts repeat.
    """
    rows, positives = counts.T.astype(float)
    expected = np.bincount(REGIONS, rows * POINTS)
    seen = np.bincount(REGIONS, positives)
    # One expected case at the rate that the calibration promises.
    ratio = (seen + 1) / (expected + 1)
    rates = np.clip(POINTS * ratio[REGIONS], 1e-4, 1 - 1e-3)
    return Rates(rates, worth * seen + 1, rows)


def shift(rates: np.ndarray, by: float | np.ndarray) -> np.ndarray:
    """Rates where the log-odds of the category have moved and nothing else has."""
    odds = np.exp(by) * rates
    moved: np.ndarray = odds / (odds + 1 - rates)
    return moved


def find_shift(batch: np.ndarray, before: Rates) -> tuple[float, float]:
    """By how much a category's log-odds moved, told by probabilities alone, and its variance.

    Parameters
    ----------
    batch : (101,) rows of the batch at each per cent of probability.
    before : of training.
    """
    own = before.rates
    n, trained = batch.sum(), before.rows.sum()
    share = float(before.rows @ own / trained)
    shares = shift(np.array(share), SHIFTS)
    ratio = np.outer(shares / share, own) + np.outer((1 - shares) / (1 - share), 1 - own)
    likely = np.log(ratio) @ batch - SHIFTS**2 / 2
    at = int(likely.argmax())
    by = float(SHIFTS[at])
    moved = shift(own, by)
    information = n * shares[at] * (1 - shares[at]) - batch @ (moved * (1 - moved))
    return by, (1 + n / trained) / (max(float(information), 0.0) + 1)


def missing_and_added(
    labelled: np.ndarray, labels: np.ndarray, batch: np.ndarray, before: Rates, level: float
) -> tuple[Found, Found]:
    """Test whether labels of a category are missing, and whether there are some too many.

    Parameters
    ----------
    labelled : (101,) labelled rows at each per cent of probability. How they were chosen does not
        matter as long as nobody looked at what they say.
    labels : (101,) of these, with the label.
    batch : (101,) all rows of the batch.
    before : of training.
    level : chance of either to be found where it is not.

    Returns
    -------
    Each the less surprising of two tests: with the mix of training, and with that of the batch.
    """
    mixes = ((0.0, 0.0), find_shift(batch, before))
    fewer, more = (
        min(
            (_test(labelled, labels, before, *mix, level, side) for mix in mixes),
            key=lambda one: _excess(one.value, one.threshold),
        )
        for side in (-1, 1)
    )
    return fewer, more


def _excess(value: float, threshold: float) -> float:
    return -math.inf if math.isnan(threshold) else value / threshold


def _test(
    labelled: np.ndarray,
    labels: np.ndarray,
    before: Rates,
    by: float,
    variance: float,
    level: float,
    side: int,
) -> Found:
    p = shift(before.rates, by)
    weights = 1 / np.maximum(p if side > 0 else 1 - p, LEAST_REST)
    # One unit of the share adds so much: labels where there were none, or none where there were.
    unit = float(labelled @ (weights * (1 - p if side > 0 else p)))
    if not unit:
        return Found(math.nan, math.nan, math.nan, math.nan)
    value = side * float(weights @ (labels - labelled * p)) / unit
    slope = float(labelled @ (weights * p * (1 - p)))
    # The relative error of a rate is less where it is near 1, and moves with the odds.
    shapes = before.shapes[REGIONS] * (1 - before.rates) / (1 - p) ** 2
    error = slope**2 * variance
    reach, half = _reach(labelled, p, weights, shapes, error, (level, 0.025), side) / unit
    low, high = (min(max(value + sign * half, 0.0), 1.0) for sign in (-1, 1))
    return Found(value, float(reach) if reach <= 1 else math.nan, low, high)


def _reach(
    rows: np.ndarray,
    p: np.ndarray,
    weights: np.ndarray,
    shapes: np.ndarray,
    variance: float,
    levels: tuple[float, ...],
    side: int,
) -> np.ndarray:
    """Values that Σ w·side·(y − p) exceeds with these probabilities; infinite if it cannot."""
    moves = np.bincount(REGIONS, rows * weights * p)
    used, held = rows > 0, moves > 0
    moves, shape = moves[held], (np.bincount(REGIONS, shapes) / np.bincount(REGIONS))[held]
    n, p, w = rows[used], p[used], weights[used]
    spread = math.sqrt(float(n @ (w**2 * p * (1 - p)) + (moves**2 / shape).sum() + variance))
    t = _DEVIATES / spread
    if side > 0:  # a gamma distribution has moments up to a point
        t = t / (1 + t * 1.001 * float((moves / shape).max()))
    tilted = side * w * t[:, None]
    grown = 1 - p + p * np.exp(tilted)
    posterior = p * np.exp(tilted) / grown
    scaled = side * moves * t[:, None] / shape
    cumulant = (
        (n * (np.log(grown) - tilted * p)).sum(axis=1)
        - (shape * (np.log1p(-scaled) + scaled)).sum(axis=1)
        + variance * t**2 / 2
    )
    first = (
        (n * side * w * (posterior - p)).sum(axis=1)
        + (side * moves * (1 / (1 - scaled) - 1)).sum(axis=1)
        + variance * t
    )
    second = (
        (n * w**2 * posterior * (1 - posterior)).sum(axis=1)
        + (moves**2 / shape / (1 - scaled) ** 2).sum(axis=1)
        + variance
    )
    r = np.sqrt(np.maximum(2 * (t * first - cumulant), 1e-12))
    v = t * np.sqrt(second)
    tails = np.exp(scipy.special.log_ndtr(-r + np.log(r / v) / r))
    # Tails fall along the grid; what lies beyond its end is not reached.
    logs = np.log(np.maximum(tails, 1e-300))[::-1]
    wanted = np.log(levels)
    return np.where(wanted < logs[0], math.inf, np.interp(wanted, logs, first[::-1]))

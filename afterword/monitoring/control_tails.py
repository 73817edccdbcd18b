"""Tails and quantiles for the control charts: skewed scores, Student's t, counts, new crossings.

References
----------
Anscombe, F. J. (1953). In the discussion of Hotelling, H., New light on the correlation
coefficient and its transforms. Journal of the Royal Statistical Society B 15.
Korn, E. L., & Graubard, B. I. (1998). Confidence intervals for proportions with small expected
number of positive counts estimated from survey data. Survey Methodology 24.
Wallace, D. L. (1959). Bounds on normal approximations to Student's and the chi-square
distributions. Annals of Mathematical Statistics 30.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from afterword.arrays import Floats

Bools = NDArray[np.bool_]

LONG_POWER: Final = 2 / 3
"""Power that makes a Poisson count nearly normal (Anscombe 1953), for the long tail. Means of
skewed values on a few bins have kurtosis ≈ skewness², as a Poisson count has."""
SHORT_POWER: Final = 1 / 2
"""The power for the short tail: nearer to the gamma's 1/3, so that a line stays out of the way of
the least value that there can be."""
HEAVY_POWER: Final = 0.2
"""The power for the long tail if all variance were between periods, found by simulation."""
TRUSTED: Final = 0.3
"""How near to its end a short tail is believed; found by simulation."""


def scaled(ratio: Floats, rows: Floats) -> Floats:
    """The ratio to sampling variance where periods have so many times the rows."""
    return np.where(ratio > 1, 1 + (ratio - 1) * rows, ratio)


def stretch(z: float | Floats, freedom: Floats) -> Floats:
    """Student's t with the tail of a normal z (Wallace 1959)."""
    z = np.minimum(z * (8 * freedom + 3) / (8 * freedom + 1), 30)
    return np.sqrt(freedom * np.expm1(z**2 / freedom))


def shrink(t: Floats, freedom: Floats) -> Floats:
    """The normal z with the tail of a Student's t: the inverse of ``stretch``."""
    root = np.sqrt(freedom * np.log1p(t**2 / freedom))
    return np.sign(t) * root * (8 * freedom + 1) / (8 * freedom + 3)


def lines(
    critical: Floats, variance: Floats, own: Floats, skewness: Floats
) -> tuple[Floats, Floats]:
    """Quantiles of a score with such a variance, ``own`` of it without training's.

    Where periods differ, skewed values make skewed periods: the third cumulant is that of
    exponential tilting, and the long tail is heavier than a Poisson count's. The short tail is
    taken as long as it is where periods differ symmetrically.
    """
    own = own.clip(1)
    extra = own - 1

    def quantile(z: Floats, full: float) -> Floats:
        long = z * skewness > 0
        g = skewness * (1 + 3 * extra + full * extra**2) / variance.clip(1) ** 1.5
        g = np.where(np.abs(g) < 1e-6, 1e-6, g)
        power = np.where(long, HEAVY_POWER + (LONG_POWER - HEAVY_POWER) / own, SHORT_POWER)
        a = g / (3 * (1 - power))
        base = 1 + a * power * (z - g / 6)
        x = np.sqrt(variance) * ((base.clip(0) ** (1 / power) - 1) / a)
        if not full:
            return np.where(base > 0, x, -2 * np.sqrt(variance) / g)
        return np.where(long | (base > TRUSTED), x, quantile(z, 0.0))

    return quantile(-critical, 3.0), quantile(critical, 3.0)


def at_least(k: Floats, n: Floats, p: Floats, variance: Floats) -> Floats:
    """P(X ≥ k) for a count whose variance is so many times the binomial's (Korn & Graubard)."""
    a = (k - 0.5) / variance + 0.5
    b = n / variance - a + 1
    inside = scipy.special.betainc(a.clip(1e-9), b.clip(1e-9), p)
    return np.where(
        k <= 0, 1.0, np.where(k > n, 0.0, np.where(a <= 0, 1.0, np.where(b <= 0, 0.0, inside)))
    )


def at_most(k: Floats, n: Floats, p: Floats, variance: Floats) -> Floats:
    """P(X ≤ k) for such a count."""
    return at_least(n - k, n, 1 - p, variance)


def steps(guess: Floats, tail: Floats, given: tuple[Floats, Floats, Floats]) -> Floats:
    """The smallest count whose upper tail is at most ``tail``, n + 1 if there is none."""
    n = given[0]
    k = np.rint(guess).clip(0, n + 1)
    for step in (-1, 1):
        moving = np.arange(k.size)
        while moving.size:
            at, limit = k[moving], tail[moving]
            some = n[moving], given[1][moving], given[2][moving]
            if step < 0:
                move = (at > 0) & (at_least(at - 1, *some) <= limit)
            else:
                move = (at <= n[moving]) & (at_least(at, *some) > limit)
            moving = moving[move]
            k[moving] += step
    return k


@lru_cache(maxsize=64)
def new_crossings(budget: float) -> tuple[Floats, Floats]:
    """Correlations of a statistic with itself a period before, and the z that it newly crosses,
    up or down, with probability ``budget``."""
    alike = np.linspace(0, 0.999, 200)
    nodes, weights = np.polynomial.legendre.leggauss(64)
    parts, weights = (nodes + 1) / 2, weights / 2
    z = np.full(alike.shape, -scipy.special.ndtri(budget / 2))
    for _ in range(30):
        now = -scipy.special.ndtri(scipy.special.ndtr(-z)[:, None] * parts)
        was = (z[:, None] - alike[:, None] * now) / np.sqrt(1 - alike[:, None] ** 2)
        new = scipy.special.ndtr(was) @ weights
        z = -scipy.special.ndtri(np.minimum(budget / 2 / new, 0.4))
    return alike, z


def newly(crossed: Bools, judged: Bools) -> Bools:
    """Judged periods that are crossed where the judged period before was not."""
    order = np.where(judged, np.arange(crossed.shape[-1]), -1)
    last = np.maximum.accumulate(order, axis=-1)
    last = np.concatenate([np.full_like(last[..., :1], -1), last[..., :-1]], axis=-1)
    before = np.take_along_axis(crossed, last.clip(0), axis=-1) & (last >= 0)
    return crossed & judged & ~before

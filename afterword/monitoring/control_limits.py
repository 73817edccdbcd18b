"""The numbers behind the control charts: scores, red lines, crossings, for many histories at once.

All scores are deviations from the centre in units of the standard error that sampling alone gives.

References
----------
Shewhart, W. A. (1931). Economic control of quality of manufactured product.
Roberts, S. W. (1959). Control chart tests based on geometric moving averages. Technometrics 1.
Lucas, J. M., & Saccucci, M. S. (1990). Exponentially weighted moving average control schemes:
properties and enhancements. Technometrics 32.
Laney, D. B. (2002). Improved control charts for attributes. Quality Engineering 14.
Smyth, G. K. (2004). Linear models and empirical Bayes methods for assessing differential
expression. Statistical Applications in Genetics and Molecular Biology 3.
Korn, E. L., & Graubard, B. I. (1998). Confidence intervals for proportions with small expected
number of positive counts estimated from survey data. Survey Methodology 24.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy
from numpy.typing import NDArray

from afterword.arrays import Floats
from afterword.errors import CheckError
from afterword.monitoring import wording
from afterword.monitoring.control_tails import (
    Bools,
    at_least,
    at_most,
    lines,
    new_crossings,
    newly,
    scaled,
    shrink,
    steps,
    stretch,
)

LEAST_ROWS: Final = 30
"""Descriptions below which a period is not judged: its mean is too far from a normal variable."""
LEAST_PERIODS: Final = 4
"""Earlier periods without which there are no red lines."""
LEAST_FREEDOM: Final = 4.0
"""Degrees of freedom without which a variance is too vague for a red line."""
MEMORY: Final = 0.2
"""Weight of the newest period in the trend (λ); .05 to .25 are usual (Lucas & Saccucci 1990)."""
WEEK: Final = 7
"""Days that may share what moves them."""
DAY: Final = 24
"""Hours that may share what moves them."""
EXACT: Final = 1.5
"""Ratio to the binomial variance up to which shares have binomial limits. Beyond it, periods
differ so much that their distribution matters more than the counts'."""
ONCE: Final = 0.95
"""Alarms left of the sum over both tests when those that both give count once; by simulation."""
LEAST_RATIO: Final = 0.75
"""Ratio to sampling variance below which none is believed: periods of a rare share look alike."""
CERTAIN: Final = 1e9
"""Degrees of freedom of what is as good as known."""
INDEPENDENT: Final = 0.75
"""Share of the charts' joint degrees of freedom that is counted: charts move together."""


@dataclass(frozen=True)
class Baselines:
    """The baselines of H histories of m charts as arrays, (H, m), and which are shares, (m,)."""

    share: Bools
    centre: Floats
    scale: Floats
    skewness: Floats
    rows: Floats

    @classmethod
    def make(
        cls, share: Bools, centre: Floats, spread: Floats, skewness: Floats, rows: Floats
    ) -> Baselines:
        """Keep a share off 0 and 1 (by half a description) and take its moments from itself."""
        if not (np.isfinite([centre, spread, skewness]).all() and (rows >= 1).all()):
            raise CheckError(wording.BASELINE_NO_NUMBER)
        if ((centre < 0) | (centre > 1))[:, share].any() or (spread < 0).any():
            raise CheckError(wording.BASELINE_OUT_OF_RANGE)
        p = (centre * rows + 0.5) / (rows + 1)
        binomial = np.sqrt(np.where(share, p * (1 - p), 1))
        return cls(
            share,
            np.where(share, p, centre),
            np.where(share, binomial, spread),
            np.where(share, (1 - 2 * p) / binomial, skewness),
            rows,
        )


@dataclass(frozen=True)
class Judgement:
    """What the two tests say of H histories; every array has shape (H, m, T).

    Attributes
    ----------
    chance : probability, while nothing changes, that this period raises a false alarm.
    alarms : new crossings. The others are those of ``Chart``.
    """

    judged: Bools
    jumped: Bools
    drifted: Bools
    alarms: Bools
    chance: Floats
    lower: Floats
    upper: Floats
    trend: Floats
    trend_lower: Floats
    trend_upper: Floats


def judge_charts(
    baselines: Baselines,
    values: Floats,
    rows: Floats,
    *,
    periods_per_year: float,
    alarms_per_year: float,
) -> Judgement:
    """Judge H histories of m charts over T periods; ``values`` and ``rows`` are (H, m, T)."""
    budget = alarms_per_year / values.shape[1] / periods_per_year / 2
    span = _span(periods_per_year)
    shape = values.shape[:2]
    near = _Spread(shape)
    far = near if span == 1 else _Spread(shape)
    past, trend = _Past(near, far, span), _Trend(shape)
    periods = []
    for t in range(values.shape[2]):
        period = _Period.make(baselines, values[..., t], rows[..., t])
        jump = _jump(baselines, period, near, past.seen, budget)
        drift = _drift(baselines, period, jump, trend, far, span, budget)
        periods.append(_in_units(baselines, period, jump, drift))
        past.add(period.scores, period.rows, period.enough & ~jump.crossed)
    found = {name: np.stack([one[name] for one in periods], axis=-1) for name in periods[0]}
    judged, jumped, drifted = (found.pop(name) for name in ("judged", "jumped", "drifted"))
    given = [found.pop(name) for name in ("variance", "freedom", "critical")]
    if baselines.share.any():
        for line in found.values():
            np.clip(line, 0, 1, out=line, where=baselines.share[:, None])
    chance = budget * judged + budget * np.isfinite(found["trend"])
    _move_to_steps(baselines, rows, judged, given, found, chance, budget)
    chance *= ONCE
    return Judgement(judged, jumped, drifted, newly(jumped | drifted, judged), chance, **found)


@dataclass(frozen=True)
class _Period:
    """One period of (H, m) charts: values, rows (1 where too few), scores, and where enough."""

    values: Floats
    rows: Floats
    scores: Floats
    enough: Bools

    @classmethod
    def make(cls, baselines: Baselines, values: Floats, rows: Floats) -> _Period:
        scale = baselines.scale
        enough = (rows >= LEAST_ROWS) & (scale > 0)
        safe = np.where(enough, rows, 1.0)
        scores = np.where(enough, values - baselines.centre, 0) / np.where(scale > 0, scale, 1)
        return cls(values, safe, scores * np.sqrt(safe), enough)


@dataclass(frozen=True)
class _Jump:
    """The test of a period alone: where it is made, where it crosses, and its red lines."""

    ready: Bools
    crossed: Bools
    low: Floats
    high: Floats
    variance: Floats
    freedom: Floats
    critical: Floats


def _jump(
    baselines: Baselines, period: _Period, near: _Spread, seen: Floats, budget: float
) -> _Jump:
    share, n, x = baselines.share, period.rows, period.scores
    variance, freedom = near.predict(n, 1, n / baselines.rows)
    ready = period.enough & (seen >= LEAST_PERIODS) & (freedom >= LEAST_FREEDOM)
    freedom = np.where(ready, freedom, CERTAIN)
    critical = stretch(float(-scipy.special.ndtri(budget / 2)), freedom)
    low, high = lines(
        critical, variance, variance - n / baselines.rows, baselines.skewness / np.sqrt(n)
    )
    beyond = (x < low) | (x > high)
    if share.any():
        k = np.rint(np.where(period.enough, period.values, 0) * n)[:, share]
        given = n[:, share], baselines.centre[:, share], variance[:, share]
        tail = scipy.special.ndtr(-critical[:, share])
        exact = (at_least(k, *given) <= tail) | (at_most(k, *given) <= tail)
        beyond[:, share] = np.where(given[2] <= EXACT, exact, beyond[:, share])
    return _Jump(ready, ready & beyond, low, high, variance, freedom, critical)


@dataclass(frozen=True)
class _Drift:
    """The test of the trend: where it is made, where it crosses, its level and red lines."""

    ready: Bools
    crossed: Bools
    level: Floats
    low: Floats
    high: Floats


def _drift(
    baselines: Baselines,
    period: _Period,
    jump: _Jump,
    trend: _Trend,
    far: _Spread,
    span: int,
    budget: float,
) -> _Drift:
    """Test the weighted mean of this period and those before, no jump counted in full."""
    x = period.scores
    trend.add(np.where(jump.ready, np.clip(x, jump.low, jump.high), x), period.rows, period.enough)
    level, unit, variance, freedom, alike = trend.predict(far, span, baselines.rows)
    ready = jump.ready & (freedom >= LEAST_FREEDOM)
    z = np.interp(alike, *new_crossings(budget))
    low, high = lines(
        stretch(z, np.where(ready, freedom, CERTAIN)),
        variance,
        variance - 1 / baselines.rows / unit**2,
        trend.skewness * baselines.skewness,
    )
    low, high = low * unit, high * unit
    return _Drift(ready, ready & ((level < low) | (level > high)), level, low, high)


def _in_units(
    baselines: Baselines, period: _Period, jump: _Jump, drift: _Drift
) -> dict[str, NDArray[Any]]:
    """What was found of a period, in the unit of the values; NaN where it was not judged."""
    centre, scale = baselines.centre, baselines.scale
    per_row = scale / np.sqrt(period.rows)
    numbers = (
        ("lower", centre + jump.low * per_row, jump.ready),
        ("upper", centre + jump.high * per_row, jump.ready),
        ("trend", centre + drift.level * scale, drift.ready),
        ("trend_lower", centre + drift.low * scale, drift.ready),
        ("trend_upper", centre + drift.high * scale, drift.ready),
        ("variance", jump.variance, jump.ready),
        ("freedom", jump.freedom, jump.ready),
        ("critical", jump.critical, jump.ready),
    )
    found = {name: np.where(known, number, np.nan) for name, number, known in numbers}
    return found | {"judged": jump.ready, "jumped": jump.crossed, "drifted": drift.crossed}


def _move_to_steps(
    baselines: Baselines,
    rows: Floats,
    judged: Bools,
    given: list[Floats],
    found: dict[str, Floats],
    chance: Floats,
    budget: float,
) -> None:
    """Put the red lines of shares between two counts, and correct the chance of crossing them."""
    variance, freedom, critical = given
    cells = judged & baselines.share[:, None] & (variance <= EXACT)
    if not cells.any():
        return
    n = rows[cells]
    p = np.broadcast_to(baselines.centre[..., None], rows.shape)[cells]
    counts = n, p, variance[cells]
    tail = scipy.special.ndtr(-critical[cells])
    high = steps(found["upper"][cells] * n, tail, counts)
    low = n - steps((1 - found["lower"][cells]) * n, tail, (n, 1 - p, variance[cells]))
    found["upper"][cells] = np.minimum((high - 0.5) / n, 1)
    found["lower"][cells] = np.maximum((low + 0.5) / n, 0)
    chance[cells] += (
        scipy.special.ndtr(-shrink(-scipy.special.ndtri(at_least(high, *counts)), freedom[cells]))
        + scipy.special.ndtr(-shrink(-scipy.special.ndtri(at_most(low, *counts)), freedom[cells]))
        - budget
    )


def _span(periods_per_year: float) -> int:
    """Periods that may share what moves them: the days of a week, the hours of a day."""
    return 1 if periods_per_year < 100 else WEEK if periods_per_year < 1_000 else DAY


class _Spread:
    """How much periods differ, against what sampling alone would give, for (H, m) charts.

    Half the squared difference of two periods' scores has mean 1 if only sampling makes them
    differ and 1 + τ²·n if periods have a variance of their own, τ² (Laney 2002). What shifts both
    does not count. Charts lend each other strength as far as they are alike (Smyth 2004).
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.squares, self.rows, self.pairs = (np.zeros(shape) for _ in range(3))
        self.known: tuple[Floats, Floats, Floats] | None = None

    def add(self, a: Floats, n_a: Floats, b: Floats, n_b: Floats, use: Bools) -> None:
        self.squares += use * (a - b) ** 2 / 2
        self.rows += use * (n_a + n_b) / 2
        self.pairs += use
        self.known = None

    def estimate(self) -> tuple[Floats, Floats, Floats]:
        """Ratio to sampling variance, the rows that it holds for, and degrees of freedom."""
        if self.known is not None:
            return self.known
        pairs = np.maximum(self.pairs, 1)
        some = self.pairs > 0
        freedom = np.where(some, 2 * pairs**2 / (3 * pairs - 1), 0)
        total = np.maximum(self.pairs.sum(-1, keepdims=True), 1)
        rows = np.where(some, self.rows / pairs, 1)
        mean_rows = self.rows.sum(-1, keepdims=True) / total
        pooled = scaled(self.squares.sum(-1, keepdims=True) / total, rows / mean_rows.clip(1))
        own = self.squares / pairs
        # Do charts differ more than their own noise? By so much less is lent.
        unlike = np.where(some, own / pooled.clip(1e-12) - 1, 0)
        excess = (freedom / 2 * unlike**2).sum(-1, keepdims=True) - np.maximum(
            some.sum(-1, keepdims=True) - 1, 0
        )
        noise = np.where(some, 2 + 12 / freedom.clip(1e-12), 0).sum(-1, keepdims=True)
        apart = (excess - 2 * np.sqrt(noise)) / (freedom.sum(-1, keepdims=True) / 2).clip(1e-12)
        lent = 2 / apart.clip(1e-6)
        ratio = ((freedom * own + lent * pooled) / (freedom + lent)).clip(LEAST_RATIO)
        joint = np.maximum(INDEPENDENT * freedom.sum(-1, keepdims=True), freedom)
        self.known = (
            np.where(some, ratio, 1), rows, np.where(some, np.minimum(freedom + lent, joint), 0),
        )  # fmt: skip
        return self.known

    def predict(self, rows: Floats, span: int, training: Floats) -> tuple[Floats, Floats]:
        """Variance of a score of so many rows, with ``training`` added to it, and its freedom."""
        ratio, of_rows, freedom = self.estimate()
        own = scaled(ratio, rows * span / of_rows)
        total = own + training
        return total, freedom * (total / own.clip(1e-12)) ** 2


class _Past:
    """Feeds both measures of spread with periods that raised no alarm.

    Where periods may share what moves them (span > 1), single periods are compared one more than
    a span apart, so that neither the effect nor the weekday is shared, and sums of whole spans two
    spans apart; the newest span is left out, because a shift that has just begun would widen
    its own lines.
    """

    def __init__(self, near: _Spread, far: _Spread, span: int) -> None:
        shape = near.pairs.shape
        self.near, self.far, self.span = near, far, span
        self.seen = np.zeros(shape)
        self.periods: list[tuple[Floats, Floats, Bools]] = []
        self.blocks: list[tuple[Floats, Floats, Bools]] = []
        self.last = np.zeros(shape), np.ones(shape)

    def add(self, x: Floats, n: Floats, use: Bools) -> None:
        span = self.span
        if span == 1:
            self.near.add(*self.last, x, n, use & (self.seen > 0))
            self.last = np.where(use, x, self.last[0]), np.where(use, n, self.last[1])
            self.seen += use
            return
        self.seen += use
        self.periods.append((x, n, use))
        if len(self.periods) > 2 * span:
            self._compare(self.near, self.periods[-span], self.periods[-2 * span - 1])
        if len(self.periods) % span == 0:
            x, n, use = (np.stack(part) for part in zip(*self.periods[-span:], strict=True))
            total = (n * use).sum(0)
            score = (np.sqrt(n) * x * use).sum(0) / np.sqrt(total.clip(1))
            self.blocks.append((score, total, use.sum(0) > span / 2))
            if len(self.blocks) > 3:
                self._compare(self.far, self.blocks[-2], self.blocks[-4])

    @staticmethod
    def _compare(
        spread: _Spread, a: tuple[Floats, Floats, Bools], b: tuple[Floats, Floats, Bools]
    ) -> None:
        spread.add(a[0], a[1], b[0], b[1], a[2] & b[2])


class _Trend:
    """The exponentially weighted mean deviation of (H, m) charts, in standard deviations."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.sum, self.rows, self.square, self.square_rows, self.cube = (
            np.zeros(shape) for _ in range(5)
        )
        self.before: tuple[Floats, Floats, Floats] | None = None
        self.skewness = np.zeros(shape)

    def add(self, x: Floats, n: Floats, use: Bools) -> None:
        keep, new = np.where(use, 1 - MEMORY, 1), MEMORY * use
        self.sum = keep * self.sum + new * np.sqrt(n) * x
        self.rows = keep * self.rows + new * n
        self.square = keep**2 * self.square + new**2 * n
        self.square_rows = keep**2 * self.square_rows + new**2 * n**2
        self.cube = keep**3 * self.cube + new**3 * n

    def predict(
        self, spread: _Spread, span: int, training: Floats
    ) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Level, its error by sampling alone, its variance in units of that error squared,
        degrees of freedom, and correlation with the level of the period before."""
        rows, square = self.rows.clip(1e-12), self.square.clip(1e-12)
        unit = square / rows**2
        inflated, freedom = spread.predict(self.square_rows / square, span, 1 / training / unit)
        variance = inflated * unit
        self.skewness = self.cube / rows**3 / unit**1.5
        alike = np.zeros(rows.shape)
        if self.before is not None:
            rows_0, square_0, variance_0 = self.before
            own = (inflated - 1 / training / unit) * (1 - MEMORY) * square_0 / (rows * rows_0)
            alike = (own + 1 / training) / np.sqrt(variance * variance_0)
        self.before = rows, square, variance
        return self.sum / rows, np.sqrt(unit), inflated, freedom, alike

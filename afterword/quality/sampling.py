"""Which rows of a checked batch are most worth labelling: a random sample that knows its odds.

Every row may be drawn, the unsure ones more often, and each drawn row carries the probability
with which it was. So :mod:`afterword.quality.review` can weigh the labels back to the whole batch.
The method, its sources and what a simulation found: ``docs/review.md``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from afterword.arrays import Floats, Integers
from afterword.errors import ReviewError

FLOOR: Final = 0.5
"""Part of the labels that goes to all rows alike: no row has less than half the uniform rate."""

NOVEL: Final = 0.05
"""Part of the labels that goes to novel rows. It buys no precision: from a tenth on, intervals
would be as wide as those of purely random labels (docs/review.md). At most .2."""

TOGETHER: Final = 0.08
"""Correlation of two labels' errors in one row: a text that misleads about one category misleads
about others. Mean over the three pairs of the shipped model's training rows (.12, .07, .05)."""

LEAST_DOUBT: Final = 0.02
"""No label is planned as surer than this: a model that is sure may still be wrong."""


@dataclass(frozen=True, eq=False)
class Queue:
    """Rows to label, in the order in which they should be. Numbers only.

    Attributes
    ----------
    rows : (m,) places among the batch's accepted rows, 0 to ``size`` - 1, in random order:
        any first part of the queue is a random sample too.
    inclusion : (m,) probability in (0, 1] with which each of them was drawn. Of those who stop
        after m' rows it is that times m'/m.
    size : N, the batch's accepted rows.
    """

    rows: Integers
    inclusion: Floats
    size: int

    def __len__(self) -> int:
        return len(self.rows)

    def inclusion_after(self, labelled: int) -> Floats:
        """Probabilities (labelled,) with which the first rows of the queue were reached.

        >>> queue = Queue(np.array([3, 0]), np.array([0.5, 0.2]), 4)
        >>> queue.inclusion_after(1)
        array([0.25])
        """
        if not 0 < labelled <= len(self):
            raise ReviewError("Give a number of labelled rows from 1 to the length of the queue.")
        return self.inclusion[:labelled] * labelled / len(self)


def draw_queue(
    probabilities: ArrayLike, novelty: ArrayLike, *, labels: int, seed: int = 0
) -> Queue:
    """Draw the rows that are to be labelled.

    Adjusted Pareto sampling (Rosén 1997; Bondesson, Traat & Lundqvist 2006): a sample of fixed
    size and nearly the highest entropy, whose inclusion probabilities are those of
    :func:`inclusion_probabilities`.

    Parameters
    ----------
    probabilities : (N, k) of every accepted row, in [0, 1].
    novelty : (N,) in [0, 1], how little a row is like the training set: its share of unknown
        words, say.
    labels : m, rows that somebody will label; all rows if there are fewer.
    seed : decides the draw. The same numbers and seed give the same queue.

    Raises
    ------
    ReviewError
        If the batch is empty, shapes do not agree or numbers are out of range.

    Examples
    --------
    >>> queue = draw_queue([[0.5], [0.9], [0.1], [0.4]], [0, 0, 0, 1], labels=2)
    >>> len(queue), queue.size
    (2, 4)
    >>> bool((queue.inclusion >= 0.25).all())
    True
    """
    inclusion = inclusion_probabilities(probabilities, novelty, labels)
    size = len(inclusion)
    m = min(labels, size)
    rng = np.random.default_rng(seed)
    certain = inclusion >= 1
    spread = float((inclusion * (1 - inclusion)).sum())
    with np.errstate(divide="ignore"):
        odds = np.log(inclusion) - np.log1p(-inclusion)
    if spread:
        # Without this term a row's real probability would be off by about 1/spread.
        odds += inclusion * (1 - inclusion) * (inclusion - 0.5) / spread**2
    chance = rng.random(size)
    ranks = np.where(certain, -np.inf, np.log(chance) - np.log1p(-chance) - odds)
    drawn = rng.permutation(np.argsort(ranks, kind="stable")[:m])
    return Queue(drawn.astype(np.int64), inclusion[drawn], size)


def inclusion_probabilities(probabilities: ArrayLike, novelty: ArrayLike, labels: int) -> Floats:
    """Return the probability of each row to be drawn, (N,); their sum is ``labels``.

    Half of the labels go to all rows alike, a twentieth to the novel ones, and the rest to rows
    by the standard deviation of their label accuracy, given the probabilities: Neyman's optimal
    allocation (1934) for the accuracy.

    Parameters
    ----------
    probabilities : (N, k) in [0, 1].
    novelty : (N,) in [0, 1].
    labels : m, at least 1; from N on, every row is certain.

    Raises
    ------
    ReviewError
        If the batch is empty, shapes do not agree or numbers are out of range.

    >>> inclusion_probabilities([[0.5], [0.99], [0.01], [0.5]], [0, 0, 0, 0], 1).round(3)
    array([0.32, 0.18, 0.18, 0.32])
    """
    p, novel = check_rows(probabilities, novelty)
    size = len(p)
    if labels < 1:
        raise ReviewError("Ask for at least one label.")
    if labels >= size:
        return np.ones(size)
    floor = FLOOR * labels / size
    total = novel.sum()
    extra = NOVEL * labels * novel / total if total else np.zeros(size)
    base = np.minimum(floor + extra, 1.0)
    doubts = np.sqrt(_variances(p))
    # What certain rows cannot take goes to the other unsure ones, never to novel ones.
    inclusion, free = base, np.ones(size, dtype=bool)
    while True:
        left = labels - (size - free.sum()) - base[free].sum()
        inclusion = np.where(free, base + left * doubts / doubts[free].sum(), 1.0)
        over = free & (inclusion > 1)
        if not over.any():
            return inclusion
        free &= ~over


def labels_needed(
    probabilities: ArrayLike,
    novelty: ArrayLike,
    *,
    fall: float = 0.05,
    alpha: float = 0.05,
    power: float = 0.8,
    trained_error: float = 0.0,
) -> int | None:
    """Return how many labels tell a fall of the label accuracy from chance.

    Planned for a one-sided test of this batch's accuracy, taken as an estimate of where the batch
    came from, against that of training; with the variance that the probabilities and the design
    let expect *after* such a fall, if errors are spread over all rows.

    Parameters
    ----------
    probabilities : (N, k) in [0, 1].
    novelty : (N,) in [0, 1].
    fall : the fall that is to be seen: .05 are five points.
    alpha : chance that the test finds a fall where there is none.
    power : chance that it finds the fall.
    trained_error : standard error of the accuracy in training.

    Returns
    -------
    Number of labels, at most N; None if even all rows would not do.

    Raises
    ------
    ReviewError
        If the batch is empty, shapes do not agree or numbers are out of range.

    >>> labels_needed([[0.5]] * 100, [0] * 100) is None
    True
    >>> labels_needed([[0.5, 0.9, 0.1]] * 2000, [0] * 2000)
    173
    """
    p, novel = check_rows(probabilities, novelty)
    if not (0 < fall < 1 and 0 < alpha < 0.5 and 0.5 <= power < 1 and trained_error >= 0):
        raise ReviewError("Give a fall, a level and a power that are shares between 0 and 1.")
    size = len(p)
    wrong = np.minimum(p, 1 - p)
    # Labels that turn over at random make a sure row wrong more often than an unsure one.
    turned = min(fall / max(float((1 - 2 * wrong).mean()), 1e-9), 0.5)
    variances = _variances(p + turned * (1 - 2 * p))
    between = float(variances.mean() + (1 - wrong).mean(axis=1).var())

    def seen(m: int) -> bool:
        inclusion = inclusion_probabilities(p, novel, m)
        chance = float(((1 / inclusion - 1) * variances).sum()) / size**2
        error = math.sqrt(chance + between / size + trained_error**2)
        quantiles = scipy.special.stdtrit(m - 1, 1 - alpha) + scipy.special.ndtri(power)
        return bool(quantiles * error <= fall)

    if size < 2 or not seen(size):
        return None
    return _first(seen, size)


def _first(holds: Callable[[int], bool], last: int) -> int:
    """The smallest number up to ``last`` for which something holds that then holds for ``last``."""
    low, high = 1, last
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def check_rows(probabilities: ArrayLike, novelty: ArrayLike) -> tuple[Floats, Floats]:
    """Return both as arrays (N, k) and (N,), or say what does not fit."""
    p = check_probabilities(probabilities)
    novel = np.asarray(novelty, dtype=float)
    if novel.shape != (len(p),):
        raise ReviewError("Give one novelty for every row of the batch.")
    if not ((novel >= 0) & (novel <= 1)).all():
        raise ReviewError("Strangeness must lie between 0 and 1.")
    return p, novel


def check_probabilities(probabilities: ArrayLike) -> Floats:
    """Return probabilities as an array (N, k), or say what is wrong with them."""
    p: NDArray[Any] = np.asarray(probabilities, dtype=float)
    if not p.size:
        raise ReviewError("The batch has no rows; read one with descriptions first.")
    if p.ndim != 2:
        raise ReviewError(
            "Give a table of probabilities: a row a description, a column a category."
        )
    if not ((p >= 0) & (p <= 1)).all():
        raise ReviewError("Probabilities must lie between 0 and 1.")
    return p


def _variances(p: Floats) -> Floats:
    """Variance (N,) of each row's share of right labels, given its probabilities (N, k)."""
    sure = np.clip(p, LEAST_DOUBT, 1 - LEAST_DOUBT)
    alone = sure * (1 - sure)
    together = np.sqrt(alone).sum(axis=1) ** 2
    found: Floats = ((1 - TOGETHER) * alone.sum(axis=1) + TOGETHER * together) / p.shape[1] ** 2
    return found

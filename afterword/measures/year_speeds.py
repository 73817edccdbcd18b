"""Two speeds at which a stream is looked at: each period alone, and what lasts.

A small change that stays is seen in no period alone. A mean that forgets slowly [1]_ [2]_ sees it
after some periods, and means over the last 2, 4, 8, 16 and 52 periods see changes of any age [3]_.
All of them are weighted means of the periods' own means, and so sums over rows: with weights a and
periods of n rows, what a mean lies from the reference has the variance

    σ² · (Σ a² (n + τ² n²) / (Σ a n)² + 1/N),

in which N are the rows of the reference, whose error every period shares, and τ is by how much, in
standard deviations of a row, periods differ without harm.
Periods of unequal size weigh as many rows as they have, and those without data nothing.

References
----------
.. [1] Roberts, S. W. (1959). Control chart tests based on geometric moving averages.
   Technometrics 1(3), 239–250.
.. [2] Lucas, J. M. and Saccucci, M. S. (1990). Exponentially weighted moving average control
   schemes: properties and enhancements. Technometrics 32(1), 1–12.
.. [3] Lai, T. L. (1995). Sequential changepoint detection in quality control and dynamical systems.
   Journal of the Royal Statistical Society B 57(4), 613–658.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from afterword.arrays import Floats
from afterword.measures.definitions import FLAGS, MEAN, NEW_WORDS, UNSURE, WHOLE, Definition
from afterword.measures.null_tables import NullTables
from afterword.measures.totals import Totals
from afterword.measures.year_levels import LASTING, WINDOWS
from afterword.measures.year_tails import GRID, Tails, normal

MEMORY: Final = 0.2
"""Weight of the newest period in the mean that forgets, λ."""
LENGTHS: Final = (2, 4, 8, 16, 52)
"""Periods that are pooled."""
SPANS: Final = (0, *LENGTHS)
"""Periods of each slow look: 0 stands for the mean that forgets."""
SPEEDS: Final = np.array([LASTING, *[WINDOWS] * len(LENGTHS)])
"""Which part of the promise each slow look uses."""
LEAST_EFFECT: Final = 0.05
"""Standard deviations of a row below which nothing that lasts matters."""
LEAST_NEW: Final = 0.14
"""The same of the share of texts with a new word, on the scale of the arcsine: half a per cent."""
LEAST_SHARE: Final = 0.05
"""Share of unsure answers below which their mean is too far from a normal variable."""
_ROUNDED: Final = 1.12
"""Ratio of the sizes at which tails of new words are worked out."""


@dataclass(frozen=True, eq=False)
class Periods:
    """T periods beside their reference, as numbers.

    Attributes
    ----------
    worth : (T,) rows that were sent once to which each amounts; 0 where there are too few.
    sizes : (T, m) rows to which each amounts for every measure.
    gaps : (T, m) distances of every measure, NaN where it is not known.
    means : (T, v) how far means lie from the reference's, in standard deviations of a row: the mean
        probability of each category and of none, and the share of unsure answers.
    content : (T, d) the same of the d whitened directions of the content; NaN where not known.
    distinct : (T,) different texts; NaN where not known.
    new : (T, u) of these, with each of u new words that were counted by name.
    """

    worth: Floats
    sizes: Floats
    gaps: Floats
    means: Floats
    content: Floats
    distinct: Floats
    new: Floats


@lru_cache(maxsize=4)
def weights_of(periods: int) -> Floats:
    """Weights (6, T, T) of the periods in each slow look at each of T periods.

    >>> weights_of(3)[1].tolist()
    [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 1.0]]
    """
    ago = np.arange(periods)[:, None] - np.arange(periods)
    forgetting = np.where(ago >= 0, (1 - MEMORY) ** np.maximum(ago, 0), 0)
    pooled = [(ago >= 0) & (ago < length) for length in LENGTHS]
    return np.array([forgetting, *pooled], dtype=float)


def slow_places(measures: Sequence[Definition]) -> list[int]:
    """Which measures are looked at slowly, in the order of what :func:`slow` gives.

    The last two are the content as a whole and the new words.
    """
    names = [each.name for each in measures]
    means = [at for at, each in enumerate(measures) if each.distance == MEAN]
    return [*means, *(names.index(name) for name in (UNSURE, WHOLE, NEW_WORDS))]


@dataclass(frozen=True, eq=False)
class Slow:
    """The slow looks at T periods.

    Attributes
    ----------
    scores : (6, T, v + 2) what each measure lies from the reference, in its unit; signed but for
        the last two. 0 where it is not known.
    effects : (6, T, v + 2) the same in standard deviations of a row, or on the arcsine's scale.
    texts : (6, T) texts to which each look at the new words amounts.
    """

    scores: Floats
    effects: Floats
    texts: Floats


def slow(periods: Periods, reference: int, between: float | Floats = 0.0) -> Slow:
    """Look slowly at periods.

    Parameters
    ----------
    periods : T of them, from the one on with which the promise began.
    reference : rows of the reference, N.
    between : τ², by how much periods differ without harm: one, or one for each look, (T, v + 1),
        the last of which is the content's.
    """
    between = np.broadcast_to(between, (len(periods.worth), periods.means.shape[1] + 1))
    means, effects = _means(periods.means, periods.worth, reference, between[:, :-1])
    inside, whole = _means(periods.content, periods.worth, reference, between[:, -1:])
    weights = weights_of(len(periods.worth))
    distinct = np.nan_to_num(periods.distinct) * (periods.worth > 0)
    rows = weights @ distinct
    most = (weights @ periods.new).max(axis=-1, initial=0.0)
    apart = 2 * np.arcsin(np.sqrt(np.clip(_over(most, rows), 0, 1)))
    texts = _over(rows**2, weights**2 @ distinct)
    unit = np.sqrt(1 / np.maximum(texts, 1) + 1 / reference)

    def joined(plain: Floats, content: Floats, words: Floats) -> Floats:
        apart = np.sqrt((content**2).sum(axis=-1))
        found: Floats = np.concatenate([plain, apart[..., None], words[..., None]], axis=-1)
        return found

    return Slow(joined(means, inside, apart / unit), joined(effects, whole, apart), texts)


def means_of(totals: Totals, tables: NullTables) -> tuple[Floats, Floats]:
    """How far means (T, k + 2) and content (T, d) lie from the reference, in a row's units."""
    whole, n = tables.totals, np.maximum(totals.rows, 1)[:, None]
    at = FLAGS.index(UNSURE)
    before = whole.flags[0, at] / whole.rows[0]
    unsure = np.full(n.shape, math.nan)
    if LEAST_SHARE <= before <= 1 - LEAST_SHARE:
        unsure = (totals.flags[:, [at]] / n - before) / math.sqrt(before * (1 - before))
    scores = (totals.scores / n - whole.scores / whole.rows[0]) / tables.scale.scores
    content = (totals.content / n - whole.content / whole.rows[0]) @ tables.scale.content
    return np.column_stack([scores, unsure]), content


def _means(told: Floats, worth: Floats, reference: int, between: Floats) -> tuple[Floats, Floats]:
    """Scores and effects (6, T, q) of means (T, q) that are added up by their rows."""
    weights = weights_of(len(worth))
    known = worth[:, None] * ~np.isnan(told)
    rows = weights @ known
    effects = _over(weights @ (known * np.nan_to_num(told)), rows)
    squares = weights**2
    own = _over(squares @ known + between * (squares @ known**2), rows**2)
    found: Floats = effects / np.sqrt(own + 1 / reference)
    return found, effects


def _over(values: Floats, rows: Floats) -> Floats:
    """A ratio, 0 where there is nothing."""
    return np.divide(values, rows, out=np.zeros(np.shape(values)), where=rows > 0)


class SlowLines:
    """From which scores on a slow look alarms.

    Parameters
    ----------
    tables : of the reference.
    """

    def __init__(self, tables: NullTables) -> None:
        self.tables = tables
        self.places = slow_places(tables.definitions)
        self.weights = np.array([tables.definitions[at].weight for at in self.places])
        self.least = np.full(len(self.places), LEAST_EFFECT)
        self.least[-1] = LEAST_NEW
        directions = np.linalg.matrix_rank(tables.scale.content)
        self.directions = max(int(directions), 1)
        self._new: dict[int, Floats] = {}

    def limits(self, levels: Floats, texts: Floats) -> Floats:
        """Scores (6, T, v + 2) at levels (6, T), the last for looks at as many texts (6, T)."""
        from scipy.special import chdtri

        wanted = np.minimum(levels[..., None] * self.weights, 1.0)
        found: Floats = normal(wanted)
        found[..., -2] = np.sqrt(chdtri(self.directions, wanted[..., -2]))
        for at in np.argwhere(texts > 0):
            place = tuple(at)
            line = self.new_words(texts[place])
            found[(*place, -1)] = np.interp(math.log(levels[place]), np.log(GRID), line)
        return found

    def chances(self, looks: Slow, *, floors: bool = True) -> Floats:
        """Levels (6, T, v + 2) at which looks would begin to alarm; 1 where they are too small.

        Parameters
        ----------
        looks : of these tables.
        floors : whether effects below :attr:`least` never alarm.
        """
        from scipy.special import chdtrc, ndtr

        found = 2 * ndtr(-np.abs(looks.scores))
        found[..., -2] = chdtrc(self.directions, looks.scores[..., -2] ** 2)
        found[..., -1] = 1.0
        large: np.ndarray = np.abs(looks.effects) >= (self.least if floors else 0.0)
        large[..., -1] = np.abs(looks.effects[..., -1]) >= self.least[-1]
        for at in np.argwhere(large[..., -1]):
            place = tuple(at)
            reached = looks.scores[(*place, -1)] >= self.new_words(looks.texts[place])
            found[(*place, -1)] = GRID[reached.argmax()] * self.weights[-1] if reached.any() else 1
        return np.where(large, found / self.weights, 1.0)

    def new_words(self, texts: float) -> Floats:
        """Scores of new words at the levels of the grid, in looks at about so many texts."""
        size = max(1, int(_ROUNDED ** round(math.log(max(texts, 1.0)) / math.log(_ROUNDED))))
        if size not in self._new:
            self._new[size] = Tails(self.tables, size).standard(GRID)[:, self.places[-1]]
        return self._new[size]

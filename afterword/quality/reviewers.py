"""Two people label the same rows: how far they agree, beyond what chance would give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from afterword.errors import ReviewError
from afterword.model import wording as model_wording
from afterword.quality import wording
from afterword.quality.estimates import LEVEL


@dataclass(frozen=True)
class Agreement:
    """How far two people agree on one category.

    Attributes
    ----------
    category : name.
    rows : n, rows that both labelled.
    both_yes, only_first, only_second, both_no : rows by who gave the category.
    kappa : Cohen's κ: agreement beyond that of chance; 1 is perfect, 0 is chance. NaN if withheld.
    low, high : its 95 % interval.
    withheld : why there is no κ, in a sentence; empty if there is one.
    """

    category: str
    rows: int
    both_yes: int
    only_first: int
    only_second: int
    both_no: int
    kappa: float
    low: float
    high: float
    withheld: str = ""

    @property
    def agreed(self) -> float:
        """Share of the rows on which both said the same; NaN without rows."""
        return (self.both_yes + self.both_no) / self.rows if self.rows else math.nan


def agreement(
    first: ArrayLike, second: ArrayLike, categories: Sequence[str]
) -> tuple[Agreement, ...]:
    """Compare two people's labels of the same rows.

    Parameters
    ----------
    first, second : (n, k) of 0 and 1.
    categories : k names.

    Returns
    -------
    One :class:`Agreement` a category. The interval is that of Fleiss, Cohen & Everitt (1969),
    with half a row added to each of the four counts.

    Raises
    ------
    ReviewError
        If shapes do not agree or labels are not 0 or 1.

    >>> (found,) = agreement([[1], [1], [0], [0]], [[1], [0], [0], [0]], ["Noise"])
    >>> found.both_yes, found.only_first, found.kappa
    (1, 1, 0.5)
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape or a.ndim != 2 or a.shape[1] != len(categories):
        raise ReviewError(wording.TWO_PEOPLE)
    if not (np.isin(a, (0, 1)).all() and np.isin(b, (0, 1)).all()):
        raise ReviewError(model_wording.ZERO_OR_ONE)
    return tuple(_agreed(a[:, j], b[:, j], category) for j, category in enumerate(categories))


def _agreed(first: NDArray[Any], second: NDArray[Any], category: str) -> Agreement:
    """Compare two people's labels of one category."""
    table = np.array([[((first == i) & (second == j)).sum() for j in (1, 0)] for i in (1, 0)])
    (both_yes, only_first), (only_second, both_no) = table.tolist()
    counts = (len(first), both_yes, only_first, only_second, both_no)
    if not len(first):
        reason = wording.NONE_BY_BOTH
    elif both_yes == len(first):
        reason = wording.always_given(category)
    elif both_no == len(first):
        reason = wording.never_given(category)
    else:
        from sklearn.metrics import cohen_kappa_score

        kappa = float(cohen_kappa_score(first, second))
        return Agreement(category, *counts, kappa, *_kappa_interval(table, kappa))
    return Agreement(category, *counts, math.nan, math.nan, math.nan, reason)


def _kappa_interval(table: NDArray[np.int64], kappa: float) -> tuple[float, float]:
    """Interval by the large-sample error of Fleiss, Cohen & Everitt (1969), equation 13."""
    # Half a row each keeps the error above 0 where people agree on all of few rows.
    n = table.sum() + 2.0
    share = (table + 0.5) / n
    first, second = share.sum(axis=1), share.sum(axis=0)
    chance = float(first @ second)
    middle = float(np.trace(share) - chance) / (1 - chance)
    same = np.diag(share) @ (1 - (first + second) * (1 - middle)) ** 2
    apart = (1 - middle) ** 2 * sum(
        share[i, 1 - i] * (second[i] + first[1 - i]) ** 2 for i in (0, 1)
    )
    square = (same + apart - (middle - chance * (1 - middle)) ** 2) / (n * (1 - chance) ** 2)
    reach = float(scipy.special.ndtri((1 + LEVEL) / 2)) * math.sqrt(max(float(square), 0.0))
    return max(min(middle - reach, kappa), -1.0), min(max(middle + reach, kappa), 1.0)

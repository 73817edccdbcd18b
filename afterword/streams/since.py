"""Since when a measure lies elsewhere: the likelihood of every period in which it may have begun.

Of a series of period means, each with a variance of its own, it is taken that they lay at the
reference's mean, up to the reference's error, and from one period on at another one. Each first
period has a likelihood, with the size of the change at its best [1]_; their shares say how sure
the answer is.

References
----------
.. [1] Hinkley, D. V. (1970). Inference about the change-point in a sequence of random variables.
   Biometrika 57(1), 1–17.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from afterword.arrays import Floats

RANGE: Final = 0.8
"""Chance with which the change began in the periods that are told as possible."""
NEAR: Final = 1
"""Periods beside the likeliest one that count as the same answer."""


@dataclass(frozen=True)
class Since:
    """Since when.

    Attributes
    ----------
    period : place of the likeliest first period of the change.
    earliest, latest : places between which it began with a chance of 80 %.
    sure : chance that it began in the likeliest period, the one before or the one after.
    """

    period: int
    earliest: int
    latest: int
    sure: float


def since_when(values: Floats, rows: Floats, reference: int, between: float = 0.0) -> Since:
    """Find the first period of a change that is still there in the last one.

    Parameters
    ----------
    values : (T,) what each period's mean lies from the reference's, in standard deviations of a
        row; of periods without rows any number.
    rows : (T,) rows behind each; 0 where there are none.
    reference : rows of the reference, N.
    between : τ², by how much periods differ without harm.

    Returns
    -------
    Since
        The last period, and no certainty, where no period has rows.

    Examples
    --------
    >>> found = since_when(np.array([0, 0, 0, 1, 1.0]), np.full(5, 200), 7_000)
    >>> found.period, found.earliest, found.latest, round(found.sure, 2)
    (3, 3, 3, 1.0)
    """
    known = np.flatnonzero((rows > 0) & np.isfinite(values))
    last = len(values) - 1
    if not len(known):
        return Since(last, 0, last, 0.0)
    own = 1 / (1 / rows[known] + between)
    # The weight of a step is its own, less what the error of the reference explains of all.
    whole, told = own.sum(), own * values[known]
    later, moved = np.cumsum(own[::-1])[::-1], np.cumsum(told[::-1])[::-1]
    share = later / (reference + whole)
    step = moved - share * told.sum()
    gains = step**2 / np.maximum(later - share * later, 1e-12) / 2
    chances = np.exp(gains - gains.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    inside = _narrowest(chances)
    near = slice(max(best - NEAR, 0), best + NEAR + 1)
    return Since(
        int(known[best]),
        int(known[min(inside)]),
        int(known[max(inside)]),
        float(min(chances[near].sum(), 1.0)),
    )


def _narrowest(chances: Floats) -> list[int]:
    """The likeliest places that have the wanted chance together."""
    order = np.argsort(-chances, kind="stable")
    enough = int(np.searchsorted(np.cumsum(chances[order]), RANGE)) + 1
    found: list[int] = order[:enough].tolist()
    return found

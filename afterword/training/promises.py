"""The band in which an answer is unsure, so that what is not unsure is right as often as promised.

A "no" is sure below one edge, a "yes" from another one on, and each of the two is promised to be
right, not only both together: of a rare category nearly every answer is a "no" that is right, and
would hide that its alerts are not.

Each edge is found by testing, from the widest band to narrower ones, that more than the promised
share is right, and stopping at the first band for which that is not shown [1]_ [2]_. The test is
the exact binomial one [3]_. All bands together are then wrongly accepted at most as often as one of
them, so the bound holds for the chosen one. Where the tests begin is decided by probabilities
alone: where they let expect the strongest proof.

References
----------
.. [1] Angelopoulos, A. N., Bates, S., Candès, E. J., Jordan, M. I. and Lei, L. (2021). Learn then
   test: calibrating predictive algorithms to achieve risk control. arXiv:2110.01052.
.. [2] Bauer, P. (1991). Multiple testing in clinical trials. Statistics in Medicine 10, 871–890.
.. [3] Clopper, C. J. and Pearson, E. S. (1934). The use of confidence or fiducial limits
   illustrated in the case of the binomial. Biometrika 26, 404–413.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from afterword.arrays import Floats, Integers

DOUBT: Final = 0.0025
"""Chance that one of the two edges does not keep the promise. It is this small so that what was
chosen on one half of the rows is kept on the other half too, which owes a part to chance."""
LEAST_SURE: Final = 2 / 3
"""Part of the answers "no", and of those "yes", that is to be sure: else less is promised."""
STEP: Final = 0.05
"""What is promised less, if it is less."""
LEAST_PROMISE: Final = 0.75
MOST_PROMISE: Final = 0.99
"""Less is no promise, and for more there is never proof enough."""
NEVER: Final = 1.005
"""Above every probability, also of one that is rounded to whole per cent."""
EDGES: Final = np.concatenate([[0.0], (np.arange(1, 100) - 0.5) / 100, [NEVER]])
"""Where a band may begin and end: between two whole per cent."""


@dataclass(frozen=True)
class Promise:
    """Where a category's answers are sure.

    Attributes
    ----------
    no, yes : share of the sure answers "no", and "yes", that is right; None if none is sure.
    low : below it a "no" is sure; 0 if none is.
    high : from it on a "yes" is sure; :data:`NEVER` if none is.
    """

    no: float | None
    yes: float | None
    low: float
    high: float

    def band(self, threshold: float) -> tuple[float, float]:
        """From where to where an answer is unsure that is "yes" from a threshold on."""
        return min(self.low, threshold), max(self.high, threshold)


def choose_promise(
    probabilities: Floats, shares: Floats, threshold: float, wanted: float
) -> Promise:
    """Choose the edges of one category's band.

    Parameters
    ----------
    probabilities : (n,) of distinct descriptions, out of fold.
    shares : (n,) of the rows that repeat each of them, the share that has the category.
    threshold : from which the answer is "yes"; :data:`NEVER` if it never is.
    wanted : share of sure answers that is to be right.

    Returns
    -------
    Promise
        Of less than is wanted where too few answers would be sure.
    """
    decided = probabilities >= threshold
    no, low = _side(probabilities, shares, ~decided, wanted)
    # A "yes" is a "no" to the contrary.
    yes, edge = _side(1 - probabilities, 1 - shares, decided, wanted)
    return Promise(no, yes, low, NEVER if yes is None else round(1 - edge, 4))


def _side(
    probabilities: Floats, shares: Floats, answers: NDArray[np.bool_], wanted: float
) -> tuple[float | None, float]:
    """What is promised of the answers "no", and the edge below which they are sure."""
    lower = np.arange(np.floor((wanted - 1e-9) / STEP) * STEP, LEAST_PROMISE - 1e-9, -STEP)
    best: tuple[float | None, float] = (None, 0.0)
    for right in (wanted, *np.round(lower, 4).tolist()):
        edge = _reached(probabilities, shares, right)
        sure = (probabilities < edge)[answers].sum()
        if sure and sure >= LEAST_SURE * answers.sum():
            return right, edge
        if sure and best[0] is None:
            best = right, edge
    return best


def distinct_rows(labels: Floats, probabilities: Floats, groups: Integers) -> tuple[Floats, Floats]:
    """Each group of repeats once: the mean (g, k) of its labels, and of its probabilities."""
    units = np.unique(groups, return_inverse=True)[1].ravel()
    sizes = np.bincount(units)[:, None]
    means = (
        np.stack([np.bincount(units, column) for column in side.T], axis=1) / sizes
        for side in (labels, probabilities)
    )
    shares, found = means
    return shares, found


def _reached(probabilities: Floats, shares: Floats, right: float) -> float:
    """The highest edge below which "no" is right as often as promised; 0 if there is none."""
    places = np.searchsorted(EDGES, probabilities, "right")
    rows, wrong, expected = (
        np.bincount(places, weights, minlength=len(EDGES) + 1)[: len(EDGES)].cumsum()
        for weights in (None, shares, probabilities)
    )
    start = int(_upper(expected, rows).argmin())
    kept = _upper(wrong, rows)[start:] <= 1 - right
    steps = len(kept) if kept.all() else int(kept.argmin())
    return float(EDGES[start + steps - 1]) if steps else 0.0


def _upper(wrong: Floats, rows: Floats) -> Floats:
    """The upper limits of shares of errors."""
    bound: Floats = betaincinv(wrong + 1, np.maximum(rows - wrong, 1e-9), 1 - DOUBT)
    return bound

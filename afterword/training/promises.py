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
from scipy.special import betaincinv

from afterword.arrays import Floats, Integers

DOUBT: Final = 0.005
"""Chance that one of the two edges does not keep the promise. It is this small so that what was
chosen on one half of the rows is kept on the other half too, which owes a part to chance."""
MOST_UNSURE: Final = 0.5
"""Share of the descriptions that are left unsure at most: else less is promised."""
STEP: Final = 0.05
"""What is promised less, if it is less."""
LEAST_PROMISE: Final = 0.6
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
    right : share of the answers that are not unsure and right, of "yes" and of "no" each; None if
        nothing can be promised.
    low : below it a "no" is sure; 0 if none is.
    high : from it on a "yes" is sure; :data:`NEVER` if none is.
    """

    right: float | None
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
        Of less than is wanted where that would leave more than :data:`MOST_UNSURE` of the
        descriptions unsure.
    """
    steps = np.arange(np.floor((wanted - 1e-9) / STEP) * STEP, LEAST_PROMISE - 1e-9, -STEP)
    for right in (wanted, *np.round(steps, 4).tolist()):
        low = _reached(probabilities, shares, right)
        # A "yes" is a "no" to the contrary.
        to_the_contrary = _reached(1 - probabilities, 1 - shares, right)
        high = round(1 - to_the_contrary, 4) if to_the_contrary else NEVER
        found = Promise(right, low, high)
        begin, end = found.band(threshold)
        if ((probabilities >= begin) & (probabilities < end)).mean() <= MOST_UNSURE:
            return found
    return Promise(None, 0.0, NEVER)


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

"""The reference, reweighed until its answers are those of a batch: how many there really are.

Where only the mix of what comes in has changed, descriptions with some set of categories are
answered as they were in training, and there are more or fewer of them. So the labelled rows of the
reference get weights w ∝ exp(λ·f), with f a row's labels and whether it has none, such that their
mean answers t (probabilities, and that of no category) are the batch's. The equations are those of
Forman and of Bella and others for one class (adjusted and scaled counts [1]_ [2]_), solved for all
categories at once, because the mean probability of one category moves with the others too. λ has
a normal prior of variance 1: it decides only what the answers do not tell.

A number of a row u (it has the category; it has it, and was not given it) of which the model says s
is then estimated as mean(s) over the batch + Σ w (u − s) over the reference: a difference estimator
[3]_ whose correction is tilted. To first order its error is the mean over the batch of
r = s − u + K·(t − mean t), and the same over the reference with weights, where K is how the
correction follows the mean answers. So one r has the errors of batch, labels and reference in it.

References
----------
.. [1] Forman, G. (2008). Quantifying counts and costs via classification. Data Mining and Knowledge
   Discovery 17, 164–206.
.. [2] Bella, A., Ferri, C., Hernández-Orallo, J. and Ramírez-Quintana, M. J. (2010).
   Quantification via probability estimators. ICDM 2010, 737–742.
.. [3] Särndal, C.-E., Swensson, B. and Wretman, J. (1992). Model assisted survey sampling.
   Springer, chapter 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from afterword.measures.moments import Moments
from afterword.model.outcomes import Cells

STEPS: Final = 40
"""Newton's steps at most; about five are taken."""
TOLERANCE: Final = 1e-9
_RIDGE: Final = 1e-9
"""Part of the mean variance that is added where answers do not vary."""


@dataclass(frozen=True, eq=False)
class Tilted:
    """The reference's cells with weights that give them a batch's mean answers.

    Attributes
    ----------
    cells : of the reference.
    moments : of the batch.
    effective : independent rows that the batch's rows are worth.
    weights : (c,) of the cells; their sum is 1.
    gain : (k + 1, k + 1) by how much λ follows the mean answers.
    """

    cells: Cells
    moments: Moments
    effective: float
    weights: np.ndarray
    gain: np.ndarray

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Mean of what each cell has (c, …), over a reference of the batch's mix."""
        found: np.ndarray = np.tensordot(self.weights, values, axes=(0, 0))
        return found

    @property
    def batch(self) -> np.ndarray:
        """Means (3k + 1,) over the batch, in the order of :class:`Moments`."""
        found: np.ndarray = self.moments.sums / self.moments.units / self.moments.rows
        return found

    @property
    def shares(self) -> np.ndarray:
        """Estimated shares (2k,) of the batch's rows.

        Of rows with each category, then of rows with it that were not given it.
        """
        k = self.cells.labels.shape[1]
        batch = np.concatenate([self.batch[:k], self.batch[k + 1 : 2 * k + 1]])
        found: np.ndarray = batch + self.mean(self.cells.errors)
        return found

    @cached_property
    def covariance(self) -> np.ndarray:
        """Covariance (2k, 2k) of the shares as estimates of what is in these rows."""
        return self._covariance(-self.cells.errors)

    @cached_property
    def source_covariance(self) -> np.ndarray:
        """The same as estimates of where the rows came from."""
        return self._covariance(self.cells.said)

    def _covariance(self, own: np.ndarray) -> np.ndarray:
        """Covariance of the shares.

        Parameters
        ----------
        own : (c, 2k) what a row of the batch adds to the error, beside its part of the answers.
        """
        cells, weights, k = self.cells, self.weights, self.cells.labels.shape[1]
        labels, answers, errors, own = (
            _centred(each, weights) for each in (cells.traits, cells.answers, cells.errors, own)
        )
        slope = (errors * weights[:, None]).T @ labels
        follows = slope @ self.gain
        moved = (answers * weights[:, None]).T @ labels
        batch, reference = (answers @ follows.T + each for each in (own, -errors))
        found = (batch * weights[:, None]).T @ batch / self.effective
        found += (reference * (weights**2 / cells.rows)[:, None]).T @ reference
        # What the rows of one cell differ in: of their labels, nothing.
        inside = np.hstack([follows, np.zeros((2 * k, k))])
        inside[np.arange(2 * k), [*range(k), *range(k + 1, 2 * k + 1)]] += 1
        found += inside @ cells.within @ inside.T * (1 / self.effective + 1 / cells.rows.sum())
        # What the answers do not tell of λ, whose prior has the variance 1.
        unknown = slope @ (np.eye(k + 1) - self.gain @ moved)
        whole: np.ndarray = found + unknown @ unknown.T
        return whole


def tilt(moments: Moments, cells: Cells, effective: float) -> Tilted:
    """Weigh the reference so that its mean answers are those of a batch.

    Parameters
    ----------
    moments : of a batch with at least one row.
    cells : of the reference.
    effective : independent rows that the batch's rows are worth, at least 1.

    Examples
    --------
    >>> cells = Cells.of(np.repeat([[1], [0]], 50, axis=0), np.repeat([[0.7], [0.3]], 50, axis=0),
    ...                  np.array([0.5]))
    >>> from afterword.measures.answers import Answers
    >>> batch = Answers.of(np.repeat([[0.7], [0.3]], [60, 40], axis=0))
    >>> found = tilt(Moments.of(batch, [0.5]), cells, 100)
    >>> round(found.shares[0].item(), 2)
    0.6
    """
    k = cells.labels.shape[1]
    units = moments.units[: k + 1]
    wanted = moments.sums[: k + 1] / units / moments.rows
    products = moments.products[: k + 1, : k + 1] / np.outer(units, units) / moments.rows
    own = products - np.outer(wanted, wanted)
    base = cells.rows / cells.rows.sum()
    answers = _centred(cells.answers, base)
    spread = (answers * base[:, None]).T @ answers + cells.within[: k + 1, : k + 1]
    noise = own / effective + spread / cells.rows.sum()
    noise += np.eye(k + 1) * max(_RIDGE * np.trace(noise), 1e-15)
    precision = np.linalg.inv(noise)
    place = np.zeros(k + 1)
    weights, best = _loss(place, cells, wanted, precision)
    gain = np.zeros((k + 1, k + 1))
    for _ in range(STEPS):
        apart = wanted - weights @ cells.answers
        moved = (cells.answers * weights[:, None]).T @ _centred(cells.traits, weights)
        curvature = moved.T @ precision @ moved + np.eye(k + 1)
        gain = np.linalg.solve(curvature, moved.T @ precision)
        step = gain @ apart - np.linalg.solve(curvature, place)
        for _ in range(12):
            nearer, loss = _loss(place + step, cells, wanted, precision)
            if loss <= best:
                break
            step = step / 2
        else:
            break
        place, weights, gained, best = place + step, nearer, best - loss, loss
        if gained < TOLERANCE * max(best, 1.0):
            break
    return Tilted(cells, moments, effective, weights, gain)


def _loss(
    place: np.ndarray, cells: Cells, wanted: np.ndarray, precision: np.ndarray
) -> tuple[np.ndarray, float]:
    """Weights (c,) at λ, and minus twice the logarithm of its density."""
    logs = np.log(cells.rows) + cells.traits @ place
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    apart = wanted - weights @ cells.answers
    return weights, float(apart @ precision @ apart + place @ place)


def _centred(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    found: np.ndarray = values - weights @ values
    return found

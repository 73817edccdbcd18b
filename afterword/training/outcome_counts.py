"""Counting how labels and out-of-fold probabilities went together in training."""

from __future__ import annotations

import numpy as np

from afterword.model.outcomes import CENTS, Cells, Outcomes
from afterword.model.reference import DECIMALS


def count_outcomes(
    labels: np.ndarray,
    probabilities: np.ndarray,
    thresholds: np.ndarray,
    content: np.ndarray,
    groups: np.ndarray,
) -> Outcomes:
    """Count how labels and out-of-fold probabilities went together.

    Parameters
    ----------
    labels : (n, k) of 0 and 1.
    probabilities : (n, k) calibrated, from models that had not seen the row.
    thresholds : (k,) balanced, between two whole per cent.
    content : (n, d) the model's dense representation of the rows.
    groups : (n,) equal for repeats of one description.
    """
    truth = np.asarray(labels, float)
    rounded = np.round(np.asarray(probabilities, float), DECIMALS)
    cents = np.rint(rounded * (CENTS - 1)).astype(np.int64)
    right = (rounded >= thresholds) == (truth == 1)
    # Each category's part in moving the content, the others held: a regression on the labels.
    centred = truth - truth.mean(axis=0)
    moved = np.linalg.lstsq(centred, content - content.mean(axis=0), rcond=None)[0]
    return Outcomes(
        counts=np.stack(
            [
                np.column_stack(
                    [np.bincount(own, minlength=CENTS), np.bincount(own, known, minlength=CENTS)]
                )
                for own, known in zip(cents.T, truth.T, strict=True)
            ]
        ).astype(np.int64),
        cells=Cells.of(truth, rounded, thresholds),
        exact=float(right.all(axis=1).mean()),
        errors=_errors(truth == 1, rounded >= thresholds, groups),
        content=moved,
    )


def _errors(truth: np.ndarray, decided: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Standard errors (1 + k,) of label accuracy and of each F1, over groups of repeats."""
    units = np.unique(groups, return_inverse=True)[1].ravel()

    def error(linear: np.ndarray, whole: float) -> float:
        sums = np.bincount(units, linear)
        return float(np.sqrt((sums**2).sum()) / max(whole, 1.0))

    right = (truth == decided).mean(axis=1)
    found = [error(right - right.mean(), len(right))]
    for own, alert in zip(truth.T, decided.T, strict=True):
        both, whole = 2.0 * (own & alert), own.astype(float) + alert
        f1 = both.sum() / max(whole.sum(), 1.0)
        found.append(error(both - f1 * whole, float(whole.sum())))
    return np.array(found)

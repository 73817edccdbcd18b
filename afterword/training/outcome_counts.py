"""Counting how labels and out-of-fold probabilities went together in training."""

from __future__ import annotations

from typing import Final

import numpy as np

from afterword.model.outcomes import CENTS, Outcomes
from afterword.model.reference import DECIMALS

DRAWS: Final = 60
"""Bootstrap samples on which the calibration is fitted again; its spread is then known to 9 %."""


def count_outcomes(
    labels: np.ndarray,
    probabilities: np.ndarray,
    thresholds: np.ndarray,
    content: np.ndarray,
    groups: np.ndarray,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Outcomes:
    """Count how labels and out-of-fold probabilities went together.

    Parameters
    ----------
    labels : (n, k) of 0 and 1.
    probabilities : (n, k) calibrated, from models that had not seen the row.
    thresholds : (k,) balanced, between two whole per cent.
    content : (n, d) the model's dense representation of the rows.
    groups : (n,) equal for repeats of one description; these are drawn, not rows.
    draws : bootstrap samples of the calibration.
    seed : of the draws.
    """
    truth = np.asarray(labels, float)
    rounded = np.round(np.asarray(probabilities, float), DECIMALS)
    cents = np.rint(rounded * (CENTS - 1)).astype(np.int64)
    right = (rounded >= thresholds) == (truth == 1)
    residuals = truth - rounded
    scale = np.sqrt((residuals**2).mean(axis=0))
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
        curves=_curves(truth, np.asarray(probabilities, float), groups, draws, seed),
        residuals=(residuals.T @ residuals) / len(truth) / np.outer(scale, scale),
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


def _curves(
    labels: np.ndarray, probabilities: np.ndarray, groups: np.ndarray, draws: int, seed: int
) -> np.ndarray:
    """Fit the calibration again on samples of groups: (draws, k, 101)."""
    # Late: only training calibrates, and scikit-learn takes half a second to import.
    from afterword.training.calibration import fit_calibration

    rng = np.random.default_rng(seed)
    units = np.unique(groups, return_inverse=True)[1].ravel()
    order = np.argsort(units, kind="stable")
    sizes = np.bincount(units)
    starts = np.cumsum(sizes) - sizes
    # Calibration takes scores, where the ends are not crowded.
    clipped = np.clip(probabilities, 1e-4, 1 - 1e-4)
    scores = np.log(clipped / (1 - clipped))
    ends = np.clip(np.arange(CENTS) / (CENTS - 1), 1e-4, 1 - 1e-4)
    places = np.log(ends / (1 - ends))
    curves = np.empty((draws, labels.shape[1], CENTS))
    for draw in range(draws):
        picked = rng.integers(0, len(sizes), len(sizes))
        spans = sizes[picked]
        offsets = np.arange(spans.sum()) - np.repeat(np.cumsum(spans) - spans, spans)
        rows = order[np.repeat(starts[picked], spans) + offsets]
        for j in range(labels.shape[1]):
            own = labels[rows, j]
            if own.min() == own.max():  # tiny training sets
                curves[draw, j] = ends
                continue
            ((knots, heights),) = fit_calibration(scores[rows][:, [j]], own[:, None])
            curves[draw, j] = np.interp(places, knots, heights)
    return curves

"""From scores to probabilities that can be taken at their word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from afterword.arrays import Floats, Integers
from afterword.model.classifier import Knots

Fold = tuple[Integers, Integers]
"""Row numbers to fit on, and row numbers held out."""

PROBABILITY_RANGE: Final = (0.005, 0.995)
"""No description is ever certain: tags of equal texts contradict each other."""

SPLINE_BENDS: Final = 6

SPLINE_GRID: Final = 65
"""Bends of the smooth half of the calibration, and quantiles at which it is written down."""


def fit_calibration(scores: Floats, labels: NDArray[Any]) -> tuple[Knots, ...]:
    """Fit one increasing function per category; return the knots that interpolate it.

    The mean of isotonic regression, which fits any shape but in steps, and of a logistic
    regression on a linear spline, which is smooth but bends at few places: its calibration
    error is lower than that of either. Knots are rounded to four decimals, so that none is
    one description's exact score.
    """
    low, high = PROBABILITY_RANGE
    calibration = []
    for values, target in zip(scores.T, labels.T, strict=True):
        isotonic = IsotonicRegression(y_min=low, y_max=high, out_of_bounds="clip")
        isotonic.fit(values, target)
        bends = np.quantile(values, np.linspace(0, 1, SPLINE_BENDS + 2)[1:-1])
        spline = LogisticRegression(max_iter=1_000).fit(_hinges(values, bends), target)
        smooth = spline.predict_proba(_hinges(values, bends))[:, 1].clip(low, high)
        # The spline may fall where there are few examples: project it onto increasing ones.
        mean = (isotonic.predict(values) + smooth) / 2
        increasing = IsotonicRegression(out_of_bounds="clip").fit(values, mean)
        spread = np.quantile(values, np.linspace(0, 1, SPLINE_GRID))
        knots = np.unique(np.round(np.concatenate([spread, isotonic.X_thresholds_]), 4))
        heights: Floats = np.round(increasing.predict(knots), 4)
        calibration.append((knots, heights))
    return tuple(calibration)


def _hinges(values: Floats, bends: Floats) -> Floats:
    """Return the basis of a linear spline, (n, 1 + number of bends)."""
    return np.column_stack([values, np.maximum(values[:, None] - bends, 0.0)])


def crossfit_calibration(scores: Floats, labels: NDArray[Any], folds: Sequence[Fold]) -> Floats:
    """Calibrate out-of-fold scores, each fold by the calibration of the others, (n, k)."""
    probabilities = np.zeros(scores.shape)
    for fit, held in folds:
        for j, knots in enumerate(fit_calibration(scores[fit], labels[fit])):
            probabilities[held, j] = np.interp(scores[held, j], *knots)
    return probabilities

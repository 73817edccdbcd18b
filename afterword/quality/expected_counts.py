"""Right alerts and reports that calibrated probabilities let expect, with their errors, as
draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from afterword.measures.answers import Answers
from afterword.measures.null_tables import NullTables
from afterword.model.outcomes import CENTS
from afterword.quality.shifts import _MARGIN, Shift, shifted

DRAWS: Final = 4_000
"""Draws of the sums, from which intervals of ratios are read."""


def _sums(
    answers: Answers,
    thresholds: np.ndarray,
    tables: NullTables,
    shifts: Sequence[Shift],
) -> tuple[np.ndarray, np.ndarray]:
    """Expected right alerts and reports of all categories, (2k,), and their covariance."""
    probabilities, rows = answers.probabilities, answers.counts
    k = probabilities.shape[1]
    alerts = probabilities >= thresholds
    corrected = probabilities.copy()
    sums, covariance = np.empty(2 * k), np.zeros((2 * k, 2 * k))
    for j, one in enumerate(shifts):
        at = [j, k + j]
        plain = probabilities[:, j]
        other = shifted(plain, one.trained, one.now)
        both = [
            np.array([rows @ (own * alerts[:, j]), rows @ own]) for own in (plain, other)
        ]  # as they are, and corrected
        change = both[1] - both[0]
        covariance[np.ix_(at, at)] += _share_error(plain, alerts[:, j], rows, one)
        if one.shown:
            corrected[:, j] = other
        else:
            covariance[np.ix_(at, at)] += np.outer(change, change)
        sums[at] = both[int(one.shown)]
    covariance += _label_noise(corrected, alerts, rows, tables.outcomes.residuals)
    covariance += _calibration_error(answers, alerts, tables, shifts)
    return sums, covariance


def _share_error(
    probabilities: np.ndarray, alerts: np.ndarray, rows: np.ndarray, shift: Shift
) -> np.ndarray:
    """Covariance (2, 2) that the error of a category's new share brings into its sums."""
    odds = probabilities.clip(_MARGIN, 1 - _MARGIN)
    ratio = odds / (1 - odds) * (1 - shift.trained) / shift.trained
    share = min(max(shift.now, _MARGIN), 1 - _MARGIN)
    scores = (ratio - 1) / (share * ratio + 1 - share)
    information = float(rows @ scores**2)
    step = min(0.01, share / 2, (1 - share) / 2)
    low, high = (shifted(probabilities, shift.trained, share + sign * step) for sign in (-1.0, 1.0))
    slope = np.array([rows @ ((high - low) * alerts), rows @ (high - low)]) / (2 * step)
    return np.outer(slope, slope) / max(information, 1e-9)


def _label_noise(
    probabilities: np.ndarray, alerts: np.ndarray, rows: np.ndarray, residuals: np.ndarray
) -> np.ndarray:
    """Covariance (2k, 2k) of the sums where labels fall as the probabilities say."""
    deviations = np.sqrt(probabilities * (1 - probabilities))
    parts = np.hstack([deviations * alerts, deviations])
    covariance: np.ndarray = (parts.T @ (parts * rows[:, None])) * np.tile(residuals, (2, 2))
    return covariance


def _calibration_error(
    answers: Answers,
    alerts: np.ndarray,
    tables: NullTables,
    shifts: Sequence[Shift],
) -> np.ndarray:
    """Covariance (2k, 2k) of the sums over calibrations fitted on other samples."""
    outcomes = tables.outcomes
    k = answers.cents.shape[1]
    moved = np.empty((len(outcomes.curves), 2 * k))
    points = np.arange(CENTS) / (CENTS - 1)
    for j, one in enumerate(shifts):
        curves = outcomes.curves[:, j]
        if one.shown:
            curves = shifted(curves, one.trained, one.now)
            points_here = shifted(points, one.trained, one.now)
        else:
            points_here = points
        for at, rows in ((j, answers.counts * alerts[:, j]), (k + j, answers.counts)):
            counts = np.bincount(answers.cents[:, j], rows, minlength=CENTS)
            moved[:, at] = (curves - points_here) @ counts
    # Around zero, not around their mean: that the probabilities are off on average counts too.
    covariance: np.ndarray = moved.T @ moved / len(moved)
    return covariance


def _draw(
    sums: np.ndarray,
    covariance: np.ndarray,
    alerts: np.ndarray,
    rows: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw right alerts and reports (d, 2k), none of which is impossible; the first is expected."""
    k = len(alerts)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = np.vstack([np.zeros(2 * k), rng.standard_normal((DRAWS, 2 * k))])
    drawn = sums + noise @ root.T
    hits = np.clip(drawn[:, :k], 0, alerts)
    reports = np.clip(drawn[:, k:], hits, rows - alerts + hits)
    return np.hstack([hits, reports])

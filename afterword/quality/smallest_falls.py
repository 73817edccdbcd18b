"""The smallest fall of each figure that so many labels could have shown.

That nothing fell is worth as much as what would have been seen. A figure's smallest fall is the one
that a one-sided test at :data:`LEVEL` against training would find in four batches of five. Figures
that are shares of counted cases have exact tests: cases as training's counts predict them, and
those of a batch as binomial ones.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import scipy

from afterword.measures.null_tables import NullTables
from afterword.quality import label_tests
from afterword.quality.labelled import ALL, Judged, trained_figures

LEVEL: Final = 0.05
POWER: Final = 0.8


def smallest_falls(judged: Judged, tables: NullTables) -> dict[tuple[str, str], float]:
    """The smallest fall of every figure, a share; NaN where no fall at all could be seen.

    Returns
    -------
    (scope, name) → fall, as :class:`~afterword.quality.findings.Figure` names them.
    """
    outcomes, counts = tables.outcomes, judged.counts
    weights = 1 / judged.labels.inclusion
    # Kish: so many equal rows tell as much as one of these; copies tell less.
    alike = float(weights.sum() ** 2 / (weights**2).sum()) / len(weights)
    worth = judged.labels.worth * alike
    rows, labelled = outcomes.rows, len(weights)
    trained = [one.astype(float) for one in outcomes.sums(tables.rules.thresholds)]
    ours = np.array([[one.hits, one.alerts, one.positives] for one in counts], float).T
    whole, error = judged.assessment.accuracy, trained_figures(tables)[ALL, "accuracy"][1]
    reach = float(scipy.special.ndtri(1 - LEVEL) + scipy.special.ndtri(POWER))
    found = {
        (ALL, "accuracy"): reach * math.hypot(whole.process_error, error),
        (ALL, "exact_match"): smallest_fall(worth * labelled, outcomes.exact * rows, rows),
        (ALL, "micro_f1"): _of_f1(worth, ours.sum(axis=1), [one.sum() for one in trained]),
    }
    for j, category in enumerate(tables.categories):
        hits, alerts, positives = (float(one[j]) for one in trained)
        right = rows - alerts - positives + 2 * hits
        found |= {
            (category, "accuracy"): smallest_fall(worth * labelled, right, rows),
            (category, "precision"): smallest_fall(worth * counts[j].alerts, hits, alerts),
            (category, "recall"): smallest_fall(worth * counts[j].positives, hits, positives),
            (category, "f1"): _of_f1(worth, ours[:, j], [hits, alerts, positives]),
        }
    return found


def smallest_fall(cases: float, hits: float, whole: float) -> float:
    """The smallest fall of a share that would be seen in four batches of five.

    Parameters
    ----------
    cases : of the batch; rounded down.
    hits, whole : of training, hits and all cases.

    >>> round(smallest_fall(40, 600, 1_000), 2), smallest_fall(2, 600, 1_000)
    (0.2, nan)
    """
    n = math.floor(cases + 1e-9)
    few = label_tests.least_share(n, hits, whole, LEVEL)
    if math.isnan(few):
        return math.nan
    most = round(few * n - 0.5)
    low = float(scipy.special.betaincinv(most + 1, n - most, 1 - POWER)) if most < n else 1.0
    return max(hits / whole - low, 0.0)


def _of_f1(worth: float, ours: np.ndarray, trained: list[float]) -> float:
    """The smallest fall of an F1: of hits among those that have a label or were given it.

    Parameters
    ----------
    worth : rows that count alike, for one of these.
    ours, trained : hits, alerts and positives of either.
    """
    hits, alerts, positives = trained
    cases = alerts + positives - hits
    if not cases:
        return math.nan
    fall = smallest_fall(worth * float(ours[1] + ours[2] - ours[0]), hits, cases)
    return label_tests.f1(hits / cases) - label_tests.f1(hits / cases - fall)

"""What Evidently's quality report is made of: each category's labels and answers, on both sides.

The training side is made again from counts (:class:`afterword.model.outcomes.Outcomes`): every
category's pairs of probability and label, in an order of chance, and no two categories in the
same one. So no line is a description's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.model.outcomes import CENTS, Outcomes
from afterword.quality.labelled import Labels, f1_name, usable
from afterword.reports import wording

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult


@dataclass(frozen=True, eq=False)
class Task:
    """One category as a yes-or-no task.

    Attributes
    ----------
    category : its name.
    threshold : probability from which it is predicted.
    trained, batch : (N, 2) and (n, 2) probability and label of each row.
    least : F1 up to which the check says that it fell; None where the check judges another F1.
    """

    category: str
    threshold: float
    trained: np.ndarray
    batch: np.ndarray
    least: float | None


def tasks_of(result: CheckResult, thresholds: np.ndarray) -> tuple[list[Task], list[str]]:
    """The categories that can be drawn, and a sentence for each that cannot.

    Parameters
    ----------
    result : a check of a batch with labels.
    thresholds : (k,) of the model, balanced.

    Returns
    -------
    Tasks and notes. Evidently fails on a category that all labels of one side have, or none.
    """
    profile, outcomes = result.profile, result.outcomes
    labels = usable(profile)
    if not isinstance(labels, Labels) or outcomes is None:
        return [], []
    whole = len(labels.places) == profile.accepted
    judged = {one.name: one for one in result.ranked("quality")}
    tasks, notes = [], []
    rng = np.random.default_rng(0)
    for place, (category, threshold) in enumerate(zip(profile.categories, thresholds, strict=True)):
        own = labels.probabilities[labels.places, place]
        batch = np.column_stack([own, labels.values[:, place]])
        trained = _rows_of(outcomes, place)
        if any(len(np.unique(side[:, 1])) < 2 for side in (batch, trained)):
            notes.append(wording.all_alike(category))
            continue
        measure = judged.get(f1_name(category))
        # Evidently counts rows alike, as the check does where every row has a label.
        least = (
            measure.reference - measure.threshold
            if measure is not None and whole and not math.isnan(measure.threshold)
            else None
        )
        tasks.append(
            Task(
                category, float(threshold), rng.permutation(trained), rng.permutation(batch), least
            )
        )
    if tasks and not whole:
        notes.append(wording.alike(profile.accepted, len(labels.places)))
    return tasks, notes


def _rows_of(outcomes: Outcomes, place: int) -> np.ndarray:
    """A category's pairs (N, 2) of probability and label, from their counts."""
    rows, positives = outcomes.counts[place].T.astype(int)
    cents = np.arange(CENTS) / (CENTS - 1)
    return np.concatenate(
        [
            np.column_stack([np.repeat(cents, count), np.full(int(count.sum()), label)])
            for label, count in ((1.0, positives), (0.0, rows - positives))
        ]
    )

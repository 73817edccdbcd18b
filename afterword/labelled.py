"""The labels of a batch, and the tests whether quality fell: inside the check's false alarms.

Where there are labels, a part of the check's chance of a false alarm, :data:`PART`, is theirs,
divided evenly among label accuracy and every category's F1 (Bonferroni). Each is a one-sided
Student test of the fall, with the errors of both sides, and a fall below :data:`FLOOR` does not
count.

A file of labels that a review wrote says how likely each labelled row was drawn, and its rows are
weighed accordingly. Such a weight can do harm: where these chances do not fit the file, because
rows were added, taken out or edited, nothing is judged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import stdtrit

from afterword.measures import FALL, QUALITY, Measure
from afterword.nulls import NullTables
from afterword.reference import probability_column
from afterword.review import Assessed, Assessment, assess
from afterword.schema import Scored

LEAST: Final = 30
"""Labelled rows below which a check does not judge quality."""
PART: Final = 0.4
"""Part of the chance of a false alarm that quality may have, where there are labels."""
FLOOR: Final = 0.02
"""Smallest fall that matters: two points."""
LEAST_CHANCE: Final = 0.1
"""A review draws every row with at least half of the uniform rate; far below, it is no review's."""
MOST_OFF: Final = 4.0
"""Standard errors by which the rows that the chances stand for may miss those that there are."""
ACCURACY: Final = "label_accuracy"
ALL: Final = "all"
NOT_WHOLE: Final = (
    "The chances of being labelled do not fit this file: give the whole file as Review wrote it, "
    "or take the column inclusion_probability out."
)


def f1_name(category: str) -> str:
    """Name of the measure that judges a category's F1."""
    return f"{category} f1"


@dataclass(frozen=True, eq=False)
class Labels:
    """The rows of a batch whose labels can be used.

    Attributes
    ----------
    places : (m,) of the rows with a label of every category.
    inclusion : (m,) probability in (0, 1] with which each was drawn to be labelled.
    values : (m, k) of 0 and 1.
    drawn : whether these probabilities came with the file.
    """

    places: np.ndarray
    inclusion: np.ndarray
    values: np.ndarray
    drawn: bool


def usable(scored: Scored) -> Labels | str | None:
    """The labels that can be used, or a sentence why none can; None if the batch has none.

    Parameters
    ----------
    scored : the batch; its ``labels`` may have gaps.

    Returns
    -------
    Labels, str or None
        Only rows with a label of every category count. Without chances, they count as drawn at
        random; where all rows were labelled in the end, some without a chance, all count alike.
    """
    if scored.labels is None:
        return None
    known = ~np.isnan(scored.labels)
    places = np.flatnonzero(known.all(axis=1))
    size, found = len(scored.labels), len(places)
    lacking = [
        name
        for name, any_known in zip(scored.categories, known.any(axis=0), strict=True)
        if not any_known
    ]
    if lacking:
        return (
            f"There are no labels of {', '.join(lacking)}; a column of 1 and 0 is needed for every "
            "category."
        )
    if found < LEAST:
        return (
            f"{found:,} of {size:,} descriptions have a label of every category; {LEAST} are "
            "needed to judge."
        )
    values = scored.labels[places].astype(int)
    chances = None if scored.inclusion is None else scored.inclusion[places]
    if chances is None or (found == size and np.isnan(chances).any()):
        return Labels(places, np.full(found, found / size), values, False)
    if np.isnan(chances).any() or chances.min() < LEAST_CHANCE * found / size:
        return NOT_WHOLE
    # Horvitz and Thompson: the rows that the drawn ones stand for are all that there are.
    weights = 1 / chances
    error = math.sqrt(float(((1 - chances) * weights**2).sum()))
    if abs(float(weights.sum()) - size) > MOST_OFF * error + 1:
        return NOT_WHOLE
    return Labels(places, chances, values, True)


@dataclass(frozen=True, eq=False)
class Judged:
    """Labels assessed, and the measures by which the check judges them."""

    labels: Labels
    assessment: Assessment
    measures: tuple[Measure, ...]


def judge(labels: Labels, scored: Scored, tables: NullTables, alpha: float) -> Judged:
    """Assess a batch's labels, and test whether quality fell.

    Parameters
    ----------
    labels : of the batch.
    scored : the batch.
    tables : of the model that scored it.
    alpha : chance of any false alarm among the measures that come back.
    """
    names = [probability_column(name) for name in tables.categories]
    assessment = assess(
        scored.frame[names].to_numpy(float),
        tables.rules.thresholds,
        tables.categories,
        labels.places,
        labels.inclusion,
        labels.values,
    )
    trained = trained_figures(tables)
    level = alpha / (1 + len(tables.categories))
    tests = [(ACCURACY, "Label accuracy", assessment.accuracy, trained[ALL, "accuracy"])]
    tests += [
        (f1_name(each.category), f"F1 of {each.category}", each.f1, trained[each.category, "f1"])
        for each in assessment.categories
    ]
    measures = tuple(
        _fall(name, label, found, *before, level, len(labels.places))
        for name, label, found, before in tests
    )
    return Judged(labels, assessment, measures)


def trained_figures(tables: NullTables) -> dict[tuple[str, str], tuple[float, float]]:
    """Quality in training, out of fold, at the balanced thresholds.

    Returns
    -------
    (scope, name) → (value, standard error), for "accuracy", "exact_match" and "micro_f1" of
    "all", and "accuracy", "precision", "recall", "f1" of each category; the error is that over
    groups of repeats, NaN where no test needs it.
    """
    outcomes, rows = tables.outcomes, tables.outcomes.rows
    hits, alerts, positives = outcomes.sums(tables.rules.thresholds)
    wrong = alerts + positives - 2 * hits
    found = {
        (ALL, "accuracy"): (
            1 - float(wrong.sum()) / (rows * len(hits)),
            float(outcomes.errors[0]),
        ),
        (ALL, "exact_match"): (outcomes.exact, math.nan),
        (ALL, "micro_f1"): (float(2 * hits.sum() / (alerts + positives).sum()), math.nan),
    }
    for j, category in enumerate(tables.categories):
        h, a, p = float(hits[j]), float(alerts[j]), float(positives[j])
        f1 = 2 * h / max(a + p, 1.0)
        found |= {
            (category, "accuracy"): (1 - float(wrong[j]) / rows, math.nan),
            (category, "precision"): (h / max(a, 1.0), math.nan),
            (category, "recall"): (h / max(p, 1.0), math.nan),
            (category, "f1"): (f1, float(outcomes.errors[1 + j])),
        }
    return found


def _fall(
    name: str,
    label: str,
    found: Assessed,
    trained: float,
    error: float,
    level: float,
    labelled: int,
) -> Measure:
    """Test one fall; a figure that is withheld is no measure that could have moved."""
    threshold = math.nan
    if not found.withheld:
        critical = -float(stdtrit(labelled - 1, level))
        threshold = max(FLOOR, critical * math.hypot(found.process_error, error))
    distance = max(trained - found.value, 0.0)
    drifted = bool(distance >= threshold)
    direction = "" if found.withheld else "lower" if found.value < trained else "higher"
    return Measure(
        name=name,
        label=label,
        group=QUALITY,
        unit="share",
        kind=FALL,
        reference=trained,
        batch=found.value,
        distance=math.nan if found.withheld else distance,
        threshold=threshold,
        floor=FLOOR,
        drifted=drifted,
        direction=direction,
        column=False,
        fault=False,
    )

"""Quality with labels: is the model as good as in training, and if not, what has changed?

A batch whose rows have true labels, all of them or a sample, gets the figures that training has:
label accuracy, exact match, micro-F1, and per category accuracy, precision, recall and F1. A
sample that was drawn with known probabilities is weighed by them (:mod:`afterword.review`); other
partly labelled batches are taken as labelled at random.

Whether quality fell is decided inside the check's rate of false alarms: where there are labels, a
part of it, :data:`PART`, is theirs, divided evenly among label accuracy and every category's F1
(Bonferroni). Each is a one-sided Student test of the fall, with the errors of both sides, and a
fall below :data:`FLOOR` does not count.

Why it fell is told by a comparison with what the probabilities let expect without labels
(:mod:`afterword.label_free`), which knows the mix of what came in: a fall in line with it is a
matter of the mix; one below it means that the same descriptions now have other labels, P(Y|X).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import TypeAdapter
from scipy.special import stdtrit

from afterword.evaluation import Estimate, expected_calibration_error
from afterword.label_free import QualityEstimate
from afterword.measures import FALL, QUALITY, Measure
from afterword.nulls import NullTables
from afterword.outcomes import Outcomes
from afterword.reference import probability_column
from afterword.review import Assessed, Assessment, assess
from afterword.schema import Scored

if TYPE_CHECKING:
    import pandas as pd

LEAST: Final = 30
"""Labelled rows below which a check does not judge quality."""
PART: Final = 0.4
"""Part of the chance of a false alarm that quality may have, where there are labels."""
FLOOR: Final = 0.02
"""Smallest fall that matters: two points."""
CAUSE_LEVEL: Final = 0.05
"""Chance at which a fall in line with the mix is blamed on the labels' meaning."""
TAIL: Final = 0.025
ACCURACY: Final = "label_accuracy"
ALL: Final = "all"
FELL, HELD, OPEN = "fell", "held", "open"
ANSWERS, MIX, UNKNOWN = "answers", "mix", "unknown"
NAMES: Final = ("accuracy", "precision", "recall", "f1")
ECE_DRAWS: Final = 500


def f1_name(category: str) -> str:
    """Name of the measure that judges a category's F1."""
    return f"{category} f1"


@dataclass(frozen=True)
class Figure:
    """One figure of quality, beside training's.

    Attributes
    ----------
    scope : "all", or a category's name.
    name : "accuracy", "exact_match", "micro_f1", "precision", "recall", "f1" or "ece".
    value, low, high : with its 95 % interval as a figure of where the batch came from; NaN where
        it is withheld.
    trained : the same on the training set, out of fold.
    expected : what the probabilities let expect of this batch; None where that is not known.
    withheld : why there is no value; "" if there is one.
    """

    scope: str
    name: str
    value: float
    low: float
    high: float
    trained: float
    expected: Estimate | None
    withheld: str = ""


@dataclass(frozen=True)
class Quality:
    """What the labels of a batch say.

    Attributes
    ----------
    rows : accepted rows of the batch.
    labelled : of these, with labels.
    drawn : whether they were drawn with known probabilities, as a review does.
    figures : each overall and per category.
    level : "fell", "held" (a fall of five points would have been seen) or "open" (cannot be told).
    cause : where it fell, "answers" (the same descriptions have other labels now), "mix" (in line
        with what came in) or "unknown"; "" otherwise.
    sentence : all of that in plain words.
    """

    rows: int
    labelled: int
    drawn: bool
    figures: tuple[Figure, ...]
    level: str
    cause: str
    sentence: str

    def figure(self, name: str, scope: str = ALL) -> Figure:
        """One of the figures.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        for one in self.figures:
            if (one.name, one.scope) == (name, scope):
                return one
        raise KeyError(name)

    def table(self) -> pd.DataFrame:
        """The figures as a table: scope, name, value, low, high, trained, expected, withheld."""
        import pandas as pd

        lines = [
            vars(one) | {"expected": one.expected.value if one.expected else math.nan}
            for one in self.figures
        ]
        return pd.DataFrame(lines)

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON; None where a figure is withheld."""

        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: plain(one) for key, one in value.items()}
            if isinstance(value, list | tuple):
                return [plain(one) for one in value]
            return None if isinstance(value, float) and not math.isfinite(value) else value

        found: dict[str, Any] = plain(asdict(self))
        return found

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Quality:
        """Make what :meth:`to_dict` gave.

        Raises
        ------
        KeyError, ValueError
            Something is missing, or is not what it should be.
        """
        figures = [
            {
                key: math.nan if value is None and key != "expected" else value
                for key, value in one.items()
            }
            for one in content["figures"]
        ]
        return TypeAdapter(cls).validate_python({**content, "figures": figures})


@dataclass(frozen=True)
class Judged:
    """Labels assessed, and the measures by which the check judges them."""

    assessment: Assessment
    measures: tuple[Measure, ...]
    places: np.ndarray
    labels: np.ndarray
    drawn: bool


def judge(scored: Scored, tables: NullTables, alpha: float) -> Judged | None:
    """Assess a batch's labels, and test whether quality fell.

    Parameters
    ----------
    scored : the batch; its ``labels`` may have gaps.
    tables : of the model that scored it.
    alpha : chance of any false alarm among the measures that come back.

    Returns
    -------
    Judged or None
        None where fewer than :data:`LEAST` rows have a label of every category.
    """
    if scored.labels is None:
        return None
    complete = ~np.isnan(scored.labels).any(axis=1)
    drawn = scored.inclusion is not None
    if scored.inclusion is not None:
        complete &= ~np.isnan(scored.inclusion)
    places = np.flatnonzero(complete)
    if len(places) < LEAST:
        return None
    size = len(scored.labels)
    inclusion = (
        scored.inclusion[places]
        if scored.inclusion is not None
        else np.full(len(places), len(places) / size)
    )
    labels = scored.labels[places].astype(int)
    names = [probability_column(name) for name in tables.categories]
    assessment = assess(
        scored.frame[names].to_numpy(float),
        tables.rules.thresholds,
        tables.categories,
        places,
        inclusion,
        labels,
    )
    trained = trained_figures(tables)
    level = alpha / (1 + len(tables.categories))
    tests = [(ACCURACY, "Label accuracy", assessment.accuracy, trained[ALL, "accuracy"])]
    tests += [
        (f1_name(each.category), f"F1 of {each.category}", each.f1, trained[each.category, "f1"])
        for each in assessment.categories
    ]
    measures = tuple(
        _fall(name, label, found, *before, level, len(places))
        for name, label, found, before in tests
    )
    return Judged(assessment, measures, places, labels, drawn)


def describe(
    judged: Judged, scored: Scored, tables: NullTables, estimate: QualityEstimate
) -> Quality:
    """Put what the labels say beside training and beside what was to be expected.

    Parameters
    ----------
    judged : what :func:`judge` found.
    scored, tables : the same.
    estimate : of the same batch without its labels.
    """
    trained, expected = trained_figures(tables), _expected(estimate)
    assessment, freedom = judged.assessment, judged.assessment.labelled - 1
    figures = []

    def add(scope: str, name: str, found: Assessed) -> None:
        low, high = _interval(found, freedom)
        before = trained.get((scope, name), (math.nan, 0.0))[0]
        figures.append(
            Figure(
                scope, name, found.value, low, high, before, expected.get((scope, name)),
                found.withheld,
            )
        )  # fmt: skip

    for name in ("accuracy", "exact_match", "micro_f1"):
        add(ALL, name, getattr(assessment, name))
    for j, each in enumerate(assessment.categories):
        for name in NAMES:
            add(each.category, name, getattr(each, name))
        figures.append(_calibration(judged, scored, tables, j))
    level, cause, sentence = _told(judged, figures[0], estimate)
    return Quality(
        rows=len(scored.frame),
        labelled=assessment.labelled,
        drawn=judged.drawn,
        figures=tuple(figures),
        level=level,
        cause=cause,
        sentence=sentence,
    )


def trained_figures(tables: NullTables) -> dict[tuple[str, str], tuple[float, float]]:
    """Quality in training, out of fold, at the balanced thresholds.

    Returns
    -------
    (scope, name) → (value, standard error), for "accuracy", "exact_match" and "micro_f1" of
    "all", and "accuracy", "precision", "recall", "f1" of each category.
    """
    outcomes, rows = tables.outcomes, tables.outcomes.rows
    hits, alerts, positives = outcomes.sums(tables.rules.thresholds)
    wrong = alerts + positives - 2 * hits
    root = math.sqrt(rows)
    found = {
        (ALL, "accuracy"): (
            1 - float(wrong.sum()) / (rows * len(hits)),
            float(outcomes.spread) / root,
        ),
        (ALL, "exact_match"): (
            outcomes.exact,
            math.sqrt(outcomes.exact * (1 - outcomes.exact)) / root,
        ),
        (ALL, "micro_f1"): (float(2 * hits.sum() / (alerts + positives).sum()), math.nan),
    }
    for j, category in enumerate(tables.categories):
        h, a, p = float(hits[j]), float(alerts[j]), float(positives[j])
        f1 = 2 * h / max(a + p, 1.0)
        # Linearised, over the four kinds of rows: found, needlessly alerted, missed, neither.
        squares = h * (2 - 2 * f1) ** 2 + (a - h + p - h) * f1**2
        accuracy = 1 - float(wrong[j]) / rows
        found |= {
            (category, "accuracy"): (accuracy, math.sqrt(accuracy * (1 - accuracy)) / root),
            (category, "precision"): (h / max(a, 1.0), math.nan),
            (category, "recall"): (h / max(p, 1.0), math.nan),
            (category, "f1"): (f1, math.sqrt(squares) / max(a + p, 1.0)),
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


def _interval(found: Assessed, freedom: int) -> tuple[float, float]:
    """95 % interval as a figure of where the batch came from, on the scale of log-odds."""
    if found.withheld:
        return math.nan, math.nan
    reach = -float(stdtrit(max(freedom, 1), TAIL)) * found.process_error
    if not 0 < found.value < 1:
        return max(found.value - reach, 0.0), min(found.value + reach, 1.0)
    centre = math.log(found.value / (1 - found.value))
    width = reach / (found.value * (1 - found.value))
    low, high = (1 / (1 + math.exp(-(centre + sign * width))) for sign in (-1, 1))
    return low, high


def _expected(estimate: QualityEstimate) -> dict[tuple[str, str], Estimate]:
    if estimate.withheld:
        return {}
    found = {(ALL, "accuracy"): estimate.accuracy, (ALL, "micro_f1"): estimate.micro_f1}
    for each in estimate.categories:
        found |= {(each.category, name): getattr(each, name) for name in NAMES}
    return {key: one for key, one in found.items() if one is not None}


def _calibration(judged: Judged, scored: Scored, tables: NullTables, j: int) -> Figure:
    """A category's calibration error, where rows count alike."""
    category = tables.categories[j]
    own = scored.frame[probability_column(category)].to_numpy(float)[judged.places]
    truth = judged.labels[:, j].astype(float)
    before = _trained_ece(tables.outcomes, j)
    if judged.drawn and len(judged.places) < len(scored.frame):
        reason = "Drawn rows do not count alike; label all rows to see it."
        return Figure(category, "ece", math.nan, math.nan, math.nan, before, None, reason)
    value = expected_calibration_error(truth, own)
    rng = np.random.default_rng(0)
    picked = rng.integers(0, len(own), (ECE_DRAWS, len(own)))
    draws = np.array([expected_calibration_error(truth[rows], own[rows]) for rows in picked])
    # Resampling adds noise that an ECE counts as error: shifted by the bootstrap's own bias.
    low, high = np.percentile(np.maximum(draws - draws.mean() + value, 0.0), (2.5, 97.5))
    return Figure(category, "ece", value, float(low), float(high), before, None)


def _trained_ece(outcomes: Outcomes, j: int) -> float:
    counts = outcomes.counts[j]
    cents = np.arange(len(counts)) / (len(counts) - 1)
    gaps = np.bincount(
        np.minimum((cents * 10).astype(int), 9), counts[:, 1] - cents * counts[:, 0], minlength=10
    )
    return float(np.abs(gaps).sum() / outcomes.rows)


def _told(judged: Judged, accuracy: Figure, estimate: QualityEstimate) -> tuple[str, str, str]:
    """Level, cause, and a sentence on both."""
    fallen = sorted((one for one in judged.measures if one.drifted), key=lambda one: -one.excess)
    now = (
        f"{_percent(accuracy.value)} of the labels are right, {_percent(accuracy.trained)} in "
        "training"
    )
    if not fallen:
        fall = accuracy.trained - accuracy.low
        if fall < 0.05:
            return HELD, "", f"Quality held: {now}; a fall of 5 points would have been seen."
        points = f"{100 * max(fall, 0):.0f}"
        return OPEN, "", f"No fall was shown: {now}; it may still be up to {points} points."
    first = fallen[0]
    figure = "label accuracy" if first.name == ACCURACY else first.label
    before = _percent(first.reference)
    fell = f"Quality fell: {figure} is {_percent(first.batch)}, {before} in training"
    cause = _cause(first, judged, estimate)
    told = {
        ANSWERS: (
            "That is below what these descriptions let expect, so the same words now get other "
            "labels than in training."
        ),
        MIX: "That is what this mix of descriptions lets expect; what labels mean has not moved.",
        UNKNOWN: (
            "Whether other descriptions came in or the same ones have other labels now cannot be "
            "told."
        ),
    }[cause]
    return FELL, cause, f"{fell}. {told}"


def _cause(first: Measure, judged: Judged, estimate: QualityEstimate) -> str:
    """Whether a fall is below what the probabilities let expect of this batch."""
    from scipy.special import ndtri

    if estimate.withheld:
        return UNKNOWN
    found: Assessed
    expected: Estimate | None
    if first.name == ACCURACY:
        found, expected = judged.assessment.accuracy, estimate.accuracy
    else:
        place = [f1_name(each.category) for each in estimate.categories].index(first.name)
        found, expected = judged.assessment.categories[place].f1, estimate.categories[place].f1
    if expected is None:
        return UNKNOWN
    error = math.hypot((expected.high - expected.low) / 3.92, found.error)
    beyond = (expected.value - found.value) / max(error, 1e-9)
    return ANSWERS if beyond > float(ndtri(1 - CAUSE_LEVEL)) else MIX


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def judged_measures(found: Judged | None) -> Sequence[Measure]:
    """The measures of quality; none without labels."""
    return () if found is None else found.measures

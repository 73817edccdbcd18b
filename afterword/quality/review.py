"""What a few labels say about a whole batch: its quality, with intervals that can be believed.

The model says of every row how right it expects to be; the labelled rows say how far that is off.
Their sum, each labelled row weighed by its probability to be drawn, is the difference estimator
(Särndal, Swensson & Wretman 1992): right on average even where the model is wrong. The method,
its sources and what a simulation found: ``docs/review.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike

from afterword.arrays import Floats, Integers
from afterword.errors import ReviewError
from afterword.model import wording as model_wording
from afterword.model.evaluation import jsonable
from afterword.quality import wording
from afterword.quality.estimates import (
    Assessed,
    Sample,
    f1_of,
    labels_of_a_kind,
    right_labels,
    withhold,
)
from afterword.quality.reviewers import Agreement, agreement
from afterword.quality.sampling import check_probabilities

__all__ = [
    "FEWEST", "SETTLED", "Agreement", "Assessed", "Assessment", "CategoryAssessment", "Level",
    "ReviewVerdict", "agreement", "assess", "review_verdict",
]  # fmt: skip

FEWEST: Final = 10
"""Labelled rows of the kind that a figure is about; below, it is withheld."""

SETTLED: Final = 30
"""Labelled rows below which there is no verdict, for few labels may all agree by chance, and no
recall is given: ten positives among twenty rows are luck, and who is lucky finds more missed
reports than there are (docs/review.md)."""

Level = Literal["fell", "held", "open"]


@dataclass(frozen=True)
class CategoryAssessment:
    """Quality of one category's decisions at the model's threshold.

    Attributes
    ----------
    category : name.
    positives_found : labelled rows that people gave the category.
    accuracy : share of the batch's rows decided rightly.
    precision : share of the rows given the category that have it.
    recall : share of the rows with the category that were given it.
    f1 : harmonic mean of both.
    missed : rows of the batch with the category, below the threshold; a number of rows.
    """

    category: str
    positives_found: int
    accuracy: Assessed
    precision: Assessed
    recall: Assessed
    f1: Assessed
    missed: Assessed


@dataclass(frozen=True)
class Assessment:
    """Quality of a batch, from the labels of some of its rows.

    Attributes
    ----------
    rows : N, accepted rows of the batch.
    labelled : rows with labels.
    accuracy : share of labels decided rightly: 1 - Hamming loss.
    exact_match : share of rows with every category right.
    micro_f1 : F1 of all labels pooled.
    categories : one :class:`CategoryAssessment` each, in the order given.
    """

    rows: int
    labelled: int
    accuracy: Assessed
    exact_match: Assessed
    micro_f1: Assessed
    categories: tuple[CategoryAssessment, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-ready values; None where a figure is withheld."""
        found: dict[str, Any] = jsonable(asdict(self))
        return found


@dataclass(frozen=True)
class ReviewVerdict:
    """Whether quality fell against training.

    Attributes
    ----------
    level : "fell", "held" (a fall that matters would have been seen) or "open" (too few labels).
    sentence : the same for a reader.
    fall : training's label accuracy less this batch's, in [-1, 1]; NaN if withheld.
    low, high : limits of the fall, each exceeded with a chance of ``alpha``; they are what the
        level rests on.
    """

    level: Level
    sentence: str
    fall: float
    low: float
    high: float


def assess(
    probabilities: ArrayLike,
    thresholds: ArrayLike,
    categories: Sequence[str],
    rows: ArrayLike,
    inclusion: ArrayLike,
    labels: ArrayLike,
) -> Assessment:
    """Estimate the quality of a batch from labelled rows.

    Parameters
    ----------
    probabilities : (N, k) of every accepted row.
    thresholds : (k,) from which on a category is given.
    categories : k names.
    rows : (m',) places of the labelled rows: the first m' of a queue.
    inclusion : (m',) final probabilities in (0, 1] with which they were drawn and reached:
        :meth:`~afterword.quality.sampling.Queue.inclusion_after`. All 1 if every row is labelled.
    labels : (m', k) of 0 and 1.

    Raises
    ------
    ReviewError
        If shapes do not agree, a row is named twice or is none of the batch's, or numbers are out
        of range.

    Examples
    --------
    >>> found = assess([[0.9], [0.2]] * 8, [0.5], ["Noise"], range(16), [1] * 16, [[1], [0]] * 8)
    >>> print(found.accuracy)
    1.000 [1.000, 1.000]
    >>> found.categories[0].recall.withheld
    'Only 8 labelled rows have Noise; this needs 10.'
    """
    p = check_probabilities(probabilities)
    cut = np.asarray(thresholds, dtype=float)
    if cut.shape != (p.shape[1],) or len(categories) != p.shape[1]:
        raise ReviewError(model_wording.ONE_A_CATEGORY)
    places, chances, y = _check_labels(p, rows, inclusion, labels)
    decided = (p >= cut).astype(float)
    sample = Sample(p, places, chances, y)
    if len(places) < min(FEWEST, len(p)):
        return _nothing(len(p), categories, y, wording.labels_needed(len(places), FEWEST))

    right = np.where(decided == 1, p, 1 - p).prod(axis=1, keepdims=True)
    exact = (decided[places] == y).all(axis=1, keepdims=True).astype(float)
    ones = np.ones_like(right)
    return Assessment(
        rows=len(p),
        labelled=len(places),
        accuracy=sample.share(right_labels(decided)),
        exact_match=Sample(right, places, chances, exact).share(labels_of_a_kind(ones, ones)),
        micro_f1=sample.share(
            f1_of(decided), _too_few(y.any(axis=1).sum(), "has a category", "have a category")
        ),
        categories=tuple(
            _category(sample.of(j), decided[:, [j]], category)
            for j, category in enumerate(categories)
        ),
    )


def review_verdict(
    assessment: Assessment,
    trained: float,
    trained_error: float,
    *,
    alpha: float = 0.05,
    fall: float = 0.05,
) -> ReviewVerdict:
    """Say whether the label accuracy fell against training.

    Below 30 labelled rows there is no verdict. From then on it fell if the lower limit of the fall
    is above 0, and held if its upper limit is below ``fall``; otherwise there are too few labels to
    tell. The limits are those of one-sided Student tests on the process's standard error.

    Parameters
    ----------
    assessment : what the labels say.
    trained : label accuracy in training, out-of-fold, at the same thresholds.
    trained_error : its standard error.
    alpha : chance of each limit to be exceeded.
    fall : the fall that matters: .05 are five points.

    Raises
    ------
    ReviewError
        If a number is out of range.

    >>> right = Assessed(0.84, 0.8, 0.87, error=0.018, process_error=0.02)
    >>> verdict = review_verdict(Assessment(900, 150, right, right, right, ()), 0.83, 0.005)
    >>> print(verdict.sentence)
    Quality held: 84.0 % of the model's decisions are right, 83.0 % were in training, and a fall of
    5 points or more can be ruled out.
    """
    if not (0 <= trained <= 1 and trained_error >= 0 and 0 < alpha < 0.5 and 0 < fall < 1):
        raise ReviewError("Give training's accuracy, the level and the fall as shares.")
    found = assessment.accuracy
    if found.withheld:
        sentence = wording.too_few_to_tell(found.withheld)
        return ReviewVerdict("open", sentence, math.nan, math.nan, math.nan)
    fell = trained - found.value
    margin = math.hypot(found.process_error, trained_error) * float(
        scipy.special.stdtrit(max(assessment.labelled - 1, 1), 1 - alpha)
    )
    low, high = fell - margin, fell + margin
    level, sentence = _told(assessment, wording.right_now(found.value, trained), low, high, fall)
    return ReviewVerdict(level, sentence, fell, low, high)


def _told(
    assessment: Assessment, now: str, low: float, high: float, fall: float
) -> tuple[Level, str]:
    """Level and sentence, from the limits of the fall."""
    rows, labelled = assessment.rows, assessment.labelled
    if labelled < SETTLED:
        return "open", wording.no_verdict_yet(rows, labelled, SETTLED, now)
    if low > 0:
        return "fell", wording.review_fell(now)
    if high < fall:
        return "held", wording.review_held(now, fall)
    return "open", wording.review_open(now, high, all_rows=labelled == rows)


def _category(sample: Sample, decided: Floats, category: str) -> CategoryAssessment:
    """Assess one category; ``decided`` is (N, 1)."""
    given = decided[sample.places].sum()
    positives = int(sample.labels.sum())
    labelled = len(sample.places)
    enough = _too_few(positives, f"has {category}", f"have {category}")
    if not enough and labelled < min(SETTLED, len(decided)):
        enough = wording.labels_needed(labelled, SETTLED)
    below = int(decided.size - decided.sum())
    under = f"below the threshold of {category}"
    missed = sample.share(
        labels_of_a_kind(1 - decided, 1 - decided),
        _too_few(labelled - given, f"lies {under}", f"lie {under}"),
    )
    return CategoryAssessment(
        category=category,
        positives_found=positives,
        accuracy=sample.share(right_labels(decided)),
        precision=sample.share(
            labels_of_a_kind(decided, decided),
            _too_few(given, f"was given {category}", f"were given {category}"),
        ),
        recall=sample.share(labels_of_a_kind(decided), enough),
        f1=sample.share(f1_of(decided), enough),
        missed=Assessed(
            missed.value * below,
            missed.low * below,
            missed.high * below,
            missed.error * below,
            missed.process_error * below,
            missed.withheld,
        ),
    )


def _check_labels(
    p: Floats, rows: ArrayLike, inclusion: ArrayLike, labels: ArrayLike
) -> tuple[Integers, Floats, Floats]:
    """Return the labelled rows as arrays, or say what does not fit."""
    places, chances = np.asarray(rows), np.asarray(inclusion, dtype=float)
    y = np.asarray(labels)
    if places.ndim != 1 or chances.shape != places.shape:
        raise ReviewError("Give one probability of being drawn for every labelled row.")
    if not len(places):
        return np.empty(0, np.int64), chances, np.empty((0, p.shape[1]))
    if y.shape != (len(places), p.shape[1]):
        raise ReviewError("Give a label for every labelled row and every category.")
    if not np.isin(y, (0, 1)).all():
        raise ReviewError(model_wording.ZERO_OR_ONE)
    if places.dtype.kind not in "iu" or places.min() < 0 or places.max() >= len(p):
        raise ReviewError("A labelled row is none of the batch's; draw the queue of this batch.")
    if len(np.unique(places)) < len(places):
        raise ReviewError("A row is labelled twice; keep one of its labels.")
    if not ((chances > 0) & (chances <= 1)).all():
        raise ReviewError("Probabilities of being drawn must lie above 0 and be at most 1.")
    return places.astype(np.int64), chances, y.astype(float)


def _too_few(found: float, does: str, do: str) -> str:
    """Return why a figure is withheld, "" if there are enough rows; a verb for one and for many."""
    return "" if found >= FEWEST else wording.rows_needed(found, does, do, FEWEST)


def _nothing(size: int, categories: Sequence[str], y: Floats, reason: str) -> Assessment:
    """An assessment that withholds everything."""
    none = withhold(reason)
    return Assessment(
        size,
        len(y),
        none,
        none,
        none,
        tuple(
            CategoryAssessment(category, int(y[:, j].sum()), none, none, none, none, none)
            for j, category in enumerate(categories)
        ),
    )

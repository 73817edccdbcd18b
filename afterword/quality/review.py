"""What a few labels say about a whole batch: its quality, with intervals that can be believed.

The model says of every row how right it expects to be; the labelled rows say how far that is off.
Their sum is the difference estimator (Särndal, Swensson & Wretman 1992): right on average even
where the model is wrong. A review draws its rows at random, for no other choice of them makes the
figures that matter clearly more precise; files of earlier reviews, whose rows had chances of their
own, are weighed by these. The method, its sources and what a simulation found: ``docs/review.md``.
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

__all__ = [
    "FEWEST", "LEAST", "Agreement", "Assessed", "Assessment", "CategoryAssessment", "Level",
    "ReviewVerdict", "agreement", "assess", "labels_needed", "review_verdict",
]  # fmt: skip

FEWEST: Final = 10
"""Labelled rows of the kind that a figure is about; below, it is withheld."""

LEAST: Final = 30
"""Labelled rows below which nothing is judged, by a review or by a check: few labels may all agree
by chance, and ten positives among twenty rows are luck (docs/review.md)."""

TOGETHER: Final = 0.08
"""Correlation of two labels' errors in one row: a text that misleads about one category misleads
about others. Mean over the three pairs of the shipped model's training rows (.12, .07, .05)."""

LEAST_DOUBT: Final = 0.02
"""No label is planned as surer than this: a model that is sure may still be wrong."""

FALL: Final = 0.05
"""The fall that matters: five points."""

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
    rows : (m',) places of the labelled rows.
    inclusion : (m',) probabilities in (0, 1] with which they came to be labelled: m'/N each if all
        had the same chance.
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
    p = _check_probabilities(probabilities)
    cut = np.asarray(thresholds, dtype=float)
    if cut.shape != (p.shape[1],) or len(categories) != p.shape[1]:
        raise ReviewError(model_wording.ONE_A_CATEGORY)
    places, chances, y = _check_labels(p, rows, inclusion, labels)
    decided = (p >= cut).astype(float)
    sample = Sample(p, places, chances, y)
    if len(places) < min(LEAST, len(p)):
        return _nothing(len(p), categories, y, wording.labels_needed(len(places), LEAST))

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
    fall: float = FALL,
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


def labels_needed(
    probabilities: ArrayLike,
    *,
    fall: float = FALL,
    alpha: float = 0.05,
    power: float = 0.8,
    trained_error: float = 0.0,
) -> int | None:
    """Return how many labels of rows drawn at random tell a fall of the accuracy from chance.

    Planned for a one-sided test of this batch's label accuracy, taken as an estimate of where the
    batch came from, against that of training; with the variance that the probabilities let expect
    *after* such a fall, if errors are spread over all rows.

    Parameters
    ----------
    probabilities : (N, k) in [0, 1].
    fall : the fall that is to be seen: .05 are five points.
    alpha : chance that the test finds a fall where there is none.
    power : chance that it finds the fall.
    trained_error : standard error of the accuracy in training.

    Returns
    -------
    Number of labels, from :data:`LEAST` to N; None if even all rows would not do.

    Raises
    ------
    ReviewError
        If the batch is empty, shapes do not agree or numbers are out of range.

    >>> labels_needed([[0.5]] * 100) is None
    True
    >>> labels_needed([[0.5, 0.9, 0.1]] * 2000)
    173
    """
    p = _check_probabilities(probabilities)
    if not (0 < fall < 1 and 0 < alpha < 0.5 and 0.5 <= power < 1 and trained_error >= 0):
        raise ReviewError("Give a fall, a level and a power that are shares between 0 and 1.")
    size = len(p)
    wrong = np.minimum(p, 1 - p)
    # Labels that turn over at random make a sure row wrong more often than an unsure one.
    turned = min(fall / max(float((1 - 2 * wrong).mean()), 1e-9), 0.5)
    variance = float(_variances(p + turned * (1 - 2 * p)).mean())
    between = variance + float((1 - wrong).mean(axis=1).var())
    m = np.arange(min(LEAST, size), size + 1)
    error = np.sqrt((1 / m - 1 / size) * variance + between / size + trained_error**2)
    quantiles = scipy.special.stdtrit(np.maximum(m - 1, 1), 1 - alpha) + scipy.special.ndtri(power)
    seen = (m > 1) & (quantiles * error <= fall)
    return int(m[seen.argmax()]) if seen.any() else None


def _variances(p: Floats) -> Floats:
    """Variance (N,) of each row's share of right labels, given its probabilities (N, k)."""
    sure = np.clip(p, LEAST_DOUBT, 1 - LEAST_DOUBT)
    alone = sure * (1 - sure)
    together = np.sqrt(alone).sum(axis=1) ** 2
    found: Floats = ((1 - TOGETHER) * alone.sum(axis=1) + TOGETHER * together) / p.shape[1] ** 2
    return found


def _told(
    assessment: Assessment, now: str, low: float, high: float, fall: float
) -> tuple[Level, str]:
    """Level and sentence, from the limits of the fall."""
    rows, labelled = assessment.rows, assessment.labelled
    if labelled < LEAST:
        return "open", wording.no_verdict(rows, LEAST, now)
    if low > 0:
        return "fell", wording.review_fell(now)
    if high < fall:
        return "held", wording.review_held(now, fall)
    return "open", wording.review_open(now, high, all_rows=labelled == rows)


def _category(sample: Sample, decided: Floats, category: str) -> CategoryAssessment:
    """Assess one category; ``decided`` is (N, 1)."""
    given = decided[sample.places].sum()
    positives = int(sample.labels.sum())
    enough = _too_few(positives, f"has {category}", f"have {category}")
    below = int(decided.size - decided.sum())
    under = f"below the threshold of {category}"
    missed = sample.share(
        labels_of_a_kind(1 - decided, 1 - decided),
        _too_few(len(sample.places) - given, f"lies {under}", f"lie {under}"),
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


def _check_probabilities(probabilities: ArrayLike) -> Floats:
    """Return probabilities as an array (N, k), or say what is wrong with them."""
    p: Floats = np.asarray(probabilities, dtype=float)
    if not p.size:
        raise ReviewError(wording.NO_ROWS)
    if p.ndim != 2:
        raise ReviewError(
            "Give a table of probabilities: a row a description, a column a category."
        )
    if not ((p >= 0) & (p <= 1)).all():
        raise ReviewError("Probabilities must lie between 0 and 1.")
    return p


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
        raise ReviewError("A labelled row is none of the batch's; label rows of this batch.")
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

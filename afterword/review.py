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
from numpy.typing import ArrayLike, NDArray
from scipy import special

from afterword.errors import ReviewError
from afterword.sampling import Floats, Integers, check_probabilities

LEVEL: Final = 0.95
"""Share of batches whose value an interval holds."""

FEWEST: Final = 10
"""Labelled rows of the kind that a figure is about; below, it is withheld."""

SETTLED: Final = 30
"""Labelled rows below which no recall is given: ten positives among twenty rows are luck, and
those who are lucky find more missed reports than there are (docs/review.md)."""

PRIOR: Final = 5.0
"""Labelled rows that the variance which the probabilities let expect is worth: by chance, few
labels may all be as predicted, and that is no proof of it."""

MOST_UNEVEN: Final = 2.0
"""No end of an interval is further away than twice as far as Student's: close to 0 or 1 the logit
scale would stretch it over everything."""

Level = Literal["fell", "held", "open"]


@dataclass(frozen=True)
class Assessed:
    """A figure from labels, with its 95 % interval for this batch.

    Attributes
    ----------
    value, low, high : a share in [0, 1], or for missed reports a number of rows; NaN if withheld.
    error : standard error of the value as that of this batch. 0 once every row is labelled.
    process_error : standard error of the value as that of where the batch came from; larger, for
        another batch would have had other rows.
    withheld : why there is no value, in a sentence; empty if there is one.
    """

    value: float
    low: float
    high: float
    error: float
    process_error: float
    withheld: str = ""

    def __str__(self) -> str:
        return self.withheld or f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


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
        found: dict[str, Any] = _jsonable(asdict(self))
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


@dataclass(frozen=True)
class Agreement:
    """How far two people agree on one category.

    Attributes
    ----------
    category : name.
    rows : n, rows that both labelled.
    both_yes, only_first, only_second, both_no : rows by who gave the category.
    kappa : Cohen's κ: agreement beyond that of chance; 1 is perfect, 0 is chance. NaN if withheld.
    low, high : its 95 % interval.
    withheld : why there is no κ, in a sentence; empty if there is one.
    """

    category: str
    rows: int
    both_yes: int
    only_first: int
    only_second: int
    both_no: int
    kappa: float
    low: float
    high: float
    withheld: str = ""

    @property
    def agreed(self) -> float:
        """Share of the rows on which both said the same; NaN without rows."""
        return (self.both_yes + self.both_no) / self.rows if self.rows else math.nan


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
        :meth:`~afterword.sampling.Queue.inclusion_after`. All 1 if every row is labelled.
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
    'Only 8 rows with Noise were found; this needs 10.'
    """
    p = check_probabilities(probabilities)
    cut = np.asarray(thresholds, dtype=float)
    if cut.shape != (p.shape[1],) or len(categories) != p.shape[1]:
        raise ReviewError("Give one threshold and one name for every category.")
    places, chances, y = _check_labels(p, rows, inclusion, labels)
    decided = (p >= cut).astype(float)
    sample = _Sample(p, places, chances, y)
    if len(places) < min(FEWEST, len(p)):
        few = f"Only {_rows(len(places))} labelled; this needs {FEWEST}."
        return _nothing(len(p), categories, y, few)

    right = np.where(decided == 1, p, 1 - p).prod(axis=1, keepdims=True)
    exact = (decided[places] == y).all(axis=1, keepdims=True).astype(float)
    ones = np.ones_like(right)
    positives = y.sum(axis=0).astype(int)
    pooled = _too_few(int(positives.sum()), "labels that apply were found")
    return Assessment(
        rows=len(p),
        labelled=len(places),
        accuracy=sample.share(_right(decided)),
        exact_match=_Sample(right, places, chances, exact).share(
            _Share(ones, np.zeros(len(p)), 0 * ones, np.ones(len(p)))
        ),
        micro_f1=sample.share(_f1(decided), pooled),
        categories=tuple(
            _category(sample.of(j), decided[:, [j]], category)
            for j, category in enumerate(categories)
        ),
    )


def judge(
    assessment: Assessment,
    trained: float,
    trained_error: float,
    *,
    alpha: float = 0.05,
    fall: float = 0.05,
) -> ReviewVerdict:
    """Say whether the label accuracy fell against training.

    It fell if the lower limit of the fall is above 0, and held if its upper limit is below
    ``fall`` (each a one-sided Student test on the process's standard error); otherwise there are
    too few labels to tell.

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
    """
    if not (0 <= trained <= 1 and trained_error >= 0 and 0 < alpha < 0.5 and 0 < fall < 1):
        raise ReviewError("Give training's accuracy, the level and the fall as shares.")
    found = assessment.accuracy
    if found.withheld:
        sentence = f"Too few labels to tell. {found.withheld}"
        return ReviewVerdict("open", sentence, math.nan, math.nan, math.nan)
    fell = trained - found.value
    margin = math.hypot(found.process_error, trained_error) * float(
        special.stdtrit(max(assessment.labelled - 1, 1), 1 - alpha)
    )
    low, high = fell - margin, fell + margin
    now = f"{found.value:.1%} of the labels are right, {trained:.1%} were in training"
    level: Level
    if low > 0:
        level = "fell"
        sentence = f"Quality fell: {now}, and chance alone rarely makes such a difference."
    elif high < fall:
        level = "held"
        sentence = f"Quality held: {now}, and a fall of {_points(fall)} would have been seen."
    else:
        level = "open"
        sentence = f"Too few labels to tell: {now}, and the fall may be up to {_points(high)}."
    return ReviewVerdict(level, sentence, fell, low, high)


def agreement(
    first: ArrayLike, second: ArrayLike, categories: Sequence[str]
) -> tuple[Agreement, ...]:
    """Compare two people's labels of the same rows.

    Parameters
    ----------
    first, second : (n, k) of 0 and 1.
    categories : k names.

    Returns
    -------
    One :class:`Agreement` a category. The interval is that of Fleiss, Cohen & Everitt (1969),
    with half a row added to each of the four counts.

    Raises
    ------
    ReviewError
        If shapes do not agree or labels are not 0 or 1.

    >>> (found,) = agreement([[1], [1], [0], [0]], [[1], [0], [0], [0]], ["Noise"])
    >>> found.both_yes, found.only_first, found.kappa
    (1, 1, 0.5)
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape or a.ndim != 2 or a.shape[1] != len(categories):
        raise ReviewError("Give both people's labels of the same rows, one column a category.")
    if not (np.isin(a, (0, 1)).all() and np.isin(b, (0, 1)).all()):
        raise ReviewError("Labels must be 0 or 1.")
    return tuple(_agreed(a[:, j], b[:, j], category) for j, category in enumerate(categories))


@dataclass(frozen=True, eq=False)
class _Share:
    """A share of the batch, linear in its labels y above and below.

    Above stand the sums over rows of ``fixed_above`` and of y times ``above``; so below.
    """

    above: Floats
    fixed_above: Floats
    below: Floats
    fixed_below: Floats


def _right(decided: Floats) -> _Share:
    k = decided.shape[1]
    size = len(decided)
    return _Share((2 * decided - 1) / k, (1 - decided).mean(axis=1), 0 * decided, np.ones(size))


def _f1(decided: Floats) -> _Share:
    return _Share(2 * decided, np.zeros(len(decided)), np.ones_like(decided), decided.sum(axis=1))


def _part(of: Floats, known: Floats | None = None) -> _Share:
    """Labels that apply and are ``of`` a kind, among ``known`` ones or else all that apply."""
    zeros = np.zeros(len(of))
    if known is None:
        return _Share(of, zeros, np.ones_like(of), zeros)
    return _Share(of, zeros, 0 * of, known.sum(axis=1))


@dataclass(frozen=True, eq=False)
class _Sample:
    """Labelled rows of a batch.

    Attributes
    ----------
    probabilities : (N, k).
    places, inclusion, labels : (m,), (m,), (m, k) of the labelled rows.
    """

    probabilities: Floats
    places: Integers
    inclusion: Floats
    labels: Floats

    def of(self, category: int) -> _Sample:
        """The same rows with one category."""
        j = [category]
        return _Sample(self.probabilities[:, j], self.places, self.inclusion, self.labels[:, j])

    def share(self, share: _Share, withheld: str = "") -> Assessed:
        """Estimate a share."""
        if withheld:
            return _withhold(withheld)
        weights = 1 / self.inclusion
        p, here = self.probabilities, self.places
        residual = self.labels - p[here]

        def total(labels: Floats, fixed: Floats) -> float:
            """Estimated sum over the batch, no less than what was seen."""
            expected = (labels * p).sum() + fixed.sum()
            found = (weights * (labels[here] * residual).sum(axis=1)).sum()
            seen = (labels[here] * self.labels).sum() + fixed[here].sum()
            return max(float(expected + found), float(seen))

        part = total(share.above, share.fixed_above)
        rest = total(share.below - share.above, share.fixed_below - share.fixed_above)
        whole = part + rest
        if whole <= 0:
            return _withhold("There is nothing in the batch that this would be a share of.")
        value = part / whole

        slopes = (share.above - value * share.below)[here] / whole
        variance = self._variance((slopes * residual).sum(axis=1), slopes)
        ours = (slopes * self.labels).sum(axis=1) + (
            (share.fixed_above - value * share.fixed_below)[here] / whole
        )
        size = len(p)
        m = len(here)
        centre = np.average(ours, weights=weights)
        between = np.average((ours - centre) ** 2, weights=weights) * m / max(m - 1, 1)
        error = math.sqrt(variance)
        low, high = _interval(value, error, m - 1)
        # The shares are sums over the batch, so rows that are others add N times their variance.
        return Assessed(value, low, high, error, math.sqrt(variance + size * between))

    def _variance(self, residuals: Floats, slopes: Floats) -> float:
        """Variance of the sum over the batch (Deville 1999), leaning a little on the model's."""
        m = len(residuals)
        if m < 2:
            return 0.0
        free = 1 - self.inclusion
        if not free.any():
            return 0.0
        c = free * m / (m - 1)
        scaled = residuals / self.inclusion
        centre = (c * scaled).sum() / c.sum()
        observed = float((c * (scaled - centre) ** 2).sum())
        p = self.probabilities[self.places]
        planned = float((free * (slopes**2 * p * (1 - p)).sum(axis=1) / self.inclusion**2).sum())
        return ((m - 1) * observed + PRIOR * planned) / (m - 1 + PRIOR)


def _interval(value: float, error: float, freedom: int) -> tuple[float, float]:
    """Interval of a share on the logit scale, where it cannot leave [0, 1]."""
    if error == 0:
        return value, value
    reach = float(special.stdtrit(max(freedom, 1), (1 + LEVEL) / 2)) * error
    low, high = max(value - MOST_UNEVEN * reach, 0.0), min(value + MOST_UNEVEN * reach, 1.0)
    if not 0 < value < 1:
        return low, high
    middle, reach = float(special.logit(value)), reach / (value * (1 - value))
    return (
        max(low, float(special.expit(middle - reach))),
        min(high, float(special.expit(middle + reach))),
    )


def _category(sample: _Sample, decided: Floats, category: str) -> CategoryAssessment:
    """Assess one category; ``decided`` is (N, 1)."""
    given = decided[sample.places].sum()
    positives = int(sample.labels.sum())
    enough = _too_few(positives, f"rows with {category} were found")
    if not enough and len(sample.places) < min(SETTLED, len(decided)):
        enough = f"Only {len(sample.places)} rows are labelled; this needs {SETTLED}."
    below = int(decided.size - decided.sum())
    undecided = len(sample.places) - int(given)
    missed = sample.share(
        _part(1 - decided, 1 - decided),
        _too_few(undecided, f"labelled rows lie below the threshold of {category}"),
    )
    return CategoryAssessment(
        category=category,
        positives_found=positives,
        accuracy=sample.share(_right(decided)),
        precision=sample.share(
            _part(decided, decided),
            _too_few(int(given), f"labelled rows were given {category}"),
        ),
        recall=sample.share(_part(decided), enough),
        f1=sample.share(_f1(decided), enough),
        missed=Assessed(
            missed.value * below,
            missed.low * below,
            missed.high * below,
            missed.error * below,
            missed.process_error * below,
            missed.withheld,
        ),
    )


def _agreed(first: NDArray[Any], second: NDArray[Any], category: str) -> Agreement:
    """Compare two people's labels of one category."""
    table = np.array([[((first == i) & (second == j)).sum() for j in (1, 0)] for i in (1, 0)])
    (both_yes, only_first), (only_second, both_no) = table.tolist()
    counts = (len(first), both_yes, only_first, only_second, both_no)
    if not len(first):
        reason = "No row was labelled by both."
    elif both_yes == len(first):
        reason = f"Both gave {category} to every row: nothing tells agreement from habit."
    elif both_no == len(first):
        reason = f"Neither gave {category} to any row: nothing tells agreement from habit."
    else:
        from sklearn.metrics import cohen_kappa_score

        kappa = float(cohen_kappa_score(first, second))
        return Agreement(category, *counts, kappa, *_kappa_interval(table, kappa))
    return Agreement(category, *counts, math.nan, math.nan, math.nan, reason)


def _kappa_interval(table: NDArray[np.int64], kappa: float) -> tuple[float, float]:
    """Interval by the large-sample error of Fleiss, Cohen & Everitt (1969), equation 13."""
    # Half a row each keeps the error above 0 where people agree on all of few rows.
    n = table.sum() + 2.0
    share = (table + 0.5) / n
    first, second = share.sum(axis=1), share.sum(axis=0)
    chance = float(first @ second)
    middle = float(np.trace(share) - chance) / (1 - chance)
    same = np.diag(share) @ (1 - (first + second) * (1 - middle)) ** 2
    apart = (1 - middle) ** 2 * sum(
        share[i, 1 - i] * (second[i] + first[1 - i]) ** 2 for i in (0, 1)
    )
    square = (same + apart - (middle - chance * (1 - middle)) ** 2) / (n * (1 - chance) ** 2)
    reach = float(special.ndtri((1 + LEVEL) / 2)) * math.sqrt(max(float(square), 0.0))
    return max(min(middle - reach, kappa), -1.0), min(max(middle + reach, kappa), 1.0)


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
        raise ReviewError("Labels must be 0 or 1.")
    if places.dtype.kind not in "iu" or places.min() < 0 or places.max() >= len(p):
        raise ReviewError("A labelled row is none of the batch's; draw the queue of this batch.")
    if len(np.unique(places)) < len(places):
        raise ReviewError("A row is labelled twice; keep one of its labels.")
    if not ((chances > 0) & (chances <= 1)).all():
        raise ReviewError("Probabilities of being drawn must lie above 0 and be at most 1.")
    return places.astype(np.int64), chances, y.astype(float)


def _too_few(found: int, what: str) -> str:
    """Return why a figure is withheld, "" if there are enough."""
    return "" if found >= FEWEST else f"Only {found} {what}; this needs {FEWEST}."


def _rows(n: int) -> str:
    return "1 row is" if n == 1 else f"{n} rows are"


def _points(share: float) -> str:
    return f"{100 * share:.3g} points"


def _withhold(reason: str) -> Assessed:
    return Assessed(math.nan, math.nan, math.nan, math.nan, math.nan, reason)


def _nothing(size: int, categories: Sequence[str], y: Floats, reason: str) -> Assessment:
    """An assessment that withholds everything."""
    none = _withhold(reason)
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


def _jsonable(value: Any) -> Any:
    """Replace tuples by lists and NaN by None."""
    if isinstance(value, dict):
        return {key: _jsonable(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_jsonable(each) for each in value]
    return None if isinstance(value, float) and math.isnan(value) else value

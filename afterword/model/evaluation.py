"""How good predictions are, with intervals: quality of decisions, ranking and calibration.

Everything is computed from labels and probabilities alone, so the same function serves the
out-of-fold predictions of a training run, a held-out split, and labelled production rows.
Intervals are bootstrap percentiles (Efron and Tibshirani, 1993, chapter 13).

>>> result = evaluate([[1], [0], [1], [0]], [[0.9], [0.2], [0.4], [0.1]], [0.3], ["Noise"])
>>> result.at_half.accuracy.value, result.at_thresholds.accuracy.value
(0.75, 1.0)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from afterword.arrays import Floats, Integers
from afterword.errors import AfterwordError
from afterword.model import wording

if TYPE_CHECKING:
    import pandas as pd


BINS: Final = 10
"""Equal-width bins of the expected calibration error (Naeini et al., AAAI 2015)."""

DRAWS: Final = 1_000
"""Resamples: percentiles of 2.5 % then rest on 25 draws."""

LEVEL: Final = 0.95
"""Share that an interval covers, and quantile of :attr:`CategoryQuality.ece_limit`."""

_CELLS: Final = 2_000_000
"""Draws x rows held in memory at once."""


class EvaluationError(AfterwordError):
    """Labels and predictions that cannot be compared."""


@dataclass(frozen=True)
class Estimate:
    """A measure with its 95 % interval; NaN where the data do not define it."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Overall:
    """Quality of the decisions over all categories.

    Attributes
    ----------
    accuracy : share of labels decided rightly: 1 - Hamming loss.
    exact_match : share of descriptions with every category right.
    micro_f1 : F1 of all labels pooled.
    macro_f1 : unweighted mean of the categories' F1.
    """

    accuracy: Estimate
    exact_match: Estimate
    micro_f1: Estimate
    macro_f1: Estimate


@dataclass(frozen=True)
class Decisions:
    """Quality of one category's decisions; a share of nothing counts as 0."""

    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True)
class CategoryQuality:
    """Quality of one category's probabilities and decisions.

    Attributes
    ----------
    category : name.
    threshold : the model's threshold; NaN if it never predicts the category.
    at_half, at_threshold : decisions from 0.5, and from the model's threshold.
    average_precision : area under precision over recall, by steps; NaN without positives.
    ece : expected calibration error: mean distance of probability and observed share.
    ece_limit : 95 % quantile of the ECE that a perfectly calibrated model with these
        probabilities would show on as many rows. An ECE below it is no sign of trouble.
    brier : mean squared distance of probability and label.
    prevalence : share of positives.
    """

    category: str
    threshold: float
    at_half: Decisions
    at_threshold: Decisions
    average_precision: Estimate
    ece: Estimate
    ece_limit: float
    brier: Estimate
    prevalence: Estimate


@dataclass(frozen=True)
class Evaluation:
    """Result of :func:`evaluate`.

    Attributes
    ----------
    rows : number of descriptions.
    units : what was resampled: rows, or groups of repeated descriptions.
    at_half, at_thresholds : overall quality at 0.5, and at the model's thresholds.
    categories : one :class:`CategoryQuality` each, in the order given.
    """

    rows: int
    units: int
    at_half: Overall
    at_thresholds: Overall
    categories: tuple[CategoryQuality, ...]

    def table(self) -> pd.DataFrame:
        """Return every measure as a row: scope, metric, value, low, high.

        The scope is ``all`` or a category's name; decisions name their threshold.
        """
        import pandas as pd

        rows: list[tuple[str, str, float, float, float]] = []

        def add(scope: str, metric: str, estimate: Estimate) -> None:
            rows.append((scope, metric, estimate.value, estimate.low, estimate.high))

        for overall, where in ((self.at_half, "at 0.5"), (self.at_thresholds, "at thresholds")):
            for each in fields(overall):
                add("all", f"{each.name} {where}", getattr(overall, each.name))
        for quality in self.categories:
            name, own = quality.category, f"at {quality.threshold:.3f}"
            for decisions, where in (
                (quality.at_half, "at 0.5"),
                (quality.at_threshold, "not attainable" if np.isnan(quality.threshold) else own),
            ):
                for each in fields(decisions):
                    add(name, f"{each.name} {where}", getattr(decisions, each.name))
            for metric in ("average_precision", "ece", "brier", "prevalence"):
                add(name, metric, getattr(quality, metric))
            rows.append((name, "ece_limit", quality.ece_limit, np.nan, np.nan))
        return pd.DataFrame(rows, columns=["scope", "metric", "value", "low", "high"])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-ready values; None where a measure is not defined."""
        found: dict[str, Any] = jsonable(asdict(self))
        return found


def evaluate(
    labels: ArrayLike,
    probabilities: ArrayLike,
    thresholds: ArrayLike,
    categories: Sequence[str],
    *,
    groups: ArrayLike | None = None,
    scores: ArrayLike | None = None,
    seed: int = 0,
) -> Evaluation:
    """Measure predictions against labels.

    Parameters
    ----------
    labels : (n, k) of 0 and 1.
    probabilities : (n, k) in [0, 1].
    thresholds : (k,) the model's thresholds; NaN of a category that it never predicts.
    categories : k names.
    groups : (n,) key of each row's group of repeated descriptions; the bootstrap then draws
        groups, since repeats tell less than as many different descriptions.
    scores : (n, k) for the ranking that average precision judges; calibrated probabilities
        have ties, the scores before calibration have none. Default: the probabilities.
    seed : decides the draws.

    Raises
    ------
    EvaluationError
        If the shapes do not match, there are no rows, or values lie outside their range.
    """
    y, p, t = np.asarray(labels), np.asarray(probabilities, float), np.asarray(thresholds, float)
    ranking = p if scores is None else np.asarray(scores, float)
    _check(y, p, t, ranking, categories)
    keys = np.arange(len(y)) if groups is None else np.asarray(groups)
    if keys.shape != (len(y),):
        raise EvaluationError("Give one group for every row.")
    units = np.unique(keys, return_inverse=True)[1].ravel()
    estimates = _estimates(y.astype(np.float64), p, t, ranking, units, seed)
    limits = _ece_limits(p, np.random.default_rng([seed, 1]))
    return _assemble(estimates, limits, t, categories, rows=len(y), units=int(units.max()) + 1)


def _estimates(
    y: Floats, p: Floats, t: Floats, ranking: Floats, units: Integers, seed: int
) -> list[Estimate]:
    """Every measure with its bootstrap interval, in the order of :func:`_measures`."""
    columns = _row_columns(y, p, t)
    orders = [_ranking(own) for own in ranking.T]
    value = _measures(np.ones((1, len(y))), columns, y, orders)[0]
    resampled = [
        _measures(weights, columns, y, orders)
        for weights in _resamples(units, np.random.default_rng(seed))
    ]
    draws = np.concatenate(resampled)
    for m in _places_of_ece(y.shape[1]):
        # Resampling doubles the noise in every bin, and an ECE counts noise as error: without
        # this shift by the bootstrap's own bias the interval would lie above the estimate.
        draws[:, m] = np.maximum(draws[:, m] - draws[:, m].mean() + value[m], 0.0)
    tail = 100 * (1 - LEVEL) / 2
    return [
        Estimate(float(own), *_percentiles(drawn, tail))
        for own, drawn in zip(value, draws.T, strict=True)
    ]


def _assemble(
    estimates: Sequence[Estimate],
    limits: Floats,
    thresholds: Floats,
    categories: Sequence[str],
    *,
    rows: int,
    units: int,
) -> Evaluation:
    """Put estimates, in the order of :func:`_measures`, where they belong."""
    found = iter(estimates)
    at_half, at_thresholds = (Overall(*(next(found) for _ in range(4))) for _ in range(2))
    qualities = []
    for category, threshold, limit in zip(categories, thresholds, limits, strict=True):
        half, own = (Decisions(next(found), next(found), next(found)) for _ in range(2))
        precision, ece, brier, prevalence = (next(found) for _ in range(4))
        qualities.append(
            CategoryQuality(
                category=category,
                threshold=float(threshold),
                at_half=half,
                at_threshold=own,
                average_precision=precision,
                ece=ece,
                ece_limit=float(limit),
                brier=brier,
                prevalence=prevalence,
            )
        )
    return Evaluation(rows, units, at_half, at_thresholds, tuple(qualities))


def expected_calibration_error(labels: Floats, probabilities: Floats) -> float:
    """Return the ECE of one category: (n,) labels against (n,) probabilities, 10 bins."""
    gaps = np.bincount(bins_of(probabilities), labels - probabilities, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def _check(y: NDArray[Any], p: Floats, t: Floats, s: Floats, categories: Sequence[str]) -> None:
    """Raise EvaluationError unless everything fits."""
    if y.ndim != 2 or not y.size or p.shape != y.shape or s.shape != y.shape:
        raise EvaluationError(
            "Labels and predictions must be tables of the same shape with at least one row."
        )
    if t.shape != (y.shape[1],) or len(categories) != y.shape[1]:
        raise EvaluationError(wording.ONE_A_CATEGORY)
    if not np.isin(y, (0, 1)).all():
        raise EvaluationError(wording.ZERO_OR_ONE)
    if not ((p >= 0) & (p <= 1)).all() or not np.isfinite(s).all():
        raise EvaluationError("Probabilities must lie between 0 and 1, and scores be numbers.")


def bins_of(p: Floats) -> Integers:
    """Return the bin (n,) of each probability by which an ECE is summed up."""
    return np.minimum((p * BINS).astype(np.int64), BINS - 1)


def _row_columns(y: Floats, p: Floats, t: Floats) -> Floats:
    """Return per row what the measures sum up: (n, 4 + k * (2 * 2 + 1 + 10 + 1)).

    For both kinds of thresholds: share of right labels, exact match. Then per category: hits
    and decisions at either threshold, positives, the gap of label and probability in each
    bin, squared error.
    """
    columns = []
    decided = (p >= 0.5, p >= t)
    for each in decided:
        right = each == (y == 1)
        columns += [right.mean(axis=1), right.all(axis=1)]
    for j in range(y.shape[1]):
        for each in decided:
            columns += [each[:, j] * y[:, j], each[:, j]]
        gaps = np.zeros((len(y), BINS))
        gaps[np.arange(len(y)), bins_of(p[:, j])] = y[:, j] - p[:, j]
        columns += [y[:, j], *gaps.T, (y[:, j] - p[:, j]) ** 2]
    return np.column_stack(columns).astype(np.float64)


def _measures(
    weights: Floats, columns: Floats, y: Floats, orders: Sequence[tuple[Integers, Integers]]
) -> Floats:
    """Return every measure under each draw's row weights, (draws, measures).

    The order is that of :class:`Evaluation`: overall at 0.5 and at the thresholds, then for
    each category decisions at 0.5, at its threshold, and the four measures of probabilities.
    """
    n = weights.sum(axis=1)
    sums = (weights @ columns).T
    per_category = sums[4:].reshape(y.shape[1], -1, len(weights))
    overall, categories = [], []
    for at in (0, 1):
        hits, decisions = per_category[:, 2 * at], per_category[:, 2 * at + 1]
        positives = per_category[:, 4]
        overall += [
            sums[2 * at] / n,
            sums[2 * at + 1] / n,
            _share(2 * hits.sum(axis=0), (decisions + positives).sum(axis=0)),
            _share(2 * hits, decisions + positives).mean(axis=0),
        ]
    for j, (hits, decided, own_hits, own_decided, positives, *rest) in enumerate(per_category):
        for h, d in ((hits, decided), (own_hits, own_decided)):
            categories += [_share(h, d), _share(h, positives), _share(2 * h, d + positives)]
        gaps, squares = np.array(rest[:BINS]), rest[BINS]
        categories += [
            _average_precision(weights, y[:, j], orders[j]),
            np.abs(gaps).sum(axis=0) / n,
            squares / n,
            positives / n,
        ]
    return np.array(overall + categories).T


def _places_of_ece(categories: int) -> list[int]:
    """Columns of :func:`_measures` that hold an ECE: eight overall, then ten per category."""
    return [8 + 10 * j + 7 for j in range(categories)]


def _share(part: Floats, whole: Floats) -> Floats:
    """Divide, with 0 for a share of nothing, as scikit-learn does."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _ranking(scores: Floats) -> tuple[Integers, Integers]:
    """Return the rows from the highest score down, and where each run of ties starts."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    return order, np.flatnonzero(np.diff(ranked, prepend=np.inf) != 0)


def _average_precision(weights: Floats, y: Floats, ranking: tuple[Integers, Integers]) -> Floats:
    """Return the sum over thresholds of the gain in recall times the precision, (draws,)."""
    order, starts = ranking
    ranked = weights[:, order]
    decided = np.add.reduceat(ranked, starts, axis=1).cumsum(axis=1)
    gained = np.add.reduceat(ranked * y[order], starts, axis=1)
    precision = _share(gained.cumsum(axis=1), decided)
    positives = gained.sum(axis=1)
    area = (gained * precision).sum(axis=1)
    found: Floats = area / np.where(positives > 0, positives, np.nan)
    return found


def _resamples(units: Integers, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield row weights of bootstrap draws, (draws, n) at a time."""
    n = int(units.max()) + 1
    at_once = max(1, _CELLS // len(units))
    for start in range(0, DRAWS, at_once):
        draws = min(at_once, DRAWS - start)
        picked = rng.integers(0, n, (draws, n)) + n * np.arange(draws)[:, None]
        counts = np.bincount(picked.ravel(), minlength=draws * n).reshape(draws, n)
        yield counts[:, units].astype(np.float64)


def _ece_limits(p: Floats, rng: np.random.Generator) -> Floats:
    """Simulate labels that come true as often as predicted; return the ECE's quantile, (k,)."""
    n, k = p.shape
    at_once = max(1, _CELLS // n)
    limits = []
    for j in range(k):
        member = np.zeros((n, BINS))
        member[np.arange(n), bins_of(p[:, j])] = 1.0
        found = []
        for start in range(0, DRAWS, at_once):
            drawn = rng.random((min(at_once, DRAWS - start), n)) < p[:, j]
            found.append(np.abs((drawn - p[:, j]) @ member).sum(axis=1) / n)
        limits.append(np.quantile(np.concatenate(found), LEVEL))
    return np.array(limits)


def _percentiles(draws: Floats, tail: float) -> tuple[float, float]:
    """Return the two percentiles that cut off the tails, over the draws that are defined.

    By hand: ``nanpercentile`` warns where no draw defines a measure.
    """
    defined = draws[~np.isnan(draws)]
    if not len(defined):
        return float("nan"), float("nan")
    low, high = np.percentile(defined, (tail, 100 - tail))
    return float(low), float(high)


def jsonable(value: Any) -> Any:
    """Replace tuples by lists and NaN by None, at any depth, so that JSON holds the value."""
    if isinstance(value, dict):
        return {key: jsonable(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(each) for each in value]
    if isinstance(value, float) and np.isnan(value):
        return None
    return value

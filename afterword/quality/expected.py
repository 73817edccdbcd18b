"""Quality without labels: what calibrated probabilities say of the decisions made on them.

If probabilities are calibrated, a decision at p is right with probability p or 1 − p, and sums of
these are the expected numbers of right alerts and of reports (Lewis, "Evaluating and optimizing
autonomous text classification systems", SIGIR 1995; as a monitor, NannyML's confidence-based
performance estimation). Four things are uncertain in such a sum, and all are in its interval:

- the labels themselves, given the probabilities; categories of one row go together as they did in
  training;
- the calibration, which was fitted on a sample: it is fitted again on bootstrap samples of it;
- a change of the mix. Where the share of a category has shifted beyond chance, probabilities are
  corrected by the expectation-maximisation of Saerens, Latinne and Decaestecker ("Adjusting the
  outputs of a classifier to new a priori probabilities", Neural Computation 14, 2002), and the
  error of the new share counts;
- a shift that is not shown: nothing is corrected then, and what a correction would have changed
  counts as error, together with the correction's own.

All this holds as long as descriptions of a kind mean what they meant in training. Where other
things came in than the calibration saw, nothing is estimated: a reason stands in its place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from pydantic import TypeAdapter

from afterword.measures.definitions import (
    CONTENT,
    FEED,
    INPUT,
    KNOWN_WORDS,
    REJECTED,
    WHOLE,
    Measure,
)
from afterword.measures.null_tables import NullTables
from afterword.model.evaluation import Estimate
from afterword.model.outcomes import CENTS
from afterword.model.reference import probability_column
from afterword.records import Scored

LEAST_ROWS: Final = 100
"""Rows below which a shift that would mislead the estimate could not be seen."""
LEAST_COUNT: Final = 10
"""Expected alerts or reports below which their share is not estimated."""
SHIFT_LEVEL: Final = 0.05
"""Chance that a shift of any category is taken for shown where there is none (Bonferroni)."""
ITERATIONS: Final = 500
TOLERANCE: Final = 1e-9
DRAWS: Final = 4_000
"""Draws of the sums, from which intervals of ratios are read."""
TAILS: Final = (2.5, 97.5)
_MARGIN: Final = 1e-4
"""Probabilities and shares stay so far from 0 and 1 while odds are taken."""


@dataclass(frozen=True)
class Shift:
    """Whether the share of a category has moved, by what the probabilities say.

    Attributes
    ----------
    category : its name.
    trained : share of the training rows.
    now : share of the batch by expectation-maximisation.
    shown : whether the shift is beyond chance; only then is anything corrected.
    """

    category: str
    trained: float
    now: float
    shown: bool


@dataclass(frozen=True)
class CategoryEstimate:
    """What is expected of one category's decisions; None where ``withheld`` says why.

    Attributes
    ----------
    category : its name.
    accuracy, precision, recall, f1 : shares, with 95 % intervals for this batch.
    missed : descriptions with the category below its threshold, a number.
    reports : descriptions with the category, a number.
    alerts : descriptions at or over the threshold, a number that is known.
    trained_missed : share of the reports that was missed in training.
    withheld : why a precision, recall or F1 is not given; "" if all are.
    """

    category: str
    accuracy: Estimate
    precision: Estimate | None
    recall: Estimate | None
    f1: Estimate | None
    missed: Estimate
    reports: Estimate
    alerts: int
    trained_missed: float
    withheld: str


@dataclass(frozen=True)
class QualityEstimate:
    """What is expected of a batch's decisions without any label.

    Attributes
    ----------
    rows : descriptions.
    withheld : why nothing is estimated; "" if something is.
    accuracy : share of labels decided rightly.
    micro_f1 : F1 of all labels pooled.
    categories : one :class:`CategoryEstimate` each.
    shifts : one :class:`Shift` per category.
    note : what could not be made sure of; "" if nothing.
    """

    rows: int
    withheld: str
    accuracy: Estimate | None = None
    micro_f1: Estimate | None = None
    categories: tuple[CategoryEstimate, ...] = ()
    shifts: tuple[Shift, ...] = ()
    note: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to expect in plain words: how much is right, how many reports are missed, why."""
        if self.withheld or self.accuracy is None:
            return (f"Not estimated. {self.withheld}",)
        right = self.accuracy
        missed = ", ".join(
            f"{_range(one.missed)} of about {one.reports.value:,.0f} with {one.category} "
            f"({100 * one.trained_missed:.0f} of 100 in training)"
            for one in self.categories
        )
        return (
            f"Without labels, {_percent(right.value)} of the answers about these {self.rows:,} "
            f"descriptions are expected to be right (95 % interval {100 * right.low:.0f}–"
            f"{_percent(right.high)}).",
            f"Reports expected to be missed, below their thresholds (95 % intervals): {missed}.",
            *(
                f"{one.category} is in about {_percent(one.now)} of these descriptions, "
                f"{_percent(one.trained)} in training; the estimate allows for it."
                for one in self.shifts
                if one.shown
            ),
            *([self.note] if self.note else []),
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return asdict(self) | {
            "categories": [asdict(one) for one in self.categories],
            "shifts": [asdict(one) for one in self.shifts],
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> QualityEstimate:
        """Make what :meth:`to_dict` gave.

        Raises
        ------
        ValueError
            Something is missing, or is not what it should be.
        """
        return TypeAdapter(cls).validate_python(content)


def estimate_quality(
    scored: Scored,
    tables: NullTables,
    measures: Sequence[Measure] = (),
    *,
    faulty: bool = False,
    seed: int = 0,
) -> QualityEstimate:
    """Estimate the quality of a batch's decisions from its probabilities.

    Parameters
    ----------
    scored : the batch as numbers.
    tables : of the model that scored it.
    measures : of the check, by which it is told whether other things came in.
    faulty : whether the check calls the feed faulty.
    seed : of the draws behind the intervals.
    """
    rows = len(scored.frame)
    if rows < LEAST_ROWS:
        return QualityEstimate(
            rows,
            f"With {rows:,} descriptions, a change that would mislead an estimate could not be "
            f"seen; {LEAST_ROWS} are needed.",
        )
    if faulty:
        return QualityEstimate(
            rows, "The feed looks broken, and on broken texts probabilities mean nothing."
        )
    names = [probability_column(name) for name in tables.categories]
    probabilities = scored.frame[names].to_numpy(float)
    shifts = find_shifts(probabilities, tables)
    reason = _outside(scored, tables, measures, shifts)
    if reason:
        return QualityEstimate(rows, reason, shifts=shifts)
    thresholds = tables.rules.thresholds
    sums, covariance = _sums(probabilities, thresholds, tables, shifts)
    alerts = (probabilities >= thresholds).sum(axis=0).astype(float)
    draws = _draw(sums, covariance, alerts, rows, np.random.default_rng(seed))
    whole = _overall(draws, alerts, rows)
    hits, _, positives = tables.outcomes.sums(thresholds)
    missed = 1 - hits / np.maximum(positives, 1)
    categories = tuple(
        _category(
            name,
            draws[:, j],
            draws[:, len(alerts) + j],
            float(alerts[j]),
            rows,
            float(missed[j]),
        )
        for j, name in enumerate(tables.categories)
    )
    note = ""
    if scored.profile is None or not scored.profile.whole:
        note = "These rows came without counts of words: whether other topics came in is not known."
    return QualityEstimate(rows, "", *whole, categories, shifts, note)


def find_shifts(probabilities: np.ndarray, tables: NullTables) -> tuple[Shift, ...]:
    """Test each category's share, and estimate it.

    The test compares the mean probability with that of training, which is the score test of the
    share where only the mix has changed; each category at :data:`SHIFT_LEVEL` over their number.

    Parameters
    ----------
    probabilities : (n, k) calibrated, in [0, 1].
    tables : of the model.
    """
    from scipy.special import ndtri

    n, k = probabilities.shape
    critical = float(ndtri(1 - SHIFT_LEVEL / k / 2))
    trained = _trained_shares(tables)
    error = tables.scale.scores[:k] * math.sqrt(1 / n + 1 / tables.rows)
    moved = np.abs(probabilities.mean(axis=0) - trained) / error
    return tuple(
        Shift(
            category,
            float(trained[j]),
            expected_share(probabilities[:, j], float(trained[j])),
            bool(moved[j] > critical),
        )
        for j, category in enumerate(tables.categories)
    )


def expected_share(probabilities: np.ndarray, trained: float) -> float:
    """Share of a category by expectation-maximisation (Saerens et al. 2002).

    Parameters
    ----------
    probabilities : (n,) calibrated where the share was ``trained``.
    trained : share of the category there, in (0, 1).

    >>> found = expected_share(np.array([0.9, 0.9, 0.9, 0.1]), 0.5)
    >>> 0.75 < found < 1
    True
    """
    share = trained
    for _ in range(ITERATIONS):
        before, share = share, float(shifted(probabilities, trained, share).mean())
        if abs(share - before) < TOLERANCE:
            break
    return share


def shifted(probabilities: np.ndarray, trained: float, share: float) -> np.ndarray:
    """Probabilities (n,) as they are where a category's share is another than in training."""
    trained, share = (min(max(one, _MARGIN), 1 - _MARGIN) for one in (trained, share))
    with_it = probabilities * share / trained
    without = (1 - probabilities) * (1 - share) / (1 - trained)
    found: np.ndarray = with_it / (with_it + without)
    return found


def _trained_shares(tables: NullTables) -> np.ndarray:
    """Mean probability (k,) of the training rows: their share, as the probabilities count it."""
    k = len(tables.categories)
    shares: np.ndarray = tables.totals.scores[0, :k] / tables.rows
    return shares


def _outside(
    scored: Scored, tables: NullTables, measures: Sequence[Measure], shifts: Sequence[Shift]
) -> str:
    """Why the calibration does not hold for what came in; "" if nothing says so."""
    mixed = any(one.shown for one in shifts)
    moved = [one for one in measures if one.drifted and one.group in (INPUT, CONTENT, FEED)]
    for one in sorted(moved, key=lambda measure: -measure.excess):
        # A category that grows brings its words and its content along: that is what is corrected.
        if one.name == REJECTED or (mixed and one.name == KNOWN_WORDS):
            continue
        if one.name == WHOLE and mixed and _content_left(scored, tables, shifts) < one.threshold:
            continue
        return (
            f"The inputs have moved outside what the calibration saw ({one.label}), so an estimate "
            "from probabilities could be wrong. Have a sample labelled."
        )
    return ""


def _content_left(scored: Scored, tables: NullTables, shifts: Sequence[Shift]) -> float:
    """Distance of the content from training that the new mix of categories does not explain."""
    profile = scored.profile
    if profile is None or not profile.whole:
        return 0.0
    mean = profile.content / profile.rows - tables.totals.content[0] / tables.rows
    grown = np.array([one.now - one.trained if one.shown else 0.0 for one in shifts])
    left = mean - grown @ tables.outcomes.content
    return float(np.sqrt(((left @ tables.scale.content) ** 2).sum()))


def _sums(
    probabilities: np.ndarray,
    thresholds: np.ndarray,
    tables: NullTables,
    shifts: Sequence[Shift],
) -> tuple[np.ndarray, np.ndarray]:
    """Expected right alerts and reports of all categories, (2k,), and their covariance."""
    k = probabilities.shape[1]
    alerts = probabilities >= thresholds
    corrected = probabilities.copy()
    sums, covariance = np.empty(2 * k), np.zeros((2 * k, 2 * k))
    for j, one in enumerate(shifts):
        at = [j, k + j]
        plain = probabilities[:, j]
        other = shifted(plain, one.trained, one.now)
        both = [
            np.array([own[alerts[:, j]].sum(), own.sum()]) for own in (plain, other)
        ]  # as they are, and corrected
        change = both[1] - both[0]
        covariance[np.ix_(at, at)] += _share_error(plain, alerts[:, j], one)
        if one.shown:
            corrected[:, j] = other
        else:
            covariance[np.ix_(at, at)] += np.outer(change, change)
        sums[at] = both[int(one.shown)]
    covariance += _label_noise(corrected, alerts, tables.outcomes.residuals)
    covariance += _calibration_error(probabilities, alerts, tables, shifts)
    return sums, covariance


def _share_error(probabilities: np.ndarray, alerts: np.ndarray, shift: Shift) -> np.ndarray:
    """Covariance (2, 2) that the error of a category's new share brings into its sums."""
    odds = probabilities.clip(_MARGIN, 1 - _MARGIN)
    ratio = odds / (1 - odds) * (1 - shift.trained) / shift.trained
    share = min(max(shift.now, _MARGIN), 1 - _MARGIN)
    scores = (ratio - 1) / (share * ratio + 1 - share)
    information = float((scores**2).sum())
    step = min(0.01, share / 2, (1 - share) / 2)
    low, high = (shifted(probabilities, shift.trained, share + sign * step) for sign in (-1.0, 1.0))
    slope = np.array([(high - low)[alerts].sum(), (high - low).sum()]) / (2 * step)
    return np.outer(slope, slope) / max(information, 1e-9)


def _label_noise(
    probabilities: np.ndarray, alerts: np.ndarray, residuals: np.ndarray
) -> np.ndarray:
    """Covariance (2k, 2k) of the sums where labels fall as the probabilities say."""
    deviations = np.sqrt(probabilities * (1 - probabilities))
    parts = np.hstack([deviations * alerts, deviations])
    covariance: np.ndarray = (parts.T @ parts) * np.tile(residuals, (2, 2))
    return covariance


def _calibration_error(
    probabilities: np.ndarray,
    alerts: np.ndarray,
    tables: NullTables,
    shifts: Sequence[Shift],
) -> np.ndarray:
    """Covariance (2k, 2k) of the sums over calibrations fitted on other samples."""
    outcomes = tables.outcomes
    cents = np.rint(probabilities * (CENTS - 1)).astype(np.int64)
    k = probabilities.shape[1]
    moved = np.empty((len(outcomes.curves), 2 * k))
    points = np.arange(CENTS) / (CENTS - 1)
    for j, one in enumerate(shifts):
        curves = outcomes.curves[:, j]
        if one.shown:
            curves = shifted(curves, one.trained, one.now)
            points_here = shifted(points, one.trained, one.now)
        else:
            points_here = points
        for at, rows in ((j, alerts[:, j]), (k + j, slice(None))):
            counts = np.bincount(cents[rows, j], minlength=CENTS)
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


def _overall(draws: np.ndarray, alerts: np.ndarray, rows: int) -> tuple[Estimate, Estimate]:
    k = len(alerts)
    hits, reports = draws[:, :k].sum(axis=1), draws[:, k:].sum(axis=1)
    wrong = alerts.sum() + reports - 2 * hits
    return _summary(1 - wrong / (rows * k)), _summary(_ratio(2 * hits, alerts.sum() + reports))


def _category(
    name: str,
    hits: np.ndarray,
    reports: np.ndarray,
    alerts: float,
    rows: int,
    trained_missed: float,
) -> CategoryEstimate:
    withheld = []
    if alerts < LEAST_COUNT:
        withheld.append(f"no precision, since there are {int(alerts)} alerts")
    if reports[0] < LEAST_COUNT:
        withheld.append(f"no recall, since only about {reports[0]:.0f} reports are expected")
    few_alerts, few_reports = alerts < LEAST_COUNT, reports[0] < LEAST_COUNT
    reason = f"{' and '.join(withheld)}; {LEAST_COUNT} are needed." if withheld else ""
    return CategoryEstimate(
        category=name,
        accuracy=_summary(1 - (alerts + reports - 2 * hits) / rows),
        precision=None if few_alerts else _summary(hits / alerts),
        recall=None if few_reports else _summary(_ratio(hits, reports)),
        f1=None if few_alerts or few_reports else _summary(_ratio(2 * hits, alerts + reports)),
        missed=_summary(reports - hits),
        reports=_summary(reports),
        alerts=int(alerts),
        trained_missed=trained_missed,
        withheld=reason[:1].upper() + reason[1:],
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _range(one: Estimate) -> str:
    return f"{one.low:,.0f}–{one.high:,.0f}"


def _ratio(part: np.ndarray, whole: np.ndarray | float) -> np.ndarray:
    found: np.ndarray = part / np.maximum(whole, 1e-9)
    return found


def _summary(draws: np.ndarray) -> Estimate:
    """The expected value, and the interval of the draws around it."""
    low, high = np.percentile(draws[1:], TAILS)
    return Estimate(float(draws[0]), float(low), float(high))

"""Quality without labels: how many reports came in, and how many of the answers are right.

The reference is reweighed until its answers are those of the batch (:mod:`~.tilting`): that
estimates, jointly for all categories, the share of the descriptions that report each, and the share
that reports it without having been given it. All else follows from these, because what was
given is known: right alerts are reports that were not missed. Intervals are those of this batch's
rows, on the logit scale, with the errors of the labels, of the batch and of the reference in them.

All this holds as long as descriptions of a kind mean what they meant in training. Where other
things came in than the calibration saw, nothing is estimated: a reason stands in its place.
Estimating right decisions from probabilities is Lewis's ("Evaluating and optimizing autonomous text
classification systems", SIGIR 1995), as a monitor NannyML's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import scipy
from pydantic import TypeAdapter

from afterword.measures.definitions import (
    CONTENT,
    FEED,
    INPUT,
    KNOWN_WORDS,
    REJECTED,
    SENT_TWICE,
    WHOLE,
    Measure,
)
from afterword.measures.effective import effective_rows
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile
from afterword.model.evaluation import Estimate
from afterword.quality import shares_wording, wording
from afterword.quality.shares import Share, estimate_shares, logits
from afterword.quality.tilting import Tilted, tilt

LEAST_ROWS: Final = 100
"""Rows below which a shift that would mislead the estimate could not be seen."""
LEAST_SHARED: Final = 30
"""Rows below which no share is estimated."""
LEAST_COUNT: Final = 10
"""Expected alerts or reports below which their share is not estimated."""
TAILS: Final = (2.5, 97.5)
DRAWS: Final = 4_000
"""Draws of the shares, from which intervals of ratios are read."""
_LEAST_DEVIATION: Final = 1e-12


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
    shares : one :class:`Share` per category.
    note : what could not be made sure of; "" if nothing.
    """

    rows: int
    withheld: str
    accuracy: Estimate | None = None
    micro_f1: Estimate | None = None
    categories: tuple[CategoryEstimate, ...] = ()
    shares: tuple[Share, ...] = ()
    note: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to expect in plain words: how much is right, how many reports are missed, why."""
        if self.withheld or self.accuracy is None:
            return (wording.not_estimated(self.withheld),)
        return (
            wording.expected_right(self.accuracy, self.rows),
            wording.expected_missed(
                [
                    (one.category, one.missed, one.reports, one.trained_missed)
                    for one in self.categories
                ]
            ),
            *(
                shares_wording.reported(
                    one.category, one.value, (one.low, one.high), self.rows, one.trained
                )
                for one in self.shares
                if one.shown
            ),
            *([self.note] if self.note else []),
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return asdict(self) | {
            "categories": [asdict(one) for one in self.categories],
            "shares": [asdict(one) for one in self.shares],
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
    profile: Profile,
    tables: NullTables,
    measures: Sequence[Measure] = (),
    *,
    faulty: bool = False,
    seed: int = 0,
) -> QualityEstimate:
    """Estimate the quality of a batch's decisions from its probabilities.

    Parameters
    ----------
    profile : of the batch.
    tables : of the model that scored it.
    measures : of the check, by which it is told whether other things came in.
    faulty : whether the check calls the feed faulty.
    seed : of the draws behind the intervals.
    """
    rows = profile.accepted
    if rows < LEAST_SHARED:
        return QualityEstimate(rows, wording.too_few_rows(rows, LEAST_ROWS))
    if faulty:
        return QualityEstimate(rows, wording.FAULTY)
    size = effective_rows(profile, tables.totals)
    tilted = tilt(profile.moments(), tables.outcomes.cells, size)
    shares = estimate_shares(tilted, tables)
    reason = _outside(profile, tables, measures, shares)
    if reason:
        return QualityEstimate(rows, reason)
    if rows < LEAST_ROWS:
        return QualityEstimate(rows, wording.too_few_rows(rows, LEAST_ROWS), shares=shares)
    k = len(shares)
    alerts = np.rint(tilted.batch[2 * k + 1 :] * rows)
    draws = _draw(tilted, alerts, rows, np.random.default_rng(seed))
    whole = _overall(draws, alerts, rows)
    hits, _, positives = tables.outcomes.sums(tables.rules.thresholds)
    missed = 1 - hits / np.maximum(positives, 1)
    categories = tuple(
        _category(name, draws[:, j], draws[:, k + j], float(alerts[j]), rows, float(missed[j]))
        for j, name in enumerate(tables.categories)
    )
    note = wording.NO_WORDS if profile.texts is None else ""
    return QualityEstimate(rows, "", *whole, categories, shares, note)


def _draw(tilted: Tilted, alerts: np.ndarray, rows: int, rng: np.random.Generator) -> np.ndarray:
    """Draw right alerts and reports (d, 2k), none of which is impossible; the first is expected."""
    k = len(alerts)
    middle, errors = logits(tilted.shares, tilted.covariance)
    # Of a category that the probabilities tell without any error, nothing is drawn.
    deviations = np.sqrt(np.diag(tilted.covariance)).clip(_LEAST_DEVIATION)
    together = tilted.covariance / np.outer(deviations, deviations)
    values, vectors = np.linalg.eigh(together)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    noise = np.vstack([np.zeros(2 * k), rng.standard_normal((DRAWS, 2 * k))])
    drawn = rows * scipy.special.expit(middle + errors * (noise @ root.T))
    missed = np.minimum(drawn[:, k:], rows - alerts)
    hits = np.clip(drawn[:, :k] - missed, 0, alerts)
    return np.hstack([hits, hits + missed])


def _outside(
    profile: Profile, tables: NullTables, measures: Sequence[Measure], shares: Sequence[Share]
) -> str:
    """Why the calibration does not hold for what came in; "" if nothing says so."""
    mixed = any(one.shown for one in shares)
    moved = [one for one in measures if one.drifted and one.group in (INPUT, CONTENT, FEED)]
    for one in sorted(moved, key=lambda measure: -measure.excess):
        # A category that grows brings its words and its content along: that is what is corrected.
        # Rows that were sent twice are sound, and counted as what they are worth.
        if one.name in (REJECTED, SENT_TWICE) or (mixed and one.name == KNOWN_WORDS):
            continue
        if one.name == WHOLE and mixed and _content_left(profile, tables, shares) < one.threshold:
            continue
        return wording.outside(one.label)
    return ""


def _content_left(profile: Profile, tables: NullTables, shares: Sequence[Share]) -> float:
    """Distance of the content from training that the new mix of categories does not explain."""
    texts = profile.texts
    if texts is None:
        return 0.0
    mean = texts.content / texts.rows - tables.totals.content[0] / tables.rows
    grown = np.array([one.value - one.trained if one.shown else 0.0 for one in shares])
    left = mean - grown @ tables.outcomes.content
    return float(np.sqrt(((left @ tables.scale.content) ** 2).sum()))


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
    few_alerts, few_reports = alerts < LEAST_COUNT, reports[0] < LEAST_COUNT
    return CategoryEstimate(
        category=name,
        accuracy=_summary(1 - (alerts + reports - 2 * hits) / rows),
        precision=None if few_alerts else _summary(hits / alerts),
        recall=None if few_reports else _summary(_ratio(hits, reports)),
        f1=None if few_alerts or few_reports else _summary(_ratio(2 * hits, alerts + reports)),
        missed=_whole(_summary(reports - hits)),
        reports=_whole(_summary(reports)),
        alerts=int(alerts),
        trained_missed=trained_missed,
        withheld=wording.few_counts(alerts, float(reports[0]), LEAST_COUNT),
    )


def _ratio(part: np.ndarray, whole: np.ndarray | float) -> np.ndarray:
    found: np.ndarray = part / np.maximum(whole, 1e-9)
    return found


def _whole(found: Estimate) -> Estimate:
    """A number of rows: what cannot be a part of one lies between whole ones."""
    return Estimate(found.value, math.floor(found.low), math.ceil(found.high))


def _summary(draws: np.ndarray) -> Estimate:
    """The expected value, and the interval of the draws around it."""
    low, high = np.percentile(draws[1:], TAILS)
    return Estimate(float(draws[0]), float(low), float(high))

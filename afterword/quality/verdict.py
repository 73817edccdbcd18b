"""Whether quality fell by a batch's labels, and why: its level, its cause, and a sentence on
both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import scipy

from afterword.measures.definitions import FALL, RISE, Measure
from afterword.measures.null_tables import NullTables
from afterword.model.evaluation import Estimate
from afterword.quality import review, wording
from afterword.quality.estimates import Assessed
from afterword.quality.expected import QualityEstimate
from afterword.quality.labelled import (
    ACCURACY,
    ALL,
    Counts,
    Judged,
    f1_name,
    missing_name,
    trained_figures,
)

CAUSE_LEVEL: Final = 0.05
"""Chance at which each of the two causes is named where the other is true."""
FELL, HELD, OPEN = "fell", "held", "open"
ANSWERS, MIX, UNKNOWN = "answers", "mix", "unknown"
MOST_ODD: Final = 2
"""Categories of which a sentence tells what is odd or could not be judged."""


def tell(judged: Judged, tables: NullTables, estimate: QualityEstimate) -> tuple[str, str, str]:
    """Say whether quality fell, and why.

    Parameters
    ----------
    judged : what the labels say.
    tables : of the model.
    estimate : of the same batch without its labels.

    Returns
    -------
    level, cause, sentence : as :class:`~afterword.quality.findings.Quality` has them.
    """
    fallen = sorted((one for one in judged.measures if one.drifted), key=lambda one: -one.excess)
    if not fallen:
        level, sentence = _no_alarm(judged, tables)
        return level, "", sentence
    odd = [one for one in fallen if one.kind == RISE]
    falls = [one for one in fallen if one.kind == FALL]
    said = [_odd(one, judged) for one in odd[:MOST_ODD]]
    if len(odd) > MOST_ODD:
        said.append(wording.MORE_ODD)
    if not falls:
        cause = UNKNOWN if estimate.withheld else ANSWERS
        return FELL, cause, " ".join((wording.NO_FIT, *said))
    first = falls[0]
    cause = _cause(first, judged, estimate)
    if not estimate.withheld and any(f1_name(one.detail) == first.name for one in odd):
        cause = ANSWERS
    fell = (
        wording.right_now(first.batch, first.reference)
        if first.name == ACCURACY
        else wording.figure_fell(first.label, first.batch, first.reference)
    )
    return FELL, cause, " ".join((wording.quality_fell(fell, _CAUSES[cause]), *said))


def _no_alarm(judged: Judged, tables: NullTables) -> tuple[str, str]:
    """Level and sentence where nothing fell beyond the check's chance of a false alarm."""
    verdict = review.review_verdict(judged.assessment, *trained_figures(tables)[ALL, "accuracy"])
    # What a review alone would call a fall is none at the check's rate of false alarms.
    if verdict.level == FELL:
        return OPEN, f"{verdict.sentence} {wording.NO_ALARM_YET}"
    unseen = _unseen(judged.counts)
    if not unseen:
        perfect = math.isclose(judged.assessment.accuracy.value, 1)
        return verdict.level, " ".join([verdict.sentence, *[wording.PERFECT] * perfect])
    if verdict.level == HELD:
        return OPEN, wording.over_all(unseen, verdict.sentence)
    return OPEN, f"{verdict.sentence} {unseen}"


def _odd(measure: Measure, judged: Judged) -> str:
    """How a category's labels differ from what the probabilities let expect."""
    category = measure.detail
    own = next(one for one in judged.counts if one.category == category)
    fewer = measure.name == missing_name(category)
    found = own.missing if fewer else own.added
    have = (
        (own.hits, own.expected_hits, wording.named_by_model(own.alerts))
        if fewer and own.alerts
        else (own.positives, own.expected, wording.with_labels(judged.assessment.labelled))
    )
    share = (found.value, found.low, found.high)
    return wording.odd_labels(category, have, share, fewer=fewer)


def _unseen(counts: Sequence[Counts]) -> str:
    """Which categories cannot have shown a fall, and what it would take; "" if all could."""
    few = [one for one in counts if one.cases < one.needed]
    told = [
        wording.not_seen(one.category, math.floor(one.cases), one.needed) for one in few[:MOST_ODD]
    ]
    if len(few) > MOST_ODD:
        told.append(wording.more_not_seen(len(few) - MOST_ODD))
    return " ".join(told)


_CAUSES: Final = {
    ANSWERS: wording.BELOW_EXPECTED,
    MIX: wording.MIX_EXPECTED,
    UNKNOWN: wording.CAUSE_UNKNOWN,
}


def _cause(first: Measure, judged: Judged, estimate: QualityEstimate) -> str:
    """What explains a fall, as far as the probabilities let tell."""
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
    reach = float(scipy.special.ndtri(1 - CAUSE_LEVEL)) * error
    unexplained, fall = expected.value - found.value, first.reference - found.value
    if unexplained - reach > 0:
        return ANSWERS
    return MIX if unexplained + reach < fall / 2 else UNKNOWN

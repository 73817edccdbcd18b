"""Whether quality fell by a batch's labels, and why: its level, its cause, and a sentence on
both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from afterword.measures.definitions import FALL, RISE, Measure
from afterword.measures.null_tables import NullTables
from afterword.quality import review, wording
from afterword.quality.expected import QualityEstimate
from afterword.quality.labelled import (
    ACCURACY,
    ALL,
    Counts,
    Judged,
    missing_name,
    trained_figures,
)
from afterword.quality.smallest_falls import smallest_falls

_Z: Final = 1.6448536269514722
"""Standard errors of a one-sided 95 % limit; written out, as the first answer would wait for it."""
FELL, HELD, OPEN = "fell", "held", "open"
ANSWERS, MIX, UNKNOWN, ELSEWHERE = "answers", "mix", "unknown", "elsewhere"
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
        return _no_alarm(judged, tables)
    # A fall is one beyond what the mix explains; where other things came in, nobody knows.
    cause = UNKNOWN if estimate.withheld else ANSWERS
    odd = [one for one in fallen if one.kind == RISE]
    falls = [one for one in fallen if one.kind == FALL]
    said = [_odd(one, judged) for one in odd[:MOST_ODD]]
    if len(odd) > MOST_ODD:
        said.append(wording.MORE_ODD)
    if not falls:
        return FELL, cause, " ".join((wording.NO_FIT, *said))
    first = falls[0]
    fell = (
        wording.right_now(first.batch, first.reference)
        if first.name == ACCURACY
        else wording.figure_fell(first.label, first.batch, first.reference)
    )
    return FELL, cause, " ".join((wording.quality_fell(fell, _CAUSES[cause]), *said))


def _no_alarm(judged: Judged, tables: NullTables) -> tuple[str, str, str]:
    """Level, cause and sentence where nothing fell beyond the check's chance of a false alarm."""
    trained = trained_figures(tables)[ALL, "accuracy"]
    verdict = review.review_verdict(judged.assessment, *trained)
    level: str = verdict.level
    said, mix = verdict.sentence, judged.mix.accuracy
    mixed = [
        wording.figure_mixed(one.category, one.f1, trained_figures(tables)[one.category, "f1"][0])
        for one in judged.counts
        if one.mixed
    ][:MOST_ODD]
    if level == FELL:
        reach = _Z * mix.error
        if mix.difference + reach < 0:
            # What a review alone would call a fall is none at the check's rate of false alarms.
            return OPEN, "", f"{said} {wording.NO_ALARM_YET}"
        level = HELD if reach - mix.difference < review.FALL else OPEN
        now = wording.right_now(judged.assessment.accuracy.value, trained[0])
        said, mixed = wording.mix_explains(now, mix.expected, held=level == HELD), ["", *mixed]
    perfect = math.isclose(judged.assessment.accuracy.value, 1)
    unseen = _unseen(judged.counts)
    if unseen:
        said = wording.over_all(unseen, said) if level == HELD else f"{said} {unseen}"
    uncovered = wording.not_covered(_uncovered(judged, tables)) if level == HELD else ""
    parts = [said, *mixed, uncovered, wording.PERFECT if perfect and not unseen else ""]
    told = " ".join(filter(None, parts))
    return OPEN if unseen else level, MIX if mixed else "", told


def _uncovered(judged: Judged, tables: NullTables) -> list[tuple[str, float, float]]:
    """Each category with the smallest falls of its recall and precision that could be seen."""
    falls = smallest_falls(judged, tables)
    return [(one, falls[one, "recall"], falls[one, "precision"]) for one in tables.categories]


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


_CAUSES: Final = {ANSWERS: wording.BELOW_EXPECTED, UNKNOWN: wording.CAUSE_UNKNOWN}

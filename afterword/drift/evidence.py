"""What sentences need beside the measures of a check: intervals, words and categories' shares."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from afterword.drift.comparing import Sides
from afterword.drift.naming import own_shifts
from afterword.measures.columns import Column
from afterword.measures.definitions import RISING, SHARE, Measure
from afterword.measures.effective import OF_TEXTS, sizes_of
from afterword.measures.intervals import of_mean, wilson
from afterword.measures.word_changes import WordChange
from afterword.model.reference import NUMBER
from afterword.quality.category_shares import CategoryShare, shares_of
from afterword.quality.expected import QualityEstimate

Interval = tuple[float, float]


@dataclass(frozen=True)
class Evidence:
    """What is known of a batch beside its measures.

    Attributes
    ----------
    rows, distinct : descriptions, and different ones among them.
    intervals : measure that moved → 95 % interval of its typical value in the batch.
    words : that changed, each with its interval where five descriptions hold it.
    shares : of each category; none of a batch that is too small.
    none_given : share of the batch, and of training, to which the model gives no category.
    hidden : what the commonest new word is, if it may not be shown.
    shifts : category → how far its own share moved, in standard errors, if one of them drifted.
    """

    rows: int
    distinct: int
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    words: Sequence[tuple[WordChange, Interval | None]] = ()
    shares: Sequence[CategoryShare] = ()
    none_given: tuple[float, float] | None = None
    hidden: str = ""
    shifts: Mapping[str, float] = field(default_factory=dict)

    def share(self, category: str | None) -> CategoryShare | None:
        """What is known of one category's share."""
        return next((one for one in self.shares if one.category == category), None)


def gather(
    sides: Sides,
    measures: Sequence[Measure],
    words: Sequence[WordChange],
    estimate: QualityEstimate | None,
) -> Evidence:
    """Gather what the sentences about a batch need.

    Parameters
    ----------
    sides : batch and reference.
    measures : of the check.
    words : that changed.
    estimate : of the batch; None if it is too small for one.
    """
    profile, texts = sides.profile, sides.profile.texts
    distinct = texts.distinct if texts is not None and texts.whole else sides.rows
    counted = [(one, wilson(one.share, distinct) if one.descriptions else None) for one in words]
    none, defined, sizes = None, sides.tables.definitions, {}
    if sides.rows:
        found = sizes_of(defined, profile, sides.tables.totals).tolist()
        sizes = dict(zip((each.name for each in defined), found, strict=True))
        before, now = sides.reference[NUMBER], profile.column(NUMBER)
        none = now.share_of(0.0), before.share_of(0.0)
    return Evidence(
        rows=sides.rows,
        distinct=distinct,
        intervals={
            one.name: _interval(one, sides, distinct, sizes.get(one.name, sides.rows))
            for one in measures
            if one.drifted
        },
        words=counted,
        shares=shares_of(profile, sides.tables, estimate) if estimate and sides.rows else (),
        none_given=none,
        hidden=texts.hidden if texts is not None else "",
        shifts=own_shifts(profile, sides.tables, measures),
    )


def _interval(measure: Measure, sides: Sides, distinct: int, size: int) -> Interval:
    """The 95 % interval of a measure's typical value in the batch; NaN where it has none.

    Parameters
    ----------
    measure, sides : of the batch.
    distinct : different texts.
    size : rows that were sent once to which the batch amounts for this measure.
    """
    if measure.kind in (SHARE, RISING):
        return wilson(measure.batch, distinct if measure.name in OF_TEXTS else size)
    if not measure.column:
        return math.nan, math.nan
    column = sides.profile.column(measure.name)
    if measure.unit not in ("characters", "words"):
        return of_mean(column.mean(), column.deviation(), size)
    logs = Column(np.log1p(column.values), column.counts)
    low, high = of_mean(logs.mean(), logs.deviation(), size)
    return math.expm1(low), math.expm1(high)

"""Which part of a batch moved: the rows with each value of a column, beside training.

A part is compared with what training rows of its own lengths are answered
(:mod:`afterword.measures.by_length`), in few measures: the probability of each category, and of
none. Words and content are none of them: a town's own name is in most of what is told of it, and
that is no change. A third of the chance of a false alarm belongs to all parts together, an equal
share to each that has enough rows; the rest is that of the whole.

What training has is linear in a part's histograms. So the differences of all parts add up to that
of the whole, and of each part it is known how much of the whole's it holds, and what is left
without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from afterword.drift import parts_wording as wording
from afterword.drift.comparing import MIN_ROWS
from afterword.drift.segment import FEW, MOVED, STAYED, Segment
from afterword.drift.verdict import MOST_REASONS, Verdict
from afterword.drift.wording import CHANGED, STABLE
from afterword.errors import CheckError
from afterword.files.parted import LEAST_VALUES, MOST_VALUES, Parted
from afterword.measures.by_length import Chance
from afterword.measures.columns import Column
from afterword.measures.definitions import NONE
from afterword.measures.effective import effective_rows
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile, profile_of
from afterword.model.reference import probability_column
from afterword.model.scored import Scored
from afterword.profiling.segments import Segments
from afterword.text.shown_values import may_show

PART: Final = 1 / 3
"""Of the chance of a false alarm, what belongs to the parts if there are any."""
NONE_WEIGHT: Final = 0.5
"""Of a part's chance, what belongs to no category, beside 1 for each category."""
SURE: Final = 1.96
"""Standard errors of a 95 % interval."""


@dataclass(frozen=True, eq=False)
class Parts:
    """A batch in parts, added up.

    Attributes
    ----------
    column : by whose values, as a message may show its name.
    profiles : of each part's rows.
    labels, values : (p,) what each is called, and its value if that may be shown.
    places : (p,) of each value among the column's, sorted.
    small, small_rows : parts that were counted and not described, and their rows.
    """

    column: str
    profiles: tuple[Profile, ...]
    labels: tuple[str, ...]
    values: tuple[str, ...]
    places: tuple[int, ...]
    small: int = 0
    small_rows: int = 0

    @property
    def judged(self) -> tuple[Profile, ...]:
        """Those that have enough rows."""
        return tuple(one for one in self.profiles if one.accepted >= MIN_ROWS)


def parts_of(scored: Scored, parted: Parted, tables: NullTables) -> Parts:
    """Add scored rows up by parts.

    Parameters
    ----------
    scored : the accepted rows of a batch, in its order.
    parted : that batch, by the values of a column.
    tables : of the reference.
    """
    profiles = [
        profile_of(rows_of(scored, parted, place), tables.rules)
        for place in range(len(parted.values))
    ]
    return _named(parted.column, zip(parted.values, parted.distinct, profiles, strict=True))


def rows_of(scored: Scored, parted: Parted, place: int) -> Scored:
    """The scored rows of one part, without what was counted in the texts of all.

    Parameters
    ----------
    scored, parted : as of :func:`parts_of`.
    place : of the part's value.

    Raises
    ------
    CheckError
        The batch has other rows.
    """
    if len(scored.frame) != len(parted.codes):
        raise CheckError(wording.OTHER_ROWS)
    own = parted.codes == place
    return replace(
        scored,
        frame=scored.frame[own].reset_index(drop=True),
        texts=None,
        pieces=None,
        labels=None if scored.labels is None else scored.labels[own],
        inclusion=None if scored.inclusion is None else scored.inclusion[own],
        deployed=None,
        rejections={},
        period=None,
    )


def parts_of_segments(segments: Segments) -> Parts:
    """The parts of files that were added up by a column.

    Raises
    ------
    CheckError
        They are fewer than 2, or more than 50.
    """
    number = len(segments) + segments.small
    if not LEAST_VALUES <= number <= MOST_VALUES:
        raise CheckError(wording.number_of_parts(number, LEAST_VALUES, MOST_VALUES))
    found = ((value, one.texts.distinct, one) for value, one in segments.items() if one.texts)
    parts = _named(wording.shown_column(segments.column), found)
    return replace(parts, small=segments.small, small_rows=segments.small_rows)


def _named(column: str, parts: Iterable[tuple[str, int, Profile]]) -> Parts:
    """Parts by size, each with what it may be called."""
    numbered = sorted(enumerate(parts), key=lambda each: -each[1][2].accepted)
    ordered = [part for _, part in numbered]
    shown = [value if may_show(value, distinct) else "" for value, distinct, _ in ordered]
    return Parts(
        column=column,
        profiles=tuple(each[2] for each in ordered),
        labels=tuple(
            wording.label(value, own[0], own[1]) for value, own in zip(shown, ordered, strict=True)
        ),
        values=tuple(shown),
        places=tuple(place for place, _ in numbered),
    )


def compare_parts(
    parts: Parts,
    whole: Profile,
    tables: NullTables,
    *,
    alpha: float,
    floors: Mapping[str, float],
) -> tuple[Segment, ...]:
    """Compare each part with training rows of its own lengths.

    Parameters
    ----------
    parts : of the batch.
    whole : the batch.
    tables : of the reference.
    alpha : chance that any of them is a false alarm.
    floors : measure → smallest distance that matters, where another one than its own is wanted.

    Returns
    -------
    What moved, what moved most first; then the others, largest first.
    """
    level = alpha / max(len(parts.judged), 1)
    judge = _Judge(whole, tables, floors)
    found = [
        replace(
            judge.segment(profile, level),
            value=parts.values[at],
            label=parts.labels[at],
            place=parts.places[at],
        )
        for at, profile in enumerate(parts.profiles)
    ]
    if parts.small:
        found.append(Segment(parts.small_rows, FEW, label=wording.small(parts.small)))
    found.sort(key=lambda one: -(one.excess or 0) if one.level == MOVED else 0)
    return tuple(replace(one, sentence=wording.sentence(parts.column, one)) for one in found)


class _Judge:
    """Compares parts of one batch."""

    def __init__(self, whole: Profile, tables: NullTables, floors: Mapping[str, float]) -> None:
        self.whole, self.tables = whole, tables
        self.names = [*map(probability_column, tables.categories), NONE]
        places = [each.name for each in tables.definitions]
        own = tables.floors(floors)[[places.index(name) for name in self.names]]
        self.floors = own * tables.scale.scores
        weights = np.append(np.ones(len(self.names) - 1), NONE_WEIGHT)
        self.weights = weights / weights.sum()
        # By how much a share grows with the mean probability; of no category it is that.
        with_, without = tables.separation[:-1].T
        self.growth = np.append(1 / np.maximum(with_ - without, 0.05), 1.0)

    def chance(self, columns: Mapping[str, Column], once: float) -> Chance:
        """What training has at the lengths of some rows, which so many sent once amount to."""
        return self.tables.by_length.chance(columns["words"], columns["characters"], max(once, 1.0))

    def once(self, own: Profile) -> float:
        """Rows that were sent once to which a part, or the whole, amounts."""
        return effective_rows(own, self.tables.totals)

    def segment(self, own: Profile, level: float) -> Segment:
        """What moved in a part, at a level of its own."""
        rows = own.accepted
        if rows < MIN_ROWS:
            return Segment(rows, FEW)
        chance = self.chance(own.columns, self.once(own))
        gaps = own.sums() / rows - chance.means
        below, above = (
            np.maximum(each, self.floors) for each in chance.farthest(level * self.weights)
        )
        excess = np.abs(gaps) / np.where(gaps < 0, below, above)
        at = _which(excess)
        share = gaps[at] * self.growth[at]
        # The error within training may be smaller than that of a mix which has moved.
        error = max(float(chance.errors[at]), self._error(own, at)) * self.growth[at]
        usual = float(chance.means[at])
        of_change, rest_moved = self._rest(own, gaps[at], at)
        return Segment(
            rows=rows,
            level=MOVED if excess[at] >= 1 else STAYED,
            measure=self.names[at],
            batch=_share(usual + share),
            low=_share(usual + share - SURE * error),
            high=_share(usual + share + SURE * error),
            reference=_share(usual),
            chance_low=_share(usual - below[at] * self.growth[at]),
            chance_high=_share(usual + above[at] * self.growth[at]),
            excess=round(float(excess[at]), 4),
            of_change=of_change,
            rest_moved=rest_moved,
        )

    def _error(self, own: Profile, at: int) -> float:
        if self.names[at] == NONE:
            return 0.0
        return own.column(self.names[at]).deviation() / math.sqrt(max(self.once(own), 1.0))

    def _rest(self, own: Profile, gap: float, at: int) -> tuple[float | None, bool | None]:
        """What part of the whole's change a part holds, and whether the others moved as well."""
        whole = self.whole
        rows, left = whole.accepted, whole.accepted - own.accepted
        once = self.once(whole)
        chance = self.chance(whole.columns, once)
        change = float(whole.sums()[at] / rows - chance.means[at])
        of_change = None
        if abs(change) > chance.errors[at] and change * gap > 0:
            of_change = round(float(own.accepted * gap / (rows * change)), 3)
        if left < MIN_ROWS:
            return of_change, None
        others = {
            name: _without(whole.columns[name], own.columns[name])
            for name in ("words", "characters")
        }
        error = float(self.chance(others, once * left / rows).errors[at])
        rest = (rows * change - own.accepted * gap) / left
        return of_change, bool(abs(rest) >= max(SURE * error, self.floors[at]))


def _which(excess: np.ndarray) -> int:
    """The measure that is named: a category before none of them, which follows from these."""
    at = int(excess.argmax())
    category = int(excess[:-1].argmax())
    return category if at == len(excess) - 1 and excess[category] >= 1 else at


def _share(value: float) -> float:
    return round(min(max(float(value), 0.0), 1.0), 4)


def _without(whole: Column, own: Column) -> Column:
    """The rows of a column that are not among those of another."""
    counts = whole.counts.copy()
    counts[np.searchsorted(whole.values, own.values)] -= own.counts
    return Column.counted(whole.values, counts)


def with_segments(verdict: Verdict, column: str, segments: Sequence[Segment]) -> Verdict:
    """A verdict that tells of parts, too.

    Parameters
    ----------
    verdict : on the whole.
    column : by whose values the parts are made.
    segments : as :func:`compare_parts` gives them.
    """
    moved = [one for one in segments if one.level == MOVED]
    if not moved or verdict.level not in (STABLE, CHANGED):
        return verdict
    told = [one.sentence for one in moved]
    if verdict.level == CHANGED:
        kept = verdict.reasons[: MOST_REASONS - 1]
        return replace(verdict, reasons=(*kept, *told[: MOST_REASONS - len(kept)]))
    return Verdict(
        CHANGED,
        wording.headline(column, moved[0], len(moved)),
        (*told, *verdict.reasons)[:MOST_REASONS],
        wording.respond(moved[0]),
    )

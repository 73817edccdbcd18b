"""A batch beside its reference: every measure, its threshold, and which point at the feed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from afterword.deployment import TEXTS
from afterword.measures.columns import Column, tendency
from afterword.measures.definitions import (
    BEGINNINGS,
    DEPLOYED,
    ENDINGS,
    EQUAL_LENGTHS,
    FLAGS,
    KNOWN_WORDS,
    MOSTLY_UNKNOWN,
    NEW_WORDS,
    NOT_ENGLISH,
    REJECTED,
    REPEATS,
    RISING,
    SAME_ANSWER,
    SENT_TWICE,
    SHARE,
    Definition,
    Measure,
    describe_value,
)
from afterword.measures.distances import cohens_h, column_distance, distances, known_words_moved
from afterword.measures.effective import sizes_of
from afterword.measures.null_tables import NullTables, totals_of
from afterword.measures.profiles import Profile
from afterword.measures.thresholds import ORDINARY_REJECTED, rejected_threshold
from afterword.measures.totals import Totals
from afterword.measures.word_changes import WordChange, changed_words
from afterword.text import damage, traces
from afterword.text.counts import TextCounts
from afterword.text.flags import TEXT_FLAGS
from afterword.text.privacy import SHOWN_FROM

MIN_ROWS: Final = 30
"""Accepted rows below which a check does not say whether anything moved."""
AFTER_ALARM: Final = 0.005
"""Chance at which a fault counts once there is an alarm, or the rows are too few for one."""
STRANGE: Final = frozenset({MOSTLY_UNKNOWN, NOT_ENGLISH})
FOREIGN: Final = frozenset(
    {
        BEGINNINGS,
        ENDINGS,
        traces.BEGUN_INSIDE,
        traces.CUT_INSIDE,
        traces.CUT_WORDS,
        damage.DISORDERED,
        damage.LETTERS_LOST,
    }
)
"""Faults that a text in another language may look like: its words are none that the model knows."""
GROSS: Final = 0.6
"""Distance of equal lengths that no other language explains: about a fifth of the texts."""
MOSTLY_CUT: Final = 0.5
"""Share of descriptions with cut words that no other language explains."""
LEAST_FAULTY: Final = 3
"""Rows below which not even a fault is seen."""
LEAST_REPEATS: Final = 5
"""Rows from which it is a fault that all of them but one are the same text."""
MOST_WORDS: Final = 3
"""Words that a reason names."""
SHARED: Final = 0.5
"""Share of the texts that must hold a word before it is told as one that they share."""
OTHER_SPREAD: Final = "other spread"
FEW_COMMON: Final = 0.01
"""Chance below which the texts that many people write are too few for chance."""


@dataclass(frozen=True, eq=False)
class Sides:
    """A batch beside its reference, added up: all that the measures need of both.

    Attributes
    ----------
    profile : of the batch.
    reference : the training set's columns, counted.
    tables : that belong to the reference.
    totals : sums over the batch.
    gaps : measure that is no column → its distance (1,); empty without rows.
    """

    profile: Profile
    reference: Mapping[str, Column]
    tables: NullTables
    totals: Totals
    gaps: Mapping[str, np.ndarray]

    @property
    def rows(self) -> int:
        """Accepted rows."""
        return self.profile.accepted


def add_up(profile: Profile, reference: Mapping[str, Column], tables: NullTables) -> Sides:
    """Add a batch up as the tables need it.

    Parameters
    ----------
    profile : of the batch.
    reference : the training set's columns, counted.
    tables : that belong to the reference.
    """
    texts = profile.texts
    if texts is not None and (
        len(texts.words) != len(tables.words) or len(texts.content) != len(tables.scale.content)
    ):
        own = len(FLAGS) - len(TEXT_FLAGS)
        profile = replace(profile, texts=None, flags=profile.flags[:own])
    totals = totals_of(profile, tables)
    gaps = {}
    if profile.accepted:
        gaps = distances(totals, tables.totals, tables.scale, tables.categories)
    return Sides(profile, reference, tables, totals, gaps)


def compare_measures(
    sides: Sides, thresholds: np.ndarray, floors: Mapping[str, float]
) -> tuple[list[Measure], list[Measure]]:
    """Compare everything that the tables know.

    Parameters
    ----------
    sides : batch and reference.
    thresholds : (m,) as :func:`thresholds_for` gives them.
    floors : measure → smallest distance that matters, where another one than its own is wanted.

    Returns
    -------
    All measures; and those of them that point at the feed and are beyond chance by themselves.
    """
    tables = sides.tables
    lenient = np.full(len(thresholds), np.nan)
    if sides.rows:
        lenient = _at_sizes(sides, lambda size: tables.at_level(size, AFTER_ALARM))
    measures, faults = [], []
    for definition, threshold, floor, mild in zip(
        tables.definitions, thresholds, tables.floors(floors), lenient, strict=True
    ):
        measure = _measure(definition, sides, float(threshold), float(floor))
        measures.append(measure)
        if definition.fault and (
            measure.drifted or measure.distance >= max(float(mild), measure.floor)
        ):
            faults.append(measure)
    strange = [
        one.batch - one.reference
        for one in measures
        if one.name in STRANGE and one.drifted and one.direction == "higher"
    ]
    if strange:
        # Another language or source gets one answer, and has other lengths and words: that is no
        # fault of the feed.
        faults = [fault for fault in faults if not _explained_by_language(fault, max(strange))]
    return measures, faults


def lacks_common_texts(sides: Sides) -> tuple[float, float, float] | None:
    """Shares of texts that many people write, in training and here, where they are missing here.

    A feed in which nothing is posted again has none of them, and lies apart from training in all
    that they are: None where they are as many as chance brings, or not counted. The third number is
    the share of such batches, of about so many rows, that alarm though nothing has changed.
    """
    from scipy.special import bdtr

    rows, whole = sides.rows, sides.tables.totals
    common, before = sides.totals.common[0], float(whole.common[0] / whole.rows[0])
    if not rows or not bdtr(common, rows, before) < FEW_COMMON:
        return None
    known = np.flatnonzero(~np.isnan(sides.tables.unrepeated))
    if not len(known):
        return before, float(common) / rows, math.nan
    nearest = known[np.abs(np.log(sides.tables.sizes[known] / rows)).argmin()]
    return before, float(common) / rows, float(sides.tables.unrepeated[nearest])


def words_that_changed(sides: Sides) -> list[WordChange]:
    """List the words that changed beyond chance; none where they were not counted."""
    counted, tables = sides.profile.texts, sides.tables
    if counted is None or sides.rows < MIN_ROWS:
        return []
    return changed_words(
        tables.words,
        counted.words,
        tables.totals.words[0],
        counted.new_words,
        descriptions=counted.distinct,
        reference_descriptions=int(tables.totals.distinct[0]),
        private=tables.private_words,
    )


def ranked(measures: Iterable[Measure]) -> list[Measure]:
    """Put what moved most, in its own thresholds, first."""
    return sorted(measures, key=lambda measure: -measure.excess)


def thresholds_for(sides: Sides, alpha: float, floors: Mapping[str, float]) -> np.ndarray:
    """Distance (m,) from which each measure counts as drifted; NaN where nothing can be said.

    Parameters
    ----------
    sides : batch and reference.
    alpha : chance that any of them is a false alarm.
    floors : measure → smallest distance that matters, where another one than its own is wanted.
    """
    tables, profile, rows = sides.tables, sides.profile, sides.rows
    if rows >= MIN_ROWS:
        found = _at_sizes(sides, lambda size: tables.thresholds(size, alpha, floors))
        level = tables.level(rows, alpha)
    else:
        # Too few for anything but what an export breaks, which is far from chance at once.
        level = AFTER_ALARM / 10
        fault = np.array([each.fault and each.name in FLAGS for each in tables.definitions])
        rare = tables.rare(rows, level, math.inf) if rows else np.full(len(fault), np.nan)
        found = np.where(fault, np.maximum(rare, tables.floors(floors)), np.nan)
        if profile.rows < LEAST_FAULTY:
            return np.full(len(found), np.nan)
        if rows >= LEAST_REPEATS:
            share = np.array(tables.totals.shares()[REPEATS])
            own = [each.name for each in tables.definitions].index(REPEATS)
            found[own] = cohens_h(np.array((rows - 1) / rows), share)
    at = [each.name for each in tables.definitions].index(REJECTED)
    if profile.rows:
        floor = tables.floors(floors)[at]
        found[at] = np.maximum(floor, rejected_threshold(profile.rows, level))
    return found


def _at_sizes(sides: Sides, thresholds: Callable[[int], np.ndarray]) -> np.ndarray:
    """Thresholds (m,), each for as many rows as the batch is worth to its measure."""
    tables = sides.tables
    sizes = sizes_of(tables.definitions, sides.profile, tables.totals)
    found = np.empty(len(sizes))
    for size in np.unique(sizes).tolist():
        own = sizes == size
        found[own] = thresholds(size)[own]
    return found


def _measure(definition: Definition, sides: Sides, threshold: float, floor: float) -> Measure:
    """Compare one thing."""
    name = definition.name
    before, now = _typical(definition, sides)
    gap, direction = _distance(definition, sides, before, now)
    if gap and not direction and not math.isnan(gap + now + before):
        direction = "higher" if now > before else "lower"
    unit = definition.unit
    if direction and describe_value(before, unit) == describe_value(now, unit):
        # People see the rounded values: "higher" beside two equal numbers is a riddle.
        direction = OTHER_SPREAD
    return Measure(
        name=name,
        label=definition.label,
        group=definition.group,
        unit=unit,
        kind=definition.distance,
        reference=before,
        batch=now,
        distance=gap,
        threshold=threshold,
        floor=floor,
        drifted=bool(gap >= threshold),
        direction=direction if not math.isnan(threshold) else "",
        column=definition.column,
        fault=definition.fault,
        detail=_detail(name, sides),
    )


def _distance(definition: Definition, sides: Sides, before: float, now: float) -> tuple[float, str]:
    """How far batch and reference lie apart, and in which direction, where a column tells."""
    name, profile = definition.name, sides.profile
    if name == REJECTED:
        share = np.array(now if profile.rows else 0.0)
        return max(0.0, float(cohens_h(share, np.array(ORDINARY_REJECTED)))), ""
    if name == DEPLOYED:
        return max(0.0, float(cohens_h(np.array(now), np.array(before)))), ""
    if not sides.rows:
        return math.nan, ""
    if not definition.column:
        return float(sides.gaps[name][0]), ""
    columns = sides.reference[name], profile.column(name)
    gap = column_distance(definition.distance, *columns)
    told = gap and definition.distance not in (SHARE, RISING)
    return gap, _direction(*columns, now - before) if told else ""


def _explained_by_language(fault: Measure, strange: float) -> bool:
    """Whether descriptions in another language explain what looks like a fault.

    Parameters
    ----------
    fault : beyond chance.
    strange : by how much the share of descriptions in another language has grown: each of them may
        be one that looks like a fault, and explains no more than itself.
    """
    if fault.name == traces.CUT_WORDS and fault.batch >= MOSTLY_CUT:
        return False  # no other language has parts of this one's words in most texts
    if fault.name in FOREIGN:
        return fault.batch - fault.reference <= strange
    return fault.name == SAME_ANSWER or (fault.name == EQUAL_LENGTHS and fault.distance < GROSS)


def _detail(name: str, sides: Sides) -> str:
    """Which word or length a measure is about, where it may be shown."""
    counts, tables = sides.profile.texts, sides.tables
    if counts is None:
        return ""
    if name == KNOWN_WORDS:
        word = tables.words[int(known_words_moved(sides.totals, tables.totals)[0].argmax())]
        return "" if word in tables.private_words else f"“{word}”"
    if name == NEW_WORDS:
        ranked = sorted(counts.new_words, key=lambda word: -counts.new_words[word])
        if not ranked or counts.new_words[ranked[0]] < counts.new:
            return ""  # the commonest may be a name, and the share that is shown is its
        often = [word for word in ranked if 2 * counts.new_words[word] >= counts.new]
        return ", ".join(f"“{word}”" for word in often[:MOST_WORDS])
    if name in (BEGINNINGS, ENDINGS):
        return ", ".join(f"“{word}”" for word in _shared_words(counts, tables)[:MOST_WORDS])
    if name == EQUAL_LENGTHS and counts.common_length:
        return f"{counts.common_length} characters"
    if name == SENT_TWICE and counts.again:
        return f"{counts.again:,} {TEXTS}"
    return ""


def _shared_words(counts: TextCounts, tables: NullTables) -> list[str]:
    """Words that most texts hold and few did in training, of those that may be shown."""
    before = tables.totals.words[0] / tables.totals.distinct[0]
    known = zip(tables.words, counts.words.tolist(), before.tolist(), strict=True)
    found = {
        word: count
        for word, count, share in known
        if 2 * share < SHARED and word not in tables.private_words
    } | dict(counts.new_words)
    often = [word for word in found if found[word] >= max(SHARED * counts.distinct, SHOWN_FROM)]
    return sorted(often, key=lambda word: (-found[word], word))


def only_writing(moved: Iterable[Measure]) -> tuple[Measure, ...]:
    """Measures that moved, largest first, where they are of the writing alone; otherwise none.

    Answers, words and content stayed where none of them reaches the threshold that it has in any
    check. So a batch of which nothing but the writing has changed alarms no more often than one
    that has not changed.
    """
    found = tuple(ranked(moved))
    return found if all(one.style for one in found) else ()


def _typical(definition: Definition, sides: Sides) -> tuple[float, float]:
    """What is typical of the reference and of the batch; NaN where there is no such number."""
    name, profile = definition.name, sides.profile
    whole, batch = sides.tables.totals, sides.totals
    if name == REJECTED:
        share = profile.rejected / profile.rows if profile.rows else math.nan
        return ORDINARY_REJECTED, share
    if name == DEPLOYED:
        told = profile.deployed
        theirs, ours = told.commonest if told else (math.nan, math.nan)
        return ours, theirs
    if not sides.rows:
        return math.nan, math.nan
    if name == SENT_TWICE:
        expected = float(whole.expected_again(batch.rows)[0])
        return expected / sides.rows, float(batch.again[0]) / sides.rows
    if name == NEW_WORDS:
        return 0.0, float(batch.new[0] / batch.distinct[0])
    if name == KNOWN_WORDS:
        if math.isnan(batch.distinct[0]):
            return math.nan, math.nan
        at = int(known_words_moved(batch, whole)[0].argmax())
        return (
            float(whole.words[0, at] / whole.distinct[0]),
            float(batch.words[0, at] / batch.distinct[0]),
        )
    if definition.column and definition.distance not in (SHARE, RISING):
        typical = _typical_length if definition.unit in ("characters", "words") else Column.mean
        return typical(sides.reference[name]), typical(profile.column(name))
    shares = [side.shares().get(name, math.nan) for side in (whole, batch)]
    return shares[0], shares[1]


def _typical_length(column: Column) -> float:
    """Geometric mean of lengths, empty texts included as length 0."""
    return float(np.expm1(Column(np.log1p(column.values), column.counts).mean()))


def _direction(before: Column, now: Column, difference: float) -> str:
    """Whether a value of the batch tends to be higher than one of the reference.

    Said only if P(now > before) − P(now < before) and the typical values point the same way;
    "other spread" where they do not.
    """
    tends = tendency(before, now)
    if tends * difference <= 0:
        return OTHER_SPREAD
    return "higher" if tends > 0 else "lower"

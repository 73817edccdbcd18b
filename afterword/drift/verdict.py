"""From measures to a level, a headline, reasons and what to do, in words of a manager.

The level is decided only after an alarm: if something that an export breaks has moved beyond
chance, the feed is faulty, because that explains whatever else moved; otherwise the world has
changed. docs/how-the-verdict-works.md has the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from afterword.drift import moved_wording, wording
from afterword.drift.comparing import only_writing, ranked
from afterword.drift.evidence import Evidence
from afterword.drift.naming import named
from afterword.drift.wording import CHANGED, FAULTY, STABLE, TOO_FEW
from afterword.measures.definitions import (
    BEGINNINGS,
    ENDINGS,
    EQUAL_LENGTHS,
    KNOWN_WORDS,
    MOSTLY_UNKNOWN,
    NEW_WORDS,
    NO_CAPITALS,
    NONE,
    NOT_ENGLISH,
    QUALITY,
    RISE,
    SAME_ANSWER,
    UNSURE,
    VERY_LONG,
    VERY_SHORT,
    WHOLE,
    Measure,
)
from afterword.model.reference import CONFIDENCE, NUMBER
from afterword.quality.findings import Quality
from afterword.quality.labelled import ACCURACY
from afterword.quality.verdict import ELSEWHERE
from afterword.text import damage, flags, traces
from afterword.text.descriptors import COMMON_WORDS

MOST_REASONS: Final = 3


_FAMILIES: Final = (
    {"characters", "words", "sentence_length", VERY_SHORT, VERY_LONG, EQUAL_LENGTHS},
    {"repetition", flags.DOUBLED},
    {"unknown_words", "english_words", MOSTLY_UNKNOWN, NOT_ENGLISH, "non_ascii", "first_person"},
    {"word_length", "longest_word", flags.JOINED},
    {"capitals", NO_CAPITALS, flags.CAPITALS, flags.TITLES, traces.BARE},
    {BEGINNINGS, traces.NUMBERED, traces.LABELLED},
    {ENDINGS, flags.ELLIPSES, traces.CUT_INSIDE},
    {traces.STRIPPED, traces.CUT_WORDS, damage.LETTERS_LOST},
    {KNOWN_WORDS, NEW_WORDS, WHOLE},
    {"non_letters", "digits", "markup"},
    {CONFIDENCE, UNSURE, SAME_ANSWER},
    {NUMBER, NONE},
)
"""Measures that say the same in other words: one of each is reason enough."""


@dataclass(frozen=True)
class Verdict:
    """What a check says.

    Attributes
    ----------
    level : "stable", "changed", "faulty" or "too_few".
    headline : one sentence.
    reasons : at most three sentences, largest first.
    actions : what to do, in order.
    remarks : what moved and alters no answer: a sentence each.
    """

    level: str
    headline: str
    reasons: tuple[str, ...]
    actions: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def decide(
    measures: Sequence[Measure],
    faults: Sequence[Measure],
    rows: int,
    least: int,
    quality: Quality | None = None,
    evidence: Evidence | None = None,
) -> Verdict:
    """Say what the measures mean.

    Parameters
    ----------
    measures : all of the check.
    faults : those that point at the feed and are beyond chance, taken by themselves.
    rows : that were accepted.
    least : accepted rows that a comparison needs.
    quality : what the labels say, if there are any.
    evidence : what the sentences need beside the measures.
    """
    evidence = evidence or Evidence(rows, rows)
    moved = [measure for measure in measures if measure.drifted]
    if not moved and rows < least:
        headline, action = wording.too_few(rows, least)
        return Verdict(TOO_FEW, headline, (), (action,))
    writing = only_writing(moved)
    if not moved or writing:
        headline, action = wording.stable(rows, writing=bool(writing))
        if quality is not None and quality.cause == ELSEWHERE:
            action = wording.LABELS_ELSEWHERE
        told = () if quality is None else (quality.sentence,)
        remarks = [moved_wording.remark(one, evidence) for one in _apart(writing)[:MOST_REASONS]]
        return Verdict(STABLE, headline, told, (action,), tuple(remarks))
    # A column without sentences explains whatever else is wrong with them.
    broken = sorted(ranked(faults), key=lambda fault: fault.name != flags.FRAGMENTS)
    others = [one for one in named(ranked(moved), evidence.shifts) if one not in broken]
    others.sort(key=_of_the_writing)  # how people write is told after what they write about
    if not broken:
        # That answers got worse matters more than whatever else moved.
        others.sort(key=_after)
    chosen = _apart([*broken, *_by_estimate(others, evidence)])[:MOST_REASONS]
    reasons = _reasons(chosen, quality, evidence, told=not broken)
    if broken:
        headline = moved_wording.faulty(chosen[0])
        return Verdict(FAULTY, headline, reasons, wording.repair(_apart(broken)))
    headline = moved_wording.headline(chosen[0], evidence)
    return Verdict(CHANGED, headline, reasons, wording.respond(moved, quality))


def _of_the_writing(measure: Measure) -> bool:
    common = measure.name == KNOWN_WORDS and measure.detail.strip("“”") in COMMON_WORDS
    return measure.style or common


def _by_estimate(moved: Sequence[Measure], evidence: Evidence) -> list[Measure]:
    """The same with the category first whose estimated share moved most, where they are estimated.

    A mean probability moves with the other categories, too; an estimate does not. What moved is
    told in proportion, so that a rare category that doubled comes before a common one that fell.
    """
    shares = {one.name: evidence.share(one.category) for one in moved}
    moves = {
        name: share.moved
        for name, share in shares.items()
        if share is not None and share.value is not None
    }
    own = [one for one in moved if one.name in moves]
    moved_most = iter(sorted(own, key=lambda one: -moves[one.name]))
    return [next(moved_most) if one.name in moves else one for one in moved]


def _reasons(
    chosen: Sequence[Measure], quality: Quality | None, evidence: Evidence, *, told: bool
) -> tuple[str, ...]:
    """A sentence for each measure; of the first the headline tells already, where ``told``.

    Why nothing is estimated is the same for every category, and told once.
    """
    why = next((one.name for one in chosen if evidence.share(one.category)), "")
    reasons = tuple(
        quality.sentence
        if quality is not None and one.group == QUALITY
        else moved_wording.reason(one, evidence, told=told and not at, why=one.name == why)
        for at, one in enumerate(chosen)
    )
    if quality is None:
        return reasons
    if quality.sentence not in reasons:
        # Somebody labelled: whether the answers are still right is told with what moved.
        return (*reasons[: MOST_REASONS - 1], quality.sentence)
    return reasons


def _after(measure: Measure) -> tuple[bool, bool, bool]:
    """Quality before all else; what fell over all, then odd labels, then single categories."""
    return measure.group != QUALITY, measure.name != ACCURACY, measure.kind != RISE


def _family(name: str) -> frozenset[str] | set[str]:
    return next((own for own in _FAMILIES if name in own), {name})


def _apart(measures: Sequence[Measure]) -> list[Measure]:
    """The first of each family, in order."""
    chosen: list[Measure] = []
    told: set[str] = set()
    for measure in measures:
        key = QUALITY if measure.group == QUALITY else measure.name
        if key not in told:
            chosen.append(measure)
            told |= _family(key)
    return chosen

"""What moved, in words: the headline and the reasons, each with its figure and its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from afterword.deployment import FINDINGS, TEXTS
from afterword.drift.comparing import OTHER_SPREAD
from afterword.drift.wording import as_end, phrase, under
from afterword.measures.definitions import (
    BEGINNINGS,
    DEPLOYED,
    ENDINGS,
    EQUAL_LENGTHS,
    KNOWN_WORDS,
    KS,
    MEAN,
    NEW_WORDS,
    NONE,
    QUALITY,
    REJECTED,
    REPEATS,
    RISE,
    RISING,
    SAME_ANSWER,
    SENT_TWICE,
    SHARE,
    UNSURE,
    WHOLE,
    Measure,
    describe_value,
)
from afterword.measures.word_changes import WordChange
from afterword.quality.shares_wording import between, figure, percent
from afterword.quality.wording import descriptions
from afterword.text import privacy
from afterword.text.descriptors import COMMON_WORDS

if TYPE_CHECKING:
    from afterword.drift.evidence import Evidence, Interval

ALMOST_ALL: Final = 0.95
"""Share of the descriptions that are different from which the others are not spoken of."""
NAMED_WORDS: Final = 3
"""Words that a headline or a reason names."""
_ONE: Final = {
    privacy.LINK: "Links are new: {share} hold one",
    privacy.HANDLE: "Handles or addresses are new: {share} hold one",
    privacy.HASHTAG: "A hashtag is new: it stands in {share}",
    privacy.LABEL: "A label before a colon is new: it stands in {share}",
    privacy.NUMBER: "A number is new: the same one stands in {share}",
    privacy.NAME: "A new word that is not shown stands in {share}",
    "": "A new word is spreading: it stands in {share}",
}
"""Kind of a new word that is not shown → what is said of it."""
_SHARES: Final = (SHARE, RISING)
_STYLE: Final = "People write in another style: "
_CONTENT: Final = "People write about other things"


def faulty(first: Measure) -> str:
    """Headline where the feed looks broken."""
    share = (
        "" if first.kind not in _SHARES else f" ({first.typical(first.batch)} of the {_of(first)})"
    )
    return f"The feed looks broken: {as_end(phrase(first))}{share}."


def remark(measure: Measure, evidence: Evidence) -> str:
    """What moved in the writing, and what that is to the answers."""
    told = reason(measure, evidence)
    return f"{told} The model does not read that, and answers, words and content stayed."


def headline(first: Measure, evidence: Evidence) -> str:
    """Headline where something moved: the word, the category, or the measure, with its figure."""
    if first.kind == RISE or first.group == QUALITY:
        return f"{phrase(first)}."
    share = evidence.share(first.category)
    if share is not None:
        return share.sentence
    if first.name == NONE and evidence.none_given is not None:
        return _none(evidence)
    if first.name == NEW_WORDS:
        return _new_word(first, evidence)
    if first.name == KNOWN_WORDS and first.direction != OTHER_SPREAD:
        return _known_word(first, evidence)
    if first.name == WHOLE:
        return _content(evidence)
    return f"{phrase(first)}{_moved(first, evidence)}."


def reason(measure: Measure, evidence: Evidence, *, told: bool = False, why: bool = True) -> str:
    """Why the verdict is what it is: one measure with its numbers.

    Parameters
    ----------
    measure : that moved.
    evidence : of the same batch.
    told : whether the headline tells of it already.
    why : whether to say why a category's share is not estimated.
    """
    share = evidence.share(measure.category)
    if share is not None:
        return share.explained if (why if share.value is None else told) else share.sentence
    if measure.name == NONE and evidence.none_given is not None:
        return f"{_none(evidence)[:-1]}{_times(measure, told=told)}."
    if measure.name == WHOLE:
        times = f"{measure.excess:.1f} times as far from training as chance goes"
        words = f"; {_figures(evidence)}" if evidence.words else ""
        return f"{phrase(measure)}: {times}{words}."
    if measure.name == NEW_WORDS:
        return _new_words(measure, evidence)
    if measure.name == KNOWN_WORDS and measure.direction != OTHER_SPREAD:
        return _known_words(measure, evidence)
    return _generic(measure, evidence, told=told)


def _generic(measure: Measure, evidence: Evidence, *, told: bool) -> str:
    said = phrase(measure)
    now, before = measure.typical(measure.batch), measure.typical(measure.reference)
    if measure.name in (REJECTED, DEPLOYED, SENT_TWICE):
        return f"{said}: {_of_rows(measure, now, before)}."
    if measure.name == REPEATS:
        copied = f"A stuck export and a campaign of copied {FINDINGS} look alike from here."
        return f"{said}{_moved(measure, evidence)}. {copied}"
    if measure.name in (BEGINNINGS, ENDINGS):
        most = f" What most of them share: {measure.detail}." if measure.detail else ""
        return f"{said}: {now} of them with one of five words; {before} in training.{most}"
    if measure.name == EQUAL_LENGTHS and measure.detail:
        return f"{said}{_moved(measure, evidence)}. They are {measure.detail} long."
    return f"{said}{_moved(measure, evidence)}{_times(measure, told=told)}."


def _of_rows(measure: Measure, now: str, before: str) -> str:
    """What rows came with, or how they came."""
    if measure.name == DEPLOYED:
        return f"{now} of them; {before} of this model's own answers are"
    told = f"{measure.detail} stand in more than one row, as many as {now} of the rows"
    if measure.name == REJECTED:
        told = f"{now} of the rows"
    return f"{told}; {before} would be ordinary"


def _times(measure: Measure, *, told: bool) -> str:
    """How far a measure is beyond its threshold, where the headline has its figure already."""
    return f"; {measure.excess:.1f} times its threshold" if told and measure.excess else ""


def _moved(measure: Measure, evidence: Evidence) -> str:
    """The figure of a measure, with its interval, beside training's; the end of a sentence."""
    now, before = measure.typical(measure.batch), measure.typical(measure.reference)
    if math.isnan(measure.batch + measure.reference):
        return ""
    inside = _inside(measure, evidence)
    if measure.direction == OTHER_SPREAD:
        both = now == before
        return f"; typically {now} in both" if both else f"; typically {now}{inside}, then {before}"
    if measure.kind in _SHARES:
        earlier = "none" if measure.reference == 0 else before
        return f": {now} of the {_of(measure)}{inside}; {earlier} in training"
    if measure.kind == MEAN:
        return f", by mean probability: {now}{inside}; {before} in training"
    kind = "typically " if measure.unit not in ("share", "") else ""
    number = before.partition(" ")[0] if measure.unit not in ("share", "") else before
    mean = " on average" if not kind else ""
    return f": {kind}{now}{mean}{inside}; {number} in training"


def _inside(measure: Measure, evidence: Evidence) -> str:
    """The interval in brackets; "" where there is none, or nothing between its ends.

    Of a column that moved in its spread, an interval that holds training's mean would read as if
    nothing had moved.
    """
    ends = evidence.intervals.get(measure.name)
    if ends is None or math.isnan(sum(ends)):
        return ""
    if measure.kind == KS and ends[0] <= measure.reference <= ends[1]:
        return ""
    if measure.unit in ("share", ""):
        return f" ({between(ends)})"
    low, high = (describe_value(max(end, 0.0), measure.unit).partition(" ")[0] for end in ends)
    return f" ({low}–{high})" if low != high else ""


def _of(measure: Measure) -> str:
    if measure.name == REJECTED:
        return "rows"
    return "answers" if measure.name in (SAME_ANSWER, UNSURE, DEPLOYED) else TEXTS


def _none(evidence: Evidence) -> str:
    now, before = evidence.none_given or (math.nan, math.nan)
    return (
        f"The model gives no category to {percent(now)} of these {descriptions(evidence.rows)}; "
        f"{percent(before)} in training."
    )


# ---------------------------------------------------------------- words


def _here(evidence: Evidence) -> str:
    """What shares of words are shares of."""
    if evidence.distinct >= ALMOST_ALL * evidence.rows:
        return f"these {descriptions(evidence.rows)}"
    return f"the {evidence.distinct:,} different {TEXTS}"


def _share(measure: Measure, evidence: Evidence) -> str:
    """ "31 % of these 200 descriptions (25–38)" """
    return f"{measure.typical(measure.batch)} of {_here(evidence)}{_inside(measure, evidence)}"


def _new_word(measure: Measure, evidence: Evidence) -> str:
    """The commonest new word, or what it is where it may not be shown."""
    if not measure.detail:
        # Another new word that may be shown says more, if it is nearly as common.
        beside = next((one for one in _new(evidence) if 2 * one[0].share >= measure.batch), None)
        if beside is not None:
            word, ends = beside
            inside = f" ({between(ends)})" if ends else ""
            share = f"{percent(word.share)} of {_here(evidence)}{inside}"
            return f"“{word.term}” is new: it stands in {share}."
        return f"{_hidden(measure, evidence)}."
    first, *others = measure.detail.split(", ")
    more = f"; so {'is' if len(others) == 1 else 'are'} {_listed(others)}" if others else ""
    return f"{first} is new: it stands in {_share(measure, evidence)}{more}."


def _hidden(measure: Measure, evidence: Evidence) -> str:
    return _ONE[evidence.hidden].format(share=_share(measure, evidence))


def _new_words(measure: Measure, evidence: Evidence) -> str:
    """New words with their shares; first what may not be shown, if it is the commonest."""
    unsure = evidence.hidden in ("", privacy.NAME)
    many = evidence.hidden in (privacy.LINK, privacy.HANDLE)
    why = "it may be a name, so it is not shown" if unsure else "it is not shown"
    why = "they are not shown" if many else why
    hidden = "" if measure.detail else f"{_hidden(measure, evidence)}; {why}. "
    named = [_with_share(*one) for one in _new(evidence)[:NAMED_WORDS]]
    if not named and measure.detail:
        named = [f"{measure.detail.split(', ')[0]} in {_share(measure, evidence)}"]
    if not named:
        return hidden.rstrip()
    return f"{hidden}New: {', '.join(named)}; fewer than {privacy.SHOWN_FROM} in training."


def _new(evidence: Evidence) -> list[tuple[WordChange, Interval | None]]:
    """The new words that may be shown, the commonest first."""
    return sorted(
        (one for one in evidence.words if one[0].new and one[0].log_odds > 0),
        key=lambda one: -one[0].share,
    )


def _with_share(word: WordChange, ends: Interval | None) -> str:
    inside = f" ({between(ends)})" if ends else ""
    return f"“{word.term}” in {percent(word.share)}{inside}"


def _known_word(measure: Measure, evidence: Evidence) -> str:
    """The known word that moved most, or that it is not shown."""
    word = measure.detail or "A known word that may be a name or number"
    style = _STYLE if measure.detail.strip("“”") in COMMON_WORDS else ""
    before = measure.typical(measure.reference)
    share = _share(measure, evidence)
    if round(measure.batch * evidence.distinct) < privacy.SHOWN_FROM:
        share = f"{_few(evidence.distinct)} of {_here(evidence)}"
    return f"{style}{word} stands in {share}; {before} in training."


def _few(descriptions: int) -> str:
    """The share that fewer descriptions than may be told of are less than."""
    return under(math.floor(100 * (privacy.SHOWN_FROM - 1) / max(descriptions, 1)) + 1)


def _known_words(measure: Measure, evidence: Evidence) -> str:
    """The same with the other words that moved most."""
    own = measure.detail.strip("“”")
    others = [one for one in evidence.words if one[0].term != own][: NAMED_WORDS - 1]
    listed = [one for one in evidence.words if one[0].term == own] + others
    if not others or len(listed) == len(others):
        return _known_word(measure, evidence)
    style = _STYLE if own in COMMON_WORDS else "The words that moved most: "
    return f"{style}{'; '.join(_beside_training(*one) for one in listed)}."


def _content(evidence: Evidence) -> str:
    """That content moved, and the words that changed most."""
    words = [one for one, _ in evidence.words[:NAMED_WORDS]]
    more = _listed([f"“{one.term}”" for one in words if one.log_odds > 0])
    less = _listed([f"“{one.term}”" for one in words if one.log_odds <= 0])
    told = [f"more {more}"] * bool(more) + [f"less {less}"] * bool(less)
    if not told:
        return f"{_CONTENT}, or in other words."
    return f"{_CONTENT}, most of all: {', '.join(told)}."


def _figures(evidence: Evidence) -> str:
    """The words that changed most, each with its share beside training's."""
    return "; ".join(_beside_training(*one) for one in evidence.words[:NAMED_WORDS])


def _beside_training(word: WordChange, ends: Interval | None) -> str:
    if not word.descriptions:
        few = under(math.floor(100 * word.share) + 1)
        return f"“{word.term}” in {few} · training {percent(word.reference_share)}"
    if word.new:
        return f"{_with_share(word, ends)} · hardly any in training"
    return f"“{word.term}” in {figure(word.share, ends, word.reference_share)}"


def _listed(names: Sequence[str]) -> str:
    """Names as a list: "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"

"""What a check says, in words of a manager: the headline, the reasons, what to do, its figures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from afterword.deployment import FINDINGS, TEXT, TEXTS
from afterword.drift.comparing import OTHER_SPREAD, ranked
from afterword.drift.detectable import Detectable
from afterword.measures.definitions import (
    BEGINNINGS,
    DEPLOYED,
    ENDINGS,
    EQUAL_LENGTHS,
    KNOWN_WORDS,
    MOSTLY_UNKNOWN,
    NEW_WORDS,
    NO_CAPITALS,
    NONE,
    NOT_ENGLISH,
    QUALITY,
    REJECTED,
    REPEATS,
    RISE,
    SAME_ANSWER,
    SENT_TWICE,
    UNSURE,
    VERY_LONG,
    VERY_SHORT,
    WHOLE,
    Measure,
    describe_value,
)
from afterword.model.reference import CONFIDENCE, NUMBER
from afterword.quality.findings import Quality
from afterword.quality.labelled import missing_name
from afterword.quality.verdict import ANSWERS, UNKNOWN
from afterword.quality.wording import descriptions
from afterword.text import damage, flags, traces

STABLE, CHANGED, FAULTY, TOO_FEW = "stable", "changed", "faulty", "too_few"
LEVEL_WORDS: Final = {
    STABLE: "Stable",
    CHANGED: "Changed",
    FAULTY: "Faulty feed",
    TOO_FEW: "Not enough data",
}
_CAPITAL: Final = TEXTS.capitalize()
_PHRASES: Final = {
    "characters": (f"{_CAPITAL} are longer", f"{_CAPITAL} are shorter"),
    "words": (f"{_CAPITAL} have more words", f"{_CAPITAL} have fewer words"),
    "word_length": ("Words are longer", "Words are shorter"),
    "longest_word": ("Longer single words appear", "Long words are missing"),
    "sentence_length": ("Sentences are longer, or lack full stops", "Sentences are shorter"),
    "unknown_words": ("More words are unknown to the model", "Fewer words are unknown"),
    "english_words": ("More common English words", "Fewer common English words"),
    "first_person": ("More is told as “I” and “we”", "Less is told as “I” and “we”"),
    "non_letters": ("More digits and signs", "Fewer digits and signs"),
    "capitals": ("More capital letters", "Fewer capital letters"),
    "digits": (f"More {TEXTS} hold digits", f"Fewer {TEXTS} hold digits"),
    "non_ascii": ("More hold accents and symbols", "Fewer hold accents and symbols"),
    "repetition": ("Words are repeated more", "Words are repeated less"),
    "markup": ("HTML or other codes are left in the texts", "Fewer HTML codes"),
    NUMBER: (f"More categories per {TEXT}", f"Fewer categories per {TEXT}"),
    CONFIDENCE: ("The answers are more confident", "The answers are less confident"),
    NONE: (f"More {TEXTS} fit no category", f"Fewer {TEXTS} fit no category"),
    UNSURE: ("More answers are unsure", "Fewer answers are unsure"),
    VERY_SHORT: (f"More {TEXTS} of one or two words", "Fewer of one or two words"),
    VERY_LONG: (f"More very long {TEXTS}", f"Fewer very long {TEXTS}"),
    MOSTLY_UNKNOWN: (
        f"More {TEXTS} are mostly unknown words",
        "Fewer are mostly unknown words",
    ),
    NOT_ENGLISH: (f"More {TEXTS} are not in English", "Fewer are not in English"),
    KNOWN_WORDS: ("A known word is much more frequent", "A known word is much less frequent"),
    NEW_WORDS: ("A new word is spreading", ""),
    REPEATS: ("One and the same text comes again and again", ""),
    SENT_TWICE: ("Rows were sent twice", ""),
    SAME_ANSWER: ("One and the same answer comes again and again", ""),
    EQUAL_LENGTHS: ("Texts are cut at one length", ""),
    NO_CAPITALS: (f"More {TEXTS} are all in small letters", ""),
    traces.TYPESET: (
        f"More {TEXTS} hold marks such as ’ and –, or spaces other than a plain one",
        f"Fewer {TEXTS} hold marks such as ’ and –, or spaces other than a plain one",
    ),
    BEGINNINGS: (f"Most {TEXTS} begin in the same way", ""),
    ENDINGS: (f"Most {TEXTS} end in the same way", ""),
    traces.NUMBERED: ("A number, a date or an id stands before the texts", ""),
    traces.LABELLED: ("A label or a code stands before the texts", ""),
    traces.BEGUN_INSIDE: ("Texts have lost their beginnings", ""),
    traces.CUT_INSIDE: ("Texts end inside a word", ""),
    traces.CUT_WORDS: ("Words have lost their beginnings or endings", ""),
    traces.STRIPPED: ("Words such as “the” and “he” were taken out of the texts", ""),
    traces.BARE: ("Capital letters and punctuation were taken out of the texts", ""),
    damage.DISORDERED: ("Words are missing, or their order is lost", ""),
    damage.QUOTED: ("Quotation marks stand round whole texts", ""),
    damage.APART: ("Punctuation stands apart from the words, or twice", ""),
    damage.LETTERS_LOST: ("A letter is missing wherever it stood", ""),
    damage.BEGUN_LATE: ("Texts begin inside a sentence", ""),
    flags.CAPITALS: ("Texts are all in capitals", ""),
    flags.TITLES: ("Every Word Has A Capital", ""),
    flags.MOJIBAKE: ("Letters are broken or lost", ""),
    flags.JOINED: ("Words have lost the spaces between them", ""),
    flags.PLACEHOLDERS: ("Placeholders stand where texts should be", ""),
    flags.FRAGMENTS: ("Codes or labels stand where sentences should be", ""),
    flags.ELLIPSES: ("Texts are cut and end in dots", ""),
    flags.DOUBLED: ("Texts hold the same words twice", ""),
    DEPLOYED: ("The file's own predictions are nearly all the same", ""),
    REJECTED: (f"Rows cannot be read as {TEXTS}", ""),
}
"""Measure → what it means that it is higher, and lower."""
_WHERE_TO_LOOK: Final = {
    REPEATS: "whether a job ran twice or a form sends one text",
    SENT_TWICE: "whether a job ran twice or a file was loaded again",
    SAME_ANSWER: "whether the model or its input is stuck",
    DEPLOYED: "whether the deployed model is stuck",
    EQUAL_LENGTHS: "which field or message cuts texts",
    flags.ELLIPSES: "which field or preview cuts texts",
    BEGINNINGS: "which form, export or step puts words before the texts",
    ENDINGS: "which form, export or step puts words behind the texts",
    traces.NUMBERED: "which step joins a number or a time to the texts",
    traces.LABELLED: "which form, export or step puts a label before the texts",
    traces.BEGUN_INSIDE: "which step takes off the first characters",
    traces.CUT_INSIDE: "which field or step takes off the last characters",
    traces.CUT_WORDS: "whether a step before the model stems or cuts words: it reads whole ones",
    traces.STRIPPED: "which step takes out words: the model reads texts as they were written",
    traces.BARE: "which step prepares the texts: the model reads them as they were written",
    damage.DISORDERED: "which step takes words out, sorts them or joins them in another order",
    damage.QUOTED: "which export puts quotation marks round the texts",
    damage.APART: "which step cuts texts into words and marks and joins them again",
    damage.LETTERS_LOST: "which step drops or replaces letters",
    damage.BEGUN_LATE: "which step takes off the first words",
    flags.CAPITALS: "which step or device turns texts to capitals",
    flags.TITLES: "which step changes the case",
    flags.MOJIBAKE: "which step reads UTF-8 as another encoding, or drops letters",
    flags.DOUBLED: "which step joins a field to itself",
    flags.JOINED: "which step removes spaces or line breaks",
    flags.PLACEHOLDERS: "who or what fills in the field when there is no text",
    flags.FRAGMENTS: "whether the right column was exported",
    REJECTED: "why rows are empty, and mend the export that wrote them",
    "markup": "which step escapes the texts once too often",
}
_WORSE: Final = {
    ANSWERS: f"Find out what people now call by these names: the same {TEXTS} get other labels "
    "than in training.",
    UNKNOWN: f"Look at labelled {TEXTS} that were answered wrongly, and ask what they share.",
}
LABELS_ELSEWHERE: Final = "Put the labels right, and check the file again."


OTHER_MODEL: Final = (
    "These rows were scored by a model with other categories or another version. "
    f"Score the {TEXTS} again with the model in service."
)
GAPS: Final = f"These scored rows have gaps or infinite values. Score the {TEXTS} again."


def unknown_floor(name: str) -> str:
    """Why a floor of the settings cannot be used."""
    return (
        f"The setting AFTERWORD_FLOORS names a measure that there is not: {name!r}. "
        "docs/how-the-verdict-works.md lists them."
    )


def too_few(rows: int, least: int) -> tuple[str, str]:
    """Headline and action where there are too few rows."""
    return (
        f"{descriptions(rows)}: too few to tell, {least} are needed.",
        f"Collect at least {least} {TEXTS} and check again.",
    )


def stable(rows: int, *, writing: bool = False) -> tuple[str, str]:
    """Headline and action where nothing moved, or nothing but the writing."""
    return (
        f"Only the writing changed in these {descriptions(rows)}; the answers are the same."
        if writing
        else f"Nothing moved beyond chance in these {descriptions(rows)}.",
        "Nothing to do. Check the next batch as usual.",
    )


def phrase(measure: Measure) -> str:
    if measure.kind == RISE:
        few = measure.name == missing_name(measure.detail)
        much = "Fewer" if few else "More"
        return f"{much} {TEXTS} are labelled {measure.detail} than the model expects"
    if measure.group == QUALITY:
        return "The answers got worse"
    category = measure.category
    if category is not None:
        up, down = f"More {category} is reported", f"Less {category} is reported"
    elif measure.name == WHOLE:
        return "People write about other things, or in other words"
    else:
        up, down = _PHRASES[measure.name]
    if measure.direction == OTHER_SPREAD:
        return f"The values of “{measure.label}” are spread differently than in training"
    return down if measure.direction == "lower" and down else up


def repair(broken: Sequence[Measure]) -> tuple[str, ...]:
    where = [_WHERE_TO_LOOK[each.name] for each in broken]
    alone = all(each.name == SENT_TWICE for each in broken)
    return (
        f"Look upstream first: find out {where[0]}.",
        *(f"Then find out {one}." for one in where[1:2]),
        "Take the copies out and check again: each answer holds, but all counts have them twice."
        if alone
        else "Do not rely on these answers; check the batch again once the feed is mended.",
    )


def respond(moved: Sequence[Measure], quality: Quality | None) -> tuple[str, ...]:
    fell = any(one.group == QUALITY for one in moved)
    if fell and quality is not None:
        odd = [one.detail for one in ranked(moved) if one.kind == RISE]
        first = (
            f"See first whether the labels of {' and '.join(dict.fromkeys(odd[:2]))} are complete "
            "and mean what they meant in training: a column that was filled in late or by other "
            "rules looks like this.",
        )
        return (
            *(first if odd else ()),
            _WORSE[quality.cause],
            f"Tell those who act on the {FINDINGS} how good the answers are now: the table of "
            "quality has the figures.",
            f"Train again with recent labelled {TEXTS}, and compare both models on them.",
        )
    judged = quality is not None and bool(quality.figures)
    words = any(each.name in (NEW_WORDS, KNOWN_WORDS) and each.detail for each in moved)
    mix = any(each.category or each.name == NONE for each in moved)
    return (
        "Look at the words that changed, and ask what happened out there."
        if words
        else f"Ask where these {TEXTS} came from, and what changed there.",
        *(
            [f"Tell those who act on the {FINDINGS} that the mix of categories moved."]
            if mix
            else []
        ),
        "Read what the labels say of the answers; if the change stays, train again with recent "
        f"{TEXTS}."
        if judged
        else "Have a sample labelled before you rely on the answers; if the change stays, train "
        f"again with recent {TEXTS}.",
    )


def false_alarm_sentence(alpha: float) -> str:
    """How often a check is wrong where nothing has changed.

    >>> false_alarm_sentence(0.05)[:38]
    'Expect one false alarm in 20 checks, a'
    """
    return (
        f"Expect one false alarm in {round(1 / alpha)} checks, as long as the {FINDINGS} come from "
        f"where the training {FINDINGS} came from."
    )


def few_common(before: float, now: float, alarms: float) -> str:
    """That a feed has fewer texts that many people write than training had.

    >>> few_common(0.062, 0.0, 0.15).partition("; here none are. ")[2]
    'Where they are missing, about 15 of 100 checks of so many descriptions are false alarms.'
    """
    then = describe_value(before, "share")
    here = f"{describe_value(now, 'share')} are" if now else "none are"
    often = "more checks" if math.isnan(alarms) else f"about {100 * alarms:.0f} of 100 checks"
    return (
        f"{then} of the training {TEXTS} are a few words that many people write, such as one word "
        f"alone; here {here}. Where they are missing, {often} of so many {TEXTS} are false "
        "alarms."
    )


def as_end(sentence: str) -> str:
    """A sentence as the end of another one."""
    return sentence if sentence[1:2].isupper() else sentence[0].lower() + sentence[1:]


def detectable_sentence(detectable: Sequence[Detectable], rows: int) -> str:
    """The smallest change that so few rows can show, of the category that is hardest to see."""
    if not detectable:
        return ""
    hardest = max(detectable, key=lambda one: math.inf if one.growth is None else one.growth)
    if hardest.growth is None:
        return f"With {rows:,} {TEXTS}, no growth of {hardest.category} could be seen."
    growth = max(5, 5 * round(20 * hardest.growth))
    return f"With {rows:,} {TEXTS}, {hardest.category} must grow by about {growth} % to be seen."


# ---------------------------------------------------------------- figures

THRESHOLD_NAME: Final = "threshold"
THRESHOLD_MEANING: Final = "beyond chance and large enough to matter"
NO_WORD_CHANGED: Final = "No word changed beyond chance."
NOTHING_COMPARED: Final = "There are too few rows to compare anything."
FAULT: Final = "moved, points at the feed"
MOVED: Final = "moved"
WITHIN_CHANCE: Final = "within chance"
DISTANCE: Final = "Distance from training, in thresholds"
AS_IN_TRAINING: Final = "as in training"
ODDS: Final = "Odds of the word, against training"
NEW: Final = "new"
MORE_FREQUENT: Final = "more frequent"
LESS_FREQUENT: Final = "less frequent"
HARDLY_ANY: Final = "hardly any"
SAME: Final = "same"


def distances(shown: Iterable[tuple[str, float, str]]) -> str:
    """What the figure of measures shows: of each its label, its distance, and what that means."""
    return f"{DISTANCE}, largest first: " + "; ".join(
        f"{label} {excess:.1f} ({kind})" for label, excess, kind in shown
    )


def frequent(name: str, words: Iterable[tuple[str, str]]) -> str:
    """What one side of the figure of words shows: of each word its shares."""
    return f"{name[:1].upper()}{name[1:]}: " + "; ".join(
        f"{term} ({shares})" for term, shares in words
    )


def word_shares(now: str, before: str, *, new: bool) -> str:
    """In how many rows a word is, and was."""
    return f"{NEW}, {now} of {TEXTS}" if new else f"{now} of {TEXTS}, {before} in training"


def under(percent: int) -> str:
    """A share that is too small to be shown."""
    return f"under {percent} %"


def both_sides(before: str, now: str) -> str:
    """What is typical of training and of the batch; the line of a hint."""
    return f"training {before}, this batch {now}"


def distance(measure: Measure) -> str:
    """A distance, its threshold, and how far it is beyond it; the line of a hint."""
    return (
        f"distance {measure.distance:.3f}, threshold {measure.threshold:.3f}: "
        f"{measure.excess:.1f} times its threshold"
    )


def word_in_batch(share: str, rows: int) -> str:
    """In how many rows of the batch a word is; the line of a hint."""
    return f"this batch: {share} of {TEXTS}" + (f" ({rows:,})" if rows else "")


def word_in_training(share: str, *, new: bool) -> str:
    """In how many rows of training a word is; the line of a hint."""
    return f"training: fewer than 5 {TEXTS}" if new else f"training: {share} of {TEXTS}"


def word_odds(log_odds: float, errors: float) -> str:
    """How much a word changed; the line of a hint."""
    return f"log-odds {log_odds:+.2f}, {abs(errors):.0f} standard errors"

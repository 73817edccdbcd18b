"""What the check compares: every measure, its distance, and the smallest one that matters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from afterword.deployment import TEXT, TEXTS
from afterword.model.reference import CONFIDENCE, NUMBER, category_of, probability_column
from afterword.text import damage, flags, traces
from afterword.text.descriptors import DESCRIPTORS

INPUT, OUTPUT, CONTENT, FEED, QUALITY = "input", "output", "content", "feed", "quality"
KS, MEAN, SHARE, MAHALANOBIS, FALL, RISE = "ks", "mean", "share", "mahalanobis", "fall", "rise"
RISING = "rising share"

NONE = "no_category"
UNSURE = "unsure"
VERY_SHORT = "very_short"
VERY_LONG = "very_long"
MOSTLY_UNKNOWN = "mostly_unknown_words"
NOT_ENGLISH = "not_english"
NO_CAPITALS = flags.NO_CAPITALS
REPEATS = "repeats"
SENT_TWICE = "sent_twice"
SAME_ANSWER = "same_answer"
EQUAL_LENGTHS = "equal_lengths"
KNOWN_WORDS = "known_words"
NEW_WORDS = "new_words"
WHOLE = "content"
BEGINNINGS, ENDINGS = "same_beginnings", "same_endings"
REJECTED = "rejected_rows"
DEPLOYED = "deployed_prediction"


@dataclass(frozen=True)
class Definition:
    """One thing that the check compares.

    Attributes
    ----------
    name : identifier; that of the column in scored rows, if it is one.
    label : for people.
    group : "input", "output", "content" or "feed".
    unit : of its typical values; "" and "share" are in [0, 1].
    distance : "ks", "mean", "share", "rising share" or "mahalanobis".
    floor : smallest distance that matters in practice; of a mean probability, the smallest
        growth of the category's share, relative to the trained one.
    weight : its part of the chance of a false alarm, relative to the others.
    column : whether it is a column of the scored rows, which Evidently draws too.
    fault : whether it points at the feed, not at the world.
    category : whose probability it is; None for every other measure.
    """

    name: str
    label: str
    group: str
    unit: str
    distance: str
    floor: float
    weight: float = 1.0
    column: bool = False
    fault: bool = False
    category: str | None = None


_FAULTS: Final = (
    (REPEATS, "Copies of one text", 0.25, 2),
    (SENT_TWICE, "Rows that were sent twice", 0.1, 2),
    (SAME_ANSWER, f"{TEXTS.capitalize()} with one answer", 0.7, 1),
    (EQUAL_LENGTHS, f"{TEXTS.capitalize()} of one length", 0.3, 1),
    (flags.CAPITALS, "All in capitals", 0.4, 1),
    (flags.TITLES, "Every Word With A Capital", 0.5, 1),
    (flags.MOJIBAKE, "Broken or lost letters", 0.3, 1),
    (flags.JOINED, "Words that lost their spaces", 0.3, 1),
    (flags.PLACEHOLDERS, "Placeholders", 0.3, 1),
    (flags.FRAGMENTS, "No sentence at all", 0.5, 1),
    (flags.ELLIPSES, "Ending in dots", 0.4, 1),
    (flags.DOUBLED, "The same text twice in one", 0.3, 1),
    (BEGINNINGS, f"{TEXTS.capitalize()} that begin alike", 0.8, 1),
    (ENDINGS, f"{TEXTS.capitalize()} that end alike", 0.9, 1),
    (traces.NUMBERED, "A number before the text", 1.0, 1),
    (traces.LABELLED, "A label before the text", 1.0, 1),
    (traces.BEGUN_INSIDE, "Beginning inside a word", 0.6, 1),
    (traces.CUT_INSIDE, "Ending inside a word", 0.6, 1),
    (traces.CUT_WORDS, "Words that lost their ends", 0.8, 1),
    (traces.STRIPPED, "Without function words", 1.0, 1),
    (traces.BARE, "Without capitals and marks", 1.0, 1),
    (damage.DISORDERED, "Words out of place", 0.6, 0.25),
    (damage.QUOTED, "Quotation marks round the text", 1.0, 0.25),
    (damage.APART, "Marks out of place", 1.0, 0.25),
    (damage.LETTERS_LOST, "Lost letters", 0.7, 0.25),
    (damage.BEGUN_LATE, "Beginning inside a sentence", 0.6, 0.25),
    (DEPLOYED, "Commonest prediction in the file", 0.8, 1),
    (REJECTED, "Rejected rows", 0.1, 1),
)
"""Name, label, floor and weight of the measures of a batch that point at the feed."""


def definitions(categories: Sequence[str]) -> tuple[Definition, ...]:
    """Every measure of a model with these categories; docs/how-the-verdict-works.md lists them.

    >>> len(definitions(["A", "B", "C"]))
    58
    """
    return (
        *(
            Definition(
                each.name,
                each.label,
                INPUT,
                each.unit,
                RISING if each.fault else SHARE,
                0.3,
                1,
                True,
                each.fault,
            )
            if each.seldom
            # Style wanders without harm: one description in seven, few of the false alarms.
            else Definition(each.name, each.label, INPUT, each.unit, KS, 0.14, 0.1, True)
            for each in DESCRIPTORS
        ),
        *(
            Definition(
                probability_column(category),
                f"Mean probability of {category}",
                OUTPUT,
                "",
                MEAN,
                0.15,
                8,
                column=True,
                category=category,
            )
            for category in categories
        ),
        Definition(NUMBER, f"Categories per {TEXT}", OUTPUT, "categories", KS, 0.1, 1, True),
        Definition(CONFIDENCE, "Confidence of the answers", OUTPUT, "", KS, 0.1, 1, True),
        Definition(NONE, "Mean probability of no category", OUTPUT, "", MEAN, 0.15, 2),
        Definition(UNSURE, "Unsure answers", OUTPUT, "share", SHARE, 0.2),
        Definition(VERY_SHORT, f"Very short {TEXTS}", INPUT, "share", SHARE, 0.2),
        Definition(VERY_LONG, f"Very long {TEXTS}", INPUT, "share", SHARE, 0.2),
        Definition(MOSTLY_UNKNOWN, "Mostly unknown words", INPUT, "share", SHARE, 0.2),
        Definition(NOT_ENGLISH, "Not in English", INPUT, "share", SHARE, 0.2),
        Definition(NO_CAPITALS, "Without any capital letter", INPUT, "share", SHARE, 0.6),
        Definition(traces.TYPESET, "Typographic marks", INPUT, "share", SHARE, 0.3),
        Definition(KNOWN_WORDS, "Known word that moved most", CONTENT, "share", SHARE, 0.25),
        Definition(NEW_WORDS, "Commonest new word", CONTENT, "share", SHARE, 0.2, 2),
        Definition(WHOLE, "Content as a whole", CONTENT, "distance", MAHALANOBIS, 0.3, 2),
        *(
            Definition(name, label, FEED, "share", SHARE, floor, weight, fault=True)
            for name, label, floor, weight in _FAULTS
        ),
    )


FLAGS: Final = (
    *(each.name for each in DESCRIPTORS if each.seldom),
    UNSURE, VERY_SHORT, VERY_LONG, MOSTLY_UNKNOWN, NOT_ENGLISH,
    *flags.TEXT_FLAGS,
)  # fmt: skip
"""Measures that are shares of rows, in the order of :attr:`Totals.flags`."""
ONE_SIDED: Final = frozenset(
    {
        REPEATS,
        SENT_TWICE,
        SAME_ANSWER,
        EQUAL_LENGTHS,
        NEW_WORDS,
        VERY_SHORT,
        BEGINNINGS,
        ENDINGS,
        "markup",
    }
    | {*flags.TEXT_FLAGS} - {traces.TYPESET}
)
"""Measures of which less is no news."""
STYLE: Final = frozenset(
    {"sentence_length", "non_letters", "capitals", NO_CAPITALS, traces.TYPESET}
)
"""Measures of marks and capitals alone, which the model does not read. Accents and symbols are none
of them: an emoji says something, and the model does not hear it."""


@dataclass(frozen=True)
class Measure:
    """What the check found in one measure.

    Attributes
    ----------
    name : of the measure; that of the column in scored rows, if it is one.
    label : for people.
    group : "input", "output", "content", "feed" or "quality".
    unit : of the two typical values.
    kind : of distance: "ks", "mean", "share", "rising share" or "mahalanobis"; "fall" or "rise" of
        a figure of quality.
    reference, batch : what is typical of either, NaN where there is no such number: shares and
        means, and of counts of characters and words the geometric mean, which a few very long
        texts do not carry away.
    distance : at least 0; NaN where scored rows came without a profile.
    threshold : distance from which the measure counts as drifted; NaN if there are too few rows.
    floor : smallest distance that matters in practice; the threshold is never below it.
    drifted : ``distance >= threshold``.
    direction : "higher", "lower" or "other spread"; "" where nothing can be said.
    column : whether it is a column, which Evidently's reports show too.
    fault : whether it points at the feed, not at the world.
    detail : which word, or which length; "" where there is none, or none that may be shown.
    """

    name: str
    label: str
    group: str
    unit: str
    kind: str
    reference: float
    batch: float
    distance: float
    threshold: float
    floor: float
    drifted: bool
    direction: str
    column: bool
    fault: bool
    detail: str = ""

    @property
    def category(self) -> str | None:
        """Whose probability it is; None for every other measure. A kept check has it too."""
        return category_of(self.name)

    @property
    def style(self) -> bool:
        """Whether it is about the writing alone: what moves there alters no answer by itself."""
        return self.name in STYLE

    @property
    def excess(self) -> float:
        """Distance over threshold: 1 or more where the measure drifted; 0 where it is unknown."""
        return 0.0 if math.isnan(self.threshold + self.distance) else self.distance / self.threshold

    def typical(self, value: float) -> str:
        """``reference`` or ``batch`` as a person reads it."""
        return describe_value(value, self.unit)


def describe_value(value: float, unit: str) -> str:
    """A typical value as a person reads it; "–" for NaN.

    Parameters
    ----------
    value : in ``unit``.
    unit : "share" and "" are written as per cent.

    Examples
    --------
    >>> describe_value(0.123, "share"), describe_value(88.4, "characters")
    ('12 %', '88 characters')
    """
    if math.isnan(value):
        return "–"
    if unit in ("share", ""):
        return f"{value:.1%}".replace("%", " %") if value < 0.1 else f"{value:.0%}"[:-1] + " %"
    digits = 0 if abs(value) >= 20 else 1
    return f"{value:.{digits}f} {unit}"

"""What the check compares, and by which distance.

Each measure has one distance, which suits what it is made of:

``ks``
    Kolmogorov–Smirnov distance, the largest gap between two distribution functions; for columns
    of values on a grid.
``mean``
    difference of two means in standard deviations of the reference (Cohen's d); for
    probabilities. The mean of a calibrated probability is the score statistic of a shift in
    prevalence: where only the mix of categories moves, no other test sees a small move sooner.
``share``
    Cohen's h, the difference of two shares p after the transform 2·asin √p, which makes the
    standard error of either depend on its number of rows alone; for counts of rows and words.
``content``
    Mahalanobis distance of two mean vectors of the model's dense representation.

Each of them shrinks like √(1/n + 1/N) where two samples of n and N rows come from one source.

References
----------
Cohen, J. (1988). Statistical power analysis for the behavioral sciences, 2nd ed., chapters 2, 6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from afterword.model.reference import CONFIDENCE, NUMBER, category_of, probability_column
from afterword.text import facts
from afterword.text.descriptors import DESCRIPTORS

INPUT, OUTPUT, CONTENT, FEED, QUALITY = "input", "output", "content", "feed", "quality"
KS, MEAN, SHARE, MAHALANOBIS, FALL, RISE = "ks", "mean", "share", "mahalanobis", "fall", "rise"

NONE = "no_category"
UNSURE = "unsure"
VERY_SHORT = "very_short"
VERY_LONG = "very_long"
MOSTLY_UNKNOWN = "mostly_unknown_words"
NOT_ENGLISH = "not_english"
NO_CAPITALS = facts.NO_CAPITALS
REPEATS = "repeats"
SAME_ANSWER = "same_answer"
EQUAL_LENGTHS = "equal_lengths"
KNOWN_WORDS = "known_words"
NEW_WORDS = "new_words"
WHOLE = "content"
REJECTED = "rejected_rows"
DEPLOYED = "deployed_prediction"

SHORT_WORDS: Final = 2
"""Words up to which a description is very short."""
LONG_QUANTILE: Final = 0.99
"""Share of the training descriptions that are shorter than a very long one."""
LEAST_DEVIATION: Final = 1e-6
"""Standard deviation of a column that does not vary."""
STANDARD_ERRORS: Final = 4
"""Standard errors of the reference below which no floor lies."""


@dataclass(frozen=True)
class Definition:
    """One thing that the check compares.

    Attributes
    ----------
    name : identifier; that of the column in scored rows, if it is one.
    label : for people.
    group : "input", "output", "content" or "feed".
    unit : of its typical values; "" and "share" are in [0, 1].
    distance : "ks", "mean", "share" or "mahalanobis".
    floor : smallest distance that matters in practice.
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


def definitions(categories: Sequence[str]) -> tuple[Definition, ...]:
    """Every measure of a model with these categories; docs/how-the-verdict-works.md lists them.

    >>> len(definitions(["A", "B", "C"]))
    42
    """
    return (
        *(
            Definition(each.name, each.label, INPUT, each.unit, SHARE, 0.3, 1, True, each.fault)
            if each.seldom
            # Style wanders from week to week without harm, so it takes one description in seven
            # and a small part of the false alarms.
            else Definition(each.name, each.label, INPUT, each.unit, KS, 0.14, 0.1, True)
            for each in DESCRIPTORS
        ),
        *(
            Definition(
                probability_column(category),
                f"Probability of {category}",
                OUTPUT,
                "",
                MEAN,
                0.12,
                8,
                column=True,
                category=category,
            )
            for category in categories
        ),
        Definition(NUMBER, "Categories per description", OUTPUT, "categories", KS, 0.1, 1, True),
        Definition(CONFIDENCE, "Confidence of the answers", OUTPUT, "", KS, 0.1, 1, True),
        Definition(NONE, "Probability of no category", OUTPUT, "", MEAN, 0.12, 8),
        Definition(UNSURE, "Unsure answers", OUTPUT, "share", SHARE, 0.2),
        Definition(VERY_SHORT, "Very short descriptions", INPUT, "share", SHARE, 0.2),
        Definition(VERY_LONG, "Very long descriptions", INPUT, "share", SHARE, 0.2),
        Definition(MOSTLY_UNKNOWN, "Mostly unknown words", INPUT, "share", SHARE, 0.2),
        Definition(NOT_ENGLISH, "Not in English", INPUT, "share", SHARE, 0.2),
        Definition(KNOWN_WORDS, "Known word that moved most", CONTENT, "share", SHARE, 0.25),
        Definition(NEW_WORDS, "Commonest new word", CONTENT, "share", SHARE, 0.2, 2),
        Definition(WHOLE, "Content as a whole", CONTENT, "distance", MAHALANOBIS, 0.3, 2),
        *(
            Definition(name, label, FEED, "share", SHARE, floor, weight, fault=True)
            for name, label, floor, weight in (
                (REPEATS, "Copies of one text", 0.25, 2),
                (SAME_ANSWER, "Descriptions with one answer", 0.7, 1),
                (EQUAL_LENGTHS, "Descriptions of one length", 0.3, 1),
                (NO_CAPITALS, "Without any capital letter", 0.6, 1),
                (facts.CAPITALS, "All in capitals", 0.4, 1),
                (facts.TITLES, "Every Word With A Capital", 0.5, 1),
                (facts.MOJIBAKE, "Broken or lost letters", 0.3, 1),
                (facts.JOINED, "Words that lost their spaces", 0.3, 1),
                (facts.PLACEHOLDERS, "Placeholders", 0.3, 1),
                (facts.FRAGMENTS, "No sentence at all", 0.5, 1),
                (facts.ELLIPSES, "Ending in dots", 0.4, 1),
                (facts.DOUBLED, "The same text twice in one", 0.3, 1),
                (DEPLOYED, "Commonest prediction in the file", 0.8, 1),
                (REJECTED, "Rejected rows", 0.1, 1),
            )
        ),
    )


FLAGS: Final = (
    *(each.name for each in DESCRIPTORS if each.seldom),
    UNSURE, VERY_SHORT, VERY_LONG, MOSTLY_UNKNOWN, NOT_ENGLISH,
    *facts.FLAGS,
)  # fmt: skip
"""Measures that are shares of rows, in the order of :attr:`Totals.flags`."""


ONE_SIDED: Final = frozenset(
    {REPEATS, SAME_ANSWER, EQUAL_LENGTHS, NEW_WORDS, "markup", *facts.FLAGS}
)
"""Measures of which less is no news."""


@dataclass(frozen=True)
class Totals:
    """Sums over a sample, all that measures outside the columns need of it.

    Every array has a leading axis of samples, so that many can be compared at once.

    Attributes
    ----------
    rows : (s,) descriptions.
    distinct : (s,) of these, with different texts; NaN, as all that follows, where a sample has
        no profile.
    scores : (s, k + 1) sums of each category's probability, and of that of no category.
    flags : (s, f) rows with each of :data:`FLAGS`.
    repeats : (s,) rows with the commonest text.
    answers : (s,) rows with the commonest answer.
    lengths : (s,) distinct descriptions with the commonest length.
    words : (s, w) distinct descriptions that hold each word of the vocabulary.
    new : (s,) distinct descriptions that hold the commonest new word.
    content : (s, d) sums of the dense representation.
    """

    rows: np.ndarray
    distinct: np.ndarray
    scores: np.ndarray
    flags: np.ndarray
    repeats: np.ndarray
    answers: np.ndarray
    lengths: np.ndarray
    words: np.ndarray
    new: np.ndarray
    content: np.ndarray

    def shares(self) -> dict[str, float]:
        """Of the first sample, the share of rows or mean probability of each such measure."""
        rows, distinct = self.rows[0], self.distinct[0]
        return {
            **dict(zip(FLAGS, (self.flags[0] / rows).tolist(), strict=True)),
            NONE: float(self.scores[0, -1] / rows),
            REPEATS: float(self.repeats[0] / rows),
            SAME_ANSWER: float(self.answers[0] / rows),
            EQUAL_LENGTHS: float(self.lengths[0] / distinct),
        }


@dataclass(frozen=True)
class Scale:
    """By what distances are divided, so that they do not depend on units.

    Attributes
    ----------
    scores : (k + 1,) standard deviations in the reference.
    content : (d, d) a matrix W with W Wᵀ the inverse covariance in the reference.
    """

    scores: np.ndarray
    content: np.ndarray


def cohens_h(share: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Difference of two shares on the scale where their variance is constant, in [−π, π].

    >>> cohens_h(np.array([0.5]), np.array([0.5])).item()
    0.0
    """
    difference: np.ndarray = _angle(share) - _angle(other)
    return difference


def distances(
    batch: Totals, reference: Totals, scale: Scale, categories: Sequence[str]
) -> dict[str, np.ndarray]:
    """Compare samples in every measure that totals tell of.

    Parameters
    ----------
    batch, reference : totals of s samples each, or of one that all others are compared with.
    scale : units.
    categories : k names.

    Returns
    -------
    measure → (s,) distances, at least 0; NaN where a side lacks what is needed. Faults count in
    one direction only: fewer broken letters than in training are no fault.
    """
    n, rest = batch.rows[:, None], reference.rows[:, None]
    own, other = batch.distinct, reference.distinct
    flags = dict(zip(FLAGS, cohens_h(batch.flags / n, reference.flags / rest).T, strict=True))
    means = np.abs(batch.scores / n - reference.scores / rest) / scale.scores
    moved = known_words_moved(batch, reference)
    apart = batch.content / n - reference.content / rest
    found = {
        **flags,
        **dict(zip((*map(probability_column, categories), NONE), means.T, strict=True)),
        REPEATS: cohens_h(batch.repeats / batch.rows, reference.repeats / reference.rows),
        SAME_ANSWER: cohens_h(batch.answers / batch.rows, reference.answers / reference.rows),
        EQUAL_LENGTHS: cohens_h(batch.lengths / own, reference.lengths / other),
        KNOWN_WORDS: moved.max(axis=1, initial=0.0),
        NEW_WORDS: cohens_h(batch.new / own, np.zeros_like(own)),
        WHOLE: np.sqrt(((apart @ scale.content) ** 2).sum(axis=1)),
    }
    return {
        name: np.maximum(gap, 0.0) if name in ONE_SIDED else np.abs(gap)
        for name, gap in found.items()
    }


def known_words_moved(batch: Totals, reference: Totals) -> np.ndarray:
    """How far each word of the vocabulary moved, (s, w), as Cohen's h.

    In Anscombe's form: without it, the rarest words would have the largest distances by chance.
    """
    sides = (
        _angle((side.words + 0.375) / (side.distinct[:, None] + 0.75))
        for side in (batch, reference)
    )
    moved: np.ndarray = np.abs(next(sides) - next(sides))
    return moved


def column_distance(kind: str, reference: np.ndarray, batch: np.ndarray) -> float:
    """Distance of two columns, by the check and by Evidently alike; NaN values are left out.

    Parameters
    ----------
    kind : "ks", "mean", or "share" (of values above 0).
    reference, batch : (N,) and (n,) numbers.

    Returns
    -------
    float
        0 if either side is empty.

    Examples
    --------
    >>> column_distance("ks", np.array([1, 2, 3, 4]), np.array([3, 4]))
    0.5
    """
    sides = [np.asarray(side, dtype=float) for side in (reference, batch)]
    # In order: sums of floats depend on it, and Evidently gets the rows shuffled.
    first, second = (np.sort(side[~np.isnan(side)]) for side in sides)
    if not (len(first) and len(second)):
        return 0.0
    if kind == MEAN:
        return float(abs(second.mean() - first.mean()) / max(first.std(), LEAST_DEVIATION))
    if kind == SHARE:
        return float(abs(cohens_h((second > 0).mean(), (first > 0).mean())))
    points = np.union1d(first, second)
    gaps = np.searchsorted(first, points, "right") / len(first) - np.searchsorted(
        second, points, "right"
    ) / len(second)
    return float(np.abs(gaps).max())


@dataclass(frozen=True)
class Measure:
    """What the check found in one measure.

    Attributes
    ----------
    name : of the measure; that of the column in scored rows, if it is one.
    label : for people.
    group : "input", "output", "content", "feed" or "quality".
    unit : of the two typical values.
    kind : of distance: "ks", "mean", "share" or "mahalanobis"; "fall" or "rise" of a figure of
        quality.
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


def _angle(share: np.ndarray) -> np.ndarray:
    angle: np.ndarray = 2 * np.arcsin(np.sqrt(np.clip(share, 0, 1)))
    return angle

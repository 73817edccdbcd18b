"""By which distance two samples are compared.

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
``rising share``
    the same, and 0 where the share has fallen: fewer codes than in training are no fault.
``content``
    Mahalanobis distance of two mean vectors of the model's dense representation.

Each of them shrinks like √(1/n + 1/N) where two samples of n and N rows come from one source.

References
----------
Cohen, J. (1988). Statistical power analysis for the behavioral sciences, 2nd ed., chapters 2, 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from afterword.measures.columns import Column
from afterword.measures.definitions import (
    BEGINNINGS,
    ENDINGS,
    EQUAL_LENGTHS,
    FLAGS,
    KNOWN_WORDS,
    MEAN,
    NEW_WORDS,
    NONE,
    ONE_SIDED,
    REPEATS,
    RISING,
    SAME_ANSWER,
    SENT_TWICE,
    SHARE,
    WHOLE,
)
from afterword.measures.totals import Totals
from afterword.model.reference import probability_column

LEAST_DEVIATION: Final = 1e-6
"""Standard deviation of a column that does not vary."""


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
        SENT_TWICE: cohens_h(
            batch.again / batch.rows, reference.expected_again(batch.rows) / batch.rows
        ),
        SAME_ANSWER: cohens_h(batch.answers / batch.rows, reference.answers / reference.rows),
        EQUAL_LENGTHS: cohens_h(batch.lengths / own, reference.lengths / other),
        BEGINNINGS: cohens_h(batch.begins / batch.rows, reference.begins / reference.rows),
        ENDINGS: cohens_h(batch.ends / batch.rows, reference.ends / reference.rows),
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


def column_distance(kind: str, reference: np.ndarray | Column, batch: np.ndarray | Column) -> float:
    """Distance of two columns, by the check and by Evidently alike; NaN values are left out.

    Parameters
    ----------
    kind : "ks", "mean", "share" (of values above 0), or "rising share".
    reference, batch : (N,) and (n,) numbers, or these counted. In which order they stand makes no
        difference, to the last bit: Evidently gets the rows shuffled.

    Returns
    -------
    float
        0 if either side is empty.

    Examples
    --------
    >>> column_distance("ks", np.array([1, 2, 3, 4]), np.array([3, 4]))
    0.5
    """
    first, second = (
        side if isinstance(side, Column) else Column.of(side) for side in (reference, batch)
    )
    if not (first.rows and second.rows):
        return 0.0
    if kind == MEAN:
        spread = max(first.deviation(), LEAST_DEVIATION)
        return abs(second.mean() - first.mean()) / spread
    if kind in (SHARE, RISING):
        shares = (np.array(side.share_above(0)) for side in (second, first))
        gap = float(cohens_h(*shares))
        return abs(gap) if kind == SHARE else max(gap, 0.0)
    points = np.union1d(first.values, second.values)
    gaps = first.up_to(points) / first.rows - second.up_to(points) / second.rows
    return float(np.abs(gaps).max())


def _angle(share: np.ndarray) -> np.ndarray:
    angle: np.ndarray = 2 * np.arcsin(np.sqrt(np.clip(share, 0, 1)))
    return angle

"""Sums over a sample of rows: all that the measures outside of the columns need of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.measures.definitions import (
    BEGINNINGS,
    ENDINGS,
    EQUAL_LENGTHS,
    FLAGS,
    NONE,
    REPEATS,
    SAME_ANSWER,
    SENT_TWICE,
)
from afterword.model.reference import DECIMALS
from afterword.text.descriptors import DESCRIPTORS, FEW_ENGLISH, MANY_UNKNOWN, SHORT_WORDS

if TYPE_CHECKING:
    import pandas as pd


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
    begins, ends : (s,) rows with one of the few commonest first, and last, words.
    common : (s,) rows with a text that many people write.
    pairs : (s,) pairs of rows with equal texts, without texts that many people write.
    again : (s,) of these texts, those that stand in more than one row; of a reference the pairs
        from which it is told how many to expect, see :meth:`expected_again`.
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
    begins: np.ndarray
    ends: np.ndarray
    common: np.ndarray
    pairs: np.ndarray
    again: np.ndarray

    def expected_pairs(self, rows: np.ndarray) -> np.ndarray:
        """Pairs (s,) of equal texts that as many rows (s,) of the same source have on average."""
        found: np.ndarray = self.pairs * self._exposure(rows)
        return found

    def expected_again(self, rows: np.ndarray) -> np.ndarray:
        """Texts (s,) that stand in more than one of as many rows (s,) of the same source.

        As many as pairs, where there are few. One text that came often in training makes many
        pairs, and is one text: so of each no more rows are counted than chance brings.
        """
        found: np.ndarray = self.again * self._exposure(rows)
        return found

    def _exposure(self, rows: np.ndarray) -> np.ndarray:
        found: np.ndarray = rows * (rows - 1.0) / np.maximum(self.rows * (self.rows - 1), 1)
        return found

    def shares(self) -> dict[str, float]:
        """Of the first sample, the share of rows or mean probability of each such measure."""
        rows, distinct = self.rows[0], self.distinct[0]
        return {
            **dict(zip(FLAGS, (self.flags[0] / rows).tolist(), strict=True)),
            NONE: float(self.scores[0, -1] / rows),
            REPEATS: float(self.repeats[0] / rows),
            SAME_ANSWER: float(self.answers[0] / rows),
            EQUAL_LENGTHS: float(self.lengths[0] / distinct),
            BEGINNINGS: float(self.begins[0] / rows),
            ENDINGS: float(self.ends[0] / rows),
            SENT_TWICE: float(self.again[0] / rows),
        }


@dataclass(frozen=True)
class Rules:
    """What turns a row's numbers into "very long" or "unsure", fixed when a model is trained.

    Attributes
    ----------
    long_from : words of a very long description.
    thresholds : (k,) of the categories, balanced.
    bands : (k, 2) a probability p with low <= p < high is unsure.
    """

    long_from: float
    thresholds: np.ndarray
    bands: np.ndarray


def with_none(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities (n, k + 1) of the categories, and that of none of them, were they independent.

    Parameters
    ----------
    probabilities : (n, k), in [0, 1].
    """
    return np.column_stack([probabilities, np.prod(1 - probabilities, axis=1)])


def answer_keys(probabilities: np.ndarray) -> np.ndarray:
    """Numbers (n,) that are equal for equal answers."""
    cents = np.round(probabilities * 10**DECIMALS).astype(np.int64)
    radix = 10**DECIMALS + 1
    # Digits of one number; with very many categories it wraps, and equal answers stay equal.
    numbers = cents @ radix ** np.arange(cents.shape[1], dtype=np.int64)
    keys: np.ndarray = np.unique(numbers, return_inverse=True)[1]
    return keys


def _within(probabilities: np.ndarray, bands: np.ndarray) -> np.ndarray:
    found: np.ndarray = (probabilities >= bands[:, 0]) & (probabilities < bands[:, 1])
    return found


def row_flags(
    frame: pd.DataFrame | Mapping[str, np.ndarray], probabilities: np.ndarray, rules: Rules
) -> np.ndarray:
    """Flags (n, …) that the columns of scored rows tell, the first of :data:`FLAGS`, in order.

    Parameters
    ----------
    frame : (n, …) descriptors.
    probabilities : (n, k), in [0, 1].
    rules : of the reference.
    """
    words, unknown, english = (
        np.asarray(frame[name]) for name in ("words", "unknown_words", "english_words")
    )
    return np.column_stack(
        [
            *(np.asarray(frame[each.name]) > 0 for each in DESCRIPTORS if each.seldom),
            _within(probabilities, rules.bands).any(axis=1),
            words <= SHORT_WORDS,
            words >= rules.long_from,
            unknown >= MANY_UNKNOWN,
            (english < FEW_ENGLISH) & (words > SHORT_WORDS),
        ]
    )

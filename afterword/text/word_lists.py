"""Which words each of many texts holds, as lists of places without a matrix around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Lists:
    """Ascending places, a list for each of q rows.

    Attributes
    ----------
    ends : (q + 1,) where each list begins, and the last one ends.
    places : (ends[-1],) of all lists, one after the other.
    """

    ends: np.ndarray
    places: np.ndarray

    @classmethod
    def none(cls, rows: int = 0) -> Lists:
        """So many empty lists."""
        return cls(np.zeros(rows + 1, np.int64), np.zeros(0, np.int32))

    def take(self, rows: np.ndarray) -> Lists:
        """The lists of some rows."""
        sizes = np.diff(self.ends)[rows]
        ends = np.concatenate([[0], np.cumsum(sizes)])
        at = np.arange(ends[-1]) + np.repeat(self.ends[rows] - ends[:-1], sizes)
        return Lists(ends, self.places[at])

    def renamed(self, names: np.ndarray) -> Lists:
        """The lists with the places that ``names`` (u,) says for each of theirs."""
        return Lists(self.ends, names[self.places] if len(self.places) else self.places)

    @classmethod
    def total(cls, parts: Sequence[Lists]) -> Lists:
        """The lists of all parts, one after the other."""
        sizes = np.concatenate([np.diff(each.ends) for each in parts])
        ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        return cls(ends, np.concatenate([each.places for each in parts]))

    def counts(self, width: int) -> np.ndarray:
        """How many lists hold each of ``width`` places."""
        found: np.ndarray = np.bincount(self.places, minlength=width).astype(np.int64)
        return found


def lists_of(matrix: object, rows: np.ndarray) -> Lists:
    """The places in some rows of a sparse matrix."""
    ends, places = matrix.indptr, matrix.indices  # type: ignore[attr-defined]
    return Lists(np.asarray(ends, np.int64), np.asarray(places, np.int32)).take(rows)


@dataclass(frozen=True, eq=False)
class Kept:
    """What some distinct texts added, text by text; in memory only.

    Attributes
    ----------
    digests : (q,) uint64, ascending.
    words, unknown : places of the words that each holds.
    """

    digests: np.ndarray
    words: Lists
    unknown: Lists

    def take(self, rows: np.ndarray) -> Kept:
        """What some of the texts added."""
        return Kept(self.digests[rows], self.words.take(rows), self.unknown.take(rows))


def kept_in(parts: Sequence[Kept]) -> Kept:
    """What is known of the texts of all parts, once each."""
    digests, rows = np.unique(np.concatenate([each.digests for each in parts]), return_index=True)
    words, unknown = (
        Lists.total([getattr(each, name) for each in parts]).take(rows)
        for name in ("words", "unknown")
    )
    return Kept(digests, words, unknown)

"""Scores of many descriptions whose words were read beforehand, equal to those of each alone.

The classifier scores a few descriptions by adding up rows of its tables. Here the same rows are
added up in the same order by products of sparse matrices, and pairs are looked up in a hash table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Floats, Integers
from afterword.model.adding import distinct
from afterword.text.words import Tokens

if TYPE_CHECKING:
    import scipy.sparse as sp

_AT_ONCE: Final = 250_000
"""Words, and texts, that are scored at once: what is made of them stays in the cache."""
_SPELLED_AT_ONCE: Final = 10_000
"""Words that are spelled at once: each has some thirty pieces."""
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio (Knuth, vol. 3, 6.4): spreads numbers over all 64-bit numbers."""


class PairTable:
    """Where each of some numbers stands, in a hash table with linear probing (Knuth, vol. 3, 6.4).

    Parameters
    ----------
    keys : p different numbers from 0 on.

    >>> PairTable(np.array([4, 7, 1_000_000])).find(np.array([7, 5, 1_000_000])).tolist()
    [1, -1, 2]
    """

    def __init__(self, keys: Integers) -> None:
        # A quarter full at most: then nearly every number is found at the first look.
        bits = max(4 * len(keys), 2).bit_length()
        self._shift, self._last = np.uint64(64 - bits), (1 << bits) - 1
        self._keys, self._places = np.full((2, 1 << bits), -1)
        self._looks = 0
        pending = np.arange(len(keys))
        while len(pending):
            slots = self._slots(keys[pending], self._looks)
            free = self._keys[slots] < 0
            self._keys[slots[free]] = keys[pending[free]]
            # Of several that want a slot one has got it.
            placed = self._keys[slots] == keys[pending]
            self._places[slots[placed]] = pending[placed]
            pending = pending[~placed]
            self._looks += 1

    def _slots(self, keys: Integers, look: int) -> NDArray[np.uint64]:
        slots: NDArray[np.uint64] = (keys.astype(np.uint64) * _SPREAD) >> self._shift
        return (slots + np.uint64(look)) & np.uint64(self._last)

    def find(self, keys: Integers) -> Integers:
        """The place of each number, -1 where it is none of them."""
        found = np.full(len(keys), -1)
        pending = np.arange(len(keys))
        for look in range(self._looks):
            slots = self._slots(keys[pending], look)
            own = self._keys[slots]
            hit = own == keys[pending]
            found[pending[hit]] = self._places[slots[hit]]
            pending = pending[~hit & (own >= 0)]
        return found


class BatchScores:
    """Adds up what a classifier's tables say of the words of many descriptions.

    Parameters
    ----------
    word_table, spelling_table : (w, k + 1) as the classifier's.
    pairs, pair_table : (p,) and (p, k + 1), too.
    spell : makes rows for the spelling table of unknown words.
    """

    def __init__(
        self,
        word_table: Floats,
        spelling_table: Floats,
        pairs: Integers,
        pair_table: Floats,
        spell: Callable[[Sequence[str]], Floats],
    ) -> None:
        self._table = np.hstack([word_table, spelling_table])
        self._pairs, self._pair_table = PairTable(pairs), pair_table
        self._spell = spell

    def sums(self, tokens: Tokens) -> Iterator[tuple[Floats, Floats]]:
        """Add up the weights of words and pairs, and those of pieces.

        Parameters
        ----------
        tokens : of n descriptions.

        Yields
        ------
        (m, k + 1) twice: sums of whole-word weights, and of spelling weights, of the next m.
        """
        places, table = self._with_unknown(tokens.unknown)
        for numbers, ends in tokens.in_parts(_AT_ONCE):
            yield self._sums(places[numbers], ends, table)

    def _with_unknown(self, unknown: Sequence[str]) -> tuple[Integers, Floats]:
        """Where the words of each number stand in the table; and the table, with all words.

        Unknown words follow in alphabetical order, as in the sum over a description alone.
        """
        w, width = len(self._table), self._table.shape[1] // 2
        order = sorted(range(len(unknown)), key=unknown.__getitem__)
        places = np.arange(w + len(unknown))
        places[w + np.array(order, np.int64)] = np.arange(w, w + len(unknown))
        table = np.zeros((w + len(unknown), 2 * width))
        table[:w] = self._table
        for start in range(0, len(order), _SPELLED_AT_ONCE):
            words = [unknown[place] for place in order[start : start + _SPELLED_AT_ONCE]]
            table[w + start : w + start + len(words), width:] = self._spell(words)
        return places, table

    def _sums(self, places: Integers, ends: Integers, table: Floats) -> tuple[Floats, Floats]:
        """Add up rows of the table, for descriptions of known words."""
        n, w, width = len(ends) - 1, len(self._table), table.shape[1] // 2
        rows = np.repeat(np.arange(n), np.diff(ends))
        left, right = places[:-1], places[1:]
        both = np.flatnonzero((left < w) & (right < w) & (rows[:-1] == rows[1:]))
        pairs = self._pairs.find(left[both] * w + right[both])
        known = pairs >= 0
        together = _presence(rows[both[known]], pairs[known], n, len(self._pair_table))
        sums = _presence(rows, places, n, len(table)) @ table
        return sums[:, :width] + together @ self._pair_table, sums[:, width:]


def _presence(rows: Integers, places: Integers, n: int, terms: int) -> sp.csr_matrix:
    """(n, terms) 1 where a description holds a term; the terms of each in ascending order."""
    import scipy.sparse as sp  # late: a few texts are scored without it

    own_rows, own_places = distinct(rows, places, terms)
    ends = np.searchsorted(own_rows, np.arange(n + 1))
    return sp.csr_matrix((np.ones(len(own_rows)), own_places, ends), (n, terms))

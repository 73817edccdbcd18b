"""Scores of many descriptions whose words were read beforehand, equal to those of each alone.

The classifier scores a few descriptions by adding up rows of its tables. Here the same rows are
added up in the same order by products of sparse matrices, and pairs are looked up in a hash table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.arrays import Floats, Integers
from afterword.model.adding import distinct
from afterword.text.known_words import NumberTable
from afterword.text.words import Tokens

if TYPE_CHECKING:
    import scipy.sparse as sp

_AT_ONCE: Final = 250_000
"""Words, and texts, that are scored at once: what is made of them stays in the cache."""
_SPELLED_AT_ONCE: Final = 10_000
"""Words that are spelled at once: each has some thirty pieces."""


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
        self._pairs, self._pair_table = NumberTable(pairs), pair_table
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

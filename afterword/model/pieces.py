"""Pieces: the character n-grams of words, and finding those that have a weight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Floats, Integers
from afterword.text.known_words import NumberTable

PIECE_LENGTHS: Final = (2, 3, 4, 5)
"""Characters of a piece, each one more than the one before; the spaces around a word count, too."""
_EDGE: Final = ord(" ")
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio (Knuth, vol. 3, 6.4): spreads pieces over all 64-bit numbers."""


def pieces_of(word: str) -> list[str]:
    """Return the character n-grams of a word, its edges marked by a space.

    >>> pieces_of("me")
    [' m', 'me', 'e ', ' me', 'me ', ' me ']
    """
    word = f" {word} "
    return [
        word[start : start + length]
        for length in PIECE_LENGTHS
        for start in range(len(word) - length + 1)
    ]


class Pieces(NamedTuple):
    """The m pieces with a weight that were found in n words.

    Attributes
    ----------
    word : (m,) number of the word, from 0.
    start : (m,) where the piece begins in the word with a space before and after it.
    length : (m,) characters.
    weights : (m, k + 1) a weight per category, then the squared length; not yet divided.
    """

    word: Integers
    start: Integers
    length: Integers
    weights: Floats


class PieceIndex:
    """Pieces under one number each, so that those of many words are found at once.

    Parameters
    ----------
    pieces : g character n-grams.
    table : (g, k + 1) their weights.
    """

    def __init__(self, pieces: Sequence[str], table: Floats) -> None:
        self._places, self._table = NumberTable(_keys_of(pieces)), table

    def find(self, words: Sequence[str]) -> Pieces:
        """Find the known pieces of n words without spaces."""
        codes = _codes(f" {' '.join(words)} ")
        spaces = np.flatnonzero(codes == _EDGE)
        word_at = np.cumsum(codes == _EDGE) - 1
        begins, places, keys = [], [], codes
        for length in PIECE_LENGTHS:
            keys = keys[:-1] * _MULTIPLIER + codes[length - 1 :]
            # A piece may begin and end with an edge; one inside would join two words.
            starts = np.flatnonzero(word_at[: len(keys)] == word_at[length - 2 :][: len(keys)])
            found = self._places.find(keys[starts])
            known = found >= 0
            begins.append(starts[known])
            places.append(found[known])
        lengths = np.repeat(PIECE_LENGTHS, [len(each) for each in places])
        start = np.concatenate(begins)
        word = word_at[start]
        return Pieces(word, start - spaces[word], lengths, self._table[np.concatenate(places)])


def _codes(text: str) -> NDArray[np.uint64]:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)


def _hash(columns: Iterable[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Turn code points, one array for each place in a piece, into one number a piece."""
    return reduce(lambda key, codes: key * _MULTIPLIER + codes, columns)


def _keys_of(pieces: Sequence[str]) -> NDArray[np.uint64]:
    """Return the number of every piece, in the order given."""
    keys = np.zeros(len(pieces), np.uint64)
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    for length in np.unique(lengths):
        at = np.flatnonzero(lengths == length)
        joined = "".join(pieces[int(place)] for place in at)
        keys[at] = _hash(_codes(joined).reshape(-1, length).T)
    return keys

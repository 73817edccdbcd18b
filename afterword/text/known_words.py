"""Which words of many texts are known ones, told for all of them at once.

Nearly every word has at most 16 bytes, which are two numbers; these are looked up in a hash table.
What it does not find may still be known, and has to be looked up by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Integers

Numbers: TypeAlias = Integers | NDArray[np.uint64]

FIRST_OF_WORDS: Final = ord("0")
"""The smallest byte of a word; smaller ones stand between words."""
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio (Knuth, vol. 3, 6.4): spreads numbers over all 64-bit numbers."""
_FACTOR: Final = np.uint64(0xBF58476D1CE4E5B9)
_HALF: Final = 8
_MASKS: Final = np.array([(1 << 8 * size) - 1 for size in range(_HALF + 1)], np.uint64)
_ROOM: Final = b" " * 2 * _HALF


class NumberTable:
    """Where each of some numbers stands, in a hash table with linear probing (Knuth, vol. 3, 6.4).

    Parameters
    ----------
    keys : p different numbers of 64 bits.

    >>> NumberTable(np.array([4, 7, 1_000_000])).find(np.array([7, 5, 1_000_000])).tolist()
    [1, -1, 2]
    """

    def __init__(self, keys: Numbers) -> None:
        # A quarter full at most: then nearly every number is found at the first look.
        bits = max(4 * len(keys), 2).bit_length()
        self._shift, self._last = np.uint64(64 - bits), np.uint64((1 << bits) - 1)
        self._keys = np.zeros(1 << bits, np.uint64)
        self._places = np.full(1 << bits, -1)
        keys, pending, look = keys.astype(np.uint64), np.arange(len(keys)), 0
        while len(pending):
            slots = self._slots(keys[pending], look)
            free = self._places[slots] < 0
            # Of several that want a slot one gets it.
            self._places[slots[free]] = pending[free]
            placed = self._places[slots] == pending
            self._keys[slots[placed]] = keys[pending[placed]]
            pending, look = pending[~placed], look + 1

    def _slots(self, keys: NDArray[np.uint64], look: int) -> Integers:
        slots = (keys * _SPREAD) >> self._shift
        if look:
            slots = (slots + np.uint64(look)) & self._last
        # As an array of places it is read at once; one without signs would be turned into such.
        return slots.view(np.int64)

    def find(self, keys: Numbers) -> Integers:
        """The place of each number, -1 where it is none of them."""
        keys = keys.astype(np.uint64, copy=False)
        slots = self._slots(keys, 0)
        found = self._places.take(slots)
        other = np.flatnonzero((self._keys.take(slots) != keys) & (found >= 0))
        look = 0
        while len(other):
            look += 1
            slots = self._slots(keys[other], look)
            found[other] = self._places[slots]
            other = other[(self._keys[slots] != keys[other]) & (found[other] >= 0)]
        return found


class KnownWords:
    """Finds known words among those that stand in some bytes.

    Parameters
    ----------
    words : different words.

    >>> KnownWords(["on", "the", "bus"]).find(b" the tram ", np.array([1, 5]), np.array([4, 9]))
    array([ 1, -1])
    """

    def __init__(self, words: Sequence[str]) -> None:
        encoded = [word.encode("utf-8", "surrogatepass") for word in words]
        places = [
            place
            for place, word in enumerate(encoded)
            if 0 < len(word) <= 2 * _HALF and min(word) >= FIRST_OF_WORDS
        ]
        own = [encoded[place] for place in places]
        ends = np.cumsum([0, *map(len, own)])
        low, high = _halves(b"".join(own), ends[:-1], ends[1:])
        keys, first = np.unique(_key(low, high), return_index=True)
        self._table = NumberTable(keys)
        self._low, self._high = low[first], high[first]
        self._places = np.array(places, np.int64)[first]

    def find(self, text: bytes, begins: Integers, ends: Integers) -> Integers:
        """Find t words that stand in a text.

        Parameters
        ----------
        text : in which other bytes than those of words are smaller than :data:`FIRST_OF_WORDS`.
        begins, ends : (t,) of the words.

        Returns
        -------
        (t,) the place of each among the known words; -1 where it was not found.
        """
        if not len(self._places):
            return np.full(len(begins), -1)
        low, high = _halves(text, begins, ends)
        found = self._table.find(_key(low, high))
        alike = (self._low[found] == low) & (self._high[found] == high)
        alike &= (found >= 0) & (ends - begins <= 2 * _HALF)
        return np.where(alike, self._places[found], -1)


@lru_cache(maxsize=4)
def known_words(words: tuple[str, ...]) -> KnownWords:
    """The words that a model knows, for which every batch asks."""
    return KnownWords(words)


def _halves(
    text: bytes, begins: Integers, ends: Integers
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The first eight bytes of each word as a number, and the next eight."""
    padded = text + _ROOM
    # A number begins at every byte.
    every = np.ndarray((len(padded) - _HALF + 1,), "<u8", padded, strides=(1,))
    sizes = ends - begins
    low = every[begins] & _MASKS[np.minimum(sizes, _HALF)]
    high = np.zeros(len(low), np.uint64)
    long = np.flatnonzero(sizes > _HALF)
    high[long] = every[begins[long] + _HALF] & _MASKS[np.minimum(sizes[long] - _HALF, _HALF)]
    return low, high


def _key(low: NDArray[np.uint64], high: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A number for each word, different for nearly all."""
    return low + high * _FACTOR

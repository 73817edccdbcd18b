"""64 bits for each text by which copies are told, under a key that nobody else has."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Integers
from afterword.text.words import Tokens

_AT_ONCE: Final = 250_000
"""Words, and texts, that are looked at once: what is made of them stays in the cache."""
_MIX: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)


def digests_of(tokens: Tokens, key: bytes) -> NDArray[np.uint64]:
    """Digest n texts: equal where words and their order are, whatever else the batches hold.

    Each word is hashed under the key, once; what hash and place mix to [1]_ is added up. Two
    different texts have one digest by a chance of 1 in 2^64. A sum of products would be equal for
    texts that anybody can make who does not know the key.

    Parameters
    ----------
    tokens : the words of the texts.
    key : at most 64 bytes.

    References
    ----------
    .. [1] Steele, G. L., Lea, D. and Flood, C. H. (2014). Fast splittable pseudorandom number
       generators. OOPSLA 2014, 453–472: the finaliser.
    """
    hashes = _hashes(tokens, key)
    parts = [_added_up(hashes[numbers], ends) for numbers, ends in tokens.in_parts(_AT_ONCE)]
    return np.concatenate([np.empty(0, np.uint64), *parts])


def _hashes(tokens: Tokens, key: bytes) -> NDArray[np.uint64]:
    """64 bits of each word."""
    words = len(tokens.known) + len(tokens.unknown)
    if len(tokens.numbers) > words:
        known = _hashes_of_known(tuple(tokens.known), key)
        return np.concatenate([known, _hashes_of(tokens.unknown, key)])
    found = np.zeros(words, np.uint64)
    occurring = np.unique(tokens.numbers)
    found[occurring] = _hashes_of([tokens.word(number) for number in occurring.tolist()], key)
    return found


def _hashes_of(words: Sequence[str], key: bytes) -> NDArray[np.uint64]:
    # What a key alone comes to is worked out once.
    begun, hashed = hashlib.blake2b(digest_size=8, key=key), []
    for word in words:
        own = begun.copy()
        own.update(word.encode())
        hashed.append(own.digest())
    return np.frombuffer(b"".join(hashed), np.uint64)


@lru_cache(maxsize=4)
def _hashes_of_known(words: tuple[str, ...], key: bytes) -> NDArray[np.uint64]:
    """The same of the words that a model knows, for which every large batch asks."""
    return _hashes_of(words, key)


def _added_up(hashes: NDArray[np.uint64], ends: Integers) -> NDArray[np.uint64]:
    """Add up what the hash of each word and its place in the text mix to."""
    counts = np.diff(ends)
    place = np.arange(len(hashes)) - np.repeat(ends[:-1], counts)
    mixed = hashes + place.astype(np.uint64) * _STEP
    for shift, factor in _MIX:
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    found = np.zeros(len(counts), np.uint64)
    filled = np.flatnonzero(counts)
    if len(filled):
        found[filled] = np.add.reduceat(mixed, ends[filled])
    return found

"""Keyed hashes: by which words, texts and rows are known again, and nobody without the key can."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

import numpy as np

_MOD: Final = 1 << 128


@dataclass(frozen=True)
class Hashing:
    """Hashes under the key of a store.

    >>> keyed = Hashing(bytes(32))
    >>> keyed.digest("He stared.") == keyed.digest("He stared."), keyed.tag("He stared.") < 256
    (True, True)
    """

    key: bytes = field(repr=False)

    def hash(self, word: str) -> str:
        """The hash of a word, in hexadecimal."""
        return hmac.new(self.key, word.encode(), hashlib.sha256).hexdigest()

    def digest(self, text: str) -> int:
        """64 bits by which copies of a text are found."""
        found = hmac.digest(self.key, b"copy " + text.encode(), "sha256")
        return int.from_bytes(found[:8])

    def tag(self, text: str) -> int:
        """One byte: tells a text from most others, and names none."""
        return hmac.digest(self.key, b"text " + text.encode(), "sha256")[0]

    def ids(self, of: str, ids: list[str]) -> np.ndarray:
        """64 bits (n,) int64 of each id; those of two feeds cannot be compared.

        Parameters
        ----------
        of : the feed, and what else tells one id from another.
        ids : of rows.
        """
        keyed = hashlib.blake2b(f"{of} ".encode(), key=self.key, digest_size=8, person=b"ids")
        found = []
        for each in ids:
            own = keyed.copy()
            own.update(each.encode("utf-8", "replace"))
            found.append(int.from_bytes(own.digest(), signed=True))
        return np.array(found, np.int64)

    def rows(self, of: str, rows: list[str]) -> int:
        """128 bits of some rows together, in whatever order; those of two groups add up."""
        keyed = hashlib.blake2b(f"{of} ".encode(), key=self.key, digest_size=16, person=b"rows")
        total = 0
        for each in rows:
            own = keyed.copy()
            own.update(each.encode("utf-8", "replace"))
            total += int.from_bytes(own.digest())
        return total % _MOD

    @staticmethod
    def both(one: int, other: int) -> int:
        """The bits of two groups of rows together."""
        return (one + other) % _MOD

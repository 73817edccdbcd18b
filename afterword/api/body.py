"""The body of a request, held in pieces that go back to the system one by one.

A large body is handed on piece by piece. What its pieces took would stay with the process, for
later use, while the whole is put together again: for a moment a body would be there twice.

>>> body = Body()
>>> body.add(b"one"), body.add(b"two")
(None, None)
>>> body.take(), bool(body)
(b'onetwo', False)
"""

from __future__ import annotations

from collections import deque
from mmap import mmap
from typing import Final

PIECE: Final = 1_000_000
"""Bytes of a piece, if what comes at once is not more."""


class Body:
    """Bytes, in the order in which they came; true while there are any."""

    def __init__(self) -> None:
        # Most bodies are small, and never need a mapping.
        self._first = bytearray()
        self._pieces: deque[mmap] = deque()

    def __bool__(self) -> bool:
        return bool(self._first or self._pieces)

    def add(self, data: bytes) -> None:
        """Add what came."""
        if not self._pieces:
            if len(self._first) + len(data) <= PIECE:
                self._first += data
                return
        elif self._pieces[-1].tell() + len(data) <= PIECE:
            self._pieces[-1].write(data)
            return
        self._pieces.append(mmap(-1, max(PIECE, len(data))))
        self._pieces[-1].write(data)

    def take(self) -> bytes:
        """Take the first piece away; empty if there is none."""
        if self._first or not self._pieces:
            first, self._first = self._first, bytearray()
            return bytes(first)
        with self._pieces.popleft() as piece:
            return piece[: piece.tell()]

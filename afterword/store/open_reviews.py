"""Reviews that are under way, in memory: a page that was loaded again takes its review back.

Loading a page again begins a new session, and an hour of labels would be lost with the old one.
So a review is kept here too, under a token of 256 bits that the browser's tab keeps and the address
never shows. It holds descriptions: it is never on disk, leaves half an hour after the last step,
and at once when it is forgotten. It is then emptied, so that no session that still has it, in this
tab or a duplicated one, has a text of it.

>>> reviews = OpenReviews(ttl_s=60, max_bytes=1_000_000)
>>> reviews.take("a token that somebody guessed") is None
True
"""

from __future__ import annotations

import secrets
import threading
import time
import weakref
from collections.abc import Callable
from functools import cache
from typing import Final

from afterword.quality.labelling import Labelling

KEPT_S: Final = 30 * 60
"""Seconds after the last step: long enough for a call or a break, short for what it holds."""

MOST_BYTES: Final = 200_000_000
"""In memory, of all reviews together; the one that was left alone longest makes room."""


class OpenReviews:
    """Reviews by unguessable token, each for a while after its last step.

    Parameters
    ----------
    ttl_s : seconds that a review stays after it was put; to take it is no step.
    max_bytes : of memory, of all reviews; the one that was left alone longest makes room.
    clock : seconds that only grow; for tests.
    """

    def __init__(
        self, ttl_s: float, max_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.ttl_s = ttl_s
        self.max_bytes = max_bytes
        self.clock = clock
        self._kept: dict[str, Labelling] = {}
        # Those that had no room live on in their session, and end in time as the others do.
        self._known: weakref.WeakSet[Labelling] = weakref.WeakSet()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, review: Labelling, token: str | None = None) -> str:
        """Keep a review for a while longer, from this step on.

        Parameters
        ----------
        review : one larger than ``max_bytes`` is not kept for another session, and one that was
            forgotten is not kept again.
        token : the one of before, if it was kept already.

        Returns
        -------
        Its token.
        """
        token = token or secrets.token_urlsafe(32)
        with self._lock:
            self._sweep()
            # Put anew, at the end: dictionaries keep the order of insertion.
            self._kept.pop(token, None)
            if review.gone:
                return token
            review.stepped = self.clock()
            self._known.add(review)
            size = review.size
            if size <= self.max_bytes:
                while size + sum(one.size for one in self._kept.values()) > self.max_bytes:
                    del self._kept[next(iter(self._kept))]
                self._kept[token] = review
        return token

    def take(self, token: str) -> Labelling | None:
        """Return a review, which stays until its time; None if it is not there."""
        with self._lock:
            self._sweep()
            return self._kept.get(token)

    def drop(self, review: Labelling) -> None:
        """Forget a review, in every session that holds it, whether or not it is kept here."""
        with self._lock:
            review.forget()
            self._sweep()

    def sweep(self) -> None:
        """Forget what has expired; :meth:`put` and :meth:`take` do so too."""
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        now = self.clock()
        for review in list(self._known):
            if review.stepped is not None and review.stepped + self.ttl_s <= now:
                review.forget()
            if review.gone:
                self._known.discard(review)
        self._kept = {token: one for token, one in self._kept.items() if not one.gone}


@cache
def get_open_reviews() -> OpenReviews:
    """Return the open reviews of this process."""
    return OpenReviews(KEPT_S, MOST_BYTES)

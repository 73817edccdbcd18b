"""Texts, a part at a time: what is done to many at once is bounded by their characters.

Between two parts other threads go on, a bar moves, and work that nobody waits for ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

_EACH: Final = 100
"""Characters that a text counts besides its own: the shortest takes some time, too."""


def in_parts(texts: Sequence[Any], characters: int) -> Iterator[Sequence[Any]]:
    """Take texts apart, in their order.

    Parameters
    ----------
    texts : n texts; what else is among them counts as an empty one.
    characters : of a part, at most, unless it is a single text. Each counts 100 besides its own.

    >>> [len(part) for part in in_parts(["a" * 900, "b" * 900, "c" * 2_000, None, "d"], 2_000)]
    [2, 1, 2]
    """
    sizes = (_EACH + (len(text) if isinstance(text, str) else 0) for text in texts)
    ends, start = np.cumsum(np.fromiter(sizes, np.int64, len(texts))), 0
    while start < len(texts):
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + characters, "right")), start + 1)
        yield texts[start:stop]
        start = stop

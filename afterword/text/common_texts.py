"""Texts that many people write word for word, by digests: "touching" twice is no copy.

Of the training set's texts those are kept that have few words and stand in several rows, each as
16 bits of a digest. A text that five people wrote can be guessed, and a digest of it tried: so few
bits fit one in some thousand of all other texts too, and docs/privacy.md says what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Integers
from afterword.text.digests import digests_of
from afterword.text.words import Tokens

MOST_WORDS: Final = 6
"""Words up to which a text that comes again is no copy for certain; longer ones are no chance."""
LEAST_ROWS: Final = 5
"""Training rows that must hold a text, as descriptions that must hold a word."""
_BITS: Final = 16
_KEY: Final = b"afterword: texts that many people write"
"""No secret: whoever has the model can ask it. It keeps these digests from fitting others."""


def common_texts(texts: Sequence[Sequence[str]], groups: Integers) -> tuple[int, ...]:
    """Digests of the texts of few words that several rows hold, ascending.

    Parameters
    ----------
    texts : the words of each of n texts.
    groups : (n,) numbers from 0 on, equal for equal texts.

    >>> len(common_texts([["a", "whistle"]] * 5 + [["a", "stare"]] * 4, np.repeat([0, 1], [5, 4])))
    1
    """
    first = np.unique(groups, return_index=True)[1]
    often = [texts[row] for row in first[np.bincount(groups) >= LEAST_ROWS].tolist()]
    chosen = [words for words in often if len(words) <= MOST_WORDS]
    vocabulary = sorted({word for words in chosen for word in words})
    number = {word: place for place, word in enumerate(vocabulary)}
    tokens = Tokens(
        numbers=np.array([number[word] for words in chosen for word in words], np.int32),
        ends=np.cumsum([0, *(len(words) for words in chosen)]),
        known=(),
        unknown=vocabulary,
    )
    return tuple(np.unique(_short_digests(tokens)).tolist())


def are_common(tokens: Tokens, common: Iterable[int]) -> NDArray[np.bool_]:
    """Which of n texts (n,) are among those of some digests.

    Parameters
    ----------
    tokens : the words of the texts.
    common : as :func:`common_texts` gives them.
    """
    wanted = np.fromiter(common, np.uint64)
    found = np.zeros(len(tokens), bool)
    short = np.flatnonzero(np.diff(tokens.ends) <= MOST_WORDS)
    if len(wanted) and len(short):
        found[short] = np.isin(_short_digests(tokens.take(short)), wanted)
    return found


def all_common(parts: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """Digests of common texts in all parts; None where those of one are not known."""
    known = [each for each in parts if each is not None]
    return np.unique(np.concatenate(known)) if len(known) == len(parts) else None


def _short_digests(tokens: Tokens) -> NDArray[np.uint64]:
    return digests_of(tokens, _KEY) >> np.uint64(64 - _BITS)

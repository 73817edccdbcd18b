"""What was taken from the form of many texts, found for all of them at once as for each by itself.

The letters of a word are found out once for each word; texts are asked one by one only where their
characters leave a question open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from afterword.text.damage import (
    ARTICLES,
    NEVER_FIRST,
    NEVER_LAST,
    NEVER_NAMED,
    QUOTES,
    has_marks_apart,
    have_lost_letters,
    is_quoted,
)
from afterword.text.traces import ends_in_address
from afterword.text.traces_of_many import Some
from afterword.text.words import LENGTH, LETTERS, UNKNOWN, Lexicon


def find_damages(some: Some, lexicon: Lexicon) -> list[NDArray[np.bool_]]:
    """What :func:`~afterword.text.damage.damages_of` says of each text, thing by thing (n,)."""
    texts, characters = some.texts, some.characters
    quoted = np.array([text[-1:] in QUOTES for text in texts], bool)
    return [
        _disordered(some, lexicon),
        _asked(is_quoted, texts, quoted | (characters.padded > 0)),
        _asked(has_marks_apart, texts, characters.punctuation > 0),
        _letters_lost(some, lexicon),
        _begun_late(some, lexicon),
    ]


def _asked(
    question: Callable[[str], bool], texts: Sequence[str], mask: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Put a question to the texts that it may be true of."""
    found = np.zeros(len(texts), bool)
    rows = np.flatnonzero(mask)
    found[rows] = [question(texts[row]) for row in rows.tolist()]
    return found


def _disordered(some: Some, lexicon: Lexicon) -> NDArray[np.bool_]:
    """Which texts hold an article before a word that it cannot stand before, or end too soon."""
    article, never_named = (
        _those(words, lexicon)[some.numbers] for words in (ARTICLES, NEVER_NAMED)
    )
    wrong = np.flatnonzero(article[:-1] & never_named[1:])
    rows = np.searchsorted(some.ends, wrong, "right") - 1
    found = np.zeros(len(some.counts), bool)
    found[rows[wrong + 1 < some.ends[rows + 1]]] = True  # what follows stands in the same text
    several = np.flatnonzero(some.counts > 1)
    last = some.numbers[some.ends[several + 1] - 1]
    for row in several[_those(NEVER_LAST, lexicon)[last]].tolist():
        found[row] |= not ends_in_address(some.texts[row])
    return found


def _begun_late(some: Some, lexicon: Lexicon) -> NDArray[np.bool_]:
    """Which texts begin with a word with which hardly any begins."""
    found = some.counts > 1
    found[found] = _those(NEVER_FIRST, lexicon)[some.numbers[some.ends[:-1][found]]]
    return found


def _those(words: Iterable[str], lexicon: Lexicon) -> NDArray[np.bool_]:
    """Which of all words that were met are among some."""
    found = np.zeros(len(lexicon.words), bool)
    numbers = [lexicon.get(word) for word in words]
    found[[number for number in numbers if number is not None]] = True
    return found


def _letters_lost(some: Some, lexicon: Lexicon) -> NDArray[np.bool_]:
    """Which texts have lost one letter wherever it stood, or one of each two that are alike."""
    found = np.zeros(len(some.counts), np.int64)
    filled = np.flatnonzero(some.counts)
    if len(filled):
        letters = lexicon.properties[some.numbers, LETTERS].astype(np.int64)
        found[filled] = np.bitwise_or.reduceat(letters, some.ends[filled])
    sums = some.sums.astype(np.int64)
    return have_lost_letters(sums[:, LENGTH], some.counts, sums[:, UNKNOWN], found)

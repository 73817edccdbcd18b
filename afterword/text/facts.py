"""Facts of a whole batch of texts: which repeat, which words they hold, what an export broke.

:class:`Facts` has a line per description and lives in memory only: while a batch is scored, and
while the check is calibrated. :class:`~afterword.records.TextCounts` is what remains of it: counts
over a whole batch, without a line per description and without text. An unknown word is kept by
name only if at least :data:`~afterword.text.privacy.SHOWN_FROM` distinct descriptions of
the batch hold it and it does not look like a name, number, address or handle; of the others one
number is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

import numpy as np
import scipy.sparse as sp

from afterword.text.cleaning import clean, has_broken_letters, tokenise
from afterword.text.descriptors import COMMON_WORDS
from afterword.text.placeholders import is_placeholder

NO_CAPITALS = "no_capitals"
CAPITALS = "all_capitals"
TITLES = "title_case"
MOJIBAKE = "broken_letters"
JOINED = "joined_words"
PLACEHOLDERS = "placeholders"
FRAGMENTS = "no_sentence"
ELLIPSES = "ending_in_dots"
DOUBLED = "doubled"
TEXT_FLAGS: Final = (
    NO_CAPITALS,
    CAPITALS,
    TITLES,
    MOJIBAKE,
    JOINED,
    PLACEHOLDERS,
    FRAGMENTS,
    ELLIPSES,
    DOUBLED,
)
"""What each description is looked through for, in the order of :attr:`Facts.flags`."""

MOSTLY: Final = 0.8
"""Share of a text's letters, or first letters, from which it is written in capitals."""
LONG_WORD: Final = 20
"""Letters from which an ASCII word is more likely several that lost their spaces."""
LONGEST_FRAGMENT: Final = 4
"""Words up to which a text without a common English word is no sentence."""
COMMON_LENGTHS: Final = 20
"""Characters from which equal lengths are counted; short texts share theirs by chance."""
LONGEST: Final = 2_000
"""Characters from which lengths are no longer told apart."""

_NO_LETTER = re.compile(r"[!-@\[-`{-~]")
_LINK = re.compile(
    r"(?:https?://|www\.)\S++|(?<!\S)\S[^\s@]*+@\S[^\s.]*+\.\S++",
    re.I,
)
"""Links and mail addresses. An address begins where the white space ends, and its first ``@`` and
the first full stop after it decide: looked for from every character, they would take forever."""
_ENDS = frozenset('.!?"”’»।。؟۔！？')
"""What stands at the end of a text that is whole."""


class Vocabulary(Protocol):
    """What is needed of a model: the words it knows, and what it makes of them."""

    @property
    def words(self) -> tuple[str, ...]:
        """(w,) words that the model knows."""
        ...

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """Word → its place among them."""
        ...

    def represent(self, presence: sp.csr_matrix) -> np.ndarray:
        """Return the dense representation (n, d) of n texts from the words (n, w) in them."""
        ...


@dataclass(frozen=True)
class Facts:
    """What was found in each of n texts; in memory only.

    Attributes
    ----------
    keys : (n,) equal for texts that are equal once normalised.
    lengths : (n,) characters; 0 for texts that end as a sentence does, which nothing has cut.
    flags : (n, f) bool, one column per entry of :data:`TEXT_FLAGS`.
    words : (n, w) 1 where a text holds a word of the vocabulary.
    unknown : (n, u) 1 where a text holds an unknown word.
    unknown_words : the u unknown words.
    content : (n, d) the model's dense representation.
    """

    keys: np.ndarray
    lengths: np.ndarray
    flags: np.ndarray
    words: sp.csr_matrix
    unknown: sp.csr_matrix
    unknown_words: tuple[str, ...]
    content: np.ndarray

    @cached_property
    def first(self) -> np.ndarray:
        """Rows that hold a text for the first time."""
        rows: np.ndarray = np.unique(self.keys, return_index=True)[1]
        return rows

    def take(self, rows: np.ndarray) -> Facts:
        """The facts of some rows."""
        return Facts(
            keys=np.unique(self.keys[rows], return_inverse=True)[1],
            lengths=self.lengths[rows],
            flags=self.flags[rows],
            words=self.words[rows],
            unknown=self.unknown[rows],
            unknown_words=self.unknown_words,
            content=self.content[rows],
        )


def find_facts(texts: Sequence[str], model: Vocabulary, *, content: bool = True) -> Facts:
    """Look through texts.

    Parameters
    ----------
    texts : n descriptions as they came in: cleaning would hide what an export broke.
    model : whose vocabulary and dense representation are used.
    content : whether the representation is wanted, which takes most of the time of a single text.
    """
    n = len(texts)
    keys: dict[str, int] = {}
    unknown: dict[str, int] = {}
    own, flags = np.empty(n, np.int64), np.zeros((n, len(TEXT_FLAGS)), bool)
    places: tuple[list[int], list[int]] = ([], [])
    ends = np.zeros((2, n + 1), np.int64)
    for row, text in enumerate(texts):
        words = tokenise(clean(text))
        own[row] = keys.setdefault(" ".join(words), len(keys))
        flags[row] = _flags(text, words, model.vocabulary)
        for word in dict.fromkeys(words):
            place = model.vocabulary.get(word)
            if place is None:
                places[1].append(unknown.setdefault(word, len(unknown)))
            else:
                places[0].append(place)
        ends[:, row + 1] = len(places[0]), len(places[1])
    known = _matrix(places[0], ends[0], len(model.words))
    return Facts(
        keys=own,
        lengths=np.fromiter(map(_length, texts), np.int64, n),
        flags=flags,
        words=known,
        unknown=_matrix(places[1], ends[1], len(unknown)),
        unknown_words=tuple(unknown),
        content=model.represent(known) if content else np.zeros((n, 0)),
    )


def commonest_length(lengths: np.ndarray) -> tuple[int, int]:
    """How many texts share the commonest length, or have one character less; and that length.

    >>> commonest_length(np.array([60, 60, 59, 31, 12, 12, 12, 12]))
    (3, 60)
    """
    return commonest_in(np.bincount(np.minimum(lengths, LONGEST), minlength=LONGEST + 1))


def commonest_in(histogram: np.ndarray) -> tuple[int, int]:
    """The same of texts (LONGEST + 1,) counted by length."""
    counts = length_windows(histogram)
    at = int(counts.argmax())
    return int(counts[at]), at + COMMON_LENGTHS


def length_windows(histogram: np.ndarray) -> np.ndarray:
    """Texts of each length from 20 characters on or of one less, from counts (…, length)."""
    windows: np.ndarray = histogram[..., COMMON_LENGTHS:] + histogram[..., COMMON_LENGTHS - 1 : -1]
    return windows


def _matrix(places: Sequence[int], ends: np.ndarray, width: int) -> sp.csr_matrix:
    ones = np.ones(len(places), np.int64)
    return sp.csr_matrix((ones, np.array(places, np.int64), ends), (len(ends) - 1, width))


def _flags(text: str, words: Sequence[str], vocabulary: Container[str]) -> tuple[bool, ...]:
    letters, capitals = sum(map(str.isalpha, text)), sum(map(str.isupper, text))
    shouted = len(words) > 1 and capitals >= MOSTLY * letters > 0
    starts = [part[0] for part in text.split() if part[0].isalpha()]
    return (
        text.islower(),
        shouted,
        len(starts) > 3 and not shouted and sum(map(str.isupper, starts)) >= MOSTLY * len(starts),
        has_broken_letters(text if "?" not in text else _LINK.sub(" ", text)),
        _has_joined_words(words, vocabulary),
        is_placeholder(words),
        _is_fragment(text, words),
        text.rstrip().endswith(("...", "…")),
        len(words) > LONGEST_FRAGMENT
        and words[: len(words) // 2] == words[(len(words) + 1) // 2 :],
    )


def _length(text: str) -> int:
    text = text.strip()
    cut = text.endswith(("...", "…")) or not (
        text[-1:] in _ENDS or unicodedata.category(text[-1:] or " ").startswith("S")
    )
    return len(text) if cut else 0


def _has_joined_words(words: Sequence[str], vocabulary: Container[str]) -> bool:
    """Whether a text holds a very long word, or two that are two known words each."""
    found = 0
    for word in words:
        if len(word) < 8 or word in vocabulary or not (word.isascii() and word.isalpha()):
            continue
        if len(word) >= LONG_WORD:
            return True
        found += any(
            word[:cut] in vocabulary and word[cut:] in vocabulary for cut in range(3, len(word) - 2)
        )
    return found > 1


def _is_fragment(text: str, words: Sequence[str]) -> bool:
    """Whether a text is a code, a link, a number or a bare label, and no sentence."""
    signs = len(text) - sum(map(str.isspace, text))
    # Other scripts have vowel signs that are no letters: only ASCII signs count against a text.
    if 2 * len(_NO_LETTER.findall(text)) > signs or _LINK.fullmatch(text.strip()):
        return True
    return len(words) <= LONGEST_FRAGMENT and text.isascii() and COMMON_WORDS.isdisjoint(words)

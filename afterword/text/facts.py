"""Facts of a whole batch of texts: which repeat, which words they hold, what an export broke.

:class:`Facts` has a line per description and lives in memory only: while a batch is scored, and
while the check is calibrated. What remains of it are counts over a whole batch, without a line per
description and without text (:mod:`afterword.text.distinct`). An unknown word is kept by name only
if at least :data:`~afterword.text.privacy.SHOWN_FROM` distinct descriptions of the batch hold it
and it does not look like a name, number, address or handle; of the others one number is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from afterword.text.analysis import Analysis, analyse
from afterword.text.common_texts import are_common
from afterword.text.edges import edges_of
from afterword.text.words import Vocabulary

if TYPE_CHECKING:
    import scipy.sparse as sp

COMMON_LENGTHS: Final = 20
"""Characters from which equal lengths are counted; short texts share theirs by chance."""
LONGEST: Final = 2_000
"""Characters from which lengths are no longer told apart."""


class Model(Vocabulary, Protocol):
    """What is needed of a model: the words it knows, and what it makes of them."""

    @property
    def common_texts(self) -> tuple[int, ...]:
        """Digests of texts that many people write: :mod:`afterword.text.common_texts`."""
        ...

    def represent(self, presence: sp.csr_matrix) -> np.ndarray:
        """Return the dense representation (n, d) of n texts from the words (n, w) in them."""
        ...


@dataclass(frozen=True)
class Facts:
    """What was found in each of n texts; in memory only.

    Attributes
    ----------
    keys : (n,) equal for texts that are equal once normalised: numbers from 0 on, or digests.
    lengths : (n,) characters; 0 for texts that end as a sentence does, which nothing has cut.
    flags : (n, f) bool, one column per entry of :data:`TEXT_FLAGS`.
    words : (n, w) 1 where a text holds a word of the vocabulary.
    unknown : (n, u) 1 where a text holds an unknown word.
    unknown_words : the u unknown words.
    content : (n, d) the model's dense representation.
    edges : (n, 2) the words with which each begins and ends, as numbers.
    common : (n,) bool, texts that many people write; None where that is not known.
    """

    keys: np.ndarray
    lengths: np.ndarray
    flags: np.ndarray
    words: sp.csr_matrix
    unknown: sp.csr_matrix
    unknown_words: tuple[str, ...]
    content: np.ndarray
    edges: np.ndarray
    common: np.ndarray | None = None

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
            edges=self.edges[rows],
            common=None if self.common is None else self.common[rows],
        )


def find_facts(texts: Sequence[str], model: Model, *, content: bool = True) -> Facts:
    """Look through texts.

    Parameters
    ----------
    texts : n descriptions as they came in: cleaning would hide what an export broke.
    model : whose vocabulary and dense representation are used.
    content : whether the representation is wanted, which takes most of the time of a single text.
    """
    return facts_of(analyse(texts, model), model, content=content)


def facts_of(
    found: Analysis, model: Model, *, content: bool = True, key: bytes | None = None
) -> Facts:
    """The facts of texts that were looked through, as :func:`find_facts` gives them.

    With a key, the keys of texts are digests under it.
    """
    return Facts(
        keys=found.keys if key is None else found.digests(key),
        lengths=found.lengths,
        flags=found.flags,
        words=found.words,
        unknown=found.unknown,
        unknown_words=found.unknown_words,
        content=model.represent(found.words) if content else np.zeros((len(found), 0)),
        edges=edges_of(found.tokens),
        common=are_common(found.tokens, model.common_texts),
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

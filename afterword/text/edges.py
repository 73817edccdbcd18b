"""With which words texts begin and end: counted, so that what nearly all of them share is seen.

A word that holds a digit stands for all of them: numbers, dates and ids differ from text to text,
and are alike in being one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Floats, Integers
from afterword.text.cleaning import holds_digit
from afterword.text.words import Tokens

NOTHING, A_NUMBER = -2, -1
"""In place of the number of a word: there is none, and any word that holds a digit."""
FEW: Final = 5
"""Words with which a batch begins or ends whose rows are added up: a name of a category each."""


def edges_of(tokens: Tokens) -> NDArray[np.int32]:
    """The numbers (n, 2) of the first and the last word of each text.

    >>> from afterword.text.words import Known, tokens_of
    >>> tokens = tokens_of([["he", "left"], [], ["at", "9"]], Known(["he", "at", "left"]))
    >>> edges_of(tokens).tolist()
    [[0, 2], [-2, -2], [1, -1]]
    """
    found = np.full((len(tokens), 2), NOTHING, np.int32)
    rows = np.flatnonzero(np.diff(tokens.ends))
    found[rows, 0] = tokens.numbers[tokens.ends[rows]]
    found[rows, 1] = tokens.numbers[tokens.ends[rows + 1] - 1]
    number = np.arange(len(tokens.known) + len(tokens.unknown), dtype=np.int32)
    stands = np.zeros(len(number), bool)
    stands[found[rows]] = True
    used = np.flatnonzero(stands)
    number[used[[holds_digit(tokens.word(each)) for each in used.tolist()]]] = A_NUMBER
    found[rows] = number[found[rows]]
    return found


def count_edges(
    edges: NDArray[np.int32], times: Integers, known: int, unknown: int
) -> tuple[Integers, Integers]:
    """Count with which words texts begin and end.

    Parameters
    ----------
    edges : (n, 2) as :func:`edges_of` gives them.
    times : (n,) rows that hold each text.
    known, unknown : words of either kind.

    Returns
    -------
    (2 + w, 2) rows that begin and end with nothing, with a number, and with each known word; and
    (u, 2) with each unknown one.
    """
    size = known + unknown - NOTHING
    counts = np.stack([np.bincount(own - NOTHING, times, size) for own in edges.T], axis=1)
    whole = counts.astype(np.int64)
    return whole[: known - NOTHING], whole[known - NOTHING :]


def numbered(edges: NDArray[np.int32]) -> list[Integers]:
    """First and last words (n,) each, from 0 on, 0 for nothing, equal for equal words.

    >>> [own.tolist() for own in numbered(np.array([[7, -2], [-1, 4]], np.int32))]
    [[2, 1], [0, 1]]
    """
    return [np.unique(np.append(own, NOTHING), return_inverse=True)[1][:-1] for own in edges.T]


def most_alike(counts: Integers) -> Floats:
    """Rows (s,) with one of the few commonest words, from counts (s, m) of all; the first is none.

    >>> most_alike(np.array([[7, 9, 1, 1, 1, 1, 1], [0, 2, 0, 0, 0, 0, 0]])).tolist()
    [13.0, 2.0]
    """
    words = counts[:, 1:]
    most = np.partition(words, -FEW, axis=1)[:, -FEW:] if words.shape[1] > FEW else words
    found: Floats = most.sum(axis=1).astype(float)
    return found

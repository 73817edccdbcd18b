"""What a step left on many texts, found for all of them at once as for each by itself."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Floats, Integers
from afterword.text.characters import Characters
from afterword.text.traces import CUT_FROM, FEW_COMMON, LEAST_WORDS, ends_in_address, is_stripped
from afterword.text.words import COMMON, CUT, Lexicon


class Some(Protocol):
    """What is needed of n texts: their characters and words, and which are all in capitals."""

    @property
    def texts(self) -> Sequence[str]:
        """As they came in."""
        ...

    @property
    def characters(self) -> Characters:
        """Of each, counted."""
        ...

    @property
    def numbers(self) -> Integers:
        """Their words, one after the other."""
        ...

    @property
    def ends(self) -> Integers:
        """(n + 1,) where those of each begin, and the last ones end."""
        ...

    @property
    def counts(self) -> Integers:
        """(n,) words of each."""
        ...

    @property
    def sums(self) -> Floats:
        """(n, 9) of its words' properties."""
        ...

    @property
    def shouted(self) -> NDArray[np.bool_]:
        """(n,) which are all in capitals."""
        ...


def find_traces(some: Some, lexicon: Lexicon) -> list[NDArray[np.bool_]]:
    """What :func:`~afterword.text.traces.traces_of` says of each text, trace by trace (n,)."""
    characters, counts, sums = some.characters, some.counts, some.sums
    stripped = np.zeros(len(counts), bool)
    few = (counts >= LEAST_WORDS) & (FEW_COMMON * sums[:, COMMON] <= counts)
    for row in np.flatnonzero(few).tolist():
        numbers = some.numbers[some.ends[row] : some.ends[row + 1]].tolist()
        words = [lexicon.words[number] for number in numbers]
        stripped[row] = is_stripped(words, lexicon.known, lexicon.heads)
    cut = _is_among(some, some.ends[1:] - 1, lexicon, lexicon.heads)
    for row in np.flatnonzero(cut).tolist():
        cut[row] = not ends_in_address(some.texts[row])
    bare = (characters.titles == 0) & (characters.lower > 0) & (characters.punctuation == 0)
    return [
        characters.numbered > 0,
        (characters.labelled > 0) | ((characters.coded > 0) & ~some.shouted),
        _is_among(some, some.ends[:-1], lexicon, lexicon.tails),
        cut,
        sums[:, CUT] >= CUT_FROM,
        stripped,
        bare & (counts >= LEAST_WORDS),
        characters.typeset > 0,
    ]


def _is_among(
    some: Some, places: Integers, lexicon: Lexicon, wanted: Container[str]
) -> NDArray[np.bool_]:
    """Whether the word of each text that stands at a place is unknown, and one of those wanted."""
    found = np.zeros(len(some.counts), bool)
    rows = np.flatnonzero(some.counts)
    numbers = some.numbers[places[rows]]
    unknown = numbers >= len(lexicon.known)
    found[rows[unknown]] = [lexicon.words[one] in wanted for one in numbers[unknown].tolist()]
    return found

"""The words of many texts as numbers, and what is known of each word, found out once.

The words of a text are what :func:`afterword.text.cleaning.clean` and ``tokenise`` make of it. In
ASCII, where nothing is to be repaired, they are the runs of letters and digits, so that many
texts are cut together; all others are cleaned and cut one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count, pairwise
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Floats, Integers
from afterword.text.chunks import in_parts
from afterword.text.cleaning import (
    LONGEST_WORD,
    MARKS_OF_REPAIR,
    clean,
    needs_repair,
    tokenise,
)
from afterword.text.damage import letters_in
from afterword.text.descriptors import COMMON_WORDS, FIRST_PERSON
from afterword.text.flags import joined_in
from afterword.text.known_words import FIRST_OF_WORDS, known_words
from afterword.text.placeholders import fills, is_filler
from afterword.text.traces import affixes, is_cut

LENGTH, UNKNOWN, COMMON, FIRST, FILLS, FILLER, JOINED, CUT, LETTERS = range(9)
"""The columns of :attr:`Lexicon.properties`."""

_APART: Final = b"\xff"
"""Stands before, between and after texts that are cut together: no byte of UTF-8."""
_BORDER: Final = ord(".")
"""What that becomes."""


def _cut(byte: int) -> int:
    if byte < 128:
        return ord(chr(byte).lower() if chr(byte).isalnum() else " ")
    return byte if byte < 255 else _BORDER


_CUT: Final = bytes(map(_cut, range(256)))
"""What becomes of each byte: a letter in lower case, or a space where no word is."""


AT_ONCE: Final = 500_000
"""Characters that are looked through at once, of two thousand texts or more: what is made of them
stays in the cache, and a bar that tells how far it is moves."""


FEW: Final = 40
"""Texts up to which looking at each by itself is faster."""


class Vocabulary(Protocol):
    """What is needed of a model: the words that it knows."""

    @property
    def words(self) -> tuple[str, ...]:
        """(w,) words that the model knows."""
        ...

    @property
    def vocabulary(self) -> Mapping[str, int]:
        """Word → its place among them."""
        ...


class Known:
    """Words that are known, without a model.

    Parameters
    ----------
    words : different words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(words)
        self.vocabulary = dict(zip(self.words, count()))


@dataclass(frozen=True)
class Tokens:
    """The words of n texts, in their order, as numbers.

    Attributes
    ----------
    numbers : (t,) below w the place of a known word, from w on the place of an unknown one.
    ends : (n + 1,) where the words of each text begin, and the last ones end.
    known : the w words that a model knows.
    unknown : the unknown words, in the order in which they were met.
    """

    numbers: NDArray[np.int32]
    ends: Integers
    known: Sequence[str]
    unknown: Sequence[str]

    def __len__(self) -> int:
        return len(self.ends) - 1

    def word(self, number: int) -> str:
        """The word of a number."""
        w = len(self.known)
        return self.known[number] if number < w else self.unknown[number - w]

    def words_of(self, row: int) -> list[str]:
        """The words of a text."""
        return list(map(self.word, self.numbers[self.ends[row] : self.ends[row + 1]].tolist()))

    def take(self, rows: Integers) -> Tokens:
        """The words of some texts."""
        counts = np.diff(self.ends)[rows]
        ends = np.concatenate([[0], np.cumsum(counts)])
        places = np.arange(ends[-1]) + np.repeat(self.ends[rows] - ends[:-1], counts)
        return replace(self, numbers=self.numbers[places], ends=ends)

    def in_parts(self, size: int) -> Iterator[tuple[NDArray[np.int32], Integers]]:
        """Take the words of some texts at a time: their numbers, and where those of each begin.

        Parameters
        ----------
        size : of a part, texts and words together, at most, unless it is a single text.
        """
        borders = self.ends + np.arange(len(self.ends))
        steps = np.searchsorted(borders, np.arange(size, int(borders[-1]), size), "right") - 1
        for begin, end in pairwise(np.unique([0, *steps, len(self)]).tolist()):
            ends = self.ends[begin : end + 1]
            yield self.numbers[ends[0] : ends[-1]], ends - ends[0]


class Lexicon(dict[str, int]):
    """Words, each under a number: those that a model knows first, others as they are met.

    It grows with every new word, so it lives no longer than the batch that is looked through.

    Parameters
    ----------
    known : w words that a model knows, which get the numbers from 0 to w - 1.

    Attributes
    ----------
    words : every word, in the order of their numbers.
    table : finds most of the words that a model knows, many at once.
    heads, tails : what the known words begin with, and what they end with.
    properties : (at least every number that was looked up, 9), a column for the length and one
        each for whether a word is unknown, common English, in the first person, in place of a
        text, a filler, how much it speaks for lost spaces, whether it is cut, and which
        letters it holds.

    Examples
    --------
    >>> lexicon = Lexicon(["bus", "on"])
    >>> [lexicon[word] for word in ("on", "tram", "bus", "tram")], lexicon.words[2:]
    ([1, 2, 0, 2], ['tram'])
    """

    def __init__(self, known: Iterable[str]) -> None:
        super().__init__(zip(known, count()))
        self.words = list(self)
        self.known = frozenset(self)
        self.table = known_words(tuple(self.words))
        self.heads, self.tails = affixes(tuple(self.words))
        self.properties: Floats = _of_known(tuple(self.words)).copy()
        self._looked_up = len(self.words)

    def __missing__(self, word: str) -> int:
        if len(word) > LONGEST_WORD:
            return self[word[:LONGEST_WORD]]
        number = self[word] = len(self.words)
        self.words.append(word)
        return number

    @property
    def unknown(self) -> tuple[str, ...]:
        """The words that the model does not know, in the order of their numbers."""
        return tuple(self.words[len(self.known) :])

    def look_up(self) -> None:
        """Find out what is not yet known of the words that were met."""
        if len(self.words) > len(self.properties):
            # Twice as many as there are: growing by each part would take the square of them.
            grown = np.zeros((2 * len(self.words), self.properties.shape[1]))
            grown[: self._looked_up] = self.properties[: self._looked_up]
            self.properties = grown
        new = self.words[self._looked_up :]
        found = _properties_of(new, self.known, self.heads, self.tails)
        self.properties[self._looked_up : len(self.words)] = found
        self._looked_up = len(self.words)


def _properties_of(
    words: Sequence[str],
    known: Collection[str],
    heads: Collection[str],
    tails: Collection[str],
) -> Floats:
    """The properties of some words, (u, 9)."""
    filling = list(map(fills, words))
    columns = (
        map(len, words),
        (word not in known for word in words),
        map(COMMON_WORDS.__contains__, words),
        map(FIRST_PERSON.__contains__, words),
        filling,
        (fill and is_filler(word) for word, fill in zip(words, filling, strict=True)),
        (joined_in(word, known) for word in words),
        (word not in known and is_cut(word, heads, tails) for word in words),
        map(letters_in, words),
    )
    return np.stack([np.fromiter(column, float, len(words)) for column in columns], axis=1)


@lru_cache(maxsize=4)
def _of_known(words: tuple[str, ...]) -> Floats:
    """Properties of the words that a model knows, which every batch asks for."""
    return _properties_of(words, frozenset(words), (), ())


def read_tokens(texts: Sequence[str], model: Vocabulary) -> Tokens:
    """Read the words of n texts and nothing else of them."""
    if len(texts) <= FEW:
        return tokens_of([tokenise(clean(text)) for text in texts], model)
    lexicon = Lexicon(model.words)
    parts = [read_words(part, lexicon) for part in in_parts(texts, AT_ONCE)]
    return Tokens(
        np.concatenate([own.astype(np.int32) for own, _ in parts]),
        line_up([ends for _, ends in parts]),
        model.words,
        lexicon.unknown,
    )


def tokens_of(words: Sequence[Sequence[str]], model: Vocabulary) -> Tokens:
    """The words of a few texts that were read, as numbers."""
    numbers, unknown = number_words(words, model.vocabulary)
    ends = np.cumsum([0, *map(len, words)])
    return Tokens(np.array(numbers, np.int32), ends, model.words, unknown)


def number_words(
    texts: Iterable[Iterable[str]], vocabulary: Mapping[str, int]
) -> tuple[list[int], list[str]]:
    """The numbers of the words of a few texts, and the unknown words among them.

    >>> number_words([["on", "the"], ["the", "bus"]], {"bus": 0, "on": 1})
    ([1, 2, 2, 0], ['the'])
    """
    unknown: dict[str, int] = {}
    numbers = [
        vocabulary[word]
        if word in vocabulary
        else unknown.setdefault(word, len(vocabulary) + len(unknown))
        for words in texts
        for word in words
    ]
    return numbers, list(unknown)


def line_up(parts: Sequence[Integers]) -> Integers:
    """Where the words of each text begin, from the same in each of some parts.

    >>> line_up([np.array([0, 2, 3]), np.array([0, 4])]).tolist()
    [0, 2, 3, 7]
    """
    return np.cumsum(np.concatenate([np.zeros(1, np.int64), *map(np.diff, parts)]))


def read_words(texts: Sequence[str], lexicon: Lexicon) -> tuple[Integers, Integers]:
    """Read the words of n texts as numbers.

    Parameters
    ----------
    texts : as they came in; few enough to be held three times.
    lexicon : which learns the words that are new to it.

    Returns
    -------
    (t,) the numbers of all words, in the order of texts and words; and (n + 1,) where those of
    each text begin, and the last ones end.

    Examples
    --------
    >>> lexicon = Lexicon(["on", "the", "bus"])
    >>> numbers, ends = read_words(["On the bus.", "", "The tram, the TRAM"], lexicon)
    >>> numbers.tolist(), ends.tolist()
    ([0, 1, 2, 1, 3, 1, 3], [0, 3, 3, 7])
    """
    repaired = list(texts)
    for row in to_repair(texts):
        text = clean(texts[row])
        repaired[row] = text if text.isascii() else " ".join(tokenise(text))
    return cut_words(list(map(str.encode, repaired)), lexicon)


def cut_words(texts: Sequence[bytes], lexicon: Lexicon) -> tuple[Integers, Integers]:
    """Cut n texts into words, as :func:`read_words` does.

    Parameters
    ----------
    texts : in UTF-8, cleaned where that does more than to join white space; and of those that are
        not in ASCII the words alone.
    lexicon : which learns the words that are new to it.
    """
    cut = _APART.join([b"", *texts, b""]).translate(_CUT, b"'")
    signs = np.frombuffer(cut, np.uint8)
    is_word = signs >= FIRST_OF_WORDS
    edges = np.flatnonzero(is_word[1:] != is_word[:-1]) + 1
    begins, ends = edges[::2], edges[1::2]
    numbers = lexicon.table.find(cut, begins, ends)
    others = np.flatnonzero(numbers < 0)
    numbers[others] = [
        lexicon[cut[begin:end].decode()]
        for begin, end in zip(begins[others].tolist(), ends[others].tolist(), strict=True)
    ]
    return numbers, np.searchsorted(begins, np.flatnonzero(signs == _BORDER))


def to_repair(texts: Sequence[str]) -> list[int]:
    """The texts of which cleaning may do more than to make white space of controls and join it."""
    is_ascii = list(map(str.isascii, texts))
    found = rows_with(join_ascii(texts, is_ascii), MARKS_OF_REPAIR)
    asked = (row for row in found.tolist() if needs_repair(texts[row]))
    return sorted([*asked, *(row for row, plain in enumerate(is_ascii) if not plain)])


def join_ascii(texts: Sequence[str], wanted: Sequence[bool]) -> bytes:
    """Texts one after the other, with a byte 255 before each and after the last one.

    Parameters
    ----------
    texts : n texts.
    wanted : which of them, all in ASCII; of the others nothing stands there.
    """
    if not all(wanted):
        texts = [text if own else "" for text, own in zip(texts, wanted, strict=True)]
    return _APART + "\xff".join(texts).encode("latin-1") + _APART


def rows_with(texts: bytes, marks: Iterable[bytes]) -> Integers:
    """Which of some texts hold at least one of some marks, ascending.

    Parameters
    ----------
    texts : as :func:`join_ascii` gives them.
    marks : in ASCII; their letters are small ones, and stand for capital ones as well.

    >>> rows_with(join_ascii(["A Quota", "he", "stamp"], [True] * 3), [b"amp", b"quot"]).tolist()
    [0, 2]
    """
    signs = np.frombuffer(texts.lower(), np.uint8)
    found = np.zeros(len(signs), bool)
    for mark in marks:
        # No mark goes on behind the border that the last byte is.
        some = signs[: max(len(signs) - len(mark), 0)] == mark[0]
        for place, sign in enumerate(mark[1:], 1):
            some &= signs[place : place + len(some)] == sign
        found[: len(some)] |= some
    borders = np.flatnonzero(signs == _APART[0])
    return np.unique(np.searchsorted(borders, np.flatnonzero(found)) - 1)

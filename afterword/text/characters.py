"""What the characters of many texts are, counted for all of the texts at once.

The texts stand one after the other in one array of numbers, one for each character's kind: what
is asked of a character is the same in every text. Lower-case letters of ASCII, four fifths of
what people write, are passed over; runs and neighbours are looked for among the others only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Integers
from afterword.text.cleaning import is_typeset
from afterword.text.flags import ENDS
from afterword.text.traces import CLOSES, EARLY, LEAST_CAPITALS, OPENS, PARTS

_APART: Final = 0x110000
"""Stands before, between and after the texts, where a number stands for each character."""
_APART_BYTE: Final = 255
"""The same among characters of ASCII."""
_UNSEEN: Final = 255


class Characters(NamedTuple):
    """What n texts consist of: a column (n,) each.

    Attributes
    ----------
    letters, capitals, digits : as ``str.isalpha``, ``isupper`` and ``isdigit`` say.
    lower, titles : as ``islower`` and ``istitle`` say of a single character.
    spaces : white space of any kind.
    signs : printed characters of ASCII that are no letters.
    foreign, typeset : characters outside of ASCII; and those of them that are only another way to
        write a plain mark.
    punctuation : what is neither a letter, nor a digit, nor white space.
    marks, escapes : characters of which markup, or what stands for a lost letter, has one at least.
    lines : carriage returns and line feeds.
    sentences : ends of sentences, and runs of line ends that are none.
    parts, first_letters, raised : runs between white space; those that begin with a letter; and
        those that begin with a capital letter.
    padded : 1 if white space stands at either end, or there is nothing else. Then `dots` and
        `whole` say nothing, nor does `sentences` where there are `lines`.
    dots, whole : 1 if the text ends in an ellipsis; in a mark that ends sentences, or a symbol.
    numbered, labelled, coded : 1 if one of the first parts holds a digit; if one ends as a label
        does, or stands between a label and a text; if the first one is in capitals.
    """

    letters: Integers
    capitals: Integers
    digits: Integers
    lower: Integers
    titles: Integers
    spaces: Integers
    signs: Integers
    foreign: Integers
    typeset: Integers
    punctuation: Integers
    marks: Integers
    escapes: Integers
    lines: Integers
    sentences: Integers
    parts: Integers
    first_letters: Integers
    raised: Integers
    padded: Integers
    dots: Integers
    whole: Integers
    numbered: Integers
    labelled: Integers
    coded: Integers


class _Kind(NamedTuple):
    """What is asked of a character; the first thirteen are counted in every text."""

    letter: bool
    capital: bool
    digit: bool
    lower: bool
    title: bool
    space: bool
    sign: bool
    foreign: bool
    typeset: bool
    punctuation: bool
    mark: bool
    escape: bool
    line: bool
    ends: bool  # a sentence, with white space after it
    whole: bool
    question: bool
    two: bool
    closes: bool  # a label, with white space after it
    parts: bool  # a label and a text, with white space on both sides
    opens: bool  # a label, as the first sign of all
    apart: bool


_COUNTED: Final = _Kind._fields.index("line") + 1
_ASKED: Final = ("digit", "line", "ends", "question", "two", "closes", "parts")
"""Signs that few texts hold, and of which it is asked where they stand."""
_NOTHING: Final = _Kind(*[False] * len(_Kind._fields))


def _kind_of(sign: str) -> _Kind:
    return _Kind(
        letter=sign.isalpha(),
        capital=sign.isupper(),
        digit=sign.isdigit(),
        lower=sign.islower(),
        title=sign.istitle(),
        space=sign.isspace(),
        sign="!" <= sign <= "~" and not sign.isalpha(),
        foreign=sign > "\x7f",
        typeset=is_typeset(sign),
        punctuation=not (sign.isalnum() or sign.isspace()),
        mark=sign in "&<#;[{\\*",
        escape=sign in "\\%=_",
        line=sign in "\r\n",
        ends=sign in ".!?…",
        whole=sign in ENDS or unicodedata.category(sign).startswith("S"),
        question=sign == "?",
        two=sign == "2",
        closes=sign in CLOSES,
        parts=sign in PARTS,
        opens=sign in OPENS,
        apart=False,
    )


class Alphabet:
    """The kinds of characters, found out when a character is met for the first time.

    It is small and not shared between threads: whoever looks through a batch makes one.
    """

    def __init__(self) -> None:
        self._numbers: dict[_Kind, int] = {}
        self._kinds = np.full(_APART + 1, _UNSEEN, np.uint8)
        # Number 0 is that of "a" and its likes, which are passed over.
        self._learn(range(ord("a"), ord("z") + 1))
        self._kinds[_APART] = self.apart = self._number(_NOTHING._replace(apart=True))
        self._learn(range(128))
        self._ascii = bytes([*self._kinds[:128], *[self.apart] * 128])

    def of_ascii(self, texts: bytes) -> NDArray[np.uint8]:
        """The kinds of characters in ASCII, and of what stands between them."""
        return np.frombuffer(texts.translate(self._ascii), np.uint8)

    def of(self, codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
        """The kinds of any characters, and of what stands between them."""
        kinds: NDArray[np.uint8] = self._kinds[codes]
        new = np.unique(codes[kinds == _UNSEEN])
        if len(new):
            self._learn(new.tolist())
            kinds = self._kinds[codes]
        return kinds

    def table(self) -> NDArray[np.bool_]:
        """What is asked of each kind, (kinds, fields of a kind)."""
        return np.array(list(self._numbers))

    def _learn(self, codes: Iterable[int]) -> None:
        for code in codes:
            self._kinds[code] = self._number(_kind_of(chr(code)))

    def _number(self, kind: _Kind) -> int:
        return self._numbers.setdefault(kind, len(self._numbers))


def count_characters(texts: Sequence[str], alphabet: Alphabet) -> Characters:
    """Count what n texts consist of.

    Parameters
    ----------
    texts : as they came in; few enough to be held eight times.
    alphabet : which learns the characters that are new to it.

    Examples
    --------
    >>> found = count_characters(["He left. I ran…", "ÉTÉ 24"], Alphabet())
    >>> found.letters.tolist(), found.capitals.tolist(), found.digits.tolist()
    ([10, 3], [2, 3], [0, 2])
    >>> found.sentences.tolist(), found.raised.tolist(), found.dots.tolist()
    ([2, 0], [2, 1], [1, 0])
    """
    found = np.zeros((len(Characters._fields), len(texts)), np.int64)
    ascii_only = np.fromiter(map(str.isascii, texts), bool, len(texts))
    plain, other = np.flatnonzero(ascii_only), np.flatnonzero(~ascii_only)
    if len(plain):
        some = texts if not len(other) else [texts[place] for place in plain.tolist()]
        joined = b"\xff" + "\xff".join(some).encode("latin-1") + b"\xff"
        kinds = alphabet.of_ascii(joined)
        found[:, plain] = _counted(np.frombuffer(joined, np.uint8), kinds, alphabet)
    if len(other):
        own = [texts[place] for place in other.tolist()]
        joined = "\0".join(["", *own, ""]).encode("utf-32-le", "surrogatepass")
        codes: NDArray[np.uint32] = np.frombuffer(joined, np.uint32).copy()
        lengths = np.fromiter(map(len, own), np.int64, len(own))
        codes[0] = codes[np.cumsum(lengths + 1)] = _APART
        found[:, other] = _counted(codes, alphabet.of(codes), alphabet)
    return Characters(*found)


@dataclass(frozen=True)
class _Joined:
    """Texts one after the other.

    Attributes
    ----------
    kinds : of every character, and of what stands apart.
    table : what is asked of each kind.
    at : (m,) where anything but a lower-case letter of ASCII stands.
    own : (m,) its kind.
    row : (m,) the text that it stands in; what stands before a text counts as part of it.
    rows : n.
    """

    kinds: NDArray[np.uint8]
    table: NDArray[np.bool_]
    at: Integers
    own: NDArray[np.uint8]
    row: Integers
    rows: int

    @cached_property
    def _signs(self) -> Integers:
        """Which of the m are the few signs of which it is asked where they stand."""
        return np.flatnonzero(self.is_any(*_ASKED)[self.own])

    @cached_property
    def gaps(self) -> Integers:
        """(g,) which of the m are white space, or stand apart."""
        return np.flatnonzero(self.is_any("space", "apart")[self.own])

    @cached_property
    def begins(self) -> NDArray[np.uint8]:
        """(g - 1,) the kind of what stands after each gap but the last one."""
        return self.after(self.gaps[:-1])

    def signs(self, *fields: str) -> Integers:
        """Which of the m are one of those, which are among :data:`_ASKED`."""
        return self._signs[self.is_any(*fields)[self.own[self._signs]]]

    def before(self, places: Integers) -> NDArray[np.uint8]:
        """The kind of what stands before some of the m."""
        return self.kinds[self.at[places] - 1]

    def after(self, places: Integers) -> NDArray[np.uint8]:
        """The kind of what stands after some of the m."""
        return self.kinds[self.at[places] + 1]

    def is_any(self, *fields: str) -> NDArray[np.bool_]:
        """Of each kind, whether it is one of those."""
        places = [_Kind._fields.index(field) for field in fields]
        return np.asarray(self.table[:, places].any(axis=1))

    def histogram(self, row: Integers, kinds: NDArray[np.uint8]) -> Integers:
        """How often each kind stands in each text, (n, kinds)."""
        width = len(self.table)
        counts = np.bincount(row * width + kinds, minlength=self.rows * width)
        return counts.reshape(self.rows, width)

    def per_row(self, row: Integers) -> Integers:
        """How often each text is named."""
        return np.bincount(row, minlength=self.rows)


def _counted(codes: NDArray[np.generic], kinds: NDArray[np.uint8], alphabet: Alphabet) -> Integers:
    """Count what stands apart: the columns of :class:`Characters`, (columns, n)."""
    at = np.flatnonzero(kinds != 0)
    own = kinds[at]
    apart = own == alphabet.apart
    borders = at[apart]
    texts = _Joined(kinds, alphabet.table(), at, own, np.cumsum(apart) - 1, len(borders) - 1)
    counts = texts.histogram(texts.row[:-1], own[:-1])
    # What stands before a text was counted with it, and is not one of its characters.
    counts[:, alphabet.apart] = 0
    counts[:, 0] = np.diff(borders) - 1 - counts.sum(axis=1)
    # In floating point, which is exact for counts, products take a tenth of the time.
    columns = (counts.astype(float) @ texts.table[:, :_COUNTED]).astype(np.int64).T
    names = Characters._fields
    columns[names.index("escapes")] += _lost(texts)
    parts = _parts(texts)
    early = _early(texts, np.flatnonzero(apart), parts[0])
    found = [columns, _sentences(texts), *parts, *_ends(codes, texts, borders), *early]
    return np.vstack(found)


def _lost(texts: _Joined) -> Integers:
    """Question marks before a letter, and the digit 2 after one."""
    asked, twos = texts.signs("question"), texts.signs("two")
    is_letter = texts.is_any("letter")
    asked, twos = asked[is_letter[texts.after(asked)]], twos[is_letter[texts.before(twos)]]
    return texts.per_row(texts.row[np.concatenate([asked, twos])])


def _sentences(texts: _Joined) -> Integers:
    """Ends of sentences, and runs of line ends."""
    ended, lines = texts.signs("ends"), texts.signs("line")
    # Of a run of marks only the last one can have white space after it.
    ended = ended[texts.is_any("space", "apart")[texts.after(ended)]]
    is_line, is_end = texts.is_any("line"), texts.is_any("ends")
    before, goes_on = texts.before(lines), is_line[texts.after(lines)]
    # A line end that follows a mark belongs to that sentence.
    lines = lines[~is_line[before] & ~(is_end[before] & ~goes_on)]
    return texts.per_row(texts.row[np.concatenate([ended, lines])])


def _parts(texts: _Joined) -> Integers:
    """Runs between white space, those that begin with a letter, and with a capital one."""
    begins = texts.histogram(texts.row[texts.gaps[:-1]], texts.begins)
    letter = texts.is_any("letter")
    # Some signs are capital and no letters: "Ⓐ".
    asked = [~texts.is_any("space", "apart"), letter, letter & texts.is_any("capital")]
    found: Integers = (begins.astype(float) @ np.array(asked, float).T).astype(np.int64).T
    return found


def _ends(codes: NDArray[np.generic], texts: _Joined, borders: Integers) -> Integers:
    """Whether white space stands at either end, and what else stands at the end."""
    first, last = borders[:-1] + 1, borders[1:] - 1
    is_gap = texts.is_any("space", "apart")
    padded = is_gap[texts.kinds[first]] | is_gap[texts.kinds[last]]
    three = np.array([codes[last - back] for back in range(3)]) == ord(".")
    dots = three.all(axis=0) | (codes[last] == ord("…"))
    return np.array([padded, dots, texts.is_any("whole")[texts.kinds[last]]], np.int64)


def _early(texts: _Joined, borders: Integers, parts: Integers) -> Integers:
    """What stands in the first parts of each text: a number, a label, a code.

    Parameters
    ----------
    texts : one after the other.
    borders : (n + 1,) which of the m stand apart.
    parts : (n,) of each text.
    """
    gaps, is_gap = texts.gaps, texts.is_any("space", "apart")
    # The gap before each part, those of a text one after the other, and then those of the next.
    begins, first = np.flatnonzero(~is_gap[texts.begins]), np.cumsum(parts) - parts
    stop, more = borders[1:].copy(), parts > EARLY
    stop[more] = gaps[begins[first[more] + EARLY]]
    digits, closes, alone = texts.signs("digit"), texts.signs("closes"), texts.signs("parts")
    alone = alone[is_gap[texts.before(alone)]]
    labels = np.concatenate([closes, alone])
    labels = labels[is_gap[texts.after(labels)]]
    numbered, labelled = (
        texts.per_row(texts.row[signs[signs < stop[texts.row[signs]]]]) > 0
        for signs in (digits, labels)
    )
    filled = np.flatnonzero(parts)
    first = begins[first[filled]]
    labelled[filled] |= texts.is_any("opens")[texts.begins[first]]
    coded = np.zeros(texts.rows, bool)
    coded[filled] = _coded(texts, gaps[first], gaps[first + 1])
    return np.array([numbered, labelled, coded], np.int64)


def _coded(texts: _Joined, begin: Integers, end: Integers) -> NDArray[np.bool_]:
    """Which parts have capital letters and no small one of ASCII.

    Parameters
    ----------
    texts : one after the other.
    begin, end : of each part, which of the m stand before and after it.
    """
    marks = end - begin - 1
    coded: NDArray[np.bool_] = (texts.at[end] - texts.at[begin] - 1 == marks) & (
        marks >= LEAST_CAPITALS
    )
    capital = texts.is_any("capital")
    for place in np.flatnonzero(coded).tolist():
        own = texts.own[begin[place] + 1 : end[place]]
        coded[place] = capital[own].sum() >= LEAST_CAPITALS
    return coded

"""Numeric measures of a text: what to look at when the inputs of a text model go wrong.

Each descriptor is rounded to a coarse grid the moment it is made. The reference and every batch
share the grid, so comparing them stays fair, and exact values, which would identify a text to
someone who holds it, exist nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from afterword.text.cleaning import is_typeset

MANY_UNKNOWN: Final = 0.4
"""Share of unknown words from which most of a description is strange to the model."""
FEW_ENGLISH: Final = 0.15
"""Share of common English words below which a description is hardly English."""
SHORT_WORDS: Final = 2
"""Words up to which a description is very short."""


def _lengths(ratio: float, longest: int) -> np.ndarray:
    """A grid of whole numbers that grows by ``ratio``: 1, 2, 3, … then ever wider steps."""
    count = int(np.log(longest) / np.log(ratio)) + 2
    return np.unique(np.concatenate([[0.0], np.round(ratio ** np.arange(count))]))


def _steps(step: float, most: float) -> np.ndarray:
    return np.round(np.arange(0, most + step / 2, step), 6)


_SHARES = _steps(0.1, 1.0)
_LONG = _lengths(1.5, 20_000)
# Steps that widen: most texts are near 0, and the tail matters more than its exact place.
_SMALL_SHARES = np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0])
_SIGNS = np.array([0.0, 0.02, 0.04, 0.07, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0])
# Shares that are nearly always 0: the first step tells "any" from "none", the rest grow.
_RARE = np.array([0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0])


@dataclass(frozen=True)
class Descriptor:
    """One numeric measure of a text.

    Attributes
    ----------
    name : column name in scored rows.
    label : what people read.
    unit : of its values; "share" is between 0 and 1.
    meaning : what a change of it can mean, in one sentence.
    grid : the values that it can take, ascending.
    seldom : True if nearly every text has 0, so that any value above it counts.
    fault : True if a rise of it points at the export, not at those who write.
    """

    name: str
    label: str
    unit: str
    meaning: str
    grid: np.ndarray
    seldom: bool = False
    fault: bool = False

    @cached_property
    def middles(self) -> np.ndarray:
        """Between each two points of the grid, from where on values round to the upper one."""
        middles: np.ndarray = (self.grid[1:] + self.grid[:-1]) / 2
        return middles


DESCRIPTORS = (
    Descriptor(
        "characters",
        "Length",
        "characters",
        "Texts that are cut, joined, or come from another form.",
        _LONG,
    ),
    Descriptor(
        "words",
        "Number of words",
        "words",
        "Shorter or longer stories than the model was trained on.",
        _LONG,
    ),
    Descriptor(
        "word_length",
        "Average word length",
        "letters",
        "Another style or language, or words that lost their spaces.",
        _steps(0.5, 12),
    ),
    Descriptor(
        "longest_word",
        "Longest word",
        "letters",
        "Words that lost their spaces, links, or codes.",
        _lengths(1.25, 64),
    ),
    Descriptor(
        "sentence_length",
        "Sentence length",
        "words",
        "Full stops that went missing, or another way of writing.",
        _lengths(1.5, 2_000),
    ),
    Descriptor(
        "unknown_words",
        "Unknown words",
        "share",
        "Words that the model never learned: a new topic, another language, damaged text.",
        _SMALL_SHARES,
    ),
    Descriptor(
        "english_words",
        "Common English words",
        "share",
        "Another language, or texts that are lists and codes.",
        _SHARES,
    ),
    Descriptor(
        "first_person",
        "First person (I, me, we)",
        "share",
        "Another kind of source: news and officials do not write “I”.",
        _SMALL_SHARES,
    ),
    Descriptor(
        "non_letters",
        "Characters that are not letters",
        "share",
        "Digits, punctuation and symbols from another system.",
        _SIGNS,
    ),
    Descriptor(
        "capitals",
        "Capital letters",
        "share",
        "Text that was turned to capitals, or to lower case.",
        _SIGNS,
    ),
    Descriptor(
        "digits",
        "Digits",
        "share",
        "Dates, numbers and codes inside the text.",
        _RARE,
        seldom=True,
    ),
    Descriptor(
        "non_ascii",
        "Accents and symbols",
        "share",
        "Another language, emoji, or letters that an export has broken.",
        _RARE,
        seldom=True,
    ),
    Descriptor(
        "repetition",
        "Repeated words",
        "share",
        "Copied passages within a text, or longer texts.",
        _SHARES,
    ),
    Descriptor(
        "markup",
        "Markup left in the text",
        "share",
        "HTML tags, entities and other codes that an export did not remove.",
        _RARE,
        seldom=True,
        fault=True,
    ),
)
"""Every descriptor, in the order in which they are shown."""

NAMES = tuple(descriptor.name for descriptor in DESCRIPTORS)

COMMON_WORDS = frozenset(
    "a about after all also am an and are as at back be because been before but by came can come "
    "could did do down even every for from get go going got had has have he her him his i if in "
    "into is it its just like me more my near no not of off on one or other our out over people "
    "she so some someone than that the their them then there these they this those to too two up "
    "us very was way we went were what when where which while who will with would you your".split()
)
FIRST_PERSON = frozenset("i im ive me my mine myself we us our ours ourselves".split())
_SENTENCE = re.compile(r"(?<![.!?…])[.!?…]++(?:\s|$)|[\r\n]++")
_TAKEN_OUT: Final = (
    r"(?!(?-i:(?!(?:BODY|CENTER|DIV|FONT|FORM|HEAD|HTML|IMG|LINK|META|SCRIPT|SPAN|STRONG|STYLE"
    r"|TABLE|TBODY|THEAD)>)[A-Z][A-Z_]{2,30}\d{0,3}(?:>|\}\}|\*\*)))"
)
"""Not before what stands for a name or an address that somebody took out, such as ``<PERSON>``."""
_MARKUP = re.compile(
    r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});|</[a-z][^<>]{0,200}>|<!--|<!\[CDATA"
    rf"|<{_TAKEN_OUT}[a-z][^<>]{{0,200}}>"
    # Entities that lost one of their ends, and the marks of other formats.
    r"|&(?:amp|quot|lt|gt|nbsp|apos|#\d{2,5})\b|#\d{2,5};|\bquot;"
    # What is opened is closed: "[URL]" alone stands where somebody took an address out.
    r"|\[/(?:b|i|u|url|quote)\]|\[br\]|\{\\rtf|\\[a-z]{4,}|\\[\"'&%]|^\s*[\[{]\s*[\"']"
    rf"|\*\*{_TAKEN_OUT}\w|\{{\{{{_TAKEN_OUT}",
    re.I,
)


def on_grid(descriptor: Descriptor, values: np.ndarray) -> np.ndarray:
    """Round values (n,) to the descriptor's grid: to the nearest point, ties downwards.

    A value above 0 of a descriptor that is seldom above 0 never becomes 0.
    """
    return from_codes(descriptor, to_codes(descriptor, values))


def to_codes(descriptor: Descriptor, values: np.ndarray) -> NDArray[np.uint8]:
    """The places on the grid of values (n,), rounded as :func:`on_grid` does.

    >>> to_codes(DESCRIPTORS[0], np.array([0, 2, 60, 64])).tolist()
    [0, 2, 10, 10]
    """
    codes = np.searchsorted(descriptor.middles, values)
    if descriptor.seldom:
        codes[(codes == 0) & (values > 0)] = 1
    return codes.astype(np.uint8)


def from_codes(descriptor: Descriptor, codes: np.ndarray) -> np.ndarray:
    """The values, float32, at some places on the grid."""
    values: np.ndarray = descriptor.grid.astype(np.float32)[codes]
    return values


def unknown_share(words: Sequence[str], vocabulary: Container[str]) -> float:
    """Share of ``words`` outside ``vocabulary``; 0 if there are no words."""
    return sum(word not in vocabulary for word in words) / len(words) if words else 0.0


def count_sentences(text: str) -> int:
    """Count the ends of sentences, and of lines that end none; the end of the text is one.

    >>> count_sentences("He left. I ran.\\nHe did not"), count_sentences("")
    (2, 1)
    """
    return len(_SENTENCE.findall(text.strip())) or 1


def count_markup(text: str) -> int:
    """Count tags, entities and other codes.

    >>> count_markup("He said &quot;hi<br>")
    2
    """
    return len(_MARKUP.findall(text))


def measure(text: str, words: Sequence[str], vocabulary: Container[str]) -> tuple[float, ...]:
    """Measure a text: one exact value per entry of :data:`DESCRIPTORS`.

    Whatever is kept of it goes through :func:`on_grid` first.

    Parameters
    ----------
    text : as it came in.
    words : of the text, as :func:`afterword.text.cleaning.tokenise` gives them.
    vocabulary : the words that the model learned.
    """
    count = len(words) or 1
    signs = len(text) - sum(map(str.isspace, text)) or 1
    letters = sum(map(str.isalpha, text))
    lengths = [len(word) for word in words] or [0]
    return (
        # What cleaning makes plain is measured as if it were.
        len(" ".join(text.split())),
        len(words),
        sum(lengths) / count,
        max(lengths),
        len(words) / count_sentences(text),
        unknown_share(words, vocabulary),
        sum(word in COMMON_WORDS for word in words) / count,
        sum(word in FIRST_PERSON for word in words) / count,
        1 - letters / signs,
        sum(map(str.isupper, text)) / (letters or 1),
        sum(map(str.isdigit, text)) / signs,
        0.0
        if text.isascii()
        else sum(sign > "\x7f" and not is_typeset(sign) for sign in text) / signs,
        1 - len(set(words)) / count if words else 0.0,
        count_markup(text) / count,
    )

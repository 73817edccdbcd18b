"""What a step takes from the form of texts: the order of words, letters, beginnings; what it adds.

As of traces, none of it says anything by itself: people quote, forget a word and begin in
mid-sentence. Where far more texts of a batch do than of the training set, it is the feed's doing.
Nothing here depends on what people write about, and nothing is learnt or kept.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Final

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Integers
from afterword.text.traces import ends_in_address

DISORDERED = "words_out_of_place"
QUOTED = "quoted_whole"
APART = "marks_out_of_place"
LETTERS_LOST = "letters_lost"
BEGUN_LATE = "begins_in_sentence"
DAMAGES: Final = (DISORDERED, QUOTED, APART, LETTERS_LOST, BEGUN_LATE)
"""What :func:`damages_of` looks for, in its order."""

ARTICLES: Final = frozenset("a an the my his their our your".split())
"""Words that something is named after: a noun, or what describes it."""
NEVER_NAMED: Final = ARTICLES | frozenset(
    "am and are as at be because been but by could did do does during for from had has have he him "
    "i if in into is it me of on or she since that them then these they this those to was we were "
    "what when where which with would".split()
)
"""Words that stand right after none of them."""
NEVER_LAST: Final = ARTICLES | frozenset(
    "and are at because but by for from if is of or she they to was we were when who with".split()
)
"""Words with which hardly a text ends that is whole."""
NEVER_FIRST: Final = frozenset(
    "am and are be been but by did do does for from had has have him is of or that them to us was "
    "were which who with".split()
)
"""Words with which hardly a text begins that is whole."""
QUOTES: Final = frozenset("\"'`“”„‘’‚«»")
COMMON_LETTERS: Final = "etaoinsr"
"""Letters that nearly every English text of some length holds."""
DOUBLE: Final = 1 << len(COMMON_LETTERS)
"""Of :func:`letters_in`: a letter stands twice in a row."""
LEAST_LETTERS, LEAST_FOR_DOUBLE = 40, 60
"""Letters from which a text holds all common ones but few, and a double one."""
MOST_MISSING: Final = 2
"""Common letters that a text without double ones may lack, or it is in another script."""
KNOWN_FOR_ONE_UNKNOWN: Final = 5
"""One word in so many is unknown where a letter is lost."""

_BITS: Final = tuple((1 << place, letter) for place, letter in enumerate(COMMON_LETTERS))
_MISSING: Final = np.array(
    [len(COMMON_LETTERS) - (found % DOUBLE).bit_count() for found in range(2 * DOUBLE)]
)
"""Common letters that are not among some, by what :func:`letters_in` says of these."""
_DOUBLED = re.compile(r"([a-z])\1")
_MARK = re.compile(r"[,.!?;:]")
_MARKS = re.compile(r"[,.!?;:]+")


def damages_of(text: str, words: Sequence[str], vocabulary: Collection[str]) -> tuple[bool, ...]:
    """Look a text through: a bool for each entry of :data:`DAMAGES`.

    Parameters
    ----------
    text : as it came in.
    words : of the text, as :func:`afterword.text.cleaning.tokenise` gives them.
    vocabulary : the words that the model knows.

    >>> damages_of("Bus the at waited I", "bus the at waited i".split(), {"bus"})[0]
    True
    """
    counts = (
        sum(map(len, words)),
        len(words),
        sum(word not in vocabulary for word in words),
        reduce(or_, map(letters_in, words), 0),
    )
    return (
        _is_disordered(text, words),
        is_quoted(text),
        has_marks_apart(text),
        bool(have_lost_letters(*map(np.array, counts))),
        len(words) > 1 and words[0] in NEVER_FIRST,
    )


def _is_disordered(text: str, words: Sequence[str]) -> bool:
    """Whether an article stands before a word that it cannot, or a text ends in mid-sentence."""
    if any(one in ARTICLES and two in NEVER_NAMED for one, two in pairwise(words)):
        return True
    return len(words) > 1 and words[-1] in NEVER_LAST and not ends_in_address(text)


def is_quoted(text: str) -> bool:
    """Whether a text stands in quotation marks as a whole, of whatever kind."""
    text = text.strip()
    return len(text) > 1 and text[0] in QUOTES and text[-1] in QUOTES


def has_marks_apart(text: str) -> bool:
    """Whether all marks of a text have a space before them, or all stand twice.

    >>> has_marks_apart("I ran , and he left ."), has_marks_apart("I ran,, and he left..")
    (True, True)
    >>> has_marks_apart("I ran , and he left."), has_marks_apart("I ran, he left..")
    (False, False)
    """
    first = _MARK.search(text)
    if first is None or not first.start():
        return False
    # The first mark settles it for nearly every text.
    at = first.start()
    if text[at - 1].isspace():
        return all(text[one.start() - 1].isspace() for one in _MARKS.finditer(text, at))
    if text[at] != text[at + 1 : at + 2]:
        return False
    return all(len(one) % 2 == 0 for one in _MARKS.findall(text, at))


def letters_in(word: str) -> int:
    """Which common letters a word holds, a bit each, and whether any letter stands twice in a row.

    >>> [f"{letters_in(word):09b}" for word in ("tea", "three", "")]
    ['000000111', '110000011', '000000000']
    """
    found = DOUBLE if _DOUBLED.search(word) else 0
    for bit, letter in _BITS:
        if letter in word:
            found |= bit
    return found


def have_lost_letters(
    letters: Integers, words: Integers, unknown: Integers, found: Integers
) -> NDArray[np.bool_]:
    """Which texts have lost one letter wherever it stood, or one of each two that are alike.

    Parameters
    ----------
    letters, words : of each of n texts, how many.
    unknown : words that the model does not know.
    found : what :func:`letters_in` says of the words of each, together.
    """
    missing = _MISSING[found]
    one = (letters >= LEAST_LETTERS) & (missing == 1) & (KNOWN_FOR_ONE_UNKNOWN * unknown >= words)
    alike = (letters >= LEAST_FOR_DOUBLE) & (missing <= MOST_MISSING) & (found < DOUBLE)
    lost: NDArray[np.bool_] = one | alike
    return lost

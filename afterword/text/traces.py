"""What a step between people and the model leaves on texts: what it put before, cut off, took out.

None of it says anything by itself: people begin with a date, or end inside a word, too. Where
nearly all texts of a batch do, and those of the training set did not, it is the feed's doing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Sequence
from functools import lru_cache
from typing import Final

from afterword.text.cleaning import holds_digit, is_typeset
from afterword.text.descriptors import COMMON_WORDS

NUMBERED = "number_before"
LABELLED = "label_before"
BEGUN_INSIDE = "begins_inside_word"
CUT_INSIDE = "ends_inside_word"
CUT_WORDS = "cut_words"
STRIPPED = "no_function_words"
BARE = "no_capitals_or_marks"
TYPESET = "typeset_marks"
TRACES: Final = (NUMBERED, LABELLED, BEGUN_INSIDE, CUT_INSIDE, CUT_WORDS, STRIPPED, BARE, TYPESET)
"""What :func:`traces_of` looks for, in its order."""

EARLY: Final = 3
"""Parts between white space at the beginning of a text in which something may have been put."""
LEAST_CAPITALS: Final = 3
"""Capital letters from which a first part without a small letter is a code."""
LEAST_CUT: Final = 4
"""Letters of a word that is counted as cut: shorter ones are slips."""
CUT_FROM: Final = 2
"""Cut words from which a text has them: a single one is a rare word, or a slip."""
LEAST_WORDS: Final = 5
"""Words from which a text without a function word, or without any mark, is written by nobody."""
FEW_COMMON: Final = 5
"""One common English word in so many is the most that a text without function words has left."""
CLOSES: Final = frozenset(":|]>}")
"""What ends a label."""
PARTS: Final = frozenset("-–—|/\\:;>=~·•*#_")
"""What stands by itself between a label and a text."""
OPENS: Final = frozenset("([{<#*|>-=~/\\@+_:;$%^")
"""What begins a label or a code, and no sentence."""
FUNCTION_WORDS: Final = COMMON_WORDS - frozenset(
    "after all also back because before came can come could down even every get go going got "
    "into just like more near no off one other out over people some someone than then too two up "
    "very way went where will would".split()
)
"""Words without which nobody writes, and which every list of stop words holds."""
_ADDRESS: Final = re.compile(r"[^\W_][@/\\][^\W_]|[^\W_]\.[^\W_]")
"""What stands inside of an address."""


def traces_of(
    text: str, words: Sequence[str], vocabulary: Collection[str], *, shouted: bool
) -> tuple[bool, ...]:
    """Look a text through: a bool for each entry of :data:`TRACES`.

    Parameters
    ----------
    text : as it came in.
    words : of the text, as :func:`afterword.text.cleaning.tokenise` gives them.
    vocabulary : the words that the model knows.
    shouted : whether it is all in capitals, which then tell nothing.

    >>> traces_of("Remark: he left", ["remark", "he", "left"], {"he"}, shouted=False)[1]
    True
    """
    parts = text.split(None, EARLY)[:EARLY]
    unknown = [word for word in words if word not in vocabulary]
    heads, tails = affixes(tuple(vocabulary)) if unknown else affixes(())
    return (
        any(map(holds_digit, parts)),
        _is_labelled(parts) or (bool(parts) and not shouted and _is_code(parts[0])),
        bool(words) and words[0] not in vocabulary and words[0] in tails,
        bool(words)
        and words[-1] not in vocabulary
        and words[-1] in heads
        and not ends_in_address(text),
        sum(is_cut(word, heads, tails) for word in unknown) >= CUT_FROM,
        is_stripped(words, vocabulary, heads),
        text.islower()
        and len(words) >= LEAST_WORDS
        and all(sign.isalnum() or sign.isspace() for sign in text),
        not text.isascii() and any(map(is_typeset, text)),
    )


def ends_in_address(text: str) -> bool:
    """Whether a text ends in a link, a mail address, a domain or a path, which nothing has cut.

    >>> ends_in_address("See www.station.example."), ends_in_address("I ran to the sta")
    (True, False)
    """
    last = text.rsplit(None, 1)[-1:]
    return bool(last) and _ADDRESS.search(last[0]) is not None


def _is_labelled(parts: Sequence[str]) -> bool:
    return any(part in PARTS or part[-1] in CLOSES for part in parts) or (
        bool(parts) and parts[0][0] in OPENS
    )


def _is_code(part: str) -> bool:
    """Whether a part of a text holds capital letters and no small one of ASCII."""
    capitals = sum(map(str.isupper, part))
    return capitals >= LEAST_CAPITALS and not any("a" <= sign <= "z" for sign in part)


@lru_cache(maxsize=4)
def affixes(words: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """What words begin with, and what they end with, short of the words themselves.

    >>> heads, tails = affixes(("bus",))
    >>> sorted(heads), sorted(tails)
    (['b', 'bu'], ['s', 'us'])
    """
    heads = frozenset(word[:end] for word in words for end in range(1, len(word)))
    tails = frozenset(word[begin:] for word in words for begin in range(1, len(word)))
    return heads, tails


def is_cut(word: str, heads: Container[str], tails: Container[str]) -> bool:
    """Whether an unknown word is what is left of a known one.

    Parameters
    ----------
    word : that the model does not know.
    heads, tails : as :func:`affixes` gives them.

    >>> [is_cut(word, {"whis"}, {"tled", "thing"}) for word in ("whis", "tled", "sign")]
    [True, True, False]
    """
    return len(word) >= LEAST_CUT and (word in heads or word in tails) and word not in COMMON_WORDS


def is_stripped(words: Sequence[str], known: Container[str], heads: Container[str]) -> bool:
    """Whether a text has no function word left, and is in the language of the model.

    Parameters
    ----------
    words : of the text.
    known, heads : words that the model knows, and what they begin with.

    >>> words = "man stare long bus stop".split()
    >>> is_stripped(words, {"bus", "man"}, {"stare"}), is_stripped([*words, "the"], {"bus"}, ())
    (True, False)
    """
    if (
        len(words) < LEAST_WORDS
        or FEW_COMMON * sum(map(COMMON_WORDS.__contains__, words)) > len(words)
        or not FUNCTION_WORDS.isdisjoint(words)
    ):
        return False
    # Stemming cuts known words: what is left of them is as good as known.
    found = sum(word in known or (len(word) > 2 and word in heads) for word in words)
    return 2 * found >= len(words)

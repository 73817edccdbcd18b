"""What an export breaks, or a system writes: each text is looked through for it, flag by flag."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Container, Sequence
from typing import Final

from afterword.text.cleaning import has_broken_letters, is_typeset
from afterword.text.damage import DAMAGES, damages_of
from afterword.text.descriptors import COMMON_WORDS
from afterword.text.placeholders import is_placeholder
from afterword.text.traces import LEAST_WORDS, TRACES, traces_of

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
    *TRACES,
    *DAMAGES,
)
"""What each description is looked through for, in the order of every row of flags."""

MOSTLY: Final = 0.8
"""Share of a text's letters, or first letters, from which it is written in capitals."""
LEAST_TITLES: Final = 3
"""Parts of a text that begin with a letter, above which their capitals say something."""
LONG_WORD: Final = 20
"""Letters from which an ASCII word is more likely several that lost their spaces."""
JOINED_FROM: Final = 2
"""What :func:`joined_in` must come to: a single known pair of words is a slip."""
LONGEST_FRAGMENT: Final = 4
"""Words up to which a text without a common English word is no sentence."""

_NO_LETTER = re.compile(r"[!-@\[-`{-~]")
_LINK = re.compile(
    r"(?:https?://|www\.)\S++|(?<!\S)\S[^\s@]*+@\S[^\s.]*+\.\S++",
    re.I,
)
"""Links and mail addresses. An address begins where the white space ends, and its first ``@`` and
the first full stop after it decide: looked for from every character, they would take forever."""
ENDS = frozenset('.!?"”’»।。؟۔！？')
"""What stands at the end of a text that is whole."""


def flags_of(text: str, words: Sequence[str], vocabulary: Collection[str]) -> tuple[bool, ...]:
    """Look a text through: a bool for each entry of :data:`TEXT_FLAGS`.

    Parameters
    ----------
    text : as it came in: cleaning would hide what an export broke.
    words : of the text, as :func:`afterword.text.cleaning.tokenise` gives them.
    vocabulary : the words that the model knows.

    >>> dict(zip(TEXT_FLAGS, flags_of("Then he ...", ["then", "he"], {"he"})))["ending_in_dots"]
    True
    """
    letters, capitals = sum(map(str.isalpha, text)), sum(map(str.isupper, text))
    shouted = len(words) > 1 and capitals >= MOSTLY * letters > 0
    starts = [part[0] for part in text.split() if part[0].isalpha()]
    return (
        text.islower(),
        shouted,
        len(starts) > LEAST_TITLES
        and not shouted
        and sum(map(str.isupper, starts)) >= MOSTLY * len(starts),
        is_broken(text),
        sum(joined_in(word, vocabulary) for word in words) >= JOINED_FROM
        or (len(words) >= LEAST_WORDS and len(text.split()) == 1 and not is_link(text)),
        is_placeholder(words),
        _is_fragment(text, words),
        ends_in_dots(text),
        len(words) > LONGEST_FRAGMENT
        and words[: len(words) // 2] == words[(len(words) + 1) // 2 :],
        *traces_of(text, words, vocabulary, shouted=shouted),
        *damages_of(text, words, vocabulary),
    )


def is_broken(text: str) -> bool:
    """Whether letters were decoded wrongly or lost, outside of links."""
    return has_broken_letters(text if "?" not in text else _LINK.sub(" ", text))


def ends_in_dots(text: str) -> bool:
    """Whether a text ends in an ellipsis: a preview, or a field that was too short."""
    return text.rstrip().endswith(("...", "…"))


def is_link(text: str) -> bool:
    """Whether a text is a link or a mail address and nothing else."""
    return _LINK.fullmatch(text.strip()) is not None


def cut_length(text: str) -> int:
    """Characters of a text that something may have cut; 0 if it ends as a sentence does.

    >>> cut_length("He stared."), cut_length("He stared at"), cut_length("He ...")
    (0, 12, 6)
    """
    text = text.strip()
    cut = text.endswith(("...", "…")) or not (
        text[-1:] in ENDS or unicodedata.category(text[-1:] or " ").startswith("S")
    )
    return len(text) if cut else 0


def joined_in(word: str, vocabulary: Container[str]) -> int:
    """How much a word speaks for lost spaces: 1 if it is two known words, 2 if it is very long.

    >>> joined_in("busstation", {"bus", "station"}), joined_in("station", {"bus", "station"})
    (1, 0)
    """
    if len(word) < 8 or word in vocabulary or not (word.isascii() and word.isalpha()):
        return 0
    if len(word) >= LONG_WORD:
        return 2
    for cut in range(3, len(word) - 2):
        if word[:cut] in vocabulary and word[cut:] in vocabulary:
            return 1
    return 0


def _is_fragment(text: str, words: Sequence[str]) -> bool:
    """Whether a text is a code, a link, a number or a bare label, and no sentence."""
    signs = len(text) - sum(map(str.isspace, text))
    # Other scripts have vowel signs that are no letters: only ASCII signs count against a text.
    if 2 * len(_NO_LETTER.findall(text)) > signs or is_link(text):
        return True
    return (
        len(words) <= LONGEST_FRAGMENT
        and COMMON_WORDS.isdisjoint(words)
        and all(sign <= "\x7f" or is_typeset(sign) for sign in text)
    )

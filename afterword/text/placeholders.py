"""What systems and people write where there is no text.

A cell that is nothing but one of :data:`EMPTY_TEXTS` is no description and is rejected when a file
is read. A longer text of such words only, as "test test please ignore", is a description that the
check counts as a placeholder.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_NOTHING: Final = frozenset("na null none nil nan undefined missing blank empty ref".split())
"""Words that are a rejected cell alone, and a placeholder among others."""

EMPTY_TEXTS: Final = _NOTHING | {
    "n a", "nat", "value", "not applicable", "not available", "no description", "no text",
}  # fmt: skip
"""Whole texts that stand for nothing, in lower case and without punctuation."""
NULL: Final = "\\N"
"""What MySQL and PostgreSQL write where there is nothing."""

_FILLERS: Final = _NOTHING | frozenset(
    "test testing tbd tba todo xx asdf lorem ipsum dolor amet consectetur unknown placeholder "
    "sample dummy foo redacted removed deleted error nothing provided available applicable given "
    "entered specified mentioned pending filled enter click type object default information "
    "details data attached above same hello abc abcd ok yes true false".split()
)
"""Words that stand in a field when there is no text: a placeholder holds one of them."""
_WEAK: Final = frozenset(
    "no not n a i to be by did do was has been this your you here text description message value "
    "string example bar see as of or the is for in it user moderator comment comments sit elit "
    "adipiscing please world with field known detail info".split()
)
"""Words that may stand beside them."""
LONGEST_PLACEHOLDER: Final = 8
"""Words up to which a text may be a placeholder."""


def is_placeholder(words: Sequence[str]) -> bool:
    """Whether a text is a placeholder: nothing but words that fill a field.

    Parameters
    ----------
    words : of the text, as :func:`afterword.text.cleaning.tokenise` gives them.

    >>> is_placeholder(["test", "please"]), is_placeholder(["he", "tested", "me"])
    (True, False)
    """
    return (
        0 < len(words) <= LONGEST_PLACEHOLDER
        and all(map(fills, words))
        and any(map(is_filler, words))
    )


def fills(word: str) -> bool:
    """Whether a word may stand in a placeholder.

    >>> fills("please"), fills("test"), fills("stared")
    (True, True, False)
    """
    return word in _WEAK or is_filler(word)


def is_filler(word: str) -> bool:
    """Whether a word stands in a field when there is no text: a placeholder holds one.

    >>> is_filler("test"), is_filler("12"), is_filler("please")
    (True, True, False)
    """
    return (
        word in _FILLERS
        or word.isdigit()
        or (len(word) > 2 and word.count(word[0]) == len(word))
        or word.startswith(("asdf", "qwer"))
    )

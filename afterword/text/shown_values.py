"""Which values of a column may be shown: never one that few hold, or that may be somebody's."""

from __future__ import annotations

import re
from typing import Final

from afterword.text.cleaning import holds_digit, tokenise
from afterword.text.descriptors import COMMON_WORDS
from afterword.text.privacy import SHORTEST, SHOWN_FROM, private_words

LONGEST: Final = 40
"""Characters of the longest value that is shown; a longer one may be a text."""
_ADDRESS: Final = re.compile(r"[@#/\\:]|www\.|\.[a-z]{2}", re.IGNORECASE)
"""What stands in addresses of mail and pages, in handles and in paths."""


def may_show(value: str, descriptions: int) -> bool:
    """Tell whether a value of a column may be shown.

    Parameters
    ----------
    value : of a cell; "" is what empty cells have.
    descriptions : different ones that hold it.

    Examples
    --------
    >>> [may_show(value, 60) for value in ("Harbourtown", "web form", "Grace Smith", "@quietfox")]
    [True, True, False, False]
    >>> may_show("Harbourtown", 4), may_show("room 12", 60)
    (False, False)
    """
    if descriptions < SHOWN_FROM or len(value) > LONGEST or _ADDRESS.search(value):
        return False
    if holds_digit(value):
        return False
    words = tokenise(value)
    # Two letters may be somebody's initials; one alone, such as that of a site, is nobody's.
    short = [word for word in words if len(word) < SHORTEST]
    if len(value) > 1 and not COMMON_WORDS.issuperset(short):
        return False
    return not private_words([word for word in words if len(word) >= SHORTEST], [])

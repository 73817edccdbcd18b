"""Which words of a text may be shown: never what may be a name, number or address."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Final

from afterword.arrays import Integers
from afterword.text.cleaning import holds_digit, tokenise
from afterword.text.word_uses import Written, uses_of
from afterword.text.words import Tokens

SHOWN_FROM: Final = 5
"""Distinct descriptions that must hold a word before anybody gets to see it."""
SHORTEST: Final = 3
"""Letters of a new word that is shown: shorter ones are initials, or debris."""
WIDE_SHARE: Final = 1 / 3
LEAST_WIDE: Final = 10
"""Share, and number, of distinct descriptions that no person's name stands in."""
LINK, HANDLE, HASHTAG, LABEL, NUMBER, NAME = "link", "handle", "hashtag", "label", "number", "name"
KINDS: Final = (LINK, HANDLE, HASHTAG, LABEL, NUMBER, NAME)
"""What a word may be that is not shown, what is told of it; the plainest first."""
_LOCALES = (
    "en_US en_GB en_IN en_KE en_NG en_PK yo_NG ig_NG ha_NG zu_ZA sw hi_IN ne_NP es_ES fr_FR de_DE "
    "it_IT pl_PL pt_PT id_ID tr_TR vi_VN".split()
)


def private_words(
    words: Collection[str],
    texts: Sequence[str],
    *,
    common: bool = False,
    tokens: Tokens | None = None,
    written: Written | None = None,
) -> frozenset[str]:
    """Tell which words may be a name, number, address or handle.

    Capital letters inside sentences, what stands before and after, and lists of names decide;
    in doubt a word counts as private.

    Parameters
    ----------
    words : as :func:`afterword.text.cleaning.tokenise` gives them.
    texts : descriptions that hold them.
    common : whether the words are in wide use, so that a name in a list must also be written
        like one ("grace", "park").
    tokens : the words of the texts, if they were read before.
    written : as of :func:`~afterword.text.word_uses.uses_of`.

    Examples
    --------
    >>> texts = ["It was on bytetok.", "I met Zoltan at noon.", "he wrote to @quietfox"]
    >>> sorted(private_words(["bytetok", "zoltan", "quietfox"], texts))
    ['quietfox', 'zoltan']
    """
    words = list(dict.fromkeys(words))
    return private_from_uses(words, uses_of(words, texts, tokens, written=written), common=common)


def private_from_uses(
    words: Sequence[str],
    uses: Integers,
    *,
    common: bool = False,
    wide: Collection[str] = (),
) -> frozenset[str]:
    """Tell the same from how words are used, added up over any texts.

    Parameters
    ----------
    words, common : as above.
    uses : (u, 12), as :func:`~afterword.text.word_uses.uses_of` counts them.
    wide : words that so many descriptions hold that a capital alone makes no name of them; see
        :func:`is_wide`.
    """
    every = zip(words, uses.tolist(), strict=True)
    return frozenset(word for word, own in every if _is_private(word, own, common, word in wide))


def is_wide(held_by: int, descriptions: int) -> bool:
    """Whether a word stands in so many distinct descriptions that it is no person's name.

    >>> is_wide(70, 200), is_wide(60, 200), is_wide(9, 9)
    (True, False, False)
    """
    return held_by >= max(LEAST_WIDE, WIDE_SHARE * descriptions)


def kind_of(word: str, uses: Sequence[int]) -> str:
    """What a word is that is not shown: a link, a handle, a hashtag, a label, a number, or a name.

    Parameters
    ----------
    word : as :func:`afterword.text.cleaning.tokenise` gives it.
    uses : (12,) how it is used.
    """
    every, address, handle, tag, label = (uses[at] for at in (0, 4, 9, 10, 11))
    if 2 * address >= every:
        return HANDLE if 2 * handle >= address else LINK
    if 2 * tag >= every:
        return HASHTAG
    if holds_digit(word):
        return NUMBER
    return LABEL if 2 * label >= every else NAME


def one_of_kinds(kind: Any) -> str:
    """A kind that was kept, if it is one; "" otherwise.

    >>> one_of_kinds("link"), one_of_kinds("<b>")
    ('link', '')
    """
    return kind if kind in KINDS else ""


def _is_private(word: str, uses: Sequence[int], common: bool, wide: bool) -> bool:
    if holds_digit(word) or (not (common or wide) and len(word) < SHORTEST):
        return True
    every, inside, raised, first, address, thing, person, place, road = uses[:9]
    is_raised = 2 * raised >= inside > 0 or first > inside == 0
    # Scripts without capital letters do not tell names apart.
    is_raised = is_raised or word.upper() == word.lower()
    if word in _known_names() and (is_raised or not (common or wide)):
        return True
    every = max(every, 1)
    if 2 * address >= every:
        return True
    if 3 * max(person, road) >= every:
        return is_raised or not (common or wide)
    if wide:
        return False
    if 2 * thing >= every:
        return False
    return is_raised or (not common and 5 * place >= 3 * every)


@cache
def _known_names() -> frozenset[str]:
    """First and family names of several countries, in lower case and without accents."""
    names: set[str] = set()
    for locale in _LOCALES:
        provider = import_module(f"faker.providers.person.{locale}").Provider
        for kind in ("first_names", "first_names_male", "first_names_female", "last_names"):
            names.update(getattr(provider, kind, ()))
    return frozenset(word for name in names for word in tokenise(name) if len(word) > 2)

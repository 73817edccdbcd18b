"""Which words of a text may be shown: never what may be a name, number or address."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from functools import cache
from importlib import import_module
from typing import Final

import numpy as np

from afterword.text.cleaning import clean, tokenise

SHOWN_FROM: Final = 5
"""Distinct descriptions that must hold a word before anybody gets to see it."""
SHORTEST: Final = 3
"""Letters of a new word that is shown: shorter ones are initials, or debris."""
_TOKEN = re.compile(r"[^\W_]++(?:['’][^\W_]++)*+")
_ADDRESS = re.compile(r"(?<!\S)[^\s@]*+@\S++|(?:https?://|www\.)\S++", re.I)
"""Handles, mail addresses and links, with all words that they are made of."""
_ENDS = tuple('.!?…:"')
_ARTICLES = frozenset("a an the this that on via through using my their his her new".split())
_THINGS = frozenset("app apps video videos challenge clip clips site website account trend".split())
_PERSONS = frozenset(
    "mr mrs ms miss dr sir madam uncle aunt aunty named name officer inspector know met friend "
    "neighbour neighbor boyfriend girlfriend teacher boss cousin brother sister colleague".split()
)
_DEEDS = frozenset(
    "touched grabbed groped stared followed said told asked whistled commented pushed pinched "
    "harassed abused hugged kissed winked shouted laughed".split()
)
_PLACES = frozenset("in at near from outside opposite behind".split())
_ROADS = frozenset(
    "road street nagar lane avenue colony sector block chowk marg station market gate".split()
)
_LOCALES = (
    "en_US en_GB en_IN en_KE en_NG en_PK yo_NG ig_NG ha_NG zu_ZA sw hi_IN ne_NP es_ES fr_FR de_DE "
    "it_IT pl_PL pt_PT id_ID tr_TR vi_VN".split()
)


@dataclass
class _Uses:
    """How one word is used."""

    all: int = 0
    inside: int = 0  # not at the beginning of a sentence
    raised: int = 0  # of these, with a capital letter
    first: int = 0  # at the beginning, with a capital letter
    address: int = 0  # inside a handle, mail address or link
    thing: int = 0
    person: int = 0
    place: int = 0
    road: int = 0


USES: Final = len(fields(_Uses))
"""Numbers that are counted of a word's uses."""


def private_words(
    words: Collection[str], texts: Sequence[str], *, common: bool = False
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

    Examples
    --------
    >>> texts = ["It was on bytetok.", "I met Zoltan at noon.", "he wrote to @quietfox"]
    >>> sorted(private_words(["bytetok", "zoltan", "quietfox"], texts))
    ['quietfox', 'zoltan']
    """
    listed = list(words)
    return private_from_uses(listed, uses_of(listed, texts), common=common)


def uses_of(words: Sequence[str], texts: Sequence[str]) -> np.ndarray:
    """Count how words are used: (u, USES) numbers that add up from text to text.

    Parameters
    ----------
    words, texts : as :func:`private_words` takes them.
    """
    uses = {word: _Uses() for word in words}
    for text in texts:
        _count_uses(clean(text), uses)
    return np.array([astuple(uses[word]) for word in words], np.int64).reshape(-1, USES)


def private_from_uses(
    words: Sequence[str], uses: np.ndarray, *, common: bool = False
) -> frozenset[str]:
    """Tell which words may be a name, number, address or handle, by how they are used.

    Parameters
    ----------
    words : u words.
    uses : (u, USES) as :func:`uses_of` counts them.
    common : as for :func:`private_words`.
    """
    return frozenset(
        word
        for word, row in zip(words, uses.tolist(), strict=True)
        if _is_private(word, _Uses(*row), common)
    )


def _count_uses(text: str, uses: Mapping[str, _Uses]) -> None:
    matches = list(_TOKEN.finditer(text))
    tokens = ["".join(tokenise(match[0])) for match in matches]
    starts = [match[0][0] for match in matches]
    addresses = [match.span() for match in _ADDRESS.finditer(text)]
    begins = [begin for begin, _ in addresses]
    # Where most words have a capital, a capital says nothing.
    cased = 2 * sum(map(str.isupper, starts)) < len(starts)
    for at, token in enumerate(tokens):
        found = uses.get(token)
        if found is None:
            continue
        before = tokens[at - 1] if at else ""
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        found.all += 1
        place = matches[at].start()
        nearest = bisect_right(begins, place) - 1
        if nearest >= 0 and place < addresses[nearest][1]:
            found.address += 1
            continue
        found.thing += before in _ARTICLES or after in _THINGS
        named = before == "is" and at > 1 and tokens[at - 2] == "name"
        found.person += named or before in _PERSONS or after in _DEEDS
        found.place += before in _PLACES
        found.road += after in _ROADS
        if not cased:
            continue
        # A word ends in no mark that ends a sentence: what stands since the last one decides.
        if at and not text[matches[at - 1].end() : place].rstrip().endswith(_ENDS):
            found.inside += 1
            found.raised += starts[at].isupper()
        else:
            found.first += starts[at].isupper()


def _is_private(word: str, uses: _Uses, common: bool) -> bool:
    if any(map(str.isdigit, word)) or (not common and len(word) < SHORTEST):
        return True
    raised = 2 * uses.raised >= uses.inside > 0 or uses.first > uses.inside == 0
    # Scripts without capital letters do not tell names apart.
    raised = raised or word.upper() == word.lower()
    if word in _known_names() and (raised or not common):
        return True
    every = max(uses.all, 1)
    if 2 * uses.address >= every:
        return True
    if 3 * max(uses.person, uses.road) >= every:
        return raised or not common
    if 2 * uses.thing >= every:
        return False
    return raised or (not common and 5 * uses.place >= 3 * every)


@cache
def _known_names() -> frozenset[str]:
    """First and family names of several countries, in lower case and without accents."""
    names: set[str] = set()
    for locale in _LOCALES:
        provider = import_module(f"faker.providers.person.{locale}").Provider
        for kind in ("first_names", "first_names_male", "first_names_female", "last_names"):
            names.update(getattr(provider, kind, ()))
    return frozenset(word for name in names for word in tokenise(name) if len(word) > 2)

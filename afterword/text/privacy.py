"""Which words of a text may be shown: never what may be a name, number or address."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import accumulate
from typing import Final

import numpy as np

from afterword.arrays import Integers
from afterword.text.cleaning import clean, tokenise

SHOWN_FROM: Final = 5
"""Distinct descriptions that must hold a word before anybody gets to see it."""
SHORTEST: Final = 3
"""Letters of a new word that is shown: shorter ones are initials, or debris."""
_TOKEN = re.compile(r"([^\W_]++(?:['’][^\W_]++)*+)")
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


USES: Final = (
    "all",
    "inside",  # not at the beginning of a sentence
    "raised",  # of these, with a capital letter
    "first",  # at the beginning, with a capital letter
    "address",  # inside a handle, mail address or link
    "thing",
    "person",
    "place",
    "road",
)
"""What is counted of a word, in the order of the columns that :func:`uses_of` returns."""
_ALL, _INSIDE, _RAISED, _FIRST, _ADDRESSED, _THING, _PERSON, _PLACE, _ROAD = range(len(USES))


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
    words = list(words)
    return private_from_uses(words, uses_of(words, texts), common=common)


def private_from_uses(
    words: Sequence[str], uses: Integers, *, common: bool = False
) -> frozenset[str]:
    """Tell the same from how u words are used, (u, 9), added up over any texts."""
    every = zip(words, uses.tolist(), strict=True)
    return frozenset(word for word, own in every if _is_private(word, own, common))


def uses_of(words: Sequence[str], texts: Sequence[str]) -> Integers:
    """Count how words are used in some texts; counts of other texts may be added.

    Parameters
    ----------
    words : u different words, as :func:`afterword.text.cleaning.tokenise` gives them.
    texts : any descriptions.

    Returns
    -------
    (u, 9) with a column for each of :data:`USES`.

    Examples
    --------
    >>> uses_of(["zoltan"], ["I met Zoltan at noon.", "Zoltan ran off."])[0, :4].tolist()
    [2, 1, 1, 1]
    """
    rows = {word: row for row, word in enumerate(words)}
    counts = [[0] * len(USES) for _ in rows]
    written = _Written()
    for text in texts:
        _count_uses(clean(text), rows, counts, written)
    return np.array(counts, np.int64).reshape(-1, len(USES))


class _Written(dict[str, str]):
    """The word that is written in some way, which is found out once."""

    def __missing__(self, written: str) -> str:
        word = self[written] = "".join(tokenise(written))
        return word


def _count_uses(
    text: str, rows: Mapping[str, int], counts: Sequence[list[int]], written: _Written
) -> None:
    # What stands between the words and the words, in turn.
    pieces = _TOKEN.split(text)
    raw = pieces[1::2]
    tokens = [written[each] for each in raw]
    if rows.keys().isdisjoint(tokens):
        return
    starts = [each[0] for each in raw]
    # Where most words have a capital, a capital says nothing.
    cased = 2 * sum(map(str.isupper, starts)) < len(starts)
    addressed = _addressed(text, pieces)
    for at, token in enumerate(tokens):
        row = rows.get(token)
        if row is None:
            continue
        found = counts[row]
        found[_ALL] += 1
        if at in addressed:
            found[_ADDRESSED] += 1
            continue
        _count_neighbours(found, tokens, at)
        if not cased:
            continue
        # A word ends in no mark that ends a sentence: what stands since the last one decides.
        if at and not pieces[2 * at].rstrip().endswith(_ENDS):
            found[_INSIDE] += 1
            found[_RAISED] += starts[at].isupper()
        else:
            found[_FIRST] += starts[at].isupper()


def _addressed(text: str, pieces: Sequence[str]) -> Collection[int]:
    """Which words of a text stand inside a handle, mail address or link."""
    if "@" not in text and "://" not in text and "www." not in text.lower():
        return ()
    begins = list(accumulate(map(len, pieces)))[::2]
    return frozenset(
        at
        for match in _ADDRESS.finditer(text)
        for at in range(bisect_left(begins, match.start()), bisect_left(begins, match.end()))
    )


def _count_neighbours(found: list[int], tokens: Sequence[str], at: int) -> None:
    before = tokens[at - 1] if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    named = before == "is" and at > 1 and tokens[at - 2] == "name"
    found[_THING] += before in _ARTICLES or after in _THINGS
    found[_PERSON] += named or before in _PERSONS or after in _DEEDS
    found[_PLACE] += before in _PLACES
    found[_ROAD] += after in _ROADS


def _is_private(word: str, uses: Sequence[int], common: bool) -> bool:
    if any(map(str.isdigit, word)) or (not common and len(word) < SHORTEST):
        return True
    every, inside, raised, first, address, thing, person, place, road = uses
    is_raised = 2 * raised >= inside > 0 or first > inside == 0
    # Scripts without capital letters do not tell names apart.
    is_raised = is_raised or word.upper() == word.lower()
    if word in _known_names() and (is_raised or not common):
        return True
    every = max(every, 1)
    if 2 * address >= every:
        return True
    if 3 * max(person, road) >= every:
        return is_raised or not common
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

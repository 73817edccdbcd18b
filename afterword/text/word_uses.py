"""How words are used in texts: with capitals, after articles, beside titles, in addresses, as tags.

What stands around a word tells names from other words, as :mod:`afterword.text.privacy` does.
Counts are integers for each word, which may be added up over any parts of a batch. Texts in ASCII
that hold nothing to repair and no address are counted together; others one by one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate, chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from afterword.arrays import Integers
from afterword.text.chunks import in_parts
from afterword.text.cleaning import clean, tokenise
from afterword.text.words import (
    AT_ONCE,
    FEW,
    Known,
    Tokens,
    join_ascii,
    read_tokens,
    rows_with,
    to_repair,
)

_TOKEN = re.compile(r"([^\W_]++(?:['’][^\W_]++)*+)")
_ADDRESS = re.compile(r"(?<!\S)[^\s@]*+@\S++|(?:https?://|www\.)\S++", re.I)
"""Handles, mail addresses and links, with all words that they are made of."""
_APART_FROM: Final = (b"@", b"://", b"www.", b"''")
"""What texts hold that are looked at one by one: an address, or apostrophes that join nothing."""
_AFTER_LABEL = re.compile(r":[\x00-\x20\x7f]")
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
    "handle",  # inside an address that holds @
    "tag",  # after #
    "label",  # before a colon, and white space or the end
)
"""What is counted of a word, in the order of the columns that :func:`uses_of` returns."""
(
    _ALL,
    _INSIDE,
    _RAISED,
    _FIRST,
    _ADDRESSED,
    _THING,
    _PERSON,
    _PLACE,
    _ROAD,
    _HANDLE,
    _TAG,
    _LABEL,
) = range(len(USES))

_CUES: Final = (_ARTICLES, _THINGS, _PERSONS, _DEEDS, _PLACES, _ROADS, {"is"}, {"name"})
"""Words around a word that tell how it is used."""
_BORDER: Final = 255
"""The byte between two texts, as :func:`~afterword.text.words.join_ascii` writes it."""
_SMALL, _CAPITAL, _SPACE, _END, _JOINS, _OTHER = range(6)
"""Kinds of characters in ASCII; an apostrophe joins."""


def _kind(byte: int) -> int:
    sign = chr(byte)
    if byte < 128 and sign.isalnum():
        return _CAPITAL if sign.isupper() else _SMALL
    if sign in _ENDS:
        return _END
    # Controls become spaces where a text is cleaned.
    return _JOINS if sign == "'" else _SPACE if byte <= 32 or byte == 127 else _OTHER


_KINDS: Final = bytes(map(_kind, range(256)))


def uses_of(
    words: Sequence[str],
    texts: Sequence[str],
    tokens: Tokens | None = None,
    times: Integers | None = None,
    written: Written | None = None,
) -> Integers:
    """Count how words are used in some texts; counts of other texts may be added.

    Parameters
    ----------
    words : u different words, as :func:`afterword.text.cleaning.tokenise` gives them.
    texts : any descriptions.
    tokens : their words, if they were read before.
    times : how often each text counts; once if None.
    written : what was found out of other texts, and goes on being filled.

    Returns
    -------
    (u, 12) with a column for each of :data:`USES`.

    Examples
    --------
    >>> uses_of(["zoltan"], ["I met Zoltan at noon.", "Zoltan ran off."])[0, :4].tolist()
    [2, 1, 1, 1]
    """
    rows = {word: row for row, word in enumerate(words)}
    together = np.zeros((len(rows), len(USES)), np.int64)
    each: dict[int, list[int]] = defaultdict(lambda: [0] * len(USES))
    written = Written() if written is None else written
    times = np.ones(len(texts), np.int64) if times is None else times
    if len(texts) <= FEW:
        for text, many in zip(texts, times.tolist(), strict=True):
            _count_uses(clean(text), rows, each, written, many)
    else:
        asked = list(dict.fromkeys(chain(words, *map(sorted, _CUES))))
        tokens = tokens or read_tokens(texts, Known(asked))
        numbers, begin = _numbers_among(asked, tokens), 0
        is_cue = _cues_among(asked)
        for part in in_parts(texts, AT_ONCE):
            ends = tokens.ends[begin : begin + len(part) + 1]
            some = _Some(part, numbers[ends[0] : ends[-1]], ends - ends[0], len(rows))
            own = times[begin : begin + len(part)]
            for place, text in some.others.items():
                _count_uses(text, rows, each, written, int(own[place]))
            together += _count_together(some, is_cue, own)
            begin += len(part)
    for row, counts in each.items():
        together[row] += counts
    return together


def _cues_among(asked: Sequence[str]) -> NDArray[np.bool_]:
    """Which of some words are among each of :data:`_CUES`; and one place more, of none."""
    place = {word: number for number, word in enumerate(asked)}
    found = np.zeros((len(_CUES), len(asked) + 1), bool)
    for own, cues in zip(found, _CUES, strict=True):
        own[[place[word] for word in cues]] = True
    return found


def _numbers_among(asked: Sequence[str], tokens: Tokens) -> Integers:
    """The place of each token among the words that are asked for; their number for all others."""
    place = {word: number for number, word in enumerate(asked)}
    every = chain(tokens.known, tokens.unknown)
    found = np.array([place.get(word, len(asked)) for word in every], np.int64)
    return found[tokens.numbers]


class _Some:
    """Some texts, and which of them can be looked at together: those in ASCII, once cleaned.

    Their words are the runs of letters and digits, with single apostrophes in them, and none
    stands in an address.

    Parameters
    ----------
    texts : n, as they came in.
    numbers, ends : their words, and where those of each text begin.
    u : words that are asked for; theirs are the numbers below.

    Attributes
    ----------
    at, row : the uses of words that are asked for, in texts that are looked at together.
    plain : these, cleaned, as :func:`~afterword.text.words.join_ascii` gives them.
    plain_ends : (n + 1,) where the words of each of these begin among theirs.
    others : place → text of the rest, cleaned; its words may be others here than elsewhere.
    """

    def __init__(self, texts: Sequence[str], numbers: Integers, ends: Integers, u: int) -> None:
        self.numbers, self.ends, self.u = numbers, ends, u
        at = np.flatnonzero(numbers < u)
        row = np.searchsorted(ends, at, "right") - 1
        cleaned = list(texts)
        for place in to_repair(texts):
            cleaned[place] = clean(texts[place])
        is_plain = np.fromiter(map(str.isascii, cleaned), bool, len(texts))
        self.plain = join_ascii(cleaned, is_plain.tolist())
        apart = rows_with(self.plain, _APART_FROM)
        if len(apart):
            is_plain[apart] = False
            self.plain = join_ascii(cleaned, is_plain.tolist())
        self.others = {place: cleaned[place] for place in np.flatnonzero(~is_plain).tolist()}
        self.at, self.row = at[is_plain[row]], row[is_plain[row]]
        self.plain_ends = np.concatenate([[0], np.cumsum(np.diff(ends) * is_plain)])


def _may_hold_address(text: str) -> bool:
    return "@" in text or "://" in text or "www." in text.lower()


def _count_together(some: _Some, is_cue: NDArray[np.bool_], times: Integers) -> Integers:
    """Count how words are used in the texts that are looked at together, (u, 12).

    Parameters
    ----------
    some : the texts.
    is_cue : for each of :data:`_CUES`, which numbers are those of its words; the last is of none.
    times : how often each text counts.
    """
    numbers, ends, at, row = some.numbers, some.ends, some.at, some.row
    other = is_cue.shape[1] - 1
    padded = np.concatenate([numbers, [other, other]])
    before, second, after = (
        np.where(inside, padded[at + step], other)
        for step, inside in (
            (-1, at - 1 >= ends[row]),
            (-2, at - 2 >= ends[row]),
            (1, at + 1 < ends[row + 1]),
        )
    )
    articles, _, persons, _, places, _, named, _ = is_cue[:, before]
    _, things, _, deeds, _, roads, _, _ = is_cue[:, after]
    named &= is_cue[-1, second]
    cased, begins, raised, tagged, labels = _marks(some)
    uses = (
        np.ones(len(at), bool),
        cased & ~begins,
        cased & ~begins & raised,
        cased & begins & raised,
        np.zeros(len(at), bool),
        articles | things,
        named | persons | deeds,
        places,
        roads,
        np.zeros(len(at), bool),
        tagged,
        labels,
    )
    own, many = numbers[at], times[row]
    counts = [np.bincount(own[use], many[use], some.u) for use in uses]
    return np.stack(counts, axis=1).astype(np.int64)


def _marks(some: _Some) -> tuple[NDArray[np.bool_], ...]:
    """What capitals and signs say of each use.

    Do capitals say something in that text, does the word begin a sentence, has it one, does it
    follow a #, is it a label before a colon?
    """
    kinds = np.frombuffer(some.plain.translate(_KINDS), np.uint8)
    signs = np.frombuffer(some.plain, np.uint8)
    is_word = kinds <= _CAPITAL
    goes_on = is_word[:-1].copy()
    goes_on[1:] |= (kinds[1:-1] == _JOINS) & is_word[:-2]
    starts = np.flatnonzero(is_word[1:] & ~goes_on) + 1
    raised = kinds[starts] == _CAPITAL
    of_row = np.diff(np.concatenate([[0], np.cumsum(raised)])[some.plain_ends])
    nth = some.plain_ends[some.row] + some.at - some.ends[some.row]
    place = starts[nth]
    spaces = kinds == _SPACE
    gaps = np.flatnonzero(spaces[1:] & ~spaces[:-1])
    # What stands last before a word, or before the white space before it.
    spaced = spaces[place - 1]
    last = place - 1
    last[spaced] = gaps[np.searchsorted(gaps, place[spaced]) - 1]
    begins = (some.at == some.ends[some.row]) | (kinds[last] == _END)
    colons = np.flatnonzero(signs[:-1] == ord(":"))
    colons = colons[is_word[colons - 1] & (spaces[colons + 1] | (signs[colons + 1] == _BORDER))]
    labels = np.zeros(len(starts), bool)
    labels[np.searchsorted(starts, colons) - 1] = True
    cased = (2 * of_row < np.diff(some.ends))[some.row]
    return cased, begins, raised[nth], signs[place - 1] == ord("#"), labels[nth]


class Written(dict[str, str]):
    """The word that is written in some way, which is found out once."""

    def __missing__(self, written: str) -> str:
        word = self[written] = "".join(tokenise(written))
        return word


def _count_uses(
    text: str,
    rows: Mapping[str, int],
    counts: Mapping[int, list[int]],
    written: Written,
    times: int,
) -> None:
    """Count how words are used in one cleaned text, so many times."""
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
    pieces[-1] += " "  # the end ends a label as white space does
    for at, token in enumerate(tokens):
        row = rows.get(token)
        if row is None:
            continue
        found = counts[row]
        found[_ALL] += times
        if at in addressed:
            found[_ADDRESSED] += times
            found[_HANDLE] += times * addressed[at]
            continue
        _count_neighbours(found, tokens, at, times)
        found[_TAG] += times * pieces[2 * at].endswith("#")
        found[_LABEL] += times * (_AFTER_LABEL.match(pieces[2 * at + 2]) is not None)
        if not cased:
            continue
        # A word ends in no mark that ends a sentence: what stands since the last one decides.
        if at and not pieces[2 * at].rstrip().endswith(_ENDS):
            found[_INSIDE] += times
            found[_RAISED] += times * starts[at].isupper()
        else:
            found[_FIRST] += times * starts[at].isupper()


def _addressed(text: str, pieces: Sequence[str]) -> Mapping[int, bool]:
    """Which words of a text stand inside a handle, mail address or link; whether @ is in it."""
    if not _may_hold_address(text):
        return {}
    begins = list(accumulate(map(len, pieces)))[::2]
    return {
        at: "@" in match[0]
        for match in _ADDRESS.finditer(text)
        for at in range(bisect_left(begins, match.start()), bisect_left(begins, match.end()))
    }


def _count_neighbours(found: list[int], tokens: Sequence[str], at: int, times: int) -> None:
    before = tokens[at - 1] if at else ""
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    named = before == "is" and at > 1 and tokens[at - 2] == "name"
    found[_THING] += times * (before in _ARTICLES or after in _THINGS)
    found[_PERSON] += times * (named or before in _PERSONS or after in _DEEDS)
    found[_PLACE] += times * (before in _PLACES)
    found[_ROAD] += times * (after in _ROADS)

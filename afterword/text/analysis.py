"""Many texts looked through once: measures, flags, words and copies of each of them.

What :mod:`afterword.text.descriptors` and :mod:`afterword.text.flags` say of one text is found
here for thousands at once, with equal results. The characters of all texts are counted together,
and what depends on a word is found out once for each word. A text is looked at by itself only
where it holds what few texts hold: markup, escapes, white space at its ends, no white space at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from afterword.arrays import Floats, Integers
from afterword.text.characters import Alphabet, Characters, count_characters
from afterword.text.chunks import in_parts
from afterword.text.descriptors import (
    DESCRIPTORS,
    count_markup,
    count_sentences,
    from_codes,
    measure,
    on_grid,
    to_codes,
)
from afterword.text.flags import (
    JOINED_FROM,
    LEAST_TITLES,
    LONGEST_FRAGMENT,
    MOSTLY,
    cut_length,
    ends_in_dots,
    is_broken,
    is_link,
)
from afterword.text.placeholders import LONGEST_PLACEHOLDER
from afterword.text.words import (
    AT_ONCE,
    COMMON,
    FILLER,
    FILLS,
    FIRST,
    JOINED,
    LENGTH,
    UNKNOWN,
    Lexicon,
    Tokens,
    line_up,
    read_words,
)

if TYPE_CHECKING:
    import pandas as pd

FEW: Final = 64
"""Texts up to which looking at each by itself is faster."""

_MIX: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)

Array = TypeVar("Array", bound=np.ndarray)


@dataclass(frozen=True)
class Analysis:
    """What was found in each of n texts; in memory only.

    Attributes
    ----------
    codes : (n, 14) places of the values on the grids of
        :data:`~afterword.text.descriptors.DESCRIPTORS`.
    flags : (n, f) bool, one column per entry of :data:`~afterword.text.flags.TEXT_FLAGS`.
    lengths : (n,) characters; 0 for texts that end as a sentence does, which nothing has cut.
    digests : (n,) 64 bits under the caller's key: equal for texts that are equal once normalised,
        and different for others but for one pair in 2^64.
    words : (n, w) 1 where a text holds a word of the vocabulary.
    unknown : (n, u) 1 where a text holds an unknown word.
    tokens : every word in its order.
    """

    codes: NDArray[np.uint8]
    flags: NDArray[np.bool_]
    lengths: Integers
    digests: NDArray[np.uint64]
    words: sp.csr_matrix
    unknown: sp.csr_matrix
    tokens: Tokens

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def unknown_words(self) -> tuple[str, ...]:
        """The u unknown words, in the order in which they were met."""
        return self.tokens.unknown

    @property
    def keys(self) -> Integers:
        """(n,) equal for texts that are equal once normalised, numbered as they were met."""
        _, first, own = np.unique(self.digests, return_index=True, return_inverse=True)
        place = np.empty(len(first), np.int64)
        place[np.argsort(first)] = np.arange(len(first))
        numbered: Integers = place[own]
        return numbered

    def descriptors(self) -> dict[str, np.ndarray]:
        """The measures of each text: name → values (n,), float32, on their grids."""
        return {
            descriptor.name: from_codes(descriptor, self.codes[:, column])
            for column, descriptor in enumerate(DESCRIPTORS)
        }


def analyse(
    texts: Sequence[str],
    known: Iterable[str],
    *,
    key: bytes = b"",
    progress: Callable[[float], object] | None = None,
) -> Analysis:
    """Look through texts, once.

    Parameters
    ----------
    texts : n descriptions as they came in: cleaning would hide what an export broke.
    known : the w words of the vocabulary, in the order of their places.
    key : of the digests, at most 64 bytes; one of its own for each call if there is none.
    progress : called with the share of texts done, in [0, 1].

    Examples
    --------
    >>> found = analyse(["He stared...", "On the BUS.", "on the bus"], ["bus", "he", "on"])
    >>> found.keys.tolist(), found.unknown_words, found.words.indices.tolist()
    ([0, 1, 1], ('stared', 'the'), [1, 2, 0, 2, 0])
    >>> found.flags[:, 7].tolist(), found.lengths.tolist()
    ([True, False, False], [12, 0, 10])
    """
    lexicon, alphabet = Lexicon(known, key or token_bytes(16)), Alphabet()
    parts, done = [], 0
    for part in in_parts(texts, AT_ONCE) if len(texts) else [texts]:
        parts.append(_look_through(part, lexicon, alphabet))
        done += len(part)
        if progress:
            progress(done / max(len(texts), 1))
    whole = _Part(*map(_put_together, _Part._fields, zip(*parts, strict=True)))
    w, held, ends = len(lexicon.known), whole.held, whole.held_ends
    return Analysis(
        codes=whole.codes,
        flags=whole.flags,
        lengths=whole.lengths,
        digests=whole.digests,
        words=_presence(held, held < w, ends, w),
        unknown=_presence(held - w, held >= w, ends, len(lexicon.unknown)),
        tokens=Tokens(whole.numbers, whole.ends, lexicon.unknown),
    )


def _put_together(name: str, parts: Sequence[np.ndarray]) -> np.ndarray:
    return line_up(parts) if name.endswith("ends") else np.concatenate(parts)


def describe(texts: Sequence[str], vocabulary: Collection[str]) -> pd.DataFrame:
    """Measure texts.

    Parameters
    ----------
    texts : n descriptions.
    vocabulary : the words that the model learned, as :func:`afterword.text.cleaning.tokenise` gives
        them; other words are unknown.

    Returns
    -------
    DataFrame (n, 14), float32: one column per entry of
    :data:`~afterword.text.descriptors.DESCRIPTORS`, each value on that descriptor's grid. The
    index is that of ``texts`` if it has one.

    Examples
    --------
    >>> describe(["He stared at me."], {"he", "at", "me"})["unknown_words"].item() < 0.3
    True
    """
    import pandas as pd

    index = getattr(texts, "index", None)
    columns = measure_texts(texts, vocabulary)
    return pd.DataFrame(columns, index=index if isinstance(index, pd.Index) else None)


def measure_texts(texts: Sequence[str], vocabulary: Collection[str]) -> dict[str, np.ndarray]:
    """Measure texts as :func:`describe` does; name → values (n,), without a frame around them."""
    texts = list(texts)
    if len(texts) > FEW:
        return analyse(texts, vocabulary).descriptors()
    values = np.reshape([measure(text, vocabulary) for text in texts], (-1, len(DESCRIPTORS)))
    return {
        descriptor.name: on_grid(descriptor, values[:, column])
        for column, descriptor in enumerate(DESCRIPTORS)
    }


class _Part(NamedTuple):
    """What was found in some texts: as in :class:`Analysis`, and the words of each once."""

    codes: NDArray[np.uint8]
    flags: NDArray[np.bool_]
    lengths: Integers
    digests: NDArray[np.uint64]
    numbers: NDArray[np.int32]
    ends: Integers
    held: Integers
    held_ends: Integers


@dataclass(frozen=True)
class _Some:
    """Some texts, and what their characters and words are.

    Attributes
    ----------
    texts : n, as they came in.
    sizes : (n,) characters of each.
    characters : of each, counted.
    numbers, ends : their words, as :func:`~afterword.text.words.read_words` gives them.
    counts : (n,) words of each.
    sums : (n, 7) of its words' properties.
    """

    texts: Sequence[str]
    sizes: Integers
    characters: Characters
    numbers: Integers
    ends: Integers
    counts: Integers
    sums: Floats

    def ask(self, mask: NDArray[np.bool_], found: Array, question: Callable[[str], Any]) -> Array:
        """Put a question to the texts for which the answer was not found with all others."""
        found = found.copy()
        for row in np.flatnonzero(mask).tolist():
            found[row] = question(self.texts[row])
        return found


def _look_through(texts: Sequence[str], lexicon: Lexicon, alphabet: Alphabet) -> _Part:
    numbers, ends = read_words(texts, lexicon)
    lexicon.look_up(numbers)
    n, counts = len(texts), np.diff(ends)
    bags = sp.csr_matrix((np.ones(len(numbers)), numbers, ends), (n, len(lexicon.properties)))
    some = _Some(
        texts=texts,
        sizes=np.fromiter(map(len, texts), np.int64, n),
        characters=count_characters(texts, alphabet),
        numbers=numbers,
        ends=ends,
        counts=counts,
        sums=bags @ lexicon.properties,
    )
    once = _first_uses(some, len(lexicon.words))
    held_ends = np.concatenate([[0], np.cumsum(once)])[ends]
    longest = np.zeros(n)
    filled = np.flatnonzero(counts)
    if len(filled):
        lengths = lexicon.properties[numbers, LENGTH]
        longest[filled] = np.maximum.reduceat(lengths, ends[filled])
    values = _values(some, longest, np.diff(held_ends))
    codes = [to_codes(each, own) for each, own in zip(DESCRIPTORS, values, strict=True)]
    padded = some.characters.padded > 0
    dots = some.ask(padded, some.characters.dots > 0, ends_in_dots)
    cut = dots | (some.characters.whole == 0)
    return _Part(
        codes=np.stack(codes, axis=1),
        flags=np.stack(_flags(some, dots), axis=1),
        lengths=some.ask(padded, np.where(cut, some.sizes, 0), cut_length),
        digests=_digests(lexicon.hashes[numbers], ends),
        numbers=numbers.astype(np.int32),
        ends=ends,
        held=numbers[once],
        held_ends=held_ends,
    )


def _first_uses(some: _Some, words: int) -> NDArray[np.bool_]:
    """Which words of the texts stand there for the first time in their text, (t,)."""
    t = len(some.numbers)
    row = np.repeat(np.arange(len(some.counts)), some.counts)
    # Text, word and place in one number, so that one sort puts the first uses first.
    bits = t.bit_length()
    keys = np.sort(((row * words + some.numbers) << bits) | np.arange(t))
    once = np.zeros(t, bool)
    once[keys[np.diff(keys >> bits, prepend=-1) != 0] & ((1 << bits) - 1)] = True
    return once


def _values(some: _Some, longest: Floats, distinct: Integers) -> list[np.ndarray]:
    """What :func:`~afterword.text.descriptors.measure` says of each text: 14 times (n,)."""
    characters, counts, sums = some.characters, some.counts, some.sums
    lines = (characters.padded > 0) & (characters.lines > 0)
    sentences = some.ask(lines, characters.sentences, count_sentences)
    markup = some.ask(characters.marks > 0, np.zeros_like(counts), count_markup)
    signs = np.maximum(some.sizes - characters.blanks, 1)
    each = np.maximum(counts, 1)
    return [
        some.sizes,
        counts,
        sums[:, LENGTH] / each,
        longest,
        counts / np.maximum(sentences, 1),
        sums[:, UNKNOWN] / each,
        sums[:, COMMON] / each,
        sums[:, FIRST] / each,
        1 - characters.letters / signs,
        characters.capitals / np.maximum(characters.letters, 1),
        characters.digits / signs,
        characters.foreign / signs,
        np.where(counts > 0, 1 - distinct / each, 0.0),
        markup / each,
    ]


def _flags(some: _Some, dots: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """What :func:`~afterword.text.flags.flags_of` says of each text, flag by flag (n,)."""
    characters, counts, sums = some.characters, some.counts, some.sums
    least = MOSTLY * characters.letters
    shouted = (counts > 1) & (characters.capitals >= least) & (least > 0)
    titles = characters.raised >= MOSTLY * characters.first_letters
    none = np.zeros(len(counts), bool)
    links = some.ask(characters.parts == 1, none, is_link)
    few = (counts <= LONGEST_FRAGMENT) & (characters.foreign == 0) & (sums[:, COMMON] == 0)
    return [
        (characters.titles == 0) & (characters.lower > 0),
        shouted,
        (characters.first_letters > LEAST_TITLES) & ~shouted & titles,
        some.ask((characters.escapes > 0) | (characters.foreign > 0), none, is_broken),
        sums[:, JOINED] >= JOINED_FROM,
        (counts <= LONGEST_PLACEHOLDER) & (sums[:, FILLS] == counts) & (sums[:, FILLER] > 0),
        (2 * characters.signs > some.sizes - characters.spaces) | links | few,
        dots,
        _doubled(some),
    ]


def _doubled(some: _Some) -> NDArray[np.bool_]:
    """Which texts hold the same words twice, with one between them or none."""
    found = np.zeros(len(some.counts), bool)
    rows = np.flatnonzero(some.counts > LONGEST_FRAGMENT)
    begins, ends = some.ends[rows], some.ends[rows + 1]
    half = (ends - begins) // 2
    alike = some.numbers[begins] == some.numbers[ends - half]
    alike &= some.numbers[begins + half - 1] == some.numbers[ends - 1]
    for row, begin, end, size in np.stack([rows, begins, ends, half], axis=1)[alike].tolist():
        found[row] = np.array_equal(
            some.numbers[begin : begin + size], some.numbers[end - size : end]
        )
    return found


def _digests(hashes: NDArray[np.uint64], ends: Integers) -> NDArray[np.uint64]:
    """Add up what the hash of each word and its place in the text mix to [1]_.

    A sum of products would be equal for texts that one can make without the key.

    References
    ----------
    .. [1] Steele, G. L., Lea, D. and Flood, C. H. (2014). Fast splittable pseudorandom number
       generators. OOPSLA 2014, 453–472: the finaliser.
    """
    counts = np.diff(ends)
    place = np.arange(len(hashes)) - np.repeat(ends[:-1], counts)
    mixed = hashes + place.astype(np.uint64) * _STEP
    for shift, factor in zip((30, 27), _MIX, strict=True):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * factor
    mixed ^= mixed >> np.uint64(31)
    found = np.zeros(len(counts), np.uint64)
    filled = np.flatnonzero(counts)
    if len(filled):
        found[filled] = np.add.reduceat(mixed, ends[filled])
    return found


def _presence(
    held: Integers, wanted: NDArray[np.bool_], ends: Integers, width: int
) -> sp.csr_matrix:
    """(n, width) 1 where a text holds a word, of those that are wanted."""
    own = held[wanted]
    pointers = np.concatenate([[0], np.cumsum(wanted)])[ends]
    return sp.csr_matrix((np.ones(len(own), np.int64), own, pointers), (len(ends) - 1, width))

"""Many texts looked through once: measures, flags, words and copies of each of them.

What :mod:`afterword.text.descriptors` and :mod:`afterword.text.flags` say of one text is found
here for thousands at once, with equal results. The characters of all texts are counted together,
and what depends on a word is found out once for each word. A text is looked at by itself only
where it holds what few texts hold: markup, escapes, white space at its ends, no white space at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, pairwise
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np
import scipy
from numpy.typing import NDArray

from afterword.arrays import Floats, Integers
from afterword.text.characters import Alphabet, Characters, count_characters
from afterword.text.chunks import in_parts
from afterword.text.cleaning import clean, tokenise
from afterword.text.damage_of_many import find_damages
from afterword.text.descriptors import (
    DESCRIPTORS,
    count_markup,
    count_sentences,
    from_codes,
    measure,
    to_codes,
)
from afterword.text.digests import digests_of
from afterword.text.flags import (
    JOINED_FROM,
    LEAST_TITLES,
    LONGEST_FRAGMENT,
    MOSTLY,
    TEXT_FLAGS,
    cut_length,
    ends_in_dots,
    flags_of,
    is_broken,
    is_link,
)
from afterword.text.placeholders import LONGEST_PLACEHOLDER
from afterword.text.traces import LEAST_WORDS
from afterword.text.traces_of_many import find_traces
from afterword.text.words import (
    AT_ONCE,
    COMMON,
    FEW,
    FILLER,
    FILLS,
    FIRST,
    JOINED,
    LENGTH,
    UNKNOWN,
    Known,
    Lexicon,
    Tokens,
    Vocabulary,
    line_up,
    number_words,
    read_words,
)

if TYPE_CHECKING:
    import pandas as pd
    import scipy.sparse as sp

Array = TypeVar("Array", bound=np.ndarray)

_KEY: Final = token_bytes(16)
"""Of digests that are compared within a batch alone."""


@dataclass(frozen=True)
class Analysis:
    """What was found in each of n texts; in memory only.

    Attributes
    ----------
    codes : (n, 14) places of the values on the grids of
        :data:`~afterword.text.descriptors.DESCRIPTORS`.
    flags : (n, f) bool, one column per entry of :data:`~afterword.text.flags.TEXT_FLAGS`.
    lengths : (n,) characters; 0 for texts that end as a sentence does, which nothing has cut.
    tokens : the words of each in their order.
    held : the words of each once, as numbers, in the order of their first uses.
    held_ends : (n + 1,) where those of each begin, and the last ones end.
    """

    codes: NDArray[np.uint8]
    flags: NDArray[np.bool_]
    lengths: Integers
    tokens: Tokens
    held: Integers
    held_ends: Integers

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def unknown_words(self) -> tuple[str, ...]:
        """The u unknown words, in the order in which they were met."""
        return tuple(self.tokens.unknown)

    @cached_property
    def words(self) -> sp.csr_matrix:
        """(n, w) 1 where a text holds a word of the vocabulary."""
        w = len(self.tokens.known)
        return _presence(self.held, self.held < w, self.held_ends, w)

    @cached_property
    def unknown(self) -> sp.csr_matrix:
        """(n, u) 1 where a text holds an unknown word."""
        own = self.held - len(self.tokens.known)
        return _presence(own, own >= 0, self.held_ends, len(self.tokens.unknown))

    @cached_property
    def keys(self) -> Integers:
        """(n,) equal for texts that are equal once normalised, numbered as they were met."""
        digests = self.digests(_KEY)
        _, first, own = np.unique(digests, return_index=True, return_inverse=True)
        place = np.empty(len(first), np.int64)
        place[np.argsort(first)] = np.arange(len(first))
        numbered: Integers = place[own]
        return numbered

    def digests(self, key: bytes) -> NDArray[np.uint64]:
        """(n,) 64 bits under a key, equal for texts of any batch that are equal once normalised."""
        return digests_of(self.tokens, key)

    def descriptors(self) -> dict[str, np.ndarray]:
        """The measures of each text: name → values (n,), float32, on their grids."""
        return {
            descriptor.name: from_codes(descriptor, self.codes[:, column])
            for column, descriptor in enumerate(DESCRIPTORS)
        }


def analyse(
    texts: Sequence[str],
    model: Vocabulary,
    *,
    progress: Callable[[float], object] | None = None,
    words: Sequence[Sequence[str]] | None = None,
) -> Analysis:
    """Look through texts, once.

    Parameters
    ----------
    texts : n descriptions as they came in: cleaning would hide what an export broke.
    model : whose vocabulary is used.
    progress : called with the share of texts done, in [0, 1].
    words : of each, where a few texts were read before, as
        :func:`afterword.text.cleaning.tokenise` gives them.

    Examples
    --------
    >>> model = Known(["bus", "he", "on"])
    >>> found = analyse(["He stared...", "On the BUS.", "on the bus"], model)
    >>> found.keys.tolist(), found.unknown_words, found.words.indices.tolist()
    ([0, 1, 1], ('stared', 'the'), [1, 2, 0, 2, 0])
    >>> found.flags[:, 7].tolist(), found.lengths.tolist()
    ([True, False, False], [12, 0, 10])
    """
    if len(texts) <= FEW:
        words = words or [tokenise(clean(text)) for text in texts]
        found, unknown = _look_at_each(texts, words, model)
        if progress:
            progress(1.0)
    else:
        found, unknown = _look_at_many(texts, model, progress)
    tokens = Tokens(found.numbers, found.ends, model.words, unknown)
    return Analysis(found.codes, found.flags, found.lengths, tokens, found.held, found.held_ends)


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
    return analyse(texts, Known(vocabulary)).descriptors()


class _Part(NamedTuple):
    """What was found in some texts: as in :class:`Analysis`, and the words of each once."""

    codes: NDArray[np.uint8]
    flags: NDArray[np.bool_]
    lengths: Integers
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
    sums : (n, 9) of its words' properties.
    """

    texts: Sequence[str]
    sizes: Integers
    characters: Characters
    numbers: Integers
    ends: Integers
    counts: Integers
    sums: Floats

    @property
    def shouted(self) -> NDArray[np.bool_]:
        """(n,) Which are all in capitals."""
        least = MOSTLY * self.characters.letters
        return (self.counts > 1) & (self.characters.capitals >= least) & (least > 0)

    def ask(self, mask: NDArray[np.bool_], found: Array, question: Callable[[str], Any]) -> Array:
        """Put a question to the texts for which the answer was not found with all others."""
        found = found.copy()
        for row in np.flatnonzero(mask).tolist():
            found[row] = question(self.texts[row])
        return found


def _look_at_each(
    texts: Sequence[str], words: Sequence[Sequence[str]], model: Vocabulary
) -> tuple[_Part, Sequence[str]]:
    """What is found in a few texts, and their unknown words."""
    each = list(zip(texts, words, strict=True))
    values = [measure(text, own, model.vocabulary) for text, own in each]
    columns = np.reshape(values, (-1, len(DESCRIPTORS))).T
    flags = [flags_of(text, own, model.vocabulary) for text, own in each]
    numbers, unknown = number_words(words, model.vocabulary)
    ends = list(accumulate(map(len, words), initial=0))
    held = [list(dict.fromkeys(numbers[begin:end])) for begin, end in pairwise(ends)]
    found = _Part(
        codes=_codes(columns),
        flags=np.reshape(flags, (-1, len(TEXT_FLAGS))).astype(bool),
        lengths=np.array([cut_length(text) for text in texts], np.int64),
        numbers=np.array(numbers, np.int32),
        ends=np.array(ends, np.int64),
        held=np.array(list(chain.from_iterable(held)), np.int64),
        held_ends=np.array(list(accumulate(map(len, held), initial=0)), np.int64),
    )
    return found, unknown


def _look_at_many(
    texts: Sequence[str], model: Vocabulary, progress: Callable[[float], object] | None
) -> tuple[_Part, Sequence[str]]:
    """The same of many texts, some thousand at a time."""
    lexicon, alphabet = Lexicon(model.words), Alphabet()
    parts, done = [], 0
    for part in in_parts(texts, AT_ONCE):
        parts.append(_look_through(part, lexicon, alphabet))
        done += len(part)
        if progress:
            progress(done / len(texts))
    columns = zip(_Part._fields, zip(*parts, strict=True), strict=True)
    whole: list[Any] = [
        line_up(own) if name.endswith("ends") else np.concatenate(own) for name, own in columns
    ]
    return _Part(*whole), lexicon.unknown


def _codes(values: Iterable[np.ndarray]) -> NDArray[np.uint8]:
    """The places on their grids of 14 times (n,) values, (n, 14)."""
    codes = [to_codes(each, own) for each, own in zip(DESCRIPTORS, values, strict=True)]
    return np.stack(codes, axis=1)


def _look_through(texts: Sequence[str], lexicon: Lexicon, alphabet: Alphabet) -> _Part:
    numbers, ends = read_words(texts, lexicon)
    lexicon.look_up()
    n, counts = len(texts), np.diff(ends)
    bags = scipy.sparse.csr_matrix(
        (np.ones(len(numbers)), numbers, ends), (n, len(lexicon.properties))
    )
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
    padded = some.characters.padded > 0
    dots = some.ask(padded, some.characters.dots > 0, ends_in_dots)
    cut = dots | (some.characters.whole == 0)
    return _Part(
        codes=_codes(values),
        flags=np.stack([*_flags(some, dots), *_left(some, lexicon)], axis=1),
        lengths=some.ask(padded, np.where(cut, some.sizes, 0), cut_length),
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
    printed = some.sizes - characters.spaces
    signs = np.maximum(printed, 1)
    each = np.maximum(counts, 1)
    return [
        printed + np.maximum(characters.parts - 1, 0),
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
        (characters.foreign - characters.typeset) / signs,
        np.where(counts > 0, 1 - distinct / each, 0.0),
        markup / each,
    ]


def _flags(some: _Some, dots: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """What :func:`~afterword.text.flags.flags_of` says of each text, flag by flag (n,)."""
    characters, counts, sums = some.characters, some.counts, some.sums
    shouted = some.shouted
    titles = characters.raised >= MOSTLY * characters.first_letters
    none = np.zeros(len(counts), bool)
    links = some.ask(characters.parts == 1, none, is_link)
    few = (
        (counts <= LONGEST_FRAGMENT)
        & (characters.foreign == characters.typeset)
        & (sums[:, COMMON] == 0)
    )
    return [
        (characters.titles == 0) & (characters.lower > 0),
        shouted,
        (characters.first_letters > LEAST_TITLES) & ~shouted & titles,
        some.ask((characters.escapes > 0) | (characters.foreign > 0), none, is_broken),
        (sums[:, JOINED] >= JOINED_FROM)
        | ((counts >= LEAST_WORDS) & (characters.parts == 1) & ~links),
        (counts <= LONGEST_PLACEHOLDER) & (sums[:, FILLS] == counts) & (sums[:, FILLER] > 0),
        (2 * characters.signs > some.sizes - characters.spaces) | links | few,
        dots,
        _doubled(some),
    ]


def _left(some: _Some, lexicon: Lexicon) -> list[NDArray[np.bool_]]:
    """What a step left on each text, and what it took from it."""
    return [*find_traces(some, lexicon), *find_damages(some, lexicon)]


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


def _presence(
    held: Integers, wanted: NDArray[np.bool_], ends: Integers, width: int
) -> sp.csr_matrix:
    """(n, width) 1 where a text holds a word, of those that are wanted."""
    own = held[wanted]
    pointers = np.concatenate([[0], np.cumsum(wanted)])[ends]
    return scipy.sparse.csr_matrix(
        (np.ones(len(own), np.int64), own, pointers), (len(ends) - 1, width)
    )

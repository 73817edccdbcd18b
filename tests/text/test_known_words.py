"""Known words are told from all others, many at once."""

from __future__ import annotations

import random

import numpy as np

from afterword.text.cleaning import needs_repair
from afterword.text.known_words import KnownWords
from afterword.text.words import Lexicon, cut_words, read_words, to_repair
from tests.text.strange_texts import strange_texts


def test_every_known_word_of_up_to_sixteen_bytes_is_found_and_no_other_one() -> None:
    chance = random.Random(0)
    # Words that begin alike, end alike, or differ where one number ends and the next begins.
    stems = ("", "a", "ab", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghijklmno", "éé", "घूर")
    ends = ("", "a", "b", "0", "z", "é", "abcdefgh", "abcdefgi", "他")
    words = sorted({stem + end for stem in stems for end in ends if stem + end})
    known = chance.sample(words, len(words) // 2)
    # None of these stands in a text; none may be taken for another one.
    strange = ["", "a\0", "a b", "don't", "\ud800", "ab\0\0"]
    table = KnownWords([*known, *strange])
    shuffled = chance.choices(words, k=2_000)
    encoded = [word.encode() for word in shuffled]
    ends_at = np.cumsum([len(word) + 1 for word in encoded]) - 1
    begins = ends_at - [len(word) for word in encoded]
    found = table.find(b" ".join(encoded), begins, ends_at).tolist()
    assert found == [
        known.index(word) if word in known and len(own) <= 16 else -1
        for word, own in zip(shuffled, encoded, strict=True)
    ]
    assert 200 < sum(place < 0 for place in found) < 1_800


def test_without_known_words_none_is_found() -> None:
    assert KnownWords([]).find(b"he", np.array([0]), np.array([2])).tolist() == [-1]


def test_words_are_numbered_as_they_are_met_whether_the_table_finds_them_or_not() -> None:
    lexicon = Lexicon(["a" * 16, "b" * 17, "he"])
    texts = [b"he " + b"b" * 17 + b" tram", b"", b"c" * 70 + b" tram he'" + b" " + b"a" * 16]
    numbers, ends = cut_words(texts, lexicon)
    assert numbers.tolist() == [2, 1, 3, 4, 3, 2, 0]
    assert ends.tolist() == [0, 3, 3, 7]
    assert lexicon.unknown == ("tram", "c" * 64)
    assert read_words([], lexicon)[1].tolist() == [0]


def test_the_texts_to_repair_are_those_that_need_it() -> None:
    texts = strange_texts()
    assert to_repair(texts) == [row for row, text in enumerate(texts) if needs_repair(text)]
    assert to_repair([]) == []

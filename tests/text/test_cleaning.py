"""Cleaning, normalising and tokenising: what they repair, keep and survive."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from afterword.text.cleaning import clean, locate, normalise, tokenise

HOSTILE = {
    "nothing": "",
    "white space": " \t\r\n\x0b\u3000 ",
    "lone surrogates": "\ud800 a whistle \udfff",
    "NULs": "a\x00whistle\x00",
    "emoji": "👍🏽 whistled 👩‍👩‍👧 🇮🇳",
    "marks without letters": "\u0301\u0301\u0301",
    "right to left": "\u202eelttihw\u202c صفير",
    "endless escapes": "&amp;" * 4_000,
    "endless quot": "quot" * 5_000,
    "endless amp": "amp " * 5_000,
    "one endless word": "a" * 20_000,
    "endless mojibake": "â€™" * 6_000,
    "endless number": "&#" + "9" * 19_000 + ";",
    "endless apostrophes": "'" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_read_quickly_and_can_be_encoded(text: str) -> None:
    started = time.perf_counter()
    cleaned = clean(text)
    words = tokenise(cleaned)
    normalise(text)
    assert time.perf_counter() - started < 2
    cleaned.encode("utf-8")
    assert cleaned == " ".join(cleaned.split())
    assert all(0 < len(word) <= 64 for word in words)


@pytest.mark.parametrize(
    ("broken", "repaired"),
    [
        ("quothelloquot he said", '"hello" he said'),
        ("He shouted quotHey youquot.", 'He shouted "Hey you".'),
        ("a quot b", 'a " b'),
        ("bread amp butter", "bread & butter"),
        ("bread &amp;amp; butter", "bread & butter"),
        ("&quot;hello&quot; &lt;3", '"hello" <3'),
        ("donâ€™t", "don't"),
        ("It\u2019s \u201cfine\u201d", 'It\'s "fine"'),
        ("zero\u200bwidth", "zerowidth"),
        ("two\n\n  lines", "two lines"),
        ("\uff37\uff49\uff44\uff45", "Wide"),
    ],
)
def test_debris_of_exports_is_repaired(broken: str, repaired: str) -> None:
    assert clean(broken) == repaired


@pytest.mark.parametrize(
    "sound", ["He quoted a price.", "A quota of quotes", "quotation", "Champ at the camp", "café"]
)
def test_sound_text_stays_as_it_is(sound: str) -> None:
    assert clean(sound) == sound


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_cleaning_twice_gives_the_same_words_as_once(text: str) -> None:
    if "escapes" not in text and "&" not in text:
        assert tokenise(clean(clean(text))) == tokenise(clean(text))


def test_words_are_lower_case_without_accents_or_apostrophes() -> None:
    assert tokenise("I DIDN'T see the café_bar") == ["i", "didnt", "see", "the", "cafe", "bar"]


def test_a_missing_space_after_a_full_stop_still_parts_two_words() -> None:
    assert tokenise("I left.He stayed") == ["i", "left", "he", "stayed"]


def test_vowel_signs_do_not_part_words_of_indic_scripts() -> None:
    assert len(tokenise("बस में सीटी")) == 3


def test_repeats_that_differ_in_case_and_punctuation_have_one_key() -> None:
    keys = {
        normalise(text) for text in ("On the bus!", "  on THE bus", "on the... bus", "ON-the-bus")
    }
    assert keys == {"on the bus"}
    assert normalise("on a bus") not in keys


def test_words_keep_their_order_and_number() -> None:
    assert tokenise("the man the bus") == ["the", "man", "the", "bus"]


MARKS_AND_JOINTS = "aİßΣ'éﬁ½̧́͏्ְִकো각ﷺ .\ud800"
"""What changes length, order or neighbours when it is put in lower case, or taken apart."""


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.text(MARKS_AND_JOINTS, max_size=100)))
@example("\u094d\u0905 at the start")
@example("x" * 200)
def test_the_words_that_are_located_are_those_that_are_read(text: str) -> None:
    tokens = locate(text)
    assert [token.word for token in tokens] == tokenise(text)
    for token in tokens:
        assert len(token.letters) == len(token.word)
        assert list(token.letters) == sorted(token.letters)
        assert 0 <= token.start < token.end <= len(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("He DIDN'T stop.I left", ["He", "DIDN'T", "stop", "I", "left"]),
        ("an \ufb01ne caf\u00e9, \u0130zmir's", ["an", "\ufb01ne", "caf\u00e9", "\u0130zmir's"]),
        ("cafe\u0301! on", ["cafe\u0301", "on"]),
        ("\u1100\u0301\u1161 b", ["\u1100\u0301\u1161", "b"]),
        ("\u0986\u09ae\u09c7\u09be 12", ["\u0986\u09ae\u09c7\u09be", "12"]),
        ("\U0001f44d ok", ["ok"]),
    ],
)
def test_a_word_is_found_where_it_is_written(text: str, written: list[str]) -> None:
    assert [text[token.start : token.end] for token in locate(text)] == written


def test_an_apostrophe_inside_a_word_is_none_of_its_letters() -> None:
    (token,) = locate("don't")
    assert token.letters == (0, 1, 2, 4)
    assert token.end == 5

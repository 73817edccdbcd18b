"""What a step before the model leaves on texts: each trace in one text, and in many at once."""

from __future__ import annotations

import re

import numpy as np
import pytest

from afterword.text.analysis import analyse
from afterword.text.cleaning import clean, is_typeset, normalise, tokenise
from afterword.text.descriptors import DESCRIPTORS, count_markup, measure
from afterword.text.distinct import distinct_texts, joined, summarise, total
from afterword.text.edges import edges_of
from afterword.text.facts import Facts, facts_of
from afterword.text.flags import JOINED, TEXT_FLAGS, flags_of
from afterword.text.traces import (
    BARE,
    BEGUN_INSIDE,
    CUT_INSIDE,
    CUT_WORDS,
    LABELLED,
    NUMBERED,
    STRIPPED,
    TRACES,
    TYPESET,
)
from afterword.text.words import Known, tokens_of
from tests.conftest import invented

WORDS = "a bus evening from he i in looked man near shouted staring station the waited we whistled"
MODEL = Known(WORDS.split())
ORDINARY = "A man whistled near the station, and we waited from 6 to 7."


def traces(text: str) -> set[str]:
    found = flags_of(text, tokenise(clean(text)), MODEL.vocabulary)
    return {name for name, own in zip(TEXT_FLAGS, found, strict=True) if own} & set(TRACES)


@pytest.mark.parametrize(
    ("trace", "text"),
    [
        (NUMBERED, f"2024-03-01 17:20 {ORDINARY}"),
        (NUMBERED, f"March 3, 2024 {ORDINARY}"),
        (NUMBERED, f"#48213 {ORDINARY}"),
        (NUMBERED, f"R-104233 {ORDINARY}"),
        (LABELLED, f"Description: {ORDINARY}"),
        (LABELLED, f"[Pune] {ORDINARY}"),
        (LABELLED, f"Pune - {ORDINARY}"),
        (LABELLED, f"Ulma Tavish: {ORDINARY}"),
        (LABELLED, f"QXJKPV {ORDINARY}"),
        (BEGUN_INSIDE, "histled near the station, he did."),
        (CUT_INSIDE, "A man whistled near the stati"),
        (CUT_WORDS, "A man whistl near the statio"),
        (STRIPPED, "man whistled station waited evening"),
        (STRIPPED, "man whistl statio wait even"),
        (BARE, "a man whistled near the station"),
        (TYPESET, "A man – he whistled near the station."),
        (TYPESET, "He didn’t stop near the station."),
        (TYPESET, "A man\xa0whistled near the station."),
    ],
)
def test_a_trace_is_found(trace: str, text: str) -> None:
    assert trace in traces(text)
    assert trace not in traces(ORDINARY)


@pytest.mark.parametrize(
    "text",
    [
        ORDINARY,
        "He said: wait. I waited in the station with 2 others.",
        '"Wait," the man said, and we waited.',
        "I whistled. Nothing came of it, and the café was near.",
        "a man whistled near the station, and we waited.",
        "WE WAITED NEAR THE STATION AND THE MAN WHISTLED",
        "In the evening he looked at the bus from the station.",
    ],
)
def test_what_people_write_leaves_no_trace(text: str) -> None:
    found = traces(text)
    assert found - {LABELLED} == set()
    assert (LABELLED in found) == text.startswith("He said:")


def test_texts_that_lost_all_their_spaces_have_joined_words() -> None:
    for text in ("A_man_whistled_near_the_station", "A%20man%20whistled%20near%20the%20station"):
        found = flags_of(text, tokenise(clean(text)), MODEL.vocabulary)
        assert dict(zip(TEXT_FLAGS, found, strict=True))[JOINED]


PIECES = [
    *"abAB12 :|]>}-–—/;=~·•*#_([{<@+$%^'\".,!?’…\xa0\u200b\té\n É٣ßǅ", "  ", "Desc: ", "ABC ", "he "
]  # fmt: skip


def messed(rows: int, seed: int) -> list[str]:
    """Ordinary texts with anything before them and behind them, cut, lowered and shouted."""
    rng = np.random.default_rng(seed)
    found = []
    for text in invented(rows, seed)["description"]:
        sizes = rng.integers(12), rng.integers(6)
        before, behind = (
            "".join(rng.choice(PIECES, size)) if rng.random() < 0.7 else "" for size in sizes
        )
        kept = [text, "", text[1:], text[: -rng.integers(1, 20)], text.lower(), text.upper()]
        kept += [
            re.sub("[^a-z ]", "", text.lower()),
            " ".join(word[:-1] for word in text.split()),
            " ".join(word[:-1] for word in text.split() if len(word) > 4),
        ]
        found.append(before + str(kept[rng.integers(len(kept))]) + behind)
    return found


def test_many_texts_have_the_traces_that_each_has_alone() -> None:
    texts = messed(2_000, 5)
    ordinary = invented(300)["description"]
    known = Known(dict.fromkeys(word for text in ordinary for word in tokenise(text)))
    words = [tokenise(clean(text)) for text in texts]
    found = analyse(texts, known)
    alone = [flags_of(text, own, known.vocabulary) for text, own in zip(texts, words, strict=True)]
    assert np.array_equal(found.flags, np.array(alone))
    shares = dict(zip(TEXT_FLAGS, np.array(alone).mean(axis=0), strict=True))
    assert all(shares[name] > 0 for name in TRACES), "every trace is among them"


# ------------------------------------------------------------- what cleaning makes plain


@pytest.mark.parametrize("sign", "’‘“”«»–—…\xa0\u200b\ufeff´")
def test_what_cleaning_makes_plain_is_measured_as_if_it_were(sign: str) -> None:
    assert is_typeset(sign)
    names = [each.name for each in DESCRIPTORS]
    before, after = (
        dict(zip(names, measure(text, tokenise(clean(text)), MODEL.vocabulary), strict=True))
        for text in ("He waited, I looked", f"He waited{sign} I looked")
    )
    assert after["non_ascii"] == before["non_ascii"] == 0
    assert after["words"] == before["words"]


def test_white_space_that_cleaning_joins_is_not_counted() -> None:
    lengths = [
        measure(text, [], MODEL.vocabulary)[0] for text in ("He  left.\n\nI ran ", "He left. I ran")
    ]
    assert lengths[0] == lengths[1]


@pytest.mark.parametrize("sign", "’´`ʼ＇")
def test_an_apostrophe_in_whatever_form_joins_a_word(sign: str) -> None:
    assert normalise(f"He didn{sign}t") == "he didnt"
    assert analyse([f"He didn{sign}t"] * 50, MODEL).unknown_words == ("didnt",)


@pytest.mark.parametrize(
    "text", ["See [URL].", "By [NAME] today", "<PERSON> left", "{{NAME}} left", "**NAME** left"]
)
def test_what_stands_for_something_that_was_taken_out_is_no_markup(text: str) -> None:
    assert count_markup(text) == 0


@pytest.mark.parametrize(
    "text", ["a<BR>b", "<DIV>a", "[url=x]a[/url]", "{{name}}", "**bold** he left", "<p>a", "</B>"]
)
def test_tags_and_codes_are_markup_in_either_case(text: str) -> None:
    assert count_markup(text) > 0


# ------------------------------------------------------------- beginnings and endings


def looked_at(texts: list[str]) -> Facts:
    found = analyse(texts, MODEL)

    class Blind(Known):
        common_texts = ()

        def represent(self, presence: object) -> np.ndarray:
            return np.zeros((len(texts), 1))

    return facts_of(found, Blind(MODEL.words), key=b"a key of sixteen")


def test_numbers_begin_alike_whatever_they_are() -> None:
    tokens = tokens_of([["4711", "bus"], ["r2", "the"], ["he"], []], MODEL)
    begins, ends = edges_of(tokens).T.tolist()
    assert begins[0] == begins[1] != begins[2]
    assert len({*ends}) == 4


def test_the_five_commonest_beginnings_and_endings_are_added_up() -> None:
    texts = [f"{word} then {word}" for word in "he we i man bus the near".split() for _ in range(3)]
    found = summarise(looked_at(texts), texts)
    assert (found.begins, found.ends) == (15, 15)


def test_beginnings_of_pieces_are_those_of_the_whole_in_whatever_order() -> None:
    texts = messed(120, 9)
    parts = [texts[:50], texts[50:60], texts[60:]]
    once = np.ones(200, np.int64)
    pieces = [
        distinct_texts(facts, own, facts.keys, 1, times=once[: len(own)])
        for own, facts in ((each, looked_at(each)) for each in parts)
    ]
    whole = summarise(looked_at(texts), texts)
    for found in (joined(pieces), pieces[2] + pieces[0] + pieces[1], total(pieces, kept=False)):
        assert (found.closed().begins, found.closed().ends) == (whole.begins, whole.ends)

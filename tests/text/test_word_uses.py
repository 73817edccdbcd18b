"""How words are used is counted in any texts, all at once or part by part."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.text.cleaning import clean, tokenise
from afterword.text.facts import find_facts
from afterword.text.privacy import private_from_uses, private_words
from afterword.text.word_uses import USES, uses_of
from tests.text.strange_texts import strange_texts

TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
ADDRESS = re.compile(r"(?<!\S)[^\s@]*@\S+|(?:https?://|www\.)\S+", re.I)


def uses_in(text: str, word: str) -> list[int]:
    """How a word is used in one text, by going from each of its places to what stands around."""
    text = clean(text)
    matches = list(TOKEN.finditer(text))
    tokens = ["".join(tokenise(match[0])) for match in matches]
    capitals = [match[0][0].isupper() for match in matches]
    found = dict.fromkeys(USES, 0)
    for at, token in enumerate(tokens):
        if token != word:
            continue
        found["all"] += 1
        place = matches[at].start()
        addresses = [one[0] for one in ADDRESS.finditer(text) if one.start() <= place < one.end()]
        if addresses:
            found["address"] += 1
            found["handle"] += "@" in addresses[0]
            continue
        found["tag"] += text[place - 1 : place] == "#"
        found["label"] += f"{text[matches[at].end() :]} ".startswith(": ")
        before = tokens[at - 1] if at else ""
        after = tokens[at + 1] if at + 1 < len(tokens) else ""
        found["thing"] += before in ("the", "my", "that") or after == "app"
        named = tokens[max(at - 2, 0) : at] == ["name", "is"]
        found["person"] += named or before == "met" or after == "said"
        found["place"] += before in ("in", "near")
        found["road"] += after == "road"
        if 2 * sum(capitals) >= len(capitals):
            continue
        since = text[matches[at - 1].end() : place].rstrip() if at else "."
        kind = "first" if since.endswith(tuple('.!?…:"')) else "inside"
        found[kind] += kind == "inside" or capitals[at]
        found["raised"] += kind == "inside" and capitals[at]
    return list(found.values())


WORDS = ("zoltan", "oltan", "o", "reilly", "b12", "ete", "他", "घूर", "a" * 64, "amp", "x")
FORMS = (
    "Zoltan", "zoltan", "ZOLTAN", "@zoltan", "zoltan@a.b", "www.zoltan.x/zoltan", "Zo’ltan", "O",
    "zol’’tan", "http://a.b/Zoltan?x", "'Zoltan'", "zol''tan", "O'Reilly", "été", "Été", "B12",
    "HTTPS://zoltan", "x_zoltan", "the", "my", "app", "name is", "said", "in", "near", "road", "x",
    ".", "!", "…", ":", '"', "...", "ran.", "and", "घूर", "&amp;", "amp", "saidquot", "\n", "\x00",
    "\t", "a" * 70, "HE", "He", "他", "met", "us", "(", "then ran home", "'", " ' ", "-", "_", "o",
    "\u200b", "🙂", "#Zoltan", "zoltan: ", "x#zoltan", "zoltan:", "12:30", "zoltan:\n", "#", ": ",
)  # fmt: skip


def texts_of_forms(number: int) -> list[str]:
    chance = np.random.default_rng(0)
    return [
        chance.choice(("", " ", " ", " ")).join(chance.choice(FORMS, chance.integers(1, 12)))
        for _ in range(number)
    ]


def test_every_use_of_a_word_is_counted_by_what_stands_around_it() -> None:
    texts = texts_of_forms(4_000)
    expected = np.array([[uses_in(text, word) for word in WORDS] for text in texts]).sum(axis=0)
    found = uses_of(WORDS, texts)
    assert {name: found[:, at].tolist() for at, name in enumerate(USES)} == {
        name: expected[:, at].tolist() for at, name in enumerate(USES)
    }
    assert (found[0] > 0).all(), "every kind of use occurs"


def test_what_stands_in_another_text_does_not_tell_how_a_word_is_used() -> None:
    texts = ["he met me in the", "zoltan and then I left", "app or my name", "is zoltan far"] * 30
    found = dict(zip(USES, uses_of(["zoltan"], texts)[0].tolist(), strict=True))
    assert found.pop("all") == 60
    assert found.pop("inside") == 30
    assert not any(found.values())


def test_uses_of_parts_add_up_to_those_of_the_whole() -> None:
    texts = [text[:2_000] for text in strange_texts()[::3]] + texts_of_forms(500)
    words = [*WORDS, "he", "bus", "test", "quot"]
    whole = uses_of(words, texts)
    parts = sum(uses_of(words, texts[start : start + 700]) for start in range(0, len(texts), 700))
    each = sum(uses_of(words, [text]) for text in texts)
    assert np.array_equal(whole, parts)
    assert np.array_equal(whole, each)
    for common in (False, True):
        told = private_from_uses(words, whole, common=common)
        assert told == private_words(words, texts, common=common)
    assert uses_of([], texts).shape == (0, len(USES))
    assert not uses_of(words, []).any()


def test_a_text_counts_as_often_as_it_stands_there() -> None:
    texts = [*texts_of_forms(300), "I met Zoltan.", "@zoltan", "zol''tan", "my zoltan app"]
    for some in (texts, texts[-4:]):
        times = np.arange(len(some)) % 4
        copies = [
            text for text, many in zip(some, times.tolist(), strict=True) for _ in range(many)
        ]
        assert np.array_equal(uses_of(WORDS, some, times=times), uses_of(WORDS, copies))


@pytest.mark.real_data
def test_words_of_real_texts_are_counted_as_in_each_text(safecity: Path) -> None:
    texts = pd.read_csv(safecity / "dev.csv")["Description"].dropna().tolist()
    facts = find_facts(texts, afterword.load_model(), content=False)
    words = facts.unknown_words[:300]
    each = sum(uses_of(words, [text]) for text in texts)
    assert (uses_of(words, texts) == each).all()

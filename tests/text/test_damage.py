"""What a step takes from the form of texts, in one text and in many at once."""

from __future__ import annotations

import re

import numpy as np
import pytest

from afterword.text.analysis import analyse
from afterword.text.cleaning import clean, tokenise
from afterword.text.damage import (
    APART,
    BEGUN_LATE,
    DAMAGES,
    DISORDERED,
    LETTERS_LOST,
    QUOTED,
    damages_of,
)
from afterword.text.flags import TEXT_FLAGS, flags_of
from afterword.text.words import Known
from tests.conftest import invented

ORDINARY = "A man whistled near the station, and we waited in the little street for the next bus."
MODEL = Known(sorted(set(tokenise(clean(ORDINARY)))))


def damages(text: str) -> set[str]:
    found = damages_of(text, tokenise(clean(text)), MODEL.vocabulary)
    return {name for name, own in zip(DAMAGES, found, strict=True) if own}


def parts(text: str, step: int = 1) -> str:
    return " ".join(text.split()[::step])


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (DISORDERED, parts(ORDINARY, -1)),
        (DISORDERED, " ".join(sorted(ORDINARY.lower().split()))),
        (DISORDERED, "He stood near the"),
        (DISORDERED, "We waited for"),
        (DISORDERED, "He He saw saw the the bus bus"),
        (QUOTED, f'"{ORDINARY}"'),
        (QUOTED, f" “{ORDINARY}” "),
        (QUOTED, f"'{ORDINARY}'"),
        (QUOTED, f"«{ORDINARY}»"),
        (APART, re.sub(r"([,.])", r" \1", ORDINARY)),
        (APART, re.sub(r"([,.])", r"\1\1", ORDINARY)),
        (LETTERS_LOST, ORDINARY.replace("e", "")),
        (LETTERS_LOST, ORDINARY.replace("a", "").replace("A", "")),
        (LETTERS_LOST, re.sub(r"([a-z])\1", r"\1", ORDINARY)),
        (BEGUN_LATE, "was waiting in Oldtown"),
        (BEGUN_LATE, " and then he left"),
    ],
)
def test_damage_is_found(damage: str, text: str) -> None:
    assert damage in damages(text)


@pytest.mark.parametrize(
    "text",
    [
        ORDINARY,
        ORDINARY.lower(),
        ORDINARY.upper(),
        ORDINARY.replace("man", "man’s"),
        '"Wait," the man said, and we waited.',
        "He said: “Wait.” I waited.",
        "man whistled. I waited.",
        "He stood there for a while. The US one came in.",
        "the bus was late , so we waited.",
        "we waited... and then the bus came.",
        "I saw it on www.station.example/to",
        "I wrote to a@rail.example",
        "See path/to",
        "wait",
        "",
        "the",
        "was",
        "बस के लिए हम स्टेशन के पास बहुत देर तक इंतज़ार करते रहे और वह आदमी वहीं खड़ा रहा था",
    ],
)
def test_what_people_write_is_not_damaged(text: str) -> None:
    assert damages(text) == set()


def test_many_texts_are_damaged_as_each_is_alone() -> None:
    rng = np.random.default_rng(8)
    ordinary = invented(300)["description"].tolist()
    known = Known(dict.fromkeys(word for text in ordinary for word in tokenise(text)))
    changes = [
        lambda text: text,
        lambda text: parts(text, -1),
        lambda text: parts(text, 2),
        lambda text: f"“{text}”",
        lambda text: re.sub(r"([,.])", r" \1", text),
        lambda text: re.sub(r"([,.])", r"\1\1", text),
        lambda text: re.sub("[eE]", "", text),
        lambda text: re.sub(r"([a-z])\1", r"\1", text),
        lambda text: f"Was {text}",
        lambda text: f" {text.lower()} See the",
        lambda text: f"{text} to/the",
        lambda text: "",
        lambda text: " \t",
        lambda text: "the",
        lambda text: "'",
        lambda text: "ǅ é ’",
    ]
    texts = [
        changes[rng.integers(len(changes))](changes[rng.integers(3)](text))
        for text in invented(2_000, 9)["description"]
    ]
    alone = [flags_of(text, tokenise(clean(text)), known.vocabulary) for text in texts]
    assert np.array_equal(analyse(texts, known).flags, np.array(alone))
    shares = dict(zip(TEXT_FLAGS, np.mean(alone, axis=0), strict=True))
    assert all(0 < shares[name] < 1 for name in DAMAGES), "all of it is among them"

"""Looking through many texts at once finds what looking at each of them finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import afterword
from afterword.model.classifier import Classifier
from afterword.text import analysis, digests, word_uses, words
from afterword.text.analysis import Analysis, analyse, describe, measure_texts
from afterword.text.cleaning import clean, normalise, tokenise
from afterword.text.descriptors import DESCRIPTORS, NAMES, measure, on_grid
from afterword.text.distinct import summarise
from afterword.text.facts import find_facts
from afterword.text.flags import TEXT_FLAGS, cut_length, flags_of
from afterword.text.words import Known
from tests.text.strange_texts import strange_texts

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model() -> Classifier:
    return afterword.load_model()


@pytest.fixture(scope="module")
def strange() -> list[str]:
    return strange_texts()


@pytest.fixture(scope="module")
def ordinary() -> list[str]:
    """The texts of every sample."""
    found: list[str] = []
    for path in sorted((ROOT / "data" / "samples").iterdir()):
        if path.suffix in (".csv", ".jsonl"):
            found += afterword.read_batch(path).texts.tolist()
    return found


def normalised(texts: list[str]) -> list[int]:
    """The number of each text, equal for those that are equal once normalised."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(normalise(text), len(numbers)) for text in texts]


def differing(texts: list[str], found: Analysis, model: Classifier) -> list[tuple[str, int]]:
    """What differs from what is found in each text by itself: what it is, and the row."""
    each = [tokenise(clean(text)) for text in texts]
    flags = np.array(
        [flags_of(text, own, model.vocabulary) for text, own in zip(texts, each, strict=True)]
    )
    values = np.array(
        [measure(text, own, model.vocabulary) for text, own in zip(texts, each, strict=True)]
    )
    expected = {
        **dict(zip(TEXT_FLAGS, flags.T, strict=True)),
        **{one.name: on_grid(one, own) for one, own in zip(DESCRIPTORS, values.T, strict=True)},
        "lengths": np.array(list(map(cut_length, texts))),
        "keys": np.array(normalised(texts)),
    }
    told = {
        **dict(zip(TEXT_FLAGS, found.flags.T, strict=True)),
        **found.descriptors(),
        "lengths": found.lengths,
        "keys": found.keys,
    }
    assert told.keys() == expected.keys()
    assert all(told[name].dtype == np.float32 for name in NAMES)
    rows = [
        (name, int(row)) for name in told for row in np.flatnonzero(told[name] != expected[name])
    ]
    for row, own in enumerate(each):
        held = list(dict.fromkeys(own))
        known = [word for word in held if word in model.vocabulary]
        unknown = [word for word in held if word not in model.vocabulary]
        if found.tokens.words_of(row) != own:
            rows.append(("words", row))
        if named(found.words, model.words, row) != known:
            rows.append(("known words", row))
        if named(found.unknown, found.unknown_words, row) != unknown:
            rows.append(("unknown words", row))
    return rows


def named(presence: sp.csr_matrix, words: tuple[str, ...], row: int) -> list[str]:
    """The words that a text is said to hold."""
    return [words[at] for at in presence.indices[presence.indptr[row] : presence.indptr[row + 1]]]


def test_strange_texts_are_measured_and_flagged_as_each_is_alone(
    strange: list[str], model: Classifier
) -> None:
    assert len(strange) > 8_000
    found = differing(strange, analyse(strange, model), model)
    assert not found, [(name, ascii(strange[row][:200])) for name, row in found[:5]]


def test_the_samples_are_measured_and_flagged_as_each_text_is_alone(
    ordinary: list[str], model: Classifier
) -> None:
    assert len(ordinary) > 800
    assert not differing(ordinary, analyse(ordinary, model), model)


@pytest.mark.real_data
def test_real_texts_are_measured_and_flagged_as_each_is_alone(
    safecity: Path, model: Classifier
) -> None:
    for name in ("train.csv", "dev.csv"):
        texts = pd.read_csv(safecity / name)["Description"].dropna().tolist()
        assert not differing(texts, analyse(texts, model), model)


def test_few_texts_are_looked_at_one_by_one_with_the_same_results(
    strange: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [text[:500] for text in strange[::11]]
    many = analyse(texts, model)
    monkeypatch.setattr(analysis, "FEW", len(texts))
    few = analyse(texts, model)
    for name in ("codes", "flags", "lengths", "held", "held_ends", "keys"):
        assert np.array_equal(getattr(few, name), getattr(many, name))
        assert getattr(few, name).dtype == getattr(many, name).dtype
    for name in ("numbers", "ends"):
        assert np.array_equal(getattr(few.tokens, name), getattr(many.tokens, name))
    assert few.unknown_words == many.unknown_words
    assert not differing(texts, few, model)


def test_digests_are_equal_for_texts_that_are_equal_once_normalised_in_any_batch(
    strange: list[str], model: Classifier
) -> None:
    found = analyse(strange, model).digests(b"a key")
    pairs = {(normalise(text), int(digest)) for text, digest in zip(strange, found, strict=True)}
    assert len({text for text, _ in pairs}) == len({digest for _, digest in pairs}) == len(pairs)
    # Neither the batch nor the vocabulary counts, but the key and what stands in the text.
    again = analyse(strange[::-7], Known(["he", "bus"])).digests(b"a key")
    assert np.array_equal(again, found[::-7])
    filled = [bool(normalise(text)) for text in strange]
    assert (analyse(strange, model).digests(b"another key") != found)[filled].all()


def test_words_in_another_order_or_number_have_another_digest(model: Classifier) -> None:
    # The last two are equal to any sum of powers modulo 2^64.
    order = [bin(number).count("1") % 2 for number in range(2_048)]
    texts = [
        *("he saw me", "me saw he", "saw he me", "he saw me he", "he he saw me", "he", "he he", ""),
        " ".join("ab"[turn] for turn in order),
        " ".join("ba"[turn] for turn in order),
    ]
    assert len(set(analyse(texts, model).digests(b"key").tolist())) == len(texts)


@pytest.mark.parametrize("characters", [1, 150, 1_000, 100_000])
def test_parts_of_any_size_make_the_same_whole(
    characters: int, strange: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [text[:300] for text in strange[::9]]
    whole = analyse(texts, model)
    monkeypatch.setattr(analysis, "AT_ONCE", characters)
    monkeypatch.setattr(digests, "_AT_ONCE", characters)
    seen: list[float] = []
    parts = analyse(texts, model, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > len(texts) * 100 // max(characters, 100) // 2
    for name in ("codes", "flags", "lengths", "keys", "unknown_words", "held", "held_ends"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))
    assert np.array_equal(whole.digests(b"key"), parts.digests(b"key"))
    assert np.array_equal(whole.tokens.numbers, parts.tokens.numbers)
    assert np.array_equal(whole.tokens.ends, parts.tokens.ends)


def test_the_words_of_some_texts_are_taken_in_their_order(
    strange: list[str], model: Classifier
) -> None:
    tokens = analyse(strange, model).tokens
    rows = np.array([700, 3, 3, 0, len(strange) - 1])
    taken = tokens.take(rows)
    told = [taken.words_of(row) for row in range(len(taken))]
    assert told == [tokens.words_of(row) for row in rows]
    assert len(tokens.take(rows[:0])) == 0


def test_no_texts_are_looked_through_too(model: Classifier) -> None:
    found = analyse([], model)
    assert len(found) == len(found.tokens) == 0
    assert found.codes.shape == (0, len(DESCRIPTORS))
    assert found.flags.shape == (0, len(TEXT_FLAGS))
    assert found.words.shape == (0, len(model.words))
    assert found.keys.tolist() == []
    assert describe([], model.vocabulary).shape == (0, len(DESCRIPTORS))


def test_any_words_may_be_known(strange: list[str]) -> None:
    few = [measure_texts(strange[start : start + 30], {"he", "bus"}) for start in (0, 30, 60)]
    many = measure_texts(strange[:90], {"he", "bus"})
    for name in NAMES:
        assert np.array_equal(many[name], np.concatenate([part[name] for part in few]))


def test_the_facts_of_many_texts_are_those_of_each(
    ordinary: list[str], strange: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [*ordinary, *(text[:500] for text in strange[::3])]
    found = analyse(texts, model)
    fast = find_facts(texts, model)
    profiles = [summarise(fast, texts), summarise(fast, texts, found.tokens)]
    assert find_facts(texts, model, content=False).content.shape == (len(texts), 0)
    for module in (analysis, word_uses, words):
        monkeypatch.setattr(module, "FEW", len(texts))
    slow = find_facts(texts, model)
    profiles.append(summarise(slow, texts))
    assert np.array_equal(slow.content, fast.content)
    first, *others = (profile.to_dict() for profile in profiles)
    assert len(first["new_words"]) > 20
    assert all(other == first for other in others)

"""Looking through many texts at once finds what looking at each of them finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.model.classifier import Classifier
from afterword.text import analysis, facts, words
from afterword.text.analysis import Analysis, analyse, describe, measure_texts
from afterword.text.cleaning import clean, normalise, tokenise
from afterword.text.descriptors import DESCRIPTORS, NAMES, measure, on_grid
from afterword.text.facts import Facts, find_facts, summarise
from afterword.text.flags import TEXT_FLAGS, cut_length, flags_of
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


def facts_of_each(
    texts: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch, content: bool = False
) -> Facts:
    """What is found by looking at each text by itself."""
    with monkeypatch.context() as patch:
        patch.setattr(facts, "FEW", len(texts))
        return find_facts(texts, model, content=content)


def assert_equal_to_each(
    texts: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> Analysis:
    found = analyse(texts, model.words)
    slow = facts_of_each(texts, model, monkeypatch)
    for row, text in enumerate(texts):
        own = tokenise(clean(text))
        raised = flags_of(text, own, model.vocabulary)
        differing = {
            name
            for name, one, other in zip(TEXT_FLAGS, found.flags[row], raised, strict=True)
            if one != other
        }
        assert not differing, (row, ascii(text[:200]))
        assert found.lengths[row] == cut_length(text), (row, ascii(text[:200]))
    values = np.array([measure(text, model.vocabulary) for text in texts])
    measured = found.descriptors()
    assert tuple(measured) == NAMES
    for column, descriptor in enumerate(DESCRIPTORS):
        expected = on_grid(descriptor, values[:, column])
        rows = np.flatnonzero(measured[descriptor.name] != expected)
        assert not len(rows), (descriptor.name, [ascii(texts[row][:200]) for row in rows[:3]])
        assert measured[descriptor.name].dtype == np.float32
    assert np.array_equal(found.keys, slow.keys)
    assert found.unknown_words == slow.unknown_words
    for one, other in ((found.words, slow.words), (found.unknown, slow.unknown)):
        assert one.shape == other.shape
        assert np.array_equal(one.indptr, other.indptr)
        assert np.array_equal(one.indices, other.indices)
    return found


def test_strange_texts_are_measured_and_flagged_as_each_is_alone(
    strange: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(strange) > 8_000
    assert_equal_to_each(strange, model, monkeypatch)


def test_the_samples_are_measured_and_flagged_as_each_text_is_alone(
    ordinary: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(ordinary) > 800
    assert_equal_to_each(ordinary, model, monkeypatch)


@pytest.mark.real_data
def test_real_texts_are_measured_and_flagged_as_each_is_alone(
    safecity: Path, model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("train.csv", "dev.csv"):
        column = pd.read_csv(safecity / name)["Description"]
        texts = [str(text) for text in column.dropna()]
        # What differs is told by its row: no text may stand in a message.
        found = analyse(texts, model.words)
        slow = facts_of_each(texts, model, monkeypatch)
        measured = [measure(text, model.vocabulary) for text in texts]
        values = np.array(measured)
        for place, descriptor in enumerate(DESCRIPTORS):
            expected = on_grid(descriptor, values[:, place])
            assert (found.descriptors()[descriptor.name] == expected).all()
        assert np.array_equal(found.flags, slow.flags)
        assert np.array_equal(found.lengths, slow.lengths)
        assert np.array_equal(found.keys, slow.keys)
        assert found.unknown_words == slow.unknown_words
        assert np.array_equal(found.words.indices, slow.words.indices)
        assert np.array_equal(found.unknown.indices, slow.unknown.indices)


def test_the_words_of_a_text_are_those_that_the_cleaned_text_is_cut_into(
    strange: list[str], model: Classifier
) -> None:
    tokens = words.read_tokens(strange, model.words)
    named = [*model.words, *tokens.unknown]
    for row, text in enumerate(strange):
        own = tokens.numbers[tokens.ends[row] : tokens.ends[row + 1]]
        assert [named[number] for number in own] == tokenise(clean(text)), (row, ascii(text[:200]))


def test_digests_are_equal_for_texts_that_are_equal_once_normalised_in_any_batch(
    strange: list[str], model: Classifier
) -> None:
    found = analyse(strange, model.words, key=b"a key").digests
    pairs = {(normalise(text), int(digest)) for text, digest in zip(strange, found, strict=True)}
    assert len({text for text, _ in pairs}) == len({digest for _, digest in pairs}) == len(pairs)
    # Not even with the same words: only the key counts, and what stands in the text.
    again = analyse(strange[::-7], ["he", "bus"], key=b"a key").digests
    assert np.array_equal(again, found[::-7])
    filled = [bool(normalise(text)) for text in strange]
    other = analyse(strange, model.words, key=b"another key").digests
    assert (other != found)[filled].all()


def test_words_in_another_order_or_number_have_another_digest(model: Classifier) -> None:
    # The last two are equal to any sum of powers modulo 2^64.
    order = [bin(number).count("1") % 2 for number in range(2_048)]
    texts = [
        *("he saw me", "me saw he", "saw he me", "he saw me he", "he he saw me", "he", "he he", ""),
        " ".join("ab"[turn] for turn in order),
        " ".join("ba"[turn] for turn in order),
    ]
    assert len(set(analyse(texts, model.words).digests.tolist())) == len(texts)


@pytest.mark.parametrize("characters", [1, 150, 1_000, 100_000])
def test_parts_of_any_size_make_the_same_whole(
    characters: int, strange: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [text[:300] for text in strange[::9]]
    whole = analyse(texts, model.words, key=b"key")
    monkeypatch.setattr(analysis, "AT_ONCE", characters)
    seen: list[float] = []
    parts = analyse(texts, model.words, key=b"key", progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > len(texts) * 100 // max(characters, 100) // 2
    for name in ("codes", "flags", "lengths", "digests", "keys"):
        assert np.array_equal(getattr(whole, name), getattr(parts, name))
    assert whole.unknown_words == parts.unknown_words
    assert (whole.words != parts.words).nnz == (whole.unknown != parts.unknown).nnz == 0
    assert np.array_equal(whole.tokens.numbers, parts.tokens.numbers)
    assert np.array_equal(whole.tokens.ends, parts.tokens.ends)


def test_no_texts_are_looked_through_too(model: Classifier) -> None:
    found = analyse([], model.words)
    assert len(found) == len(found.tokens) == 0
    assert found.codes.shape == (0, len(DESCRIPTORS))
    assert found.flags.shape == (0, len(TEXT_FLAGS))
    assert found.words.shape == (0, len(model.words))
    assert found.keys.tolist() == []
    assert describe([], model.vocabulary).shape == (0, len(DESCRIPTORS))


def test_few_texts_and_many_are_measured_alike_with_any_words(strange: list[str]) -> None:
    few = [measure_texts(strange[start : start + 30], {"he", "bus"}) for start in (0, 30, 60)]
    many = measure_texts(strange[:90], {"he", "bus"})
    for name in NAMES:
        assert np.array_equal(many[name], np.concatenate([part[name] for part in few]))


def test_the_facts_of_many_texts_are_those_of_each(
    ordinary: list[str], model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = facts_of_each(ordinary, model, monkeypatch, content=True)
    fast = find_facts(ordinary, model)
    assert np.array_equal(slow.content, fast.content)
    assert summarise(slow, ordinary).to_dict() == summarise(fast, ordinary).to_dict()
    assert find_facts(ordinary, model, content=False).content.shape == (len(ordinary), 0)

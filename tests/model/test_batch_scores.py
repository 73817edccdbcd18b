"""Scores of many descriptions are those of each alone, to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.model import batch_scores, classifier
from afterword.model.classifier import Classifier
from afterword.text import words
from afterword.text.known_words import NumberTable
from afterword.text.words import read_tokens
from tests.text.strange_texts import strange_texts


@pytest.fixture(scope="module")
def model() -> Classifier:
    return afterword.load_model()


def scores_of_each(texts: list[str], model: Classifier) -> np.ndarray:
    return np.concatenate([model.decision_function([text]) for text in texts])


def test_strange_texts_get_the_scores_of_each_alone(
    model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = strange_texts()
    each = scores_of_each(texts, model)
    assert np.array_equal(model.decision_function(texts), each)
    assert len(np.unique(each, axis=0)) > 3_000
    # Nor does it matter how many are scored, or spelled, at once.
    monkeypatch.setattr(batch_scores, "_AT_ONCE", 50)
    monkeypatch.setattr(batch_scores, "_SPELLED_AT_ONCE", 7)
    assert np.array_equal(model.decision_function(texts[:3_000]), each[:3_000])


@pytest.mark.real_data
def test_real_texts_get_the_scores_of_each_alone(safecity: Path, model: Classifier) -> None:
    for name in ("train.csv", "dev.csv"):
        texts = pd.read_csv(safecity / name)["Description"].dropna().tolist()
        probabilities = model.calibrate(scores_of_each(texts, model))
        assert (model.predict_proba(texts) == probabilities).all()


def test_few_texts_are_scored_as_many_are(
    model: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["He stared at me.", "", "zzyzx zzyzx", "Someone touched me in the crowd, zzyzx and I"]
    each = scores_of_each(texts, model)
    monkeypatch.setattr(classifier, "FEW", 0)
    monkeypatch.setattr(words, "FEW", 0)
    assert np.array_equal(model.decision_function(texts), each)
    assert np.array_equal(scores_of_each(texts, model), each)


def test_no_texts_have_no_scores(model: Classifier) -> None:
    assert model.score_tokens(read_tokens([], model)).shape == (0, 3)


def test_every_pair_is_found_and_no_other() -> None:
    chance = np.random.default_rng(0)
    # Numbers in a row, far apart, and those that share a slot.
    for keys in (np.arange(5_000), np.unique(chance.integers(0, 2**40, 3_000)), np.arange(0)):
        table = NumberTable(keys)
        assert np.array_equal(table.find(keys), np.arange(len(keys)))
        others = np.setdiff1d(chance.integers(0, 2**40, 10_000), keys)
        assert (table.find(others) == -1).all()

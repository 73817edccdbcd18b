"""Columns that look like labels and are the model's own answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.drift.checking import check
from afterword.model.own_answers import are_own_answers
from afterword.model.registry import load_model
from afterword.model.scored import Scored
from afterword.model.scoring import score

WHAT = ["stared at me", "whistled", "shouted remarks", "touched my arm", "asked for the way"]
WHERE = ["bus", "market", "bridge", "park", "platform", "school", "corner", "library"]
TEXTS = [f"A man at the {where} {what} and {also}." for where in WHERE for what in WHAT
         for also in WHAT if also != what]  # fmt: skip
NAMES = load_model().categories


def answers(mode: str = "balanced", form: str = "{}") -> pd.DataFrame:
    """Descriptions with the model's decisions, under names that a form makes of categories."""
    answer = afterword.classify(pd.DataFrame({"description": TEXTS}), mode=mode)
    columns = {form.format(name): answer.table[answer.decision[name]].astype(int) for name in NAMES}
    return pd.DataFrame({"description": TEXTS, **columns})


@pytest.mark.parametrize("mode", ["balanced", "find-more"])
def test_bare_columns_that_are_the_models_answers_tell_no_quality(mode: str) -> None:
    scored = score(answers(mode))
    assert scored.labels is None
    quality = check(scored).quality
    assert quality is not None
    assert not quality.figures
    assert "look like the model’s own answers" in quality.sentence
    assert "--label" in quality.sentence
    assert f"{NAMES[0]} label" in quality.sentence


def test_labels_that_a_caller_named_count_and_perfect_ones_are_called_unusual() -> None:
    batch = afterword.read_batch(answers(), labels={name: name for name in NAMES})
    scored = score(batch)
    assert scored.labels is not None
    called = score(answers(form="{} label"))
    for each in (scored, called):
        quality = check(each).quality
        assert quality is not None
        accuracy = quality.figure("accuracy")
        assert accuracy.value == pytest.approx(1)
        assert accuracy.low < 0.99
        assert "unusual" in quality.sentence


def test_an_evaluation_by_the_models_own_answers_says_so() -> None:
    assert "look like the model’s own answers" in afterword.evaluate(answers()).note
    told = {name: name for name in NAMES}
    assert "own answers" not in afterword.evaluate(answers(), labels=told).note


def test_labels_that_differ_as_peoples_do_are_labels() -> None:
    table = answers()
    table.loc[::9, NAMES[1]] = 1 - table.loc[::9, NAMES[1]]
    scored = score(table)
    assert scored.labels is not None
    assert not scored.label_doubt
    quality = check(scored).quality
    assert quality is not None
    assert "unusual" not in quality.sentence


def test_a_file_that_a_review_wrote_has_labels_whatever_they_say() -> None:
    assert score(answers().assign(inclusion_probability=1)).labels is not None


def test_a_few_rows_or_copies_of_a_few_may_agree_by_chance() -> None:
    table = answers()
    few: Scored = score(table.head(10))
    copies = score(pd.concat([table.head(10)] * 20, ignore_index=True))
    assert few.labels is not None
    assert copies.labels is not None


def test_easy_rows_agree_by_chance_and_hard_ones_do_not() -> None:
    model, rng = load_model(), np.random.default_rng(0)
    easy = rng.uniform(0.0, 0.02, (60, len(NAMES)))
    hard = rng.uniform(0.0, 0.3, (60, len(NAMES)))
    nothing = np.zeros((60, len(NAMES)))
    assert not are_own_answers(nothing, easy, model)
    assert are_own_answers(model.mode("balanced").decide(hard).astype(float), hard, model)


def test_labels_of_which_only_the_zeros_can_be_read_are_no_answers() -> None:
    model, rng = load_model(), np.random.default_rng(0)
    found = rng.uniform(0.0, 0.6, (300, len(NAMES)))
    labels = (rng.random(found.shape) < found).astype(float)
    labels[labels == 1] = np.nan  # people wrote 2, or 0.5
    assert not are_own_answers(labels, found, model)


def test_gaps_are_no_answers() -> None:
    model, rng = load_model(), np.random.default_rng(0)
    hard = rng.uniform(0.1, 0.9, (60, len(NAMES)))
    labels = model.mode("balanced").decide(hard).astype(float)
    labels[19:] = np.nan
    assert not are_own_answers(labels, hard, model)
    labels[:, 1] = np.nan
    assert not are_own_answers(labels, hard, model)

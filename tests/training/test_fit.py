"""Training: what a run holds, what it refuses, and how good it is on the real data."""

from __future__ import annotations

import csv
import os
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from afterword.errors import TrainingError
from afterword.model.evaluation import Evaluation, evaluate, expected_calibration_error
from afterword.model.pieces import pieces_of
from afterword.text.cleaning import clean, normalise, tokenise
from afterword.training.calibration import PROBABILITY_RANGE, crossfit_calibration
from afterword.training.fit import MIN_DESCRIPTIONS, TrainingRun, fit, grouped_folds

NAMES = ("Noise", "Litter")
PLACES = ["the old market", "a quiet street", "our bus stop", "the park gate", "one narrow lane"]
ALWAYS = ["yesterday", "morning", "evening", "people", "walking", "near", "waiting", "again"]
SIGNS = {
    "Noise": ["loud", "music", "drums", "shouting"],
    "Litter": ["paper", "bottles", "rubbish", "cans"],
}


def example(rows: int = 240, categories: int = 2, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Mild descriptions; a category's signs stand in most of its rows and few of the others."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((rows, categories)) < 0.4).astype(int)
    texts = []
    for row in labels:
        words = [rng.choice(PLACES), *rng.choice(ALWAYS, 4, replace=False)]
        for present, name in zip(row, NAMES, strict=False):
            if rng.random() < (0.9 if present else 0.1):
                words.append(rng.choice(SIGNS[name]))
        texts.append(" ".join(words))
    return texts, labels


@cache
def small_run() -> TrainingRun:
    return fit(*example(), NAMES)


def test_a_run_learns_what_the_descriptions_tell() -> None:
    texts, labels = example(seed=1)
    assert ((small_run().classifier.predict_proba(texts) >= 0.5) == labels).mean() > 0.8
    assert ((small_run().oof_probabilities >= 0.5) == example()[1]).mean() > 0.8


def test_a_run_reports_out_of_fold_predictions_for_every_description() -> None:
    run, (texts, labels) = small_run(), example()
    for predicted in (run.oof_scores, run.oof_probabilities, run.plain_probabilities):
        assert predicted.shape == labels.shape
        assert np.isfinite(predicted).all()
    in_sample = run.classifier.decision_function(texts)
    assert not np.allclose(in_sample, run.oof_scores)
    spread = [np.abs(each - labels).mean() for each in (run.plain_probabilities, labels * 0.98)]
    assert spread[0] > spread[1]


def test_training_twice_gives_the_same_run_to_the_last_bit() -> None:
    first, second = small_run(), fit(*example(), NAMES)
    for name in ("oof_scores", "oof_probabilities", "plain_probabilities"):
        assert np.array_equal(getattr(first, name), getattr(second, name))
    assert joblib.hash(first.classifier.to_state()) == joblib.hash(second.classifier.to_state())


def test_another_seed_gives_other_folds() -> None:
    assert not np.array_equal(fit(*example(), NAMES, seed=1).oof_scores, small_run().oof_scores)


def test_the_model_holds_only_terms_of_enough_distinct_descriptions() -> None:
    texts, labels = example()
    texts[: MIN_DESCRIPTIONS - 1] = [f"{text} zeppelin" for text in texts[: MIN_DESCRIPTIONS - 1]]
    texts[10:20] = ["Gramophone on the balcony!"] * 5 + ["gramophone, on the balcony"] * 5
    model = fit(texts, labels, NAMES).classifier
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    pieces: Counter[str] = Counter()
    for text in sorted({normalise(text) for text in texts}):
        tokens = tokenise(clean(text))
        words.update(set(tokens))
        pairs.update(set(pairwise(tokens)))
        pieces.update({piece for word in tokens for piece in pieces_of(word)})
    assert not {"zeppelin", "gramophone", "balcony"} & set(model.words)
    assert all(words[word] >= MIN_DESCRIPTIONS for word in model.words)
    assert all(pieces[piece] >= MIN_DESCRIPTIONS for piece in model.pieces)
    left, right = np.divmod(model.pairs, len(model.words))
    held = [(model.words[i], model.words[j]) for i, j in zip(left, right, strict=True)]
    assert held
    assert all(pairs[pair] >= MIN_DESCRIPTIONS for pair in held)


def test_the_classifier_scores_as_the_fitted_design_does() -> None:
    from afterword.training.fit import _Corpus, _Design

    texts, labels = example()
    tokens = [tokenise(clean(text)) for text in texts]
    groups = np.unique([normalise(text) for text in texts], return_inverse=True)[1]
    rows = np.arange(len(texts))
    (model,) = _Design(_Corpus(tokens, groups), rows).fit(labels, small_run().strength)
    scores = small_run().classifier.decision_function(texts)
    assert scores == pytest.approx(model.score(rows), abs=1e-10)


def test_repeats_never_stand_on_both_sides_of_a_grouped_fold() -> None:
    labels = np.tile([[0, 1], [1, 0], [1, 1], [0, 0]], (50, 1))
    groups = np.repeat(np.arange(50), 4)
    folds = grouped_folds(labels, groups)
    assert sorted(np.concatenate([held for _, held in folds])) == list(range(200))
    assert all(not set(groups[fit]) & set(groups[held]) for fit, held in folds)


def test_the_calibration_of_a_fold_never_saw_that_fold() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(300, 1))
    labels = (rng.random((300, 1)) < 0.5).astype(int)
    folds = [(np.arange(150), np.arange(150, 300)), (np.arange(150, 300), np.arange(150))]
    before = crossfit_calibration(scores, labels, folds)
    labels[:150] = 1 - labels[:150]
    after = crossfit_calibration(scores, labels, folds)
    assert np.array_equal(before[:150], after[:150])
    assert not np.array_equal(before[150:], after[150:])


def test_a_higher_score_never_gets_a_lower_probability() -> None:
    scores = np.linspace(-9, 9, 2_001)[:, None].repeat(2, axis=1)
    probabilities = small_run().classifier.calibrate(scores)
    assert (np.diff(probabilities, axis=0) >= 0).all()


def test_no_probability_is_certain() -> None:
    run = small_run()
    low, high = PROBABILITY_RANGE
    for each in (run.oof_probabilities, run.plain_probabilities):
        assert ((each >= low) & (each <= high)).all()


def test_progress_rises_from_0_to_1_and_names_its_steps() -> None:
    seen: list[tuple[str, float]] = []
    fit(*example(), NAMES, progress=lambda step, done: seen.append((step, done)))
    shares = [done for _, done in seen]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len({step for step, _ in seen}) >= 4


@pytest.mark.parametrize("rows", [120, 600])
def test_one_category_is_enough(rows: int) -> None:
    texts, labels = example(rows, categories=1)
    run = fit(texts, labels, ["Noise"])
    assert run.classifier.predict_proba(texts[:3]).shape == (3, 1)


@pytest.mark.whole
def test_a_rare_category_and_many_categories_can_be_trained() -> None:
    texts, labels = example()
    rare = np.zeros((len(texts), 4), int)
    for j in range(4):
        rare[j * 12 : j * 12 + 12, j] = 1
    run = fit(texts, np.column_stack([labels, rare]), [f"category {j}" for j in range(6)])
    assert np.isfinite(run.oof_scores).all()


def refusals() -> dict[str, tuple[Any, Any, Any, str]]:
    texts, labels = example()
    few = labels.copy()
    few[:, 1] = 0
    few[:9, 1] = 1
    repeated = few.copy()
    repeated[:40, 1] = 1
    return {
        "too few descriptions": (texts[:40], labels[:40], NAMES, "50 distinct"),
        "too few distinct ones": (texts[:40] * 6, labels, NAMES, "50 distinct"),
        "nothing but empty texts": (["", " ", "!"] * 80, labels, NAMES, "are 0"),
        "no descriptions": ([], np.zeros((0, 2)), NAMES, "are 0"),
        "a category with too few": (texts, few, NAMES, "with the category Litter, these are 9"),
        "a category without others": (texts, 1 - few, NAMES, "without the category Litter"),
        "positives that are one text": (
            ["the same loud text"] * 40 + texts[40:],
            repeated,
            NAMES,
            "these are 1;",
        ),
        "labels of other numbers": (texts, labels * 2, NAMES, "0 or 1"),
        "missing labels": (texts, np.where(labels, np.nan, 0), NAMES, "0 or 1"),
        "labels that are words": (texts, labels.astype(str), NAMES, "0 or 1"),
        "labels of another shape": (texts, labels[:, 0], NAMES, "table"),
        "no category": (texts, labels[:, :0], (), "table"),
        "one name twice": (texts, labels, ("Noise", "Noise"), "same name"),
        "a missing text": ([None, *texts[1:]], labels, NAMES, "must be a text"),
        "no common word": ([f"w{i} x{i}" for i in range(240)], labels, NAMES, "No word"),
    }


@pytest.mark.parametrize("case", refusals())
def test_data_that_make_no_model_are_refused_with_a_reason(case: str) -> None:
    texts, labels, names, reason = refusals()[case]
    with pytest.raises(TrainingError, match=reason) as caught:
        fit(texts, labels, names)
    assert "loud" not in str(caught.value)


# The real data are not in the repository; SAFECITY_DIR names the folder that has them.

FOLDER = Path(os.environ.get("SAFECITY_DIR", ""))
needs_data = pytest.mark.real_data


def read(split: str) -> tuple[list[str], np.ndarray]:
    with (FOLDER / f"{split}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [row[0] for row in rows], np.array([row[1:4] for row in rows], int)


@pytest.fixture(scope="module")
def real_run() -> TrainingRun:
    return fit(*read("train"), ("Commenting", "Ogling", "Groping"))


@pytest.fixture(scope="module")
def on_dev(real_run: TrainingRun) -> Evaluation:
    texts, labels = read("dev")
    model = real_run.classifier
    return evaluate(labels, model.predict_proba(texts), model.thresholds, model.categories)


@pytest.mark.slow  # it trains for a minute, and shows more only after a change of the training
class TestRealData:
    pytestmark = needs_data

    def test_held_out_quality_reaches_the_floors(self, on_dev: Evaluation) -> None:
        assert on_dev.at_half.accuracy.value >= 0.833
        assert on_dev.at_half.exact_match.value >= 0.612
        assert on_dev.at_half.micro_f1.value >= 0.69
        assert on_dev.at_half.macro_f1.value >= 0.66

    def test_held_out_calibration_is_as_good_as_chance_allows(self, on_dev: Evaluation) -> None:
        assert all(quality.ece.value <= quality.ece_limit for quality in on_dev.categories)

    def test_thresholds_find_more_of_the_rarest_category(self, on_dev: Evaluation) -> None:
        ogling = on_dev.categories[1]
        assert ogling.at_threshold.recall.value > ogling.at_half.recall.value + 0.1
        assert on_dev.at_thresholds.macro_f1.value > on_dev.at_half.macro_f1.value

    def test_crossfitted_calibration_error_is_small(self, real_run: TrainingRun) -> None:
        labels = read("train")[1].astype(float)
        for truth, predicted in zip(labels.T, real_run.oof_probabilities.T, strict=True):
            assert expected_calibration_error(truth, predicted) <= 0.02

    def test_alone_and_in_a_batch_every_score_is_the_same(self, real_run: TrainingRun) -> None:
        texts, model = read("dev")[0], real_run.classifier
        alone = np.vstack([model.decision_function([text]) for text in texts])
        assert np.array_equal(model.decision_function(texts), alone)

    def test_the_stored_model_is_small(self, real_run: TrainingRun, tmp_path: Path) -> None:
        joblib.dump(real_run.classifier.to_state(), tmp_path / "model", compress=3)
        assert (tmp_path / "model").stat().st_size < 4_000_000

"""The classifier in service: tables, calibration, bad input, storage and start-up."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from afterword.errors import AfterwordError, ModelError
from afterword.files.inputs import TextsError
from afterword.model.classifier import Classifier
from afterword.model.pieces import pieces_of

TEXTS = [
    "Loud music on the bus",
    "loud loud music, on a boat!",
    "",
    "the musics of the buses",
    "Ünbekannt 日本 👍",
    "bus",
]


def state(**changes: Any) -> dict[str, Any]:
    """Tables of two categories and four words, small enough to add up by hand."""
    rng = np.random.default_rng(0)
    words = ("bus", "loud", "music", "the")
    pieces = tuple(sorted({piece for word in words for piece in pieces_of(word)}))
    piece_table = np.column_stack([rng.normal(size=(len(pieces), 2)), np.full(len(pieces), 2.0)])
    place = {piece: at for at, piece in enumerate(pieces)}
    made = {
        "format": 3,
        "categories": ("Noise", "Litter"),
        "modes": {
            "balanced": (np.array([0.4, 0.3]), np.array([[0.35, 0.5], [0.2, 0.4]])),
            "find-more": (np.array([0.2, 0.1]), np.array([[0.1, 0.3], [0.05, 0.2]])),
            "be-sure": (np.array([0.8, np.nan]), np.array([[0.7, 0.85], [0.3, 1.0]])),
        },
        "words": words,
        "word_table": np.array([[1.0, -1.0, 4.0], [2.0, 0.0, 1.0], [0.5, 0.5, 1.0], [0, 0, 1]]),
        "spelling_table": np.array(
            [piece_table[[place[piece] for piece in pieces_of(word)]].sum(axis=0) for word in words]
        ),
        "pairs": np.array([1 * 4 + 2, 3 * 4 + 0]),  # loud music, the bus
        "pair_table": np.array([[3.0, -3.0, 9.0], [1.0, 1.0, 1.0]]),
        "pieces": pieces,
        "piece_table": piece_table,
        "intercept": np.array([-0.5, 0.25]),
        "calibration": (
            (np.array([-1.0, 1.0]), np.array([0.1, 0.9])),
            (np.array([-2.0, 0.0, 2.0]), np.array([0.05, 0.3, 0.8])),
        ),
        "directions": np.array([[1, 0], [0, 1], [0.5, 0.5], [0, 0]], np.float16),
    }
    return made | changes


def with_balanced(thresholds: np.ndarray, bands: np.ndarray) -> dict[str, Any]:
    """The modes, with another first one."""
    return {**state()["modes"], "balanced": (thresholds, bands)}


def classifier(**changes: Any) -> Classifier:
    return Classifier.from_state(state(**changes))


def test_the_score_is_the_sum_that_the_documentation_gives() -> None:
    made, tables = classifier(), state()
    rows, spelled = tables["word_table"], tables["spelling_table"]
    whole = rows[1] + rows[2] + tables["pair_table"][0]  # loud, music and their pair
    letters = spelled[1] + spelled[2]
    expected = tables["intercept"] + whole[:2] / whole[2] ** 0.5 + letters[:2] / letters[2] ** 0.5
    assert made.decision_function(["Loud MUSIC! loud"])[0] == pytest.approx(expected)


def test_a_pair_counts_only_where_its_words_are_neighbours_in_one_description() -> None:
    made = classifier()
    apart = made.decision_function(["music loud", "loud", "music"])
    assert not np.allclose(apart[0], made.decision_function(["loud music"])[0])
    assert np.array_equal(
        apart[1:], np.vstack([made.decision_function([t]) for t in ("loud", "music")])
    )


def test_an_unknown_word_is_spelled_like_a_known_one() -> None:
    made = classifier()
    without = classifier(
        words=("bus", "loud", "the"),
        word_table=state()["word_table"][[0, 1, 3]],
        spelling_table=state()["spelling_table"][[0, 1, 3]],
        pairs=np.array([2 * 3 + 0]),
        pair_table=state()["pair_table"][1:],
        directions=state()["directions"][[0, 1, 3]],
    )
    known, unknown = (
        {each.term: each for each in model.contributions("music")} for model in (made, without)
    )
    whole = state()["word_table"][2]
    assert known["music"].known
    assert not unknown["music"].known
    assert unknown["music"].scores == pytest.approx(
        known["music"].scores - whole[:2] / whole[2] ** 0.5
    )


def test_a_description_scores_the_same_alone_and_in_any_batch() -> None:
    made = classifier()
    together = made.decision_function(TEXTS * 2_000)
    alone = np.vstack([made.decision_function([text]) for text in TEXTS])
    assert np.array_equal(together, np.tile(alone, (2_000, 1)))
    assert np.array_equal(made.decision_function(TEXTS[::-1]), alone[::-1])


@pytest.mark.parametrize("text", TEXTS)
def test_contributions_add_up_to_the_score(text: str) -> None:
    made = classifier()
    total = made.intercept + sum((each.scores for each in made.contributions(text)), np.zeros(2))
    assert total == pytest.approx(made.decision_function([text])[0], abs=1e-12)


def test_contributions_name_words_in_order_then_known_pairs() -> None:
    terms = [each.term for each in classifier().contributions("on the bus: loud music the bus")]
    assert terms == ["on", "the", "bus", "loud", "music", "the bus", "loud music"]


def test_probabilities_follow_the_knots_and_stay_between_0_and_1() -> None:
    made = classifier()
    scores = np.array([[-9.0, -1.0], [0.0, 0.0], [9.0, 9.0]])
    assert made.calibrate(scores) == pytest.approx(np.array([[0.1, 0.175], [0.5, 0.3], [0.9, 0.8]]))
    probabilities = made.predict_proba(TEXTS)
    assert probabilities.shape == (len(TEXTS), 2)
    assert ((probabilities >= 0) & (probabilities <= 1)).all()


def test_a_category_that_is_never_predicted_is_counted_from_a_threshold_of_its_own() -> None:
    never = with_balanced(np.array([0.4, np.nan]), np.array([[0.35, 0.5], [1.0, 1.0]]))
    made = classifier(modes=never, counted=np.array([0.4, 0.1]))
    assert made.thresholds.tolist() == [0.4, 0.1]
    assert not made.predict(TEXTS)["Litter", "decision"].any()
    again = Classifier.from_state(made.to_state())
    assert np.array_equal(again.thresholds, made.thresholds)
    assert classifier().thresholds.tolist() == [0.4, 0.3]


def test_predict_decides_from_the_threshold_and_is_unsure_near_it() -> None:
    made = classifier()
    frame = made.predict(TEXTS)
    probability = frame["Noise", "probability"].to_numpy()
    columns: list[Any] = frame.columns.tolist()
    assert columns[:3] == [("Noise", f) for f in ("probability", "decision", "unsure")]
    assert np.array_equal(frame["Noise", "decision"], probability >= 0.4)
    near = (probability >= 0.35) & (probability < 0.5)
    assert np.array_equal(frame["Noise", "unsure"], near)
    assert frame.dtypes.astype(str).tolist() == ["float64", "bool", "bool"] * 2
    assert list(frame.index) == list(range(len(TEXTS)))


def test_a_mode_decides_by_its_own_thresholds_and_never_what_it_cannot_promise() -> None:
    made = classifier()
    found = {name: made.predict(TEXTS, name) for name in ("balanced", "find-more", "be-sure")}
    counts = [found[name]["Noise", "decision"].sum() for name in found]
    assert counts[1] >= counts[0] >= counts[2]
    assert not found["be-sure"]["Litter", "decision"].any()
    assert found["be-sure"]["Litter", "unsure"].equals(
        found["balanced"]["Litter", "probability"] >= 0.3
    )


def test_predict_keeps_the_index_of_a_series() -> None:
    series = pd.Series(TEXTS, index=[f"row {i}" for i in range(len(TEXTS))])
    assert list(classifier().predict(series).index) == list(series.index)


def test_no_descriptions_give_no_rows() -> None:
    made = classifier()
    assert made.predict_proba([]).shape == (0, 2)
    assert made.predict([]).shape == (0, 6)


@pytest.mark.parametrize("bad", [None, float("nan"), 3, b"secret"])
def test_what_is_not_a_text_is_refused_by_place_and_type_alone(bad: object) -> None:
    with pytest.raises(TextsError, match="Item 1") as caught:
        classifier().predict_proba(["loud", bad])  # type: ignore[list-item]
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value, AfterwordError)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("bad", ["one loud text", None, 3])
def test_one_text_in_place_of_a_list_is_refused(bad: Any) -> None:
    with pytest.raises(TextsError, match="list of texts"):
        classifier().predict_proba(bad)


def test_the_dense_representation_is_tf_idf_of_length_one_in_the_directions() -> None:
    made, tables = classifier(), state()
    presence = sp.csr_matrix([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1]])
    powers = tables["word_table"][:, -1]
    expected = [
        row * np.sqrt(powers) @ tables["directions"] / np.sqrt(max(row @ powers, 1))
        for row in presence.toarray()
    ]
    assert made.represent(presence) == pytest.approx(np.array(expected))
    assert not made.represent(presence)[1].any()


def test_a_stored_classifier_predicts_the_same(tmp_path: Any) -> None:
    joblib.dump(classifier().to_state(), tmp_path / "model", compress=3)
    restored = Classifier.from_state(joblib.load(tmp_path / "model"))
    assert np.array_equal(restored.predict_proba(TEXTS), classifier().predict_proba(TEXTS))
    assert restored.categories == ("Noise", "Litter")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 0},
        {"modes": {}},
        {"modes": with_balanced(np.array([0.4]), np.zeros((1, 2)))},
        {"modes": with_balanced(np.array([0.4, 1.5]), np.zeros((2, 2)))},
        {"counted": np.array([0.4, np.nan])},
        {"counted": np.array([0.4])},
        {"counted": np.array([0.4, 0.2])},
        {"modes": with_balanced(np.array([0.4, np.nan]), np.zeros((2, 2)))},
        {"modes": with_balanced(np.array([0.4, 0.3]), np.array([[0.5, 0.4], [0.1, 0.4]]))},
        {"word_table": np.zeros((3, 3))},
        {"piece_table": "nothing"},
        {"intercept": np.array([np.nan, 0.0])},
        {"pairs": np.array([9, 1])},
        {"pieces": (), "piece_table": np.empty((0, 3))},
        {"directions": np.zeros((3, 2), np.float16)},
        {"directions": np.full((4, 2), np.nan, np.float16)},
        {"calibration": ()},
        {"calibration": ((np.array([1.0, 0.0]), np.array([0.0, 1.0])),) * 2},
        {"calibration": ((np.array([0.0, 1.0]), np.array([0.0, 2.0])),) * 2},
    ],
)
def test_a_damaged_state_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        classifier(**changes)


def test_an_incomplete_state_is_refused_by_name() -> None:
    incomplete = state()
    del incomplete["intercept"]
    with pytest.raises(ModelError, match="intercept"):
        Classifier.from_state(incomplete)


def test_a_classifier_cannot_be_changed() -> None:
    made = classifier()
    with pytest.raises(AttributeError):
        made.thresholds = np.array([0.5, 0.5])  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        made.thresholds[0] = 0.9


def test_the_vocabulary_answers_for_words_only() -> None:
    made = classifier()
    assert "music" in made.vocabulary
    assert "boat" not in made.vocabulary
    assert "Music" not in repr(made)


def test_a_model_without_pairs_still_predicts() -> None:
    bare = classifier(pairs=np.empty(0, np.int64), pair_table=np.empty((0, 3)))
    assert np.isfinite(bare.predict_proba(TEXTS)).all()


@pytest.mark.whole
def test_predicting_imports_neither_scikit_learn_nor_pandas() -> None:
    program = (
        "import sys, afterword.model.classifier\n"
        "assert not {'sklearn', 'pandas', 'scipy'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # a fresh interpreter

"""Why an answer: the shares are the score, and lie on the characters that brought them."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.files.inputs import TextsError
from afterword.model.classifier import Classifier
from afterword.model.explanation import CategoryError, Explanation, WordError, explain
from afterword.model.registry import load_model
from tests.conftest import invented
from tests.model.test_classifier import classifier

SHOWN = 1e-6
"""Far below what anybody could see; rounding leaves some 1e-13."""

ODD = (
    "",
    "...!?",
    "café CAFÉ cafe\u0301 İzmir's ½ ﬁne",
    "x" * 300 + " stared",
    "staring " * 2_000,
    "<script>alert('he whistled')</script> &amp; quothiquot",
    "\ud800 he \u202ewhistled\u202c at me 👀 \0 again",
    "आदमी ने सीटी बजाई a\u094d",
    "staringgg touchd wistled comented",
    "don't don't don`t",
)


def hostile(count: int) -> list[str]:
    """Texts of known, misspelt and impossible words in an order of chance."""
    chance = random.Random(7)
    words = [
        *load_model().words[::40],
        *"staringg wistle ÉTÉ İi ß 👍 <b> &lt; 'n' शब्द a\u094d".split(),
    ]
    return [
        " ".join(
            "".join(chance.sample(word, len(word))) if chance.random() < 0.2 else word
            for word in chance.choices(words, k=chance.randrange(40))
        )
        for _ in range(count)
    ]


def furthest(texts: list[str], model: Classifier) -> float:
    """The largest difference between a score and any of the sums that should be it."""
    scores = model.decision_function(texts)
    worst = 0.0
    for text, score in zip(texts, scores, strict=True):
        why = explain(text, model)
        assert why.characters.shape == (len(why.text), len(model.categories))
        sums = (why.scores, *(part.sum(axis=0) + why.intercept for part in parts(why)))
        worst = max(worst, *(float(np.abs(each - score).max()) for each in sums))
    return worst


def parts(why: Explanation) -> tuple[np.ndarray, ...]:
    """The scores split by characters, and by words at their places."""
    return why.characters, why.token_shares


@pytest.mark.whole
def test_the_shares_of_a_thousand_descriptions_add_up_to_their_scores() -> None:
    texts = [*ODD, *invented(400)["description"], *hostile(600)]
    assert len(texts) > 1_000
    assert furthest(texts, load_model()) < SHOWN


@pytest.mark.real_data
def test_the_shares_of_a_thousand_real_descriptions_add_up_to_their_scores(
    safecity: Path,
) -> None:
    table = pd.read_csv(safecity / "train.csv", dtype=str, keep_default_na=False)
    column = max(table.columns, key=lambda name: table[name].str.len().mean())
    assert furthest(table[column].head(1_000).tolist(), load_model()) < SHOWN


@pytest.mark.parametrize("text", ODD)
def test_what_distinct_words_add_and_what_marks_add_are_the_score_too(text: str) -> None:
    why = explain(text, load_model())
    for place, name in enumerate(why.categories):
        expected = pytest.approx(why.scores[place] - why.intercept[place], abs=SHOWN)
        assert sum(share.amount for share in why.words(name)) == expected
        assert sum(mark.amount for mark in why.marks(name)) == expected


def on_characters(text: str, model: Classifier) -> list[float]:
    """What each character adds to the first category."""
    return explain(text, model).characters[:, 0].round(9).tolist()


def speller(**pieces: float) -> Classifier:
    """A model that knows nothing but some pieces; a space is written as an underscore."""
    names = sorted(piece.replace("_", " ") for piece in pieces)
    weights = [pieces[name.replace(" ", "_")] for name in names]
    return classifier(
        words=("zz",),
        word_table=np.zeros((1, 3)),
        spelling_table=np.zeros((1, 3)),
        pairs=np.empty(0, np.int64),
        pair_table=np.empty((0, 3)),
        pieces=tuple(names),
        # Squared lengths of 0: nothing is divided, so that the sums can be read.
        piece_table=np.column_stack([weights, weights, np.zeros(len(names))]),
        directions=np.zeros((1, 2), np.float16),
    )


def worder() -> Classifier:
    """A model that knows whole words and the pair "loud music" alone."""
    weights = np.array([[0.0], [4.0], [5.0], [0.0]])
    return classifier(
        word_table=np.hstack([weights, weights, np.zeros((4, 1))]),
        spelling_table=np.zeros((4, 3)),
        pairs=np.array([1 * 4 + 2]),
        pair_table=np.array([[9.0, 9.0, 0.0]]),
        pieces=("qq",),
        piece_table=np.zeros((1, 3)),
    )


def test_a_piece_lies_on_the_letters_that_it_covers() -> None:
    assert on_characters("push", speller(sh=6.0)) == [0, 0, 3, 3]


def test_the_edge_of_a_word_is_no_letter_of_a_piece() -> None:
    assert on_characters("a push", speller(_p=6.0, ush_=6.0)) == [0, 0, 6, 2, 2, 2]


def test_a_piece_of_a_word_that_occurs_twice_is_shared_between_its_places() -> None:
    assert on_characters("push, push", speller(sh=6.0)) == [0, 0, 1.5, 1.5, 0, 0, 0, 0, 1.5, 1.5]


def test_a_word_lies_evenly_on_its_letters_and_not_on_its_apostrophe() -> None:
    assert on_characters("mu'sic", worder()) == [1, 1, 0, 1, 1, 1]


def test_a_pair_lies_on_both_words_only_where_they_are_neighbours() -> None:
    alone, paired = [1.0] * 4, [2.0] * 4
    music = [0.5] * 5, [1.5] * 5
    found = explain("music, loud music", worder())
    assert found.characters[:5, 0] == pytest.approx(music[0])
    assert found.characters[7:11, 0] == pytest.approx(paired)
    assert found.characters[12:, 0] == pytest.approx(music[1])
    assert explain("loud", worder()).characters[:, 0] == pytest.approx(alone)


def test_what_lies_beyond_the_letters_that_are_read_adds_nothing() -> None:
    why = explain("ab" * 100, load_model())
    assert why.characters[:64].any()
    assert not why.characters[64:].any()


def test_words_go_from_what_raises_to_what_lowers_and_say_how_often_they_occur() -> None:
    why = explain("A man was staring at me, staring and staring.", load_model())
    shares = why.words("Ogling")
    assert shares[0].word == "staring"
    assert shares[0].times == 3
    assert shares[0].known
    assert [one.amount for one in shares] == sorted((one.amount for one in shares), reverse=True)


def test_an_unknown_word_is_said_to_be_unknown() -> None:
    (share,) = explain("staringgly", load_model()).words("Ogling")
    assert not share.known
    assert share.amount > 0


def test_marks_follow_the_text_and_never_overlap() -> None:
    # The vowel killer is a word of its own to the model, and stands on the letter before it.
    why = explain("he stared a\u094d at me", load_model())
    marks = why.marks("Ogling")
    assert [why.text[mark.start : mark.end] for mark in marks] == "he stared a\u094d at me".split()
    assert all(one.end <= two.start for one, two in pairwise(marks))


@pytest.mark.parametrize(
    ("text", "repaired"),
    [("He  said\nhi.", False), ("He said quothiquot.", True), ("He said \u201chi\u201d.", True)],
)
def test_it_is_told_whether_the_text_was_repaired(text: str, repaired: bool) -> None:
    assert explain(text, load_model()).repaired is repaired


def cut(why: Explanation, word: str) -> str:
    """The text with all places of a word cut out of it."""
    text = why.text
    for token in reversed(why.tokens):
        if token.word == word:
            text = f"{text[: token.start]} {text[token.end :]}"
    return text


def test_without_a_word_the_answer_is_that_to_the_text_without_it_to_the_last_bit() -> None:
    model, compared = load_model(), 0
    for text in [*invented(60)["description"], *hostile(60)]:
        why = explain(text, model)
        # A sign of another script that is a word of its own stands on the letter before it.
        words = [word for word in dict.fromkeys(t.word for t in why.tokens) if word.isascii()]
        expected = model.predict_proba([cut(why, word) for word in words])
        assert np.array_equal(why.without(words), expected)
        compared += len(words)
    assert compared > 1_000


def test_without_a_word_the_answer_is_not_the_score_less_its_amount() -> None:
    model = load_model()
    why = explain("A man was staring at me.", model)
    place = why.place_of("Ogling")
    share = why.words("Ogling")[0]
    less = model.calibrate(why.scores[None] - share.amount)[0, place]
    (rest,) = why.without([share.word])[:, place]
    assert abs(rest - less) > 0.01


def test_words_that_become_neighbours_are_a_pair() -> None:
    wide = np.array([-99.0, 99.0]), np.array([0.1, 0.9])
    model = replace(worder(), calibration=(wide, wide))
    why = explain("loud bus music", model)
    assert np.array_equal(why.without(["bus"]), model.predict_proba(["loud music"]))
    # The word itself adds nothing to this model.
    assert (why.without(["bus"]) > model.calibrate(why.scores[None])).all()


def test_all_spellings_and_places_of_a_word_are_left_out() -> None:
    model = load_model()
    why = explain("He didn't stop staring, STARING and St\u00e1ring: he didn\u2019t.", model)
    without = model.predict_proba(
        ["He stop staring staring and staring he", "He didnt stop and he didnt"]
    )
    assert np.array_equal(why.without(["didnt", "staring"]), without)
    assert np.array_equal(why.without(["didn\u2019t", "St\u00e1ring"]), without)


def test_without_its_only_word_a_text_is_empty() -> None:
    model = load_model()
    assert np.array_equal(
        explain("Staring!", model).without(["staring"]), model.predict_proba([""])
    )
    assert explain("", model).without([]).shape == (0, 3)


@pytest.mark.parametrize("word", ["whistled", "", "he stared", "..."])
def test_a_word_that_the_text_does_not_hold_is_refused_without_repeating_it(word: str) -> None:
    with pytest.raises(WordError, match="does not hold such a word") as refused:
        explain("He stared.", load_model()).without([word])
    assert "whistled" not in str(refused.value)


@pytest.mark.parametrize("words", ["stared", "", None, 3, [None], [b"stared"], ["stared", 1]])
def test_what_is_no_list_of_words_is_refused_and_not_read_letter_by_letter(words: Any) -> None:
    with pytest.raises(WordError, match="in a list, each as a str"):
        explain("He stared at a bus.", load_model()).without(words)


def test_an_explanation_of_another_category_is_refused_by_the_names_there_are() -> None:
    why = explain("He stared.", load_model())
    with pytest.raises(CategoryError, match="Commenting, Ogling, Groping"):
        why.words("Stalking")


def test_what_is_printed_of_an_explanation_holds_no_word_of_the_text() -> None:
    why = explain("He stared at Quenby.", load_model())
    printed = f"{why!r} {why} {why.words('Ogling')}".lower()
    assert "quenby" not in printed
    assert "stared" not in printed


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TextsError):
        explain(None, load_model())  # type: ignore[arg-type]


def test_the_package_explains_with_the_model_in_service_also_after_its_module_was_imported() -> (
    None
):
    for _ in range(2):
        assert afterword.explain("He stared.").categories == load_model().categories


@pytest.mark.whole
def test_explaining_imports_neither_pandas_nor_streamlit() -> None:
    program = (
        "import sys, afterword\n"
        "afterword.explain('He stared.')\n"
        "assert not {'sklearn', 'pandas', 'scipy', 'streamlit'} & set(sys.modules), 'heavy'"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # a fresh interpreter

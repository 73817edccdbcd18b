"""Descriptors say what is wrong with a text, and nothing exact enough to know it by."""

import numpy as np
import pandas as pd
import pytest

from afterword.text.analysis import describe
from afterword.text.descriptors import DESCRIPTORS, NAMES, on_grid

WORDS = frozenset("a man kept watching me on our tram so i got off".split())
ORDINARY = "A man kept watching me on our tram so I got off."


def measured(text: str) -> pd.Series:
    return describe([text], WORDS).iloc[0]


def test_there_are_at_least_ten_and_each_is_on_its_grid() -> None:
    frame = describe([ORDINARY, "x", "", "WHY?! 12 <b>&amp;</b> ñandú " * 50], WORDS)
    assert len(NAMES) >= 10
    for descriptor in DESCRIPTORS:
        assert np.isin(frame[descriptor.name], descriptor.grid.astype(np.float32)).all()
    assert frame.notna().all().all()


@pytest.mark.parametrize(
    ("damaged", "name"),
    [
        (ORDINARY.upper(), "capitals"),
        (ORDINARY.replace(" ", ""), "longest_word"),
        (ORDINARY.replace(" ", ""), "unknown_words"),
        (ORDINARY + " &quot;so&quot; <br>", "markup"),
        (ORDINARY.replace("kept", "kÃ©pt"), "non_ascii"),
        (ORDINARY + " 0123 4567", "digits"),
        (ORDINARY + " ?!?! ... ---", "non_letters"),
        (ORDINARY + " on our tram on our tram on our tram", "repetition"),
        (ORDINARY * 4, "characters"),
        ("Bytetok quux zorble frimp", "unknown_words"),
    ],
)
def test_damage_raises_the_descriptor_that_names_it(damaged, name: str) -> None:
    assert measured(damaged)[name] > measured(ORDINARY)[name]


def test_another_language_lowers_the_share_of_common_english_words() -> None:
    spanish = measured("Un señor me siguió desde la parada hasta la puerta de mi casa.")
    assert spanish["english_words"] < 0.3 < measured(ORDINARY)["english_words"]


def test_what_is_seldom_never_rounds_to_none() -> None:
    rare = next(item for item in DESCRIPTORS if item.name == "digits")
    assert on_grid(rare, np.array([1e-6, 0.0])).tolist() == pytest.approx([0.01, 0.0])


def test_two_texts_of_about_one_length_get_the_same_length() -> None:
    assert measured("x" * 60)["characters"] == measured("x" * 64)["characters"]


def test_the_rows_keep_their_numbers() -> None:
    assert describe(pd.Series([ORDINARY], index=[7]), WORDS).index.tolist() == [7]  # type: ignore[arg-type]

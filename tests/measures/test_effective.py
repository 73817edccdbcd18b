"""How many rows a batch is worth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from afterword.measures.definitions import (
    KNOWN_WORDS,
    NEW_WORDS,
    REJECTED,
    REPEATS,
    SENT_TWICE,
    UNSURE,
)
from afterword.measures.effective import LEAST, effective_rows, sizes_of
from afterword.measures.null_tables import load_tables
from afterword.measures.profiles import Profile, profile_of
from afterword.model.scoring import score
from tests.conftest import invented


def profile(texts: list[str]) -> Profile:
    return profile_of(score(texts), load_tables().rules)


def with_texts(found: Profile, **counts: Any) -> Profile:
    assert found.texts is not None
    return replace(found, texts=replace(found.texts, **counts))


@pytest.fixture(scope="module")
def once() -> list[str]:
    texts = invented(400, seed=21)["description"].drop_duplicates().tolist()[:200]
    assert len(texts) == 200
    return texts


def worth(texts: list[str]) -> float:
    return effective_rows(profile(texts), load_tables().totals)


def test_rows_that_were_sent_once_are_all_worth_one(once: list[str]) -> None:
    assert worth(once) == 200


@pytest.mark.parametrize("times", [2, 3])
def test_rows_that_were_sent_again_are_worth_what_was_sent_once(
    once: list[str], times: int
) -> None:
    expected = load_tables().totals.expected_pairs(np.array([200 * times]))[0]
    # What training lets expect is no excess.
    assert 0.1 < expected < 20
    assert 200 < worth(once * times) < 200 + 2 * expected


def test_some_rows_that_were_sent_twice(once: list[str]) -> None:
    found = profile([*once, *once[:60]])
    assert found.texts is not None
    assert (found.texts.pairs, found.texts.again) == (60, 60)
    excess = 60 - load_tables().totals.expected_pairs(np.array([260]))[0]
    assert effective_rows(found, load_tables().totals) == pytest.approx(
        260 / (1 + 2 * excess / 260)
    )


def test_texts_that_many_people_write_are_no_copies(once: list[str]) -> None:
    found = profile([*once, *["touching"] * 20, *["commenting"] * 20])
    assert found.texts is not None
    assert (found.texts.common, found.texts.pairs, found.texts.again) == (40, 0, 0)
    assert worth([*once, *["touching"] * 20]) == 220


def test_one_text_again_and_again_hides_nothing_else(once: list[str]) -> None:
    """Kish's size would be 4; the text itself moves a mean by its share at most."""
    found = worth([*once, *[once[0]] * 200])
    assert found == pytest.approx(200**2 / 400)


def test_where_copies_were_not_counted_every_row_counts(once: list[str]) -> None:
    found = with_texts(profile(once * 2), common=None, pairs=None, again=None)
    assert effective_rows(found, load_tables().totals) == 400
    assert effective_rows(replace(found, texts=None), load_tables().totals) == 400


def test_each_measure_has_the_size_of_what_it_counts(once: list[str]) -> None:
    tables = load_tables()
    found = profile([*once, *once[:100]])
    sizes = dict(
        zip(
            (each.name for each in tables.definitions),
            sizes_of(tables.definitions, found, tables.totals).tolist(),
            strict=True,
        )
    )
    assert [sizes[name] for name in (REPEATS, SENT_TWICE, REJECTED)] == [300] * 3
    assert [sizes[name] for name in (KNOWN_WORDS, NEW_WORDS)] == [200] * 2
    assert sizes[UNSURE] == round(effective_rows(found, tables.totals)) < 200


def test_no_batch_is_taken_for_fewer_than_ten_rows(once: list[str]) -> None:
    tables = load_tables()
    few = profile(once[:5] * 6)
    assert min(sizes_of(tables.definitions, few, tables.totals)) == LEAST
    assert min(sizes_of(tables.definitions, profile(once[:4]), tables.totals)) == 4

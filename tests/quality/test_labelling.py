"""A review under way: what is asked, what is taken, what the labels say, what leaves."""

from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from afterword import read_batch
from afterword.errors import ReviewError
from afterword.files import exports
from afterword.model.classifier import Classifier
from afterword.quality.labelling import Labelling, begin
from afterword.records import Batch
from tests.conftest import invented

CATEGORIES = ("Remarks", "Staring")
MODEL = cast(Classifier, SimpleNamespace(categories=CATEGORIES, thresholds=np.array([0.5, 0.5])))
ROWS = 30


def batch(**columns: Any) -> Batch:
    """Invented descriptions of which the third row is rejected."""
    table = invented(ROWS + 1, seed=4)[["description"]].assign(**columns)
    table.loc[2, "description"] = ""
    return read_batch(table)


@pytest.fixture
def review() -> Labelling:
    return started(10)


def started(labels: int, source: Batch | None = None) -> Labelling:
    chances = np.random.default_rng(0).random((ROWS, 2))
    return begin(source or batch(), MODEL, chances, labels=labels, key="a file")


def act(review: Labelling, name: str, answer: Any = None) -> None:
    review.take({"place": review.place, "act": name, "answer": answer})


def label(review: Labelling, *answers: tuple[int, int]) -> None:
    for answer in answers:
        act(review, "reveal")
        act(review, "save", list(answer))


def test_a_text_is_shown_only_when_it_was_asked_for(review: Labelling) -> None:
    assert review.text is None
    act(review, "reveal")
    assert review.text == batch().numbered().texts[review.row]
    act(review, "save", [1, 0])
    assert review.place == 1
    assert review.text is None


def test_texts_that_are_kept_shown_are_shown_at_once(review: Labelling) -> None:
    act(review, "keep")
    act(review, "save", [1, 0])
    assert review.text is not None
    act(review, "hide")
    act(review, "save", [1, 0])
    assert review.text is None


def test_nothing_is_labelled_unread(review: Labelling) -> None:
    act(review, "save", [1, 0])
    assert review.place == 0
    assert not review.answers


@pytest.mark.parametrize(
    "told",
    [
        None,
        "save",
        {},
        {"place": 5, "act": "save", "answer": [1, 0]},
        {"place": 0, "act": "save", "answer": [1]},
        {"place": 0, "act": "save", "answer": [1, 7]},
        {"place": 0, "act": "save", "answer": "10"},
        {"place": 0, "act": "save", "answer": [1, [0]]},
        {"place": 0, "act": "back"},
        {"place": 0, "act": "next"},
        {"place": 0, "act": ["skip"]},
    ],
)
def test_what_does_not_fit_is_left_aside(review: Labelling, told: Any) -> None:
    act(review, "reveal")
    review.take(told)
    assert (review.place, review.answers) == (0, {})


def test_an_answer_can_be_changed(review: Labelling) -> None:
    label(review, (1, 0), (0, 0))
    act(review, "back")
    act(review, "back")
    label(review, (1, 1))
    act(review, "next")
    assert review.place == 2
    assert review.answers == {0: (1, 1), 1: (0, 0)}


def test_a_skipped_row_comes_again_when_labelling_goes_on(review: Labelling) -> None:
    act(review, "skip")
    label(review, *[(1, 0)] * 9)
    assert not review.open
    review.go_on()
    assert (review.place, review.open) == (0, True)
    label(review, (0, 1))
    assert not review.skipped
    assert len(review.answers) == 10


def test_the_last_answer_ends_the_labelling(review: Labelling) -> None:
    label(review, *[(1, 0)] * 10)
    assert review.ended
    assert not review.open
    act(review, "save", [0, 0])
    assert len(review.answers) == 10


def test_every_row_has_the_same_chance_to_be_asked_about_wherever_one_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn, early = np.zeros(ROWS), np.zeros(ROWS)
    for seed in range(2_000):
        monkeypatch.setattr("afterword.quality.labelling.SEED", seed)
        queue = started(10).queue
        assert len(np.unique(queue)) == 10
        drawn[queue] += 1
        early[queue[:4]] += 1
    for counts, chance in ((drawn, 10 / ROWS), (early, 4 / ROWS)):
        off = (counts / 2_000 - chance) / np.sqrt(chance * (1 - chance) / 2_000)
        assert np.abs(off).max() < 4
        assert 0.6 < off.std() < 1.4


def test_a_skipped_row_counts_as_one_that_was_not_reached(review: Labelling) -> None:
    label(review, (1, 0), (1, 0))
    act(review, "skip")
    label(review, (1, 0), (0, 0))
    assert review.chance == 4 / ROWS


def test_a_small_batch_is_labelled_whole_and_none_is_refused() -> None:
    assert sorted(started(50).queue) == list(range(ROWS))
    with pytest.raises(ReviewError, match="at least one label"):
        started(0)


def test_every_row_labelled_gives_the_quality_without_an_interval() -> None:
    review = started(ROWS)
    decided = (review.probabilities >= 0.5).astype(int)
    label(review, *[tuple(decided[row]) for row in review.queue])
    found = review.assess()
    assert (found.accuracy.value, found.accuracy.error) == (1, 0)
    assert found.labelled == found.rows == ROWS


def test_two_people_are_asked_about_the_same_rows() -> None:
    assert started(10).queue.tolist() == started(10).queue.tolist()


def test_every_accepted_row_leaves_with_the_labels_that_it_has(review: Labelling) -> None:
    label(review, (1, 0), (0, 0), (0, 1))
    table = review.export()
    assert list(table) == ["row", "description", *CATEGORIES, "inclusion_probability"]
    assert table["row"].tolist() == [row for row in range(1, ROWS + 2) if row != 3]
    assert table["description"].tolist() == batch().texts.tolist()
    filled = table.dropna().set_index("row")
    first, second, third = (int(table["row"][row]) for row in review.queue[:3])
    assert len(filled) == 3
    assert filled.loc[[first, second, third], "Remarks"].tolist() == [1, 0, 0]
    assert filled.loc[[first, second, third], "Staring"].tolist() == [0, 0, 1]
    assert (filled["inclusion_probability"] == 3 / ROWS).all()


def test_the_time_leaves_too_under_a_name_that_is_free() -> None:
    times = [f"2024-05-{1 + day % 28:02d}" for day in range(ROWS + 1)]
    assert "time" in started(5, batch(time=times)).export()
    clash = batch(when=times)
    clash = replace(
        clash,
        table=clash.table.rename(columns={"when": "Remarks"}),
        columns=replace(clash.columns, time="Remarks"),
    )
    assert started(5, clash).export()["received_at"].tolist() == [
        time for number, time in enumerate(times) if number != 2
    ]


@pytest.mark.parametrize("write", [exports.to_csv, exports.to_parquet])
def test_the_file_is_read_as_the_same_batch_with_labels(review: Labelling, write: Any) -> None:
    label(review, (1, 0), (0, 1))
    again = read_batch(io.BytesIO(write(review.export())), categories=CATEGORIES)
    assert again.texts.tolist() == batch().texts.tolist()
    assert dict(again.columns.labels) == {name: name for name in CATEGORIES}


def second(review: Labelling, **columns: Any) -> Batch:
    table = review.export().assign(**columns)
    return read_batch(io.BytesIO(exports.to_csv(table)), categories=CATEGORIES)


def test_two_people_are_compared_on_the_rows_that_both_labelled(review: Labelling) -> None:
    other = started(10)
    label(other, (1, 0), (1, 0), (0, 0), (0, 0))
    label(review, (1, 0), (1, 1), (0, 0))
    compared = review.compare(second(other))
    assert compared.rows == 3
    assert [one.agreed for one in compared.agreements] == [1, pytest.approx(2 / 3)]
    (row,) = compared.differences.to_dict(orient="records")
    assert row == {
        "row": int(review.table.index[review.queue[1]]),
        "Remarks: first": 1,
        "Remarks: second": 1,
        "Staring: first": 1,
        "Staring: second": 0,
    }


def test_people_who_labelled_other_rows_share_none(review: Labelling) -> None:
    other = started(10)
    label(other, (1, 0))
    act(review, "skip")
    label(review, (1, 0))
    compared = review.compare(second(other))
    assert compared.rows == 0
    assert compared.differences.empty


def test_a_file_of_another_batch_is_refused_without_quoting_it(review: Labelling) -> None:
    label(review, (1, 0))
    with pytest.raises(ReviewError, match="another batch") as refused:
        review.compare(second(review, description="He stared from the window."))
    assert "window" not in str(refused.value)


def test_a_file_without_row_numbers_or_labels_is_refused(review: Labelling) -> None:
    label(review, (1, 0))
    table = review.export()
    without = read_batch(table.drop(columns="row"), categories=CATEGORIES)
    with pytest.raises(ReviewError, match="rows’ numbers"):
        review.compare(without)
    bare = read_batch(table.drop(columns="Staring"), categories=CATEGORIES)
    with pytest.raises(ReviewError, match="no labels of Staring"):
        review.compare(bare)


def test_a_text_that_a_spreadsheet_could_run_is_still_the_same_text() -> None:
    table = pd.DataFrame({"description": [f"=1+{n} he stared at me again" for n in range(ROWS)]})
    review = started(5, read_batch(table))
    label(review, (1, 0))
    assert review.compare(second(review)).rows == 1


def test_it_shows_no_text_where_it_is_printed(review: Labelling) -> None:
    assert repr(review) == "Labelling(0 of 10 rows labelled)"


def test_a_review_that_was_forgotten_has_no_text_and_no_label_and_takes_none(
    review: Labelling,
) -> None:
    label(review, (1, 0), (0, 1))
    act(review, "keep")
    review.forget()
    act(review, "reveal")
    assert review.text is None
    assert not review.answers
    assert not review.probabilities.any()
    exported = review.export()
    assert exported["description"].tolist() == [""] * ROWS
    assert exported[list(CATEGORIES)].isna().all(axis=None)


def test_the_size_is_in_bytes_and_counts_the_numbers_too() -> None:
    def size(text: str, rows: int = 50) -> int:
        source = read_batch(pd.DataFrame({"description": [f"{text} {n}" for n in range(rows)]}))
        chances = np.full((rows, 2), 0.4)
        return begin(source, MODEL, chances, labels=5).size

    bare, twice = "He stared " * 20, "Он смотрел" * 20
    assert len(bare) == len(twice)
    numbers = 50 * 2 * 8 + 5 * 8
    assert size(bare) > 50 * len(bare) + numbers
    assert size(twice) > 50 * len(twice.encode())  # two bytes a letter

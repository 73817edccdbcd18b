"""Answers for every row of a batch, their modes, and remarks on doubtful ones."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import afterword
from afterword.files.exports import to_csv, to_parquet
from afterword.model.answers import (
    MOSTLY_UNKNOWN,
    NOT_ENGLISH,
    VERY_SHORT,
    agreement_with_predictions,
    apply_mode,
    classify,
    remarks,
)
from afterword.model.modes import ModeError
from afterword.records import Batch
from afterword.settings import MODES

TEXTS = [
    "He kept staring at me on the bus and winked.",
    "",
    "A boy shouted comments about my dress near the market.",
    "n/a",
    "Someone touched me in the crowd at the station.",
]


def batch(**columns: list[str]) -> Batch:
    return afterword.read_batch(pd.DataFrame({"id": range(5), "description": TEXTS, **columns}))


def test_every_row_comes_back_with_its_columns_and_its_answer_or_reason() -> None:
    answer = afterword.classify(batch())
    table = answer.table
    assert table["description"].tolist() == TEXTS
    assert table["id"].tolist() == list(range(5))
    assert table["rejected"].tolist() == ["", "empty", "", "empty", ""]
    assert table["Ogling probability"].notna().tolist() == [True, False, True, False, True]
    assert table.loc[0, "Ogling decision"]
    assert pd.isna(table.loc[1, "Ogling decision"])
    assert answer.predicted("Ogling") == 1
    assert answer.rejected_rows.sum() == 2


def test_a_file_that_was_classified_before_keeps_its_own_columns() -> None:
    first = afterword.classify(batch(**{"Ogling decision": ["zebrafinch"] * 5}))
    second = afterword.classify(afterword.read_batch(first.table))
    third = afterword.classify(afterword.read_batch(second.table))
    for answer in (first, second, third):
        assert answer.table["Ogling decision"].tolist() == ["zebrafinch"] * 5
        assert answer.predicted("Ogling") == 1
        assert answer.rejected_rows.sum() == 2
        assert answer.table.columns.is_unique
    assert list(third.table.columns[: second.table.shape[1]]) == list(second.table.columns)


def test_scores_are_the_models_before_calibration_to_four_decimals() -> None:
    model = afterword.load_model()
    answer = classify(batch(), model)
    names = list(answer.table.columns)
    expected = model.decision_function(batch().texts).round(4)
    for place, category in enumerate(model.categories):
        score = answer.score[category]
        assert names.index(score) == names.index(answer.probability[category]) + 1
        assert answer.table[score].dropna().tolist() == expected[:, place].tolist()
        assert answer.table[score].isna().tolist() == [False, True, False, True, False]


def test_the_likeliest_rows_come_first_where_probabilities_tie_and_rejected_ones_last() -> None:
    answer = classify(batch())
    table = answer.table.copy()
    table[answer.probability["Ogling"]] = 0.5
    table[answer.score["Ogling"]] = [1.0, None, 2.5, None, 1.0]
    ranked = replace(answer, table=table).likeliest_first("Ogling")
    assert ranked.tolist() == [2, 0, 4, 1, 3]


@pytest.mark.parametrize("write", [to_csv, to_parquet])
@pytest.mark.parametrize("rows", [TEXTS, TEXTS[2:3]])
def test_a_download_that_is_read_again_has_its_probabilities_and_no_note_on_scores(
    write, rows
) -> None:
    content = write(classify(afterword.read_batch(pd.DataFrame({"description": rows}))).table)
    again = afterword.read_batch(content, name=f"rows.{write.__name__.removeprefix('to_')}")
    categories = afterword.load_model().categories
    assert again.columns.predictions == {name: f"{name} probability" for name in categories}
    assert not again.columns.labels
    assert not any("read" in note or "score" in note for note in again.notes)


@pytest.mark.parametrize("mode", MODES)
def test_deciding_anew_is_classifying_anew_without_reading_a_text(mode) -> None:
    model = afterword.load_model()
    own = batch(**{"Ogling decision": ["zebrafinch"] * 5})
    first = classify(own, model)
    kept = first.table.copy()
    unread: Any = SimpleNamespace(categories=model.categories, mode=model.mode)
    pd.testing.assert_frame_equal(
        apply_mode(first, unread, mode).table, classify(own, model, mode=mode).table
    )
    pd.testing.assert_frame_equal(first.table, kept)


def test_a_row_without_an_answer_is_neither_decided_nor_unsure() -> None:
    answer = apply_mode(classify(batch()), afterword.load_model(), "be-sure")
    flags = answer.table[[*answer.decision.values(), *answer.unsure.values()]]
    assert flags.isna().all(axis=1).tolist() == [False, True, False, True, False]
    assert (flags.dtypes == "boolean").all()


def test_a_mode_that_there_is_not_is_refused_before_any_work() -> None:
    seen: list[float] = []
    with pytest.raises(ModeError):
        classify(batch(), mode="zebrafinch", progress=seen.append)
    assert not seen


def test_a_file_without_any_description_comes_back_whole() -> None:
    answer = afterword.classify(
        afterword.read_batch(pd.DataFrame({"description": ["", " "], "id": [1, 2]}))
    )
    assert answer.table[answer.rejected].tolist() == ["empty", "empty"]
    assert answer.predicted("Groping") == 0


def test_progress_ends_at_one() -> None:
    seen: list[float] = []
    rows = pd.DataFrame({"description": [f"He stared at me, time {n}" for n in range(4_500)]})
    afterword.score(afterword.read_batch(rows), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) == 3  # two parts, and the end


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("whistling", VERY_SHORT),
        ("Un señor me siguió desde la parada hasta la puerta de mi casa.", NOT_ENGLISH),
        ("Ein Mann hat mich im Bus die ganze Zeit angestarrt und gezwinkert.", NOT_ENGLISH),
        ("Un homme me regardait dans le métro et ne voulait pas arrêter.", NOT_ENGLISH),
        ("एक आदमी बस में मुझे घूर रहा था", NOT_ENGLISH),
        ("I was at the zorblax frimpquist when the quuxling glarfed wozzily", MOSTLY_UNKNOWN),
    ],
)
def test_a_doubtful_text_is_said_to_be_doubtful(text: str, remark) -> None:
    assert remark in remarks([text], afterword.load_model().vocabulary)[0]


def test_an_ordinary_text_gets_no_remark() -> None:
    assert remarks(TEXTS[:1], afterword.load_model().vocabulary) == [()]


def test_agreement_compares_only_what_the_file_tells() -> None:
    model = afterword.load_model()
    decisions = model.predict(TEXTS)["Ogling"]["decision"].astype(int).tolist()
    own = batch(**{"predicted Ogling": decisions})
    assert agreement_with_predictions(own, model) == (1.0, 3)
    assert agreement_with_predictions(batch(), model) is None
    other = batch(**{"predicted Ogling": [1 - value for value in decisions]})
    assert agreement_with_predictions(other, model) == (0.0, 3)

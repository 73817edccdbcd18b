"""From a batch to numbers, and every row back with its answer."""

import io
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import afterword
from afterword.errors import BatchError
from afterword.files.exports import to_csv, to_parquet
from afterword.model.classifier import ModeError
from afterword.model.reference import build_reference
from afterword.model.scoring import (
    MOSTLY_UNKNOWN,
    NOT_ENGLISH,
    VERY_SHORT,
    agreement,
    classify,
    decide,
    ordinary_rows,
    remarks,
)
from afterword.records import Batch, Scored
from afterword.settings import MODES, Settings
from afterword.text.facts import find_facts
from tests.conftest import invented

TEXTS = [
    "He kept staring at me on the bus and winked.",
    "",
    "A boy shouted comments about my dress near the market.",
    "n/a",
    "Someone touched me in the crowd at the station.",
]


def batch(**columns: list[object]) -> Batch:
    return afterword.read_batch(pd.DataFrame({"id": range(5), "description": TEXTS, **columns}))


def test_scored_rows_hold_numbers_only_and_count_what_was_rejected() -> None:
    scored = afterword.score(batch())
    assert len(scored.frame) == 3
    assert (scored.rows, scored.rejected) == (5, 2)
    assert all(dtype == np.float32 for dtype in scored.frame.dtypes)
    assert set(scored.frame) == {*scored.descriptors, *scored.outputs}


def test_probabilities_have_two_digits() -> None:
    scored = afterword.score(batch())
    values = scored.frame["Ogling probability"].to_numpy(dtype=float)
    assert np.allclose(values, np.round(values, 2), atol=1e-6)


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
    unread = SimpleNamespace(categories=model.categories, mode=model.mode)
    pd.testing.assert_frame_equal(
        decide(first, unread, mode).table, classify(own, model, mode=mode).table
    )
    pd.testing.assert_frame_equal(first.table, kept)


def test_a_row_without_an_answer_is_neither_decided_nor_unsure() -> None:
    answer = decide(classify(batch()), afterword.load_model(), "be-sure")
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
    assert len(seen) == 4


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
    assert agreement(own, model) == (1.0, 3)
    assert agreement(batch(), model) is None
    other = batch(**{"predicted Ogling": [1 - value for value in decisions]})
    assert agreement(other, model) == (0.0, 3)


def test_scored_rows_survive_a_file(tmp_path: Path) -> None:
    scored = afterword.score(batch())
    afterword.write_scored(scored, tmp_path / "rows.parquet")
    back = afterword.read(tmp_path / "rows.parquet")
    assert isinstance(back, Scored)
    pd.testing.assert_frame_equal(back.frame, scored.frame)
    assert back.rejections == {"empty": 2}
    assert back.categories == scored.categories
    assert back.profile.to_dict() == scored.profile.to_dict()


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({}, {"bytetok": 9}),
        ({"new_words": {"bytetok": 9, "rare": 4, "Two Words": 7, "<b>": 8}}, {"bytetok": 9}),
        ({"rows": 4}, None),
        ({"flags": [0]}, None),
        (None, None),
    ],
)
def test_a_profile_in_a_file_is_believed_only_as_far_as_it_can_be(
    tmp_path: Path, changes, left: dict[str, int] | None
) -> None:
    scored = afterword.score(batch())
    own = replace(scored.profile, rows=9, distinct=9, new=9, new_words={"bytetok": 9})
    scored = replace(scored, frame=pd.concat([scored.frame] * 9).head(9))
    if changes is not None:
        own = replace(own, **changes)
        own = replace(own, flags=np.array(own.flags))
    rows = replace(scored, profile=own if changes is not None else None)
    profile = afterword.read(_written(rows, tmp_path)).profile
    assert (profile and profile.new_words) == left


@pytest.mark.parametrize("planted", ["zebrafinch", {"rows": 3}, {"rows": "zebrafinch"}, [1]])
def test_a_damaged_profile_in_a_file_is_refused_without_a_word_of_it(
    tmp_path: Path, planted: str | dict[str, int] | dict[str, str] | list[int]
) -> None:
    table = pq.read_table(_written(afterword.score(batch()), tmp_path))
    about = json.loads(table.schema.metadata[b"afterword"]) | {"profile": planted}
    buffer = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({b"afterword": json.dumps(about).encode()}), buffer
    )
    with pytest.raises(BatchError) as caught:
        afterword.read(buffer.getvalue())
    assert "zebrafinch" not in str(caught.value)


def test_ordinary_rows_come_from_the_training_set_and_lines_of_it_cannot_be_found(
    small_model: Path,
) -> None:
    model = afterword.load_model(small_model)
    texts = invented(400)["description"].tolist()
    frame = build_reference(
        texts, model.predict_proba(texts), model.categories, model.thresholds, least=5
    )
    drawn = ordinary_rows(texts, frame, find_facts(texts, model), model, seed=3)
    assert (len(drawn.frame), drawn.profile.rows) == (200, 200)
    for name in frame:
        values = drawn.frame[name].value_counts()
        assert (values <= frame[name].value_counts().reindex(values.index)).all()
    same = drawn.frame.merge(frame, how="inner").drop_duplicates()
    assert len(same) < 50
    together = list(drawn.outputs)
    assert len(drawn.frame[together].merge(frame[together].drop_duplicates())) == 200


def test_a_column_of_text_in_a_scored_file_is_not_read(tmp_path: Path) -> None:
    scored = afterword.score(batch())
    table = pq.read_table(_written(scored, tmp_path))
    planted = table.append_column("note", [["zebrafinch"] * 3])
    buffer = io.BytesIO()
    pq.write_table(planted.replace_schema_metadata(table.schema.metadata), buffer)
    back = afterword.read(buffer.getvalue())
    assert isinstance(back, Scored)
    assert "note" not in back.frame


def test_a_scored_file_is_held_to_the_limits(tmp_path: Path) -> None:
    path = _written(afterword.score(batch()), tmp_path)
    with pytest.raises(BatchError, match="more than 2 rows"):
        afterword.read(path, settings=Settings(max_rows=2))


def test_a_reason_in_a_scored_file_that_is_not_ours_is_not_repeated(tmp_path: Path) -> None:
    scored = replace(afterword.score(batch()), rejections={"zebrafinch": 3, "empty": 2})
    afterword.write_scored(scored, tmp_path / "rows.parquet")
    back = afterword.read(tmp_path / "rows.parquet")
    assert back.rejections == {"another reason": 3, "empty": 2}


def test_a_scored_file_cannot_call_itself_a_sample(tmp_path: Path) -> None:
    own = replace(afterword.score(batch()), sample=True)
    afterword.write_scored(own, tmp_path / "rows.parquet")
    assert not afterword.read(tmp_path / "rows.parquet").sample


@pytest.mark.parametrize("source", [None, 7, pd.DataFrame({"description": ["He stared at me"]})])
def test_reading_takes_what_the_reader_of_batches_takes(source) -> None:
    if isinstance(source, pd.DataFrame):
        assert len(afterword.read(source).texts) == 1
    else:
        with pytest.raises(BatchError):
            afterword.read(source)


def test_a_scored_file_that_lacks_columns_is_refused(tmp_path: Path) -> None:
    scored = afterword.score(batch())
    table = pq.read_table(_written(scored, tmp_path))
    buffer = io.BytesIO()
    pq.write_table(table.drop_columns(["words"]), buffer)
    with pytest.raises(BatchError, match="lacks columns"):
        afterword.read(buffer.getvalue())


def _written(scored: Scored, folder):
    path = folder / "rows.parquet"
    afterword.write_scored(scored, path)
    return path

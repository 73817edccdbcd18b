"""What callers hand over in memory: which forms are read, and where answers stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import afterword
from afterword.errors import AfterwordError
from afterword.files.inputs import TextsError
from afterword.model.classifier import Classifier

TEXTS = ["A man kept staring at me.", "Someone shouted remarks at me.", "He grabbed my arm."]
INDEXES = {
    "strings": ["c", "a", "b"],
    "numbers that start elsewhere": [10, 5, 7],
    "from 0": [0, 1, 2],
    "a label twice": ["x", "x", "y"],
    "two levels": pd.MultiIndex.from_tuples([("a", 2), ("a", 1), ("b", 1)]),
    "times": pd.to_datetime(["2024-03-01", "2024-01-01", "2024-02-01"]),
}


@pytest.fixture(scope="module")
def model() -> Classifier:
    return afterword.load_model()


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_an_answer_stands_beside_its_row(index: Any, model: Classifier) -> None:
    frame = pd.DataFrame({"description": [TEXTS[0], "", TEXTS[2]], "id": [1, 2, 3]}, index=index)
    batch = afterword.read_batch(frame)
    answer = afterword.classify(batch, model)
    assert answer.table.index.equals(frame.index)
    assert batch.table.index.equals(frame.index)
    assert batch.rows["id"].tolist() == [1, 3]
    assert batch.texts.tolist() == [TEXTS[0], TEXTS[2]]
    assert batch.rejected.index.equals(frame.index[[1]])
    assert batch.rejected["row"].tolist() == [2]
    shares = answer.table[answer.probability["Ogling"]]
    expected = model.predict_proba([TEXTS[0], TEXTS[2]])[:, 1]
    assert shares.isna().tolist() == [False, True, False]
    np.testing.assert_array_equal(shares.to_numpy()[[0, 2]], expected)
    if frame.index.is_unique:
        frame["x"] = shares
        np.testing.assert_array_equal(frame["x"].to_numpy()[[0, 2]], expected)
    assert len(afterword.score(frame, model).frame) == 2


FORMS = {
    "tuple": tuple(TEXTS),
    "generator": None,
    "series": pd.Series(TEXTS, index=[3, 1, 2]),
    "text dtype": pd.Series(TEXTS, dtype="string"),
    "categorical": pd.Series(TEXTS, dtype="category"),
    "index": pd.Index(TEXTS),
    "array": np.array(TEXTS),
    "array of objects": np.array(TEXTS, dtype=object),
    "array of one column": np.array(TEXTS, dtype=object)[:, None],
    "arrow": pa.array(TEXTS),
    "arrow in chunks": pa.chunked_array([TEXTS[:1], TEXTS[1:]]),
    "arrow table": pa.table({"text": TEXTS}),
    "one column": pd.DataFrame({"text": TEXTS}, index=[3, 1, 2]),
    "one column of texts": pd.DataFrame({"id": [1, 2, 3], "text": TEXTS}),
}


@pytest.mark.parametrize("form", FORMS)
def test_texts_in_any_usual_form_are_predicted_and_read(form: str, model: Classifier) -> None:
    def source() -> Any:
        return (text for text in TEXTS) if form == "generator" else FORMS[form]

    expected = model.predict_proba(TEXTS)
    np.testing.assert_array_equal(model.predict_proba(source()), expected)
    predicted = model.predict(source())
    np.testing.assert_array_equal(predicted["Ogling", "probability"], expected[:, 1])
    if isinstance(FORMS[form], pd.Series | pd.DataFrame):
        assert predicted.index.equals(FORMS[form].index)
    assert afterword.read_batch(source()).texts.tolist() == TEXTS
    assert len(afterword.score(source(), model).frame) == 3
    assert afterword.check(source()).level == "too_few"


@pytest.mark.parametrize(
    "wrong",
    [
        TEXTS[0],
        TEXTS[0].encode(),
        pd.DataFrame({"a": TEXTS, "b": TEXTS}),
        pd.DataFrame({"a": [1, 2], "b": [3, 4]}),
        {"text": TEXTS},
        set(TEXTS),
        np.array(TEXTS[0]),
        np.array([TEXTS, TEXTS]),
        [TEXTS[0], None],
        [TEXTS[0], float("nan")],
        [b"bytes"],
        pd.Series([TEXTS[0], None]),
        [TEXTS],
        7,
        None,
    ],
)
def test_what_is_no_list_of_texts_is_refused_in_one_sentence(wrong: Any, model: Classifier) -> None:
    for call in (model.predict, model.predict_proba, model.decision_function):
        with pytest.raises(TextsError) as error:
            call(wrong)
        assert TEXTS[0] not in str(error.value)


def test_gaps_in_a_list_are_rejected_row_by_row() -> None:
    batch = afterword.read_batch([TEXTS[0], None, float("nan"), 7, ""])
    assert batch.rejected["row"].tolist() == [2, 3, 4, 5]
    assert batch.table.index.tolist() == [1, 2, 3, 4, 5]


def test_dictionaries_are_read_as_rows_or_as_columns() -> None:
    rows = [{"text": text, "id": place} for place, text in enumerate(TEXTS)]
    assert afterword.read_batch(rows).texts.tolist() == TEXTS
    assert afterword.read_batch({"text": TEXTS, "id": [1, 2, 3]}).texts.tolist() == TEXTS


@pytest.mark.parametrize(
    "wrong", [7, None, [], set(TEXTS), np.zeros((2, 2, 2)), {"a": [1], "b": [1, 2]}]
)
def test_what_is_no_table_is_refused(wrong: object) -> None:
    for call in (afterword.read_batch, afterword.check, afterword.score):
        with pytest.raises(AfterwordError):
            call(wrong)

"""Downloads: nothing in them runs, and nothing in them is lost."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.files.exports import from_arrow, neutralise, to_arrow, to_csv, to_parquet
from afterword.files.reading import read_batch


def csv_rows(frame):
    return list(csv.reader(io.StringIO(to_csv(frame).decode("utf-8-sig"), newline="")))


def parquet(frame):
    return pd.read_parquet(io.BytesIO(to_parquet(frame)))


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+1", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "  =1", ' "=1', "'=1", "\u201c=1",
     "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\u200b=1", "\ufeff=1", "\0=1", "\xa0@x"],
)  # fmt: skip
def test_a_formula_is_neutralised_in_cells_and_headers(cell: str) -> None:
    assert csv_rows(pd.DataFrame({cell: [cell]})) == [["'" + cell], ["'" + cell]]


@pytest.mark.parametrize("cell", ["hello", "a = b", "5", "(-5)", "", "he said: -no", "<b>=1</b>"])
def test_other_texts_are_left_as_they_are(cell: str) -> None:
    assert neutralise(cell) == cell


def test_numbers_stay_numbers_and_only_strings_get_an_apostrophe() -> None:
    frame = pd.DataFrame(
        {
            "n": [-5, 2],
            "mixed": [-5, "-5"],
            "money": [Decimal("-1.5"), np.float64(-2)],
            "flag": [True, None],
            "when": [datetime(2024, 1, 2), pd.NaT],
        }
    )
    assert csv_rows(frame)[1:] == [
        ["-5", "-5", "-1.5", "True", "2024-01-02"],
        ["2", "'-5", "-2.0", "", ""],
    ]


def test_formulas_hidden_in_other_types_are_neutralised_too() -> None:
    class Name:
        def __str__(self):
            return "=name"

    frame = pd.DataFrame({"a": pd.Categorical(["=1"]), "b": [b"=2"], "c": [Name()]})
    assert csv_rows(frame)[1] == ["'=1", "'=2", "'=name"]
    assert csv_rows(pd.DataFrame({"a": pd.array(["@x", None], dtype="string")}))[1:] == [
        ["'@x"],
        [""],
    ]


def test_a_csv_opens_in_excel_with_its_accents() -> None:
    content = to_csv(pd.DataFrame({"é": ["ü"]}))
    assert content == "\ufeffé\r\nü\r\n".encode()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        min_size=1,
        max_size=5,
    )
)
def test_every_text_comes_back_from_a_csv(texts) -> None:
    def written(text):
        return neutralise(text).encode("utf-8", "replace").decode()

    rows = csv_rows(pd.DataFrame({"id": range(len(texts)), "text": texts}))
    assert [row[1] for row in rows[1:]] == [written(text) for text in texts]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(), st.text(), st.integers(), st.floats(), st.binary(), st.booleans(),
            st.lists(st.integers()), st.dictionaries(st.text(max_size=3), st.text(max_size=3)),
        ),
        max_size=5,
    )
)  # fmt: skip
def test_a_column_of_anything_can_be_written(values) -> None:
    frame = pd.DataFrame({"a": pd.Series(values, dtype=object)})
    assert len(parquet(frame)) == len(values)
    assert len(csv_rows(pd.concat([frame, frame.assign(b=1)], axis=1))) == len(values) + 1


def test_parquet_keeps_values_as_they_are() -> None:
    frame = pd.DataFrame(
        {
            "text": ["=1+1", None],
            "n": [-5, 2],
            "share": np.array([0.1, np.nan], dtype="float32"),
            "when": pd.to_datetime(pd.Series(["2024-01-02", None])),
        }
    )
    pd.testing.assert_frame_equal(parquet(frame), frame)


def test_what_a_parquet_file_holds_is_downloaded_exactly_beside_its_gaps() -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    big = 2**53 + 1
    table = pa.table(
        {
            "text": ["He stared at me", "She left", "We ran"],
            "id": pa.array([big, None, big + 1]),
            "key": pa.array([2**64 - 1, None, 1], pa.uint64()),
            "sum": pa.array([Decimal("12345678901234567890.12"), None, Decimal("1.00")]),
            "flag": pa.array([True, None, False]),
            "when": pa.array([1_700_000_000_123_456_789, None, 1], pa.timestamp("ns", "UTC")),
            "clock": pa.array([1, None, 86_399_999_999_999], pa.time64("ns")),
            "took": pa.array([1, None, 2], pa.duration("ns")),
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    frame = read_batch(out.getvalue(), categories=()).table
    assert csv_rows(frame)[1:] == [
        ["He stared at me", str(big), str(2**64 - 1), "12345678901234567890.12", "True",
         "2023-11-14 22:13:20.123456789+00:00", "00:00:00.000000001",
         "0 days 00:00:00.000000001"],
        ["She left", *[""] * 7],
        ["We ran", str(big + 1), "1", "1.00", "False", "1970-01-01 00:00:00.000000001+00:00",
         "23:59:59.999999999", "0 days 00:00:00.000000002"],
    ]  # fmt: skip
    again = pq.read_table(io.BytesIO(to_parquet(frame)))
    for name in ("text", "id", "key", "sum", "flag"):
        assert again[name].to_pylist() == table[name].to_pylist()
    assert again["when"].cast(pa.int64()).to_pylist() == table["when"].cast(pa.int64()).to_pylist()
    shown = from_arrow(to_arrow(frame))
    assert shown["id"].dropna().tolist() == [big, big + 1]


def test_a_column_of_mixed_types_becomes_strings_in_parquet() -> None:
    frame = pd.DataFrame({"a": ["x", 7, None, b"y", "\ud800"], "gaps": [None] * 5})
    assert parquet(frame)["a"].tolist()[:2] == ["x", "7"]
    assert parquet(frame)["a"].isna().tolist() == [False, False, True, False, False]
    assert parquet(frame)["gaps"].isna().all()


def test_columns_of_one_name_are_told_apart() -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", 7])
    assert csv_rows(frame)[0] == ["a", "a (2)", "7"]
    assert list(parquet(frame).columns) == ["a", "a (2)", "7"]
    assert csv_rows(pd.DataFrame([[1, 2]], columns=["=a", "'=a"]))[0] == ["'=a", "''=a"]


def test_the_index_and_what_hangs_on_a_table_are_not_written() -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=[7, 9])
    frame.attrs = {"name": "secret"}
    assert b"secret" not in to_parquet(frame)
    assert csv_rows(frame) == [["a"], ["1"], ["2"]]


def test_a_table_without_rows_keeps_its_header() -> None:
    empty = pd.DataFrame({"a": pd.Series([], dtype=object), "b": pd.Series([], dtype="int64")})
    assert csv_rows(empty) == [["a", "b"]]
    assert list(parquet(empty).columns) == ["a", "b"]


def test_what_is_downloaded_can_be_uploaded_again() -> None:
    texts = ["He stared at me, twice; then left", 'She said "no"\nand ran', "été \U0001f621 again"]
    frame = pd.DataFrame({"description": texts, "Ogling probability": [0.1, 0.5, 1.0]})
    for content in (to_csv(frame), to_parquet(frame)):
        batch = read_batch(content, categories=["Ogling"])
        assert batch.texts.tolist() == texts
        assert batch.columns.predictions == {"Ogling": "Ogling probability"}

"""By which column a file can be parted, and which others could be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from afterword.errors import BatchError
from afterword.files.label_values import narrowed
from afterword.files.parted import MOST_VALUES, parted, usable_columns, values_of
from afterword.files.reading import read_batch

TEXTS = [f"He stared at me near the {place}, again." for place in ("bus", "park", "shop", "gate")]


def table(rows: int = 40, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"description": np.resize(TEXTS, rows), **columns})


def test_rows_that_cannot_be_used_are_in_no_part() -> None:
    frame = table(8, city=["Pune", "Delhi", None, " Pune "] * 2)
    frame.loc[1, "description"] = ""
    found = parted(read_batch(frame, categories=()), "City")
    assert found is not None
    assert (found.column, found.values) == ("city", ("", "Delhi", "Pune"))
    assert found.codes.tolist() == [2, 0, 2, 2, 1, 0, 2]
    assert found.distinct == (1, 1, 2)


def test_the_column_can_be_named_when_the_file_is_read_and_stays_when_others_go() -> None:
    batch = read_batch(table(city=["Pune", "Delhi"] * 20, code=range(40)), categories=(), by="city")
    few = narrowed(batch)
    assert list(few.table) == ["description", "city"]
    assert parted(few).values == parted(batch).values == ("Delhi", "Pune")
    assert parted(read_batch(table(city=["Pune", "Delhi"] * 20), categories=())) is None


@pytest.mark.parametrize(
    ("by", "why"),
    [
        ("town", "There is no column of this name"),
        ("description", "Rows cannot be parted by their descriptions"),
        ("Ogling label", "Rows cannot be parted by their descriptions"),
        ("country", "same value in every row"),
        ("code", f"more than {MOST_VALUES} different values"),
    ],
)
def test_another_column_gets_a_sentence_that_names_what_could_be_used(by: str, why: str) -> None:
    rows = MOST_VALUES + 2
    frame = table(
        rows,
        **{
            "city": np.resize(["Pune", "Delhi"], rows),
            "Zoltan Zebrafinch": np.resize(["a", "b", "c"], rows),
            "country": "India",
            "code": range(rows),
            "Ogling label": np.resize([0, 1], rows),
        },
    )
    with pytest.raises(BatchError) as refused:
        read_batch(frame, categories=("Ogling",), by=by)
    assert why in str(refused.value)
    assert str(refused.value).endswith("choose “city” or “column 3”.")


def test_where_no_column_could_be_used_this_is_said() -> None:
    with pytest.raises(BatchError, match="no other column of this file has 2 to 50"):
        read_batch(table(), categories=(), by="city")


def test_that_no_other_column_could_be_used_is_true_of_a_column_of_labels_too() -> None:
    frame = table(60, **{"Ogling label": [0, 1] * 30})
    with pytest.raises(BatchError, match="which are what is compared; no other column of this"):
        read_batch(frame, categories=("Ogling",), by="Ogling label")


def test_columns_of_two_to_fifty_values_could_be_used() -> None:
    frame = table(60, two=["a", "b"] * 30, one="a", fifty=[min(n, 49) for n in range(60)])
    frame["many"] = range(60)
    assert usable_columns(frame, {"description"}) == ("two", "fifty")
    assert values_of(frame["two"]).nunique() == 2

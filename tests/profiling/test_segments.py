"""Profiles by the values of a column: each is that of its rows alone, and the sum is the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.errors import BatchError
from afterword.profiling.making import profile
from afterword.profiling.segments import LEAST_DIFFERENT
from tests.profiling.test_making import batch_of, same


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    table = batch_of(600, 21)
    cities = np.random.default_rng(2).choice(["Delhi", "Pune", ""], 600, p=[0.6, 0.35, 0.05])
    table["City"] = cities
    table.loc[:9, "City"] = "Goa"
    return table


def test_a_segment_is_the_profile_of_its_rows(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_csv(tmp_path / "week.csv", index=False)
    found = profile(tmp_path / "week.csv", by="city")
    assert list(found)[:2] == ["Delhi", "Pune"]
    for value in ("Delhi", "Pune"):
        same(found[value], profile(table[table["City"] == value].reset_index(drop=True)))
    same(found.whole, profile(table))


def test_a_segment_of_few_different_descriptions_is_counted_and_not_described(
    table: pd.DataFrame,
) -> None:
    found = profile(table, by="City")
    assert "Goa" not in found
    assert found.small == 4 - len(found)
    described = sum(one.accepted for one in found.values())
    assert described + found.small_rows == found.whole.accepted
    for one in found.values():
        assert one.texts is not None
        assert one.texts.distinct >= LEAST_DIFFERENT


def test_parts_and_processes_make_the_same_segments(table: pd.DataFrame) -> None:
    parts = [table[at : at + 150].reset_index(drop=True) for at in range(0, 600, 150)]
    whole, found = profile(table, by="City"), profile(iter(parts), by="City", workers=2)
    assert list(found) == list(whole)
    for value in whole:
        same(found[value], whole[value])
    assert (found.small, found.small_rows) == (whole.small, whole.small_rows)


@pytest.mark.parametrize("by", ["town", "description"])
def test_a_column_that_makes_no_segments_is_refused(table: pd.DataFrame, by: str) -> None:
    with pytest.raises(BatchError):
        profile(table, by=by)


def test_a_column_that_identifies_rows_makes_no_segments() -> None:
    table = pd.DataFrame({"description": [f"He stared at me {n}." for n in range(1_100)]})
    table["number"] = range(1_100)
    with pytest.raises(BatchError, match="more than 1,000"):
        profile(table, by="number")


def test_scored_rows_have_no_segments(table: pd.DataFrame) -> None:
    with pytest.raises(BatchError, match="Scored rows"):
        profile(afterword.score(table), by="City")

"""Which rows a person should read first: unknown words, and where the batch drifted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.drift.unusual_rows import extremity, novelty
from afterword.model.scored import Scored
from afterword.ui.shared.samples import read_sample


@pytest.fixture(scope="module")
def ordinary() -> CheckResult:
    week = read_sample("ordinary-week")
    assert isinstance(week, Scored)
    return check(week)


def moved(result: CheckResult, column: str, direction: str) -> CheckResult:
    """The same check, as if one column had drifted."""
    measures = result.measures.copy()
    measures["drifted"] = measures["measure"] == column
    measures.loc[measures["measure"] == column, "direction"] = direction
    return replace(result, measures=measures)


def rows(result: CheckResult, **columns: list[float]) -> CheckResult:
    """The same check of a few rows that have these values, and the first row's otherwise."""
    frame = pd.concat([result.scored.frame.head(1)] * 3, ignore_index=True).assign(**columns)
    return replace(result, scored=replace(result.scored, frame=frame))


def test_without_drift_a_row_is_as_strange_as_its_share_of_unknown_words(
    ordinary: CheckResult,
) -> None:
    result = moved(ordinary, "", "")
    assert novelty(result).tolist() == result.scored.frame["unknown_words"].tolist()


def test_a_row_is_strange_on_the_side_to_which_its_column_drifted(ordinary: CheckResult) -> None:
    result = rows(
        moved(ordinary, "characters", "higher"),
        characters=[1.0, 10.0, 1e9],
        unknown_words=[0.0, 0.0, 0.0],
    )
    short, usual, long = novelty(result)
    assert short == usual == 0
    assert long == 1


def test_unknown_words_and_drifted_columns_are_joined(ordinary: CheckResult) -> None:
    result = rows(
        moved(ordinary, "characters", "lower"),
        characters=[1e9, 60.0, 60.0],
        unknown_words=[0.5, 0.0, 0.5],
    )
    unknown, short, both = novelty(result)
    assert unknown == 0.5
    assert 0 < short < 1
    assert both == pytest.approx(1 - 0.5 * (1 - short))


def test_what_is_missing_is_not_strange() -> None:
    assert extremity(np.array([1.0, 2.0]), np.array([np.nan, np.inf])).tolist() == [0.0, 0.0]
    assert extremity(np.array([np.nan]), np.array([1.0])).tolist() == [0.0]


def test_many_equal_values_share_a_rank() -> None:
    assert extremity(np.zeros(100), np.array([0.0, 0.1]), "higher").tolist() == [0.0, 1.0]


def test_a_batch_without_a_usable_row_has_no_novelty(ordinary: CheckResult) -> None:
    empty = replace(ordinary.scored, frame=ordinary.scored.frame.iloc[:0])
    assert novelty(replace(ordinary, scored=empty)).shape == (0,)

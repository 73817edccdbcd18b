"""The year's promise on real profiles of a small model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.measures.columns import Column
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile, profile_of
from afterword.measures.year_levels import YearLevels
from afterword.model.registry import load_model, load_reference
from afterword.streams.year import ALONE, LASTING, Year, judge_year
from afterword.streams.year_reference import past_reference
from tests.conftest import invented

ROWS = 120


@pytest.fixture(scope="module")
def columns(small_model: Path) -> dict[str, Column]:
    frame = load_reference(small_model)
    return {str(name): Column.of(own.to_numpy(float)) for name, own in frame.items()}


def week(
    model_dir: Path, tables: NullTables, seed: int, rows: int = ROWS, *, change: str = ""
) -> Profile:
    """A week of invented descriptions; with a change, most of them say something else."""
    frame = invented(rows, seed=seed)
    texts = frame["description"]
    if change:
        texts = texts.where(frame.index % 5 == 0, change + " " + texts)
    batch = afterword.read_batch(
        pd.DataFrame({"description": texts}), description="description", categories=()
    )
    return profile_of(afterword.score(batch, load_model(model_dir)), tables.rules)


@pytest.fixture(scope="module")
def calm(small_model: Path, small_tables: NullTables) -> list[Profile]:
    return [week(small_model, small_tables, seed) for seed in range(500, 508)]


@pytest.fixture(scope="module")
def strange(small_model: Path, small_tables: NullTables) -> list[Profile]:
    return [
        week(small_model, small_tables, seed, change="The zeppelin came with trumpets.")
        for seed in range(600, 603)
    ]


def judged(profiles: list[Profile | None], columns: dict[str, Column], tables: NullTables) -> Year:
    return judge_year(profiles, columns, tables)


def test_training_leaves_levels_with_the_tables_and_they_are_read_again(
    small_tables: NullTables,
) -> None:
    assert isinstance(small_tables.year, YearLevels)
    again = NullTables.from_bytes(small_tables.to_bytes()).year
    assert again is not None
    assert np.array_equal(again.levels, small_tables.year.levels)
    older = NullTables.from_bytes(replace(small_tables, year=None).to_bytes())
    assert older.year is None


def test_calm_weeks_are_calm_and_a_change_is_found_named_and_dated(
    calm: list[Profile],
    strange: list[Profile],
    columns: dict[str, Column],
    small_tables: NullTables,
) -> None:
    year = judged([*calm, *strange], columns, small_tables)
    assert [each.alarm for each in year.periods] == [False] * 8 + [True] * 3
    assert year.alarm
    first = year.periods[8]
    assert first.judged
    assert {one.speed for one in first.findings} >= {ALONE}
    assert all(abs(one.score) >= one.limit for one in first.findings)
    since = year.since()
    assert since is not None
    assert since.period == 8
    assert since.earliest <= 8 <= since.latest
    assert judged([*calm], columns, small_tables).since() is None


def test_the_measures_of_a_period_speak_with_the_same_voice(
    calm: list[Profile],
    strange: list[Profile],
    columns: dict[str, Column],
    small_tables: NullTables,
) -> None:
    year = judged([*calm, *strange], columns, small_tables)
    for each in year.periods:
        alone = {one.measure for one in each.findings if one.speed == ALONE}
        assert {one.name for one in each.measures if one.drifted} == alone
    for finding in year.periods[9].findings:
        line = year.line(finding.measure, finding.speed)
        assert len(line.scores) == len(line.limits) == 11
        assert abs(line.scores[9]) == pytest.approx(abs(finding.score))
        assert line.limits[9] == pytest.approx(finding.limit)
    with pytest.raises(ValueError, match="not in"):
        year.line("words", LASTING)


def test_weeks_without_data_and_weeks_of_few_rows_are_not_judged(
    small_model: Path,
    calm: list[Profile],
    strange: list[Profile],
    columns: dict[str, Column],
    small_tables: NullTables,
) -> None:
    few = week(small_model, small_tables, 700, rows=12)
    year = judged([few, None, *calm[:3], None, few, *strange[:1]], columns, small_tables)
    assert [each.judged for each in year.periods[:3]] == [False, False, True]
    assert not year.periods[5].judged
    assert year.periods[5].measures == ()
    assert [each.alarm for each in year.periods] == [False] * 7 + [True]
    # What is pooled counts the twelve rows, too.
    assert np.isfinite(year.line(f"{small_tables.categories[0]} probability", LASTING).limits[6])


def test_a_promise_that_began_anew_knows_nothing_of_before(
    calm: list[Profile],
    strange: list[Profile],
    columns: dict[str, Column],
    small_tables: NullTables,
) -> None:
    profiles = [*strange, *calm]
    year = judge_year(profiles, columns, small_tables, begun=3)
    alone = judged([*calm], columns, small_tables)
    assert not any(each.judged for each in year.periods[:3])
    assert [each.findings for each in year.periods[3:]] == [each.findings for each in alone.periods]
    assert np.isnan(year.line("words").scores[:3]).all()


def test_what_was_acknowledged_as_the_new_normal_is_calm_and_the_old_is_the_change(
    calm: list[Profile], strange: list[Profile], small_tables: NullTables
) -> None:
    whole: Profile = sum(strange[1:], start=strange[0])
    tables, columns, known = past_reference(whole, small_tables)
    assert tables.rows == whole.accepted
    assert "zeppelin" in known
    again = judge_year([strange[0], strange[1]], columns, tables, known=known)
    assert not again.alarm
    back = judge_year([strange[0], calm[0]], columns, tables, known=known)
    assert [each.alarm for each in back.periods] == [False, True]


def test_a_rate_that_is_set_higher_never_raises_a_limit(
    calm: list[Profile], columns: dict[str, Column], small_tables: NullTables
) -> None:
    strict = judge_year(calm, columns, small_tables, rate=0.01).judged.limits
    loose = judge_year(calm, columns, small_tables, rate=0.2).judged.limits
    assert (loose <= strict).all()
    assert (loose < strict).any()

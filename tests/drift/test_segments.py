"""Which part of a batch moved: found, named, and in one rate with the whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.drift.checking import check, compare
from afterword.drift.result import CheckResult
from afterword.drift.segment import FEW, MOVED, STAYED
from afterword.drift.segments import (
    PART,
    Parts,
    compare_parts,
    parts_of,
    rows_of,
    with_segments,
)
from afterword.drift.verdict import Verdict
from afterword.errors import BatchError, CheckError
from afterword.files.parted import Parted
from afterword.measures.null_tables import NullTables
from afterword.model.reference import probability_column
from afterword.model.registry import load_reference
from afterword.model.scored import Scored
from afterword.text.counts import TextCounts
from tests.conftest import invented

STARING = probability_column("Staring")
CITIES = ("Harbourtown", "Hillview", "Lakeside", "Millbrook", "Oakfield")


@pytest.fixture(scope="module")
def pool(small_model: Path) -> tuple[pd.DataFrame, Scored]:
    """Invented descriptions that the small model has not seen, and their numbers."""
    table = invented(2_400, seed=5)
    return table, afterword.score(table, afterword.load_model(small_model))


@dataclass(frozen=True)
class Rows:
    """Rows of the pool, and the city of each."""

    pool: Scored
    tables: NullTables
    reference: pd.DataFrame
    rows: np.ndarray
    codes: np.ndarray

    @property
    def scored(self) -> Scored:
        frame = self.pool.frame.iloc[self.rows].reset_index(drop=True)
        return replace(self.pool, frame=frame, texts=None, pieces=None)

    def parts(self, values: tuple[str, ...] = CITIES) -> Parts:
        counts = np.bincount(self.codes, minlength=len(values))
        parted = Parted("city", values, self.codes, tuple(map(int, counts)))
        return parts_of(self.scored, parted, self.tables)

    def check(self, values: tuple[str, ...] = CITIES, **options: Any) -> CheckResult:
        return compare(
            self.scored, self.reference, self.tables, parts=self.parts(values), **options
        )

    def without_parts(self, **options: Any) -> CheckResult:
        return compare(self.scored, self.reference, self.tables, **options)


@pytest.fixture(scope="module")
def rows_of_pool(
    pool: tuple[pd.DataFrame, Scored], small_model: Path, small_tables: NullTables
) -> Callable[[np.ndarray, np.ndarray], Rows]:
    reference = load_reference(small_model)
    return lambda rows, codes: Rows(pool[1], small_tables, reference, rows, codes)


@pytest.fixture(scope="module")
def planted(
    pool: tuple[pd.DataFrame, Scored], rows_of_pool: Callable[[np.ndarray, np.ndarray], Rows]
) -> Rows:
    """600 rows, of which the 60 of one city speak of one category far more often."""
    rng = np.random.default_rng(3)
    stared = rng.permutation(np.flatnonzero(pool[0]["Staring"] == 1))[:57]
    others = rng.permutation(np.setdiff1d(np.arange(len(pool[0])), stared))[:543]
    codes = np.concatenate([np.zeros(60, int), rng.integers(1, len(CITIES), 540)])
    return rows_of_pool(np.concatenate([stared, others]), codes)


@pytest.fixture(scope="module")
def found(planted: Rows) -> CheckResult:
    return planted.check()


def test_a_part_that_moved_is_named_where_the_whole_is_stable(
    planted: Rows, found: CheckResult
) -> None:
    result, whole = found, planted.without_parts()
    assert whole.level == "stable"
    assert (result.level, result.alarm) == ("changed", True)
    assert result.headline.startswith(
        "In city = “Harbourtown” (60 descriptions) more Staring is reported: about "
    )
    first: Any = result.segments[0]
    assert (first.value, first.rows, first.level) == ("Harbourtown", 60, MOVED)
    assert first.category == "Staring"
    assert first.batch > first.chance_high > first.reference > first.chance_low
    assert first.low < first.batch <= first.high
    assert result.headline.rstrip(".") in result.reasons[0]
    assert "this part" in result.actions[0]


def test_the_others_stay_and_what_is_left_without_the_part_is_told(
    found: CheckResult,
) -> None:
    first, *others = found.segments
    assert {one.level for one in others} == {STAYED}
    assert first.rest_moved is False
    assert "ithout it the others are as in training" in first.sentence


def test_the_changes_of_all_parts_add_up_to_that_of_the_whole(planted: Rows) -> None:
    # The same rows in two parts: each holds what it has of one change.
    halves = replace(planted, codes=np.arange(600) % 2)
    result = replace(halves, pool=_raised(halves.pool, 0.3)).check(CITIES[:2])
    shares = [one.of_change or 0 for one in result.segments if one.category == "Staring"]
    assert len(shares) == 2
    assert sum(shares) == pytest.approx(1, abs=0.01)
    assert all(one.rest_moved for one in result.segments)
    assert "The others moved in this, too." in result.segments[0].sentence


def _raised(pool: Scored, by: float) -> Scored:
    higher = np.minimum(pool.frame[STARING].to_numpy() + by, 1).round(2).astype(np.float32)
    return replace(pool, frame=pool.frame.assign(**{STARING: higher}))


def test_parts_of_other_lengths_are_compared_with_training_of_such_lengths(
    pool: tuple[pd.DataFrame, Scored], rows_of_pool: Callable[[np.ndarray, np.ndarray], Rows]
) -> None:
    words = pool[1].frame["words"].to_numpy(float)
    codes = (words > np.median(words)).astype(int)
    result = rows_of_pool(np.arange(len(words)), codes).check(CITIES[:2])
    means = [pool[1].frame[STARING].to_numpy()[codes == code].mean() for code in (0, 1)]
    assert abs(means[1] - means[0]) > 0.1
    assert {one.level for one in result.segments} == {STAYED}


def test_honest_parts_move_no_more_often_than_their_part_of_the_rate(
    rows_of_pool: Callable[[np.ndarray, np.ndarray], Rows],
) -> None:
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = rows_of_pool(rng.permutation(2_400)[:400], rng.integers(0, 5, 400))
        alarms += any(one.level == MOVED for one in rows.check().segments)
    # Of 40 at a third of 5 %, four or more come to pass once in 200 times.
    assert alarms <= 3


def test_the_whole_and_its_parts_share_one_rate(planted: Rows) -> None:
    # Of so few rows chance decides, and not the floors.
    rows = replace(planted, rows=planted.rows[:90], codes=planted.codes[:90])
    result, without = rows.check(), rows.without_parts()
    alone = rows.without_parts(alpha=0.05 * (1 - PART))
    assert result.measures["threshold"].equals(alone.measures["threshold"])
    assert not result.measures["threshold"].equals(without.measures["threshold"])
    assert result.alpha == without.alpha
    # Where no part can be judged, the whole keeps all of the rate.
    few = replace(planted, rows=planted.rows[:40], codes=np.arange(40) % 5)
    assert {one.level for one in few.check().segments} == {FEW}
    assert few.check().measures["threshold"].equals(few.without_parts().measures["threshold"])


def test_below_thirty_rows_a_part_is_grey_whatever_it_holds(planted: Rows) -> None:
    codes = planted.codes.copy()
    codes[29:60] = 1
    few = next(one for one in replace(planted, codes=codes).check().segments if one.rows == 29)
    assert (few.level, few.batch, few.measure) == (FEW, None, "")
    assert "too few" in few.sentence


def test_values_that_may_be_somebodys_are_judged_and_not_shown(planted: Rows) -> None:
    values = ("Grace Smith", "room 12", "@quietfox", "", "Oakfield")
    result = planted.check(values)
    assert result.headline.startswith("In city = a value that is not shown (60 descriptions) more")
    told = json.dumps(result.to_dict(), allow_nan=False)
    assert not any(value in told for value in values[:3])
    assert [one.value for one in result.segments if one.value] == ["Oakfield"]
    assert "no value" in told


def test_all_of_it_is_ready_for_json(found: CheckResult) -> None:
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["by"] == "city"
    assert set(told["segments"][0]) == {
        "rows", "level", "value", "label", "measure", "batch", "low", "high", "reference",
        "chance_low", "chance_high", "excess", "of_change", "rest_moved", "sentence",
    }  # fmt: skip


def test_a_broken_feed_stays_a_broken_feed(found: CheckResult) -> None:
    faulty = Verdict("faulty", "The feed looks broken.", (), ())
    assert with_segments(faulty, "city", found.segments) is faulty


def test_a_changed_whole_names_the_part_beside_its_own_reasons(found: CheckResult) -> None:
    changed = Verdict("changed", "More Ogling is reported.", ("a", "b", "c"), ("Ask.",))
    told = with_segments(changed, "city", found.segments)
    assert told.headline == changed.headline
    assert told.reasons == ("a", "b", found.segments[0].sentence)


def test_a_file_is_checked_by_a_column_from_its_name_or_its_segments() -> None:
    table = invented(120).assign(City=np.resize(["Harbourtown", "Hillview"], 120))
    result = check(table, by="city")
    assert [one.rows for one in result.segments] == [60, 60]
    profiled = check(afterword.profile(table, by="City"))
    assert profiled.by == result.by == "City"
    assert profiled.segments == result.segments
    assert check(table).segments == ()
    few = table.assign(City=["Lakeside"] * 6 + list(table["City"][6:]))
    *_, small = check(afterword.profile(few, by="City")).segments
    assert (small.rows, small.level, small.value) == (6, FEW, "")
    assert small.label == "one value with fewer than 20 different descriptions"


def test_what_has_no_columns_cannot_be_parted(planted: Rows) -> None:
    with pytest.raises(CheckError, match="no column by which"):
        check(afterword.score(invented(40)), by="city")
    with pytest.raises(CheckError, match="not those of this batch"):
        rows_of(planted.scored, Parted("city", CITIES[:1], np.zeros(5, int), (5,)), 0)
    with pytest.raises(BatchError, match="same value in every row"):
        check(invented(60).assign(city="Harbourtown"), by="city")


def test_what_fits_no_category_is_told_by_its_mean_probability(
    rows_of_pool: Callable[[np.ndarray, np.ndarray], Rows],
) -> None:
    told = 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        batch = rows_of_pool(rng.permutation(2_000)[:600], rng.integers(0, len(CITIES), 600))
        parts = batch.parts()
        means = [own.sums()[-1] / own.accepted for own in parts.profiles]
        own = dict(zip(parts.labels, means, strict=True))
        for one in batch.check().segments:
            if one.measure == "no_category":
                told += 1
                assert one.batch == pytest.approx(own[one.label], abs=1e-3)
    assert told


def test_copies_in_a_part_make_it_less_sure_and_leave_the_others(
    planted: Rows, found: CheckResult
) -> None:
    parts = planted.parts()
    own = parts.profiles[0]
    rows, nothing = own.accepted, np.zeros(0, int)
    twice = replace(
        own,
        texts=TextCounts(
            rows,
            rows // 2,
            nothing,
            2,
            0,
            0,
            nothing,
            0,
            {},
            nothing,
            pairs=rows,
            common=0,
            again=0,
        ),
    )
    compared = [
        {
            one.label: one
            for one in compare_parts(
                replace(parts, profiles=(first, *parts.profiles[1:])),
                found.profile,
                planted.tables,
                alpha=0.02,
                floors={},
            )
        }
        for first in (own, twice)
    ]
    for label in parts.labels[1:]:
        assert compared[0][label] == compared[1][label]
    surely, hardly = (one[parts.labels[0]] for one in compared)
    assert surely.excess is not None
    assert hardly.excess is not None
    assert surely.low is not None
    assert hardly.low is not None
    assert hardly.low < surely.low
    assert hardly.excess < surely.excess

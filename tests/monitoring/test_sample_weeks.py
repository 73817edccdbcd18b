"""The eight sample weeks: what each shows, when they were, and what damage does."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from afterword.drift.checking import compare
from afterword.drift.result import CheckResult
from afterword.errors import BatchError
from afterword.measures.null_tables import load_tables
from afterword.model.reference import METADATA, to_parquet
from afterword.model.registry import load_reference
from afterword.monitoring import sample_weeks
from afterword.monitoring.sample_weeks import FILE, SampleWeek, read_weeks
from afterword.settings import SHIPPED_DATA
from afterword.text.flags import TEXT_FLAGS
from afterword.training.dataset import Dataset

SHIPPED = SHIPPED_DATA / "samples" / FILE
LARGEST = 250_000
# A Monday afternoon: the weeks' own Mondays are Mondays.
END = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
ORDINARY = (0, 1, 3, 5)
APP, BROKEN, BEGINS, GOES_ON = 2, 4, 6, 7


@pytest.fixture(scope="module")
def weeks() -> tuple[SampleWeek, ...]:
    return read_weeks(END)


@pytest.fixture(scope="module")
def results(weeks: tuple[SampleWeek, ...]) -> list[CheckResult]:
    return [compare(week.scored, load_reference(), load_tables()) for week in weeks]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The samples' folder, as a copy that a test may damage."""
    monkeypatch.setattr(sample_weeks, "SHIPPED_DATA", tmp_path)
    (tmp_path / "samples").mkdir()
    shutil.copy(SHIPPED, tmp_path / "samples")
    return tmp_path / "samples"


def moved(result: CheckResult) -> set[str]:
    return {measure.name for measure in result.ranked() if measure.drifted}


# ------------------------------------------------------------------- what they show


def test_the_ordinary_weeks_are_stable(results: list[CheckResult]) -> None:
    assert [results[number].level for number in ORDINARY] == ["stable"] * 4


def test_the_check_has_everything_of_a_sample_week_that_it_has_of_a_batch(
    results: list[CheckResult],
) -> None:
    assert [result.missing for result in results] == [()] * 8


def test_a_new_app_changes_its_week_and_is_named(results: list[CheckResult]) -> None:
    result = results[APP]
    assert result.level == "changed"
    assert "“bytetok”" in result.headline
    assert 0.14 < result.scored.texts.new_words["bytetok"] / result.scored.rows < 0.21


def test_nobody_names_the_app_in_another_week(weeks: tuple[SampleWeek, ...]) -> None:
    naming = ["bytetok" in week.scored.texts.new_words for week in weeks]
    assert naming == [number == APP for number in range(8)]


def test_a_broken_export_makes_its_week_faulty_by_cuts_and_codes(
    results: list[CheckResult],
) -> None:
    result = results[BROKEN]
    assert result.level == "faulty"
    assert {"equal_lengths", "markup", "characters"} <= moved(result)
    assert result.scored.texts.common_length == 60


def test_the_export_breaks_on_the_third_day(weeks: tuple[SampleWeek, ...]) -> None:
    week = weeks[BROKEN]
    markup = week.scored.frame["markup"] > 0
    days = (week.times - week.times[0].astype("datetime64[D]")) // np.timedelta64(1, "D")
    shares = markup.groupby(days).mean()
    assert shares[:2].max() == 0
    assert shares[2:].min() > 0.1


def test_the_slow_shift_grows_until_the_last_week_is_changed(
    weeks: tuple[SampleWeek, ...], results: list[CheckResult]
) -> None:
    means = [week.scored.frame["Ogling probability"].mean() for week in weeks]
    assert means[GOES_ON] > means[BEGINS] > np.mean([means[number] for number in ORDINARY])
    assert results[BEGINS].level in ("stable", "changed")
    assert results[GOES_ON].level == "changed"
    assert "Ogling probability" in moved(results[GOES_ON])


def test_no_row_of_an_untouched_week_occurs_more_often_than_in_the_reference(
    weeks: tuple[SampleWeek, ...],
) -> None:
    reference = load_reference()
    untouched = [weeks[number].scored.frame for number in (*ORDINARY, BEGINS, GOES_ON)]
    drawn = pd.concat(untouched)
    for name in drawn:
        counts = drawn[name].value_counts()
        assert (counts <= reference[name].value_counts().reindex(counts.index)).all()


# ------------------------------------------------------------------- how they are made


@pytest.fixture
def make_history(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(SHIPPED.parent)
    return importlib.import_module("make_history")


@pytest.fixture
def dealt(make_history: ModuleType) -> list:
    """Weeks of days, dealt from invented descriptions of which a fifth have the category."""
    texts = tuple(f"invented description {number}, on a bus & a train" for number in range(8_000))
    labels = np.arange(8_000)[:, None] % 5 == 0
    dataset = Dataset(texts, labels.astype(int), (make_history.SHIFTED,), {})
    return make_history.draw(dataset, np.random.default_rng(1))


def test_no_description_is_dealt_twice(dealt: list) -> None:
    rows = np.concatenate([day.rows for days in dealt for day in days])
    assert len(rows) == len(set(rows)) > 3_000


def test_only_the_weeks_of_the_app_and_of_the_broken_export_are_altered(dealt: list) -> None:
    altered = [np.concatenate([day.altered for day in days]).mean() for days in dealt]
    assert [number for number, share in enumerate(altered) if share] == [APP, BROKEN]
    assert 0.14 < altered[APP] < 0.19
    for day in dealt[APP]:
        assert ["bytetok" in text.lower() for text in day.texts] == day.altered.tolist()
    assert all(len(text) <= 60 for day in dealt[BROKEN][2:] for text in day.texts)


def test_the_category_is_dealt_more_and_more_in_the_last_weeks(dealt: list) -> None:
    shares = [np.mean(np.concatenate([day.rows for day in days]) % 5 == 0) for days in dealt]
    assert max(shares[:BEGINS]) < shares[BEGINS] < shares[GOES_ON]


def test_an_export_escapes_before_it_cuts(make_history: ModuleType) -> None:
    assert make_history.damaged("He & I, then. Gone") == "He &amp; I,&nbsp;then.&nbsp;Gone"
    assert make_history.damaged("x" * 57 + "&") == "x" * 57 + "&am"


# ------------------------------------------------------------------- what they are


def test_every_week_is_marked_as_a_sample_and_told_in_a_sentence(
    weeks: tuple[SampleWeek, ...],
) -> None:
    assert len(weeks) == 8
    assert all(week.scored.sample for week in weeks)
    assert max(Counter(week.title for week in weeks).values()) == 1
    assert all(week.note.endswith(".") and week.note.count(".") == 1 for week in weeks)


def test_every_week_has_about_four_hundred_rows_of_numbers(weeks: tuple[SampleWeek, ...]) -> None:
    for week in weeks:
        assert 350 < len(week.scored.frame) < 450
        assert set(week.scored.frame.dtypes) == {np.dtype(np.float32)}
        assert list(week.scored.frame.index) == list(range(len(week.times)))
    assert SHIPPED.stat().st_size < LARGEST


def test_the_flags_of_the_days_add_up_to_those_of_the_week(weeks: tuple[SampleWeek, ...]) -> None:
    for week in weeks:
        assert week.day_flags.shape == (7, len(TEXT_FLAGS))
        assert week.day_flags.sum(axis=0).tolist() == week.scored.texts.flags.tolist()
        assert week.day_flags.sum() > 0


# ------------------------------------------------------------------- when they were


def test_the_weeks_follow_each_other_and_end_with_the_last_midnight(
    weeks: tuple[SampleWeek, ...],
) -> None:
    midnight = np.datetime64("2026-03-02T00:00:00")
    for number, week in enumerate(weeks):
        start = midnight - np.timedelta64(7 * (8 - number), "D")
        assert week.times.dtype == np.dtype("datetime64[s]")
        assert (np.diff(week.times) >= np.timedelta64(0)).all()
        assert start <= week.times[0] < start + np.timedelta64(1, "D")
        assert week.times[-1] < start + np.timedelta64(7, "D")
        assert week.times[-1] >= start + np.timedelta64(6, "D")
        assert week.scored.period is not None
        first, last = week.scored.period
        assert first.tzinfo is UTC
        assert np.datetime64(first.replace(tzinfo=None), "s") == week.times[0]
        assert np.datetime64(last.replace(tzinfo=None), "s") == week.times[-1]


def test_people_report_by_day_and_less_on_weekends(weeks: tuple[SampleWeek, ...]) -> None:
    times = pd.DatetimeIndex(np.concatenate([week.times for week in weeks]))
    assert set(times.hour) <= set(range(6, 24))
    counts = np.bincount(times.dayofweek)
    assert counts[5:].mean() < 0.95 * counts[:5].mean()


@pytest.mark.parametrize(
    ("end", "midnight"),
    [
        (datetime(2026, 3, 2), "2026-03-02"),  # naive, counts as UTC
        (datetime(2026, 3, 2, 23, 59), "2026-03-02"),
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02"),
        (datetime(2026, 3, 2, 3, 0, tzinfo=timezone(timedelta(hours=5, minutes=30))), "2026-03-01"),
        (datetime(2026, 3, 1, 22, 0, tzinfo=timezone(timedelta(hours=-5))), "2026-03-02"),
    ],
)
def test_midnight_is_that_of_utc(end: datetime, midnight: str) -> None:
    last = read_weeks(end)[-1].times[-1]
    assert last.astype("datetime64[D]") == np.datetime64(midnight) - np.timedelta64(1, "D")


# ------------------------------------------------------------------- damage


def test_a_missing_file_is_one_sentence_and_a_command(folder: Path) -> None:
    (folder / FILE).unlink()
    with pytest.raises(BatchError, match=r"cannot be found\. .*git checkout -- data/samples$"):
        read_weeks(END)


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1" * 40, b"week,day\n1,2\n", SHIPPED.read_bytes()[:-500]]
)
def test_a_file_that_is_no_parquet_is_damaged(folder: Path, content: bytes) -> None:
    (folder / FILE).write_bytes(content)
    with pytest.raises(BatchError, match=r"damaged\. .*git checkout"):
        read_weeks(END)


def test_another_parquet_file_is_damaged(folder: Path) -> None:
    shutil.copy(SHIPPED.with_name("ordinary-week.parquet"), folder / FILE)
    with pytest.raises(BatchError, match="damaged"):
        read_weeks(END)


def _about() -> dict:
    return json.loads(pq.read_schema(io.BytesIO(SHIPPED.read_bytes())).metadata[METADATA])


def _without(name: str):
    return lambda about: about["weeks"][3].pop(name)


def _with(name: str, value: object):
    return lambda about: about["weeks"][3].update({name: value})


def _profile_with(name: str, value: object):
    return lambda about: about["weeks"][3]["profile"].update({name: value})


@pytest.mark.parametrize(
    "damage",
    [
        lambda about: about.pop("kind"),
        lambda about: about.pop("categories"),
        lambda about: about.update(categories=["Another"]),
        lambda about: about.update(weeks=7),
        lambda about: about["weeks"].pop(),
        lambda about: about["weeks"].__setitem__(2, "text"),
        lambda about: about["weeks"].reverse(),
        *map(_without, ("title", "note", "profile", "day_flags")),
        _with("title", 5),
        _with("note", None),
        _with("profile", None),
        _with("profile", [1]),
        _with("day_flags", [[1] * len(TEXT_FLAGS)] * 7),
        _with("day_flags", [[0] * len(TEXT_FLAGS)] * 6),
        _with("day_flags", "many"),
        _profile_with("rows", 1),
        _profile_with("words", [10**30]),
        _profile_with("words", [-1]),
        _profile_with("words", {"he": 1}),
        _profile_with("content", [float("nan")]),
        _profile_with("flags", [0]),
        _profile_with("new_words", ["word"]),
    ],
)
def test_what_is_said_of_the_weeks_must_be_sound(folder: Path, damage) -> None:
    about = _about()
    damage(about)
    (folder / FILE).write_bytes(to_parquet(pd.read_parquet(SHIPPED), about))
    with pytest.raises(BatchError, match="damaged"):
        read_weeks(END)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Ogling probability", 1.5),
        ("Ogling probability", -0.1),
        ("words", np.inf),
        ("words", np.nan),
        ("week", 9),
        ("day", -1),
        ("hour", 24),
        ("day", 6),  # not in order
    ],
)
def test_numbers_that_cannot_be_are_damage(folder: Path, column: str, value: float) -> None:
    frame = pd.read_parquet(SHIPPED)
    frame.loc[5, column] = value
    (folder / FILE).write_bytes(to_parquet(frame, _about()))
    with pytest.raises(BatchError, match="damaged"):
        read_weeks(END)


def test_a_missing_column_and_missing_rows_are_damage(folder: Path) -> None:
    frame = pd.read_parquet(SHIPPED)
    for left in (frame.drop(columns="markup"), frame.drop(columns="hour"), frame[:-1], frame[:0]):
        (folder / FILE).write_bytes(to_parquet(left, _about()))
        with pytest.raises(BatchError, match="damaged"):
            read_weeks(END)


def test_a_column_that_the_check_does_not_know_is_not_read(folder: Path) -> None:
    frame = pd.read_parquet(SHIPPED).assign(description="what somebody wrote")
    (folder / FILE).write_bytes(to_parquet(frame, _about()))
    assert "description" not in read_weeks(END)[0].scored.frame


def test_a_new_word_of_too_few_descriptions_is_not_read(folder: Path) -> None:
    about = _about()
    profile = about["weeks"][APP]["profile"]
    profile["new_words"] |= {"quietfox": 4, "two words": 20, "zoltan": 20}
    (folder / FILE).write_bytes(to_parquet(pd.read_parquet(SHIPPED), about))
    words = read_weeks(END)[APP].scored.texts.new_words
    assert "bytetok" in words
    assert not {"quietfox", "two words", "zoltan"} & set(words)


def test_flipped_bytes_are_damage_or_harmless(folder: Path) -> None:
    content = SHIPPED.read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(len(content), size=40):
        broken = bytearray(content)
        broken[place] ^= 1 << int(rng.integers(8))
        (folder / FILE).write_bytes(bytes(broken))
        with contextlib.suppress(BatchError):
            assert len(read_weeks(END)) == 8

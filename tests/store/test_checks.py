"""Checks are kept as numbers, never raise, and give no row of a batch away."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

import afterword
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.errors import CheckError
from afterword.model.registry import load_reference
from afterword.model.scored import Scored
from afterword.settings import TRIAL, get_settings
from afterword.store import Store, checks
from afterword.store.schema import CHECKS
from tests.stores import NOON, small_store

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"


@cache
def found() -> CheckResult:
    return check(afterword.read(SAMPLES / "many-more-of-one-category.jsonl"))


@cache
def ordinary() -> CheckResult:
    return check(afterword.read(SAMPLES / "ordinary-week.parquet"))


def few(rows: int) -> CheckResult:
    scored = ordinary().scored
    return check(replace(scored, frame=scored.frame.head(rows), texts=None))


def tried(store: Store, result: CheckResult | None = None, **options: Any) -> int | None:
    given: dict[str, Any] = {"source": "command", "model": "m", "at": NOON} | options
    return store.checks.add(result or found(), **given)


def add(store: Store, result: CheckResult | None = None, **options: Any) -> int:
    number = tried(store, result, **options)
    assert number is not None, store.problem
    return number


def test_a_check_comes_back_as_it_was(store: Store) -> None:
    number = add(store, window=(NOON - timedelta(days=7), NOON))
    kept = store.checks.get(number)
    assert kept is not None
    assert (kept.id, kept.at, kept.source, kept.model) == (number, NOON, "command", "m")
    assert kept.window == (NOON - timedelta(days=7), NOON)
    result = found()
    assert kept.content == result.to_dict()
    assert (kept.level, kept.alarm, kept.alpha) == (result.level, result.alarm, result.alpha)
    assert (kept.headline, kept.reasons, kept.actions) == (
        result.headline,
        result.reasons,
        result.actions,
    )
    assert (kept.rows, kept.accepted) == (result.scored.rows, len(result.scored.frame))


def test_a_check_that_is_not_there_is_none(store: Store) -> None:
    assert store.checks.get(7) is None
    assert store.checks.last() is None
    assert store.checks.list() == []


def test_the_newest_check_comes_first(store: Store) -> None:
    for hours in (2, 0, 1):
        add(store, at=NOON + timedelta(hours=hours))
    assert [(kept.at - NOON).seconds // 3_600 for kept in store.checks.list()] == [2, 1, 0]
    assert store.checks.last().at == NOON + timedelta(hours=2)
    assert len(store.checks.list(2)) == 2
    since = NOON + timedelta(hours=1)
    assert [kept.at >= since for kept in store.checks.list(since=since)] == [True, True]
    assert store.checks.count() == 3


def test_what_checks_said_is_read_without_their_numbers(store: Store) -> None:
    add(store, ordinary(), at=NOON)
    add(store, at=NOON + timedelta(hours=1), model="another")
    add(store, at=NOON + timedelta(hours=2), trial=True)
    add(store, at=NOON + timedelta(hours=3), sample=True)
    said = [(kept.at, kept.model, kept.level) for kept in store.checks.list()]
    assert said == [*map(tuple, store.checks.levels(9))]
    assert store.checks.levels(1) == store.checks.levels(9)[:1]
    assert [one.at for one in store.checks.levels(9, sample=True)] == [NOON + timedelta(hours=3)]


def test_of_two_checks_of_one_second_the_later_is_the_newer(store: Store) -> None:
    numbers = [add(store), add(store)]
    assert [kept.id for kept in store.checks.list()] == numbers[::-1]


def test_samples_stand_apart(store: Store) -> None:
    mine, loaded = add(store), add(store, sample=True, source="sample")
    assert [kept.id for kept in store.checks.list()] == [mine]
    assert [kept.id for kept in store.checks.list(sample=True)] == [loaded]
    assert [kept.id for kept in store.checks.list(sample=None)] == [loaded, mine]
    assert store.checks.last(sample=True).sample
    assert store.checks.count(sample=None) == 2


def test_every_column_is_kept_as_counts_of_its_values(store: Store) -> None:
    kept = store.checks.get(add(store))
    frame = found().scored.frame
    assert set(kept.columns) == set(frame)
    for name, column in kept.columns.items():
        values = np.repeat(np.asarray(column["values"]), np.asarray(column["counts"]))
        assert values.tolist() == np.sort(frame[name].to_numpy(float)).tolist()


def test_no_order_of_rows_is_kept(store: Store) -> None:
    """The same columns, shuffled one by one, leave the same bytes."""
    scored, rng = ordinary().scored, np.random.default_rng(1)
    torn = scored.frame.apply(lambda column: rng.permutation(column.to_numpy()))
    assert not torn.equals(scored.frame)
    kept = [
        store.checks.get(add(store, replace(ordinary(), scored=replace(scored, frame=frame))))
        for frame in (scored.frame, torn)
    ]
    assert kept[0].columns == kept[1].columns


@pytest.mark.parametrize("rows", [0, 1, 5, 29])
def test_too_few_rows_leave_neither_values_nor_means(store: Store, rows: int) -> None:
    kept = store.checks.get(add(store, few(rows)))
    assert kept.level == "too_few"
    assert kept.accepted == rows
    assert not kept.comparable
    assert all(column == {"values": [], "counts": []} for column in kept.columns.values())
    assert not [one for one in kept.content["measures"] if one["batch"] is not None]


def test_the_least_that_is_compared_is_kept(store: Store) -> None:
    assert store.checks.get(add(store, few(30))).comparable


def test_a_feed_that_is_broken_in_few_rows_keeps_what_says_so(store: Store) -> None:
    scored = Scored(
        frame=load_reference().head(3),
        descriptors=ordinary().scored.descriptors,
        categories=ordinary().scored.categories,
        outputs=ordinary().scored.outputs,
        rejections={"empty": 300},
    )
    kept = store.checks.get(add(store, check(scored)))
    assert kept.level == "faulty"
    known = [one["measure"] for one in kept.content["measures"] if one["batch"] is not None]
    assert known == ["rejected_rows"]


def test_no_text_and_no_file_name_is_kept(tmp_path: Path) -> None:
    store = small_store(tmp_path / "home")
    secret = "zebrafinch"
    lines = [f"On day {n} he stared at me near the {secret} {n} shop." for n in range(4)]
    rows = "\n".join(lines + [f"He shouted at me at noon, time {n}." for n in range(60)])
    file = tmp_path / f"{secret}.csv"
    file.write_text(f"description\n{rows}\n")
    assert add(store, check(afterword.read(file)))
    store.close()
    written = b"".join(path.read_bytes() for path in (tmp_path / "home").iterdir())
    assert secret.encode() not in written.lower()


def test_a_store_that_cannot_be_written_keeps_nothing_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file stands in the way")
    store = small_store(tmp_path / "home")
    assert tried(store) is None
    assert "AFTERWORD_HOME" in store.problem


def test_a_result_that_cannot_be_kept_raises_nothing(store: Store) -> None:
    broken = replace(found(), detectable=(object(),))  # type: ignore[arg-type]
    assert tried(store, broken) is None
    assert "not be kept" in store.problem


def test_nothing_is_kept_while_recording_is_off_but_samples(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = get_settings().model_copy(update={"recording": False})
    monkeypatch.setattr(checks, "get_settings", lambda: off)
    assert tried(store) is None
    assert store.problem == ""
    assert add(store, sample=True) is not None


def test_a_forgotten_check_is_gone(store: Store) -> None:
    add(store, at=NOON - timedelta(days=9))
    later = add(store)
    assert store.forget(NOON - timedelta(days=1)) == 1
    assert [kept.id for kept in store.checks.list()] == [later]


# ------------------------------------------------------------------------------------ trials


def trial(store: Store, **options) -> int:
    return add(store, trial=True, **{"at": datetime.now(UTC)} | options)


def test_a_trial_is_read_and_listed_and_asked_for_by_nothing_that_judges(store: Store) -> None:
    counts, tried = add(store), trial(store)
    assert store.checks.last().id == counts
    assert [kept.id for kept in store.checks.list()] == [counts]
    assert [kept.id for kept in store.checks.list(sample=None)] == [counts]
    assert store.checks.count() == 1
    assert [kept.id for kept in store.checks.list(trial=True)] == [tried]
    assert [kept.id for kept in store.checks.list(trial=None)] == [tried, counts]
    assert [kept.trial for kept in store.checks.list(trial=None)] == [True, False]
    assert store.checks.get(tried).content == found().to_dict()
    assert (store.checks.count(trial=True), store.checks.count(trial=None)) == (1, 2)


def test_trials_take_no_place_among_the_checks_that_count(store: Store) -> None:
    counts = add(store)
    for _ in range(3):
        trial(store)
    assert [kept.id for kept in store.checks.list(1)] == [counts]


def test_a_trial_is_not_shown_after_seven_days_and_then_deleted(store: Store) -> None:
    now = datetime.now(UTC)
    week = timedelta(days=7)
    young = trial(store, at=now - week + timedelta(hours=1))
    counts = add(store, at=now - week - timedelta(days=1))
    old = trial(store, at=now - week - timedelta(seconds=2))
    assert store.checks.get(old) is None
    assert [kept.id for kept in store.checks.list(trial=None)] == [young, counts]
    assert store.checks.count(trial=True) == 1
    with pytest.raises(CheckError, match="7 days"):
        store.checks.let_count(old, model="m", stream=1)
    assert store.forget(NOON - timedelta(days=400)) == 1
    assert store.forget(NOON - timedelta(days=400), now=now + timedelta(days=1)) == 1
    assert [kept.id for kept in store.checks.list(trial=None)] == [counts]


def test_the_next_check_deletes_old_trials_where_no_server_does(store: Store) -> None:
    counts = add(store, at=NOON)
    trial(store, at=datetime.now(UTC) - TRIAL - timedelta(seconds=2))
    young = trial(store)
    with store.reading() as connection:
        kept = connection.execute(select(CHECKS.c.id).order_by(CHECKS.c.id)).scalars().all()
    assert kept == [counts, young]


def test_a_check_takes_the_place_of_a_trial_and_never_of_one_that_counts(store: Store) -> None:
    other, first, now = trial(store), trial(store), datetime.now(UTC)
    second = trial(store, replaces=(first, store.checks.get(first).at), at=now)
    assert [kept.id for kept in store.checks.list(trial=True)] == [second, other]
    assert second > first  # the address of the first one leads to no other check
    with pytest.raises(CheckError, match="corrected"):
        store.checks.let_count(first, model="m", stream=1)
    store.checks.let_count(second, model="m", stream=1)
    third = trial(store, replaces=(second, now))
    assert {kept.id for kept in store.checks.list(trial=None)} == {third, second, other}
    assert store.checks.last().id == second


def test_a_number_that_was_given_again_is_no_trial_of_before(store: Store) -> None:
    gone = datetime.now(UTC) - TRIAL - timedelta(seconds=2)
    first = trial(store, at=gone)
    second = trial(store, replaces=(first, gone))
    third = trial(store, replaces=(first, gone))
    assert {kept.id for kept in store.checks.list(trial=True)} == {third, second}


def test_a_check_that_is_not_kept_leaves_the_trial(store: Store) -> None:
    now = datetime.now(UTC)
    first = trial(store, at=now)
    broken = replace(found(), detectable=(object(),))  # type: ignore[arg-type]
    assert tried(store, broken, trial=True, replaces=(first, now)) is None
    assert [kept.id for kept in store.checks.list(trial=True)] == [first]


def test_a_trial_that_is_made_to_count_is_the_latest_check_from_then_on(store: Store) -> None:
    now = datetime.now(UTC)
    tried = trial(store, at=now - timedelta(days=2))
    counts = add(store, at=now - timedelta(days=1))
    assert store.checks.last().id == counts
    store.checks.let_count(tried, model="m", stream=1)
    kept = store.checks.last()
    assert (kept.id, kept.trial) == (tried, False)
    assert timedelta(seconds=-1) <= kept.at - now <= timedelta(minutes=1)
    assert kept.content == found().to_dict()


def test_a_check_that_counts_already_stays_as_it_is(store: Store) -> None:
    counts = add(store)
    store.checks.let_count(counts, model="another", stream=1)
    assert store.checks.get(counts).at == NOON


def test_a_trial_of_another_model_is_not_made_to_count(store: Store) -> None:
    tried = trial(store, model="another")
    with pytest.raises(CheckError, match="Another model"):
        store.checks.let_count(tried, model="m", stream=1)
    assert store.checks.last() is None


def test_no_trial_is_made_to_count_while_recording_is_off(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = trial(store)
    off = get_settings().model_copy(update={"recording": False})
    monkeypatch.setattr(checks, "get_settings", lambda: off)
    with pytest.raises(CheckError, match="AFTERWORD_RECORDING"):
        store.checks.let_count(number, model="m", stream=1)
    assert tried(store, trial=True) is None
    assert store.checks.last() is None

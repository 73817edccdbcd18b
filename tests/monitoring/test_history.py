"""What the store holds can be checked; kept checks can be compared and made again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import afterword
from afterword.drift.checking import check, compare
from afterword.drift.result import CheckResult
from afterword.errors import CheckError, ReportError
from afterword.files.parted import Parted
from afterword.measures.null_tables import load_tables
from afterword.model.registry import load_model, load_reference, version_of
from afterword.monitoring import history
from afterword.monitoring.differences import differences
from afterword.reports import evidently, workspace
from afterword.settings import Settings, get_settings
from afterword.store import Store
from afterword.store.checks import KeptCheck
from afterword.store.tally import layout_of
from afterword.streams import recording, wording
from tests.conftest import invented, run_apart
from tests.stores import NOON

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
WEEK = timedelta(days=7)


@cache
def found(name: str = "new-app-in-the-news.csv") -> CheckResult:
    return check(afterword.read(SAMPLES / name))


def kept(store: Store, result: CheckResult, **options) -> KeptCheck:
    given: dict[str, Any] = {"source": "command", "model": version_of(), "at": NOON} | options
    number = store.checks.add(result, **given)
    assert number is not None, store.problem
    check = store.checks.get(number)
    assert check is not None
    return check


def record(store: Store, rows: int, at: datetime = NOON, **columns: str) -> None:
    texts = invented(rows, seed=at.day)["description"].tolist()
    model = load_model()
    seen = recording.observe(texts, model.predict_proba(texts), model)
    assert recording.record("http", seen, latency_s=0.1, store=store, at=at)


# ------------------------------------------------------------------------------ how far back


@pytest.mark.parametrize(
    ("text", "days"), [("7d", 7), ("1d", 1), ("24h", 1), ("48H", 2), (" 2w ", 14), ("365d", 365)]
)
def test_days_may_be_written_in_several_ways(text: str, days: int) -> None:
    assert history.parse_since(text) == timedelta(days=days)


@pytest.mark.parametrize(
    "text",
    ["", "7", "d", "0d", "-7d", "1.5d", "25h", "12h", "366d", "53w", "7 days", "9" * 99],
)
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(CheckError, match="whole days from 1d to 365d"):
        history.parse_since(text)


def test_a_window_is_of_whole_days_and_has_today() -> None:
    assert history.days_of(WEEK, NOON) == (
        datetime(2026, 2, 26, tzinfo=UTC),
        datetime(2026, 3, 5, tzinfo=UTC),
    )
    late = datetime(2026, 3, 5, 1, tzinfo=UTC).astimezone(tz=None)
    assert history.days_of(timedelta(days=1), late)[0] == datetime(2026, 3, 5, tzinfo=UTC)


# --------------------------------------------------------------------- false alarms in a year


def test_without_the_setting_the_chance_is_that_of_every_check() -> None:
    assert history.chance_of(WEEK, Settings(alpha=0.07)) == (0.07, "")


@pytest.mark.parametrize(("days", "alarms"), [(7, 2), (7, 1), (30, 1), (1, 12), (365, 0.05)])
def test_false_alarms_a_year_are_shared_among_the_checks_of_a_year(
    days: int, alarms: float
) -> None:
    chance, note = history.chance_of(timedelta(days=days), Settings(false_alarms=alarms))
    assert chance * 365 / days == pytest.approx(alarms)
    assert note == ""


def test_what_no_table_promises_is_said() -> None:
    chance, note = history.chance_of(timedelta(days=1), Settings(false_alarms=1))
    assert chance == 0.01
    assert note.startswith("A check every day cannot have fewer than 3.7 false alarms a year")
    assert "check weekly" in note
    chance, note = history.chance_of(timedelta(days=30), Settings(false_alarms=12))
    assert chance == 0.2
    assert "at most 2.4 false alarms a year" in note


# --------------------------------------------------------------------------- check the store


def test_what_was_classified_lately_is_checked(store: Store) -> None:
    record(store, 60)
    record(store, 60, NOON - timedelta(days=6))
    record(store, 60, NOON - timedelta(days=7))
    result, window = history.check_store(store, WEEK, now=NOON)
    assert window == history.days_of(WEEK, NOON)
    assert len(result.scored.frame) == 120
    assert result.level in ("changed", "faulty")
    assert result.alpha == get_settings().alpha


def test_a_check_of_the_store_compares_all_that_a_check_compares(store: Store) -> None:
    record(store, 60)
    result, _ = history.check_store(store, WEEK, now=NOON)
    assert result.missing == ("Descriptions that begin alike", "Descriptions that end alike")
    assert wording.IN_BINS in result.limits


def test_an_empty_store_has_too_few(store: Store) -> None:
    assert history.check_store(store, WEEK, now=NOON)[0].level == "too_few"


def test_the_setting_changes_the_chance_of_a_check_of_the_store(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = get_settings().model_copy(update={"false_alarms": 1.0})
    monkeypatch.setattr(history, "get_settings", lambda: own)
    result, _ = history.check_store(store, WEEK, now=NOON)
    assert result.alpha == pytest.approx(7 / 365)


# --------------------------------------------------------------------------------- make again


@pytest.mark.parametrize(
    "name",
    [
        "ordinary-week.parquet",
        "new-app-in-the-news.csv",
        "broken-export.csv",
        "many-more-of-one-category.jsonl",
    ],
)
def test_a_check_that_is_made_again_says_the_same(store: Store, name: str) -> None:
    result = found(name)
    again = history.remake(kept(store, result))
    assert json.loads(json.dumps(again.to_dict())) == json.loads(json.dumps(result.to_dict()))
    assert again.limits == result.limits
    assert [one.name for one in again.ranked()] == [one.name for one in result.ranked()]
    assert again.changed_words() == result.changed_words()
    assert again.scored.rejections == result.scored.rejections


@pytest.mark.parametrize("name", ["ordinary-week.parquet", "new-app-in-the-news.csv"])
def test_a_check_of_another_model_is_recalled_whole_though_nothing_can_be_drawn_of_it(
    store: Store, name: str
) -> None:
    result = found(name)
    one = kept(store, result, model="another")
    told = history.recall(one)
    assert json.loads(json.dumps(told.to_dict())) == json.loads(json.dumps(result.to_dict()))
    assert (told.limits, told.comparable) == (result.limits, result.comparable)
    assert told.changed_words() == result.changed_words()
    with pytest.raises(ReportError):
        evidently.report(told)
    with pytest.raises(CheckError, match="another model"):
        history.remake(one)


def test_a_check_of_too_few_rows_is_recalled_as_one(store: Store) -> None:
    scored = replace(found().scored, texts=None, rejections={"empty": 2})
    result = check(replace(scored, frame=scored.frame.head(5)))
    told = history.recall(kept(store, result, model="another"))
    assert not told.comparable
    assert (told.headline, told.profile.accepted, told.profile.rejected) == (result.headline, 5, 2)


def decisions(result: CheckResult, kind: evidently.Kind) -> dict[str, tuple[str, float]]:
    content = json.loads(evidently.to_json(evidently.report(result, kind)))
    values = {
        one["config"]["column"]: one["value"]
        for one in content["metrics"]
        if "column" in one["config"]
    }
    return {
        column: (test["status"], values.get(column, 0.0))
        for test in content["tests"]
        for column in [test["metric_config"]["params"].get("column", "")]
    }


@pytest.mark.whole
@pytest.mark.parametrize("kind", ["data", "prediction"])
def test_its_evidently_report_draws_the_same_decisions(store: Store, kind: evidently.Kind) -> None:
    result = found()
    expected = decisions(result, kind)
    assert len(expected) >= 5
    assert decisions(history.remake(kept(store, result)), kind) == expected


def test_what_a_check_said_of_labels_is_made_again(store: Store) -> None:
    week = found("ordinary-week.parquet").scored
    labels = (week.frame[["Commenting probability"] * 3].to_numpy() > 0.5).astype(float)
    result = check(replace(week, labels=labels))
    again = history.remake(kept(store, result))
    assert result.quality is not None
    assert again.quality is not None
    assert again.quality.sentence == result.quality.sentence
    assert again.to_dict()["quality"] == json.loads(json.dumps(result.to_dict()["quality"]))


def test_what_a_check_said_of_each_category_is_made_again(store: Store) -> None:
    result = found("ordinary-week.parquet")
    one = kept(store, result)
    assert len(result.shares) == 3
    assert history.remake(one).shares == result.shares
    older = replace(one, content={key: of for key, of in one.content.items() if key != "shares"})
    assert history.remake(older).shares == ()
    with pytest.raises(CheckError, match="check the batch again"):
        history.shares_kept({"shares": [{"category": "Ogling"}]})


def test_what_a_check_said_of_each_part_is_made_again(store: Store) -> None:
    week = found("ordinary-week.parquet").scored
    codes = np.arange(len(week.frame)) % 2
    cities = Parted("city", ("Harbourtown", "Hillview"), codes, (60, 60))
    result = check(week, by=cities)
    one = kept(store, result)
    again = history.remake(one)
    assert again.by == "city"
    assert len(again.segments) == 2
    assert again.to_dict()["segments"] == json.loads(json.dumps(result.to_dict()["segments"]))
    without = {key: of for key, of in one.content.items() if key not in ("by", "segments")}
    older = history.remake(replace(one, content=without))
    assert (older.by, older.segments) == (None, ())


def test_damage_in_what_a_check_said_of_quality_is_one_sentence(store: Store) -> None:
    one = kept(store, found("ordinary-week.parquet"))
    damaged = replace(one, content={**one.content, "estimate": {"rows": "many"}})
    with pytest.raises(CheckError, match="check the batch again"):
        history.remake(damaged)


@pytest.mark.whole
@pytest.mark.parametrize("in_bins", [False, True])
def test_a_check_of_the_store_is_made_again_also_if_it_was_made_in_bins(
    store: Store, in_bins: bool
) -> None:
    """As it was before there were profiles of days."""
    record(store, 60)
    result, window = history.check_store(store, WEEK, now=NOON)
    if in_bins:
        layout = layout_of()
        frame = result.scored.frame.assign(
            **{
                name: bins.values[bins.of(result.scored.frame[name].to_numpy(float))]
                for name, bins in layout.bins.items()
            }
        )
        batch = replace(result.scored, frame=frame.astype(np.float32))
        result = compare(batch, layout.reference, load_tables())
    again = history.remake(kept(store, result, source="schedule", window=window))
    assert json.loads(json.dumps(again.to_dict())) == json.loads(json.dumps(result.to_dict()))
    assert again.reference.equals(result.reference)
    assert again.reference.equals(load_reference()) is not in_bins
    assert decisions(again, "data") == decisions(result, "data")


def test_the_rows_of_a_check_that_is_made_again_belong_to_nobody(store: Store) -> None:
    frame = found().scored.frame
    again = history.remake(kept(store, found())).scored.frame
    together = ["characters", "words"]
    assert not np.array_equal(np.sort(again[together], axis=0), again[together])
    assert set(map(tuple, again[together].to_numpy())) != set(
        map(tuple, frame[together].to_numpy())
    )


@pytest.mark.whole
def test_a_check_of_too_few_is_made_again_without_values(store: Store) -> None:
    scored = found().scored
    few = check(replace(scored, frame=scored.frame.head(9), texts=None, rejections={}))
    again = history.remake(kept(store, few))
    assert (again.level, len(again.scored.frame), again.comparable) == ("too_few", 9, False)
    with pytest.raises(ReportError, match="too few rows"):
        evidently.report(again)


def test_the_check_of_another_model_is_not_made_again(store: Store) -> None:
    with pytest.raises(CheckError, match="another model"):
        history.remake(kept(store, found(), model="0123456789ab"))


def test_a_reference_that_gives_other_distances_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = kept(store, found())
    other = load_reference().assign(characters=lambda frame: 2 * frame["characters"])
    monkeypatch.setattr(history, "load_reference", lambda _folder: other)
    with pytest.raises(CheckError, match="another model"):
        history.remake(one)


# ----------------------------------------------------------------------------------- compare


def test_what_changed_most_comes_first(store: Store) -> None:
    first = kept(store, found("ordinary-week.parquet"))
    second = kept(store, found("many-more-of-one-category.jsonl"))
    table = differences(first, second)
    assert list(table) == [
        *("measure", "label", "group", "first", "second", "first_moved", "second_moved", "change")
    ]
    assert len(table) == len(first.content["measures"])
    assert table["measure"][0] == "Ogling probability"
    assert table["change"].dropna().is_monotonic_decreasing
    assert (table["first_moved"][0], table["second_moved"][0]) == (False, True)
    assert table["first"][0].endswith(" %")


def test_a_check_does_not_differ_from_itself(store: Store) -> None:
    one = kept(store, found())
    table = differences(one, one)
    assert (table["change"].dropna() == 0).all()
    assert (table["first"] == table["second"]).all()


def test_to_the_other_side_of_training_is_a_change(store: Store) -> None:
    """Twice as far, once up and once down: the distances are alike, and the checks are not."""
    one, measures = kept(store, found()), []
    for direction in ("higher", "lower"):
        measures.append(
            replace(one, content={**one.content, "measures": [
                line | {"direction": direction, "distance": 0.3}
                for line in one.content["measures"]
                if line["measure"] == "words"
            ]})
        )  # fmt: skip
    table = differences(*measures)
    assert table["change"][0] == pytest.approx(0.6 / one.content["measures"][1]["floor"])


def test_a_measure_that_one_side_lacks_is_named(store: Store) -> None:
    one = kept(store, found())
    less = replace(one, content={**one.content, "measures": one.content["measures"][1:]})
    table = differences(less, one).set_index("measure")
    name = one.content["measures"][0]["measure"]
    assert table.loc[name, "first"] == "–"
    assert np.isnan(table.loc[name, "change"])


# --------------------------------------------------------------------------------- workspace


@pytest.mark.whole
def test_a_workspace_holds_the_history_and_follows_it(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    old = NOON - timedelta(days=30)
    scored = found().scored
    few = check(replace(scored, frame=scored.frame.head(9), texts=None, rejections={}))
    kept(store, found(), at=old)
    kept(store, found("ordinary-week.parquet"), source="page")
    kept(store, found(), model="0123456789ab")
    kept(store, few)
    steps: list[float] = []
    done = workspace.export(store, folder, steps.append)
    assert done == workspace.Exported(2, 0, 0, other_model=1, too_few=1)
    assert steps == [0.25, 0.5, 0.75, 1]
    runs = read(folder)
    assert {(run.metadata["source"], *run.tags) for run in runs} == {
        ("command", "data", "changed"),
        ("command", "prediction", "changed"),
        ("page", "data", "stable"),
        ("page", "prediction", "stable"),
    }
    assert {run.timestamp for run in runs} == {old, NOON}
    assert {run.metadata["model"] for run in runs} == {version_of()}

    again = workspace.export(store, folder)
    assert again == workspace.Exported(0, 2, 0, other_model=1, too_few=1)
    assert len(read(folder)) == 4

    assert not list(folder.glob("*/snapshots/.*"))
    store.forget(NOON - timedelta(days=1))
    assert workspace.export(store, folder).removed == 2
    assert {run.timestamp for run in read(folder)} == {NOON}


def read(folder: Path) -> list:
    """The runs that Evidently's interface lists; it refuses the whole list for one that is bad."""
    from evidently.ui.service.storage.local.base import JsonFileProjectMetadataStorage

    storage = JsonFileProjectMetadataStorage(str(folder))
    (project,) = storage.state.projects.values()
    assert project.name == "Afterword"
    return run_apart(storage.list_snapshots(project.id))


@pytest.mark.whole
def test_a_workspace_that_cannot_be_written_is_said(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReportError, match="cannot be written"):
        workspace.export(store, tmp_path / "file" / "workspace")

"""The check: one decision, told alike everywhere; what it compares, refuses and lacks."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import afterword
from afterword.cli.main import app
from afterword.drift.checking import check, compare
from afterword.drift.comparing import MIN_ROWS, OTHER_SPREAD
from afterword.drift.result import CheckResult
from afterword.errors import CheckError
from afterword.measures import null_tables
from afterword.measures.definitions import (
    KNOWN_WORDS,
    NEW_WORDS,
    REJECTED,
    REPEATS,
    SENT_TWICE,
    WHOLE,
)
from afterword.measures.distances import column_distance
from afterword.measures.null_tables import load_tables
from afterword.measures.profiles import profile_of
from afterword.model.reference import NUMBER, output_columns
from afterword.model.registry import load_reference
from afterword.model.scored import Scored
from afterword.reports import evidently
from afterword.settings import get_settings
from afterword.text.descriptors import NAMES
from tests.conftest import invented

CATEGORIES = ("Commenting", "Ogling", "Groping")
SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
BATCHES = (
    "ordinary-week.parquet",
    "new-app-in-the-news.csv",
    "broken-export.csv",
    "many-more-of-one-category.jsonl",
)


@cache
def sample(name: str) -> CheckResult:
    return check(afterword.read(SAMPLES / name))


def drawn(rows: int, seed: int = 0, **fields) -> Scored:
    """Columns of the reference, without a profile: ordinary by construction."""
    frame = load_reference().sample(rows, random_state=seed).reset_index(drop=True)
    return Scored(
        frame=frame,
        descriptors=NAMES,
        categories=CATEGORIES,
        outputs=output_columns(CATEGORIES),
        **fields,
    )


def moved(rows: int, **columns: float) -> Scored:
    """Ordinary rows, but with these columns set to one value."""
    scored = drawn(rows)
    return replace(scored, frame=scored.frame.assign(**columns))


def by_name(result: CheckResult) -> pd.DataFrame:
    return result.measures.set_index("measure")


# ---------------------------------------------------------------- one decision everywhere


@cache
def reported(name: str, kind: Literal["data", "prediction", "quality"]) -> dict:
    """What Evidently's report of a sample says."""
    return json.loads(evidently.to_json(evidently.report(sample(name), kind)))


@pytest.mark.whole
@pytest.mark.parametrize(("kind", "group"), [("data", "input"), ("prediction", "output")])
@pytest.mark.parametrize("name", BATCHES)
def test_evidently_decides_as_the_check_did(name: str, kind: str, group: str) -> None:
    result = sample(name)
    columns = [each for each in result.ranked(group) if each.column]
    expected = {each.label: each.drifted for each in columns}
    assert len(expected) >= 5
    # Evidently's banner is the one test without a column.
    decisions = {
        test["metric_config"]["params"].get("column", ""): test["status"] == "FAIL"
        for test in reported(name, kind)["tests"]
    }
    assert decisions == {"": any(expected.values()), **expected}


@pytest.mark.whole
@pytest.mark.parametrize("name", BATCHES)
def test_evidently_measures_the_distances_of_the_check(name: str) -> None:
    result = sample(name)
    drawn_by = {
        metric["config"]["column"]: metric["value"]
        for metric in reported(name, "data")["metrics"]
        if "column" in metric["config"]
    }
    columns = [each for each in result.ranked("input") if each.column]
    assert drawn_by == pytest.approx({each.label: each.distance for each in columns})


@pytest.mark.parametrize("name", BATCHES)
def test_json_table_and_command_line_tell_the_same(name: str) -> None:
    result = sample(name)
    content = result.to_dict()
    assert [one["drifted"] for one in content["measures"]] == result.measures["drifted"].tolist()
    printed = CliRunner().invoke(app, ["check", str(SAMPLES / name), "--json"]).stdout
    told = json.loads(printed)
    assert bool(told.pop("reading")) == (not name.endswith(".parquet"))
    assert told == json.loads(json.dumps(content))
    table = CliRunner().invoke(app, ["check", str(SAMPLES / name)]).stdout
    marks = [line.split("│")[1].strip() for line in table.splitlines() if "│" in line]
    assert marks.count("moved") == result.measures["drifted"].sum()


@pytest.mark.parametrize("name", BATCHES)
def test_the_level_is_an_alarm_if_and_only_if_a_measure_drifted(name: str) -> None:
    result = sample(name)
    assert result.alarm == result.measures["drifted"].any() == result.to_dict()["alarm"]
    expected = result.measures["distance"] >= result.measures["threshold"]
    assert (result.measures["drifted"] == expected).all()


@pytest.mark.parametrize(
    ("name", "level"), list(zip(BATCHES, ("stable", "changed", "faulty", "changed"), strict=True))
)
def test_every_sample_shows_what_it_was_made_to_show(name: str, level: str) -> None:
    assert sample(name).level == level


def test_a_distance_exactly_at_its_threshold_is_drift() -> None:
    scored, tables, reference = moved(100, capitals=0.5), load_tables(), load_reference()
    gap = float(by_name(compare(scored, reference, tables))["distance"]["capitals"])
    for floor, expected in ((gap, True), (np.nextafter(gap, 9), False)):
        found = by_name(compare(scored, reference, tables, floors={"capitals": floor}))
        assert found.loc["capitals", "threshold"] == floor
        assert found.loc["capitals", "drifted"] == expected


# ------------------------------------------------------------------------ what is compared


def test_a_category_that_grew_is_named() -> None:
    grown = replace(drawn(400), frame=load_reference().nlargest(400, "Ogling probability"))
    result = check(replace(grown, frame=grown.frame.reset_index(drop=True)))
    assert result.level == "changed"
    share = next(one for one in result.shares if one.category == "Ogling")
    assert result.headline == share.sentence
    assert share.explained in result.reasons


def test_the_distance_of_a_column_is_that_of_its_own_kind() -> None:
    scored, reference = drawn(300), load_reference()
    result = check(scored)
    columns = result.measures[result.measures["column"]]
    assert set(columns["measure"]) == set(scored.frame)
    for name, kind, distance in columns[["measure", "kind", "distance"]].to_numpy():
        expected = column_distance(kind, reference[name].to_numpy(), scored.frame[name].to_numpy())
        assert distance == expected


def test_longer_texts_are_named_first_with_numbers_and_direction() -> None:
    result = check(moved(300, characters=1_000.0))
    assert result.reasons[0].startswith("Descriptions are longer: typically 1000 characters; ")
    assert by_name(result).loc["characters", "direction"] == "higher"


def test_a_large_batch_does_not_alarm_on_a_trifle() -> None:
    measures = check(drawn(8_000)).measures
    assert (measures["threshold"] >= measures["floor"]).all()
    assert (measures["floor"] >= 0.02).all()


@pytest.mark.parametrize("rows", [0, 1, MIN_ROWS - 1])
def test_too_few_rows_are_neither_stable_nor_changed(rows: int) -> None:
    result = check(moved(rows, characters=9_999.0))
    assert result.level == "too_few"
    assert not result.measures["drifted"].any()
    assert not result.comparable
    assert str(MIN_ROWS) in result.headline


def test_the_direction_never_contradicts_the_numbers_beside_it() -> None:
    scored = drawn(300)
    frame = scored.frame.copy()
    frame["words"] = np.where(np.arange(300) < 290, frame["words"] + 5, 0)
    frame["capitals"] = np.where(np.arange(300) % 2, 1.0, 0.0)
    results = [check(replace(scored, frame=frame)), *map(sample, BATCHES)]
    for result in results:
        for each in result.ranked():
            assert each.direction in ("higher", "lower", OTHER_SPREAD, "")
            if each.direction == "higher":
                assert each.batch > each.reference
            elif each.direction == "lower":
                assert each.batch < each.reference


def test_rejected_rows_count_against_the_feed() -> None:
    result = check(drawn(200, rejections={"empty": 40}))
    rejected = by_name(result).loc[REJECTED]
    assert rejected["drifted"]
    assert rejected["batch"] == pytest.approx(40 / 240)
    assert result.level == "faulty"
    assert not by_name(check(drawn(200, rejections={"empty": 2}))).loc[REJECTED, "drifted"]


@pytest.mark.parametrize(("rejected", "left"), [(300, 0), (300, 20), (70, 29)])
def test_a_feed_that_is_rejected_alarms_however_few_rows_are_left(rejected: int, left: int) -> None:
    result = check(drawn(left, rejections={"empty": rejected}))
    assert result.level == "faulty"
    assert result.alarm
    assert "export" in result.actions[0]
    assert result.reasons[0].startswith("Rows cannot be read as descriptions: ")


def test_one_rejected_row_of_one_is_too_little_to_go_by() -> None:
    """An ordinary feed rejects one row in a hundred: that is no rare event."""
    assert check(drawn(0, rejections={"empty": 1})).level == "too_few"


def test_a_batch_of_texts_is_scored_first() -> None:
    texts = pd.DataFrame({"description": [f"HE SHOUTED AT ME {n}!!!" for n in range(60)]})
    result = afterword.check(afterword.read_batch(texts))
    assert by_name(result).loc["capitals", "direction"] == "higher"
    assert result.level == "faulty"


# --------------------------------------------------------------------- words and sensitivity


def test_the_words_that_changed_come_with_the_result() -> None:
    result = sample("new-app-in-the-news.csv")
    (found,) = (word for word in result.changed_words() if word.term == "bytetok")
    assert found.new
    assert found.share == pytest.approx(by_name(result).loc[NEW_WORDS, "batch"], abs=0.05)
    assert result.to_dict()["words"] == result.words.to_dict(orient="records")
    assert by_name(result).loc[KNOWN_WORDS, "detail"]


def test_a_smaller_batch_can_show_less() -> None:
    few, many = (check(drawn(rows)).detectable for rows in (50, 2_000))
    assert [each.category for each in many] == list(CATEGORIES)
    for less, more in zip(few, many, strict=True):
        assert less.share == more.share
        assert more.growth is not None
        assert less.growth is None or less.growth > more.growth > 0


def test_a_growth_that_is_called_detectable_is_seen_in_four_cases_of_five() -> None:
    """Grow Ogling by what 300 rows are said to show, many times, in rows of the reference."""
    (detectable,) = (each for each in check(drawn(300)).detectable if each.category == "Ogling")
    reference, tables = load_reference(), load_tables()
    assert detectable.growth is not None
    column = "Ogling probability"
    place = [each.name for each in tables.definitions].index(column)
    threshold = tables.thresholds(300, 0.05)[place]
    rng, seen = np.random.default_rng(0), []
    values = reference[column].to_numpy(float)
    grown = detectable.share * detectable.growth
    shift = grown * (tables.separation[1, 0] - tables.separation[1, 1])
    for _ in range(400):
        rows = rng.choice(values, 300, replace=False) + shift
        seen.append(column_distance("mean", values, rows) >= threshold)
    assert 0.7 < np.mean(seen) < 0.9


# ------------------------------------------------------------------------------ settings


def test_a_smaller_alpha_has_larger_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = check(drawn(100))
    monkeypatch.setenv("AFTERWORD_ALPHA", "0.01")
    get_settings.cache_clear()
    try:
        strict = check(drawn(100))
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert (plain.alpha, strict.alpha) == (0.05, 0.01)
    assert (strict.measures["threshold"] >= plain.measures["threshold"]).all()
    assert (strict.measures["threshold"] > plain.measures["threshold"]).any()


def test_a_floor_that_an_operator_sets_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_FLOORS", '{"characters": 0.99}')
    get_settings.cache_clear()
    try:
        result = check(moved(300, characters=1_000.0))
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert by_name(result).loc["characters", "floor"] == 0.99


def test_a_floor_for_a_measure_that_is_not_there_is_refused() -> None:
    with pytest.raises(CheckError, match="'lenght'"):
        compare(drawn(50), load_reference(), load_tables(), floors={"lenght": 0.1})


# ------------------------------------------------------------------ what a batch may lack


def test_scored_rows_without_a_profile_are_checked_and_what_is_missing_is_named() -> None:
    whole = afterword.read(SAMPLES / "ordinary-week.parquet")
    assert isinstance(whole, Scored)
    bare, full = check(replace(whole, texts=None)), check(whole)
    assert full.missing == ()
    assert bare.level == full.level
    assert set(by_name(bare).loc[[WHOLE, NEW_WORDS, KNOWN_WORDS, "repeats"], "label"]) <= set(
        bare.missing
    )
    lacking = bare.measures["label"].isin(bare.missing)
    assert bare.measures.loc[lacking, "distance"].isna().all()
    assert not bare.measures.loc[lacking, "drifted"].any()
    known = ~lacking & full.measures["distance"].notna()
    assert np.array_equal(
        bare.measures.loc[known, "distance"], full.measures.loc[known, "distance"]
    )
    assert len(bare.words) == 0


def test_scored_rows_without_a_profile_still_show_what_their_columns_show() -> None:
    whole = sample("broken-export.csv").scored
    assert check(replace(whole, texts=None)).level == "faulty"


def test_a_profile_of_other_rows_or_of_another_vocabulary_is_not_used() -> None:
    whole = afterword.read(SAMPLES / "ordinary-week.parquet")
    assert isinstance(whole, Scored)
    assert whole.texts is not None
    for changes in ({"rows": 399}, {"words": whole.texts.words[:-1]}):
        other = replace(whole, texts=replace(whole.texts, **changes))
        assert check(other).missing == check(replace(whole, texts=None)).missing


@pytest.mark.parametrize("name", ["broken-export.csv", "new-app-in-the-news.csv"])
def test_a_written_and_read_file_of_scored_rows_gives_the_same_result(
    name: str, tmp_path: Path
) -> None:
    result = sample(name)
    afterword.write_scored(result.scored, tmp_path / "rows.parquet")
    again = check(afterword.read(tmp_path / "rows.parquet"))
    assert again.to_dict() == result.to_dict()


def test_the_result_is_json_without_gaps() -> None:
    results = [check(drawn(rows)) for rows in (100, 5, 0)]
    results += [sample(name) for name in BATCHES] + [check(drawn(0, rejections={"empty": 9}))]
    for result in results:
        content = result.to_dict()
        assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_a_result_draws_itself_without_a_page() -> None:
    result = sample("new-app-in-the-news.csv")
    assert result.figure().data
    assert "bytetok" in result.figure("words").to_json()


def test_rows_of_another_model_are_refused() -> None:
    scored = drawn(50)
    other = Scored(
        frame=scored.frame.rename(columns={"Ogling probability": "Other probability"}),
        descriptors=scored.descriptors,
        categories=("Commenting", "Other", "Groping"),
        outputs=tuple(name.replace("Ogling", "Other") for name in scored.outputs),
    )
    with pytest.raises(CheckError, match="another"):
        check(other)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_scored_rows_with_gaps_are_refused_and_never_called_stable(value: float) -> None:
    with pytest.raises(CheckError, match="gaps or infinite"):
        check(moved(100, digits=value))


@pytest.mark.whole
def test_a_batch_is_compared_with_the_model_that_is_named(small_model: Path) -> None:
    texts = pd.DataFrame({"description": [f"On a night at the bus {n}" for n in range(40)]})
    result = check(afterword.read_batch(texts), model_dir=small_model)
    assert len(result.reference) == 400
    assert [each.category for each in result.detectable] == ["Remarks", "Staring"]


def test_whole_content_is_measured_against_the_references_own_spread() -> None:
    tables, week = load_tables(), afterword.read(SAMPLES / "ordinary-week.parquet")
    assert isinstance(week, Scored)
    totals = null_tables.totals_of(profile_of(week, tables.rules), tables)
    apart = totals.content[0] / 400 - tables.totals.content[0] / tables.rows
    expected = np.sqrt(((apart @ tables.scale.content) ** 2).sum())
    assert by_name(check(week)).loc[WHOLE, "distance"] == pytest.approx(expected)


# ---------------------------------------------------------------- rows that were sent twice


def ordinary(rows: int) -> list[str]:
    """Mild descriptions, all different."""
    texts = invented(2 * rows, seed=31)["description"].drop_duplicates().tolist()[:rows]
    assert len(texts) == rows
    return texts


def test_rows_that_were_sent_twice_are_a_faulty_feed_and_say_how_many() -> None:
    texts = ordinary(300)
    found = check([*texts, *texts[:40]])
    assert found.level == "faulty"
    twice = by_name(found).loc[SENT_TWICE]
    assert twice["drifted"]
    assert twice["batch"] == pytest.approx(40 / 340)
    first = next(reason for reason in found.reasons if "twice" in reason)
    assert "40 descriptions stand in more than one row, as many as 12 % of the rows" in first
    assert not by_name(check(texts))["drifted"][SENT_TWICE]


def test_one_text_again_and_again_is_another_fault() -> None:
    texts = ordinary(200)
    found = by_name(check([*texts, *[texts[0]] * 100]))["drifted"]
    assert (found[REPEATS], found[SENT_TWICE]) == (True, False)
    found = by_name(check([*texts, *texts[:100]]))["drifted"]
    assert (found[REPEATS], found[SENT_TWICE]) == (False, True)


def test_thresholds_are_those_of_as_many_rows_as_were_sent_once() -> None:
    texts, tables = ordinary(200), load_tables()
    names = [each.name for each in tables.definitions]
    twice = by_name(check(texts * 2))["threshold"]
    for name, size in ((NUMBER, 205), (KNOWN_WORDS, 205), (REPEATS, 400)):
        assert twice[name] == pytest.approx(
            tables.thresholds(size, 0.05)[names.index(name)], rel=0.03
        )


def test_what_is_sound_in_itself_is_estimated_though_it_was_sent_twice() -> None:
    ordinary_week = afterword.read(SAMPLES / "ordinary-week.parquet")
    assert isinstance(ordinary_week, Scored)
    texts = ordinary_week.texts
    assert texts is not None
    twice = replace(
        ordinary_week,
        frame=pd.concat([ordinary_week.frame] * 2, ignore_index=True),
        texts=replace(
            texts,
            rows=2 * texts.rows,
            flags=2 * texts.flags,
            content=2 * texts.content,
            repeats=2 * texts.repeats,
            common=0,
            pairs=texts.rows,
            again=texts.rows,
        ),
    )
    once, again = check(ordinary_week), check(twice)
    assert again.level == "faulty"
    assert again.actions[-1].startswith("Take the copies out")
    assert again.estimate is not None
    assert once.estimate is not None
    assert not again.estimate.withheld
    for one, other in zip(once.estimate.shares, again.estimate.shares, strict=True):
        assert other.value == pytest.approx(one.value, abs=0.01)
        assert other.high - other.low == pytest.approx(one.high - one.low, rel=0.1)


def test_a_feed_without_texts_that_many_people_write_is_told_of_the_rate() -> None:
    texts = ordinary(200)
    told = [one for one in check(texts).limits if "many people write" in one]
    assert len(told) == 1
    assert "6.2 % of the training descriptions" in told[0]
    assert "here none are" in told[0]
    usual = [*texts[:186], *["touching"] * 7, *["commenting"] * 7]
    assert not any("many people write" in one for one in check(usual).limits)
    # Of so few rows none may hold one by chance.
    assert not any("many people write" in one for one in check(texts[:40]).limits)


def test_where_copies_were_not_counted_the_check_says_so() -> None:
    assert "Rows that were sent twice" in check(drawn(100)).missing

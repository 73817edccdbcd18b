"""The check: what it compares, where the lines are, and what it says."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import afterword
from afterword.drift import (
    ALPHA,
    FLOOR,
    MIN_ROWS,
    REJECTED,
    check,
    critical_distance,
    describe_value,
    distance,
)
from afterword.errors import CheckError
from afterword.registry import load_reference
from afterword.schema import Scored

CATEGORIES = ("Commenting", "Ogling", "Groping")


def drawn(rows: int, seed: int = 0, **fields) -> Scored:
    """Scored rows from the reference: ordinary by construction."""
    from afterword.descriptors import NAMES
    from afterword.reference import output_columns

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


@pytest.mark.parametrize("seed", range(5))
def test_the_distance_is_that_of_kolmogorov_and_smirnov(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 9, 200), rng.normal(4, 3, 77)
    assert distance(first, second) == pytest.approx(stats.ks_2samp(first, second).statistic)


def test_the_critical_distance_is_exceeded_as_often_as_it_says():
    rng = np.random.default_rng(0)
    line = critical_distance(100, 1_000, 0.05)
    over = [distance(rng.random(1_000), rng.random(100)) > line for _ in range(2_000)]
    assert 0.03 < np.mean(over) < 0.065


def test_ordinary_rows_are_stable():
    result = check(drawn(500))
    assert result.level == "stable"
    assert not result.alarm
    assert not result.measures["drifted"].any()
    assert result.headline.startswith("0 of 14 input measures and 0 of 5 output measures moved")


def test_honest_batches_seldom_alarm():
    alarms = [check(drawn(100, seed)).alarm for seed in range(200)]
    assert np.mean(alarms) <= ALPHA


def test_longer_texts_are_named_first_with_numbers_and_direction():
    result = check(moved(300, characters=1_000.0))
    assert result.level == "changed"
    assert result.reasons[0].startswith("Length: higher, typically 1000 characters against")
    assert result.actions


def test_one_decision_per_measure_at_or_over_the_threshold():
    for scored in (drawn(200), moved(200, capitals=1.0, confidence=0.5)):
        measures = check(scored).measures
        assert (measures["drifted"] == (measures["distance"] >= measures["threshold"])).all()


def test_a_large_batch_does_not_alarm_on_a_trifle():
    measures = check(drawn(8_000)).measures.set_index("measure")
    assert (measures.drop(REJECTED)["threshold"] >= FLOOR).all()


@pytest.mark.parametrize("rows", [0, 1, MIN_ROWS - 1])
def test_too_few_rows_are_neither_stable_nor_changed(rows):
    result = check(moved(rows, characters=9_999.0))
    assert result.level == "too_few"
    assert not result.measures["drifted"].any()
    assert str(MIN_ROWS) in result.headline


def test_the_direction_never_contradicts_the_numbers_beside_it():
    scored = drawn(300)
    frame = scored.frame.copy()
    frame["words"] = np.where(np.arange(300) < 290, frame["words"] + 5, 0)
    frame["capitals"] = np.where(np.arange(300) % 2, 1.0, 0.0)
    for row in check(replace(scored, frame=frame)).measures.itertuples():
        if row.direction == "higher":
            assert row.batch > row.reference
        elif row.direction == "lower":
            assert row.batch < row.reference


def test_rejected_rows_count_against_the_feed():
    result = check(drawn(200, rejections={"empty": 40}))
    rejected = result.measures.set_index("measure").loc[REJECTED]
    assert rejected["drifted"]
    assert rejected["distance"] == pytest.approx(40 / 240)
    assert "rejected" in result.headline
    assert not check(drawn(200, rejections={"empty": 2})).alarm


def test_the_result_is_json_without_gaps():
    for scored in (drawn(100), drawn(5), drawn(0)):
        content = check(scored).to_dict()
        assert json.loads(json.dumps(content, allow_nan=False)) == content


def test_rows_of_another_model_are_refused():
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
def test_scored_rows_with_gaps_are_refused_and_never_called_stable(value):
    with pytest.raises(CheckError, match="gaps or infinite"):
        check(moved(100, digits=value))


@pytest.mark.parametrize(("rejected", "left"), [(300, 0), (300, 20), (70, 29)])
def test_a_feed_that_is_rejected_alarms_however_few_rows_are_left(rejected, left):
    result = check(drawn(left, rejections={"empty": rejected}))
    assert result.level == "changed"
    assert result.headline.endswith(f"{left} of {left + rejected}.")
    assert "export" in result.actions[0]
    assert result.reasons[0].startswith("Rejected rows: ")


def test_a_batch_of_texts_is_scored_first():
    texts = pd.DataFrame({"description": [f"HE SHOUTED AT ME {n}!!!" for n in range(60)]})
    result = afterword.check(afterword.read_batch(texts))
    assert result.measures.set_index("measure").loc["capitals", "direction"] == "higher"
    assert result.alarm


def test_values_read_as_people_read_them():
    assert describe_value(0.034, "share") == "3.4 %"
    assert describe_value(float("nan"), "words") == "–"

"""Quality with labels: whether it fell beyond chance, and why."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import afterword
from afterword.drift.checking import check
from afterword.measures.definitions import RISE
from afterword.measures.null_tables import NullTables, load_tables
from afterword.measures.profiles import profile_of
from afterword.model.reference import probability_column
from afterword.model.registry import load_model
from afterword.model.scored import Scored
from afterword.model.scored_files import read, write_scored
from afterword.model.scoring import score
from afterword.quality.findings import Quality
from afterword.quality.label_tests import least_share
from afterword.quality.labelled import (
    ALL,
    FLOOR,
    PART,
    Judged,
    Labels,
    judge_labels,
    judge_rows,
    trained_figures,
    usable,
)
from afterword.quality.review import LEAST
from afterword.quality.smallest_falls import smallest_fall
from afterword.quality.verdict import ANSWERS, FELL, HELD, MIX, OPEN, UNKNOWN
from afterword.quality.wording import NOT_WHOLE
from afterword.quality.worth import worth_of
from afterword.settings import SHIPPED_DATA
from benchmarks.labelled_quality import simulated


@pytest.fixture(scope="module")
def tables() -> NullTables:
    return load_tables()


@pytest.fixture(scope="module")
def week() -> Scored:
    """An ordinary week whose labels fall as its probabilities say."""
    found = afterword.read(SHIPPED_DATA / "samples" / "ordinary-week.parquet")
    assert isinstance(found, Scored)
    return replace(found, labels=labels_of(found, 0))


def labels_of(scored: Scored, seed: int) -> np.ndarray:
    names = [probability_column(name) for name in scored.categories]
    probabilities = scored.frame[names].to_numpy(float)
    rng = np.random.default_rng(seed)
    return (rng.random(probabilities.shape) < probabilities).astype(float)


def turned(scored: Scored, share: float) -> Scored:
    """The rows with a share of their labels turned round."""
    assert scored.labels is not None
    wrong = np.random.default_rng(9).random(scored.labels.shape) < share
    return replace(scored, labels=np.where(wrong, 1 - scored.labels, scored.labels))


def some(scored: Scored, rows: int) -> Scored:
    """The rows with labels at random places only."""
    assert scored.labels is not None
    kept = np.full_like(scored.labels, np.nan)
    places = np.random.default_rng(5).permutation(len(kept))[:rows]
    kept[places] = scored.labels[places]
    return replace(scored, labels=kept)


def judged(scored: Scored, tables: NullTables, alpha: float = PART * 0.05) -> Judged:
    labels = usable(profile_of(scored, tables.rules))
    assert isinstance(labels, Labels)
    return judge_rows(labels, tables, alpha)


def reviewed(week: Scored, labelled: int = 100, seed: int = 3) -> Scored:
    """The week with labels of some rows, doubtful ones more often, and their chances: as files of
    earlier reviews have them."""
    names = [probability_column(name) for name in week.categories]
    p = week.frame[names].to_numpy(float)
    doubt = np.sqrt((p * (1 - p)).mean(axis=1)) + 0.1
    chances = np.minimum(labelled * doubt / doubt.sum(), 1)
    # Systematic: so many rows, each with its chance.
    starts = np.cumsum(chances) - chances + np.random.default_rng(seed).random()
    drawn = np.floor(starts + chances) > np.floor(starts)
    assert week.labels is not None
    labels = np.where(drawn[:, None], week.labels, np.nan)
    return replace(week, labels=labels, inclusion=np.where(drawn, chances, np.nan))


def test_an_honest_week_is_stable_and_says_what_its_labels_show(week: Scored) -> None:
    result = check(week)
    assert result.level == "stable"
    assert result.quality is not None
    assert result.quality.level in (HELD, OPEN)
    assert result.quality.cause == ""
    accuracy = result.quality.figure("accuracy")
    decided = (
        week.frame[[probability_column(name) for name in week.categories]].to_numpy(float)
        >= load_model().thresholds
    )
    assert accuracy.value == pytest.approx((decided == week.labels).mean())
    assert accuracy.low < accuracy.value < accuracy.high
    assert accuracy.expected is not None
    assert result.quality.sentence in result.reasons


def test_labels_that_mean_something_else_are_an_alarm_that_says_so(week: Scored) -> None:
    result = check(turned(week, 0.3))
    assert result.level == "changed"
    assert result.headline == "The answers got worse."
    assert result.quality is not None
    assert (result.quality.level, result.quality.cause) == (FELL, ANSWERS)
    assert "get other labels than in training" in result.reasons[0]
    assert any("call by these names" in action for action in result.actions)


def test_a_fall_is_judged_within_the_checks_rate_of_false_alarms(
    week: Scored, tables: NullTables
) -> None:
    with_labels, without = check(week), check(replace(week, labels=None))
    columns = ["measure", "threshold"]
    both = without.measures[columns].merge(with_labels.measures[columns], on="measure")
    assert (both["threshold_y"] >= both["threshold_x"] - 1e-9).all()
    assert (both["threshold_y"] > both["threshold_x"] + 1e-6).any()
    assert len(with_labels.measures) == len(without.measures) + 10
    strict, lax = (judged(week, tables, PART * alpha) for alpha in (0.01, 0.2))
    for own, other in zip(strict.measures, lax.measures, strict=True):
        assert own.threshold > other.threshold


@pytest.mark.whole
def test_honest_labels_alarm_in_at_most_the_part_of_the_rate_that_is_theirs(
    week: Scored, tables: NullTables
) -> None:
    alarms = 0
    for seed in range(400):
        rows = np.random.default_rng(seed).integers(0, len(week.frame), 300)
        frame = week.frame.iloc[rows].reset_index(drop=True)
        drawn = replace(week, frame=frame, texts=None)
        found = judged(replace(drawn, labels=labels_of(drawn, seed)), tables)
        alarms += any(one.drifted for one in found.measures)
    assert alarms / 400 <= 0.035


def test_a_fall_below_two_points_is_no_alarm_however_many_rows(
    week: Scored, tables: NullTables
) -> None:
    many = replace(week, frame=pd.concat([week.frame] * 100, ignore_index=True), texts=None)
    found = judged(replace(many, labels=labels_of(many, 1)), tables)
    assert all(one.threshold >= FLOOR for one in found.measures)


def test_too_few_labels_are_not_judged(week: Scored) -> None:
    few, enough = (check(some(week, rows)).quality for rows in (LEAST - 1, LEAST))
    assert few is not None
    assert enough is not None
    assert few.figures == ()
    assert f"{LEAST} are needed" in few.sentence
    assert enough.figures


def test_some_labels_at_random_count_as_such(week: Scored) -> None:
    result = check(some(week, 120))
    assert result.quality is not None
    assert (result.quality.labelled, result.quality.rows) == (120, 400)
    assert not result.quality.drawn
    whole = check(week).quality
    assert whole is not None
    few, all_of_them = result.quality.figure("accuracy"), whole.figure("accuracy")
    assert few.high - few.low > all_of_them.high - all_of_them.low
    assert few.low <= all_of_them.value <= few.high


def test_rows_that_a_review_drew_are_weighed_by_their_chance(week: Scored) -> None:
    """Doubtful rows were drawn more often: taken alike, quality would look worse than it is."""
    names = [probability_column(name) for name in week.categories]
    probabilities = week.frame[names].to_numpy(float)
    result = check(reviewed(week))
    assert result.quality is not None
    assert result.quality.drawn
    accuracy = result.quality.figure("accuracy")
    decided = probabilities >= load_model().thresholds
    assert accuracy.low <= (decided == week.labels).mean() <= accuracy.high
    assert "Drawn rows" in result.quality.figure("ece", "Ogling").withheld


def test_chances_that_do_not_fit_the_file_are_not_believed(week: Scored) -> None:
    whole = reviewed(week)
    assert whole.labels is not None
    assert whole.inclusion is not None
    longer = replace(
        whole,
        frame=pd.concat([whole.frame] * 2, ignore_index=True),
        labels=np.vstack([whole.labels, np.full_like(whole.labels, np.nan)]),
        inclusion=np.concatenate([whole.inclusion, np.full(len(whole.inclusion), np.nan)]),
    )
    drawn = ~np.isnan(whole.inclusion)
    cut = replace(
        whole,
        frame=whole.frame[drawn].reset_index(drop=True),
        labels=whole.labels[drawn],
        inclusion=whole.inclusion[drawn],
    )
    tiny = replace(whole, inclusion=whole.inclusion * 1e-6)
    lost = replace(whole, inclusion=np.where(np.arange(400) % 2, whole.inclusion, np.nan))
    for changed in (longer, cut, tiny, lost):
        assert usable(profile_of(changed, load_tables().rules)) == NOT_WHOLE
    quality = check(replace(tiny, texts=None)).quality
    assert quality is not None
    assert quality.sentence.startswith("Quality is not judged.")


def test_where_all_rows_were_labelled_in_the_end_all_count_alike(week: Scored) -> None:
    assert week.labels is not None
    late = replace(week, inclusion=reviewed(week).inclusion)
    found = usable(profile_of(late, load_tables().rules))
    assert isinstance(found, Labels)
    assert not found.drawn
    assert (found.inclusion == 1).all()


def test_rows_with_one_chance_for_all_are_a_random_choice(week: Scored) -> None:
    """As a review draws them: then nothing is weighed, and no figure withheld."""
    chosen = some(week, 100)
    assert chosen.labels is not None
    labelled = ~np.isnan(chosen.labels[:, 0])
    found = usable(
        profile_of(replace(chosen, inclusion=np.where(labelled, 0.25, np.nan)), load_tables().rules)
    )
    assert isinstance(found, Labels)
    assert not found.drawn
    assert (found.inclusion == 0.25).all()


def mixed(week: Scored, truth: np.ndarray, weights: np.ndarray, seed: int) -> Scored:
    """Rows of the week, 300 with repeats, of which some come more often."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(truth), 300, p=weights / weights.sum())
    frame = week.frame.iloc[rows].reset_index(drop=True)
    return replace(week, frame=frame, labels=truth[rows], texts=None)


@pytest.mark.whole
def test_right_labels_of_another_mix_are_no_alarm_and_the_mix_is_named(
    week: Scored, tables: NullTables
) -> None:
    """Where Commenting is rarer its F1 is lower, though the model is as good as it was."""
    truth = labels_of(week, 4)
    rarer, alarms, named = np.where(truth[:, 0] == 1, 0.3, 1.0), 0, 0
    for seed in range(40):
        batch = mixed(week, truth, rarer, seed)
        alarms += any(one.drifted for one in judged(batch, tables).measures)
        quality = check(batch).quality
        assert quality is not None
        if quality.cause == MIX:
            named += 1
            assert "F1 of Commenting is" in quality.sentence
            assert "this mix of descriptions explains that" in quality.sentence
            assert quality.level in (HELD, OPEN)
    assert alarms <= 3
    assert named >= 20


@pytest.mark.whole
def test_a_true_fall_is_found_whatever_the_mix(week: Scored, tables: NullTables) -> None:
    truth = labels_of(week, 4)
    for seed in range(10):
        rarer = np.where(truth[:, seed % 3] == 1, 0.3, 1.0)
        found = judged(turned(mixed(week, truth, rarer, seed), 0.25), tables)
        assert any(one.drifted for one in found.measures)


def test_fewer_right_answers_that_the_mix_explains_are_told_as_the_mix(week: Scored) -> None:
    """More of what the model finds difficult, with the labels that it expects."""
    names = [probability_column(name) for name in week.categories]
    near = np.argsort(np.abs(week.frame[names].to_numpy(float) - 0.4).mean(axis=1))[:200]
    told = set()
    for seed in range(12):
        rows = np.random.default_rng(seed).choice(near, 400)
        batch = replace(week, frame=week.frame.iloc[rows].reset_index(drop=True), texts=None)
        quality = check(replace(batch, labels=labels_of(batch, seed))).quality
        assert quality is not None
        if "lets" in quality.sentence:
            told.add(quality.level)
            assert quality.cause == MIX
            assert "82.7 % were in training" in quality.sentence
    assert told
    assert FELL not in told


# What a held quality does not cover


def test_quality_that_held_names_the_falls_that_it_could_not_have_shown(week: Scored) -> None:
    quality = check(week).quality
    assert quality is not None
    assert quality.level == HELD
    own = quality.figure("recall", "Ogling")
    assert 0.1 < own.smallest_fall < 0.25
    fall = f"from {100 * own.smallest_fall:.0f} points on for Ogling"
    assert f"So many labels would show a fall of recall {fall}" in quality.sentence
    told = quality.to_dict()["figures"]
    assert all(one["smallest_fall"] > 0 for one in told if one["name"] in ("recall", "precision"))
    assert all(one["smallest_fall"] is None for one in told if one["name"] in ("ece", "missing"))


def test_more_labels_show_smaller_falls_and_too_few_show_none(week: Scored) -> None:
    many, some_of_them, few = (check(some(week, rows)).quality for rows in (400, 100, LEAST))
    for name in ("recall", "precision", "f1"):
        own = [one.figure(name, "Ogling").smallest_fall for one in (many, some_of_them)]
        assert own[0] < own[1]
    assert few is not None
    fall = few.figure("precision", "Ogling")
    assert math.isnan(fall.smallest_fall) or fall.smallest_fall > 0.3
    assert few.figure("missing", "Ogling").fall_in_words == "–"


def test_the_smallest_fall_is_found_in_four_of_five_batches_and_none_in_one_of_twenty() -> None:
    fall = smallest_fall(60, 600, 1_000)
    least = least_share(60, 600, 1_000, 0.05)
    rng = np.random.default_rng(0)
    before = rng.binomial(60, rng.beta(600.5, 400.5, 20_000)) / 60
    after = rng.binomial(60, 0.6 - fall, 20_000) / 60
    assert (before < least).mean() < 0.055
    assert (after < least).mean() == pytest.approx(0.8, abs=0.01)
    assert math.isnan(smallest_fall(0, 600, 1_000))


def test_where_the_inputs_moved_too_the_cause_is_unknown(week: Scored) -> None:
    frame = week.frame.assign(words=week.frame["words"] * 9)
    result = check(turned(replace(week, frame=frame), 0.3))
    assert result.quality is not None
    assert result.quality.cause == UNKNOWN


def test_figures_in_training_are_those_of_the_manifests_folds_but_for_repeats(
    tables: NullTables,
) -> None:
    from afterword.model.registry import load_manifest

    trained = trained_figures(tables)
    told = load_manifest().metrics["at_thresholds"]
    assert trained[ALL, "accuracy"][0] == pytest.approx(told["accuracy"]["value"], abs=0.01)
    assert trained[ALL, "micro_f1"][0] == pytest.approx(told["micro_f1"]["value"], abs=0.015)
    error = (told["accuracy"]["high"] - told["accuracy"]["low"]) / 3.92
    assert trained[ALL, "accuracy"][1] == pytest.approx(error, rel=0.3)
    for (_, name), (value, own) in trained.items():
        assert 0 < value < 1
        assert math.isnan(own) or 0 < own < 0.02, name


def test_a_recall_of_too_few_reports_is_withheld_with_its_reason(week: Scored) -> None:
    assert week.labels is not None
    labels = week.labels.copy()
    labels[np.flatnonzero(labels[:, 1])[4:], 1] = 0
    result = check(replace(week, labels=labels))
    assert result.quality is not None
    recall = result.quality.figure("recall", "Ogling")
    assert math.isnan(recall.value)
    assert "needs" in recall.withheld


# Categories whose labels are odd or few


def without(scored: Scored, category: str, share: float = 1.0, seed: int = 7) -> Scored:
    """The rows with a share of one category's labels gone."""
    assert scored.labels is not None
    labels = scored.labels.copy()
    at = list(scored.categories).index(category)
    labels[np.random.default_rng(seed).random(len(labels)) < share, at] = 0
    return replace(scored, labels=labels)


@pytest.mark.parametrize("category", ["Commenting", "Ogling", "Groping"])
def test_a_category_without_any_label_is_an_alarm_that_names_it(
    week: Scored, category: str
) -> None:
    result = check(without(week, category))
    assert result.level == "changed"
    quality = result.quality
    assert quality is not None
    assert (quality.level, quality.cause) == (FELL, ANSWERS)
    assert f"{category}: none of the " in quality.sentence
    assert "let about" in quality.sentence
    assert "Either all (95 % interval" in quality.sentence
    assert category in result.actions[0]
    gone = quality.figure("missing", category)
    assert gone.value == pytest.approx(1.0)
    assert gone.low > 0.5


def test_a_label_that_everything_has_is_an_alarm_that_names_it(week: Scored) -> None:
    assert week.labels is not None
    labels = week.labels.copy()
    labels[:, 2] = 1
    quality = check(replace(week, labels=labels)).quality
    assert quality is not None
    assert quality.level == FELL
    assert "Groping: 400 of the 400 descriptions with labels have the label" in quality.sentence
    assert quality.figure("added", "Groping").low > 0.5


def test_few_labels_of_a_category_do_not_hide_that_most_are_gone(week: Scored) -> None:
    """Below ten labels its F1 is withheld, and it is judged all the same."""
    assert week.labels is not None
    labels = week.labels.copy()
    labels[np.flatnonzero(labels[:, 2])[4:], 2] = 0
    result = check(replace(week, labels=labels))
    assert result.quality is not None
    assert result.quality.figure("f1", "Groping").withheld
    assert result.quality.level == FELL
    assert "Groping: " in result.quality.sentence


def test_labels_gone_among_few_rows_that_a_review_drew_are_found(week: Scored) -> None:
    quality = check(without(reviewed(week, labelled=150), "Groping")).quality
    assert quality is not None
    assert quality.drawn
    assert quality.level == FELL
    assert "Groping: none of the " in quality.sentence


def test_quality_is_not_held_where_a_category_could_not_be_judged(week: Scored) -> None:
    """Thirty labels of three categories: nobody could tell if all answers on one were wrong."""
    quality = check(some(week, LEAST)).quality
    assert quality is not None
    assert quality.level == OPEN
    assert "Ogling could not be judged: " in quality.sentence
    assert "are needed" in quality.sentence
    assert not quality.sentence.startswith("Quality held")


@pytest.mark.whole
def test_another_mix_with_honest_labels_does_not_look_like_missing_or_added_labels(
    week: Scored, tables: NullTables
) -> None:
    assert week.labels is not None
    alarms = {"more Ogling": 0, "less Commenting": 0, "harder": 0}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = labels_of(week, seed)
        near = np.abs(week.frame["Ogling probability"].to_numpy(float) - 0.3)
        for kind, weights in (
            ("more Ogling", np.where(truth[:, 1] == 1, 3.0, 1.0)),
            ("less Commenting", np.where(truth[:, 0] == 1, 0.5, 1.0)),
            ("harder", 4.0 ** (-near.argsort().argsort() / len(near))),
        ):
            # Without copies: two of one row would tell less than two rows.
            rows = rng.choice(len(week.frame), 150, replace=False, p=weights / weights.sum())
            frame = week.frame.iloc[rows].reset_index(drop=True)
            mixed = replace(week, frame=frame, labels=truth[rows], texts=None)
            measures = judged(mixed, tables).measures
            alarms[kind] += any(one.drifted for one in measures if one.kind == RISE)
    assert max(alarms.values()) <= 2, alarms


@pytest.mark.slow
def test_honest_labels_of_many_rare_categories_hold_the_rate() -> None:
    """28 tests of F1 and 56 of labels, most of them of categories with hardly any label."""
    rng = np.random.default_rng(5)
    for categories in (1, 8, 28):
        alarms = 0
        for number in range(60 if categories < 28 else 20):
            if number % 10 == 0:
                tables, draw = simulated(categories, rng)
            p, labels = draw((100, 1_000)[number % 2])
            places = np.arange(len(p))
            own = Labels(p, places, np.ones(len(p)), labels.astype(int), False)
            found = judge_rows(own, tables, PART * 0.05)
            assert len(found.measures) == 1 + 3 * categories
            alarms += any(one.drifted for one in found.measures)
        assert alarms <= 5, categories


def test_checks_that_were_kept_before_labels_could_be_missing_are_still_read(week: Scored) -> None:
    quality = check(week).quality
    assert quality is not None
    content = quality.to_dict()
    content["figures"] = [
        {name: value for name, value in one.items() if name != "smallest_fall"}
        for one in content["figures"]
        if one["name"] not in ("missing", "added")
    ]
    assert Quality.from_dict(content).level == quality.level


def test_what_labels_say_outlasts_json_and_has_no_gaps(week: Scored) -> None:
    found = check(some(week, 60)).quality
    assert found is not None
    again = Quality.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False)))
    pd.testing.assert_frame_equal(again.table(), found.table())
    assert again.sentence == found.sentence


def test_a_files_labels_come_along_with_its_scored_rows(tmp_path: Path) -> None:
    model = load_model()
    texts = [f"He stared at me at stop {number} of the tram." for number in range(40)]
    table = pd.DataFrame({"description": texts, **{name: 0 for name in model.categories}})
    table.loc[:9, "Ogling"] = 1
    table.loc[30:, "Groping"] = None
    scored = score(afterword.read_batch(table))
    assert scored.labels is not None
    assert np.isnan(scored.labels[30:, 2]).all()
    assert scored.labels[:30].sum() == 10
    write_scored(scored, tmp_path / "scored.parquet")
    again = read(tmp_path / "scored.parquet")
    assert isinstance(again, Scored)
    assert again.labels is not None
    assert np.array_equal(again.labels, scored.labels, equal_nan=True)


def test_a_hostile_chance_crashes_nothing() -> None:
    model = load_model()
    texts = [f"He stared at me at stop {number} of the tram." for number in range(60)]
    table = pd.DataFrame({"description": texts, **{name: 1 for name in model.categories}})
    for chance in ("1e-300", "0", "-1", "2", "nan", "a lot"):
        result = check(score(afterword.read_batch(table.assign(inclusion_probability=chance))))
        assert result.quality is not None
        assert result.quality.sentence


def test_labels_of_some_categories_only_are_not_judged_and_it_says_which_are_missing() -> None:
    texts = [f"He stared at me at stop {number} of the tram." for number in range(40)]
    table = pd.DataFrame({"description": texts, "Ogling": [1, 0] * 20})
    quality = check(score(afterword.read_batch(table))).quality
    assert quality is not None
    assert "no labels of Commenting, Groping" in quality.sentence
    assert score(afterword.read_batch(table[["description"]])).labels is None


def test_rows_with_labels_of_some_categories_are_counted_and_left_out(week: Scored) -> None:
    assert week.labels is not None
    labels = week.labels.copy()
    labels[:150, 1] = np.nan
    quality = check(replace(week, labels=labels)).quality
    assert quality is not None
    assert (quality.labelled, quality.incomplete) == (250, 150)


def test_no_figure_is_certain_however_alike_its_cases_are(week: Scored) -> None:
    assert week.labels is not None
    quality = check(replace(week, labels=np.ones_like(week.labels))).quality
    assert quality is not None
    precision = quality.figure("precision", "Ogling")
    assert precision.value == 1.0
    assert 0.9 < precision.low < 1.0


# ---------------------------------------------------------------- rows that were sent twice


def sent_twice(scored: Scored) -> Scored:
    """Every row twice, as a job that ran twice leaves them."""
    rows = np.repeat(np.arange(len(scored.frame)), 2)
    assert scored.labels is not None
    assert scored.texts is not None
    texts = replace(
        scored.texts,
        rows=2 * scored.texts.rows,
        flags=2 * scored.texts.flags,
        content=2 * scored.texts.content,
        common=0,
        pairs=len(scored.frame),
        again=len(scored.frame),
    )
    frame = scored.frame.iloc[rows].reset_index(drop=True)
    return replace(scored, frame=frame, labels=scored.labels[rows], texts=texts)


def test_labels_of_rows_that_were_sent_twice_tell_no_more_than_once(
    week: Scored, tables: NullTables
) -> None:
    once, twice = (
        judge_labels(profile_of(each, tables.rules), tables, 0.05)
        for each in (week, sent_twice(week))
    )
    assert once.judged is not None
    assert twice.judged is not None
    expected = tables.totals.expected_pairs(np.array([2 * len(week.frame)]))[0]
    worth = 1 / (1 + (len(week.frame) - expected) / len(week.frame))
    assert twice.judged.labels.worth == pytest.approx(worth)
    assert 0.5 < worth < 0.6
    for one, other in zip(once.measures, twice.measures, strict=True):
        assert other.batch == pytest.approx(one.batch, abs=1e-6), one.name
        assert other.threshold == pytest.approx(one.threshold, rel=0.12), one.name
    naive = judge_rows(replace(twice.judged.labels, worth=1.0), tables, PART * 0.05)
    ratios = [
        wrong.threshold / right.threshold
        for wrong, right in zip(naive.measures, once.measures, strict=True)
    ]
    assert min(ratios) < 0.85  # as if all rows were others


def test_intervals_from_labels_of_rows_that_were_sent_twice_are_not_narrower(week: Scored) -> None:
    once, twice = check(week).quality, check(sent_twice(week)).quality
    assert once is not None
    assert twice is not None
    for one, other in zip(once.figures, twice.figures, strict=True):
        if not math.isnan(one.low):
            assert other.high - other.low == pytest.approx(one.high - one.low, rel=0.2), one
        if not math.isnan(one.smallest_fall):
            assert other.smallest_fall == pytest.approx(one.smallest_fall, rel=0.2), one


def test_labels_of_copies_of_a_few_rows_judge_nothing(week: Scored, tables: NullTables) -> None:
    rows = np.repeat(np.arange(5), 60)
    assert week.labels is not None
    assert week.texts is not None
    texts = replace(week.texts, rows=300, distinct=5, pairs=5 * 60 * 59 // 2)
    frame = week.frame.iloc[rows].reset_index(drop=True)
    copies = replace(week, frame=frame, labels=week.labels[rows], texts=texts)
    found = judge_labels(profile_of(copies, tables.rules), tables, 0.05)
    assert found.judged is None
    assert not found.elsewhere
    assert "The 300 labels are of copies, and tell as much as 5" in found.reason


def test_of_few_labels_both_copies_of_a_row_seldom_have_one(
    week: Scored, tables: NullTables
) -> None:
    found = profile_of(sent_twice(week), tables.rules)
    assert worth_of(40, found, tables) > 0.9
    assert worth_of(800, found, tables) < 0.6

"""Labels of other rows or other columns tell nothing of the model; a fall of quality is no such."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import afterword
from afterword.drift.checking import check
from afterword.measures.null_tables import NullTables, load_tables
from afterword.model.reference import probability_column
from afterword.model.scored import Scored
from afterword.quality.belonging import Moved, find_belonging
from afterword.quality.verdict import ELSEWHERE, FELL, OPEN
from afterword.settings import SHIPPED_DATA
from benchmarks.labelled_quality import simulated


@pytest.fixture(scope="module")
def tables() -> NullTables:
    return load_tables()


@pytest.fixture(scope="module")
def week() -> Scored:
    """An ordinary week, 400 rows, whose labels fall as its probabilities say."""
    found = afterword.read(SHIPPED_DATA / "samples" / "ordinary-week.parquet")
    assert isinstance(found, Scored)
    names = [probability_column(name) for name in found.categories]
    probabilities = found.frame[names].to_numpy(float)
    labels = np.random.default_rng(0).random(probabilities.shape) < probabilities
    return replace(found, labels=labels.astype(float))


def of(scored: Scored, labels: np.ndarray) -> Scored:
    return replace(scored, labels=np.asarray(labels, float))


def labels_of(scored: Scored) -> np.ndarray:
    assert scored.labels is not None
    return scored.labels.copy()


def not_judged(scored: Scored) -> str:
    """What is said of labels by which nothing is judged."""
    quality, without = check(scored).quality, check(replace(scored, labels=None))
    assert quality is not None
    assert (quality.level, quality.cause, quality.figures) == (OPEN, ELSEWHERE, ())
    assert quality.sentence.startswith("Quality is not judged. ")
    result = check(scored)
    # All that the labels would have had of the chance of a false alarm stays with the rest.
    assert result.level == without.level
    assert result.measures["threshold"].equals(without.measures["threshold"])
    assert result.actions == ("Put the labels right, and check the file again.",)
    return quality.sentence


@pytest.mark.parametrize("how", ["one row off", "three rows off", "sorted", "shuffled"])
def test_labels_of_other_rows_are_told_as_such_and_nothing_is_judged_by_them(
    week: Scored, how: str
) -> None:
    labels = labels_of(week)
    moved = {
        "one row off": np.roll(labels, 1, axis=0),
        "three rows off": np.roll(labels, -3, axis=0),
        "sorted": np.sort(labels, axis=0),
        "shuffled": np.random.default_rng(3).permutation(labels),
    }
    said = not_judged(of(week, moved[how]))
    assert "as labels of other descriptions would" in said


def test_exchanged_columns_are_named_and_nothing_is_judged_by_them(week: Scored) -> None:
    said = not_judged(of(week, labels_of(week)[:, [1, 0, 2]]))
    assert "the labels of Commenting go with the answers for Ogling" in said
    assert "the labels of Ogling go with the answers for Commenting" in said
    assert "labels of Groping" not in said


def test_a_column_of_ones_for_noughts_is_named(week: Scored) -> None:
    labels = labels_of(week)
    labels[:, 2] = 1 - labels[:, 2]
    said = not_judged(of(week, labels))
    assert "the labels of Groping have 1 where the model’s answers let 0 be expected" in said


def test_copies_of_rows_show_no_more_than_these(week: Scored, tables: NullTables) -> None:
    names = [probability_column(name) for name in week.categories]
    cents = np.rint(100 * week.frame[names].to_numpy(float)).astype(np.int64)
    rng = np.random.default_rng(2)
    naive = 0
    for _ in range(40):
        rows = rng.choice(len(cents), 30, replace=False)
        labels = (rng.random((30, len(names))) < cents[rows] / 100).astype(np.int64)
        once = find_belonging(cents[rows], labels, tables.outcomes)
        often = np.repeat(cents[rows], 50, axis=0), np.repeat(labels, 50, axis=0)
        assert find_belonging(*often, tables.outcomes, 0.02) == once
        naive += find_belonging(*often, tables.outcomes) != once
    assert naive > 0  # as if all rows were others


def test_a_true_fall_is_judged_and_not_taken_for_labels_of_elsewhere(week: Scored) -> None:
    rng = np.random.default_rng(1)
    labels = labels_of(week)
    turned = np.where(rng.random(labels.shape) < 0.25, 1 - labels, labels)
    gone, meaningless, like, half = (labels.copy() for _ in range(4))
    gone[:, 2] = 0
    meaningless[:, 0] = rng.permutation(labels[:, 0])
    like[:, 0] = labels[:, 2]
    half[200:] = np.roll(labels[200:], 1, axis=0)
    for fallen in (turned, gone, meaningless, like, half):
        quality = check(of(week, fallen)).quality
        assert quality is not None
        assert quality.level == FELL


def test_few_labels_are_not_said_to_belong_elsewhere_by_chance(
    week: Scored, tables: NullTables
) -> None:
    """Whether labels go with the answers cannot be told of thirty rows of a rare category."""
    names = [probability_column(name) for name in week.categories]
    cents = np.rint(100 * week.frame[names].to_numpy(float)).astype(int)
    rng = np.random.default_rng(2)
    for _ in range(200):
        rows = rng.choice(len(cents), 30, replace=False)
        labels = (rng.random((30, 3)) < cents[rows] / 100).astype(int)
        found = find_belonging(cents[rows], labels, tables.outcomes)
        assert not found.moved
        assert not found.rows_off


@pytest.mark.slow
@pytest.mark.parametrize("categories", [1, 8, 28])
def test_simulated_models_with_rare_categories_too(categories: int) -> None:
    rng = np.random.default_rng(categories)
    wrong, seen, tried = 0, 0, 0
    for _ in range(12):
        tables, draw = simulated(categories, rng)
        p, honest = draw(2_000)
        cents, labels = np.rint(100 * p).astype(int), honest.astype(int)
        turned = np.where(rng.random(labels.shape) < 0.25, 1 - labels, labels)
        for right in (labels, turned, labels * (np.arange(categories) > 0)):
            found = find_belonging(cents, right, tables.outcomes)
            wrong += bool(found.moved) or found.rows_off
        tried += 1
        seen += find_belonging(cents, np.roll(labels, 1, axis=0), tables.outcomes).rows_off
        common = int(labels.sum(axis=0).argmax())
        labels[:, common] = 1 - labels[:, common]
        found = find_belonging(cents, labels, tables.outcomes)
        assert found.moved == (Moved(common, common, True),)
    assert wrong == 0
    assert seen >= 0.8 * tried

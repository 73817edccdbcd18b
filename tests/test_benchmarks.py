"""The benchmarks measure what they say: a row keeps its labels through all that is done to it."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.model.registry import load_model
from benchmarks import copies, growth, label_free_quality, labelled_quality, segments, shares
from benchmarks.halves import Half, held_out, learn
from benchmarks.new_scenarios import HELD_BACK, REMARK, mixed, new_scenarios
from benchmarks.scenarios import FAULT, WORLD, Scenario, scenarios
from tests.conftest import invented


def test_rows_in_any_order_keep_their_labels_beside_their_texts() -> None:
    rows = invented(200)
    texts = [f"{text} Stop {number}." for number, text in enumerate(rows["description"])]
    texts[50] = " "  # such a row is rejected, and those after it must not move up
    labels = rows[["Remarks", "Staring"]].to_numpy()
    half = held_out(texts, labels, np.random.default_rng(0).permutation(150), load_model())
    told = dict(zip(texts, labels.tolist(), strict=True))
    assert [told[text] for text in half["texts"]] == half["labels"].tolist()
    assert len(half["texts"]) == len(half["scored"].frame) == 149


@pytest.fixture(scope="module")
def half() -> Half:
    """A half of invented rows, whose third category is whatever was told of the second half."""
    rows = invented(1_600)
    texts = [f"{text} Stop {number}." for number, text in enumerate(rows["description"])]
    labels = np.column_stack(
        [rows[["Remarks", "Staring"]], rows["description"].str.contains("bus")]
    )
    places = np.random.default_rng(4).permutation(len(texts))
    return learn(texts, labels.astype(int), places[:700], places[700:], 0, draws=100)


def test_rows_sent_twice_are_as_many_as_the_kind_says(half: Half) -> None:
    everywhere = np.ones(len(half.texts), bool)
    for kind in copies.KINDS:
        rows = copies.draw(half, kind, 300, everywhere, np.random.default_rng(6))
        counts = np.bincount(rows)[np.unique(rows)]
        assert counts.sum() == 300
        expected = 300 / (1 + kind.again) if kind.times == 1 else 300 - (kind.times - 1)
        assert abs(len(counts) - expected) <= 1
        assert counts.max() == max(kind.times, 1 + int(np.ceil(kind.again)))


def test_a_window_of_growth_has_more_of_that_category_and_says_so(half: Half) -> None:
    kind = growth.Growth(300, 1, 2.0)
    rows = growth.draw(half, kind, np.random.default_rng(7))
    before, after = half.labels[:, 1].mean(), half.labels[rows, 1].mean()
    assert len(set(rows)) == 300
    assert after == pytest.approx(2 * before, abs=0.01)
    alarm, named, other, _ = growth.window(half, kind, rows)
    assert alarm
    assert named + other <= 1
    honest = growth.window(half, growth.Growth(300), rows)
    assert np.isnan(honest[1:]).all()


def test_a_window_of_shares_notes_the_truth_beside_the_estimate(half: Half) -> None:
    rows = np.random.default_rng(8).permutation(len(half.texts))[:300]
    told = shares.window(half, rows)
    assert told[:, shares.TRUE] == pytest.approx(half.labels[rows].mean(axis=0))
    assert told[:, shares.MEAN] == pytest.approx(half.probabilities(rows).mean(axis=0))
    low, value, high = (told[:, at] for at in (shares.LOW, shares.VALUE, shares.HIGH))
    assert ((low <= value) & (value <= high)).all()
    assert np.abs(value - told[:, shares.TRUE]).max() < 0.1


def test_shares_have_twenty_shifts_and_weigh_what_they_name(half: Half) -> None:
    known = shares.shifts()
    assert len(known) == len({one.name for one in known}) == 20
    chance = shares.chances(half, shares.Shift("", ((1, 3.0),)))
    assert chance.sum() == pytest.approx(1)
    has = half.labels[:, 1] == 1
    assert chance[has].min() == pytest.approx(3 * chance[~has].max())


def test_what_is_withheld_counts_neither_as_held_nor_as_missed() -> None:
    cells = np.full((3, 11), np.nan)
    cells[:, shares.TRUE] = 0.3
    cells[0, [shares.LOW, shares.HIGH]] = 0.2, 0.4
    cells[1, [shares.LOW, shares.HIGH]] = 0.31, 0.4
    held = shares.held(cells, shares.LOW, shares.HIGH, shares.TRUE)
    assert held.tolist()[:2] == [1, 0]
    assert np.isnan(held[2])


def test_quality_without_labels_is_noted_beside_what_the_labels_show(half: Half) -> None:
    rows = np.random.default_rng(9).permutation(len(half.texts))[:400]
    told = label_free_quality.window(half, rows)
    assert told.shape == (len(label_free_quality.MEASURES), 5)
    assert np.abs(told[:2, 1] - told[:2, 0]).max() < 0.1


@pytest.mark.parametrize("kind", labelled_quality.KINDS)
def test_a_labelled_batch_notes_one_answer_for_each_column(half: Half, kind: str) -> None:
    said = labelled_quality.batch(half, kind, 200, np.random.default_rng(10))
    assert len(said) == len(labelled_quality.JUDGED)
    if kind == "labels one row off":
        told = dict(zip(labelled_quality.JUDGED, said, strict=True))
        assert told["any alarm"]
        assert not told["held"]


CATEGORIES = ("Remarks", "Staring", "Shoving")


@pytest.mark.parametrize(
    "scenario", [*scenarios(CATEGORIES), *new_scenarios(CATEGORIES)], ids=lambda one: one.name
)
def test_a_scenario_makes_as_many_rows_as_are_asked_for(scenario: Scenario) -> None:
    texts = [
        f'A man{" in a very crowded tram" * (row % 3)} said "hey" to me &amp; didn\'t stop{end}'
        for row, end in enumerate(["", ". I ran ... to the Station"] * 400)
    ]
    labels = (np.random.default_rng(1).random((len(texts), 3)) < 0.3).astype(int)
    made = scenario.make(np.random.default_rng(2), texts, labels, 60)
    assert len(made) == 60
    assert all(one.strip() if isinstance(one, str) else 0 <= one < len(texts) for one in made)


def test_every_second_one_of_each_list_of_the_second_set_is_held_back() -> None:
    known = new_scenarios(CATEGORIES)
    assert len({one.name for one in known}) == len(known)
    for level, least in ((FAULT, 20), (WORLD, 20), (REMARK, 10)):
        names = [one.name for one in known if one.level == level]
        assert len(names) >= least
        assert [name in HELD_BACK for name in names] == [bool(at % 2) for at in range(len(names))]
    assert all(one.held_out == (one.name in HELD_BACK) for one in known)


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.5])
def test_a_mix_has_exactly_the_share_that_is_asked_for(factor: float) -> None:
    labels = np.tile([[1, 0], [0, 1], [0, 0], [0, 0]], (100, 1))
    rows = mixed(
        lambda texts, found: found[:, 0] == 1,
        factor,
        np.random.default_rng(3),
        [""] * 400,
        labels,
        80,
    )
    assert len(set(rows)) == 80
    assert labels[np.array(rows, dtype=int), 0].sum() == 20 * factor


def test_the_part_that_moved_has_the_share_that_its_kind_names(half: Half) -> None:
    kind = segments.Kind(300, part=60, column=1, level=0.9)
    rows, codes = segments.draw(half, kind, np.random.default_rng(11))
    assert len(set(rows)) == len(codes) == 300
    assert half.labels[rows[codes == 0], 1].mean() == pytest.approx(0.9)
    said = segments.judged(half, kind, rows, codes)
    assert said[:3] == [True, True, True]
    by_length = segments.Kind(300, 6, by_length=True)
    rows, codes = segments.draw(half, by_length, np.random.default_rng(12))
    lengths = np.array([len(half.texts[row]) for row in rows])
    assert np.bincount(codes).tolist() == [50] * 6
    assert all(lengths[codes == at].max() <= lengths[codes == at + 1].min() for at in range(5))

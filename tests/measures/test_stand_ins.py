"""Rows that stand for others have their counts, whatever the answers are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.measures.answers import count_rows
from afterword.measures.coarse_counts import coarse, fine, grids_of
from afterword.measures.columns import Column
from afterword.measures.stand_ins import (
    CENTS,
    LEAST_CELL,
    cells_of,
    classes_of,
    margins_of,
    stand_ins,
    whole_margin,
)
from afterword.model.registry import load_reference


@st.composite
def groups(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, list[float], np.random.Generator]:
    """Codes of answers, how often each comes, and thresholds, close to the ends as well."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    k, rows = draw(st.integers(1, 5)), draw(st.integers(1, 400))
    cents = np.clip(rng.normal(rng.uniform(0, 100, k), rng.uniform(0, 40, k), (rows, k)), 0, 100)
    labels = rng.random((rows, k)) < (cents / 100 if draw(st.booleans()) else 0)
    codes, counts = np.unique(np.rint(cents) + CENTS * labels, axis=0, return_counts=True)
    cuts = st.lists(st.sampled_from([0.005, 0.025, 0.265, 0.395, 0.5, 0.975, 0.995]), min_size=k)
    return codes.astype(np.int64), counts, draw(cuts)[:k], rng


@settings(max_examples=150, deadline=None)
@given(groups())
def test_they_have_the_counts_of_each_category_and_of_each_cell(
    group: tuple[np.ndarray, np.ndarray, list[float], np.random.Generator],
) -> None:
    codes, counts, thresholds, rng = group
    margins, cells = margins_of(codes, counts, thresholds), cells_of(codes, counts, thresholds)
    shape = rng.integers(0, 30, CENTS)
    whole = [whole_margin(told, cut, shape) for told, cut in zip(margins, thresholds, strict=True)]
    cents, labels = stand_ins(whole, cells, thresholds)
    drawn = cents + CENTS * labels
    assert len(drawn) == counts.sum()
    assert margins_of(drawn, np.ones(len(drawn), int), thresholds) == margins
    assert (cells[:, 0] >= LEAST_CELL).all()
    left = counts.sum() - cells[:, 0].sum()
    assert left == 0 or left >= LEAST_CELL or not len(cells)
    levels = classes_of(thresholds)
    for rows, level, *classes in cells.tolist():
        own = np.column_stack([one[code] for one, code in zip(levels[level], drawn.T, strict=True)])
        there = np.column_stack(
            [one[code] for one, code in zip(levels[level], codes.T, strict=True)]
        )
        assert (own == classes).all(axis=1).sum() >= rows
        assert counts[(there == classes).all(axis=1)].sum() >= rows


def test_categories_of_which_only_the_counts_are_known_do_not_go_together() -> None:
    cents, _ = stand_ins([np.full(CENTS, 10)] * 3, np.zeros((0, 5), np.int64), [0.5] * 3)
    together = np.corrcoef(cents.T.astype(float))
    assert np.abs(together[np.triu_indices(3, 1)]).max() < 0.15


def test_answers_that_are_rare_together_are_in_no_cell() -> None:
    common, rare = np.array([[90, 90]]), np.array([[10, 90], [90, 10], [10, 10]])
    codes, counts = count_rows(np.vstack([np.repeat(common, 50, axis=0), *([rare] * 2)]))
    assert cells_of(codes.astype(int), counts, [0.5, 0.5]).tolist() == [[50, 0, 3, 3]]


@pytest.mark.parametrize("name", list(grids_of(3)))
@pytest.mark.parametrize("rows", [20, 70, 900])
def test_a_column_keeps_its_distance_to_the_reference(name: str, rows: int) -> None:
    reference, grid = load_reference()[name], grids_of(3)[name]
    rng = np.random.default_rng(rows)
    drawn = rng.choice(reference.to_numpy(float), rows)
    for moved in (drawn, rng.choice(grid, rows), np.full(rows, grid[-1]), np.full(rows, grid[0])):
        own, before = Column.of(moved), Column.of(reference.to_numpy(float))
        kept = fine(coarse(own, reference, grid), reference, grid)
        gaps = [
            np.abs(each.up_to(grid) / each.rows - before.up_to(grid) / before.rows).max()
            for each in (own, kept)
        ]
        assert kept.rows == rows
        assert abs(gaps[0] - gaps[1]) <= 1.5 / rows
        assert abs(own.share_above(0) - kept.share_above(0)) < 1e-9 or name not in (
            "digits",
            "non_ascii",
            "repetition",
            "markup",
        )

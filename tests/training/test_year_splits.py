"""Years that are drawn from rows: what they add up to is what a check of the same rows finds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import afterword
from afterword.drift.comparing import add_up, compare_measures
from afterword.measures.columns import Column
from afterword.measures.definitions import DEPLOYED, REJECTED, REPEATS, SENT_TWICE
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import profile_of
from afterword.model.registry import load_model, load_reference
from afterword.text.facts import find_facts
from afterword.training.year_promise import PARTS, _fitted, first_levels, year_of_rows
from afterword.training.year_splits import Reference, RowSums
from tests.conftest import invented

ROWS = 150


@pytest.fixture(scope="module")
def columns(small_model: Path) -> dict[str, Column]:
    frame = load_reference(small_model)
    return {str(name): Column.of(own.to_numpy(float)) for name, own in frame.items()}


@pytest.fixture(scope="module")
def rows(small_model: Path, small_tables: NullTables, columns: dict[str, Column]) -> RowSums:
    model, texts = load_model(small_model), invented(ROWS, seed=41)["description"]
    batch = afterword.read_batch(texts.to_frame(), description="description", categories=())
    scored = afterword.score(batch, model)
    facts = find_facts(batch.texts.tolist(), model)
    return RowSums(facts, scored.frame, small_tables, columns)


def test_a_period_has_the_distances_that_a_check_of_its_rows_finds(
    small_model: Path, small_tables: NullTables, columns: dict[str, Column], rows: RowSums
) -> None:
    texts = invented(ROWS, seed=41)[["description"]]
    batch = afterword.read_batch(texts, description="description", categories=())
    profile = profile_of(afterword.score(batch, load_model(small_model)), small_tables.rules)
    nothing = np.full(len(small_tables.definitions), np.nan)
    checked = compare_measures(add_up(profile, columns, small_tables), nothing, {})[0]
    counts = rows.add_up(np.arange(rows.number), np.array([rows.number]))
    reference = Reference(small_tables, rows.bins_of(columns))
    periods = rows.periods(counts, reference, np.random.default_rng(0))
    drawn = {REPEATS, SENT_TWICE, REJECTED, DEPLOYED}
    rare = {each.name for each in checked if each.batch < each.reference}
    for each, gap in zip(checked, periods.gaps[0], strict=True):
        if each.name not in drawn and not (gap == 0 and each.name in rare):
            assert gap == pytest.approx(each.distance, abs=1e-6), each.name


def test_periods_of_any_size_and_none_are_added_up(
    small_tables: NullTables, columns: dict[str, Column], rows: RowSums
) -> None:
    order = np.random.default_rng(1).integers(0, rows.number, 90)
    counts = rows.add_up(order, np.array([40, 40, 90]))
    assert counts.sizes.tolist() == [40, 0, 50]
    assert not counts.dense[1].any()
    alone = rows.add_up(order[40:], np.array([50]))
    assert np.allclose(counts.dense[2], alone.dense[0])
    assert np.array_equal(counts.words[2], alone.words[0])


def test_a_world_of_its_own_makes_the_periods_of_a_year_alike(
    small_tables: NullTables, columns: dict[str, Column], rows: RowSums
) -> None:
    """The error of the reference is shared: means of whole years differ more than chance alone."""
    tables = replace(small_tables, totals=_as_reference(rows, columns, small_tables))
    year, rng = year_of_rows(rows, tables, columns), np.random.default_rng(3)
    means = np.array([year(rng, 60).means[:, 0].mean() for _ in range(60)])
    alone = 1 / np.sqrt(52 * 60)
    assert means.std() > 1.3 * alone
    assert means.std() == pytest.approx(np.sqrt(alone**2 + 1 / rows.number), rel=0.35)


def _as_reference(rows: RowSums, columns: dict[str, Column], tables: NullTables):
    counts = rows.add_up(np.arange(rows.number), np.array([rows.number]))
    own = rows.totals(counts, Reference(tables, rows.bins_of(columns)))
    whole = tables.totals
    return replace(own, repeats=whole.repeats, pairs=whole.pairs, again=whole.again, new=whole.new)


def test_the_first_level_of_a_year_is_smaller_the_more_is_looked_at(
    small_tables: NullTables, columns: dict[str, Column], rows: RowSums
) -> None:
    year = year_of_rows(rows, small_tables, columns)
    with_floors, without = first_levels(year, small_tables, 60, 12, np.random.default_rng(4))
    assert (without <= with_floors).all()
    assert (without > 0).all()


def test_levels_are_undercut_as_often_as_their_part_of_the_promise_allows() -> None:
    first = np.random.default_rng(5).random((3, 4_000)) ** 2 * 1e-3
    found = _fitted(first)[:, 3]
    assert ((first <= found[:, None]).mean(axis=1)) == pytest.approx(
        0.05 * np.array(PARTS), abs=6e-3
    )
    assert (first <= found[:, None]).any(axis=0).mean() == pytest.approx(0.05, abs=0.01)

"""The levels c(n): they belong to the floors that are used, whichever these are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from afterword.measures.null_tables import NullTables
from afterword.measures.thresholds import ALPHAS, GROWTHS, QUANTILE_LEVELS, critical
from afterword.training.null_levels import LEVELS, SAFETY, SHARED, fit_levels
from afterword.training.null_splits import upper

DRAWS = 4_000


@pytest.fixture(scope="module")
def chance(small_tables: NullTables) -> tuple[NullTables, np.ndarray]:
    """Tables of distances that depend on each other, and these distances."""
    rng = np.random.default_rng(3)
    measures = len(small_tables.definitions)
    common = rng.standard_normal((DRAWS, 1, 1))
    size = small_tables.rows // 2
    sizes = np.array([30, size, 4 * small_tables.rows])
    scales = np.sqrt(1 / sizes[:2] + 1 / (small_tables.rows - sizes[:2]))
    standard = np.abs(0.6 * common + 0.8 * rng.standard_normal((DRAWS, 2, measures)))
    ordered = np.sort(standard, axis=0)
    quantiles = np.stack([upper(ordered, level) for level in QUANTILE_LEVELS], axis=-1)
    tables = replace(
        small_tables,
        sizes=sizes,
        quantiles=np.concatenate([quantiles, quantiles[-1:]]),
        levels=np.zeros((len(GROWTHS), 2, len(sizes), len(ALPHAS))),
    )
    found = standard * scales[:, None]
    fit_levels(tables, found.astype(np.float32))
    return tables, found


FLOORS = [
    {},
    *({"growth": float(one)} for one in GROWTHS),
    {"growth": 0.12},
    {"words": 0.0, "characters": 0.0},
    {"words": 0.0, "growth": 0.05},
    {"words": 0.9},
    {"no_category": 0.02},
]


@pytest.mark.parametrize("floors", FLOORS, ids=str)
@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.2])
def test_chance_alarms_at_most_as_often_as_it_may_whatever_the_floors(
    chance: tuple[NullTables, np.ndarray], floors: dict[str, float], alpha: float
) -> None:
    tables, found = chance
    for at, size in enumerate(tables.sizes[:2].tolist()):
        level = tables.level(size, alpha, floors)
        standard = critical(tables.quantiles[at], tables.definitions, level)
        beyond = standard * np.sqrt(1 / size + 1 / (tables.rows - size))
        lines = np.maximum.reduce([tables.floors(floors), beyond, tables.rare(size, level)])
        alarms = (found[:, at] >= lines).any(axis=1).mean()
        assert alarms <= SAFETY * alpha * (tables.rows / (tables.rows + size)) ** SHARED + 1e-9


def test_the_level_of_other_floors_is_neither_too_strict_nor_too_lax(
    chance: tuple[NullTables, np.ndarray],
) -> None:
    """With floors that leave out nearly all, chance decides alone: much more is allowed."""
    tables, _ = chance
    size = int(tables.sizes[1])
    strict, plain, lax = (tables.level(size, 0.05, {"growth": one}) for one in (0.0, 0.15, 1.0))
    assert strict <= plain <= lax
    assert strict < lax
    assert set(np.round(np.log(tables.levels.ravel()), 9)) <= set(np.round(np.log(LEVELS), 9))


def test_a_small_rate_is_held_with_more_to_spare(chance: tuple[NullTables, np.ndarray]) -> None:
    """Rows of another month differ a little, which counts the more, the rarer an alarm is."""
    tables, found = chance
    size = int(tables.sizes[0])
    shares = []
    for alpha in (0.01, 0.05):
        level = tables.level(size, alpha)
        beyond = critical(tables.quantiles[0], tables.definitions, level)
        lines = np.maximum(beyond * np.sqrt(1 / size + 1 / (tables.rows - size)), tables.floors())
        rare = np.nan_to_num(tables.rare(size, level), nan=np.inf)
        alarms = (found[:, 0] >= np.maximum(lines, rare)).any(axis=1).mean()
        shares.append(alarms / alpha)
    assert shares[0] < 0.6 * shares[1]


def test_a_batch_larger_than_the_reference_alarms_by_chance_less_often(
    chance: tuple[NullTables, np.ndarray],
) -> None:
    """The reference's error stays the same from batch to batch."""
    tables, _ = chance
    floors = {"growth": 0.0}
    assert tables.level(10**6, 0.05, floors) < tables.level(int(tables.sizes[1]), 0.05, floors)

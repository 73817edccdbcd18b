"""Counts of values in few wide bins, and rows that have these counts.

Exact counts of many columns tell of a text whose values are rare whether it may be among them. A
column is kept as its counts in bins of the reference, its sum, and one more edge, where its
largest gap to the reference is: so its Kolmogorov–Smirnov distance stays what it was, to about one
row, and its mean nearly so. Inside of a bin, rows are taken to lie as those of the reference do,
tilted so that their sum is right (the distribution nearest to the reference's that has it: Csiszár,
"I-divergence geometry of probability distributions and minimization problems", Annals of
Probability 3, 1975).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.measures.columns import Column
from afterword.model.reference import CONFIDENCE, DECIMALS, NUMBER
from afterword.text.descriptors import DESCRIPTORS

if TYPE_CHECKING:
    import pandas as pd

QUANTILES: Final = (0.25, 0.5, 0.75)
"""Of the reference, where bins begin."""
TOTAL_STEPS: Final = 1_000
"""Parts of 1 in which sums of columns are saved."""
_LENGTHS: Final = frozenset(
    each.name for each in DESCRIPTORS if each.unit in ("characters", "words")
)
_SELDOM: Final = frozenset(each.name for each in DESCRIPTORS if each.seldom)
_TILT: Final = 60.0
_HALVINGS: Final = 60
_PARTS: Final = (1.0, 0.75, 0.5, 0.25, 0.0)
"""Parts of the way from the reference's sum to the saved one that are tried."""
_UNSEEN: Final = 0.01
"""Rows that the reference is taken to have at a value that it never has."""


@dataclass(frozen=True)
class CoarseColumn:
    """What is saved of a column.

    Attributes
    ----------
    starts : places on the grid where its bins begin, ascending, the first of which is 0.
    rows : in each bin.
    total : sum of its values, or of the logarithms of lengths, in steps of 1 / 1,000.
    """

    starts: list[int]
    rows: list[int]
    total: int


def grids_of(k: int) -> dict[str, np.ndarray]:
    """The values that each column of a model with k categories can have, ascending."""
    found = {each.name: each.grid for each in DESCRIPTORS}
    found |= {NUMBER: np.arange(k + 1), CONFIDENCE: np.arange(10**DECIMALS + 1) / 10**DECIMALS}
    return {name: grid.astype(np.float32).astype(float) for name, grid in found.items()}


def _on_grid(column: Column, grid: np.ndarray) -> np.ndarray:
    """Rows with each value of a grid, or nearest to it."""
    places = np.searchsorted((grid[1:] + grid[:-1]) / 2, column.values)
    return np.bincount(places, column.counts, len(grid)).astype(np.int64)


def coarse(column: Column, reference: pd.Series, grid: np.ndarray) -> CoarseColumn:
    """What is saved of a column.

    Parameters
    ----------
    column : with at least one row.
    reference : the same column of the training set.
    grid : of its values.
    """
    own, theirs = (_on_grid(each, grid) for each in (column, Column.of(reference.to_numpy(float))))
    starts = starts_of(own, theirs, seldom=reference.name in _SELDOM)
    total = round(TOTAL_STEPS * float(own @ summed_of(reference.name, grid)))
    return CoarseColumn(starts=starts, rows=binned(own, starts), total=total)


def fine(saved: CoarseColumn, reference: pd.Series, grid: np.ndarray) -> Column:
    """Make a column that has what was saved of another one.

    Parameters
    ----------
    saved, reference, grid : as of :func:`coarse`.

    Raises
    ------
    ValueError
        There is no such column.
    """
    starts = np.array(saved.starts, np.int64)
    if (
        len(starts) != len(saved.rows)
        or list(saved.starts) != sorted({0, *saved.starts})
        or starts[-1] >= len(grid)
    ):
        raise ValueError("bins that cannot be")
    shape = _on_grid(Column.of(reference.to_numpy(float)), grid)
    values, rows = summed_of(reference.name, grid), np.array(saved.rows, np.int64)
    total = saved.total / TOTAL_STEPS
    lowest, highest = rows @ values[starts], rows @ values[np.append(starts[1:], len(grid)) - 1]
    if not lowest - 1 / TOTAL_STEPS <= total <= highest + 1 / TOTAL_STEPS:
        raise ValueError("a sum that cannot be")
    before = np.cumsum(shape) / shape.sum()
    most = max(_gaps(rows, before[np.append(starts[1:], len(grid)) - 1])) + 1 / rows.sum()
    plain = float(_laid(rows, starts, shape + _UNSEEN) @ values)
    # The sum may take a bin further from the reference than any edge is: the distance comes first.
    for part in _PARTS:
        found = spread(rows, starts, shape, values, plain + part * (total - plain))
        if max(_gaps(found, before)) <= most:
            break
    return Column.counted(grid, found)


def _gaps(rows: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Gaps between two distribution functions."""
    found: np.ndarray = np.abs(np.cumsum(rows) / rows.sum() - before)
    return found


def summed_of(name: object, grid: np.ndarray) -> np.ndarray:
    """What of a column's values is summed up: of lengths, whose geometric mean is shown, logs."""
    found: np.ndarray = np.log1p(grid) if name in _LENGTHS else grid
    return found


def starts_of(own: np.ndarray, reference: np.ndarray, *, seldom: bool = False) -> list[int]:
    """Where the bins of a column begin.

    Parameters
    ----------
    own, reference : (g,) rows with each value of a grid; both have some.
    seldom : whether any value but the first counts, so that the second one begins a bin.

    Returns
    -------
    Places, the first of which is 0.

    Examples
    --------
    >>> starts_of(np.array([9, 1, 0, 0]), np.array([5, 5, 5, 5]))
    [0, 1, 2, 3]
    """
    below, before = (np.cumsum(each) / each.sum() for each in (own, reference))
    places = np.searchsorted(before, QUANTILES, "right").tolist()
    places += [int(np.abs(below - before).argmax()) + 1, int(seldom)]
    return sorted({0, *(place for place in places if 0 < place < len(own))})


def binned(own: np.ndarray, starts: Sequence[int]) -> list[int]:
    """Rows in each bin."""
    found: list[int] = np.add.reduceat(own, starts).tolist()
    return found


def spread(
    rows: np.ndarray,
    starts: Sequence[int] | np.ndarray,
    shape: np.ndarray,
    values: np.ndarray,
    total: float,
) -> np.ndarray:
    """Put the rows of bins on values.

    Parameters
    ----------
    rows : (b,) in each bin.
    starts : (b,) places where the bins begin, ascending, the first of which is 0.
    shape : (g,) rows of the reference with each value.
    values : (g,), ascending.
    total : sum of the values of all rows.

    Returns
    -------
    Rows (g,) with each value: as many in each bin, and with a sum as near to the total as may be.

    Examples
    --------
    >>> spread(np.array([4]), [0], np.array([1, 1, 1]), np.array([0.0, 1.0, 2.0]), 6).tolist()
    [0, 2, 2]
    """
    inside = _inside(starts, len(values))
    centred = (values - values.mean()) / max(float(np.ptp(values)), 1e-9)

    def expected(tilt: float) -> np.ndarray:
        return _laid(rows, starts, (shape + _UNSEEN) * np.exp(tilt * centred))

    low, high = -_TILT, _TILT
    for _ in range(_HALVINGS):
        tilt = (low + high) / 2
        low, high = (tilt, high) if expected(tilt) @ values < total else (low, tilt)
    whole = np.rint(np.cumsum(expected((low + high) / 2))).astype(np.int64)
    found = np.diff(whole, prepend=0)
    return _nudged(found, inside, values, total)


def _inside(starts: Sequence[int] | np.ndarray, places: int) -> np.ndarray:
    """The bin of each place."""
    found: np.ndarray = np.searchsorted(starts, np.arange(places), "right") - 1
    return found


def _laid(rows: np.ndarray, starts: Sequence[int] | np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The rows of each bin, shared out by weights (g,)."""
    inside = _inside(starts, len(weights))
    found: np.ndarray = weights * (rows / np.bincount(inside, weights))[inside]
    return found


def _nudged(found: np.ndarray, inside: np.ndarray, values: np.ndarray, total: float) -> np.ndarray:
    """Move rows to the next value of their bin while that brings the sum nearer to the total."""
    found, steps = found.copy(), np.diff(values)
    while True:
        off = total - float(found @ values)
        source, target = (found[:-1], found[1:]) if off > 0 else (found[1:], found[:-1])
        good = (np.diff(inside) == 0) & (source > 0) & (steps < 1.999 * abs(off))
        if not good.any():
            return found
        at = int(np.where(good, source, -1).argmax())
        many = max(1, min(int(abs(off) / steps[at]), int(source[at]) // 4))
        source[at] -= many
        target[at] += many

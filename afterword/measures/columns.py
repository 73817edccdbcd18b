"""Columns as counts: which values a sample has, and how many rows have each.

The columns that the check compares hold values on coarse grids, so a million rows have some dozens
of different ones. Counts say all that the check asks of a column, add up without any error, and
know of no row what stood beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Column:
    """The values of a sample, counted.

    Attributes
    ----------
    values : (g,) different values, ascending.
    counts : (g,) rows with each, at least 1.

    Examples
    --------
    >>> column = Column.of(np.array([2.0, 1.0, 2.0])) + Column.of(np.array([3.0]))
    >>> column.values.tolist(), column.counts.tolist(), column.rows
    ([1.0, 2.0, 3.0], [1, 2, 1], 4)
    """

    values: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray) -> Column:
        """Count values (n,); those that are NaN are left out."""
        numbers = np.asarray(values, dtype=float)
        found, counts = np.unique(numbers[~np.isnan(numbers)], return_counts=True)
        return cls(found, counts.astype(np.int64))

    @classmethod
    def counted(cls, values: np.ndarray, counts: np.ndarray) -> Column:
        """Make a column of counts (g,) of ascending values (g,), some of which may be 0."""
        there = counts > 0
        return cls(np.asarray(values, float)[there], np.asarray(counts, np.int64)[there])

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.counts.sum())

    def __add__(self, other: Column) -> Column:
        """The rows of both."""
        return Column.total([self, other])

    @classmethod
    def total(cls, columns: Sequence[Column]) -> Column:
        """The rows of all columns."""
        values, own = np.unique(
            np.concatenate([each.values for each in columns]), return_inverse=True
        )
        counts = np.zeros(len(values), np.int64)
        np.add.at(counts, own, np.concatenate([each.counts for each in columns]))
        return cls(values, counts)

    def same(self, other: Column) -> bool:
        """Whether both have the same values as often."""
        return np.array_equal(self.values, other.values) and np.array_equal(
            self.counts, other.counts
        )

    def mean(self) -> float:
        """The mean; NaN without rows."""
        return float(self.counts @ self.values / self.rows) if self.rows else float("nan")

    def deviation(self) -> float:
        """The standard deviation of these rows; NaN without rows."""
        if not self.rows:
            return float("nan")
        return float(np.sqrt(self.counts @ (self.values - self.mean()) ** 2 / self.rows))

    def share_above(self, value: float) -> float:
        """The share of the rows above a value; NaN without rows."""
        if not self.rows:
            return float("nan")
        return float(self.counts[self.values > value].sum() / self.rows)

    def share_of(self, value: float) -> float:
        """The share of the rows with a value; NaN without rows."""
        if not self.rows:
            return float("nan")
        return float(self.counts[self.values == value].sum() / self.rows)

    def up_to(self, points: np.ndarray, *, below: bool = False) -> np.ndarray:
        """Rows (p,) with at most each value of ``points``; with less than it where ``below``."""
        cumulated = np.concatenate([[0], np.cumsum(self.counts)])
        found: np.ndarray = cumulated[
            np.searchsorted(self.values, points, "left" if below else "right")
        ]
        return found

    def repeated(self) -> np.ndarray:
        """The rows' values (n,), ascending."""
        found: np.ndarray = np.repeat(self.values, self.counts)
        return found


def tendency(before: Column, now: Column) -> float:
    """P(now > before) − P(now < before) of a row of either, in [−1, 1].

    >>> tendency(Column.of(np.array([1.0, 2.0])), Column.of(np.array([2.0, 3.0])))
    0.75
    """
    below = before.up_to(now.values, below=True)
    above = before.rows - before.up_to(now.values)
    return float(now.counts @ (below - above)) / now.rows / before.rows

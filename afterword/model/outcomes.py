"""What the training labels say of the out-of-fold probabilities: counts, and no line per text.

Quality without labels is worked out from calibrated probabilities, and quality with labels is
compared with that of training. Either needs to know how labels and probabilities went together
in training: how many rows had each probability, and in how many of them the category was there;
which labels and probabilities rows had together, as means of cells of at least five rows; and how
the content moves where a category becomes more frequent.

References
----------
LeFevre, K., DeWitt, D. J. and Ramakrishnan, R. (2006). Mondrian multidimensional k-anonymity. ICDE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from afterword.model.reference import DECIMALS

CENTS: Final = 10**DECIMALS + 1
"""Probabilities in whole per cent: 0 … 100."""
LEAST_CELL: Final = 5
"""Rows that a cell has at least."""
_PLACES: Final = 3
"""Digits that are kept of a cell's means."""
_CELLS: Final = "cells"


@dataclass(frozen=True, eq=False)
class Cells:
    """Which labels and answers rows of the reference had together, without any row of it.

    Attributes
    ----------
    rows : (c,) of each cell: at least :data:`LEAST_CELL`, or 1 where it is made up.
    probabilities : (c, k) mean answers.
    labels : (c, k) of 0 and 1.
    none : (c, 2) mean probability of no category, were they independent; whether there is none.
    said_below, labels_below : (c, k) mean of the probability, and of the label, where the
        probability is below the threshold, and of 0 elsewhere.
    within : (2k + 1, 2k + 1) covariance inside of cells of the probabilities, of that of none, and
        of those below the threshold.
    """

    rows: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray
    none: np.ndarray
    said_below: np.ndarray
    labels_below: np.ndarray
    within: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, probabilities: np.ndarray, thresholds: np.ndarray) -> Cells:
        """Put rows together that have the same labels and decisions and are answered alike.

        Each group with the same labels and decisions is halved at the median of what varies most in
        it (Mondrian), as long as both halves have enough rows. Where fewer than
        :data:`LEAST_CELL` rows have these, each of their probabilities goes to another row, of
        those that have the category, or lack it, as well.

        Parameters
        ----------
        labels : (n, k) of 0 and 1.
        probabilities : (n, k) out of fold, to two digits.
        thresholds : (k,) from which on a category is given.
        """
        parts, few = _cells(labels, probabilities < thresholds, probabilities)
        alone = len(parts) + np.arange(len(few))
        cell = np.empty(len(labels), np.int64)
        for number, rows in enumerate(parts):
            cell[rows] = number
        cell[few] = alone
        size = np.bincount(cell)
        truth = np.asarray(labels, float)
        said = np.array(probabilities, float)
        said[few] = _exchanged(truth, said, few)
        below = said < thresholds
        none = np.column_stack([np.prod(1 - said, axis=1), ~truth.any(axis=1)])
        numbers = np.hstack([said, none[:, :1], said * below])

        def means(values: np.ndarray) -> np.ndarray:
            sums = np.zeros((len(size), values.shape[1]))
            np.add.at(sums, cell, values)
            found: np.ndarray = np.round(sums / size[:, None], _PLACES)
            return found

        off = numbers - means(numbers)[cell]
        return cls(
            rows=size.astype(float),
            probabilities=means(said),
            labels=means(truth),
            none=means(none),
            said_below=means(said * below),
            labels_below=means(truth * below),
            within=off.T @ off / len(truth),
        )

    @property
    def answers(self) -> np.ndarray:
        """(c, k + 1) mean answers: of each category, and of none."""
        return np.hstack([self.probabilities, self.none[:, :1]])

    @property
    def said(self) -> np.ndarray:
        """(c, 2k) mean probability of each category; the same where it is below the threshold."""
        return np.hstack([self.probabilities, self.said_below])

    @property
    def errors(self) -> np.ndarray:
        """(c, 2k) by how much more there is of what was said."""
        found: np.ndarray = np.hstack([self.labels, self.labels_below]) - self.said
        return found

    @property
    def traits(self) -> np.ndarray:
        """(c, k + 1) shares of the rows with each category, and with none."""
        return np.hstack([self.labels, self.none[:, 1:]])


def _cells(
    labels: np.ndarray, below: np.ndarray, probabilities: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """Rows of each cell, and those that are in none."""
    own = np.unique(np.hstack([labels, below]), axis=0, return_inverse=True)[1].ravel()
    groups = np.split(np.argsort(own, kind="stable"), np.cumsum(np.bincount(own))[:-1])
    few = [group for group in groups if len(group) < LEAST_CELL]
    enough = [group for group in groups if len(group) >= LEAST_CELL]
    found = [part for group in enough for part in _halved(group, probabilities)]
    return found, np.concatenate([np.empty(0, np.int64), *few])


def _exchanged(labels: np.ndarray, probabilities: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Probabilities (r, k) of some rows, each of them from a row of like labels.

    Where enough rows of that kind are among them they change places; otherwise they are drawn from
    all rows of the reference that have the category, or lack it, as well.
    """
    rng = np.random.default_rng(0)
    found: np.ndarray = probabilities[rows]
    kinds = labels + 2 * labels.any(axis=1, keepdims=True)
    for j, own in enumerate(kinds.T):
        for kind in np.unique(own[rows]):
            here = np.flatnonzero(own[rows] == kind)
            source = rows[here] if len(here) >= LEAST_CELL else np.flatnonzero(own == kind)
            found[here, j] = probabilities[rng.choice(source, len(here), replace=False), j]
    return found


def _halved(rows: np.ndarray, numbers: np.ndarray) -> list[np.ndarray]:
    """Rows in parts of :data:`LEAST_CELL` to twice as many, of which each has like numbers."""
    found, left = [], [rows]
    while left:
        part = left.pop()
        spread = numbers[part].std(axis=0)
        if len(part) < 2 * LEAST_CELL or not spread.any():
            found.append(part)
            continue
        order = part[np.argsort(numbers[part, spread.argmax()], kind="stable")]
        left += [order[: len(part) // 2], order[len(part) // 2 :]]
    return found


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Labels against out-of-fold probabilities, at the balanced thresholds.

    Attributes
    ----------
    counts : (k, 101, 2) rows at each per cent of probability, and those with the category.
    cells : labels and probabilities of the same rows.
    exact : share of rows with every category decided rightly.
    errors : (1 + k,) standard errors of label accuracy and of each category's F1, by
        linearisation over groups of repeats, which tell less than as many others.
    content : (k, d) by how much the mean content moves if a category's share grows by 1.
    """

    counts: np.ndarray
    cells: Cells
    exact: float
    errors: np.ndarray
    content: np.ndarray

    @property
    def rows(self) -> int:
        """Training rows."""
        return int(self.counts[0, :, 0].sum())

    @property
    def prevalence(self) -> np.ndarray:
        """(k,) share of the training rows with each category."""
        found: np.ndarray = self.counts[:, :, 1].sum(axis=1) / self.rows
        return found

    def sums(self, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Right alerts, alerts and positives (k,) each, at thresholds between whole per cent."""
        reached = np.arange(CENTS) / (CENTS - 1) >= np.asarray(thresholds)[:, None]
        return (
            (self.counts[:, :, 1] * reached).sum(axis=1).astype(float),
            (self.counts[:, :, 0] * reached).sum(axis=1).astype(float),
            self.counts[:, :, 1].sum(axis=1).astype(float),
        )

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays, ready to be packed."""
        found = {
            each.name: getattr(self, each.name) for each in fields(self) if each.name != _CELLS
        }
        cells = {f"{_CELLS}_{name}": value for name, value in vars(self.cells).items()}
        return {name: np.asarray(value) for name, value in {**found, **cells}.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Outcomes:
        """Make what :meth:`to_arrays` gave.

        Raises
        ------
        KeyError
            Something is missing.
        """
        found: dict[str, Any] = {
            each.name: np.asarray(arrays[each.name], float)
            for each in fields(cls)
            if each.name != _CELLS
        }
        cells = [np.asarray(arrays[f"{_CELLS}_{each.name}"], float) for each in fields(Cells)]
        return cls(**found | {"exact": float(found["exact"]), _CELLS: Cells(*cells)})

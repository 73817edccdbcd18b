"""Answers as counts: which probabilities a sample's rows have together, and how many rows each.

Probabilities are kept to two digits, so they are whole per cent, and answers are counted by them:
exactly, in whatever order and pieces the rows come. Rows with labels are counted together with
these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from afterword.measures.columns import Column
from afterword.model.reference import DECIMALS

UNKNOWN_LABEL: Final = 2
"""How a label is counted that a row does not have."""
_KEY_BYTES: Final = 8
"""Of a row that is sorted as one number."""
NONE_STEPS: Final = 10_000
"""The probability of no category is summed in steps of 1/10,000."""


@dataclass(frozen=True, eq=False)
class Answers:
    """Probabilities of k categories, row by row, without the rows' order.

    Attributes
    ----------
    cents : (m, k) uint8, different answers in whole per cent, in ascending order.
    counts : (m,) rows with each, at least 1.

    Examples
    --------
    >>> answers = Answers.of(np.array([[0.2, 0.9], [0.2, 0.9], [0.5, 0.1]]))
    >>> answers.cents.tolist(), answers.counts.tolist()
    ([[20, 90], [50, 10]], [2, 1])
    """

    cents: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, probabilities: np.ndarray) -> Answers:
        """Count probabilities (n, k), in [0, 1], to two digits; one that is NaN counts as 0."""
        cents: np.ndarray = np.rint(np.nan_to_num(np.asarray(probabilities, float)) * 10**DECIMALS)
        return cls(*count_rows(cents.astype(np.uint8)))

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.counts.sum())

    @cached_property
    def probabilities(self) -> np.ndarray:
        """(m, k) of each different answer, as the float32 numbers that scored rows have."""
        found: np.ndarray = (self.cents / 10**DECIMALS).astype(np.float32).astype(float)
        return found

    @property
    def none_steps(self) -> np.ndarray:
        """Probability (m,) int64 of none of the categories, in steps of :data:`NONE_STEPS` to 1."""
        none = NONE_STEPS * np.prod(1 - self.cents / 10**DECIMALS, axis=1)
        found: np.ndarray = np.rint(none).astype(np.int64)
        return found

    @property
    def commonest(self) -> int:
        """Rows with the commonest answer; 0 without rows."""
        return int(self.counts.max(initial=0))

    def __add__(self, other: Answers) -> Answers:
        """The rows of both."""
        return Answers.total([self, other])

    @classmethod
    def total(cls, answers: Sequence[Answers]) -> Answers:
        """The rows of all of them."""
        cents = np.concatenate([each.cents for each in answers])
        return cls(*count_rows(cents, np.concatenate([each.counts for each in answers])))

    def without(self, other: Answers) -> Answers:
        """The rows that are left when those of ``other``, all of them among these, are gone."""
        cents, counts = count_rows(
            np.concatenate([self.cents, other.cents]),
            np.concatenate([self.counts, -other.counts]),
        )
        return Answers(cents[counts > 0], counts[counts > 0])

    def column(self, place: int) -> Column:
        """The probabilities of one category."""
        counts = np.bincount(self.cents[:, place], self.counts, minlength=10**DECIMALS + 1)
        values = (np.arange(10**DECIMALS + 1) / 10**DECIMALS).astype(np.float32)
        return Column.counted(values.astype(float), counts)

    def sums(self) -> np.ndarray:
        """Sums (k + 1,) of each category's probability, and of that of none of them."""
        whole = self.cents.astype(np.int64)
        found: np.ndarray = np.concatenate(
            [self.counts @ whole / 10**DECIMALS, [self.counts @ self.none_steps / NONE_STEPS]]
        )
        return found

    def sum_of(self, of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Sum over all rows of what a function makes of the answers (m, k)."""
        found: np.ndarray = np.tensordot(self.counts, of(self.probabilities), axes=(0, 0))
        return found

    def repeated(self) -> np.ndarray:
        """Probabilities (n, k) of all rows, ascending."""
        found: np.ndarray = np.repeat(self.probabilities, self.counts, axis=0)
        return found


@dataclass(frozen=True, eq=False)
class LabelledAnswers:
    """Rows that have a label of some category, counted with their answers.

    Attributes
    ----------
    cents : (m, k) answers in whole per cent.
    labels : (m, k) uint8: 0, 1, or 2 where a row has no label of that category.
    inclusion : (m,) probability with which such rows were drawn to be labelled; NaN if not known.
    counts : (m,) rows that are alike in all of this, at least 1.
    """

    cents: np.ndarray
    labels: np.ndarray
    inclusion: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(
        cls, probabilities: np.ndarray, labels: np.ndarray, inclusion: np.ndarray | None
    ) -> LabelledAnswers:
        """Count rows.

        Parameters
        ----------
        probabilities : (n, k), in [0, 1].
        labels : (n, k) of 0, 1 and NaN; rows without any label are left out.
        inclusion : (n,), NaN where it is not known; None where it is known of no row.
        """
        some = ~np.isnan(labels).all(axis=1)
        cents = np.rint(np.asarray(probabilities, float)[some] * 10**DECIMALS)
        told = np.nan_to_num(labels[some], nan=UNKNOWN_LABEL)
        chances = np.full(len(labels), np.nan) if inclusion is None else inclusion
        return cls._counted(
            cents.astype(np.uint8), told.astype(np.uint8), chances[some], np.ones(some.sum(), int)
        )

    @classmethod
    def of_codes(
        cls, cents: np.ndarray, labels: np.ndarray, counts: np.ndarray | None = None
    ) -> LabelledAnswers:
        """Count rows of which no inclusion is known.

        Parameters
        ----------
        cents : (n, k) answers in whole per cent.
        labels : (n, k) of 0, 1 and 2.
        counts : (n,) how often each counts; once if None.
        """
        k = cents.shape[1]
        found, counts = count_rows(np.hstack([cents, labels]), counts)
        return cls(found[:, :k], found[:, k:], np.full(len(found), np.nan), counts)

    @classmethod
    def _counted(
        cls, cents: np.ndarray, labels: np.ndarray, inclusion: np.ndarray, counts: np.ndarray
    ) -> LabelledAnswers:
        if np.isnan(inclusion).all():
            return cls.of_codes(cents, labels, counts)
        # The bytes of a float, so that rows are compared as they are; NaN equals NaN.
        plain = np.where(np.isnan(inclusion), -1.0, inclusion)
        chances = np.ascontiguousarray(plain, ">f8").view(np.uint8).reshape(len(plain), 8)
        k = cents.shape[1]
        found, counts = count_rows(np.hstack([cents, labels, chances]), counts)
        plain = np.ascontiguousarray(found[:, 2 * k :]).view(">f8").astype(float).ravel()
        return cls(found[:, :k], found[:, k : 2 * k], np.where(plain < 0, np.nan, plain), counts)

    @property
    def rows(self) -> int:
        """Rows with a label of some category."""
        return int(self.counts.sum())

    @classmethod
    def total(cls, answers: Sequence[LabelledAnswers]) -> LabelledAnswers:
        """The rows of all of them."""
        return cls._counted(
            *(
                np.concatenate([getattr(each, name) for each in answers])
                for name in ("cents", "labels", "inclusion", "counts")
            )
        )

    def take(self, rows: np.ndarray) -> LabelledAnswers:
        """Some of the kinds of rows."""
        return LabelledAnswers(
            self.cents[rows], self.labels[rows], self.inclusion[rows], self.counts[rows]
        )

    def repeated(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Probabilities (n, k), labels (n, k) and inclusion (n,) of all rows, in one order."""
        alike = np.repeat(np.arange(len(self.counts)), self.counts)
        whole = Answers(self.cents, self.counts).probabilities
        return whole[alike], self.labels[alike].astype(int), self.inclusion[alike]

    @property
    def answers(self) -> Answers:
        """Their answers alone."""
        return Answers(*count_rows(self.cents, self.counts))


def count_rows(rows: np.ndarray, counts: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Put equal rows together.

    Parameters
    ----------
    rows : (n, b) of bytes.
    counts : (n,) how often each counts; once if None.

    Returns
    -------
    The different rows (m, b), in ascending order, and how often each counts (m,).
    """
    n, width = rows.shape
    rows = np.ascontiguousarray(rows, np.uint8)
    if not n:
        return rows, np.zeros(0, np.int64) if counts is None else counts.astype(np.int64)
    if width > _KEY_BYTES:
        # As one string of bytes a row: sorting these is what sorting by every column is.
        keys = rows.view(f"V{width}").ravel()
        found, own = np.unique(keys, return_inverse=True)
        return found.view(np.uint8).reshape(-1, width), _added_up(own, counts, len(found))
    # As one number a row, of which fewer bytes are sorted.
    padded = np.zeros((n, _KEY_BYTES), np.uint8)
    padded[:, _KEY_BYTES - width :] = rows
    keys = padded.view(">u8").ravel().astype(np.uint64)
    if counts is None:
        found, added = np.unique(keys, return_counts=True)
    else:
        found, own = np.unique(keys, return_inverse=True)
        added = _added_up(own, counts, len(found))
    whole = found.astype(">u8").view(np.uint8).reshape(-1, _KEY_BYTES)
    return np.ascontiguousarray(whole[:, _KEY_BYTES - width :]), added.astype(np.int64)


def _added_up(own: np.ndarray, counts: np.ndarray | None, size: int) -> np.ndarray:
    """Counts (size,) of the rows (n,) that go to each place."""
    if counts is None:
        return np.bincount(own, minlength=size).astype(np.int64)
    added = np.zeros(size, np.int64)
    np.add.at(added, own, counts)
    return added

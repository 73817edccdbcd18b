"""Sums and products over answers, from which any covariance of what is decided is worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from afterword.measures.answers import NONE_STEPS, Answers
from afterword.model.reference import DECIMALS

PRODUCT_STEPS: Final = 20
"""Parts of a row in which sums of products are kept. With exact ones, answers of few rows could be
put together again by trying out which go with each other."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over rows of what k categories' answers come to, in whole steps.

    A row has v = 3k + 1 numbers: the probability of each category; that of none of them; each
    probability where it is below the category's threshold, and 0 elsewhere; each decision.

    Attributes
    ----------
    rows : that were added up.
    sums : (v,) int64, in steps of 1 / :attr:`units`.
    products : (v, v) int64, sums of products of two numbers of a row, in products of their steps.

    Examples
    --------
    >>> answers = Answers.of(np.array([[0.2, 0.9], [0.6, 0.1]]))
    >>> found = Moments.of(answers, [0.5, 0.5])
    >>> (found.sums / found.units).tolist()
    [0.8, 1.0, 0.44, 0.2, 0.1, 1.0, 1.0]
    """

    rows: int
    sums: np.ndarray
    products: np.ndarray

    @classmethod
    def of(cls, answers: Answers, thresholds: Sequence[float] | np.ndarray) -> Moments:
        """Add answers up.

        Parameters
        ----------
        answers : of k categories.
        thresholds : (k,) from which on a category is given.
        """
        cents = answers.cents.astype(np.int64)
        given = answers.probabilities >= np.asarray(thresholds)
        own = np.column_stack([cents, answers.none_steps, cents * ~given, given])
        weighed = own * answers.counts[:, None]
        return cls(answers.rows, weighed.sum(axis=0), weighed.T @ own)

    @property
    def units(self) -> np.ndarray:
        """Steps (v,) in 1 of each number."""
        return units_of((len(self.sums) - 1) // 3)

    def __add__(self, other: Moments) -> Moments:
        """The rows of both."""
        return Moments(
            self.rows + other.rows, self.sums + other.sums, self.products + other.products
        )


@dataclass(frozen=True, eq=False)
class Kept:
    """What is known of answers whose rows are not known one by one any more.

    Attributes
    ----------
    commonest : rows with the commonest answer, at least.
    moments : sums and products.
    """

    commonest: int
    moments: Moments


def units_of(k: int) -> np.ndarray:
    """Steps (3k + 1,) in 1 of each number that the moments of k categories add up."""
    cents, whole = np.full(k, 10**DECIMALS), np.ones(k, np.int64)
    return np.concatenate([cents, [NONE_STEPS], cents, whole])


def rounded(products: np.ndarray) -> np.ndarray:
    """Sums of products (v, v) in steps of 1 / :data:`PRODUCT_STEPS` of a row."""
    units = units_of((len(products) - 1) // 3)
    step = np.maximum(np.outer(units, units) // PRODUCT_STEPS, 1)
    found: np.ndarray = (products + step // 2) // step * step
    return found

"""What training rows of a length are answered: by it a part of a batch is judged.

A part may have longer texts than another without any harm, and with them come other answers. So a
part is not compared with all training rows, but with what rows of its own lengths have: their
probabilities are fitted by the bins of both lengths, words and characters, and weighed by the
part's own histograms; chance is what rows within the bins vary by (post-stratification [1]_, here
by the margins of two variables). The tails are those of a gamma distribution of the same first
three cumulants, because means of few probabilities are skewed.

Texts of nearly one length may hold nearly the same words, which no bin tells. What that adds to the
error is taken from the training rows too, and counts as far as a part's lengths are narrower than
those of training.

References
----------
.. [1] Holt, D. and Smith, T. M. F. (1979). Post stratification. Journal of the Royal Statistical
   Society A 142(1), 33–46.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np

from afterword.measures.columns import Column
from afterword.measures.distances import LEAST_DEVIATION

LEAST_IN_BIN: Final = 50
"""Training rows that every bin has at least, so that no mean tells of a few."""
SURE: Final = 3.0
"""By how much the error of narrow lengths is raised, since it is hardly known."""
_LEAST_SKEW: Final = 1e-3
"""Skewness below which a gamma distribution is not told from a normal one."""


@dataclass(frozen=True, eq=False)
class Chance:
    """What training rows of some lengths have, and how chance makes the mean of others differ.

    Attributes
    ----------
    means : (k + 1,) of each category's probability, and of that of none of them.
    errors, skews : (k + 1,) standard deviation and skewness of the difference of means.
    """

    means: np.ndarray
    errors: np.ndarray
    skews: np.ndarray

    def farthest(self, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Differences (k + 1,) below and above, each of which chance exceeds at half a level.

        Parameters
        ----------
        levels : (k + 1,) probabilities of either.
        """
        return (
            self.errors * upper_quantiles(levels / 2, -self.skews),
            self.errors * upper_quantiles(levels / 2, self.skews),
        )


@dataclass(frozen=True, eq=False)
class ByLength:
    """Training rows by their lengths, in a bins of words and b + 1 of characters.

    Attributes
    ----------
    words, characters : (a − 1,) and (b,) largest value of each bin but the last.
    rows : (a,) in each bin of words.
    means : (a + b, k + 1) mean probabilities in each bin of words, and what each bin of characters
        but the first adds.
    variances, thirds : (a, k + 1) second and third moments of what is left in the bins of words.
    narrow : (k + 1,) variance between groups of texts of nearly one length.

    Examples
    --------
    >>> answers, lengths = np.linspace(0, 1, 200)[:, None], np.repeat([5.0, 50.0], 100)
    >>> found = ByLength.of(lengths, lengths, answers, lengths)
    >>> found.words.tolist(), found.rows.tolist()
    ([5.0], [100, 100])
    >>> long = Column.of(np.full(40, 50.0))
    >>> found.chance(long, long, 40).means.round(2).tolist()
    [0.75]
    """

    words: np.ndarray
    characters: np.ndarray
    rows: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    thirds: np.ndarray
    narrow: np.ndarray

    @classmethod
    def of(
        cls, words: np.ndarray, characters: np.ndarray, scores: np.ndarray, exact: np.ndarray
    ) -> Self:
        """Fit training rows.

        Parameters
        ----------
        words, characters : (n,) lengths of each row, on the grids of the descriptors.
        scores : (n, k + 1) out-of-fold probabilities, with that of no category.
        exact : (n,) exact lengths, 0 where one is not known.
        """
        edges = _edges(words), _edges(characters)
        own = _placed(words, edges[0])
        design = np.hstack([own, _placed(characters, edges[1])[:, 1:]])
        means = np.linalg.lstsq(design, scores, rcond=None)[0]
        left, rows = scores - design @ means, own.sum(axis=0)
        return cls(
            words=edges[0],
            characters=edges[1],
            rows=rows.astype(np.int64),
            means=means,
            variances=own.T @ left**2 / rows[:, None],
            thirds=own.T @ left**3 / rows[:, None],
            narrow=_between(left, exact),
        )

    def chance(self, words: Column, characters: Column, rows: float) -> Chance:
        """What training has at some lengths, and how chance makes a part's means differ from it.

        Parameters
        ----------
        words, characters : of a part, counted.
        rows : independent ones among the part's; fewer than there are where texts are copies.
        """
        shares = _shares(words, self.words)
        design = np.concatenate([shares, _shares(characters, self.characters)[1:]])
        # The error of the part itself, of the reference in each bin, and of narrow lengths.
        own, other = shares / rows, shares**2 / self.rows
        usual = float(((self.rows / self.rows.sum()) ** 2).sum())
        narrower = max(0.0, float((shares**2).sum()) - usual) / max(1 - usual, LEAST_DEVIATION)
        variances = (own + other) @ self.variances + narrower * self.narrow
        errors = np.maximum(np.sqrt(variances), LEAST_DEVIATION)
        thirds = (shares / rows**2 - shares**3 / self.rows**2) @ self.thirds
        return Chance(design @ self.means, errors, thirds / errors**3)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Every array by its name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> Self:
        """Take back what :meth:`to_arrays` gave.

        Raises
        ------
        KeyError
            Some are missing.
        """
        return cls(**{each.name: arrays[each.name] for each in fields(cls)})


def upper_quantiles(levels: np.ndarray, skews: np.ndarray) -> np.ndarray:
    """What a gamma distribution of mean 0, variance 1 and some skewness exceeds with a probability.

    >>> upper_quantiles(np.array([0.025, 0.025]), np.array([0.0, 1.0])).round(2).tolist()
    [1.96, 2.38]
    """
    from scipy.special import gammainccinv, gammaincinv

    skews = np.where(np.abs(skews) < _LEAST_SKEW, _LEAST_SKEW, skews)
    shapes = 4 / skews**2
    places = np.where(skews > 0, gammainccinv(shapes, levels), gammaincinv(shapes, levels))
    found: np.ndarray = (places - shapes) / np.sqrt(shapes) * np.sign(skews)
    return found


def _edges(values: np.ndarray) -> np.ndarray:
    """Values that part rows into the finest bins of which none is small."""
    edges, held, left = [], 0, len(values)
    for value, count in zip(*np.unique(values, return_counts=True), strict=True):
        held, left = held + int(count), left - int(count)
        if min(held, left) >= LEAST_IN_BIN:
            edges.append(float(value))
            held = 0
    return np.array(edges)


def _placed(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """(n, bins) 1 where a row lies in a bin."""
    return np.eye(len(edges) + 1)[np.searchsorted(edges, values)]


def _shares(column: Column, edges: np.ndarray) -> np.ndarray:
    """Shares of a column's rows in each bin."""
    places = np.searchsorted(edges, column.values)
    found: np.ndarray = np.bincount(places, column.counts, len(edges) + 1) / column.rows
    return found


def _between(left: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Variance (k + 1,) of what is left, between groups of nearly one exact length.

    As a share of the variance it is taken to be that of all probabilities together: of each alone
    it is hardly known.
    """
    known = left[exact > 0][np.argsort(exact[exact > 0], kind="stable")]
    whole = left.var(axis=0)
    if len(known) < 2 * LEAST_IN_BIN:
        return np.zeros(len(whole))
    groups = np.array_split(known, len(known) // LEAST_IN_BIN)
    # Of each group the squared mean, less what chance puts into it.
    between = np.mean(
        [each.mean(axis=0) ** 2 - each.var(axis=0, ddof=1) / len(each) for each in groups], axis=0
    )
    share = float((between / np.maximum(whole, LEAST_DEVIATION)).mean())
    found: np.ndarray = SURE * max(share, 0.0) * whole
    return found

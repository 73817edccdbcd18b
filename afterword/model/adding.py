"""Adding up rows of a classifier's tables, in an order that does not depend on the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.arrays import Floats, Integers

if TYPE_CHECKING:
    import scipy.sparse as sp


def word_vectors(presence: sp.csr_matrix, powers: Floats) -> sp.csr_matrix:
    """TF-IDF (n, w) of words, each description of length 1, or 0 if it holds no known word.

    Parameters
    ----------
    presence : (n, w) 1 where a description holds a word.
    powers : (w,) squares of the words' inverse document frequencies.
    """
    import scipy.sparse as sp

    lengths = length_of(presence @ powers)
    weights = np.repeat(1 / lengths, np.diff(presence.indptr)) * np.sqrt(powers)[presence.indices]
    return sp.csr_matrix((weights, presence.indices, presence.indptr), presence.shape)


def distinct(rows: Integers, places: Integers, terms: int) -> tuple[Integers, Integers]:
    """Keep each term once a description; sorted by description, then by place."""
    bits = terms.bit_length()
    keys = np.sort((rows << bits) | places)
    keys = keys[np.diff(keys, prepend=-1) != 0]
    return keys >> bits, keys & ((1 << bits) - 1)


def sums_of(rows: Integers, values: Floats, n: int) -> Floats:
    """Add up the values of each of n rows, strictly in their order: bitwise reproducible."""
    columns = [np.bincount(rows, values[:, j], minlength=n) for j in range(values.shape[1])]
    return np.stack(columns, axis=1)


def length_of(power: Floats) -> Floats:
    """Return the Euclidean length from its square; 1 where there is nothing to divide."""
    return np.sqrt(np.where(power > 0, power, 1.0))

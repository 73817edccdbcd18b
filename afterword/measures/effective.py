"""How many rows a batch is worth: rows that were sent twice tell no more than one.

If rows were sent again at random, a mean over n rows, of which P pairs hold one text, varies as
that over n² / (n + 2·P) rows that were sent once [1]_. Pairs that the training set lets expect are
left out: the tables of chance and the errors of training know of them.

References
----------
.. [1] Kish, L. (1965). Survey sampling. Wiley: the effective size of a sample with weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.measures.definitions import (
    DEPLOYED,
    EQUAL_LENGTHS,
    KNOWN_WORDS,
    NEW_WORDS,
    REJECTED,
    REPEATS,
    SENT_TWICE,
    Definition,
)

if TYPE_CHECKING:
    from afterword.measures.profiles import Profile
    from afterword.measures.totals import Totals

_OF_ROWS: Final = frozenset({REPEATS, SENT_TWICE, REJECTED, DEPLOYED})
"""Measures of how often rows come: each row counts, whatever it repeats."""
OF_TEXTS: Final = frozenset({EQUAL_LENGTHS, KNOWN_WORDS, NEW_WORDS})
"""Measures that count each different text once."""
LEAST: Final = 10
"""Rows below which no batch is taken for smaller: the tables of chance begin at 30."""


def effective_rows(profile: Profile, reference: Totals) -> float:
    """Rows that were sent once to which the rows of a profile amount, as far as that is known.

    Parameters
    ----------
    profile : of the batch, n rows.
    reference : sums over the training set; ``tables.totals``.

    Returns
    -------
    From 1 to n; n where pairs of equal texts were not counted. Never below n times the squared
    share of different texts: one text again and again moves a mean by no more than its own share,
    and is told by a measure of its own, so that it must not hide whatever else moved.
    """
    texts, n = profile.texts, profile.accepted
    if texts is None or texts.pairs is None or not n:
        return float(n)
    excess = max(0.0, texts.pairs - float(reference.expected_pairs(np.array([n]))[0]))
    return max(1.0, n * n / (n + 2 * excess), texts.distinct**2 / n)


def sizes_of(measures: Sequence[Definition], profile: Profile, reference: Totals) -> np.ndarray:
    """Rows (m,) that were sent once to which the rows of a batch amount for each measure.

    Parameters
    ----------
    measures : the m definitions.
    profile : of the batch.
    reference : sums over the training set.
    """
    rows, texts = profile.accepted, profile.texts
    size = round(effective_rows(profile, reference))
    different = size if texts is None else max(size, texts.distinct)
    sizes = [
        rows if each.name in _OF_ROWS else different if each.name in OF_TEXTS else size
        for each in measures
    ]
    return np.maximum(sizes, min(rows, LEAST))

"""Whether columns that could hold true labels hold the model's own answers.

People disagree with a model, with the shipped one in one decision of six. Columns that never do
were not filled by people: they are what the model said, and measuring it by them would call it
perfect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from afterword.arrays import Floats

if TYPE_CHECKING:
    from afterword.model.classifier import Classifier

LEAST_ROWS: Final = 20
"""Rows with labels that differ, below which nothing is made of agreement."""
MOST_DIFFERENT: Final = 0.005
"""Share of decisions that may differ in the model's own answers, which somebody may have edited."""
CHANCE: Final = 0.001
"""Largest chance that true labels agree so well."""


def are_own_answers(labels: Floats, probabilities: Floats, model: Classifier) -> bool:
    """Tell whether labels repeat the decisions that the model makes in one of its modes.

    How often true labels would do so is told by the probabilities: in rows that are easy, or where
    a category is rare, chance agrees more often, and more rows are needed. Rows that are alike in
    both count once: copies of a text agree together.

    Parameters
    ----------
    labels : (n, k) of 1, 0 and NaN.
    probabilities : (n, k) of the same rows.
    model : that gave them.

    >>> from afterword.model.registry import load_model
    >>> model, found = load_model(), np.random.default_rng(0).random((40, 3))
    >>> are_own_answers(model.mode("balanced").decide(found).astype(float), found, model)
    True
    """
    k = labels.shape[1]
    both = np.column_stack([np.nan_to_num(labels, nan=-1), probabilities])
    labels, probabilities = np.hsplit(np.unique(both, axis=0), [k])
    known = labels >= 0
    # Where no label is 1, those may be the ones that could not be read: what is left tells nothing.
    if known.any(axis=1).sum() < LEAST_ROWS or not (labels == 1).any():
        return False
    for mode in model.modes:
        decided = mode.decide(probabilities)
        different = int(((labels == 1) != decided)[known].sum())
        if different > MOST_DIFFERENT * known.sum():
            continue
        wrong = np.where(decided, 1 - probabilities, probabilities)[known].sum()
        if scipy.special.pdtr(different, wrong) < CHANCE / len(model.modes):
            return True
    return False

"""What the training labels say of the out-of-fold probabilities: counts, and no line per text.

Quality without labels is worked out from calibrated probabilities, and quality with labels is
compared with that of training. Either needs to know how labels and probabilities went together
in training: how many rows had each probability, and in how many of them the category was there;
how far the calibration itself may be off; how the categories' errors go together; and how the
content moves where a category becomes more frequent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from afterword.model.reference import DECIMALS

CENTS: Final = 10**DECIMALS + 1
"""Probabilities in whole per cent: 0 … 100."""


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Labels against out-of-fold probabilities, at the balanced thresholds.

    Attributes
    ----------
    counts : (k, 101, 2) rows at each per cent of probability, and those with the category.
    curves : (b, k, 101) what the share of the category is at each per cent, as calibrated on
        bootstrap samples of the training rows.
    residuals : (k, k) correlations of the categories' errors y − p.
    exact : share of rows with every category decided rightly.
    errors : (1 + k,) standard errors of label accuracy and of each category's F1, by
        linearisation over groups of repeats, which tell less than as many others.
    content : (k, d) by how much the mean content moves if a category's share grows by 1.
    """

    counts: np.ndarray
    curves: np.ndarray
    residuals: np.ndarray
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
        found = {each.name: np.asarray(getattr(self, each.name)) for each in fields(self)}
        return found | {"curves": self.curves.astype(np.float16)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Outcomes:
        """Make what :meth:`to_arrays` gave.

        Raises
        ------
        KeyError
            Something is missing.
        """
        found: dict[str, Any] = {
            each.name: np.asarray(arrays[each.name], float) for each in fields(cls)
        }
        return cls(**found | {"exact": float(found["exact"])})

"""A uniform sample of scored rows that can be joined: the rows with the smallest random numbers.

Each row gets a random number, and the sample is the k rows with the smallest ones: of two groups
together it is that of both their samples (Cohen and Kaplan, "Summarizing data using bottom-k
sketches", PODC 2007).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class DrawnRows:
    """A uniform sample, without replacement.

    Attributes
    ----------
    most : rows that it has at most, k.
    numbers : (s,) uint64, the rows' random numbers, ascending.
    frame : (s, …) scored rows.
    """

    most: int
    numbers: np.ndarray
    frame: pd.DataFrame

    @classmethod
    def of(cls, frame: pd.DataFrame, most: int) -> DrawnRows:
        """Draw from scored rows (n, …)."""
        random = np.random.default_rng(secrets.randbits(128))
        numbers = random.integers(0, 2**64, len(frame), np.uint64)
        return cls._smallest(most, numbers, frame)

    @classmethod
    def _smallest(cls, most: int, numbers: np.ndarray, frame: pd.DataFrame) -> DrawnRows:
        order = np.argsort(numbers, kind="stable")[:most]
        return cls(most, numbers[order], frame.iloc[order].reset_index(drop=True))

    def below(self, number: int) -> DrawnRows:
        """Those with a smaller random number."""
        there = int(np.searchsorted(self.numbers, np.uint64(number)))
        return DrawnRows(self.most, self.numbers[:there], self.frame.iloc[:there])

    @classmethod
    def total(cls, groups: Sequence[DrawnRows]) -> DrawnRows:
        """The sample of all groups."""
        import pandas as pd

        return cls._smallest(
            min(each.most for each in groups),
            np.concatenate([each.numbers for each in groups]),
            pd.concat([each.frame for each in groups], ignore_index=True),
        )

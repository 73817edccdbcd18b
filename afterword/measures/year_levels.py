"""The levels that hold a promise for a year, as they are kept beside the tables of a reference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from afterword.arrays import Floats

RATES: Final = np.array([0.01, 0.02, 0.03, 0.05, 0.1, 0.2])
"""Chances of any false alarm in a year for which levels are kept."""
PERIODS: Final = 52
"""Periods of a year, whatever their length."""
THIS, LASTING, WINDOWS = range(3)
"""This period alone, a weighted mean that forgets, and pooled windows."""


@dataclass(frozen=True, eq=False)
class YearLevels:
    """Levels of the smallest weighted p-value, as :mod:`afterword.training.year_splits` makes them.

    Attributes
    ----------
    sizes : (s,) rows of a period, ascending.
    levels : (2, 3, s, r) with all floors as they are, and without them; of the three speeds, at
        :data:`RATES`.
    years : that were simulated for each size.
    """

    sizes: np.ndarray
    levels: np.ndarray
    years: int

    def at(self, rows: float, rate: float, *, lowered: bool = False) -> Floats:
        """Levels (3,) for periods of about so many rows, from those of the sizes beside it.

        Parameters
        ----------
        rows : of a period.
        rate : chance of any false alarm in 52 periods.
        lowered : whether some floor is lower than the one that belongs to its measure.
        """
        sizes, rates = np.log(self.sizes), np.log(RATES)
        held = min(max(rate, float(RATES[0])), float(RATES[-1]))
        logs = np.log(self.levels[int(lowered)])
        by_rate = [[np.interp(math.log(held), rates, size) for size in speed] for speed in logs]
        found = [np.interp(math.log(max(rows, 1.0)), sizes, speed) for speed in by_rate]
        # Below the smallest rate that was simulated the levels shrink with it.
        strict: Floats = np.exp(found) * min(1.0, rate / held)
        return strict

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays."""
        return {"sizes": self.sizes, "levels": self.levels, "years": np.array(self.years)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> YearLevels:
        """Make what :meth:`to_arrays` gave.

        Raises
        ------
        KeyError
            Something is missing.
        ValueError
            They are no such levels.
        """
        sizes, levels = arrays["sizes"], arrays["levels"]
        if levels.shape != (2, 3, len(sizes), len(RATES)) or not (levels > 0).all():
            raise ValueError("levels of another kind")
        return cls(sizes, levels, int(arrays["years"]))

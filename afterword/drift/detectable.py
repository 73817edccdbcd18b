"""The smallest growth of a category that a batch of some size would have shown."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from afterword.measures.null_tables import NullTables
from afterword.model.reference import probability_column


@dataclass(frozen=True)
class Detectable:
    """The smallest growth of a category that a batch of this size shows in four cases of five.

    Attributes
    ----------
    category : its name.
    share : of the training descriptions.
    growth : relative; 0.6 means "must grow by 60 %". None if even all descriptions would not do.
    """

    category: str
    share: float
    growth: float | None


POWER_DEVIATE: Final = 0.84
"""Standard normal quantile of the power, 80 %, with which a change must be seen."""


def detectable(tables: NullTables, thresholds: np.ndarray, rows: float) -> tuple[Detectable, ...]:
    """What this number of rows, each sent once, could have shown of each category.

    A category that grows by g · π moves its mean probability by g times its lift: less than the
    model would if it separated descriptions with and without it wholly. It is seen with a power of
    80 % from threshold + 0.84 standard errors on, and no growth below the floor is.
    """
    error = math.sqrt(1 / rows + 1 / tables.rows)
    by_name = dict(zip((each.name for each in tables.definitions), thresholds, strict=True))
    found = []
    for place, category in enumerate(tables.categories):
        share = float(tables.totals.scores[0, place] / tables.rows)
        needed = by_name[probability_column(category)] + POWER_DEVIATE * error
        growth = float(needed / tables.lifts[place])
        possible = share * (1 + growth) <= 1  # not where the model does not see it: NaN
        found.append(Detectable(category, share, growth if possible else None))
    return tuple(found)

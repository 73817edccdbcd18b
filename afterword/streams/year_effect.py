"""By how much periods differ without harm: a default, and what a stream's calm periods say.

Weeks differ a little more than their rows do by chance: holidays, campaigns, who was on duty. Half
the squared difference of two successive periods has, beyond chance, the mean τ², whatever lies
before and after them (Laney 2002, as for the control charts). What shifts both does not count, and
a period that is no calm one counts with neither of its neighbours.

References
----------
Laney, D. B. (2002). Improved control charts for attributes. Quality Engineering 14, 531–537.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from afterword.arrays import Floats
from afterword.measures.year_speeds import Periods

DEFAULT: Final = 0.02
"""τ in standard deviations of a row, before a stream has told its own; it is never taken for less,
because few calm periods say nothing of small effects."""
TRUSTED: Final = 12.0
"""Pairs of calm periods that weigh as much as the default."""
LENT: Final = 30.0
"""Pairs of calm periods with which one measure weighs as much as all of them together."""
CALM: Final = 16.0
"""Squared difference of two periods, in its own units, beyond which one of them is not calm."""


def between_periods(periods: Periods, calm: np.ndarray) -> Floats:
    """Work τ² out for every period from those before it.

    Parameters
    ----------
    periods : T of them.
    calm : (T,) which of them have not raised an alarm.

    Returns
    -------
    τ² (T, v + 1) of each slow measure, the last of which is the content's directions.
    """
    told = np.nan_to_num(periods.means)
    places = np.flatnonzero(calm & (periods.worth > 0))
    found = np.full((len(periods.worth), told.shape[1] + 1), DEFAULT**2)
    if len(places) < 2:
        return found
    left, right = places[:-1], places[1:]
    content = np.nan_to_num(periods.content)
    half = (1 / periods.worth[left] + 1 / periods.worth[right])[:, None] / 2
    squares = np.column_stack(
        [
            (told[right] - told[left]) ** 2 / 2,
            ((content[right] - content[left]) ** 2).mean(axis=1) / 2,
        ]
    )
    # What is not known does not differ at all, and says nothing.
    use = ((squares > 0) & (squares / half <= CALM)).astype(float) / (1 + DEFAULT**2 / half) ** 2
    excess = use * (squares - half)
    own, weight = np.cumsum(excess, axis=0), np.cumsum(use, axis=0)
    pooled = (TRUSTED * DEFAULT**2 + _mean(own, weight)) / (TRUSTED + _mean(weight, weight))
    each = (LENT * pooled[:, None] + own) / (LENT + weight)
    # A pair is known once its second period is, and serves the periods after that.
    known = np.searchsorted(right, np.arange(len(found)), side="left") - 1
    found[known >= 0] = np.maximum(each[known[known >= 0]], DEFAULT**2)
    return found


def _mean(values: Floats, weight: Floats) -> Floats:
    """Mean (p,) of values (p, v) over the measures that have any weight."""
    found: Floats = (values * (weight > 0)).sum(axis=1) / np.maximum((weight > 0).sum(axis=1), 1)
    return found

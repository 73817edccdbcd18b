"""Two kept checks side by side, measure by measure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from afterword.measures.definitions import Measure
from afterword.monitoring.history import measure_of

if TYPE_CHECKING:
    import pandas as pd

    from afterword.store.checks import KeptCheck

LEAST_FLOOR: Final = 1e-3
"""A floor that an operator set to nothing still has to divide."""


def differences(first: KeptCheck, second: KeptCheck) -> pd.DataFrame:
    """Compare two checks, measure by measure.

    Parameters
    ----------
    first, second : in any order, of any models.

    Returns
    -------
    DataFrame, what changed most first: measure, label, group, first, second (what was typical, as
    people read it; "–" where it is not known), first_moved, second_moved, change (how far apart
    the two are, in units of the smallest distance that matters; NaN where it is not known).
    """
    import pandas as pd

    sides = [{one["measure"]: one for one in kept.content["measures"]} for kept in (first, second)]
    lines = []
    for name in dict.fromkeys([*sides[1], *sides[0]]):
        own, other = (measure_of(side.get(name)) for side in sides)
        known = other or own
        if known is None:
            continue
        gap = _signed(other) - _signed(own)
        lines.append(
            {
                "measure": name,
                "label": known.label,
                "group": known.group,
                "first": _typical(own),
                "second": _typical(other),
                "first_moved": bool(own and own.drifted),
                "second_moved": bool(other and other.drifted),
                "change": abs(gap) / max(known.floor, LEAST_FLOOR),
            }
        )
    names = ["measure", "label", "group", "first", "second", "first_moved", "second_moved"]
    table = pd.DataFrame(lines, columns=[*names, "change"])
    return table.sort_values("change", ascending=False, kind="stable", ignore_index=True)


def _typical(measure: Measure | None) -> str:
    if measure is None:
        return "–"
    typical = measure.typical(measure.batch)
    return f"{typical}, {measure.detail}" if measure.detail else typical


def _signed(measure: Measure | None) -> float:
    """Distance from training, negative where the measure is lower there."""
    if measure is None:
        return math.nan
    return -measure.distance if measure.direction == "lower" else measure.distance

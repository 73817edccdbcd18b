"""The zones of times: what a column of them is in UTC, and on its own clock.

>>> zone_of_name("Created At [Europe/Berlin]"), zone_of_name("timestamp_utc"), zone_of_name("time")
('Europe/Berlin', '+00:00', '')
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]

from afterword.files import reading_wording
from afterword.files.time_cells import DAY, NO_OFFSET, read_zone, regions

FIRST: Final = -62_135_596_800_000_000
LAST: Final = 253_402_300_799_999_999
"""The years 1 to 9999 as microseconds since 1970: what Python's own times can hold."""

_BRACKETS: Final = re.compile(r"[\[(]([^\])(\[]{1,60})[\])]\s*$")
_BEHIND: Final = re.compile(
    r"(?:(?<=[\W_])|(?<=[a-z])(?=[A-Z]))((?:utc|gmt)(?:[ ]?[-+−][0-9]{1,2}(?::?[0-9]{2})?)?)\s*$",
    re.IGNORECASE,
)
"""Short names of zones that stand in a column's name without brackets; others are words too."""
LONGEST: Final = 200
"""Characters of a column's name up to which a zone is looked for."""


def known_zone(name: str) -> str | None:
    """Return the zone that a name means, as this room writes it; None if there is none such.

    >>> known_zone("europe/berlin"), known_zone("+02:00"), known_zone("Europe/Nowhere")
    ('Europe/Berlin', '+02:00', None)
    """
    if name[:1] in ("+", "-"):
        return read_zone(name)
    return regions().get(name.casefold())


def zone_of_name(column: str) -> str:
    """Return the zone that a column's name tells, as of :func:`read_zone`; "" for none.

    >>> zone_of_name("Date (GMT+2)"), zone_of_name("Zeit (MEZ)"), zone_of_name("Time (local)")
    ('+02:00', '+01:00', '')
    """
    found = len(column) <= LONGEST and (_BRACKETS.search(column) or _BEHIND.search(column))
    return (read_zone(f" {found[1].strip()}") or "") if found else ""


def in_utc(
    local: Integers, zones: npt.NDArray[Any], given: str | None, absolute: bool
) -> tuple[Integers, Integers]:
    """Return times in UTC and on the clock of their zone, both as microseconds.

    Parameters
    ----------
    local : microseconds on the clock that is written.
    zones : zone that is written beside each.
    given : zone of those without one.
    absolute : whether those without one are in UTC, as Unix seconds are, whatever is given.
    """
    import numpy as np

    utc, local = local.copy(), local.copy()
    for zone in set(zones):
        rows = np.flatnonzero(zones == zone)
        if zone[:1] in ("+", "-"):
            minutes = int(zone[1:3]) * 60 + int(zone[4:])
            utc[rows] -= (-minutes if zone[0] == "-" else minutes) * 60_000_000
            continue
        region = zone if zone and not zone.startswith(NO_OFFSET) else given
        rows = rows[(local[rows] > FIRST + 3 * DAY) & (local[rows] < LAST - 3 * DAY)]
        if region and absolute and not zone:
            local[rows] = _moved(local[rows], region, into=True)
        elif region:
            utc[rows] = _moved(local[rows], region, into=False)
            local[rows] = _moved(utc[rows], region, into=True)  # an hour that was skipped
    return utc, local


def _moved(times: Integers, region: str, *, into: bool) -> Integers:
    """Return times of UTC on a region's clock, or times of that clock in UTC."""
    import numpy as np
    import pandas as pd

    region = f"UTC{region}" if region[0] in "+-" else region
    index = pd.DatetimeIndex(times.astype("datetime64[us]"))
    if into:
        moved = index.tz_localize("UTC").tz_convert(region).tz_localize(None)
    else:
        moved = index.tz_localize(
            region, ambiguous=np.ones(len(index), dtype=bool), nonexistent="shift_forward"
        ).tz_convert("UTC").tz_localize(None)  # fmt: skip
    return moved.as_unit("us").to_numpy().astype(np.int64)


def zone_in_words(zones: npt.NDArray[Any], given: str | None, absolute: bool) -> str:
    """Return what a person reads of the zones of times: one zone, two offsets of one, or "mixed".

    Parameters
    ----------
    zones, given, absolute : as of :func:`in_utc`.
    """
    without = given or ("UTC" if absolute else reading_wording.NO_ZONE)
    found = sorted(
        {given if given and zone.startswith(NO_OFFSET) else zone or without for zone in set(zones)}
    )
    if len(found) < 2:
        (zone,) = found or [without]
        if zone.startswith(NO_OFFSET):
            return reading_wording.zone_of_several(zone.removeprefix(NO_OFFSET))
        return "UTC" if zone == "+00:00" else zone
    if len(found) == 2 and all(zone[0] in "+-" for zone in found):
        minutes = [int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[4:])) for zone in found]
        if abs(minutes[0] - minutes[1]) == 60:
            return "/".join(zone for _, zone in sorted(zip(minutes, found, strict=True)))
    return reading_wording.SEVERAL_ZONES

"""When the rows of a table were received, and what of that is doubtful."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

from afterword.errors import BatchError
from afterword.files import reading_wording
from afterword.files.column_names import shown_name
from afterword.files.options import ReadOptions
from afterword.files.time_cells import MONTH, NO_OFFSET
from afterword.files.time_order import DAY_FIRST, MONTH_FIRST
from afterword.files.time_zones import zone_of_name
from afterword.files.times import Times, understand
from afterword.records import Choice


def read_times(
    frame: pd.DataFrame, column: str, options: ReadOptions
) -> tuple[Times, tuple[Choice, ...]]:
    """Understand a table's column of times, and tell how.

    Parameters
    ----------
    frame : the table.
    column : of times.
    options : give the order of day and month, and the zone, where the caller knows them.

    Raises
    ------
    BatchError
        The caller's order or zone is not known, or the column that the caller named holds no time.
    """
    named = zone_of_name(column)
    told = "" if named.startswith(NO_OFFSET) else named
    try:
        zone = options.zone if options.zone is not None else told or None
        times = understand(frame[column], order=options.date_order, zone=zone)
    except ValueError as error:
        raise BatchError(str(error)) from None
    if options.time and times.misread and not times.values.notna().any():
        raise BatchError(reading_wording.NO_TIMES_IN_IT)
    if named and not told and times.zone == reading_wording.NO_ZONE:
        several = reading_wording.zone_of_several(named.removeprefix(NO_OFFSET))
        times = replace(times, zone=several)
    shown = shown_name(map(str, frame.columns), column)
    months = times.form == reading_wording.TIME_FORMS[MONTH]
    choices = [
        Choice("time form", times.form, reading_wording.months_only(shown) if months else ""),
        _zone(shown, times.zone, told if options.zone is None else ""),
        *_order(shown, times),
    ]
    days = times.days.dropna()
    if len(days):
        choices.append(Choice("period", [f"{day:%Y-%m-%d}" for day in (days.min(), days.max())]))
    if times.misread:
        said = reading_wording.misread_times(shown, times.misread)
        choices.append(Choice("misread times", times.misread, said, True))
    if times.outliers:
        said = reading_wording.times_aside(shown, times.outliers)
        choices.append(Choice("times set aside", times.outliers, said))
    return times, tuple(choices)


def _zone(shown: str, zone: str, told: str) -> Choice:
    """Say in which zone times were read; told is that of the column's name."""
    name, shared, _ = zone.partition(",")
    if shared:
        return Choice("zone", zone, reading_wording.zone_taken(shown, name), True)
    by_name = told and zone == ("UTC" if told == "+00:00" else told)
    return Choice("zone", zone, reading_wording.zone_of_name(shown, zone) if by_name else "")


def _order(shown: str, times: Times) -> Iterator[Choice]:
    """Say which of two numbers is the day, where there is such an order."""
    if not times.order:
        if times.order_doubtful:
            said = reading_wording.order_open(shown, times.form)
            yield Choice("date order", times.form, said, True)
        return
    said = ""
    if times.order_doubtful:
        said = reading_wording.order_taken(shown, times.order)
        if times.exchanged is not None:
            said = reading_wording.dates_exchanged(shown, times.exchanged)
    orders = (DAY_FIRST, MONTH_FIRST)
    yield Choice("date order", times.order, said, times.order_doubtful, orders)

"""When the rows of a table were received, and what of that is doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

from afterword.errors import BatchError
from afterword.files import reading_wording
from afterword.files.column_names import shown_name
from afterword.files.options import ReadOptions
from afterword.files.times import DAY_FIRST, MONTH_FIRST, Times, understand
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
        The caller's order or zone is not known.
    """
    try:
        times = understand(frame[column], order=options.date_order, zone=options.zone)
    except ValueError as error:
        raise BatchError(str(error)) from None
    shown = shown_name(map(str, frame.columns), column)
    name, shared, _ = times.zone.partition(",")
    unsure = reading_wording.zone_taken(shown, name) if shared else ""
    choices = [
        Choice("time form", times.form),
        Choice("zone", times.zone, unsure, doubtful=bool(shared)),
    ]
    if times.order:
        said = reading_wording.order_taken(shown, times.order) if times.order_doubtful else ""
        orders = (DAY_FIRST, MONTH_FIRST)
        choices.append(Choice("date order", times.order, said, times.order_doubtful, orders))
    elif times.order_doubtful:
        said = reading_wording.order_open(shown, times.form)
        choices.append(Choice("date order", times.form, said, True))
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

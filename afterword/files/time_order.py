"""Which of two numbers is the day and which the month, told by the whole column.

>>> import numpy as np
>>> parts = np.array([[5, 6, 2024], [5, 13, 2024]])
>>> tell_order(parts, np.array([False, False]), None)[:2]
('month-first', False)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]
    Days = npt.NDArray[np.datetime64]

from afterword.files.time_cells import ISO, NUMERIC, SHORT, VALUE, full_year

DAY_FIRST: Final = "day-first"
MONTH_FIRST: Final = "month-first"
YEAR_FIRST: Final = "year-first"
"""An order that only years of two digits have: no :attr:`Times.order`, but a form of its own."""

FEWEST: Final = 3
"""Days in texts of ISO 8601 that are all of a month's first twelve before that says anything."""


def days_of(year: Integers, month: Integers, day: Integers) -> Days:
    """Return the days of a calendar; NaT where it has none such."""
    import numpy as np

    there = (month >= 1) & (month <= 12) & (year >= 1) & (year <= 9999)
    start = np.where(there, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = start.astype("datetime64[D]") + (day - 1)
    fits = there & (day >= 1) & (day <= 31) & (days.astype("datetime64[M]") == start)
    return np.where(fits, days, np.datetime64("NaT"))


def tell_order(parts: Integers, dots: Flags, told: str | None) -> tuple[str | None, bool, Days]:
    """Tell day and month apart.

    Parameters
    ----------
    parts : the three numbers of each cell, as they are written.
    dots : whether they are parted by dots, as is done only where the day is written first.
    told : the order that the caller knows.

    Returns
    -------
    The order, whether it is doubtful, and the days in it.
    """
    import numpy as np

    one, two, last = parts.T
    short = last < 0
    days = _in_both(parts)
    if told or not len(parts):
        return told, False, days[told or DAY_FIRST]
    chosen, doubtful = _day_or_month(days, dots)
    if short.all():
        full = np.array([full_year(int(n)) if n < SHORT else 0 for n in one])
        of_years = days_of(full, two, last + SHORT)
        if not np.isnat(of_years).any():
            rest = [other for other in days.values() if np.isnat(other).mean() < 0.5]
            if all(2 * width(of_years) < width(other) for other in rest):
                return YEAR_FIRST, not all(np.isnat(other).any() for other in rest), of_years
            doubtful |= not dots.all() and 2 * width(days[chosen]) >= width(of_years)
    return chosen, doubtful, days[chosen]


def undo_exchange(
    kinds: npt.NDArray[Any],
    parts: Integers,
    days: Days,
    found: tuple[str | None, bool],
    told: str | None,
) -> tuple[str | None, bool, bool | None]:
    """Undo what a spreadsheet does that opens dates of another country.

    Where it takes 05/06/2024, which is 6 May, for 5 June, it makes a date of that; 05/13/2024 is
    none in its country and stays a text. So dates of a month's first twelve days beside texts that
    can be read in one order only, with a day above 12, were exchanged if the days of the column
    then lie closer together.

    Parameters
    ----------
    kinds, parts : of each cell.
    days : of each cell; those that were exchanged are changed.
    found : the order of the texts, and whether it is doubtful.
    told : the order that the caller knows: that of the texts has the dates exchanged, the other
        one leaves them.

    Returns
    -------
    The order, whether it is doubtful, and whether day and month were exchanged; None where nothing
    shows that they could have been.
    """
    import numpy as np

    texts, dates = np.isin(kinds, NUMERIC), np.isin(kinds, (VALUE, ISO))
    if found[0] == YEAR_FIRST:
        return *found, None
    few = not (kinds == VALUE).any() and len(np.unique(days[dates])) < FEWEST
    if few or not texts.any() or (parts[dates, 2] > 12).any():
        return *found, None
    both = _in_both(parts[texts])
    read = {order: ~np.isnat(each) for order, each in both.items()}
    clear = [order for order in both if read[order].all() and not read[_other(order)].any()]
    if not clear:
        return *found, None
    order = clear[0]
    days[texts] = both[order]
    back = days.copy()
    back[dates] = days_of(parts[dates, 0], parts[dates, 2], parts[dates, 1])
    exchange = width(back) <= width(days) if told is None else told == order
    days[:] = back if exchange else days
    return told or order, told is None, bool(exchange)


def _other(order: str) -> str:
    return MONTH_FIRST if order == DAY_FIRST else DAY_FIRST


def _in_both(parts: Integers) -> dict[str, Days]:
    """Return the days of three numbers in either order; NaT where the calendar has none such."""
    import numpy as np

    one, two, last = parts.T
    year = np.where(last < 0, [full_year(int(n) % SHORT) for n in last], last)
    return {DAY_FIRST: days_of(year, two, one), MONTH_FIRST: days_of(year, one, two)}


def _day_or_month(days: dict[str, Days], dots: Flags) -> tuple[str, bool]:
    """Return which is written first, and whether that is doubtful."""
    import numpy as np

    first, second = (~np.isnat(days[name]) for name in (DAY_FIRST, MONTH_FIRST))
    narrow = MONTH_FIRST if width(days[MONTH_FIRST]) < width(days[DAY_FIRST]) else DAY_FIRST
    for_day, for_month = int((first & ~second).sum()), int((second & ~first).sum())
    by_dots = 0 if (dots & second & ~first).any() else int((dots & first & second).sum())
    if by_dots and for_month and not for_day:
        # A spreadsheet's own form, perhaps, beside what it left as text.
        as_written = np.where(dots, days[DAY_FIRST], days[MONTH_FIRST])
        if width(days[MONTH_FIRST]) < width(as_written):
            return MONTH_FIRST, True
    if for_day + by_dots == for_month:
        return narrow, True
    chosen = DAY_FIRST if for_day + by_dots > for_month else MONTH_FIRST
    only_dots = chosen == DAY_FIRST and not for_day and narrow == MONTH_FIRST
    return chosen, only_dots or (for_month > 0 and for_day + by_dots > 0)


def width(days: Days) -> float:
    """Return how far apart days lie: the sum of the logarithms of the gaps between them.

    The logarithm lets a few stragglers weigh little: a week and one day of the year before are
    narrower than twelve months.
    """
    import numpy as np

    distinct = np.unique(days[~np.isnat(days)]).astype("datetime64[D]").astype(np.int64)
    return float(np.log1p(np.diff(distinct)).sum())

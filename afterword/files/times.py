"""A column of times, understood as a person means them; where that is a choice, it says so.

How one cell is read stands in :mod:`afterword.files.time_cells`. What a cell alone cannot tell is
told here by the whole column: which of two numbers is the day, what a number counts, and which
times stand for none.

>>> import pandas as pd
>>> found = understand(pd.Series(["05/06/2024", "05/07/2024", "05/08/2024"]))
>>> found.form, found.order_doubtful, str(found.days[0].date())
('month/day/year', True, '2024-05-06')
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Integers = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

from afterword.files import reading_wording
from afterword.files.plain_times import read_plain
from afterword.files.time_cells import (
    DAY,
    DOTS,
    EPOCHS,
    ISO,
    MONTH,
    NO_DAY,
    NUMERIC,
    SECOND,
    SERIAL,
    STAND_IN,
    STROKES,
    VALUE,
    Cell,
    read_cell,
)
from afterword.files.time_order import (
    DAY_FIRST,
    MONTH_FIRST,
    YEAR_FIRST,
    days_of,
    tell_order,
    undo_exchange,
)
from afterword.files.time_zones import FIRST, LAST, in_utc, known_zone, zone_in_words
from afterword.text.placeholders import EMPTY_TEXTS, NULL

FAR: Final = 20 * 366
"""Days without any time that part a few times from all others."""
FEW: Final = 20
"""One time in so many at most is set aside for being far away."""
LEAST: Final = 7
"""Times from which one alone is set aside for that in a shorter column."""
NEAR: Final = 5 * 366
"""Days to the nearest other time up to which a day that could stand for none is an honest one."""
STAND_IN_DAYS: Final = frozenset(
    {"1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1969-12-31", "1970-01-01",
     "2038-01-19", "2099-12-31"}
)  # fmt: skip
"""Days that systems write where they know none; any day before 1900 or from 2100 on is another."""

LIKELY: Final = 0.9
"""Share of the filled cells that must be understood in a column of times."""


@dataclass(frozen=True)
class Times:
    """What was understood of a column of times.

    Parameters
    ----------
    values : datetime64[us, UTC] on the column's index; NaT where a cell is missing, was not
        understood or was set aside.
    form : what they were read as, in words.
    order : "day-first" or "month-first"; None where the form has no such order.
    order_doubtful : another order was possible too, and only the narrower period chose; or the
        values contradict each other.
    exchanged : whether day and month were exchanged in cells that are dates, as texts beside them
        show that a spreadsheet had exchanged them; None where nothing shows that.
    zone : "+05:30", "UTC", "Europe/Berlin", "none" (taken as UTC), "+01:00/+02:00" (one zone in
        winter and summer) or "mixed".
    local : datetime64[us] without a zone: the same times on the clock of the zone that the file
        writes, by which days are counted.
    misread : filled cells that were not understood.
    outliers : times that were set aside, as they stand for none or are decades from all others.
    """

    values: pd.Series
    form: str
    order: str | None
    order_doubtful: bool
    exchanged: bool | None
    zone: str
    local: pd.Series
    misread: int
    outliers: int

    @property
    def days(self) -> pd.Series:
        """The day of each time on the calendar of its zone."""
        days: pd.Series = self.local.dt.floor("D")
        return days


def understand(column: pd.Series, *, order: str | None = None, zone: str | None = None) -> Times:
    """Understand a column of times.

    The commonest form is taken. Cells in another form that can be read in one way only are read
    too; all others count as misread. Day and month are told apart by a value above 12, and by dots,
    before which the day stands. Where there is neither, the order is taken in which the gaps
    between the days are smaller, the day first where they are equal, and it is doubtful. A year of
    two digits may stand first as well. Whether a day lies in the future is not looked at: the same
    file reads the same on every day.

    Parameters
    ----------
    column : strings, numbers, times, or a mixture of them.
    order : "day-first" or "month-first", where the caller knows; it is obeyed.
    zone : name of a region ("Europe/Berlin") or an offset ("+02:00"), for times that have no zone.
        An hour that the end of summer time repeats counts as the first one, one that its beginning
        skips as the next.

    Raises
    ------
    ValueError
        The order or the zone is not known.

    >>> import pandas as pd
    >>> found = understand(pd.Series(["2024-05-06T00:30+05:30", "1900-01-01", "soon"]))
    >>> str(found.values[0]), str(found.days[0].date()), found.misread
    ('2024-05-05 19:00:00+00:00', '2024-05-06', 1)
    """
    import pandas as pd

    if order not in (None, DAY_FIRST, MONTH_FIRST):
        raise ValueError(reading_wording.NO_SUCH_ORDER)
    if zone is not None:
        zone = known_zone(zone)
        if zone is None:
            raise ValueError(reading_wording.NO_SUCH_ZONE)
    if pd.api.types.is_datetime64_any_dtype(column):
        return _understand_moments(column, zone)
    return _understand_cells(column, order, zone)


def looks_like_times(column: pd.Series, distinct: int = 1) -> bool:
    """Return whether at least nine in ten filled cells of a column are times.

    Where all are of one day that stands for none, they are times of day, as databases write one
    of 1899-12-30, and tell no day.

    Parameters
    ----------
    column : as of :func:`understand`.
    distinct : least number of different times.

    >>> import pandas as pd
    >>> looks_like_times(pd.Series(["6 May 2024", "", None])), looks_like_times(pd.Series([5, 7]))
    (True, False)
    """
    found = understand(column)
    good = int(found.values.notna().sum())
    days = found.days.dropna().unique()
    return (
        good > 0
        and good >= LIKELY * (good + found.misread)
        and found.values.nunique() >= distinct
        and not (len(days) == 1 and f"{days[0]:%Y-%m-%d}" in STAND_IN_DAYS)
    )


def share_of_times(column: pd.Series) -> float:
    """Return the share of the filled cells that are times, without those that were set aside.

    >>> import pandas as pd
    >>> share_of_times(pd.Series(["6 May 2024", "soon", None]))
    0.5
    """
    found = understand(column)
    good = int(found.values.notna().sum())
    return good / (good + found.misread) if good else 0.0


def _understand_cells(column: pd.Series, order: str | None, zone: str | None) -> Times:
    import numpy as np

    places, kinds, parts, clock, zones, filled = _read_cells(column)
    leading = _leading(kinds)
    numbers = leading in (SERIAL, *EPOCHS)

    days = days_of(parts[:, 0], parts[:, 1], parts[:, 2])
    national = np.isin(kinds, NUMERIC)
    chosen, doubtful, days[national] = tell_order(parts[national], kinds[national] == DOTS, order)
    if leading not in NUMERIC and (doubtful or not national.any()):
        days[national] = np.datetime64("NaT")  # beside a form that is clear, an unclear one
        chosen, doubtful = None, False
    chosen, doubtful, exchanged = undo_exchange(kinds, parts, days, (chosen, doubtful), order)
    alone = [kind for kind in (MONTH, SERIAL, *EPOCHS) if kind != leading]
    days[np.isin(kinds, [STAND_IN, *alone])] = np.datetime64("NaT")

    known = ~np.isnat(days)
    local = np.where(known, days.astype("datetime64[us]").astype(np.int64), 0) + clock
    utc, local = in_utc(local, zones, zone, leading in EPOCHS)
    known &= (utc >= FIRST) & (utc <= LAST) & (local >= FIRST) & (local <= LAST)
    aside = known & _far(local // DAY, known)
    stand_ins = int(((kinds == STAND_IN) & (numbers | (parts[:, 0] == NO_DAY[0]))).sum())
    good = known & ~aside
    form = leading if leading not in NUMERIC else (chosen or DAY_FIRST)
    return Times(
        _series(column, places[good], utc[good]).dt.tz_localize("UTC"),
        reading_wording.TIME_FORMS[form],
        chosen if chosen != YEAR_FIRST else None,
        doubtful,
        exchanged,
        zone_in_words(zones[good], zone, leading in EPOCHS),
        _series(column, places[good], local[good]),
        filled - int(known.sum()) - stand_ins,
        int(aside.sum()) + stand_ins,
    )


def _understand_moments(column: pd.Series, zone: str | None) -> Times:
    """Understand a column that holds times already."""
    import numpy as np
    import pandas as pd

    index = pd.DatetimeIndex(column)
    own = None if index.tz is None else str(index.tz).removeprefix("UTC") or "UTC"
    written = index.tz_localize(None)
    utc_index = written if index.tz is None else index.tz_convert("UTC").tz_localize(None)
    filled = ~np.asarray(index.isna())
    seconds = utc_index.to_numpy().astype("datetime64[s]").astype(np.int64)
    known = filled & (seconds > (FIRST + DAY) // SECOND) & (seconds < LAST // SECOND)
    places = np.flatnonzero(known)
    local = written[known].as_unit("us").to_numpy().astype(np.int64)
    utc = utc_index[known].as_unit("us").to_numpy().astype(np.int64)
    if own is None:
        utc, local = in_utc(local, np.full(len(local), "", dtype=object), zone, False)
    aside = _far(local // DAY, np.ones(len(local), dtype=bool))
    return Times(
        _series(column, places[~aside], utc[~aside]).dt.tz_localize("UTC"),
        reading_wording.TIME_FORMS[VALUE],
        None,
        False,
        None,
        own or zone or reading_wording.NO_ZONE,
        _series(column, places[~aside], local[~aside]),
        int(filled.sum() - known.sum()),
        int(aside.sum()),
    )


class _Cells(NamedTuple):
    """What the m cells of a column say that are times.

    Parameters
    ----------
    places : (m,) of the cells, in order.
    kinds, parts, clock, zones : (m, …) as of :class:`afterword.files.time_cells.Cell`.
    filled : how many cells are filled, times or not.
    """

    places: Integers
    kinds: npt.NDArray[Any]
    parts: Integers
    clock: Integers
    zones: npt.NDArray[Any]
    filled: int


def _read_cells(column: pd.Series) -> _Cells:
    """Return what each cell says: the plain ones at once, the others one by one."""
    import numpy as np

    plain = read_plain(column)
    is_told = np.zeros(len(column), dtype=bool)
    is_told[plain.rows] = True
    rest = np.flatnonzero(~is_told)
    others, filled = _one_by_one(column.iloc[rest])
    told = list(others.values())
    places = np.concatenate([plain.rows, rest[np.array(list(others), dtype=np.int64)]])
    order = np.argsort(places, kind="stable")
    kinds = np.array([ISO] * len(plain.rows) + [cell.kind for cell in told], dtype=object)
    parts = np.array([cell.parts for cell in told], dtype=np.int64).reshape(-1, 3)
    clock = np.array([cell.clock for cell in told], dtype=np.int64)
    zones = np.array([cell.zone for cell in told], dtype=object)
    return _Cells(
        places[order],
        kinds[order],
        np.concatenate([plain.parts, parts])[order],
        np.concatenate([plain.clock, clock])[order],
        np.concatenate([plain.zones, zones])[order],
        len(plain.rows) + filled,
    )


def _one_by_one(column: pd.Series) -> tuple[dict[int, Cell], int]:
    """Place → what the cell says, and how many are filled. A text that repeats is read once."""
    import pandas as pd

    values = column.astype(object).to_numpy()
    known: dict[str, tuple[Cell | None, bool]] = {}
    cells: dict[int, Cell] = {}
    filled = 0
    for at, (value, missing) in enumerate(zip(values, pd.isna(values), strict=True)):
        cell, full = None, not missing
        if isinstance(value, str):
            if value not in known:
                cell = read_cell(value)
                known[value] = cell, cell is not None or not _says_nothing(value)
            cell, full = known[value]
        elif not missing:
            cell = read_cell(value)
        if cell:
            cells[at] = cell
        filled += full
    return cells, filled


def _says_nothing(text: str) -> bool:
    """Whether a text stands for an empty cell: blank, dashes, "n/a", "null"."""
    word = text.strip().strip("#-–—.?*<>()[]/\\ ").replace("/", " ")
    return not word or word.casefold() in EMPTY_TEXTS or text.strip() == NULL


def _leading(kinds: npt.NDArray[Any]) -> str:
    """Return the commonest kind; the two that are numbers with an order count as one."""
    counts: Counter[str] = Counter()
    for kind, number in Counter(kinds.tolist()).items():
        counts[STROKES if kind == DOTS else kind] += number
    counts.pop(STAND_IN, None)
    if not counts:
        return STAND_IN
    ((commonest, _),) = counts.most_common(1)
    return commonest


def _far(days: Integers, known: Flags) -> Flags:
    """Tell which days stand for none, or are decades from all others."""
    import numpy as np

    text = np.array(sorted(STAND_IN_DAYS), dtype="datetime64[D]").astype(np.int64)
    low, high = np.array(["1900-01-01", "2100-01-01"], dtype="datetime64[D]").astype(np.int64)
    mark: Flags = known & (np.isin(days, text) | (days < low) | (days >= high))
    honest = np.sort(days[known & ~mark])
    if not len(honest):
        return np.zeros(len(days), dtype=bool)
    if mark.any():
        after = np.clip(np.searchsorted(honest, days), 0, len(honest) - 1)
        before = np.maximum(after - 1, 0)
        gap = np.minimum(np.abs(honest[after] - days), np.abs(days - honest[before]))
        mark &= gap > NEAR
    starts = np.flatnonzero(np.diff(honest, prepend=honest[0] - FAR - 1) > FAR)
    if len(starts) < 2:
        return mark
    sizes = np.diff(np.append(starts, len(honest)))
    group = np.searchsorted(honest[starts], days, side="right") - 1
    few = max(len(honest) // FEW, 1 if len(honest) >= LEAST else 0)
    apart: Flags = mark | (known & (sizes <= few)[group])
    return apart


def _series(column: pd.Series, places: Integers, microseconds: Integers) -> pd.Series:
    """Return times on a column's index; NaT at all other places."""
    import numpy as np
    import pandas as pd

    times = np.full(len(column), np.datetime64("NaT"), dtype="datetime64[us]")
    times[places] = microseconds.astype("datetime64[us]")
    return pd.Series(times, index=column.index, name=column.name)

"""What a caller knows of a file, and a reader would else have to find out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, Final, Literal, get_args

from afterword.errors import BatchError
from afterword.files import reading_wording, wording

DateOrder = Literal["day-first", "month-first"]
"""Whether 05/06 is 5 June or 6 May."""

MOST_DIGITS = 9
"""Of the number of a row; no table has as many rows."""


@dataclass(frozen=True)
class ReadOptions:
    """What a caller says of a file; None and {} are left to be found.

    Attributes
    ----------
    description : name of the column of descriptions.
    time : name of the column of times; "" if no column is to be taken for that.
    sheet : name of a workbook's sheet, or its number from 1.
    header_row : number of the row that holds the columns' names, from 1, blank rows counted; 0 if
        there is none.
    date_order : of day and month.
    zone : IANA name of the zone of times that name none, such as "Europe/Berlin".
    labels : category → column of its label; the category "" stands for a column that names
        categories. Or a list, as :func:`parse_labels` reads it.
    strict : refuse a file of which something is doubtful.
    """

    description: str | None = None
    time: str | None = None
    sheet: str | int | None = None
    header_row: int | None = None
    date_order: DateOrder | None = None
    zone: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    by: str | None = None
    strict: bool = False

    def __post_init__(self) -> None:
        """Take what Python has instead of texts: numbers and tuples of a header, zones, lists.

        Raises
        ------
        BatchError
            The labels are none, or told as :func:`parse_labels` refuses them; the row of names
            is no number.
        """
        for name in ("description", "time", "zone", "sheet", "by"):
            value = getattr(self, name)
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if name == "sheet" and type(value) is int:
                continue
            if isinstance(value, list | tuple):
                value = " ".join(map(str, value))
            object.__setattr__(self, name, None if value is None else str(value))
        object.__setattr__(self, "header_row", _row_number(self.header_row))
        labels: Any = self.labels
        if isinstance(labels, str | list | tuple) or labels is None:
            labels = parse_labels([labels] if isinstance(labels, str) else list(labels or ()))
        if not isinstance(labels, Mapping):
            raise BatchError(wording.LABEL)
        object.__setattr__(self, "labels", dict(labels))


def _row_number(value: Any) -> int | None:
    """A row's number as a number; None stays what it is."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value) if len(value) <= MOST_DIGITS else None
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    elif value is None:
        return None
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 0:
        raise BatchError(reading_wording.NO_ROW_NUMBER)
    return int(value)


NO_OPTIONS: Final = ReadOptions()


def parse_options(
    *,
    column: str | None = None,
    time: str | None = None,
    sheet: str | None = None,
    header_row: str | None = None,
    date_order: str | None = None,
    zone: str | None = None,
    label: Sequence[str] = (),
    by: str | None = None,
    strict: bool = False,
) -> dict[str, Any]:
    """Read what a command line or a form says of a file.

    Parameters
    ----------
    column, time, by : names of columns.
    sheet : its name, or its number from 1.
    header_row, date_order, zone, strict : as of :class:`ReadOptions`.
    label : "NAME=COLUMN", or "COLUMN" for a column whose cells name categories.

    Returns
    -------
    Options for :func:`afterword.read_batch`.

    Raises
    ------
    BatchError
        The order is not known, the row is no number, or a label's name or column is missing or
        stands twice.

    >>> parse_options(sheet="2", label=["Ogling=was_ogled"])["labels"]
    {'Ogling': 'was_ogled'}
    """
    if date_order is not None and date_order not in get_args(DateOrder):
        raise BatchError(reading_wording.NO_SUCH_ORDER)
    return {
        "description": column,
        "time": time,
        "sheet": sheet,
        "header_row": _row_number(header_row),
        "date_order": date_order,
        "zone": zone,
        "labels": parse_labels(label),
        "by": by,
        "strict": strict,
    }


def parse_labels(values: Sequence[str]) -> dict[str, str]:
    """Read which columns hold labels.

    Parameters
    ----------
    values : "NAME=COLUMN", or "COLUMN" for a column whose cells name categories.

    Returns
    -------
    Category → column, as :attr:`ReadOptions.labels` has it.

    Raises
    ------
    BatchError
        A name or column is missing, or stands twice.

    >>> parse_labels(["Ogling=was_ogled", "label"])
    {'Ogling': 'was_ogled', '': 'label'}
    """
    found: dict[str, str] = {}
    for value in values:
        # A column's name may hold "="; a category's does not.
        name, equals, column = str(value).partition("=")
        if not equals:
            name, column = "", value
        name, column = name.strip(), column.strip()
        if not column or (equals and not name):
            raise BatchError(wording.LABEL)
        if name in found:
            raise BatchError(wording.LABEL_TWICE)
        found[name] = column
    return found

"""What a caller knows of a file, and a reader would else have to find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

DateOrder = Literal["day-first", "month-first"]
"""Whether 05/06 is 5 June or 6 May."""


@dataclass(frozen=True)
class ReadOptions:
    """What a caller says of a file; None and {} are left to be found.

    Attributes
    ----------
    description : name of the column of descriptions.
    time : name of the column of times; "" if no column is to be taken for that.
    sheet : name of a workbook's sheet, or its number from 1.
    date_order : of day and month.
    zone : IANA name of the zone of times that name none, such as "Europe/Berlin".
    labels : category → column of its label; the category "" stands for a column that names
        categories.
    strict : refuse a file of which something is doubtful.
    """

    description: str | None = None
    time: str | None = None
    sheet: str | int | None = None
    date_order: DateOrder | None = None
    zone: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False


NO_OPTIONS: Final = ReadOptions()

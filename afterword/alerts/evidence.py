"""What an alert is about: the figures that moved, beside their limits, since when, and of what.

The sentences are made where the numbers are known; here they are only kept and passed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

LONGEST_STREAM: Final = 120
LONGEST_PERIOD: Final = 80


@dataclass(frozen=True)
class Figure:
    """A number that moved.

    Attributes
    ----------
    label : what it is, in words: "Ogling", "Error share".
    unit : of every number here; "share" and "" lie between 0 and 1.
    said : all of it as people read it: "47 % (40–54) · above the limit of 33 % · training 21 %".
    value : what it is; None where nothing of this unit is typical.
    low, high : its 95 % interval; None where there is none.
    limit : that it crossed; None where the limit has no place on its scale.
    direction : "above" or "below" the limit; "" where it is neither.
    training : what it was in training; None where training has no such number.
    """

    label: str
    unit: str
    said: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    direction: str = ""
    training: float | None = None

    @property
    def line(self) -> str:
        """With its name.

        >>> Figure("Ogling", "share", "47 % (40–54) · above the limit of 33 %", 0.47).line
        'Ogling: 47 % (40–54) · above the limit of 33 %'
        """
        return f"{self.label}: {self.said}"


@dataclass(frozen=True)
class Evidence:
    """What a finding rests on; everything may be missing.

    Attributes
    ----------
    figures : that moved, the most important first.
    since : date of the data from which on it is so, UTC.
    check : number of the check that says so.
    stream, period : of which stream, and of which days, as people read them.
    stream_id : number of that stream in the store; that of the service if none is told.
    """

    figures: tuple[Figure, ...] = ()
    since: datetime | None = None
    check: int | None = None
    stream: str = ""
    period: str = ""
    stream_id: int = 1


def to_rows(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """Figures ready for JSON."""
    return [asdict(one) for one in figures]


def from_rows(rows: Iterable[Mapping[str, Any]] | None) -> tuple[Figure, ...]:
    """What :func:`to_rows` gave; alerts of earlier versions have none.

    >>> from_rows(to_rows([Figure("CPU", "share", "95 %", 0.95)]))[0].value
    0.95
    """
    return tuple(Figure(**row) for row in rows or ())

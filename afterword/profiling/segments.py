"""Profiles of the segments of a batch: the rows with one value of a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from afterword.errors import BatchError
from afterword.measures.profiles import Profile
from afterword.profiling import wording
from afterword.profiling.jobs import Result, Total
from afterword.profiling.splitting import MOST_SEGMENTS

LEAST_DIFFERENT: Final = 20
"""Different descriptions of a segment that is described: a profile of fewer would be their text."""


@dataclass(frozen=True)
class Segments(Mapping[str, Profile]):
    """Profiles by the values of a column, in order of their rows, largest first.

    Attributes
    ----------
    column : whose values they are; "" stands for empty cells.
    whole : all rows, those of small segments included.
    profiles : value → profile, of segments with at least 20 different descriptions.
    small : segments with fewer, which are counted and not described.
    small_rows : rows that were accepted in these.

    Examples
    --------
    >>> import afterword
    >>> import pandas as pd
    >>> table = pd.DataFrame({"text": [f"He stared at me, {n}." for n in range(25)] + ["Hello!"]})
    >>> table["city"] = ["Delhi"] * 25 + ["Pune"]
    >>> found = afterword.profile(table, by="city")
    >>> list(found), found.small, found.small_rows, found.whole.accepted
    (['Delhi'], 1, 1, 26)
    """

    column: str
    whole: Profile
    profiles: Mapping[str, Profile]
    small: int
    small_rows: int

    def __getitem__(self, value: str) -> Profile:
        return self.profiles[value]

    def __iter__(self) -> Iterator[str]:
        return iter(self.profiles)

    def __len__(self) -> int:
        return len(self.profiles)


class SegmentTotal(Total):
    """What the parts of a job come to, as a whole and by the values of a column."""

    def __init__(self, drawn: int, column: str) -> None:
        super().__init__(drawn)
        self._column = column
        self._by: dict[str, Total] = {}

    def state(self) -> dict[str, Any]:
        """All of it, with the values of the column, to go on from later."""
        by = {value: own.state() for value, own in self._by.items()}
        return {**super().state(), "column": self._column, "by": by}

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Self:
        """Go on from what :meth:`state` gave, as :meth:`Total.of` does."""
        total = cls(int(state["drawn"]), state["column"])
        total._go_on(state)
        total._by = {value: Total.of(own) for value, own in state["by"].items()}
        return total

    def _add(self, result: Result) -> None:
        super()._add(result)
        for value, found in result.segments.items():
            if value not in self._by and len(self._by) == MOST_SEGMENTS:
                raise BatchError(wording.too_many_segments(MOST_SEGMENTS))
            total = self._by.setdefault(value, Total(self.drawn))
            total.add(replace(result, profile=found, segments={}))

    def segments(self) -> Segments:
        """All parts together."""
        found = {value: total.profile() for value, total in self._by.items()}
        described = {
            value: one
            for value, one in sorted(found.items(), key=lambda each: (-each[1].accepted, each[0]))
            if one.texts is not None and one.texts.distinct >= LEAST_DIFFERENT
        }
        small = [one.accepted for value, one in found.items() if value not in described]
        return Segments(self._column, self.profile(), described, len(small), sum(small))

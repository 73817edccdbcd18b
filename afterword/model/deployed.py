"""Predictions that rows came with, counted beside the model's own decisions on the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_MARKS = np.array(["0", "1", "-"])


@dataclass(frozen=True)
class Deployed:
    """What the deployed system said, and what this model says.

    Attributes
    ----------
    theirs, ours : decisions → rows; decisions have a mark for each category of the model: 0, 1, or
        - where the rows do not tell of it.

    Examples
    --------
    >>> found = Deployed.of(np.array([[1, 0], [1, 0], [0, 0]]), np.array([[1, 0], [0, 1], [0, 0]]))
    >>> found.theirs, found.commonest
    ({'10': 2, '00': 1}, (0.666..., 0.333...))
    """

    theirs: Mapping[str, int]
    ours: Mapping[str, int]

    @classmethod
    def of(cls, theirs: np.ndarray, ours: np.ndarray) -> Deployed:
        """Count decisions (n, k) of 0, 1, and 2 where they are not known."""
        return cls(
            *(
                dict(Counter("".join(row) for row in _MARKS[np.asarray(each, int)].tolist()))
                for each in (theirs, ours)
            )
        )

    @classmethod
    def total(cls, groups: Sequence[Deployed]) -> Deployed:
        """The rows of all groups."""
        return cls(
            *(
                dict(sorted(sum(map(Counter, each), Counter()).items()))
                for each in zip(*((one.theirs, one.ours) for one in groups), strict=True)
            )
        )

    @property
    def commonest(self) -> tuple[float, float]:
        """The share of the rows with the commonest of their predictions, and of our decisions."""
        theirs, ours = self.theirs.values(), self.ours.values()
        return max(theirs) / sum(theirs), max(ours) / sum(ours)

    def to_list(self) -> list[dict[str, int]]:
        """Ready for JSON."""
        return [dict(self.theirs), dict(self.ours)]

    @classmethod
    def from_list(cls, content: Any, rows: int) -> Deployed:
        """Make what :meth:`to_list` gave.

        Parameters
        ----------
        content : from a file.
        rows : that there are.

        Raises
        ------
        AttributeError, TypeError, ValueError
            It is something else, or there are not so many rows.
        """
        theirs, ours = (
            {str(marks): int(count) for marks, count in each.items()} for each in content
        )
        for each in (theirs, ours):
            if not each or any(set(marks) - set(_MARKS.tolist()) for marks in each):
                raise ValueError("decisions that cannot be")
            if min(each.values()) < 1 or sum(each.values()) > rows:
                raise ValueError("counts that cannot be")
        return cls(theirs, ours)

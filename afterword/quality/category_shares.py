"""How many descriptions really report each category: estimated, or else what the model answers.

A mean probability lies between the share of training and the share that came in, and a share of
answers holds what the model misses and mistakes. So what is told first of a category, wherever it
is told, is the estimated share of :mod:`afterword.quality.expected` with its interval; where it is
withheld, the share that the model gives the category, called by that name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydantic import TypeAdapter

from afterword.quality import shares_wording as wording

if TYPE_CHECKING:
    from afterword.measures.null_tables import NullTables
    from afterword.measures.profiles import Profile
    from afterword.quality.expected import QualityEstimate


MOST_LISTED: Final = 5
"""Categories that are listed."""
_LEAST: Final = 1e-4
"""Shares below it count as it where they are compared in proportion."""


@dataclass(frozen=True)
class CategoryShare:
    """What is known of a category's share of a batch.

    Attributes
    ----------
    category : its name.
    rows : descriptions of the batch.
    value, low, high : estimated share of them that report it, with its 95 % interval; None where
        ``withheld`` says why.
    trained : share of the training rows that report it.
    given, trained_given : share of the batch and of training to which the model gives it.
    withheld : why nothing is estimated; "" if it is.
    """

    category: str
    rows: int
    value: float | None
    low: float | None
    high: float | None
    trained: float
    given: float
    trained_given: float
    withheld: str = ""

    @property
    def figure(self) -> str:
        """The share beside training's: "47 % (40–54) · training 21 %".

        >>> share = CategoryShare("Ogling", 200, 0.47, 0.4, 0.54, 0.21, 0.31, 0.2)
        >>> share.figure, share.sentence
        ('47 % (40–54) · training 21 %', 'About 47 % of these 200 descriptions report Ogling \
(40–54); 21 % in training.')
        """
        if self.value is None or self.low is None or self.high is None:
            return wording.figure(self.given, None, self.trained_given)
        return wording.figure(self.value, (self.low, self.high), self.trained)

    @property
    def sentence(self) -> str:
        """The share in words; where it is not estimated, what the model answers."""
        if self.value is None or self.low is None or self.high is None:
            return wording.given(self.category, self.given, self.rows, self.trained_given)
        interval = (self.low, self.high)
        return wording.reported(self.category, self.value, interval, self.rows, self.trained)

    @property
    def explained(self) -> str:
        """The share and what it rests on, or why it is not estimated."""
        if self.value is None:
            return wording.given_only(
                self.category, self.given, self.rows, self.trained_given, self.withheld
            )
        return wording.reported_and_given(
            self.category, self.figure, self.given, self.trained_given
        )

    @property
    def moved(self) -> float:
        """By how much the share grew or fell in proportion, as a logarithm.

        0 where the interval holds training's share, or nothing is estimated.
        """
        if self.value is None or self.low is None or self.high is None:
            return 0.0
        if self.low <= self.trained <= self.high:
            return 0.0
        return abs(math.log(max(self.value, _LEAST) / max(self.trained, _LEAST)))

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> CategoryShare:
        """Make what :func:`dataclasses.asdict` gave.

        Raises
        ------
        ValueError
            Something is missing, or is not what it should be.
        """
        return TypeAdapter(cls).validate_python(content)

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON, with the sentence that tells it."""
        return asdict(self) | {"sentence": self.sentence}


def shares_of(
    profile: Profile, tables: NullTables, estimate: QualityEstimate
) -> tuple[CategoryShare, ...]:
    """What is known of each category's share.

    Parameters
    ----------
    profile : of the batch, with at least one row.
    tables : of the model that scored it.
    estimate : of the same batch.
    """
    thresholds = tables.rules.thresholds
    given = profile.answers.sum_of(lambda probabilities: probabilities >= thresholds)
    _, before, positives = tables.outcomes.sums(np.asarray(thresholds))
    found = {one.category: one for one in estimate.shares}
    told = []
    for j, category in enumerate(tables.categories):
        one = found.get(category)
        told.append(
            CategoryShare(
                category=category,
                rows=profile.accepted,
                value=one.value if one else None,
                low=one.low if one else None,
                high=one.high if one else None,
                trained=one.trained if one else float(positives[j] / tables.outcomes.rows),
                given=float(given[j] / profile.accepted),
                trained_given=float(before[j] / tables.outcomes.rows),
                withheld="" if one else estimate.withheld,
            )
        )
    return tuple(told)


def ordered(shares: Iterable[CategoryShare]) -> list[CategoryShare]:
    """The shares, what moved most first."""
    return sorted(shares, key=lambda one: (-one.moved, -abs(one.given - one.trained_given)))


def listed(shares: Sequence[CategoryShare]) -> tuple[str, ...]:
    """What pages, messages and commands list: what the figures are, and a line a category.

    What moved most comes first; of many categories the first :data:`MOST_LISTED` are named. Nothing
    is listed of a batch that is too small.

    >>> listed([CategoryShare("Ogling", 200, None, None, None, 0.21, 0.31, 0.2, "Too few.")])[1]
    'Ogling: 31 % · training 20 %'
    """
    if not shares:
        return ()
    estimated = shares[0].value is not None
    first = ordered(shares)[:MOST_LISTED]
    lines = [wording.share_line(one.category, one.figure) for one in first]
    more = len(shares) - len(lines)
    title = wording.SHARES_ESTIMATED if estimated else wording.SHARES_GIVEN
    return (title, *lines, *([wording.more_categories(more)] if more else []))

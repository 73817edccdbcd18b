"""Which category is named: the one whose own share has moved.

Descriptions that report one category often report another, and look like it. So where one category
grows, the mean probability of others moves along. What is named goes by each category's own share,
estimated for all of them at once (:mod:`afterword.quality.tilting`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from afterword.measures.definitions import NONE, Measure
from afterword.measures.effective import effective_rows
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile
from afterword.quality.shares import critical_shift, shifts
from afterword.quality.tilting import tilt


def own_shifts(
    profile: Profile, tables: NullTables, measures: Sequence[Measure]
) -> dict[str, float]:
    """By how many standard errors each category's own share moved, if one of them drifted.

    Parameters
    ----------
    profile : of the batch.
    tables : of the model that scored it.
    measures : of the check.
    """
    if not any(one.drifted and one.category for one in measures):
        return {}
    size = effective_rows(profile, tables.totals)
    moved = shifts(tilt(profile.moments(), tables.outcomes.cells, size), tables)
    return dict(zip(tables.categories, moved.tolist(), strict=True))


def named(moved: Sequence[Measure], own: Mapping[str, float]) -> list[Measure]:
    """The measures that may be named, those of categories in the order of their own shares.

    Where the own share of a category has moved beyond chance, those whose share has not are left
    out; and that fewer rows fit no category is told after it, because it follows.

    Parameters
    ----------
    moved : what drifted, in the order in which it would be named.
    own : category → shift of its own share, in standard errors.

    Examples
    --------
    >>> named([], {"A": 3.1})
    []
    """
    line = critical_shift(max(len(own), 1))
    mix = [one for one in moved if one.category in own or one.name == NONE]
    shown = [one for one in mix if abs(own.get(one.category or "", 0.0)) > line]
    if not shown:
        return list(moved)
    first = sorted(shown, key=lambda one: -abs(own[one.category or ""]))
    grown = any(own[one.category or ""] > 0 for one in shown)
    none = [one for one in mix if one.name == NONE]
    ordered = [*first, *none] if grown else [*none, *first]
    places = iter(ordered)
    found = [next(places, None) if one in mix else one for one in moved]
    return [one for one in found if one is not None]

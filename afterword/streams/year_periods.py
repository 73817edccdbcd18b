"""Profiles of periods beside a reference, as the numbers that a promise for a year is kept with."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from afterword.arrays import Floats
from afterword.drift.comparing import Sides, add_up, compare_measures
from afterword.measures.columns import Column
from afterword.measures.definitions import REJECTED, Measure
from afterword.measures.effective import effective_rows, sizes_of
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile
from afterword.measures.year_speeds import Periods, means_of
from afterword.measures.year_tails import without_falls
from afterword.streams.year_reference import without_known


def periods_of(
    profiles: Sequence[Profile | None],
    columns: Mapping[str, Column],
    tables: NullTables,
    known: Collection[str] = (),
) -> tuple[Periods, list[list[Measure]]]:
    """Compare every period with the reference.

    Parameters
    ----------
    profiles : of T periods in order; None, or a profile without rows, where there is no data.
    columns : of the reference, counted.
    tables : of the reference.
    known : words that are not new, though the model does not know them.

    Returns
    -------
    The periods as numbers; and of each its measures, without thresholds: none where there is no
    data.
    """
    m, d = len(tables.definitions), tables.scale.content.shape[1]
    t, k = len(profiles), len(tables.categories)
    worth, sizes, gaps = np.zeros(t), np.zeros((t, m)), np.full((t, m), math.nan)
    means, content = np.full((t, k + 2), math.nan), np.full((t, d), math.nan)
    distinct, told = np.zeros(t), list[list[Measure]]()
    rejected = [each.name for each in tables.definitions].index(REJECTED)
    profiles = [each and without_known(each, frozenset(known)) for each in profiles]
    for at, profile in enumerate(profiles):
        told.append([])
        if profile is None or not profile.rows:
            continue
        sides = add_up(profile, columns, tables)
        told[-1] = _measures(sides)
        sizes[at] = sizes_of(tables.definitions, profile, tables.totals)
        sizes[at, rejected] = profile.rows
        own = np.array([[each.distance for each in told[-1]]])
        gaps[at] = without_falls(own, sides.totals, tables)[0]
        if not profile.accepted:
            continue
        worth[at] = effective_rows(profile, tables.totals)
        means[at], content[at] = (each[0] for each in means_of(sides.totals, tables))
        distinct[at] = np.nan_to_num(sides.totals.distinct[0])
    new = _new_words(profiles)
    return Periods(worth, sizes, gaps, means, content, distinct, new), told


def _measures(sides: Sides) -> list[Measure]:
    """Every measure of a period, whose thresholds depend on the periods before it."""
    nothing = np.full(len(sides.tables.definitions), math.nan)
    return compare_measures(sides, nothing, {})[0]


def _new_words(profiles: Sequence[Profile | None]) -> Floats:
    """Texts (T, u) with each new word that any of the periods names."""
    counted = [
        {} if each is None or each.texts is None else dict(each.texts.new_words)
        for each in profiles
    ]
    words = sorted({word for each in counted for word in each})
    found = np.array([[each.get(word, 0) for word in words] for each in counted], dtype=float)
    return found.reshape(len(counted), len(words))

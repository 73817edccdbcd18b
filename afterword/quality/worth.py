"""Labels of rows that were sent twice: of two equal rows, the second label tells nothing more."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from typing import Any, TypeVar

from afterword.measures.effective import effective_rows
from afterword.measures.null_tables import NullTables
from afterword.measures.profiles import Profile
from afterword.quality.estimates import Assessed

T = TypeVar("T")


def worth_of(labelled: int, profile: Profile, tables: NullTables) -> float:
    """Rows that were sent once of which one labelled row tells as much, in (0, 1].

    Parameters
    ----------
    labelled : m of the rows; if they were drawn, both of two copies have labels the more seldom.
    profile, tables : of the batch, and of its model.
    """
    rows = profile.accepted
    lost = rows / effective_rows(profile, tables.totals) - 1
    return 1 / (1 + lost * labelled / rows)


def at_worth(found: T, worth: float) -> T:
    """An assessment with the errors of rows that tell so much less.

    Parameters
    ----------
    found : an :class:`~afterword.quality.review.Assessment`, or a part of one.
    worth : of a labelled row.
    """
    changed: dict[str, Any] = {}
    for each in fields(found):  # type: ignore[arg-type]
        own = getattr(found, each.name)
        if isinstance(own, Assessed):
            changed[each.name] = replace(own, process_error=own.process_error / math.sqrt(worth))
        elif isinstance(own, tuple):
            changed[each.name] = tuple(at_worth(one, worth) for one in own)
    return replace(found, **changed)  # type: ignore[type-var]

"""What a check says of the parts of a batch, in words of a manager."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from afterword.deployment import FINDINGS, TEXT, TEXTS
from afterword.drift.segment import Segment
from afterword.files.column_names import is_known_name

OTHER_ROWS: Final = "These scored rows are not those of this batch, so they cannot be parted."
NO_COLUMNS: Final = (
    "Scored rows and profiles have no column by which they could be parted; check the file itself."
)
OTHER_COLUMN: Final = (
    "These profiles were parted by another column; check the file itself by the one that you name."
)
NO_VALUE: Final = "no value"
SHORTLY_NOT_SHOWN: Final = "not shown"
LONGEST_LABEL: Final = 20
NONE_LABEL: Final = "no category"
NOT_SHOWN: Final = "a value that is not shown"
PART_OF: Final = "one column"
"""A column whose name may be a person's, or a text."""


def number_of_parts(number: int, least: int, most: int) -> str:
    """Why files cannot be checked by a column."""
    return (
        f"A check by a column needs {least} to {most} different values; this column has {number:,}."
    )


def shown_column(name: str) -> str:
    """A column's name if a message may show it; "" otherwise."""
    return name if is_known_name(name) else ""


def label(shown: str, value: str, descriptions: int) -> str:
    """What a part is called.

    >>> label("Harbourtown", "Harbourtown", 60), label("", "", 60), label("", "Grace", 60)
    ('“Harbourtown”', 'no value', 'a value that is not shown')
    """
    if shown:
        return f"“{shown}”"
    return NO_VALUE if not value and descriptions else NOT_SHOWN


def small(parts: int) -> str:
    """What parts are called that were counted and not described.

    >>> small(3)
    '3 values with fewer than 20 different descriptions each'
    """
    values = f"{parts:,} values" if parts != 1 else "one value"
    return f"{values} with fewer than 20 different {TEXTS}{' each' * (parts > 1)}"


def place(column: str, one: Segment) -> str:
    """Where it is, with its size: "city = “Harbourtown” (60 descriptions)"."""
    return f"{column or PART_OF} = {one.label} ({one.rows:,} {TEXTS if one.rows != 1 else TEXT})"


def _phrase(one: Segment) -> str:
    more = (one.batch or 0) > (one.reference or 0)
    if one.category is None:
        return f"{'more' if more else 'fewer'} {TEXTS} fit no category"
    return f"{'more' if more else 'less'} {one.category} is reported"


def percent(value: float | None) -> str:
    """A share in whole per cent.

    >>> percent(0.874), percent(None)
    ('87 %', '–')
    """
    return "–" if value is None or math.isnan(value) else f"{100 * value:.0f} %"


def figures(one: Segment) -> str:
    """The share with its interval, and training's."""
    if one.category is None:
        return (
            f"{percent(one.batch)} by mean probability, {percent(one.reference)} of training "
            f"{TEXTS} of such lengths"
        )
    return (
        f"about {percent(one.batch)} of them ({_range(one.low, one.high)}), "
        f"{percent(one.reference)} of training {TEXTS} of such lengths"
    )


FIGURE_COLUMNS: Final = (
    "moved most",
    "here (95 %)",
    "such lengths in training",
    "within chance",
)


def measured(one: Segment) -> str:
    """The measure that moved most in a part; "" where there are too few rows."""
    return one.category or (NONE_LABEL if one.measure else "")


def with_interval(one: Segment) -> str:
    """What a part has, with its interval: "87 % (74–100)"."""
    if one.batch is None:
        return percent(None)
    return f"{percent(one.batch)} ({_range(one.low, one.high)})"


def chance(one: Segment) -> str:
    """Between which shares chance explains a part: "12–48 %"."""
    return percent(None) if one.batch is None else f"{_range(one.chance_low, one.chance_high)} %"


def _range(low: float | None, high: float | None) -> str:
    return f"{100 * (low or 0):.0f}–{100 * (high or 0):.0f}"


def headline(column: str, first: Segment, moved: int) -> str:
    """What moved in which part, where the whole is as in training."""
    others = f" So did {moved - 1} other part{'s' * (moved > 2)}." if moved > 1 else ""
    return f"In {place(column, first)} {_phrase(first)}: {figures(first)}.{others}"


def sentence(column: str, one: Segment) -> str:
    """All that was found in a part."""
    if one.batch is None:
        return f"In {place(column, one)} there are too few to tell."
    if (one.excess or 0) < 1:
        return f"In {place(column, one)} nothing moved beyond chance."
    told = f"In {place(column, one)} {_phrase(one)}: {figures(one)}."
    if one.rest_moved is None:
        return told
    if one.rest_moved:
        return f"{told} The others moved in this, too."
    if one.of_change is None:
        return f"{told} Without it the others are as in training."
    held = percent(min(one.of_change, 1.0))
    return (
        f"{told} It holds {held} of the whole's change; without it the others are as in training."
    )


def respond(first: Segment) -> tuple[str, ...]:
    """What to do where a part has moved and the whole has not."""
    return (
        f"Ask what happened where this part of the {TEXTS} came from: the others are as before."
        if not first.rest_moved
        else f"Ask what happened where these parts of the {TEXTS} came from.",
        f"Tell those who act on the {FINDINGS} of this part.",
        f"Have a sample of this part labelled before you rely on its answers; if the change stays, "
        f"train again with recent {TEXTS}.",
    )


# ---------------------------------------------------------------- figure

AXIS: Final = f"Share of the part's {TEXTS}, 95 % interval"
CHANCE: Final = "within chance of training"
TRAINING: Final = f"training, {TEXTS} of such lengths"


def short_label(one: Segment) -> str:
    """What a part is called where a phone has room for it."""
    if one.label == NOT_SHOWN:
        return SHORTLY_NOT_SHOWN
    return one.label if len(one.label) <= LONGEST_LABEL else f"{one.label[: LONGEST_LABEL - 1]}…"


def short(one: Segment) -> str:
    """A part in one line: "60 · Groping 87 %, training 31 %"."""
    return f"{one.rows:,} · {measured(one)} {percent(one.batch)}, training {percent(one.reference)}"


def alt(shown: Sequence[Segment]) -> str:
    """What the figure of parts shows."""
    return f"{AXIS}, what moved most first: " + "; ".join(
        f"{one.label}, {one.rows:,} {TEXTS}, {measured(one)} {with_interval(one)}, training "
        f"{percent(one.reference)} ({one.level})"
        for one in shown
    )

"""What streams say to people: what of a period is counted, and what is not."""

from __future__ import annotations

from typing import Final

from afterword.deployment import TEXT, TEXTS

IN_BINS: Final = (
    f"Of {TEXTS} that were recorded, values are known in a few wide bins, and not which of them "
    "stood together, so that typical values and intervals differ a little."
)
COPIES_APART: Final = (
    f"Copies of one {TEXT} are known among {TEXTS} that one server answered around the same time; "
    "those that came later, or to another server, count as different."
)


def waiting(count: int, recorded: int) -> str:
    """That something of the days is not in their sum."""
    return (
        f"{count:,} of the {recorded:,} {TEXTS} of these days are not counted in this check: they "
        "wait until 20 different ones are there, were counted with a later day, or waited when a "
        "server ended."
    )


def of_days_before(count: int) -> str:
    """That something of the days before is in the sum."""
    return f"{count:,} {TEXTS} of days before these, which had waited for others, are counted too."


def too_many(most: int) -> str:
    """How many rows a check of the store takes."""
    return f"More than {most:,} {TEXTS} were recorded in this time: check fewer days."


# ---------------------------------------------------------------- periods

PERIOD: Final = "Name a period as a day (2026-11-29), a week (2026-W47) or a month (2026-11)."
NO_DAY: Final = "Name a day as year-month-day, like 2026-11-29."
NO_STRETCH: Final = "The last day comes before the first, or more than ten years after it."

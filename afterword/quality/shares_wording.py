"""What is said of how many descriptions report a category: estimated, or else as answered."""

from __future__ import annotations

from typing import Final

from afterword.deployment import REPORT, TEXTS
from afterword.measures.definitions import describe_value
from afterword.quality.wording import descriptions

SHARES_ESTIMATED: Final = (
    f"How many {TEXTS} {REPORT} each category, estimated, with 95 % intervals:"
)
SHARES_GIVEN: Final = (
    f"To how many {TEXTS} the model gives each category; how many {REPORT} it is not estimated:"
)


def share_line(category: str, figure: str) -> str:
    """A category's share in a list."""
    return f"{category}: {figure}"


def more_categories(count: int) -> str:
    """How many categories a list leaves out."""
    return f"And {count} more categories." if count > 1 else "And one more category."


def reported(
    category: str, value: float, interval: tuple[float, float], rows: int, trained: float
) -> str:
    """How many descriptions are estimated to report a category."""
    return (
        f"About {percent(value)} of these {descriptions(rows)} {REPORT} {category} "
        f"({between(interval)}); {percent(trained)} in training."
    )


def reported_and_given(category: str, figure: str, given: float, trained: float) -> str:
    """The estimate, beside what the model answers."""
    return (
        f"{category}: about {figure}. The model itself gives it to {percent(given)} "
        f"({percent(trained)} in training); the estimate allows for what it misses and mistakes."
    )


def given(category: str, share: float, rows: int, trained: float) -> str:
    """To how many descriptions the model gives a category."""
    return (
        f"The model gives {category} to {percent(share)} of these {descriptions(rows)}; "
        f"{percent(trained)} in training."
    )


def given_only(category: str, share: float, rows: int, trained: float, why: str) -> str:
    """The same where it is not known how many really report it, and why not."""
    return (
        f"The model gives {category} to {percent(share)} of these {descriptions(rows)} "
        f"({percent(trained)} in training); how many really {REPORT} it cannot be estimated: "
        f"{why[:1].lower()}{why[1:]}"
    )


def figure(value: float, interval: tuple[float, float] | None, trained: float) -> str:
    """A share with its interval beside training's, in the form that all pages have.

    >>> figure(0.47, (0.4, 0.54), 0.21)
    '47 % (40–54) · training 21 %'
    """
    ends = f" ({between(interval)})" if interval else ""
    return f"{percent(value)}{ends} · training {percent(trained)}"


def percent(share: float) -> str:
    """A share with two significant digits.

    >>> percent(0.4712), percent(0.0456), percent(0.996)
    ('47 %', '4.6 %', '100 %')
    """
    return describe_value(share, "share")


def between(interval: tuple[float, float]) -> str:
    """The ends of an interval of shares, in per cent.

    >>> between((0.042, 0.123))
    '4.2–12'
    """
    low, high = (percent(min(max(end, 0.0), 1.0)).removesuffix(" %") for end in interval)
    return f"{low}–{high}"

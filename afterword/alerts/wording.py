"""What a person reads whose rule cannot be; what a number means stands with the number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

NO_METRIC: Final = "A rule watches one of the listed numbers: choose one of them."
NO_NUMBER: Final = "The threshold must be a number of ordinary size."
NO_SHARE: Final = "The threshold of a share lies between 0 and 1: 0.05 is 5 %."
NO_VERDICT: Final = "The threshold of a verdict is 1: either the check says so, or not."
NO_SEVERITY: Final = "The severity of a rule is info, warning or critical."


def no_direction(label: str, directions: Iterable[str]) -> str:
    """What a rule on a number can ask for."""
    return f"{label}: a rule can ask for {' or '.join(directions)}."


def no_window(label: str, windows: Iterable[str]) -> str:
    """Over which windows a number is known."""
    return f"{label}: the window is {' or '.join(windows)}."


def no_periods(most: int) -> str:
    """How often a rule may have to hold."""
    return f"A rule must hold between 1 and {most} times in a row."


def required(ask: str, longest: int) -> str:
    """What must be written, and how long it may be."""
    return f"{ask}, in 1 to {longest} characters."

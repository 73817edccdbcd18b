"""What rules, messages and channels say; what a number means stands with the number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from afterword.deployment import TEXTS

NO_METRIC: Final = "A rule watches one of the listed numbers: choose one of them."
NO_NUMBER: Final = "The threshold must be a number of ordinary size."
NO_SHARE: Final = "The threshold of a share lies between 0 and 1: 0.05 is 5 %."
NO_VERDICT: Final = "The threshold of a verdict is 1: either the check says so, or not."
NO_SEVERITY: Final = "The severity of a rule is info, warning or critical."
NAME_THE_RULE: Final = "Give the rule a name"

TITLE: Final = "{label} {direction} {threshold}"
WHAT: Final = "{label}: {value} over {window}, {direction} {threshold}."
CHANGED_TITLE: Final = f"the {TEXTS} have changed"
FAULTY_TITLE: Final = "the feed looks faulty"
CHARTS_TITLE: Final = "a number has left its red lines"
CHARTS: Final = "Control charts beyond their red lines: {value}."
NO_CHECK_TITLE: Final = "no check for more than {threshold}"
NO_CHECK: Final = "The last check was {value} ago, and {threshold} is the most that it should be."

GIVEN: Final = f"Share of {TEXTS} that the model gives {{}}"
GIVEN_HELP: Final = (
    f"Share of {TEXTS} by the model's answers. How many really report a category is estimated by "
    "each check."
)

NOT_TAKEN: Final = "did not take the message"
NOT_REACHED: Final = "could not be reached or broke the connection off"
NOT_USED: Final = "could not be used"


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


def verdict(label: str) -> str:
    """Why an alert on a verdict opened."""
    return f"{label}."


def condition(what: str, window: str, times: int) -> str:
    """When a rule alerts; over no window if it is ""."""
    over = f" over {window}" if window else ""
    return f"{what}{over}, {times} times in a row." if times > 1 else f"{what}{over}."


def unknown_address(place: int) -> str:
    """That an entry of the settings is no address of a channel."""
    return (
        f"Entry {place} of AFTERWORD_CHANNELS is not an address that Apprise knows; "
        "docs/channels.md shows how to write one."
    )


def local_address(place: int) -> str:
    """That an entry of the settings reaches nobody elsewhere."""
    return (
        f"Entry {place} of AFTERWORD_CHANNELS would show messages on the server only; name a "
        "mail, chat or webhook address."
    )


def not_delivered(channel: str, what: str) -> str:
    """That a channel did not deliver a message, what it did instead, and where to look."""
    return f"{channel} {what}; check the server and its entry in AFTERWORD_CHANNELS."


def silent(seconds: float) -> str:
    """That a channel did not answer; the part of a sentence."""
    return f"did not answer within {seconds:g} seconds"


def refused(status: str) -> str:
    """With which HTTP status a channel answered; the part of a sentence."""
    moved = ", and redirects are not followed" if status.startswith("3") else ""
    return f"answered with HTTP status {status}{moved}"

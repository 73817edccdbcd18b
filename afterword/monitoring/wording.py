"""What monitoring says to people: what to do next, windows that cannot be, messages of alerts."""

from __future__ import annotations

from typing import Final

from afterword.deployment import TEXT, TEXTS

NEVER: Final = (
    f"Classify a first {TEXT}, or check a file of recent ones and keep it as the latest check."
)
DUE: Final = (
    f"The last check is old: check the {TEXTS} of the last days, and keep that as the latest check."
)
MODEL_CHANGED: Final = (
    f"Check the {TEXTS} of the last days with the model that is in service now, and keep that "
    "as the latest check: the last one was made with another model and says nothing about this one."
)
SEE_ALERTS: Final = "Look at the open alerts, and say who takes care of them."
SEE_CHARTS: Final = "Look at the charts that crossed their red lines."
NOTHING: Final = "Nothing to do. Check again next week."
COLLECT: Final = f"Collect more {TEXTS}, then check again."

NO_WINDOW: Final = "Choose a day, a week, a month, or the first and last day of a window."
NO_SUCH_DAYS: Final = "Choose days between 2000 and today."
ENDS_TOO_EARLY: Final = "The window ends before it starts: choose a later last day."
TOO_LONG: Final = "The window is longer than ten years: choose a shorter one."
OTHER_MODEL: Final = (
    "The sample weeks belong to the model that is shipped, and another one is in service."
)
TESTED: Final = "Somebody pressed the Test button of Afterword. Nothing is wrong."
OF_SAMPLES: Final = f"This is about the loaded sample weeks, not about real {TEXTS}."


def beyond(label: str) -> str:
    """That a chart crossed its red line."""
    return f"{label} is beyond its red line this week."


def opened(severity: str, since: str) -> str:
    """How much an alert matters, and since when."""
    return f"Severity: {severity}. Since: {since}."


def was_over(moment: str) -> str:
    """When an alert's condition ended."""
    return f"It was over at {moment}."

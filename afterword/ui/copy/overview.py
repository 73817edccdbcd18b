"""The texts of the page Overview."""

from __future__ import annotations

import math
from datetime import datetime

from afterword.deployment import TEXTS
from afterword.monitoring.line_figures import number
from afterword.monitoring.windows import Number, Summary
from afterword.settings import PROGRAM
from afterword.ui.copy.shared import Mark, day, time

LOAD_NOTE = (
    "They are kept apart from your own data and can be removed again. Where channels are "
    "set up, what is open at their end is sent there, marked as a sample."
)

TITLE = "Overview"
LEAD = "Is the model still to be trusted, what changed, and what is to be done?"
NOTHING_TITLE = "Nothing has been checked yet"
NOTHING_WORD = "Not known yet"
NOT_CHECKED: Mark = (":material/help:", NOTHING_WORD, "gray")
NOTHING_LEAD = (
    "This page will say each week whether the model is still to be trusted. It has nothing to say "
    "before the first check that counts."
)
BEGIN_TITLE = "How to begin"
BEGIN = (
    (
        "classify",
        f"Classify {TEXTS}",
        "One, or a file at once. Numbers about each answer are counted from then on; no text is.",
    ),
    (
        "drift",
        "Check a file",
        f"Upload last week’s {TEXTS} and read whether they still look like the training set. "
        "Keep the check as the latest one, and this page says so, too.",
    ),
    (
        "monitoring",
        "Watch over time",
        "What was classified is compared with training day by day. A check of it can be run every "
        f"week by itself: `{PROGRAM} check --help`.",
    ),
)
LOOK_TITLE = "Or look at an example first"
LOOK_NOTE = (
    "Eight invented weeks show what this page, Monitoring and the alerts say when something goes "
    "wrong."
)
LOOK_EXPANDER = "Look at eight sample weeks"
CHANGES_TITLE = "What changed"
DO_TITLE = "What to do"
NUMBERS_TITLE = "The last seven days"
NUMBERS_NOTE = "The lines show the last four weeks, day by day."
MODEL_TITLE = "The model"
PLACES = {
    "drift": "Open Drift",
    "monitoring": "Open Monitoring",
    "classify": "Open Classify",
}
OPEN_ALERTS_LINK = "Go to the alerts"


def model_changed(summary: Summary) -> str:
    """Why there is no verdict on the model in service; "" if the last check is of it."""
    if summary.changed_at is None:
        return ""
    # Earlier than the last check it was not: then only that much is known.
    later = " or later" if summary.changed_at == summary.checked_at else ""
    return f"{NOTHING_WORD}: the model was changed on {day(summary.changed_at)}{later}"


def since(summary: Summary) -> str:
    """When the last check was, and what it was of."""
    if summary.checked_at is None:
        return ""
    parts = [f"Last checked {time(summary.checked_at)}", f"{summary.rows:,} {TEXTS}"]
    parts += ["with another model"] if summary.changed_at else []
    return ", ".join(parts) + "."


def badge_since(word: str, since: datetime | None) -> str:
    """A verdict with its day: "Changed since 12 March"."""
    return f"{word} since {day(since)}" if since else word


def open_alerts(count: int) -> str:
    """How many alerts wait for somebody."""
    if count == 1:
        return "1 alert waits for somebody to acknowledge it."
    return f"{count} alerts wait for somebody to acknowledge them."


def model_sentence(model: str, trained_at: datetime, now: datetime) -> str:
    """The model's version and age."""
    days = (now - trained_at).days
    age = "today" if days < 1 else "yesterday" if days == 1 else f"{days:,} days ago"
    version = f"Version {model[:12]}, t" if model else "T"
    return f"{version}rained {age}, on {day(trained_at, now)}."


def number_change(one: Number) -> str:
    """How a number compares with that of the week before."""
    if math.isnan(one.value):
        return "no data in these seven days"
    if math.isnan(one.before):
        return "no data the week before"
    return f"{number(one.before, one.unit)} the week before"


def number_alt(one: Number) -> str:
    """A sparkline in words."""
    return f"{one.label} over the last days: {number(one.value, one.unit)} in the last seven."

"""The texts of the page Drift about checks that are kept: trials, and the tab “Past checks”."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from afterword.deployment import TEXTS
from afterword.settings import TRIAL
from afterword.ui.copy.shared import day, time

CHECK_TAB, PAST_TAB = "Check a file", "Past checks"
NOT_KEPT_NOTE = "This check could not be kept."
SAMPLE_NOT_KEPT = (
    "This is a shipped sample: its check is not kept under Past checks, and cannot count."
)
NO_PAST = (
    "No check has been kept yet. Every file that is checked here, over HTTP or by a command is "
    f"listed for {TRIAL.days} days as a trial, as numbers without text; what is kept as the latest "
    "check stays."
)
KEEP_BUTTON = "Keep as the latest check"
CHECK_LINK = "Link to this check"
COUNTS_NOTE = (
    "**This check counts.** The Overview, the alert rules and `/metrics` know of it, and it stays "
    "under Past checks: its numbers, no text."
)
RECORDING_OFF_NOTE = (
    "**This check is not kept, and cannot count.** Recording is switched off "
    "(AFTERWORD_RECORDING), so the result ends with this page."
)
TRIAL_GONE = (
    f"This check is not kept any more: trials are kept for {TRIAL.days} days. Upload the file "
    "again to check it once more."
)
BAD_CHECK = (
    "The address asks for a check that is not kept, or not any more: trials are kept for "
    f"{TRIAL.days} days, and end when the reading of their file is corrected."
)
OPEN_NEWEST = "Open the newest check"
COPY_LINK = "Copy link"
COPY_LINK_NOTE = "Whoever may open these pages sees this check there; the address holds no text."
NUMBER_HELP = "Opens the check in a new tab."
PAST_COLUMNS = ("Check", "Time (UTC)", "Verdict", "Source", TEXTS.capitalize(), "Headline")
PAST_ALT = f"Every kept check with its time, verdict, source, number of {TEXTS} and headline"
SOURCES = {
    "page": "Page",
    "http": "HTTP",
    "command": "Command",
    "schedule": "Schedule",
    "sample": "Sample",
}
CHOOSE_CHECK = "Check to read"
COMPARE_WITH = "Compare with"
COMPARE_NONE = "No other check"
COMPARE_TITLE = "Difference between the two checks"
COMPARE_ALT = "Every measure of both checks, side by side"
DIFFERENCE_COLUMNS = ("Measure", "Difference, in smallest distances that matter")
COMPARE_SAME = "Nothing differs between the two checks."
PAST_MEASURES_TAB = "Measures"
MADE_AGAIN = "All of this check, made again from its numbers"
LEVEL_SIGNS = {"stable": "✓", "changed": "▲", "faulty": "■", "too_few": "?"}


def trial_note(at: datetime) -> str:
    """What a trial is, and until when it is kept."""
    return (
        f"**This check is a trial, kept until {time(at + TRIAL)}.** It counts neither on the "
        "Overview nor for alerts. Keep it if this file is what the model was asked lately."
    )


def source_word(source: str, trial: bool, other_model: bool) -> str:
    """Where a check is from, and what it does not stand for."""
    marks = [", a trial"] * trial + [", another model"] * other_model
    return SOURCES.get(source, source) + "".join(marks)


def check_name(at: datetime, level: str, source: str, rows: int) -> str:
    """A check in a list; the source as :func:`source_word` says it."""
    return f"{at:%-d %b %Y, %H:%M} · {level} · {source} · {rows:,} rows"


def check_about(
    at: datetime, source: str, model: str, accepted: int, window: tuple[datetime, datetime] | None
) -> str:
    """Where a kept check is from."""
    parts = [time(at), SOURCES.get(source, source), f"{accepted:,} {TEXTS} compared"]
    if window:
        parts.append(f"of {day(window[0])} to {day(window[1] - timedelta(seconds=1))}")
    if model:
        parts.append(f"model {model[:12]}")
    return ", ".join(parts) + "."


def missing_measures(labels: Sequence[str]) -> str:
    """What a check of the store cannot have, because it needs the text."""
    return f"This check could not have, because they need the text: {', '.join(labels)}."


def day_and_time(moment: datetime) -> str:
    """A check's name at the head of a column."""
    return f"{moment:%-d %b %Y, %H:%M}"


def all_checks(count: int) -> str:
    """What the list of checks hides behind while one of them is read."""
    return f"All {count:,} checks that are listed" if count > 1 else "The check as it is listed"


def all_differences(measures: int) -> str:
    """What the table of differences hides behind."""
    return f"The differences of all {measures} measures"


def moved_value(value: str, moved: bool) -> str:
    """A typical value, marked where it had moved beyond chance."""
    if not moved:
        return value
    return "● moved" if value == "–" else f"● {value}, moved"

"""The texts that more than one page shows, and the frame around all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from afterword.deployment import WORDS
from afterword.drift.wording import CHANGED, FAULTY, LEVEL_WORDS, STABLE, TOO_FEW
from afterword.quality.estimates import Assessed

EXIT_URL = WORDS.care.exit_url
"""Where the exit leads; "" where no page has one."""
EXIT_BUTTON = "Exit this page"
EXIT_HINT = "or press Shift three times"
HOW_THIS_WORKS = "How this works"

UNEXPECTED = (
    "Something went wrong that should not, and nothing of what you entered was kept or logged. "
    "Reload the page and try again."
)


# ---------------------------------------------------------------- numbers in words


def percent(share: float) -> str:
    """A share as a person reads it: "82 %"; never a certainty that nobody has."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}"[:-1] + " %"


def counted(amount: int, noun: str) -> str:
    """An amount of something: "1 call", "2,000 calls"."""
    return f"{amount:,} {noun}{'s' * (amount != 1)}"


# ---------------------------------------------------------------- files

CANCEL_BUTTON = "Cancel"
CLOSE_BUTTON = "Close"
GONE_ALREADY = "That is gone already: somebody was faster, here or in another tab."
SAMPLE_MISSING = (
    "The sample is missing. Put it into the folder samples beside the deployment’s file."
)
CSV_NOTE = (
    "In the CSV an apostrophe stands before cells that a spreadsheet would run as a formula; "
    "the Parquet file has them as they came."
)

# ---------------------------------------------------------------- verdicts and alerts

Colour = Literal["green", "orange", "red", "gray"]
Mark = tuple[str, str, Colour]
"""Icon, word and colour: never one without the others."""

LEVELS: dict[str, Mark] = {
    STABLE: (":material/check_circle:", LEVEL_WORDS[STABLE], "green"),
    CHANGED: (":material/warning:", LEVEL_WORDS[CHANGED], "orange"),
    FAULTY: (":material/report:", LEVEL_WORDS[FAULTY], "red"),
    TOO_FEW: (":material/help:", LEVEL_WORDS[TOO_FEW], "gray"),
}
STATES: dict[str, Mark] = {
    "open": (":material/notifications_active:", "Open", "red"),
    "acknowledged": (":material/visibility:", "Acknowledged", "orange"),
    "resolved": (":material/check_circle:", "Resolved", "green"),
}
SEE_CHECK = "See the check"

# ---------------------------------------------------------------- the store and the sample weeks

PROBLEM = "**Nothing new is being recorded.** What stands here may be out of date."
RECORDING_OFF = (
    "Recording is switched off (AFTERWORD_RECORDING), so nothing new is counted here. What was "
    "recorded before is shown."
)
STORE_UNREADABLE = "**The store cannot be opened, so there is nothing to show here.**"
STORE_CLASSIFIES = "Classify and Drift work without it."
DATA_LABEL = "Data to show"
OWN_DATA, SAMPLE_DATA = "Own data", "Sample weeks"
SAMPLES_TITLE = "Sample weeks"
SAMPLES_NOTE = "These are not your data: eight invented weeks, to look at what this page can say."
REMOVE_SAMPLES = "Remove the samples"
REMOVE_SAMPLES_ASK = "Remove the sample weeks?"
SAMPLES_GONE = "The sample weeks are removed already: somebody was faster, here or in another tab."
SAMPLES_REMOVED = "The sample weeks are removed."
LOAD_SAMPLES = "Load eight sample weeks"
LOADING_SAMPLES = "Loading eight sample weeks…"
SAMPLES_LOADED = "Eight sample weeks are loaded. They are marked as samples everywhere."


def samples_go(checks: int, open_alerts: int) -> str:
    """What is removed with the samples."""
    alerts = {0: "none of them open"}.get(open_alerts, f"{open_alerts:,} of them open")
    return (
        f"The eight invented weeks go, with {counted(checks, 'check')} and every alert of theirs, "
        f"{alerts}. Your own data stay. The weeks can be loaded again on the page Overview."
    )


# ---------------------------------------------------------------- days and windows

WINDOW_LABEL = "Window"
WINDOWS = {"day": "Day", "week": "Week", "month": "Month", "custom": "Custom"}
DATES_LABEL = "First and last day"
CHOOSE_BOTH_DAYS = "Choose the first and the last day; until then the last seven days are shown."
BAD_WINDOW = (
    "The address asks for a window that cannot be shown, so the last seven days are shown instead."
)
BAD_DATA = "The address asks for data that there are none of."


def day(moment: datetime, now: datetime | None = None) -> str:
    """A day as people say it, with the year where it is another: "12 March"."""
    now = now or datetime.now(UTC)
    return f"{moment:%-d %B}" if moment.year == now.year else f"{moment:%-d %B %Y}"


def time(moment: datetime) -> str:
    """A time as people say it: "12 March, 14:05 UTC"."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


# ---------------------------------------------------------------- estimates beside training

IN_BATCH, IN_TRAINING = "This batch, with its 95 % interval", "Training"
SHARE_AXIS = "Share"


def interval(one: Assessed, *, rows: bool = False) -> str:
    """An interval as a person reads it: "76–88 %"; of rows: "5 to 20 rows"."""
    if one.withheld:
        return "–"
    if rows:
        return f"{max(one.low, 0):,.0f} to {one.high:,.0f} rows"
    low, high = f"{100 * one.low:.0f}", f"{100 * one.high:.0f}"
    return f"{low} %" if low == high else f"{low}–{high} %"


def estimate(name: str, one: Assessed, trained: float | None) -> str:
    """A figure beside training's, in words."""
    return f"{name}: {_beside_training(one, trained)}"


def estimate_lines(name: str, one: Assessed, trained: float | None) -> str:
    """The same in two lines, so that a phone has room for it; the name comes escaped."""
    return f"<b>{name}</b><br>{_beside_training(one, trained)}"


def _beside_training(one: Assessed, trained: float | None) -> str:
    """A figure with its interval, in the form that all pages have."""
    before = "" if trained is None else f" · training {percent(trained)}"
    return f"{percent(one.value)} ({interval(one).removesuffix(' %')}){before}"

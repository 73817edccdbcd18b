"""Texts of the pages that watch over time: Overview, Monitoring, and the past checks of Drift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from afterword.alerts.rules import Rule
from afterword.measures.definitions import describe_value
from afterword.monitoring.control_limits import LEAST_ROWS
from afterword.monitoring.line_figures import number
from afterword.monitoring.windows import (
    DAY,
    HOUR,
    Line,
    Monitoring,
    Number,
    Summary,
    Watched,
    Window,
)
from afterword.settings import PROGRAM, TRIAL
from afterword.ui.copy.shared import Colour

Mark = tuple[str, str, Colour]
"""Icon, word and colour: never one without the others."""

# ---------------------------------------------------------------- shared

NOT_RECORDED = "**Answered, but not recorded.** The numbers over time will miss this answer."
COUNTING = "Counting what was answered…"
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
LOAD_NOTE = (
    "They are kept apart from your own data and can be removed again. Where channels are "
    "set up, what is open at their end is sent there, marked as a sample."
)

# ---------------------------------------------------------------- Overview

OVERVIEW_TITLE = "Overview"
OVERVIEW_LEAD = "Is the model still to be trusted, what changed, and what is to be done?"
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
        "Classify descriptions",
        "One, or a file at once. Numbers about each answer are counted from then on; no text is.",
    ),
    (
        "drift",
        "Check a file",
        "Upload last week’s descriptions and read whether they still look like the training set. "
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
SEE_CHECK = "See the check"
PLACES = {
    "drift": "Open Drift",
    "monitoring": "Open Monitoring",
    "classify": "Open Classify",
}
OPEN_ALERTS_LINK = "Go to the alerts"


def day(moment: datetime, now: datetime | None = None) -> str:
    """A day as people say it, with the year where it is another: "12 March"."""
    now = now or datetime.now(UTC)
    return f"{moment:%-d %B}" if moment.year == now.year else f"{moment:%-d %B %Y}"


def time(moment: datetime) -> str:
    """A time as people say it: "12 March, 14:05 UTC"."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


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
    parts = [f"Last checked {time(summary.checked_at)}", f"{summary.rows:,} descriptions"]
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


# ---------------------------------------------------------------- Monitoring

MONITORING_TITLE = "Monitoring"
MONITORING_LEAD = "What goes in, what comes out, and how the server is, compared with training."
WINDOW_LABEL = "Window"
WINDOWS = {"day": "Day", "week": "Week", "month": "Month", "custom": "Custom"}
DATES_LABEL = "First and last day"
CHOOSE_BOTH_DAYS = "Choose the first and the last day; until then the last seven days are shown."
BAD_WINDOW = (
    "The address asks for a window that cannot be shown, so the last seven days are shown instead."
)
BAD_DATA = "The address asks for data that there are none of."
OUTPUTS_TAB, INPUTS_TAB, SOFTWARE_TAB = "Outputs", "Inputs", "Software"
OUTPUTS_NOTE = "What the model answers"
INPUTS_NOTE = "What people write, in numbers"
SOFTWARE_NOTE = "How the service runs"
NO_CHARTS = (
    "Nothing was classified, so there is nothing to draw. Charts come with the first answers, and "
    f"are judged from {LEAST_ROWS} descriptions a day on."
)
SOFTWARE_ABOUT = "These numbers have no training range: they are compared with the window before."
MORE_CHARTS = "{count} more that stayed within the red lines"
MORE_GREY = "{count} more without enough data"
SINCE = {
    "day": "last 24 hours",
    "week": "last 7 days",
    "month": "last 30 days",
    "custom": "this window",
}
KEY = (
    "**How to read a chart.** Point: mean of a {period} with its standard error. Shaded: where 95 "
    "% of such {period}s lie if nothing changed since training. Red line: beyond it, chance is no "
    "explanation (dotted: for the trend). ◆ crossed. ○ grey: too little data to judge. Amber: "
    "the trend of the last {period}s."
)
MARKS: dict[str, Mark] = {
    "crossed": (":material/error:", "Crossed", "red"),
    "back": (":material/undo:", "Crossed, back", "orange"),
    "within": (":material/check_circle:", "Within", "green"),
    "grey": (":material/help:", "Too little data", "gray"),
}
OUTSIDE_TITLE = "Share outside the training range"
OUTSIDE_NOTE = (
    "Upright line: the share in training. Whisker: 95 % interval. Amber: more than in training."
)
OUTSIDE_MORE = "All {count} measures as a table"
OUTSIDE_COLUMNS = ("Measure", "Outside", "95 % interval", "In training")
NEW_WORDS_TITLE = "New words"
NEW_WORD_COLUMNS = ("Word", "Descriptions", "Share", "First seen")
NO_NEW_WORDS = "No word that is new to the model is in five descriptions or more."
SOFTWARE_TITLES = {"latency_p50": "Time to answer"}
TABLE_OF = "The same as a table"
TABLE_COLUMNS = (
    "",
    "Measure",
    "This window",
    "The one before",
    "In training",
    "Expected",
    "Descriptions",
)
TABLE_ALT = "Every number with its value in this window, the one before, and training"


def days(window: Window) -> str:
    """When a window was: "3 to 9 March"."""
    if window.name == "day":
        return f"{time(window.start)} to {time(window.end)}"
    first, last = window.start, window.end - timedelta(seconds=1)
    if first.date() == last.date():
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%-d} to {day(last)}"
    return f"{day(first)} to {day(last)}"


def window_word(window: Window) -> str:
    """A window in a sentence."""
    return (
        {"day": "the last 24 hours", "week": "the last seven days", "month": "the last 30 days"}[
            window.name
        ]
        if window.name != "custom"
        else "this window"
    )


def period_word(period: timedelta) -> str:
    """A period in a sentence."""
    return "hour" if period <= HOUR else "day" if period <= DAY else "week"


def window_sentence(seen: Monitoring) -> str:
    """What stands in the window, in numbers."""
    return (
        f"{days(seen.window)} (UTC): {_count(seen.descriptions, 'description')} in "
        f"{_count(seen.calls, 'call')}, beside the {days(seen.window.before)} before and training."
    )


def message(seen: Monitoring) -> tuple[Mark, str, str]:
    """The finding of a window: its mark, its sentence, and what it rests on."""
    charts = len(seen.inputs) + len(seen.outputs)
    period = period_word(seen.period)
    if not seen.descriptions:
        text = f"Nothing was classified in {window_word(seen.window)}"
        return MARKS["grey"], text, "There is nothing to judge."
    if not seen.judged:
        text = "Too little data to say anything"
        about = (
            f"{_count(seen.descriptions, 'description')} in {window_word(seen.window)}; "
            f"{LEAST_ROWS} a {period}, and some {period}s before, are needed."
        )
        return MARKS["grey"], text, about
    crossed = seen.crossed
    periods = max(1, round((seen.window.end - seen.window.start) / seen.period))
    judged = f"{seen.judged} of {_count(periods, period)} had enough data to be judged."
    if not crossed:
        text = f"Nothing crossed: all {charts} charts stayed within the red lines"
        return MARKS["within"], text, judged
    names = [one.label for one in crossed]
    lines = "its red line" if len(crossed) == 1 else "their red lines"
    still = [one.label for one in crossed if one.crossed]
    if not still:
        text = f"{len(crossed)} of {charts} charts crossed {lines}, and came back"
        return MARKS["back"], text, f"{listed(names)}. {judged}"
    if len(still) == len(crossed):
        text = f"{len(crossed)} of {charts} charts crossed {lines}"
        return MARKS["crossed"], text, f"{listed(names)}. {judged}"
    is_beyond = (
        "charts is beyond its red line" if len(still) == 1 else "charts are beyond their lines"
    )
    text = f"{len(still)} of {charts} {is_beyond} now; {len(crossed) - len(still)} more came back"
    return MARKS["crossed"], text, f"Now: {listed(still)}. {judged}"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a sentence, the rest counted."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def promise(promised: float, charts: int) -> str:
    """How often the charts are wrong, together."""
    if promised <= 0:
        return "No chart can be judged yet, so there is no rate of false alarms to tell."
    often = f"about {promised:.2g}" if promised >= 0.1 else "less than 0.1"
    alarms = "alarm" if often == "about 1" else "alarms"
    return (
        f"Expect {often} false {alarms} a year over all {charts} charts together, while nothing "
        "changes."
    )


def family_title(note: str, crossed: int, charts: int) -> str:
    """A family's finding."""
    return f"{note}: {crossed} of {charts} charts crossed" if crossed else note


def chart_values(one: Watched, value: str, window: Window) -> str:
    """The numbers under a chart."""
    low, high = (describe_value(end, one.unit) for end in one.training_range)
    expected = "" if low == "–" else f" (95 % of such windows: {low} to {high})"
    return (
        f"{window_word(window).capitalize()} **{value}**, before "
        f"{describe_value(one.before, one.unit)}, training "
        f"{describe_value(one.training, one.unit)}{expected}. "
        f"{_count(one.rows, 'description')}."
    )


def line_values(one: Line, window: Window) -> str:
    """The numbers under a chart of the software."""
    return (
        f"{one.label}: **{number(one.now, one.unit)}** in {window_word(window)}, "
        f"{number(one.before, one.unit)} before."
    )


def new_words_note(hidden: int) -> str:
    """Which words are not shown."""
    note = (
        "Words that training never had, in at least five descriptions. What may be a name or a "
        "number is not shown."
    )
    if hidden:
        verb = "word is" if hidden == 1 else "words are"
        return f"{note} {hidden:,} more new {verb} too rare to show, or may be private."
    return note


def _count(amount: int, noun: str) -> str:
    return f"{amount:,} {noun}{'s' * (amount != 1)}"


# ---------------------------------------------------------------- alerts

ALERTS_TITLE = "Alerts"
NO_ALERTS = "No open alerts."
SEVERITIES: dict[str, Mark] = {
    "info": (":material/info:", "Info", "gray"),
    "warning": (":material/warning:", "Warning", "orange"),
    "critical": (":material/error:", "Critical", "red"),
}
STATES: dict[str, Mark] = {
    "open": (":material/notifications_active:", "Open", "red"),
    "acknowledged": (":material/visibility:", "Acknowledged", "orange"),
    "resolved": (":material/check_circle:", "Resolved", "green"),
}
ACKNOWLEDGE, RESOLVE = "Acknowledge", "Resolve"
VERB_ICONS = {ACKNOWLEDGE: ":material/visibility:", RESOLVE: ":material/check_circle:"}
VERB_HELP = {
    ACKNOWLEDGE: "Say that you have seen it and are looking into it.",
    RESOLVE: "Say that it is dealt with. A new alert opens only after the condition has ended.",
}
YOUR_NAME, WHY = "Your name", "Why, or what is being done"
PAST_ALERTS = "Past alerts and their history ({count})"
NO_PAST_ALERTS = "No alert has been resolved yet."
NO_DELIVERY = "Sent to nobody."
NO_CHANNEL = "Sent to nobody: no channel is set up."
SEND_AGAIN = "Send again"
RULES_EXPANDER = "Rules: when to alert ({on} of {count} on)"
RULES_NOTE = "An alert opens when a rule’s condition holds, once per episode."
ADD_RULE, EDIT_RULE, DELETE_RULE = "Add a rule", "Edit", "Delete"
SAVE_RULE = "Save"
RESTORE_RULES = "Restore the shipped rules"
DELETE_RULE_ASK, DELETE_RULE_VERB = "Delete this rule?", "Delete the rule"
RESTORE_RULES_ASK, RESTORE_RULES_VERB = "Restore the shipped rules?", "Restore them"
RULE_SAVED, RULE_DELETED, RULES_RESTORED = (
    "The rule is saved.",
    "The rule is deleted.",
    "The shipped rules are restored.",
)
RULE_NAME, RULE_METRIC, RULE_DIRECTION = "Name", "Measure", "Alert when it is"
RULE_WINDOW, RULE_FOR, RULE_SEVERITY = "Over", "Times in a row", "Severity"
RULE_FOR_HELP = "Evaluations, one a minute, that must find it so; of a verdict, checks."
RULE_OFF, SWITCH_OFF, SWITCH_ON = "Off", "Switch off", "Switch on"
DIRECTIONS = {"above": "above the threshold", "below": "below the threshold"}
CHANNELS_EXPANDER = "Channels: where alerts are sent ({count})"
NO_CHANNELS = (
    "No channel is set up, so alerts stand on this page only. Name mail, chat or webhook addresses "
    "in the setting AFTERWORD_CHANNELS; docs/alerts.md shows how."
)
CHANNELS_NOTE = "Addresses are read from the settings and never shown."
TEST_CHANNEL = "Test"
TESTING = "Sending a test message…"
TEST_TITLE = "Afterword: a test message"
TEST_BODY = "Somebody pressed Test on the page Monitoring. Nothing is wrong."
ALERT_REFRESH_S: Final = 60


def samples_go(checks: int, open_alerts: int) -> str:
    """What is removed with the samples."""
    alerts = {0: "none of them open"}.get(open_alerts, f"{open_alerts:,} of them open")
    return (
        f"The eight invented weeks go, with {_count(checks, 'check')} and every alert of theirs, "
        f"{alerts}. Your own data stay. The weeks can be loaded again on the page Overview."
    )


def rule_goes(rule: Rule, active: int) -> str:
    """What is deleted with a rule."""
    alerts = {
        0: "It has no open alert.",
        1: "Its open alert is resolved.",
    }.get(active, f"Its {active:,} open alerts are resolved.")
    back = (
        "“Restore the shipped rules” brings it back."
        if rule.shipped
        else "It cannot be brought back."
    )
    return (
        f"Delete the rule “{rule.name}” ({rule.describe().rstrip('.')})? {alerts} From then on "
        f"nobody is told when its condition holds. {back}"
    )


def rules_go_back(changed: Sequence[Rule], active: int) -> str:
    """What is lost when the shipped rules are restored."""
    if not changed:
        return "No shipped rule was changed, so all rules stay as they are."
    names = ", ".join(f"“{rule.name}”" for rule in changed)
    alerts = f" {_count(active, 'open alert')} of theirs may be resolved." if active else ""
    return (
        f"Your changes to {names} go.{alerts} Shipped rules that were deleted come back, and the "
        "rules that you added stay."
    )


def opened(moment: datetime, last: datetime) -> str:
    """When an alert opened, and when its condition was last seen."""
    return f"Opened {time(moment)}; last seen {time(last)}."


def signed(word: str, by: str, why: str, at: datetime | None) -> str:
    """Who did something, and why."""
    when = f", {time(at)}" if at else ""
    return f"{word} by {by}{when}: {why}"


def delivery(channel: str, state: str, attempts: int, problem: str) -> str:
    """What became of one message."""
    if state == "sent":
        return f"sent to {channel}"
    if state == "failed":
        return f"not delivered to {channel}: {problem.rstrip('.')}"
    tries = f" (attempt {attempts})" if attempts else ""
    return f"on its way to {channel}{tries}"


def threshold_label(unit: str) -> str:
    """The threshold with its unit."""
    return f"Threshold ({unit})" if unit else "Threshold"


def step(state: str, at: datetime, by: str, why: str) -> str:
    """One step of an alert's history."""
    who = f" by {by}" if by else ""
    return f"{state}{who}, {time(at)}" + (f": {why}" if why else "")


def tested(channel: str, seconds: float) -> str:
    """A test message that was taken."""
    return f"{channel} took the message in {seconds:.1f} s. Whether anyone read it, nobody knows."


# ---------------------------------------------------------------- past checks

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
    f"This check is not kept any more, because trials are kept for {TRIAL.days} days: upload the "
    "file again to check it once more."
)
BAD_CHECK = (
    "The address asks for a check that is not kept, or not any more, because trials are kept for "
    f"{TRIAL.days} days."
)
PAST_COLUMNS = ("Time (UTC)", "Verdict", "Source", "Descriptions", "Headline")
PAST_ALT = "Every kept check with its time, verdict, source, number of descriptions and headline"
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
    parts = [time(at), SOURCES.get(source, source), f"{accepted:,} descriptions compared"]
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


def all_differences(measures: int) -> str:
    """What the table of differences hides behind."""
    return f"The differences of all {measures} measures"


def moved_value(value: str, moved: bool) -> str:
    """A typical value, marked where it had moved beyond chance."""
    if not moved:
        return value
    return "● moved" if value == "–" else f"● {value}, moved"

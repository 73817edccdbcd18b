"""The texts of the page Monitoring: its charts, alerts, rules and channels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from afterword.alerts.episodes import ASSIGNED, OVER, REMOVED, Alert, Change, DeliveryRecord
from afterword.alerts.rules import Rule
from afterword.deployment import TEXT, TEXTS
from afterword.measures.definitions import describe_value
from afterword.monitoring import wording as alert_wording
from afterword.monitoring.alert_messages import figure_lines, since_said
from afterword.monitoring.control_limits import LEAST_ROWS
from afterword.monitoring.line_figures import number
from afterword.monitoring.windows import HOUR, Line, Monitoring, Watched, Window
from afterword.store.moments import DAY
from afterword.ui.copy.shared import Mark, counted, day, time

TITLE = "Monitoring"
LEAD = "What goes in, what comes out, and how the server is, compared with training."
OUTPUTS_TAB, INPUTS_TAB, SOFTWARE_TAB = "Outputs", "Inputs", "Software"
OUTPUTS_NOTE = "What the model answers"
INPUTS_NOTE = "What people write, in numbers"
SOFTWARE_NOTE = "How the service runs"
NO_CHARTS = (
    "Nothing was classified, so there is nothing to draw. Charts come with the first answers, and "
    f"are judged from {LEAST_ROWS} {TEXTS} a day on."
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
NEW_WORD_COLUMNS = ("Word", TEXTS.capitalize(), "Share", "First seen")
NO_NEW_WORDS = f"No word that is new to the model is in five {TEXTS} or more."
SOFTWARE_TITLES = {"latency_p50": "Time to answer"}
TABLE_OF = "The same as a table"
TABLE_COLUMNS = (
    "",
    "Measure",
    "This window",
    "The one before",
    "In training",
    "Expected",
    TEXTS.capitalize(),
)
TABLE_ALT = "Every number with its value in this window, the one before, and training"


def waiting(count: int, descriptions: int) -> str:
    """That the inputs of some descriptions are not counted."""
    return (
        f"The inputs of {count:,} of the {descriptions:,} {TEXTS} are not counted here: they wait "
        "until 20 different ones are there, were counted with a later day, or waited when a server "
        "ended."
    )


def texts_counted(amount: int) -> str:
    """A number of texts, as the deployment calls them: "1 description", "2,000 descriptions"."""
    return f"{amount:,} {TEXT if amount == 1 else TEXTS}"


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
        f"{days(seen.window)} (UTC): {texts_counted(seen.descriptions)} in "
        f"{counted(seen.calls, 'call')}, beside the {days(seen.window.before)} before and training."
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
            f"{texts_counted(seen.descriptions)} in {window_word(seen.window)}; "
            f"{LEAST_ROWS} a {period}, and some {period}s before, are needed."
        )
        return MARKS["grey"], text, about
    crossed = seen.crossed
    periods = max(1, round((seen.window.end - seen.window.start) / seen.period))
    judged = f"{seen.judged} of {counted(periods, period)} had enough data to be judged."
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
        f"{texts_counted(one.rows)}."
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
        f"Words that training never had, in at least five {TEXTS}. What may be a name or a "
        "number is not shown."
    )
    if hidden:
        verb = "word is" if hidden == 1 else "words are"
        return f"{note} {hidden:,} more new {verb} too rare to show, or may be private."
    return note


# ---------------------------------------------------------------- alerts

ALERTS_TITLE = "Alerts"
NO_ALERTS = "No open alerts."
SEVERITIES: dict[str, Mark] = {
    "info": (":material/info:", "Info", "gray"),
    "warning": (":material/warning:", "Warning", "orange"),
    "critical": (":material/error:", "Critical", "red"),
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
RULE_TELL_OVER = "Tell the same channels when it is over"
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
    alerts = f" {counted(active, 'open alert')} of theirs may be resolved." if active else ""
    return (
        f"Your changes to {names} go.{alerts} Shipped rules that were deleted come back, and the "
        "rules that you added stay."
    )


def opened(moment: datetime, last: datetime) -> str:
    """When an alert opened, and when its condition was last seen."""
    return f"Opened {time(moment)}; last seen {time(last)}."


def has_it(name: str) -> str:
    """Who has an alert."""
    return f"{name} has it" if name else "nobody has it"


def facts(alert: Alert) -> list[str]:
    """What an alert is about beside its sentence, in at most three lines."""
    of_what = alert_wording.of_what(alert.evidence.stream, alert.evidence.period)
    since = f"Since {since_said(alert)}. {opened(alert.opened_at, alert.last_at)}"
    return [*figure_lines(alert), f"{of_what} {since}".strip()]


def note(step: Change) -> str:
    """A step that leaves the state of an alert as it is."""
    when = f"{step.by}, {time(step.at)}"
    if step.state == ASSIGNED:
        to = f"assigned to {step.whom}" if step.whom else "assigned to nobody"
        return f"{when}: {to}" + (f". {step.why}" if step.why else "")
    if step.state == REMOVED:
        return f"{when}: a note that was removed" + (f" by {step.whom}" if step.whom else "")
    return f"{when}: {step.why}"


def delivered(one: DeliveryRecord) -> str:
    """What became of a message, which may be the one that it is over."""
    said = delivery(one.channel, one.state, one.attempts, one.problem)
    return f"that it is over: {said}" if one.about == OVER else said


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

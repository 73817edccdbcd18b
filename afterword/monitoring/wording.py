"""What monitoring says to people: what to do next, what cannot be, messages, charts in words."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from afterword.deployment import TEXT, TEXTS

if TYPE_CHECKING:
    from afterword.measures.definitions import Measure

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

CHECK_OF_OTHER_MODEL: Final = (
    "This check was made with another model than the one in service, so its report cannot be "
    "drawn again: name that model's folder, or look at the numbers that are kept."
)
DAMAGED_QUALITY: Final = "What this check said of quality is damaged; check the batch again."
_RESTORE: Final = "Restore them with: git checkout -- data/samples"
NO_SAMPLE_WEEKS: Final = f"The sample weeks cannot be found. {_RESTORE}"
DAMAGED_SAMPLE_WEEKS: Final = f"The sample weeks are damaged. {_RESTORE}"

BASELINE_NO_NUMBER: Final = "What training says of a chart is not a number: train again."
BASELINE_OUT_OF_RANGE: Final = "What training says of a chart is out of range: train again."
OTHER_CHARTS: Final = "The values do not fit the charts: give one line of periods a chart."
OTHER_ROWS: Final = "The numbers of rows do not fit the values: give one for each period."
NO_RATE: Final = "The rate of false alarms is out of range: give more than 0 a year."
NO_VALUE: Final = "A period has rows but no value: give NaN only where there are no rows."

NO_DATA: Final = "No data in this window."
TRAINING: Final = "training"
RED_LINE: Final = "red line"
NOT_JUDGED: Final = "not judged: too little data"
BEYOND: Final = "◆ beyond its red line"
TREND_BEYOND: Final = "◆ its trend is beyond its red line"
SHARE_OF_TEXTS: Final = f"Share of {TEXTS}"


NO_CATEGORY: Final = "no category"


def given(category: str) -> str:
    """What the share of answers with a category is called: how many report it is another share."""
    return f"Share that the model gives {category}"


def beyond(label: str) -> str:
    """That a chart crossed its red line."""
    return f"{label} is beyond its red line this week."


def of_what(stream: str, period: str) -> str:
    """Of which stream and days something is; either may be "".

    >>> of_what("web form", "16 to 22 November 2026"), of_what("", "16 November 2026")
    ('Stream: web form. Data of 16 to 22 November 2026.', 'Data of 16 November 2026.')
    """
    told = [f"Stream: {stream}."] if stream else []
    return " ".join([*told, *([f"Data of {period}."] if period else [])])


def opened(severity: str, since: str, opened_at: str = "") -> str:
    """How much an alert matters, since when it is so, and when it opened if that is later."""
    later = f" The alert opened at {opened_at}." if opened_at else ""
    return f"Severity: {severity}. Since: {since}.{later}"


def check_at(address: str) -> str:
    """Where the check is that an alert is about."""
    return f"The check: {address}"


IT_ENDED: Final = "It is over: the condition does not hold any more."
SOMEBODY_RESOLVED: Final = "It is over: somebody resolved it on the page Monitoring."


def closed(why: str) -> str:
    """That an alert ended for a reason that says nothing of its condition."""
    return f"The alert is closed, and its condition may still hold: {why[:1].lower()}{why[1:]}"


def it_was(what: str) -> str:
    """What an alert said that is over."""
    return f"It was: {what}"


def lasted(severity: str, since: str, until: str) -> str:
    """From when to when an alert was open, and how much it mattered."""
    return f"Severity: {severity}. From {since} to {until}."


def title_over(title: str) -> str:
    """What the message on the end of an alert is called.

    >>> title_over("error share above 5 %")
    'over: error share above 5 %'
    """
    return f"over: {title}"


def was_over(moment: str) -> str:
    """When an alert's condition ended."""
    return f"It was over at {moment}."


def days(first: datetime, last: datetime, *, whole: bool = False) -> str:
    """From which to which day, UTC.

    Parameters
    ----------
    first, last : moments.
    whole : whether the last one is the end of a day, and in none.

    >>> days(datetime(2026, 11, 16), datetime(2026, 11, 23), whole=True)
    '16 to 22 November 2026'
    """
    last = max(first, last - timedelta(seconds=1)) if whole else last
    end = f"{last.day} {last:%B %Y}"
    if first.date() == last.date():
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%B}{year} to {end}"


def within(value: str, ends: tuple[float, float] | None, unit: str) -> str:
    """A value with its interval, if there is one.

    >>> within("47 %", (0.4, 0.54), "share"), within("88 words", None, "words")
    ('47 % (40–54)', '88 words')
    """
    if ends is None:
        return value
    scale = 100 if unit in ("share", "") else 1
    places = 0 if scale * abs(ends[1]) >= 10 else 1
    low, high = (f"{scale * end:,.{places}f}" for end in ends)
    return f"{value} ({low}–{high})"


def beside_limit(now: str, direction: str, limit: str) -> str:
    """A value beside the limit that it crossed.

    >>> beside_limit("47 %", "above", "33 %")
    '47 % · above the limit of 33 %'
    """
    return f"{now} · {direction} the limit of {limit}"


def and_training(said: str, training: str) -> str:
    """The same beside training, if it is known there."""
    return f"{said} · training {training}" if training else said


def estimated(figure: str, direction: str, limit: str) -> str:
    """An estimated share, which has training beside it, with about the limit that it crossed.

    >>> estimated("47 % (40–54) · training 21 %", "above", "33 %")
    '47 % (40–54) · above the limit of about 33 % · training 21 %'
    """
    now, dot, training = figure.partition(" · ")
    return f"{beside_limit(now, direction, f'about {limit}')}{dot}{training}"


def times_limit(now: str, times: float) -> str:
    """How far a measure is beyond a limit that is a distance, and no value.

    >>> times_limit("12 words", 2.31), times_limit("", 1.02)
    ('12 words · 2.3 times its limit', '1.0 times its limit')
    """
    beyond = f"{times:.1f} times its limit"
    return f"{now} · {beyond}" if now else beyond


def mean_probability(category: str) -> str:
    """What the measure of a category's probabilities is called."""
    return f"Mean probability of {category}"


def trend_of(label: str) -> str:
    """What the weighted mean of a chart's newest periods is called."""
    return f"{label} (trend)"


def no_days(longest: int) -> str:
    """How far a check of the store can look back."""
    return (
        f"Write --since as whole days from 1d to {longest}d, like 7d, 2w or 24h: inputs are "
        "counted by the day (UTC)."
    )


PERIOD_OR_DAYS: Final = (
    "Name a period, such as 2026-W47, or a first and a last day, such as 2026-11-16 and 2026-11-22."
)


def nothing_over(stream: str, cadence: str) -> str:
    """That a stream has no period that could be checked by itself."""
    return (
        f"The stream {stream} holds no {cadence} that is over and has {TEXTS} which the model in "
        "service answered: add a file, or name a period."
    )


def days_of_other_model(days: int) -> str:
    """That descriptions of another model are not in a check."""
    count = "1 day" if days == 1 else f"{days:,} days"
    return (
        f"On {count} of this period the stream holds only {TEXTS} that another model answered; "
        "they are not in this check. Add their files again to have them answered by this one."
    )


def with_training(start: str, end: str) -> str:
    """That a check is not made against the stream's own reference."""
    return (
        f"The reference of this stream is its period from {start} to {end}; this check compares "
        "with the training set."
    )


def no_fewer(days: int, possible: float, asked: float, *, weekly: bool) -> str:
    """That checks so often have more false alarms than the settings ask for.

    Parameters
    ----------
    days : between two checks.
    possible : the fewest false alarms a year that there can be.
    asked : by the settings, a year.
    weekly : whether a check a week is more seldom.
    """
    return (
        f"A check every {_days(days)} cannot have fewer than {possible:.1f} false alarms a year, "
        f"and AFTERWORD_FALSE_ALARMS asks for {asked:g}: check "
        f"{'weekly' if weekly else 'more seldom'}, over as many more days."
    )


def no_more(days: int, possible: float, allowed: float) -> str:
    """That checks so seldom have fewer false alarms than the settings allow."""
    return (
        f"A check every {_days(days)} has at most {possible:.1f} false alarms a year, fewer than "
        f"the {allowed:g} that AFTERWORD_FALSE_ALARMS allows."
    )


def _days(count: int) -> str:
    return "day" if count == 1 else f"{count} days"


# ---------------------------------------------------------------- charts in words


def too_little(label: str) -> str:
    """That a chart has too little data; a title."""
    return f"{label}: too little data"


def left(label: str, *, above: bool, crept: bool, when: str, came_back: bool) -> str:
    """That a chart crossed a red line; a title.

    Parameters
    ----------
    label : of the chart.
    above : whether it crossed the upper one.
    crept : whether its trend did, and no single value.
    when : like "on 12 March".
    came_back : whether it is back.
    """
    verb, side = ("rose", "above") if above else ("fell", "below")
    after = ", and came back" if came_back else ""
    return f"{label} {'crept' if crept else verb} {side} the red line {when}{after}"


def still_beyond(label: str, *, above: bool) -> str:
    """That a chart crossed a red line earlier; a title."""
    return f"{label}: still {'above' if above else 'below'} the red line, since before this window"


def stayed_within(label: str) -> str:
    """That a chart crossed no red line; a title."""
    return f"{label} stayed within the red lines"


def chart_in_words(
    title: str,
    values: tuple[str, str, str],
    expected: tuple[str, str],
    *,
    judged: int,
    periods: int,
) -> str:
    """What a control chart shows, for those who do not see it.

    Parameters
    ----------
    title : of the chart.
    values : in the window, in the one before, and in training.
    expected : between which two values it is expected.
    judged, periods : of the window, those that were judged and all.
    """
    now, before, training = values
    low, high = expected
    return (
        f"{title}. In this window {now}, in the one before {before}, in training {training}, "
        f"expected {low} to {high}; {judged} of {periods} periods have enough data to be judged."
    )


def counted(value: str, rows: int) -> str:
    """A value and how many rows it is of; the line of a hint."""
    return f"{value}, {rows:,} {TEXTS}"


def red_lines(low: str, high: str) -> str:
    """Where the red lines are; the line of a hint."""
    return f"red lines {low} and {high}"


def line_values(label: str, now: str, before: str) -> str:
    """What a line shows of two windows; the part of a sentence."""
    return f"{label}: {now} in this window, {before} in the one before"


def outside_range(shares: str) -> str:
    """What the bars of shares outside the training range show."""
    return f"Share outside the training range: {shares}"


def beside_training(now: str, training: str) -> str:
    """A share beside training's."""
    return f"{now}, {training} in training"


def promise_withdrawn(level: str, day: str) -> str:
    """That an alarm withdraws what is promised of answers that are not called unsure."""
    return (
        f"The promise of how often such answers are right does not hold while the last check says "
        f"“{level}” ({day}): what comes in is not like the {TEXTS} that it was measured on."
    )


# ---------------------------------------------------------------- where a stream stands

NOTHING_IN_STREAM: Final = "Nothing to do."
EMPTY_STREAM: Final = f"This stream holds no {TEXTS} yet."
ADD_FILES: Final = "Add a file to it, or name it in calls of the service."
OTHER_MODEL_ANSWERED: Final = (
    "Not known yet: the model was changed, and all that this stream holds was answered by the one "
    "before."
)
ADD_AGAIN: Final = f"Wait for new {TEXTS}, which the model in service answers."
NOT_BEGUN: Final = (
    "Not known yet: no period has ended since those with which this stream is compared."
)
REFERENCE_GONE: Final = (
    f"The past period with which this stream is compared holds too few {TEXTS} that the model in "
    "service answered: choose another one."
)
SEE_CHECK: Final = "Look at the check of these days, and at what moved in it."


def not_over(cadence: str) -> str:
    """That the first period is still going on.

    >>> not_over("week")
    'Not known yet: the first week of this stream is not over.'
    """
    return f"Not known yet: the first {cadence} of this stream is not over."


def too_few_periods(count: int, cadence: str) -> str:
    """That no period has enough rows.

    >>> too_few_periods(2, "week")
    'Not known yet: the 2 weeks of this stream hold too few descriptions to judge.'
    """
    stretch = f"the {count} {cadence}s" if count != 1 else f"the {cadence}"
    verb = "hold" if count != 1 else "holds"
    return f"Not known yet: {stretch} of this stream {verb} too few {TEXTS} to judge."


def calm(judged: int, cadence: str, last: str) -> str:
    """That nothing moved beyond chance.

    >>> calm(7, "week", "2026-W47")
    'Nothing moved beyond chance in 7 weeks, up to 2026-W47.'
    """
    stretch = f"{judged} {cadence}s" if judged != 1 else f"the one {cadence} that could be judged"
    return f"Nothing moved beyond chance in {stretch}, up to {last}."


def moved(measure: Measure, score: float) -> str:
    """What moved, where no check tells it better; it fell where its score is below 0."""
    label, typical = measure.label, measure.typical
    if math.isnan(measure.batch + measure.reference):
        return f"“{label}” is not as it was."
    word = "lower" if score < 0 or measure.direction == "lower" else "higher"
    now, usual = typical(measure.batch), typical(measure.reference)
    if now == usual:
        return f"“{label}” is a little {word} than usual, and lastingly: about {now}."
    return f"“{label}” is {word} than usual: {now} in the last period, {usual} usually."


def alarm_since(cadence: str, since: str, moved: str) -> str:
    """Since when something moved, and what.

    >>> alarm_since("week", "2026-W46", "More Ogling is reported.")
    'Since the week 2026-W46: More Ogling is reported.'
    """
    return f"Since the {cadence} {since}: {moved}"

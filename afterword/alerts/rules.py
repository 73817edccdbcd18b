"""When to alert, as data: what can be watched, and rules over it.

Nothing here reads or writes: :mod:`afterword.store.alerts` keeps the rules, and
:mod:`afterword.monitoring.alerting` evaluates them.
"""

from __future__ import annotations

import contextlib
import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from afterword.alerts import wording
from afterword.deployment import TEXTS
from afterword.errors import AlertError

WINDOWS: Final = {"1h": "the last hour", "1d": "the last day", "7d": "the last 7 days"}
SEVERITIES: Final = ("info", "warning", "critical")
ABOVE, BELOW, IS = "above", "below", "is"
CATEGORY: Final = "category:"
"""What the metric of a category's share starts with; the category's name follows."""
MOST_PERIODS: Final = 100
LARGEST: Final = 1e9
"""Thresholds beyond it are slips of the keyboard."""
LONGEST_NAME, LONGEST_METRIC = 120, 80


@dataclass(frozen=True)
class Metric:
    """What a rule can watch.

    Attributes
    ----------
    name : as rules and :func:`afterword.monitoring.metrics.metric_value` call it.
    label : for people.
    unit : of its values; a "share" lies between 0 and 1 and reads as per cent.
    kind : "verdict", "charts", "software", "answers" or "checks".
    help : one sentence.
    places : decimals that people need.
    directions : that a rule may ask for.
    windows : over which it can be taken; none if it is as of now, whatever the rule says.
    heading, sentence : what a message says, with the fields of :meth:`title` and :meth:`what`.
    """

    name: str
    label: str
    unit: str
    kind: str
    help: str
    places: int = 1
    directions: tuple[str, ...] = (ABOVE, BELOW)
    windows: tuple[str, ...] = tuple(WINDOWS)
    heading: str = wording.TITLE
    sentence: str = wording.WHAT

    @property
    def windowed(self) -> bool:
        """Whether a rule's window matters."""
        return bool(self.windows)

    def say(self, value: float, places: int | None = None) -> str:
        """A value as people read it.

        >>> METRICS["error_share"].say(0.0618), METRICS["latency_p95"].say(1)
        ('6.2 %', '1 s')
        >>> METRICS["chart_crossed"].say(1), METRICS["requests"].say(12_000)
        ('1 chart', '12,000 calls')
        """
        share = self.unit == "share"
        number = f"{value * 100 if share else value:,.{self.places if places is None else places}f}"
        number = number.rstrip("0").rstrip(".") if "." in number else number
        unit = "%" if share else self.unit
        return f"{number} {unit.removesuffix('s') if number == '1' and len(unit) > 1 else unit}"

    def both(self, value: float, threshold: float) -> tuple[str, str]:
        """A value and a threshold with as many decimals as tell them apart.

        >>> METRICS["error_share"].both(0.0503, 0.05)
        ('5.03 %', '5 %')
        """
        for places in range(self.places, self.places + 6):
            pair = self.say(value, places), self.say(threshold, places)
            if pair[0] != pair[1]:
                break
        return pair

    def title(self, direction: str, threshold: float) -> str:
        """What a message is called.

        >>> METRICS["error_share"].title("above", 0.05), METRICS["cpu"].title("above", 0.9)
        ('error share above 5 %', 'CPU above 90 %')
        """
        label = self.label if self.label[:2].isupper() else self.label[0].lower() + self.label[1:]
        return self.heading.format(label=label, direction=direction, threshold=self.say(threshold))

    def what(self, value: float, direction: str, threshold: float, window: str) -> str:
        """One sentence on why an alert opened.

        >>> METRICS["latency_p95"].what(1.64, "above", 1, "1h")
        'Latency, 95th percentile: 1.64 s over the last hour, above 1 s.'
        >>> METRICS["days_since_check"].what(9, "above", 8, "1d")
        'The last check was 9 days ago, and 8 days is the most that it should be.'
        """
        now, limit = self.both(value, threshold)
        return self.sentence.format(
            label=self.label,
            value=now,
            window=WINDOWS[window],
            direction=direction,
            threshold=limit,
        )


def _verdict(name: str, label: str, heading: str) -> Metric:
    return Metric(
        name,
        label,
        "",
        "verdict",
        "Of the last check; checks with too few rows say nothing.",
        directions=(IS,),
        windows=(),
        heading=heading,
        sentence=wording.verdict(label),
    )


def _share(name: str, label: str, help: str) -> Metric:
    return Metric(name, label, "share", "answers", help)


VERDICT: Final = "verdict_"
"""Beginning of the names of metrics that tell the level of the last check, which follows."""

_LATENCY = "Time to answer a call, of those in the window."
METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric
    for metric in (
        _verdict(
            f"{VERDICT}changed",
            f"The last check says that the {TEXTS} changed",
            wording.CHANGED_TITLE,
        ),
        _verdict(
            f"{VERDICT}faulty",
            "The last check says that the feed is faulty",
            wording.FAULTY_TITLE,
        ),
        Metric(
            "chart_crossed",
            "Control charts beyond their red lines",
            "charts",
            "charts",
            "How many control charts are beyond their red lines in the last judged period.",
            0,
            (ABOVE,),
            (),
            wording.CHARTS_TITLE,
            wording.CHARTS,
        ),
        Metric("requests", "Calls", "calls", "software", "Calls in the window.", 0),
        Metric(
            "error_share",
            "Error share",
            "share",
            "software",
            "Share of calls that failed, at least, with 95 % certainty; known from 20 calls on.",
        ),
        Metric("latency_p50", "Latency, median", "s", "software", _LATENCY, 2),
        Metric("latency_p95", "Latency, 95th percentile", "s", "software", _LATENCY, 2),
        Metric("sessions", "Open sessions", "sessions", "software", "People with a page open.", 0),
        Metric("memory_mb", "Memory", "MB", "software", "Memory of the server's process.", 0),
        Metric("cpu", "CPU", "share", "software", "Share of the server's processors in use.", 0),
        _share("no_category", wording.GIVEN.format("no category"), wording.GIVEN_HELP),
        _share("unsure", "Unsure answers", "Share of answers close to their threshold."),
        _share("confidence", "Confidence", "How sure the model is, on average."),
        Metric(
            "outside_range",
            "Outside the training range",
            "share",
            "answers",
            f"Share of {TEXTS} outside the training range, of the measure that has most.",
            windows=("1d", "7d"),
        ),
        Metric(
            "days_since_check",
            "Days since the last check",
            "days",
            "checks",
            "Days since the last check, whoever made it.",
            0,
            (ABOVE,),
            (),
            wording.NO_CHECK_TITLE,
            wording.NO_CHECK,
        ),
    )
}
"""Everything that a rule can watch, beside the share of each category."""


def metric_of(name: str) -> Metric:
    """Find a metric.

    Parameters
    ----------
    name : one of ``METRICS``, or "category:" and the name of a category.

    Raises
    ------
    AlertError
        There is no such metric.

    Examples
    --------
    >>> metric_of("category:Ogling").label
    'Share of descriptions that the model gives Ogling'
    """
    if name in METRICS:
        return METRICS[name]
    category = name.removeprefix(CATEGORY)
    if category in ("", name) or len(name) > LONGEST_METRIC or category != plain(category):
        raise AlertError(wording.NO_METRIC)
    # Braces would be read as fields of the message.
    label = wording.GIVEN.format(category.translate({ord("{"): "(", ord("}"): ")"}))
    return _share(name, label, wording.GIVEN_HELP)


def of_categories(categories: Iterable[str]) -> list[str]:
    """Names of the metrics of categories; one with a name that no rule can hold has none.

    >>> of_categories(["Ogling", "Ogling " * 20])
    ['category:Ogling']
    """
    found = []
    for category in categories:
        with contextlib.suppress(AlertError):
            found.append(metric_of(f"{CATEGORY}{category}").name)
    return found


@dataclass(frozen=True)
class Rule:
    """When to alert.

    Attributes
    ----------
    id : 0 until it is saved.
    name : a person's, for the page; messages do not show it.
    metric : see :func:`metric_of`.
    direction : "above" or "below" the threshold, or "is" of a verdict.
    threshold : in the metric's unit; 1 of a verdict.
    window : "1h", "1d" or "7d".
    for_periods : evaluations in a row that must find the condition to hold; of a verdict, checks.
    severity : "info", "warning" or "critical".
    enabled : whether it is evaluated.
    shipped : under what name it came with Afterword; "" if a person made it.
    tell_when_over : whether who was told of its alert is told of the end, too.
    """

    id: int
    name: str
    metric: str
    direction: str
    threshold: float
    window: str = "1h"
    for_periods: int = 1
    severity: str = "warning"
    enabled: bool = True
    shipped: str = ""
    tell_when_over: bool = False

    @property
    def condition(self) -> tuple[str, str, float, str, int]:
        """What makes it another rule if it changes: not its name, nor its severity."""
        return (self.metric, self.direction, self.threshold, self.window, self.for_periods)

    def holds(self, value: float) -> bool:
        """Whether a value meets the condition.

        >>> Rule(0, "Slow", "latency_p95", "above", 1.0).holds(1.0)
        False
        """
        if self.direction == IS:
            return value == self.threshold
        return value > self.threshold if self.direction == ABOVE else value < self.threshold

    def what(self, value: float) -> str:
        """One sentence on why its alert opened."""
        return metric_of(self.metric).what(value, self.direction, self.threshold, self.window)

    def describe(self) -> str:
        """The condition as a sentence for the page.

        >>> Rule(0, "Slow", "latency_p95", "above", 1.0, for_periods=5).describe()
        'Latency, 95th percentile: above 1 s over the last hour, 5 times in a row.'
        """
        metric = metric_of(self.metric)
        if metric.kind == "verdict":
            text = metric.label
        else:
            text = f"{metric.label}: {self.direction} {metric.say(self.threshold)}"
        window = WINDOWS[self.window] if metric.windows else ""
        return wording.condition(text, window, self.for_periods)


SHIPPED: Final = (
    Rule(
        0, "The feed is faulty", "verdict_faulty", IS, 1.0, "1d", 1, "critical", True, "feed-faulty"
    ),
    Rule(
        0,
        f"{TEXTS.capitalize()} changed",
        "verdict_changed",
        IS,
        1.0,
        "1d",
        1,
        "warning",
        True,
        "changed",
    ),
    Rule(
        0,
        "A number left its red lines",
        "chart_crossed",
        ABOVE,
        0.0,
        "1d",
        1,
        "warning",
        True,
        "chart",
    ),
    Rule(0, "Calls fail", "error_share", ABOVE, 0.05, "1h", 1, "critical", True, "errors"),
    Rule(0, "Answers are slow", "latency_p95", ABOVE, 1.0, "1h", 5, "warning", True, "slow"),
    Rule(
        0, "Nothing was checked", "days_since_check", ABOVE, 8.0, "7d", 1, "info", True, "no-check"
    ),
)
"""Rules that come with Afterword, switched on. docs/alerts.md says why each, and how often."""


def validated(rule: Rule) -> Rule:
    """Return a rule with its name made plain, if it can be kept.

    Raises
    ------
    AlertError
        Something in it is not valid; one sentence says what.
    """
    name = required(rule.name, LONGEST_NAME, wording.NAME_THE_RULE)
    metric = metric_of(rule.metric)
    if rule.direction not in metric.directions:
        raise AlertError(wording.no_direction(metric.label, metric.directions))
    if not math.isfinite(rule.threshold) or abs(rule.threshold) > LARGEST:
        raise AlertError(wording.NO_NUMBER)
    if metric.unit == "share" and not 0 <= rule.threshold <= 1:
        raise AlertError(wording.NO_SHARE)
    if rule.direction == IS and rule.threshold != 1:
        raise AlertError(wording.NO_VERDICT)
    windows = metric.windows or tuple(WINDOWS)
    if rule.window not in windows:
        raise AlertError(wording.no_window(metric.label, windows))
    if not isinstance(rule.for_periods, int) or not 1 <= rule.for_periods <= MOST_PERIODS:
        raise AlertError(wording.no_periods(MOST_PERIODS))
    if rule.severity not in SEVERITIES:
        raise AlertError(wording.NO_SEVERITY)
    # Per cent typed on the page come back with a trace of arithmetic: 0.07000000000000001.
    return replace(rule, name=name, threshold=float(f"{rule.threshold:.9g}"))


def plain(text: str) -> str:
    """Text on one line without control characters, marks of direction or halves of characters.

    >>> plain("Ann\\u202e \\x1b[31m\\n  Smith")
    'Ann [31m Smith'
    """
    kinds = ((letter, unicodedata.category(letter)) for letter in text)
    spaced = "".join(
        " " if letter in "\t\n\r" or kind in ("Zl", "Zp") else letter
        for letter, kind in kinds
        if kind[0] != "C" or letter in "\t\n\r"
    )
    return " ".join(spaced.split())


def required(text: str, longest: int, ask: str) -> str:
    """A person's text made plain.

    Raises
    ------
    AlertError
        Nothing is left of it, or it is longer than ``longest`` characters.
    """
    text = plain(text)
    if not text or len(text) > longest:
        raise AlertError(wording.required(ask, longest))
    return text

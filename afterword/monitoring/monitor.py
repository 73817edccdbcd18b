"""A window of time in numbers: the software, what goes in, what comes out, and what crossed a line.

Everything is read from counts per hour and day, so a year takes no longer to show than its days.
Whether a chart crossed its red lines is decided by :mod:`afterword.monitoring.control_charts`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np

from afterword.monitoring.control_charts import Baseline, Chart, ControlCharts, control_charts
from afterword.monitoring.outside_range import outside_training
from afterword.monitoring.software import calls_of, software
from afterword.monitoring.watched import SHARE, Watch, watches_of, with_running
from afterword.monitoring.windows import WEEK, Monitoring, NewWord, Watched, Window
from afterword.settings import get_settings
from afterword.store import Store
from afterword.store.moments import DAY, day_start
from afterword.store.tally import CALLS, Tally, between, layout_of, total
from afterword.text.descriptors import NAMES

LEARNED_DAYS: Final = 90
"""Days before a window from which its red lines are learned."""
LEARNED_WEEKS: Final = 52
COUNTED: Final = (*NAMES, "inputs", "descriptions", "outputs", "confidence")
"""Counts that charts are made of."""
ENOUGH: Final = 30
"""Descriptions of a period below which it is grey, as in
:mod:`afterword.monitoring.control_charts`."""
YEAR: Final = timedelta(days=365.25)
ROUNDING: Final = timedelta(minutes=1)
_NORMAL_95: Final = 1.96


@dataclass(frozen=True)
class _Course:
    """The periods of a window's charts, with those before it that the charts learn from.

    Attributes
    ----------
    days : counts by day.
    period : length of a period.
    times : start of each period.
    over : how many of them are over; the others are shown and not judged.
    shown : index of the window's first period.
    """

    days: Mapping[datetime, Tally]
    period: timedelta
    times: tuple[datetime, ...]
    over: int
    shown: int

    @property
    def counts(self) -> list[Tally]:
        """Counts of each period."""
        return [between(self.days, time, time + self.period) for time in self.times]


def monitor(
    store: Store, window: Window, *, sample: bool = False, now: datetime | None = None
) -> Monitoring:
    """Put a window into numbers.

    A period that is still running is shown and not judged: looking at it again and again would
    give more false alarms than were promised.

    Parameters
    ----------
    store : where it was recorded.
    window : as of :func:`afterword.monitoring.windows.window_of`.
    sample : look at the loaded sample weeks instead.
    now : the present; that of the clock if None.

    Raises
    ------
    StoreError
        The store cannot be read.
    ModelError
        There is no model whose training set the window can be compared with.
    """
    layout = layout_of()
    watches = watches_of(layout)
    course = _course(store, window, layout.model, sample, now or datetime.now(UTC))
    rows, values = _rows_and_values(watches, course.counts)
    found = _judged(watches, course, rows, values)
    charts = [
        with_running(chart, own[course.over :], n[course.over :], watch.baseline)
        for watch, chart, own, n in zip(watches, found.charts, values, rows, strict=True)
    ]
    # The day that is drawn by the hour is compared by whole days: only these hold inputs.
    start, end = day_start(window.start), window.end
    whole = between(course.days, start, end)
    before = between(course.days, start - (end - start), start)
    watched = [
        _watched(watch, chart, course, whole, before, n[course.shown :])
        for watch, chart, n in zip(watches, charts, rows, strict=True)
    ]
    new_words, hidden = _new_words(store, start, end, sample, whole.descriptions)
    calls = calls_of(store, window, sample)
    return Monitoring(
        window=window,
        period=course.period,
        descriptions=whole.descriptions,
        calls=int(total(list(calls.values())).get("calls", len(CALLS))[0]),
        software=software(store, window, calls, sample),
        inputs=tuple(one for one in watched if one.group == "input"),
        outputs=tuple(one for one in watched if one.group == "output"),
        outside=outside_training(layout, whole),
        new_words=new_words,
        hidden_words=hidden,
        promised=found.promised,
        judged=int(np.any([chart.judged[course.shown :] for chart in charts], axis=0).sum()),
        waiting=max(0, whole.descriptions - whole.inputs),
    )


def present(store: Store, *, sample: bool = False) -> datetime:
    """Now; for the loaded sample weeks the end of their last day, so that they do not age."""
    if sample:
        end = store.last_sample()
        if end is not None:
            return end - timedelta(seconds=1)
    return datetime.now(UTC)


def _course(store: Store, window: Window, model: str, sample: bool, now: datetime) -> _Course:
    learned = max(LEARNED_DAYS * DAY, LEARNED_WEEKS * WEEK)
    first = window.end - learned - 2 * (window.end - window.start)
    days = store.tallies(
        "day", day_start(first), window.end, sample=sample, model=model, names=COUNTED
    )
    period = _period(days, window)
    times = _times(window, period)
    over = sum(each + period <= now + ROUNDING for each in times)
    shown = sum(each + period <= day_start(window.start) for each in times)
    if period == WEEK:
        shown = min(shown, max(over - 1, 0))  # the last week that is over is always shown
    return _Course(days, period, times, over, shown)


def _rows_and_values(
    watches: Sequence[Watch], counts: Sequence[Tally]
) -> tuple[np.ndarray, np.ndarray]:
    """How many descriptions were counted, and their mean or share, (m, t) each."""
    rows = np.array([[watch.rows(tally) for tally in counts] for watch in watches])
    values = np.array([[watch.value(tally) for tally in counts] for watch in watches])
    return rows, values


def _judged(
    watches: Sequence[Watch], course: _Course, rows: np.ndarray, values: np.ndarray
) -> ControlCharts:
    """The control charts of the periods that are over."""
    return _charts(
        tuple(watch.baseline for watch in watches),
        values[:, : course.over].astype(float).tobytes(),
        rows[:, : course.over].astype(np.int64).tobytes(),
        YEAR / course.period,
        get_settings().chart_alarms,
    )


@lru_cache(maxsize=8)
def _charts(
    baselines: tuple[Baseline, ...],
    values: bytes,
    rows: bytes,
    periods_per_year: float,
    alarms_per_year: float,
) -> ControlCharts:
    """Judge a history, whose numbers are the key: what is over is looked at again and again, by
    Overview and Monitoring, every visitor and every round, and seldom changes."""
    shape = len(baselines), len(values) // 8 // len(baselines)
    return control_charts(
        baselines,
        np.frombuffer(values, float).reshape(shape),
        np.frombuffer(rows, np.int64).reshape(shape),
        periods_per_year=periods_per_year,
        alarms_per_year=alarms_per_year,
    )


def _new_words(
    store: Store, start: datetime, end: datetime, sample: bool, descriptions: int
) -> tuple[tuple[NewWord, ...], int]:
    """Words that training never had, and how many others may not be shown."""
    words, hidden = store.unseen(start, end, sample=sample)
    shown = tuple(
        NewWord(
            one.word,
            one.descriptions,
            one.descriptions / max(descriptions, one.descriptions),
            one.first_day,
        )
        for one in words
    )
    return shown, hidden


def _period(days: Mapping[datetime, Tally], window: Window) -> timedelta:
    """Days if most of those that have descriptions have enough of them, weeks otherwise."""
    if window.period == WEEK:
        return WEEK
    counts = [tally.descriptions for tally in days.values() if tally.descriptions]
    return WEEK if counts and np.median(counts) < ENOUGH else DAY


def _times(window: Window, period: timedelta) -> tuple[datetime, ...]:
    """Starts of the charts' periods: those of the window, and those before it that it needs."""
    end = day_start(window.end - timedelta(seconds=1)) + DAY
    if period == WEEK:
        # From Monday to Sunday, whatever the window: else every day would judge other weeks.
        end += timedelta(days=-end.weekday() % 7)
    own = math.ceil((end - day_start(window.start)) / period)
    count = own + (LEARNED_WEEKS if period == WEEK else LEARNED_DAYS)
    return tuple(end - place * period for place in range(count, 0, -1))


def _watched(
    watch: Watch,
    chart: Chart,
    course: _Course,
    now: Tally,
    before: Tally,
    rows: np.ndarray,
) -> Watched:
    base = watch.baseline
    n = watch.rows(now)
    typical = float(np.median(rows[rows > 0])) if (rows > 0).any() else math.nan
    around = _NORMAL_95 * base.spread * math.sqrt(1 / typical + 1 / base.rows)
    low, high = base.centre - around, base.centre + around
    value = watch.value(now)
    spread = math.sqrt(max(value * (1 - value), 0)) if base.kind == SHARE and n else base.spread
    return Watched(
        name=watch.name,
        label=watch.label,
        unit=watch.unit,
        group=watch.group,
        times=course.times,
        shown=course.shown,
        chart=chart,
        now=value,
        error=spread / math.sqrt(n) if n else math.nan,
        before=watch.value(before),
        training=base.centre,
        training_range=(max(low, 0.0), min(high, 1.0) if watch.unit in (SHARE, "") else high),
        rows=n,
        enough=n >= ENOUGH,
    )

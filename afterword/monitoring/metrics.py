"""A window of time in numbers: the software, what goes in, what comes out, and what crossed a line.

Everything is read from counts per hour and day, so a year takes no longer to show than its days.
Whether a chart crossed its red lines is decided by :mod:`afterword.monitoring.control_charts`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import special

from afterword.alerts.rules import VERDICT
from afterword.measures.definitions import FLAGS, UNSURE
from afterword.measures.null_tables import load_tables
from afterword.model.reference import CONFIDENCE, NUMBER, probability_column
from afterword.monitoring.control_charts import Baseline, Chart, control_charts
from afterword.monitoring.windows import (
    HOUR,
    WEEK,
    Line,
    Monitoring,
    NewWord,
    Outside,
    Watched,
    Window,
    window_of,
)
from afterword.settings import get_settings
from afterword.store import Store
from afterword.store.moments import DAY, day_start
from afterword.store.tally import (
    CALLS,
    Layout,
    Tally,
    at_threshold,
    latency_quantile,
    layout_of,
    total,
    version_of,
)
from afterword.text.descriptors import DESCRIPTORS

if TYPE_CHECKING:
    from afterword.monitoring.windows import Number

LEARNED_DAYS: Final = 90
"""Days before a window from which its red lines are learned."""
LEARNED_WEEKS: Final = 52
ENOUGH: Final = 30
"""Descriptions of a period below which it is grey, as in
:mod:`afterword.monitoring.control_charts`."""
FEW_CALLS: Final = 20
"""Calls below which a share of errors or a latency says nothing."""
YEAR: Final = timedelta(days=365.25)
SOFTWARE: Final = ("calls", "latency")
CONFIDENCE_LABEL: Final = "Mean confidence"
_NORMAL_95: Final = 1.96
_ROUNDING: Final = timedelta(minutes=1)

MEAN: Final = "mean"
SHARE: Final = "share"


@dataclass(frozen=True)
class _Watch:
    """One number that is watched: how it is counted, and what training says of it.

    ``count`` gives the sum of the values, and ``rows`` how many there are.
    """

    name: str
    label: str
    unit: str
    group: str
    baseline: Baseline
    count: Callable[[Tally], float]

    def rows(self, tally: Tally) -> int:
        """How many descriptions were counted."""
        return tally.inputs if self.group == "input" else tally.descriptions

    def value(self, tally: Tally) -> float:
        """The mean or share; NaN without descriptions."""
        rows = self.rows(tally)
        return self.count(tally) / rows if rows else math.nan


def look(
    store: Store, window: Window, *, sample: bool = False, now: datetime | None = None
) -> Monitoring:
    """Look at a window.

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
    first = window.end - max(LEARNED_DAYS * DAY, LEARNED_WEEKS * WEEK) - 2 * _length(window)
    days = store.tallies("day", day_start(first), window.end, sample=sample, model=layout.model)
    period = _period(days, window)
    times = _times(window, period)
    per_period = [_between(days, moment, moment + period) for moment in times]
    watches = _watches(layout)
    rows = np.array([[watch.rows(tally) for tally in per_period] for watch in watches])
    values = np.array([[watch.value(tally) for tally in per_period] for watch in watches])
    moment = now or datetime.now(UTC)
    over = sum(each + period <= moment + _ROUNDING for each in times)
    found = control_charts(
        [watch.baseline for watch in watches],
        values[:, :over],
        rows[:, :over],
        periods_per_year=YEAR / period,
        alarms_per_year=get_settings().chart_alarms,
    )
    charts = [
        _with_running(chart, values[place, over:], rows[place, over:], watches[place].baseline)
        for place, chart in enumerate(found.charts)
    ]
    start, end = day_start(window.start), window.end
    # The day that is drawn by the hour is compared by whole days: only these hold inputs.
    whole = _between(days, start, end)
    before = _between(days, start - (end - start), start)
    shown = sum(moment + period <= start for moment in times)
    if period == WEEK:
        shown = min(shown, max(over - 1, 0))  # the last week that is over is always shown
    watched = [
        _watched(watch, chart, times, shown, whole, before, own[shown:])
        for watch, chart, own in zip(watches, charts, rows, strict=True)
    ]
    new_words, hidden = store.unseen(start, end, sample=sample)
    calls = _calls(store, window, sample)
    return Monitoring(
        window=window,
        period=period,
        descriptions=whole.descriptions,
        calls=int(total(list(calls.values())).get("calls", len(CALLS))[0]),
        software=_software(store, window, calls, sample),
        inputs=tuple(one for one in watched if one.group == "input"),
        outputs=tuple(one for one in watched if one.group == "output"),
        outside=_outside(layout, whole),
        new_words=tuple(
            NewWord(
                one.word,
                one.descriptions,
                one.descriptions / max(whole.descriptions, one.descriptions),
                one.first_day,
            )
            for one in new_words
        ),
        hidden_words=hidden,
        promised=found.promised,
        judged=int(np.any([chart.judged[shown:] for chart in charts], axis=0).sum()),
    )


def present(store: Store, *, sample: bool = False) -> datetime:
    """Now; for the loaded sample weeks the end of their last day, so that they do not age."""
    if sample:
        end = store.last_sample()
        if end is not None:
            return end - timedelta(seconds=1)
    return datetime.now(UTC)


def _with_running(chart: Chart, values: np.ndarray, rows: np.ndarray, base: Baseline) -> Chart:
    """A chart with the periods that are not over yet: drawn, and not judged."""
    if not len(values):
        return chart
    gaps = np.full(len(values), math.nan)
    no = np.zeros(len(values), bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = np.where(rows > 0, base.spread / np.sqrt(rows), math.nan)
    added = {
        "values": values,
        "errors": errors,
        "rows": rows,
        **dict.fromkeys(("lower", "upper", "trend", "trend_lower", "trend_upper"), gaps),
        **dict.fromkeys(("judged", "jumped", "drifted"), no),
    }
    longer = {name: np.append(getattr(chart, name), each) for name, each in added.items()}
    return replace(chart, **longer)  # type: ignore[arg-type]


def _length(window: Window) -> timedelta:
    return window.end - window.start


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


def _between(days: Mapping[datetime, Tally], start: datetime, end: datetime) -> Tally:
    return total([tally for moment, tally in days.items() if start <= moment < end])


def _watches(layout: Layout) -> list[_Watch]:
    """Everything that has a control chart, outputs first; worked out once per model."""
    with _preparing:
        if layout.model not in _watched_of:
            _watched_of.clear()
            _watched_of[layout.model] = _new_watches(layout)
        return _watched_of[layout.model]


_preparing = threading.Lock()
_watched_of: dict[str, list[_Watch]] = {}


def _new_watches(layout: Layout) -> list[_Watch]:
    reference = layout.reference
    rows = len(reference)
    tables = load_tables()

    def share(count: float) -> Baseline:
        # Jeffreys' estimate: that training had none does not make the first one impossible.
        centre = (count + 0.5) / (rows + 1)
        return Baseline(SHARE, centre, math.sqrt(centre * (1 - centre)), 0.0, rows)

    unsure = float(tables.totals.flags[0, FLAGS.index(UNSURE)])
    none = float((reference[NUMBER] == 0).sum())
    confident = reference[CONFIDENCE].to_numpy(float)
    watches = [
        _Watch("no_category", "No category", SHARE, "output", share(none), _output(0)),
        _Watch("unsure", "Unsure answers", SHARE, "output", share(unsure), _output(1)),
        _Watch(
            "confidence", CONFIDENCE_LABEL, "", "output", _mean_of(confident), _confidence
        ),
    ]  # fmt: skip
    for place, category in enumerate(layout.categories):
        predicted = reference[probability_column(category)].to_numpy(float)
        count = float(at_threshold(predicted, layout.thresholds[place]).sum())
        name = f"category:{category}"
        watches.append(
            _Watch(name, f"{category} predicted", SHARE, "output", share(count), _output(2 + place))
        )
    for each in DESCRIPTORS:
        bins = layout.bins[each.name]
        if each.seldom:
            count = float((reference[each.name] > 0).sum())
            label = f"{each.label}: any"
            above = partial(_sum, each.name, (bins.values > 0).astype(float))
            watches.append(_Watch(each.name, label, SHARE, "input", share(count), above))
        else:
            values = reference[each.name].to_numpy(float)
            added = partial(_sum, each.name, bins.values)
            watches.append(
                _Watch(each.name, each.label, each.unit, "input", _mean_of(values), added)
            )
    return watches


def _mean_of(values: np.ndarray) -> Baseline:
    spread = float(values.std())
    centre = float(values.mean())
    skewness = float((((values - centre) / spread) ** 3).mean()) if spread else 0.0
    return Baseline(MEAN, centre, spread, skewness, len(values))


def _sum(name: str, values: np.ndarray, tally: Tally) -> float:
    return float(tally.get(name, len(values)) @ values)


def _output(place: int) -> Callable[[Tally], float]:
    return lambda tally: float(tally.counts["outputs"][place]) if tally.descriptions else 0.0


def _confidence(tally: Tally) -> float:
    return float(tally.get("confidence", 101) @ np.arange(101) / 100)


def _watched(
    watch: _Watch,
    chart: Chart,
    times: tuple[datetime, ...],
    shown: int,
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
        times=times,
        shown=shown,
        chart=chart,
        now=value,
        error=spread / math.sqrt(n) if n else math.nan,
        before=watch.value(before),
        training=base.centre,
        training_range=(max(low, 0.0), min(high, 1.0) if watch.unit in (SHARE, "") else high),
        rows=n,
        enough=n >= ENOUGH,
    )


def _outside(layout: Layout, now: Tally) -> tuple[Outside, ...]:
    """Share of descriptions outside each descriptor's training range, farthest first."""
    n = now.inputs
    found = []
    for each in DESCRIPTORS:
        bins = layout.bins[each.name]
        count = int(now.get(each.name, len(bins.values))[bins.outside].sum())
        low, high = _exact_interval(count, n)
        training = float(bins.shares[bins.outside].sum())
        share = count / n if n else math.nan
        found.append(Outside(each.name, each.label, share, low, high, training))
    return tuple(sorted(found, key=lambda one: -abs(one.now - one.training) if n else 0))


def _exact_interval(count: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share after Clopper and Pearson (1934)."""
    if not n:
        return math.nan, math.nan
    low = float(special.betaincinv(count, n - count + 1, 0.025)) if count else 0.0
    high = float(special.betaincinv(count + 1, n - count, 0.975)) if count < n else 1.0
    return low, high


# ---------------------------------------------------------------- software


def _calls(store: Store, window: Window, sample: bool) -> dict[datetime, Tally]:
    """Counts of calls over the window, by hours for a day and by days beyond."""
    span = "hour" if window.period == HOUR else "day"
    return store.tallies(span, window.start, window.end, sample=sample, names=SOFTWARE)


def _software(
    store: Store, window: Window, calls: Mapping[datetime, Tally], sample: bool
) -> tuple[Line, ...]:
    earlier = _calls(store, window.before, sample)
    now, before = total(list(calls.values())), total(list(earlier.values()))
    readings = store.readings(window.start, window.end, sample=sample)
    readings_before = store.readings(window.before.start, window.before.end, sample=sample)
    times = window.times
    parts = [_between(calls, moment, moment + window.period) for moment in times]
    edges = np.array([moment.timestamp() for moment in times])
    place = np.searchsorted(edges, readings[:, 0], side="right") - 1

    def line(name: str, label: str, unit: str, value: Callable[[Tally], float]) -> Line:
        values = np.array([value(part) for part in parts])
        return Line(name, label, unit, times, values, value(now), value(before))

    def reading(name: str, label: str, unit: str, column: int) -> Line:
        values = np.array(
            [_mean(readings[place == at, column]) for at in range(len(times))], dtype=float
        )
        whole, past = (_mean(each[:, column]) for each in (readings, readings_before))
        return Line(name, label, unit, times, values, whole, past)

    return (
        line("requests", "Requests", "calls", lambda part: float(_called(part)[0])),
        line("errors", "Errors", "calls", lambda part: float(_called(part)[1])),
        line("latency_p50", "Latency, median", "seconds", lambda part: _latency(part, 0.5)),
        line("latency_p95", "Latency, 95 % are faster", "seconds", lambda p: _latency(p, 0.95)),
        reading("sessions", "Open sessions", "sessions", 1),
        reading("cpu", "Processor", "share", 2),
        reading("memory_mb", "Memory", "MB", 3),
    )


def _called(tally: Tally) -> np.ndarray:
    return tally.get("calls", len(CALLS))


def _latency(tally: Tally, share: float) -> float:
    return latency_quantile(tally.get("latency", 1), share)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan


# ---------------------------------------------------------------- single numbers

_SPANS: Final = {"1h": HOUR, "1d": DAY, "7d": WEEK}


def metric(
    store: Store,
    name: str,
    window: str,
    *,
    now: datetime | None = None,
    sample: bool = False,
) -> float:
    """One number, as rules ask for it.

    Parameters
    ----------
    store : where it was recorded.
    name : one of :data:`afterword.monitoring.alerting.METRICS`, or "category:" and a category's
    name.
    window : "1h", "1d" or "7d" up to now. Calls of the last hour are counted to the second; beyond
        it, and for answers, by hours with the running one; descriptors by days with today.
    now : the present; that of the clock if None.
    sample : of the loaded sample weeks.

    Returns
    -------
    NaN if there is not enough to say it, or no such number.

    Raises
    ------
    StoreError, ModelError
        As :func:`look`.
    """
    now = now or datetime.now(UTC)
    if name.startswith(VERDICT) or name == "days_since_check":
        last = store.checks.last(sample=sample)
        if last is None:
            return math.nan
        if name == "days_since_check":
            return max(0.0, (now - last.at) / DAY)
        # What another model's check said does not vouch for this one, nor accuse it.
        known = last.level != "too_few" and last.model == version_of()
        return float(last.level == name.removeprefix(VERDICT)) if known else math.nan
    if name == "chart_crossed":
        shown = window_of("week" if window == "7d" else "day", now=now)
        seen = look(store, shown, sample=sample, now=now)
        charts = [*seen.inputs, *seen.outputs]
        return float(sum(one.crossed for one in charts)) if seen.judged else math.nan
    end = now.replace(minute=0, second=0, microsecond=0) + HOUR
    start = end - max(_SPANS[window], 2 * HOUR)
    if name in ("sessions", "cpu", "memory_mb"):
        column = ("sessions", "cpu", "memory_mb").index(name) + 1
        return _mean(store.readings(now - _SPANS[window], now + HOUR, sample=sample)[:, column])
    if name in ("requests", "error_share", "latency_p50", "latency_p95"):
        if window == "1h":
            tally = store.calls(now - HOUR, now + _ROUNDING, sample=sample)
        else:
            counts = store.tallies("hour", start, end, sample=sample, names=SOFTWARE)
            tally = total(list(counts.values()))
        called = _called(tally)
        if name == "requests":
            return float(called[0])
        accepted = int(called[0] - called[2])  # one client's wrong calls hide nobody's failures
        if accepted < FEW_CALLS:
            return math.nan
        if name == "error_share":
            return _surely(int(called[1]), accepted)
        return _latency(tally, 0.5 if name == "latency_p50" else 0.95)
    if name == "outside_range" and window == "1h":
        return math.nan
    span = "day" if name == "outside_range" else "hour"
    if span == "day":
        start, end = day_start(now) - _SPANS[window], day_start(now) + DAY
    layout = layout_of()
    tally = total(list(store.tallies(span, start, end, sample=sample, model=layout.model).values()))
    n = tally.descriptions
    if n < ENOUGH:
        return math.nan
    if name == "outside_range":
        return max(one.now for one in _outside(layout, tally))
    watch = next((one for one in _watches(layout) if one.name == name), None)
    if watch is None or watch.group == "input":
        return math.nan
    return watch.count(tally) / n


def _surely(count: int, n: int) -> float:
    """The share that is exceeded with 95 % certainty: Wilson's (1927) lower bound, one-sided.

    One call of thirty that failed is no alarm yet, and all of twenty are.
    """
    z, share = 1.645, count / n
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (share + z * z / (2 * n) - spread) / (1 + z * z / n))


def numbers(
    store: Store, *, now: datetime, sample: bool = False, days: int = 28
) -> tuple[Number, ...]:
    """The four numbers of the overview: over seven days, the seven before, and day by day.

    Raises
    ------
    StoreError, ModelError
        As :func:`look`.
    """
    from afterword.monitoring.windows import Number

    layout = layout_of()
    end = day_start(now) + DAY
    times = tuple(end - place * DAY for place in range(days, 0, -1))
    own = store.tallies("day", times[0], end, sample=sample, model=layout.model)
    calls = store.tallies("day", times[0], end, sample=sample, names=SOFTWARE)

    def number(
        name: str,
        label: str,
        unit: str,
        counted: Mapping[datetime, Tally],
        value: Callable[[Tally], float],
    ) -> Number:
        values = np.array([value(_between(counted, day, day + DAY)) for day in times])
        week, before = (value(_between(counted, last - WEEK, last)) for last in (end, end - WEEK))
        return Number(name, label, unit, week, before, times, values)

    def per_description(count: Callable[[Tally], float]) -> Callable[[Tally], float]:
        return lambda tally: count(tally) / tally.descriptions if tally.descriptions else math.nan

    return (
        number("descriptions", "Descriptions", "", own, lambda tally: float(tally.descriptions)),
        number("no_category", "No category", SHARE, own, per_description(_output(0))),
        number("confidence", CONFIDENCE_LABEL, SHARE, own, per_description(_confidence)),
        number(
            "latency_p95", "Latency, 95 % are faster", "seconds", calls,
            lambda tally: _latency(tally, 0.95),
        ),
    )  # fmt: skip

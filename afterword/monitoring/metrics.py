"""What a rule can watch, as one number: see :data:`afterword.alerts.rules.METRICS`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from afterword.alerts.rules import VERDICT, metric_of
from afterword.errors import AlertError
from afterword.model.registry import version_of
from afterword.monitoring.monitor import ENOUGH, ROUNDING, monitor
from afterword.monitoring.outside_range import outside_training
from afterword.monitoring.software import SOFTWARE, called, latency, mean_of
from afterword.monitoring.watched import watches_of
from afterword.monitoring.windows import HOUR, WEEK, Monitoring, Watched, window_of
from afterword.store import Store
from afterword.store.moments import DAY, day_start
from afterword.store.tally import Tally, layout_of, total

FEW_CALLS: Final = 20
"""Calls below which a share of errors or a latency says nothing."""
_SPANS: Final = {"1h": HOUR, "1d": DAY, "7d": WEEK}
_STATE: Final = ("sessions", "cpu", "memory_mb")
"""The server's own state, in the order of the store's readings."""


@dataclass(frozen=True)
class _Asked:
    """Which number is asked for, and of what."""

    store: Store
    name: str
    window: str
    now: datetime
    sample: bool

    @property
    def span(self) -> timedelta:
        """Length of the window."""
        return _SPANS[self.window]

    @property
    def hours(self) -> tuple[datetime, datetime]:
        """The whole hours that the window is counted by, with the running one."""
        end = self.now.replace(minute=0, second=0, microsecond=0) + HOUR
        return end - max(self.span, 2 * HOUR), end


def metric_value(
    store: Store, name: str, window: str, *, now: datetime | None = None, sample: bool = False
) -> float:
    """One number, as rules ask for it.

    Parameters
    ----------
    store : where it was recorded.
    name : one of :data:`afterword.alerts.rules.METRICS`, or "category:" and a category's name.
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
        As :func:`afterword.monitoring.monitor.monitor`.
    """
    try:
        kind = metric_of(name).kind
    except AlertError:
        return math.nan
    return _VALUES[kind](_Asked(store, name, window, now or datetime.now(UTC), sample))


def _verdict(asked: _Asked) -> float:
    """Whether the last check says so."""
    last = asked.store.checks.last(sample=asked.sample)
    # What another model's check said does not vouch for this one, nor accuse it.
    if last is None or last.level == "too_few" or last.model != version_of():
        return math.nan
    return float(last.level == asked.name.removeprefix(VERDICT))


def _days_since_check(asked: _Asked) -> float:
    last = asked.store.checks.last(sample=asked.sample)
    return math.nan if last is None else max(0.0, (asked.now - last.at) / DAY)


def _charts_crossed(asked: _Asked) -> float:
    seen = _monitored(asked)
    charts = [*seen.inputs, *seen.outputs]
    return float(sum(one.crossed for one in charts)) if seen.judged else math.nan


def charts_beyond(
    store: Store, window: str, *, now: datetime, sample: bool = False
) -> tuple[Watched, ...]:
    """The charts that the metric "chart_crossed" counts, outputs first.

    Parameters
    ----------
    store, window, now, sample : as :func:`metric_value` takes them.
    """
    seen = _monitored(_Asked(store, "chart_crossed", window, now, sample))
    return tuple(one for one in (*seen.outputs, *seen.inputs) if one.crossed)


def _monitored(asked: _Asked) -> Monitoring:
    shown = window_of("week" if asked.window == "7d" else "day", now=asked.now)
    return monitor(asked.store, shown, sample=asked.sample, now=asked.now)


def _of_software(asked: _Asked) -> float:
    if asked.name in _STATE:
        since, until = asked.now - asked.span, asked.now + HOUR
        readings = asked.store.readings(since, until, sample=asked.sample)
        return mean_of(readings[:, _STATE.index(asked.name) + 1])
    if asked.window == "1h":
        tally = asked.store.calls(asked.now - HOUR, asked.now + ROUNDING, sample=asked.sample)
    else:
        hours = asked.store.tallies("hour", *asked.hours, sample=asked.sample, names=SOFTWARE)
        tally = total(list(hours.values()))
    calls, failed, refused, *_ = called(tally)
    if asked.name == "requests":
        return float(calls)
    accepted = int(calls - refused)  # one client's wrong calls hide nobody's failures
    if accepted < FEW_CALLS:
        return math.nan
    if asked.name == "error_share":
        return _least_share(int(failed), accepted)
    return latency(tally, 0.5 if asked.name == "latency_p50" else 0.95)


def _of_answers(asked: _Asked) -> float:
    if asked.name == "outside_range":
        return _outside_range(asked)
    tally = _descriptions(asked, "hour", *asked.hours)
    watch = next((one for one in watches_of(layout_of()) if one.name == asked.name), None)
    if tally.descriptions < ENOUGH or watch is None:
        return math.nan
    return watch.value(tally)


def _outside_range(asked: _Asked) -> float:
    if asked.window == "1h":
        return math.nan  # descriptors are counted by the day
    today = day_start(asked.now)
    tally = _descriptions(asked, "day", today - asked.span, today + DAY)
    if tally.descriptions < ENOUGH:
        return math.nan
    return max(one.now for one in outside_training(layout_of(), tally))


def _descriptions(asked: _Asked, span: str, start: datetime, end: datetime) -> Tally:
    """What was counted of descriptions that the model in service answered."""
    model = layout_of().model
    counts = asked.store.tallies(span, start, end, sample=asked.sample, model=model)
    return total(list(counts.values()))


def _least_share(count: int, n: int) -> float:
    """The share that is exceeded with 95 % certainty: Wilson's (1927) lower bound, one-sided.

    One call of thirty that failed is no alarm yet, and all of twenty are.
    """
    z, share = 1.645, count / n
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, (share + z * z / (2 * n) - spread) / (1 + z * z / n))


_VALUES: Final[Mapping[str, Callable[[_Asked], float]]] = {
    "verdict": _verdict,
    "checks": _days_since_check,
    "charts": _charts_crossed,
    "software": _of_software,
    "answers": _of_answers,
}
"""Kind of a metric → how its value is found."""

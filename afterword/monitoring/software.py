"""How the software does over a window: calls, errors, latency, and the server's own state."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import numpy as np

from afterword.monitoring.windows import HOUR, Line, Window
from afterword.store import Store
from afterword.store.moments import seconds_of
from afterword.store.tally import CALLS, Tally, between, latency_quantile, total

SOFTWARE: Final = ("calls", "latency")


def calls_of(store: Store, window: Window, sample: bool) -> dict[datetime, Tally]:
    """Counts of calls over the window, by hours for a day and by days beyond."""
    span = "hour" if window.period == HOUR else "day"
    return store.tallies(span, window.start, window.end, sample=sample, names=SOFTWARE)


def software(
    store: Store, window: Window, calls: Mapping[datetime, Tally], sample: bool
) -> tuple[Line, ...]:
    earlier = calls_of(store, window.before, sample)
    now, before = total(list(calls.values())), total(list(earlier.values()))
    readings = store.readings(window.start, window.end, sample=sample)
    readings_before = store.readings(window.before.start, window.before.end, sample=sample)
    times = window.times
    parts = [between(calls, moment, moment + window.period) for moment in times]
    edges = np.array([seconds_of(moment) for moment in times])
    place = np.searchsorted(edges, readings[:, 0], side="right") - 1

    def line(name: str, label: str, unit: str, value: Callable[[Tally], float]) -> Line:
        values = np.array([value(part) for part in parts])
        return Line(name, label, unit, times, values, value(now), value(before))

    def reading(name: str, label: str, unit: str, column: int) -> Line:
        values = np.array(
            [mean_of(readings[place == at, column]) for at in range(len(times))], dtype=float
        )
        whole, past = (mean_of(each[:, column]) for each in (readings, readings_before))
        return Line(name, label, unit, times, values, whole, past)

    return (
        line("requests", "Requests", "calls", lambda part: float(called(part)[0])),
        line("errors", "Errors", "calls", lambda part: float(called(part)[1])),
        line("latency_p50", "Latency, median", "seconds", lambda part: latency(part, 0.5)),
        line("latency_p95", "Latency, 95 % are faster", "seconds", lambda p: latency(p, 0.95)),
        reading("sessions", "Open sessions", "sessions", 1),
        reading("cpu", "Processor", "share", 2),
        reading("memory_mb", "Memory", "MB", 3),
    )


def called(tally: Tally) -> np.ndarray:
    return tally.get("calls", len(CALLS))


def latency(tally: Tally, share: float) -> float:
    return latency_quantile(tally.get("latency", 1), share)


def mean_of(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else math.nan

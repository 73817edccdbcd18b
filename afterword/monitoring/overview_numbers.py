"""The four numbers of the overview."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime

import numpy as np

from afterword.deployment import TEXTS
from afterword.monitoring.software import SOFTWARE, latency
from afterword.monitoring.watched import CONFIDENCE_LABEL, SHARE, confidence, output
from afterword.monitoring.windows import WEEK, Number
from afterword.store import Store
from afterword.store.moments import DAY, day_start
from afterword.store.tally import Tally, between, layout_of


def overview_numbers(
    store: Store, *, now: datetime, sample: bool = False, days: int = 28
) -> tuple[Number, ...]:
    """The four numbers of the overview: over seven days, the seven before, and day by day.

    Raises
    ------
    StoreError, ModelError
        As :func:`afterword.monitoring.monitor.monitor`.
    """
    layout = layout_of()
    end = day_start(now) + DAY
    times = tuple(end - place * DAY for place in range(days, 0, -1))
    names = ("descriptions", "outputs", "confidence")
    own = store.tallies("day", times[0], end, sample=sample, model=layout.model, names=names)
    calls = store.tallies("day", times[0], end, sample=sample, names=SOFTWARE)

    def number(
        name: str,
        label: str,
        unit: str,
        counted: Mapping[datetime, Tally],
        value: Callable[[Tally], float],
    ) -> Number:
        values = np.array([value(between(counted, day, day + DAY)) for day in times])
        week, before = (value(between(counted, last - WEEK, last)) for last in (end, end - WEEK))
        return Number(name, label, unit, week, before, times, values)

    def per_description(count: Callable[[Tally], float]) -> Callable[[Tally], float]:
        return lambda tally: count(tally) / tally.descriptions if tally.descriptions else math.nan

    return (
        number(
            "descriptions", TEXTS.capitalize(), "", own,
            lambda tally: float(tally.descriptions),
        ),
        number("no_category", "Given no category", SHARE, own, per_description(output(0))),
        number("confidence", CONFIDENCE_LABEL, SHARE, own, per_description(confidence)),
        number(
            "latency_p95", "Latency, 95 % are faster", "seconds", calls,
            lambda tally: latency(tally, 0.95),
        ),
    )  # fmt: skip

"""Eight sample weeks as history: recorded, checked and watched day by day, as if they had happened.

Nothing of it is canned: the rows are those of :mod:`afterword.monitoring.sample_weeks`, every
verdict is the check's, and every alert that of a rule. All of it is marked as a sample.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Final

import numpy as np

from afterword.drift import checking
from afterword.errors import AfterwordError, CheckError
from afterword.measures.null_tables import load_tables
from afterword.model.reference import probability_column
from afterword.model.registry import is_shipped, load_reference
from afterword.monitoring import alerting, wording
from afterword.monitoring.sample_weeks import SampleWeek, read_weeks
from afterword.settings import get_settings
from afterword.store import Recording, Store
from afterword.store.moments import day_start
from afterword.store.recordings import Texts
from afterword.store.tally import Layout, layout_of, tally_call, tally_rows

LATENCY_S: Final = 0.012
"""Typical latency that the sample calls are given; it is invented, and varies by half."""
DAYS: Final = 7


def load_samples(
    store: Store,
    progress: Callable[[float], object] | None = None,
    *,
    now: datetime | None = None,
) -> None:
    """Load the eight sample weeks in place of those that are loaded.

    The newest of them ends with the last midnight. Alerts that are open at their end are sent to
    the operator's channels, marked as samples.

    Parameters
    ----------
    store : where to.
    progress : called with the share that is done, in [0, 1].
    now : the present; that of the clock if None.

    Raises
    ------
    BatchError
        The file of the weeks is missing or damaged.
    CheckError
        The model in service is not the shipped one, to which they belong.
    StoreError
        The store cannot be written; then nothing of them stays.
    """
    if not is_shipped(get_settings().model_dir):
        raise CheckError(wording.OTHER_MODEL)
    weeks = read_weeks(now or datetime.now(UTC))
    layout = layout_of()
    store.remove_samples()
    rng = np.random.default_rng(0)
    try:
        for number, week in enumerate(weeks):
            start = day_start(week.times[0].astype("datetime64[s]").item().replace(tzinfo=UTC))
            for day in range(DAYS):
                store.write(_day(week, start, day, layout, rng))
                end = start + timedelta(days=day + 1)
                if day == DAYS - 1:
                    _check(store, week, start, end, layout)
                # A second before midnight: the day that ends is the last one of the window.
                alerting.evaluate(store, now=end - timedelta(seconds=1), sample=True, notify=False)
                if progress:
                    progress((number * DAYS + day + 1) / (len(weeks) * DAYS))
        for alert in store.alerts.alerts(state="open", sample=True):
            alerting.announce(store, alert)
        # Beside: a channel that hangs keeps nobody from the page.
        Thread(target=_tell, args=(store,), name="sample alerts", daemon=True).start()
    except BaseException:
        store.remove_samples()
        raise


def _tell(store: Store) -> None:
    with contextlib.suppress(AfterwordError):  # the server's next round tries again
        alerting.deliver(store)


def _check(store: Store, week: SampleWeek, start: datetime, end: datetime, layout: Layout) -> None:
    settings = get_settings()
    result = checking.compare(
        week.scored, load_reference(), load_tables(), alpha=settings.alpha, floors=settings.floors
    )
    store.checks.add(
        result,
        source="sample",
        model=layout.model,
        at=end - timedelta(seconds=1),
        window=(start, end),
        sample=True,
    )


def _day(
    week: SampleWeek, start: datetime, day: int, layout: Layout, rng: np.random.Generator
) -> list[Recording]:
    """A day's calls: one for each hour in which something came in."""
    hours = (week.times - np.datetime64(start.replace(tzinfo=None), "s")) // np.timedelta64(1, "h")
    columns = [probability_column(name) for name in layout.categories]
    said = _said(week, rng)
    recordings: list[Recording] = []
    for hour in np.unique(hours[hours // 24 == day]):
        rows = np.flatnonzero(hours == hour)
        frame = week.scored.frame.iloc[rows]
        # The flags of a day are known as a whole: they are counted with its first call.
        flags = week.day_flags[day] if not recordings else np.zeros_like(week.day_flags[day])
        latency = float(LATENCY_S * rng.lognormal(0, 0.5))
        probabilities = frame[columns].to_numpy(float)
        recordings.append(
            Recording(
                at=start + timedelta(hours=int(hour)),
                source="sample",
                model=layout.model,
                outcome="answered",
                latency_s=latency,
                descriptions=len(rows),
                rejected=0,
                answers=np.rint(100 * probabilities).astype(np.uint8),
                thresholds=tuple(map(float, layout.thresholds)),
                tally=tally_rows(frame, flags, layout) + tally_call(latency, "answered", 0),
                unseen=[said[row] for row in rows.tolist() if row in said],
                digests=rows.tolist(),
                texts=Texts.uncounted(len(rows)),
                sample=True,
            )
        )
    return recordings


def _said(week: SampleWeek, rng: np.random.Generator) -> dict[int, Mapping[str, tuple[bool, int]]]:
    """Rows that are said to hold the week's new words: as many as held them."""
    profile = week.scored.texts
    found: dict[int, dict[str, tuple[bool, int]]] = {}
    for word, count in (profile.new_words if profile else {}).items():
        for row in rng.permutation(len(week.times))[:count].tolist():
            found.setdefault(row, {})[word] = False, int(rng.integers(256))
    return dict(found)

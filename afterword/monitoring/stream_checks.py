"""The check of a period of a stream: what was recorded, or added, of its days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from afterword.drift.checking import compare
from afterword.drift.result import CheckResult
from afterword.errors import StreamError
from afterword.measures.null_tables import load_tables
from afterword.model.registry import load_reference, version_of
from afterword.monitoring import wording
from afterword.monitoring.history import chance_of, keep
from afterword.settings import get_settings
from afterword.store.moments import DAY, midnight
from afterword.store.stream_records import Stream
from afterword.streams.cadence import last_whole, parse, parse_day, today_in
from afterword.streams.stored_profile import profile_from_store

if TYPE_CHECKING:
    from afterword.store import Store
    from afterword.store.checks import Span


@dataclass(frozen=True)
class StreamCheck:
    """The check of a stretch of a stream's days.

    Attributes
    ----------
    stream : that was checked.
    label : of the period, as "2026-W47"; "2026-11-16/2026-11-20" of days that are no period.
    first, last : days, both in it.
    result : what was found.
    note : why its chance of a false alarm is not the one that the settings ask for; "" if it is.
    """

    stream: Stream
    label: str
    first: date
    last: date
    result: CheckResult
    note: str = ""

    @property
    def window(self) -> Span:
        """The midnights (UTC) for which the first day and the one after the last stand."""
        return midnight(self.first), midnight(self.last) + DAY

    def to_dict(self) -> dict[str, object]:
        """What a check tells beside its result, ready for JSON."""
        return {
            "window": [moment.isoformat() for moment in self.window],
            "stream": self.stream.name,
            "stream_period": self.label,
        }


def check_stream(
    name: str,
    period: str | None = None,
    *,
    first: str | None = None,
    last: str | None = None,
    store: Store | None = None,
    now: datetime | None = None,
) -> StreamCheck:
    """Check a period of a stream against the training set; nothing is kept.

    Parameters
    ----------
    name : of the stream.
    period : "2026-W47", "2026-11" or "2026-11-29"; by default the last one of the stream that is
        over and has rows which the model in service answered.
    first, last : days instead, both in it.
    store, now : this process's, and the present, if None.

    Raises
    ------
    StreamError
        There is no such stream or period, or the stream holds nothing that is over.
    CheckError
        The days hold more than one check takes.
    StoreError, ModelError
        As :func:`afterword.streams.stored_profile.profile_from_store`.
    """
    from afterword.store import get_store

    store, settings = store or get_store(), get_settings()
    stream = store.streams.get(name)
    label, begin, end = _days(store, stream, period, first, last, now or datetime.now(UTC))
    alpha, note = chance_of(timedelta(days=(end - begin).days + 1), settings)
    window = midnight(begin), midnight(end) + DAY
    profile = profile_from_store(store, *window, stream=stream.id)
    notes = (*profile.notes, *_notes(store, stream, window))
    result = compare(
        replace(profile, notes=notes),
        load_reference(),
        load_tables(),
        alpha=alpha,
        floors=settings.floors,
    )
    return StreamCheck(stream, label, begin, end, result, note)


def keep_stream_check(store: Store, check: StreamCheck) -> int | None:
    """Keep the check of a stream, with its period; as :func:`afterword.monitoring.history.keep`."""
    return keep(
        store,
        check.result,
        source="schedule",
        window=check.window,
        stream=check.stream.id,
        period=check.label,
    )


def _days(
    store: Store,
    stream: Stream,
    period: str | None,
    first: str | None,
    last: str | None,
    now: datetime,
) -> tuple[str, date, date]:
    """Label, first and last day of what is to be checked."""
    if first is not None or last is not None:
        if period is not None or first is None or last is None:
            raise StreamError(wording.PERIOD_OR_DAYS)
        begin, end = parse_day(first), parse_day(last)
        if end < begin:
            raise StreamError(wording.ENDS_TOO_EARLY)
        return f"{begin.isoformat()}/{end.isoformat()}", begin, end
    if period is not None:
        found = parse(period)
        return found.label, found.first, found.last
    days = [day.date() for day in store.streams.days(stream.id, model=version_of())]
    latest = last_whole(stream.cadence, days, today_in(stream.zone, now))
    if latest is None:
        raise StreamError(wording.nothing_over(stream.name, stream.cadence))
    return latest.label, latest.first, latest.last


def _notes(store: Store, stream: Stream, window: Span) -> Iterator[str]:
    """What of the stream is not in the check, or is not what it is compared with."""
    own, every = (
        {day for day in store.streams.days(stream.id, model=model) if window[0] <= day < window[1]}
        for model in (version_of(), None)
    )
    if len(every) > len(own):
        yield wording.days_of_other_model(len(every) - len(own))
    if stream.reference["kind"] == "period":
        yield wording.with_training(str(stream.reference["start"]), str(stream.reference["end"]))

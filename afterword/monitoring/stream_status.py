"""Where a stream stands: whether its alarm is on, since when, what moved, and what to do.

The alarm is that of the promise for a year (docs/year.md), so it adds up: it does not sound more
often because somebody looks every week.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from afterword.drift.checking import MIN_ROWS, compare
from afterword.drift.result import CheckResult
from afterword.errors import StreamError
from afterword.measures.columns import Column
from afterword.measures.null_tables import NullTables, load_tables
from afterword.model.registry import folder_of, load_reference, version_of
from afterword.monitoring import wording
from afterword.settings import get_settings
from afterword.store.moments import DAY, midnight
from afterword.store.stream_records import Stream
from afterword.streams.cadence import Period, last_whole, parse_day, periods, today_in
from afterword.streams.stored_profile import profile_from_store
from afterword.streams.year import Finding, Year, judge_year
from afterword.streams.year_reference import past_reference

if TYPE_CHECKING:
    from afterword.measures.profiles import Profile
    from afterword.store import Store
    from afterword.store.checks import Span

ALARM, CALM, TOO_FEW, UNKNOWN = "alarm", "calm", "too_few", "unknown"
"""What a stream's line may say; "unknown" where the model in service answered none of it."""
BEFORE: Final = "before"
"""Of a period before the promise began: the others are compared with it, or with a later one."""
MOST_PERIODS: Final = 104
"""Periods that are judged: two years of weeks."""


@dataclass(frozen=True)
class PeriodStatus:
    """What the promise for a year says of one period of a stream.

    Attributes
    ----------
    period : of the stream.
    rows : accepted descriptions of it; 0 where there are none.
    judged : whether there were enough to say anything.
    before : whether the promise had not begun.
    findings : measures that alarm, largest excess first.
    """

    period: Period
    rows: int
    judged: bool
    before: bool
    findings: tuple[Finding, ...]

    @property
    def level(self) -> str:
        """What it comes to: "alarm", "calm", "too_few" or "before"."""
        if self.before:
            return BEFORE
        if self.findings:
            return ALARM
        return CALM if self.judged else TOO_FEW

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "stream_period": self.period.label,
            "rows": self.rows,
            "level": self.level,
            "findings": [
                {
                    "measure": each.measure,
                    "speed": each.speed,
                    "score": round(each.score, 2),
                    "limit": round(each.limit, 2) if math.isfinite(each.limit) else None,
                }
                for each in self.findings
            ],
        }


@dataclass(frozen=True)
class StreamStatus:
    """Where a stream stands after its last period that is over.

    Attributes
    ----------
    stream : itself.
    level : "alarm", "calm", "too_few" or "unknown".
    headline : one sentence: since when, and the figure that moved.
    action : the one thing to do.
    periods : the last 104 of them, in order, those without descriptions too.
    since, earliest, latest : the first period of the change, and those between which it began with
        a chance of 80 %; None where the alarm is not on.
    result : the check of what came since against the training set; None where the alarm is not on,
        or the stream is compared with a past period of its own.
    """

    stream: Stream
    level: str
    headline: str
    action: str
    periods: tuple[PeriodStatus, ...] = ()
    since: Period | None = None
    earliest: Period | None = None
    latest: Period | None = None
    result: CheckResult | None = None

    @property
    def window(self) -> Span | None:
        """The midnights (UTC) between which lies what alarms; None where nothing does."""
        if self.since is None:
            return None
        return midnight(self.since.first), midnight(self.periods[-1].period.last) + DAY

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        told = self.since, self.earliest, self.latest
        since, earliest, latest = (each.label if each else None for each in told)
        return {
            "stream": self.stream.name,
            "level": self.level,
            "headline": self.headline,
            "action": self.action,
            "since": since,
            "since_earliest": earliest,
            "since_latest": latest,
            "periods": [each.to_dict() for each in self.periods],
        }


def stream_status(
    name: str, *, store: Store | None = None, now: datetime | None = None
) -> StreamStatus:
    """Tell where a stream stands; nothing is kept.

    Parameters
    ----------
    name : of the stream.
    store, now : this process's, and the present, if None.

    Raises
    ------
    StreamError
        There is no such stream.
    CheckError
        A period holds more than one check takes.
    StoreError, ModelError
        As :func:`afterword.streams.stored_profile.profile_from_store`.
    """
    from afterword.store import get_store

    store = store or get_store()
    return status_of(store, store.streams.get(name), now or datetime.now(UTC))


def status_of(store: Store, stream: Stream, now: datetime) -> StreamStatus:
    """Where a stream of a store stands; raises as :func:`stream_status`."""
    own = [day.date() for day in store.streams.days(stream.id, model=version_of())]
    latest = last_whole(stream.cadence, own, today_in(stream.zone, now))
    if latest is None:
        return _nothing(store, stream, bool(own))
    over = periods(stream.cadence, own[0], latest.last)[-MOST_PERIODS:]
    profiles = [_profile(store, stream, period, own) for period in over]
    reference = _reference_of(store, stream)
    begun = sum(period.first <= reference.until for period in over)
    if begun == len(over):
        return StreamStatus(stream, TOO_FEW, wording.NOT_BEGUN, wording.COLLECT)
    year = judge_year(
        profiles,
        reference.columns,
        reference.tables,
        floors=get_settings().floors,
        begun=begun,
        known=reference.known,
    )
    told = tuple(
        PeriodStatus(
            period, profile.accepted if profile else 0, one.judged, at < begun, one.findings
        )
        for at, (period, profile, one) in enumerate(zip(over, profiles, year.periods, strict=True))
    )
    if year.alarm:
        return _alarm(store, stream, told, year)
    judged = sum(each.judged for each in told)
    if not judged:
        said = wording.too_few_periods(len(told) - begun, stream.cadence)
        return StreamStatus(stream, TOO_FEW, said, wording.COLLECT, told)
    said = wording.calm(judged, stream.cadence, latest.label)
    return StreamStatus(stream, CALM, said, wording.NOTHING_IN_STREAM, told)


@dataclass(frozen=True)
class _Reference:
    """What periods are compared with: tables, columns, words that are not new, and its last day."""

    tables: NullTables
    columns: Mapping[str, Column]
    known: frozenset[str]
    until: date


def _reference_of(store: Store, stream: Stream) -> _Reference:
    """The training set, or a past period of the stream's own."""
    tables, own = load_tables(), stream.reference
    if own["kind"] != "period":
        return _Reference(tables, _columns(folder_of(None), version_of()), frozenset(), date.min)
    first, last = parse_day(own["start"]), parse_day(own["end"])
    profile = profile_from_store(store, midnight(first), midnight(last) + DAY, stream=stream.id)
    if profile.accepted < MIN_ROWS:
        raise StreamError(wording.REFERENCE_GONE)
    return _Reference(*past_reference(profile, tables), last)


def _nothing(store: Store, stream: Stream, begun: bool) -> StreamStatus:
    """Of a stream of which nothing can be said."""
    if begun:
        said = wording.not_over(stream.cadence)
    elif store.streams.days(stream.id):
        return StreamStatus(stream, UNKNOWN, wording.OTHER_MODEL_ANSWERED, wording.ADD_AGAIN)
    else:
        said = wording.EMPTY_STREAM
    return StreamStatus(stream, UNKNOWN, said, wording.ADD_FILES)


def _profile(store: Store, stream: Stream, period: Period, days: Sequence[Any]) -> Profile | None:
    if not any(period.first <= day <= period.last for day in days):
        return None
    return profile_from_store(store, *period.span, stream=stream.id)


@lru_cache(maxsize=2)
def _columns(folder: Path, version: str) -> dict[str, Column]:
    """The training set's columns, counted; the version tells models of one folder apart."""
    frame = load_reference(folder)
    return {str(name): Column.of(own.to_numpy(float)) for name, own in frame.items()}


def _alarm(
    store: Store, stream: Stream, told: tuple[PeriodStatus, ...], year: Year
) -> StreamStatus:
    """What is told of a stream whose alarm is on: of what came since the change."""
    found = year.since()
    last = max(at for at, each in enumerate(told) if each.judged)
    since, earliest, latest = (
        told[at].period
        for at in ((found.period, found.earliest, found.latest) if found else (last, last, last))
    )
    finding = told[last].findings[0]
    measure = next(one for one in year.periods[last].measures if one.name == finding.measure)
    moved, action, result = wording.moved(measure, finding.score), wording.SEE_CHECK, None
    if stream.reference["kind"] != "period":
        result = _check(store, stream, since, told[last].period)
    if result is not None and result.alarm:
        moved, action = result.headline, next(iter(result.actions), action)
    said = wording.alarm_since(stream.cadence, since.label, moved)
    return StreamStatus(stream, ALARM, said, action, told, since, earliest, latest, result)


def _check(store: Store, stream: Stream, first: Period, last: Period) -> CheckResult:
    """The check against the training set of all that came from one period to another."""
    settings = get_settings()
    profile = profile_from_store(
        store, midnight(first.first), midnight(last.last) + DAY, stream=stream.id
    )
    result = compare(
        profile, load_reference(), load_tables(), alpha=settings.alpha, floors=settings.floors
    )
    return replace(result, profile=replace(result.profile, model=version_of()))

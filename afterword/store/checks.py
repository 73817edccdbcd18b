"""Every check that was made, kept as numbers: what it said, and how often each value occurred.

Of the rows of a batch nothing is kept that tells which values belonged together: per column, the
values and how often each occurred. Evidently's report of a check needs no more. Of a batch with too
few rows to compare not even that is kept: the columns of a single row are that row, and so are its
means.

A check of a file is a *trial* until somebody lets it count: it is kept for a week and can be read,
and nothing that judges asks for it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from afterword.errors import AfterwordError, CheckError, StoreError, place_of
from afterword.settings import get_settings
from afterword.store import wording
from afterword.store.database import Database
from afterword.store.moments import moment_of, seconds_of
from afterword.store.schema import CHECKS, STREAMS, outlived
from afterword.store.stream_records import FILES_NAME, SERVICE, key_of

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row, Select

    from afterword.drift.result import CheckResult
    from afterword.measures.profiles import Profile

log = logging.getLogger(__name__)

ALL: Final = 1_000_000
"""As a limit: more checks than a store holds."""

Span = tuple[datetime, datetime]
Trial = tuple[int, datetime]
"""Number of a trial, and when it was made: SQLite gives the number of a deleted one again."""


@dataclass(frozen=True)
class KeptCheck:
    """A check as the store holds it.

    Attributes
    ----------
    id : number of the check in its store.
    at : when it was made, UTC; of a trial that was made to count, since when it does.
    source : "page", "http", "command", "schedule" (of what the store held) or "sample".
    model : version of the model.
    level : "stable", "changed", "faulty" or "too_few".
    rows, accepted : rows that were read, and those of them that were compared.
    window : start and end of the days that were checked; None for a file.
    sample : whether it is one of the loaded samples.
    trial : whether it counts nowhere, and is kept for :data:`afterword.settings.TRIAL` only.
    stream : number of the stream that it belongs to; None of a trial.
    period : of that stream, as "2026-W47"; "" where none was named.
    content : what :meth:`afterword.drift.result.CheckResult.to_dict` gave; if there were too few
        rows, without the typical values of these rows.
    columns : column → "values" and "counts"; no values if there were too few rows.
    """

    id: int
    at: datetime
    source: str
    model: str
    level: str
    rows: int
    accepted: int
    window: Span | None
    sample: bool
    trial: bool
    stream: int | None
    period: str
    content: Mapping[str, Any] = field(repr=False)
    columns: Mapping[str, Mapping[str, list[float]]] = field(repr=False)

    @property
    def alarm(self) -> bool:
        """Whether somebody had to look."""
        return bool(self.content["alarm"])

    @property
    def alpha(self) -> float:
        """Chance of a false alarm that its thresholds held."""
        return float(self.content["alpha"])

    @property
    def headline(self) -> str:
        """Its sentence."""
        return str(self.content["headline"])

    @property
    def reasons(self) -> tuple[str, ...]:
        """At most three sentences, largest first."""
        return tuple(self.content["reasons"])

    @property
    def actions(self) -> tuple[str, ...]:
        """What there was to do, in order."""
        return tuple(self.content["actions"])

    @property
    def missing(self) -> tuple[str, ...]:
        """Labels of the measures that it could not have, because they need the text."""
        return tuple(self.content["missing"])

    @property
    def comparable(self) -> bool:
        """Whether there were enough rows to compare, so that reports can be made."""
        return any(column["values"] for column in self.columns.values())


class Level(NamedTuple):
    """When a check was made, of which model's answers, and what it said."""

    at: datetime
    model: str
    level: str


CLOCK_S: Final = 300
"""Seconds by which clocks may differ."""


class CheckLog:
    """The checks of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        result: CheckResult,
        *,
        source: str,
        model: str,
        at: datetime | None = None,
        window: Span | None = None,
        sample: bool = False,
        trial: bool = False,
        replaces: Trial | None = None,
        stream: int = SERVICE,
        period: str = "",
    ) -> int | None:
        """Keep a check. Never raises.

        Parameters
        ----------
        result : what was found.
        source : "page", "http", "command", "schedule" or "sample".
        model : version of the model that scored the rows.
        at : when it was made; now if None.
        window : of days in the store, for a check of what the store held.
        sample : whether it is of the loaded samples.
        trial : whether it counts nowhere.
        replaces : a trial that is deleted once this check is kept; if it counts by then, it stays.
        stream : number of the stream that it belongs to, unless it is a trial.
        period : of the stream, as "2026-W47".

        Returns
        -------
        Its number; None if it is not kept, because recording is off, or because the store cannot
        be written: its ``problem`` then says why.
        """
        try:
            if not (sample or get_settings().recording):
                return None
            values = {
                "at": seconds_of(at or datetime.now(UTC)),
                "source": source,
                "model": model,
                "level": result.level,
                "rows": result.profile.rows,
                "accepted": result.profile.accepted,
                **_window(window),
                "content": _content(result),
                "columns": counted(result.profile, comparable=result.comparable),
                "sample": sample,
                "trial": trial,
                "stream": None if trial else stream,
                "period": period or None,
            }
            return self._insert(values, replaces)
        except AfterwordError as error:
            log.warning(wording.CHECK_NOT_KEPT, error)
            self._database.problem = str(error)
        except Exception as error:
            log.error(wording.CHECK_FAILED_AT, place_of(error))
            self._database.problem = wording.CHECK_FAILED
        return None

    def _insert(self, values: dict[str, Any], replaces: Trial | None) -> int | None:
        with self._database.begin() as connection:
            # Where no server runs, as beside commands alone, nothing else deletes them.
            connection.execute(delete(CHECKS).where(outlived(datetime.now(UTC))))
            key = connection.execute(insert(CHECKS).values(values)).inserted_primary_key
            if replaces is not None:  # after the insert, as that would get its number
                number, at = replaces
                this = _is_trial(number) & (CHECKS.c.at == seconds_of(at))
                connection.execute(delete(CHECKS).where(this))
        return int(key[0]) if key else None

    def let_count(self, number: int, *, model: str, stream: int) -> None:
        """Make a trial the latest check that counts; nothing happens to one that counts already.

        Parameters
        ----------
        number : of the check.
        model : version of the model in service, which must have made it.
        stream : number of the stream that it belongs to from now on.

        Raises
        ------
        CheckError
            It is not kept any more, another model made it, or recording is off.
        StoreError
            The store cannot be read or written.
        """
        if not get_settings().recording:
            raise CheckError(wording.NOT_RECORDING)
        kept = self.get(number)
        if kept is None:
            raise CheckError(wording.TRIAL_GONE)
        if kept.trial and kept.model != model:
            raise CheckError(wording.OTHER_MODEL)
        counts = {"trial": False, "at": seconds_of(datetime.now(UTC)), "stream": stream}
        with self._database.begin() as connection:
            done = connection.execute(update(CHECKS).where(_is_trial(number)).values(counts))
        if not done.rowcount and self.get(number) is None:  # it was replaced just now
            raise CheckError(wording.TRIAL_GONE)

    def list(
        self,
        limit: int = 100,
        *,
        since: datetime | None = None,
        sample: bool | None = False,
        trial: bool | None = False,
        stream: int | None = None,
    ) -> list[KeptCheck]:
        """Return the newest checks, newest first.

        Parameters
        ----------
        limit : most checks.
        since : earliest time of a check.
        sample : whether those of the loaded samples; None for all.
        trial : whether the trials, and not the checks that count; None for all.
        stream : number of the one stream whose checks are wanted; those of all if None.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = _newest(select(CHECKS), sample, trial).limit(limit)
        if since is not None:
            wanted = wanted.where(CHECKS.c.at >= seconds_of(since))
        if stream is not None:
            wanted = wanted.where(_of_stream(stream))
        with self._database.reading() as connection:
            return [_kept(row) for row in connection.execute(wanted)]

    def get(self, number: int) -> KeptCheck | None:
        """The check of a number; None if it is not there, or a trial whose time is over.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        with self._database.reading() as connection:
            this = select(CHECKS).where(CHECKS.c.id == number, *_which(None, None))
            row = connection.execute(this).first()
        return None if row is None else _kept(row)

    def levels(
        self, limit: int, *, sample: bool = False, stream: int | None = None
    ) -> tuple[Level, ...]:
        """Return what the newest checks that count said, newest first, without their numbers.

        Parameters
        ----------
        limit, sample, stream : as of :meth:`last`.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = _newest(select(CHECKS.c.at, CHECKS.c.model, CHECKS.c.level), sample, False)
        wanted = wanted.where(_of_stream(stream))
        with self._database.reading() as connection:
            return tuple(
                Level(moment_of(at), model, level)
                for at, model, level in connection.execute(wanted.limit(limit))
            )

    def last(self, *, sample: bool = False, stream: int | None = None) -> KeptCheck | None:
        """The newest check that counts; None if there is none.

        Parameters
        ----------
        sample : of the loaded samples.
        stream : number of the stream; of the service and of files that were kept if None, because
            a check of another feed says nothing of these.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = _newest(select(CHECKS), sample, False).where(_of_stream(stream)).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _kept(row)

    def count(self, *, sample: bool | None = False, trial: bool | None = False) -> int:
        """How many checks are kept; the parameters are those of :meth:`list`.

        Raises
        ------
        StoreError
            The store cannot be read.
        """
        wanted = select(func.count()).select_from(CHECKS).where(*_which(sample, trial))
        with self._database.reading() as connection:
            return int(connection.execute(wanted).scalar_one())


def _newest(wanted: Select[Any], sample: bool | None, trial: bool | None) -> Select[Any]:
    """Of the checks that are meant, the newest first."""
    # What a clock that was wrong dated into the future does not stay the last one for years.
    latest = seconds_of(datetime.now(UTC)) + CLOCK_S
    wanted = wanted.where(CHECKS.c.at <= latest, *_which(sample, trial))
    return wanted.order_by(CHECKS.c.at.desc(), CHECKS.c.id.desc())


def _window(window: Span | None) -> dict[str, int | None]:
    start, end = map(seconds_of, window) if window else (None, None)
    return {"window_start": start, "window_end": end}


def _of_stream(stream: int | None) -> ColumnElement[bool]:
    """Of a stream; of the service and of files that were kept if None.

    A server of the version before, which may still run, writes no stream: that is the service's.
    """
    none = CHECKS.c.stream.is_(None) & (CHECKS.c.trial == False)  # noqa: E712
    if stream is not None:
        own = CHECKS.c.stream == stream
        return own | none if stream == SERVICE else own
    files = select(STREAMS.c.id).where(STREAMS.c.key == key_of(FILES_NAME))
    return (CHECKS.c.stream == SERVICE) | none | CHECKS.c.stream.in_(files)


def _is_trial(number: int) -> ColumnElement[bool]:
    """The check of a number, as long as it does not count."""
    return (CHECKS.c.id == number) & (CHECKS.c.trial == True)  # noqa: E712


def _which(sample: bool | None, trial: bool | None) -> Iterator[ColumnElement[bool]]:
    """Of the samples or not, trials or not; and never a trial whose time is over."""
    if sample is not None:
        yield CHECKS.c.sample == sample
    if trial is not None:
        yield CHECKS.c.trial == trial
    yield ~outlived(datetime.now(UTC))


def counted(profile: Profile, *, comparable: bool) -> dict[str, dict[str, list[float]]]:
    """The values of every column by itself, and their counts, ready for JSON.

    Parameters
    ----------
    profile : of a batch.
    comparable : whether there are enough rows; columns of fewer would give a row away.

    Returns
    -------
    column → "values", ascending, and "counts".
    """
    found = {}
    for name in profile.names:
        column = profile.column(name)
        kept = slice(None) if comparable else slice(0)
        found[name] = {
            "values": column.values[kept].tolist(),
            "counts": column.counts[kept].tolist(),
        }
    return found


def _content(result: CheckResult) -> dict[str, Any]:
    # Through JSON once, so that what is kept is what every database can hold.
    content: dict[str, Any] = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    if not result.comparable:
        content["measures"] = [
            one if one["drifted"] else one | {"batch": None, "distance": None, "detail": ""}
            for one in content["measures"]
        ]
    return content


def _kept(row: Row[Any]) -> KeptCheck:
    if not isinstance(row.content, dict) or not isinstance(row.columns, dict):
        raise StoreError(wording.DAMAGED_CHECK)
    window = None
    if row.window_start is not None and row.window_end is not None:
        window = moment_of(row.window_start), moment_of(row.window_end)
    return KeptCheck(
        id=row.id,
        at=moment_of(row.at),
        source=row.source,
        model=row.model,
        level=row.level,
        rows=row.rows,
        accepted=row.accepted,
        window=window,
        sample=row.sample,
        trial=row.trial,
        stream=SERVICE if row.stream is None and not row.trial else row.stream,
        period=row.period or "",
        content=row.content,
        columns=row.columns,
    )

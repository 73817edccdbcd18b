"""The streams of a store: made, found by name, renamed, and their files and ids known again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.engine import Connection, Row

from afterword.errors import NoStreamError, StreamError
from afterword.store import wording
from afterword.store.database import Database, RacedError
from afterword.store.moments import moment_of, seconds_of
from afterword.store.schema import PROFILES, STREAM_FILES, STREAM_IDS, STREAMS
from afterword.store.stream_records import (
    CADENCES,
    FILES_NAME,
    SERVICE,
    SERVICE_STREAM,
    Cadence,
    Stream,
    key_of,
    plain_name,
)

LONGEST_REASON: Final = 300
_AT_ONCE: Final = 5_000
"""Most digests in one question: databases take only so many parameters."""


@dataclass(frozen=True)
class AddedFile:
    """A file that was added to a stream.

    Attributes
    ----------
    added : when, UTC.
    rows : that were counted of it.
    first_day, last_day : of these rows, as midnights (UTC) of their dates.
    ids : whether its rows told their ids.
    """

    added: datetime
    rows: int
    first_day: datetime
    last_day: datetime
    ids: bool


@dataclass(frozen=True)
class Held:
    """What a stream holds of a model's descriptions.

    Attributes
    ----------
    days : on which there are some.
    first, last : of these, as midnights (UTC) of their dates.
    """

    days: int
    first: datetime
    last: datetime


class StreamLog:
    """The streams of a store; every method may raise ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, *, sample: bool = False) -> tuple[Stream, ...]:
        """Every stream, that of the service first, the others by name."""
        wanted = select(STREAMS).where(STREAMS.c.sample == sample).order_by(STREAMS.c.key)
        with self._database.reading() as connection:
            found = [_stream(row) for row in connection.execute(wanted)]
        own = () if sample else (next((s for s in found if s.id == SERVICE), SERVICE_STREAM),)
        return (*own, *(each for each in found if each.id != SERVICE))

    def get(self, name: str, *, sample: bool = False) -> Stream:
        """The stream of a name, whatever case it is written in.

        Raises
        ------
        StreamError
            There is none.
        """
        if key_of(name) == key_of(SERVICE_STREAM.name) and not sample:
            return self.list()[0]
        with self._database.reading() as connection:
            row = connection.execute(select(STREAMS).where(_named(name, sample))).first()
        if row is None:
            plain = plain_name(name)
            raise NoStreamError(wording.no_stream(plain) if plain else wording.NO_SUCH_STREAM)
        return _stream(row)

    def by_id(self, number: int) -> Stream | None:
        """The stream of a number; None if it was forgotten."""
        if number == SERVICE:
            return self.list()[0]
        with self._database.reading() as connection:
            row = connection.execute(select(STREAMS).where(STREAMS.c.id == number)).first()
        return None if row is None else _stream(row)

    def create(
        self, name: str, cadence: Cadence = "week", zone: str = "UTC", *, sample: bool = False
    ) -> Stream:
        """Make a stream, which is compared with the training set.

        Parameters
        ----------
        name : unlike that of any other, whatever the case.
        cadence : length of its periods.
        zone : IANA name of the zone whose calendar its days are of.
        sample : whether it is one of the loaded samples.

        Raises
        ------
        StreamError
            The name, the cadence or the zone is none, or the name is taken.
        """
        plain = plain_name(name)
        if plain is None:
            raise StreamError(wording.STREAM_NAME)
        if cadence not in CADENCES:
            raise StreamError(wording.CADENCE)
        values = {
            "name": plain,
            "key": key_of(plain),
            "cadence": cadence,
            "zone": _zone(zone),
            "reference": {"kind": "training"},
            "created": seconds_of(datetime.now(UTC)),
            "sample": sample,
        }
        if values["key"] == SERVICE_STREAM.name:
            raise StreamError(wording.NAME_TAKEN)
        try:
            with self._database.begin() as connection:
                connection.execute(insert(STREAMS).values(values))
        except RacedError:
            raise StreamError(wording.NAME_TAKEN) from None
        return self.get(plain, sample=sample)

    def files(self) -> Stream:
        """The stream of checks of files that are kept without another name; made if not there."""
        with suppress(StreamError):
            return self.get(FILES_NAME)
        with suppress(StreamError):  # of two that make it at once, one does
            return self.create(FILES_NAME)
        return self.get(FILES_NAME)

    def rename(self, name: str, new: str) -> Stream:
        """Give a stream another name; what it holds stays its own.

        Raises
        ------
        StreamError
            There is none of this name, the new one is none or taken, or it is the service's.
        """
        stream, plain = self.get(name), plain_name(new)
        if stream.id == SERVICE:
            raise StreamError(wording.SERVICE_STAYS)
        if plain is None:
            raise StreamError(wording.STREAM_NAME)
        if key_of(plain) == SERVICE_STREAM.name:
            raise StreamError(wording.NAME_TAKEN)
        self._set(stream, {"name": plain, "key": key_of(plain)}, wording.NAME_TAKEN)
        return self.get(plain)

    def set_reference(
        self, name: str, period: tuple[date, date] | None, reason: str = ""
    ) -> Stream:
        """Choose what the periods of a stream are compared with.

        Parameters
        ----------
        name : of the stream.
        period : first and last day of a past period of its own; None for the training set.
        reason : why this period is an ordinary one, in at most 300 characters.

        Raises
        ------
        StreamError
            There is no such stream, the period ends before it begins, or no reason is given.
        """
        stream, reference = self.get(name), dict[str, str](kind="training")
        if period is not None:
            start, end = period
            reason = " ".join(reason.split())
            if end < start or not reason or len(reason) > LONGEST_REASON:
                raise StreamError(wording.REFERENCE)
            own = {"start": start.isoformat(), "end": end.isoformat(), "reason": reason}
            reference = {"kind": "period", **own}
        self._set(stream, {"reference": reference}, wording.SOMEBODY_FASTER)
        return self.get(name)

    def _set(self, stream: Stream, values: Mapping[str, Any], problem: str) -> None:
        try:
            with self._database.begin() as connection:
                this = update(STREAMS).where(STREAMS.c.id == stream.id)
                if not connection.execute(this.values(values)).rowcount:
                    raise StreamError(wording.no_stream(stream.name))
        except RacedError:
            raise StreamError(problem) from None

    # What was added

    def held(self, model: str | None = None, *, sample: bool = False) -> dict[int, Held]:
        """What each stream holds of a model's descriptions, by the streams' numbers.

        Parameters
        ----------
        model : its version; of all models if None.
        sample : those of the loaded samples.
        """
        days = func.count(PROFILES.c.day.distinct())
        wanted = select(PROFILES.c.stream, days, func.min(PROFILES.c.day), func.max(PROFILES.c.day))
        wanted = wanted.where(PROFILES.c.sample == sample).group_by(PROFILES.c.stream)
        if model is not None:
            wanted = wanted.where(PROFILES.c.model == model)
        with self._database.reading() as connection:
            return {
                stream: Held(count, moment_of(first), moment_of(last))
                for stream, count, first, last in connection.execute(wanted)
            }

    def days(self, stream: int, *, model: str | None = None) -> tuple[datetime, ...]:
        """The days of which a stream holds descriptions, of a model or of any, in order."""
        wanted = select(PROFILES.c.day).distinct().where(PROFILES.c.stream == stream)
        wanted = wanted.where(PROFILES.c.sample == False).order_by(PROFILES.c.day)  # noqa: E712
        if model is not None:
            wanted = wanted.where(PROFILES.c.model == model)
        with self._database.reading() as connection:
            return tuple(moment_of(day) for day in connection.scalars(wanted))

    def added(self, stream: int, digest: str | None = None) -> tuple[AddedFile, ...]:
        """The files that were added to a stream, newest first; or those of a digest."""
        wanted = select(STREAM_FILES).where(STREAM_FILES.c.stream == stream)
        if digest is not None:
            wanted = wanted.where(STREAM_FILES.c.digest == digest)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(STREAM_FILES.c.id.desc()))
            return tuple(
                AddedFile(
                    moment_of(row.added),
                    row.rows,
                    moment_of(row.first_day),
                    moment_of(row.last_day),
                    row.ids,
                )
                for row in rows
            )

    def known_ids(self, stream: int, digests: np.ndarray) -> np.ndarray:
        """Which digests (n,) int64 of ids are counted already: (n,) bool."""
        asked, found = np.unique(digests), list[int]()
        with self._database.reading() as connection:
            for start in range(0, len(asked), _AT_ONCE):
                some = STREAM_IDS.c.digest.in_(asked[start : start + _AT_ONCE].tolist())
                wanted = select(STREAM_IDS.c.digest).where(STREAM_IDS.c.stream == stream, some)
                found += connection.scalars(wanted).all()
        return np.isin(digests, np.array(found, np.int64))


def still_there(connection: Connection, numbers: Collection[int]) -> set[int]:
    """Of some numbers of streams those that were not forgotten."""
    asked = set(numbers) - {SERVICE}
    if not asked:
        return set(numbers)
    wanted = select(STREAMS.c.id).where(STREAMS.c.id.in_(asked))
    return (set(numbers) & {SERVICE}) | set(connection.scalars(wanted))


def _named(name: str, sample: bool) -> ColumnElement[bool]:
    return (STREAMS.c.key == key_of(name)) & (STREAMS.c.sample == sample)


def _stream(row: Row[Any]) -> Stream:
    return Stream(
        id=row.id,
        name=row.name,
        cadence=row.cadence,
        zone=row.zone,
        reference=row.reference,
        created=moment_of(row.created),
        sample=row.sample,
    )


def _zone(name: str) -> str:
    """The name of a zone as the system has it."""
    known = {each.casefold(): each for each in available_timezones()}
    zone = known.get(name.strip().casefold())
    if zone is None:
        raise StreamError(wording.ZONE)
    ZoneInfo(zone)
    return zone

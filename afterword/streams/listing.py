"""The streams for people: what each holds, what its last check said, and how one is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from afterword.drift.wording import LEVEL_WORDS
from afterword.errors import StreamError
from afterword.store import Store, get_store
from afterword.store import wording as store_wording
from afterword.store.checks import KeptCheck
from afterword.store.moments import midnight
from afterword.store.stream_records import SERVICE, Stream
from afterword.streams.cadence import parse_day


@dataclass(frozen=True)
class Listed:
    """A stream, and what it holds.

    Attributes
    ----------
    stream : itself.
    days : on which it holds descriptions.
    first, last : of these; None if there are none.
    check : its last check; None if there is none.
    """

    stream: Stream
    days: int
    first: date | None
    last: date | None
    check: KeptCheck | None

    @property
    def said(self) -> str:
        """What its last check said, and of which period."""
        if self.check is None:
            return ""
        level = LEVEL_WORDS.get(self.check.level, self.check.level)
        return f"{level}, {self.check.period}" if self.check.period else level

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        created, check = self.stream.created, self.check
        last = None
        if check is not None:
            about = {"id": check.id, "at": check.at.isoformat(), "level": check.level}
            last = about | {"stream_period": check.period or None}
        return {
            "name": self.stream.name,
            "cadence": self.stream.cadence,
            "zone": self.stream.zone,
            "reference": dict(self.stream.reference),
            "created": created.isoformat() if created else None,
            "days": self.days,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "last_check": last,
        }


@dataclass(frozen=True)
class ToForget:
    """What of a stream is to be deleted: before a day, or all of it."""

    stream: Stream
    before: datetime | None


def list_streams(store: Store | None = None, *, sample: bool = False) -> list[Listed]:
    """Every stream, that of the service first, the others by name.

    Parameters
    ----------
    store : this process's if None.
    sample : those of the loaded samples.

    Raises
    ------
    StoreError
        The store cannot be read.
    """
    store = store or get_store()
    held = store.streams.held(sample=sample)
    found = []
    for stream in store.streams.list(sample=sample):
        own = held.get(stream.id)
        check = store.checks.last(sample=sample, stream=stream.id)
        one = Listed(stream, 0, None, None, check)
        if own:
            one = Listed(stream, own.days, own.first.date(), own.last.date(), check)
        found.append(one)
    return found


def create_stream(
    name: str, cadence: str = "week", zone: str = "UTC", *, store: Store | None = None
) -> Stream:
    """Make a stream, which is compared with the training set.

    Parameters
    ----------
    name : at most 60 letters, digits, spaces, dots and dashes; unique without regard to case.
    cadence : "day", "week" or "month", the length of its periods.
    zone : IANA name of the zone whose calendar its days are of.
    store : this process's if None.

    Raises
    ------
    StreamError
        The name, the cadence or the zone is none, or the name is taken.
    StoreError
        The store cannot be written.
    """
    return (store or get_store()).streams.create(name, cadence, zone)  # type: ignore[arg-type]


def rename_stream(name: str, new: str, *, store: Store | None = None) -> Stream:
    """Give a stream another name; what it holds stays its own.

    Raises
    ------
    StreamError
        There is no such stream, the new name is none or taken, or it is the service's.
    StoreError
        The store cannot be written.
    """
    return (store or get_store()).streams.rename(name, new)


def forget_stream(name: str, before: str | None = None, *, store: Store | None = None) -> int:
    """Delete what is kept of a stream, so that its bytes are gone from the store's file.

    Parameters
    ----------
    name : of the stream.
    before : first day that is kept, as "2026-01-31"; without it all of the stream goes.
    store : this process's if None.

    Returns
    -------
    How many rows of the store were deleted.

    Raises
    ------
    StreamError
        There is no such stream or day, or all of the service's stream is to go.
    StoreError
        The store cannot be written.
    """
    return forget(first_kept(name, before, store=store), store=store)


def first_kept(name: str, before: str | None, *, store: Store | None = None) -> ToForget:
    """What is to be deleted; raises as :func:`forget_stream`, before anybody is asked."""
    stream = (store or get_store()).streams.get(name)
    if before is None and stream.id == SERVICE:
        raise StreamError(store_wording.SERVICE_STAYS)
    return ToForget(stream, None if before is None else midnight(parse_day(before)))


def forget(known: ToForget, *, store: Store | None = None) -> int:
    """Delete it; how many rows of the store that were."""
    store = store or get_store()
    if known.before is None:
        return store.forget_stream(known.stream.id)
    return store.forget(known.before, stream=known.stream.id)

"""What the store holds, as tables: numbers about calls, counts over many descriptions, no text.

Times are whole seconds since 1970, UTC. ``sample`` marks what was loaded to look at, which is
deleted by that mark. Columns of JSON hold lists and mappings of numbers, and of sentences that are
safe to show.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from afterword.settings import TRIAL
from afterword.store.moments import seconds_of
from afterword.store.stream_records import SERVICE

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts its own keys in an INTEGER only.
_KEY: Final = BigInteger().with_variant(Integer, "sqlite")


def _key() -> Column[int]:
    return Column("id", _KEY, primary_key=True, autoincrement=True)


def _time(name: str = "at", *, empty: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=empty)


def _sample() -> Column[bool]:
    return Column("sample", Boolean, nullable=False, default=False)


def _stream() -> Column[int]:
    """The stream of a row; what was kept before there were streams is the service's."""
    own = text(str(SERVICE))
    return Column("stream", BigInteger, nullable=False, default=SERVICE, server_default=own)


STREAMS: Final = Table(
    "streams",
    METADATA,
    _key(),
    Column("name", String(80), nullable=False),
    # The name without regard to case, by which it is found.
    Column("key", String(240), nullable=False),
    Column("cadence", String(8), nullable=False),  # day, week, month
    Column("zone", String(64), nullable=False),
    # {"kind": "training"}, or {"kind": "period", "start", "end", "reason"}.
    Column("reference", JSON, nullable=False),
    _time("created"),
    _sample(),
    UniqueConstraint("key", "sample"),
    # The number of a stream that was forgotten is never another one's.
    sqlite_autoincrement=True,
)
"""A row per stream: :mod:`afterword.store.streams`."""

STREAM_FILES: Final = Table(
    "stream_files",
    METADATA,
    _key(),
    Column("stream", BigInteger, nullable=False),
    # Keyed, of what the rows hold; not of the file's name.
    Column("digest", String(64), nullable=False),
    _time("added"),
    Column("rows", Integer, nullable=False),
    _time("first_day"),
    _time("last_day"),
    Column("ids", Boolean, nullable=False),
    UniqueConstraint("stream", "digest"),
)
"""A row per file that was added to a stream."""

STREAM_IDS: Final = Table(
    "stream_ids",
    METADATA,
    Column("stream", BigInteger, primary_key=True, autoincrement=False),
    # 64 bits of a keyed hash of a row's id and its day.
    Column("digest", BigInteger, primary_key=True, autoincrement=False),
    _time("day"),
    Index(None, "day"),
    sqlite_with_rowid=False,
)
"""A row per row of a file that told its id, so that it is not counted twice."""


EVENTS: Final = Table(
    "events",
    METADATA,
    _key(),
    _time(),
    Column("source", String(16), nullable=False),
    Column("model", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("latency_ms", Float, nullable=False),
    Column("descriptions", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    # Empty. Before there were profiles: per description its probabilities in per cent, then its
    # decisions as bits.
    Column("answers", JSON, nullable=False),
    _sample(),
    _stream(),
    Index(None, "at"),
)
"""A row per call."""

TALLIES: Final = Table(
    "tallies",
    METADATA,
    _key(),
    Column("span", String(8), nullable=False),
    _time("start"),
    Column("model", String(64), nullable=False),
    _sample(),
    _stream(),
    Column("content", JSON, nullable=False),
    UniqueConstraint("start", "span", "model", "sample", "stream"),
)
"""Counts over an hour or a day: :class:`afterword.store.tally.Tally`."""

PROFILES: Final = Table(
    "profiles",
    METADATA,
    _key(),
    _time("day"),
    Column("model", String(64), nullable=False),
    _sample(),
    _stream(),
    Column("content", JSON, nullable=False),
    # Words and representation, packed; empty where there is none.
    Column("texts", LargeBinary, nullable=False),
    UniqueConstraint("day", "model", "sample", "stream"),
)
"""What the descriptions of a day add up to: :mod:`afterword.store.day_profiles`."""

UNSEEN: Final = Table(
    "unseen_words",
    METADATA,
    _key(),
    _time("day"),
    Column("hash", String(64), nullable=False),
    Column("descriptions", Integer, nullable=False),
    # Of these, in how many it looks like a name; and one byte of a keyed hash of each text, so that
    # a text that is sent again does not count again.
    Column("private", Integer, nullable=False),
    Column("tags", JSON, nullable=False),
    Column("word", String(64), nullable=True),
    _sample(),
    _stream(),
    UniqueConstraint("hash", "day", "sample", "stream"),
    # All that the commonest words of a window ask for.
    Index(None, "day", "sample", "stream", "hash", "descriptions"),
)
"""Words that the model never saw, under a keyed hash until enough descriptions hold them."""

READINGS: Final = Table(
    "readings",
    METADATA,
    _key(),
    _time(),
    Column("sessions", Integer, nullable=False),
    Column("cpu", Float, nullable=False),
    Column("memory_mb", Float, nullable=False),
    _sample(),
    Index(None, "at"),
)
"""The server's own state, once a minute."""

CHECKS: Final = Table(
    "checks",
    METADATA,
    _key(),
    _time(),
    Column("source", String(16), nullable=False),
    Column("model", String(64), nullable=False),
    Column("level", String(16), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    _time("window_start", empty=True),
    _time("window_end", empty=True),
    # CheckResult.to_dict(), and how often each value of each column occurred.
    Column("content", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    # Whether it counts nowhere; what was kept before there were trials counts.
    Column("trial", Boolean, nullable=False, default=False, server_default=false()),
    _sample(),
    # Empty of a trial, which belongs to none; and the period of a stream, as "2026-W47".
    Column("stream", BigInteger, nullable=True),
    Column("period", String(40), nullable=True),
    Index(None, "at"),
)
"""A row per check."""


def outlived(now: datetime) -> ColumnElement[bool]:
    """The trials whose time is over: they are shown no more, and deleted once a day."""
    return (CHECKS.c.trial == True) & (CHECKS.c.at < seconds_of(now - TRIAL))  # noqa: E712


RULES: Final = Table(
    "rules",
    METADATA,
    _key(),
    Column("name", String(120), nullable=False),
    Column("metric", String(80), nullable=False),
    Column("direction", String(8), nullable=False),
    Column("threshold", Float, nullable=False),
    Column("window", String(8), nullable=False),
    Column("for_periods", Integer, nullable=False),
    Column("severity", String(16), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("shipped", String(40), nullable=True),
    # Whether who was told of an alert is told of its end.
    Column("tell_when_over", Boolean, nullable=False, default=False, server_default=false()),
    UniqueConstraint("shipped"),
)
"""When to alert: data that people edit. ``shipped`` names the rule that it came as."""

RULE_STATES: Final = Table(
    "rule_states",
    METADATA,
    _key(),
    Column("rule", _KEY, nullable=False),
    _sample(),
    _stream(),
    # False from an alert's opening until the condition was seen to be over.
    Column("armed", Boolean, nullable=False),
    Column("held", Integer, nullable=False),
    _time("seen", empty=True),
    # Date of the data from which on the condition holds.
    _time("since", empty=True),
    UniqueConstraint("rule", "sample", "stream"),
)
"""Where each rule stands: for how many evaluations its condition held, and whether it may open."""

ALERTS: Final = Table(
    "alerts",
    METADATA,
    _key(),
    Column("rule", _KEY, nullable=False),
    Column("name", String(120), nullable=False),
    Column("metric", String(80), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    _time("opened_at"),
    _time("last_at"),
    Column("value", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("what", String(600), nullable=False),
    # Every step: [at, state, by, why], and a fifth, whom, where there is one.
    Column("history", JSON, nullable=False),
    _sample(),
    _stream(),
    Column("direction", String(8), nullable=False, default="", server_default=""),
    _time("since", empty=True),
    # What it was called then; "" where no stream is told.
    Column("stream_name", String(120), nullable=False, default="", server_default=""),
    Column("period", String(80), nullable=False, default="", server_default=""),
    Column("check_number", BigInteger, nullable=True),
    # What moved: a mapping for each figure.
    Column("figures", JSON, nullable=True),
    # From its end on: whether who was told of it is told of that.
    Column("tell_over", Boolean, nullable=False, default=False, server_default=false()),
    Index(None, "state"),
)
"""A row per episode."""

DELIVERIES: Final = Table(
    "deliveries",
    METADATA,
    _key(),
    Column("alert", _KEY, nullable=False),
    _time(),
    Column("channel", String(60), nullable=False),
    Column("state", String(16), nullable=False),  # waiting, sending, sent, failed
    Column("attempts", Integer, nullable=False),
    Column("problem", String(300), nullable=False),
    _sample(),
    # "opened" or "over".
    Column("about", String(8), nullable=False, default="opened", server_default="opened"),
    Index(None, "alert"),
)
"""A row per message and channel."""

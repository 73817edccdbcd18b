"""How the database is opened, brought to the present schema, and emptied of what is too old."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from tenacity import Retrying, retry, retry_if_exception, stop_after_delay, wait_fixed

from afterword.errors import StoreError
from afterword.store import wording
from afterword.store.schema import METADATA

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEAD: Final = "0005"
"""The newest migration; a test compares it with the folder."""
BUSY_MS: Final = 1_500
"""How long a database waits for another process's lock."""
CONNECT_S: Final = 3
"""How long a server of a database may take to answer."""
_WRITE: Final = "afterword_write"
_WRITERS: Final = 1_634_104_421
"""Number of PostgreSQL's lock that who writes holds: any that no other program takes."""
_OLDER: Final = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND greatest(age(backend_xid), age(backend_xmin)) >= age(CAST(:now AS xid))
"""
"""Counts who began before a transaction, and is not done."""
_LOCK_NOT_AVAILABLE: Final = "55P03"
"""PostgreSQL's name of it."""
_migrating: Final = threading.Lock()


def open_engine(url: str | URL) -> Engine:
    """Make the engine of a database; nothing is opened yet.

    Raises
    ------
    StoreError
        The address is none, or its driver is not installed. The message does not repeat it: an
        address can hold a password.
    """
    try:
        parsed = make_url(url)
        options: dict[str, Any] = {} if _is_sqlite(parsed) else {"pool_pre_ping": True}
        if _is_postgresql(parsed):
            # Who waits for a lock must see what was written meanwhile.
            options["isolation_level"] = "READ COMMITTED"
            if parsed.get_driver_name().startswith("psycopg"):
                own = {"connect_timeout": str(CONNECT_S), "client_encoding": "utf8"}
                parsed = parsed.set(query=own | dict(parsed.query))
        engine = create_engine(parsed, **options)
    except (ArgumentError, ImportError, SQLAlchemyError, ValueError):
        raise StoreError(wording.NO_DATABASE) from None
    if _is_sqlite(parsed):
        if parsed.database in (None, "", ":memory:"):
            raise StoreError(wording.NO_FILE)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def file_of(engine: Engine) -> Path | None:
    """The file of a SQLite database; None for any other."""
    name = engine.url.database
    return Path(name) if _is_sqlite(engine.url) and name and name != ":memory:" else None


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _is_postgresql(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"


def _prepare(connection: Any, _record: object) -> None:
    # The driver would begin transactions by itself, and only at the first write.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    _set_wal(connection)
    # A commit is on the disk before it is reported: also a power cut loses nothing.
    connection.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten.
    connection.execute("PRAGMA secure_delete = ON")


def is_locked(error: BaseException) -> bool:
    """Whether the database waited in vain for another connection's transaction."""
    of_driver = getattr(error, "orig", error)
    if getattr(of_driver, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
        return True
    code = getattr(of_driver, "sqlite_errorcode", 0)
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)  # the rest tells kinds apart


@retry(
    retry=retry_if_exception(is_locked),
    wait=wait_fixed(0.02),
    stop=stop_after_delay(BUSY_MS / 1000),
    reraise=True,
)
def _set_wal(connection: Any) -> None:
    # While another connection switches a new file, SQLite answers "locked" without any waiting.
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the right to write from its start; committed at its end."""
    with engine.connect().execution_options(**{_WRITE: True}) as connection, connection.begin():
        if _is_postgresql(engine.url):
            # One at a time, as in SQLite: no two add the same row, or wait for each other for ever.
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {BUSY_MS}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")
        yield connection


def migrate(engine: Engine) -> None:
    """Bring the database to the present schema; two processes may do so at once.

    Raises
    ------
    StoreError
        It was written by a newer version, or cannot hold every character.
    """
    file = file_of(engine)
    if file is not None:
        # A new one is for its owner alone, whatever the umask.
        file.touch(mode=0o600, exist_ok=True)
    with engine.connect() as connection:
        if _version(connection) == HEAD:
            return
        if _is_postgresql(engine.url):
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
            if encoding != "UTF8":
                raise StoreError(wording.NOT_UTF8)
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    # Alembic's context is the process's: two stores at once would be one too many.
    with _migrating, writing(engine) as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:
            raise StoreError(wording.NEWER) from None


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def vacuum(engine: Engine) -> None:
    """Give back the space of what was deleted, so that its bytes are nowhere in the file."""
    name = engine.url.get_backend_name()
    if name == "sqlite":
        raw = engine.raw_connection()
        try:
            driver: Any = raw.driver_connection
            driver.execute("VACUUM")
            busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                raise StoreError(wording.READ_BY_ANOTHER)
        finally:
            raw.close()
    elif name == "postgresql":
        # The store's own tables: the database may hold those of other programs.
        tables = map(engine.dialect.identifier_preparer.format_table, METADATA.sorted_tables)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # it is closed afterwards, and its settings with it
            connection.exec_driver_sql(f"SET lock_timeout = {BUSY_MS}")
            _wait_for_older(connection)
            connection.exec_driver_sql(f"VACUUM FULL {', '.join(tables)}")


def _wait_for_older(connection: Connection) -> None:
    """Let end who may still see what was deleted: PostgreSQL would keep it for them.

    Raises
    ------
    StoreError
        Somebody still reads as of before.
    """
    now = connection.exec_driver_sql("SELECT pg_current_xact_id()::xid::text").scalar_one()
    older = text(_OLDER).bindparams(now=now)
    for attempt in Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, StoreError)),
        wait=wait_fixed(0.02),
        stop=stop_after_delay(BUSY_MS / 1000),
        reraise=True,
    ):
        with attempt:
            if connection.execute(older).scalar_one():
                raise StoreError(wording.READ_BY_ANOTHER)


def identity(file: Path) -> tuple[int, int] | None:
    """What tells a file from another one of its name; None if it is not there."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino

"""Databases of a PostgreSQL server for tests."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import URL, make_url

from afterword.store import Store
from afterword.store.engine import HEAD
from afterword.store.schema import METADATA, STREAMS
from afterword.store.stream_records import SERVICE


def run(database: str | URL, *statements: str) -> object:
    """Run statements as another program does, and return the first value of the last one."""
    # To make or delete a database is possible outside a transaction only.
    engine = create_engine(database, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    value = None
    with engine.connect() as connection:
        for statement in statements:
            done = connection.exec_driver_sql(statement)
            value = done.scalar() if done.returns_rows else None
    return value


class Databases:
    """Makes databases on a server, and deletes them.

    Parameters
    ----------
    address : SQLAlchemy address of a database of the server, of a user who may do everything.
    folder : for the key of a store.
    """

    def __init__(self, address: str, folder: Path) -> None:
        self._server = make_url(address)
        self._shared = self.empty()
        store = Store(self._shared, folder / "store.key")
        with store.reading():  # makes the tables
            pass
        store.close()

    def empty(self, *, encoding: str = "UTF8") -> URL:
        """Make a database without tables, of one test alone; it takes half a second."""
        name = f"afterword_{secrets.token_hex(8)}"
        # The locale is the only one that goes with every encoding.
        how = f"TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"
        run(self._server, f"CREATE DATABASE {name} {how}")
        return self._server.set(database=name)

    def shared(self) -> URL:
        """Empty the tables of the database that tests have one after the other."""
        every = [table.name for table in METADATA.sorted_tables if table is not STREAMS]
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        run(
            self._shared,
            f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}",
            f"UPDATE alembic_version SET version_num = '{HEAD}'",
            f"TRUNCATE {', '.join(every)}",
            f"DELETE FROM {STREAMS.name} WHERE id <> {SERVICE}",
        )
        return self._shared

    def drop(self, database: URL) -> None:
        """Delete a database, whoever uses it."""
        run(self._server, f"DROP DATABASE {database.database} WITH (FORCE)")

    def close(self) -> None:
        """Delete the database that tests share."""
        self.drop(self._shared)

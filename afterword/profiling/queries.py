"""Rows of a database by a query: read a block at a time, and nothing is written.

The query runs in one transaction that is rolled back, in PostgreSQL in one that may only read; a
file of SQLite is opened to be read. A server keeps what was not fetched yet, where its driver can.
What a driver raises can quote a cell, so that only its kind is told.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from afterword.errors import BatchError
from afterword.profiling import wording
from afterword.profiling.stored_files import LostError
from afterword.settings import get_settings

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy.engine import Engine

CONNECT_S: Final = 10
"""Seconds that a server of a database may take to answer."""
_STEP: Final = 1_000
"""Rows that are fetched at once."""
_MOST: Final = 16_000_000
"""Characters of a block of rows, about."""
_PLAIN: Final = (str, bytes, bool, int, float, Decimal, date)
"""Kinds of cells that a table of Arrow holds; a moment is a date as well."""
_READING: Final = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
)
_MEMORY: Final = (None, "", ":memory:")


@dataclass(frozen=True)
class Query:
    """Rows of a database; printed without query and address, which can hold a password.

    Attributes
    ----------
    statement : of SQL, that gives rows; its columns are those of the batch.
    database : SQLAlchemy address; by default that of ``AFTERWORD_SOURCE_URL``.
    """

    statement: str = field(repr=False)
    database: str | None = field(default=None, repr=False)

    def tables(self, rows: int) -> Iterator[pa.Table]:
        """All rows, so many at a time at most.

        Raises
        ------
        BatchError
            There is no such database, or its driver is not installed.
        LostError
            The database did not give the rows, or not all of them.
        """
        address = self.database
        if address is None and (known := get_settings().source_url) is not None:
            address = known.get_secret_value()
        if not address:
            raise BatchError(wording.NO_SOURCE)
        engine, begun = _engine(address), list[bool]()
        try:
            with _told(begun), engine.connect() as connection:
                connection.execution_options(
                    stream_results=True,  # by a cursor of the server
                    max_row_buffer=_STEP,
                    no_parameters=True,  # a percent sign in a query is one
                    postgresql_readonly=True,
                )
                result = connection.exec_driver_sql(self.statement)
                if not result.returns_rows:
                    raise BatchError(wording.NO_SELECT)
                for table in _tables(list(result.keys()), result.partitions(_STEP), rows):
                    begun.append(True)
                    yield table
        finally:
            engine.dispose()


def _tables(
    names: list[str], steps: Iterator[Sequence[Sequence[Any]]], most: int
) -> Iterator[pa.Table]:
    """Rows as tables: of ``most`` rows, or fewer if they are long."""
    import pyarrow as pa

    if len(set(names)) < len(names):
        raise BatchError(wording.SAME_NAMES)
    ahead: list[Sequence[Any]] = []
    size = 0

    def table() -> pa.Table:
        columns = zip(*ahead, strict=True)
        return pa.table([_column(cells) for cells in columns], names=names)

    for step in steps:
        ahead += step
        size += sum(len(cell) for row in step for cell in row if isinstance(cell, str | bytes))
        if len(ahead) >= most or size >= _MOST:
            yield table()
            ahead, size = [], 0
    if ahead:
        yield table()


def _column(cells: Sequence[Any]) -> pa.Array:
    """Cells as a column: of their kind if all are of one, else as texts."""
    import pyarrow as pa

    known = [cell if cell is None or isinstance(cell, _PLAIN) else _text(cell) for cell in cells]
    try:
        return pa.array(known)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        return pa.array([None if cell is None else _text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str:
    """A cell of another kind as a file of text would have it."""
    if isinstance(cell, bytes | bytearray | memoryview):
        return bytes(cell).decode("utf-8", "replace")
    if isinstance(cell, dict | list):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return str(cell)


def _engine(address: str) -> Engine:
    """The engine of a database that is read; nothing is opened yet.

    Raises
    ------
    BatchError
        The address is none, its driver is not installed, or there is no such file.
    """
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    try:
        url = make_url(address)
        if url.get_backend_name() == "sqlite":
            return create_engine(
                "sqlite://", creator=partial(_opened, _file_of(url.database)), poolclass=NullPool
            )
        if url.get_driver_name().startswith("psycopg"):
            own = {"connect_timeout": str(CONNECT_S), "client_encoding": "utf8"}
            url = url.set(query=own | dict(url.query))
        return create_engine(url, poolclass=NullPool)
    except ImportError:
        raise BatchError(wording.NO_DRIVER) from None
    except (SQLAlchemyError, ValueError):
        raise BatchError(wording.NO_URL) from None


def _file_of(database: str | None) -> Path:
    if database in _MEMORY or database is None:
        raise BatchError(wording.NO_DATABASE_FILE)
    path = database
    if path.startswith("file:"):
        path = unquote(path.removeprefix("file:").partition("?")[0])
    if not Path(path).is_file():
        raise BatchError(wording.NO_DATABASE_FILE)
    return Path(path)


def _opened(path: Path) -> sqlite3.Connection:
    """A file of SQLite, opened to be read, by whichever thread takes the next rows."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, check_same_thread=False)
    connection.set_authorizer(_reads)
    # A text that is none has its damaged characters marked, as in a file of text.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


def _reads(action: int, _what: str | None, value: str | None, *_: str | None) -> int:
    """Whether SQLite may do what a statement asks for: VACUUM and ATTACH write other files."""
    asks = action == sqlite3.SQLITE_PRAGMA and value is None  # as SQLAlchemy does
    return sqlite3.SQLITE_OK if action in _READING or asks else sqlite3.SQLITE_DENY


@contextmanager
def _told(begun: list[bool]) -> Iterator[None]:
    """Make one sentence of whatever a driver raises.

    Parameters
    ----------
    begun : is not empty once rows came.

    Raises
    ------
    LostError
        Something was.
    """
    try:
        yield
    except BatchError:
        raise
    except Exception as error:
        raise LostError(_sentence(error, bool(begun))) from None


def _sentence(error: Exception, begun: bool) -> str:
    """Why a database gives no rows, or no more of them, by the kind of the error."""
    of_driver = getattr(error, "orig", None) or error
    state = str(getattr(of_driver, "sqlstate", None) or getattr(of_driver, "pgcode", None) or "")
    if isinstance(of_driver, sqlite3.Error):
        state = _state_of_sqlite(of_driver)
    for beginning, sentence in wording.SQL_STATES.items():
        if state.startswith(beginning):
            return sentence
    if type(error).__name__ in ("OperationalError", "InterfaceError") and not state:
        return wording.SQL_STATES["08"] if begun else wording.NO_CONNECTION
    return wording.sql_refused(f"{type(of_driver).__name__} {state}".strip())


def _state_of_sqlite(error: sqlite3.Error) -> str:
    """What the standard calls an error of SQLite; "" if it does not."""
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest tells kinds apart
    if kind in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_SCHEMA):
        said = str(error)
        begins = {"no such table": "42P01", "no such column": "42703"}
        return next((state for begin, state in begins.items() if said.startswith(begin)), "42601")
    return {
        0: "42601",
        sqlite3.SQLITE_AUTH: "25006",
        sqlite3.SQLITE_READONLY: "25006",
        sqlite3.SQLITE_BUSY: "55P03",
        sqlite3.SQLITE_LOCKED: "55P03",
        sqlite3.SQLITE_NOTADB: "XX001",
        sqlite3.SQLITE_CORRUPT: "XX001",
    }.get(kind, "")

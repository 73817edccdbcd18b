"""One database: opened late, written in transactions, and noticed when it is gone."""

from __future__ import annotations

import contextlib
import logging
import math
import secrets
import threading
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from afterword.errors import StoreError
from afterword.logs import RateLimitedLog
from afterword.store import engine as engines
from afterword.store import wording
from afterword.store.hashing import Hashing
from afterword.store.schema import READINGS

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Engine

REST_S: Final = 1.0
"""After a failure, how long records are refused at once: nobody waits for a lock in vain."""
TURN_S: Final = 2.5
"""How long a transaction waits for the others of this process. With the database's own wait for
those of other processes, as long as a caller waits for its record."""
FRESH_S: Final = 2.0
"""For so long after a record was written, the store counts as one that can be written."""

_failed_tests = RateLimitedLog(logging.getLogger(__name__), wording.FAILED_TESTS)

_DAMAGED: Final = (ValueError, KeyError, TypeError, IndexError)
"""What reading a damaged row raises: its JSON is none, or lacks something."""


class RacedError(StoreError):
    """Another process wrote the same row first, as at the start of an hour."""


class Database:
    """A database that is opened when it is first used, and noticed when it is gone.

    Parameters
    ----------
    url : SQLAlchemy address.
    key_file : file of the key under which unseen words are hashed; made if it is not there.

    Attributes
    ----------
    problem : why it could not be written the last time; "" if it could.
    """

    def __init__(self, url: str | URL, key_file: Path) -> None:
        self.url = url
        self.key_file = key_file
        self.problem = ""
        self._engine: Engine | None = None
        self._identity: tuple[int, int] | None = None
        self._opening = threading.RLock()
        self._writing = threading.Lock()
        self._failed_at = -REST_S
        self._written_at = -math.inf  # a record, and not just anything
        self._unclean = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"  # an address can hold a password

    def _open(self) -> Engine:
        """The engine of a database that is there and has the present schema."""
        with self._opening:
            engine = self._engine
            if engine is not None:
                file = engines.file_of(engine)
                if file is None or engines.identity(file) == self._identity:
                    return engine
                # Another file, or none: what is written to the old one would be lost.
                engine.dispose()
                self._engine = None
                raise StoreError(wording.REPLACED)
            engine = engines.open_engine(self.url)
            self.__dict__.pop("_key", None)  # the folder may be another one by now
            file = engines.file_of(engine)
            if file is not None and file.parent == self.key_file.parent:
                file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                engines.migrate(engine)
            except BaseException:
                engine.dispose()
                raise
            self._identity = engines.identity(file) if file is not None else None
            self._engine = engine
            return engine

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that may write, for the modules of this package; one in a process at once.

        SQLite lets one write at a time, and who waits for it tries again now and then: among many
        short transactions some would wait in vain.

        Raises
        ------
        StoreError
            The database cannot be opened or written, or another transaction takes too long.
        """
        try:
            engine = self._open()
            with self._turn(), engines.writing(engine) as connection:
                yield connection
        except IntegrityError:
            raise RacedError(wording.NOT_WRITTEN) from None
        except (SQLAlchemyError, OSError, *_DAMAGED) as error:
            locked = engines.is_locked(error)
            raise StoreError(wording.LOCKED if locked else wording.NOT_WRITTEN) from None

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """Be the only one of this process that writes."""
        if not self._writing.acquire(timeout=TURN_S):
            raise StoreError(wording.no_turn(TURN_S))
        try:
            yield
        finally:
            self._writing.release()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that reads.

        Raises
        ------
        StoreError
            The database cannot be opened or read.
        """
        try:
            with self._open().connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError, *_DAMAGED):
            raise StoreError(wording.UNREADABLE) from None

    def writable(self) -> bool:
        """Whether a transaction can be written now; no record is refused because it says no."""
        fresh = self._written_at > max(self._failed_at, time.monotonic() - FRESH_S)
        try:
            if fresh:
                with self.reading():  # a file that is gone is noticed
                    return True
            with self.begin() as connection:
                # A full disk takes no page, and deleting nothing would need none.
                own = {"at": -1, "sessions": 0, "cpu": 0.0, "memory_mb": 0.0, "sample": False}
                connection.execute(insert(READINGS).values(own))
                connection.execute(delete(READINGS).where(READINGS.c.at < 0))
        except StoreError as error:
            _failed_tests.count(str(error))
            return False
        return True

    def _fail(self, error: StoreError) -> None:
        self.problem = str(error)
        self._failed_at = time.monotonic()

    @cached_property
    def _key(self) -> bytes:
        try:
            self.key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError), self.key_file.open("xb") as file:
                self.key_file.chmod(0o600)
                file.write(secrets.token_bytes(32))
            key = self.key_file.read_bytes()
        except OSError:
            key = b""
        if len(key) < 32:
            raise StoreError(wording.NO_KEY)
        return key

    @property
    def hashing(self) -> Hashing:
        """The hashes under the key of the store.

        Raises
        ------
        StoreError
            There is no key.
        """
        return Hashing(self._key)

    def hash(self, word: str) -> str:
        """The keyed hash of a word, in hexadecimal; raises as :attr:`hashing` does."""
        return self.hashing.hash(word)

    def _vacuum(self) -> None:
        self._unclean = True
        try:
            engine = self._open()
            with self._turn():
                engines.vacuum(engine)
            self._unclean = False
        except Exception as error:
            raise StoreError(wording.NOT_CLEANED) from error

    def close(self) -> None:
        """Close the connections; the next use opens them again."""
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None

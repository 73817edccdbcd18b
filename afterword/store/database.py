"""One database: opened late, written in transactions, and noticed when it is gone."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
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
from afterword.store import engine as engines
from afterword.store.tables import READINGS

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

REST_S: Final = 1.0
"""After a failure, how long records are refused at once: nobody waits for a lock in vain."""
NOT_WRITTEN: Final = (
    "The store cannot be written, so nothing is recorded at the moment: look at the disk and at "
    "AFTERWORD_HOME."
)


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

    def __init__(self, url: str, key_file: Path) -> None:
        self.url = url
        self.key_file = key_file
        self.problem = ""
        self._engine: Engine | None = None
        self._identity: tuple[int, int] | None = None
        self._opening = threading.RLock()
        self._failed_at = -REST_S
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
                raise StoreError("The store's file is gone or was replaced while it was open.")
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
        """A transaction that may write, for the modules of this package.

        Raises
        ------
        StoreError
            The database cannot be opened or written.
        """
        try:
            with engines.writing(self._open()) as connection:
                yield connection
        except IntegrityError:
            raise RacedError(NOT_WRITTEN) from None
        except (SQLAlchemyError, OSError, *_DAMAGED):
            raise StoreError(NOT_WRITTEN) from None

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
            raise StoreError(
                "The store cannot be read: look at the disk and at AFTERWORD_HOME."
            ) from None

    def writable(self) -> bool:
        """Whether a transaction can be written now."""
        try:
            with self.begin() as connection:
                # A full disk takes no page, and deleting nothing would need none.
                own = {"at": -1, "sessions": 0, "cpu": 0.0, "memory_mb": 0.0, "sample": False}
                connection.execute(insert(READINGS).values(own))
                connection.execute(delete(READINGS).where(READINGS.c.at < 0))
        except StoreError as error:
            self._fail(error)
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
            raise StoreError(
                "The key of the store cannot be read or written: look at AFTERWORD_HOME."
            )
        return key

    def hash(self, word: str) -> str:
        """The keyed hash of a word, in hexadecimal.

        Raises
        ------
        StoreError
            There is no key.
        """
        return hmac.new(self._key, word.encode(), hashlib.sha256).hexdigest()

    def tag(self, text: str) -> int:
        """One byte of a keyed hash: tells a text from most others, and names none.

        Raises
        ------
        StoreError
            There is no key.
        """
        return hmac.new(self._key, b"text " + text.encode(), hashlib.sha256).digest()[0]

    def _vacuum(self) -> None:
        self._unclean = True
        try:
            engines.vacuum(self._open())
            self._unclean = False
        except Exception as error:
            raise StoreError(
                "What was asked for is deleted, but the file could not be cleaned of its bytes: "
                "close other programs that read it, and do it again."
            ) from error

    def close(self) -> None:
        """Close the connections; the next use opens them again."""
        with self._opening:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None

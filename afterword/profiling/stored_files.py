"""Files that are read in blocks: on this machine, or at an address, which fsspec opens.

All that fsspec and the libraries behind it raise becomes one sentence, because their messages hold
addresses with what opens them.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final
from urllib.parse import unquote

from afterword.errors import BatchError
from afterword.profiling import wording
from afterword.profiling.addresses import (
    HTTP,
    Place,
    check_allowed,
    is_allowed,
    place_of,
    shown,
)

SECONDS: Final = 60
"""Seconds that a server of files may be silent."""
_AHEAD: Final = 4_000_000
"""Bytes that are asked for at once where a server gives parts of a file."""
_AHEAD_IN_TABLES: Final = 1_000_000
"""The same of Parquet, which is read here and there."""
_KEPT: Final = 4_000_000
"""Bytes of the beginning of a stream that are kept, to go back there."""
_MARKS: Final = (
    "ETag", "etag", "md5Hash", "Content-MD5", "generation", "Last-Modified", "LastModified",
    "mtime", "created",
)  # fmt: skip
"""What file systems call that which changes with a file."""
_TALKATIVE: Final = ("fsspec", "fsspec.http", "s3fs", "gcsfs", "aiobotocore", "botocore")
"""Loggers of libraries that write addresses."""
_FORBIDDEN: Final = (401, 403)
_ABSENT: Final = (404, 410)


class LostError(OSError):
    """A file that cannot be read, or not to its end; the message is one sentence."""


class LedAwayError(Exception):
    """A server leads on to an address that may not be read."""


@dataclass(frozen=True)
class LocalFile:
    """A file of this machine.

    Attributes
    ----------
    path : of it.
    problem : always "".
    """

    path: Path
    problem: str = ""

    @property
    def name(self) -> str:
        """Its name, without folders."""
        return self.path.name

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @property
    def mark(self) -> list[Any]:
        """What changes with the file."""
        found = self.path.stat()
        return [str(self.path.resolve()), found.st_size, found.st_mtime_ns]

    def open(self) -> IO[bytes]:
        """The file at its beginning."""
        return open(self.path, "rb")

    def open_anywhere(self) -> IO[bytes] | None:
        """The file, to be read here and there."""
        return self.open()

    def whole(self, most: int) -> Any:
        """What :func:`afterword.read` takes."""
        return self.path


@dataclass(frozen=True)
class RemoteFile:
    """A file at an address.

    Attributes
    ----------
    system : fsspec's, which opens it.
    inside : its name there.
    address : the whole of it, which is never shown.
    size : bytes; 0 if the server does not tell.
    changed : what changes with the file; "" if the server does not tell.
    problem : why it cannot be read, in a sentence; "" if it can.
    """

    system: Any = field(repr=False)
    inside: str = field(repr=False)
    address: str = field(repr=False)
    size: int = 0
    changed: str = field(default="", repr=False)
    problem: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Its name, without folders."""
        place = place_of(self.address)
        path = unquote(place.path) if place.scheme in HTTP else place.path
        return PurePosixPath(path).name

    @property
    def mark(self) -> list[Any]:
        """What changes with the file.

        Raises
        ------
        BatchError
            The server does not tell.
        """
        if not self.changed:
            raise BatchError(wording.NO_MARK)
        return [shown(self.address), self.size, self.changed]

    def open(self) -> IO[bytes]:
        """The file from its beginning on, to which one can go back from its first megabyte.

        Raises
        ------
        LostError
            It cannot be opened.
        """
        if place_of(self.address).scheme in HTTP:
            # In one answer, whether or not the server gives parts; a size keeps fsspec from asking.
            options: dict[str, Any] = {"block_size": 0, "size": self.size or -1}
        else:
            options = {"block_size": _AHEAD, "cache_type": "readahead"}
        return io.BufferedReader(_Stream(self._opened(**options), self.address, self.size), 2**18)

    def open_anywhere(self) -> IO[bytes] | None:
        """The file, to be read here and there; None if its server gives no parts of it.

        Raises
        ------
        LostError
            It cannot be opened.
        """
        if place_of(self.address).scheme not in HTTP:
            return _Guarded(self._opened(block_size=_AHEAD_IN_TABLES), self.address)  # type: ignore[return-value]
        if not self.size:
            return None
        ahead = {"block_size": _AHEAD_IN_TABLES, "cache_type": "readahead"}
        file = self._opened(**ahead, size=self.size)
        try:
            with told(self.address):
                file.seek(max(self.size - 8, 1))
                file.read(8)
        except _NoPartsError:
            file.close()
            return None
        return _Guarded(file, self.address)  # type: ignore[return-value]

    def whole(self, most: int) -> Any:
        """What :func:`afterword.read` takes: the bytes, one more than ``most`` of them at most.

        Raises
        ------
        LostError
            They do not come.
        """
        with self.open() as file:
            return file.read(most + 1)

    def _opened(self, **options: Any) -> Any:
        with told(self.address):
            return self.system.open(self.inside, "rb", **options)


class _NoPartsError(Exception):
    """A server gave a whole file where a part was asked for."""


class _Guarded(io.RawIOBase):
    """What fsspec opened, of which every error is a sentence."""

    def __init__(self, file: Any, address: str) -> None:
        self._file = file
        self._address = address

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        with told(self._address):
            return int(self._file.seek(offset, whence))

    def readinto(self, buffer: Any, /) -> int:
        with told(self._address):
            step = self._file.read(len(buffer))
        buffer[: len(step)] = step
        return len(step)

    def close(self) -> None:
        if not self.closed:
            with suppress(Exception):
                self._file.close()
        super().close()


class _Stream(_Guarded):
    """A file that comes once, from its beginning to its end; its beginning is kept."""

    def __init__(self, file: Any, address: str, size: int) -> None:
        super().__init__(file, address)
        self._size = size
        self._kept: bytearray | None = bytearray()
        self._came = 0
        self._at = 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        place = self._at + offset if whence == 1 else offset
        if whence == 2 or (place != self._at and (self._kept is None or place > self._came)):
            raise io.UnsupportedOperation("a stream")
        self._at = place
        return place

    def readinto(self, buffer: Any, /) -> int:
        if self._kept is not None and self._at < self._came:
            step = bytes(self._kept[self._at : self._at + len(buffer)])
            buffer[: len(step)] = step
        else:
            count = super().readinto(buffer)
            if not count and self._came < self._size:
                raise LostError(wording.cut_short(shown(self._address)))
            step = bytes(buffer[:count])
            self._came += count
            if self._kept is not None:
                self._kept += step
                if len(self._kept) > _KEPT:
                    self._kept = None
        self._at += len(step)
        return len(step)


def find(address: str, is_table: Callable[[str], bool]) -> tuple[RemoteFile, ...]:
    """The files of an address, sorted by name.

    Parameters
    ----------
    address : of a file, a folder or a pattern.
    is_table : whether a file of a folder is read, by its name.

    Raises
    ------
    BatchError
        It may not be read, or the server says no; or there is no file in the folder, or none
        whose name fits the pattern.
    """
    place = place_of(address)
    signs = "*[" if place.scheme in HTTP else "*?["
    first = min((at for sign in signs if (at := place.path.find(sign)) >= 0), default=-1)
    check_allowed(address if first < 0 else _folder_of(place, first))
    system = _system(place.scheme)
    try:
        if first >= 0:
            with told(address):
                found = system.glob(address, detail=True).values()
        elif _is_folder(place) or (file := _file(system, address, address)) is None:
            with told(address):
                found = system.ls(address, detail=True)
            found = [each for each in found if is_table(PurePosixPath(each["name"]).name)]
        else:
            return (file,)
    except LostError as error:
        raise BatchError(str(error)) from None
    named = {system.unstrip_protocol(each["name"]): each for each in found}
    files = [
        _file(system, name, each["name"], each)
        for name, each in sorted(named.items())
        if each["type"] == "file" and is_allowed(name)
    ]
    if not files:
        raise BatchError(wording.EMPTY_FOLDER if first < 0 else wording.EMPTY_PATTERN)
    return tuple(file for file in files if file is not None)


def _folder_of(place: Place, first: int) -> str:
    """The address of the folder that has to be listed for a pattern whose first sign is there."""
    return f"{place.scheme}://{place.host}{place.path[:first].rpartition('/')[0]}/"


def _is_folder(place: Place) -> bool:
    """Whether an address is that of a folder by its form."""
    return place.path.endswith("/") if place.scheme in HTTP else place.path in ("", "/")


def _file(
    system: Any, address: str, inside: str, known: Mapping[str, Any] | None = None
) -> RemoteFile | None:
    """A file, with what its server tells of it; None if that is a folder."""
    try:
        if known is None or known.get("size") is None:
            with told(address):
                known = system.info(inside)
    except LostError as error:
        return RemoteFile(system, inside, address, problem=str(error))
    if known["type"] == "directory":
        return None
    changed = next((str(known[each]) for each in _MARKS if known.get(each)), "")
    return RemoteFile(system, known["name"], address, int(known.get("size") or 0), changed)


def _system(scheme: str) -> Any:
    """The file system of a kind of address, which keeps no lists of what it saw before.

    Raises
    ------
    BatchError
        A package that it needs is not installed.
    """
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    options: dict[str, Any] = {}
    try:
        import fsspec

        if scheme in HTTP:
            import aiohttp

            # No limit for a file as a whole: a large one takes hours.
            limits = aiohttp.ClientTimeout(total=None, sock_connect=SECONDS, sock_read=SECONDS)
            options["client_kwargs"] = {"timeout": limits, "middlewares": (_only_allowed,)}
            options["simple_links"] = False
        else:
            options["use_listings_cache"] = False
        return fsspec.filesystem(scheme, skip_instance_cache=True, **options)
    except ImportError:
        raise BatchError(wording.NO_FSSPEC) from None


async def _only_allowed(request: Any, send: Any) -> Any:
    """Let no request go to an address that may not be read, wherever a server leads."""
    if not is_allowed(str(request.url)):
        raise LedAwayError
    return await send(request)


@contextmanager
def told(address: str) -> Iterator[None]:
    """Make one sentence of whatever is raised.

    Raises
    ------
    LostError
        Something was.
    """
    try:
        yield
    except (LostError, BatchError):
        raise
    except Exception as error:
        if isinstance(error, ValueError) and "range requests" in str(error):
            raise _NoPartsError from None
        raise LostError(_sentence(error, shown(address))) from None


def _sentence(error: BaseException, address: str) -> str:
    """Why something cannot be read: by status, kind and cause of an error, without its message."""
    causes = list(_causes(error))
    if any(isinstance(each, LedAwayError) for each in causes):
        return wording.led_away(address)
    names = {each.__name__ for one in causes for each in type(one).__mro__}
    if names & {"ClientPayloadError", "ServerDisconnectedError", "IncompleteReadError"}:
        return wording.cut_short(address)
    status = next((found for each in causes if (found := _status(each))), 0)
    if status in _FORBIDDEN or names & {"PermissionError", "NoCredentialsError"}:
        return wording.forbidden(address)
    if status in _ABSENT or (isinstance(causes[-1], FileNotFoundError) and not status):
        return wording.not_there(address)
    if status:
        return wording.refused(address, f"status {status}")
    if names & {"TimeoutError", "ConnectTimeoutError", "ReadTimeoutError", "FSTimeoutError"}:
        return wording.no_answer(address)
    if names & {"ClientConnectionError", "ConnectionError", "HTTPClientError"}:
        return wording.unreachable(address)
    return wording.refused(address, type(causes[-1]).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what caused it, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _status(error: BaseException) -> int:
    """The status of HTTP that an error of a library carries; 0 if none."""
    answer = getattr(error, "response", None)
    told = answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}
    found = (getattr(error, "status", 0), told.get("HTTPStatusCode"), getattr(error, "code", 0))
    return next((each for each in found if isinstance(each, int) and each >= 300), 0)

"""Addresses of files: what they name, how they are shown, and which of them may be read.

An address that leads to another machine is read only where the operator has allowed it, with
``AFTERWORD_ADDRESSES``. User info and the query of an address can hold what opens it, so that
nothing here shows them.

>>> Address("https://somebody:secret@files.example.org/week.csv?signature=abc")
Address('https://files.example.org/week.csv')
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote
from urllib.request import url2pathname

from afterword.errors import BatchError
from afterword.profiling import wording
from afterword.settings import get_settings

HTTP: Final = ("http", "https")
STORES: Final = ("s3", "gs")
"""File systems of objects in buckets."""
_OWN: Final = ("file", "memory")
"""What does not leave this machine."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+")
_BEHIND_PATH: Final = re.compile(r"[?#]")
_SLASHES: Final = re.compile(r"[/\\]")
_SLASH: Final = re.compile("%2f", re.IGNORECASE)
_HOST: Final = re.compile(
    r"([a-z0-9]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.ASCII
)
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\\]")
_PORTS: Final = {"http": ":80", "https": ":443"}


@dataclass(frozen=True)
class Address:
    """An address of a file, a folder or a pattern, for a list of several.

    Attributes
    ----------
    text : of the address; printed without user info and query.
    """

    text: str = field(repr=False)

    def __str__(self) -> str:
        return shown(self.text)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shown(self.text)!r})"


@dataclass(frozen=True)
class Place:
    """What an address names.

    Attributes
    ----------
    scheme : in lower case.
    host : name and port of the server, or the bucket; without user info.
    path : from the first ``/`` on; without query.
    """

    scheme: str
    host: str
    path: str


def is_address(text: str) -> bool:
    """Tell an address from a path.

    >>> is_address("s3://bucket/week.csv"), is_address("logs/week.csv"), is_address("C:/week.csv")
    (True, False, False)
    """
    scheme, is_there, _ = text.partition("://")
    return bool(is_there) and _SCHEME.fullmatch(scheme.partition("::")[0]) is not None


def place_of(address: str) -> Place:
    """Take an address apart.

    Parameters
    ----------
    address : of one of the kinds that are read; one inside another is refused.

    Raises
    ------
    BatchError
        It is none, or could be understood in two ways.

    >>> place_of("https://user:secret@Files.Example.org:443/week.csv?key=1")
    Place(scheme='https', host='files.example.org', path='/week.csv')
    """
    scheme, _, rest = address.partition("://")
    scheme = scheme.lower()
    if "::" in scheme:
        raise BatchError(wording.CHAINED)
    if scheme not in (*HTTP, *STORES, *_OWN):
        raise BatchError(wording.OTHER_SCHEME)
    if _CONTROL.search(address):
        raise BatchError(wording.DOUBTFUL_ADDRESS)
    if scheme == "memory":
        return Place(scheme, "", "/" + rest.lstrip("/"))
    if scheme in HTTP:
        rest = _BEHIND_PATH.split(rest, maxsplit=1)[0]
    host, slash, path = rest.partition("/")
    if scheme in HTTP:
        host = host.rpartition("@")[2].lower().removesuffix(_PORTS[scheme])
    right = {"http": _HOST, "https": _HOST}.get(scheme, _BUCKET)
    if scheme == "file":
        if host.lower() not in ("", "localhost"):
            raise BatchError(wording.OTHER_MACHINE)
    elif not right.fullmatch(host) or _climbs(path):
        raise BatchError(wording.DOUBTFUL_ADDRESS)
    return Place(scheme, host, slash + path)


def _climbs(path: str) -> bool:
    """Whether a path goes up again, however that is written: servers unpack it in several ways."""
    while (plain := unquote(path)) != path:
        path = plain
    return any(part.partition(";")[0] in (".", "..") for part in _SLASHES.split(path))


def local_path(address: str) -> str | None:
    """The path of an address of a file on this machine; None of any other.

    >>> local_path("file:///data/week%201.csv")
    '/data/week 1.csv'
    """
    place = place_of(address)
    return url2pathname(place.path) if place.scheme == "file" else None


def shown(address: str) -> str:
    """An address without user info and query, for people.

    >>> shown("s3://bucket/week.csv"), shown("https://a@b@c d/")
    ('s3://bucket/week.csv', 'an address')
    """
    try:
        place = place_of(address)
    except BatchError:
        return wording.SOME_ADDRESS
    return f"{place.scheme}://{place.host}{place.path}"


def is_allowed(address: str) -> bool:
    """Whether an address may be read: it lies on this machine, or below one that is allowed.

    Parameters
    ----------
    address : as it is sent.
    """
    try:
        place = place_of(address)
    except BatchError:
        return False
    return place.scheme in _OWN or any(
        _lies_below(place, place_of(each)) for each in get_settings().addresses
    )


def _lies_below(place: Place, folder: Place) -> bool:
    if (place.scheme, place.host) != (folder.scheme, folder.host):
        return False
    path, base = (_plain(each).rstrip("/") for each in (place, folder))
    return path == base or path.startswith(f"{base}/")


def _plain(place: Place) -> str:
    """A path as it is compared: a slash that is written as ``%2F`` parts nothing."""
    if place.scheme not in HTTP:
        return place.path
    return unquote(_SLASH.sub("%252F", place.path))


def check_allowed(address: str) -> None:
    """Refuse what may not be read.

    Raises
    ------
    BatchError
        The operator has not allowed it; the sentence says how.
    """
    place = place_of(address)
    if not is_allowed(address):
        raise BatchError(wording.not_allowed(shown(address), f"{place.scheme}://{place.host}/"))

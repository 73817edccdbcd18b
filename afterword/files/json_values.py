"""Values that a system writes into JSON in a way of its own: MongoDB's, and texts of Meta.

>>> load = Loader('{"n": {"$numberInt": "7"}, "at": {"$date": 1714983300000}}')
>>> load.value(load.text), load.wrapped
({'n': 7, 'at': '2024-05-06T08:15:00+00:00'}, 2)
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_WRAPPED: Final = re.compile(r'\{\s*+"\$(?:oid|date|uuid|symbol|number[A-Z])')
_BYTES: Final = re.compile(r"\\u00[c-fC-F][0-9a-fA-F]\\u00[89abAB][0-9a-fA-F]")
"""Two bytes of one character in UTF-8, each written as a character of its own."""
_ABOVE: Final = re.compile(r"\\u(?!00)[0-9a-fA-F]{4}")
"""A character that is no byte, written as these files write theirs."""


def _moment(value: Any) -> Any:
    """Return a date as a text; a number counts milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).isoformat()
    except (OverflowError, ValueError):
        return value


_KINDS: Final[dict[str, Callable[[Any], Any]]] = {
    "$oid": str,
    "$uuid": str,
    "$symbol": str,
    "$date": _moment,
    "$numberInt": int,
    "$numberLong": int,
    "$numberDouble": float,
    "$numberDecimal": float,
}
"""What MongoDB's Extended JSON wraps a value in → what that is."""


class Loader:
    """Reads the values of one file's JSON.

    Attributes
    ----------
    text : of the file.
    wrapped : values that were found wrapped as MongoDB does, so far.
    as_bytes : whether its texts are written byte by byte.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.wrapped = 0
        self.as_bytes = _is_written_as_bytes(text)
        hook = self._unwrap if _WRAPPED.search(text) else None
        self._is_plain = hook is None and not self.as_bytes
        self._decoder = json.JSONDecoder(object_hook=hook)

    def value(self, part: str) -> Any:
        """Return the value that a text or a part of it is.

        Raises
        ------
        ValueError
            It is none.
        RecursionError
            It is too deep.
        """
        if self._is_plain:
            with contextlib.suppress(ValueError):  # there is no value at its beginning
                value, end = self._decoder.raw_decode(part)
                if end == len(part):
                    return value  # nearly every line, without a search for space around it
        return self._decoder.decode(_joined(part) if self.as_bytes else part)

    def _unwrap(self, found: dict[str, Any]) -> Any:
        if len(found) != 1:
            return found
        ((key, value),) = found.items()
        if key not in _KINDS or isinstance(value, dict | list | None):
            return found
        try:
            plain = _KINDS[key](value)
        except (ValueError, OverflowError):
            return found
        self.wrapped += 1
        return plain


def _is_written_as_bytes(text: str) -> bool:
    """Whether all that is not ASCII is escaped bytes which, put together, are UTF-8."""
    if not _BYTES.search(text) or not text.isascii() or _ABOVE.search(text):
        return False
    try:
        _joined(text)
    except ValueError:
        return False
    return True


_ESCAPES: Final = re.compile(r"(\\\\)|((?:\\u00[89a-fA-F][0-9a-fA-F])++)")


def _joined(text: str) -> str:
    """Put characters together whose bytes are escaped one by one.

    Raises
    ------
    ValueError
        They are no UTF-8.
    """

    def join(found: re.Match[str]) -> str:
        return found[1] or bytes.fromhex(found[2].replace("\\u00", "")).decode("utf-8")

    return _ESCAPES.sub(join, text)

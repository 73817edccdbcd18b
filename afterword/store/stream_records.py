"""A stream as the store knows it: a named feed, and how its days and periods are told apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

SERVICE: Final = 1
"""Number of the stream of what the service classifies, which is always there."""
SERVICE_NAME: Final = "service"
FILES_NAME: Final = "files"
"""The stream of checks of files that are kept without another name; made when it is first used."""

Cadence = Literal["day", "week", "month"]
CADENCES: Final = ("day", "week", "month")
LONGEST_NAME: Final = 60
_NAME: Final = re.compile(r"\w[\w .\-]*")


@dataclass(frozen=True)
class Stream:
    """A named feed that is followed over time.

    Attributes
    ----------
    id : its number in the store, which no other stream ever has.
    name : as people wrote it; unique without regard to case.
    cadence : "day", "week" or "month", the length of its periods.
    zone : IANA name of the zone whose calendar its days are of.
    reference : what its periods are compared with: {"kind": "training"}, or {"kind": "period"}
        with "start", "end" (dates, both in it) and "reason".
    created : when, UTC.
    sample : whether it is one of the loaded samples.
    """

    id: int
    name: str
    cadence: Cadence
    zone: str
    reference: Mapping[str, Any] = field(default_factory=lambda: {"kind": "training"})
    created: datetime | None = None
    sample: bool = False


SERVICE_STREAM: Final = Stream(SERVICE, SERVICE_NAME, "week", "UTC")
"""What the service classifies, where no call names another stream."""


def plain_name(name: str) -> str | None:
    """The name of a stream as it is kept; None if none may be called so.

    >>> plain_name("  Web  form "), plain_name("a/b"), plain_name("-x")
    ('Web form', None, None)
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    fits = len(plain) <= LONGEST_NAME and _NAME.fullmatch(plain)
    return plain if fits else None


def key_of(name: str) -> str:
    """By what a stream's name is compared.

    >>> key_of("Web  Form") == key_of("web form")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())

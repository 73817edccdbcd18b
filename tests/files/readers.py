"""What readers of files may do in their own process; nothing heavy is imported there for it."""

from __future__ import annotations

import os
import time
from typing import Any


def kept(content: Any) -> int:
    """Take a minute."""
    time.sleep(60)
    return len(content)


def died(content: Any) -> None:
    """End as libraries do that ask for too much memory."""
    os.abort()


def grew(content: Any) -> int:
    """Take two gigabytes, ten megabytes at a time."""
    return len([bytearray(10**7) for _ in range(200)])


_HELD: list[bytearray] = []


def held(content: Any, megabytes: int) -> int:
    """Keep some memory for good, as libraries do; the number of this process."""
    _HELD.append(bytearray(megabytes * 1_000_000))
    return os.getpid()


def failed(content: Any) -> None:
    """Fail with a message that quotes the file."""
    raise ValueError(bytes(content).decode())

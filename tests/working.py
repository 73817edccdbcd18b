"""What jobs of a worker do in tests, which import it from here."""

from __future__ import annotations

import os
from pathlib import Path

from afterword import worker_program

_held: list[bytearray] = []


def told(share: float, gate: Path) -> bytes:
    """Tell how far it is, and wait until somebody writes."""
    worker_program.tell(share)
    return gate.read_bytes()


def begun_anew(limit_s: float, memory_mb: int, gate: Path) -> bytes:
    """Begin a part with limits of its own, and wait until somebody writes."""
    worker_program.step(limit_s, memory_mb)
    return gate.read_bytes()


def grown(memory_mb: int, megabytes: int) -> int:
    """Begin a part that may take so much memory, and take so much."""
    worker_program.step(60, memory_mb)
    return len(bytearray(megabytes * 1_000_000)) // 1_000_000


def held_open(megabytes: int) -> int:
    """Load something for good; the number of the process."""
    worker_program.keep(lambda: _held.append(bytearray(megabytes * 1_000_000)))
    return os.getpid()

"""The program of a worker: jobs come in over its standard input, answers go out over its output.

It runs below the server's priority, so that a page or a call never waits for a job. Within a job,
:func:`tell` says how far it is, :func:`step` begins a part of it that has limits of its own, and
:func:`keep` loads what stays for later jobs. Elsewhere, as in the server, they change nothing.

>>> tell(0.5)
>>> keep(dict)
{}
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any, Final, NamedTuple, TypeVar

from afterword.errors import AfterwordError, WorkerError, place_of
from afterword.pipes import pack, receive, send, write
from afterword.process_memory import limit_memory, own_data_mb

NICE: Final = 5
"""By how much a worker stands back: it gets a third of a processor that the server wants too."""

KEPT_MB: Final = 64
"""Memory that a process may keep of its jobs, in megabytes, where the system limits it: beyond,
another takes its place, as what there is for a file must not depend on the one before."""

TELL_S: Final = 0.1
"""Seconds between two times that a job tells how far it is."""

log = logging.getLogger(__name__)

Kept = TypeVar("Kept")


class Told(NamedTuple):
    """What a job tells while it is under way: how far it is, and new limits, if it has any."""

    share: float | None
    limits: tuple[float, int | None] | None = None


class _Program:
    """This process as a worker.

    Parameters
    ----------
    answers : where the server reads.
    memory_mb : that a job may take; None for no limit.
    spare_mb : that may be left of it afterwards.
    """

    def __init__(self, answers: IO[bytes], memory_mb: int | None, spare_mb: int) -> None:
        self.answers, self.memory_mb = answers, memory_mb
        self.limited = memory_mb is not None and limit_memory(memory_mb)
        self.kept_mb = 0.0
        """Taken by what stays for later jobs, beside what there was before the first."""
        self.spare_mb = spare_mb
        self.told_at = 0.0

    def limit(self, memory_mb: int | None) -> None:
        """Let a job take so much, beside what is kept."""
        if self.limited and memory_mb is not None:
            limit_memory(memory_mb + round(self.kept_mb))

    def serve(self, jobs: queue.SimpleQueue[Any]) -> None:
        """Do what comes in."""
        send(self.answers, self.limited)
        most_mb = own_data_mb() + self.spare_mb
        while True:
            function, arguments = jobs.get()
            self.limit(self.memory_mb)
            answer = _attempt(function, *arguments)
            # An answer may be one that cannot be packed, or not within the memory that there is.
            done, packed = _attempt(pack, answer)
            parts = packed if done else pack((False, packed))
            del function, arguments, answer, packed
            left_mb = own_data_mb() - sum(part.nbytes for part in parts) / 1e6
            send(self.answers, self.limited and left_mb > most_mb + self.kept_mb)
            write(self.answers, parts)
            del parts


_program: _Program | None = None
"""What this process is, if it is a worker."""


def tell(share: float) -> None:
    """Say how far this process's job is, in [0, 1]."""
    now = time.monotonic()
    if _program is not None and now >= _program.told_at + TELL_S:
        _program.told_at = now
        send(_program.answers, Told(share))


def step(limit_s: float, memory_mb: int) -> None:
    """Begin a part of this process's job that may take so many seconds and megabytes."""
    if _program is not None:
        _program.limit(memory_mb)
        send(_program.answers, Told(0.0, (limit_s, memory_mb + round(_program.kept_mb))))


def keep(load: Callable[[], Kept]) -> Kept:
    """Load what stays for later jobs, too: its memory counts against none of them."""
    before = own_data_mb()
    loaded = load()
    if _program is not None:
        _program.kept_mb += max(own_data_mb() - before, 0.0)
    return loaded


def main() -> None:
    """Do what comes in, until nobody is there to ask."""
    global _program
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server, which gets it too, ends us
    # Windows has no such call, and some systems do not allow it.
    with contextlib.suppress(AttributeError, OSError):
        os.nice(NICE)
    # What a library prints must not get among the answers, nor into a log: it may quote a cell.
    answers = os.fdopen(os.dup(1), "wb")
    logging.basicConfig(stream=os.fdopen(os.dup(2), "w"), format="%(message)s")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        os.dup2(nowhere, output)
    memory_mb, prepare, spare_mb = receive(sys.stdin.buffer)
    _program = _Program(answers, memory_mb, spare_mb)
    jobs: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    if prepare is not None:
        _attempt(prepare)
    _program.serve(jobs)


def _attempt(function: Callable[..., Any], *arguments: Any) -> tuple[bool, Any]:
    """Whether a call went well, and what it gave: an error of ours, or None for want of memory."""
    try:
        return True, function(*arguments)
    except AfterwordError as error:
        return False, error.with_traceback(None)
    except MemoryError as error:
        log.error("A job took too much memory: %s", place_of(error))
        return False, None
    except Exception as error:
        log.error("A job failed: %s", place_of(error))
        return False, WorkerError("Something went wrong that should not: try again.")


def _read(jobs: queue.SimpleQueue[Any]) -> None:
    """Take jobs in; when the server is gone, end at once, also in the middle of one."""
    try:
        while True:
            jobs.put(receive(sys.stdin.buffer))
    except EOFError:
        os._exit(0)
    except BaseException as error:
        log.error("A job cannot be read: %s", place_of(error))
        os._exit(1)

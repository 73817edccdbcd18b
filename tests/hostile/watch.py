"""Watching a process and those that it starts: memory and ends, seen from outside."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Self

import psutil

EACH_S = 0.02
MOST_MB = 3_000
"""Megabytes at which a process is ended, so that a failure does not take the machine with it."""


class Watch:
    """The largest memory of a process, and of any that it started, while something is done.

    Parameters
    ----------
    process : its identifier.

    Attributes
    ----------
    before, most : megabytes of the process when the watch began, and at most.
    worker : megabytes of the largest process that it started.
    seconds : of processor time of all of them: others may work on the machine.
    """

    def __init__(self, process: int) -> None:
        self.process = psutil.Process(process)
        self.before = self.most = self.process.memory_info().rss / 1e6
        self.worker = 0.0
        self._used: dict[int, float] = {}
        self._began = self._seconds()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """Seconds of processor time that were used since the watch began."""
        return sum(self._used.values()) - sum(self._began.values())

    def _seconds(self) -> dict[int, float]:
        for one in (self.process, *self.process.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                times = one.cpu_times()
                self._used[one.pid] = times.user + times.system
        return dict(self._used)

    def _look_on(self) -> None:
        while not self._done.is_set():
            with contextlib.suppress(psutil.Error):
                self.most = max(self.most, _size(self.process))
                for child in self.process.children(recursive=True):
                    self.worker = max(self.worker, _size(child))
                self._seconds()
            self._done.wait(EACH_S)


def _size(process: psutil.Process) -> float:
    size = process.memory_info().rss / 1e6
    if size > MOST_MB:
        process.kill()
    return float(size)


def files_in(*folders: Path) -> set[str]:
    """Every file below some folders."""
    return {str(path) for folder in folders for path in folder.rglob("*") if path.is_file()}

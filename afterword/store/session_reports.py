"""The reports of all sessions, in memory: a page shows them, and the end of a session clears them.

A report is read by its address alone, so the address cannot be guessed and does not live long.
Nothing is written to disk.

>>> reports = SessionReports(ttl_s=60, max_bytes=1_000_000)
>>> path = reports.put("<!doctype html><title>Data drift</title>", owner="one session")
>>> reports.drop_owner("one session")
>>> reports.get(path.removeprefix("/reports/")) is None
True
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from afterword.errors import ReportError
from afterword.settings import get_settings
from afterword.store import wording

PREFIX: Final = "/reports/"
"""Where the server shows them."""

_GZIP_LEVEL: Final = 5
"""4 MB of Evidently shrink to 1.4 MB in a tenth of a second; higher levels gain 2 %."""

SWEEP_S: Final = 60
"""Seconds between two looks for expired reports."""


@dataclass(frozen=True)
class _Report:
    content: bytes
    owner: str
    expires: float


def pack(page: str) -> bytes:
    """Compress a page as it is kept and as browsers take it."""
    return gzip.compress(page.encode("utf-8"), _GZIP_LEVEL)


class SessionReports:
    """Reports by unguessable address, each for a while, for as long as its owner is there.

    Parameters
    ----------
    ttl_s : seconds that a report stays.
    max_bytes : compressed bytes of all reports; the oldest make room for a new one.
    clock : seconds that only grow; for tests.
    """

    def __init__(
        self, ttl_s: float, max_bytes: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.ttl_s = ttl_s
        self.max_bytes = max_bytes
        self.clock = clock
        self._reports: dict[str, _Report] = {}
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Compressed bytes of all reports."""
        return sum(len(report.content) for report in tuple(self._reports.values()))

    def put(self, page: str | bytes, owner: str) -> str:
        """Keep a page.

        Parameters
        ----------
        page : the whole page; bytes if :func:`pack` has packed it already.
        owner : whose it is; :meth:`drop_owner` removes it by this name.

        Returns
        -------
        The path under which the server shows it.

        Raises
        ------
        ReportError : the page alone is larger than all that may be kept.
        """
        content = pack(page) if isinstance(page, str) else page
        if len(content) > self.max_bytes:
            raise ReportError(wording.REPORT_TOO_LARGE)
        name = secrets.token_urlsafe(32)
        with self._lock:
            self._sweep()
            # Dictionaries keep the order of insertion: the first is the oldest.
            while self.size + len(content) > self.max_bytes:
                del self._reports[next(iter(self._reports))]
            self._reports[name] = _Report(content, owner, self.clock() + self.ttl_s)
        return PREFIX + name

    def get(self, name: str) -> bytes | None:
        """Return a page, as gzip, by the last part of its path; None if it is not there."""
        with self._lock:
            self._sweep()
            report = self._reports.get(name)
        return report.content if report else None

    def has(self, path: str) -> bool:
        """Whether the page that :meth:`put` gave this path is still there."""
        return self.get(path.removeprefix(PREFIX)) is not None

    def drop_owner(self, owner: str) -> None:
        """Remove every report of an owner, as at the end of a session."""
        with self._lock:
            self._keep(lambda report: report.owner != owner)

    def sweep(self) -> None:
        """Remove what has expired; :meth:`put` and :meth:`get` do so too."""
        with self._lock:
            self._sweep()

    def _sweep(self) -> None:
        now = self.clock()
        self._keep(lambda report: report.expires > now)

    def _keep(self, wanted: Callable[[_Report], bool]) -> None:
        self._reports = {name: entry for name, entry in self._reports.items() if wanted(entry)}


@cache
def get_session_reports() -> SessionReports:
    """Return the reports of this process, as many as the settings say."""
    settings = get_settings()
    return SessionReports(settings.report_ttl_s, settings.report_shelf_mb * 1_000_000)


@contextlib.asynccontextmanager
async def sweeping(_app: object = None) -> AsyncIterator[None]:
    """Clear expired reports for as long as the server runs; a lifespan for ``st.App``."""

    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            get_session_reports().sweep()

    task = asyncio.create_task(sweep())
    try:
        yield
    finally:
        task.cancel()

"""What belongs to one visit and ends with it."""

from __future__ import annotations

import gzip
import secrets
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from afterword.errors import AfterwordError
from afterword.reports import drawing
from afterword.store.session_reports import PREFIX, get_session_reports

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.reports.about import About
    from afterword.reports.evidently import Kind
    from afterword.workers import Job


class Report:
    """An Evidently report of this visit: under way, made, or failed.

    Attributes
    ----------
    key : of the check that it is of.
    ready : is set when there is nothing to wait for any more.
    path : where the page shows it.
    json : its numbers.
    problem : why there is none, in a sentence.
    """

    def __init__(self, key: str, job: Job) -> None:
        self.key = key
        self._job: Job | None = job
        self._since = time.monotonic()
        self.ready = threading.Event()
        self.path = ""
        self.json = ""
        self.problem = ""

    @property
    def seconds(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self._since

    @property
    def begun(self) -> bool:
        """Whether a worker is drawing it, rather than others before it."""
        job = self._job
        return job is None or job.running()

    def withdraw(self) -> None:
        """Let it go; if it is not begun yet, it never will be."""
        if self._job is not None:
            self._job.cancel()

    def keep(self, owner: str, job: Job) -> None:
        """Put what was drawn where the pages show it; a worker's thread calls this."""
        try:
            if not job.cancelled():
                drawn: drawing.Drawn = job.result()
                self.json = drawn.json
                self.path = get_session_reports().put(drawn.page, owner)
        except AfterwordError as error:
            self.problem = str(error)
        finally:
            self._job = None
            self.ready.set()

    @property
    def gone(self) -> bool:
        """Whether it was made and is no longer kept: it expires, and makes room for newer ones."""
        return bool(self.path) and not get_session_reports().has(self.path)

    def page(self) -> bytes:
        """The whole page, unpacked; empty if it is gone."""
        content = get_session_reports().get(self.path.removeprefix(PREFIX))
        return gzip.decompress(content) if content else b""


class SessionReports:
    """The reports of one visit, by name; they are dropped, and leave the queue, when it ends."""

    def __init__(self) -> None:
        self.owner = secrets.token_urlsafe(16)
        self._reports: dict[str, Report] = {}
        self._ended = False

    def begin(
        self,
        name: str,
        key: str,
        result: CheckResult,
        kind: Kind,
        title: str,
        about: About | None = None,
    ) -> Report:
        """Have a report drawn in the background, or return it if it is under way or made.

        Parameters
        ----------
        name : of the report within the visit; that of another check takes its place.
        key, result : of the check.
        kind, title, about : of the report.
        """
        report = self._reports.get(name)
        if report is not None and report.key == key and not report.gone:
            return report
        self.drop(name)
        job = drawing.begin(self.owner, result, kind, title, about)
        report = self._reports[name] = Report(key, job)
        job.add_done_callback(partial(self._keep, report))
        return report

    def drop(self, *names: str) -> None:
        """Forget reports of these names; one that is not begun yet never will be."""
        for name in names:
            report = self._reports.pop(name, None)
            if report is not None:
                report.withdraw()

    def end(self) -> None:
        """Let all go, as at the end of the visit."""
        self._ended = True
        self.drop(*self._reports)
        get_session_reports().drop_owner(self.owner)

    def _keep(self, report: Report, job: Job) -> None:
        report.keep(self.owner, job)
        if self._ended:
            get_session_reports().drop_owner(self.owner)


@st.cache_resource(scope="session", show_spinner=False, on_release=SessionReports.end)
def session_reports() -> SessionReports:
    """The reports of this visit."""
    return SessionReports()

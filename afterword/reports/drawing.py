"""Evidently's reports, drawn by a worker while the pages go on.

Evidently takes seconds and hundreds of megabytes to import, and holds the interpreter while it
draws. So the numbers of a check go to another process, and its report comes back from there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from afterword.reports import evidently
from afterword.store.session_reports import pack
from afterword.workers import Job, get_workers

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.reports.about import About
    from afterword.reports.evidently import Kind


class Drawn(NamedTuple):
    """A report: its page, compressed as it is kept, and its JSON."""

    page: bytes
    json: str


def draw(result: CheckResult, kind: Kind, title: str, about: About | None = None) -> Drawn:
    """Draw a report, here and now.

    Parameters
    ----------
    result, kind, about : as of :func:`afterword.reports.evidently.report`.
    title : of the page.
    """
    snapshot = evidently.report(result, kind, about)
    return Drawn(pack(evidently.to_html(snapshot, title)), evidently.to_json(snapshot))


def begin(
    owner: str, result: CheckResult, kind: Kind, title: str, about: About | None = None
) -> Job:
    """Have a report drawn by a worker; the job's result is :class:`Drawn`.

    Parameters
    ----------
    owner : whose it is; owners take turns.
    result, kind, title, about : as of :func:`draw`.
    """
    return get_workers().submit(owner, draw, _numbers(result), kind, title, about)


@cache
def warm_up() -> Job:
    """Have a worker started that has Evidently at hand, so that the first report is there sooner.

    Call it when the first page is out: earlier, it would take the processor from that page.

    Returns
    -------
    The same job on every call.
    """
    return get_workers().submit("", evidently.prepare)


def _numbers(result: CheckResult) -> CheckResult:
    """What a report is made of; words and their counts are no part of it."""
    return replace(
        result,
        headline="",
        reasons=(),
        actions=(),
        measures=result.measures.assign(detail=""),
        words=result.words.iloc[:0],
        profile=replace(result.profile, texts=None, pieces=None, drawn=None),
        scored=replace(result.scored, texts=None, pieces=None),
        estimate=None,
        quality=None,
    )

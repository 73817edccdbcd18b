"""Evidently's reports on a page: drawn in the background, each shown in a tab of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from afterword.drift.result import CheckResult
from afterword.files import isolation
from afterword.measures.definitions import INPUT, OUTPUT
from afterword.reports import drawing
from afterword.reports.about import About
from afterword.settings import get_settings
from afterword.ui.copy import drift as copy
from afterword.ui.copy import drift_reports as reports_copy
from afterword.ui.shared import parts
from afterword.ui.shared.session import Report, session_reports

if TYPE_CHECKING:
    from afterword.reports.evidently import Kind

_DRIFT: tuple[Kind, ...] = ("data", "prediction")
_GROUPS = {"data": INPUT, "prediction": OUTPUT}
_HEIGHT: Final[dict[Kind, int]] = {"data": 2_150, "prediction": 1_700, "quality": 2_400}
_LOOK_S: Final = 0.25
"""Seconds between two looks whether a report is drawn."""


def kinds_of(result: CheckResult) -> list[Kind]:
    """The reports that a check can have; that on quality needs labels."""
    return list(_DRIFT) if result.profile.labelled is None else [*_DRIFT, "quality"]


def kind_of(tab: str) -> Kind:
    """The kind of report that a tab shows."""
    return next(kind for kind, name in reports_copy.TABS.items() if name == tab)


def begin_reports(key: str, result: CheckResult, about: About) -> None:
    """Have the reports of a new check drawn, before anybody asks for them.

    Parameters
    ----------
    key, result, about : of the check.
    """
    if result.comparable and result.profile.accepted <= get_settings().report_ahead_rows:
        for kind in _DRIFT:
            _begin(kind, key, result, about, "")


def get_ready() -> None:
    """Without a check: nothing is drawn any more, and workers are there for what is begun."""
    isolation.get_ready()
    session_reports().drop(*(_name(kind, "") for kind in reports_copy.TABS))
    if get_settings().report_ahead_rows:
        drawing.warm_up()


def show_report(
    kind: Kind, key: str, result: CheckResult, about: About, *, prefix: str = ""
) -> None:
    """One of Evidently's reports, in its whole height.

    Parameters
    ----------
    kind : of the report.
    key, result, about : of the check.
    prefix : of its name; other than that of reports that stand on the same page.
    """
    _show_answer(kind, result)
    if not result.comparable:
        return
    report = _begin(kind, key, result, about, prefix)
    _wait_for(report)
    if report.problem:
        st.error(parts.escape(report.problem), icon=":material/error:")
        name = _name(kind, prefix)
        st.button(
            reports_copy.AGAIN,
            key=f"{name}_again",
            icon=":material/refresh:",
            on_click=session_reports().drop,
            args=(name,),
        )
        return
    with st.container(horizontal=True):
        st.link_button(reports_copy.OPEN, report.path, icon=":material/open_in_new:")
        file = f"{prefix}{reports_copy.FILES[kind]}".replace("_", "-")
        parts.download(
            reports_copy.DOWNLOAD_HTML,
            lambda: report.page() or reports_copy.GONE,
            about.file_name("html", file),
            "text/html",
        )
        parts.download(
            reports_copy.DOWNLOAD_JSON,
            report.json,
            about.file_name("json", file),
            "application/json",
        )
    st.iframe(report.path, height=_HEIGHT[kind], alt=reports_copy.ALT[kind])


def _name(kind: Kind, prefix: str) -> str:
    return f"{prefix}report_{kind}"


def _begin(kind: Kind, key: str, result: CheckResult, about: About, prefix: str) -> Report:
    title = reports_copy.TITLES[kind]
    return session_reports().begin(_name(kind, prefix), key, result, kind, title, about)


def _wait_for(report: Report) -> None:
    """Say how long it takes; a click on anything else ends the waiting, and not the drawing."""
    place = st.empty()
    with place.container(), st.spinner(reports_copy.DRAWING):
        line = st.empty()
        while not report.ready.wait(_LOOK_S):
            line.caption(reports_copy.under_way(report.seconds, report.begun))
    place.empty()


def _show_answer(kind: Kind, result: CheckResult) -> None:
    """What the report comes to, and what it cannot show."""
    if not result.comparable:
        st.header(reports_copy.TOO_FEW, anchor=False)
        return
    if kind in _GROUPS:
        columns = [one for one in result.ranked(_GROUPS[kind]) if one.column]
        moved = sum(one.drifted for one in columns)
        st.header(copy.card_sentence(kind, moved, len(columns)), anchor=False)
        st.caption(f"{reports_copy.NOTE} {reports_copy.DRIFT_NOTE}")
    else:
        st.header(reports_copy.TITLES[kind], anchor=False)
        st.caption(reports_copy.NOTE)

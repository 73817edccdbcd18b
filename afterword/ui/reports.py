"""Evidently's reports on a page, each in a tab of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from afterword import reports
from afterword.drift import INPUT, OUTPUT, CheckResult
from afterword.errors import AfterwordError
from afterword.ui import copy, copy_reports, parts
from afterword.ui.session import on_shelf, shelve_report

if TYPE_CHECKING:
    from afterword.reports import Kind

_DRIFT: tuple[Kind, ...] = ("data", "prediction")
_GROUPS = {"data": INPUT, "prediction": OUTPUT}
_HEIGHT = 1_500


def kinds_of(result: CheckResult) -> list[Kind]:
    """The reports that a check can have; that on quality needs labels."""
    return list(_DRIFT) if result.scored.labels is None else [*_DRIFT, "quality"]


def kind_of(tab: str) -> Kind:
    """The kind of report that a tab shows."""
    return next(kind for kind, name in copy_reports.TABS.items() if name == tab)


@dataclass(frozen=True)
class _Report:
    """An Evidently report of this session: its downloads, and where the page shows it."""

    html: str
    json: str
    path: str


def show_report(kind: Kind, key: str, result: CheckResult, *, prefix: str = "") -> None:
    """One of Evidently's reports, in its whole height.

    Parameters
    ----------
    kind : of the report.
    key, result : of the check.
    prefix : of the downloads' names; other than that of reports that stand on the same page.
    """
    _show_answer(kind, result)
    if not result.comparable:
        return
    name = f"{prefix}report_{kind}"
    made: _Report | None = parts.kept(key, name)
    if made is not None and not on_shelf(made.path):
        parts.drop(key, name)
        made = None
    if made is None:
        with st.spinner(copy_reports.DRAWING, show_time=True):
            try:
                made = parts.once(key, name, lambda: _make_report(kind, result))
            except AfterwordError as error:
                st.error(str(error), icon=":material/error:")
                st.button(copy_reports.AGAIN, key=f"{name}_again", icon=":material/refresh:")
                return
    with st.container(horizontal=True):
        st.link_button(copy_reports.OPEN, made.path, icon=":material/open_in_new:")
        for label, content, ending, mime in (
            (copy_reports.DOWNLOAD_HTML, made.html, "html", "text/html"),
            (copy_reports.DOWNLOAD_JSON, made.json, "json", "application/json"),
        ):
            parts.download(label, content, f"{prefix}{copy_reports.FILES[kind]}.{ending}", mime)
    st.iframe(made.path, height=_HEIGHT, alt=copy_reports.ALT[kind])


def _show_answer(kind: Kind, result: CheckResult) -> None:
    """What the report comes to, and what it cannot show."""
    if not result.comparable:
        st.header(copy_reports.TOO_FEW, anchor=False)
        return
    if kind in _GROUPS:
        columns = [one for one in result.ranked(_GROUPS[kind]) if one.column]
        moved = sum(one.drifted for one in columns)
        st.header(copy.card_sentence(kind, moved, len(columns)), anchor=False)
        st.caption(f"{copy_reports.NOTE} {copy_reports.DRIFT_NOTE}")
    else:
        st.header(copy_reports.TITLES[kind], anchor=False)
        st.caption(copy_reports.NOTE)


def _make_report(kind: Kind, result: CheckResult) -> _Report:
    # Importing Evidently holds the interpreter for seconds: let the spinner reach the browser.
    time.sleep(0.2)
    snapshot = reports.report(result, kind=kind)
    html = reports.to_html(snapshot, copy_reports.TITLES[kind])
    return _Report(html, reports.to_json(snapshot), shelve_report(html))

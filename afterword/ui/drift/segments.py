"""Parts of the page "Drift": the batch by the values of a column, and a report of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from afterword.drift import parts_wording
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.drift.segment import MOVED, Segment
from afterword.drift.segment_figure import drawn, segments, segments_alt
from afterword.drift.segments import rows_of
from afterword.errors import AfterwordError
from afterword.files.parted import Parted, parted, taken_columns, usable_columns
from afterword.model.registry import version_of
from afterword.records import Batch
from afterword.reports.about import About
from afterword.ui.copy import drift_reports as reports_copy
from afterword.ui.copy import drift_segments as copy
from afterword.ui.drift.reports import show_report
from afterword.ui.shared import parts, uploads

if TYPE_CHECKING:
    from afterword.reports.evidently import Kind

_CHOSEN = "_drift_parts"
_REPORT = "part_"
_KINDS: tuple[Kind, ...] = ("data", "prediction")


def in_parts(upload: uploads.Upload, result: CheckResult) -> tuple[str, CheckResult]:
    """The check by the column that the visitor chose, and the key of what is made of it.

    Parameters
    ----------
    upload, result : of the whole; both are given back where no column was chosen.
    """
    column = _chosen(upload)
    if column is None or not isinstance(upload.content, Batch):
        return upload.key, result
    key = f"{upload.key}/{column}"
    return key, parts.once(key, "checked_by", lambda: check(result.scored, by=_parted(upload)))


def show_segments(upload: uploads.Upload, result: CheckResult) -> None:
    """Ask for a column; show its parts, and a report of one of them."""
    if _ask_for_column(upload):
        show_found(result)
        _show_report_of_part(upload, result)


def show_found(result: CheckResult, *, prefix: str = "") -> None:
    """The parts of a check: those that moved, all of them drawn, and as a table.

    Parameters
    ----------
    result : of a check by a column.
    prefix : of the chart's key, where another one may be on the page.
    """
    found = result.segments
    moved = [one for one in found if one.level == MOVED]
    st.header(copy.title(len(moved), len(drawn(found))), anchor=False)
    for one in moved:
        st.markdown(f"- {parts.escape(one.sentence)}")
    if drawn(found):
        chart = segments(found, dark=parts.dark())
        parts.chart(chart, segments_alt(found), f"{prefix}segments")
    with st.expander(copy.TABLE):
        st.dataframe(table(found), hide_index=True, height="content", alt=copy.TABLE_ALT)


def _ask_for_column(upload: uploads.Upload) -> bool:
    """Ask by which column the batch is parted; whether one is chosen."""
    batch = upload.content
    if not isinstance(batch, Batch):
        st.info(copy.SCORED, icon=":material/info:")
        return False
    taken = {*taken_columns(batch), batch.columns.id}
    columns = parts.once(upload.key, "parts", lambda: usable_columns(batch.table, taken))
    if not columns:
        st.info(copy.NO_COLUMN, icon=":material/info:")
        return False
    chosen, place = _chosen(upload), f"drift_by/{upload.key}"

    def choose() -> None:
        st.session_state[_CHOSEN] = {upload.key: st.session_state[place]}

    st.selectbox(
        copy.COLUMN_LABEL,
        columns,
        index=columns.index(chosen) if chosen in columns else None,
        placeholder=copy.CHOOSE,
        key=place,
        on_change=choose,
    )
    st.caption(copy.NOTE)
    return chosen is not None


def _chosen(upload: uploads.Upload) -> str | None:
    """The column that was chosen for this file, also while another tab is open."""
    of_files: dict[str, str | None] = st.session_state.get(_CHOSEN, {})
    return of_files.get(upload.key)


def _parted(upload: uploads.Upload) -> Parted:
    batch, column = upload.content, _chosen(upload)
    assert isinstance(batch, Batch)
    found: Parted = parts.once(f"{upload.key}/{column}", "parted", lambda: parted(batch, column))
    return found


def table(found: tuple[Segment, ...]) -> pd.DataFrame:
    """The parts as people read them, in the order given."""
    return pd.DataFrame(
        [
            (
                one.label,
                one.rows,
                one.level,
                parts_wording.measured(one),
                parts_wording.with_interval(one),
                parts_wording.percent(one.reference),
                parts_wording.chance(one),
            )
            for one in found
        ],
        columns=[copy.REPORT_PART, copy.ROWS, copy.LEVEL, *parts_wording.FIGURE_COLUMNS],
    )


def _show_report_of_part(upload: uploads.Upload, result: CheckResult) -> None:
    """Evidently's report of the rows of one part."""
    judged = drawn(result.segments)
    if not judged:
        return
    st.subheader(copy.REPORT_TITLE, anchor=False)
    left, right = st.columns(2)
    place = left.selectbox(
        copy.REPORT_PART,
        range(len(judged)),
        index=None,
        format_func=lambda at: copy.part(judged[at].label, judged[at].rows),
        placeholder=copy.CHOOSE_PART,
        key=f"drift_part/{upload.key}/{_chosen(upload)}",
    )
    kind: Kind = right.selectbox(
        copy.REPORT_KIND,
        _KINDS,
        format_func=reports_copy.TITLES.__getitem__,
        key="drift_part_kind",
    )
    if place is None:
        return
    st.caption(copy.REPORT_NOTE)
    key = f"{upload.key}/{_chosen(upload)}/{judged[place].place}"
    try:
        own = rows_of(result.scored, _parted(upload), judged[place].place)
        one = parts.once(key, "part", lambda: check(own))
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    told = About(part=judged[place].label, model=version_of())
    show_report(kind, key, one, told, prefix=_REPORT)

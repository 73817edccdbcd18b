"""Parts of the page "Drift": a kept check, whole, and its reports where they can be made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from afterword.errors import AfterwordError
from afterword.reports.about import About
from afterword.store import Store
from afterword.ui.copy import drift as copy
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.copy import drift_reports as reports_copy
from afterword.ui.copy import drift_segments as segments_copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.drift import passing_on, trial
from afterword.ui.drift.quality import show_quality
from afterword.ui.drift.reports import kinds_of, show_report
from afterword.ui.drift.segments import show_found
from afterword.ui.drift.view import show_measure_table, show_words
from afterword.ui.shared import parts

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.store.checks import KeptCheck


def show_kept(
    store: Store,
    kept: KeptCheck,
    then: Callable[[], None],
    *,
    stream: str = "",
    period: str = "",
) -> None:
    """A kept check: what it said, how to pass it on, whether it counts, and what it rests on.

    Parameters
    ----------
    store, kept : the check.
    then : called once it was made to count.
    stream, period : that it is of, as files of it say; "" where it is of none.
    """
    about = About.of(kept, stream=stream, period=period)
    # The number of a trial that is gone is given again, so its time belongs to its name.
    key = f"kept/{kept.id}/{kept.at.timestamp():.0f}"
    try:
        result, problem = parts.once(key, "remade", lambda: _made_again(kept))
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    if problem:
        st.info(parts.escape(problem), icon=":material/info:")
    _show_verdict(kept, result)
    passing_on.offer_kept(kept, stream=stream, period=period)
    trial.show_past(store, kept, then)
    _show_evidence(key, about, result, drawable=not problem)


def _made_again(kept: KeptCheck) -> tuple[CheckResult, str]:
    """The check, and why no reports can be made of it; "" if they can."""
    from afterword.monitoring import history

    try:
        return history.remake(kept), ""
    except AfterwordError as error:
        return history.recall(kept), str(error)


def _show_verdict(kept: KeptCheck, result: CheckResult) -> None:
    """What a kept check said."""
    icon, word, colour = shared_copy.LEVELS[kept.level]
    with st.container(border=True, key="past_verdict"):
        st.badge(word, icon=icon, color=colour)
        st.header(parts.escape(kept.headline), anchor=False)
        if kept.reasons:
            st.markdown("\n".join(f"- {parts.escape(reason)}" for reason in kept.reasons))
        for remark in result.remarks:
            st.markdown(parts.escape(remark))
        st.markdown(f"**{copy.WHAT_TO_DO}**")
        st.markdown(
            "\n".join(f"{at}. {parts.escape(one)}" for at, one in enumerate(kept.actions, 1))
        )
        about = past_checks_copy.check_about(
            kept.at, kept.source, kept.model, kept.accepted, kept.window
        )
        lines = [about, *([copy.period_sentence(result.profile)] if result.profile.period else [])]
        if result.profile.rejected:
            lines.append(copy.rejected_sentence(result.profile.rejections))
        if kept.missing:
            lines.append(past_checks_copy.missing_measures(kept.missing))
        lines.append(" ".join(result.limits))
        st.caption("  \n".join(parts.escape(line) for line in lines if line))


def _show_evidence(key: str, about: About, result: CheckResult, *, drawable: bool) -> None:
    """All measures of a kept check, its words, parts and quality, and Evidently's reports."""
    st.header(past_checks_copy.MADE_AGAIN, anchor=False)
    reports = {reports_copy.TABS[kind]: kind for kind in kinds_of(result)} if drawable else {}
    by_column = [segments_copy.TAB] if result.segments else []
    names = [
        past_checks_copy.PAST_MEASURES_TAB,
        copy.WORDS_TAB,
        *by_column,
        copy.QUALITY_TAB,
        *reports,
    ]
    tabs = st.tabs(names, key="past_result", on_change="rerun")
    name, place = next((name, tab) for name, tab in zip(names, tabs, strict=True) if tab.open)
    with place:
        if name in reports:
            show_report(reports[name], key, result, about, prefix="past_")
        elif name == copy.WORDS_TAB:
            show_words(result, prefix="past_")
        elif name == copy.QUALITY_TAB:
            show_quality(result, prefix="past_")
        elif name in by_column:
            show_found(result, prefix="past_")
        else:
            show_measure_table(result)

"""Parts of the page "Drift": the checks that were kept, one beside another, and their reports."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from afterword.errors import AfterwordError
from afterword.model.registry import version_of
from afterword.store import Store
from afterword.ui.copy import drift as copy
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.copy import drift_reports as reports_copy
from afterword.ui.copy import drift_segments as segments_copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.drift import trial
from afterword.ui.drift.quality import show_quality
from afterword.ui.drift.reports import kinds_of, show_report
from afterword.ui.drift.segments import show_found
from afterword.ui.drift.view import show_measure_table
from afterword.ui.shared import parts, state

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.store.checks import KeptCheck

_MOST_CHECKS = 100
_MOST_DIFFERENT = 15
_NUMBER: Final = re.compile("[0-9]{1,15}")
_ADDRESS: Final = "_past_check_of_address"


def opens_first() -> str:
    """The tab that the address asks for, also where a link of this page is followed."""
    asked = st.query_params.get("check")
    if asked is not None and asked != st.session_state.get(_ADDRESS):
        st.session_state[_ADDRESS] = asked
        st.session_state.pop("past_check", None)
        st.session_state["drift_tab"] = past_checks_copy.PAST_TAB
    elif asked is not None and st.session_state.get("drift_tab") == past_checks_copy.CHECK_TAB:
        # The visitor went on to check a file: the address is that of the check no longer.
        _put_in_address(None)
    past = asked is not None or st.query_params.get("view") == "past"
    return past_checks_copy.PAST_TAB if past else past_checks_copy.CHECK_TAB


def _put_in_address(number: int | None) -> None:
    """Let the address name a check, or none."""
    if number is None:
        st.query_params.pop("check", None)
        st.session_state.pop(_ADDRESS, None)
    else:
        st.query_params["check"] = st.session_state[_ADDRESS] = str(number)


def _choose_anew(number: int) -> None:
    """Have a check drawn as chosen by the next run: its name in the list is another now."""
    _put_in_address(number)
    st.session_state.pop("past_check", None)


def _asked_for(store: Store) -> KeptCheck | None:
    """The check that the address names; a sentence if there is none of its number."""
    asked = st.query_params.get("check")
    if asked is None:
        return None
    found = None
    if _NUMBER.fullmatch(asked):
        with contextlib.suppress(AfterwordError):  # the list below says that it cannot be read
            found = store.checks.get(int(asked))
    if found is None:
        st.info(past_checks_copy.BAD_CHECK, icon=":material/link_off:")
    return found


def show_past_checks() -> None:
    """List the kept checks, newest first; show one, beside another, with its reports."""
    store = state.store_or_stop()
    asked = _asked_for(store)
    if asked is not None and "past_check" not in st.session_state:
        state.turn_to(samples=asked.sample)
        st.session_state["past_check"] = asked.id
    # A trial is nothing that other pages show, but it is listed here.
    own = state.has_own(store) or store.checks.count(trial=True) > 0
    sample = state.choose_data(store, own=own)
    if sample:
        state.show_samples_banner(store)
    checks = _list(store, sample)
    if asked is not None and asked.sample != sample:
        _put_in_address(None)  # the visitor turned to the others
    elif asked is not None and asked.id not in [one.id for one in checks]:
        checks.append(asked)
    if not checks:
        st.info(past_checks_copy.NO_PAST, icon=":material/history:")
        return
    st.dataframe(
        check_table(checks),
        hide_index=True,
        alt=past_checks_copy.PAST_ALT,
        column_config={
            past_checks_copy.PAST_COLUMNS[-1]: st.column_config.TextColumn(width="large")
        },
    )
    chosen, other = _choose(checks)
    _show_check(chosen)
    trial.show_past(store, chosen, lambda: _choose_anew(chosen.id))
    if other is not None:
        _show_differences(chosen, other)
    _show_reports(chosen)


def _list(store: Store, sample: bool) -> list[KeptCheck]:
    try:
        return store.checks.list(_MOST_CHECKS, sample=sample, trial=None)
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return []


def check_table(checks: Sequence[KeptCheck]) -> pd.DataFrame:
    """The kept checks as people read them, newest first; a sign beside the word of each level."""
    return pd.DataFrame(
        [
            (
                f"{one.at:%Y-%m-%d %H:%M}",
                f"{past_checks_copy.LEVEL_SIGNS[one.level]} {shared_copy.LEVELS[one.level][1]}",
                _source(one),
                one.rows,
                one.headline,
            )
            for one in checks
        ],
        columns=past_checks_copy.PAST_COLUMNS,
    )


def _source(kept: KeptCheck) -> str:
    return past_checks_copy.source_word(kept.source, kept.trial, kept.model != version_of())


def _choose(checks: Sequence[KeptCheck]) -> tuple[KeptCheck, KeptCheck | None]:
    """Ask for one check and for another to compare it with."""
    by_id = {one.id: one for one in checks}

    def name(number: int | None) -> str:
        if number is None:
            return past_checks_copy.COMPARE_NONE
        one = by_id[number]
        return past_checks_copy.check_name(
            one.at, shared_copy.LEVELS[one.level][1], _source(one), one.rows
        )

    def follow() -> None:
        _put_in_address(st.session_state["past_check"])

    left, right = st.columns(2)
    with left:
        chosen = st.selectbox(
            past_checks_copy.CHOOSE_CHECK,
            list(by_id),
            format_func=name,
            key="past_check",
            on_change=follow,
        )
    with right:
        others = [None, *(number for number in by_id if number != chosen)]
        other = st.selectbox(
            past_checks_copy.COMPARE_WITH, others, format_func=name, key="past_other"
        )
    return by_id[chosen], None if other is None else by_id[other]


def _show_check(kept: KeptCheck) -> None:
    """What a kept check said."""
    icon, word, colour = shared_copy.LEVELS[kept.level]
    with st.container(border=True, key="past_verdict"):
        st.badge(word, icon=icon, color=colour)
        st.header(parts.escape(kept.headline), anchor=False)
        if kept.reasons:
            st.markdown("\n".join(f"- {parts.escape(reason)}" for reason in kept.reasons))
        st.markdown(f"**{copy.WHAT_TO_DO}**")
        st.markdown(
            "\n".join(f"{at}. {parts.escape(one)}" for at, one in enumerate(kept.actions, 1))
        )
        about = past_checks_copy.check_about(
            kept.at, kept.source, kept.model, kept.accepted, kept.window
        )
        st.caption(parts.escape(about))
        if kept.missing:
            st.caption(parts.escape(past_checks_copy.missing_measures(kept.missing)))


def _show_differences(chosen: KeptCheck, other: KeptCheck) -> None:
    from afterword.monitoring import history

    st.header(past_checks_copy.COMPARE_TITLE, anchor=False)
    table = history.differences(other, chosen)
    if table.empty:
        st.write(past_checks_copy.COMPARE_SAME)
        return
    shown = difference_table(table, other, chosen)
    label = past_checks_copy.DIFFERENCE_COLUMNS[0]
    first = shown.head(_MOST_DIFFERENT)
    # Such a table reads Markdown, the one below does not.
    first = first.assign(**{label: first[label].map(parts.escape)})
    st.table(first, border="horizontal", hide_index=True)
    if len(shown) > _MOST_DIFFERENT:
        with st.expander(past_checks_copy.all_differences(len(shown))):
            st.dataframe(shown, hide_index=True, alt=past_checks_copy.COMPARE_ALT)


def difference_table(table: pd.DataFrame, first: KeptCheck, second: KeptCheck) -> pd.DataFrame:
    """Two checks side by side as people read them, what differs most first."""
    sides = [past_checks_copy.day_and_time(one.at) for one in (first, second)]
    if sides[0] == sides[1]:
        sides = [f"{side} (no. {one.id})" for side, one in zip(sides, (first, second), strict=True)]
    return pd.DataFrame(
        {
            past_checks_copy.DIFFERENCE_COLUMNS[0]: list(table["label"]),
            sides[0]: [
                past_checks_copy.moved_value(value, moved)
                for value, moved in zip(table["first"], table["first_moved"], strict=True)
            ],
            sides[1]: [
                past_checks_copy.moved_value(value, moved)
                for value, moved in zip(table["second"], table["second_moved"], strict=True)
            ],
            past_checks_copy.DIFFERENCE_COLUMNS[1]: [
                "–" if math.isnan(change) else f"{change:.1f}" for change in table["change"]
            ],
        }
    )


def _show_reports(kept: KeptCheck) -> None:
    """All measures of a kept check, its quality, and Evidently's reports, made again."""
    key = f"kept/{kept.id}"
    st.header(past_checks_copy.MADE_AGAIN, anchor=False)
    try:
        result: CheckResult = parts.once(key, "remade", lambda: _remake(kept))
    except AfterwordError as error:
        st.info(parts.escape(str(error)), icon=":material/info:")
        return
    for remark in result.remarks:
        st.caption(parts.escape(remark))
    reports = {reports_copy.TABS[kind]: kind for kind in kinds_of(result)}
    by_column = [segments_copy.TAB] if result.segments else []
    names = [past_checks_copy.PAST_MEASURES_TAB, *by_column, copy.QUALITY_TAB, *reports]
    tabs = st.tabs(names, key="past_result", on_change="rerun")
    name, place = next((name, tab) for name, tab in zip(names, tabs, strict=True) if tab.open)
    with place:
        if name in reports:
            show_report(reports[name], key, result, prefix="past_")
        elif name == copy.QUALITY_TAB:
            show_quality(result, prefix="past_")
        elif name in by_column:
            show_found(result, prefix="past_")
        else:
            show_measure_table(result)


def _remake(kept: KeptCheck) -> CheckResult:
    from afterword.monitoring import history

    return history.remake(kept)

"""Parts of the page "Drift": the checks that were kept, their addresses, one beside another."""

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
from afterword.store.stream_records import SERVICE
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.drift.kept_check import show_kept
from afterword.ui.shared import parts, state

if TYPE_CHECKING:
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
    # Who opens an address reads that check first; the list is a click away.
    whole = st.expander(past_checks_copy.all_checks(len(checks))) if asked else st.container()
    with whole:
        _show_list(checks)
    if asked is None and "check" in st.query_params:
        # Below a sentence that there is none of its number, another one would pass for it.
        _offer_newest(checks[0])
        return
    chosen, other = _choose(checks)
    number = chosen.stream or SERVICE
    stream = store.streams.by_id(number) if number != SERVICE else None
    show_kept(
        store,
        chosen,
        lambda: _choose_anew(chosen.id),
        stream=stream.name if stream else "",
        period=chosen.period,
    )
    if other is not None:
        _show_differences(chosen, other)


def _show_list(checks: Sequence[KeptCheck]) -> None:
    """The checks as a table, from which each opens in a tab of the browser."""
    st.dataframe(
        check_table(checks),
        hide_index=True,
        alt=past_checks_copy.PAST_ALT,
        column_config={
            past_checks_copy.PAST_COLUMNS[0]: st.column_config.LinkColumn(
                display_text=r"check=(\d+)", width="small", help=past_checks_copy.NUMBER_HELP
            ),
            past_checks_copy.PAST_COLUMNS[-1]: st.column_config.TextColumn(width="large"),
        },
    )


def _offer_newest(newest: KeptCheck) -> None:
    """The way to the newest check, for who asked for one that there is not."""
    st.page_link(
        "pages/drift.py",
        label=past_checks_copy.OPEN_NEWEST,
        icon=":material/arrow_forward:",
        query_params={"check": str(newest.id), "data": "samples" if newest.sample else "own"},
    )


def _list(store: Store, sample: bool) -> list[KeptCheck]:
    try:
        return store.checks.list(_MOST_CHECKS, sample=sample, trial=None)
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return []


def check_table(checks: Sequence[KeptCheck]) -> pd.DataFrame:
    """The kept checks as people read them, newest first; a sign beside the word of each level.

    First stands the address of each, of which the page shows the number.
    """
    return pd.DataFrame(
        [
            (
                f"?check={one.id}",
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


def _show_differences(chosen: KeptCheck, other: KeptCheck) -> None:

    from afterword.monitoring.differences import differences

    st.header(past_checks_copy.COMPARE_TITLE, anchor=False)
    table = differences(other, chosen)
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

"""Parts of the page "Drift": a check is kept as a trial, how to let it count, and its address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import streamlit as st

from afterword.errors import AfterwordError
from afterword.model.registry import version_of
from afterword.monitoring import history
from afterword.settings import get_settings
from afterword.store import Store, get_store
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.shared import parts

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.store.checks import KeptCheck, Trial

_COUNTS: Final = "_made_to_count"
_TRIED: Final = "_drift_trial"
_NOTE_PX: Final = 680
"""Beside it, the button and the link stand in the same line."""


def keep(file: str, result: CheckResult) -> int | None:
    """Keep a check as a trial, in place of this file's trial by another reading of it.

    Of this session alone: the same file in another tab has another name, and a trial of its own.

    Parameters
    ----------
    file : names the upload within the session, however it is read.
    result : its check.

    Returns
    -------
    The trial's number; None if it could not be kept.

    Raises
    ------
    StoreError, ModelError
        There is no store, or no model that could have made it.
    """
    # Asked for before, and only written to afterwards: the next use of the session may end a run
    # in which somebody clicks, and the trial that it left would be nobody's.
    tried: dict[str, Trial] = st.session_state.setdefault(_TRIED, {})
    before, now = tried.get(file), datetime.now(UTC)
    number = history.keep(get_store(), result, source="page", at=now, trial=True, replaces=before)
    if number is not None:
        tried.clear()
        tried[file] = number, now
    return number


def show_own(number: int | None) -> None:
    """Say of an own file's check whether it counts, and offer that it does.

    Parameters
    ----------
    number : of the check in the store; None if it is not there.
    """
    if not get_settings().recording:
        st.info(past_checks_copy.RECORDING_OFF_NOTE, icon=":material/pause_circle:")
        return
    problem = ""
    kept = None
    try:
        store = get_store()
        problem = store.problem
        kept = None if number is None else store.checks.get(number)
    except AfterwordError as error:
        problem = str(error)
    if kept is not None:
        _show(store, kept)
    elif number is not None and not problem:
        st.info(past_checks_copy.TRIAL_GONE, icon=":material/history:")
    else:
        problem = parts.escape(problem)
        st.warning(f"{past_checks_copy.NOT_KEPT_NOTE} {problem}", icon=":material/warning:")


def show_past(store: Store, kept: KeptCheck, then: Callable[[], None]) -> None:
    """The same of a past check, where there is something to say.

    Parameters
    ----------
    store, kept : the check.
    then : called once it was made to count.
    """
    if kept.trial or kept.id == st.session_state.get(_COUNTS):
        with st.container(border=True, key="past_trial"):
            _show(store, kept, "past_", then)


def _show(
    store: Store, kept: KeptCheck, prefix: str = "", then: Callable[[], None] | None = None
) -> None:
    """Whether a check counts, the button that lets it, and its address.

    The prefix is that of the keys: the same check can stand in both tabs.
    """
    with st.container(horizontal=True, vertical_alignment="center", key=f"{prefix}state"):
        note = past_checks_copy.trial_note(kept.at) if kept.trial else past_checks_copy.COUNTS_NOTE
        st.markdown(note, width=_NOTE_PX)
        if kept.trial:
            _ask_to_keep(store, kept, f"{prefix}keep", then)
        st.page_link(
            "pages/drift.py",
            label=past_checks_copy.CHECK_LINK,
            icon=":material/link:",
            query_params={"check": str(kept.id), "data": "own"},
        )


def _ask_to_keep(store: Store, kept: KeptCheck, key: str, then: Callable[[], None] | None) -> None:
    if not st.button(past_checks_copy.KEEP_BUTTON, icon=":material/check:", key=key):
        return
    try:
        store.checks.let_count(kept.id, model=version_of(), stream=store.streams.files().id)
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    st.session_state[_COUNTS] = kept.id
    if then is not None:
        then()
    st.rerun()

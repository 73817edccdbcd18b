"""Parts of the page "Monitoring": who has an alert, and the notes that people leave on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from afterword.alerts.episodes import LONGEST_BY, LONGEST_NOTE, LONGEST_WHY, Alert
from afterword.errors import AfterwordError
from afterword.store import Store
from afterword.ui.copy import monitoring_people as copy
from afterword.ui.shared import parts

PERSON: Final = "_person"
"""Where the name stands that somebody gave in this session."""


def ask_to_assign(store: Store, alert: Alert) -> None:
    """A form that says who has an alert; with nobody's name it is given back."""
    key = f"assign_{alert.id}"
    with (
        st.popover(copy.ASSIGN, icon=":material/person_add:", key=f"{key}_popover"),
        st.form(key, border=False),
    ):
        st.write(copy.ASSIGN_HELP)
        whom = st.text_input(copy.WHOM, max_chars=LONGEST_BY, key=f"{key}_whom")
        by = _ask_name(key)
        why = st.text_input(copy.WHY, max_chars=LONGEST_WHY, key=f"{key}_why")
        if st.form_submit_button(copy.ASSIGN, type="primary", key=f"{key}_submit"):
            _do(lambda: store.alerts.assign(alert.id, whom, by, why), by)


def ask_for_notes(store: Store, alert: Alert) -> None:
    """The notes of an alert, each to be removed after a question, and a form for another."""
    key = f"note_{alert.id}"
    label = copy.notes(len(alert.notes))
    with st.popover(label, icon=":material/edit_note:", key=f"{key}_popover"):
        with st.form(key, border=False):
            st.write(copy.NOTE_HELP)
            by = _ask_name(key)
            text = st.text_area(copy.NOTE, max_chars=LONGEST_NOTE, key=f"{key}_text")
            sent = st.form_submit_button(copy.ADD_NOTE, type="primary", key=f"{key}_submit")
        if sent:
            _do(lambda: store.alerts.note(alert.id, by, text), by)
        for place, note in alert.notes:
            with st.expander(parts.escape(copy.whose(note)), key=f"{key}_{place}"):
                st.markdown(parts.escape(note.why))
                st.caption(copy.REMOVE_HELP)
                if st.button(copy.REMOVE, icon=":material/delete:", key=f"{key}_{place}_remove"):
                    by = st.session_state.get(PERSON, "")
                    _do(partial(store.alerts.remove_note, alert.id, place, by), by)


def _ask_name(key: str) -> str:
    known = st.session_state.get(PERSON, "")
    name = st.text_input(copy.YOUR_NAME, value=known, max_chars=LONGEST_BY, key=f"{key}_by")
    return str(name)


def _do(act: Callable[[], object], by: str) -> None:
    """Take a step and show the alerts again; or say why it could not be taken."""
    try:
        act()
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    st.session_state[PERSON] = by
    st.rerun()

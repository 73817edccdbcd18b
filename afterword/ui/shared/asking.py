"""Ask before something goes for good: one dialog for all that cannot be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from afterword.errors import AfterwordError
from afterword.ui.copy import shared as copy
from afterword.ui.shared import parts

_ASKED, _DONE, _PROBLEM = "_asked", "_asked_done", "_asked_problem"
_STYLE: Final = """
<style>
.st-key-ask_act button, .st-key-ask_act button:is(:hover, :active, :focus) {
  background: #a1161f; border-color: #a1161f; color: #fff;
}
</style>
<script>
// Enter, pressed at once, cancels: the button is drawn just after the dialog.
(() => {
  let tries = 60;
  const focus = () => {
    const cancel = document.querySelector("[role=dialog] .st-key-ask_keep button");
    if (cancel) cancel.focus(); else if (tries--) requestAnimationFrame(focus);
  };
  focus();
})();
</script>
"""


def ask_first(
    label: str,
    title: str,
    what_goes: Callable[[], str],
    act: Callable[[], object],
    *,
    key: str,
    verb: str = "",
    icon: str = ":material/delete:",
) -> None:
    """Show a button that only opens a dialog; a second click, on the verb there, acts.

    Closing the dialog in any way does nothing.

    Parameters
    ----------
    label, key, icon : of the button on the page.
    title : the question.
    what_goes : names what goes, and what stays, in plain text.
    act : does it; raises what is then said in the dialog, as where the thing is gone already.
    verb : of the button that acts; the label if "".
    """
    if not st.button(label, icon=icon, key=key, on_click=_remember, args=(key,)):
        return
    st.session_state.pop(_ASKED, None)
    st.session_state.pop(_DONE, None)
    st.session_state.pop(_PROBLEM, None)
    try:
        sentences = what_goes()
    except AfterwordError as error:
        st.error(parts.escape(str(error)), icon=":material/error:")
        return
    st.dialog(title, icon=icon, on_dismiss="rerun")(_dialog)(sentences, act, verb or label)


def _remember(key: str) -> None:
    st.session_state[_ASKED] = key


def tell_if_gone() -> None:
    """Say, once a page is drawn, that what was clicked is not on it any more."""
    if st.session_state.pop(_ASKED, None) is not None:
        st.toast(copy.GONE_ALREADY, icon=":material/info:", duration="long")


def _dialog(what_goes: str, act: Callable[[], object], verb: str) -> None:
    state = st.session_state
    if state.pop(_DONE, False):
        st.rerun()
    problem: str = state.pop(_PROBLEM, "")
    if problem:
        st.error(parts.escape(problem), icon=":material/error:")
    else:
        st.html(_STYLE, unsafe_allow_javascript=True)
        st.markdown(parts.escape(what_goes))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(copy.CLOSE_BUTTON if problem else copy.CANCEL_BUTTON, key="ask_keep"):
            st.rerun()
        if not problem:
            st.button(verb, key="ask_act", on_click=_act, args=(act,))


def _act(act: Callable[[], object]) -> None:
    """Before the dialog is drawn again: it then knows what became of it."""
    try:
        act()
    except AfterwordError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        st.session_state[_DONE] = True

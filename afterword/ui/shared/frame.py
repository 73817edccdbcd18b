"""What every page has: the exit, a guard, and what the theme in config.toml cannot say."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from afterword.errors import place_of
from afterword.ui.copy import shared as copy
from afterword.ui.prepare import first_page
from afterword.ui.shared import state
from afterword.ui.shared.asking import tell_if_gone
from afterword.ui.shared.exit import quick_exit

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

ICON: Final = Path(__file__).parents[1] / "icon.png"

_log = logging.getLogger(__name__)

_WITHOUT_STORE = {"classify", "help"}
"""Pages that show nothing of it: the first visit to one waits for no store."""

_STYLE = """
<style>
/* Streamlit writes white on the primary colour, and the primary colour on the background. No
   colour is readable both ways where the background is dark, so what is chosen gets its own:
   those of the links. */
.stTabs [role="tab"][aria-selected="true"] p,
.stButtonGroup button[aria-checked="true"] p {
  color: light-dark(#0b6b65, #7fd6cd);
}
/* The same of a button without a border that is pointed at or pressed, or whose box is open: there
   Streamlit writes the primary colour, darkened to black where it is open. */
button[kind^="tertiary"]:is(:hover, :active, [aria-expanded="true"]):not(:disabled) {
  color: light-dark(#0b6b65, #7fd6cd);
}
/* A table that is wider than a phone moves under the finger alone, and not with all around it. */
[data-testid="stMarkdownContainer"]:has(> table) { overflow-x: auto; }
</style>
"""

_ADDRESSES = """
<script>
(() => {
  if (window.afterwordAddresses) return;
  window.afterwordAddresses = true;
  // What a page writes into its address is no step of its own: Back leads to the page before.
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const same = new URL(url ?? "", location.href).pathname === location.pathname;
    if (same) history.replaceState(state, title, url); else push(state, title, url);
  };
  // Streamlit follows a click, and the page keeps the choice; a new tab goes where the link says.
  const carry = (event) => {
    const link = event.target.closest && event.target.closest('a[data-testid*="Nav"][href]');
    if (!link || link.origin !== location.origin) return;
    const data = new URLSearchParams(location.search).get("data");
    const url = new URL(link.href);
    if (data) url.searchParams.set("data", data); else url.searchParams.delete("data");
    if (link.href !== url.href) link.href = url.href;
  };
  for (const kind of ["pointerdown", "contextmenu", "focusin"]) {
    document.addEventListener(kind, carry, true);
  }
})();
</script>
"""


def show(page: Page) -> None:
    """Show a page with its exit; a fault in it neither shows nor logs what somebody wrote.

    Streamlit would log the message of an unexpected error, and libraries quote cells in theirs.
    """
    quick_exit()
    st.html(_STYLE + _ADDRESSES, unsafe_allow_javascript=True)
    try:
        state.carry_choice(ask_store=page.url_path not in _WITHOUT_STORE)
        page.run()
        tell_if_gone()
    except Exception as error:
        _log.error("A page failed: %s", place_of(error))
        st.error(copy.UNEXPECTED, icon=":material/error:")
    finally:
        first_page.set()

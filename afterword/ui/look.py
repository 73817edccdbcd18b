"""What every page has, and what the theme in .streamlit/config.toml cannot say."""

from __future__ import annotations

import streamlit as st

from afterword.ui.exit import quick_exit

_STYLE = """
<style>
/* Streamlit writes white on the primary colour, and the primary colour on the background. No
   colour is readable both ways where the background is dark, so what is chosen gets its own:
   those of the links. */
.stTabs [role="tab"][aria-selected="true"] p,
.stButtonGroup button[aria-checked="true"] p {
  color: light-dark(#0b6b65, #7fd6cd);
}
</style>
"""


def show_on_every_page() -> None:
    """Put the exit on the page, and let chosen tabs and filters be read on every background."""
    quick_exit()
    st.html(_STYLE)

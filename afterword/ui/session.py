"""What belongs to one visit and ends with it."""

from __future__ import annotations

import secrets

import streamlit as st
from streamlit import runtime

from afterword.shelf import get_shelf


@st.cache_resource(
    scope="session", show_spinner=False, on_release=lambda owner: get_shelf().drop_owner(owner)
)
def report_owner() -> str:
    """A name for this session's reports; they leave the shelf when it ends."""
    return secrets.token_urlsafe(16)


def shelve_report(html: str) -> str:
    """Put a report where this session's pages can show it, and return its path."""
    return get_shelf().put(html, report_owner())


def on_shelf(path: str) -> bool:
    """Whether a report is still kept: it expires, and makes room for newer ones."""
    return get_shelf().has(path)


def visitors() -> int:
    """Number of browser tabs that are connected; 0 before the server runs."""
    if not runtime.exists():
        return 0
    # Streamlit offers this number to its own statistics only.
    return runtime.get_instance()._session_mgr.num_active_sessions()


def configured() -> tuple[list[str], list[str]]:
    """What Streamlit's own configuration knows of addresses: hosts, and origins of other pages."""
    options = ("server.address", "browser.serverAddress")
    named = [name for name in map(st.get_option, options) if name]
    hosts = [*named, *st.get_option("server.allowedHosts")]
    return hosts, list(st.get_option("server.corsAllowedOrigins"))

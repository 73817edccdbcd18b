"""What the server asks of Streamlit and of its configuration, before any page is there."""

from __future__ import annotations

import sys

import streamlit as st
from streamlit import config, runtime

from afterword.settings import get_settings, unprotected


def visitors() -> int:
    """Number of browser tabs that are connected; 0 before the server runs."""
    if not runtime.exists():
        return 0
    # Streamlit offers this number to its own statistics only.
    return runtime.get_instance()._session_mgr.num_active_sessions()


def refuse_if_open() -> None:
    """End a start by Streamlit on an address that others reach, if no proxy asks who calls.

    Where another server was started, only that one knows its address: the guard sees it with the
    first request.
    """
    if config._server_mode is None:
        return
    if problem := unprotected(st.get_option("server.address") or "", get_settings()):
        sys.exit(problem)


def configured() -> tuple[list[str], list[str]]:
    """What Streamlit's own configuration knows of addresses: hosts, and origins of other pages."""
    options = ("server.address", "browser.serverAddress")
    named = [name for name in map(st.get_option, options) if name]
    hosts = [*named, *st.get_option("server.allowedHosts")]
    return hosts, list(st.get_option("server.corsAllowedOrigins"))

"""Parts of the page "Overview": the line of each stream, and a band of its last periods."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import streamlit as st

from afterword.errors import AfterwordError
from afterword.model.registry import version_of
from afterword.store import Store
from afterword.store.stream_records import FILES_NAME, SERVICE, Stream
from afterword.ui.copy import overview_streams as copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.shared import parts

if TYPE_CHECKING:
    from afterword.monitoring.stream_status import PeriodStatus, StreamStatus

SHOWN: Final = 16
"""Periods of the band."""
KEPT_S: Final = 60
"""Seconds for which what was found of a stream is not looked for again."""
_CELLS: Final = {
    "alarm": ("▲", parts.EDGES["orange"], "solid"),
    "calm": ("✓", parts.EDGES["green"], "solid"),
    "too_few": ("–", parts.EDGES["gray"], "solid"),
    "before": ("=", parts.EDGES["gray"], "solid"),
    "": ("", parts.EDGES["gray"], "dotted"),
}
"""Sign, colour and edge of a cell, so that it is not told by its colour alone."""
_CELL: Final = (
    '<span title="%s" style="display:inline-block;width:1.6em;line-height:1.5em;height:1.6em;'
    'margin-right:.2em;text-align:center;border-radius:.2em;border:2px %s %s">%s</span>'
)


def named(store: Store) -> tuple[Stream, ...]:
    """The streams that somebody made."""
    return tuple(
        each for each in store.streams.list() if each.id != SERVICE and each.name != FILES_NAME
    )


def show_streams(store: Store, streams: Sequence[Stream]) -> None:
    """Each stream: its level and since when, what moved, what to do, and its last periods."""
    st.header(copy.TITLE, anchor=False)
    for stream, status in _by_need(store, streams):
        with st.container(border=True):
            if isinstance(status, AfterwordError):
                st.subheader(parts.escape(stream.name), anchor=False)
                st.write(copy.FAILED + parts.escape(str(status)))
            else:
                _show(store, status)
    st.caption(copy.NOTE)


def of_streams_alone(store: Store) -> bool:
    """Whether nothing is kept but what belongs to streams that somebody made."""
    return not store.has_events() and store.checks.last() is None


def _by_need(
    store: Store, streams: Sequence[Stream]
) -> list[tuple[Stream, StreamStatus | AfterwordError]]:
    """Where each stream stands, or why that is not known: what needs somebody first."""
    found: list[tuple[Stream, StreamStatus | AfterwordError]] = []
    for stream in streams:
        try:
            found.append((stream, _status(store, stream, version_of())))
        except AfterwordError as error:
            found.append((stream, error))
    order = ("alarm", "unknown", "too_few", "calm")
    return sorted(
        found,
        key=lambda one: -1 if isinstance(one[1], AfterwordError) else order.index(one[1].level),
    )


@st.cache_data(ttl=KEPT_S, show_spinner=False, hash_funcs={Stream: repr})
def _status(_store: Store, stream: Stream, model: str) -> StreamStatus:
    from afterword.monitoring.stream_status import status_of

    return status_of(_store, stream, datetime.now(UTC))


def _show(store: Store, status: StreamStatus) -> None:
    icon, word, colour = copy.mark(status)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(parts.escape(status.stream.name), anchor=False, width="content")
        st.badge(copy.badge(word, status), icon=icon, color=colour)
    if status.periods:
        st.html(_band(status.periods[-SHOWN:]))
    st.markdown(f"**{parts.escape(status.headline)}**  \n{parts.escape(status.action)}")
    if status.result is not None and st.button(
        shared_copy.SEE_CHECK, key=f"stream_{status.stream.id}", icon=":material/compare_arrows:"
    ):
        _open(store, status)


def _open(store: Store, status: StreamStatus) -> None:
    """Lead to the check of what came since the change, which is kept if it is not yet."""
    from afterword.monitoring.history import keep

    assert status.result is not None
    assert status.since is not None
    model, last = version_of(), status.periods[-1].period.label
    label = status.since.label if status.since.label == last else f"{status.since.label}/{last}"
    there = [
        one.id
        for one in store.checks.list(stream=status.stream.id)
        if (one.period, one.window, one.model) == (label, status.window, model)
        and one.rows == status.result.profile.rows
    ]
    number = next(iter(there), None) or keep(
        store,
        status.result,
        source="page",
        window=status.window,
        stream=status.stream.id,
        period=label,
    )
    asked = {"check": str(number)} if number is not None else {}
    st.switch_page("pages/drift.py", query_params=asked)


def _band(periods: Sequence[PeriodStatus]) -> str:
    """The periods as cells, oldest first."""
    alt = html.escape(copy.band_alt(periods), quote=True)
    cells = "".join(map(_cell, periods))
    return f'<div role="img" aria-label="{alt}" style="line-height:2em">{cells}</div>'


def _cell(one: PeriodStatus) -> str:
    """A period; without descriptions it has a dotted edge and no sign."""
    sign, colour, edge = _CELLS[one.level if one.rows else ""]
    return _CELL % (html.escape(copy.cell(one), quote=True), edge, colour, sign or "&nbsp;")

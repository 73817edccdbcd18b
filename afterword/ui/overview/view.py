"""Parts of the page "Overview"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import numpy as np
import streamlit as st

from afterword.deployment import WORDS
from afterword.model.registry import load_manifest, version_of
from afterword.monitoring import line_figures
from afterword.monitoring.windows import Number, Summary
from afterword.quality.category_shares import listed
from afterword.store import Store
from afterword.ui.copy import overview as copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.shared import parts, state

_STYLE = """
<style>
.st-key-now { border-left: 8px solid %s; }
.st-key-now .stMarkdownBadge { font-size: 1.25rem !important; font-weight: 600; }
.st-key-do a { border: 2px solid currentColor; color: light-dark(#0b6b65, #7fd6cd); }
</style>
"""
_FILES: Final = {
    "drift": "pages/drift.py",
    "monitoring": "pages/monitoring.py",
    "classify": "pages/classify.py",
}
_ICONS: Final = {
    "drift": ":material/compare_arrows:",
    "monitoring": ":material/monitoring:",
    "classify": ":material/label:",
}


def load_summary(store: Store, sample: bool) -> Summary:
    """What the page says."""
    from afterword.monitoring import summary as summaries
    from afterword.monitoring.monitor import present

    return summaries.summarise(store, sample=sample, now=present(store, sample=sample))


def ask_to_begin(store: Store) -> None:
    """On a new install: nothing is known yet, here is how, and an example to look at."""
    with _verdict_box("gray"):
        st.badge(copy.NOTHING_WORD, icon=":material/help:", color="gray")
        st.header(copy.NOTHING_TITLE, anchor=False)
        st.write(copy.NOTHING_LEAD)
    st.header(copy.BEGIN_TITLE, anchor=False)
    for place, (page, title, about) in zip(st.columns(3), copy.BEGIN, strict=True):
        with place, st.container(border=True, height="stretch"):
            st.page_link(_FILES[page], label=f"**{title}**", icon=_ICONS[page])
            st.write(about)
    if WORDS.sample_weeks:
        st.header(copy.LOOK_TITLE, anchor=False)
        _offer(store)
    manifest = load_manifest()
    _show_model_sentence(version_of(), datetime.fromisoformat(manifest.trained_at))


def offer_example(store: Store) -> None:
    """The sample weeks beside own data, where they are not loaded."""
    if store.has_samples() or not WORDS.sample_weeks:
        return
    with st.expander(copy.LOOK_EXPANDER, icon=":material/science:"):
        _offer(store)


def _offer(store: Store) -> None:
    st.write(f"{copy.LOOK_NOTE} {copy.LOAD_NOTE}")
    state.offer_samples(store)


def show_verdict(summary: Summary) -> None:
    """The verdict and since when; what changed; the one thing to do, as a link to the place."""
    icon, word, colour = shared_copy.LEVELS.get(summary.level, copy.NOT_CHECKED)
    with _verdict_box(colour):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(copy.badge_since(word, summary.since), icon=icon, color=colour)
            st.markdown(copy.since(summary), width="content")
        title = copy.model_changed(summary) or parts.escape(summary.headline or copy.NOTHING_TITLE)
        st.header(title, anchor=False)
        if summary.changes:
            st.markdown(f"**{copy.CHANGES_TITLE}**")
            st.markdown("\n".join(f"- {parts.escape(one)}" for one in summary.changes[:3]))
        st.markdown(f"**{copy.DO_TITLE}**")
        st.markdown(parts.escape(summary.action))
        with st.container(key="do"):
            place = summary.place if summary.place in _FILES else "drift"
            past = place == "drift" and bool(summary.level)
            st.page_link(
                _FILES[place],
                label=shared_copy.SEE_CHECK if past else copy.PLACES[place],
                icon=_ICONS[place],
                query_params=_address(summary, {"check": str(summary.check)} if past else {}),
            )
        _show_shares(summary)
    if summary.open_alerts:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            icon, word, colour = shared_copy.STATES["open"]
            st.badge(word, icon=icon, color=colour)
            st.markdown(copy.open_alerts(summary.open_alerts), width="content")
            st.page_link(
                _FILES["monitoring"],
                label=copy.OPEN_ALERTS_LINK,
                query_params=_address(summary, {}),
            )


def _show_shares(summary: Summary) -> None:
    """How many descriptions report each category, beside training."""
    title, *lines = listed(summary.shares) or ("",)
    if lines:
        st.caption("  \n".join(map(parts.escape, (title, *lines))))


def _address(summary: Summary, more: Mapping[str, str]) -> dict[str, str]:
    """What a link carries: whoever looks at the samples stays with them."""
    return {**more, **({"data": "samples"} if summary.sample else {})}


def _verdict_box(colour: shared_copy.Colour) -> st.delta_generator.DeltaGenerator:
    box = st.container(border=True, key="now")
    box.html(_STYLE % parts.EDGES[colour])
    return box


def show_numbers(summary: Summary) -> None:
    """Four numbers, each with the one of the week before and a sparkline."""
    st.header(copy.NUMBERS_TITLE, anchor=False)
    for place, one in zip(st.columns(4), summary.numbers, strict=False):
        with place:
            _show_number(one)
    st.caption(copy.NUMBERS_NOTE)


def _show_number(one: Number) -> None:
    with st.container(border=True, height="stretch"):
        st.metric(parts.escape(one.label), line_figures.number(one.value, one.unit))
        st.caption(copy.number_change(one))
        if not np.isnan(one.values).all():
            parts.chart(
                line_figures.sparkline(one, dark=parts.dark()),
                copy.number_alt(one),
                f"number_{one.name}",
            )


def show_model(summary: Summary) -> None:
    """Which model answers, and how old it is."""
    _show_model_sentence(summary.model, summary.trained_at)


def _show_model_sentence(model: str, trained_at: datetime) -> None:
    st.header(copy.MODEL_TITLE, anchor=False)
    st.write(copy.model_sentence(model, trained_at, datetime.now(UTC)))

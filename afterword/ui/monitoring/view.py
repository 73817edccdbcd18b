"""Parts of the page "Monitoring": the finding, and the three families of charts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from afterword.measures.definitions import describe_value
from afterword.monitoring import control_figures, line_figures
from afterword.monitoring.windows import Line, Monitoring, Outside, Watched, Window
from afterword.store import Store
from afterword.ui.copy import monitoring as copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.shared import parts

_STYLE = """
<style>
.st-key-finding { border-left: 8px solid %s; }
.st-key-finding .stMarkdownBadge { font-size: 1.25rem !important; font-weight: 600; }
</style>
"""
_FIRST: Final = 4
"""Charts of a family that are shown at once; more only if they crossed."""
_FIRST_OUTSIDE: Final = 5
_MOST_WORDS: Final = 20
_TOGETHER: Final = ("latency_p50", "latency_p95")
"""Lines that share a chart."""


def prepare() -> None:
    """Open the store, and work out what this page and Overview show first.

    Raises
    ------
    AfterwordError
        The store cannot be read, or there is no model.
    """
    from afterword.monitoring.summary import summarise
    from afterword.store import get_store

    summarise(get_store())


def present(store: Store, sample: bool) -> datetime:
    """Now; of the sample weeks, their last moment."""
    from afterword.monitoring.monitor import present

    return present(store, sample=sample)


def load_monitoring(store: Store, window: Window, sample: bool) -> Monitoring:
    """What the page shows of a window."""
    from afterword.monitoring.monitor import monitor

    return monitor(store, window, sample=sample)


def show_message(seen: Monitoring) -> None:
    """The finding in a sentence, with icon, word and colour."""
    (icon, word, colour), sentence, about = copy.message(seen)
    with st.container(border=True, key="finding"):
        st.html(_STYLE % parts.EDGES[colour])
        st.badge(word, icon=icon, color=colour)
        st.header(parts.escape(sentence), anchor=False)
        st.markdown(parts.escape(about))
        st.caption(parts.escape(copy.window_sentence(seen)))


def show_promise(seen: Monitoring) -> None:
    """How often the charts are wrong together, and how they are read."""
    if not seen.outputs and not seen.inputs:
        return
    st.caption(copy.KEY.format(period=copy.period_word(seen.period)))
    charts = len(seen.outputs) + len(seen.inputs)
    st.caption(copy.promise(seen.promised, charts))


def show_families(seen: Monitoring) -> None:
    """Outputs, inputs, software: a few charts each, those that crossed first."""
    crossed = bool(_crossed(seen.outputs)) or not _crossed(seen.inputs)
    outputs, inputs, software = st.tabs(
        [copy.OUTPUTS_TAB, copy.INPUTS_TAB, copy.SOFTWARE_TAB],
        default=copy.OUTPUTS_TAB if crossed else copy.INPUTS_TAB,
        key="family",
        on_change="rerun",
    )
    # Only what is seen is drawn: twenty charts at once are slow on a phone.
    if outputs.open:
        with outputs:
            _show_watched(seen, seen.outputs, copy.OUTPUTS_NOTE, "output")
    if inputs.open:
        with inputs:
            _show_watched(seen, seen.inputs, copy.INPUTS_NOTE, "input")
            if seen.waiting:
                st.caption(copy.waiting(seen.waiting, seen.descriptions))
            if seen.descriptions:
                _show_outside(seen.outside)
                _show_new_words(seen)
    if software.open:
        with software:
            _show_software(seen)


def _crossed(watched: Sequence[Watched]) -> list[Watched]:
    return [one for one in watched if mark_of(one) in ("crossed", "back")]


def mark_of(one: Watched) -> str:
    """Which of the marks a chart has: "crossed", "back", "within" or "grey"."""
    if one.crossed:
        return "crossed"
    if one.alarms:
        return "back"
    return "within" if one.chart.judged[one.shown :].any() else "grey"


def _show_watched(seen: Monitoring, watched: Sequence[Watched], note: str, group: str) -> None:
    st.header(copy.family_title(note, len(_crossed(watched)), len(watched)), anchor=False)
    if not any(one.chart.rows.any() for one in watched):
        st.write(copy.NO_CHARTS)
        return
    order = ["crossed", "back", "within", "grey"]
    ranked = sorted(watched, key=lambda one: order.index(mark_of(one)))
    most = max(_FIRST, len(_crossed(ranked)))
    _show_charts(ranked[:most], seen.window)
    rest = ranked[most:]
    if rest:
        grey = all(mark_of(one) == "grey" for one in rest)
        label = copy.MORE_GREY if grey else copy.MORE_CHARTS
        more = st.expander(label.format(count=len(rest)), key=f"more_{group}", on_change="rerun")
        if more.open:
            with more:
                _show_charts(rest, seen.window)
    if watched:
        box = st.expander(copy.TABLE_OF, key=f"table_{group}", on_change="rerun")
        if box.open:
            table = watched_table(ranked)
            box.dataframe(table, hide_index=True, height="content", alt=copy.TABLE_ALT)


def _show_charts(watched: Sequence[Watched], window: Window) -> None:
    """Two beside each other; on a phone one below the other."""
    for first in range(0, len(watched), 2):
        for place, one in zip(st.columns(2), watched[first : first + 2], strict=False):
            with place, st.container(border=True, height="stretch"):
                _show_chart(one, window)


def _show_chart(one: Watched, window: Window) -> None:
    icon, word, colour = copy.MARKS[mark_of(one)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, icon=icon, color=colour)
        st.markdown(f"**{parts.escape(control_figures.finding(one))}**", width="content")
    figure = control_figures.control_chart(one, since=copy.SINCE[window.name], dark=parts.dark())
    parts.chart(figure, control_figures.control_alt(one), f"chart_{one.group}_{one.name}")
    values = copy.chart_values(one, control_figures.value_with_error(one), window)
    st.caption(_bold_escaped(values))


def _bold_escaped(text: str) -> str:
    """Escape a sentence of ours, but for its bold part."""
    return "**".join(parts.escape(part) for part in text.split("**"))


def watched_table(watched: Sequence[Watched]) -> pd.DataFrame:
    """The charts' numbers as people read them."""
    return pd.DataFrame(
        [
            (
                copy.MARKS[mark_of(one)][1],
                one.label,
                control_figures.value_with_error(one),
                describe_value(one.before, one.unit),
                describe_value(one.training, one.unit),
                " to ".join(describe_value(end, one.unit) for end in one.training_range),
                one.rows,
            )
            for one in watched
        ],
        columns=copy.TABLE_COLUMNS,
    )


def _show_outside(outside: Sequence[Outside]) -> None:
    if not outside:
        return
    st.header(copy.OUTSIDE_TITLE, anchor=False)
    shown = outside[:_FIRST_OUTSIDE]
    parts.chart(
        line_figures.outside_bars(shown, dark=parts.dark()),
        line_figures.outside_alt(shown),
        "outside",
    )
    st.caption(copy.OUTSIDE_NOTE)
    if len(outside) > len(shown):
        with st.expander(copy.OUTSIDE_MORE.format(count=len(outside)), key="more_outside"):
            st.table(outside_table(outside), border="horizontal", hide_index=True)


def outside_table(outside: Sequence[Outside]) -> pd.DataFrame:
    """The shares outside the training range as people read them."""
    return pd.DataFrame(
        [
            (
                parts.escape(one.label),
                describe_value(one.now, "share"),
                f"{describe_value(one.low, 'share')} to {describe_value(one.high, 'share')}",
                describe_value(one.training, "share"),
            )
            for one in outside
        ],
        columns=copy.OUTSIDE_COLUMNS,
    )


def _show_new_words(seen: Monitoring) -> None:
    st.header(copy.NEW_WORDS_TITLE, anchor=False)
    if seen.new_words:
        table = pd.DataFrame(
            [
                (
                    parts.escape(one.word),
                    f"{one.descriptions:,}",
                    shared_copy.percent(one.share),
                    shared_copy.day(one.first_day),
                )
                for one in seen.new_words[:_MOST_WORDS]
            ],
            columns=copy.NEW_WORD_COLUMNS,
        )
        st.table(table, border="horizontal", hide_index=True)
    else:
        st.write(copy.NO_NEW_WORDS)
    st.caption(copy.new_words_note(seen.hidden_words))


def _show_software(seen: Monitoring) -> None:
    st.header(copy.SOFTWARE_NOTE, anchor=False)
    st.caption(copy.SOFTWARE_ABOUT)
    groups: list[list[Line]] = []
    for one in seen.software:
        if one.name in _TOGETHER and groups and groups[-1][0].name in _TOGETHER:
            groups[-1].append(one)
        else:
            groups.append([one])
    for first in range(0, len(groups), 2):
        for place, group in zip(st.columns(2), groups[first : first + 2], strict=False):
            with place, st.container(border=True, height="stretch"):
                name = copy.SOFTWARE_TITLES.get(group[0].name, group[0].label)
                st.markdown(f"**{parts.escape(name)}**")
                figure = line_figures.line_chart(group, dark=parts.dark())
                parts.chart(figure, line_figures.lines_alt(group), f"line_{group[0].name}")
                for one in group:
                    st.caption(_bold_escaped(copy.line_values(one, seen.window)))

"""Figures of plain numbers over time: lines, bars, sparklines, shares outside the training range.

>>> number(0.0123, "seconds"), number(1204, "calls"), number(0.031, "share")
('12.3 ms', '1,204 calls', '3.1 %')
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.drift.figures import plain
from afterword.measures.definitions import describe_value
from afterword.monitoring import wording
from afterword.monitoring.axes import (
    empty,
    layout,
    moment,
    period_of,
    time_axis,
    value_axis,
)
from afterword.monitoring.windows import Line, Number, Outside
from afterword.palette import AMBER, TEAL, ink

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SECONDS: Final = "seconds"
_COUNTED: Final = ("calls", "sessions")
_SHORT: Final = {"latency_p50": "median", "latency_p95": "95 %"}
_ROW: Final = 46


def number(value: float, unit: str) -> str:
    """A number of the software as a person reads it: "1,204 calls", "85 ms", "3.2 %"."""
    if math.isnan(value):
        return "–"
    if unit == "share":
        return describe_value(value, unit)
    if unit == _SECONDS:
        return f"{1000 * value:.3g} ms" if value < 1 else f"{value:.3g} s"
    shown = f"{value:,.0f}" if value >= 20 or float(value).is_integer() else f"{value:,.1f}"
    return f"{shown} {unit}".rstrip()


def lines_alt(lines: Sequence[Line]) -> str:
    """What :func:`line_chart` shows, for those who do not see it."""
    return "; ".join(
        wording.line_values(one.label, number(one.now, one.unit), number(one.before, one.unit))
        for one in lines
    )


def outside_alt(shown: Sequence[Outside]) -> str:
    """What :func:`outside_bars` shows, for those who do not see it."""
    return wording.outside_range(
        "; ".join(f"{one.label} {describe_value(one.now, 'share')}" for one in shown)
    )


def line_chart(lines: Sequence[Line], *, dark: bool = False) -> go.Figure:
    """Draw one or two numbers of the software over a window: counts as bars, others as lines."""
    import plotly.graph_objects as go

    figure = go.Figure()
    if all(np.isnan(one.values).all() for one in lines):
        return empty(wording.NO_DATA)
    times, period = lines[0].times, period_of(lines[0].times)
    several = len(lines) > 1
    highest = max(float(np.nanmax(one.values)) for one in lines if not np.isnan(one.values).all())
    for one, colour, dash in zip(lines, (TEAL, AMBER), ("solid", "dash"), strict=False):
        hover = [
            f"<b>{moment(time, period)}</b><br>{plain(one.label)}: {number(value, one.unit)}"
            "<extra></extra>"
            for time, value in zip(times, map(float, one.values), strict=True)
        ]
        if one.unit in _COUNTED and not several:
            figure.add_bar(x=times, y=one.values, marker={"color": colour}, hovertemplate=hover)
            continue
        figure.add_scatter(
            x=times,
            y=one.values,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 6},
            hovertemplate=hover,
        )
        there = np.flatnonzero(np.isfinite(one.values))
        if several and len(there):
            figure.add_annotation(
                x=1,
                xref="paper",
                y=float(one.values[there[-1]]),
                text=_SHORT.get(one.name, ""),
                xanchor="left",
                showarrow=False,
                font={"size": 12, "color": ink(dark)},
            )
    edges = [times[0] - period / 2, times[-1] + period / 2]
    figure.update_layout(
        **layout(170, right=44 if several else 12),
        bargap=0.25,
        xaxis=time_axis(edges, period),
        yaxis=value_axis(lines[0].unit or "count", 0.0, 1.15 * highest or 1.0),
    )
    return figure


def outside_bars(shown: Sequence[Outside], *, dark: bool = False) -> go.Figure:
    """Draw the share outside the training range with its 95 % interval, beside training's own."""
    import plotly.graph_objects as go

    known = [one for one in shown if not math.isnan(one.now)]
    if not known:
        return empty(wording.NO_DATA)
    places = list(range(len(known) - 1, -1, -1))
    figure = go.Figure(
        go.Bar(
            x=[one.now for one in known],
            y=places,
            orientation="h",
            width=0.3,
            marker={"color": [AMBER if one.low > one.training else TEAL for one in known]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [one.high - one.now for one in known],
                "arrayminus": [one.now - one.low for one in known],
                "color": ink(dark),
                "thickness": 1.5,
                "width": 4,
            },
            hovertemplate=[
                f"<b>{plain(one.label)}</b><br>{describe_value(one.now, 'share')}, "
                f"{describe_value(one.low, 'share')} to {describe_value(one.high, 'share')}"
                f"<br>{wording.TRAINING} {describe_value(one.training, 'share')}<extra></extra>"
                for one in known
            ],
        )
    )
    for place, one in zip(places, known, strict=True):
        _name_row(figure, place, one, dark)
    end = max(max(one.high for one in known), 0.05)
    figure.update_layout(
        **layout(_ROW * len(known) + 56, right=12)
        | {"margin": {"l": 12, "r": 12, "t": 8, "b": 40}},
        xaxis={
            "range": [0, end * 1.05],
            "tickformat": ".0%",
            "fixedrange": True,
            "title": wording.SHARE_OF_TEXTS,
        },
        yaxis={"range": [-0.5, len(known) - 0.2], "visible": False, "fixedrange": True},
    )
    return figure


def _name_row(figure: go.Figure, place: int, one: Outside, dark: bool) -> None:
    """The name and shares of a row above its bar, and the line of training's own share."""
    shares = (describe_value(share, "share") for share in (one.now, one.training))
    figure.add_annotation(
        x=0,
        xref="paper",
        y=place + 0.18,
        text=f"<b>{plain(one.label)}</b>  {wording.beside_training(*shares)}",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 13, "color": ink(dark)},
    )
    figure.add_shape(
        type="line",
        x0=one.training,
        x1=one.training,
        y0=place - 0.28,
        y1=place + 0.2,
        line={"color": ink(dark), "width": 3},
    )


def sparkline(one: Number, *, dark: bool = False) -> go.Figure:
    """Draw the course of a number without axes; its newest value is marked."""
    import plotly.graph_objects as go

    there = np.flatnonzero(np.isfinite(one.values))
    figure = go.Figure()
    figure.add_scatter(
        x=one.times,
        y=one.values,
        mode="lines",
        line={"color": TEAL, "width": 2},
        hovertemplate=[
            f"{time:%-d %b}: {number(value, one.unit)}<extra></extra>"
            for time, value in zip(one.times, map(float, one.values), strict=True)
        ],
    )
    if len(there):
        figure.add_scatter(
            x=[one.times[there[-1]]],
            y=[one.values[there[-1]]],
            mode="markers",
            marker={"color": TEAL, "size": 9, "line": {"color": ink(dark), "width": 1}},
            hoverinfo="skip",
        )
    figure.update_layout(
        **layout(64, right=8) | {"margin": {"l": 8, "r": 8, "t": 6, "b": 6}},
        xaxis={"visible": False, "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True},
    )
    return figure

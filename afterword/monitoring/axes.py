"""What figures over time share: their axes, their frame, and how a moment is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from afterword.monitoring.windows import HOUR
from afterword.store.moments import DAY

if TYPE_CHECKING:
    import plotly.graph_objects as go

SHARES: Final = ("share", "")
"""Units of values in [0, 1] that are written as per cent."""


_LEFT, _BELOW = 60, 34
"""Room for the labels of the axes. Where it is not enough, the browser draws the figure once more,
with as much as they need."""


def moment(time: datetime, period: timedelta) -> str:
    """When a period was, as a person says it: "12 March", "14:00 on 12 March"."""
    if period < DAY:
        return f"{time:%H:%M} on {time:%-d %B}"
    day = f"{time:%-d %B}"
    return day if period == DAY else f"the week of {day}"


def period_of(times: Sequence[datetime]) -> timedelta:
    """The length of the periods that begin at these times."""
    return times[1] - times[0] if len(times) > 1 else DAY


def layout(height: int, *, right: int) -> dict[str, Any]:
    """The frame of a figure of that height, with room for words to the right; no legend."""
    return {
        "height": height,
        "margin": {"l": _LEFT, "r": right, "t": 26, "b": _BELOW},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
    }


def time_axis(edges: Sequence[datetime], period: timedelta) -> dict[str, Any]:
    """The axis of time between two edges."""
    return {
        "range": list(edges),
        "tickformat": "%H:%M" if period <= HOUR else "%-d %b",
        "nticks": 6,
        "fixedrange": True,
        "showgrid": False,
        "automargin": True,
    }


def value_axis(unit: str, low: float, high: float) -> dict[str, Any]:
    """The axis of values in a unit."""
    share = unit in SHARES
    if share:
        low, high = max(low, -0.02 * (high - low)), min(high, 1.02)
    axis: dict[str, Any] = {
        "range": [low, high],
        "nticks": 4,
        "fixedrange": True,
        "automargin": True,
        "zeroline": False,
        "title": {"text": "" if share else unit, "standoff": 4},
    }
    if share:
        axis["tickformat"] = ".0%" if high - low > 0.04 else ".1%"
    return axis


def empty(sentence: str) -> go.Figure:
    """Say why there is nothing to draw."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_annotation(text=sentence, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    figure.update_layout(height=120, xaxis={"visible": False}, yaxis={"visible": False})
    return figure

"""Control charts as figures, and the same in words. Nothing here needs Streamlit.

A title says what was found; the chart has no legend, its lines are named where they end.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from afterword.measures.definitions import describe_value
from afterword.monitoring import wording
from afterword.monitoring.axes import (
    SHARES,
    empty,
    layout,
    moment,
    period_of,
    time_axis,
    value_axis,
)
from afterword.monitoring.control_limits import LEAST_ROWS
from afterword.monitoring.windows import Watched
from afterword.palette import AMBER, MIST, RED, SLATE, TEAL, ink
from afterword.store.moments import DAY

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT: Final = 220
NORMAL: Final = 1.96
"""Standard errors within which 95 % of the values lie by chance."""

_BAND = "rgba(14,138,130,.18)"
_ROOM = 62
"""Pixels to the right of a chart, for the names of its lines."""
_LEAST_SHOWN = 14
"""Periods that a chart shows at least: a point alone is no course."""


# ---------------------------------------------------------------- words


def finding(one: Watched) -> str:
    """What a control chart shows of its window, in a few words.

    Returns
    -------
    str
        Like "Mean confidence fell below the red line on 12 March".
    """
    period = period_of(one.times)
    if not one.chart.judged[one.shown :].any():
        return wording.too_little(one.label)
    if one.alarms:
        place = one.times.index(one.alarms[0])
        on = "at" if period < DAY else "in" if period > DAY else "on"
        return wording.left(
            one.label,
            above=_above(one, place),
            crept=not one.chart.jumped[place],
            when=f"{on} {moment(one.alarms[0], period)}",
            came_back=not one.crossed,
        )
    if one.crossed:
        last = int(np.flatnonzero(one.chart.judged)[-1])
        return wording.still_beyond(one.label, above=_above(one, last))
    return wording.stayed_within(one.label)


def control_alt(one: Watched) -> str:
    """What :func:`control_chart` shows, for those who do not see it."""
    before, training, low, high = (
        describe_value(value, one.unit) for value in (one.before, one.training, *one.training_range)
    )
    return wording.chart_in_words(
        finding(one),
        (value_with_error(one), before, training),
        (low, high),
        judged=int(one.chart.judged[one.shown :].sum()),
        periods=len(one.times) - one.shown,
    )


def value_with_error(one: Watched) -> str:
    """A window's value with its standard error: "62 % ± 1.4 points", "88 ± 3 characters"."""
    if math.isnan(one.now):
        return "–"
    value = describe_value(one.now, one.unit)
    if math.isnan(one.error):
        return value
    if one.unit in SHARES:
        return f"{value} ± {100 * one.error:.1f} points"
    number, _, unit = value.partition(" ")
    return f"{number} ± {one.error:.2g} {unit}".rstrip()


# ---------------------------------------------------------------- control chart


def control_chart(one: Watched, *, since: str = "", dark: bool = False) -> go.Figure:
    """Draw a control chart: the window, and as much of what came before.

    Points with standard errors, the training line with its range of chance, the red lines,
    the trend, and a red diamond where one was crossed. Grey hollow points were not judged.

    Parameters
    ----------
    one : what is watched.
    since : name of the window, at the line where it begins.
    dark : whether the figure stands on a dark ground.
    """
    import plotly.graph_objects as go

    chart, period = one.chart, period_of(one.times)
    first = max(0, min(2 * one.shown - len(one.times), len(one.times) - _LEAST_SHOWN))
    with_rows = first + np.flatnonzero(chart.rows[first:])
    if not len(with_rows):
        return empty(wording.NO_DATA)
    first = min(int(with_rows[0]), one.shown)
    places = np.arange(first, len(one.times))
    low, high = _extent(one, places)
    figure = go.Figure()
    _add_band(figure, one, places[chart.rows[places] >= LEAST_ROWS], period, (low, high))
    edges = [one.times[first] - period / 2, one.times[-1] + period / 2]
    _add_lines(figure, one, places, period, edges)
    judged = with_rows[chart.judged[with_rows]]
    grey = with_rows[~chart.judged[with_rows]]
    _add_points(figure, one, judged, TEAL, "circle", 7, errors=True)
    _add_points(figure, one, grey, MIST, "circle-open", 8, extent=(low, high))
    _add_crossings(figure, one, places[chart.crossed[places]], period, dark)
    if since and one.shown > first:
        late = 2 * (one.shown - first) > len(places)
        _mark_window(figure, one.times[one.shown] - period / 2, since, late, dark)
    _name_lines(figure, one, judged, (low, high), dark)
    figure.update_layout(
        **layout(HEIGHT, right=_ROOM),
        xaxis=time_axis(edges, period),
        yaxis=value_axis(one.unit, low, high),
    )
    return figure


def _add_lines(
    figure: go.Figure,
    one: Watched,
    places: np.ndarray,
    period: timedelta,
    edges: list[datetime],
) -> None:
    """The training line, the red lines and the trend."""
    chart = one.chart
    figure.add_scatter(
        x=edges,
        y=[chart.centre] * 2,
        mode="lines",
        line={"color": SLATE, "width": 2},
        hoverinfo="skip",
    )
    for line in (chart.lower, chart.upper):
        _add_steps(figure, one, places, line, period, "solid")
    if chart.drifted[places].any():
        for line in (chart.trend_lower, chart.trend_upper):
            _add_steps(figure, one, places, line, period, "dot")
    figure.add_scatter(
        x=[one.times[place] for place in places],
        y=chart.trend[places],
        mode="lines",
        line={"color": AMBER, "width": 1.5},
        hoverinfo="skip",
    )


def _mark_window(figure: go.Figure, start: datetime, name: str, late: bool, dark: bool) -> None:
    """A dashed line where the window begins, with its name on the side that has room."""
    figure.add_vline(x=start, line={"color": MIST, "width": 1, "dash": "dash"})
    figure.add_annotation(
        x=start,
        y=1,
        yref="paper",
        text=f" {escape(name, quote=False)} →",
        xanchor="right" if late else "left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": ink(dark)},
    )


def _above(one: Watched, place: int) -> bool:
    """Whether a crossing is upwards."""
    chart = one.chart
    if chart.jumped[place]:
        return bool(chart.values[place] > chart.upper[place])
    return bool(chart.trend[place] > chart.trend_upper[place])


def _extent(one: Watched, places: np.ndarray) -> tuple[float, float]:
    """The vertical range: everything that was judged; the others only so far as there is room."""
    chart = one.chart
    judged = places[chart.judged[places]]
    reach = [
        np.array([chart.centre]),
        chart.lower[judged],
        chart.upper[judged],
        chart.values[judged] - chart.errors[judged],
        chart.values[judged] + chart.errors[judged],
        chart.trend[judged],
    ]
    ends = np.concatenate(reach)
    ends = ends[np.isfinite(ends)]
    low, high = float(ends.min()), float(ends.max())
    others = chart.values[places]
    others = others[np.isfinite(others)]
    room = (high - low) / 2 or math.inf
    if len(others):
        low = min(low, max(float(others.min()), low - room))
        high = max(high, min(float(others.max()), high + room))
    pad = 0.1 * (high - low) or 0.1 * abs(high) or 0.1
    return low - pad, high + pad


def _steps(
    one: Watched, places: np.ndarray, values: np.ndarray, period: timedelta
) -> tuple[list[datetime | None], list[float | None]]:
    """A line of one step per period, broken where there is none."""
    x: list[datetime | None] = []
    y: list[float | None] = []
    for place in places:
        if not math.isfinite(values[place]):
            x.append(None)
            y.append(None)
            continue
        x += [one.times[place] - period / 2, one.times[place] + period / 2]
        y += [float(values[place])] * 2
    return x, y


def _add_steps(
    figure: go.Figure,
    one: Watched,
    places: np.ndarray,
    values: np.ndarray,
    period: timedelta,
    dash: str,
) -> None:
    x, y = _steps(one, places, values, period)
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": RED, "width": 1.5, "dash": dash}, hoverinfo="skip"
    )


def _add_band(
    figure: go.Figure,
    one: Watched,
    places: np.ndarray,
    period: timedelta,
    extent: tuple[float, float],
) -> None:
    """Shade what 95 % of periods of that size would show if nothing had changed."""
    chart = one.chart
    x: list[datetime | None] = []
    y: list[float | None] = []
    for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1):
        if not len(run):
            continue
        reach = NORMAL * chart.errors
        over, above = _steps(one, run, np.minimum(chart.centre + reach, extent[1]), period)
        under, below = _steps(one, run, np.maximum(chart.centre - reach, extent[0]), period)
        x += [*over, *under[::-1], over[0], None]
        y += [*above, *below[::-1], above[0], None]
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=_BAND,
        hoverinfo="skip",
    )


def _add_points(
    figure: go.Figure,
    one: Watched,
    places: np.ndarray,
    colour: str,
    symbol: str,
    size: int,
    *,
    errors: bool = False,
    extent: tuple[float, float] | None = None,
) -> None:
    values = one.chart.values[places]
    more: dict[str, Any] = {}
    if errors:
        reach = one.chart.errors[places]
        more["error_y"] = {"type": "data", "array": reach, "color": colour, "thickness": 1.5}
        more["error_y"]["width"] = 0
    figure.add_scatter(
        x=[one.times[place] for place in places],
        y=values if extent is None else np.clip(values, *extent),
        mode="markers",
        opacity=1,
        marker={
            "color": colour,
            "symbol": symbol,
            "size": size,
            "line": {"color": colour, "width": 2},
        },
        hovertemplate=[f"{_hover(one, place)}<extra></extra>" for place in places],
        **more,
    )


def _add_crossings(
    figure: go.Figure, one: Watched, places: np.ndarray, period: timedelta, dark: bool
) -> None:
    """Red diamonds, large with the date where a crossing begins."""
    chart = one.chart
    if not len(places):
        return
    new = chart.alarms[places]
    above = [_above(one, int(place)) for place in places]
    dates = f"{'%H:%M' if period < DAY else '%-d %b'}"
    figure.add_scatter(
        x=[one.times[place] for place in places],
        y=np.where(chart.jumped[places], chart.values[places], chart.trend[places]),
        mode="markers+text",
        opacity=1,
        marker={
            "color": RED,
            "symbol": "diamond",
            "size": np.where(new, 15, 10),
            "line": {"color": ink(dark), "width": 1},
        },
        text=[
            f"{one.times[place]:{dates}}" if fresh else ""
            for place, fresh in zip(places, new, strict=True)
        ],
        # Beyond the value; of the trend on its inner side, for the value lies beyond it.
        textposition=[
            "top center" if up == jumped else "bottom center"
            for up, jumped in zip(above, chart.jumped[places], strict=True)
        ],
        textfont={"size": 12, "color": ink(dark)},
        cliponaxis=False,
        hovertemplate=[f"{_hover(one, place)}<extra></extra>" for place in places],
    )


def _hover(one: Watched, place: int) -> str:
    chart = one.chart
    period = period_of(one.times)
    value = describe_value(float(chart.values[place]), one.unit)
    when = moment(one.times[place], period)
    lines = [f"<b>{when[:1].upper()}{when[1:]}</b>"]
    lines.append(wording.counted(value, int(chart.rows[place])))
    if not chart.judged[place]:
        lines.append(wording.NOT_JUDGED)
    else:
        low, high = (
            describe_value(float(end[place]), one.unit) for end in (chart.lower, chart.upper)
        )
        lines.append(wording.red_lines(low, high))
        if chart.jumped[place]:
            lines.append(wording.BEYOND)
        elif chart.drifted[place]:
            lines.append(wording.TREND_BEYOND)
    return "<br>".join(lines)


def _name_lines(
    figure: go.Figure,
    one: Watched,
    judged: np.ndarray,
    extent: tuple[float, float],
    dark: bool,
) -> None:
    """Names at the right ends, where they have room."""
    chart = one.chart
    names = [(chart.centre, wording.TRAINING)]
    if len(judged):
        names += [
            (float(line[judged[-1]]), wording.RED_LINE) for line in (chart.upper, chart.lower)
        ]
    taken: list[float] = []
    span = extent[1] - extent[0]
    for height, name in names:
        if not extent[0] <= height <= extent[1]:
            continue
        if any(abs(height - other) < 0.1 * span for other in taken):
            continue
        taken.append(height)
        figure.add_annotation(
            x=1,
            xref="paper",
            y=height,
            text=name,
            xanchor="left",
            showarrow=False,
            font={"size": 12, "color": ink(dark)},
        )

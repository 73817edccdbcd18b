"""The figure of a batch's parts, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from afterword.drift import parts_wording as wording
from afterword.drift.figures import plain
from afterword.drift.segment import FEW, MOVED, STAYED, Segment
from afterword.palette import AMBER, MIST, ink

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_PARTS: Final = 20
_ROW: Final = 56
_TOP: Final = 76


class _Look(NamedTuple):
    """How the parts of a level are drawn, in ink where there is no colour; colour never alone."""

    level: str
    colour: str
    symbol: str
    size: int


_LOOKS: Final = (
    _Look(MOVED, AMBER, "diamond", 14),
    _Look(STAYED, "", "circle-open", 11),
)


def segments(found: Sequence[Segment], *, most: int = MOST_PARTS, dark: bool = False) -> go.Figure:
    """Draw what each part has beside training rows of its lengths, and how far chance reaches.

    Parameters
    ----------
    found : as :attr:`afterword.drift.result.CheckResult.segments` has them.
    most : parts at most, what moved first.
    dark : whether the figure stands on a dark ground.
    """
    import plotly.graph_objects as go

    shown = drawn(found)[:most]
    places = {id(one): len(shown) - 1 - row for row, one in enumerate(shown)}
    figure = go.Figure()
    _add_ranges(figure, shown, places)
    _add_training(figure, shown, places, dark)
    for look in _LOOKS:
        _add_parts(figure, look, [one for one in shown if one.level == look.level], places, dark)
    for one in shown:
        _add_label(figure, one, places[id(one)], ink(dark))
    furthest = max((max(one.high or 0, one.chance_high or 0) for one in shown), default=1.0)
    figure.update_layout(
        height=_ROW * max(len(shown), 1) + _TOP + 56,
        margin={"l": 12, "r": 12, "t": _TOP, "b": 56},
        dragmode=False,
        showlegend=True,
        hovermode="closest",
        hoverlabel={"align": "left", "font": {"color": ink(dark)}},
        legend={"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "x": 0},
        xaxis={
            "range": [-0.01, min(1.02, furthest + 0.04)],
            "tickformat": ".0%",
            "title": wording.AXIS,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis={"range": [-0.5, len(shown) - 0.2], "visible": False, "fixedrange": True},
    )
    return figure


def drawn(found: Sequence[Segment]) -> list[Segment]:
    """The parts that have enough rows."""
    return [one for one in found if one.level != FEW]


def segments_alt(found: Sequence[Segment], *, most: int = MOST_PARTS) -> str:
    """What :func:`segments` shows, for those who do not see it."""
    return wording.alt(drawn(found)[:most])


def _add_ranges(figure: go.Figure, shown: Sequence[Segment], places: Mapping[int, int]) -> None:
    """A bar from the one end to the other of what chance explains."""
    figure.add_bar(
        base=[one.chance_low for one in shown],
        x=[(one.chance_high or 0) - (one.chance_low or 0) for one in shown],
        y=[places[id(one)] for one in shown],
        name=wording.CHANCE,
        orientation="h",
        width=0.22,
        marker={"color": MIST, "opacity": 0.55},
        hoverinfo="skip",
    )


def _add_training(
    figure: go.Figure, shown: Sequence[Segment], places: Mapping[int, int], dark: bool
) -> None:
    figure.add_scatter(
        x=[one.reference for one in shown],
        y=[places[id(one)] for one in shown],
        name=wording.TRAINING,
        mode="markers",
        marker={"symbol": "line-ns", "size": 14, "line": {"color": ink(dark), "width": 3}},
        hoverinfo="skip",
    )


def _add_parts(
    figure: go.Figure,
    look: _Look,
    own: Sequence[Segment],
    places: Mapping[int, int],
    dark: bool,
) -> None:
    if not own:
        return
    colour = look.colour or ink(dark)
    figure.add_scatter(
        x=[one.batch for one in own],
        y=[places[id(one)] for one in own],
        name=look.level,
        mode="markers",
        marker={
            "color": colour,
            "symbol": look.symbol,
            "size": look.size,
            "line": {"color": colour, "width": 2},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [(one.high or 0) - (one.batch or 0) for one in own],
            "arrayminus": [(one.batch or 0) - (one.low or 0) for one in own],
            "color": colour,
            "thickness": 2,
            "width": 5,
        },
        hovertemplate=[f"{plain(one.sentence)}<extra></extra>" for one in own],
    )


def _add_label(figure: go.Figure, one: Segment, place: int, colour: str) -> None:
    """Write above the row, where the words have room on a phone too."""
    figure.add_annotation(
        x=0,
        xref="paper",
        y=place + 0.16,
        text=f"<b>{plain(wording.short_label(one))}</b>  {plain(wording.short(one))}",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 13, "color": colour},
    )

"""The chart of the page "Review": estimates with their intervals, beside those of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from afterword.drift.figures import plain
from afterword.palette import AMBER, TEAL, ink
from afterword.quality.estimates import Assessed
from afterword.ui.copy import shared as copy

if TYPE_CHECKING:
    import plotly.graph_objects as go

_ROW: Final = 74


@dataclass(frozen=True)
class Estimate:
    """A figure of the labels beside training's.

    Attributes
    ----------
    name : what people read.
    value : with its interval; a share, or a number of rows.
    trained : the same in training, a share; None if training has none.
    rows : whether it is a number of rows.
    """

    name: str
    value: Assessed
    trained: float | None
    rows: bool = False


def estimates(found: Sequence[Estimate], *, dark: bool = False) -> go.Figure:
    """Draw shares as points with their intervals, and training's as diamonds.

    Parameters
    ----------
    found : shares that are not withheld, the first on top.
    dark : whether the words stand on a dark background.
    """
    import plotly.graph_objects as go

    places = list(range(len(found)))[::-1]
    words = [copy.estimate(plain(one.name), one.value, one.trained) for one in found]
    figure = go.Figure()
    figure.add_scatter(
        x=[one.value.value for one in found],
        y=places,
        mode="markers",
        name=copy.IN_BATCH,
        marker={"color": TEAL, "size": 12},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [one.value.high - one.value.value for one in found],
            "arrayminus": [one.value.value - one.value.low for one in found],
            "color": TEAL,
            "thickness": 3,
            "width": 6,
        },
        hovertemplate=[f"{each}<extra></extra>" for each in words],
    )
    _add_training(figure, found, places)
    for place, one in zip(places, found, strict=True):
        # Above the interval, not beside it: there the words have room on a phone too.
        figure.add_annotation(
            x=0,
            y=place + 0.16,
            text=copy.estimate_lines(plain(one.name), one.value, one.trained),
            xanchor="left",
            yanchor="bottom",
            align="left",
            showarrow=False,
            font={"size": 13, "color": ink(dark)},
        )
    figure.update_layout(
        height=110 + _ROW * len(found),
        margin={"l": 16, "r": 16, "t": 36, "b": 40},
        dragmode=False,
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
        xaxis={
            "range": [0, 1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"],
            "title": copy.SHARE_AXIS,
            "fixedrange": True,
        },
        yaxis={"range": [-0.5, len(found) - 0.2], "visible": False, "fixedrange": True},
    )
    return figure


def _add_training(figure: go.Figure, found: Sequence[Estimate], places: Sequence[int]) -> None:
    before = [
        (one, place) for one, place in zip(found, places, strict=True) if one.trained is not None
    ]
    figure.add_scatter(
        x=[one.trained for one, _ in before],
        y=[place for _, place in before],
        mode="markers",
        name=copy.IN_TRAINING,
        marker={
            "color": AMBER,
            "symbol": "diamond-open",
            "size": 13,
            "line": {"width": 3, "color": AMBER},
        },
        hoverinfo="skip",
    )


def estimates_alt(found: Sequence[Estimate]) -> str:
    """The chart in words, for those who do not see it."""
    return "; ".join(copy.estimate(one.name, one.value, one.trained) for one in found) + "."

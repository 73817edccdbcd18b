"""The chart of an answer: a bar per category. Nothing here needs Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.drift.figures import plain
from afterword.palette import AMBER, DARK_GROUND, LIGHT_GROUND, SLATE, TEAL, ink
from afterword.ui.copy import classify as copy
from afterword.ui.copy.shared import percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

LIKELY, UNSURE, BELOW = TEAL, AMBER, SLATE

LIKELY_FROM = 0.5
"""A category may be predicted at less than this, but "likely" would not be true then."""


@dataclass(frozen=True)
class Confidence:
    """One category's answer.

    Attributes
    ----------
    category : its name.
    probability : in [0, 1].
    threshold : in (0, 1); None where the mode has none.
    band : from where to where an answer is unsure.
    decision : whether the threshold is reached.
    unsure : whether the probability lies in the band.
    """

    category: str
    probability: float
    threshold: float | None
    band: tuple[float, float]
    decision: bool
    unsure: bool

    @property
    def word(self) -> str:
        """What the bar says beside its colour."""
        if self.unsure:
            return copy.UNSURE
        if not self.decision:
            return copy.BELOW if self.threshold is not None else copy.NO_THRESHOLD
        return copy.LIKELY if self.probability >= LIKELY_FROM else copy.POSSIBLE


def confidence_bars(answers: Sequence[Confidence], *, dark: bool = False) -> go.Figure:
    """Horizontal bars of probabilities, highest first, each with its threshold and unsure band.

    Parameters
    ----------
    answers : one per category.
    dark : whether the words stand on a dark background.
    """
    import plotly.graph_objects as go

    ordered = sorted(answers, key=lambda one: one.probability)
    colours = [UNSURE if one.unsure else LIKELY if one.decision else BELOW for one in ordered]
    places = list(range(len(ordered)))
    figure = go.Figure(
        go.Bar(
            x=[one.probability for one in ordered],
            y=places,
            orientation="h",
            marker={
                "color": colours,
                # Colour never alone: unsure bars are hatched.
                "pattern": {"shape": ["/" if one.unsure else "" for one in ordered], "size": 6},
            },
            hovertemplate=[
                plain(copy.confidence(one.category, one.probability, one.threshold))
                + "<extra></extra>"
                for one in ordered
            ],
            width=0.42,
        )
    )
    for place, one in enumerate(ordered):
        _annotate(figure, place, one, dark)
    figure.update_layout(
        height=60 + 78 * len(ordered),
        margin={"l": 20, "r": 24, "t": 4, "b": 36},
        showlegend=False,
        dragmode=False,
        xaxis={
            "range": [0, 1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "ticktext": ["0 %", "25 %", "50 %", "75 %", "100 %"],
            "title": copy.PROBABILITY,
            "fixedrange": True,
        },
        yaxis={
            "range": [-0.4, len(ordered) - 0.28],
            "visible": False,
            "fixedrange": True,
        },
    )
    return figure


def _annotate(figure: go.Figure, place: int, one: Confidence, dark: bool) -> None:
    """A bar's words, its unsure band and the line of its threshold."""
    line, ground = ink(dark), DARK_GROUND if dark else LIGHT_GROUND
    # Above the bar, not beside it: there the words have room on a phone too.
    figure.add_annotation(
        x=0,
        y=place + 0.23,
        text=f"<b>{plain(one.category)}</b>  {percent(one.probability)}, {one.word}",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 15, "color": line},
    )
    figure.add_shape(
        type="rect",
        x0=one.band[0],
        x1=one.band[1],
        y0=place - 0.21,
        y1=place + 0.21,
        line={"width": 0},
        fillcolor=AMBER,
        opacity=0.25,
        layer="below",
    )
    if one.threshold is None:
        return
    # The edge sets the line off from a bar that reaches past it.
    for width, colour in ((6, ground), (3, line)):
        figure.add_shape(
            type="line",
            x0=one.threshold,
            x1=one.threshold,
            y0=place - 0.3,
            y1=place + 0.21,
            line={"color": colour, "width": width},
        )


def confidence_alt(answers: Sequence[Confidence]) -> str:
    """The bars in words, for those who do not see them."""
    return copy.confidences(
        f"{copy.confidence(one.category, one.probability, one.threshold)}, {one.word}"
        for one in sorted(answers, key=lambda one: -one.probability)
    )

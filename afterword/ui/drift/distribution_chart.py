"""The chart of one measure: its values in training and in the batch. Nothing here needs
Streamlit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.drift.figures import plain
from afterword.palette import MIST, TEAL
from afterword.ui.copy import drift as copy
from afterword.ui.copy.shared import percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

BATCH, REFERENCE = TEAL, MIST


def distributions(reference: np.ndarray, batch: np.ndarray, *, label: str, unit: str) -> go.Figure:
    """Share of rows at each value, training set against batch.

    Parameters
    ----------
    reference, batch : (N,) and (n,) values.
    label, unit : of the axis.
    """
    import plotly.graph_objects as go

    edges, names = _bins(np.concatenate([reference, batch]), unit)
    figure = go.Figure()
    for name, values, colour, shape in (
        (copy.TRAINING_SET, reference, REFERENCE, "/"),
        (copy.THIS_BATCH, batch, BATCH, ""),
    ):
        shares = np.histogram(values, np.append(edges, np.inf))[0] / max(1, len(values))
        figure.add_bar(
            x=names,
            y=shares,
            name=copy.with_rows(name, len(values)),
            marker={"color": colour, "pattern": {"shape": shape, "size": 5}},
            hovertemplate="%{x}: %{y:.1%}<extra>" + name + "</extra>",
        )
    figure.update_layout(
        barmode="group",
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={
            "title": plain(f"{label} ({unit})" if unit not in ("", "share") else label),
            "type": "category",
            "fixedrange": True,
        },
        yaxis={"title": copy.SHARE_OF_ROWS, "tickformat": ".0%", "fixedrange": True},
    )
    return figure


_MOST_BINS = 10


def _bins(values: np.ndarray, unit: str) -> tuple[np.ndarray, list[str]]:
    """Left edges and names of at most ten bins: single values, or ranges about equally full."""
    values = values[np.isfinite(values)]
    share = unit in ("", "share")

    def name(value: float) -> str:
        return percent(float(value)) if share else f"{value:,.4g}"

    distinct = np.unique(values) if len(values) else np.array([0.0])
    if len(distinct) <= _MOST_BINS:
        return distinct, [name(value) for value in distinct]
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _MOST_BINS + 1)[:-1], method="lower"))
    # A range ends at the largest value that occurs before the next one begins.
    ends = [*(distinct[distinct < edge][-1] for edge in edges[1:]), distinct[-1]]
    return edges, [
        name(first) if first == last else f"{name(first)} – {name(last)}"
        for first, last in zip(edges, ends, strict=True)
    ]

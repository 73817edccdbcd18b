"""Pictures of the page that is passed on: rows of words and figures, each with a drawn line.

The lines are SVG inside the page. Their places are per cent of the width that the page has, so that
a phone and a sheet of paper show the same at the size of their letters; all that a line shows
stands beside it in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, NamedTuple

from afterword.drift import figures
from afterword.measures.definitions import Measure
from afterword.quality.category_shares import CategoryShare
from afterword.reports import wording

MOST_MOVED: Final = 8
"""Measures that moved, of which a sheet has room for more than a reader has."""
NEAREST: Final = 3
"""Measures beside them that did not move."""
_END: Final = 92.0
"""Per cent of the width at which the largest distance stands; a mark is wide, too."""
_GROUND: Final = '<line class="ground" x1="0" x2="100%" y1="8" y2="8"/>'
_SIGNS: Final = {
    # A square, a diamond, a ring: colour never alone.
    "faulty": '<rect x="-6" y="-6" width="12" height="12"/>',
    "changed": '<path d="M0 -7L7 0L0 7L-7 0z"/>',
    "calm": '<circle r="5"/>',
}


class Row(NamedTuple):
    """A row of a picture: what it is of, its figures, a figure at its end, and its line."""

    name: str
    told: str
    end: str
    line: str


def shown_measures(ranked: Sequence[Measure]) -> list[Measure]:
    """The measures that a picture shows: what moved, and what came nearest to it.

    Parameters
    ----------
    ranked : those that could be compared, what moved most first.
    """
    moved = [one for one in ranked if one.drifted][:MOST_MOVED]
    return [*moved, *[one for one in ranked if not one.drifted][: NEAREST + 2 * (not moved)]]


def measures(shown: Sequence[Measure]) -> list[Row]:
    """How far measures are from training, each beside its threshold.

    Parameters
    ----------
    shown : with a distance and a threshold each.
    """
    most = max([min(one.excess, figures.CLIP) for one in shown] + [1.3])
    return [
        Row(
            one.label,
            ", ".join(filter(None, (_detail(one), figures.from_to(one)))),
            wording.times(one.excess),
            _from_zero(one, _END / most),
        )
        for one in shown
    ]


def shares(shown: Iterable[CategoryShare]) -> list[Row]:
    """Estimated shares of categories with their intervals, and training's.

    Parameters
    ----------
    shown : those that are estimated; others have no line.
    """
    found = list(shown)
    ends = [end for one in found for end in (one.high or 0.0, one.trained, one.given)]
    most = max([*ends, 0.05])
    return [Row(one.category, one.figure, "", _interval(one, _END / most)) for one in found]


def drawn(rows: Iterable[Row]) -> str:
    """The rows as HTML."""
    return "".join(
        f'<div class="row"><div><span><b>{escape(one.name)}</b> '
        f'<span class="told">{escape(one.told)}</span></span>'
        f'<span class="end">{escape(one.end)}</span></div>'
        f'<svg aria-hidden="true" height="16">{_GROUND}{one.line}</svg></div>'
        for one in rows
    )


def _detail(one: Measure) -> str:
    """Which word or length it is of; "" where the label names it."""
    return "" if one.detail in one.label else one.detail


def _from_zero(one: Measure, unit: float) -> str:
    """A line from nothing to a distance, and the upright that is the threshold."""
    kind = "calm" if not one.drifted else "faulty" if one.fault else "changed"
    x = f"{min(one.excess, figures.CLIP) * unit:.1f}%"
    # What has no room goes on to the edge.
    end = "100%" if one.excess > figures.CLIP else x
    limit = f"{unit:.1f}%"
    return (
        f'<line class="{kind}" x1="0" x2="{end}" y1="8" y2="8"/>'
        f'<line class="limit" x1="{limit}" x2="{limit}" y1="0" y2="16"/>'
        f'<svg class="{kind}" x="{x}" y="8" overflow="visible">{_SIGNS[kind]}</svg>'
    )


def _interval(one: CategoryShare, unit: float) -> str:
    """A line over an interval, a mark at its estimate, and an upright at training's share."""
    trained = f"{unit * one.trained:.1f}%"
    upright = f'<line class="limit" x1="{trained}" x2="{trained}" y1="0" y2="16"/>'
    if one.value is None or one.low is None or one.high is None:
        return ""
    low, high = (f"{unit * min(max(end, 0.0), 1.0):.1f}%" for end in (one.low, one.high))
    kind = "calm" if one.low <= one.trained <= one.high else "changed"
    return (
        f'<line class="{kind}" x1="{low}" x2="{high}" y1="8" y2="8"/>{upright}'
        f'<svg class="{kind}" x="{unit * one.value:.1f}%" y="8" overflow="visible">'
        f"{_SIGNS[kind]}</svg>"
    )

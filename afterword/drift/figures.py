"""Figures of a check, and the same in words: for notebooks, pages and the command line alike.

Only the drawing itself needs plotly, which is imported when something is drawn.

>>> result = afterword.check(batch)                                         # doctest: +SKIP
>>> result.figure("words")                                                  # doctest: +SKIP
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from afterword.drift import wording
from afterword.measures.definitions import Measure, describe_value
from afterword.measures.word_changes import WordChange
from afterword.palette import AMBER, MIST, RED, SLATE, TEAL, ink

if TYPE_CHECKING:
    import plotly.graph_objects as go


MOST_MEASURES: Final = 15
MOST_WORDS: Final = 20
CLIP: Final = 4.0
"""Thresholds beyond which a distance is no longer drawn to scale: one would squash the rest."""

_LONGEST_LABEL = 34
_ROW = 46
_TICKS = (1 / 100, 1 / 10, 1 / 3, 1, 3, 10, 100, 1_000)


@dataclass(frozen=True)
class _Kind:
    """How one kind of measure is drawn; colour never alone."""

    name: str
    colour: str
    symbol: str
    size: int


_FAULT = _Kind(wording.FAULT, RED, "square", 13)
_MOVED = _Kind(wording.MOVED, AMBER, "diamond", 14)
_STAYED = _Kind(wording.WITHIN_CHANCE, SLATE, "circle-open", 10)


def measures(
    ranked: Sequence[Measure], *, most: int = MOST_MEASURES, dark: bool = False
) -> go.Figure:
    """Draw how far each measure is from training, in its own thresholds; largest on top.

    Parameters
    ----------
    ranked : as :meth:`afterword.drift.result.CheckResult.ranked` gives them; those without a
        distance or a threshold are left out.
    most : rows at most. What moved comes first.
    dark : whether the figure stands on a dark ground.
    """
    import plotly.graph_objects as go

    shown = judged(ranked)[:most]
    if not shown:
        return _empty(wording.NOTHING_COMPARED)
    places = {one.name: len(shown) - 1 - row for row, one in enumerate(shown)}
    figure = go.Figure()
    _add_upright(figure, 1, wording.THRESHOLD_NAME, len(shown), ink(dark))
    for kind in (_FAULT, _MOVED, _STAYED):
        _add_lollipops(figure, kind, [one for one in shown if _kind(one) is kind], places, dark)
    for one in shown:
        _add_label(figure, places[one.name], _cut(one.label), from_to(one), ink(dark))
    _lay_out_measures(figure, shown, dark)
    return figure


def _add_lollipops(
    figure: go.Figure, kind: _Kind, own: Sequence[Measure], places: Mapping[str, int], dark: bool
) -> None:
    """Draw the measures of one kind, each on a stem from zero."""
    if not own:
        return
    drawn = [min(one.excess, CLIP) for one in own]
    figure.add_scatter(
        x=drawn,
        y=[places[one.name] for one in own],
        name=kind.name,
        mode="markers+text",
        marker={
            "color": kind.colour,
            "symbol": kind.symbol,
            "size": kind.size,
            "line": {"color": kind.colour, "width": 2},
        },
        # The stem: an error bar that reaches back to 0.
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [0.0] * len(own),
            "arrayminus": drawn,
            "color": kind.colour,
            "thickness": 3,
            "width": 0,
        },
        text=[f" {one.excess:.1f}× →" if one.excess > CLIP else "" for one in own],
        textposition="middle right",
        textfont={"size": 13, "color": ink(dark)},
        cliponaxis=False,
        hovertemplate=[f"{_hover(one)}<extra></extra>" for one in own],
    )


def _lay_out_measures(figure: go.Figure, shown: Sequence[Measure], dark: bool) -> None:
    """Give the figure of the measures its size, its axes and the name of its threshold."""
    furthest = max(min(one.excess, CLIP) for one in shown)
    end = CLIP * 1.22 if furthest == CLIP else max(furthest * 1.06, 1.3)
    side = "left" if end > 2 else "right"
    figure.add_annotation(
        x=1,
        y=1,
        yref="paper",
        text=f"<b>{wording.THRESHOLD_NAME}</b><br>{wording.THRESHOLD_MEANING}",
        align=side,
        xanchor=side,
        yanchor="bottom",
        showarrow=False,
        font={"color": ink(dark)},
    )
    several = len({_kind(one) for one in shown}) > 1
    top = 96 if several else 44
    figure.update_layout(
        height=_ROW * len(shown) + top + 56,
        margin={"l": 12, "r": 12, "t": top, "b": 56},
        showlegend=several,
        dragmode=False,
        hovermode="closest",
        hoverlabel={"align": "left", "font": {"color": ink(dark)}},
        legend={"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "x": 0},
        xaxis={
            "range": [-end / 60, end],
            "tickvals": list(range(math.ceil(end))),
            "title": wording.DISTANCE,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis=_rows(len(shown)),
    )


def measures_alt(ranked: Sequence[Measure], *, most: int = MOST_MEASURES) -> str:
    """What :func:`measures` shows, for those who do not see it."""
    shown = judged(ranked)[:most]
    if not shown:
        return wording.NOTHING_COMPARED
    return wording.distances((one.label, one.excess, _kind(one).name) for one in shown)


def judged(ranked: Iterable[Measure]) -> list[Measure]:
    """The measures that could be compared: with a distance and a threshold."""
    return [one for one in ranked if not math.isnan(one.distance + one.threshold)]


def from_to(one: Measure) -> str:
    """What was typical of training, and of the batch: "4.6 → 3.8 letters"; "" if nothing was."""
    if math.isnan(one.reference + one.batch):
        return ""
    before, now = one.typical(one.reference), one.typical(one.batch)
    number, _, unit = before.partition(" ")
    return f"{number if now.endswith(f' {unit}') else before} → {now}"


def words(
    changes: Sequence[WordChange], *, most: int = MOST_WORDS, dark: bool = False
) -> go.Figure:
    """Draw the words that changed: to the right what is more frequent, to the left what is less.

    Parameters
    ----------
    changes : as :meth:`afterword.drift.result.CheckResult.changed_words` gives them.
    most : words at most; see :func:`chosen_words`.
    dark : whether the figure stands on a dark ground.
    """
    import plotly.graph_objects as go

    shown = chosen_words(changes, most)
    if not shown:
        return _empty(wording.NO_WORD_CHANGED)
    figure = go.Figure()
    rows = {change.term: len(shown) - 1 - row for row, change in enumerate(shown)}
    _add_bars(figure, shown, rows)
    for one in shown:
        _add_label(figure, rows[one.term], one.term, word_shares(one), ink(dark))
    ends = [one.log_odds for one in shown]
    low, high = min(0.0, *ends, *ends), max(0.0, *ends, *ends)
    room = max(high - low, 1.0) * 0.04
    ticks = [tick for tick in _TICKS if low - room <= math.log(tick) <= high + room]
    _add_upright(figure, 0, wording.AS_IN_TRAINING, len(shown), ink(dark))
    figure.update_layout(
        height=_ROW * len(shown) + 116,
        margin={"l": 12, "r": 12, "t": 44, "b": 56},
        barmode="overlay",
        dragmode=False,
        showlegend=True,
        hovermode="closest",
        hoverlabel={"align": "left", "font": {"color": ink(dark)}},
        legend={"orientation": "h", "yref": "container", "y": 1, "yanchor": "top", "x": 0},
        xaxis={
            "range": [low - room, high + room],
            "tickvals": [math.log(tick) for tick in ticks],
            "ticktext": [_times(tick) for tick in ticks],
            "title": wording.ODDS,
            "zeroline": False,
            "fixedrange": True,
        },
        yaxis=_rows(len(shown)),
    )
    return figure


def _add_bars(figure: go.Figure, shown: Sequence[WordChange], rows: Mapping[str, int]) -> None:
    """Draw a bar a word, in a colour and a pattern for each kind of change."""
    for name, colour, pattern, own in (
        (wording.NEW, AMBER, "/", [one for one in shown if one.new]),
        (
            wording.MORE_FREQUENT,
            TEAL,
            "",
            [one for one in shown if not one.new and one.log_odds > 0],
        ),
        (
            wording.LESS_FREQUENT,
            MIST,
            "",
            [one for one in shown if not one.new and one.log_odds <= 0],
        ),
    ):
        if own:
            figure.add_bar(
                x=[one.log_odds for one in own],
                y=[rows[one.term] for one in own],
                name=name,
                orientation="h",
                width=0.3,
                # Colour never alone: new words are hatched.
                marker={
                    "color": colour,
                    "line": {"color": colour, "width": 1},
                    "pattern": {"shape": pattern, "size": 5},
                },
                hovertemplate=[f"{_word_hover(one)}<extra></extra>" for one in own],
            )


def words_alt(changes: Sequence[WordChange], *, most: int = MOST_WORDS) -> str:
    """What :func:`words` shows, for those who do not see it."""
    shown = chosen_words(changes, most)
    if not shown:
        return wording.NO_WORD_CHANGED
    sides = (
        (wording.MORE_FREQUENT, [one for one in shown if one.log_odds > 0]),
        (wording.LESS_FREQUENT, [one for one in shown if one.log_odds <= 0]),
    )
    return ". ".join(
        wording.frequent(side, [(one.term, word_shares(one)) for one in own])
        for side, own in sides
        if own
    )


def chosen_words(changes: Sequence[WordChange], most: int = MOST_WORDS) -> list[WordChange]:
    """The words to show: at most ``most``, from what grew most to what fell most.

    Half of the places are for new words, because they say what happened, and a quarter for words
    that became less frequent: where the style changed as well, common words would fill them all.
    What is left goes by certainty.
    """
    ranked = sorted(changes, key=lambda one: -abs(one.z))
    kept = [one for one in ranked if one.new][: most // 2]
    kept += [one for one in ranked if one.log_odds < 0][: most // 4]
    kept += [one for one in ranked if one not in kept][: most - len(kept)]
    return sorted(kept, key=lambda one: -one.log_odds)


def word_shares(change: WordChange) -> str:
    """In how many descriptions a word is, and was.

    >>> word_shares(WordChange("bus", False, 0, 0.014, 0.156, -1.5, -5.8))
    'under 2 % of descriptions, 16 % in training'
    """
    return wording.word_shares(batch_share(change), training_share(change), new=change.new)


def batch_share(change: WordChange) -> str:
    """The share of the batch's descriptions that hold a word, as far as it may be shown."""
    if change.descriptions == 0:
        return wording.under(math.floor(100 * change.share) + 1)
    return describe_value(change.share, "share")


def training_share(change: WordChange) -> str:
    """The share of the training descriptions that hold a word."""
    return wording.HARDLY_ANY if change.new else describe_value(change.reference_share, "share")


def plain(text: str) -> str:
    """A text in which plotly finds no tag, no entity and no placeholder.

    >>> plain("<b>&amp; %{x}")
    '&lt;b&gt;&amp;amp; %&#123;x}'
    """
    return escape(text, quote=False).replace("%{", "%&#123;")


def _kind(measure: Measure) -> _Kind:
    if not measure.drifted:
        return _STAYED
    return _FAULT if measure.fault else _MOVED


def _hover(one: Measure) -> str:
    about = f" ({plain(one.detail)})" if one.detail else ""
    lines = [f"<b>{plain(one.label)}</b>{about}"]
    if from_to(one):
        now, before = one.typical(one.batch), one.typical(one.reference)
        lines.append(wording.both_sides(before, now))
    lines.append(wording.distance(one))
    return "<br>".join(lines)


def _word_hover(one: WordChange) -> str:
    lines = [f"<b>{plain(one.term)}</b>"]
    lines.append(wording.word_in_batch(batch_share(one), one.descriptions))
    lines.append(wording.word_in_training(training_share(one), new=one.new))
    lines.append(wording.word_odds(one.log_odds, one.z))
    return "<br>".join(lines)


def _cut(label: str) -> str:
    """A label that a phone has room for."""
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1].rstrip()}…"


def _times(tick: float) -> str:
    if tick == 1:
        return wording.SAME
    return f"×{tick:,.0f}" if tick > 1 else f"÷{1 / tick:,.0f}"


def _add_label(figure: go.Figure, place: int, name: str, values: str, colour: str) -> None:
    """Write above the row, not beside it: there the words have room on a phone too."""
    figure.add_annotation(
        x=0,
        xref="paper",
        y=place + 0.18,
        text=f"<b>{plain(name)}</b>  {plain(values)}",
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 13, "color": colour},
    )


def _add_upright(figure: go.Figure, x: float, name: str, rows: int, colour: str) -> None:
    """One upright line through all rows, which leaves room for their labels."""
    figure.add_scatter(
        x=[x, x, None] * rows,
        y=[end for row in range(rows) for end in (row - 0.32, row + 0.2, None)],
        name=name,
        mode="lines",
        line={"color": colour, "width": 2},
        hoverinfo="skip",
        showlegend=False,
    )


def _rows(count: int) -> dict[str, object]:
    return {"range": [-0.5, count - 0.2], "visible": False, "fixedrange": True}


def _empty(sentence: str) -> go.Figure:
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_annotation(text=sentence, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    figure.update_layout(height=120, xaxis={"visible": False}, yaxis={"visible": False})
    return figure

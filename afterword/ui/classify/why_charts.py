"""Why an answer, drawn: the marked text and the bars. Nothing here needs Streamlit.

Every word of a description is hostile until it is escaped: here that is done, and only here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.drift.figures import plain
from afterword.model.explanation import Explanation, Mark
from afterword.palette import AMBER, DARK_GROUND, LIGHT_GROUND, SLATE, TEAL, ink
from afterword.ui.copy import classify as copy

if TYPE_CHECKING:
    import plotly.graph_objects as go

NOTABLE: Final = 0.1
"""Log-odds from which a word is named: less moves a probability by under 2.5 points."""
NOTABLE_PART: Final = 0.15
"""Part of the strongest word's amount from which another one is named."""
MOST_WORDS: Final = 8
MOST_NAMED: Final = 2
FAINTEST: Final = 1 / 8
"""A mark's share of the strongest below which it would only be noise for the eye."""

_ROW = 38
_SHADES = 4
_LETTERS_UP_TO = 4_000
"""Characters of a text up to which its letters are shaded: more would burden the browser."""
_SCROLLS_FROM = 600
"""Characters from which the text may need a scroll bar, which a keyboard has to reach."""


@dataclass(frozen=True)
class Bar:
    """One bar: a word, the other words, or what counts before any word.

    Attributes
    ----------
    label : in plain words; not escaped.
    amount : log-odds units.
    is_word : whether the bar stands for a single word.
    without : the category's probability without the word; None if the bar stands for no word.
    """

    label: str = field(repr=False)
    amount: float
    is_word: bool
    without: float | None = None


def named(explanation: Explanation, category: str) -> tuple[list[str], list[str]]:
    """The words that raised a category most, and those that lowered it most; two each at most."""
    shares = explanation.words(category)
    # Beside a word that counts much, one that hardly counts is no reason.
    least = max(NOTABLE, NOTABLE_PART * max((abs(one.amount) for one in shares), default=0.0))
    raised = [one.word for one in shares if one.amount >= least]
    lowered = [one.word for one in reversed(shares) if one.amount <= -least]
    return raised[:MOST_NAMED], lowered[:MOST_NAMED]


def bars_of(explanation: Explanation, category: str) -> list[Bar]:
    """The words that count most, from raising to lowering; the other words; what comes before.

    The amounts add up to the score.
    """
    shares = explanation.words(category)
    strongest = sorted(shares, key=lambda one: -abs(one.amount))
    # A single one left over takes no more room than "1 other word".
    most = MOST_WORDS if len(shares) > MOST_WORDS + 1 else MOST_WORDS + 1
    own, others = strongest[:most], strongest[most:]
    own = sorted(own, key=lambda one: -one.amount)
    place = explanation.place_of(category)
    without = explanation.without(one.word for one in own)[:, place]
    bars = [
        Bar(copy.why_word(one.word, one.times), one.amount, True, float(rest))
        for one, rest in zip(own, without, strict=True)
    ]
    if others:
        rest = sum(one.amount for one in others)
        bars.append(Bar(copy.other_words(len(others)), rest, False))
    before = float(explanation.intercept[place])
    return [*bars, Bar(copy.STARTS, before, False)]


def why_bars(explanation: Explanation, category: str, *, dark: bool = False) -> go.Figure:
    """Horizontal bars of what each word adds to the score; they add up to it.

    Parameters
    ----------
    explanation : of one description.
    category : one of the model's.
    dark : whether the words stand on a dark background.
    """
    import plotly.graph_objects as go

    bars = bars_of(explanation, category)[::-1]
    line = ink(dark)
    colours = [SLATE if not one.is_word else TEAL if one.amount > 0 else AMBER for one in bars]
    places = list(range(len(bars)))
    figure = go.Figure(
        go.Bar(
            x=[one.amount for one in bars],
            y=places,
            orientation="h",
            width=0.32,
            marker={
                "color": colours,
                # Colour never alone: what lowers goes to the left, and is hatched.
                "pattern": {
                    "shape": ["/" if one.is_word and one.amount < 0 else "" for one in bars],
                    "size": 5,
                },
            },
            hoverinfo="skip",
        )
    )
    low = min(0.0, *(one.amount for one in bars), -NOTABLE)
    high = max(0.0, *(one.amount for one in bars), NOTABLE)
    room = 0.04 * (high - low)
    figure.update_layout(
        height=_ROW * len(bars) + 60,
        margin={"l": 12, "r": 12, "t": 4, "b": 48},
        showlegend=False,
        dragmode=False,
        annotations=[each for place, one in enumerate(bars) for each in _labels(one, place, dark)],
        shapes=[
            {
                "type": "line",
                **{"x0": 0, "x1": 0, "y0": -0.4, "y1": len(bars) - 0.4},
                "line": {"color": line, "width": 1},
                "layer": "below",
            }
        ],
        xaxis={
            "range": [low - room, high + room],
            "title": plain(copy.why_axis(category)),
            "zeroline": False,
            "fixedrange": True,
            "nticks": 6,
        },
        yaxis={"range": [-0.5, len(bars) - 0.3], "visible": False, "fixedrange": True},
    )
    return figure


def _labels(bar: Bar, place: int, dark: bool) -> list[dict[str, object]]:
    """Words above a bar, not beside it: there they have room on a phone too."""
    name = plain(bar.label)
    told = f"{f'<b>{name}</b>' if bar.is_word else name}  {copy.amount(bar.amount)}"
    sides = [(0, "left", told)]
    if bar.without is not None:
        sides.append((1, "right", copy.without_it(bar.without)))
    return [
        {
            "x": x,
            "xref": "paper",
            "y": place + 0.17,
            "text": text,
            "xanchor": anchor,
            "yanchor": "bottom",
            "showarrow": False,
            # The line at zero does not go through the words.
            "bgcolor": DARK_GROUND if dark else LIGHT_GROUND,
            "borderpad": 0,
            "font": {"size": 13, "color": ink(dark)},
        }
        for x, anchor, text in sides
    ]


def why_alt(explanation: Explanation, category: str) -> str:
    """What :func:`why_bars` shows, for those who do not see it."""
    bars = [
        f"{one.label} {copy.amount(one.amount)}"
        + (f", {copy.without_it(one.without)}" if one.without is not None else "")
        for one in bars_of(explanation, category)
    ]
    return copy.why_alt(category, bars, float(explanation.scores[explanation.place_of(category)]))


def marked_text(explanation: Explanation, category: str) -> str:
    """The description as HTML in which nothing is HTML but the marks, and a legend.

    What raises is underlined with a line, what lowers with dashes: colour never alone. In a
    marked word, the letters that count most are deepest.
    """
    text = explanation.text
    # Over all categories, so that a category that nothing moved looks like it.
    strongest = float(abs(explanation.token_shares).max(initial=0.0))
    parts, reached = [], 0
    for mark in explanation.marks(category):
        if not strongest or abs(mark.amount) < FAINTEST * strongest:
            continue
        parts.append(escape(text[reached : mark.start]))
        parts.append(_marked(explanation, category, mark, strongest))
        reached = mark.end
    parts.append(escape(text[reached:]))
    scrolls = (
        f' tabindex="0" role="region" aria-label="{escape(copy.WHY_TEXT_LABEL)}"'
        if len(text) > _SCROLLS_FROM
        else ""
    )
    # The text's own direction must not turn the page round, nor leave its box.
    return (
        f'<div dir="auto"{scrolls} style="max-height:22rem;overflow-y:auto;line-height:2;'
        f'overflow-wrap:anywhere;unicode-bidi:isolate">{"".join(parts)}</div>{_legend(category)}'
    )


def _marked(explanation: Explanation, category: str, mark: Mark, strongest: float) -> str:
    """One stretch of the text with its underline, and a background by letters or as a whole."""
    word = explanation.text[mark.start : mark.end]
    strength = abs(mark.amount) / strongest
    # Other scripts join their letters: cut apart, they would look different.
    if not word.isascii() or len(explanation.text) > _LETTERS_UP_TO:
        return _span(_line(mark.amount) + _ground(mark.amount, strength), word)
    own = explanation.characters[mark.start : mark.end, explanation.place_of(category)]
    # A letter is as deep as its word would be if all of its letters were like it.
    depths = len(word) * own * np.sign(mark.amount) / strongest
    shades = np.round(_SHADES * np.clip(depths, 0, 1)) / _SHADES
    letters = []
    for shade, run in groupby(zip(shades, word, strict=True), key=itemgetter(0)):
        ground = _ground(mark.amount, float(shade))
        letters.append(_span(ground, "".join(letter for _, letter in run)))
    return f'<span style="{_line(mark.amount)}">{"".join(letters)}</span>'


def _legend(category: str) -> str:
    keys = "".join(
        '<span style="white-space:nowrap">'
        f"{_span(_line(sign) + _ground(sign, 0.7), symbol)} {escape(meaning)}</span>"
        for sign, symbol, meaning in (
            (1, copy.RAISES_SIGN, copy.raises(category)),
            (-1, copy.LOWERS_SIGN, copy.lowers(category)),
        )
    )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:.9rem;'
        f'font-size:.875rem">{keys}<span>{escape(copy.WHY_LEGEND_REST)}</span></div>'
    )


def _span(style: str, text: str) -> str:
    return f'<span style="{style}">{escape(text)}</span>'


def _line(amount: float) -> str:
    """The underline of a mark."""
    colour, kind = (TEAL, "solid") if amount > 0 else (AMBER, "dashed")
    return f"border-bottom:2px {kind} {colour};padding-bottom:.1em;"


def _ground(amount: float, strength: float) -> str:
    """The background of a mark; the page shines through, so that words stay readable on both."""
    colour = TEAL if amount > 0 else AMBER
    return f"background:{colour}{round(255 * (0.08 + 0.37 * strength)):02x}"

"""Every text of the part "Why" of the page Classify."""

from __future__ import annotations

from collections.abc import Sequence

from afterword.ui.copy.shared import percent

WHY_TITLE = "Why"
CATEGORY_LABEL = "Category to explain"
TEXT_LABEL = "The description, as the model read it"
RAISES, LOWERS, STARTS = "raises", "lowers", "before any word"
RAISES_SIGN, LOWERS_SIGN = "▲", "▼"
LEGEND_REST = "The deeper a letter’s colour, the more it counts. Unmarked words hardly count."
REPAIRED = (
    "The text was tidied before it was read: odd quotation marks, damaged or invisible signs. It "
    "is shown as the model read it."
)
NOTE = (
    "The bars add up to the score exactly; calibration then turns the score into the probability. "
    "A word that the model does not know counts by its spelling alone, and a pair of words counts "
    "with both. What a word weighs was learned from training descriptions: it says what was "
    "typical there, and is nobody’s reason."
)

_LONGEST = 22
"""Letters of a word that a phone has room for."""


def shorten(word: str) -> str:
    """A word that a phone has room for."""
    return word if len(word) <= _LONGEST else f"{word[: _LONGEST - 1]}…"


def amount(value: float) -> str:
    """What is added to a score: "+0.81", "−0.30"."""
    shown = f"{abs(value):.2f}"
    if shown == "0.00":
        return shown
    return f"+{shown}" if value > 0 else f"−{shown}"


def sentence(category: str, raised: Sequence[str], lowered: Sequence[str]) -> str:
    """What counted, in a sentence."""
    if raised and lowered:
        return f"{_and(raised)} raised {category} most; {_and(lowered)} lowered it."
    if raised:
        return f"{_and(raised)} raised {category} most; no word lowered it much."
    if lowered:
        return f"{_and(lowered)} lowered {category} most; no word raised it much."
    return f"No single word raised or lowered {category} much."


def chart_title(category: str, start: float, end: float, probability: float) -> str:
    """The finding of the bars: from where to where the words brought the score."""
    return (
        f"{category}: {amount(start)} before any word, {amount(end)} with all of them, "
        f"which means {percent(probability)}"
    )


def axis(category: str) -> str:
    """What a bar measures."""
    return f"Adds to the score of {category} (log-odds)"


def word(name: str, times: int) -> str:
    """A word, and how often it occurs if more than once."""
    return f"{shorten(name)} (×{times:,})" if times > 1 else shorten(name)


def other_words(words: int) -> str:
    """All the words that have no bar of their own."""
    return f"{words:,} other words" if words != 1 else "1 other word"


def alt(category: str, bars: Sequence[tuple[str, float]], score: float) -> str:
    """The bars in words, for those who do not see them."""
    each = "; ".join(f"{name} {amount(value)}" for name, value in bars)
    return f"What adds to the score of {category}, in log-odds: {each}. Sum: {amount(score)}."


def raises(category: str) -> str:
    """What the first mark of the legend means."""
    return f"{RAISES} {category}"


def lowers(category: str) -> str:
    """What the second mark of the legend means."""
    return f"{LOWERS} it"


def _and(words: Sequence[str]) -> str:
    return " and ".join(f"“{shorten(each)}”" for each in words)

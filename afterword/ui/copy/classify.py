"""The texts of the page Classify, with its parts “How to decide” and “Why”."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from afterword.deployment import A_TEXT, FINDING, FINDINGS, TEXT, TEXTS, WORDS
from afterword.model.answers import MOSTLY_UNKNOWN, NOT_ENGLISH, VERY_SHORT
from afterword.model.evaluation import Estimate
from afterword.model.modes import SURE, ModeQuality
from afterword.settings import BALANCED, BE_SURE, FIND_MORE
from afterword.ui.copy.shared import percent

TITLE = "Classify"
LEAD = WORDS.question
_NOTE = f"**{WORDS.care.note}** " if WORDS.care.note else ""
_HELP = (
    f" If this happened to you, [{WORDS.care.help_text}]({WORDS.care.help_url})."
    if WORDS.care.help_url
    else ""
)
CONTENT_NOTE = (
    f"{_NOTE}Your text is not stored: it is read, answered and forgotten; only numbers about it "
    f"are counted.{_HELP}"
)
NOTE_ICON = ":material/favorite:" if _NOTE or _HELP else ":material/info:"
TAB_ONE = f"One {TEXT}"
TAB_FILE = "A file at once"
TEXT_LABEL = TEXT.capitalize()
TEXT_PLACEHOLDER = WORDS.placeholder
CLASSIFY_BUTTON = "Classify"
CLEAR_BUTTON = "Clear"
EXAMPLES_LABEL = "Or try an invented example"
ANSWER_WORDS = LIKELY, POSSIBLE, UNSURE = "likely", "possible", "unsure"
BELOW = "below its threshold"
NO_THRESHOLD = "not attainable"
PROBABILITY = "Probability"
EMPTY_TEXT = (
    "There is nothing to classify: this is empty, or stands for nothing. "
    f"Write or paste {A_TEXT} first."
)
DAMAGED_TEXT = (
    "This text cannot be read: too many of its characters are damaged. Copy it again from where "
    "it comes from."
)
HINT_NOTE = (
    f"A hint for review, not a finding about anybody. The categories are independent: {A_TEXT} "
    "can have several or none, so the percentages need not sum to 100 %."
)
BARS_LEGEND = (
    "The upright line is the category’s threshold. At or over it the category is predicted: "
    "“likely” from 50 % on, “possible” below. Where a bar ends in the shaded band the answer is "
    "“unsure”, on either side of the line."
)
REMARKS = {
    VERY_SHORT: "**Very short.** There is little to go by; expect the answer to be rough.",
    NOT_ENGLISH: (
        f"**This does not look like English.** The model learned from English {TEXTS} only, "
        "so do not rely on this answer."
    ),
    MOSTLY_UNKNOWN: (
        "**Many of these words are unknown to the model.** It guesses from the rest, so do not "
        "rely on this answer."
    ),
}
UNSURE_ADVICE = f"What to do when unsure: have a person read this {TEXT} before it is counted."


def too_long(characters: int, limit: int) -> str:
    """Why an over-long description is not read."""
    return (
        f"This {TEXT} has {characters:,} characters, and at most {limit:,} are read. "
        "Shorten it, or split it where another event begins; your text is still in the box."
    )


def answer(likely: Sequence[str], possible: Sequence[str], unsure: Sequence[str]) -> str:
    """The answer in a sentence: "Likely: Groping. Unsure: Ogling."."""
    parts = [
        f"{word}: {', '.join(names)}."
        for word, names in zip(
            map(str.capitalize, ANSWER_WORDS), (likely, possible, unsure), strict=True
        )
        if names
    ]
    return " ".join(parts) or "No category reaches its threshold."


def at_threshold(threshold: float | None) -> str:
    """A threshold between two whole per cent: the first per cent that reaches it, or "none"."""
    return "none" if threshold is None else percent(math.ceil(100 * threshold - 1e-9) / 100)


def band(low: float, high: float) -> str:
    """From where to where an answer is unsure; a high one may lie above every probability."""
    if low >= min(high, 1.0):
        return "nowhere"
    return f"{at_threshold(low)} – {at_threshold(min(high, 1.0))}"


def confidence(category: str, probability: float, threshold: float | None) -> str:
    """One category's probability and threshold, in words."""
    return f"{category} {percent(probability)}, threshold {at_threshold(threshold)}"


def confidences(each: Iterable[str]) -> str:
    """All categories' probabilities, in words."""
    return f"Probabilities: {'; '.join(each)}"


# ---------------------------------------------------------------- files

CLASSIFY_FILE_LABEL = f"File with {TEXTS}"
CLASSIFY_FILE_EMPTY = (
    "Every row comes back with the columns that it came with, and with a probability, a score, a "
    "decision and “unsure” for each category. Rows that cannot be read come back with the reason."
)
CANCELLED = "Cancelled. Nothing was kept; the file is still here."
DOWNLOAD_CSV = "Download CSV"
DOWNLOAD_PARQUET = "Download Parquet"
SCORE_NOTE = (
    "Many rows share a probability. Their scores tell which of them is likelier: the higher, the "
    "likelier."
)
ANSWER_COLUMN = "answer"
FILE_TABLE_ALT = "Every row with its probabilities and decisions"
TABLE_FILTER = "Rows to show"
TABLE_ORDER = "Order of the table"
AS_IN_FILE = "As in the file"
LIKELIEST = "{}: the likeliest first"
TABLE_FILTERS = ("All", "Unsure", "With a remark", "Rejected")
SCORED_NOT_TEXT = (
    "This file holds scored rows without text, so there is nothing to classify. "
    "It can be checked on the page Drift."
)


def classify_rows_button(rows: int) -> str:
    """The button that starts a file."""
    return f"Classify {rows:,} rows" if rows != 1 else "Classify 1 row"


def file_answer(rows: int, rejected: int, unsure: int, remarked: int) -> str:
    """What became of a file, in a sentence."""
    parts = [f"{rows - rejected:,} of {rows:,} rows classified"]
    if rejected:
        parts.append(f"{rejected:,} rejected")
    parts.append(f"{unsure:,} unsure in at least one category")
    if remarked:
        parts.append(f"{remarked:,} not to be relied on (see the remark)")
    return ", ".join(parts) + "."


def predicted_rows(category: str) -> str:
    """What a count of a category means."""
    return f"{category}, rows predicted"


def shown_rows(shown: int, total: int) -> str:
    """That a table is cut."""
    return f"The first {shown:,} of {total:,} rows; the downloads hold all of them."


NOT_RECORDED = "**Answered, but not recorded.** The numbers over time will miss this answer."
COUNTING = "Counting what was answered…"

# ---------------------------------------------------------------- how to decide

MODE_LABEL = "How to decide"
MODES = {BALANCED: "Balanced", FIND_MORE: "Find more", BE_SURE: "Be sure"}
MODE_NOTES = {
    BALANCED: f"A missed {FINDING} and a needless alert count alike.",
    FIND_MORE: "Misses fewest: finding counts four times as much as being right.",
    BE_SURE: (
        f"Alerts are right in at least {percent(SURE)} of cases, where the model can promise that."
    ),
}
MODE_TABLE = "What each finds and costs"
MODE_COLUMNS = (
    "Category",
    "Predicted from",
    f"Found, of 100 {FINDINGS}",
    "Wrong, of 100 alerts",
    "Unsure between",
    "Unsure, of 100",
    "Right where not unsure, of 100",
    "Promised of a no, and of a yes",
)
MODE_SOURCE = (
    f"Measured on {{rows:,}} training {TEXTS}, each answered by a model that had not seen it "
    "nor a repeat of it; in brackets the 95 % interval. An answer that is called unsure counts as "
    "an alert if it reaches the threshold. What is checked and recorded is always decided as "
    "Balanced, so that weeks can be compared; a category that is not attainable is counted from "
    "the threshold that would be its best."
)
NOT_ATTAINABLE = "not attainable"


def mode_rows(mode: ModeQuality) -> list[tuple[str, ...]]:
    """One mode's figures, a line per category, as :data:`MODE_COLUMNS` names them."""
    return [
        (
            each.category,
            at_threshold(each.threshold),
            NOT_ATTAINABLE if each.recall is None else _hundreds(each.recall),
            "–" if each.precision is None else _hundreds(_rest(each.precision)),
            band(each.low, each.high),
            f"{100 * (1 - each.decided.value):.0f}",
            "–" if each.accuracy is None else f"{100 * each.accuracy.value:.0f}",
            f"{_promised(each.right_no)}, {_promised(each.right_yes)}",
        )
        for each in mode.categories
    ]


def _promised(right: float | None) -> str:
    return "–" if right is None else f"{100 * right:.4g}"


def _rest(estimate: Estimate) -> Estimate:
    return Estimate(1 - estimate.value, 1 - estimate.high, 1 - estimate.low)


def _hundreds(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.0f} ({100 * estimate.low:.0f}–{100 * estimate.high:.0f})"


# ---------------------------------------------------------------- Why

WHY_TITLE = "Why"
WHY_CATEGORY = "Category to explain"
WHY_TEXT_LABEL = f"The {TEXT}, as the model read it"
RAISES, LOWERS, STARTS = "raises", "lowers", "before any word"
RAISES_SIGN, LOWERS_SIGN = "▲", "▼"
WHY_LEGEND_REST = "The deeper a letter’s colour, the more it counts. Unmarked words hardly count."
WHY_REPAIRED = (
    "The text was tidied before it was read: odd quotation marks, damaged or invisible signs. It "
    "is shown as the model read it."
)
WHY_NOTE = (
    "The bars add up to the score exactly; calibration then turns the score into the probability. "
    "“Without it” is the answer to the text without that word, counted anew: what a word adds "
    "cannot just be taken off, since the words of a shorter text count more. "
    "A word that the model does not know counts by its spelling alone, and a pair of words counts "
    f"with both. What a word weighs was learned from training {TEXTS}: it says what was "
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


def why_sentence(category: str, raised: Sequence[str], lowered: Sequence[str]) -> str:
    """What counted, in a sentence."""
    if raised and lowered:
        return f"{_and(raised)} raised {category} most; {_and(lowered)} lowered it."
    if raised:
        return f"{_and(raised)} raised {category} most; no word lowered it much."
    if lowered:
        return f"{_and(lowered)} lowered {category} most; no word raised it much."
    return f"No single word raised or lowered {category} much."


def why_chart_title(category: str, start: float, end: float, probability: float) -> str:
    """The finding of the bars: from where to where the words brought the score."""
    return (
        f"{category}: {amount(start)} before any word, {amount(end)} with all of them, "
        f"which means {percent(probability)}"
    )


def why_axis(category: str) -> str:
    """What a bar measures."""
    return f"Adds to the score of {category} (log-odds)"


def why_word(name: str, times: int) -> str:
    """A word, and how often it occurs if more than once."""
    return f"{shorten(name)} (×{times:,})" if times > 1 else shorten(name)


def other_words(words: int) -> str:
    """All the words that have no bar of their own."""
    return f"{words:,} other words" if words != 1 else "1 other word"


def without_it(probability: float) -> str:
    """What the answer would be without a word."""
    return f"without it: {percent(probability)}"


def why_alt(category: str, bars: Iterable[str], score: float) -> str:
    """The bars in words, for those who do not see them."""
    each = "; ".join(bars)
    return f"What adds to the score of {category}, in log-odds: {each}. Sum: {amount(score)}."


def raises(category: str) -> str:
    """What the first mark of the legend means."""
    return f"{RAISES} {category}"


def lowers(category: str) -> str:
    """What the second mark of the legend means."""
    return f"{LOWERS} it"


def _and(words: Sequence[str]) -> str:
    return " and ".join(f"“{shorten(each)}”" for each in words)

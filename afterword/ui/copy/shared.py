"""Every text of the pages, in one place: plain words, one voice, ready to be translated."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from afterword.drift.figures import from_to
from afterword.drift.wording import CHANGED, FAULTY, LEVEL_WORDS, STABLE, TOO_FEW
from afterword.measures.definitions import Measure
from afterword.model.answers import MOSTLY_UNKNOWN, NOT_ENGLISH, VERY_SHORT
from afterword.records import Batch, Scored

HELP_URL = "https://findahelpline.com"
EXIT_URL = "https://www.bbc.co.uk/weather"
EXIT_BUTTON = "Exit this page"
EXIT_HINT = "or press Shift three times"

UNEXPECTED = (
    "Something went wrong that should not, and nothing of what you entered was kept or logged. "
    "Reload the page and try again."
)

# ---------------------------------------------------------------- Classify

CLASSIFY_TITLE = "Classify"
CLASSIFY_LEAD = "Which forms of harassment does a description report?"
CONTENT_NOTE = (
    "**These descriptions can be distressing.** Your text is not stored: it is read, answered and "
    "forgotten; only numbers about it are counted. If this happened to you, "
    f"[find someone to talk to]({HELP_URL})."
)
TAB_ONE = "One description"
TAB_FILE = "A file at once"
TEXT_LABEL = "Description"
TEXT_PLACEHOLDER = "What happened, in the writer’s own words"
CLASSIFY_BUTTON = "Classify"
CLEAR_BUTTON = "Clear"
EXAMPLES_LABEL = "Or try an invented example"
EXAMPLES = (
    (
        "Remarks on a train",
        "Two boys on the train kept making comments about my dress and whistling at every stop.",
    ),
    (
        "Stared at",
        "A man on the bench opposite was staring at me and winking the whole time I waited.",
    ),
    (
        "Touched in a crowd",
        "In the crowd at the bus stop somebody touched my back and tried to grope me.",
    ),
    ("Another language", "Un señor me siguió desde la parada hasta la puerta de mi casa."),
)

ANSWER_WORDS = LIKELY, POSSIBLE, UNSURE = "likely", "possible", "unsure"
BELOW = "below its threshold"
NO_THRESHOLD = "not predicted when sure"
PROBABILITY = "Probability"
EMPTY_TEXT = (
    "There is nothing to classify: this is empty, or stands for nothing. "
    "Write or paste a description first."
)
DAMAGED_TEXT = (
    "This text cannot be read: too many of its characters are damaged. Copy it again from where "
    "it comes from."
)
HINT_NOTE = (
    "A hint for review, not a finding about anybody. The categories are independent: a description "
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
        "**This does not look like English.** The model learned from English descriptions only, "
        "so do not rely on this answer."
    ),
    MOSTLY_UNKNOWN: (
        "**Many of these words are unknown to the model.** It guesses from the rest, so do not "
        "rely on this answer."
    ),
}
UNSURE_ADVICE = "What to do when unsure: have a person read this description before it is counted."


def too_long(characters: int, limit: int) -> str:
    """Why an over-long description is not read."""
    return (
        f"This description has {characters:,} characters, and at most {limit:,} are read. "
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


def percent(share: float) -> str:
    """A share as a person reads it: "82 %"; never a certainty that nobody has."""
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}"[:-1] + " %"


def at_threshold(threshold: float | None) -> str:
    """A threshold between two whole per cent: the first per cent that reaches it, or "none"."""
    return "none" if threshold is None else percent(math.ceil(100 * threshold - 1e-9) / 100)


def confidence(category: str, probability: float, threshold: float | None) -> str:
    """One category's probability and threshold, in words."""
    return f"{category} {percent(probability)}, threshold {at_threshold(threshold)}"


def confidences(each: Iterable[str]) -> str:
    """All categories' probabilities, in words."""
    return f"Probabilities: {'; '.join(each)}"


# ---------------------------------------------------------------- files

LIMITS = "At most {rows:,} rows and {megabytes} MB. CSV, Excel, Parquet or JSON Lines."
FILE_PRIVACY = "The file stays in this session’s memory and is gone when you leave."
STILL_HERE = "The file that you chose before is still here."
REMOVE_FILE = "Remove it"
READING = "Reading the file…"
CHOOSE_COLUMN = "Column with the descriptions"
CLASSIFY_FILE_LABEL = "File with descriptions"
CLASSIFY_FILE_EMPTY = (
    "Every row comes back with the columns that it came with, and with a probability, a score, a "
    "decision and “unsure” for each category. Rows that cannot be read come back with the reason."
)
CANCEL_BUTTON = "Cancel"
CLOSE_BUTTON = "Close"
GONE_ALREADY = "That is gone already: somebody was faster, here or in another tab."
CANCELLED = "Cancelled. Nothing was kept; the file is still here."
DOWNLOAD_CSV = "Download CSV"
DOWNLOAD_PARQUET = "Download Parquet"
CSV_NOTE = (
    "In the CSV an apostrophe stands before cells that a spreadsheet would run as a formula; "
    "the Parquet file has them as they came."
)
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


# ---------------------------------------------------------------- Drift

DRIFT_TITLE = "Drift"
DRIFT_LEAD = "Do the inputs of the last days still look like those that the model was trained on?"
UPLOAD_LABEL = "Recent production inputs"
TEMPLATE_BUTTON = "Download a template"
CHOOSE_SAMPLE = "Choose a sample"
SAMPLE_LABEL = "Or choose a sample"
DRIFT_EMPTY = (
    "Upload recent production inputs, or choose a sample. You then see whether the inputs and the "
    "predictions have moved away from the training set, which of them, and Evidently’s reports. "
    "Without labels it also says how many reports are probably missed. If the file has a column of "
    "true labels for every category (1 or 0, gaps allowed), it says whether the answers got worse."
)
Colour = Literal["green", "orange", "red", "gray"]
LEVELS: dict[str, tuple[str, str, Colour]] = {
    STABLE: (":material/check_circle:", LEVEL_WORDS[STABLE], "green"),
    CHANGED: (":material/warning:", LEVEL_WORDS[CHANGED], "orange"),
    FAULTY: (":material/report:", LEVEL_WORDS[FAULTY], "red"),
    TOO_FEW: (":material/help:", LEVEL_WORDS[TOO_FEW], "gray"),
}
CHECKING = "Measuring every description…"
CARD_TOO_FEW = "Too few rows to tell."
DISTRIBUTION_ALT = "Bars of the share of rows at each value, training set beside this batch."
LEVEL_SENTENCES = {
    STABLE: "This batch looks like the training set.",
    CHANGED: "This batch no longer looks like the training set.",
    FAULTY: "Look upstream: this is probably not what people wrote.",
    TOO_FEW: "This batch is too small to tell.",
}
REJECTED_DOWNLOAD = "Download the rejected rows’ numbers and reasons"
VERDICT_TAB = "Verdict"
CHANGED_TAB = "What changed"
WORDS_TAB = "Words"
QUALITY_TAB = "How good"
READ_TAB = "What was read"
BESIDE = "beside"
CARD_TITLES = {
    "data": "Data drift",
    "prediction": "Prediction drift",
    "quality": "Answer quality",
    BESIDE: "Beside the columns",
}
CARD_SUBJECTS = {
    "data": "what goes in",
    "prediction": "what comes out",
    BESIDE: "what no column holds",
}
CARD_NOTES = {
    "data": "The descriptions, in numbers.",
    "prediction": "The model’s answers.",
    BESIDE: "Words, content, rates and the feed.",
}
WHAT_TO_DO = "What to do"
TRAINING_SET, THIS_BATCH = "Training set", "This batch"
SHARE_OF_ROWS = "Share of rows"
GROUPS = {
    "input": "Input",
    "output": "Output",
    "content": "Content",
    "feed": "Feed",
    "quality": "Quality",
}
DIRECTIONS = {"higher": "↑ higher", "lower": "↓ lower", "other spread": "↔ different spread"}
MOVED = "● moved"
MOVED_FAULT = "■ moved, feed"
COLUMN = "column"
MEASURE_COLUMNS = (
    "",
    "Measure",
    "Direction",
    "In training",
    "In this batch",
    "Distance",
    "Threshold",
    "Group",
    "Evidently",
)
MEASURES_ALT = "Every measure with distance, threshold and direction"
MEASURES_NONE = "No measure moved beyond chance"
MEASURES_TOO_FEW = "There are too few rows to compare measures."
MEASURES_NOTE = (
    "Each measure has a distance that suits it, and a threshold below which chance, or a change "
    "too small to matter, explains it. It has moved when its distance reaches its threshold. "
    "Those marked “column” are drawn by Evidently’s reports too; the others have no column."
)
WORDS_NONE = "No word changed beyond chance."
WORDS_TOO_FEW = "There are too few descriptions to compare words."
WORDS_NOTE = (
    "About one word in twenty of such a list is there by chance, and a listed word is no alarm by "
    "itself. Words that fewer than 5 descriptions hold, and words that may be a name or a number, "
    "are not shown. Odds count how often a description holds the word against how often not."
)
WORDS_ALT = "Every word that changed, with its shares of descriptions"
WORD_COLUMNS = ("Word", "Change", "In this batch", "In training")
WORD_NEW, WORD_MORE, WORD_LESS = "new", "↑ more frequent", "↓ less frequent"
DETECTABLE_TITLE = "How small a change could be seen"
DETECTABLE_COLUMNS = ("Category", "In training", "Must grow by", "To")
DETECTABLE_NOTE = (
    "The smallest growth that this number of descriptions shows in four of five cases. More "
    "descriptions show smaller changes."
)
NOT_TO_BE_SEEN = "cannot be seen"
DOWNLOAD_RESULT = "Download the result as JSON"
SAMPLES = {
    "ordinary-week": (
        "An ordinary week",
        "Scored rows without text, drawn from the reference: ordinary by construction.",
    ),
    "new-app-in-the-news": (
        "A new app is in the news",
        "Invented descriptions, a third of which name an app that training never saw.",
    ),
    "broken-export": (
        "A broken export",
        "Invented descriptions that were cut, with HTML entities and empty rows.",
    ),
    "many-more-of-one-category": (
        "Many more of one category",
        "Invented descriptions, most of which report staring.",
    ),
}
SCORED_SAMPLE = (
    "This sample is a file of scored rows, without text: numbers drawn from the reference, so "
    "that an ordinary week is ordinary. Invented text is not written by the people of the "
    "training set, and would drift."
)
SCORED_FILE = "A file of scored rows: numbers only, without text."


def rejected_sentence(rejections: Mapping[str, int]) -> str:
    """How many rows were rejected for which reason, the commonest first."""
    ordered = sorted(rejections.items(), key=lambda item: -item[1])
    return f"Rejected: {', '.join(f'{count:,} {reason}' for reason, count in ordered)}."


def with_rows(name: str, rows: int) -> str:
    """A side's name with its size."""
    return f"{name} ({rows:,} rows)"


def read_sentence(source: Batch | Scored) -> str:
    """How many rows were read, and from when."""
    rows, rejected = (
        (len(source.table), len(source.rejected))
        if isinstance(source, Batch)
        else (source.rows, source.rejected)
    )
    parts = f"{rows:,} rows read: {rows - rejected:,} accepted, {rejected:,} rejected"
    return f"{parts} ({percent(rejected / rows)})." if rejected else f"{parts}."


def period_sentence(scored: Scored) -> str:
    """When the batch is from, if it says."""
    period = _period(scored)
    if not period:
        return "The file has no column of times."
    return f"From {period}."


def window(scored: Scored) -> str:
    """How many descriptions were compared, and from when."""
    counted = f"{len(scored.frame):,} descriptions"
    period = _period(scored)
    return f"{counted}, {period}." if period else f"{counted}."


def _period(scored: Scored) -> str:
    """ "3 to 9 March 2025", with as little said twice as can be; "" if the file has no times."""
    if scored.period is None:
        return ""
    first, last = scored.period
    end = f"{last:%-d %B %Y}"
    if first.date() == last.date():
        return end
    start = "%-d %B %Y" if first.year != last.year else "%-d %B"
    if (first.year, first.month) == (last.year, last.month):
        start = "%-d"
    return f"{first:{start}} to {end}"


def columns_sentence(batch: Batch) -> str:
    """Which columns were recognised."""
    columns = batch.columns
    parts = [f"Descriptions: column “{_plain(columns.description)}”"]
    if columns.time:
        parts.append(f"time: “{_plain(columns.time)}”")
    if columns.predictions:
        parts.append(
            f"predictions of the deployed system: {', '.join(map(_plain, columns.predictions))}"
        )
    if columns.labels:
        parts.append(f"true labels: {', '.join(map(_plain, columns.labels))}")
    return "; ".join(parts) + "."


def agreement_sentence(share: float, rows: int) -> str:
    """How often the deployed system and this model agree."""
    return (
        f"The deployed system’s predictions agree with this model’s in {percent(share)} of "
        f"{rows:,} decisions."
    )


def card_sentence(kind: str, drifted: int, measures: int) -> str:
    """One card's verdict in plain words."""
    subject = CARD_SUBJECTS[kind]
    if drifted == 0:
        return f"None of the {measures} measures of {subject} moved."
    return f"{drifted} of {measures} measures of {subject} moved."


def moved_how(measure: Measure) -> str:
    """How a measure moved: "↑ higher: 4.6 → 5.8 letters"."""
    how = DIRECTIONS.get(measure.direction, "moved")
    values = from_to(measure)
    about = f"({measure.detail}) " if measure.detail else ""
    return f"{about}{how}: {values}" if values else f"{about}{how}"


def measures_title(drifted: int, measures: int) -> str:
    """The finding of the chart of all measures."""
    if not drifted:
        return MEASURES_NONE
    return f"{drifted} of {measures} measures moved beyond chance"


def more_measures(drifted: int) -> str:
    """That the chart has no place for everything that moved."""
    return f"{drifted} more moved less than these; the table has all."


def measures_table(measures: int) -> str:
    """What the table of measures hides behind."""
    return f"All {measures} measures as a table"


def words_sentence(new: int, more: int, less: int, alarm: bool) -> str:
    """How many words changed, and how."""
    total = new + more + less
    parts = [
        f"{count:,} {kind}"
        for count, kind in ((new, "new"), (more, "more frequent"), (less, "less frequent"))
        if count
    ]
    found = f"{total:,} word{'s' * (total != 1)} changed: {', '.join(parts)}."
    return found if alarm else f"{found} That is too little for an alarm."


def words_table(words: int) -> str:
    """What the table of words hides behind."""
    return f"All {words:,} words as a table" if words != 1 else "The word as a table"


def words_missing(labels: Sequence[str]) -> str:
    """Why words, and what else needs the texts, were not compared."""
    return (
        "This file of scored rows came without counts of words. "
        f"Not compared, for want of them: {', '.join(labels)}."
    )


def distribution_title(label: str, direction: str, drifted: bool) -> str:
    """The finding of the chart of the measure that moved most."""
    if not drifted:
        return f"{label} moved most, and not enough to count"
    moved = {"higher": "higher", "lower": "lower"}.get(direction, "spread differently")
    return f"{label}: {moved} than in training"


_LONGEST_NAME = 60


def _plain(name: str) -> str:
    """A file's own column name, cut where it is long."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"

"""Every text of the pages, in one place: plain words, one voice, ready to be translated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from afterword.schema import Batch, Scored
from afterword.scoring import MOSTLY_UNKNOWN, NOT_ENGLISH, VERY_SHORT

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
    f"forgotten. If this happened to you, [find someone to talk to]({HELP_URL})."
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
    "The upright line is the category’s threshold, chosen to balance missed reports against "
    "needless alerts. At or over it the category is predicted: “likely” from 50 % on, "
    "“possible” below. Within {margin} points of the threshold the answer is “unsure”."
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


def confidence(category: str, probability: float, threshold: float) -> str:
    """One category's probability and threshold, in words."""
    return f"{category} {percent(probability)}, threshold {percent(threshold)}"


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
    "Every row comes back with the columns that it came with, and with a probability, a decision "
    "and “unsure” for each category. Rows that cannot be read come back with the reason."
)
CANCEL_BUTTON = "Cancel"
CANCELLED = "Cancelled. Nothing was kept; the file is still here."
DOWNLOAD_CSV = "Download CSV"
DOWNLOAD_PARQUET = "Download Parquet"
CSV_NOTE = (
    "In the CSV an apostrophe stands before cells that a spreadsheet would run as a formula; "
    "the Parquet file has them as they came."
)
FILE_TABLE_ALT = "Every row with its probabilities and decisions"
TABLE_FILTER = "Rows to show"
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
    "predictions have moved away from the training set, which of them, and Evidently’s two reports."
)
NOT_CALIBRATED = "not yet calibrated"
NOT_CALIBRATED_HELP = (
    "**Not yet calibrated:** by theory, chance alone raises this alarm in at most 5 % of checks; "
    "that has not yet been confirmed on real batches. Small changes are seen late."
)
Colour = Literal["green", "orange", "red", "gray"]
LEVELS: dict[str, tuple[str, str, Colour]] = {
    "stable": (":material/check_circle:", "Stable", "green"),
    "changed": (":material/error:", "Changed", "orange"),
    "too_few": (":material/help:", "Not enough data", "gray"),
}
CHECKING = "Measuring every description…"
CARD_TOO_FEW = "Too few rows to tell."
DISTRIBUTION_ALT = "Bars of the share of rows at each value, training set beside this batch."
LEVEL_SENTENCES = {
    "stable": "This batch looks like the training set.",
    "changed": "This batch no longer looks like the training set.",
    "too_few": "This batch is too small to tell.",
}
REPORTS_TOO_FEW = "There are too few usable rows for a report."
READ_TITLE = "What was read"
REJECTED_DOWNLOAD = "Download the rejected rows’ numbers and reasons"
CARD_TITLES = {"data": "Data drift", "prediction": "Prediction drift"}
CARD_SUBJECTS = {"data": "what goes in", "prediction": "what comes out"}
WHAT_TO_DO = "What to do"
TRAINING_SET, THIS_BATCH = "Training set", "This batch"
SHARE_OF_ROWS = "Share of rows"
GROUPS = {"input": "Input", "output": "Output", "feed": "Feed"}
DIRECTIONS = {"higher": "↑ higher", "lower": "↓ lower", "other spread": "↔ different spread"}
MOVED = "● moved"
MEASURE_COLUMNS = (
    "",
    "Measure",
    "Direction",
    "In training",
    "In this batch",
    "Distance",
    "Threshold",
    "Group",
)
MEASURES_ALT = "Every measure with distance, threshold and direction"
MEASURES_TITLE = "Every measure"
MEASURES_NOTE = (
    "Distance: the largest gap between the two distributions, from 0 (the same) to 1 (nothing in "
    "common). A measure has moved when its distance reaches its threshold."
)
REPORTS_TITLE = "Evidently reports"
REPORTS_NOTE = (
    "The same decisions, column by column, in Evidently’s own charts. They hold numbers only and "
    "no text, so they can be shown to anyone. “Detected” is their word for moved; their dataset "
    "threshold of 0.01 is the share of columns that suffices for it: a single one. Making one "
    "takes some seconds."
)
REPORT_BUTTONS = {
    "data": "Make the data drift report",
    "prediction": "Make the prediction drift report",
}
REPORT_SPINNER = "Evidently is drawing…"
REPORT_ALT = {
    "data": "Evidently report: data drift over the descriptors",
    "prediction": "Evidently report: prediction drift over the categories’ probabilities",
}
DOWNLOAD_HTML = "Download HTML"
DOWNLOAD_JSON = "Download JSON"
DOWNLOAD_RESULT = "Download the result as JSON"
REPORT_GONE = "The report is no longer kept here. Make it again."
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
    if scored.period is None:
        return "The file has no column of times."
    first, last = (f"{moment:%-d %B %Y}" for moment in scored.period)
    return f"From {first} to {last}." if first != last else f"From {first}."


def columns_sentence(batch: Batch) -> str:
    """Which columns were recognised."""
    columns = batch.columns
    parts = [f"Descriptions: column “{_plain(columns.description)}”"]
    if columns.time:
        parts.append(f"time: “{_plain(columns.time)}”")
    if columns.predictions:
        parts.append(f"predictions of the deployed system: {', '.join(columns.predictions)}")
    if columns.labels:
        parts.append(f"true labels: {', '.join(columns.labels)}")
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


def distribution_title(label: str, direction: str, drifted: bool) -> str:
    """The finding of the chart of the measure that moved most."""
    if not drifted:
        return f"{label} moved most, and not enough to count"
    moved = {"higher": "higher", "lower": "lower"}.get(direction, "spread differently")
    return f"{label}: {moved} than in training"


def _plain(name: str) -> str:
    """A file's own column name, safe inside Markdown."""
    kept = "".join(sign if sign.isalnum() or sign in " _-./" else "·" for sign in str(name))
    return kept[:60]

"""The texts of the page Drift: a file is checked, and each tab says what of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from afterword.deployment import A_TEXT, FINDINGS, TEXT, TEXTS
from afterword.drift.figures import from_to
from afterword.drift.wording import CHANGED, FAULTY, STABLE, TOO_FEW
from afterword.measures.definitions import Measure
from afterword.measures.profiles import Profile
from afterword.model.evaluation import Estimate
from afterword.model.scored import Scored
from afterword.quality.expected import CategoryEstimate
from afterword.quality.findings import Quality
from afterword.quality.labelled import ALL
from afterword.quality.verdict import FELL, HELD, OPEN
from afterword.records import Batch
from afterword.reports.wording import days
from afterword.ui.copy.shared import percent

TITLE = "Drift"
LEAD = "Do the inputs of the last days still look like those that the model was trained on?"
UPLOAD_LABEL = "Recent production inputs"
TEMPLATE_BUTTON = "Download a template"
CHOOSE_SAMPLE = "Choose a sample"
SAMPLE_LABEL = "Or choose a sample"
DRIFT_EMPTY = (
    "Upload recent production inputs, or choose a sample. You then see whether the inputs and the "
    "predictions have moved away from the training set, which of them, and Evidently’s reports. "
    f"Without labels it also says how many {FINDINGS} are probably missed. If the file has a "
    "column of true labels for every category (1 or 0, gaps allowed), it says whether the answers "
    "got worse."
)
CHECKING = f"Measuring every {TEXT}…"
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
    BESIDE: "words, content, rates and the feed",
}
CARD_NOTES = {
    "data": f"The {TEXTS}, in numbers.",
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
WORDS_TOO_FEW = f"There are too few {TEXTS} to compare words."
WORDS_NOTE = (
    "About one word in twenty of such a list is there by chance, and a listed word is no alarm by "
    f"itself. Words that fewer than 5 {TEXTS} hold, and words that may be a name or a number, "
    f"are not shown. Odds count how often {A_TEXT} holds the word against how often not."
)
WORDS_ALT = f"Every word that changed, with its shares of {TEXTS}"
WORD_COLUMNS = ("Word", "Change", "In this batch", "In training")
WORD_NEW, WORD_MORE, WORD_LESS = "new", "↑ more frequent", "↓ less frequent"
DETECTABLE_TITLE = "How small a change could be seen"
DETECTABLE_COLUMNS = ("Category", "In training", "Must grow by", "To")
DETECTABLE_NOTE = (
    f"The smallest growth that this number of {TEXTS} shows in four of five cases. More "
    f"{TEXTS} show smaller changes."
)
NOT_TO_BE_SEEN = "cannot be seen"
DOWNLOAD_PAGE = "Download one page"
DOWNLOAD_RESULT = "Download the result as JSON"
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


def period_sentence(profile: Profile) -> str:
    """When the batch is from, if it says."""
    period = _period(profile)
    if not period:
        return "The file has no column of times."
    return f"From {period}."


def window(profile: Profile) -> str:
    """How many descriptions were compared, and from when."""
    counted = f"{profile.accepted:,} {TEXTS}"
    period = _period(profile)
    return f"{counted}, {period}." if period else f"{counted}."


def _period(profile: Profile) -> str:
    """From which days it is; "" if the file has no times."""
    return days(*profile.period) if profile.period else ""


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


# ---------------------------------------------------------------- how good the answers are

OWN_ANSWERS = (
    "The columns called like the categories look like the model’s own answers: they agree with "
    "its decisions as people’s labels never do. So they were not taken for true labels."
)

QUALITY_TITLES = {
    FELL: "The answers got worse",
    HELD: "No fall of five points in the answers",
    OPEN: "No fall in quality was shown",
}
ESTIMATE_TITLE = "How good the answers are, without labels"
NOT_KNOWN = "This check does not say how good the answers are."
WITHHELD = "Not estimated"
ALL_FIGURES = "All figures of quality"
FIGURES_ALT = "Every figure of quality with its interval"
FIGURE_COLUMNS = (
    "Figure",
    "In this batch, by labels",
    "In training",
    "Expected without labels",
    "Smallest fall that would be seen",
)
ESTIMATE_COLUMNS = ("Figure", "Expected in this batch")
FIGURES_NOTE = (
    "In brackets the 95 % interval as figures of where the batch comes from. “Expected” is what "
    f"the probabilities say without looking at the labels. “In training”: each {TEXT} answered "
    "by a model that had not seen it, though perhaps a repeat of it, as in service. A recall or F1 "
    f"needs at least 10 {TEXTS} with the category among the labelled ones. A decision is the "
    f"yes or no to one category for one {TEXT}. The smallest fall is the one that so many labels "
    "would show in four batches of five. Decided as Balanced."
)
ESTIMATE_NOTE = (
    "Worked out from the calibrated probabilities, with 95 % intervals that hold the chance of "
    "labels, of the calibration and of a changed mix. It holds as long as labels mean what they "
    "meant in training: only labels can show that. Decided as Balanced."
)


def drawn(quality: Quality) -> set[tuple[str, str]]:
    """Which figures the chart shows."""
    scopes = {one.scope for one in quality.figures} - {ALL}
    return {(ALL, "accuracy"), (ALL, "micro_f1")} | {
        (scope, name) for scope in scopes for name in ("precision", "recall")
    }


def labelled_note(quality: Quality) -> str:
    """On how many rows the figures rest, and how these were chosen."""
    if quality.labelled == quality.rows:
        how = "all of them labelled"
    elif quality.drawn:
        how = f"{quality.labelled:,} of them labelled, chosen by a review and weighed accordingly"
    else:
        how = (
            f"{quality.labelled:,} of them labelled; the file does not say how these were chosen, "
            "so they count as chosen at random"
        )
    partly = (
        f" {quality.incomplete:,} more have labels of some categories only and do not count."
        if quality.incomplete
        else ""
    )
    return (
        f"{quality.rows:,} {TEXTS}, {how}.{partly} Intervals are about where the batch comes "
        "from; those on Review are about this batch alone, and narrower."
    )


def share(value: float) -> str:
    """A share with one decimal; "–" where there is none."""
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def with_interval(value: float, low: float, high: float) -> str:
    """A share with its interval."""
    return f"{share(value)} ({100 * low:.1f}–{100 * high:.1f})"


def about(missed: float, reports: float) -> str:
    """How many of how many reports are expected to be missed."""
    return f"≈ {missed:,.0f} of {reports:,.0f}"


def missed_label(category: str) -> str:
    """What a number of missed reports is called."""
    return f"{category}, {FINDINGS} missed (expected)"


def missed_help(one: CategoryEstimate) -> str:
    """How many of how many reports are missed."""
    return (
        f"Expected: {one.reports.value:,.0f} {TEXTS} with {one.category}, "
        f"{one.missed.value:,.0f} of them below the threshold "
        f"(95 % interval {_range(one.missed)})."
    )


def _range(one: Estimate) -> str:
    return f"{max(one.low, 0):,.0f}–{one.high:,.0f}"

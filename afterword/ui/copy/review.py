"""The texts of the page Review."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from afterword.deployment import FINDINGS, TEXT, TEXTS, WORDS
from afterword.quality.estimates import Assessed
from afterword.quality.labelling import Labelling
from afterword.quality.review import LEAST, Assessment, Level
from afterword.quality.reviewers import Agreement
from afterword.settings import PROGRAM
from afterword.store.open_reviews import KEPT_S
from afterword.ui.copy.shared import EXIT_BUTTON, EXIT_URL, Colour, interval, percent

TITLE = "Review"
LEAD = "How often is the model right on what comes in now? Label a sample of a batch, and see."
_CARE = WORDS.care
_HELP = f"[{_CARE.help_text}]({_CARE.help_url})" if _CARE.help_url else ""
_HIDDEN = (
    "Each stays hidden until you ask for it: the text is not even in your browser before."
    if _CARE.note
    else f"Each {TEXT} stays hidden until you ask for it, not even in your browser before."
)
CONTENT_NOTE = (
    (f"**{_CARE.note}** " if _CARE.note else "")
    + f"{_HIDDEN} Take breaks, stop at any time."
    + (f" If it touches something of your own, {_HELP}." if _HELP else "")
)
SHORT_NOTE = (f"{_CARE.note} " if _CARE.note else "") + (
    f"Stop at any time; {_HELP}." if _HELP else "Stop at any time."
)
NOTE_ICON = ":material/favorite:" if _CARE.note or _HELP else ":material/info:"
EMPTY = (
    f"Nothing to review yet. Check a file with {TEXTS} on the page Drift first; a sample of "
    "its rows can then be labelled here."
)
GO_TO_DRIFT = "Check a batch on Drift"
NUMBERS_ONLY = (
    "The batch that you checked holds numbers only and no text, so there is nothing that a person "
    f"could read and label. Check a file with {TEXTS} on the page Drift."
)
NO_ROWS = (
    f"The batch that you checked has no usable {TEXT}, so there is nothing to label. "
    "Check another file on the page Drift."
)
DRIFT_LINK = "Have a sample labelled"

START_TITLE = "Before you start"
COUNT_LABEL = "Rows to label"
START_BUTTON = "Start labelling"
RATING = "Choosing the rows…"
HOW_CHOSEN = (
    "The rows are drawn at random: every row of the batch has the same chance. The model’s own "
    "answers are not shown before yours: they would sway you."
)
SECOND_HINT = (
    "A second person who checks the same file and asks for the same number gets the same rows."
)
FEWEST_ROWS, MOST_ROWS, USUAL_ROWS = LEAST, 500, 100

STOP_BUTTON = "Stop and see the result"
GO_ON_BUTTON = "Go on labelling"
FORGET_BUTTON = "Forget this review"
FORGET_ASK = "Forget this review?"
FORGOTTEN = (
    "Forgotten: the texts and labels of this review are gone. A file that you chose on the page "
    "Drift stays until you remove it there."
)
RESUMED = "Welcome back. The review goes on where you left it."
GONE = (
    "The review of this browser tab is no longer kept. Check the batch on the page Drift again to "
    "begin anew."
)
_ENDED = (
    "The texts and labels of this review are gone: {minutes} minutes have passed since your last "
    "step, or it was forgotten in another tab. You can begin anew with the same batch."
)
ENDED = _ENDED.format(minutes=KEPT_S // 60)
OTHER_BATCH = (
    "You have checked another batch since. This review is of the one before; forget it to review "
    "the new one. Download its labels first."
)
_KEPT = (
    "Texts and labels stay in the server’s memory until {minutes} minutes after your last step, "
    "also if this page is loaded again in this browser tab; nobody else can open them. “Forget "
    "this review” removes them at once{leaving}."
)
KEPT_NOTE = _KEPT.format(
    minutes=KEPT_S // 60,
    leaving=f", and leaving by “{EXIT_BUTTON}” makes this tab forget its way back to them"
    if EXIT_URL
    else "",
)

RESULT_TITLE = "What the labels say"
TOO_FEW_LABELS = "Label at least {fewest} rows to see a first figure; {labelled} are labelled."
SKIPPED = (
    "{skipped} skipped. The figures take them for rows like the others; if you skipped what was "
    "hard to decide, quality is lower than shown."
)
REVIEW_LEVELS: Final[Mapping[Level, tuple[str, str, Colour]]] = {
    "held": (":material/check_circle:", "Quality held", "green"),
    "fell": (":material/warning:", "Quality fell", "orange"),
    "open": (":material/help:", "Not enough to tell", "gray"),
}
INTERVAL_NOTE = (
    f"A decision is the model’s yes or no to one category for one {TEXT}; it is right where it "
    "agrees with the label. An interval of 95 % holds the value of the whole batch in 19 of 20 "
    "batches. The diamond is the value in training, measured on texts that the model had not seen."
)
MISSED = f"missed {FINDINGS}"
MEANINGS = (
    "**Precision**: of the rows given a category, the share that has it. **Recall**: of the rows "
    f"that have it, the share that was given it. **F1** joins both. **Missed {FINDINGS}**: rows of "
    "the batch that have the category and were not given it."
)
TABLE_TITLE = "All figures as a table"
TABLE_ALT = "Every figure with its interval, its value in training, and why some are withheld"
TABLE_COLUMNS = ("Figure", "This batch", "95 % interval", "In training", "Withheld because")

LABELS_TITLE = "Take the labels with you"
LABELS_NOTE = (
    f"One file with every row of the batch: its number, the {TEXT}, and your labels where you "
    f"gave them. Check it on Drift, or train with it: `{PROGRAM} check FILE`, "
    f"`{PROGRAM} train --data FOLDER`, where the folder holds the training data beside it."
)
DOWNLOAD_CSV, DOWNLOAD_PARQUET = "Download labels (CSV)", "Download labels (Parquet)"

SECOND_TITLE = "Two people, the same rows"
SECOND_NOTE = (
    "Choose the labels that another person downloaded here for the same batch. You see how far "
    "you agree, and on which rows you do not."
)
SECOND_LABEL = "The other person’s labels"
SECOND_NUMBERS = "This file holds numbers only; choose a file of labels that this page wrote."
NONE_SHARED = "No row was labelled by both of you."
AGREEMENT_COLUMNS = ("Category", "Same label", "Cohen’s κ", "95 % interval", "In words")
AGREEMENT_ALT = "Agreement of two people per category, with Cohen’s kappa and its interval"
AGREEMENT_NOTE = (
    "Cohen’s κ is agreement beyond chance: 1 is perfect, 0 is what chance gives. It is about the "
    "rows that you both labelled. The words are those of Landis & Koch (1977)."
)
DOWNLOAD_DIFFERENCES = "Download the rows on which you differ"
_LANDIS_KOCH = (
    (0.8, "almost perfect"),
    (0.6, "substantial"),
    (0.4, "moderate"),
    (0.2, "fair"),
    (0.0, "slight"),
)


def labels_needed(needed: int | None, rows: int) -> str:
    """How many labels tell a fall of five points from chance."""
    if needed is None:
        return (
            f"This batch has {rows:,} rows: even if you label all of them, a fall of 5 points "
            "(say, from 83 % to 78 % of decisions right) cannot be told from chance for sure. A "
            "larger fall can."
        )
    return (
        f"About {needed:,} labels tell a fall of 5 points (say, from 83 % to 78 % of decisions "
        "right) from chance, in four of five cases. With fewer, only a larger fall can be seen."
    )


def progress(review: Labelling) -> str:
    """How far the person is: "12 of 100 labelled"."""
    return f"{len(review.answers):,} of {len(review.queue):,} labelled"


def review_goes(review: Labelling) -> str:
    """What is forgotten with a review."""
    labelled, rows = len(review.answers), len(review.queue)
    texts = f"the texts of {rows:,} {TEXTS} go from memory, and nothing brings them back."
    file = "The file that you chose on the page Drift stays."
    if not labelled:
        return f"You have given no label yet; {texts} {file}"
    labels = f"{labelled:,} label{'s' * (labelled != 1)}"
    return (
        f"{labels} that you gave and {texts} To keep the labels, cancel, press “{STOP_BUTTON}” "
        f"and download them. {file}"
    )


def card_words(review: Labelling) -> dict[str, str]:
    """The words of the card."""
    most = min(len(review.categories), 9)
    digits = "1" if most == 1 else f"1 to {most}"
    return {
        "where": f"{TEXT.capitalize()} {review.place + 1:,} of {len(review.queue):,}",
        "row": f"{progress(review)}; row {review.row:,} of the file",
        "progress": progress(review),
        "text": TEXT.capitalize(),
        "show": "Show the text",
        "show_key": "Space",
        "question": WORDS.label_question,
        "none": "None of these",
        "back": "Back",
        "skip": "Skip",
        "save": "Save and next",
        "keep": "Show every text at once",
        "use_keys": "Use keys",
        "keys": (
            f"Keys: Space shows the text, {digits} switch a category, 0 is none of them, Enter "
            "saves, ← goes back to change an answer and → forward again, S skips."
        ),
        "said": f"{TEXT.capitalize()} {review.place + 1:,} is next.",
        "show_first": "Show the text first.",
        "choose_first": "Choose a category, or “None of these”.",
    }


def figure(one: Assessed, *, rows: bool = False) -> str:
    """A figure as a person reads it, "–" if it is withheld."""
    if one.withheld or math.isnan(one.value):
        return "–"
    return f"about {one.value:,.0f} rows" if rows else percent(one.value)


def result(found: Assessment) -> str:
    """The result in a sentence."""
    one = found.accuracy
    if one.withheld:
        return f"Not enough labels for a figure. {one.withheld}"
    answers = f"Of the model’s answers to these {found.rows:,} {TEXTS}"
    if found.labelled == found.rows:
        return f"{answers}, {percent(one.value)} are right; all of them are labelled."
    return (
        f"{answers}, about {percent(one.value)} are right (95 % interval {interval(one)}); "
        f"{found.labelled:,} of them are labelled."
    )


def withheld(names: Sequence[str]) -> str:
    """Which figures the chart leaves out."""
    return f"Withheld, for too few labels of their kind: {', '.join(names)}. The table says why."


def kappa_words(one: Agreement) -> str:
    """Agreement in words, after Landis & Koch (1977)."""
    if one.withheld:
        return one.withheld
    return next((word for least, word in _LANDIS_KOCH if one.kappa > least), "poor")


def agreed(rows: int, differing: int) -> str:
    """How many rows were compared, and on how many people differ."""
    if not rows:
        return NONE_SHARED
    return (
        f"{rows:,} row{'s' * (rows != 1)} labelled by both of you: the same labels on "
        f"{rows - differing:,}, different ones on {differing:,}."
    )

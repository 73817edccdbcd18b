"""What reports say to people: the page to mail, notes of Evidently's reports, and refusals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from afterword.deployment import TEXT, TEXTS

# ---------------------------------------------------------------- one page

NUMBERS_ONLY: Final = f"Numbers only; no {TEXT} is in this page."
PARTS: Final = "Part by part"
WHY: Final = "Why"
REMARKS: Final = "What changed in the writing"
ACTIONS: Final = "What to do"
NOT_COMPARED: Final = "Not compared"
WITHOUT_LABELS: Final = "How good the answers are, without labels"
QUALITY_COLUMNS: Final = (
    "Of 100",
    "By labels, 95 % interval",
    "In training",
    "Smallest fall that would be seen",
)
CHANGED_WORDS: Final = "Words that changed"
WORD_COLUMNS: Final = ("Word", f"In how many {TEXTS}")
EVERY_MEASURE: Final = "Every measure, what moved most first"
MEASURE_COLUMNS: Final = (
    "",
    "Measure",
    "Direction",
    "Training → these",
    "Distance",
    "Threshold",
)
MOVED: Final = "● moved"


def checked(moment: str) -> str:
    """When a check was made."""
    return f"Checked {moment} UTC"


def inputs_of(first: str, last: str) -> str:
    """Of which days the rows of a check are."""
    return f"inputs of {first} to {last}"


def rows(accepted: int, rejected: int) -> str:
    """How many rows were compared, and how many rejected."""
    return f"{accepted:,} {TEXTS}" + f", {rejected:,} rejected" * bool(rejected)


def need_texts(measures: Iterable[str]) -> str:
    """Which measures a check of the store does not have."""
    return f"These measures need the texts, which are not stored: {', '.join(measures)}."


def labelled(count: int, of: int) -> str:
    """How many rows say how good the answers are."""
    return f"How good the answers are: {count:,} of {of:,} labelled"


def more(count: int) -> str:
    """How many words are not shown."""
    return f"And {count:,} more."


# ---------------------------------------------------------------- Evidently's reports

SHUFFLED: Final = 'Numbers only. The rows are shuffled: along an axis "Index", order means nothing.'
KS: Final = "Kolmogorov-Smirnov distance"
MEANS: Final = "difference of means, in standard deviations"
SHARES: Final = "difference of shares above 0, Cohen's h"
RISING_SHARES: Final = "rise of the share above 0, Cohen's h"
NO_THRESHOLD: Final = "the check set no threshold for it"
NO_QUALITY: Final = "Evidently cannot draw the quality of this batch; the table has it."
NO_RESULT: Final = (
    "A report shows the result of a check: call afterword.report(afterword.check(...))."
)
NO_ROWS: Final = (
    "There are no rows to draw a report from: the profile was loaded, or joined with one that was, "
    "or made with drawn=0. Check the files themselves, or a profile of them that is still in "
    "memory."
)
NO_EVIDENTLY: Final = (
    "Evidently cannot be loaded: install the versions that belong to Afterword, which its "
    "requirements.txt lists."
)
ABOUT_WORKSPACE: Final = "Checks, written from Afterword’s store, which stays the one truth."


def unknown_kind(kind: str) -> str:
    """That there is no report of that kind."""
    return f'A report shows "data", "prediction" or "quality", not {kind!r}.'


def nothing_to_draw(kind: str) -> str:
    """That no column can be drawn."""
    return (
        f"There is nothing to draw in a {kind} report: the batch has too few rows, or no measure "
        f"with usable numbers. Collect more {TEXTS} and check again."
    )


def no_task(least: int) -> str:
    """That no category can be drawn."""
    return (
        f"There is nothing to draw in a quality report: it needs at least {least} rows with "
        "labels, some with and some without a category."
    )


def left_out(name: str, reason: str) -> str:
    """That a column is not drawn, and why."""
    return f"{name} is left out: {reason}."


def not_drawn(name: str) -> str:
    """That Evidently failed on a column."""
    return left_out(name, "its values cannot be drawn")


def infinite(side: str) -> str:
    """That a column has infinite values; a reason."""
    return f"the {side} has infinite values"


def no_values(side: str) -> str:
    """That a column has no values; a reason."""
    return f"the {side} has no values"


def all_alike(category: str) -> str:
    """That a category's labels are all the same."""
    return left_out(category, "all labels say the same, so there is nothing to tell apart")


def alike(rows: int, labelled: int) -> str:
    """That the rows with labels count alike, though they were not chosen alike."""
    return (
        f"Of {rows:,} rows, the {labelled:,} with labels are drawn here, each counted alike; the "
        "figures above weigh them by how likely they were chosen."
    )


def sampled(drawn: int, rows: int) -> str:
    """From which rows a report is drawn, where there were more.

    >>> sampled(20_000, 1_000_000)[:75]
    'Drawn from 20,000 rows, chosen at random from the 1,000,000 that were check'
    """
    return (
        f"Drawn from {drawn:,} rows, chosen at random from the {rows:,} that were checked; scores "
        "and decisions are those of all rows."
    )


def moved_beside(labels: Iterable[str]) -> str:
    """What moved and is no column."""
    return f"Moved as well, and no column, so not drawn here: {', '.join(labels)}."


def means_are_no_shares(shares: Iterable[str]) -> str:
    """That a mean probability is no share, and what the shares are."""
    title, *lines = shares
    return (
        "A mean probability is not the share of those who report a category. "
        f"{title} {'; '.join(lines).rstrip('.')}."
    )


def f1_above(category: str, least: float) -> str:
    """What is tested of a category."""
    return f"F1 of {category} above {least:.3f}"


def drift(kind: str, level: str) -> str:
    """What a report is called in a workspace."""
    return f"{kind.capitalize()} drift: {level.replace('_', ' ')}"


def unwritable(folder: object, reason: str | None) -> str:
    """That a folder cannot be written."""
    return f"{folder} cannot be written: {reason}."

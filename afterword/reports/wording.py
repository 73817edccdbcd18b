"""What reports say to people: the page to mail, notes of Evidently's reports, and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from afterword.deployment import TEXT, TEXTS

# ---------------------------------------------------------------- whose check it is


def stream(name: str) -> str:
    """Of which feed a check is."""
    return f"Stream “{name}”"


def part(label: str) -> str:
    """Of which part alone a report is."""
    return f"the part {label} alone"


def number(number: int | None, *, trial: bool, sample: bool) -> str:
    """Which check of the store it is, and what it does not stand for."""
    marks = [", a trial that counts nowhere"] * trial + [", of the invented samples"] * sample
    told = f"check no. {number}" if number is not None else "check" * bool(marks)
    return told + "".join(marks)


def model(version: str) -> str:
    """Which model classified; a version as people compare it."""
    return f"model {version[:12]}"


def days(first: datetime, last: datetime) -> str:
    """From which days rows are, with as little said twice as can be.

    >>> days(datetime(2025, 3, 3), datetime(2025, 3, 9))
    '3 to 9 March 2025'
    """
    end = f"{last:%-d %B %Y}"
    if first.date() == last.date():
        return end
    start = "%-d %B %Y" if first.year != last.year else "%-d %B"
    if (first.year, first.month) == (last.year, last.month):
        start = "%-d"
    return f"{first:{start}} to {end}"


def checked(moment: str) -> str:
    """When a check was made."""
    return f"checked {moment} UTC"


def rows(accepted: int, rejected: int) -> str:
    """How many rows were compared, and how many rejected."""
    return f"{accepted:,} {TEXTS if accepted != 1 else TEXT}" + f", {rejected:,} rejected" * bool(
        rejected
    )


def title(name: str, of: str, level: str) -> str:
    """The title of a file; of what it is, if that is known."""
    return f"{name} – {of}: {level}" if of else f"{name}: {level}"


# ---------------------------------------------------------------- one page

CHECK: Final = "Check"
NUMBERS_ONLY: Final = f"Numbers only; no {TEXT} is in this page."
PARTS: Final = "Part by part"
WHY: Final = "Why"
REMARKS: Final = "What changed in the writing"
ACTIONS: Final = "What to do"
NOT_READ: Final = "What was not read"
NOT_COMPARED: Final = "There are too few rows to compare anything; only the feed was judged."
ALL_READ: Final = "No row was rejected."
LIMITS: Final = "How sure this is"
WITHOUT_LABELS: Final = "How good the answers are, without labels"
QUALITY_COLUMNS: Final = (
    "Of 100 (F1 is precision and recall in one)",
    "By labels, 95 % interval",
    "In training",
    "Smallest fall that would be seen",
)
CHANGED_WORDS: Final = "Words that changed"
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
THRESHOLD_LINE: Final = (
    "Training → these. The upright line is the threshold, beyond chance and large enough to "
    "matter; ◆ moved, ■ moved and points at the feed, ○ within chance."
)
SHARE_LINE: Final = (
    "The mark is the estimate, the line its 95 % interval, the upright the share in training."
)


def need_texts(measures: Iterable[str]) -> str:
    """Which measures a check of the store does not have."""
    return f"These measures need the texts, which are not stored: {', '.join(measures)}."


def rejected(rejections: Mapping[str, int]) -> str:
    """How many rows were rejected for which reason, the commonest first."""
    ordered = sorted(rejections.items(), key=lambda item: -item[1])
    told = ", ".join(f"{count:,} {reason}" for reason, count in ordered if count)
    return f"Rejected rows: {told}."


def half_labelled(count: int) -> str:
    """How many rows have labels of some categories only."""
    return f"Rows with labels of some categories only, which do not count as labelled: {count:,}."


def small_parts(count: int) -> str:
    """How many parts are too small to be judged."""
    return f"Parts with too few {TEXTS} to be judged: {count:,}."


def labelled(count: int, of: int) -> str:
    """How many rows say how good the answers are."""
    return f"How good the answers are: {count:,} of {of:,} labelled"


def figure(category: str, name: str) -> str:
    """What a figure of a category is called where there is little room; "" of all others."""
    return {
        "f1": f"F1 of {category}",
        "missing": f"Labels of {category} that are missing",
        "added": f"Others that are labelled {category}",
    }.get(name, "")


def moved_title(moved: int, of: int, first: str, excess: float) -> str:
    """What the picture of the measures finds.

    >>> moved_title(0, 53, "Confidence", 0.84)
    'None of 53 measures reached its threshold; the nearest is “Confidence”, at 0.84 of it'
    """
    if not moved:
        return (
            f"None of {of} measures reached its threshold; the nearest is “{first}”, at "
            f"{min(excess, 0.99):.2f} of it"
        )
    return f"{moved} of {of} measures moved; furthest “{first}”, {times(excess)} its threshold"


def times(excess: float) -> str:
    """A distance in thresholds.

    >>> times(3.24), times(12.7), times(0.9967)
    ('3.2 ×', '13 ×', '0.99 ×')
    """
    if excess < 1:
        return f"{min(excess, 0.99):.2f} ×"
    return f"{excess:.1f} ×" if excess < 10 else f"{excess:,.0f} ×"


def more_moved(count: int) -> str:
    """That the picture has no place for all that moved."""
    return f"{count} more moved less than these."


def more_on_screen(count: int) -> str:
    """That paper shows less than the file holds."""
    return f"And {count:,} more, which the file shows on a screen."


def word(term: str, shares: str) -> str:
    """A word that changed, in a list."""
    return f"{term}: {shares}"


def more(count: int) -> str:
    """How many words are not shown."""
    return f"And {count:,} more."


def read_at(address: str) -> str:
    """Where a check can be read whole."""
    return f"The whole check: {address}"


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

"""What streams say to people: what of a period is counted, and what is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

from afterword.deployment import TEXT, TEXTS

IN_BINS: Final = (
    f"Of {TEXTS} that were recorded, values are known in a few wide bins, and not which of them "
    "stood together, so that typical values and intervals differ a little."
)
COPIES_APART: Final = (
    f"Copies of one {TEXT} are known among {TEXTS} that one server answered around the same time; "
    "those that came later, or to another server, count as different."
)


def waiting(count: int, recorded: int) -> str:
    """That something of the days is not in their sum."""
    return (
        f"{count:,} of the {recorded:,} {TEXTS} of these days are not counted in this check: they "
        "wait until 20 different ones are there, were counted with a later day, or waited when a "
        "server ended."
    )


def of_days_before(count: int) -> str:
    """That something of the days before is in the sum."""
    return f"{count:,} {TEXTS} of days before these, which had waited for others, are counted too."


def too_many(most: int) -> str:
    """How many rows a check of the store takes."""
    return f"More than {most:,} {TEXTS} were recorded in this time: check fewer days."


# ---------------------------------------------------------------- periods

PERIOD: Final = "Name a period as a day (2026-11-29), a week (2026-W47) or a month (2026-11)."
NO_DAY: Final = "Name a day as year-month-day, like 2026-11-29."
NO_STRETCH: Final = "The last day comes before the first, or more than ten years after it."


# ---------------------------------------------------------------- files that are added

NOT_RECORDING: Final = (
    "Recording is switched off (AFTERWORD_RECORDING), so nothing can be added to a stream."
)
DAY_OR_PERIOD: Final = "Name either the day or the period that the rows are of."
NO_TIMES: Final = (
    "No column of times can be read in this file, so its rows have no days: name the column with "
    "--time, or the day that all rows are of with --day 2026-11-24, or their period with "
    "--period 2026-W47."
)
NO_TEXTS: Final = (
    f"This file holds scored rows without {TEXTS}, which no stream can count: add the file that "
    "they were made of."
)
NO_ID_COLUMN: Final = "The file has no column of this name that could tell its rows apart."
ID_IS_TAKEN: Final = (
    f"This column holds the {TEXTS}, their times, labels or predictions: name another one that "
    "tells rows apart."
)
MODEL_CHANGED_MEANWHILE: Final = (
    "Another model was put in service while this file was read, so nothing of it is counted: add "
    "it again."
)
OTHER_MODEL: Final = (
    f"This stream also holds {TEXTS} that another model answered. They are not mixed with these: "
    "add their files again to have them answered by the model in service."
)


def period_too_long(cadence: str) -> str:
    """That the rows of a file cannot all be of a period that is longer than the stream's."""
    return f"The periods of this stream are each a {cadence}: name one, or a day of it."


def added_before(when: datetime, files: int) -> str:
    """That a file was added before, and nothing of it is counted again.

    >>> from datetime import UTC
    >>> added_before(datetime(2026, 11, 24, 8, 5, tzinfo=UTC), 1)
    'This file was added on 24 November 2026, 08:05 UTC, so nothing of it is counted again.'
    """
    file = "This file" if files == 1 else "One of these files"
    return f"{file} was added on {_moment(when)}, so nothing of it is counted again."


def twice(files: int) -> str:
    """That files hold the same rows."""
    return f"{_files(files)} the same rows as another of these files, and {_is(files)} not counted."


def told_apart(column: str) -> str:
    """By what rows are told apart."""
    return f"Rows are told apart by the column {column}, and by their days."


def counted_before(rows: int) -> str:
    """That rows were counted before.

    >>> counted_before(1)
    '1 row was counted before, by its id, and is not counted again.'
    """
    if rows == 1:
        return "1 row was counted before, by its id, and is not counted again."
    return f"{rows:,} rows were counted before, by their ids, and are not counted again."


def overlaps(when: datetime, files: int) -> str:
    """That the days of files overlap, and no ids tell their rows apart."""
    more = f" and {files - 1:,} more" if files > 1 else ""
    return (
        "The days of this file overlap with those of a file that was added on "
        f"{_moment(when)}{more}. No ids tell their rows apart, so a row that both hold is counted "
        "twice."
    )


def undated(rows: int) -> str:
    """That rows tell no time."""
    return f"{_rows(rows)} no time that can be read, and {_is(rows)} not counted."


def later(rows: int) -> str:
    """That rows are dated into the future."""
    return f"{_rows(rows)} a date after tomorrow, and {_is(rows)} not counted."


def left_out(days: Mapping[date, int]) -> str:
    """That periods have too few descriptions to be kept.

    >>> left_out({date(2026, 11, 24): 12})
    '12 rows of 2026-11-24 are not counted: ... in its period. Add them again with more rows.'
    """
    told = [f"{day.isoformat()} ({rows:,})" for day, rows in days.items()]
    rows = sum(days.values())
    of = next(iter(days)).isoformat() if len(days) == 1 else f"{len(days)} days"
    listed = "" if len(days) == 1 else f" Days and rows: {_listed(told)}."
    return (
        f"{rows:,} {'row' if rows == 1 else 'rows'} of {of} {_is(rows)} not counted: fewer than 20 "
        f"different {TEXTS} are never kept, and there are no more in "
        f"{'its period' if len(days) == 1 else 'their periods'}. Add them again with more rows."
        f"{listed}"
    )


def moved(days: Sequence[tuple[date, date, int]]) -> str:
    """That rows are counted for another day than their own."""
    told = [f"{rows:,} of {day.isoformat()} with {to.isoformat()}" for day, to, rows in days]
    return (
        f"On some days there are fewer than 20 different {TEXTS}, which are never kept by "
        f"themselves, so they are counted with another day of their period: {_listed(told)}."
    )


def forgotten_words(words: int) -> str:
    """That not all unknown words are counted."""
    return (
        f"{words:,} times a word that training never had came so seldom on its day that it is not "
        "counted among the new words; the commonest are."
    )


def too_old(days: int) -> str:
    """That some of it is deleted soon."""
    return (
        f"Some of these days are more than {days:,} days ago, and are deleted with the next daily "
        "clean-up of a server: set AFTERWORD_RETENTION_DAYS to keep them for longer."
    )


MOST_LISTED: Final = 7


def _listed(told: Sequence[str]) -> str:
    more = len(told) - MOST_LISTED
    return ", ".join(told[:MOST_LISTED]) + (f", and {more:,} more" if more > 0 else "")


def _rows(rows: int) -> str:
    return "1 row has" if rows == 1 else f"{rows:,} rows have"


def _files(files: int) -> str:
    return "1 file holds" if files == 1 else f"{files:,} files hold"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _moment(when: datetime) -> str:
    return f"{when.day} {when:%B %Y, %H:%M} UTC"

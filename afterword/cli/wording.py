"""What the command line says: refusals, notes and results; an option's help stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from afterword.deployment import TEXTS
from afterword.settings import PROGRAM, TRIAL

if TYPE_CHECKING:
    from afterword.profiling.jobs import Progress

PURPOSE: Final = "Afterword: what a text model needs after it is deployed."
EXIT_STATUS: Final = "Exit status: 0 done or stable, 1 alarm, 2 too few to tell, 3 any error."
STOPPED: Final = "Stopped before it was done."

OTHER_ENDING: Final = "Name the output file with the ending .csv or .parquet."
OUTPUT_REPLACES: Final = "The output would replace the input. Name another file with --out."
NOTHING_TO_CLASSIFY: Final = (
    "This file holds scored rows without text, so there is nothing to classify. "
    f"Check it instead: {PROGRAM} check FILE"
)
OWN_MODEL: Final = "Not recorded: only answers of the model in service are."
CATEGORY: Final = 'Write --category as "column=name".'
LABEL_HELP: Final = (
    "Column of a category's true labels, as in 'Ogling=was_ogled', or a column that names "
    "categories. Repeatable."
)

FILES_HELP: Final = (
    "Production inputs, or a file of scored rows; several files, a folder, or a pattern; or an "
    "address of these, such as s3://bucket/week.csv."
)
SINCE_HELP: Final = "Check what the store holds of the last days: 7d, 2w, 24h."
SQL_HELP: Final = (
    "Check the rows that a SELECT gives, of the database at AFTERWORD_SOURCE_URL; nothing is "
    "written there."
)
PAGE_HELP: Final = "Also write the result as one page of HTML."
WORKERS_HELP: Final = (
    "Processes that read and score what is large; by default all processors are used."
)
CLUSTER_HELP: Final = (
    "Address of a scheduler of Dask whose workers read and score instead, as tcp://HOST:PORT."
)
BY_HELP = "Compare the rows with each value of this column too, such as city."
STREAM_HELP: Final = "Check a period of this stream instead of a file."
PERIOD_HELP: Final = (
    "Which period of the stream: 2026-W47, 2026-11 or 2026-11-29; by default the last one that is "
    "over and has rows."
)
FROM_HELP: Final = "First day of the stream to check, like 2026-11-16."
TO_HELP: Final = "Last day of the stream to check, like 2026-11-22."
KEEP_HELP: Final = "Let the check of a file count; of the store, it always does."
NOTIFY_HELP: Final = "Then judge the alert rules, and send what is due."
CHECKPOINT_HELP: Final = (
    "A file from which a check of large files goes on if it was ended; deleted when it is done."
)
FILE_OR_DAYS: Final = (
    "Name either a file, or a query, or the days of the store, or a stream to check: check FILE, "
    "check --sql SELECT, check --since 7d, or check --stream NAME"
)
OF_A_STREAM: Final = "A period and days are of a stream: name it with --stream."
OF_THE_SERVICE: Final = (
    "The alert rules watch what the service classifies, and not other streams: leave --notify out."
)
NO_COLUMN: Final = (
    "Options such as --column and --by tell of a file or a query; the store has no columns, so "
    "leave them out."
)


def no_promise(least: float, most: float) -> str:
    """That something is to be promised that cannot be.

    >>> no_promise(75, 99)
    '--promise takes 75 to 99, of 100 answers that are not called unsure.'
    """
    return f"--promise takes {least:g} to {most:g}, of 100 answers that are not called unsure."


def so_far(progress: Progress) -> str:
    """How far the reading of large files is.

    >>> from afterword.profiling.jobs import Progress
    >>> so_far(Progress(120_000, 10.0, 0.25))
    '120,000 rows, 12,000 a second, about 30 s left'
    """
    told = f"{progress.rows:,} rows, {progress.rate:,.0f} a second"
    return told if progress.left is None else f"{told}, about {progress.left:.0f} s left"


TRIAL_IS_NOT_JUDGED: Final = (
    "--notify judges the alert rules, which do not know of the check of a file, because it "
    "is a trial: add --keep to let it count, or leave --notify out."
)
RULES_NOT_JUDGED: Final = "The rules could not all be judged"
NO_CHANNELS: Final = "Nothing can be sent"
NOT_SENT: Final = "Nothing could be sent"
CHECK_NOT_KEPT: Final = "This check is not kept"
NOT_RECORDED: Final = "Not recorded"
"""Beginnings of what :func:`failed` and :func:`failed_at` say."""
PAGE_REPLACES: Final = "The page would replace the input. Name another file with --html."
NOT_KEPT: Final = "Recording is switched off, so this check is not kept and does not count."
NOT_KNOWN: Final = "Recording is switched off, so the alert rules do not know of this check."
NO_CHANNEL: Final = (
    "AFTERWORD_CHANNELS names no channel, so nothing is sent; the page shows the alerts."
)
NO_CHECK: Final = f"No check is kept yet: {PROGRAM} check --since 7d"
DAY: Final = "Write --before as year-month-day, like 2026-01-31."
COPIES: Final = (
    "Copies elsewhere are yours to delete: backups, downloads, and workspaces, which "
    "export-workspace brings up to date."
)

CHANGED_WORDS: Final = "Words that changed:"

OWN_TERMS: Final = "terms: those of the data that it was trained on"
NAMELESS: Final = (
    "The server answers as localhost only: name the hosts by which others reach it in "
    "AFTERWORD_ALLOWED_HOSTS."
)


def unwritable(what: object, reason: str | None) -> str:
    """That a file, or the output, cannot be written."""
    return f"{what} cannot be written: {reason}."


def fault(place: str) -> str:
    """That the program itself is wrong, and where."""
    return f"Something went wrong that should not: {place}. Please report it."


def trial(number: int) -> str:
    """That a check counts nowhere, and under which number it is kept."""
    return (
        f"This check is a trial: it is kept for {TRIAL.days} days as number {number}, and counts "
        "nowhere. With --keep it would count."
    )


def failed(what: str, reason: object) -> str:
    """What failed, and a sentence that says why."""
    return f"{what}. {reason}"


def failed_at(what: str, place: str) -> str:
    """What failed, and where."""
    return f"{what}: {place}."


def alert(what: str) -> str:
    """An alert that was opened."""
    return f"Alert: {what}"


def sent(channel: str) -> str:
    """Where a message went."""
    return f"Sent: {channel}"


def not_sent(channel: str, problem: str) -> str:
    """Why a message did not go to a channel."""
    return f"{channel}: {problem}"


def written(file: object) -> str:
    """Which file was written."""
    return f"Written: {file}"


def choose_column(names: str) -> str:
    """Which columns there are to choose from."""
    return f"choose one with --column: {names}"


def read(accepted: int, rejected: int) -> str:
    """How many rows of a file were read."""
    return f"{accepted:,} rows accepted, {rejected:,} rejected"


def training_data(texts: int, categories: Sequence[str]) -> str:
    """What a model is trained on."""
    return f"{texts:,} {TEXTS}; {', '.join(categories)}"


def withheld(figure: str, reason: str) -> str:
    """Why a figure is not told."""
    return f"{figure}: withheld. {reason}"


def open_workspace(folder: object) -> str:
    """How a workspace is looked at."""
    return f"Open it with: DO_NOT_TRACK=1 evidently ui --workspace {folder}"


def deleted(rows: int, before: str) -> str:
    """How many rows were deleted."""
    return f"Deleted: {rows:,} rows from before {before}."


def exported(written: int, present: int, removed: int) -> str:
    """What became of the checks in a workspace."""
    return (
        f"{written:,} checks written, {present:,} were there already, "
        f"{removed:,} reports removed whose check is forgotten."
    )


def of_other_models(checks: int) -> str:
    """How many checks a workspace lacks, because another model made them."""
    return f"Left out: {checks:,} checks that another model made."


def too_small(checks: int) -> str:
    """How many checks a workspace lacks, because they had too few rows."""
    return f"Left out: {checks:,} checks with too few rows for a report."


def more_words(count: int) -> str:
    """How many changed words are not printed."""
    return f"  and {count:,} more; --json has all."


def not_compared(measures: str) -> str:
    """Which measures need the texts, which the store does not have."""
    return f"Not compared, for want of the texts: {measures}."


def more_measures(count: int) -> str:
    """How many measures are not printed."""
    return f"{count} more measures are farther below their thresholds; --json has all."


def labelled(rows: int, of: int) -> str:
    """How many rows have labels."""
    return f"{rows:,} of {of:,} {TEXTS} have labels."


def incomplete(rows: int) -> str:
    """How many rows have labels of some categories only."""
    return f"{rows:,} more have labels of some categories only and do not count."


def no_model(reason: object) -> str:
    """That there is no model to tell about, and why."""
    return f"No model: {reason}"


def about_model(version: str, made: str, rows: int, terms: str) -> str:
    """Which model is in service, and under which terms."""
    return f"Model {version}, trained on {made} with {rows:,} {TEXTS}, {terms}"


def safecity_terms(notice: object) -> str:
    """Under which terms the shipped model may be used, and where they stand."""
    return (
        "The model and its reference derive from the SafeCity data: they are for research only, "
        f"and whoever uses them asks SafeCity's moderators. See {notice}."
    )


# ---------------------------------------------------------------- streams

STREAMS_HELP: Final = "Make, rename and forget streams: named feeds that are followed over time."
ADD_TO_HELP: Final = "Stream that the rows belong to."
DAY_HELP: Final = "Day that all rows are of, like 2026-11-24, if no column tells their times."
ROWS_PERIOD_HELP: Final = "Period that all rows are of, like 2026-W47, if no column tells it."
ID_HELP: Final = "Column by which rows are told apart; by default the file's own ids, if any."
CADENCE_HELP: Final = "How long a period is: day, week or month."
STREAM_ZONE_HELP: Final = "Zone whose calendar the days are of, such as Europe/Berlin."
REFERENCE_HELP: Final = "What periods are compared with: training."
FORGET_HELP: Final = "First day that is kept, like 2026-01-31; without it all of the stream goes."
YES_HELP: Final = "Do not ask."
EXPORT_HELP: Final = "Write the checks of this stream alone."
DAYS_FILE_HELP: Final = "File to write, with the ending .parquet."
NOT_PARQUET: Final = "Name the file with the ending .parquet."
NO_RECORD_HELP: Final = "Leave it unrecorded: the file counts in no stream."
NO_SUCH_REFERENCE: Final = (
    "A new stream is compared with the training set: write --reference training, or leave it out."
)
STREAM_COLUMNS: Final = ("stream", "each", "zone", "days", "from", "to", "last check")
PERIOD_COLUMNS: Final = ("period", "rows", "alarm", "what moved most", "over", "errors, of limit")
LEVELS_OF_PERIODS: Final = {
    "alarm": "alarm",
    "calm": "none",
    "too_few": "too few",
    "before": "usual",
    "": "no data",
}
NO_ROWS_ADDED: Final = "No row is counted."


def added(rows: int, stream: str, first: str, last: str, periods: int, cadence: str) -> str:
    """What was added to a stream.

    >>> added(280, "form", "2026-11-16", "2026-11-22", 1, "week")
    'Added to form: 280 rows, from 2026-11-16 to 2026-11-22, in 1 week.'
    """
    count = f"1 {cadence}" if periods == 1 else f"{periods:,} {cadence}s"
    count_of_rows = "1 row" if rows == 1 else f"{rows:,} rows"
    return f"Added to {stream}: {count_of_rows}, from {first} to {last}, in {count}."


def made(stream: str, cadence: str, zone: str) -> str:
    """Which stream was made."""
    return f"Made: {stream}, by the {cadence}, in the zone {zone}."


def renamed(old: str, new: str) -> str:
    """Which stream has another name."""
    return f"Renamed: {old} is called {new} now."


def ask_to_forget(stream: str, before: str) -> str:
    """Whether to delete what is kept of a stream."""
    what = f"everything before {before}" if before else "everything, and the stream itself"
    return f"Forget of the stream {stream} {what}?"


def exported_days(file: object, days: int) -> str:
    """Where the days of a stream were written."""
    return f"Written: {file}, {days:,} days"


def forgotten(stream: str, rows: int) -> str:
    """How much of a stream was deleted."""
    return f"Forgotten of {stream}: {rows:,} rows of the store."


def checked_period(stream: str, label: str, first: str, last: str) -> str:
    """Which period of a stream was checked."""
    days = first if first == last else f"{first} to {last}"
    return f"Stream {stream}, {label} ({days})"


# ---------------------------------------------------------------- options of files

TIME_HELP: Final = "Column of times, if not found by name."
SHEET_HELP: Final = "Sheet of a workbook: its name, or number from 1."
HEADER_HELP: Final = "Row of the columns' names, counted from 1; 0 if there is none."
ORDER_HELP: Final = "Whether 05/06 is day-first or month-first."
ZONE_HELP: Final = "Zone of times that name none, such as Europe/Berlin."
STRICT_HELP: Final = "Refuse a file of which something is doubtful."

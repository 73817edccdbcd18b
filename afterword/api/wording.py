"""What the service says to those who call it; what a field means stands with the field."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from afterword.deployment import A_TEXT, TEXTS

BUSY: Final = "Other checks are being made: try again in a moment."
NAME_THE_COLUMN: Final = (
    f"The column of {TEXTS} is not known: send its name in the form field column."
)
NO_FILE: Final = "The form lacks its file: send it in the field file, as multipart/form-data."
GIVEN_UP: Final = "Nobody waits for this check any more."
OPEN_ALERTS: Final = "Alerts that nobody has acknowledged."
FILES_WAITING: Final = "Files that wait for a process that reads and checks them."
UNREADABLE_STORE: Final = "The store cannot be read: ask the operator to look at the server's log."
NO_MODEL: Final = "There is no model to answer: ask the operator to look at the server's log."
MODEL_FAILED: Final = "The model failed on this call: ask the operator to look at the server's log."
TOO_SLOW: Final = "The body did not arrive in time: send it again, or in smaller parts."
TOO_LONG: Final = "The answer took too long and was given up: send less in one call."
MALFORMED: Final = (
    "The request must have one Host header that is a host name and at most a port, and a path that "
    "begins with a slash: send it so."
)
UNKNOWN_HOST: Final = (
    "This server does not answer under this host name: add the name to AFTERWORD_ALLOWED_HOSTS and "
    "start the server again."
)
FOREIGN: Final = (
    "This request was refused because it comes from a page of another address: use Afterword's own "
    "pages, or a program; behind a proxy, set AFTERWORD_PUBLIC_URL to the address in the browser."
)
FAILED: Final = "Something failed here: ask the operator to look at the server's log."
STREAM: Final = "The stream that the call belongs to; that of the service if left out."
OF_STREAM: Final = "The stream that it belongs to; null of a trial."
STREAM_PERIOD: Final = "Which period of the stream was checked, as 2026-W47."
NO_STREAM: Final = "There is no stream of this name: GET /api/streams lists those that are there."
UNREADABLE_STREAMS: Final = "The streams cannot be read at the moment; leave stream out, or wait."
STREAM_IS_A_NAME: Final = "Give stream as the name of a stream, or leave it out."
NAME_THE_STREAM: Final = "Send the name of the stream in the form field stream."
SCORED_ROWS: Final = (
    f"This file holds scored rows without {TEXTS}: send the file that they were made of."
)
NO_TIMES: Final = (
    "No column of times can be read in this file, so its rows have no days: send the column's name "
    "in the field time, or the day or the period of all rows in the field day or period."
)
STREAM_BODY: Final = (
    "The body is none for a stream: /api/docs lists its fields. Send them as JSON, each a text."
)
STREAM_NAME: Final = "At most 60 letters, digits, spaces, dots and dashes; whatever case."
STREAM_ZONE: Final = "IANA name of the zone whose calendar its days are of."
STREAM_CADENCE: Final = "How long its periods are."
PERIOD_FIELD: Final = (
    "Period to check, as 2026-W47, 2026-11 or 2026-11-29; the last one that is over and has rows "
    "if left out."
)
FIRST_FIELD: Final = "First day to check, with last, instead of a period."
LAST_FIELD: Final = "Last day to check, with first."
ADD_STREAM_FIELD: Final = "Stream that the rows belong to."
ADD_DAY_FIELD: Final = "Day that all rows are of, as 2026-11-24, if no column tells their times."
ADD_PERIOD_FIELD: Final = "Period that all rows are of, as 2026-W47, if no column tells it."
ADD_ID_FIELD: Final = "Column by which rows are told apart; the file's own ids if left out."
ADD_SUMMARY: Final = f"Add a file of {TEXTS} to a stream"
STREAM_DAYS: Final = "Days on which it holds descriptions."
LAST_CHECK: Final = "Number, time, level and period of its last check."
COUNTED_ROWS: Final = "Rows that are counted now."
KNOWN_ROWS: Final = "Rows that were counted before, by their ids."
UNDATED_ROWS: Final = "Rows that tell no time."
LATER_ROWS: Final = "Rows dated after tomorrow."
LEFT_OUT: Final = "Day to rows whose period has too few different descriptions to be kept."
ADDED_NOTES: Final = "What a person should know of it, in sentences."
NO_CHECK: Final = "There is no check of this number: /api/checks lists those that are kept."

UNREADABLE_BODY: Final = "The body cannot be read: check how it is encoded."
NO_SUCH_ADDRESS: Final = "There is nothing at this address: /api/docs lists what there is."
OTHER_METHOD: Final = "This address does not take this method: see the Allow header, or /api/docs."
DID_NOT_WORK: Final = "This did not work."
NO_JSON: Final = 'The body is not JSON: send {"texts": ["…"]}.'
NO_LIST: Final = 'The body lacks a list of texts: send {"texts": ["…"]}.'
NO_FIELD: Final = "The form lacks its text: send it in the field review_text."
TEXT_AS_FILE: Final = "Send the text itself in the field review_text, and no file."

NO_SUCH_MODE: Final = "The mode is none: send balanced, find-more or be-sure, or leave it out."

NO_FORM: Final = "Send the file as multipart/form-data."
TOO_MANY_FILES: Final = "Send one file in a call, in the field file."
TOO_MANY_FIELDS: Final = (
    "The form is too large: send the file and the fields that describe it alone."
)

EMPTY_TEXT: Final = f"The text is empty or stands for nothing: send {A_TEXT}."
NO_STRING: Final = "This is not a text: send a string."
UNREADABLE_TEXT: Final = (
    "The text is not readable: send it as UTF-8 and without control characters."
)
UNCOUNTED: Final = "What is kept of a call could not be counted: an earlier line says where."

HINTS: Final = "The categories are hints for a person who reviews, no decision about anyone."
WORKED: Final = "It worked."
NOTHING_MOVED: Final = "Nothing moved beyond chance."
REPORT_GONE: Final = "This report is not kept any more: make it again on the Drift page."
MEANINGS: Final = {
    400: "The body cannot be read.",
    404: "It is not there.",
    408: "The body did not arrive in time.",
    413: "The body, the form, the list of texts or all its texts together are too large.",
    415: "The body is of another type.",
    422: "What was sent lacks what it must have, or cannot be used.",
    500: "The service failed.",
    503: "There is no model or no store, or the service is busy.",
    504: "The answer took too long.",
}
"""Status of a failure → what it means, for the documentation."""


def invalid_parameter(name: object) -> str:
    """That a parameter of the query is not valid."""
    return f"The parameter {name} is not valid: /api/docs says what it takes."


def other_type(taken: Iterable[str]) -> str:
    """That the body is of a type that the address does not take."""
    return f"Send the body as {' or '.join(sorted(taken))}."


def too_many_texts(most: int) -> str:
    """How many texts one call takes."""
    return f"Send at most {most:,} texts in one call, and call again."


def too_many_characters(most: int) -> str:
    """How many characters one call takes."""
    return (
        f"Send texts of at most {most:,} characters together in one call, and the rest in further "
        "calls."
    )


def text_too_long(most: int) -> str:
    """How long a text may be."""
    return f"The text is too long: send at most {most:,} characters."


def form_too_large(most: int) -> str:
    """What the form of a text may hold."""
    return (
        "The form is too large: send the field review_text alone, with at most "
        f"{most:,} characters."
    )


def body_too_large(most_mb: int) -> str:
    """How large a call may be."""
    return f"Send at most {most_mb} MB in one call."


def file_too_large(most_mb: int) -> str:
    """How large a file may be."""
    return f"Send a file of at most {most_mb} MB."


def store_late(seconds: float) -> str:
    """That the store did not take a call in time."""
    return f"The store did not answer within {seconds:g} s, or failed: an earlier line says which."


# ---------------------------------------------------------------- fields of the form

TIME_FIELD: Final = "Name of the column of times; found if absent."
SHEET_FIELD: Final = "Sheet of a workbook: its name, or number from 1."
HEADER_FIELD: Final = "Row of the columns' names, by its number from 1; 0 if there is none."
ORDER_FIELD: Final = "Whether 05/06 is 5 June or 6 May."
ZONE_FIELD: Final = "Zone of times that name none, as Europe/Berlin."
BY_FIELD: Final = "Column of 2 to 50 values; the rows with each of them are compared too."
BY_RESULT: Final = 'Column whose parts were compared too; a column without a usual name is "".'
SEGMENTS: Final = "What was found in the rows with each value, what moved most first."
STRICT_FIELD: Final = "Whether to refuse a file that leaves something open."
LABEL_FIELD: Final = "NAME=COLUMN of a category's label, or COLUMN if its cells name categories."
CHOICE_OF: Final = "What was to be understood, such as separator, sheet or time."
CHOICE_SENTENCE: Final = "What a person should read of it; often empty."
CHOICE_DOUBTFUL: Final = "Whether the file does not settle it."
CHOICE_VALUE: Final = "What was taken."
CHOICE_OTHERS: Final = "What else could be taken."
SHARES_FIELD: Final = (
    "Of each category the share that reports it, estimated with its interval, and the share to "
    "which the model gives it; none of a small batch."
)
ONE_PAGE: Final = "HTML to mail, or to print on one or two sheets; it fetches nothing."
READING: Final = "What was understood of the file; empty for scored rows."


def unknown_field(name: str, number: int, known: Collection[str]) -> str:
    """That a form has a field that is not known.

    Parameters
    ----------
    name : of the field; "" if it may not be shown.
    number : its place among the fields, from 1.
    known : fields that may be meant.
    """
    field = f"The field {name}" if name else f"Field {number}"
    if len(known) == 1:
        return f"{field} of the form is not known: perhaps {next(iter(known))} is meant."
    return f"{field} of the form is not known: send only {', '.join(known)}."


def repeated_field(name: str) -> str:
    """That a field stands in a form several times."""
    return f"The form has the field {name} more than once: send it once."


def true_or_false(field: str) -> str:
    """That a field of a form is neither."""
    return f"The form field {field} is true or false."


def may_add(megabytes: int, rows: int) -> str:
    """What may be added in one call."""
    return (
        f"Up to {megabytes} MB and {rows:,} rows; larger files by the command add. Rows are sorted "
        "into days by their times, and none of them is counted twice."
    )

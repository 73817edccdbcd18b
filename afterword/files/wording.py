"""What is said of files and tables: why one is not read, how one was, and what to do instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from afterword.records import Choice

# ---------------------------------------------------------------- parts of sentences

SAVE_AS: Final = "save it as CSV, Excel (.xlsx), Parquet or JSON Lines and upload that."
COPY_ANEW: Final = "copy the table into a new workbook and upload that."
_SPLIT: Final = "split it into smaller files, or let the operator raise"

# ---------------------------------------------------------------- files that are not read

EMPTY_FILE: Final = "The file is empty; choose one with a header and a row per description."
NO_ROWS: Final = "The file has no rows; choose one with a row per description."
NAMES_ONLY: Final = (
    "The file has column names and no rows; add at least one description below them."
)
EMPTY_SHEETS: Final = "The file's sheets are empty; choose one with a row per description."
EMPTY_SHEET: Final = "The chosen sheet is empty; choose one with a row per description."
SCORED_ROWS: Final = (
    "The file holds scored rows and no descriptions; check it as it is, or choose the "
    "file that it was made from."
)
NO_TABLE_OF_TEXTS: Final = f"This is not a table of texts; {SAVE_AS}"
WEB_PAGE: Final = f"The file is a web page or XML and not a table; open it in Excel, {SAVE_AS}"
PROTECTED: Final = (
    "The file is protected by a password; remove the protection in Excel "
    "(File, Info, Protect Workbook) and upload it again."
)
PROTECTED_ARCHIVE: Final = (
    "The archive is protected by a password; unpack it and upload the file that is in it."
)
SAVED_PROFILE: Final = (
    "The file is a saved profile and not a table; afterword.load_profile reads it, and "
    "afterword.check checks what that gives."
)
DAMAGED_FROM_THERE: Final = "The file is damaged from there on; export it again."
DAMAGED: Final = (
    "The file cannot be read: it is damaged or not of the kind that its beginning says; "
    "export it again as CSV, Excel (.xlsx), Parquet or JSON Lines."
)
NO_FILE: Final = "There is no such file; check the path and its rights."
NO_SOURCE: Final = (
    "This cannot be read; give a path, bytes, an open file, a DataFrame or a list of texts."
)
JSON_NO_TABLE: Final = (
    "The JSON cannot be read as a table; write one object per line, or one list of "
    "objects, with a description in each."
)
JSON_EMPTY: Final = "The JSON holds no values; give each object a description."
READER_ENDED: Final = (
    "The file cannot be read: reading it failed as it does with files that are damaged, or that "
    "need far more memory than their size; export it again as CSV, Excel (.xlsx), Parquet or "
    "JSON Lines."
)
NOT_READ: Final = "A file could not be read: %s"
"""For the log: the place in the code."""


def too_many_rows(limit: int) -> str:
    """That a file has more rows than are read."""
    return f"The file has more than {limit:,} rows; {_SPLIT} AFTERWORD_MAX_ROWS."


def too_many(limit: int, parts: str) -> str:
    """That a file has more parts of some kind than a table needs."""
    return f"The file has more than {limit:,} {parts}; {SAVE_AS}"


def too_large(megabytes: int) -> str:
    """That a file is larger than may be read."""
    return f"The file is larger than {megabytes:,} MB; {_SPLIT} AFTERWORD_MAX_UPLOAD_MB."


def unpacks_to_more(megabytes: int) -> str:
    """That a packed file would fill the memory."""
    return f"The file unpacks to more than {megabytes:,} MB; {_SPLIT} AFTERWORD_MAX_UPLOAD_MB."


def too_slow(seconds: float) -> str:
    """That reading a file was given up."""
    return (
        f"Reading the file took longer than {seconds:g} seconds and was given up; {_SPLIT} "
        "AFTERWORD_READ_TIMEOUT_S."
    )


def too_much_memory(megabytes: int) -> str:
    """That a file needs more memory than there is for reading one."""
    return (
        f"Reading the file takes more than {megabytes:,} MB of memory; split it into smaller "
        "files, or save it as CSV."
    )


NOT_CERTAIN: Final = (
    "The file leaves something open, and only what is certain was asked for; say what is meant."
)


def doubtful(choices: Sequence[Choice]) -> str:
    """That a file is not read because something of it is doubtful, and what."""
    told = (choice.sentence or f"The {choice.of} is not certain." for choice in choices)
    return f"{NOT_CERTAIN} {' '.join(told)}"


def too_many_letters(megabytes: int) -> str:
    """That what a file holds is many times its size."""
    return (
        f"The file's cells come to more than {megabytes:,} MB, many times its own size; split it "
        "into smaller files, or save it as CSV."
    )


def damaged_archive(kind: str) -> str:
    """That a compressed file cannot be unpacked."""
    return f"The file is compressed by {kind} and is damaged or cut short; compress it again."


def no_table(kind: str) -> str:
    """That a file is of a kind that holds no table."""
    return f"The file is {kind} and not a table; {SAVE_AS}"


def opens_as_no_table(kind: str) -> str:
    """That a file is of a kind that holds no table, and that another program opens it."""
    return f"The file is {kind} and not a table; open it, {SAVE_AS}"


# ---------------------------------------------------------------- workbooks

FAR_CELLS: Final = "has cells far outside its table"
NESTED_CELLS: Final = "has cells within cells"
IMPOSSIBLE_CELLS: Final = "has cells at places that no sheet has"
THE_SHEET: Final = "The sheet"
A_SHEET: Final = "A sheet of the file"
FALSE_COUNT_OF_TEXTS: Final = (
    f"The file says that it holds more texts than it does; open it, {COPY_ANEW}"
)
PARTS_OF_ONE_NAME: Final = f"The file has two parts of one name; open it in Excel, {COPY_ANEW}"
FOREIGN_XML: Final = (
    f"The file is written in a way that no spreadsheet program writes; open it, {COPY_ANEW}"
)


def numbered_sheet(number: int) -> str:
    """Which sheet, by its number; the beginning of a sentence."""
    return f"Sheet {number} of the file"


def sheet_not_read(sheet: str, fault: str) -> str:
    """Why a sheet is not read."""
    return f"{sheet} {fault}; {COPY_ANEW}"


# ---------------------------------------------------------------- columns

LABEL: Final = (
    "A label is told as NAME=COLUMN, the category and the column that says whether it is true, or "
    "as COLUMN alone, if its cells name categories."
)
LABEL_TWICE: Final = "The label of a category is told twice; tell it once."

NO_SUCH_COLUMN: Final = (
    "The chosen description column is not in the file; choose one of its columns."
)
NO_SUCH_TIMES: Final = "The chosen column of times is not in the file; choose one of its columns."
COLUMN_NOT_TOLD: Final = (
    "The column of descriptions cannot be told from the others; name it “description” or choose it."
)


# ---------------------------------------------------------------- what is handed over in memory

ONE_TEXT: Final = "Descriptions must come as a list of texts; put a single one in a list."
NO_LIST: Final = (
    "Descriptions must come as a list of texts, not as a dictionary or a set; "
    "give the values as a list."
)
TWO_DIMENSIONS: Final = "An array of descriptions must have one dimension, or one column."
NOT_A_TABLE: Final = (
    "This is no table: give a DataFrame, or a list with a text or a dictionary per row."
)
EMPTY_TABLE: Final = "The table has no rows; it needs a row per description."


def no_text(place: int, kind: str) -> str:
    """That an item of a list is none."""
    return f"Item {place} is not a text but {kind}; leave out empty cells before predicting."


def columns_of_texts(found: int) -> str:
    """That a table has no, or more than one, column to read."""
    return (
        f"The table has {found} columns of texts, and exactly one is read; "
        'choose one, as in table["description"].'
    )


def table_too_long(limit: int) -> str:
    """That a table in memory has more rows than are read."""
    return f"The table has more than {limit:,} rows; read it in parts, or raise AFTERWORD_MAX_ROWS."

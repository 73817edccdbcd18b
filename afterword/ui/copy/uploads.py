"""Words about a file that comes in: how it was read, what is doubtful, and how to correct it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from afterword.deployment import TEXTS

if TYPE_CHECKING:
    from afterword.records import Batch

LIMITS: Final = (
    "At most {rows:,} rows and {megabytes} MB. CSV, Excel, Parquet, JSON, also compressed."
)
FILE_PRIVACY: Final = "The file stays in this session’s memory and is gone when you leave."
STILL_HERE: Final = "The file that you chose before is still here."
NOT_READ: Final = "You left before your file was read, and reading it ended: choose it again."
REMOVE_FILE: Final = "Remove it"
READING: Final = "Reading the file…"
CORRECT: Final = "Correct"
CORRECT_NOTE: Final = "The file is read again with what you choose."
AS_FOUND: Final = "Read it as it was found"
CHECK_READING: Final = "Please check how the file was read:"
READ_ICON: Final = ":material/fact_check: Read as"

FIELDS: Final = {
    "description": f"Column with the {TEXTS}",
    "time": "Column with the times",
    "sheet": "Sheet",
    "header": "Row with the names of the columns; 0 if there is none",
    "date order": "Order of day and month",
    "labels": "Column whose cells name categories, as true labels",
}
"""What a visitor may correct, by what it is a choice of."""
NOTHING: Final = {"time": "No column of times", "labels": "None, or as found"}
"""What an empty choice is called."""
ORDERS: Final = {"day-first": "Day first, as 31/12", "month-first": "Month first, as 12/31"}
SHOWN: Final = ORDERS
"""How values are shown that are not names of the file's own."""
THEY_ARE_LABELS: Final = "They are true labels"
LABELS: Final = "labels"
LABELS_OR_ANSWERS: Final = "labels, or the model’s own answers,"
OWN_ANSWERS: Final = "what looks like the model’s own answers, not taken for labels,"


def before(jobs: int) -> str:
    """How many files wait before one that is not begun yet."""
    if not jobs:
        return "Your file is next: others are being worked on."
    return f"{jobs} files wait before yours." if jobs > 1 else "One file waits before yours."


def field(of: str, category: str) -> str:
    """What is chosen in a list: a column, a sheet, or the column of a category's label."""
    return f"Column with the true label of {category}" if category else FIELDS[of]


def instead(value: str, of: str) -> str:
    """What a button says that has the file read in another way."""
    if of in ("header", "another table"):
        return "No row holds names" if value == "0" else f"The names are in row {value}"
    return f"Read it as: {SHOWN.get(value, _plain(value))}"


_LONGEST_NAME: Final = 60


def _plain(name: str) -> str:
    """A file's own name of a column or sheet, cut where it is long."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def summary(batch: Batch, labels: str = LABELS) -> str:
    """What was taken for what, in one line; names of columns as the file has them.

    Parameters
    ----------
    batch : the file.
    labels : what its columns of labels were taken for.
    """
    columns, reading = batch.columns, batch.reading
    parts = [", ".join(_form(batch)), f"{TEXTS} in “{_plain(columns.description)}”"]
    if columns.time:
        order = ORDERS.get(str(reading.value("date order")), "").lower()
        told = [part for part in (order, _zone(batch)) if part]
        parts.append(
            f"times in “{_plain(columns.time)}”" + (f" ({', '.join(told)})" if told else "")
        )
    if columns.id:
        parts.append(f"ids in “{_plain(columns.id)}”")
    for what, found in ((labels, columns.labels), ("predictions", columns.predictions)):
        if found:
            places = ", ".join(f"“{_plain(name)}”" for name in dict.fromkeys(found.values()))
            parts.append(f"{what} in {places}")
    return " · ".join(parts)


def _form(batch: Batch) -> list[str]:
    reading = batch.reading
    form = [str(reading.value("format"))]
    if "compression" in reading:
        form.append(f"compressed by {reading.value('compression')}")
    if "encoding" in reading:
        form.append(str(reading.value("encoding")))
    if "sheet" in reading:
        form.append(f"sheet “{_plain(str(reading.value('sheet')))}”")
    if "header" in reading:
        row = reading.value("header")
        form.append(f"names in row {row}" if row else "no row of names")
    return form


def _zone(batch: Batch) -> str:
    zone = batch.reading.value("zone")
    return "" if zone is None else ("no zone: UTC" if zone == "none" else str(zone))

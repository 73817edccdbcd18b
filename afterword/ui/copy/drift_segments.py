"""The texts of the page Drift about the parts of a batch."""

from __future__ import annotations

from afterword.deployment import TEXTS

TAB = "Parts"
COLUMN_LABEL = "Column whose values are the parts"
CHOOSE = "Choose a column, such as a city or a channel"
NO_COLUMN = (
    "This file has no column by which it could be parted: one of 2 to 50 different values, such "
    "as a city or a channel."
)
SCORED = f"A file of scored rows has no column by which the {TEXTS} could be parted."
NOTE = (
    "Each part is compared with training rows whose texts are as long as its own, in few measures. "
    "The whole is judged again with the parts, in one rate of false alarms. Choose the column for "
    "a reason, and not because it shows something: every further column is a check of its own."
)
NONE_JUDGED = f"No part has 30 {TEXTS}: too few to tell."
TABLE = "All parts as a table"
TABLE_ALT = "Every part with its rows and figures"
ROWS, LEVEL = "Rows", "Level"
REPORT_TITLE = "Evidently’s report of one part"
REPORT_PART = "Part"
REPORT_KIND = "Report"
CHOOSE_PART = "Choose a part"
REPORT_NOTE = (
    "The rows of this part against the whole training set, by themselves: longer or shorter texts "
    "count here as a change, and not above."
)


def title(moved: int, judged: int) -> str:
    """The finding of the chart of parts."""
    if not judged:
        return NONE_JUDGED
    if not moved:
        return f"None of the {judged} parts moved beyond chance"
    return f"{moved} of {judged} parts moved beyond chance"


def part(label: str, rows: int) -> str:
    """A part in a list: “Delhi” (60)."""
    return f"{label} ({rows:,})"

"""What is said of how a file was read: its rows of names, times, labels, and what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

# ---------------------------------------------------------------- times

TIME_FORMS: Final = {
    "day-first": "day/month/year",
    "month-first": "month/day/year",
    "year-first": "year/month/day with two digits of the year",
    "iso": "ISO 8601",
    "slashed": "year/month/day",
    "compact": "year, month and day in one number",
    "week": "ISO 8601 weeks",
    "month": "months, as their first days",
    "named": "dates with the month's name",
    "serial": "Excel's serial days",
    "s": "Unix seconds",
    "ms": "Unix milliseconds",
    "us": "Unix microseconds",
    "ns": "Unix nanoseconds",
    "value": "dates and times",
    "stand-in": "no times",
}
"""What a column of times was read as."""

NO_ZONE: Final = "none"
SEVERAL_ZONES: Final = "mixed"
NO_SUCH_ORDER: Final = "The order is none; choose day-first or month-first."
NO_SUCH_ZONE: Final = "There is no such time zone; write it like Europe/Berlin."


def zone_of_several(name: str) -> str:
    """A zone's short name that does not tell how far from UTC it is."""
    return f"{name}, which several zones are called; taken as UTC"


# ---------------------------------------------------------------- how a file was read

IN_MEMORY: Final = "The rows come from a table in memory."
NO_ROW_NUMBER: Final = (
    "The row of the columns' names is told by its number, counted from 1 with blank rows, or as 0 "
    "if there is none."
)
NO_HEADER_TO_CHOOSE: Final = (
    "Each value in this file comes with its column's name, so that no row of names can be chosen; "
    "leave it out."
)
FIRST_LINE_IS_NAME: Final = "The first line was read as the column's name."
FIRST_LINE_IS_ROW: Final = "No column names were found, so the first line was read as a row."
WITHOUT_MARK: Final = "UTF-16 without a byte order mark"
OPENED: Final = "Texts that stand in an object of each record were read as columns of their own."
UNWRAPPED: Final = "Values that stand in objects of their own, as MongoDB writes them, were read."
JOINED_BYTES: Final = (
    "The file writes letters as single bytes, as downloads of Facebook and Instagram do; they were "
    "put together again."
)
FROM_BYTES: Final = "Bytes were read as texts in UTF-8."


def lost_cells(count: int) -> str:
    """That cells hold what no program here has a value for."""
    were = "was" if count == 1 else "were"
    return f"{_some(count, 'cell')} that cannot be read {were} left empty."


def damaged_characters(count: int) -> str:
    """An encoding in which some characters are none."""
    return f"UTF-8 with {count:,} damaged characters"


def without_nul(encoding: str) -> str:
    """An encoding, and that characters of it were left out."""
    return f"{encoding}, with NUL characters that were left out"


def delimited(encoding: str, separator: str | None) -> str:
    """How a text file was read."""
    if separator is None:
        return f"The file is text in {encoding}, with one column."
    return f"The file is CSV in {encoding}, separated by {separator}."


def file_is(kind: str) -> str:
    """What a file is."""
    return f"The file is {kind}."


def stray_quotation(broken: int, joined: int) -> str:
    """How many lines were read without their quotation marks, and how many these had joined."""
    told = []
    if broken:
        have = "has" if broken == 1 else "have"
        told.append(f"{_some(broken, 'line')} {have} quotation marks that do not match.")
    if joined:
        told.append(f"{joined:,} lines that stray quotation marks had joined were read as rows.")
    return " ".join(told)


def header(number: int, above: int, below: int) -> str:
    """Where the columns' names stand, if a row above or below them was left out; else ""."""
    places = ((above, "above"), (below, "below"))
    told = [f"{_some(count, 'row')} {where}" for count, where in places if count]
    if not told:
        return ""
    were = "was" if above + below == 1 else "were"
    return f"The columns' names stand in row {number}; {' and '.join(told)} them {were} left out."


def no_such_header_row(number: int, rows: int) -> str:
    """That no names can stand in the row that was chosen for them."""
    return (
        f"No columns' names stand in row {number:,}, which is blank or not there; choose one of "
        f"the {rows:,} rows of the file, or 0 if it has no names."
    )


def another_table(begin: int, end: int, names: int) -> str:
    """That rows above or below a blank one are another table, which is not read."""
    return (
        f"Rows {begin:,} to {end:,} look like another table, with names in row {names:,}, and were "
        "left out."
    )


def remarks_below(count: int) -> str:
    """That rows at the end are no descriptions."""
    if count == 1:
        return "The last row was taken for a remark below the table, and not for a description."
    return (
        f"The last {count} rows were taken for remarks below the table, and not for descriptions."
    )


def hidden_rows(rows: int) -> str:
    """That rows are read which a person does not see in the sheet."""
    are, were = ("is", "was") if rows == 1 else ("are", "were")
    return f"{_some(rows, 'row')} that {are} hidden in the sheet {were} read too."


MOST_SHEETS: Final = 10
"""Sheets of a kind that a sentence names."""


def one_of_sheets(
    number: int, of: int, *, hidden: bool, alike: Mapping[int, int], others: Sequence[int]
) -> str:
    """Which of a workbook's sheets was read.

    Parameters
    ----------
    number : of the sheet, from 1.
    of : sheets of the workbook.
    hidden : whether it is hidden.
    alike : number of each other sheet with the same columns → its rows.
    others : numbers of the sheets that may hold descriptions otherwise.
    """
    told = [f"Sheet {number} of {of}{', which is hidden,' if hidden else ''} was read"]
    if alike:
        rows = [f"sheet {each} has {_some(count, 'row')}" for each, count in alike.items()]
        told.append(f"{_listed(rows)} alike")
    if others:
        sheets = "sheet" if len(others) == 1 else "sheets"
        told.append(f"{sheets} {_listed(list(map(str, others)))} may hold descriptions too")
    return f"{'; '.join(told)}."


def _listed(parts: Sequence[str]) -> str:
    """The first of several as a phrase: "2, 3 and 5", or "2, 3 and 7 more"."""
    if len(parts) > MOST_SHEETS:
        return f"{', '.join(parts[:MOST_SHEETS])} and {len(parts) - MOST_SHEETS:,} more"
    *before, last = parts
    return f"{', '.join(before)} and {last}" if before else last


def _some(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"


def no_such_sheet(sheets: int) -> str:
    """That a workbook has no sheet of that name or number."""
    if sheets == 1:
        return "The file has no such sheet; it has one sheet, which is read if none is chosen."
    return f"The file has no such sheet; choose one of its {sheets:,}, by its name or number."


def order_taken(column: str, order: str) -> str:
    """That nothing but narrowness tells day and month apart."""
    taken = {
        "day-first": "the day was read first",
        "month-first": "the month was read first, as the days then lie closer together",
    }
    return f"Day and month cannot be told apart in {column}; {taken[order]}."


def order_open(column: str, form: str) -> str:
    """That dates can be read in another order than they were."""
    return f"The dates in {column} can be read in several orders; they were read as {form}."


def misread_times(column: str, count: int) -> str:
    """That cells of the column of times are none."""
    were = "was" if count == 1 else "were"
    return f"{_some(count, 'time')} in {column} {were} not understood and left out of the period."


def times_aside(column: str, count: int) -> str:
    """That times stand for none."""
    were = "was" if count == 1 else "were"
    why = "as for a missing time or decades from all others"
    return f"{_some(count, 'time')} in {column} {were} set aside, {why}."


def zone_taken(column: str, name: str) -> str:
    """That a short name of a zone does not tell which."""
    return f"Several zones are called {name}, as in {column}; its times were taken as UTC."


def zone_of_name(column: str, zone: str) -> str:
    """That the name of a column tells the zone of times that name none."""
    return f"Times in {column} that name no zone were read in {zone}, as the column's name says."


def months_only(column: str) -> str:
    """That the days of times are not known."""
    return f"The cells of {column} are months without days; each counts as the month's first day."


def dates_exchanged(column: str, exchanged: bool) -> str:
    """That a spreadsheet may have exchanged day and month in a part of the dates."""
    done = "were exchanged back" if exchanged else "were left as they are"
    return (
        f"Some dates in {column} are texts, as where a spreadsheet takes the day for the month; "
        f"day and month of the other dates {done}."
    )


def time_by_values(column: str) -> str:
    """That a column was taken for that of times though its name does not say so."""
    return f"No column of times was told by its name; {column} was taken, as its cells are times."


def only_clocks(column: str) -> str:
    """That a column tells the time of day and not the day."""
    return f"The cells of {column} are times of day without a date, so the file tells no period."


NO_TIMES_IN_IT: Final = (
    "The column that was named for times holds none that are understood; choose another one."
)


def not_times(column: str) -> str:
    """That a column is called as times are, and holds none that are understood."""
    return f"The cells of {column} were not understood as times."


# ---------------------------------------------------------------- columns

TEXTS: Final = "the descriptions"
MOST_COLUMNS: Final = 6
"""Columns that a sentence names."""
TIMES: Final = "the times"
MARKS: Final = "the labels"
ANSWERS: Final = "labels or predictions"


def chosen_twice(first: str, second: str) -> str:
    """That one column was named for two things."""
    return f"The same column was chosen for {first} and for {second}; choose another for {second}."


# ---------------------------------------------------------------- labels and predictions

NO_SUCH_LABELS: Final = (
    "The column that was named for labels is not in the file; choose one of its columns."
)
NO_LABELS_IN_IT: Final = (
    "The column that was named for labels holds no 1, 0, yes or no and no category’s name; "
    "choose another one."
)
CODES: Final = (
    "The column that was named for labels holds 1 and 2 and no 0, and either may mean yes; write 1 "
    "for yes and 0 for no, or those words."
)
NO_NAMES_IN_IT: Final = (
    "The column that was named for labels names no category; for a column of 1 and 0, name its "
    "category too, as in “Ogling=was_ogled”."
)


def no_such_category(known: Sequence[str]) -> str:
    """That labels were named of a category that the model does not have."""
    if not known:
        return "No categories are known of which labels could be read; train a model first."
    return f"There is no such category to read labels of; name one of {', '.join(known)}."


def unread_column(kind: str, category: str, odd: int, filled: int) -> str:
    """That a column of predictions or labels holds something else."""
    wanted = "numbers from 0 to 1" if kind == "predictions" else "0 and 1"
    return (
        f"The column with {kind} of {category} was not read: it holds values other than {wanted} "
        f"in {odd:,} of {filled:,} cells."
    )


def codes(kind: str, category: str) -> str:
    """That a column of labels or predictions holds the codes of a survey."""
    return (
        f"The column with {kind} of {category} was not read: it holds 1 and 2 and no 0, and either "
        "may mean yes; write 1 for yes and 0 for no."
    )


def said_missing(kind: str, counts: Mapping[str, int]) -> str:
    """How many cells say that there is no label or prediction."""
    return f"Cells that say “NA” or the like count as no {kind}: {_each(counts)}."


def only_ones(categories: Sequence[str]) -> str:
    """That labels are all 1, beside cells that are empty."""
    return f"No label of {' or '.join(categories)} is 0; empty cells count as not labelled."


def odd_cells(kind: str, counts: Mapping[str, int]) -> str:
    """How many cells hold neither a label or prediction nor a word for a gap."""
    return f"Cells that cannot be read count as no {kind}: {_each(counts)}."


def refused_labels(count: int) -> str:
    """How many rows have no label because whoever labelled them did not accept it."""
    return f"Rows whose answer is not “accept” count as not labelled: {count:,}."


def other_names(count: int) -> str:
    """How many names in cells that name a category are those of no category."""
    return f"Names of no category were left out of cells that also name one: {count:,}."


def _each(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} of {owner}" for owner, count in counts.items())


def labels_from_names(column: str, beside: Sequence[str]) -> str:
    """That labels were read from a column of categories' names, and which columns were not."""
    said = f"True labels were read from the categories that the cells of {column} name"
    return said + (f", and not from {' or '.join(beside)}." if beside else ".")


def names_none(column: str) -> str:
    """That a column is called labels and holds none that are known."""
    return f"The cells of {column} name none of the categories, so they were not read as labels."


def names_categories(column: str) -> str:
    """That a column names categories and was not read."""
    return (
        f"The cells of {column} name categories and were not read as labels: to read them so, "
        "name it as the column of labels."
    )


def longest_texts(column: str, others: Sequence[str]) -> str:
    """That no name tells which column holds the descriptions, and which others have long texts."""
    have = "has" if len(others) == 1 else "have"
    return (
        f"The texts in {column} were read as the descriptions because they are the longest; "
        f"{_listed(others)} {have} texts too."
    )


def same_names(columns: Sequence[int]) -> str:
    """That several columns have one name, and the first was taken."""
    read = columns[0]
    *before, last = map(str, sorted(columns))
    return f"Columns {', '.join(before)} and {last} have one name; column {read} was read."


def nameless_columns(count: int) -> str:
    """That rows have more cells than there are names, as where texts hold the separator."""
    have = "has" if count == 1 else "have"
    return f"{_some(count, 'column')} {have} no name; texts that hold the separator would be cut."


# ---------------------------------------------------------------- parts

NO_SUCH_PART: Final = "There is no column of this name by which rows could be parted"
PART_IS_TAKEN: Final = (
    "Rows cannot be parted by their descriptions, labels or predictions, which are what is compared"
)
ONE_PART: Final = "This column has the same value in every row, so it parts nothing"


def too_many_parts(most: int) -> str:
    """Why a column makes no parts.

    >>> too_many_parts(50)
    'This column has more than 50 different values, so they are no parts that can be compared'
    """
    return (
        f"This column has more than {most:,} different values, so they are no parts that can be "
        "compared"
    )


def parted_by(problem: str, others: Sequence[str]) -> str:
    """Why rows cannot be parted, and by which columns they could be.

    >>> parted_by(ONE_PART, ["city", "channel"])
    'This column has the same value in every row, so it parts nothing; choose “city” or “channel”.'
    """
    if not others:
        return f"{problem}; no other column of this file has 2 to 50 different values."
    shown = [f"“{name}”" for name in others[:MOST_COLUMNS]]
    listed = " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
    more = f" or another of {len(others)} columns" if len(others) > MOST_COLUMNS else ""
    return f"{problem}; choose {listed}{more}."

"""Which columns of a file to learn from are categories, where nobody has said what categories are.

Two forms are known: a column of 0 and 1 for every category, or one column whose cells name them.
What was taken and what was left out is told; where both forms stand side by side it is asked.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from afterword.errors import TrainingError
from afterword.files import reading_wording
from afterword.files.class_names import compared, frequent_names, read_names
from afterword.files.column_names import doubles_of, key
from afterword.files.label_values import refused_rows
from afterword.files.labels import bears_names
from afterword.files.shares import Cells, count_cells, parse_shares
from afterword.training import wording

MOST: Final = 0.9
"""A category's column holds 0 or 1 in more than this share of its filled cells."""
HALF: Final = 0.5
"""A column that holds 0 or 1 in more than this share, and is no category's, is worth a word."""
MOST_NAMES: Final = 50
"""Different names in a column of categories' names; more are places, people or texts."""
LEAST_ROWS: Final = 5
"""Rows in which each of these names stands where nobody said that it is a category."""


@dataclass
class LabelColumns:
    """The categories of one file.

    Attributes
    ----------
    values : (n, k) labels of 1, 0 and NaN, a column per display name, on the rows' index.
    columns : display name → the column of the file, or what a column of names calls it.
    notes : sentences on what was taken, left out, and could not be read.
    """

    values: pd.DataFrame
    columns: dict[str, str]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Marks:
    """A column as one of 0 and 1.

    Attributes
    ----------
    labels : 1, 0 and NaN.
    cells : how many of its cells can be read.
    """

    labels: pd.Series
    cells: Cells

    def is_category(self, *, beside_names: bool) -> bool:
        """Whether a column that nobody named is one: a 1 here and there in gaps is none.

        Parameters
        ----------
        beside_names : whether the file has a column of categories' names. Then a column that says
            the same in every row, such as who labelled it, is none.
        """
        both = self.labels.nunique() == 2
        return bool(both or (self.labels.notna().mean() > MOST and not beside_names))


def _marks(rows: pd.DataFrame) -> dict[str, _Marks]:
    """Every column as one of 0 and 1: between these there are probabilities, and no labels."""
    found = {}
    for column in map(str, rows.columns):
        shares = parse_shares(rows[column])
        labels = shares.where(shares.isin((0, 1)))
        found[column] = _Marks(labels, count_cells(rows[column], labels.notna().to_numpy()))
    return found


def find_labels(
    file: str, rows: pd.DataFrame, names: Mapping[str, str], *, from_review: bool = False
) -> LabelColumns:
    """Find the categories of a file.

    Parameters
    ----------
    file : its name, for messages.
    rows : n rows that have a description, without it and without what a review adds.
    names : column → display name, as far as they are told.
    from_review : whether a review wrote the file: then all of its columns of 0 and 1 are labels.

    Raises
    ------
    TrainingError
        There are none, or a column that was named is none, or it cannot be told which are meant.
    """
    marks = _marks(rows)
    display = {name: column for column, name in names.items()}
    for column, name in names.items():
        if column in marks or name not in marks:
            _check(file, column, marks, MOST)
    of_names = _columns_of_names(rows, marks)
    doubles = {one for each in doubles_of(marks).values() for one in each}
    columns = {
        names.get(column, column): column
        for column, own in marks.items()
        if own.cells.share > MOST
        # Where a file has both, the original column goes before the display name.
        and display.get(column, column) not in marks.keys() - {column}
        and (
            column in names
            or column in display
            or from_review
            or (column not in doubles and own.is_category(beside_names=bool(of_names)))
        )
    }
    strays = [
        column
        for name, column in columns.items()
        if not from_review and column not in names and name not in display
    ]
    if of_names and (strays or (len(of_names) > 1 and not columns)):
        raise TrainingError(wording.which_labels(file, of_names, strays))
    left_out = _left_out(marks, {*columns.values(), *display}, doubles)
    if of_names and not columns:
        named = _named_in(rows, of_names[0], names, LEAST_ROWS)
        named.notes += left_out
        return named
    if not columns:
        raise TrainingError(" ".join([wording.no_labels(file), *left_out]))
    found = _of_marks(marks, columns)
    found.notes[:0] = [wording.taken_columns(list(columns))] if strays else []
    found.notes += left_out + [wording.names_left_out(column) for column in of_names]
    return found


def _left_out(
    marks: Mapping[str, _Marks], taken: Container[str], doubles: Container[str]
) -> list[str]:
    """Sentences on the columns that are much like one of labels and are none."""
    return [
        wording.double_left_out(column)
        if column in doubles
        else wording.left_out_column(column, own.cells.share, one_sided=own.cells.share > MOST)
        for column, own in marks.items()
        if column not in taken
        and (own.cells.share > HALF or (own.cells.said_missing and not own.cells.odd))
    ]


def told_labels(
    file: str, rows: pd.DataFrame, names: Mapping[str, str], told: Mapping[str, str]
) -> LabelColumns:
    """Read the categories of a file as a caller told them, and no others.

    Parameters
    ----------
    file, rows, names : as :func:`find_labels` takes them.
    told : category → column; the category "" stands for a column of categories' names.

    Raises
    ------
    TrainingError
        A column is not there, or holds no labels.
    """
    marks = _marks(rows)
    columns = {name: _column(column, marks) for name, column in told.items() if name}
    for column in columns.values():
        _check(file, column, marks, HALF)
    found = _of_marks(marks, columns)
    if "" not in told:
        return found
    column = _column(told[""], marks)
    if column not in marks:
        _check(file, column, marks, HALF)
    named = _named_in(rows, column, names, 1)
    if named.values.empty or marks[column].cells.share > HALF:
        raise TrainingError(wording.no_names(file, column))
    others = [name for name in named.values.columns if name not in columns]
    return LabelColumns(
        pd.concat([found.values, named.values[others]], axis=1),
        columns | {name: named.columns[name] for name in others},
        [*found.notes, *named.notes],
    )


def _column(wanted: str, marks: Mapping[str, _Marks]) -> str:
    alike = [column for column in marks if key(column) == key(wanted)]
    return wanted if wanted in marks or not alike else alike[0]


def _of_marks(marks: Mapping[str, _Marks], columns: Mapping[str, str]) -> LabelColumns:
    """Labels from columns of 0 and 1, and how many of their cells cannot be read."""
    values = pd.DataFrame({name: marks[column].labels for name, column in columns.items()})
    cells = {name: marks[column].cells for name, column in columns.items()}
    missing = {name: own.said_missing for name, own in cells.items() if own.said_missing}
    odd = {name: own.odd for name, own in cells.items() if own.odd}
    notes = [reading_wording.said_missing("labels", missing)] if missing else []
    notes += [reading_wording.odd_cells("labels", odd)] if odd else []
    return LabelColumns(values, dict(columns), notes)


def _columns_of_names(rows: pd.DataFrame, marks: Mapping[str, _Marks]) -> list[str]:
    """Columns that call themselves labels and hold few and frequent names, the likeliest first."""
    ranked = []
    for position, column in enumerate(map(str, rows.columns)):
        kind, rank = bears_names(column)
        if (
            kind == "labels"
            and marks[column].cells.share < HALF
            and frequent_names(rows[column], MOST_NAMES, LEAST_ROWS)
        ):
            ranked.append((rank, position, column))
    return [column for *_, column in sorted(ranked)]


def _named_in(
    rows: pd.DataFrame, column: str, names: Mapping[str, str], least: int
) -> LabelColumns:
    """Labels from a column whose cells name categories; without columns where none does."""
    found = frequent_names(rows[column], MOST_NAMES, least)
    columns = {names.get(name, name): name for name in found}
    read = read_names(rows[column], compared(columns), tuple(columns))
    values = pd.DataFrame(read.labels, index=rows.index, columns=list(columns))
    cells = count_cells(rows[column], read.readable)
    notes = [wording.taken_names(column, list(columns))]
    refused = refused_rows(rows)
    if refused.any():
        values[refused] = float("nan")
        notes.append(reading_wording.refused_labels(int(refused.sum())))
    if cells.said_missing:
        notes.append(reading_wording.said_missing("labels", {column: cells.said_missing}))
    return LabelColumns(values, columns, notes)


def _check(file: str, column: str, marks: Mapping[str, _Marks], least: float) -> None:
    """Refuse a column that was named and cannot be a category."""
    if column not in marks:
        suited = ", ".join(name for name, own in marks.items() if own.cells.share > MOST)
        raise TrainingError(wording.no_column(file, column, suited))
    if marks[column].cells.share <= least:
        raise TrainingError(wording.few_labels(file, column, marks[column].cells.share, least))

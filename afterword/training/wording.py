"""What is said of training, of the data that it reads, and of its figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NEW_ROWS: Final = "Expect less of it on new rows, and measure it on those."
TRAINED_ON: Final = f"The model was trained on these rows, so the figures flatter it. {NEW_ROWS}"
CROSS_VALIDATED: Final = "Cross-validation, folds grouped by repeated text"


def probably_trained_on(now: float, before: float) -> str:
    """What figures are worth that lie above those of training beyond chance."""
    return (
        f"The model was probably trained on these rows: {100 * now:.1f} % of its decisions are "
        f"right, and {100 * before:.1f} % were on rows that it had not seen, a difference that "
        f"chance rarely makes. {NEW_ROWS}"
    )


def may_be_trained_on(rows: int) -> str:
    """What figures are worth where nobody knows on which rows the model was trained."""
    return (
        f"The figures are too good if these rows are among the {rows:,} that the model was trained "
        "on, which the model does not tell: name the training data with --training."
    )


def damaged(path: str) -> str:
    """A file of digests that cannot be read."""
    return f"{path} is damaged. Delete it; repeated rows are then not told apart."


def not_written(folder: str, reason: str | None) -> str:
    """A folder that cannot be written."""
    return f"{folder} cannot be written: {reason}."


# ---------------------------------------------------------------- labelled data

SAME_NAME: Final = "Two columns have the same name for people. Name each differently."
THE_TABLE: Final = "The table"
"""What a table in memory is called where a file has its name."""


def left_out(file: str, reason: object) -> str:
    """That a file of a folder is not read, and why."""
    return f"{file} was left out: {reason}"


def no_table(source: object, note: str) -> str:
    """That there is no labelled data, and why the first file was left out; "" if none was."""
    return (
        f"{source} holds no table with descriptions and 0/1 category columns. "
        "Name a CSV, Excel, Parquet or JSON Lines file, or a folder of them, with --data."
        + (f" {note}" if note else "")
    )


def dropped(rows: int) -> str:
    """How many rows are not learned from."""
    return f"{rows} rows without a usable description or label were left out."


def no_data(kind: str) -> str:
    """That something else was given than labelled data."""
    return f"Labelled data is a file, a folder or a DataFrame, and not {kind}."


def no_file(path: object) -> str:
    """That there is nothing where the data should be."""
    return f"There is no file or folder {path}. Name the data with --data."


def other_categories(source: object) -> str:
    """That the files of a folder do not belong together."""
    return (
        f"The tables in {source} do not have the same category columns. "
        "Name one of them with --data."
    )


def no_labels(file: str) -> str:
    """That a file has no column of labels."""
    return (
        f"{file} has no column that holds only 0 and 1, and none that surely names categories. "
        "Name the columns of labels with --label."
    )


def no_complete_row(file: str) -> str:
    """That no row of a file can be learned from."""
    return f"{file} has no row with a description and a label of 0 or 1 in every category."


def no_labels_of(file: str, category: str) -> str:
    """That a file lacks the labels of a category of the model."""
    return (
        f"{file} has no column with the true labels of {category!r}. "
        "Name the column as in training, or as the category, and write 0 or 1 there; "
        f"or choose another one with --label “{category}=COLUMN”."
    )


def no_column(file: str, column: str, suited: str) -> str:
    """That a file lacks a column that was named, and which could be meant."""
    return f"{file} has no column {column!r}. Its columns of 0 and 1: {suited or 'none'}."


def few_labels(file: str, column: str, share: float, least: float) -> str:
    """That a column that was named holds something else than labels."""
    return (
        f"The column {column!r} of {file} holds 0 or 1 in {share:.0%} of its "
        f"filled cells; a category needs more than {least:.0%}."
    )


def which_labels(file: str, of_names: Sequence[str], of_marks: Sequence[str]) -> str:
    """That several columns could be the labels, and how to say which are."""
    beside = f", and 0 and 1 stand in {', '.join(map(repr, of_marks))}" if of_marks else ""
    return (
        f"It cannot be told which columns of {file} are the labels: categories are named in "
        f"{', '.join(map(repr, of_names))}{beside}. Say which with --label COLUMN for a column "
        "that names categories, or with --label NAME=COLUMN for each column of 0 and 1."
    )


def taken_columns(names: Sequence[str]) -> str:
    """Which columns were taken for categories because of what they hold."""
    return (
        f"Taken as categories, because they hold only 0 and 1: {', '.join(names)}. "
        "To learn others, name each with --label NAME=COLUMN."
    )


def taken_names(column: str, names: Sequence[str]) -> str:
    """Which categories were read from a column of names."""
    return f"Taken as categories, because {column!r} names them: {', '.join(names)}."


def left_out_column(column: str, share: float, *, one_sided: bool) -> str:
    """That a column that is much like one of labels was not taken."""
    if not share:
        return f"The column {column!r} was left out: it holds no label."
    if one_sided:
        return (
            f"The column {column!r} was left out: it holds only 1 or only 0. If it is a category, "
            "fill its gaps and name it with --label."
        )
    return f"The column {column!r} was left out: {share:.0%} of its filled cells hold 0 or 1."


def double_left_out(column: str) -> str:
    """That a column was not taken because another one has its name."""
    return f"The column {column!r} was left out: another column has the same name."


def names_left_out(column: str) -> str:
    """That a column of categories' names was not read."""
    return f"The column {column!r} names categories too and was left out."


def no_names(file: str, column: str) -> str:
    """That a column that was named for it names no categories."""
    return (
        f"The column {column!r} of {file} names no categories; for a column of 0 and 1 give the "
        "category too, as in --label NAME=COLUMN."
    )


# ---------------------------------------------------------------- training

NO_TEXTS: Final = "Every description must be a text; leave out rows without one."
NO_TABLE_OF_LABELS: Final = (
    "Labels must be a table with a row for every description and a column for every category."
)
SAME_CATEGORY: Final = "Two categories have the same name; rename one."
ZERO_OR_ONE: Final = "Labels must be 0 or 1; correct or leave out the other rows."
NO_FOLDS: Final = (
    "A category has too few distinct descriptions to be divided into folds; "
    "give more examples with and without it."
)


def no_promise(least: float, most: float) -> str:
    """That something is to be promised that cannot be."""
    return (
        f"Of the answers that are not called unsure, a share from {least:g} to {most:g} can be "
        "promised to be right; .95 means 95 of 100."
    )


READING: Final = "Reading the descriptions"
CHOOSING: Final = "Choosing the regularisation"
PREDICTING: Final = "Making the reference predictions"
FITTING: Final = "Fitting the model"
LEARNING_CHANCE: Final = "Learning what chance does"
LEARNING_YEARS: Final = "Learning what chance does in a year"


def no_words(least: int) -> str:
    """That no word is in enough descriptions."""
    return (
        f"No word stands in {least} distinct descriptions; "
        "train on more, or on longer, descriptions."
    )


def too_few(found: int, least: int) -> str:
    """That there are too few descriptions."""
    return (
        f"Training needs at least {least} distinct descriptions with words, "
        f"these are {found}; add more."
    )


def too_few_of(category: str, found: int, least: int, *, having: bool) -> str:
    """That too few descriptions have, or lack, a category."""
    return (
        f"Training needs at least {least} distinct descriptions {'with' if having else 'without'} "
        f"the category {category}, these are {found}; add more or leave it out."
    )

"""The option --label: which columns of a file hold the true labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from afterword.cli import wording
from afterword.errors import BatchError

LabelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        help=wording.LABEL_HELP,
    ),
]


def parse_labels(values: Sequence[str]) -> dict[str, str]:
    """Read what --label was given.

    Parameters
    ----------
    values : "NAME=COLUMN", or "COLUMN" for a column whose cells name categories.

    Returns
    -------
    Category → column, as :attr:`afterword.files.options.ReadOptions.labels` has it; the category
    "" stands for a column that names categories.

    Raises
    ------
    BatchError
        A name or column is missing, or stands twice.

    >>> parse_labels(["Ogling=was_ogled", "label"])
    {'Ogling': 'was_ogled', '': 'label'}
    """
    found: dict[str, str] = {}
    for value in values:
        # A column's name may hold "="; a category's does not.
        name, equals, column = value.partition("=")
        if not equals:
            name, column = "", value
        name, column = name.strip(), column.strip()
        if not column or (equals and not name):
            raise BatchError(wording.LABEL)
        if name in found:
            raise BatchError(wording.label_twice(name))
        found[name] = column
    return found

"""What is said of training and of its figures."""

from __future__ import annotations

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

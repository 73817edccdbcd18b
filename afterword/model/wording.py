"""What is said of a model: why it is not read, what its modes cost, what does not fit it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from afterword.deployment import FINDINGS, TEXTS

# ---------------------------------------------------------------- a stored model

OTHER_FORMAT: Final = (
    "The model was stored in another format than this version reads; train it again."
)
DAMAGED: Final = "The model's tables are damaged; restore the file or train it again."
MODES_DAMAGED: Final = "What the model's modes find and cost cannot be read; train it again."


def lacks(parts: Sequence[str]) -> str:
    """That parts of a stored model are missing."""
    return f"The model lacks {', '.join(parts)}; restore the file or train it again."


def missing(path: Path, restore: str) -> str:
    """That a file of a model is not there, and how it comes back."""
    return f"{path} is missing. {restore}"


def not_opened(path: Path, reason: str | None) -> str:
    """That a file of a model cannot be opened."""
    return f"{path} cannot be opened: {reason}."


def other_content(path: Path, restore: str) -> str:
    """That a file of a model is another one than the manifest names, and how it comes back."""
    return (
        f"{path} is not the file that the manifest names (its SHA-256 differs), "
        f"so it was not opened. {restore}"
    )


def other_version(library: str, trained: str, installed: str) -> str:
    """That a library is installed in another version than the one of training."""
    return (
        f"The model was trained with {library} {trained}, and {installed} is installed. "
        f"Install the version that belongs to it with: pip install {library}=={trained}"
    )


def replaced(folder: Path) -> str:
    """That a folder holds another model than the one that this server has loaded."""
    return (
        f"The model at {folder} was replaced while this server runs. Start the server again: it "
        "then answers with the new one."
    )


def folder_of_package(folder: Path) -> str:
    """That a new model would replace the one that is installed."""
    return (
        f"{folder} belongs to the installed package. Name another folder with --out, and that "
        "folder in AFTERWORD_MODEL_DIR."
    )


def folder_of_project(folder: Path) -> str:
    """That a new model would stand among the project's own files."""
    return (
        f"{folder} belongs to the project itself. Name another folder with --out; "
        "only --out model replaces the shipped model."
    )


def other_tables(folder: Path, restore: str) -> str:
    """That the tables of a model's check are of another version, and how they come back."""
    return f"The tables of the check in {folder} are of another version. {restore}"


# ---------------------------------------------------------------- modes and categories


def no_mode(modes: Sequence[str]) -> str:
    """That there is no such mode."""
    return f"There is no such mode; choose one of {', '.join(modes)}."


def no_category(categories: Sequence[str]) -> str:
    """That there is no such category."""
    return f"The model has no such category; choose one of {', '.join(categories)}."


NO_SUCH_WORD: Final = "The description does not hold such a word; name one of its words alone."
NO_WORDS: Final = 'Name the words to leave out in a list, each as a str, such as ["bus", "stop"].'


def cost(category: str, found: int, wrong: int) -> str:
    """What a threshold finds, and what it costs, of 100 each."""
    return (
        f"{category}: of 100 {FINDINGS} with it this finds {found}, and {wrong} of 100 alerts are "
        "wrong."
    )


def not_attainable(category: str, sure: float) -> str:
    """That no threshold keeps what a mode promises."""
    return (
        f"{category}: not attainable. No threshold is right in {100 * sure:.0f} of "
        "100 alerts, so it is not predicted; where it may be, the answer is unsure."
    )


def never_works(category: str) -> str:
    """That a category is predicted in no mode."""
    return (
        f"{category}: not attainable in any way to decide. No threshold finds it better than "
        f"calling all {TEXTS} so, as far as the training {TEXTS} show, so it is never predicted."
    )


def promise(
    no: Mapping[str, float | None], yes: Mapping[str, float | None], wanted: float, unsure: int
) -> str:
    """What is promised of the answers that are not called unsure.

    Parameters
    ----------
    no, yes : category → share of the sure answers "no", and "yes", that is right.
    wanted : the share that was to be promised.
    unsure : answers of 100 that are called unsure.

    >>> promise({"Noise": 0.95}, {"Noise": 0.9}, 0.95, 12).split(", ")[1]
    'its “no” is right in at least 95 of 100'
    """
    sides = [("no", no), *([("yes", yes)] if yes else [])]
    kept = [
        f"its “{name}” in at least {_kept(shares)}"
        for name, shares in sides
        if any(shares.values())
    ]
    said = []
    if kept:
        told = ", and ".join(kept).replace("in at", "is right in at", 1)
        said.append(f"Where the model is not unsure, {told}.")
    for answer, shares in sides:
        never = [name for name, share in shares.items() if share is None]
        said += [f"Every “{answer}” about {_and(never)} is unsure."] * bool(never)
    if any((share or 0) < wanted for _, shares in sides for share in shares.values()):
        said.append(f"Where less than {_of_hundred(wanted)} is named, more cannot be promised.")
    return " ".join([*said, f"Of 100 answers, {unsure} are unsure."])


def _kept(shares: Mapping[str, float | None]) -> str:
    """How often one answer is right, of which categories: "95 of 100 for Noise and 90 for Dogs"."""
    groups: dict[float, list[str]] = {}
    for name, share in sorted(shares.items(), key=lambda one: -(one[1] or 0)):
        if share is not None:
            groups.setdefault(share, []).append(name)
    alone = list(map(len, groups.values())) == [len(shares)]
    each = [
        _of_hundred(share)
        + ("" if number else " of 100")
        + ("" if alone else f" for {_and(names)}")
        for number, (share, names) in enumerate(groups.items())
    ]
    return _and(each)


def _and(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c" """
    return " and ".join([*filter(None, [", ".join(parts[:-1])]), *parts[-1:]])


def _of_hundred(share: float) -> str:
    return f"{100 * share:.4g}"


# ---------------------------------------------------------------- files of scored rows, and labels

NOT_SCORED: Final = (
    "Only scored rows are written here, as afterword.score gives them; a profile is kept with its "
    "method save, and what a check found with to_dict."
)
COLUMNS_MISSING: Final = (
    "This file of scored rows lacks columns that the check compares. "
    f"Score the {TEXTS} again with this version."
)
DAMAGED_ROWS: Final = (
    "This file of scored rows is damaged, or holds numbers that cannot be. "
    f"Score the {TEXTS} again."
)
ZERO_OR_ONE: Final = "Labels must be 0 or 1."
ONE_A_CATEGORY: Final = "Give one threshold and one name for every category."


def too_many_scored_rows(limit: int, megabytes: int) -> str:
    """That a file of scored rows is larger than is read."""
    return f"The file has more than {limit:,} rows or {megabytes} MB; split it into smaller files."


# ---------------------------------------------------------------- labels


def own_answers(categories: Sequence[str]) -> str:
    """That columns of labels repeat the model's decisions, and how to say what they are."""
    first = categories[0]
    return (
        f"The columns of {', '.join(categories)} look like the model’s own answers: they agree "
        "with its decisions as people’s labels never do. If people gave them, name the column of "
        f"each label, as in --label “{first}=COLUMN”, or call it “{first} label”."
    )

"""Which columns hold true labels and a system's predictions, and what their cells say.

A label is a 1 or 0 in a column that is named like its category, or a category's name in a column
of such names. What cannot be read costs one label and is counted.

>>> import pandas as pd
>>> table = pd.DataFrame({"text": ["He stared at me."], "label": [["Ogling"]]})
>>> find_outputs(table, ("Ogling", "Groping"), {}).labels
{'Ogling': 'label', 'Groping': 'label'}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

from afterword.errors import BatchError, ColumnError
from afterword.files import reading_wording
from afterword.files.class_names import compared, read_names
from afterword.files.column_names import key, shown_name
from afterword.files.label_values import as_names, marks, may_name, readable, refused_rows
from afterword.files.shares import are_codes, count_cells, parse_shares
from afterword.records import Choice

PREDICTION_WORDS = (
    "probability", "proba", "prob", "score", "confidence", "prediction", "predicted", "predict",
    "pred", "decision", "decided",
)  # fmt: skip
"""Words beside a category's name that make a column a prediction, the preferred first.

A table that was classified here has a probability and a score, which is no share: the probability
is found first, and the score is then not looked at."""

LABEL_WORDS = frozenset({
    "label", "labels", "labelled", "labeled", "true", "truth", "actual", "y", "gold", "ground",
    "target",
})  # fmt: skip
FILLER_WORDS = frozenset({
    "is", "of", "the", "category", "class", "model", "value", "y", "label",
})  # fmt: skip
NAMES_WORDS = (
    "label", "labels", "category", "categories", "class", "classes", "choice", "choices", "accept",
    "annotation", "annotations", "annotated", "target", "truth", "gold", "tag", "tags", "cats",
)  # fmt: skip
"""Words in the name of a column whose cells name categories, the preferred first."""


SURE_WORDS = frozenset({"label", "labels", "annotation", "annotations", "gold", "truth"})
"""Of these, those that mean labels and nothing else."""

BARE = "bare labels"
"""What was chosen of columns that are called like a category and no more: such a column may hold
the true labels, or the answers of a system."""

MOST_RIVALS = 8  # columns called like one category that are looked at
MOST_ODD = 0.5
"""A column of which more of the filled cells hold something else is none of labels."""
NAMING = 0.9
"""A column of another name whose filled cells name categories as often as this may hold labels."""
SAMPLE_ROWS, SAMPLE_CELLS = 1_000, 200_000
"""Rows, and cells of all columns together, in which names of categories are looked for."""

_BARE = 99  # rank of a column called like the category alone: a label if its values are


@dataclass
class Outputs:
    """The columns of predictions and labels.

    Attributes
    ----------
    predictions, labels : category → column.
    names : what the cells of a column of class names call a category → the category; empty where
        no such column was taken.
    choices : what a reader should know of it.
    order : every column of the table, by whose places a sentence calls those of unusual names.
    """

    predictions: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)
    order: tuple[str, ...] = ()

    def of(self, kind: str) -> dict[str, str]:
        """The columns of a kind, "predictions" or "labels"."""
        return self.labels if kind == "labels" else self.predictions

    def shown(self, column: str) -> str:
        """A column as a sentence calls it."""
        return shown_name(self.order, column)


def find_outputs(
    frame: pd.DataFrame,
    categories: Mapping[str, str] | Sequence[str],
    told: Mapping[str, str],
    description: str = "",
) -> Outputs:
    """Find the columns of predictions and labels.

    Parameters
    ----------
    frame : the table.
    categories : display names, or display name → the training data's column.
    told : as :attr:`afterword.files.options.ReadOptions.labels`; it goes before what is found.
    description : the column of descriptions, which is neither.

    Raises
    ------
    BatchError
        What was told names no category, or a column without labels.
    ColumnError
        It names a column that is not there.
    """
    found = Outputs(order=tuple(map(str, frame.columns)))
    if not categories and not told:
        return found
    frame = frame[[name for name in frame.columns if name != description]]
    names = compared(categories)
    _take_told(frame, categories, names, told, found)
    bare = _find_marks(frame, categories, found)
    named = _find_names(frame, names, tuple(categories), found, frozenset(bare), told)
    bare = [name for name in bare if name not in named]
    if bare:
        found.choices.append(Choice(BARE, bare))
    for kind in ("predictions", "labels"):
        found.choices += _count(frame, kind, tuple(categories), found)
    found.choices += _ticked(frame, found)
    return found


def _take_told(
    frame: pd.DataFrame,
    categories: Iterable[str],
    names: Mapping[str, str],
    told: Mapping[str, str],
    found: Outputs,
) -> None:
    """Take the columns that a caller named."""
    # The column of class names comes last: what is said of one category goes before it.
    for name, wanted in sorted(told.items(), key=lambda pair: not pair[0]):
        column = _column(frame, wanted, found.order)
        if name and key(name) not in names:
            raise BatchError(reading_wording.no_such_category(tuple(categories)))
        own = _names_in(frame[column], names)
        if own > marks(frame[column]).sum():
            found.names |= names
        elif are_codes(frame[column]):
            raise BatchError(reading_wording.CODES)
        elif not name or not marks(frame[column]).any():
            raise BatchError(
                reading_wording.NO_LABELS_IN_IT if name else reading_wording.NO_NAMES_IN_IT
            )
        for category in [names[key(name)]] if name else categories:
            found.labels.setdefault(category, column)


def _column(frame: pd.DataFrame, wanted: str, order: tuple[str, ...]) -> str:
    if wanted in frame.columns:
        return wanted
    for column in frame.columns:
        if key(column) == key(wanted):
            return str(column)
    raise ColumnError(reading_wording.NO_SUCH_LABELS, order)


def _names_in(column: pd.Series, names: Mapping[str, str]) -> int:
    return read_names(column, names, ()).naming if names else 0


def _find_marks(
    frame: pd.DataFrame, categories: Mapping[str, str] | Sequence[str], found: Outputs
) -> list[str]:
    """Find columns that are named like a category; return the categories whose label is bare."""
    originals = categories if isinstance(categories, Mapping) else {c: c for c in categories}
    told = frozenset(found.labels)
    bare = []
    for category, original in originals.items():
        names = sorted({key(category), key(original)} - {""}, key=len, reverse=True)
        rivals: list[tuple[int, int, str, str]] = []
        for position, column in enumerate(frame.columns):
            kind, rank = _role(key(column), names)
            if kind and not (kind == "labels" and category in told):
                rivals.append((rank, position, kind, str(column)))
        for rank, _, kind, column in sorted(rivals)[:MOST_RIVALS]:
            target = found.of(kind)
            if category in target:
                continue
            if are_codes(frame[column]):
                said = reading_wording.codes(kind, category)
                found.choices.append(Choice("unread column", column, said, doubtful=True))
                continue
            cells = count_cells(frame[column], readable(frame[column], kind))
            if cells.share >= (MOST_ODD if kind == "labels" else NAMING) and not (
                kind == "labels" and cells.odd and _is_without_ones(frame[column])
            ):
                target[category] = column
                bare += [category] * (kind == "labels" and rank == _BARE)
            elif cells.odd and (rank < _BARE or key(column) in names):
                said = reading_wording.unread_column(
                    kind, category, cells.odd, cells.odd + cells.read
                )
                found.choices.append(Choice("unread column", column, said, doubtful=True))
    return bare


def _is_without_ones(column: pd.Series) -> bool:
    """Whether no cell of a column says yes: what cannot be read there may be what should."""
    return not (parse_shares(column) == 1).any()


def _role(name: str, names: Sequence[str]) -> tuple[str, int]:
    """Return "predictions", "labels" or "" for a column's name, and its rank among rivals."""
    for known in names:
        before, found, after = f" {name} ".partition(f" {known} ")
        if not found:
            continue
        rest = f"{before} {after}".split()
        ranks = [PREDICTION_WORDS.index(word) for word in rest if word in PREDICTION_WORDS]
        known_words = {*PREDICTION_WORDS, *LABEL_WORDS, *FILLER_WORDS}
        if any(word not in known_words for word in rest):
            continue
        if ranks:
            return "predictions", min(ranks)
        if any(word in LABEL_WORDS for word in rest):
            return "labels", 0
        return "labels", _BARE
    return "", 0


def bears_names(name: str) -> tuple[str, int]:
    """Tell by a column's name whether its cells may name categories.

    Parameters
    ----------
    name : of the column.

    Returns
    -------
    "labels", "predictions" or "" if it says neither, and its rank among rivals.

    >>> bears_names("Predicted label")[0], bears_names("true_labels")[0], bears_names("type")[0]
    ('predictions', 'labels', '')
    """
    words = key(name).split()
    known = {*NAMES_WORDS, *LABEL_WORDS, *FILLER_WORDS, "name", "names", "list", *PREDICTION_WORDS}
    if not words or any(word not in known for word in words):
        return "", 0
    if any(word in PREDICTION_WORDS for word in words):
        return "predictions", 0
    ranks = [NAMES_WORDS.index(word) for word in words if word in NAMES_WORDS]
    rank = min(ranks, default=len(NAMES_WORDS))
    return ("labels", rank) if ranks or LABEL_WORDS.intersection(words) else ("", 0)


def _find_names(
    frame: pd.DataFrame,
    names: Mapping[str, str],
    categories: Sequence[str],
    found: Outputs,
    bare: frozenset[str],
    told: Mapping[str, str],
) -> frozenset[str]:
    """Find a column whose cells name categories; return the categories that it is taken for.

    A column that calls itself labels goes before one that is called like a category and no more,
    and after one that is called like a category's label.
    """
    certain: dict[str, list[tuple[int, int, str]]] = {"labels": [], "predictions": []}
    open_ones: list[str] = []
    taken = {*found.labels.values(), *found.predictions.values()}
    rows = min(SAMPLE_ROWS, max(100, SAMPLE_CELLS // (frame.shape[1] + 1)))
    for position, column in enumerate(map(str, frame.columns)):
        if column in taken or not may_name(frame[column]):
            continue
        kind, rank = bears_names(column)
        share = _share_naming(frame[column], names, categories, rows)
        if kind and share >= MOST_ODD:
            certain[kind].append((rank, position, column))
        elif share >= NAMING or (kind == "labels" and share > 0):
            open_ones.append(column)
    if certain["predictions"] and not found.predictions:
        column = min(certain["predictions"])[2]
        found.predictions |= dict.fromkeys(categories, column)
        found.names |= names
    rivals = [column for *_, column in sorted(certain["labels"])]
    if told.get("") or (rivals and set(found.labels) - bare):
        open_ones, rivals = ([] if told.get("") else rivals + open_ones), []
    elif rivals:
        _take_names(frame, rivals, categories, found)
        found.names |= names
    for column in open_ones:
        said = reading_wording.names_categories(found.shown(column))
        found.choices.append(Choice("unread labels", column, said, doubtful=True))
    if not (found.labels or open_ones):
        found.choices += _unknown_labels(frame, found)
    return frozenset(categories) if rivals else frozenset()


def _unknown_labels(frame: pd.DataFrame, found: Outputs) -> Iterator[Choice]:
    """Columns that are called labels and hold none that are known."""
    for column in map(str, frame.columns):
        called = not SURE_WORDS.isdisjoint(key(column).split()) and bears_names(column)[0]
        if called == "labels" and frame[column].notna().any():
            said = reading_wording.names_none(found.shown(column))
            yield Choice("other labels", column, said, doubtful=True)


def _take_names(
    frame: pd.DataFrame, rivals: Sequence[str], categories: Sequence[str], found: Outputs
) -> None:
    """Take the first of the columns of class names for labels, and say so."""
    first, *others = rivals
    aside = (*others, *found.labels.values())
    found.labels.clear()
    found.labels |= dict.fromkeys(categories, first)
    shown = found.shown(first)
    beside = [found.shown(column) for column in aside]
    said = reading_wording.labels_from_names(shown, beside)
    found.choices.append(Choice("class names", first, said, bool(aside), aside))


def _share_naming(
    column: pd.Series, names: Mapping[str, str], categories: Sequence[str], rows: int
) -> float:
    """Of the cells that say something, the share that names a category."""
    sample = column.iloc[:: max(1, len(column) // rows)]
    read = read_names(sample, names, categories)
    empty = int((read.labels == 0).all(axis=1).sum())  # "[]": that is no name, and not odd
    said = read.filled - empty
    return read.naming / said if said else 0.0


def _count(
    frame: pd.DataFrame, kind: str, categories: Sequence[str], found: Outputs
) -> Iterator[Choice]:
    """Say how many cells of the columns that were taken cannot be read."""
    missing: dict[str, int] = {}
    odd: dict[str, int] = {}
    others = 0
    columns = found.of(kind)
    for column in dict.fromkeys(columns.values()):
        shared = list(columns.values()).count(column) > 1
        names = as_names(frame[column], found.names, categories, shared=shared)
        read = readable(frame[column], kind) if names is None else names.readable
        cells = count_cells(frame[column], read)
        owners = [name for name, own in columns.items() if own == column]
        if names is not None:
            owners, others = [found.shown(column)], others + names.others
        missing |= dict.fromkeys(owners, cells.said_missing)
        odd |= dict.fromkeys(owners, cells.odd)
    missing = {owner: count for owner, count in missing.items() if count}
    odd = {owner: count for owner, count in odd.items() if count}
    if missing:
        yield Choice(f"missing {kind}", missing, reading_wording.said_missing(kind, missing))
    if odd:
        yield Choice(f"odd {kind}", odd, reading_wording.odd_cells(kind, odd), doubtful=True)
    refused = int(refused_rows(frame).sum()) if found.names and kind == "labels" else 0
    if refused:
        yield Choice("refused labels", refused, reading_wording.refused_labels(refused))
    if others:
        yield Choice(
            f"other names in {kind}", others, reading_wording.other_names(others), doubtful=True
        )


def _ticked(frame: pd.DataFrame, found: Outputs) -> Iterator[Choice]:
    """Say where labels are all 1 and other cells empty, which may mean 0 there."""
    marks = {name: parse_shares(frame[column]) for name, column in found.labels.items()}
    ones = [name for name, each in marks.items() if each.isna().any() and set(each.dropna()) == {1}]
    if ones:
        yield Choice("labels without 0", ones, reading_wording.only_ones(ones), doubtful=True)

"""Which column of a table holds what, and the values of those that are not texts.

>>> import pandas as pd
>>> table = pd.DataFrame({"id": [1], "story": ["He stared at me."], "Ogling label": ["yes"]})
>>> find_columns(table, categories=["Ogling"])[0]
Columns(description='story', time=None, predictions={}, labels={'Ogling': 'Ogling label'}, id=None)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

from afterword.errors import ColumnError
from afterword.files import wording
from afterword.files.column_names import DESCRIPTION_NAMES, OTHER_WORDS, TIME_WORDS, key
from afterword.files.options import NO_OPTIONS, ReadOptions
from afterword.files.times import looks_like_times, share_of_times
from afterword.records import Choice, Columns

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

TRUE_WORDS = frozenset({"1", "1.0", "true", "yes", "t", "y"})
FALSE_WORDS = frozenset({"0", "0.0", "false", "no", "f", "n"})


SAMPLE_ROWS = 1_000
"""Rows looked at to tell what a column holds; enough, and the same time for every file."""

CLEAR_LEAD = 0.8
"""A second column of texts this close to the longest one makes the choice a person's."""

_LETTER = re.compile(r"[^\W\d_]")
_SPACE = re.compile(r"\s")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"((?:[0-9]++(?:[.,][0-9]++)?|[.,][0-9]++)(?:e-?[0-9]++)?)\s*+(%?)")


def find_columns(
    frame: pd.DataFrame,
    options: ReadOptions = NO_OPTIONS,
    categories: Mapping[str, str] | Sequence[str] = (),
) -> tuple[Columns, tuple[Choice, ...]]:
    """Find the description, time, predictions and labels among a table's columns.

    Parameters
    ----------
    frame : the table; its column names are unique strings.
    options : what the caller knows of the columns.
    categories : display names, or display name → the training data's column.

    Returns
    -------
    The columns, and what a reader should know of them.

    Raises
    ------
    BatchError
        The description column cannot be told, or the one named is not there.
    """
    sample = frame.iloc[:: max(1, len(frame) // SAMPLE_ROWS)]
    named = options.description
    chosen = _find_description(sample) if named is None else _named(frame, named)
    predictions, labels, choices = _find_outputs(frame.drop(columns=chosen), categories)
    taken = {chosen, *predictions.values(), *labels.values()}
    choices.append(Choice("description", chosen))
    if options.time is not None:
        time = _named(frame, options.time) if options.time else None
        choices.append(Choice("time", time))
    else:
        time, said = _find_time(sample[[name for name in sample.columns if name not in taken]])
        choices += said
    for of, found in (("predictions", predictions), ("labels", labels)):
        if found:
            choices.append(Choice(of, dict(found)))
    return Columns(chosen, time, predictions, labels), tuple(choices)


def _named(frame: pd.DataFrame, name: str) -> str:
    if name in frame.columns:
        return name
    for column in frame.columns:
        if key(column) == key(name):
            return str(column)
    raise ColumnError(wording.NO_SUCH_COLUMN, tuple(map(str, frame.columns)))


def _find_description(sample: pd.DataFrame) -> str:
    lengths = {str(name): _average_text(sample[name]) for name in sample.columns}
    by_key: dict[str, str] = {}
    for name in lengths:
        by_key.setdefault(key(name), name)
    exact = [by_key[known] for known in DESCRIPTION_NAMES if known in by_key]
    for name in exact:
        if lengths[name] > 0:
            return name
    close = [name for name in lengths if lengths[name] > 0 and _extends_known(key(name))]
    if close:
        return max(close, key=lambda name: lengths[name])
    prose = sorted((n for n in lengths if lengths[n] > 0), key=lambda n: lengths[n], reverse=True)
    if len(prose) == 1 or (len(prose) > 1 and lengths[prose[1]] < CLEAR_LEAD * lengths[prose[0]]):
        return prose[0]
    if not prose:
        # A column that is called "description" and holds numbers is rejected row by row, which
        # says more than an error for the file.
        if exact:
            return exact[0]
        strings = [name for name in lengths if _share_of_words(sample[name]) >= 0.5]
        if len(strings) == 1:
            return strings[0]
        if len(lengths) == 1:
            return next(iter(lengths))
    raise ColumnError(wording.COLUMN_NOT_TOLD, tuple(map(str, sample.columns)))


def _extends_known(name: str) -> bool:
    words = name.split()
    if words[-1] in OTHER_WORDS or words[-1] in TIME_WORDS or words[-1] == "at":
        return False  # "report id", "message received at"
    return any(
        name.startswith(known + " ") or name.endswith(" " + known) for known in DESCRIPTION_NAMES
    )


def _share_of_words(column: pd.Series) -> float:
    """Share of the filled cells that are strings with a letter in them."""
    filled = [value for value in column.dropna() if not isinstance(value, str) or value.strip()]
    words = [v for v in filled if isinstance(v, str) and _LETTER.search(v)]
    return len(words) / len(filled) if filled else 0.0


def _average_text(column: pd.Series) -> float:
    """Average length of a column's texts; 0 if most of its cells are codes, dates or numbers."""
    if _share_of_words(column) < 0.5:
        return 0.0
    texts = [value for value in column.dropna() if isinstance(value, str) and value.strip()]
    # Addresses, hashes and identifiers have no space; texts in Chinese have none either.
    prose = [text for text in texts if _SPACE.search(text.strip()) or not text.isascii()]
    if len(prose) < 0.5 * len(texts) or share_of_times(column) > 0.5:
        return 0.0
    return sum(map(len, texts)) / len(texts)


def _find_time(sample: pd.DataFrame) -> tuple[str | None, list[Choice]]:
    """The column of times, and what a reader should know of it."""
    found: list[tuple[int, int, str]] = []
    unread: list[str] = []
    for name in map(str, sample.columns):
        words = key(name).split()
        ranks = [TIME_WORDS.index(word) for word in words if word in TIME_WORDS]
        if ranks and looks_like_times(sample[name]):
            found.append((min(ranks), len(found), name))
        elif ranks and _has_figures(sample[name]):
            unread.append(name)
    if found:
        others = tuple(name for *_, name in sorted(found))
        return others[0], [Choice("time", others[0], others=others)]
    return None, [Choice("time", None, wording.not_times(name), True) for name in unread[:1]]


def _has_figures(column: pd.Series) -> bool:
    """Whether most of the filled cells hold a figure, as times do."""
    filled = [str(value) for value in column.dropna() if str(value).strip()]
    return sum(map(bool, map(_DIGIT.search, filled))) > 0.5 * len(filled)


def parse_shares(column: pd.Series) -> pd.Series:
    """Return a column of predictions or labels as numbers from 0 to 1.

    Parameters
    ----------
    column : numbers, or strings such as ``0.35``, ``0,35``, ``35 %``, ``yes``, ``False``.

    Returns
    -------
    Series of float64 on the same index; what is missing or none of these is NaN.

    >>> import pandas as pd
    >>> parse_shares(pd.Series(["yes", "0,35", "5 %", "maybe", None])).tolist()
    [1.0, 0.35, 0.05, nan, nan]
    """
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):  # bool counts as numeric
        numbers = column.astype("float64")
    else:
        values = {value: _share(value) for value in {_hashable(v) for v in column}}
        numbers = pd.Series(
            [values[_hashable(value)] for value in column], index=column.index, dtype="float64"
        )
    return numbers.where(numbers.between(0, 1))


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) else str(value)


def _share(value: str | int | float) -> float:
    word = str(value).strip().casefold()
    if word in TRUE_WORDS:
        return 1.0
    if word in FALSE_WORDS:
        return 0.0
    match = _NUMBER.fullmatch(word)
    if not match:
        return float("nan")
    return float(match[1].replace(",", ".")) / (100 if match[2] else 1)


def _find_outputs(
    frame: pd.DataFrame, categories: Mapping[str, str] | Sequence[str]
) -> tuple[dict[str, str], dict[str, str], list[Choice]]:
    """Find the columns of predictions and labels; return both, and which were left aside."""
    originals = categories if isinstance(categories, Mapping) else {c: c for c in categories}
    predictions: dict[str, str] = {}
    labels: dict[str, str] = {}
    choices: list[Choice] = []
    for category, original in originals.items():
        names = sorted({key(category), key(original)} - {""}, key=len, reverse=True)
        found: list[tuple[int, int, str, str]] = []
        for position, column in enumerate(frame.columns):
            kind, rank = _role(key(column), names)
            if kind:
                found.append((rank, position, kind, str(column)))
        for rank, _, kind, column in sorted(found):
            target = predictions if kind == "prediction" else labels
            if category in target:
                continue
            filled = frame[column].dropna()
            filled = filled[filled.astype(str).str.strip() != ""]
            shares = parse_shares(filled)
            right = shares.notna() if kind == "prediction" else shares.isin((0.0, 1.0))
            if len(filled) and right.all():
                target[category] = column
            elif len(filled) and (rank < _BARE or key(column) in names):
                said = wording.unread_column(kind, category)
                choices.append(Choice("unread column", column, said, doubtful=True))
    return predictions, labels, choices


_BARE = 99
"""Rank of a column that is called like the category and no more: a label if its values are."""


def _role(name: str, names: Sequence[str]) -> tuple[str, int]:
    """Return "prediction", "label" or "" for a column's name, and its rank among rivals."""
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
            return "prediction", min(ranks)
        if any(word in LABEL_WORDS for word in rest):
            return "label", 0
        return "label", _BARE
    return "", 0

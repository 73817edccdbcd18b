"""Which column of a table holds what, and the values of those that are not texts.

>>> import pandas as pd
>>> table = pd.DataFrame({"id": [1], "story": ["He stared at me."], "Ogling label": ["yes"]})
>>> find_columns(table, categories=["Ogling"])[0]
Columns(description='story', time=None, predictions={}, labels={'Ogling': 'Ogling label'}, id='id')
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

from afterword.errors import BatchError, ColumnError
from afterword.files import reading_wording, wording
from afterword.files.column_names import (
    DESCRIPTION_NAMES,
    OTHER_WORDS,
    TIME_WORDS,
    doubles_of,
    key,
    shown_name,
)
from afterword.files.labels import find_outputs
from afterword.files.options import NO_OPTIONS, ReadOptions
from afterword.files.parted import column_to_part
from afterword.files.time_columns import filled_cells, find_time
from afterword.files.times import share_of_times
from afterword.records import Choice, Columns

ID_WORDS = ("id", "uuid", "guid", "identifier")
ID_OWNERS = frozenset({
    "response", "record", "case", "ticket", "report", "incident", "complaint", "feedback",
    "comment", "message", "description", "text", "submission", "entry", "document", "doc", "item",
    "sample", "example", "annotation", "tweet", "post", "review", "issue", "request", "unique",
    "global", "external", "reference", "event", "story", "data", "object", "task", "the",
})  # fmt: skip
"""What an id may be of that tells rows apart; a user's or a place's does not."""

SAMPLE_ROWS = 1_000
"""Rows looked at to tell what a column holds; enough, and the same time for every file."""
SAMPLE_CELLS = 200_000
"""Cells of all columns together that are looked at for that; 100 rows at least."""

EXACT = 2**53
"""Whole numbers below this are exact as floating-point ones; larger ones may have lost digits."""

CLEAR_LEAD = 0.8
"""A second column of texts this close to the longest one makes the choice a person's."""

PLAUSIBLE = 0.25
"""A column whose texts are on average at least this part of the longest ones may be meant too."""

_LETTER = re.compile(r"[^\W\d_]")
_SPACE = re.compile(r"\s")


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
        The description column cannot be told, the one named is not there, or one column is named
        for two things.
    """
    rows = min(SAMPLE_ROWS, max(100, SAMPLE_CELLS // max(1, frame.shape[1])))
    sample = frame.iloc[:: max(1, len(frame) // rows)]
    named = options.description
    told = {key(name) for name in options.labels.values()}
    others = sample[[name for name in sample.columns if key(name) not in told]]
    if named is None:
        chosen, rivals = _find_description(others)
    else:
        chosen, rivals = _named(frame, named), ()
    if key(chosen) in told:
        raise BatchError(reading_wording.chosen_twice(reading_wording.TEXTS, reading_wording.MARKS))
    outputs = find_outputs(frame, categories, options.labels, chosen)
    taken = [chosen, *outputs.labels.values(), *outputs.predictions.values()]
    rivals = tuple(name for name in rivals if name not in taken)
    choices = [*outputs.choices, _told_description(frame, chosen, rivals)]
    if options.time is not None:
        time = _named(frame, options.time, wording.NO_SUCH_TIMES) if options.time else None
        if time in taken:
            second = reading_wording.TEXTS if time == chosen else reading_wording.ANSWERS
            raise BatchError(reading_wording.chosen_twice(second, reading_wording.TIMES))
        choices.append(Choice("time", time))
    else:
        rest = sample[[name for name in sample.columns if name not in taken]]
        time, said = find_time(rest, tuple(map(str, sample.columns)))
        choices += said
    own = find_id(frame[[name for name in frame.columns if name not in {*taken, time}]])
    by = None if options.by is None else column_to_part(frame, options.by, taken)
    columns = Columns(chosen, time, outputs.predictions, outputs.labels, own, by, outputs.names)
    choices += _doubles(frame, dict.fromkeys([*taken, time]))
    for of in ("predictions", "labels", "id", "by"):
        if getattr(columns, of):
            choices.append(Choice(of, getattr(columns, of)))
    return columns, tuple(choices)


def find_id(frame: pd.DataFrame) -> str | None:
    """Find the column by which a file's own system tells its rows apart.

    Parameters
    ----------
    frame : the columns that hold nothing else.

    Returns
    -------
    A column that is called so and differs in every row; None if there is none.

    >>> import pandas as pd
    >>> find_id(pd.DataFrame({"user_id": [1, 2], "ResponseId": ["R_1", "R_2"]}))
    'ResponseId'
    """
    ranked = []
    for position, column in enumerate(map(str, frame.columns)):
        *owner, last = key(column).split() or [""]
        if last in ID_WORDS and ID_OWNERS.issuperset(owner):
            ranked.append((len(owner), ID_WORDS.index(last), position, column))
    for *_, column in sorted(ranked):
        cells = frame[column].astype(object).map(str)  # a gap would make floats of long numbers
        filled = ~(frame[column].isna() | (cells.str.strip() == ""))
        if filled.mean() >= 0.9 and cells[filled].is_unique:
            return column
    return None


def as_whole(ids: pd.Series) -> pd.Series:
    """Return ids whose numbers are whole: a gap, or a program, makes 12345.0 of 12345.

    Parameters
    ----------
    ids : a column that :func:`find_id` found; what is no whole number stays what it is.

    >>> import pandas as pd
    >>> as_whole(pd.Series([12345.0, None, 7.0])).tolist()
    [12345, <NA>, 7]
    """
    import pandas as pd

    if pd.api.types.is_float_dtype(ids):
        filled = ids.dropna()
        whole = ((filled % 1 == 0) & (filled.abs() < EXACT)).all()
        return ids.astype("Int64") if whole and len(filled) else ids
    if not pd.api.types.is_object_dtype(ids):
        return ids
    cells = [
        int(cell) if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT else cell
        for cell in ids
    ]
    return pd.Series(cells, index=ids.index, dtype=object)


def _doubles(frame: pd.DataFrame, taken: Iterable[str | None]) -> Iterator[Choice]:
    """Say of which columns that were taken the file has several of one name."""
    places = {str(column): place for place, column in enumerate(frame.columns, start=1)}
    bases = {double: base for base, each in doubles_of(places).items() for double in each}
    rivals: dict[str, list[str]] = {}
    for name in filter(None, taken):
        same = key(bases.get(name, name))
        others = [one for one in places if one != name and key(bases.get(one, one)) == same]
        rivals |= {name: others} if same and others else {}
    if rivals:
        said = " ".join(
            reading_wording.same_names([places[name], *map(places.__getitem__, others)])
            for name, others in rivals.items()
        )
        every = tuple(dict.fromkeys(itertools.chain.from_iterable(rivals.values())))
        yield Choice("columns of one name", list(rivals), said, True, every)


def _named(frame: pd.DataFrame, name: str, missing: str = wording.NO_SUCH_COLUMN) -> str:
    if name in frame.columns:
        return name
    for column in frame.columns:
        if key(column) == key(name):
            return str(column)
    raise ColumnError(missing, tuple(map(str, frame.columns)))


def _told_description(frame: pd.DataFrame, chosen: str, rivals: tuple[str, ...]) -> Choice:
    """Which column holds the descriptions, and which others could."""
    if not rivals:
        return Choice("description", chosen)
    order = tuple(map(str, frame.columns))
    others = [shown_name(order, name) for name in rivals]
    said = reading_wording.longest_texts(shown_name(order, chosen), others)
    return Choice("description", chosen, said, True, rivals)


def _find_description(sample: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """The column of descriptions, and those that could be meant where no name tells."""
    lengths = {str(name): _average_text(sample[name]) for name in sample.columns}
    by_key: dict[str, str] = {}
    for name in lengths:
        by_key.setdefault(key(name), name)
    exact = [by_key[known] for known in DESCRIPTION_NAMES if known in by_key]
    for name in exact:
        if lengths[name] > 0:
            return name, ()
    close = [name for name in lengths if lengths[name] > 0 and _extends_known(key(name))]
    if close:
        return _longest(close, lengths)
    prose = sorted((n for n in lengths if lengths[n] > 0), key=lambda n: lengths[n], reverse=True)
    if len(prose) == 1 or (len(prose) > 1 and lengths[prose[1]] < CLEAR_LEAD * lengths[prose[0]]):
        return _longest([name for name in prose if not _is_of_others(key(name))], lengths, prose[0])
    if not prose:
        # A column that is called "description" and holds numbers is rejected row by row, which
        # says more than an error for the file.
        if exact:
            return exact[0], ()
        strings = [name for name in lengths if _share_of_words(filled_cells(sample[name])) >= 0.5]
        if len(strings) == 1:
            return strings[0], ()
        if len(lengths) == 1:
            return next(iter(lengths)), ()
    raise ColumnError(wording.COLUMN_NOT_TOLD, tuple(map(str, sample.columns)))


def _longest(
    names: Sequence[str], lengths: Mapping[str, float], chosen: str = ""
) -> tuple[str, tuple[str, ...]]:
    """The column with the longest texts, and those whose texts are long too."""
    ranked = sorted(names, key=lambda name: lengths[name], reverse=True)
    first = chosen or ranked[0]
    least = PLAUSIBLE * lengths[first]
    return first, tuple(name for name in ranked if name != first and lengths[name] >= least)


def _is_of_others(name: str) -> bool:
    """Tell whether a column is called like what stands beside descriptions: "report id"."""
    last = name.split()[-1:]
    return not {*OTHER_WORDS, *TIME_WORDS, "at"}.isdisjoint(last)


def _extends_known(name: str) -> bool:
    if _is_of_others(name):
        return False  # "report id", "message received at"
    return any(
        name.startswith(known + " ") or name.endswith(" " + known) for known in DESCRIPTION_NAMES
    )


def _share_of_words(filled: Sequence[Any]) -> float:
    """Share of the filled cells that are strings with a letter in them."""
    words = [v for v in filled if isinstance(v, str) and _LETTER.search(v)]
    return len(words) / len(filled) if filled else 0.0


def _average_text(column: pd.Series) -> float:
    """Average length of a column's texts; 0 if most of its cells are codes, dates or numbers."""
    filled = filled_cells(column)
    if _share_of_words(filled) < 0.5:
        return 0.0
    texts = [value for value in filled if isinstance(value, str)]
    # Addresses, hashes and identifiers have no space; texts in Chinese have none either.
    prose = [text for text in texts if _SPACE.search(text) or not text.isascii()]
    if len(prose) < 0.5 * len(texts) or share_of_times(column) > 0.5:
        return 0.0
    return sum(map(len, texts)) / len(texts)

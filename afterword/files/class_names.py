"""Columns whose cells name categories, as tools for annotation write them.

A cell may be one name, several with a separator between them, or a list in the form of Label
Studio, doccano, Prodigy, spaCy, Python or JSON. An empty list says that none applies.

>>> names = {"ogling": "Ogling", "touching groping": "Groping"}
>>> sorted(read_cell('{"choices": ["Ogling", "Touching /Groping"]}', names).categories)
['Groping', 'Ogling']
>>> read_cell("[]", names).categories, read_cell("NA", names)
(frozenset(), None)
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.files.column_names import key
from afterword.files.shares import is_missing

if TYPE_CHECKING:
    import pandas as pd

NONE_APPLIES = frozenset({
    "none of them", "none of these", "none of the above", "none of the categories", "neither",
    "no category",
})  # fmt: skip
"""Cells that say that no category applies, as they are compared."""

LONGEST_LIST = 1_000
"""Characters of the longest cell that is read as names with separators; others are texts."""

LONGEST_JSON = 100_000
"""Characters of the longest cell that is read as JSON."""

_HOLDERS = frozenset({
    "choices", "choice", "labels", "label", "categories", "category", "class", "classes", "accept",
    "annotations", "annotation", "result", "value", "values", "name", "names", "tags", "tag",
})  # fmt: skip
"""Keys of a JSON object under which names stand, or lists and objects that hold them."""

_SEPARATOR = re.compile(r"[#|;\n\r\t]")
_QUOTED = re.compile(r"'([^']*+)'|\"([^\"]*+)\"")
_PYTHONS = re.compile(r"'([^'\"\\]*+)'|\b(True|False|None)\b")
_AS_JSON = {"True": "true", "False": "false", "None": "null"}
_LETTER = re.compile(r"[^\W\d_]")
_MARKS = " \t\r\n'\"[](){}"


@dataclass(frozen=True)
class Named:
    """What a cell names.

    Attributes
    ----------
    categories : those that it names; none of them if it is an empty list.
    others : names in it that are no category's.
    """

    categories: frozenset[str]
    others: int

    @property
    def tells(self) -> bool:
        """Whether it can be read: a name that is nobody's may be a category's, misspelt."""
        return bool(self.categories) or not self.others


@dataclass(frozen=True, eq=False)
class Names:
    """What the cells of a column name.

    Attributes
    ----------
    labels : (n, k) 1 where a category is named, 0 where another one or none is, NaN where nothing
        can be read.
    filled : cells that somebody filled.
    naming : of these, cells that name a category.
    others : names that are no category's, in cells that name one.
    """

    labels: np.ndarray
    filled: int
    naming: int
    others: int

    @property
    def readable(self) -> np.ndarray:
        """(n,) whether each cell can be read."""
        found: np.ndarray = ~np.isnan(self.labels).all(axis=1)
        return found


def compared(categories: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    """Name as it is compared → category, for the display names and the training data's.

    >>> compared({"Groping": "Touching /Groping"})
    {'touching groping': 'Groping', 'groping': 'Groping'}
    """
    originals = categories if isinstance(categories, Mapping) else {}
    known = {key(original): category for category, original in originals.items()}
    known |= {key(category): category for category in categories}
    known.pop("", None)
    return known


def read_names(column: pd.Series, names: Mapping[str, str], categories: Sequence[str]) -> Names:
    """Read a column whose cells name categories; one pass, each different text read once.

    Parameters
    ----------
    column : n cells.
    names : name as :func:`compared` gives it → category.
    categories : k display names, in the order of the labels' columns.

    >>> import pandas as pd
    >>> read_names(pd.Series(["a", "a#b", "[]", ""]), {"a": "a", "b": "b"}, "ab").labels
    array([[ 1.,  0.],
           [ 1.,  1.],
           [ 0.,  0.],
           [nan, nan]])
    """
    places = {category: place for place, category in enumerate(categories)}
    labels = np.full((len(column), len(places)), np.nan)
    known: dict[str, Named | None] = {}
    filled = naming = others = 0
    for row, cell in enumerate(column):
        if isinstance(cell, str):
            if cell not in known:
                known[cell] = read_cell(cell, names)
            named = known[cell]
        else:
            named = read_cell(cell, names)
        if named is None:
            continue
        filled += 1
        if not named.tells:
            continue
        naming += bool(named.categories)
        others += named.others
        labels[row] = 0
        labels[row, [places[name] for name in named.categories if name in places]] = 1
    return Names(labels, filled, naming, others)


def read_cell(cell: Any, names: Mapping[str, str]) -> Named | None:
    """Tell what a cell names; None if nobody filled it.

    Parameters
    ----------
    cell : a text, list, array or object.
    names : name as :func:`compared` gives it → category.

    >>> read_cell("Ogling, waved", {"ogling": "Ogling"})
    Named(categories=frozenset({'Ogling'}), others=1)
    """
    if is_missing(cell):
        return None
    found = [key(part) for part in parts_of(cell, names)]
    return Named(
        frozenset(names[name] for name in found if name in names),
        sum(name not in names for name in found),
    )


def frequent_names(column: pd.Series, most: int, least: int) -> tuple[str, ...]:
    """The names in a column that holds nothing but names; empty if it does not look so.

    Parameters
    ----------
    column : its cells, of which nobody knows the categories.
    most : different names that it may hold.
    least : cells in which each name must stand.

    >>> import pandas as pd
    >>> frequent_names(pd.Series(["b", "a", '["a", "b"]', None]), most=5, least=2)
    ('b', 'a')
    """
    shown: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for cell in column:
        if is_missing(cell):
            continue
        for part in dict.fromkeys(parts_of(cell, {})):
            counts[key(part)] += 1
            shown.setdefault(key(part), part.strip())
            if len(shown) > 20 * most:
                return ()
    if not counts or len(counts) > most or min(counts.values()) < least:
        return ()
    return tuple(shown.values()) if all(map(_LETTER.search, counts)) else ()


def parts_of(cell: Any, names: Mapping[str, str]) -> list[str]:
    """The names in a cell, as they are written; "" for what is none.

    Parameters
    ----------
    cell : a text, list, array or object that is not missing.
    names : as :func:`read_cell` takes them: a name may hold a separator.
    """
    if not isinstance(cell, str):
        return list(_walk(cell))
    text = cell.strip()
    whole = key(text) if len(text) <= LONGEST_LIST else ""
    if whole in names:
        return [text]
    if text in ("()", "set()") or whole in NONE_APPLIES:
        return []
    if len(text) > LONGEST_JSON:
        return [""]
    if text[:1] in ("[", "{", "("):
        found = _bracketed(text)
        if found is not None:
            return found
        text = text.strip(_MARKS)
    if len(text) > LONGEST_LIST:
        return [""]
    parts: list[str] = []
    for part in _SEPARATOR.split(text):
        parts += [part] if key(part.strip(_MARKS)) in names else part.split(",")
    # Marks without a name between them are no empty list.
    return [part.strip(_MARKS) for part in parts if part.strip(_MARKS)] or [""]


def _bracketed(text: str) -> list[str] | None:
    """The names in a list or object as JSON, Python and numpy write them; None if it is none."""
    for form in (text, _PYTHONS.sub(_as_json, text)):
        try:
            return list(_walk(json.loads(form)))
        except (ValueError, RecursionError):
            continue
    quoted = [one or other for one, other in _QUOTED.findall(text)]
    if quoted and ":" in _QUOTED.sub("", text):
        return [""]  # an object, of which not every key applies
    return quoted or None


def _as_json(found: re.Match[str]) -> str:
    """What Python writes, as JSON has it."""
    return _AS_JSON[found[2]] if found[2] else f'"{found[1]}"'


def _walk(value: Any) -> Iterator[str]:
    """The names in lists and objects of any depth; "" where something else stands."""
    ahead = [value]
    while ahead:
        one = ahead.pop()
        if hasattr(one, "tolist"):
            one = one.tolist()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            held = [one[name] for name in one if key(name) in _HOLDERS]
            told = {str(name): flag for name, flag in one.items() if flag is not None}
            ticked = {name: flag for name, flag in told.items() if _is_flag(flag)}
            if one.get("was_cancelled") is True:
                yield ""  # Label Studio: whoever labelled it skipped it
            elif held:
                ahead += held
            elif told and len(ticked) == len(told):  # spaCy: {"Ogling": 1, "Groping": 0}
                yield from (name for name, applies in ticked.items() if applies)
            else:
                yield ""
        elif isinstance(one, list | tuple | set | frozenset):
            # doccano: [[0, 5, "Ogling"]], where the numbers say from where to where.
            held = [each for each in one if isinstance(each, str | Mapping) or _is_list(each)]
            if one and not held:
                yield ""
            ahead += reversed(held)
        else:
            yield ""


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | int | float) and value in (0, 1)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset) or getattr(value, "ndim", 0) > 0

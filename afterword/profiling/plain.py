"""What profiles are made of as arrays and plain values, without pickles, and back.

>>> arrays = {}
>>> told = pack({"column": Column.of(np.array([2.0, 2.0]))}, arrays)
>>> unpack(told, arrays)["column"].counts.tolist()
[2]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

import numpy as np

from afterword.measures.answers import Answers, LabelledAnswers
from afterword.measures.columns import Column
from afterword.measures.drawn_rows import DrawnRows
from afterword.measures.profiles import Profile
from afterword.model.deployed import Deployed
from afterword.text.counts import TextCounts
from afterword.text.distinct import DistinctTexts
from afterword.text.word_lists import Kept, Lists

_KINDS: Final = {
    kind.__name__: kind
    for kind in (
        Answers, Column, Deployed, DistinctTexts, DrawnRows, Kept, LabelledAnswers, Lists, Profile,
        TextCounts,
    )
}  # fmt: skip


def pack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Turn a value into what JSON holds.

    Parameters
    ----------
    value : of the kinds that profiles are made of.
    arrays : gets the arrays, by the names that stand in their places.

    Raises
    ------
    TypeError
        It is of another kind.
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, np.integer | np.floating):
        return value.item()
    if isinstance(value, np.ndarray):
        name = f"array-{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, tuple):
        return {"tuple": [pack(each, arrays) for each in value]}
    if isinstance(value, Mapping):
        return {"mapping": [[pack(key, arrays), pack(of, arrays)] for key, of in value.items()]}
    if type(value).__name__ == "DataFrame":
        columns = {name: value[name].to_numpy() for name in value.columns}
        return {"table": pack(columns, arrays)}
    if _KINDS.get(type(value).__name__) is not type(value):
        raise TypeError(type(value).__name__)
    inside = {each.name: getattr(value, each.name) for each in fields(value)}
    return {"kind": type(value).__name__, "of": pack(inside, arrays)}


def unpack(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """Make what :func:`pack` was given.

    Parameters
    ----------
    value : from JSON.
    arrays : by their names.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is something else.
    """
    if not isinstance(value, dict):
        return value
    how = next(iter(value))
    inside = value[how]
    if how == "array":
        return arrays[inside]
    if how == "moment":
        return datetime.fromisoformat(inside)
    if how == "tuple":
        return tuple(unpack(each, arrays) for each in inside)
    if how == "mapping":
        return {unpack(key, arrays): unpack(of, arrays) for key, of in inside}
    if how == "table":
        import pandas as pd

        return pd.DataFrame(unpack(inside, arrays))
    return _KINDS[inside](**unpack(value["of"], arrays))

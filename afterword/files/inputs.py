"""What callers hand over in memory, brought to one form: a list of texts, or a table.

Iterating over a table gives the names of its columns, and over a dictionary its keys: neither is
ever taken for descriptions.

>>> import pandas as pd
>>> texts_of(pd.DataFrame({"id": [7], "text": ["He stared at me."]}))[0]
['He stared at me.']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

from afterword.errors import AfterwordError, BatchError
from afterword.files import wording

NAME: Final = "description"
"""The column of texts that come without a name."""


class TextsError(AfterwordError, TypeError):
    """Something else than a sequence of str was given where descriptions belong."""


def texts_of(source: Any) -> tuple[list[str], pd.Index | None]:
    """Return descriptions as a list, and the index that they came with.

    Parameters
    ----------
    source : n str as a list, tuple, generator, pandas Series or Index, numpy array of shape (n,)
        or (n, 1), or Arrow array; or a table, pandas' or Arrow's, with exactly one column of texts.

    Returns
    -------
    The texts, and the index of a pandas Series or DataFrame; None for anything else.

    Raises
    ------
    TextsError
        It is one text and no list, has no order, holds no or several columns of texts, or an item
        is no str.
    """
    index = None
    if not isinstance(source, list):  # what the service hands over needs no pandas
        source, index = _as_sequence(source)
    found = source.to_pylist() if hasattr(source, "to_pylist") else list(source)
    for place, text in enumerate(found):
        if not isinstance(text, str):
            raise TextsError(wording.no_text(place, type(text).__name__))
    return found, index


def _as_sequence(source: Any) -> tuple[Any, pd.Index | None]:
    """Something that gives the texts one by one, and pandas' index of them."""
    import numpy as np
    import pandas as pd

    if _is_arrow_table(source):
        source = source.to_pandas()
    if isinstance(source, str | bytes | bytearray) or not _is_iterable(source):
        raise TextsError(wording.ONE_TEXT)
    if isinstance(source, Mapping | Set):
        raise TextsError(wording.NO_LIST)
    if isinstance(source, pd.DataFrame):
        source = _only_texts(source)
    index = source.index if isinstance(source, pd.Series) else None
    if isinstance(source, np.ndarray):
        if source.ndim != 1 and not (source.ndim == 2 and source.shape[1] == 1):
            raise TextsError(wording.TWO_DIMENSIONS)
        source = source.ravel()
    return source, index


def _is_arrow_table(source: Any) -> bool:
    return hasattr(source, "column_names") and hasattr(source, "to_pandas")


def _is_iterable(source: Any) -> bool:
    # An array without dimensions has the method and refuses it.
    return isinstance(source, Iterable) and getattr(source, "ndim", 1) != 0


def _only_texts(frame: pd.DataFrame) -> pd.Series:
    """The one column of texts of a table."""
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    found = [each for each in columns if each.map(lambda cell: isinstance(cell, str)).any()]
    if len(columns) == 1:
        return columns[0]
    if len(found) != 1:
        raise TextsError(wording.columns_of_texts(len(found)))
    return found[0]


def is_pandas(source: Any) -> bool:
    """Whether a source has an index of its own: a DataFrame or a Series."""
    import pandas as pd

    return isinstance(source, pd.DataFrame | pd.Series)


def frame_of(source: Any) -> pd.DataFrame | None:
    """Return a table in memory as a DataFrame; None for a path, bytes or a buffer.

    Parameters
    ----------
    source : a DataFrame; a Series, list, tuple, generator, array or Arrow array of texts; a list
        of dictionaries, one a row; a dictionary of columns; an Arrow table.

    Raises
    ------
    BatchError
        It has more dimensions than a table, or columns of unequal lengths.
    """
    import pandas as pd

    if isinstance(source, str | bytes | bytearray | memoryview) or hasattr(source, "__fspath__"):
        return None
    if isinstance(source, pd.DataFrame):
        return source
    if _is_arrow_table(source):
        return pd.DataFrame(source.to_pandas())
    if hasattr(source, "read") or not _is_iterable(source) or isinstance(source, Set):
        return None
    if isinstance(source, pd.Series):
        return source.to_frame(NAME if source.name is None else source.name)
    try:
        if isinstance(source, Mapping) or getattr(source, "ndim", 1) > 1:
            frame = pd.DataFrame(source)
            unnamed = len(frame.columns) == 1 and not isinstance(source, Mapping)
            return frame.set_axis([NAME], axis=1) if unnamed else frame
        rows = source.to_pylist() if hasattr(source, "to_pylist") else list(source)
        if rows and all(isinstance(row, Mapping) for row in rows):
            return pd.DataFrame(rows)
        return pd.DataFrame({NAME: pd.Series(rows, dtype=object)})
    except (ValueError, TypeError):
        raise BatchError(wording.NOT_A_TABLE) from None

"""What people download: tables that open in a spreadsheet without running anything.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula, and a
formula can fetch addresses and send cells away. The texts come from strangers, so such a cell
gets an apostrophe before it, which a spreadsheet shows as text. Numbers stay numbers.

>>> import pandas as pd
>>> to_csv(pd.DataFrame({"text": ["=1+1", "hello"], "n": [-1, 2]})).decode("utf-8-sig").split()
['text,n', "'=1+1,-1", 'hello,2']
"""

from __future__ import annotations

import contextlib
import json
import re
from datetime import date, time, timedelta
from decimal import Decimal
from numbers import Number
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

from afterword.files.column_names import as_unicode, unique_names

_FORMULA = re.compile(
    "\\A[\\s\"'\u00ab\u00bb\u2018-\u201f\u200b-\u200f\u2060\ufeff\0]*+[=+\\-@\uff1d\uff0b\uff0d\uff20]"
)
"""A formula's first character, also after what a spreadsheet or an import strips."""

_SPLITTING = ("\t", "\r", "\n")
"""First characters by which some spreadsheets move the rest into a cell of its own."""


def neutralise(text: str) -> str:
    """Return the text with a leading apostrophe if a spreadsheet could take it for a formula.

    Neutralised is what begins with ``= + - @``, their full-width forms, a tab or
    a line end; also after white space, quotation marks or characters that nobody sees.

    >>> neutralise(' "=HYPERLINK(1)')
    '\\' "=HYPERLINK(1)'
    >>> neutralise("a = b")
    'a = b'
    """
    if text.startswith(_SPLITTING) or _FORMULA.match(text):
        return "'" + text
    return text


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return a table as CSV that is safe to open in a spreadsheet.

    Parameters
    ----------
    frame : any table; its index is not written.

    Returns
    -------
    UTF-8 with byte order mark, separated by commas, lines ended by CR LF. Strings and
    headers are neutralised (:func:`neutralise`); a numeric -5 stays, the string "-5" is
    text and gets an apostrophe. Column names are made unique.
    """
    import pandas as pd

    names = [neutralise(name) for name in unique_names(frame.columns)]
    columns = {}
    for position, name in enumerate(unique_names(names)):
        column = frame.iloc[:, position]
        if not (
            pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)
        ):
            cells = [_safe_cell(value) for value in column.astype(object)]
            column = pd.Series(cells, index=column.index, dtype=object)
        columns[name] = column
    table = pd.DataFrame(columns, index=frame.index)
    text = table.to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig", errors="replace")


def _safe_cell(value: Any) -> Any:
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (Number, Decimal, date, time, timedelta)):  # bool and numpy's included
        return value
    return neutralise(as_unicode(_text(value)))


def to_parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as Parquet, its values unchanged.

    Parameters
    ----------
    frame : any table; its index is not written.

    Returns
    -------
    The file. Column names are made unique. A column of mixed types or of dictionaries,
    which Parquet cannot hold as they are, is written as strings.

    >>> import io
    >>> import pandas as pd
    >>> mixed = pd.DataFrame({"a": ["=1", 2, None]})
    >>> pd.read_parquet(io.BytesIO(to_parquet(mixed)))["a"].tolist()
    ['=1', '2', nan]
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = to_arrow(frame)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def to_arrow(frame: pd.DataFrame) -> pa.Table:
    """Turn any table into one that Arrow holds: columns of mixed types become strings.

    Parameters
    ----------
    frame : of any columns; its index is left out.
    """
    import pyarrow as pa

    columns = [_as_arrow(frame.iloc[:, n]) for n in range(frame.shape[1])]
    return pa.Table.from_arrays(columns, names=unique_names(frame.columns))


def from_arrow(table: pa.Table) -> pd.DataFrame:
    """Return a table with its values as they are: a gap makes no whole number a float.

    A float holds sixteen digits, and the numbers of two rows may differ in the next one.

    Parameters
    ----------
    table : of any columns; times of nanoseconds, which Python has not, become strings.
    """
    import pandas as pd
    import pyarrow as pa

    kinds = {
        getattr(pa, kind.name.lower())(): kind
        for kind in (
            pd.Int8Dtype(), pd.Int16Dtype(), pd.Int32Dtype(), pd.Int64Dtype(),
            pd.UInt8Dtype(), pd.UInt16Dtype(), pd.UInt32Dtype(), pd.UInt64Dtype(),
        )
    }  # fmt: skip
    for place, field in enumerate(table.schema):
        column = table.column(place)
        if pa.types.is_dictionary(field.type) and field.type.value_type in kinds:
            table = table.set_column(place, field.name, column.cast(field.type.value_type))
        elif pa.types.is_time64(field.type) and field.type.unit == "ns":
            # Python's times end at microseconds.
            table = table.set_column(place, field.name, column.cast(pa.string()))
    gaps = any(column.null_count and column.type in kinds for column in table.columns)
    mapper = kinds.get if gaps else None
    try:
        frame: pd.DataFrame = table.to_pandas(types_mapper=mapper)
    except (ValueError, TypeError, KeyError, RecursionError):
        # What a file says of pandas' own index and types may be wrong, and its data good.
        frame = table.to_pandas(types_mapper=mapper, ignore_metadata=True)
    return frame


def _as_arrow(column: pd.Series) -> Any:
    import pandas as pd
    import pyarrow as pa

    try:
        array = pa.Array.from_pandas(column)
        # A struct would give every row the keys of all, and cannot be written without keys.
        if "struct" in str(array.type):
            raise TypeError
        if pa.types.is_timestamp(array.type) and array.type.unit == "s":  # Parquet has none
            array = array.cast(pa.timestamp("ms", array.type.tz))
        # Arrow has a type for "nothing but gaps" that other readers of Parquet do not.
        return array.cast(pa.string()) if pa.types.is_null(array.type) else array
    except (pa.ArrowException, UnicodeError, ValueError, TypeError, OverflowError):
        strings = [None if _is_gap(value) else as_unicode(_text(value)) for value in column]
        return pa.array(pd.Series(strings, dtype=object), type=pa.string(), from_pandas=True)


def _is_gap(value: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _text(value: Any) -> str:
    """A cell as a text: a list or an object whole, as JSON."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if hasattr(value, "tolist") and hasattr(value, "shape") and value.shape:
        value = value.tolist()
    if isinstance(value, list | tuple | dict):
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            return json.dumps(value, ensure_ascii=False, default=_text)
    return str(value)

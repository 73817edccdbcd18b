"""Lines of cells that are as regular as a program writes them, read at once.

A block of a file nearly always has as many cells in each line as the first one told, and quotation
marks that open and close cells and stand twice within them. Such a block is read by Arrow. Anything
else is left to :mod:`afterword.files.delimited` and :mod:`afterword.files.header`, which read these
in the same way, and slower.

>>> from afterword.settings import Settings
>>> read_regular('1,"He left, and ran."\\n2,She hid.', ("id", "text"), ",", Settings())["text"][1]
'He left, and ran.'
>>> read_regular('1,"He left." and ran.', ("id", "text"), ",", Settings()) is None
True
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

from afterword.files.delimited import SAMPLE_CHARACTERS, Dialect, find_dialect
from afterword.files.header import MAX_CELLS, no_rows
from afterword.files.header_rows import find_header, is_blank
from afterword.files.joined_lines import SAMPLE_RECORDS, may_be_joined
from afterword.files.text_bytes import bytes_of
from afterword.settings import Settings

_END: Final = "\n"

MOST_MARKS: Final = 2_000_000
"""Quotation marks of a block that are looked at: each takes some 30 bytes of memory."""

HEAD_ROWS: Final = 1_500
"""Rows by which it is told whether names stand below the names: more than that looks at."""


def read_regular(
    text: str, names: Sequence[str], separator: str, settings: Settings
) -> pd.DataFrame | None:
    """Read a block of lines that is regular.

    Parameters
    ----------
    text : of the block, without the line of the names.
    names : of its columns, each once.
    separator : of its cells.
    settings : give the most rows.

    Returns
    -------
    The rows, numbered from 1, with every cell a text; None where it is not regular.
    """
    import numpy as np
    import pandas as pd

    content = text.encode()
    plain = separator.isascii() and not any({"\r", _END} & set(name) for name in names)
    plain = plain and not text.startswith("\ufeff")  # which Arrow leaves out
    if not (plain and _is_plain(text, names, separator)):
        return None
    table = _parsed(content, len(names), separator)
    if table is None or not 0 < table.num_rows <= settings.max_rows:
        return None
    if table.num_rows * len(names) > MAX_CELLS:
        return None
    frame: pd.DataFrame = table.to_pandas()
    frame.columns = pd.Index(names)
    ends = np.count_nonzero(np.frombuffer(content, np.uint8) == ord(_END)) + (text[-1] != _END)
    if _has_other_rows(frame) or (ends > len(frame) and _has_joined(frame, separator)):
        return None
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    return frame


def with_names(text: str, names: Sequence[str], separator: str) -> str:
    """Put a line of names above a text.

    Parameters
    ----------
    text : the lines of a table.
    names : of its columns.
    separator : of its cells.

    >>> with_names("7,He left.", ["id", "text"], ",")
    'id,text\\r\\n7,He left.'
    """
    head = io.StringIO(newline="")
    csv.writer(head, delimiter=separator).writerow(names)
    return head.getvalue() + text


def _is_plain(text: str, names: Sequence[str], separator: str) -> bool:
    """Tell whether a text's records are written in the usual way.

    That is: lines end in one way, a quotation mark within a cell stands twice, and no space stands
    between a separator and a mark.
    """
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        return False
    head = with_names(text[: SAMPLE_CHARACTERS + 1], names, separator)
    if '\\"' not in head and f'{separator} "' not in head:
        return True
    return find_dialect(list(io.StringIO(head, newline="")), separator) == Dialect(separator)


def _parsed(content: bytes, width: int, separator: str) -> pa.Table | None:
    """The cells of a block, of which every line has as many; None where one has not."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    marks = _marks(content, separator)
    if marks is None:
        return None
    places, size = [str(place) for place in range(width)], len(content) + 1
    try:
        return arrow_csv.read_csv(
            pa.BufferReader(content),
            arrow_csv.ReadOptions(use_threads=False, block_size=size, column_names=places),
            arrow_csv.ParseOptions(
                delimiter=separator,
                quote_char='"' if marks else False,
                newlines_in_values=marks,
                ignore_empty_lines=False,
            ),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(places, pa.large_string())),
        )
    except pa.ArrowInvalid:
        return None  # its message quotes the line


def _marks(content: bytes, separator: str) -> bool | None:
    """Whether quotation marks quote cells in a block; None where one of them does not fit."""
    import numpy as np

    opening = (separator.encode() + b'"', b'\n"')
    if not content.startswith(b'"') and not any(each in content for each in opening):
        return False  # within a cell a mark is one of its characters
    # With a line's end before the first byte and behind the last one.
    signs = np.frombuffer(b"\n%b\n" % content, dtype=np.uint8)
    if np.count_nonzero(signs == ord('"')) > MOST_MARKS:
        return None
    places = np.flatnonzero(signs == ord('"'))
    if len(places) % 2:
        return None
    opens, closes = places[0::2], places[1::2]
    double = np.zeros(len(opens) + 1, dtype=bool)  # whether each mark goes on after the one before
    double[1:-1] = opens[1:] == closes[:-1] + 1
    before, after = signs[opens - 1], signs[closes + 1]
    ends = (before == ord("\n")) | (before == ord(separator)) | double[:-1]
    begins = (after == ord("\n")) | (after == ord("\r")) | (after == ord(separator)) | double[1:]
    return True if ends.all() and begins.all() else None


def _has_other_rows(frame: pd.DataFrame) -> bool:
    """Whether some rows may be none of the table's: names, remarks, totals, blank ones."""
    names = list(map(str, frame.columns))
    head = [names, *_rows(frame.iloc[:HEAD_ROWS])]
    found = find_header(head)
    if found is not None and found.number == 1 and (found.body != 1 or found.names != names):
        return True
    last = _rows(frame.iloc[-1:])
    above = [["-"] * len(names), [""] * len(names)]  # a remark is one under a blank row at least
    if is_blank(last[0]) or no_rows([*above, *last], range(3), names):
        return True
    return len(names) > 1 and (_has_blank(frame) or _has_names(frame, names))


def _rows(frame: pd.DataFrame) -> list[Sequence[str]]:
    columns = (frame.iloc[:, place].tolist() for place in range(frame.shape[1]))
    return list(zip(*columns, strict=True))


def _has_blank(frame: pd.DataFrame) -> bool:
    """Whether nothing stands in some row."""
    for place in range(frame.shape[1]):
        texts = bytes_of(frame.iloc[:, place])
        if texts is not None:
            first = texts.at(0)
            # What begins with a printable character of ASCII is not blank.
            frame = frame[(first <= ord(" ")) | (first >= 0x7F)]
        if not len(frame):
            return False
    return any(map(is_blank, _rows(frame)))


def _has_names(frame: pd.DataFrame, names: Sequence[str]) -> bool:
    """Whether some row is that of the names once more."""
    wanted = tuple(name.strip() for name in names)
    for place, name in enumerate(wanted):
        frame = frame[frame.iloc[:, place].str.contains(name, regex=False)]
        if not len(frame):
            return False
    return any(tuple(map(str.strip, row)) == wanted for row in _rows(frame))


def _has_joined(frame: pd.DataFrame, separator: str) -> bool:
    """Whether stray quotation marks may have joined lines to one record."""
    import numpy as np

    several = np.zeros(len(frame), dtype=bool)
    for place in range(frame.shape[1]):
        texts = bytes_of(frame.iloc[:, place])
        if texts is not None:
            several |= texts.holds(texts.content == ord(_END))
    single = frame[~several].iloc[:SAMPLE_RECORDS]
    return may_be_joined(_rows(frame[several]), _rows(single), separator)

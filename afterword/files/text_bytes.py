"""The bytes behind a column of texts, by which all its rows are looked at in one step.

>>> import pandas as pd
>>> texts = bytes_of(pd.Series(["He left.", "", "é"]))
>>> texts.sizes.tolist(), texts.at(0).tolist(), texts.holds(texts.content > 127).tolist()
([8, 0, 2], [72, 0, 195], [False, False, True])
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Bytes = npt.NDArray[np.uint8]
    Flags = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TextBytes:
    """The texts of n rows in UTF-8, one behind the other.

    Attributes
    ----------
    content : all bytes of all texts.
    ends : (n + 1,) where each text begins, from 0, and where the last one ends.
    """

    content: Bytes
    ends: Integers

    @property
    def sizes(self) -> Integers:
        """(n,) bytes of each text; 0 where a cell is missing."""
        sizes: Integers = self.ends[1:] - self.ends[:-1]
        return sizes

    def at(self, place: int) -> Bytes:
        """(n,) the byte at a place of each text; 0 of one that is not as long.

        Parameters
        ----------
        place : from 0.
        """
        import numpy as np

        found = np.zeros(len(self.ends) - 1, dtype=np.uint8)
        rows = self.sizes > place
        found[rows] = self.content[self.ends[:-1][rows] + place]
        return found

    def holds(self, marked: Flags) -> Flags:
        """(n,) whether a text has one of the marked bytes.

        Parameters
        ----------
        marked : for each byte of the content, whether it is one.
        """
        import numpy as np

        found = np.zeros(len(self.ends) - 1, dtype=bool)
        filled = self.sizes > 0
        if filled.any():
            found[filled] = np.logical_or.reduceat(marked, self.ends[:-1][filled])
        return found

    def letters(self, rows: Integers, size: int) -> Bytes:
        """(m, size) the bytes of m texts that have so many.

        Parameters
        ----------
        rows : (m,) which texts.
        size : bytes of each of them.
        """
        import numpy as np

        found = np.empty((len(rows), size), dtype=np.uint8)
        for place in range(size):
            found[:, place] = self.content[self.ends[rows] + place]
        return found

    def parts(self, size: int) -> Iterator[TextBytes]:
        """The texts in parts of so many bytes at most, or of one text.

        Parameters
        ----------
        size : in bytes.
        """
        begin, last = 0, len(self.ends) - 1
        while begin < last:
            end = int(self.ends.searchsorted(self.ends[begin] + size, side="right")) - 1
            end = max(end, begin + 1)
            ends = self.ends[begin : end + 1]
            yield TextBytes(self.content[ends[0] : ends[-1]], ends - ends[0])
            begin = end


def bytes_of(column: pd.Series) -> TextBytes | None:
    """Return the bytes of a column of texts; None if it holds anything else.

    Parameters
    ----------
    column : of any type; only one that Arrow keeps has such bytes.
    """
    import numpy as np
    import pyarrow as pa

    if getattr(column.dtype, "storage", "") != "pyarrow":
        return None
    found = pa.array(column)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    found = found.cast(pa.large_string()).fill_null("")  # what is missing may lie on some bytes
    _, ends, content = found.buffers()
    if ends is None or content is None:
        return TextBytes(np.zeros(0, dtype=np.uint8), np.zeros(len(found) + 1, dtype=np.int64))
    places = np.frombuffer(ends, dtype=np.int64, count=len(found) + 1, offset=8 * found.offset)
    content = np.frombuffer(content, dtype=np.uint8)[places[0] : places[-1]]
    return TextBytes(content, places - places[0])

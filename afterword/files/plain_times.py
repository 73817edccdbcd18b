"""Times as nearly every export writes them, a whole column in one step.

ISO 8601 in its commonest forms is read from the bytes of all rows at once. What is written
otherwise is left to :func:`afterword.files.time_cells.read_cell`, which reads these in the same
way.

>>> import pandas as pd
>>> found = read_plain(pd.Series(["2024-05-06T08:15:00Z", "soon", "2024-05-06"]))
>>> found.rows.tolist(), found.parts[0].tolist(), found.clock.tolist(), found.zones.tolist()
([0, 2], [2024, 5, 6], [29700000000, 0], ['+00:00', ''])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Bytes = npt.NDArray[np.uint8]
    Flags = npt.NDArray[np.bool_]
    Integers = npt.NDArray[np.int64]

from afterword.files.text_bytes import bytes_of
from afterword.files.time_cells import SECOND, read_zone

FORMS: Final = ("0000-00-00", "0000-00-00T00:00:00", "0000-00-00T00:00:00Z",
                "0000-00-00T00:00:00+00:00")  # fmt: skip
"""One of each length: a 0 stands for any digit, T for a space too, and + for a minus."""
_OTHERWISE: Final = {"T": " ", "+": "-"}


@dataclass(frozen=True, eq=False)
class PlainTimes:
    """What the cells say that are written plainly.

    Attributes
    ----------
    rows : (m,) their places, in order.
    parts : (m, 3) year, month and day.
    clock : (m,) microseconds since the day began.
    zones : (m,) as of :class:`afterword.files.time_cells.Cell`.
    """

    rows: Integers
    parts: Integers
    clock: Integers
    zones: npt.NDArray[Any]


def read_plain(column: pd.Series) -> PlainTimes:
    """Read the cells of a column that are times written plainly.

    Parameters
    ----------
    column : of any type; only of texts that Arrow keeps are any read.
    """
    import numpy as np

    texts = bytes_of(column)
    found = [_none()]
    if texts is not None:
        sizes = texts.sizes
        for form in FORMS:
            rows = np.flatnonzero(sizes == len(form))
            if len(rows):
                found.append(_of_form(form, rows, texts.letters(rows, len(form))))
    rows = np.concatenate([each.rows for each in found])
    order = np.argsort(rows, kind="stable")
    return PlainTimes(
        rows[order],
        np.concatenate([each.parts for each in found])[order],
        np.concatenate([each.clock for each in found])[order],
        np.concatenate([each.zones for each in found])[order],
    )


def _none() -> PlainTimes:
    import numpy as np

    none = np.zeros(0, dtype=np.int64)
    return PlainTimes(none, none.reshape(-1, 3), none, none.astype(object))


def _of_form(form: str, rows: Integers, letters: Bytes) -> PlainTimes:
    """The rows that are written in one form, of those that are as long."""
    import numpy as np

    good = np.ones(len(rows), dtype=bool)
    for place, sign in enumerate(form):
        if sign == "0":
            good &= letters[:, place] - np.uint8(ord("0")) <= 9
        else:
            good &= (letters[:, place] == ord(sign)) | (
                letters[:, place] == ord(_OTHERWISE.get(sign, sign))
            )

    def number(begin: int, end: int) -> Integers:
        value = np.zeros(len(rows), dtype=np.int64)
        for place in range(begin, end):
            value = 10 * value + (letters[:, place].astype(np.int64) - ord("0"))
        return value

    parts = np.stack([number(0, 4), number(5, 7), number(8, 10)], axis=1)
    good &= (parts > 0).all(axis=1)
    clock = np.zeros(len(rows), dtype=np.int64)
    if len(form) > len("0000-00-00"):
        hour, minute, second = number(11, 13), number(14, 16), number(17, 19)
        good &= (hour < 24) & (minute < 60) & (second < 60)
        clock = ((hour * 60 + minute) * 60 + second) * SECOND
    zones, known = _zones(letters[:, len("0000-00-00T00:00:00") :], good)
    good &= known
    return PlainTimes(rows[good], parts[good], clock[good], zones[good])


def _zones(letters: Bytes, good: Flags) -> tuple[npt.NDArray[Any], Flags]:
    """The zone behind each time that is good so far, and whether it is one."""
    import numpy as np

    zones, known = np.full(len(letters), "", dtype=object), good.copy()
    if not letters.shape[1] or not good.any():
        return zones, known
    written = np.ascontiguousarray(letters[good]).view(f"S{letters.shape[1]}").ravel()
    different, which = np.unique(written, return_inverse=True)
    read = [read_zone(one.decode("ascii")) for one in different]
    zones[good] = np.array([zone or "" for zone in read], dtype=object)[which]
    known[good] = np.array([zone is not None for zone in read])[which]
    return zones, known

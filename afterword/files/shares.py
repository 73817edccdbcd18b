"""Cells of predictions and labels as numbers: yes and no in several languages, shares, gaps.

>>> import pandas as pd
>>> parse_shares(pd.Series(["ja", "0,35", "5 %", "maybe", "NA"])).tolist()
[1.0, 0.35, 0.05, nan, nan]
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

TRUE_WORDS = frozenset({
    "true", "yes", "t", "y", "ja", "oui", "si", "sí", "sim", "tak", "wahr", "vrai", "vero",
    "verdadero", "verdadeiro", "waar", "x", "✓", "✔", "☑", "✅",
    "checked", "selected",
})  # fmt: skip
FALSE_WORDS = frozenset({
    "false", "no", "f", "n", "nein", "non", "não", "nao", "nee", "nej", "nie", "falsch", "faux",
    "falso", "onwaar", "✗", "✘", "☐", "❌",
    "unchecked", "not selected",
})  # fmt: skip
MISSING_WORDS = frozenset({
    "", "\\n", "na", "n/a", "n.a.", "#n/a", "#na", "<na>", "nan", "none", "null", "nil", "nat", "-",
    "--", "–", "—", "?", ".", "missing", "unknown", "not labelled", "not labeled", "unlabelled",
    "unlabeled", "not annotated", "no label",
})  # fmt: skip
"""What a cell says that nobody filled; R, pandas and Excel write some of them by themselves."""

SPOKEN = "|".join(re.escape(word) for word in sorted(TRUE_WORDS | FALSE_WORDS) if len(word) > 1)

LONGEST_WORD = max(map(len, MISSING_WORDS))

_NUMBER = re.compile(r"((?:[0-9]++(?:[.,][0-9]++)?|[.,][0-9]++)(?:e-?[0-9]++)?)\s*+(%?)")

_CODE = re.compile(r"-?[0-9]{1,3}")
_CODED = re.compile(
    rf"""\A(?:\(?[0-9]{{1,2}}\)?\ ?[-–:=.]?\ ?(?P<after>{SPOKEN})
        |(?P<before>{SPOKEN})\ ?(?:\([0-9]{{1,2}}\)|[-–:=]\ ?[0-9]{{1,2}}))\Z""",
    re.VERBOSE,
)
"""A word with the code that it has in SPSS or Stata: the word says what is meant."""


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
    import numpy as np
    import pandas as pd

    if pd.api.types.is_numeric_dtype(column):  # bool counts as numeric
        numbers = column.astype("float64")
    else:
        codes, distinct = _distinct(column)
        shares = [*map(_share, map(_hashable, distinct)), np.nan]  # the last one is a gap's, -1
        numbers = pd.Series(np.array(shares, float)[codes], index=column.index)
    return numbers.where(numbers.between(0, 1))


def _distinct(column: pd.Series) -> tuple[np.ndarray, Iterable[Any]]:
    """(n,) numbers of the cells' values, -1 for gaps, and the values."""
    import pandas as pd

    try:
        return pd.factorize(column)
    except TypeError:  # lists
        return pd.factorize(column.map(_hashable))


def _hashable(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) else str(value)


def _share(value: str | int | float) -> float:
    word = str(value).strip().casefold()
    if coded := _CODED.match(word):
        word = coded["after"] or coded["before"]
    if word in TRUE_WORDS:
        return 1.0
    if word in FALSE_WORDS:
        return 0.0
    match = _NUMBER.fullmatch(word)
    if not match:
        return float("nan")
    return float(match[1].replace(",", ".")) / (100 if match[2] else 1)


def are_codes(column: pd.Series) -> bool:
    """Tell whether a column holds 1 and 2 and no 0, so that it does not say which means yes.

    >>> import pandas as pd
    >>> are_codes(pd.Series([1, 2, None, 9])), are_codes(pd.Series([0, 1, 2]))
    (True, False)
    """
    _, distinct = _distinct(column)
    told = (value for value in map(_hashable, distinct) if not is_missing(value))
    held = {str(value).strip().removesuffix(".0") for value in told}
    return held >= {"1", "2"} and "0" not in held and all(map(_CODE.fullmatch, held))


def is_missing(cell: Any) -> bool:
    """Tell whether nobody filled a cell: it is empty, or says so.

    >>> is_missing(" #N/A "), is_missing("no")
    (True, False)
    """
    import pandas as pd

    if isinstance(cell, str):
        word = cell.strip()
        return len(word) <= LONGEST_WORD and word.casefold() in MISSING_WORDS
    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell))


@dataclass(frozen=True)
class Cells:
    """How the cells of a column of predictions or labels can be used.

    Attributes
    ----------
    read : cells that hold one.
    said_missing : cells in which a word such as "NA" says that there is none.
    odd : cells that hold something else.
    """

    read: int
    said_missing: int
    odd: int

    @property
    def share(self) -> float:
        """Of the cells that are filled, the share that can be read; 0 if none is filled."""
        return self.read / (self.read + self.odd) if self.read else 0.0


def count_cells(column: pd.Series, readable: np.ndarray) -> Cells:
    """Count the cells of a column.

    Parameters
    ----------
    column : n cells.
    readable : (n,) whether each can be read.

    >>> import pandas as pd
    >>> column = pd.Series(["1", "NA", "", "maybe"])
    >>> count_cells(column, parse_shares(column).notna().to_numpy())
    Cells(read=1, said_missing=1, odd=1)
    """
    import numpy as np

    codes, distinct = _distinct(column[~readable])
    said = odd = 0
    for cell, count in zip(distinct, np.bincount(codes[codes >= 0]), strict=False):
        if not is_missing(cell):
            odd += int(count)
        elif isinstance(cell, str) and cell.strip():
            said += int(count)
    return Cells(int(readable.sum()), said, odd)

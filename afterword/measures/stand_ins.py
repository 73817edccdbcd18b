"""Answers of a group in which no row has its own: rows that stand for those that there are.

The answers of a description to three categories are unique to about half of the texts, so a file
that lists them tells somebody who has a text and the model whether it is there. Kept are: of each
category alone, the rows in each of eight bins and their sums; and of the categories together, how
many rows lie in each of a few wide cells, where that are at least 5 (microaggregation:
Domingo-Ferrer and Mateo-Sanz, "Practical data-oriented microaggregation for statistical disclosure
control", IEEE Transactions on Knowledge and Data Engineering 14, 2002). Rows that stand for the
others have these counts exactly. Inside of a bin they lie as those of the reference do, and inside
of a cell they are drawn at random (data swapping: Dalenius and Reiss, "Data-swapping: a technique
for disclosure control", Journal of Statistical Planning and Inference 6, 1982). What asks one
category, or only for decisions, is the same of both; what asks several together is so nearly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from afterword.measures.answers import Answers, count_rows
from afterword.measures.coarse_counts import binned, spread
from afterword.model.reference import DECIMALS

LEAST_CELL: Final = 5
"""Rows that a cell has at least."""
CENTS: Final = 10**DECIMALS + 1
_BINS: Final = (-0.88, -0.7, -0.4, 0.0, 0.18, 0.36, 0.6)
"""Where bins of one category's probability begin, in parts of the way from its threshold to 0 and
to 1; the first one begins at 0."""
_BANDS: Final = (-0.7, 0.0, 0.36)
"""The same of the bands of probability of which cells of all categories are made."""
_LABELLED: Final = len(_BANDS) + 1
"""What is added to the class of a row that has the label."""


def margins_of(
    codes: np.ndarray, counts: np.ndarray, thresholds: Sequence[float]
) -> list[list[int]]:
    """How many rows are in each bin of a category's probability, and what they sum up to.

    Parameters
    ----------
    codes : (m, k) a category's whole per cent; plus :data:`CENTS` where a row has its label.
    counts : (m,) rows with each.
    thresholds : (k,) from which on a category is given.

    Returns
    -------
    Of each category, the rows in each bin and then the sums, in per cent, of those below the
    threshold and of the others; of rows without its label and then of those that have it.
    """
    found = []
    for own, threshold in zip(codes.T, thresholds, strict=True):
        told: list[int] = []
        for rows in np.bincount(own, counts, 2 * CENTS).astype(np.int64).reshape(2, CENTS):
            told += binned(rows, starts_of_bins(threshold))
            told += [int(rows[here] @ np.arange(CENTS)[here]) for here in _sides(threshold)]
        found.append(told)
    return found


def whole_margin(told: Sequence[int], threshold: float, shape: np.ndarray) -> np.ndarray:
    """Rows (2 :data:`CENTS`,) with each code of one category, which come to these counts.

    Parameters
    ----------
    told : of :func:`margins_of`.
    threshold : of the category.
    shape : (:data:`CENTS`,) rows of the reference with each whole per cent.

    Raises
    ------
    ValueError
        There are no such rows.
    """
    starts, found = np.array(starts_of_bins(threshold)), []
    size = len(starts) + 2
    if len(told) != 2 * size:
        raise ValueError("answers that cannot be")
    cents = np.arange(CENTS)
    for half in (told[:size], told[size:]):
        rows = np.array(half[:-2], np.int64)
        for here, total in zip(_sides(threshold), half[-2:], strict=True):
            first, last = here.start, here.stop
            own = (starts >= first) & (starts < last)
            part = spread(rows[own], starts[own] - first, shape[here], cents[here] * 1.0, total)
            if int(part @ cents[here]) != total:
                raise ValueError("sums that cannot be")
            found.append(part)
    return np.concatenate(found)


def starts_of_bins(threshold: float) -> list[int]:
    """Whole per cent at which the bins begin."""
    return sorted({0, *map(_first, _edges(_BINS, threshold))})


def _edges(parts: Sequence[float], threshold: float) -> list[float]:
    return [threshold + part * (threshold if part < 0 else 1 - threshold) for part in parts]


def _first(value: float) -> int:
    """The first whole per cent that is at least so much, as scored rows have it."""
    cents = np.arange(CENTS, dtype=np.uint8)
    found = np.searchsorted(Answers(cents[:, None], cents).probabilities[:, 0], value)
    return int(found)


def _sides(threshold: float) -> tuple[slice, slice]:
    """The per cent below a threshold, and the others."""
    return slice(0, _first(threshold)), slice(_first(threshold), CENTS)


def cells_of(codes: np.ndarray, counts: np.ndarray, thresholds: Sequence[float]) -> np.ndarray:
    """How many rows lie in each cell of all categories together.

    Parameters
    ----------
    codes, counts : as of :func:`margins_of`.
    thresholds : (k,) from which on a category is given.

    Returns
    -------
    (c, 2 + k): rows, at least :data:`LEAST_CELL`; the level, 0 for bands of probability, 1 for
    decisions, 2 for whether these are wrong; and the class of each category there. Rows of smaller
    cells count in the wider cell around them, or in none; there, too, they are at least so many.
    """
    plain = classes_of(thresholds)
    bands = np.column_stack([own[code] for own, code in zip(plain[0], codes.T, strict=True)])
    found, sizes = count_rows(bands.astype(np.uint8), counts)
    levels = [found.astype(np.int64)]
    for wider in _WIDER:
        levels.append(wider(levels[-1]))
    own = [np.unique(level, axis=0, return_inverse=True)[1].ravel() for level in levels]
    own.append(np.zeros(len(found), np.int64))
    level_of, valid = np.full(len(found), len(levels)), np.ones(len(found), bool)
    for level in reversed(range(len(levels))):
        valid &= _large(own[level], own[level + 1], sizes)[own[level]]
        level_of[valid] = level
    cells = []
    for level, classes in enumerate(levels):
        here = level_of == level
        inside, rows = count_rows(classes[here].astype(np.uint8), sizes[here])
        cells.append(np.column_stack([rows, np.full(len(rows), level), inside]))
    return np.concatenate(cells).astype(np.int64)


def _large(own: np.ndarray, wider: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Which cells have enough rows, and leave none or enough to the others of a wider cell.

    Parameters
    ----------
    own, wider : (u,) the cell of each of u parts, and the wider one around it.
    sizes : (u,) rows of each part.
    """
    rows = np.bincount(own, sizes)
    around = np.zeros(len(rows), np.int64)
    around[own] = wider
    kept = rows >= LEAST_CELL
    by_cell = np.argsort(around, kind="stable")
    for inside in np.split(by_cell, np.cumsum(np.bincount(around))[:-1]):
        for smallest in inside[np.argsort(rows[inside], kind="stable")]:
            if kept[smallest] and 0 < rows[inside][~kept[inside]].sum() < LEAST_CELL:
                kept[smallest] = False
    return kept


def stand_ins(
    margins: Sequence[np.ndarray], cells: np.ndarray, thresholds: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows that have these counts.

    Parameters
    ----------
    margins : of :func:`whole_margin`.
    cells : of :func:`cells_of`.
    thresholds : as there.

    Returns
    -------
    Whole per cent (n, k) and labels (n, k) of n rows, uint8; the same counts give the same rows.

    Raises
    ------
    ValueError
        No rows have these counts.
    """
    classes = classes_of(thresholds)
    codes = np.column_stack(
        [
            _drawn(own, cells[:, :2], cells[:, 2 + j], [level[j] for level in classes], seed=j)
            for j, own in enumerate(margins)
        ]
    )
    labels = codes >= CENTS
    return codes - labels * np.uint8(CENTS), labels.astype(np.uint8)


def _decided(bands: np.ndarray) -> np.ndarray:
    """The decision in which a band lies, and the label."""
    found: np.ndarray = bands // _LABELLED * _LABELLED + (bands % _LABELLED > _BANDS.index(0.0))
    return found


def _wrong(decided: np.ndarray) -> np.ndarray:
    """Whether a decision is another one than the label."""
    found: np.ndarray = (decided // _LABELLED) ^ (decided % _LABELLED)
    return found


_WIDER: Final = (_decided, _wrong)
"""Level by level, in which wider class another one lies."""
LEVELS: Final = 1 + len(_WIDER)


def classes_of(thresholds: Sequence[float] | np.ndarray) -> list[list[np.ndarray]]:
    """Level by level, and category by category, the class of each code."""
    cents = np.arange(CENTS)
    values = Answers(cents[:, None].astype(np.uint8), cents).probabilities[:, 0]
    bands = [np.searchsorted(_edges(_BANDS, one), values, "right") for one in thresholds]
    levels = [[np.concatenate([each, each + _LABELLED]) for each in bands]]
    for wider in _WIDER:
        levels.append(list(map(wider, levels[-1])))
    return levels


def _drawn(
    margin: np.ndarray,
    cells: np.ndarray,
    wanted: np.ndarray,
    classes: Sequence[np.ndarray],
    *,
    seed: int,
) -> np.ndarray:
    """Codes (n,) of one category, cell by cell, and then those of no cell."""
    # Each category in an order of its own: rows of no cell would otherwise go together in all.
    # A code fits in a byte, and so a row of each category.
    codes = np.random.default_rng(seed).permutation(
        np.repeat(np.arange(len(margin), dtype=np.uint8), margin)
    )
    sizes, level = cells.T
    found = []
    for number, own in enumerate(classes):
        here = level == number
        slots = np.repeat(wanted[here].astype(np.uint8), sizes[here])
        there, left = own.astype(np.uint8)[codes], np.ones(len(codes), bool)
        taken = np.empty(len(slots), np.uint8)
        for one in np.unique(wanted[here]).tolist():
            places = np.flatnonzero(slots == one)
            at = np.flatnonzero(there == one)[: len(places)]
            if len(at) < len(places):
                raise ValueError("cells that hold more rows than there are")
            taken[places] = codes[at]
            left[at] = False
        found.append(taken)
        codes = codes[left]
    return np.concatenate([*found, codes])

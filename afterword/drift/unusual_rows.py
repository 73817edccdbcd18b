"""How novel each description of a checked batch is: which of them a person should read first.

A number for choosing rows, and no verdict: nothing is decided by it, and it is never shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.measures.definitions import INPUT, OUTPUT

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult

_UNKNOWN: Final = "unknown_words"


def novelty(result: CheckResult) -> np.ndarray:
    """Rate every accepted row by unknown words, and by where the batch drifted.

    Two things make a row novel, and each alone suffices: u, its share of words that the model
    never learned, and d, how far out it lies in the columns that drifted, towards the side to
    which they drifted; the mean over these columns, and 0 where none did. They are joined as
    chances are that either happens, 1 - (1 - u)(1 - d).

    Parameters
    ----------
    result : the check of a batch of n accepted rows.

    Returns
    -------
    ndarray (n,)
        In [0, 1], in the order of ``result.scored.frame``; 0 is a row of known words that lies
        in the middle of training.

    Examples
    --------
    >>> novelty(afterword.check(batch)).argsort()[::-1][:10]          # doctest: +SKIP
    """
    frame = result.scored.frame
    unknown: np.ndarray = np.clip(np.nan_to_num(frame[_UNKNOWN].to_numpy(float)), 0, 1)
    drifted = [one for one in result.ranked(INPUT, OUTPUT) if one.column and one.drifted]
    if not drifted or frame.empty:
        return unknown
    far = np.mean(
        [
            extremity(
                result.reference[one.name].to_numpy(float),
                frame[one.name].to_numpy(float),
                one.direction,
            )
            for one in drifted
        ],
        axis=0,
    )
    joined: np.ndarray = 1 - (1 - unknown) * (1 - far)
    return joined


def extremity(reference: np.ndarray, values: np.ndarray, direction: str = "") -> np.ndarray:
    """How far out values lie among those of training, as a rank and whatever their unit.

    Parameters
    ----------
    reference : (N,) values of training.
    values : (n,) values to rate; one that is missing counts as the middle.
    direction : "higher" or "lower" counts that side alone; anything else counts both.

    Returns
    -------
    ndarray (n,)
        0 at the median of training and on a side that does not count, 1 beyond its last value.

    Examples
    --------
    >>> extremity(np.array([1, 2, 3, 4, 5]), np.array([3, 6, 0]), "higher").tolist()
    [0.0, 1.0, 0.0]
    >>> extremity(np.array([1, 2, 3, 4, 5]), np.array([3, 6, 0])).tolist()
    [0.0, 1.0, 1.0]
    """
    ordered = np.sort(reference[np.isfinite(reference)])
    if not len(ordered):
        return np.zeros(len(values))
    # Values lie on a coarse grid: a value's rank is the middle of those that are equal to it.
    ranks = sum(np.searchsorted(ordered, values, side) for side in ("left", "right"))
    place = np.where(np.isfinite(values), np.asarray(ranks) / len(ordered) - 1, 0.0)
    if direction == "higher":
        return np.maximum(place, 0.0)
    return np.maximum(-place, 0.0) if direction == "lower" else np.abs(place)

"""Equal texts in a split of the training set, on both sides of it."""

from __future__ import annotations

import numpy as np

from afterword.text.common_texts import LEAST_ROWS


class Copies:
    """Rows that hold each of t texts, of which some have so few words that many could write them.

    Parameters
    ----------
    rows : (t,) rows with each text.
    short : (t,) bool, whether it has few words.
    """

    def __init__(self, rows: np.ndarray, short: np.ndarray) -> None:
        self.rows, self.short = rows, short

    def whole(self) -> dict[str, np.ndarray]:
        """Copies (1,) of the commonest text, and what a reference has of equal texts."""
        rows = self.rows[None]
        return {"repeats": rows.max(axis=1).astype(float), **_expected(rows, self.short)}

    def split(
        self, inside: np.ndarray, rows: np.ndarray
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """The same (s,) of s batches and of the rows outside of each, which are its reference.

        Parameters
        ----------
        inside : (i,) texts that the largest batch holds.
        rows : (s, i) rows of each batch with each of these.
        """
        left, short = self.rows[inside] - rows, self.short[inside]
        others = Copies(np.delete(self.rows, inside), np.delete(self.short, inside))
        outside = others.whole() if len(others.rows) else {}
        counted = np.where(short & (left >= LEAST_ROWS), 0, rows)
        batch = {
            "repeats": rows.max(axis=1).astype(float),
            "common": (rows - counted).sum(axis=1).astype(float),
            "pairs": _pairs(counted),
            "again": (counted > 1).sum(axis=1).astype(float),
        }
        rest = {"repeats": left.max(axis=1).astype(float), **_expected(left, short)}
        for name, own in outside.items():
            rest[name] = np.maximum(rest[name], own) if name == "repeats" else rest[name] + own
        return batch, rest


def _expected(rows: np.ndarray, short: np.ndarray) -> dict[str, np.ndarray]:
    """Pairs (s,) in s references of rows (s, t) with each text, as they are and for "again"."""
    counted = np.where(short & (rows >= LEAST_ROWS), 0, rows)
    common = (rows - counted).sum(axis=1).astype(float)
    return {
        "common": common,
        "pairs": _pairs(counted),
        "again": _pairs(np.minimum(counted, LEAST_ROWS - 1)),
    }


def _pairs(rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = (rows * (rows - 1) / 2).sum(axis=1)
    return found


def turns_of(keys: np.ndarray) -> np.ndarray:
    """How many times each key has been met, its own turn included."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    places = np.arange(len(keys))
    turns = np.empty(len(keys), np.int64)
    turns[order] = places - np.maximum.accumulate(np.where(begins, places, 0)) + 1
    return turns

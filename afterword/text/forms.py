"""Digests of texts with their lengths, in ascending order, and how often each came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

LENGTH_BITS: Final = 11
"""Bits of a digest that give way to the length of a text: of 5,000,000 different texts, two get the
same 53 bits with a chance of 0.14 %."""
MANY: Final = 200_000
"""Texts from which two runs are joined in little memory, which takes longer."""


def holds(forms: np.ndarray, digests: np.ndarray) -> np.ndarray:
    """Whether texts (q,) are among those of some forms."""
    at = np.searchsorted(forms, digests << LENGTH_BITS)
    there = forms[np.minimum(at, len(forms) - 1)] >> LENGTH_BITS if len(forms) else digests + 1
    found: np.ndarray = there == digests
    return found


def copies_of(forms: np.ndarray, copies: np.ndarray, digests: np.ndarray | None) -> np.ndarray:
    """Rows (q,) of each of some texts; none where no texts are named.

    >>> copies_of(np.array([7 << 11, (7 << 11) + 3]), np.array([2, 1]), np.array([5, 7])).tolist()
    [0, 3]
    """
    if digests is None:
        return np.zeros(0, np.int64)
    starts, ends = (
        np.searchsorted(forms, digests + step << LENGTH_BITS).tolist()
        for step in np.array([0, 1], digests.dtype)
    )
    found = [copies[start:end].sum() for start, end in zip(starts, ends, strict=True)]
    return np.array(found, np.int64)


def merged(runs: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Runs of forms and their copies as one."""
    if len(runs) == 2 and min(len(forms) for forms, _ in runs) > MANY:
        return _inserted(*sorted(runs, key=lambda run: len(run[0])))
    forms = np.concatenate([own for own, _ in runs])
    # Of runs that are sorted, a stable sort takes the time of merging them.
    order = np.argsort(forms, kind="stable")
    forms, copies = forms[order], np.concatenate([own for _, own in runs])[order]
    first = np.flatnonzero(np.diff(forms, prepend=forms[:1] + 1) != 0)
    return forms[first], np.add.reduceat(copies, first) if len(first) else copies


def _inserted(
    few: tuple[np.ndarray, np.ndarray], many: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The same of two runs, in little more memory than they and what they come to take."""
    at = np.searchsorted(many[0], few[0])
    new = many[0][np.minimum(at, len(many[0]) - 1)] != few[0]
    at = at[new]
    at += np.arange(len(at))
    old = np.ones(len(many[0]) + len(at), bool)
    old[at] = False
    forms, copies = np.empty(len(old), np.uint64), np.empty(len(old), np.int64)
    for found, own, more in zip((forms, copies), many, few, strict=True):
        found[old], found[at] = own, more[new]
    copies[np.searchsorted(forms, few[0][~new])] += few[1][~new]
    return forms, copies

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

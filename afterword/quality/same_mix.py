"""What is to be expected of labels, whatever the mix: figures of quality by reweighed training.

Another mix of categories has other shares of right answers, though each description is answered and
labelled as ever. What the probabilities of the labelled rows say of a figure is therefore put right
by what they were off in the reference, reweighed until its mean answers are those of these rows
(:mod:`~.tilting`): that is expected, and the labels are compared with it. A figure is made of
labels less their probabilities, e, below each threshold and above it. To first order the error is
that of e − K·t over the labelled rows and, with weights, over the reference, where K is how the
reference's mean of e follows the answers t. All of it is taken from the reference, so that labels
which all say the same are no certainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from afterword.measures.answers import Answers
from afterword.measures.moments import Moments
from afterword.model.outcomes import CENTS, Cells
from afterword.quality.tilting import Tilted, tilt

_TINY: Final = 1e-9


@dataclass(frozen=True)
class Apart:
    """A figure of labels beside what it is in a reference of their mix.

    Attributes
    ----------
    expected : of the reference.
    difference : of the batch's labels less that.
    error : its standard error, where labels are as in training.
    """

    expected: float
    difference: float
    error: float


@dataclass(frozen=True)
class SameMix:
    """Labels beside what is expected of their mix.

    Attributes
    ----------
    accuracy : share of right decisions.
    hits : of each category, share of hits among rows that have it or were given it.
    """

    accuracy: Apart
    hits: tuple[Apart, ...]


def compare(
    probabilities: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    thresholds: np.ndarray,
    cells: Cells,
    worth: np.ndarray,
    once: float = 1.0,
) -> SameMix:
    """Compare labels with what is to be expected of their mix.

    Parameters
    ----------
    probabilities, labels : (m, k) of the labelled rows.
    weights : (m,) by which they count.
    thresholds : (k,) from which on a category is given.
    cells : of the reference.
    worth : (k,) of how many rows of its kind one of the reference tells as much as: below 1 where
        texts repeat.
    once : rows that were sent once of which a labelled row tells as much.
    """
    m, k = labels.shape
    effective = max(1.0, once * float(weights.sum() ** 2 / (weights**2).sum()))
    weights = weights / weights.sum()
    cents = np.rint(probabilities * (CENTS - 1)).astype(np.uint8)
    tilted = tilt(Moments.of(Answers(cents, weights * m), thresholds), cells, effective)
    own = np.hstack([cells.labels_below - cells.said_below, cells.labels - cells.labels_below])
    own[:, k:] -= cells.probabilities - cells.said_below
    below = probabilities < thresholds
    said = weights @ np.hstack([probabilities * below, probabilities * ~below])
    seen = weights @ np.hstack([labels * below, labels * ~below])
    expected = said + tilted.mean(own)
    given = weights @ ~below
    missed, hits = expected[:k].clip(0, 1 - given), expected[k:].clip(0, given)
    share = hits / np.maximum(given + missed, _TINY)
    # Combinations of what is off below and above: of the accuracy, and of each category's hits.
    right = np.repeat([-1.0, 1.0], k)[:, None] / k
    contrasts = np.hstack([right, np.vstack([-np.diag(share), np.eye(k)])])
    units = np.concatenate([[1.0], np.maximum(given + seen[:k], _TINY)])
    differences = (seen - np.concatenate([missed, hits])) @ contrasts / units
    errors = _errors(tilted, own @ contrasts, np.concatenate([[worth.mean()], worth])) / units
    before = np.concatenate([[float((1 - given - missed + hits).mean())], share])
    found = tuple(
        Apart(float(one), float(two), float(three))
        for one, two, three in zip(before, differences, errors, strict=True)
    )
    return SameMix(found[0], found[1:])


def _errors(tilted: Tilted, scores: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """Standard errors (q,) of mean scores in the batch less those of the tilted reference.

    Parameters
    ----------
    tilted : the reference.
    scores : (c, q) of its cells.
    worth : (q,) of how many rows of its kind one of the reference tells as much as.
    """
    cells, weights = tilted.cells, tilted.weights[:, None]
    scores, answers, traits = (
        each - tilted.mean(each) for each in (scores, cells.answers, cells.traits)
    )
    slope = (scores * weights).T @ traits
    follows = slope @ tilted.gain
    off = scores - answers @ follows.T
    size = follows.shape[1]
    inside = (follows @ cells.within[:size, :size] * follows).sum(axis=1)
    variance = (weights * off**2).sum(axis=0) / tilted.effective
    variance += (weights**2 / cells.rows[:, None] * off**2).sum(axis=0) / worth
    variance += inside * (1 / tilted.effective + 1 / cells.rows.sum())
    # What the answers do not tell of λ, whose prior has the variance 1.
    moved = (answers * weights).T @ traits
    unknown = slope @ (np.eye(size) - tilted.gain @ moved)
    found: np.ndarray = np.sqrt(variance + (unknown**2).sum(axis=1))
    return found

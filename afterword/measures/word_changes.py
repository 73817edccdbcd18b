"""Words that changed: which ones, by how much beyond chance, and which must not be shown.

The measure is the log-odds ratio with an informative Dirichlet prior [1]_, on counts of distinct
descriptions: how often a word is used by one and the same writer, or copied, does not matter.
What is listed is chosen so that of all lists' words at most one in twenty is there by chance
(false discovery rate [2]_); whether to alarm is decided elsewhere.

References
----------
.. [1] Monroe, B. L., Colaresi, M. P. and Quinn, K. M. (2008). Fightin' words: lexical feature
   selection and evaluation for identifying the content of political conflict. Political
   Analysis 16(4), 372–403.
.. [2] Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of
   the Royal Statistical Society B 57(1), 289–300.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from afterword.text.privacy import SHOWN_FROM

PRIOR: Final = 100.0
"""Descriptions that the prior counts for."""
FALSE_DISCOVERIES: Final = 0.05


@dataclass(frozen=True, slots=True)
class WordChange:
    """A word that is much more, or much less, frequent than in training.

    Attributes
    ----------
    term : the word.
    new : whether training had it in fewer than 5 descriptions.
    descriptions : distinct descriptions of the batch that hold it; 0 stands for fewer than 5.
    share : of the batch's distinct descriptions; an upper limit where ``descriptions`` is 0.
    reference_share : of the training set's; 0 for a new word.
    log_odds : log-odds ratio, shrunk by the prior; positive if more frequent.
    z : in standard errors.
    """

    term: str
    new: bool
    descriptions: int
    share: float
    reference_share: float
    log_odds: float
    z: float


WORD_FIELDS: Final = tuple(each.name for each in fields(WordChange))


def changed_words(
    words: Sequence[str],
    counts: np.ndarray,
    reference_counts: np.ndarray,
    new_words: Mapping[str, int],
    *,
    descriptions: int,
    reference_descriptions: int,
    private: Collection[str] = (),
) -> list[WordChange]:
    """List the words that changed beyond chance, largest change first.

    Parameters
    ----------
    words : w words of the vocabulary.
    counts, reference_counts : (w,) distinct descriptions that hold each.
    new_words : unknown word → distinct descriptions of the batch; only what may be shown.
    descriptions, reference_descriptions : distinct descriptions of either side.
    private : words of the vocabulary that are not shown.

    Examples
    --------
    >>> found = changed_words(["bus"], np.array([40]), np.array([400]), {"bytetok": 30},
    ...     descriptions=200, reference_descriptions=8_000)
    >>> [(word.term, word.new) for word in found]
    [('bytetok', True), ('bus', False)]
    """
    from scipy.special import ndtr

    terms = [*words, *new_words]
    now = np.concatenate([counts, list(new_words.values())]).astype(float)
    # Of a new word it is known only that fewer than 5 training descriptions hold it.
    unknown = np.full(len(new_words), SHOWN_FROM - 1.0)
    before = np.concatenate([reference_counts, unknown]).astype(float)
    log_odds, z = _log_odds(now, before, descriptions, reference_descriptions)
    listed = np.flatnonzero(_discoveries(2 * ndtr(-np.abs(z))))
    found = (each[listed].tolist() for each in (now, before, log_odds, z))
    changes = []
    for at, count, reference, odds, errors in zip(listed.tolist(), *found, strict=True):
        enough = count >= SHOWN_FROM
        if terms[at] in private or (errors > 0 and not enough):
            continue
        new = at >= len(words)
        changes.append(
            WordChange(
                term=terms[at],
                new=new,
                descriptions=int(count) if enough else 0,
                share=max(count, 0 if enough else SHOWN_FROM - 1) / descriptions,
                reference_share=0.0 if new else reference / reference_descriptions,
                log_odds=odds,
                z=errors,
            )
        )
    return sorted(changes, key=lambda change: -abs(change.z))


def _log_odds(
    now: np.ndarray, before: np.ndarray, descriptions: int, reference_descriptions: int
) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds ratio (w,) of each word, shrunk by the prior, and the same in standard errors."""
    sides = ((now, float(descriptions)), (before, float(reference_descriptions)))
    prior = PRIOR * (now + before + 0.5) / (descriptions + reference_descriptions + 1)
    (holds, lacks), (held, lacked) = (
        (count + prior, np.maximum(total - count, 0) + PRIOR - prior) for count, total in sides
    )
    log_odds: np.ndarray = np.log(holds / lacks) - np.log(held / lacked)
    # Of common words the descriptions that lack them count as well.
    return log_odds, log_odds / np.sqrt(1 / holds + 1 / lacks + 1 / held + 1 / lacked)


def _discoveries(p_values: np.ndarray) -> np.ndarray:
    """Which of several hypotheses to reject, by the procedure of Benjamini and Hochberg."""
    order = np.argsort(p_values)
    allowed = FALSE_DISCOVERIES * np.arange(1, len(order) + 1) / max(len(order), 1)
    passed = np.flatnonzero(p_values[order] <= allowed)
    listed = np.zeros(len(order), bool)
    listed[order[: passed[-1] + 1 if len(passed) else 0]] = True
    return listed

"""The training set as a reference, row by row, and an ordinary batch that is drawn from it.

Everything in it is what a *new* description would have got: probabilities come from models that
never saw the row, and a word counts as known only if other descriptions hold it. In-sample
values would make every later batch look as if it had drifted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from afterword.model.reference import output_columns, outputs, unlink
from afterword.model.scored import Scored
from afterword.text.analysis import describe
from afterword.text.cleaning import clean, normalise, tokenise
from afterword.text.descriptors import DESCRIPTORS, NAMES, on_grid, unknown_share
from afterword.text.distinct import summarise
from afterword.text.facts import Facts

if TYPE_CHECKING:
    import pandas as pd

    from afterword.model.classifier import Classifier


def build_reference(
    texts: Sequence[str],
    probabilities: np.ndarray,
    categories: Sequence[str],
    thresholds: np.ndarray,
    *,
    least: int,
) -> pd.DataFrame:
    """Make the reference from a training set, row by row.

    What is kept of it goes through :func:`unlink` first.

    Parameters
    ----------
    texts : n training descriptions.
    probabilities : (n, k) out-of-fold calibrated probabilities.
    categories : k names.
    thresholds : (k,).
    least : distinct descriptions that must hold a word before it is known.

    Returns
    -------
    DataFrame (n, 14 + k + 2), float32, in the order of ``texts``.
    """
    import pandas as pd

    frame = describe(list(texts), frozenset())
    unknown = next(item for item in DESCRIPTORS if item.name == "unknown_words")
    frame[unknown.name] = on_grid(unknown, _left_out_unknown_shares(texts, least))
    return pd.concat([frame, outputs(probabilities, categories, thresholds)], axis=1)


def _left_out_unknown_shares(texts: Sequence[str], least: int) -> np.ndarray:
    """Share of unknown words (n,) of each text, its own distinct description left out."""
    words = [tokenise(clean(text)) for text in texts]
    distinct = {normalise(text): frozenset(own) for text, own in zip(texts, words, strict=True)}
    held_by = Counter(word for own in distinct.values() for word in own)
    known = {word for word, count in held_by.items() if count > least}
    return np.array([unknown_share(own, known) for own in words])


def ordinary_rows(
    texts: Sequence[str], frame: pd.DataFrame, facts: Facts, model: Classifier, *, seed: int = 0
) -> Scored:
    """Draw a batch from the training set: ordinary by construction, and without text.

    Parameters
    ----------
    texts : the n training descriptions.
    frame : (n, …) the reference, in their order.
    facts : of the same descriptions.
    model : trained on them.
    seed : of the draw.

    Returns
    -------
    Scored
        400 rows, or half of the training set if that is less. Their columns are shuffled like
        the reference's; only what the check reads together stays together.
    """
    rows = np.random.default_rng(seed).permutation(len(frame))[: min(400, len(frame) // 2)]
    drawn = [texts[row] for row in rows]
    answers = output_columns(model.categories)
    return Scored(
        frame=unlink(frame.iloc[rows], seed, together=[("words", "english_words"), answers]),
        descriptors=NAMES,
        categories=model.categories,
        outputs=answers,
        texts=summarise(facts.take(rows), drawn),
    )

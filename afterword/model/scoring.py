"""From a batch to numbers: descriptors and probabilities of every accepted row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.files.column_names import INCLUSION, key
from afterword.files.label_values import label_values, prediction_values
from afterword.files.labels import BARE
from afterword.files.reading import read_batch
from afterword.files.shares import parse_shares
from afterword.model import wording
from afterword.model.deployed import Deployed
from afterword.model.own_answers import are_own_answers
from afterword.model.reference import output_columns, output_values, probability_column
from afterword.model.registry import load_model
from afterword.model.scored import Scored
from afterword.records import Batch
from afterword.text.analysis import analyse
from afterword.text.chunks import in_parts
from afterword.text.counts import TextCounts
from afterword.text.descriptors import NAMES
from afterword.text.distinct import DistinctTexts, new_key, pieces_of, summarise, total
from afterword.text.facts import facts_of

if TYPE_CHECKING:
    import pandas as pd

    from afterword.model.classifier import Classifier

CHUNK = 500_000
"""Characters that are classified between two steps of a progress bar."""
AT_ONCE = 20_000
"""Texts that are scored at once: what is made of them on the way takes some 30 MB."""

Progress = Callable[[float], object]


def as_batch(source: Any) -> Batch:
    """Return a batch as it is, and read anything else as :func:`afterword.read_batch` does."""
    return source if isinstance(source, Batch) else read_batch(source)


def score(
    batch: Any,
    model: Classifier | None = None,
    *,
    progress: Progress | None = None,
    key: bytes | None = None,
) -> Scored:
    """Turn a batch into scored rows: numbers only.

    Parameters
    ----------
    batch : as read by :func:`afterword.read_batch`, or what that reads: a table, a Series, a
        list of texts, a path, a buffer.
    model : the model in service if None.
    progress : called with the share of rows done, in [0, 1].
    key : of the digests by which texts are found again in other rows; without it they are not.

    Returns
    -------
    Scored
        One line per accepted row; rejected rows as a count per reason.
    """
    batch = as_batch(batch)
    model = model or load_model()
    texts = batch.texts.tolist()
    frame, counts, pieces = _looked_through(texts, model, key, progress)
    labels, doubt = _labels(batch, frame, model)
    return Scored(
        frame=frame,
        descriptors=NAMES,
        categories=model.categories,
        outputs=output_columns(model.categories),
        rejections=Counter(map(str, batch.rejected["reason"])),
        period=batch.period,
        texts=counts,
        pieces=pieces,
        deployed=_deployed(batch, frame, model),
        labels=labels,
        label_doubt=doubt,
        inclusion=_inclusion(batch),
    )


def _looked_through(
    texts: Sequence[str], model: Classifier, key: bytes | None, progress: Progress | None
) -> tuple[pd.DataFrame, TextCounts, DistinctTexts | None]:
    """Numbers of each text, and what all of them add up to, some thousand at a time."""
    import pandas as pd

    parts = [texts[at : at + AT_ONCE] for at in range(0, len(texts), AT_ONCE)] or [texts]
    own = new_key() if key is None and len(parts) > 1 else key
    frames, pieces = [], []
    for number, part in enumerate(parts):
        # Copies of a text are looked through once.
        places: dict[str, int] = {}
        rows = np.array([places.setdefault(text, len(places)) for text in part], np.int64)
        different = list(places)
        found = analyse(
            different, model, progress=progress and partial(_tell, progress, number, len(parts))
        )
        probabilities = model.probabilities_of(found.tokens)
        values = output_values(probabilities, model.categories, model.thresholds)
        columns = pd.DataFrame({**found.descriptors(), **values}).astype(np.float32)
        frames.append(columns.take(rows).reset_index(drop=True))
        times = np.bincount(rows, minlength=len(different))
        facts = facts_of(found, model, key=own)
        if own is not None:
            pieces.append(pieces_of(facts, different, found.tokens, times, own))
    if progress:
        progress(1.0)
    if not pieces:
        return frames[0], summarise(facts, different, found.tokens, times), None
    frame = pd.concat(frames, ignore_index=True)
    whole = total(pieces, kept=key is not None)
    return frame, whole.closed(), whole if key is not None else None


def _tell(progress: Progress, before: int, parts: int, done: float) -> None:
    """Tell how far all parts are, nearly to the end."""
    progress(0.95 * (before + done) / parts)


def _labels(batch: Batch, frame: pd.DataFrame, model: Classifier) -> tuple[np.ndarray | None, str]:
    """True labels (n, k) of the accepted rows, NaN where there is none, None without any; and
    why none are taken from columns that look like labels."""
    found = label_values(batch, model.categories)
    if np.isnan(found).all():
        return None, ""
    bare = batch.reading.value(BARE) or ()
    places = [place for place, name in enumerate(model.categories) if name in bare]
    if places and len(places) == (~np.isnan(found).all(axis=0)).sum() and not _is_review(batch):
        probabilities = frame[[probability_column(name) for name in model.categories]]
        if are_own_answers(found, probabilities.to_numpy(float), model):
            return None, wording.own_answers([model.categories[place] for place in places])
    return found, ""


def _is_review(batch: Batch) -> bool:
    """Whether a review wrote the file: then people gave the labels, whatever the columns' names."""
    return any(key(name) == key(INCLUSION) for name in batch.table.columns)


def _inclusion(batch: Batch) -> np.ndarray | None:
    """How likely each accepted row was drawn to be labelled, as a review's file tells."""
    columns = [name for name in batch.table.columns if key(name) == key(INCLUSION)]
    if not columns:
        return None
    chances = parse_shares(batch.rows[columns[0]]).to_numpy(float)
    found = np.where(chances > 0, chances, np.nan)
    return None if np.isnan(found).all() else found


def _deployed(batch: Batch, frame: pd.DataFrame, model: Classifier) -> Deployed | None:
    """A file's own predictions, and this model's decisions on the same rows."""
    told = [name for name in model.categories if name in batch.columns.predictions]
    if not told or frame.empty:
        return None
    theirs = prediction_values(batch, told)
    known = ~np.isnan(theirs).any(axis=1)
    if not known.any():
        return None
    at = [model.categories.index(name) for name in told]
    ours = frame[[probability_column(name) for name in told]].to_numpy()
    marks = np.full((2, known.sum(), len(model.categories)), 2)
    for own, answers in zip(marks, (theirs, ours), strict=True):
        own[:, at] = answers[known] >= model.thresholds[at]
    return Deployed.of(*marks)


def in_chunks(texts: pd.Series, progress: Progress | None) -> Iterator[pd.Series]:
    done = 0
    for part in in_parts(texts.tolist(), CHUNK):
        yield texts.iloc[done : done + len(part)]
        done += len(part)
        if progress:
            progress(done / len(texts))

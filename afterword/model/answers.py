"""Answers for every row of a batch: probabilities, decisions, and what makes an answer doubtful."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.arrays import Floats
from afterword.files.column_names import unique_names
from afterword.files.label_values import prediction_values
from afterword.model.registry import load_model
from afterword.model.scoring import Progress, as_batch, in_chunks
from afterword.records import Batch, Classified
from afterword.text.analysis import Analysis, analyse, measure_texts
from afterword.text.descriptors import FEW_ENGLISH, MANY_UNKNOWN, SHORT_WORDS
from afterword.worker_program import tell

if TYPE_CHECKING:
    import pandas as pd

    from afterword.model.classifier import Classifier

Observe = Callable[[Sequence[str], Floats, Analysis], object]

SCORE_DECIMALS = 4
"""As many as the calibration's knots have: finer differences are no ranking."""
VERY_SHORT = "very short"
NOT_ENGLISH = "not English"
MOSTLY_UNKNOWN = "mostly unknown words"


def classify(
    batch: Any,
    model: Classifier | None = None,
    *,
    mode: str | None = None,
    progress: Progress | None = None,
    observe: Observe | None = None,
) -> Classified:
    """Classify every row of a batch and give back all the columns that it came with.

    Parameters
    ----------
    batch, model, progress : as in :func:`score`.
    mode : how decisions are made; that of the settings if None.
    observe : called with the texts of each part of the rows, their probabilities and what was
        found in them, so that what else is wanted of the texts needs no second look.

    Returns
    -------
    Classified
        Every row that was read, on the index that it came with. The answer's columns are
        "<category> probability" in [0, 1],
        "<category> score", "<category> decision", "<category> unsure", "remark" and "rejected"; a
        number follows a name that the file has already. The score is the log-odds before
        calibration, to four decimals: probabilities have ties, and it ranks where they do.
    """
    model = model or load_model()
    model.mode(mode)  # Before the work: a mode of another name is refused at once.
    came = as_batch(batch)
    rated = rate(came.numbered().texts, model, progress, observe)
    return joined(came, rated, model, mode)


def rate(
    texts: pd.Series,
    model: Classifier,
    progress: Progress | None = None,
    observe: Observe | None = None,
) -> pd.DataFrame:
    """Answer each text; what is decided depends on a mode, and comes later.

    Parameters
    ----------
    texts : the descriptions that can be used.
    model, progress : as in :func:`score`.
    observe : as in :func:`classify`.

    Returns
    -------
    Probability and score per category, and the remark, on the index of the texts.
    """
    import pandas as pd

    answers = [_answer(part, model, observe) for part in in_chunks(texts, progress)]
    return pd.concat(answers) if answers else _answer(texts, model, observe)


def rate_and_tell(texts: pd.Series, model: Classifier) -> pd.DataFrame:
    """As :func:`rate`, in a process that tells the server how far it is."""
    return rate(texts, model, tell)


def joined(
    came: Batch, rated: pd.DataFrame, model: Classifier, mode: str | None = None
) -> Classified:
    """Put the answers beside the rows that they belong to, and decide.

    Parameters
    ----------
    came : the batch.
    rated : of :func:`rate`, for its texts on the rows' numbers.
    model, mode : as in :func:`classify`, which returns the same.
    """
    import pandas as pd

    batch = came.numbered()
    fields = ("probability", "score", "decision", "unsure")
    names = [f"{category} {field}" for category in model.categories for field in fields]
    new = rated.reindex(index=batch.table.index, columns=[*names, "remark"])
    new["remark"] = new["remark"].fillna("")
    reasons = batch.rejected.set_index("row")["reason"]
    new["rejected"] = reasons.reindex(batch.table.index).fillna("")
    own = len(batch.table.columns)
    given = dict(
        zip(new.columns, unique_names([*batch.table.columns, *new.columns])[own:], strict=True)
    )
    table = pd.concat([batch.table, new.rename(columns=given)], axis=1)
    table.index = came.table.index
    probability, score, decision, unsure = (
        {category: given[f"{category} {field}"] for category in model.categories}
        for field in ("probability", "score", "decision", "unsure")
    )
    answer = Classified(
        table, probability, score, decision, unsure, given["remark"], given["rejected"]
    )
    return apply_mode(answer, model, mode)


def apply_mode(answer: Classified, model: Classifier, mode: str | None = None) -> Classified:
    """Decide anew from the probabilities of a batch that was classified, in any mode.

    Parameters
    ----------
    answer : as :func:`classify` gives it; it is left as it is.
    model : that gave it.
    mode : how decisions are made; that of the settings if None.

    Returns
    -------
    Classified
        The same table, but for the columns of decisions and of "unsure". A row without an answer
        has neither: that is not "no".

    Raises
    ------
    ModeError
        There is no mode of that name.

    >>> import pandas as pd
    >>> from afterword.files.reading import read_batch
    >>> batch = read_batch(pd.DataFrame({"description": ["A man kept staring at me.", ""]}))
    >>> answer = apply_mode(classify(batch), load_model(), "find-more")
    >>> answer.table[answer.decision["Ogling"]].tolist()
    [True, <NA>]
    """
    import pandas as pd

    chosen = model.mode(mode)
    probabilities = answer.table[[answer.probability[name] for name in model.categories]].to_numpy(
        float
    )
    missing = np.isnan(probabilities).any(axis=1)
    columns = {}
    for names, flags in (
        (answer.decision, chosen.decide(probabilities)),
        (answer.unsure, chosen.unsure(probabilities)),
    ):
        for place, category in enumerate(model.categories):
            columns[names[category]] = pd.arrays.BooleanArray(flags[:, place].copy(), missing)
    return replace(answer, table=answer.table.assign(**columns))


def remarks(texts: Sequence[str], vocabulary: Collection[str]) -> list[tuple[str, ...]]:
    """Say what makes an answer for each text doubtful.

    Parameters
    ----------
    texts : n descriptions.
    vocabulary : the words that the model learned.

    Returns
    -------
    list of n tuples of :data:`VERY_SHORT`, :data:`NOT_ENGLISH` and :data:`MOSTLY_UNKNOWN`;
    empty where nothing does.
    """
    return remarks_of(measure_texts(texts, vocabulary))


def remarks_of(measured: Mapping[str, np.ndarray]) -> list[tuple[str, ...]]:
    """Say the same of texts that were measured, as :meth:`Analysis.descriptors` does."""
    asked = (measured[name].tolist() for name in ("words", "unknown_words", "english_words"))
    return [tuple(_doubts(*values)) for values in zip(*asked, strict=True)]


def _doubts(words: float, unknown: float, english: float) -> Iterator[str]:
    if words <= SHORT_WORDS:
        yield VERY_SHORT
    if unknown >= MANY_UNKNOWN:
        yield NOT_ENGLISH if words > SHORT_WORDS and english < FEW_ENGLISH else MOSTLY_UNKNOWN


def _answer(texts: pd.Series, model: Classifier, observe: Observe | None = None) -> pd.DataFrame:
    """What :func:`rate` returns, of a few texts."""
    import pandas as pd

    every = texts.tolist()
    found = analyse(every, model)
    scores = model.score_tokens(found.tokens)
    probabilities = model.calibrate(scores)
    if observe:
        observe(every, probabilities, found)
    columns: dict[str, Any] = {}
    for place, category in enumerate(model.categories):
        columns[f"{category} probability"] = probabilities[:, place]
        columns[f"{category} score"] = scores[:, place].round(SCORE_DECIMALS)
    columns["remark"] = [", ".join(each) for each in remarks_of(found.descriptors())]
    return pd.DataFrame(columns, index=texts.index)


def agreement_with_predictions(batch: Batch, model: Classifier) -> tuple[float, int] | None:
    """How often the deployed system's predictions are this model's.

    Parameters
    ----------
    batch : whose columns of predictions were recognised.
    model : the model to compare with.

    Returns
    -------
    (share, decisions) or None
        Share of equal decisions among those that the file tells; None if it tells none.
        A prediction between 0 and 1 is a probability, which counts from the threshold on.
    """
    told = [name for name in model.categories if name in batch.columns.predictions]
    if not told or not batch.accepted.any():
        return None
    theirs = prediction_values(batch, told)
    known = ~np.isnan(theirs)
    if not known.any():
        return None
    at = [model.categories.index(name) for name in told]
    ours = model.predict_proba(batch.texts)[:, at] >= model.thresholds[at]
    equal = ((theirs >= model.thresholds[at]) == ours)[known]
    return float(equal.mean()), int(known.sum())

"""From a batch to numbers: descriptors and probabilities of every accepted row."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from afterword.errors import BatchError
from afterword.files.column_names import INCLUSION, key, unique_names
from afterword.files.columns import parse_shares, parse_times
from afterword.files.header import WRONG_WIDTH
from afterword.files.reading import EMPTY, NOT_TEXT, TOO_LONG, read_batch
from afterword.files.tables import UNREADABLE
from afterword.model.reference import (
    METADATA,
    output_columns,
    outputs,
    probability_column,
    to_parquet,
    unlink,
)
from afterword.model.registry import load_model
from afterword.records import Batch, Classified, Profile, Scored
from afterword.settings import Settings, get_settings
from afterword.text.cleaning import tokenise
from afterword.text.descriptors import FEW_ENGLISH, MANY_UNKNOWN, NAMES, describe
from afterword.text.facts import FLAGS, Facts, find_facts, summarise
from afterword.text.privacy import SHOWN_FROM, private_words

if TYPE_CHECKING:
    import pandas as pd

    from afterword.model.classifier import Classifier

CHUNK = 2_000
"""Rows that are classified between two steps of a progress bar."""

SCORE_DECIMALS = 4
"""As many as the calibration's knots have: finer differences are no ranking."""

FEW_WORDS = 3
"""Below this number of words there is little to go by."""

VERY_SHORT = "very short"
NOT_ENGLISH = "not English"
MOSTLY_UNKNOWN = "mostly unknown words"

OTHER_REASON = "another reason"
_PARQUET = b"PAR1"

Progress = Callable[[float], object]
Source = str | os.PathLike[str] | bytes | BinaryIO


def as_batch(source: Any) -> Batch:
    """Return a batch as it is, and read anything else as :func:`afterword.read_batch` does."""
    return source if isinstance(source, Batch) else read_batch(source)


def score(
    batch: Any, model: Classifier | None = None, *, progress: Progress | None = None
) -> Scored:
    """Turn a batch into scored rows: numbers only.

    Parameters
    ----------
    batch : as read by :func:`afterword.read_batch`, or what that reads: a table, a Series, a
        list of texts, a path, a buffer.
    model : the model in service if None.
    progress : called with the share of rows done, in [0, 1].

    Returns
    -------
    Scored
        One line per accepted row; rejected rows as a count per reason.
    """
    import pandas as pd

    batch = as_batch(batch)
    model = model or load_model()
    texts = batch.texts
    parts = [
        pd.concat(
            [
                describe(list(part), model.vocabulary),
                outputs(model.predict_proba(part), model.categories, model.thresholds),
            ],
            axis=1,
        )
        for part in _chunks(texts, progress and (lambda done: progress(0.75 * done)))
    ]
    whole = texts.tolist()
    columns = [*NAMES, *output_columns(model.categories)]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    profile = summarise(find_facts(whole, model), whole)
    if progress:
        progress(1.0)
    return Scored(
        frame=frame.astype(np.float32),
        descriptors=NAMES,
        categories=model.categories,
        outputs=output_columns(model.categories),
        rejections=Counter(map(str, batch.rejected["reason"])),
        period=_period(batch),
        profile=profile,
        deployed=_commonest_predictions(batch, frame, model),
        labels=_labels(batch, model),
        inclusion=_inclusion(batch),
    )


def _labels(batch: Batch, model: Classifier) -> np.ndarray | None:
    """True labels (n, k) of the accepted rows, NaN where there is none; None without any."""
    columns, rows = batch.columns.labels, batch.rows
    nothing = np.full(len(rows), np.nan)
    found = np.column_stack(
        [
            parse_shares(rows[columns[name]]).to_numpy(float) if name in columns else nothing
            for name in model.categories
        ]
    )
    return None if np.isnan(found).all() else found


def _inclusion(batch: Batch) -> np.ndarray | None:
    """How likely each accepted row was drawn to be labelled, as a review's file tells."""
    columns = [name for name in batch.table.columns if key(name) == key(INCLUSION)]
    if not columns:
        return None
    chances = parse_shares(batch.rows[columns[0]]).to_numpy(float)
    found = np.where(chances > 0, chances, np.nan)
    return None if np.isnan(found).all() else found


def _commonest_predictions(
    batch: Batch, frame: pd.DataFrame, model: Classifier
) -> tuple[float, float] | None:
    """Share of the commonest answer among a file's own predictions, and among this model's."""
    columns = batch.columns.predictions
    told = [name for name in model.categories if name in columns]
    if not told or frame.empty:
        return None
    rows = batch.rows
    theirs = np.column_stack([parse_shares(rows[columns[name]]).to_numpy(float) for name in told])
    known = ~np.isnan(theirs).any(axis=1)
    if not known.any():
        return None
    at = [model.categories.index(name) for name in told]
    ours = frame[[probability_column(name) for name in told]].to_numpy()
    shares = [
        np.unique(answers[known] >= model.thresholds[at], axis=0, return_counts=True)[1].max()
        for answers in (theirs, ours)
    ]
    return float(shares[0] / known.sum()), float(shares[1] / known.sum())


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
        profile=summarise(facts.take(rows), drawn),
    )


def classify(
    batch: Any,
    model: Classifier | None = None,
    *,
    mode: str | None = None,
    progress: Progress | None = None,
) -> Classified:
    """Classify every row of a batch and give back all the columns that it came with.

    Parameters
    ----------
    batch, model, progress : as in :func:`score`.
    mode : how decisions are made; that of the settings if None.

    Returns
    -------
    Classified
        Every row that was read, on the index that it came with. The answer's columns are
        "<category> probability" in [0, 1],
        "<category> score", "<category> decision", "<category> unsure", "remark" and "rejected"; a
        number follows a name that the file has already. The score is the log-odds before
        calibration, to four decimals: probabilities have ties, and it ranks where they do.
    """
    import pandas as pd

    model = model or load_model()
    model.mode(mode)  # Before the work: a mode of another name is refused at once.
    came = as_batch(batch)
    batch = came.numbered()
    answers = [_answer(part, model) for part in _chunks(batch.texts, progress)]
    new = pd.concat(answers) if answers else _answer(batch.texts, model)
    new = new.reindex(batch.table.index)
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
    return decide(answer, model, mode)


def decide(answer: Classified, model: Classifier, mode: str | None = None) -> Classified:
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
    >>> answer = decide(classify(batch), load_model(), "find-more")
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


def remarks(texts: Sequence[str], vocabulary: Container[str]) -> list[tuple[str, ...]]:
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
    measured = describe(texts, vocabulary)
    return [
        tuple(_doubts(*values))
        for values in measured[["words", "unknown_words", "english_words"]].to_numpy()
    ]


def _doubts(words: float, unknown: float, english: float) -> Iterator[str]:
    if words < FEW_WORDS:
        yield VERY_SHORT
    if unknown >= MANY_UNKNOWN:
        yield NOT_ENGLISH if words >= FEW_WORDS and english < FEW_ENGLISH else MOSTLY_UNKNOWN


def _answer(texts: pd.Series, model: Classifier) -> pd.DataFrame:
    """Answers for texts in the columns that people download, indexed like ``texts``; undecided."""
    import pandas as pd

    scores = model.decision_function(texts)
    probabilities = model.calibrate(scores)
    columns: dict[str, Any] = {}
    for place, category in enumerate(model.categories):
        columns[f"{category} probability"] = probabilities[:, place]
        columns[f"{category} score"] = scores[:, place].round(SCORE_DECIMALS)
        for field in ("decision", "unsure"):
            columns[f"{category} {field}"] = pd.NA
    columns["remark"] = [", ".join(each) for each in remarks(texts.tolist(), model.vocabulary)]
    return pd.DataFrame(columns, index=texts.index)


def _chunks(texts: pd.Series, progress: Progress | None) -> Iterator[pd.Series]:
    for start in range(0, len(texts), CHUNK):
        yield texts.iloc[start : start + CHUNK]
        if progress:
            progress(min(1.0, (start + CHUNK) / len(texts)))


def _period(batch: Batch) -> tuple[datetime, datetime] | None:
    """First and last time of a batch; None where it has no times that can be read."""
    if batch.columns.time is None:
        return None
    times = parse_times(batch.table[batch.columns.time]).dropna()
    return (times.min().to_pydatetime(), times.max().to_pydatetime()) if len(times) else None


def agreement(batch: Batch, model: Classifier) -> tuple[float, int] | None:
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
    rows = batch.rows
    if rows.empty or not batch.columns.predictions:
        return None
    ours = model.predict_proba(batch.texts)
    equal = told = 0
    for place, (category, threshold) in enumerate(
        zip(model.categories, model.thresholds, strict=True)
    ):
        column = batch.columns.predictions.get(category)
        if column is None:
            continue
        theirs = parse_shares(rows[column])
        known = theirs.notna()
        told += int(known.sum())
        equal += int(((theirs >= threshold) == (ours[:, place] >= threshold))[known].sum())
    return (equal / told, told) if told else None


def write_scored(scored: Scored, path: str | os.PathLike[str]) -> None:
    """Keep scored rows in a Parquet file that :func:`read` takes back.

    Parameters
    ----------
    scored : what to keep; there is no text in it.
    path : of the file, which is replaced if it is there.
    """
    about = {
        "kind": "scored rows",
        "categories": list(scored.categories),
        "rejections": dict(scored.rejections),
        "period": [moment.isoformat() for moment in scored.period] if scored.period else None,
        "profile": scored.profile.to_dict() if scored.profile else None,
        "deployed": list(scored.deployed) if scored.deployed else None,
    }
    frame = scored.frame
    if scored.labels is not None:
        names = [_label_column(name) for name in scored.categories]
        frame = frame.assign(**dict(zip(names, scored.labels.T, strict=True)))
        if scored.inclusion is not None:
            frame = frame.assign(**{INCLUSION: scored.inclusion})
    Path(path).write_bytes(to_parquet(frame, about))


def _label_column(category: str) -> str:
    return f"{category} label"


def read(source: Source, **options: Any) -> Batch | Scored:
    """Read a file of descriptions, or a file of scored rows.

    Parameters
    ----------
    source : path, bytes, binary buffer, DataFrame, Series or list of texts.
    options : what :func:`afterword.read_batch` takes.

    Raises
    ------
    BatchError
        It is neither, or larger than the settings allow.
    """
    content = _parquet(source)
    if content is not None:
        scored = _read_scored(content, options.get("settings") or get_settings())
        if scored is not None:
            return scored
    name = options.pop("name", None)
    if name is None and hasattr(source, "read"):
        name = getattr(source, "name", None)
    if name is None and isinstance(source, str | os.PathLike):
        name = Path(source).name
    return read_batch(source if content is None else content, name=name, **options)


def _parquet(source: Source) -> bytes | None:
    """The content of a source that begins as Parquet does; None for any other."""
    if isinstance(source, bytes):
        return source if source.startswith(_PARQUET) else None
    if isinstance(source, str | os.PathLike):
        with contextlib.suppress(OSError), Path(source).open("rb") as file:
            return _rest(file)
    elif hasattr(source, "read") and hasattr(source, "seek"):
        return _rest(source)
    return None


def _rest(file: BinaryIO) -> bytes | None:
    start = file.read(len(_PARQUET))
    content = start + file.read() if start == _PARQUET else None
    file.seek(0)
    return content


def _read_scored(content: bytes, settings: Settings) -> Scored | None:
    """Scored rows from a Parquet file of ours; None if it is another one."""
    import pandas as pd
    import pyarrow.parquet as pq

    try:
        footer = pq.ParquetFile(io.BytesIO(content))
        about = json.loads((footer.schema_arrow.metadata or {}).get(METADATA, b"null"))
    except (ValueError, OSError):
        return None
    if not isinstance(about, dict) or about.get("kind") != "scored rows":
        return None
    # The footer tells both: a file that is too large is refused before it is unpacked.
    if (
        footer.metadata.num_rows > settings.max_rows
        or len(content) > settings.max_upload_mb * 1_000_000
    ):
        raise BatchError(
            f"The file has more than {settings.max_rows:,} rows or {settings.max_upload_mb} MB; "
            "split it into smaller files."
        )
    named = about.get("categories")
    categories = tuple(map(str, named)) if isinstance(named, list) else ()
    columns = [*NAMES, *output_columns(categories)]
    try:
        # Only what the check compares: another column could hold text.
        frame = pd.read_parquet(io.BytesIO(content), columns=columns).astype(np.float32)
        period = tuple(map(datetime.fromisoformat, about.get("period") or ()))
        rejections = _known_reasons(dict(about["rejections"]), settings)
        profile = read_profile(about.get("profile"), len(frame))
        labels, inclusion = _read_labels(content, footer.schema_arrow.names, categories)
        deployed = tuple(min(max(float(one), 0.0), 1.0) for one in about.get("deployed") or ())
    except (ValueError, TypeError, KeyError, OSError):
        raise BatchError(
            "This file of scored rows lacks columns that the check compares. "
            "Score the descriptions again with this version."
        ) from None
    return Scored(
        frame=frame,
        descriptors=NAMES,
        categories=categories,
        outputs=output_columns(categories),
        rejections=rejections,
        period=(period[0], period[-1]) if period else None,
        profile=profile,
        deployed=(deployed[0], deployed[-1]) if deployed else None,
        labels=labels,
        inclusion=inclusion,
    )


def _read_labels(
    content: bytes, columns: Sequence[str], categories: Sequence[str]
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """True labels, and how likely rows were drawn, from a file of scored rows that has them."""
    import pandas as pd

    names = [_label_column(name) for name in categories]
    if not names or not set(names) <= set(columns):
        return None, None
    wanted = [*names, *(name for name in columns if name == INCLUSION)]
    frame = pd.read_parquet(io.BytesIO(content), columns=wanted).astype(float)
    labels = frame[names].to_numpy()
    if not (np.isnan(labels) | np.isin(labels, (0, 1))).all():
        raise ValueError("labels that are neither 0 nor 1")
    inclusion = frame[INCLUSION].to_numpy() if INCLUSION in frame else None
    if inclusion is not None:
        inclusion = np.where((inclusion > 0) & (inclusion <= 1), inclusion, np.nan)
    return labels, inclusion


def read_profile(content: Any, rows: int) -> Profile | None:
    """The profile that came with scored rows, if it is theirs; new words only if they are words.

    Parameters
    ----------
    content : what :meth:`Profile.to_dict` gave, from a file; None or empty if there was none.
    rows : scored rows that it came with.

    Raises
    ------
    AttributeError, KeyError, OverflowError, TypeError, ValueError
        It is no profile, or its counts cannot be.
    """
    if not content:
        return None
    profile = Profile.from_dict(content)
    if profile.rows != rows or len(profile.flags) != len(FLAGS):
        return None
    counts = (profile.repeats, *profile.flags)
    distinct = (profile.lengths, profile.new, *profile.words)
    if not (
        min(1, rows) <= profile.distinct <= rows
        and all(0 <= count <= rows for count in counts)
        and all(0 <= count <= profile.distinct for count in distinct)
        and np.isfinite(profile.content).all()
    ):
        raise ValueError("counts that cannot be")
    candidates = {
        word: count
        for word, count in profile.new_words.items()
        if SHOWN_FROM <= count <= profile.new and tokenise(word) == [word]
    }
    # Without the texts, lists of names and digits are all that can be asked.
    private = private_words(candidates, [])
    words = {word: count for word, count in candidates.items() if word not in private}
    return replace(profile, new_words=words)


def _known_reasons(rejections: Mapping[str, int], settings: Settings) -> dict[str, int]:
    """Counts per reason; a reason that is not one of ours could be anybody's words."""
    known = {EMPTY, NOT_TEXT, UNREADABLE, WRONG_WIDTH, TOO_LONG.format(settings.max_characters)}
    counts: Counter[str] = Counter()
    for reason, count in rejections.items():
        counts[reason if reason in known else OTHER_REASON] += max(int(count), 0)
    return dict(counts)

"""A profile in a small file: packed JSON without text, and what of it is not saved.

Everything in the file is a count. What somebody who has a text, and the model, could learn from it
was tried out: ``benchmarks/profile_privacy.py``, docs/privacy.md.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from afterword.errors import CheckError
from afterword.measures import wording
from afterword.measures.answers import UNKNOWN_LABEL, Answers, LabelledAnswers, count_rows
from afterword.measures.coarse_counts import CoarseColumn, coarse, fine, grids_of
from afterword.measures.definitions import FLAGS
from afterword.measures.moments import Kept, Moments, rounded, units_of
from afterword.measures.stand_ins import (
    CENTS,
    LEAST_CELL,
    LEVELS,
    cells_of,
    margins_of,
    stand_ins,
    whole_margin,
)
from afterword.model.deployed import Deployed
from afterword.model.reference import probability_column
from afterword.model.registry import load_reference, version_of
from afterword.model.scored_files import known_reasons, read_period, read_text_counts
from afterword.settings import get_settings
from afterword.text.counts import TextCounts
from afterword.text.damage import DAMAGES
from afterword.text.distinct import STEPS
from afterword.text.flags import TEXT_FLAGS

if TYPE_CHECKING:
    import pandas as pd

VERSION: Final = 1
LEAST_TEXTS: Final = 20
"""Different descriptions that a profile must have to be saved: a smaller one is its texts."""
MOST_ROWS: Final = 10_000_000
"""Rows up to which others are drawn that stand for them, in memory."""
MOST_BYTES: Final = 32_000_000
"""Size of a file, unpacked, that is read at all: far above any profile's."""
NOTES: Final = (
    wording.VALUES_NOT_KNOWN,
    wording.COPIES_NOT_KNOWN,
    wording.COMMONEST_NOT_KNOWN,
    wording.ROWS_NOT_KNOWN,
)
"""What no saved profile knows any more."""
_KIND: Final = "afterword profile"
_EARLIER: Final = len(FLAGS) - len(DAMAGES)
"""Flags of profiles that were saved before texts were asked for the damage to their form."""

Count = Annotated[int, Field(ge=0, le=10**16)]
Whole = Annotated[int, Field(ge=-(10**16), le=10**16)]
Counts = list[Count]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Head(BaseModel):
    """What tells whether the rest can be read."""

    kind: Literal["afterword profile"]
    version: int
    model: str


class _Texts(_Strict):
    """What was counted in the texts; the attributes are those of TextCounts."""

    distinct: Count
    repeats: Count
    lengths: Count
    common_length: Count
    words: Counts
    new: Count
    new_words: dict[str, Count]
    content: list[Whole]
    begins: Count | None
    ends: Count | None
    common: Count | None = None
    pairs: Count | None = None
    again: Count | None = None


class _Column(_Strict):
    """A column; the attributes are those of CoarseColumn."""

    starts: Counts
    rows: Counts
    total: Count


class _Rows(_Strict):
    """Answers of a group of rows; see :mod:`afterword.measures.stand_ins`."""

    margins: list[Counts]
    cells: list[Counts]


class _Saved(_Strict):
    """A whole file."""

    kind: Literal["afterword profile"] = _KIND
    version: Literal[1] = VERSION
    model: str
    columns: dict[str, _Column]
    rest: _Rows | None
    labelled: _Rows | None
    commonest: Count
    none: Count
    products: Counts
    flags: Counts
    texts: _Texts | None
    deployed: list[dict[str, Count]] | None
    rejections: dict[str, Count]
    period: list[str] | None
    doubtful_labels: bool
    incomplete: bool


def to_bytes(profile: Any, model_dir: str | os.PathLike[str] | None = None) -> bytes:
    """Pack a profile; the same counts give the same bytes.

    Parameters
    ----------
    profile : a :class:`~afterword.measures.profiles.Profile` of the model.
    model_dir : its folder; the one in service if None.

    Raises
    ------
    CheckError
        It has fewer than 20 different descriptions, too many, or another model made it.
    """
    texts = profile.texts
    different = len(profile.answers.cents) if texts is None else texts.distinct
    if different < LEAST_TEXTS:
        raise CheckError(wording.too_few_to_save(LEAST_TEXTS))
    if profile.accepted > MOST_ROWS:
        raise CheckError(wording.too_many_to_save(MOST_ROWS))
    if profile.model != version_of(model_dir):
        raise CheckError(wording.OTHER_MODEL if profile.model else wording.NO_MODEL)
    reference = load_reference(model_dir)
    k, moments = len(profile.categories), profile.moments()
    labelled = _whole_labels(profile)
    answers = profile.answers if labelled is None else profile.answers.without(labelled.answers)
    codes = None if labelled is None else labelled.cents + labelled.labels * np.uint16(CENTS)
    saved = _Saved(
        model=profile.model,
        columns={
            name: _Column(**vars(coarse(profile.columns[name], reference[name], grid)))
            for name, grid in grids_of(k).items()
        },
        rest=_rows_of(answers.cents, answers.counts, profile.thresholds),
        labelled=None
        if labelled is None or codes is None
        else _rows_of(codes, labelled.counts, profile.thresholds),
        commonest=profile.commonest_answer,
        none=int(moments.sums[k]),
        products=rounded(moments.products)[np.triu_indices(3 * k + 1)].tolist(),
        flags=profile.flags.tolist(),
        texts=None if texts is None else _saved_texts(texts),
        deployed=_commonest_only(profile.deployed),
        rejections=known_reasons(profile.rejections, get_settings()),
        period=_days(profile),
        doubtful_labels=bool(profile.label_doubt)
        or (labelled is None and profile.labelled is not None),
        incomplete=bool(set(profile.notes) - {*NOTES, wording.DAYS_ONLY}),
    )
    return gzip.compress(saved.model_dump_json().encode(), mtime=0)


@dataclass(frozen=True, eq=False)
class Expected:
    """What has to fit in a file of a profile.

    Attributes
    ----------
    model : version of the model.
    categories, thresholds : of it.
    words, dimensions : of its vocabulary, and of its dense representation: how many.
    reference : the training set's columns.
    """

    model: str
    categories: tuple[str, ...]
    thresholds: tuple[float, ...]
    words: int
    dimensions: int
    reference: pd.DataFrame


def read_saved(path: str | os.PathLike[str], expected: Expected) -> dict[str, Any]:
    """Read the file of a profile.

    Parameters
    ----------
    path : of the file.
    expected : of the model that it has to belong to.

    Returns
    -------
    What the profile has of each of its attributes.

    Raises
    ------
    CheckError
        It is no such file, belongs to another model or version, or is damaged.
    """
    try:
        # A pipe would be waited for.
        if Path(path).exists() and not Path(path).is_file():
            raise CheckError(wording.DAMAGED_PROFILE)
        with gzip.open(path) as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise CheckError(wording.NO_PROFILE) from None
    except (OSError, EOFError, ValueError, zlib.error):
        raise CheckError(wording.DAMAGED_PROFILE) from None
    if len(content) > MOST_BYTES:
        raise CheckError(wording.DAMAGED_PROFILE)
    saved = _understood(content, expected.model)
    try:
        found = _attributes(saved, expected)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        raise CheckError(wording.DAMAGED_PROFILE) from None
    texts = found["texts"]
    if (found["answers"].rows if texts is None else texts.distinct) < LEAST_TEXTS:
        raise CheckError(wording.too_few_to_save(LEAST_TEXTS))
    return found


def _understood(content: bytes, model: str) -> _Saved:
    """What the file says, if it is one of this version and of this model."""
    try:
        head = _Head.model_validate_json(content)
    except ValidationError:
        raise CheckError(wording.DAMAGED_PROFILE) from None
    if head.version != VERSION:
        raise CheckError(wording.other_profile_version(VERSION))
    if head.model != model:
        raise CheckError(wording.OTHER_MODEL)
    try:
        return _Saved.model_validate_json(content)
    except ValidationError as error:
        unknown = any(
            each["type"] == "extra_forbidden"
            for each in error.errors(include_url=False, include_context=False, include_input=False)
        )
        sentence = wording.unknown_field(VERSION) if unknown else wording.DAMAGED_PROFILE
        raise CheckError(sentence) from None


def _attributes(saved: _Saved, expected: Expected) -> dict[str, Any]:
    """The profile that was saved; a ValueError if its counts cannot be."""
    k, thresholds, reference = len(expected.categories), expected.thresholds, expected.reference
    shapes = [
        np.bincount(np.rint(100 * reference[probability_column(name)]).astype(int), minlength=CENTS)
        for name in expected.categories
    ]
    answers, labelled = _answers_of(saved, shapes, thresholds)
    rows = answers.rows
    grids = grids_of(k)
    if set(saved.columns) != set(grids) or any(
        sum(each.rows) != rows for each in saved.columns.values()
    ):
        raise ValueError("columns that cannot be")
    moments = _moments_of(saved, Moments.of(answers, thresholds))
    flags = np.array(saved.flags, np.int64)
    own = len(FLAGS) - len(TEXT_FLAGS)
    if len(flags) not in (own, _EARLIER, len(FLAGS)) or (flags > rows).any():
        raise ValueError("flags that cannot be")
    told = flags[own:]
    if len(flags) == _EARLIER:
        # What was not yet asked of texts is not compared; the flags of the profile leave it open.
        told = np.append(told, np.zeros(len(FLAGS) - _EARLIER, np.int64))
    if not 1 <= saved.commonest <= rows:
        raise ValueError("a commonest answer that cannot be")
    period = read_period(saved.period)
    notes = [*NOTES]
    notes += [wording.DAYS_ONLY] if period else []
    notes += [wording.INCOMPLETE] if saved.incomplete else []
    return dict(  # of the attributes of a profile
        categories=expected.categories,
        columns={
            name: fine(CoarseColumn(**dict(saved.columns[name])), reference[name], grid)
            for name, grid in grids.items()
        },
        answers=answers,
        flags=flags,
        model=saved.model,
        thresholds=thresholds,
        kept=Kept(saved.commonest, moments),
        texts=None if saved.texts is None else _texts_of(saved.texts, rows, told, expected),
        labelled=labelled,
        label_doubt=wording.LABELS_NOT_SAVED if saved.doubtful_labels else "",
        deployed=Deployed.from_list(saved.deployed, rows) if saved.deployed else None,
        rejections=known_reasons(saved.rejections, get_settings()),
        period=period,
        notes=tuple(notes),
    )


# ---------------------------------------------------------------- answers and labels


def _whole_labels(profile: Any) -> LabelledAnswers | None:
    """The rows with a label of every category, where these and the others are enough to be saved.

    Those that a review drew are not: each has a chance of its own, by which it could be found.
    """
    if profile.labelled is None:
        return None
    known = (profile.labelled.labels != UNKNOWN_LABEL).all(axis=1)
    whole = profile.labelled.take(np.flatnonzero(known))
    others = profile.accepted - whole.rows
    enough = whole.rows >= LEAST_TEXTS and (others == 0 or others >= LEAST_TEXTS)
    return whole if enough and np.isnan(whole.inclusion).all() else None


def _rows_of(codes: np.ndarray, counts: np.ndarray, thresholds: Sequence[float]) -> _Rows | None:
    if not len(counts):
        return None
    return _Rows(
        margins=margins_of(codes, counts, thresholds),
        cells=cells_of(codes, counts, thresholds).tolist(),
    )


def _answers_of(
    saved: _Saved, shapes: Sequence[np.ndarray], thresholds: Sequence[float]
) -> tuple[Answers, LabelledAnswers | None]:
    """Rows that stand for those that were saved, and those of them that have labels."""
    groups, k = [], len(thresholds)
    for rows in (saved.rest, saved.labelled):
        if rows is None:
            continue
        if max(count for own in (*rows.margins, *rows.cells) for count in own) > CENTS * MOST_ROWS:
            raise ValueError("more rows than are saved")
        margins = [
            whole_margin(own, threshold, shape)
            for own, threshold, shape in zip(rows.margins, thresholds, shapes, strict=True)
        ]
        cells = np.array(rows.cells, np.int64).reshape(len(rows.cells), 2 + k)
        most = max(cells[:, 0].sum(), *(own.sum() for own in margins))
        small, odd = (cells[:, 0] < LEAST_CELL).any(), (cells[:, 1] >= LEVELS).any()
        if small or odd or most > MOST_ROWS:
            raise ValueError("answers that cannot be")
        groups.append(stand_ins(margins, cells, thresholds))
    if saved.labelled is None:
        return Answers(*count_rows(groups[0][0])), None
    labelled = LabelledAnswers.of_codes(*groups.pop())
    rest = [Answers(*count_rows(cents)) for cents, _ in groups]
    return Answers.total([*rest, labelled.answers]), labelled


def _moments_of(saved: _Saved, drawn: Moments) -> Moments:
    """The moments that were saved; a ValueError where they do not fit each category alone."""
    v = len(drawn.sums)
    k = (v - 1) // 3
    sums, products = drawn.sums.copy(), np.zeros((v, v), np.int64)
    upper = np.triu_indices(v)
    products[upper] = saved.products
    products.T[upper] = saved.products
    sums[k] = saved.none
    units, own = units_of(k), np.arange(k)
    # A probability times its decision is what the sums say.
    known = [(first + own, 2 * k + 1 + own) for first in (0, k + 1, 2 * k + 1)]
    if (
        any((products[at] != rounded(drawn.products)[at]).any() for at in known)
        or (products > rounded(np.outer(units, units) * drawn.rows)).any()
        or saved.none > units[k] * drawn.rows
    ):
        raise ValueError("moments that cannot be")
    return Moments(drawn.rows, sums, products)


# ---------------------------------------------------------------- everything else


def _saved_texts(texts: TextCounts) -> _Texts:
    content = np.rint(texts.content * STEPS).astype(np.int64)
    plain = texts.to_dict() | {"content": content.tolist()}
    return _Texts(**{name: plain[name] for name in _Texts.model_fields})


def _texts_of(saved: _Texts, rows: int, flags: np.ndarray, expected: Expected) -> TextCounts:
    content = [one / STEPS for one in saved.content]
    plain = saved.model_dump() | {"rows": rows, "flags": flags.tolist(), "content": content}
    found = read_text_counts(plain, rows)
    if found is None or (len(found.words), len(content)) != (
        expected.words,
        expected.dimensions,
    ):
        raise ValueError("counts of another model")
    return found


def _commonest_only(deployed: Deployed | None) -> list[dict[str, int]] | None:
    """Decisions of at least 5 rows, the others together; None where these are the commonest."""
    if deployed is None:
        return None
    found = []
    for each in deployed.to_list():
        kept = {marks: count for marks, count in each.items() if count >= LEAST_CELL}
        rest = sum(each.values()) - sum(kept.values())
        if rest > max(kept.values(), default=0):
            return None
        unknown = "-" * len(next(iter(each)))
        if rest:
            kept[unknown] = kept.get(unknown, 0) + rest
        found.append(kept)
    return found


def _days(profile: Any) -> list[str] | None:
    """The first and the last day; the times themselves would be those of two descriptions."""
    if profile.period is None:
        return None
    return [
        one.replace(hour=0, minute=0, second=0, microsecond=0).isoformat() for one in profile.period
    ]

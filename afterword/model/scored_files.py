"""Files of scored rows: written without text, and read back, or a file of descriptions instead."""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np

from afterword.errors import BatchError
from afterword.files.blocks import LOST
from afterword.files.column_names import INCLUSION
from afterword.files.header import NAMES_AGAIN, REMARK, TOTALS, WRONG_WIDTH
from afterword.files.inputs import frame_of, is_pandas
from afterword.files.isolation import Wait, read_apart
from afterword.files.label_values import narrowed
from afterword.files.options import ReadOptions
from afterword.files.reading import (
    EMPTY,
    NOT_TEXT,
    TOO_LONG,
    extension_of,
    guarded,
    known_categories,
    load,
    read_batch,
    read_content,
)
from afterword.files.tables import PARQUET, UNREADABLE
from afterword.model import wording
from afterword.model.deployed import Deployed
from afterword.model.reference import (
    CONFIDENCE,
    METADATA,
    NUMBER,
    output_columns,
    probability_column,
    to_parquet,
)
from afterword.model.scored import Scored
from afterword.records import Batch
from afterword.settings import Settings, get_settings
from afterword.text.cleaning import tokenise
from afterword.text.counts import TextCounts
from afterword.text.descriptors import DESCRIPTORS, NAMES
from afterword.text.flags import TEXT_FLAGS
from afterword.text.privacy import SHOWN_FROM, private_words
from afterword.workers import Job

if TYPE_CHECKING:
    import pandas as pd

OTHER_REASON = "another reason"
"""Under which the reasons of a file are counted that are none of ours."""
_DAMAGE: Final = (
    ArithmeticError, AttributeError, LookupError, NotImplementedError, OSError,
    RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What reading a damaged or forged file ends with, in json, NumPy, pandas or Arrow; want of memory
is told by the process that reads."""
_LARGEST: Final = 1e9
"""Far above any sum of the model's dense representation, and far below where sums overflow."""


def write_scored(scored: Scored, path: str | os.PathLike[str]) -> None:
    """Keep scored rows in a Parquet file that :func:`read` takes back.

    Parameters
    ----------
    scored : what to keep; there is no text in it.
    path : of the file, which is replaced if it is there.

    Raises
    ------
    BatchError
        It is something else.
    """
    if not isinstance(scored, Scored):
        raise BatchError(wording.NOT_SCORED)
    about = {
        "kind": "scored rows",
        "categories": list(scored.categories),
        "rejections": dict(scored.rejections),
        "period": [moment.isoformat() for moment in scored.period] if scored.period else None,
        "profile": scored.texts.to_dict() if scored.texts else None,
        "deployed": scored.deployed.to_list() if scored.deployed else None,
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


@overload
def read(
    source: Any, *, wait: Wait = ..., whole: bool = ..., then: None = ..., **options: Any
) -> Batch | Scored: ...
@overload
def read(
    source: Any,
    *,
    wait: Wait = ...,
    whole: bool = ...,
    then: Callable[[Batch], Any],
    **options: Any,
) -> Any: ...
def read(
    source: Any,
    *,
    wait: Wait = Job.result,
    whole: bool = True,
    then: Callable[[Batch], Any] | None = None,
    **options: Any,
) -> Any:
    """Read a file of descriptions, or a file of scored rows.

    Parameters
    ----------
    source, wait, options : what :func:`afterword.read_batch` takes.
    whole : whether all of a file of descriptions is wanted; else what a check needs of it, as of
        :func:`afterword.files.label_values.narrowed`.
    then : what the process that reads goes on to make of a batch, and gives back in its place; a
        function that a module holds under its own name, or a :func:`functools.partial` of one.

    Raises
    ------
    BatchError
        It is neither, or larger than the settings allow.
    """
    frame = frame_of(source)
    if frame is not None:
        return read_batch(source if is_pandas(source) else frame, **options)
    settings = options.pop("settings", None) or get_settings()
    content, found = load(source, settings)
    if whole and then is None and not content.startswith(PARQUET):
        name = options.pop("name", None) or found
        return read_batch(content, name=name, settings=settings, wait=wait, **options)
    name = options.pop("name", None) or found
    categories = known_categories(options.pop("categories", None), settings)
    arguments = (extension_of(name), ReadOptions(**options), categories, settings, whole, then)
    read: Any = read_apart(_read_either, content, *arguments, settings=settings, wait=wait)
    return replace(read, name=name) if isinstance(read, Batch) else read


def _read_either(
    content: bytes,
    extension: str,
    options: ReadOptions,
    categories: Mapping[str, str],
    settings: Settings,
    whole: bool,
    then: Callable[[Batch], Any] | None,
) -> Any:
    scored = guarded(lambda: _read_scored(content, settings))
    if scored is not None:
        return scored
    batch = read_content(content, extension, options, categories, settings)
    batch = batch if whole else narrowed(batch)
    return batch if then is None else then(batch)


def _read_scored(content: bytes, settings: Settings) -> Scored | None:
    """Scored rows from a Parquet file of ours; None if it is another one."""
    import pandas as pd
    import pyarrow.parquet as pq

    if not content.startswith(PARQUET):
        return None
    try:
        footer = pq.ParquetFile(io.BytesIO(content))
        about = json.loads((footer.schema_arrow.metadata or {}).get(METADATA, b"null"))
    except _DAMAGE:
        return None
    if not isinstance(about, dict) or about.get("kind") != "scored rows":
        return None
    # The footer tells both: a file that is too large is refused before it is unpacked.
    if (
        footer.metadata.num_rows > settings.max_rows
        or len(content) > settings.max_upload_mb * 1_000_000
    ):
        raise BatchError(wording.too_many_scored_rows(settings.max_rows, settings.max_upload_mb))
    named = about.get("categories")
    categories = tuple(map(str, named)) if isinstance(named, list) else ()
    columns = [*NAMES, *output_columns(categories)]
    if not set(columns) <= set(footer.schema_arrow.names):
        raise BatchError(wording.COLUMNS_MISSING)
    try:
        # Only what the check compares: another column could hold text.
        frame = pd.read_parquet(io.BytesIO(content), columns=columns).astype(np.float32)
        _check_range(frame, categories)
        period = read_period(about.get("period"))
        rejections = known_reasons(dict(about["rejections"]), settings)
        profile = read_text_counts(about.get("profile"), len(frame))
        labels, inclusion = _read_labels(content, footer.schema_arrow.names, categories)
        deployed = _read_deployed(about.get("deployed"), len(frame))
    except _DAMAGE:
        raise BatchError(wording.DAMAGED_ROWS) from None
    return Scored(
        frame=frame,
        descriptors=NAMES,
        categories=categories,
        outputs=output_columns(categories),
        rejections=rejections,
        period=period,
        texts=profile,
        deployed=deployed,
        labels=labels,
        inclusion=inclusion,
    )


def _check_range(frame: pd.DataFrame, categories: Sequence[str]) -> None:
    """Raise a ValueError if a column holds a number that scoring never gives."""
    most = {one.name: float(one.grid[-1]) for one in DESCRIPTORS}
    most |= dict.fromkeys(map(probability_column, categories), 1.0)
    most |= {NUMBER: float(len(categories)), CONFIDENCE: 1.0}
    for name, top in most.items():
        # That of a gap is no comparison at all.
        if not ((frame[name] >= 0) & (frame[name] <= np.float32(top))).all():
            raise ValueError("numbers that cannot be")


def read_period(content: Any) -> tuple[datetime, datetime] | None:
    """First and last time from a file; None if there are none.

    Raises
    ------
    ArithmeticError, TypeError, ValueError
        Times that cannot be.
    """
    if not content:
        return None
    first, last = map(datetime.fromisoformat, content)
    # Of either end of the calendar, the time of another zone is none.
    if not first.astimezone(UTC) <= last.astimezone(UTC) or last.year == datetime.max.year:
        raise ValueError("a period that ends before it begins, or never")
    return first, last


def _read_deployed(content: Any, rows: int) -> Deployed | None:
    # Earlier versions kept two shares, which nothing can be added to.
    if not content:
        return None
    if all(isinstance(one, float) and 0 <= one <= 1 for one in content):
        return None
    return Deployed.from_list(content, rows)


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


def read_text_counts(content: Any, rows: int) -> TextCounts | None:
    """The profile that came with scored rows, if it is theirs; new words only if they are words.

    Parameters
    ----------
    content : what :meth:`TextCounts.to_dict` gave, from a file; None or empty if there was none.
    rows : scored rows that it came with.

    Raises
    ------
    ArithmeticError, AttributeError, LookupError, TypeError, ValueError
        It is no profile, or its counts cannot be.
    """
    if not content:
        return None
    profile = TextCounts.from_dict(content)
    if profile.rows != rows or len(profile.flags) != len(TEXT_FLAGS):
        return None
    known = (one for one in (profile.begins, profile.ends) if one is not None)
    counts = (profile.repeats, *known, *profile.flags)
    distinct = (profile.lengths, profile.new, *profile.words)
    if not (
        min(1, rows) <= profile.distinct <= rows
        and all(0 <= count <= rows for count in counts)
        and all(0 <= count <= profile.distinct for count in distinct)
        and (np.abs(profile.content) <= _LARGEST).all()
        and 0 <= profile.common_length <= _LARGEST
        and _pairs_can_be(profile)
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


def _pairs_can_be(profile: TextCounts) -> bool:
    """Whether so many rows can have so many equal texts."""
    common, pairs, again = profile.common, profile.pairs, profile.again
    if common is None or pairs is None or again is None:
        return common is pairs is again
    rows = profile.rows - common
    return common >= 0 and 0 <= again <= pairs <= rows * (rows - 1) // 2 and 2 * again <= rows


def known_reasons(rejections: Mapping[str, int], settings: Settings) -> dict[str, int]:
    """Counts per reason; a reason that is not one of ours could be anybody's words.

    Raises
    ------
    ArithmeticError, TypeError, ValueError
        Counts that cannot be.
    """
    known = {EMPTY, NOT_TEXT, UNREADABLE, WRONG_WIDTH, NAMES_AGAIN, TOTALS, REMARK, LOST}
    known.add(TOO_LONG.format(settings.max_characters))
    counts: Counter[str] = Counter()
    for reason, count in rejections.items():
        counts[reason if reason in known else OTHER_REASON] += int(count)
    if not all(0 <= count <= _LARGEST for count in counts.values()):
        raise ValueError("counts that cannot be")
    return dict(counts)

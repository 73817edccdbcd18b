"""Eight sample weeks: a history to look at before there is one, as scored rows without text.

They are drawn from the training set, so that ordinary weeks are ordinary; in the others something
was done to the texts, or to the draw, before they became numbers. Every column of a day is
shuffled by itself: no line belongs to a description. data/samples/make_history.py makes the file.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from afterword.errors import BatchError
from afterword.model.reference import METADATA, output_columns, probability_column
from afterword.model.scored import Scored
from afterword.model.scored_files import read_text_counts
from afterword.monitoring import wording
from afterword.settings import SHIPPED_DATA
from afterword.text.descriptors import NAMES
from afterword.text.flags import TEXT_FLAGS

if TYPE_CHECKING:
    import pandas as pd

FILE: Final = "eight-weeks.parquet"
KIND: Final = "sample weeks"
WEEK, DAY, HOUR = "week", "day", "hour"
"""Columns that say when a row came in, counted from 0; the others are those of scored rows."""
WEEKS: Final = 8
DAYS: Final = 7
TIMES: Final = (WEEK, DAY, HOUR)
HOURS: Final = 24


@dataclass(frozen=True, eq=False)
class SampleWeek:
    """One of the eight weeks.

    Attributes
    ----------
    title : a few words for a person.
    note : one sentence that says what is to be seen.
    scored : the rows, marked as a sample, with their profile and period.
    times : (n,) datetime64[s] in UTC, when each row came in, in order; full hours.
    day_flags : (7, f) rows of each day with each of :data:`afterword.text.flags.TEXT_FLAGS`.
    """

    title: str
    note: str
    scored: Scored
    times: np.ndarray
    day_flags: np.ndarray


def read_weeks(end: datetime) -> tuple[SampleWeek, ...]:
    """Read the eight weeks, the first of them first, as if they had just gone by.

    Parameters
    ----------
    end : the last week ends with the last midnight, in UTC, that is not after it; a time without
        a zone counts as UTC. The weeks' own Monday is one only if that midnight ends a Sunday.

    Raises
    ------
    BatchError
        The file is missing or damaged.
    """
    # Late: a page that only asks for the type does not pay for it.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        content = (SHIPPED_DATA / "samples" / FILE).read_bytes()
    except OSError:
        raise BatchError(wording.NO_SAMPLE_WEEKS) from None
    try:
        table = pq.read_table(io.BytesIO(content), use_threads=False)
        return _weeks(table.to_pandas(), _about(table), _midnight(end))
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        OSError,
        TypeError,
        ValueError,
        pa.ArrowException,
    ):
        raise BatchError(wording.DAMAGED_SAMPLE_WEEKS) from None


def _midnight(end: datetime) -> datetime:
    moment = end.replace(tzinfo=UTC) if end.tzinfo is None else end.astimezone(UTC)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _about(table: Any) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(table.schema.metadata[METADATA])
    if about["kind"] != KIND or len(about["weeks"]) != WEEKS:
        raise ValueError("another file")
    return about


def _weeks(frame: pd.DataFrame, about: dict[str, Any], end: datetime) -> tuple[SampleWeek, ...]:
    categories = tuple(map(str, about["categories"]))
    columns = [*NAMES, *output_columns(categories)]
    places = frame[list(TIMES)].to_numpy(np.int64)
    values = frame[columns].to_numpy(np.float32)
    outputs = [probability_column(name) for name in categories]
    shares = frame[outputs].to_numpy(float)
    if not (
        (places >= 0).all()
        and (places < (WEEKS, DAYS, HOURS)).all()
        and (np.diff(places @ (DAYS * HOURS, HOURS, 1)) >= 0).all()
        and np.isfinite(values).all()
        and (shares >= 0).all()
        and (shares <= 1).all()
    ):
        raise ValueError("numbers that cannot be")
    return tuple(
        _week(
            frame[columns][places[:, 0] == number].astype(np.float32).reset_index(drop=True),
            places[places[:, 0] == number, 1:],
            categories,
            told,
            end - timedelta(weeks=WEEKS - number),
        )
        for number, told in enumerate(about["weeks"])
    )


def _week(
    frame: pd.DataFrame,
    places: np.ndarray,
    categories: tuple[str, ...],
    told: dict[str, Any],
    start: datetime,
) -> SampleWeek:
    """One week that begins at a midnight; ``places`` are its rows' days and hours."""
    title, note = told["title"], told["note"]
    profile = read_text_counts(told["profile"], len(frame))
    day_flags = np.array(told["day_flags"], np.int64)
    if not (
        isinstance(title, str)
        and isinstance(note, str)
        and profile is not None
        and day_flags.shape == (DAYS, len(TEXT_FLAGS))
        and (day_flags >= 0).all()
        and (day_flags <= np.bincount(places[:, 0], minlength=DAYS)[:, None]).all()
        and (day_flags.sum(axis=0) == profile.flags).all()
    ):
        raise ValueError("counts that cannot be")
    since = (places @ (HOURS, 1)).astype("timedelta64[h]")
    times = (np.datetime64(start.replace(tzinfo=None), "s") + since).astype("datetime64[s]")
    first, last = (start + timedelta(hours=int(hour.astype(int))) for hour in since[[0, -1]])
    return SampleWeek(
        title=title,
        note=note,
        scored=Scored(
            frame=frame,
            descriptors=NAMES,
            categories=categories,
            outputs=output_columns(categories),
            period=(first, last),
            sample=True,
            texts=profile,
        ),
        times=times,
        day_flags=day_flags,
    )

"""The rows of a file as a stream counts them: each with its day, its id, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.errors import BatchError
from afterword.files.column_names import key, shown_name
from afterword.files.columns import as_whole
from afterword.files.parted import taken_columns
from afterword.model.apart import with_model
from afterword.model.registry import load_model
from afterword.records import Batch
from afterword.store.hashing import Hashing
from afterword.store.moments import moment_of
from afterword.store.recordings import Recording
from afterword.store.tally import Tally, layout_of
from afterword.streams import wording
from afterword.streams.recording import Looked, hashed, look_through
from afterword.text.analysis import analyse
from afterword.worker_program import keep

if TYPE_CHECKING:
    import pandas as pd

NO_DAY: Final = -(2**62)
"""Day of a row that tells no time."""
_SECONDS: Final = 86_400


@dataclass(frozen=True)
class How:
    """How the rows of a file are counted.

    Attributes
    ----------
    of : the stream and the model, so that digests of two cannot be compared.
    zone : in which the stream counts its days.
    hashing : under the key of the store.
    day : first second of the day that all rows are of; None where their times tell it.
    id : name of the column of ids; None where the file's own is looked for.
    """

    of: str
    zone: str
    hashing: Hashing = field(repr=False)
    day: int | None = None
    id: str | None = None


@dataclass(frozen=True, eq=False)
class Rows:
    """The n rows of a file or a part of it.

    Attributes
    ----------
    days : (n,) first second of each row's day; :data:`NO_DAY` where it tells none.
    ids, told : (n,) int64 digest of each row's id and day, and whether it has an id.
    id_column : as a message may show it; "" where the file has none.
    accepted : (n,) bool, rows that can be used.
    texts : of the rows that can be used; in memory only.
    digest : of these together, whatever their order.
    """

    days: np.ndarray
    ids: np.ndarray
    told: np.ndarray
    id_column: str
    accepted: np.ndarray
    texts: Sequence[str] = field(repr=False)
    digest: int = 0


@dataclass(frozen=True, eq=False)
class Found:
    """What is kept of some texts, one by one.

    Attributes
    ----------
    looked : what was found in them.
    digests : (n,) keyed, of each text.
    unseen : of each its unknown words, with a keyed byte.
    """

    looked: Looked = field(repr=False)
    digests: np.ndarray = field(repr=False)
    unseen: Sequence[Mapping[str, tuple[bool, int]]] = field(repr=False)

    @property
    def model(self) -> str:
        """Version of the model that answered."""
        return self.looked.layout.model

    def recording(self, rows: np.ndarray, day: int, rejected: int) -> Recording:
        """What is kept of some rows of a day.

        Parameters
        ----------
        rows : places of these.
        day : first second of their day.
        rejected : rows of that day that cannot be used.
        """
        found = self.looked.counted(rows)
        return Recording(
            at=moment_of(day),
            source="command",
            model=self.model,
            outcome="answered",
            latency_s=0.0,
            descriptions=len(rows),
            rejected=rejected,
            answers=found.answers,
            thresholds=found.thresholds,
            tally=found.tally + Tally({"calls": np.array([0, 0, 0, rejected])}),
            unseen=[self.unseen[row] for row in rows.tolist()],
            digests=self.digests[rows].tolist(),
            texts=found.found,
        )


def tell_apart(batch: Batch, how: How) -> Rows:
    """Read the days and the ids of a batch.

    Parameters
    ----------
    batch : as read.
    how : its rows are counted.

    Raises
    ------
    BatchError
        The column of ids that was named is not there, or holds something else.
    """
    days, accepted = _days_of(batch, how), batch.accepted
    column, shown = _id_column(batch, how.id)
    ids = _ids_of(batch.table[column]) if column is not None else [""] * len(days)
    places = [f"{day} {each}" for day, each in zip(days.tolist(), ids, strict=True)]
    texts = batch.texts.tolist()
    return Rows(
        days=days,
        ids=how.hashing.ids(how.of, places),
        told=np.array([bool(each) for each in ids], bool),
        id_column=shown,
        accepted=accepted,
        texts=texts,
        digest=how.hashing.rows(how.of, _contents(batch, texts, np.array(ids)[accepted].tolist())),
    )


def look(texts: Sequence[str], hashing: Hashing) -> Found:
    """Answer texts, and find what is kept of each.

    Parameters
    ----------
    texts : of rows.
    hashing : under the key of the store.

    Raises
    ------
    ModelError
        There is no model.
    """
    model = load_model()
    found = analyse(texts, model)
    looked = look_through(texts, model.probabilities_of(found.tokens), model, found=found)
    digests, unseen = hashed(looked.texts, looked.unseen, hashing)
    return Found(replace(looked, texts=(), unseen=()), np.array(digests, np.uint64), unseen)


def _days_of(batch: Batch, how: How) -> np.ndarray:
    """First second of each row's day (n,) int64."""
    n = len(batch.table)
    if how.day is not None:
        return np.full(n, how.day)
    if batch.times is None:
        return np.full(n, NO_DAY)
    local = batch.times.dt.tz_convert(how.zone).dt.tz_localize(None)
    dates = local.to_numpy().astype("datetime64[D]")
    days: np.ndarray = dates.astype(np.int64) * _SECONDS
    return np.where(np.isnat(dates), NO_DAY, days)


def _id_column(batch: Batch, name: str | None) -> tuple[str | None, str]:
    """The column of ids, and what a message may call it."""
    order = tuple(map(str, batch.table.columns))
    found = batch.columns.id
    if name is not None:
        same = [one for one in order if key(one) == key(name)]
        found = name if name in order else next(iter(same), None)
        if found is None:
            raise BatchError(wording.NO_ID_COLUMN)
        if found in taken_columns(batch) | {batch.columns.time}:
            raise BatchError(wording.ID_IS_TAKEN)
    if found is None or found not in order:
        return None, ""
    return found, shown_name(order, found)


def _ids_of(cells: pd.Series) -> list[str]:
    """The ids of a column as texts; "" for an empty cell."""
    whole = as_whole(cells)
    texts: list[str] = whole.astype(object).where(whole.notna(), "").map(str).str.strip().tolist()
    return texts


def _contents(batch: Batch, texts: Sequence[str], ids: Sequence[str]) -> list[str]:
    """What tells each row that can be used from others: its text, its time and its id."""
    times = [""] * len(texts)
    if batch.times is not None:
        times = batch.times[batch.accepted].astype("int64").astype(str).tolist()
    return [
        f"{time}\x1f{each}\x1f{text}" for time, each, text in zip(times, ids, texts, strict=True)
    ]


def looked_apart(how: How, folder: Path, version: str, batch: Batch) -> tuple[Rows, Found]:
    """Tell the rows of a batch apart and look them through, in the process that has read it.

    Give it to :func:`afterword.model.scored_files.read` as ``then``, with the first three.

    Parameters
    ----------
    how : its rows are counted.
    folder, version : of the model that the server has loaded.
    batch : as read.

    Returns
    -------
    Rows and what is kept of them, without their texts.
    """
    with_model(folder, version)
    keep(partial(_get_ready, folder))
    rows = tell_apart(batch, how)
    return replace(rows, texts=()), look(rows.texts, how.hashing)


def _get_ready(folder: Path) -> None:
    """Load what is kept by the process, and is no job's."""
    layout_of(folder)

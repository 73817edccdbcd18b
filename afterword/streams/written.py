"""What waits of files is written to the store: in one transaction, and in no half."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np

from afterword.errors import StoreError, StreamError
from afterword.store import Store
from afterword.store import wording as store_wording
from afterword.store.adding import Waiting, add_to_stream
from afterword.store.database import TURN_S, RacedError
from afterword.store.stream_records import Stream
from afterword.store.streams import AddedFile
from afterword.store.words import Uses
from afterword.streams.day_rows import DayRows

PATIENCE_S: Final = 60.0
"""For how long a store that others write to is tried again: the work of an hour may wait here."""
_REST_S: Final = 0.2


def write_days(
    store: Store,
    stream: Stream,
    model: str,
    days: Sequence[DayRows],
    files: Sequence[tuple[str, AddedFile]],
) -> None:
    """Write rows by days, with the files that they are of and their ids.

    Parameters
    ----------
    store : where.
    stream : to which they are added.
    model : version of the model that answered.
    days : of at least 20 different descriptions each.
    files : what each file is known by, and what is kept of it.

    Raises
    ------
    StreamError
        The stream was forgotten, or another program added the file, or rows of it, meanwhile.
    StoreError
        The store cannot be written; nothing of it was.
    """
    waiting = Waiting(
        stream=stream.id,
        model=model,
        groups=[(each.day, each.group, each.rest) for each in days],
        words=_words(stream, days),
        files=files,
        ids=_ids(days),
    )
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with store.begin() as connection:
                add_to_stream(connection, waiting, store.hash)
            return
        except RacedError:
            raise StreamError(store_wording.SOMEBODY_FASTER) from None
        except StoreError as error:
            busy = str(error) in (store_wording.LOCKED, store_wording.no_turn(TURN_S))
            if not busy or time.monotonic() > until:
                raise
        time.sleep(_REST_S)


def _ids(days: Sequence[DayRows]) -> np.ndarray:
    """(n, 2) digest of each row's id, and first second of its day; by the digests."""
    parts = [
        np.column_stack([ids, np.full(len(ids), day)])
        for each in days
        for day, own in each.ids.items()
        for ids in own
    ]
    found = np.concatenate([np.zeros((0, 2), np.int64), *parts])
    # In the order of their digests: that of the file would tell which came together.
    ordered: np.ndarray = found[np.argsort(found[:, 0], kind="stable")]
    return ordered


def _words(stream: Stream, days: Sequence[DayRows]) -> list[Uses]:
    """The unknown words some at a time, the later days of a word after the earlier ones."""
    found: Uses = {}
    for each in days:
        for word, uses in each.words.items():
            found.setdefault((word, each.day, False, stream.id), []).extend(uses)
    ordered = iter(sorted(found.items()))
    return list(_parts(ordered))


def _parts(ordered: Iterator[Any]) -> Iterator[Uses]:
    while some := dict(islice(ordered, 5_000)):
        yield some

"""What rows of files came to is added to a stream: in one transaction, and none of it twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import ARRAY, BigInteger, bindparam, func, insert, literal, select
from sqlalchemy.engine import Connection

from afterword.errors import StreamError
from afterword.store import wording
from afterword.store.calls import add_tallies
from afterword.store.day_profiles import Day, Group, add_group
from afterword.store.moments import seconds_of
from afterword.store.schema import STREAM_FILES, STREAM_IDS
from afterword.store.streams import AddedFile, still_there
from afterword.store.tally import Tally
from afterword.store.words import Uses, add_unseen

_AT_ONCE: Final = 10_000


@dataclass(frozen=True, eq=False)
class Waiting:
    """What is to be added to a stream.

    Attributes
    ----------
    stream : its number.
    model : version of the model that answered.
    groups : first second of a day, at least 20 different descriptions of it, and what else is
        counted of them.
    words : unknown words, some at a time; the later days of a word after the earlier ones.
    files : what each file is known by, and what is kept of it.
    ids : (n, 2) digest of each row's id, ascending, and first second of its day.
    """

    stream: int
    model: str
    groups: Sequence[tuple[int, Group, Tally]]
    words: Sequence[Uses]
    files: Sequence[tuple[str, AddedFile]]
    ids: np.ndarray


def add_to_stream(connection: Connection, waiting: Waiting, hash_of: Callable[[str], str]) -> None:
    """Add all of it.

    Parameters
    ----------
    connection : in a transaction; where a file or an id is there already, the database ends it.
    waiting : what is added.
    hash_of : gives the keyed hash of a word.

    Raises
    ------
    StreamError
        The stream was forgotten.
    """
    if not still_there(connection, {waiting.stream}):
        raise StreamError(wording.NO_SUCH_STREAM)
    for digest, file in waiting.files:
        connection.execute(insert(STREAM_FILES).values(_values(waiting.stream, digest, file)))
    _add_ids(connection, waiting.stream, waiting.ids)
    days, often = dict[int, Day](), Counter(day for day, *_ in waiting.groups)
    for day, group, rest in waiting.groups:
        own = days.setdefault(day, Day(day))
        place = "day", day, waiting.model, False, waiting.stream
        add_tallies(connection, {place: [rest]})
        add_group(connection, waiting.model, False, waiting.stream, group, own)
        if often[day] > 1:
            own.add(group)
    for uses in waiting.words:
        add_unseen(connection, uses, hash_of)


def _values(stream: int, digest: str, file: AddedFile) -> dict[str, object]:
    return {
        "stream": stream,
        "digest": digest,
        "added": seconds_of(file.added),
        "rows": file.rows,
        "first_day": seconds_of(file.first_day),
        "last_day": seconds_of(file.last_day),
        "ids": file.ids,
    }


def _add_ids(connection: Connection, stream: int, ids: np.ndarray) -> None:
    names = ["stream", "digest", "day"]
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        # A statement for each row would take PostgreSQL ten times as long.
        if connection.dialect.name == "postgresql":
            digests, days = (
                func.unnest(bindparam(name, own.tolist(), ARRAY(BigInteger)))
                for name, own in zip(names[1:], some.T, strict=True)
            )
            rows = select(literal(stream), digests, days)
            connection.execute(insert(STREAM_IDS).from_select(names, rows))
        else:
            own = [dict(zip(names, (stream, *row), strict=True)) for row in some.tolist()]
            connection.execute(insert(STREAM_IDS), own)

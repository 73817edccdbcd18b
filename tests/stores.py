"""Small stores and recordings that tests are built from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from afterword.store import Recording, Store
from afterword.store.recordings import Texts
from afterword.store.schema import EVENTS
from afterword.store.tally import Tally, tally_call
from afterword.text.distinct import STEPS
from afterword.text.word_lists import Lists

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIDE = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def small_store(folder: Path) -> Store:
    """A store of its own in a folder."""
    return Store(f"sqlite:///{folder / 'afterword.db'}", folder / "store.key")


def another(store: Store) -> Store:
    """A second store of the same database and key, as another process has it."""
    return Store(store.url, store.key_file)


def bytes_of(store: Store) -> bytes:
    """Everything that a store has on the disk, but for PostgreSQL's log of what was written."""
    folder = store.key_file.parent
    if files := sorted(folder.glob("afterword.db*")):
        return b"".join(path.read_bytes() for path in files)
    tables = "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class"
    with store.reading() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        own = connection.exec_driver_sql(f"{tables} WHERE relkind IN ('r', 't') AND oid >= 16384")
        return b"".join(own.scalars())


def call(
    at: datetime = NOON,
    *,
    descriptions: int = 1,
    latency_s: float = 0.01,
    outcome: str = "answered",
    model: str = "m",
    unseen: tuple[dict[str, tuple[bool, int]], ...] = (),
    texts: tuple[int, ...] | None = None,
    words: tuple[int, ...] = (),
    sample: bool = False,
) -> Recording:
    """A call with made-up counts; its texts are told apart by numbers, and all hold ``words``."""
    tally = tally_call(latency_s, outcome, 0)
    if descriptions:
        tally += Tally(
            {
                "descriptions": np.array([descriptions]),
                "inputs": np.array([descriptions]),
                "words": np.array([0, descriptions]),
            }
        )
    digests = list(range(descriptions)) if texts is None else list(texts)
    n = len(digests)
    return Recording(
        at=at,
        source="http",
        model=model,
        outcome=outcome,
        latency_s=latency_s,
        descriptions=descriptions,
        rejected=0,
        answers=np.array([[10, 20, 90]] * descriptions, np.uint8),
        thresholds=(0.5, 0.5, 0.5),
        tally=tally,
        unseen=unseen,
        digests=digests,
        texts=Texts(
            lengths=np.full(n, 30),
            words=Lists(np.arange(n + 1) * len(words), np.array(words * n, np.int32)),
            width=8,
            content=np.full((n, 2), STEPS),
            common=np.zeros(n, bool),
        ),
        sample=sample,
    )


def events(store: Store, *, sample: bool = False) -> int:
    """How many calls the store holds."""
    wanted = select(func.count()).select_from(EVENTS).where(EVENTS.c.sample == sample)
    with store.reading() as connection:
        return int(connection.execute(wanted).scalar_one())


def days(count: float) -> timedelta:
    """So many days."""
    return timedelta(days=count)

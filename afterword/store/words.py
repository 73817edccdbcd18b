"""Words of descriptions: counted by the day, unseen ones under a keyed hash."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from afterword.store.moments import day_of
from afterword.store.recordings import Recording
from afterword.store.tables import TERMS, UNSEEN
from afterword.terms import SHOWN_FROM

WINDOW_DAYS: Final = 28
"""Days within which enough descriptions must hold an unseen word before it is written in clear."""
PRIVATE_SHARE: Final = 0.2
"""Share of the descriptions in which a word may look like a name and still be shown."""
LONGEST_WORD: Final = 40


def add_unseen(
    connection: Connection, recordings: Sequence[Recording], hash_of: Callable[[str], str]
) -> None:
    """Count the unseen words of some calls; in clear those that enough descriptions hold."""
    found: dict[tuple[str, int, bool], list[tuple[str, bool, int]]] = {}
    for one in recordings:
        for words in one.unseen:
            for word, (private, tag) in words.items():
                if len(word) <= LONGEST_WORD:
                    key = hash_of(word), day_of(one.at), one.sample
                    found.setdefault(key, []).append((word, private, tag))
    for (name, day, sample), uses in found.items():
        _add_word(connection, name, day, sample, uses)


def _add_word(
    connection: Connection,
    name: str,
    day: int,
    sample: bool,
    uses: Sequence[tuple[str, bool, int]],
) -> None:
    first = day - (WINDOW_DAYS - 1) * 86_400
    rows = connection.execute(
        select(UNSEEN)
        .where(UNSEEN.c.hash == name, UNSEEN.c.sample == sample, UNSEEN.c.day >= first)
        .with_for_update()
    ).all()
    own = next((row for row in rows if row.day == day), None)
    tags = sorted({*(own.tags if own else ()), *(tag for _, _, tag in uses)})
    private = (own.private if own else 0) + sum(private for _, private, _ in uses)
    count = (own.descriptions if own else 0) + len(uses)
    others = [row for row in rows if row.day != day]
    apart = {*tags, *(tag for row in others for tag in row.tags)}
    everywhere = count + sum(row.descriptions for row in others)
    named = private + sum(row.private for row in others)
    enough = len(apart) >= SHOWN_FROM and named <= PRIVATE_SHARE * everywhere
    if named > PRIVATE_SHARE * everywhere:
        connection.execute(update(UNSEEN).where(UNSEEN.c.hash == name).values(word=None))
    values = {
        "descriptions": count,
        "private": private,
        "tags": tags,
        "word": uses[0][0] if enough else None,
    }
    if own is None:
        new = {"hash": name, "day": day, "sample": sample}
        # Numbers in the order of writing would tell which words came together.
        connection.execute(insert(UNSEEN).values(id=secrets.randbits(62), **new, **values))
    else:
        connection.execute(update(UNSEEN).where(UNSEEN.c.id == own.id).values(**values))


def add_terms(
    connection: Connection,
    day: int,
    model: str,
    sample: bool,
    descriptions: int,
    counts: Counter[int],
) -> None:
    """Add counts of terms to those of a day."""
    same = (TERMS.c.day == day) & (TERMS.c.model == model) & (TERMS.c.sample == sample)
    row = connection.execute(select(TERMS).where(same).with_for_update()).first()
    if row is not None:
        descriptions += row.descriptions
        counts = counts + Counter({int(term): count for term, count in row.counts.items()})
    content = {"descriptions": descriptions, "counts": {str(k): v for k, v in counts.items()}}
    if row is None:
        own = {"day": day, "model": model, "sample": sample}
        connection.execute(insert(TERMS).values(**own, **content))
    else:
        connection.execute(update(TERMS).where(TERMS.c.id == row.id).values(**content))

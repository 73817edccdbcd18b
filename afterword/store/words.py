"""Words of descriptions: counted by the day, unseen ones under a keyed hash."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection

from afterword.store.recordings import Recording
from afterword.store.schema import UNSEEN
from afterword.text.privacy import SHOWN_FROM

WINDOW_DAYS: Final = 28
"""Days within which enough descriptions must hold an unseen word before it is written in clear."""
PRIVATE_SHARE: Final = 0.2
"""Share of the descriptions in which a word may look like a name and still be shown."""
LONGEST_WORD: Final = 40
AT_ONCE: Final = 500
"""Most hashes in one question: databases take only so many parameters."""


Uses = dict[tuple[str, int, bool, int], list[tuple[bool, int]]]
"""Word, day, sample and stream → of each description that holds it whether it looks like a name
there, and a byte that tells the description from others."""


def uses_of(recordings: Sequence[Recording], earlier: Uses) -> Uses:
    """The unseen words that wait already, which stay as they are, and those of some calls."""
    own: Uses = {}
    for one in recordings:
        day = one.day
        for words in one.unseen:
            for word, use in words.items():
                if len(word) <= LONGEST_WORD:
                    key = word, day, one.sample, one.stream
                    if key not in own:
                        own[key] = list(earlier.get(key, ()))
                    own[key].append(use)
    return earlier | own


def add_unseen(connection: Connection, seen: Uses, hash_of: Callable[[str], str]) -> None:
    """Count unseen words; in clear those that enough descriptions hold."""
    if not seen:
        return
    found: dict[_Key, list[tuple[str, bool, int]]] = {
        (hash_of(word), day, sample, stream): [(word, *use) for use in same]
        for (word, day, sample, stream), same in seen.items()
    }
    rows = _rows_of(connection, found)
    written: dict[_Key, _Word] = {}
    hidden: set[str] = set()
    for key, uses in found.items():
        name, day, sample, stream = key
        same = rows.setdefault((name, sample, stream), {})
        own = same.setdefault(day, _Word())
        if not _count(own, same, day, uses):
            hidden.add(name)
        written[key] = own
    # In no row, whatever its day and stream, and of the samples too.
    for (name, *_), same in rows.items():
        for own in same.values() if name in hidden else ():
            own.word = None
    for some in _parts(hidden):
        connection.execute(update(UNSEEN).where(UNSEEN.c.hash.in_(some)).values(word=None))
    _write(connection, written)


_Key = tuple[str, int, bool, int]
"""Hash, day, sample and stream of a word."""
_Place = tuple[str, bool, int]
"""Hash, sample and stream of a word."""


@dataclass
class _Word:
    """A row of the table; its number is None until it is written."""

    id: int | None = None
    descriptions: int = 0
    private: int = 0
    tags: list[int] = field(default_factory=list)
    word: str | None = None


def _parts(hashes: Collection[str]) -> list[list[str]]:
    names = sorted(hashes)
    return [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]


def _rows_of(connection: Connection, keys: Collection[_Key]) -> dict[_Place, dict[int, _Word]]:
    """The rows of each day that may count with one of these, by the rest of their places."""
    first = min(day for _, day, *_ in keys) - (WINDOW_DAYS - 1) * 86_400
    found: dict[_Place, dict[int, _Word]] = {}
    for some in _parts({name for name, *_ in keys}):
        wanted = select(UNSEEN).where(UNSEEN.c.hash.in_(some), UNSEEN.c.day >= first)
        # Processes that lock rows in one order do not lock each other out.
        wanted = wanted.order_by(UNSEEN.c.hash, UNSEEN.c.day).with_for_update()
        for row in connection.execute(wanted):
            one = _Word(row.id, row.descriptions, row.private, row.tags, row.word)
            found.setdefault((row.hash, row.sample, row.stream), {})[row.day] = one
    return found


def _count(
    own: _Word, same: Mapping[int, _Word], day: int, uses: Sequence[tuple[str, bool, int]]
) -> bool:
    """Add uses to a day's row; False if the word looks like a name too often to be shown."""
    own.tags = sorted({*own.tags, *(tag for _, _, tag in uses)})
    own.private += sum(private for _, private, _ in uses)
    own.descriptions += len(uses)
    first = day - (WINDOW_DAYS - 1) * 86_400
    window = [row for other, row in same.items() if other >= first]
    apart = {tag for row in window for tag in row.tags}
    everywhere = sum(row.descriptions for row in window)
    shown = sum(row.private for row in window) <= PRIVATE_SHARE * everywhere
    own.word = uses[0][0] if shown and len(apart) >= SHOWN_FROM else None
    return shown


def _write(connection: Connection, words: Mapping[_Key, _Word]) -> None:
    new, old = [], []
    for (name, day, sample, stream), word in words.items():
        values = {
            "descriptions": word.descriptions,
            "private": word.private,
            "tags": word.tags,
            "word": word.word,
        }
        if word.id is None:
            # Numbers in the order of writing would tell which words came together.
            place = {"id": secrets.randbits(62), "hash": name, "day": day}
            new.append({**place, "sample": sample, "stream": stream, **values})
        else:
            old.append({"number": word.id, **values})
    if new:
        connection.execute(insert(UNSEEN), new)
    if old:
        connection.execute(update(UNSEEN).where(UNSEEN.c.id == bindparam("number")), old)

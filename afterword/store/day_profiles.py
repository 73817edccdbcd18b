"""What the descriptions of a day add up to: the profile of a day, in the form that may be saved.

Descriptions wait in memory, added up, until they are 20 different ones; what these came to is then
added to the row of their day, in a transaction of its own. So two states of a row differ by a group
of at least 20 different descriptions, which is what a profile must have to be saved. What waits
when a day ends is counted with the next day, and the row says how old it is. Everything in a row
is a count that adds up, so a window is the sum of its days, without a look at any call.

Copies of one text count as one text within a group alone: a digest that would tell them later is
not kept. How common the commonest text, answer and length of a day are, the process that writes
knows while it runs; of what two processes know the larger count stays.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from sqlalchemy import and_, insert, select, update
from sqlalchemy.engine import Connection

from afterword.measures.answers import Answers, count_rows
from afterword.measures.moments import Moments, rounded
from afterword.measures.stand_ins import CENTS, margins_of
from afterword.store.recordings import Recording, Texts
from afterword.store.schema import PROFILES
from afterword.store.tally import INPUTS, Tally, total
from afterword.text.facts import LONGEST, commonest_in
from afterword.text.privacy import SHOWN_FROM

GROUP: Final = 20
"""Different descriptions from which a group is written: a single one's counts are it."""
LARGEST: Final = ("commonest", "repeats", "lengths")
"""Counts of which the larger one of two states of a day stays."""
_PLACES: Final = 256
"""By one byte it is told whether the commonest text or answer of two days is the same."""
_TOLD: Final = 20_000
"""Different texts, and answers, of a day of which it is known in memory how often each came."""
_LONGEST_WAIT: Final = 400
"""Days that are told apart of what waited."""
_APART: Final = 500
"""Calls whose answers wait as they are; those of more are counted."""


def _no_lengths() -> np.ndarray:
    return np.zeros(LONGEST + 1, np.int64)


@dataclass(frozen=True, eq=False)
class DayProfile:
    """What is kept of a day, or of several.

    Attributes
    ----------
    tally : name → counts: :data:`~afterword.store.tally.INPUTS`; "rows" (whose answers are
        counted); "margins" (of :func:`~afterword.measures.stand_ins.margins_of`, one after the
        other); "none", "products" (of :class:`~afterword.measures.moments.Moments`); "number" (of
        categories given); "confident" (by per cent); "counted" (whose words are counted),
        "distinct"; rows with the "commonest" answer, and copies of the commonest text ("repeats"),
        each at a byte that tells which it is; distinct texts of the commonest length ("lengths"),
        at this length; all three at 0 where they are fewer than 5; "before"
        (by how many days before this one they were answered).
    texts : (w + d,) distinct texts that hold each word, and sums of the representation; (0,) where
        no words were counted.

    Of "told" descriptions it was counted how many hold a text that many people write ("common"),
    and of the others how many pairs of a group are equal, and how many texts of a group stand in
    several ("pairs", "again").
    """

    tally: Tally
    texts: np.ndarray

    @classmethod
    def total(cls, days: Sequence[DayProfile]) -> DayProfile:
        """The descriptions of all days, at least one.

        What is commonest on several days adds up if it is the same; where it is not known what it
        is, the larger count stays.
        """
        found = total([each.tally.without(LARGEST) for each in days])
        largest = {
            name: _added([own for each in days if (own := each.tally.counts.get(name)) is not None])
            for name in LARGEST
        }
        texts = np.zeros(max(len(each.texts) for each in days), np.int64)
        for each in days:
            texts[: len(each.texts)] += each.texts
        return cls(found + Tally(largest), texts)

    def with_group(self, group: DayProfile) -> DayProfile:
        """A day with what a group brought, which knows all that this process wrote of the day."""
        own, more = (each.tally.without(LARGEST) for each in (self, group))
        sides = [each.tally.only(LARGEST).counts for each in (self, group)]
        largest = {
            name: max((side[name] for side in sides if name in side), key=np.max)
            for name in {*sides[0], *sides[1]}
        }
        texts = group.texts
        if len(self.texts):
            texts = self.texts + group.texts if len(group.texts) else self.texts
        return DayProfile(own + more + Tally(largest), texts)


@dataclass
class Day:
    """What this process knows of a day that it writes: which texts and answers came, how often.

    Digests and answers of a day are in memory only.
    """

    start: int = 0
    texts: Counter[int] = field(default_factory=Counter)
    answers: Counter[bytes] = field(default_factory=Counter)
    lengths: np.ndarray = field(default_factory=_no_lengths)

    def largest(self, group: Group) -> Tally:
        """How common the commonest of a group are in the whole day, with the group."""
        answers = _by_bytes(*group.counted_answers())
        most, length = commonest_in(self.lengths + group.lengths)
        found = {}
        if answers:
            answer, rows = _commonest(self.answers, answers)
            found["commonest"] = _at(_place_of(answer), rows)
        if group.counted:
            text, copies = _commonest(self.texts, group.texts)
            found["repeats"] = _at(1 + text % (_PLACES - 1), copies)
            found["lengths"] = _at(length, most, LONGEST + 1)
        return Tally(found)

    def add(self, group: Group) -> None:
        """Remember a group that was written."""
        self.texts.update(group.texts)
        self.texts = _remembered(self.texts)
        self.answers.update(_by_bytes(*group.counted_answers()))
        self.answers = _remembered(self.answers)
        self.lengths = self.lengths + group.lengths


@dataclass
class Group:
    """Descriptions that wait, added up, until enough different ones are there.

    Attributes
    ----------
    texts : different texts, and how often each came.
    days : first second of a day → descriptions of it.
    served : whether pages or HTTP brought some.
    """

    texts: Counter[int] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    lengths: np.ndarray = field(default_factory=_no_lengths)
    thresholds: Sequence[float] = ()
    counted: int = 0
    served: bool = False
    _words: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    _common: set[int] = field(default_factory=set)
    _content: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    _answers: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    @property
    def day(self) -> int:
        """To which it is counted: the last one of its descriptions."""
        return max(self.days)

    @property
    def rows(self) -> int:
        """Descriptions that wait."""
        return self.days.total()

    def add(self, one: Recording) -> None:
        """Let what a call brought wait with the rest."""
        self.days[one.day] += one.descriptions
        self.served |= one.source != "command"
        self.tally += one.tally.only(INPUTS)
        if len(one.thresholds):
            self.thresholds = one.thresholds
            self._answers.append((one.answers, np.ones(len(one.answers), np.int64)))
            if len(self._answers) > _APART:
                self._answers = [self.counted_answers()]
        self._add_texts(one.digests, one.texts)

    def _add_texts(self, digests: Sequence[int], texts: Texts) -> None:
        new = []
        for row, digest in enumerate(digests):
            if digest not in self.texts:
                new.append(row)
            self.texts[digest] += 1
            if texts.common[row]:
                self._common.add(digest)
        if not texts.width:
            return
        if not len(self._words):
            self._words = np.zeros(texts.width, np.int64)
            self._content = np.zeros(texts.content.shape[1], np.int64)
        first = np.array(new, np.int64)
        self._words += texts.words.take(first).counts(texts.width)
        self.lengths += np.bincount(
            np.minimum(texts.lengths[first], LONGEST), minlength=LONGEST + 1
        )
        self._content += texts.content.sum(axis=0)
        self.counted += len(texts)

    def counted_answers(self) -> tuple[np.ndarray, np.ndarray]:
        """Different answers (m, k) in whole per cent, and the rows of each (m,)."""
        if not self._answers:
            return np.zeros((0, 1), np.uint8), np.zeros(0, np.int64)
        cents, counts = (np.concatenate(each) for each in zip(*self._answers, strict=True))
        return count_rows(cents, counts)

    def _copies(self) -> dict[str, np.ndarray]:
        """Copies among the descriptions that wait."""
        common = sum(self.texts[digest] for digest in self._common)
        others = [count for digest, count in self.texts.items() if digest not in self._common]
        pairs = sum(count * (count - 1) // 2 for count in others)
        again = sum(count > 1 for count in others)
        told = {"told": self.counted, "common": common, "pairs": pairs, "again": again}
        return {name: np.array([count]) for name, count in told.items()}

    def profile(self, day: Day) -> DayProfile:
        """What is added to the day's row.

        Parameters
        ----------
        day : as this process knows it, without this group.
        """
        counts = dict(self.tally.counts)
        counts["before"] = np.zeros(_LONGEST_WAIT, np.int64)
        for start, rows in self.days.items():
            counts["before"][min((self.day - start) // 86_400, _LONGEST_WAIT - 1)] += rows
        if len(self.thresholds):
            counts |= counts_of_answers(*self.counted_answers(), self.thresholds)
        if self.counted:
            counts["counted"] = np.array([self.counted])
            counts["distinct"] = np.array([len(self.texts)])
            counts |= self._copies()
        return DayProfile(
            tally=Tally(counts) + day.largest(self),
            texts=np.concatenate([self._words, self._content]),
        )


def counts_of_answers(
    cents: np.ndarray, counts: np.ndarray, thresholds: Sequence[float]
) -> dict[str, np.ndarray]:
    """What is kept of answers, apart from how common the commonest is.

    Parameters
    ----------
    cents, counts : (m, k) answers in whole per cent, and (m,) rows with each.
    thresholds : (k,) from which on a category is given.
    """
    answers, k = Answers(cents, counts), cents.shape[1]
    moments = Moments.of(answers, thresholds)
    shares = np.round(cents / 100, 2)  # as scored rows have them
    confident = np.rint(100 * np.round(np.maximum(shares, 1 - shares).mean(axis=1), 2))
    number = (answers.probabilities >= np.asarray(thresholds)).sum(axis=1)
    return {
        "rows": np.array([answers.rows]),
        "margins": np.concatenate(margins_of(cents.astype(int), counts, thresholds)),
        "none": moments.sums[k : k + 1],
        "products": rounded(moments.products)[np.triu_indices(3 * k + 1)],
        "number": np.bincount(number, counts, k + 1).astype(np.int64),
        "confident": np.bincount(confident.astype(int), counts, CENTS).astype(np.int64),
    }


def _by_bytes(cents: np.ndarray, counts: np.ndarray) -> dict[bytes, int]:
    return {row.tobytes(): int(count) for row, count in zip(cents, counts, strict=True)}


def _commonest(known: Mapping[Any, int], new: Mapping[Any, int]) -> tuple[Any, int]:
    """Of what is new the commonest, and how often it came at all."""
    counts = {one: known.get(one, 0) + count for one, count in new.items()}
    one = max(counts, key=lambda each: counts[each])
    return one, counts[one]


def _remembered(counts: Counter[Any]) -> Counter[Any]:
    """All that came, or the commonest where this is too much."""
    return Counter(dict(counts.most_common(_TOLD // 2))) if len(counts) > _TOLD else counts


def _place_of(answer: bytes) -> int:
    return 1 + zlib.crc32(answer) % (_PLACES - 1)


def commonest_answer(cents: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """How many rows have the commonest of some answers, at the place that tells which it is."""
    at = int(counts.argmax())
    return _at(_place_of(cents[at].tobytes()), int(counts[at]))


def _at(place: int, count: int, places: int = 0) -> np.ndarray:
    """A count at a place; at 0 where it is too small for it to be told what it counts."""
    found = np.zeros(places or _PLACES, np.int64)
    found[place if count >= SHOWN_FROM else 0] = count
    return found


def _added(days: Sequence[np.ndarray]) -> np.ndarray:
    """The commonest of several days."""
    if not days:
        return np.zeros(1, np.int64)
    whole: np.ndarray = np.sum(days, axis=0)
    whole[0] = max(int(each[0]) for each in days)
    at = int(whole.argmax())
    found = np.zeros_like(whole)
    found[at] = whole[at]
    return found


# ---------------------------------------------------------------- rows


def add_group(
    connection: Connection, model: str, sample: bool, stream: int, group: Group, day: Day
) -> None:
    """Add what a group brought to the row of its day.

    Parameters
    ----------
    connection : in a transaction of its own, because a database's log keeps what stood there
        before.
    model, sample, stream : of the row.
    group : at least :data:`GROUP` different descriptions.
    day : as this process knows it, without the group.
    """
    place = {"day": group.day, "model": model, "sample": sample, "stream": stream}
    own = and_(*(PROFILES.c[name] == value for name, value in place.items()))
    found = group.profile(day)
    row = connection.execute(select(PROFILES).where(own).with_for_update()).first()
    if row is not None:
        found = profile_in(row).with_group(found)
    content: Mapping[str, object] = {
        "content": found.tally.to_dict(),
        "texts": _packed(found.texts),
    }
    if row is None:
        connection.execute(insert(PROFILES).values(**place, **content))
    else:
        connection.execute(update(PROFILES).where(PROFILES.c.id == row.id).values(**content))


def profile_in(row: object) -> DayProfile:
    """What a row of the table holds."""
    content, texts = (getattr(row, name) for name in ("content", "texts"))
    return DayProfile(Tally.from_dict(content), _unpacked(texts))


def _packed(texts: np.ndarray) -> bytes:
    return zlib.compress(texts.astype("<i8").tobytes(), 1) if len(texts) else b""


def _unpacked(packed: bytes) -> np.ndarray:
    try:
        plain = zlib.decompress(packed) if packed else b""
    except zlib.error:
        raise ValueError("damaged") from None  # as any other damaged row
    return np.frombuffer(plain, "<i8").astype(np.int64)

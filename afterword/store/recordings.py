"""What is recorded of one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from afterword.store.moments import day_in
from afterword.store.stream_records import SERVICE
from afterword.store.tally import Tally
from afterword.text.word_lists import Lists


@dataclass(frozen=True, eq=False)
class Texts:
    """What the texts of a call add, text by text: in memory only, until it is added up.

    Attributes
    ----------
    lengths : (n,) characters; 0 for texts that end as a sentence does, which nothing has cut.
    words : places of the words of the vocabulary that each holds.
    width : words of the vocabulary; 0 where words and content were not counted.
    content : (n, d) dense representations, in steps of 1 / :data:`~afterword.text.distinct.STEPS`.
    common : (n,) bool, texts that many people write.
    """

    lengths: np.ndarray
    words: Lists
    width: int
    content: np.ndarray
    common: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def total(cls, parts: Sequence[Texts]) -> Texts:
        """The texts of all parts, in their order."""
        if not parts:
            return cls.uncounted()
        return cls(
            np.concatenate([each.lengths for each in parts]),
            Lists.total([each.words for each in parts]),
            parts[0].width,
            np.concatenate([each.content for each in parts]),
            np.concatenate([each.common for each in parts]),
        )

    def take(self, rows: np.ndarray) -> Texts:
        """Some of the texts."""
        words = self.words.take(rows)
        own = (each[rows] for each in (self.lengths, self.content, self.common))
        lengths, content, common = own
        return Texts(lengths, words, self.width, content, common)

    @classmethod
    def uncounted(cls, n: int = 0) -> Texts:
        """So many texts, of which nothing was counted."""
        none = np.zeros(n, bool)
        return cls(np.zeros(n, np.int64), Lists.none(n), 0, np.zeros((n, 0), np.int64), none)


@dataclass(frozen=True)
class Recording:
    """One call, ready to be written: numbers, and unseen words until they are hashed.

    Attributes
    ----------
    at : time of the call, UTC.
    source : "page", "file", "http" or "command".
    model : its version; "" if there was none.
    outcome : "answered", "refused" or "failed".
    latency_s : seconds that the answer took.
    descriptions, rejected : answered, and rejected one by one.
    answers : (n, k) per description its probabilities in per cent; in memory only, until they are
        added up.
    thresholds : (k,) of the model, from which on a category is given.
    tally : counts over the call.
    unseen : per description its unknown words: whether each looks like a name, and a byte that
        tells, for this word, the description from others.
    digests : per description a number, the same for texts that are equal once normalised; in
        memory only.
    texts : what was found in the texts.
    stream : number of the stream that it belongs to.
    zone : in which that stream counts its days.
    """

    at: datetime
    source: str
    model: str
    outcome: str
    latency_s: float
    descriptions: int
    rejected: int
    answers: np.ndarray
    tally: Tally
    thresholds: Sequence[float] = ()
    unseen: Sequence[Mapping[str, tuple[bool, int]]] = field(default=(), repr=False)
    digests: Sequence[int] = field(default=(), repr=False)
    texts: Texts = field(default_factory=Texts.uncounted, repr=False)
    sample: bool = False
    stream: int = SERVICE
    zone: str = "UTC"

    @property
    def day(self) -> int:
        """First second of the day that it counts for."""
        return day_in(self.at, self.zone)

"""What is recorded of one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from afterword.store.tally import Tally


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
    answers : per description its probabilities in per cent, then its decisions as bits.
    tally : counts over the call.
    terms : word of the vocabulary, as its number → descriptions that hold it.
    unseen : per description its unknown words: whether each looks like a name, and a byte that
        tells, for this word, the description from others.
    texts : per description a byte that tells it from others; in memory only.
    """

    at: datetime
    source: str
    model: str
    outcome: str
    latency_s: float
    descriptions: int
    rejected: int
    answers: Sequence[Sequence[int]]
    tally: Tally
    terms: Mapping[int, int] = field(default_factory=dict, repr=False)
    unseen: Sequence[Mapping[str, tuple[bool, int]]] = field(default=(), repr=False)
    texts: Sequence[int] = field(default=(), repr=False)
    sample: bool = False

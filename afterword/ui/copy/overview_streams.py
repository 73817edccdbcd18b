"""The texts of the streams on the page Overview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from afterword.deployment import TEXTS
from afterword.ui.copy.overview import NOT_CHECKED
from afterword.ui.copy.shared import LEVELS, Mark

if TYPE_CHECKING:
    from afterword.monitoring.stream_status import PeriodStatus, StreamStatus

TITLE: Final = "Streams"
NOTE: Final = (
    "The alarm of a stream adds up over the year: the chance of any false alarm in 52 periods is "
    "at most 5 %, however often somebody looks."
)
FAILED: Final = "What this stream holds cannot be judged: "
NO_ROWS: Final = "no data"
WORDS: Final = {"alarm": "alarm", "calm": "as usual", "too_few": "too few", "before": "usual"}
"""What a cell of the band says of its period."""


def mark(status: StreamStatus) -> Mark:
    """Icon, word and colour of a stream's level."""
    if status.level == "alarm":
        faulty = status.result is not None and status.result.level == "faulty"
        return LEVELS["faulty" if faulty else "changed"]
    return {"calm": LEVELS["stable"], "too_few": LEVELS["too_few"]}.get(status.level, NOT_CHECKED)


def badge(word: str, status: StreamStatus) -> str:
    """The level with the period since when it is so, by the dates of the data."""
    return f"{word} since {status.since.label}" if status.since else word


def word_of(one: PeriodStatus) -> str:
    """What is said of a period."""
    return WORDS[one.level] if one.rows else NO_ROWS


def cell(one: PeriodStatus) -> str:
    """A period in words, where somebody points at it."""
    return f"{one.period.label}: {word_of(one)}, {one.rows:,} {TEXTS}"


def band_alt(periods: Sequence[PeriodStatus]) -> str:
    """The band in words."""
    told = ", ".join(f"{one.period.label} {word_of(one)}" for one in periods)
    return f"The last {len(periods)} periods: {told}."

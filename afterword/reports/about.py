"""What leaves the screen says first whose check it is: of which stream and period, by which model.

Who gets a file by mail sees nothing of the page that it came from.

>>> told = About(stream="web form", period="2026-W47", model="0a1b2c3d4e5f", number=12)
>>> told.file_name("html")
'afterword-web-form-2026-w47-check-12.html'
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from afterword.drift.wording import CHANGED, FAULTY, LEVEL_WORDS, STABLE
from afterword.reports import wording
from afterword.store.moments import DAY

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.store.checks import KeptCheck, Span

SIGNS: Final = {STABLE: "✓", CHANGED: "▲", FAULTY: "■"}
"""Colour never stands alone: each level has a sign and a word, too."""
_OTHER_LETTERS: Final = re.compile("[^a-z0-9]+")
_LONGEST: Final = 60
"""Characters of a name in the name of a file."""


@dataclass(frozen=True)
class About:
    """What a file says of the check that it is of; what is not known is left out.

    Attributes
    ----------
    stream : name of the feed that the check is of; "" for a file that belongs to none.
    period : of the stream, as it is called there; "" for the days of the rows.
    model : version of the model that classified.
    number : of the check in its store; None if it is not kept.
    at : when it was made; None if that is not told.
    window : start and end of the days of the store that were checked; None for a file.
    trial, sample : whether it counts nowhere; whether it is of the loaded samples.
    part : what the part of a batch is called whose rows alone are meant; "" for the whole.
    """

    stream: str = ""
    period: str = ""
    model: str = ""
    number: int | None = None
    at: datetime | None = None
    window: Span | None = None
    trial: bool = False
    sample: bool = False
    part: str = ""

    @classmethod
    def of(cls, kept: KeptCheck, *, stream: str = "", period: str = "") -> About:
        """What is known of a kept check.

        Parameters
        ----------
        kept : from the store.
        stream, period : see the attributes.
        """
        return cls(
            stream, period, kept.model, kept.id, kept.at, kept.window, kept.trial, kept.sample
        )

    def feed(self, result: CheckResult) -> str:
        """Stream, period and days of the rows; "" if nothing of them is known.

        Parameters
        ----------
        result : of the check, whose rows may tell their days.
        """
        span = (self.window[0], self.window[1] - DAY) if self.window else result.profile.period
        named = wording.stream(self.stream) if self.stream else ""
        part = wording.part(self.part) if self.part else ""
        return _joined(named, self.period, wording.days(*span) if span else "", part)

    def made(self, result: CheckResult) -> str:
        """Of how many rows the check is, which one it is, by which model, and when it was made."""
        return _joined(
            wording.rows(result.profile.accepted, result.profile.rejected),
            wording.number(self.number, trial=self.trial, sample=self.sample),
            wording.model(self.model) if self.model else "",
            wording.checked(f"{self.at:%-d %B %Y, %H:%M}") if self.at is not None else "",
        )

    def told(self, result: CheckResult) -> dict[str, str]:
        """What is known, by name, for a file that programs read; what is not known is left out.

        Parameters
        ----------
        result : of the check.
        """
        span = (self.window[0], self.window[1] - DAY) if self.window else result.profile.period
        known = {
            "stream": self.stream,
            "period": self.period,
            "first_day": f"{span[0]:%Y-%m-%d}" if span else "",
            "last_day": f"{span[1]:%Y-%m-%d}" if span else "",
            "model": self.model,
            "level": result.level,
            "check": "" if self.number is None else str(self.number),
            "checked_at": "" if self.at is None else self.at.isoformat(timespec="seconds"),
        }
        return {name: value for name, value in known.items() if value}

    @property
    def of_what(self) -> str:
        """Stream and period, for a title; "" if neither is known."""
        return ", ".join(filter(None, (self.stream, self.period)))

    def file_name(self, ending: str, kind: str = "") -> str:
        """A name for the file, of small letters, digits and hyphens.

        Parameters
        ----------
        ending : "html".
        kind : what it is, "data-drift"; "" for the page of the check.
        """
        check = f"check-{self.number}" if self.number is not None else ""
        told = filter(None, (_plain(self.stream), _plain(self.period), check, kind))
        return "-".join(["afterword", *(tuple(told) or ("check",))]) + f".{ending}"


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def sign(level: str) -> str:
    """The sign of a level; that of one that says nothing is a question mark."""
    return SIGNS.get(level, "?")


def level_word(level: str) -> str:
    """The word of a level."""
    return LEVEL_WORDS.get(level, level)


def _plain(name: str) -> str:
    """A name in letters that every disk takes; "" if it has none of them.

    >>> _plain("Wéb form / São Paulo"), _plain("../../热线")
    ('web-form-sao-paulo', '')
    """
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _OTHER_LETTERS.sub("-", ascii_only.lower()).strip("-")[:_LONGEST].strip("-")

"""What became of a rule: an episode with its history, and a record of each message about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from afterword.alerts.evidence import Evidence

OPEN, ACKNOWLEDGED, RESOLVED = "open", "acknowledged", "resolved"
ACTIVE: Final = (OPEN, ACKNOWLEDGED)
ASSIGNED, NOTE, REMOVED = "assigned", "note", "removed"
"""Steps that leave the state as it is; a removed note keeps its place, without its words."""
WAITING, SENDING, SENT, FAILED = "waiting", "sending", "sent", "failed"
OPENED, OVER = "opened", "over"
"""What a message is about."""
LONGEST_BY, LONGEST_WHY, LONGEST_WHAT, LONGEST_NOTE = 80, 300, 600, 500
MOST_STEPS: Final = 200
"""Assignments and notes of one alert."""


@dataclass(frozen=True)
class Change:
    """A step of an alert.

    Attributes
    ----------
    at : when.
    state : "open", "acknowledged" or "resolved", which it then is; or "assigned", "note" or
        "removed", which leave it as it is.
    by : who took the step; "" if it came by itself.
    why : the reason, or the words of a note.
    whom : to whom it is assigned, "" for nobody; of a note that was removed, who removed it.
    """

    at: datetime
    state: str
    by: str
    why: str
    whom: str = ""


@dataclass(frozen=True)
class DeliveryRecord:
    """What became of a message on one channel.

    Attributes
    ----------
    id : of the row.
    channel : its name, like "Mail 1".
    state : "waiting", "sending", "sent" or "failed".
    attempts : so far.
    problem : one sentence, or "".
    at : of the last change.
    about : "opened", or "over" of the message that tells of its end.
    """

    id: int
    channel: str
    state: str
    attempts: int
    problem: str
    at: datetime
    about: str = OPENED


@dataclass(frozen=True)
class Alert:
    """An episode: from the time that a rule's condition held until it was over.

    Attributes
    ----------
    id, rule_id : keys.
    name, severity, metric, threshold : of the rule when it opened.
    state : "open", "acknowledged" or "resolved".
    opened_at : when it opened.
    last_at, value : when the condition was last seen to hold, and the value then.
    what : one sentence on why it opened.
    sample : whether it is of the loaded samples.
    history : every step, oldest first.
    deliveries : a record per message and channel; none if nobody was to be told.
    direction : of the rule; "" of alerts of earlier versions.
    evidence : the figures that moved, since when, and of which check, stream and period.
    """

    id: int
    rule_id: int
    name: str
    severity: str
    metric: str
    state: str
    opened_at: datetime
    last_at: datetime
    value: float
    threshold: float
    what: str
    sample: bool
    history: tuple[Change, ...]
    deliveries: tuple[DeliveryRecord, ...] = ()
    direction: str = ""
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def since(self) -> datetime:
        """Since when it is so, by the date of the data; when it opened where that is not known."""
        return self.evidence.since or self.opened_at

    @property
    def assigned_to(self) -> str:
        """Who has it: to whom it was assigned, or else who acknowledged it; "" if nobody."""
        step = self._last(ASSIGNED)
        return step.whom if step else self.acknowledged_by

    @property
    def notes(self) -> tuple[tuple[int, Change], ...]:
        """The notes that are there, oldest first, each with its place in the history."""
        return tuple((place, step) for place, step in enumerate(self.history) if step.state == NOTE)

    def _last(self, state: str) -> Change | None:
        return next((step for step in reversed(self.history) if step.state == state), None)

    @property
    def acknowledged_by(self) -> str:
        """Who acknowledged it; "" if nobody did."""
        step = self._last(ACKNOWLEDGED)
        return step.by if step else ""

    @property
    def acknowledged_why(self) -> str:
        """Why, in their words."""
        step = self._last(ACKNOWLEDGED)
        return step.why if step else ""

    @property
    def acknowledged_at(self) -> datetime | None:
        """When."""
        step = self._last(ACKNOWLEDGED)
        return step.at if step else None

    @property
    def resolved_at(self) -> datetime | None:
        """When."""
        step = self._last(RESOLVED)
        return step.at if step else None

    @property
    def told(self) -> bool:
        """Whether at least one channel took the message that it opened."""
        return any(one.state == SENT and one.about == OPENED for one in self.deliveries)

"""What became of a rule: an episode with its history, and a record of each message about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

OPEN, ACKNOWLEDGED, RESOLVED = "open", "acknowledged", "resolved"
ACTIVE: Final = (OPEN, ACKNOWLEDGED)
WAITING, SENDING, SENT, FAILED = "waiting", "sending", "sent", "failed"
LONGEST_BY, LONGEST_WHY, LONGEST_WHAT = 80, 300, 600


@dataclass(frozen=True)
class Change:
    """A step of an alert: when, to which state, by whom ("" if by itself) and why."""

    at: datetime
    state: str
    by: str
    why: str


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
    """

    id: int
    channel: str
    state: str
    attempts: int
    problem: str
    at: datetime


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
    deliveries : a record per channel; none if nobody was to be told.
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
        """Whether at least one channel took the message."""
        return any(each.state == SENT for each in self.deliveries)

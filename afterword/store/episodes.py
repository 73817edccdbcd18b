"""Episodes in the store: what people do with an alert, and how it ends.

A step is added under a lock of its alert, so that of two people who act at once one sees what the
other did. When an alert ends, a message about it is posted, in the same transaction, for each
channel that took the one about its beginning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.engine import Connection, Row

from afterword.alerts.episodes import (
    ACKNOWLEDGED,
    ACTIVE,
    ASSIGNED,
    LONGEST_BY,
    LONGEST_NOTE,
    LONGEST_WHY,
    MOST_STEPS,
    NOTE,
    OPEN,
    REMOVED,
    RESOLVED,
    Alert,
    Change,
)
from afterword.alerts.evidence import Evidence, from_rows
from afterword.alerts.rules import plain, required
from afterword.errors import AlertError
from afterword.store import wording
from afterword.store.database import Database
from afterword.store.moments import moment_of, seconds_of
from afterword.store.outbox import Outbox, records_of, withdraw
from afterword.store.schema import ALERTS, RULES

_BESIDE: Final = (ASSIGNED, NOTE, REMOVED)
"""Steps that leave the state of an alert as it is."""


class Episodes:
    """The alerts of a store, and what people do with them; all of it may raise ``StoreError``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.outbox = Outbox(database)

    def alerts(
        self, state: str | None = None, *, sample: bool = False, limit: int = 100
    ) -> tuple[Alert, ...]:
        """Alerts, newest first.

        Parameters
        ----------
        state : "open", "acknowledged", "resolved", "active" (the first two), or None for all.
        sample : whether those of the loaded samples.
        limit : most that are returned.
        """
        wanted = select(ALERTS).where(ALERTS.c.sample == sample)
        if state is not None:
            wanted = wanted.where(ALERTS.c.state.in_(ACTIVE if state == "active" else (state,)))
        wanted = wanted.order_by(ALERTS.c.opened_at.desc(), ALERTS.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return alerts_of(connection, connection.execute(wanted).all())

    def get(self, alert_id: int) -> Alert | None:
        """One alert; None if it is no longer kept."""
        with self._database.reading() as connection:
            return find(connection, alert_id)

    def open_count(self, *, sample: bool = False) -> int:
        """How many alerts nobody has acknowledged."""
        return sum(self.open_counts(sample=sample).values())

    def open_counts(self, *, sample: bool = False) -> Mapping[tuple[str, str], int]:
        """How many alerts nobody has acknowledged, by severity and stream ("" of none)."""
        by = ALERTS.c.severity, ALERTS.c.stream_name
        mine = ALERTS.c.sample == sample, ALERTS.c.state == OPEN
        wanted = select(*by, func.count()).where(*mine).group_by(*by)
        with self._database.reading() as connection:
            rows = connection.execute(wanted).all()
        return {(severity, stream): count for severity, stream, count in rows}

    def acknowledge(self, alert_id: int, by: str, why: str, *, at: datetime | None = None) -> Alert:
        """Say that somebody has seen an alert and looks after it, unless another person has it.

        Parameters
        ----------
        by, why : who, in at most 80 characters, and what for, in at most 300.
        at : when; now if None.

        Raises
        ------
        AlertError
            Neither is said, or the alert is acknowledged or resolved already.
        """
        return self._step(alert_id, ACKNOWLEDGED, by, why, at)

    def resolve(self, alert_id: int, by: str, why: str, *, at: datetime | None = None) -> Alert:
        """Say that an alert is over; its rule opens no other before its condition has ended.

        Parameters and exceptions are those of :meth:`acknowledge`.
        """
        return self._step(alert_id, RESOLVED, by, why, at)

    def assign(
        self, alert_id: int, whom: str, by: str, why: str = "", *, at: datetime | None = None
    ) -> Alert:
        """Say who has an alert from now on; its state stays.

        Parameters
        ----------
        whom : in at most 80 characters; "" if nobody has it any more.
        by : who says so, in at most 80 characters; the same name takes it.
        why : in at most 300 characters, or "".
        at : when; now if None.

        Raises
        ------
        AlertError
            It is not said by whom, something is too long, that person has it already, the alert is
            resolved, or it has too many steps.
        """
        whom = whom if not plain(whom) else required(whom, LONGEST_BY, wording.SAY_WHOM)
        why = why if not plain(why) else required(why, LONGEST_WHY, wording.SAY_WHY)
        step = Change(_clock(at), ASSIGNED, _name(by), plain(why), plain(whom))
        with self._database.begin() as connection:
            row = _open_to_steps(connection, alert_id)
            if row.state == RESOLVED:
                raise AlertError(wording.in_state(RESOLVED))
            if alerts_of(connection, [row])[0].assigned_to == step.whom:
                raise AlertError(wording.has_it_already(step.whom))
            append(connection, row, step)
            return _found(connection, alert_id)

    def note(self, alert_id: int, by: str, text: str, *, at: datetime | None = None) -> Alert:
        """Add a note, also to an alert that is resolved.

        Parameters
        ----------
        by : who, in at most 80 characters.
        text : in at most 500 characters; it is kept as plain text on one line, and never sent.
        at : when; now if None.

        Raises
        ------
        AlertError
            Either is missing or too long, the alert is gone, or it has too many steps.
        """
        text = required(text, LONGEST_NOTE, wording.WRITE_NOTE)
        step = Change(_clock(at), NOTE, _name(by), text)
        with self._database.begin() as connection:
            append(connection, _open_to_steps(connection, alert_id), step)
            return _found(connection, alert_id)

    def remove_note(self, alert_id: int, place: int, by: str = "") -> Alert:
        """Take the words of a note away for good; that there was one, whose and when, stays.

        Parameters
        ----------
        place : of the note in the history, as :attr:`Alert.notes` tells it.
        by : who removes it, in at most 80 characters, or "".

        Raises
        ------
        AlertError
            There is no note at that place any more, or the name is too long.
        """
        by = by if not plain(by) else required(by, LONGEST_BY, wording.SAY_WHO)
        with self._database.begin() as connection:
            row = connection.execute(locked(alert_id)).one_or_none()
            history = [list(step) for step in row.history] if row else []
            if not 0 <= place < len(history) or history[place][1] != NOTE:
                raise AlertError(wording.NOTE_GONE)
            history[place][1:] = [REMOVED, history[place][2], "", plain(by)]
            new = update(ALERTS).where(ALERTS.c.id == alert_id).values(history=history)
            connection.execute(new)
            return _found(connection, alert_id)

    def _step(self, alert_id: int, state: str, by: str, why: str, at: datetime | None) -> Alert:
        why = required(why, LONGEST_WHY, wording.SAY_WHY)
        step = Change(_clock(at), state, _name(by), why)
        with self._database.begin() as connection:
            row = connection.execute(locked(alert_id)).one_or_none()
            if row is None:
                raise AlertError(wording.ALERT_GONE)
            if row.state == RESOLVED or row.state == state:
                raise AlertError(wording.in_state(row.state))
            if state == RESOLVED:
                rule = connection.execute(select(RULES).where(RULES.c.id == row.rule)).one_or_none()
                end(connection, row, step, tell=bool(rule and rule.tell_when_over))
            else:
                append(connection, row, step)
            return _found(connection, alert_id)


def end(connection: Connection, row: Row[Any], step: Change, *, tell: bool) -> None:
    """Resolve an alert, and post the message about it.

    Parameters
    ----------
    row : of the alert, locked.
    step : why, and by whom; what is not sent yet is withdrawn unless its condition ended.
    tell : whether who was told of it is told of its end.
    """
    append(connection, row, step, tell_over=tell)
    if step.why != wording.ENDED:
        withdraw(connection, row.id)
    if tell:
        Outbox.post_over(connection, row.id, seconds_of(step.at), row.sample)


def append(connection: Connection, row: Row[Any], step: Change, **values: object) -> None:
    """Add a step to an alert's history; the state becomes that of the step, if it is one."""
    kept = [seconds_of(step.at), step.state, step.by, step.why, *([step.whom] * bool(step.whom))]
    state = row.state if step.state in _BESIDE else step.state
    new = values | {"state": state, "history": [*row.history, kept]}
    connection.execute(update(ALERTS).where(ALERTS.c.id == row.id).values(new))


def locked(alert_id: int) -> Select[Any]:
    """The row of an alert, which nobody else changes until the transaction ends."""
    return select(ALERTS).where(ALERTS.c.id == alert_id).with_for_update()


def find(connection: Connection, alert_id: int) -> Alert | None:
    """One alert; None if it is no longer kept."""
    rows = connection.execute(select(ALERTS).where(ALERTS.c.id == alert_id)).all()
    return next(iter(alerts_of(connection, rows)), None)


def alerts_of(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Alert, ...]:
    """Alerts of their rows."""
    sent = records_of(connection, [row.id for row in rows])
    return tuple(
        Alert(
            id=row.id,
            rule_id=row.rule,
            name=row.name,
            severity=row.severity,
            metric=row.metric,
            state=row.state,
            opened_at=moment_of(row.opened_at),
            last_at=moment_of(row.last_at),
            value=row.value,
            threshold=row.threshold,
            what=row.what,
            sample=row.sample,
            history=tuple(Change(moment_of(at), *step) for at, *step in row.history),
            deliveries=sent.get(row.id, ()),
            direction=row.direction,
            evidence=Evidence(
                figures=from_rows(row.figures),
                since=None if row.since is None else moment_of(row.since),
                check=row.check_number,
                stream=row.stream_name,
                stream_id=row.stream,
                period=row.period,
            ),
        )
        for row in rows
    )


def _found(connection: Connection, alert_id: int) -> Alert:
    alert = find(connection, alert_id)
    assert alert is not None
    return alert


def _open_to_steps(connection: Connection, alert_id: int) -> Row[Any]:
    """The row of an alert that takes an assignment or a note, locked."""
    row = connection.execute(locked(alert_id)).one_or_none()
    if row is None:
        raise AlertError(wording.ALERT_GONE)
    if sum(step[1] in _BESIDE for step in row.history) >= MOST_STEPS:
        raise AlertError(wording.too_many_steps(MOST_STEPS))
    return row


def _name(by: str) -> str:
    return required(by, LONGEST_BY, wording.SAY_WHO)


def _clock(at: datetime | None) -> datetime:
    return at or datetime.now(UTC)

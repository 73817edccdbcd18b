"""Rules and episodes in the store: who may open an alert, and every step that it takes.

An episode opens in one transaction: a rule that may open is disarmed, the alert is written, and so
is a row for every message that must leave. Of two processes that see the same condition one finds
the rule disarmed already; of a process that dies nothing is left, or all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Row

from afterword.alerts.episodes import (
    ACTIVE,
    LONGEST_WHAT,
    OPEN,
    RESOLVED,
    Alert,
    Change,
)
from afterword.alerts.evidence import LONGEST_PERIOD, Evidence, to_rows
from afterword.alerts.rules import CATEGORY, SHIPPED, Rule, validated
from afterword.errors import AlertError
from afterword.model.registry import load_manifest
from afterword.store import wording
from afterword.store.episodes import Episodes, end, find, locked
from afterword.store.moments import moment_of, seconds_of
from afterword.store.outbox import records_of
from afterword.store.schema import ALERTS, RULE_STATES, RULES

CLOCK_S: Final = 300
"""Seconds by which two processes' clocks may differ; a clock set back by more is believed."""

# A shipped rule that somebody deleted stays as a row, so that it does not come back by itself.
_GONE: Final = "deleted"


@dataclass(frozen=True)
class Finding:
    """What an evaluation found of one rule.

    Attributes
    ----------
    rule : as it was read; if it was changed meanwhile, the finding counts for nothing.
    value : of its metric.
    at : time of the evaluation, UTC.
    basis : time of what the value is about: of the last check, of a verdict.
    apart_s : seconds that two bases must lie apart to count as two.
    what : one sentence, if an alert opens.
    evidence : what it rests on; a rule is judged for each stream by itself.
    """

    rule: Rule
    value: float
    at: datetime
    basis: datetime
    apart_s: int
    what: str
    evidence: Evidence = field(default_factory=Evidence)


class AlertLog(Episodes):
    """Rules and alerts of a store; every method may raise ``StoreError``."""

    # Rules

    def rules(self) -> tuple[Rule, ...]:
        """Every rule, those that are shipped first; they are written at the first call."""
        with self._database.reading() as connection:
            rows = _all_rules(connection)
        if _missing(rows):
            with self._database.begin() as connection:
                for rule in _missing(_all_rules(connection)):
                    connection.execute(insert(RULES).values(_values(rule)))
                rows = _all_rules(connection)
        return tuple(_rule(row) for row in rows if row.direction != _GONE)

    def save_rule(self, rule: Rule) -> Rule:
        """Add a rule, whose id is 0, or change one.

        Changing its condition, or switching it off, resolves its alert and begins anew.

        Returns
        -------
        The rule with its id and a plain name.

        Raises
        ------
        AlertError
            It is not valid, or it was deleted meanwhile.
        """
        rule = validated(rule)
        if rule.metric.startswith(CATEGORY) and rule.metric[len(CATEGORY) :] not in _categories():
            raise AlertError(wording.NO_CATEGORY)
        if not rule.id and any(replace(one, id=0) == rule for one in self.rules()):
            raise AlertError(wording.SAME_RULE)
        with self._database.begin() as connection:
            if not rule.id:
                rule = replace(rule, shipped="")
                made = connection.execute(insert(RULES).values(_values(rule)))
                assert made.inserted_primary_key is not None
                return replace(rule, id=made.inserted_primary_key[0])
            before = _find_rule(connection, rule.id)
            if before is None:
                raise AlertError(wording.RULE_GONE)
            return _change(connection, before, rule)

    def delete_rule(self, rule_id: int) -> None:
        """Delete a rule and resolve its alert; a shipped one stays away until restored.

        Raises
        ------
        AlertError
            It was deleted meanwhile.
        """
        with self._database.begin() as connection:
            before = _find_rule(connection, rule_id)
            if before is None:
                raise AlertError(wording.RULE_DELETED_ALREADY)
            _reset(connection, before, wording.DELETED)
            this = RULES.c.id == rule_id
            if before.shipped:
                connection.execute(update(RULES).where(this).values(direction=_GONE, enabled=False))
            else:
                connection.execute(delete(RULES).where(this))

    def restore_shipped(self) -> tuple[Rule, ...]:
        """Make every shipped rule what it was when it came, deleted or not; leave the others."""
        self.rules()
        with self._database.begin() as connection:
            kept = {row.shipped: row for row in _all_rules(connection)}
            for rule in SHIPPED:
                _change(
                    connection, _rule(kept[rule.shipped]), replace(rule, id=kept[rule.shipped].id)
                )
        return self.rules()

    # Evaluation

    def record_findings(
        self,
        findings: Sequence[Finding],
        *,
        sample: bool,
        channels: Sequence[str] = (),
        problem: str = "",
    ) -> list[Alert]:
        """Record an evaluation, all of it or nothing: open alerts, keep them, resolve them.

        Parameters
        ----------
        findings : of each rule whose value is known.
        sample : whether they are of the loaded samples.
        channels : that must be told of an alert that opens.
        problem : why there are none although there should be.

        Returns
        -------
        The alerts that this call opened.
        """
        opened = []
        with self._database.begin() as connection:
            for found in findings:
                since = _record_finding(connection, found, sample)
                if since is not None:
                    made = connection.execute(insert(ALERTS).values(_opened(found, since, sample)))
                    assert made.inserted_primary_key is not None
                    opened.append(made.inserted_primary_key[0])
                    now = seconds_of(found.at)
                    self.outbox.post(connection, opened[-1], channels, now, sample, problem)
            alerts = [find(connection, alert_id) for alert_id in opened]
        return [alert for alert in alerts if alert]

    def announce(self, alert_id: int, channels: Sequence[str], *, at: datetime) -> bool:
        """Put an alert in the outbox that opened without a message; False if it was there."""
        with self._database.begin() as connection:
            row = connection.execute(locked(alert_id)).one_or_none()
            if row is None or records_of(connection, [alert_id]):
                return False
            self.outbox.post(connection, alert_id, channels, seconds_of(at), row.sample)
        return bool(channels)


def _all_rules(connection: Connection) -> Sequence[Row[Any]]:
    order = RULES.c.shipped.is_(None), RULES.c.id
    return connection.execute(select(RULES).order_by(*order)).all()


def _missing(rows: Sequence[Row[Any]]) -> list[Rule]:
    kept = {row.shipped for row in rows}
    return [rule for rule in SHIPPED if rule.shipped not in kept]


def _find_rule(connection: Connection, rule_id: int) -> Rule | None:
    wanted = select(RULES).where(RULES.c.id == rule_id, RULES.c.direction != _GONE)
    row = connection.execute(wanted.with_for_update()).one_or_none()
    return _rule(row) if row else None


def _rule(row: Row[Any]) -> Rule:
    return Rule(**{**row._mapping, "shipped": row.shipped or ""})


def _values(rule: Rule) -> dict[str, object]:
    names = (column.name for column in RULES.c if column.name != "id")
    return {name: getattr(rule, name) for name in names} | {"shipped": rule.shipped or None}


def _change(connection: Connection, before: Rule, rule: Rule) -> Rule:
    rule = replace(rule, shipped=before.shipped)
    if before.condition != rule.condition:
        _reset(connection, rule, wording.CHANGED)
    elif before.enabled and not rule.enabled:
        _reset(connection, rule, wording.SWITCHED_OFF)
    connection.execute(update(RULES).where(RULES.c.id == rule.id).values(_values(rule)))
    return rule


def _reset(connection: Connection, rule: Rule, why: str) -> None:
    """Begin anew with a rule, as if it had never been evaluated."""
    connection.execute(delete(RULE_STATES).where(RULE_STATES.c.rule == rule.id))
    mine = ALERTS.c.rule == rule.id, ALERTS.c.state.in_(ACTIVE)
    active = connection.execute(select(ALERTS).where(*mine).with_for_update()).all()
    _resolve(connection, active, datetime.now(UTC), why, tell=rule.tell_when_over)


def _state(connection: Connection, rule_id: int, sample: bool, stream: int) -> Row[Any]:
    place = {"rule": rule_id, "sample": sample, "stream": stream}
    mine = (RULE_STATES.c[name] == value for name, value in place.items())
    wanted = select(RULE_STATES).where(*mine).with_for_update()
    row = connection.execute(wanted).one_or_none()
    if row is None:
        new = {**place, "armed": True, "held": 0, "seen": None}
        connection.execute(insert(RULE_STATES).values(new))
        row = connection.execute(wanted).one()
    return row


def _active(connection: Connection, rule_id: int, sample: bool, stream: int) -> Sequence[Row[Any]]:
    mine = (
        ALERTS.c.rule == rule_id,
        ALERTS.c.sample == sample,
        ALERTS.c.stream == stream,
        ALERTS.c.state.in_(ACTIVE),
    )
    return connection.execute(select(ALERTS).where(*mine).with_for_update()).all()


def _record_finding(connection: Connection, found: Finding, sample: bool) -> datetime | None:
    """Record one finding; return since when it is so if an alert must open."""
    rule, now, basis = found.rule, seconds_of(found.at), seconds_of(found.basis)
    if _find_rule(connection, rule.id) != rule:
        return None
    stream = found.evidence.stream_id
    state = _state(connection, rule.id, sample, stream)
    since = None if state.seen is None else basis - state.seen
    # Another process was faster.
    if since is not None and -CLOCK_S < since < 0:
        return None
    this = update(RULE_STATES).where(RULE_STATES.c.id == state.id)
    active = _active(connection, rule.id, sample, stream)
    if not rule.holds(found.value):
        connection.execute(this.values(armed=True, held=0, seen=basis, since=None))
        _resolve(connection, active, found.at, wording.ENDED, tell=rule.tell_when_over)
        return None
    counts = since is None or since < 0 or since >= found.apart_s
    held = state.held + counts
    begun = seconds_of(found.evidence.since or found.basis) if state.since is None else state.since
    values = {"held": held, "seen": basis if counts else state.seen, "since": begun}
    connection.execute(this.values(values))
    for row in active:
        newest = {"last_at": max(now, row.last_at), "value": found.value}
        connection.execute(update(ALERTS).where(ALERTS.c.id == row.id).values(newest))
    if held < rule.for_periods:
        return None
    # The one that disarms the rule opens the alert.
    disarmed = connection.execute(this.where(RULE_STATES.c.armed).values(armed=False))
    return moment_of(begun) if disarmed.rowcount == 1 else None


def _resolve(
    connection: Connection, rows: Sequence[Row[Any]], at: datetime, why: str, *, tell: bool
) -> None:
    for row in rows:
        end(connection, row, Change(at, RESOLVED, "", why), tell=tell)


def _opened(found: Finding, since: datetime, sample: bool) -> dict[str, object]:
    rule, now, evidence = found.rule, seconds_of(found.at), found.evidence
    return {
        "rule": rule.id,
        "name": rule.name,
        "metric": rule.metric,
        "severity": rule.severity,
        "state": OPEN,
        "opened_at": now,
        "last_at": now,
        "value": found.value,
        "threshold": rule.threshold,
        "what": found.what[:LONGEST_WHAT],
        "history": [[now, OPEN, "", ""]],
        "sample": sample,
        "direction": rule.direction,
        "since": seconds_of(since),
        "stream": evidence.stream_id,
        "stream_name": evidence.stream,
        "period": evidence.period[:LONGEST_PERIOD],
        "check_number": evidence.check,
        "figures": to_rows(evidence.figures),
    }


def _categories() -> tuple[str, ...]:
    return load_manifest().categories

"""What people do with an alert, and who is told that it is over."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config

from afterword.alerts.episodes import MOST_STEPS, Alert, DeliveryRecord
from afterword.alerts.evidence import Evidence, Figure
from afterword.alerts.rules import Rule
from afterword.errors import AlertError
from afterword.store import Store
from afterword.store.alerts import Finding
from afterword.store.engine import MIGRATIONS
from tests.stores import another, bytes_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
YEARS = 2_000_000
"""Minutes after which everything is due that the clock itself dated."""
SLOW = Rule(0, "Slow at the counter", "latency_p95", "above", 2.0, tell_when_over=True)
FIGURE = Figure("Ogling", "share", "47 % (40–54)", 0.47, 0.4, 0.54, 0.33, "above", 0.21)


def find(
    store: Store,
    rule: Rule,
    value: float = 3.0,
    minutes: float = 0,
    *channels: str,
    evidence: Evidence | None = None,
) -> list[Alert]:
    at = NOW + minutes * MINUTE
    finding = Finding(rule, value, at, at, 50, "It is slow.", evidence or Evidence())
    return store.alerts.record_findings([finding], sample=False, channels=channels)


@pytest.fixture
def rule(store: Store) -> Rule:
    return store.alerts.save_rule(SLOW)


@pytest.fixture
def alert(store: Store, rule: Rule) -> Alert:
    [made] = find(store, rule, 3.0, 0, "Mail 1", "Slack 2")
    return made


def kept(store: Store, alert: Alert) -> Alert:
    found = store.alerts.get(alert.id)
    assert found is not None
    return found


def send(store: Store, minutes: float, *, over: bool = False, sent: bool = True) -> list[str]:
    """Send what is due, as a process does that knows both channels; return about what it was."""
    now, told = NOW + minutes * MINUTE, []
    while claim := store.alerts.outbox.claim(["Mail 1", "Slack 2"], due=now, now=now):
        for name in claim.rows:
            store.alerts.outbox.close(
                claim, name, sent=sent, attempts=1, problem="", now=now, over=over
            )
            told.append(f"{claim.about} {name}")
    return told


def about_the_end(alert: Alert) -> list[DeliveryRecord]:
    return [one for one in alert.deliveries if one.about == "over"]


# What it is about


def test_what_an_alert_is_about_is_kept_with_it(store: Store, rule: Rule) -> None:
    since = NOW - timedelta(days=7)
    evidence = Evidence((FIGURE,), since, 12, "web form", "16 to 22 February 2026")
    [made] = find(store, rule, evidence=evidence)
    again = another(store).alerts.get(made.id)
    assert again is not None
    assert again.evidence == evidence
    assert (again.since, again.direction) == (since, "above")


def test_it_is_so_since_the_first_finding_of_a_row_and_not_since_the_last(store: Store) -> None:
    rule = store.alerts.save_rule(replace(SLOW, for_periods=3))
    assert find(store, rule, 1.0, 0) == find(store, rule, 3.0, 1) == find(store, rule, 3.0, 2) == []
    [made] = find(store, rule, 3.0, 3)
    assert (made.since, made.opened_at) == (NOW + MINUTE, NOW + 3 * MINUTE)
    find(store, rule, 1.0, 4)
    for minute in (5, 6):
        find(store, rule, 3.0, minute)
    assert find(store, rule, 3.0, 7)[0].since == NOW + 5 * MINUTE


def test_a_rule_is_judged_for_each_stream_by_itself(store: Store, rule: Rule) -> None:
    form, app = Evidence(stream="web form", stream_id=2), Evidence(stream="app", stream_id=3)
    assert len(find(store, rule, 3.0, 0, evidence=form)) == 1
    assert len(find(store, rule, 3.0, 0, evidence=app)) == 1
    assert find(store, rule, 3.0, 1, evidence=form) == []
    find(store, rule, 1.0, 2, evidence=form)
    assert {one.evidence.stream: one.state for one in store.alerts.alerts()} == {
        "web form": "resolved",
        "app": "open",
    }
    assert store.alerts.open_counts() == {("warning", "app"): 1}
    store.alerts.delete_rule(rule.id)
    assert store.alerts.open_counts() == {}


# Who has it


def test_who_acknowledges_has_it_until_it_is_assigned_to_another(
    store: Store, alert: Alert
) -> None:
    book = store.alerts
    assert alert.assigned_to == ""
    assert book.acknowledge(alert.id, "Ann", "Mine").assigned_to == "Ann"
    made = book.assign(alert.id, "Ben", "Ann", "He knows the form", at=NOW)
    step = made.history[-1]
    assert (made.assigned_to, made.state) == ("Ben", "acknowledged")
    assert (step.at, step.state, step.by, step.why, step.whom) == (
        NOW,
        "assigned",
        "Ann",
        "He knows the form",
        "Ben",
    )
    assert book.assign(alert.id, "", "Ben").assigned_to == ""
    assert another(store).alerts.get(alert.id) == kept(store, alert)


def test_taking_an_alert_leaves_it_open_and_an_acknowledgement_leaves_it_with_whom_has_it(
    store: Store, alert: Alert
) -> None:
    taken = store.alerts.assign(alert.id, "Ann", "Ann")
    assert (taken.state, taken.assigned_to, store.alerts.open_count()) == ("open", "Ann", 1)
    seen = store.alerts.acknowledge(alert.id, "Ben", "Seen on the stairs")
    assert (seen.assigned_to, seen.acknowledged_by) == ("Ann", "Ben")


def test_an_assignment_that_changes_nothing_or_comes_too_late_is_refused(
    store: Store, alert: Alert
) -> None:
    book = store.alerts
    with pytest.raises(AlertError, match=r"^Nobody has this alert"):
        book.assign(alert.id, " ", "Ann")
    book.assign(alert.id, "Ann", "Ann")
    with pytest.raises(AlertError, match=r"^Ann has this alert already\.$"):
        book.assign(alert.id, "Ann ", "Ben")
    for whom, by, says in (("x" * 81, "Ann", "1 to 80"), ("Ben", " ", "Say who")):
        with pytest.raises(AlertError, match=says):
            book.assign(alert.id, whom, by)
    with pytest.raises(AlertError, match="1 to 300"):
        book.assign(alert.id, "Ben", "Ann", "x" * 301)
    book.resolve(alert.id, "Ann", "Done")
    with pytest.raises(AlertError, match="resolved already"):
        book.assign(alert.id, "Ben", "Ann")
    with pytest.raises(AlertError, match="no longer kept"):
        book.assign(10_000, "Ben", "Ann")


# Notes


def test_notes_are_plain_text_with_who_and_when_also_on_what_is_over(
    store: Store, alert: Alert
) -> None:
    store.alerts.note(alert.id, "Ann", "Asked the\r\n\u202e office <b>twice</b>\x00", at=NOW)
    store.alerts.resolve(alert.id, "Ann", "Done")
    made = store.alerts.note(alert.id, "Ben", "It was the export", at=NOW + MINUTE)
    assert made.state == "resolved"
    assert [(step.by, step.why, step.at) for _, step in made.notes] == [
        ("Ann", "Asked the office <b>twice</b>", NOW),
        ("Ben", "It was the export", NOW + MINUTE),
    ]
    assert another(store).alerts.get(alert.id) == made


def test_a_note_that_is_empty_too_long_or_too_much_is_refused(store: Store, alert: Alert) -> None:
    book = store.alerts
    for by, text in (("Ann", " \u202e"), ("Ann", "x" * 501), (" ", "x"), ("x" * 81, "x")):
        with pytest.raises(AlertError, match="in 1 to"):
            book.note(alert.id, by, text)
    for number in range(MOST_STEPS):
        book.note(alert.id, "Ann", f"Call {number}")
    with pytest.raises(AlertError, match="200 notes and assignments"):
        book.note(alert.id, "Ann", "One more")
    assert book.resolve(alert.id, "Ann", "Done").state == "resolved"


def test_a_removed_note_leaves_its_words_nowhere_and_others_in_their_places(
    store: Store, alert: Alert
) -> None:
    for text in ("Zanzibar rang", "Ask again on Monday"):
        store.alerts.note(alert.id, "Ann", text)
    (first, _), (second, _) = alert_notes = kept(store, alert).notes
    assert len(alert_notes) == 2
    made = store.alerts.remove_note(alert.id, first, "Ben")
    assert [(place, step.why) for place, step in made.notes] == [(second, "Ask again on Monday")]
    step = made.history[first]
    assert (step.state, step.by, step.why, step.whom) == ("removed", "Ann", "", "Ben")
    assert "Zanzibar" not in repr(another(store).alerts.get(alert.id))
    for place in (first, 0, -1, 99):
        with pytest.raises(AlertError, match="removed already"):
            store.alerts.remove_note(alert.id, place)
    assert store.alerts.remove_note(alert.id, second).notes == ()


@pytest.mark.sqlite_only("PostgreSQL keeps what was in a row until its next cleaning")
def test_the_words_of_a_removed_note_are_gone_from_the_file(store: Store, alert: Alert) -> None:
    made = store.alerts.note(alert.id, "Ann", "Zanzibar rang")
    assert b"Zanzibar" in bytes_of(store)
    store.alerts.remove_note(alert.id, made.notes[0][0])
    store.close()
    assert b"Zanzibar" not in bytes_of(store)


def test_two_people_at_once_leave_both_their_notes(store: Store, alert: Alert) -> None:
    together = threading.Barrier(2)

    def write(name: str) -> None:
        other = another(store)
        together.wait()
        for number in range(5):
            other.alerts.note(alert.id, name, f"Call {number}")

    threads = [threading.Thread(target=write, args=(name,)) for name in ("Ann", "Ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept(store, alert).notes) == 10


# Its end


def test_who_was_told_of_the_beginning_is_told_of_the_end_once(
    store: Store, rule: Rule, alert: Alert
) -> None:
    assert send(store, 1) == ["opened Mail 1", "opened Slack 2"]
    find(store, rule, 1.0, 2)
    assert send(another(store), 3, over=True) == ["over Mail 1", "over Slack 2"]
    for minute in (4, 5):
        find(store, rule, 1.0, minute)
        assert send(store, 1_000 + minute) == []
    assert [one.state for one in about_the_end(kept(store, alert))] == ["sent", "sent"]


def test_who_was_told_of_nothing_is_not_told_that_it_is_over(store: Store, rule: Rule) -> None:
    [made] = find(store, rule, 3.0, 0, "Mail 1")
    send(store, 1, sent=False)
    find(store, rule, 1.0, 2)
    assert about_the_end(kept(store, made)) == []
    # The message that comes late says itself that it is over.
    assert send(store, 60, over=True) == ["opened Mail 1"]
    assert about_the_end(kept(store, made)) == []


def test_nobody_is_told_of_the_end_unless_the_rule_says_so(store: Store) -> None:
    rule = store.alerts.save_rule(replace(SLOW, tell_when_over=False))
    [made] = find(store, rule, 3.0, 0, "Mail 1")
    send(store, 1)
    find(store, rule, 1.0, 2)
    assert about_the_end(kept(store, made)) == []


def test_an_end_that_comes_while_the_beginning_is_sent_is_told_after_it(
    store: Store, rule: Rule, alert: Alert
) -> None:
    box = store.alerts.outbox
    claim = box.claim(["Mail 1"], due=NOW, now=NOW)
    assert claim is not None
    find(another(store), rule, 1.0, 1)
    assert about_the_end(kept(store, alert)) == []
    box.close(claim, "Mail 1", sent=True, attempts=1, problem="", now=NOW + MINUTE)
    told = about_the_end(kept(store, alert))
    assert [(one.channel, one.state) for one in told] == [("Mail 1", "waiting")]
    # The other channel learns both from one message.
    assert send(store, 2, over=True) == ["opened Slack 2", "over Mail 1"]
    assert send(store, 3, over=True) == []


@pytest.mark.parametrize("end", ["delete", "switch off", "change", "person"])
def test_an_alert_that_is_closed_is_told_of_whatever_closed_it(
    store: Store, rule: Rule, alert: Alert, end: str
) -> None:
    claim = store.alerts.outbox.claim(["Mail 1"], due=NOW, now=NOW)
    assert claim is not None
    store.alerts.outbox.close(claim, "Mail 1", sent=True, attempts=1, problem="", now=NOW)
    if end == "delete":
        store.alerts.delete_rule(rule.id)
    elif end == "person":
        store.alerts.resolve(alert.id, "Ann", "Done")
    else:
        changes = {"enabled": False} if end == "switch off" else {"threshold": 2.5}
        store.alerts.save_rule(replace(rule, **changes))
    made = kept(store, alert)
    assert [(one.channel, one.about, one.state) for one in made.deliveries] == [
        ("Mail 1", "opened", "sent"),
        ("Slack 2", "opened", "failed"),  # withdrawn: whoever read it would look for nothing
        ("Mail 1", "over", "waiting"),
    ]
    assert send(store, YEARS, over=True) == ["over Mail 1"]


def test_an_end_that_could_not_be_told_is_told_later(
    store: Store, rule: Rule, alert: Alert
) -> None:
    send(store, 0)
    find(store, rule, 1.0, 1)
    assert send(store, 2, sent=False) == ["over Mail 1", "over Slack 2"]
    assert send(store, 3) == []
    assert send(store, 60, over=True) == ["over Mail 1", "over Slack 2"]


# Stores of before


def test_alerts_and_rules_of_an_earlier_version_go_on(store: Store, rule: Rule) -> None:
    [made] = find(store, rule, 3.0, 0, "Mail 1")
    store.alerts.acknowledge(made.id, "Ann", "Mine")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
        command.upgrade(config, "head")
    later = another(store)
    again = kept(later, made)
    assert again == replace(
        made,
        state="acknowledged",
        history=again.history,
        direction="",
        evidence=Evidence(),
    )
    assert (again.acknowledged_by, again.since) == ("Ann", NOW)
    old = next(one for one in later.alerts.rules() if one.id == rule.id)
    assert old == replace(rule, tell_when_over=False)
    assert find(later, old, 3.0, 1) == []  # it is open still
    find(later, old, 1.0, 2)
    assert kept(later, made).state == "resolved"
    later.close()

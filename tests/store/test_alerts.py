"""Rules and episodes in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from afterword.alerts.episodes import Alert, DeliveryRecord
from afterword.alerts.rules import METRICS, SHIPPED, Rule, metric_of, plain, validated
from afterword.errors import AlertError
from afterword.store import Store
from afterword.store.alerts import Finding
from afterword.store.outbox import LOST_S, UNKNOWN_S
from tests.stores import another

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SLOW = Rule(0, "Slow at the counter", "latency_p95", "above", 2.0)


def find(store: Store, rule: Rule, value: float = 3.0, at: datetime = NOW) -> list[Alert]:
    return store.alerts.record_findings(
        [Finding(rule, value, at, at, 50, "It is slow.")], sample=False
    )


@pytest.fixture
def alert(store: Store) -> Alert:
    [made] = find(store, store.alerts.save_rule(SLOW))
    return made


def names(store: Store) -> set[str]:
    return {rule.shipped for rule in store.alerts.rules() if rule.shipped}


# Rules


def test_sensible_rules_ship_switched_on(store: Store) -> None:
    rules = store.alerts.rules()
    assert {rule.shipped for rule in rules} == {rule.shipped for rule in SHIPPED}
    assert all(rule.enabled and rule.id for rule in rules)


def test_shipped_rules_are_written_once_though_two_processes_ask(store: Store) -> None:
    assert store.alerts.rules() == another(store).alerts.rules() == store.alerts.rules()


def test_a_shipped_rule_that_was_deleted_stays_deleted_until_it_is_restored(store: Store) -> None:
    gone = store.alerts.rules()[0]
    store.alerts.delete_rule(gone.id)
    assert gone.shipped not in names(store)
    assert gone.shipped not in names(another(store))
    with pytest.raises(AlertError, match="deleted meanwhile"):
        store.alerts.save_rule(gone)
    assert gone in store.alerts.restore_shipped()


def test_restoring_undoes_edits_of_shipped_rules_and_leaves_others(store: Store) -> None:
    mine = store.alerts.save_rule(SLOW)
    shipped = store.alerts.rules()[0]
    store.alerts.save_rule(replace(shipped, name="Mine now", enabled=False))
    assert set(store.alerts.restore_shipped()) >= {mine, shipped}


def test_rules_survive_a_restart(store: Store) -> None:
    saved = store.alerts.save_rule(replace(SLOW, metric="category:Ogling", threshold=0.3))
    assert saved in another(store).alerts.rules()


def test_nobody_can_make_a_rule_pass_for_a_shipped_one(store: Store) -> None:
    assert store.alerts.save_rule(replace(SLOW, shipped="errors")).shipped == ""
    shipped = store.alerts.rules()[0]
    assert store.alerts.save_rule(replace(shipped, shipped="")).shipped == shipped.shipped


def test_a_percentage_that_was_typed_on_the_page_does_not_change_the_condition() -> None:
    rule = validated(replace(SLOW, metric="unsure", threshold=0.07000000000000001))
    assert rule.condition == replace(rule, threshold=0.07).condition


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"metric": "weather"}, "choose one"),
        ({"metric": "category:"}, "choose one"),
        ({"metric": "category:" + "x" * 80}, "choose one"),
        ({"metric": "category:a\nb"}, "choose one"),
        ({"direction": "sideways"}, "above or below"),
        ({"direction": "is"}, "above or below"),
        ({"metric": "verdict_faulty"}, "ask for is"),
        ({"metric": "verdict_faulty", "direction": "is", "threshold": 0.5}, "is 1"),
        ({"threshold": float("nan")}, "ordinary size"),
        ({"threshold": float("inf")}, "ordinary size"),
        ({"threshold": 1e300}, "ordinary size"),
        ({"metric": "error_share", "threshold": 5}, "0.05 is 5 %"),
        ({"window": "1y"}, "1h or 1d or 7d"),
        ({"metric": "outside_range", "threshold": 0.1}, "1d or 7d"),
        ({"for_periods": 0}, "between 1 and 100"),
        ({"for_periods": 101}, "between 1 and 100"),
        ({"for_periods": 1.5}, "between 1 and 100"),
        ({"severity": "panic"}, "info, warning or critical"),
        ({"name": " \n\u202e"}, "name"),
        ({"name": "x" * 121}, "name"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_one_sentence(
    store: Store, wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(AlertError, match=says) as refused:
        store.alerts.save_rule(replace(SLOW, **wrong))  # type: ignore[arg-type]
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)
    assert len(store.alerts.rules()) == len(SHIPPED)


def test_every_metric_and_every_shipped_rule_can_be_put_into_words() -> None:
    for metric in [*METRICS.values(), metric_of("category:{0.__class__}")]:
        for direction in metric.directions:
            window = (metric.windows or ("1d",))[0]
            said = metric.what(2, direction, 1, window) + metric.title(direction, 1)
            assert said[0].isupper()
            assert "{" not in said
    assert all(rule.describe().endswith(".") for rule in SHIPPED)


def test_changing_a_condition_resolves_its_alert_and_begins_anew(store: Store) -> None:
    rule = store.alerts.save_rule(SLOW)
    [alert] = find(store, rule)
    other = store.alerts.save_rule(replace(rule, threshold=2.5))
    kept = store.alerts.get(alert.id)
    assert kept is not None
    assert (kept.state, kept.history[-1].by, kept.history[-1].why) == (
        "resolved",
        "",
        "The rule was changed.",
    )
    assert len(find(store, other, at=NOW + MINUTE)) == 1


def test_changing_a_name_or_a_severity_leaves_the_alert_alone(store: Store) -> None:
    rule = store.alerts.save_rule(SLOW)
    [alert] = find(store, rule)
    other = store.alerts.save_rule(replace(rule, name="Another name", severity="info"))
    assert store.alerts.get(alert.id) == alert
    assert find(store, other, at=NOW + MINUTE) == []


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda book, rule: book.delete_rule(rule.id), "deleted"),
        (lambda book, rule: book.save_rule(replace(rule, enabled=False)), "switched off"),
    ],
)
def test_a_rule_that_is_deleted_or_switched_off_leaves_no_open_alert(
    store: Store, act: Callable[..., object], why: str
) -> None:
    rule = store.alerts.save_rule(SLOW)
    [alert] = find(store, rule)
    act(store.alerts, rule)
    kept = store.alerts.get(alert.id)
    assert kept is not None
    assert kept.state == "resolved"
    assert why in kept.history[-1].why
    assert find(store, rule, at=NOW + MINUTE) == []  # an evaluation that was still under way


def test_a_finding_about_a_rule_that_was_edited_meanwhile_counts_for_nothing(store: Store) -> None:
    rule = store.alerts.save_rule(SLOW)
    store.alerts.save_rule(replace(rule, threshold=9.0))
    assert find(store, rule) == []


# What people do


def test_an_alert_is_acknowledged_and_resolved_with_its_history(store: Store, alert: Alert) -> None:
    store.alerts.acknowledge(alert.id, "Ann", "I look at the disk", at=NOW + MINUTE)
    done = store.alerts.resolve(alert.id, "Bea", "It was the disk", at=NOW + 2 * MINUTE)
    assert [(step.state, step.by, step.why) for step in done.history] == [
        ("open", "", ""),
        ("acknowledged", "Ann", "I look at the disk"),
        ("resolved", "Bea", "It was the disk"),
    ]
    assert (done.acknowledged_by, done.acknowledged_at) == ("Ann", NOW + MINUTE)
    assert done.acknowledged_why == "I look at the disk"
    assert done.resolved_at == NOW + 2 * MINUTE


def test_an_open_alert_can_be_resolved_at_once(store: Store, alert: Alert) -> None:
    assert store.alerts.resolve(alert.id, "Ann", "A test").state == "resolved"
    assert alert.resolved_at is None
    assert alert.acknowledged_by == ""


def test_acting_twice_is_refused_in_one_sentence(store: Store, alert: Alert) -> None:
    store.alerts.acknowledge(alert.id, "Ann", "Mine")
    with pytest.raises(AlertError, match="acknowledged already"):
        store.alerts.acknowledge(alert.id, "Bea", "No, mine")
    store.alerts.resolve(alert.id, "Ann", "Done")
    for act in (store.alerts.acknowledge, store.alerts.resolve):
        with pytest.raises(AlertError, match="resolved already"):
            act(alert.id, "Bea", "Late")
    with pytest.raises(AlertError, match="no longer kept"):
        store.alerts.resolve(10_000, "Ann", "Which?")


@pytest.mark.parametrize(
    ("by", "why"),
    [("", "Mine"), ("Ann", " \x00\u200b"), ("x" * 81, "Mine"), ("Ann", "x" * 301)],
)
def test_who_and_why_must_be_said_and_be_short(
    store: Store, alert: Alert, by: str, why: str
) -> None:
    with pytest.raises(AlertError, match="in 1 to"):
        store.alerts.acknowledge(alert.id, by, why)
    assert store.alerts.get(alert.id) == alert


def test_hostile_names_become_plain_text_on_one_line(store: Store, alert: Alert) -> None:
    hostile = "A\x1b[2Jnn\r\n\u202e<script>\ud800\u2028'); DROP TABLE alerts;--\x00"
    done = store.alerts.acknowledge(alert.id, hostile, hostile)
    assert done.acknowledged_by == "A[2Jnn <script> '); DROP TABLE alerts;--"
    assert done.acknowledged_by == plain(hostile)
    assert store.alerts.get(alert.id) == done


def test_alerts_are_listed_newest_first_by_state_and_apart_from_samples(store: Store) -> None:
    rule = store.alerts.save_rule(SLOW)
    [first] = find(store, rule)
    find(store, rule, 1.0, NOW + MINUTE)
    [second] = find(store, rule, at=NOW + 2 * MINUTE)
    finding = Finding(rule, 3.0, NOW, NOW, 50, "It is slow.")
    [sample] = store.alerts.record_findings([finding], sample=True)
    book = store.alerts
    assert [each.id for each in book.alerts()] == [second.id, first.id]
    assert [each.id for each in book.alerts("active")] == [second.id]
    assert [each.id for each in book.alerts("resolved")] == [first.id]
    assert [each.id for each in book.alerts(limit=1)] == [second.id]
    assert [each.id for each in book.alerts(sample=True)] == [sample.id]
    assert (book.open_count(), book.open_count(sample=True)) == (1, 1)
    book.acknowledge(second.id, "Ann", "Mine")
    assert book.open_count() == 0
    store.remove_samples()
    assert book.get(sample.id) is None


# The outbox


def posted(store: Store, *channels: str, at: datetime = NOW) -> Alert:
    rule = store.alerts.save_rule(SLOW)
    finding = Finding(rule, 3.0, at, at, 50, "It is slow.")
    [made] = store.alerts.record_findings([finding], sample=False, channels=channels)
    return made


def deliveries(store: Store, alert: Alert) -> tuple[DeliveryRecord, ...]:
    kept = store.alerts.get(alert.id)
    assert kept is not None
    return kept.deliveries


def test_an_alert_and_its_messages_are_written_together(store: Store) -> None:
    alert = posted(store, "Mail 1", "Webhook 2")
    assert [(each.channel, each.state) for each in alert.deliveries] == [
        ("Mail 1", "waiting"),
        ("Webhook 2", "waiting"),
    ]
    assert not alert.told


def test_a_message_is_claimed_by_one_process_only(store: Store) -> None:
    posted(store, "Mail 1")
    assert store.alerts.outbox.claim(["Mail 1"], due=NOW, now=NOW) is not None
    assert another(store).alerts.outbox.claim(["Mail 1"], due=NOW, now=NOW) is None


def test_messages_for_channels_that_a_process_does_not_know_are_left_alone(store: Store) -> None:
    posted(store, "Mail 1", "Slack 2")
    claim = store.alerts.outbox.claim(["Slack 2"], due=NOW, now=NOW)
    assert claim is not None
    assert list(claim.rows) == ["Slack 2"]


def test_the_claim_of_a_process_that_died_is_taken_over_after_ten_minutes(store: Store) -> None:
    alert = posted(store, "Mail 1")
    box = store.alerts.outbox
    lost = box.claim(["Mail 1"], due=NOW, now=NOW)
    assert lost is not None
    early, late = (NOW + timedelta(seconds=LOST_S + more) for more in (-1, 0))
    assert box.claim(["Mail 1"], due=early, now=early) is None
    claim = box.claim(["Mail 1"], due=late, now=late)
    assert claim is not None
    # It was not dead after all: what it says comes too late.
    box.close(lost, "Mail 1", sent=False, attempts=3, problem="It failed.", now=late)
    assert deliveries(store, alert)[0].state == "sending"
    box.close(claim, "Mail 1", sent=True, attempts=1, problem="", now=late)
    assert deliveries(store, alert)[0].state == "sent"


def test_a_failed_message_is_due_again_after_growing_waits_until_it_is_given_up(
    store: Store,
) -> None:
    alert = posted(store, "Mail 1")
    box, now, waits = store.alerts.outbox, NOW, []
    while True:
        steps = ((minutes, now + minutes * MINUTE) for minutes in range(61))
        tried = ((minutes, at, box.claim(["Mail 1"], due=at, now=at)) for minutes, at in steps)
        minutes, now, claim = next((each for each in tried if each[2]), (0, now, None))
        if claim is None:
            break
        waits.append(minutes)
        box.close(claim, "Mail 1", sent=False, attempts=3, problem="It failed.", now=now)
    assert waits == [0, 5, 10, 20, 40, 60, 60, 60, 60, 60]
    [given_up] = deliveries(store, alert)
    assert (given_up.state, given_up.attempts, given_up.problem) == ("failed", 30, "It failed.")
    assert box.again(alert.id, now=now) == 1
    assert box.claim(["Mail 1"], due=now, now=now) is not None


def test_what_was_sent_is_never_sent_again(store: Store) -> None:
    alert = posted(store, "Mail 1")
    box = store.alerts.outbox
    claim = box.claim(["Mail 1"], due=NOW, now=NOW)
    assert claim is not None
    box.close(claim, "Mail 1", sent=True, attempts=1, problem="", now=NOW)
    years = NOW + timedelta(days=1_000)
    assert box.claim(["Mail 1"], due=years, now=years) is None
    assert box.again(alert.id) == 0


def test_a_message_for_a_channel_that_is_gone_fails_after_a_day(store: Store) -> None:
    alert = posted(store, "Mail 1", "Slack 2")
    later = NOW + timedelta(seconds=UNKNOWN_S)
    store.alerts.outbox.expire(["Slack 2"], now=later - MINUTE)
    assert {each.state for each in deliveries(store, alert)} == {"waiting"}
    store.alerts.outbox.expire(["Slack 2"], now=later)
    mail, slack = deliveries(store, alert)
    assert (mail.state, slack.state) == ("failed", "waiting")
    assert mail.problem == "Mail 1 is no longer among AFTERWORD_CHANNELS."


def test_an_alert_that_opened_in_silence_is_announced_once(store: Store, alert: Alert) -> None:
    assert store.alerts.announce(alert.id, ["Mail 1"], at=NOW)
    assert not store.alerts.announce(alert.id, ["Mail 1"], at=NOW)
    assert not store.alerts.announce(10_000, ["Mail 1"], at=NOW)
    assert [each.state for each in deliveries(store, alert)] == ["waiting"]


def test_deleting_the_samples_deletes_their_messages(store: Store) -> None:
    rule = store.alerts.save_rule(SLOW)
    finding = Finding(rule, 3.0, NOW, NOW, 50, "It is slow.")
    store.alerts.record_findings([finding], sample=True, channels=["Mail 1"])
    store.remove_samples()
    assert store.alerts.outbox.claim(["Mail 1"], due=NOW, now=NOW) is None
    assert len(store.alerts.record_findings([finding], sample=True)) == 1  # as if it had never been

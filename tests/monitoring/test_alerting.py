"""From a rule to the message that arrives, against a real webhook and a real mail server."""

from __future__ import annotations

import contextlib
import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import insert

from afterword.alerts import channels
from afterword.alerts.channels import Channel
from afterword.alerts.episodes import Alert, DeliveryRecord
from afterword.alerts.rules import ABOVE, IS, Rule
from afterword.errors import AlertError
from afterword.model.reference import probability_column
from afterword.model.registry import version_of
from afterword.monitoring import alerting as module
from afterword.quality.category_shares import CategoryShare
from afterword.settings import ROOT, get_settings
from afterword.store import Store
from afterword.store.outbox import AGAIN_S, LOST_S
from afterword.store.schema import CHECKS
from tests.alerts.test_channels import Post, Webhook, free_port
from tests.stores import another

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUICK = 0.001
ERRORS = Rule(0, "Calls fail", "error_share", ABOVE, 0.05, severity="critical")
CHANGED = Rule(0, "Changed", "verdict_changed", IS, 1.0, "1d")


@pytest.fixture
def webhook() -> Iterator[Callable[..., Webhook]]:
    made: list[Webhook] = []

    def make(*statuses: int) -> Webhook:
        made.append(Webhook(*statuses))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def post() -> Iterator[tuple[Post, str]]:
    """A mailbox, and the address of its server."""
    box = Post()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    yield box, f"mailto://127.0.0.1:{server.port}/duty@example.org?from=afterword@example.org"
    server.stop()


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Put channels into the settings; there are none before."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("AFTERWORD_PUBLIC_URL", "https://afterword.example.org/")

    def configure(*urls: str) -> None:
        monkeypatch.setenv("AFTERWORD_CHANNELS", json.dumps(urls))
        get_settings.cache_clear()

    configure()
    yield configure
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture(autouse=True)
def _no_channels(configured: Callable[..., None]) -> None: ...


def only(store: Store, *rules: Rule) -> list[Rule]:
    """Leave no other rules in a store."""
    for rule in store.alerts.rules():
        store.alerts.delete_rule(rule.id)
    return [store.alerts.save_rule(rule) for rule in rules]


def evaluate(
    store: Store,
    values: Mapping[str, float] | float,
    minutes: float = 0,
    **options: bool,
) -> list[Alert]:
    """Evaluate with given values, so many minutes after nine."""
    known = values if isinstance(values, Mapping) else {}
    otherwise = math.nan if isinstance(values, Mapping) else values
    return module.evaluate(
        store,
        NOW + minutes * MINUTE,
        value=lambda name, _window: known.get(name, otherwise),
        **options,
    )


def states(store: Store) -> list[str]:
    """Of all alerts, oldest first."""
    return [alert.state for alert in reversed(store.alerts.alerts())]


def delivered(store: Store) -> list[tuple[str, str, int]]:
    return [
        (each.channel, each.state, each.attempts)
        for alert in reversed(store.alerts.alerts())
        for each in alert.deliveries
    ]


def check(
    store: Store, level: str, minutes: float = 0, headline: str = "It changed.", **options: object
) -> None:
    """Keep a check in the store."""
    values = {
        "at": int((NOW + minutes * MINUTE).timestamp()),
        "source": "schedule",
        "model": "m",
        "level": level,
        "rows": 500,
        "accepted": 500,
        "content": {"headline": headline, "alarm": level != "stable", "alpha": 0.05},
        "columns": {},
    } | options
    with store.begin() as connection:
        connection.execute(insert(CHECKS).values(**values))


# Episodes


def test_a_condition_opens_one_alert_however_often_it_is_evaluated(store: Store) -> None:
    only(store, ERRORS)
    [alert] = evaluate(store, 0.0618)
    assert alert.what == "Error share: 6.2 % over the last hour, above 5 %."
    assert (alert.state, alert.severity, alert.opened_at) == ("open", "critical", NOW)
    assert evaluate(store, 0.2, 1) == evaluate(store, 0.1, 2) == []
    [kept] = store.alerts.alerts()
    assert (kept.value, kept.last_at) == (0.1, NOW + 2 * MINUTE)


def test_the_threshold_itself_is_no_alarm(store: Store) -> None:
    only(store, ERRORS)
    assert evaluate(store, 0.05) == []


def test_a_condition_that_ends_resolves_its_alert_by_itself(store: Store) -> None:
    only(store, ERRORS)
    evaluate(store, 0.2)
    evaluate(store, 0.01, 1)
    [alert] = store.alerts.alerts()
    assert (alert.state, alert.history[-1].by, alert.history[-1].why) == (
        "resolved",
        "",
        "The condition ended.",
    )
    assert alert.resolved_at == NOW + MINUTE


def test_a_condition_that_comes_back_is_a_new_episode(store: Store) -> None:
    only(store, ERRORS)
    for minute, value in enumerate([0.2, 0.01, 0.2, 0.2]):
        evaluate(store, value, minute)
    assert states(store) == ["resolved", "open"]


def test_an_acknowledged_alert_stays_so_until_its_condition_ends(store: Store) -> None:
    only(store, ERRORS)
    [alert] = evaluate(store, 0.2)
    store.alerts.acknowledge(alert.id, "Ann", "Mine")
    assert evaluate(store, 0.2, 1) == []
    assert states(store) == ["acknowledged"]
    evaluate(store, 0.01, 2)
    assert states(store) == ["resolved"]
    assert [step.state for step in store.alerts.alerts()[0].history] == [
        "open",
        "acknowledged",
        "resolved",
    ]


def test_who_resolves_while_the_condition_holds_has_peace_until_it_was_false_once(
    store: Store,
) -> None:
    only(store, ERRORS)
    [alert] = evaluate(store, 0.2)
    store.alerts.resolve(alert.id, "Ann", "Known, and mended tomorrow")
    assert evaluate(store, 0.2, 1) == evaluate(store, 0.3, 2) == evaluate(store, math.nan, 3) == []
    assert states(store) == ["resolved"]
    assert evaluate(store, 0.01, 4) == []
    assert len(evaluate(store, 0.2, 5)) == 1


@pytest.mark.parametrize("unknown", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_known_opens_nothing_and_resolves_nothing(
    store: Store, unknown: float
) -> None:
    only(store, ERRORS)
    assert evaluate(store, unknown) == []
    evaluate(store, 0.2, 1)
    evaluate(store, unknown, 2)
    assert states(store) == ["open"]


def test_a_condition_must_hold_as_often_in_a_row_as_the_rule_says(store: Store) -> None:
    only(store, replace(ERRORS, for_periods=3))
    seen = [0.2, 0.2, 0.01, 0.2, 0.2, 0.2]
    found = [len(evaluate(store, value, minute)) for minute, value in enumerate(seen)]
    assert found == [0, 0, 0, 0, 0, 1]


def test_a_value_that_is_not_known_does_not_count_and_does_not_begin_anew(store: Store) -> None:
    only(store, replace(ERRORS, for_periods=2))
    seen = [0.2, math.nan, 0.2]
    assert [len(evaluate(store, value, minute)) for minute, value in enumerate(seen)] == [0, 0, 1]


def test_evaluations_within_a_minute_count_once(store: Store) -> None:
    only(store, replace(ERRORS, for_periods=2))
    assert [len(evaluate(store, 0.2, minutes)) for minutes in (0, 0, 0.5, 1)] == [0, 0, 0, 1]


def test_two_processes_that_take_turns_count_minutes_and_not_evaluations(store: Store) -> None:
    only(store, replace(ERRORS, for_periods=5))
    turns = [minute + offset for minute in range(6) for offset in (0, 0.4)]
    opened_at = [minutes for minutes in turns if evaluate(store, 0.2, minutes)]
    assert opened_at == [4]


def test_an_evaluation_that_comes_late_changes_nothing(store: Store) -> None:
    only(store, ERRORS)
    evaluate(store, 0.2, 5)
    evaluate(store, 0.01, 4)
    assert states(store) == ["open"]


def test_a_clock_that_was_wrong_by_years_does_not_stop_a_rule(store: Store) -> None:
    only(store, ERRORS)
    evaluate(store, 0.01, 5_000_000)
    assert len(evaluate(store, 0.2, 0)) == 1


def test_a_rule_below_a_threshold_opens_where_too_little_happens(store: Store) -> None:
    only(store, Rule(0, "Silence", "requests", "below", 1.0, "1d"))
    [alert] = evaluate(store, 0.0)
    assert alert.what == "Calls: 0 calls over the last day, below 1 call."


def test_a_rule_that_is_switched_off_is_not_evaluated(store: Store) -> None:
    only(store, replace(ERRORS, enabled=False))
    assert evaluate(store, 0.2) == []


def test_a_metric_that_fails_does_not_silence_the_others(store: Store) -> None:
    def value(name: str, _window: str) -> float:
        if name == "cpu":
            raise ZeroDivisionError
        return 0.2

    only(store, Rule(0, "Busy", "cpu", ABOVE, 0.9), ERRORS)
    with pytest.raises(ZeroDivisionError):
        module.evaluate(store, NOW, value=value)
    assert states(store) == ["open"]


# Verdicts


def test_a_verdict_opens_an_alert_in_the_words_of_the_check(store: Store) -> None:
    only(store, CHANGED)
    check(store, "changed", headline="The reports changed.")
    [alert] = evaluate(store, 1.0)
    assert alert.what == "The reports changed."


def test_two_evaluations_after_one_check_count_once(store: Store) -> None:
    only(store, replace(CHANGED, for_periods=2))
    check(store, "changed")
    assert evaluate(store, 1.0) == evaluate(store, 1.0, 60) == evaluate(store, 1.0, 600) == []
    check(store, "changed", 700)
    assert len(evaluate(store, 1.0, 701)) == 1


def test_a_check_with_too_few_rows_neither_opens_nor_resolves(store: Store) -> None:
    only(store, CHANGED)
    assert evaluate(store, 1.0) == []  # nothing was checked at all
    check(store, "changed")
    evaluate(store, 1.0)
    check(store, "too_few", 10)
    evaluate(store, 0.0, 10)
    assert states(store) == ["open"]
    check(store, "stable", 20)
    evaluate(store, 0.0, 20)
    assert states(store) == ["resolved"]


def test_neither_a_trial_nor_a_check_of_another_model_opens_or_resolves(store: Store) -> None:
    def evaluated(minutes: float) -> list[Alert]:
        return module.evaluate(store, NOW + minutes * MINUTE)

    only(store, CHANGED)
    uncounted: tuple[dict[str, Any], ...] = (
        {"trial": True, "model": version_of()},
        {"model": "0123456789ab"},
    )
    for options in uncounted:
        check(store, "changed", 1, **options)
        assert evaluated(1) == []
    check(store, "changed", 2, model=version_of())
    assert len(evaluated(2)) == 1
    for minutes, options in enumerate(uncounted, 3):
        check(store, "stable", minutes, **options)
        assert evaluated(minutes) == []
        assert states(store) == ["open"]
    check(store, "stable", 5, model=version_of())
    evaluated(5)
    assert states(store) == ["resolved"]


def test_the_shipped_rules_are_quiet_where_nothing_is_wrong_and_speak_where_it_is(
    store: Store,
) -> None:
    fine = {"error_share": 0.0, "latency_p95": 0.02, "chart_crossed": 0.0, "days_since_check": 7.0}
    check(store, "stable")
    verdicts = {"verdict_changed": 0.0, "verdict_faulty": 0.0}
    assert evaluate(store, fine | verdicts) == []
    assert evaluate(store, {}, 1) == []
    wrong = {"error_share": 0.06, "latency_p95": 1.2, "chart_crossed": 1.0, "days_since_check": 9.0}
    check(store, "faulty", 2)
    verdicts = {"verdict_changed": 0.0, "verdict_faulty": 1.0}
    found = [evaluate(store, wrong | verdicts, minute) for minute in range(2, 7)]
    assert [sorted(alert.metric for alert in each) for each in found] == [
        ["chart_crossed", "days_since_check", "error_share", "verdict_faulty"],
        [],
        [],
        [],
        ["latency_p95"],
    ]


# Messages


def test_one_message_an_episode_arrives_by_mail_and_webhook(
    store: Store,
    configured: Callable[..., None],
    webhook: Callable[..., Webhook],
    post: tuple[Post, str],
) -> None:
    hook, (box, mail) = webhook(), post
    configured(mail, f"json://{hook.place}/")
    only(store, replace(ERRORS, name="<b>mine</b>"))
    for minute in range(4):
        evaluate(store, 0.0618, minute)
        module.deliver(store, first_wait_s=QUICK)
    [note], [letter] = hook.got, box.got
    assert note["title"] == letter["Subject"] == "Afterword: error share above 5 %"
    assert note["type"] == "failure"
    assert note["message"].splitlines() == [
        "Error share: 6.2 % over the last hour, above 5 %.",
        "",
        "Severity: critical. Since: 2 March 2026, 09:00 UTC.",
        "https://afterword.example.org/monitoring",
    ]
    assert letter.get_content().split() == note["message"].split()
    assert delivered(store) == [("Mail 1", "sent", 1), ("Webhook 2", "sent", 1)]
    assert store.alerts.alerts()[0].told
    evaluate(store, 0.0, 5)
    evaluate(store, 0.2, 6)
    module.deliver(store, first_wait_s=QUICK)
    assert len(hook.got) == len(box.got) == 2


def test_who_was_told_is_told_of_the_end_once_also_after_a_restart(
    store: Store,
    configured: Callable[..., None],
    webhook: Callable[..., Webhook],
    post: tuple[Post, str],
) -> None:
    hook, (box, mail) = webhook(), post
    configured(mail, f"json://{hook.place}/?:team=duty")
    only(store, replace(ERRORS, tell_when_over=True))
    evaluate(store, 0.0618)
    module.deliver(store, first_wait_s=QUICK)
    store.close()  # the process ends here, and another one begins
    later = another(store)
    for minute in (30, 31, 32):
        evaluate(later, 0.01, minute)
        module.deliver(later, first_wait_s=QUICK)
    (begun, ended), letters = hook.got, box.got
    assert [one["Subject"] for one in letters] == [begun["title"], ended["title"]]
    assert ended["title"] == "Afterword: over: error share above 5 %"
    assert (begun["type"], ended["type"]) == ("failure", "success")
    assert ended["message"].splitlines() == [
        "It is over: the condition does not hold any more.",
        "It was: Error share: 6.2 % over the last hour, above 5 %.",
        "",
        "Severity: critical. From 2 March 2026, 09:00 UTC to 2 March 2026, 09:30 UTC.",
        "https://afterword.example.org/monitoring",
    ]
    assert letters[1].get_content().split() == ended["message"].split()
    told = [(one["alert"]["about"], one["alert"]["state"]) for one in hook.got]
    assert told == [("opened", "open"), ("over", "resolved")]
    assert (ended["alert"]["value"], ended["alert"]["limit"]) == (0.0618, 0.05)
    assert ended["team"] == "duty"


def test_a_message_that_says_both_is_followed_by_no_other(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook(500, 500, 500)
    configured(f"json://{hook.place}/")
    only(store, replace(ERRORS, tell_when_over=True))
    evaluate(store, 0.2)
    module.deliver(store, now=NOW, first_wait_s=QUICK)
    evaluate(store, 0.01, 3)
    for minutes in (10, 20, 200):
        module.deliver(store, now=NOW + minutes * MINUTE, first_wait_s=QUICK)
    assert len(hook.got) == 4
    assert "It was over at 2 March 2026, 09:03 UTC." in hook.got[-1]["message"]


def test_an_end_while_the_beginning_is_on_its_way_is_told_after_it(
    store: Store,
    configured: Callable[..., None],
    webhook: Callable[..., Webhook],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, replace(ERRORS, tell_when_over=True))
    evaluate(store, 0.2)
    send = channels.send

    def slowly(*args: Any, **options: Any) -> Any:
        with monkeypatch.context() as patch:
            patch.setattr("afterword.alerts.channels.send", send)
            done = send(*args, **options)
        if len(hook.got) == 1:
            evaluate(another(store), 0.01, 1)
        return done

    monkeypatch.setattr("afterword.alerts.channels.send", slowly)
    for _ in range(3):
        module.deliver(store, first_wait_s=QUICK)
    assert [one["alert"]["about"] for one in hook.got] == ["opened", "over"]


def test_many_processes_at_once_tell_of_one_end_once(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, replace(ERRORS, tell_when_over=True))
    evaluate(store, 0.2)
    module.deliver(store, first_wait_s=QUICK)
    stores = [another(store) for _ in range(6)]
    together = threading.Barrier(len(stores))

    def work(store: Store) -> None:
        together.wait()
        evaluate(store, 0.01, 1)
        together.wait()
        module.deliver(store, first_wait_s=QUICK)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one["alert"]["about"] for one in hook.got] == ["opened", "over"]


def test_a_rule_that_is_deleted_while_its_alert_is_open_is_told_to_whom_was_told(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    [rule] = only(store, replace(ERRORS, tell_when_over=True))
    evaluate(store, 0.2)
    module.deliver(store, first_wait_s=QUICK)
    store.alerts.delete_rule(rule.id)
    module.deliver(store, first_wait_s=QUICK)
    assert len(hook.got) == 2
    assert hook.got[1]["message"].startswith(
        "The alert is closed, and its condition may still hold: the rule was deleted."
    )


def test_an_alert_on_a_check_tells_its_figure_its_days_and_where_it_is(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, CHANGED)
    share = CategoryShare("Ogling", 214, 0.47, 0.4, 0.54, 0.21, 0.4, 0.2)
    moved = {"kind": "mean", "reference": 0.2, "batch": 0.4, "distance": 0.4, "threshold": 0.2}
    names = {"measure": probability_column("Ogling"), "label": "Ogling", "group": "output"}
    kind = {"unit": "", "floor": 0.1, "drifted": True, "direction": "higher", "column": True}
    measure: dict[str, Any] = {**names, **moved, **kind, "fault": False, "detail": ""}
    content = {
        "headline": "It changed.",
        "period": ["2026-02-16T00:00:00", "2026-02-22T20:00:00"],
        "shares": [share.to_dict()],
        "measures": [measure],
    }
    check(store, "changed", content=content, id=12)
    evaluate(store, 1.0, 3)
    module.deliver(store, first_wait_s=QUICK)
    [note] = hook.got
    assert note["message"].splitlines() == [
        "It changed.",
        "Ogling: 47 % (40–54) · above the limit of about 34 % · training 21 %",
        "",
        "Data of 16 to 22 February 2026.",
        "Severity: warning. Since: 16 February 2026. The alert opened at 2 March 2026, 09:03 UTC.",
        "The check: https://afterword.example.org/drift?check=12",
        "https://afterword.example.org/monitoring",
    ]
    assert note["alert"]["check"] == 12


def test_that_nothing_was_checked_is_so_since_the_last_check(store: Store) -> None:
    only(store, Rule(0, "Nothing was checked", "days_since_check", ABOVE, 8.0, "7d"))
    check(store, "stable", -20_000)
    [alert] = evaluate(store, 13.9)
    assert alert.since == NOW - 20_000 * MINUTE
    assert alert.evidence.check == store.checks.list()[0].id


def test_nothing_that_a_person_typed_is_in_a_message(store: Store) -> None:
    only(store, replace(ERRORS, name="Zanzibar"))
    [alert] = evaluate(store, 0.2)
    alert = store.alerts.acknowledge(alert.id, "Zanzibar", "Zanzibar")
    assert "Zanzibar" not in repr(module.alert_message(alert))


def test_without_channels_an_alert_shows_that_nobody_was_told(store: Store) -> None:
    only(store, ERRORS)
    [alert] = evaluate(store, 0.2)
    assert alert.deliveries == ()
    assert not alert.told
    assert module.deliver(store) == []


def test_an_alert_opens_although_the_settings_name_no_channel_that_works(
    store: Store, configured: Callable[..., None]
) -> None:
    configured("json://localhost", "nonsense://secret")
    only(store, ERRORS)
    [alert] = evaluate(store, 0.2)
    [record] = alert.deliveries
    assert (record.channel, record.state) == ("Settings", "failed")
    assert "Entry 2 of AFTERWORD_CHANNELS" in record.problem
    assert "secret" not in record.problem
    configured("json://localhost")
    assert module.deliver(store) == []


def test_a_failure_is_visible_and_a_later_retry_delivers(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook(500, 500, 500)
    configured(f"json://{hook.place}/")
    only(store, ERRORS)
    evaluate(store, 0.2)
    assert [each.delivered for each in module.deliver(store, now=NOW, first_wait_s=QUICK)] == [
        False
    ]
    [failed] = store.alerts.alerts()[0].deliveries
    assert isinstance(failed, DeliveryRecord)
    assert (failed.channel, failed.state, failed.attempts) == ("Webhook 1", "failed", 3)
    assert "HTTP status 500" in failed.problem
    assert module.deliver(store, now=NOW + MINUTE, first_wait_s=QUICK) == []
    later = NOW + timedelta(seconds=AGAIN_S)
    assert [each.delivered for each in module.deliver(store, now=later, first_wait_s=QUICK)] == [
        True
    ]
    assert delivered(store) == [("Webhook 1", "sent", 4)]
    assert len(hook.got) == 4


def test_one_channel_that_fails_holds_up_no_other(
    store: Store,
    configured: Callable[..., None],
    webhook: Callable[..., Webhook],
    post: tuple[Post, str],
) -> None:
    box, mail = post
    configured(f"json://{webhook(500, 500, 500).place}/", mail)
    only(store, ERRORS)
    evaluate(store, 0.2)
    module.deliver(store, now=NOW, first_wait_s=QUICK)
    assert delivered(store) == [("Webhook 1", "failed", 3), ("Mail 2", "sent", 1)]
    module.deliver(store, now=NOW + timedelta(hours=1), first_wait_s=QUICK)
    assert delivered(store) == [("Webhook 1", "sent", 4), ("Mail 2", "sent", 1)]
    assert len(box.got) == 1


def test_a_message_that_comes_late_says_that_it_is_over(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, ERRORS)
    evaluate(store, 0.2)
    evaluate(store, 0.01, 30)
    module.deliver(store, first_wait_s=QUICK)
    assert "It was over at 2 March 2026, 09:30 UTC." in hook.got[0]["message"]


def test_a_crash_between_opening_and_sending_loses_no_message(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, ERRORS)
    evaluate(store, 0.2)
    store.close()  # the process ends here, and another one begins
    module.deliver(another(store), first_wait_s=QUICK)
    assert len(hook.got) == 1


def test_a_crash_while_sending_loses_no_message(
    store: Store,
    configured: Callable[..., None],
    webhook: Callable[..., Webhook],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, ERRORS)
    evaluate(store, 0.2)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("afterword.alerts.channels.send", die)
        with pytest.raises(KeyboardInterrupt):
            module.deliver(store, now=NOW)
    assert module.deliver(store, now=NOW + MINUTE) == []  # it may be sending still
    later = NOW + timedelta(seconds=LOST_S)
    assert len(module.deliver(store, now=later, first_wait_s=QUICK)) == 1
    assert len(hook.got) == 1


def test_a_crash_while_an_alert_opens_leaves_nothing_of_it(
    store: Store, configured: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    only(store, ERRORS)
    with monkeypatch.context() as patch:
        patch.setattr(store.alerts.outbox, "post", die)
        with pytest.raises(KeyboardInterrupt):
            evaluate(store, 0.2)
    assert store.alerts.alerts() == ()
    assert len(evaluate(store, 0.2, 1)) == 1


def test_many_processes_at_once_open_one_alert_and_send_one_message(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, ERRORS)
    stores = [another(store) for _ in range(6)]
    together = threading.Barrier(len(stores))
    found: list[Alert] = []

    def work(store: Store) -> None:
        together.wait()
        found.extend(evaluate(store, 0.2))
        together.wait()
        module.deliver(store, first_wait_s=QUICK)

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert states(stores[0]) == ["open"]
    assert len(hook.got) == 1


def test_a_person_and_an_evaluation_at_once_leave_one_history(store: Store) -> None:
    only(store, ERRORS)
    [alert] = evaluate(store, 0.2)
    together = threading.Barrier(2)

    def end() -> None:
        other = another(store)
        together.wait()
        evaluate(other, 0.01, 1)

    thread = threading.Thread(target=end)
    thread.start()
    together.wait()
    with contextlib.suppress(AlertError):
        store.alerts.resolve(alert.id, "Ann", "Done", at=NOW + MINUTE)
    thread.join()
    kept = store.alerts.get(alert.id)
    assert kept is not None
    assert [step.state for step in kept.history] == ["open", "resolved"]


def test_the_test_button_reaches_every_channel_once_and_tells_what_failed(
    configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    good, bad = webhook(), webhook(503, 503)
    configured(f"json://{good.place}/", f"json://{bad.place}/")
    first, second = module.test_channels()
    assert (first.channel, first.delivered, len(good.got)) == ("Webhook 1", True, 1)
    assert (second.delivered, second.attempts, len(bad.got)) == (False, 1, 1)
    assert "503" in second.problem


def test_channels_can_be_given_in_place_of_those_of_the_settings(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, ERRORS)
    evaluate(store, 0.2)
    given = [Channel("Webhook 1", f"json://{hook.place}/given")]
    module.deliver(store, given, first_wait_s=QUICK)
    assert hook.paths == ["/given"]


def test_the_documents_name_every_shipped_rule_with_its_severity() -> None:
    page = (ROOT / "docs" / "alerts.md").read_text("utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]
    told = {row[0].removeprefix("| "): row[2] for row in rows if len(row) == 4}
    assert {rule.name: rule.severity for rule in module.SHIPPED}.items() <= told.items()


# Samples


def test_alerts_of_samples_are_kept_apart_and_say_so(
    store: Store, configured: Callable[..., None], webhook: Callable[..., Webhook]
) -> None:
    hook = webhook()
    configured(f"json://{hook.place}/")
    only(store, ERRORS)
    evaluate(store, 0.2, -20_000, sample=True, notify=False)
    evaluate(store, 0.01, -10_000, sample=True, notify=False)
    evaluate(store, 0.2, sample=True, notify=False)
    assert store.alerts.alerts() == ()
    open_one, past = store.alerts.alerts(sample=True)
    assert (open_one.state, past.state, past.sample) == ("open", "resolved", True)
    assert module.deliver(store) == []
    assert module.announce(store, open_one)
    assert not module.announce(store, open_one)
    module.deliver(store, first_wait_s=QUICK)
    [note] = hook.got
    assert note["title"] == "Afterword: error share above 5 % (sample)"
    assert "sample weeks, not about real descriptions" in note["message"]
    assert len(evaluate(store, 0.2)) == 1  # the real one is not held back by the sample


def test_announcing_without_channels_leaves_the_alert_to_be_announced(
    store: Store, configured: Callable[..., None]
) -> None:
    only(store, ERRORS)
    [alert] = evaluate(store, 0.2)
    assert not module.announce(store, alert)
    configured("json://127.0.0.1:9/")
    assert module.announce(store, alert)


def test_values_come_from_monitoring_unless_given(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def metric(_store: Store, name: str, window: str, *, now: datetime, sample: bool) -> float:
        asked.append((name, window, now, sample))
        return 0.2

    monkeypatch.setattr("afterword.monitoring.metrics.metric_value", metric)
    only(store, ERRORS)
    assert len(module.evaluate(store, now=NOW, sample=True)) == 1
    assert asked == [("error_share", "1h", NOW, True)]

"""Alerts: rules over metrics and verdicts, evaluated; and messages about them, sent.

An evaluation opens one alert per episode and puts one message per channel in the outbox; sending
is another step, so that neither a slow mail server nor a crash loses anything.

::

    alerts.evaluate(store)     # every minute, and after every check
    alerts.deliver(store)      # after it
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from afterword.alerts import channels as outlets
from afterword.alerts.channels import Channel, Delivery, Message
from afterword.alerts.episodes import RESOLVED, Alert, Change, DeliveryRecord
from afterword.alerts.evidence import Evidence
from afterword.alerts.rules import METRICS, SHIPPED, Metric, Rule, metric_of
from afterword.drift.wording import TOO_FEW
from afterword.errors import SettingsError
from afterword.monitoring import alert_evidence, wording
from afterword.monitoring.alert_messages import alert_message
from afterword.settings import get_settings

if TYPE_CHECKING:
    from afterword.monitoring.windows import Watched
    from afterword.store import Store
    from afterword.store.checks import KeptCheck

__all__ = [
    "METRICS",
    "SHIPPED",
    "Alert",
    "Change",
    "DeliveryRecord",
    "Metric",
    "Rule",
    "alert_message",
    "announce",
    "channels_in_service",
    "deliver",
    "evaluate",
    "metric_of",
    "test_channels",
]

APART_S: Final = 50
"""Seconds between evaluations that count as two: "5 times in a row" means five minutes, also where
two processes evaluate every minute. A little less than a minute, because clocks are not exact."""

Value = Callable[[str, str], float]


def evaluate(
    store: Store,
    now: datetime | None = None,
    *,
    sample: bool = False,
    notify: bool = True,
    value: Value | None = None,
) -> list[Alert]:
    """Evaluate every rule that is switched on.

    A condition that holds often enough in a row opens an alert, once until it was seen to be over.
    One that does not hold resolves its alert. A value that is not known does neither.

    Parameters
    ----------
    store : that holds rules, checks and events.
    now : time of the evaluation; the present if None.
    sample : whether over the loaded samples.
    notify : whether alerts that open go to the outbox; :func:`announce` can do so later.
    value : metric, window → its value; :func:`afterword.monitoring.metrics.metric_value` if None.

    Returns
    -------
    The alerts that this evaluation opened.

    Raises
    ------
    StoreError
        The store cannot be read or written.
    Exception
        A metric could not be computed; all other rules are evaluated first.
    """
    from afterword.store.alerts import Finding

    now = now or datetime.now(UTC)
    value = value or _monitored(store, now, sample)
    last = store.checks.last(sample=sample)
    problem: Exception | None = None
    findings = []
    for rule in store.alerts.rules():
        verdict = metric_of(rule.metric).kind == "verdict"
        if not rule.enabled or (verdict and (last is None or last.level == TOO_FEW)):
            continue
        try:
            found = float(value(rule.metric, rule.window))
            evidence = _evidence(rule, found, last, partial(_charts, store, rule, now, sample))
        except Exception as error:  # one metric that fails must not silence the others
            problem = problem or error
            continue
        if not math.isfinite(found):
            continue
        if verdict and last is not None:
            findings.append(Finding(rule, found, now, last.at, 1, last.headline, evidence))
        else:
            findings.append(Finding(rule, found, now, now, APART_S, rule.what(found), evidence))
    names, trouble = _names() if notify else ((), "")
    opened = store.alerts.record_findings(findings, sample=sample, channels=names, problem=trouble)
    if problem is not None:
        raise problem
    return opened


def announce(store: Store, alert: Alert, now: datetime | None = None) -> bool:
    """Put an alert in the outbox that opened with ``notify=False``.

    Returns
    -------
    False if it was announced before, is no longer kept, or no channel is in the settings.
    """
    names, _ = _names()
    return bool(names) and store.alerts.announce(alert.id, names, at=now or datetime.now(UTC))


def deliver(
    store: Store,
    channels: Sequence[Channel] | None = None,
    *,
    now: datetime | None = None,
    first_wait_s: float = 1.0,
) -> list[Delivery]:
    """Send what is in the outbox, and what failed earlier and is due again.

    It takes up to 50 seconds an alert where a service hangs: call it from a thread of its own.

    Parameters
    ----------
    store : that holds the outbox.
    channels : to send on; those of the settings if None.
    now : the present; for tests.
    first_wait_s : see :meth:`afterword.alerts.channels.Channel.send`.

    Returns
    -------
    What became of each message; the store has it too.

    Raises
    ------
    SettingsError
        The settings name a channel that cannot be used.
    StoreError
        The store cannot be read or written. What was sent then may be sent once more.
    """
    by_name = {each.name: each for each in channels_in_service() if channels is None} | {
        each.name: each for each in channels or ()
    }
    outbox = store.alerts.outbox
    started = _clock(now)
    outbox.expire(by_name, now=started)
    done: list[Delivery] = []
    while claim := outbox.claim(by_name, due=started, now=_clock(now)):
        alert = store.alerts.get(claim.alert)
        if alert is None:
            outbox.drop(claim)
            continue
        to = [by_name[name] for name in claim.rows]
        message = alert_message(alert, claim.about)
        for each in outlets.send(message, to, first_wait_s=first_wait_s):
            outbox.close(
                claim,
                each.channel,
                sent=each.delivered,
                attempts=each.attempts,
                problem=each.problem,
                now=_clock(now),
                over=alert.state == RESOLVED,
            )
            done.append(each)
    return done


def channels_in_service() -> tuple[Channel, ...]:
    """The channels that the settings name.

    Raises
    ------
    SettingsError
        One of them cannot be used; the message says which, by its place.
    """
    return _channels(get_settings().channels)


def test_channels() -> list[Delivery]:
    """Send a test message on every channel, once each: for the button.

    Raises
    ------
    SettingsError
        As :func:`channels_in_service`.
    """
    test = Message("Afterword: a test", f"{wording.TESTED}\n{get_settings().public_url}", "info")
    return outlets.send(test, channels_in_service(), attempts=1)


test_channels.__test__ = False  # type: ignore[attr-defined]  # pytest must not press the button


@lru_cache(maxsize=1)
def _channels(urls: tuple[SecretStr, ...]) -> tuple[Channel, ...]:
    return outlets.channels([url.get_secret_value() for url in urls])


def _names() -> tuple[tuple[str, ...], str]:
    """Names of the channels, and why there are none if the settings are wrong."""
    try:
        return tuple(each.name for each in channels_in_service()), ""
    except SettingsError as error:
        return (), str(error)


def _evidence(
    rule: Rule, value: float, last: KeptCheck | None, charts: Callable[[], Sequence[Watched]]
) -> Evidence:
    """What a finding rests on, if its condition holds; of one that does not, nobody is told."""
    if not (math.isfinite(value) and rule.holds(value)):
        return Evidence()
    kind = metric_of(rule.metric).kind
    if kind == "charts":
        return alert_evidence.of_charts(charts())
    if last is not None and kind == "verdict":
        return alert_evidence.of_check(last)
    found = alert_evidence.of_number(rule, value)
    if last is not None and kind == "checks":
        return replace(found, since=last.at, check=last.id)
    return found


def _charts(store: Store, rule: Rule, now: datetime, sample: bool) -> Sequence[Watched]:
    from afterword.monitoring.metrics import charts_beyond

    return charts_beyond(store, rule.window, now=now, sample=sample)


def _monitored(store: Store, now: datetime, sample: bool) -> Value:
    from afterword.monitoring.metrics import metric_value

    return partial(metric_value, store, now=now, sample=sample)


def _clock(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)

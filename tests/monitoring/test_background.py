"""What the server does by itself, once a minute."""

import logging
from datetime import UTC, datetime

import pytest

from afterword.errors import StoreError
from afterword.monitoring.background import BackgroundWork
from afterword.settings import get_settings
from afterword.store import Store
from tests.stores import call, days, events

NOW = datetime(2026, 6, 10, 15, 30, tzinfo=UTC)


def test_a_round_reads_the_servers_state(store: Store) -> None:
    BackgroundWork(store, lambda: 3).round(NOW)
    ((_, sessions, cpu, memory),) = store.readings(NOW - days(1), NOW + days(1))
    assert sessions == 3
    assert cpu >= 0
    assert 10 < memory < 100_000


def test_what_is_too_old_is_deleted_once_a_day(store: Store) -> None:
    store.write([call(NOW - days(get_settings().retention_days + 2)), call(NOW)])
    work = BackgroundWork(store, lambda: 0)
    work.round(NOW)
    assert events(store) == 1
    store.write([call(NOW - days(get_settings().retention_days + 2))])
    work.round(NOW)
    assert events(store) == 2
    work.round(NOW + days(1))
    assert events(store) == 1


def test_errors_of_the_server_open_an_alert(store: Store) -> None:
    store.write([call(NOW, outcome="failed", descriptions=0) for _ in range(40)])
    BackgroundWork(store, lambda: 0).round(NOW)
    assert [alert.severity for alert in store.alerts.alerts(state="open")] == ["critical"]


def test_a_part_that_fails_keeps_nobody_from_the_others(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.write([call(NOW - days(1_000))])
    work = BackgroundWork(store, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    with caplog.at_level(logging.WARNING):
        work.round(NOW)
    assert events(store) == 0
    assert "ZeroDivisionError" in caplog.text
    assert "division by zero" not in caplog.text


def test_a_store_that_is_gone_is_a_line_in_the_log(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_arguments, **_options) -> None:
        raise StoreError("The store cannot be written.")

    monkeypatch.setattr(store, "begin", gone)
    monkeypatch.setattr(store, "reading", gone)
    with caplog.at_level(logging.WARNING):
        BackgroundWork(store, lambda: 0).round(NOW)
    assert "The store cannot be written." in caplog.text

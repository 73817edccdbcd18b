"""Eight sample weeks as history, what the overview says of them, and that they leave no trace."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from afterword.errors import CheckError, StoreError
from afterword.monitoring import sample_history
from afterword.monitoring.monitor import monitor, present
from afterword.monitoring.sample_history import load_samples
from afterword.monitoring.summary import summarise
from afterword.monitoring.windows import window_of
from afterword.settings import get_settings
from tests.stores import events, small_store

pytestmark = pytest.mark.whole

NOW = datetime(2026, 6, 10, 15, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, loaded_samples: Path):
    """A store with the sample weeks, loaded in place of those that it had."""
    home = tmp_path_factory.mktemp("samples")
    shutil.copytree(loaded_samples, home, dirs_exist_ok=True)
    store = small_store(home)
    kept = events(store, sample=True)
    told: list[float] = []
    load_samples(store, told.append, now=NOW)
    assert events(store, sample=True) == kept
    assert told[-1] == 1.0
    assert told == sorted(told)
    yield store
    store.close()


def test_the_weeks_are_checked_one_after_the_other(loaded) -> None:
    levels = [check.level for check in reversed(loaded.checks.list(sample=True))]
    assert levels == ["stable", "stable", "changed", "stable",
                      "faulty", "stable", "stable", "changed"]  # fmt: skip


def test_everything_is_marked_and_nothing_is_ones_own(loaded) -> None:
    assert loaded.has_samples()
    assert not loaded.has_events()
    assert loaded.checks.list(sample=False) == []
    assert not loaded.alerts.alerts(sample=False)
    assert all(check.sample for check in loaded.checks.list(sample=True))


def test_the_episodes_of_the_past_are_resolved_and_the_last_one_is_open(loaded) -> None:
    (last,) = loaded.alerts.alerts(state="open", sample=True, limit=1)
    assert last.sample
    assert any(alert.state == "resolved" for alert in loaded.alerts.alerts(sample=True))


def test_an_alert_on_charts_names_them_with_their_numbers(loaded) -> None:
    alerts = [one for one in loaded.alerts.alerts(sample=True) if one.metric == "chart_crossed"]
    assert alerts
    told = [figure for one in alerts for figure in one.evidence.figures]
    assert all("training" in each.line for each in told)
    assert any("Share that the model gives Ogling" in each.label for each in told)


def test_the_overview_tells_the_manager_what_to_do(loaded) -> None:
    said = summarise(loaded, sample=True, now=present(loaded, sample=True))
    assert (said.level, said.place, said.sample) == ("changed", "drift", True)
    assert "Ogling" in said.headline
    assert 1 <= len(said.changes) <= 3
    assert said.open_alerts >= 1
    assert len(said.numbers) == 4
    assert said.since == said.checked_at


def test_the_new_app_is_named_among_the_new_words(loaded) -> None:
    end = present(loaded, sample=True)
    seen = monitor(loaded, window_of("custom", end - timedelta(days=55), end), sample=True)
    assert "bytetok" in [one.word for one in seen.new_words]


def test_an_empty_store_has_nothing_to_say_and_says_how_to_begin(tmp_path: Path) -> None:
    store = small_store(tmp_path)
    said = summarise(store, now=NOW)
    assert (said.level, said.checked_at, said.since, said.changes) == ("", None, None, ())
    assert said.action
    store.close()


def test_removing_them_leaves_nothing(tmp_path: Path, loaded_samples: Path) -> None:
    shutil.copytree(loaded_samples, tmp_path, dirs_exist_ok=True)
    store = small_store(tmp_path)
    assert events(store, sample=True)
    store.remove_samples()
    assert not store.has_samples()
    assert not store.checks.list(sample=True)
    assert not store.alerts.alerts(sample=True)
    assert b"bytetok" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    store.close()


def test_another_model_in_service_has_no_sample_weeks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = get_settings().model_copy(update={"model_dir": tmp_path})
    monkeypatch.setattr(sample_history, "get_settings", lambda: other)
    with pytest.raises(CheckError, match="another one is in service"):
        load_samples(small_store(tmp_path))


def test_what_fails_half_way_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = small_store(tmp_path)

    def stop(_share) -> None:
        if store.checks.list(sample=True):
            raise StoreError("full")

    with pytest.raises(StoreError):
        load_samples(store, stop, now=NOW)
    assert not store.has_samples()
    store.close()

"""A large batch is checked by another process, and comes to the same verdict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterword import read_batch
from afterword.drift.apart import Checked, check_apart, when_large
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.errors import BatchError, ModelError
from afterword.files.isolation import get_readers
from afterword.model import apart as model_apart
from afterword.model import registry, scored_files
from afterword.model.answers import classify, joined, rate_and_tell
from afterword.model.apart import apart, is_large, predict_apart
from afterword.model.registry import load_model
from afterword.settings import Settings, get_settings
from tests.conftest import invented

SMALL = invented(60)[["description"]]
MANY = pd.DataFrame(
    {
        "description": [
            f"{text} Stop {number}." for number, text in enumerate(invented(4_000)["description"])
        ],
        "received_at": [f"2024-05-{1 + number % 28:02}" for number in range(4_000)],
        "Ogling label": ["1" if number % 3 else "0" for number in range(4_000)],
    }
)
MANY.loc[7, "description"] = ""
LARGE = MANY.to_csv(index=False).encode()


def told(result: CheckResult) -> str:
    return json.dumps(result.to_dict())


@pytest.fixture(scope="module")
def here() -> CheckResult:
    """What this process finds."""
    return check(read_batch(LARGE, name="week.csv"))


def test_a_batch_is_large_by_its_characters() -> None:
    assert not is_large(read_batch(SMALL))
    assert is_large(read_batch(MANY))


def test_the_verdict_of_another_process_is_the_same_to_the_last_byte(here: CheckResult) -> None:
    found = check_apart(read_batch(LARGE, name="week.csv"))
    assert told(found) == told(here)
    pd.testing.assert_frame_equal(found.scored.frame, here.scored.frame)
    pd.testing.assert_frame_equal(found.reference, here.reference)


def test_a_large_file_is_checked_where_it_is_read_and_a_small_one_comes_back(
    here: CheckResult,
) -> None:
    found = scored_files.read(LARGE, name="week.csv", whole=False, then=when_large())
    assert isinstance(found, Checked)
    assert told(found.result) == told(here)
    assert found.reading == read_batch(LARGE, name="week.csv").reading.to_dict()
    small = SMALL.to_csv(index=False).encode()
    batch = scored_files.read(small, name="week.csv", whole=False, then=when_large())
    assert batch.texts.tolist() == SMALL["description"].tolist()


def test_no_text_comes_back_with_a_verdict() -> None:
    found = scored_files.read(LARGE, name="week.csv", whole=False, then=when_large())
    tables = [found.result.scored.frame, found.result.measures]
    assert not [name for table in tables for name in table if "Stop 12." in map(str, table[name])]
    assert "Stop 12." not in told(found.result) + json.dumps(found.reading)


def test_settings_of_the_server_hold_in_the_other_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERWORD_ALPHA", "0.11")
    get_settings.cache_clear()
    assert check_apart(read_batch(MANY)).alpha == 0.11
    monkeypatch.undo()
    get_settings.cache_clear()


def test_answers_and_probabilities_of_another_process_are_the_same() -> None:
    batch, model = read_batch(LARGE, name="week.csv"), load_model()
    found = joined(batch, apart(rate_and_tell, batch.numbered().texts), model, "find-more")
    pd.testing.assert_frame_equal(found.table, classify(batch, model, mode="find-more").table)
    assert np.array_equal(predict_apart(batch.texts), model.predict_proba(batch.texts.tolist()))


def test_a_model_that_was_replaced_meanwhile_is_noticed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(model_apart, "loaded_version", lambda _: "0123456789ab")
    with pytest.raises(ModelError, match="Start the server again"):
        predict_apart(pd.Series(["He stared at me."]))


def test_another_version_that_was_loaded_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = registry.folder_of(None)
    version = registry.loaded_version(folder)
    loads: list[Any] = []
    original = registry._load

    class Old:
        """Has a model of before in its memory, until it is told to forget it."""

        def __call__(self, folder: Path) -> Any:
            loads.append(folder)
            return (None, "before") if len(loads) == 1 else original(folder)

        def cache_clear(self) -> None:
            loads.append("cleared")

    monkeypatch.setattr(registry, "_load", Old())
    assert registry.require_version(folder, version) is original(folder)[0]
    assert loads[:2] == [folder, "cleared"]


def test_a_check_that_takes_too_long_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BatchError, match="took longer than 0 seconds"):
        scored_files.read(LARGE, whole=False, then=_never_done)
    assert get_readers().submit("", len, "abc").result(60) == 3


def _never_done(_: Any) -> None:
    import time

    from afterword.worker_program import step

    step(0.2, 900)
    time.sleep(60)


def test_settings_that_go_to_another_process_hold_no_password() -> None:
    import pickle

    settings = Settings(store_url="postgresql://me:secret@host/db", channels=("mailto://secret",))
    packed = pickle.dumps(settings)
    assert b"secret" not in packed
    assert pickle.loads(packed).max_rows == settings.max_rows
    assert settings.store_url is not None

"""What is promised of answers does not hold after an alarm of the last check that counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from afterword.monitoring.promise import why_withdrawn
from afterword.store import Store
from tests.monitoring.test_history import WEEK, found, kept
from tests.stores import NOON

ORDINARY = "ordinary-week.parquet"


@pytest.mark.parametrize("sample", [False, True])
def test_an_alarm_of_the_last_check_that_counts_withdraws_the_promise(
    store: Store, sample: bool
) -> None:
    assert why_withdrawn(store) == ""
    kept(store, found(), sample=sample)
    said = why_withdrawn(store)
    assert bool(said) is not sample
    if said:
        assert "does not hold while the last check says “Changed”" in said
        assert f"{NOON:%-d %B %Y}" in said


def test_a_check_that_is_no_alarm_gives_the_promise_back(store: Store) -> None:
    kept(store, found(), at=NOON - WEEK)
    assert why_withdrawn(store)
    kept(store, found(ORDINARY))
    assert why_withdrawn(store) == ""


def test_neither_a_trial_nor_a_check_of_another_model_withdraws_it(store: Store) -> None:
    kept(store, found(), trial=True, at=datetime.now(UTC))
    kept(store, found(), model="another", at=NOON + timedelta(hours=1))
    assert why_withdrawn(store) == ""

"""The check of a period of a stream: the last whole one, days, other models, and references."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import insert, select

from afterword.errors import StreamError
from afterword.monitoring import wording
from afterword.monitoring.stream_checks import check_stream, keep_stream_check
from afterword.settings import get_settings
from afterword.store import Store
from afterword.store.schema import PROFILES
from afterword.streams.adding import add
from tests.conftest import invented

MONDAY = datetime(2026, 2, 16, 9, tzinfo=UTC)
"""Of the week 2026-W08."""
NOW = MONDAY + timedelta(days=24)
"""A Thursday, three weeks later."""


@pytest.fixture
def form(store: Store) -> Store:
    """A store with a stream of the weeks 8 and 9, and the beginning of week 11."""
    store.streams.create("form", "week", "Europe/Berlin")
    days = [*range(14), 21, 22]
    table = pd.DataFrame({"text": invented(30 * len(days))["description"]})
    table["received at"] = [
        f"{MONDAY + timedelta(days=days[row // 30]):%Y-%m-%d %H:%M}" for row in range(len(table))
    ]
    assert add(table, stream="form", store=store, now=NOW).rows == len(table)
    return store


def test_the_last_whole_period_with_rows_is_checked(form: Store) -> None:
    found = check_stream("Form", store=form, now=NOW)
    assert (found.label, found.result.profile.accepted) == ("2026-W09", 210)
    assert (found.first, found.last) == (date(2026, 2, 23), date(2026, 3, 1))
    later = check_stream("form", store=form, now=NOW + timedelta(days=7))
    assert (later.label, later.result.profile.accepted) == ("2026-W11", 60)
    assert found.note == ""
    assert found.result.alpha == get_settings().alpha


def test_a_check_is_kept_with_its_period_and_its_stream(form: Store) -> None:
    found = check_stream("form", "2026-W08", store=form, now=NOW)
    number = keep_stream_check(form, found)
    assert number is not None
    kept = form.checks.get(number)
    assert kept is not None
    assert (kept.period, kept.stream) == ("2026-W08", form.streams.get("form").id)
    assert kept.window == found.window
    assert [one.id for one in form.checks.list(stream=found.stream.id)] == [number]
    assert form.checks.list(stream=1) == []


def test_a_period_without_rows_is_empty_and_a_stream_without_any_has_none(form: Store) -> None:
    empty = check_stream("form", "2026-W10", store=form, now=NOW)
    assert (empty.result.level, empty.result.profile.accepted) == ("too_few", 0)
    with pytest.raises(StreamError) as refused:
        check_stream("service", store=form, now=NOW)
    assert str(refused.value) == wording.nothing_over("service", "week")


def test_periods_of_another_length_can_be_named(form: Store) -> None:
    month = check_stream("form", "2026-02", store=form, now=NOW)
    assert (month.label, month.result.profile.accepted) == ("2026-02", 390)
    day = check_stream("form", "2026-02-18", store=form, now=NOW)
    assert (day.label, day.result.profile.accepted) == ("2026-02-18", 30)
    days = check_stream("form", first="2026-02-18", last="2026-02-19", store=form, now=NOW)
    assert (days.label, days.result.profile.accepted) == ("2026-02-18/2026-02-19", 60)
    for wrong in ({"first": "2026-02-18"}, {"period": "2026-02", "last": "2026-02-18"}):
        with pytest.raises(StreamError) as refused:
            check_stream("form", store=form, **wrong)  # type: ignore[arg-type]
        assert str(refused.value) == wording.PERIOD_OR_DAYS
    with pytest.raises(StreamError) as ends:
        check_stream("form", first="2026-02-19", last="2026-02-18", store=form)
    assert str(ends.value) == wording.ENDS_TOO_EARLY


def test_days_that_another_model_answered_are_told_and_left_out(form: Store) -> None:
    with form.begin() as connection:
        row = dict(connection.execute(select(PROFILES).limit(1)).one()._mapping)
        (day,) = {MONDAY.replace(hour=0) + timedelta(days=15)}
        del row["id"]
        other = row | {"day": int(day.timestamp()), "model": "another"}
        connection.execute(insert(PROFILES).values(other))
    found = check_stream("form", "2026-W10", store=form, now=NOW)
    assert found.result.profile.accepted == 0
    assert wording.days_of_other_model(1) in found.result.limits
    whole = check_stream("form", "2026-W09", store=form, now=NOW)
    assert wording.days_of_other_model(1) not in whole.result.limits
    assert check_stream("form", store=form, now=NOW).label == "2026-W09"


def test_that_a_reference_of_its_own_is_not_compared_with_is_told(form: Store) -> None:
    form.streams.set_reference("form", (date(2026, 2, 16), date(2026, 2, 22)), "a calm week")
    found = check_stream("form", "2026-W09", store=form, now=NOW)
    assert wording.with_training("2026-02-16", "2026-02-22") in found.result.limits

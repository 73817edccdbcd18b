"""Where a stream stands: calm, an alarm with its first period, too few rows, another model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import update

from afterword.errors import StreamError
from afterword.monitoring import wording
from afterword.monitoring.stream_status import (
    ALARM,
    BEFORE,
    CALM,
    TOO_FEW,
    UNKNOWN,
    StreamStatus,
    stream_status,
)
from afterword.store import Store
from afterword.store.schema import PROFILES
from afterword.streams.adding import add
from tests.conftest import invented

MONDAY = datetime(2026, 2, 16, 9, tzinfo=UTC)
"""Of the week 2026-W08."""
TWO = timedelta(days=2)


def fill(store: Store, weeks: Sequence[list[str] | None]) -> datetime:
    """Add weeks of texts to the stream "form"; the Wednesday after the last one."""
    texts, times = [], []
    for week, own in enumerate(weeks):
        for place, text in enumerate(own or []):
            texts.append(text)
            times.append(f"{MONDAY + timedelta(days=7 * week + place % 7):%Y-%m-%d %H:%M}")
    now = MONDAY + timedelta(days=7 * len(weeks) + 2)
    table = pd.DataFrame({"text": texts, "received at": times})
    add(table, stream="form", store=store, now=now)
    return now


def ordinary(seed: int, rows: int = 150) -> list[str]:
    """Texts of which every row is one of its own."""
    texts = invented(4 * rows, seed=seed)["description"].drop_duplicates()
    return [str(one) for one in texts[:rows]]


def status(store: Store, weeks: Sequence[list[str] | None]) -> StreamStatus:
    return stream_status("Form", store=store, now=fill(store, weeks))


@pytest.fixture
def form(store: Store) -> Store:
    store.streams.create("form", "week", "Europe/Berlin")
    return store


def past(form: Store, first: date, last: date) -> None:
    """Let the stream be compared with days of its own."""
    form.streams.set_reference("form", (first, last), "these weeks were calm")


def test_a_stream_without_rows_and_one_whose_first_week_is_not_over_are_not_known(
    form: Store,
) -> None:
    empty = stream_status("form", store=form)
    assert (empty.level, empty.headline, empty.action) == (
        UNKNOWN,
        wording.EMPTY_STREAM,
        wording.ADD_FILES,
    )
    fill(form, [ordinary(1)])
    begun = stream_status("form", store=form, now=MONDAY + timedelta(days=4))
    assert (begun.level, begun.headline) == (UNKNOWN, wording.not_over("week"))
    with pytest.raises(StreamError):
        stream_status("nowhere", store=form)


def test_after_another_model_nothing_is_known_until_the_new_one_answered(form: Store) -> None:
    now = fill(form, [ordinary(1)])
    with form.begin() as connection:
        connection.execute(update(PROFILES).values(model="another"))
    found = stream_status("form", store=form, now=now)
    assert (found.level, found.headline) == (UNKNOWN, wording.OTHER_MODEL_ANSWERED)
    assert found.periods == ()


def test_a_broken_feed_alarms_since_its_own_week_whenever_it_was_added(form: Store) -> None:
    weeks = [ordinary(seed) for seed in range(4)]
    now = fill(form, [*weeks, None, [text.upper() for text in ordinary(9)]])
    past(form, date(2026, 2, 16), date(2026, 3, 1))
    found = stream_status("form", store=form, now=now)
    assert found.level == ALARM
    assert found.since is not None
    assert found.since.label == "2026-W13"
    assert found.headline.startswith("Since the week 2026-W13: ")
    assert (found.result, found.action) == (None, wording.SEE_CHECK)
    assert found.window == (MONDAY.replace(hour=0) + timedelta(days=35), now.replace(hour=0) - TWO)
    assert [one.rows for one in found.periods] == [150, 150, 150, 150, 0, 150]
    assert [one.level for one in found.periods[:5]] == [BEFORE, BEFORE, CALM, CALM, TOO_FEW]
    assert found.periods[-1].findings[0].excess >= 1
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["since"] == "2026-W13"
    assert told["periods"][-1]["findings"]


def test_a_calm_stream_says_for_how_long(form: Store) -> None:
    now = fill(form, [ordinary(seed) for seed in range(4)])
    past(form, date(2026, 2, 16), date(2026, 3, 1))
    found = stream_status("form", store=form, now=now)
    assert (found.level, found.headline) == (CALM, wording.calm(2, "week", "2026-W11"))
    assert found.window is None
    past(form, date(2026, 2, 16), date(2026, 3, 15))
    anew = stream_status("form", store=form, now=now)
    assert (anew.level, anew.headline) == (TOO_FEW, wording.NOT_BEGUN)
    past(form, date(2025, 2, 16), date(2025, 3, 15))
    with pytest.raises(StreamError, match="choose another"):
        stream_status("form", store=form, now=now)


def test_against_training_the_check_of_what_came_since_tells_what_moved(form: Store) -> None:
    # Invented texts are no reports of the training set, from the first week on.
    found = status(form, [ordinary(seed) for seed in range(2)])
    assert (found.level, found.since and found.since.label) == (ALARM, "2026-W08")
    assert found.result is not None
    assert found.result.profile.accepted == 300
    assert found.headline == wording.alarm_since("week", "2026-W08", found.result.headline)
    assert found.action == found.result.actions[0]


def test_a_week_of_a_few_rows_is_too_few(form: Store) -> None:
    found = status(form, [ordinary(1, 22)])
    assert (found.level, found.action) == (TOO_FEW, wording.COLLECT)
    assert found.headline == wording.too_few_periods(1, "week")

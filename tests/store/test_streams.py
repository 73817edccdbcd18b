"""Streams in the store: named, told apart, forgotten, and made of a store of before."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import JSON, column, insert, select, table

from afterword.errors import StreamError
from afterword.store import Store, wording
from afterword.store.adding import Waiting, add_to_stream
from afterword.store.engine import MIGRATIONS
from afterword.store.schema import ALERTS, CHECKS, METADATA
from afterword.store.stream_records import SERVICE
from afterword.store.streams import AddedFile
from tests.stores import NOON, WIDE, another, bytes_of, call, days, events

HERE = Path(__file__).parent


def of_stream(store: Store, name: str, at: datetime = NOON, **options) -> None:
    """Record a call to a stream."""
    stream = store.streams.get(name)
    own = replace(call(at, **options), stream=stream.id, zone=stream.zone)
    assert store.record(own)


# ---------------------------------------------------------------- names


def test_the_service_is_always_there_and_comes_first(store: Store) -> None:
    store.streams.create("A web form", "day", "europe/berlin")
    service, form = store.streams.list()
    assert (service.id, service.name, service.zone) == (SERVICE, "service", "UTC")
    assert (form.name, form.cadence, form.zone) == ("A web form", "day", "Europe/Berlin")
    assert form.reference == {"kind": "training"}
    assert form.id != SERVICE


def test_names_are_unlike_without_regard_to_case(store: Store) -> None:
    first = store.streams.create("Web Form")
    with pytest.raises(StreamError, match="already"):
        store.streams.create("web  form")
    assert store.streams.get("WEB FORM") == first
    for name in ("service", "Service"):
        with pytest.raises(StreamError, match="already"):
            store.streams.create(name)


@pytest.mark.parametrize("name", ["", " ", "a/b", "x" * 61, "-x", "a\nb\x00", "<b>"])
def test_a_name_that_is_none_is_refused(store: Store, name: str) -> None:
    with pytest.raises(StreamError) as refused:
        store.streams.create(name)
    assert str(refused.value) == wording.STREAM_NAME


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"cadence": "hour"}, wording.CADENCE), ({"zone": "Europe/Nowhere"}, wording.ZONE)],
)
def test_what_is_no_cadence_or_zone_is_refused(store: Store, options: dict, sentence: str) -> None:
    with pytest.raises(StreamError) as refused:
        store.streams.create("form", **options)
    assert str(refused.value) == sentence


def test_a_stream_keeps_what_it_holds_under_another_name(store: Store) -> None:
    store.streams.create("form")
    of_stream(store, "form", descriptions=20)
    renamed = store.streams.rename("Form", "FORM")
    assert renamed.name == "FORM"
    assert len(store.profiles(*WIDE, model="m", stream=renamed.id)) == 1
    store.streams.create("other")
    with pytest.raises(StreamError, match="already"):
        store.streams.rename("other", "form")
    with pytest.raises(StreamError) as refused:
        store.streams.rename("service", "other name")
    assert str(refused.value) == wording.SERVICE_STAYS
    with pytest.raises(StreamError, match="no stream called nothing"):
        store.streams.get("nothing")


def test_the_stream_of_files_is_made_when_it_is_first_used(store: Store) -> None:
    assert [each.name for each in store.streams.list()] == ["service"]
    assert store.streams.files() == store.streams.files()
    assert [each.name for each in store.streams.list()] == ["service", "files"]


def test_a_reference_is_a_period_with_a_reason(store: Store) -> None:
    store.streams.create("form")
    period = date(2026, 1, 5), date(2026, 2, 1)
    with pytest.raises(StreamError):
        store.streams.set_reference("form", period)
    with pytest.raises(StreamError):
        store.streams.set_reference("form", period[::-1], "calm")
    found = store.streams.set_reference("form", period, "four calm weeks").reference
    assert found["start"] == "2026-01-05"
    assert found["reason"] == "four calm weeks"
    assert store.streams.set_reference("form", None).reference == {"kind": "training"}


# ---------------------------------------------------------------- apart


def test_streams_are_counted_apart(store: Store) -> None:
    form = store.streams.create("form")
    store.record(call(descriptions=3, unseen=({"zipgram": (False, 1)},)))
    of_stream(store, "form", descriptions=25, unseen=({"zipgram": (False, 2)},))
    assert [t.descriptions for t in store.tallies("day", *WIDE).values()] == [3]
    (own,) = store.tallies("day", *WIDE, stream=form.id).values()
    assert (own.descriptions, own.inputs) == (25, 25)
    assert store.profiles(*WIDE, model="m") == {}
    assert [count for _, count in store.commonest_unseen(*WIDE)] == [1]
    assert store.waiting() == 3
    assert store.streams.held("m").keys() == {form.id}


def test_a_word_is_shown_where_enough_descriptions_of_one_stream_hold_it(store: Store) -> None:
    store.streams.create("form")
    for tag in range(4):
        store.record(call(unseen=({"zipgram": (False, tag)},)))
        of_stream(store, "form", unseen=({"zipgram": (False, 10 + tag)},))
    assert b"zipgram" not in bytes_of(store)
    of_stream(store, "form", unseen=({"zipgram": (False, 20)},))
    form = store.streams.get("form").id
    assert [word.descriptions for word in store.unseen(*WIDE, stream=form)[0]] == [5]
    assert store.unseen(*WIDE)[0] == []


def test_a_word_that_looks_like_a_name_in_one_stream_is_hidden_in_all(store: Store) -> None:
    store.streams.create("form")
    for tag in range(5):
        store.record(call(unseen=({"zipgram": (False, tag)},)))
    assert b"zipgram" in bytes_of(store)
    of_stream(store, "form", unseen=({"zipgram": (True, 9)},))
    assert store.unseen(*WIDE)[0] == []


def test_a_day_is_the_date_in_the_zone_of_the_stream(store: Store) -> None:
    store.streams.create("form", zone="Asia/Kolkata")
    late = datetime(2026, 3, 4, 18, 29, tzinfo=UTC)  # 23:59 there
    of_stream(store, "form", late, descriptions=20)
    of_stream(store, "form", late.replace(minute=30), descriptions=20)
    store.record(call(late.replace(minute=30), descriptions=20))
    form = store.streams.get("form").id
    assert [day.day for day in store.profiles(*WIDE, model="m", stream=form)] == [4, 5]
    assert [day.day for day in store.tallies("day", *WIDE, stream=form)] == [4, 5]
    assert [day.day for day in store.profiles(*WIDE, model="m")] == [4]


def test_days_are_dates_where_a_clock_goes_back_and_where_one_was_set_back(store: Store) -> None:
    form = store.streams.create("form", zone="Europe/Berlin").id
    for hour, minute in ((22, 30), (0, 30), (1, 30)):  # 00:30, and 02:30 twice, on 25 October
        day = 24 if hour == 22 else 25
        of_stream(store, "form", datetime(2026, 10, day, hour, minute, tzinfo=UTC), descriptions=20)
    of_stream(store, "form", datetime(2026, 10, 25, 23, 30, tzinfo=UTC), descriptions=20)
    of_stream(store, "form", datetime(2026, 10, 24, 12, tzinfo=UTC), descriptions=20)
    found = store.profiles(*WIDE, model="m", stream=form)
    counts = {day.day: int(own.tally.counts["rows"][0]) for day, own in found.items()}
    assert counts == {24: 20, 25: 60, 26: 20}


# ---------------------------------------------------------------- forgetting


def added(store: Store, name: str, digest: str = "a" * 64, day: datetime = NOON) -> None:
    """Note a file with two ids."""
    start = day.replace(hour=0)
    file = AddedFile(NOON, 40, start, start, True)
    ids = np.array([[-2, start.timestamp()], [1, start.timestamp()]]).astype(int)
    number = store.streams.get(name).id
    waiting = Waiting(number, "m", [], [], [(digest, file)], ids)
    with store.begin() as connection:
        add_to_stream(connection, waiting, store.hash)


def test_forgetting_a_stream_takes_all_of_it_and_nothing_else(store: Store) -> None:
    form = store.streams.create("form").id
    store.record(call(descriptions=20))
    of_stream(store, "form", descriptions=25, unseen=({"zipgram": (False, 1)},))
    of_stream(store, "form", descriptions=5)
    added(store, "form")
    assert store.streams.known_ids(form, np.array([1, 2, -2])).tolist() == [True, False, True]
    hashed = store.hash("zipgram").encode()
    assert store.forget_stream(form) >= 8
    assert hashed not in bytes_of(store)
    assert [each.name for each in store.streams.list()] == ["service"]
    assert store.streams.added(form) == ()
    assert not store.streams.known_ids(form, np.array([1])).any()
    assert (events(store), store.waiting()) == (1, 0)
    assert len(store.profiles(*WIDE, model="m")) == 1
    # Its number is never another one's, and what another process still holds goes nowhere.
    assert store.streams.create("form").id != form


def test_what_waited_for_a_stream_that_was_forgotten_is_not_written(store: Store) -> None:
    form = store.streams.create("form")
    of_stream(store, "form", descriptions=15)
    other = another(store)
    other.forget_stream(form.id)
    other.close()
    store.record(replace(call(texts=tuple(range(50, 60)), descriptions=10), stream=form.id))
    assert store.profiles(*WIDE, model="m", stream=form.id) == {}


def test_forgetting_up_to_a_day_is_of_one_stream_or_of_all(store: Store) -> None:
    form = store.streams.create("form").id
    old = NOON - days(40)
    for at in (old, NOON):
        store.record(call(at, descriptions=20))
        of_stream(store, "form", at, descriptions=20)
    added(store, "form", "a" * 64, old)
    added_again = another(store)
    store.forget(NOON - days(30), stream=form)
    assert len(store.profiles(*WIDE, model="m", stream=form)) == 1
    assert store.streams.added(form) == ()
    assert not store.streams.known_ids(form, np.array([1])).any()
    assert len(store.profiles(*WIDE, model="m")) == 2
    store.forget(NOON - days(30))
    assert len(store.profiles(*WIDE, model="m")) == 1
    added_again.close()


# ---------------------------------------------------------------- a store of before


@pytest.fixture
def before(store: Store) -> Store:
    """A store that the version before streams wrote."""
    kept = sqlite3.connect(":memory:")
    kept.executescript((HERE / "before-streams.sql").read_text())
    kept.row_factory = sqlite3.Row
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        for own in METADATA.sorted_tables:
            known = kept.execute("SELECT name FROM sqlite_master WHERE name = ?", (own.name,))
            if known.fetchone() is None:
                continue
            for row in kept.execute(f"SELECT * FROM {own.name}"):
                values = {
                    name: json.loads(row[name])
                    if isinstance(own.c[name].type, JSON)
                    else own.c[name].type.python_type(row[name])
                    for name in row.keys()  # noqa: SIM118
                    if row[name] is not None and name != "id"
                }
                columns = [column(name, own.c[name].type) for name in values]
                connection.execute(insert(table(own.name, *columns)).values(values))
    kept.close()
    store.close()
    return another(store)


def test_what_was_kept_before_there_were_streams_is_the_services(before: Store) -> None:
    told = json.loads((HERE / "before-streams.json").read_text())
    tallies = {str(day): own.to_dict() for day, own in before.tallies("day", *WIDE).items()}
    assert tallies == told["tallies"]
    profiles = {
        str(day): [own.tally.to_dict(), own.texts.tolist()]
        for day, own in before.profiles(*WIDE, model="m").items()
    }
    assert profiles == told["profiles"]
    words = [[word.word, word.descriptions] for word in before.unseen(*WIDE)[0]]
    assert words == told["unseen"] == [["zipgram", 75]]
    assert len(before.tallies("day", *WIDE, sample=True)) == 1
    assert [each.id for each in before.streams.list()] == [SERVICE]
    with before.reading() as connection:
        checks = connection.execute(select(CHECKS.c.trial, CHECKS.c.stream)).all()
        alerts = connection.scalars(select(ALERTS.c.stream)).all()
    assert sorted(checks) == [(False, SERVICE), (True, None)]
    assert alerts == [SERVICE]
    before.close()


def test_a_store_of_before_goes_on(before: Store) -> None:
    assert before.record(call(NOON, descriptions=20, texts=tuple(range(500, 520))))
    day = before.profiles(*WIDE, model="m")[NOON.replace(hour=0)]
    assert int(day.tally.counts["rows"][0]) == 40 + 20
    assert before.streams.create("form").id == 2
    assert (kept := before.checks.last()) is not None
    assert (kept.stream, kept.period) == (SERVICE, "")
    before.close()


@pytest.mark.sqlite_only("it is a file")
def test_the_file_itself_is_brought_up_to_date(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "before"
    folder.mkdir()
    file = sqlite3.connect(folder / "afterword.db")
    file.executescript((HERE / "before-streams.sql").read_text())
    file.close()
    found = Store(f"sqlite:///{folder / 'afterword.db'}", folder / "store.key")
    assert len(found.profiles(*WIDE, model="m")) == 2
    assert found.record(call(NOON + days(1), descriptions=20))
    assert len(found.profiles(*WIDE, model="m")) == 3
    found.close()

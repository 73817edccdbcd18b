"""The store: what was reported as recorded is there, what must not be kept is not, and what is
forgotten is gone."""

import contextlib
import json
import logging
import random
import re
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import groupby
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, func, select
from sqlalchemy.engine import make_url

from afterword.errors import StoreError
from afterword.logs import RateLimitedLog
from afterword.store import Store, engine, unrecorded, wording
from afterword.store.calls import WORDS, log
from afterword.store.database import REST_S
from afterword.store.engine import HEAD, MIGRATIONS, open_engine
from afterword.store.schema import EVENTS, METADATA, UNSEEN
from tests.stores import NOON, WIDE, another, bytes_of, call, days, events, small_store

ROOT = Path(__file__).resolve().parents[2]
MANY_WORDS = ({f"word{n}": (False, 1) for n in range(WORDS)},)


# ---------------------------------------------------------------- recording


def test_what_was_recorded_is_read_by_another_process(store: Store) -> None:
    assert store.record(call(descriptions=3))
    other = another(store)
    assert events(other) == 1
    (tally,) = other.tallies("day", *WIDE).values()
    assert tally.descriptions == 3
    assert tally.counts["calls"].tolist() == [1, 0, 0, 0]
    other.close()


def test_counts_of_hours_add_up_to_those_of_their_day(store: Store) -> None:
    for hour in (1, 1, 2, 23):
        store.record(call(NOON.replace(hour=hour), descriptions=2))
    (day,) = store.tallies("day", *WIDE).values()
    hours = store.tallies("hour", *WIDE)
    assert [moment.hour for moment in hours] == [1, 2, 23]
    assert day.descriptions == sum(hour.descriptions for hour in hours.values()) == 8
    assert day.counts["latency"].sum() == 4


def test_hours_hold_no_descriptors(store: Store) -> None:
    store.record(call(descriptions=20))
    (hour,) = store.tallies("hour", *WIDE).values()
    (day,) = store.tallies("day", *WIDE).values()
    assert "words" in day.counts
    assert "words" not in hour.counts


@pytest.mark.whole
def test_many_threads_and_two_stores_lose_nothing(store: Store) -> None:
    other = another(store)
    failures: list[bool] = []

    def send(to) -> None:
        failures.extend(not to.record(call()) for _ in range(20))

    threads = [threading.Thread(target=send, args=(to,)) for to in (store, other) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(failures)
    assert events(store) == 200
    (day,) = store.tallies("day", *WIDE).values()
    assert day.descriptions == 200
    other.close()


def test_models_and_samples_are_counted_apart(store: Store) -> None:
    store.record(call(model="old"))
    store.record(call(model="new", descriptions=2))
    store.record(call(model="new", descriptions=4, sample=True))
    (old,) = store.tallies("day", *WIDE, model="old").values()
    (new,) = store.tallies("day", *WIDE, model="new").values()
    (sample,) = store.tallies("day", *WIDE, sample=True).values()
    assert (old.descriptions, new.descriptions, sample.descriptions) == (1, 2, 4)


# ---------------------------------------------------------------- a store that cannot be written


def test_a_locked_store_is_reported_in_time_and_works_again_afterwards(store: Store) -> None:
    store.record(call())
    with held_by_another_program(store):
        started = time.monotonic()
        assert store.record(call()) is False
        assert time.monotonic() - started < 5
        assert store.problem == wording.LOCKED
        assert store.record(call()) is False  # at once: nobody waits for a lock in vain
    store._failed_at = 0.0  # as if a second had passed
    assert store.record(call())
    assert store.problem == ""


def test_who_opens_a_new_store_waits_while_another_process_makes_it(tmp_path: Path) -> None:
    file = tmp_path / "afterword.db"
    # Autocommit, and in the mode that SQLite begins with: the switch is refused without waiting.
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.rollback)
    release.start()
    opened = open_engine(f"sqlite:///{file}")
    with opened.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    release.join()
    other.close()
    opened.dispose()


@pytest.mark.sqlite_only("a PostgreSQL server is filled by filling its disk")
def test_a_full_store_is_reported_and_stays_whole(store: Store, tmp_path: Path) -> None:
    store.record(call())

    @event.listens_for(store._open(), "connect")
    def no_room(connection, _record) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    store._open().dispose()
    assert store.record(call(unseen=MANY_WORDS)) is False
    assert "cannot be written" in store.problem
    store.writable()  # whatever it says, only a record that was written ends the problem
    assert store.problem
    found = sqlite3.connect(tmp_path / "afterword.db")
    assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert found.execute("SELECT count(*) FROM events").fetchone() == (1,)
    found.close()


@pytest.mark.sqlite_only("a server has no file of the store")
def test_a_store_whose_file_is_gone_says_so_and_then_begins_a_new_one(
    store: Store, tmp_path: Path
) -> None:
    store.record(call())
    for path in tmp_path.glob("afterword.db*"):
        path.unlink()
    assert store.record(call()) is False
    assert "gone" in store.problem
    store._failed_at = 0.0
    assert store.record(call())
    other = small_store(tmp_path)
    assert events(other) == 1
    other.close()


def test_a_folder_that_cannot_be_made_is_no_exception(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    home = tmp_path / "file" / "home"
    store = Store(f"sqlite:///{home / 'afterword.db'}", home / "store.key")
    assert store.record(call()) is False
    assert store.writable() is False
    assert store.has_events() is False
    with pytest.raises(StoreError, match=r"AFTERWORD_HOME"):
        events(store)


def test_an_address_that_is_none_does_not_repeat_its_password(tmp_path: Path) -> None:
    store = Store("nonsense://user:hunter2@host/db", tmp_path / "store.key")
    assert store.record(call()) is False
    assert "AFTERWORD_STORE_URL" in store.problem
    assert "hunter2" not in store.problem + repr(store)


def test_writable_tells_a_store_that_can_be_written(store: Store) -> None:
    assert store.writable() is True


# ---------------------------------------------------------------- many at once


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database hardly waits for a lock."""
    monkeypatch.setattr("afterword.store.engine.BUSY_MS", 20)


@contextlib.contextmanager
def held_by_another_program(store: Store):
    """The right to write is somebody else's for a while."""
    other = another(store)
    with other.begin():
        yield
    other.close()


@contextlib.contextmanager
def held_by_this_process(store: Store):
    """Somebody in this process writes until the block ends."""
    begun, over = threading.Event(), threading.Event()

    def write() -> None:
        with store.begin():
            begun.set()
            over.wait(30)

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(10)
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_test_of_the_store_that_fails_keeps_nobody_from_recording(
    store: Store, hasty: None
) -> None:
    store.writable()  # it is there
    with held_by_another_program(store):
        assert store.writable() is False
    assert store.record(call())
    assert store.problem == ""


@pytest.mark.parametrize("act", ["record", "writable"])
def test_who_writes_waits_for_the_others_of_the_process(
    store: Store, hasty: None, act: str
) -> None:
    store.writable()
    done = []
    job = partial(store.record, call()) if act == "record" else store.writable
    with held_by_this_process(store):
        thread = threading.Thread(target=lambda: done.append(job()))
        thread.start()
        thread.join(0.3)  # many times as long as SQLite waits
    thread.join()
    assert done == [True]


def test_a_record_of_the_last_two_seconds_says_that_the_store_can_be_written(
    store: Store, hasty: None
) -> None:
    store.record(call())
    with held_by_another_program(store):
        assert store.writable() is True
        store._written_at -= 2  # as if they had passed
        assert store.writable() is False
        store._written_at += 2
        assert store.record(call()) is False
        assert store.writable() is False  # what failed since then counts for more


@pytest.mark.sqlite_only("a server has no file of the store")
def test_a_store_whose_file_is_gone_cannot_be_written(store: Store, tmp_path: Path) -> None:
    store.record(call())
    for path in tmp_path.glob("afterword.db*"):
        path.unlink()
    assert store.writable() is False


@pytest.mark.whole
def test_a_crowd_of_writers_and_tests_loses_nothing(store: Store, hasty: None) -> None:
    store.writable()
    results: list[object] = []

    def work(job) -> None:
        results.extend(job() for _ in range(20))

    def test():
        store._written_at = 0.0  # a real one each time
        return store.writable()

    jobs: list[Callable[[], object]] = [partial(store.record, call())] * 6 + [test] * 3
    jobs.append(lambda: store.add_reading(NOON, 1, 0.1, 100) is None)  # type: ignore[func-returns-value]
    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 200
    assert events(store) == 120


def test_a_transaction_within_another_is_refused_in_time_and_blocks_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.store.database.TURN_S", 0.05)
    with pytest.raises(StoreError, match="another transaction"), store.begin(), store.begin():
        pass
    assert store.record(call())


def test_a_transaction_that_fails_lets_the_next_one_write(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.begin():
        1 / 0  # noqa: B018
    assert store.record(call())


@pytest.mark.sqlite_only("as if its file were large: on PostgreSQL each table is locked by itself")
def test_a_clean_up_lets_the_records_of_its_process_wait(
    store: Store, monkeypatch: pytest.MonkeyPatch, hasty: None
) -> None:
    store.record(call())
    store.record(call(NOON - days(40)))
    vacuum, done = engine.vacuum, []

    def slowly(opened):
        with opened.connect() as connection:  # as if the file were large
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            thread = threading.Thread(target=lambda: done.append(store.record(call())))
            thread.start()
            thread.join(0.3)
        vacuum(opened)
        return thread

    threads = []
    monkeypatch.setattr(engine, "vacuum", lambda opened: threads.append(slowly(opened)))
    store.forget(NOON - days(20))
    threads[0].join()
    assert done == [True]


# ---------------------------------------------------------------- why something is not recorded


@pytest.fixture
def counted():
    """Reason → calls that were counted as not recorded since the test began."""
    before = unrecorded.counted.copy()
    return lambda: dict(unrecorded.counted - before)


def test_every_call_that_is_not_recorded_is_in_the_log_with_its_reason(
    store: Store, hasty: None, counted, caplog: pytest.LogCaptureFixture
) -> None:
    unrecorded.flush()
    caplog.clear()
    store.writable()
    with held_by_another_program(store):
        assert store.record(call()) is False
    assert [store.record(call()), store.record(call())] == [False, False]  # the pause
    assert counted() == {wording.LOCKED: 1, wording.pause(REST_S): 2}
    unrecorded.flush()
    lines = [line.getMessage() for line in caplog.records if line.name == "afterword.store.calls"]
    told: Counter[str] = Counter()
    for line in lines:
        count, _, reason = line.removeprefix("Calls that are not recorded: ").partition(". ")
        told[reason] += int(count)
    assert told == counted()
    store._failed_at = 0.0
    assert store.record(call())
    assert sum(counted().values()) == 3


@pytest.mark.sqlite_only("a PostgreSQL server is filled by filling its disk")
def test_a_full_disk_and_a_slow_one_are_told_apart(
    store: Store, monkeypatch: pytest.MonkeyPatch, counted
) -> None:
    store.record(call())

    @event.listens_for(store._open(), "connect")
    def no_room(connection, _record) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    store._open().dispose()
    assert store.record(call(unseen=MANY_WORDS)) is False
    assert counted() == {wording.NOT_WRITTEN: 1}
    store._failed_at = 0.0
    monkeypatch.setattr("afterword.store.calls.WAIT_S", 0.05)
    with held_by_this_process(store):
        assert store.record(call()) is False
    assert counted() == {wording.NOT_WRITTEN: 1, wording.too_slow(0.05): 1}


def test_a_crowd_of_refusals_is_two_lines_that_count_all_of_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls = RateLimitedLog(logging.getLogger("afterword.test"), "Calls", every_s=60)
    for _ in range(1_000):
        calls.count("The disk is full.")
    calls.count("The key is gone.")
    calls.flush()
    calls.flush()
    assert [line.getMessage() for line in caplog.records] == [
        "Calls: 1. The disk is full.",
        "Calls: 1. The key is gone.",
        "Calls: 999. The disk is full.",
    ]


def test_what_was_counted_after_the_first_line_is_told_by_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = threading.Event()

    class Log(logging.Handler):
        def emit(self, record) -> None:
            if record.getMessage() == "Calls: 2. The disk is full.":
                told.set()

    log = logging.getLogger("afterword.test")
    log.addHandler(handler := Log())
    calls = RateLimitedLog(log, "Calls", every_s=0.05)
    for _ in range(3):
        calls.count("The disk is full.")
    assert told.wait(10)
    log.removeHandler(handler)


# ---------------------------------------------------------------- durability

_KILLED = """
import os, random, signal, sys, threading, time
from pathlib import Path
from afterword.store import Store
from tests.stores import call
address, key, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
rng = random.Random(1)
store = Store(address, key); store.record(call(latency_s=0.0)); store.close()
for turn in range(rounds):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        store = Store(address, key)
        def work(first):
            for own in range(first, first + 10_000):
                if store.record(call(latency_s=own / 1_000)):
                    os.write(write, b"%d\\n" % own)
        for thread in range(4):
            threading.Thread(target=work, args=(1 + turn * 100_000 + thread * 10_000,)).start()
        time.sleep(60)
    os.close(write)
    with os.fdopen(read) as told:
        first = told.readline()
        time.sleep(rng.random() * 0.08)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print(first + told.read(), end="", flush=True)
"""


@pytest.mark.whole
def test_kill_9_in_the_middle_of_writes_loses_nothing_that_was_reported(store: Store) -> None:
    address = make_url(store.url).render_as_string(hide_password=False)
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, address, str(store.key_file), "50"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    # A number that was cut by the kill was not reported.
    reported = {int(line) for line in done.stdout.splitlines() if line}
    assert len(reported) >= 50
    with store.reading() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
        kept = {round(each) for each in connection.scalars(select(EVENTS.c.latency_ms))}
    assert reported <= kept
    counted = sum(day.counts["calls"][0] for day in store.tallies("day", *WIDE).values())
    assert counted == events(store)  # counts and calls are one transaction


# ---------------------------------------------------------------- words


def test_the_fifth_description_brings_an_unseen_word_into_the_clear(store: Store) -> None:
    for tag in range(4):
        store.record(call(unseen=({"zipgram": (False, tag)},)))
    assert store.unseen(*WIDE) == ([], 1)
    assert b"zipgram" not in bytes_of(store)
    store.record(call(unseen=({"zipgram": (False, 4)},)))
    (word,), hidden = store.unseen(*WIDE)
    assert (word.word, word.descriptions, hidden) == ("zipgram", 5, 0)


def test_one_text_sent_again_and_again_brings_no_word_into_the_clear(store: Store) -> None:
    for _ in range(12):
        store.record(call(unseen=({"zipgram": (False, 77)},)))
    assert store.unseen(*WIDE) == ([], 1)
    assert b"zipgram" not in bytes_of(store)


def test_a_word_that_looks_like_a_name_stays_hidden(store: Store) -> None:
    for tag in range(9):
        store.record(call(unseen=({"quenby": (tag % 3 == 0, tag)},)))
    assert store.unseen(*WIDE) == ([], 1)
    assert b"quenby" not in bytes_of(store)


def test_days_of_a_window_count_together_and_older_ones_do_not(store: Store) -> None:
    for day in range(5):
        store.record(call(NOON + days(day), unseen=({"zipgram": (False, day)},)))
        store.record(call(NOON + days(20 * day), unseen=({"rarely": (False, day)},)))
    (word,), hidden = store.unseen(*WIDE)
    assert (word.word, word.first_day.date(), hidden) == ("zipgram", NOON.date(), 1)


def unseen_rows(store: Store) -> list[tuple]:
    with store.reading() as connection:
        columns = [column for column in UNSEEN.c if column.name != "id"]
        return sorted(map(tuple, connection.execute(select(*columns))), key=repr)


@pytest.mark.whole
def test_words_that_are_written_together_count_as_if_one_by_one(tmp_path: Path) -> None:
    rng = random.Random(4)
    recordings = [
        call(
            NOON + days(rng.randrange(40)),
            unseen=({f"word{rng.randrange(30)}": (False, rng.randrange(256))},),
            sample=rng.random() < 0.2,
        )
        for _ in range(900)
    ]
    recordings.sort(key=lambda one: one.at)
    stores = []
    for at_once in (1, 300):
        (folder := tmp_path / str(at_once)).mkdir()
        (folder / "store.key").write_bytes(b"k" * 32)
        stores.append(small_store(folder))
        for start in range(0, 900, at_once):
            stores[-1].write(recordings[start : start + at_once])
    one_by_one, together = map(unseen_rows, stores)
    assert together == one_by_one
    assert any(row[5] for row in together)
    for store in stores:
        store.close()


def test_a_name_hides_its_word_wherever_it_stood_before_also_within_one_transaction(
    store: Store,
) -> None:
    clear = [call(unseen=({"quenby": (False, tag)},)) for tag in range(6)]
    sample = [call(NOON + days(1), unseen=({"quenby": (False, 9)},), sample=True)] * 6
    named = [call(NOON + days(2), unseen=({"quenby": (True, tag)},)) for tag in range(20, 26)]
    store.write([*clear, *sample])
    assert [row[5] for row in unseen_rows(store)] == ["quenby", None]
    store.write([*clear, *named])
    assert [row[5] for row in unseen_rows(store)] == [None, None, None]


def test_the_statements_of_a_transaction_do_not_grow_with_its_words(store: Store) -> None:
    statements = []
    event.listen(store._open(), "before_cursor_execute", lambda *args: statements.append(args[2]))
    for words in (3, 300):
        for _ in range(2):  # new rows, then more of the same
            statements.append("")
            store.record(call(unseen=({f"w{n}of{words}": (False, 1) for n in range(words)},)))
    counts = [len(list(part)) for real, part in groupby(statements, bool) if real]
    assert counts[0] == counts[2]
    assert counts[1] == counts[3]


def test_a_call_of_very_many_new_words_holds_no_other_up_and_all_are_counted(
    store: Store,
) -> None:
    inserted = []

    def note(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if statement.startswith("INSERT INTO unseen_words"):
            inserted.append(len(parameters))

    event.listen(store._open(), "before_cursor_execute", note)
    many = call(unseen=({f"word{n}": (False, 1) for n in range(5 * WORDS)},))
    assert store.record(many)
    assert store.record(call(unseen=({"word1": (False, 2), "another": (False, 2)},)))
    store.finish()
    assert len(unseen_rows(store)) == 5 * WORDS + 1
    assert sum(row[2] for row in unseen_rows(store)) == 5 * WORDS + 2
    assert max(inserted) == WORDS


def test_words_that_could_not_be_written_wait_and_refuse_no_record(
    store: Store, hasty: None
) -> None:
    store.writable()
    many = call(unseen=({f"word{n}": (False, 1) for n in range(3 * WORDS)},))
    store.write([many])
    with held_by_another_program(store):
        store.finish()
        assert store._attempt([]) is not None
    assert store.record(call())
    store.finish()
    assert len(unseen_rows(store)) == 3 * WORDS


def test_more_words_than_can_wait_are_counted_in_the_log(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("afterword.store.calls.LATER", 10)
    monkeypatch.setattr("afterword.store.calls._uncounted", RateLimitedLog(log, wording.UNCOUNTED))
    store.write([call(unseen=({f"word{n}": (False, 1) for n in range(WORDS + 15)},))])
    store.finish()
    assert len(unseen_rows(store)) == WORDS + 10
    assert f"{wording.UNCOUNTED}: 5. {wording.TOO_MANY_WORDS}" in caplog.messages
    assert events(store) == 1


def test_the_key_is_readable_by_its_owner_alone(store: Store) -> None:
    store.record(call(unseen=({"zipgram": (False, 1)},)))
    assert stat.S_IMODE(store.key_file.stat().st_mode) == 0o600


@pytest.mark.sqlite_only("a server has no file of the store")
def test_the_database_is_readable_by_its_owner_alone(store: Store, tmp_path: Path) -> None:
    store.record(call())
    assert stat.S_IMODE((tmp_path / "afterword.db").stat().st_mode) == 0o600


@pytest.mark.sqlite_only("it reads what SQLite writes beside its file")
def test_the_log_of_the_database_holds_no_single_descriptions_descriptors(store: Store) -> None:
    """Every version of a day's row stays in the log for a while: none is one description apart."""
    for text in range(45):
        store.record(call(texts=(text,)))
    versions = {
        int(count) for count in re.findall(rb'"inputs": \[1, \[0\], \[(\d+)\]\]', bytes_of(store))
    }
    assert versions == {20, 40}


# ---------------------------------------------------------------- forgetting


def test_forgetting_deletes_the_bytes_too(store: Store) -> None:
    old = NOON - days(40)
    for tag in range(6):
        store.record(call(old, unseen=({"zipgram": (False, tag)},)))
    store.record(call(NOON))
    assert b"zipgram" in bytes_of(store)
    assert store.forget(NOON - days(30)) >= 8
    assert b"zipgram" not in bytes_of(store)
    assert events(store) == 1
    assert list(store.tallies("day", *WIDE)) == [NOON.replace(hour=0)]


def test_forgetting_says_so_if_another_program_keeps_the_bytes(store: Store) -> None:
    store.record(call(NOON - days(40), unseen=({"zipgram": (False, 1)},)))
    other = another(store)
    with other.reading() as connection:
        connection.execute(select(func.count()).select_from(EVENTS)).scalar_one()
        with pytest.raises(StoreError, match="could not be cleaned"):
            store.forget(NOON)
    other.close()
    store.forget(NOON)  # nothing is left to delete, and now the bytes go
    hashed = store.hash("zipgram").encode()
    assert hashed not in bytes_of(store)


def test_forgetting_takes_whole_days_so_that_calls_and_counts_agree(store: Store) -> None:
    for hour in (1, 23):
        store.record(call(NOON.replace(hour=hour)))
    store.forget(NOON)
    assert events(store) == 2
    store.forget(NOON + days(1))
    assert (events(store), store.tallies("day", *WIDE)) == (0, {})


def test_removing_the_samples_leaves_what_is_ones_own(store: Store) -> None:
    store.record(call())
    store.record(call(sample=True, unseen=({"zipgram": (False, 1)},)))
    assert store.has_samples()
    assert store.last_sample() == NOON.replace(hour=0) + days(1)
    store.remove_samples()
    assert not store.has_samples()
    assert store.has_events()
    assert store.last_sample() is None


# ---------------------------------------------------------------- schema


def test_the_newest_migration_gives_the_tables_that_the_code_expects(store: Store) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    with store.reading() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, METADATA) == []


def test_the_checks_of_an_earlier_version_go_on_counting(store: Store) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with store.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")  # before there were trials
        row = "'page', 'm', 'stable', 60, 60, '{}', '{}', false"
        columns = "at, source, model, level, rows, accepted, content, columns, sample"
        when = int(NOON.timestamp())
        connection.exec_driver_sql(f"INSERT INTO checks ({columns}) VALUES ({when}, {row})")
    later = another(store)
    (kept,) = later.checks.list()
    assert (kept.at, kept.trial) == (NOON, False)
    assert later.checks.count(trial=True) == 0
    assert later.record(call())
    later.close()


def test_a_store_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    again = another(store)
    assert again.record(call()) is False
    assert "newer version" in again.problem


def test_two_processes_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    stores = [small_store(tmp_path) for _ in range(6)]
    done = []
    threads = [threading.Thread(target=lambda s=s: done.append(s.record(call()))) for s in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [True] * 6
    for store in stores:
        store.close()


@pytest.mark.sqlite_only("a server has settings of its own")
def test_the_database_waits_for_the_disk_and_overwrites_what_is_deleted(store: Store) -> None:
    with store.reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_no_column_takes_a_text_of_any_length() -> None:
    texts = {
        f"{table.name}.{column.name}": getattr(column.type, "length", None)
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.type.python_type is str
    }
    assert None not in texts.values(), json.dumps(texts)


def test_a_store_in_memory_is_refused(tmp_path: Path) -> None:
    store = Store("sqlite://", tmp_path / "store.key")
    assert store.record(call()) is False
    assert "names no file" in store.problem

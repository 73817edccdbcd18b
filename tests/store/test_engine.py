"""The store on a PostgreSQL server: processes at once, addresses that are wrong, and what goes."""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import ServerCursor
from sqlalchemy import NullPool, create_engine, event, update
from sqlalchemy.engine import URL

from afterword.errors import StoreError
from afterword.store import Store, engine, wording
from afterword.store.schema import EVENTS, TALLIES
from tests.postgresql import Databases, run
from tests.stores import NOON, WIDE, another, bytes_of, call, days, events

pytestmark = pytest.mark.postgresql

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty(postgresql: Databases) -> Iterator[URL]:
    """A database without tables."""
    database = postgresql.empty()
    yield database
    postgresql.drop(database)


# ---------------------------------------------------------------- at once

_RECORDS = """
import json, random, sys, threading
from datetime import timedelta
from pathlib import Path
from afterword.store import Store, calls, engine
from tests.stores import NOON, call
# However busy the machine is: this is not about waiting.
engine.BUSY_MS, calls.WAIT_S = 30_000, 60
address, key, seed = sys.argv[1:]
rng, store, done = random.Random(int(seed)), Store(address, Path(key)), []
def work(calls):
    done.extend(store.record(one) for one in calls)
def words():
    return {f"word{n}": (False, rng.randrange(256)) for n in rng.sample(range(30), 10)}
threads = [
    threading.Thread(target=work, args=([
        call(NOON + timedelta(hours=rng.randrange(48)), model=rng.choice("mn"), unseen=(words(),))
        for _ in range(25)
    ],))
    for _ in range(4)
]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads: thread.start()
for thread in threads: thread.join()
store.finish()
print(json.dumps([sum(done), store.problem]))
"""


@pytest.mark.whole
def test_processes_that_record_at_once_into_a_new_database_lose_nothing(
    empty: URL, tmp_path: Path
) -> None:
    store = Store(empty, tmp_path / "store.key")
    store.hash("a word")  # the key is there before the processes are
    address = empty.render_as_string(hide_password=False)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _RECORDS, address, str(store.key_file), str(seed)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    assert said == [[100, ""]] * 3
    assert events(store) == 300
    for span in ("hour", "day"):
        counted = store.tallies(span, *WIDE).values()
        assert sum(tally.descriptions for tally in counted) == 300
    words, hidden = store.unseen(*WIDE)
    assert (sum(word.descriptions for word in words), hidden) == (3_000, 0)
    store.close()


def test_who_waited_for_another_process_sees_what_that_wrote(empty: URL, tmp_path: Path) -> None:
    """Also where the server would show each transaction the state at its beginning."""
    wanted = "SET default_transaction_isolation = 'repeatable read'"
    run(empty, f"ALTER DATABASE {empty.database} {wanted}")
    store = Store(empty, tmp_path / "store.key")
    assert store.record(call())
    other, done = another(store), []
    twice = call(descriptions=2).tally.to_dict()
    with other.begin() as connection:
        thread = threading.Thread(target=lambda: done.append(store.record(call())))
        thread.start()
        thread.join(0.3)  # by then it waits
        connection.execute(update(TALLIES).values(content=twice))
    thread.join()
    other.close()
    assert done == [True]
    (day,) = store.tallies("day", *WIDE).values()
    assert day.descriptions == 3
    store.close()


# ---------------------------------------------------------------- a server that is not there


def test_connections_that_the_server_ended_are_opened_again(store: Store) -> None:
    assert store.record(call())
    assert isinstance(store.url, URL)
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    run(store.url, f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}")
    assert store.record(call())
    assert (events(store), store.problem) == (2, "")


def test_a_database_that_is_gone_is_one_sentence(postgresql: Databases, tmp_path: Path) -> None:
    store = Store(gone := postgresql.empty(), tmp_path / "store.key")
    assert store.record(call())
    postgresql.drop(gone)
    assert store.record(call()) is False
    assert store.problem == wording.NOT_WRITTEN
    assert store.writable() is False
    with pytest.raises(StoreError) as refused:
        events(store)
    assert str(refused.value) == wording.UNREADABLE
    store.close()


def test_a_server_that_does_not_answer_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CONNECT_S", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = Store(f"postgresql+psycopg://u:p@127.0.0.1:{port}/d", tmp_path / "store.key")
        with pytest.raises(StoreError) as refused:
            events(store)
    assert str(refused.value) == wording.UNREADABLE


def test_who_records_waits_for_nobody_who_waits_for_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.store.calls.WAIT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = Store(f"postgresql+psycopg://u:p@127.0.0.1:{port}/d", tmp_path / "store.key")
        reader = threading.Thread(target=store.has_events)
        reader.start()
        asking, _ = silent.accept()
        assert store.record(call()) is False
        assert reader.is_alive()
        assert store.problem == wording.too_slow(0.05)
        asking.close()
        reader.join()


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql+psycopg://user:hunter2@127.0.0.1:1/d", wording.NOT_WRITTEN),
        ("postgresql+psycopg://user:hunter2@127.0.0.1:1/d?sslmode=perhaps", wording.NOT_WRITTEN),
        ("postgresql+psycopg://user:hunter2@127.0.0.1/d?password=hunter2&p=1", wording.NOT_WRITTEN),
        ("postgresql+psycopg://user:hunter2@127.0.0.1:port/d", wording.NO_DATABASE),
        ("postgresql+nothing://user:hunter2@127.0.0.1/d", wording.NO_DATABASE),
        ("postgres://user:hunter2@127.0.0.1/d", wording.NO_DATABASE),
    ],
)
def test_no_message_repeats_an_address_that_cannot_be_used(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, address: str, says: str
) -> None:
    caplog.set_level(logging.DEBUG)
    store = Store(address, tmp_path / "store.key")
    assert store.record(call()) is False
    assert store.problem == says
    assert store.writable() is False
    with pytest.raises(StoreError) as refused:
        events(store)
    told = "".join(traceback.format_exception(refused.value)) + caplog.text + repr(store)
    assert "hunter2" not in told


def test_a_driver_without_its_library_is_no_database(tmp_path: Path) -> None:
    # As on a machine that has psycopg without [binary], and no libpq.
    tried = (
        "from pathlib import Path; from afterword.store import Store;"
        f"s = Store('postgresql+psycopg://u:p@h/d', Path({str(tmp_path / 'store.key')!r}));"
        "print(s.writable()); s.reading().__enter__()"
    )
    done = subprocess.run(
        [sys.executable, "-c", tried],
        cwd=ROOT,
        env=os.environ | {"PSYCOPG_IMPL": "c"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "False"
    assert done.stderr.strip().endswith(wording.NO_DATABASE)


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_character_is_refused(
    postgresql: Databases, tmp_path: Path, encoding: str
) -> None:
    narrow = postgresql.empty(encoding=encoding)
    store = Store(narrow, tmp_path / "store.key")
    assert store.record(call()) is False
    assert store.problem == wording.NOT_UTF8
    store.close()
    postgresql.drop(narrow)


# ---------------------------------------------------------------- much to read


@pytest.mark.parametrize("most", [10, 10_000])
def test_the_answers_of_many_calls_are_fetched_in_parts(store: Store, most: int) -> None:
    """All at once they would be in memory, though there are more than are wanted."""
    store.write([call(descriptions=20) for _ in range(300)])
    with store.begin() as connection:  # as before there were profiles
        connection.execute(update(EVENTS).values(answers=[[10, 20, 90, 4]] * 20))
    cursors: list[object] = []
    event.listen(store._open(), "before_cursor_execute", lambda *args: cursors.append(args[1]))
    found = store.answers(*WIDE, model="m", most=most)
    assert found.tolist() == [[10, 20, 90]] * min(most, 6_000)
    assert [isinstance(each, ServerCursor) for each in cursors] == [True]


# ---------------------------------------------------------------- forgetting


def test_forgetting_leaves_the_tables_of_other_programs_alone(empty: URL, tmp_path: Path) -> None:
    run(empty, "CREATE TABLE others (id int)")
    store = Store(empty, tmp_path / "store.key")
    store.record(call(NOON - days(40)))
    tables = ("others", "events")
    before = [run(empty, f"SELECT pg_relation_filenode('{name}')") for name in tables]
    assert store.forget(NOON)
    after = [run(empty, f"SELECT pg_relation_filenode('{name}')") for name in tables]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]
    store.close()


def test_what_somebody_still_sees_is_not_said_to_be_gone(store: Store) -> None:
    """PostgreSQL keeps a deleted row for whoever began to read before."""
    words = ({"zipgram": (False, 1)},)
    store.record(call(NOON - days(40), descriptions=25, unseen=words))
    hashed = store.hash("zipgram").encode()
    assert hashed in bytes_of(store)
    reader = create_engine(store._open().url, isolation_level="REPEATABLE READ", poolclass=NullPool)
    with reader.connect() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM events")
        with pytest.raises(StoreError) as refused:
            store.forget(NOON)
    assert str(refused.value) == wording.NOT_CLEANED
    assert not events(store)
    # What is left is cleaned away with the next deletion, though nothing is left to delete.
    store.forget(NOON)
    assert hashed not in bytes_of(store)

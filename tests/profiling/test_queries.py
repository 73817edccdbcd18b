"""Rows of a database by a query: nothing is written there, and no row is told."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import NullPool, create_engine

from afterword.errors import AfterwordError
from afterword.measures.profiles import Profile
from afterword.profiling.jobs import Progress
from afterword.profiling.making import profile
from afterword.profiling.queries import Query
from afterword.settings import get_settings
from tests.profiling.parts import PEAK, told
from tests.profiling.test_making import batch_of
from tests.servers import environment

if TYPE_CHECKING:
    from tests.postgresql import Databases

ROOT = Path(__file__).resolve().parents[2]
SECRET = "Quenby-secret"
TABLE = "CREATE TABLE reports (id INTEGER, text TEXT, received TEXT)"
ROW = "INSERT INTO reports VALUES (1, 'Quenby-secret stared at me.', '2026-03-01')"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with a table of one row."""
    address = f"sqlite:///{tmp_path / 'a base.db'}"
    if request.param == "sqlite":
        run(address, TABLE, ROW)
        yield address
        return
    databases: Databases = request.getfixturevalue("postgresql")
    url = databases.empty()
    address = url.render_as_string(hide_password=False)
    run(address, TABLE, ROW)
    yield address
    databases.drop(url)


def run(address: str, *statements: str) -> list[Any]:
    """What another program does there; the rows of the last statement."""
    engine = create_engine(address, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            done = connection.exec_driver_sql(statement)
        return [tuple(row) for row in done] if done.returns_rows else []


def read(address: str, statement: str, rows: int = 10_000) -> list[pa.Table]:
    return list(Query(statement, address).tables(rows))


def refusal(address: str, statement: str) -> str:
    """What is said of a query that gives no rows."""
    with pytest.raises((AfterwordError, OSError)) as raised:
        read(address, statement)
    assert SECRET not in str(raised.value)
    return str(raised.value)


def test_the_columns_of_a_query_are_those_of_the_table(database: str) -> None:
    (table,) = read(database, "SELECT id, text AS description, '10 %' AS share FROM reports;")
    assert table.to_pylist() == [
        {"id": 1, "description": f"{SECRET} stared at me.", "share": "10 %"}
    ]
    assert read(database, "SELECT text FROM reports WHERE id = 2") == []


def test_rows_come_in_tables_of_so_many(database: str) -> None:
    run(database, *[f"INSERT INTO reports VALUES ({n}, 'He waved.', '')" for n in range(2, 2_501)])
    tables = read(database, "SELECT id FROM reports ORDER BY id", rows=1_000)
    assert [len(table) for table in tables] == [1_000, 1_000, 500]
    assert [n for table in tables for n in table["id"].to_pylist()] == list(range(1, 2_501))


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO reports VALUES (2, 'He waved.', '')",
        "UPDATE reports SET text = ''",
        "DELETE FROM reports",
        "DROP TABLE reports",
        "CREATE TABLE more (id INTEGER)",
        "DELETE FROM reports RETURNING id",
        "SELECT 1; DELETE FROM reports",
        "BEGIN",
        "COMMIT",
    ],
)
def test_nothing_is_written(database: str, statement: str) -> None:
    assert "SELECT" in refusal(database, statement)
    assert run(database, "SELECT count(*) FROM reports") == [(1,)]


@pytest.mark.parametrize("statement", ["VACUUM INTO '{}'", "ATTACH '{}' AS other", "VACUUM"])
def test_no_other_file_is_written(statement: str, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'base.db'}"
    run(address, TABLE, ROW)
    assert "may only read" in refusal(address, statement.format(tmp_path / "other.db"))
    assert [path.name for path in tmp_path.iterdir()] == ["base.db"]


@pytest.mark.postgresql
def test_a_function_that_writes_does_not(postgresql: Databases) -> None:
    url = postgresql.empty()
    address = url.render_as_string(hide_password=False)
    forget = (
        "CREATE FUNCTION forget() RETURNS text AS 'DELETE FROM reports RETURNING text' LANGUAGE sql"
    )
    run(address, TABLE, ROW, forget)
    assert "may only read" in refusal(address, "SELECT forget() AS text")
    assert run(address, "SELECT count(*) FROM reports") == [(1,)]
    postgresql.drop(url)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("SELECT text FROM report", "no table that the query names"),
        ("SELECT texts FROM reports", "no column that the query names"),
        ("SELECT text FRM reports", "no single SELECT"),
        ("He stared", "no single SELECT"),
        ("", ""),
        ("SELECT id, id FROM reports", "two columns of one name"),
    ],
)
def test_what_is_wrong_with_a_query_is_one_sentence(
    database: str, statement: str, what: str
) -> None:
    assert what in refusal(database, statement)


@pytest.mark.postgresql
def test_a_value_that_does_not_fit_is_not_told(postgresql: Databases) -> None:
    url = postgresql.empty()
    address = url.render_as_string(hide_password=False)
    run(address, TABLE, ROW, "CREATE ROLE quenby LOGIN" if not roles(address) else "SELECT 1")
    assert "A value does not fit" in refusal(address, "SELECT text::integer FROM reports")
    assert "may not read" in refusal(
        url.set(username="quenby").render_as_string(), "SELECT text FROM reports"
    )
    assert "cancelled" in refusal(
        url.update_query_dict({"options": "-c statement_timeout=50"}).render_as_string(),
        "SELECT pg_sleep(5)::text AS text",
    )
    assert "cannot be reached" in refusal(
        url.set(database="none", username="nobody").render_as_string(), "SELECT 1"
    )
    postgresql.drop(url)


def roles(address: str) -> list[Any]:
    return run(address, "SELECT 1 FROM pg_roles WHERE rolname = 'quenby'")


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("sqlite:///nothing.db", "no file of SQLite"),
        ("sqlite://", "no file of SQLite"),
        ("sqlite:///:memory:", "no file of SQLite"),
        (f"somebody:{SECRET}@host", "none that SQLAlchemy knows"),
        (f"nothing://somebody:{SECRET}@host/base", "none that SQLAlchemy knows"),
        (f"oracle+oracledb://somebody:{SECRET}@host/base", "driver of this database"),
        (f"postgresql+psycopg://somebody:{SECRET}@127.0.0.1:9/base", "cannot be reached"),
    ],
)
def test_a_database_that_is_not_there_is_told_without_its_address(address: str, what: str) -> None:
    said = refusal(address, "SELECT 1 AS text")
    assert what in said
    assert "somebody" not in said


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_text("He stared at me all the way home." * 100)
    assert "no database" in refusal(f"sqlite:///{tmp_path / 'no.db'}", "SELECT 1 FROM reports")


def test_the_address_is_that_of_the_setting(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AfterwordError, match="AFTERWORD_SOURCE_URL"):
        list(Query("SELECT 1").tables(10))
    monkeypatch.setenv("AFTERWORD_SOURCE_URL", database)
    get_settings.cache_clear()
    try:
        (table,) = Query("SELECT id FROM reports").tables(10)
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert table["id"].to_pylist() == [1]


def test_a_query_shows_neither_its_text_nor_its_address() -> None:
    query = Query(f"SELECT '{SECRET}'", f"postgresql+psycopg://somebody:{SECRET}@host/base")
    assert repr(query) == str(query) == "Query()"


def test_cells_of_every_kind_are_read(tmp_path: Path) -> None:
    path = tmp_path / "kinds.db"
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE kinds (mixed, bytes BLOB, whole INTEGER, text TEXT)")
    base.executemany(
        "INSERT INTO kinds VALUES (?, ?, ?, CAST(? AS TEXT))",
        [(1, b"He waved.", 2**62, b"caf\xe9"), ("two", None, None, b"fine"), (None, b"", 3, None)],
    )
    base.commit()
    (table,) = read(f"sqlite:///{path}", "SELECT * FROM kinds")
    assert table.to_pydict() == {
        "mixed": ["1", "two", None],
        "bytes": [b"He waved.", None, b""],
        "whole": [2**62, None, 3],
        "text": ["caf�", "fine", None],
    }


@pytest.mark.postgresql
def test_cells_of_every_kind_of_postgresql_are_read(postgresql: Databases) -> None:
    url = postgresql.empty()
    (table,) = read(
        url.render_as_string(hide_password=False),
        "SELECT 'He waved.'::text AS text, 1::numeric AS number, true AS yes, 1.5::float8 AS part, "
        "'2026-03-01'::date AS day, '2026-03-01 10:00+02'::timestamptz AS moment, "
        "'\\x4865'::bytea AS bytes, '{\"a\": [1]}'::jsonb AS document, '{1,2}'::int[] AS list, "
        "'00000000-0000-0000-0000-000000000001'::uuid AS id, '10:00'::time AS clock, "
        "'1 day'::interval AS span, NULL AS nothing, 12345678901234567890123::numeric AS long, "
        "'127.0.0.1'::inet AS address, 'NaN'::numeric AS none",
    )
    (row,) = table.to_pylist()
    assert (row["text"], row["yes"], row["part"], row["nothing"]) == ("He waved.", True, 1.5, None)
    assert (int(row["number"]), str(row["day"]), row["bytes"]) == (1, "2026-03-01", b"He")
    assert pd.Timestamp(row["moment"]) == pd.Timestamp("2026-03-01 08:00", tz="UTC")
    assert (row["document"], row["list"], row["clock"]) == ('{"a": [1]}', "[1, 2]", "10:00:00")
    assert row["id"].endswith("0001")
    assert str(row["long"]) == "12345678901234567890123"
    postgresql.drop(url)


CODE = f"""
import sys
from afterword.profiling.queries import Query
rows = sum(len(table) for table in Query(sys.argv[2], sys.argv[1]).tables(10_000))
print(rows, {PEAK})
"""


def peak(address: str, statement: str) -> int:
    """Kilobytes that a process comes to which reads all rows, and keeps none."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, address, statement],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rows, found = map(int, done.stdout.split())
    assert rows >= 50_000
    return found


def rows_of(database: str) -> Callable[[int], str]:
    """A query that gives so many rows, none of which is stored."""
    if database.startswith("postgresql"):
        series = "SELECT n FROM generate_series(1, {}) AS numbers(n)"
    else:
        series = (
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers "
            "WHERE n < {}) SELECT n FROM numbers"
        )
    told = "'He stared at me all the way home, and it was the time number ' || n AS text, n AS id"
    return lambda count: series.format(count).replace("SELECT n FROM", f"SELECT {told} FROM")


def test_memory_does_not_grow_with_the_rows(database: str) -> None:
    query = rows_of(database)
    few, many = (peak(database, query(count)) for count in (50_000, 300_000))
    assert many < 1.1 * few


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return batch_of(1_500, 11)


def filled(address: str, table: pd.DataFrame) -> str:
    """A query of a table with the same rows, its times and labels as databases have them."""
    labels = [name for name in map(str, table) if name.endswith(" label")]
    kept = table.assign(number=range(len(table)))
    if address.startswith("postgresql"):
        kept["time"] = pd.to_datetime(kept["time"]).dt.date
        for name in labels:
            kept[name] = kept[name].map(lambda cell: Decimal(cell) if cell else None).astype(object)
    engine = create_engine(address, poolclass=NullPool)
    kept.to_sql("weeks", engine, index=False)
    columns = ", ".join(f'"{name}"' for name in table)
    return f"SELECT {columns} FROM weeks ORDER BY number"


def test_the_rows_of_a_query_are_those_of_a_file(
    database: str, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("afterword.profiling.sources.BLOCK_ROWS", 100)
    monkeypatch.setattr("afterword.profiling.queries._STEP", 50)
    query = Query(filled(database, table), database)
    table.to_csv(tmp_path / "week.csv", index=False)
    expected = told(profile(tmp_path / "week.csv"))
    for workers in (1, 2):
        parts: list[Progress] = []
        found: Profile = profile(query, workers=workers, progress=parts.append)
        assert len(parts) > 1
        assert parts[-1].rows == 1_500
        assert told(found) == expected
    labelled = profile(query, by="Ogling label", description="description")
    assert labelled.whole.rows == sum(each.rows for each in labelled.values()) == 1_500


def test_a_query_cannot_be_continued_and_needs_rows(database: str, tmp_path: Path) -> None:
    with pytest.raises(AfterwordError, match="Only files can be read again"):
        profile(Query("SELECT text FROM reports", database), checkpoint=tmp_path / "kept")
    with pytest.raises(AfterwordError, match="gives no row;"):
        profile(Query("SELECT text FROM reports WHERE id = 2", database))
    with pytest.raises(AfterwordError, match="no table that the query names"):
        profile(Query("SELECT text FROM report", database))


@pytest.mark.postgresql
def test_a_connection_that_is_lost_is_told_and_what_came_is_counted(
    postgresql: Databases, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.profiling.sources.BLOCK_ROWS", 400)
    url = postgresql.empty()
    address = url.render_as_string(hide_password=False)
    statement = filled(address, table)
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    end = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}"
    found: Profile = profile(
        Query(f"SELECT weeks.* FROM ({statement}) AS weeks, generate_series(1, 9)", address),
        progress=lambda _: run(address, end),
    )
    (note,) = found.notes
    assert note.startswith("Of block ")
    assert "It was read up to there" in note
    assert "The connection to the database was lost" in note
    assert 0 < found.rows < 9 * 1_500
    postgresql.drop(url)

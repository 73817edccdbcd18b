"""Streams over HTTP: made, listed, filled, checked; nothing of a file is left anywhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from starlette.testclient import TestClient

from afterword.api import wording
from afterword.settings import Settings
from afterword.store import Store
from afterword.store import wording as store_wording
from afterword.store.tally import layout_of
from afterword.streams import wording as stream_wording
from afterword.streams.adding import add
from tests.api.test_checks import SCORED, client_of
from tests.conftest import invented
from tests.stores import WIDE, bytes_of

MONDAY = datetime(2026, 2, 16, 9, tzinfo=UTC)
"""Of the week 2026-W08."""
SECRET = "Zebrafinch"


def week(rows: int = 175) -> bytes:
    """A file of a week, 25 rows a day."""
    frame = pd.DataFrame({"case_id": range(rows), "text": invented(rows)["description"]})
    frame["received at"] = [
        f"{MONDAY + timedelta(days=row // 25, minutes=row % 25):%Y-%m-%d %H:%M}"
        for row in range(rows)
    ]
    return frame.to_csv(index=False).encode()


@pytest.fixture
def client(store: Store) -> TestClient:
    return client_of(store)


def send(client: TestClient, content: bytes, name: str = "week.csv", **fields: str):
    return client.post("/api/add", files={"file": (name, content)}, data=fields)


def test_a_stream_is_made_filled_checked_and_listed(client: TestClient, store: Store) -> None:
    new = {"name": "Web form", "cadence": "week", "zone": "europe/berlin"}
    made = client.post("/api/streams/create", json=new)
    assert (made.status_code, made.json()["zone"]) == (200, "Europe/Berlin")
    answer = send(client, week(), stream="web form")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["stream"], told["rows"], told["periods"]) == ("Web form", 175, ["2026-W08"])
    assert told["id_column"] == "case_id"
    again = send(client, week(), stream="Web form").json()
    assert (again["rows"], again["known_files"]) == (0, 1)
    checked = client.post("/api/streams/check", json={"stream": "Web form"})
    verdict = checked.json()
    assert (checked.status_code, verdict["stream_period"]) == (200, "2026-W08")
    assert (verdict["accepted"], verdict["recorded"]) == (175, True)
    service, form = client.get("/api/streams").json()["streams"]
    assert (service["name"], form["name"], form["days"]) == ("service", "Web form", 7)
    assert form["last_check"]["id"] == verdict["id"]
    (line,) = client.get("/api/checks").json()["checks"]
    assert (line["stream"], line["stream_period"]) == ("Web form", "2026-W08")
    whole = client.get(f"/api/checks/{verdict['id']}").json()
    assert whole["stream"] == "Web form"


def test_a_file_over_http_is_counted_as_one_that_the_command_adds(
    client: TestClient, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "week.csv"
    path.write_bytes(week())
    for name in ("one", "two"):
        store.streams.create(name)
    send(client, week(), stream="one")
    add(path, stream="two", store=store)
    one, two = (
        {
            day: (own.tally.to_dict(), own.texts.tolist())
            for day, own in store.profiles(
                *WIDE, model=layout_of().model, stream=store.streams.get(name).id
            ).items()
        }
        for name in ("one", "two")
    )
    assert one == two
    assert add(path, stream="one", store=store).known_files == 1


def test_rows_of_which_a_day_is_told(client: TestClient, store: Store) -> None:
    store.streams.create("form")
    content = invented(60)[["description"]].to_csv(index=False).encode()
    refused = send(client, content, stream="form")
    assert (refused.status_code, refused.json()["error"]) == (422, wording.NO_TIMES)
    told = send(client, content, stream="form", day="2026-02-18").json()
    assert (told["rows"], told["first"]) == (60, "2026-02-18")


@pytest.mark.parametrize(
    ("fields", "code", "sentence"),
    [
        ({}, 422, wording.NAME_THE_STREAM),
        ({"stream": SECRET}, 404, wording.NO_STREAM),
        ({"stream": "service", "day": "Monday"}, 422, stream_wording.PERIOD),
        ({"stream": "service", "strict": "maybe"}, 422, wording.true_or_false("strict")),
        ({"stream": "service", "id": "nothing"}, 422, stream_wording.NO_ID_COLUMN),
    ],
)
def test_what_cannot_be_added_is_one_sentence(
    client: TestClient, fields: dict[str, str], code: int, sentence: str
) -> None:
    answer = send(client, week(), **fields)
    assert (answer.status_code, answer.json()) == (code, {"error": sentence})


def test_a_field_that_is_not_known_and_scored_rows_are_refused(client: TestClient) -> None:
    assert send(client, week(), stream="service", keep="true").status_code == 422
    scored = send(client, SCORED, "week.parquet", stream="service")
    assert (scored.status_code, scored.json()["error"]) == (422, wording.SCORED_ROWS)


@pytest.mark.parametrize(
    ("address", "body", "code", "sentence"),
    [
        ("/api/streams/create", {"name": "service"}, 422, store_wording.NAME_TAKEN),
        ("/api/streams/create", {"name": f"{SECRET}/"}, 422, store_wording.STREAM_NAME),
        ("/api/streams/create", {"name": "a", "zone": SECRET}, 422, store_wording.ZONE),
        ("/api/streams/create", {"name": "a", "cadence": SECRET}, 422, wording.STREAM_BODY),
        ("/api/streams/create", [], 422, wording.STREAM_BODY),
        ("/api/streams/check", {"stream": SECRET}, 404, wording.NO_STREAM),
        ("/api/streams/check", {"stream": "service", "period": "x"}, 422, stream_wording.PERIOD),
        ("/api/streams/check", {}, 422, wording.STREAM_BODY),
    ],
)
def test_a_wrong_body_is_one_sentence(
    client: TestClient, address: str, body: object, code: int, sentence: str
) -> None:
    answer = client.post(address, json=body)
    assert (answer.status_code, answer.json()) == (code, {"error": sentence})


def test_a_store_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("in the way")
    store = Store(f"sqlite:///{tmp_path / 'home' / 'afterword.db'}", tmp_path / "store.key")
    client = client_of(store)
    for answer in (
        client.get("/api/streams"),
        client.post("/api/streams/create", json={"name": "form"}),
        client.post("/api/predict", json={"texts": ["He stared."], "stream": "form"}),
        send(client, week(), stream="form"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (503, wording.UNREADABLE_STREAMS)


def test_nothing_of_a_file_is_left(
    client: TestClient, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.streams.create("form")
    content = week().replace(b"near the", f"near {SECRET} the".encode())
    assert send(client, content, f"{SECRET}.csv", stream="form").status_code == 200
    assert SECRET.lower().encode() not in bytes_of(store).lower()
    assert SECRET not in caplog.text


def test_a_file_may_be_as_large_as_an_upload(store: Store) -> None:
    client = client_of(store, Settings(max_upload_mb=1))
    answer = send(client, b"text\n" + b"x" * 1_100_000, stream="service")
    assert answer.status_code == 413

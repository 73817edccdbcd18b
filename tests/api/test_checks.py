"""Checks over HTTP: a file in, a verdict out, nothing of the file left anywhere."""

from __future__ import annotations

import contextlib
import json
import logging
import tempfile
import threading
from concurrent.futures import CancelledError
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from afterword.alerts.evidence import Evidence
from afterword.alerts.rules import Rule
from afterword.api import service
from afterword.api.checks import WAITING, Upload, finite
from afterword.api.wording import BUSY, NO_CHECK, true_or_false
from afterword.drift import checking
from afterword.errors import CheckError, ModelError, WorkerError
from afterword.model import scored_files
from afterword.reports import one_page
from afterword.settings import SHIPPED_DATA, Settings
from afterword.store import Store
from afterword.store.alerts import Finding
from afterword.store.session_reports import SessionReports
from afterword.text import analysis, characters
from afterword.workers import Job, Workers
from tests.api.test_predictions import VERSION, events
from tests.conftest import invented
from tests.workbooks import old_text, xls

SETTINGS = Settings(max_upload_mb=6)
FILE = invented(60)[["description"]].to_csv(index=False).encode()
LARGE = b"description\n" + b"".join(
    f"{text} Stop {number}.\n".encode()
    for number, text in enumerate(invented(4_000)["description"])
)
"""More characters than are checked in the server's own process."""
SCORED = (SHIPPED_DATA / "samples" / "ordinary-week.parquet").read_bytes()
SECRET = "Zebrafinch"


def client_of(store: Store, settings: Settings = SETTINGS) -> TestClient:
    return TestClient(
        Starlette(routes=service.routes(None, SessionReports(60, 1_000), settings, store))
    )


@pytest.fixture
def client(store: Store) -> TestClient:
    return client_of(store)


def send(client: TestClient, content: bytes, name: str = "week.csv", **fields: str) -> Any:
    return client.post("/api/check", files={"file": (name, content)}, data=fields)


def test_a_file_gets_the_verdict_that_a_check_gives(client: TestClient) -> None:
    answer = send(client, FILE)
    assert answer.status_code == 200
    told = answer.json()
    expected = checking.check(scored_files.read(FILE, name="week.csv"))
    assert {name: told[name] for name in ("level", "headline", "rows", "accepted", "alpha")} == {
        "level": expected.level,
        "headline": expected.headline,
        "rows": 60,
        "accepted": 60,
        "alpha": expected.alpha,
    }
    assert told["measures"] == expected.to_dict()["measures"]
    assert (told["model"], told["recorded"]) == (VERSION, True)


def test_an_old_workbook_that_is_cut_short_is_the_senders_mistake(client: TestClient) -> None:
    cut = xls(old_text(0, 0, "description") + old_text(1, 0, SECRET))[:-3]
    answer = send(client, cut, "week.xls")
    assert answer.status_code == 422
    assert "damaged" in answer.text
    assert SECRET not in answer.text


def test_scored_rows_are_a_file_too(client: TestClient) -> None:
    told = send(client, SCORED, "week.parquet").json()
    assert told["level"] == "stable"
    assert told["accepted"] == 400


def test_a_check_is_kept_and_its_rows_are_no_events(client: TestClient, store: Store) -> None:
    told = send(client, SCORED).json()
    assert client.get("/api/checks").json()["checks"] == [
        {name: told[name] for name in ("level", "alarm", "alpha", "headline", "rows", "accepted")}
        | {"id": told["id"], "source": "http", "model": VERSION, "window": None, "sample": False}
        | {"trial": True, "stream": None, "stream_period": None}
        | {"at": client.get("/api/checks").json()["checks"][0]["at"]}
    ]
    whole = client.get(f"/api/checks/{told['id']}").json()
    assert whole["measures"] == told["measures"]
    assert whole["reasons"] == told["reasons"]
    assert events(store) == []


def test_checks_come_newest_first_and_within_limits(client: TestClient, store: Store) -> None:
    result = checking.check(scored_files.read(SCORED))
    now = datetime.now(UTC).replace(microsecond=0)
    ages = [timedelta(days=days) for days in (3, 1, 2)]
    ids = [store.checks.add(result, source="page", model="m", at=now - age) for age in ages]
    sample = store.checks.add(result, source="sample", model="m", at=now, sample=True)

    def listed(**query: object) -> list[int]:
        checks = client.get("/api/checks", params=query).json()["checks"]
        return [one["id"] for one in checks]

    assert listed() == [ids[1], ids[2], ids[0]]
    assert listed(limit=1) == [ids[1]]
    assert listed(sample="true") == [sample]
    since = now - timedelta(days=2)
    assert listed(since=since.isoformat()) == [ids[1], ids[2]]
    # Without a zone it is UTC.
    assert listed(since=since.replace(tzinfo=None).isoformat()) == [ids[1], ids[2]]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=many",
        "since=yesterday",
        "since=12",
        "sample=perhaps",
        "trial=perhaps",
    ],
)
def test_a_question_that_is_not_valid_is_422_and_named(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/checks?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["error"]
    assert query.partition("=")[2] not in answer.json()["error"]


@pytest.mark.parametrize("number", ["1", "0", "-1", "one", str(2**60), str(2**70)])
def test_a_check_that_is_not_there_is_404(client: TestClient, number: str) -> None:
    answer = client.get(f"/api/checks/{number}")
    assert (answer.status_code, answer.json()) == (404, {"error": NO_CHECK})


def test_a_kept_check_is_read_as_one_page_to_mail_or_print(
    client: TestClient, store: Store
) -> None:
    number = send(client, SCORED).json()["id"]
    answer = client.get(f"/api/checks/{number}/page")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        f'inline; filename="afterword-check-{number}.html"'
    )
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    kept = store.checks.get(number)
    assert kept is not None
    assert answer.content == one_page.page_of(kept).content
    for missing in (number + 1, "one", 2**60):
        refused = client.get(f"/api/checks/{missing}/page")
        assert (refused.status_code, refused.json()) == (404, {"error": NO_CHECK})


def test_a_file_is_a_trial_and_in_no_metric_until_the_form_says_keep(
    client: TestClient, store: Store
) -> None:
    tried = send(client, SCORED).json()
    refused = send(client, SCORED, keep="false").json()
    assert (tried["trial"], refused["trial"]) == (True, True)
    assert store.checks.last() is None
    assert "afterword_last_check" not in client.get("/metrics").text
    counts = send(client, SCORED, keep="true").json()
    assert (counts["trial"], counts["recorded"]) == (False, True)
    assert store.checks.last().id == counts["id"]
    send(client, FILE)
    assert store.checks.last().id == counts["id"]


def test_trials_are_listed_as_such_and_can_be_asked_for_or_left_out(client: TestClient) -> None:
    tried, counts = (
        send(client, SCORED).json()["id"],
        send(client, SCORED, keep="true").json()["id"],
    )

    def listed(query: str = "") -> list[tuple[int, bool]]:
        checks = client.get(f"/api/checks{query}").json()["checks"]
        return [(one["id"], one["trial"]) for one in checks]

    assert listed() == [(counts, False), (tried, True)]
    assert listed("?trial=false") == [(counts, False)]
    assert listed("?trial=true") == [(tried, True)]
    assert client.get(f"/api/checks/{tried}").json()["trial"] is True
    assert client.get(f"/api/checks/{counts}").json()["trial"] is False


@pytest.mark.parametrize("value", ["yes", "True", "1", ""])
@pytest.mark.parametrize("field", ["keep", "strict"])
def test_keep_is_true_or_false_and_nothing_is_guessed(
    client: TestClient, store: Store, value: str, field: str
) -> None:
    answer = send(client, SCORED, **{field: value})
    assert (answer.status_code, answer.json()) == (422, {"error": true_or_false(field)})
    assert store.checks.count(trial=None) == 0


def test_the_metrics_do_not_vouch_with_the_check_of_another_model(
    client: TestClient, store: Store
) -> None:
    store.checks.add(
        checking.check(scored_files.read(SCORED)), source="schedule", model="0123456789ab"
    )
    text = client.get("/metrics").text
    assert "afterword_last_check_level" not in text
    assert "afterword_last_check_timestamp_seconds" in text


def test_the_last_verdict_is_in_the_metrics(client: TestClient) -> None:
    send(client, SCORED, keep="true")
    text = client.get("/metrics").text
    assert 'afterword_last_check_level{level="stable"} 1.0' in text
    assert 'afterword_last_check_level{level="faulty"} 0.0' in text
    assert "afterword_last_check_timestamp_seconds" in text


def test_a_check_is_answered_without_a_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    folder = tmp_path / "file" / "home"
    gone = Store(f"sqlite:///{folder / 'afterword.db'}", folder / "store.key")
    told = send(client_of(gone), SCORED).json()
    assert (told["level"], told["id"], told["recorded"]) == ("stable", None, False)


# ------------------------------------------------------------------ what is no file


TWO = b"note,remark\n" + b"\n".join(b"a quiet walk home,an evening at the market" for _ in range(9))


@pytest.mark.parametrize(
    ("content", "fields", "code", "word"),
    [
        (b"", {}, 422, ""),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), {}, 422, "picture"),
        (b"PK\x03\x04" + SECRET.encode() * 9, {}, 422, ""),
        (TWO, {"column": SECRET}, 422, "description column is not in the file"),
        (TWO.replace(b"market", b"sea"), {}, 422, "field column"),
        (b"x" * 6_000_001, {}, 413, "6 MB"),
    ],
)
def test_what_cannot_be_checked_gets_one_sentence(
    client: TestClient, content: bytes, fields: dict[str, str], code: int, word: str
) -> None:
    answer = send(client, content, f"{SECRET}.csv", **fields)
    assert (answer.status_code, list(answer.json())) == (code, ["error"])
    assert answer.json()["error"].endswith(".")
    assert word in answer.json()["error"]
    assert SECRET not in answer.text
    assert "remark" not in answer.text


IN_PARTS = invented(90).assign(
    city=["Harbourtown"] * 40 + ["Hillview"] * 40 + ["Zoltan Zebrafinch"] * 4 + [""] * 6
)


def test_a_file_is_checked_by_a_column_large_or_small(client: TestClient) -> None:
    small = IN_PARTS[["description", "city"]]
    large = pd.concat([small] * 60, ignore_index=True)
    for table, times in ((small, 1), (large, 60)):
        told = send(client, table.to_csv(index=False).encode(), by="City").json()
        assert told["by"] == "city"
        rows = {one["label"]: one["rows"] for one in told["segments"]}
        assert rows["“Harbourtown”"] == 40 * times
        assert rows["a value that is not shown"] == 4 * times
        assert rows["no value"] == 6 * times
        assert {one["value"] for one in told["segments"]} == {"Harbourtown", "Hillview", ""}
        assert SECRET not in json.dumps(told)
        whole = client.get(f"/api/checks/{told['id']}").json()
        assert whole["segments"] == told["segments"]


def test_a_column_that_parts_nothing_gets_a_sentence_that_names_others(client: TestClient) -> None:
    content = IN_PARTS[["description", "city"]].to_csv(index=False).encode()
    for by in ("town", "description"):
        answer = send(client, content, by=by)
        assert answer.status_code == 422
        assert answer.json()["error"].endswith("choose “city”.")
    answer = send(client, SCORED, by="city")
    assert answer.status_code == 422
    assert "no column by which they could be parted" in answer.json()["error"]


def test_the_column_can_be_named(client: TestClient) -> None:
    content = b"first,second\n" + b"\n".join(b"n/a,he stared at me on the bus" for _ in range(40))
    assert send(client, content, column="second").json()["accepted"] == 40
    assert send(client, content, column="first").json()["accepted"] == 0


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ({"content": FILE, "headers": {"Content-Type": "text/csv"}}, 415),
        ({"content": FILE}, 415),
        ({"data": {"file": "description"}}, 415),
        ({"files": {"file": (None, FILE)}}, 422),
        ({"files": {"another": ("week.csv", FILE)}}, 422),
        ({"files": [("file", ("a.csv", FILE)), ("file", ("b.csv", FILE))]}, 422),
        ({"files": {"file": ("a.csv", FILE), "column": (None, "x" * 20_000)}}, 413),
        ({"content": b"hm", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"content": b"hm", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 400),
    ],
)
def test_a_form_that_is_none_is_refused(
    client: TestClient, call: dict[str, Any], code: int
) -> None:
    answer = client.post("/api/check", **call)
    assert (answer.status_code, list(answer.json())) == (code, ["error"])
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CheckError("These rows were scored by another model."), 422),
        (ModelError("There is no model at /srv."), 503),
        (ValueError(f"cannot read {SECRET}"), 500),
    ],
)
def test_what_goes_wrong_in_a_check_has_its_code(
    client: TestClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    code: int,
) -> None:
    def fail(_source: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(checking, "check", fail)
    answer = send(client, SCORED)
    assert answer.status_code == code
    assert SECRET not in answer.text + caplog.text
    assert "/srv" not in answer.text


# ------------------------------------------------------------------ care


def test_a_large_file_never_touches_the_disk(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rolled: list[int] = []
    original = tempfile.SpooledTemporaryFile.rollover
    monkeypatch.setattr(
        tempfile.SpooledTemporaryFile,
        "rollover",
        lambda file: rolled.append(1) or original(file),  # type: ignore[func-returns-value]
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    large = b"description\n" + b"\n".join(
        b"he whistled at me near the market, and again on day %d" % n for n in range(60_000)
    )
    assert len(large) > 3_000_000
    answer = send(client, large)
    assert (answer.status_code, answer.json()["rows"]) == (200, 60_000)
    assert rolled == []
    assert list(scratch.iterdir()) == []


def test_nothing_of_a_file_or_its_name_is_logged_or_kept(
    client: TestClient, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "httpx")  # the client's own log
    name = f"{SECRET}.csv"
    rows = "\n".join(f"My friend {SECRET} was stared at by the mill {n}" for n in range(40))
    content = f"description,{SECRET}\n{rows}".encode()
    answer = send(client, content, name)
    send(client, b"PK\x03\x04" + content, name)
    send(client, content, name, column=SECRET + " note")
    send(client, content, name, **{SECRET: SECRET})
    client.get("/api/checks", params={"since": SECRET, SECRET: SECRET})
    listed = client.get(f"/api/checks/{answer.json()['id']}").text
    told = json.dumps(answer.json() | {"reading": []})  # it names the columns to who sent them
    assert SECRET.lower() not in (told + listed + caplog.text).lower()
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in repr(Upload(content, ".csv", {"description": SECRET}))


def test_a_check_does_not_hold_up_predictions_and_many_are_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy, free = threading.Event(), threading.Event()
    original = checking.check

    def slow(source: Any, **options: Any) -> Any:
        busy.set()
        assert free.wait(20)
        return original(source, **options)

    monkeypatch.setattr(checking, "check", slow)
    codes: list[int] = []
    with client_of(store) as client:
        callers = [
            threading.Thread(target=lambda: codes.append(send(client, SCORED).status_code))
            for _ in range(WAITING)
        ]
        for caller in callers:
            caller.start()
        assert busy.wait(20)
        text = {"texts": ["he whistled at me near the market"]}
        assert client.post("/api/predict", json=text).json()["recorded"] is True
        # Refused before it waits for its turn, unless the others have taken all places.
        while (refused := client.post("/api/check", content=b"")).status_code != 503:
            assert refused.status_code == 415
        free.set()
        for caller in callers:
            caller.join(30)
    assert refused.json() == {"error": BUSY}
    assert refused.headers["retry-after"] == "10"
    assert codes == [200] * WAITING


def test_a_check_that_is_given_up_ends_between_two_parts_of_its_file(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: list[int] = []
    free = threading.Event()
    free.set()
    original = characters.count_characters

    def count_characters(texts: Any, alphabet: Any) -> Any:
        parts.append(len(texts))
        assert free.wait(20)
        return original(texts, alphabet)

    monkeypatch.setattr(analysis, "AT_ONCE", 1_000)
    monkeypatch.setattr(analysis, "count_characters", count_characters)
    with client_of(store, Settings(request_timeout_s=3)) as client:
        assert send(client, FILE).status_code == 200
        whole = len(parts)
        free.clear()
        assert send(client, FILE).status_code == 504
        free.set()
        assert send(client, FILE).status_code == 200
    assert whole > 3
    assert len(parts) == whole + 1 + whole


def test_a_large_file_gets_the_same_verdict_from_the_process_that_reads_it(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = checking.check(scored_files.read(LARGE, name="week.csv")).to_dict()
    monkeypatch.setattr(checking, "check", None)  # not in this process
    answer = send(client, LARGE)
    assert answer.status_code == 200
    told = answer.json()
    assert {name: told[name] for name in expected} == json.loads(json.dumps(finite(expected)))
    assert told["reading"] == scored_files.read(LARGE, name="week.csv").reading.to_dict()


def test_a_large_file_that_nobody_waits_for_any_more_is_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up: list[Job] = []
    original = Job.give_up

    def give_up(job: Job) -> None:
        given_up.append(job)
        original(job)

    monkeypatch.setattr(Job, "give_up", give_up)
    # Less time than it takes to read it and load a model.
    with client_of(store, Settings(max_upload_mb=6, request_timeout_s=0.05)) as client:
        assert send(client, LARGE).status_code == 504
    job = given_up[0]
    with contextlib.suppress(WorkerError, CancelledError):
        job.result(60)
    assert job.done()


def test_a_file_that_takes_long_to_read_holds_up_no_other(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = scored_files.read
    slow, free = threading.Event(), threading.Event()

    def read(content: bytes, **options: Any) -> Any:
        if content.startswith(b"slow"):
            slow.set()
            assert free.wait(20)
        return original(content.removeprefix(b"slow "), **options)

    monkeypatch.setattr(scored_files, "read", read)
    answers: list[int] = []
    thread = threading.Thread(
        target=lambda: answers.append(send(client, b"slow " + FILE).status_code)
    )
    thread.start()
    assert slow.wait(20)
    assert send(client, FILE).status_code == 200
    assert not answers
    free.set()
    thread.join(20)
    assert answers == [200]


def test_the_metrics_tell_how_many_files_wait(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "afterword_files_waiting 0.0" in client.get("/metrics").text
    monkeypatch.setattr(Workers, "waiting", 3)
    assert "afterword_files_waiting 3.0" in client.get("/metrics").text


def test_open_alerts_are_in_the_metrics_by_severity_and_stream(
    client: TestClient, store: Store
) -> None:
    rule = store.alerts.save_rule(Rule(0, "Slow", "latency_p95", "above", 2.0))
    now = datetime.now(UTC)
    for number, stream in enumerate(("", 'the "form"'), 1):
        told = Evidence(stream=stream, stream_id=number)
        finding = Finding(rule, 3.0, now, now, 50, "It is slow.", told)
        assert store.alerts.record_findings([finding], sample=False)
    text = client.get("/metrics").text
    assert 'afterword_open_alerts{severity="warning",stream=""} 1.0' in text
    assert 'afterword_open_alerts{severity="warning",stream="the \\"form\\""} 1.0' in text
    assert 'afterword_open_alerts{severity="critical",stream=""} 0.0' in text

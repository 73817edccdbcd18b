"""What the service records, what it says of that, and that it answers without it."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

from afterword.api import service
from afterword.api.predictions import LATE
from afterword.api.wording import UNCOUNTED
from afterword.model.registry import load_manifest, load_model
from afterword.settings import Settings
from afterword.store import Store, unrecorded
from afterword.store.day_profiles import counts_of_answers
from afterword.store.schema import EVENTS
from afterword.store.session_reports import SessionReports
from afterword.store.tally import layout_of
from afterword.streams import recording
from tests.api.test_service import TEXT, Broken, Keywords
from tests.looks import CLEANED, CUT, MANY, count_looks
from tests.stores import WIDE

SETTINGS = Settings(max_texts=3, max_body_mb=1)
VERSION = load_manifest().artefact_sha256[:12]


def client_of(
    store: Store | None, settings: Settings = SETTINGS, model: Any | None = None
) -> TestClient:
    load = (lambda: service.Served(model, "made-for-tests")) if model else None
    return TestClient(
        Starlette(routes=service.routes(load, SessionReports(60, 1_000), settings, store))
    )


def events(store: Store) -> list[tuple[str, str, int, int]]:
    """(source, outcome, descriptions, rejected) of every call, as another connection reads it."""
    wanted = select(EVENTS.c.source, EVENTS.c.outcome, EVENTS.c.descriptions, EVENTS.c.rejected)
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(wanted.order_by(EVENTS.c.id))]


def test_what_is_answered_as_recorded_is_on_the_disk(store: Store, tmp_path: Path) -> None:
    client = client_of(store)
    answer = client.post("/api/predict", json={"texts": [TEXT, "", "a quiet walk"]}).json()
    assert (answer["recorded"], answer["model"]) == (True, VERSION)
    form = client.post("/predict", data={"review_text": TEXT}).json()
    assert form["recorded"] is True
    # Past this process's connections: what another program would find.
    with sqlite3.connect(f"file:{tmp_path / 'afterword.db'}?mode=ro", uri=True) as other:
        kept = other.execute(
            "select source, outcome, descriptions, rejected from events order by id"
        ).fetchall()
    assert kept == [("http", "answered", 2, 1), ("http", "answered", 1, 0)]


@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_text_is_looked_through_once_for_its_answer_and_its_record(
    store: Store, monkeypatch: pytest.MonkeyPatch, is_recorded: bool
) -> None:
    client = client_of(store, Settings(recording=is_recorded))
    client.post("/api/predict", json={"texts": [TEXT]})
    texts = ["He stared at me on the bus.", "They whistled at her and left."]
    looks = count_looks(monkeypatch, texts)
    answer = client.post("/api/predict", json={"texts": texts}).json()
    assert (answer["recorded"], looks) == (is_recorded, {CLEANED: 2, CUT: 2})
    looks = count_looks(monkeypatch, MANY)
    client.post("/api/predict", json={"texts": MANY})
    assert looks == {CUT: len(MANY)}
    looks = count_looks(monkeypatch, texts[:1])
    client.post("/predict", data={"review_text": texts[0]})
    assert looks == {CLEANED: 1, CUT: 1}


def test_probabilities_are_recorded_as_they_were_answered(store: Store) -> None:
    client, told = client_of(store), []
    texts = [f"{TEXT} {number}" for number in range(21)]
    for first in range(0, 21, 3):
        answer = client.post("/api/predict", json={"texts": texts[first : first + 3]}).json()
        told += [list(each["categories"].values()) for each in answer["predictions"]]
    probabilities = load_model().predict_proba(texts)
    said = [[one["probability"] for one in each] for each in told]
    assert np.allclose(said, probabilities, atol=1e-4)
    (kept,) = store.profiles(*WIDE, model=layout_of().model).values()
    cents, ones = np.rint(100 * probabilities).astype(np.uint8), np.ones(21, np.int64)
    counted = counts_of_answers(cents, ones, layout_of().thresholds.tolist())
    for name, value in counted.items():
        assert kept.tally.counts[name].tolist() == value.tolist(), name
    given = sum(one["decision"] for each in told for one in each)
    assert kept.tally.counts["number"] @ np.arange(len(told[0]) + 1) == given


def test_refused_and_failed_calls_are_recorded_too(store: Store) -> None:
    client = client_of(store)
    client.post("/api/predict", json={"texts": []})
    client.post("/api/predict", content=b"x" * 1_000_001)
    client.post("/predict", data={"review_text": "n/a"})
    client.get("/predict")
    client.post("/api/nothing", json={"texts": [TEXT]})
    assert events(store) == [("http", "refused", 0, 0)] * 3
    client_of(store, model=Broken()).post("/api/predict", json={"texts": [TEXT]})
    assert events(store)[-1] == ("http", "failed", 0, 0)


def test_nothing_is_recorded_where_that_is_switched_off(store: Store, tmp_path: Path) -> None:
    client = client_of(store, Settings(recording=False))
    answer = client.post("/api/predict", json={"texts": [TEXT]})
    assert (answer.status_code, answer.json()["recorded"]) == (200, False)
    client.post("/api/predict", json={"texts": []})
    assert client.get("/readyz").json() == {"status": "ready", "model": VERSION, "store": "off"}
    assert "writable" not in client.get("/metrics").text
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def gone(tmp_path: Path) -> Store:
    """A store whose folder cannot be, because a file is in its place."""
    (tmp_path / "file").write_bytes(b"")
    folder = tmp_path / "file" / "home"
    return Store(f"sqlite:///{folder / 'afterword.db'}", folder / "store.key")


def test_a_classification_is_answered_without_a_store(gone: Store) -> None:
    client = client_of(gone)
    answer = client.post("/api/predict", json={"texts": [TEXT]})
    assert (answer.status_code, answer.json()["recorded"]) == (200, False)
    assert answer.json()["predictions"][0]["categories"]
    form = client.post("/predict", data={"review_text": TEXT})
    assert (form.status_code, form.json()["recorded"]) == (200, False)
    assert client.post("/predict", data={"review_text": ""}).status_code == 422


def test_without_a_store_the_service_is_healthy_but_not_ready(gone: Store) -> None:
    client = client_of(gone)
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "not ready", "model": VERSION, "store": "not writable"},
    )
    assert "afterword_store_writable 0.0" in client.get("/metrics").text
    checks = client.get("/api/checks")
    assert (checks.status_code, list(checks.json())) == (503, ["error"])
    assert client.get("/api/checks/1").status_code == 503


def test_with_a_store_the_service_is_ready(store: Store) -> None:
    answer = client_of(store).get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "model": VERSION, "store": "writable"},
    )


@pytest.mark.parametrize("probe", ["/readyz", "/metrics"])
def test_a_probe_that_meets_a_locked_store_keeps_no_answer_from_being_recorded(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, probe: str
) -> None:
    monkeypatch.setattr("afterword.store.engine.BUSY_MS", 20)
    client = client_of(store)
    client.get("/readyz")
    with sqlite3.connect(tmp_path / "afterword.db", isolation_level=None) as another:
        another.execute("BEGIN IMMEDIATE")
        client.get(probe)
        assert client.get("/readyz").status_code == 503
        another.execute("ROLLBACK")
    answer = client.post("/api/predict", json={"texts": [TEXT]}).json()
    assert answer["recorded"] is True
    assert client.get("/readyz").status_code == 200


def test_without_a_model_the_service_is_not_ready(store: Store) -> None:
    def load() -> service.Served:
        raise OSError("no model")

    client = TestClient(
        Starlette(routes=service.routes(load, SessionReports(60, 1_000), SETTINGS, store))
    )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "model": "", "store": "writable"}


def test_a_model_that_cannot_be_observed_is_answered_and_not_recorded(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before = unrecorded.counted[UNCOUNTED]
    answer = client_of(store, model=Keywords()).post("/api/predict", json={"texts": [TEXT]})
    assert (answer.status_code, answer.json()["recorded"]) == (200, False)
    assert "whistling" not in caplog.text
    assert unrecorded.counted[UNCOUNTED] == before + 1


def test_a_store_that_never_answers_does_not_keep_the_answer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    free = threading.Event()
    monkeypatch.setattr("afterword.api.predictions.KEEP_S", 0.1)
    monkeypatch.setattr(recording, "record", lambda *_args, **_options: free.wait(10))
    answer = client_of(store).post("/api/predict", json={"texts": [TEXT]})
    free.set()
    assert (answer.status_code, answer.json()["recorded"]) == (200, False)
    assert unrecorded.counted[LATE] == 1


# ------------------------------------------------------------------ metrics


def samples(client: TestClient) -> dict[str, float]:
    """Every series with its value, as Prometheus reads them."""
    from prometheus_client.parser import text_string_to_metric_families

    text = client.get("/metrics").text
    return {
        one.name + "".join(f"{{{value}}}" for _, value in sorted(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_the_metrics_count_what_was_asked(store: Store) -> None:
    client = client_of(store)
    client.post("/api/predict", json={"texts": [TEXT, "", TEXT]})
    client.post("/api/predict", json={"texts": []})
    client.post("/predict", data={"review_text": "n/a"})
    client.get("/predict")
    found = samples(client)
    # Labels stand in alphabetical order: method, path, status.
    assert found["afterword_requests_total{POST}{/api/predict}{200}"] == 1
    assert found["afterword_requests_total{POST}{/api/predict}{422}"] == 1
    assert found["afterword_requests_total{GET}{/predict}{405}"] == 1
    assert found["afterword_request_seconds_count{/api/predict}"] == 2
    assert found["afterword_predictions_total{answered}"] == 2
    assert found["afterword_predictions_total{rejected}"] == 2
    assert found["afterword_errors_total{refused}"] == 3
    assert found["afterword_errors_total{failed}"] == 0
    assert found["afterword_recorded_total{true}"] == 1
    assert found["afterword_recorded_total{false}"] == 0
    assert found[f"afterword_model_info{{{VERSION}}}"] == 1
    assert found["afterword_store_writable"] == 1
    assert client.get("/metrics").headers["content-type"].startswith("text/plain; version=")


def test_every_metric_is_documented(store: Store) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    page = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
    text = client_of(store).get("/metrics").text
    for family in text_string_to_metric_families(text):
        if family.name.startswith("afterword_"):
            total = "_total" if family.type == "counter" else ""
            assert f"| `{family.name}{total}` |" in page


def test_no_address_and_no_method_that_a_caller_makes_up_becomes_a_label(store: Store) -> None:
    client = client_of(store)
    for number in range(20):
        client.request(f"BREW{number}", f"/api/{TEXT}/{number}")
        client.get(f"/reports/name-{number}")
        client.get(f"/api/checks/{number + 1}")
    text = client.get("/metrics").text
    assert "whistling" not in text
    assert "BREW" not in text
    requests = {line for line in text.splitlines() if line.startswith("afterword_requests_total")}
    assert requests == {
        'afterword_requests_total{method="other",path="other",status="404"} 20.0',
        'afterword_requests_total{method="GET",path="/reports/{name}",status="404"} 20.0',
        'afterword_requests_total{method="GET",path="/api/checks/{id}",status="404"} 20.0',
    }


def test_a_store_that_hangs_does_not_hold_up_the_metrics(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    free = threading.Event()
    monkeypatch.setattr("afterword.api.metrics.WAIT_S", 0.05)
    monkeypatch.setattr(store, "writable", lambda: free.wait(10))
    client = client_of(store)
    for _ in range(2):
        text = client.get("/metrics").text
        assert "afterword_requests_total" in text
        assert "afterword_store_writable" not in text
    free.set()

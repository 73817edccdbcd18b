"""What every request passes: methods, sizes, time, and the silence of the log."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import importlib
import json
import logging
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from uvicorn import Config, Server

from afterword.api import service as api
from afterword.api.wording import TOO_LONG, TOO_SLOW
from afterword.settings import Settings
from afterword.store.session_reports import SessionReports, get_session_reports
from tests.api.test_service import TEXT, Keywords
from tests.conftest import run_apart
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
QUICK = Settings(request_timeout_s=0.2, recording=False)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "QUERY")
READ = {"GET", "HEAD"}
ADDRESSES: dict[str, tuple[set[str], int]] = {
    "/healthz": (READ, 200),
    "/readyz": (READ, 200),
    "/metrics": (READ, 200),
    "/predict": ({"POST"}, 415),
    "/api/predict": ({"POST"}, 415),
    "/api/check": ({"POST"}, 415),
    "/api/checks": (READ, 200),
    "/api/checks/4000000": (READ, 404),
    "/api/checks/4000000/page": (READ, 404),
    "/api/streams": (READ, 200),
    "/api/streams/create": ({"POST"}, 415),
    "/api/streams/check": ({"POST"}, 415),
    "/api/add": ({"POST"}, 415),
    "/api/docs": (READ, 200),
    "/api/openapi.json": (READ, 200),
    "/reports/unknown": (READ, 404),
}
"""Address → methods that it takes, and the code of a call of these that brings nothing."""

NOWHERE = (
    "/api", "/api/", "/api/nothing", "/api/predict/", "/api/checks/", "/api/checks/1/2",
    "/api/checks/one", "/predict/", "/predict/more", "/healthz/", "/readyz/now", "/metrics/",
    "/reports", "/reports/", "/reports/a/b",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> Iterator[TestClient]:
    """Pages and service as the server has them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        sys.modules.pop("app", None)
        server = importlib.import_module("app")
    with TestClient(server.app, base_url="http://localhost") as client:
        yield client


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ADDRESSES)
def test_every_method_on_every_address_gets_its_code(
    whole: TestClient, path: str, method: str
) -> None:
    taken, code = ADDRESSES[path]
    answer = whole.request(method, path)
    if method in taken:
        assert answer.status_code == code
        assert "allow" not in answer.headers
    else:
        assert answer.status_code == 405
        assert {one.strip() for one in answer.headers["allow"].split(",")} == taken
        assert method == "HEAD" or list(answer.json()) == ["error"]


def test_the_table_of_addresses_is_whole(whole: TestClient) -> None:
    service = api.service(settings=QUICK)
    known = {
        path.replace("4000000", "{id}").replace("/reports/unknown", "/reports/{name}")
        for path in ADDRESSES
    }
    assert {route.path for route in service.routes if isinstance(route, Route)} == known


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", NOWHERE)
def test_what_is_not_there_is_no_page_whatever_the_method(
    whole: TestClient, path: str, method: str
) -> None:
    answer = whole.request(method, path)
    # A check's number that is none is an address that takes GET alone.
    wrong = path == "/api/checks/one" and method not in READ
    assert answer.status_code == (405 if wrong else 404)
    assert "<title>Streamlit" not in answer.text


@pytest.mark.parametrize("path", [path for path, (taken, _) in ADDRESSES.items() if taken == READ])
def test_head_is_get_without_its_body(whole: TestClient, path: str) -> None:
    got, head = whole.get(path), whole.head(path)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.headers["content-type"] == got.headers["content-type"]


def test_head_finds_a_report_that_is_there(whole: TestClient) -> None:
    path = get_session_reports().put("<!doctype html><title>Data drift</title>", "a test")
    try:
        assert whole.head(path).status_code == 200
    finally:
        get_session_reports().drop_owner("a test")


# ------------------------------------------------------------------ sizes and time


def middleware_of(model: Any, settings: Settings = QUICK) -> Any:
    routes = api.routes(
        lambda: api.Served(model, "made-for-tests"), SessionReports(60, 1_000), settings
    )
    return Starlette(routes=routes)


def scope_of(path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path, "query_string": b"",
        "raw_path": path.encode(), "scheme": "http", "root_path": "", "headers": list(headers),
        "server": ("testserver", 80), "client": ("testclient", 1),
    }  # fmt: skip


def speak(app: Any, scope: dict[str, Any], *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """Send messages, then none: what the app answers until it has done."""
    said: list[dict[str, Any]] = []

    async def talk() -> None:
        waiting = list(messages)

        async def receive() -> dict[str, Any]:
            if not waiting:
                await asyncio.Event().wait()  # a client that is silent
            return waiting.pop(0)

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await asyncio.wait_for(app(scope, receive, send), 20)

    run_apart(talk())
    return said


PART = {"type": "http.request", "body": TEXT.encode(), "more_body": True}
JSON = (b"content-type", b"application/json")


@pytest.mark.parametrize("path", ["/api/predict", "/predict", "/api/check", "/healthz"])
def test_a_body_that_does_not_come_is_408_and_the_end(path: str) -> None:
    start, body = speak(middleware_of(Keywords()), scope_of(path, JSON), PART)
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert TOO_SLOW.encode() in body["body"]


def test_a_client_that_leaves_is_not_answered_and_its_half_is_not_used() -> None:
    class Never(Keywords):
        def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
            raise AssertionError("half of a body was used")

    half = {"type": "http.request", "body": b'{"texts": ["hm"]}', "more_body": True}
    gone = {"type": "http.disconnect"}
    assert speak(middleware_of(Never()), scope_of("/api/predict", JSON), half, gone) == []


def test_work_that_takes_too_long_is_504_and_goes_on() -> None:
    free, done = threading.Event(), threading.Event()

    class Slow(Keywords):
        def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
            assert free.wait(20)
            done.set()
            return super().predict_proba(texts)

    with TestClient(middleware_of(Slow())) as client:
        answer = client.post("/api/predict", json={"texts": [TEXT]})
        assert (answer.status_code, answer.json()) == (504, {"error": TOO_LONG})
        assert not done.is_set()
        free.set()
        assert done.wait(10)


@pytest.mark.parametrize(
    ("path", "megabytes"),
    [("/api/predict", 1), ("/predict", 1), ("/healthz", 1), ("/api/check", 2)],
)
def test_every_address_has_its_limit(path: str, megabytes: int) -> None:
    limits = Settings(max_body_mb=1, max_upload_mb=2, recording=False)
    client = TestClient(middleware_of(Keywords(), limits))
    answer = client.post(path, content=b"x" * (megabytes * 1_000_000 + 200_000))
    assert (answer.status_code, answer.json()) == (
        413,
        {"error": f"Send at most {megabytes} MB in one call."},
    )
    assert answer.headers["connection"] == "close"
    assert client.post(path, content=b"x" * 900_000).status_code in (405, 415)


@pytest.fixture(scope="module")
def small() -> Iterator[int]:
    """The port of a server that takes one megabyte, as others reach it."""
    limits = Settings(max_body_mb=1, max_upload_mb=1, request_timeout_s=20, recording=False)
    port = free_port()
    config = Config(middleware_of(Keywords(), limits), port=port, log_level="error")
    server = Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield port
    server.should_exit = True
    thread.join()


LARGE = b"x" * 30_000_000
"""More than what lies between a client and a server while neither reads."""


def in_parts() -> Iterator[bytes]:
    yield from [LARGE[:1_000_000]] * 30


@pytest.mark.parametrize("body", [LARGE, in_parts], ids=["with its length", "in parts"])
def test_who_sends_all_before_it_listens_is_told_that_it_is_too_much(small: int, body: Any) -> None:
    line = http.client.HTTPConnection("127.0.0.1", small, timeout=20)
    with contextlib.closing(line):
        line.request("POST", "/api/check", body() if callable(body) else body)
        answer = line.getresponse()
        assert answer.status == 413
        assert json.loads(answer.read()) == {"error": "Send at most 1 MB in one call."}


def test_the_answer_is_there_before_the_body_and_no_body_is_read_without_an_end(
    small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.api.middleware.UNREAD", 2_000_000)
    head = "POST /api/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", small), 20) as line:
        line.sendall(head.encode())
        assert line.recv(1_000).startswith(b"HTTP/1.1 413")
        with pytest.raises(OSError, match=r"reset|pipe|aborted"):
            line.sendall(LARGE)


def test_a_length_that_is_no_number_is_counted_instead() -> None:
    body = {"type": "http.request", "body": b'{"texts": ["hm"]}', "more_body": False}
    scope = scope_of("/api/predict", JSON, (b"content-length", b"some"))
    assert speak(middleware_of(Keywords()), scope, body)[0]["status"] == 200


def test_whatever_nobody_thought_of_is_500_and_quotes_nothing(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)

    def fail(*_args: object) -> None:
        raise RuntimeError(f"cannot place {TEXT}")

    monkeypatch.setattr("afterword.api.predictions._reason", fail)
    answer = TestClient(middleware_of(Keywords())).post("/api/predict", json={"texts": [TEXT]})
    assert answer.status_code == 500
    assert list(answer.json()) == ["error"]
    assert "RuntimeError at predictions.py" in caplog.text
    assert "whistling" not in answer.text + caplog.text

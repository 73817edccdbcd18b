"""Calls take turns: a small one does not wait for large ones, and what nobody wants ends."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from afterword.api import service
from afterword.api.predictions import CHUNK
from afterword.api.wording import NO_STREAM, STREAM_IS_A_NAME, TOO_LONG, UNCOUNTED
from afterword.model.registry import load_model
from afterword.settings import Settings
from afterword.store import Store, unrecorded
from afterword.store.session_reports import SessionReports
from afterword.store.tally import layout_of
from afterword.streams import recording
from afterword.text.chunks import in_parts
from afterword.text.words import Tokens
from tests.api.test_predictions import events
from tests.api.test_service import TEXT, Keywords
from tests.conftest import invented, run_apart
from tests.stores import WIDE

LONG = f"{TEXT} " * 400
"""A text of nearly as many characters as are classified at once."""


def app_of(model: Any, settings: Settings, store: Store | None = None) -> Starlette:
    load = lambda: service.Served(model, "made-for-tests")  # noqa: E731
    return Starlette(routes=service.routes(load, SessionReports(60, 1_000), settings, store))


class Watched:
    """The model in service, and a note of what it was given."""

    def __init__(self) -> None:
        self.model = load_model()
        self.given: list[list[str]] = []
        self.begun = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def probabilities_of(self, tokens: Tokens) -> np.ndarray:
        self.given.append([" ".join(tokens.words_of(row)) for row in range(len(tokens))])
        self.begun.set()
        return self.model.probabilities_of(tokens)


def largest_call(first: str) -> dict[str, list[str]]:
    """As many texts and characters as one call may have."""
    settings = Settings()
    rows = invented(settings.max_texts)["description"]
    size = settings.max_call_characters // settings.max_texts
    return {"texts": [(f"{first} {row} " * size)[:size] for row in rows]}


@pytest.mark.whole
def test_a_small_call_is_answered_before_two_largest_ones(store: Store) -> None:
    model, answered = Watched(), list[str]()
    large = [largest_call("first"), largest_call("second")]
    with TestClient(app_of(model, Settings(), store)) as client:

        def call(name: str, body: dict[str, list[str]]) -> tuple[int, bool]:
            answer = client.post("/api/predict", json=body)
            answered.append(name)
            return answer.status_code, answer.json()["recorded"]

        with ThreadPoolExecutor(3) as pool:
            calls = [pool.submit(call, "large", body) for body in large]
            while len({texts[0][:5] for texts in model.given.copy()}) < 2:
                time.sleep(0.001)  # until both are being worked on
            calls += [pool.submit(call, "small", {"texts": [TEXT]})]
    assert [one.result() for one in calls] == [(200, True)] * 3
    assert answered == ["small", "large", "large"]
    assert events(store) == [("http", "answered", n, 0) for n in (1, 1_000, 1_000)]


def test_a_call_in_chunks_is_answered_and_recorded_as_one(store: Store) -> None:
    texts = [*invented(300)["description"], "", None, LONG, LONG, *invented(50, 1)["description"]]
    model = Watched()
    with TestClient(app_of(model, Settings(), store)) as client:
        answer = client.post("/api/predict", json={"texts": texts}).json()
    assert len(model.given) > 3
    good = [text for text in texts if text]
    probabilities = load_model().predict_proba(good)
    told = [
        [share["probability"] for share in one["categories"].values()]
        for one in answer["predictions"]
        if "categories" in one
    ]
    assert np.abs(np.array(told) - probabilities).max() <= 0.5e-4
    assert [place for place, one in enumerate(answer["predictions"]) if "error" in one] == [
        300,
        301,
    ]
    assert answer["recorded"] is True
    assert events(store) == [("http", "answered", 352, 2)]


def test_the_parts_of_a_call_are_the_same_observation_as_the_whole() -> None:
    model, texts = load_model(), invented(60)["description"].tolist()
    probabilities = model.predict_proba(texts)
    whole = recording.observe(texts, probabilities, model)
    parts = [
        recording.observe(texts[start : start + 7], probabilities[start : start + 7], model)
        for start in range(0, 60, 7)
    ]
    joined = recording.join(parts)
    assert joined.tally.to_dict() == whole.tally.to_dict()
    for name in ("thresholds", "unseen", "texts"):
        assert getattr(joined, name) == getattr(whole, name)
    pairs = [(joined.answers, whole.answers)]
    for name in ("lengths", "content"):
        pairs.append((getattr(joined.found, name), getattr(whole.found, name)))
    pairs += [(joined.found.words.ends, whole.found.words.ends)]
    pairs += [(joined.found.words.places, whole.found.words.places)]
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_no_more_is_classified_at_once_than_a_chunk_or_one_text() -> None:
    texts = ["b" * (n * 977 % 30_000) for n in range(200)] + ["c"] * 1_000 + [LONG] * 9
    found = list(in_parts(texts, CHUNK))
    assert [text for some in found for text in some] == texts
    assert all(len(some) == 1 or sum(map(len, some)) <= CHUNK for some in found)
    assert max(map(len, found)) <= 200
    assert list(in_parts([], CHUNK)) == []


def test_a_call_of_too_many_characters_is_refused_in_a_sentence() -> None:
    settings = Settings(max_call_characters=100, recording=False)
    with TestClient(app_of(Keywords(), settings)) as client:
        assert client.post("/api/predict", json={"texts": ["a" * 50, 7, "b" * 50]}).is_success
        answer = client.post("/api/predict", json={"texts": ["a" * 50, "b" * 51]})
    assert (answer.status_code, answer.json()) == (
        413,
        {
            "error": "Send texts of at most 100 characters together in one call, and the rest in "
            "further calls."
        },
    )


class Blocking(Keywords):
    """A model whose first answer waits, and that counts what it was asked for."""

    def __init__(self) -> None:
        self.begun, self.free = threading.Event(), threading.Event()
        self.asked = 0

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += 1
        self.begun.set()
        assert self.free.wait(20)
        return super().predict_proba(texts)


def test_a_call_that_took_too_long_ends_with_the_characters_in_hand() -> None:
    model = Blocking()
    settings = Settings(request_timeout_s=0.3, recording=False)
    with TestClient(app_of(model, settings)) as client:
        answer = client.post("/api/predict", json={"texts": [LONG] * 5})
        assert (answer.status_code, answer.json()) == (504, {"error": TOO_LONG})
        model.free.set()
        assert client.post("/api/predict", json={"texts": [TEXT]}).is_success
    assert model.asked == 2


def test_a_call_whose_client_leaves_ends_and_is_neither_answered_nor_recorded(
    store: Store,
) -> None:
    model = Blocking()
    app = app_of(model, Settings(), store)
    said: list[object] = []

    async def talk(leaves: bool, texts: list[str], said: list[Any]) -> None:
        messages = [{"type": "http.request", "body": json.dumps({"texts": texts}).encode()}]
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": "/api/predict",
            "query_string": b"", "raw_path": b"/api/predict", "scheme": "http", "root_path": "",
            "headers": [(b"content-type", b"application/json")], "server": ("testserver", 80),
        }  # fmt: skip

        async def receive() -> Any:
            if messages:
                return messages.pop()
            if not leaves:
                await asyncio.Event().wait()
            await asyncio.to_thread(model.begun.wait, 20)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            said.append(message)

        await asyncio.wait_for(app(scope, receive, send), 20)

    async def both() -> list[Any]:
        await talk(True, [LONG] * 5, said)
        model.free.set()
        answered: list[Any] = []
        await talk(False, [TEXT], answered)
        return answered

    answered = run_apart(both())
    assert said == []
    assert answered[0]["status"] == 200
    assert model.asked == 2
    assert events(store) == []  # what the made-up model says cannot be observed


def test_a_call_of_which_a_part_cannot_be_counted_is_unrecorded_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe: Callable[..., Any] = recording.observe
    calls: list[int] = []

    def fails_twice(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) < 3:
            raise ValueError
        return observe(*arguments, **named)

    monkeypatch.setattr(recording, "observe", fails_twice)
    before = unrecorded.counted[UNCOUNTED]
    with TestClient(app_of(load_model(), Settings(), store)) as client:
        answer = client.post("/api/predict", json={"texts": [LONG] * 5}).json()
    assert answer["recorded"] is False
    assert unrecorded.counted[UNCOUNTED] == before + 1
    assert len(calls) > 3


def test_who_computes_lets_the_others_go_on_after_a_thousandth_of_a_second() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.005)
    try:
        app_of(Keywords(), Settings())
        assert sys.getswitchinterval() == pytest.approx(0.001)
    finally:
        sys.setswitchinterval(before)


def test_a_call_belongs_to_the_stream_that_it_names(store: Store) -> None:
    form = store.streams.create("Web form", zone="Asia/Kolkata")
    model = load_model()
    with TestClient(app_of(model, Settings(), store)) as client:
        texts = invented(25)["description"].tolist()
        answer = client.post("/api/predict", json={"texts": texts, "stream": "web form"})
        assert (answer.status_code, answer.json()["recorded"]) == (200, True)
        sent = {"review_text": TEXT, "stream": "Web form"}
        assert client.post("/predict", data=sent).json()["recorded"] is True
        assert client.post("/predict", data=sent | {"stream": ""}).json()["recorded"] is True
        unknown = client.post("/api/predict", json={"texts": texts, "stream": "Zebrafinch"})
        assert (unknown.status_code, unknown.json()["error"]) == (404, NO_STREAM)
        assert client.post("/predict", data=sent | {"stream": "x"}).status_code == 404
        wrong = client.post("/api/predict", json={"texts": texts, "stream": 3})
        assert (wrong.status_code, wrong.json()["error"]) == (422, STREAM_IS_A_NAME)
    (own,) = store.tallies("day", *WIDE, stream=form.id).values()
    (service_day,) = store.tallies("day", *WIDE).values()
    assert (own.descriptions, service_day.descriptions) == (26, 1)
    assert len(store.profiles(*WIDE, model=layout_of().model, stream=form.id)) == 1

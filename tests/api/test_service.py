"""The service over HTTP, driven as a client would, with a model made for the test."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from afterword.api import service
from afterword.errors import ModelError
from afterword.files.reading import reason_to_reject
from afterword.model.modes import Mode
from afterword.settings import Settings
from afterword.store.session_reports import SessionReports

TEXT = "someone kept whistling near the bus stop"
SETTINGS = Settings(max_texts=3, max_characters=100, max_body_mb=1, recording=False)
PAGE = "<!doctype html><title>Data drift</title>" + "<p>drift</p>" * 100


class Keywords:
    """A model that finds a category where its word stands."""

    categories = ("Commenting", "Ogling")
    thresholds = np.array([0.5, 0.25])

    def mode(self, name: str | None = None) -> Mode:
        thresholds = self.thresholds / 4 if name == "find-more" else self.thresholds
        return Mode(name or "balanced", thresholds, np.array([[0.4, 0.6], [0.15, 0.35]]))

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([[0.8123456 if "whistl" in text else 0.1, 0.27] for text in texts])


class Broken(Keywords):
    """A model that fails, and quotes what it was given."""

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        raise ValueError(f"cannot read {texts[0]}")


def client_of(
    load: Callable[[], Any] | None,
    reports: SessionReports | None = None,
    settings: Settings = SETTINGS,
) -> TestClient:
    reports = reports or SessionReports(60, 1_000_000)
    return TestClient(Starlette(routes=service.routes(load, reports, settings)))


@pytest.fixture
def client() -> TestClient:
    return client_of(lambda: service.Served(Keywords(), "made-for-tests"))


COMMENTING = {"probability": 0.8123, "decision": True, "unsure": False}
OGLING = {"probability": 0.27, "decision": True, "unsure": True}


def test_each_text_is_answered_in_order(client: TestClient) -> None:
    answer = client.post("/api/predict", json={"texts": [TEXT, "a quiet walk"]})
    assert answer.status_code == 200
    first, second = answer.json()["predictions"]
    assert first == {"categories": {"Commenting": COMMENTING, "Ogling": OGLING}}
    assert second["categories"]["Commenting"]["decision"] is False
    assert answer.json()["model"] == "made-for-tests"


@pytest.mark.parametrize("mode", ["balanced", "find-more", None])
def test_a_call_may_say_how_to_decide(client: TestClient, mode: str | None) -> None:
    quiet = "a quiet walk"
    body = client.post("/api/predict", json={"texts": [TEXT, quiet], "mode": mode}).json()
    found = [one["categories"]["Ogling"] for one in body["predictions"]]
    assert all(one["decision"] for one in found)
    form = {"review_text": quiet} | ({"mode": mode} if mode else {})
    answer = client.post("/predict", data=form).json()
    assert answer["categories"] == body["predictions"][1]["categories"]


def test_another_way_to_decide_decides_otherwise(client: TestClient) -> None:
    class Half(Keywords):
        thresholds = np.array([0.5, 0.5])

    asked = client_of(lambda: service.Served(Half(), "half"))
    decisions = [
        asked.post("/api/predict", json={"texts": [TEXT], "mode": mode}).json()["predictions"][0][
            "categories"
        ]["Ogling"]["decision"]
        for mode in ("balanced", "find-more")
    ]
    assert decisions == [False, True]


def test_an_unknown_way_to_decide_is_refused_in_one_sentence(client: TestClient) -> None:
    answer = client.post("/api/predict", json={"texts": [TEXT], "mode": "boldly"})
    assert answer.status_code == 422
    assert list(answer.json()) == ["error"]
    assert TEXT not in answer.text


def test_a_bad_text_gets_a_reason_and_the_good_ones_are_answered(client: TestClient) -> None:
    bad = [" ", 7]
    answers = client.post("/api/predict", json={"texts": [*bad, TEXT]}).json()["predictions"]
    assert [sorted(answer) for answer in answers] == [["error"], ["error"], ["categories"]]
    assert answers[2]["categories"]["Commenting"] == COMMENTING
    long = client.post("/api/predict", json={"texts": ["x" * 101]}).json()
    assert long["predictions"] == [{"error": "The text is too long: send at most 100 characters."}]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"), ("n/a", "empty"), ("---", "empty"), ("null", "empty"), (None, "empty"),
        ("\u200b\u200b", "empty"), ("\ufffd" * 5, "empty"), ("\x01\x02", "empty"),
        ("\x01\x02\x03 hm", "not readable"), (7, "send a string"), (["hm"], "send a string"),
        ("x" * 101, "at most 100 characters"),
    ],
)  # fmt: skip
def test_what_a_batch_rejects_is_rejected_here_too(
    client: TestClient, text: object, word: str
) -> None:
    assert reason_to_reject(text, SETTINGS.max_characters)
    body = client.post("/api/predict", json={"texts": [text]}).json()
    (prediction,) = body["predictions"]
    assert list(prediction) == ["error"]
    assert word in prediction["error"]
    if isinstance(text, str) and text:
        answer = client.post("/predict", data={"review_text": text})
        assert (answer.status_code, answer.json()) == (422, prediction)


SMALL = Settings(max_characters=100, recording=False)


def test_every_reason_of_a_batch_has_its_own_sentence() -> None:
    texts = ["", 7, "\x01\x02\x03 hm", "x" * 101]
    assert len({reason_to_reject(text, 100) for text in texts}) == 4
    client = client_of(lambda: service.Served(Keywords(), "x"), settings=SMALL)
    answers = client.post("/api/predict", json={"texts": texts}).json()["predictions"]
    assert len({answer["error"] for answer in answers}) == 4


def test_a_text_with_a_lone_surrogate_is_answered(client: TestClient) -> None:
    body = b'{"texts": ["someone was whistling \\ud800"]}'
    answer = client.post("/api/predict", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["predictions"][0]["categories"]["Commenting"] == COMMENTING


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_a_form_is_answered(client: TestClient, encoding: str) -> None:
    field = {"review_text": TEXT} if encoding == "urlencoded" else None
    parts = None if field else {"review_text": (None, TEXT)}
    answer = client.post("/predict", data=field, files=parts)
    assert answer.status_code == 200
    assert answer.json() == {
        "model": "made-for-tests",
        "categories": {"Commenting": COMMENTING, "Ogling": OGLING},
        "recorded": False,
    }


JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("path", "body", "headers", "code"),
    [
        ("/api/predict", f'{{"texts": ["{TEXT}"', JSON, 400),
        ("/api/predict", "[" * 100_000, JSON, 400),
        ("/api/predict", f'{{"texts": "{TEXT}"}}', JSON, 422),
        ("/api/predict", f'["{TEXT}"]', JSON, 422),
        ("/api/predict", f'{{"{TEXT}": 1}}', JSON, 422),
        ("/api/predict", '{"texts": []}', JSON, 422),
        ("/api/predict", f'{{"texts": ["{TEXT}"]}}', {"Content-Type": "text/plain"}, 415),
        ("/api/predict", f'{{"texts": ["{TEXT}"]}}', {}, 415),
        ("/api/predict", json.dumps({"texts": [TEXT] * 4}), JSON, 413),
        ("/predict", f"text={TEXT}", FORM, 422),
        ("/predict", "review_text=", FORM, 422),
        ("/predict", "review_text=" + "x" * 101, FORM, 422),
        ("/predict", f'{{"review_text": "{TEXT}"}}', JSON, 415),
        ("/predict", TEXT, {"Content-Type": "multipart/form-data"}, 400),
    ],
)
def test_a_bad_body_gets_one_sentence_that_does_not_quote_it(
    client: TestClient, path: str, body: str, headers: dict, code: int
) -> None:
    answer = client.post(path, content=body.encode(), headers=headers)
    assert (answer.status_code, list(answer.json())) == (code, ["error"])
    sentence = answer.json()["error"]
    assert sentence.endswith(".")
    assert len(sentence) > 20
    assert "whistling" not in answer.text
    assert "xxx" not in answer.text


LARGE = Settings(max_characters=100, max_body_mb=4, recording=False)
MEGABYTES = TEXT * 50_000
assert len(MEGABYTES) > 1_500_000


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done with a temporary file."""
    done: list[str] = []
    for name in ("__init__", "rollover"):
        original = getattr(tempfile.SpooledTemporaryFile, name)

        def watched(*args: object, original=original, name=name, **options: object) -> object:
            done.append(name)
            return original(*args, **options)

        monkeypatch.setattr(tempfile.SpooledTemporaryFile, name, watched)
    return done


@pytest.mark.parametrize("text", [TEXT, MEGABYTES], ids=["small", "large"])
@pytest.mark.parametrize("field", ["review_text", "another"])
def test_a_file_in_place_of_the_text_is_refused_and_never_spooled(
    spooled: list[str], text: str, field: str
) -> None:
    client = client_of(lambda: service.Served(Keywords(), "x"), settings=LARGE)
    parts = {"review_text": (None, TEXT), field: ("note.txt", text)}
    answer = client.post("/predict", files=parts)
    assert answer.status_code == 422
    assert answer.json()["error"].endswith("and no file.")
    assert spooled == []


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
@pytest.mark.parametrize("field", ["review_text", "another"])
def test_a_form_that_is_too_large_is_413_and_never_spooled(
    spooled: list[str], encoding: str, field: str
) -> None:
    client = client_of(lambda: service.Served(Keywords(), "x"), settings=LARGE)
    form = {field: MEGABYTES}
    parts = {field: (None, MEGABYTES)}
    answer = client.post(
        "/predict",
        data=form if encoding == "urlencoded" else None,
        files=parts if encoding == "multipart" else None,
    )
    assert answer.status_code == 413
    assert "at most 100 characters" in answer.json()["error"]
    assert spooled == []


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_a_form_with_very_many_fields_is_413(client: TestClient, encoding: str) -> None:
    form = {"review_text": TEXT, **{f"field {n}": "x" for n in range(200)}}
    answer = client.post(
        "/predict",
        data=form if encoding == "urlencoded" else None,
        files={k: (None, v) for k, v in form.items()} if encoding == "multipart" else None,
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_the_longest_text_in_the_widest_characters_is_taken_from_a_form(
    client: TestClient, encoding: str
) -> None:
    text = "whistl" + "\U0001f621" * 94
    form = {"review_text": text, "mode": "balanced"}
    answer = client.post(
        "/predict",
        data=form if encoding == "urlencoded" else None,
        files={k: (None, v) for k, v in form.items()} if encoding == "multipart" else None,
    )
    assert answer.status_code == 200
    assert answer.json()["categories"]["Commenting"] == COMMENTING


def in_pieces() -> Iterator[bytes]:
    yield b'{"texts": ["'
    for _ in range(11):
        yield b"x" * 100_000
    yield b'"]}'


@pytest.mark.parametrize("path", ["/api/predict", "/predict"])
def test_a_body_over_the_limit_is_refused_however_it_is_sent(client: TestClient, path: str) -> None:
    whole = b"".join(in_pieces())
    for body in (whole, in_pieces()):
        answer = client.post(path, content=body, headers=JSON)
        assert answer.status_code == 413
        assert answer.json() == {"error": "Send at most 1 MB in one call."}


def test_a_body_that_lies_about_its_length_is_counted(client: TestClient) -> None:
    answer = client.post(
        "/api/predict", content=in_pieces(), headers={**JSON, "Content-Length": "9"}
    )
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/predict", "POST"),
        ("PUT", "/predict", "POST"),
        ("GET", "/api/predict", "POST"),
        ("DELETE", "/api/predict", "POST"),
        ("POST", "/healthz", "GET"),
        ("POST", "/reports/anything", "GET"),
        ("POST", "/api/docs", "GET"),
    ],
)
def test_other_methods_are_refused_and_told_what_is_allowed(
    client: TestClient, method: str, path: str, allowed: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert allowed in answer.headers["allow"]
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/predict/more"])
def test_an_unknown_path_below_api_is_json(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, list(answer.json())) == (404, ["error"])


def test_health_names_the_model(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "model": "made-for-tests"}
    assert client.head("/healthz").status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/healthz"), ("POST", "/api/predict")])
def test_without_a_model_the_service_says_so(method: str, path: str) -> None:
    def load() -> service.Served:
        raise ModelError("There is no model at /srv/afterword/model.")

    answer = client_of(load).request(method, path, json={"texts": [TEXT]})
    assert answer.status_code == 503
    assert "/srv" not in answer.text


def test_a_failing_model_quotes_nothing_to_the_client_or_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    broken = client_of(lambda: service.Served(Broken(), "broken"))
    answer = broken.post("/api/predict", json={"texts": [TEXT]})
    assert answer.status_code == 500
    assert "ValueError" in caplog.text
    assert "whistling" not in answer.text + caplog.text


def test_nothing_of_a_body_is_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client.post("/api/predict", json={"texts": [TEXT]})
    client.post("/api/predict", json={"texts": TEXT})
    client.post("/predict", data={"review_text": TEXT})
    assert "whistling" not in caplog.text


def test_the_query_of_a_request_is_cut_off_the_servers_log(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = logging.getLogger("uvicorn.access")
    monkeypatch.setattr(access, "propagate", True)  # Streamlit and uvicorn both set it to False
    monkeypatch.setattr(access, "disabled", False)
    caplog.set_level(logging.INFO, "uvicorn.access")
    address = f"/predict?review_text={TEXT}"
    access.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:5", "GET", address, "1.1", 405)
    # Once or twice: pytest listens to a logger that does not propagate by itself.
    assert set(caplog.messages) == {'127.0.0.1:5 - "GET /predict HTTP/1.1" 405'}


def test_a_prediction_does_not_hold_up_the_server() -> None:
    busy, free = threading.Event(), threading.Event()

    class Slow(Keywords):
        def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
            busy.set()
            assert free.wait(10)
            return super().predict_proba(texts)

    answers: list[int] = []
    with client_of(lambda: service.Served(Slow(), "slow")) as client:

        def call() -> None:
            answers.append(client.post("/api/predict", json={"texts": [TEXT]}).status_code)

        caller = threading.Thread(target=call)
        caller.start()
        assert busy.wait(10)
        assert client.get("/healthz").status_code == 200
        assert answers == []
        free.set()
        caller.join(10)
    assert answers == [200]


def test_the_documentation_names_every_operation_and_loads_nothing(client: TestClient) -> None:
    page = client.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    schema = client.get("/api/openapi.json").json()
    assert set(schema["paths"]) == {
        "/healthz", "/readyz", "/metrics", "/api/predict", "/predict", "/api/check",
        "/api/checks", "/api/checks/{id}", "/api/checks/{id}/page", "/api/streams",
        "/api/streams/create", "/api/streams/check", "/api/add",
    }  # fmt: skip
    for path, methods in schema["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for loader in ("<script", "<link", "<img", "@import", "url(", "http://", "https://"):
        assert loader not in page.text


def test_the_document_names_every_operation_and_every_code(client: TestClient) -> None:
    page = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
    for path, methods in client.get("/api/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            assert f"| `{method.upper()} {path}` |" in page
            for code in operation["responses"]:
                assert code == "200" or f"| {code} |" in page


def test_the_schema_says_what_the_service_answers(client: TestClient) -> None:
    schema = client.get("/api/openapi.json").json()
    failures = schema["paths"]["/api/predict"]["post"]["responses"]
    assert set(failures) == {
        "200", "400", "404", "408", "413", "415", "422", "500", "503", "504",
    }  # fmt: skip
    assert "HTTPValidationError" not in json.dumps(schema)
    texts = schema["components"]["schemas"]["Texts"]["properties"]["texts"]
    # An item that is no string is answered too, with its own error.
    assert (texts["minItems"], texts["items"]) == (1, {})


def test_a_report_is_served_in_a_sandbox_and_never_kept() -> None:
    reports = SessionReports(60, 1_000_000)
    client = client_of(lambda: None, reports)
    answer = client.get(reports.put(PAGE, "session"))
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["content-encoding"] == "gzip"
    policy = answer.headers["content-security-policy"].split("; ")
    assert {"sandbox allow-scripts", "default-src 'none'", "connect-src 'none'"} <= set(policy)
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_report_reaches_clients_that_cannot_unpack_it() -> None:
    reports = SessionReports(60, 1_000_000)
    client = client_of(lambda: None, reports)
    answer = client.get(reports.put(PAGE, "session"), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answer.text == PAGE


def test_a_report_answers_head() -> None:
    reports = SessionReports(60, 1_000_000)
    assert client_of(lambda: None, reports).head(reports.put(PAGE, "session")).status_code == 200


@pytest.mark.parametrize("path", ["/reports/unknown", "/reports/a/b", "/reports/"])
def test_a_report_that_is_not_there_is_404(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_report_that_is_gone_says_so_in_a_sentence(client: TestClient) -> None:
    answer = client.get("/reports/unknown")
    assert "is not kept any more" in answer.text
    assert answer.headers["cache-control"] == "no-store"

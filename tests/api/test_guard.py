"""Who may ask: under which host names, and from which pages."""

from __future__ import annotations

import logging
from itertools import product
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit import net_util
from streamlit.web.server.starlette import starlette_websocket
from uvicorn import Config

from afterword.api.guard import Guard, hide_server_name, refused
from afterword.api.wording import FOREIGN, MALFORMED, UNKNOWN_HOST
from afterword.errors import SettingsError
from afterword.settings import Settings, get_settings

OWN = "http://localhost:8501"
LIVE = "ws://localhost:8501/live"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "BREW")
SAFE = ("GET", "HEAD", "OPTIONS")


async def _answer(request: Request) -> PlainTextResponse:
    if request.url.path == "/broken":
        raise ValueError("a whistling man")
    extra = {"Content-Security-Policy": "sandbox; frame-ancestors 'none'"}
    strict = request.url.path == "/strict"
    return PlainTextResponse("in", headers=extra if strict else None)


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("in")
    await socket.close()


def client(
    host: str = "localhost:8501", settings: Settings | None = None, **known: Any
) -> TestClient:
    routes = [WebSocketRoute("/live", _echo), Route("/{path:path}", _answer, methods=METHODS)]
    configured = known.get("hosts", ()), known.get("origins", ())
    guard = Middleware(Guard, lambda: configured, settings or Settings())
    return TestClient(Starlette(routes=routes, middleware=[guard]), f"http://{host}")


def code(host: str, path: str = "/", **options: Any) -> int:
    sent = client(**options).get(path, headers={"Host": host})
    return sent.status_code


# ---------------------------------------------------------------- host names


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8501", "localhost.", "127.0.0.1:1", "127.255.1.9", "[::1]:8501"],
)
def test_the_server_answers_under_the_names_of_its_own_machine(host: str) -> None:
    assert code(host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example", "evil-localhost", "sub.localhost", "0.0.0.0",
        "128.0.0.1", "127.1", "0x7f.0.0.1", "2130706433", "127.0.0.01", "[::]", "[::ffff:8.8.8.8]",
        "192.168.1.5", "testserver",
    ],
)  # fmt: skip
def test_no_other_name_is_answered(host: str) -> None:
    assert code(host) == 421
    assert code(host, "/healthz") == 200
    assert code(host, "/healthz/") == 421


@pytest.mark.parametrize(
    "host",
    [
        "", "localhost:", "localhost:99999", "localhost:0", "localhost:80:80", "user@localhost",
        "localhost@evil.example", "localhost/evil", "localhost#", "localhost evil", "a,b",
        "[::1", "::1", "[::1%25lo]", "[::1%lo]", "localhost..", ".localhost", "http://localhost",
        "localhöst",
    ],
)  # fmt: skip
def test_a_malformed_name_is_refused_as_such(host: str) -> None:
    answer = client().get("/", headers={"Host": host.encode()})
    assert (answer.status_code, answer.json()) == (400, {"error": MALFORMED})


@pytest.mark.parametrize(
    "host",
    ["afterword.example.org", "Afterword.Example.Org.:443", "192.168.1.5:8501", "[fd00:0::5]",
     "a.b.internal", "pages.example.org:8501"],
)  # fmt: skip
def test_names_of_the_settings_are_answered(host: str) -> None:
    settings = Settings(
        public_url="https://pages.example.org/afterword",
        allowed_hosts="Afterword.example.org, 192.168.1.5,*.internal,fd00::5",
    )
    assert code(host, settings=settings) == 200
    assert code(host) == 421
    assert code("internal", settings=settings) == 421
    assert code("example.org", settings=settings) == 421


def test_names_of_the_servers_own_configuration_are_answered_but_no_wildcard_address() -> None:
    known: Any = {"hosts": ("0.0.0.0", "", "::", "afterword.lan")}
    assert code("afterword.lan:8501", **known) == 200
    assert code("0.0.0.0", **known) == 421
    assert code("[::]", **known) == 421


def test_a_star_takes_every_name_and_no_malformed_one() -> None:
    settings = Settings(allowed_hosts="*")
    assert code("evil.example", settings=settings) == 200
    assert code("user@evil.example", settings=settings) == 400


@pytest.mark.parametrize(
    "value", ["http://a.example", "a.example:8501", "a b", "a.example,*.*", "é"]
)
def test_a_setting_that_is_no_list_of_names_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("AFTERWORD_ALLOWED_HOSTS", value)
    get_settings.cache_clear()
    try:
        with pytest.raises(SettingsError, match=r"AFTERWORD_ALLOWED_HOSTS.*separated by commas"):
            get_settings()
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


# ---------------------------------------------------------------- pages of another address

FOREIGN_PAGES = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://localhost:9999"},
    {"Origin": "http://localhost"},
    {"Origin": "http://127.0.0.1:8501"},
    {"Origin": "http://localhost:8501.evil.example"},
    {"Origin": "http://localhost:8501@evil.example"},
    {"Origin": "file://localhost:8501"},
    {"Origin": "chrome-extension://localhost:8501"},
    {"Origin": OWN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost:9999", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"},
)
OWN_PAGES: tuple[dict[str, str], ...] = (
    {},
    {"Origin": OWN},
    {"Origin": OWN.upper(), "Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://localhost:8501"},  # a proxy on this machine encrypts
    {"Sec-Fetch-Site": "none"},
    {"Referer": "http://evil.example/"},
)


@pytest.mark.parametrize(("method", "headers"), list(product(METHODS, FOREIGN_PAGES)))
def test_a_page_of_another_address_can_only_read(method, headers) -> None:
    answer = client().request(method, "/api/check", headers=headers)
    assert answer.status_code == (200 if method in SAFE else 403)
    if method not in SAFE:
        assert answer.json() == {"error": FOREIGN}


@pytest.mark.parametrize(("method", "headers"), list(product(METHODS, OWN_PAGES)))
def test_own_pages_and_programs_may_do_everything(method, headers) -> None:
    assert client().request(method, "/api/check", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [*FOREIGN_PAGES, {"Host": "evil.example"}, {"Host": "a@b"}])
def test_no_foreign_page_opens_a_websocket(headers) -> None:
    with pytest.raises(WebSocketDisconnect), client().websocket_connect(LIVE, headers=headers):
        pass


@pytest.mark.parametrize("headers", OWN_PAGES)
def test_own_pages_open_websockets(headers) -> None:
    with client().websocket_connect(LIVE, headers=headers) as socket:
        assert socket.receive_text() == "in"


def test_two_origins_are_foreign_even_if_both_are_ones_own() -> None:
    headers = [("Origin", OWN), ("Origin", OWN)]
    assert client().post("/", headers=headers).status_code == 403


def test_behind_a_proxy_the_pages_have_the_public_address() -> None:
    settings = Settings(public_url="https://pages.example.org")
    public = {"Origin": "https://pages.example.org", "Sec-Fetch-Site": "same-origin"}
    # Whether the proxy passes the name on or asks for localhost.
    assert client("pages.example.org", settings).post("/", headers=public).status_code == 200
    assert client("localhost:8501", settings).post("/", headers=public).status_code == 200
    for origin in ("http://pages.example.org", "https://pages.example.org:444", "null"):
        foreign = {"Origin": origin}
        assert client("localhost:8501", settings).post("/", headers=foreign).status_code == 403
    forwarded = {"Origin": "https://other.example", "X-Forwarded-Host": "other.example"}
    assert client("localhost", settings).post("/", headers=forwarded).status_code == 403


def test_a_page_that_is_not_encrypted_is_not_the_public_one() -> None:
    settings = Settings(public_url="https://pages.example.org")
    asked = client("pages.example.org", settings)
    for origin, wanted in {"https": 200, "http": 403}.items():
        sent = {"Origin": f"{origin}://pages.example.org"}
        assert asked.post("/", headers=sent).status_code == wanted
    # What reaches the server past the proxy says its port.
    past = {"Host": "pages.example.org:8501", "Origin": "http://pages.example.org:8501"}
    assert asked.post("/", headers=past).status_code == 200


def test_origins_of_the_servers_own_configuration_may_ask() -> None:
    known: Any = {"origins": ("https://desk.example.org",)}
    sent = {"Origin": "https://desk.example.org", "Sec-Fetch-Site": "cross-site"}
    assert client(**known).post("/", headers=sent).status_code == 200
    assert client().post("/", headers=sent).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1", "pages.example.org"])
@pytest.mark.parametrize("origin", ["https://pages.example.org", "https://desk.example.org"])
def test_a_websocket_that_may_open_is_not_refused_by_streamlit_nor_judged_by_another_host(
    monkeypatch: pytest.MonkeyPatch, host: str, origin: str
) -> None:
    async def as_streamlit_does(socket: WebSocket) -> None:
        judge = starlette_websocket._is_origin_allowed
        if judge(socket.headers.get("Origin"), socket.headers.get("Host")):
            await _echo(socket)
        else:
            await socket.close()

    asked = []
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, **_: asked.append(url))
    known = (), ("https://desk.example.org",)
    settings = Settings(public_url="https://pages.example.org")
    guard = Middleware(Guard, lambda: known, settings)
    server = Starlette(routes=[WebSocketRoute("/live", as_streamlit_does)], middleware=[guard])
    sent = {"Host": host, "Origin": origin}
    with TestClient(server).websocket_connect(LIVE, headers=sent) as socket:
        assert socket.receive_text() == "in"
    assert not asked


# ---------------------------------------------------------------- addresses of the machine

REACHED = ("192.0.2.7", "[2001:db8::1]", "0.0.0.0", "[::ffff:192.0.2.7]")


@pytest.mark.parametrize("address", REACHED)
@pytest.mark.parametrize("method", METHODS)
def test_what_comes_in_at_an_address_that_others_reach_is_refused_in_words(
    address: str, method: str
) -> None:
    # The server was told to listen there; the names it answers under do not matter.
    answer = client(address, Settings(allowed_hosts="*")).request(method, "/")
    assert answer.status_code == 403
    if method != "HEAD":
        assert "AFTERWORD_BEHIND_PROXY=true" in answer.json()["error"]


@pytest.mark.parametrize("address", REACHED)
def test_a_proxy_that_asks_may_come_in_there_and_whoever_asks_for_the_health(address: str) -> None:
    behind = Settings(behind_proxy=True, allowed_hosts="*")
    assert client(address, behind).get("/").status_code == 200
    assert client(address).get("/healthz").status_code == 200
    with pytest.raises(WebSocketDisconnect), client(address).websocket_connect("/live"):
        pass


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"])
def test_the_loopback_is_open_without_a_proxy(address: str) -> None:
    assert client(address).get("/", headers={"Host": "localhost"}).status_code == 200


# ---------------------------------------------------------------- answers


def test_a_websocket_that_is_refused_is_told_why() -> None:
    foreign = {"Origin": "http://evil.example"}
    with (
        pytest.raises(WebSocketDenialResponse) as refusal,
        client().websocket_connect(LIVE, headers=foreign),
    ):
        pass
    assert (refusal.value.status_code, refusal.value.json()) == (403, {"error": FOREIGN})
    assert refusal.value.headers["x-content-type-options"] == "nosniff"


def test_a_websocket_that_the_pages_refuse_has_the_headers_too() -> None:
    unknown = LIVE.replace("live", "nothing")
    with pytest.raises(WebSocketDenialResponse) as refusal, client().websocket_connect(unknown):
        pass
    assert refusal.value.status_code == 403
    assert refusal.value.headers["referrer-policy"] == "same-origin"


def test_no_answer_names_the_server_unless_somebody_wants_it_to() -> None:
    async def none(scope: Any, receive: Any, send: Any) -> None:
        pass

    under_way, named = Config(none), Config(none, headers=[("Server", "ours")])
    under_way.load()
    hide_server_name()
    named.load()
    assert under_way.encoded_headers == []
    assert named.encoded_headers == [(b"server", b"ours")]


@pytest.mark.parametrize("path", ["/", "/strict", "/broken", "/healthz"])
@pytest.mark.parametrize("host", ["localhost", "evil.example", "a@b"])
def test_every_answer_tells_browsers_what_they_may_not_do(path: str, host: str) -> None:
    headers = client().get(path, headers={"Host": host}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policies = headers.get_list("content-security-policy")
    assert ["frame-ancestors" in policy for policy in policies] == [True]


def test_what_breaks_is_one_sentence_and_the_log_repeats_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = client().get("/broken")
    assert answer.status_code == 500
    assert list(answer.json()) == ["error"]
    assert "ValueError" in caplog.text
    assert "whistling" not in caplog.text


def test_a_person_reads_a_sentence_and_the_log_counts_without_what_was_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    before = refused.counted[UNKNOWN_HOST]
    for _ in range(3):
        answer = client().get(
            "/whistling", headers={"Host": "evil.example", "Accept": "text/html,*/*;q=.8"}
        )
        assert answer.text == UNKNOWN_HOST
        assert answer.headers["content-type"].startswith("text/plain")
    assert refused.counted[UNKNOWN_HOST] == before + 3
    refused.flush()
    lines = [line.getMessage() for line in caplog.records if line.name == "afterword.api.guard"]
    assert any(line.endswith(UNKNOWN_HOST) for line in lines)
    assert "evil" not in "".join(lines)
    assert "whistling" not in "".join(lines)


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/checks"])
@pytest.mark.parametrize("proxy", [False, True])
@pytest.mark.parametrize(
    ("address", "inside"),
    [("127.0.0.1", True), ("::1", True), ("192.0.2.9", False), ("fd00::2", False)],
)
def test_what_comes_in_at_an_address_of_the_network_needs_a_proxy(
    address: str, inside: bool, proxy: bool, path: str
) -> None:
    asked = client(settings=Settings(behind_proxy=proxy))
    inner = asked.app

    async def arriving(scope: Any, receive: Any, send: Any) -> None:
        await inner({**scope, "server": (address, 8501)}, receive, send)

    answer = TestClient(arriving, "http://localhost:8501").get(path)
    assert answer.status_code == (200 if inside or proxy or path == "/healthz" else 403)

"""Every door of the running server, knocked at from every address and under every name.

What must happen stands in the tables below, and is not asked of the code that decides it.
"""

from __future__ import annotations

import http.server
import socket
import threading
import urllib.request
from collections.abc import Iterator
from itertools import product
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Frame, Page, Response, Route, expect

from afterword.api.wording import FOREIGN, MALFORMED, UNKNOWN_HOST
from tests.e2e.conftest import _ARGUMENTS as ARGUMENTS
from tests.e2e.conftest import _chromium as chromium
from tests.e2e.conftest import serving

PUBLIC = "pages.example.org"
ALLOWED = "afterword.lan"
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: streamlit",
)
FORM = "Content-Type: application/x-www-form-urlencoded"
FILE = "Content-Type: multipart/form-data; boundary=b"
TEXT = "Content-Type: text/plain"
JSON = '{"texts": ["He whistled at me."]}'


class Door(NamedTuple):
    """A request: its line, what the server says to those who may come in, and what it carries."""

    line: str
    inside: int
    headers: tuple[str, ...] = ()
    body: str = ""

    @property
    def opens(self) -> bool:
        """Whether it changes something, or stays open."""
        return self.headers == UPGRADE or self.line.split()[0] not in ("GET", "HEAD", "OPTIONS")


DOORS: Final = (
    Door("GET /", 200),
    Door("GET /monitoring", 200),
    Door("HEAD /", 200),
    Door("OPTIONS /", 405),
    Door("GET /api/checks", 200),
    Door("HEAD /api/checks", 200),
    Door("OPTIONS /api/checks", 405),
    Door("GET /metrics", 200),
    Door("GET /readyz", 200),
    Door("GET /reports/none", 404),
    Door("GET /api/docs", 200),
    Door("GET /static/none.js", 200),
    Door("GET /_stcore/host-config", 200),
    Door("GET /_stcore/health", 200),
    Door("OPTIONS /_stcore/upload_file/a/b", 204),
    Door("POST /api/check", 422, (FILE,), "--b--\r\n"),
    Door("POST /api/check", 415, (TEXT,), JSON),
    Door("POST /predict", 200, (FORM,), "review_text=He+whistled+at+me."),
    Door("POST /predict", 415, (TEXT,), JSON),
    Door("POST /api/predict", 200, ("Content-Type: application/json",), JSON),
    Door("DELETE /api/checks/1", 405),
    Door("PUT /api/checks/1", 405),
    Door("PATCH /metrics", 405),
    Door("POST /reports/none", 405),
    Door("POST /", 405),
    Door("POST /static/none.js", 405),
    # Streamlit lets nobody in here who does not know a token besides.
    Door("PUT /_stcore/upload_file/a/b", 403, (FILE,), "--b--\r\n"),
    Door("DELETE /_stcore/upload_file/a/b", 403),
    Door("GET /_stcore/stream", 101, UPGRADE),
)

HOSTS: Final = {
    "its own name": (["localhost:{port}"], 0),
    "without its port": (["localhost"], 0),
    "in capitals": (["LocalHost:{port}"], 0),
    "with a dot": (["localhost.:{port}"], 0),
    "the loopback address": (["127.0.0.1:{port}"], 0),
    "the loopback address of IPv6": (["[::1]:{port}"], 0),
    "the public name": ([PUBLIC], 0),
    "an allowed name": ([f"{ALLOWED}:{{port}}"], 0),
    "another name": (["evil.example:{port}"], 421),
    "the machine's address": (["192.0.2.7:{port}"], 421),
    "every address": (["0.0.0.0:{port}"], 421),
    "a name that begins so": (["localhost.evil.example:{port}"], 421),
    "a name below": (["a.localhost:{port}"], 421),
    "none": ([], 400),
    "two": (["localhost:{port}", "localhost:{port}"], 400),
    "two, one foreign": (["localhost:{port}", "evil.example"], 400),
    "a user part": (["localhost@evil.example"], 400),
    "a user part before its own": (["evil.example@localhost:{port}"], 400),
    "empty": ([""], 400),
}
"""Host headers, and the status of their refusal; 0 if the server answers under them."""

OWN: Final[dict[str, tuple[str, ...]]] = {
    "nothing": (),
    "its own": ("Origin: http://{host}",),
    "its own, in capitals": ("Origin: HTTP://{capitals}",),
    "its own, as a browser says": ("Origin: http://{host}", "Sec-Fetch-Site: same-origin"),
    "its own, with a dot": ("Origin: http://{dotted}",),
    "its own, encrypted by a proxy": ("Origin: https://{host}",),
    "the public address": (f"Origin: https://{PUBLIC}",),
    "a bookmark": ("Sec-Fetch-Site: none",),
}
FOREIGNERS: Final[dict[str, tuple[str, ...]]] = {
    "no address": ("Origin: null",),
    "an empty one": ("Origin: ",),
    "another port": ("Origin: http://{name}:9",),
    "another host": ("Origin: http://evil.example",),
    "another host, encrypted": ("Origin: https://evil.example",),
    "another host of the same port": ("Origin: http://evil.example:{port}",),
    "a subdomain": ("Origin: http://evil.{host}",),
    "a name that begins so": ("Origin: http://{name}.evil.example",),
    "a user part": ("Origin: http://evil@{host}",),
    "a user part of another": ("Origin: http://{host}@evil.example",),
    "another address of the loopback": ("Origin: http://127.0.0.9:{port}",),
    "another address of IPv6": ("Origin: http://[::2]:{port}",),
    "an address of IPv6 without brackets": ("Origin: http://::1:{port}",),
    "the public address, not encrypted": (f"Origin: http://{PUBLIC}",),
    "the public address, another port": (f"Origin: https://{PUBLIC}:444",),
    "two of its own": ("Origin: http://{host}", "Origin: http://{host}"),
    "two, one foreign": ("Origin: http://{host}", "Origin: http://evil.example"),
    "a file": ("Origin: file://{host}",),
    "an extension": ("Origin: chrome-extension://{host}",),
    "another site without origin": ("Sec-Fetch-Site: cross-site",),
    "another page of the site": ("Sec-Fetch-Site: same-site",),
    "its own from another site": ("Origin: http://{host}", "Sec-Fetch-Site: cross-site"),
}
# One that does not say its port has that of its scheme: the public one's is encrypted.
NOT_OWN: Final = {
    ("the public name", each) for each in ("its own", "its own, in capitals",
                                           "its own, as a browser says", "its own, with a dot")
}  # fmt: skip


def ask(port: int, door: Door, headers: list[str]) -> tuple[int, str, str]:
    """Knock: the status of the answer, its head in lower case, and its body."""
    sent = [f"{door.line} HTTP/1.1", *headers, *door.headers]
    if door.headers != UPGRADE:
        sent += ["Connection: close", f"Content-Length: {len(door.body)}"]
    with socket.create_connection(("localhost", port), timeout=30) as line:
        line.sendall("\r\n".join([*sent, "", door.body]).encode())
        got = b""
        while more := line.recv(65_536):
            got += more
            if got.startswith(b"HTTP/1.1 101"):
                break
    head, _, body = got.partition(b"\r\n\r\n")
    told = head.decode("latin-1").lower()
    return int(told.split()[1]), told, body.decode("utf-8", "replace")


def wrong(port: int, door: Door, origin: str, host: str) -> str:
    """What is wrong with the answer; "" if nothing is."""
    names, refused = HOSTS[host]
    names = [name.format(port=port) for name in names]
    named = names[0] if names else f"localhost:{port}"
    name = named.rpartition(":")[0] if named[-1:].isdigit() and ":" in named else named
    words = {
        "port": port, "host": named, "name": name, "capitals": named.upper(),
        "dotted": named.replace(name, f"{name.removesuffix('.')}." if "[" not in name else name, 1),
    }  # fmt: skip
    said = [one.format(**words) for one in {**OWN, **FOREIGNERS}[origin]]
    foreign = origin in FOREIGNERS or (host, origin) in NOT_OWN
    socket_like = door.headers == UPGRADE
    wanted, sentence = door.inside, ""
    if refused:
        wanted, sentence = refused, UNKNOWN_HOST if refused == 421 else MALFORMED
    elif foreign and door.opens:
        wanted, sentence = 403, FOREIGN
    status, head, body = ask(port, door, [*(f"Host: {each}" for each in names), *said])
    found = []
    # The library that opens WebSockets refuses doubled headers by itself.
    by_library = socket_like and "websocket" in body.lower() and status == 400
    if not (status == wanted or (by_library and wanted != door.inside)):
        found.append(f"{status} and not {wanted}")
    if not by_library:
        if sentence and not door.line.startswith("HEAD") and sentence not in body:
            found.append("another sentence")
        if not sentence and any(each in body for each in (FOREIGN, MALFORMED, UNKNOWN_HOST)):
            found.append("refused")
        found += [
            f"no {one}"
            for one in ("x-content-type-options: nosniff", "referrer-policy: ", "frame-ancestors")
            if one not in head
        ]
    if "\r\nserver:" in head or "uvicorn" in head:
        found.append("a server that names itself")
    if foreign and "access-control-allow-origin" in head and "evil" in head:
        found.append("a foreign page may read")
    return ", ".join(found) and f"{door.line} {origin!r} {host!r}: {', '.join(found)}"


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server that has a public address and an allowed name."""
    public = f"https://{PUBLIC}"
    with serving(
        tmp_path_factory, AFTERWORD_PUBLIC_URL=public, AFTERWORD_ALLOWED_HOSTS=ALLOWED
    ) as running:
        yield urlsplit(running.url).port or 0


def test_every_address_at_every_door(named: int) -> None:
    every = product(DOORS, [*OWN, *FOREIGNERS], ["its own name"])
    assert not [found for each in every if (found := wrong(named, *each))]


def test_every_name_at_every_door(named: int) -> None:
    every = product(DOORS, ["nothing", "its own"], HOSTS)
    assert not [found for each in every if (found := wrong(named, *each))]


@pytest.mark.slow
def test_every_address_under_every_name_at_every_door(named: int) -> None:
    every = product(DOORS, [*OWN, *FOREIGNERS], HOSTS)
    assert not [found for each in every if (found := wrong(named, *each))]


# ---------------------------------------------------------------- in a browser

KNOCK = """async url => {
    const answers = {};
    const told = async (name, asked) => {
        try { answers[name] = (await asked()).status; } catch { answers[name] = "unread"; }
    };
    const file = new FormData();
    file.set("file", new Blob(["description\\nhello"]), "week.csv");
    file.set("keep", "true");
    const form = new URLSearchParams({review_text: "He whistled at me."});
    const json = JSON.stringify({texts: ["He whistled at me."]});
    const send = (path, method, body, headers) =>
        () => fetch(url + path, {method, body, headers, credentials: "include"});
    await told("page", send("/", "GET"));
    await told("checks", send("/api/checks", "GET"));
    await told("metrics", send("/metrics", "GET"));
    await told("head", send("/api/checks", "HEAD"));
    await told("config", send("/_stcore/host-config", "GET"));
    await told("check", send("/api/check", "POST", file));
    await told("form", send("/predict", "POST", form));
    await told("text", send("/predict", "POST", json, {"Content-Type": "text/plain"}));
    await told("json", send("/api/predict", "POST", json, {"Content-Type": "application/json"}));
    await told("delete", send("/api/checks/1", "DELETE"));
    await told("upload", send("/_stcore/upload_file/a/b", "PUT", file));
    for (const body of [file, form, json]) {
        await fetch(url + (body === file ? "/api/check" : "/predict"),
            {method: "POST", mode: "no-cors", body}).catch(() => null);
    }
    navigator.sendBeacon(url + "/predict", form);
    answers.socket = await new Promise(done => {
        const live = new WebSocket(url.replace("http", "ws") + "/_stcore/stream", "streamlit");
        live.onopen = () => done("open");
        live.onerror = () => done("shut");
    });
    await new Promise(done => {
        const frame = document.createElement("iframe");
        frame.onload = done;
        frame.src = url + "/classify";
        document.body.append(frame);
    });
    return answers;
}"""
BLANK = "<!doctype html><title>Elsewhere</title><body></body>"
INSIDE = {
    "page": 200, "checks": 200, "metrics": 200, "head": 200, "config": 200, "check": 200,
    "form": 200, "text": 415, "json": 200, "delete": 405, "upload": 403, "socket": "open",
}  # fmt: skip
SHUT = {**dict.fromkeys(INSIDE, "unread"), "socket": "shut"}
REBOUND = {**dict.fromkeys(INSIDE, 421), "socket": "shut"}
"""To a page whose name leads here since, this server is its own: it may read that it is refused."""
STRANGERS = ("http://localhost:{other}", "http://127.0.0.1:{other}", "http://evil.localhost:{other}",
             "http://127.0.0.1:{own}", "https://evil.example", "http://evil.example:{other}",
             "http://rebound.example:{own}", "null")  # fmt: skip


@pytest.fixture(scope="module")
def other_port() -> Iterator[int]:
    """A server of somebody else on this machine."""

    class Blank(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(BLANK.encode())

        def log_message(self, *_args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield other.server_port
        other.shutdown()


@pytest.fixture(scope="module")
def page_elsewhere(browser: Browser) -> Iterator[Page]:
    """A page of a browser to which every other name, too, leads to this machine."""
    rules = "--host-resolver-rules=MAP *.example 127.0.0.1 , MAP *.localhost 127.0.0.1"
    # Newer ones ask the visitor before a page of the web may ask this machine: older ones do not.
    old = "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets"
    arguments = [*(one for one in ARGUMENTS if "resolver" not in one), rules, old]
    apart = browser.browser_type.launch(executable_path=chromium(), args=arguments)
    yield apart.new_page()
    apart.close()


def blank(route: Route) -> None:
    route.fulfill(content_type="text/html", body=BLANK)


def stand_at(page: Page, origin: str) -> Frame:
    """Show a page of an address."""
    if origin == "null":
        page.goto("about:blank")
        page.set_content('<iframe sandbox="allow-scripts" srcdoc="<body></body>"></iframe>')
        return page.frames[1]
    if origin.startswith("https"):
        page.route(f"{origin}/**", blank)
    page.goto(f"{origin}/healthz")
    return page.main_frame


def taken(port: int) -> list[str]:
    """What the server says of calls that were more than reading."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://localhost:{port}/metrics") as answer:
        lines: list[str] = answer.read().decode().splitlines()
    counts = ("afterword_predictions", "afterword_recorded")
    return [one for one in lines if one.startswith(counts) or 'method="P' in one]


@pytest.mark.browser
@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_page_of_another_address_opens_no_door_in_a_browser(
    page_elsewhere: Page, named: int, other_port: int, stranger: str
) -> None:
    origin = stranger.format(own=named, other=other_port)
    page = page_elsewhere
    where = stand_at(page, origin)
    seen: list[Response] = []
    page.on("response", lambda one: seen.append(one))
    before = taken(named)
    target = origin if "rebound" in origin else f"http://localhost:{named}"
    answers = where.evaluate(KNOCK, target)
    assert answers == (REBOUND if "rebound" in origin else SHUT)
    within = page.frames[-1]
    if "rebound" in origin:
        expect(within.locator("body")).to_have_text(UNKNOWN_HOST)
    else:
        assert within.url.startswith("chrome-error:")
    sent = {one.status for one in seen if one.request.method in ("POST", "PUT", "DELETE")}
    assert sent == ({421} if "rebound" in origin else {403})
    assert taken(named) == before


@pytest.mark.browser
def test_a_page_of_its_own_opens_every_door(browser: Browser, named: int) -> None:
    context = browser.new_context()
    page = context.new_page()
    where = stand_at(page, f"http://localhost:{named}")
    assert where.evaluate(KNOCK, f"http://localhost:{named}") == INSIDE
    expect(page.frames[1].locator("h1")).to_be_visible()
    context.close()

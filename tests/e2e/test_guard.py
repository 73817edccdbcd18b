"""Who may ask, at the running server: over plain sockets, and from a page of another address."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from afterword.api.wording import FOREIGN
from tests.e2e.conftest import Server, Visit

TEXT = "Two men shouted comments about my clothes at the bus stop"
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: streamlit",
)
ADDRESSES = (
    "POST /predict",
    "POST /api/predict",
    "POST /api/check",
    "DELETE /api/checks/1",
    "PUT /_stcore/upload_file/a/b",
    "DELETE /_stcore/upload_file/a/b",
    "POST /",
    "POST /monitoring",
    "POST /nothing/here",
)
READS = ("GET /", "GET /monitoring", "GET /_stcore/health", "GET /_stcore/host-config",
         "GET /static/nothing.js", "GET /api/checks", "GET /metrics", "GET /reports/none",
         "HEAD /readyz", "OPTIONS /_stcore/upload_file/a/b")  # fmt: skip


def ask(server: Server, line: str, *headers: str, version: str = "1.1") -> tuple[int, str]:
    """Send a request as it stands: the status of its answer, and its head in lower case."""
    port = urlsplit(server.url).port
    with socket.create_connection(("localhost", port), timeout=30) as link:
        end = () if version == "1.0" else ("Connection: close",)
        if any(header.startswith("Upgrade") for header in headers):
            end = ()
        elif not line.startswith(("GET", "HEAD")):
            end = (*end, "Content-Length: 0")
        lines = [f"{line} HTTP/{version}", *headers, *end, "", ""]
        link.sendall("\r\n".join(lines).encode())
        got = b""
        while b"\r\n\r\n" not in got and (more := link.recv(65_536)):
            got += more
    head = got.partition(b"\r\n\r\n")[0].decode("latin-1").lower()
    return int(head.split()[1]), head


def own(server: Server) -> str:
    return "Host: " + urlsplit(server.url).netloc


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "origin",
    ["Origin: http://evil.example", "Origin: null", "Origin: http://localhost:1",
     "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"],
)  # fmt: skip
def test_no_address_takes_what_a_foreign_page_sends(
    server: Server, address: str, origin: str
) -> None:
    code, head = ask(server, address, own(server), origin)
    assert code == 403
    assert "frame-ancestors 'self'" in head


@pytest.mark.parametrize("address", [*ADDRESSES, *READS])
@pytest.mark.parametrize(
    ("hosts", "wanted"),
    [
        (["Host: evil.example"], 421),
        (["Host: localhost.evil.example:8501"], 421),
        (["Host: evil.example", "X-Forwarded-Host: localhost"], 421),
        (["Host: user@localhost"], 400),
        (["Host: [::1%25lo]"], 400),
        (["Host: localhost", "Host: evil.example"], 400),
        (["Host: localhost", "Host: localhost"], 400),
        ([], 400),
    ],
)
def test_no_address_answers_under_a_foreign_name(
    server: Server, address: str, hosts: list[str], wanted: int
) -> None:
    assert ask(server, address, *hosts)[0] == wanted


@pytest.mark.parametrize("address", READS)
def test_every_answer_has_the_headers_that_keep_other_pages_out(
    server: Server, address: str
) -> None:
    code, head = ask(server, address, own(server))
    assert code not in (400, 403, 421)
    assert "x-content-type-options: nosniff" in head
    assert "frame-ancestors" in head
    assert "referrer-policy: " in head


@pytest.mark.parametrize("hosts", [["Host: evil.example"], ["Host: a@b"], []])
def test_the_health_is_told_under_any_name(server: Server, hosts: list[str]) -> None:
    # Without any, HTTP/1.1 itself asks for one; HTTP/1.0 has none.
    assert ask(server, "GET /healthz", *hosts, version="1.1" if hosts else "1.0")[0] == 200


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ([], 101),
        (["Origin: {own}"], 101),
        (["Origin: http://evil.example"], 403),
        (["Origin: http://localhost:1"], 403),  # which Streamlit itself takes
        (["Origin: null"], 403),
        (["Origin: {own}", "Origin: {own}"], 400),  # already by the library that upgrades
    ],
)
def test_the_pages_websocket_opens_for_the_pages_alone(
    server: Server, headers: list[str], wanted: int
) -> None:
    sent = [header.format(own=server.url) for header in headers]
    assert ask(server, "GET /_stcore/stream", own(server), *sent, *UPGRADE)[0] == wanted


def test_the_pages_websocket_opens_under_no_foreign_name(server: Server) -> None:
    rebound = ["Host: evil.example", "Origin: http://evil.example"]
    assert ask(server, "GET /_stcore/stream", *rebound, *UPGRADE)[0] == 421


def test_a_target_with_an_address_of_its_own_does_not_change_the_name(server: Server) -> None:
    assert ask(server, "GET http://localhost/", "Host: evil.example")[0] == 421


@pytest.fixture
def elsewhere(browser: Browser) -> Iterator[Page]:
    """A page of another port of this machine: the same site, and another origin."""

    class Blank(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Elsewhere</title><body></body>")

        def log_message(self, *_args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blank) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://localhost:{other.server_port}/")
        yield page
        context.close()
        other.shutdown()


@pytest.mark.browser
def test_a_page_elsewhere_reaches_nothing(elsewhere: Page, server: Server) -> None:
    with elsewhere.expect_response(f"{server.url}/api/check") as answer:
        elsewhere.evaluate(
            """url => {
                const form = new FormData();
                form.set("file", new Blob(["description\\nhello"]), "week.csv");
                fetch(url + "/api/check", {method: "POST", mode: "no-cors", body: form});
            }""",
            server.url,
        )
    assert answer.value.status == 403
    opened = elsewhere.evaluate(
        """url => new Promise(done => {
            const live = new WebSocket(url.replace("http", "ws") + "/_stcore/stream", "streamlit");
            live.onopen = () => done(true);
            live.onerror = () => done(false);
        })""",
        server.url,
    )
    assert opened is False
    elsewhere.evaluate(
        """url => new Promise(done => {
            const frame = document.createElement("iframe");
            frame.onload = done;
            frame.src = url;
            document.body.append(frame);
        })""",
        server.url,
    )
    assert elsewhere.frames[1].url.startswith("chrome-error:")
    with elsewhere.expect_navigation():
        elsewhere.evaluate(
            """([url, text]) => {
                document.body.innerHTML = `<form method="post" action="${url}/predict">
                    <input name="review_text" value="${text}"></form>`;
                document.forms[0].submit();
            }""",
            [server.url, TEXT],
        )
    expect(elsewhere.locator("body")).to_have_text(FOREIGN)


@pytest.mark.browser
def test_own_pages_still_send_forms_and_show_themselves_in_frames(
    visit: Visit, server: Server
) -> None:
    page = visit("/classify")
    code = page.evaluate(
        """text => fetch("/predict", {
                method: "POST", body: new URLSearchParams({review_text: text})
            }).then(answer => answer.status)""",
        TEXT,
    )
    assert code == 200
    page.evaluate(
        """text => {
            document.body.innerHTML = `<iframe name="within" src="/classify"></iframe>
                <form method="post" action="/predict">
                <input name="review_text" value="${text}"></form>`;
        }""",
        TEXT,
    )
    expect(page.frame_locator("iframe").locator("h1")).to_be_visible()
    with page.expect_navigation() as answer:
        page.evaluate("document.forms[0].submit()")
    assert answer.value is not None
    assert answer.value.status == 200

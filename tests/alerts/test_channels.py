"""Channels, against a real SMTP server and real webhooks on this machine."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from afterword.alerts import channels as module
from afterword.alerts.channels import LOCAL, Channel, Delivery, Message, channels, send
from afterword.errors import SettingsError

SECRET = "hunter2zebra"
TITLE = "Verhalten verändert: A & B <3 *jetzt*"
BODY = 'Zeile 1: über 5 % & <b>nicht fett</b>\n\n# kein Titel\n* "ß" _und_ :smile: {x} \\n €'
MESSAGE = Message(TITLE, BODY, "critical")
QUICK = 0.001


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the machine that runs the tests must not stand between."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class Webhook:
    """A server that answers with the statuses it is given, then with 200, and keeps what it got."""

    def __init__(self, *statuses: int, location: str = "") -> None:
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.statuses = list(statuses)
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append(json.loads(body))
                hook.paths.append(self.path)
                self.send_response(hook.statuses.pop(0) if hook.statuses else 200)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def webhook() -> Iterator[Callable[..., Webhook]]:
    made: list[Webhook] = []

    def make(*statuses: int, location: str = "") -> Webhook:
        made.append(Webhook(*statuses, location=location))
        return made[-1]

    yield make
    for each in made:
        each.close()


class Post:
    """A mailbox that keeps what it is sent; the first ``refused`` messages it refuses."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.refused = 0

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        if self.refused:
            self.refused -= 1
            return f"451 not now, {SECRET}"
        assert isinstance(envelope.content, bytes)
        self.got.append(message_from_bytes(envelope.content, policy=policy.default))
        self.to.append(envelope.rcpt_tos)
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, str]]:
    """A mailbox, and the address of its server, which asks for the secret as password."""
    handler = Post()
    server = Controller(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        auth_required=True,
        auth_require_tls=False,
        authenticator=lambda *given: AuthResult(
            success=given[4].password == SECRET.encode(), handled=False
        ),
    )
    server.start()
    yield handler, f"127.0.0.1:{server.port}"
    server.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def mail(place: str, password: str = SECRET) -> str:
    return f"mailto://ann:{password}@{place}/?from=ann@example.org&to=duty@example.org"


def hook(server: Webhook) -> str:
    return f"json://ann:{SECRET}@{server.place}/services/{SECRET}?+X-Token={SECRET}"


def test_a_mail_arrives_whole_and_as_plain_text(post: tuple[Post, str]) -> None:
    box, place = post
    [delivery] = send(MESSAGE, channels([mail(place)]), first_wait_s=QUICK)
    assert delivery == Delivery("Mail 1", True, 1, "", delivery.seconds)
    [got] = box.got
    assert box.to == [["duty@example.org"]]
    assert got["Subject"] == TITLE
    assert "ann@example.org" in got["From"]
    assert got.get_content_type() == "text/plain"
    assert got.get_content().replace("\r\n", "\n").rstrip("\n") == BODY


def test_a_webhook_gets_the_message_whole(webhook: Callable[..., Webhook]) -> None:
    server = webhook()
    [delivery] = send(MESSAGE, channels([hook(server)]), first_wait_s=QUICK)
    assert delivery == Delivery("Webhook 1", True, 1, "", delivery.seconds)
    [got] = server.got
    assert (got["title"], got["message"], got["type"]) == (TITLE, BODY, "failure")


def test_line_breaks_in_a_title_become_spaces_and_cannot_add_a_header(
    post: tuple[Post, str], webhook: Callable[..., Webhook]
) -> None:
    (box, place), server = post, webhook()
    found = channels([mail(place), hook(server)])
    send(Message("One\r\nBcc: eve@example.org", "x"), found, attempts=1)
    [got] = box.got
    assert server.got[0]["title"] == "One Bcc: eve@example.org"
    assert got["Subject"] == "One Bcc: eve@example.org"
    assert got["Bcc"] is None
    assert box.to == [["duty@example.org"]]


@pytest.mark.parametrize(
    ("severity", "kind"), [("info", "info"), ("warning", "warning"), ("critical", "failure")]
)
def test_a_service_learns_how_bad_it_is(
    webhook: Callable[..., Webhook], severity: Any, kind: str
) -> None:
    server = webhook()
    send(Message("T", "B", severity), channels([hook(server)]))
    assert [got["type"] for got in server.got] == [kind]


@pytest.mark.parametrize(
    "scheme", ["json://127.0.0.1:{}", "mailto://127.0.0.1:{}/b@c.de?from=a@b.de"]
)
def test_a_server_that_is_down_is_told_after_three_attempts(scheme: str) -> None:
    found = channels([scheme.format(free_port())])
    [delivery] = send(MESSAGE, found, first_wait_s=QUICK)
    assert (delivery.delivered, delivery.attempts) == (False, 3)
    assert delivery.problem == (
        f"{delivery.channel} could not be reached or broke the connection off; "
        "check the server and its entry in AFTERWORD_CHANNELS."
    )


def test_what_fails_twice_and_then_works_is_delivered_once(
    webhook: Callable[..., Webhook],
) -> None:
    server = webhook(500, 503)
    [delivery] = send(MESSAGE, channels([hook(server)]), first_wait_s=QUICK)
    assert (delivery.delivered, delivery.attempts, delivery.problem) == (True, 3, "")
    assert server.statuses == []
    assert len(server.got) == 3


def test_a_mail_that_is_refused_twice_is_sent_a_third_time(post: tuple[Post, str]) -> None:
    box, place = post
    box.refused = 2
    [delivery] = send(MESSAGE, channels([mail(place)]), first_wait_s=QUICK)
    assert (delivery.delivered, delivery.attempts, len(box.got)) == (True, 3, 1)


def test_a_refusal_names_the_status(webhook: Callable[..., Webhook]) -> None:
    [delivery] = send(MESSAGE, channels([hook(webhook(404))]), attempts=1)
    assert delivery.problem.startswith("Webhook 1 answered with HTTP status 404; check ")
    assert (delivery.delivered, delivery.attempts) == (False, 1)


def test_waits_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    send(MESSAGE, channels([f"json://127.0.0.1:{free_port()}"]), attempts=8, first_wait_s=1)
    assert len(waits) == 7
    assert all(2**at <= wait <= 2**at + 1 for at, wait in enumerate(waits[:4]))
    assert max(waits) <= module.LONGEST_WAIT_S


def test_one_failing_channel_does_not_keep_the_message_from_others(
    webhook: Callable[..., Webhook], post: tuple[Post, str]
) -> None:
    server, (box, place) = webhook(), post
    urls = [f"json://127.0.0.1:{free_port()}", hook(server), mail(place)]
    deliveries = send(MESSAGE, channels(urls), first_wait_s=QUICK)
    assert [each.channel for each in deliveries] == ["Webhook 1", "Webhook 2", "Mail 3"]
    assert [each.delivered for each in deliveries] == [False, True, True]
    assert (len(server.got), len(box.got)) == (1, 1)


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that sends one more byte of its answer as often as needed to seem alive."""
    over = threading.Event()

    class Drip(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.wait(0.02):
                self.wfile.write(b"x")

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Drip)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    over.set()
    server.shutdown()
    server.server_close()


def test_a_server_that_drips_its_answer_is_given_up(
    dripping: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ATTEMPT_S", 0.2)
    [delivery] = send(MESSAGE, channels([f"json://{dripping}"]), attempts=2, first_wait_s=QUICK)
    assert (delivery.delivered, delivery.attempts) == (False, 2)
    assert "did not answer within 0.2 seconds" in delivery.problem
    assert 0.4 <= delivery.seconds < 3


@pytest.mark.parametrize("scheme", ["json://{}?rto=0.1", "mailto://{}/b@c.de?from=a@b.de&cto=0.1"])
def test_a_server_that_says_nothing_is_given_up(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        [delivery] = send(MESSAGE, channels([scheme.format(place)]), attempts=1)
    assert not delivery.delivered
    assert delivery.seconds < module.CONNECT_S


def test_nobody_waits_for_the_slowest_channel_to_be_tried(
    dripping: str, webhook: Callable[..., Webhook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ATTEMPT_S", 1.0)
    server = webhook()
    slow, fast = send(MESSAGE, channels([f"json://{dripping}", hook(server)]), attempts=1)
    assert (slow.delivered, fast.delivered) == (False, True)
    assert fast.seconds < slow.seconds


def test_timeouts_are_five_seconds_unless_the_address_says_other() -> None:
    plain, own = (module._service(f"json://127.0.0.1{more}") for more in ("", "?cto=2&rto=9"))
    assert plain is not None
    assert own is not None
    assert plain.request_timeout == (5, 5)
    assert own.request_timeout == (2, 9)


@pytest.mark.parametrize("more", ["", "?redirect=yes"])
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_is_not_followed(
    webhook: Callable[..., Webhook], status: int, more: str
) -> None:
    other = webhook()
    server = webhook(status, location=f"http://{other.place}/")
    [delivery] = send(MESSAGE, channels([f"json://{server.place}{more}"]), attempts=1)
    assert len(server.got) == 1
    assert other.got == []
    assert f"HTTP status {status}, and redirects are not followed" in delivery.problem


def test_a_failure_that_the_address_calls_optional_is_a_failure() -> None:
    [delivery] = send(
        MESSAGE, channels([f"json://127.0.0.1:{free_port()}?optional=yes&retry=5"]), attempts=1
    )
    assert not delivery.delivered


@pytest.mark.parametrize(
    "url",
    [
        f"pigeon://{SECRET}",
        f"https://{SECRET}.example.org/hook",
        f"file:///etc/{SECRET}",
        f"json://[::1/{SECRET}",
        f"json://{SECRET}?method=DESTROY",
        f"json://{SECRET}?tz={SECRET}",
        f"mailto://{SECRET}",
        f"json://a, json://{SECRET}",
        SECRET,
        "",
        *(f"{scheme}://{SECRET}" for scheme in sorted(LOCAL)),
    ],
)
def test_an_address_that_is_no_channel_is_named_by_its_place(
    url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SettingsError, match=r"^Entry 2 of AFTERWORD_CHANNELS [^.]*\.") as raised:
        channels(["json://127.0.0.1", url])
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert SECRET not in f"{raised.value}{caplog.text}{capfd.readouterr()}"


def test_names_say_kind_and_place() -> None:
    urls = [
        "mailtos://ann:x@example.org",
        "xmls://example.org",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        f"workflows://example.org/{'a' * 32}/{'b' * 43}",
        "ntfys://example.org/topic",
    ]
    assert [each.name for each in channels(urls)] == [
        "Mail 1",
        "Webhook 2",
        "Slack 3",
        "Teams 4",
        "ntfy 5",
    ]


def test_the_secret_of_an_address_is_nowhere(
    webhook: Callable[..., Webhook],
    post: tuple[Post, str],
    dripping: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every way a message can go, with every logger of the libraries wide open."""
    for name in (*module.TALKERS, "urllib3.connectionpool"):
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(1)
    caplog.set_level(logging.CRITICAL, logger="mail.log")  # of the test's own SMTP server
    box, place = post
    box.refused = 1
    fine, broken = webhook(), webhook(500, 404, 401)
    urls = [
        hook(fine),
        hook(broken),
        hook(webhook(302, location=f"http://{SECRET}.example.org/")),
        f"json://ann:{SECRET}@127.0.0.1:{free_port()}/{SECRET}",
        f"json://127.0.0.1:{free_port()}/{SECRET}?rto={SECRET}&cto=-1",
        mail(place),
        mail(place, f"wrong{SECRET}"),
        mail(f"127.0.0.1:{free_port()}"),
    ]
    found = channels(urls)
    deliveries = send(MESSAGE, found, attempts=2, first_wait_s=QUICK)
    assert [each.delivered for each in deliveries] == [1, 0, 1, 0, 0, 1, 0, 0]
    monkeypatch.setattr(module, "ATTEMPT_S", 0.1)
    found += channels([f"json://ann:{SECRET}@{dripping}/{SECRET}"])
    deliveries += send(MESSAGE, found[-1:], attempts=1)
    assert not deliveries[-1].delivered
    assert fine.paths == [f"/services/{SECRET}"]
    shown = f"{found}{found!r}{deliveries}{caplog.text}{caplog.records}{capfd.readouterr()}"
    assert SECRET not in shown
    assert "127.0.0.1" not in shown
    assert not hasattr(found[0], "__dict__")


@pytest.mark.parametrize("delivery", ["refused", "down"])
def test_a_problem_is_one_sentence(delivery: str, webhook: Callable[..., Webhook]) -> None:
    url = hook(webhook(500)) if delivery == "refused" else f"json://127.0.0.1:{free_port()}"
    problem = channels([url])[0].send(MESSAGE, attempts=1).problem
    assert problem.endswith(".")
    assert ". " not in problem
    assert "\n" not in problem


def test_a_library_that_breaks_is_a_failure_without_its_words(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> bool:
        raise ValueError(SECRET)

    monkeypatch.setattr("apprise.plugins.custom_json.NotifyJSON.send", broken)
    delivery = channels(["json://127.0.0.1"])[0].send(MESSAGE, attempts=1)
    assert delivery.problem.startswith("Webhook 1 could not be used; ")
    assert SECRET not in f"{delivery}{capfd.readouterr()}"


def test_no_channels_no_deliveries() -> None:
    assert channels([]) == ()
    assert send(MESSAGE, []) == []


def test_a_channel_shows_its_name_only() -> None:
    assert repr(Channel("Mail 1", f"mailto://{SECRET}")) == "Channel('Mail 1')"


@pytest.mark.whole
def test_a_stuck_attempt_does_not_hold_up_the_end_of_the_program(dripping: str) -> None:
    program = (
        "from afterword.alerts import channels as m; m.ATTEMPT_S = 0.2; "
        f"[found] = m.channels(['json://{dripping}']); "
        "print(found.send(m.Message('T', 'B'), attempts=1).attempts)"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "1\n"
    assert time.monotonic() - started < 20


@pytest.mark.whole
def test_importing_channels_imports_no_library() -> None:
    program = (
        "import sys, afterword.alerts.channels; "
        "print({'apprise', 'requests', 'tenacity', 'urllib3'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "set()\n"

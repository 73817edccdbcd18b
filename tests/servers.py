"""A server of ours that a test starts as a program, and what a visitor of its pages is shown."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

START_S = 60
"""A first start on a busy machine compiles and imports a lot."""
PAGE_S = 60


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def environment(**settings: str) -> dict[str, str]:
    """This process's variables without a proxy and without our settings, and some more."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and not name.startswith(("AFTERWORD_", "PYTHON"))
    } | settings


@contextlib.contextmanager
def serving(
    command: Sequence[str],
    port: int,
    log: Path,
    cwd: Path,
    variables: Mapping[str, str],
    health: str = "/healthz",
) -> Iterator[str]:
    """Start a server, wait until it is healthy, give its address, and stop it."""
    with log.open("wb") as console:
        process = subprocess.Popen(
            command, cwd=cwd, env=variables, stdout=console, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://localhost:{port}"
            deadline = time.monotonic() + START_S
            while not _is_healthy(url + health):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.2)
                if process.returncode is not None or time.monotonic() > deadline:
                    pytest.fail(f"No start:\n{log.read_text(errors='replace')[-3_000:]}")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def get(url: str) -> str:
    """What the server answers, as text."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        content: bytes = answer.read()
    return content.decode()


def _is_healthy(url: str) -> bool:
    try:
        return "ok" in get(url)
    except OSError:
        return False


@dataclass
class Seen:
    """What came to a browser until the page was drawn."""

    colour: str = ""
    titles: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)


def visit(url: str, page: str = "") -> Seen:
    """Open a page as a browser does, over its WebSocket, until its script has ended."""
    seen = Seen()
    address = url.replace("http:", "ws:") + "/_stcore/stream"
    asked = BackMsg()
    asked.rerun_script.page_name = page
    with connect(address, max_size=None, proxy=None) as line:
        line.send(asked.SerializeToString())
        deadline = time.monotonic() + PAGE_S
        while True:
            message = ForwardMsg()
            message.ParseFromString(line.recv(timeout=deadline - time.monotonic()))
            kind = message.WhichOneof("type")
            if kind == "new_session":
                seen.colour = message.new_session.custom_theme.light.primary_color
            elif kind == "delta":
                element = message.delta.new_element
                if element.HasField("heading"):
                    seen.titles.append(element.heading.body)
                if element.HasField("exception"):
                    seen.exceptions.append(element.exception.message)
            elif kind == "script_finished":
                return seen

"""Hostile files sent to a server, as a stranger sends them."""

from __future__ import annotations

import contextlib
import http.client
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.hostile.case import TEXT, Case
from tests.hostile.runner import PATIENCE_S, ROOT, WARM, Outcome
from tests.hostile.watch import Watch, files_in
from tests.servers import environment, free_port, serving

TOO_LARGE = 413
REFUSALS = (TOO_LARGE, 422)
BOUNDARY = "hostile"


class Service:
    """A server, and the process that it is.

    Parameters
    ----------
    port : where it listens.
    folder : in which all lies that it may write to.
    """

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        (self.process,) = (
            child
            for child in psutil.Process().children()
            if str(port) in child.cmdline()  # of those that this process started
        )
        self.known: set[str] | None = None
        for case in WARM:
            self.read(case)
        self.known = self._files()

    def read(self, case: Case) -> Outcome:
        """Have a file checked."""
        data = case.make()
        began = time.perf_counter()
        with Watch(self.process.pid) as watch:
            try:
                status, answer = self._send(case.file, data)
            except (OSError, http.client.HTTPException) as error:
                status, how = 0, "late" if isinstance(error, TimeoutError) else "lost"
        left = set() if self.known is None else self._files() - self.known
        about: dict[str, Any] = {
            "seconds": min(time.perf_counter() - began, watch.seconds),
            "growth": watch.most - watch.before,
            "worker": watch.worker,
            "left": tuple(sorted(left)),
        }
        if not status:
            return Outcome(how, **about)
        if status != TOO_LARGE:  # of that, nothing is kept
            about["growth"] -= len(data) / 1e6
        if status == 200:
            rejected = sum(answer["rejections"].values())
            rows = {n: answer[n] for n in ("rows", "accepted")}
            about["growth"] -= rows["accepted"] * sys.getsizeof(TEXT) / 1e6
            return Outcome("read", rejected=rejected, **rows, **about)
        if status not in REFUSALS:
            return Outcome("raised", f"{status}", **about)
        return Outcome("refused", str(answer["error"]), **about)

    def _files(self) -> set[str]:
        return files_in(self.folder) | {str(path) for path in ROOT.iterdir()}

    def _send(self, name: str, data: bytes) -> tuple[int, Any]:
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        )
        body = b"".join((head.encode(), data, f"\r\n--{BOUNDARY}--\r\n".encode()))
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        with contextlib.closing(line):
            kind = f"multipart/form-data; boundary={BOUNDARY}"
            line.request("POST", "/api/check", body, {"Content-Type": kind})
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())


@contextlib.contextmanager
def service(folder: Path) -> Iterator[tuple[Service, Path]]:
    """A server that may write into a folder alone; with it, the file of all that it says.

    Parameters
    ----------
    folder : an empty one.
    """
    port, log = free_port(), folder / "console.txt"
    places = {name: folder / "held" / name for name in ("tmp", "home", "store")}
    for place in places.values():
        place.mkdir(parents=True)
    variables = environment(
        TMPDIR=str(places["tmp"]), HOME=str(places["home"]), AFTERWORD_HOME=str(places["store"]),
        AFTERWORD_NULL_DRAWS="300", AFTERWORD_REPORT_AHEAD_ROWS="0", PYTHONDONTWRITEBYTECODE="1",
    )  # fmt: skip
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with serving(command, port, log, ROOT, variables):
        yield Service(port, folder / "held"), log

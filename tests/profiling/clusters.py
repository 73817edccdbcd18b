"""A cluster of Dask of this machine: a scheduler and workers that are programs of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.servers import START_S, environment

ROOT = Path(__file__).resolve().parents[2]
OWN = {"PYTHONPATH": str(ROOT)}
"""Lets a program import what this one does."""


@dataclass
class Cluster:
    """A scheduler, and workers with one thread each.

    Attributes
    ----------
    folder : of its logs, and of what its workers write.
    variables : of the environment.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=lambda: OWN)
    address: str = ""
    programs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Cluster:
        file = self.folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        deadline = time.monotonic() + START_S
        while not self.address:
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.05)
            if file.exists() and file.read_text().endswith("}"):
                self.address = json.loads(file.read_text())["address"]
        return self

    def __exit__(self, *_: object) -> None:
        for program in reversed(self.programs):
            program.terminate()
        for program in self.programs:
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()

    def start_worker(self, *options: str, **variables: str) -> subprocess.Popen[bytes]:
        """Start a worker; without options, one that nothing starts again if it dies."""
        alone = options or ("--no-nanny",)
        place = ("--local-directory", str(self.folder), "--no-dashboard", "--nthreads", "1")
        return self._start("worker", self.address, *place, *alone, **variables)

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers are there."""
        from distributed import Client

        client: Any = Client(self.address, set_as_default=False)
        client.wait_for_workers(count, timeout=START_S)
        client.close()

    def logs(self) -> str:
        """All that its programs said."""
        return "".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*.log"))

    def _start(self, kind: str, *options: str, **variables: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--host", "127.0.0.1"]
        with (self.folder / f"{len(self.programs)}.log").open("wb") as log:
            program = subprocess.Popen(
                [*command, *options],
                cwd=self.folder,
                env=environment() | dict(self.variables) | variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.programs.append(program)
        return program


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A scheduler without workers; a job that two workers died of is given up."""
    few = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with Cluster(tmp_path_factory.mktemp("cluster"), OWN | few) as found:
        yield found

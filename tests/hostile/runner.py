"""Hostile files, read one after the other while what they do to the machine is watched.

`python -m tests.hostile.runner` reads the whole corpus and prints what went wrong; words behind it
choose files by their titles.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from tests.hostile import parquets, sheets
from tests.hostile.case import MARK, TEXT, Case
from tests.hostile.corpus import corpus
from tests.hostile.watch import Watch, files_in
from tests.servers import environment

ROOT = Path(__file__).resolve().parents[2]
LATE_S = 10
"""Seconds of processor time that any file may take: others may work on the machine."""
PATIENCE_S = 40
"""Seconds after which a file is given up, and the process that reads it."""
WORKER_MB = 1_000
GROWTH_MB = 50
"""Megabytes by which a process may grow beyond the upload and the rows that were read."""

WARM = (
    Case("csv", "good", f"description,time\n{TEXT},2024-01-01\n".encode),
    Case("csv", "good Cyrillic", partial("description\nона была там\n".encode, "koi8_r")),
    Case("parquet", "good", parquets.good),
    Case("xlsx", "good", sheets.good),
)
"""What is read first: what a process imports for it is no growth."""


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    Attributes
    ----------
    how : "read", "refused" in a sentence, "raised" another error, "lost" its process, or "late".
    said : the sentence, or the kind of the error.
    rows, accepted, rejected : of the table.
    seconds : of processor time that it took.
    growth : megabytes of the process beyond the upload and the table.
    worker : megabytes of the largest process that it started.
    left : files that were not there before.
    """

    how: str
    said: str = ""
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    seconds: float = 0
    growth: float = 0
    worker: float = 0
    left: tuple[str, ...] = ()


def faults(case: Case, outcome: Outcome) -> list[str]:
    """Say what is wrong with what became of a file; nothing is, if it was borne."""
    found = []
    if outcome.how in ("raised", "lost", "late"):
        found.append(f"{outcome.how} {outcome.said}".strip())
    if "took longer than" in outcome.said:
        found.append("given up")  # a process that waits for itself uses no processor
    if outcome.seconds > LATE_S:
        found.append(f"{outcome.seconds:.0f} s")
    if outcome.worker > WORKER_MB:
        found.append(f"worker of {outcome.worker:,.0f} MB")
    if outcome.growth > GROWTH_MB:
        found.append(f"{outcome.growth:,.0f} MB beyond upload and rows")
    if outcome.rows != outcome.accepted + outcome.rejected:
        found.append("rows are lost")
    if outcome.left:
        found.append(f"{len(outcome.left)} files left behind")
    if MARK in outcome.said:
        found.append("a text in a message")
    if outcome.how == "refused" and not outcome.said.endswith("."):
        found.append("no sentence")
    if case.keeps and (outcome.accepted, outcome.rejected) != (case.keeps, case.loses):
        found.append(
            f"{outcome.accepted} accepted, {outcome.rejected} rejected, not {case.keeps} and "
            f"{case.loses} ({outcome.how})"
        )
    return found


class Reads(Protocol):
    """What reads a file and tells what became of it."""

    def read(self, case: Case) -> Outcome:
        """Have a file read."""


class Reader:
    """A process that reads files as a caller of the package does, and is started again if lost.

    Parameters
    ----------
    folder : an empty one, in which all lies that it may write to.
    """

    def __init__(self, folder: Path) -> None:
        self.folders = [folder / name for name in ("tmp", "home", "work", "store")]
        for one in self.folders:
            one.mkdir()
        self.log = folder / "console.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def read(self, case: Case) -> Outcome:
        """Have a file read."""
        process = self._running()
        data = case.make()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(PATIENCE_S, give_up)
        timer.start()
        began = time.perf_counter()
        with Watch(process.pid) as watch:
            line = b""
            with contextlib.suppress(OSError):
                pickle.dump((case.file, data), process.stdin, pickle.HIGHEST_PROTOCOL)
                process.stdin.flush()
                line = process.stdout.readline()
        timer.cancel()
        growth = watch.most - watch.before - len(data) / 1e6
        if not line:
            process.wait()
            how = "late" if late.is_set() else "lost"
            told: dict[str, Any] = {"how": how, "said": f"({process.returncode})"}
            told["seconds"] = time.perf_counter() - began
        else:
            told = json.loads(line)
            growth -= told.pop("table_mb", 0)
        told["seconds"] = min(told["seconds"], watch.seconds)
        left = files_in(*self.folders)
        for path in left:
            Path(path).unlink()
        return Outcome(**told, growth=growth, worker=watch.worker, left=tuple(sorted(left)))

    def close(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def written(self) -> str:
        """All that the process wrote to its standard error."""
        return self.log.read_text("utf-8", "replace")

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            tmp, home, work, store = map(str, self.folders)
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "tests.hostile.reader"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=work,
                    env=environment(
                        PYTHONPATH=str(ROOT), TMPDIR=tmp, HOME=home, AFTERWORD_HOME=store,
                        PYTHONDONTWRITEBYTECODE="1",
                    ),
                )  # fmt: skip
            # What it imports with its first file is no growth.
            for case in WARM:
                self.read(case)
        return self.process


def run(reader: Reads, cases: Iterable[Case]) -> Iterator[tuple[Case, Outcome, list[str]]]:
    """Have files read, and tell of each what became of it and what is wrong with that."""
    for case in cases:
        outcome = reader.read(case)
        yield case, outcome, faults(case, outcome)


def main(words: list[str]) -> int:
    """Read the corpus, print a table of failures and the totals; return the number of failures."""
    totals: Counter[str] = Counter()
    failed = 0
    worst = {"seconds": 0.0, "growth": 0.0, "worker": 0.0}
    chosen = (case for case in corpus() if not words or any(w in case.title for w in words))
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder))
        for case, outcome, wrong in run(reader, chosen):
            totals[outcome.how] += 1
            worst = {name: max(most, getattr(outcome, name)) for name, most in worst.items()}
            if wrong:
                failed += 1
                print(f"{case.title}: {'; '.join(wrong)}", flush=True)
            if os.environ.get("HOSTILE_ALL"):
                print(f"    {case.title}: {outcome}", flush=True)
        reader.close()
        if MARK in reader.written():
            failed += 1
            print("A text stands in the log.")
    print(f"{totals.total()} files: {', '.join(f'{n} {how}' for how, n in totals.items())}")
    print(f"at most {', '.join(f'{most:,.1f} {name}' for name, most in worst.items())}")
    print(f"{failed} failures")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))

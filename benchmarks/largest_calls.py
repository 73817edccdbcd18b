"""The largest calls that are allowed: how long do small ones, and /healthz, wait for them?

    python benchmarks/largest_calls.py --clients 2                        # of ordinary texts
    python benchmarks/largest_calls.py --clients 4 --worst --seconds 60   # of those that cost most

A server of its own, with an empty store, on this machine alone. Each client sends calls of as many
texts and characters as the settings allow, back to back. Meanwhile one small prediction after the
other is asked for, and /healthz ten times a second. Ends with 1 if a small prediction waited for
more than a second (with ``--worst`` it may), or /healthz for more than half of one, or if a small
one was not recorded.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import chain, count, cycle
from pathlib import Path
from typing import Final

import numpy as np

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from afterword.settings import get_settings  # noqa: E402
from benchmarks.load import Answered, invent, probe, send, serving, spread  # noqa: E402
from tests.test_linear_time import HOSTILE, text_of  # noqa: E402

SMALL_S: Final = 1.0
HEALTH_S: Final = 0.5
PATIENCE_S: Final = 120
EVERY_S: Final = 0.1
_NUMBER: Final = "~~~"
"""Stands for the number of a text in its call: so can a call hold new words alone."""


def main() -> None:
    """Print how long each kind of call took, and end with 1 if one took too long."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--worst", action="store_true", help="texts that cost most, not ordinary")
    asked = parser.parse_args()
    busy = os.getloadavg()[0]
    spawn = multiprocessing.get_context("spawn")
    ended = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        console = Path(folder) / "console.txt"
        with (
            serving(Path(folder) / "home", console) as port,
            ProcessPoolExecutor(1, spawn) as apart,
            ThreadPoolExecutor(2) as pool,
        ):
            send(port, time.monotonic(), 0)  # the model is loaded, the store is there
            large = apart.submit(send_large, port, asked.clients, asked.seconds, asked.worst)
            small = pool.submit(again, lambda: send(port, time.monotonic(), 1), ended)
            health = pool.submit(again, lambda: [probe(port, "/healthz")], ended)
            calls = large.result()
            ended.set()
            rows = {"small prediction": small.result(), "/healthz": health.result()}
        log = console.read_text(errors="replace").splitlines()
    kind = "worst" if asked.worst else "ordinary"
    print(
        f"{asked.clients} clients with largest calls of {kind} texts, {asked.seconds:g} s; "
        f"load average before: {busy:.2f}"
    )
    for name, answers in {"largest call": calls, **rows}.items():
        statuses = dict(Counter(one.status for one in answers))
        print(f"  {name:18}{spread(answers)}; by status: {statuses}")
    lost = sum(one.status == 200 and not one.recorded for one in rows["small prediction"])
    print(f"  small predictions not recorded: {lost}")
    for line in log:
        if "not recorded" in line or "given up" in line:
            print(f"  log: {line}")
    slow = [
        max((one.seconds for one in rows[name]), default=0.0) > limit
        for name, limit in (("small prediction", SMALL_S), ("/healthz", HEALTH_S))
    ]
    sys.exit(int(bool(lost) or slow[1] or (slow[0] and not asked.worst)))


def again(ask: Callable[[], list[Answered]], ended: threading.Event) -> list[Answered]:
    """Ask ten times a second, or as often as there are answers."""
    done: list[Answered] = []
    while not ended.is_set():
        begun = time.monotonic()
        done += ask()
        ended.wait(max(0.0, begun + EVERY_S - time.monotonic()))
    return done


def send_large(port: int, clients: int, seconds: float, worst: bool) -> list[Answered]:
    """Send largest calls at once, from a process of its own."""
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(clients) as pool:
        parts = pool.map(partial(_send_large, port, until, worst), range(clients))
        return list(chain.from_iterable(parts))


def _send_large(port: int, until: float, worst: bool, client: int) -> list[Answered]:
    done: list[Answered] = []
    kinds = cycle(worst_texts()) if worst else (ordinary_text(client, n) for n in count())
    for _ in range(7 * client if worst else 0):  # not all clients the same
        next(kinds)
    for text in kinds:
        if time.monotonic() >= until:
            return done
        body = json.dumps({"texts": largest_call(text)})
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        at, started, status, recorded = time.time(), time.perf_counter(), 0, False
        try:
            line.request("POST", "/api/predict", body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            content = json.loads(answer.read())
            status, recorded = answer.status, content.get("recorded", False)
        except (OSError, http.client.HTTPException):
            pass
        finally:
            line.close()
        done.append(Answered(at, time.perf_counter() - started, status, recorded))
    return done


def largest_call(text: str) -> list[str]:
    """As many different texts as one call may have, each begins with its number."""
    settings = get_settings()
    number = min(settings.max_texts, settings.max_call_characters // len(text))
    return [f"{n:03} " + text[4:].replace(_NUMBER, f"{n:03}") for n in range(number)]


def ordinary_text(client: int, number: int) -> str:
    """Sentences of as many characters as make a call the largest in both numbers."""
    settings = get_settings()
    size = min(settings.max_characters, settings.max_call_characters // settings.max_texts)
    rng = np.random.default_rng([client, number])
    return " ".join(invent(rng) for _ in range(size // 100 + 1))[:size]


def worst_texts() -> list[str]:
    """Texts of the largest size that hold patterns up, grow, or hold more than people write."""
    size = get_settings().max_characters
    return [
        "a" + "?" * (size - 2) + "1",
        "\ufdfa" * size,
        "e" + "\u0301" * (size - 1),
        "." * (size - 2) + "a",
        " ".join(f"q{_NUMBER}z{n:04x}" for n in range(size // 10))[:size],
        *(text_of(form, size - 5)[:size] for form in HOSTILE.values()),
    ]


if __name__ == "__main__":
    main()

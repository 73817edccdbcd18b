"""The server under load: clients without pause, browsers that walk, a scraper; what is recorded?

    python benchmarks/load.py --clients 30 --browsers 5 --seconds 120

A server of its own, with an empty store, on this machine alone. Each client sends single
predictions back to back; each browser goes from page to page; /readyz and /metrics are asked once a
second, as a balancer and Prometheus do. Ends with 1 if an answer was not recorded, had another
status than 200, or is not in the store. The figures need a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain, cycle
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from playwright.async_api import Page, async_playwright

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from afterword.store import Store  # noqa: E402
from afterword.store.moments import DAY, moment_of  # noqa: E402
from afterword.store.tally import CALLS  # noqa: E402
from afterword.ui.copy import classify as classify_copy  # noqa: E402
from afterword.ui.copy import monitoring as monitoring_copy  # noqa: E402
from afterword.ui.copy import overview as overview_copy  # noqa: E402

PROCESSES: Final = 2
"""In which the clients are: one alone would measure itself."""
TITLES: Final = (classify_copy.TITLE, overview_copy.TITLE, monitoring_copy.TITLE)
PATIENCE_S: Final = 60
_HERE: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Answered(NamedTuple):
    """One answer: seconds, status (0 if there was none), and whether it is recorded."""

    seconds: float
    status: int
    recorded: bool


def main() -> None:
    """Load the server, print the table, and end with 1 if something was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--browsers", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=120)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, console = Path(folder) / "home", Path(folder) / "console.txt"
        with serving(home, console) as port:
            first = send(port, time.monotonic(), 0)  # the model is loaded, the store is there
            answers, switches, scrapes = asyncio.run(load(port, asked))
        answers = [*first, *answers]
        store = Store(f"sqlite:///{home / 'afterword.db'}", home / "store.key")
        kept = int(store.calls(moment_of(0), datetime.now(UTC) + DAY).get("calls", len(CALLS))[0])
        store.close()
        log = console.read_text(errors="replace").splitlines()
    acknowledged = sum(one.recorded for one in answers)
    lost = sum(one.status == 200 and not one.recorded for one in answers)
    failed = sum(one.status != 200 for one in answers)
    pages = [seconds for seconds in switches if np.isfinite(seconds)]
    rows = {
        "answers": f"{len(answers):,} ({len(answers) / asked.seconds:.0f} a second)",
        "not recorded": f"{lost:,}",
        "status other than 200": f"{failed:,}",
        "in the store / acknowledged": f"{kept:,} / {acknowledged:,}",
        "prediction": spread([one.seconds for one in answers[len(first) :]]),
        "page": f"{spread(pages)} ({len(pages)} shown, {len(switches) - len(pages)} not)",
        "probe": f"{spread([one.seconds for one in scrapes])} "
        f"({len(scrapes)}, {sum(one.status != 200 for one in scrapes)} without 200)",
    }
    print(f"{asked.clients} clients, {asked.browsers} browsers, {asked.seconds:g} s")
    for name, value in rows.items():
        print(f"  {name:28}{value}")
    for line in log:
        if "not recorded" in line or "that failed" in line:
            print(f"  log: {line}")
    sys.exit(int(bool(lost or failed or kept != acknowledged)))


def spread(seconds: list[float]) -> str:
    """The median, the 95th percentile and the longest, in words."""
    if not seconds:
        return "none"
    p50, p95, longest = np.quantile(seconds, [0.5, 0.95, 1])
    return f"p50 {p50:.3f} s, p95 {p95:.3f} s, longest {longest:.2f} s"


@contextlib.contextmanager
def serving(home: Path, console: Path) -> Iterator[int]:
    """Run the app on a free port until the block ends; gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.address", "127.0.0.1"]
    with console.open("wb") as out:
        environment = os.environ | {"AFTERWORD_HOME": str(home)}
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            deadline = time.monotonic() + PATIENCE_S
            while probe(port, "/healthz").status != 200:
                if server.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"The server did not start:\n{console.read_text(errors='replace')}")
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


async def load(
    port: int, asked: argparse.Namespace
) -> tuple[list[Answered], list[float], list[Answered]]:
    """Put the server under load: answers, seconds of each page, and the scraper's answers."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if asked.browsers and not chromium:
        sys.exit("No Chromium: install one (apt-get install chromium), or name it with CHROMIUM.")
    loop = asyncio.get_running_loop()
    spawn = multiprocessing.get_context("spawn")
    ended = threading.Event()
    async with async_playwright() as playwright:
        pages: list[Page] = []
        if asked.browsers:
            browser = await playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            for _ in range(asked.browsers):
                pages.append(await (await browser.new_context()).new_page())
                await pages[-1].goto(f"http://127.0.0.1:{port}/")
                for title in TITLES:  # the first showing loads what the page needs
                    await show(pages[-1], title)
        with ProcessPoolExecutor(PROCESSES, spawn) as pool, ThreadPoolExecutor(1) as thread:
            # Processes start late; all clients begin and end together.
            begin = time.time() + 5
            shares = [len(range(n, asked.clients, PROCESSES)) for n in range(PROCESSES)]
            sending = [
                loop.run_in_executor(pool, send_all, port, begin, asked.seconds, share, number)
                for number, share in enumerate(shares)
                if share
            ]
            scraping = loop.run_in_executor(thread, scrape, port, ended)
            await asyncio.sleep(begin - time.time())
            walking = asyncio.gather(
                *(walk(page, asked.seconds, n) for n, page in enumerate(pages))
            )
            answers = list(chain.from_iterable(await asyncio.gather(*sending)))
            switches = list(chain.from_iterable(await walking))
            ended.set()
            return answers, switches, await scraping


def send_all(port: int, begin: float, seconds: float, clients: int, number: int) -> list[Answered]:
    """Let clients of this process send at once, from a time on."""
    time.sleep(max(0.0, begin - time.time()))
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(clients) as pool:
        parts = pool.map(lambda n: send(port, until, 1_000 * number + n + 1), range(clients))
        return list(chain.from_iterable(parts))


def send(port: int, until: float, client: int) -> list[Answered]:
    """Send single predictions one after the other, at least one."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    rng = np.random.default_rng(client)
    done: list[Answered] = []
    while not done or time.monotonic() < until:
        body = json.dumps({"texts": [invent(rng)]})
        status, recorded = 0, False
        started = time.perf_counter()
        try:
            line.request("POST", "/api/predict", body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            content = answer.read()
            status = answer.status
            recorded = status == 200 and json.loads(content)["recorded"]
        except (OSError, http.client.HTTPException):
            line.close()  # opened again by the next call
        done.append(Answered(time.perf_counter() - started, status, recorded))
    line.close()
    return done


def invent(rng: np.random.Generator) -> str:
    """A mild description with a word that few others have."""
    said = ("he shouted remarks about my coat", "a man kept staring at me", "nothing came of it")
    place = ("bus stop", "market", "station", "bridge", "park")
    letters = "".join(rng.choice(list("bdfgklmnprst"), 3))
    return (
        f"On my way past the {rng.choice(place)} near {letters}ville {rng.choice(said)}, "
        f"and I walked on for {rng.integers(2, 40)} minutes."
    )


async def walk(page: Page, seconds: float, number: int) -> list[float]:
    """Go from page to page: seconds from each click to the title; infinite if it never came."""
    took: list[float] = []
    until = time.monotonic() + seconds
    for step in cycle(range(len(TITLES))):
        if time.monotonic() >= until:
            break
        took.append(await show(page, TITLES[(step + number) % len(TITLES)]))
    return took


async def show(page: Page, title: str) -> float:
    """Click a page's link and wait for its title, then until its script has run."""
    started = time.perf_counter()
    state = '[data-testid="stApp"][data-test-script-state="notRunning"]'
    try:
        await page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
        await page.get_by_role("heading", level=1, name=title).wait_for()
        took = time.perf_counter() - started
        await page.locator(state).wait_for(state="attached")
        return took
    except Exception as error:
        print(f"  a page was not shown: {type(error).__name__}", file=sys.stderr)
        return float("inf")


def scrape(port: int, ended: threading.Event) -> list[Answered]:
    """Ask how the server is, once a second, until the load is over."""
    done: list[Answered] = []
    while not ended.wait(1):
        done += [probe(port, path) for path in ("/readyz", "/metrics")]
    return done


def probe(port: int, path: str) -> Answered:
    """Ask one address."""
    started = time.perf_counter()
    try:
        with _HERE.open(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE_S) as answer:
            answer.read()
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    except OSError:
        status = 0
    return Answered(time.perf_counter() - started, status, False)


if __name__ == "__main__":
    main()

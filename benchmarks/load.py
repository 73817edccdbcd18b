"""The server under load: clients, browsers that classify, a scraper; what is recorded?

    python benchmarks/load.py --clients 30 --browsers 5 --seconds 120

A server of its own, with an empty store, on this machine alone. Each client sends single
predictions back to back; each browser classifies one description again and again. In the first and
the last quarter of the time /readyz and /metrics are asked once a second, as a balancer and
Prometheus do; in the two quarters between, which are the peer, nobody asks. Ends with 1 if an
answer was not recorded, had another status than 200, or is not in the store. The figures need a
machine that does nothing else: the load average of the minute before the start is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import multiprocessing
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from playwright.async_api import Page, async_playwright

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from afterword.store import Store  # noqa: E402
from afterword.store.moments import DAY, moment_of  # noqa: E402
from afterword.store.tally import CALLS  # noqa: E402
from afterword.ui.copy import classify as copy  # noqa: E402

PROCESSES: Final = 2
"""In which the clients are: one alone would measure itself."""
PATIENCE_S: Final = 60
DESCRIPTION: Final = "A man kept staring at me on the bus and shouted remarks about my coat."
_HERE: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Answered(NamedTuple):
    """One answer: when it was asked for (time.time), the seconds that it took, its status (0 if
    there was none), and whether it is recorded."""

    at: float
    seconds: float
    status: int
    recorded: bool = False


class Measured(NamedTuple):
    """Answers to clients, browsers (200 if it was shown) and the scraper; the load's begin."""

    begin: float
    clients: list[Answered]
    browsers: list[Answered]
    probes: list[Answered]


def main() -> None:
    """Load the server, print the table, and end with 1 if something was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--clients", type=int, default=30)
    parser.add_argument("--browsers", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=120)
    asked = parser.parse_args()
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        home, console = Path(folder) / "home", Path(folder) / "console.txt"
        with serving(home, console) as port:
            first = send(port, time.monotonic(), 0)  # the model is loaded, the store is there
            found = asyncio.run(load(port, asked))
        store = Store(f"sqlite:///{home / 'afterword.db'}", home / "store.key")
        kept = store.calls(moment_of(0), datetime.now(UTC) + DAY).get("calls", len(CALLS))
        pages = sum(one.status == 200 for one in found.browsers)
        store.close()
        log = console.read_text(errors="replace").splitlines()
    answers = [*first, *found.clients]
    print(
        f"{asked.clients} clients, {asked.browsers} browsers, {asked.seconds:g} s; "
        f"load average before: {busy:.2f}"
    )
    lost = sum(one.status == 200 and not one.recorded for one in answers)
    failed = sum(one.status != 200 for one in answers)
    acknowledged = sum(one.recorded for one in answers)
    print(f"  not recorded                {lost:,} of {len(answers):,}")
    print(
        f"  status other than 200       {failed:,}, "
        f"of these 503: {sum(one.status == 503 for one in answers):,}"
    )
    print(f"  in the store                {kept[0]:,}; answers {acknowledged:,}, pages {pages:,}")
    rates = [show(name, part, asked) for name, part in quarters(found, asked.seconds).items()]
    if all(rates):
        print(f"ratio of the rates, scraped to not: {rates[0] / rates[1]:.2f}")
    for line in log:
        if "not recorded" in line or "that failed" in line:
            print(f"  log: {line}")
    sys.exit(int(bool(lost or failed or kept[0] < acknowledged)))


def quarters(found: Measured, seconds: float) -> dict[str, Measured]:
    """What was measured in the quarters that were scraped, and in those that were not."""

    def part(scraped: bool) -> Measured:
        chosen = (
            [one for one in each if is_scraped(one.at - found.begin, seconds) == scraped]
            for each in found[1:]
        )
        return Measured(found.begin, *chosen)

    return {"scraped once a second": part(True), "not scraped": part(False)}


def is_scraped(since: float, seconds: float) -> bool:
    """Whether a moment lies in the first or the last quarter of the time."""
    return not 1 <= 4 * since / seconds < 3


def show(name: str, part: Measured, asked: argparse.Namespace) -> float:
    """Print half of what was measured; returns the answers a second."""
    rate = 2 * len(part.clients) / float(asked.seconds)
    missing = sum(one.status != 200 for one in part.browsers)
    print(f"{name}")
    print(f"  answers                     {len(part.clients):,} ({rate:.0f} a second)")
    print(f"  single prediction           {spread(part.clients)}")
    print(f"  answer in a browser         {spread(part.browsers)}, {missing} not shown")
    print(f"  /readyz, /metrics           {spread(part.probes)}")
    return rate


def spread(answers: Sequence[Answered]) -> str:
    """How many there were with 200, the median, 95th percentile and longest of their seconds."""
    seconds = [one.seconds for one in answers if one.status == 200]
    if not seconds:
        return "none"
    p50, p95, longest = np.quantile(seconds, [0.5, 0.95, 1])
    return f"p50 {p50:.3f} s, p95 {p95:.3f} s, longest {longest:.2f} s, of {len(seconds):,}"


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


async def load(port: int, asked: argparse.Namespace) -> Measured:
    """Put the server under load."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if asked.browsers and not chromium:
        sys.exit("No Chromium: install one (apt-get install chromium), or name it with CHROMIUM.")
    loop = asyncio.get_running_loop()
    spawn = multiprocessing.get_context("spawn")
    async with async_playwright() as playwright:
        pages: list[Page] = []
        if asked.browsers:
            browser = await playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
            )
            for _ in range(asked.browsers):
                pages.append(await (await browser.new_context()).new_page())
                await pages[-1].goto(f"http://127.0.0.1:{port}/classify")
                await classify(pages[-1])  # the first answer loads what the page needs
        with ProcessPoolExecutor(PROCESSES, spawn) as pool, ThreadPoolExecutor(1) as thread:
            # Processes start late; all clients begin and end together.
            begin = time.time() + 5
            shares = [len(range(n, asked.clients, PROCESSES)) for n in range(PROCESSES)]
            sending = [
                loop.run_in_executor(pool, send_all, port, begin, asked.seconds, share, number)
                for number, share in enumerate(shares)
                if share
            ]
            scraping = loop.run_in_executor(thread, scrape, port, begin, asked.seconds)
            await asyncio.sleep(begin - time.time())
            browsing = asyncio.gather(*(browse(page, begin + asked.seconds) for page in pages))
            answers = chain.from_iterable(await asyncio.gather(*sending))
            shown = chain.from_iterable(await browsing)
            return Measured(begin, list(answers), list(shown), await scraping)


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
        at, started = time.time(), time.perf_counter()
        try:
            line.request("POST", "/api/predict", body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            content = answer.read()
            status = answer.status
            recorded = status == 200 and json.loads(content)["recorded"]
        except (OSError, http.client.HTTPException):
            line.close()  # opened again by the next call
        done.append(Answered(at, time.perf_counter() - started, status, recorded))
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


async def browse(page: Page, until: float) -> list[Answered]:
    """Classify the same description again and again."""
    shown: list[Answered] = []
    while time.time() < until:
        shown.append(await classify(page))
    return shown


async def classify(page: Page) -> Answered:
    """Classify on the page; from the keys that send until the answer's heading is there."""
    box = page.get_by_label(copy.TEXT_LABEL, exact=True)
    heading = page.get_by_role("heading", name=re.compile("^(Likely|Possible|Unsure|No category)"))
    at, took, status = time.time(), float("inf"), 0
    try:
        await box.fill(DESCRIPTION)
        at, started = time.time(), time.perf_counter()
        await page.keyboard.press("Control+Enter")
        await heading.first.wait_for()
        took, status = time.perf_counter() - started, 200
        await page.get_by_role("button", name=copy.CLEAR_BUTTON).click()
        await heading.first.wait_for(state="detached")
    except Exception as error:
        print(f"  an answer was not shown: {type(error).__name__}", file=sys.stderr)
        await page.reload()
    return Answered(at, took, status)


def scrape(port: int, begin: float, seconds: float) -> list[Answered]:
    """Ask how the server is, once a second, in the first and the last quarter."""
    done: list[Answered] = []
    while (now := time.time()) < begin + seconds:
        if now > begin and is_scraped(now - begin, seconds):
            done += [probe(port, path) for path in ("/readyz", "/metrics")]
        time.sleep(1)
    return done


def probe(port: int, path: str) -> Answered:
    """Ask one address."""
    at, started = time.time(), time.perf_counter()
    try:
        with _HERE.open(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE_S) as answer:
            answer.read()
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    except OSError:
        status = 0
    return Answered(at, time.perf_counter() - started, status)


if __name__ == "__main__":
    main()

"""Seconds to the first prediction on the screen of a real browser, and from page to page.

    python benchmarks/first_prediction.py
    python benchmarks/first_prediction.py --runs 9

From the start of the program: the browser is open, as a presenter's would be; it asks again until
the server answers, clicks an example, and waits for the answer's sentence. The peer is Streamlit's
hello world in the same browser: a title, a field, a button, and the sentence that a click shows.
Both take turns, each time with a store that is empty. Then, in one server whose store holds a year
of data: a click on each link of the navigation until the page is drawn, and Overview in a new tab.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import psutil
from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from afterword.drift.checking import check  # noqa: E402
from afterword.files.reading import read_batch  # noqa: E402
from afterword.model.registry import load_model, version_of  # noqa: E402
from afterword.store import Recording, Store  # noqa: E402
from afterword.store.calls import FILE, KEY_FILE  # noqa: E402
from afterword.store.moments import DAY, day_start  # noqa: E402
from afterword.store.tally import tally_call  # noqa: E402
from afterword.streams.recording import observe  # noqa: E402
from afterword.ui.copy import classify, drift, monitoring, overview, review  # noqa: E402
from benchmarks.load import invent  # noqa: E402

RATIO: Final = 1.40
GOAL: Final = 1.25
SWITCH_S: Final = 0.3
OVERVIEW_S: Final = 0.5
HELLO: Final = """
import streamlit as st

st.title("Hello")
name = st.text_input("Name", "World")
if st.button("Greet"):
    st.header(f"Hello, {name}")
"""
TITLES: Final = {
    "Overview": overview.TITLE,
    "Classify": classify.TITLE,
    "Drift": drift.TITLE,
    "Review": review.TITLE,
    "Monitoring": monitoring.TITLE,
}
"""What the navigation says, and the heading of the page that it leads to."""
DAYS: Final = 365
PER_DAY: Final = 100
"""Calls of a day."""
CHECKS: Final = 52
DIFFERENT: Final = 500
"""Descriptions that the year's calls are made of."""
ROUNDS: Final = 3
"""How often each switch is made."""
DRAWN: Final = """
([name, title, click]) => new Promise((done) => {
  const begun = performance.now();
  if (click) [...document.querySelectorAll("a[data-testid*='Nav']")]
    .find((link) => link.innerText.includes(name)).click();
  const look = () => {
    const app = document.querySelector("[data-testid='stApp']");
    const idle = app && app.dataset.testScriptState === "notRunning";
    const shown = [...document.querySelectorAll("h1")].some((one) => one.innerText === title);
    if (idle && shown) done((performance.now() - begun) / 1000);
    else setTimeout(look, 4);
  };
  setTimeout(look, 4);
})
"""


class Start(NamedTuple):
    """Seconds until the answer was shown, and of a processor that the server took for it."""

    wall: float
    processor: float


def main() -> None:
    """Print the medians, their ratio, and what each page takes; limits stand beside."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=5, help="starts of each")
    runs = parser.parse_args().runs
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("No Chromium: install one (apt-get install chromium), or name it with CHROMIUM.")
    print(f"{os.cpu_count()} cores, load average before: {os.getloadavg()[0]:.2f}")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        compare_starts(browser, Path(folder), runs)
        look_at_pages(browser, Path(folder))
        browser.close()


# ------------------------------------------------------------------------------- the start


def compare_starts(browser: Browser, folder: Path, runs: int) -> None:
    """Start both in turns, and print what they took to their first answer."""
    hello = folder / "hello.py"
    hello.write_text(HELLO)
    starts: dict[str, list[Start]] = {"Streamlit's hello world": [], "Afterword": []}
    for number in range(runs):
        home = folder / f"home-{number}"
        theirs = start(browser, hello, home, "/", greet)
        starts["Streamlit's hello world"].append(theirs)
        starts["Afterword"].append(start(browser, ROOT / "app.py", home, "/classify", predict))
    print(f"\nFrom the start to the first answer on screen, {runs} starts of each in turns")
    for name, found in starts.items():
        walls = sorted(one.wall for one in found)
        processor = statistics.median(one.processor for one in found)
        print(
            f"  {name:24}{statistics.median(walls):6.2f} s ({walls[0]:.2f} to {walls[-1]:.2f}), "
            f"of a processor {processor:.2f} s"
        )
    both = list(zip(*starts.values(), strict=True))
    ratios = sorted(ours.wall / theirs.wall for theirs, ours in both)
    print(
        f"  ratio of a pair         {statistics.median(ratios):6.2f}   ({ratios[0]:.2f} to "
        f"{ratios[-1]:.2f}); at most {RATIO}, goal {GOAL}"
    )


def greet(page: Page) -> None:
    """Have hello world answer."""
    page.get_by_role("button", name="Greet").click()
    page.get_by_role("heading", name="Hello, World").wait_for()


def predict(page: Page) -> None:
    """Have an example classified."""
    page.get_by_role("button", name="Stared at").click()
    page.get_by_role("heading", name="Likely: Ogling").wait_for()


def start(
    browser: Browser, script: Path, home: Path, path: str, act: Callable[[Page], None]
) -> Start:
    """Start a server, act on its page, and end it."""
    page = browser.new_page()
    begun = time.perf_counter()
    with serving(script, home) as (url, server):
        go(page, url + path)
        act(page)
        took = time.perf_counter() - begun
        times = server.cpu_times()
        page.close()
    return Start(took, times.user + times.system)


@contextlib.contextmanager
def serving(script: Path, home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Start a server without waiting for it; gives its address and its process, and ends it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    server = subprocess.Popen(
        command,
        cwd=script.parent,
        env=os.environ | {"AFTERWORD_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://localhost:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


def go(page: Page, url: str) -> None:
    """Open an address, again and again until it answers."""
    while True:
        try:
            page.goto(url)
            return
        except Error:
            time.sleep(0.02)


# ------------------------------------------------------------------------------- the pages


def look_at_pages(browser: Browser, folder: Path) -> None:
    """Print the seconds of each switch of pages, and those of Overview, over a year of data."""
    home = folder / "year"
    make_year(home)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    with serving(ROOT / "app.py", home) as (url, _server):
        go(page, url)
        wait_for(page, "Overview")
        for name in TITLES:  # once each: what a page imports, it imports once
            wait_for(page, name, click=True)
        took: dict[tuple[str, str], list[float]] = {pair: [] for pair in permutations(TITLES, 2)}
        for _ in range(ROUNDS):
            for first, then in took:
                wait_for(page, first, click=True)
                took[first, then].append(wait_for(page, then, click=True))
        print(
            f"\nA switch of pages, {ROUNDS} times each, over {DAYS} days of {PER_DAY} calls and "
            f"{CHECKS} checks; at most {SWITCH_S} s"
        )
        for then in TITLES:
            to = {first: took[first, then] for first in TITLES if first != then}
            show_switches(then, to)
        tab = opened(browser, url)
        clicks = [one for (_, then), each in took.items() if then == "Overview" for one in each]
        print(
            f"\nOpening Overview  {statistics.median(clicks):.2f} s by a click, longest "
            f"{max(clicks):.2f} s; {statistics.median(tab):.2f} s in a new tab, with the browser's "
            f"own start of the page; at most {OVERVIEW_S} s"
        )


def show_switches(then: str, to: Mapping[str, Sequence[float]]) -> None:
    """Print the seconds of the switches to one page."""
    every = [one for each in to.values() for one in each]
    each = ", ".join(f"{name} {statistics.median(one):.2f}" for name, one in to.items())
    print(
        f"  to {then:12}{statistics.median(every):.2f} s, longest {max(every):.2f} s; from {each}"
    )


def wait_for(page: Page, name: str, *, click: bool = False) -> float:
    """Wait until a page is drawn, having clicked on its link or not; seconds that it took."""
    took: float = page.evaluate(DRAWN, [name, TITLES[name], click])
    return took


def opened(browser: Browser, url: str) -> list[float]:
    """Seconds of Overview in new tabs of one window, the browser's files kept from the first."""
    context = browser.new_context()
    took = []
    for _ in range(ROUNDS + 1):
        page = context.new_page()
        begun = time.perf_counter()
        page.goto(url)
        wait_for(page, "Overview")
        took.append(time.perf_counter() - begun)
        page.close()
    context.close()
    return took[1:]


def make_year(home: Path) -> None:
    """Fill a store with a year that ends today: calls as they are recorded, and weekly checks."""
    home.mkdir()
    store = Store(f"sqlite:///{home / FILE}", home / KEY_FILE)
    rng, model, version = np.random.default_rng(0), load_model(), version_of()
    seen = []
    for text in (invent(rng) for _ in range(DIFFERENT)):
        one = observe([text], model.predict_proba([text]), model)
        words = [
            {word: (private, store.hashing.tag(word + text)) for word, private in each.items()}
            for each in one.unseen
        ]
        seen.append((one, words, [store.hashing.digest(text)]))
    today = day_start(datetime.now(UTC))
    for day in range(DAYS):
        start = today - (DAYS - day) * DAY
        recordings = []
        for second in np.sort(rng.integers(0, 86_400, PER_DAY)).tolist():
            one, words, digests = seen[rng.integers(DIFFERENT)]
            latency = float(0.012 * rng.lognormal(0, 0.5))
            recordings.append(
                Recording(
                    at=start + timedelta(seconds=second),
                    source="http",
                    model=version,
                    outcome="answered",
                    latency_s=latency,
                    descriptions=1,
                    rejected=0,
                    answers=one.answers,
                    tally=one.tally + tally_call(latency, "answered", 0),
                    thresholds=one.thresholds,
                    unseen=words,
                    digests=digests,
                    texts=one.found,
                )
            )
        store.write(recordings)
    result = check(read_batch(ROOT / "data/samples/new-app-in-the-news.csv"))
    for week in range(CHECKS):
        end = today - 7 * (CHECKS - 1 - week) * DAY
        span = (end - 7 * DAY, end)
        store.checks.add(result, source="command", model=version, at=end, window=span)
    store.finish()
    store.close()


if __name__ == "__main__":
    main()

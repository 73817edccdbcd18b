"""Does one visitor wait for others? Predictions while reports are drawn and large files checked.

    python benchmarks/waiting.py --seconds 120 --upload page

A server of its own, with an empty store, on this machine alone. A third visitor sends a prediction
over HTTP every fifth of a second (or, with --browser, classifies in a browser, one description
after the other): for a quarter of the time alone, then for the whole of it beside two others. Of
these, one has Evidently reports of the shipped samples drawn in a browser, over and over; the other
sends a file of 100,000 rows, over and over, to /api/check or to the page Drift. The rows are
invented, unless --file names a file. Ends with 1 if a prediction failed, or if the 95th percentile
beside the others is above 0.3 seconds. The figures need a machine that does nothing else: the load
average of the minute before the start is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.async_api import (
    Browser,
    FilePayload,
    Page,
    async_playwright,
    expect,
)

from afterword.deployment import WORDS
from afterword.ui.copy import drift as drift_copy
from afterword.ui.copy import drift_reports as reports_copy
from benchmarks.load import (
    Answered,
    browse,
    classify,
    invent,
    serving,
    spread,
)

MOST_S: Final = 0.3
"""Largest 95th percentile of a prediction beside the others, in seconds."""
EVERY_S: Final = 0.2
"""Seconds between two predictions of the third visitor, if each is answered before."""
PATIENCE_S: Final = 120
BOUNDARY: Final = "rows"
_VERDICT: Final = '[class*="st-key-verdict_"] .stMarkdownBadge'


class Others(NamedTuple):
    """What the two others got done: seconds of each report, and of each check."""

    reports: list[float]
    checks: list[float]


def main() -> None:
    """Measure the third visitor alone and beside the others, and print both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--file", type=Path, help="to upload, in place of invented rows")
    parser.add_argument("--upload", choices=("http", "page", "both"), default="both")
    parser.add_argument("--browser", action="store_true", help="the third visitor has a browser")
    asked = parser.parse_args()
    busy = os.getloadavg()[0]
    content = asked.file.read_bytes() if asked.file else made(asked.rows)
    with tempfile.TemporaryDirectory() as folder:
        home, console = Path(folder) / "home", Path(folder) / "console.txt"
        with serving(home, console) as port:
            quiet, beside, others = asyncio.run(measure(port, content, asked))
        log = console.read_text(errors="replace").splitlines()
    third = "answer in a browser" if asked.browser else "prediction over HTTP"
    print(
        f"{len(content) / 1e6:.1f} MB a file, by {asked.upload}; {asked.seconds:g} s; "
        f"load average before: {busy:.2f}"
    )
    print(f"  {third}, alone         {spread(quiet)}")
    print(f"  {third}, beside others {spread(beside)}")
    for name, took in zip(("reports", "checks"), others, strict=True):
        print(f"  {name} of the others: {len(took)}, median {np.median(took or [np.nan]):.1f} s")
    for line in log:
        if "failed" in line or "ended" in line or "not recorded" in line:
            print(f"  log: {line}")
    missing = sum(one.status != 200 for one in (*quiet, *beside))
    slow = np.quantile([one.seconds for one in beside], 0.95) > MOST_S
    print(f"  predictions without an answer: {missing}")
    sys.exit(int(bool(missing or slow or not all(others))))


def made(rows: int) -> bytes:
    """A file of invented descriptions, with a number and a time for each."""
    rng = np.random.default_rng(1)
    lines = (
        f"{number},2026-01-{1 + number % 28:02}T08:15:00Z,{json.dumps(invent(rng))}\n"
        for number in range(rows)
    )
    return ("id,received_at,description\n" + "".join(lines)).encode()


async def measure(
    port: int, content: bytes, asked: argparse.Namespace
) -> tuple[list[Answered], list[Answered], Others]:
    """Let the third visitor be alone, then beside the others."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("No Chromium: install one (apt-get install chromium), or name it with CHROMIUM.")
    spawn = multiprocessing.get_context("spawn")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        with ProcessPoolExecutor(2, spawn) as pool:
            third = await _third(browser, pool, port, by_browser=asked.browser)
            quiet = await third(time.time() + asked.seconds / 4)
            others = Others([], [])
            until = time.time() + asked.seconds
            tasks = [report(await _page(browser, port), until, others.reports)]
            if asked.upload in ("page", "both"):
                page = await _page(browser, port)
                tasks.append(check_on_page(page, content, until, others.checks))
            if asked.upload in ("http", "both"):
                tasks.append(check_over_http(pool, port, content, until, others.checks))
            going_on = [asyncio.ensure_future(task) for task in tasks]
            beside = await third(until)
            await asyncio.gather(*going_on)
        await browser.close()
    return quiet, beside, others


async def _third(
    browser: Browser, pool: Executor, port: int, *, by_browser: bool
) -> Callable[[float], Awaitable[list[Answered]]]:
    """What the third visitor does until a time; the first answer, which loads what is needed, is
    not counted."""
    loop = asyncio.get_running_loop()
    if by_browser:
        page = await (await browser.new_context()).new_page()
        await page.goto(f"http://127.0.0.1:{port}/classify")
        await classify(page)
        return lambda until: browse(page, until)
    await loop.run_in_executor(pool, predict, port, 0.0)

    async def send(until: float) -> list[Answered]:
        return await loop.run_in_executor(pool, predict, port, until)

    return send


async def _page(browser: Browser, port: int) -> Page:
    page = await (await browser.new_context()).new_page()
    page.set_default_timeout(1_000 * PATIENCE_S)
    expect.set_options(timeout=1_000 * PATIENCE_S)
    await page.goto(f"http://127.0.0.1:{port}/drift")
    await page.get_by_role("heading", level=1, name=drift_copy.TITLE).wait_for()
    return page


def predict(port: int, until: float) -> list[Answered]:
    """Send a prediction every now and then, at least one."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    rng = np.random.default_rng(3)
    done: list[Answered] = []
    while not done or time.time() < until:
        body = json.dumps({"texts": [invent(rng)]})
        at, started, status, recorded = time.time(), time.perf_counter(), 0, False
        try:
            line.request("POST", "/api/predict", body, {"Content-Type": "application/json"})
            answer = line.getresponse()
            told = json.loads(answer.read())
            status, recorded = answer.status, bool(told.get("recorded"))
        except (OSError, ValueError, http.client.HTTPException):
            line.close()  # opened again by the next call
        took = time.perf_counter() - started
        done.append(Answered(at, took, status, recorded))
        if until:
            time.sleep(max(0.0, EVERY_S - took))
    line.close()
    return done


async def report(page: Page, until: float, took: list[float]) -> None:
    """Have a report of one sample after the other drawn; of another check each is made anew."""
    titles = [one.title for one in WORDS.samples]
    frame, tab = page.locator("iframe").first, reports_copy.TABS["data"]
    before = ""
    while time.time() < until:
        started = time.perf_counter()
        await page.get_by_role("combobox", name=drift_copy.SAMPLE_LABEL).click()
        await page.get_by_role("option", name=titles[len(took) % len(titles)]).click()
        if not before:
            await page.get_by_role("tab", name=tab).click()
        # The report of the sample before stays until that of this one is there.
        await expect(frame).to_have_attribute("src", re.compile(rf"^(?!{before or '-'}$)."))
        before = re.escape(await frame.get_attribute("src") or "")
        took.append(time.perf_counter() - started)


async def check_on_page(page: Page, content: bytes, until: float, took: list[float]) -> None:
    """Choose the file on the page Drift, again and again, each time in a visit of its own."""
    file = FilePayload(name="rows.csv", mimeType="text/csv", buffer=content)
    while time.time() < until:
        started = time.perf_counter()
        await page.locator('input[type="file"]').first.set_input_files(file)
        await page.locator(_VERDICT).first.wait_for()
        took.append(time.perf_counter() - started)
        await page.reload()


async def check_over_http(
    pool: Executor, port: int, content: bytes, until: float, took: list[float]
) -> None:
    """Send the file to /api/check, again and again."""
    loop = asyncio.get_running_loop()
    while time.time() < until:
        seconds, status = await loop.run_in_executor(pool, check, port, content)
        if status == 200:
            took.append(seconds)
        else:
            print(f"  a check had the status {status}", file=sys.stderr)


def check(port: int, content: bytes) -> tuple[float, int]:
    """Send a file; the seconds until its verdict was there, and the status, 0 if there was none."""
    started = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="rows.csv"'
    body = f"{head}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    status = 0
    try:
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        line.request("POST", "/api/check", body, form)
        answer = line.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException):
        pass
    line.close()
    return time.perf_counter() - started, status


if __name__ == "__main__":
    main()

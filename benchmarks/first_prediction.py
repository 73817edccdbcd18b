"""Seconds from starting the app to the first prediction on the screen of a real browser.

    python benchmarks/first_prediction.py

The browser is open before the clock starts, as a presenter's would be; it asks again until the
server answers, clicks an example, and waits for the answer's sentence. The peer is Streamlit's own
hello world in the same run: what is left is Afterword's.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
HELLO = 'import streamlit as st\nst.title("Hello")\n'


def main() -> None:
    """Print the median of both and their ratio."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        sys.exit("No Chromium: install one (apt-get install chromium), or name it with CHROMIUM.")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        hello = Path(folder) / "hello.py"
        hello.write_text(HELLO)
        runs = {
            "Afterword, first prediction": (ROOT / "app.py", "/classify", _classify),
            "Streamlit hello world, first page": (hello, "/", _read_hello),
        }
        medians = {}
        for name, (script, path, act) in runs.items():
            seconds = sorted(_once(browser.new_page(), script, path, act) for _ in range(RUNS))
            medians[name] = seconds[RUNS // 2]
            print(f"{name:36}{medians[name]:6.2f} s")
        ours, theirs = medians.values()
        print(f"ratio {ours / theirs:.2f}")
        browser.close()


def _classify(page: Page) -> None:
    page.get_by_role("button", name="Stared at").click()
    page.get_by_role("heading", name="Likely: Ogling").wait_for()


def _read_hello(page: Page) -> None:
    page.get_by_role("heading", name="Hello").wait_for()


def _once(page: Page, script: Path, path: str, act: Callable[[Page], None]) -> float:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
    server = subprocess.Popen(
        command, cwd=script.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                page.goto(f"http://localhost:{port}{path}")
                break
            except Error:
                time.sleep(0.05)
        act(page)
        return time.perf_counter() - started
    finally:
        page.close()
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()

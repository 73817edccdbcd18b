"""The pictures of README and docs, taken from the running app: ``make screenshots``."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
LABELLED = 40
"""Rows that are labelled for the picture of a review."""
KEYS = {
    "1": ("comment", "shout", "whistl", "remark", "called", "catcall"),
    "2": ("star", "wink", "look", "gaz"),
    "3": ("touch", "grop", "grab", "brush"),
}
"""Key of a category → words of the invented samples that speak of it."""
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def main() -> None:
    """Start the app, take every picture, stop it."""
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not browser_path:
        sys.exit("No Chromium: install one (apt-get install chromium), or name it with CHROMIUM.")
    PICTURES.mkdir(exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    home = tempfile.TemporaryDirectory()
    settings = os.environ | {"AFTERWORD_HOME": home.name}
    server = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"{address}/healthz")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=browser_path, args=["--no-sandbox"]
            )
            for scheme, ending in (("light", ""), ("dark", "-dark")):
                page = browser.new_page(
                    viewport={"width": 1280, "height": 1120}, color_scheme=scheme
                )
                # Named: beside what the pictures of Classify record, own data would come first.
                page.goto(f"{address}/?data=samples")
                if scheme == "light":
                    page.get_by_role("button", name="Load eight sample weeks").click()
                page.get_by_text("Last checked").wait_for(timeout=120_000)
                page.locator(".js-plotly-plot .scatterlayer .point").last.wait_for()
                # The toast of the loading goes by itself.
                page.get_by_test_id("stToast").wait_for(state="detached")
                _settle(page)
                page.screenshot(path=PICTURES / f"overview{ending}.png")
                page.goto(f"{address}/monitoring?data=samples")
                page.locator(".js-plotly-plot .scatterlayer .point").first.wait_for()
                _settle(page)
                page.screenshot(path=PICTURES / f"monitoring{ending}.png", full_page=True)
                page.goto(f"{address}/classify")
                page.get_by_role("button", name="Stared at").click()
                page.locator(".js-plotly-plot .bars").first.wait_for()
                _settle(page)
                page.screenshot(path=PICTURES / f"classify{ending}.png")
                _from(page, "Why", PICTURES / f"why{ending}.png", 720)
                page.goto(f"{address}/drift")
                page.get_by_role("combobox").click()
                page.get_by_role("option", name="Many more of one category").click()
                page.get_by_text("What to do").wait_for()
                _settle(page)
                page.screenshot(path=PICTURES / f"drift{ending}.png")
                _review(page, ending)
                page.goto(f"{address}/drift")
                page.get_by_role("combobox").click()
                page.get_by_role("option", name="An ordinary week").click()
                page.get_by_role("tab", name="How good").click()
                page.get_by_text("How good the answers are, without labels").wait_for()
                _settle(page)
                _from(
                    page,
                    "How good the answers are, without labels",
                    PICTURES / f"quality{ending}.png",
                    430,
                )
            browser.close()
    finally:
        server.terminate()
        server.wait()
        home.cleanup()


def _review(page: Page, ending: str) -> None:
    """Label some rows of the sample on the page, by keyboard: a card, then what it says."""
    page.get_by_role("link", name="Have a sample labelled").click()
    page.get_by_role("button", name="Start labelling").click()
    for place in range(1, LABELLED + 1):
        page.get_by_text(f"Description {place} of").wait_for()
        page.keyboard.press("Space")
        text = page.get_by_role("group", name="Description", exact=True)
        text.wait_for()
        said = text.inner_text().lower()
        if place == 3:
            page.keyboard.press("2")
            _settle(page)
            page.screenshot(path=PICTURES / f"review{ending}.png")
            page.keyboard.press("2")
        told = [key for key, words in KEYS.items() if any(word in said for word in words)]
        for key in told or ["0"]:
            page.keyboard.press(key)
        page.keyboard.press("Enter")
    page.get_by_text(f"{LABELLED} of ").first.wait_for()
    page.get_by_role("button", name="Stop and see the result").click()
    page.locator(".js-plotly-plot .scatterlayer .point").first.wait_for()
    _settle(page)
    page.screenshot(path=PICTURES / f"review-result{ending}.png")


def _from(page: Page, heading: str, path: Path, height: int) -> None:
    """A picture of a section, from its heading on."""
    found = page.get_by_role("heading", name=heading, exact=True)
    found.scroll_into_view_if_needed()
    _settle(page)
    box = found.bounding_box()
    assert box is not None
    page.set_viewport_size({"width": 1280, "height": int(box["y"]) + height + 40})
    _settle(page)
    box = found.bounding_box()
    assert box is not None
    clip = {"x": 0, "y": box["y"] - 16, "width": 1280, "height": height}
    page.screenshot(path=path, clip=clip)
    page.set_viewport_size({"width": 1280, "height": 1120})


def _wait_for(address: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  our own server
                return
        except OSError:
            time.sleep(0.5)
    sys.exit("The app did not start.")


def _settle(page: Page) -> None:
    """Wait until the page is at rest, and its charts have taken their places."""
    page.locator(IDLE).wait_for()
    page.mouse.move(0, 0)
    page.wait_for_timeout(1_000)


if __name__ == "__main__":
    main()

"""The app as people use it: a real server, a real browser, and nothing that leaves the machine."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Download,
    FrameLocator,
    Locator,
    Page,
    Route,
    expect,
    sync_playwright,
)

from tests.conftest import ON_CI

ROOT = Path(__file__).resolve().parents[2]
NO_CHROMIUM = (
    "no Chromium: install one (apt-get install chromium), or name one that is installed "
    "(CHROMIUM=/path/to/chromium)"
)
START_S = 60
"""A first start on a busy machine compiles and imports a lot."""
WAIT_MS = 30_000
REPORT_MS = 120_000
"""The first report of a server on a busy machine."""
SESSION_TTL_S = 1
"""How long the server keeps a session whose tab is closed; thirty seconds in service."""

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-dev-shm-usage",
    # Whatever a page asks of another host fails, also where no test listens.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
)
_HERE = {"localhost", "127.0.0.1", ""}
_OWN_SCHEMES = {"blob", "data", "about"}


def _chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else shutil.which("chromium") or shutil.which("chrome")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Browser tests need a Chromium; on CI its absence is a failure."""
    if item.get_closest_marker("browser") and not _chromium():
        if ON_CI:
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)


@dataclass(frozen=True)
class Server:
    """A running app: its address, and the file with all that it wrote to its console."""

    url: str
    log: Path
    scratch: Path
    home: Path

    def written(self) -> str:
        """What the server wrote to standard output and standard error so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a free port, started as the README says."""
    with serving(tmp_path_factory) as running:
        yield running


@contextlib.contextmanager
def serving(
    tmp_path_factory: pytest.TempPathFactory, home: Path | None = None, **settings: str
) -> Iterator[Server]:
    """Start the app with a store of its own, wait until it answers, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    scratch = tmp_path_factory.mktemp("scratch")
    home = home or tmp_path_factory.mktemp("home")
    url = f"http://localhost:{port}"
    environment = {
        name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
    } | {
        "TMPDIR": str(scratch),
        "PYTHONUNBUFFERED": "1",
        "AFTERWORD_HOME": str(home),
        # Reports that no test looks at would keep both cores busy.
        "AFTERWORD_REPORT_AHEAD_ROWS": "0",
        **settings,
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.disconnectedSessionTTL", str(SESSION_TTL_S)]
    log = folder / "console.txt"
    with log.open("wb") as console:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=console, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(f"{url}/healthz", process, log)
            yield Server(url, log, scratch, home)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import time

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            opener.open(url, timeout=5).close()
            return
        except OSError:
            # Ends at once if the server ends; otherwise it is the pause between two tries.
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
    pytest.fail(f"The server did not start:\n{log.read_text(errors='replace')[-3_000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker; each gets a context of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(), args=list(_ARGUMENTS), headless=True
        )
        yield browser
        browser.close()


@dataclass
class Watch:
    """What the browser did: every address it asked for, and whatever ran that should not."""

    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """The requests to other hosts."""
        return [address for address in self.requests if _leaves(address)]


def _leaves(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme not in _OWN_SCHEMES and (parts.hostname or "") not in _HERE


Visit = Callable[..., Page]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Records the whole visit, and at its end: no request left, no dialog, no script error."""
    watch = Watch()
    yield watch
    assert watch.requests, "nothing was recorded"
    assert sorted(set(watch.outside)) == sorted(set(watch.expected))
    assert watch.dialogs == []
    assert watch.errors == []


@pytest.fixture
def visit(server: Server, browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Open a page in a new context, as a new visitor; call it with a path and a look."""
    with visiting(server, browser, watch) as open_page:
        yield open_page


@contextlib.contextmanager
def visiting(server: Server, browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Visits to one server; they end with it."""
    contexts: list[BrowserContext] = []

    def open_page(path: str = "/", *, width: int = 1280, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
            accept_downloads=True,
            service_workers="allow",
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        context.on("request", lambda request: watch.requests.append(request.url))
        context.on("serviceworker", lambda worker: watch.requests.append(worker.url))
        context.on("dialog", lambda dialog: _refuse(dialog, watch))
        context.on("weberror", lambda error: watch.errors.append(str(error.error)))
        context.on("console", lambda message: watch.console.append(message.text))
        context.on("page", lambda page: _listen(page, watch))
        page = context.new_page()
        page.goto(server.url + path)
        expect(page.locator("h1")).to_be_visible(timeout=WAIT_MS)
        settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()


def _refuse(dialog: Dialog, watch: Watch) -> None:
    watch.dialogs.append(dialog.message)
    dialog.dismiss()


def _listen(page: Page, watch: Watch) -> None:
    page.on("websocket", lambda socket: watch.requests.append(socket.url))


expect.set_options(timeout=WAIT_MS)


def settle(page: Page) -> None:
    """Wait until the script has run to its end; wait for new content besides."""
    state = '[data-testid="stApp"][data-test-script-state="notRunning"]'
    expect(page.locator(state)).to_be_attached(timeout=WAIT_MS)


def text_box(page: Page) -> Locator:
    """The box for one description."""
    return page.get_by_label("Description", exact=True)


def button(page: Page, name: str | re.Pattern[str]) -> Locator:
    """A button of the page by its words; icons are words too, so it is not exact."""
    return page.get_by_role("button", name=name)


def open_tab(page: Page, name: str) -> None:
    """Open a tab of a result on the page Drift."""
    tab = page.get_by_role("tab", name=name)
    tab.click()
    settle(page)
    if tab.get_attribute("aria-selected") != "true":
        # On a busy machine, a run that had begun before the click can end after it.
        tab.click()
        settle(page)
    expect(tab).to_have_attribute("aria-selected", "true")


def open_report(page: Page, kind: str) -> FrameLocator:
    """Open the tab of one of Evidently's drift reports, and wait until it is drawn."""
    page.get_by_role("tab", name=f"{kind.capitalize()} drift (Evidently)").click()
    frame = page.locator(f'iframe[title*="{kind} drift"]')
    expect(frame).to_be_visible(timeout=REPORT_MS)
    settle(page)
    return frame.content_frame


def choose_file(page: Page, name: str, content: bytes) -> None:
    """Choose a file in the one file input that can be seen."""
    inputs = page.locator('[data-testid="stFileUploader"]:visible input[type="file"]')
    inputs.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})


def choose_sample(page: Page, name: str) -> None:
    """Choose a sample by its name in the list."""
    page.get_by_role("combobox", name="Or choose a sample").click()
    page.get_by_role("option", name=name).click()


def download(page: Page, press: Locator) -> tuple[str, bytes]:
    """Press a download button: the file's name and content."""
    with page.expect_download() as coming:
        press.click()
    got: Download = coming.value
    return got.suggested_filename, Path(got.path()).read_bytes()


def abort(route: Route) -> None:
    """End a navigation without an error page, as a slow line would look at first."""
    route.abort("aborted")

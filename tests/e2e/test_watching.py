"""Eight weeks in a browser: load, read the verdict, take care of an alert, take it all away."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import (
    Server,
    Visit,
    Watch,
    button,
    choose_file,
    serving,
    settle,
    text_box,
    visiting,
)

pytestmark = pytest.mark.browser

LOADING_MS = 120_000
MESSAGE_S = 90
TEXT = "Two boys kept making comments about my dress and whistling on the train."


class Hook:
    """A webhook on this machine: what it was sent, as it comes."""

    def __init__(self) -> None:
        self.messages: SimpleQueue[dict[str, Any]] = SimpleQueue()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                hook.messages.put(json.loads(self.rfile.read(length)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def hook() -> Iterator[Hook]:
    hook = Hook()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()


@pytest.fixture(scope="module")
def hooked(tmp_path_factory: pytest.TempPathFactory, hook: Hook) -> Iterator[Server]:
    """A server with an empty store whose alerts go to the webhook."""
    with serving(tmp_path_factory, AFTERWORD_CHANNELS=json.dumps([hook.address])) as server:
        yield server


@pytest.fixture
def see(hooked: Server, browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Visits to that server."""
    with visiting(hooked, browser, watch) as visit:
        yield visit


def sign(page: Page, verb: str, why: str) -> None:
    """Fill in the first alert's form."""
    button(page, verb).first.click()
    form = page.get_by_test_id("stPopoverBody")
    form.get_by_label("Your name").fill("Ada")
    form.get_by_label("Why, or what is being done").fill(why)
    form.get_by_role("button", name=verb).click()
    expect(form).to_have_count(0)
    settle(page)


def test_eight_weeks_from_the_button_to_the_empty_page(see: Visit, hook: Hook) -> None:
    page = see("/")
    expect(page.get_by_role("heading", name="Nothing has been checked yet")).to_be_visible()

    button(page, "Load eight sample weeks").click()
    expect(button(page, "Remove the samples")).to_be_visible(timeout=LOADING_MS)
    expect(page.locator(".st-key-now .stMarkdownBadge")).to_contain_text("since")
    expect(page.get_by_test_id("stMetric")).to_have_count(4)

    page.get_by_role("link", name="Go to the alerts").click()
    expect(page.get_by_role("heading", level=1, name="Monitoring")).to_be_visible()
    alerts = page.locator('[class*="st-key-alert_"]')
    expect(alerts.first).to_be_visible()
    message = hook.messages.get(timeout=MESSAGE_S)
    assert "sample" in json.dumps(message)
    assert "/monitoring" in message["message"]

    settle(page)  # the alerts are drawn one after the other
    count = alerts.count()
    sign(page, "Acknowledge", "asking the field office")
    expect(page.get_by_text("Acknowledged by Ada").first).to_be_visible()
    sign(page, "Resolve", "a campaign, as planned")
    expect(alerts).to_have_count(count - 1)

    page.reload()
    page.get_by_text("Past alerts and their history").click()
    expect(page.get_by_text("Resolved by Ada").first).to_be_visible()
    expect(page.get_by_text("asking the field office").first).to_be_visible()
    expect(page.get_by_text("sent to Webhook 1").first).to_be_visible()

    button(page, "Remove the samples").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the samples").click()
    expect(page.get_by_role("heading", name="Nothing was classified in")).to_be_visible()
    page.get_by_test_id("stTopNavLink").filter(has_text="Overview").click()
    expect(page.get_by_role("heading", name="Nothing has been checked yet")).to_be_visible()


def test_a_test_message_reaches_its_channel(see: Visit, hook: Hook) -> None:
    page = see("/monitoring")
    page.get_by_text("Channels: where alerts are sent").click()
    button(page, "Test").click()
    expect(page.get_by_text("Webhook 1 took the message")).to_be_visible()
    titles = [hook.messages.get(timeout=MESSAGE_S)["title"]]
    while not hook.messages.empty():
        titles.append(hook.messages.get()["title"])
    assert any("test" in title for title in titles)


@pytest.mark.slow
def test_what_is_classified_is_counted_on_monitoring(see: Visit) -> None:
    page = see("/classify")
    text_box(page).fill(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    settle(page)
    page = see("/monitoring?window=day")
    expect(page.get_by_text("Too little data to say anything")).to_be_visible()
    expect(page.get_by_text("1 description in 1 call")).to_be_visible()


@pytest.mark.slow
def test_a_kept_check_is_on_the_overview_and_among_the_past_checks(see: Visit) -> None:
    page = see("/drift")
    rows = "\n".join(f"{TEXT} It was bus {number}." for number in range(60))
    choose_file(page, "week.csv", f"description\n{rows}".encode())
    button(page, "Keep as the latest check").click()
    expect(page.get_by_text("This check counts.")).to_be_visible()
    page = see("/")
    expect(page.get_by_text("60 descriptions")).to_be_visible()
    page.get_by_role("link", name="See the check").click()
    expect(page.get_by_role("heading", level=1, name="Drift")).to_be_visible()
    expect(page.get_by_text("All of this check, made again")).to_be_visible()


@pytest.mark.slow
def test_the_window_stands_in_the_address_and_comes_back_with_it(see: Visit) -> None:
    page = see("/monitoring")
    page.get_by_role("radio", name="Month").click()
    expect(page).to_have_url(re.compile(r"/monitoring\?window=month"))
    expect(page.get_by_text("in the last 30 days").first).to_be_visible()
    again = see("/monitoring?window=custom&from=2026-01-05&to=2026-01-11")
    expect(again.get_by_text("5 to 11 January").first).to_be_visible()
    wrong = see("/monitoring?window=fortnight")
    expect(wrong.get_by_text("The address asks for a window that cannot be shown")).to_be_visible()

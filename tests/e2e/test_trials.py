"""A file that somebody tries, in a browser: what watches knows of it only once it is kept."""

from __future__ import annotations

import re
import shutil
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import update

from afterword.api.metrics import FRESH_S
from afterword.monitoring import alerting as alerts
from afterword.settings import SHIPPED_DATA
from afterword.store import Store
from afterword.store.schema import METADATA
from tests.e2e.conftest import (
    Server,
    Visit,
    Watch,
    button,
    choose_file,
    serving,
    settle,
    visiting,
)
from tests.stores import small_store

pytestmark = pytest.mark.browser

UNRELATED = (SHIPPED_DATA / "samples" / "ordinary-week.parquet").read_bytes()
"""Stable by itself, whatever the eight weeks say."""
COUNTS = "This check counts."


@pytest.fixture(scope="module")
def weeks(
    tmp_path_factory: pytest.TempPathFactory, loaded_samples: Path
) -> Iterator[tuple[Server, Store]]:
    """A server whose own eight weeks ended in an alarm, and its store.

    Only the rules on the verdict are left: those on the last days go by the clock.
    """
    home = tmp_path_factory.mktemp("weeks")
    shutil.copytree(loaded_samples, home, dirs_exist_ok=True)
    store = small_store(home)
    with store.begin() as connection:
        for table in METADATA.sorted_tables:
            if "sample" in table.c:
                connection.execute(update(table).values(sample=False))
    for rule in store.alerts.rules():
        if not rule.metric.startswith("verdict"):
            store.alerts.delete_rule(rule.id)
    with serving(tmp_path_factory, home) as server:
        yield server, store
    store.close()


@pytest.fixture
def see(weeks: tuple[Server, Store], browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Visits to that server."""
    with visiting(weeks[0], browser, watch) as visit:
        yield visit


def last_check(server: Server) -> list[str]:
    """What /metrics tells of the last check."""
    with urllib.request.urlopen(f"{server.url}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return [line for line in lines if line.startswith("afterword_last_check")]


def verdict(see: Visit) -> str:
    """What the Overview says, with the alerts that wait."""
    page = see("/")
    box = page.locator(".st-key-now")
    expect(box.locator(".stMarkdownBadge")).to_contain_text("since")
    expect(page.get_by_text("to acknowledge")).to_be_visible()
    expect(box.get_by_role("link", name="See the check")).to_be_visible()
    return box.inner_text() + page.get_by_text("to acknowledge").inner_text()


def open_alerts(see: Visit) -> list[str]:
    """The open alerts as the page shows them, but for when they were last looked at."""
    page = see("/monitoring")
    expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()
    alerts = page.locator('[class*="st-key-alert_"]')
    # The browser loads what draws a link when the first is drawn.
    expect(alerts.get_by_role("link", name="See the check")).to_have_count(alerts.count())
    texts = alerts.all_inner_texts()
    return [re.sub("last seen .*", "", text) for text in texts]


def until_fresh(since: float) -> None:
    """Wait for as long as /metrics may tell what it read before."""
    time.sleep(max(0.0, since + FRESH_S - time.monotonic()))


@pytest.mark.slow
def test_an_unrelated_file_leaves_verdict_alerts_and_metrics_until_it_is_kept(
    see: Visit, weeks: tuple[Server, Store]
) -> None:
    server, store = weeks
    said, shown, counted = verdict(see), open_alerts(see), last_check(server)
    assert len(shown) == 1
    assert 'afterword_last_check_level{level="changed"} 1.0' in counted

    page = see("/drift")
    choose_file(page, "elsewhere.parquet", UNRELATED)
    expect(page.get_by_text("This check is a trial, kept until")).to_be_visible()
    uploaded = time.monotonic()
    settle(page)
    page.get_by_role("link", name="Link to this check").click()
    expect(page.locator(".st-key-past_verdict")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/drift\?(.*&)?check=\d+"))
    page.reload()
    headline = page.get_by_role("heading", name="Nothing moved beyond chance in these 400")
    expect(headline).to_be_visible()
    expect(page.get_by_text("This check is a trial, kept until")).to_be_visible()

    alerts.evaluate(store)  # as the server does once a minute
    assert verdict(see) == said
    assert open_alerts(see) == shown
    until_fresh(uploaded)
    assert last_check(server) == counted

    button(page, "Keep as the latest check").click()
    expect(page.get_by_text(COUNTS)).to_be_visible()
    kept = time.monotonic()
    expect(button(page, "Keep as the latest check")).to_have_count(0)
    alerts.evaluate(store)
    assert open_alerts(see) == []
    page = see("/")
    expect(page.locator(".st-key-now .stMarkdownBadge")).to_contain_text("Stable")
    page.get_by_role("link", name="Open Monitoring").wait_for()
    until_fresh(kept)
    assert 'afterword_last_check_level{level="stable"} 1.0' in last_check(server)


@pytest.mark.slow
def test_the_file_stays_where_it_was_and_its_link_works_again(see: Visit) -> None:
    page = see("/drift")
    choose_file(page, "elsewhere.parquet", UNRELATED)
    expect(page.get_by_text("This check is a trial, kept until")).to_be_visible()
    for _ in range(2):
        settle(page)
        page.get_by_role("link", name="Link to this check").click()
        expect(page.locator(".st-key-past_verdict")).to_be_visible()
        page.get_by_role("tab", name="Check a file").click()
        expect(page.locator(".st-key-verdict_stable")).to_be_visible()
        expect(page).not_to_have_url(re.compile("check="))
    button(page, "Keep as the latest check").click()
    expect(page.get_by_text(COUNTS)).to_be_visible()


@pytest.mark.slow
def test_whether_a_check_counts_stands_beside_its_verdict_whatever_tab_is_open(see: Visit) -> None:
    page = see("/drift?result=Words")
    page.set_viewport_size({"width": 1280, "height": 800})
    choose_file(page, "elsewhere.parquet", UNRELATED)
    box = page.locator(".st-key-verdict_stable")
    expect(box.get_by_text("This check is a trial, kept until")).to_be_in_viewport()
    expect(box.get_by_role("button", name="Keep as the latest check")).to_be_in_viewport()
    for kind in ("Data", "Prediction"):
        report = page.get_by_role("tab", name=f"{kind} drift (Evidently)")
        expect(report).to_be_in_viewport()

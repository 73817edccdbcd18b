"""The address of a check, in a browser: it opens that check, now and later, here and elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from afterword.model.registry import version_of
from afterword.store import Store
from tests.e2e.conftest import Server, Visit, Watch, button, download, serving, settle, visiting
from tests.reports.checks import FAULTY, STABLE, found
from tests.stores import small_store

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Store]]:
    """A server with three checks: a stable one, one of another model, and one that changed."""
    home: Path = tmp_path_factory.mktemp("kept")
    store, now = small_store(home), datetime.now(UTC)
    for hours, (name, model) in enumerate(
        [("new-app-in-the-news.csv", version_of()), (FAULTY, "another"), (STABLE, version_of())]
    ):
        at = now - timedelta(hours=3 - hours)
        assert store.checks.add(found(name), source="page", model=model, at=at) == hours + 1
    with serving(tmp_path_factory, home) as server:
        yield server, store
    store.close()


@pytest.fixture
def see(kept: tuple[Server, Store], browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Visits to that server, each by a browser of its own."""
    with visiting(kept[0], browser, watch) as visit:
        yield visit


def shows(page: Page, number: int) -> None:
    """Wait until a check is shown, and its number stands in the address."""
    headlines = {1: "“bytetok” is new", 2: "The feed looks broken", 3: "Nothing moved"}
    headline = page.locator(".st-key-past_verdict").get_by_role("heading")
    expect(headline).to_contain_text(headlines[number])
    expect(page).to_have_url(re.compile(rf"/drift\?(.*&)?check={number}\b"))
    settle(page)


def test_the_address_of_a_check_survives_reload_back_and_a_new_browser(see: Visit) -> None:
    page = see("/")
    page.goto(page.url.partition("?")[0].rstrip("/") + "/drift?check=1")
    shows(page, 1)
    page.reload()
    shows(page, 1)
    page.get_by_role("link", name="Overview").click()
    expect(page).not_to_have_url(re.compile("check="))
    settle(page)
    page.go_back()
    shows(page, 1)
    page.get_by_role("combobox", name="Check to read").click()
    page.get_by_role("option").first.click()
    shows(page, 3)
    shows(see("/drift" + page.url.partition("/drift")[2]), 3)


def test_a_link_is_copied_that_opens_the_check_and_the_one_page_is_of_it(see: Visit) -> None:
    page = see("/drift?check=2")
    shows(page, 2)
    expect(page.get_by_text("made with another model")).to_be_visible()
    name, content = download(page, button(page, "Download one page"))
    assert name == "afterword-check-2.html"
    assert "The feed looks broken" in content.decode()
    button(page, "Copy link").click()
    link = page.get_by_test_id("stCode").inner_text().strip()
    assert link.endswith("/drift?check=2")
    page.goto(link)
    shows(page, 2)


def test_the_list_leads_to_each_check_and_a_number_that_is_not_kept_to_the_newest(
    see: Visit,
) -> None:
    page = see("/drift?check=99")
    expect(page.get_by_text("asks for a check that is not kept")).to_be_visible()
    expect(page.locator(".st-key-past_verdict")).to_have_count(0)
    cells = page.get_by_test_id("stDataFrame").bounding_box()
    assert cells is not None
    # The table is a canvas: the second line below its head, at the left, is check number 2.
    x, y = cells["x"] + 12, cells["y"] + 35 * 2.5
    page.mouse.move(x, y)
    page.wait_for_function(
        "([x, y]) => getComputedStyle(document.elementFromPoint(x, y)).cursor === 'pointer'",
        arg=[x, y],
    )
    with page.context.expect_page() as opened:
        page.mouse.click(x, y)
    shows(opened.value, 2)
    page.get_by_role("link", name="Open the newest check").click()
    shows(page, 3)

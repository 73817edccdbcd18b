"""A demo beside own data stays a demo, nothing goes unasked, and names are text."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import invented
from tests.e2e.conftest import (
    Server,
    Visit,
    Watch,
    button,
    choose_file,
    open_tab,
    serving,
    settle,
    text_box,
    visiting,
)
from tests.stores import call, small_store

pytestmark = pytest.mark.browser

NAMES = (
    "![a](http://127.0.0.1:9/x) :red[x] $y$",
    "# www.a.org :smile: <b>a@b.c</b> %{x} http://127.0.0.1:9/y",
)
TEXT = "On a noon at the bus, he shouted remarks about my coat, a man kept staring at me."


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, loaded_samples: Path) -> Iterator[Server]:
    """A server whose store holds own data and the sample weeks."""
    home = tmp_path_factory.mktemp("both")
    shutil.copytree(loaded_samples, home, dirs_exist_ok=True)
    store = small_store(home)
    assert store.record(call())
    store.close()
    with serving(tmp_path_factory, home) as server:
        yield server


@pytest.fixture
def see(both: Server, browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Visits to that server."""
    with visiting(both, browser, watch) as visit:
        yield visit


def go(page: Page, title: str) -> None:
    """Follow the navigation."""
    page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
    expect_page(page, title)


def expect_page(page: Page, title: str) -> None:
    """Wait until a page is there, with the samples in its address."""
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(page).to_have_url(re.compile("[?&]data=samples"))
    settle(page)


def turn_wheel(page: Page, target: Locator) -> None:
    """Turn the mouse's wheel until something can be seen."""
    for _ in range(20):
        page.mouse.wheel(0, 500)
        with contextlib.suppress(AssertionError):
            expect(target).to_be_in_viewport(timeout=500)
            return
    pytest.fail("It does not come into sight.")


def samples(page: Page) -> Locator:
    """What marks a page as one of samples."""
    return page.get_by_text("These are not your data")


def test_whoever_looks_at_the_samples_stays_there(see: Visit) -> None:
    page = see("/")
    expect(page.get_by_role("radio", name="Own data")).to_be_checked()
    expect(samples(page)).to_have_count(0)
    page.get_by_role("radio", name="Sample weeks").click()
    expect(samples(page)).to_be_visible()
    page.get_by_role("link", name="Go to the alerts").click()
    expect_page(page, "Monitoring")
    expect(page.locator('[class*="st-key-alert_"]').first).to_be_visible()
    page.get_by_role("link", name="See the check").first.click()
    expect_page(page, "Drift")
    expect(samples(page)).to_be_visible()
    go(page, "Overview")
    page.get_by_role("link", name="See the check").click()
    expect_page(page, "Drift")
    expect(samples(page)).to_be_visible()
    go(page, "Classify")
    page.reload()
    expect_page(page, "Classify")
    go(page, "Monitoring")
    expect(samples(page)).to_be_visible()
    page.reload()
    expect_page(page, "Monitoring")
    expect(samples(page)).to_be_visible()
    # One step back is one page back, whatever that page wrote into its address.
    page.go_back()
    expect_page(page, "Classify")
    page.go_back()
    expect_page(page, "Drift")
    page.go_forward()
    page.go_forward()
    expect_page(page, "Monitoring")
    expect(samples(page)).to_be_visible()


@pytest.mark.slow
def test_a_new_tab_shows_the_same_data_and_a_choice_holds_until_the_next(see: Visit) -> None:
    page = see("/monitoring?data=samples")
    expect(samples(page)).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_test_id("stTopNavLink").filter(has_text="Overview").click(button="middle")
    expect_page(opened.value, "Overview")
    expect(samples(opened.value)).to_be_visible()
    go(page, "Overview")
    page.get_by_role("radio", name="Own data").click()
    expect(samples(page)).to_have_count(0)
    # What was chosen last holds, also where an older address said something else.
    page.go_back()
    expect(page.get_by_role("heading", level=1, name="Monitoring")).to_be_visible()
    expect(page).to_have_url(re.compile("[?&]data=own"))
    expect(page.get_by_role("radio", name="Own data")).to_be_checked()
    expect(samples(page)).to_have_count(0)


def rules(page: Page) -> Locator:
    """The buttons that delete a rule."""
    return page.locator('[class*="st-key-delete_"] button')


@pytest.mark.slow
def test_a_rule_goes_only_after_a_second_click_and_a_stale_tab_is_told(see: Visit) -> None:
    page, other = see("/monitoring"), see("/monitoring")
    dialog = page.get_by_role("dialog")
    for each in (page, other):
        each.get_by_text("Rules: when to alert").click()
        expect(rules(each).last).to_be_visible()
    count = rules(page).count()
    for leave in ("Enter", "Escape"):
        rules(page).last.click()
        expect(dialog).to_contain_text("Delete the rule “")
        expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        page.keyboard.press(leave)
        expect(dialog).to_have_count(0)
        settle(page)
        expect(rules(page)).to_have_count(count)
    rules(page).last.click()
    button(page, "Delete the rule").click()
    expect(page.get_by_text("The rule is deleted.")).to_be_visible()
    expect(rules(page)).to_have_count(count - 1)

    rules(other).last.click()
    expect(other.get_by_text("That is gone already")).to_be_visible()
    expect(rules(other)).to_have_count(count - 1)
    # And where the dialog was open already.
    for each in (page, other):
        rules(each).last.click()
        expect(each.get_by_role("dialog")).to_contain_text("Delete the rule “")
    button(page, "Delete the rule").click()
    expect(rules(page)).to_have_count(count - 2)
    button(other, "Delete the rule").click()
    expect(other.get_by_role("dialog")).to_contain_text("This rule was deleted already")
    other.get_by_role("dialog").get_by_text("Close").click()
    expect(rules(other)).to_have_count(count - 2)


@pytest.mark.slow
def test_the_samples_go_only_after_a_second_click_and_a_stale_tab_is_told(see: Visit) -> None:
    page, other = see("/?data=samples"), see("/?data=samples")
    for each in (page, other):
        button(each, "Remove the samples").click()
        expect(each.get_by_role("dialog")).to_contain_text("The eight invented weeks go")
    page.get_by_role("dialog").get_by_role("button", name="Remove the samples").click()
    expect(page.get_by_text("The sample weeks are removed.")).to_be_visible()
    expect(samples(page)).to_have_count(0)
    other.get_by_role("dialog").get_by_role("button", name="Remove the samples").click()
    expect(other.get_by_role("dialog")).to_contain_text("removed already")


@pytest.fixture
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server whose categories would be a picture, links and tags; and a file of theirs."""
    from typer.testing import CliRunner

    from afterword.cli.main import app

    folder = tmp_path_factory.mktemp("hostile")
    names = dict(zip(("Remarks", "Staring"), NAMES, strict=True))
    invented(400).rename(columns=names).to_csv(folder / "labelled.csv", index=False)
    week = invented(60, 3).rename(columns={**names, "description": NAMES[0] + " text"})
    week.to_csv(folder / "week.csv", index=False)
    data = str(folder / "labelled.csv")
    done = CliRunner().invoke(app, ["train", "--data", data, "--out", str(folder / "model")])
    assert done.exit_code == 0, done.output
    with serving(tmp_path_factory, AFTERWORD_MODEL_DIR=str(folder / "model")) as server:
        yield server, folder / "week.csv"


def expect_text(page: Page, watch: Watch) -> None:
    """The names stand there as they are, and nothing was made of them."""
    settle(page)
    main = page.get_by_test_id("stMain")
    for name in NAMES:
        expect(main).to_contain_text(name)
    expect_no_link(page, watch)


def expect_no_link(page: Page, watch: Watch) -> None:
    """No name became a picture, a link or an address that is asked for."""
    body = page.locator("body")
    assert (
        body.locator("img, a[href*='127.0.0.1'], a[href*='a.org'], a[href*='mailto']").count() == 0
    )
    assert not [address for address in watch.requests if ":9/" in address]
    assert "color[]" not in body.inner_text()


@pytest.mark.slow
def test_categories_and_rules_are_text_on_every_page(
    hostile: tuple[Server, Path], browser: Browser, watch: Watch
) -> None:
    server, week = hostile
    with visiting(server, browser, watch) as see:
        page = see("/classify")
        text_box(page).fill(TEXT)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_test_id("stPlotlyChart").last).to_be_visible()
        expect_text(page, watch)

        go_on = page.get_by_test_id("stTopNavLink")
        go_on.filter(has_text="Drift").click()
        expect(page.get_by_role("heading", level=1, name="Drift")).to_be_visible()
        choose_file(page, week.name, week.read_bytes())
        button(page, "How small a change could be seen").click()
        for name in NAMES:
            expect(page.get_by_role("cell", name=name)).to_be_visible()
        expect_no_link(page, watch)
        page.keyboard.press("Escape")
        for name in ("What changed", "How good"):
            open_tab(page, name)
            expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
            expect_no_link(page, watch)
        open_tab(page, "What was read")
        expect(page.get_by_text(f"descriptions in “{NAMES[0]} text”")).to_be_visible()
        expect_no_link(page, watch)

        go_on.filter(has_text="Monitoring").click()
        page.get_by_text("Rules: when to alert").click()
        button(page, "Add a rule").click()
        page.get_by_label("Name", exact=True).last.fill(" ".join(NAMES))
        # The form goes with the page, as whoever turns the wheel sees; a browser that is driven
        # takes it for something that cannot be scrolled to.
        page.get_by_test_id("stMain").hover(position={"x": 1200, "y": 450})
        turn_wheel(page, button(page, "Add a rule"))
        button(page, "Save").last.click()
        expect(page.get_by_text("The rule is saved.")).to_be_visible()
        expect_text(page, watch)

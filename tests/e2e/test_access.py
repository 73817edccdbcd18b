"""For everyone: axe finds nothing serious, a phone shows it all, a keyboard reaches it all."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from afterword.monitoring.sample_history import load_samples
from afterword.store import Store, calls
from afterword.ui.copy import uploads as uploads_copy
from tests.e2e.conftest import (
    Server,
    Visit,
    button,
    choose_file,
    choose_sample,
    open_report,
    open_tab,
    settle,
    text_box,
)

pytestmark = pytest.mark.browser

WIDE, PHONE = 1280, 390
TEXT = "Two boys kept making comments about my dress and whistling on the train."
FILE = b"id,description\n1,He stared at me on the bus.\n2,\n3,Somebody groped me in a crowd.\n"

ALL_LOOKS = bool(os.environ.get("AFTERWORD_ALL_LOOKS"))
LOOKS = {
    "wide light": (WIDE, False),
    "wide dark": (WIDE, True),
    "phone light": (PHONE, False),
    "phone dark": (PHONE, True),
}


def looks(first: str) -> pytest.MarkDecorator:
    """One look of a page, which differs from page to page; all four with ``make slow``."""
    names = list(LOOKS) if ALL_LOOKS else [first]
    return pytest.mark.parametrize(("width", "dark"), [LOOKS[name] for name in names], ids=names)


def expect_accessible(page: Page) -> None:
    settle(page)
    # A frame of ours holds Evidently's page, which is not ours to change.
    context = {"include": [["body"]], "exclude": [["iframe"]]}
    options = {"iframes": False, "resultTypes": ["violations"]}
    found: dict[str, Any] = Axe().run(page, context=context, options=options).response
    grave = {
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    }
    assert not grave, json.dumps(sorted(grave), indent=1)
    assert found["passes"]


def expect_no_sideways_scrolling(page: Page) -> None:
    wide, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= room
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")


def contrast(page: Page, element: str) -> float:
    """Contrast of an element's words with the page behind it, as WCAG 2.2 measures it."""
    words, behind = page.evaluate(
        "element => [element, '.stApp'].map((name, back) => getComputedStyle("
        "document.querySelector(name))[back ? 'backgroundColor' : 'color'])",
        element,
    )

    def luminance(colour: str) -> float:
        shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (
            share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
            for share in shares
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(words), luminance(behind)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_what_is_chosen_can_be_read(visit: Visit, dark: bool) -> None:
    """Axe cannot tell the background of a chosen tab: its underline is a pseudo-element."""
    page = visit("/classify", dark=dark)
    page.get_by_role("tab", name="A file at once").click()
    choose_file(page, "week.csv", FILE)
    button(page, "Classify 2 rows").click()
    chosen = '.stButtonGroup button[aria-checked="true"] p'
    expect(page.locator(chosen)).to_have_count(2)  # the way to decide, and which rows are shown
    assert contrast(page, '[role="tab"][aria-selected="true"] p') >= 4.5
    assert contrast(page, chosen) >= 4.5
    settle(page)
    correct = button(page, uploads_copy.CORRECT)
    for act in (correct.hover, correct.click):
        act()
        correct.evaluate("one => Promise.all(one.getAnimations().map(each => each.finished))")
        assert contrast(page, '.st-key-classify_reading [data-testid="stPopoverButton"] p') >= 4.5


@looks("wide dark")
def test_classify_is_for_everyone(visit: Visit, width: int, dark: bool) -> None:
    page = visit("/classify", width=width, dark=dark)
    expect_accessible(page)
    expect_no_sideways_scrolling(page)

    text_box(page).fill(TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("stPlotlyChart").locator("svg .barlayer path").first).to_be_visible()
    expect_accessible(page)
    expect_no_sideways_scrolling(page)

    page.get_by_role("tab", name="A file at once").click()
    choose_file(page, "week.csv", FILE)
    button(page, "Classify 2 rows").click()
    expect(page.get_by_text("2 of 3 rows classified")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect_accessible(page)
    expect_no_sideways_scrolling(page)


@looks("phone dark")
def test_drift_is_for_everyone(visit: Visit, width: int, dark: bool) -> None:
    page = visit("/drift", width=width, dark=dark)
    expect_accessible(page)
    expect_no_sideways_scrolling(page)

    choose_sample(page, "Many more of one category")
    expect(page.get_by_text("What to do")).to_be_visible()
    expect_accessible(page)
    expect_no_sideways_scrolling(page)
    for tab, first in {
        "What changed": "measures moved beyond chance",
        "Words": "words? changed",
        "How good": "How good the answers are",
        "What was read": "rows read",
    }.items():
        open_tab(page, tab)
        expect(page.get_by_role("heading", name=re.compile(first))).to_be_visible()
        expect_accessible(page)
        expect_no_sideways_scrolling(page)
    if ALL_LOOKS:  # a report takes long to draw, and its frame is not looked into
        frame = open_report(page, "data")
        expect(frame.get_by_text("Dataset Drift").first).to_be_visible()
        expect_accessible(page)
        expect_no_sideways_scrolling(page)


@pytest.mark.slow
@looks("phone light")
def test_review_is_for_everyone(visit: Visit, width: int, dark: bool) -> None:
    page = visit("/drift", width=width, dark=dark)
    choose_sample(page, "A new app is in the news")
    page.get_by_role("link", name="Have a sample labelled").click()
    expect(button(page, "Start labelling")).to_be_visible()
    expect_accessible(page)
    expect_no_sideways_scrolling(page)

    button(page, "Start labelling").click()
    expect(button(page, "Show the text")).to_be_visible()
    expect_accessible(page)
    page.get_by_label("Show every text at once").check()
    for place in range(1, 11):
        expect(page.get_by_text(f"Description {place} of")).to_be_visible()
        expect(page.get_by_role("group", name="Description", exact=True)).to_be_visible()
        button(page, "Commenting").click()
        if place == 1:
            expect_accessible(page)
            expect_no_sideways_scrolling(page)
        button(page, "Save and next").click()
    expect(page.get_by_text("10 of 100 labelled")).to_be_visible()
    button(page, "Stop and see the result").click()
    expect(page.get_by_text("measured on 10 of 300 rows")).to_be_visible()
    page.get_by_text("All figures as a table").click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    expect_accessible(page)
    expect_no_sideways_scrolling(page)


@pytest.fixture(scope="module")
def with_samples(server: Server) -> None:
    """The sample weeks in the server's store; their button is pressed in another test."""
    store = Store(f"sqlite:///{server.home / calls.FILE}", server.home / calls.KEY_FILE)
    if not store.has_samples():
        load_samples(store)
    store.close()


@pytest.mark.usefixtures("with_samples")
@looks("wide light")
def test_overview_is_for_everyone(visit: Visit, width: int, dark: bool) -> None:
    # The samples are of the server: other tests may have recorded data of their own beside them.
    page = visit("/?data=samples", width=width, dark=dark)
    expect(page.get_by_text("Last checked")).to_be_visible()
    expect_accessible(page)
    expect_no_sideways_scrolling(page)


@pytest.mark.usefixtures("with_samples")
@looks("phone light")
def test_monitoring_is_for_everyone(visit: Visit, width: int, dark: bool) -> None:
    page = visit("/monitoring?data=samples&window=month", width=width, dark=dark)
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    for family in ("Outputs", "Inputs", "Software"):
        page.get_by_role("tab", name=family).click()
        settle(page)
        expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
        expect_accessible(page)
        expect_no_sideways_scrolling(page)
    for closed in ("Past alerts", "Rules: when to alert", "Channels: where"):
        page.get_by_text(closed).click()
    expect(button(page, "Restore the shipped rules")).to_be_visible()
    button(page, "Acknowledge").first.click()
    expect(page.get_by_label("Your name").first).to_be_visible()
    expect_accessible(page)
    expect_no_sideways_scrolling(page)


@pytest.mark.usefixtures("with_samples")
@looks("wide dark")
def test_the_past_checks_are_for_everyone(visit: Visit, width: int, dark: bool) -> None:
    page = visit("/drift?view=past&data=samples", width=width, dark=dark)
    expect(page.get_by_text("All of this check, made again")).to_be_visible()
    expect_accessible(page)
    expect_no_sideways_scrolling(page)


def reach(page: Page, name: str, most: int = 40) -> None:
    """Press Tab until something of that name has the focus."""
    seen = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const e = document.activeElement;"
            " return e.getAttribute('aria-label') || e.innerText || e.tagName }"
        )
        if re.search(name, focused):
            return
        seen.append(focused)
    pytest.fail(f"Tab does not reach {name!r}, only {seen}")


def test_the_keyboard_reaches_the_box_the_answer_and_the_exit(visit: Visit) -> None:
    page = visit("/classify")
    reach(page, "^Description$")
    page.keyboard.type(TEXT)
    reach(page, r"Classify$", 3)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=re.compile("^Likely: Commenting"))).to_be_visible()
    reach(page, "^Exit this page")


def test_the_focus_can_be_seen_on_the_exit(visit: Visit) -> None:
    page = visit("/classify")
    reach(page, "^Exit this page")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(outline.removesuffix("px")) >= 2


def test_the_exit_covers_nothing_that_one_has_to_reach_on_a_phone(visit: Visit) -> None:
    page = visit("/classify", width=PHONE)
    for number in range(4):
        example = page.locator(f".st-key-example_{number} button")
        example.click()
        expect(text_box(page)).not_to_have_value("")
        settle(page)

"""Why, in a browser: hostile words are words, nothing runs, and the bars are there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit, text_box
from tests.e2e.test_access import PHONE, expect_no_sideways_scrolling
from tests.e2e.test_safety import ALL, expect_nothing_ran

pytestmark = pytest.mark.browser


def test_hostile_words_are_shown_as_words_beside_the_bars_on_a_phone(visit: Visit) -> None:
    page = visit("/classify", width=PHONE, dark=True)
    text_box(page).fill(f"{ALL} </div><h1>he was</h1> staring at me " + "stare" * 400)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile("“staring”.* raised Ogling most"))).to_be_visible()
    text = page.get_by_role("region", name="The description, as the model read it")
    expect(text).to_contain_text(f"{ALL} </div><h1>he was</h1> staring at me")
    expect(text).to_have_attribute("tabindex", "0")
    bars = page.get_by_test_id("stPlotlyChart").last.locator("svg .barlayer .bars path")
    expect(bars.first).to_be_visible()
    expect(page.get_by_role("heading", name="he was")).to_have_count(0)
    expect_nothing_ran(page)
    expect_no_sideways_scrolling(page)

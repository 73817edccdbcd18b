"""Classify in a browser: type, press, read; a file, its counts and its downloads; cancel."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit, button, choose_file, download, settle, text_box

pytestmark = pytest.mark.browser

TEXT = "Two boys kept making comments about my dress and whistling on the train."
MANY = 60_000
FILE = (
    b"id,story,note\n"
    b'1,"Two men shouted comments about my dress near the market.",plain\n'
    b"2,,nothing\n"
    b"3,A man kept staring at me and winked.,=1+1\n"
    b"4,=cmd|'/c calc'!A1 he whistled at me from a car,+41\n"
)


def answer(page: Page) -> None:
    """Expect an answer in a sentence, and bars."""
    expect(page.get_by_role("heading", name=re.compile("^Likely: Commenting"))).to_be_visible()
    chart = page.get_by_test_id("stPlotlyChart").first
    expect(chart.locator("svg .barlayer .bars path").first).to_be_visible()
    assert chart.locator("svg .barlayer .point").count() == 3


def open_file_tab(page: Page) -> None:
    page.get_by_role("tab", name="A file at once").click()


def test_control_and_enter_answer_with_a_sentence_and_bars(visit: Visit) -> None:
    page = visit("/classify")
    assert page.get_by_test_id("stPlotlyChart").count() == 0
    text_box(page).fill(TEXT)
    page.keyboard.press("Control+Enter")
    answer(page)


@pytest.mark.slow
def test_the_button_answers_and_clear_takes_it_away(visit: Visit) -> None:
    page = visit("/classify")
    text_box(page).fill(TEXT)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Classify").click()
    answer(page)
    button(page, "Clear").click()
    expect(page.get_by_role("heading", name=re.compile("^Likely"))).to_have_count(0)
    expect(text_box(page)).to_have_value("")


def test_the_answer_is_there_for_those_who_do_not_see_bars(visit: Visit) -> None:
    page = visit("/classify")
    button(page, "Remarks on a train").click()
    answer(page)
    chart = page.get_by_role("figure", name=re.compile("Probabilities: .*Commenting .* %"))
    expect(chart.first).to_be_attached()


def test_a_file_comes_back_with_all_its_rows_columns_and_reasons(visit: Visit) -> None:
    page = visit("/classify")
    open_file_tab(page)
    choose_file(page, "week.csv", FILE)
    button(page, re.compile("Classify 3 rows")).click()
    heading = page.get_by_role("heading", name="3 of 4 rows classified, 1 rejected")
    expect(heading).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(3)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()

    name, content = download(page, button(page, "Download CSV"))
    assert name == "classified.csv"
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert table.columns[:3].tolist() == ["id", "story", "note"]
    assert table["id"].tolist() == ["1", "2", "3", "4"]
    assert table["rejected"].tolist() == ["", "empty", "", ""]
    assert table["note"].tolist() == ["plain", "nothing", "'=1+1", "'+41"]
    assert table["story"][3].startswith("'=cmd")
    for category in ("Commenting", "Ogling", "Groping"):
        assert table[f"{category} probability"].ne("").tolist() == [True, False, True, True]
        assert table[f"{category} decision"][0] in ("True", "False")
        assert table[f"{category} unsure"][0] in ("True", "False")

    name, content = download(page, button(page, "Download Parquet"))
    assert name == "classified.parquet"
    parquet = pd.read_parquet(io.BytesIO(content))
    assert parquet["note"].tolist() == ["plain", "nothing", "=1+1", "+41"]
    assert parquet["rejected"].tolist() == ["", "empty", "", ""]
    assert parquet["Commenting probability"].between(0, 1).tolist() == [True, False, True, True]


@pytest.mark.slow
def test_a_second_file_with_other_columns_replaces_the_first(visit: Visit) -> None:
    page = visit("/classify")
    open_file_tab(page)
    choose_file(page, "first.csv", FILE)
    expect(button(page, re.compile("Classify 3 rows"))).to_be_visible()
    choose_file(page, "second.csv", b"nr,description\n1,He whistled at me from a car.\n")
    expect(button(page, re.compile("Classify 1 row$"))).to_be_visible()
    assert page.get_by_test_id("stAlertContentError").count() == 0


def test_cancel_stops_a_large_file_and_it_can_be_started_again(visit: Visit) -> None:
    page = visit("/classify")
    open_file_tab(page)
    rows = "\n".join(
        f"He shouted remarks at me near stop {number} and stared." for number in range(MANY)
    )
    choose_file(page, "large.csv", f"description\n{rows}\n".encode())
    start = button(page, re.compile(f"Classify {MANY:,} rows"))
    start.click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    button(page, "Cancel").click()
    expect(page.get_by_text("Cancelled. Nothing was kept")).to_be_visible()
    expect(start).to_be_visible()
    settle(page)
    assert page.get_by_test_id("stDataFrame").count() == 0

    start.click()
    expect(page.get_by_text(f"{MANY:,} of {MANY:,} rows classified")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Cancelled.")).to_have_count(0)

"""Drift in a browser: a file or a sample, the verdict, Evidently's reports, downloads."""

from __future__ import annotations

import gzip
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message

import pytest
from playwright.sync_api import Browser, Page, expect

from afterword.ui.copy import uploads as uploads_copy
from tests.e2e.conftest import (
    Server,
    Visit,
    Watch,
    button,
    choose_file,
    choose_sample,
    download,
    open_report,
    open_tab,
    serving,
    text_box,
    visiting,
)

pytestmark = pytest.mark.browser

SAMPLES = [
    ("A broken export", "Faulty feed"),
    pytest.param("An ordinary week", "Stable", marks=pytest.mark.slow),
    pytest.param("A new app is in the news", "Changed", marks=pytest.mark.slow),
    pytest.param("Many more of one category", "Changed", marks=pytest.mark.slow),
]
OWN = (
    "when,story\n"
    + "2024-05-06 08:15,He stared at me until I got off the bus and kept winking.\n" * 60
    + "2024-05-07 08:15,\n" * 3
).encode()

PLAIN = [
    f"{who} {what} near the {where}."
    for who in ("A man", "The driver", "Two boys", "Somebody")
    for what in ("whistled at me", "stared at us", "touched my arm")
    for where in ("train", "market", "river", "stairs", "queue")
]
FEW = b"description\n" + b"".join(b"He whistled at me from car %d.\n" % car for car in range(5))


def expect_verdict(page: Page, word: str) -> None:
    badge = page.locator('[class*="st-key-verdict_"] .stMarkdownBadge').first
    expect(badge).to_contain_text(word)


def fetch(url: str) -> tuple[int, Message, bytes]:
    """Ask the server from outside the browser."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has visited yet, and that begins reports as an operator finds it."""
    with serving(tmp_path_factory, AFTERWORD_REPORT_AHEAD_ROWS="20000") as server:
        yield server


@pytest.fixture
def see(fresh: Server, browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Visits to that server."""
    with visiting(fresh, browser, watch) as visit:
        yield visit


def test_the_first_visitor_of_a_page_gets_its_navigation_and_the_exit(see: Visit) -> None:
    """A new server knows the pages' folder before it has run the router once."""
    page = see("/drift")
    expect(page.get_by_role("heading", level=1, name="Drift")).to_be_visible()
    expect(page.get_by_test_id("stTopNavLink")).to_have_count(5)
    expect(button(page, re.compile("^Exit this page"))).to_be_visible()


def test_an_own_file_gets_a_verdict_and_each_report_at_one_click(see: Visit) -> None:
    page = see("/drift")
    choose_file(page, "week.csv", OWN)
    expect_verdict(page, "Faulty feed")
    for kind, label in (("data", "Average word length"), ("prediction", "Ogling")):
        frame = open_report(page, kind)
        expect(frame.locator("h1", has_text=f"{kind.capitalize()} drift")).to_be_visible()
        expect(frame.get_by_text(re.compile("Dataset Drift is detected")).first).to_be_visible()
        row = frame.locator("tr", has_text=label).first
        expect(row.locator("canvas").first).to_be_visible()
        row.get_by_role("button").first.click()
        expect(frame.locator(".js-plotly-plot svg.main-svg").first).to_be_visible()
        assert frame.locator("body").inner_text().count("Detected") >= 1
        assert "stared at me" not in frame.locator("body").inner_text()
    open_tab(page, "What was read")
    expect(page.get_by_text("63 rows read: 60 accepted, 3 rejected")).to_be_visible()
    expect(page.get_by_text("Rejected: 3 empty.")).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize(("sample", "word"), SAMPLES)
def test_a_sample_shows_its_verdict(visit: Visit, sample: str, word: str) -> None:
    page = visit("/drift")
    choose_sample(page, sample)
    expect_verdict(page, word)
    open_tab(page, "What changed")
    chart = page.get_by_test_id("stPlotlyChart")
    expect(chart.first.locator("svg .scatterlayer .point").first).to_be_visible()
    expect(chart.last.locator("svg .barlayer path").first).to_be_visible()
    expander = page.get_by_test_id("stExpander").filter(
        has_text=re.compile(r"All \d+ measures as a table")
    )
    table = expander.get_by_test_id("stDataFrame").first
    expect(table).to_be_hidden()
    page.get_by_text(re.compile(r"^All \d+ measures as a table")).click()
    expect(table).to_be_visible()


def test_on_a_phone_the_verdict_is_in_the_first_screen(visit: Visit) -> None:
    page = visit("/drift", width=390)
    choose_sample(page, "A broken export")
    expect_verdict(page, "Faulty feed")
    expect(page.get_by_text("Look upstream").first).to_be_in_viewport()


@pytest.mark.slow
def test_what_could_have_been_seen_is_told_on_demand(visit: Visit) -> None:
    page = visit("/drift")
    choose_sample(page, "An ordinary week")
    button(page, "How small a change could be seen").click()
    expect(page.get_by_role("cell", name="Ogling")).to_be_visible()


@pytest.mark.slow
def test_an_upload_goes_first_and_its_removal_shows_the_sample_again(visit: Visit) -> None:
    page = visit("/drift")
    choose_sample(page, "An ordinary week")
    expect_verdict(page, "Stable")
    choose_file(page, "few.csv", FEW)
    expect_verdict(page, "Not enough data")
    page.get_by_test_id("stFileUploader").get_by_role("button", name=re.compile("few.csv")).click()
    expect_verdict(page, "Stable")


@pytest.mark.slow
def test_the_open_tab_stands_in_the_address_and_its_report_is_gone_with_its_visitor(
    visit: Visit, server: Server
) -> None:
    page = visit("/drift?result=Words")
    choose_sample(page, "Many more of one category")
    expect_verdict(page, "Changed")
    expect(page.get_by_role("tab", name="Words")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("heading", name=re.compile("words? changed"))).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    open_report(page, "data")
    expect(page).to_have_url(re.compile(r"result=Data(\+|%20)drift"))
    expect_verdict(page, "Changed")
    expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)
    expect(page.locator("iframe")).to_have_count(1)
    path = page.locator("iframe").get_attribute("src") or ""
    assert re.search(r"/reports/[\w-]{40,}$", path)
    url = server.url + path[path.index("/reports/") :]
    status, headers, content = fetch(url)
    assert status == 200
    assert "sandbox allow-scripts;" in headers["Content-Security-Policy"]
    assert "allow-same-origin" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    page_of_report = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    assert b"Data drift" in page_of_report

    open_tab(page, "Verdict")
    expect(page.get_by_text("What to do")).to_be_visible()
    expect(page).not_to_have_url(re.compile("result="))

    page.context.close()
    other = visit("/classify")
    other.wait_for_function(
        "async path => (await fetch(path, {cache: 'no-store'})).status === 404",
        arg=url,
        polling=250,
    )
    assert fetch(url)[0] == 404


@pytest.mark.slow
def test_a_report_opens_in_a_tab_of_the_browser_and_all_can_be_downloaded(visit: Visit) -> None:
    page = visit("/drift")
    name, content = download(page, button(page, "Download a template"))
    assert content.decode("utf-8-sig").startswith("description,received_at")
    choose_sample(page, "Many more of one category")
    open_report(page, "prediction")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open in a new tab").click()
    report = opened.value
    expect(report.get_by_text("Dataset Drift").first).to_be_visible()
    expect(report).to_have_title("Prediction drift")
    expect(page.locator("iframe")).to_be_visible()
    name, content = download(page, button(page, "Download HTML"))
    assert name == "prediction-drift.html"
    assert b"<title>Prediction drift</title>" in content
    assert len(content) > 1_000_000
    name, content = download(page, button(page, "Download JSON"))
    assert name == "prediction-drift.json"
    statuses = {test["status"] for test in json.loads(content)["tests"]}
    assert "FAIL" in statuses
    open_tab(page, "Verdict")
    name, content = download(page, button(page, "Download the result as JSON"))
    assert name == "check.json"
    assert json.loads(content)["level"] == "changed"


def go(page: Page, title: str) -> None:
    page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


@pytest.mark.slow
def test_a_file_outlasts_a_visit_to_another_page_until_it_is_removed(visit: Visit) -> None:
    page = visit("/drift")
    choose_file(page, "week.csv", OWN)
    expect_verdict(page, "Faulty feed")
    go(page, "Classify")
    go(page, "Drift")
    expect_verdict(page, "Faulty feed")
    open_tab(page, "What was read")
    expect(page.get_by_text("63 rows read: 60 accepted, 3 rejected")).to_be_visible()
    button(page, "Remove it").click()
    expect(page.get_by_text("Upload recent production inputs, or choose a sample.")).to_be_visible()
    expect(page.get_by_text("63 rows read")).to_have_count(0)


def test_a_correction_stands_beside_the_line_and_is_undone_beside_it(visit: Visit) -> None:
    rows = (f"{text},05/{6 + n % 7:02}/2024\n" for n, text in enumerate(PLAIN))
    page = visit("/drift")
    choose_file(page, "week.csv", ("description,received_at\n" + "".join(rows)).encode())
    line = page.get_by_text(uploads_copy.CHECK_READING)
    expect(line).to_be_visible()
    sides = line.bounding_box(), button(page, uploads_copy.CORRECT).bounding_box()
    assert sides[0]
    assert sides[1]
    assert abs(sides[0]["y"] - sides[1]["y"]) < 40
    button(page, uploads_copy.instead("day-first", "date order")).click()
    expect(line).to_have_count(0)
    button(page, uploads_copy.AS_FOUND).click()
    expect(line).to_be_visible()


def test_a_text_ends_with_its_answer_when_the_page_is_left(visit: Visit) -> None:
    page = visit("/classify")
    button(page, "Stared at").click()
    expect(page.get_by_role("heading", name=re.compile("^(Likely|Unsure)"))).to_be_visible()
    go(page, "Drift")
    go(page, "Classify")
    expect(text_box(page)).to_have_value("")
    expect(page.get_by_role("heading", name=re.compile("^(Likely|Unsure)"))).to_have_count(0)

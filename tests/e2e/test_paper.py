"""The page that is passed on, in a browser: it asks nobody, and prints to one or two sheets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from afterword.drift.result import CheckResult
from afterword.reports import one_page
from afterword.reports.about import About
from tests.reports.checks import (
    FAULTY,
    STABLE,
    found,
    labelled,
    of_everything,
    of_many_categories,
    too_few,
)

pytestmark = pytest.mark.browser

ABOUT = About(
    "web form of the northern districts",
    "2026-W47",
    "0a1b2c3d4e5f",
    12,
    datetime(2026, 11, 23, 9, 5, tzinfo=UTC),
)
A4_PT = (595, 842)
CASES: dict[str, Callable[[], CheckResult]] = {
    "stable": lambda: found(STABLE),
    "changed": found,
    "faulty": lambda: found(FAULTY),
    "too few": too_few,
    "labelled": labelled,
    "28 categories": of_many_categories,
    "28 categories that fell": lambda: of_many_categories(fallen=True),
    "everything": of_everything,
}


def written(result: CheckResult, folder: Path) -> Path:
    file = folder / ABOUT.file_name("html")
    file.write_text(one_page.page(result, about=ABOUT), encoding="utf-8")
    return file


def sheets(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page, in points."""
    assert pdf.startswith(b"%PDF")
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == len(boxes)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


@pytest.mark.parametrize("case", CASES)
def test_it_prints_to_one_or_two_sheets_of_a4(case: str, browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    file = written(CASES[case](), tmp_path)
    page.goto(file.as_uri())
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    assert asked == [file.as_uri()]
    found_sheets = sheets(pdf)
    assert 1 <= len(found_sheets) <= 2
    for sheet in found_sheets:
        assert sheet == pytest.approx(A4_PT, abs=1)


def test_a_screen_shows_what_paper_leaves_out(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(written(of_many_categories(), tmp_path).as_uri())
    rest, note = page.locator("tr.screen").last, page.get_by_text("on a screen").first
    assert rest.is_visible()
    assert not note.is_visible()
    page.emulate_media(media="print")
    assert not rest.is_visible()
    assert note.is_visible()
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_line_of_it_is_wider_than_the_screen(
    width: int, scheme: str, browser: Browser, tmp_path: Path
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else None
    )
    page = context.new_page()
    page.goto(written(of_everything(), tmp_path).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
    # Paper is white, whatever the screen was.
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    context.close()

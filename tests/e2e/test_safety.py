"""What a visitor's safety rests on: nothing planted runs, the exit exits, the log stays silent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

import pytest
from playwright.sync_api import Page, Route, expect

from afterword.ui.copy import shared as shared_copy
from afterword.ui.copy import uploads as uploads_copy
from tests.e2e.conftest import (
    Server,
    Visit,
    Watch,
    abort,
    button,
    choose_file,
    open_report,
    open_tab,
    settle,
    text_box,
)

pytestmark = pytest.mark.browser

PLANTED = {
    "a script": "<script>window.__pwned=1</script>",
    "the end of a script": "</script><script>window.__pwned=1</script>",
    "an image": "<img src=x onerror=window.__pwned=1>",
    "a Markdown link": "[x](javascript:window.__pwned=1)",
    "a Markdown image": "![x](http://planted.example/x.png)",
}
ALL = " ".join(PLANTED.values())
STORY = "Quenby Zebrafinch was stared at from a car by the old mill"


def expect_nothing_ran(page: Page) -> None:
    for frame in page.frames:
        assert frame.evaluate("window.__pwned === undefined")
    links = page.locator('a[href^="javascript:"], img[src="x"], img[src*="planted"]')
    assert links.count() == 0


def test_nothing_that_is_planted_in_a_text_runs(visit: Visit) -> None:
    page = visit("/classify")
    for number, text in enumerate((*PLANTED.values(), ALL), 1):
        words = f"{text} he shouted remarks at me on the train {text} " + "again " * number
        text_box(page).fill(words)
        page.keyboard.press("Control+Enter")
        # The chart of the answer before stays until the run has ended.
        expect(page.get_by_test_id("stPlotlyChart")).to_have_count(2)
        settle(page)
        expect_nothing_ran(page)


def planted_table(headers: Iterable[str]) -> bytes:
    cell = f'"{ALL}"'
    names = [f'"{header}{role}"' for header in headers for role in ("", " label", " probability")]
    rows = [",".join(["description", *names])]
    rows += [
        ",".join([f'"{ALL} he stared at me on bus {n}"', *[cell] * len(names)]) for n in range(40)
    ]
    return "\n".join(rows).encode()


def test_nothing_that_is_planted_in_a_file_runs_on_classify(visit: Visit) -> None:
    page = visit("/classify")
    page.get_by_role("tab", name="A file at once").click()
    choose_file(page, f"{ALL.replace('/', '')}.csv", planted_table(PLANTED.values()))
    button(page, "Classify 40 rows").click()
    expect(page.get_by_text("40 of 40 rows classified")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    button(page, uploads_copy.CORRECT).click()
    page.get_by_role("combobox", name=uploads_copy.FIELDS["description"]).click()
    expect(page.get_by_role("option").first).to_be_visible()
    settle(page)
    expect_nothing_ran(page)


def test_nothing_that_is_planted_in_a_file_runs_on_drift_or_in_a_report(visit: Visit) -> None:
    page = visit("/drift")
    choose_file(page, f"{ALL.replace('/', '')}.csv", planted_table([*PLANTED.values(), ALL]))
    for tab in ("What changed", "Words", "How good", "What was read"):
        open_tab(page, tab)
        expect_nothing_ran(page)
    expect(page.get_by_text("40 rows read")).to_be_visible()
    for kind in ("data", "prediction"):
        expect(open_report(page, kind).get_by_text("Dataset Drift").first).to_be_visible()
        assert len(page.frames) == 2
        expect_nothing_ran(page)
        assert "__pwned" not in page.frames[1].content()


def test_a_planted_description_column_runs_nowhere(visit: Visit) -> None:
    page = visit("/drift")
    header = PLANTED["the end of a script"] + " description"
    rows = "\n".join(f'"He stared at me on bus {n} {ALL}"' for n in range(40))
    choose_file(page, "week.csv", f'"{header}"\n{rows}'.encode())
    open_tab(page, "What was read")
    expect(page.get_by_text("40 rows read")).to_be_visible()
    settle(page)
    expect_nothing_ran(page)


def workbook(sheet: str, cells: list[str]) -> bytes:
    """A small Excel file with one sheet of that name and one column."""
    from xml.sax.saxutils import escape, quoteattr

    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{escape(cell)}</t></is></c></row>'
        for n, cell in enumerate(cells, 1)
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{packed}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{kinds}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packed}/relationships"><Relationship Id="r1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet '
        f'name={quoteattr(sheet)} sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packed}/relationships">'
        f'<Relationship Id="r1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>'
        "</worksheet>",
    }
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return sink.getvalue()


def test_a_planted_sheet_name_runs_nowhere(visit: Visit) -> None:
    page = visit("/drift")
    cells = ["description"] + ["He stared at me on the bus until I got off."] * 40
    choose_file(page, "week.xlsx", workbook(PLANTED["an image"], cells))
    open_tab(page, "What was read")
    expect(page.get_by_text("40 rows read")).to_be_visible()
    settle(page)
    expect_nothing_ran(page)


# ------------------------------------------------------------------ the exit


def watch_the_server(page: Page) -> list[str]:
    """Stop what goes to the neutral site; return the list of what was asked of it."""
    asked: list[str] = []

    def stop(route: Route) -> None:
        asked.append(route.request.url)
        abort(route)

    page.route(shared_copy.EXIT_URL + "**", stop)
    page.wait_for_function("window.afterwordExit === true")
    return asked


def expect_blank(page: Page, asked: list[str], watch: Watch) -> None:
    watch.expected.append(shared_copy.EXIT_URL)
    expect(page.locator("#afterword-left")).to_be_visible()
    assert asked == [shared_copy.EXIT_URL]
    content = page.content()
    assert STORY not in content
    assert "Classify" not in page.locator("body").inner_text()
    assert page.locator("body > *").count() == 1


def test_the_exit_blanks_the_page_at_once_and_leaves(visit: Visit, watch: Watch) -> None:
    page = visit("/classify")
    asked = watch_the_server(page)
    text_box(page).fill(STORY)
    with page.expect_request(shared_copy.EXIT_URL):
        button(page, "Exit this page").click()
    expect_blank(page, asked, watch)


@pytest.mark.parametrize(
    "path",
    [
        "/classify",
        "/review",
        *(pytest.param(p, marks=pytest.mark.slow) for p in ("/drift", "/", "/monitoring")),
    ],
)
def test_shift_three_times_blanks_the_page_and_leaves(
    visit: Visit, watch: Watch, path: str
) -> None:
    page = visit(path)
    asked = watch_the_server(page)
    if path == "/classify":
        text_box(page).fill(STORY)
    with page.expect_request(shared_copy.EXIT_URL):
        for _ in range(3):
            page.keyboard.press("Shift")
    expect_blank(page, asked, watch)


def test_shift_leaves_while_the_page_is_working(visit: Visit, watch: Watch) -> None:
    page = visit("/classify")
    asked = watch_the_server(page)
    page.get_by_role("tab", name="A file at once").click()
    rows = "\n".join(f"{STORY} {number}" for number in range(30_000))
    choose_file(page, "large.csv", f"description\n{rows}".encode())
    button(page, "Classify 30,000 rows").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    with page.expect_request(shared_copy.EXIT_URL):
        for _ in range(3):
            page.keyboard.press("Shift")
    expect_blank(page, asked, watch)


def test_typing_capitals_does_not_leave(visit: Visit) -> None:
    page = visit("/classify")
    asked = watch_the_server(page)
    text_box(page).focus()
    for letter in "NO WAY":
        page.keyboard.down("Shift")
        page.keyboard.press(letter)
        page.keyboard.up("Shift")
    expect(text_box(page)).to_have_value("NO WAY")
    assert page.locator("#afterword-left").count() == 0
    assert asked == []


# ------------------------------------------------------------------ the log


def test_the_server_writes_nothing_of_what_it_is_given(visit: Visit, server: Server) -> None:
    page = visit("/classify")
    text_box(page).fill(STORY)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("stPlotlyChart").last).to_be_visible()
    page.get_by_role("tab", name="A file at once").click()
    rows = "\n".join(f'"{STORY} {number}"' for number in range(40))
    choose_file(page, "Zebrafinch.csv", f"description\n{rows}".encode())
    button(page, "Classify 40 rows").click()
    expect(page.get_by_text("40 of 40 rows classified")).to_be_visible()
    choose_file(page, "Zebrafinch.xlsx", b"PK\x03\x04" + STORY.encode() * 9)
    expect(page.get_by_test_id("stAlertContentError")).to_be_visible()
    settle(page)
    written = server.written()
    assert "URL" in written
    assert "zebrafinch" not in written.lower()
    assert "old mill" not in written
    kept = [path for path in server.scratch.rglob("*") if path.is_file()]
    assert [path for path in kept if b"ebrafinch" in path.read_bytes()] == []

"""Review in a browser: a batch is checked, labelled by keyboard, assessed, and taken away."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from afterword.ui.shared.exit import KEPT_AS
from tests.conftest import invented
from tests.e2e.conftest import (
    ROOT,
    Server,
    Visit,
    Watch,
    button,
    choose_file,
    download,
    settle,
)
from tests.e2e.test_safety import (
    ALL,
    STORY,
    expect_blank,
    expect_nothing_ran,
    watch_the_server,
)

pytestmark = pytest.mark.browser

ROWS, LABELLED = 60, 32
CATEGORIES = ("Commenting", "Ogling", "Groping")


def check_and_start(page: Page, texts: list[str]) -> None:
    """Check a batch on Drift, and begin to label a sample of it."""
    choose_file(page, "week.csv", pd.DataFrame({"story": texts}).to_csv(index=False).encode())
    page.get_by_role("link", name="Have a sample labelled").click()
    button(page, "Start labelling").click()
    expect(button(page, "Show the text")).to_be_visible()
    # Keys belong to the card once the button that was pressed is gone, and its focus with it.
    expect(button(page, "Start labelling")).to_have_count(0)
    settle(page)


def label_by_keyboard(page: Page, first: int, last: int) -> None:
    for place in range(first, last + 1):
        expect(page.get_by_text(f"Description {place} of")).to_be_visible()
        page.keyboard.press("Space")
        text = page.get_by_role("group", name="Description", exact=True)
        expect(text).to_be_visible()
        said = text.inner_text()
        keys = "1" * ("remarks" in said or "whistled" in said) + "2" * ("staring" in said)
        for key in keys or "0":
            page.keyboard.press(key)
        page.keyboard.press("Enter")
    expect(page.get_by_text(f"{last} of {ROWS} labelled")).to_be_visible()


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "afterword", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"AFTERWORD_RECORDING": "false"},
        capture_output=True,
        text=True,
    )


def test_a_batch_is_labelled_by_keyboard_across_a_reload_and_its_labels_are_used(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit("/drift")
    check_and_start(page, invented(ROWS, seed=8)["description"].tolist())
    label_by_keyboard(page, 1, 8)
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Description 8 of")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Description 9 of")).to_be_visible()

    page.reload()
    expect(page.get_by_text("The review goes on where you left it.")).to_be_visible()
    assert "?" not in page.url
    label_by_keyboard(page, 9, LABELLED)
    button(page, "Stop and see the result").click()
    expect(page.get_by_text(f"{LABELLED} of them are labelled")).to_contain_text("interval")
    expect(page.get_by_test_id("stPlotlyChart").locator("svg .scatterlayer").first).to_be_visible()

    name, content = download(page, button(page, "Download labels (CSV)"))
    table = pd.read_csv(io.BytesIO(content))
    assert len(table) == ROWS
    assert table[[*CATEGORIES, "inclusion_probability"]].notna().sum().tolist() == [LABELLED] * 4
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / name).write_bytes(content)
    checked = command("check", folder / name)
    assert checked.returncode in (0, 1, 2), checked.stderr

    base = invented(200).rename(columns={"Remarks": "Commenting", "Staring": "Ogling"})
    base["Groping"] = [int(number % 4 == 0) for number in range(200)]
    base.drop(columns="id").to_csv(folder / "base.csv", index=False)
    trained = command("train", "--data", folder, "--out", tmp_path / "model")
    assert trained.returncode == 0, trained.stderr
    assert f"{200 + LABELLED} " in trained.stdout + trained.stderr


def test_the_keys_do_no_harm_a_planted_text_is_text_and_the_exit_forgets(
    visit: Visit, watch: Watch, server: Server
) -> None:
    page = visit("/drift")
    hostile = f"\u202e{ALL} {STORY} {'again ' * 3_000}"[:20_000]
    check_and_start(page, [f"{hostile[:19_900]} {number}" for number in range(ROWS)])
    heading = page.get_by_text("Description 1 of")
    # Nothing is saved unread, or without an answer, and nothing that is hidden is there.
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Show the text first.")).to_be_visible()
    assert "Zebrafinch" not in page.content()
    page.keyboard.press("Space")
    text = page.get_by_role("group", name="Description", exact=True)
    expect(text).to_contain_text("<script>window.__pwned=1</script>")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Choose a category, or “None of these”.")).to_be_visible()
    expect(heading).to_be_visible()
    # Keys do nothing where somebody switched them off, and Tab reaches the switches.
    page.get_by_label("Use keys").uncheck()
    page.keyboard.press("2")
    expect(page.get_by_role("button", name="Ogling")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Ogling").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ogling")).to_have_attribute("aria-pressed", "true")
    expect_nothing_ran(page)
    assert len(page.evaluate(f"sessionStorage.getItem('{KEPT_AS}')")) == 43
    assert "ebrafinch" not in page.evaluate("JSON.stringify([{...sessionStorage}, location.href])")
    settle(page)

    asked = watch_the_server(page)
    with page.expect_request(lambda request: "bbc" in request.url):
        for _ in range(3):
            page.keyboard.press("Shift")
    assert page.evaluate(f"sessionStorage.getItem('{KEPT_AS}')") is None
    expect_blank(page, asked, watch)
    assert "ebrafinch" not in server.written()

"""The page Drift: a verdict first, then what was read, then Evidently's reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from afterword.ui import copy
from tests.pages.conftest import DRIFT, Open, labels, said, upload

FILE = "drift_file"
SAMPLE = "drift_sample"
ROW = "Two men shouted comments about my dress while I walked to the market."


@pytest.fixture
def page(open_page: Open) -> AppTest:
    return open_page(DRIFT)


def choose(page: AppTest, sample: str) -> AppTest:
    return page.selectbox(key=SAMPLE).set_value(sample).run()


def cards(page: AppTest) -> list[str]:
    """The sentences of the two cards."""
    return [one.value for one in page.markdown if " measures of what " in one.value]


def test_the_page_opens_with_what_to_do_and_no_verdict(page: AppTest) -> None:
    assert copy.DRIFT_EMPTY in said(page)
    assert copy.TEMPLATE_BUTTON in labels(page, "download_button")
    assert not page.header
    assert not page.dataframe


def test_an_ordinary_week_is_stable_and_nothing_moved(page: AppTest) -> None:
    choose(page, "ordinary-week")
    words = said(page)
    assert "Stable" in words
    assert "Changed" not in words
    assert len(cards(page)) == 2
    assert all(card.startswith("None of the ") for card in cards(page))
    (table,) = (one.value for one in page.dataframe)
    assert len(table) >= 15
    assert not (table[""] == "● moved").any()


@pytest.mark.parametrize(
    "sample", ["new-app-in-the-news", "broken-export", "many-more-of-one-category"]
)
def test_a_sample_that_moved_is_changed_and_says_what_moved(page: AppTest, sample: str) -> None:
    choose(page, sample)
    words = said(page)
    assert "Changed" in words
    assert "Stable" not in words
    assert "What to do" in words
    assert not all(card.startswith("None of the ") for card in cards(page))
    (table,) = (one.value for one in page.dataframe)
    assert table[""].iloc[0] == "● moved"


def test_every_sample_of_the_list_is_tested_here(page: AppTest) -> None:
    assert len(page.selectbox(key=SAMPLE).options) == len(copy.SAMPLES) == 4


def test_too_few_rows_are_not_enough_data_and_not_stable(page: AppTest) -> None:
    upload(page, FILE, "description\n" + f"{ROW}\n" * 10)
    words = said(page)
    assert "Not enough data" in words
    assert "Stable" not in words
    assert "Changed" not in words
    assert words.count(copy.CARD_TOO_FEW) == 2


def test_rejected_rows_are_counted_with_their_reasons(page: AppTest) -> None:
    upload(page, FILE, "id,description\n" + f"1,{ROW}\n" * 35 + "2,\n" * 4 + "3,n/a\n")
    words = said(page)
    assert "40 rows read: 35 accepted, 5 rejected" in words.replace("\\", "")
    assert "Rejected: 5 empty." in words
    assert copy.REJECTED_DOWNLOAD in labels(page, "download_button")


def test_a_batch_without_rejected_rows_offers_none_to_download(page: AppTest) -> None:
    upload(page, FILE, "description\n" + f"{ROW}\n" * 35)
    assert "35 rows read" in said(page)
    assert copy.REJECTED_DOWNLOAD not in labels(page, "download_button")


def test_the_columns_that_were_found_are_named(page: AppTest) -> None:
    upload(page, FILE, "when,story\n" + f"2024-05-06 08:15,{ROW}\n" * 35)
    words = said(page).replace("\\", "")
    assert "column “story”" in words
    assert "time: “when”" in words
    assert "6 May 2024" in words


def test_a_header_cannot_be_markdown_or_html(page: AppTest) -> None:
    header = "<script>window.__pwned=1</script> [story](javascript:alert(1))"
    upload(page, FILE, f'"{header}",id\n' + f"{ROW},1\n" * 35)
    words = said(page)
    assert "<script>" not in words
    assert "](javascript:" not in words
    assert "35 rows read" in words


def test_both_reports_are_made_and_can_be_downloaded(page: AppTest) -> None:
    choose(page, "many-more-of-one-category")
    assert not page.get("iframe")
    for kind, count in (("data", 1), ("prediction", 2)):
        page.button(key=f"report_{kind}").click().run()
        assert not page.exception
        assert not page.error
        assert len(page.get("iframe")) == count
    frames = page.get("iframe")
    assert len({frame.proto.src for frame in frames}) == 2
    assert all(frame.proto.src.startswith("/reports/") for frame in frames)
    downloads = labels(page, "download_button")
    assert downloads.count(copy.DOWNLOAD_HTML) == 2
    assert downloads.count(copy.DOWNLOAD_JSON) == 2
    assert copy.DOWNLOAD_RESULT in downloads


def test_too_few_rows_get_no_chart_and_no_report_but_the_reason(page: AppTest) -> None:
    upload(page, FILE, "description\n" + f"{ROW}\n" * 10)
    assert copy.REPORTS_TOO_FEW in said(page)
    assert not [one for one in labels(page, "button") if one in copy.REPORT_BUTTONS.values()]
    assert not page.get("plotly_chart")


def test_an_upload_goes_before_the_sample(page: AppTest) -> None:
    choose(page, "ordinary-week")
    upload(page, FILE, "description\n" + f"{ROW}\n" * 10)
    words = said(page)
    assert "Not enough data" in words
    assert "Stable" not in words


def test_removing_the_upload_shows_the_sample_again(page: AppTest) -> None:
    choose(page, "ordinary-week")
    upload(page, FILE, "description\n" + f"{ROW}\n" * 10)
    page.file_uploader(key=FILE).set_value(None).run()
    assert "Stable" in said(page)


def test_an_upload_that_cannot_be_read_hides_the_sample_and_says_why(page: AppTest) -> None:
    choose(page, "ordinary-week")
    upload(page, FILE, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    assert page.error
    assert "Stable" not in said(page)


def test_a_column_that_cannot_be_told_is_asked_for(page: AppTest) -> None:
    upload(page, FILE, "a,b\n1,2\n3,4\n5,6\n")
    assert page.error
    assert [one.options for one in page.selectbox if one.label == copy.CHOOSE_COLUMN] == [
        ["a", "b"]
    ]


def test_without_a_model_the_page_says_how_to_get_it_back(no_model: Path, open_page: Open) -> None:
    page = open_page(DRIFT)
    (error,) = (one.value for one in page.error)
    assert str(no_model) in error
    assert "python -m afterword train" in error
    assert not page.file_uploader

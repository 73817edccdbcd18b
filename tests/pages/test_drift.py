"""The page Drift: a verdict first, then what changed, then Evidently's reports."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from afterword.deployment import WORDS
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.model.scored import Scored
from afterword.model.scored_files import write_scored
from afterword.monitoring.history import keep
from afterword.quality.shares_wording import SHARES_ESTIMATED
from afterword.reports import drawing
from afterword.reports.about import About
from afterword.reports.evidently import Kind
from afterword.settings import get_settings
from afterword.store import get_store
from afterword.store.checks import KeptCheck
from afterword.store.schema import CHECKS
from afterword.store.session_reports import get_session_reports
from afterword.ui.copy import drift as drift_copy
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.copy import drift_reports as reports_copy
from afterword.ui.copy import drift_segments as segments_copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.copy import uploads as uploads_copy
from afterword.ui.shared import parts, state
from afterword.ui.shared.samples import read_sample
from afterword.workers import Job, get_workers
from tests.conftest import invented
from tests.pages.conftest import DRIFT, Open, labels, open_tab, said, upload

RESULT_TABS = (
    drift_copy.VERDICT_TAB,
    drift_copy.CHANGED_TAB,
    drift_copy.WORDS_TAB,
    segments_copy.TAB,
    drift_copy.QUALITY_TAB,
    reports_copy.TABS["data"],
    reports_copy.TABS["prediction"],
    drift_copy.READ_TAB,
)
FILE = "drift_file"
SAMPLE = "drift_sample"
ROW = "Two men shouted comments about my dress while I walked to the market."
AFTER = ("It rained", "He laughed", "I ran", "They left", "Nobody helped", "We called", "I hid")
TOO_FEW = "description\n" + "".join(f"{ROW} {what}.\n" for what in AFTER)


@pytest.fixture
def page(open_page: Open) -> AppTest:
    return open_page(DRIFT)


def choose(page: AppTest, sample: str | None) -> AppTest:
    return page.selectbox(key=SAMPLE).set_value(sample).run()


def cards(page: AppTest) -> list[str]:
    """The sentences of the cards, each of which begins with a count."""
    return [one.value for one in page.markdown if " measures of " in one.value]


def table(page: AppTest, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table that has these columns."""
    (found,) = (one.value for one in page.dataframe if tuple(one.value.columns) == columns)
    return found


def test_the_page_opens_with_what_to_do_and_no_verdict(page: AppTest) -> None:
    assert drift_copy.DRIFT_EMPTY in said(page)
    assert drift_copy.TEMPLATE_BUTTON in labels(page, "download_button")
    assert not page.header
    assert not page.dataframe


def test_an_ordinary_week_is_stable_and_nothing_moved(page: AppTest) -> None:
    choose(page, "ordinary-week")
    words = said(page)
    assert "Stable" in words
    assert "Changed" not in words
    open_tab(page, drift_copy.CHANGED_TAB)
    assert len(cards(page)) == 3
    assert all(card.startswith("None of the ") for card in cards(page))
    assert page.header[1].value == drift_copy.MEASURES_NONE
    measures = table(page, drift_copy.MEASURE_COLUMNS)
    assert len(measures) >= 35
    assert not measures[""].str.contains("moved").any()


@pytest.mark.parametrize(
    ("sample", "word"),
    [
        ("new-app-in-the-news", "Changed"),
        ("broken-export", "Faulty feed"),
        ("many-more-of-one-category", "Changed"),
    ],
)
def test_a_sample_that_moved_says_so_and_what_moved(page: AppTest, sample: str, word: str) -> None:
    choose(page, sample)
    words = said(page)
    assert word in words
    assert "Stable" not in words
    assert drift_copy.WHAT_TO_DO in words
    open_tab(page, drift_copy.CHANGED_TAB)
    assert not all(card.startswith("None of the ") for card in cards(page))
    assert "measures moved beyond chance" in page.header[1].value
    assert "moved" in table(page, drift_copy.MEASURE_COLUMNS)[""].iloc[0]


def test_a_broken_feed_is_told_apart_from_a_changed_world(page: AppTest) -> None:
    choose(page, "broken-export")
    assert drift_copy.LEVEL_SENTENCES["faulty"] in said(page)
    open_tab(page, drift_copy.CHANGED_TAB)
    assert drift_copy.MOVED_FAULT in set(table(page, drift_copy.MEASURE_COLUMNS)[""])


def test_the_verdict_says_how_often_it_errs_and_what_it_could_see(page: AppTest) -> None:
    choose(page, "many-more-of-one-category")
    words = said(page).replace("\N{NO-BREAK SPACE}", " ")
    assert "280 descriptions, 3 to 9 March 2025" in words
    assert "one false alarm in 20 checks" in words
    assert "Ogling must grow by about" in words
    growths = page.table[0].value
    assert list(growths["Category"]) == ["Commenting", "Ogling", "Groping"]
    assert "yet calibrated" not in words


def test_the_verdict_draws_how_many_report_each_category_where_that_is_estimated(
    page: AppTest,
) -> None:
    choose(page, "ordinary-week")
    assert SHARES_ESTIMATED.rstrip(":") in said(page).replace("\N{NO-BREAK SPACE}", " ")
    assert len(page.get("plotly_chart")) == 1
    choose(page, "many-more-of-one-category")
    assert not page.get("plotly_chart")
    assert "cannot be estimated" in said(page)


def test_a_new_word_is_named_as_new(page: AppTest) -> None:
    choose(page, "new-app-in-the-news")
    open_tab(page, drift_copy.WORDS_TAB)
    changed = table(page, drift_copy.WORD_COLUMNS).set_index("Word")["Change"]
    assert changed["bytetok"] == drift_copy.WORD_NEW
    assert {drift_copy.WORD_MORE, drift_copy.WORD_LESS} <= set(changed)


def test_measures_that_are_no_column_are_told_apart_from_those_of_the_reports(
    page: AppTest,
) -> None:
    choose(page, "ordinary-week")
    open_tab(page, drift_copy.CHANGED_TAB)
    measures = table(page, drift_copy.MEASURE_COLUMNS).set_index("Measure")["Evidently"]
    assert measures["Mean probability of Ogling"] == drift_copy.COLUMN
    assert measures["Commonest new word"] == ""
    assert f"None of the {sum(measures == '')} measures of words, content" in "\n".join(cards(page))


def test_rows_without_counts_of_words_say_what_is_missing(page: AppTest, tmp_path: Path) -> None:
    sample = read_sample("ordinary-week")
    assert isinstance(sample, Scored)
    write_scored(replace(sample, texts=None), tmp_path / "rows.parquet")
    upload(page, FILE, (tmp_path / "rows.parquet").read_bytes(), "rows.parquet")
    open_tab(page, drift_copy.WORDS_TAB)
    words = said(page)
    assert "came without counts of words" in words
    assert "Commonest new word" in words
    assert "Stable" in words
    assert drift_copy.WORDS_NONE not in words


def test_every_sample_of_the_list_is_tested_here(page: AppTest) -> None:
    assert len(page.selectbox(key=SAMPLE).options) == len(WORDS.samples) == 4


def test_too_few_rows_are_not_enough_data_and_not_stable(page: AppTest) -> None:
    upload(page, FILE, TOO_FEW)
    words = said(page)
    assert "Not enough data" in words
    assert "Stable" not in words
    assert "Changed" not in words
    assert "false alarm" not in words
    assert said(open_tab(page, drift_copy.CHANGED_TAB)).count(drift_copy.CARD_TOO_FEW) == 3
    assert not page.get("plotly_chart")
    assert drift_copy.WORDS_TOO_FEW in said(open_tab(page, drift_copy.WORDS_TAB))


def test_rejected_rows_are_counted_with_their_reasons(page: AppTest) -> None:
    upload(page, FILE, "id,description\n" + f"1,{ROW}\n" * 35 + "2,\n" * 4 + "3,n/a\n")
    open_tab(page, drift_copy.READ_TAB)
    words = said(page)
    assert "40 rows read: 35 accepted, 5 rejected" in words.replace("\\", "")
    assert "Rejected: 5 empty." in words
    assert drift_copy.REJECTED_DOWNLOAD in labels(page, "download_button")


def test_a_batch_without_rejected_rows_offers_none_to_download(page: AppTest) -> None:
    upload(page, FILE, "description\n" + f"{ROW}\n" * 35)
    open_tab(page, drift_copy.READ_TAB)
    assert "35 rows read" in said(page)
    assert drift_copy.REJECTED_DOWNLOAD not in labels(page, "download_button")


def test_the_columns_that_were_found_are_named(page: AppTest) -> None:
    upload(page, FILE, "when,story\n" + f"2024-05-06 08:15,{ROW}\n" * 35)
    words = said(open_tab(page, drift_copy.READ_TAB)).replace("\\", "")
    assert "descriptions in “story”" in words
    assert "times in “when”" in words
    assert "6 May 2024" in words


def test_a_header_cannot_be_markdown_or_html(page: AppTest) -> None:
    header = "<script>window.__pwned=1</script> [story](javascript:alert(1))"
    upload(page, FILE, f'"{header}",id\n' + f"{ROW},1\n" * 35)
    words = said(open_tab(page, drift_copy.READ_TAB))
    assert "<script>" not in words
    assert "](javascript:" not in words
    assert "35 rows read" in words


@pytest.mark.whole
def test_each_report_stands_in_a_tab_of_its_own_and_can_be_opened_and_downloaded(
    page: AppTest,
) -> None:
    choose(page, "many-more-of-one-category")
    assert not page.get("iframe")
    paths = set()
    for tab in (reports_copy.TABS["data"], reports_copy.TABS["prediction"]):
        open_tab(page, tab)
        assert not page.exception
        assert not page.error
        (frame,) = page.get("iframe")
        (link,) = page.get("link_button")
        assert frame.proto.src.startswith("/reports/")
        assert link.proto.url == frame.proto.src
        assert link.proto.label == reports_copy.OPEN
        paths.add(frame.proto.src)
        downloads = labels(page, "download_button")
        assert downloads == [reports_copy.DOWNLOAD_HTML, reports_copy.DOWNLOAD_JSON]
        assert not page.get("plotly_chart")
    assert len(paths) == 2


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Job]]:
    """Every report that was handed to the worker since: its kind and its job."""
    handed: list[tuple[str, Job]] = []
    begin = drawing.begin

    def record(owner: str, result: CheckResult, kind: Kind, title: str, about: About) -> Job:
        job = begin(owner, result, kind, title, about)
        handed.append((kind, job))
        return job

    monkeypatch.setattr(drawing, "begin", record)
    monkeypatch.delenv("AFTERWORD_REPORT_AHEAD_ROWS")
    get_settings.cache_clear()
    return handed


@pytest.mark.whole
def test_both_reports_are_begun_with_the_verdict_and_only_once(
    page: AppTest, begun: list[tuple[str, Job]]
) -> None:
    choose(page, "many-more-of-one-category")
    assert [kind for kind, _ in begun] == ["data", "prediction"]
    open_tab(page, reports_copy.TABS["data"])
    open_tab(page, reports_copy.TABS["prediction"])
    open_tab(page, reports_copy.TABS["data"])
    assert len(begun) == 2


@pytest.mark.whole
@pytest.mark.parametrize("most", ["0", "20"])
def test_above_the_rows_that_are_set_reports_wait_for_their_tab(
    page: AppTest, begun: list[tuple[str, Job]], monkeypatch: pytest.MonkeyPatch, most: str
) -> None:
    monkeypatch.setenv("AFTERWORD_REPORT_AHEAD_ROWS", most)
    get_settings.cache_clear()
    choose(page, "many-more-of-one-category")
    assert begun == []
    open_tab(page, reports_copy.TABS["data"])
    assert [kind for kind, _ in begun] == ["data"]


def in_two_towns() -> str:
    table = invented(160)[["description"]].assign(
        town=["Harbourtown", "Hillview"] * 80, number=range(160)
    )
    return table.to_csv(index=False)


def test_the_parts_of_a_file_are_shown_by_the_column_that_is_chosen(page: AppTest) -> None:
    upload(page, FILE, in_two_towns())
    open_tab(page, segments_copy.TAB)
    column = page.selectbox[-1]
    assert (column.label, column.options, column.value) == (
        segments_copy.COLUMN_LABEL,
        ["town"],
        None,
    )
    column.set_value("town").run()
    told = said(page)
    assert "2 parts moved beyond chance" in told
    table = next(one.value for one in page.dataframe if segments_copy.LEVEL in one.value)
    assert table[segments_copy.REPORT_PART].tolist() == ["“Harbourtown”", "“Hillview”"]
    assert table[segments_copy.ROWS].tolist() == [80, 80]
    # The choice stays while another tab is open, and the verdict tells of it.
    open_tab(page, drift_copy.VERDICT_TAB)
    open_tab(page, segments_copy.TAB)
    assert next(one for one in page.selectbox if one.label == segments_copy.COLUMN_LABEL).value
    assert get_store().checks.count(trial=True) == 1


def test_a_part_has_a_report_of_its_own(page: AppTest) -> None:
    upload(page, FILE, in_two_towns())
    open_tab(page, segments_copy.TAB)
    page.selectbox[-1].set_value("town").run()
    part = next(one for one in page.selectbox if one.label == segments_copy.REPORT_PART)
    assert part.options == ["“Harbourtown” (80)", "“Hillview” (80)"]
    part.set_value(1).run()
    assert segments_copy.REPORT_NOTE in said(page)
    assert "measures of what goes in moved" in said(page)
    frame = page.get("iframe")[0]
    report = get_session_reports().get(frame.proto.src.rpartition("/")[2])
    assert report is not None


def test_what_cannot_be_parted_says_so(page: AppTest) -> None:
    choose(page, "ordinary-week")
    open_tab(page, segments_copy.TAB)
    assert segments_copy.SCORED in said(page)
    upload(page, FILE, invented(40)[["description"]].to_csv(index=False))
    open_tab(page, segments_copy.TAB)
    assert segments_copy.NO_COLUMN in said(page)


def test_where_nothing_is_drawn_ahead_no_worker_is_started(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(drawing, "warm_up", lambda: asked.append("worker"))
    page = open_page(DRIFT)
    assert asked == []
    monkeypatch.delenv("AFTERWORD_REPORT_AHEAD_ROWS")
    get_settings.cache_clear()
    page.run()
    assert asked == ["worker"]


def test_the_reports_of_a_check_that_nobody_looks_at_any_more_are_not_drawn(
    page: AppTest, begun: list[tuple[str, Job]], tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    before = get_workers().submit("another visitor", Path.read_bytes, gate)
    choose(page, "ordinary-week")
    choose(page, "broken-export")
    assert [job.cancelled() for _, job in begun] == [True, True, False, False]
    choose(page, None)
    assert all(job.cancelled() for _, job in begun)
    gate.write_bytes(b"open")
    assert before.result(60) == b"open"


@pytest.mark.whole
def test_a_report_that_failed_says_so_and_is_made_at_the_next_try(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(drawing, "begin", lambda owner, *_: get_workers().submit(owner, os.abort))
        choose(page, "many-more-of-one-category")
        open_tab(page, reports_copy.TABS["data"])
    (error,) = page.error
    assert "try again" in error.value
    page.button(key="report_data_again").click().run()
    assert not page.error
    assert len(page.get("iframe")) == 1


@pytest.mark.whole
def test_a_report_that_made_room_for_others_is_made_again_without_a_click(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(page, "many-more-of-one-category")
    (before,) = open_tab(page, reports_copy.TABS["data"]).get("iframe")
    with monkeypatch.context() as small:
        small.setattr(get_session_reports(), "max_bytes", 1_000_000)
        get_session_reports().put("<p>another</p>", "another visitor")
    assert not get_session_reports().has(before.proto.src)
    (again,) = page.run().get("iframe")
    assert again.proto.src != before.proto.src
    assert get_session_reports().has(again.proto.src)


def test_the_verdict_stands_above_every_tab(page: AppTest) -> None:
    choose(page, "many-more-of-one-category")
    headline = page.header[0].value
    for tab in RESULT_TABS:
        assert open_tab(page, tab).header[0].value == headline


def test_too_few_rows_get_no_report_but_the_reason(page: AppTest) -> None:
    upload(page, FILE, TOO_FEW)
    for tab in (reports_copy.TABS["data"], reports_copy.TABS["prediction"]):
        open_tab(page, tab)
        assert reports_copy.TOO_FEW in said(page)
        assert not page.get("iframe")
        assert not page.get("download_button")


def test_an_upload_goes_before_the_sample(page: AppTest) -> None:
    choose(page, "ordinary-week")
    upload(page, FILE, TOO_FEW)
    words = said(page)
    assert "Not enough data" in words
    assert "Stable" not in words


def test_removing_the_upload_shows_the_sample_again(page: AppTest) -> None:
    choose(page, "ordinary-week")
    upload(page, FILE, TOO_FEW)
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
    assert [
        one.options for one in page.selectbox if one.label == uploads_copy.FIELDS["description"]
    ] == [["a", "b"]]


def test_without_a_model_the_page_says_how_to_get_it_back(no_model: Path, open_page: Open) -> None:
    page = open_page(DRIFT)
    (error,) = (one.value for one in page.error)
    assert str(no_model) in error
    assert "python -m afterword train" in error
    assert not page.file_uploader


def past(page: AppTest) -> AppTest:
    """Open the tab of the past checks."""
    page.session_state["drift_tab"] = past_checks_copy.PAST_TAB
    return page.run()


def trials() -> list[KeptCheck]:
    return get_store().checks.list(trial=True)


def test_an_uploads_check_is_kept_once_as_a_trial_and_a_samples_is_not(page: AppTest) -> None:
    choose(page, "ordinary-week")
    assert past_checks_copy.SAMPLE_NOT_KEPT in said(page)
    assert past_checks_copy.KEEP_BUTTON not in labels(page, "button")
    assert get_store().checks.count(trial=None) == 0
    upload(page, FILE, TOO_FEW)
    page.run()
    (kept,) = trials()
    assert past_checks_copy.trial_note(kept.at) in said(page)
    assert get_store().checks.count() == 0
    assert not state.has_own(get_store())


def test_a_trial_counts_once_its_button_is_pressed_and_says_so(page: AppTest) -> None:
    upload(page, FILE, TOO_FEW)
    (kept,) = trials()
    page.button(key="keep").click().run()
    assert past_checks_copy.COUNTS_NOTE in said(page)
    assert past_checks_copy.KEEP_BUTTON not in labels(page, "button")
    page.run()
    assert past_checks_copy.COUNTS_NOTE in said(page)
    assert get_store().checks.last().id == kept.id
    assert trials() == []


def test_a_trial_of_the_model_before_is_not_made_to_count(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(page, FILE, TOO_FEW)
    monkeypatch.setattr("afterword.ui.drift.trial.version_of", lambda: "another")
    page.button(key="keep").click().run()
    assert "Another model than the one in service" in said(page)
    assert get_store().checks.last() is None


def test_a_trial_whose_time_is_over_is_said_to_be_gone(page: AppTest) -> None:
    upload(page, FILE, TOO_FEW)
    grow_old(trials()[0])
    page.run()
    assert past_checks_copy.TRIAL_GONE in said(page)
    assert past_checks_copy.KEEP_BUTTON not in labels(page, "button")


def grow_old(kept: KeptCheck) -> None:
    """Let a check be of eight days ago."""
    with get_store().begin() as connection:
        eight = kept.at - timedelta(days=8)
        connection.execute(update(CHECKS).values(at=int(eight.timestamp())))


def test_while_recording_is_off_the_page_says_that_nothing_is_kept(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_RECORDING", "false")
    get_settings.cache_clear()
    upload(page, FILE, TOO_FEW)
    assert past_checks_copy.RECORDING_OFF_NOTE in said(page)
    assert past_checks_copy.KEEP_BUTTON not in labels(page, "button")
    assert get_store().checks.count(trial=None) == 0


def test_a_trial_has_an_address_of_its_own(page: AppTest, open_page: Open) -> None:
    upload(page, FILE, TOO_FEW)
    (kept,) = trials()
    result = check(read_sample("ordinary-week"))
    keep(get_store(), result, source="page", trial=True)
    visit = at_check(open_page(DRIFT), str(kept.id))
    words = said(visit)
    assert parts.escape(kept.headline) in words
    assert past_checks_copy.trial_note(kept.at) in words
    assert parts.escape(result.headline) not in words
    assert past_checks_copy.KEEP_BUTTON in labels(visit, "button")
    listed = table(visit, past_checks_copy.PAST_COLUMNS)
    assert listed["Source"].tolist() == ["Page, a trial"] * 2


def test_a_trial_stands_in_both_tabs_and_counts_from_either(page: AppTest) -> None:
    upload(page, FILE, TOO_FEW)
    past(page)
    assert said(page).count("This check is a trial") == 2
    page.button(key="past_keep").click().run()
    assert said(page).count(past_checks_copy.COUNTS_NOTE) == 2
    assert get_store().checks.count() == 1


def at_check(page: AppTest, number: str) -> AppTest:
    """Open the address of a check."""
    page.query_params["check"] = number
    return page.run()


@pytest.mark.parametrize("number", ["999", "0", "-1", "many", "9" * 30, "١"])
def test_an_address_of_a_check_that_is_not_there_gets_a_sentence(
    page: AppTest, number: str
) -> None:
    at_check(page, number)
    assert [one.value for one in page.info].count(past_checks_copy.BAD_CHECK) == 1
    assert past_checks_copy.NO_PAST in said(page)


def test_the_address_of_a_trial_whose_time_is_over_gets_the_same_sentence(
    page: AppTest, open_page: Open
) -> None:
    upload(page, FILE, TOO_FEW)
    (kept,) = trials()
    grow_old(kept)
    words = said(at_check(open_page(DRIFT), str(kept.id)))
    assert past_checks_copy.BAD_CHECK in words
    assert parts.escape(kept.headline) not in words


def test_where_a_number_is_not_kept_the_newest_check_is_offered_and_no_other_shown(
    page: AppTest, open_page: Open
) -> None:
    upload(page, FILE, TOO_FEW)
    (kept,) = trials()
    visit = at_check(open_page(DRIFT), str(kept.id + 1))
    assert past_checks_copy.BAD_CHECK in said(visit)
    assert parts.escape(kept.headline) not in said(visit)
    (link,) = (one.proto for one in visit.get("page_link") if "check=" in one.proto.query_string)
    assert link.label == past_checks_copy.OPEN_NEWEST
    assert f"check={kept.id}" in link.query_string
    listed = table(visit, past_checks_copy.PAST_COLUMNS)
    assert listed["Check"].tolist() == [f"?check={kept.id}"]


def kept_of(model: str, name: str = "new-app-in-the-news") -> KeptCheck:
    number = get_store().checks.add(check(read_sample(name)), source="page", model=model)
    assert number is not None
    found = get_store().checks.get(number)
    assert found is not None
    return found


def test_an_address_opens_all_that_a_check_of_another_model_said(page: AppTest) -> None:
    kept = kept_of("another")
    words = said(at_check(page, str(kept.id)))
    assert "made with another model" in words
    for sentence in (kept.headline, *kept.reasons, *kept.actions):
        assert parts.escape(sentence) in words
    assert "a few words that many people write" in words
    assert "model another" in words
    assert "From 3 to 9 March 2025" in words
    names = [one.label for one in page.tabs]
    assert drift_copy.WORDS_TAB in names
    assert reports_copy.TABS["data"] not in names[names.index(past_checks_copy.PAST_TAB) + 1 :]
    page.session_state["past_result"] = drift_copy.WORDS_TAB
    page.run()
    assert "bytetok" in set(table(page, drift_copy.WORD_COLUMNS)["Word"])
    page.session_state["past_result"] = drift_copy.QUALITY_TAB
    assert drift_copy.ESTIMATE_TITLE in said(page.run())


def test_a_kept_check_is_passed_on_as_one_page_and_by_its_link(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = kept_of("another")
    at_check(page, str(kept.id))
    assert drift_copy.DOWNLOAD_PAGE in labels(page, "download_button")
    assert past_checks_copy.COPY_LINK_NOTE in said(page)
    (link,) = page.code
    assert link.value.endswith(f"/drift?check={kept.id}")
    monkeypatch.setenv("AFTERWORD_PUBLIC_URL", "https://afterword.example.org")
    get_settings.cache_clear()
    (link,) = page.run().code
    assert link.value == f"https://afterword.example.org/drift?check={kept.id}"


def test_the_check_of_a_file_is_offered_as_one_page_and_as_json(page: AppTest) -> None:
    upload(page, FILE, TOO_FEW)
    assert labels(page, "download_button") == [
        drift_copy.DOWNLOAD_PAGE,
        drift_copy.DOWNLOAD_RESULT,
    ]


def test_trials_are_listed_beside_the_samples_where_nothing_else_is_ones_own(
    with_samples: Path, page: AppTest, open_page: Open
) -> None:
    upload(page, FILE, TOO_FEW)
    visit = at_check(open_page(DRIFT), str(trials()[0].id))
    assert shared_copy.SAMPLES_NOTE not in said(visit)
    assert len(table(visit, past_checks_copy.PAST_COLUMNS)) == 1
    visit.get("button_group")[0].set_value("samples").run()
    assert shared_copy.SAMPLES_NOTE in said(visit)
    assert "check" not in visit.query_params


def test_without_past_checks_the_tab_says_what_will_be_listed(page: AppTest) -> None:
    past(page)
    assert past_checks_copy.NO_PAST in said(page)


def test_past_checks_are_listed_with_sign_and_word_and_the_newest_is_read(
    with_samples: Path, page: AppTest
) -> None:
    past(page)
    checks = get_store().checks.list(sample=True)
    listed = table(page, past_checks_copy.PAST_COLUMNS)
    assert len(listed) == len(checks)
    assert listed["Verdict"].iloc[0].startswith(past_checks_copy.LEVEL_SIGNS[checks[0].level])
    assert shared_copy.LEVELS[checks[0].level][1] in listed["Verdict"].iloc[0]
    assert parts.escape(checks[0].headline) in said(page)
    assert shared_copy.SAMPLES_NOTE in said(page)


def test_a_past_check_is_compared_with_another(with_samples: Path, page: AppTest) -> None:
    past(page)
    checks = get_store().checks.list(sample=True)
    faulty = next(one for one in checks if one.level == "faulty")
    page.selectbox(key="past_other").set_value(faulty.id).run()
    assert past_checks_copy.COMPARE_TITLE in said(page)
    differences = page.table[0].value
    assert past_checks_copy.day_and_time(faulty.at) in differences.columns
    assert differences.iloc[:, 1].str.contains("moved").any()


@pytest.mark.whole
def test_the_reports_of_a_past_check_are_made_again(with_samples: Path, page: AppTest) -> None:
    past(page)
    page.session_state["past_result"] = reports_copy.TABS["data"]
    page.run()
    assert not page.exception
    assert not page.error
    assert len(page.get("iframe")) == 1


def test_a_check_of_another_model_says_why_it_has_no_report(
    with_samples: Path, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.monitoring.history.version_of", lambda folder=None: "another")
    past(page)
    assert "made with another model" in said(page)
    assert reports_copy.TABS["data"] not in [one.label for one in page.tabs]


def test_the_address_can_ask_for_the_past_checks(page: AppTest) -> None:
    page.query_params["view"] = "past"
    del page.session_state["drift_tab"]
    page.run()
    assert past_checks_copy.NO_PAST in said(page)

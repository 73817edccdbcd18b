"""The page Overview: the verdict and since when, what to do, four numbers; honest while empty."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from afterword.drift.checking import check
from afterword.model.registry import load_model, placed_at, version_of
from afterword.model.scoring import score
from afterword.monitoring import wording
from afterword.monitoring.stream_status import stream_status
from afterword.quality.category_shares import CategoryShare, listed
from afterword.settings import get_settings
from afterword.store import Store, get_store
from afterword.streams.adding import add
from afterword.streams.listing import create_stream
from afterword.streams.recording import observe, record
from afterword.ui.copy import overview as overview_copy
from afterword.ui.copy import overview_streams as streams_copy
from afterword.ui.copy import shared as shared_copy
from afterword.ui.shared import parts
from afterword.ui.shared.samples import read_sample
from tests.conftest import invented
from tests.pages.conftest import CLASSIFY, MONITORING, OVERVIEW, Open, confirm, labels, said

Samples = Path


def links(page: AppTest) -> list[str]:
    """What the links to other pages say."""
    return [element.proto.label for element in page.get("page_link")]


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def keep_a_check(name: str, **options: object) -> None:
    """A kept check of a shipped batch, as if somebody had uploaded it and let it count."""
    content = read_sample(name)
    result = check(score(content) if not hasattr(content, "frame") else content)
    given: dict[str, Any] = {"source": "page", "model": version_of()} | options
    assert get_store().checks.add(result, **given) is not None


def test_a_new_install_says_that_nothing_is_known_and_how_to_begin(open_page: Open) -> None:
    page = open_page(OVERVIEW)
    words = said(page)
    assert overview_copy.NOTHING_TITLE in words
    assert not any(word in words for _, word, _ in shared_copy.LEVELS.values())
    assert len(links(page)) == 4  # three pages, and the document on this one
    assert shared_copy.LOAD_SAMPLES in labels(page, "button")
    assert not page.metric


def test_a_button_removes_the_sample_weeks_once_that_is_confirmed(
    with_samples: Samples, open_page: Open
) -> None:
    page = open_page(OVERVIEW)
    press(page, shared_copy.REMOVE_SAMPLES)
    assert get_store().has_samples()
    confirm(page)
    assert overview_copy.NOTHING_TITLE in said(page)
    assert not get_store().has_samples()


def test_the_samples_are_marked_and_show_verdict_numbers_and_model(
    with_samples: Samples, open_page: Open
) -> None:
    page = open_page(OVERVIEW)
    words = said(page)
    assert shared_copy.SAMPLES_NOTE in words
    assert "Changed since" in words
    assert "Last checked" in words
    assert overview_copy.DO_TITLE in words
    assert len(page.metric) == 4
    assert len(page.get("plotly_chart")) == 4
    assert "Version " in words
    assert shared_copy.SEE_CHECK in links(page)
    shares = get_store().checks.last(sample=True).content["shares"]
    lines = listed([CategoryShare.from_dict(one) for one in shares])
    assert len(lines) == 4
    assert all(parts.escape(line) in words for line in lines)


def test_an_open_alert_is_told_with_the_way_to_it(with_samples: Samples, open_page: Open) -> None:
    page = open_page(OVERVIEW)
    count = get_store().alerts.open_count(sample=True)
    assert count
    assert overview_copy.open_alerts(count) in said(page)
    assert overview_copy.OPEN_ALERTS_LINK in links(page)


def test_without_a_check_the_verdict_is_not_known_whatever_was_classified(open_page: Open) -> None:
    model = load_model()
    texts = ["A man kept staring at me until the bus came."] * 3
    assert record("page", observe(texts, model.predict_proba(texts), model), latency_s=0.01)
    page = open_page(OVERVIEW)
    assert overview_copy.NOTHING_TITLE in [one.value for one in page.header]
    assert overview_copy.NOTHING_WORD in said(page)
    assert page.metric[0].value == "3"


def test_an_own_check_gives_its_verdict_and_day(open_page: Open) -> None:
    keep_a_check("ordinary-week")
    words = said(open_page(OVERVIEW))
    # Since when it is so, a first check cannot tell; a second one can.
    assert "Stable" in words
    assert "Last checked" in words
    assert "since" not in words
    assert shared_copy.SAMPLES_NOTE not in words
    keep_a_check("ordinary-week")
    assert "Stable since" in said(open_page(OVERVIEW))


def test_a_trial_changes_nothing_on_the_page(open_page: Open) -> None:
    keep_a_check("ordinary-week", trial=True)
    assert overview_copy.NOTHING_TITLE in said(open_page(OVERVIEW))
    keep_a_check("broken-export")
    before = said(open_page(OVERVIEW))
    assert "Faulty feed" in before
    keep_a_check("ordinary-week", trial=True)
    assert said(open_page(OVERVIEW)) == before


def test_a_check_of_the_model_before_does_not_vouch_for_the_one_in_service(
    open_page: Open,
) -> None:
    keep_a_check("ordinary-week", model="0123456789ab", at=datetime(2026, 3, 2, tzinfo=UTC))
    page = open_page(OVERVIEW)
    words = said(page)
    day = shared_copy.day(placed_at())
    assert f"Not known yet: the model was changed on {day}" in [one.value for one in page.header]
    assert "or later" not in words
    assert "Stable" not in words
    assert "Last checked 2 March, 00:00 UTC, 400 descriptions, with another model." in words
    assert parts.EDGES["gray"] in "".join(one.proto.body for one in page.get("html"))
    assert parts.escape(wording.MODEL_CHANGED) in words
    assert shared_copy.SEE_CHECK not in links(page)
    keep_a_check("ordinary-week")
    words = said(open_page(OVERVIEW))
    assert "Stable" in words
    assert "since" not in words  # the checks of the model before say nothing of this one


def test_a_model_that_was_changed_after_its_files_were_written_is_dated_by_the_last_check(
    open_page: Open,
) -> None:
    now = datetime.now(UTC)
    keep_a_check("broken-export", model="0123456789ab", at=now)
    words = said(open_page(OVERVIEW))
    assert f"Not known yet: the model was changed on {shared_copy.day(now)} or later" in words
    assert "Faulty" not in words


def test_own_data_are_shown_first_and_the_samples_on_demand(
    with_samples: Samples, open_page: Open
) -> None:
    keep_a_check("ordinary-week")
    page = open_page(OVERVIEW)
    assert "Changed" not in said(page)
    (choice,) = (one for one in page.get("button_group"))
    choice.set_value("samples").run()
    assert "Changed since" in said(page)
    assert page.query_params["data"] == "samples"
    page.switch_page(CLASSIFY).run()
    page.switch_page(MONITORING).run()
    assert shared_copy.SAMPLES_NOTE in said(page)
    assert page.query_params["data"] == "samples"


def test_an_address_that_asks_for_samples_that_are_not_there_is_answered(open_page: Open) -> None:
    page = open_page(OVERVIEW)
    page.query_params["data"] = "samples"
    page.run()
    assert shared_copy.BAD_DATA in said(page)


@pytest.mark.parametrize("name", [OVERVIEW, MONITORING])
def test_a_store_that_cannot_be_opened_is_said_in_a_banner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, open_page: Open, name: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path / "file"))
    get_settings.cache_clear()
    get_store.cache_clear()
    page = open_page(name)
    assert shared_copy.STORE_UNREADABLE in said(page)
    assert not page.metric


@pytest.mark.parametrize("name", [OVERVIEW, MONITORING])
def test_a_store_that_is_not_written_is_said_in_a_banner(
    with_samples: Samples, open_page: Open, name: str
) -> None:
    get_store().problem = "The disk is full."
    words = said(open_page(name))
    assert shared_copy.PROBLEM in words
    assert "The disk is full." in words


def test_recording_that_is_switched_off_is_said_and_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("AFTERWORD_RECORDING", "false")
    get_settings.cache_clear()
    page = open_page(OVERVIEW)
    assert shared_copy.RECORDING_OFF in said(page)
    assert not page.warning
    assert not page.error


def test_samples_that_cannot_be_loaded_are_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    from afterword.errors import StoreError

    def fail(*_: object, **__: object) -> None:
        raise StoreError("The store cannot be written.")

    monkeypatch.setattr("afterword.monitoring.sample_history.load_samples", fail)
    page = press(open_page(OVERVIEW), shared_copy.LOAD_SAMPLES)
    assert [one.value for one in page.error] == ["The store cannot be written."]


def test_the_store_is_of_this_test_alone(home: Path) -> None:
    assert isinstance(get_store(), Store)
    assert str(home) in str(get_store().url)


def test_a_stream_says_where_it_stands_and_leads_to_the_check_of_what_moved(
    open_page: Open,
) -> None:
    now = datetime.now(UTC)
    table = invented(320)[["description"]]
    week = [f"{now - timedelta(days=8 + row % 7):%Y-%m-%d}" for row in range(len(table))]
    table["received at"] = week
    create_stream("Web form")
    page = open_page(OVERVIEW)
    assert streams_copy.TITLE in said(page)
    assert wording.EMPTY_STREAM in said(page)
    assert overview_copy.NOTHING_TITLE not in said(page)
    create_stream("Empty")
    add(table, stream="Web form")
    st.cache_data.clear()
    page = open_page(OVERVIEW)
    status = stream_status("Web form")
    assert status.since is not None
    assert parts.escape(status.headline) in said(page)
    assert parts.escape(status.action) in said(page)
    assert [one.value for one in page.subheader] == ["Web form", "Empty"]
    assert f"since {status.since.label}" in said(page)
    press(page, shared_copy.SEE_CHECK)
    (kept,) = get_store().checks.list(stream=status.stream.id)
    assert (kept.headline, kept.window) == (status.result and status.result.headline, status.window)
    again = open_page(OVERVIEW)
    assert overview_copy.NOTHING_TITLE not in said(again)
    press(again, shared_copy.SEE_CHECK)
    assert len(get_store().checks.list(stream=status.stream.id)) == 1

"""The page Monitoring: a window, its finding, alerts, and three families of charts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from afterword.alerts.rules import SHIPPED
from afterword.errors import AlertError
from afterword.model.registry import load_model
from afterword.monitoring.windows import window_of
from afterword.settings import get_settings
from afterword.store import get_store
from afterword.streams.recording import observe, record
from afterword.ui.copy import monitoring as monitoring_copy
from afterword.ui.copy import shared as shared_copy
from tests.pages.conftest import MONITORING, Open, confirm, labels, said

TEXT = "A man kept staring at me and winked until the bus came."


def classify(times: int) -> None:
    model = load_model()
    assert record(
        "page",
        observe([TEXT] * times, model.predict_proba([TEXT] * times), model),
        latency_s=0.01,
    )


def at(page: AppTest, **address: str) -> AppTest:
    """The page at an address of its own."""
    for name, value in address.items():
        page.query_params[name.rstrip("_")] = value
    return page.run()


def sign(page: AppTest, verb: str, by: str, why: str) -> AppTest:
    """Fill in the form of the newest alert and send it."""
    alert = get_store().alerts.alerts("active", sample=True)[0]
    key = f"{verb.lower()}_{alert.id}"
    page.text_input(key=f"{key}_by").set_value(by)
    page.text_input(key=f"{key}_why").set_value(why)
    return page.button(key=f"{key}_submit").click().run()


def test_an_empty_store_says_that_nothing_was_classified_and_draws_nothing(
    open_page: Open,
) -> None:
    page = open_page(MONITORING)
    words = said(page)
    assert "Nothing was classified in the last seven days" in words
    assert monitoring_copy.NO_CHARTS in words
    assert "Within" not in words
    assert not page.get("plotly_chart")


def test_too_little_data_is_grey_and_says_how_much_is_needed(open_page: Open) -> None:
    classify(12)
    words = said(open_page(MONITORING)).replace("\\", "")
    assert "Too little data to say anything" in words
    assert "12 descriptions in the last seven days; 30 a" in words
    assert "Within" not in words
    assert "Crossed" not in words


def test_the_sample_weeks_say_what_crossed_and_draw_it_first(
    with_samples: Path, open_page: Open
) -> None:
    page = at(open_page(MONITORING), window="month")
    words = said(page)
    assert shared_copy.SAMPLES_NOTE in words
    assert re.search(r"\d of 20 charts (is|are) beyond", words)
    first = next(one.value for one in page.markdown if "the red line" in one.value)
    assert "stayed" not in first
    assert "false alarm" in words
    assert page.get("plotly_chart")


def test_every_chart_tells_its_window_rows_training_and_the_window_before(
    with_samples: Path, open_page: Open
) -> None:
    page = open_page(MONITORING)
    under = [one.value for one in page.caption if one.value.startswith("The last seven days")]
    assert len(under) >= 4
    for sentence in under:
        assert "before" in sentence
        assert "training" in sentence
        assert "descriptions" in sentence


@pytest.mark.parametrize("tab", [monitoring_copy.INPUTS_TAB, monitoring_copy.SOFTWARE_TAB])
def test_each_family_has_charts_of_its_own(with_samples: Path, open_page: Open, tab: str) -> None:
    page = open_page(MONITORING)
    page.session_state["family"] = tab
    page.run()
    words = said(page)
    assert monitoring_copy.INPUTS_NOTE in words or monitoring_copy.SOFTWARE_NOTE in words
    assert monitoring_copy.OUTPUTS_NOTE not in words
    assert len(page.get("plotly_chart")) >= 4


def test_the_window_stands_in_the_address(with_samples: Path, open_page: Open) -> None:
    page = open_page(MONITORING)
    assert page.query_params["window"] == "week"
    next(one for one in page.get("button_group") if one.key == "window").set_value("month").run()
    assert page.query_params["window"] == "month"
    assert "The last 30 days" in said(page)


def test_a_custom_window_is_read_from_the_address(with_samples: Path, open_page: Open) -> None:
    page = at(open_page(MONITORING), window="custom", from_="2026-03-01", to="2026-03-09")
    assert "1 to 9 March" in said(page)
    assert page.query_params["from"] == "2026-03-01"


@pytest.mark.parametrize(
    "address",
    [
        {"window": "fortnight"},
        {"window": "custom"},
        {"window": "custom", "from_": "2026-03-09", "to": "2026-03-01"},
        {"window": "custom", "from_": "soon", "to": "2026-03-01"},
        {"window": "custom", "from_": "1066-10-14", "to": "2026-03-01"},
    ],
)
def test_an_address_that_cannot_be_gives_the_week_and_one_sentence(
    open_page: Open, address: dict[str, str]
) -> None:
    page = at(open_page(MONITORING), **address)
    assert [one.value for one in page.warning] == [shared_copy.BAD_WINDOW]
    assert "the last seven days" in said(page)
    assert page.query_params["window"] == "week"


def test_a_custom_window_that_lacks_its_last_day_waits_for_it(open_page: Open) -> None:
    page = at(open_page(MONITORING), window="custom", from_="2026-03-01", to="2026-03-09")
    page.date_input(key="days").set_value((datetime(2026, 3, 1).date(),)).run()
    assert shared_copy.CHOOSE_BOTH_DAYS in said(page)


def test_an_open_alert_is_acknowledged_with_name_and_reason_then_resolved(
    with_samples: Path, open_page: Open
) -> None:
    page = open_page(MONITORING)
    for _ in get_store().alerts.alerts("active", sample=True):
        assert monitoring_copy.NO_ALERTS not in said(page)
        sign(page, monitoring_copy.ACKNOWLEDGE, "Ada", "asking the field office")
        words = said(page)
        assert "Acknowledged by Ada" in words
        assert "asking the field office" in words
        sign(page, monitoring_copy.RESOLVE, "Ada", "a campaign")
        assert "Resolved by Ada" in said(page.run())
    assert monitoring_copy.NO_ALERTS in said(page)


def test_an_alert_is_not_acknowledged_without_a_name_and_a_reason(
    with_samples: Path, open_page: Open
) -> None:
    page = sign(open_page(MONITORING), monitoring_copy.ACKNOWLEDGE, "Ada", "  ")
    assert page.error[0].value.startswith("Say why")
    assert {one.state for one in get_store().alerts.alerts("active", sample=True)} == {"open"}


def test_an_alert_says_its_figure_its_limit_its_days_and_links_to_its_check(
    with_samples: Path, open_page: Open
) -> None:
    words = said(open_page(MONITORING)).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")
    [alert] = (
        one
        for one in get_store().alerts.alerts("active", sample=True)
        if one.metric == "verdict_changed"
    )
    [figure] = alert.evidence.figures
    assert figure.line in words
    assert "above the limit of about" in figure.line
    assert f"Data of {alert.evidence.period}. Since " in words
    assert alert.evidence.check is not None
    assert "nobody has it" in words


def test_an_alert_is_assigned_and_its_notes_are_added_and_removed(
    with_samples: Path, open_page: Open
) -> None:
    page = open_page(MONITORING)
    alert = get_store().alerts.alerts("active", sample=True)[0]
    page.text_input(key=f"assign_{alert.id}_whom").set_value("Ben")
    page.text_input(key=f"assign_{alert.id}_by").set_value("Ada")
    page = page.button(key=f"assign_{alert.id}_submit").click().run()
    assert "Ben has it" in said(page)
    page.text_input(key=f"note_{alert.id}_by").set_value("Ada")
    page.text_area(key=f"note_{alert.id}_text").set_value("<b>**rang**</b> the office")
    page = page.button(key=f"note_{alert.id}_submit").click().run()
    kept = get_store().alerts.get(alert.id)
    assert kept is not None
    [(place, note)] = kept.notes
    assert (note.by, note.why) == ("Ada", "<b>**rang**</b> the office")
    assert "the office" in said(page)
    assert "<b>" not in said(page)
    page = page.button(key=f"note_{alert.id}_{place}_remove").click().run()
    assert "the office" not in said(page)
    kept = get_store().alerts.get(alert.id)
    assert kept is not None
    assert kept.notes == ()


def test_a_note_without_a_name_is_refused_in_one_sentence(
    with_samples: Path, open_page: Open
) -> None:
    page = open_page(MONITORING)
    alert = get_store().alerts.alerts("active", sample=True)[0]
    page.text_area(key=f"note_{alert.id}_text").set_value("Asked")
    page = page.button(key=f"note_{alert.id}_submit").click().run()
    assert page.error[0].value.startswith("Say who you are")


def test_a_rule_is_told_to_tell_of_the_end(open_page: Open) -> None:
    page = open_page(MONITORING)
    rule = get_store().alerts.rules()[0]
    assert not rule.tell_when_over
    page.checkbox(key=f"rule_{rule.id}_tell_over").check()
    page.button(key=f"rule_{rule.id}_save").click().run()
    assert get_store().alerts.rules()[0] == replace(rule, tell_when_over=True)


def test_what_a_person_writes_into_an_alert_is_no_markdown(
    with_samples: Path, open_page: Open
) -> None:
    page = sign(
        open_page(MONITORING), monitoring_copy.ACKNOWLEDGE, "[Ada](javascript:x)", "<b>**all**</b>"
    )
    assert "[Ada](javascript" not in said(page)
    assert "<b>" not in said(page)


def test_every_rule_is_a_sentence_and_can_be_switched_off(open_page: Open) -> None:
    page = open_page(MONITORING)
    words = said(page).replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")
    for rule in SHIPPED:
        assert rule.describe() in words
    rule = get_store().alerts.rules()[0]
    page.button(key=f"switch_{rule.id}").click().run()
    assert not get_store().alerts.rules()[0].enabled
    assert monitoring_copy.SWITCH_ON in labels(page, "button")


def test_a_rule_is_added_edited_deleted_and_the_shipped_ones_restored(open_page: Open) -> None:
    page = open_page(MONITORING)
    page.text_input(key="rule_0_name").set_value("Many people")
    page.selectbox(key="rule_0_metric").set_value("sessions").run()
    page.number_input(key="rule_0_threshold_sessions").set_value(40.0)
    page.button(key="rule_0_save").click().run()
    added = get_store().alerts.rules()[-1]
    assert (added.name, added.metric, added.threshold) == ("Many people", "sessions", 40.0)
    page.number_input(key=f"rule_{added.id}_threshold_sessions").set_value(50.0)
    page.button(key=f"rule_{added.id}_save").click().run()
    assert get_store().alerts.rules()[-1] == replace(added, threshold=50.0)
    confirm(page.button(key=f"delete_{added.id}").click().run())
    first = get_store().alerts.rules()[0]
    confirm(page.button(key=f"delete_{first.id}").click().run())
    assert len(get_store().alerts.rules()) == len(SHIPPED) - 1
    confirm(page.button(key="restore_rules").click().run())
    assert not page.exception
    assert len(get_store().alerts.rules()) == len(SHIPPED)


def test_nothing_is_deleted_before_the_dialog_has_named_it(
    with_samples: Path, open_page: Open
) -> None:
    page = open_page(MONITORING)
    alert = get_store().alerts.alerts("active", sample=True)[0]
    before = get_store().alerts.rules()
    page.button(key=f"delete_{alert.rule_id}").click().run()
    words = said(page).replace("\\", "")
    assert f"Delete the rule “{alert.name}”" in words
    assert "Its open alert is resolved." in words
    page.button(key="ask_keep").click().run()
    page.button(key="restore_rules").click().run()
    assert monitoring_copy.rules_go_back([], 0) in said(page)
    assert get_store().alerts.rules() == before
    assert get_store().alerts.get(alert.id) == alert


def test_a_table_is_not_made_before_its_box_is_opened(with_samples: Path, open_page: Open) -> None:
    page = open_page(MONITORING)
    assert not page.dataframe
    page.session_state["table_output"] = True
    assert page.run().dataframe


def test_a_rule_that_is_gone_already_is_told(open_page: Open) -> None:
    page = open_page(MONITORING)
    rule = get_store().alerts.rules()[0]
    page.button(key=f"delete_{rule.id}").click().run()
    get_store().alerts.delete_rule(rule.id)
    confirm(page)
    assert get_store().alerts.rules()[0] != rule
    with pytest.raises(AlertError, match="deleted already"):
        get_store().alerts.delete_rule(rule.id)


def test_a_rule_without_a_name_is_refused_in_one_sentence(open_page: Open) -> None:
    page = open_page(MONITORING)
    page.button(key="rule_0_save").click().run()
    assert page.error[0].value.startswith("Give the rule a name")


def test_a_share_is_asked_for_in_per_cent(open_page: Open) -> None:
    page = open_page(MONITORING)
    assert page.number_input(key="rule_0_threshold_error_share").value == 5.0


def test_without_channels_the_page_says_how_to_name_one(open_page: Open) -> None:
    assert monitoring_copy.NO_CHANNELS in said(open_page(MONITORING))


def test_a_channel_that_fails_says_so_and_shows_no_address(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("AFTERWORD_CHANNELS", '["json://someone:secret@127.0.0.1:9"]')
    get_settings.cache_clear()
    assert get_settings().channels == (SecretStr("json://someone:secret@127.0.0.1:9"),)
    page = open_page(MONITORING)
    page.button(key="test_Webhook 1").click().run()
    words = said(page)
    assert "could not be reached" in words
    assert "secret" not in words
    assert "127.0.0.1" not in words


def test_a_channel_that_cannot_be_gives_one_sentence(
    monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("AFTERWORD_CHANNELS", '["nothing://x"]')
    get_settings.cache_clear()
    page = open_page(MONITORING)
    assert "Entry 1 of AFTERWORD_CHANNELS" in page.error[0].value


def test_a_window_is_told_by_its_days() -> None:
    window = window_of("week", now=datetime(2026, 3, 9, 12, tzinfo=UTC))
    assert monitoring_copy.days(window).startswith("3 to 9 March")
    across = window_of("week", now=datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert monitoring_copy.days(across).startswith("24 February")

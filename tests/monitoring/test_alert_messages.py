"""What is said of an alert, to people and to programs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from afterword.alerts.episodes import Alert, Change
from afterword.alerts.evidence import Evidence, Figure
from afterword.monitoring.alert_messages import alert_message, fields_of
from afterword.settings import ROOT, get_settings

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
OGLING = Figure(
    "Ogling",
    "share",
    "47 % (40–54) · above the limit of about 33 % · training 21 %",
    0.47,
    0.4,
    0.54,
    0.33,
    "above",
    0.21,
)
CHANGED = Alert(
    id=5,
    rule_id=2,
    name="Zanzibar",
    severity="warning",
    metric="verdict_changed",
    state="open",
    opened_at=NOW,
    last_at=NOW,
    value=1.0,
    threshold=1.0,
    what="About 47 % of these 214 descriptions report Ogling (40–54); 21 % in training.",
    sample=False,
    history=(Change(NOW, "open", "", ""),),
    direction="is",
    evidence=Evidence(
        (OGLING,), NOW - timedelta(days=7, hours=6), 12, "web form", "16 to 22 November 2026"
    ),
)
FAILING = replace(
    CHANGED,
    metric="error_share",
    value=0.0618,
    threshold=0.05,
    direction="above",
    what="Error share: 6.2 % over the last hour, above 5 %.",
    evidence=Evidence((Figure("Error share", "share", "6.2 % · above the limit of 5 %", 0.0618),)),
)


@pytest.fixture(autouse=True)
def _public(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AFTERWORD_PUBLIC_URL", "https://afterword.example.org/")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def over(alert: Alert, by: str = "", why: str = "The condition ended.") -> Alert:
    step = Change(NOW + timedelta(days=2), "resolved", by, why)
    return replace(alert, state="resolved", history=(*alert.history, step))


def test_a_message_says_what_how_much_against_which_limit_since_when_of_what_and_where() -> None:
    message = alert_message(CHANGED)
    assert message.title == "Afterword: the descriptions have changed"
    assert message.body.splitlines() == [
        "About 47 % of these 214 descriptions report Ogling (40–54); 21 % in training.",
        "Ogling: 47 % (40–54) · above the limit of about 33 % · training 21 %",
        "",
        "Stream: web form. Data of 16 to 22 November 2026.",
        "Severity: warning. Since: 16 November 2026. The alert opened at 23 November 2026, "
        "06:00 UTC.",
        "The check: https://afterword.example.org/drift?check=12",
        "https://afterword.example.org/monitoring",
    ]
    assert message.severity == "warning"


def test_what_the_sentence_tells_already_is_not_told_twice() -> None:
    assert alert_message(FAILING).body.splitlines() == [
        "Error share: 6.2 % over the last hour, above 5 %.",
        "",
        "Severity: warning. Since: 23 November 2026, 06:00 UTC.",
        "https://afterword.example.org/monitoring",
    ]


def test_the_message_on_the_end_says_that_it_is_over_what_it_was_and_how_long() -> None:
    message = alert_message(over(CHANGED), "over")
    assert message.title == "Afterword: over: the descriptions have changed"
    assert message.body.splitlines()[:2] == [
        "It is over: the condition does not hold any more.",
        f"It was: {CHANGED.what}",
    ]
    assert "From 16 November 2026 to 25 November 2026, 06:00 UTC." in message.body
    assert message.severity == "over"


def test_an_alert_that_was_closed_does_not_claim_that_its_condition_ended() -> None:
    body = alert_message(over(CHANGED, why="The rule was deleted."), "over").body
    assert body.splitlines()[0] == (
        "The alert is closed, and its condition may still hold: the rule was deleted."
    )
    resolved = alert_message(over(CHANGED, "Zanzibar", "Zanzibar rang"), "over")
    assert resolved.body.startswith("It is over: somebody resolved it on the page Monitoring.")
    assert "Zanzibar" not in repr(resolved)


def test_nothing_that_a_person_typed_is_in_a_message_but_the_name_of_a_stream() -> None:
    steps = (
        Change(NOW, "acknowledged", "Zanzibar", "Zanzibar"),
        Change(NOW, "assigned", "Zanzibar", "Zanzibar", "Zanzibar"),
        Change(NOW, "note", "Zanzibar", "Zanzibar"),
    )
    alert = replace(CHANGED, history=(*CHANGED.history, *steps))
    for about in ("opened", "over"):
        assert "Zanzibar" not in repr(alert_message(alert, about))


def test_an_alert_of_the_samples_links_to_the_samples() -> None:
    message = alert_message(replace(CHANGED, sample=True))
    assert message.title.endswith("(sample)")
    assert "https://afterword.example.org/drift?check=12&data=samples" in message.body
    assert message.body.endswith("/monitoring?data=samples")


def test_an_alert_of_an_earlier_version_is_told_as_it_was_then() -> None:
    old = replace(FAILING, direction="", evidence=Evidence())
    assert alert_message(old).body == alert_message(FAILING).body
    assert alert_message(old).title == "Afterword: error share above 5 %"
    assert fields_of(old, "opened")["figures"] == []


def test_every_field_is_json_and_stands_in_the_documents() -> None:
    page = Path(ROOT / "docs" / "channels.md").read_text("utf-8")
    for alert in (CHANGED, FAILING, over(FAILING)):
        fields = json.loads(json.dumps(fields_of(alert, "opened"), allow_nan=False))
        named = {*fields, *(name for figure in fields["figures"] for name in figure)}
        assert {name for name in named if f"`{name}`" not in page} == set()


def test_the_fields_say_what_the_words_say() -> None:
    fields = fields_of(CHANGED, "opened")
    assert (fields["value"], fields["limit"]) == (None, None)  # of a verdict they say nothing
    assert fields["figures"][0]["limit"] == 0.33
    assert fields["since"] == "2026-11-16T00:00:00+00:00"
    assert fields["check_address"] == "https://afterword.example.org/drift?check=12"
    assert (fields["stream"], fields["ended_at"]) == ("web form", None)
    fields = fields_of(over(FAILING), "over")
    assert (fields["value"], fields["limit"], fields["unit"]) == (0.0618, 0.05, "share")
    assert (fields["state"], fields["about"]) == ("resolved", "over")
    assert fields["ended_at"] == "2026-11-25T06:00:00+00:00"

"""The page Review: from a checked batch to labels, and from labels to its quality."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from afterword.files import exports
from afterword.model.registry import load_model
from afterword.store import open_reviews
from afterword.ui.copy import review as review_copy
from afterword.ui.review import card as review_card
from tests.pages.conftest import DRIFT, REVIEW, Open, confirm, labels, said, upload

ROWS = 40
TEXTS = [
    f"A man kept staring at me from bench {number} until the bus came." for number in range(ROWS)
]
FILE = "received,story\n" + "".join(
    f"2024-05-{1 + number % 28:02d},{text}\n" for number, text in enumerate(TEXTS)
)


@pytest.fixture(autouse=True)
def reviews() -> Iterator[open_reviews.OpenReviews]:
    """No open reviews, in service."""
    open_reviews.get_open_reviews.cache_clear()
    yield open_reviews.get_open_reviews()
    open_reviews.get_open_reviews.cache_clear()


@pytest.fixture
def page(open_page: Open) -> AppTest:
    """The page, after a batch was checked on Drift."""
    return upload(open_page(DRIFT), "drift_file", FILE).switch_page(REVIEW).run()


def component(page: AppTest, name: str) -> Any:
    """What the server gave to one of the components."""
    (proto,) = (one.proto for one in page.get("bidi_component") if one.proto.component_name == name)
    return proto


def card(page: AppTest) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(component(page, review_card.CARD).json)
    return content


def tell(page: AppTest, name: str, event: str, value: Any) -> AppTest:
    """Send what a component's script sends: AppTest has no browser to run it in."""
    states = page._tree.get_widget_states()
    state = states.widgets.add()
    state.id = f"$$STREAMLIT_INTERNAL_KEY_{component(page, name).id}__events"
    state.json_trigger_value = json.dumps([{"event": event, "value": value}])
    return page._run(states)


def act(page: AppTest, name: str, answer: Any = None) -> AppTest:
    place = card(page)["place"]
    return tell(page, review_card.CARD, "step", {"place": place, "act": name, "answer": answer})


def label(page: AppTest, rows: int, answer: tuple[int, ...] = (0, 1, 0)) -> AppTest:
    """Label with every text shown, which takes one run a row."""
    act(page, "keep")
    for _ in range(rows):
        act(page, "save", list(answer))
    return page


def press(page: AppTest, words: str) -> AppTest:
    (button,) = (one for one in page.button if one.label == words)
    return button.click().run()


@pytest.fixture
def started(page: AppTest) -> AppTest:
    return press(page, review_copy.START_BUTTON)


def test_without_a_batch_it_says_what_to_do_and_leads_there(open_page: Open) -> None:
    page = open_page(REVIEW)
    assert review_copy.EMPTY in said(page)
    assert [link.proto.page for link in page.get("page_link")] == ["help", "drift"]


def test_numbers_without_text_cannot_be_reviewed_and_the_page_says_why(open_page: Open) -> None:
    drift = open_page(DRIFT)
    drift.selectbox(key="drift_sample").set_value("ordinary-week").run()
    assert review_copy.DRIFT_LINK not in [link.proto.label for link in drift.get("page_link")]
    assert review_copy.NUMBERS_ONLY in said(drift.switch_page(REVIEW).run())


def test_a_batch_without_a_usable_row_cannot_be_reviewed(open_page: Open) -> None:
    drift = upload(open_page(DRIFT), "drift_file", "story,n\n" + "n/a,1\n" * 4)
    assert review_copy.NO_ROWS in said(drift.switch_page(REVIEW).run())


def test_drift_leads_to_the_review_of_a_batch(open_page: Open) -> None:
    drift = upload(open_page(DRIFT), "drift_file", FILE)
    assert review_copy.DRIFT_LINK in [link.proto.label for link in drift.get("page_link")]


def test_before_the_start_it_says_what_how_many_labels_can_show(page: AppTest) -> None:
    assert "even if you label all of them, a fall of 5 points" in said(page)
    count = page.number_input(key="review_count")
    assert (count.min, count.max, count.value) == (30, ROWS, ROWS)
    assert review_copy.HOW_CHOSEN in said(page)


def test_a_batch_that_was_taken_away_is_no_longer_offered(page: AppTest) -> None:
    page.switch_page(DRIFT).run()
    page.button(key="drift_remove").click().run()
    assert review_copy.EMPTY in said(page.switch_page(REVIEW).run())


def test_no_text_and_no_answer_of_the_model_reach_the_browser_unasked(started: AppTest) -> None:
    assert card(started)["text"] is None
    everything = said(started) + component(started, review_card.CARD).json
    assert "staring at me" not in everything
    assert "probab" not in everything
    act(started, "reveal")
    assert card(started)["text"] in TEXTS
    # The text is nowhere but in the card's data.
    assert "staring at me" not in said(started)
    act(started, "save", [0, 1, 0])
    assert "staring at me" not in component(started, review_card.CARD).json


def test_labels_are_counted_and_can_be_gone_back_to(started: AppTest) -> None:
    label(started, 3, (1, 0, 0))
    assert card(started)["words"]["where"] == f"Description 4 of {ROWS}"
    assert card(started)["done"] == 3
    act(started, "back")
    assert card(started)["answer"] == [1, 0, 0]


def test_too_few_labels_give_no_figure_but_leave_as_a_file(started: AppTest) -> None:
    press(label(started, 29), review_copy.STOP_BUTTON)
    words = said(started)
    assert "Label at least 30 rows to see a first figure; 29 are labelled." in words
    assert "are right" not in words
    assert review_copy.DOWNLOAD_CSV in labels(started, "download_button")


def test_labels_give_the_quality_with_an_interval_and_a_verdict(started: AppTest) -> None:
    press(label(started, 32), review_copy.STOP_BUTTON)
    (sentence,) = (one.value for one in started.header if "are right" in one.value)
    found = (
        r"about (over )?\d+.% are right \\\(95.% interval \d+–\d+.%\\\); 32 of them are labelled\."
    )
    assert sentence.startswith(f"Of the model’s answers to these {ROWS} descriptions, ")
    assert re.search(found, sentence)
    assert any(word in said(started) for _, word, _ in review_copy.REVIEW_LEVELS.values())
    assert len(started.get("plotly_chart")) == 1
    (table,) = (one.value for one in started.dataframe)
    assert tuple(table.columns) == review_copy.TABLE_COLUMNS
    assert len(table) == 3 + 4 * len(load_model().categories)
    withheld = table[table[review_copy.TABLE_COLUMNS[-1]] != ""]
    assert (withheld[review_copy.TABLE_COLUMNS[1]] == "–").all()


def test_labelling_goes_on_after_the_result(started: AppTest) -> None:
    press(label(started, 12), review_copy.STOP_BUTTON)
    press(started, review_copy.GO_ON_BUTTON)
    assert card(started)["place"] == 12


def test_the_last_label_shows_the_result(page: AppTest) -> None:
    page.number_input(key="review_count").set_value(32).run()
    press(page, review_copy.START_BUTTON)
    act(page, "skip")
    label(page, 31)
    words = said(page)
    assert "31 of them are labelled" in words
    assert review_copy.SKIPPED.format(skipped=1) in words
    assert review_copy.GO_ON_BUTTON in labels(page, "button")


def token_of(page: AppTest) -> str:
    token: str = card(page)["token"]
    return token


def test_a_page_that_was_loaded_again_takes_its_review_back(
    started: AppTest, open_page: Open
) -> None:
    label(started, 5)
    again = open_page(REVIEW)
    tell(again, review_card.TAB, "token", token_of(started))
    assert review_copy.RESUMED in said(again)
    assert card(again)["done"] == 5
    assert token_of(again) == token_of(started)
    label(again, 1)
    assert card(again)["done"] == 6


@pytest.mark.parametrize("token", ["a guess", {"x": 1}])
def test_a_guessed_token_opens_nothing_and_the_tab_forgets_it(
    started: AppTest, open_page: Open, token: Any
) -> None:
    other = open_page(REVIEW)
    tell(other, review_card.TAB, "token", token)
    assert review_copy.EMPTY in said(other)
    assert json.loads(component(other, review_card.TAB).json) == {"forget": True}


def test_a_forgotten_review_is_gone_everywhere(
    started: AppTest, open_page: Open, reviews: open_reviews.OpenReviews
) -> None:
    token = token_of(label(started, 1))
    press(started, review_copy.FORGET_BUTTON)
    assert len(reviews) == 1
    confirm(started)
    assert review_copy.FORGOTTEN in said(started)
    assert json.loads(component(started, review_card.TAB).json) == {"forget": True}
    assert len(reviews) == 0
    assert "review" not in started.session_state
    again = open_page(REVIEW)
    tell(again, review_card.TAB, "token", token)
    assert review_copy.GONE in said(again)


def other_tab(page: AppTest, open_page: Open) -> AppTest:
    """The same review in a tab that was duplicated."""
    return tell(open_page(REVIEW), review_card.TAB, "token", token_of(page))


def expect_ended(page: AppTest) -> None:
    assert review_copy.ENDED in said(page)
    assert "review" not in page.session_state
    assert json.loads(component(page, review_card.TAB).json) == {"forget": True}


def test_a_review_ends_half_an_hour_after_its_last_step_while_its_tab_is_open(
    started: AppTest, reviews: open_reviews.OpenReviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    label(started, 2)
    last = reviews.clock()
    monkeypatch.setattr(reviews, "clock", lambda: last + open_reviews.KEPT_S - 1)
    label(started, 1)
    assert card(started)["done"] == 3
    review = started.session_state["review"]
    monkeypatch.setattr(reviews, "clock", lambda: last + 2 * open_reviews.KEPT_S)
    act(started, "reveal")
    expect_ended(started)
    assert len(reviews) == 0
    assert not review.answers
    assert review_copy.ENDED not in said(started.run())


def test_the_server_empties_a_review_that_has_ended_without_a_run_of_its_page(
    started: AppTest, reviews: open_reviews.OpenReviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = started.session_state["review"]
    assert review.table["description"].tolist() == TEXTS
    last = reviews.clock()
    monkeypatch.setattr(reviews, "clock", lambda: last + open_reviews.KEPT_S + 1)
    reviews.sweep()
    assert set(review.table["description"]) == {""}
    expect_ended(started.run())


def test_a_duplicated_tab_does_not_put_back_what_the_other_one_forgot(
    started: AppTest, open_page: Open, reviews: open_reviews.OpenReviews
) -> None:
    label(started, 2)
    other = other_tab(started, open_page)
    assert card(other)["done"] == 2
    press(started, review_copy.FORGET_BUTTON)
    assert len(reviews) == 1
    confirm(started)
    act(other, "save", [0, 1, 0])
    expect_ended(other)
    assert len(reviews) == 0


def test_a_review_outlasts_another_batch_and_says_so(started: AppTest) -> None:
    label(started, 2)
    started.switch_page(DRIFT).run()
    upload(started, "drift_file", FILE, "other.csv")
    started.switch_page(REVIEW).run()
    assert review_copy.OTHER_BATCH in said(started)
    assert card(started)["done"] == 2


def test_another_persons_labels_are_compared(
    started: AppTest, reviews: open_reviews.OpenReviews
) -> None:
    label(started, 12)
    review = reviews.take(token_of(started))
    assert review is not None
    table = review.export()
    at = int(np.flatnonzero(table["Ogling"].notna())[0])
    table.loc[at, "Ogling"] = 0
    press(started, review_copy.STOP_BUTTON)
    upload(started, "second_file", exports.to_csv(table), "labels.csv")
    words = said(started)
    assert "Read as CSV, UTF-8" in words
    assert "12 rows labelled by both of you: the same labels on 11, different ones on 1." in words
    assert review_copy.DOWNLOAD_DIFFERENCES in labels(started, "download_button")
    agreement = next(
        one.value for one in started.dataframe if tuple(one.value) == review_copy.AGREEMENT_COLUMNS
    )
    assert agreement["Category"].tolist() == list(load_model().categories)


def test_a_file_that_is_no_file_of_labels_says_what_is_missing(started: AppTest) -> None:
    press(label(started, 1), review_copy.STOP_BUTTON)
    upload(started, "second_file", FILE, "labels.csv")
    (error,) = started.error
    assert "no column “row”" in error.value


def test_the_words_of_agreement_are_those_of_landis_and_koch() -> None:
    from afterword.quality.reviewers import Agreement

    def words(kappa: float) -> str:
        return review_copy.kappa_words(Agreement("A", 20, 5, 5, 5, 5, kappa, kappa, kappa))

    found = [words(kappa) for kappa in (-0.1, 0.1, 0.3, 0.5, 0.7, 0.9)]
    assert found == ["poor", "slight", "fair", "moderate", "substantial", "almost perfect"]

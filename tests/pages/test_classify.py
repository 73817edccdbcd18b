"""The page Classify: an answer in a sentence for every text, and for every row of a file."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from afterword.deployment import WORDS
from afterword.drift.checking import check
from afterword.model.classifier import Classifier
from afterword.model.modes import read_modes
from afterword.model.registry import load_manifest, load_model, version_of
from afterword.settings import get_settings
from afterword.store import get_store
from afterword.ui.classify.view import answers_of
from afterword.ui.copy import classify as classify_copy
from afterword.ui.copy import uploads as uploads_copy
from tests.looks import CLEANED, CUT, MANY, count_looks
from tests.pages.conftest import CLASSIFY, Open, labels, said, upload
from tests.stores import events

BUTTON = "FormSubmitter:classify_form-Classify"
CLEAR = "FormSubmitter:classify_form-Clear"
FILE = "classify_file"

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
ROWS = [
    "Two men shouted comments about my dress while I walked to the market.",
    "A man kept staring at me and winked until the bus came.",
    "",
    "Somebody tried to grope me in the crowd at the station.",
]
TABLE = "id,story\n" + "\n".join(f'{number},"{text}"' for number, text in enumerate(ROWS, 1))

HOSTILE = {
    "a script": "<script>window.__pwned=1</script> he shouted at me from a car",
    "an image": "<img src=x onerror='window.__pwned=1'> he shouted at me from a car",
    "a Markdown link": "[he shouted at me](javascript:alert(1)) **from** a `car` $x$ :red[now]",
    "a NUL": "he shouted at me\0 from a car",
    "half of a surrogate pair's place": "he shouted \ufffd at me \u202e from a car",
    "braces and percent signs": "{0} {copy} %s %(name)s he shouted at me from a car",
}


@pytest.fixture
def page(open_page: Open) -> AppTest:
    return open_page(CLASSIFY)


def classify(page: AppTest, text: str) -> AppTest:
    page.text_area(key="classify_text").set_value(text)
    return page.button(key=BUTTON).click().run()


def classify_file(page: AppTest, content: str = TABLE) -> AppTest:
    upload(page, FILE, content)
    button = next(one for one in page.button if one.label.startswith("Classify "))
    return button.click().run()


def answers_say_unsure(model: Classifier, text: str) -> bool:
    return any(one.unsure for one in answers_of(text, model))


def column_choice(page: AppTest) -> Any:
    """The list of columns to choose from."""
    (choice,) = (one for one in page.selectbox if one.label == uploads_copy.FIELDS["description"])
    return choice


def test_the_page_opens_with_the_content_note_and_no_answer(page: AppTest) -> None:
    words = said(page)
    assert "can be distressing" in words
    assert WORDS.care.help_url in words
    assert not page.header
    assert not page.get("plotly_chart")


@pytest.mark.parametrize(
    ("number", "category", "said_of_it"),
    # Of Ogling a "yes" of 77 % is not promised to be right often enough.
    [(0, "Commenting", "Likely: "), (1, "Ogling", "Unsure: "), (2, "Groping", "Likely: ")],
)
def test_an_example_is_answered_in_a_sentence(
    page: AppTest, number: int, category: str, said_of_it: str
) -> None:
    page.button(key=f"example_{number}").click().run()
    assert not page.exception
    (answer,) = (one.value for one in page.header)
    assert answer.startswith(said_of_it)
    assert category in answer.partition(".")[0]
    assert page.text_area(key="classify_text").value == WORDS.examples[number].text


def test_a_typed_text_is_answered_with_bars_that_say_the_same_in_words(page: AppTest) -> None:
    classify(page, ROWS[0])
    assert page.header[0].value.startswith("Likely: Commenting")
    chart, _ = page.get("plotly_chart")
    assert "Probabilities: Commenting" in str(chart.proto)
    assert classify_copy.HINT_NOTE in said(page)


def test_an_unsure_answer_says_what_to_do(page: AppTest) -> None:
    model = load_model()
    texts = [
        *ROWS,
        *(one.text for one in WORDS.examples),
        *(f"{a} {b}" for a in ROWS for b in ROWS),
    ]
    text = next(text for text in texts if text and answers_say_unsure(model, text))
    classify(page, text)
    assert "Unsure: " in page.header[0].value
    assert classify_copy.UNSURE_ADVICE in said(page)


def test_the_page_says_what_is_promised_until_the_last_check_has_an_alarm(page: AppTest) -> None:
    promise = read_modes(load_manifest().modes)[0].promise
    assert "Where the model is not unsure" in promise
    classify(page, ROWS[0])
    assert promise in said(page).replace("\\", "")
    assert "does not hold while" not in said(page)
    alarm = check(SAMPLES / "new-app-in-the-news.csv")
    at = datetime.now(UTC)
    assert get_store().checks.add(alarm, source="command", model=version_of(), at=at)
    page.run()
    assert "does not hold while the last check says “Changed”" in said(page)
    classify(page, ROWS[0])
    assert "does not hold while the last check says “Changed”" in said(page)


@pytest.mark.parametrize("text", ["", "   \n\t ", "\u200b", "n/a", "…!?"])
def test_nothing_to_read_is_said_and_not_answered(page: AppTest, text: str) -> None:
    classify(page, text)
    assert classify_copy.EMPTY_TEXT in said(page)
    assert not page.header
    assert not page.get("plotly_chart")


def test_a_text_of_the_limit_is_answered_and_one_character_more_is_not(page: AppTest) -> None:
    text = ("He shouted remarks at me. " * 1_000)[:20_000]
    classify(page, text)
    assert page.header[0].value.startswith("Likely: ")
    classify(page, text + "!")
    assert "20,001 characters, and at most 20,000 are read" in said(page)
    assert not page.header


def test_a_text_that_is_too_long_stays_in_the_box(page: AppTest) -> None:
    text = "He shouted remarks at me. " * 1_000
    classify(page, text)
    assert "your text is still in the box" in said(page)
    assert page.text_area(key="classify_text").value == text


def test_another_language_is_answered_with_a_warning(page: AppTest) -> None:
    page.button(key="example_3").click().run()
    assert "does not look like English" in said(page)
    assert page.get("plotly_chart")


def test_a_very_short_text_is_answered_with_a_warning(page: AppTest) -> None:
    classify(page, "whistling")
    assert "Very short" in said(page)
    assert page.header


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_answered_and_only_words_that_counted_are_repeated(
    page: AppTest, text: str
) -> None:
    classify(page, text)
    words = said(page)
    assert page.header[0].value
    assert page.get("plotly_chart")
    assert text not in words
    assert "javascript:" not in words
    assert "__pwned" not in words
    elsewhere = [
        line
        for line in words.splitlines()
        if not re.search("(raised|lowered) .* (most|much)", line)
    ]
    assert len(elsewhere) < len(words.splitlines())
    assert "shouted" not in "\n".join(elsewhere)


def test_a_damaged_text_is_not_called_empty(page: AppTest) -> None:
    classify(page, "h\0e\0 s\0h\0o\0u\0t\0e\0d\0")
    assert classify_copy.DAMAGED_TEXT in said(page)
    assert classify_copy.EMPTY_TEXT not in said(page)
    assert not page.header


def test_clear_empties_the_box_and_takes_the_answer_away(page: AppTest) -> None:
    page.button(key="example_0").click().run()
    page.button(key=CLEAR).click().run()
    assert not page.exception
    assert page.text_area(key="classify_text").value == ""
    assert not page.header


def test_without_a_model_the_page_says_how_to_get_it_back(no_model: Path, open_page: Open) -> None:
    page = open_page(CLASSIFY)
    (error,) = (one.value for one in page.error)
    assert str(no_model) in error
    assert "python -m afterword train" in error
    assert not page.text_area


def test_a_file_comes_back_with_counts_and_two_downloads(page: AppTest) -> None:
    classify_file(page)
    words = said(page)
    assert "3 of 4 rows classified, 1 rejected" in words
    counts = {one.label.partition(",")[0]: one.value for one in page.metric}
    assert counts.keys() == {"Commenting", "Ogling", "Groping"}
    assert counts["Groping"] == "1"
    assert {classify_copy.DOWNLOAD_CSV, classify_copy.DOWNLOAD_PARQUET} <= set(
        labels(page, "download_button")
    )
    (table,) = (one.value for one in page.dataframe)
    assert table["story"].tolist()[0] == ROWS[0]
    assert table["rejected"].tolist() == ["", "", "empty", ""]


def test_the_table_can_be_narrowed_to_rejected_and_to_unsure_rows(page: AppTest) -> None:
    classify_file(page)
    filters = page.get("button_group")[-1]
    filters.set_value("Rejected").run()
    assert not page.exception
    assert page.dataframe[0].value["id"].tolist() == ["3"]
    filters = page.get("button_group")[-1]
    filters.set_value("Unsure").run()
    table = page.dataframe[0].value
    flags = [column for column in map(str, table) if column.endswith(" unsure")]
    assert table[flags].fillna(False).any(axis=1).all()
    assert "3" not in table["id"].tolist()


def test_the_button_says_how_many_rows_it_will_classify(page: AppTest) -> None:
    upload(page, FILE, TABLE)
    assert "Classify 3 rows" in labels(page, "button")
    assert not page.dataframe


def test_a_file_of_which_no_row_can_be_read_cannot_be_classified(page: AppTest) -> None:
    upload(page, FILE, "description\n,\nn/a\n")
    button = next(one for one in page.button if one.label.startswith("Classify 0"))
    assert button.disabled


def test_a_file_that_is_no_table_gets_one_sentence(page: AppTest) -> None:
    upload(page, FILE, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    (error,) = (one.value for one in page.error)
    assert error.endswith((".", ")"))
    assert "Traceback" not in error
    assert not page.dataframe


def test_a_file_of_scored_rows_is_sent_to_the_page_drift(page: AppTest) -> None:
    sample = Path(__file__).parents[2] / "data/samples/ordinary-week.parquet"
    upload(page, FILE, sample.read_bytes(), "week.parquet")
    assert classify_copy.SCORED_NOT_TEXT in said(page)


def test_a_column_that_cannot_be_told_is_asked_for(page: AppTest) -> None:
    upload(page, FILE, "a,b\n1,2\n3,4\n5,6\n")
    assert page.error
    choice = column_choice(page)
    assert choice.options == ["a", "b"]
    assert choice.value is None


def test_the_chosen_column_is_the_one_that_is_read(page: AppTest) -> None:
    upload(page, FILE, "description,note\nHe shouted at me.,\nHe stared at me.,He groped me.\n")
    assert "Classify 2 rows" in labels(page, "button")
    column_choice(page).set_value("note").run()
    assert not page.exception
    assert "Classify 1 row" in labels(page, "button")


def test_another_file_replaces_the_answer_of_the_first(page: AppTest) -> None:
    classify_file(page)
    upload(page, FILE, "description\nHe whistled at me from a car.\n", "other.csv")
    assert "3 of 4" not in said(page)
    assert "Classify 1 row" in labels(page, "button")


def test_an_answer_is_recorded_once_however_often_it_is_drawn(page: AppTest) -> None:
    classify(page, ROWS[0])
    page.run()
    page.run()
    assert events(get_store()) == 1
    classify(page, ROWS[0])
    assert events(get_store()) == 2
    page.button(key="example_0").click().run()
    assert events(get_store()) == 3
    assert classify_copy.NOT_RECORDED not in said(page)


def test_a_text_is_looked_through_once_each_time_that_its_answer_is_drawn(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the answer, its doubts, what explains it and what is recorded."""
    classify(page, ROWS[0])
    looks = count_looks(monkeypatch, [ROWS[1]])
    classify(page, ROWS[1])
    assert events(get_store()) == 2
    assert looks == {CLEANED: 1, CUT: 1}


def test_a_file_is_looked_through_once_for_its_answers_and_its_record(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "\n".join(["id,story", *(f'{number},"{text}"' for number, text in enumerate(MANY))])
    classify_file(page)
    looks = count_looks(monkeypatch, MANY)
    classify_file(page, table)
    page.run()
    assert events(get_store()) == 2
    assert looks == {CUT: len(MANY)}


def test_nothing_to_read_is_recorded_as_refused(page: AppTest) -> None:
    classify(page, "")
    assert events(get_store()) == 1
    assert not page.warning


def test_a_file_is_recorded_once_with_its_rejected_rows(page: AppTest) -> None:
    classify_file(page)
    page.run()
    assert events(get_store()) == 1


@pytest.mark.parametrize("in_a_file", [False, True])
def test_an_answer_that_cannot_be_recorded_is_given_with_a_banner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, open_page: Open, in_a_file: bool
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AFTERWORD_HOME", str(tmp_path / "file"))
    get_settings.cache_clear()
    get_store.cache_clear()
    page = open_page(CLASSIFY)
    if in_a_file:
        classify_file(page)
    else:
        classify(page, ROWS[0])
    words = said(page)
    assert page.header
    assert classify_copy.NOT_RECORDED in words
    assert "AFTERWORD" in words


def test_an_answer_that_nobody_wants_recorded_needs_no_banner(
    monkeypatch: pytest.MonkeyPatch, page: AppTest
) -> None:
    monkeypatch.setenv("AFTERWORD_RECORDING", "false")
    get_settings.cache_clear()
    classify(page, ROWS[0])
    assert page.header
    assert classify_copy.NOT_RECORDED not in said(page)
    assert events(get_store()) == 0


def ways(page: AppTest) -> Any:
    """The choice of how to decide."""
    return page.get("button_group")[0]


def test_another_way_to_decide_shows_at_once_and_neither_rescores_nor_records_again(
    monkeypatch: pytest.MonkeyPatch, page: AppTest
) -> None:
    counted: list[int] = []
    score = Classifier.decision_function

    def count(model: Classifier, texts: Any) -> Any:
        counted.append(1)
        return score(model, texts)

    classify_file(page)
    before = page.dataframe[0].value
    monkeypatch.setattr(Classifier, "decision_function", count)
    ways(page).set_value("be-sure").run()
    after = page.dataframe[0].value
    assert not page.exception
    assert not counted
    assert events(get_store()) == 1
    decided = load_model().mode("be-sure")
    for place, category in enumerate(load_model().categories):
        name = f"{category} probability"
        assert after[name].equals(before[name])
        reached = after[name].dropna() / 100 >= decided.thresholds[place]
        assert after[f"{category} decision"].dropna().tolist() == reached.tolist()
    flags = [name for name in map(str, after) if name.endswith((" decision", " unsure"))]
    assert not after[flags].equals(before[flags])


def test_nothing_of_a_file_is_left_once_it_is_taken_away(page: AppTest) -> None:
    content = "description,note\nHe shouted at me.,\nHe stared at me.,He groped me.\n"
    classify_file(page, content)
    ways(page).set_value("find-more").run()
    column_choice(page).set_value("note").run()
    assert page.session_state["_made"]
    page.file_uploader(key=FILE).set_value(None).run()
    assert not page.exception
    assert page.session_state["_made"] == {}


def test_the_table_can_begin_with_the_likeliest_rows_of_a_category(page: AppTest) -> None:
    classify_file(page)
    table = page.dataframe[0].value
    (order,) = (one for one in page.selectbox if one.label == classify_copy.TABLE_ORDER)
    assert order.options[0] == classify_copy.AS_IN_FILE
    order.set_value("Groping").run()
    ranked = page.dataframe[0].value
    assert not page.exception
    by_score = table.sort_values("Groping score", ascending=False, kind="stable")
    assert ranked["id"].tolist() == by_score["id"].tolist() != table["id"].tolist()
    assert ranked["id"].tolist()[0] == "4"
    page.get("button_group")[-1].set_value("Rejected").run()
    assert page.dataframe[0].value["id"].tolist() == ["3"]
    assert classify_copy.SCORE_NOTE in said(page)


def test_the_page_waits_for_no_store_and_hands_on_what_is_shown(open_page: Open) -> None:
    page = open_page(CLASSIFY)
    get_store().close()
    get_store.cache_clear()
    page.query_params["data"] = "samples"
    page.run()
    assert page.title[0].value == "Classify"
    assert get_store.cache_info().currsize == 0
    assert page.query_params["data"] == "samples"

"""How a file was read: told in one box, and corrected there."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException
from streamlit.testing.v1 import AppTest

import afterword
from afterword.settings import get_settings
from afterword.store import get_store
from afterword.ui.copy import drift as drift_copy
from afterword.ui.copy import uploads as copy
from afterword.ui.shared import parts, uploads
from tests.pages.conftest import CLASSIFY, DRIFT, Open, labels, open_tab, said, upload
from tests.workbooks import sheet, xlsx

FILE = "drift_file"
PLACES = ("train", "market", "river", "stairs", "queue", "stop")
TEXTS = [
    f"{who} {what} near the {where}."
    for who in ("A man", "The driver", "Two boys")
    for what in ("whistled at me", "stared at us", "touched my arm")
    for where in PLACES
]


@pytest.fixture
def page(open_page: Open) -> AppTest:
    return open_page(DRIFT)


def week(form: str) -> str:
    rows = (f"{text},{form.format(6 + n % 7)}\n" for n, text in enumerate(TEXTS))
    return "description,received_at\n" + "".join(rows)


def words(page: AppTest) -> str:
    return said(page).replace("\\", "")


def press(page: AppTest, label: str) -> AppTest:
    (found,) = (one for one in page.button if one.label.replace("\\", "") == label)
    return found.click().run()


def test_a_file_that_settles_everything_is_told_in_one_line(page: AppTest) -> None:
    upload(page, FILE, week("2024-05-{:02}"))
    assert "Read as CSV, UTF-8, names in row 1" in words(page)
    assert copy.CHECK_READING not in words(page)
    assert copy.AS_FOUND not in labels(page, "button")


def test_an_order_that_is_not_settled_is_turned_by_one_click_and_back_by_another(
    page: AppTest,
) -> None:
    upload(page, FILE, week("05/{:02}/2024"))
    assert copy.CHECK_READING in words(page)
    assert "the month was read first" in words(page)
    page = press(page, copy.instead("day-first", "date order"))
    assert copy.CHECK_READING not in words(page)
    assert "day first" in words(page)
    page = press(page, copy.AS_FOUND)
    assert "the month was read first" in words(page)
    assert copy.AS_FOUND not in labels(page, "button")


def trials() -> list[int]:
    return [kept.id for kept in get_store().checks.list(trial=True)]


def test_a_corrected_file_has_one_trial_and_another_tab_its_own(
    page: AppTest, open_page: Open
) -> None:
    upload(page, FILE, week("05/{:02}/2024"))
    (first,) = trials()
    press(page, copy.instead("day-first", "date order"))
    (second,) = trials()
    assert second != first
    press(page, copy.AS_FOUND)
    (third,) = trials()
    upload(open_page(DRIFT), FILE, week("05/{:02}/2024"))
    press(page, copy.instead("day-first", "date order"))
    fifth, fourth = trials()
    assert third not in (fourth, fifth)
    upload(page, FILE, week("05/{:02}/2024"))  # chosen again, and no correction
    assert trials()[1:] == [fifth, fourth]


def test_a_correction_leaves_the_check_that_was_let_count(page: AppTest) -> None:
    upload(page, FILE, week("05/{:02}/2024"))
    page.button(key="keep").click().run()
    counts = get_store().checks.last().id
    press(page, copy.instead("day-first", "date order"))
    press(page, copy.AS_FOUND)
    assert get_store().checks.last().id == counts
    assert len(trials()) == 1


def test_a_trial_that_could_not_be_kept_leaves_the_next_to_take_the_place(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(page, FILE, week("05/{:02}/2024"))
    monkeypatch.setenv("AFTERWORD_RECORDING", "false")
    get_settings.cache_clear()
    press(page, copy.instead("day-first", "date order"))
    monkeypatch.setenv("AFTERWORD_RECORDING", "true")
    get_settings.cache_clear()
    press(page, copy.AS_FOUND)
    assert len(trials()) == 1


def test_a_click_that_ends_a_run_leaves_no_second_trial(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(key: str, name: str, make: Any) -> Any:
        if name == "kept_check":
            raise StopException
        return once(key, name, make)

    once = parts.once
    with monkeypatch.context() as patch:
        patch.setattr(parts, "once", stop)
        upload(page, FILE, week("2024-05-{:02}"))
    (first,) = trials()
    page.run()
    (second,) = trials()
    assert second != first


def test_a_list_of_corrections_has_the_file_read_again(page: AppTest) -> None:
    upload(page, FILE, week("2024-05-{:02}"))
    (times,) = (one for one in page.selectbox if one.label == copy.FIELDS["time"])
    times.set_value("").run()
    assert "times in" not in words(page)
    press(page, copy.AS_FOUND)
    (times,) = (one for one in page.selectbox if one.label == copy.FIELDS["time"])
    assert (times.value, "times in" in words(page)) == ("received_at", True)
    (texts,) = (one for one in page.selectbox if one.label == copy.FIELDS["description"])
    texts.set_value("received_at").run()
    assert "descriptions in “received_at”" in words(page)


def test_a_first_line_that_was_read_as_a_row_becomes_the_name_by_one_click(page: AppTest) -> None:
    upload(page, FILE, "".join(f"{text}\n" for text in TEXTS))
    assert "no row of names" in words(page)
    page = press(page, copy.instead("1", "header"))
    assert "names in row 1" in words(page)
    assert copy.CHECK_READING not in words(page)


def test_another_table_is_read_by_one_click(page: AppTest) -> None:
    second = "".join(f"{text},web\n" for text in TEXTS[:35])
    upload(page, FILE, week("2024-05-{:02}") + "\nstory,channel\n" + second)
    assert "look like another table" in words(page)
    number = len(week("2024-05-{:02}").splitlines()) + 2
    page = press(page, copy.instead(str(number), "another table"))
    assert f"names in row {number}" in words(page)
    assert "descriptions in “story”" in words(page)


def test_the_row_of_names_is_corrected_by_its_number(page: AppTest) -> None:
    upload(page, FILE, week("2024-05-{:02}"))
    (row,) = (one for one in page.number_input if one.label == copy.FIELDS["header"])
    assert row.value == 1
    row.set_value(4_000).run()
    (error,) = page.error
    assert "row 4,000" in error.value.replace("\\", "")
    page = press(page, copy.AS_FOUND)
    assert "names in row 1" in words(page)


def test_a_column_of_names_becomes_labels_by_one_click(page: AppTest) -> None:
    rows = (f"{text},{'Ogling' if n % 2 else ''}\n" for n, text in enumerate(TEXTS))
    upload(page, FILE, "description,kind\n" + "".join(rows))
    assert "labels in" not in words(page)
    page = press(page, copy.THEY_ARE_LABELS)
    assert "labels in “kind”" in words(page)


def test_two_columns_of_names_are_two_questions(page: AppTest) -> None:
    rows = (f"{text},Ogling,Groping\n" if n % 2 else f"{text},,\n" for n, text in enumerate(TEXTS))
    upload(page, FILE, "description,kind,sort\n" + "".join(rows))
    assert labels(page, "button").count(copy.THEY_ARE_LABELS) == 2


def test_columns_that_repeat_the_models_answers_are_asked_about(page: AppTest) -> None:
    model = afterword.load_model()
    told = model.mode("balanced").decide(model.predict_proba(TEXTS)).astype(int)
    lines = [f"{text},{','.join(map(str, row))}\n" for text, row in zip(TEXTS, told, strict=True)]
    upload(page, FILE, f"description,{','.join(model.categories)}\n" + "".join(lines))
    assert drift_copy.OWN_ANSWERS in words(page)
    assert said_of_labels(page) == {copy.OWN_ANSWERS}
    assert said_of_labels(open_tab(page, drift_copy.READ_TAB)) == {copy.OWN_ANSWERS}
    page = press(page, copy.THEY_ARE_LABELS)
    assert drift_copy.OWN_ANSWERS not in words(page)
    assert said_of_labels(page) == {copy.LABELS}


def said_of_labels(page: AppTest) -> set[str]:
    """What the columns were taken for, wherever the page says it."""
    kinds = (copy.LABELS, copy.LABELS_OR_ANSWERS, copy.OWN_ANSWERS)
    return {kind for kind in kinds if f"· {kind} in “" in words(page)}


def test_before_the_check_a_file_says_that_its_labels_may_be_answers(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.ui.drift.view.check", lambda _: st.stop())
    labels = afterword.load_model().categories
    rows = "".join(f"{text},1,0,0\n" for text in TEXTS)
    upload(page, FILE, f"description,{','.join(labels)}\n" + rows)
    assert said_of_labels(page) == {copy.LABELS_OR_ANSWERS}


def test_another_sheet_is_one_click_away(open_page: Open) -> None:
    def rows(texts: list[str]) -> str:
        cells = ["description", *texts]
        return "".join(
            f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
            for n, text in enumerate(cells, start=1)
        )

    page = open_page(CLASSIFY)
    content = xlsx(
        sheet(rows(TEXTS[:30])),
        ("xl/worksheets/sheet2.xml", sheet(rows(TEXTS[24:]))),
        targets=("worksheets/sheet1.xml", "worksheets/sheet2.xml"),
    )
    upload(page, "classify_file", content)
    assert "sheet 2 has 30 rows alike" in words(page)
    others = [one.label for one in page.button if one.label.startswith("Read it as")]
    assert len(others) == 1
    page = press(page, others[0].replace("\\", ""))
    assert copy.CHECK_READING not in words(page)


def test_whoever_left_while_a_file_was_read_is_told_to_choose_it_again(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(*_: Any, **__: Any) -> None:
        raise StopException  # what Streamlit raises where a run of the page is to end

    assert copy.NOT_READ not in words(page)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "read", leave)
        upload(page, FILE, week("2024-05-{:02}"))
    page = page.switch_page(CLASSIFY).run().switch_page(DRIFT).run()
    assert copy.NOT_READ in words(page)
    upload(page, FILE, week("2024-05-{:02}"))
    assert copy.NOT_READ not in words(page)
    assert "Read as CSV, UTF-8, names in row 1" in words(page)

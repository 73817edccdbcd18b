"""How to decide on Classify, and how good the answers are on Drift."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from afterword.model.modes import read_modes
from afterword.model.registry import load_manifest, load_model
from afterword.quality.findings import figure_name
from afterword.quality.shares_wording import SHARES_GIVEN
from afterword.settings import BALANCED, BE_SURE, FIND_MORE, MODES
from afterword.ui.copy import drift as drift_copy
from afterword.ui.copy import drift_past_checks as past_checks_copy
from afterword.ui.copy import drift_reports as reports_copy
from afterword.ui.shared import parts
from tests.pages.conftest import CLASSIFY, DRIFT, Open, open_tab, said, upload

WHEN = "Yesterday Today Later Once Again Often Late Early Then On Last This".split()
WHAT = (
    "it rained", "he laughed", "I ran home", "they left", "nobody helped", "we called her",
    "the bus came", "my phone rang", "she saw me", "I sat down", "we waited", "it got dark",
)  # fmt: skip
TEXTS = [
    f"{when} {said_of} at the {place}, and then {what}."
    for when, what in zip(WHEN, WHAT, strict=True)
    for place in ("bus stop", "market", "bridge")
    for said_of in (
        "two boys shouted comments about my dress",
        "a man kept staring at me and winked",
        "nothing came of it and I walked on",
    )
]


def labelled(turn: bool) -> str:
    """The texts with labels: those that the model gives, or a part of them turned round."""
    decided = load_model().predict_proba(TEXTS) >= load_model().thresholds
    rng = np.random.default_rng(0)
    truth = np.where(rng.random(decided.shape) < (0.35 if turn else 0.1), ~decided, decided)
    table = pd.DataFrame({"description": TEXTS})
    for j, name in enumerate(load_model().categories):
        table[name] = truth[:, j].astype(int)
    return table.to_csv(index=False)


@pytest.fixture
def drift(open_page: Open) -> AppTest:
    return open_page(DRIFT)


@pytest.mark.parametrize("mode", MODES)
def test_every_way_to_decide_says_what_it_finds_and_costs(open_page: Open, mode: str) -> None:
    page = open_page(CLASSIFY)
    page.segmented_control(key="classify_mode").set_value(mode).run()
    told = next(one for one in read_modes(load_manifest().modes) if one.name == mode)
    assert all(each.cost in said(page).replace("\\", "") for each in told.categories)
    assert len([one for one in page.markdown if one.value.startswith("| ")]) == len(MODES)


def test_finding_more_predicts_what_balance_leaves_out(open_page: Open) -> None:
    model = load_model()
    texts = [f"{first} {last}" for first in TEXTS for last in ("", "I saw him.", "They laughed.")]
    probabilities, more = model.predict_proba(texts), model.mode(FIND_MORE)
    found = more.decide(probabilities) & ~model.mode(BALANCED).unsure(probabilities)
    row, j = np.argwhere(found & (probabilities < model.thresholds))[0]
    page = open_page(CLASSIFY)
    page.text_area(key="classify_text").set_value(texts[row])
    page.button(key="FormSubmitter:classify_form-Classify").click().run()
    before = page.header[0].value
    page.segmented_control(key="classify_mode").set_value(FIND_MORE).run()
    # What only the lower threshold reaches is never sure.
    assert model.categories[j] in page.header[0].value.partition("Unsure: ")[2]
    assert model.categories[j] not in before


def test_being_sure_never_predicts_what_it_cannot_promise(open_page: Open) -> None:
    page = open_page(CLASSIFY)
    page.segmented_control(key="classify_mode").set_value(BE_SURE).run()
    page.button(key="example_1").click().run()
    assert page.header[0].value == "Unsure: Ogling."
    (chart, *_) = page.get("plotly_chart")
    assert "threshold none" in str(chart.proto)


def test_the_way_to_decide_outlasts_a_visit_to_another_page(open_page: Open) -> None:
    page = open_page(CLASSIFY)
    page.segmented_control(key="classify_mode").set_value(FIND_MORE).run()
    page.switch_page(DRIFT).run()
    page.switch_page(CLASSIFY).run()
    assert page.segmented_control(key="classify_mode").value == FIND_MORE


def test_an_ordinary_week_tells_how_many_reports_are_missed(drift: AppTest) -> None:
    drift.selectbox(key="drift_sample").set_value("ordinary-week").run()
    words = said(open_tab(drift, drift_copy.QUALITY_TAB))
    assert drift_copy.ESTIMATE_TITLE in words
    assert "expected to be right" in words
    assert parts.escape(drift_copy.missed_label("Ogling")) in words


def test_where_other_things_came_in_nothing_is_estimated_and_it_says_why(drift: AppTest) -> None:
    upload(drift, "drift_file", pd.DataFrame({"description": TEXTS * 2}).to_csv(index=False))
    words = said(open_tab(drift, drift_copy.QUALITY_TAB))
    assert "outside what the calibration saw" in words or "looks broken" in words
    assert parts.escape(drift_copy.missed_label("Ogling")) not in words
    assert parts.escape(SHARES_GIVEN) in words


def test_labels_that_agree_are_no_fall_and_those_that_do_not_are_the_headline(
    drift: AppTest,
) -> None:
    upload(drift, "drift_file", labelled(turn=True))
    words = said(open_tab(drift, drift_copy.QUALITY_TAB))
    assert drift_copy.QUALITY_TITLES["fell"] in words
    figures = next(
        one.value
        for one in drift.dataframe
        if tuple(one.value.columns) == drift_copy.FIGURE_COLUMNS
    )
    assert figure_name("Ogling", "recall") in figures["Figure"].tolist()


def test_a_past_check_still_says_how_good_its_answers_were(drift: AppTest) -> None:
    upload(drift, "drift_file", labelled(turn=True))
    drift.session_state["drift_tab"] = past_checks_copy.PAST_TAB
    drift.session_state["past_result"] = drift_copy.QUALITY_TAB
    drift.run()
    assert drift_copy.QUALITY_TITLES["fell"] in [one.value for one in drift.header]


def test_evidently_draws_the_answers_of_a_batch_with_labels(drift: AppTest) -> None:
    upload(drift, "drift_file", labelled(turn=True))
    open_tab(drift, reports_copy.TABS["quality"])
    assert not drift.error
    assert len(drift.get("iframe")) == 1


def test_labels_that_cannot_be_used_are_named_beside_the_estimate(drift: AppTest) -> None:
    table = pd.DataFrame({"description": TEXTS, **{name: 1 for name in load_model().categories}})
    table.loc[20:, "Ogling"] = None
    upload(drift, "drift_file", table.to_csv(index=False))
    words = said(open_tab(drift, drift_copy.QUALITY_TAB))
    assert "Quality is not judged." in words
    assert drift_copy.ESTIMATE_TITLE in words or "too few" in words.lower()


def test_a_files_rows_say_their_answer_in_words_and_anew_in_another_mode(open_page: Open) -> None:
    page = open_page(CLASSIFY)
    upload(page, "classify_file", pd.DataFrame({"description": TEXTS[:6]}).to_csv(index=False))
    next(one for one in page.button if one.label.startswith("Classify ")).click().run()
    balanced = page.dataframe[0].value["answer"].tolist()
    assert any(one.startswith("Likely: Ogling") for one in balanced)
    page.segmented_control(key="classify_mode").set_value(BE_SURE).run()
    sure = page.dataframe[0].value["answer"].tolist()
    assert not any("Likely: Ogling" in one for one in sure)
    assert any("Unsure: Ogling" in one for one in sure)

"""Why, on the page Classify: what is said, what is drawn, and that hostile words stay words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from afterword.model.explanation import explain
from afterword.model.registry import load_model
from afterword.ui.classify import why_charts
from afterword.ui.copy import classify as classify_copy
from tests.pages.conftest import CLASSIFY, Open, said
from tests.pages.test_classify import HOSTILE, classify

BOX = {"classify_text", "classify_asked"}
STARED = "A man kept staring at me and winked; somebody touchd my arm."

INERT = {
    **HOSTILE,
    "an end of the box": "</span></div><style>*{display:none}</style> he stared",
    "entities": "&lt;b&gt; &amp;lt;script&amp;gt; &#60;i&#62; he stared",
    "quotation marks": '" onmouseover="window.__pwned=1" \' he stared',
    "emoji and other scripts": "👀👩‍👩‍👧 he stared صفير आदमी \u202eevil",
    "one endless word": "stare" * 4_000,
    "the longest text": ("<i>stared</i> & whistled " * 1_000)[:20_000],
    "nothing that is known": "§§ 🙈",
}


class Reader(HTMLParser):
    """What a browser would make of it: elements, their attributes, and words."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


def marked(page: AppTest) -> str:
    """The HTML of the marked text."""
    (found,) = (
        one.proto.body for one in page.get("html") if classify_copy.RAISES_SIGN in one.proto.body
    )
    return str(found)


@pytest.mark.parametrize("text", INERT.values(), ids=INERT.keys())
def test_of_any_text_nothing_is_html_but_the_marks_and_all_of_it_is_shown(text: str) -> None:
    why = explain(text, load_model())
    for category in why.categories:
        read = Reader(why_charts.marked_text(why, category))
        assert read.elements <= {"div", "span"}
        assert read.attributes <= {"style", "dir", "role", "tabindex", "aria-label"}
        assert read.words.startswith(why.text + classify_copy.RAISES_SIGN)


@pytest.mark.parametrize("text", INERT.values(), ids=INERT.keys())
def test_of_any_text_the_bars_add_up_to_the_score_and_hold_no_markup_of_its_own(text: str) -> None:
    why = explain(text, load_model())
    for category in why.categories:
        bars = why_charts.bars_of(why, category)
        score = why.scores[why.place_of(category)]
        assert sum(one.amount for one in bars) == pytest.approx(score, abs=1e-9)
        assert len(bars) <= 12
        figure = why_charts.why_bars(why, category)
        for note in figure.layout.annotations:
            assert "<" not in re.sub("</?b>", "", note.text)


def test_each_word_says_what_the_answer_would_be_without_it() -> None:
    model = load_model()
    why = explain("A man kept staring at me and winked.", model)
    place = why.place_of("Ogling")
    (bar,) = (one for one in why_charts.bars_of(why, "Ogling") if one.label == "staring")
    without = model.predict_proba(["A man kept at me and winked."])[0, place]
    assert bar.without == without
    told = f"without it: {without:.0%}".replace("%", " %")
    figure = why_charts.why_bars(why, "Ogling")
    (height,) = (note.y for note in figure.layout.annotations if "staring" in note.text)
    beside = [note.text for note in figure.layout.annotations if note.y == height]
    assert beside[1:] == [told]
    assert f", {told};" in why_charts.why_alt(why, "Ogling")
    words = sum(one.is_word for one in why_charts.bars_of(why, "Ogling"))
    told_of = [note.text for note in figure.layout.annotations if "without it" in note.text]
    assert len(told_of) == words


def test_what_raises_and_what_lowers_differ_by_more_than_their_colour() -> None:
    why = explain(STARED, load_model())
    page = why_charts.marked_text(why, "Groping").partition(classify_copy.RAISES_SIGN)[0]
    lines = re.findall(r"border-bottom:2px (\w+)[^>]*><span[^>]*>(\w)", page)
    assert ("solid", "t") in lines
    assert ("dashed", "s") in lines
    (drawn,) = why_charts.why_bars(why, "Groping").data
    shapes = set(zip(np.sign(drawn.x), drawn.marker.pattern.shape, strict=True))
    assert (1, "") in shapes
    assert (-1, "/") in shapes
    assert (1, "/") not in shapes


def test_the_letters_that_made_an_unknown_word_count_are_deeper_than_the_rest() -> None:
    page = why_charts.marked_text(explain("touchdqx", load_model()), "Groping")
    shades = re.findall(r"background:#\w{6}(\w\w)\">(\w+)<", page)
    depth = {letter: int(shade, 16) for shade, letters in shades for letter in letters}
    assert depth["t"] > depth["x"]


@pytest.mark.parametrize(
    ("raised", "lowered", "expected"),
    [
        (["a", "b"], ["c"], "“a” and “b” raised Ogling most; “c” lowered it."),
        (["a"], [], "“a” raised Ogling most; no word lowered it much."),
        ([], ["c"], "“c” lowered Ogling most; no word raised it much."),
        ([], [], "No single word raised or lowered Ogling much."),
    ],
)
def test_the_sentence_names_what_there_is(
    raised: list[str], lowered: list[str], expected: str
) -> None:
    assert classify_copy.why_sentence("Ogling", raised, lowered) == expected


@pytest.fixture
def page(open_page: Open) -> AppTest:
    return open_page(CLASSIFY)


def test_the_page_says_in_a_sentence_which_words_made_the_likeliest_category(
    page: AppTest,
) -> None:
    classify(page, STARED)
    words = said(page)
    assert "“staring” and “winked” raised Ogling most" in words
    assert "before any word" in words
    assert ">staring<" in re.sub("</span><span[^>]*>", "", marked(page))
    alt = str(page.get("plotly_chart")[1].proto)
    assert "staring +" in alt
    assert "before any word" in alt


def test_another_category_can_be_chosen_and_the_next_text_opens_with_its_own(
    page: AppTest,
) -> None:
    classify(page, STARED)
    (choice,) = (one for one in page.button_group if one.key.startswith("why_"))
    choice.set_value("Groping").run()
    assert "“touchd”" in said(page)
    assert "raised Groping most" in said(page)
    classify(page, "Two men shouted comments about my dress.")
    assert "raised Commenting most" in said(page)


def test_hostile_words_are_shown_as_words_and_it_is_said_that_the_text_was_tidied(
    page: AppTest,
) -> None:
    classify(page, "<script>window.__pwned=1</script> he was staring at me &amp; winked")
    assert "&lt;script&gt;" in marked(page)
    assert "<script" not in marked(page)
    assert classify_copy.WHY_REPAIRED in said(page)
    classify(page, "He was staring at me & winked.")
    assert classify_copy.WHY_REPAIRED not in said(page)


def test_no_word_is_left_in_the_session_or_the_address_beside_the_text_box(page: AppTest) -> None:
    classify(page, "He was staring at Quenby.")
    state = page.session_state._state.filtered_state
    others = {key: value for key, value in state.items() if key not in BOX}
    assert "quenby" in str(state).lower()
    assert "quenby" not in f"{others!r} {page.query_params!r}".lower()

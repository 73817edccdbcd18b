"""A check as one page: whole by itself, and nothing in it runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from typing import Any

import pytest

import afterword
from afterword.drift import figures
from afterword.drift.checking import check
from afterword.drift.wording import detectable_sentence
from afterword.model.registry import version_of
from afterword.quality.category_shares import listed
from afterword.reports import one_page, pictures
from afterword.reports.about import About
from afterword.settings import get_settings
from afterword.store import Store
from tests.conftest import invented
from tests.reports.checks import (
    CHANGED,
    FAULTY,
    STABLE,
    found,
    labelled,
    of_everything,
    of_many_categories,
    too_few,
)

END = datetime(2026, 3, 5, tzinfo=UTC)


def on_paper(page: str) -> str:
    """The parts of a page that are printed: not those that only a screen shows."""
    body = page.partition("<body>")[2]
    kept = [piece.partition("</details>")[2] or piece for piece in body.split("<details")]
    lines = "".join(kept).replace("<li", "\n<li").replace("<tr", "\n<tr").replace("<div", "\n<div")
    return "\n".join(line for line in lines.splitlines() if 'class="screen' not in line)


@pytest.mark.parametrize(
    ("name", "sign"),
    [(STABLE, "✓ Stable"), (CHANGED, "▲ Changed"), (FAULTY, "■ Faulty feed")],
)
def test_the_verdict_has_a_sign_and_a_word_beside_its_colour(name: str, sign: str) -> None:
    assert sign in one_page.page(found(name))


def test_reasons_actions_words_and_measures_stand_on_the_page() -> None:
    page, result = one_page.page(found()), found()
    for sentence in (result.headline, *result.reasons, *result.actions):
        assert escape(sentence) in page
    assert "bytetok" in page
    assert page.count("● moved") == result.measures["drifted"].sum()


def test_what_to_do_comes_before_every_figure() -> None:
    page = one_page.page(found())
    assert page.index(escape(found().actions[0])) < page.index("<svg")


def test_the_window_names_its_first_and_last_day() -> None:
    page = one_page.page(found(), window=(END - timedelta(days=7), END), at=END)
    assert '<p class="feed">26 February to 4 March 2026</p>' in page
    assert "checked 5 March 2026, 00:00 UTC" in page


def test_stream_period_model_and_number_stand_first_where_they_are_known() -> None:
    about = About("web form", "2026-W47", "0a1b2c3d4e5f", 12, END, trial=True)
    page = one_page.page(found(), about=about)
    assert '<p class="feed">Stream “web form” · 2026-W47 · 3 to 9 March 2025</p>' in page
    assert "check no. 12, a trial that counts nowhere · model 0a1b2c3d4e5f" in page
    assert "<title>Check – web form, 2026-W47: Changed</title>" in page
    without = one_page.page(replace(found(), profile=replace(found().profile, period=None)))
    assert '<p class="feed"></p>' in without
    for word in ("Stream", "model ", "check no."):
        assert word not in without.partition("<main>")[0]


def test_what_could_not_be_compared_is_named() -> None:
    scored = replace(found().scored, texts=None)
    assert "need the texts, which are not stored" in one_page.page(check(scored))
    assert "No row was rejected." in one_page.page(found(STABLE))
    assert "Rejected rows: 38 empty." in one_page.page(found(FAULTY))


@pytest.mark.parametrize("name", [STABLE, FAULTY])
def test_how_many_report_each_category_stands_on_the_page(name: str) -> None:
    title, *_ = listed(found(name).shares)
    page = one_page.page(found(name))
    assert f"<h2>{escape(title.rstrip(':'))}</h2>" in page
    for one in found(name).shares:
        assert one.category in page
        assert escape(one.figure) in page


def test_the_picture_shows_every_estimate_with_its_interval_and_trainings_share() -> None:
    for one, row in zip(found(STABLE).shares, pictures.shares(found(STABLE).shares), strict=True):
        assert one.value is not None
        ends = [float(part.split('%"')[0]) for part in row.line.split('="')[1:] if '%"' in part]
        low, high, trained, _, value = ends
        assert low < value < high
        assert value / trained == pytest.approx(one.value / one.trained, rel=0.01)


def test_the_picture_of_measures_has_what_moved_and_what_came_near_and_where_it_moved() -> None:
    ranked = figures.judged(found().ranked())
    shown = pictures.shown_measures(ranked)
    assert [one.name for one in shown] == [
        *[one.name for one in ranked if one.drifted][: pictures.MOST_MOVED],
        *[one.name for one in ranked if not one.drifted][: pictures.NEAREST],
    ]
    for one, row in zip(shown, pictures.measures(shown), strict=True):
        place = float(row.line.rpartition('x="')[2].partition("%")[0])
        limit = float(row.line.partition('class="limit" x1="')[2].partition("%")[0])
        assert (place >= limit) == one.drifted
        assert ('class="calm"' in row.line) == (not one.drifted)
    page = one_page.page(found())
    moved = sum(one.drifted for one in ranked)
    assert f"{moved} of {len(ranked)} measures moved; furthest “Commonest new word”" in page
    assert f"{moved - pictures.MOST_MOVED} more moved less than these." in page


def test_where_nothing_moved_the_picture_says_how_near_anything_came() -> None:
    page = one_page.page(found(STABLE))
    assert "measures reached its threshold; the nearest is “Commonest new word”, at 0." in page
    assert 'svg class="changed"' not in page


def test_how_good_the_answers_are_stands_on_the_page() -> None:
    result = found(STABLE)
    assert result.estimate is not None
    assert escape(result.estimate.sentences[0]) in one_page.page(result)
    judged = labelled()
    assert judged.quality is not None
    page = one_page.page(judged)
    assert page.count(escape(judged.quality.sentence)) == 1
    assert "400 of 400 labelled" in page
    assert "nan" not in page


def test_of_many_categories_paper_shows_what_fell_most_and_a_screen_shows_all() -> None:
    page = one_page.page(of_many_categories(fallen=True))
    paper = on_paper(page)
    for number in range(1, 29):
        assert f"F1 of Topic {number} of the service desk" in page
    rows = paper.partition("labelled</h2>")[2].partition("</table>")[0].count("<tr") - 1
    assert rows == 8
    assert "F1 of Topic 28 of the service desk" in paper
    assert "F1 of Topic 1 of the service desk" not in paper
    assert "which the file shows on a screen." in paper
    assert "Rows with labels of some categories only, which do not count as labelled: 31." in paper


def test_parts_that_moved_stand_on_the_page_and_small_ones_are_counted() -> None:
    table = invented(300)[["description"]].assign(
        town=["Harbourtown"] * 150 + ["Hillview"] * 140 + [f"Small {place}" for place in range(10)]
    )
    result = afterword.check(afterword.read_batch(table), by="town")
    page = one_page.page(result)
    told = [one for one in result.segments if one.rows >= 30]
    assert len(told) == 2
    assert all(escape(one.sentence) in page for one in told)
    few = len(result.segments) - 2
    assert f"Parts with too few descriptions to be judged: {few}." in page


def test_no_description_is_in_the_page_of_a_batch_of_them() -> None:
    table = invented(200)[["description"]]
    table.loc[7, "description"] = "Quenby Marchbanks of 12 Elm Road stared at me by the old mill."
    page = unescape(one_page.page(afterword.check(afterword.read_batch(table))))
    for text in table["description"]:
        words = text.split()
        for begin in range(len(words) - 4):
            assert " ".join(words[begin : begin + 5]) not in page
    for word in ("Quenby", "quenby", "Marchbanks", "Elm"):
        assert word not in page


def test_a_name_cannot_run_as_a_script() -> None:
    attack = '</title><script>alert("1")</script>'
    measures = found().measures.assign(label=attack, detail=attack)
    words = found().words.assign(term=attack)
    shares = tuple(replace(one, category=attack) for one in found(STABLE).shares)
    page = one_page.page(
        replace(
            found(),
            headline=attack,
            reasons=(attack,),
            measures=measures,
            words=words,
            shares=shares,
        ),
        about=About(attack, attack, attack),
    )
    assert "<script" not in page
    assert page.count("</title>") == 1
    assert page.count("<style>") == 1


@pytest.mark.parametrize("result", [found, too_few, labelled, of_everything])
def test_nothing_in_the_page_is_fetched(result) -> None:
    page = one_page.page(result())
    for sign in (
        "<script",
        "<link",
        "<img",
        "<iframe",
        "url(",
        "@import",
        "http:",
        "https:",
        "src",
    ):
        assert sign not in page.partition("<body>")[2].lower()
    assert "default-src 'none'; style-src 'unsafe-inline'" in page


def test_too_few_rows_are_grey_and_not_green() -> None:
    scored = replace(found().scored, texts=None, rejections={})
    page = one_page.page(check(replace(scored, frame=scored.frame.head(5))))
    assert "5 descriptions: too few to tell" in page
    assert 'class="verdict">? ' in page
    assert "✓" not in page
    assert "There are too few rows to compare anything" in page
    assert "No row was" not in page
    assert "<svg" not in page


# ---------------------------------------------------------------- a check that is kept


def kept(store: Store, result, **options):
    given: dict[str, Any] = {"source": "command", "model": version_of(), "at": END} | options
    number = store.checks.add(result, **given)
    assert number is not None, store.problem
    return store.checks.get(number)


@pytest.mark.parametrize("result", [found, too_few, labelled])
def test_a_kept_check_gives_the_page_that_the_check_itself_gave(store: Store, result) -> None:
    one = kept(store, result(), trial=True, at=datetime.now(UTC))
    name, content = one_page.page_of(one, stream="web form", period="2026-W47")
    about = About.of(one, stream="web form", period="2026-W47")
    assert content.decode() == one_page.page(result(), about=about)
    assert name == f"afterword-web-form-2026-w47-check-{one.id}.html"


def test_a_check_of_another_model_has_a_page_too_and_names_that_model(store: Store) -> None:
    _, content = one_page.page_of(kept(store, found(), model="0ther5m0de1s"))
    page = content.decode()
    assert "model 0ther5m0de1s" in page
    assert "bytetok" in page
    assert "Stream" not in page


def test_where_the_pages_have_an_address_the_page_says_where_the_whole_check_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = kept(store, found())
    assert "The whole check" not in one_page.page_of(one).content.decode()
    monkeypatch.setenv("AFTERWORD_PUBLIC_URL", "https://afterword.example.org")
    get_settings.cache_clear()
    page = one_page.page_of(one).content.decode()
    assert f"The whole check: https://afterword.example.org/drift?check={one.id}" in page


def test_how_sure_it_is_stands_on_the_page_once() -> None:
    result = found(STABLE)
    page = one_page.page(result)
    assert page.count(escape(detectable_sentence(result.detectable, 400))) == 1
    assert all(escape(one) in page for one in result.limits)

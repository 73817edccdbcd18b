"""A check as one page: whole by itself, and nothing in it runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from pathlib import Path

import pytest

import afterword
from afterword.drift.checking import check
from afterword.drift.result import CheckResult
from afterword.quality.category_shares import listed
from afterword.reports import one_page

SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
END = datetime(2026, 3, 5, tzinfo=UTC)


@cache
def found(name: str = "new-app-in-the-news.csv") -> CheckResult:
    return check(afterword.read(SAMPLES / name))


@pytest.mark.parametrize(
    ("name", "sign"),
    [
        ("ordinary-week.parquet", "✓ Stable"),
        ("new-app-in-the-news.csv", "▲ Changed"),
        ("broken-export.csv", "■ Faulty feed"),
    ],
)
def test_the_verdict_has_a_sign_and_a_word_beside_its_colour(name: str, sign: str) -> None:
    assert sign in one_page.page(found(name))


def test_reasons_actions_words_and_measures_stand_on_the_page() -> None:
    page, result = one_page.page(found()), found()
    for sentence in (result.headline, *result.reasons, *result.actions):
        assert escape(sentence) in page
    assert "bytetok" in page
    assert page.count("● moved") == result.measures["drifted"].sum()


def test_the_window_names_its_first_and_last_day() -> None:
    page = one_page.page(found(), window=(END - timedelta(days=7), END), at=END)
    assert "inputs of 2026-02-26 to 2026-03-04" in page
    assert "Checked 2026-03-05 00:00 UTC" in page


def test_what_could_not_be_compared_is_named() -> None:
    scored = replace(found().scored, texts=None)
    assert "need the texts, which are not stored" in one_page.page(check(scored))
    assert "Not compared" not in one_page.page(found("ordinary-week.parquet"))


@pytest.mark.parametrize("name", ["ordinary-week.parquet", "broken-export.csv"])
def test_how_many_report_each_category_stands_on_the_page(name: str) -> None:
    title, *lines = listed(found(name).shares)
    page = one_page.page(found(name))
    assert f"<h2>{escape(title.rstrip(':'))}</h2>" in page
    assert len(lines) == 3
    assert all(f"<li>{escape(line)}</li>" in page for line in lines)


def test_how_good_the_answers_are_stands_on_the_page() -> None:
    result = found("ordinary-week.parquet")
    assert result.estimate is not None
    assert escape(result.estimate.sentences[0]) in one_page.page(result)
    labels = (result.scored.frame[["Commenting probability"] * 3].to_numpy() > 0.5).astype(float)
    judged = check(replace(result.scored, labels=labels))
    assert judged.quality is not None
    page = one_page.page(judged)
    assert escape(judged.quality.sentence) in page
    assert "400 of 400 labelled" in page
    assert "nan" not in page


def test_a_name_cannot_run_as_a_script() -> None:
    attack = '</title><script>alert("1")</script>'
    measures = found().measures.assign(label=attack)
    words = found().words.assign(term=attack)
    page = one_page.page(
        replace(found(), headline=attack, reasons=(attack,), measures=measures, words=words)
    )
    assert "<script" not in page
    assert page.count("</title>") == 1


def test_too_few_rows_are_grey_and_not_green() -> None:
    scored = replace(found().scored, texts=None, rejections={})
    page = one_page.page(check(replace(scored, frame=scored.frame.head(5))))
    assert "5 descriptions: too few to tell" in page
    assert 'class="verdict">? ' in page
    assert "✓" not in page

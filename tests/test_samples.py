"""The sample batches: made as committed, readable, and showing what they say they show."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from afterword import read as read_scored
from afterword.files.reading import EMPTY, read_batch
from afterword.model.registry import load_reference

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "samples"
LARGEST = 150_000

spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make_samples.py")
assert spec is not None
assert spec.loader is not None
make_samples = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = make_samples  # dataclasses look their module up
spec.loader.exec_module(make_samples)

TEXT_SAMPLES = sorted(make_samples.SAMPLES)


def read(name):
    return read_batch(SAMPLES / name, categories=())


def test_the_samples_are_made_to_the_byte_as_they_are_committed(tmp_path: Path) -> None:
    make_samples.main(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == TEXT_SAMPLES
    for name in TEXT_SAMPLES:
        assert (tmp_path / name).read_bytes() == (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", TEXT_SAMPLES)
def test_every_sample_is_a_week_of_reports_that_differ(name) -> None:
    batch = read(name)
    assert (SAMPLES / name).stat().st_size < LARGEST
    assert list(batch.table.columns) == ["received_at", "description", "channel"]
    assert (batch.columns.description, batch.columns.time) == ("description", "received_at")
    assert len(batch.rows) >= 250
    assert batch.texts.nunique() > 0.98 * len(batch.texts)


@pytest.mark.parametrize("name", [n for n in TEXT_SAMPLES if "broken" not in n])
def test_only_the_broken_sample_has_rejected_rows(name) -> None:
    assert len(read(name).rejected) == 0


def test_about_three_in_ten_reports_mention_the_new_app() -> None:
    texts = read("new-app-in-the-news.csv").texts
    assert 0.25 < texts.str.contains("bytetok", case=False).mean() < 0.35


def test_the_broken_export_is_cut_escaped_wrongly_decoded_and_partly_empty() -> None:
    batch = read("broken-export.csv")
    assert batch.reading["encoding"].value == "Windows-1252 (Latin-1)"
    assert batch.reading["separator"].value == ";"
    assert [choice.of for choice in batch.reading.doubtful] == ["date order"]
    assert (batch.rejected["reason"] == EMPTY).mean() == 1
    assert len(batch.rejected) >= 0.08 * len(batch.table)
    assert batch.texts.str.len().max() == make_samples.CUT_AT
    assert batch.texts.str.contains("&quot;|&#39;|&amp;").mean() > 0.1
    assert batch.texts.str.contains("\u00e2\u20ac\u2122").mean() > 0.05
    assert batch.texts.str.contains("\u2019").mean() > 0.1


def test_most_reports_of_one_sample_are_of_staring() -> None:
    staring = r"star|look|wink|watch|faces"

    def share(name):
        return read(name).texts.str.contains(staring, case=False).mean()

    assert share("many-more-of-one-category.jsonl") > 0.6
    assert share("many-more-of-one-category.jsonl") > 1.5 * share("new-app-in-the-news.csv")


def test_people_write_in_many_ways() -> None:
    texts = read("new-app-in-the-news.csv").texts
    assert 0.2 < texts.str.match(r"[A-Z]").mean() < 0.9
    assert texts.str.endswith(".").mean() < 0.9
    assert texts.str.len().quantile(0.9) > 2 * texts.str.len().quantile(0.1)


def test_the_ordinary_week_is_scored_rows_without_text_and_with_a_profile() -> None:
    week = read_scored(SAMPLES / "ordinary-week.parquet")
    assert len(week.frame) == 400
    assert all(dtype == np.float32 for dtype in week.frame.dtypes)
    assert week.texts is not None
    assert week.texts.rows == 400
    assert (SAMPLES / "ordinary-week.parquet").stat().st_size < LARGEST


def test_the_ordinary_week_was_drawn_from_the_reference() -> None:
    week = read_scored(SAMPLES / "ordinary-week.parquet").frame
    reference = load_reference()
    for name in week:
        drawn = week[name].value_counts()
        assert (drawn <= reference[name].value_counts().reindex(drawn.index)).all()

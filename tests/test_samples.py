"""The sample batches: made as committed, readable, and showing what they say they show."""

from __future__ import annotations

import importlib.util
import io
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from afterword.batch import EMPTY, read_batch

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "samples"
LARGEST = 150_000

spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make_samples.py")
make_samples = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = make_samples  # dataclasses look their module up
spec.loader.exec_module(make_samples)

TEXT_SAMPLES = sorted(make_samples.SAMPLES)


def read(name):
    return read_batch(SAMPLES / name, categories=())


@pytest.fixture
def reference():
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {"words": rng.integers(1, 90, 900), "Ogling probability": rng.random(900).round(2)}
    )


def test_the_samples_are_made_to_the_byte_as_they_are_committed(tmp_path: Path):
    make_samples.main(tmp_path, reference=tmp_path / "none.parquet")
    assert sorted(path.name for path in tmp_path.iterdir()) == TEXT_SAMPLES
    for name in TEXT_SAMPLES:
        assert (tmp_path / name).read_bytes() == (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", TEXT_SAMPLES)
def test_every_sample_is_a_week_of_reports_that_differ(name):
    batch = read(name)
    assert (SAMPLES / name).stat().st_size < LARGEST
    assert list(batch.table.columns) == ["received_at", "description", "channel"]
    assert (batch.columns.description, batch.columns.time) == ("description", "received_at")
    assert len(batch.rows) >= 250
    assert batch.texts.nunique() > 0.98 * len(batch.texts)


@pytest.mark.parametrize("name", [n for n in TEXT_SAMPLES if "broken" not in n])
def test_only_the_broken_sample_has_rejected_rows(name):
    assert len(read(name).rejected) == 0


def test_about_three_in_ten_reports_mention_the_new_app():
    texts = read("new-app-in-the-news.csv").texts
    assert 0.25 < texts.str.contains("bytetok", case=False).mean() < 0.35


def test_the_broken_export_is_cut_escaped_wrongly_decoded_and_partly_empty():
    batch = read("broken-export.csv")
    assert batch.notes == ("Windows-1252 (Latin-1), separated by semicolons",)
    assert (batch.rejected["reason"] == EMPTY).mean() == 1
    assert len(batch.rejected) >= 0.08 * len(batch.table)
    assert batch.texts.str.len().max() == make_samples.CUT_AT
    assert batch.texts.str.contains("&quot;|&#39;|&amp;").mean() > 0.1
    assert batch.texts.str.contains("\u00e2\u20ac\u2122").mean() > 0.05
    assert batch.texts.str.contains("\u2019").mean() > 0.1


def test_most_reports_of_one_sample_are_of_staring():
    staring = r"star|look|wink|watch|faces"

    def share(name):
        return read(name).texts.str.contains(staring, case=False).mean()

    assert share("many-more-of-one-category.jsonl") > 0.6
    assert share("many-more-of-one-category.jsonl") > 1.5 * share("new-app-in-the-news.csv")


def test_people_write_in_many_ways():
    texts = read("new-app-in-the-news.csv").texts
    assert 0.2 < texts.str.match(r"[A-Z]").mean() < 0.9
    assert texts.str.endswith(".").mean() < 0.9
    assert texts.str.len().quantile(0.9) > 2 * texts.str.len().quantile(0.1)


def test_the_ordinary_week_is_rows_of_the_reference_and_no_text(tmp_path: Path, reference):
    week = make_samples.ordinary_week(reference)
    assert len(week) == 400
    assert list(week.index) == list(range(400))
    pd.testing.assert_frame_equal(week, make_samples.ordinary_week(reference))
    drawn = reference.value_counts()
    assert (week.value_counts() <= drawn.reindex(week.value_counts().index)).all()

    reference.assign(note="a text").to_parquet(tmp_path / "reference.parquet")
    make_samples.main(tmp_path, tmp_path / "reference.parquet")
    content = (tmp_path / "ordinary-week.parquet").read_bytes()
    about = pq.read_schema(io.BytesIO(content)).metadata[b"afterword"]
    assert re.match(rb'{"kind":"scored rows","sample":true', about)
    assert list(pd.read_parquet(io.BytesIO(content)).columns) == list(reference.columns)
    assert len(content) < LARGEST


def test_a_small_reference_gives_what_it_has(reference):
    assert len(make_samples.ordinary_week(reference.head(10))) == 10

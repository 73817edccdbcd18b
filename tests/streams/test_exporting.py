"""The days of a stream as a table."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from afterword.model.reference import probability_column
from afterword.model.registry import load_model
from afterword.model.scoring import score
from afterword.store import Store
from afterword.streams.adding import add
from afterword.streams.exporting import days_of_stream
from tests.conftest import invented

MONDAY = datetime(2026, 2, 16, 9, tzinfo=UTC)


def test_a_line_a_day_has_the_counts_and_means_of_its_rows(store: Store) -> None:
    store.streams.create("form", "day")
    table = pd.DataFrame({"text": [*invented(60)["description"], ""]})
    table["received at"] = [f"{MONDAY + timedelta(days=row // 30):%Y-%m-%d}" for row in range(61)]
    table.loc[60, "received at"] = f"{MONDAY:%Y-%m-%d}"
    add(table, stream="form", store=store)
    found = days_of_stream("Form", store=store)
    assert [str(day) for day in found["day"]] == ["2026-02-16", "2026-02-17"]
    assert found["descriptions"].tolist() == [30, 30]
    assert found["rejected"].tolist() == [1, 0]
    rows = score(table["text"][:30].tolist()).frame
    model = load_model()
    for name, threshold in zip(model.categories, model.thresholds, strict=True):
        given = int((rows[probability_column(name)] >= threshold).sum())
        assert found[f"given {name}"][0] == given
    assert found["mean log words"][0] == pytest.approx(np.log1p(rows["words"]).mean(), abs=2e-3)
    assert not found.isna().any().any()


def test_a_stream_without_rows_is_a_table_without_lines(store: Store) -> None:
    found = days_of_stream("service", store=store)
    assert len(found) == 0
    assert "descriptions" in found.columns

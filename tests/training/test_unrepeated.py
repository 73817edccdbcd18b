"""How often a feed alarms that never holds the same text twice."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from afterword.drift.wording import few_common
from afterword.measures.null_tables import load_tables
from afterword.training.unrepeated import MOST, alarms_of_unrepeated


def test_a_feed_without_repeats_alarms_more_often_than_promised_and_it_is_known_how_often() -> None:
    tables = load_tables()
    known = ~np.isnan(tables.unrepeated)
    assert known[tables.sizes <= 1_000].all()
    assert not known[tables.sizes > tables.rows / 2].any()
    assert (tables.unrepeated[known] <= 1).all()
    # Of few rows nothing can be seen of it, of many it can.
    assert tables.unrepeated[tables.sizes == 1_000] > tables.unrepeated[tables.sizes == 30]


def test_the_sentence_has_the_number_or_says_that_there_are_more() -> None:
    assert "about 34 of 100 checks" in few_common(0.06, 0.0, 0.34)
    assert "more checks of so many" in few_common(0.06, 0.0, math.nan)


def test_batches_are_drawn_from_rows_with_a_text_of_their_own_and_alarms_are_counted() -> None:
    """Distances are those of an invented split: far apart where the batch begins with such rows."""
    tables = load_tables()
    alone = np.arange(400) % 4 > 0
    small = replace(tables, sizes=np.array([30, 100, 200]))
    begun = []

    def split(order: np.ndarray) -> dict[str, np.ndarray]:
        begun.append(alone[order[:300]].all() and len(set(order.tolist())) == 400)
        far = float(len(begun) % 4 == 0)
        return {each.name: np.full(3, 9.0 * far) for each in tables.definitions}

    found = alarms_of_unrepeated(split, alone, small, seed=0)
    assert all(begun)
    assert found[:2] == pytest.approx([0.25, 0.25])
    assert np.isnan(found[2]) == (MOST * 300 < 200)

"""How often a feed alarms that never holds the same text twice."""

from __future__ import annotations

import math

import numpy as np

from afterword.drift.wording import few_common
from afterword.measures.null_tables import load_tables


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

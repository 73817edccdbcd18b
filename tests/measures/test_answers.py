"""Rows that are alike are counted together, in one order, however they come."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.measures.answers import LabelledAnswers, count_rows


@pytest.mark.parametrize("width", [1, 3, 8, 9, 14])
def test_equal_rows_are_counted_in_ascending_order(width: int) -> None:
    rows = np.random.default_rng(width).integers(0, 3, (500, width)).astype(np.uint8)
    rows[:, 0] += 250
    expected: dict[tuple[int, ...], int] = {}
    for row in sorted(map(tuple, rows.tolist())):
        expected[row] = expected.get(row, 0) + 1
    for counts, times in ((None, 1), (np.full(500, 2), 2)):
        found, sizes = count_rows(rows, counts)
        assert list(map(tuple, found.tolist())) == list(expected)
        assert sizes.tolist() == [times * count for count in expected.values()]
        assert found.dtype == np.uint8
        assert sizes.dtype == np.int64


def test_no_rows_are_no_counts() -> None:
    found, sizes = count_rows(np.zeros((0, 3), np.uint8))
    assert (found.shape, sizes.shape) == ((0, 3), (0,))


def test_codes_are_counted_as_the_rows_that_they_stand_for() -> None:
    generator = np.random.default_rng(4)
    cents = generator.integers(0, 101, (400, 2)).astype(np.uint8)
    labels = generator.integers(0, 2, (400, 2)).astype(np.uint8)
    found = LabelledAnswers.of_codes(cents, labels)
    expected = LabelledAnswers.of(cents / 100, labels.astype(float), None)
    drawn = LabelledAnswers.of(cents / 100, labels.astype(float), np.full(400, 0.5))
    for name in ("cents", "labels", "counts"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()
        assert getattr(found, name).tolist() == getattr(drawn, name).tolist()
    assert np.isnan(found.inclusion).all()

"""Cells of labels and predictions as numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from afterword.files.shares import Cells, are_codes, count_cells, is_missing, parse_shares


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("yes", 1), ("no", 0), ("ja", 1), ("nein", 0), ("oui", 1), ("non", 0), ("sí", 1), ("x", 1),
        ("✓", 1), ("true", 1), ("WAHR", 1), ("FALSCH", 0), ("VRAI", 1), ("FAUX", 0), ("1.0", 1),
        ("0.0", 0), ("1,0", 1), ("0,35", 0.35), ("35 %", 0.35), ("100%", 1), (" 1 ", 1), (True, 1),
        (np.bool_(False), 0), (1.0, 1),
        ("1 = yes", 1), ("2 = no", 0), ("1 Yes", 1), ("2 No", 0), ("(1) Ja", 1), ("2. Nein", 0),
        ("Yes (1)", 1), ("No: 2", 0), ("0 - No", 0), ("1=Not Selected", 0), ("2 – oui", 1),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_people_write_it(cell: object, value: float) -> None:
    assert parse_shares(pd.Series([cell], dtype=object)).tolist() == [value]


@pytest.mark.parametrize(
    "cell",
    ["maybe", "2", "-1", "x y", ["1"], "1 0", "1 x", "2 maybe", "yes no", "no 1 came", "111 yes"],
)
def test_anything_else_is_no_share(cell: object) -> None:
    assert parse_shares(pd.Series([cell], dtype=object)).isna().all()
    assert not is_missing(cell)


@pytest.mark.parametrize(
    "cell",
    ["NA", "N/A", "nan", "None", "null", "-", "?", "", "  ", "#N/A", "missing", "Not labelled",
     None, float("nan"), pd.NA, pd.NaT],
)  # fmt: skip
def test_a_cell_that_nobody_filled_is_told(cell: object) -> None:
    assert is_missing(cell)
    assert parse_shares(pd.Series([cell], dtype=object)).isna().all()


def test_cells_are_counted_by_what_they_cost() -> None:
    column = pd.Series(["1", "0", "NA", "", None, "maybe"])
    cells = count_cells(column, parse_shares(column).notna().to_numpy())
    assert cells == Cells(read=2, said_missing=1, odd=1)
    assert cells.share == pytest.approx(2 / 3)
    assert Cells(0, 3, 0).share == 0


@pytest.mark.parametrize(
    ("cells", "coded"),
    [
        ([1, 2], True), (["1", "2", "NA", ""], True), ([1.0, 2.0, None], True), ([1, 2, 9], True),
        ([1, 2, -99], True), ([0, 1, 2], False), ([1, 1], False), ([2, 2], False), ([1, 0], False),
        (["1", "2", "yes"], False), (["1", "2", "0.5"], False), ([], False),
        ([["1"], ["2"]], False),
    ],
)  # fmt: skip
def test_codes_that_do_not_say_which_means_yes_are_told_apart(
    cells: list[object], coded: bool
) -> None:
    assert are_codes(pd.Series(cells)) == coded
    assert are_codes(pd.Series(cells, dtype=object)) == coded

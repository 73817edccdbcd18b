"""Cells that name categories, in the forms of the tools that write them."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterword.files.class_names import Named, compared, frequent_names, read_cell, read_names

NAMES = compared({"Ogling": "Ogling/Staring", "Groping": "Touching /Groping"})
BOTH = frozenset({"Ogling", "Groping"})


@pytest.mark.parametrize(
    "cell",
    [
        ["Ogling", "Groping"],
        ("Ogling", "Groping"),
        np.array(["Ogling", "Groping"], dtype=object),
        '{"choices": ["Ogling", "Groping"]}',
        {"choices": ["Ogling", "Groping"]},
        '["Ogling", "Groping"]',
        "['Ogling', 'Groping']",
        "['Ogling' 'Groping']",
        "(Ogling, Groping)",
        "{'Ogling', 'Groping'}",
        "Ogling#Groping", "Ogling|Groping", "Ogling;Groping", "Ogling, Groping", "Ogling\nGroping",
        "  groping ;OGLING ",
        "Ogling/Staring, Touching /Groping",
        [[0, 5, "Ogling"], [7, 9, "Groping"]],
        [{"start": 0, "end": 5, "label": "Ogling"}, {"start": 7, "end": 9, "label": "Groping"}],
        [{"result": [{"type": "choices", "value": {"choices": ["Ogling", "Groping"]}}], "id": 7}],
        {"Ogling": 1, "Groping": True},
        '{"Ogling": 1.0, "Groping": 1, "Waving": 0}',
    ],
)  # fmt: skip
def test_two_names_are_read_in_every_form(cell: Any) -> None:
    assert read_cell(cell, NAMES) == Named(BOTH, 0)


@pytest.mark.parametrize(
    "cell", [[], "[]", "()", np.array([]), '{"choices": []}', "none of the above", {"Ogling": 0}]
)
def test_an_empty_list_says_that_none_applies(cell: Any) -> None:
    assert read_cell(cell, NAMES) == Named(frozenset(), 0)


@pytest.mark.parametrize("cell", [None, float("nan"), "", "NA", "not labelled", pd.NA])
def test_a_cell_that_nobody_filled_names_nothing_and_is_no_empty_list(cell: Any) -> None:
    assert read_cell(cell, NAMES) is None


@pytest.mark.parametrize(
    "cell", [7, [7], "waving", "{}", {"start": 1, "end": 3}, [None], "[[[", ", ;", "''", [""]]
)
def test_what_names_no_category_is_not_taken_for_none_of_them(cell: Any) -> None:
    named = read_cell(cell, NAMES)
    assert named is not None
    assert not named.tells


def test_a_strangers_name_costs_that_name_only() -> None:
    found = read_names(pd.Series(["Ogling, waving", "waving", "Groping"]), NAMES, sorted(BOTH))
    assert found.labels[[0, 2]].tolist() == [[0, 1], [1, 0]]
    assert np.isnan(found.labels[1]).all()
    assert (found.naming, found.others) == (2, 1)


def test_a_name_may_hold_a_separator() -> None:
    names = compared(["Noise, loud", "Litter"])
    assert read_cell("Noise, loud", names) == Named(frozenset({"Noise, loud"}), 0)
    assert read_cell("Litter|Noise, loud", names) == Named(frozenset({"Noise, loud", "Litter"}), 0)


def test_lists_from_parquet_and_json_lines_are_the_same() -> None:
    lists = [["Ogling"], [], ["Groping", "Ogling"], None]
    out = io.BytesIO()
    pd.DataFrame({"label": lists}).to_parquet(out)
    parquet = pd.read_parquet(out)["label"]
    plain = pd.Series([json.loads(json.dumps(each)) for each in lists])
    for column in (parquet, plain):
        labels = read_names(column, NAMES, ("Ogling", "Groping")).labels
        wanted = np.array([[1, 0], [0, 0], [1, 1], [np.nan] * 2])
        assert np.array_equal(labels, wanted, equal_nan=True)


def test_names_are_found_where_nobody_knows_the_categories() -> None:
    column = pd.Series(["Noise", '["Noise", "Litter"]', "Litter", None, "NA"])
    assert frequent_names(column, most=5, least=2) == ("Noise", "Litter")
    assert frequent_names(column, most=1, least=2) == ()
    assert frequent_names(column, most=5, least=3) == ()
    assert frequent_names(pd.Series(["0", "1", "2"] * 9), most=5, least=2) == ()
    assert frequent_names(pd.Series(map(str, range(500))), most=5, least=1) == ()


@pytest.mark.parametrize("cell", ["[" * 50_000, "{" * 50_000, "['a" * 20_000, "a," * 50_000])
def test_a_hostile_cell_is_read_at_once(cell: str) -> None:
    assert read_cell(cell, NAMES) is not None


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("{'Ogling': 1, 'Groping': 0}", {"Ogling"}),
        ("{'Ogling': False, 'Groping': True, 'waving': None}", {"Groping"}),
        ("{'choices': ['Ogling']}", {"Ogling"}),
        ("{'Ogling'}", {"Ogling"}),
        ("set()", set()),
        ({"Ogling": True, "Groping": None}, {"Ogling"}),
    ],
)
def test_what_python_writes_is_read_as_it_is_meant(cell: object, wanted: set[str]) -> None:
    named = read_cell(cell, NAMES)
    assert named is not None
    assert named.tells
    assert named.categories == wanted


@pytest.mark.parametrize(
    "cell",
    [
        "{'Ogling': 1, 'waving': nan}",
        [{"was_cancelled": True, "result": []}],
        {"Ogling": None, "Groping": None},
    ],
)
def test_an_object_that_is_not_understood_names_no_category(cell: object) -> None:
    named = read_cell(cell, NAMES)
    assert named is not None
    assert not named.tells

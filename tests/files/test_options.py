"""What --label is given."""

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from afterword.errors import BatchError
from afterword.files.options import ReadOptions, parse_labels
from afterword.files.reading import read_batch


def test_a_category_has_a_column_and_a_column_of_names_has_none() -> None:
    told = parse_labels(["Ogling = was_ogled", "Groping=a=b", "label"])
    assert told == {"Ogling": "was_ogled", "Groping": "a=b", "": "label"}
    assert parse_labels([]) == {}


@pytest.mark.parametrize("value", ["", "=", "Ogling=", "=column", "  "])
def test_a_missing_name_is_one_sentence(value: str) -> None:
    with pytest.raises(BatchError, match="NAME=COLUMN"):
        parse_labels([value])


@pytest.mark.parametrize("values", [["Ogling=a", "Ogling=b"], ["label", "category"]])
def test_two_columns_for_the_same_labels_are_refused(values: list[str]) -> None:
    with pytest.raises(BatchError, match="tell it once"):
        parse_labels(values)


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        (
            {"labels": ["Ogling=was_ogled", "label"]},
            {"labels": {"Ogling": "was_ogled", "": "label"}},
        ),
        ({"labels": "label"}, {"labels": {"": "label"}}),
        ({"labels": None}, {"labels": {}}),
        ({"zone": ZoneInfo("Europe/Berlin")}, {"zone": "Europe/Berlin"}),
        ({"description": 0, "time": ("meta", "sent")}, {"description": "0", "time": "meta sent"}),
        ({"description": ["text"]}, {"description": "text"}),
        ({"sheet": 2.0}, {"sheet": 2}),
        ({"sheet": [1]}, {"sheet": "1"}),
        ({"header_row": "3"}, {"header_row": 3}),
        ({"header_row": 3.0}, {"header_row": 3}),
        ({"header_row": np.int64(0)}, {"header_row": 0}),
    ],
)
def test_what_python_has_instead_of_texts_is_taken(
    told: dict[str, Any], taken: dict[str, object]
) -> None:
    options = ReadOptions(**told)
    assert {name: getattr(options, name) for name in taken} == taken


@pytest.mark.parametrize("labels", [5, {"label"}, ["Ogling="], [""], ["label", "label"]])
def test_labels_that_are_none_are_one_sentence_about_labels(labels: Any) -> None:
    content = b"text,label\nHe stared at me.,Ogling\n"
    with pytest.raises(BatchError, match="label"):
        read_batch(content, categories=("Ogling",), labels=labels)


@pytest.mark.parametrize("row", [-1, 1.5, True, "", "one", "-1", "²", "9" * 5_000, [1]])
def test_a_row_of_names_that_is_no_number_is_one_sentence(row: Any) -> None:
    with pytest.raises(BatchError, match="told by its number"):
        ReadOptions(header_row=row)

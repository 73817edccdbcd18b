"""What --label is given."""

import pytest

from afterword.errors import BatchError
from afterword.files.options import parse_labels


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

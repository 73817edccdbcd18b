"""Which columns hold labels and predictions, and what a file's cells cost."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterword.errors import BatchError, ColumnError
from afterword.files import exports
from afterword.files.label_values import label_values, prediction_values
from afterword.files.labels import BARE, bears_names
from afterword.files.reading import read_batch
from afterword.records import Batch

CATEGORIES = {"Remarks": "Shouted / said", "Staring": "Stared", "Waving": "Waving"}
ORDER = tuple(CATEGORIES)
TEXTS = [f"A man stood at stop number {n} and said good morning." for n in range(6)]
NAN = float("nan")


def read(categories: Any = CATEGORIES, told: Any = None, **columns: list[Any]) -> Batch:
    table = pd.DataFrame({"text": TEXTS, **columns})
    return read_batch(table, categories=categories, labels=told or {})


def values(batch: Batch) -> list[list[float]]:
    return label_values(batch, ORDER).tolist()


def same(found: Any, wanted: Any) -> bool:
    return np.array_equal(np.array(found, float), np.array(wanted, float), equal_nan=True)


@pytest.mark.parametrize("gap", ["NA", "N/A", "nan", "None", "-", "?", "#N/A", "not labelled"])
def test_a_cell_that_says_nothing_costs_one_label_and_is_told(gap: str) -> None:
    batch = read(Remarks=["1", gap, "0", "1", "1", "0"], Staring=["0"] * 6)
    assert dict(batch.columns.labels) == {"Remarks": "Remarks", "Staring": "Staring"}
    assert same(label_values(batch, ["Remarks"])[:, 0], [1, NAN, 0, 1, 1, 0])
    choice = batch.reading["missing labels"]
    assert choice.value == {"Remarks": 1}
    assert "1 of Remarks" in choice.sentence
    assert not choice.doubtful


@pytest.mark.parametrize("odd", ["maybe", "2", "0.5", "yes and no"])
def test_an_odd_cell_costs_one_label_and_is_doubtful(odd: str) -> None:
    batch = read(**{"Remarks label": ["1", odd, "0", "1", "1", "0"]})
    assert same(label_values(batch, ["Remarks"])[:, 0], [1, NAN, 0, 1, 1, 0])
    choice = batch.reading["odd labels"]
    assert choice.value == {"Remarks": 1}
    assert choice.doubtful
    assert odd not in choice.sentence


def test_an_odd_cell_costs_one_prediction() -> None:
    cells = ["0.9", "high", "35 %", "NA", "0,2", "1"] + ["0.1"] * 6
    table = pd.DataFrame({"text": TEXTS * 2, "Remarks probability": cells})
    batch = read_batch(table, categories=CATEGORIES)
    found = prediction_values(batch, ["Remarks"])[:6, 0]
    assert same(found, [0.9, NAN, 0.35, NAN, 0.2, 1])
    assert batch.reading["odd predictions"].value == {"Remarks": 1}
    assert batch.reading["missing predictions"].value == {"Remarks": 1}


def test_a_column_of_which_most_cells_are_odd_is_none_of_labels_and_it_says_so() -> None:
    batch = read(Staring=["1", "on the bus", "at noon", "again", "0", "there"])
    assert not batch.columns.labels
    (choice,) = batch.reading.doubtful
    assert "Staring was not read" in choice.sentence
    assert "4 of 6 cells" in choice.sentence


@pytest.mark.parametrize(
    ("yes", "no"),
    [("ja", "nein"), ("oui", "non"), ("sí", "no"), ("WAHR", "FALSCH"), ("1,0", "0,0"), ("✓", "✗"),
     ("100 %", "0 %"), ("VRAI", "FAUX"), (1.0, 0.0), (True, False)],
)  # fmt: skip
def test_labels_are_read_as_people_write_them(yes: object, no: object) -> None:
    batch = read(Remarks=[yes, no, yes, no, no, yes])
    assert label_values(batch, ["Remarks"])[:, 0].tolist() == [1, 0, 1, 0, 0, 1]
    assert not batch.reading.doubtful


NAMED = [["Remarks", "Waving"], ["staring"], [], None, ["Stared"], ["Shouted / said"]]
ONES = [[1, 0, 1], [0, 1, 0], [0, 0, 0], [NAN] * 3, [0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(
    "name",
    ["label", "labels", "Category", "choices", "accept", "annotations", "true_label", "tags"],
)
def test_a_column_of_names_holds_the_labels(name: str) -> None:
    batch = read(**{name: NAMED})
    assert dict(batch.columns.labels) == dict.fromkeys(CATEGORIES, name)
    assert same(values(batch), ONES)
    choice = batch.reading["class names"]
    assert choice.value == name
    assert not choice.doubtful
    assert "True labels were read" in choice.sentence
    assert batch.reading.value("labels") == dict.fromkeys(CATEGORIES, name)


def joined(separator: str) -> list[str]:
    return ["[]" if n == [] else "NA" if n is None else separator.join(n) for n in NAMED]


@pytest.mark.parametrize("separator", ["#", "|", ";", ", "])
def test_names_are_read_from_every_kind_of_file(separator: str) -> None:
    table = pd.DataFrame({"text": TEXTS, "label": joined(separator)})
    lists = pd.DataFrame({"text": TEXTS, "label": NAMED})
    lines = "\n".join(
        json.dumps({"text": text, "label": label}) for text, label in zip(TEXTS, NAMED, strict=True)
    )
    for content in (
        exports.to_csv(table),
        exports.to_parquet(table),
        exports.to_parquet(lists),
        lines.encode(),
    ):
        batch = read_batch(io.BytesIO(content), categories=CATEGORIES)
        assert same(values(batch), ONES)


def test_the_rows_that_were_rejected_have_no_labels() -> None:
    table = pd.DataFrame({"text": ["-", *TEXTS[1:]], "label": NAMED}, index=[5] * 6)
    assert same(values(read_batch(table, categories=CATEGORIES)), ONES[1:])


def test_a_name_of_no_category_is_counted() -> None:
    batch = read(label=["Remarks;Singing", "Singing", "Staring", "Staring", "NA", "Remarks"])
    assert same(values(batch)[:2], [[1, 0, 0], [NAN] * 3])
    assert batch.reading["other names in labels"].value == 1
    assert batch.reading["odd labels"].value == {"label": 1}
    assert batch.reading["missing labels"].value == {"label": 1}
    assert not any("Singing" in sentence for sentence in batch.reading.sentences)


@pytest.mark.parametrize("name", ["Kategorie", "notes", "Quenby Zebrafinch"])
def test_names_in_a_column_of_another_name_are_pointed_out_and_not_read(name: str) -> None:
    batch = read(**{name: ["Remarks", "Staring", "Waving", "Remarks", "NA", "Staring"]})
    assert not batch.columns.labels
    choice = batch.reading["unread labels"]
    assert choice.doubtful
    assert "column 2 name categories" in choice.sentence
    assert "name it as the column of labels" in choice.sentence
    assert name not in choice.sentence


def test_a_column_that_mostly_names_something_else_is_pointed_out_and_not_read() -> None:
    batch = read(category=["web", "app", "Staring", "web", "mail", "app"])
    assert not batch.columns.labels
    assert "category name categories" in batch.reading["unread labels"].sentence
    assert "unread labels" not in read(category=["web", "app", "web", "web", "mail", "app"]).reading


def test_a_column_of_names_goes_before_bare_columns_and_after_those_called_labels() -> None:
    marks = [1, 0, 0, 1, 0, 1]
    bare = read(Remarks=marks, label=NAMED)
    assert set(bare.columns.labels.values()) == {"label"}
    assert bare.reading["class names"].doubtful
    assert bare.reading["class names"].others == ("Remarks",)
    assert BARE not in bare.reading
    called = read(label=NAMED, **{"Remarks label": marks})
    assert dict(called.columns.labels) == {"Remarks": "Remarks label"}
    assert called.reading["unread labels"].doubtful


def test_what_was_not_accepted_is_no_label() -> None:
    batch = read(accept=NAMED, answer=["accept", "reject", "ignore", "accept", "accept", "accept"])
    assert same(values(batch), [ONES[0], [NAN] * 3, [NAN] * 3, *ONES[3:]])
    assert batch.reading["refused labels"].value == 2
    other = read(accept=NAMED, answer=["accept", "reject", "perhaps", "", "", ""])
    assert same(values(other), ONES)


def test_predicted_names_are_predictions() -> None:
    batch = read(**{"predicted label": NAMED})
    assert not batch.columns.labels
    assert same(prediction_values(batch, ORDER), ONES)
    assert bears_names("prediction")[0] == "predictions"


def test_what_a_caller_says_goes_before_what_is_found() -> None:
    told = {"Remarks": "was_loud"}
    batch = read(told=told, was_loud=[0, 1, 0, 0, 0, 0], Remarks=[1] * 6, Staring=[0] * 6)
    assert dict(batch.columns.labels) == {"Remarks": "was_loud", "Staring": "Staring"}
    assert label_values(batch, ["Remarks"])[:, 0].tolist() == [0, 1, 0, 0, 0, 0]
    assert batch.reading.value(BARE) == ["Staring"]


def test_a_column_of_names_can_be_told_and_one_category_beside_it() -> None:
    told = {"": "Kategorie", "Waving": "waved"}
    batch = read(told=told, Kategorie=NAMED, waved=[1] * 6)
    assert same(label_values(batch, ORDER)[:, :2], np.array(ONES)[:, :2])
    assert label_values(batch, ORDER)[:, 2].tolist() == [1] * 6
    assert "unread labels" not in batch.reading


def test_a_told_column_is_never_the_description() -> None:
    table = pd.DataFrame({"text": ["He waved", "Hi all"] * 3, "story": ["Shouted / said"] * 6})
    batch = read_batch(table, categories=CATEGORIES, labels={"": "story"})
    assert batch.columns.description == "text"
    assert label_values(batch, ORDER)[:, 0].tolist() == [1] * 6


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"Singing": "Remarks"}, "no such category"),
        ({"Remarks": "note"}, "holds no 1, 0, yes or no"),
        ({"": "Remarks"}, "names no category"),
    ],
)
def test_what_cannot_be_obeyed_is_one_sentence(told: dict[str, str], said: str) -> None:
    with pytest.raises(BatchError, match=said):
        read(told=told, Remarks=[1] * 6, note=["again"] * 6)
    with pytest.raises(BatchError, match="No categories are known"):
        read(categories=(), told={"Remarks": "Remarks"}, Remarks=[1] * 6)


def test_a_column_that_is_not_there_is_asked_for() -> None:
    with pytest.raises(ColumnError, match="named for labels") as caught:
        read(told={"Remarks": "nowhere"}, Remarks=[1] * 6)
    assert caught.value.columns == ("text", "Remarks")


def test_of_two_columns_of_one_name_it_is_told_which_was_read() -> None:
    content = "text,text,Remarks,Remarks\n" + "\n".join(f"{text},-,1,0" for text in TEXTS)
    batch = read_batch(content.encode(), categories=CATEGORIES)
    assert label_values(batch, ["Remarks"])[:, 0].tolist() == [1] * 6
    (told,) = [one for one in batch.reading.doubtful if one.of == "columns of one name"]
    assert (told.value, told.others) == (["text", "Remarks"], ("text (2)", "Remarks (2)"))
    assert "Columns 3 and 4 have one name; column 3 was read." in told.sentence


@pytest.mark.parametrize("name", ["id", "UUID", "ResponseId", "case_id", "annotation_id"])
def test_an_id_that_differs_in_every_row_is_found(name: str) -> None:
    assert read(**{name: list("abcdef")}).columns.id == name
    assert read(**{name: list("abcdea")}).columns.id is None
    assert read(**{name: list("abc") + [None] * 3}).columns.id is None


@pytest.mark.parametrize("name", ["user_id", "city id", "number", "row", "paid"])
def test_an_id_of_something_else_is_none_of_rows(name: str) -> None:
    assert read(**{name: list("abcdef")}).columns.id is None


def test_many_columns_and_long_cells_are_read_in_time_in_proportion() -> None:
    table = pd.DataFrame({"text": TEXTS * 50} | {f"c{n}": ["[{'" * 300] * 300 for n in range(20)})
    assert read_batch(table, categories=CATEGORIES).columns.labels == {}


@pytest.mark.parametrize("name", ["y_true", "truth value", "ground_truth", "actual"])
def test_a_column_of_names_may_be_called_true_and_no_more(name: str) -> None:
    batch = read(**{name: ["Staring", "Waving"] * 3, "y_pred": ["Waving"] * 6})
    assert set(batch.columns.labels.values()) == {name}
    assert set(batch.columns.predictions.values()) == {"y_pred"}
    assert same(values(batch), [[0, 1, 0], [0, 0, 1]] * 3)


@pytest.mark.parametrize("cell", ["__label__Ogling", "0/1/2", "1 0 1", "7"])
def test_a_column_called_labels_that_names_none_is_said(cell: str) -> None:
    content = "text,label\n" + f"He stared at me near the gate.,{cell}\n" * 30
    batch = read_batch(content.encode(), categories=CATEGORIES)
    assert batch.columns.labels == {}
    assert "name none of the categories" in batch.reading["other labels"].sentence
    assert batch.reading["other labels"].doubtful


def test_a_column_of_names_stays_one_where_half_of_its_cells_say_no() -> None:
    content = "text,label\n" + "He stared.,Staring\nHe waved.,No\n" * 15
    batch = read_batch(content.encode(), categories=CATEGORIES)
    names = list(CATEGORIES)
    staring = label_values(batch, names)[:, names.index("Staring")]
    assert staring.tolist()[::2] == [1.0] * 15


# ---------------------------------------------------------------- codes of surveys


@pytest.mark.parametrize("yes", [2, 0.5, -1, "found"])
def test_where_no_cell_says_yes_and_some_cannot_be_read_there_are_no_labels(yes: object) -> None:
    batch = read_batch(_coded("Ogling", 0, 0, yes, ""), categories=("Ogling",))
    assert batch.columns.labels == {}
    (told,) = batch.reading.doubtful
    assert "it holds values other than 0 and 1 in 5 of 15 cells" in told.sentence
    read_too = read_batch(_coded("Ogling", 0, 0, yes, 1), categories=("Ogling",))
    assert read_too.columns.labels == {"Ogling": "Ogling"}


def _coded(column: str, *cells: object) -> bytes:
    rows = (f"He stared at me near stop {n}.,{cell}\n" for n, cell in enumerate(cells * 5))
    return f"description,{column}\n{''.join(rows)}".encode()


@pytest.mark.parametrize("column", ["Ogling", "Ogling label", "Ogling decision"])
@pytest.mark.parametrize("cells", [(1, 2), (1, 1, 1, 1, 2), (1, 2, "", 9), (2, 2, 2, 1)])
def test_1_and_2_are_asked_about_and_not_read(column: str, cells: tuple[object, ...]) -> None:
    batch = read_batch(_coded(column, *cells), categories=("Ogling",))
    assert (batch.columns.labels, batch.columns.predictions) == ({}, {})
    (told,) = batch.reading.doubtful
    assert (told.of, told.value) == ("unread column", column)
    assert "holds 1 and 2 and no 0, and either may mean yes" in told.sentence


def test_a_column_of_1_and_2_that_is_named_for_labels_is_refused() -> None:
    with pytest.raises(BatchError, match="either may mean yes"):
        read_batch(_coded("seen", 1, 2), categories=("Ogling",), labels={"Ogling": "seen"})


@pytest.mark.parametrize(
    "cells", [("1 = yes", "2 = no"), ("1 Yes", "2 No"), ("Ja (2)", "Nein (1)")]
)
def test_codes_with_their_words_are_read_by_the_words(cells: tuple[str, str]) -> None:
    batch = read_batch(_coded("Ogling", *cells), categories=("Ogling",))
    assert label_values(batch, ("Ogling",)).ravel().tolist() == [1, 0] * 5
    assert batch.reading.doubtful == ()

"""Which columns of a file are learned from, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from afterword.errors import TrainingError
from afterword.training.dataset import read_dataset
from tests.conftest import invented

NAMES = ("Remarks", "Staring")


def named(column: str = "label", rows: int = 40) -> pd.DataFrame:
    """Invented descriptions whose labels are one column of names."""
    table = invented(rows)
    cells = [
        [name for name in NAMES if row[name]]
        for row in table[list(NAMES)].to_dict(orient="records")
    ]
    return table[["id", "description"]].assign(**{column: pd.Series(cells, dtype=object)})


def told(data: pd.DataFrame, **options: object) -> str:
    return " ".join(read_dataset(data, **options).notes)  # type: ignore[arg-type]


@pytest.mark.parametrize("gap", ["NA", "#N/A", "-", "not labelled"])
def test_a_gap_costs_its_row_and_no_category(gap: str) -> None:
    table = invented(40).astype({"Staring": object})
    table.loc[:3, "Staring"] = gap
    data = read_dataset(table)
    assert data.categories == NAMES
    assert len(data.texts) == 36
    assert "count as no labels: 4 of Staring" in " ".join(data.notes)
    assert "4 rows without a usable description or label" in " ".join(data.notes)


@pytest.mark.parametrize("odd", ["maybe", 2])
def test_an_odd_cell_costs_its_row_and_no_category(odd: object) -> None:
    staring = invented(40)["Staring"].tolist()
    table = invented(40).assign(Staring=pd.Series([odd, *staring[1:]], dtype=object))
    data = read_dataset(table)
    assert data.categories == NAMES
    assert len(data.texts) == 39
    assert "cannot be read count as no labels: 1 of Staring" in " ".join(data.notes)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([0, 1, 1, 2, 0], "80% of its filled cells"),
        (["NA"] * 5, "it holds no label"),
        (["x", None, None, None, None], "it holds only 1 or only 0"),
    ],
)
def test_a_column_that_is_not_taken_is_named(cells: list[object], said: str) -> None:
    table = invented(40).assign(Following=pd.Series(cells * 8, dtype=object))
    assert read_dataset(table).categories == NAMES
    assert "'Following' was left out" in told(table)
    assert said in told(table)


def test_which_columns_were_taken_is_told_unless_somebody_named_them() -> None:
    table = invented(40).assign(was_cancelled=[0, 1] * 20)
    assert "Taken as categories" in told(table)
    assert "was_cancelled" in told(table)
    assert "Taken as" not in told(invented(40), names={"Remarks": "A", "Staring": "B"})


def test_a_column_of_names_is_learned_from_where_it_stands_alone() -> None:
    data, marks = read_dataset(named()), read_dataset(invented(40))
    order = [data.categories.index(name) for name in NAMES]
    assert (data.labels[:, order] == marks.labels).all()
    assert set(data.columns.values()) == set(NAMES)
    assert "because 'label' names them" in " ".join(data.notes)


def test_a_column_that_says_the_same_in_every_row_does_not_stand_beside_it() -> None:
    data = read_dataset(named("category").assign(annotator=1))
    assert set(data.categories) == set(NAMES)
    assert "'annotator' was left out" in " ".join(data.notes)


def test_what_was_not_accepted_is_not_learned_from() -> None:
    data = read_dataset(
        named("accept").assign(answer=["accept", "accept", "accept", "reject"] * 10)
    )
    assert len(data.texts) == 30
    assert "not “accept” count as not labelled: 10" in " ".join(data.notes)


def test_beside_columns_of_0_and_1_it_is_asked_which_are_meant() -> None:
    table = named("category").assign(was_cancelled=[0, 1] * 20)
    with pytest.raises(TrainingError, match="--label") as asked:
        read_dataset(table)
    assert "'category'" in str(asked.value)
    assert "'was_cancelled'" in str(asked.value)
    assert set(read_dataset(table, labels={"": "category"}).categories) == set(NAMES)
    one = read_dataset(table, labels={"Cancelled": "was_cancelled"})
    assert one.categories == ("Cancelled",)
    kept = read_dataset(table, {"was_cancelled": "Cancelled"})
    assert kept.categories == ("Cancelled",)
    assert "'category' names categories too" in " ".join(kept.notes)


def test_what_is_told_is_all_that_is_learned() -> None:
    table = named().assign(Following=[0, 1] * 20, is_member=[1, 0] * 20)
    data = read_dataset(table, labels={"": "label", "Following": "Following"})
    assert set(data.categories) == {*NAMES, "Following"}
    assert data.columns["Following"] == "Following"


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"A": "nowhere"}, "no column 'nowhere'"),
        ({"": "nowhere"}, "no column 'nowhere'"),
        ({"A": "note"}, "holds 0 or 1 in 0%"),
        ({"": "Remarks"}, "names no categories"),
        ({"": "answer"}, "names no categories"),
    ],
)
def test_what_cannot_be_learned_from_is_one_sentence(labels: dict[str, str], said: str) -> None:
    table = invented(40).assign(note="again", answer=["yes", "no"] * 20)
    with pytest.raises(TrainingError, match=said):
        read_dataset(table, labels=labels)


def test_of_two_columns_of_one_name_the_first_is_learned_from(tmp_path: Path) -> None:
    table = invented(40)
    table.insert(4, "Staring", 1 - table["Staring"], allow_duplicates=True)
    table.to_csv(tmp_path / "a.csv", index=False)
    data = read_dataset(tmp_path / "a.csv")
    assert data.categories == NAMES
    assert "'Staring (2)' was left out: another column has the same name" in " ".join(data.notes)


def test_known_categories_are_measured_by_a_column_of_names() -> None:
    data = read_dataset(named("category"), categories=NAMES)
    assert data.categories == NAMES
    assert (data.labels == read_dataset(invented(40)).labels).all()
    other = named("Kategorie")
    with pytest.raises(TrainingError, match="--label"):
        read_dataset(other, categories=NAMES)
    assert read_dataset(other, categories=NAMES, labels={"": "Kategorie"}).categories == NAMES


def test_nothing_to_learn_from_is_said_with_what_was_left_out() -> None:
    table = invented(40)[["description"]].assign(Following=pd.Series([1, None] * 20, dtype=object))
    with pytest.raises(TrainingError, match="'Following' was left out"):
        read_dataset(table)

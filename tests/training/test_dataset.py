"""Labelled files for training: gaps, files of labels, and columns with two names."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from afterword.errors import TrainingError
from afterword.training.dataset import read_dataset
from tests.conftest import invented

NAMES = {"Shouted / said": "Remarks", "Stared": "Staring"}


def reviewed(rows: int = 60, labelled: int = 20) -> pd.DataFrame:
    """A file of labels, as a review writes it: labels and chances in some of its rows."""
    table = invented(rows, seed=5).rename(columns={"id": "row"})
    table["row"] += 1
    table["inclusion_probability"] = 0.5
    table.loc[labelled:, ["Remarks", "Staring", "inclusion_probability"]] = float("nan")
    return table


def original(rows: int = 40) -> pd.DataFrame:
    """A file of the training data, whose columns have names of their own."""
    return invented(rows).rename(columns={name: column for column, name in NAMES.items()})


def write(folder: Path, **tables: pd.DataFrame) -> Path:
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


def test_a_file_of_labels_gives_its_labelled_rows(tmp_path: Path) -> None:
    data = read_dataset(write(tmp_path, labels=reviewed()) / "labels.csv")
    assert data.categories == ("Remarks", "Staring")
    assert len(data.texts) == 20
    assert data.notes == ("40 rows without a usable description or label were left out.",)


def test_a_file_of_labels_stands_beside_one_with_the_original_columns(tmp_path: Path) -> None:
    folder = write(tmp_path, a=original(), labels=reviewed())
    data = read_dataset(folder, NAMES)
    assert data.categories == ("Remarks", "Staring")
    assert len(data.texts) == 60
    assert data.columns == {"Remarks": "Shouted / said", "Staring": "Stared"}


def test_the_original_columns_are_told_whichever_file_comes_first(tmp_path: Path) -> None:
    folder = write(tmp_path, a=reviewed(), b=original())
    assert read_dataset(folder, NAMES).columns == {
        "Remarks": "Shouted / said",
        "Staring": "Stared",
    }


def test_of_two_columns_for_a_category_the_original_one_is_read(tmp_path: Path) -> None:
    table = original().assign(Remarks=1)
    data = read_dataset(write(tmp_path, a=table) / "a.csv", NAMES)
    assert data.columns["Remarks"] == "Shouted / said"
    assert 0 < data.labels[:, data.categories.index("Remarks")].mean() < 1


def test_the_reserved_columns_are_never_categories(tmp_path: Path) -> None:
    table = reviewed(1, 1).assign(inclusion_probability=1)
    assert table["row"].tolist() == [1]
    data = read_dataset(write(tmp_path, labels=table) / "labels.csv")
    assert data.categories == ("Remarks", "Staring")


def test_a_category_that_nobody_chose_is_still_one_in_a_file_of_labels(tmp_path: Path) -> None:
    table = reviewed()
    table.loc[:19, "Staring"] = 0
    data = read_dataset(write(tmp_path, labels=table) / "labels.csv")
    assert data.categories == ("Remarks", "Staring")
    assert not data.labels[:, 1].any()


def test_a_tick_here_and_there_is_no_category(tmp_path: Path) -> None:
    table = invented(40)
    table["urgent"] = [1 if number % 9 == 0 else None for number in range(40)]
    assert read_dataset(write(tmp_path, a=table) / "a.csv").categories == ("Remarks", "Staring")


def test_a_column_with_gaps_and_both_answers_is_a_category(tmp_path: Path) -> None:
    table = invented(40)
    table["Following"] = [number % 2 if number < 15 else None for number in range(40)]
    data = read_dataset(write(tmp_path, a=table) / "a.csv")
    assert data.categories == ("Remarks", "Staring", "Following")
    assert len(data.texts) == 15


def test_other_values_in_its_filled_cells_still_refuse_a_named_column(tmp_path: Path) -> None:
    table = original()
    table.loc[:9, "Stared"] = 7
    with pytest.raises(TrainingError, match="75% of its filled cells"):
        read_dataset(write(tmp_path, a=table) / "a.csv", NAMES)


def test_a_table_gives_what_its_file_gives(tmp_path: Path) -> None:
    file = write(tmp_path, week=original()) / "week.csv"
    kept, held = read_dataset(file, NAMES), read_dataset(original(), NAMES)
    assert held.sha256() == kept.sha256()
    assert (held.categories, held.columns) == (kept.categories, kept.columns)


def test_what_is_neither_a_place_nor_a_table_is_refused_in_a_sentence() -> None:
    with pytest.raises(TrainingError, match="a file, a folder or a DataFrame, and not int"):
        read_dataset(5)  # type: ignore[arg-type]

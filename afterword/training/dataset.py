"""Labelled descriptions for training and evaluation, from one file or a folder of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from afterword.errors import AfterwordError, TrainingError
from afterword.files.column_names import INCLUSION, is_reserved, key
from afterword.files.label_values import label_values
from afterword.files.reading import read_batch
from afterword.files.tables import SUPPORTED
from afterword.records import Batch
from afterword.text.cleaning import clean, key_of
from afterword.training import wording
from afterword.training.label_columns import find_labels, told_labels


@dataclass(frozen=True)
class Dataset:
    """Descriptions with their true labels.

    Attributes
    ----------
    texts : n descriptions.
    labels : (n, k), 0 or 1.
    categories : k display names.
    columns : display name → the column of the files, or what a column of names calls it.
    notes : files that were left out and why, which columns were taken for categories where nobody
        said so, cells and rows that could not be used.
    """

    texts: tuple[str, ...]
    labels: np.ndarray
    categories: tuple[str, ...]
    columns: dict[str, str]
    notes: tuple[str, ...] = ()

    def sha256(self) -> str:
        """Digest of the cleaned rows, in their order."""
        digest = hashlib.sha256()
        for text, row in zip(self.texts, self.labels, strict=True):
            digest.update(f"{clean(text)}\t{row.tolist()}\n".encode())
        return digest.hexdigest()

    def keys(self) -> np.ndarray:
        """64-bit digests (n,) of the normalised texts: equal for repeats."""
        return keys_of(self.texts)


def keys_of(texts: Sequence[str]) -> np.ndarray:
    """64-bit digests (n,) of normalised texts: equal for repeats."""
    return np.array([key_of(text) for text in texts], dtype=np.uint64)


def read_dataset(
    source: str | os.PathLike[str] | pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    categories: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Dataset:
    """Read labelled descriptions.

    A column may have gaps, as in a file of labels that a review wrote: it is judged by its
    filled cells, and rows without every label are left out and counted.

    Parameters
    ----------
    source : a file, a folder whose tables are read in the order of their names, or a table.
    names : column of the files → display name; other category columns keep their own. A file
        whose column has the display name already may stand beside one with the original column.
    categories : display names that must be there, in this order; what the
        columns of labels tell if None.
    labels : category → column of its labels; the category "" stands for a column whose cells name
        categories. Nothing else is then a category. By default a column of names is found by its
        own name, and where it stands beside columns of 0 and 1, it is asked which are meant.

    Raises
    ------
    TrainingError
        Nothing can be read, or a named column is missing.
    """
    files = _files_of(source)
    several = isinstance(source, str | os.PathLike) and Path(source).is_dir()
    names, told = dict(names or {}), dict(labels or {})
    if len(set(names.values())) < len(names):
        raise TrainingError(wording.SAME_NAME)
    tables, notes = [], []
    for file, content in files.items():
        try:
            tables.append(
                _read_table(file, content, names, told)
                if categories is None
                else _read_known(file, content, names, told, categories)
            )
        except AfterwordError as error:
            if not several:
                raise TrainingError(str(error)) from None
            notes.append(wording.left_out(file, error))
    if not tables:
        raise TrainingError(wording.no_table(source, notes[0] if notes else ""))
    columns = _common_columns(tables, source)
    rows = pd.concat([table.rows for table in tables], ignore_index=True)
    notes += [note for table in tables for note in table.notes]
    dropped = sum(table.dropped for table in tables)
    if dropped:
        notes.append(wording.dropped(dropped))
    return Dataset(
        texts=tuple(rows["description"]),
        labels=rows[list(columns)].to_numpy(dtype=np.int8),
        categories=tuple(columns),
        columns=columns,
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class _Table:
    """What one file holds.

    Attributes
    ----------
    rows : "description", and a label of 0 or 1 per display name.
    columns : display name → the column of the file.
    dropped : rows that were left out.
    notes : what a reader should know of its columns.
    """

    rows: pd.DataFrame
    columns: dict[str, str]
    dropped: int
    notes: tuple[str, ...] = ()


def _files_of(source: str | os.PathLike[str] | pd.DataFrame) -> dict[str, Path | pd.DataFrame]:
    """Name → a table, a file, or each file of a folder that can be read, by their names."""
    if isinstance(source, pd.DataFrame):
        return {wording.THE_TABLE: source}
    if not isinstance(source, str | os.PathLike):
        raise TrainingError(wording.no_data(type(source).__name__))
    path = Path(source)
    if path.is_dir():
        return {
            each.name: each
            for each in sorted(path.iterdir())
            if each.suffix[1:].lower() in SUPPORTED and not each.name.startswith(".")
        }
    if path.exists():
        return {path.name: path}
    raise TrainingError(wording.no_file(path))


def _common_columns(tables: Sequence[_Table], source: object) -> dict[str, str]:
    """Display name → column, of files that have the same categories."""
    columns = dict(tables[0].columns)
    for table in tables[1:]:
        if table.columns.keys() != columns.keys():
            raise TrainingError(wording.other_categories(source))
        # The original columns' names are those by which later files of the same source are read.
        columns |= {name: column for name, column in table.columns.items() if column != name}
    return columns


def _read_table(
    file: str, content: Path | pd.DataFrame, names: dict[str, str], told: Mapping[str, str]
) -> _Table:
    """Read one file to learn from: its descriptions, and the categories that it has."""
    batch = read_batch(content, categories=())
    rows = batch.rows.drop(columns=batch.columns.description)
    rows = rows[[column for column in rows.columns if not is_reserved(column)]]
    from_review = any(key(str(column)) == key(INCLUSION) for column in batch.table.columns)
    found = (
        told_labels(file, rows, names, told)
        if told
        else find_labels(file, rows, names, from_review=from_review)
    )
    return _table(file, batch, found.values, found.columns, found.notes)


def _read_known(
    file: str,
    content: Path | pd.DataFrame,
    names: Mapping[str, str],
    told: Mapping[str, str],
    categories: Sequence[str],
) -> _Table:
    """Read one file to measure by: its descriptions, and the labels of known categories."""
    display = {name: column for column, name in names.items()}
    known = {name: display.get(name, name) for name in categories}
    batch = read_batch(content, categories=known, labels=told)
    columns = dict(batch.columns.labels)
    for name in categories:
        if name not in columns:
            raise TrainingError(wording.no_labels_of(file, name))
    values = pd.DataFrame(
        label_values(batch, categories), index=batch.rows.index, columns=list(categories)
    )
    notes = [
        choice.sentence
        for choice in batch.reading.choices
        if choice.sentence and {"labels", "names"}.intersection(choice.of.split())
    ]
    return _table(file, batch, values, {name: columns[name] for name in categories}, notes)


def _table(
    file: str,
    batch: Batch,
    values: pd.DataFrame,
    columns: dict[str, str],
    notes: Sequence[str],
) -> _Table:
    """The rows of a file that have a description and every label."""
    table = values.copy()
    table.insert(0, "description", batch.texts)
    complete = table.dropna()
    if complete.empty:
        raise TrainingError(wording.no_complete_row(file))
    return _Table(complete, columns, len(batch.table) - len(complete), tuple(notes))

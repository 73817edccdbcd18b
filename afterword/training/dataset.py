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
from afterword.files.columns import parse_shares
from afterword.files.reading import read_batch
from afterword.files.tables import SUPPORTED
from afterword.text.cleaning import clean, key_of
from afterword.training import wording

_MOST = 0.99
"""A category's column holds 0 or 1 in more than this share of its filled cells."""


@dataclass(frozen=True)
class Dataset:
    """Descriptions with their true labels.

    Attributes
    ----------
    texts : n descriptions.
    labels : (n, k), 0 or 1.
    categories : k display names.
    columns : display name → the column of the files.
    notes : files that were left out and why, rows that could not be used.
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
) -> Dataset:
    """Read labelled descriptions.

    A column may have gaps, as in a file of labels that a review wrote: it is judged by its
    filled cells, and rows without every label are left out and counted.

    Parameters
    ----------
    source : a file, a folder whose tables are read in the order of their names, or a table.
    names : column of the files → display name; other category columns keep their own. A file
        whose column has the display name already may stand beside one with the original column.
    categories : display names that must be there, in this order; every column that holds only
        0 and 1 if None.

    Raises
    ------
    TrainingError
        Nothing can be read, or a named column is missing.
    """
    files = _files_of(source)
    several = isinstance(source, str | os.PathLike) and Path(source).is_dir()
    names = dict(names or {})
    if len(set(names.values())) < len(names):
        raise TrainingError(wording.SAME_NAME)
    tables, notes = [], []
    for file, content in files.items():
        try:
            tables.append(_read_table(file, content, names, categories))
        except AfterwordError as error:
            if not several:
                raise TrainingError(str(error)) from None
            notes.append(wording.left_out(file, error))
    if not tables:
        raise TrainingError(wording.no_table(source, notes[0] if notes else ""))
    columns = _common_columns(tables, source)
    rows = pd.concat([table.rows for table in tables], ignore_index=True)
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
    """

    rows: pd.DataFrame
    columns: dict[str, str]
    dropped: int


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
    file: str,
    content: Path | pd.DataFrame,
    names: dict[str, str],
    categories: Sequence[str] | None,
) -> _Table:
    """Read one file: its descriptions, and the labels of the categories that it has."""
    batch = read_batch(content, categories=())
    rows = batch.rows
    values = {
        str(column): parse_shares(rows[column])
        for column in rows.columns
        if column != batch.columns.description and not is_reserved(column)
    }
    # Between 0 and 1 there are probabilities, and no labels.
    labels = {column: series.where(series.isin((0, 1))) for column, series in values.items()}
    shares = {column: _share(labels[column], rows[column]) for column in labels}
    found = (
        _find_categories(file, rows, labels, shares, names)
        if categories is None
        else _named_categories(file, shares, names, categories)
    )
    if not found:
        raise TrainingError(wording.no_labels(file))
    table = pd.DataFrame({name: labels[column] for name, column in found.items()})
    table.insert(0, "description", batch.texts)
    complete = table.dropna()
    if complete.empty:
        raise TrainingError(wording.no_complete_row(file))
    return _Table(complete, found, len(batch.table) - len(complete))


def _find_categories(
    file: str,
    rows: pd.DataFrame,
    labels: Mapping[str, pd.Series],
    shares: Mapping[str, float],
    names: Mapping[str, str],
) -> dict[str, str]:
    """Display name → column, of all columns that hold categories."""
    display = {name: column for column, name in names.items()}
    for column, name in names.items():
        if column in shares or name not in shares:
            _check_named(file, column, shares)
    from_review = any(key(str(column)) == key(INCLUSION) for column in rows.columns)
    return {
        names.get(column, column): column
        for column, share in shares.items()
        if share > _MOST
        # Where a file has both, the original column goes before the display name.
        and display.get(column, column) not in shares.keys() - {column}
        and (column in names or column in display or from_review or _ticked(labels[column]))
    }


def _named_categories(
    file: str, shares: Mapping[str, float], names: Mapping[str, str], categories: Sequence[str]
) -> dict[str, str]:
    """Display name → column, of the categories that must be there."""
    display = {name: column for column, name in names.items()}
    found = {name: display[name] if display.get(name) in shares else name for name in categories}
    for name, column in found.items():
        if column not in shares:
            raise TrainingError(wording.no_labels_of(file, name))
    return found


def _share(labels: pd.Series, cells: pd.Series) -> float:
    """Share of a column's filled cells that hold 0 or 1; 0 if all are empty."""
    filled = cells.notna() & (cells.astype(str).str.strip() != "")
    return float(labels.notna().sum() / filled.sum()) if filled.any() else 0.0


def _ticked(labels: pd.Series) -> bool:
    """Whether a column that nobody named is a category: a 1 here and there in gaps is none."""
    return labels.notna().mean() > _MOST or labels.nunique() == 2


def _check_named(file: str, column: str, shares: Mapping[str, float]) -> None:
    """Refuse a column that was named and cannot be a category."""
    if column not in shares:
        suited = ", ".join(name for name, share in shares.items() if share > _MOST)
        raise TrainingError(wording.no_column(file, column, suited))
    if shares[column] <= _MOST:
        raise TrainingError(wording.few_labels(file, column, shares[column], _MOST))

"""The few records that everything passes round.

Text goes in at the left as a :class:`Batch` and stops at :class:`Scored`, which holds numbers
only. Nothing here imports a heavy library before it is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

from pydantic import TypeAdapter, ValidationError

from afterword.errors import ModelError
from afterword.settings import INSTALLED, PROGRAM, SHIPPED_MODEL

MANIFEST = "manifest.json"
MANIFEST_FORMAT = 3
"""Raised whenever the manifest changes its fields or their meaning."""


@dataclass(frozen=True)
class Choice:
    """One thing that was understood of a file or table, and whether it is sure.

    Attributes
    ----------
    of : what was to be understood: "format", "encoding", "separator", "sheet", "header",
        "description", "time", "date order", "zone", "id", "labels", "predictions", …
    value : what was taken, ready for JSON.
    sentence : what a person reads of it; "" where the value says it all.
    doubtful : whether the file does not settle it, and the narrower reading was taken.
    others : what else could be taken.
    """

    of: str
    value: Any
    sentence: str = ""
    doubtful: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What was understood of a file or table, choice by choice.

    >>> Reading((Choice("separator", ";"),))["separator"].value
    ';'
    """

    choices: tuple[Choice, ...] = ()

    def __getitem__(self, of: str) -> Choice:
        """The choice of one thing; KeyError if there was nothing to choose."""
        for choice in self.choices:
            if choice.of == of:
                return choice
        raise KeyError(of)

    def __contains__(self, of: str) -> bool:
        return any(choice.of == of for choice in self.choices)

    def value(self, of: str) -> Any:
        """What was taken; None if there was nothing to choose."""
        return self[of].value if of in self else None

    @property
    def doubtful(self) -> tuple[Choice, ...]:
        """The choices that the file does not settle."""
        return tuple(choice for choice in self.choices if choice.doubtful)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a person should read of it."""
        return tuple(choice.sentence for choice in self.choices if choice.sentence)

    def to_dict(self) -> list[dict[str, Any]]:
        """Every choice, ready for JSON."""
        return [asdict(choice) | {"others": list(choice.others)} for choice in self.choices]


@dataclass(frozen=True)
class Columns:
    """Which columns of a file hold what; names are the file's own.

    Attributes
    ----------
    description : the column of texts.
    time : when each description was received, if the file says.
    predictions : category → column of the deployed system's prediction.
    labels : category → column of the true label.
    id : the column by which the file's own system tells its rows apart, if it has one.
    by : the column whose values part the rows, if the caller named one.
    names : what cells call a category → the category, where a column above names categories, as
        :func:`afterword.files.class_names.compared` gives it.
    """

    description: str
    time: str | None = None
    predictions: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    id: str | None = None
    by: str | None = field(default=None, repr=False)
    names: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def labels_from_names(self) -> str:
        """The one column whose cells name the categories that are true; "" if there is none."""
        columns = set(self.labels.values())
        return next(iter(columns)) if self.names and len(columns) == 1 else ""


@dataclass(frozen=True, eq=False)
class Batch:
    """Production inputs as read from one file: the rows that can be used and those that cannot.

    Attributes
    ----------
    table : every row that was read, with the columns it came with; the index is the row's
        number in the file, from 1, the header not counted, or that of the DataFrame or Series
        which was read.
    rejected : one line per rejected row: ``row`` (its number, from 1) and ``reason``; the index
        is the table's where that came with it.
    columns : which column holds what.
    name : the file's name, for the session only; never stored or logged.
    reading : what was understood of the file, and what of it is doubtful; no text of a row.
    numbers : (n,) the rows' numbers, from 1; None where the table's index holds them. Rows are
        told apart by them: labels of an index may stand there twice.
    times : (n,) when each row was received, in UTC, NaT where that is not known; None where no
        column of times was found.
    clock : (n,) the same times without a zone, as the file writes them; days are counted by it.
    """

    table: pd.DataFrame
    rejected: pd.DataFrame
    columns: Columns
    name: str = ""
    reading: Reading = field(default_factory=Reading)
    numbers: pd.Index | None = None
    times: pd.Series | None = None
    clock: pd.Series | None = None

    def __repr__(self) -> str:
        return f"Batch({len(self.table)} rows read, {len(self.rejected)} rejected)"

    @property
    def notes(self) -> tuple[str, ...]:
        """How the file was read, in sentences ("The file is an Excel workbook.")."""
        return self.reading.sentences

    @property
    def accepted(self) -> np.ndarray:
        """(n,) whether each row of the table can be used."""
        numbers = self.table.index if self.numbers is None else self.numbers
        found: np.ndarray = ~numbers.isin(self.rejected["row"])
        return found

    @property
    def rows(self) -> pd.DataFrame:
        """The accepted rows, with the columns they came with."""
        return self.table[self.accepted]

    def numbered(self) -> Batch:
        """The batch with the rows' numbers as the table's index."""
        if self.numbers is None:
            return self
        times, clock = (
            each if each is None else each.set_axis(self.numbers)
            for each in (self.times, self.clock)
        )
        table = self.table.set_axis(self.numbers, axis=0)
        return replace(self, table=table, numbers=None, times=times, clock=clock)

    @property
    def period(self) -> tuple[datetime, datetime] | None:
        """First and last time, each in its own zone; None where there is no time."""
        if self.times is None or self.clock is None or self.times.isna().all():
            return None
        moments = []
        for at in (self.times.argmin(), self.times.argmax()):
            moment, clock = self.times.iloc[at], self.clock.iloc[at]
            zone = timezone(clock - moment.tz_localize(None))
            moments.append(moment.to_pydatetime().astimezone(zone))
        return moments[0], moments[1]

    @property
    def texts(self) -> pd.Series:
        """The descriptions of the accepted rows, as strings, with the index of the table."""
        return self.table[self.columns.description][self.accepted].astype(str)


@dataclass(frozen=True, eq=False)
class Classified:
    """A batch with an answer, or a reason, in every row.

    Attributes
    ----------
    table : every row that was read, in its order: its own columns, then the answer's.
    probability, score, decision, unsure : category → the answer's column, whose name may have
        been changed because the file has one of that name.
    remark : the column that says what makes an answer doubtful; "" where nothing does.
    rejected : the column that says why a row has no answer; "" where it has one.
    """

    table: pd.DataFrame
    probability: Mapping[str, str]
    score: Mapping[str, str]
    decision: Mapping[str, str]
    unsure: Mapping[str, str]
    remark: str
    rejected: str

    def predicted(self, category: str) -> int:
        """Number of rows in which a category is predicted."""
        return int(self.table[self.decision[category]].fillna(False).sum())

    def likeliest_first(self, category: str) -> pd.Index:
        """Numbers of all rows, by a category's score, which hardly ever ties; rejected ones last.

        Rows of equal score stay in the file's order.
        """
        scores = self.table[self.score[category]]
        return scores.sort_values(ascending=False, kind="stable", na_position="last").index

    @property
    def unsure_rows(self) -> pd.Series:
        """Whether each row's answer is unsure in at least one category."""
        return self.table[list(self.unsure.values())].fillna(False).any(axis=1).astype(bool)

    @property
    def rejected_rows(self) -> pd.Series:
        """Whether each row has no answer."""
        return self.table[self.rejected] != ""


@dataclass(frozen=True)
class Manifest:
    """What ``model/manifest.json`` says of the model in service.

    Attributes
    ----------
    artefact_sha256, reference_sha256, tables_sha256 : digests of the files, in hexadecimal.
    categories : display names, in the artefact's order.
    columns : display name → the column of the training data.
    thresholds : display name → probability from which a category is predicted, balanced.
    modes : what every mode finds and costs, for :func:`afterword.model.modes.read_modes`.
    versions : of Python, scikit-learn, numpy and Afterword at training.
    data_sha256 : digest of the training data's cleaned rows.
    rows : training rows.
    trained_at : time of training, ISO 8601 in UTC.
    training_seconds : how long it took.
    metrics : the evaluation in cross-validation, as of :mod:`afterword.model.evaluation`.
    """

    artefact_sha256: str
    reference_sha256: str
    tables_sha256: str
    categories: tuple[str, ...]
    columns: Mapping[str, str]
    thresholds: Mapping[str, float]
    versions: Mapping[str, str]
    data_sha256: str
    rows: int
    trained_at: str
    training_seconds: float
    metrics: Mapping[str, Any]
    modes: Sequence[Mapping[str, Any]] = ()
    format: int = MANIFEST_FORMAT

    def write(self, folder: Path) -> None:
        """Write the manifest into a folder, readable by people; whole or not at all."""
        staged = folder / f".{MANIFEST}.new"
        staged.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        staged.replace(folder / MANIFEST)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a model's folder.

        Raises
        ------
        ModelError
            The folder has no manifest, or it is not one of ours, or an earlier version wrote it.
        """
        path = folder / MANIFEST
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ModelError(
                f"There is no model at {folder}: {MANIFEST} is missing. {how_to_restore(folder)}"
            ) from None
        except OSError as error:
            raise ModelError(f"{path} cannot be opened: {error.strerror}.") from None
        try:
            manifest = TypeAdapter(cls).validate_json(content)
        except ValidationError:
            manifest = None
        if manifest is not None and manifest.format == MANIFEST_FORMAT:
            return manifest
        wrong = (
            "was made by an earlier version of Afterword, and this one cannot use it"
            if _is_earlier(content)
            else "cannot be read as a manifest"
        )
        raise ModelError(f"{path} {wrong}. {how_to_restore(folder)}")


def _is_earlier(content: bytes) -> bool:
    """Whether a manifest names a format of before this one; what else is in it does not matter."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return False
    number = found.get("format") if isinstance(found, dict) else None
    return isinstance(number, int) and 0 < number < MANIFEST_FORMAT


def how_to_restore(folder: Path) -> str:
    """The command that mends a model's folder: the shipped one is in repository and wheel."""
    if folder.resolve() == SHIPPED_MODEL:
        if INSTALLED:
            return "Restore it with: pip install --force-reinstall --no-deps, and Afterword's wheel"
        return "Restore it with: git checkout -- model data"
    return f"Train it again with: {PROGRAM} train --data DATA --out {folder}"

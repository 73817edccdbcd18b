"""A review under way: which rows a person is asked about, what was answered, and what it says.

It holds the descriptions of one batch, so it lives in a session's memory and in the server's
:mod:`~afterword.store.open_reviews`, and nowhere else. The model's own answers are in it and never
shown before the person's: they would sway it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from afterword.errors import ReviewError
from afterword.files.column_names import INCLUSION, ROW, is_reserved, key
from afterword.files.label_values import label_values
from afterword.model.classifier import Classifier
from afterword.quality import wording
from afterword.quality.review import LEAST, Assessment, assess
from afterword.quality.reviewers import Agreement, agreement
from afterword.records import Batch
from afterword.text.cleaning import key_of

DESCRIPTION: Final = "description"
RECEIVED: Final = "received_at"

SEED: Final = 0
_SAME: Final = 0.5
"""Share of the rows with the same numbers that must have the same text: two files can differ in
an apostrophe that a spreadsheet needed, and are not of one batch if they differ in most rows."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two people's labels of the same rows.

    Attributes
    ----------
    rows : number of rows that both labelled.
    agreements : one per category.
    differences : one line per row on which they differ: its number, and per category the label
        of the first and of the second; no text.
    """

    rows: int
    agreements: tuple[Agreement, ...]
    differences: pd.DataFrame


@dataclass(eq=False)
class Labelling:
    """A batch of N rows, m of which a person is asked to label.

    Attributes
    ----------
    key : names the batch within its session.
    table : (N, 1 or 2) description and, if the file has one, time; indexed by row number.
    time : name of the column of times; None if there is none.
    categories : k names.
    thresholds : (k,) from which on the model gives a category.
    probabilities : (N, k) of the model.
    queue : (m,) places in the table of the rows to label, in random order: any first part of it is
        a random choice too.
    answers : place in the queue → k labels, 0 or 1.
    skipped : places that were left aside.
    place : where the person is; m is the end.
    shown : whether the text at this place was asked for.
    keep : whether every text is shown at once.
    open : whether the person is labelling, and not looking at the result.
    turn : number of messages that were taken.
    stepped : when the last step was, by the clock of the open reviews; None before the first.
    gone : whether it was forgotten; whoever still holds it holds no text any more.
    """

    key: str
    table: pd.DataFrame
    time: str | None
    categories: tuple[str, ...]
    thresholds: np.ndarray
    probabilities: np.ndarray
    queue: np.ndarray
    answers: dict[int, tuple[int, ...]] = field(default_factory=dict)
    skipped: set[int] = field(default_factory=set)
    place: int = 0
    shown: bool = False
    keep: bool = False
    open: bool = True
    turn: int = 0
    stepped: float | None = None
    gone: bool = False

    def __repr__(self) -> str:
        return f"Labelling({len(self.answers)} of {len(self.queue)} rows labelled)"

    @property
    def row(self) -> int:
        """Number in the file of the row at this place."""
        return int(self.table.index[self.queue[self.place]])

    @property
    def text(self) -> str | None:
        """The description at this place; None until it is asked for."""
        if not self.shown:
            return None
        return str(self.table[DESCRIPTION].iloc[self.queue[self.place]])

    @cached_property
    def size(self) -> int:
        """Bytes that the table and the arrays take in memory."""
        arrays = (self.thresholds, self.probabilities, self.queue)
        table = self.table.memory_usage(index=True, deep=True).sum()
        return int(table) + sum(array.nbytes for array in arrays)

    def forget(self) -> None:
        """Let go of all texts and labels, in every session that holds this review."""
        self.gone = True
        self.shown = self.keep = False
        self.answers.clear()
        self.skipped.clear()
        # Blank and not empty: a page that is just being drawn still finds its row.
        self.table = pd.DataFrame("", index=self.table.index, columns=self.table.columns)
        self.probabilities = np.zeros_like(self.probabilities)

    def take(self, told: Any) -> None:
        """Take what a person did on the card; what does not fit is left aside.

        Parameters
        ----------
        told : a mapping with ``place`` (for which it is meant), ``act`` and, to save, ``answer``,
            k labels. It comes from a browser and may be anything.
        """
        self.turn += 1
        if self.gone:
            return
        if not isinstance(told, Mapping) or told.get("place") != self.place or self.ended:
            return
        act = told.get("act")
        if act == "reveal":
            self.shown = True
        elif act in ("keep", "hide"):
            self.keep = act == "keep"
            self.shown = self.shown or self.keep
        elif act == "save" and self.shown:
            self._save(told.get("answer"))
        elif act == "skip":
            self.answers.pop(self.place, None)
            self.skipped.add(self.place)
            self._go(self.place + 1)
        elif act == "next" and (self.place in self.answers or self.place in self.skipped):
            self._go(self.place + 1)
        elif act == "back" and self.place > 0:
            self._go(self.place - 1)

    @property
    def ended(self) -> bool:
        """Whether the last place was left."""
        return self.place >= len(self.queue)

    def go_on(self) -> None:
        """Open the first place that has no answer; the skipped ones too."""
        self._go(next((n for n in range(len(self.queue)) if n not in self.answers), 0))

    def _save(self, answer: Any) -> None:
        if not isinstance(answer, list) or len(answer) != len(self.categories):
            return
        if any(one not in (0, 1) for one in answer):
            return
        self.answers[self.place] = tuple(int(one) for one in answer)
        self.skipped.discard(self.place)
        self._go(self.place + 1)

    def _go(self, place: int) -> None:
        self.place = place
        self.shown = self.keep
        self.open = not self.ended

    @property
    def places(self) -> list[int]:
        """Places that have an answer, in their order."""
        return sorted(self.answers)

    @property
    def enough(self) -> bool:
        """Whether the answers are enough for a first figure."""
        return len(self.answers) >= min(LEAST, len(self.table))

    def labels(self) -> np.ndarray:
        """The answers (m', k), in the order of :attr:`places`."""
        rows = [self.answers[place] for place in self.places]
        return np.array(rows, dtype=np.int8).reshape(len(rows), len(self.categories))

    def assess(self) -> Assessment:
        """The quality of the batch, from the answers so far.

        A skipped row counts as one that was not reached. Where people skip what is hard, chance did
        not leave it out, so the page says how many were skipped.
        """
        return assess(
            self.probabilities,
            self.thresholds,
            self.categories,
            self.queue[self.places],
            np.full(len(self.answers), self.chance),
            self.labels(),
        )

    @property
    def chance(self) -> float:
        """Chance of each row to be labelled, the same for all."""
        return len(self.answers) / len(self.table)

    def export(self) -> pd.DataFrame:
        """Every row of the batch with the labels that it has, for ``check`` and ``train``.

        Returns
        -------
        DataFrame
            (N, …): ``row``, ``description``, the time if there is one, a column per category with
            1, 0 or nothing, and ``inclusion_probability`` of the labelled rows: it is the same for
            all, and says that people gave these labels.
        """
        count, at = len(self.table), self.queue[self.places]
        frame = pd.DataFrame({ROW: self.table.index.to_numpy()})
        frame[DESCRIPTION] = self.table[DESCRIPTION].to_numpy()
        if self.time is not None:
            frame[self.time] = self.table[self.time].to_numpy()
        labels = self.labels()
        for number, category in enumerate(self.categories):
            column = pd.array([pd.NA] * count, dtype="Int64")
            column[at] = labels[:, number]
            frame[category] = column
        chances = np.full(count, np.nan)
        chances[at] = self.chance
        frame[INCLUSION] = chances
        return frame

    def compare(self, other: Batch) -> Comparison:
        """Compare the answers with another person's file of labels of the same batch.

        Parameters
        ----------
        other : a file as :meth:`export` makes it, read with this model's categories.

        Raises
        ------
        ReviewError
            The file has no row numbers, lacks the labels of a category, or is of another batch.
        """
        theirs, texts = _labels_of(other, self.categories)
        ours = {
            int(self.table.index[self.queue[place]]): answer
            for place, answer in self.answers.items()
        }
        both = sorted(ours.keys() & theirs.keys())
        known = self.table[DESCRIPTION].loc[both]
        same = sum(_plain(known[row]) == _plain(texts[row]) for row in both)
        if both and same < _SAME * len(both):
            raise ReviewError(wording.OTHER_BATCH)
        first = np.array([ours[row] for row in both], dtype=int).reshape(-1, len(self.categories))
        second = np.array([theirs[row] for row in both], dtype=int).reshape(first.shape)
        apart = (first != second).any(axis=1)
        columns: dict[str, Any] = {ROW: np.array(both, dtype=int)[apart]}
        for number, category in enumerate(self.categories):
            columns[f"{category}: first"] = first[apart, number]
            columns[f"{category}: second"] = second[apart, number]
        return Comparison(
            len(both), agreement(first, second, self.categories), pd.DataFrame(columns)
        )


def begin(
    batch: Batch,
    model: Classifier,
    probabilities: np.ndarray,
    *,
    labels: int,
    key: str = "",
) -> Labelling:
    """Begin a review: draw the rows that a person is asked about, all with the same chance.

    The draw has a fixed seed: a second person who begins with the same file and number is asked
    about the same rows.

    Parameters
    ----------
    batch : of N accepted rows.
    model : whose answers are to be judged.
    probabilities : (N, k) of the model.
    labels : m, number of rows to label; all if there are fewer.
    key : names the batch within its session.

    Raises
    ------
    ReviewError
        The batch has no rows, or no label is asked for.
    """
    batch = batch.numbered()
    rows, time = batch.rows, batch.columns.time
    if rows.empty:
        raise ReviewError(wording.NO_ROWS)
    if labels < 1:
        raise ReviewError(wording.NO_LABELS)
    columns = {DESCRIPTION: batch.texts}
    name = None
    if time is not None:
        taken = {DESCRIPTION, *model.categories}
        name = RECEIVED if time in taken or is_reserved(time) else time
        columns[name] = rows[time]
    return Labelling(
        key=key,
        table=pd.DataFrame(columns),
        time=name,
        categories=model.categories,
        thresholds=np.asarray(model.thresholds, dtype=float),
        probabilities=np.asarray(probabilities, dtype=float),
        queue=np.random.default_rng(SEED).permutation(len(rows))[:labels],
    )


def _labels_of(
    batch: Batch, categories: Sequence[str]
) -> tuple[dict[int, tuple[int, ...]], dict[int, str]]:
    """Row number → labels, and → text, of the rows that have a label in every category."""
    batch = batch.numbered()
    rows = batch.rows
    numbers = [name for name in rows.columns if key(name) == key(ROW)]
    if not numbers:
        raise ReviewError(wording.no_row_numbers(ROW))
    missing = [name for name in categories if name not in batch.columns.labels]
    if missing:
        raise ReviewError(wording.no_labels_of(missing[0]))
    values = label_values(batch, categories)
    number = pd.to_numeric(rows[numbers[0]], errors="coerce")
    texts = batch.texts
    labels: dict[int, tuple[int, ...]] = {}
    said: dict[int, str] = {}
    for index, own in zip(rows.index, values, strict=True):
        if np.isnan(own).any() or pd.isna(number[index]):
            continue
        row = int(number[index])
        labels[row] = tuple(map(int, own))
        said[row] = texts[index]
    return labels, said


def _plain(text: str) -> int:
    """A text's digest without the apostrophe that a spreadsheet's safety put before it."""
    return key_of(text.removeprefix("'"))

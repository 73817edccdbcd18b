"""The profile: what a group of descriptions adds up to, without text.

All that the check, the estimate of quality, the labels and the words need of a group is a sum over
its rows: counts of the values of each column, of answers, of flags, of words. Sums add up, so a
profile of a month is that of its days, and a check of ten files, or of parts that several processes
have read, is the check of their sum. Everything that is added is a whole number, so that sums are
exact and do not depend on order or grouping.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np

from afterword.errors import CheckError
from afterword.measures import wording
from afterword.measures.answers import Answers, LabelledAnswers
from afterword.measures.columns import Column
from afterword.measures.definitions import FLAGS
from afterword.measures.drawn_rows import DrawnRows
from afterword.measures.moments import Kept, Moments, units_of
from afterword.measures.saved_profiles import to_bytes
from afterword.measures.totals import Rules, row_flags
from afterword.model.deployed import Deployed
from afterword.model.reference import category_of, output_columns, probability_column
from afterword.model.scored import Scored
from afterword.text.counts import TextCounts
from afterword.text.distinct import DistinctTexts


@dataclass(frozen=True, eq=False)
class Profile:
    """A group of descriptions, added up.

    Attributes
    ----------
    categories : k names, of the model that scored them.
    columns : name → :class:`Column` of each descriptor, and of each output that is no probability.
    answers : the probabilities.
    flags : (f,) rows with each of :data:`~afterword.measures.definitions.FLAGS`; the first of them
        only where nothing was counted in the texts.
    model : version of the model that scored them; "" where that is not known.
    thresholds : (k,) from which on its categories are given.
    kept : of a profile that was saved, whose ``answers`` only stand for those of its rows.
    texts : what was counted in the texts; None where they were not there.
    pieces : what is needed to join it exactly with other profiles of the same process or job; None
        where the texts were counted before. It is in memory only.
    labelled : rows with labels; None if there are none.
    label_doubt : why columns that could hold labels were not taken for them; "" if there are none.
    deployed : predictions that rows came with; None if there are none.
    drawn : a uniform sample of the scored rows, from which reports are drawn; in memory only, None
        where no rows are at hand.
    rejections : reason → rejected rows.
    period : first and last time, if the rows tell.
    sample : whether it is one that the repository ships.
    notes : what could not be counted, and what is not known any more, in sentences.
    """

    categories: tuple[str, ...]
    columns: Mapping[str, Column]
    answers: Answers
    flags: np.ndarray
    model: str = ""
    thresholds: tuple[float, ...] = ()
    kept: Kept | None = None
    texts: TextCounts | None = None
    pieces: DistinctTexts | None = None
    labelled: LabelledAnswers | None = None
    label_doubt: str = ""
    deployed: Deployed | None = None
    drawn: DrawnRows | None = None
    rejections: Mapping[str, int] = field(default_factory=dict)
    period: tuple[datetime, datetime] | None = None
    sample: bool = False
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Profile({self.accepted} rows accepted, {self.rejected} rejected)"

    @property
    def accepted(self) -> int:
        """Rows that were accepted."""
        return self.answers.rows

    @property
    def rejected(self) -> int:
        """Rows that were read and rejected."""
        return sum(self.rejections.values())

    @property
    def rows(self) -> int:
        """Rows that were read, the rejected ones included."""
        return self.accepted + self.rejected

    def moments(self) -> Moments:
        """Sums and products over the rows of what their answers come to."""
        return self.kept.moments if self.kept else Moments.of(self.answers, self.thresholds)

    @property
    def commonest_answer(self) -> int:
        """Rows with the commonest answer."""
        return self.kept.commonest if self.kept else self.answers.commonest

    def sums(self) -> np.ndarray:
        """Sums (k + 1,) of each category's probability, and of that of none of them."""
        if not self.kept:
            return self.answers.sums()
        k = len(self.categories)
        found: np.ndarray = (self.kept.moments.sums / units_of(k))[: k + 1]
        return found

    def save(
        self, path: str | os.PathLike[str], *, model_dir: str | os.PathLike[str] | None = None
    ) -> None:
        """Keep it in a file without text that :func:`afterword.load_profile` takes back.

        Parameters
        ----------
        path : of the file, which is replaced if it is there.
        model_dir : folder of the model that made it; the one in service if None.

        Raises
        ------
        CheckError
            It has fewer than 20 different descriptions, another model made it, or the file cannot
            be written; one that was there is then left as it was.
        """
        _write(to_bytes(self, model_dir), Path(path))

    @cached_property
    def _probabilities(self) -> dict[str, Column]:
        return {
            probability_column(name): self.answers.column(place)
            for place, name in enumerate(self.categories)
        }

    def column(self, name: str) -> Column:
        """The values of a descriptor or of an output, counted.

        Raises
        ------
        KeyError
            There is no such column.
        """
        return self._probabilities[name] if category_of(name) else self.columns[name]

    @property
    def scored(self) -> Scored:
        """The sample as scored rows, which stand for all; there may be none at all."""
        import pandas as pd

        outputs = output_columns(self.categories)
        names = [*(name for name in self.columns if name not in outputs), *outputs]
        return Scored(
            frame=self.drawn.frame if self.drawn else pd.DataFrame(columns=names, dtype="float32"),
            descriptors=tuple(name for name in names if name not in outputs),
            categories=self.categories,
            outputs=outputs,
            rejections=self.rejections,
            period=self.period,
            sample=self.sample,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns."""
        return (*self.columns, *self._probabilities)

    def __add__(self, other: Profile) -> Profile:
        """The rows of both: exact, in whatever order and grouping.

        Copies of one text that lie in both count as in one piece where both were made by the same
        process or job; otherwise nobody can know of them, and they count as two texts, as the notes
        tell.

        Raises
        ------
        CheckError
            They were made by other models, or have other columns.
        """
        if not isinstance(other, Profile):
            return NotImplemented
        if self.pieces and other.pieces and self.pieces.key == other.pieces.key:
            pieces = self.pieces + other.pieces
            found = join([self, other], pieces)
            return found.noting(wording.COUNTED_TWICE) if pieces.twice else found
        found = join([self, other])
        # Of a saved profile its own notes tell; and what one side lacks cannot lie in both.
        with_texts = [one for one in (self, other) if one.texts is not None and one.texts.distinct]
        apart = len(with_texts) > 1 and not found.kept
        return found.noting(wording.COUNTED_APART) if apart else found

    def noting(self, note: str) -> Profile:
        """The same with one more note, unless it has that."""
        return replace(self, notes=tuple(dict.fromkeys([*self.notes, note])))

    def __radd__(self, other: object) -> Profile:
        """The same: what ``sum`` begins with is no row."""
        return self if other == 0 else NotImplemented


def join(parts: Sequence[Profile], pieces: DistinctTexts | None = None) -> Profile:
    """Add up profiles.

    Parameters
    ----------
    parts : at least one.
    pieces : of all of them together, where that is known; otherwise texts that lie in several
        count in each.

    Raises
    ------
    CheckError
        They were made by other models, or have other columns.
    """
    first = parts[0]
    if any(
        (each.model, each.categories) != (first.model, first.categories)
        or set(each.columns) != set(first.columns)
        for each in parts
    ):
        raise CheckError(wording.OTHER_PROFILES)
    length = min(len(each.flags) for each in parts)
    rejections = sum((Counter(each.rejections) for each in parts), Counter())
    kept = None
    if any(each.kept for each in parts):
        moments = reduce(add, (each.moments() for each in parts))
        kept = Kept(max(each.commonest_answer for each in parts), moments)
    return Profile(
        categories=first.categories,
        columns={
            name: Column.total([each.columns[name] for each in parts]) for name in first.columns
        },
        answers=Answers.total([each.answers for each in parts]),
        flags=np.sum([each.flags[:length] for each in parts], axis=0),
        model=first.model,
        thresholds=first.thresholds,
        kept=kept,
        texts=pieces.closed() if pieces else reduce(_join_texts, (each.texts for each in parts)),
        pieces=pieces,
        labelled=_total(LabelledAnswers, [each.labelled for each in parts]),
        label_doubt=min(filter(None, (each.label_doubt for each in parts)), default=""),
        deployed=_total(Deployed, [each.deployed for each in parts]),
        # Of a profile that was saved no rows are at hand, so none can stand for the whole.
        drawn=None if kept else _total(DrawnRows, [each.drawn for each in parts]),
        rejections=dict(sorted(rejections.items())),
        period=_span(*(each.period for each in parts)),
        sample=all(each.sample for each in parts),
        notes=tuple(dict.fromkeys(note for each in parts for note in each.notes)),
    )


def profile_of(scored: Scored, rules: Rules, model: str = "") -> Profile:
    """Add scored rows up.

    Parameters
    ----------
    scored : numbers of a batch.
    rules : of the reference that they will be compared with.
    model : version of the model that scored them; "" if that is not known.
    """
    frame = scored.frame
    probabilities = frame[list(map(probability_column, scored.categories))].to_numpy(float)
    own = row_flags(frame, probabilities, rules).sum(axis=0, dtype=np.int64)
    texts = scored.texts if scored.texts is None or scored.texts.rows == len(frame) else None
    told = np.zeros(0, np.int64) if texts is None else texts.flags
    return Profile(
        categories=scored.categories,
        columns={
            name: Column.of(frame[name].to_numpy(float))
            for name in (*scored.descriptors, *scored.outputs)
            if not category_of(name)
        },
        answers=Answers.of(probabilities),
        flags=told if len(told) == len(FLAGS) else np.concatenate([own, told]),
        model=model,
        thresholds=tuple(map(float, rules.thresholds)),
        texts=texts if texts is not None and texts.whole else None,
        pieces=scored.pieces,
        labelled=None
        if scored.labels is None
        else LabelledAnswers.of(probabilities, scored.labels, scored.inclusion),
        label_doubt=scored.label_doubt,
        deployed=scored.deployed,
        rejections=scored.rejections,
        period=scored.period,
        sample=scored.sample,
    )


def _write(content: bytes, path: Path) -> None:
    """Write the file of a profile: whole, or not at all.

    Raises
    ------
    CheckError
        It cannot be written.
    """
    staged = path.with_name(f".{path.name}.new") if path.name else path
    try:
        if path.is_dir():
            raise IsADirectoryError
        staged.write_bytes(content)
        staged.replace(path)
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            staged.unlink(missing_ok=True)
        raise CheckError(wording.UNWRITABLE_PROFILE) from None


def _total(kind: Any, found: Sequence[Any]) -> Any:
    """The sum of what some of the parts have; None where none has it."""
    there = [one for one in found if one is not None]
    return kind.total(there) if len(there) > 1 else next(iter(there), None)


def _span(*periods: tuple[datetime, datetime] | None) -> tuple[datetime, datetime] | None:
    """From the first moment of all periods to the last one."""
    known = [one for one in periods if one is not None]
    if not known:
        return None
    return min(first for first, _ in known), max(last for _, last in known)


def _join_texts(own: TextCounts | None, other: TextCounts | None) -> TextCounts | None:
    """What is known of the texts of two groups where no text can be found again."""
    if own is None or other is None:
        return None
    new_words = Counter(own.new_words) + Counter(other.new_words)
    # Of a length that is too rare to be told it is not known whether both have the same.
    alike = own.common_length == other.common_length != 0
    longest = own if own.lengths >= other.lengths else other
    return TextCounts(
        rows=own.rows + other.rows,
        distinct=own.distinct + other.distinct,
        flags=own.flags + other.flags,
        repeats=max(own.repeats, other.repeats),
        lengths=own.lengths + other.lengths if alike else longest.lengths,
        common_length=longest.common_length,
        words=own.words + other.words,
        new=max(own.new, other.new, *new_words.values()),
        new_words=dict(sorted(new_words.items())),
        content=own.content + other.content,
        hidden=_hidden(own, other, max(new_words.values(), default=0)),
        **{
            name: _both(getattr(own, name), getattr(other, name))
            for name in ("begins", "ends", "common", "pairs", "again")
        },
    )


def _both(own: int | None, other: int | None) -> int | None:
    """Rows of both: those with the commonest beginnings have the same words in honest groups."""
    return None if own is None or other is None else own + other


def _hidden(own: TextCounts, other: TextCounts, shown: int) -> str:
    """What the commonest unknown word of two groups is, if more hold it than any that is shown."""
    more = own if own.new >= other.new else other
    return more.hidden if more.new > shown else ""

"""The profile of what was recorded on some days: a sum of a few rows, and no look at any call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from afterword.errors import CheckError
from afterword.measures.answers import Answers, count_rows
from afterword.measures.coarse_counts import (
    TOTAL_STEPS,
    CoarseColumn,
    fine,
    grids_of,
    summed_of,
)
from afterword.measures.columns import Column
from afterword.measures.definitions import FLAGS
from afterword.measures.drawn_rows import DrawnRows
from afterword.measures.moments import Kept, Moments
from afterword.measures.null_tables import load_tables
from afterword.measures.profiles import Profile
from afterword.measures.saved_profiles import MOST_ROWS
from afterword.measures.stand_ins import CENTS, margins_of, whole_margin
from afterword.model.reference import CONFIDENCE, NUMBER, output_columns, probability_column
from afterword.model.registry import load_reference
from afterword.model.scored_files import OTHER_REASON
from afterword.store import Store
from afterword.store.day_profiles import DayProfile, commonest_answer, counts_of_answers
from afterword.store.moments import DAY
from afterword.store.stream_records import SERVICE
from afterword.store.tally import CALLS, Layout, Tally, layout_of, total
from afterword.streams import wording
from afterword.text.counts import TextCounts
from afterword.text.descriptors import NAMES
from afterword.text.distinct import STEPS
from afterword.text.flags import TEXT_FLAGS
from afterword.text.privacy import SHOWN_FROM

if TYPE_CHECKING:
    import pandas as pd

DRAWN: Final = 20_000
"""Rows that are made for reports to be drawn from."""


def profile_from_store(
    store: Store,
    start: datetime,
    end: datetime,
    *,
    sample: bool = False,
    stream: int = SERVICE,
) -> Profile:
    """Add up what was recorded on some days, by the model in service.

    Parameters
    ----------
    store : where it was recorded.
    start, end : midnights (UTC); the end is not in it.
    sample : the loaded samples instead.
    stream : number of the stream, by whose calendar the days are.

    Returns
    -------
    Profile
        As one that was saved; its notes say what of these days is not in it.

    Raises
    ------
    CheckError
        There are more descriptions than a check takes.
    StoreError
        The store cannot be read.
    ModelError
        There is no model, or what belongs to it is missing or damaged.
    """
    layout, reference = layout_of(), load_reference()
    of = _Of(store, layout.model, sample, stream)
    days = store.profiles(start, end, **of.descriptions)
    calls = of.counted(start, end, "calls", "descriptions")
    whole = [_completed(of, day, own, layout) for day, own in days.items()]
    found = DayProfile.total(whole or [DayProfile(Tally(), np.zeros(0, np.int64))])
    rows = _one(found, "rows")
    if rows > MOST_ROWS:
        raise CheckError(wording.too_many(MOST_ROWS))
    columns, answers = _columns(found, layout, reference), _answers(found, layout, reference)
    rejected = int(calls.get("calls", len(CALLS))[CALLS.index("rejected")])
    waited = _of_before(days, start)
    texts = _texts(of, start, end, found)
    return Profile(
        categories=layout.categories,
        columns=columns,
        answers=answers,
        flags=np.minimum(found.tally.get("flags", len(FLAGS)), rows),
        model=layout.model,
        thresholds=tuple(map(float, layout.thresholds)),
        kept=_kept(found, answers, layout),
        texts=texts,
        drawn=_drawn(columns, answers, layout) if rows else None,
        rejections={OTHER_REASON: rejected} if rejected else {},
        period=(min([start, *waited]), end - DAY) if rows else None,
        sample=sample,
        notes=tuple(_notes(rows, calls.descriptions, sum(waited.values()), texts)),
    )


@dataclass(frozen=True)
class _Of:
    """What is asked of the store: of which model, samples or not, and which stream."""

    store: Store
    model: str
    sample: bool
    stream: int

    @property
    def feed(self) -> dict[str, Any]:
        """Which descriptions, of any model."""
        return {"sample": self.sample, "stream": self.stream}

    @property
    def descriptions(self) -> dict[str, Any]:
        """Which descriptions, of the model."""
        return {"model": self.model, **self.feed}

    def counted(self, start: datetime, end: datetime, *names: str) -> Tally:
        """Counts of the model's days."""
        found = self.store.tallies("day", start, end, names=names, **self.descriptions)
        return total(found.values())


def _one(found: DayProfile, name: str) -> int:
    """A count that is one number, or stands at the only place that has any."""
    return int(found.tally.get(name, 1).max())


def _of_before(days: Mapping[datetime, DayProfile], start: datetime) -> dict[datetime, int]:
    """Days before the window → descriptions of theirs that had waited, and are counted in it."""
    found: Counter[datetime] = Counter()
    for day, own in days.items():
        waited = own.tally.get("before", 1)
        for back in np.flatnonzero(waited).tolist():
            if day - back * DAY < start:
                found[day - back * DAY] += int(waited[back])
    return dict(found)


def _notes(rows: int, recorded: int, before: int, texts: TextCounts | None) -> Iterator[str]:
    """What of the days is not known, or not in the sum."""
    waiting = recorded - (rows - before)
    if waiting > 0:
        yield wording.waiting(waiting, recorded)
    if before:
        yield wording.of_days_before(before)
    if rows:
        yield wording.IN_BINS
    if texts is not None:
        yield wording.COPIES_APART


# ---------------------------------------------------------------- days without a profile


def _completed(of: _Of, day: datetime, found: DayProfile, layout: Layout) -> DayProfile:
    """A day with the answers that were kept call by call before there were profiles."""
    tally = found.tally
    most = tally.inputs - _one(found, "rows")
    if most <= 0:
        return found
    cents = of.store.answers(day, day + DAY, most=most, **of.descriptions)
    if not len(cents):
        return found
    counted = count_rows(cents)
    counts = counts_of_answers(*counted, layout.thresholds.tolist())
    counts["commonest"] = commonest_answer(*counted)
    return found.with_group(DayProfile(Tally(counts), np.zeros(0, np.int64)))


# ---------------------------------------------------------------- columns and answers


def _columns(found: DayProfile, layout: Layout, reference: pd.DataFrame) -> dict[str, Column]:
    k, rows = len(layout.categories), _one(found, "rows")
    grids, totals = grids_of(k), found.tally.get("totals", len(NAMES))
    summed = _one(found, "summed")
    columns = {
        name: _column(found.tally, layout, reference[name], grids[name], float(total), summed)
        for name, total in zip(NAMES, totals, strict=True)
    }
    columns[NUMBER] = Column.counted(grids[NUMBER], found.tally.get("number", k + 1))
    columns[CONFIDENCE] = Column.counted(grids[CONFIDENCE], found.tally.get("confident", CENTS))
    return {name: _cut(column, rows) for name, column in columns.items()}


def _column(
    tally: Tally,
    layout: Layout,
    reference: pd.Series,
    grid: np.ndarray,
    total: float,
    summed: int,
) -> Column:
    """A column with these counts in its bins, inside of which it lies as the reference does."""
    bins = layout.bins[str(reference.name)]
    starts = np.concatenate([[0], np.searchsorted(grid, bins.edges)])
    rows = tally.get(str(reference.name), len(bins.values))
    if not rows.sum():
        return Column.counted(grid, np.zeros(len(grid), np.int64))
    values = summed_of(reference.name, grid)
    own = summed_of(reference.name, reference.to_numpy(float))
    inside = bins.of(reference.to_numpy(float))
    sizes = np.bincount(inside, minlength=len(rows))
    # Of days before there were profiles no sums are kept: there the reference's means stand in.
    means = np.where(
        sizes > 0, np.bincount(inside, own, len(rows)) / np.maximum(sizes, 1), values[starts]
    )
    missing = max(0, int(rows.sum()) - summed)
    whole = total / TOTAL_STEPS + missing / rows.sum() * float(rows @ means)
    lowest, highest = rows @ values[starts], rows @ values[np.append(starts[1:], len(grid)) - 1]
    saved = CoarseColumn(
        starts.tolist(), rows.tolist(), round(TOTAL_STEPS * min(max(whole, lowest), highest))
    )
    return fine(saved, reference, grid)


def _cut(column: Column, rows: int) -> Column:
    """So many rows of a column: before there were profiles, inputs and answers were kept apart."""
    if column.rows <= rows:
        return column
    counts = np.random.default_rng(0).multivariate_hypergeometric(column.counts, rows)
    return Column.counted(column.values, counts)


def _answers(found: DayProfile, layout: Layout, reference: pd.DataFrame) -> Answers:
    """Rows with what is kept of each category; which answers stood together is not known."""
    rng, k = np.random.default_rng(0), len(layout.categories)
    told = _parted(found.tally, layout.thresholds.tolist())
    columns = []
    for name, own, threshold in zip(layout.categories, told, layout.thresholds, strict=True):
        cents = np.rint(100 * reference[probability_column(name)].to_numpy(float)).astype(int)
        margin = whole_margin(own, threshold, np.bincount(cents, minlength=CENTS))
        columns.append(rng.permutation(np.repeat(np.arange(CENTS), margin[:CENTS])))
    return Answers(*count_rows(np.reshape(columns, (k, -1)).T.astype(np.uint8)))


def _parted(tally: Tally, thresholds: Sequence[float]) -> list[list[int]]:
    """The counts of each category's answers, as :func:`margins_of` gives them."""
    k = len(thresholds)
    empty = margins_of(np.zeros((0, k), int), np.zeros(0, np.int64), thresholds)
    ends = np.cumsum([len(each) for each in empty])
    margins = tally.get("margins", int(ends[-1]))
    return [each.tolist() for each in np.split(margins, ends[:-1])]


def _kept(found: DayProfile, answers: Answers, layout: Layout) -> Kept:
    """Sums and products as they were kept, and how common the commonest answer is at least."""
    moments = Moments.of(answers, layout.thresholds)
    v, k = len(moments.sums), len(layout.categories)
    sums, products = moments.sums.copy(), np.zeros((v, v), np.int64)
    sums[k] = _one(found, "none")
    upper = np.triu_indices(v)
    products[upper] = products.T[upper] = found.tally.get("products", len(upper[0]))
    commonest = min(_one(found, "commonest"), answers.rows)
    return Kept(commonest, Moments(answers.rows, sums, products))


def _drawn(columns: Mapping[str, Column], answers: Answers, layout: Layout) -> DrawnRows:
    """Rows in which every column has its values, in an order of its own."""
    import pandas as pd

    rng = np.random.default_rng(0)
    outputs = output_columns(layout.categories)
    own = dict(columns)
    own |= {
        probability_column(name): answers.column(place)
        for place, name in enumerate(layout.categories)
    }
    drawn = {
        name: rng.permutation(_cut(own[name], DRAWN).repeated()) for name in (*NAMES, *outputs)
    }
    frame = pd.DataFrame(drawn, dtype=np.float32)
    return DrawnRows(DRAWN, np.arange(len(frame), dtype=np.uint64), frame)


# ---------------------------------------------------------------- texts


def _texts(of: _Of, start: datetime, end: datetime, found: DayProfile) -> TextCounts | None:
    """What was counted in the texts; None where it was not counted in all of them."""
    rows, w = _one(found, "rows"), len(load_tables().words)
    if not rows or _one(found, "counted") != rows or len(found.texts) <= w:
        return None
    distinct = _one(found, "distinct")
    new, new_words = _new_words(of, start, end, rows)
    return TextCounts(
        rows=rows,
        distinct=distinct,
        flags=found.tally.get("flags", len(FLAGS))[len(FLAGS) - len(TEXT_FLAGS) :],
        repeats=min(_one(found, "repeats"), rows),
        lengths=_one(found, "lengths"),
        common_length=int(found.tally.get("lengths", 1).argmax()),
        words=found.texts[:w],
        new=min(new, distinct),
        new_words={word: min(count, distinct) for word, count in new_words.items()},
        content=found.texts[w:] / STEPS,
        **_copies(found, rows),
    )


def _copies(found: DayProfile, rows: int) -> dict[str, Any]:
    """What is known of equal texts; nothing where some days were kept before it was counted."""
    if _one(found, "told") != rows:
        return {}
    return {name: _one(found, name) for name in ("common", "pairs", "again")}


def _new_words(of: _Of, start: datetime, end: datetime, rows: int) -> tuple[int, dict[str, int]]:
    """Texts that hold the commonest new word, and those that hold each that may be shown.

    They are counted in all that was answered on these days, and stand here for a part of it.
    """
    known = frozenset(map(of.store.hash, load_tables().words))
    recorded = total(
        of.store.tallies("day", start, end, names=("descriptions",), **of.feed).values()
    ).descriptions
    share = min(1.0, rows / max(recorded, 1))
    found = [
        (word, round(share * count))
        for word, count in of.store.commonest_unseen(start, end, known=known, **of.feed)
    ]
    shown = {word: count for word, count in found if word is not None and count >= SHOWN_FROM}
    return max((count for _, count in found), default=0), dict(sorted(shown.items()))

"""Random splits of the training set: what the check's tables are made from.

Every split takes n rows as the batch and all others as the reference, for every size n of the
tables at once, since a batch of 50 may be part of one of 70. All measures are sums or counts of
rows, so one pass over the first N/2 rows of a random order gives them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from afterword.measures.by_length import ByLength
from afterword.measures.columns import Column
from afterword.measures.definitions import DEPLOYED, KS, REJECTED, definitions
from afterword.measures.distances import LEAST_DEVIATION, Scale, cohens_h, distances
from afterword.measures.null_tables import NullTables
from afterword.measures.thresholds import (
    ALPHAS,
    GROWTHS,
    ORDINARY_REJECTED,
    QUANTILE_LEVELS,
)
from afterword.measures.totals import Rules, Totals, answer_keys, row_flags, with_none
from afterword.measures.year_levels import YearLevels
from afterword.model.reference import probability_column
from afterword.settings import BALANCED
from afterword.text.common_texts import MOST_WORDS
from afterword.text.edges import most_alike, numbered
from afterword.text.facts import LONGEST, Facts, length_windows
from afterword.text.privacy import SHOWN_FROM
from afterword.training import wording
from afterword.training.null_levels import BEYOND, fit_levels
from afterword.training.outcome_counts import count_outcomes
from afterword.training.split_copies import Copies, turns_of
from afterword.training.unrepeated import alarms_of_unrepeated
from afterword.training.year_promise import YEARS, simulate_levels, year_of_rows
from afterword.training.year_splits import RowSums

if TYPE_CHECKING:
    import pandas as pd
    import scipy.sparse as sp

    from afterword.model.classifier import Classifier

DRAWS: Final = 10_000
"""Random splits; a level of one in a thousand is then known to a third of itself."""
SIZES: Final = (30, 40, 50, 70, 100, 140, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000)
"""Batch sizes that get a table, with N/2 as the last; between two of them the stricter holds."""

LONG_QUANTILE: Final = 0.99
"""Share of the training descriptions that are shorter than a very long one."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class _Rows:
    """The reference row by row, while it is split; never written.

    Attributes
    ----------
    facts : of the texts.
    bins : (n, c) where each value of a Kolmogorov–Smirnov column lies among all bins.
    edges : first bin of each of these columns.
    scores : (n, k + 1).
    flags : (n, f).
    answers : (n,) equal for equal answers.
    short : (n,) bool, texts of so few words that many people could write them.
    """

    facts: Facts
    bins: np.ndarray
    edges: np.ndarray
    scores: np.ndarray
    flags: np.ndarray
    answers: np.ndarray
    short: np.ndarray

    @property
    def number(self) -> int:
        """Rows, n."""
        return len(self.scores)


@dataclass(frozen=True)
class _Counted:
    """Counts of some rows, cumulated over the sizes (s, …), and what the rest needs of them."""

    bins: np.ndarray
    scores: np.ndarray
    flags: np.ndarray
    content: np.ndarray
    answers: np.ndarray
    texts: np.ndarray
    distinct: np.ndarray
    lengths: np.ndarray
    words: np.ndarray
    unknown: np.ndarray


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """The training rows as numbers, in one order; in memory only.

    Attributes
    ----------
    facts : of the n descriptions.
    frame : (n, …) their descriptors and out-of-fold outputs.
    labels : (n, k) of 0 and 1.
    groups : (n,) equal for repeats of one description.
    """

    facts: Facts
    frame: pd.DataFrame
    labels: np.ndarray
    groups: np.ndarray


def calibrate(
    rows: TrainingRows,
    model: Classifier,
    *,
    private: np.ndarray,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> NullTables:
    """Make the tables from the training rows.

    Parameters
    ----------
    rows : that the model was trained on.
    model : trained on them.
    private : (w,) which words of the vocabulary are never shown.
    draws : random splits.
    seed : of the splits.
    progress : called with the name of the step and the fraction done, in [0, 1].
    """
    # One thread: sums in another order would change the last bits, and with them the digest.
    with threadpool_limits(limits=1):
        return _calibrate(rows, model, private, draws, seed, progress)


def _calibrate(
    training: TrainingRows,
    model: Classifier,
    private: np.ndarray,
    draws: int,
    seed: int,
    progress: Progress | None,
) -> NullTables:
    """Do what :func:`calibrate` says."""
    rules = Rules(
        long_from=float(np.quantile(training.frame["words"], LONG_QUANTILE, method="higher")),
        thresholds=model.thresholds,
        bands=model.mode(BALANCED).bands,
    )
    columns = [probability_column(name) for name in model.categories]
    probabilities = training.frame[columns].to_numpy(float)
    rows = _rows_of(training, probabilities, rules, model.categories)
    splitter = _Splitter(rows, model.categories)
    found = _distances_by_chance(splitter, draws, seed, progress)
    number = len(training.frame)
    sizes = np.array([*splitter.sizes, *(number * each for each in BEYOND)])
    scales = np.sqrt(1 / splitter.sizes + 1 / (number - splitter.sizes))
    standard = np.sort(found / scales[None, :, None].astype(np.float32), axis=0)
    quantiles = np.stack([upper(standard, level) for level in QUANTILE_LEVELS], axis=-1)
    tables = NullTables(
        categories=model.categories,
        rules=rules,
        totals=splitter.whole,
        scale=splitter.scale,
        separation=_separation(rows.scores, training.labels),
        words=model.words,
        private=private,
        sizes=sizes,
        quantiles=np.concatenate([quantiles, np.repeat(quantiles[-1:], len(BEYOND), axis=0)]),
        levels=np.zeros((len(GROWTHS), 2, len(sizes), len(ALPHAS))),
        unrepeated=np.full(len(sizes), np.nan),
        draws=draws,
        outcomes=count_outcomes(
            training.labels,
            probabilities,
            model.thresholds,
            training.facts.content,
            training.groups,
        ),
        by_length=ByLength.of(
            training.frame["words"].to_numpy(float),
            training.frame["characters"].to_numpy(float),
            rows.scores,
            training.facts.lengths,
        ),
    )
    fit_levels(tables, found)
    alone = splitter.copies[training.facts.keys] == 1
    return replace(
        tables,
        unrepeated=alarms_of_unrepeated(splitter.split, alone, tables, seed),
        year=_year(training, tables, draws, seed, progress),
    )


def _year(
    training: TrainingRows, tables: NullTables, draws: int, seed: int, progress: Progress | None
) -> YearLevels:
    """The levels of a promise for a year, from so many years that they take a part of the time."""
    told = partial(progress, wording.LEARNING_YEARS) if progress else None
    columns = {str(name): Column.of(own.to_numpy(float)) for name, own in training.frame.items()}
    rows = RowSums(training.facts, training.frame, tables, columns)
    years = min(YEARS, max(draws // 10, 20))
    return simulate_levels(
        year_of_rows(rows, tables, columns), tables, years=years, seed=seed, told=told
    )


def _rows_of(
    training: TrainingRows, probabilities: np.ndarray, rules: Rules, categories: Sequence[str]
) -> _Rows:
    """The training rows in the form in which they are split."""
    columns = [each.name for each in definitions(categories) if each.distance == KS]
    bins, edges = _bins(training.frame[columns].to_numpy(float))
    own = row_flags(training.frame, probabilities, rules)
    return _Rows(
        facts=training.facts,
        bins=bins,
        edges=edges,
        scores=with_none(probabilities),
        flags=np.column_stack([own, training.facts.flags]).astype(float),
        answers=answer_keys(probabilities),
        short=training.frame["words"].to_numpy() <= MOST_WORDS,
    )


def _distances_by_chance(
    splitter: _Splitter, draws: int, seed: int, progress: Progress | None
) -> np.ndarray:
    """Distances (b, s, m) of every measure in every split, at every size."""
    measures, sizes = definitions(splitter.categories), splitter.sizes
    rng = np.random.default_rng(seed)
    found = np.empty((draws, len(sizes), len(measures)), np.float32)
    for draw in range(draws):
        if progress and draw % 100 == 0:
            progress(wording.LEARNING_CHANCE, draw / draws)
        gaps = splitter.split(rng.permutation(splitter.rows.number))
        rejected = rng.binomial(sizes, ORDINARY_REJECTED) / sizes
        # The training set has no predictions of another system to be stuck.
        gaps[DEPLOYED] = np.zeros(len(sizes))
        gaps[REJECTED] = np.maximum(cohens_h(rejected, np.array(ORDINARY_REJECTED)), 0)
        found[draw] = np.column_stack([gaps[each.name] for each in measures])
    return found


def upper(standard: np.ndarray, level: float) -> np.ndarray:
    """Smallest value (s, m) that at most a share ``level`` of the sorted draws reaches."""
    draws = len(standard)
    place = draws - 1 - math.floor(level * (draws + 1) - 1 + 1e-9)
    # Just above: ties with what chance gave are chance.
    reached: np.ndarray = standard[min(max(place, 0), draws - 1)]
    return reached * (1 + 1e-5) + 1e-6


def _whitening(content: np.ndarray) -> np.ndarray:
    """A matrix W (d, d) with W Wᵀ the inverse covariance of the rows, directions of no size out."""
    values, vectors = np.linalg.eigh(np.cov(content.T).reshape(content.shape[1], -1))
    sound = values > 1e-9 * max(values.max(), 1e-12)
    return vectors * np.where(sound, 1 / np.sqrt(np.where(sound, values, 1.0)), 0.0)


def _separation(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean probability (k + 1, 2) of the rows with and without each category, and with none.

    NaN where there is no such row.
    """
    truth = np.column_stack([labels, ~labels.astype(bool).any(axis=1)]) != 0
    return np.array(
        [
            [own[chosen].mean() if chosen.any() else math.nan for chosen in (has, ~has)]
            for own, has in zip(scores.T, truth.T, strict=True)
        ]
    )


def _bins(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the values of each column (n, c); bins of one column follow those of another."""
    bins = np.empty(values.shape, np.int64)
    edges = [0]
    for column, own in enumerate(values.T):
        distinct, places = np.unique(own, return_inverse=True)
        bins[:, column] = places + edges[-1]
        edges.append(edges[-1] + len(distinct))
    return bins, np.array(edges)


class _Splitter:
    """Splits the reference at all sizes at once: a batch of 50 is part of that of 70."""

    def __init__(self, rows: _Rows, categories: Sequence[str]) -> None:
        self.rows, self.categories = rows, categories
        facts = rows.facts
        half = rows.number // 2
        self.sizes = np.array([*(size for size in SIZES if size < 0.9 * half), half])
        self.scale = Scale(
            scores=np.maximum(rows.scores.std(axis=0), LEAST_DEVIATION),
            content=_whitening(facts.content),
        )
        self.starts = np.concatenate([[0], self.sizes[:-1]])
        self.part = np.searchsorted(self.sizes, np.arange(self.sizes[-1]), side="right")
        # Copies may differ in spaces: a text has the length of its first one.
        self.lengths = np.minimum(facts.lengths[facts.first][facts.keys], LONGEST)
        self.copies = np.bincount(facts.keys)
        first = facts.first
        self.edges = dict(zip(("begins", "ends"), numbered(facts.edges), strict=True))
        self.equal = Copies(self.copies, rows.short[first])
        self.all = _Counted(
            bins=np.bincount(rows.bins.ravel(), minlength=rows.edges[-1]).astype(float),
            scores=rows.scores.sum(axis=0),
            flags=rows.flags.sum(axis=0),
            content=facts.content.sum(axis=0),
            answers=np.bincount(rows.answers),
            texts=self.copies,
            distinct=np.array(float(len(first))),
            lengths=np.bincount(self.lengths[first], minlength=LONGEST + 1),
            words=np.asarray(facts.words[first].sum(axis=0)).ravel(),
            unknown=np.asarray(facts.unknown[first].sum(axis=0)).ravel(),
        )
        self.whole = Totals(
            rows=np.array([float(len(facts.keys))]),
            distinct=self.all.distinct[None],
            scores=self.all.scores[None],
            flags=self.all.flags[None],
            answers=np.array([float(self.all.answers.max())]),
            lengths=np.array([float(length_windows(self.all.lengths).max())]),
            words=self.all.words[None].astype(float),
            new=np.array([SHOWN_FROM - 1.0]),
            content=self.all.content[None],
            **{name: most_alike(np.bincount(own)[None]) for name, own in self.edges.items()},
            **self.equal.whole(),
        )

    def split(self, order: np.ndarray) -> dict[str, np.ndarray]:
        """Distances (s,) of every measure between the first n rows and all others."""
        rows, facts, sizes = self.rows, self.rows.facts, self.sizes
        order = order[: sizes[-1]]
        keys = facts.keys[order]
        turn = turns_of(keys)
        # A text joins the batch with its first copy, and leaves the rest with its last.
        joins, leaves = turn == 1, turn == self.copies[keys]
        joined, left = (self._distinct(order, chosen) for chosen in (joins, leaves))
        inside, places = np.unique(keys, return_inverse=True)
        texts = self._cumulate(places, self.part)
        answers = self._cumulate(rows.answers[order], self.part, len(self.all.answers))
        bins = self._cumulate(
            rows.bins[order].ravel(), np.repeat(self.part, rows.bins.shape[1]), rows.edges[-1]
        )
        scores, flags, content = (
            self._sums(each[order]) for each in (rows.scores, rows.flags, facts.content)
        )
        alike = self._alike(order)
        words = self.all.words - left[1]
        known = words >= SHOWN_FROM
        new = np.maximum(
            np.where(known, 0, joined[1]).max(axis=1),
            np.where(self.all.unknown - left[2] >= SHOWN_FROM, 0, joined[2]).max(axis=1, initial=0),
        )
        own_copies, left_copies = self.equal.split(inside, texts)
        batch = Totals(
            rows=sizes.astype(float),
            distinct=joined[0],
            scores=scores,
            flags=flags,
            answers=answers.max(axis=1).astype(float),
            lengths=length_windows(joined[3]).max(axis=1).astype(float),
            words=np.where(known, joined[1], 0),
            new=new.astype(float),
            content=content,
            **{name: own for name, (own, _) in alike.items()},
            **own_copies,
        )
        rest = Totals(
            rows=(len(facts.keys) - sizes).astype(float),
            distinct=self.all.distinct - left[0],
            scores=self.all.scores - scores,
            flags=self.all.flags - flags,
            answers=(self.all.answers - answers).max(axis=1).astype(float),
            lengths=length_windows(self.all.lengths - left[3]).max(axis=1).astype(float),
            words=np.where(known, words, 0),
            new=np.full(len(sizes), SHOWN_FROM - 1.0),
            content=self.all.content - content,
            **{name: own for name, (_, own) in alike.items()},
            **left_copies,
        )
        gaps = distances(batch, rest, self.scale, self.categories)
        return gaps | self._apart(bins, batch.rows[:, None], rest.rows[:, None])

    def _apart(self, bins: np.ndarray, own: np.ndarray, rest: np.ndarray) -> dict[str, np.ndarray]:
        """Largest gaps between the distribution functions of every column, at every size."""
        # Every column's bins begin where all rows of the columns before have been counted.
        apart = np.abs(
            np.cumsum(bins, axis=1) / own - np.cumsum(self.all.bins - bins, axis=1) / rest
        )
        largest = np.maximum.reduceat(apart, self.rows.edges[:-1], axis=1)
        names = (each.name for each in definitions(self.categories) if each.distance == KS)
        return dict(zip(names, largest.T, strict=True))

    def _alike(self, order: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Rows of the batch, and of the rest, that begin and end alike, at every size."""
        found = {}
        for name, own in self.edges.items():
            counts = self._cumulate(own[order], self.part, int(own.max()) + 1)
            found[name] = most_alike(counts), most_alike(np.bincount(own) - counts)
        return found

    def _distinct(self, order: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, ...]:
        """Of some rows: their number, words, unknown words and lengths, at every size."""
        facts, rows, part = self.rows.facts, order[chosen], self.part[chosen]
        number = np.bincount(part, minlength=len(self.sizes)).cumsum().astype(float)
        held = []
        for matrix in (facts.words, facts.unknown):
            places, counts = _entries(matrix, rows)
            held.append(self._cumulate(places, np.repeat(part, counts), matrix.shape[1]))
        return number, *held, self._cumulate(self.lengths[rows], part, LONGEST + 1)

    def _cumulate(self, places: np.ndarray, part: np.ndarray, width: int = 0) -> np.ndarray:
        """Counts (s, width) of places among the first n rows, for every size n."""
        width = width or int(places.max(initial=0)) + 1
        counts = np.bincount(part * width + places, minlength=len(self.sizes) * width)
        return counts.reshape(len(self.sizes), width).cumsum(axis=0)

    def _sums(self, values: np.ndarray) -> np.ndarray:
        sums: np.ndarray = np.add.reduceat(values, self.starts, axis=0).cumsum(axis=0)
        return sums


def _entries(matrix: sp.csr_matrix, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of all entries of some rows, and how many entries each row has."""
    starts, counts = matrix.indptr[rows], np.diff(matrix.indptr)[rows]
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return matrix.indices[np.repeat(starts, counts) + offsets], counts

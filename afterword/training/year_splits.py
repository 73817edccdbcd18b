"""Whole years of periods, drawn from rows: what a promise for a year is made and proved with.

In each year the world is another one of those that the rows leave possible: rows drawn with
replacement as many times as there are (Efron, "Bootstrap methods: another look at the jackknife",
Annals of Statistics 7, 1979). All periods of the year come from this one world, and all meet the
same reference, whose error they so share. Rates of what hardly any row has are drawn from what the
count leaves possible (Jeffreys' prior), because rows that are drawn again never show more.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.arrays import Floats, Integers
from afterword.measures.columns import Column
from afterword.measures.definitions import (
    DEPLOYED,
    FLAGS,
    KS,
    REJECTED,
    REPEATS,
    SENT_TWICE,
    definitions,
)
from afterword.measures.distances import cohens_h, distances
from afterword.measures.null_tables import NullTables
from afterword.measures.thresholds import ORDINARY_REJECTED, QUANTILE_LEVELS
from afterword.measures.totals import Totals, answer_keys, row_flags, with_none
from afterword.measures.year_speeds import Periods, means_of
from afterword.measures.year_tails import without_falls
from afterword.model.reference import probability_column
from afterword.text.edges import most_alike, numbered
from afterword.text.facts import LONGEST, Facts, length_windows
from afterword.text.privacy import SHOWN_FROM

if TYPE_CHECKING:
    import pandas as pd
    import scipy.sparse as sp

_NOT_DRAWN: Final = (REPEATS, SENT_TWICE)
"""Copies: rows that are drawn again are none, so their distances come from the tables."""


@dataclass(frozen=True, eq=False)
class Reference:
    """What periods are compared with.

    Attributes
    ----------
    tables : with the totals of the reference.
    bins : (g,) rows in every bin of every column.
    words, unknown : (w,), (u,) texts that hold each word; None where those of the model's
        vocabulary are known and no others.
    """

    tables: NullTables
    bins: np.ndarray
    words: np.ndarray | None = None
    unknown: np.ndarray | None = None


class RowSums:
    """Rows as numbers, whose sums over periods are asked for again and again.

    Parameters
    ----------
    facts : of the texts.
    frame : (n, …) their descriptors and outputs.
    tables : of the model; their rules and units are used.
    columns : of the reference, whose values there may be beside those of the rows.
    """

    def __init__(
        self, facts: Facts, frame: pd.DataFrame, tables: NullTables, columns: Mapping[str, Column]
    ) -> None:
        self.tables, self.number = tables, len(frame)
        categories = tables.categories
        probabilities = frame[list(map(probability_column, categories))].to_numpy(float)
        own = row_flags(frame, probabilities, tables.rules)
        self.k = len(categories) + 1
        self.dense = np.column_stack(
            [with_none(probabilities), own, facts.flags, facts.content]
        ).astype(float)
        self.answers = answer_keys(probabilities)
        self.edges = numbered(facts.edges)
        # Words and lengths count once in each text: those of its copies are left out.
        self.alone = np.zeros(self.number)
        self.alone[facts.first] = 1
        self.lengths = np.minimum(facts.lengths, LONGEST) * self.alone.astype(int)
        self.words, self.unknown = (
            matrix.multiply(self.alone[:, None]).tocsr() for matrix in (facts.words, facts.unknown)
        )
        self.words.eliminate_zeros()
        self.unknown.eliminate_zeros()
        self.names = [each.name for each in definitions(categories) if each.distance == KS]
        self.values = [
            np.union1d(frame[name].to_numpy(float), columns[name].values) for name in self.names
        ]
        starts = np.cumsum([0, *map(len, self.values)])
        self.starts, self.width = starts[:-1], int(starts[-1])
        self.bins = np.column_stack(
            [
                start + np.searchsorted(values, frame[name].to_numpy(float))
                for name, values, start in zip(self.names, self.values, starts, strict=False)
            ]
        )

    def bins_of(self, columns: Mapping[str, Column]) -> np.ndarray:
        """Rows (g,) of counted columns in every bin."""
        found = np.zeros(self.width)
        for name, values, start in zip(self.names, self.values, self.starts, strict=True):
            own = columns[name]
            found[start + np.searchsorted(values, own.values)] = own.counts
        return found

    def add_up(self, rows: Integers, ends: Integers) -> Counts:
        """Counts of periods, the rows (r,) of which stand one after another and end at (T,)."""
        sizes = np.diff(ends, prepend=0)
        part = np.repeat(np.arange(len(ends)), sizes)
        filled = np.flatnonzero(sizes)
        dense = np.zeros((len(ends), self.dense.shape[1]))
        dense[filled] = np.add.reduceat(self.dense[rows], (ends - sizes)[filled], axis=0)

        def counted(places: np.ndarray, of: np.ndarray, width: int) -> np.ndarray:
            found = np.bincount(of * width + places, minlength=len(ends) * width)
            return found.reshape(len(ends), width)

        held = []
        for matrix in (self.words, self.unknown):
            places, number = _entries(matrix, rows)
            held.append(counted(places, np.repeat(part, number), matrix.shape[1]))
        columns = self.bins.shape[1]
        distinct = np.bincount(part, self.alone[rows], len(ends))
        return Counts(
            sizes=sizes.astype(float),
            distinct=distinct,
            dense=dense,
            bins=counted(self.bins[rows].ravel(), np.repeat(part, columns), self.width),
            answers=counted(self.answers[rows], part, int(self.answers.max()) + 1).max(axis=1),
            lengths=length_windows(counted(self.lengths[rows], part, LONGEST + 1)).max(axis=1),
            edges=[most_alike(counted(own[rows], part, int(own.max()) + 1)) for own in self.edges],
            words=held[0],
            unknown=held[1],
        )

    def totals(self, counts: Counts, reference: Reference) -> Totals:
        """Totals of periods as a check of them against a reference has them."""
        k, f = self.k, len(FLAGS)
        words, new, _ = _new(counts, reference)
        nothing = np.full(len(counts.sizes), math.nan)
        return Totals(
            rows=counts.sizes,
            distinct=counts.distinct,
            scores=counts.dense[:, :k],
            flags=counts.dense[:, k : k + f],
            repeats=nothing,
            answers=counts.answers.astype(float),
            lengths=counts.lengths.astype(float),
            words=words,
            new=new,
            content=counts.dense[:, k + f :],
            begins=counts.edges[0],
            ends=counts.edges[1],
            common=nothing,
            pairs=nothing,
            again=nothing,
        )

    def periods(self, counts: Counts, reference: Reference, rng: np.random.Generator) -> Periods:
        """Periods beside a reference; a row that was drawn twice counts as two texts."""
        tables, n = reference.tables, counts.sizes
        totals = self.totals(counts, reference)
        gaps = distances(totals, tables.totals, tables.scale, tables.categories)
        cumulated = np.cumsum(counts.bins, axis=1) / np.maximum(n, 1)[:, None]
        apart = np.abs(
            cumulated - np.cumsum(reference.bins) / reference.bins[: len(self.values[0])].sum()
        )
        for at, (name, start) in enumerate(zip(self.names, self.starts, strict=True)):
            # Every column's bins begin where all rows of the columns before have been counted.
            gaps[name] = apart[:, start : start + len(self.values[at])].max(axis=1)
        rejected = rng.binomial(n.astype(int), ORDINARY_REJECTED)
        gaps[REJECTED] = np.maximum(cohens_h(rejected / n, np.array(ORDINARY_REJECTED)), 0)
        gaps[DEPLOYED] = np.zeros(len(n))
        names = [each.name for each in tables.definitions]
        found = np.column_stack([gaps[name] for name in names])
        for name in _NOT_DRAWN:
            at = names.index(name)
            found[:, at] = by_chance(tables, at, n, rng)
        found = without_falls(found, totals, tables)
        sizes = np.repeat(n[:, None], len(names), axis=1)
        return Periods(
            n, sizes, found, *means_of(totals, tables), counts.distinct, _new(counts, reference)[2]
        )


@dataclass(frozen=True, eq=False)
class Counts:
    """What T periods add up to: rows, texts, sums, and counts by bin and by word."""

    sizes: np.ndarray
    distinct: np.ndarray
    dense: np.ndarray
    bins: np.ndarray
    answers: np.ndarray
    lengths: np.ndarray
    edges: Sequence[np.ndarray]
    words: np.ndarray
    unknown: np.ndarray


def _new(counts: Counts, reference: Reference) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Texts with each known word, with the commonest new one, and with those that are named."""
    known = np.ones(counts.words.shape[1], bool)
    if reference.words is not None:
        known = reference.words >= SHOWN_FROM
    foreign = counts.unknown
    if reference.unknown is not None:
        foreign = foreign[:, reference.unknown < SHOWN_FROM]
    fresh = np.hstack([counts.words[:, ~known], foreign])
    named = fresh[:, (fresh >= SHOWN_FROM).any(axis=0)]
    most = fresh.max(axis=1, initial=0).astype(float)
    return np.where(known, counts.words, 0), most, np.where(named >= SHOWN_FROM, named, 0.0)


def by_chance(tables: NullTables, at: int, rows: Floats, rng: np.random.Generator) -> Floats:
    """Distances (T,) of one measure as the tables have them, at the nearest size."""
    safe = np.maximum(rows, 1)
    place = np.abs(np.log(tables.sizes[:, None] / safe)).argmin(axis=0)
    drawn, logs = np.log(rng.random(len(rows))), np.log(QUANTILE_LEVELS)
    told = [
        np.interp(one, logs, tables.quantiles[own, at])
        for one, own in zip(drawn, place, strict=True)
    ]
    # Above the median level nothing is kept: it is small.
    unit = np.sqrt(1 / safe + 1 / tables.rows)
    found: Floats = np.where(drawn > logs[-1], 0.0, told) * unit
    return found


def _entries(matrix: sp.csr_matrix, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns of all entries of some rows, and how many entries each row has."""
    starts, counts = matrix.indptr[rows], np.diff(matrix.indptr)[rows]
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return matrix.indices[np.repeat(starts, counts) + offsets], counts

"""Counts over many descriptions, in which none has a line: what is kept of inputs and outputs.

Fourteen descriptors and three probabilities in one row would tell a text from all others to someone
who holds it. So descriptors are kept as counts per bin of the reference, over an hour or a day, and
counts of one hour add up to those of a week.

The bins of a descriptor end at the 1st, 25th, 50th, 75th and 99th percentile of the training set
and wherever a rule of the check has its limit; a bin stands for the mean of the training values in
it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from afterword.measures.coarse_counts import TOTAL_STEPS
from afterword.measures.definitions import FLAGS, UNSURE
from afterword.measures.null_tables import load_tables
from afterword.measures.totals import Rules, row_flags
from afterword.model.reference import CONFIDENCE, NUMBER, probability_column
from afterword.model.registry import folder_of, load_reference, version_of
from afterword.text.descriptors import (
    DESCRIPTORS,
    FEW_ENGLISH,
    MANY_UNKNOWN,
    NAMES,
    SHORT_WORDS,
    Descriptor,
)

if TYPE_CHECKING:
    import pandas as pd

QUANTILES: Final = (0.25, 0.5, 0.75)
RANGE: Final = (0.01, 0.99)
"""Quantiles of the training set between which a value is inside the training range."""
CENTS: Final = 101
"""Probabilities are kept in whole per cent."""
LATENCY_EDGES: Final = np.geomspace(1e-4, 1e3, 141)
"""Seconds; a bin is 12 % wide."""
CALLS: Final = ("calls", "failed", "refused", "rejected")


@dataclass(frozen=True)
class Bins:
    """The bins of one descriptor.

    Attributes
    ----------
    edges : (b − 1,) the smallest value of every bin but the first.
    values : (b,) what a bin stands for.
    outside : (b,) bool, whether a bin is outside the training range.
    shares : (b,) of the training set.
    """

    edges: np.ndarray
    values: np.ndarray
    outside: np.ndarray
    shares: np.ndarray

    def of(self, values: np.ndarray) -> np.ndarray:
        """The bin (n,) of each value."""
        found: np.ndarray = np.searchsorted(self.edges, values, side="right")
        return found


@dataclass(frozen=True)
class Layout:
    """How the numbers of one model are counted.

    Attributes
    ----------
    model : its version.
    categories, thresholds : of the model.
    bins : descriptor → its bins.
    rules : what makes a row "very long" and the like.
    reference : the reference with every descriptor as the value of its bin.
    """

    model: str
    categories: tuple[str, ...]
    thresholds: np.ndarray
    bins: Mapping[str, Bins]
    rules: Rules
    reference: pd.DataFrame


def layout_of(model_dir: str | os.PathLike[str] | None = None) -> Layout:
    """Return how a model's numbers are counted; worked out once per process and model.

    Raises
    ------
    ModelError
        The model, its reference or its tables are missing or damaged.
    """
    folder = folder_of(model_dir)
    return _layout(folder, version_of(folder))


@lru_cache(maxsize=2)
def _layout(folder: Path, version: str) -> Layout:
    reference, tables = load_reference(folder), load_tables(folder)
    bins = {
        each.name: _bins(each, reference[each.name].to_numpy(float), tables.rules)
        for each in DESCRIPTORS
    }
    binned = reference.copy()
    for name, own in bins.items():
        binned[name] = own.values[own.of(reference[name].to_numpy(float))].astype(np.float32)
    return Layout(
        model=version,
        categories=tables.categories,
        thresholds=np.asarray(tables.rules.thresholds),
        bins=bins,
        rules=tables.rules,
        reference=binned,
    )


def _bins(descriptor: Descriptor, values: np.ndarray, rules: Rules) -> Bins:
    low, high = np.quantile(values, RANGE, method="higher")
    limits = [low, *np.quantile(values, QUANTILES, method="higher")]
    limits += {
        "words": [SHORT_WORDS + 0.5, rules.long_from],
        "unknown_words": [MANY_UNKNOWN],
        "english_words": [FEW_ENGLISH],
    }.get(descriptor.name, [])
    grid = descriptor.grid.astype(np.float32).astype(float)
    edges = {float(grid[grid >= limit][0]) for limit in limits if (grid >= limit).any()}
    edges |= {float(value) for value in grid[grid > high][:1]}
    if descriptor.seldom:
        edges.add(float(grid[grid > 0][0]))
    found = np.array(sorted(edge for edge in edges if edge > grid[0]))
    own, of_grid = (np.searchsorted(found, each, side="right") for each in (values, grid))
    counts = np.bincount(own, minlength=len(found) + 1)
    sums = np.bincount(own, values, minlength=len(found) + 1)
    means = np.where(
        counts > 0,
        sums / np.maximum(counts, 1),
        [grid[of_grid == place].mean() for place in range(len(found) + 1)],
    )
    lowest = np.concatenate([[grid[0]], found])
    return Bins(found, means, (lowest < low) | (lowest > high), counts / len(values))


@dataclass(frozen=True)
class Tally:
    """Counts over calls and their descriptions.

    Attributes
    ----------
    counts : name → integers: a descriptor's bins; "flags"; "calls" (all, failed, refused, rejected
        descriptions); "latency" (by :data:`LATENCY_EDGES`); "confidence" (by per cent); "outputs"
        (no category, unsure, each category); "descriptions" and "inputs" (one number each).
    """

    counts: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def descriptions(self) -> int:
        """Answered descriptions."""
        return int(self.get("descriptions", 1)[0])

    @property
    def inputs(self) -> int:
        """Descriptions whose descriptors were counted: up to 19 wait for others."""
        return int(self.get("inputs", 1)[0])

    def get(self, name: str, length: int) -> np.ndarray:
        """The counts of a name, zeros if there are none."""
        return self.counts.get(name, np.zeros(length, np.int64))

    def __add__(self, other: Tally) -> Tally:
        return total([self, other])

    def only(self, names: Sequence[str]) -> Tally:
        """The same with some of the counts alone."""
        return Tally({name: value for name, value in self.counts.items() if name in names})

    def without(self, names: Sequence[str]) -> Tally:
        """The same without some of the counts."""
        return Tally({name: value for name, value in self.counts.items() if name not in names})

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: the places and counts that are not zero, and the length."""
        return {
            name: [len(value), np.flatnonzero(value).tolist(), value[value != 0].tolist()]
            for name, value in self.counts.items()
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Tally:
        """The tally that :meth:`to_dict` came from."""
        counts = {}
        for name, (length, places, values) in content.items():
            counts[name] = np.zeros(int(length), np.int64)
            counts[name][places] = values
        return cls(counts)


def total(tallies: Iterable[Tally]) -> Tally:
    """Add up tallies.

    >>> total([Tally({"descriptions": np.array([2])}), Tally({"descriptions": np.array([3])})])
    Tally(counts={'descriptions': array([5])})
    """
    added: dict[str, np.ndarray] = {}
    for one in tallies:
        for name, value in one.counts.items():
            added[name] = _plus(added[name], value) if name in added else value
    return Tally(added)


def _plus(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The sum of counts; what an earlier version did not count yet stands at the end."""
    short, long = sorted((own, other), key=len)
    if len(short) < len(long):
        short = np.concatenate([short, np.zeros(len(long) - len(short), short.dtype)])
    found: np.ndarray = short + long
    return found


def between(counts: Mapping[datetime, Tally], start: datetime, end: datetime) -> Tally:
    """The counts from one moment up to another that is not in them."""
    return total([tally for moment, tally in counts.items() if start <= moment < end])


_LENGTHS: Final = [
    place for place, each in enumerate(DESCRIPTORS) if each.unit in ("characters", "words")
]
INPUTS: Final = (*NAMES, "flags", "inputs", "summed", "totals")
"""What is written by the day, and in groups: a single description's would be all of it."""


def tally_rows(
    frame: pd.DataFrame | Mapping[str, np.ndarray], text_flags: np.ndarray, layout: Layout
) -> Tally:
    """Count scored rows.

    Parameters
    ----------
    frame : (n, …) scored rows: descriptors and outputs.
    text_flags : (f,) rows with each of :data:`afterword.text.flags.TEXT_FLAGS`.
    layout : of the model that scored them.
    """
    columns = [probability_column(name) for name in layout.categories]
    # Out of the frame once: each of its columns by itself takes as long as all of them.
    values = (
        frame
        if isinstance(frame, Mapping)
        else dict(zip(frame.columns, frame.to_numpy(float).T, strict=True))
    )
    probabilities = np.column_stack([values[name] for name in columns])
    counts = {
        name: np.bincount(bins.of(values[name]), minlength=len(bins.values))
        for name, bins in layout.bins.items()
    }
    own = row_flags(values, probabilities, layout.rules).sum(axis=0)
    confidence = np.rint(100 * values[CONFIDENCE]).astype(int)
    predicted = at_threshold(probabilities, layout.thresholds)
    none = int((values[NUMBER] == 0).sum())
    outputs = [none, own[FLAGS.index(UNSURE)], *predicted.sum(axis=0)]
    return Tally(
        {
            **counts,
            "flags": np.concatenate([own, text_flags]).astype(np.int64),
            "confidence": np.bincount(confidence, minlength=CENTS),
            "outputs": np.array(outputs, np.int64),
            "descriptions": np.array([len(probabilities)], np.int64),
            "inputs": np.array([len(probabilities)], np.int64),
            "summed": np.array([len(probabilities)], np.int64),
            "totals": _totals(values),
        }
    )


def _totals(values: Mapping[str, np.ndarray]) -> np.ndarray:
    """Sums (14,) of the descriptors' values; row by row whole numbers, so that sums are exact."""
    whole = np.array([values[name] for name in NAMES], float)
    whole[_LENGTHS] = np.log1p(whole[_LENGTHS])
    found: np.ndarray = np.rint(TOTAL_STEPS * whole).astype(np.int64).sum(axis=1)
    return found


def at_threshold(probabilities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Whether probabilities, rounded to per cent, reach their thresholds.

    Thresholds lie between two whole per cent, so that this is the model's own decision.
    """
    reached: np.ndarray = np.rint(100 * np.asarray(probabilities)) >= np.ceil(
        100 * np.asarray(thresholds) - 1e-6
    )
    return reached


def tally_call(latency_s: float, outcome: str, rejected: int) -> Tally:
    """Count one call."""
    place = np.clip(np.searchsorted(LATENCY_EDGES, latency_s), 0, len(LATENCY_EDGES) - 1)
    latency = np.zeros(len(LATENCY_EDGES), np.int64)
    # What is refused is refused at once: it says nothing of how long an answer takes.
    latency[place] = outcome != "refused"
    calls = [1, outcome == "failed", outcome == "refused", rejected]
    return Tally({"calls": np.array(calls, np.int64), "latency": latency})


def latency_quantile(counts: np.ndarray, share: float) -> float:
    """The latency in seconds that a share of the calls does not exceed; NaN without calls.

    Within a bin it is interpolated, so it is right to a few per cent.
    """
    if not counts.sum():
        return float("nan")
    cumulated = np.cumsum(counts) / counts.sum()
    at = int(np.searchsorted(cumulated, share))
    below = cumulated[at - 1] if at else 0.0
    within = (share - below) / (cumulated[at] - below)
    low = LATENCY_EDGES[at - 1] if at else 0.0
    return float(low + within * (LATENCY_EDGES[at] - low))


def binned_reference(model_dir: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """The reference with every descriptor as the value of its bin."""
    return layout_of(model_dir).reference

"""What a check says of batches in which rows were sent more than once.

    python benchmarks/copies.py            # about three minutes on two cores
    python benchmarks/copies.py --quick    # two splits, a tenth of the batches

Batches come from halves that were not trained on; see ``halves.py``. The different texts are an
honest draw, so nobody reports other things: a part of the rows comes again, or one of them many
times. What should be said is that rows were sent twice, and nothing of other things. Both rates of
false alarms count: that the copies are not told as copies, and that they are told as anything else.
In the last kind no text of training is re-posted, as in a feed that leaves repeats out.

Estimates of shares rest on fewer rows than came: how often their intervals hold is told beside. The
peers judge a part of the same batches.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import Half, half_of, over_splits, share  # noqa: E402
from benchmarks.peers import EVIDENTLY, evidently  # noqa: E402
from benchmarks.record import Cell, Figure, Table, arguments, finish, ratio  # noqa: E402

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult

SIZES = (100, 300, 1_000)
BATCHES = 30
"""Batches of each split, kind and size."""
PEERS = 2
"""Of these, batches that the peers judge too."""
SPLITS = 12
OF_COPIES = frozenset({"repeats", "sent_twice"})
"""Measures of how often rows come."""


@dataclass(frozen=True)
class Kind:
    """Batches of one kind.

    Attributes
    ----------
    name : for the table.
    again : share of the different rows that come a second time.
    times : how often a single row comes.
    unseen : whether texts that training holds are left out.
    expected : what should be said, for the table.
    """

    name: str
    again: float = 0.0
    times: int = 1
    unseen: bool = False
    expected: str = "stable"


KINDS = (
    Kind("every row once"),
    Kind("3 % of the rows twice", 0.03, expected="copies"),
    Kind("10 % of the rows twice", 0.1, expected="copies"),
    Kind("30 % of the rows twice", 0.3, expected="copies"),
    Kind("every row twice", 1.0, expected="copies"),
    Kind("every row twice, a tenth thrice", 1.1, expected="copies"),
    Kind("one row ten times", times=10, expected="copies, from few rows"),
    Kind("no text that training holds", unseen=True),
)


def draw(
    half: Half, kind: Kind, size: int, allowed: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Rows (size,) of a batch."""
    more = kind.times - 1
    different = round((size - more) / (1 + kind.again))
    rows = rng.permutation(np.flatnonzero(allowed))[:different]
    again = np.resize(rng.permutation(rows), size - more - different)
    batch = np.concatenate([rows, again, np.repeat(rows[:1], more)])
    return rng.permutation(batch)


def said(half: Half, batch: np.ndarray) -> list[float]:
    """Of one batch: any alarm, faulty by its copies, any other measure, and of how many categories
    the interval holds the share that the batch has."""
    result = half.check(half.batch(batch))
    moved = moved_in(result)
    held = np.nan
    if result.estimate is not None and not result.estimate.withheld:
        true = half.labels[batch].mean(axis=0)
        held = np.mean(
            [
                one.low <= at <= one.high
                for one, at in zip(result.estimate.shares, true, strict=True)
            ]
        )
    return [
        result.alarm,
        result.level == "faulty" and bool(moved & OF_COPIES),
        bool(moved - OF_COPIES),
        held,
    ]


def moved_in(result: CheckResult) -> set[str]:
    """Measures that moved beyond chance."""
    return set(result.measures["measure"][result.measures["drifted"]])


Found = dict[tuple[str, int], tuple[np.ndarray, np.ndarray]]


def split_job(folder: str, seed: int, quick: bool) -> Found:
    """Per kind and size, (batches, 4) of ours and (judged, 3) of the peers."""
    half = half_of(folder, seed, quick=quick)
    repeats = half.repeats()
    rng = np.random.default_rng([seed, 21])
    found = {}
    for kind in KINDS:
        allowed = ~repeats if kind.unseen else np.ones(len(repeats), bool)
        for size in SIZES:
            drawn = [
                draw(half, kind, size, allowed, rng) for _ in range(BATCHES // (10 if quick else 1))
            ]
            judged = drawn[: 1 if quick else PEERS]
            found[kind.name, size] = (
                np.array([said(half, one) for one in drawn], dtype=float),
                np.array([evidently(half.frame, half.batch(one).frame) for one in judged]),
            )
    return found


def table(runs: Sequence[Found]) -> Table:
    """What was said, beside the peers."""
    rows: list[tuple[Cell, ...]] = []
    for kind in KINDS:
        for size in SIZES:
            ours = [run[kind.name, size][0] for run in runs]
            theirs = [run[kind.name, size][1] for run in runs]
            figures = [share([each[:, at] for each in ours]) for at in range(4)]
            rivals = [Figure(share([each[:, rule] for each in theirs]).value) for rule in range(3)]
            told = (*figures, *rivals, ratio(figures[0], rivals[1]))
            rows.append((kind.name, size, kind.expected, sum(map(len, ours)), *told))
    columns = ("batches", "rows", "expected", "number", "alarm", "faulty, by copies",
               "another measure", "intervals of shares hold", *EVIDENTLY,
               "alarms: ours / KS")  # fmt: skip
    return Table(columns, tuple(rows), keys=2)


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "two splits, a tenth of the batches")
    finish(options, {"said": table(over_splits(split_job, options, SPLITS))}, [])


if __name__ == "__main__":
    main()

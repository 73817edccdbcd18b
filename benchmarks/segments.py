"""Whether a check finds and names the part of a batch that moved, and keeps its rate.

    python benchmarks/segments.py            # about three minutes on two cores
    python benchmarks/segments.py --quick    # two splits, a fifth of the batches

Batches come from halves that were not trained on; see ``halves.py``. Each row gets a value of a
column: at random, or by the length of its text, which is honest too. In a changed batch the rows of
one value are drawn so that a category has another share of them, exactly.

The peers, on the same batches: the check without the column, and Evidently's Kolmogorov–Smirnov
test of every scored column in every part of at least 30 rows, with Bonferroni's correction.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import ALPHA, CATEGORIES, Half, half_of, over_splits, share  # noqa: E402
from benchmarks.record import Cell, Figure, Table, arguments, finish, ratio  # noqa: E402

BATCHES = 40
"""Batches of each split and kind."""
PEERS = 3
"""Of these, batches that the peers judge too."""
SPLITS = 12
LEAST = 30
NAME = "city"
PLACES = ("Harbourtown", "Millfield", "Northgate", "Oldbridge", "Riverside", "Westhill")
"""Invented; the first is the part that moves."""


@dataclass(frozen=True)
class Kind:
    """Batches of one kind.

    Attributes
    ----------
    rows : of a batch.
    values : of the column.
    by_length : whether the values go with the length of the text.
    part : rows of the part that moved; 0 where none has.
    column, level : place of the category that moved there, and its share of the part.
    """

    rows: int
    values: int = len(PLACES)
    by_length: bool = False
    part: int = 0
    column: int = 0
    level: float = 0.0

    @property
    def name(self) -> str:
        """What moved, for the table."""
        if not self.part:
            given = "that go with the length" if self.by_length else "at random"
            return f"nothing; {self.values} values {given}"
        return f"{CATEGORIES[self.column]} at {100 * self.level:.0f} % in {self.part} rows"


KINDS = (
    *(Kind(rows, values) for rows in (300, 1_000) for values in (2, 6, 50)),
    *(Kind(rows, 6, by_length=True) for rows in (300, 1_000)),
    Kind(600, part=60, column=2, level=0.9),
    Kind(600, part=60, column=0, level=0.9),
    Kind(600, part=60, column=1, level=0.7),
    Kind(600, part=25, column=2, level=0.9),
    Kind(1_000, part=100, column=2, level=0.6),
    Kind(1_000, part=100, column=0, level=0.7),
    Kind(1_000, part=100, column=1, level=0.5),
    Kind(1_000, part=100, column=2, level=0.0),
)


def draw(half: Half, kind: Kind, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a batch, and the code of each one's value; the part that moved has code 0."""
    n = len(half.texts)
    if not kind.part:
        rows = rng.permutation(n)[: kind.rows]
        if kind.by_length:
            lengths = np.array([len(half.texts[row]) for row in rows])
            return rows, lengths.argsort().argsort() * kind.values // kind.rows
        return rows, rng.integers(0, kind.values, kind.rows)
    has = half.labels[:, kind.column] == 1
    many = round(kind.level * kind.part)
    part = np.concatenate(
        [
            rng.choice(np.flatnonzero(side), size, replace=False)
            for side, size in ((has, many), (~has, kind.part - many))
        ]
    )
    rest = rng.permutation(np.setdiff1d(np.arange(n), part))[: kind.rows - kind.part]
    codes = np.concatenate([np.zeros(kind.part, int), rng.integers(1, kind.values, len(rest))])
    return np.concatenate([part, rest]), codes


def values_of(kind: Kind) -> tuple[str, ...]:
    """Names of the values."""
    more = (f"Ward {chr(65 + at // 26)}{chr(65 + at % 26)}" for at in range(kind.values))
    return (PLACES + tuple(more))[: kind.values]


def judged(half: Half, kind: Kind, rows: np.ndarray, codes: np.ndarray) -> list[bool]:
    """Of one batch: an alarm, any part that moved, the right part with the right category, a part
    below 30 rows that is judged all the same, and an alarm without the column."""
    from afterword.drift.checking import compare
    from afterword.drift.segments import parts_of
    from afterword.files.parted import Parted
    from afterword.model.reference import probability_column

    scored = half.batch(rows)
    names = values_of(kind)
    parted = Parted(NAME, names, codes, tuple(np.bincount(codes, minlength=len(names)).tolist()))
    parts = parts_of(scored, parted, half.tables)
    result = compare(scored, half.frame, half.tables, alpha=ALPHA, parts=parts)
    moved = [one for one in result.segments if one.level == "moved"]
    wanted = probability_column(CATEGORIES[kind.column])
    right = any(one.value == PLACES[0] and one.measure == wanted for one in moved)
    small = any(one.rows < LEAST and one.level != "too few" for one in result.segments)
    return [result.alarm, bool(moved), right, small, half.check(scored).alarm]


def smirnov(half: Half, rows: np.ndarray, codes: np.ndarray) -> tuple[bool, bool]:
    """Whether the test finds anything in any part, and in the first one."""
    from evidently.legacy.calculations.stattests import get_stattest

    frame = half.scored.frame.iloc[rows]
    parts = [code for code in np.unique(codes) if (codes == code).sum() >= LEAST]
    level = ALPHA / (max(len(parts), 1) * len(half.frame.columns))
    found = []
    for code in parts:
        own = frame[codes == code]
        sides = [(half.frame[name], own[name]) for name in half.frame]
        tests = [get_stattest(*side, "num", "ks") for side in sides]
        if any(test(*side, "num", level).drifted for test, side in zip(tests, sides, strict=True)):
            found.append(code)
    return bool(found), 0 in found


Found = dict[Kind, tuple[np.ndarray, np.ndarray]]


def split_job(folder: str, seed: int, quick: bool) -> Found:
    """Per kind, (batches, 5) of ours and (judged, 2) of the peer."""
    half = half_of(folder, seed, quick=quick)
    rng = np.random.default_rng([seed, 23])
    found = {}
    for kind in KINDS:
        drawn = [draw(half, kind, rng) for _ in range(BATCHES // (5 if quick else 1))]
        theirs = [smirnov(half, *one) for one in drawn[: 1 if quick else PEERS]]
        found[kind] = (
            np.array([judged(half, kind, *one) for one in drawn], dtype=float),
            np.array(theirs, dtype=float),
        )
    return found


def table(runs: Sequence[Found]) -> Table:
    """What was found, beside the peers."""
    rows: list[tuple[Cell, ...]] = []
    for kind in KINDS:
        ours = [run[kind][0] for run in runs]
        alarm, moved, right, small, bare = (
            share([each[:, at] for each in ours]) for at in range(5)
        )
        theirs = share([run[kind][1][:, 1 if kind.part else 0] for run in runs])
        rows.append(
            (
                kind.name, kind.rows, sum(map(len, ours)), alarm, moved,
                right if kind.part else "", Figure(small.value), Figure(bare.value),
                Figure(theirs.value), ratio(moved, theirs),
            )
        )  # fmt: skip
    columns = ("what moved", "rows", "batches", "alarm", "a part", "found and named",
               "a part below 30 rows", "alarm without the column", "KS, Bonferroni",
               "ours / KS")  # fmt: skip
    return Table(columns, tuple(rows), keys=2)


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "two splits, a fifth of the batches")
    finish(options, {"found": table(over_splits(split_job, options, SPLITS))}, [])


if __name__ == "__main__":
    main()

"""Whether growth of a category is found, and named, whatever the category.

    python benchmarks/growth.py            # about four minutes on two cores
    python benchmarks/growth.py --quick    # two splits, a fifth of the windows

Windows come from halves that were not trained on; see ``halves.py``. The share of one category, or
of no category, is multiplied, exactly; which of the category's descriptions come in is left to
chance. Windows of up to 1,200 rows are drawn without replacement. Larger ones are simulated:
reference and windows are drawn with replacement from the same rows, each draw a text of its own,
so that nothing but the category differs. The peers judge a part of the same windows.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import (  # noqa: E402
    CATEGORIES,
    Half,
    drawn_half,
    half_of,
    over_splits,
    share,
)
from benchmarks.new_scenarios import mixed  # noqa: E402
from benchmarks.peers import EVIDENTLY, evidently  # noqa: E402
from benchmarks.record import Cell, Figure, Table, arguments, finish, ratio  # noqa: E402
from benchmarks.scenarios import NO_CATEGORY, _has_category  # noqa: E402

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult

WINDOWS = 25
"""Windows of each split and kind."""
PEERS = 2
"""Of these, windows that the peers judge too."""
SPLITS = 12
THIRD = 30 / 22
"""As when Ogling grows from 22 to 30 of 100 descriptions."""
QUARTER = 1.25
SIMULATED_FROM = 1_201


@dataclass(frozen=True)
class Growth:
    """Windows of one kind.

    Attributes
    ----------
    rows : of a window.
    column : place of the category, −1 for none of them; None where nothing has grown.
    factor : what its share is multiplied with.
    """

    rows: int
    column: int | None = None
    factor: float = 1.0

    @property
    def name(self) -> str:
        """What grew, for the table."""
        if self.column is None:
            return "nothing"
        what = [*CATEGORIES, NO_CATEGORY][self.column]
        return f"{what}, by {100 * (self.factor - 1):.0f} %"

    @property
    def simulated(self) -> bool:
        """Whether reference and windows are drawn with replacement."""
        return self.rows >= SIMULATED_FROM


KINDS = (
    *(Growth(rows) for rows in (1_200, 3_000, 10_000, 30_000)),
    *(Growth(rows, 1, THIRD) for rows in (1_200, 3_000)),
    *(Growth(3_000, column, QUARTER) for column in (0, 1, 2, -1)),
    *(Growth(10_000, column, QUARTER) for column in (0, 1, 2, -1)),
)


def draw(half: Half, kind: Growth, rng: np.random.Generator) -> np.ndarray:
    """Rows of one window."""
    n = len(half.texts)
    if kind.column is None:
        return rng.integers(0, n, kind.rows) if kind.simulated else rng.permutation(n)[: kind.rows]
    grown = partial(_has_category, kind.column)
    drawn = (half.texts, half.labels, kind.rows)
    return np.array(mixed(grown, kind.factor, rng, *drawn, replace=kind.simulated), dtype=int)


def named(result: CheckResult) -> str:
    """The category that headline and reasons name first; "" if none."""
    told = " ".join([result.headline, *result.reasons])
    places = {told.find(category): category for category in CATEGORIES if category in told}
    return places[min(places)] if places else ""


def window(half: Half, kind: Growth, rows: np.ndarray) -> list[float]:
    """Of one window: whether it alarms; of an alarm, whether the category that grew is named, and
    another one; whether its interval reaches the true share. NaN where it does not apply."""
    result = half.check(half.batch(rows))
    own = other = reached = np.nan
    category = kind.column is not None and kind.column >= 0
    if category and result.alarm:
        said = named(result)
        own, other = (
            said == CATEGORIES[kind.column or 0],
            said not in ("", CATEGORIES[kind.column or 0]),
        )
    if category and result.estimate is not None and not result.estimate.withheld:
        true = float(half.labels[rows, kind.column or 0].mean())
        reached = result.estimate.shares[kind.column or 0].high >= true
    return [result.alarm, own, other, reached]


def split_job(folder: str, seed: int, quick: bool) -> dict[Growth, tuple[np.ndarray, np.ndarray]]:
    """Per kind, (windows, 4) of ours and (judged, 3) of the peers."""
    real = half_of(folder, seed, quick=quick)
    drawn = drawn_half(folder, seed, quick=quick)
    found = {}
    for kind in KINDS:
        half = drawn if kind.simulated else real
        rng = np.random.default_rng([seed, 19, kind.rows, (kind.column or 0) + 1])
        rows = [draw(half, kind, rng) for _ in range(WINDOWS // (5 if quick else 1))]
        judged = rows[: 1 if quick else PEERS] if kind.rows <= 10_000 else []
        found[kind] = (
            np.array([window(half, kind, one) for one in rows], dtype=float),
            np.array([evidently(half.frame, half.batch(one).frame) for one in judged]).reshape(
                -1, 3
            ),
        )
    return found


def table(runs: Sequence[dict[Growth, tuple[np.ndarray, np.ndarray]]]) -> Table:
    """What was found, beside the peers."""
    rows: list[tuple[Cell, ...]] = []
    for kind in KINDS:
        ours = [run[kind][0] for run in runs]
        theirs = [run[kind][1] for run in runs]
        figures = [share([each[:, at] for each in ours]) for at in range(4)]
        rivals = [Figure(share([each[:, rule] for each in theirs]).value) for rule in range(3)]
        rows.append(
            (
                kind.name,
                kind.rows,
                "simulated" if kind.simulated else "drawn",
                sum(map(len, ours)),
                *figures,
                *rivals,
                ratio(figures[0], rivals[1]),
            )
        )
    columns = ("what grew", "rows", "windows", "number", "alarm", "of these, it is named",
               "of these, another is named", "interval reaches the true share", *EVIDENTLY,
               "ours / KS")  # fmt: skip
    return Table(columns, tuple(rows), keys=2)


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "two splits, a fifth of the windows")
    finish(options, {"found": table(over_splits(split_job, options, SPLITS))}, [])


if __name__ == "__main__":
    main()

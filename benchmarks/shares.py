"""How near the estimated share of each category comes to the truth, and its missed reports.

    python benchmarks/shares.py            # about six minutes on two cores
    python benchmarks/shares.py --quick    # two splits, a sixth of the windows

Windows come from halves that were not trained on; see ``halves.py``. Rows of a kind weigh ½ to 3
times in a draw without replacement; the labels then say what share of the window each category has,
and how many of its reports lie below the threshold. As in use, windows are checked first, and where
the check finds that other things came in, nothing is estimated.

The peers, on the same windows: counting answers, and the mean probability. Of missed reports: the
sum of the probabilities below the threshold, as confidence-based performance estimation has it.

Another table has the simulated models of ``labelled_quality.py``, of 1, 8 and 28 categories; the
commonest one's rows weigh as the others' or three times as much.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import CATEGORIES, Half, half_of, over_splits, share  # noqa: E402
from benchmarks.labelled_quality import MODELS, simulated  # noqa: E402
from benchmarks.record import Cell, Figure, Table, arguments, finish, ratio  # noqa: E402
from benchmarks.scenarios import NO_CATEGORY, _has_category, _is_long  # noqa: E402

SIZES = (200, 300, 500, 1_000)
WINDOWS = 12
"""Windows of each split, shift and size."""
MODELS_EACH = 3
"""Simulated models of each split and number of categories, a window of each kind from each."""
WEIGHTS = (0.5, 1.5, 2.0, 3.0)
HONEST = "as trained"
CARED = 1.8
"""From how many times its share in training on a category counts as doubled or tripled."""
TRUE, VALUE, LOW, HIGH, COUNTED, MEAN, MISSED, MISSED_VALUE, MISSED_LOW, MISSED_HIGH, SUM = range(
    11
)
"""What is noted of a category in a window."""


@dataclass(frozen=True)
class Shift:
    """Windows in which rows of some kinds weigh more or less.

    Attributes
    ----------
    name : for the table.
    weights : kind → weight: the place of a category, −1 for none of them, None for long texts.
    """

    name: str
    weights: tuple[tuple[int | None, float], ...] = ()


def shifts() -> list[Shift]:
    """Twenty of them, the first of which is none."""
    columns = [*enumerate(CATEGORIES), (-1, NO_CATEGORY)]
    return [
        Shift(HONEST),
        *(
            Shift(f"{name} × {weight:g}", ((column, weight),))
            for column, name in columns
            for weight in WEIGHTS
        ),
        Shift("Commenting × 2, Groping × 0.5", ((0, 2.0), (2, 0.5))),
        Shift("Ogling × 2, Groping × 2", ((1, 2.0), (2, 2.0))),
        Shift("long texts × 4", ((None, 4.0),)),
    ]


def chances(half: Half, shift: Shift) -> np.ndarray:
    """With what probability each row (n,) is drawn first."""
    weights = np.ones(len(half.texts))
    for kind, weight in shift.weights:
        rows = _is_long if kind is None else partial(_has_category, kind)
        weights = np.where(rows(half.texts, half.labels), weights * weight, weights)
    found: np.ndarray = weights / weights.sum()
    return found


def window(half: Half, rows: np.ndarray) -> np.ndarray:
    """Of one window (k, 11): truth, estimate and peers of each category; NaN what is withheld."""
    result = half.check(half.batch(rows))
    found = result.estimate
    probabilities, labels = half.probabilities(rows), half.labels[rows] == 1
    decided = probabilities >= half.model.thresholds
    told = np.full((len(CATEGORIES), 11), np.nan)
    told[:, TRUE], told[:, COUNTED] = labels.mean(axis=0), decided.mean(axis=0)
    told[:, MEAN] = probabilities.mean(axis=0)
    told[:, MISSED] = (labels & ~decided).mean(axis=0)
    told[:, SUM] = (probabilities * ~decided).mean(axis=0)
    if found is not None and not found.withheld:
        told[:, [VALUE, LOW, HIGH]] = [(one.value, one.low, one.high) for one in found.shares]
        told[:, [MISSED_VALUE, MISSED_LOW, MISSED_HIGH]] = [
            np.array([each.missed.value, each.missed.low, each.missed.high]) / len(rows)
            for each in found.categories
        ]
    return told


def split_job(folder: str, seed: int, quick: bool) -> dict[tuple[str, int], np.ndarray]:
    """All windows of one split: (windows, k, 11) by shift and size."""
    half = half_of(folder, seed, quick=quick)
    rng = np.random.default_rng([seed, 15])
    found = {}
    for shift in shifts():
        chance = chances(half, shift)
        for size in SIZES:
            found[shift.name, size] = np.array(
                [
                    window(half, rng.choice(len(chance), size, replace=False, p=chance))
                    for _ in range(WINDOWS // (6 if quick else 1))
                ]
            )
    return found


Runs = Sequence[dict[tuple[str, int], np.ndarray]]
Measure = Callable[[np.ndarray], np.ndarray]
"""From (windows, 11) of a category what is to be averaged, (windows,)."""


def held(cells: np.ndarray, low: int, high: int, truth: int) -> np.ndarray:
    """Whether intervals hold the truth; NaN where nothing was estimated."""
    inside = (cells[..., low] - 1e-9 <= cells[..., truth]) & (
        cells[..., truth] <= cells[..., high] + 1e-9
    )
    return np.where(np.isnan(cells[..., low]), np.nan, inside)


def over(
    runs: Runs, names: Iterable[str], sizes: Sequence[int], place: int | None = None
) -> list[np.ndarray]:
    """Cells of each split, (…, 11), of some shifts and sizes, of one category or all."""
    return [
        np.concatenate(
            [
                run[name, size][:, slice(None) if place is None else slice(place, place + 1)]
                for name in names
                for size in sizes
            ]
        ).reshape(-1, 11)
        for run in runs
    ]


def by_size(runs: Runs) -> Table:
    """Shares: coverage pooled and of the worst cell, width and errors beside the peers'."""
    names = [shift.name for shift in shifts()]
    rows: list[tuple[Cell, ...]] = []
    for size in SIZES:
        pooled = over(runs, names, [size])
        cells = {
            f"{CATEGORIES[place]}: {name}": share(
                [held(one, LOW, HIGH, TRUE) for one in over(runs, [name], [size], place)]
            )
            for name in names
            for place in range(len(CATEGORIES))
        }
        worst = min(cells, key=lambda name: np.nan_to_num(cells[name].value, nan=2.0))
        ours, counted, mean = (errors(pooled, at) for at in (VALUE, COUNTED, MEAN))
        rows.append(
            (
                size,
                Figure(share([~np.isnan(one[:, VALUE]) for one in pooled]).value),
                share([held(one, LOW, HIGH, TRUE) for one in pooled]),
                worst,
                cells[worst],
                width(pooled, LOW, HIGH),
                width(over(runs, [HONEST], [size]), LOW, HIGH),
                ours,
                counted,
                mean,
            )
        )
    columns = (
        "rows", "estimated in", "95 % interval holds", "worst cell", "worst cell: holds", "width",
        "width, as trained", "mean absolute error", "of counting answers",
        "of the mean probability",
    )  # fmt: skip
    return Table(columns, tuple(rows))


def errors(cells: Sequence[np.ndarray], at: int) -> Figure:
    """Mean absolute error, where something was estimated."""
    return share(
        [
            np.where(np.isnan(one[:, VALUE]), np.nan, np.abs(one[:, at] - one[:, TRUE]))
            for one in cells
        ],
        ".4f",
    )


def width(cells: Sequence[np.ndarray], low: int, high: int) -> Figure:
    """Mean width of intervals."""
    return Figure(share([one[:, high] - one[:, low] for one in cells]).value, ".3f")


def doubled(runs: Runs) -> Table:
    """Errors beside counting's where a category's share is about doubled or tripled, and not."""
    rows: list[tuple[Cell, ...]] = []
    for size in SIZES:
        for name, wanted in (("doubled or tripled", True), (HONEST, False)):
            names = [shift.name for shift in shifts()] if wanted else [HONEST]
            cells = []
            for run in runs:
                trained = run[HONEST, size][:, :, TRUE].mean(axis=0)
                parts = [run[each, size] for each in names]
                cells.append(
                    np.concatenate(
                        [
                            one[:, place]
                            for one in parts
                            for place, before in enumerate(trained)
                            if not wanted or one[:, place, TRUE].mean() >= CARED * before
                        ]
                        or [np.empty((0, 11))]
                    )
                )
            ours, counted, mean = (errors(cells, at) for at in (VALUE, COUNTED, MEAN))
            rows.append(
                (
                    name, size, ours, counted, mean,
                    ratio(ours, counted),
                    ratio(ours, mean),
                )
            )  # fmt: skip
    columns = ("share", "rows", "mean absolute error", "of counting answers",
               "of the mean probability", "ours / counting", "ours / mean")  # fmt: skip
    return Table(columns, tuple(rows), keys=2)


def by_cell(runs: Runs) -> Table:
    """Shares, over all sizes: each shift and category."""
    rows: list[tuple[Cell, ...]] = []
    for shift in shifts():
        for place, category in enumerate(CATEGORIES):
            cells = over(runs, [shift.name], SIZES, place)
            means = [
                share([one[:, at] for one in cells]).value for at in (TRUE, VALUE, COUNTED, MEAN)
            ]
            rows.append(
                (
                    shift.name,
                    category,
                    *map(Figure, means),
                    share([held(one, LOW, HIGH, TRUE) for one in cells]),
                )
            )
    columns = ("windows", "category", "true share", "estimate", "counted answers",
               "mean probability", "95 % interval holds")  # fmt: skip
    return Table(columns, tuple(rows), keys=2)


def missed(runs: Runs) -> Table:
    """Missed reports, at 200 and 500 rows: each shift and category, and all together."""
    asked = [
        HONEST,
        *(f"{name} × {weight:g}" for name in CATEGORIES for weight in (0.5, 2.0, 3.0)),
        f"{NO_CATEGORY} × 3",
    ]
    rows: list[tuple[Cell, ...]] = []
    groups = [([name], place) for name in asked for place in range(len(CATEGORIES))]
    for names, place in [*groups, (asked, None)]:
        cells = {size: over(runs, names, [size], place) for size in (200, 500)}
        both = over(runs, names, (200, 500), place)
        means = [
            share(
                [np.where(np.isnan(one[:, MISSED_VALUE]), np.nan, one[:, at]) for one in both]
            ).value
            for at in (MISSED, MISSED_VALUE, SUM)
        ]
        rows.append(
            (
                names[0] if place is not None else "all of these",
                CATEGORIES[place] if place is not None else "all",
                *map(Figure, means),
                *(
                    share([held(one, MISSED_LOW, MISSED_HIGH, MISSED) for one in cells[size]])
                    for size in (200, 500)
                ),
                width(both, MISSED_LOW, MISSED_HIGH),
            )
        )
    columns = ("windows", "category", "truly missed", "estimate", "plain sum",
               "200 rows: interval holds", "500 rows: interval holds", "width")  # fmt: skip
    return Table(columns, tuple(rows), keys=2)


def simulate(folder: str, seed: int, quick: bool) -> dict[tuple[int, float, int], np.ndarray]:
    """Whether intervals hold, and their widths, (batches, k, 2), of simulated models."""
    from afterword.measures.answers import Answers
    from afterword.measures.moments import Moments
    from afterword.quality.shares import estimate_shares
    from afterword.quality.tilting import tilt

    rng = np.random.default_rng([seed, 16])
    found: dict[tuple[int, float, int], list[list[tuple[float, float]]]] = {}
    for categories in MODELS:
        for _ in range(1 if quick else MODELS_EACH):
            tables, draw = simulated(categories, rng)
            commonest = int(tables.outcomes.prevalence.argmax())
            for weight in (1.0, 3.0):
                for size in (300, 1_000):
                    p, labels = draw(3 * size)
                    chance = np.where(labels[:, commonest] == 1, weight, 1.0)
                    rows = rng.choice(3 * size, size, replace=False, p=chance / chance.sum())
                    moments = Moments.of(Answers.of(p[rows]), tables.rules.thresholds)
                    told = estimate_shares(tilt(moments, tables.outcomes.cells, size), tables)
                    true = labels[rows].mean(axis=0)
                    found.setdefault((categories, weight, size), []).append(
                        [
                            (one.low - 1e-9 <= at <= one.high + 1e-9, one.high - one.low)
                            for one, at in zip(told, true, strict=True)
                        ]
                    )
    return {key: np.array(cells, dtype=float) for key, cells in found.items()}


def simulated_table(runs: Sequence[dict[tuple[int, float, int], np.ndarray]]) -> Table:
    """Coverage and width, over all categories."""
    rows: list[tuple[Cell, ...]] = []
    for key in runs[0]:
        categories, weight, size = key
        cells = [run[key] for run in runs]
        rows.append(
            (
                categories,
                f"× {weight:g}",
                size,
                sum(map(len, cells)),
                share([one[..., 0] for one in cells]),
                Figure(share([one[..., 1] for one in cells]).value, ".3f"),
            )
        )
    columns = ("categories", "commonest", "rows", "windows", "95 % interval holds", "width")
    return Table(columns, tuple(rows), keys=3)


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "two splits, a sixth of the windows")
    runs = over_splits(split_job, options)
    models = over_splits(simulate, options)
    tables = {
        "coverage": by_size(runs),
        "doubled": doubled(runs),
        "cells": by_cell(runs),
        "missed": missed(runs),
        "simulated": simulated_table(models),
    }
    finish(options, tables, [])


if __name__ == "__main__":
    main()

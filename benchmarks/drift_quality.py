"""How often the check is wrong, and how often it finds what changed, against other rules.

    python benchmarks/drift_quality.py            # about 20 minutes on two cores
    python benchmarks/drift_quality.py --quick    # two splits, few batches, nothing written

Halves as in ``halves.py``, eight times. An honest batch is drawn at random; a changed one is made
by ``scenarios.py`` or ``new_scenarios.py``. The same batches go to the peers: Evidently's preset as
it comes, Evidently's Kolmogorov–Smirnov test with Bonferroni's correction, the rule that a
population stability index (PSI) over .2 in any column is drift, and Alibi Detect's kernel tests of
the dense representation, MMD (Gretton et al., "A kernel two-sample test", JMLR 13, 2012) and LSDD
(Bu, Alippi and Zhao, "A pdf-free change detection test based on density difference estimation",
IEEE Transactions on Neural Networks and Learning Systems 29, 2018).

Beyond the rows that there are, batches and references are drawn with replacement from the rows of
the other half: a simulation from the empirical distribution, in which nothing has changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import (  # noqa: E402
    ALPHA,
    CATEGORIES,
    QUICK_SPLITS,
    Half,
    dev_half,
    drawn_half,
    half_of,
    share,
)
from benchmarks.new_scenarios import REMARK, new_scenarios  # noqa: E402
from benchmarks.peers import EVIDENTLY, KERNELS, evidently, kernel_tests, missing  # noqa: E402
from benchmarks.record import Cell, Figure, Table, arguments, finish, ratio, table_of  # noqa: E402
from benchmarks.scenarios import MILD, STRONGER, Scenario, scenarios  # noqa: E402

SPLITS = 8
SIZES = (50, 100, 200, 500, 1_000, 2_000)
CHANGED_SIZES = (50, 200, 1_000)
STRICT = 0.01
"""Another rate that can be promised; it is harder to hold for few rows."""
STRICT_UP_TO = 200
BEYOND = (5_000, 10_000, 30_000, 100_000)
HONEST = 150
"""Honest batches of each split and size: 1,200 in all at each size."""
PEERS = 10
"""Of these, batches that the peers judge too; kernel tests judge those of up to 200 rows."""
CHANGED = 3
"""Batches of each scenario, split and size: 24 in all."""
PEER_SIZE = 200
"""Rows of a changed batch that the peers judge, one of each scenario and split."""
KERNEL_SPLITS = 2
"""Splits whose batches the kernel tests judge too; these are slow."""
BEYOND_SPLITS = 8
FAR = 25
"""Simulated batches of each of these splits and sizes: 200 in all."""
DEV = 500
"""Batches of dev against train, at each size."""
DEV_SIZES = (50, 100, 200, 500)
PICTURE = ROOT / "docs" / "pictures" / "drift-quality.png"
Batch = tuple[np.ndarray, np.ndarray]


def split_job(folder: str, seed: int, quick: bool) -> dict[str, Any]:
    """Everything of one split: honest and changed batches."""
    half = half_of(folder, seed, quick=quick)
    kernels: dict[Any, np.ndarray] = {}
    found = {
        "honest": honest(half, seed, 10 if quick else 1, kernels),
        "changed": changed(half, seed, 1 if quick else CHANGED, kernels),
    }
    judged = None
    if seed < (1 if quick else KERNEL_SPLITS):
        judged = kernel_tests(half, list(kernels.values()))
    return found | {"kernels": {} if judged is None else dict(zip(kernels, judged, strict=True))}


def honest(half: Half, seed: int, few: int, kernels: dict[Any, np.ndarray]) -> dict[int, Batch]:
    """Alarms on honest batches by size: (count, 2) of ours, (judged, 3) of Evidently's rules."""
    found = {}
    for size in SIZES:
        rng = np.random.default_rng([seed, 7, size])
        ours, theirs = [], []
        for number in range(HONEST // few):
            rows = rng.permutation(len(half.texts))[:size]
            batch = half.batch(rows)
            strict = size <= STRICT_UP_TO
            stricter = half.check(batch, STRICT).alarm if strict else np.nan
            ours.append([half.check(batch).alarm, stricter])
            if number < PEERS // few:
                theirs.append(evidently(half.frame, batch.frame))
            if number < PEERS and size <= PEER_SIZE:
                kernels["honest", size, number] = half.facts.take(rows).content
        found[size] = (np.array(ours), np.array(theirs))
    return found


def changed(
    half: Half, seed: int, count: int, kernels: dict[Any, np.ndarray]
) -> dict[tuple[str, int], list[Any]]:
    """Alarm, right level and Evidently's alarms of every changed batch, by scenario and size."""
    from afterword.text.facts import find_facts

    found: dict[tuple[str, int], list[Any]] = {}
    for place, scenario in enumerate(every_scenario()):
        for size in CHANGED_SIZES:
            for number in range(count):
                rng = np.random.default_rng([seed, place, size, number])
                made = scenario.make(rng, half.texts, half.labels, size)
                rows = [half.texts[one] if isinstance(one, int) else one for one in made]
                scored = half.read(rows)
                result = half.check(scored)
                judged = number == 0 and size == PEER_SIZE and len(scored.frame) > 1
                if judged and scenario.strength == STRONGER:
                    kernels[scenario.name, size] = find_facts(rows, half.model).content
                right = not result.alarm if scenario.level == REMARK else None
                found.setdefault((scenario.name, size), []).append(
                    (
                        result.alarm,
                        result.level == scenario.level if right is None else right,
                        evidently(half.frame, scored.frame) if judged else None,
                    )
                )
    return found


def every_scenario() -> list[Scenario]:
    """The first set and the second."""
    return [*scenarios(CATEGORIES), *new_scenarios(CATEGORIES)]


def beyond_job(folder: str, seed: int, quick: bool) -> dict[int, np.ndarray]:
    """Alarms (count,) on batches larger than the data, both sides drawn with replacement."""
    half = drawn_half(folder, seed, quick=quick)
    rng = np.random.default_rng([seed, 8])
    return {
        size: np.array(
            [
                half.check(half.batch(rng.integers(0, len(half.texts), size))).alarm
                for _ in range(2 if quick else FAR)
            ]
        )
        for size in BEYOND
    }


def dev_job(folder: str, quick: bool) -> dict[int, np.ndarray]:
    """Alarms on random parts of dev, and on the whole, against the whole of train."""
    half = dev_half(folder, quick=quick)
    rng = np.random.default_rng(99)
    found = {
        size: np.array(
            [
                half.check(half.batch(rng.permutation(len(half.texts))[:size])).alarm
                for _ in range(DEV // (10 if quick else 1))
            ]
        )
        for size in DEV_SIZES
    }
    return found | {len(half.texts): np.array([half.check(half.scored).alarm])}


def main() -> None:
    """Run everything; of a whole run, write the results, the document and its picture."""
    options = arguments(__doc__, f"{QUICK_SPLITS} splits, few batches")
    splits, far = (QUICK_SPLITS, 1) if options.quick else (SPLITS, BEYOND_SPLITS)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        dev = pool.submit(dev_job, options.data, options.quick)
        jobs = [pool.submit(split_job, options.data, seed, options.quick) for seed in range(splits)]
        simulated = [
            pool.submit(beyond_job, options.data, seed, options.quick) for seed in range(far)
        ]
        runs = []
        for job in jobs:
            runs.append(job.result())
            print(f"{len(runs)} of {len(jobs)} splits", file=sys.stderr, flush=True)
        tables = {
            "false alarms": honest_table(runs),
            "beyond": beyond_table([each.result() for each in simulated]),
            "dev": dev_table(dev.result()),
            **changed_tables(runs),
        }
    finish(options, tables, missing("alibi"))
    if not options.quick:
        draw()


def _rival(shares: Sequence[np.ndarray], rule: int) -> Figure:
    """The share that a peer finds; without an interval, for few batches."""
    found = np.concatenate([each[:, rule] for each in shares if each.size] or [np.empty(0)])
    return Figure(float(found.mean()) if found.size else np.nan, number=len(found))


def honest_table(runs: Sequence[dict[str, Any]]) -> Table:
    """Alarms where nothing has changed; the last columns range over the splits, and compare."""
    rows: list[tuple[Cell, ...]] = []
    every = []
    for size in SIZES:
        both = [run["honest"][size][0] for run in runs]
        ours = [each[:, 0] for each in both]
        theirs = [run["honest"][size][1].reshape(-1, 3) for run in runs]
        kernels = [
            np.array([said for key, said in run["kernels"].items() if key[:2] == ("honest", size)])
            for run in runs
        ]
        every.append(ours)
        own = [each.mean() for each in ours]
        rates = [_rival(theirs, rule) for rule in range(3)]
        rates += [_rival(kernels, rule) for rule in range(2)]
        figure = share(ours)
        strict = share([each[:, 1] for each in both])
        shown = (figure, Figure(min(own)), Figure(max(own)), strict)
        rows.append((size, sum(map(len, ours)), *shown, *rates, ratio(figure, rates[0])))
    pooled = [np.concatenate(each) for each in zip(*every, strict=True)]
    empty = ("",) * (4 + len(EVIDENTLY) + len(KERNELS))
    rows.append(("all", sum(map(len, pooled)), share(pooled), *empty))
    columns = ("rows", "batches", "Afterword", "lowest split", "highest split", "Afterword, at .01")
    return Table((*columns, *EVIDENTLY, *KERNELS, "Afterword to preset"), tuple(rows))


def beyond_table(found: Sequence[dict[int, np.ndarray]]) -> Table:
    """Alarms of simulated batches, larger than the data."""
    rows = [
        (size, sum(len(run[size]) for run in found), share([run[size] for run in found]))
        for size in BEYOND
    ]
    return Table(("rows", "batches", "Afterword, simulated"), tuple(rows))


def dev_table(dev: dict[int, np.ndarray]) -> Table:
    """Alarms of parts of dev against train; no interval, as these overlap."""
    rows = [(size, len(said), Figure(float(said.mean()))) for size, said in dev.items()]
    return Table(("rows of dev", "batches", "Afterword"), tuple(rows))


def changed_tables(runs: Sequence[dict[str, Any]]) -> dict[str, Table]:
    """Batches found where something has changed, by set of scenarios."""
    first, second = scenarios(CATEGORIES), new_scenarios(CATEGORIES)
    kinds = {
        "stronger": [s for s in first if s.strength == STRONGER and not s.held_out],
        "mild": [s for s in first if s.strength == MILD],
        "held out": [s for s in first if s.held_out],
        "new": [s for s in second if s.level != REMARK and not s.held_out],
        "new, held back": [s for s in second if s.level != REMARK and s.held_out],
        "remarks": [s for s in second if s.level == REMARK and not s.held_out],
        "remarks, held back": [s for s in second if s.level == REMARK and s.held_out],
    }
    return {title: changed_table(runs, chosen) for title, chosen in kinds.items()}


def changed_table(runs: Sequence[dict[str, Any]], chosen: Sequence[Scenario]) -> Table:
    """Alarms by size, how often the level is right, and the peers' alarms at 200 rows.

    Of a change that should alarm, the level is right among the alarms; of one that should not, an
    alarm is wrong. Only the last row, of all scenarios, has intervals.
    """
    rows: list[tuple[Cell, ...]] = [
        (each.name, each.level, *_found(runs, [each], interval=False), *_rivals(runs, [each]))
        for each in chosen
    ]
    whole: tuple[Cell, ...] = (
        "all of these",
        "",
        *_found(runs, chosen, interval=True),
        *_rivals(runs, chosen),
    )
    sizes = [f"{size:,} rows" for size in CHANGED_SIZES]
    columns = ("what", "level", *sizes, "level right", *EVIDENTLY, *KERNELS)
    return Table(columns, (*rows, whole))


def _found(
    runs: Sequence[dict[str, Any]], chosen: Sequence[Scenario], *, interval: bool
) -> list[Figure]:
    """Alarms of each size, and how often the level was right."""
    by_size = [
        [np.array([one[0] for s in chosen for one in run["changed"][s.name, size]]) for run in runs]
        for size in CHANGED_SIZES
    ]
    right = [
        np.array(
            [
                right
                for s in chosen
                for size in CHANGED_SIZES
                for alarm, right, _ in run["changed"][s.name, size]
                if alarm or s.level == REMARK
            ]
        )
        for run in runs
    ]
    figures = [share(each) for each in (*by_size, right)]
    return figures if interval else [Figure(one.value, number=one.number) for one in figures]


def _rivals(runs: Sequence[dict[str, Any]], chosen: Sequence[Scenario]) -> list[Figure]:
    """What the peers find at 200 rows."""
    rules = [
        np.array([one[2] for s in chosen for one in run["changed"][s.name, PEER_SIZE] if one[2]])
        for run in runs
    ]
    kernels = [
        np.array(
            [
                run["kernels"][s.name, PEER_SIZE]
                for s in chosen
                if (s.name, PEER_SIZE) in run["kernels"]
            ]
        )
        for run in runs
    ]
    return [*(_rival(rules, rule) for rule in range(3)), *(_rival(kernels, k) for k in range(2))]


def draw() -> None:
    """The picture of the document, by plotly in a headless Chromium, from the results."""
    import shutil

    import plotly.graph_objects as go
    from playwright.sync_api import sync_playwright
    from plotly.subplots import make_subplots

    figure = make_subplots(1, 2, subplot_titles=("False alarms", "Stronger changes found"))
    false, stronger = (table_of("drift-quality", name) for name in ("false alarms", "stronger"))
    found = dict(zip(stronger.columns, stronger.rows[-1], strict=True))
    colours = ("#0e8a82", "#b7791f", "#8a5fb0", "#7b8788")
    for name, colour in zip(("Afterword", *EVIDENTLY), colours, strict=True):
        at = false.columns.index(name)
        own = name == "Afterword"
        line = {"color": colour, "width": 4 if own else 2}
        strong = [found[f"{size:,} rows"] for size in CHANGED_SIZES] if own else [found[name]]
        lines = (
            (SIZES, [row[at] for row in false.rows[: len(SIZES)]]),
            (CHANGED_SIZES if own else (PEER_SIZE,), strong),
        )
        for column, (sizes, cells) in enumerate(lines, 1):
            shares = [cell.value for cell in cells if isinstance(cell, Figure)]
            figure.add_trace(
                go.Scatter(
                    x=sizes, y=shares, name=name, mode="lines+markers", line=line,
                    showlegend=column == 1,
                ),
                row=1,
                col=column,
            )  # fmt: skip
    figure.add_hline(y=ALPHA, line_dash="dash", line_color="#555", row=1, col=1)
    figure.update_xaxes(type="log", tickvals=SIZES, title="rows in the batch")
    figure.update_yaxes(tickformat=".0%", range=[-0.02, 1.03])
    figure.update_layout(
        template="plotly_white", legend={"orientation": "h", "y": -0.22}, width=1000, height=420
    )
    browser_path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1020, "height": 440}, device_scale_factor=2)
        page.set_content(figure.to_html(include_plotlyjs=True))
        page.locator(".plotly-graph-div").screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()

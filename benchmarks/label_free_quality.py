"""How near quality without labels comes to the quality that labels show.

    python benchmarks/label_free_quality.py           # ten splits: about eight minutes on two cores
    python benchmarks/label_free_quality.py --unseen  # texts that no half has seen

The rows of train and dev are halved at random. Of one half a model is trained, with all that
belongs to it; windows of 500 rows come from the other half, which neither the model nor its
calibration has seen. One row in eleven repeats a text of the first half, as rows do in production;
with ``--unseen`` they are left out of the windows, which then differ from what was calibrated.
Each window is checked and estimated without its labels; then the labels say what the quality was.
The peer, on the same windows: confidence-based performance estimation as it comes (sums of the
probabilities as they are, no correction, no interval).

Windows: at random; with Ogling's rows weighing 1.5 times and twice in the draw; with Ogling's
share doubled.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from afterword.model.evaluation import Estimate  # noqa: E402
from afterword.training.dataset import keys_of  # noqa: E402
from benchmarks.drift_quality import CATEGORIES, Half, learn, read  # noqa: E402

ROWS = 500
WINDOWS = 100
"""Windows of each split and kind."""
SPLITS = 10
DRAWS = 2_000
"""Random splits behind the check of each half, which decides what is withheld."""
OGLING = CATEGORIES.index("Ogling")
MEASURES = (
    "accuracy",
    "micro-F1",
    *(f"{what} of {name}" for what in ("recall", "missed") for name in CATEGORIES),
)
"""Shares, and reports missed as a share of the window's rows."""


@dataclass(frozen=True)
class Kind:
    """How windows are drawn, and what is asked of them.

    Attributes
    ----------
    name : for the table.
    weight : of Ogling's rows in the draw; None where its share is doubled.
    most : largest mean absolute error of accuracy and micro-F1.
    covered : smallest share of windows whose intervals hold what the labels show.
    """

    name: str
    weight: float | None
    most: tuple[float, float]
    covered: float


KINDS = (
    Kind("no shift", 1.0, (0.01, 0.02), 0.90),
    Kind("Ogling weighs 1.5 times", 1.5, (0.02, 0.03), 0.85),
    Kind("Ogling weighs twice", 2.0, (0.02, 0.03), 0.85),
    Kind("Ogling's share doubled", None, (0.02, 0.03), 0.85),
)


def draw(
    labels: np.ndarray, kind: Kind, allowed: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Rows (500,) of one window, without replacement, from those (n,) that are allowed."""
    ogling = labels[:, OGLING] == 1
    if kind.weight is None:
        share = min(2 * ogling[allowed].mean(), 1.0)
        many = int(rng.binomial(ROWS, share))
        parts = [
            rng.choice(np.flatnonzero(side & allowed), size, replace=False)
            for side, size in ((ogling, many), (~ogling, ROWS - many))
        ]
        return np.concatenate(parts)
    weights = np.where(ogling, kind.weight, 1.0) * allowed
    return rng.choice(len(labels), ROWS, replace=False, p=weights / weights.sum())


def realised(labels: np.ndarray, decided: np.ndarray) -> list[float]:
    """What the labels show, in the order of :data:`MEASURES`."""
    truth = labels.astype(bool)
    return [
        float((decided == truth).mean()),
        float(2 * (decided & truth).sum() / (decided.sum() + truth.sum())),
        *((decided & truth).sum(axis=0) / truth.sum(axis=0)).tolist(),
        *(~decided & truth).mean(axis=0).tolist(),
    ]


def plain(probabilities: np.ndarray, decided: np.ndarray) -> list[float]:
    """The peer: sums of the probabilities as they are."""
    hits = (probabilities * decided).sum(axis=0)
    right = np.where(decided, probabilities, 1 - probabilities).mean()
    pooled = 2 * hits.sum() / (decided.sum() + probabilities.sum())
    missed = (probabilities * ~decided).mean(axis=0)
    recall = hits / probabilities.sum(axis=0)
    return [float(right), float(pooled), *recall.tolist(), *missed.tolist()]


def window(half: Half, rows: np.ndarray) -> np.ndarray:
    """Of one window, (measures, 5): what labels show, estimate, low, high, and the peer's.

    What is withheld is NaN.
    """
    from afterword.model.reference import probability_column
    from afterword.quality.expected import estimate_quality

    scored = half.batch(rows)
    result = half.check(scored)
    found = estimate_quality(
        result.profile, half.tables, result.ranked(), faulty=result.level == "faulty"
    )
    probabilities = scored.frame[list(map(probability_column, CATEGORIES))].to_numpy(float)
    decided = probabilities >= half.model.thresholds
    nothing = (np.nan, np.nan, np.nan)
    estimates = (
        [nothing] * len(MEASURES)
        if found.withheld
        else [
            nothing if one is None else (one.value, one.low, one.high)
            for one in (
                found.accuracy,
                found.micro_f1,
                *(each.recall for each in found.categories),
                *(_per_row(each.missed) for each in found.categories),
            )
        ]
    )
    truth, peer = realised(half.labels[rows], decided), plain(probabilities, decided)
    return np.column_stack([truth, estimates, peer])


def _per_row(missed: Estimate) -> Estimate:
    return Estimate(missed.value / ROWS, missed.low / ROWS, missed.high / ROWS)


def split_job(folder: str, seed: int, windows: int, unseen: bool) -> list[np.ndarray]:
    """All windows of one split: per kind (windows, measures, 5)."""
    warnings.filterwarnings("ignore")
    texts, labels, _ = read(Path(folder))
    rng = np.random.default_rng([seed, 11])
    order = rng.permutation(len(texts))
    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    half = learn(texts, labels, first, second, seed, draws=DRAWS)
    seen = np.isin(keys_of(half.texts), keys_of([texts[row] for row in first]))
    allowed = ~seen if unseen else np.ones(len(seen), bool)
    found = []
    for kind in KINDS:
        found.append(
            np.array([window(half, draw(half.labels, kind, allowed, rng)) for _ in range(windows)])
        )
    return found


def table(runs: Sequence[Sequence[np.ndarray]]) -> tuple[str, bool]:
    """The figures in Markdown, and whether all that is asked was reached."""
    lines = [
        "| windows | measure | estimated in | mean absolute error | bias | 95 % interval holds | "
        "its width | error of the plain sum | ours / plain |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    reached = True
    for place, kind in enumerate(KINDS):
        cells = np.concatenate([run[place] for run in runs])
        for at, measure in enumerate(MEASURES):
            truth, value, low, high, peer = cells[:, at].T
            given = ~np.isnan(value)
            error = np.abs(value - truth)[given].mean()
            covered = ((low <= truth) & (truth <= high))[given].mean()
            rival = np.abs(peer - truth)[given].mean()
            lines.append(
                f"| {kind.name} | {measure} | {given.mean():.1%} | {error:.4f} "
                f"| {(value - truth)[given].mean():+.4f} | {covered:.1%} "
                f"| {(high - low)[given].mean():.3f} | {rival:.4f} | {error / rival:.2f} |"
            )
            if at < 2:
                reached &= bool(error <= kind.most[at] and covered >= kind.covered)
    return "\n".join(lines), reached


def main() -> None:
    """Run everything and print the table; ends with 1 if what is asked was not reached."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", default=os.environ.get("SAFECITY_DIR"), help="with train, dev")
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--windows", type=int, default=WINDOWS)
    parser.add_argument("--unseen", action="store_true", help="leave repeats of trained texts out")
    options = parser.parse_args()
    if not options.data:
        sys.exit("Name the folder of train.csv and dev.csv with --data, or set SAFECITY_DIR.")
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            pool.submit(split_job, options.data, seed, options.windows, options.unseen)
            for seed in range(options.splits)
        ]
        runs = []
        for job in jobs:
            runs.append(job.result())
            print(f"{len(runs)} of {len(jobs)} splits", file=sys.stderr, flush=True)
    found, reached = table(runs)
    print(f"{len(runs) * options.windows:,} windows of {ROWS} rows of each kind\n")
    print(found)
    print(f"\nAsked and reached: {'yes' if reached else 'no'}")
    sys.exit(not reached)


if __name__ == "__main__":
    main()

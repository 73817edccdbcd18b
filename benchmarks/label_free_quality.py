"""How near quality without labels comes to the quality that labels show.

    python benchmarks/label_free_quality.py           # about two minutes on two cores
    python benchmarks/label_free_quality.py --quick   # two splits, a tenth of the windows

Windows of 500 rows come from halves that neither the model nor its calibration has seen; see
``halves.py``. One row in eleven repeats a text of the first half, as rows do in production; in the
last kind of windows there is none, so that these differ from what was calibrated. Each window is
checked and estimated without its labels; then the labels say what the quality was. Shares and
missed reports: ``shares.py``.

The peers, on the same windows: confidence-based performance estimation as it comes (sums of the
probabilities as they are, no correction, no interval), and the same of NannyML, which calibrates
the probabilities of each category by what came before.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import CATEGORIES, Half, half_of, over_splits, share  # noqa: E402
from benchmarks.new_scenarios import mixed  # noqa: E402
from benchmarks.peers import expected_quality, missing  # noqa: E402
from benchmarks.record import Cell, Figure, Table, arguments, finish, ratio  # noqa: E402

ROWS = 500
WINDOWS = 50
"""Windows of each split and kind."""
SPLITS = 12
CBPE_SPLITS = 4
"""Splits whose windows NannyML judges too."""
OGLING = CATEGORIES.index("Ogling")
MEASURES = ("accuracy", "micro-F1", *(f"recall of {name}" for name in CATEGORIES))


@dataclass(frozen=True)
class Kind:
    """How windows are drawn.

    Attributes
    ----------
    name : for the table.
    factor : what Ogling's share is multiplied with; 0 where rows come as they are.
    unseen : whether texts that the first half holds are left out.
    """

    name: str
    factor: float = 0.0
    unseen: bool = False


KINDS = (
    Kind("no shift"),
    Kind("Ogling's share × 1.5", 1.5),
    Kind("Ogling's share × 2", 2.0),
    Kind("texts that no half has seen", unseen=True),
)


def draw(half: Half, kind: Kind, allowed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows (500,) of one window, without replacement, from those (n,) that are allowed."""
    if not kind.factor:
        return rng.permutation(np.flatnonzero(allowed))[:ROWS]
    rows = mixed(
        lambda texts, labels: labels[:, OGLING] == 1,
        kind.factor,
        rng,
        half.texts,
        half.labels,
        ROWS,
    )
    return np.array(rows, dtype=int)


def realised(labels: np.ndarray, decided: np.ndarray) -> list[float]:
    """What the labels show, in the order of :data:`MEASURES`."""
    truth = labels.astype(bool)
    return [
        float((decided == truth).mean()),
        float(2 * (decided & truth).sum() / (decided.sum() + truth.sum())),
        *((decided & truth).sum(axis=0) / truth.sum(axis=0)).tolist(),
    ]


def plain(probabilities: np.ndarray, decided: np.ndarray) -> list[float]:
    """The peer: sums of the probabilities as they are."""
    hits = (probabilities * decided).sum(axis=0)
    right = np.where(decided, probabilities, 1 - probabilities).mean()
    pooled = 2 * hits.sum() / (decided.sum() + probabilities.sum())
    return [float(right), float(pooled), *(hits / probabilities.sum(axis=0)).tolist()]


def window(half: Half, rows: np.ndarray) -> np.ndarray:
    """Of one window, (measures, 5): what labels show, estimate, low, high, and the plain sum.

    What is withheld is NaN.
    """
    found = half.check(half.batch(rows)).estimate
    probabilities = half.probabilities(rows)
    decided = probabilities >= half.model.thresholds
    estimates = [(np.nan, np.nan, np.nan)] * len(MEASURES)
    if found is not None and not found.withheld:
        given = (found.accuracy, found.micro_f1, *(each.recall for each in found.categories))
        estimates = [(one.value, one.low, one.high) if one else estimates[0] for one in given]
    truth, peer = realised(half.labels[rows], decided), plain(probabilities, decided)
    return np.column_stack([truth, estimates, peer])


def cbpe(half: Half, windows: Sequence[np.ndarray]) -> np.ndarray:
    """What NannyML expects of windows of rows, (windows, measures); NaN where it says nothing.

    It judges one category at a time: accuracy is the mean over them, and micro-F1 is not given.
    """
    found = np.full((len(windows), len(MEASURES)), np.nan)
    told = expected_quality(half, np.array([half.probabilities(rows) for rows in windows]))
    if told is not None:
        found[:, 0] = told[:, :, 0].mean(axis=1)
        found[:, 2:] = told[:, :, 1]
    return found


def split_job(folder: str, seed: int, quick: bool) -> list[np.ndarray]:
    """All windows of one split: per kind (windows, measures, 6)."""
    half = half_of(folder, seed, quick=quick)
    repeats = half.repeats()
    rng = np.random.default_rng([seed, 11])
    found = []
    for kind in KINDS:
        allowed = ~repeats if kind.unseen else np.ones(len(repeats), bool)
        rows = [draw(half, kind, allowed, rng) for _ in range(WINDOWS // (10 if quick else 1))]
        ours = np.array([window(half, one) for one in rows])
        judged = seed < (1 if quick else CBPE_SPLITS)
        theirs = cbpe(half, rows) if judged else np.full(ours.shape[:2], np.nan)
        found.append(np.concatenate([ours, theirs[:, :, None]], axis=2))
    return found


def table(runs: Sequence[Sequence[np.ndarray]]) -> Table:
    """Errors, bias, coverage and width of the intervals, beside the errors of the peers."""
    rows: list[tuple[Cell, ...]] = []
    for place, kind in enumerate(KINDS):
        for at, measure in enumerate(MEASURES):
            cells = [run[place][:, at].T for run in runs]
            given = [np.where(np.isnan(value), np.nan, 1.0) for _, value, *_ in cells]
            errors = [np.abs(value - truth) for truth, value, *_ in cells]
            sums = [
                np.abs(peer - truth) * ok
                for (truth, *_, peer, _), ok in zip(cells, given, strict=True)
            ]
            rivals = [np.abs(peer - truth) for truth, *_, peer in cells]
            held = [
                ((low <= truth) & (truth <= high)) * ok
                for (truth, _, low, high, *_), ok in zip(cells, given, strict=True)
            ]
            error, rival = share(errors, ".4f"), share(sums, ".4f")
            rows.append(
                (
                    kind.name,
                    measure,
                    share([~np.isnan(value) for _, value, *_ in cells]),
                    error,
                    Figure(
                        share([value - truth for truth, value, *_ in cells], ".4f").value, "+.4f"
                    ),
                    share(held),
                    Figure(share([high - low for _, _, low, high, *_ in cells]).value, ".3f"),
                    Figure(rival.value, ".4f"),
                    Figure(share(rivals).value, ".4f"),
                    ratio(error, rival),
                )
            )
    columns = (
        "windows",
        "measure",
        "estimated in",
        "mean absolute error",
        "bias",
        "95 % interval holds",
        "its width",
        "error of the plain sum",
        "error of NannyML's CBPE",
        "ours / plain",
    )
    return Table(columns, tuple(rows), keys=2)


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "two splits, a tenth of the windows")
    runs = over_splits(split_job, options, SPLITS)
    finish(options, {"figures": table(runs)}, missing("nannyml"))


if __name__ == "__main__":
    main()

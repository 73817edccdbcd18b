"""How often a check of a labelled batch is wrong, and what it finds when answers got worse.

    python benchmarks/labelled_quality.py           # eight splits: about ten minutes on two cores

Halves as in ``label_free_quality.py``. Honest batches come with their true labels, all of them or
a fifth. Changed batches:

- other labels: in a quarter of the labels somebody now means something else (they are turned
  round), so P(Y|X) moved;
- the mix: descriptions whose probabilities lie nearest to the thresholds come more often, so the
  answers get worse and mean the same;
- both: the same mix, and one label in twenty turned round.

The peer, on the same batches: the rule that F1 or accuracy may not fall by more than a tenth of its
value in training, which is what a test in Evidently sets if it is not told otherwise.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.drift_quality import CATEGORIES, Half, learn, read  # noqa: E402

SIZES = (50, 200, 500, 1_000)
SPLITS = 8
HONEST = 100
CHANGED = 25
DRAWS = 2_000
TURNED = 0.25
"""Share of labels that are turned round: label accuracy falls by about .16."""
FEW_TURNED = 0.05
HARD = 4.0
"""How many times as often the hardest descriptions come as the easiest."""
TENTH = 0.1
KINDS = ("honest, all labels", "honest, a fifth labelled", "other labels", "the mix", "both")


def batch(half: Half, kind: str, size: int, rng: np.random.Generator) -> tuple[object, bool]:
    """One checked batch, and whether the peer alarms."""
    from afterword.reference import probability_column

    names = list(map(probability_column, CATEGORIES))
    weights = np.ones(len(half.texts))
    if kind in ("the mix", "both"):
        p = half.scored.frame[names].to_numpy(float)
        near = -np.abs(p - half.model.thresholds).mean(axis=1)
        ranks = near.argsort().argsort() / (len(near) - 1)
        weights = HARD**ranks
    rows = rng.choice(len(half.texts), size, replace=False, p=weights / weights.sum())
    labels = half.labels[rows].astype(float)
    if kind in ("other labels", "both"):
        turned = rng.random(labels.shape) < (TURNED if kind == "other labels" else FEW_TURNED)
        labels = np.where(turned, 1 - labels, labels)
    if kind == "honest, a fifth labelled":
        labels[rng.permutation(size)[: size - size // 5]] = np.nan
    scored = replace(half.batch(rows), labels=labels)
    return half.check(scored), _peer(half, scored.frame[names].to_numpy(float), labels)


def _peer(half: Half, probabilities: np.ndarray, labels: np.ndarray) -> bool:
    from afterword.labelled import ALL, trained_figures

    known = ~np.isnan(labels).any(axis=1)
    truth, decided = labels[known] == 1, (probabilities >= half.model.thresholds)[known]
    if not len(truth):
        return False
    trained = trained_figures(half.tables)
    hits = (decided & truth).sum(axis=0)
    f1 = 2 * hits / np.maximum(decided.sum(axis=0) + truth.sum(axis=0), 1)
    pairs = [((decided == truth).mean(), trained[ALL, "accuracy"][0])]
    pairs += [(one, trained[name, "f1"][0]) for one, name in zip(f1, CATEGORIES, strict=True)]
    return any(now < (1 - TENTH) * before for now, before in pairs)


def split_job(folder: str, seed: int, quick: bool) -> dict[tuple[str, int], Counter[str]]:
    """Counts of what was said of every kind and size of batch."""
    warnings.filterwarnings("ignore")
    texts, labels, _ = read(Path(folder))
    rng = np.random.default_rng([seed, 13])
    order = rng.permutation(len(texts))
    first, second = order[: len(order) // 2], order[len(order) // 2 :]
    half = learn(texts, labels, first, second, seed, draws=DRAWS)
    found: dict[tuple[str, int], Counter[str]] = {}
    for kind in KINDS:
        count = HONEST if kind.startswith("honest") else CHANGED
        for size in SIZES:
            said: Counter[str] = Counter()
            for _ in range(count // (5 if quick else 1)):
                result, peer = batch(half, kind, size, rng)
                quality = result.quality  # type: ignore[attr-defined]
                said["batches"] += 1
                said["alarm"] += result.alarm  # type: ignore[attr-defined]
                said["peer"] += peer
                if quality is not None:
                    said["judged"] += 1
                    said[quality.level] += 1
                    said[quality.cause or "no cause"] += 1
            found[kind, size] = said
    return found


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", default=os.environ.get("SAFECITY_DIR"), help="with train, dev")
    parser.add_argument("--quick", action="store_true", help="2 splits, a fifth of the batches")
    options = parser.parse_args()
    if not options.data:
        sys.exit("Name the folder of train.csv and dev.csv with --data, or set SAFECITY_DIR.")
    total: dict[tuple[str, int], Counter[str]] = {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            pool.submit(split_job, options.data, seed, options.quick)
            for seed in range(2 if options.quick else SPLITS)
        ]
        for place, job in enumerate(jobs, 1):
            for key, said in job.result().items():
                total.setdefault(key, Counter()).update(said)
            print(f"{place} of {len(jobs)} splits", file=sys.stderr, flush=True)
    print(
        "| batches | rows | number | any alarm | quality fell | of these: labels mean something "
        "else / the mix / unknown | rule of a tenth alarms | ours / rule |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for (kind, size), said in total.items():
        number, judged, fell = said["batches"], said["judged"], said["fell"]
        causes = " / ".join(str(said[name]) for name in ("answers", "mix", "unknown"))
        ratio = f"{fell / said['peer']:.2f}" if said["peer"] else "–"
        told = f"{fell / number:.1%}" if judged else "not judged"
        print(
            f"| {kind} | {size} | {number} | {said['alarm'] / number:.1%} | {told} | {causes} "
            f"| {said['peer'] / number:.1%} | {ratio} |"
        )


if __name__ == "__main__":
    main()

"""How often a check of a labelled batch is wrong, and what it finds when answers got worse.

    python benchmarks/labelled_quality.py           # eight splits: about 20 minutes on two cores

Halves as in ``label_free_quality.py``. Honest batches come with their true labels, all of them or
a fifth; or with another mix: Ogling's descriptions come three times as often, Commenting's half as
often. Changed batches:

- other labels: in a quarter of the labels somebody now means something else (they are turned
  round), so P(Y|X) moved;
- the mix: descriptions whose probabilities lie nearest to the thresholds come more often, so the
  answers get worse and mean the same;
- both: the same mix, and one label in twenty turned round;
- a quarter, half or all of Ogling's labels are missing, or all of Groping's.

The peer, on the same batches: the rule that F1 or accuracy may not fall by more than a tenth of its
value in training, which is what a test in Evidently sets if it is not told otherwise.

A second table has simulated models of 1, 8 and 28 categories, which are in .4 to 30 of 100
descriptions: probabilities off by .15 of log-odds, 4,000 training rows of which a fifth repeats
another; the batch has honest labels, or none of the commonest category.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.drift_quality import CATEGORIES, Half, learn, read  # noqa: E402

if TYPE_CHECKING:
    from afterword.measures.null_tables import NullTables

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
GONE = {
    "a quarter of Ogling's labels missing": ("Ogling", 0.25),
    "half of Ogling's labels missing": ("Ogling", 0.5),
    "all of Ogling's labels missing": ("Ogling", 1.0),
    "all of Groping's labels missing": ("Groping", 1.0),
}
MIXES = {
    "honest, Ogling three times as often": ("Ogling", 3.0),
    "honest, Commenting half as often": ("Commenting", 0.5),
}
KINDS = (
    "honest, all labels", "honest, a fifth labelled", *MIXES, "other labels", "the mix", "both",
    *GONE,
)  # fmt: skip
MODELS = (1, 8, 28)
"""Categories of the simulated models."""
MODEL_SIZES = (50, 200, 1_000, 5_000)
BATCHES = 25
"""Simulated batches of each split, model and size; five come with each reference."""
TRAINED = 4_000
FOUND = ("honest", "honest, odd", "gone", "gone, odd")
Draw = Callable[[int], tuple[np.ndarray, np.ndarray]]


def batch(half: Half, kind: str, size: int, rng: np.random.Generator) -> tuple[object, bool]:
    """One checked batch, and whether the peer alarms."""
    from afterword.model.reference import probability_column

    names = list(map(probability_column, CATEGORIES))
    weights = np.ones(len(half.texts))
    if kind in ("the mix", "both"):
        p = half.scored.frame[names].to_numpy(float)
        near = -np.abs(p - half.model.thresholds).mean(axis=1)
        ranks = near.argsort().argsort() / (len(near) - 1)
        weights = HARD**ranks
    if kind in MIXES:
        name, factor = MIXES[kind]
        weights = np.where(half.labels[:, CATEGORIES.index(name)] == 1, factor, 1.0)
    rows = rng.choice(len(half.texts), size, replace=False, p=weights / weights.sum())
    labels = half.labels[rows].astype(float)
    if kind in ("other labels", "both"):
        turned = rng.random(labels.shape) < (TURNED if kind == "other labels" else FEW_TURNED)
        labels = np.where(turned, 1 - labels, labels)
    if kind in GONE:
        name, part = GONE[kind]
        labels[rng.random(size) < part, CATEGORIES.index(name)] = 0
    if kind == "honest, a fifth labelled":
        labels[rng.permutation(size)[: size - size // 5]] = np.nan
    scored = replace(half.batch(rows), labels=labels)
    return half.check(scored), _peer(half, scored.frame[names].to_numpy(float), labels)


def _peer(half: Half, probabilities: np.ndarray, labels: np.ndarray) -> bool:
    from afterword.quality.labelled import ALL, trained_figures

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


def simulated(categories: int, rng: np.random.Generator) -> tuple[NullTables, Draw]:
    """What belongs to a model of so many categories, and how its batches are drawn."""
    from afterword.measures.null_tables import load_tables
    from afterword.measures.totals import Rules
    from afterword.training.outcome_counts import count_outcomes

    shares = np.exp(rng.uniform(np.log(0.004), np.log(0.3), categories))
    spread = rng.uniform(1.2, 2.5, categories)
    centre = np.log(shares / (1 - shares)) - spread**2 / 4
    bias = rng.normal(0, 0.15, categories)

    def draw(rows: int) -> tuple[np.ndarray, np.ndarray]:
        scores = centre + spread * rng.standard_normal((rows, categories))
        labels = rng.random(scores.shape) < 1 / (1 + np.exp(-scores))
        return np.round(1 / (1 + np.exp(-scores - bias)), 2), labels.astype(float)

    p, labels = draw(TRAINED)
    groups = np.where(rng.random(TRAINED) < 0.2, rng.integers(0, TRAINED, TRAINED), range(TRAINED))
    thresholds = np.full(categories, 0.355)
    tables = load_tables()
    own = replace(
        tables,
        categories=tuple(f"Category {number}" for number in range(categories)),
        rules=Rules(tables.rules.long_from, thresholds, np.zeros((categories, 2))),
        outcomes=count_outcomes(
            labels[groups], p[groups], thresholds, np.zeros((TRAINED, 1)), groups
        ),
    )
    return own, draw


def simulate(seed: int, quick: bool) -> dict[tuple[int, int], Counter[str]]:
    """Counts of alarms of labelled batches of simulated models, by categories and rows."""

    from afterword.quality.labelled import PART, Labels, judge_rows
    from benchmarks.drift_quality import ALPHA

    rng = np.random.default_rng([seed, 17])
    found: dict[tuple[int, int], Counter[str]] = {}
    for categories in MODELS:
        for size in MODEL_SIZES:
            said: Counter[str] = Counter()
            for number in range(BATCHES // (5 if quick else 1)):
                if number % 5 == 0:
                    tables, draw = simulated(categories, rng)
                p, labels = draw(size)
                commonest = int(tables.outcomes.prevalence.argmax())
                said["batches"] += 1
                for gone in (False, True):
                    labels[:, commonest] *= not gone
                    whole = Labels(p, np.arange(size), np.ones(size), labels.astype(int), False)
                    alarms = [
                        one
                        for one in judge_rows(whole, tables, PART * ALPHA).measures
                        if one.drifted
                    ]
                    name = "gone" if gone else "honest"
                    said[name] += bool(alarms)
                    said[f"{name}, odd"] += any(one.kind == "rise" for one in alarms)
            found[categories, size] = said
    return found


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
        count = HONEST if kind in KINDS[:2] else CHANGED
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
                    said["odd"] += any(
                        one.drifted and one.kind == "rise"
                        for one in result.ranked("quality")  # type: ignore[attr-defined]
                    )
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
        models = [pool.submit(simulate, seed, options.quick) for seed in range(len(jobs))]
        for place, job in enumerate(jobs, 1):
            for key, said in job.result().items():
                total.setdefault(key, Counter()).update(said)
            print(f"{place} of {len(jobs)} splits", file=sys.stderr, flush=True)
        by_model: dict[tuple[int, int], Counter[str]] = {}
        for model in models:
            for place_of, said in model.result().items():
                by_model.setdefault(place_of, Counter()).update(said)
    print(
        "| batches | rows | number | any alarm | by labels | of these: other labels / "
        "the mix / unknown | labels missing or added | rule of a tenth alarms | ours / rule |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for (kind, size), said in total.items():
        number, judged, fell = said["batches"], said["judged"], said["fell"]
        causes = " / ".join(str(said[name]) for name in ("answers", "mix", "unknown"))
        ratio = f"{fell / said['peer']:.2f}" if said["peer"] else "–"
        told = _interval(fell, number) if judged else "not judged"
        print(
            f"| {kind} | {size} | {number} | {_interval(said['alarm'], number)} | {told} "
            f"| {causes} | {_interval(said['odd'], number)} | {said['peer'] / number:.1%} "
            f"| {ratio} |"
        )
    print(
        "\n| categories | rows | batches | honest labels: alarm | of these, missing or added "
        "| none of the commonest: alarm | of these, missing |"
    )
    print("|---|---|---|---|---|---|---|")
    for (categories, size), said in by_model.items():
        number = said["batches"]
        shares = [_interval(said[name], number) for name in FOUND]
        print(f"| {categories} | {size} | {number} | {' | '.join(shares)} |")


def _interval(count: int, number: int) -> str:
    """A share with its 95 % interval (Wilson 1927)."""
    z = 1.96
    share = count / number
    middle = (share + z**2 / 2 / number) / (1 + z**2 / number)
    reach = (
        z / (1 + z**2 / number) * math.sqrt(share * (1 - share) / number + (z / 2 / number) ** 2)
    )
    return f"{share:.1%} [{max(middle - reach, 0):.1%}, {min(middle + reach, 1):.1%}]"


if __name__ == "__main__":
    main()

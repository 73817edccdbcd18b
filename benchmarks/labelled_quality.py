"""How often a check of a labelled batch is wrong, and what it finds when answers got worse.

    python benchmarks/labelled_quality.py           # about five minutes on two cores
    python benchmarks/labelled_quality.py --quick   # two splits, a fifth of the batches

Batches come from halves that were not trained on; see ``halves.py``. Honest batches come with their
true labels, all of them or a fifth; or with another mix: a category's descriptions come three times
or half as often. Changed batches:

- other labels: in a quarter of the labels somebody now means something else (they are turned
  round), so P(Y|X) moved;
- the mix: descriptions whose probabilities lie nearest to the thresholds come more often, so the
  answers get worse and mean the same;
- both: the same mix, and one label in twenty turned round;
- a quarter, half or all of Ogling's labels are missing, or all of Groping's;
- labels of other rows (one row off), or of other columns (two are exchanged, or one has 1 for 0):
  these tell nothing.

The peer, on the same batches: the rule that F1 or accuracy may not fall by more than a tenth of its
value in training, which is what a test in Evidently sets if it is not told otherwise.

A second table has simulated models of 1, 8 and 28 categories, which are in .4 to 30 of 100
descriptions: probabilities off by .15 of log-odds, 4,000 training rows of which a fifth repeats
another; the batch has honest labels, or none of the commonest category.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.halves import (  # noqa: E402
    ALPHA,
    CATEGORIES,
    Half,
    half_of,
    over_splits,
    share,
)
from benchmarks.record import Cell, Figure, Table, arguments, finish, ratio  # noqa: E402

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.measures.null_tables import NullTables

SIZES = (50, 200, 500, 1_000)
SPLITS = 10
HONEST = 80
CHANGED = 20
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
    f"honest, {name} {said} as often": (name, factor)
    for name in CATEGORIES
    for said, factor in (("half", 0.5), ("three times", 3.0))
}
KINDS = (
    "honest, all labels", "honest, a fifth labelled", *MIXES, "other labels", "the mix", "both",
    *GONE, "labels one row off", "two columns exchanged", "one column inverted",
)  # fmt: skip
JUDGED = ("any alarm", "by labels", "missing or added", "other labels", "the mix", "held",
          "not judged", "rule of a tenth")  # fmt: skip
"""What is noted of each batch, in order; the last is the peer."""
MODELS = (1, 8, 28)
"""Categories of the simulated models."""
MODEL_SIZES = (50, 200, 1_000, 5_000)
BATCHES = 25
"""Simulated batches of each split, model and size; five come with each reference."""
TRAINED = 4_000
FOUND = ("honest: alarm", "missing or added", "none of the commonest: alarm", "missing")
Said = dict[Any, np.ndarray]
Draw = Callable[[int], tuple[np.ndarray, np.ndarray]]


def batch(half: Half, kind: str, size: int, rng: np.random.Generator) -> list[bool]:
    """What is said of one batch, in the order of :data:`JUDGED`."""
    weights = np.ones(len(half.texts))
    if kind in ("the mix", "both"):
        near = -np.abs(half.probabilities() - half.model.thresholds).mean(axis=1)
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
    if kind == "labels one row off":
        labels = np.roll(labels, 1, axis=0)
    if kind == "two columns exchanged":
        labels = labels[:, [1, 0, *range(2, len(CATEGORIES))]]
    if kind == "one column inverted":
        labels[:, 1] = 1 - labels[:, 1]
    result = half.check(replace(half.batch(rows), labels=labels))
    return [*_said(result), _peer(half, half.probabilities(rows), labels)]


def _said(result: CheckResult) -> list[bool]:
    quality = result.quality
    level = "" if quality is None else quality.level
    cause = "" if quality is None else quality.cause or ""
    odd = any(one.drifted and one.kind == "rise" for one in result.ranked("quality"))
    fell = level == "fell"
    return [
        result.alarm,
        fell,
        odd,
        fell and cause == "answers",
        cause == "mix",
        level == "held",
        cause == "elsewhere",
    ]


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


def simulate(folder: str, seed: int, quick: bool) -> Said:
    """Alarms of labelled batches of simulated models, (batches, 4), by categories and rows."""
    from afterword.quality.labelled import PART, Labels, judge_rows

    rng = np.random.default_rng([seed, 17])
    found: Said = {}
    for categories in MODELS:
        for size in MODEL_SIZES:
            said = []
            for number in range(BATCHES // (5 if quick else 1)):
                if number % 5 == 0:
                    tables, draw = simulated(categories, rng)
                p, labels = draw(size)
                commonest = int(tables.outcomes.prevalence.argmax())
                one: list[bool] = []
                for gone in (False, True):
                    labels[:, commonest] *= not gone
                    whole = Labels(p, np.arange(size), np.ones(size), labels.astype(int), False)
                    judged = judge_rows(whole, tables, PART * ALPHA).measures
                    alarms = [each for each in judged if each.drifted]
                    one += [bool(alarms), any(each.kind == "rise" for each in alarms)]
                said.append(one)
            found[categories, size] = np.array(said)
    return found


def split_job(folder: str, seed: int, quick: bool) -> Said:
    """What was said of batches, (batches, 8), by kind and size."""
    half = half_of(folder, seed, quick=quick)
    rng = np.random.default_rng([seed, 13])
    found: Said = {}
    for kind in KINDS:
        count = (HONEST if kind in KINDS[:2] else CHANGED) // (5 if quick else 1)
        for size in SIZES:
            found[kind, size] = np.array([batch(half, kind, size, rng) for _ in range(count)])
    return found


def table(runs: Sequence[Said], keys: tuple[str, str], columns: Sequence[str]) -> Table:
    """Shares of what was said, by two keys; the first two columns have intervals."""
    rows: list[tuple[Cell, ...]] = []
    for first, size in runs[0]:
        found = [run[first, size] for run in runs]
        figures = [share([each[:, at] for each in found]) for at in range(len(columns))]
        told = [one if at < 2 else Figure(one.value) for at, one in enumerate(figures)]
        compared = (ratio(figures[1], figures[-1]),) if columns is JUDGED else ()
        rows.append((first, size, sum(map(len, found)), *told, *compared))
    last = ("by labels / rule",) if columns is JUDGED else ()
    return Table((*keys, "number", *columns, *last), tuple(rows), keys=2)


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "two splits, a fifth of the batches")
    runs = over_splits(split_job, options, SPLITS)
    models = over_splits(simulate, options, SPLITS)
    tables = {
        "real rows": table(runs, ("batches", "rows"), JUDGED),
        "simulated models": table(models, ("categories", "rows"), FOUND),
    }
    finish(options, tables, [])


if __name__ == "__main__":
    main()

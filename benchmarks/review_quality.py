"""How good the estimates of a review are: bias, coverage and width of their intervals.

    python benchmarks/review_quality.py            # about five minutes on two cores
    python benchmarks/review_quality.py --quick    # a tenth of the reviews

A model is trained on the train split; its out-of-fold probabilities and the true labels are the
population. Every review draws a fresh batch without replacement, rows of it at random, reads their
labels and assesses. The true values are those of the batch. The peer is the plain mean of the same
labels. A last table has the width that other choices of rows would give, as a part of random's.
"""

from __future__ import annotations

import math
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from scipy import stats  # noqa: E402

from afterword.arrays import Floats, Integers  # noqa: E402
from afterword.quality.estimates import Assessed  # noqa: E402
from afterword.quality.review import (  # noqa: E402
    Assessment,
    assess,
    labels_needed,
    review_verdict,
)
from benchmarks.halves import CATEGORIES  # noqa: E402
from benchmarks.record import Cell, Figure, Table, arguments, finish  # noqa: E402

NAMES = {"Ogling/Facial Expressions/Staring": "Ogling", "Touching /Groping": "Groping"}
REVIEWS = 2_000
SEED = 20
LEAST_DOUBT = 0.02
"""A label that is surer counts as this unsure where other choices of rows are planned."""
FALL = 0.05
Z = 1.96


@dataclass(frozen=True)
class Population:
    """Rows to draw batches from: probabilities and labels (n, k), thresholds (k,)."""

    probabilities: Floats
    labels: Integers
    thresholds: Floats
    categories: tuple[str, ...] = CATEGORIES

    @property
    def accuracy(self) -> float:
        """Label accuracy of the whole population."""
        decided = self.probabilities >= self.thresholds
        return float((decided == self.labels).mean())


@dataclass(frozen=True)
class Setting:
    """Reviews of one kind.

    Attributes
    ----------
    name : what is special.
    rows, labels : of the batch, N, and of these labelled, m.
    weight : how often rows of the second category are drawn, against others.
    flipped : share of the rows all of whose labels are turned over.
    """

    name: str
    rows: int = 1_000
    labels: int = 100
    weight: float = 1.0
    flipped: float = 0.0


def settings() -> list[Setting]:
    """What is simulated; the first is the one that the requirements are about."""
    return [
        Setting("as trained"),
        Setting("small batch", rows=300),
        Setting("large batch", rows=3_000),
        Setting("few labels", labels=30),
        Setting("fewer labels", labels=50),
        Setting("more labels", labels=200),
        Setting("Ogling weighs 2", weight=2.0),
        Setting("10 % of rows flipped", flipped=0.1),
        Setting("flipped, fewer labels", labels=50, flipped=0.1),
    ]


Record = dict[tuple[str, str], tuple[float, ...]]
"""(estimator, measure) → value, low, high, truth."""


def simulate(population: Population, setting: Setting, reviews: int, seed: int) -> list[Record]:
    """Run reviews of one kind."""
    rng = np.random.default_rng(seed)
    labels = population.labels.copy()
    weights = np.where(labels[:, -2] == 1, setting.weight, 1.0)
    flipped = rng.random(len(labels)) < setting.flipped
    labels[flipped] = 1 - labels[flipped]
    return [
        _review(population, labels, weights / weights.sum(), setting, rng) for _ in range(reviews)
    ]


def _review(
    population: Population,
    labels: Integers,
    chances: Floats,
    setting: Setting,
    rng: np.random.Generator,
) -> Record:
    batch = rng.choice(len(labels), setting.rows, replace=False, p=chances)
    p, y = population.probabilities[batch], labels[batch]
    cut, names = population.thresholds, population.categories
    truth = dict(_figures(assess(p, cut, names, np.arange(len(p)), np.ones(len(p)), y)))

    rows = rng.choice(len(p), setting.labels, replace=False)
    odds = np.full(len(rows), len(rows) / len(p))
    found: Record = {
        ("ours", measure): (figure.value, figure.low, figure.high, truth[measure].value)
        for measure, figure in _figures(assess(p, cut, names, rows, odds, y[rows]))
    }
    found["plain", "accuracy"] = (
        *_plain(((p >= cut) == y)[rows].mean(axis=1), len(p)),
        truth["accuracy"].value,
    )
    return found


def _figures(found: Assessment) -> Iterator[tuple[str, Assessed]]:
    yield "accuracy", found.accuracy
    yield "micro-F1", found.micro_f1
    yield "exact match", found.exact_match
    for each in found.categories:
        for name in ("accuracy", "precision", "recall", "f1", "missed"):
            yield f"{each.category} {name}", getattr(each, name)


def _plain(right: Floats, size: int) -> tuple[float, float, float]:
    """Mean with Student's interval and finite-population correction."""
    m = len(right)
    error = math.sqrt(right.var(ddof=1) / m * (1 - m / size))
    reach = float(stats.t.ppf(0.975, m - 1)) * error
    return float(right.mean()), float(right.mean()) - reach, float(right.mean()) + reach


@dataclass(frozen=True)
class Summary:
    """What many reviews said of one measure.

    Attributes
    ----------
    given : share of the reviews in which it was not withheld.
    truth, bias : means over those.
    margin : half a 95 % interval of the bias, of the simulation.
    covered : share of intervals that hold the truth.
    width : mean width of the intervals.
    """

    given: float
    truth: float
    bias: float
    margin: float
    covered: float
    width: float


def summary(records: list[Record], kind: str, measure: str) -> Summary | None:
    """Sum up one measure; None where it was always withheld."""
    table: NDArray[Any] = np.array([record[kind, measure] for record in records], dtype=float)
    table = table[~np.isnan(table).any(axis=1)]
    if not len(table):
        return None
    value, low, high, truth = table.T
    off = value - truth
    held = (low - 1e-9 <= truth) & (truth <= high + 1e-9)
    return Summary(
        given=len(table) / len(records),
        truth=float(truth.mean()),
        bias=float(off.mean()),
        margin=float(Z * off.std() / math.sqrt(len(off))),
        covered=float(held.mean()),
        width=float((high - low).mean()),
    )


def verdicts(
    population: Population, rows: int, fall: float, reviews: int, seed: int
) -> tuple[Counter[str], float]:
    """Verdicts after as many labels as are said to be needed, and the mean of that number.

    Labels are turned over at random until the accuracy lies ``fall`` below that of training.
    """
    rng = np.random.default_rng(seed)
    trained = population.accuracy
    n = len(population.labels)
    error = math.sqrt(trained * (1 - trained) / n / len(population.categories))
    levels: Counter[str] = Counter()
    asked = 0
    for _ in range(reviews):
        batch = rng.choice(n, rows)
        p, y = population.probabilities[batch], population.labels[batch].copy()
        turned = rng.random(y.shape) < fall / (2 * trained - 1)
        y[turned] = 1 - y[turned]
        m = labels_needed(p, trained_error=error) or rows
        drawn = rng.choice(rows, m, replace=False)
        found = assess(
            p, population.thresholds, population.categories, drawn, np.full(m, m / rows), y[drawn]
        )
        levels[review_verdict(found, trained + error * rng.standard_normal(), error).level] += 1
        asked += m
    return levels, asked / reviews


def designs(population: Population) -> Table:
    """Widths that rows drawn unequally would give, as parts of the width of random rows.

    Each design draws rows by the standard deviation that the probabilities let expect of what it is
    made for in the rarest category (Neyman 1934), above a floor that all rows share; the variance
    of the difference estimator follows from the true labels, without a correction for finite
    batches.
    """
    p, y = population.probabilities, population.labels
    given = (p >= population.thresholds).astype(float)
    rarest = int(y.mean(axis=0).argmin())
    own, decided, residual = p[:, rarest], given[:, rarest], y - p
    recall = float((own * decided).sum() / own.sum())
    doubt = np.sqrt(np.clip(own * (1 - own), LEAST_DOUBT * (1 - LEAST_DOUBT), None))
    aims = {
        "missed reports": doubt * (1 - decided),
        "recall": doubt * np.abs(decided - recall),
    }
    figures = (
        residual[:, rarest] * (1 - decided),
        residual[:, rarest] * (decided - recall),
        ((2 * given - 1) * residual).mean(axis=1),
    )
    rows: list[tuple[Cell, ...]] = []
    for aim, wanted in aims.items():
        for floor in (0.1, 0.25, 0.5):
            rates = floor + (1 - floor) * wanted / wanted.mean()
            widths = (math.sqrt(float((one**2 / rates).sum() / (one**2).sum())) for one in figures)
            rows.append((aim, f"{floor}", *(Figure(one, ".3f") for one in widths)))
    columns = ("made for", "floor", "missed reports", "recall", "accuracy")
    return Table(columns, tuple(rows), keys=2)


def trained_population(folder: Path) -> Population:
    """Train on the train split and return what the model says of rows it has not seen."""
    from afterword.training.dataset import read_dataset
    from afterword.training.fit import fit

    data = read_dataset(folder / "train.csv", NAMES, categories=CATEGORIES)
    run = fit(data.texts, data.labels, CATEGORIES)
    return Population(
        run.oof_probabilities,
        data.labels.astype(np.int64),
        np.asarray(run.classifier.thresholds, dtype=float),
    )


def measures_table(records: list[Record]) -> Table:
    """Every measure of one setting, and the width of the plain mean's interval."""
    rows: list[tuple[Cell, ...]] = []
    for kind, measure in records[0]:
        found = summary(records, kind, measure) if kind == "ours" else None
        if found is None:
            continue
        digits = 1 if "missed" in measure else 4
        plain = summary(records, "plain", measure) if ("plain", measure) in records[0] else None
        rows.append(
            (
                measure,
                Figure(found.given),
                Figure(found.truth, f".{max(digits - 1, 1)}f"),
                f"{found.bias:+.{digits}f} ± {found.margin:.{digits}f}",
                Figure(found.covered),
                Figure(found.width, f".{digits}f"),
                Figure(found.width / plain.width if plain else math.nan, ".3f"),
            )
        )
    columns = ("measure", "given", "true", "bias", "coverage", "width", "width to plain mean")
    return Table(columns, tuple(rows))


def settings_table(records: Mapping[Setting, list[Record]]) -> Table:
    """Every setting: accuracy, micro-F1, the recall that is covered worst."""
    rows: list[tuple[Cell, ...]] = []
    for setting, found in records.items():
        cells: list[Cell] = [setting.name, setting.rows, setting.labels]
        for measure in ("accuracy", "micro-F1"):
            own = summary(found, "ours", measure)
            cells += [
                f"{own.bias:+.4f} ± {own.margin:.4f}" if own else "–",
                Figure(own.covered if own else math.nan),
            ]
        own, plain = (summary(found, kind, "accuracy") for kind in ("ours", "plain"))
        cells.append(Figure(own.width / plain.width if own and plain else math.nan, ".3f"))
        recalls = [
            own.covered
            for kind, measure in found[0]
            if kind == "ours" and measure.endswith("recall")
            for own in [summary(found, kind, measure)]
            if own is not None
        ]
        rows.append((*cells, Figure(min(recalls, default=math.nan))))
    columns = ("batches", "N", "labels", "accuracy: bias", "accuracy: coverage", "micro-F1: bias",
               "micro-F1: coverage", "accuracy: width to plain mean",
               "recall: worst coverage")  # fmt: skip
    return Table(columns, tuple(rows))


def main() -> None:
    """Run everything; of a whole run, write the results and the documents."""
    options = arguments(__doc__, "a tenth of the reviews")
    reviews = REVIEWS // (10 if options.quick else 1)
    population = trained_population(Path(options.data))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        runs = {
            setting: pool.submit(simulate, population, setting, reviews, SEED * 10_000 + place)
            for place, setting in enumerate(settings())
        }
        judged = {
            (rows, fall): pool.submit(verdicts, population, rows, fall, reviews // 2, SEED + rows)
            for rows in (300, 1_000)
            for fall in (0.0, FALL)
        }
        records = {setting: run.result() for setting, run in runs.items()}
        needed: list[tuple[Cell, ...]] = []
        for (rows, fall), run in judged.items():
            levels, asked = run.result()
            shares = (
                Figure(levels[level] / levels.total(), number=levels.total())
                for level in ("fell", "held", "open")
            )
            needed.append((rows, f"{100 * fall:.0f} points", round(asked), *shares))
    tables = {
        "measures": measures_table(records[settings()[0]]),
        "settings": settings_table(records),
        "verdicts": Table(
            ("N", "true fall", "labels", "fell", "held", "open"), tuple(needed), keys=2
        ),
        "designs": designs(population),
    }
    finish(options, tables, [f"{reviews:,} reviews of each kind"])


if __name__ == "__main__":
    main()

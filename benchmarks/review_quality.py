"""How good the estimates of a review are: bias, coverage and width of their intervals.

    python benchmarks/review_quality.py            # about five minutes on two cores
    python benchmarks/review_quality.py --quick    # a tenth of the reviews

A model is trained on the train split; its out-of-fold probabilities and the true labels are the
population. Every review draws a fresh batch without replacement, a queue, reads its labels and
assesses. The true values are those of the batch. Two peers get as many labels of rows drawn
purely at random from the same batch: the same model-assisted estimate, and the plain mean.
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
from afterword.quality.review import Assessment, assess, review_verdict  # noqa: E402
from afterword.quality.sampling import draw_queue, labels_needed  # noqa: E402
from benchmarks.halves import CATEGORIES  # noqa: E402
from benchmarks.record import Cell, Figure, Table, arguments, finish  # noqa: E402

NAMES = {"Ogling/Facial Expressions/Staring": "Ogling", "Touching /Groping": "Groping"}
REVIEWS = 2_000
SEED = 20
RARE = 5
"""A word of at most so many other distinct descriptions is unknown: a model would not hold it."""
FALL = 0.05
Z = 1.96


@dataclass(frozen=True)
class Population:
    """Rows to draw batches from: probabilities and labels (n, k), thresholds (k,), novelty
    (n,)."""

    probabilities: Floats
    labels: Integers
    thresholds: Floats
    novelty: Floats
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
    rows, labels : of the batch, N, and of the queue, m.
    stop : labelled rows after which the reviewer stopped; all of the queue if 0.
    weight : how often rows of the second category are drawn, against others.
    flipped : share of the rows all of whose labels are turned over.
    """

    name: str
    rows: int = 1_000
    labels: int = 100
    stop: int = 0
    weight: float = 1.0
    flipped: float = 0.0

    @property
    def read(self) -> int:
        """Labels that are read of each batch."""
        return self.stop or self.labels


def settings() -> list[Setting]:
    """What is simulated; the first is the one that the requirements are about."""
    return [
        Setting("as trained"),
        Setting("small batch", rows=300),
        Setting("large batch", rows=3_000),
        Setting("few labels", labels=20),
        Setting("fewer labels", labels=50),
        Setting("more labels", labels=200),
        Setting("stopped early", labels=200, stop=70),
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

    seed = int(rng.integers(2**62))
    queue = draw_queue(p, population.novelty[batch], labels=setting.labels, seed=seed)
    rows, inclusion = queue.rows[: setting.read], queue.inclusion_after(setting.read)
    random = rng.choice(len(p), len(rows), replace=False)
    uniform = np.full(len(rows), len(rows) / len(p))
    found: Record = {}
    for kind, (places, odds) in {"queue": (rows, inclusion), "random": (random, uniform)}.items():
        for measure, figure in _figures(assess(p, cut, names, places, odds, y[places])):
            found[kind, measure] = figure.value, figure.low, figure.high, truth[measure].value
    found["plain", "accuracy"] = (
        *_plain(((p >= cut) == y)[random].mean(axis=1), len(p)),
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
        novel = population.novelty[batch]
        m = labels_needed(p, novel, trained_error=error) or rows
        queue = draw_queue(p, novel, labels=m, seed=int(rng.integers(2**62)))
        found = assess(
            p,
            population.thresholds,
            population.categories,
            queue.rows,
            queue.inclusion,
            y[queue.rows],
        )
        levels[review_verdict(found, trained + error * rng.standard_normal(), error).level] += 1
        asked += m
    return levels, asked / reviews


def trained_population(folder: Path) -> Population:
    """Train on the train split and return what the model says of rows it has not seen."""
    from afterword.text.cleaning import clean, tokenise
    from afterword.training.dataset import read_dataset
    from afterword.training.fit import fit

    data = read_dataset(folder / "train.csv", NAMES, categories=CATEGORIES)
    run = fit(data.texts, data.labels, CATEGORIES)
    words = [tokenise(clean(text)) for text in data.texts]
    counts = Counter(word for text in {tuple(text) for text in words} for word in set(text))
    unknown = [
        sum(counts[word] <= RARE for word in text) / len(text) if text else 0.0 for text in words
    ]
    return Population(
        run.oof_probabilities,
        data.labels.astype(np.int64),
        np.asarray(run.classifier.thresholds, dtype=float),
        np.array(unknown),
    )


def measures_table(records: list[Record]) -> Table:
    """Every measure of one setting, and the widths of the peers' intervals."""
    rows: list[tuple[Cell, ...]] = []
    for kind, measure in records[0]:
        found = summary(records, kind, measure) if kind == "queue" else None
        if found is None:
            continue
        digits = 1 if "missed" in measure else 4
        peer = summary(records, "random", measure)
        plain = summary(records, "plain", measure) if ("plain", measure) in records[0] else None
        rows.append(
            (
                measure,
                Figure(found.given),
                Figure(found.truth, f".{max(digits - 1, 1)}f"),
                f"{found.bias:+.{digits}f} ± {found.margin:.{digits}f}",
                Figure(found.covered),
                *(
                    Figure(one.width if one else math.nan, f".{digits}f")
                    for one in (found, peer, plain)
                ),
                Figure(found.width / peer.width if peer else math.nan, ".3f"),
            )
        )
    columns = ("measure", "given", "true", "bias", "coverage", "width", "random, model-assisted",
               "random, plain", "width to random")  # fmt: skip
    return Table(columns, tuple(rows))


def settings_table(records: Mapping[Setting, list[Record]]) -> Table:
    """Every setting: accuracy, micro-F1, the recall that is covered worst."""
    rows: list[tuple[Cell, ...]] = []
    for setting, found in records.items():
        cells: list[Cell] = [setting.name, setting.rows, setting.read]
        for measure in ("accuracy", "micro-F1"):
            own, peer = summary(found, "queue", measure), summary(found, "random", measure)
            told = own is not None and peer is not None
            cells += [
                f"{own.bias:+.4f} ± {own.margin:.4f}" if own and told else "–",
                Figure(own.covered if own and told else math.nan),
                Figure(own.width / peer.width if own and peer else math.nan, ".3f"),
            ]
        recalls = [
            own.covered
            for kind, measure in found[0]
            if kind == "queue" and measure.endswith("recall")
            for own in [summary(found, kind, measure)]
            if own is not None
        ]
        rows.append((*cells, Figure(min(recalls, default=math.nan))))
    columns = ("batches", "N", "labels", "accuracy: bias", "accuracy: coverage",
               "accuracy: width to random", "micro-F1: bias", "micro-F1: coverage",
               "micro-F1: width to random", "recall: worst coverage")  # fmt: skip
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
    }
    finish(options, tables, [f"{reviews:,} reviews of each kind"])


if __name__ == "__main__":
    main()

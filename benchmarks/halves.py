"""Halves of the real rows, which the benchmarks share: a model of one, batches of the other.

The rows of train and dev are halved at random. Of one half a model is trained, with its reference
and its tables of chance; batches come from the other half, without replacement, so that model and
reference have seen none of their rows. A half takes a minute to make. It is kept for the next
benchmark under ``scratch/halves``, which Git does not see and which holds descriptions in clear
text; after any change of the code or of the data another one is made.

Batches of one half share a model, a reference and a pool of rows. Intervals therefore resample
whole halves: :func:`interval`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("DO_NOT_TRACK", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.record import Figure  # noqa: E402

if TYPE_CHECKING:
    import pandas as pd

    from afterword.drift.result import CheckResult
    from afterword.measures.null_tables import NullTables
    from afterword.model.classifier import Classifier
    from afterword.model.scored import Scored
    from afterword.text.facts import Facts

CATEGORIES = ("Commenting", "Ogling", "Groping")
ALPHA = 0.05
SPLITS = 12
QUICK_SPLITS = 2
DRAWS = 10_000
"""Random splits behind the tables of a half, as of a shipped model."""
QUICK_DRAWS = 1_000
POPULATION = 8_000
"""Rows of a reference that is drawn with replacement."""
KEPT = ROOT / "scratch" / "halves"
Found = TypeVar("Found")


@dataclass(frozen=True)
class Trained:
    """Rows that were trained on: content (n, d), probabilities and labels (n, k), keys (n,)."""

    content: np.ndarray
    probabilities: np.ndarray
    labels: np.ndarray
    keys: np.ndarray


@dataclass(frozen=True)
class Half:
    """A model with its reference, and the half of the rows that it has not seen.

    Attributes
    ----------
    model, frame, tables : of the one half.
    texts, labels, scored, facts : of the other.
    trained : rows of the one, for the peers and to tell repeats.
    """

    model: Classifier
    frame: pd.DataFrame
    tables: NullTables
    texts: list[str]
    labels: np.ndarray
    scored: Scored
    facts: Facts
    trained: Trained | None = None

    def batch(self, rows: np.ndarray) -> Scored:
        """Scored rows of the other half."""
        from afterword.text.distinct import summarise

        drawn = [self.texts[row] for row in rows]
        return replace(
            self.scored,
            frame=self.scored.frame.iloc[rows].reset_index(drop=True),
            texts=summarise(self.facts.take(rows), drawn),
        )

    def read(self, texts: Sequence[str]) -> Scored:
        """Texts as a file would bring them, scored."""
        import pandas as pd

        import afterword

        frame = pd.DataFrame({"description": texts})
        batch = afterword.read_batch(frame, description="description", categories=())
        return afterword.score(batch, self.model)

    def check(self, scored: Scored, alpha: float = ALPHA) -> CheckResult:
        """The verdict on a batch."""
        from afterword.drift.checking import compare

        return compare(scored, self.frame, self.tables, alpha=alpha)

    def repeats(self) -> np.ndarray:
        """Which rows of the other half, (n,) booleans, repeat a text that was trained on."""
        from afterword.training.dataset import keys_of

        known = np.empty(0, np.uint64) if self.trained is None else self.trained.keys
        return np.isin(keys_of(self.texts), known)

    def probabilities(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Probabilities (n, k) of rows of the other half."""
        from afterword.model.reference import probability_column

        names = list(map(probability_column, CATEGORIES))
        return self.scored.frame[names].to_numpy(float)[rows]


def read(folder: Path) -> tuple[list[str], np.ndarray, int]:
    """Texts and labels of train and dev, and how many are train's."""
    from afterword.training.dataset import read_dataset

    parts = [read_dataset(folder / f"{name}.csv") for name in ("train", "dev")]
    texts = [text for part in parts for text in part.texts]
    return texts, np.vstack([part.labels for part in parts]), len(parts[0].texts)


def learn(
    texts: Sequence[str],
    labels: np.ndarray,
    own: np.ndarray,
    other: np.ndarray,
    seed: int,
    *,
    draws: int = DRAWS,
) -> Half:
    """Train on some rows, as the command line does, and score others."""
    from afterword.model.reference import unlink
    from afterword.text.facts import find_facts
    from afterword.text.privacy import private_words
    from afterword.training.dataset import keys_of
    from afterword.training.fit import MIN_DESCRIPTIONS, fit
    from afterword.training.null_splits import TrainingRows, calibrate
    from afterword.training.reference_rows import build_reference

    mine = [texts[row] for row in own]
    run = fit(mine, labels[own], CATEGORIES, seed=seed)
    model = run.classifier
    frame = build_reference(
        mine, run.plain_probabilities, CATEGORIES, model.thresholds, least=MIN_DESCRIPTIONS
    )
    facts = find_facts(mine, model)
    private = private_words(model.words, mine, common=True)
    tables = calibrate(
        TrainingRows(facts, frame, labels[own], keys_of(mine)),
        model,
        private=np.array([word in private for word in model.words]),
        draws=draws,
        seed=seed,
    )
    return Half(
        model=model,
        frame=unlink(frame, seed),
        tables=tables,
        trained=Trained(facts.content, run.oof_probabilities, labels[own], keys_of(mine)),
        **held_out(texts, labels, other, model),
    )


def held_out(
    texts: Sequence[str], labels: np.ndarray, rows: np.ndarray, model: Classifier
) -> dict[str, Any]:
    """Texts, labels, scores and facts of rows, without those that a batch rejects."""
    import pandas as pd

    import afterword
    from afterword.text.facts import find_facts

    batch = afterword.read_batch(
        pd.DataFrame({"description": [texts[row] for row in rows]}, index=rows),
        description="description",
        categories=(),
    )
    accepted = batch.texts
    return {
        "texts": accepted.tolist(),
        "labels": labels[accepted.index],
        "scored": replace(afterword.score(batch, model), rejections={}),
        "facts": find_facts(accepted.tolist(), model),
    }


def half_of(folder: str, seed: int, *, quick: bool = False) -> Half:
    """The half of a seed, made or kept from before."""

    def make() -> Half:
        texts, labels, _ = read(Path(folder))
        order = np.random.default_rng([seed, 7]).permutation(len(texts))
        middle = len(order) // 2
        return learn(texts, labels, order[:middle], order[middle:], seed, draws=_draws(quick))

    return _kept(folder, f"half-{seed}-{_draws(quick)}", make)


def dev_half(folder: str, *, quick: bool = False) -> Half:
    """The whole of train as the one half, the whole of dev as the other."""

    def make() -> Half:
        texts, labels, ours = read(Path(folder))
        own, other = np.arange(ours), np.arange(ours, len(texts))
        return learn(texts, labels, own, other, 0, draws=_draws(quick))

    return _kept(folder, f"dev-{_draws(quick)}", make)


def drawn_half(folder: str, seed: int, *, quick: bool = False) -> Half:
    """A half whose reference is drawn with replacement from the rows that batches are drawn from.

    Both sides come from one distribution, so batches may be larger than the data: a simulation.
    """

    def make() -> Half:
        from afterword.training.null_splits import TrainingRows, calibrate

        half = half_of(folder, seed, quick=quick)
        rows = np.random.default_rng([seed, 9]).integers(0, len(half.texts), POPULATION)
        frame = half.scored.frame.iloc[rows].reset_index(drop=True)
        tables = calibrate(
            TrainingRows(half.facts.take(rows), frame, half.labels[rows], rows),
            half.model,
            private=np.zeros(len(half.model.words), bool),
            draws=_draws(quick) // 2,
            seed=seed,
        )
        return replace(half, frame=frame, tables=tables)

    return _kept(folder, f"drawn-{seed}-{_draws(quick)}", make)


def _draws(quick: bool) -> int:
    return QUICK_DRAWS if quick else DRAWS


def _kept(folder: str, name: str, make: Callable[[], Half]) -> Half:
    """What was made before of the same code and data, or make it and keep it."""
    import joblib

    warnings.filterwarnings("ignore")
    digest = hashlib.sha256()
    sources = [Path(__file__), *sorted((ROOT / "afterword").rglob("*.py"))]
    for path in [*sources, *(Path(folder) / f"{part}.csv" for part in ("train", "dev"))]:
        digest.update(path.read_bytes())
    path = KEPT / f"{name}-{digest.hexdigest()[:16]}.joblib"
    if path.exists():
        return joblib.load(path)  # type: ignore[no-any-return]
    KEPT.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in KEPT.glob(f"{name}-*.joblib"):
        old.unlink(missing_ok=True)
    half = make()
    part = path.with_suffix(f".{os.getpid()}")
    joblib.dump(half, part)
    part.replace(path)
    return half


def over_splits(
    job: Callable[[str, int, bool], Found], options: argparse.Namespace, splits: int = SPLITS
) -> list[Found]:
    """What a job finds in every split, as many at a time as there are cores."""
    seeds = range(min(splits, QUICK_SPLITS) if options.quick else splits)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(job, options.data, seed, options.quick) for seed in seeds]
        found = []
        for each in jobs:
            found.append(each.result())
            print(f"{len(found)} of {len(jobs)} splits", file=sys.stderr, flush=True)
    return found


def interval(by_split: Iterable[np.ndarray], seed: int = 0) -> tuple[float, float, float]:
    """Mean of a share or an error over all batches, and its 95 % interval.

    Parameters
    ----------
    by_split : one array of each split, of any shape; NaN where nothing was to be counted. Whole
        splits are resampled.

    Notes
    -----
    Where no batch, or every batch, of a share counts, resampling has nothing to vary: the interval
    then ends at the exact bound for so many batches.
    """
    arrays = [np.asarray(each, dtype=float).ravel() for each in by_split]
    sums = np.array([np.nansum(each) for each in arrays])
    counts = np.array([np.count_nonzero(~np.isnan(each)) for each in arrays])
    if not counts.sum():
        return np.nan, np.nan, np.nan
    draws = np.random.default_rng(seed).integers(0, len(sums), (10_000, len(sums)))
    drawn = counts[draws].sum(axis=1)
    means = sums[draws].sum(axis=1)[drawn > 0] / drawn[drawn > 0]
    mean = float(sums.sum() / counts.sum())
    low, high = map(float, np.quantile(means, [0.025, 0.975]))
    exact = 0.025 ** (1 / counts.sum())
    values = np.concatenate(arrays)
    if not np.nansum(values):
        high = 1 - exact
    elif np.nanmin(values) == np.nanmax(values) == 1:
        low = exact
    return mean, low, high


def share(by_split: Iterable[np.ndarray], form: str = "%") -> Figure:
    """A mean as a figure with its interval, whole splits resampled."""
    arrays = [np.asarray(each, dtype=float) for each in by_split]
    mean, low, high = interval(arrays)
    number = sum(int(np.count_nonzero(~np.isnan(each))) for each in arrays)
    return Figure(mean, form, low, high, number)

"""Training a model from labelled descriptions: fit, calibrate, measure, write, all in one call.

>>> import afterword
>>> trained = afterword.train("labelled.csv", "my-model")                       # doctest: +SKIP
>>> print(trained.evaluation.at_thresholds.accuracy)                            # doctest: +SKIP
0.829 [0.822, 0.836]
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.errors import TrainingError
from afterword.model import registry
from afterword.model.evaluation import Evaluation, evaluate
from afterword.model.modes import ModeQuality
from afterword.model.reference import unlink
from afterword.model.scored_files import write_scored
from afterword.settings import BALANCED, get_settings
from afterword.text.facts import find_facts
from afterword.text.privacy import private_words
from afterword.training import wording
from afterword.training.dataset import Dataset, read_dataset
from afterword.training.fit import MIN_DESCRIPTIONS, Progress, TrainingRun, fit
from afterword.training.mode_choice import PROMISE, measure_modes
from afterword.training.null_splits import TrainingRows, calibrate
from afterword.training.reference_rows import build_reference, ordinary_rows

if TYPE_CHECKING:
    import pandas as pd

    from afterword.measures.null_tables import NullTables
    from afterword.model.classifier import Classifier
    from afterword.text.facts import Facts

SEEN: Final = "seen.npy"
"""Digests of the training texts, beside a model that was not made for the repository."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A model that was trained and written.

    Attributes
    ----------
    model : the classifier, ready to predict.
    evaluation : its quality by cross-validation, folds grouped by repeated text.
    folder : where it was written, with its reference and the tables of its check.
    modes : what each way to decide finds and costs, what is promised, and what is not attainable.
    """

    model: Classifier
    evaluation: Evaluation
    folder: Path
    modes: tuple[ModeQuality, ...]


def train(
    data: str | os.PathLike[str] | pd.DataFrame | Dataset,
    out: str | os.PathLike[str],
    *,
    categories: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    seed: int = 0,
    promise: float = PROMISE,
    sample: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Train, calibrate and evaluate a model, and write it with its reference; always the same.

    Parameters
    ----------
    data : file, folder of files or table, with descriptions and 0/1 columns of categories or one
        column that names them; or what :func:`~afterword.training.dataset.read_dataset` gave.
    out : folder for the model. A folder named "model" in a checkout replaces the shipped one.
    categories, labels : ``names`` and ``labels`` of ``read_dataset``; not with a dataset.
    seed : decides folds, solvers and splits.
    promise : share of the answers that are not called unsure that is to be right, from .75
        to .99. Of an answer of which that would leave most unsure, less is promised.
    sample : file to which an ordinary batch of scored rows is written, to try the check with.
    progress : called with the name of the present step and the fraction of it done, in [0, 1].

    Raises
    ------
    TrainingError
        The data cannot make a model, or the folder cannot be written; the message says why.
    """
    started = time.perf_counter()
    folder = Path(out)
    registry.check_target(folder)
    dataset = data if isinstance(data, Dataset) else read_dataset(data, categories, labels=labels)
    given = dataset.texts, dataset.labels, dataset.categories
    run = fit(*given, seed=seed, promise=promise, progress=progress)
    evaluation = _measure(dataset, run, seed)
    frame = build_reference(
        dataset.texts,
        run.plain_probabilities,
        dataset.categories,
        run.classifier.thresholds,
        least=MIN_DESCRIPTIONS,
    )
    found = find_facts(dataset.texts, run.classifier)
    tables = _tables(dataset, run.classifier, frame, found, seed, progress)
    modes = measure_modes(
        run.choice, dataset.categories, dataset.labels, run.oof_probabilities, dataset.keys()
    )
    summary = _summary(dataset, evaluation, modes, started)
    try:
        registry.save_model(run.classifier, unlink(frame, seed), tables.to_bytes(), summary, folder)
        if sample is not None:
            _write_sample(Path(sample), dataset, run.classifier, frame, found, seed)
        if not registry.is_shipped(folder):
            np.save(folder / SEEN, np.unique(dataset.keys()))
    except OSError as error:
        raise TrainingError(wording.not_written(str(folder), error.strerror)) from None
    return Trained(run.classifier, evaluation, folder, modes)


def _summary(
    dataset: Dataset, evaluation: Evaluation, modes: Sequence[ModeQuality], started: float
) -> registry.TrainingSummary:
    """What the manifest repeats of the training."""
    return registry.TrainingSummary(
        columns=dataset.columns,
        data_sha256=dataset.sha256(),
        rows=len(dataset.texts),
        training_seconds=time.perf_counter() - started,
        metrics=evaluation.to_dict(),
        modes=[each.to_dict() for each in modes],
    )


def _measure(dataset: Dataset, run: TrainingRun, seed: int) -> Evaluation:
    """Quality out of fold: of probabilities that models gave which never saw the text."""
    return evaluate(
        dataset.labels,
        run.oof_probabilities,
        run.classifier.mode(BALANCED).thresholds,
        dataset.categories,
        seed=seed,
        groups=dataset.keys(),
        scores=run.oof_scores,
    )


def _tables(
    dataset: Dataset,
    model: Classifier,
    frame: pd.DataFrame,
    found: Facts,
    seed: int,
    progress: Progress | None,
) -> NullTables:
    """What the check needs to know of chance."""
    private = private_words(model.words, dataset.texts, common=True)
    return calibrate(
        TrainingRows(found, frame, dataset.labels, dataset.keys()),
        model,
        private=np.array([word in private for word in model.words]),
        draws=get_settings().null_draws,
        seed=seed,
        progress=progress,
    )


def _write_sample(
    path: Path, dataset: Dataset, model: Classifier, frame: pd.DataFrame, found: Facts, seed: int
) -> None:
    """Write an ordinary batch of scored rows."""
    write_scored(ordinary_rows(dataset.texts, frame, found, model, seed=seed), path)

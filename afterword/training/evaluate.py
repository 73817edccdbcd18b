"""How good a model is on labelled descriptions, and what its figures are worth.

>>> import afterword
>>> found = afterword.evaluate("labelled.csv")                                  # doctest: +SKIP
>>> print(found.all_rows.at_thresholds.accuracy)                                # doctest: +SKIP
0.863 [0.842, 0.882]
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from afterword.errors import ModelError
from afterword.model import registry
from afterword.model.evaluation import Evaluation
from afterword.model.evaluation import evaluate as measure
from afterword.model.own_answers import are_own_answers
from afterword.model.wording import own_answers
from afterword.settings import BALANCED
from afterword.training import wording
from afterword.training.dataset import Dataset, read_dataset
from afterword.training.train import SEEN

if TYPE_CHECKING:
    import pandas as pd

    from afterword.records import Manifest

ALL_ROWS: Final = "all rows"
FRESH_ROWS: Final = "without the rows whose text stands in the training set"
ERRORS_APART: Final = 3.0
"""Standard errors by which figures lie above those of training where the rows are probably its."""


@dataclass(frozen=True)
class Evaluated:
    """What a model's answers to labelled descriptions are worth.

    Attributes
    ----------
    parts : which rows → their figures: :data:`ALL_ROWS`, and :data:`FRESH_ROWS` where some rows
        repeat a training text and some do not.
    note : a sentence where the figures may flatter the model; "" where they do not.
    reading : sentences on rows and labels that could not be read.
    """

    parts: dict[str, Evaluation]
    note: str
    reading: tuple[str, ...] = ()

    @property
    def all_rows(self) -> Evaluation:
        """The figures of all rows."""
        return self.parts[ALL_ROWS]


def evaluate(
    data: str | os.PathLike[str] | pd.DataFrame,
    *,
    model_dir: str | os.PathLike[str] | None = None,
    training: str | os.PathLike[str] | pd.DataFrame | None = None,
    labels: Mapping[str, str] | None = None,
) -> Evaluated:
    """Measure a model on labelled descriptions.

    Parameters
    ----------
    data : file, folder of files or table, with a column of true labels, 0 or 1, for every category,
        or with one column that names the categories.
    model_dir : folder of the model; the one in service if None.
    training : the data that the model was trained on, to tell repeated rows, where the model's
        folder does not hold their digests.
    labels : category → column of its labels, and "" → a column that names categories; found by
        their names if None.

    Raises
    ------
    TrainingError
        The labels cannot be read, or lack a category.
    ModelError
        The model or what belongs to it is missing or damaged.
    """
    folder = None if model_dir is None else Path(model_dir)
    classifier = registry.load_model(folder)
    manifest = registry.load_manifest(folder)
    names = {column: name for name, column in manifest.columns.items()}
    dataset = read_dataset(data, names, categories=classifier.categories, labels=labels)
    seen = _seen(folder, training)
    probabilities = classifier.predict_proba(dataset.texts)
    scores = classifier.decision_function(dataset.texts)
    keys = dataset.keys()

    def on(rows: np.ndarray) -> Evaluation:
        return measure(
            dataset.labels[rows],
            probabilities[rows],
            classifier.mode(BALANCED).thresholds,
            classifier.categories,
            groups=keys[rows],
            scores=scores[rows],
        )

    parts = {ALL_ROWS: on(np.ones(len(keys), dtype=bool))}
    fresh = None if seen is None else ~np.isin(keys, seen)
    if fresh is not None and fresh.any() and not fresh.all():
        parts[FRESH_ROWS] = on(fresh)
    doubtful = fresh is None or not fresh.any()
    known = fresh is not None
    note = _worth(parts[ALL_ROWS], dataset, manifest, known) if doubtful else ""
    if not labels and are_own_answers(dataset.labels.astype(float), probabilities, classifier):
        note = own_answers(classifier.categories)
    return Evaluated(parts, note, dataset.notes)


def _worth(found: Evaluation, dataset: Dataset, manifest: Manifest, known: bool) -> str:
    """What figures are worth that may be of rows that the model was trained on.

    A model is better on rows that it was trained on. So figures that lie above those of
    cross-validation, by three standard errors of both, are probably of such rows.
    """
    if known or dataset.sha256() == manifest.data_sha256:
        return wording.TRAINED_ON
    own, before = found.at_half.accuracy, manifest.metrics["at_half"]["accuracy"]
    error = math.hypot(own.high - own.low, before["high"] - before["low"]) / (2 * 1.96)
    if own.value - before["value"] > ERRORS_APART * error:
        return wording.probably_trained_on(own.value, before["value"])
    return wording.may_be_trained_on(manifest.rows)


def _seen(
    folder: Path | None, training: str | os.PathLike[str] | pd.DataFrame | None
) -> np.ndarray | None:
    """Digests of the training texts, if they can be had."""
    if training is not None:
        return read_dataset(training).keys()
    if folder is None or not (folder / SEEN).is_file():
        return None
    try:
        seen: np.ndarray = np.load(folder / SEEN, allow_pickle=False)
    except (ValueError, OSError):
        raise ModelError(wording.damaged(str(folder / SEEN))) from None
    return seen

"""Commands about models: classify with one, train one, measure one."""

from __future__ import annotations

import json
import logging
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from afterword.cli.application import (
    DescriptionOption,
    ModelOption,
    command,
    err,
    plain,
    progress,
    results,
    warn,
)
from afterword.cli.printing import print_metrics, print_reading
from afterword.errors import ModelError, place_of
from afterword.records import Scored
from afterword.settings import PROGRAM

if TYPE_CHECKING:
    import numpy as np

    from afterword.model.classifier import Classifier
    from afterword.model.evaluation import Evaluation
    from afterword.records import Batch, Classified, Manifest

NEW_ROWS = "Expect less of it on new rows, and measure it on those."
TRAINED_ON = f"The model was trained on these rows, so the figures flatter it. {NEW_ROWS}"
SEEN = "seen.npy"
"""Digests of the training texts, beside a model that was not made for the repository."""


@command
def classify(
    file: Annotated[Path, typer.Argument(help="Descriptions: CSV, Excel, Parquet or JSON Lines.")],
    out: Annotated[
        Path, typer.Option("--out", help="File to write; its ending, .csv or .parquet, decides.")
    ],
    model: ModelOption = None,
    column: DescriptionOption = None,
    mode: Annotated[
        str | None,
        typer.Option("--mode", help="How to decide: balanced, find-more or be-sure."),
    ] = None,
) -> None:
    """Classify every description of a file."""
    from afterword.errors import BatchError
    from afterword.files import exports
    from afterword.model import answers, scored_files
    from afterword.model.registry import load_model

    writers = {".csv": exports.to_csv, ".parquet": exports.to_parquet}
    if out.suffix.lower() not in writers:
        raise BatchError("Name the output file with the ending .csv or .parquet.")
    if out.exists() and file.exists() and out.samefile(file):
        raise BatchError("The output would replace the input. Name another file with --out.")
    batch = scored_files.read(file, description=column)
    if isinstance(batch, Scored):
        raise BatchError(
            "This file holds scored rows without text, so there is nothing to classify. "
            f"Check it instead: {PROGRAM} check FILE"
        )
    classifier = load_model(model)
    started = time.perf_counter()
    with progress("Classifying") as step:
        classified = answers.classify(
            batch, classifier, mode=mode, progress=lambda done: step("Classifying", done)
        )
    seconds = time.perf_counter() - started
    try:
        out.write_bytes(writers[out.suffix.lower()](classified.table))
    except OSError as error:
        raise BatchError(f"{out} cannot be written: {error.strerror}.") from None
    _record(batch, classified, classifier, seconds)
    print_reading(batch)
    counts = Table("category", "predicted", "unsure")
    for name in classifier.categories:
        unsure = classified.table[classified.unsure[name]].fillna(False)
        counts.add_row(plain(name), str(classified.predicted(name)), str(int(unsure.sum())))
    results.print(counts)
    err.print(f"Written: {plain(str(out))}", soft_wrap=True)


def _record(batch: Batch, classified: Classified, classifier: Classifier, seconds: float) -> None:
    """Record what was classified; a failure is said, and changes nothing else."""
    from afterword.model.registry import load_model
    from afterword.monitoring import recording

    try:
        if recording.is_off():
            return
        if classifier is not load_model():
            warn("Not recorded: only answers of the model in service are.")
            return
        rows = ~classified.rejected_rows
        answers = classified.table.loc[rows, list(classified.probability.values())]
        seen = recording.observe(batch.texts.tolist(), answers.to_numpy(float), classifier)
        rejected = len(batch.rejected)
        # What the log says of it is said here.
        logging.getLogger("afterword.store").addHandler(logging.NullHandler())
        kept = recording.record("command", seen, rejected=rejected, latency_s=seconds)
        if not kept:
            warn(f"Not recorded. {recording.problem()}")
    except Exception as error:
        warn(f"Not recorded: {place_of(error)}.")


@command
def train(
    data: Annotated[
        Path, typer.Option("--data", help="File, or folder of files, with 0/1 category columns.")
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", help="Folder for the model. In a checkout, “model” replaces the one shipped."
        ),
    ],
    category: Annotated[
        list[str] | None,
        typer.Option(
            "--category",
            help="Name a column for people, as in 'Touching /Groping=Groping'. Repeatable.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of folds, solvers and splits.")] = 0,
    sample: Annotated[
        Path | None,
        typer.Option(help="Also write an ordinary batch of scored rows, to try the check with."),
    ] = None,
) -> None:
    """Train, calibrate and evaluate a model, and write it with its reference."""

    import numpy as np

    from afterword.errors import TrainingError
    from afterword.model import reference, registry, scored_files
    from afterword.model.evaluation import evaluate as measure
    from afterword.settings import get_settings
    from afterword.text.facts import find_facts
    from afterword.text.privacy import private_words
    from afterword.training import reference_rows
    from afterword.training.dataset import read_dataset
    from afterword.training.fit import MIN_DESCRIPTIONS
    from afterword.training.fit import train as fit
    from afterword.training.mode_choice import measure_modes
    from afterword.training.null_splits import calibrate

    started = time.perf_counter()
    names = {}
    for item in category or []:
        # A column's name may hold "="; a display name does not.
        column, equals, name = item.rpartition("=")
        if not (equals and column and name.strip()):
            raise TrainingError('Write --category as "column=name".')
        names[column] = name.strip()
    registry.check_target(out)
    dataset = read_dataset(data, names)
    for note in dataset.notes:
        err.print(plain(note), soft_wrap=True)
    err.print(plain(f"{len(dataset.texts):,} descriptions; {', '.join(dataset.categories)}"))
    with progress("Training") as step:
        run = fit(dataset.texts, dataset.labels, dataset.categories, seed=seed, progress=step)
    evaluation = measure(
        dataset.labels,
        run.oof_probabilities,
        run.classifier.thresholds,
        dataset.categories,
        seed=seed,
        groups=dataset.keys(),
        scores=run.oof_scores,
    )
    model = run.classifier
    modes = measure_modes(model, dataset.labels, run.oof_probabilities, dataset.keys())
    frame = reference_rows.build_reference(
        dataset.texts,
        run.plain_probabilities,
        dataset.categories,
        model.thresholds,
        least=MIN_DESCRIPTIONS,
    )
    private = private_words(model.words, dataset.texts, common=True)
    found = find_facts(dataset.texts, model)
    settings = get_settings()
    with progress("Calibrating the check") as step:
        tables = calibrate(
            found,
            frame,
            dataset.labels,
            model,
            private=np.array([word in private for word in model.words]),
            groups=dataset.keys(),
            draws=settings.null_draws,
            seed=seed,
            progress=step,
        )
    facts = registry.TrainingSummary(
        columns=dataset.columns,
        data_sha256=dataset.sha256(),
        rows=len(dataset.texts),
        training_seconds=time.perf_counter() - started,
        metrics=evaluation.to_dict(),
        modes=[each.to_dict() for each in modes],
    )
    try:
        registry.save_model(model, reference.unlink(frame, seed), tables.to_bytes(), facts, out)
        if sample is not None:
            ordinary = reference_rows.ordinary_rows(dataset.texts, frame, found, model, seed=seed)
            scored_files.write_scored(ordinary, sample)
        if not registry.is_shipped(out):
            np.save(out / SEEN, np.unique(dataset.keys()))
    except OSError as error:
        raise TrainingError(f"{out} cannot be written: {error.strerror}.") from None
    print_metrics("Cross-validation, folds grouped by repeated text", evaluation)
    err.print(f"Written: {plain(str(out))}", soft_wrap=True)


@command
def evaluate(
    data: Annotated[Path, typer.Option("--data", help="Labelled descriptions.")],
    model: ModelOption = None,
    training: Annotated[
        Path | None,
        typer.Option(help="The training data, to tell repeated rows, if the model lacks them."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the metrics as JSON.")] = False,
) -> None:
    """Measure a model on labelled descriptions."""
    import numpy as np

    from afterword.model import registry
    from afterword.model.evaluation import evaluate as measure
    from afterword.training.dataset import read_dataset

    classifier = registry.load_model(model)
    columns = registry.load_manifest(model).columns
    names = {column: name for name, column in columns.items()}
    dataset = read_dataset(data, names, categories=classifier.categories)
    seen = _seen(model, training)
    probabilities = classifier.predict_proba(dataset.texts)
    scores = classifier.decision_function(dataset.texts)
    keys = dataset.keys()

    def on(rows: np.ndarray) -> Evaluation:
        return measure(
            dataset.labels[rows],
            probabilities[rows],
            classifier.thresholds,
            classifier.categories,
            groups=keys[rows],
            scores=scores[rows],
        )

    parts = {"all rows": on(np.ones(len(keys), dtype=bool))}
    if seen is not None:
        fresh = ~np.isin(keys, seen)
        if fresh.any() and not fresh.all():
            parts["without the rows whose text stands in the training set"] = on(fresh)
    if seen is None or np.isin(keys, seen).all():
        known = seen is not None or dataset.sha256() == registry.load_manifest(model).data_sha256
        warn(TRAINED_ON if known else _doubt(parts["all rows"], registry.load_manifest(model)))
    if as_json:
        typer.echo(json.dumps({name: part.to_dict() for name, part in parts.items()}, indent=2))
        return
    for name, part in parts.items():
        print_metrics(f"{data.name}, {name}", part)


def _doubt(found: Evaluation, manifest: Manifest) -> str:
    """What the figures are worth where nobody knows whether the model was trained on the rows.

    A model is better on rows that it was trained on. So figures that lie above those of
    cross-validation, by three standard errors of both, are probably of such rows.
    """
    own, before = found.at_half.accuracy, manifest.metrics["at_half"]["accuracy"]
    error = math.hypot(own.high - own.low, before["high"] - before["low"]) / (2 * 1.96)
    if own.value - before["value"] > 3 * error:
        return (
            f"The model was probably trained on these rows: {100 * own.value:.1f} % of its "
            f"decisions are right, and {100 * before['value']:.1f} % were on rows that it had not "
            f"seen, a difference that chance rarely makes. {NEW_ROWS}"
        )
    return (
        f"The figures are too good if these rows are among the {manifest.rows:,} that the model "
        "was trained on, which the model does not tell: name the training data with --training."
    )


def _seen(model: Path | None, training: Path | None) -> np.ndarray | None:
    """Digests of the training texts, if they can be had."""
    import numpy as np

    from afterword.training.dataset import read_dataset

    if training is not None:
        return read_dataset(training).keys()
    if model is not None and (model / SEEN).is_file():
        try:
            seen: np.ndarray = np.load(model / SEEN, allow_pickle=False)
        except (ValueError, OSError):
            raise ModelError(
                f"{model / SEEN} is damaged. Delete it; repeated rows are then not told apart."
            ) from None
        return seen
    return None

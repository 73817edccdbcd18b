"""Commands about models: classify with one, train one, measure one."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from afterword.cli import wording
from afterword.cli.application import (
    DescriptionOption,
    HeaderOption,
    LabelOption,
    ModelOption,
    SheetOption,
    StrictOption,
    as_written,
    command,
    err,
    plain,
    progress,
    results,
    warn,
)
from afterword.cli.printing import print_metrics, print_reading, print_ways
from afterword.deployment import TEXTS
from afterword.errors import place_of
from afterword.files import isolation
from afterword.files.options import parse_labels, parse_options
from afterword.model.scored import Scored

if TYPE_CHECKING:
    from afterword.model.classifier import Classifier
    from afterword.streams.recording import Observing


NoRecordOption = Annotated[bool, typer.Option("--no-record", help=wording.NO_RECORD_HELP)]


@command
def classify(
    file: Annotated[
        Path, typer.Argument(help=f"{TEXTS.capitalize()}: CSV, Excel, Parquet or JSON Lines.")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="File to write; its ending, .csv or .parquet, decides.")
    ],
    model: ModelOption = None,
    column: DescriptionOption = None,
    mode: Annotated[
        str | None,
        typer.Option("--mode", help="How to decide: balanced, find-more or be-sure."),
    ] = None,
    sheet: SheetOption = None,
    header_row: HeaderOption = None,
    strict: StrictOption = False,
    no_record: NoRecordOption = False,
) -> None:
    """Classify every description of a file, as in: classify week.csv --out answers.csv"""
    isolation.get_ready()
    from afterword.errors import BatchError
    from afterword.files import exports
    from afterword.model import answers, scored_files
    from afterword.model.registry import load_model

    writers = {".csv": exports.to_csv, ".parquet": exports.to_parquet}
    if out.suffix.lower() not in writers:
        raise BatchError(wording.OTHER_ENDING)
    if out.exists() and file.exists() and out.samefile(file):
        raise BatchError(wording.OUTPUT_REPLACES)
    options = parse_options(column=column, sheet=sheet, header_row=header_row, strict=strict)
    batch = scored_files.read(file, **options)
    if isinstance(batch, Scored):
        raise BatchError(wording.NOTHING_TO_CLASSIFY)
    classifier = load_model(model)
    seen = None if no_record else _observing(classifier)
    started = time.perf_counter()
    with progress("Classifying") as step:
        classified = answers.classify(
            batch,
            classifier,
            mode=mode,
            progress=lambda done: step("Classifying", done),
            observe=seen,
        )
    seconds = time.perf_counter() - started - (seen.seconds if seen else 0.0)
    try:
        out.write_bytes(writers[out.suffix.lower()](classified.table))
    except OSError as error:
        raise BatchError(wording.unwritable(out, error.strerror)) from None
    _record(seen, len(batch.rejected), seconds)
    print_reading(batch)
    counts = Table("category", "predicted", "unsure")
    for name in classifier.categories:
        unsure = classified.table[classified.unsure[name]].fillna(False)
        counts.add_row(plain(name), str(classified.predicted(name)), str(int(unsure.sum())))
    results.print(counts)
    err.print(wording.written(plain(str(out))), soft_wrap=True)


def _observing(classifier: Classifier) -> Observing | None:
    """What counts the answers that are to be recorded; None where none can or shall be."""
    from afterword.model.registry import load_model
    from afterword.streams import recording

    try:
        if recording.is_off():
            return None
        if classifier is load_model():
            return recording.Observing(classifier)
        warn(wording.OWN_MODEL)
    except Exception as error:
        warn(wording.failed_at(wording.NOT_RECORDED, place_of(error)))
    return None


def _record(seen: Observing | None, rejected: int, seconds: float) -> None:
    """Record what was classified; a failure is said, and changes nothing else."""
    from afterword.streams import recording

    if seen is None:
        return
    try:
        # What the log says of it is said here.
        logging.getLogger("afterword.store").addHandler(logging.NullHandler())
        kept = recording.record("command", seen.joined(), rejected=rejected, latency_s=seconds)
        if not kept:
            warn(wording.failed(wording.NOT_RECORDED, recording.problem()))
    except Exception as error:
        warn(wording.failed_at(wording.NOT_RECORDED, place_of(error)))


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
    label: LabelOption = None,
    promise: Annotated[
        float,
        typer.Option(
            help="How many of 100 answers that are not called unsure are to be right, 75 to 99."
        ),
    ] = 95.0,
    seed: Annotated[int, typer.Option(help="Seed of folds, solvers and splits.")] = 0,
    sample: Annotated[
        Path | None,
        typer.Option(help="Also write an ordinary batch of scored rows, to try the check with."),
    ] = None,
) -> None:
    """Train, calibrate and evaluate a model, and write it with its reference."""
    from afterword.errors import TrainingError
    from afterword.model.registry import check_target
    from afterword.training.dataset import read_dataset
    from afterword.training.promises import LEAST_PROMISE, MOST_PROMISE
    from afterword.training.train import train
    from afterword.training.wording import CROSS_VALIDATED

    if not 100 * LEAST_PROMISE <= promise <= 100 * MOST_PROMISE:
        raise TrainingError(wording.no_promise(100 * LEAST_PROMISE, 100 * MOST_PROMISE))
    names = {}
    for item in map(as_written, category or []):
        # A column's name may hold "="; a display name does not.
        column, equals, name = item.rpartition("=")
        if not (equals and column and name.strip()):
            raise TrainingError(wording.CATEGORY)
        names[column] = name.strip()
    check_target(out)
    dataset = read_dataset(data, names, labels=parse_labels(label or []))
    for note in dataset.notes:
        err.print(plain(note), soft_wrap=True)
    err.print(plain(wording.training_data(len(dataset.texts), dataset.categories)))
    with progress("Training") as step:
        trained = train(
            dataset, out, seed=seed, promise=promise / 100, sample=sample, progress=step
        )
    print_metrics(CROSS_VALIDATED, trained.evaluation)
    print_ways(trained.modes)
    err.print(wording.written(plain(str(out))), soft_wrap=True)


@command
def evaluate(
    data: Annotated[Path, typer.Option("--data", help=f"Labelled {TEXTS}.")],
    model: ModelOption = None,
    training: Annotated[
        Path | None,
        typer.Option(help="The training data, to tell repeated rows, if the model lacks them."),
    ] = None,
    label: LabelOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the metrics as JSON.")] = False,
) -> None:
    """Measure a model on labelled descriptions."""
    from afterword.training.evaluate import evaluate

    found = evaluate(data, model_dir=model, training=training, labels=parse_labels(label or []))
    for note in found.reading:
        err.print(plain(note), soft_wrap=True)
    if found.note:
        warn(found.note)
    if as_json:
        parts = {name: part.to_dict() for name, part in found.parts.items()}
        typer.echo(json.dumps(parts, indent=2))
        return
    for name, part in found.parts.items():
        print_metrics(f"{data.name}, {name}", part)

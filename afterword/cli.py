"""The command line: the same words as the API and the pages.

``python -m afterword --help`` lists the commands. Results go to standard output, everything
else to standard error.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from afterword.errors import AfterwordError, ColumnError, ModelError, place_of
from afterword.names import quotable
from afterword.schema import Batch, Scored

if TYPE_CHECKING:
    import numpy as np

    from afterword.drift import CheckResult
    from afterword.evaluation import Evaluation

app = typer.Typer(
    help="Afterword: what a text model needs after it is deployed.",
    no_args_is_help=True,
    add_completion=False,
    # Local variables may hold descriptions: no traceback shows them.
    pretty_exceptions_show_locals=False,
)
_out = Console()
_err = Console(stderr=True)

SEEN = "seen.npy"
"""Digests of the training texts, beside a model that was not made for the repository."""
SHOWN_WORDS = 10
"""Changed words that a check prints."""
NEAREST = 5
"""Measures within their thresholds that a check prints."""

ModelOption = Annotated[
    Path | None,
    typer.Option("--model", help="Folder of a trained model; the model in service by default."),
]
DescriptionOption = Annotated[
    str | None, typer.Option("--column", help="Column of the descriptions, if not found by name.")
]


Command = TypeVar("Command", bound=Callable[..., None])


def _command(function: Command) -> Command:
    """Make a function a command whose every error is one sentence and status 1.

    An error that is not ours is a fault of this program; its message could quote a description,
    so only its kind and its place are shown.
    """

    @functools.wraps(function)
    def guarded(*args: Any, **options: Any) -> None:
        try:
            return function(*args, **options)
        except (typer.Exit, typer.Abort):
            raise
        except AfterwordError as error:
            _fail(str(error))
            if isinstance(error, ColumnError):
                # On the screen of the one whose file it is, and in no log.
                names = ", ".join(error.columns) if _err.is_terminal else quotable(error.columns)
                _fail(f"choose one with --column: {names}", word="Columns")
        except Exception as error:
            _fail(f"Something went wrong that should not: {place_of(error)}. Please report it.")
        raise typer.Exit(1)

    app.command()(guarded)
    return function


def _fail(sentence: str, word: str = "Error") -> None:
    _err.print(f"[bold red]{word}:[/] {_plain(sentence)}", highlight=False, soft_wrap=True)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


@contextmanager
def _progress(step: str) -> Iterator[Callable[[str, float], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_err, transient=not _err.is_terminal) as progress:
        task = progress.add_task(step, total=1.0)
        yield lambda name, done: progress.update(task, description=name, completed=done)


@_command
def classify(
    file: Annotated[Path, typer.Argument(help="Descriptions: CSV, Excel, Parquet or JSON Lines.")],
    out: Annotated[
        Path, typer.Option("--out", help="File to write; its ending, .csv or .parquet, decides.")
    ],
    model: ModelOption = None,
    column: DescriptionOption = None,
) -> None:
    """Classify every description of a file."""
    from afterword import exports, scoring
    from afterword.errors import BatchError
    from afterword.registry import load_model

    writers = {".csv": exports.to_csv, ".parquet": exports.to_parquet}
    if out.suffix.lower() not in writers:
        raise BatchError("Name the output file with the ending .csv or .parquet.")
    if out.exists() and file.exists() and out.samefile(file):
        raise BatchError("The output would replace the input. Name another file with --out.")
    batch = scoring.read(file, description=column)
    if isinstance(batch, Scored):
        raise BatchError(
            "This file holds scored rows without text, so there is nothing to classify. "
            "Check it instead: python -m afterword check FILE"
        )
    classifier = load_model(model)
    with _progress("Classifying") as progress:
        classified = scoring.classify(
            batch, classifier, progress=lambda done: progress("Classifying", done)
        )
    try:
        out.write_bytes(writers[out.suffix.lower()](classified.table))
    except OSError as error:
        raise BatchError(f"{out} cannot be written: {error.strerror}.") from None
    _print_reading(batch)
    counts = Table("category", "predicted", "unsure")
    for name in classifier.categories:
        unsure = classified.table[classified.unsure[name]].fillna(False)
        counts.add_row(_plain(name), str(classified.predicted(name)), str(int(unsure.sum())))
    _out.print(counts)
    _err.print(f"Written: {_plain(str(out))}", soft_wrap=True)


@_command
def check(
    file: Annotated[Path, typer.Argument(help="Production inputs, or a file of scored rows.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    column: DescriptionOption = None,
) -> None:
    """Check a batch of production inputs against the training set."""
    from afterword import scoring
    from afterword.drift import check as compare

    batch = scoring.read(file, description=column)
    if isinstance(batch, Batch):
        with _progress("Scoring") as progress:
            scored = scoring.score(batch, progress=lambda done: progress("Scoring", done))
    else:
        scored = batch
    result = compare(scored)
    if as_json:
        typer.echo(json.dumps(result.to_dict(), indent=2, ensure_ascii=False, allow_nan=False))
        return
    if isinstance(batch, Batch):
        _print_reading(batch)
    _print_check(result)


@_command
def train(
    data: Annotated[
        Path, typer.Option("--data", help="File, or folder of files, with 0/1 category columns.")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the model. “model” replaces the one shipped.")
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
    import time

    import numpy as np

    from afterword import reference, registry, scoring
    from afterword.dataset import read_dataset
    from afterword.errors import TrainingError
    from afterword.evaluation import evaluate as measure
    from afterword.profile import find_facts
    from afterword.settings import get_settings
    from afterword.splits import calibrate
    from afterword.terms import private_words
    from afterword.training import MIN_DESCRIPTIONS
    from afterword.training import train as fit

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
        _err.print(_plain(note), soft_wrap=True)
    _err.print(_plain(f"{len(dataset.texts):,} descriptions; {', '.join(dataset.categories)}"))
    with _progress("Training") as progress:
        run = fit(dataset.texts, dataset.labels, dataset.categories, seed=seed, progress=progress)
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
    frame = reference.build_reference(
        dataset.texts,
        run.plain_probabilities,
        dataset.categories,
        model.thresholds,
        least=MIN_DESCRIPTIONS,
    )
    private = private_words(model.words, dataset.texts, common=True)
    found = find_facts(dataset.texts, model)
    settings = get_settings()
    with _progress("Calibrating the check") as progress:
        tables = calibrate(
            found,
            frame,
            dataset.labels,
            model,
            private=np.array([word in private for word in model.words]),
            margin=settings.unsure_margin,
            draws=settings.null_draws,
            seed=seed,
            progress=progress,
        )
    facts = registry.Facts(
        columns=dataset.columns,
        data_sha256=dataset.sha256(),
        rows=len(dataset.texts),
        training_seconds=time.perf_counter() - started,
        metrics=evaluation.to_dict(),
    )
    try:
        registry.save_model(model, reference.unlink(frame, seed), tables.to_bytes(), facts, out)
        if sample is not None:
            ordinary = scoring.ordinary_rows(dataset.texts, frame, found, model, seed=seed)
            scoring.write_scored(ordinary, sample)
        if not registry.is_shipped(out):
            np.save(out / SEEN, np.unique(dataset.keys()))
    except OSError as error:
        raise TrainingError(f"{out} cannot be written: {error.strerror}.") from None
    _print_metrics("Cross-validation, folds grouped by repeated text", evaluation)
    _err.print(f"Written: {_plain(str(out))}", soft_wrap=True)


@_command
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

    from afterword import registry
    from afterword.dataset import read_dataset
    from afterword.evaluation import evaluate as measure

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
    if as_json:
        typer.echo(json.dumps({name: part.to_dict() for name, part in parts.items()}, indent=2))
        return
    for name, part in parts.items():
        _print_metrics(f"{data.name}, {name}", part)
    if seen is None:
        _err.print(
            "Rows that repeat training rows cannot be told apart; name the training data with "
            "--training to see the figures without them."
        )


def _seen(model: Path | None, training: Path | None) -> np.ndarray | None:
    """Digests of the training texts, if they can be had."""
    import numpy as np

    from afterword.dataset import read_dataset

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


def _print_reading(batch: Batch) -> None:
    for note in batch.notes:
        _err.print(_plain(note))
    _err.print(f"{len(batch.rows):,} rows accepted, {len(batch.rejected):,} rejected")
    for reason, count in batch.rejected["reason"].value_counts().items():
        _err.print(f"  {count:,} {_plain(str(reason))}")


def _print_check(result: CheckResult) -> None:
    """Print the verdict, what it can tell, the words that changed, and the measures nearest it."""
    from afterword import figures
    from afterword.verdict import LEVEL_WORDS

    _out.print(f"[bold]{LEVEL_WORDS[result.level]}[/]: {_plain(result.headline)}")
    lines = [*result.reasons, *(f"→ {action}" for action in result.actions)]
    if result.comparable:
        lines += result.limits
    changes = result.changed_words()
    lines += ["Words that changed:"] * bool(changes)
    lines += [
        f"  {change.term}: {figures.word_shares(change)}"
        for change in figures.chosen_words(changes, SHOWN_WORDS)
    ]
    if len(changes) > SHOWN_WORDS:
        lines.append(f"  and {len(changes) - SHOWN_WORDS:,} more; --json has all.")
    if result.missing:
        lines.append(f"Not compared, for want of counts of words: {', '.join(result.missing)}.")
    for line in lines:
        _out.print(_plain(line), highlight=False)
    ranked = figures.judged(result.ranked())
    shown = ranked[: sum(measure.drifted for measure in ranked) + NEAREST]
    table = Table("moved", "measure", "direction", "training → batch", "distance", "threshold")
    for measure in shown:
        table.add_row(
            "moved" if measure.drifted else "",
            _plain(measure.label),
            measure.direction,
            figures.from_to(measure),
            f"{measure.distance:.3f}",
            f"{measure.threshold:.3f}",
        )
    _out.print(table)
    rest = len(ranked) - len(shown)
    if rest:
        _out.print(f"{rest} more measures are farther below their thresholds; --json has all.")


def _print_metrics(title: str, evaluation: Evaluation) -> None:
    """Print overall quality, then each category's, with 95 % intervals."""
    overall = Table(
        "", "at .5", "at the thresholds", title=f"{_plain(title)}: {evaluation.rows:,} rows"
    )
    for field, label in (
        ("accuracy", "label accuracy"),
        ("exact_match", "exact match"),
        ("micro_f1", "micro-F1"),
        ("macro_f1", "macro-F1"),
    ):
        overall.add_row(
            label,
            str(getattr(evaluation.at_half, field)),
            str(getattr(evaluation.at_thresholds, field)),
        )
    _out.print(overall)
    table = Table("", *(_plain(quality.category) for quality in evaluation.categories))
    rows: list[tuple[str, list[str]]] = [
        ("threshold", [f"{quality.threshold:.2f}" for quality in evaluation.categories])
    ]
    for field, where in (("at_half", "at .5"), ("at_threshold", "at the threshold")):
        for metric in ("precision", "recall", "f1"):
            values = [
                str(getattr(getattr(quality, field), metric)) for quality in evaluation.categories
            ]
            rows.append((f"{metric} {where}", values))
    for metric, label in (
        ("average_precision", "average precision"),
        ("brier", "Brier score"),
        ("prevalence", "prevalence"),
        ("ece", "calibration error (ECE)"),
    ):
        rows.append((label, [str(getattr(quality, metric)) for quality in evaluation.categories]))
    rows.append(
        (
            "ECE of a perfect model, 95 %",
            [f"{quality.ece_limit:.3f}" for quality in evaluation.categories],
        )
    )
    for label, values in rows:
        table.add_row(label, *values)
    _out.print(table)

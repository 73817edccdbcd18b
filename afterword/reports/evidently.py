"""Evidently reports of a check: the check's own decisions, drawn by Evidently.

Evidently gets numbers only, each measure under its label, with the check's distance and the
check's threshold, so that a report never contradicts the verdict above it. Evidently takes
seconds and hundreds of megabytes to import: nothing here imports it before a report is made.

>>> snapshot = report(result, kind="data")                                  # doctest: +SKIP
>>> html = to_html(snapshot, "Data drift")                                  # doctest: +SKIP
"""

from __future__ import annotations

import logging
import math
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from afterword.drift.result import CheckResult
from afterword.errors import ReportError
from afterword.measures.definitions import KS, MEAN, RISING, SHARE
from afterword.measures.distances import column_distance
from afterword.quality.category_shares import listed
from afterword.quality.review import LEAST
from afterword.reports import wording
from afterword.reports.about import About
from afterword.reports.evidently_quality import Task, tasks_of
from afterword.reports.evidently_writing import NOTES, tell
from afterword.reports.evidently_writing import neutral as neutral
from afterword.reports.evidently_writing import notes_of as notes_of
from afterword.reports.evidently_writing import to_html as to_html
from afterword.reports.evidently_writing import to_json as to_json

if TYPE_CHECKING:
    import pandas as pd
    from evidently.core.report import Snapshot


log = logging.getLogger(__name__)

Kind = Literal["data", "prediction", "quality"]

METHODS: Final = {
    KS: ("afterword_ks", wording.KS),
    MEAN: ("afterword_mean", wording.MEANS),
    SHARE: ("afterword_share", wording.SHARES),
    RISING: ("afterword_rising_share", wording.RISING_SHARES),
}
"""Kind of distance → name under which Evidently knows it, and what its report says."""

_GROUPS: Final[dict[str, str]] = {"data": "input", "prediction": "output"}
_QUALITY: Final = "quality"


@dataclass(frozen=True)
class _Column:
    """A measure that Evidently can draw: both sides, label and threshold; and the check's distance
    where the batch is a sample of what was checked, None where Evidently is to measure it."""

    label: str
    kind: str
    threshold: float
    reference: np.ndarray
    batch: np.ndarray
    distance: float | None = None


def report(result: CheckResult, kind: Kind = "data", about: About | None = None) -> Snapshot:
    """Draw a check as an Evidently report.

    Evidently measures each column with :func:`afterword.measures.distances.column_distance` and
    calls it drifted from the check's threshold on (``distance >= threshold``). Its banner speaks of
    drift as soon as one column has drifted. The order of the rows is shuffled, each column by
    itself: Evidently draws every value of a small batch in its place, and the values of one row
    together would identify a description.

    Parameters
    ----------
    result : what :func:`afterword.check` returned.
    kind : ``"data"`` for the input measures, ``"prediction"`` for the output measures,
        ``"quality"`` for the answers of a batch with labels, category by category.
        Measures that are no column, such as new words, are no part of a report; its notes name
        those that moved.
    about : whose check it is, which both forms of the report tell; only what the result tells of
        itself if None.

    Returns
    -------
    Evidently's Snapshot; :func:`to_html` and :func:`to_json` write it. A column that cannot be
    drawn is left out, and named in the notes that both of them carry.

    Raises
    ------
    ReportError : the kind is unknown, no column can be drawn, or the check had too few rows
        to decide: a report of nothing but "not detected" would look like an all-clear. Or there
        are no rows to draw from, as in a profile that was loaded. For "quality": the batch has no
        labels, or too few.
    """
    if kind not in (*_GROUPS, _QUALITY):
        raise ReportError(wording.unknown_kind(neutral(str(kind))))
    if not isinstance(result, CheckResult):
        raise ReportError(wording.NO_RESULT)
    snapshot = _quality_report(result) if kind == _QUALITY else _drift_report(result, kind)
    tell(snapshot, about or About(), result)
    return snapshot


def _drift_report(result: CheckResult, kind: Kind) -> Snapshot:
    """Draw the columns of one side of the model, as the check compared them."""
    prepare()
    columns, notes = _columns(result, _GROUPS[kind]) if result.comparable else ([], [])
    notes += _beside(result)
    if kind == "prediction" and result.shares:
        notes.append(wording.means_are_no_shares(map(neutral, listed(result.shares))))
    if columns:
        try:
            return _run(columns, notes)
        except Exception as error:
            # Evidently gives up on the whole report for one column: find it, go on without it.
            log.warning("Evidently failed on a report: %s", type(error).__name__)
            drawable = [column for column in columns if _can_draw(column)]
            lost = [column.label for column in columns if column not in drawable]
            notes += [wording.not_drawn(label) for label in lost]
            if drawable and lost:
                return _run(drawable, notes)
    no_rows = result.comparable and result.scored.frame.empty
    raise ReportError(wording.NO_ROWS if no_rows else wording.nothing_to_draw(kind))


def _quality_report(result: CheckResult) -> Snapshot:
    """Draw the answers of a batch with labels, each category a task of its own."""
    thresholds = result.thresholds
    tasks, notes = tasks_of(result, thresholds) if thresholds is not None else ([], [])
    if not tasks:
        raise ReportError(" ".join([wording.no_task(LEAST), *notes]))
    prepare()
    try:
        return _run_tasks(tasks, notes)
    except Exception as error:
        log.warning("Evidently failed on a quality report: %s", type(error).__name__)
    drawable = [task for task in tasks if _can_run(task)]
    notes += [wording.not_drawn(task.category) for task in tasks if task not in drawable]
    if not drawable:
        raise ReportError(wording.NO_QUALITY)
    return _run_tasks(drawable, notes)


def _run_tasks(tasks: Sequence[Task], notes: Sequence[str]) -> Snapshot:
    import pandas as pd
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset

    names = [neutral(task.category) for task in tasks]
    definition = DataDefinition(
        classification=[
            BinaryClassification(
                name=name,
                target=f"{name} label",
                prediction_probas=f"{name} probability",
                pos_label=1,
            )
            for name in names
        ]
    )
    sides = []
    for side in ("batch", "trained"):
        columns: dict[str, np.ndarray] = {}
        for name, task in zip(names, tasks, strict=True):
            rows = getattr(task, side)
            columns[f"{name} probability"] = rows[:, 0]
            columns[f"{name} label"] = rows[:, 1].astype(int)
        sides.append(Dataset.from_pandas(pd.DataFrame(columns), definition))
    presets = [
        ClassificationPreset(
            classification_name=name,
            # Where it is given probabilities, Evidently decides by itself, at .5.
            probas_threshold=task.threshold,
            f1score_tests=_f1_test(name, task.least),
        )
        for name, task in zip(names, tasks, strict=True)
    ]
    with np.errstate(all="ignore"):
        return Report(presets, metadata={NOTES: list(map(neutral, notes))}).run(*sides)


def _f1_test(name: str, least: float | None) -> list[Any] | None:
    """The check's decision as a test, with the category in its name: Evidently leaves it out."""
    if least is None:
        return None
    from evidently.tests.numerical_tests import GreaterThanMetricTest

    return [GreaterThanMetricTest(threshold=least, alias=wording.f1_above(name, least))]


def _can_run(task: Task) -> bool:
    try:
        _run_tasks([task], [])
    except Exception:
        return False
    return True


_preparing = threading.Lock()


def prepare() -> None:
    """Import Evidently without its telemetry and teach it the check's distance, once.

    Raises
    ------
    ReportError
        It cannot be imported.
    """
    with _preparing:
        try:
            _register()
        except Exception as error:  # other versions fail in many ways
            log.error("Evidently cannot be imported: %s", type(error).__name__)
            raise ReportError(wording.NO_EVIDENTLY) from error


@cache
def _register() -> None:
    # Both are read whenever something would be sent; any value means no. Set before the import.
    os.environ["DO_NOT_TRACK"] = "1"
    os.environ["ITERATIVE_DO_NOT_TRACK"] = "1"
    import evidently.presets  # noqa: F401 - what a report needs, and what takes the time
    from evidently.legacy.calculations.stattests.registry import StatTest, register_stattest
    from evidently.legacy.core import ColumnType

    for kind, (name, shown) in METHODS.items():
        test = StatTest(name=name, display_name=shown, allowed_feature_types=[ColumnType.Numerical])
        register_stattest(test, _distance(kind))


_checked: ContextVar[Mapping[str, float]] = ContextVar("checked")
"""Distances of the check, by label, while a report of a sample is made."""


def _distance(kind: str) -> Callable[[pd.Series, pd.Series, object, float], tuple[float, bool]]:
    """What Evidently calls for the drift score and the decision, as the check takes it."""

    def compare(
        reference: pd.Series, batch: pd.Series, _type: object, threshold: float
    ) -> tuple[float, bool]:
        score = _checked.get({}).get(str(reference.name))
        if score is None:
            score = column_distance(kind, reference.to_numpy(float), batch.to_numpy(float))
        return score, score >= threshold

    return compare


def is_sample(result: CheckResult) -> bool:
    """Whether the rows at hand are a sample of those that were checked."""
    return len(result.scored.frame) < result.profile.accepted


def _beside(result: CheckResult) -> list[str]:
    """Notes on what moved and is no column, so that a report alone is no all-clear, and on a
    sample."""
    notes = []
    if is_sample(result):
        notes.append(wording.sampled(len(result.scored.frame), result.profile.accepted))
    moved = [one.label for one in result.ranked() if one.drifted and not one.column]
    return notes + ([wording.moved_beside(map(neutral, moved))] if moved else [])


def _columns(result: CheckResult, group: str) -> tuple[list[_Column], list[str]]:
    """Return the columns that can be drawn, and a sentence for each one that cannot."""
    columns: list[_Column] = []
    notes: list[str] = []
    shuffle = np.random.default_rng(0)
    known = result.scored.frame.columns.union(result.reference.columns)
    measures = result.measures
    for row in measures[(measures["group"] == group).to_numpy()].to_dict("records"):
        if not row["column"] or row["measure"] not in known:
            continue
        label = _unused(neutral(str(row["label"] or row["measure"])), columns)
        sides = [
            _numbers(frame, row["measure"]) for frame in (result.reference, result.scored.frame)
        ]
        threshold = float(row["threshold"])
        reason = _reason(sides[0], sides[1], threshold)
        if reason:
            notes.append(wording.left_out(label, reason))
            continue
        reference, batch = (shuffle.permutation(side) for side in sides)
        distance = float(row["distance"]) if is_sample(result) else None
        columns.append(_Column(label, str(row["kind"]), threshold, reference, batch, distance))
    return columns, notes


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Return a column as floats; empty if there is no such column, or it holds no numbers."""
    try:
        values = frame[name].to_numpy(dtype=float, na_value=np.nan)
    except (KeyError, TypeError, ValueError):
        return np.empty(0)
    return values if values.ndim == 1 else np.empty(0)


def _reason(reference: np.ndarray, batch: np.ndarray, threshold: float) -> str:
    """Say why a column cannot be drawn; empty if it can."""
    for values, side in ((batch, "batch"), (reference, "reference")):
        if np.isinf(values).any():
            return wording.infinite(side)
        if np.isnan(values).all():
            return wording.no_values(side)
    return "" if math.isfinite(threshold) else wording.NO_THRESHOLD


def _run(columns: Sequence[_Column], notes: Sequence[str]) -> Snapshot:
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    labels = [column.label for column in columns]
    # Given, not guessed: a column of few whole numbers would become a category.
    definition = DataDefinition(numerical_columns=labels)
    reference, batch = (
        Dataset.from_pandas(pd.DataFrame(values), definition)
        for values in (
            {column.label: column.reference for column in columns},
            {column.label: column.batch for column in columns},
        )
    )
    preset = DataDriftPreset(
        columns=labels,
        # Evidently's banner compares with >=: one column must do.
        drift_share=min(0.01, 1 / len(columns)),
        per_column_method={column.label: METHODS[column.kind][0] for column in columns},
        per_column_threshold={column.label: column.threshold for column in columns},
    )
    told = {column.label: column.distance for column in columns if column.distance is not None}
    token = _checked.set(told)
    try:
        with np.errstate(all="ignore"):  # a constant column has no correlation, and that is fine
            return Report([preset], include_tests=True, metadata={NOTES: list(notes)}).run(
                batch, reference
            )
    finally:
        _checked.reset(token)


def _can_draw(column: _Column) -> bool:
    try:
        _run([column], [])
    except Exception:
        return False
    return True


def _unused(label: str, columns: Sequence[_Column]) -> str:
    """Number a label that another column has already."""
    taken = {column.label for column in columns}
    number = 2
    unused = label
    while unused in taken:
        unused, number = f"{label} ({number})", number + 1
    return unused

"""The check: has a batch moved away from the reference, in what, and what does that mean?

:func:`compare` is the whole way, step by step: labels, measures and their thresholds, words, the
estimate without labels, quality, verdict. Whether a measure drifted is decided in
:mod:`afterword.drift.comparing` and nowhere else; pages, Evidently's reports, JSON and command line
repeat this decision. docs/how-the-verdict-works.md has the whole of it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.drift import parts_wording, wording
from afterword.drift.comparing import (
    MIN_ROWS,
    add_up,
    compare_measures,
    lacks_common_texts,
    thresholds_for,
    words_that_changed,
)
from afterword.drift.detectable import detectable
from afterword.drift.evidence import gather
from afterword.drift.result import CheckResult, measures_table, words_table
from afterword.drift.segments import (
    PART,
    Parts,
    compare_parts,
    parts_of,
    parts_of_segments,
    with_segments,
)
from afterword.drift.verdict import Verdict, decide
from afterword.errors import CheckError
from afterword.files.parted import Parted, parted
from afterword.measures.columns import Column
from afterword.measures.definitions import (
    CONTENT,
    DEPLOYED,
    FEED,
    INPUT,
    OUTPUT,
    QUALITY,
    SENT_TWICE,
    Measure,
)
from afterword.measures.effective import effective_rows
from afterword.measures.null_tables import NullTables, load_tables
from afterword.measures.profiles import Profile, profile_of
from afterword.measures.thresholds import GROWTH
from afterword.model.registry import load_model, load_reference, version_of
from afterword.model.scored import Scored
from afterword.model.scored_files import read
from afterword.model.scoring import score
from afterword.profiling.segments import Segments
from afterword.quality.expected import QualityEstimate, estimate_quality
from afterword.quality.findings import tell_quality
from afterword.quality.labelled import judge_labels
from afterword.records import Batch
from afterword.settings import Settings, get_settings

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CONTENT", "FEED", "INPUT", "MIN_ROWS", "OUTPUT", "CheckResult", "Measure", "check"]


def check(
    source: Any,
    *,
    by: str | Parted | None = None,
    model_dir: str | os.PathLike[str] | None = None,
    settings: Settings | None = None,
) -> CheckResult:
    """Compare a batch with the reference.

    Parameters
    ----------
    source : a profile, or scored rows; or a batch, which the model scores first; or what
        :func:`afterword.read` takes: a path, bytes, a buffer, a DataFrame, a Series, a list of
        texts; or the segments of :func:`afterword.profile`.
    by : name of a column of 2 to 50 values, such as "city": the rows with each of them are compared
        too. For scored rows, their batch's :func:`afterword.files.parted.parted`.
    model_dir : folder of the model whose reference to compare with; the one in service if None.
    settings : tell the chance of a false alarm and the floors; those of the process if None.

    Raises
    ------
    BatchError
        The source cannot be read, or not be parted by this column.
    CheckError
        The scored rows were made by a model with other categories, or have gaps; or the profile
        was made by another model; or neither has columns by which it could be parted.
    ModelError
        The model or what belongs to it is missing or damaged.
    """
    settings, model = settings or get_settings(), version_of(model_dir)
    tables = load_tables(model_dir)
    source, parts = _in_parts(source, by, tables, model_dir)
    if isinstance(source, Profile) and source.model not in ("", model):
        raise CheckError(wording.OTHER_MODEL)
    result = compare(
        source,
        load_reference(model_dir),
        tables,
        alpha=settings.alpha,
        floors=settings.floors,
        parts=parts,
    )
    return replace(result, profile=replace(result.profile, model=model))


def _in_parts(
    source: Any,
    by: str | Parted | None,
    tables: NullTables,
    model_dir: str | os.PathLike[str] | None,
) -> tuple[Scored | Profile, Parts | None]:
    """Scored rows or a profile of a source, and its parts if it is compared by a column."""
    if isinstance(source, Segments):
        if by not in (None, source.column):
            raise CheckError(parts_wording.OTHER_COLUMN)
        return source.whole, parts_of_segments(source)
    if not isinstance(source, Batch | Scored | Profile):
        source = read(source, by=by if isinstance(by, str) else None)
    if isinstance(source, Batch):
        by = by if isinstance(by, Parted) else parted(source, by)
        source = score(source, load_model(model_dir))
    if by is None:
        return source, None
    if isinstance(by, str) or isinstance(source, Profile):
        raise CheckError(parts_wording.NO_COLUMNS)
    return source, parts_of(source, by, tables)


def compare(
    batch: Scored | Profile,
    reference: pd.DataFrame,
    tables: NullTables,
    *,
    alpha: float = 0.05,
    floors: Mapping[str, float] | None = None,
    parts: Parts | None = None,
) -> CheckResult:
    """Compare a batch with a reference that is at hand.

    Parameters
    ----------
    batch : its scored rows, or its profile.
    reference, tables : the training set's columns, and what belongs to them.
    alpha : chance of any false alarm that is held, 0.01 to 0.2.
    floors : measure → smallest distance that matters, where another one than its own is wanted.
    parts : of the batch, which are compared too, in one rate with the whole.

    Raises
    ------
    CheckError
        As :func:`check`; or a floor was set for a measure that is not there.
    """
    floors = dict(floors or {})
    _refuse(batch, reference, tables, floors)
    profile = batch if isinstance(batch, Profile) else profile_of(batch, tables.rules)
    columns = {name: Column.of(reference[name].to_numpy(float)) for name in profile.names}
    sides = add_up(profile, columns, tables)
    own = alpha * PART if parts and parts.judged else 0.0
    labels = judge_labels(profile, tables, alpha - own)
    thresholds = thresholds_for(sides, labels.drift_alpha, floors)
    measures, faults = compare_measures(sides, thresholds, floors)
    measures += labels.measures
    words = words_that_changed(sides)
    estimate = _estimate(profile, tables, measures, faults)
    quality = tell_quality(labels, profile, tables, estimate)
    enough, size = sides.rows >= MIN_ROWS, effective_rows(profile, tables.totals)
    evidence = gather(sides, measures, words, estimate if enough else None)
    verdict = decide(measures, faults, sides.rows, MIN_ROWS, quality, evidence)
    lacking = lacks_common_texts(sides)
    result = CheckResult(
        **vars(verdict),
        measures=measures_table(measures),
        words=words_table(words),
        detectable=detectable(tables, thresholds, size) if enough else (),
        missing=_missing(measures) if sides.rows else (),
        alpha=alpha,
        profile=profile,
        scored=batch if isinstance(batch, Scored) else profile.scored,
        reference=reference,
        estimate=estimate if enough else None,
        quality=quality,
        shares=tuple(evidence.shares),
        outcomes=tables.outcomes,
        thresholds=tables.rules.thresholds,
        notes=(wording.few_common(*lacking),) if lacking else (),
    )
    return _with_parts(result, parts, tables, own, floors) if parts else result


def _estimate(
    profile: Profile, tables: NullTables, measures: Sequence[Measure], faults: Sequence[Measure]
) -> QualityEstimate:
    """What to expect without labels."""
    # Of what is faulty nothing can be expected; rows that were sent twice are themselves sound.
    broken = any(fault.name != SENT_TWICE for fault in faults)
    faulty = broken and any(one.drifted for one in measures)
    read = [one for one in measures if not one.style]  # of marks, the model reads nothing
    return estimate_quality(profile, tables, read, faulty=faulty)


def _with_parts(
    result: CheckResult, parts: Parts, tables: NullTables, alpha: float, floors: Mapping[str, float]
) -> CheckResult:
    """A result that tells of the parts, too."""
    segments = compare_parts(parts, result.profile, tables, alpha=alpha, floors=floors)
    verdict = Verdict(result.level, result.headline, result.reasons, result.actions, result.remarks)
    told = with_segments(verdict, parts.column, segments)
    return replace(result, **vars(told), by=parts.column, segments=segments)


def _refuse(
    batch: Scored | Profile,
    reference: pd.DataFrame,
    tables: NullTables,
    floors: Mapping[str, float],
) -> None:
    """Raise CheckError where rows, reference and settings do not fit each other."""
    if isinstance(batch, Profile):
        columns, there = [*batch.names], batch.names
    else:
        columns, there = [*batch.descriptors, *batch.outputs], tuple(batch.frame.columns)
    missing = [name for name in columns if name not in reference or name not in there]
    if missing or batch.categories != tables.categories:
        raise CheckError(wording.OTHER_MODEL)
    if isinstance(batch, Scored) and not (
        np.isfinite(batch.frame[columns].to_numpy(dtype=float)).all()
    ):
        raise CheckError(wording.GAPS)
    names = [GROWTH, *(each.name for each in tables.definitions)]
    unknown = [name for name in floors if name not in names]
    if unknown:
        raise CheckError(wording.unknown_floor(unknown[0]))


def _missing(measures: Sequence[Measure]) -> tuple[str, ...]:
    """Labels of measures that these rows cannot have."""
    return tuple(
        each.label
        for each in measures
        if math.isnan(each.distance) and each.name != DEPLOYED and each.group != QUALITY
    )

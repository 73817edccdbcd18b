"""Profiles of descriptions, whatever they come from."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import Any, Final, overload

from afterword.errors import BatchError, ClusterError
from afterword.measures.null_tables import load_tables
from afterword.measures.profiles import Profile
from afterword.measures.saved_profiles import Expected, read_saved
from afterword.model.registry import load_reference, version_of
from afterword.profiling import wording
from afterword.profiling.checkpoint import continued
from afterword.profiling.cluster import run_on_cluster
from afterword.profiling.jobs import Progress, Task, Total, run
from afterword.profiling.segments import Segments, SegmentTotal
from afterword.profiling.sources import Source, source_of
from afterword.text.distinct import new_key

DRAWN_ROWS: Final = 20_000
"""Rows of the sample from which reports are drawn: more make a report of many megabytes."""
SMALL_BYTES: Final = 10_000_000
"""Bytes of files up to which other processes would take longer to begin than the work takes."""
MOST_WORKERS: Final = 1_000
"""Processes of one machine: more would end it before they begin."""

PROCESS_KEY: Final = new_key()
"""Of the digests of all profiles that this process makes, so that they can be joined exactly."""


@overload
def profile(source: Any, *, by: None = None, **options: Any) -> Profile: ...


@overload
def profile(source: Any, *, by: str, **options: Any) -> Segments: ...


def profile(
    source: Any,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Callable[[Progress], object] | None = None,
    drawn: int = DRAWN_ROWS,
    by: str | None = None,
    model_dir: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Profile | Segments:
    """Add descriptions up: all that a check needs of them, and no text.

    Files of lines (CSV, TSV, JSON Lines, compressed or not) and Parquet are read in blocks, in
    memory that does not grow with them; others as a whole, with their limits.

    Parameters
    ----------
    source : a path of a file or a folder, a pattern such as ``logs/*.csv``, or an address of one
        such as ``s3://bucket/logs/*.csv``; a list of :class:`pathlib.Path` and
        :class:`afterword.Address`; an :class:`afterword.Query` of a database; an iterator of
        tables; a batch, scored rows, or what else :func:`afterword.read` takes.
    workers : processes that read and score; by default as many as there are processors, but one
        for what is small.
    cluster : address of a scheduler of Dask, such as ``tcp://10.0.0.5:8786``, whose workers read
        and score instead.
    checkpoint : a file from which a job that was ended goes on if it is called in the same way
        again; only its owner can read it, and it is deleted when the job is done.
    progress : called after each part; an error that it raises ends the job.
    drawn : rows of the uniform sample from which Evidently's reports can be drawn.
    by : a column of the files, such as "city": its values make segments.
    model_dir : folder of the model; the one in service if None.
    options : what is known of the files, as of :func:`afterword.read_batch`.

    Returns
    -------
    Profile
        Profiles of one process add up exactly, copies of one text included, in whatever order,
        as long as their texts are few enough to be kept: 100,000 different ones each.
    Segments
        With ``by``: value → profile; those of fewer than 20 different descriptions are counted.

    Raises
    ------
    BatchError, ModelError, ClusterError, CheckpointError
        The source, the model, the cluster or the checkpoint cannot be used.

    Examples
    --------
    >>> one, other = profile(["He stared at me."]), profile(["He whistled at me."])
    >>> (one + other).accepted
    2
    """
    task = _task(workers, cluster, by, drawn, model_dir)
    who = workers if cluster is None else cluster
    total = SegmentTotal(drawn, by) if by else Total(drawn)
    total = _added_up(source_of(source, **options), task, total, who, checkpoint, progress)
    return total.segments() if isinstance(total, SegmentTotal) else total.profile()


def _task(
    workers: int | None,
    cluster: str | None,
    by: str | None,
    drawn: int,
    model_dir: str | os.PathLike[str] | None,
) -> Task:
    """What every part needs; an error where options do not go together."""
    if workers is not None and cluster is not None:
        raise ClusterError(wording.EITHER)
    if workers is not None and not _is_whole(workers, 1, MOST_WORKERS):
        raise ClusterError(wording.workers(MOST_WORKERS))
    if cluster is not None and not isinstance(cluster, str):
        raise ClusterError(wording.NO_ADDRESS)
    if not _is_whole(drawn, 0, sys.maxsize):
        raise BatchError(wording.DRAWN)
    if by is not None and not (isinstance(by, str) and by):
        raise BatchError(wording.BY)
    folder = None if model_dir is None else os.fspath(model_dir)
    return Task(folder, version_of(model_dir), PROCESS_KEY, drawn, by=by or "")


def _is_whole(value: object, least: int, most: int) -> bool:
    return (
        isinstance(value, Integral) and not isinstance(value, bool) and least <= int(value) <= most
    )


def _added_up(
    source: Source,
    task: Task,
    total: Total,
    workers: int | str | None,
    checkpoint: str | os.PathLike[str] | None,
    progress: Callable[[Progress], object] | None,
) -> Total:
    """What all parts of a source come to; ``workers`` are so many, or those at an address."""
    if workers is None:
        workers = available_processors() if source.size > SMALL_BYTES else 1
    kept = None if checkpoint is None else Path(checkpoint)
    source = replace(source, to_the_end=kept is not None)
    with continued(kept, source, task, total) as (task, total, keep):
        before, began = frozenset(total.done), time.monotonic() - total.seconds

        def step() -> None:
            total.seconds = time.monotonic() - began
            keep()
            if progress is not None:
                share = min(total.size / source.size, 1.0) if source.size else None
                progress(Progress(total.rows, total.seconds, share))

        parts = (part for part in source.parts() if part.number not in before)
        if isinstance(workers, str):
            run_on_cluster(workers, parts, task, total, step=step)
        else:
            run(parts, task, total, workers=workers, step=step)
    return total


def load_profile(
    path: str | os.PathLike[str], *, model_dir: str | os.PathLike[str] | None = None
) -> Profile:
    """Read a profile that :meth:`~afterword.measures.profiles.Profile.save` wrote.

    Parameters
    ----------
    path : of the file.
    model_dir : folder of the model that it has to belong to; the one in service if None.

    Returns
    -------
    Profile
        Its ``notes`` say what it does not know any more.

    Raises
    ------
    CheckError
        It is no such file, belongs to another model or version, or is damaged.
    ModelError
        The model or what belongs to it is missing or damaged.
    """
    tables = load_tables(model_dir)
    expected = Expected(
        model=version_of(model_dir),
        categories=tables.categories,
        thresholds=tuple(map(float, tables.rules.thresholds)),
        words=len(tables.words),
        dimensions=len(tables.scale.content),
        reference=load_reference(model_dir),
    )
    return Profile(**read_saved(path, expected))


def available_processors() -> int:
    """Processors that this process may use."""
    import joblib

    return int(joblib.cpu_count())

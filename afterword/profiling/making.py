"""Profiles of descriptions, whatever they come from."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, Final

from afterword.measures.profiles import Profile
from afterword.model.registry import version_of
from afterword.profiling.jobs import Progress, Task, Total, run
from afterword.profiling.sources import source_of
from afterword.text.distinct import new_key

DRAWN_ROWS: Final = 20_000
"""Rows of the sample from which reports are drawn: more make a report of many megabytes."""
SMALL_BYTES: Final = 10_000_000
"""Bytes of files up to which other processes would take longer to begin than the work takes."""

PROCESS_KEY: Final = new_key()
"""Of the digests of all profiles that this process makes, so that they can be joined exactly."""


def profile(
    source: Any,
    *,
    workers: int | None = None,
    progress: Callable[[Progress], object] | None = None,
    drawn: int = DRAWN_ROWS,
    model_dir: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Profile:
    """Add descriptions up: all that a check needs of them, and no text.

    Files of lines (CSV, TSV, JSON Lines, compressed or not) and Parquet are read in blocks, in
    memory that does not grow with them; other files are read as a whole, and keep their limits.

    Parameters
    ----------
    source : a path of a file or a folder, a pattern such as ``logs/*.csv``, or a list of
        :class:`pathlib.Path`; an iterator of tables; a batch, scored rows, or what else
        :func:`afterword.read` takes.
    workers : processes that read and score; by default as many as there are processors, but one
        for what is small.
    progress : called after each part.
    drawn : rows of the uniform sample from which Evidently's reports can be drawn.
    model_dir : folder of the model; the one in service if None.
    options : what is known of the files, as of :func:`afterword.read_batch`.

    Returns
    -------
    Profile
        Profiles of one process add up exactly, copies of one text included, in whatever order,
        as long as their texts are few enough to be kept: 100,000 different ones each.

    Raises
    ------
    BatchError
        It cannot be read.
    ModelError
        The model or what belongs to it is missing or damaged.

    Examples
    --------
    >>> one, other = profile(["He stared at me."]), profile(["He whistled at me."])
    >>> (one + other).accepted
    2
    """
    found = source_of(source, **options)
    folder = None if model_dir is None else os.fspath(model_dir)
    task = Task(folder, version_of(model_dir), PROCESS_KEY, drawn)
    if workers is None:
        workers = available_processors() if found.size > SMALL_BYTES else 1
    total, began = Total(drawn), time.monotonic()

    def step() -> None:
        if progress is not None:
            share = min(total.size / found.size, 1.0) if found.size else None
            progress(Progress(total.rows, time.monotonic() - began, share))

    run(found.parts(), task, total, workers=workers, step=step)
    return total.profile()


def available_processors() -> int:
    """Processors that this process may use."""
    import joblib

    return int(joblib.cpu_count())

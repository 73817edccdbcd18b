"""A check in another process, where it would keep everybody waiting in this one.

Numbers come back, and the record of how the file was read; no text does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from afterword.files.isolation import Wait
from afterword.files.label_values import narrowed
from afterword.files.parted import parted
from afterword.model.apart import apart, is_large, with_model
from afterword.model.registry import folder_of, load_reference, loaded_version
from afterword.records import Batch
from afterword.settings import Settings, get_settings
from afterword.worker_program import keep, tell
from afterword.workers import Job

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.model.classifier import Classifier


class Checked(NamedTuple):
    """A check that was made where the file was read, and what was understood of the file."""

    result: CheckResult
    reading: list[dict[str, Any]]


def check_apart(batch: Batch, wait: Wait = Job.result) -> CheckResult:
    """Check a batch in another process.

    Parameters
    ----------
    batch : as read; what a check needs of it is sent.
    wait : waits for the job and returns its result.

    Raises
    ------
    AfterwordError
        What :func:`afterword.check` raises, or that it took too much time or memory.
    """
    found: CheckResult = apart(_check, narrowed(batch), get_settings(), wait=wait)
    return whole(found)


def when_large() -> Callable[[Batch], Batch | Checked]:
    """What has a large batch checked by the process that reads it; a small one comes back.

    Give it to :func:`afterword.model.scored_files.read` as ``then``.
    """
    folder = folder_of(None)
    return partial(_check_large, get_settings(), folder, loaded_version(folder))


def whole(result: CheckResult) -> CheckResult:
    """A result as it came, with this process's reference, which was not sent."""
    return replace(result, reference=load_reference())


def _check_large(settings: Settings, folder: Path, version: str, batch: Batch) -> Batch | Checked:
    if not is_large(batch):
        return batch
    model = with_model(folder, version)
    return Checked(_check(batch, settings, model), batch.reading.to_dict())


def _check(batch: Batch, settings: Settings, model: Classifier) -> CheckResult:
    keep(partial(_get_ready, settings.model_dir))
    from afterword.drift.checking import check
    from afterword.model.scoring import score

    scored = score(batch, model, progress=tell)
    result = check(scored, by=parted(batch), model_dir=settings.model_dir, settings=settings)
    return replace(result, reference=result.reference.iloc[:0])


def _get_ready(folder: Path) -> None:
    """Load what a check needs beside the model, and is kept; late, as it is no job's."""
    from afterword.drift import checking  # noqa: F401
    from afterword.measures.null_tables import load_tables

    load_reference(folder)
    load_tables(folder)

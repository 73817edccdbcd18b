"""Work with the model in another process, where it would keep everybody waiting in this one.

The processes are those that read files. Each loads the model when it first needs it, verified as
in the server, and keeps it; what it may take in time and memory begins with each piece of work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from afterword.files.isolation import Wait, get_readers
from afterword.model.registry import folder_of, loaded_version, require_version
from afterword.records import Batch
from afterword.worker_program import keep, step
from afterword.workers import Job

if TYPE_CHECKING:
    import pandas as pd

    from afterword.arrays import Floats
    from afterword.model.classifier import Classifier

LARGE: Final = 300_000
"""Characters of descriptions from which on another process works on them. In this one they would
take a twentieth of a second, or half a second where every word is unknown."""

WORK_S: Final = 300
"""Seconds after which such work is given up."""

WORK_MB: Final = 1_500
"""Memory that such work may take, in megabytes, beside that of the libraries and the model."""

_ready: Final[dict[Path, str]] = {}
"""Folder → the version with which this process has scored something already."""


def is_large(batch: Batch) -> bool:
    """Whether so much is to be read that another process should do it.

    >>> from afterword import read_batch
    >>> is_large(read_batch(b"description\\nHe whistled at me near the market.\\n"))
    False
    """
    return int(batch.texts.str.len().sum()) > LARGE


def apart(function: Callable[..., Any], *arguments: Any, wait: Wait = Job.result) -> Any:
    """Have something done by another process, with the model that this one has loaded.

    Parameters
    ----------
    function : that a module holds under its own name; takes the arguments, then the model.
    arguments : numbers, tables and the like, which can be pickled.
    wait : waits for the job and returns its result.

    Raises
    ------
    AfterwordError
        What the function raises; or a ModelError, if the model was replaced on the disk since it
        was loaded; or a WorkerError, if it took too much time or memory.
    """
    folder = folder_of(None)
    # By its name: what its module loads is kept by the process, and counts against no job.
    named = function.__module__, function.__name__
    job = get_readers().submit("", _do, named, arguments, folder, loaded_version(folder))
    return wait(job)


def predict_apart(texts: pd.Series, wait: Wait = Job.result) -> Floats:
    """The model's probabilities (n, k) of texts that another process looks at."""
    found: Floats = apart(_predict, texts, wait=wait)
    return found


def _predict(texts: pd.Series, model: Classifier) -> Floats:
    return model.predict_proba(texts.tolist())


def _do(named: tuple[str, str], arguments: tuple[Any, ...], folder: Path, version: str) -> Any:
    module, name = named
    function = getattr(keep(partial(import_module, module)), name)
    return function(*arguments, with_model(folder, version))


def with_model(folder: Path, version: str) -> Classifier:
    """Begin work with a model, in the process that does it.

    Parameters
    ----------
    folder : of the model.
    version : that the server has loaded.

    Returns
    -------
    The model.

    Raises
    ------
    ModelError
        It is missing or damaged, or another one was put into the folder.
    """
    model = keep(partial(_get_ready, folder, version))
    step(WORK_S, WORK_MB)
    return model


def _get_ready(folder: Path, version: str) -> Classifier:
    from afterword.model.scoring import score  # late: what it loads is kept, and is no job's

    if version == _ready.get(folder):
        return require_version(folder, version)
    model = require_version(folder, version)
    # What scoring loads when it is first done stays in memory, too.
    score([f"he stared at me from step {n} of the zigzag stairs" for n in range(500)], model)
    _ready[folder] = version
    return model

"""The sample batches that the deployment offers."""

from __future__ import annotations

from dataclasses import replace

from afterword.errors import BatchError
from afterword.model.scored import Scored
from afterword.model.scored_files import read
from afterword.records import Batch
from afterword.settings import get_settings
from afterword.ui.copy import shared as copy


def read_sample(name: str) -> Batch | Scored:
    """Read a sample by its file's name without the ending.

    Raises
    ------
    BatchError
        It is not there, or damaged.
    """
    file = get_settings().deployment
    folder = file.parent / "samples" if file else None
    files = (
        sorted(path for path in folder.glob(f"{name}.*") if path.suffix != ".py") if folder else []
    )
    if not files:
        raise BatchError(copy.SAMPLE_MISSING)
    content = read(files[0])
    return replace(content, sample=True) if isinstance(content, Scored) else content

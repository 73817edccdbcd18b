"""The sample batches that the repository ships."""

from __future__ import annotations

from dataclasses import replace

from afterword.errors import BatchError
from afterword.model.scored_files import read
from afterword.records import Batch, Scored
from afterword.settings import SHIPPED_DATA


def read_sample(name: str) -> Batch | Scored:
    """Read a sample by its file's name without the ending.

    Raises
    ------
    BatchError
        It is not there, or damaged.
    """
    folder = SHIPPED_DATA / "samples"
    files = sorted(path for path in folder.glob(f"{name}.*") if path.suffix != ".py")
    if not files:
        raise BatchError("The sample is missing. Restore it with: git checkout -- data/samples")
    content = read(files[0])
    return replace(content, sample=True) if isinstance(content, Scored) else content

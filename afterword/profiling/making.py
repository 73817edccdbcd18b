"""Profiles of descriptions, whatever they come from."""

from __future__ import annotations

import os
from typing import Any, Final

from afterword.measures.null_tables import load_tables
from afterword.measures.profiles import Profile, profile_of
from afterword.model.registry import load_model
from afterword.model.scored import Scored
from afterword.model.scored_files import read
from afterword.model.scoring import score
from afterword.records import Batch
from afterword.text.distinct import new_key

PROCESS_KEY: Final = new_key()
"""Of the digests of all profiles that this process makes, so that they can be joined exactly."""


def profile(source: Any, *, model_dir: str | os.PathLike[str] | None = None) -> Profile:
    """Add descriptions up: all that a check needs of them, and no text.

    Parameters
    ----------
    source : a batch, scored rows, or what :func:`afterword.read` takes.
    model_dir : folder of the model; the one in service if None.

    Returns
    -------
    Profile
        Profiles of one process add up exactly, copies of one text included, in whatever order.

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
    if not isinstance(source, Batch | Scored):
        source = read(source)
    if isinstance(source, Batch):
        source = score(source, load_model(model_dir), key=PROCESS_KEY)
    return profile_of(source, load_tables(model_dir).rules)

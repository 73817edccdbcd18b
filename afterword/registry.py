"""The model on disk: written with digests, verified before it is unpickled.

A digest beside a file guards against damage and mix-ups. It does not guard against someone who
can write both files: whoever can change the model's folder can run code in this process.
"""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterword.classifier import Classifier
from afterword.errors import ModelError
from afterword.reference import FILE as REFERENCE
from afterword.reference import read_reference, to_parquet
from afterword.schema import Manifest
from afterword.settings import get_settings

if TYPE_CHECKING:
    import pandas as pd

ARTEFACT = "classifier.joblib"
_RESTORE = "Restore it with: git checkout -- model data"


@dataclass(frozen=True)
class Facts:
    """What training knows and the manifest repeats."""

    columns: dict[str, str]
    data_sha256: str
    rows: int
    training_seconds: float
    metrics: dict[str, Any]


def load_model(folder: str | os.PathLike[str] | None = None) -> Classifier:
    """Load the model in service, or the one in ``folder``, verified before it is unpickled.

    The model is read once per process and folder.

    Parameters
    ----------
    folder : holds ``classifier.joblib`` and ``manifest.json``; the settings' folder if None.

    Raises
    ------
    ModelError
        A file is missing or damaged, or the installed scikit-learn is another one than the
        model was trained with; the message names the command that mends it.

    Examples
    --------
    >>> load_model().categories
    ('Commenting', 'Ogling', 'Groping')
    """
    return _load(_folder(folder))


def load_manifest(folder: str | os.PathLike[str] | None = None) -> Manifest:
    """Read what the manifest says of the model in service, or of the one in ``folder``."""
    return Manifest.read(_folder(folder))


def load_reference(folder: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """Load the reference that belongs to a model, read once per process and folder.

    Raises
    ------
    ModelError
        It is missing, or its digest is not the one in the manifest.
    """
    return _load_reference(_folder(folder))


def reference_path(folder: Path) -> Path:
    """Where a model's reference is: in the data folder for the model in service."""
    return (get_settings().data_dir if in_service(folder) else folder) / REFERENCE


def in_service(folder: Path) -> bool:
    """Whether a folder is the one of the model in service."""
    return folder.resolve() == get_settings().model_dir.resolve()


def save_model(
    classifier: Classifier, reference: pd.DataFrame, facts: Facts, folder: Path
) -> Manifest:
    """Write artefact, reference and manifest; each file appears whole or not at all.

    Returns
    -------
    Manifest
        What was written beside the artefact.
    """
    import joblib

    folder.mkdir(parents=True, exist_ok=True)
    staged = folder / f".{ARTEFACT}.new"
    joblib.dump(classifier.to_state(), staged, compress=("xz", 6))
    os.replace(staged, folder / ARTEFACT)

    about = {"kind": "scored rows", "categories": list(classifier.categories)}
    packed = to_parquet(reference, about)
    path = reference_path(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".{path.name}.new")
    staged.write_bytes(packed)
    os.replace(staged, path)

    manifest = Manifest(
        artefact_sha256=_digest(folder / ARTEFACT),
        reference_sha256=hashlib.sha256(packed).hexdigest(),
        categories=classifier.categories,
        columns=facts.columns,
        thresholds=dict(zip(classifier.categories, map(float, classifier.thresholds), strict=True)),
        versions={"python": platform.python_version()}
        | {name: metadata.version(name) for name in ("scikit-learn", "numpy")},
        data_sha256=facts.data_sha256,
        rows=facts.rows,
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        training_seconds=round(facts.training_seconds, 1),
        metrics=facts.metrics,
    )
    manifest.write(folder)
    _load.cache_clear()
    _load_reference.cache_clear()
    return manifest


def _folder(folder: str | os.PathLike[str] | None) -> Path:
    return Path(folder) if folder is not None else get_settings().model_dir


@lru_cache(maxsize=4)
def _load(folder: Path) -> Classifier:
    manifest = Manifest.read(folder)
    _verify_versions(manifest)
    path = folder / ARTEFACT
    for file, digest in (
        (path, manifest.artefact_sha256),
        (reference_path(folder), manifest.reference_sha256),
    ):
        if not file.is_file():
            raise ModelError(f"{file} is missing. {_RESTORE}")
        if _digest(file) != digest:
            raise ModelError(
                f"{file} is not the file that the manifest names (its SHA-256 differs), "
                f"so it was not opened. {_RESTORE}"
            )
    import joblib

    return Classifier.from_state(joblib.load(path))


@lru_cache(maxsize=4)
def _load_reference(folder: Path) -> pd.DataFrame:
    return read_reference(reference_path(folder), Manifest.read(folder).reference_sha256)


def _verify_versions(manifest: Manifest) -> None:
    """Refuse other libraries than those of training: a pickle holds only under its own."""
    trained = manifest.versions.get("scikit-learn")
    installed = metadata.version("scikit-learn")
    if trained != installed:
        raise ModelError(
            f"The model was trained with scikit-learn {trained}, and {installed} is installed. "
            "Install the versions that belong to it with: pip install -r requirements.txt"
        )
    # numpy keeps its array pickles readable within a major version.
    trained, installed = manifest.versions.get("numpy", ""), metadata.version("numpy")
    if trained.split(".")[0] != installed.split(".")[0]:
        raise ModelError(
            f"The model was trained with numpy {trained}, and {installed} is installed. "
            "Install the versions that belong to it with: pip install -r requirements.txt"
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

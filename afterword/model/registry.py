"""The model on disk: written with digests, verified before it is unpickled.

A digest beside a file guards against damage and mix-ups. It does not guard against someone who
can write both files: whoever can change the model's folder can run code in this process.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterword.errors import ModelError
from afterword.model import wording
from afterword.model.classifier import Classifier
from afterword.model.reference import FILE as REFERENCE
from afterword.model.reference import TABLES, to_parquet
from afterword.records import MANIFEST, Manifest, how_to_restore
from afterword.settings import INSTALLED, ROOT, SHIPPED_DATA, SHIPPED_MODEL, get_settings

if TYPE_CHECKING:
    import pandas as pd

ARTEFACT = "classifier.joblib"
_OWN_FOLDERS = frozenset(
    "afterword benchmarks data docs model pages tests .ci .git .streamlit".split()
)


@dataclass(frozen=True)
class TrainingSummary:
    """What training knows and the manifest repeats; the attributes are those of Manifest."""

    columns: dict[str, str]
    data_sha256: str
    rows: int
    training_seconds: float
    metrics: dict[str, Any]
    modes: list[dict[str, Any]]


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
    return _load(folder_of(folder))[0]


def loaded_version(folder: str | os.PathLike[str] | None = None) -> str:
    """The version of the model that this process has loaded, whatever is in the folder by now.

    Raises
    ------
    ModelError
        As :func:`load_model`.
    """
    return _load(folder_of(folder))[1]


def require_version(folder: Path, version: str) -> Classifier:
    """Load the model of a version from a folder; another one that was loaded there is let go.

    Raises
    ------
    ModelError
        As :func:`load_model`; or the folder holds another version by now.
    """
    if loaded_version(folder) != version:
        _forget()
    if loaded_version(folder) != version:
        raise ModelError(wording.replaced(folder))
    return load_model(folder)


def load_manifest(folder: str | os.PathLike[str] | None = None) -> Manifest:
    """Read what the manifest says of the model in service, or of the one in ``folder``."""
    return Manifest.read(folder_of(folder))


def version_of(model_dir: str | os.PathLike[str] | None = None) -> str:
    """A model's version: the start of its artefact's digest."""
    folder = folder_of(model_dir)
    try:
        changed = (folder / MANIFEST).stat().st_mtime_ns
    except OSError:
        changed = 0  # reading it says what is wrong
    return _version(folder, changed)


@lru_cache(maxsize=4)
def _version(folder: Path, _changed: int) -> str:
    return load_manifest(folder).artefact_sha256[:12]


def placed_at(folder: str | os.PathLike[str] | None = None) -> datetime:
    """When a model was put where it is: the time at which its manifest was written there.

    Not when it was trained, which may be long before it came into service. A copy that preserves
    times, or a setting that names another folder, leaves it earlier than the change.

    Raises
    ------
    ModelError
        There is no manifest.
    """
    load_manifest(folder)  # says what is wrong if there is none
    return datetime.fromtimestamp((folder_of(folder) / MANIFEST).stat().st_mtime, UTC)


def load_reference(folder: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """Load the reference that belongs to a model, read once per process and folder.

    Raises
    ------
    ModelError
        It is missing, or its digest is not the one in the manifest.
    """
    return _load_reference(folder_of(folder))


def read_tables(folder: Path) -> bytes:
    """Read the check's tables that belong to a model.

    Raises
    ------
    ModelError
        They are missing, or their digest is not the one in the manifest.
    """
    return _verified(tables_path(folder), Manifest.read(folder).tables_sha256, folder)


def reference_path(folder: Path) -> Path:
    """Where a model's reference is: beside it; the shipped one is among the project's data."""
    return (SHIPPED_DATA if is_shipped(folder) else folder) / REFERENCE


def tables_path(folder: Path) -> Path:
    """Where the tables of a model's check are: beside its reference."""
    return reference_path(folder).with_name(TABLES)


def is_shipped(folder: Path) -> bool:
    """Whether a folder is the one of the shipped model."""
    return folder.resolve() == SHIPPED_MODEL


def check_target(folder: Path) -> None:
    """Refuse to write a model into the project's own folders, but for the shipped model's.

    Raises
    ------
    ModelError
        The folder is the project's, or inside one of its parts.
    """
    resolved = folder.resolve()
    if INSTALLED and is_shipped(folder):
        raise ModelError(wording.folder_of_package(folder))
    if is_shipped(folder) or ROOT not in (resolved, *resolved.parents):
        return
    if resolved == ROOT or resolved.relative_to(ROOT).parts[0] in _OWN_FOLDERS:
        raise ModelError(wording.folder_of_project(folder))


def save_model(
    classifier: Classifier,
    reference: pd.DataFrame,
    tables: bytes,
    summary: TrainingSummary,
    folder: Path,
) -> Manifest:
    """Write artefact, reference, tables and manifest; each file appears whole or not at all.

    Parameters
    ----------
    classifier : the fitted model.
    reference : its training set as numbers, of :func:`afterword.model.reference.unlink`.
    tables : of the check, of :meth:`afterword.measures.null_tables.NullTables.to_bytes`.
    summary : what the manifest repeats of the training.
    folder : made if it is not there; what is in it is replaced.

    Returns
    -------
    Manifest
        What was written beside the artefact.

    Raises
    ------
    ModelError
        The folder is one of the project's own.
    OSError
        It cannot be written.
    """
    import joblib

    check_target(folder)
    folder.mkdir(parents=True, exist_ok=True)
    artefact = folder / ARTEFACT
    _replace(
        artefact, lambda staged: joblib.dump(classifier.to_state(), staged, compress=("xz", 6))
    )
    about = {"kind": "scored rows", "categories": list(classifier.categories)}
    packed = to_parquet(reference, about)
    for path, content in ((reference_path(folder), packed), (tables_path(folder), tables)):
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, partial(Path.write_bytes, data=content))
    manifest = Manifest(
        artefact_sha256=_sha256(artefact.read_bytes()),
        reference_sha256=_sha256(packed),
        tables_sha256=_sha256(tables),
        categories=classifier.categories,
        thresholds=dict(zip(classifier.categories, map(float, classifier.thresholds), strict=True)),
        versions={"python": platform.python_version()}
        | {name: metadata.version(name) for name in ("scikit-learn", "numpy")},
        trained_at=datetime.now(UTC).isoformat(timespec="seconds"),
        **vars(summary) | {"training_seconds": round(summary.training_seconds, 1)},
    )
    manifest.write(folder)
    _forget()
    return manifest


def _forget() -> None:
    """Let go what was loaded: it is read again when it is wanted."""
    _load.cache_clear()
    _load_reference.cache_clear()


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Have a file written beside another one, and put it in its place once it is whole."""
    staged = path.with_name(f".{path.name}.new")
    write(staged)
    staged.replace(path)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def folder_of(folder: str | os.PathLike[str] | None) -> Path:
    """The folder that is meant: that of the model in service if None."""
    return Path(folder) if folder is not None else get_settings().model_dir


@lru_cache(maxsize=4)
def _load(folder: Path) -> tuple[Classifier, str]:
    manifest = Manifest.read(folder)
    _verify_versions(manifest)
    _verified(reference_path(folder), manifest.reference_sha256, folder)
    _verified(tables_path(folder), manifest.tables_sha256, folder)
    artefact = _verified(folder / ARTEFACT, manifest.artefact_sha256, folder)
    import joblib

    # The bytes that were verified, not the file: it could have changed since.
    return Classifier.from_state(joblib.load(io.BytesIO(artefact))), manifest.artefact_sha256[:12]


def _verified(path: Path, digest: str, folder: Path) -> bytes:
    """The content of a file, if it is the one that the manifest names."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelError(wording.missing(path, how_to_restore(folder))) from None
    except OSError as error:
        raise ModelError(wording.not_opened(path, error.strerror)) from None
    if _sha256(content) != digest:
        raise ModelError(wording.other_content(path, how_to_restore(folder)))
    return content


@lru_cache(maxsize=4)
def _load_reference(folder: Path) -> pd.DataFrame:
    import pandas as pd

    digest = Manifest.read(folder).reference_sha256
    return pd.read_parquet(io.BytesIO(_verified(reference_path(folder), digest, folder)))


def _verify_versions(manifest: Manifest) -> None:
    """Refuse other libraries than those of training: a pickle holds only under its own."""
    for library, comparable in (
        ("scikit-learn", str),
        # numpy keeps its arrays readable within a major version.
        ("numpy", lambda version: version.split(".")[0]),
    ):
        trained, installed = manifest.versions.get(library, "none"), metadata.version(library)
        if comparable(trained) != comparable(installed):
            raise ModelError(wording.other_version(library, trained, installed))

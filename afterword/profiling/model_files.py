"""A model that travels: its files, and the folder in which another machine opens them."""

from __future__ import annotations

import hashlib
import platform
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from threading import Lock
from typing import Final

from afterword.errors import ModelError
from afterword.model.registry import ARTEFACT, folder_of, load_model, reference_path, tables_path
from afterword.profiling import wording
from afterword.records import MANIFEST

_SAME: Final = ("numpy", "pandas", "pyarrow", "scikit-learn")
_placed: dict[str, str] = {}
_placing = Lock()


@dataclass(frozen=True)
class ModelFiles:
    """The files of a model.

    Attributes
    ----------
    digest : SHA-256 of the manifest, which names those of the other files.
    content : name → bytes.
    """

    digest: str
    content: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, model_dir: str | None) -> ModelFiles:
        """The files of the model in a folder; of the one in service if None.

        Raises
        ------
        ModelError
            It is missing or damaged.
        """
        load_model(model_dir)  # says what is wrong with it
        folder = folder_of(model_dir)
        paths = (folder / MANIFEST, folder / ARTEFACT, reference_path(folder), tables_path(folder))
        content = {path.name: path.read_bytes() for path in paths}
        return cls(_digest(content), content)

    def folder(self, inside: str) -> str:
        """A folder that only its owner can read, with these files; made once per process.

        Parameters
        ----------
        inside : the folder in which it is made.

        Raises
        ------
        ModelError
            The files are not those of the digest.
        """
        with _placing:
            if self.digest not in _placed:
                if _digest(self.content) != self.digest:
                    raise ModelError(wording.OTHER_MODEL)
                folder = Path(tempfile.mkdtemp(prefix="afterword-model-", dir=inside))
                for name, content in self.content.items():
                    (folder / name).write_bytes(content)
                load_model(folder)  # compares each file with the manifest
                _placed[self.digest] = str(folder)
            return _placed[self.digest]


def software() -> dict[str, str]:
    """What has to be the same on all machines that work together: package → version."""
    python = ".".join(platform.python_version_tuple()[:2])
    # Imported by its name, the package would import what imports this.
    own = {"Afterword": sys.modules["afterword"].__version__, "Python": python}
    return own | {name: metadata.version(name) for name in _SAME}


def _digest(content: Mapping[str, bytes]) -> str:
    return hashlib.sha256(content[MANIFEST]).hexdigest()

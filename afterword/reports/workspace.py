"""The history as a workspace of Evidently, so that ``evidently ui`` opens it.

The store is the one truth. A workspace is written from it and follows it: what the store has
forgotten is taken out of the workspace, too.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from afterword.errors import CheckError, ReportError
from afterword.monitoring import history
from afterword.reports import evidently, wording
from afterword.store.checks import ALL, KeptCheck

if TYPE_CHECKING:
    from afterword.drift.result import CheckResult
    from afterword.reports.evidently import Kind
    from afterword.store import Store

PROJECT: Final = "Afterword"
"""Name of the project in a workspace."""
_IDS: Final = uuid.UUID("6f1c6c1e-9d0b-4c41-8a57-5d1f0e2b9a33")
"""Of everything that is written: the same check gets the same name again."""


@dataclass(frozen=True)
class Exported:
    """What became of the checks of a store in a workspace.

    Attributes
    ----------
    written : checks that are new in it.
    present : checks that it had.
    removed : reports of checks that the store has forgotten.
    other_model : checks that were left out, because another model made them.
    too_few : checks that were left out, because they had too few rows for a report.
    """

    written: int
    present: int
    removed: int
    other_model: int
    too_few: int


def export(
    store: Store,
    folder: str | os.PathLike[str],
    progress: Callable[[float], object] | None = None,
    *,
    stream: str | None = None,
    model_dir: str | os.PathLike[str] | None = None,
) -> Exported:
    """Write every kept check into an Evidently workspace: ``evidently ui --workspace FOLDER``.

    Exporting again adds what is new and removes what the store has forgotten.

    Parameters
    ----------
    store : the one truth.
    folder : made if it is not there; other projects in it stay as they are.
    progress : called with the share of checks done.
    stream : name of the one stream whose checks are written; those of all if None.
    model_dir : of the model that made the checks; the one in service if None.

    Raises
    ------
    StoreError
        The store cannot be read.
    StreamError
        There is no such stream.
    ReportError
        The folder cannot be written, or Evidently cannot be loaded.
    """
    only = None if stream is None else store.streams.get(stream).id
    names = {each.id: each.name for each in store.streams.list()}
    checks = store.checks.list(ALL, sample=None, stream=only)
    # Evidently refuses a path that holds "..".
    workspace = Workspace(Path(folder).expanduser().resolve())
    counts = dict.fromkeys(("written", "present", "other_model", "too_few"), 0)
    for done, kept in enumerate(checks):
        counts[_export(kept, workspace, names.get(kept.stream or 0, ""), model_dir)] += 1
        if progress:
            progress((done + 1) / len(checks))
    keys = {key for kept in checks for key, _ in _runs(kept)}
    return Exported(removed=workspace.keep_only(keys), **counts)


def _export(
    kept: KeptCheck, workspace: Workspace, stream: str, model_dir: str | os.PathLike[str] | None
) -> str:
    """Write one check; say what became of it."""
    if not kept.comparable:
        return "too_few"
    missing = [(key, kind) for key, kind in _runs(kept) if not workspace.has(key)]
    if not missing:
        return "present"
    try:
        result = history.remake(kept, model_dir)
    except CheckError:
        return "other_model"
    about = {
        "level": kept.level,
        "source": kept.source,
        "model": kept.model,
        "sample": "yes" if kept.sample else "no",
        "check": str(kept.id),
        "rows": str(kept.rows),
        "headline": kept.headline,
        "stream": stream,
        "stream period": kept.period,
    }
    for key, kind in missing:
        try:
            workspace.add(key, result, kind, kept.at, about)
        except ReportError:
            return "too_few"
    return "written"


def _runs(kept: KeptCheck) -> Iterator[tuple[str, Kind]]:
    """What identifies the reports of a check, and their kinds."""
    kinds: tuple[Kind, ...] = ("data", "prediction")
    for kind in kinds:
        own = "sample" if kept.sample else kept.source
        yield f"{kept.id} {kept.at.isoformat()} {kept.model} {own} {kind}", kind


class Workspace:
    """A folder that ``evidently ui --workspace FOLDER`` opens, with one project of ours.

    Parameters
    ----------
    folder : made if it is not there.

    Raises
    ------
    ReportError
        It cannot be written, or Evidently cannot be loaded.
    """

    def __init__(self, folder: Path) -> None:
        evidently.prepare()
        from evidently.sdk.models import ProjectModel
        from evidently.ui.workspace import Workspace as Folder

        self._project = uuid.uuid5(_IDS, PROJECT)
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._folder = Folder.create(str(folder))
            if self._folder.get_project(self._project) is None:
                project = ProjectModel(
                    id=self._project, name=PROJECT, description=wording.ABOUT_WORKSPACE
                )
                self._folder.add_project(project)
            self._file("").parent.mkdir(exist_ok=True)
            self._runs = set(map(str, self._folder.list_runs(self._project)))

    def has(self, key: str) -> bool:
        """Whether a report is there already."""
        return _run_id(key) in self._runs

    def add(
        self, key: str, result: CheckResult, kind: Kind, at: datetime, about: Mapping[str, str]
    ) -> None:
        """Write the report of a check.

        Parameters
        ----------
        key : what identifies the report; one that is there is replaced.
        result, kind : as of :func:`afterword.reports.evidently.report`.
        at : when the check was made.
        about : what the interface of Evidently shows of it; the level becomes a tag.
        """
        snapshot = evidently.report(result, kind)
        model = snapshot.to_snapshot_model()
        model.name = wording.drift(kind, result.level)
        model.timestamp, model.tags = at, [kind, result.level]
        # Strings only: with anything else, Evidently's interface cannot list the project.
        told = {**about, "notes": " ".join(evidently.notes_of(snapshot))}
        model.metadata = {name: evidently.neutral(text) for name, text in told.items() if text}
        with _writing(Path(self._folder.path)):
            # Whole or not at all: Evidently's interface does not start with half a file.
            staged = f".{_run_id(key)}.new"
            self._folder.state.write_snapshot(self._project, staged, model)
            self._file(staged).replace(self._file(_run_id(key)))
        self._runs.add(_run_id(key))

    def keep_only(self, keys: Collection[str]) -> int:
        """Remove every report of our project but these; return how many were removed."""
        gone = self._runs - set(map(_run_id, keys))
        with _writing(Path(self._folder.path)):
            for name in gone:
                self._file(name).unlink(missing_ok=True)
        self._runs -= gone
        return len(gone)

    def _file(self, name: str) -> Path:
        return Path(self._folder.path) / str(self._project) / "snapshots" / f"{name}.json"


def _run_id(key: str) -> str:
    return str(uuid.uuid5(_IDS, key))


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ReportError(wording.unwritable(folder, error.strerror)) from None

"""A job that was ended goes on from what it had joined: a file that holds it until the job is done.

The file holds sums, digests of texts with their key, the words that the model does not know, and
the values of the column by which rows are parted, so only its owner can read it, from the moment at
which it is made.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from afterword.errors import BatchError, CheckpointError
from afterword.files.blocks import BLOCK_BYTES, BLOCK_ROWS
from afterword.profiling import wording
from afterword.profiling.jobs import Task, Total
from afterword.profiling.model_files import ModelFiles, software
from afterword.profiling.plain import pack, unpack
from afterword.profiling.sources import Source
from afterword.text.distinct import new_key

Joined = TypeVar("Joined", bound=Total)

EVERY_SECONDS: Final = 60.0
"""Seconds after which what is joined is written again, at least."""
_SHARE: Final = 0.05
"""Of its time that a job writes, at most."""
_TOLD: Final = "told"
"""Name of the array with what is no array, as JSON."""
_FORMAT: Final = 1
_BYTES: Final = getattr(os, "O_BINARY", 0)
_PLAIN: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Links are not followed, and a pipe is not waited for."""
_DAMAGED: Final = (
    AttributeError,
    EOFError,
    KeyError,
    OSError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def continued(
    path: Path | None, source: Source, task: Task, total: Joined
) -> Iterator[tuple[Task, Joined, Callable[[], None]]]:
    """Go on from a checkpoint, if there is one, and keep it until the work is done.

    Parameters
    ----------
    path : of the file; None to keep nothing.
    source : files, if there is a path.
    task : of the job; with a path it gets a key of its own, which ends with the file.
    total : to begin with.

    Yields
    ------
    The task; the total of before; and what is to be called after each part.

    Raises
    ------
    BatchError
        The source cannot be read again.
    CheckpointError
        The file is that of another job, damaged, open to others, or cannot be written.
    """
    if path is None:
        yield task, total, lambda: None
        return
    if not source.files:
        raise BatchError(wording.CHECKPOINT_FILES)
    about = _about(source, task)
    found = _read(path, about, type(total))
    task = replace(task, key=found[0] if found else new_key())
    total = found[1] if found else total
    file = _File(path, about, task.key)
    file.write(total)
    try:
        yield task, total, lambda: file.now_and_then(total)
    except BaseException:
        if not total.done:
            # Nothing to go on from, as where an option was wrong: it may be called otherwise.
            file.delete()
        elif not total.torn:
            file.write(total)
        raise
    file.delete()


class _File:
    """The checkpoint of a job."""

    def __init__(self, path: Path, about: dict[str, str], key: bytes) -> None:
        self._path = path
        self._staged = path.with_name(f".{path.name}.new")
        self._about = about
        self._key = key
        self._next = 0.0

    def now_and_then(self, total: Total) -> None:
        """Write what is joined, if it was not written for long."""
        if time.monotonic() >= self._next:
            self.write(total)

    def write(self, total: Total) -> None:
        """Put what is joined in the place of what was.

        Raises
        ------
        CheckpointError
            It cannot be written.
        """
        began = time.monotonic()
        arrays: dict[str, np.ndarray] = {}
        told = {
            "format": _FORMAT,
            "about": self._about,
            "key": self._key.hex(),
            "state": pack(total.state(), arrays),
        }
        arrays[_TOLD] = np.frombuffer(json.dumps(told).encode(), np.uint8)
        try:
            self._staged.unlink(missing_ok=True)
            made = os.open(self._staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BYTES, 0o600)
            with os.fdopen(made, "wb") as file:
                np.savez(file, allow_pickle=False, **arrays)
                file.flush()
                os.fsync(file.fileno())
            self._staged.replace(self._path)
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                self._staged.unlink(missing_ok=True)
            raise CheckpointError(wording.CHECKPOINT_PATH) from None
        now = time.monotonic()
        self._next = now + max(EVERY_SECONDS, (now - began) / _SHARE)

    def delete(self) -> None:
        """Remove the file, and its key with it."""
        for path in (self._path, self._staged):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _read(path: Path, about: dict[str, str], kind: type[Joined]) -> tuple[bytes, Joined] | None:
    """The key and the total of a job, of its kind; None if it did not begin yet."""
    try:
        opened = os.open(path, os.O_RDONLY | _BYTES | _PLAIN)
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise CheckpointError(wording.CHECKPOINT_OTHERS) from None
    try:
        _own(os.fstat(opened))
    except CheckpointError:
        os.close(opened)
        raise
    with os.fdopen(opened, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as content:
                arrays = {name: content[name] for name in content.files}
            told = json.loads(arrays.pop(_TOLD).tobytes())
            if told["format"] != _FORMAT:
                raise ValueError("a checkpoint of another version")
            for what, digest in about.items():
                if told["about"][what] != digest:
                    raise CheckpointError(wording.other_checkpoint(what))
            return bytes.fromhex(told["key"]), kind.of(unpack(told["state"], arrays))
        except _DAMAGED:
            raise CheckpointError(wording.CHECKPOINT_DAMAGED) from None


def _own(found: os.stat_result) -> None:
    """Refuse what others could have written: it says what was counted."""
    open_to_others = os.name == "posix" and (
        found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077
    )
    if open_to_others or not stat.S_ISREG(found.st_mode):
        raise CheckpointError(wording.CHECKPOINT_OTHERS)


def _about(source: Source, task: Task) -> dict[str, str]:
    """Digests of all that a job has to have in common with the one that it continues."""
    how = (software(), dict(task.limits), task.drawn, task.by, BLOCK_BYTES, BLOCK_ROWS)
    return {
        "files": _digest([file.mark for file in source.files]),
        "options": _digest([sorted(source.options.items()), how]),
        "model": ModelFiles.of(task.model_dir).digest,
    }


def _digest(value: Any) -> str:
    told = json.dumps(value, default=repr, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()

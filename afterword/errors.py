"""Errors whose messages are safe to show to anyone.

Every message is one sentence that says what was wrong and what to do. None of them ever
carries text from a description: a message ends up on screens, in logs and in JSON.
"""

from __future__ import annotations

from pathlib import Path
from traceback import walk_tb


class AfterwordError(Exception):
    """Base of every error that Afterword raises on purpose; ``str(error)`` is safe to show.

    What else an error carries stands in ``args`` after its message, so that it comes whole from
    another process.
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class SettingsError(AfterwordError):
    """A setting of the environment that is not valid."""


class BatchError(AfterwordError):
    """A file or table that cannot be read as a batch."""


class ColumnError(BatchError):
    """The column of descriptions is not known; ``columns`` are those to choose from.

    The message does not name them: a header can be a person's name.
    """

    def __init__(self, message: str, columns: tuple[str, ...]) -> None:
        super().__init__(message, columns)
        self.columns = columns


class SheetError(BatchError):
    """A workbook has no such sheet; ``sheets`` are the names of those to choose from.

    The message does not name them: a sheet can be called after a person.
    """

    def __init__(self, message: str, sheets: tuple[str, ...]) -> None:
        super().__init__(message, sheets)
        self.sheets = sheets


class ModelError(AfterwordError):
    """A model, manifest or reference that is missing, damaged or made by other versions."""


class TrainingError(AfterwordError):
    """Training data from which no model can be made."""


class CheckError(AfterwordError):
    """Scored rows that cannot be compared with the reference."""


class ReviewError(AfterwordError):
    """A batch from which no rows can be drawn, or labels that say nothing about it."""


class ClusterError(AfterwordError):
    """A cluster that does not answer, or that cannot do the work."""


class CheckpointError(AfterwordError):
    """A checkpoint that belongs to another job, is damaged, or cannot be written."""


class ReportError(AfterwordError):
    """A report that cannot be made from a check."""


class WorkerError(AfterwordError):
    """Work in another process that ended before it was done.

    ``why`` is "time" or "memory" where it took too much of that, "unwanted" where nobody waits
    for it any more, "end" where the process ended by itself, "error" where the work failed.
    """

    def __init__(self, message: str, why: str = "error") -> None:
        super().__init__(message, why)
        self.why = why


class StoreError(AfterwordError):
    """A store that cannot be read or written."""


class StreamError(AfterwordError):
    """A stream that is not there, or cannot be made, renamed or forgotten."""


class NoStreamError(StreamError):
    """A name that no stream has."""


class AlertError(AfterwordError):
    """A rule that cannot be kept, or a step that an alert cannot take."""


def is_panic(error: BaseException) -> bool:
    """Tell whether an error is a library's, written in Rust, that gave up on what it was given.

    Such an error is no Exception, as the end of the program or the user's Ctrl-C are none.

    >>> is_panic(KeyboardInterrupt())
    False
    """
    kind = type(error)
    return (kind.__module__, kind.__name__) == ("pyo3_runtime", "PanicException")


def place_of(error: BaseException) -> str:
    """Say what an unexpected error is and where it came from, without its message.

    Libraries quote cells in their messages, so only the kind and the last line of this project
    that the error passed may be shown or logged.

    >>> try:
    ...     int("what somebody wrote")
    ... except ValueError as error:
    ...     place_of(error)
    'ValueError'
    """
    project = Path(__file__).resolve().parents[1]
    ours = (project / "afterword", project / "pages")
    places = [
        f" at {path.name}:{number}"
        for path, number in (
            (Path(frame.f_code.co_filename), number)
            for frame, number in walk_tb(error.__traceback__)
        )
        if any(folder in path.parents for folder in ours)
    ]
    return type(error).__name__ + (places[-1] if places else "")

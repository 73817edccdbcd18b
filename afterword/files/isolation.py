"""Files are read in another process, because a file can end the process that reads it.

What reads workbooks and Parquet ends its process where a file makes it ask for more memory than
there is, and a few hundred bytes are enough for that. So the bytes of a file go to a worker whose
memory and time are limited, and a batch or an error comes back.
"""

from __future__ import annotations

import atexit
import os
import pickle
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from afterword.errors import BatchError, WorkerError
from afterword.files import wording
from afterword.settings import Settings, get_settings
from afterword.workers import Job, Workers

READERS: Final = 3
"""Files that are read at once: a slow one keeps none waiting, and each process takes memory."""

MEMORY_MB: Final = 900
"""Memory of a process that reads, in megabytes, beside that of the libraries it has loaded."""

Wait = Callable[[Job], Any]
"""Waits for a job and returns its result; it may give the job up, and raise what it likes."""


def _prepare() -> None:
    """Load what reads files, before the first one comes."""
    # Arrow's own allocator reserves up to a gigabyte when a file first needs it, and never gives it
    # back: the next file then had less. Set before Arrow loads, as only that reaches all of it.
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    import pyarrow
    import python_calamine  # noqa: F401

    from afterword.files import tables

    # A reader's threads would each take memory, and a processor from the pages.
    pyarrow.set_cpu_count(1)
    tables.read_table(b"description\nHe whistled at me.\n", "", get_settings())


@cache
def get_readers() -> Workers:
    """The processes that read files; :meth:`afterword.workers.Workers.start` warms one up."""
    settings = get_settings()
    readers = Workers(READERS, settings.read_timeout_s, MEMORY_MB, _prepare)
    atexit.register(readers.close)
    return readers


def get_ready() -> None:
    """Have a process started that reads files, so that the first one need not wait for it."""
    get_readers().start()


def read_apart(
    read: Callable[..., Any],
    content: bytes,
    *arguments: Any,
    settings: Settings,
    wait: Wait = Job.result,
) -> Any:
    """Have a file read by another process.

    Parameters
    ----------
    read : takes the content, as bytes, and the arguments.
    content : of the file; it is not copied.
    settings : give the time that reading may take, for the sentence about it.
    wait : waits for the job and returns its result.

    Raises
    ------
    BatchError
        What the function raises, or that it took too much time or memory, or ended its process.
    """
    job = get_readers().submit("", read, pickle.PickleBuffer(content), *arguments)
    try:
        return wait(job)
    except WorkerError as error:
        if job.share is not None and error.why in ("time", "memory"):
            # It was read, and what then was made of it took too much.
            raise BatchError(str(error)) from None
        why = error.why
    sentences = {
        "time": wording.too_slow(settings.read_timeout_s),
        "memory": wording.too_much_memory(MEMORY_MB),
        "end": wording.READER_ENDED,
    }
    raise BatchError(sentences.get(why, wording.DAMAGED))

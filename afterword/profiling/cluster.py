"""The same parts as jobs of Dask: what outgrowing one machine means here.

joblib's own way to Dask is not taken. It hands a part to one worker, with which the part is lost
if that dies, and waits for ever for a job that failed. The scheduler keeps what it is given until
it is done, and gives it to another worker if one dies.
"""

from __future__ import annotations

import gc
import queue
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from afterword.errors import AfterwordError, ClusterError, place_of
from afterword.profiling import wording
from afterword.profiling.jobs import Result, Task, Total, lost, profile_part
from afterword.profiling.model_files import ModelFiles, software
from afterword.profiling.sources import Part

ANSWER_SECONDS: Final = 5
"""Seconds within which a scheduler answers, and has a worker."""
PATIENCE_SECONDS: Final = 60.0
"""Seconds that a job waits for a worker after the last one went."""
_LOOK_SECONDS: Final = 2.0
"""Seconds between two looks at who is there."""
_RESULT_SECONDS: Final = 30.0
"""Seconds that a result may be on its way before who is there is looked at again."""
_AHEAD: Final = 2
"""Parts per thread that the scheduler has at a time: it holds them in memory."""


def run_on_cluster(
    address: str,
    parts: Iterator[Part],
    task: Task,
    total: Total,
    *,
    step: Callable[[], object] = lambda: None,
) -> None:
    """Have all parts added up by the workers of a cluster.

    Parameters
    ----------
    address : of its scheduler, such as ``tcp://10.0.0.5:8786``.
    parts : of the source, which this process reads.
    task : of the job.
    total : to which they are added.
    step : called after each part.

    Raises
    ------
    ClusterError
        Dask is not installed here; the scheduler does not answer, has no workers, or is lost; a
        machine has other software; a worker cannot do the work.
    """
    files = ModelFiles.of(task.model_dir)
    with _connected(address) as client:
        _compare(client)
        jobs = _Jobs(client, task, files, total)
        doubtful: list[Part] = []
        while jobs.fill(parts):
            part, result = jobs.next()
            if result is None:
                doubtful.append(part)
                continue
            total.add(result)
            step()
        # Which of the parts that a worker had ended it is not known: now each is there alone.
        for part in doubtful:
            jobs.fill(iter([part]))
            _, result = jobs.next()
            total.add(result or lost(part, wording.ENDED))
            step()


class _Jobs:
    """Parts that the scheduler has."""

    def __init__(self, client: Any, task: Task, files: ModelFiles, total: Total) -> None:
        self._client = client
        self._task = task
        self._total = total
        # As what a job gave, which the scheduler can have done again if its worker dies.
        self._files = client.submit(_same, files, pure=False)
        self._name = f"afterword-{secrets.token_hex(8)}"
        self._begun = 0
        self._ahead: dict[str, tuple[Part, Any]] = {}
        self._ended: queue.Queue[Any] = queue.Queue()
        self._threads, self._looked = 0, -_LOOK_SECONDS
        self._alone_since: float | None = None

    def fill(self, parts: Iterator[Part]) -> bool:
        """Hand parts over until the workers have enough; False once nothing is left to wait for."""
        self._look()
        while len(self._ahead) < max(_AHEAD * self._threads, 1):
            part = next(parts, None)
            if part is None:
                break
            self._begun += 1
            future = self._client.submit(
                _profile_there,
                part,
                self._task,
                self._files,
                self._total.below,
                software(),
                key=f"{self._name}-{self._begun}",
                pure=False,
            )
            self._ahead[future.key] = part, future
            future.add_done_callback(self._ended.put)
        return bool(self._ahead)

    def next(self) -> tuple[Part, Result | None]:
        """A part that is done, and what it came to; None if several workers died of it."""
        import distributed

        while True:
            self._look()
            try:
                future = self._ended.get(timeout=_LOOK_SECONDS)
                break
            except queue.Empty:
                continue
        part, _ = self._ahead.pop(future.key)
        try:
            found = self._result(future)
        except distributed.CancelledError:
            raise ClusterError(wording.GONE) from None
        except distributed.KilledWorker:
            return part, None
        except ClusterError:
            raise
        except Exception as error:
            raise ClusterError(wording.failed_there(type(error).__name__)) from None
        if isinstance(found, str):
            raise ClusterError(found)
        return part, found

    def _result(self, future: Any) -> Any:
        """What a job gave; where the worker that had it died, the scheduler has it done again."""
        while True:
            try:
                return future.result(timeout=_RESULT_SECONDS)
            except TimeoutError:
                self._look()

    def _look(self) -> None:
        """Count the workers now and then.

        Raises
        ------
        ClusterError
            The scheduler is gone, or all workers have been for long.
        """
        now = time.monotonic()
        if now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        if self._client.status != "running":
            raise ClusterError(wording.GONE)
        try:
            self._threads = sum(self._client.nthreads().values())
        except (OSError, TimeoutError):
            raise ClusterError(wording.GONE) from None
        if self._threads:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > PATIENCE_SECONDS:
            raise ClusterError(wording.NO_WORKERS)


def _same(files: ModelFiles) -> ModelFiles:
    return files


def _profile_there(
    part: Part, task: Task, files: ModelFiles, below: int, needed: dict[str, str]
) -> Result | str:
    """Add a part up on a worker; a sentence where that cannot be done.

    It raises nothing: a worker logs errors with their messages, and these can quote a cell.
    """
    import distributed

    try:
        told = _difference("A worker", software(), needed)
        if told:
            return told
        folder = files.folder(distributed.get_worker().local_directory)
        return profile_part(part, replace(task, model_dir=folder), below)
    except AfterwordError as error:
        return str(error)
    except Exception as error:
        return wording.failed_there(place_of(error))


def _difference(who: str, theirs: Any, ours: dict[str, str]) -> str:
    """How the software of a machine differs, in a sentence; "" if it does not."""
    if not isinstance(theirs, dict):
        return wording.other_software(who, "", "", "")
    for name, version in ours.items():
        if theirs.get(name) != version:
            return wording.other_software(who, name, str(theirs.get(name)), version)
    return ""


def _compare(client: Any) -> None:
    """Ask all machines what is installed there.

    Raises
    ------
    ClusterError
        It is not the same as here, or nobody is there.
    """
    try:
        client.wait_for_workers(1, timeout=ANSWER_SECONDS)
    except TimeoutError:
        raise ClusterError(wording.NO_WORKERS) from None
    try:
        theirs = client.run_on_scheduler(software)
    except Exception:
        # It cannot even import the function that it is asked to call.
        theirs = None
    answers = client.run(software, on_error="return")
    found = [("The scheduler", theirs), *(("A worker", answer) for answer in answers.values())]
    for who, answer in found:
        told = _difference(who, answer, software())
        if told:
            raise ClusterError(told)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """A client of a cluster; closing it ends what the cluster does for it."""
    if not address.startswith(("tcp://", "tls://")):
        raise ClusterError(wording.NO_ADDRESS)
    try:
        import dask
        import distributed
    except ImportError:
        raise ClusterError(wording.NO_DASK) from None
    # A part may be 32 MB; that the scheduler holds some of them is meant.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        client, problem = None, ""
        try:
            client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
        except (OSError, TimeoutError):
            problem = wording.NO_ANSWER
        except ValueError:
            problem = wording.NO_ADDRESS
        if client is None:
            # What was made of a client closes itself when it is collected. Were that while another
            # one begins, either would wait for the lock that the other holds: so it is done now.
            gc.collect()
            raise ClusterError(problem)
        try:
            yield client
        finally:
            client.close()

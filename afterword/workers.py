"""Long work in a process of its own, so that nobody's page waits for it.

A worker is another Python, started as a program (``python -m afterword.workers``): no fork of a
process with threads, and nothing of the server is imported into it. A function and its arguments
go to it pickled over its standard input, the answer comes back over its standard output. It ends
when the server does, however that ends, because its standard input closes then. If it dies, by a
crash of a library or for want of memory, its one job fails with a sentence, and the next job gets
a new one.

>>> workers = Workers()
>>> workers.submit("somebody", pow, 2, 10).result()
1024
>>> workers.close()
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import Any, Final

from afterword.errors import AfterwordError, WorkerError, place_of

LIMIT_S: Final = 300
"""Seconds after which a job is given up: many times what the largest report takes."""

_ENDED: Final = (
    "The process that worked on this ended before it was done: try again. If it ends again, the "
    "machine may be short of memory."
)
_TOO_LONG: Final = "This took longer than {limit:.0f} seconds and was given up: use fewer rows."

log = logging.getLogger(__name__)


class Job(Future[Any]):
    """Work that was handed in; ``cancel()`` drops it if it has not begun.

    Parameters
    ----------
    function, arguments : what to call with what, in another process.
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        super().__init__()
        self.work: Any = (function, arguments)


class Workers:
    """A few processes that take jobs, one owner after the other.

    Parameters
    ----------
    size : number of processes; none is started before there is a job for it.
    limit_s : seconds after which a job is given up and its process ended.
    """

    def __init__(self, size: int = 1, limit_s: float = LIMIT_S) -> None:
        self.size = size
        self.limit_s = limit_s
        self._waiting: OrderedDict[str, deque[Job]] = OrderedDict()
        self._changed = threading.Condition()
        self._workers: list[_Worker] = []
        self._idle = 0
        self._closed = False

    def submit(self, owner: str, function: Callable[..., Any], *arguments: Any) -> Job:
        """Hand a job in.

        Parameters
        ----------
        owner : whose it is. Owners take turns, so that nobody waits for all that another wants.
        function : that a module holds under its own name; the worker imports it from there.
        arguments : numbers, tables and the like, which can be pickled.

        Returns
        -------
        The job; its ``result()`` waits, and raises what the function raised if that is an
        :class:`AfterwordError`, else a :class:`WorkerError`.
        """
        job = Job(function, arguments)
        with self._changed:
            if self._closed:
                job.set_exception(WorkerError(_ENDED))
                return job
            self._waiting.setdefault(owner, deque()).append(job)
            if not self._idle and len(self._workers) < self.size:
                worker = _Worker(self.limit_s)
                self._workers.append(worker)
                threading.Thread(
                    target=self._serve, args=(worker,), name="afterword-worker", daemon=True
                ).start()
            self._changed.notify()
        return job

    def close(self) -> None:
        """End all processes; jobs that wait or are under way fail."""
        with self._changed:
            self._closed = True
            waiting = [job for jobs in self._waiting.values() for job in jobs]
            self._waiting.clear()
            self._changed.notify_all()
        for job in waiting:
            job.cancel()
        for worker in self._workers:
            worker.end()

    def _serve(self, worker: _Worker) -> None:
        while (job := self._next()) is not None:
            if job.set_running_or_notify_cancel():
                worker.run(job)
        worker.end()

    def _next(self) -> Job | None:
        """Wait for a job, of the owner whose turn it is; None once all is closed."""
        with self._changed:
            self._idle += 1
            self._changed.wait_for(lambda: self._waiting or self._closed)
            self._idle -= 1
            if self._closed:
                return None
            owner, jobs = self._waiting.popitem(last=False)
            job = jobs.popleft()
            if jobs:
                self._waiting[owner] = jobs
            return job


class _Worker:
    """One process, started when it is needed and again when it has died."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, job: Job) -> None:
        """Have a job done, and answer it whatever happens."""
        overtime = threading.Event()

        def give_up() -> None:
            overtime.set()
            self.end()

        timer = threading.Timer(self.limit_s, give_up)
        timer.daemon = True
        timer.start()
        try:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            work, job.work = job.work, None
            pickle.dump(work, process.stdin, pickle.HIGHEST_PROTOCOL)
            process.stdin.flush()
            done, answer = pickle.load(process.stdout)  # noqa: S301 - of our own process
        except Exception as error:
            log.error("A worker ended: %s", place_of(error))
            self.end()
            sentence = _TOO_LONG.format(limit=self.limit_s) if overtime.is_set() else _ENDED
            job.set_exception(WorkerError(sentence))
            return
        finally:
            timer.cancel()
        if done:
            job.set_result(answer)
        else:
            job.set_exception(answer)

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.end()
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "afterword.workers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
            )
        return self.process

    def end(self) -> None:
        """End the process."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    # What was still to be written finds nobody.
                    with contextlib.suppress(OSError):
                        pipe.close()


def _environment() -> dict[str, str]:
    """The variables of a worker: it finds the package that this process runs, also a checkout's."""
    from afterword.settings import INSTALLED, ROOT

    if INSTALLED:  # site-packages before the standard library could hide a part of that
        return dict(os.environ)
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path}


@cache
def get_workers() -> Workers:
    """Return the workers of this process: one, as a second would take as much memory again."""
    workers = Workers()
    atexit.register(workers.close)
    return workers


def _work() -> None:
    """Do what comes in, until nobody is there to ask: the program of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server, which gets it too, ends us
    # What a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    jobs: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    while True:
        function, arguments = jobs.get()
        answer: tuple[bool, Any]
        try:
            answer = True, function(*arguments)
        except AfterwordError as error:
            answer = False, error
        except Exception as error:
            log.error("A job failed: %s", place_of(error))
            answer = False, WorkerError("Something went wrong that should not: try again.")
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
        del function, arguments, answer


def _read(jobs: queue.SimpleQueue[Any]) -> None:
    """Take jobs in; when the server is gone, end at once, also in the middle of one."""
    try:
        while True:
            jobs.put(pickle.load(sys.stdin.buffer))  # noqa: S301 - of the server that started us
    except EOFError:
        os._exit(0)
    except Exception as error:
        log.error("A job cannot be read: %s", place_of(error))
        os._exit(1)


if __name__ == "__main__":
    _work()

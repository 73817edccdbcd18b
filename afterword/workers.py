"""Work in a process of its own: long work, so that nobody's page waits for it, and dangerous work.

A worker is another Python, started as a program (``python -m afterword.workers``): no fork of a
process with threads, and nothing of the server is imported into it. A function and its arguments
go to it pickled over its standard input, the answer comes back over its standard output. It ends
when the server does, however that ends, because its standard input closes then. If it dies, by a
crash of a library or for want of memory, or takes too long, its one job fails with a sentence, and
the next job gets a new one, which is made ready at once. Its program, and what a job can tell while
it is under way, stand in :mod:`afterword.worker_program`.

The memory of a worker is limited by the operating system where that can do so. Where it cannot,
the server looks at the worker's memory while a job is under way, and ends it.

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
import subprocess
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from operator import itemgetter
from typing import IO, Any, Final

from afterword import worker_program
from afterword.errors import AfterwordError, WorkerError, place_of
from afterword.pipes import receive, send
from afterword.process_memory import taken_mb
from afterword.worker_program import KEPT_MB, Told

LIMIT_S: Final = 300
"""Seconds after which a job is given up: many times what the largest report takes."""

START_S: Final = 60
"""Seconds that a process may take to start and get ready; the time of its first job begins then."""

REPORT_MB: Final = 2_000
"""Memory that drawing a report may take, in megabytes: more than twice what the largest does. What
stays of Evidently between two reports is part of it."""

LOOK_S: Final = 0.1
"""Seconds between two looks whether a job takes too long or is not wanted any more."""

WATCH_S: Final = 0.02
"""The same where the memory is looked at too, as the operating system does not limit it."""

_ENDED: Final = (
    "The process that worked on this ended before it was done: try again. If it ends again, the "
    "machine may be short of memory."
)
_TOO_LONG: Final = "This took longer than {limit:.0f} seconds and was given up: use fewer rows."
_TOO_MUCH: Final = "This took more than {limit:,} MB of memory and was given up: use fewer rows."

_SECRETS: Final = ("AFTERWORD_STORE_URL", "AFTERWORD_CHANNELS")

log = logging.getLogger(__name__)


class Job(Future[Any]):
    """Work that was handed in; ``cancel()`` drops it if it has not begun.

    Parameters
    ----------
    function, arguments : what to call with what, in another process.
    before : tells how many jobs are begun before one that waits.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        before: Callable[[Job], int] = lambda _: 0,
    ) -> None:
        super().__init__()
        self._before = before
        self.work: Any = (function, arguments)
        self.share: float | None = None
        """How far it is, in [0, 1], as it said last; None before it said anything."""
        self.unwanted = threading.Event()
        """Set when nobody waits for it any more, and when it is done."""
        self.add_done_callback(lambda _: self.unwanted.set())

    @property
    def before(self) -> int:
        """Number of jobs that are begun before it; 0 if it is next, or has begun."""
        return self._before(self)

    def give_up(self) -> None:
        """Drop it; if it is under way, its process is ended."""
        if not self.cancel():
            self.unwanted.set()


class Workers:
    """A few processes that take jobs, one owner after the other.

    Parameters
    ----------
    size : number of processes; none is started before there is a job for it.
    limit_s : seconds after which a job is given up and its process ended.
    memory_mb : most memory that a process may take, in megabytes; None for no limit.
    prepare : what a new process does before its first job, such as a slow import; a function that
        a module holds under its own name.
    kept_mb : memory that a process may keep of its jobs, where the system limits it; beyond,
        another takes its place.
    """

    def __init__(
        self,
        size: int = 1,
        limit_s: float = LIMIT_S,
        memory_mb: int | None = None,
        prepare: Callable[[], object] | None = None,
        kept_mb: int = KEPT_MB,
    ) -> None:
        self.size = size
        self._kind = (limit_s, memory_mb, prepare, kept_mb)
        self._closed = False
        self._left: list[_Worker] = []
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._waiting: OrderedDict[str, deque[Job]] = OrderedDict()
        self._changed = threading.Condition()
        self._workers: list[_Worker] = []
        self._idle = 0

    def _begin_after_fork(self) -> None:
        """In a copy of the process, leave the workers to that: none of its threads is here."""
        if self._process != os.getpid():
            self._left += self._workers  # they are kept, as what closes them may wait for a thread
            for worker in self._workers:
                worker.leave()
            self._begin()

    def submit(self, owner: str, function: Callable[..., Any], *arguments: Any) -> Job:
        """Hand a job in.

        Parameters
        ----------
        owner : whose it is. Owners take turns, so that nobody waits for all that another wants.
        function : that a module holds under its own name; the worker imports it from there.
        arguments : numbers, tables and the like, which can be pickled. A large buffer goes
            without a copy if it comes as :class:`pickle.PickleBuffer`.

        Returns
        -------
        The job; its ``result()`` waits, and raises what the function raised if that is an
        :class:`AfterwordError`, else a :class:`WorkerError`, whose ``why`` is "time", "memory",
        "unwanted" or "end".
        """
        job = Job(function, arguments, self._place)
        self._begin_after_fork()
        with self._changed:
            if self._closed:
                job.set_exception(WorkerError(_ENDED))
                return job
            self._waiting.setdefault(owner, deque()).append(job)
            self._changed.notify()
            waiting = sum(map(len, self._waiting.values()))
            if self._idle < waiting and len(self._workers) < self.size:
                self._start()
        return job

    def start(self) -> None:
        """Start the first process, so that the first job need not wait for it."""
        self._begin_after_fork()
        with self._changed:
            if not self._workers and not self._closed:
                self._start()

    @property
    def waiting(self) -> int:
        """Number of jobs that are not begun yet."""
        with self._changed:
            return sum(not job.cancelled() for jobs in self._waiting.values() for job in jobs)

    def _place(self, job: Job) -> int:
        with self._changed:
            places = [
                (nth, turn, one)
                for turn, jobs in enumerate(self._waiting.values())
                for nth, one in enumerate(jobs)
            ]
        # Each owner's first jobs come before anybody's second.
        order = [one for *_, one in sorted(places, key=itemgetter(0, 1)) if not one.cancelled()]
        return order.index(job) if job in order else 0

    def close(self) -> None:
        """End all processes; jobs that wait or are under way fail."""
        self._begin_after_fork()
        with self._changed:
            self._closed = True
            waiting = [job for jobs in self._waiting.values() for job in jobs]
            self._waiting.clear()
            self._changed.notify_all()
        for job in waiting:
            job.cancel()
        for worker in self._workers:
            worker.end()

    def _start(self) -> None:
        worker = _Worker(*self._kind)
        self._workers.append(worker)
        threading.Thread(
            target=self._serve, args=(worker,), name="afterword-worker", daemon=True
        ).start()

    def _serve(self, worker: _Worker) -> None:
        worker.make_ready()
        while (job := self._next()) is not None:
            if job.set_running_or_notify_cancel():
                worker.run(job)
                if self._closed:
                    break
                worker.make_ready()
            del job  # its answer is its owner's alone, also while no other job comes
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

    def __init__(
        self,
        limit_s: float,
        memory_mb: int | None,
        prepare: Callable[[], object] | None,
        kept_mb: int,
    ) -> None:
        self.limit_s, self.memory_mb = limit_s, memory_mb
        self._greeting = (memory_mb, prepare, kept_mb)
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ready = False
        self._until = 0.0
        self._limits: tuple[float, int | None] = (limit_s, memory_mb)
        """Seconds and megabytes of the step that its job is at."""
        self.watched = False
        """Whether the operating system leaves the limit of memory to us."""

    def make_ready(self) -> None:
        """Have a process that waits for the next job; it goes on with its imports by itself."""
        # A process that cannot be started is told by the job that needs it.
        with contextlib.suppress(Exception):
            self._running()

    def run(self, job: Job) -> None:
        """Have a job done, and answer it whatever happens."""
        ended: list[str] = []
        answered = threading.Event()
        self._until = time.monotonic() + START_S
        self._limits = (self.limit_s, self.memory_mb)
        watch = (job, ended, answered)
        threading.Thread(target=self._watch, args=watch, daemon=True).start()
        try:
            stdin, stdout = self._greeted(ended)
            self._until = time.monotonic() + self.limit_s
            work, job.work = job.work, None
            send(stdin, work)
            del work
            while isinstance(spent := receive(stdout), Told):
                self._take(job, spent)
            done, answer = receive(stdout)
            with self._lock:
                answered.set()
        except Exception as error:
            self.end()
            why = ended[0] if ended else "end"
            if why != "unwanted":
                log.error("A worker ended (%s): %s", why, place_of(error))
            job.set_exception(self._error(why))
            return
        if ended or spent:
            self.end()  # it had answered when it was killed, or the job left too much in its memory
        if done:
            job.set_result(answer)
        elif isinstance(answer, AfterwordError):
            job.set_exception(answer)
        else:
            self.end()  # what a process is like without memory is not known
            job.set_exception(self._error("memory"))

    def _take(self, job: Job, told: Told) -> None:
        """Take what a job tells while it is under way."""
        job.share = told.share
        if told.limits is not None:
            self._limits = told.limits
            self._until = time.monotonic() + told.limits[0]

    def _error(self, why: str) -> WorkerError:
        limit_s, memory_mb = self._limits
        sentences = {
            "time": _TOO_LONG.format(limit=limit_s),
            "memory": _TOO_MUCH.format(limit=memory_mb or 0),
        }
        return WorkerError(sentences.get(why, _ENDED), why)

    def _watch(self, job: Job, ended: list[str], answered: threading.Event) -> None:
        """End the process if its job takes too long, too much memory, or is not wanted."""
        while not job.done():
            if job.unwanted.wait(WATCH_S if self.watched else LOOK_S):
                why = "unwanted"
            elif self._until <= time.monotonic():
                why = "time"
            elif (
                self.watched
                and (process := self.process)
                and taken_mb(process.pid) > (self._limits[1] or 0)
            ):
                why = "memory"
            else:
                continue
            with self._lock:
                process = self.process
                if not answered.is_set():
                    ended.append(why)
                    if process is not None:
                        process.kill()
            return

    def _greeted(self, ended: list[str]) -> tuple[IO[bytes], IO[bytes]]:
        """The pipes of a process that is ready; one that died while it got ready is tried anew."""
        again = True
        while True:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            if ended:  # there was no process yet that could be ended
                raise EOFError
            try:
                if not self._ready:
                    limited = receive(process.stdout)
                    self.watched, self._ready = self.memory_mb is not None and not limited, True
                return process.stdin, process.stdout
            except Exception:
                self.end()
                if ended or not again:
                    raise
                again = False

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.end()
            process = self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "afterword.workers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # Of a server without one, a pipe would take its number.
                stderr=None if sys.stderr else subprocess.DEVNULL,
                env=_environment(),
            )
            assert process.stdin is not None
            self._ready = False
            try:
                send(process.stdin, self._greeting)
            except Exception:
                self.end()
                raise
        return self.process

    def leave(self) -> None:
        """Close this copy's ends of the pipes: the process ends when the other one's are closed."""
        if self.process is not None and self.process.stdin and self.process.stdout:
            for pipe in (self.process.stdin, self.process.stdout):
                with contextlib.suppress(OSError, ValueError):
                    os.close(pipe.fileno())

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

    # A library in Rust that is out of memory while it writes where that was waits for itself.
    # Freed tables go back to the system, where glibc would learn to keep all but the largest, and
    # Arrow would reserve a gigabyte.
    variables = os.environ | {
        "RUST_BACKTRACE": "0",
        "MALLOC_MMAP_THRESHOLD_": "131072",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }
    for secret in _SECRETS:  # what reads a stranger's file needs no password
        variables.pop(secret, None)
    if INSTALLED:  # site-packages before the standard library could hide a part of that
        return variables
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return variables | {"PYTHONPATH": path}


@cache
def get_workers() -> Workers:
    """Return the workers that draw reports: one, as a second would take as much memory again."""
    return _until_exit(Workers(memory_mb=REPORT_MB, kept_mb=REPORT_MB))


def _until_exit(workers: Workers) -> Workers:
    atexit.register(workers.close)
    return workers


if __name__ == "__main__":
    worker_program.main()

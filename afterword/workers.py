"""Work in a process of its own: long work, so that nobody's page waits for it, and dangerous work.

A worker is another Python, started as a program (``python -m afterword.workers``): no fork of a
process with threads, and nothing of the server is imported into it. A function and its arguments
go to it pickled over its standard input, the answer comes back over its standard output. It ends
when the server does, however that ends, because its standard input closes then. If it dies, by a
crash of a library or for want of memory, or takes too long, its one job fails with a sentence, and
the next job gets a new one, which is made ready at once.

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
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from typing import IO, Any, Final

from afterword.errors import AfterwordError, WorkerError, place_of
from afterword.pipes import pack, receive, send, write
from afterword.process_memory import limit_memory, own_data_mb, taken_mb

LIMIT_S: Final = 300
"""Seconds after which a job is given up: many times what the largest report takes."""

START_S: Final = 60
"""Seconds that a process may take to start and get ready; the time of its first job begins then."""

KEPT_MB: Final = 64
"""Memory that a process may keep of its jobs, in megabytes, where the system limits it: beyond,
another takes its place, as what there is for a job must not depend on the one before."""

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
    """

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        super().__init__()
        self.work: Any = (function, arguments)
        self.unwanted = threading.Event()
        """Set when nobody waits for it any more, and when it is done."""
        self.add_done_callback(lambda _: self.unwanted.set())

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
    """

    def __init__(
        self,
        size: int = 1,
        limit_s: float = LIMIT_S,
        memory_mb: int | None = None,
        prepare: Callable[[], object] | None = None,
    ) -> None:
        self.size = size
        self._kind = (limit_s, memory_mb, prepare)
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
        job = Job(function, arguments)
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
        self, limit_s: float, memory_mb: int | None, prepare: Callable[[], object] | None
    ) -> None:
        self.limit_s, self.memory_mb, self.prepare = limit_s, memory_mb, prepare
        self.process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ready = False
        self._until = 0.0
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
        watch = (job, ended, answered)
        threading.Thread(target=self._watch, args=watch, daemon=True).start()
        try:
            stdin, stdout = self._greeted(ended)
            self._until = time.monotonic() + self.limit_s
            work, job.work = job.work, None
            send(stdin, work)
            del work
            spent = receive(stdout)
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

    def _error(self, why: str) -> WorkerError:
        sentences = {
            "time": _TOO_LONG.format(limit=self.limit_s),
            "memory": _TOO_MUCH.format(limit=self.memory_mb or 0),
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
                and taken_mb(process.pid) > (self.memory_mb or 0)
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
                send(process.stdin, (self.memory_mb, self.prepare))
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
    # Freed tables go back to the system, where glibc would learn to keep all but the largest.
    variables = os.environ | {"RUST_BACKTRACE": "0", "MALLOC_MMAP_THRESHOLD_": "131072"}
    for secret in _SECRETS:  # what reads a stranger's file needs no password
        variables.pop(secret, None)
    if INSTALLED:  # site-packages before the standard library could hide a part of that
        return variables
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return variables | {"PYTHONPATH": path}


@cache
def get_workers() -> Workers:
    """Return the workers that draw reports: one, as a second would take as much memory again."""
    return _until_exit(Workers())


def _until_exit(workers: Workers) -> Workers:
    atexit.register(workers.close)
    return workers


def _work() -> None:
    """Do what comes in, until nobody is there to ask: the program of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server, which gets it too, ends us
    # What a library prints must not get among the answers, nor into a log: it may quote a cell.
    answers = os.fdopen(os.dup(1), "wb")
    logging.basicConfig(stream=os.fdopen(os.dup(2), "w"), format="%(message)s")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for output in (1, 2):
        os.dup2(nowhere, output)
    memory_mb, prepare = receive(sys.stdin.buffer)
    limited = memory_mb is not None and limit_memory(memory_mb)
    jobs: queue.SimpleQueue[tuple[Callable[..., Any], tuple[Any, ...]]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    if prepare is not None:
        _attempt(prepare)
    send(answers, limited)
    most_mb = own_data_mb() + KEPT_MB
    while True:
        function, arguments = jobs.get()
        answer = _attempt(function, *arguments)
        # An answer may be one that cannot be packed, or not within the memory that there is.
        done, packed = _attempt(pack, answer)
        parts = packed if done else pack((False, packed))
        del function, arguments, answer, packed
        kept_mb = own_data_mb() - sum(part.nbytes for part in parts) / 1e6
        send(answers, limited and kept_mb > most_mb)
        write(answers, parts)
        del parts


def _attempt(function: Callable[..., Any], *arguments: Any) -> tuple[bool, Any]:
    """Whether a call went well, and what it gave: an error of ours, or None for want of memory."""
    try:
        return True, function(*arguments)
    except AfterwordError as error:
        return False, error.with_traceback(None)
    except MemoryError as error:
        log.error("A job took too much memory: %s", place_of(error))
        return False, None
    except Exception as error:
        log.error("A job failed: %s", place_of(error))
        return False, WorkerError("Something went wrong that should not: try again.")


def _read(jobs: queue.SimpleQueue[Any]) -> None:
    """Take jobs in; when the server is gone, end at once, also in the middle of one."""
    try:
        while True:
            jobs.put(receive(sys.stdin.buffer))
    except EOFError:
        os._exit(0)
    except BaseException as error:
        log.error("A job cannot be read: %s", place_of(error))
        os._exit(1)


if __name__ == "__main__":
    _work()

"""Work in another process: its answers, its end, whose turn it is, and what is not wanted."""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
import weakref
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from afterword import worker_program
from afterword.errors import ReportError, WorkerError
from afterword.reports.evidently import report
from afterword.workers import Workers
from tests.working import begun_anew, grown, held_open, told

ROOT = Path(__file__).resolve().parents[1]
WAIT_S = 60


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.close()


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A pipe: whoever reads it waits until somebody writes."""
    path = tmp_path / "gate"
    os.mkfifo(path)
    return path


def test_work_is_done_in_another_process_that_stays(workers: Workers) -> None:
    first, second = (workers.submit("me", os.getpid).result(WAIT_S) for _ in range(2))
    assert first == second != os.getpid()


def test_the_worker_imports_neither_the_pages_nor_streamlit_nor_the_program(
    workers: Workers,
) -> None:
    workers.submit("me", report, None, "unknown").exception(WAIT_S)
    loaded = workers.submit("me", eval, "sorted(__import__('sys').modules)").result(WAIT_S)
    assert "afterword.reports.evidently" in loaded
    assert not {"streamlit", "app", "pytest", "evidently"} & set(loaded)
    assert not [name for name in loaded if name.startswith("afterword.ui")]


def test_what_an_afterword_function_refuses_is_said_in_its_words(workers: Workers) -> None:
    error = workers.submit("me", report, None, "unknown").exception(WAIT_S)
    assert isinstance(error, ReportError)
    assert "not 'unknown'" in str(error)


def test_a_librarys_message_stays_in_the_worker(
    workers: Workers, capfd: pytest.CaptureFixture[str]
) -> None:
    error = workers.submit("me", int, "what somebody wrote").exception(WAIT_S)
    assert isinstance(error, WorkerError)
    assert "somebody wrote" not in str(error)
    written = capfd.readouterr()
    assert "ValueError" in written.err
    assert "somebody wrote" not in written.out + written.err


def test_what_a_library_prints_gets_not_among_the_answers(workers: Workers) -> None:
    assert workers.submit("me", print, "progress: 100 %").result(WAIT_S) is None
    assert workers.submit("me", pow, 2, 3).result(WAIT_S) == 8


@pytest.mark.parametrize(("end", "arguments"), [(os.abort, ()), (os._exit, (0,))])
def test_a_worker_that_dies_fails_its_job_in_a_sentence_and_the_next_gets_another(
    workers: Workers, end: object, arguments: tuple[int, ...]
) -> None:
    before = workers.submit("me", os.getpid).result(WAIT_S)
    error = workers.submit("me", end, *arguments).exception(WAIT_S)  # type: ignore[arg-type]
    assert isinstance(error, WorkerError)
    assert "try again" in str(error)
    assert workers.submit("me", os.getpid).result(WAIT_S) != before


def test_a_worker_that_was_killed_while_it_waited_costs_no_job(workers: Workers) -> None:
    process = psutil.Process(workers.submit("me", os.getpid).result(WAIT_S))
    process.kill()
    psutil.wait_procs([process], timeout=WAIT_S)
    assert workers.submit("me", pow, 2, 3).result(WAIT_S) == 8


def test_work_that_cannot_be_sent_fails_and_the_next_is_done(workers: Workers) -> None:
    assert isinstance(workers.submit("me", lambda: None).exception(WAIT_S), WorkerError)
    assert workers.submit("me", pow, 2, 3).result(WAIT_S) == 8


def test_work_without_an_end_is_given_up_with_its_limit(gate: Path) -> None:
    workers = Workers(limit_s=0.5)
    error = workers.submit("me", Path.read_bytes, gate).exception(WAIT_S)
    workers.close()
    assert isinstance(error, WorkerError)
    assert "took longer than" in str(error)


def test_owners_take_turns(workers: Workers, gate: Path) -> None:
    done: list[str] = []
    workers.submit("first", Path.read_bytes, gate)
    jobs = {
        name: workers.submit(name[0], pow, 2, 3) for name in ("a1", "a2", "a3", "b1", "b2", "c1")
    }
    for name, job in jobs.items():
        job.add_done_callback(lambda _, name=name: done.append(name))  # type: ignore[misc]
    gate.write_bytes(b"")
    for job in jobs.values():
        job.result(WAIT_S)
    assert done == ["a1", "b1", "c1", "a2", "b2", "a3"]


def test_what_nobody_wants_any_more_is_not_begun(workers: Workers, gate: Path) -> None:
    blocking = workers.submit("me", Path.read_bytes, gate)
    dropped = workers.submit("me", os.abort)
    wanted = workers.submit("me", pow, 2, 3)
    assert dropped.cancel()
    gate.write_bytes(b"open")
    assert blocking.result(WAIT_S) == b"open"
    assert wanted.result(WAIT_S) == 8
    assert not blocking.cancel()


def test_closing_ends_the_worker_and_answers_whoever_waits(gate: Path) -> None:
    workers = Workers()
    process = psutil.Process(workers.submit("me", os.getpid).result(WAIT_S))
    running, waiting = (workers.submit("me", Path.read_bytes, gate) for _ in range(2))
    with gate.open("wb"):  # the worker has opened its end: it is in the middle of it
        workers.close()
    assert isinstance(running.exception(WAIT_S), WorkerError)
    assert waiting.cancelled()
    assert not process.is_running()
    assert isinstance(workers.submit("me", pow, 2, 3).exception(WAIT_S), WorkerError)


def test_a_forked_copy_of_the_process_has_workers_of_its_own_and_ends_none() -> None:
    code = (
        "import faulthandler, os, sys; from afterword.workers import get_workers;"
        "first = get_workers().submit('me', os.getpid).result();"
        "child = os.fork();"
        f"child or faulthandler.dump_traceback_later({WAIT_S}, exit=True);"
        "child or get_workers().submit('me', os.getpid).result() != first or sys.exit(7);"
        "child or sys.exit(0);"  # which closes the workers
        "status = os.waitpid(child, 0)[1];"
        "same = get_workers().submit('me', os.getpid).result() == first;"
        "print(status, same)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=3 * WAIT_S
    )
    assert done.stdout.split() == ["0", "True"]


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_its_server_even_in_the_middle_of_a_job(
    gate: Path, ending: signal.Signals
) -> None:
    code = (
        # A shell's background job begins with Ctrl-C ignored, and hands that on.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "import sys, os, pathlib; from afterword.workers import get_workers;"
        "print(get_workers().submit('me', os.getpid).result(), flush=True);"
        f"get_workers().submit('me', pathlib.Path.read_bytes, pathlib.Path({str(gate)!r})).result()"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    worker = psutil.Process(int(server.stdout.readline()))
    with gate.open("wb"):
        server.send_signal(ending)
        server.wait(WAIT_S)
        gone, left = psutil.wait_procs([worker], timeout=WAIT_S)
    server.stdout.close()
    assert gone
    assert not left


def test_work_that_nobody_waits_for_is_ended_and_the_next_is_done(gate: Path) -> None:
    workers = Workers()
    before = workers.submit("me", os.getpid).result(WAIT_S)
    job = workers.submit("me", Path.read_bytes, gate)
    with gate.open("wb"):  # it has begun
        job.give_up()
        error = job.exception(WAIT_S)
    assert isinstance(error, WorkerError)
    assert error.why == "unwanted"
    assert workers.submit("me", os.getpid).result(WAIT_S) != before
    waiting = workers.submit("me", Path.read_bytes, gate)
    dropped = workers.submit("me", pow, 2, 3)
    dropped.give_up()
    assert dropped.cancelled()
    waiting.give_up()
    workers.close()


def unlimited(tmp_path: Path) -> Path:
    """A folder that hides the module by which the system limits memory, as Windows has none."""
    (tmp_path / "resource.py").write_text("raise ImportError('no such module')")
    return tmp_path


@pytest.mark.parametrize("by", ["the system", "the server"])
def test_too_much_memory_is_one_sentence_and_the_next_is_done(
    by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "the server":
        monkeypatch.setenv("PYTHONPATH", str(unlimited(tmp_path)))
    workers = Workers(memory_mb=300)
    assert workers.submit("me", len, "abc").result(WAIT_S) == 3
    # The memory is written to, step by step: what is only asked for is not there yet.
    growing = "[bytearray(10**7) for _ in range(200)] and __import__('time').sleep(9)"
    error = workers.submit("me", eval, growing).exception(WAIT_S)
    assert isinstance(error, WorkerError)
    assert (error.why, "300 MB" in str(error)) == ("memory", True)
    assert workers.submit("me", len, "abc").result(WAIT_S) == 3
    workers.close()


def test_an_answer_for_which_there_is_no_memory_is_an_error_too() -> None:
    workers = Workers(memory_mb=300)
    error = workers.submit("me", bytes, 200_000_000).exception(WAIT_S)
    assert isinstance(error, WorkerError)
    assert error.why == "memory"
    workers.close()


def test_an_answer_that_cannot_be_packed_is_an_error_and_says_nothing_of_it(
    workers: Workers, capfd: pytest.CaptureFixture[str]
) -> None:
    error = workers.submit("me", eval, "lambda: 'what somebody wrote'").exception(WAIT_S)
    assert isinstance(error, WorkerError)
    assert "somebody wrote" not in str(error) + capfd.readouterr().err
    assert workers.submit("me", pow, 2, 3).result(WAIT_S) == 8


def test_large_buffers_come_and_go_whole(workers: Workers) -> None:
    content = os.urandom(3_000_000)
    sent = workers.submit("me", bytes, pickle.PickleBuffer(content)).result(WAIT_S)
    assert sent == content


def test_what_is_bytes_comes_as_bytes_and_what_may_be_changed_as_such(workers: Workers) -> None:
    for content in (b"abc" * 100_000, bytearray(b"abc" * 100_000)):
        came = workers.submit("me", type, pickle.PickleBuffer(content)).result(WAIT_S)
        assert came is type(content)


def test_a_new_process_is_ready_before_its_first_job(tmp_path: Path) -> None:
    workers = Workers(prepare=_prepared)
    workers.start()
    loaded = "'wave' in __import__('sys').modules"
    assert workers.submit("me", eval, loaded).result(WAIT_S)
    workers.close()


def _prepared() -> None:
    import wave  # noqa: F401


def test_a_process_that_cannot_be_started_fails_the_job_and_the_next_gets_one(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in (None, "", "no-such-program", shutil.which("true")):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "executable", program)
            assert isinstance(workers.submit("me", pow, 2, 3).exception(WAIT_S), WorkerError)
    assert workers.submit("me", pow, 2, 3).result(WAIT_S) == 8


def test_a_server_without_standard_error_has_its_work_done() -> None:
    code = (
        "from afterword.workers import Workers; workers = Workers();"
        "print(workers.submit('me', pow, 2, 3).result()); workers.close()"
    )
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=WAIT_S,
    )
    assert done.stdout == "8\n"


def test_an_answer_is_kept_by_nobody_but_its_owner(workers: Workers) -> None:
    job = workers.submit("me", Counter, "what somebody wrote")
    answer = weakref.ref(job.result(WAIT_S))
    del job
    until = time.monotonic() + WAIT_S
    while answer() is not None and time.monotonic() < until:
        gc.collect()
        time.sleep(0.01)
    assert answer() is None


def test_several_processes_work_at_once(tmp_path: Path) -> None:
    workers = Workers(2)
    gates = [tmp_path / name for name in "ab"]
    for one in gates:
        os.mkfifo(one)
    jobs = [workers.submit(str(one), Path.read_bytes, one) for one in gates]
    for one in reversed(gates):
        one.write_bytes(b"open")
    assert [job.result(WAIT_S) for job in jobs] == [b"open", b"open"]
    workers.close()


def test_a_job_tells_how_far_it_is(workers: Workers, gate: Path) -> None:
    job = workers.submit("me", told, 0.25, gate)
    assert job.share is None
    with gate.open("wb"):  # it has told, and waits
        until = time.monotonic() + WAIT_S
        while job.share is None and time.monotonic() < until:
            time.sleep(0.01)
        assert job.share == 0.25
    assert job.result(WAIT_S) == b""
    worker_program.tell(0.5)  # here, where it is no worker's job, to nobody


def test_a_part_of_a_job_has_limits_of_its_own(gate: Path) -> None:
    workers = Workers(limit_s=0.5, memory_mb=300)
    error = workers.submit("me", begun_anew, 2.5, 600, gate).exception(WAIT_S)
    assert isinstance(error, WorkerError)
    assert (error.why, "2 seconds" in str(error)) == ("time", True)
    assert workers.submit("me", grown, 600, 400).result(WAIT_S) == 400
    error = workers.submit("me", grown, 500, 600).exception(WAIT_S)
    assert isinstance(error, WorkerError)
    assert (error.why, "500 MB" in str(error)) == ("memory", True)
    # What one job was allowed is not the next one's.
    assert isinstance(workers.submit("me", bytes, 400_000_000).exception(WAIT_S), WorkerError)
    workers.close()


def test_what_a_job_loads_for_good_is_no_jobs_memory() -> None:
    workers = Workers(memory_mb=300)
    first = workers.submit("me", held_open, 200).result(WAIT_S)
    assert workers.submit("me", held_open, 0).result(WAIT_S) == first
    assert workers.submit("me", len, workers.submit("me", bytes, 10**8).result(WAIT_S)).result()
    assert workers.submit("me", os.getpid).result(WAIT_S) == first
    workers.close()


def test_a_worker_stands_back_behind_its_server(workers: Workers) -> None:
    process = psutil.Process(workers.submit("me", os.getpid).result(WAIT_S))
    assert process.nice() == min(psutil.Process().nice() + worker_program.NICE, 19)


def test_a_job_knows_how_many_are_begun_before_it(workers: Workers, gate: Path) -> None:
    running = workers.submit("first", Path.read_bytes, gate)
    with gate.open("wb"):
        jobs = [workers.submit(owner, pow, 2, 3) for owner in ("a", "a", "b", "c", "b")]
        # Owners take turns: a's second comes after b's and c's first.
        assert [job.before for job in jobs] == [0, 3, 1, 2, 4]
        assert jobs[2].cancel()
        assert [job.before for job in jobs if not job.cancelled()] == [0, 2, 1, 3]
        assert running.before == 0
        assert workers.waiting == 4
    assert [job.result(WAIT_S) for job in jobs if not job.cancelled()] == [8] * 4
    assert [job.before for job in jobs] == [0] * 5

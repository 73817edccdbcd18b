"""Files are read by another process: what it loads, how it ends, and what is said then."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from fastapi import HTTPException
from pydantic import ValidationError

from afterword.api.checks import Upload, _Work
from afterword.errors import BatchError
from afterword.files import isolation, wording
from afterword.files.isolation import MEMORY_MB, get_readers, read_apart
from afterword.files.reading import read_batch
from afterword.model import scored_files
from afterword.settings import Settings
from afterword.ui.shared.waiting import wait
from afterword.worker_program import KEPT_MB
from afterword.workers import Job, Workers
from tests.files.readers import died, failed, grew, held, kept

WAIT_S = 60
CSV = b"description\n" + b"He whistled at me near the gate.\n" * 40


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    """Readers that are given a few seconds."""
    workers = Workers(1, 10, MEMORY_MB)
    monkeypatch.setattr(isolation, "get_readers", lambda: workers)
    yield workers
    workers.close()


@pytest.mark.parametrize(
    ("read", "sentence"),
    [
        (kept, wording.too_slow(30)),
        (died, wording.READER_ENDED),
        (grew, wording.too_much_memory(MEMORY_MB)),
        (failed, wording.DAMAGED),
    ],
)
def test_however_a_reader_ends_it_is_one_sentence_and_the_next_file_is_read(
    read: Any, sentence: str, short: Workers
) -> None:
    with pytest.raises(BatchError) as caught:
        read_apart(read, b"what somebody wrote", settings=Settings())
    assert str(caught.value) == sentence
    assert len(read_batch(CSV, categories=()).texts) == 40


def test_a_reader_loads_neither_pages_nor_server_nor_the_program_that_asks() -> None:
    read_batch(CSV, categories=())
    loaded = get_readers().submit("me", eval, "sorted(__import__('sys').modules)").result(WAIT_S)
    assert "pandas" in loaded
    assert not {"streamlit", "app", "pytest", "fastapi", "starlette", "evidently"} & set(loaded)
    assert not [name for name in loaded if name.startswith(("afterword.ui", "afterword.api"))]


def test_the_memory_for_a_file_does_not_depend_on_the_file_before(short: Workers) -> None:
    def process_of(megabytes: int) -> int:
        return int(read_apart(held, b"", megabytes, settings=Settings()))

    first = process_of(1)
    assert process_of(KEPT_MB + 1) == first
    another = process_of(1)
    assert another != first
    assert process_of(1) == another


def test_all_of_arrow_gives_memory_back_to_the_system() -> None:
    # Its own allocator, of which a file reserves what the next one lacks, is in all but Python.
    asked = "__import__('os').environ['ARROW_DEFAULT_MEMORY_POOL']"
    told = "__import__('pyarrow').default_memory_pool().backend_name"
    read_batch(CSV, categories=())
    for one in (asked, told):
        assert get_readers().submit("me", eval, one).result(WAIT_S) == "system"


def test_a_file_leaves_nothing_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    workers = Workers(1, 30, MEMORY_MB)
    monkeypatch.setattr(isolation, "get_readers", lambda: workers)
    assert len(read_batch(CSV, categories=()).texts) == 40
    assert list(tmp_path.iterdir()) == []
    workers.close()


def test_a_visitor_who_leaves_ends_the_reading_of_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Gone(BaseException):
        """As Streamlit ends a run of the page at the next thing that is shown."""

    class Place:
        def empty(self) -> None:
            raise Gone

    workers = Workers(1)
    worker = psutil.Process(workers.submit("me", os.getpid).result(WAIT_S))
    monkeypatch.setattr("streamlit.empty", Place)
    with pytest.raises(Gone):
        wait(workers.submit("me", kept, b""))
    assert psutil.wait_procs([worker], timeout=WAIT_S)[0]
    workers.close()


def test_a_call_that_is_given_up_ends_the_reading_of_its_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workers = Workers(1)
    worker = psutil.Process(workers.submit("me", os.getpid).result(WAIT_S))
    jobs: list[Job] = []

    def read(content: bytes, *, wait: isolation.Wait, **_: Any) -> Any:
        jobs.append(workers.submit("call", kept, content))
        return wait(jobs[0])

    def check() -> None:
        with contextlib.suppress(HTTPException):
            work.read()

    monkeypatch.setattr(scored_files, "read", read)
    work = _Work(Upload(CSV, ".csv", {}), Settings())
    thread = threading.Thread(target=check)
    thread.start()
    while not (jobs and jobs[0].running()):
        time.sleep(0.01)
    work.give_up()
    thread.join(WAIT_S)
    assert not thread.is_alive()
    assert psutil.wait_procs([worker], timeout=WAIT_S)[0]
    workers.close()


@pytest.mark.parametrize("seconds", [0, float("inf"), float("nan"), 1e300])
def test_a_time_that_no_clock_waits_for_is_no_limit(seconds: float) -> None:
    with pytest.raises(ValidationError):
        Settings(read_timeout_s=seconds)

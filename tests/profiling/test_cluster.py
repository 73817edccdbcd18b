"""Jobs of a cluster: whoever reads a part, and whichever worker dies, nothing changes."""

from __future__ import annotations

import signal
import sqlite3
import time
from pathlib import Path

import fsspec
import pandas as pd
import pytest

from afterword.errors import ClusterError, ModelError
from afterword.model.registry import version_of
from afterword.profiling import cluster as room
from afterword.profiling import wording
from afterword.profiling.cluster import run_on_cluster
from afterword.profiling.jobs import Progress, Task, Total
from afterword.profiling.making import profile
from afterword.profiling.model_files import ModelFiles, software
from afterword.profiling.queries import Query
from afterword.profiling.sources import source_of
from afterword.text.distinct import new_key
from tests.profiling.clusters import OWN, Cluster
from tests.profiling.clusters import cluster as cluster
from tests.profiling.parts import Bad, parts_of, read_parts, same_rows, told
from tests.profiling.test_making import batch_of
from tests.servers import free_port

ROWS = 36_000
"""So many that one file of them has several blocks."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same rows as one file of several blocks, and as a folder of ten files."""
    whole, ten = same_rows(tmp_path_factory.mktemp("rows"), ROWS)
    assert len(list(source_of(whole).parts())) >= 3
    return whole, ten


@pytest.fixture(scope="module")
def expected(files: tuple[Path, Path]) -> str:
    """What one process finds in one file."""
    return told(profile(files[0], workers=1))


@pytest.fixture
def task() -> Task:
    return Task(None, version_of(), new_key(), 100)


@pytest.mark.whole
def test_a_worker_that_is_killed_midway_changes_nothing(
    cluster: Cluster, files: tuple[Path, Path], expected: str
) -> None:
    assert told(profile(files[1], workers=1)) == expected
    workers = [cluster.start_worker() for _ in range(2)]
    cluster.wait_for_workers(2)
    assert told(profile(files[0], cluster=cluster.address)) == expected
    rows: list[int] = []

    def kill(progress: Progress) -> None:
        rows.append(progress.rows)
        if len(rows) == 2:
            workers[0].send_signal(signal.SIGKILL)
            workers[0].wait()

    found = profile(files[1], cluster=cluster.address, progress=kill)
    assert rows[-1] == ROWS
    assert len(rows) == 10
    assert told(found) == expected
    workers[1].terminate()
    workers[1].wait(60)


@pytest.mark.whole
def test_a_part_that_ends_every_worker_is_given_up_and_told_once(
    cluster: Cluster, task: Task
) -> None:
    workers = [cluster.start_worker() for _ in range(5)]
    cluster.wait_for_workers(5)
    good, total = read_parts(4), Total(task.drawn)
    parts = parts_of(*good[:2], Bad("deadly"), *good[2:])
    run_on_cluster(cluster.address, parts, task, total)
    found = total.profile()
    assert found.rows == 120
    assert [note for note in found.notes if wording.ENDED in note] == [
        wording.lost("table 3", wording.ENDED, 0)
    ]
    assert total.done == set(range(5))
    (left,) = [worker for worker in workers if worker.poll() is None]
    left.terminate()
    left.wait(60)


@pytest.mark.whole
def test_what_a_worker_did_not_expect_is_told_and_logged_without_a_word_of_a_row(
    cluster: Cluster, task: Task
) -> None:
    worker = cluster.start_worker()
    with pytest.raises(ClusterError) as caught:
        run_on_cluster(cluster.address, parts_of(Bad("whispered Zoltran")), task, Total(task.drawn))
    assert "ValueError" in str(caught.value)
    for said in (str(caught.value), cluster.logs()):
        assert "Zoltran" not in said
        assert task.key.hex() not in said
    worker.terminate()
    worker.wait(60)


def test_a_worker_opens_a_model_that_it_does_not_have(
    cluster: Cluster, small_model: Path, tmp_path: Path
) -> None:
    table = pd.DataFrame({"description": [f"He shouted {n} times." for n in range(40)]})
    table.to_csv(tmp_path / "rows.csv", index=False)
    worker = cluster.start_worker(AFTERWORD_MODEL_DIR=str(tmp_path / "no-model"))
    found = profile(tmp_path / "rows.csv", cluster=cluster.address, model_dir=small_model)
    assert found.categories == ("Remarks", "Staring")
    (placed,) = cluster.folder.rglob("afterword-model-*")
    assert placed.stat().st_mode & 0o777 == 0o700
    worker.terminate()
    worker.wait(60)
    assert not list(cluster.folder.rglob("afterword-model-*"))


@pytest.mark.parametrize("name", ["manifest.json", "classifier.joblib", "reference-tables.npz"])
def test_a_model_that_changed_on_its_way_is_not_opened(name: str, tmp_path: Path) -> None:
    files = ModelFiles.of(None)
    changed = ModelFiles(files.digest, {**files.content, name: files.content[name] + b" "})
    with pytest.raises(ModelError):
        changed.folder(str(tmp_path))


@pytest.mark.whole
@pytest.mark.parametrize("who", ["The scheduler", "A worker"])
def test_a_machine_without_afterword_is_told(who: str, tmp_path: Path) -> None:
    lacking: dict[str, str] = {}
    with Cluster(tmp_path, lacking if who == "The scheduler" else OWN) as found:
        found.start_worker(**(OWN if who == "The scheduler" else {"PYTHONPATH": ""}))
        with pytest.raises(ClusterError, match=rf"{who} .* no Afterword"):
            profile(["He whistled."], cluster=found.address)


@pytest.mark.whole
def test_a_job_whose_last_worker_went_goes_on_from_its_checkpoint(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PATIENCE_SECONDS", 0.5)
    whole, ten = same_rows(tmp_path, 600)
    worker, rows = cluster.start_worker(), []

    def kill(progress: Progress) -> None:
        rows.append(progress.rows)
        if len(rows) == 3:
            worker.kill()
            worker.wait()

    kept = tmp_path / "kept"
    with pytest.raises(ClusterError) as caught:
        profile(ten, cluster=cluster.address, checkpoint=kept, progress=kill)
    assert str(caught.value) == wording.NO_WORKERS
    assert len(rows) < 10
    monkeypatch.undo()
    other = cluster.start_worker()
    found = profile(ten, cluster=cluster.address, checkpoint=kept, progress=kill)
    assert len(rows) == 10
    assert told(found) == told(profile(whole))
    assert not kept.exists()
    other.terminate()
    other.wait(60)


@pytest.mark.whole
def test_a_cluster_whose_scheduler_ends_is_told(files: tuple[Path, Path], tmp_path: Path) -> None:
    with Cluster(tmp_path) as found:
        found.start_worker()
        with pytest.raises(ClusterError) as caught:
            profile(files[1], cluster=found.address, progress=lambda _: found.programs[0].kill())
    assert str(caught.value) == wording.GONE


def test_a_cluster_without_workers_is_told(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "ANSWER_SECONDS", 1)
    with pytest.raises(ClusterError, match="no workers"):
        profile(["He whistled."], cluster=cluster.address)


def test_an_address_at_which_nobody_answers_is_told_soon() -> None:
    began = time.monotonic()
    with pytest.raises(ClusterError, match="No scheduler answers"):
        profile(["He whistled."], cluster=f"tcp://127.0.0.1:{free_port()}")
    assert time.monotonic() - began < 4 * room.ANSWER_SECONDS


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "tcp://", "tcp://a:b", ""])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ClusterError):
        profile(["He whistled."], cluster=address)


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'afterword\[cluster\]'"):
        profile(["He whistled."], cluster="tcp://127.0.0.1:8786")


def test_a_cluster_has_the_workers_that_it_has() -> None:
    with pytest.raises(ClusterError, match="not both"):
        profile(["He whistled."], cluster="tcp://127.0.0.1:8786", workers=2)


def test_another_version_is_told() -> None:
    theirs = software() | {"numpy": "2.3.0"}
    said = room._difference("A worker", theirs, software())
    assert "numpy 2.3.0" in said
    assert room._difference("A worker", software(), software()) == ""


def test_a_part_prints_no_row_and_a_task_no_key(task: Task) -> None:
    (part,) = parts_of(b"He whistled")
    assert "whistled" not in repr(part)
    assert repr(task.key) not in repr(task)


def test_what_is_left_of_a_client_that_failed_keeps_no_other_one_waiting() -> None:
    """A collection of garbage at any moment must not close a client inside the start of another."""
    import gc

    def clients() -> list[object]:
        return [one for one in gc.get_objects() if type(one).__name__ == "Client"]

    others, before = clients(), gc.get_threshold()
    try:
        for _ in range(3):
            with pytest.raises(ClusterError):
                profile(["He whistled."], cluster="tcp://a:b")
            gc.set_threshold(1)
    finally:
        gc.set_threshold(*before)
    assert not [one for one in clients() if all(one is not each for each in others)]


def test_what_lies_elsewhere_is_read_here_and_counted_there(
    cluster: Cluster, tmp_path: Path
) -> None:
    table = batch_of(600, 3)
    table.to_csv(tmp_path / "week.csv", index=False)
    expected = told(profile(tmp_path / "week.csv", workers=1))
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/logs/week.csv", (tmp_path / "week.csv").read_bytes())
    base = sqlite3.connect(tmp_path / "base.db")
    table.to_sql("weeks", base, index=False)
    base.close()
    worker = cluster.start_worker()
    query = Query("SELECT * FROM weeks", f"sqlite:///{tmp_path / 'base.db'}")
    for source in ("memory://logs/week.csv", query):
        assert told(profile(source, cluster=cluster.address)) == expected
    memory.rm("/logs", recursive=True)
    worker.terminate()
    worker.wait(60)

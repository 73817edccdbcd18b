"""A job that was ended goes on, and what it leaves behind is its owner's alone."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from afterword.errors import BatchError, CheckpointError
from afterword.profiling.jobs import Progress
from afterword.profiling.making import profile
from tests.profiling.parts import same_rows, told
from tests.profiling.test_making import batch_of, same
from tests.servers import environment

ROOT = Path(__file__).resolve().parents[2]
ROWS = 1_000


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    """A folder of ten files."""
    return same_rows(tmp_path, ROWS)[1]


class StopError(Exception):
    """What ends a job."""


def stop_after(parts: int, error: type[BaseException] = StopError) -> Any:
    """What ends a job when so many parts are done."""
    left = [parts]

    def stop(_: Progress) -> None:
        left[0] -= 1
        if not left[0]:
            raise error

    return stop


def stopped(source: Path, kept: Path, parts: int = 4, **options: Any) -> None:
    """Begin a job, and end it midway."""
    with pytest.raises(StopError):
        profile(source, checkpoint=kept, progress=stop_after(parts), **options)


@pytest.mark.parametrize("most_kept", [100_000, 50])
def test_a_job_that_was_ended_twice_comes_to_the_same(
    ten: Path, tmp_path: Path, most_kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether its texts are few, of which all stays known, or many."""
    monkeypatch.setattr("afterword.profiling.jobs.MOST_KEPT", most_kept)
    expected, kept = profile(ten), tmp_path / "kept"
    stopped(ten, kept, 3)
    with pytest.raises(KeyboardInterrupt):
        profile(ten, checkpoint=kept, progress=stop_after(4, KeyboardInterrupt))
    seen: list[Progress] = []
    found = profile(ten, checkpoint=kept, progress=seen.append)
    assert len(seen) == 3
    assert seen[-1].rows == ROWS
    assert seen[-1].share == 1
    same(found, expected)
    assert told(found) == told(expected)
    assert not list(tmp_path.glob("*kept*"))


def test_the_sample_goes_on_too(ten: Path, tmp_path: Path) -> None:
    stopped(ten, tmp_path / "kept", drawn=300)
    drawn = profile(ten, checkpoint=tmp_path / "kept", drawn=300).drawn
    assert drawn is not None
    assert len(drawn.frame) == 300
    assert drawn.numbers.tolist() == sorted(drawn.numbers.tolist())


def killed(source: Path, kept: Path, parts: int, **options: Any) -> None:
    """Begin a job in a process of its own, and end that at once when so many parts are done."""
    waits = kept.with_name("waits")
    program = f"""
import pathlib, time
from afterword.profiling import checkpoint
from afterword.profiling.making import profile
checkpoint.EVERY_SECONDS, checkpoint._SHARE = 0, 1e9
done = []
def wait(progress):
    done.append(progress)
    if len(done) == {parts}:
        pathlib.Path({str(waits)!r}).touch()
        time.sleep(600)
profile({str(source)!r}, checkpoint={str(kept)!r}, progress=wait, **{options!r})
"""
    job = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environment())
    while not waits.exists() and job.poll() is None:
        time.sleep(0.05)
    job.send_signal(signal.SIGKILL)
    job.wait()


@pytest.mark.whole
def test_a_process_that_is_killed_goes_on_from_what_it_wrote(ten: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    killed(ten, kept, 5)
    seen: list[Progress] = []
    found = profile(ten, workers=2, checkpoint=kept, progress=seen.append)
    assert len(seen) == 5
    assert told(found) == told(profile(ten))


@pytest.fixture
def cities(ten: Path) -> Path:
    """The same folder, with a column: four values, of which two begin late, and empty cells."""
    for number, path in enumerate(sorted(ten.iterdir())):
        table = pd.read_csv(path)
        names = ["Delhi", "Pune", "", *(["Goa", "Zürich"] if number > 6 else [])]
        table["City"] = np.resize(names, len(table))
        table.to_csv(path, index=False)
    return ten


@pytest.mark.whole
@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_by_a_column_that_is_killed_comes_to_the_same(
    cities: Path, tmp_path: Path, workers: int
) -> None:
    expected, kept = profile(cities, by="city"), tmp_path / "kept"
    killed(cities, kept, 5, by="city")
    assert kept.stat().st_mode & 0o777 == 0o600
    seen: list[Progress] = []
    found = profile(cities, by="city", workers=workers, checkpoint=kept, progress=seen.append)
    assert len(seen) == 5
    assert not list(tmp_path.glob("*kept*"))
    assert list(found) == list(expected) == ["Delhi", "Pune", "", "Goa", "Zürich"]
    assert (found.column, found.small, found.small_rows) == ("city", 0, 0)
    same(found.whole, expected.whole)
    for value, one in found.items():
        same(one, expected[value])
        assert told(one) == told(expected[value])


def test_a_job_by_another_column_does_not_go_on_from_it(cities: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    stopped(cities, kept, by="city")
    for by in (None, "id"):
        with pytest.raises(CheckpointError, match="other options"):
            profile(cities, by=by, checkpoint=kept)
    assert len(profile(cities, by="city", checkpoint=kept)) == 5


def test_only_its_owner_can_read_it_from_the_beginning(
    ten: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    save = np.savez

    def saved(file: Any, **content: Any) -> None:
        modes.append(os.fstat(file.fileno()).st_mode & 0o777)
        save(file, **content)

    monkeypatch.setattr(np, "savez", saved)
    before = os.umask(0)
    try:
        stopped(ten, tmp_path / "kept")
    finally:
        os.umask(before)
    assert modes == [0o600, 0o600]
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o600


def test_no_text_stands_in_it(ten: Path, tmp_path: Path) -> None:
    stopped(ten, tmp_path / "kept", 9)
    with zipfile.ZipFile(tmp_path / "kept") as content:
        held = b"".join(content.read(name) for name in content.namelist()).lower()
    for text in batch_of(ROWS, 4)["description"].unique():
        shown = text.strip().lower().encode()
        assert len(shown) < 20 or shown not in held
    assert b"zoltran" in held  # words that the model does not know do, as docs/privacy.md says


def test_a_job_that_ends_before_anything_was_joined_leaves_no_checkpoint(
    ten: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    with pytest.raises(BatchError):
        profile(ten, checkpoint=kept, description="no such column")
    assert not list(tmp_path.glob("*kept*"))
    assert profile(ten, checkpoint=kept).rows == ROWS


def test_another_job_does_not_go_on_from_it(ten: Path, tmp_path: Path, small_model: Path) -> None:
    kept = tmp_path / "kept"
    stopped(ten, kept)
    with pytest.raises(CheckpointError, match="other options"):
        profile(ten, checkpoint=kept, time="time")
    with pytest.raises(CheckpointError, match="other options"):
        profile(ten, checkpoint=kept, drawn=5)
    with pytest.raises(CheckpointError, match="another model"):
        profile(ten, checkpoint=kept, model_dir=small_model)
    with pytest.raises(CheckpointError, match="other files"):
        profile(ten / "0.csv", checkpoint=kept)
    (ten / "3.csv").touch()
    with pytest.raises(CheckpointError, match="changed since"):
        profile(ten, checkpoint=kept)
    assert kept.exists()


def test_a_damaged_file_or_another_one_is_refused_and_stays(ten: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    stopped(ten, kept)
    whole = kept.read_bytes()
    others = [whole[:-20], whole[:9], b"", b"description\nHe whistled.\n", b"\x80\x04N."]
    # Where the largest array stands: between arrays are bytes that nobody reads.
    at = whole.index(max(whole.split(b"PK\x03\x04"), key=len)) + 400
    others.append(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    for content in others:
        kept.write_bytes(content)
        with pytest.raises(CheckpointError, match="damaged"):
            profile(ten, checkpoint=kept)
        assert kept.read_bytes() == content
    empty = io.BytesIO()
    np.savez(empty, told=np.frombuffer(b"{}", np.uint8))
    kept.write_bytes(empty.getvalue())
    with pytest.raises(CheckpointError, match="damaged"):
        profile(ten, checkpoint=kept)


def test_what_others_could_have_written_is_refused(ten: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    stopped(ten, kept)
    kept.chmod(0o640)
    with pytest.raises(CheckpointError, match="own"):
        profile(ten, checkpoint=kept)
    kept.chmod(0o600)
    kept.rename(tmp_path / "elsewhere")
    kept.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CheckpointError):
        profile(ten, checkpoint=kept)
    kept.unlink()
    os.mkfifo(kept, 0o600)
    with pytest.raises(CheckpointError, match="own"):
        profile(ten, checkpoint=kept)
    kept.unlink()
    kept.mkdir()
    with pytest.raises(CheckpointError):
        profile(ten, checkpoint=kept)


def test_a_place_that_cannot_be_written_is_told_before_the_work(ten: Path, tmp_path: Path) -> None:
    def never(_: Progress) -> None:
        pytest.fail("a part was read")

    with pytest.raises(CheckpointError, match="cannot be written"):
        profile(ten, checkpoint=tmp_path / "no-folder" / "kept", progress=never)


def test_a_disk_that_is_full_midway_keeps_what_was_written_before(
    ten: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("afterword.profiling.checkpoint.EVERY_SECONDS", 0)
    monkeypatch.setattr("afterword.profiling.checkpoint._SHARE", 1e9)
    kept, save, left = tmp_path / "kept", np.savez, [4]

    def full(file: Any, **content: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            file.write(b"PK")
            raise OSError(28, "No space left on device")
        save(file, **content)

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(CheckpointError, match="space on the disk"):
        profile(ten, checkpoint=kept)
    monkeypatch.undo()
    assert [path.name for path in tmp_path.glob("*kept*")] == ["kept"]
    seen: list[Progress] = []
    assert told(profile(ten, checkpoint=kept, progress=seen.append)) == told(profile(ten))
    assert len(seen) == 7


def test_rows_that_cannot_be_read_again_have_no_checkpoint(tmp_path: Path) -> None:
    for source in (batch_of(30, 1), iter([batch_of(30, 1)]), ["He whistled."]):
        with pytest.raises(BatchError, match="Only files"):
            profile(source, checkpoint=tmp_path / "kept")
    assert not list(tmp_path.iterdir())


def test_an_addition_that_was_interrupted_midway_is_not_kept(
    ten: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from afterword.profiling.jobs import Total

    expected, kept = told(profile(ten)), tmp_path / "kept"
    join = Total._join_texts
    left = [3]

    def interrupted(self: Total, piece: Any) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        join(self, piece)

    monkeypatch.setattr(Total, "_join_texts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        profile(ten, checkpoint=kept)
    monkeypatch.undo()
    assert told(profile(ten, checkpoint=kept)) == expected

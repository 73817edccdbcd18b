"""Jobs of this machine: a process that dies, and a part that ends every process."""

from __future__ import annotations

import functools
import gc
import operator
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import psutil
import pytest

import afterword
from afterword.errors import ModelError
from afterword.measures.profiles import Profile
from afterword.model.registry import version_of
from afterword.profiling import wording
from afterword.profiling.jobs import Progress, Task, Total, profile_part, run
from afterword.profiling.making import profile
from afterword.text.distinct import new_key
from tests.profiling.parts import Bad, parts_of, read_parts, same_rows, told
from tests.profiling.test_making import batch_of, same

pytestmark = pytest.mark.whole


def processes() -> list[psutil.Process]:
    """The processes of joblib that work for this one."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if any("popen_loky" in word for word in child.cmdline())
    ]


def test_a_process_that_is_killed_midway_changes_nothing(tmp_path: Path) -> None:
    whole, ten = same_rows(tmp_path, 4_000)
    rows: list[int] = []

    def kill(progress: Progress) -> None:
        rows.append(progress.rows)
        if len(rows) == 2:
            (first, *_) = processes()
            first.send_signal(signal.SIGKILL)
            first.wait(10)

    found = profile(ten, workers=2, progress=kill)
    assert rows == sorted(rows)
    assert rows[-1] == 4_000
    assert len(rows) == 10
    expected = profile(whole, workers=1)
    same(found, expected)
    assert told(found) == told(expected)


def test_garbage_is_collected_again_when_a_part_is_done_or_failed() -> None:
    task, (good,) = Task(None, version_of(), new_key(), 100), read_parts(1)
    (part,) = parts_of(good)
    assert gc.isenabled()
    assert profile_part(part, task, 2**64 - 1).profile
    assert gc.isenabled()
    with pytest.raises(ModelError):
        profile_part(part, replace(task, model="another"), 2**64 - 1)
    assert gc.isenabled()
    gc.disable()
    try:
        profile_part(part, task, 2**64 - 1)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_part_that_ends_every_process_is_given_up_and_told_once() -> None:
    task = Task(None, version_of(), new_key(), 100)
    good, total = read_parts(4), Total(task.drawn)
    run(parts_of(*good[:2], Bad("deadly"), *good[2:]), task, total, workers=2)
    found = total.profile()
    assert found.rows == 120
    assert [note for note in found.notes if wording.ENDED in note] == [
        wording.lost("table 3", wording.ENDED, 0)
    ]
    assert total.done == set(range(5))


def test_groups_that_another_system_scores_under_one_key_add_up() -> None:
    """As docs/scale.md has Spark and Beam do it."""
    table, key = batch_of(300, 2), new_key()

    def count(rows: list[Any]) -> Profile:
        batch = afterword.read_batch(pd.DataFrame(rows), description="description", time="time")
        return profile(afterword.score(batch, key=key), drawn=50)

    groups = [table[at : at + 60].to_dict("records") for at in range(0, 300, 60)]
    total = functools.reduce(operator.add, map(count, groups))
    whole = profile(table)
    same(total, whole)
    assert told(total) == told(whole)

"""Parts that several tests have added up."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from afterword.drift.checking import check
from afterword.files.blocks import Understood
from afterword.files.options import ReadOptions
from afterword.measures.profiles import Profile
from afterword.profiling import wording
from afterword.profiling.sources import Part, source_of
from afterword.records import Batch, Columns
from tests.profiling.test_making import batch_of

PEAK = "open('/proc/self/status').read().split('VmHWM:')[1].split()[0]"
"""What gives the kilobytes that a program came to; getrusage has those of who started it, too."""


def told(found: Profile) -> str:
    """What a check says of a profile, byte by byte."""
    return json.dumps(check(found).to_dict())


def same_rows(folder: Path, rows: int) -> tuple[Path, Path]:
    """The same rows as one file, and as a folder of ten."""
    table = batch_of(rows, 4)
    table.to_csv(folder / "whole.csv", index=False)
    (folder / "ten").mkdir()
    for number in range(10):
        table[number::10].to_csv(folder / "ten" / f"{number}.csv", index=False)
    return folder / "whole.csv", folder / "ten"


class Bad:
    """Content of a part that its worker cannot read: "deadly", or what an error says."""

    def __init__(self, what: str) -> None:
        self.what = what

    @property
    def accepted(self) -> int:
        """What a worker asks of a part first."""
        if self.what == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError(self.what)


def read_parts(count: int) -> list[Batch]:
    """So many batches of 30 rows."""
    found = source_of(iter([batch_of(30, seed) for seed in range(count)]))
    return [part.content for part in found.parts()]


def parts_of(*contents: object) -> Iterator[Part]:
    """Contents as the parts of a source."""
    how = Understood("lines", (), ",", Columns("description"), ReadOptions())
    for number, content in enumerate(contents):
        read = None if isinstance(content, Batch) else how
        yield Part(number, content, read, 0, wording.part(number + 1, 0, 0))

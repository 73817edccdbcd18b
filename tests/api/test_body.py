"""The body of a request in pieces: nothing of it is lost, and nothing of it stays."""

from __future__ import annotations

import subprocess
import sys

import pytest

from afterword.api.body import PIECE, Body

GROWTH = """
import resource
from afterword.api.body import Body

def most_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000

body, other = Body(), Body()
for _ in range(3_200):
    body.add(b"x" * 64_000)
held = most_mb()
while body:
    other.add(body.take())
print(most_mb() - held)
"""


@pytest.mark.parametrize("sizes", [[0], [3], [PIECE, 1], [PIECE + 1], [9, 3 * PIECE, 0, 9, PIECE]])
def test_what_comes_goes_in_its_order(sizes: list[int]) -> None:
    parts = [bytes([65 + place]) * size for place, size in enumerate(sizes)]
    body = Body()
    for part in parts:
        body.add(part)
    taken = []
    while body:
        taken.append(body.take())
    assert b"".join(taken) == b"".join(parts)
    assert all(taken)
    assert body.take() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="Memory is counted otherwise there.")
def test_a_body_that_is_handed_on_is_in_memory_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", GROWTH], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 20  # of 205 megabytes

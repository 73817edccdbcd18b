"""Values through a pipe between two processes of ours; large buffers in them are not copied.

>>> import io
>>> stream = io.BytesIO()
>>> send(stream, {"rows": 3})
>>> _ = stream.seek(0)
>>> receive(stream)
{'rows': 3}
"""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any


def pack(value: Any) -> list[memoryview]:
    """A value as bytes; large buffers in it are not copied."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, 5, buffer_callback=buffers.append)
    return [memoryview(head), *(buffer.raw() for buffer in buffers)]


def send(stream: IO[bytes], value: Any) -> None:
    write(stream, pack(value))


def write(stream: IO[bytes], parts: list[memoryview]) -> None:
    # The lowest bit tells whether a part may be changed where it comes out, as an array may.
    sizes = [2 * part.nbytes + (not part.readonly) for part in parts]
    stream.write(struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes))
    for part in parts:
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read a value; EOFError if the other side has gone."""
    (count,) = struct.unpack("<I", _exactly(stream, 4))
    sizes = struct.unpack(f"<{count}Q", _exactly(stream, 8 * count))
    head, *buffers = (_exactly(stream, size >> 1, bool(size & 1)) for size in sizes)
    return pickle.loads(head, buffers=buffers)  # noqa: S301 - of our own process


def _exactly(stream: IO[bytes], size: int, changes: bool = False) -> bytes | bytearray:
    if not changes:
        # What is bytes comes as bytes: who needs those has no second copy to make.
        whole = stream.read(size)
        if len(whole) < size:
            raise EOFError
        return whole
    content = bytearray(size)
    view, place = memoryview(content), 0
    while place < size:
        got = stream.readinto(view[place:])  # type: ignore[attr-defined]
        if not got:
            raise EOFError
        place += got
    return content

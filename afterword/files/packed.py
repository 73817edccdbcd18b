"""Compressed files: unpacked in memory, and no further than a file may be large.

>>> import gzip
>>> unpack(gzip.compress(b"text\\nHe whistled at me.\\n"), 1_000)[1]
'gzip'
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import IO, Any, Final

from afterword.errors import BatchError
from afterword.files import wording

SKIPPABLE: Final = ("__macosx/", ".")
"""Beginnings, in lower case, of what programs pack beside a file."""


def _zstd(content: io.BytesIO) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(content, "zstd")


def _lz4(content: io.BytesIO) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(content, "lz4")


MAX_PARTS: Final = 10_000
"""Parts of an archive, and of a workbook, which is one."""

KINDS: Final[Mapping[bytes, tuple[str, Callable[[io.BytesIO], Any]]]] = {
    b"\x1f\x8b": ("gzip", lambda content: gzip.GzipFile(fileobj=content)),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\xfd7zXZ": ("xz", lzma.LZMAFile),
    b"\x28\xb5\x2f\xfd": ("Zstandard", _zstd),
    b"\x04\x22\x4d\x18": ("LZ4", _lz4),
}
"""First bytes of a compressed file: what it is called, and what reads it."""

_STEP: Final = 1_000_000


def unpack(content: bytes, most: int) -> tuple[bytes, str]:
    """Return what a compressed file holds, and what it was compressed by; "" if it was not.

    Parameters
    ----------
    content : of the file.
    most : bytes that it may hold.

    Raises
    ------
    BatchError
        It holds more, or is damaged.
    """
    for beginning, (name, reader) in KINDS.items():
        if content.startswith(beginning):
            try:
                with reader(io.BytesIO(content)) as stream:
                    return _whole(stream, most), name
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                raise BatchError(wording.damaged_archive(name)) from None
    return content, ""


def check_parts(content: bytes) -> None:
    """Refuse an archive with too many parts before its table of contents is read.

    Raises
    ------
    BatchError
        It has more than :data:`MAX_PARTS`.
    """
    if content.count(b"PK\x01\x02") > MAX_PARTS:
        raise BatchError(wording.too_many(MAX_PARTS, "parts"))


def unpack_zip(archive: zipfile.ZipFile, endings: tuple[str, ...], most: int) -> bytes | None:
    """Return the one table in an archive; None if there is none, or more than one.

    Parameters
    ----------
    archive : opened.
    endings : of the names of tables, without the dot.
    most : bytes that the table may have.

    Raises
    ------
    BatchError
        The table has more, or is behind a password.
    """
    found = [
        part
        for part in archive.infolist()
        if not part.filename.lower().startswith(SKIPPABLE)
        and PurePosixPath(part.filename).suffix.lower().removeprefix(".") in endings
    ]
    if len(found) != 1:
        return None
    if found[0].flag_bits & 1:
        raise BatchError(wording.PROTECTED_ARCHIVE)
    with archive.open(found[0]) as stream:
        return _whole(stream, most)


def _whole(stream: IO[bytes], most: int) -> bytes:
    content = bytearray()
    while step := stream.read(_STEP):
        content += step
        if len(content) > most:
            raise BatchError(wording.unpacks_to_more(most // 1_000_000))
    return bytes(content)

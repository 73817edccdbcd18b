"""What profiles are made of: files, folders and tables, taken apart into parts.

A part is a block of rows that is read, scored and added up by itself, in this process or another.
"""

from __future__ import annotations

import glob
import io
import lzma
import os
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final

from afterword.errors import BatchError
from afterword.files.binary import OLE
from afterword.files.blocks import (
    BLOCK_BYTES,
    BLOCK_ROWS,
    BROKEN,
    Understood,
    in_blocks,
    open_text,
)
from afterword.files.delimited import decode
from afterword.files.options import ReadOptions
from afterword.files.packed import KINDS
from afterword.files.tables import FOREIGN, PARQUET, ZIP
from afterword.model.scored import Scored
from afterword.model.scored_files import read
from afterword.profiling import wording
from afterword.profiling.addresses import Address, is_address, local_path
from afterword.profiling.queries import Query
from afterword.profiling.stored_files import LocalFile, LostError, RemoteFile, find
from afterword.records import Batch
from afterword.settings import get_settings

if TYPE_CHECKING:
    import pyarrow as pa

PACKED: Final = ("gz", "bz2", "xz", "zst", "lz4")
TABLES: Final = ("csv", "tsv", "jsonl", "ndjson", "parquet", "xlsx", "xls", "xlsb", "ods")
"""Endings of files that are read in a folder; others are named one by one, or by a pattern."""
_DAMAGE: Final = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)
"""What reading a file ends with that is damaged, cut off, or not to be opened."""
_PATTERN: Final = "*?["
_WHOLE: Final = (ZIP, OLE, *(magic for magic, _ in FOREIGN))
"""First bytes of what cannot be read in blocks."""


@dataclass(frozen=True, eq=False)
class Part:
    """Rows that are added up by themselves; printed without them, as a cluster's logs would.

    Attributes
    ----------
    number : of the part, from 0.
    content : rows that were read; or bytes or a table of Arrow that will be, as ``how`` says; or
        why there are none.
    how : how the file of the part is read.
    size : bytes of the source that it takes.
    place : which file and block it is, for a sentence.
    """

    number: int
    content: Any = field(repr=False)
    how: Understood | None
    size: int
    place: str


@dataclass(frozen=True)
class Unread:
    """What stands where rows could not be read.

    Attributes
    ----------
    problem : why, in a sentence.
    """

    problem: str


@dataclass(frozen=True)
class Source:
    """Files, or what else rows come from.

    Attributes
    ----------
    files : of this machine, or at addresses.
    items : tables, batches, scored rows: whatever :func:`afterword.read` takes; or queries.
    options : what the caller knows of the files.
    block : bytes of a block of text, about.
    to_the_end : whether a file whose connection is lost ends the job, which can go on later; else
        it is counted as far as it came.
    """

    files: tuple[LocalFile | RemoteFile, ...] = ()
    items: Any = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    block: int = BLOCK_BYTES
    to_the_end: bool = False

    @property
    def size(self) -> int:
        """Bytes of all files; 0 where there are none, or one of them does not tell."""
        sizes = [file.size for file in self.files]
        known = all(sizes) or not any(isinstance(file, RemoteFile) for file in self.files)
        return sum(sizes) if known else 0

    def parts(self) -> Iterator[Part]:
        """Every part, in order.

        Raises
        ------
        BatchError
            A file cannot be read.
        """
        number = 0
        for place, file in enumerate(self.files, start=1):
            for block, (content, how, size) in enumerate(_blocks(file, self), start=1):
                told = wording.part(place, len(self.files), block)
                yield Part(number, content, how, size, told)
                number += 1
        for item in self.items:
            if isinstance(item, Query):
                for content, how in _rows(item, self.options):
                    yield Part(number, content, how, 0, wording.part_of_query(number + 1))
                    number += 1
                continue
            found = item if isinstance(item, Batch | Scored) else read(item, **self.options)
            yield Part(number, found, None, 0, wording.part(number + 1, 0, 0))
            number += 1


def source_of(source: Any, **options: Any) -> Source:
    """Tell what rows come from.

    Parameters
    ----------
    source : a path or an address of a file or a folder, a pattern such as ``logs/*.csv``, or a
        list of :class:`pathlib.Path` and :class:`Address`; a query; an iterator of tables; or
        what :func:`afterword.read` takes. A list of str is a list of texts.
    options : as of :func:`afterword.read_batch`.

    Raises
    ------
    BatchError
        There is no such file, or none in the folder that can be read; or an address may not be
        read.
    """
    if isinstance(source, list | tuple) and any(isinstance(one, Path | Address) for one in source):
        if not all(isinstance(one, Path | Address) for one in source):
            raise BatchError(wording.LIST_OF_FILES)
        return Source(tuple(file for one in source for file in _files(one)), (), options)
    if isinstance(source, str | Path | Address):
        return Source(_files(source), (), options)
    if isinstance(source, Iterator) and not hasattr(source, "read"):
        return Source((), source, options)
    return Source((), (source,), options)


def _files(source: str | Path | Address) -> tuple[LocalFile | RemoteFile, ...]:
    """The files of a path or an address, sorted by name."""
    if isinstance(source, Address) or (isinstance(source, str) and is_address(source)):
        address = source.text if isinstance(source, Address) else source
        local = local_path(address)
        if local is None:
            return find(address, lambda name: _is_table(Path(name)))
        source = local
    return tuple(map(LocalFile, _paths(source)))


def _paths(source: str | Path) -> tuple[Path, ...]:
    """The files of a path, sorted by name."""
    try:
        return _found(source)
    except OSError:  # a folder that may not be read, a name that is too long
        raise BatchError(wording.NO_FILE) from None


def _found(source: str | Path) -> tuple[Path, ...]:
    path = Path(source)
    if path.is_dir():
        inside = sorted(one for one in path.iterdir() if one.is_file())
        found = [one for one in inside if _is_table(one)]
        if not found:
            raise BatchError(wording.EMPTY_FOLDER)
        return tuple(found)
    if not path.exists() and any(sign in str(source) for sign in _PATTERN):
        named = sorted(Path(one) for one in glob.glob(os.fspath(source), recursive=True))
        found = [one for one in named if one.is_file()]
        if not found:
            raise BatchError(wording.EMPTY_PATTERN)
        return tuple(found)
    if not path.is_file():
        raise BatchError(wording.NO_FILE)
    return (path,)


def _is_table(path: Path) -> bool:
    """Whether a file in a folder is called a table; settings and notes lie beside such files."""
    endings = [ending.lower().removeprefix(".") for ending in path.suffixes[-2:]]
    if endings and endings[-1] in PACKED:
        endings.pop()
    return bool(endings) and endings[-1] in TABLES


def _blocks(
    file: LocalFile | RemoteFile, source: Source
) -> Iterator[tuple[Any, Understood | None, int]]:
    """The blocks of a file up to where it is damaged, which is told as a block of its own."""
    blocks, how, whole = _blocks_of(file, source), None, False
    while True:
        try:
            if file.problem:
                raise LostError(file.problem)
            block = next(blocks, None)
        except BatchError as error:
            if how or len(source.files) == 1 or source.options.get("strict"):
                raise
            # One of several files, such as an empty one: the others are counted.
            yield Unread(str(error)), None, file.size
            return
        except LostError as error:
            alone = how is None and len(source.files) == 1
            if alone or source.to_the_end:
                raise BatchError(str(error)) from None
            yield Unread(wording.broken_off(str(error)) if how else str(error)), None, 0
            return
        except _DAMAGE:
            if how is None and not whole:
                # Read as a whole, by a process of its own, it gets a sentence that says why.
                blocks, whole = _one_block(file, source), True
                continue
            if how is None:
                raise
            yield b"", replace(how, form=BROKEN), 0
            return
        if block is None:
            return
        how = block[1]
        yield block


def _one_block(file: LocalFile | RemoteFile, source: Source) -> Iterator[tuple[Any, None, int]]:
    yield _read_whole(file, source.options), None, 0


def _read_whole(file: LocalFile | RemoteFile, options: Mapping[str, Any]) -> Batch | Scored:
    most = get_settings().max_upload_mb * 1_000_000
    found: Batch | Scored = read(file.whole(most), **{"name": file.name, **options})
    return found


def _blocks_of(
    file: LocalFile | RemoteFile, source: Source
) -> Iterator[tuple[Any, Understood | None, int]]:
    """The blocks of a file: the first one as it was read, those that follow as they are."""
    with file.open() as raw:
        head = raw.read(1_000)
        raw.seek(0)
        if not head.startswith(PARQUET):
            text = open_text(raw)
            form = None if head.startswith(_WHOLE) else _form(file.name, text)
            if form is not None:
                yield from _text(file.name, raw, form, source)
                return
    anywhere = file.open_anywhere() if head.startswith(PARQUET) else None
    if anywhere is None:
        yield _read_whole(file, source.options), None, file.size
        return
    with anywhere:
        yield from _parquet(file, anywhere, source.options)


def _form(name: str, stream: IO[bytes]) -> str | None:
    """Whether a file of text has lines of cells or of JSON; None if it has neither."""
    head = stream.read(1_000)
    begins = decode(head)[0].lstrip()[:1] if head.strip() else ""
    if begins == "{" and PurePosixPath(name).suffix.lower() != ".json":
        return "json"
    return None if begins in ("[", "{", "") else "lines"


def _text(
    name: str, raw: IO[bytes], form: str, source: Source
) -> Iterator[tuple[Any, Understood | None, int]]:
    raw.seek(0)
    blocks = in_blocks(open_text(raw), source.block)
    how, before = None, 0
    for block in blocks:
        size, before = raw.tell() - before, raw.tell()
        if how is None:
            name = f"{name}l" if form == "json" and not PurePosixPath(name).suffix else name
            for beginning in KINDS.values():
                name = name.removesuffix(f".{beginning[0]}")
            first = read(block, name=name, **source.options)
            if not isinstance(first, Batch):
                raise BatchError(wording.NO_FILE)
            how = Understood.by(form, first, ReadOptions(**source.options))
            yield first, how, size
        else:
            yield block, how, size


def _parquet(
    file: LocalFile | RemoteFile, raw: IO[bytes], options: Mapping[str, Any]
) -> Iterator[tuple[Any, Understood | None, int]]:
    import pyarrow.parquet as pq

    table = pq.ParquetFile(raw, pre_buffer=False)
    rows = table.metadata.num_rows
    if rows <= BLOCK_ROWS or b"scored rows" in (table.schema_arrow.metadata or {}).get(
        b"afterword", b""
    ):
        yield _read_whole(file, options), None, file.size
        return
    how, share, left = None, file.size / max(rows, 1), rows
    blocks = _tables(table)
    while True:
        try:
            block = next(blocks, None)
        except LostError:
            raise
        except _DAMAGE:
            if how is None:
                raise
            # The footer tells how many rows the rest of the file has.
            yield left, replace(how, form=BROKEN), 0
            return
        if block is None:
            return
        left -= len(block)
        size = int(share * len(block))
        if how is not None:
            yield block, how, size
            continue
        first = _first_of(block, file.name, options)
        how = Understood.by("table", first, ReadOptions(**options))
        yield first, how, size


def _first_of(table: pa.Table, name: str, options: Mapping[str, Any]) -> Batch:
    """The first block of a table, read as the file that it would be."""
    import pyarrow.parquet as pq

    content = io.BytesIO()
    pq.write_table(table, content)
    first = read(content.getvalue(), name=name, **options)
    if not isinstance(first, Batch):
        raise BatchError(wording.NO_FILE)
    return first


def _rows(query: Query, options: Mapping[str, Any]) -> Iterator[tuple[Any, Understood | None]]:
    """The rows of a database up to where they end, or the connection does."""
    how = None
    try:
        for table in query.tables(BLOCK_ROWS):
            if how is not None:
                yield table, how
                continue
            first = _first_of(table, "query.parquet", options)
            how = Understood.by("table", first, ReadOptions(**options))
            yield first, how
    except LostError as error:
        if how is None:
            raise BatchError(str(error)) from None
        yield Unread(wording.broken_off(str(error))), None
    if how is None:
        raise BatchError(wording.EMPTY_QUERY)


def _tables(file: Any) -> Iterator[pa.Table]:
    """Tables of some thousand rows, unpacked a thousand at a time."""
    import pyarrow as pa

    ahead: list[Any] = []
    step = min(1_000, BLOCK_ROWS)
    try:
        for batch in file.iter_batches(step, use_threads=False):
            ahead.append(batch)
            if len(ahead) * step >= BLOCK_ROWS:
                yield pa.Table.from_batches(ahead)
                ahead = []
    except _DAMAGE:
        if ahead:
            yield pa.Table.from_batches(ahead)
        raise
    if ahead:
        yield pa.Table.from_batches(ahead)

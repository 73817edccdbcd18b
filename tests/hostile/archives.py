"""Archives that lie about what they hold, and files that are packed as no table may be."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from functools import cache, partial

from tests.hostile.case import TEXT, Case
from tests.hostile.sheets import KIND, good, patched_sizes, stored
from tests.workbooks import TABLE, sheet, xlsx, zipped

LINE = f"{TEXT}\n".encode()
CSV = b"description\n" + LINE * 20
SHEET = "xl/worksheets/sheet1.xml"


def _books() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Workbooks whose archive is the weapon."""
    spaces = " " * 60_000_000
    yield "a sheet that unpacks to a thousand times its size", lambda: xlsx(sheet(TABLE, spaces))
    yield (
        "a part that nobody reads and that unpacks to 60 MB",
        lambda: xlsx(sheet(TABLE), ("xl/media/a.png", spaces)),
    )
    yield "parts that lie on each other", overlapping
    yield "an archive in an archive, ten deep", partial(nested, 10)
    for size in (0, 1, 0xFFFFFFFE, 0xFFFFFFFF):
        yield f"parts that say {size} bytes", partial(_lying, size)
    yield "more than four gigabytes, said in 64 bits", zip64
    yield "parts that are encrypted", lambda: _flagged(1)
    yield "parts with a descriptor that is not there", lambda: _flagged(8)
    yield "an unknown way of packing", lambda: _method(99)
    for name, method in (
        ("bzip2", zipfile.ZIP_BZIP2), ("LZMA", zipfile.ZIP_LZMA), ("nothing", zipfile.ZIP_STORED),
    ):  # fmt: skip
        yield f"parts packed with {name}", partial(_packed, method)
    yield "two parts of one name", lambda: _added(SHEET, sheet(TABLE).encode())
    for name in (
        "../../../tmp/quayside",
        "/tmp/quayside",
        "C:\\quayside",
        "a\0b",
        "CON",
        "x" * 65_000,
    ):
        yield f"a part called “{name[:20]!a}”", partial(_added, name, b"a")
    yield "a part that is a link", _link
    yield "60,000 empty parts", lambda: zipped({SHEET: "", **{str(n): "" for n in range(60_000)}})
    yield "a comment of 65,535 bytes that is a table of contents", lambda: _commented()
    yield "a table of contents alone", lambda: good()[good().find(b"PK\x01\x02") :]
    yield "another file before it", lambda: b"PK\x03\x04" + bytes(100_000) + good()
    yield "two workbooks, one after the other", lambda: good() + stored()
    yield "wrong sums", _wrong_sums


def _lying(size: int) -> bytes:
    return patched_sizes(xlsx(sheet(TABLE, " " * 5_000_000)), size)


@cache
def overlapping() -> bytes:
    """A thousand entries of a table of contents that all name the same packed megabytes."""
    data = xlsx(sheet(TABLE, " " * 5_000_000))
    start, end = data.find(b"PK\x01\x02"), data.find(b"PK\x05\x06")
    entries = [b"PK\x01\x02" + one for one in data[start:end].split(b"PK\x01\x02")[1:]]
    (target,) = (one for one in entries if SHEET.encode() in one)
    more = [
        target.replace(SHEET.encode(), f"xl/worksheets/{n:06}.xml".encode()) for n in range(1_000)
    ]
    table = b"".join(entries + more)
    tail = struct.pack(
        "<4sHHHHIIH",
        b"PK\5\6",
        0,
        0,
        len(entries + more),
        len(entries + more),
        len(table),
        start,
        0,
    )
    return data[:start] + table + tail


def nested(depth: int) -> bytes:
    """A workbook in the place of another one's sheet, and so on."""
    data = good()
    for _ in range(depth):
        data = _added("xl/embeddings/a.xlsx", data)
    return data


def zip64() -> bytes:
    """An archive whose parts have sizes of 64 bits that lie."""
    data = bytearray(patched_sizes(good(), 0xFFFFFFFF))
    place = data.find(b"PK\x01\x02")
    length = struct.unpack_from("<H", data, place + 28)[0]
    extra = struct.pack("<HHQ", 1, 8, 2**62)
    struct.pack_into("<H", data, place + 30, len(extra))
    data[place + 46 + length : place + 46 + length] = extra
    end = data.find(b"PK\x05\x06")
    struct.pack_into("<I", data, end + 12, struct.unpack_from("<I", data, end + 12)[0] + len(extra))
    return bytes(data)


def _in_heads(change: Callable[[bytearray, int], None]) -> bytes:
    data = bytearray(good())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = 0
        while (place := data.find(mark, place)) >= 0:
            change(data, place + offset)
            place += 4
    return bytes(data)


def _flagged(bit: int) -> bytes:
    return _in_heads(lambda data, place: data.__setitem__(place, data[place] | bit))


def _method(number: int) -> bytes:
    return _in_heads(lambda data, place: data.__setitem__(place + 2, number))


def _packed(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good())) as archive, zipfile.ZipFile(out, "w", method) as copy:
        for name in archive.namelist():
            copy.writestr(name, archive.read(name))
    return out.getvalue()


def _added(name: str | zipfile.ZipInfo, content: bytes) -> bytes:
    out = io.BytesIO(good())
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as archive:
        warnings.simplefilter("ignore")  # two parts of one name are wanted
        archive.writestr(name, content)
    return out.getvalue()


def _link() -> bytes:
    part = zipfile.ZipInfo("xl/worksheets/sheet2.xml")
    part.external_attr = 0o120777 << 16
    return _added(part, b"/etc/passwd")


def _commented() -> bytes:
    out = io.BytesIO(good())
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = (b"PK\x05\x06" + bytes(18)) * 2_900
    return out.getvalue()


def _wrong_sums() -> bytes:
    data = bytearray(good())
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data[place + 16] ^= 0xFF
        place += 4
    return bytes(data)


@cache
def bomb() -> bytes:
    """A gigabyte of nothing, packed: members of a hundred megabytes follow each other."""
    return gzip.compress(bytes(100_000_000), 9) * 10


@cache
def lines() -> bytes:
    """A gigabyte of one line, packed."""
    return gzip.compress(b"description\n", 9) + gzip.compress(LINE * 1_000_000) * 27


def _wrapped(depth: int) -> bytes:
    data = CSV
    for _ in range(depth):
        data = gzip.compress(data)
    return data


def _tar(mode: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        part = tarfile.TarInfo("a.csv")
        part.size = len(CSV)
        archive.addfile(part, io.BytesIO(CSV))
    return out.getvalue()


def _zstandard(count: int) -> bytes:
    import pyarrow as pa

    return bytes(pa.Codec("zstd").compress(LINE * count, asbytes=True))


def _compressed() -> Iterator[tuple[str, str, Callable[[], bytes]]]:
    yield "csv.gz", "a table", lambda: gzip.compress(CSV)
    yield "csv.gz", "a gigabyte of nothing", bomb
    yield "csv.gz", "a gigabyte of one line", lines
    yield "csv.gz", "packed 20 times", lambda: _wrapped(20)
    yield "csv.gz", "two members", lambda: gzip.compress(CSV) + gzip.compress(CSV)
    yield (
        "csv.gz",
        "100,000 empty members",
        lambda: gzip.compress(b"") * 100_000 + gzip.compress(CSV),
    )
    yield "csv.gz", "cut", lambda: gzip.compress(CSV * 1_000)[:-20]
    yield "csv.gz", "a wrong sum", lambda: gzip.compress(CSV)[:-8] + b"\0\1\2\3" + b"\0\0\0\1"
    yield "csv.gz", "noise behind it", lambda: gzip.compress(CSV) + b"\xff" * 10_000
    yield "csv.gz", "its head alone", lambda: gzip.compress(CSV)[:10]
    yield (
        "csv.gz",
        "a name of 1 MB in its head",
        lambda: b"\x1f\x8b\x08\x08" + bytes(6) + b"a" * 1_000_000 + b"\0" + gzip.compress(CSV)[10:],
    )
    yield (
        "jsonl.gz",
        "a table",
        lambda: gzip.compress(b'{"description":"%s"}\n' % TEXT.encode() * 20),
    )
    yield "xlsx.gz", "a workbook", lambda: gzip.compress(good())
    yield "csv.bz2", "a table", lambda: bz2.compress(CSV)
    yield "csv.bz2", "a bomb", lambda: bz2.compress(bytes(50_000_000)) * 10
    yield "csv.xz", "a table", lambda: lzma.compress(CSV)
    yield "csv.xz", "a bomb", lambda: lzma.compress(bytes(50_000_000)) * 10
    yield "csv.zst", "a table", lambda: _zstandard(20)
    yield "csv.zst", "a bomb", lambda: _zstandard(1_000_000) * 20
    yield "zip", "one table", lambda: zipped({"a.csv": CSV})
    yield "zip", "10,000 tables", lambda: zipped({f"{n}.csv": CSV for n in range(10_000)})
    yield "zip", "a bomb as table", lambda: zipped({"a.csv": "description\n" + TEXT * 3_000_000})
    yield "zip", "100,000 parts", lambda: zipped({f"{n}.x": "" for n in range(100_000)})
    yield "zip", "nothing", lambda: zipped({})
    yield "zip", "a table above the folder", lambda: zipped({"../a.csv": CSV})
    yield "tar", "a table", lambda: _tar("w")
    yield "tar.gz", "a table", lambda: _tar("w:gz")
    yield "7z", "its head", lambda: b"7z\xbc\xaf\x27\x1c" + bytes(1_000)
    yield "rar", "its head", lambda: b"Rar!\x1a\x07\x01\0" + bytes(1_000)


def archives() -> Iterator[Case]:
    """All files of these kinds."""
    for name, make in _books():
        yield Case(KIND, name, make, whole="60" in name)
    for ending, name, make in _compressed():
        heavy = any(word in name for word in ("gigabyte", "bomb", "0,000"))
        yield Case("packed", f"{ending}, {name}", make, ending, whole=heavy)

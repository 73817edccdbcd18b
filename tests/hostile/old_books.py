"""Workbooks of other kinds: the old .xls in its container, binary .xlsb, OpenDocument's .ods."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import cache, partial

from tests.hostile.case import TEXT, Case, cut, flipped
from tests.workbooks import (
    ODS_EMPTY,
    ODS_TABLE,
    OLD_TABLE,
    ods,
    ods_cell,
    ods_row,
    old_referring,
    old_text,
    patched,
    record,
    shared_texts,
    xls,
    xlsb,
    xlsb_text,
    zipped,
)

Made = Iterator[tuple[str, Callable[[], bytes]]]
FREE, END = 0xFFFFFFFF, 0xFFFFFFFE


@cache
def good_old() -> bytes:
    """An .xls as programs write it."""
    return xls(OLD_TABLE + b"".join(old_text(n, 0, TEXT) for n in range(2, 22)))


def _sector(number: int, value: int) -> bytes:
    """The good .xls with another follower of a sector."""
    (table,) = struct.unpack_from("<I", good_old(), 76)
    return patched(good_old(), 512 * (table + 1) + 4 * number, value)


def _old() -> Made:
    for number, value, name in (
        (0, 0, "a sector that follows itself"), (3, 0, "sectors in a circle"),
        (1, 0xFFFFFFF0, "a sector beyond the end"), (1, 5_000_000, "a sector far outside"),
        (1, FREE, "a chain that breaks off"), (1, END, "a chain that ends early"),
    ):  # fmt: skip
        yield name, partial(_sector, number, value)
    for place, name in (
        (44, "sectors of the table"), (48, "the first sector of the directory"),
        (60, "the first small sector"), (64, "small sectors"), (68, "a table of tables"),
        (72, "tables of tables"), (76, "the place of the table"), (56, "the small size"),
    ):  # fmt: skip
        for value in (0, 7, 0x7FFFFFFF, FREE):
            yield f"{name}: {value:x}", partial(_patched, place, value)
    for shift in (0, 1, 6, 12, 20, 31, 255, 65_535):
        yield f"sectors of 2^{shift} bytes", partial(_sizes, shift)
    for kind in (0x0203, 0x027E, 0x00FD, 0x0006, 0x00BD, 0x0204, 0x0085, 0x00E0, 0x041E, 0x0009):
        for body in (b"", b"\xff" * 3, b"\xff" * 14, b"\xff" * 8_224):
            yield f"a record {kind:x} of {len(body)} bytes", partial(_recorded, kind, body)
    yield "a cell at the end", lambda: xls(OLD_TABLE + old_text(65_535, 255, "x"))
    yield "a cell beyond the end", lambda: xls(OLD_TABLE + old_text(65_535, 65_535, "x"))
    yield "20,000 sheets", lambda: xls(*[b""] * 20_000)
    yield "forged counts of shared texts", lambda: xls(OLD_TABLE, first=shared_texts(0x7FFFFFFF))
    yield "a long text that is shared", lambda: old_referring(0, *[1] * 9_000, letters=60_000)
    yield "a shared text 4,294,967,295", lambda: old_referring(0, FREE, 1, letters=10)
    yield "rich texts that break off", lambda: old_referring(0, 1, letters=9_000, rich=True)[:9_000]
    size = struct.pack("<IIHHH", 0, 0xFFFFFFF0, 0, 0xFFFF, 0)
    yield "a size that lies", lambda: xls(record(0x200, size) + OLD_TABLE)
    yield "a stream called Book", lambda: xls(OLD_TABLE, name="Book")
    yield "no workbook in it", lambda: xls(OLD_TABLE, name="WordDocument")
    yield "a password", lambda: xls(OLD_TABLE, first=record(0x2F, bytes(54)))
    yield "a new file behind a password", lambda: xls(OLD_TABLE, name="EncryptedPackage")
    yield "its first bytes alone", lambda: bytes.fromhex("D0CF11E0A1B11AE1")
    yield "its head alone", lambda: good_old()[:512]
    yield "its head and noise", lambda: good_old()[:512] + b"\xa5" * 20_000
    yield "49 MB of nothing", lambda: good_old()[:512] + bytes(49_000_000)


def _patched(place: int, value: int) -> bytes:
    return patched(good_old(), place, value)


def _sizes(shift: int) -> bytes:
    data = good_old()
    return data[:30] + struct.pack("<H", shift) + data[32:]


def _recorded(kind: int, body: bytes) -> bytes:
    return xls(OLD_TABLE + record(kind, body), first=record(kind, body))


@cache
def good_binary() -> bytes:
    """An .xlsb."""
    rows = (part for n in range(1, 21) for part in xlsb_text(n, 0, TEXT))
    return xlsb(*xlsb_text(0, 0, "description"), *rows)


def _binary() -> Made:
    head = xlsb_text(0, 0, "description")
    for row, column in ((1_048_575, 16_383), (1_048_576, 0), (0, 16_384), (FREE, FREE)):
        yield f"a cell at {row}, {column}", partial(xlsb, *head, *xlsb_text(row, column, "x"))
    for kind in (0x00, 0x02, 0x05, 0x06, 0x07, 0x08, 0x0B, 0x94, 0x3E):
        for body in (b"", b"\xff" * 12, b"\xff" * 40):
            yield (
                f"a record {kind:x} of {len(body)} bytes",
                partial(xlsb, *head, (kind, body)),
            )
    lying = struct.pack("<III", 0, 0, 0x7FFFFFFF)
    yield "a text that says 2,147,483,647 letters", lambda: xlsb(*head, (0x06, lying))
    said = [(0x9F, struct.pack("<II", FREE, FREE))]
    yield "shared texts that are not there", lambda: xlsb(*head, shared=said)
    text = struct.pack("<BI", 0, 5_000) + ("a" * 5_000).encode("utf-16-le")
    cells = [
        part
        for n in range(120_000)
        for part in (
            (0x00, struct.pack("<I", n) + bytes(13)), (0x07, struct.pack("<III", 0, 0, 0)),
        )
    ]  # fmt: skip
    shared = [(0x9F, struct.pack("<II", 1, 1)), (0x13, text)]
    yield "a long text that 120,000 cells share", lambda: xlsb(*cells, shared=shared)
    yield "5,000,000 records of nothing", lambda: xlsb(*[(0x94, b"")] * 5_000_000)
    yield "3,000,000 cells", lambda: xlsb(*[(0x02, bytes(12))] * 3_000_000)
    yield "no sheets", lambda: zipped({"xl/workbook.bin": b""})
    yield "noise", lambda: zipped({"xl/workbook.bin": b"\xff" * 100_000})


@cache
def good_open() -> bytes:
    """An .ods."""
    return ods(ODS_TABLE + ods_row(ods_cell(TEXT)) * 20)


def _open() -> Made:
    for count in (2**31, 2**32, 2**63, 10**30, -1, 0, 1_048_576, "x", ""):
        row = f'<table:table-row table:number-rows-repeated="{count}">{ods_cell("x")}'
        yield f"a row repeated {count} times", partial(ods, f"{ODS_TABLE}{row}</table:table-row>")
        cell = (
            f'<table:table-cell office:value-type="string" table:number-columns-repeated="{count}">'
        )
        filled = f"{cell}<text:p>x</text:p></table:table-cell>"
        yield f"a filled cell repeated {count} times", partial(ods, ODS_TABLE + ods_row(filled))
        empty = ods_row(f"{cell}</table:table-cell>", ods_cell("x"))
        yield f"an empty cell repeated {count} times", partial(ods, ODS_TABLE + empty)
        spaces = ods_row(ods_cell(f'a<text:s text:c="{count}"/>b'))
        yield f"{count} spaces", partial(ods, ODS_TABLE + spaces)
    many = ODS_TABLE + ods_row(ods_cell("x", 30), repeated=1_000_000)
    yield "30,000,000 filled cells", lambda: ods(many)
    yield (
        "a table of 20,000,000 empty cells",
        lambda: ods(
            ODS_TABLE + ods_row(ODS_EMPTY, repeated=1_000_000) + ods_row(ODS_EMPTY, ods_cell("x"))
        ),
    )
    inner = f"<table:table>{ODS_TABLE}</table:table>"
    yield (
        "a table in a cell",
        lambda: ods(ODS_TABLE + ods_row(f"<table:table-cell>{inner}</table:table-cell>")),
    )
    yield (
        "10,000 tables in tables",
        lambda: ods("<table:table>" * 10_000 + "</table:table>" * 10_000),
    )
    wide = ods_row(*[ods_cell("x")] * 30)
    yield "3,000,000 cells", lambda: ods(ODS_TABLE + wide * 100_000)
    spaces = "<text:s/>" * 9_000_000
    yield (
        "9,000,000 spaces",
        lambda: ods(ODS_TABLE + ods_row(f"<table:table-cell>{spaces}</table:table-cell>")),
    )
    yield "20,000 tables", lambda: ods(*[""] * 20_000)
    yield (
        "a cell in a cell",
        lambda: ods(
            ODS_TABLE + ods_row("<table:table-cell>" + ods_cell("x") + "</table:table-cell>")
        ),
    )
    values = ("1e400", "NaN", "9" * 10_000, "")
    for value in values:
        cell = f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        yield f"a number {value[:8]}", partial(ods, ODS_TABLE + ods_row(cell))
    for value in ("99999-99-99", "0000-00-00T25:61:61", "P1Y"):
        cell = f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
        yield f"a date {value}", partial(ods, ODS_TABLE + ods_row(cell))
    yield "a password", lambda: zipped({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<m:manifest><m:encryption-data/></m:manifest>",
        "content.xml": b"\xa5\x01" * 5_000,
    })  # fmt: skip
    yield (
        "no content",
        lambda: zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
    )
    yield "a text document", lambda: zipped({"mimetype": "application/vnd.oasis.opendocument.text"})


def old_books() -> Iterator[Case]:
    """All files of these kinds."""
    for kind, group in (("xls", _old), ("xlsb", _binary), ("ods", _open)):
        for name, make in group():
            # Records and heads are all alike.
            heavy = "bytes" in name or ": " in name or ",000" in name or "49 MB" in name
            yield Case(kind, name, make, whole=heavy)
    yield from cut("xls", "a good workbook", good_old, 125)
    yield from flipped("xls", "a good workbook", good_old)
    yield from cut("xlsb", "a good workbook", good_binary, 20)
    yield from flipped("xlsb", "a good workbook", good_binary, 20)
    yield from cut("ods", "a good workbook", good_open, 20)
    yield from flipped("ods", "a good workbook", good_open, 20)

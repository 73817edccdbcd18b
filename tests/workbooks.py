"""Workbooks as bytes, written part by part: what no library would write is written here as well."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

SECRET = "zebrafish"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TABLE = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>description</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>He stared at me</t></is></c></row>'
)
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def zipped(parts: Mapping[str, str | bytes], *more: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*parts.items(), *more):
            archive.writestr(name, content)
    return out.getvalue()


def sheet(rows: str, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def xlsx(
    content: str | bytes,
    *more: tuple[str, str],
    path: str = "xl/worksheets/sheet1.xml",
    targets: tuple[str, ...] = ("worksheets/sheet1.xml",),
    shared: str = "",
) -> bytes:
    sheets = "".join(
        f'<sheet name="{SECRET}{n}" sheetId="{n + 1}" r:id="r{n}"/>' for n in range(len(targets))
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="{target}"/>'
        for n, target in enumerate(targets)
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="x"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}<Relationship '
        f'Id="rs" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": shared or f'<sst xmlns="{MAIN}"/>',
        path: content,
    }
    return zipped(parts, *more)


def without_first(data: bytes, shared: str) -> bytes:
    """A workbook whose shared texts come after its sheets."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    del parts["xl/sharedStrings.xml"]
    return zipped({**parts, "xl/sharedStrings.xml": shared})


def ods(*tables: str) -> bytes:
    body = "".join(
        f'<table:table table:name="T{n}">{t}</table:table>' for n, t in enumerate(tables)
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": '<m:manifest xmlns:m="m"/>',
            "content.xml": '<office:document-content xmlns:office="o" xmlns:table="t" '
            f'xmlns:text="x"><office:body>{body}</office:body></office:document-content>',
        }
    )


def ods_row(*cells: str, repeated: int = 1) -> str:
    return (
        f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}'
        "</table:table-row>"
    )


def ods_cell(text: str, repeated: int = 1) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeated}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


ODS_TABLE = ods_row(ods_cell("description")) + ods_row(ods_cell("He stared at me"))
ODS_EMPTY = '<table:table-cell table:number-columns-repeated="16383"/>'


def xlsb(*records: tuple[int, bytes], shared: Sequence[tuple[int, bytes]] = ()) -> bytes:
    """A binary workbook with one sheet of these records."""

    def written(kind: int, data: bytes = b"") -> bytes:
        head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        size = len(data)
        sizes = [size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14]
        return head + bytes(sizes if size >> 14 else [sizes[0], size >> 7]) + data

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    listed = written(0x9C, struct.pack("<II", 0, 1) + wide("r0") + wide("S"))
    texts = b"".join(written(*one) for one in shared)
    content = [
        written(0x81), written(0x94, struct.pack("<IIII", 0, 1, 0, 0)), written(0x91),
        *(written(*record) for record in records), written(0x92), written(0x82),
    ]  # fmt: skip
    links = f'<Relationship Id="r0" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.bin"/>'
    return zipped(
        {
            "xl/workbook.bin": written(0x83) + written(0x8F) + listed + written(0x90)
            + written(0x84),
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{PACKAGE}">{links}'
            "</Relationships>",
            "xl/worksheets/sheet1.bin": b"".join(content),
            **({"xl/sharedStrings.bin": texts} if texts else {}),
        }
    )  # fmt: skip


def xlsb_text(row: int, column: int, text: str) -> list[tuple[int, bytes]]:
    cell = struct.pack("<III", column, 0, len(text)) + text.encode("utf-16-le")
    return [(0x00, struct.pack("<I", row) + bytes(13)), (0x06, cell)]


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def old_text(row: int, column: int, text: str) -> bytes:
    head = struct.pack("<HHHHB", row, column, 0, len(text), 1)
    return record(0x204, head + text.encode("utf-16-le"))


def xls(*sheets: bytes, first: bytes = b"", name: str = "Workbook") -> bytes:
    """An old workbook: records in a stream, the stream in sectors of a container."""

    def begin(kind: int) -> bytes:
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))

    bodies = [begin(0x10) + one + record(0x0A) for one in sheets]

    def head(places: list[int]) -> bytes:
        listed = b"".join(
            record(0x85, struct.pack("<IBBBB", place, 0, 0, 2, 1) + f"S{n}".encode("utf-16-le"))
            for n, place in enumerate(places)
        )
        return begin(5) + record(0x42, struct.pack("<H", 1200)) + first + listed + record(0x0A)

    size, places = len(head([0] * len(bodies))), []
    for one in bodies:
        places.append(size)
        size += len(one)
    stream = (head(places) + b"".join(bodies)).ljust(4_096, b"\0")
    sectors = -(-len(stream) // 512)
    tables = -(-(sectors + 2) // 127)
    following = [*range(1, sectors), 0xFFFFFFFE, 0xFFFFFFFE, *[0xFFFFFFFD] * tables]
    following += [0xFFFFFFFF] * (tables * 128 - len(following))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = (name + "\0").encode("utf-16-le")
        links = struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return raw.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    directory += entry(name, 2, 0xFFFFFFFF, 0, len(stream)) + entry("", 0, 0xFFFFFFFF, 0, 0) * 2
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, sectors, 0, 4_096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    places = [sectors + 1 + n for n in range(tables)]
    header += struct.pack("<109I", *places, *[0xFFFFFFFF] * (109 - tables))
    return (
        header
        + stream.ljust(sectors * 512, b"\0")
        + directory
        + struct.pack(f"<{len(following)}I", *following)
    )


OLD_TABLE = old_text(0, 0, "description") + old_text(1, 0, "He stared at me")


def shared_texts(count: int) -> bytes:
    return record(0xFC, struct.pack("<IIHB", count, count, 1, 0) + b"a")


def old_referring(*numbers: int, letters: int, wide: bool = False, rich: bool = False) -> bytes:
    """An .xls of cells that share a heading and a text, which several records hold."""
    size = 1 + wide
    head = struct.pack("<HB", letters, wide | 8 * rich) + (struct.pack("<H", 1) if rich else b"")
    first = struct.pack("<IIHB", 2, 2, 11, 0) + b"description" + head
    pieces = [record(0xFC, first)]
    for begin in range(0, letters, 4_000):
        part = ("b" * min(4_000, letters - begin)).encode("utf-16-le" if wide else "ascii")
        assert len(part) <= 4_000 * size
        pieces.append(record(0x3C, bytes([wide]) + part))
    if rich:
        pieces.append(record(0x3C, bytes(4)))
    cells = (record(0xFD, struct.pack("<HHHI", n, 0, 0, one)) for n, one in enumerate(numbers))
    return xls(b"".join(cells), first=b"".join(pieces))


def patched(data: bytes, place: int, number: int) -> bytes:
    return data[:place] + struct.pack("<I", number) + data[place + 4 :]

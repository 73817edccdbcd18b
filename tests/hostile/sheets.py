"""Zipped workbooks of Excel: cells where none can be, parts that lie, archives that burst."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

from tests.hostile.case import GOOD, TEXT, Case, cut, flipped
from tests.workbooks import FAR, MAIN, OFFICE, PACKAGE, TABLE, sheet, xlsx, zipped

KIND = "xlsx"
LONG = "a" * 20_000_000
PREFIXED = (
    sheet(TABLE + FAR).replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns", "xmlns:x")
)


def row(number: int, cell: str) -> str:
    """A row with one cell in column A."""
    return f'<row r="{number}">{cell}</row>'


def texts(count: int = GOOD) -> str:
    """Rows of a header and so many descriptions."""
    told = ["description", *[TEXT] * count]
    return "".join(
        row(n, f'<c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c>')
        for n, text in enumerate(told, start=1)
    )


@cache
def good() -> bytes:
    """A workbook as programs write it."""
    return xlsx(sheet(texts()))


def _places() -> Iterator[tuple[str, Callable[[], bytes]]]:
    yield "a cell at the end", lambda: xlsx(sheet(TABLE + FAR))
    lying = '<dimension ref="A1:A2"/>'
    yield "a cell at the end, and a dimension that lies", lambda: xlsx(sheet(TABLE + FAR, lying))
    yield "a cell at the end, and a late dimension", lambda: xlsx(sheet(TABLE + FAR, "", lying))
    yield "a cell at the end, with prefixes", lambda: xlsx(PREFIXED)
    yield (
        "a dimension of a whole sheet",
        lambda: xlsx(sheet(TABLE, '<dimension ref="A1:XFD1048576"/>')),
    )
    yield "a dimension that is none", lambda: xlsx(sheet(TABLE, '<dimension ref="&#0;:Z-1"/>'))
    for place in ("XFE1", "A1048577", "A4294967296", "A0", "AAAA1", "R1C1", "A-1", "ÄÖ1", "A1:B2"):
        yield f"a cell at {place}", partial(_at, place)
    far = '<row r="4000000000"><c><v>1</v></c></row>'
    yield "a row 4,000,000,000", lambda: xlsx(sheet(TABLE + far))
    yield (
        "cells in the corners",
        lambda: xlsx(sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>' + row(2, "") + FAR)),
    )
    yield (
        "cells of one place, 100,000 times",
        lambda: xlsx(sheet(TABLE + row(3, '<c r="A3"><v>1</v></c>' * 100_000))),
    )
    yield (
        "16,384 columns of 1,000 rows",
        lambda: xlsx(sheet(TABLE + "".join(row(n, f'<c r="XFD{n}"/>') for n in range(3, 1_000)))),
    )


def _at(place: str) -> bytes:
    return xlsx(sheet(TABLE + f'<row r="3"><c r="{place}"><v>1</v></c></row>'))


def _shared() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for said in ("4294967295", "99999999999999999999", "-1", "x", "100000"):
        sst = f'<sst xmlns="{MAIN}" count="{said}" uniqueCount="{said}"/>'
        yield f"{said} shared texts that are not there", partial(xlsx, sheet(TABLE), shared=sst)
    for number in ("0", "4294967295", "-1", "1e3", "999999999999999999999"):
        yield f"shared text {number} of none", partial(xlsx, sheet(_referring(number, 3)))
    sst = f'<sst xmlns="{MAIN}"><si><t>{"a" * 1_000_000}</t></si></sst>'
    yield (
        "a text of 1 MB shared 5,000 times",
        lambda: xlsx(sheet(_referring("0", 5_000)), shared=sst),
    )
    yield "a text of 1 MB shared 400 times", lambda: xlsx(sheet(_referring("0", 400)), shared=sst)
    nested = f'<sst xmlns="{MAIN}">{"<si>" * 5_000}<t>a</t>{"</si>" * 5_000}</sst>'
    yield "shared texts in shared texts", lambda: xlsx(sheet(TABLE), shared=nested)
    runs = f'<sst xmlns="{MAIN}"><si>{"<r><t>a</t></r>" * 200_000}</si></sst>'
    yield "a shared text of 200,000 runs", lambda: xlsx(sheet(_referring("0", 2_000)), shared=runs)


def _referring(number: str, count: int) -> str:
    return "".join(row(n, f'<c r="A{n}" t="s"><v>{number}</v></c>') for n in range(1, count + 1))


def _cells() -> Iterator[tuple[str, Callable[[], bytes]]]:
    many = " ".join(f'x{n}=""' for n in range(99_999))
    made = {
        "a number 1e400": '<c r="A3"><v>1e400</v></c>',
        "a number of 100,000 digits": f'<c r="A3"><v>{"9" * 100_000}</v></c>',
        "a number that is none": '<c r="A3"><v>NaN</v></c>',
        "a date out of range": '<c r="A3" t="d"><v>99999-99-99T99:99:99</v></c>',
        "a date of day 1e300": '<c r="A3" s="1"><v>1e300</v></c>',
        "a date before all": '<c r="A3" s="1"><v>-1e12</v></c>',
        "an unknown error": '<c r="A3" t="e"><v>#NO!</v></c>',
        "an unknown type of cell": '<c r="A3" t="zzz"><v>1</v></c>',
        "a truth value 7": '<c r="A3" t="b"><v>7</v></c>',
        "a formula without a value": '<c r="A3"><f>A1&amp;A2</f></c>',
        "a formula that shares itself": '<c r="A3"><f t="shared" si="4294967295" ref="A1"/></c>',
        "a shared formula of a whole sheet": '<c r="A3"><f t="shared" si="0" ref="A1:XFD1048576">A1'
        "</f><v>1</v></c>",
        "a cell in a cell": '<c r="A3"><c r="A4"><v>1</v></c></c>',
        "a row in a cell": '<c r="A3"><row r="9"/></c>',
        "a style 4294967295": '<c r="A3" s="4294967295"><v>1</v></c>',
        "a text of 20 MB": f'<c r="A3" t="inlineStr"><is><t>{LONG}</t></is></c>',
        "an attribute of 20 MB": f'<c r="A3" x="{LONG}"><v>1</v></c>',
        "100,000 attributes": f'<c r="A3" {many}/>',
        "100,000 nested tags": "<x>" * 100_000 + "</x>" * 100_000,
        "100,000 tags that do not end": "<x>" * 100_000,
        "phonetic marks": '<c r="A3" t="inlineStr"><is><rPh sb="0" eb="4294967295"><t>a</t></rPh>'
        "<t>b</t></is></c>",
        "characters that XML has not": '<c r="A3" t="inlineStr"><is><t>_xD800_&#1;</t></is></c>',
        "an entity that is not declared": '<c r="A3" t="inlineStr"><is><t>&nbsp;</t></is></c>',
    }
    for name, cell in made.items():
        yield name, lambda cell=cell: xlsx(sheet(TABLE + row(3, cell)))  # type: ignore[misc]


def _xml() -> Iterator[tuple[str, Callable[[], bytes]]]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    laughing = f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]>'
    outside = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    hosted = '<!DOCTYPE a SYSTEM "http://192.0.2.1/x.dtd">'
    quoted = '<c r="A3" t="inlineStr"><is><t>&{};</t></is></c>'
    yield "a billion laughs", lambda: xlsx(laughing + sheet(TABLE + row(3, quoted.format("l9"))))
    yield (
        "a billion laughs as shared texts",
        lambda: xlsx(
            sheet(TABLE), shared=f'{laughing}<sst xmlns="{MAIN}"><si><t>&l9;</t></si></sst>'
        ),
    )
    yield (
        "a file of the machine as entity",
        lambda: xlsx(outside + sheet(TABLE + row(3, quoted.format("b")))),
    )
    yield "a document type of another machine", lambda: xlsx(hosted + sheet(TABLE))
    for encoding in ("utf-16", "utf-32", "cp037", "utf-7"):
        yield f"XML in {encoding}", partial(_encoded, encoding)
    yield (
        "XML that says UTF-7 and is not",
        lambda: xlsx('<?xml version="1.0" encoding="utf-7"?>' + sheet(TABLE)),
    )
    yield "a comment of 20 MB", lambda: xlsx(sheet(TABLE, f"<!--{LONG}-->"))
    yield "an instruction of 20 MB", lambda: xlsx(sheet(TABLE, f"<?x {LONG}?>"))
    yield "a tag without an end", lambda: xlsx(sheet(TABLE + f'<c x="{LONG}'))
    yield "a section of 20 MB", lambda: xlsx(sheet(TABLE + f"<![CDATA[{LONG}]]>"))
    yield "1,000,000 empty rows", lambda: xlsx(sheet(TABLE + "<row/>" * 1_000_000))
    yield "3,000,000 empty cells", lambda: xlsx(sheet(TABLE + row(3, "<c/>" * 3_000_000)))
    many = " ".join(f'a{n}=""' for n in range(20_000))
    yield (
        "44,000,000 attributes",
        lambda: xlsx(sheet(TABLE + row(3, f'<c r="A3" {many}/>' * 2_200))),
    )
    yield (
        "30,000,000 cells of one place",
        lambda: xlsx(sheet(TABLE + row(3, '<c r="A3"/>' * 30_000_000))),
    )
    values = "<c><v>1</v></c>" * 900
    yield (
        "3,600,000 cells that do not say where they stand",
        lambda: xlsx(sheet("".join(row(n, values) for n in range(1, 4_000)))),
    )
    yield "1,000,000 unknown errors", _errors
    yield "an empty sheet", lambda: xlsx("")
    yield "a sheet of spaces", lambda: xlsx(" " * 1_000_000)


def _errors() -> bytes:
    told, wrong = "<c t='inlineStr'><is><t>He waved.</t></is></c>", '<c t="e"><v>#SPILL!</v></c>'
    return xlsx(sheet("".join(row(n, told + wrong * 20) for n in range(1, 50_000))))


def _encoded(encoding: str) -> bytes:
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    return xlsx((head + sheet(TABLE)).encode(encoding))


def _parts() -> Iterator[tuple[str, Callable[[], bytes]]]:
    for part in (
        "[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
        "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml",
    ):  # fmt: skip
        yield f"no {part}", partial(changed, {part: None})
        yield f"an empty {part}", partial(changed, {part: ""})
        yield f"noise for {part}", partial(changed, {part: "\x7f<\x01" * 1_000})
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs count="4294967295">'
    yield "styles that say 4,294,967,295", partial(changed, {"xl/styles.xml": styles})
    many = tuple(f"worksheets/sheet{n}.xml" for n in range(1, 20_001))
    yield (
        "20,000 sheets of one part",
        lambda: xlsx(sheet(TABLE), targets=("worksheets/sheet1.xml",) * 20_000),
    )
    yield "20,000 sheets that are not there", lambda: xlsx(sheet(""), targets=many)
    yield (
        "20,000 empty sheets",
        lambda: xlsx(
            sheet(""), *((f"xl/{target}", sheet("")) for target in many[1:]), targets=many
        ),
    )
    yield (
        "1,001 sheets",
        lambda: xlsx(sheet(TABLE), targets=("worksheets/sheet1.xml",) * 1_001),
    )
    yield (
        "9,000 parts",
        lambda: zipped({"xl/workbook.xml": "", **{f"{n}.xml": "" for n in range(9_000)}}),
    )
    link = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r0" Type="{OFFICE}/worksheet" '
    for target in ("../../../../etc/passwd", "http://192.0.2.1/a.xml", "file:///etc/passwd", ""):
        rels = f'{link}Target="{target}" TargetMode="External"/></Relationships>'
        yield f"a sheet at “{target}”", partial(changed, {"xl/_rels/workbook.xml.rels": rels})
    yield "macros", partial(changed, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" + bytes(4_000)})
    yield (
        "links to other files",
        partial(changed, {"xl/externalLinks/externalLink1.xml": "<externalLink><x" * 1_000}),
    )
    links = "".join(f'<hyperlink ref="A{n}" r:id="r{n}"/>' for n in range(50_000))
    yield "50,000 hyperlinks", lambda: xlsx(sheet(TABLE, "", f"<hyperlinks>{links}</hyperlinks>"))
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 20_000
    yield (
        "20,000 merged sheets",
        lambda: xlsx(sheet(TABLE, "", f"<mergeCells>{merged}</mergeCells>")),
    )
    names = '<definedNames><definedName name="a">&#8203;</definedName></definedNames>' * 50_000
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{names}</workbook>'
    yield "50,000 names and no sheets", partial(changed, {"xl/workbook.xml": book})


def changed(parts: Mapping[str, str | bytes | None]) -> bytes:
    """The good workbook with other parts; None leaves one out."""
    with zipfile.ZipFile(io.BytesIO(good())) as archive:
        held: dict[str, str | bytes | None] = {n: archive.read(n) for n in archive.namelist()}
    held |= parts
    return zipped({name: content for name, content in held.items() if content is not None})


def workbooks() -> Iterator[Case]:
    """All files of this kind."""
    for group in (_places, _shared, _cells, _xml, _parts):
        for name, make in group():
            heavy = any(word in name for word in (" MB", "0,000", "5,000"))
            yield Case(KIND, name, make, whole=heavy)
    yield from cut(KIND, "a good workbook", good)
    yield from flipped(KIND, "a good workbook", good)
    # What is packed hides from a change of bytes: here it is not.
    yield from flipped(KIND, "a workbook that is stored", stored)


@cache
def stored() -> bytes:
    """The good workbook, its parts not packed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good())) as archive,
        zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy,
    ):
        for name in archive.namelist():
            copy.writestr(name, archive.read(name))
    return out.getvalue()


def patched_sizes(data: bytes, size: int) -> bytes:
    """An archive whose table of contents says of each part that it has so many bytes."""
    changed, place = bytearray(data), 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        struct.pack_into("<I", changed, place + 24, size)
        place += 4
    return bytes(changed)

"""Workbooks that ask for more memory than there is, or stop in the middle: a sentence, no end."""

from __future__ import annotations

import io
import os
import pickle
import random
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from afterword.errors import BatchError
from afterword.files.options import NO_OPTIONS
from afterword.files.reading import read_batch, read_content
from afterword.settings import get_settings
from tests.workbooks import (
    FAR,
    MAIN,
    ODS_EMPTY,
    ODS_TABLE,
    OLD_TABLE,
    SECRET,
    TABLE,
    ods,
    ods_cell,
    ods_row,
    old_referring,
    old_text,
    patched,
    record,
    shared_texts,
    sheet,
    without_first,
    xls,
    xlsb,
    xlsb_text,
    xlsx,
)

ROOT = Path(__file__).resolve().parents[2]
MOST_MB = 300

PREFIXED = (
    sheet(TABLE + FAR).replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns", "xmlns:x")
)

FAR_OUTSIDE: dict[str, bytes] = {
    "a cell at the end": xlsx(sheet(TABLE + FAR)),
    "a dimension that lies": xlsx(sheet(TABLE + FAR, '<dimension ref="A1:A2"/>')),
    "a dimension after 5 kB": xlsx(
        sheet(TABLE + FAR, "<!--" + "x" * 5_000 + '--><dimension ref="A1"/>')
    ),
    "a dimension after the cells": xlsx(sheet(TABLE + FAR, "", '<dimension ref="A1"/>')),
    "a dimension alone": xlsx(sheet(TABLE, "<dimension a='1' ref='A1:XFD1048576'/>")),
    "prefixes": xlsx(PREFIXED),
    "another path": xlsx(
        sheet(TABLE + FAR), path="xl/foo/bar.xml", targets=("foo/bar.xml",)
    ),
    "an absolute path": xlsx(sheet(TABLE + FAR), targets=("/xl/worksheets/sheet1.xml",)),
    "the second sheet": xlsx(
        sheet(TABLE + FAR),
        ("xl/worksheets/a.xml", sheet(TABLE)),
        targets=("worksheets/a.xml", "worksheets/sheet1.xml"),
    ),
    "a sheet after an empty one": xlsx(
        sheet(TABLE + FAR),
        ("xl/worksheets/a.xml", sheet("")),
        targets=("worksheets/a.xml", "worksheets/sheet1.xml"),
    ),
    "cells without a place": xlsx(
        sheet('<row r="1048576"><c><v>1</v></c></row><row r="1"><c r="XFC1"/><c><v>1</v></c></row>')
    ),
    "a row that its cells do not share": xlsx(
        sheet('<row r="1048576"><c r="XFC1"><v>1</v></c><c><v>2</v></c></row>')
    ),
    "two cells": xlsx(
        sheet(TABLE + '<row r="900000"><c r="T900000"><v>1</v></c></row>')
    ),
    "an empty text": xlsx(
        sheet(TABLE + '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is/></c></row>')
    ),
    "xlsb": xlsb(*xlsb_text(0, 0, "description"), *xlsb_text(1_048_575, 16_383, "x")),
    "xls": xls(OLD_TABLE + old_text(65_535, 255, "x")),
    "ods": ods(
        ODS_TABLE + ods_row(ODS_EMPTY, repeated=1_000_000) + ods_row(ODS_EMPTY, ods_cell("x"))
    ),
    "ods, repeated rows": ods(ODS_TABLE + ods_row(ods_cell("x", 30), repeated=1_000_000)),
    "ods, repeated cells": ods(
        ODS_TABLE + ods_row(ods_cell("x"), repeated=2_000) + ods_row(ods_cell("x", 16_000))
    ),
    "ods, the second table": ods(ODS_TABLE, ods_row(ods_cell("x", 16_000), repeated=5_000)),
}  # fmt: skip
NO_PLACE: dict[str, bytes] = {
    "a column too many": xlsx(sheet(TABLE + '<row r="3"><c r="XFE3"><v>1</v></c></row>')),
    "a row too many": xlsx(sheet(TABLE + '<row r="3"><c r="A9999999999"><v>1</v></c></row>')),
    "a place of another kind": xlsx(sheet('<row r="1"><c r="R[1]C"><v>1</v></c></row>')),
    "row 0": xlsx(sheet('<row r="0"><c><v>1</v></c></row>' + TABLE)),
    "row 4,000,000,000": xlsx(sheet(TABLE + '<row r="4000000000"><c><v>1</v></c></row>')),
    "xlsb": xlsb(*xlsb_text(0, 0, "description"), *xlsb_text(1, 4_000_000_000, "x")),
    "xls": xls(OLD_TABLE + old_text(65_535, 65_535, "x")),
    "xls, the second sheet": xls(OLD_TABLE, old_text(0, 0, "x") + old_text(65_535, 65_535, "x")),
    "xls, a stream called Book": xls(OLD_TABLE + old_text(65_535, 65_535, "x"), name="Book"),
    "xls, a size": xls(
        record(0x200, struct.pack("<IIHHH", 0, 0xFFFFFFF0, 0, 0xFFFF, 0)) + OLD_TABLE
    ),
    "ods": ods(ODS_TABLE + ods_row(ods_cell("x"), repeated=999_999_999)),
}  # fmt: skip
LONG = f'<sst xmlns="{MAIN}"><si><t>-</t></si><si><t>{"a" * 1_000_000}</t></si></sst>'


def referring(*numbers: object) -> str:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>{number}</v></c></row>'
        for n, number in enumerate(numbers, start=1)
    )
    return sheet(rows)


def xlsb_referring(count: int) -> bytes:
    text = struct.pack("<BI", 0, 5_000) + ("a" * 5_000).encode("utf-16-le")
    cells = [
        part
        for n in range(count)
        for part in (
            (0x00, struct.pack("<I", n) + bytes(13)),
            (0x07, struct.pack("<III", 0, 0, 0)),
        )
    ]
    return xlsb(*cells, shared=[(0x9F, struct.pack("<II", 1, 1)), (0x13, text)])


LONG_NAME = "a" * 60_000_000
"""Read anew with every chunk, as expat does, it would take minutes."""

NOT_SO: dict[str, tuple[bytes, str]] = {
    "a tag without an end": (xlsx(sheet(TABLE + f'<c x="{LONG_NAME}')), "no spreadsheet program"),
    "a long attribute": (
        xlsx(sheet(TABLE + f'<row r="3"><c r="A3" x="{LONG_NAME}"/></row>')),
        "no spreadsheet program",
    ),
    "a long name": (xlsx(sheet(TABLE), shared=f"<{LONG_NAME}/>"), "no spreadsheet program"),
    "a long remark": (xlsx(sheet(TABLE, f"<!--{LONG_NAME}-->")), "no spreadsheet program"),
    "a long instruction": (xlsx(sheet(TABLE, f"<?x {LONG_NAME}?>")), "no spreadsheet program"),
    "ods, a long value": (
        ods(ODS_TABLE + ods_row(f'<table:table-cell office:string-value="{LONG_NAME}"/>')),
        "no spreadsheet program",
    ),
    "a row in a cell": (
        xlsx(sheet('<row r="9"><c><is><row r="1"/></is></c><c><v>1</v></c></row>')),
        "cells within cells",
    ),
    "rows in rows": (
        xlsx(sheet('<row r="1">' * 50 + "</row>" * 50 + "<c><v>1</v></c>")),
        "cells within cells",
    ),
    "two parts of one name": (
        xlsx(sheet(TABLE), ("xl/worksheets/Sheet1.xml", sheet(TABLE + FAR))),
        "two parts of one name",
    ),
    "a document type": (
        xlsx('<!DOCTYPE a [<!ENTITY b "c">]>' + sheet(TABLE)),
        "no spreadsheet program",
    ),
    "UTF-16": (xlsx(sheet(TABLE).encode("utf-16")), "no spreadsheet program"),
    "another encoding": (
        xlsx(('<?xml version="1.0" encoding="cp037"?>' + sheet(TABLE)).encode()),
        "no spreadsheet program",
    ),
    "a count of shared texts": (
        xlsx(sheet(TABLE), shared=f'<sst xmlns="{MAIN}" uniqueCount="4294967295"/>'),
        "more texts than it does",
    ),
    "a count of shared texts, all": (
        xlsx(sheet(TABLE), shared=f'<x:sst xmlns:x="{MAIN}" count="999999999999"></x:sst>'),
        "more texts than it does",
    ),
    "xls, a count of shared texts": (
        xls(OLD_TABLE, first=shared_texts(0x7FFFFFFF)),
        "more texts than it does",
    ),
    "xls, sectors in a circle": (
        patched(xls(OLD_TABLE), 512 * 10 + 4, 0),
        "damaged",
    ),
    "xls, more sectors than it has": (patched(xls(OLD_TABLE), 44, 0xFFFFFF), "damaged"),
    "a long text that cells share": (
        xlsx(referring(*[1] * 5_000), shared=LONG),
        "to more than",
    ),
    "a long text that cells share, with prefixes": (
        xlsx(
            referring(*[1] * 5_000)
            .replace("<", "<x:")
            .replace("<x:/", "</x:")
            .replace("xmlns", "xmlns:x"),
            shared=LONG,
        ),
        "to more than",
    ),
    "a long text that cells share by numbers with zeros": (
        xlsx(referring(*["0" * 30 + "1"] * 5_000), shared=LONG),
        "to more than",
    ),
    "a long text that cells share, whose place in the file is the last": (
        without_first(xlsx(referring(*[1] * 5_000)), LONG),
        "to more than",
    ),
    "shared texts in shared texts": (
        xlsx(
            referring(0),
            shared=f'<sst xmlns="{MAIN}"><si><si><t>a</t></si></si></sst>',
        ),
        "cells within cells",
    ),
    "xlsb, a text that cells share": (xlsb_referring(120_000), "to more than"),
    "xls, a text that cells share": (
        old_referring(0, *[1] * 9_000, letters=60_000),
        "to more than",
    ),
    "xls, a text of wide letters that cells share": (
        old_referring(0, *[1] * 9_000, letters=60_000, wide=True, rich=True),
        "to more than",
    ),
    "xls, two lists of shared texts": (
        xls(OLD_TABLE, first=shared_texts(1) + shared_texts(1)),
        "damaged",
    ),
    "xls, a shared text without an end": (
        xls(OLD_TABLE, first=record(0xFC, struct.pack("<IIHB", 1, 1, 60_000, 0) + b"a")),
        "damaged",
    ),
    "ods, four billion spaces": (
        ods(ODS_TABLE + ods_row(ods_cell('a<text:s text:c="4000000000"/>b'))),
        "to more than",
    ),
    "ods, a long text that is repeated": (
        ods(ODS_TABLE + ods_row(ods_cell("a" * 100_000, 1_000), repeated=10_000)),
        "to more than",
    ),
}

READ = """
import pickle, resource, sys
import pandas, pyarrow, python_calamine
from afterword.files.reading import read_batch
from afterword.errors import BatchError
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told = {}
for name, content in pickle.load(sys.stdin.buffer).items():
    try:
        told[name] = str(len(read_batch(content, categories=()).table))
    except BatchError as error:
        told[name] = str(error)
more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
sys.stdout.buffer.write(pickle.dumps((told, more / 1_000)))
"""


def read_apart(contents: Mapping[str, bytes]) -> tuple[dict[str, str], float, str]:
    """What a process of its own says of files, its growth in megabytes, and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", READ],
        input=pickle.dumps(dict(contents)),
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "RUST_BACKTRACE": "0"},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-500:]
    told, more = pickle.loads(done.stdout)
    return told, more, done.stderr.decode()


@pytest.mark.whole
def test_cells_far_outside_a_table_are_refused_in_a_sentence_and_little_memory() -> None:
    told, more, _ = read_apart(FAR_OUTSIDE)
    assert {name: said for name, said in told.items() if "far outside its table" not in said} == {}
    assert told["the second sheet"].startswith("Sheet 2 of the file has cells")
    assert told["ods, the second table"].startswith("Sheet 2 of the file has cells")
    assert more < MOST_MB


@pytest.mark.whole
def test_cells_at_places_that_no_sheet_has_are_refused_in_a_sentence_and_little_memory() -> None:
    told, more, _ = read_apart(NO_PLACE)
    odd = {n: said for n, said in told.items() if "places that no sheet has" not in said}
    assert set(odd) <= {"ods"}, odd
    assert "to more than" in odd.get("ods", "to more than")
    assert more < MOST_MB


@pytest.mark.whole
def test_what_no_program_writes_is_refused_in_a_sentence_and_little_memory() -> None:
    told, more, printed = read_apart({name: content for name, (content, _) in NOT_SO.items()})
    assert {n: s for n, s in told.items() if NOT_SO[n][1] not in s} == {}
    assert SECRET not in " ".join(told.values()) + printed
    assert more < MOST_MB


@pytest.mark.parametrize(
    "content",
    [
        xlsx(sheet(TABLE)),
        xlsx(sheet(TABLE + '<row r="1048576"><c r="XFD1048576" s="0"/></row>')),
        xlsx(sheet(TABLE, "", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
        xlsx(sheet(TABLE.replace(' r="A1"', "").replace(' r="2"', ""))),
        xlsx(sheet(TABLE, f'<x y="{"a" * 100_000}"/><!--{"b" * 100_000}-->')),
        xlsx(sheet(TABLE), path="xl/foo/bar.xml", targets=("foo/bar.xml",)),
        xlsx('<?xml version="1.0" encoding="UTF-8"?><!-- <c r="XFD1"> -->' + sheet(TABLE)),
        xlsx(sheet(TABLE), ("xl/media/image1.png", "\x89PNG"), ("docProps/app.xml", "<a>")),
        xlsx(sheet(TABLE), ("docProps/app.xml", "a"), ("docprops/app.xml", "b")),
        xlsx(sheet(TABLE), ("xl/comments1.xml", "<comments><text"), ("xl/calcChain.xml", "")),
        xlsb(*xlsb_text(0, 0, "description"), *xlsb_text(1, 0, "He stared at me")),
        xls(OLD_TABLE),
        xls(record(0x200, struct.pack("<IIHHH", 0, 2, 0, 1, 0)) + OLD_TABLE),
        ods(ODS_TABLE),
        ods(ODS_TABLE + ods_row(ODS_EMPTY, repeated=1_048_574)),
    ],
)  # fmt: skip
def test_a_sheet_is_read_however_it_says_where_its_cells_stand(content: bytes) -> None:
    batch = read_batch(content, categories=())
    assert batch.table["description"].tolist() == ["He stared at me"]


def test_a_long_text_that_few_cells_share_is_read_and_short_ones_as_often_as_they_come() -> None:
    few = read_batch(xlsx(referring(0, 1, 1, 0), shared=LONG), categories=())
    assert len(few.table) == 4
    many = read_batch(xlsx(referring(*[0] * 4_999, 1), shared=LONG), categories=())
    assert len(many.table) == 5_000


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("rich", [False, True])
def test_the_texts_that_an_old_sheet_shares_are_read_over_several_records(
    wide: bool, rich: bool
) -> None:
    content = old_referring(0, 1, 1, letters=9_500, wide=wide, rich=rich)
    assert read_batch(content, categories=()).table["description"].tolist() == ["b" * 9_500] * 2


def whole_files() -> dict[str, bytes]:
    texts = [f"He stared at me and said {SECRET}, near stop {n}" for n in range(60)]
    frame = pd.DataFrame({"description": texts, "n": range(60)})
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    rows = [
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for n, text in enumerate(["description", *texts], start=1)
    ]
    cells = [old_text(n, 0, text) for n, text in enumerate(["description", *texts])]
    binary = [xlsb_text(n, 0, text) for n, text in enumerate(["description", *texts])]
    return {
        "xls": xls(b"".join(cells)),
        "xlsx": xlsx(sheet("".join(rows))),
        "xlsb": xlsb(*(one for cell in binary for one in cell)),
        "ods": ods("".join(ods_row(ods_cell(text)) for text in ["description", *texts])),
        "parquet": parquet.getvalue(),
    }


@pytest.mark.whole
def test_a_file_that_is_cut_short_is_read_or_told_in_a_sentence() -> None:
    chance = random.Random(7)
    cut = {
        f"{kind} {place}": content[:place]
        for kind, content in whole_files().items()
        for place in (len(content) - 3, *(chance.randrange(8, len(content)) for _ in range(125)))
    }
    told, _, printed = read_apart(cut)
    assert len(told) > 500
    assert all(said.isdigit() or said.endswith(".") for said in told.values())
    assert "damaged" in told[f"xls {len(whole_files()['xls']) - 3}"]
    assert SECRET not in " ".join(told.values()) + printed


def test_a_reader_that_gives_up_is_a_sentence_and_ctrl_c_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(BatchError, match="damaged") as caught:
        read_batch(xls(OLD_TABLE)[:-3], categories=())
    assert caught.value.__context__ is None

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("python_calamine.load_workbook", stop)
    with pytest.raises(KeyboardInterrupt):
        read_content(xls(OLD_TABLE), "xls", NO_OPTIONS, {}, get_settings())

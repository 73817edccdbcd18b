"""Which sheet of a workbook is read, and that rows which are hidden in it are told."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import Any

import pytest

from afterword.errors import BatchError, SheetError
from afterword.files.reading import NOT_TEXT, read_batch
from afterword.records import Batch
from afterword.settings import Settings
from tests.files.test_reading import xlsx_bytes
from tests.workbooks import (
    MAIN,
    OFFICE,
    PACKAGE,
    ods,
    ods_cell,
    ods_row,
    old_text,
    record,
    sheet,
    xls,
    xlsb,
    xlsb_text,
    xlsx,
    zipped,
)

SAID = ["He stared at me all the way home.", "She was followed to the bus.", "They shouted at us."]
DATA: list[list[Any]] = [
    ["id", "received", "description"],
    *([n, f"2024-05-{n + 1:02}", SAID[n % 3]] for n in range(20)),
]
COVER: list[list[Any]] = [
    ["Weekly export"], ["This file was exported for the team on 6 May."],
    ["Please do not change the names of the columns."], ["Questions go to the office."],
]  # fmt: skip
CODES: list[list[Any]] = [
    ["code", "description"], [1, "Staring at somebody"], [2, "Calling after somebody"],
]  # fmt: skip
FIGURES: list[list[Any]] = [["month", "reports"], ["May", 12], ["June", 14]]


def read(data: bytes, **options: Any) -> Batch:
    return read_batch(data, **{"categories": (), **options})


def with_states(data: bytes, *states: str) -> bytes:
    """The workbook with some of its sheets hidden."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = parts["xl/workbook.xml"].decode()
    for number, state in enumerate(states):
        if state:
            name = f'<sheet name="Sheet{number}"'
            assert name in content
            content = content.replace(name, f'{name} state="{state}"')
    return zipped({**parts, "xl/workbook.xml": content})


@pytest.mark.parametrize(
    ("sheets", "number"),
    [
        ([COVER, DATA], 2), ([COVER, CODES, DATA], 3), ([DATA, COVER], 1), ([FIGURES, DATA], 2),
        ([[], COVER, FIGURES, DATA, CODES], 4), ([CODES, COVER, [], DATA], 4),
        ([COVER, [["Was geschah?", "n"], *([said, 1] for said in SAID)]], 2),
    ],
)  # fmt: skip
def test_the_sheet_that_holds_descriptions_is_read(sheets: list[Any], number: int) -> None:
    batch = read(xlsx_bytes(*sheets))
    choice = batch.reading["sheet"]
    assert len(batch.table) == len(sheets[number - 1]) - 1
    assert choice.sentence == f"Sheet {number} of {len(sheets)} was read."
    assert choice.value == f"Sheet{number - 1}"
    assert choice.others == tuple(f"Sheet{n}" for n in range(len(sheets)))
    assert not choice.doubtful


def test_the_sheet_of_every_kind_of_workbook_is_found() -> None:
    body = b"".join(
        old_text(y, x, str(cell)) for y, row in enumerate(DATA) for x, cell in enumerate(row)
    )
    cover = b"".join(old_text(n, 0, row[0]) for n, row in enumerate(COVER))
    tables = [
        "".join(ods_row(*(ods_cell(str(cell)) for cell in row)) for row in rows)
        for rows in (COVER, DATA)
    ]
    for data in (xls(cover, body), ods(*tables)):
        batch = read(data)
        assert len(batch.texts) == 20
        assert batch.reading["sheet"].sentence == "Sheet 2 of 2 was read."


def test_of_two_sheets_alike_the_first_is_read_and_that_is_doubtful() -> None:
    more = [*DATA, *DATA[1:]]
    batch = read(xlsx_bytes(COVER, DATA, more))
    assert len(batch.table) == 20
    assert batch.reading["sheet"].sentence == "Sheet 2 of 3 was read; sheet 3 has 40 rows alike."
    assert batch.reading["sheet"].doubtful


def test_every_sheet_that_is_alike_is_named_with_its_rows() -> None:
    weeks = [DATA[: 11 + n] for n in range(4)]
    titled = [["Week 5"], [], *DATA[:8], [None, None, None], *DATA[8:10]]
    choice = read(xlsx_bytes(*weeks, COVER, titled)).reading["sheet"]
    assert choice.sentence == (
        "Sheet 1 of 6 was read; sheet 2 has 11 rows, sheet 3 has 12 rows, sheet 4 has 13 rows and "
        "sheet 6 has 9 rows alike."
    )
    assert choice.doubtful
    assert choice.others == ("Sheet1", "Sheet2", "Sheet3", "Sheet5", "Sheet0", "Sheet4")


def test_of_many_sheets_alike_ten_are_named_and_the_others_counted() -> None:
    choice = read(xlsx_bytes(*[DATA] * 14)).reading["sheet"]
    assert choice.sentence.count(" has 20 rows") == 10
    assert choice.sentence.endswith("sheet 11 has 20 rows and 3 more alike.")
    assert len(choice.others) == 14


def test_sheets_alike_and_another_one_are_told_apart() -> None:
    other = [["story", "town"], *([said, "X"] for said in SAID * 6)]
    said = read(xlsx_bytes(DATA, DATA, other, other)).reading["sheet"].sentence
    assert "sheet 2 has 20 rows alike; sheets 3 and 4 may hold descriptions too." in said


def test_another_sheet_that_could_be_meant_is_told() -> None:
    other = [["story", "town"], *([said, "X"] for said in SAID * 6)]
    choice = read(xlsx_bytes(DATA, other)).reading["sheet"]
    assert choice.sentence == "Sheet 1 of 2 was read; sheet 2 may hold descriptions too."
    assert choice.doubtful


def test_a_visible_sheet_goes_before_a_hidden_one_and_that_before_a_very_hidden_one() -> None:
    data = xlsx_bytes(DATA, DATA[:12], DATA[:8])
    assert len(read(with_states(data, "hidden", "veryHidden", "")).table) == 7
    assert len(read(with_states(data, "veryHidden", "hidden", "")).table) == 7
    assert len(read(with_states(data, "veryHidden", "hidden", "veryHidden")).table) == 11
    choice = read(with_states(xlsx_bytes(DATA, COVER), "hidden", "")).reading["sheet"]
    assert choice.sentence == "Sheet 1 of 2, which is hidden, was read."
    assert choice.doubtful


@pytest.mark.parametrize("wanted", ["Sheet1", " sheet1", "2", 2])
def test_the_sheet_that_is_chosen_is_read(wanted: str | int) -> None:
    batch = read(xlsx_bytes(DATA, CODES, COVER), sheet=wanted)
    assert batch.texts.tolist() == [row[1] for row in CODES[1:]]
    choice = batch.reading["sheet"]
    assert (choice.value, choice.doubtful) == ("Sheet1", False)


@pytest.mark.parametrize("wanted", ["Quenby", 0, 4, -1, "0", "9" * 30, ""])
def test_a_sheet_that_is_not_there_is_told_with_how_many_there_are(wanted: str | int) -> None:
    with pytest.raises(SheetError, match="one of its 3") as caught:
        read(xlsx_bytes(DATA, CODES, COVER), sheet=wanted)
    assert caught.value.sheets == ("Sheet0", "Sheet1", "Sheet2")
    assert "Sheet" not in str(caught.value).replace("The file has no such sheet", "")
    with pytest.raises(SheetError, match="empty"):
        read(xlsx_bytes(DATA, []), sheet=2)


def test_a_column_that_is_chosen_chooses_the_sheet() -> None:
    notes = [["id", "remark"], *([n, said] for n, said in enumerate(SAID))]
    batch = read(xlsx_bytes(DATA, notes), description="remark")
    assert batch.texts.tolist() == SAID


def test_too_many_rows_in_the_sheet_that_is_meant_are_no_reason_to_read_another() -> None:
    with pytest.raises(BatchError, match="more than 15 rows"):
        read(xlsx_bytes(CODES, DATA), settings=Settings(max_rows=15))
    small = read(xlsx_bytes(DATA[:4], [["n"], *([n] for n in range(30))]),
                 settings=Settings(max_rows=15))  # fmt: skip
    assert len(small.table) == 3


# ---- rows that are hidden -------------------------------------------------------------------


def hidden_xlsx() -> bytes:
    rows = '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>'
    for n, text in enumerate(["description", *SAID], start=2):
        hidden = ' hidden="1"' if n in (3, 5) else ' hidden="0"'
        cell = f'<c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c><c r="B{n}"><v>{n}</v></c>'
        rows += f'<row r="{n}"{hidden}>{cell}</row>'
    return xlsx(sheet(rows + '<row r="9" hidden="true"/>'))


def hidden_ods() -> bytes:
    def row(text: str, visibility: str = "") -> str:
        shown = f' table:visibility="{visibility}"' if visibility else ""
        return ods_row(ods_cell(text)).replace("<table:table-row", f"<table:table-row{shown}")

    return ods(
        row("description") + row(SAID[0], "filter") + row(SAID[1]) + row(SAID[2], "collapse")
    )


def hidden_xls() -> bytes:
    def row(number: int, flags: int) -> bytes:
        return record(0x208, struct.pack("<HHHHHHI", number, 0, 1, 255, 0, 0, flags | 0x100))

    texts = {0: "description", 1: SAID[0], 3: SAID[1], 4: SAID[2]}
    empty = record(0x208, struct.pack("<HHHHHHI", 2, 0, 0, 255, 0, 0, 0x120))
    rows = b"".join(row(n, 0x20 if n in (1, 4) else 0) if n in texts else empty for n in range(5))
    return xls(rows + b"".join(old_text(n, 0, text) for n, text in texts.items()))


def hidden_xlsb() -> bytes:
    records = []
    for n, text in enumerate(["description", *SAID]):
        (kind, head), cell = xlsb_text(n, 0, text)
        if n in (1, 3):
            head = head[:11] + b"\x10" + head[12:]
        records += [(kind, head), cell]
    return xlsb(*records)


@pytest.mark.parametrize("make", [hidden_xlsx, hidden_ods, hidden_xls, hidden_xlsb])
def test_hidden_rows_are_read_and_told(make: Any) -> None:
    batch = read(make())
    assert batch.texts.tolist() == SAID
    choice = batch.reading["hidden rows"]
    assert (choice.value, choice.doubtful) == (2, True)
    assert choice.sentence == "2 rows that are hidden in the sheet were read too."


def test_hidden_rows_of_another_sheet_are_not_told() -> None:
    rows = '<row r="1" hidden="1"><c r="A1"><v>1</v></c></row>'
    table = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for n, text in enumerate(["description", *SAID], start=1)
    )
    data = xlsx(
        sheet(rows),
        ("xl/worksheets/a.xml", sheet(table)),
        targets=("worksheets/sheet1.xml", "worksheets/a.xml"),
    )
    batch = read(data)
    assert batch.texts.tolist() == SAID
    assert "hidden rows" not in batch.reading


def test_cells_of_other_kinds_cost_one_row_each_and_formulas_give_their_values() -> None:
    cells = [
        '<c r="A2" t="e"><v>#N/A</v></c>', '<c r="A3" t="b"><v>1</v></c>',
        '<c r="A4" t="str"><f>A1&amp;"x"</f><v>He stared at me</v></c>', '<c r="A5"><v>7.5</v></c>',
        '<c r="A6" t="inlineStr"><is><t xml:space="preserve">two\nlines of it</t></is></c>',
        '<c r="A7" t="d"><v>2024-05-06T08:15:00</v></c>', '<c r="A8" t="str"><v>7</v></c>',
    ]  # fmt: skip
    head = '<row r="1"><c r="A1" t="str"><v>description</v></c><c r="B1" t="str"><v>n</v></c></row>'
    rows = "".join(
        f'<row r="{n}">{cell}<c r="B{n}"><v>{n}</v></c></row>' for n, cell in enumerate(cells, 2)
    )
    batch = read(xlsx(sheet(head + rows)))
    assert batch.texts.tolist() == ["He stared at me", "two\nlines of it", "7"]
    assert batch.table["n"].tolist() == list(range(2, 9))
    assert batch.rejected["row"].tolist() == [1, 2, 4, 6]
    assert batch.rejected["reason"].tolist()[1] == NOT_TEXT


def test_a_sheet_that_only_draws_is_passed_by() -> None:
    names = {"Chart": "chartsheets/sheet1.xml", "Data": "worksheets/sheet2.xml"}
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1)
    )
    kinds = ("chartsheet", "worksheet")
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(zip(kinds, names.values(), strict=True), 1)
    )
    head = '<row r="1"><c r="A1" t="str"><v>description</v></c></row>'
    row = f'<row r="2" hidden="1"><c r="A2" t="str"><v>{SAID[0]}</v></c></row>'
    batch = read(
        zipped(
            {
                "[Content_Types].xml": '<Types xmlns="x"/>',
                "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" '
                f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
                "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}'
                "</sheets></workbook>",
                "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{links}'
                "</Relationships>",
                "xl/chartsheets/sheet1.xml": f'<chartsheet xmlns="{MAIN}"/>',
                "xl/worksheets/sheet2.xml": sheet(head + row),
            }
        )
    )
    assert batch.texts.tolist() == SAID[:1]
    assert batch.reading["sheet"].sentence == "Sheet 2 of 2 was read."
    assert batch.reading.value("hidden rows") == 1

"""A cell that ends the reading of a workbook is left empty, counted and told."""

from __future__ import annotations

import struct

import pytest

from afterword.files.bad_cells import without_bad_cells
from afterword.files.reading import read_batch
from tests.workbooks import sheet, xlsb, xlsb_text, xlsx

TEXT = "She was stared at on the way home."


def _row(number: int, *cells: str) -> str:
    told = f'<c r="A{number}" t="inlineStr"><is><t>{TEXT} {number}</t></is></c>'
    return f'<row r="{number}">{told}{"".join(cells)}</row>'


def _workbook(cell: str) -> bytes:
    head = "".join(
        f'<c r="{place}" t="inlineStr"><is><t>{name}</t></is></c>'
        for place, name in (("A1", "description"), ("B1", "count"))
    )
    good = [_row(n, f'<c r="B{n}"><v>{n}</v></c>') for n in range(2, 6)]
    return xlsx(sheet(f'<row r="1">{head}</row>' + "".join(good) + _row(6, cell)))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B6" t="e"><v>#SPILL!</v></c>',
        "<c t = 'e' r='B6'><f>A1&lt;2</f> <v>#CALC!</v></c>",
        '<x:c xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="B6" t="e">'
        "<x:v>#FIELD!</x:v></x:c>",
        '<c r="B6" t="s"><v>9</v></c>',
        '<c r="B6" t="s"><v>-1</v></c>',
        f'<c r="B6" t="s"><v>{"9" * 5_000}</v></c>',
        '<c r="B6" t="b"><v>7</v></c>',
        '<c r="B6" t="n"><v>seven</v></c>',
        '<c r="B6" t="zzz"><v>1</v></c>',
    ],
)
def test_a_cell_that_the_reader_refuses_costs_itself(cell: str) -> None:
    batch = read_batch(_workbook(cell), categories=())
    assert batch.table["count"].tolist()[:4] == [2, 3, 4, 5]
    assert batch.table["count"].isna().tolist()[4]
    assert len(batch.rows) == 5
    assert batch.reading["cells"].value == 1


def test_a_bad_cell_of_descriptions_rejects_its_row() -> None:
    told = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c></row>'
    bad = '<row r="3"><c r="A3" t="e"><v>#SPILL!</v></c></row>'
    rows = (told.format(1, "description"), told.format(2, TEXT), bad, told.format(4, TEXT))
    batch = read_batch(xlsx(sheet("".join(rows))), categories=())
    assert batch.rejected.to_dict("records") == [{"row": 2, "reason": "empty"}]
    assert len(batch.rows) == 2


def test_no_good_cell_is_changed() -> None:
    for cell in (
        '<c r="B6" t="e"><v>#DIV/0!</v></c>', '<c r="B6" t="b"><v>1</v></c>',
        '<c r="B6" t="n"><v>-1.5E+10</v></c>', '<c r="B6" t="str"><v>#SPILL!</v></c>',
        '<c r="B6" t="d"><v>2024-01-01</v></c>',
    ):  # fmt: skip
        assert without_bad_cells(_workbook(cell))[1] == 0


def test_a_bad_cell_of_a_binary_workbook_costs_itself() -> None:
    head = [*xlsb_text(0, 0, "description"), (0x06, xlsb_text(0, 1, "count")[1][1])]
    good = [part for n in range(1, 4) for part in xlsb_text(n, 0, f"{TEXT} {n}")]
    for bad in (
        (0x03, struct.pack("<IIB", 1, 0, 0x99)),
        (0x07, struct.pack("<III", 1, 0, 7)),
    ):
        batch = read_batch(xlsb(*head, *good, bad), categories=())
        assert len(batch.rows) == 3
        assert batch.reading["cells"].value == 1

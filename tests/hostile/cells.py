"""Good rows with one bad cell or row among them: only that one may be lost, and it is counted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from tests.hostile.case import GOOD, TEXT, Case
from tests.hostile.parquets import parquet
from tests.workbooks import ODS_TABLE, ods, ods_cell, ods_row, sheet, xlsx

TEXTS = [TEXT] * GOOD


def _table(**columns: Any) -> bytes:
    return parquet(pa.table(columns))


def _times(unit: str, value: int) -> bytes:
    times = pa.array([1_700_000_000] * GOOD + [value], pa.int64()).cast(pa.timestamp(unit))
    return _table(description=[*TEXTS, TEXT], time=times)


def _numbers(value: float, kind: Any) -> bytes:
    return _table(description=[*TEXTS, TEXT], count=pa.array([1] * GOOD + [value], kind))


def _texts(*values: bytes) -> bytes:
    held = pa.array([TEXT.encode()] * GOOD + list(values), pa.binary())
    texts = pa.Array.from_buffers(pa.string(), len(held), held.buffers())
    return _table(description=texts, id=list(range(len(held))))


def _lines(*more: str) -> bytes:
    return (f"{json.dumps({'description': TEXT})}\n" * GOOD + "\n".join(more)).encode()


def _sheet(cell: str) -> bytes:
    def row(number: int, text: str, more: str) -> str:
        told = f'<c r="A{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        return f'<row r="{number}">{told}{more.replace("B?", f"B{number}")}</row>'

    rows = [row(1, "description", '<c r="B?" t="inlineStr"><is><t>count</t></is></c>')]
    rows += [row(n, TEXT, '<c r="B?"><v>1</v></c>') for n in range(2, GOOD + 2)]
    return xlsx(sheet("".join(rows) + row(GOOD + 2, TEXT, cell)))


def _made() -> Iterator[tuple[str, str, Callable[[], bytes], int, int]]:
    """Kind, name, content, rows that are accepted and rows that are rejected."""
    for unit in ("s", "ms", "us"):
        for moment in (2**50, -(2**50), 2**62, -(2**63)):
            if unit == "s" and abs(moment) > 2**50:
                continue  # Parquet has no seconds, and so many of them are no milliseconds
            yield (
                "parquet",
                f"a time of {moment} {unit}",
                partial(_times, unit, moment),
                GOOD + 1,
                0,
            )
    numbers: tuple[tuple[float, Any], ...] = (
        (2**63 - 1, pa.int64()), (-(2**63), pa.int64()), (float("inf"), pa.float64()),
        (float("nan"), pa.float64()), (1e308, pa.float64()),
    )  # fmt: skip
    for value, kind in numbers:
        yield "parquet", f"a count of {value}", partial(_numbers, value, kind), GOOD + 1, 0
    # Damaged characters are shown as such: a row of nothing else is none.
    yield "parquet", "a text that is no UTF-8", partial(_texts, b"\xff\xfe\xfd"), GOOD, 1
    yield (
        "parquet",
        "a text cut in a character",
        partial(_texts, TEXT.encode() + b"\xc3"),
        GOOD + 1,
        0,
    )
    big = str(10**30)
    yield "jsonl", "a count of 10^30", partial(_lines, _one(big)), GOOD + 1, 0
    yield "jsonl", "a number of 100,000 digits", partial(_lines, _one("9" * 100_000)), GOOD, 1
    yield "jsonl", "a value 400 deep", partial(_lines, _one("[" * 400 + "]" * 400)), GOOD + 1, 0
    yield (
        "jsonl",
        "a value 100,000 deep",
        partial(_lines, _one("[" * 100_000 + "]" * 100_000)),
        GOOD,
        1,
    )
    yield "jsonl", "an infinite count", partial(_lines, _one("-Infinity")), GOOD + 1, 0
    yield "jsonl", "half a character elsewhere", partial(_lines, _one('"\\ud800"')), GOOD + 1, 0
    yield "jsonl", "a line that is no JSON", partial(_lines, "{,}"), GOOD, 1
    yield "jsonl", "a line that is a list", partial(_lines, "[1]"), GOOD, 1
    csv = f"description,count\n{f'{TEXT},1{chr(10)}' * GOOD}".encode()
    for name, row, lost in (
        ("a count of 10^30", f"{TEXT},{10**30}".encode(), 0),
        ("a count of 5,000 digits", f"{TEXT},{'9' * 5_000}".encode(), 0),
        ("a row of 500 cells", f"{TEXT},{'a,' * 500}b".encode(), 1),
        ("a quotation that does not end", f'"{TEXT},1'.encode(), 0),
        ("a text of control characters", b"\x07\x08\x1b,1", 1),
        ("a text of 30,000 letters", b"ab " * 10_000 + b",1", 1),
    ):
        yield "csv", name, partial(bytes, csv + row + b"\n"), GOOD + 1 - lost, lost
    accents = csv.replace(b",1", " à côté du café,1".encode())
    yield "csv", "a text that is no UTF-8", partial(bytes, accents + b"\xff\xfe\xfd,1\n"), GOOD, 1
    for name, cell in (
        ("a number 1e400", '<c r="B?"><v>1e400</v></c>'),
        ("a number that is none", '<c r="B?"><v>abc</v></c>'),
        ("a date of year 9999999", '<c r="B?" t="d"><v>9999999-01-01</v></c>'),
        ("an error", '<c r="B?" t="e"><v>#DIV/0!</v></c>'),
        *(
            (f"the error {said}", f'<c r="B?" t="e"><v>{said}</v></c>')
            for said in ("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#GETTING_DATA", "#PYTHON!")
        ),
        ("an error of a formula", '<c r="B?" t="e"><f>A1&lt;2</f><v>#SPILL!</v></c>'),
        ("an unknown type", '<c r="B?" t="zzz"><v>1</v></c>'),
        ("a truth value 7", '<c r="B?" t="b"><v>7</v></c>'),
        ("a number of words", '<c r="B?" t="n"><v>seven</v></c>'),
        ("a shared text of 5,000 digits", f'<c r="B?" t="s"><v>{"9" * 5_000}</v></c>'),
        ("a formula without a value", '<c r="B?"><f>A1</f></c>'),
        ("a shared text that is not there", '<c r="B?" t="s"><v>99</v></c>'),
    ):
        yield "xlsx", name, partial(_sheet, cell), GOOD + 1, 0
    rows = ODS_TABLE + ods_row(ods_cell(TEXT)) * (GOOD - 1)
    empty = ods_row(ods_cell("-"))
    yield "ods", "a row that says nothing", partial(ods, rows + empty), GOOD, 1


def _one(value: str) -> str:
    return f'{{"description": "{TEXT}", "count": {value}}}'


def cells() -> Iterator[Case]:
    """All files of this kind."""
    for kind, name, make, keeps, loses in _made():
        yield Case(f"cells of {kind}", name, make, kind, keeps, loses)

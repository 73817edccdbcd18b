"""Files with more of something than a table needs: a sentence, before it has taken long."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from afterword.errors import BatchError
from afterword.files import (
    delimited,
    header,
    json_tables,
    old_workbooks,
    packed,
    parquet,
    sheet_area,
    tables,
    workbook_counts,
)
from afterword.files.exports import to_parquet
from afterword.files.options import NO_OPTIONS
from afterword.files.reading import read_content
from afterword.records import Batch
from afterword.settings import Settings
from tests.hostile.parquets import parquet as parquet_of
from tests.workbooks import OLD_TABLE, TABLE, old_text, sheet, xls, xlsb, xlsb_text, xlsx, zipped

TEXT = "He waved at us from the bridge."
ROWS = f"description,count\n{f'{TEXT},1{chr(10)}' * 30}"


def _read(content: bytes, **limits: Any) -> Batch:
    return read_content(content, "", NO_OPTIONS, {}, Settings(**limits))


@pytest.mark.parametrize(
    ("module", "limit", "most", "make", "said"),
    [
        (header, "MAX_CELLS", 59, ROWS.encode, "more than 59 cells"),
        (
            header,
            "MAX_CELLS",
            29,
            lambda: json.dumps([{"text": TEXT, "n": 1}] * 15).encode(),
            "more than 29 cells",
        ),
        (
            header,
            "MAX_CELLS",
            29,
            lambda: to_parquet(pd.DataFrame({"text": [TEXT] * 15, "n": 1})),
            "more than 29 cells",
        ),
        (
            parquet,
            "MAX_GROUPS",
            2,
            lambda: parquet_of(pa.table({"text": [TEXT] * 30}), row_group_size=10),
            "more than 2 groups of rows",
        ),
        (packed, "MAX_PARTS", 2, lambda: xlsx(sheet(TABLE)), "more than 2 parts"),
        (packed, "MAX_PARTS", 2, lambda: zipped({f"{n}.csv": "" for n in range(3)}), "2 parts"),
        (
            sheet_area,
            "MAX_SHEETS",
            2,
            lambda: xlsx(sheet(TABLE), targets=("worksheets/sheet1.xml",) * 3),
            "more than 2 sheets",
        ),
        (sheet_area, "MAX_SHEETS", 2, lambda: xls(OLD_TABLE, b"", b""), "more than 2 sheets"),
        (workbook_counts, "MAX_TAGS", 20, lambda: xlsx(sheet(TABLE)), "more than 20 rows, cells"),
        (
            workbook_counts,
            "MAX_TAGS",
            100,
            lambda: xlsb(*xlsb_text(0, 0, "description"), *xlsb_text(1, 0, TEXT) * 20),
            "more than 100 rows, cells",
        ),
        (
            old_workbooks,
            "MAX_RECORDS",
            9,
            lambda: xls(OLD_TABLE + old_text(2, 0, TEXT) * 9),
            "more than 9 records",
        ),
    ],
)
def test_a_file_with_too_many_parts_is_refused(
    module: Any,
    limit: str,
    most: int,
    make: Callable[[], bytes],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = make()
    monkeypatch.setattr(module, limit, most)
    with pytest.raises(BatchError, match=said) as raised:
        _read(content)
    assert str(raised.value).endswith(".")


def test_a_table_of_as_many_cells_as_are_read_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "MAX_CELLS", 60)
    assert len(_read(ROWS.encode()).rows) == 30


def test_a_header_of_too_many_columns_is_refused_before_its_names_are_looked_at() -> None:
    wide = ",".join(["description"] * (header.MAX_COLUMNS + 1))
    with pytest.raises(BatchError, match="more than 1,000 columns"):
        _read(f"{wide}\n{TEXT}\n".encode())


def test_a_row_of_too_many_cells_is_lost_alone() -> None:
    batch = _read((ROWS + "x," * 5_000 + "y\n" + TEXT + "," * 5_000 + "\n").encode())
    assert batch.rejected.to_dict("records") == [{"row": 31, "reason": "wrong number of columns"}]
    assert len(batch.rows) == 31


def test_marks_that_end_wrongly_are_no_way_around_the_most_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delimited, "MOST_ABOVE", 0)
    text = "text,n\n" + f'"He" waved,{1}\n' * 20
    assert len(_read(text.encode(), max_rows=21).rows) == 20
    with pytest.raises(BatchError, match="more than 19 rows"):
        _read(text.encode(), max_rows=19)


def test_a_list_is_given_up_at_a_depth_that_no_table_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_tables, "DEEPEST", 5)
    assert list(json_tables._elements("[[[1]], [[2]]]")) == ["[[1]]", " [[2]]"]
    assert list(json_tables._elements("[1, [[[[[2]]]]], 3]")) == ["1", ""]


def test_values_in_lists_and_objects_count() -> None:
    frame = pd.DataFrame({"a": ["abc", None], "b": [1, 2], "c": [[None] * 10, {"k": ["v"]}]})
    assert tables.letters(frame, 10_000) == 3 + tables.NESTED_VALUE * 12 + 2
    assert tables.letters(frame, 100) > 100


def test_what_parquet_says_wrongly_of_pandas_costs_nothing() -> None:
    about = {"columns": [], "column_indexes": [], "index_columns": ["nowhere"]}
    table = pa.table({"text": [TEXT] * 3})
    told = table.replace_schema_metadata({"pandas": json.dumps(about)})
    assert len(_read(parquet_of(told)).rows) == 3


def test_a_time_of_day_beyond_a_day_costs_its_cell() -> None:
    times = pa.array([2**62, 3_600_000_000]).cast(pa.time64("us"))
    batch = _read(parquet_of(pa.table({"text": [TEXT] * 2, "at": times})))
    assert len(batch.rows) == 2
    assert batch.reading["cells"].value == 1
    assert batch.table["at"].isna().tolist() == [True, False]


def test_equal_cells_of_a_text_are_in_memory_once() -> None:
    first, second = delimited.split(
        "description,channel\nHe waved.,phone\nShe left.,phone\n"
    ).cells[1:]
    assert first[1] is second[1]

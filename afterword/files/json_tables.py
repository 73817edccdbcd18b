"""JSON to tables: JSON Lines, a list of objects, and the forms in which pandas writes a table.

One value that cannot be read costs its own row.

>>> read_json('{"text": {"0": "He whistled at me."}}', "UTF-8", True, Settings()).frame.shape
(1, 1)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from afterword.errors import BatchError
from afterword.files import reading_wording, wording
from afterword.files.column_names import is_known_name, unique_names
from afterword.files.header import (
    Table,
    as_cell,
    as_column,
    check_cells,
    check_columns,
    check_rows,
    lay_out,
)
from afterword.files.json_values import Loader
from afterword.records import Choice
from afterword.settings import Settings

UNREADABLE: Final = "not readable"

_LINE: Final = re.compile(r"[^\r\n]+")
_MARK: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
"""A string, or what stands between values."""

DEEPEST: Final = 1_000_000
"""Lists and objects in each other at which a list is given up, and not only what is in it."""

MOSTLY: Final = 0.5
"""Share of records from which a form counts as that of the file."""


def read_json(
    text: str, encoding: str, named: bool, settings: Settings, header_row: int | None = None
) -> Table | None:
    """Read JSON Lines or one JSON value.

    Parameters
    ----------
    text : of the file.
    encoding : its name, for what is said of the file.
    named : whether the file's name says that it is JSON.
    settings : give the most rows.
    header_row : as of :class:`afterword.files.options.ReadOptions`; for lists of lists.

    Returns
    -------
    The table; None if it is no JSON and is not called so either.

    Raises
    ------
    BatchError
        It is called JSON and is none, holds no table, or too large a one.
    """
    load = Loader(text)
    kind, records, faults = _records(load, settings)
    if not records:
        if not named:
            return None
        raise BatchError(wording.JSON_NO_TABLE)
    check_rows(len(records), settings)
    choices = [
        Choice("format", kind, reading_wording.file_is(f"{kind} in {encoding}")),
        Choice("encoding", encoding),
    ]
    if load.wrapped:
        choices.append(Choice("wrapped values", load.wrapped, reading_wording.UNWRAPPED))
    if load.as_bytes:
        choices.append(Choice("bytes as characters", True, reading_wording.JOINED_BYTES, True))
    if all(isinstance(record, list) for record in records):
        cells = [[as_cell(cell) for cell in record] for record in records]
        table = lay_out(cells, settings, header_row)
        return replace(table, choices=(*choices, *table.choices))
    if not any(isinstance(record, dict) for record in records):
        records = [{"description": record} for record in records]
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            faults.setdefault(number, UNREADABLE)
    rows, opened = _opened([record if isinstance(record, dict) else {} for record in records])
    if opened:
        choices.append(Choice("nested values", len(opened), reading_wording.OPENED))
    return Table(_frame(rows), faults, tuple(choices))


def _frame(rows: list[dict[str, Any]]) -> Any:
    import pandas as pd

    names: dict[str, None] = {}
    for row in rows:
        if not row.keys() <= names.keys():
            names.update(dict.fromkeys(row))
            check_columns(len(names))
    check_cells(len(rows), len(names))
    if not names:
        raise BatchError(wording.JSON_EMPTY)
    index = pd.RangeIndex(1, len(rows) + 1)
    columns = (as_column([as_cell(row.get(name)) for row in rows], index) for name in names)
    return pd.DataFrame(dict(zip(unique_names(names), columns, strict=True)))


def _records(load: Loader, settings: Settings) -> tuple[str, list[Any], dict[int, str]]:
    """What kind of JSON it is, its records, and the numbers of those that cannot be read."""
    try:
        return "JSON", _as_records(load.value(load.text)), {}
    except (ValueError, RecursionError):
        pass
    text = load.text
    kind = "JSON"
    parts = _elements(text) if text.lstrip().startswith("[") else iter(())
    records, faults = _one_by_one(parts, load, settings)
    if not records:
        kind = "JSON Lines"
        lines = (line[0] for line in _LINE.finditer(text) if line[0].strip())
        records, faults = _one_by_one(lines, load, settings)
    return kind, records, faults


def _one_by_one(
    texts: Iterator[str], load: Loader, settings: Settings
) -> tuple[list[Any], dict[int, str]]:
    """Values that are read each by itself; none where most of them cannot be."""
    parts = list(islice(texts, settings.max_rows + 1))
    check_rows(len(parts), settings)
    records: list[Any] = []
    faults: dict[int, str] = {}
    for number, part in enumerate(parts, start=1):
        try:
            records.append(load.value(part))
        except (ValueError, RecursionError):
            faults[number] = UNREADABLE
            records.append({})
    told = any(isinstance(record, dict | str) and record for record in records)
    return (records, faults) if told and len(faults) <= MOSTLY * len(records) else ([], {})


def _elements(text: str) -> Iterator[str]:
    """The texts of a list's elements, however deep they are; "" for what was cut off."""
    depth = start = 0
    for mark in _MARK.finditer(text):
        sign = mark[0]
        if sign in ("[", "{"):
            depth += 1
            if depth == 1:
                start = mark.end()
            elif depth > DEEPEST:
                break
        elif sign in ("]", "}") or (sign == "," and depth == 1):
            if depth == 1 and text[start : mark.start()].strip():
                yield text[start : mark.start()]
            depth -= sign != ","
            if depth <= 0:
                return
            if sign == ",":
                start = mark.end()
    yield ""


def _as_records(value: Any) -> list[Any]:
    """The records of a JSON value: a list, one object, or a table as pandas writes it."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    names, data = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(data, list):  # orient="split"
        return _from_split(unique_names(names), data, value.get("index"))
    kinds = {type(each) for each in value.values()}
    if kinds == {dict}:
        return _from_objects(value)
    lists = [each for each in value.values() if isinstance(each, list) and each]
    texts = all(isinstance(one, str) for each in lists for one in each)
    even = kinds == {list} and len({len(each) for each in value.values()}) == 1
    if even and (len(value) > 1 or texts):
        return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
    of_objects = [each for each in lists if isinstance(each[0], dict)]
    if len(of_objects) == 1:  # also orient="table"
        return list(of_objects[0])
    return [] if any(isinstance(each, dict | list) for each in value.values()) else [value]


def _from_split(names: list[str], data: list[Any], index: Any) -> list[Any]:
    """Records of rows beside their names; a row of another length stays what it is."""
    rows = [
        dict(zip(names, row, strict=True))
        if isinstance(row, list) and len(row) == len(names)
        else row
        for row in data
    ]
    whole = isinstance(index, list) and len(index) == len(rows)
    return _with_index(rows, index if whole else [])


def _with_index(rows: list[Any], index: Sequence[Any]) -> list[Any]:
    """Rows with the names that pandas gave them, unless these only count."""
    counted = [str(name) for name in index] == [str(n) for n in range(len(index))]
    if counted or any(isinstance(row, dict) and "index" in row for row in rows):
        return rows
    return [
        {"index": name, **row} if isinstance(row, dict) else row
        for name, row in zip(index, rows, strict=True)
    ]


def _from_objects(value: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """Records of an object of objects: its columns by row, or its rows by name."""
    inner = [list(each) for each in value.values()]
    rows = dict.fromkeys(key for keys in inner for key in keys)
    # Columns share the names of rows, "0", "1", …; the names of columns are words.
    outer, within = (sum(map(is_known_name, names)) for names in (value, rows))
    if all(name.lstrip("-").isdigit() for name in rows) or outer > within:
        columns = [{name: each.get(row) for name, each in value.items()} for row in rows]
        return _with_index(columns, list(rows))
    return _with_index(list(value.values()), list(value)) if len(value) > 1 else []


def _opened(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], set[str]]:
    """Rows whose texts stand in objects within them, one level down, as columns of their own."""
    told = (row for row in rows if any(map(_is_prose, row.values())))
    if next(islice(told, int(MOSTLY * len(rows)), None), None) is not None:
        return rows, set()
    within = {
        name
        for row in rows[:1_000]
        for name, cell in row.items()
        if isinstance(cell, dict) and any(map(_is_prose, cell.values()))
    }
    if not within:
        return rows, within
    return [
        {
            name if key is None else f"{name}.{key}": inner
            for name, cell in row.items()
            for key, inner in (
                cell.items() if name in within and isinstance(cell, dict) else [(None, cell)]
            )
        }
        for row in rows
    ], within


def _is_prose(cell: Any) -> bool:
    return isinstance(cell, str) and " " in cell.strip()

"""JSON: depth, numbers, keys and halves of characters that other readers refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial

from tests.hostile.case import GOOD, TEXT, Case

Made = Iterator[tuple[str, Callable[[], bytes]]]
LARGE = 49_000_000
ONE = json.dumps({"description": TEXT})
ROWS = f"{ONE}\n" * GOOD
LIST = ", ".join([ONE] * GOOD)


def _deep() -> Made:
    for name, opened, closed in (
        ("lists", "[", "]"), ("objects", '{"a":', "}"), ("both", '[{"a":', "}]"),
    ):  # fmt: skip
        for depth in (990, 5_000, 1_000_000):
            yield (
                f"{depth:,} {name} in each other",
                partial(_nested, opened, closed, depth),
            )
        yield f"{name} that do not end", partial(_nested, opened, "", 100_000)
        yield (
            f"5,000 {name} in a cell of one row",
            partial(_beside, opened * 5_000 + "1" + closed * 5_000),
        )
        yield (
            f"400 {name} in a cell of one row",
            partial(_beside, opened * 400 + "1" + closed * 400),
        )
    for character in ("[", "{", '"', "[]", "{},", '{"":'):
        yield f"49 MB of {character}", partial(_repeated, character)


def _nested(opened: str, closed: str, depth: int) -> bytes:
    return (opened * depth + "1" + closed * depth).encode()


def _beside(value: str) -> bytes:
    return f'{ROWS}{{"description": "{TEXT}", "more": {value}}}\n'.encode()


def _repeated(text: str) -> bytes:
    return text.encode() * (LARGE // len(text))


def _values() -> Made:
    made = {
        "a number of 100,000 digits": "9" * 100_000,
        "a number of 4,301 digits": "9" * 4_301,
        "a number of 4,000 digits": "9" * 4_000,
        "a number 1e400": "1e400",
        "a number of 100,000 places": f"0.{'1' * 100_000}",
        "NaN": "NaN",
        "Infinity": "-Infinity",
        "2^53 + 1": str(2**53 + 1),
        "2^64": str(2**64),
        "a half of a character": '"\\ud800"',
        "an escape that is none": '"\\x41"',
        "an escape that breaks off": '"\\u12"',
        "a text that does not end": '"abc',
        "a control character": '"\x01"',
        "a NUL": '"\\u0000"',
        "a text of 5 MB": f'"{"a" * 5_000_000}"',
        "a list of 1,000,000 numbers": f"[{'1,' * 999_999}1]",
        "an object of 100,000 keys": json.dumps(dict.fromkeys(map(str, range(100_000)), 1)),
        "true": "true",
        "a comma too much": "[1,]",
        "a comment": "1 /* a */",
    }
    for name, value in made.items():
        yield f"{name} in one row", partial(_beside, value)
        more = f'[{LIST}, {{"description": "{TEXT}", "more": {value}}}]'
        yield f"{name} in one row of a list", lambda more=more: more.encode()  # type: ignore[misc]
        told = f'{ROWS}{{"description": {value}}}\n'
        yield f"{name} as description", lambda told=told: told.encode()  # type: ignore[misc]


def _keys() -> Made:
    yield "a key 100,000 times", lambda: f"[{{{', '.join([ONE[1:-1]] * 100_000)}}}]".encode()
    yield (
        "1,000,000 keys in an object",
        lambda: json.dumps(dict.fromkeys(map(str, range(1_000_000)), "a")).encode(),
    )
    yield "1,000,000 empty objects", lambda: b"[" + b"{}," * 999_999 + b"{}]"
    yield "16,000,000 empty objects, cut", lambda: b"[" + b"{}," * 16_000_000
    yield "16,000,000 empty objects in a list, cut", lambda: b"[[" + b"{}," * 16_000_000
    yield "24,000,000 blank lines", lambda: ONE.encode() + b" \n" * 24_000_000
    yield "100,000 empty objects", lambda: b"[" + b"{}," * 99_999 + b"{}]"
    yield (
        "100,000 rows of other keys",
        lambda: b"".join(b'{"k%d":"a b"}\n' % n for n in range(100_000)),
    )
    yield "900 rows of other keys", lambda: b"".join(b'{"k%d":"a b"}\n' % n for n in range(900))
    yield (
        "100,000 rows of 900 keys",
        lambda: b"".join(b'{"k%d":"a b"}\n' % (n % 900) for n in range(100_000)),
    )
    yield "a key of 1 MB", lambda: f'{{"{"a" * 1_000_000}": 1, "description": "{TEXT}"}}'.encode()
    yield (
        "keys that are halves of characters",
        lambda: f'[{{"\\ud800": 1, "\\udfff": 2, "description": "{TEXT}"}}]'.encode(),
    )
    yield "an empty key", lambda: f'[{{"": 1, "description": "{TEXT}"}}]'.encode()
    yield "rows of all kinds", lambda: f'[{ONE}, 1, null, "a", [], {{}}, true]'.encode()
    yield "nothing but nulls", lambda: b"[" + b"null," * 9_999 + b"null]"
    columns = {"description": dict.fromkeys(map(str, range(20)), TEXT), "b": {"x": 1, "-1": 2}}
    yield "columns whose rows differ", lambda: json.dumps(columns).encode()
    uneven = {"description": [TEXT] * 20, "b": [1]}
    yield "columns of unequal lengths", lambda: json.dumps(uneven).encode()
    split = {"columns": ["description"], "index": [10**30], "data": [[TEXT], [], [1, 2]]}
    yield "a table in parts that differ", lambda: json.dumps(split).encode()
    schema = {"schema": {"fields": [{"name": "a", "type": "zzz"}]}, "data": [{"description": TEXT}]}
    yield "a schema that lies", lambda: json.dumps(schema).encode()
    yield "one list in another", lambda: json.dumps([[[TEXT]]]).encode()
    yield "Python's own way", lambda: str([{"description": TEXT, "a": None}]).encode()
    yield "two values, one after the other", lambda: f"[{LIST}][{LIST}]".encode()
    yield "rows that end with commas", lambda: (f"{ONE},\n" * GOOD).encode()
    yield "records parted by RS", lambda: (f"\x1e{ONE}\n" * GOOD).encode()
    yield "UTF-16", lambda: f"[{LIST}]".encode("utf-16")
    yield "a byte that is no UTF-8", lambda: ROWS.encode() + b'{"description": "\xff\xfe"}\n'
    yield "half of its rows broken", lambda: (f'{ONE}\n{{"description": \n' * GOOD).encode()
    yield "cut in a row", lambda: ROWS.encode()[:-30]
    yield "cut in a list", lambda: f"[{LIST}]".encode()[:-30]


def json_texts() -> Iterator[Case]:
    """All files of this kind."""
    for group in (_deep, _values, _keys):
        for name, make in group():
            lines = "list" not in name and "schema" not in name
            heavy = "00,000" in name or "MB" in name or "900" in name
            yield Case("json", name, make, "jsonl" if lines else "json", whole=heavy)

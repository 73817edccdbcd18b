"""Parquet: columns that unpack without end, footers that lie, types that no table has."""

from __future__ import annotations

import copy
import io
import json
import struct
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

from tests.hostile import thrift
from tests.hostile.case import GOOD, TEXT, Case, cut, flipped
from tests.hostile.thrift import I32, I64, LIST, Items, Struct

Made = Iterator[tuple[str, Callable[[], bytes]]]
KIND = "parquet"
ROWS, GROUPS, SCHEMA, METADATA = 3, 4, 2, 5
"""Fields of the footer."""
CODECS = ("snappy", "gzip", "brotli", "zstd", "lz4", "none")


def parquet(table: Any, **options: Any) -> bytes:
    """A table as Parquet."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    return bytes(sink.getvalue())


def column(values: Any, **more: Any) -> Any:
    """A table of descriptions, and other columns."""
    return pa.table({"description": values, **more})


@cache
def good() -> bytes:
    """A file as programs write it."""
    return parquet(column([TEXT] * GOOD, id=list(range(GOOD))), compression="none")


def forged(change: Callable[[Struct], None], data: bytes | None = None) -> bytes:
    """A file, by default the good one, whose footer was changed."""
    content = good() if data is None else data
    fields = copy.deepcopy(thrift.footer(content))
    change(fields)
    return thrift.with_footer(content, fields)


def _chunk(fields: Struct) -> Struct:
    """What the footer says of the first column of the first group."""
    group = fields[GROUPS][1].values[0]
    found: Struct = group[1][1].values[0][3][1]
    return found


def _of_chunk(number: int, kind: int, value: Any) -> bytes:
    return forged(lambda fields: _chunk(fields).__setitem__(number, (kind, value)))


def _of_file(number: int, kind: int, value: Any) -> bytes:
    return forged(lambda fields: fields.__setitem__(number, (kind, value)))


def _of_group(number: int, value: int) -> bytes:
    return forged(lambda fields: fields[GROUPS][1].values[0].__setitem__(number, (I64, value)))


def _of_column(place: int, number: int, kind: int, value: Any) -> bytes:
    return forged(lambda fields: fields[SCHEMA][1].values[place].__setitem__(number, (kind, value)))


def repeated(data: bytes, times: int, rows: int) -> bytes:
    """A file whose only group of rows is named so often, and which says that it is small."""

    def change(fields: Struct) -> None:
        group = fields[GROUPS][1].values[0]
        group[2] = (I64, 1)
        fields[GROUPS] = (LIST, Items(thrift.STRUCT, [group] * times))
        fields[ROWS] = (I64, rows)

    return forged(change, data)


@cache
def _long(codec: str) -> bytes:
    texts = [str(n) + "a" * 1_000_000 for n in range(20)]
    return parquet(column(texts), compression=codec, use_dictionary=False)


def _often(codec: str) -> bytes:
    return repeated(_long(codec), 100, 2_000)


def _dictionary(rows: int, **options: Any) -> bytes:
    indices = pa.array([0] * rows, pa.int8())
    values = pa.DictionaryArray.from_arrays(indices, pa.array(["a" * 1_000_000]))
    return parquet(column(values), compression="zstd", **options)


def _nulls(rows: int, each: int) -> bytes:
    offsets = pa.array([n * each for n in range(rows + 1)], pa.int32())
    lists = pa.ListArray.from_arrays(offsets, pa.nulls(rows * each, pa.int8()))
    return parquet(column([TEXT] * rows, more=lists))


def _bombs() -> Made:
    yield "a text of 1 MB, 100,000 times", lambda: _dictionary(100_000, store_schema=False)
    yield "a text of 1 MB, 100,000 times, as categories", lambda: _dictionary(100_000)
    yield "a text of 1 MB, 3,000 times", lambda: _dictionary(3_000, store_schema=False)
    for codec in CODECS:
        yield f"2 GB packed with {codec}", partial(_often, codec)
        yield f"20 MB packed with {codec}", partial(_long, codec)
    yield "lists of 20,000,000 nulls", lambda: _nulls(20, 1_000_000)
    yield "lists of 1,000,000,000 nulls", lambda: repeated(_nulls(1, 1_000_000), 1_000, 1_000)
    yield "one group of rows, 5,000 times", lambda: repeated(good(), 5_000, 100_000)
    yield "one group of rows, 100,000 times", lambda: repeated(good(), 100_000, 100_000)
    yield "one group of rows, twice, said once", lambda: repeated(good(), 2, GOOD)
    yield "100,000 rows of one number", lambda: parquet(pa.table({"a": [1] * 100_000}))
    yield "100,001 rows", lambda: parquet(column(["a b"] * 100_001))
    structs = pa.array([{f"k{n}": 1 for n in range(900)}] * 1_000)
    yield "structs of 900 fields", lambda: parquet(column([TEXT] * 1_000, more=structs))
    maps = pa.array([[(str(n), n) for n in range(5_000)]] * 200, pa.map_(pa.string(), pa.int64()))
    yield "maps of 1,000,000 keys", lambda: parquet(column([TEXT] * 200, more=maps))


def _many_columns(count: int) -> bytes:
    def change(fields: Struct) -> None:
        schema = fields[SCHEMA][1].values
        leaf = schema[1]
        schema[0][5] = (I32, count)
        fields[SCHEMA] = (LIST, Items(thrift.STRUCT, [schema[0], *[leaf] * count]))
        fields[GROUPS] = (LIST, Items(thrift.STRUCT, []))
        fields.pop(METADATA, None)

    return forged(change)


def _deep(depth: int) -> bytes:
    """A schema of groups in groups, which no column follows."""

    def change(fields: Struct) -> None:
        schema = fields[SCHEMA][1].values
        inner = {3: (I32, 1), 4: (thrift.BINARY, b"a"), 5: (I32, 1)}
        schema[0][5] = (I32, 1)
        levels = [schema[0], *[inner] * depth, schema[1]]
        fields[SCHEMA] = (LIST, Items(thrift.STRUCT, levels))
        fields.pop(METADATA, None)

    return forged(change)


def _footers() -> Made:
    for value in (0, 1, 19, 21, 100_000, 2**31, 2**62, -1):
        yield f"{value} rows, says the footer", partial(_of_file, ROWS, I64, value)
        yield f"{value} rows, says the group", partial(_of_group, 3, value)
        yield f"{value} bytes, says the group", partial(_of_group, 2, value)
        yield f"{value} values, says the column", partial(_of_chunk, 5, I64, value)
        yield f"{value} bytes packed, says the column", partial(_of_chunk, 7, I64, value)
        yield f"{value} bytes unpacked, says the column", partial(_of_chunk, 6, I64, value)
        yield f"a page at {value}", partial(_of_chunk, 9, I64, value)
        yield f"a dictionary at {value}", partial(_of_chunk, 11, I64, value)
    for number in (-1, 0, 1, 7, 8, 99):
        yield f"a way of packing {number}", partial(_of_chunk, 4, I32, number)
        yield f"a kind of column {number}", partial(_of_column, 1, 1, I32, number)
        yield f"a meaning of a column {number}", partial(_of_column, 1, 6, I32, number)
        yield f"a repetition {number}", partial(_of_column, 1, 3, I32, number)
        yield f"{number} children of the schema", partial(_of_column, 0, 5, I32, number)
        yield f"{number} children of a column", partial(_of_column, 1, 5, I32, number)
    yield "20,000 columns", partial(_many_columns, 20_000)
    yield "400,000 columns", partial(_many_columns, 400_000)
    yield "100 groups in each other", partial(_deep, 100)
    yield "30,000 groups in each other", partial(_deep, 30_000)
    yield "1,000,000 groups in each other", partial(_deep, 1_000_000)
    for size in (0, 1, 8, 0x7FFFFFFF, 0xFFFFFFFF):
        yield f"a footer of {size} bytes", partial(_sized, size)
    for size in (2**20, 2**30, 2**31 - 1, -1):
        yield f"a page that says {size} bytes", partial(_page, 2, size)
        yield f"a page that says {size} packed bytes", partial(_page, 3, size)
    yield (
        "statistics that lie",
        partial(
            _of_chunk,
            12,
            thrift.STRUCT,
            {3: (I64, -1), 4: (I64, 2**62), 5: (thrift.BINARY, b"\xff")},
        ),
    )
    yield (
        "a footer of noise",
        lambda: good()[:200] + b"\x19" * 500 + struct.pack("<I", 500) + b"PAR1",
    )
    yield "an encrypted footer", lambda: good()[:-4] + b"PARE"
    yield "another file before it", lambda: b"PAR1" + bytes(100_000) + good()


def _sized(size: int) -> bytes:
    return good()[:-8] + struct.pack("<I", size) + b"PAR1"


def _page(number: int, value: int) -> bytes:
    head, size = thrift.read(good()[4:])
    head[number] = (I32, value)
    return good()[:4] + thrift.write(head) + good()[4 + size :]


def _types() -> Made:
    word = [TEXT] * 3
    late = pa.array([2**62, -(2**62), 0])
    days = pa.array([2**31 - 1, -(2**31), 0], pa.int32())
    maps = pa.map_(pa.string(), pa.list_(pa.struct([("b", pa.list_(pa.int8()))])))
    made = {
        **{f"times of 2^62 {unit}": late.cast(pa.timestamp(unit)) for unit in ("ms", "us", "ns")},
        "times of a zone that is none": late.cast(pa.timestamp("us", "Not/AZone")),
        "days of 2^31": days.cast(pa.date32()),
        "spans of 2^62 s": late.cast(pa.duration("s")),
        "times of a day beyond it": late.cast(pa.time64("us")),
        "decimals of 76 digits": pa.array([Decimal("9" * 76)] * 3, pa.decimal256(76, 0)),
        "halves": pa.array([1.5, float("nan"), float("inf")]).cast(pa.float16()),
        "bytes": pa.array([b"\xff\xfe", b"", None]),
        "bytes of 5 MB": pa.array([b"\xff" * 5_000_000] * 3),
        "lists of lists": pa.array([[[[[[[1]]]]]]] * 3),
        "structs in lists in maps": pa.array([[("a", [{"b": [1]}])]] * 3, maps),
        "maps with a key twice": pa.array([[("a", [{}]), ("a", [])]] * 3, maps),
        "nulls": pa.nulls(3),
        "UUIDs": pa.array([bytes(16)] * 3, pa.uuid()),
        "JSON": pa.array(["{", "", "[" * 10_000], pa.json_()),
        "categories with gaps": pa.array(["a", None, "b"]).dictionary_encode(),
        "unsigned numbers": pa.array([2**64 - 1, 0, None], pa.uint64()),
    }
    for name, values in made.items():
        yield name, partial(parquet, column(word, more=values))
        yield f"{name}, as descriptions", partial(parquet, column(values))
        yield f"{name}, as times", partial(parquet, column(word, time=values))
    yield "texts that are no UTF-8", lambda: parquet(column(_wrong_texts([b"\xff\xfe"] * 3)))
    yield "one column of no name", lambda: parquet(pa.table([word], names=[""]))
    yield (
        "columns of one name",
        lambda: parquet(pa.table([word] * 500, names=["description"] * 500)),
    )
    yield (
        "a name of 1 MB",
        lambda: parquet(pa.table([word, word], names=["description", "a" * 10**6])),
    )
    yield "no columns", lambda: parquet(pa.table({}))
    yield "no rows", lambda: parquet(column(pa.array([], pa.string())))


def _wrong_texts(values: list[bytes]) -> Any:
    """Bytes that say that they are texts."""
    held = pa.array(values, pa.binary())
    return pa.Array.from_buffers(pa.string(), len(held), held.buffers())


def _metadata() -> Made:
    def with_metadata(**told: bytes) -> bytes:
        table = column([TEXT] * GOOD, id=list(range(GOOD)))
        return parquet(table.replace_schema_metadata(told))

    def pandas(**about: Any) -> bytes:
        return with_metadata(pandas=json.dumps(about).encode())

    frame: dict[str, Any] = {"columns": [], "column_indexes": []}
    yield "an index that is not there", lambda: pandas(**frame, index_columns=["nowhere"])
    yield (
        "an index of 2^62 rows",
        lambda: pandas(
            **frame,
            index_columns=[{"kind": "range", "name": None, "start": 0, "stop": 2**62, "step": 1}],
        ),
    )
    yield (
        "an index of steps of 0",
        lambda: pandas(
            **frame,
            index_columns=[{"kind": "range", "name": "a", "start": 0, "stop": 20, "step": 0}],
        ),
    )
    yield "an index of all columns", lambda: pandas(**frame, index_columns=["description", "id"])
    yield "an index that is none", lambda: pandas(index_columns=7)
    yield "pandas' own, nested 100,000 deep", lambda: with_metadata(pandas=b"[" * 100_000)
    yield "pandas' own, no JSON", lambda: with_metadata(pandas=b"\xff{")
    strange = {"name": "description", "pandas_type": "object", "numpy_type": "zzz", "metadata": 3}
    yield (
        "pandas' own, a type that is none",
        lambda: pandas(columns=[strange], index_columns=[], column_indexes=[strange]),
    )
    yield "10 MB of metadata", lambda: with_metadata(a=b"x" * 10_000_000)
    yield (
        "100,000 entries of metadata",
        lambda: with_metadata(**{f"k{n}": b"" for n in range(10**5)}),
    )
    for told in (
        b'{"kind": "scored rows"}', b"scored rows", b'{"kind": "scored rows", "categories": 7}',
        b'{"kind": "scored rows", "categories": ["a"], "profile": {"rows": -1}}', b"[" * 100_000,
        b'{"kind": "scored rows", "categories": [], "rejections": {"quayside": 1e400}}', b"\xff",
    ):  # fmt: skip
        yield f"scored rows: {told[:60]!r}", partial(with_metadata, afterword=told)
    yield (
        "a schema of Arrow that is none",
        lambda: _of_file(
            METADATA,
            LIST,
            Items(thrift.STRUCT, [{1: (8, b"ARROW:schema"), 2: (8, b"//////////8=" * 100)}]),
        ),
    )


def _others() -> Made:
    table = column([TEXT] * GOOD)

    def arrow() -> bytes:
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return sink.getvalue()

    def feathered() -> bytes:
        sink = io.BytesIO()
        feather.write_feather(table, sink)
        return sink.getvalue()

    def orc() -> bytes:
        from pyarrow import orc

        sink = io.BytesIO()
        orc.write_table(table, sink)
        return sink.getvalue()

    yield "a stream of Arrow", arrow
    yield "Feather", feathered
    yield "ORC", orc
    times = pa.array([datetime(2024, 1, 1)] * GOOD)
    yield (
        "times of 96 bits",
        lambda: parquet(column([TEXT] * GOOD, time=times), use_deprecated_int96_timestamps=True),
    )


def parquets() -> Iterator[Case]:
    """All files of this kind."""
    for group in (_bombs, _types, _metadata, _others):
        for name, make in group():
            heavy = any(word in name for word in ("00", " GB", " MB", "of one name"))
            yield Case(KIND, name, make, whole=heavy)
    for name, make in _footers():
        # Places and numbers are all alike.
        yield Case(KIND, name, make, whole=not any(n in name.split() for n in ("-1", "21", "99")))
    yield from cut(KIND, "a good file", good)
    yield from flipped(KIND, "a good file", good)
    packed = partial(parquet, column([TEXT + str(n) for n in range(2_000)]), compression="snappy")
    yield from flipped(KIND, "a packed file", packed)

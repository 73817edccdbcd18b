"""Compressed files, JSON of other shapes and Parquet of other kinds: read, or refused in words."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from afterword.errors import BatchError
from afterword.files.exports import to_csv, to_parquet
from afterword.files.reading import read_batch
from afterword.settings import Settings

TEXTS = [f"He whistled at me near gate {n}." for n in range(30)]
CSV = ("id,text\n" + "".join(f"{n},{text}\n" for n, text in enumerate(TEXTS))).encode()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def codec(name: str) -> Callable[[bytes], bytes]:
    def compress(content: bytes) -> bytes:
        out = pa.BufferOutputStream()
        with pa.CompressedOutputStream(out, name) as stream:
            stream.write(content)
        return bytes(out.getvalue().to_pybytes())

    return compress


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "Zstandard": codec("zstd"),
    "LZ4": codec("lz4"),
    "ZIP": lambda content: zipped(week__csv=content, readme__md=b"exported on Monday"),
}


@pytest.mark.parametrize(("kind", "pack"), PACKED.items(), ids=PACKED)
def test_a_compressed_table_is_read_and_told(kind: str, pack: Callable[[bytes], bytes]) -> None:
    batch = read_batch(pack(CSV), name="week", categories=())
    assert batch.texts.tolist() == TEXTS
    assert batch.reading["compression"].value == kind
    assert batch.reading["separator"].value == ","


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz"])
def test_what_is_cut_short_or_packed_twice_or_too_large_is_refused(kind: str) -> None:
    pack = PACKED[kind]
    for content, words in (
        (pack(CSV)[:-12], "damaged or cut short"),
        (pack(pack(CSV)), "within a compressed file"),
        (pack(b"text\n" + b"a" * 2_000_000), "more than 1 MB"),
    ):
        with pytest.raises(BatchError, match=words):
            read_batch(content, categories=(), settings=Settings(max_upload_mb=1))


def test_an_archive_of_two_tables_is_none() -> None:
    with pytest.raises(BatchError, match="an archive"):
        read_batch(zipped(a__csv=CSV, b__csv=CSV), categories=())


FRAME = pd.DataFrame({"id": range(30), "text": TEXTS, "n": [None, *range(29)]})


@pytest.mark.parametrize("orient", ["columns", "index", "split", "records", "table"])
def test_every_form_in_which_pandas_writes_json_is_read(orient: str) -> None:
    content = FRAME.to_json(orient=orient, index=True if orient == "table" else None)  # type: ignore[call-overload]
    batch = read_batch(content.encode(), name="a.json", categories=())
    assert batch.texts.tolist() == TEXTS
    assert batch.table["id"].tolist() == list(range(30))


def test_lists_of_columns_and_texts_in_objects_are_read() -> None:
    lists = json.dumps({"id": list(range(30)), "text": TEXTS}).encode()
    assert read_batch(lists, name="a.json", categories=()).texts.tolist() == TEXTS
    tasks = [{"id": n, "data": {"story": text, "n": n}} for n, text in enumerate(TEXTS)]
    batch = read_batch(json.dumps(tasks).encode(), name="a.json", categories=())
    assert batch.texts.tolist() == TEXTS
    assert list(batch.table.columns) == ["id", "data.story", "data.n"]
    assert batch.reading["nested values"].value == 1


@pytest.mark.parametrize(
    "value", ["[" * 100_000 + "]" * 100_000, "9" * 10_000, "{]", '"\\x"'], ids=len
)
def test_one_value_that_cannot_be_read_costs_its_row(value: str) -> None:
    rows = [json.dumps({"text": text}) for text in TEXTS]
    rows[3] = f'{{"text": "He stared.", "more": {value}}}'
    for content in ("[" + ",\n".join(rows) + "]", "\n".join(rows)):
        batch = read_batch(content.encode(), name="a.json", categories=())
        assert batch.rejected.to_dict("records") == [{"row": 4, "reason": "not readable"}]
        assert len(batch.texts) == 29


def test_a_list_that_is_cut_short_keeps_what_is_whole_and_counts_the_rest() -> None:
    content = json.dumps([{"text": text} for text in TEXTS]).encode()[:-20]
    batch = read_batch(content, name="a.json", categories=())
    assert batch.texts.tolist() == TEXTS[:-1]
    assert batch.rejected["row"].tolist() == [30]


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


@pytest.mark.parametrize(
    "kind", [pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.binary())]
)
def test_bytes_are_texts_and_what_is_none_costs_its_row(kind: pa.DataType) -> None:
    cells = [text.encode() for text in TEXTS]
    cells[2] = b"\xff\xfe stared \xff"
    values = pa.array(cells, pa.binary())
    values = values.dictionary_encode() if pa.types.is_dictionary(kind) else values.cast(kind)
    batch = read_batch(parquet(pa.table({"text": values})), categories=())
    assert batch.texts.tolist() == [text for n, text in enumerate(TEXTS) if n != 2]
    assert batch.rejected.to_dict("records") == [{"row": 3, "reason": "not readable"}]
    assert "Bytes were read as texts" in batch.reading["encoding"].sentence


def test_one_string_that_is_no_utf8_costs_its_row() -> None:
    cells = pa.array([text.encode() for text in TEXTS[:-1]] + [b"\xff\xff\xff"])
    forged = pa.Array.from_buffers(pa.string(), len(cells), cells.buffers())
    batch = read_batch(parquet(pa.table({"text": forged})), categories=())
    assert batch.texts.tolist() == TEXTS[:-1]
    assert len(batch.rejected) == 1


@pytest.mark.parametrize(
    ("moment", "unit"),
    [(2**50, "s"), *((sign * 2**62, unit) for sign in (1, -1) for unit in ("ms", "us", "ns"))],
)
def test_a_time_that_no_calendar_has_leaves_the_file_readable(moment: int, unit: str) -> None:
    times = pa.array([moment, *range(29)], pa.timestamp(unit))
    batch = read_batch(parquet(pa.table({"text": TEXTS, "received_at": times})), categories=())
    assert batch.texts.tolist() == TEXTS
    assert len(to_csv(batch.table).splitlines()) == 31
    assert to_parquet(batch.table)


def test_a_value_that_repeats_is_counted_as_often_as_it_stands_there() -> None:
    values = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000), ["a" * 100_000])
    content = parquet(pa.table({"text": values}))
    assert len(content) < 10_000
    with pytest.raises(BatchError, match="40 MB, many times its own size"):
        read_batch(content, categories=())


@pytest.mark.parametrize("orient", ["columns", "index", "split"])
def test_names_of_rows_are_kept_where_pandas_had_more_than_numbers(orient: str) -> None:
    table = FRAME.drop(columns="id").set_index(pd.Index([f"r{n}" for n in range(30)]))
    content = table.to_json(orient=orient).encode()  # type: ignore[call-overload]
    batch = read_batch(content, name="a.json", categories=())
    assert batch.texts.tolist() == TEXTS
    assert batch.table["index"].tolist() == list(table.index)


def test_a_row_of_another_length_than_its_columns_is_counted() -> None:
    rows: list[object] = [[text, 1] for text in TEXTS]
    rows += [["He waved at me.", 1, "He left."], ["He came."], "He ran."]
    split = json.dumps({"columns": ["text", "n"], "data": rows}).encode()
    batch = read_batch(split, name="a.json", categories=())
    assert batch.texts.tolist() == TEXTS
    assert batch.rejected["row"].tolist() == [31, 32, 33]
    double = json.dumps({"columns": ["text", "text"], "data": [[text, "x"] for text in TEXTS]})
    batch = read_batch(double.encode(), name="a.json", categories=())
    assert (batch.texts.tolist(), list(batch.table.columns)) == (TEXTS, ["text", "text (2)"])


def test_one_list_of_texts_under_its_name_is_read() -> None:
    content = json.dumps({"text": TEXTS}).encode()
    assert read_batch(content, name="a.json", categories=()).texts.tolist() == TEXTS


def test_a_file_of_an_archive_of_tweets_is_the_json_in_it() -> None:
    tweets = [
        {
            "tweet": {
                "id_str": str(n),
                "created_at": "Mon May 06 08:15:00 +0000 2024",
                "full_text": t,
            }
        }
        for n, t in enumerate(TEXTS)
    ]
    content = f"window.YTD.tweets.part0 = {json.dumps(tweets, indent=2)}".encode()
    batch = read_batch(content, name="tweets.js", categories=())
    assert batch.texts.tolist() == TEXTS
    assert batch.columns.time == "tweet.created_at"

"""Files of scored rows: what is written, what is believed, and what is refused."""

import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import afterword
from afterword.errors import BatchError
from afterword.files.column_names import INCLUSION
from afterword.model import scored_files
from afterword.model.scored import Scored
from afterword.records import Batch
from afterword.settings import SHIPPED_DATA, Settings

TEXTS = [
    "He kept staring at me on the bus and winked.",
    "",
    "A boy shouted comments about my dress near the market.",
    "n/a",
    "Someone touched me in the crowd at the station.",
]


def batch(**columns: list[str]) -> Batch:
    return afterword.read_batch(pd.DataFrame({"id": range(5), "description": TEXTS, **columns}))


def test_scored_rows_survive_a_file(tmp_path: Path) -> None:
    scored = afterword.score(batch())
    afterword.write_scored(scored, tmp_path / "rows.parquet")
    back = afterword.read(tmp_path / "rows.parquet")
    assert isinstance(back, Scored)
    pd.testing.assert_frame_equal(back.frame, scored.frame)
    assert back.rejections == {"empty": 2}
    assert back.categories == scored.categories
    assert back.texts.to_dict() == scored.texts.to_dict()


def test_what_a_check_needs_of_a_file_gives_the_same_scores() -> None:
    content = (
        f"description,channel,Ogling probability,Groping label,answer,{INCLUSION}\n"
        f"{TEXTS[0]},web,0.9,0,accept,0.5\n"
        f"{'x' * 30_000},web,0.9,1,accept,0.5\n"
        f"{TEXTS[2]},app,0.1,1,accept,0.5\n"
    ).encode()
    whole, lean = (scored_files.read(content, whole=each) for each in (True, False))
    assert isinstance(whole, Batch)
    assert isinstance(lean, Batch)
    assert "channel" in whole.table
    assert "channel" not in lean.table
    assert lean.table["description"].tolist() == [TEXTS[0], "", TEXTS[2]]
    pd.testing.assert_frame_equal(lean.rejected, whole.rejected)
    scored, again = afterword.score(whole), afterword.score(lean)
    pd.testing.assert_frame_equal(again.frame, scored.frame)
    np.testing.assert_array_equal(again.labels, scored.labels)
    np.testing.assert_array_equal(again.inclusion, scored.inclusion)
    assert again.deployed == scored.deployed
    assert scored.labels is not None
    assert scored.inclusion is not None
    assert scored.deployed is not None
    assert again.rejections == scored.rejections


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({}, {"bytetok": 9}),
        ({"new_words": {"bytetok": 9, "rare": 4, "Two Words": 7, "<b>": 8}}, {"bytetok": 9}),
        ({"rows": 4}, None),
        ({"flags": [0]}, None),
        (None, None),
    ],
)
def test_a_profile_in_a_file_is_believed_only_as_far_as_it_can_be(
    tmp_path: Path, changes, left: dict[str, int] | None
) -> None:
    scored = afterword.score(batch())
    assert scored.texts is not None
    own = replace(scored.texts, rows=9, distinct=9, new=9, new_words={"bytetok": 9})
    scored = replace(scored, frame=pd.concat([scored.frame] * 9).head(9))
    if changes is not None:
        own = replace(own, **changes)
        own = replace(own, flags=np.array(own.flags))
    rows = replace(scored, texts=own if changes is not None else None)
    profile = afterword.read(_written(rows, tmp_path)).texts
    assert (profile and profile.new_words) == left


@pytest.mark.parametrize("planted", ["zebrafinch", {"rows": 3}, {"rows": "zebrafinch"}, [1]])
def test_a_damaged_profile_in_a_file_is_refused_without_a_word_of_it(
    tmp_path: Path, planted: str | dict[str, int] | dict[str, str] | list[int]
) -> None:
    table = pq.read_table(_written(afterword.score(batch()), tmp_path))
    about = json.loads(table.schema.metadata[b"afterword"]) | {"profile": planted}
    buffer = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({b"afterword": json.dumps(about).encode()}), buffer
    )
    with pytest.raises(BatchError) as caught:
        afterword.read(buffer.getvalue())
    assert "zebrafinch" not in str(caught.value)


NEVER = (-1, 1e30, 10**30, 10**400, float("nan"), float("inf"), "zebrafinch", None, [1], {"a": 1})


def _forged(table: pa.Table, about: bytes | dict[str, Any] | None = None) -> bytes:
    """A file of scored rows with other columns, or with other words about them."""
    told = about if isinstance(about, bytes) else None
    if told is None:
        own = json.loads(table.schema.metadata[b"afterword"])
        told = json.dumps(own | (about or {})).encode()
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({b"afterword": told}), buffer)
    return buffer.getvalue()


def _is_refused(content: bytes) -> bool:
    """Whether a file is refused in a sentence of ours that repeats nothing of it."""
    try:
        afterword.read(content)
    except BatchError as error:
        return str(error).endswith(".") and "zebrafinch" not in str(error)
    return False


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """A file of scored rows, with a profile."""
    scored = afterword.score(batch())
    return pq.read_table(_written(scored, tmp_path_factory.mktemp("rows")))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("rejections", [*({"empty": one} for one in NEVER), "zebrafinch", 7, [1], None]),
        ("deployed", [
            *([one, one] for one in NEVER), *([{"101": one}, {"101": 1}] for one in NEVER),
            [{"zebrafinch": 1}, {"101": 1}], [{"101": 10**6}, {"101": 1}], [{}, {}], 7,
        ]),
        ("period", [
            "zebrafinch", 2**60, [2**60, 2**60], ["2026-01-01"], ["2026-01-02", "2026-01-01"],
            ["0001-01-01T00:00:00+14:00", "2026-01-01"], ["2026-01-01", "9999-12-31T23:59:59"],
        ]),
        ("categories", [7, "zebrafinch", {"a": 1}, ["zebrafinch"], None, [[["a"]]]]),
    ],
)  # fmt: skip
def test_what_a_scored_file_says_of_itself_is_refused_where_it_cannot_be(
    rows: pa.Table, name: str, values: list[Any]
) -> None:
    assert [one for one in values if not _is_refused(_forged(rows, {name: one}))] == []


@pytest.mark.parametrize("name", ["distinct", "repeats", "lengths", "common_length", "new"])
def test_a_profile_with_a_count_that_cannot_be_is_refused(rows: pa.Table, name: str) -> None:
    own = json.loads(rows.schema.metadata[b"afterword"])["profile"]
    for one in NEVER:
        assert _is_refused(_forged(rows, {"profile": own | {name: one}})), one


@pytest.mark.parametrize("name", ["flags", "words", "content"])
def test_a_profile_with_a_list_of_counts_that_cannot_be_is_refused(
    rows: pa.Table, name: str
) -> None:
    own = json.loads(rows.schema.metadata[b"afterword"])["profile"]
    for one in NEVER[1:]:
        forged = {"profile": own | {name: [one, *own[name][1:]]}}
        assert _is_refused(_forged(rows, forged)), one


@pytest.mark.parametrize("depth", [500, 5_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_words_of_any_depth_about_scored_rows_are_refused(
    rows: pa.Table, depth: int, opening: bytes, closing: bytes
) -> None:
    deep = opening * depth + b"1" + closing * depth
    about = b'{"kind": "scored rows", "rejections": {}, "profile": ' + deep + b"}"
    assert _is_refused(_forged(rows, about))


@pytest.mark.parametrize("name", ["characters", "Ogling probability", "confidence"])
@pytest.mark.parametrize(
    "values",
    [
        pa.array([float("nan")] * 3),
        pa.array([float("inf")] * 3),
        pa.array([1e30, 0.5, 0.5]),
        pa.array([-1e308] * 3),
        pa.array([-0.5, 0.5, 0.5]),
        pa.array(["zebrafinch"] * 3),
        pa.array([b"\xff"] * 3),
        pa.nulls(3),
        pa.array([2**60] * 3, pa.timestamp("us")),
        pa.array([2**60] * 3, pa.duration("s")),
        pa.array([[1.0]] * 3),
        pa.array([{"a": 1}] * 3),
        pa.array([2**62] * 3),
    ],
)
def test_a_column_of_scored_rows_that_cannot_be_is_refused(
    rows: pa.Table, name: str, values: pa.Array
) -> None:
    place = rows.column_names.index(name)
    assert _is_refused(_forged(rows.set_column(place, name, values)))
    assert _is_refused(_forged(rows.append_column(name, values)))


def test_a_scored_file_that_is_damaged_anywhere_is_read_or_refused(rows: pa.Table) -> None:
    whole = _forged(rows)
    rng = np.random.default_rng(0)
    refused = 0
    for number in range(200):
        damaged = bytearray(whole)
        for place in rng.integers(4, len(whole), 1 + number % 20):
            damaged[place] = rng.integers(256)
        if number % 4 == 0:
            damaged = damaged[: rng.integers(4, len(whole))]
        with contextlib.suppress(BatchError):
            afterword.read(bytes(damaged))
            continue
        refused += 1
    assert refused > 100


def test_a_column_of_text_in_a_scored_file_is_not_read(tmp_path: Path) -> None:
    scored = afterword.score(batch())
    table = pq.read_table(_written(scored, tmp_path))
    planted = table.append_column("note", [["zebrafinch"] * 3])
    buffer = io.BytesIO()
    pq.write_table(planted.replace_schema_metadata(table.schema.metadata), buffer)
    back = afterword.read(buffer.getvalue())
    assert isinstance(back, Scored)
    assert "note" not in back.frame


def test_a_scored_file_is_held_to_the_limits(tmp_path: Path) -> None:
    path = _written(afterword.score(batch()), tmp_path)
    with pytest.raises(BatchError, match="more than 2 rows"):
        afterword.read(path, settings=Settings(max_rows=2))


def test_a_reason_in_a_scored_file_that_is_not_ours_is_not_repeated(tmp_path: Path) -> None:
    scored = replace(afterword.score(batch()), rejections={"zebrafinch": 3, "empty": 2})
    afterword.write_scored(scored, tmp_path / "rows.parquet")
    back = afterword.read(tmp_path / "rows.parquet")
    assert back.rejections == {"another reason": 3, "empty": 2}


def test_a_scored_file_cannot_call_itself_a_sample(tmp_path: Path) -> None:
    own = replace(afterword.score(batch()), sample=True)
    afterword.write_scored(own, tmp_path / "rows.parquet")
    assert not afterword.read(tmp_path / "rows.parquet").sample


@pytest.mark.parametrize("source", [None, 7, pd.DataFrame({"description": ["He stared at me"]})])
def test_reading_takes_what_the_reader_of_batches_takes(source) -> None:
    if isinstance(source, pd.DataFrame):
        read = afterword.read(source)
        assert isinstance(read, Batch)
        assert len(read.texts) == 1
    else:
        with pytest.raises(BatchError):
            afterword.read(source)


def test_a_scored_file_that_lacks_columns_is_refused(tmp_path: Path) -> None:
    scored = afterword.score(batch())
    table = pq.read_table(_written(scored, tmp_path))
    buffer = io.BytesIO()
    pq.write_table(table.drop_columns(["words"]), buffer)
    with pytest.raises(BatchError, match="lacks columns"):
        afterword.read(buffer.getvalue())


def _written(scored: Scored, folder):
    path = folder / "rows.parquet"
    afterword.write_scored(scored, path)
    return path


def test_want_of_memory_is_not_told_as_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    content = (SHIPPED_DATA / "samples" / "ordinary-week.parquet").read_bytes()
    assert scored_files._read_scored(content, Settings()) is not None
    monkeypatch.setattr("pandas.read_parquet", fail)
    with pytest.raises(MemoryError):
        scored_files._read_scored(content, Settings())

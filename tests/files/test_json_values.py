"""Values that a system writes into JSON in a way of its own."""

from __future__ import annotations

import json

import pytest

from afterword.files.json_values import Loader
from afterword.files.reading import read_batch

TEXTS = [f"A man stared at me in café {n} – naïve, he said 😀." for n in range(6)]


def mongo(n: int, text: str) -> dict[str, object]:
    date: object = f"2024-05-0{n + 1}T08:15:00Z"
    if n % 2:
        date = {"$numberLong": str(1_714_551_300_000 + n * 86_400_000)}
    return {
        "_id": {"$oid": f"{n:024x}"},
        "description": text,
        "created": {"$date": date},
        "n": {"$numberInt": str(n)},
        "meta": {"$other": 1},
    }


@pytest.mark.parametrize("lines", [True, False])
def test_values_that_mongodb_wraps_are_read_as_themselves(lines: bool) -> None:
    rows = [mongo(n, text) for n, text in enumerate(TEXTS)]
    content = "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows)
    batch = read_batch(content.encode(), categories=())
    assert (batch.columns.id, batch.columns.time) == ("_id", "created")
    assert batch.texts.tolist() == TEXTS
    assert batch.table["n"].tolist() == list(range(6))
    assert batch.table["meta"].tolist() == [{"$other": 1}] * 6
    assert batch.reading.value("period") == ["2024-05-01", "2024-05-06"]
    assert batch.reading.doubtful == ()
    assert any("as MongoDB writes them" in note for note in batch.notes)


def test_an_object_that_only_looks_wrapped_is_left_as_it_is() -> None:
    for value in (
        {"$numberInt": "seven"},
        {"$numberInt": None},
        {"$date": {"at": 1}},
        {"$oid": "a", "b": 1},
        {"$date": True},
    ):
        load = Loader(json.dumps(value))
        assert load.value(load.text) in (value, True)
    plain = Loader('{"a": {"$date": 1e300}}')
    assert plain.value(plain.text) == {"a": 1e300}
    assert Loader('{"$where": "x"}').value('{"$oid": "x"}') == {"$oid": "x"}  # in no such file


def as_meta_does(text: str) -> str:
    return text.encode().decode("latin-1")


def content_of(texts: list[str]) -> bytes:
    return json.dumps([{"timestamp": 1_714_551_300 + n, "comment": t} for n, t in enumerate(texts)],
                      ensure_ascii=True).encode()  # fmt: skip


def test_letters_that_are_written_as_single_bytes_are_put_together_and_doubtful() -> None:
    batch = read_batch(content_of(list(map(as_meta_does, TEXTS))), categories=())
    assert batch.texts.tolist() == TEXTS
    (choice,) = batch.reading.doubtful
    assert choice.of == "bytes as characters"
    assert choice.sentence == (
        "The file writes letters as single bytes, as downloads of Facebook and Instagram do; they "
        "were put together again."
    )


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS,
        [as_meta_does(TEXTS[0]), "A man stared at me – again."],
        [as_meta_does(TEXTS[0]), "Ein Mann starrte mich im Flur an, für eine Minute."],
        ["A man stared at me, r\\u00c3\\u00a9 he said."],
        ["A man stared at me in hall 7."],
    ],
)
def test_letters_of_any_other_file_are_left_as_they_are(texts: list[str]) -> None:
    batch = read_batch(content_of(texts), categories=())
    assert batch.texts.tolist() == texts
    assert batch.reading.doubtful == ()

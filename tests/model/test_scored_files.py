"""Files of scored rows: what is written, what is believed, and what is refused."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import afterword
from afterword.errors import BatchError
from afterword.records import Batch, Scored
from afterword.settings import Settings

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
    assert back.profile.to_dict() == scored.profile.to_dict()


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
    assert scored.profile is not None
    own = replace(scored.profile, rows=9, distinct=9, new=9, new_words={"bytetok": 9})
    scored = replace(scored, frame=pd.concat([scored.frame] * 9).head(9))
    if changes is not None:
        own = replace(own, **changes)
        own = replace(own, flags=np.array(own.flags))
    rows = replace(scored, profile=own if changes is not None else None)
    profile = afterword.read(_written(rows, tmp_path)).profile
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
        assert len(afterword.read(source).texts) == 1
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

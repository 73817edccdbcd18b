"""Files in blocks, by one process or several: whatever they are cut into, the check is the same."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from afterword.drift.checking import check
from afterword.errors import BatchError
from afterword.files.blocks import LOST, in_blocks
from afterword.measures.profiles import Profile
from afterword.model.registry import version_of
from afterword.profiling.jobs import Progress, Task, Total, run
from afterword.profiling.making import PROCESS_KEY, profile
from afterword.profiling.sources import source_of
from afterword.reports import evidently
from tests.profiling.test_making import batch_of, same

ROWS = 1_500


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Rows with everything that may differ between blocks, quoted line ends among it."""
    table = batch_of(ROWS, 11)
    ends = np.random.default_rng(0).random(ROWS) < 0.1
    table["description"] = table["description"].where(
        ~ends, table["description"].str.replace(" ", ' \n"so", ', n=1)
    )
    return table


@pytest.fixture(scope="module")
def whole(table: pd.DataFrame) -> Profile:
    return profile(table)


def added(source: Any, workers: int = 1, block: int = 20_000, **options: Any) -> Profile:
    """The profile of a source in small blocks."""
    total = Total(400)
    parts = replace(source_of(source, **options), block=block).parts()
    run(parts, Task(None, version_of(), PROCESS_KEY, 400), total, workers=workers)
    assert len(total.done) > 2
    return total.profile()


def as_jsonl(table: pd.DataFrame, path: Path) -> Path:
    lines = [{k: v for k, v in row.items() if v != ""} for row in table.to_dict("records")]
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def told(found: Profile) -> str:
    return json.dumps(check(found).to_dict())


@pytest.mark.parametrize("form", ["csv", "tsv", "gz", "utf-16", "jsonl", "parquet"])
def test_a_file_in_blocks_is_the_file(
    form: str, table: pd.DataFrame, whole: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"week.{form}"
    if form == "jsonl":
        as_jsonl(table, path)
    elif form == "parquet":
        monkeypatch.setattr("afterword.profiling.sources.BLOCK_ROWS", 400)
        pq.write_table(pa.Table.from_pandas(table), path, row_group_size=700)
    elif form == "gz":
        path = tmp_path / "week.csv.gz"
        path.write_bytes(gzip.compress(table.to_csv(index=False).encode()))
    else:
        path = path.with_suffix(".csv") if form == "utf-16" else path
        table.to_csv(
            path,
            index=False,
            sep="\t" if form == "tsv" else ",",
            encoding="utf-16" if form == "utf-16" else "utf-8",
        )
    found = added(path)
    same(found, whole)
    assert told(found) == told(whole)


def test_many_files_of_a_folder_by_several_processes_are_the_file(
    table: pd.DataFrame, whole: Profile, tmp_path: Path
) -> None:
    for number, start in enumerate(range(0, ROWS, 300)):
        table[start : start + 300].to_csv(tmp_path / f"part-{number}.csv", index=False)
    (tmp_path / "notes.txt").write_text("no descriptions here")
    for source in (tmp_path, str(tmp_path / "part-*.csv"), sorted(tmp_path.glob("*.csv"))):
        found = added(source, workers=2 if source == tmp_path else 1)
        same(found, whole)
    assert told(found) == told(whole)


def test_a_block_that_cannot_be_read_is_told_and_the_rest_counted(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    path = as_jsonl(table, tmp_path / "week.jsonl")
    lines = path.read_bytes().split(b"\n")
    for at in range(700, 1_000):
        lines[at] = b"[" * 90
    path.write_bytes(b"\n".join(lines))
    found = added(path)
    assert any("nothing could be counted" in note for note in found.notes)
    assert found.rejections[LOST] >= 1
    assert found.rows == ROWS
    assert found.accepted > 800


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("2.csv", b""),
        ("2.csv", b"description\n"),
        ("2.csv", b"n,m\n1,2\n3,4\n"),
        ("2.xlsx", b"no workbook"),
        ("2.parquet", b"PAR1 and no more"),
    ],
)
def test_a_file_of_a_folder_that_cannot_be_read_is_told_and_the_others_counted(
    name: str, content: bytes, table: pd.DataFrame, tmp_path: Path
) -> None:
    for day, rows in (("1.csv", table[:60]), ("3.csv", table[60:120])):
        rows.to_csv(tmp_path / day, index=False)
    (tmp_path / name).write_bytes(content)
    found = profile(tmp_path)
    assert found.rows == 120
    [note] = found.notes
    assert note.startswith("Of block 1 of file 2 nothing could be counted: ")
    for day in ("1.csv", "3.csv"):
        (tmp_path / day).write_bytes(content if name == "2.csv" else b"")
    with pytest.raises(BatchError):
        profile(tmp_path)


def test_who_wants_no_doubt_is_told_of_the_first_file_that_cannot_be_read(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    table[:60].to_csv(tmp_path / "1.csv", index=False)
    (tmp_path / "2.csv").write_bytes(b"")
    with pytest.raises(BatchError):
        profile(tmp_path, strict=True)


def test_a_part_that_ends_its_process_is_given_up_and_the_others_counted_once(
    table: pd.DataFrame, whole: Profile
) -> None:
    tables = [table[at : at + 500].reset_index(drop=True) for at in range(0, ROWS, 500)]
    parts = list(source_of(iter(tables)).parts())
    deadly = replace(parts[0], number=99, content=Deadly(), size=0)
    total = Total(400)
    task = Task(None, version_of(), PROCESS_KEY, 400)
    run(iter([parts[0], deadly, *parts[1:]]), task, total, workers=2)
    found = total.profile()
    assert len(found.notes) == 1
    assert "ended" in found.notes[0]
    same(replace(found, notes=()), whole)


class Deadly:
    """What ends the process in which it is unpacked."""

    def __reduce__(self) -> tuple[Any, tuple[int]]:
        return os._exit, (9,)


def test_progress_tells_rows_rate_and_what_is_left(table: pd.DataFrame, tmp_path: Path) -> None:
    table.to_csv(tmp_path / "week.csv", index=False)
    told: list[Progress] = []
    profile(tmp_path / "week.csv", progress=told.append)
    assert told[-1].rows == ROWS
    assert told[-1].share == 1
    assert told[-1].left == 0
    assert told[-1].rate > 0


def test_a_sample_of_the_rows_is_drawn_for_reports(table: pd.DataFrame, whole: Profile) -> None:
    tables = (table[at : at + 100].reset_index(drop=True) for at in range(0, ROWS, 100))
    found = added(tables)
    assert found.drawn is not None
    assert len(found.drawn.frame) == 400
    result = check(found)
    assert len(result.scored.frame) == 400
    assert result.profile.accepted == whole.accepted


@pytest.mark.parametrize("source", ["nothing.csv", "nothing-*.csv", "."])
def test_what_is_not_there_is_said(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BatchError, match=r"There is no"):
        profile(source)


def test_a_quotation_mark_that_is_never_closed_does_not_hold_up_the_blocks() -> None:
    import io

    text = b'id,text\n1,"He stared\n' + b"2,He waved at me near the bus stop.\n" * 5_000
    blocks = list(in_blocks(io.BytesIO(text), 10_000))
    assert b"".join(blocks) == text


@pytest.mark.parametrize("kind", ["data", "prediction"])
def test_a_report_of_a_sample_has_the_checks_distances_and_says_that_it_is_one(
    table: pd.DataFrame, kind: evidently.Kind
) -> None:
    tables = (table[at : at + 300].reset_index(drop=True) for at in range(0, ROWS, 300))
    result = check(added(tables))
    content = json.loads(evidently.to_json(evidently.report(result, kind)))
    assert any("chosen at random from the 1," in note for note in content["notes"])
    scores = {
        each["config"]["column"]: float(each["value"])
        for each in content["metrics"]
        if "ValueDrift" in each["metric_name"]
    }
    measures = result.measures[result.measures["label"].isin(scores)]
    assert len(measures) > 4
    for label, distance in zip(measures["label"], measures["distance"], strict=True):
        assert scores[label] == pytest.approx(distance)


def test_a_check_says_what_could_not_be_counted(table: pd.DataFrame) -> None:
    found = replace(profile(table), notes=("Of block 7 nothing could be counted.",))
    assert check(found).limits[-1] == "Of block 7 nothing could be counted."
    few = replace(profile(table[:20].reset_index(drop=True)), notes=("A note.",))
    assert check(few).limits == ("A note.",)


@pytest.mark.parametrize("ending", ["csv.gz", "csv.xz", "parquet"])
def test_a_file_that_is_cut_off_is_counted_as_far_as_it_goes_and_told(
    ending: str, table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"week.{ending}"
    if ending == "parquet":
        monkeypatch.setattr("afterword.profiling.sources.BLOCK_ROWS", 300)
        pq.write_table(pa.Table.from_pandas(table), path, row_group_size=300)
        content = bytearray(path.read_bytes())
        begin = pq.ParquetFile(path).metadata.row_group(3).column(0).data_page_offset
        content[begin : begin + 200] = bytes(200)
        path.write_bytes(content)
    else:
        table.to_csv(path, index=False)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) * 2 // 3])
    found = added(path, block=10_000)
    assert any("damaged from there on" in note for note in found.notes)
    if ending == "parquet":  # whose footer says how many rows are lost
        assert (found.rows, found.rejections[LOST]) == (ROWS, ROWS - 900)
        assert any(f"its {ROWS - 900} rows count as rejected" in note for note in found.notes)
    else:
        assert 300 < found.rows < ROWS


@pytest.mark.parametrize("content", [b"PAR1garbage", b"\x1f\x8b\x08garbage", b"BZhgarbage"])
def test_a_file_that_is_damaged_at_its_head_gets_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "week.csv"
    path.write_bytes(content)
    with pytest.raises(BatchError):
        profile(path)

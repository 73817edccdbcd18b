"""Files at addresses: the check is that of the same files on the disk, whatever serves them."""

from __future__ import annotations

import gzip
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import afterword
from afterword.errors import AfterwordError
from afterword.measures.profiles import Profile
from afterword.profiling import stored_files
from afterword.profiling.jobs import Progress
from afterword.profiling.making import profile
from afterword.profiling.sources import source_of
from afterword.settings import get_settings
from tests.profiling.file_servers import Files, served
from tests.profiling.parts import PEAK, told
from tests.profiling.test_making import batch_of
from tests.profiling.test_sources import added
from tests.servers import environment, free_port

ROOT = Path(__file__).resolve().parents[2]
ROWS = 1_500
SECRET = "Quenby-secret"
PLACES = ("memory", "parts", "stream", "length unknown", "s3")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return batch_of(ROWS, 11)


@pytest.fixture(scope="module")
def content(table: pd.DataFrame) -> dict[str, bytes]:
    """The same rows in the forms that are opened in different ways."""
    text = table.to_csv(index=False).encode()
    lines = [{k: v for k, v in row.items() if v != ""} for row in table.to_dict("records")]
    parquet = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(table), parquet, row_group_size=700)
    return {
        "csv": text,
        "csv.gz": gzip.compress(text),
        "csv.zst": pa.compress(text, "zstd", asbytes=True),
        "jsonl": "\n".join(map(json.dumps, lines)).encode(),
        "parquet": parquet.getvalue().to_pybytes(),
    }


@pytest.fixture(scope="module")
def expected(table: pd.DataFrame) -> str:
    return told(profile(table))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    """A server of files, of which all may be read, and which is S3 as well."""
    with served() as files:
        for name, value in {
            "AFTERWORD_ADDRESSES": f"{files.address}/,s3://bucket/",
            "AWS_ENDPOINT_URL": files.address,
            "AWS_ACCESS_KEY_ID": "invented",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        yield files
    get_settings.cache_clear()
    fsspec.filesystem("memory").store.clear()


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows of Parquet are several blocks."""
    monkeypatch.setattr("afterword.profiling.sources.BLOCK_ROWS", 400)


def put(server: Files, place: str, files: dict[str, bytes]) -> str:
    """Put files somewhere, and return the address of their folder."""
    if place == "memory":
        memory = fsspec.filesystem("memory")
        for name, content in files.items():
            memory.pipe_file(f"/logs/{name}", content)
        return "memory://logs/"
    server.content |= {f"/bucket/logs/{name}": content for name, content in files.items()}
    server.parts = place in ("parts", "s3")
    server.length = place != "length unknown"
    return "s3://bucket/logs/" if place == "s3" else f"{server.address}/bucket/logs/"


def refusal(source: Any, **options: Any) -> str:
    """What is said where nothing can be read."""
    with pytest.raises(AfterwordError) as raised:
        profile(source, **options)
    return str(raised.value)


@pytest.mark.parametrize("place", PLACES)
def test_a_file_at_an_address_is_the_file(
    place: str, server: Files, content: dict[str, bytes], expected: str
) -> None:
    folder = put(server, place, {f"week.{form}": found for form, found in content.items()})
    for form in content:
        if form == "parquet" and place in ("stream", "length unknown"):
            found = profile(f"{folder}week.{form}")  # read as a whole, as its end comes first
        else:
            found = added(f"{folder}week.{form}")
        assert told(found) == expected, form
    if place == "stream":
        assert len([each for each in server.asked if "week.csv.gz" in each[1]]) == 2


@pytest.mark.parametrize("place", ["memory", "parts", "s3"])
def test_a_folder_and_a_pattern_at_an_address_are_those_of_the_disk(
    place: str, server: Files, table: pd.DataFrame, expected: str
) -> None:
    files = {
        f"part-{number}.csv": table[number::5].to_csv(index=False).encode() for number in range(5)
    }
    folder = put(server, place, {**files, "notes.txt": b"no descriptions", "old/one.csv": b"a,b"})
    assert told(added(folder, workers=2)) == expected
    assert told(added(f"{folder}part-*.csv")) == expected
    named = [afterword.Address(f"{folder}{name}") for name in files]
    assert told(added(named)) == expected
    assert "no file whose name fits" in refusal(f"{folder}none-*.csv")
    if place != "parts":
        assert told(added(folder.rstrip("/"))) == expected


def test_files_of_the_disk_and_of_addresses_are_one_batch(
    server: Files, table: pd.DataFrame, expected: str, tmp_path: Path
) -> None:
    halves = [table[at::2].to_csv(index=False).encode() for at in range(2)]
    (tmp_path / "half.csv").write_bytes(halves[0])
    folder = put(server, "parts", {"half.csv": halves[1]})
    found = [tmp_path / "half.csv", afterword.Address(f"{folder}half.csv")]
    assert told(added(found)) == expected
    assert "nothing else" in refusal([*found, "https://example.org/week.csv"])
    assert profile([f"{folder}half.csv"]).rows == 1  # a list of str is a list of texts
    assert profile((tmp_path / "half.csv").as_uri()).rows == len(table[0::2])


def test_nothing_is_asked_of_a_machine_that_is_not_allowed(
    server: Files, content: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(server, "parts", {"week.csv": content["csv"]})
    monkeypatch.setenv("AFTERWORD_ADDRESSES", "https://files.example.org/")
    get_settings.cache_clear()
    for address in (f"{server.address}/bucket/logs/week.csv", "s3://bucket/logs/week.csv"):
        assert "AFTERWORD_ADDRESSES=" in refusal(address)
    for address in (f"{server.address}/bucket/logs/", "s3://bucket/lo*/week.csv"):
        assert "AFTERWORD_ADDRESSES=" in refusal(address)
    monkeypatch.setenv("AFTERWORD_ADDRESSES", "s3://bucket/logs/2026/")
    get_settings.cache_clear()
    # The folder that would have to be listed is not allowed.
    assert "AFTERWORD_ADDRESSES=" in refusal("s3://bucket/logs/20*/week.csv")
    assert server.asked == []


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_server_leads_to_no_address_that_is_not_allowed(
    form: str, server: Files, content: dict[str, bytes], expected: str
) -> None:
    with served() as other:
        elsewhere = put(other, "parts", {f"week.{form}": content[form]})
        folder = put(server, "parts", {f"there.{form}": content[form]})
        server.leads["/away"] = f"{elsewhere}week.{form}"
        server.leads["/here"] = f"{folder}there.{form}"
        assert "does not allow that one" in refusal(f"{server.address}/away")
        assert other.asked == []
        assert told(profile(f"{server.address}/here")) == expected


@pytest.mark.parametrize(
    ("place", "status", "what"),
    [
        ("parts", 404, "There is no file at"),
        ("parts", 403, "may not be read"),
        ("parts", 500, "cannot be read (status 500)"),  # of which S3's client asks five times
        ("s3", 404, "There is no file at"),
        ("s3", 403, "may not be read"),
    ],
)
def test_what_a_server_refuses_is_one_sentence_and_the_rest_is_counted(
    status: int,
    what: str,
    place: str,
    server: Files,
    content: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = put(server, place, {"week.csv": content["csv"]})
    server.statuses["/bucket/logs/other.csv"] = status
    said = refusal(f"{folder}other.csv")
    assert what in said
    assert f"{folder}other.csv" in said
    found = profile([afterword.Address(f"{folder}{name}.csv") for name in ("other", "week")])
    assert found.rows == ROWS
    (note,) = found.notes
    assert note.startswith("Of block 1 of file 1 nothing could be counted: ")
    assert what in note


@pytest.fixture(scope="module")
def large(content: dict[str, bytes]) -> bytes:
    """Lines of more bytes than a client has ahead, and loses with the connection."""
    head, _, lines = content["csv"].partition(b"\n")
    return head + b"\n" + lines * 12


@pytest.mark.parametrize(("form", "length"), [("csv", True), ("csv.gz", True), ("csv", "first")])
def test_a_connection_that_is_lost_is_told_and_what_came_is_counted(
    form: str, length: Literal["first"] | bool, server: Files, large: bytes
) -> None:
    sent = gzip.compress(large, 0) if form == "csv.gz" else large
    folder = put(server, "parts", {f"week.{form}": sent})
    server.breaks[f"/bucket/logs/week.{form}"] = len(sent) * 2 // 3
    server.length = length
    found = added(f"{folder}week.{form}", block=100_000)
    (note,) = found.notes
    assert "It was read up to there, and what follows is not counted. The connection to" in note
    assert 700 < found.rows < 12 * ROWS


def test_a_part_of_a_table_that_does_not_come_is_told(
    server: Files, table: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_files, "_AHEAD_IN_TABLES", 1_000)
    written = pa.BufferOutputStream()
    wide = table.assign(padding=[f"{number * 7_919:0900d}" for number in range(ROWS)])
    pq.write_table(
        pa.Table.from_pandas(wide), written, row_group_size=400, compression=None, use_dictionary=[]
    )
    sent = written.getvalue().to_pybytes()
    folder = put(server, "parts", {"week.parquet": sent})
    # Its footer comes, from the end of the file, and the middle does not.
    server.gone["/bucket/logs/week.parquet"] = (len(sent) // 2, len(sent) - 200_000)
    found: Profile = profile(f"{folder}week.parquet")
    (note,) = found.notes
    assert "The connection to" in note
    assert 300 < found.rows < ROWS


def test_a_server_that_is_silent_or_gone_is_told(
    server: Files, content: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_files, "SECONDS", 0.2)
    folder = put(server, "parts", {"week.csv": content["csv"]})
    server.silent.add("/bucket/logs/week.csv")
    assert "No answer came from" in refusal(f"{folder}week.csv")
    gone = f"http://127.0.0.1:{free_port()}"
    monkeypatch.setenv("AFTERWORD_ADDRESSES", f"{gone}/")
    get_settings.cache_clear()
    assert "cannot be reached" in refusal(f"{gone}/week.csv")


@pytest.mark.parametrize("place", ["parts", "s3"])
def test_a_job_whose_connection_is_lost_goes_on_from_its_checkpoint(
    place: str, server: Files, table: pd.DataFrame, expected: str, tmp_path: Path
) -> None:
    files = {
        f"part-{number}.csv": table[number::5].to_csv(index=False).encode() for number in range(5)
    }
    folder, kept = put(server, place, files), tmp_path / "kept"
    broken = "/bucket/logs/part-3.csv"
    server.breaks[broken] = len(files["part-3.csv"]) // 2
    said = refusal(folder, checkpoint=kept)
    assert "The connection to" in said or "cannot be" in said
    assert SECRET.encode() not in kept.read_bytes()
    server.breaks.clear()
    server.asked.clear()
    assert told(profile(folder, checkpoint=kept)) == expected
    assert not kept.exists()


def test_a_checkpoint_needs_a_server_that_tells_of_changes(
    server: Files, content: dict[str, bytes], tmp_path: Path
) -> None:
    folder, kept = put(server, "parts", {"week.csv": content["csv"]}), tmp_path / "kept"

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        profile(f"{folder}week.csv", checkpoint=kept, progress=stop)
    put(server, "parts", {"week.csv": content["csv"].replace(b"whistled", b"shouted!")})
    assert "with other files, or they were changed" in refusal(f"{folder}week.csv", checkpoint=kept)
    server.marks = False
    assert "does not tell whether" in refusal(f"{folder}week.csv", checkpoint=tmp_path / "new")


def test_parquet_that_comes_as_a_whole_has_the_size_of_an_upload_at_most(
    server: Files, content: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(server, "stream", {"week.parquet": content["parquet"] + b" " * 1_100_000})
    monkeypatch.setenv("AFTERWORD_MAX_UPLOAD_MB", "1")
    get_settings.cache_clear()
    assert "1 MB" in refusal(f"{folder}week.parquet")


def test_nothing_tells_what_opens_an_address(
    server: Files,
    large: bytes,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = put(server, "parts", {"week.csv": large})
    server.statuses["/bucket/logs/other.csv"] = 403
    server.breaks["/bucket/logs/week.csv"] = len(large) - 200
    opened = folder.replace("//", f"//somebody:{SECRET}@")
    names = ("other", "week")
    source = [afterword.Address(f"{opened}{name}.csv?X-Amz-Signature={SECRET}") for name in names]
    with caplog.at_level(logging.DEBUG):
        for name in ("fsspec", "fsspec.http", "asyncio"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        found = added(source, block=100_000)
        told_by_http = json.dumps(afterword.check(found).to_dict())
        said = refusal(source[0].text)
        put(server, "s3", {})
        found_in_s3 = refusal("s3://bucket/logs/other.csv")
    assert any(SECRET in path for _, path, _ in server.asked), "the address was sent as it is"
    printed = capfd.readouterr()
    inside = source_of(source)
    for text in (
        *(told_by_http, said, found_in_s3, repr(source), repr(inside), repr(found), caplog.text),
        *(printed.out, printed.err, *found.notes),
    ):
        assert SECRET not in text
        assert "invented" not in text


def test_memory_does_not_grow_with_a_file_that_is_streamed(server: Files) -> None:
    line = b"He stared at me all the way home and followed me to the door.,2026-03-01\n"
    put(server, "stream", {"1.csv": b"text,received\n" + line * 150_000})
    folder = put(server, "stream", {"6.csv": b"text,received\n" + line * 900_000})
    peaks = [peak(f"{folder}{times}.csv") for times in (1, 6)]
    assert max(peaks) < 1.15 * min(peaks)


def peak(address: str) -> int:
    """Kilobytes that a process comes to which reads all blocks of a file, and keeps none."""
    code = (
        "import sys; from afterword.profiling.sources import source_of\n"
        "for part in source_of(sys.argv[1]).parts(): pass\n"
        f"print(part.number, {PEAK})"
    )
    own = environment(AFTERWORD_ADDRESSES="/".join(address.split("/")[:3]) + "/")
    command = [sys.executable, "-c", code, address]
    done = subprocess.run(command, env=own, cwd=ROOT, capture_output=True, text=True, check=True)
    last, found = map(int, done.stdout.split())
    assert last >= 5
    return found


def test_what_is_needed_for_addresses_is_named(
    server: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    assert "pip install 'afterword[addresses]'" in refusal(f"{server.address}/week.csv")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    assert "pip install 'afterword[addresses]'" in refusal("memory://week.csv")


def test_one_file_is_read_as_a_whole_like_that_of_the_disk(
    server: Files, table: pd.DataFrame, expected: str, tmp_path: Path
) -> None:
    listed = json.dumps(table.to_dict("records")).encode()
    folder = put(server, "parts", {"week.json": listed, "week.csv": b"\x1f\x8b\x08garbage"})
    assert told(profile(f"{folder}week.json")) == expected
    (tmp_path / "week.csv").write_bytes(b"\x1f\x8b\x08garbage")
    assert refusal(f"{folder}week.csv") == refusal(tmp_path / "week.csv")


def test_how_far_it_is_is_told(server: Files, content: dict[str, bytes]) -> None:
    for place, share in (("parts", 1.0), ("length unknown", None)):
        folder = put(server, place, {"week.csv": content["csv"]})
        seen: list[Progress] = []
        found: Profile = profile(f"{folder}week.csv", progress=seen.append)
        assert found.rows == ROWS
        assert seen[-1].share == share

"""Care: a visitor's words go in, and come out nowhere but in the visitor's own file.

Names, numbers, addresses and words that exist nowhere else are planted in batches, and every
path is walked; then everything that was written, shown, logged or raised is searched for them.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

import afterword
from afterword.cli.application import app as command_line
from afterword.errors import AfterwordError
from afterword.model.scored_files import write_scored
from afterword.records import Batch
from afterword.reports.evidently import to_html, to_json
from tests.e2e.test_safety import workbook
from tests.workbooks import FAR, TABLE, old_text, sheet, xls, xlsx

ROOT = Path(__file__).resolve().parents[1]

NAME, WORD, HANDLE = "Quenby Zebrafinch", "flibbertwick", "@zebrafinch_q"
PHONE, MAIL, PLACE = "+91 98765 01234", "quenby@zebrafinch.example", "47 Umberlatch Lane"
PLANTED = (NAME, "quenby", "zebrafinch", WORD, "98765", "umberlatch", "plonkheader")
LEAST = 5
"""Descriptions that must hold a term before it may be shown or shipped."""
HEADER = f"plonkheader of {NAME}"
STORY = (
    f"{NAME} ({PHONE}, {MAIL}, {HANDLE}) of {PLACE} shouted {WORD} at me and kept staring "
    "until I got off the bus"
)


def find(content: str | bytes) -> list[str]:
    """Which of the planted words a content holds, in any case, encoding or escape."""
    if isinstance(content, bytes):
        content = content.decode("latin-1") + content.decode("utf-16-le", "ignore")
    text = content.lower()
    text += re.sub(r"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)), text)
    return [word for word in PLANTED if word.lower() in text]


def told(number: int) -> str:
    """A description that only this batch holds; the unheard-of word is in fewer than five."""
    return f"{STORY if number < LEAST - 1 else STORY.replace(WORD, 'words')} {number}"


def table(rows: int = 60) -> pd.DataFrame:
    """A batch in which every row, two headers and a cell of each column are planted."""
    return pd.DataFrame(
        {
            HEADER: [f"{NAME} {number}" for number in range(rows)],
            "description": [told(number) for number in range(rows - 3)] + ["", "n/a", "?"],
            "time": [f"2024-05-{1 + number % 28:02d} 08:15" for number in range(rows - 1)] + [NAME],
            "Ogling label": ["1"] * (rows - 1) + [NAME],
            "Ogling probability": ["0.5"] * (rows - 1) + [MAIL],
        }
    )


def as_csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


FILES: dict[str, bytes] = {
    "week.csv": as_csv(table()),
    "week.jsonl": table().to_json(orient="records", lines=True).encode(),
    "week.xlsx": workbook(NAME, ["description", *table()["description"]]),
}

BROKEN: dict[str, bytes] = {
    "descriptions where the headers should be": f'"{STORY}","{PHONE}","{MAIL}","{HANDLE}"\n'
    "1,2,3,4\n5,6,7,8\n9,10,11,12\n".encode(),
    "not a workbook": b"PK\x03\x04" + STORY.encode() * 20,
    "an old workbook cut short": xls(old_text(0, 0, "text") + old_text(1, 0, STORY))[:-3],
    "a sheet with a cell at its end": xlsx(sheet(TABLE.replace("He stared at me", STORY) + FAR)),
    "not a Parquet file": b"PAR1" + STORY.encode() * 20 + b"PAR1",
    "damaged JSON": ('[{"description": "' + STORY + '"},' * 3).encode(),
    "JSON of another shape": json.dumps({NAME: {WORD: [STORY, {"x": STORY}]}}).encode(),
    "an image": b"\x89PNG\r\n\x1a\n" + STORY.encode() + bytes(range(256)) * 8,
    "nothing": b"",
    "a quotation mark that is never closed": f'id,description\n1,"{STORY}\n2,{STORY}\n'.encode(),
    "binary": bytes(range(256)) * 16 + STORY.encode("utf-16"),
}


@pytest.fixture
def scratch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Path]:
    """An empty working, home and temporary folder; at the end no file in them is planted."""
    import tempfile

    folder = tmp_path / "world"
    for name in ("home", "tmp", "cwd"):
        (folder / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(folder / "cwd")
    caplog.set_level(logging.DEBUG)
    before = _state_of_the_repository()
    yield folder
    assert find(caplog.text) == []
    assert _planted_files(folder) == []
    changed = {
        path for path, state in _state_of_the_repository().items() if before.get(path) != state
    }
    assert _planted_files(*changed) == []


def _planted_files(*places: Path) -> list[str]:
    files = [
        file
        for place in places
        for file in (place.rglob("*") if place.is_dir() else [place])
        if file.is_file()
    ]
    return [str(file) for file in files if find(file.read_bytes()) or find(file.name)]


def _state_of_the_repository() -> dict[Path, tuple[int, int]]:
    """Size and time of the files in the folders that the process may write."""
    files = [path for name in ("model", "data") for path in (ROOT / name).rglob("*")]
    return {
        path: (path.stat().st_size, path.stat().st_mtime_ns) for path in files if path.is_file()
    }


def everything_of(error: BaseException) -> str:
    """An error as words, as its traceback with all it was raised from, and as its fields."""
    told = traceback.TracebackException.from_exception(error, capture_locals=False)
    seen: list[str] = ["".join(told.format(chain=True))]
    at: BaseException | None = error
    while at is not None:
        # Source lines of this file may be in a traceback; what is planted is not in them.
        seen += [str(at), repr(at), repr(at.args)]
        at = at.__cause__ or at.__context__
    return "\n".join(seen)


@pytest.fixture(scope="module")
def batch() -> Batch:
    return afterword.read_batch(io.BytesIO(FILES["week.csv"]), name="week.csv")


def test_the_search_finds_what_is_planted() -> None:
    assert set(find(as_csv(table()))) == set(PLANTED)
    assert find(json.dumps({"x": STORY}).encode("utf-16-le"))
    assert find("an ordinary sentence") == []


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "json"])
def test_no_error_quotes_the_file_that_caused_it(
    scratch: Path, content: bytes, ending: str, capfd: pytest.CaptureFixture[str]
) -> None:
    try:
        found = afterword.read(io.BytesIO(content), name=f"{NAME}.{ending}")
    except AfterwordError as error:
        told = everything_of(error)
        assert find(told) == []
    else:
        assert find(repr(found)) == []
        assert find(" ".join(found.notes if isinstance(found, Batch) else ())) == []
    assert find("".join(capfd.readouterr())) == []


def test_no_error_quotes_a_name_that_is_a_header(scratch: Path) -> None:
    content = f"{NAME},{WORD}\n1,2\n3,4\n5,6\n".encode()
    with pytest.raises(AfterwordError) as caught:
        afterword.read_batch(content)
    assert find(str(caught.value)) == []


@pytest.mark.parametrize("name", FILES)
def test_nothing_of_a_batch_reaches_the_result_of_a_check(scratch: Path, name: str) -> None:
    batch = afterword.read_batch(io.BytesIO(FILES[name]), name=f"{NAME} {name}")
    assert batch.texts.str.contains(NAME).all()
    scored = afterword.score(batch)
    result = afterword.check(scored)
    shown = [repr(batch), str(batch), f"{[batch]}", repr(scored), repr(result), str(result)]
    shown += [json.dumps(result.to_dict(), ensure_ascii=False), result.headline]
    shown += [*result.reasons, *result.actions, result.measures.to_csv(), scored.frame.to_csv()]
    assert len(scored.frame) == 57
    assert [find(one) for one in shown] == [[]] * len(shown)


def test_nothing_of_a_batch_reaches_a_file_of_scored_rows(scratch: Path, batch: Batch) -> None:
    path = scratch / "cwd" / "scored.parquet"
    write_scored(afterword.score(batch), path)
    assert path.stat().st_size > 1_000
    assert find(pd.read_parquet(path).to_csv()) == []
    # Parquet compresses: the search of the folder alone would not see it.
    import pyarrow.parquet as pq

    assert find(repr(pq.read_metadata(path).metadata)) == []


STRANGE = """
The glimmerly frond was wozzled by brackish tinplate men near Harrowmere gate
Wozzled twice, the brackish porter of Harrowmere called me a snorkfish on Friday
Snorkfish and tinplate! brackish laughter, then they wozzled on in Harrowmere
A brackish snorkfish of a porter, wozzled and tinplate, kept staring from Harrowmere
They wozzled past with tinplate eyes, brackish and loud in Harrowmere, shouting snorkfish remarks
My snorkfish of a cousin saw the brackish porter of Harrowmere, who wozzled and ran
""".split("\n")[1:-1]
"""Six descriptions: "brackish", "wozzled" and a place are in all of them, "tinplate" in four."""


def _runs_of_three(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W\d_]+", text.lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def _metadata(path: Path) -> str:
    import pyarrow.parquet as pq

    return str(pq.read_metadata(path).metadata)


@pytest.fixture
def traces(scratch: Path, tmp_path: Path) -> dict[str, str]:
    """What is left of a batch of strange descriptions after a check."""
    scored = afterword.score(afterword.read_batch(pd.DataFrame({"description": STRANGE * 10})))
    write_scored(scored, tmp_path / "scored.parquet")
    result = afterword.check(scored)
    return {
        "result": json.dumps(result.to_dict(), ensure_ascii=False),
        "words of the result": result.words.to_csv() + repr(result.changed_words()),
        "representation": repr(scored) + repr(result),
        "scored file": _metadata(tmp_path / "scored.parquet")
        + pd.read_parquet(tmp_path / "scored.parquet").to_csv(),
    }


def test_no_three_words_in_a_row_are_left_of_a_batch(traces: dict[str, str]) -> None:
    known = {run for text in STRANGE for run in _runs_of_three(text)}
    held = {name: sorted(known & _runs_of_three(content)) for name, content in traces.items()}
    assert not any(held.values()), held


def test_only_new_words_of_five_descriptions_that_are_no_names_are_left_of_a_batch(
    traces: dict[str, str],
) -> None:
    for name in ("result", "scored file"):
        assert "brackish" in traces[name]
        assert "wozzled" in traces[name]
    for name, content in traces.items():
        for word in ("tinplate", "glimmerly", "frond", "harrowmere"):
            assert word not in content.lower(), name


def test_no_three_words_in_a_row_of_the_training_data_are_left_in_the_tables(
    small_model: Path, small_data: Path
) -> None:
    known = {run for text in pd.read_csv(small_data)["description"] for run in _runs_of_three(text)}
    with np.load(small_model / "reference-tables.npz", allow_pickle=False) as arrays:
        strings = [one for name in arrays.files for one in _strings(arrays[name])]
    assert "staring" in strings
    assert not [one for one in strings if _runs_of_three(one) & known]


@pytest.mark.parametrize("kind", ["data", "prediction"])
def test_nothing_of_a_batch_reaches_a_report(
    scratch: Path, batch: Batch, kind: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    snapshot = afterword.report(afterword.check(batch), kind=kind)
    page, content = to_html(snapshot, "A title"), to_json(snapshot)
    assert len(page) > 1_000_000
    assert find(page) == []
    assert find(content) == []
    assert find("".join(capfd.readouterr())) == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("options", [["check"], ["check", "--json"], ["classify"]], ids=" ".join)
def test_the_command_line_says_nothing_of_a_batch(
    scratch: Path, tmp_path: Path, name: str, options: list[str]
) -> None:
    source, out = tmp_path / name, tmp_path / "own.parquet"
    source.write_bytes(FILES[name])
    more = ["--out", str(out)] if options == ["classify"] else []
    done = CliRunner().invoke(command_line, [*options, str(source), *more])
    # 1: what was planted is an alarm.
    assert done.exit_code == (1 if options[0] == "check" else 0), done.output
    assert len(done.output) > 100
    assert find(done.output) == []
    if more:
        assert find(pd.read_parquet(out).to_csv())


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("command", ["check", "classify"])
def test_an_error_on_the_command_line_says_nothing_of_the_file(
    scratch: Path, tmp_path: Path, content: bytes, command: str
) -> None:
    source = tmp_path / "week.csv"
    source.write_bytes(content)
    more = ["--out", str(tmp_path / "own.csv")] if command == "classify" else []
    done = CliRunner().invoke(command_line, [command, str(source), *more])
    assert done.output
    assert find(done.output) == []
    assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.fixture
def service(scratch: Path) -> Iterator[TestClient]:
    from afterword.api.service import routes

    with TestClient(Starlette(routes=routes()), raise_server_exceptions=False) as client:
        yield client


CALLS: dict[str, dict[str, Any]] = {
    "an answer": {"url": "/api/predict", "json": {"texts": [STORY, STORY + " again"]}},
    "items that are no texts": {
        "url": "/api/predict",
        "json": {"texts": [{NAME: STORY}, [STORY], 7, None, "", STORY * 400]},
    },
    "another field": {"url": "/api/predict", "json": {NAME: STORY}},
    "damaged JSON": {
        "url": "/api/predict",
        "content": ('{"texts": ["' + STORY).encode(),
        "headers": {"content-type": "application/json"},
    },
    "another type": {
        "url": "/api/predict",
        "content": STORY.encode(),
        "headers": {"content-type": "text/plain"},
    },
    "a form": {"url": "/predict", "data": {"review_text": STORY}},
    "a form without its field": {"url": "/predict", "data": {NAME: STORY}},
    "an empty form": {"url": "/predict", "data": {"review_text": "  ", WORD: STORY}},
    "another address": {"url": "/api/nothing", "json": {"texts": [STORY]}},
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_service_repeats_nothing_that_it_is_sent(
    service: TestClient, call: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    answer = service.post(**call)
    assert answer.json()
    assert find(answer.text) == []
    assert find(str(answer.headers)) == []
    assert find("".join(capfd.readouterr())) == []


def test_a_model_that_fails_repeats_nothing_that_it_was_given(
    scratch: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from afterword.api.predictions import Served
    from afterword.api.service import routes

    class Failing:
        categories, thresholds = ("A",), np.array([0.5])

        def predict_proba(self, texts: Iterable[str]) -> np.ndarray:
            raise ValueError(f"cannot read {list(texts)}")

    server = Starlette(routes=routes(lambda: Served(Failing(), "failing")))  # type: ignore[arg-type]
    with TestClient(server, "http://localhost", raise_server_exceptions=False) as client:
        answer = client.post("/api/predict", json={"texts": [STORY]})
    assert answer.status_code == 500
    assert find(answer.text) == []
    assert "ValueError" in caplog.text


def test_an_upload_of_any_size_stays_in_memory() -> None:
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    async def upload(request: Request) -> PlainTextResponse:
        form = await request.form()
        return PlainTextResponse(str(form["file"].file._rolled))

    from afterword.api.service import routes

    server = Starlette(routes=[*routes(), Route("/upload", upload, methods=["POST"])])
    with TestClient(server, "http://localhost") as client:
        answer = client.post("/upload", files={"file": ("a.csv", b"x" * 3_000_000)})
    assert answer.text == "False"


def test_a_page_that_fails_shows_neither_the_text_nor_the_place(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    from streamlit.testing.v1 import AppTest

    from afterword.ui.copy import shared as shared_copy

    def failing() -> None:
        from types import SimpleNamespace

        from afterword.ui.shared import frame
        from tests.test_care import STORY

        def run() -> None:
            raise ValueError(f"Could not convert {STORY!r}")

        frame.show(SimpleNamespace(run=run, url_path=""))  # type: ignore[arg-type]

    caplog.set_level(logging.DEBUG)
    page = AppTest.from_function(failing).run()
    assert not page.exception
    assert [error.value for error in page.error] == [shared_copy.UNEXPECTED]
    assert "A page failed: ValueError" in caplog.text
    assert find(caplog.text + "".join(capfd.readouterr())) == []


def test_a_table_of_mixed_columns_is_shown_and_not_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Streamlit logs the cells of a column that Arrow cannot hold."""
    from streamlit.testing.v1 import AppTest

    caplog.set_level(logging.DEBUG)
    rows = [{"description": 7, "note": 1}, *({"description": STORY, "note": STORY},) * 40]
    content = "\n".join(json.dumps(row) for row in rows).encode()
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    page.switch_page("pages/classify.py").run()
    page.file_uploader[0].upload("week.jsonl", content, "application/json").run()
    next(one for one in page.button if one.label.startswith("Classify 40")).click().run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 41
    assert find(caplog.text + "".join(capfd.readouterr())) == []


def _sent(page: Any) -> str:
    """All that the server sent to the browser."""
    return "".join(str(getattr(node, "proto", "")) for node in page._tree)


def test_a_review_leaves_nothing_of_a_text_but_in_the_file_that_the_reviewer_takes(
    scratch: Path,
) -> None:
    from streamlit.testing.v1 import AppTest

    from afterword.store.open_reviews import get_open_reviews
    from afterword.ui.copy import review as review_copy
    from tests.pages.conftest import confirm
    from tests.pages.test_review import act, card, label, press

    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    page.switch_page("pages/drift.py").run()
    page.file_uploader[0].upload("week.csv", FILES["week.csv"], "text/csv").run()
    page.switch_page("pages/review.py").run()
    press(page, review_copy.START_BUTTON)
    seen = _sent(page)
    act(page, "reveal")
    assert find(str(card(page)["text"]))
    review = get_open_reviews().take(card(page)["token"])
    assert review is not None
    press(label(page, 32), review_copy.STOP_BUTTON)
    assert not page.exception
    seen += _sent(page) + repr(review)
    assert "are right" in seen
    assert find(seen) == []
    with pytest.raises(AfterwordError) as refused:
        review.compare(afterword.read_batch(table()))
    assert find(everything_of(refused.value)) == []
    assert find(review.export().to_csv())
    press(page, review_copy.FORGET_BUTTON)
    confirm(page)


def test_streamlit_shows_no_traceback_and_sends_no_statistics() -> None:
    import tomllib

    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["browser"]["gatherUsageStats"] is False


# ------------------------------------------------------- what the repository holds

RUN = 9
"""So many words in a row are nobody's by chance."""
_WORDS = re.compile(r"[a-z0-9]+")


def _descriptions(folder: Path) -> list[str]:
    frames = [pd.read_csv(folder / name) for name in ("train.csv", "dev.csv")]
    return sorted({str(text) for frame in frames for text in frame["Description"].dropna()})


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _WORDS.findall(text.lower())
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def _contents(path: Path) -> Iterator[str]:
    """A file as text, and what is packed in it."""
    content = path.read_bytes()
    yield content.decode("latin-1")
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.read_table(path)
        yield str(table.schema.metadata)
        for name in table.column_names:
            column = table[name]
            # A value that repeats is read once: one of the files is hostile by such a value.
            kept = column if pa.types.is_nested(column.type) else column.unique()
            yield "\n".join(map(str, kept.to_pylist()))
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            yield from (" ".join(_strings(arrays[name])) for name in arrays.files)
    if path.suffix == ".joblib":
        import joblib

        yield "\n".join(_strings(joblib.load(path)))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (str(key), *_strings(item))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _strings(item)
    elif getattr(value, "dtype", None) is not None and value.dtype.kind in "OUS":
        yield from map(str, value.ravel().tolist())


@pytest.mark.real_data
def test_no_file_of_the_repository_holds_nine_words_of_a_description(safecity: Path) -> None:
    known = {run for text in _descriptions(safecity) for run in _runs(text)}
    assert len(known) > 10_000
    files = _tracked()
    assert ROOT / "model/classifier.joblib" in files
    # Which file, and not which words: the message of a failure is shown and kept too.
    held = [
        str(path.relative_to(ROOT))
        for path in files
        if any(not known.isdisjoint(_runs(content)) for content in _contents(path))
    ]
    assert held == []


@pytest.mark.real_data
def test_every_word_of_the_model_is_of_five_descriptions_or_more(safecity: Path) -> None:
    from afterword.text.cleaning import clean, normalise, tokenise

    texts = {normalise(text): text for text in _descriptions(safecity)}.values()
    counts = Counter(word for text in texts for word in set(tokenise(clean(text))))
    vocabulary = list(afterword.load_model().vocabulary)
    assert len(vocabulary) > 1_000
    rare = sum(counts[word] < LEAST for word in vocabulary)
    assert rare == 0


# ----------------------------------------------------------------- what is imported


def _imported(code: str) -> set[str]:
    """The top-level modules that a fresh process has after running a line."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sorted(sys.modules))"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_afterword_imports_nothing_heavy() -> None:
    loaded = _imported("import afterword")
    assert "afterword" in loaded
    assert not loaded & {"streamlit", "evidently", "pandas", "sklearn", "numpy", "plotly"}


def test_serving_needs_neither_sklearn_nor_streamlit_nor_evidently() -> None:
    loaded = _imported(
        "import afterword\nafterword.load_model().predict_proba(['he stared at me on the bus'])"
    )
    assert "numpy" in loaded
    assert not loaded & {"streamlit", "evidently", "sklearn", "plotly"}

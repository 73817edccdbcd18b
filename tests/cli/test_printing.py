"""Output that is not UTF-8 changes no exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import invented

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["words", "json"])
def test_a_check_ends_with_its_own_status_in_any_encoding(
    encoding: str, options: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "few \u4e2d.csv"
    file.write_text("description\nA man kept staring at me.\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "afterword", "check", str(file), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout


EVERY = """
import sys
from afterword.cli.main import app

codes, line = [], []
for word in sys.argv[1:]:
    if word != "+":
        line.append(word)
        continue
    try:
        app(args=line, prog_name="afterword")
    except SystemExit as end:
        codes.append(end.code)
    line = []
print("ended with", *codes, file=sys.stderr)
"""
ENCODINGS = {
    "UTF-8": {"PYTHONUTF8": "1"},
    "Windows": {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "1"},
    "ASCII": {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "1"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "C on Windows": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp1252:strict"},
}
CATEGORIES = {"Remarks": "Замечания 評論", "Staring": "Blicke → “ẞ” 😀"}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, a batch and labels whose names are in other scripts."""
    folder = tmp_path_factory.mktemp("письма-😀")
    week = invented(60, 3).rename(columns={**CATEGORIES, "description": "Описание 😀"})
    week.to_csv(folder / "неделя-評論.csv", index=False)
    labelled = folder / "метки-評論.csv"
    invented(400).rename(columns={"Remarks": "до = 評論"}).to_csv(labelled, index=False)
    return folder


@pytest.mark.parametrize(
    "locale",
    ["Windows", "C", *(pytest.param(one, marks=pytest.mark.slow) for one in
                       ("UTF-8", "ASCII", "C on Windows"))],
)  # fmt: skip
def test_every_command_ends_alike_in_any_encoding_whatever_the_names(
    scripts: Path, locale: str, tmp_path: Path
) -> None:
    week, labelled, model = scripts / "неделя-評論.csv", scripts / "метки-評論.csv", tmp_path / "м"
    of_week = [str(week), "--column", "Описание 😀"]
    with_model = ["--model", str(model)]
    lines = [
        ["train", "--data", str(labelled), "--out", str(model), "--category",
         f"до = 評論={CATEGORIES['Remarks']}", "--category", f"Staring={CATEGORIES['Staring']}"],
        ["classify", *of_week, "--out", str(tmp_path / "ответ-😀.csv"), *with_model],
        ["evaluate", "--data", str(labelled), *with_model],
        ["check", *of_week, "--keep", "--html", str(tmp_path / "отчёт-😀.html")],
        ["check", *of_week, "--json"],
        ["check", "--since", "7d"],
        ["checks"],
        ["export-workspace", str(tmp_path / "склад-😀")],
        ["forget", "--before", "2020-01-01"],
        ["--version"],
        *[[each, "--help"] for each in ("train", "classify", "check", "run")],
        ["check", str(scripts / "нет-😀.csv")],
        ["check", str(week), "--column", "нет 😀"],
        ["check", "--нет-😀"],
        ["слово-😀"],
    ]  # fmt: skip
    plain = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "PY"))
    }
    done = subprocess.run(
        [sys.executable, "-c", EVERY, *(word for line in lines for word in [*line, "+"])],
        cwd=ROOT,
        env={**plain, **ENCODINGS[locale], "AFTERWORD_HOME": str(tmp_path / "дом")},
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode("utf-8", "replace")
    ended = said.rpartition("ended with ")[2].split()
    assert ended == ["0"] * 3 + ["1"] * 2 + ["2"] + ["0"] * 8 + ["3"] * 4, said
    assert "Traceback" not in said

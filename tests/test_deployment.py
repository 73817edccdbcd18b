"""The file of a deployment: what is wrong in it is told, and what it says is what people read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from afterword.deployment import Deployment, get_deployment, read_deployment
from afterword.errors import SettingsError
from afterword.settings import SHIPPED_DATA, Settings, get_settings

ROOT = Path(__file__).resolve().parents[1]
COMPLAINTS = """
question = "What does a complaint complain about?"
text = { a = "a complaint", many = "complaints" }
finding = { a = "a grievance", many = "grievances" }
[[examples]]
title = "A late parcel"
text = "My parcel was promised for Monday and has not come yet."
[http]
summary = "Categories for complaints of customers."
"""
OF_HARASSMENT = re.compile(
    r"harass|distress|findahelpline|weather|Exit this page|Shift three|stared|touched",
    re.IGNORECASE,
)
EVERYTHING = """
import os
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner
from afterword.api.docs_page import api_page
from afterword.api.service import service
from afterword.cli.main import app

def show(node):
    print(getattr(node, "proto", ""))
    for child in getattr(node, "children", {}).values():
        show(child)

for page in ("overview", "classify", "drift", "review", "monitoring"):
    visit = AppTest.from_file(os.path.abspath("app.py"), default_timeout=180).run()
    show(visit.switch_page(f"pages/{page}.py").run()._tree)
schema = service().openapi()
print(schema, api_page(schema))
for command in ((), ("classify",), ("check",), ("checks",), ("evaluate",)):
    print(CliRunner().invoke(app, [*command, "--help"]).output)
"""

OF_DESCRIPTIONS = re.compile(r"\b(descriptions?|reports?)\b", re.IGNORECASE)
VERDICTS = """
from afterword.drift import moved_wording, wording
from afterword.drift.evidence import Evidence
from afterword.measures.definitions import Measure, definitions
from afterword.quality.category_shares import CategoryShare

late = CategoryShare("Late", 200, 0.47, 0.4, 0.54, 0.21, 0.31, 0.2)
unknown = CategoryShare("Late", 200, None, None, None, 0.21, 0.31, 0.2, "Too few.")
told = [Evidence(200, 200), Evidence(200, 200, shares=[late]), Evidence(200, 200, shares=[unknown])]
for each in definitions(["Late"]):
    for direction in ("higher", "lower"):
        moved = Measure(
            each.name, each.label, each.group, each.unit, each.distance, 0.1, 0.3, 0.5, 0.2, 0.1,
            True, direction, each.column, each.fault,
        )
        print(each.label, moved_wording.faulty(moved))
        for one in told:
            print(moved_wording.headline(moved, one), moved_wording.reason(moved, one))
        print(wording.respond([moved], None))
print(wording.OTHER_MODEL, wording.GAPS, wording.false_alarm_sentence(0.05))
print(wording.word_shares("2 %", "16 %", new=False), wording.word_in_training("16 %", new=True))
"""


def everything(deployment: str, home: Path) -> str:
    """What the five pages, the documentation over HTTP and the command line say."""
    return said_by(EVERYTHING, deployment, home)


def said_by(program: str, deployment: str, home: Path) -> str:
    environment = {**os.environ, "AFTERWORD_DEPLOYMENT": deployment, "AFTERWORD_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.fixture
def complaints(tmp_path: Path) -> Path:
    file = tmp_path / "complaints.toml"
    file.write_text(COMPLAINTS)
    return file


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The environment, with nothing kept of what was read before or is read meanwhile."""
    get_settings.cache_clear()
    get_deployment.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    get_settings.cache_clear()
    get_deployment.cache_clear()


def test_the_shipped_file_is_read_unless_another_one_is_named() -> None:
    assert Settings().deployment == SHIPPED_DATA / "deployment.toml"
    assert "harassment" in read_deployment(SHIPPED_DATA / "deployment.toml").question


def test_every_sample_of_the_shipped_file_is_there() -> None:
    for one in read_deployment(SHIPPED_DATA / "deployment.toml").samples:
        assert list((SHIPPED_DATA / "samples").glob(f"{one.file}.*"))


def test_no_file_at_all_is_the_neutral_deployment(named: pytest.MonkeyPatch) -> None:
    named.setenv("AFTERWORD_DEPLOYMENT", "")
    assert get_deployment() == Deployment()


def test_pages_documents_and_commands_are_neutral_without_a_file(tmp_path: Path) -> None:
    said = everything("", tmp_path)
    assert not OF_HARASSMENT.findall(said)
    assert "Which categories does a text belong to?" in said
    assert "Categories for short texts." in said


def test_another_file_changes_what_pages_and_documents_say(
    complaints: Path, tmp_path: Path
) -> None:
    said = everything(str(complaints), tmp_path)
    for each in ("complain about?", "One complaint", "A late parcel", "complaints of customers"):
        assert each in said


def test_verdicts_speak_of_what_is_classified(complaints: Path, tmp_path: Path) -> None:
    said = said_by(VERDICTS, str(complaints), tmp_path)
    assert not OF_DESCRIPTIONS.findall(said)
    for each in ("Complaints are longer", "Very short complaints", "act on the grievances"):
        assert each in said


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("questoin = 'What?'", "has a field that there is not: questoin."),
        ("question = 5", "The field question of the file"),
        ("question = 'Which *one*?'", "pages would read as mark-up"),
        ("text = { a = 'complaint', many = 'complaints' }", "The field text.a of the file"),
        ("[care]\nexit_url = 'javascript:alert(1)'", "write an address"),
        ("[[samples]]\nfile = '../secret'\ntitle = ''\nshows = ''", "The field samples.0.file"),
        ("question", "is no TOML"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=re.escape(told)) as refused:
        read_deployment(file)
    assert str(refused.value).endswith(".")


def test_a_file_that_is_no_text_is_refused_without_a_word_of_codecs(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_bytes(b"\x95\xff\x00")
    with pytest.raises(SettingsError, match="is no text in UTF-8"):
        read_deployment(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_deployment(tmp_path / "none.toml")


def test_a_command_says_what_is_wrong_with_the_file(
    named: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from typer.testing import CliRunner

    from afterword.cli.main import app

    named.setenv("AFTERWORD_DEPLOYMENT", str(tmp_path / "none.toml"))
    done = CliRunner().invoke(app, ["checks"])
    assert done.exit_code == 3
    assert "AFTERWORD_DEPLOYMENT" in done.output


def test_every_field_is_documented() -> None:
    page = (ROOT / "docs" / "deployment-file.md").read_text()
    for name, field in Deployment.model_fields.items():
        part = field.annotation
        inner = getattr(part, "model_fields", {})
        for each in [f"{name}.{one}" for one in inner] or [name]:
            assert f"`{each}`" in page, each

"""``run`` starts the server that was asked for, and opens no door that nobody guards."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from afterword import __version__
from afterword.cli import server, wording
from afterword.cli.main import app
from afterword.settings import ROOT, SHIPPED_MODEL, get_settings


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The programs that would take this one's place."""
    programs: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, program: programs.append(program))
    return programs


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def ask(*arguments: str, **variables: str | None) -> Result:
    return CliRunner().invoke(app, list(arguments), env=variables)


def test_run_starts_the_pages_of_this_project_as_the_shipped_settings_say(
    started: list[list[str]],
) -> None:
    assert ask("run").exit_code == 0
    assert started == [[*started[0][:5], str(ROOT / "app.py")]]


def test_port_and_address_are_handed_on(started: list[list[str]]) -> None:
    assert ask("run", "--port", "0", "--address", "127.0.0.2").exit_code == 0
    assert started[0][6:] == ["--server.port", "0", "--server.address", "127.0.0.2"]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", "afterword.example.org"])
def test_without_a_proxy_it_listens_on_this_machine_alone(
    started: list[list[str]], address: str
) -> None:
    for options, variables in (
        (("--address", address), {}),
        ((), {"STREAMLIT_SERVER_ADDRESS": address}),
    ):
        done = ask("run", *options, **variables)
        assert done.exit_code == 3
        assert "AFTERWORD_BEHIND_PROXY=true" in done.output
    assert started == []


@pytest.mark.parametrize(
    ("variables", "warned"),
    [
        ({}, True),
        ({"AFTERWORD_ALLOWED_HOSTS": "afterword.example.org"}, False),
        ({"AFTERWORD_PUBLIC_URL": "https://afterword.example.org"}, False),
    ],
)
def test_behind_a_proxy_it_listens_and_says_if_it_knows_no_name_of_itself(
    started: list[list[str]], variables: dict[str, str], warned: bool
) -> None:
    done = ask("run", "--address", "0.0.0.0", AFTERWORD_BEHIND_PROXY="true", **variables)
    assert done.exit_code == 0
    assert ("AFTERWORD_ALLOWED_HOSTS" in done.output) == warned
    assert len(started) == 1


def test_a_wrong_setting_is_said_before_anything_starts(started: list[list[str]]) -> None:
    assert ask("run", AFTERWORD_ALPHA="2").exit_code == 3
    assert started == []


def test_the_version_names_the_terms_of_another_model_as_those_of_its_data(tmp_path: Path) -> None:
    manifest = json.loads((SHIPPED_MODEL / "manifest.json").read_text("utf-8"))
    (tmp_path / "manifest.json").write_text(json.dumps(manifest | {"data_sha256": "0" * 64}))
    done = ask("--version", AFTERWORD_MODEL_DIR=str(tmp_path))
    assert done.exit_code == 0
    assert __version__ in done.output
    assert wording.OWN_TERMS in done.output
    assert server.MODEL_TERMS not in done.output


def test_a_copy_of_the_shipped_model_keeps_its_terms(tmp_path: Path) -> None:
    shutil.copy(SHIPPED_MODEL / "manifest.json", tmp_path)
    assert server.MODEL_TERMS in ask("--version", AFTERWORD_MODEL_DIR=str(tmp_path)).output


def test_the_version_is_told_where_there_is_no_model(tmp_path: Path) -> None:
    done = ask("--version", AFTERWORD_MODEL_DIR=str(tmp_path))
    assert done.exit_code == 0
    assert __version__ in done.output
    assert "No model" in done.output


def test_completion_is_only_for_the_installed_program() -> None:
    assert "--show-completion" not in ask("--help").output
    assert ask("--show-completion").exit_code == 3

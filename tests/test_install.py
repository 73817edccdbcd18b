"""A wheel in a fresh environment, outside of the checkout, as a user installs it.

The environment borrows the packages of this one. With ``AFTERWORD_FRESH_INSTALL=1`` it downloads
its own, within constraints.txt, as a user would.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import textwrap
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from afterword import __version__
from tests.conftest import invented, made_once
from tests.servers import environment, free_port, get, serving, visit

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.whole
FRESH = os.environ.get("AFTERWORD_FRESH_INSTALL") == "1"
PAGES = {"": "Overview", "drift": "Drift"}
"""Pages that are looked at, by their addresses: one reads the store, one has the samples."""


def _pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    subprocess.run([*command, *map(str, arguments)], check=True, cwd=ROOT)


def _borrowed() -> list[str]:
    return [path for path in sys.path if Path(path).name == "site-packages"]


@dataclass(frozen=True)
class Installed:
    """An environment with Afterword in it, and a user's folders."""

    programs: Path
    user: Path

    @property
    def work(self) -> Path:
        """The folder in which the user works."""
        return self.user / "work"

    def variables(self) -> dict[str, str]:
        """The environment of the user's programs; the data folder is that of Linux."""
        return environment(HOME=str(self.user), XDG_DATA_HOME=str(self.user / "data"))

    def run(self, *arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the program ``afterword``."""
        return subprocess.run(
            [self.programs / "afterword", *map(str, arguments)],
            cwd=self.work,
            env=self.variables() | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def python(self, code: str) -> str:
        """Run lines of Python, and give what they print; they must print nothing else."""
        done = subprocess.run(
            [self.programs / "python", "-P", "-c", textwrap.dedent(code)],
            cwd=self.work,
            env=self.variables(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that the checkout makes."""

    def build(folder: Path) -> None:
        isolation = () if FRESH else ("--no-build-isolation", "--no-index")
        _pip("wheel", "--no-deps", *isolation, "--wheel-dir", folder, ROOT)

    (made,) = made_once(tmp_path_factory, "wheel", build).iterdir()
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed."""
    # Programs have their folder's name written into them, so it is made in its place.
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", symlinks=True)
    programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    if FRESH:
        constraints = ("-c", ROOT / "constraints.txt", "-c", ROOT / "requirements.txt")
        _pip("--python", programs / "python", "install", *constraints, wheel)
    else:
        (packages,) = (folder / "venv").glob("[Ll]ib/**/site-packages")
        (packages / "borrowed.pth").write_text("\n".join(_borrowed()))
        _pip("--python", programs / "python", "install", "--no-deps", "--no-index", wheel)
    user = folder / "user"
    (user / "work").mkdir(parents=True)
    return Installed(programs, user)


# ---------------------------------------------------------------- what is in the wheel


def test_the_wheel_holds_what_the_program_needs_and_nothing_of_the_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    at_the_top = ["app.py", "NOTICE", ".streamlit/config.toml"]
    folders = [path for name in ("pages", "model", "data") for path in (ROOT / name).rglob("*")]
    files = [str(path.relative_to(ROOT)) for path in folders if path.suffix not in ("", ".pyc")]
    assert {f"afterword/shipped/{name}" for name in [*at_the_top, *files]} <= names
    package = [path for path in (ROOT / "afterword").rglob("*") if path.is_file()]
    assert {str(path.relative_to(ROOT)) for path in package if path.suffix != ".pyc"} <= names
    assert "afterword/store/migrations/script.py.mako" in names
    assert "afterword/py.typed" in names
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"afterword", f"afterword-{__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_names_the_terms_of_code_and_model(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        about = f"afterword-{__version__}.dist-info"
        metadata = content.read(f"{about}/METADATA").decode()
        assert content.read(f"{about}/licenses/NOTICE") == (ROOT / "NOTICE").read_bytes()
        assert content.read(f"{about}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
    assert "License-Expression: Apache-2.0 AND LicenseRef-SafeCity-Research\n" in metadata


# ---------------------------------------------------------------- versions


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if "==" in line]
    return {_normal(package): version for package, version in pairs}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _project() -> dict[str, Any]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return project


def test_every_pin_lies_in_the_range_of_the_package_and_no_range_lacks_a_pin() -> None:
    ranges = [Requirement(line) for line in _project()["project"]["dependencies"]]
    pins = _pins("requirements.txt")
    assert {_normal(each.name) for each in ranges} == set(pins)
    outside = [each for each in ranges if pins[_normal(each.name)] not in each.specifier]
    assert outside == []


def test_what_the_tests_have_of_an_extra_lies_in_its_range() -> None:
    extras = _project()["project"]["optional-dependencies"]
    pins = _pins("requirements-dev.txt")
    tested = [Requirement(line) for lines in extras.values() for line in lines]
    found = {each.name: pins[each.name] in each.specifier for each in tested if each.name in pins}
    names = ("psycopg", "dask", "distributed", "aiohttp", "s3fs")
    assert found == dict.fromkeys(names, True)
    assert pins["psycopg"] == pins["psycopg-binary"]


def test_every_range_has_a_lower_bound() -> None:
    for line in _project()["project"]["dependencies"]:
        operators = {each.operator for each in Requirement(line).specifier}
        assert operators & {">=", "=="}, line


def test_the_tool_that_builds_is_pinned_for_the_tests() -> None:
    (build,) = [Requirement(line) for line in _project()["build-system"]["requires"]]
    assert _pins("requirements-dev.txt")[build.name] in build.specifier


# ---------------------------------------------------------------- the installed program


def test_it_says_its_version_its_model_and_their_terms(installed: Installed) -> None:
    done = installed.run("--version")
    assert done.returncode == 0, done.stderr
    assert f"Afterword {__version__}, Apache-2.0" in done.stdout
    assert "LicenseRef-SafeCity-Research" in done.stdout
    notice = re.search(r"See (.+NOTICE)\.", done.stdout)
    assert notice
    assert Path(notice[1]).read_bytes() == (ROOT / "NOTICE").read_bytes()


def test_a_shell_completes_its_commands(installed: Installed) -> None:
    named = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    shown = installed.run("--show-completion", "bash", **named)
    assert shown.returncode == 0, shown.stderr
    assert "_AFTERWORD_COMPLETE=complete_bash" in shown.stdout
    asked = {"COMP_WORDS": "afterword cla", "COMP_CWORD": "1"}
    done = installed.run(_AFTERWORD_COMPLETE="complete_bash", **asked)
    assert done.stdout.split() == ["classify"]


def test_it_calls_itself_by_the_name_that_the_user_wrote(installed: Installed) -> None:
    assert "Usage: afterword classify" in installed.run("classify", "--help").stdout
    assert "afterword check --since" in installed.run("checks", AFTERWORD_HOME="none").stderr


def test_it_classifies_a_file(installed: Installed) -> None:
    invented(60).to_csv(installed.work / "week.csv", index=False)
    files = ("week.csv", "--out", "answers.csv")
    done = installed.run("classify", *files, AFTERWORD_RECORDING="false")
    assert done.returncode == 0, done.stderr
    with (installed.work / "answers.csv").open(encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == 60


def test_a_check_is_kept_and_listed_in_the_users_data_folder(installed: Installed) -> None:
    invented(60, seed=1).to_csv(installed.work / "own.csv", index=False)
    done = installed.run("check", "own.csv", "--json", "--keep")
    assert done.returncode == 1, done.stderr  # invented descriptions are unlike real ones
    headline = json.loads(done.stdout)["headline"]
    listed = json.loads(installed.run("checks", "--json").stdout)
    assert [(each["headline"], each["trial"]) for each in listed] == [(headline, False)]
    assert (installed.user / "data" / "afterword" / "afterword.db").is_file()


def test_it_writes_no_model_into_itself_and_names_no_repository(installed: Installed) -> None:
    said = installed.python(
        """
        from afterword.errors import ModelError
        from afterword.model.registry import check_target
        from afterword.records import how_to_restore
        from afterword.settings import SHIPPED_MODEL

        try:
            check_target(SHIPPED_MODEL)
        except ModelError as error:
            print(error)
        print(how_to_restore(SHIPPED_MODEL))
        """
    )
    assert "belongs to the installed package" in said
    assert "git" not in said


def test_a_worker_runs_the_installed_package(installed: Installed) -> None:
    said = installed.python(
        """
        from afterword.settings import get_settings
        from afterword.workers import Workers

        workers = Workers()
        print(workers.submit("somebody", get_settings).result().model_dir)
        workers.close()
        """
    )
    model = Path(said.strip())
    assert model.parts[-4:] == ("site-packages", "afterword", "shipped", "model")


def test_run_shows_the_pages_in_the_shipped_theme(installed: Installed, tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "console.txt"
    command = [str(installed.programs / "afterword"), "run", "--port", str(port)]
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))["theme"]
    with serving(command, port, log, installed.work, installed.variables()) as url:
        assert json.loads(get(f"{url}/healthz"))["status"] == "ok"
        assert "Afterword" in get(f"{url}/api/docs")
        for address, title in PAGES.items():
            seen = visit(url, address)
            assert seen.titles[0] == title
            assert seen.exceptions == []
            assert seen.colour == theme["light"]["primaryColor"]
    assert f"http://localhost:{port}" in log.read_text("utf-8")

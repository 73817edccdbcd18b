"""The files of hosts do what docs/deploy.md says: the image starts and answers, and is shut."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import images
from tests.conftest import ON_CI
from tests.servers import environment, free_port, get, serving, visit

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.whole
OPEN = "0.0.0.0"


@dataclass(frozen=True)
class Running:
    """A container that serves: its address, itself, and the process outside of it."""

    url: str
    container: images.Container
    port: int


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> images.Stage:
    """What the Dockerfile describes."""
    if not images.can_isolate():
        if ON_CI:
            pytest.fail("CI must be able to give a program a root folder of its own.")
        pytest.skip("only root on Linux can give a program a root folder of its own")
    folder = tmp_path_factory.mktemp("image")
    return images.build(ROOT, folder)


@pytest.fixture(scope="module")
def running(image: images.Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The image, started as compose.yaml says."""
    folder = tmp_path_factory.mktemp("container")
    box = images.container(image, folder / "volume")
    port = free_port()
    command = box.command(image.command, PORT=str(port))
    with serving(command, port, folder / "console.txt", folder, dict(os.environ)) as url:
        yield Running(url, box, port)


def _inside(running: Running, command: str) -> subprocess.CompletedProcess[str]:
    entered = running.container.command(["sh", "-c", command], PORT=str(running.port))
    return subprocess.run(entered, capture_output=True, text=True, check=False)


def test_the_container_answers_its_health_check_and_shows_a_page(running: Running) -> None:
    done = _inside(running, running.container.image.health)
    assert done.returncode == 0, done.stderr
    seen = visit(running.url)
    assert seen.titles[0] == "Overview"
    assert seen.exceptions == []


def test_the_container_keeps_its_store_on_the_volume_and_writes_nowhere_else(
    running: Running,
) -> None:
    visit(running.url)
    assert (running.container.volume / "afterword.db").stat().st_uid == 10_001
    done = _inside(running, "touch /opt/afterword/x /x || id -u")
    assert done.stdout.strip() == "10001"
    assert "Read-only file system" in done.stderr


@pytest.mark.slow
def test_reports_are_drawn_where_only_tmp_can_be_written(running: Running) -> None:
    (weeks,) = running.container.image.root.glob("opt/**/samples/ordinary-week.parquet")
    week = "/" + str(weeks.relative_to(running.container.image.root))
    steps = f"afterword check {week} --keep && afterword export-workspace /tmp/history"
    done = _inside(running, steps)
    assert done.returncode == 0, done.stderr
    assert "1 checks written" in done.stdout


def test_the_container_answers_under_no_other_name(running: Running) -> None:
    request = urllib.request.Request(running.url, headers={"Host": "example.org"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)
    assert refused.value.code == 421


def test_the_image_is_compiled_and_holds_nothing_of_the_work_on_it(image: images.Stage) -> None:
    (package,) = image.root.glob("opt/afterword/lib/python*/site-packages/afterword")
    files = list(package.rglob("*.py"))
    assert len(files) > 100
    assert all(list(file.parent.glob(f"__pycache__/{file.stem}.*.pyc")) for file in files)
    assert not (image.root / "src").exists()


def test_a_build_gets_what_it_needs_and_nothing_else(tmp_path: Path) -> None:
    images.context_of(ROOT, tmp_path)
    assert not list(tmp_path.rglob("*.pyc"))
    assert not {"tests", ".git", ".afterword"} & {path.name for path in tmp_path.iterdir()}
    assert [path.name for path in (tmp_path / ".streamlit").iterdir()] == ["config.toml"]


def _compose() -> dict[str, Any]:
    service: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    found: dict[str, Any] = service["services"]["afterword"]
    return found


def test_compose_closes_the_container_and_publishes_it_to_this_machine_alone() -> None:
    service = _compose()
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["volumes"] == ["store:/data"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "Procfile"])
def test_every_host_that_listens_to_all_says_what_stands_before_it_and_its_names(
    name: str,
) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert "AFTERWORD_BEHIND_PROXY=true" in text
    assert "AFTERWORD_ALLOWED_HOSTS=" in text
    assert "AFTERWORD_ALLOWED_HOSTS=*" not in text


def test_the_document_sets_both_wherever_it_opens_the_server() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    for block in page.split("```")[1::2]:
        if OPEN in block:
            assert "AFTERWORD_BEHIND_PROXY=true" in block
            assert "AFTERWORD_ALLOWED_HOSTS=" in block


def test_the_procfile_starts_a_server_that_answers_under_its_name(tmp_path: Path) -> None:
    (line,) = (ROOT / "Procfile").read_text("utf-8").splitlines()
    command = ["bash", "-c", line.removeprefix("web: ")]
    port = free_port()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    variables = environment(PORT=str(port), PATH=path, AFTERWORD_HOME=str(tmp_path))
    unnamed = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, check=False)
    assert unnamed.returncode != 0
    variables["AFTERWORD_ALLOWED_HOSTS"] = "afterword.example.org"
    with serving(command, port, tmp_path / "console.txt", ROOT, variables) as url:
        assert '"ok"' in get(f"{url}/healthz")


def test_a_server_that_is_started_without_any_standard_stream_serves(tmp_path: Path) -> None:
    port = free_port()
    program = [sys.executable, "-m", "afterword", "run", "--port", str(port)]
    command = ["/bin/sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *program]
    variables = environment(AFTERWORD_HOME=str(tmp_path / "home"))
    with serving(command, port, tmp_path / "console.txt", ROOT, variables) as url:
        assert not visit(url, "drift").exceptions


STREAMLIT = [sys.executable, "-m", "streamlit", "run", "app.py"]


@pytest.mark.parametrize(
    ("options", "variables"),
    [
        (["--server.address", OPEN], {}),
        (["--server.address", "::"], {}),
        (["--server.address="], {}),  # listens on all
        ([], {"STREAMLIT_SERVER_ADDRESS": OPEN}),
    ],
)
def test_streamlit_itself_does_not_open_the_server_without_a_proxy(
    tmp_path: Path, options: list[str], variables: dict[str, str]
) -> None:
    command = [*STREAMLIT, "--server.port", "0", *options]
    variables = environment(AFTERWORD_HOME=str(tmp_path), **variables)
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.endswith("AFTERWORD_BEHIND_PROXY=true.\n")
    assert "Traceback" not in done.stderr


def test_streamlit_itself_opens_it_where_the_secrets_say_that_a_proxy_stands_before(
    tmp_path: Path,
) -> None:
    folder = tmp_path / ".streamlit"
    folder.mkdir()
    (folder / "secrets.toml").write_text(
        'AFTERWORD_BEHIND_PROXY = "true"\nAFTERWORD_ALLOWED_HOSTS = "app.example.org"\n'
    )
    port = free_port()
    variables = environment(AFTERWORD_HOME=str(tmp_path / "home"), PYTHONPATH=str(ROOT))
    command = [*STREAMLIT[:-1], str(ROOT / "app.py"), "--server.address", "0.0.0.0"]
    command += ["--server.port", str(port)]
    with serving(command, port, tmp_path / "console.txt", tmp_path, variables) as url:
        assert _status(url, "app.example.org") == 200


def test_uvicorn_answers_at_the_loopback_alone_without_a_proxy(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "app:app", "--host", OPEN, "--port", str(port)]
    variables = environment(AFTERWORD_HOME=str(tmp_path))
    with serving(command, port, tmp_path / "console.txt", ROOT, variables) as url:
        assert _status(url, "localhost") == 200
        outside = f"http://{_address()}:{port}"
        assert _status(outside, "localhost") == 403
        assert _status(f"{outside}/healthz", "localhost") == 200


def _address() -> str:
    """An address of this machine that is not its loopback; the test is skipped without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no other address than its loopback")
        address: str = probe.getsockname()[0]
    return address


def _status(url: str, host: str) -> int:
    """The status of an answer that names no server."""
    request = urllib.request.Request(url, headers={"Host": host})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        answer = opener.open(request)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        assert "server" not in answer.headers
        return int(answer.status)


def test_secrets_of_streamlit_are_settings_before_anything_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / ".streamlit"
    folder.mkdir()
    (folder / "secrets.toml").write_text('AFTERWORD_ALLOWED_HOSTS = "app.example.org"\n')
    port = free_port()
    variables = environment(AFTERWORD_HOME=str(tmp_path / "home"), PYTHONPATH=str(ROOT))
    command = [sys.executable, "-m", "afterword", "run", "--port", str(port)]
    with serving(command, port, tmp_path / "console.txt", tmp_path, variables) as url:
        request = urllib.request.Request(url, headers={"Host": "app.example.org"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        assert opener.open(request).status == 200

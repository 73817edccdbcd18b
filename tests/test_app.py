"""The server: pages and service behind one address, and a list of pages that is whole."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from starlette.testclient import TestClient
from streamlit import config, net_util
from streamlit.testing.v1 import AppTest
from streamlit.web import bootstrap

from afterword.store.session_reports import get_session_reports
from afterword.ui import prepare

ROOT = Path(__file__).parents[1]
HEAVY = {
    "fastapi",
    "pandas",
    "pyarrow",
    "scipy.sparse",
    "scipy.special",
    "scipy.stats",
    "sqlalchemy",
}
"""Each takes longer to import than a page to be drawn, and the first answer needs none of them."""
FIRST_ANSWER = """
import json, sys
import app
found = [[*sys.modules]]
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(app.__file__, default_timeout=60).switch_page("pages/classify.py").run()
found.append([*sys.modules])
from afterword.ui.classify import view
def observe(*given, real=view.observe, **named):  # what comes next after the answer
    found.append([*sys.modules])
    return real(*given, **named)
view.observe = observe
page.button(key="example_0").click().run()
assert page.header[0].value and not page.error
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def server() -> ModuleType:
    """app.py as a server imports it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        sys.modules.pop("app", None)
        return importlib.import_module("app")


@pytest.fixture(scope="module")
def client(server: ModuleType) -> Iterator[TestClient]:
    with TestClient(server.app, base_url="http://localhost") as client:
        yield client


def test_the_first_page_opens_without_an_exception() -> None:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    assert not page.exception
    assert page.title[0].value


def test_every_page_of_the_navigation_exists_under_an_address_of_its_own(
    server: ModuleType,
) -> None:
    assert server.PAGES[0].url_path == ""
    assert len({one.url_path for one in server.PAGES}) == len(server.PAGES)
    for page in server.PAGES:
        assert (ROOT / page.page).is_file()


def test_every_file_in_pages_is_in_the_navigation(server: ModuleType) -> None:
    files = {f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py")}
    assert files == {one.page for one in server.PAGES}


def test_the_icon_is_a_file_of_ours() -> None:
    assert (ROOT / "afterword/ui/icon.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("path", ["/", "/drift"])
def test_the_server_shows_the_pages(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "<title>Streamlit</title>" in answer.text


def test_the_server_shows_the_service_beside_them(client: TestClient) -> None:
    assert client.get("/api/docs").status_code == 200
    assert client.get("/predict").status_code == 405
    assert client.get("/healthz").json().keys() <= {"status", "model", "error"}
    assert client.get("/api/nothing").json().keys() == {"error"}


def test_a_report_passes_through_the_server_packed_once(client: TestClient) -> None:
    page = "<!doctype html><title>Data drift</title>" + "<p>drift</p>" * 1_000
    answer = client.get(get_session_reports().put(page, "test"))
    get_session_reports().drop_owner("test")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == page
    assert "sandbox allow-scripts" in answer.headers["content-security-policy"]


def test_the_first_answer_waits_for_no_library_that_it_does_without(tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text(FIRST_ANSWER)
    own = {"PYTHONPATH": str(ROOT), "AFTERWORD_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, tmp_path / "first.py"],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=True,
    )
    before_listening, first_page, answered = map(set, json.loads(done.stdout))
    assert not before_listening & (HEAVY | {"numpy", "scipy", "joblib"})
    assert not first_page & HEAVY
    assert not answered & HEAVY
    assert "afterword.model.classifier" in answered


def test_what_the_first_answer_does_without_comes_after_the_first_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_page, made = threading.Event(), threading.Event()
    monkeypatch.setattr(prepare, "first_page", first_page)
    monkeypatch.setattr(prepare, "PAUSE_S", 0)
    monkeypatch.setattr(prepare, "LATEST_S", 60)
    preparing = threading.Thread(target=prepare.prepare, args=(made.set,), daemon=True)
    preparing.start()
    assert not made.wait(1)
    first_page.set()
    assert made.wait(30)
    preparing.join(30)
    assert not preparing.is_alive()


def test_app_stays_short() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 60


def test_the_start_asks_no_other_host_for_its_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda url, **_: asked.append(url))
    before = config.get_option("server.address")
    config.set_option("server.address", "0.0.0.0", "test")
    try:
        bootstrap._print_url(False)
    finally:
        config.set_option("server.address", before, "test")
    assert "http://localhost:" in capsys.readouterr().out
    assert not asked

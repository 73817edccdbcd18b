"""Pages without a browser: Streamlit's AppTest runs the app as a visitor's script run does."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from afterword.settings import get_settings
from afterword.store import get_store
from afterword.ui.copy import shared as shared_copy

ROOT = Path(__file__).resolve().parents[2]
OVERVIEW = "pages/overview.py"
CLASSIFY = "pages/classify.py"
DRIFT = "pages/drift.py"
REVIEW = "pages/review.py"
MONITORING = "pages/monitoring.py"

Open = Callable[[str], AppTest]


@pytest.fixture(scope="session", autouse=True)
def _one_scan_of_packages() -> Iterator[None]:
    """Every run of AppTest reads the metadata of all packages: half of a page's time."""
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(autouse=True)
def _no_visit_left_in_memory() -> Iterator[None]:
    """What the server does every few seconds: a visit's objects hold one another."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A home folder of its own, whose store is empty, in service."""
    folder = tmp_path / "home"
    monkeypatch.setenv("AFTERWORD_HOME", str(folder))
    # Two reports a check, which few tests look at, would keep both cores busy.
    monkeypatch.setenv("AFTERWORD_REPORT_AHEAD_ROWS", "0")
    get_settings.cache_clear()
    get_store.cache_clear()
    yield folder
    get_store().close()
    monkeypatch.undo()
    get_settings.cache_clear()
    get_store.cache_clear()


@pytest.fixture
def with_samples(home: Path, loaded_samples: Path) -> Path:
    """The home folder, with the sample weeks in its store."""
    shutil.copytree(loaded_samples, home)
    return home


@pytest.fixture
def open_page() -> Open:
    """Open a page of the app as a new visitor."""

    def open_it(page: str) -> AppTest:
        visit = AppTest.from_file(str(ROOT / "app.py"), default_timeout=180).run()
        return visit if page == OVERVIEW else visit.switch_page(page).run()

    return open_it


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder in which there is no model, in service."""
    monkeypatch.setenv("AFTERWORD_MODEL_DIR", str(tmp_path))
    get_settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    get_settings.cache_clear()


def said(page: AppTest) -> str:
    """Everything that a page says, apart from what stands in the visitor's own text box."""
    assert not page.exception
    kinds = "title header markdown caption info warning error success".split()
    words = [str(element.value) for kind in kinds for element in page.get(kind)]
    assert shared_copy.UNEXPECTED not in words
    return "\n".join([*words, *(f"{one.label} {one.value}" for one in page.metric)])


def confirm(page: AppTest) -> AppTest:
    """Press the button that acts in the dialog that is open."""
    return page.button(key="ask_act").click().run()


def labels(page: AppTest, kind: str) -> list[str]:
    """The labels of all buttons, or of all download buttons."""
    return [element.proto.label for element in page.get(kind)]


def upload(page: AppTest, key: str, content: bytes | str, name: str = "week.csv") -> AppTest:
    """Choose a file, as a visitor does."""
    data = content.encode() if isinstance(content, str) else content
    return page.file_uploader(key=key).upload(name, data, "text/csv").run()


def open_tab(page: AppTest, name: str) -> AppTest:
    """Open a tab of a result on the page Drift."""
    page.session_state["result"] = name
    return page.run()

"""What every test shares: where the real data is, and a small world of invented descriptions."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from afterword.measures.null_tables import NullTables
    from afterword.store import Store
    from tests.postgresql import Databases

ON_CI = os.environ.get("CI") == "true"
# A calibration of a few splits is enough to test with; commands that tests start inherit it.
os.environ.setdefault("AFTERWORD_NULL_DRAWS", "300")
# Tests record into a store of their own; commands that they start inherit it.
os.environ["AFTERWORD_HOME"] = tempfile.mkdtemp(prefix="afterword-tests-")
NO_DATA = "SAFECITY_DIR is unset: name the folder that holds train.csv and dev.csv"
POSTGRESQL = os.environ.get("AFTERWORD_TEST_POSTGRESQL", "")
NO_POSTGRESQL = (
    "AFTERWORD_TEST_POSTGRESQL is unset: start the tests with .ci/with-postgresql, or name a server"
)


UNMEASURED = {
    # They spend their time in other programs or packages, where measuring costs most.
    "e2e", "hostile", "test_care", "test_deploy", "test_install", "test_linear_time",
    "test_workers", "test_drawing", "test_null_splits", "test_evidently", "test_openapi",
    # Of what they run, other tests run nearly all as well.
    "test_application", "test_calls", "test_checking", "test_classify", "test_deployment",
    "test_findings", "test_history", "test_service", "test_verdict", "test_why",
}  # fmt: skip
"""Folders and modules of tests at which coverage is not measured."""
EVERY_DATABASE = {"store", "test_alerting", "test_background", "test_metrics", "test_recording",
                  "test_adding"}  # fmt: skip
"""Folders and modules whose tests of the store run on PostgreSQL as well as on SQLite."""
LONGEST = ("e2e", "pages", "reports", "training")
"""Rooms whose tests take longest: begun first, so that no process is left with them at the end."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first; and measure coverage where it costs little, at one case of a function.

    Measuring takes two thirds of a test's time again. The figure is the smaller for it.
    """
    rooms = {room: place for place, room in enumerate(LONGEST)}
    items.sort(key=lambda item: rooms.get(item.path.parent.name, len(rooms)))
    seen = set()
    for item in items:
        case = item.nodeid.partition("[")[0]
        whole = item.get_closest_marker("whole")
        if case in seen or whole or UNMEASURED & {item.path.parent.name, item.path.stem}:
            item.add_marker(pytest.mark.no_cover)
        seen.add(case)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What goes through the store is tested on every database, or says why it is not."""
    test = metafunc.definition
    there = {test.path.parent.name, test.path.stem} & EVERY_DATABASE
    if "store" not in metafunc.fixturenames or not there or test.get_closest_marker("sqlite_only"):
        return
    databases = [pytest.param("postgresql", marks=pytest.mark.postgresql)]
    if not test.get_closest_marker("postgresql"):
        databases.insert(0, pytest.param("sqlite"))
    metafunc.parametrize("store", databases, indirect=True)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests need real data, or a server; on CI it is a failure that they are not there."""
    for marker, there, why in (
        ("real_data", os.environ.get("SAFECITY_DIR"), NO_DATA),
        ("postgresql", POSTGRESQL, NO_POSTGRESQL),
    ):
        if item.get_closest_marker(marker) and not there:
            if ON_CI:
                pytest.fail(why)
            pytest.skip(why)


@pytest.fixture(scope="session")
def safecity() -> Path:
    """The folder of the real data; only tests marked ``real_data`` may ask for it."""
    return Path(os.environ["SAFECITY_DIR"])


def run_apart(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in another thread: tests with a browser leave a loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


_PLACES = "train bus market park station bridge street shop corner tram".split()
_TIMES = "morning evening noon night afternoon weekend".split()
_SAID = (
    "he shouted remarks about my coat",
    "two of them whistled and made comments",
    "someone called me names",
)
_STARED = (
    "a man kept staring at me",
    "they winked and looked me up and down",
    "he would not stop staring",
)
_QUIET = (
    "nothing came of it and I walked on",
    "it was dark and the lamps were off",
    "I told the driver afterwards",
)


def invented(rows: int, seed: int = 0) -> pd.DataFrame:
    """Mild, invented descriptions with two categories, as a labelled table."""
    rng = np.random.default_rng(seed)
    lines = []
    for number in range(rows):
        said, stared = rng.random(2) < 0.4
        parts = [
            f"On a {rng.choice(_TIMES)} at the {rng.choice(_PLACES)}",
            rng.choice(_SAID) if said else "",
            rng.choice(_STARED) if stared else "",
            rng.choice(_QUIET) if rng.random() < 0.6 or not (said or stared) else "",
            f"near the {rng.choice(_PLACES)} number {rng.integers(1, 40)}",
        ]
        # A few tags are wrong, as in life.
        flip = rng.random(2) < 0.03
        lines.append(
            {
                "id": number,
                "description": ", ".join(part for part in parts if part) + ".",
                "Remarks": int(said ^ flip[0]),
                "Staring": int(stared ^ flip[1]),
            }
        )
    return pd.DataFrame(lines)


@pytest.fixture(scope="session")
def small_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A labelled CSV of 400 invented descriptions."""
    path = tmp_path_factory.mktemp("data") / "labelled.csv"
    invented(400).to_csv(path, index=False)
    return path


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first test process to need it makes, and all of them only read."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            making = factory.mktemp("making")
            make(making)
            making.rename(folder)
    return folder


@pytest.fixture(scope="session")
def small_model(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that the command line trained on the invented descriptions."""
    from typer.testing import CliRunner

    from afterword.cli.main import app

    def train(folder: Path) -> None:
        done = CliRunner().invoke(app, ["train", "--data", str(small_data), "--out", str(folder)])
        assert done.exit_code == 0, done.output

    return made_once(tmp_path_factory, "small-model", train)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The server for tests; only tests marked ``postgresql`` may ask for it."""
    from tests.postgresql import Databases

    databases = Databases(POSTGRESQL, tmp_path_factory.mktemp("postgresql"))
    yield databases
    databases.close()


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store: in the test's own folder, or on PostgreSQL."""
    from afterword.store import Store
    from tests.stores import small_store

    if getattr(request, "param", "sqlite") == "sqlite":
        store = small_store(tmp_path)
        yield store
        store.close()
    else:
        databases: Databases = request.getfixturevalue("postgresql")
        store = Store(databases.shared(), tmp_path / "store.key")
        yield store
        store.close()


@pytest.fixture(scope="session")
def loaded_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder whose store holds the sample weeks; to be copied."""
    from afterword.monitoring.sample_history import load_samples
    from tests.stores import small_store

    def load(folder: Path) -> None:
        store = small_store(folder)
        load_samples(store)
        store.close()

    return made_once(tmp_path_factory, "sample-weeks", load)


@pytest.fixture(scope="session")
def small_tables(small_model: Path) -> NullTables:
    """The tables of the small model's check."""
    from afterword.measures.null_tables import load_tables

    return load_tables(small_model)

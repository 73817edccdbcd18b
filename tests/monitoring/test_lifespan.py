"""What goes on beside the pages and the service while the server runs."""

from __future__ import annotations

import asyncio
import gc
import threading
import tomllib
import weakref

import pytest

from afterword.monitoring.background import BackgroundWork
from afterword.monitoring.lifespan import running
from afterword.settings import ROOT
from afterword.store import Store
from tests.conftest import run_apart


def test_the_server_makes_rounds_until_it_stops(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr("afterword.store.get_store", lambda: store)
    monkeypatch.setattr(BackgroundWork, "round", lambda self: made.append(self.sessions()))

    async def serve():
        async with running(lambda: 5, every_s=0.01):
            while len(made) < 3:
                await asyncio.sleep(0.01)
        stopped = len(made)
        await asyncio.sleep(0.05)
        return stopped

    stopped = run_apart(asyncio.wait_for(serve(), 10))
    assert made[:3] == [5, 5, 5]
    assert len(made) <= stopped + 1


def test_what_the_pages_need_is_prepared_as_the_server_begins() -> None:
    begun = threading.Event()

    async def serve() -> bool:
        async with running(lambda: 0, begun.set):
            return await asyncio.to_thread(begun.wait, 10)

    assert run_apart(serve())


def test_what_ended_visits_left_in_memory_is_soon_gone() -> None:
    class Visit:
        def __init__(self) -> None:
            self.itself = self

    async def serve() -> bool:
        async with running(lambda: 1, every_s=0.01):
            left = weakref.ref(Visit())
            for _ in range(500):
                await asyncio.sleep(0.01)
                if left() is None:
                    return True
        return False

    gc.disable()  # it would be gone by chance
    try:
        assert run_apart(serve())
    finally:
        gc.enable()


def test_no_run_of_a_page_looks_through_all_objects() -> None:
    options = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert options["runner"]["postScriptGC"] is False


def test_what_the_server_has_loaded_is_not_looked_through_again_and_again() -> None:
    async def serve() -> int:
        async with running(lambda: 1, every_s=60):
            return gc.get_freeze_count()

    assert run_apart(serve()) > 10_000
    assert gc.get_freeze_count() == 0

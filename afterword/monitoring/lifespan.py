"""What goes on beside the pages and the service for as long as the server runs."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Final

from afterword.store.session_reports import sweeping

if TYPE_CHECKING:
    from afterword.monitoring.background import BackgroundWork

EVERY_S: Final = 60
"""Seconds between two rounds."""
FIRST_S: Final = 10
"""Seconds before the first round: pages come first."""
COLLECT_S: Final = 5
"""Seconds between two looks through the memory for what ended runs and visits left. Streamlit would
look at the end of every run of a page, while everybody else waits; .streamlit/config.toml leaves
it to us."""


@contextlib.asynccontextmanager
async def running(
    sessions: Callable[[], int],
    prepare: Callable[[], object] | None = None,
    _app: object = None,
    *,
    every_s: float = EVERY_S,
) -> AsyncIterator[None]:
    """Make rounds, and clear expired reports, for as long as the server runs.

    Parameters
    ----------
    sessions : gives the number of visitors that are connected.
    prepare : what the pages have imported and loaded; called in a thread as the server begins to
        listen, and not before, because the browser's part of a start takes as long as ours.
    every_s : seconds between two rounds.
    """

    async def rounds() -> None:
        await asyncio.sleep(min(every_s, FIRST_S))
        work = await asyncio.to_thread(_begin, sessions)
        while True:
            await asyncio.to_thread(work.round)
            await asyncio.sleep(every_s)

    async def collect() -> None:
        while True:
            await asyncio.sleep(min(every_s, COLLECT_S))
            await asyncio.to_thread(gc.collect)

    def get_ready() -> None:
        if prepare is not None:
            prepare()
        if not sessions():  # of a visit nothing may stay
            gc.freeze()

    # What is loaded by now stays until the server ends. To look through that, too, would take a
    # seventh of a second in which nobody is answered.
    gc.freeze()
    async with sweeping():
        tasks = [asyncio.create_task(work()) for work in (rounds, collect)]
        # A thread of its own, which the end of the server waits for in no case.
        threading.Thread(target=get_ready, name="prepare", daemon=True).start()
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            gc.unfreeze()


def _begin(sessions: Callable[[], int]) -> BackgroundWork:
    """Get ready for the rounds."""
    # Late: the store, and what compares, take longer to import than a page has.
    from afterword.files import isolation
    from afterword.monitoring.background import BackgroundWork
    from afterword.store import get_store

    isolation.get_ready()
    return BackgroundWork(get_store(), sessions)

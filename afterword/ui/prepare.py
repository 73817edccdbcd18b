"""What the pages need, imported and loaded before they are asked for, and in this order.

The first prediction waits for nothing else: its own part is prepared while the browser loads the
files of the page, and the rest once that page is out.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import threading
import time
from collections.abc import Callable
from typing import Final

from afterword.errors import AfterwordError

PAUSE_S: Final = 2.0
"""Seconds between the first page and the rest: whoever sees the page may classify at once."""
LATEST_S: Final = 10.0
"""Seconds after which the rest comes though nobody has opened a page."""
_PAGES: Final = ("overview", "drift", "review", "monitoring", "help")

first_page: Final = threading.Event()
"""Is set when the first page is out."""


def prepare(service: Callable[[], object]) -> None:
    """Prepare what the first answer needs; when the first page is out, the rest.

    A model, a store or a setting that is missing is said by the pages and not here.

    Parameters
    ----------
    service : makes the service over HTTP.
    """
    with contextlib.suppress(AfterwordError):
        importlib.import_module("afterword.ui.classify.view").prepare()
    # Before its first element Streamlit asks for the source of each frame, for which Python looks
    # through all modules, once. In that twentieth of a second the navigation would be drawn by
    # itself, and a browser then draws the rest half a second later.
    inspect.stack()
    first_page.wait(LATEST_S)
    time.sleep(PAUSE_S)
    for page in _PAGES:
        importlib.import_module(f"afterword.ui.{page}.view")
    service()
    with contextlib.suppress(AfterwordError):
        importlib.import_module("afterword.ui.monitoring.view").prepare()

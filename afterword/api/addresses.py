"""The service's addresses beside the pages, and what holds for the server from its start.

Nothing of it needs the service itself, which a server makes late (:mod:`afterword.api.late`).
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Final

from starlette.formparsers import MultiPartParser
from starlette.routing import BaseRoute, Route

from afterword.api.guard import hide_server_name

if TYPE_CHECKING:
    from starlette.types import ASGIApp

ADDRESSES: Final = ("/healthz", "/readyz", "/metrics", "/predict", "/reports", "/api")
"""Everything below them is the service's, so that a mistyped one is no page with 200."""

_SWITCH_S: Final = 0.001
"""Seconds that a thread which computes keeps the interpreter while others want it; Python's own
value is five times as many. A record asks for it a dozen times in a transaction, and so waits a
fifth as long while pages are drawn; who computes loses about a hundredth."""


def routes_to(service: ASGIApp) -> list[BaseRoute]:
    """Return a service's addresses for ``st.App``, and prepare the process for it.

    Each route takes every method: one that is refused gets 405, where a route that took some
    methods only would leave the rest to Streamlit, which answers with its page and 200.

    >>> from starlette.responses import PlainTextResponse
    >>> [route.path for route in routes_to(PlainTextResponse("Nothing."))][:3]
    ['/healthz', '/healthz/{rest:path}', '/readyz']
    """
    # Here, because every way to start the server comes past, after its logs were set up.
    sys.setswitchinterval(_SWITCH_S)
    logging.getLogger("uvicorn.access").addFilter(without_query)
    hide_server_name()
    # It warns of single characters of a body.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    # Files that are sent to pages, too, would go to the disk from a megabyte on; 0 means never.
    MultiPartParser.spool_max_size = 0
    return [Route(path + rest, service) for path in ADDRESSES for rest in ("", "/{rest:path}")]


def without_query(line: logging.LogRecord) -> bool:
    """Cut the query off a line about a request: somebody may have put a description there.

    Streamlit turns these lines on again after ``--no-access-log`` turned them off.
    """
    if isinstance(line.args, tuple):
        line.args = tuple(
            part.partition("?")[0] if isinstance(part, str) else part for part in line.args
        )
    return True

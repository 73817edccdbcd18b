"""The service over HTTP: categories for descriptions, checks of files, and how it is doing.

It lives beside the pages in one server. :func:`routes` gives what ``st.App`` takes:

>>> [route.path for route in routes()][:3]
['/healthz', '/healthz/{rest:path}', '/readyz']

Nothing of a request's body is logged, kept or echoed, not even in an error. What is recorded of a
call are numbers: :mod:`afterword.monitoring.recording`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.formparsers import MultiPartParser
from starlette.routing import BaseRoute, Route

from afterword.api import wording
from afterword.api.check_routes import add_check_routes
from afterword.api.checks import Checks
from afterword.api.failures import broken, failed, invalid
from afterword.api.guard import hide_server_name
from afterword.api.health_routes import add_health_routes
from afterword.api.middleware import Limits, RequestMiddleware, without_query
from afterword.api.page_routes import add_pages
from afterword.api.predict_routes import add_predict_routes
from afterword.api.predictions import Model, Served, Work, load_served
from afterword.deployment import WORDS, get_deployment
from afterword.settings import Settings, get_settings
from afterword.store.session_reports import SessionReports, get_session_reports

if TYPE_CHECKING:
    from afterword.store import Store

__all__ = ["Model", "Served", "routes", "service"]

_ADDRESSES: Final = ("/healthz", "/readyz", "/metrics", "/predict", "/reports", "/api")
"""Everything below them is the service's, so that a mistyped one is no page with 200."""

_SWITCH_S: Final = 0.001
"""Seconds that a thread which computes keeps the interpreter while others want it; Python's own
value is five times as many. A record asks for it a dozen times in a transaction, and so waits a
fifth as long while pages are drawn; who computes loses about a hundredth."""

_RECORDED: Final = frozenset({"/predict", "/api/predict"})
"""Addresses whose calls are recorded when they are refused or fail, too."""


def service(
    load: Callable[[], Served] | None = None,
    reports: SessionReports | None = None,
    settings: Settings | None = None,
    store: Store | None = None,
) -> FastAPI:
    """Build the service.

    Parameters
    ----------
    load : returns the model; called on every request, so it keeps what it loaded.
        The model in service by default, loaded by the first request and kept.
    reports : the reports to show; the process's own by default.
    settings : limits; the process's own by default.
    store : where calls are recorded; the process's own by default, opened by the first call.

    Returns
    -------
    FastAPI application with full paths, as in :func:`routes`; ``state.work`` is what it does.
    """
    reports = reports or get_session_reports()
    settings = settings or get_settings()
    get_deployment()  # a wrong file is said at the start
    work = Work(load or load_served, settings, store)
    app = FastAPI(
        title="Afterword",
        summary=WORDS.http.summary,
        description=wording.HINTS,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's own pages load scripts from another host
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={
            RequestValidationError: invalid,
            StarletteHTTPException: partial(
                failed, too_large=wording.form_too_large(settings.max_characters)
            ),
            Exception: broken,
        },
    )
    app.state.work = work
    add_health_routes(app, work)
    add_predict_routes(app, work)
    add_check_routes(app, Checks(work))
    add_pages(app, reports)
    _mend(app.openapi())
    return app


def routes(
    load: Callable[[], Served] | None = None,
    reports: SessionReports | None = None,
    settings: Settings | None = None,
    store: Store | None = None,
) -> list[BaseRoute]:
    """Return the service as routes for ``st.App``; the parameters are those of :func:`service`.

    Each route takes every method: one that is refused gets 405, where a route that took some
    methods only would leave the rest to Streamlit, which answers with its page and 200.
    """
    # Here, because every way to start the server comes past, after its logs were set up.
    sys.setswitchinterval(_SWITCH_S)
    logging.getLogger("uvicorn.access").addFilter(without_query)
    hide_server_name()
    # It warns of single characters of a body.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    # Files that are sent to pages, too, would go to the disk from a megabyte on; 0 means never.
    MultiPartParser.spool_max_size = 0
    settings = settings or get_settings()
    app = service(load, reports, settings, store)
    work: Work = app.state.work
    limits = Limits(
        body_mb=settings.max_body_mb,
        seconds=settings.request_timeout_s,
        upload_mb={"/api/check": settings.max_upload_mb},
    )
    middleware = RequestMiddleware(app, limits, work.metrics, work.record, _RECORDED)
    return [Route(path + rest, middleware) for path in _ADDRESSES for rest in ("", "/{rest:path}")]


def _mend(schema: dict[str, Any]) -> None:
    """Leave out of a schema what FastAPI supposes."""
    # A number that cannot be one is as little there as any other: 404.
    del schema["paths"]["/api/checks/{id}"]["get"]["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        del schema["components"]["schemas"][name]

"""The service over HTTP: categories for descriptions, checks of files, and how it is doing.

It lives beside the pages in one server, which makes it late
(:mod:`afterword.api.addresses`). :func:`routes` gives what ``st.App`` takes:

>>> [route.path for route in routes()][:3]
['/healthz', '/healthz/{rest:path}', '/readyz']

Nothing of a request's body is logged, kept or echoed, not even in an error. What is recorded of a
call are numbers: :mod:`afterword.streams.recording`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import BaseRoute

from afterword.api import wording
from afterword.api.addresses import routes_to
from afterword.api.check_routes import add_check_routes
from afterword.api.checks import Checks
from afterword.api.failures import broken, failed, invalid
from afterword.api.health_routes import add_health_routes
from afterword.api.middleware import Limits, RequestMiddleware
from afterword.api.page_routes import add_pages
from afterword.api.predict_routes import add_predict_routes
from afterword.api.predictions import Model, Served, Work, load_served
from afterword.api.stream_routes import add_stream_routes
from afterword.api.streams import Streams
from afterword.deployment import WORDS, get_deployment
from afterword.settings import Settings, get_settings
from afterword.store.session_reports import SessionReports, get_session_reports

if TYPE_CHECKING:
    from afterword.store import Store

__all__ = ["Model", "Served", "routes", "served", "service"]

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
    add_stream_routes(app, Streams(work))
    add_pages(app, reports)
    _mend(app.openapi())
    return app


def served(
    load: Callable[[], Served] | None = None,
    reports: SessionReports | None = None,
    settings: Settings | None = None,
    store: Store | None = None,
) -> RequestMiddleware:
    """Build the service with all that a request of it passes; the parameters are those of
    :func:`service`."""
    settings = settings or get_settings()
    app = service(load, reports, settings, store)
    work: Work = app.state.work
    limits = Limits(
        body_mb=settings.max_body_mb,
        seconds=settings.request_timeout_s,
        upload_mb=dict.fromkeys(("/api/check", "/api/add"), settings.max_upload_mb),
    )
    return RequestMiddleware(app, limits, work.metrics, work.record, _RECORDED)


def routes(
    load: Callable[[], Served] | None = None,
    reports: SessionReports | None = None,
    settings: Settings | None = None,
    store: Store | None = None,
) -> list[BaseRoute]:
    """Return the service as routes for ``st.App``; the parameters are those of :func:`service`."""
    return routes_to(served(load, reports, settings, store))


def _mend(schema: dict[str, Any]) -> None:
    """Leave out of a schema what FastAPI supposes."""
    # A number that cannot be one is as little there as any other: 404.
    for path in ("/api/checks/{id}", "/api/checks/{id}/page"):
        del schema["paths"][path]["get"]["responses"]["422"]
    # What is no JSON fails in JSON all the same.
    for path in ("/metrics", "/api/checks/{id}/page"):
        for code, answer in schema["paths"][path]["get"]["responses"].items():
            if code != "200":
                answer["content"] = {"application/json": next(iter(answer["content"].values()))}
    for name in ("HTTPValidationError", "ValidationError"):
        del schema["components"]["schemas"][name]

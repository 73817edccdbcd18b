"""The service over HTTP: categories for descriptions, checks of files, and how it is doing.

It lives beside the pages in one server. :func:`routes` gives what ``st.App`` takes:

>>> [route.path for route in routes()][:3]
['/healthz', '/healthz/{rest:path}', '/readyz']

Nothing of a request's body is logged, kept or echoed, not even in an error. What is recorded of a
call are numbers: :mod:`afterword.monitoring.recording`.
"""

from __future__ import annotations

import gzip
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import FastAPI, Form, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from pydantic import BeforeValidator
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.formparsers import MultiPartParser
from starlette.routing import BaseRoute, Route

from afterword.api.checks import NO_CHECK, Checks
from afterword.api.docs_page import EXAMPLE, PAGE_HEADERS, REPORT_GONE, REPORT_HEADERS, api_page
from afterword.api.metrics import CONTENT_TYPE
from afterword.api.middleware import FAILED, Limits, RequestMiddleware, failure, without_query
from afterword.api.predictions import Model, Served, Work, load_served
from afterword.api.schemas import (
    MODE,
    CheckLines,
    CheckMade,
    CheckWhole,
    Failure,
    FormPrediction,
    Health,
    Predictions,
    Ready,
    Texts,
)
from afterword.deployment import TEXTS, WORDS, get_deployment
from afterword.settings import ModeName, Settings, get_settings
from afterword.store.session_reports import SessionReports, get_session_reports

if TYPE_CHECKING:
    from afterword.store import Store

__all__ = ["Model", "Served", "routes", "service"]

_FAILURES: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Failure, "description": reason}
    for code, reason in {
        400: "The body cannot be read.",
        404: "It is not there.",
        408: "The body did not arrive in time.",
        413: "The body, the form or the list of texts is too large.",
        415: "The body is of another type.",
        422: "What was sent lacks what it must have, or cannot be used.",
        500: "The service failed.",
        503: "There is no model or no store, or the service is busy.",
        504: "The answer took too long.",
    }.items()
}

_SENTENCES: Final = {
    400: "The body cannot be read: check how it is encoded.",
    404: "There is nothing at this address: /api/docs lists what there is.",
    405: "This address does not take this method: see the Allow header, or /api/docs.",
}

_ADDRESSES: Final = ("/healthz", "/readyz", "/metrics", "/predict", "/reports", "/api")
"""Everything below them is the service's, so that a mistyped one is no page with 200."""

_RECORDED: Final = frozenset({"/predict", "/api/predict"})
"""Addresses whose calls are recorded when they are refused or fail, too."""

_MOST_FIELDS: Final = 100
"""A form has one field that counts; pages add a button's and a token's."""

_BYTES_PER_CHARACTER: Final = 12
"""At most: four in UTF-8, and each of these percent-encoded as three."""

_LARGEST_ID: Final = 2**53 - 1
"""The largest integer that every reader of JSON has."""

_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)

_UPLOAD: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "CSV, Excel, OpenDocument, Parquet, JSON Lines, or "
                            "scored rows.",
                        },
                        "column": {
                            "type": "string",
                            "description": f"Name of the column of {TEXTS}; found if absent.",
                        },
                        "keep": {
                            "type": "boolean",
                            "default": False,
                            "description": "Whether the check counts; otherwise it is a trial.",
                        },
                    },
                }
            }
        },
    }
}


def _date_time(value: object) -> object:
    """Take what RFC 3339 describes, and not the numbers that pydantic takes for times too."""
    if isinstance(value, str) and not _DATE_TIME.fullmatch(value):
        raise ValueError("not a date and time")
    return value


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("neither true nor false")
    return value


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
    checks = Checks(work)
    app = FastAPI(
        title="Afterword",
        summary=WORDS.http.summary,
        description="The categories are hints for a person who reviews, no decision about anyone.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's own pages load scripts from another host
        redoc_url=None,
        redirect_slashes=False,
        exception_handlers={
            RequestValidationError: _invalid,
            StarletteHTTPException: partial(
                _failed,
                too_large="The form is too large: send the field review_text alone, with at most "
                f"{settings.max_characters:,} characters.",
            ),
            Exception: _broken,
        },
    )
    app.state.work = work

    @app.get("/healthz", summary="Is the service able to answer?", responses=_only(500, 503, 504))
    async def healthz() -> Health:
        return Health(status="ok", model=(await work.ready()).name)

    @app.get(
        "/readyz",
        summary="Is it able to answer and to record?",
        response_model=Ready,
        responses={**_only(500, 504), 503: {"model": Ready, "description": "It is not."}},
    )
    async def readyz() -> JSONResponse:
        try:
            model = (await work.ready()).name
        except HTTPException:
            model = ""
        store = "off"
        if settings.recording:
            store = "writable" if await work.writable() else "not writable"
        ready = bool(model) and store != "not writable"
        content = Ready(status="ready" if ready else "not ready", model=model, store=store)
        return JSONResponse(content.model_dump(), 200 if ready else 503)

    @app.get(
        "/metrics",
        summary="Count of requests, errors and answers",
        description="For Prometheus: latency, the model, the last verdict and the store besides.",
        response_class=PlainTextResponse,
        responses=_only(500, 504),
    )
    async def metrics() -> Response:
        return Response(await work.metrics.scrape(), media_type=CONTENT_TYPE)

    @app.post(
        "/api/predict",
        summary=f"Classify {TEXTS}",
        description=(
            f"Up to {settings.max_texts:,} texts of {settings.max_characters:,} characters each. "
            "A text that cannot be classified gets an error in place of categories; the "
            "others are answered."
        ),
        responses=_only(400, 408, 413, 415, 422, 500, 503, 504),
        response_model_exclude_none=True,
    )
    async def predict(body: Texts) -> Predictions:
        if len(body.texts) > settings.max_texts:
            raise HTTPException(
                413, f"Send at most {settings.max_texts:,} texts in one call, and call again."
            )
        answer = await work.predict(body.texts, body.mode)
        return Predictions(
            model=answer.model, predictions=answer.predictions, recorded=answer.recorded
        )

    @app.post(
        "/predict",
        summary="Classify the text of a form",
        description="Takes the fields review_text and mode, urlencoded or multipart; no files.",
        responses=_only(400, 408, 413, 415, 422, 500, 503, 504),
        # A file would be spooled to the disk; what is longer than a text can be is not decoded.
        form_limits={
            "max_files": 0,
            "max_fields": _MOST_FIELDS,
            "max_part_size": settings.max_characters * _BYTES_PER_CHARACTER + 1_000,
        },
    )
    async def predict_form(
        review_text: Annotated[str, Form(examples=[EXAMPLE])],
        mode: Annotated[ModeName | None, Form(description=MODE)] = None,
    ) -> FormPrediction:
        answer, categories = await work.predict_one(review_text, mode)
        return FormPrediction(model=answer.model, categories=categories, recorded=answer.recorded)

    @app.post(
        "/api/check",
        summary=f"Check a file of {TEXTS} for drift",
        description=(
            f"Up to {settings.max_upload_mb} MB and {settings.max_rows:,} rows, as the Drift page "
            "takes them. The verdict is kept, as a trial that counts nowhere unless the field keep "
            "says true; of the file nothing is."
        ),
        responses=_only(400, 408, 413, 415, 422, 500, 503, 504),
        openapi_extra=_UPLOAD,
    )
    async def check(request: Request) -> CheckMade:
        return await checks.make(request.headers.get("content-type", ""), await request.body())

    @app.get(
        "/api/checks",
        summary="List the checks that were kept",
        description="Newest first, trials among them.",
        responses=_only(422, 500, 503, 504),
    )
    async def list_checks(
        limit: Annotated[int, Query(ge=1, le=1_000, description="Most checks to list.")] = 100,
        since: Annotated[
            datetime | None,
            BeforeValidator(_date_time),
            Query(description="Earliest time, UTC unless it says otherwise."),
        ] = None,
        sample: Annotated[
            bool, BeforeValidator(_flag), Query(description="Those of the samples instead.")
        ] = False,
        trial: Annotated[
            bool | None,
            BeforeValidator(_flag),
            Query(description="Trials alone (true) or without them (false); both if left out."),
        ] = None,
    ) -> CheckLines:
        if since is not None and since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        return CheckLines(checks=await checks.lines(limit, since, sample, trial))

    @app.get(
        "/api/checks/{id}",
        summary="Read a check that was kept",
        responses=_only(404, 500, 503, 504),
    )
    async def one_check(
        number: Annotated[int, Path(alias="id", ge=1, le=_LARGEST_ID)],
    ) -> CheckWhole:
        return await checks.whole(number)

    @app.get("/api/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(api_page(app.openapi()), headers=PAGE_HEADERS)

    def show_report(request: Request) -> Response:
        content = reports.get(request.path_params["name"])
        if content is None:
            return HTMLResponse(REPORT_GONE, 404, REPORT_HEADERS)
        headers = {**REPORT_HEADERS, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return HTMLResponse(content, headers=headers)

    app.add_route("/reports/{name}", show_report, ["GET"], include_in_schema=False)
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
    logging.getLogger("uvicorn.access").addFilter(without_query)
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
    door = RequestMiddleware(app, limits, work.metrics, work.record, _RECORDED)
    return [Route(path + rest, door) for path in _ADDRESSES for rest in ("", "/{rest:path}")]


def _only(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: _FAILURES[code] for code in codes}


def _mend(schema: dict[str, Any]) -> None:
    """Leave out of a schema what FastAPI supposes."""
    # A number that cannot be one is as little there as any other: 404.
    del schema["paths"]["/api/checks/{id}"]["get"]["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        del schema["components"]["schemas"][name]


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer for a request that is not what it must be; FastAPI's own answer would quote it."""
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    where, *names = problems[0]["loc"]
    if where == "path":
        return failure(404, NO_CHECK)
    if where == "query":
        return failure(422, f"The parameter {names[0]} is not valid: /api/docs says what it takes.")
    form = request.url.path == "/predict"
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    taken = (
        {"application/x-www-form-urlencoded", "multipart/form-data"}
        if form
        else {"application/json"}
    )
    if sent not in taken:
        return failure(415, f"Send the body as {' or '.join(sorted(taken))}.")
    if any(problem["type"] == "json_invalid" for problem in problems):
        return failure(400, 'The body is not JSON: send {"texts": ["…"]}.')
    if form:
        return failure(422, "The form lacks its text: send it in the field review_text.")
    return failure(422, 'The body lacks a list of texts: send {"texts": ["…"]}.')


async def _failed(_request: Request, error: Exception, too_large: str) -> JSONResponse:
    """Answer with our sentence if we gave one; a library's detail is not ours to show."""
    assert isinstance(error, StarletteHTTPException)
    if error.status_code == 400:  # the form's limits are told by their details alone
        if "Too many files" in error.detail:
            return failure(422, "Send the text itself in the field review_text, and no file.")
        if "Too many fields" in error.detail or "exceeded maximum size" in error.detail:
            return failure(413, too_large)
    # Ours are FastAPI's class with a sentence; FastAPI itself raises 400 with details.
    ours = isinstance(error, HTTPException) and error.status_code != 400
    sentence = error.detail if ours else _SENTENCES.get(error.status_code, "This did not work.")
    return failure(error.status_code, sentence, error.headers)


async def _broken(_request: Request, _error: Exception) -> JSONResponse:
    """Answer for what nobody thought of; the door logs where it happened."""
    return failure(500, FAILED)

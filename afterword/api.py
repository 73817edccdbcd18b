"""The service over HTTP: categories for descriptions, health, its own documentation, reports.

It lives beside the pages in one server. :func:`routes` gives what ``st.App`` takes:

>>> [route.path for route in routes()]
['/healthz', '/predict', '/reports/{rest:path}', '/api', '/api/{rest:path}']

Nothing of a request's body is logged, kept or echoed, not even in an error.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import BaseRoute, Route

from afterword.api_page import EXAMPLE, PAGE_HEADERS, REPORT_GONE, REPORT_HEADERS, api_page
from afterword.api_records import (
    Category,
    Failure,
    FormPrediction,
    Health,
    Prediction,
    Predictions,
    Texts,
)
from afterword.batch import EMPTY, NOT_TEXT, UNREADABLE, reason_to_reject
from afterword.errors import AfterwordError
from afterword.settings import Settings, get_settings
from afterword.shelf import Shelf, get_shelf

if TYPE_CHECKING:
    import pandas as pd
    from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger(__name__)


class Model(Protocol):
    """What the service needs of a model; :func:`afterword.registry.load_model` returns one."""

    def predict(self, texts: Sequence[str]) -> pd.DataFrame:
        """Return one line per text, columns (category, "probability" | "decision" | "unsure")."""
        ...


@dataclass(frozen=True)
class Served:
    """The model that answers, and the name under which it does."""

    model: Model
    name: str


_FAILURES: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Failure, "description": reason}
    for code, reason in {
        400: "The body cannot be read.",
        413: "The body, the form or the list of texts is too large.",
        415: "The body is of another type.",
        422: "The body lacks what it must have.",
        500: "The model failed.",
        503: "There is no model.",
    }.items()
}

_SENTENCES: Final = {
    400: "The body cannot be read: check how it is encoded.",
    404: "There is nothing at this address: /api/docs lists what there is.",
    405: "This address does not take this method: see the Allow header, or /api/docs.",
}

_REASONS: Final = {
    EMPTY: "The text is empty or stands for nothing: send a description.",
    NOT_TEXT: "This is not a text: send a string.",
    UNREADABLE: "The text is not readable: send it as UTF-8 and without control characters.",
}

_MOST_FIELDS: Final = 10
"""A form has one field that counts; pages add a button's and a token's."""

_BYTES_PER_CHARACTER: Final = 12
"""At most: four in UTF-8, and each of these percent-encoded as three."""


def service(
    load: Callable[[], Served] | None = None,
    shelf: Shelf | None = None,
    settings: Settings | None = None,
) -> FastAPI:
    """Build the service.

    Parameters
    ----------
    load : returns the model; called on every request, so it keeps what it loaded.
        The model in service by default, loaded by the first request and kept.
    shelf : the reports to show; the process's own by default.
    settings : limits; the process's own by default.

    Returns
    -------
    FastAPI application with full paths, as in :func:`routes`.
    """
    load = load or _load
    shelf = shelf or get_shelf()
    settings = settings or get_settings()
    app = FastAPI(
        title="Afterword",
        summary="Categories for short descriptions of harassment.",
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
        },
    )

    @app.head("/healthz", include_in_schema=False)
    @app.get("/healthz", summary="Is the service able to answer?", responses=_only(503))
    async def healthz() -> Health:
        return Health(status="ok", model=(await _ready(load)).name)

    @app.post(
        "/api/predict",
        summary="Classify descriptions",
        description=(
            f"Up to {settings.max_texts:,} texts of {settings.max_characters:,} characters each. "
            "A text that cannot be classified gets an error in place of categories; the "
            "others are answered."
        ),
        responses=_FAILURES,
        response_model_exclude_none=True,
    )
    async def predict(body: Texts) -> Predictions:
        if len(body.texts) > settings.max_texts:
            raise HTTPException(
                413, f"Send at most {settings.max_texts:,} texts in one call, and call again."
            )
        served = await _ready(load)
        predictions = await _predict(served.model, body.texts, settings.max_characters)
        return Predictions(model=served.name, predictions=predictions)

    @app.post(
        "/predict",
        summary="Classify the text of a form",
        description="Takes the field review_text, urlencoded or multipart; no files.",
        responses=_FAILURES,
        # A file would be spooled to the disk; what is longer than a text can be is not decoded.
        form_limits={
            "max_files": 0,
            "max_fields": _MOST_FIELDS,
            "max_part_size": settings.max_characters * _BYTES_PER_CHARACTER + 1_000,
        },
    )
    async def predict_form(
        review_text: Annotated[str, Form(examples=[EXAMPLE])],
    ) -> FormPrediction:
        served = await _ready(load)
        (prediction,) = await _predict(served.model, [review_text], settings.max_characters)
        if prediction.categories is None:
            raise HTTPException(422, prediction.error)
        return FormPrediction(model=served.name, categories=prediction.categories)

    @app.get("/api/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(api_page(app.openapi()), headers=PAGE_HEADERS)

    def show_report(request: Request) -> Response:
        content = shelf.get(request.path_params["name"])
        if content is None:
            return HTMLResponse(REPORT_GONE, 404, REPORT_HEADERS)
        headers = {**REPORT_HEADERS, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
        else:
            content = gzip.decompress(content)
        return HTMLResponse(content, headers=headers)

    app.add_route("/reports/{name}", show_report, ["GET"], include_in_schema=False)
    return app


def routes(
    load: Callable[[], Served] | None = None,
    shelf: Shelf | None = None,
    settings: Settings | None = None,
) -> list[BaseRoute]:
    """Return the service as routes for ``st.App``; the parameters are those of :func:`service`.

    Each route takes every method: one that is refused gets 405, where a route that took some
    methods only would leave the rest to Streamlit, which answers with its page and 200.
    """
    # Here, because every way to start the server comes past, after its logs were set up.
    logging.getLogger("uvicorn.access").addFilter(_without_query)
    settings = settings or get_settings()
    door = _Door(service(load, shelf, settings), settings.max_body_mb * 1_000_000)
    paths = ("/healthz", "/predict", "/reports/{rest:path}", "/api", "/api/{rest:path}")
    return [Route(path, door) for path in paths]


def _without_query(line: logging.LogRecord) -> bool:
    """Cut the query off a line about a request: somebody may have put a description there.

    Streamlit turns these lines on again after ``--no-access-log`` turned them off.
    """
    if isinstance(line.args, tuple):
        line.args = tuple(
            part.partition("?")[0] if isinstance(part, str) else part for part in line.args
        )
    return True


class _Door:
    """Reads a body up to a limit, whatever its length was said to be, and passes it on."""

    def __init__(self, app: FastAPI, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        body = None
        # Said to be too long: not a byte is read. Otherwise what counts is what comes.
        if int(headers.get(b"content-length", b"0")) <= self.max_bytes:
            body = await self._read(receive)
        if body is None:
            sentence = f"Send at most {self.max_bytes // 1_000_000} MB in one call."
            answer = JSONResponse({"error": sentence}, 413, {"Connection": "close"})
            await answer(scope, receive, send)
            return
        messages: list[Message] = [{"type": "http.request", "body": body}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self.app(scope, replay, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """Return the body, or None as soon as it is too long."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self.max_bytes:
                return None
            more = message.get("more_body", False)
        return bytes(body)


@cache
def _load() -> Served:
    from afterword.registry import load_manifest, load_model  # late: they take a while to import

    model = load_model()
    # The start of its artefact's digest: what `sha256sum` says of the file.
    return Served(model, load_manifest().artefact_sha256[:12])


async def _ready(load: Callable[[], Served]) -> Served:
    """Return the model, or answer 503."""
    try:
        return await asyncio.to_thread(load)
    except Exception as error:
        # The message of our own errors is safe to log; others may quote what they were given.
        log.error("No model: %s", error if isinstance(error, AfterwordError) else _kind(error))
        raise HTTPException(
            503, "There is no model to answer: ask the operator to look at the server's log."
        ) from None


async def _predict(model: Model, texts: Sequence[Any], max_characters: int) -> list[Prediction]:
    """Answer each text, or say what is wrong with it; other work goes on meanwhile."""
    reasons = await asyncio.to_thread(lambda: [_reason(text, max_characters) for text in texts])
    good = [text for text, reason in zip(texts, reasons, strict=True) if not reason]
    try:
        answers = iter(await asyncio.to_thread(_answers, model, good) if good else [])
    except Exception as error:
        log.error("The prediction failed: %s", _kind(error))
        raise HTTPException(
            500, "The model failed on this call: ask the operator to look at the server's log."
        ) from None
    return [
        Prediction(error=reason) if reason else Prediction(categories=next(answers))
        for reason in reasons
    ]


def _reason(text: object, max_characters: int) -> str:
    """Say why an item cannot be classified, by the rules for a batch; empty if it can."""
    reason = reason_to_reject(text, max_characters)
    too_long = f"The text is too long: send at most {max_characters:,} characters."
    return _REASONS.get(reason, too_long) if reason else ""


def _answers(model: Model, texts: Sequence[str]) -> list[dict[str, Category]]:
    frame = model.predict(texts)
    answers: list[dict[str, Category]] = [{} for _ in texts]
    for category in frame.columns.get_level_values(0).unique():
        rows = frame[category][["probability", "decision", "unsure"]].itertuples(index=False)
        for answer, (probability, decision, unsure) in zip(answers, rows, strict=True):
            answer[str(category)] = Category(
                # Four digits say all that calibration can tell.
                probability=round(float(probability), 4),
                decision=bool(decision),
                unsure=bool(unsure),
            )
    return answers


def _kind(error: Exception) -> str:
    return type(error).__name__


def _only(*codes: int) -> dict[int | str, dict[str, Any]]:
    return {code: _FAILURES[code] for code in codes}


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer for a body that is not what it must be; FastAPI's own answer would quote it."""
    assert isinstance(error, RequestValidationError)
    form = request.url.path == "/predict"
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    taken = (
        {"application/x-www-form-urlencoded", "multipart/form-data"}
        if form
        else {"application/json"}
    )
    if sent not in taken:
        return _failure(415, f"Send the body as {' or '.join(sorted(taken))}.")
    if any(problem["type"] == "json_invalid" for problem in error.errors()):
        return _failure(400, 'The body is not JSON: send {"texts": ["…"]}.')
    if form:
        return _failure(422, "The form lacks its text: send it in the field review_text.")
    return _failure(422, 'The body lacks a list of texts: send {"texts": ["…"]}.')


async def _failed(_request: Request, error: Exception, too_large: str) -> JSONResponse:
    """Answer with our sentence if we gave one; a library's detail is not ours to show."""
    assert isinstance(error, StarletteHTTPException)
    if error.status_code == 400:  # the form's limits are told by their details alone
        if "Too many files" in error.detail:
            return _failure(422, "Send the text itself in the field review_text, and no file.")
        if "Too many fields" in error.detail or "exceeded maximum size" in error.detail:
            return _failure(413, too_large)
    # Ours are FastAPI's class with a sentence; FastAPI itself raises 400 with details.
    ours = isinstance(error, HTTPException) and error.status_code not in _SENTENCES
    sentence = error.detail if ours else _SENTENCES.get(error.status_code, "This did not work.")
    return _failure(error.status_code, sentence, error.headers)


def _failure(code: int, sentence: str, headers: Any = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, code, headers)

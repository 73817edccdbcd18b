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
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field, WithJsonSchema
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import BaseRoute, Route

from afterword.api_page import EXAMPLE, api_page
from afterword.errors import AfterwordError
from afterword.settings import Settings, get_settings
from afterword.shelf import Shelf, get_shelf

if TYPE_CHECKING:
    import pandas as pd
    from starlette.types import Message, Receive, Scope, Send

log = logging.getLogger(__name__)

REPORT_HEADERS: Final = {
    # ``sandbox`` gives the page an origin of its own: its scripts reach neither the pages'
    # cookies nor their content. Evidently draws with inline scripts and an embedded font.
    "Content-Security-Policy": (
        "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
        "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; connect-src 'none'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


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


class Texts(BaseModel):
    """Descriptions to classify."""

    # Any, so that one item that is no text spoils its own answer and not the others'.
    texts: list[Annotated[Any, WithJsonSchema({"type": "string"})]] = Field(
        min_length=1, examples=[[EXAMPLE]]
    )


class Category(BaseModel):
    """How one category fits a description."""

    probability: float = Field(description="Calibrated, from 0 to 1.", examples=[0.82])
    decision: bool = Field(description="Whether the probability reaches the threshold.")
    unsure: bool = Field(description="Whether the probability is close to the threshold.")


class Prediction(BaseModel):
    """The answer for one description: its categories, or the reason why there are none."""

    categories: dict[str, Category] | None = None
    error: str | None = None


class Predictions(BaseModel):
    """The answers, in the order of the texts."""

    model: str = Field(description="Which model answered.")
    predictions: list[Prediction]


class FormPrediction(BaseModel):
    """The answer for a form."""

    model: str = Field(description="Which model answered.")
    categories: dict[str, Category]


class Health(BaseModel):
    """Whether the service can answer."""

    status: str = Field(examples=["ok"])
    model: str = Field(description="Which model answers.")


class Failure(BaseModel):
    """Every error: one sentence that says what was wrong and what to do."""

    error: str


_FAILURES: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Failure, "description": reason}
    for code, reason in {
        400: "The body cannot be read.",
        413: "The body, or the list of texts, is too large.",
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
            StarletteHTTPException: _failed,
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
        description="Takes the field review_text, urlencoded or multipart.",
        responses=_FAILURES,
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
        return HTMLResponse(api_page(app.openapi()), headers=_PAGE_HEADERS)

    def show_report(request: Request) -> Response:
        content = shelf.get(request.path_params["name"])
        if content is None:
            return HTMLResponse(_GONE, 404, REPORT_HEADERS)
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
    settings = settings or get_settings()
    door = _Door(service(load, shelf, settings), settings.max_body_mb * 1_000_000)
    paths = ("/healthz", "/predict", "/reports/{rest:path}", "/api", "/api/{rest:path}")
    return [Route(path, door) for path in paths]


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
    reasons = [_reason(text, max_characters) for text in texts]
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
    """Say why an item cannot be classified; empty if it can."""
    if not isinstance(text, str):
        return "This is not a text: send a string."
    if not text.strip():
        return "The text is empty: send a description."
    if len(text) > max_characters:
        return f"The text is too long: send at most {max_characters:,} characters."
    return ""


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


async def _failed(_request: Request, error: Exception) -> JSONResponse:
    """Answer with our sentence if we gave one; a library's detail is not ours to show."""
    assert isinstance(error, StarletteHTTPException)
    # Ours are FastAPI's class with a sentence; FastAPI itself raises 400 with details.
    ours = isinstance(error, HTTPException) and error.status_code not in _SENTENCES
    sentence = error.detail if ours else _SENTENCES.get(error.status_code, "This did not work.")
    return _failure(error.status_code, sentence, error.headers)


def _failure(code: int, sentence: str, headers: Any = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, code, headers)


_GONE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>No report</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; padding: 1em; }</style></head>
<body><p>This report is not kept any more: make it again on the Drift page.</p></body></html>
"""

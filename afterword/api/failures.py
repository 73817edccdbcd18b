"""What the service answers where it cannot answer: one sentence, in one form, that quotes
nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from afterword.api import wording
from afterword.api.schemas import Failure

FAILURES: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Failure, "description": reason} for code, reason in wording.MEANINGS.items()
}

_SENTENCES: Final = {
    400: wording.UNREADABLE_BODY,
    404: wording.NO_SUCH_ADDRESS,
    405: wording.OTHER_METHOD,
}


def failure(code: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The one form that every error has."""
    return JSONResponse({"error": sentence}, code, headers)


def responses(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What a route's documentation says of its failures."""
    return {code: FAILURES[code] for code in codes}


async def invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer for a request that is not what it must be; FastAPI's own answer would quote it."""
    assert isinstance(error, RequestValidationError)
    problems = error.errors()
    where, *names = problems[0]["loc"]
    if where == "path":
        return failure(404, wording.NO_CHECK)
    if where == "query":
        return failure(422, wording.invalid_parameter(names[0]))
    if request.url.path.startswith("/api/streams"):
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        code = 422 if sent == "application/json" else 415
        if any(problem["type"] == "json_invalid" for problem in problems):
            code = 400 if code == 422 else code
        return failure(code, wording.STREAM_BODY)
    form = request.url.path == "/predict"
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    taken = (
        {"application/x-www-form-urlencoded", "multipart/form-data"}
        if form
        else {"application/json"}
    )
    if sent not in taken:
        return failure(415, wording.other_type(taken))
    if any(problem["type"] == "json_invalid" for problem in problems):
        return failure(400, wording.NO_JSON)
    if names and names[0] == "stream":
        return failure(422, wording.STREAM_IS_A_NAME)
    if names and names[0] == "mode":
        return failure(422, wording.NO_SUCH_MODE)
    if form:
        return failure(422, wording.NO_FIELD)
    return failure(422, wording.NO_LIST)


async def failed(_request: Request, error: Exception, too_large: str) -> JSONResponse:
    """Answer with our sentence if we gave one; a library's detail is not ours to show."""
    assert isinstance(error, StarletteHTTPException)
    if error.status_code == 400:  # the form's limits are told by their details alone
        if "Too many files" in error.detail:
            return failure(422, wording.TEXT_AS_FILE)
        if "Too many fields" in error.detail or "exceeded maximum size" in error.detail:
            return failure(413, too_large)
    # Ours are FastAPI's class with a sentence; FastAPI itself raises 400 with details.
    ours = isinstance(error, HTTPException) and error.status_code != 400
    sentence = error.detail if ours else _SENTENCES.get(error.status_code, wording.DID_NOT_WORK)
    return failure(error.status_code, sentence, error.headers)


async def broken(_request: Request, _error: Exception) -> JSONResponse:
    """Answer for what nobody thought of; the middleware logs where it happened."""
    return failure(500, wording.FAILED)

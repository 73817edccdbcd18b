"""Routes of streams: listed, made, filled with files, and a period of them checked."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI, Request

from afterword.api import wording
from afterword.api.check_routes import FILE_FIELDS
from afterword.api.failures import responses
from afterword.api.schemas import (
    NewStream,
    RowsAdded,
    StreamChecked,
    StreamLine,
    StreamLines,
    StreamPeriod,
)
from afterword.api.streams import FIELDS, Streams

_OWN: Final[dict[str, Any]] = {
    "stream": {"type": "string", "description": wording.ADD_STREAM_FIELD},
    "day": {"type": "string", "description": wording.ADD_DAY_FIELD},
    "period": {"type": "string", "description": wording.ADD_PERIOD_FIELD},
    "id": {"type": "string", "description": wording.ADD_ID_FIELD},
}
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "stream"],
                    "additionalProperties": False,
                    "properties": {
                        name: own for name, own in (FILE_FIELDS | _OWN).items() if name in FIELDS
                    },
                }
            }
        },
    }
}


def add_stream_routes(app: FastAPI, streams: Streams) -> None:
    """Add the routes /api/streams, what stands below it, and /api/add."""
    settings = streams.work.settings

    @app.get(
        "/api/streams",
        summary="List the streams",
        description="That of the service first, the others by name.",
        responses=responses(500, 503, 504),
    )
    async def list_all() -> StreamLines:
        return StreamLines(streams=await streams.lines())

    @app.post(
        "/api/streams/create",
        summary="Make a stream",
        responses=responses(400, 408, 413, 415, 422, 500, 503, 504),
    )
    async def make(body: NewStream) -> StreamLine:
        return await streams.make(body)

    @app.post(
        "/api/streams/check",
        summary="Check a period of a stream",
        description="The verdict is kept, with the stream and its period.",
        responses=responses(400, 404, 408, 413, 415, 422, 500, 503, 504),
    )
    async def check_period(body: StreamPeriod) -> StreamChecked:
        return await streams.check(body)

    @app.post(
        "/api/add",
        summary=wording.ADD_SUMMARY,
        description=wording.may_add(settings.max_upload_mb, settings.max_rows),
        responses=responses(400, 404, 408, 413, 415, 422, 500, 503, 504),
        openapi_extra=_FORM,
    )
    async def add(request: Request) -> RowsAdded:
        return await streams.add(request.headers.get("content-type", ""), request.stream())

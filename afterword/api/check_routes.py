"""Routes of checks: a file in and its verdict out, and the checks that were kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BeforeValidator

from afterword.api import wording
from afterword.api.checks import Checks
from afterword.api.docs_page import PAGE_HEADERS
from afterword.api.failures import responses
from afterword.api.schemas import CheckLines, CheckMade, CheckWhole
from afterword.deployment import TEXTS

_LARGEST_ID: Final = 2**53 - 1
"""The largest integer that every reader of JSON has."""

_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)

FILE_FIELDS: Final[dict[str, Any]] = {
    "file": {
        "type": "string",
        "format": "binary",
        "description": "CSV, Excel, OpenDocument, Parquet, JSON Lines, or scored rows.",
    },
    "column": {
        "type": "string",
        "description": f"Name of the column of {TEXTS}; found if absent.",
    },
    "time": {
        "type": "string",
        "description": wording.TIME_FIELD,
    },
    "sheet": {
        "type": "string",
        "description": wording.SHEET_FIELD,
    },
    "header_row": {
        "type": "integer",
        "minimum": 0,
        "description": wording.HEADER_FIELD,
    },
    "date_order": {
        "type": "string",
        "enum": ["day-first", "month-first"],
        "description": wording.ORDER_FIELD,
    },
    "zone": {
        "type": "string",
        "description": wording.ZONE_FIELD,
    },
    "label": {
        "type": "array",
        "items": {"type": "string"},
        "description": wording.LABEL_FIELD,
    },
    "by": {
        "type": "string",
        "description": wording.BY_FIELD,
    },
    "strict": {
        "type": "boolean",
        "default": False,
        "description": wording.STRICT_FIELD,
    },
    "keep": {
        "type": "boolean",
        "default": False,
        "description": "Whether the check counts; otherwise it is a trial.",
    },
}
"""What a form with a file may have; a check takes all of it."""

_UPLOAD: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": FILE_FIELDS,
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


Limit = Annotated[int, Query(ge=1, le=1_000, description="Most checks to list.")]
Since = Annotated[
    datetime | None,
    BeforeValidator(_date_time),
    Query(description="Earliest time, UTC unless it says otherwise."),
]
Sample = Annotated[bool, BeforeValidator(_flag), Query(description="Those of the samples instead.")]
Trial = Annotated[
    bool | None,
    BeforeValidator(_flag),
    Query(description="Trials alone (true) or without them (false); both if left out."),
]
Number = Annotated[int, Path(alias="id", ge=1, le=_LARGEST_ID)]


def add_check_routes(app: FastAPI, checks: Checks) -> None:
    """Add the routes /api/check, /api/checks, /api/checks/{id} and /api/checks/{id}/page."""
    settings = checks.work.settings

    @app.post(
        "/api/check",
        summary=f"Check a file of {TEXTS} for drift",
        description=(
            f"Up to {settings.max_upload_mb} MB and {settings.max_rows:,} rows, as the Drift page "
            "takes them. The verdict is kept, as a trial that counts nowhere unless the field keep "
            "says true; of the file nothing is."
        ),
        responses=responses(400, 408, 413, 415, 422, 500, 503, 504),
        openapi_extra=_UPLOAD,
    )
    async def check(request: Request) -> CheckMade:
        return await checks.make(request.headers.get("content-type", ""), request.stream())

    @app.get(
        "/api/checks",
        summary="List the checks that were kept",
        description="Newest first, trials among them.",
        responses=responses(422, 500, 503, 504),
    )
    async def list_checks(
        limit: Limit = 100, since: Since = None, sample: Sample = False, trial: Trial = None
    ) -> CheckLines:
        if since is not None and since.tzinfo is None:
            since = since.replace(tzinfo=UTC)
        return CheckLines(checks=await checks.lines(limit, since, sample, trial))

    @app.get(
        "/api/checks/{id}",
        summary="Read a check that was kept",
        responses=responses(404, 500, 503, 504),
    )
    async def one_check(number: Number) -> CheckWhole:
        return await checks.whole(number)

    @app.get(
        "/api/checks/{id}/page",
        summary="Read a check that was kept as one page",
        description=wording.ONE_PAGE,
        response_class=HTMLResponse,
        responses=responses(404, 500, 503, 504),
    )
    async def page(number: Number) -> HTMLResponse:
        name, content = await checks.page(number)
        shown = {"Content-Disposition": f'inline; filename="{name}"'}
        return HTMLResponse(content, headers=PAGE_HEADERS | shown)

"""Routes that say how the service is doing: for balancers, and for Prometheus."""

from __future__ import annotations

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from afterword.api.failures import responses
from afterword.api.metrics import CONTENT_TYPE
from afterword.api.predictions import Work
from afterword.api.schemas import Health, Ready


def add_health_routes(app: FastAPI, work: Work) -> None:
    """Add the routes /healthz, /readyz and /metrics."""

    @app.get(
        "/healthz", summary="Is the service able to answer?", responses=responses(500, 503, 504)
    )
    async def healthz() -> Health:
        return Health(status="ok", model=(await work.ready()).name)

    @app.get(
        "/readyz",
        summary="Is it able to answer and to record?",
        response_model=Ready,
        responses={**responses(500, 504), 503: {"model": Ready, "description": "It is not."}},
    )
    async def readyz() -> JSONResponse:
        try:
            model = (await work.ready()).name
        except HTTPException:
            model = ""
        store = "off"
        if work.settings.recording:
            store = "writable" if await work.writable() else "not writable"
        ready = bool(model) and store != "not writable"
        content = Ready(status="ready" if ready else "not ready", model=model, store=store)
        return JSONResponse(content.model_dump(), 200 if ready else 503)

    @app.get(
        "/metrics",
        summary="Count of requests, errors and answers",
        description="For Prometheus: latency, the model, the last verdict and the store besides.",
        response_class=PlainTextResponse,
        responses=responses(500, 504),
    )
    async def metrics() -> Response:
        return Response(await work.metrics.scrape(), media_type=CONTENT_TYPE)

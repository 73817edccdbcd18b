"""Routes for a browser: the documentation of the service, and the reports of a session."""

from __future__ import annotations

import gzip

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from afterword.api.docs_page import PAGE_HEADERS, REPORT_GONE, REPORT_HEADERS, api_page
from afterword.store.session_reports import SessionReports


def add_pages(app: FastAPI, reports: SessionReports) -> None:
    """Add /api/docs and /reports/{name}; neither stands in the documentation."""

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

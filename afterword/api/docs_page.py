"""What the service shows in a browser: its documentation, reports, and what these may do there.

The documentation is one page, written from the OpenAPI schema and without scripts.
"""

from __future__ import annotations

import html
import json
from typing import Any, Final

from afterword.api import wording
from afterword.deployment import WORDS

EXAMPLE: Final = WORDS.http.example

PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}

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

REPORT_GONE: Final = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>No report</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; padding: 1em; }}</style></head>
<body><p>{wording.REPORT_GONE}</p></body></html>
"""

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} over HTTP</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  :root {{ color-scheme: light dark; --line: light-dark(#c9cfdb, #3a4152); }}
  body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto;
    padding: 0 1rem; color: light-dark(#1d2433, #e8eaf0); background: light-dark(#fff, #14171f); }}
  section {{ margin-top: 2.5rem; border-top: 1px solid var(--line); }}
  pre {{ white-space: pre-wrap; padding: .8rem 1rem; border: 1px solid var(--line);
    border-radius: 6px; background: light-dark(#f4f6fa, #1b2029); }}
  code {{ font: .92em ui-monospace, monospace; }}
  th, td {{ text-align: left; padding: .2rem 1.2rem .2rem 0; vertical-align: top; }}
  a {{ color: light-dark(#1a4fb4, #8fb4ff); }}
</style></head>
<body><main><h1>{title} over HTTP</h1><p>{summary} {description}</p>
<p>For programs: <a href="/api/openapi.json">openapi.json</a>. Every error is JSON with one
sentence: <code>{{"error": "…"}}</code>.</p>{operations}</main></body></html>
"""

_OPERATION: Final = """
<section><h2>{summary}</h2><p><code>{method} {path}</code> {description}</p>
{parameters}<h3>Call</h3><pre><code>{call}</code></pre>
<h3>Answer</h3><pre><code>{answer}</code></pre>
<h3>Status</h3><table><tr><th scope="col">Code</th><th scope="col">Meaning</th></tr>
{codes}</table></section>"""

_CATEGORIES: Final = {
    WORDS.http.category: {"probability": 0.9346, "decision": True, "unsure": False}
}
_MODEL: Final = "3f0c9a51d2b7"
_CHECK: Final = {
    "id": 12,
    "model": _MODEL,
    "level": "stable",
    "alarm": False,
    "alpha": 0.05,
    "headline": wording.NOTHING_MOVED,
    "rows": 400,
    "accepted": 398,
}
_KEPT: Final = {"at": "2024-05-06T08:00:00Z", "source": "http", "window": None, "sample": False}
_STREAM: Final = {
    "name": "Web form",
    "cadence": "week",
    "zone": "Europe/Berlin",
    "days": 280,
    "first": "2026-01-05",
    "last": "2026-11-22",
}
_CALLS: Final[dict[str, tuple[str, str, str | dict[str, Any]]]] = {
    "/healthz": ("", "", {"status": "ok", "model": _MODEL}),
    "/readyz": ("", "", {"status": "ready", "model": _MODEL, "store": "writable"}),
    "/metrics": ("", "", 'afterword_predictions_total{outcome="answered"} 1289.0\n…'),
    "/api/predict": (
        "",
        " --json '" + json.dumps({"texts": [EXAMPLE]}) + "'",
        {"model": _MODEL, "predictions": [{"categories": _CATEGORIES}], "recorded": True},
    ),
    "/predict": (
        "",
        f" --data-urlencode 'review_text={EXAMPLE}'",
        {"model": _MODEL, "categories": _CATEGORIES, "recorded": True},
    ),
    "/api/check": (
        "",
        f" -F file=@week.csv -F column={WORDS.template.column}",
        {**_CHECK, "reasons": [], "actions": ["…"], "measures": ["…"], "recorded": True},
    ),
    "/api/checks": (
        "?limit=10&since=2024-05-01T00:00:00Z",
        "",
        {"checks": [{**_CHECK, **_KEPT}]},
    ),
    "/api/checks/{id}": (
        "",
        "",
        {**_CHECK, **_KEPT, "reasons": [], "actions": ["…"], "measures": ["…"]},
    ),
    "/api/checks/{id}/page": ("", " -o check-12.html", "<!doctype html>…"),
    "/api/streams": ("", "", {"streams": [_STREAM]}),
    "/api/streams/create": (
        "",
        """ --json '{"name": "Web form", "cadence": "week", "zone": "Europe/Berlin"}'""",
        _STREAM,
    ),
    "/api/streams/check": (
        "",
        """ --json '{"stream": "Web form", "period": "2026-W47"}'""",
        {**_CHECK, "stream": "Web form", "stream_period": "2026-W47", "recorded": True},
    ),
    "/api/add": (
        "",
        " -F file=@week.csv -F 'stream=Web form'",
        {"stream": "Web form", "rows": 280, "periods": ["2026-W47"], "known": 0, "notes": ["…"]},
    ),
}
"""Path → a query, what curl sends there, and an answer that is shortened to what matters."""


def api_page(schema: dict[str, Any]) -> str:
    """Write an OpenAPI schema as a page for people, without scripts."""
    operations = ""
    for path, methods in schema["paths"].items():
        query, sent, answer = _CALLS[path]
        address = "localhost:8501" + path.replace("{id}", "12") + query
        # A shell would take a query's signs for its own.
        address = f"'{address}'" if query else address
        shown = answer if isinstance(answer, str) else _json(answer)
        for method, operation in methods.items():
            codes = {
                code: wording.WORKED if code == "200" else response["description"]
                for code, response in operation["responses"].items()
            }
            operations += _OPERATION.format(
                parameters=_parameters(operation.get("parameters", [])),
                method=method.upper(),
                path=path,
                summary=html.escape(operation["summary"]),
                description=html.escape(operation.get("description", "")),
                call=html.escape(f"curl {address}{sent}", quote=False),
                answer=html.escape(shown, quote=False),
                codes="\n".join(f"<tr><td>{c}</td><td>{m}</td></tr>" for c, m in codes.items()),
            )
    about = {key: html.escape(schema["info"][key]) for key in ("title", "summary", "description")}
    return _PAGE.format(operations=operations, **about)


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, indent=2, ensure_ascii=False)


def _parameters(parameters: list[dict[str, Any]]) -> str:
    """Write what an address takes in its query as a table."""
    rows = [
        f"<tr><td><code>{html.escape(one['name'])}</code></td>"
        f"<td>{html.escape(one['description'])}</td></tr>"
        for one in parameters
        if one["in"] == "query"
    ]
    if not rows:
        return ""
    head = '<tr><th scope="col">Parameter</th><th scope="col">Meaning</th></tr>'
    return f"<h3>Query</h3><table>{head}\n{''.join(rows)}</table>\n"

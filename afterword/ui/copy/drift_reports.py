"""The texts of the page Drift about Evidently’s reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.reports.evidently import Kind


TABS: dict[Kind, str] = {
    "data": "Data drift (Evidently)",
    "prediction": "Prediction drift (Evidently)",
    "quality": "Answer quality (Evidently)",
}
TITLES = {
    "data": "Data drift",
    "prediction": "Prediction drift",
    "quality": "Answer quality",
}
TOO_FEW = "There are too few usable rows for a report."
NOTE = (
    "Evidently’s own charts of what this check decided: numbers only and no text, so that they can "
    "be shown to anyone."
)
DRIFT_NOTE = (
    "Evidently draws columns alone: what moved in words, content, rates and the feed stands under "
    "“What changed”. “Detected” is its word for moved; its dataset threshold of 0.01 is the share "
    "of columns that suffices for it: a single one."
)
DRAWING = "Evidently is drawing…"
ALT = {
    "data": "Evidently report: data drift over the descriptors",
    "prediction": "Evidently report: prediction drift over the categories’ probabilities",
    "quality": "Evidently report: how good the answers are, category by category",
}
FILES = {
    "data": "data-drift",
    "prediction": "prediction-drift",
    "quality": "answer-quality",
}
OPEN = "Open in a new tab"
DOWNLOAD_HTML = "Download HTML"
DOWNLOAD_JSON = "Download JSON"
AGAIN = "Try again"
GONE = "This report is no longer kept. Open its tab on the page Drift, and it is made again."


def under_way(seconds: float, begun: bool) -> str:
    """How long a report has been under way, and how long it may take."""
    before = "" if begun else "Evidently is being loaded, or draws another report first. "
    return f"{before}{seconds:.0f} s so far; one report takes about 2 s, loading about 4 s."

"""Afterword: what a text model needs after it is deployed: classify, watch, explain, decide.

>>> import afterword
>>> model = afterword.load_model()
>>> model.categories
('Commenting', 'Ogling', 'Groping')
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from afterword.drift.checking import check as check
    from afterword.files.reading import read_batch as read_batch
    from afterword.model.answers import classify as classify
    from afterword.model.explanation import explain as explain
    from afterword.model.registry import load_model as load_model
    from afterword.model.scored_files import read as read
    from afterword.model.scored_files import write_scored as write_scored
    from afterword.model.scoring import score as score
    from afterword.monitoring.stream_checks import check_stream as check_stream
    from afterword.monitoring.stream_status import stream_status as stream_status
    from afterword.profiling.addresses import Address as Address
    from afterword.profiling.making import load_profile as load_profile
    from afterword.profiling.making import profile as profile
    from afterword.profiling.queries import Query as Query
    from afterword.reports.evidently import report as report
    from afterword.streams.adding import add as add
    from afterword.streams.listing import create_stream as create_stream
    from afterword.streams.listing import forget_stream as forget_stream
    from afterword.streams.listing import list_streams as list_streams
    from afterword.streams.listing import rename_stream as rename_stream
    from afterword.training.evaluate import evaluate as evaluate
    from afterword.training.train import train as train

__version__ = "0.2.0"

_HOMES = {
    "load_model": "model.registry",
    "read_batch": "files.reading",
    "read": "model.scored_files",
    "score": "model.scoring",
    "classify": "model.answers",
    "write_scored": "model.scored_files",
    "explain": "model.explanation",
    "check": "drift.checking",
    "profile": "profiling.making",
    "Address": "profiling.addresses",
    "Query": "profiling.queries",
    "load_profile": "profiling.making",
    "report": "reports.evidently",
    "add": "streams.adding",
    "check_stream": "monitoring.stream_checks",
    "stream_status": "monitoring.stream_status",
    "create_stream": "streams.listing",
    "list_streams": "streams.listing",
    "rename_stream": "streams.listing",
    "forget_stream": "streams.listing",
    "train": "training.train",
    "evaluate": "training.evaluate",
}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Import a part when it is first used: ``import afterword`` alone costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'afterword' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"afterword.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})

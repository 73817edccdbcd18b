"""The store: what happened, as numbers, in a database; no other room knows SQL.

``Store`` records calls and gives back counts over time; ``store.checks`` holds every check and
``store.alerts`` rules and episodes.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from afterword.store.calls import Store as Store
    from afterword.store.calls import get_store as get_store
    from afterword.store.calls import unrecorded as unrecorded
    from afterword.store.recordings import Recording as Recording

_HOMES: Final = {
    "Recording": "recordings",
    "Store": "calls",
    "get_store": "calls",
    "unrecorded": "calls",
}

__all__ = ["Recording", "Store", "get_store", "unrecorded"]


def __getattr__(name: str) -> Any:
    """Import a part when it is first used: who counts or asks for a day needs no database."""
    if name not in _HOMES:
        raise AttributeError(f"module 'afterword.store' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"afterword.store.{_HOMES[name]}"), name)
    globals()[name] = value
    return value

"""The store: what happened, as numbers, in a database; no other room knows SQL.

``Store`` records calls and gives back counts over time; ``store.checks`` holds every check and
``store.alerts`` rules and episodes.
"""

from __future__ import annotations

from afterword.store.calls import Store, get_store, unrecorded
from afterword.store.recordings import Recording

__all__ = ["Recording", "Store", "get_store", "unrecorded"]

"""Sentences of this room that people read."""

from __future__ import annotations

from typing import Final

OTHER_PROFILES: Final = (
    "These profiles were made by different models and cannot be added up. Make them again with the "
    "model in service."
)

"""The colours of all charts: each reaches 3:1 against the light and the dark ground."""

from __future__ import annotations

from typing import Final

TEAL: Final = "#0e8a82"
AMBER: Final = "#b7791f"
RED: Final = "#d64545"
SLATE: Final = "#7b8788"
MIST: Final = "#8a9596"
"""Each colour reaches 3:1 against the light and the dark ground."""
LIGHT_GROUND: Final = "#ffffff"
DARK_GROUND: Final = "#0f1718"


def ink(dark: bool) -> str:
    """The colour of lines and words on a dark, or a light, ground."""
    return LIGHT_GROUND if dark else DARK_GROUND

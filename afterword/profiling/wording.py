"""Sentences of this room that people read."""

from __future__ import annotations

from typing import Final

NO_FILE: Final = "There is no file that can be read under this name."
EMPTY_FOLDER: Final = "There is no file in this folder that can be read."
EMPTY_PATTERN: Final = "There is no file whose name fits this pattern."
OTHER_MODEL: Final = (
    "A worker has another model than the job. Give all of them the same model and start again."
)
ENDED: Final = "The process that read it ended; it may hold what takes more memory than there is."
LOST: Final = "a part of the file that could not be read"
"""A reason to reject rows."""


def part(file: int, files: int, block: int) -> str:
    """Which part of the source something is said of.

    >>> part(2, 3, 7), part(1, 1, 7)
    ('block 7 of file 2', 'block 7 of the file')
    """
    if not files:
        return f"table {file}"
    return f"block {block} of " + ("the file" if files == 1 else f"file {file}")


def lost(place: str, sentence: str, lines: int) -> str:
    """What is said of a part that could not be read.

    >>> lost("block 7", "It is damaged.", 9_812)
    'Of block 7 nothing could be counted; its 9,812 lines count as rejected: It is damaged.'
    """
    counted = f"; its {lines:,} lines count as rejected" if lines else ""
    return f"Of {place} nothing could be counted{counted}: {sentence}"

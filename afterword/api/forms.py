"""Which fields a form has: one that is not known, or stands twice, is never left out in silence."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from fastapi import HTTPException
from starlette.datastructures import FormData

from afterword.api import wording
from afterword.files.column_names import LONGEST_NAME, quotable

CLOSE = 0.6
"""How alike a name must be to a known one for this to be meant, as difflib has it."""


def check_fields(form: FormData, known: Collection[str], repeated: Collection[str] = ()) -> None:
    """Refuse a form with a field that is not known, or that stands twice.

    Parameters
    ----------
    form : as it was sent.
    known : names of the fields that it may have.
    repeated : of these, those that may stand there several times.

    Raises
    ------
    HTTPException
        422 with a sentence that shows a field's name only if it is a usual one, and else its place.

    >>> check_fields(FormData([("label", "a"), ("label", "b")]), ["label"], ["label"])
    """
    seen: set[str] = set()
    for number, (name, _) in enumerate(form.multi_items(), start=1):
        if name not in known:
            near = difflib.get_close_matches(_plain(name), known, 1, CLOSE)
            shown = name if quotable([name]) == name else ""
            raise HTTPException(422, wording.unknown_field(shown, number, near or known))
        if name in seen and name not in repeated:
            raise HTTPException(422, wording.repeated_field(name))
        seen.add(name)


def _plain(name: str) -> str:
    return name[:LONGEST_NAME].casefold().strip().replace("-", "_").replace(" ", "_")

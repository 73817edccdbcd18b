"""Multipart forms with a file: in memory only, from the first byte to the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection
from pathlib import PurePath
from typing import Final

from fastapi import HTTPException
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from afterword.api import wording
from afterword.api.body import Body
from afterword.api.forms import check_fields
from afterword.settings import Settings

MOST_FIELDS: Final = 100
LONGEST_FIELD: Final = 10_000
"""Bytes of the name of a column."""


class _InMemory(MultiPartParser):
    """Keeps files of any size in memory; 0 is how a spooled file is told never to be one."""

    spool_max_size = 0


def read_form(
    content_type: str,
    body: Body,
    settings: Settings,
    known: Collection[str],
    repeated: Collection[str] = (),
) -> tuple[FormData, bytes, str]:
    """Read a multipart form.

    Parameters
    ----------
    content_type : header of the request, with its boundary.
    body : of the request; nothing of it is left, as the file may be large.
    settings : say how large a file may be.
    known, repeated : fields that it may have, and those that may stand there several times.

    Returns
    -------
    (form, content of the file, ending of its name)

    Raises
    ------
    HTTPException
        400, 413, 415 or 422 with a sentence.
    """
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(415, wording.NO_FORM)

    async def whole() -> AsyncGenerator[bytes, None]:
        while body:
            yield body.take()

    parser = _InMemory(
        Headers({"Content-Type": content_type}),
        whole(),
        max_files=1,
        max_fields=MOST_FIELDS,
        max_part_size=LONGEST_FIELD,
    )
    try:
        form = asyncio.run(parser.parse())
    except MultiPartException as error:
        if "Too many files" in error.message:
            raise HTTPException(422, wording.TOO_MANY_FILES) from None
        if "Too many fields" in error.message or "exceeded maximum size" in error.message:
            raise HTTPException(413, wording.TOO_MANY_FIELDS) from None
        raise HTTPException(400) from None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise HTTPException(422, wording.NO_FILE)
    check_fields(form, known, repeated)
    with file.file as spooled:
        # Its own bytes, where read() would copy them.
        content = spooled._file.getvalue()  # type: ignore[attr-defined]
    if len(content) > settings.max_upload_mb * 1_000_000:
        raise HTTPException(413, wording.file_too_large(settings.max_upload_mb))
    return form, content, PurePath(file.filename or "").suffix
